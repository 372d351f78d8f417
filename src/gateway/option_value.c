/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_value.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/mem.h"
#include "lib/format/pattern.h"
#include "lib/json/read.h"
#include "lib/json/text.h"
#include "lib/wire/http.h"
#include "src/provider/provider.h"
#include "src/transport/curl.h"

#define VALUE_MAX      ((size_t)1 << 16)
#define JSON_MAX       ((size_t)1 << 22)
#define NAME_MAX_BYTES 64

/* A value on its way into an entry: `text` becomes the way it reads back. */
struct value {
    const struct lg_option_row *row;
    const char *where;
    struct lg_str text;
    char number_text[24];
    int64_t number;
    struct lg_err *e;
};

/* Says what it takes, never what it was given: that may be a secret. */
#define REFUSE(v, ...) lg_fail((v)->e, LLMGW_E_OPTION, (v)->where, __VA_ARGS__)

static int has_control(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return 1;
    return 0;
}

static int check_int(struct value *v)
{
    const struct lg_option_row *row = v->row;
    int n;

    if (lg_str_int(v->text, &v->number) || v->number < row->min ||
        v->number > row->max)
        return REFUSE(v, "must be an integer from %" PRId32 " to %" PRId64,
                      row->min, row->max);
    n = snprintf(v->number_text, sizeof(v->number_text), "%" PRId64, v->number);
    v->text = (struct lg_str){v->number_text, (size_t)n};
    return 0;
}

static int check_bool(struct value *v)
{
    if (lg_str_is(v->text, "true") || lg_str_is(v->text, "1"))
        v->number = 1;
    else if (!lg_str_is(v->text, "false") && !lg_str_is(v->text, "0"))
        return REFUSE(v, "must be true or false");
    v->text = v->number ? LG_STR("true") : LG_STR("false");
    return 0;
}

static int check_string(struct value *v)
{
    if (!v->text.n || has_control(v->text) ||
        lg_utf8_valid(v->text) != v->text.n)
        return REFUSE(v, "must be a line of UTF-8 text, and not empty");
    return 0;
}

static const char *auth_name(size_t i)
{
    return lg_auth_methods[i] ? lg_auth_methods[i]->name : NULL;
}

static const char *format_name(size_t i)
{
    return lg_formats[i] ? lg_formats[i]->name : NULL;
}

/* One of a registry's names. */
static int check_name(struct value *v, const char *(*name)(size_t i))
{
    char words[LG_TEXT_MAX];
    size_t at = 0;
    const char *s;

    for (size_t i = 0; (s = name(i)) != NULL; i++) {
        if (lg_str_is(v->text, s))
            return 0;
        if (at < sizeof(words))
            at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s",
                                   i ? ", " : "", s);
    }
    return REFUSE(v, "must be one of: %s", at ? words : "(none in this build)");
}

static int check_word(struct value *v)
{
    struct lg_str word;

    for (size_t i = 1; (word = lg_word_at(v->row->words, i)).p; i++) {
        if (lg_str_same(v->text, word))
            return 0;
        v->number++;
    }
    return REFUSE(v, "must be one of: %s", v->row->words);
}

static int check_url(struct value *v)
{
    struct lg_err why = {0};

    if (check_string(v))
        return REFUSE(v, "must be a URL");
    if (memchr(v->text.p, '?', v->text.n))
        return REFUSE(v, "must be a URL without a query");
    /* Whether http is allowed stands in another key: see config.c. */
    if (!lg_curl_check_url(v->text.p, 1, v->where, &why))
        return 0;
    if (v->e)
        *v->e = why;
    return why.code;
}

static int check_proxy(struct value *v)
{
    struct lg_str s;

    for (size_t i = 1;
         (s = lg_word_at("http:// https:// socks5:// socks5h://", i)).p; i++)
        if (v->text.n > s.n && lg_str_starts(v->text, s) &&
            !has_control(v->text) && !memchr(v->text.p, ' ', v->text.n))
            return 0;
    return REFUSE(v, "must be a URL with http, https, socks5 or socks5h");
}

static int check_secret(struct value *v)
{
    if (v->text.n && v->text.p[v->text.n - 1] == '\n')
        v->text.n--;
    if (v->text.n && v->text.p[v->text.n - 1] == '\r')
        v->text.n--;
    if (!v->text.n || !lg_http_is_value(v->text))
        return REFUSE(v, "must be one line that can stand in a header, "
                         "without spaces at its ends");
    return 0;
}

static int check_header(struct value *v)
{
    if (!v->text.n || !lg_http_is_value(v->text))
        return REFUSE(v, "must be the value of a header: one line, without "
                         "spaces at its ends, and not empty");
    return 0;
}

static int check_json(struct value *v)
{
    struct lg_err why = {0};

    if (lg_json_check(v->text, &why))
        return REFUSE(v, "must be JSON: %.200s", why.text);
    return 0;
}

static int check_facts(struct value *v)
{
    struct lg_facts_table table;
    struct lg_err why = {0};
    struct lg_arena arena;
    int rc;

    lg_arena_init(&arena, 0, 16 * JSON_MAX);
    rc = lg_facts_load(&table, &arena, v->text, &why);
    lg_arena_done(&arena);
    if (rc == LLMGW_E_JSON)
        return REFUSE(v, "must be facts of models: %.200s%s%.100s", why.text,
                      why.where[0] ? ", at " : "", why.where);
    return rc < 0 ? lg_fail_mem(v->e, rc) : 0;
}

static int check_value(struct value *v)
{
    switch ((enum lg_option_kind)v->row->kind) {
    case LG_OPTION_INT:
        return check_int(v);
    case LG_OPTION_BOOL:
        return check_bool(v);
    case LG_OPTION_STRING:
        return check_string(v);
    case LG_OPTION_WORD:
    case LG_OPTION_CHOICE:
        return check_word(v);
    case LG_OPTION_URL:
        return check_url(v);
    case LG_OPTION_PROXY:
        return check_proxy(v);
    case LG_OPTION_SECRET:
        return check_secret(v);
    case LG_OPTION_HEADER:
        return check_header(v);
    case LG_OPTION_JSON:
        return check_json(v);
    case LG_OPTION_FACTS:
        return check_facts(v);
    case LG_OPTION_TYPE:
        return check_name(v, llmgw_provider_name);
    case LG_OPTION_AUTH:
        return check_name(v, auth_name);
    case LG_OPTION_FORMAT:
        return check_name(v, format_name);
    }
    return LLMGW_E_INVALID;
}

/* ---- names ------------------------------------------------------------- */

/* What frames a message or says who sends it is the gateway's own. */
static const char reserved[] =
    "host content-length content-type connection keep-alive transfer-encoding "
    "te trailer upgrade expect authorization x-api-key api-key cookie "
    "proxy-authorization proxy-connection";

static int check_header_name(struct lg_str name, const char *where,
                             struct lg_err *e)
{
    struct lg_str word;

    if (!lg_http_is_name(name))
        return lg_fail(e, LLMGW_E_OPTION, where, "not the name of a header");
    for (size_t i = 1; (word = lg_word_at(reserved, i)).p; i++)
        if (lg_str_same_nocase(name, word))
            return lg_fail(e, LLMGW_E_OPTION, where,
                           "a header that the gateway alone may set");
    return 0;
}

/* It is written before a model's name with a slash between. */
static int check_provider_name(struct lg_str name, const char *where,
                               struct lg_err *e)
{
    if (name.n > NAME_MAX_BYTES || memchr(name.p, '/', name.n))
        return lg_fail(e, LLMGW_E_OPTION, where,
                       "the name of a provider has at most %d bytes and no "
                       "slash",
                       NAME_MAX_BYTES);
    return 0;
}

static int check_names(const struct lg_option_path *path,
                       const struct lg_option_row *row, const char *where,
                       struct lg_err *e)
{
    const struct lg_str provider =
        row->provider ? lg_option_path_name(path, row, 0) : (struct lg_str){0};
    const struct lg_str header = row->provider
                                     ? lg_option_path_name(path, row, 1)
                                     : lg_option_path_name(path, row, 0);
    int rc = 0;

    if (provider.p)
        rc = check_provider_name(provider, where, e);
    if (!rc && header.p)
        rc = check_header_name(header, where, e);
    return rc;
}

/* ---- entries ----------------------------------------------------------- */

void lg_option_entry_free(struct lg_option_entry *entry)
{
    if (!entry)
        return;
    lg_secret_free(entry->secret);
    lg_free(entry->key);
    lg_free(entry->name);
    lg_free(entry->name2);
    lg_free(entry->text);
    lg_free(entry);
}

static int keep_name(char **out, struct lg_str s)
{
    if (!s.p)
        return 0;
    *out = lg_strndup(s.p, s.n);
    return *out ? 0 : LLMGW_E_NOMEM;
}

static int is_secret(const struct lg_option_row *row)
{
    return row->kind == LG_OPTION_SECRET || row->kind == LG_OPTION_PROXY;
}

static int fill(struct lg_option_entry *x, const struct lg_option_path *path,
                const struct value *v)
{
    char pointer[LG_OPTION_KEY_MAX];
    int rc;

    lg_option_path_pointer(path, pointer);
    rc = keep_name(&x->key, lg_str_of(pointer));
    if (!rc && x->row)
        rc = keep_name(&x->name, lg_option_path_name(path, x->row, 0));
    if (!rc && x->row)
        rc = keep_name(&x->name2, lg_option_path_name(path, x->row, 1));
    if (rc || !v->text.p)
        return rc;
    x->number = v->number;
    if (!is_secret(x->row))
        return keep_name(&x->text, v->text);
    x->secret = lg_secret_new(v->text.p, v->text.n);
    return x->secret ? 0 : LLMGW_E_NOMEM;
}

static int is_json(const struct lg_option_row *row)
{
    return row->kind == LG_OPTION_JSON || row->kind == LG_OPTION_FACTS;
}

static int check(struct value *v, const struct lg_option_path *path)
{
    const size_t max = is_json(v->row) ? JSON_MAX : VALUE_MAX;
    const int rc = check_names(path, v->row, v->where, v->e);

    if (rc)
        return rc;
    if (v->text.n > max)
        return lg_fail(v->e, LLMGW_E_LIMIT, v->where,
                       "a value of over %zu bytes", max);
    return check_value(v);
}

int lg_option_entry_new(const struct lg_option_path *path,
                        const struct lg_option_row *row, struct lg_str value,
                        struct lg_option_entry **out, struct lg_err *e)
{
    char where[LG_OPTION_KEY_MAX];
    struct value v = {.row = row, .where = where, .text = value, .e = e};
    struct lg_option_entry *x;
    int rc = 0;

    lg_option_path_show(path, where);
    if (value.p)
        rc = check(&v, path);
    if (rc)
        return rc;
    x = lg_zalloc(sizeof(*x));
    if (!x)
        return lg_fail_mem(e, LLMGW_E_NOMEM);
    x->row = row;
    rc = fill(x, path, &v);
    if (rc) {
        lg_option_entry_free(x);
        return lg_fail_mem(e, rc);
    }
    *out = x;
    return 0;
}
