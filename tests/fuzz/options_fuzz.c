/* SPDX-License-Identifier: MIT
 *
 * 'S' and lines of key=value are set, anything else is a document to load.
 * Whatever the bytes are: a failure changes nothing, what is set reads back
 * and can be set again, and options compile or say which key is at fault. */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/text.h"
#include "src/gateway/config.h"
#include "src/gateway/option_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static void add(struct lg_buf *b, const char *s)
{
    lg_buf_str(b, lg_str_of(s ? s : "-"));
    lg_buf_byte(b, '\n');
}

/* Everything that is set, as text. */
static void dump(const llmgw_options *o, struct lg_buf *out)
{
    lg_buf_reset(out);
    for (const struct lg_option_entry *x = o->entries; x; x = x->next) {
        add(out, x->key);
        add(out, x->name);
        add(out, x->name2);
        add(out, x->text);
        add(out, x->secret ? x->secret->text : NULL);
    }
}

static void check_error(const llmgw_options *o, int rc)
{
    const llmgw_error *e = llmgw_options_error(o);
    const char *where = llmgw_error_where(e);
    const struct lg_str text = lg_str_of(llmgw_error_message(e));

    must(llmgw_error_code(e) == rc);
    must(rc == 0 || rc == LLMGW_E_OPTION || rc == LLMGW_E_JSON ||
         rc == LLMGW_E_LIMIT);
    must(text.n > 0 && lg_utf8_valid(text) == text.n);
    must(!where || lg_utf8_valid(lg_str_of(where)) == strlen(where));
}

static void check_entries(llmgw_options *o)
{
    struct lg_option_path p;
    char key[LG_OPTION_KEY_MAX];
    size_t n = 0;

    for (const struct lg_option_entry *x = o->entries; x; x = x->next, n++) {
        const char *value = llmgw_options_get(o, x->key);

        must(!lg_option_path_parse(&p, x->key, NULL));
        must(lg_option_path_row(&p) == x->row);
        must(!x->text != !x->secret);
        must(value && !strcmp(value, x->text ? x->text : "***"));
        lg_option_path_show(&p, key);
        must(llmgw_options_get(o, key) == value);
    }
    for (; n; n--) { /* the first one moves to the end */
        const struct lg_option_entry *x = o->entries;
        char *value = x->text ? lg_strndup(x->text, strlen(x->text)) : NULL;

        lg_option_key_show(x->key, key);
        if (x->secret)
            value = lg_strndup(x->secret->text, x->secret->n);
        must(value && !llmgw_options_set(o, key, value));
        lg_free(value);
    }
}

static void check_config(const llmgw_options *o)
{
    struct lg_config *c = NULL, *base = NULL;
    struct lg_err e = {0};
    int rc = lg_config_new(o, &c, &e);

    must(rc == e.code && !rc == (c != NULL));
    must(!rc || (rc == LLMGW_E_OPTION && e.where[0] && e.text[0]));
    lg_config_unref(c);
    must(!lg_config_new(NULL, &base, NULL));
    e = (struct lg_err){0};
    rc = lg_config_override(base, o, &c, &e);
    must(rc == e.code && !rc == (c != NULL));
    must(!rc || (rc == LLMGW_E_OPTION && e.where[0] && e.text[0]));
    lg_config_unref(base);
    lg_config_unref(c);
}

static int set_line(llmgw_options *o, char *line)
{
    char *value = strchr(line, '=');

    if (value)
        *value++ = '\0';
    return llmgw_options_set(o, line, value);
}

/* One change, and what holds for every change. */
static void change(llmgw_options *o, char *line, struct lg_str doc,
                   struct lg_buf *before, struct lg_buf *after)
{
    int rc;

    dump(o, before);
    rc = line ? set_line(o, line) : llmgw_options_load(o, doc.p, doc.n);
    check_error(o, rc);
    dump(o, after);
    must(!rc || lg_str_same(lg_buf_span(before), lg_buf_span(after)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct lg_str none = {0};
    struct lg_buf before, after;
    llmgw_options *o = NULL;
    char *text = lg_strndup((const char *)data, n), *line = text;

    must(text && !llmgw_options_new(&o));
    lg_buf_init(&before, SIZE_MAX / 4);
    lg_buf_init(&after, SIZE_MAX / 4);
    if (n && text[0] == 'S') {
        line++;
        while (line) {
            char *end = strchr(line, '\n');

            if (end)
                *end = '\0';
            change(o, line, none, &before, &after);
            line = end ? end + 1 : NULL;
        }
    } else {
        change(o, NULL, lg_str_from(text, n), &before, &after);
    }
    check_entries(o);
    check_config(o);
    lg_buf_done(&before);
    lg_buf_done(&after);
    llmgw_options_free(o);
    lg_free(text);
    return 0;
}
