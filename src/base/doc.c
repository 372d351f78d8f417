/* SPDX-License-Identifier: MIT */
#include "src/base/doc.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/base/sys.h"

#define NUMBER_MAX 63                 /* bytes cJSON looks at */
#define EXACT_MAX  ((int64_t)1 << 52) /* beyond it it rounds */
#define QUOTE_(x)  #x
#define QUOTE(x)   QUOTE_(x)

/* cJSON writes to a static with every parse. */
static atomic_uint_least64_t parsing;

static int hex4(const char *p)
{
    int v = 0;

    for (int i = 0; i < 4; i++) {
        const int c = p[i];
        v = v * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

static int is_high(int unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static int is_low(int unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* The escape at p, of a text that is known to be JSON: its length, or
 * negative where cJSON would change it or give up. */
static int escape(const char *p, struct lg_err *e)
{
    int unit;

    if (p[1] != 'u')
        return 2;
    unit = hex4(p + 2);
    if (!unit)
        return lg_fail(e, LLMGW_E_JSON, NULL, "\\u0000 cannot stand here");
    if (is_high(unit) && p[6] == '\\' && p[7] == 'u' && is_low(hex4(p + 8)))
        return 12;
    if (is_high(unit) || is_low(unit))
        return lg_fail(e, LLMGW_E_JSON, NULL, "half a surrogate pair");
    return 6;
}

static int is_numeric(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
           c == 'e' || c == 'E';
}

/* What cJSON gets wrong or recurses on, in a text that is known to be JSON. */
static int check_limits(struct lg_str t, struct lg_err *e)
{
    int depth = 0, in_string = 0, numeric = 0;

    for (size_t i = 0; i < t.n; i++) {
        const char c = t.p[i];

        numeric = !in_string && is_numeric(c) ? numeric + 1 : 0;
        if (numeric > NUMBER_MAX)
            return lg_fail(e, LLMGW_E_JSON, NULL, "a number of over %d digits",
                           NUMBER_MAX);
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string && c == '\\') {
            const int n = escape(t.p + i, e);
            if (n < 0)
                return n;
            i += (size_t)n - 1;
        } else if (!in_string && (c == '[' || c == '{')) {
            if (++depth > LG_DOC_DEPTH_MAX)
                return lg_fail(e, LLMGW_E_JSON, NULL,
                               "nested deeper than %d levels",
                               LG_DOC_DEPTH_MAX);
        } else if (!in_string && (c == ']' || c == '}')) {
            depth--;
        }
    }
    return 0;
}

struct walk {
    lg_doc_fn fn;
    void *user;
    struct lg_err *e;
};

static int set_number(struct lg_doc_item *item, const cJSON *node, char *digits,
                      size_t cap, struct lg_err *e)
{
    const double d = node->valuedouble;

    if (!(d >= (double)-EXACT_MAX && d <= (double)EXACT_MAX))
        return lg_fail(e, LLMGW_E_JSON, item->name,
                       "a number beyond 2^52 would not stay what it is");
    item->number = (int64_t)d;
    if ((double)item->number < d || (double)item->number > d)
        return 0;
    (void)snprintf(digits, cap, "%" PRId64, item->number);
    item->text = digits;
    return 0;
}

static int set_value(struct lg_doc_item *item, const cJSON *node, char *digits,
                     size_t cap, struct lg_err *e)
{
    switch (node->type & 0xff) {
    case cJSON_NULL:
        item->kind = LG_JSON_NULL;
        return 0;
    case cJSON_False:
        item->kind = LG_JSON_FALSE;
        item->text = "false";
        return 0;
    case cJSON_True:
        item->kind = LG_JSON_TRUE;
        item->text = "true";
        return 0;
    case cJSON_String:
        item->kind = LG_JSON_STRING;
        item->text = node->valuestring;
        return 0;
    case cJSON_Array:
        item->kind = LG_JSON_ARRAY;
        return 0;
    case cJSON_Object:
        item->kind = LG_JSON_OBJECT;
        return 0;
    default:
        item->kind = LG_JSON_NUMBER;
        return set_number(item, node, digits, cap, e);
    }
}

/* As deep as the document, which check_limits() has bounded. Without `fn` it
 * only looks at the numbers. */
static int visit(const struct walk *w, const cJSON *node,
                 const struct lg_doc_item *up)
{
    struct lg_doc_item item = {.up = up, .name = node->string, .node = node};
    struct walk inner = *w;
    char digits[24];
    int rc = set_value(&item, node, digits, sizeof(digits), w->e);

    if (!rc && w->fn)
        rc = w->fn(w->user, &item);
    if (rc > 0) {
        inner.fn = NULL;
        rc = 0;
    }
    for (node = node->child; node && !rc; node = node->next)
        rc = visit(&inner, node, &item);
    return rc;
}

int lg_doc_walk(struct lg_str text, lg_doc_fn fn, void *user, struct lg_err *e)
{
    const struct walk w = {fn, user, e};
    cJSON *root;
    int rc = lg_json_check(text, e);

    if (!rc)
        rc = check_limits(text, e);
    if (rc)
        return rc;
    lg_sys_hold(&parsing);
    root = cJSON_ParseWithLength(text.p, text.n);
    lg_sys_release(&parsing);
    if (!root) /* the text is good, so this is all it can be */
        return lg_fail_mem(e, LLMGW_E_NOMEM);
    rc = visit(&w, root, NULL);
    cJSON_Delete(root);
    return rc;
}

int lg_doc_print(struct lg_buf *out, const struct lg_doc_item *item)
{
    char *text = cJSON_PrintUnformatted(item->node);

    if (!text)
        return LLMGW_E_NOMEM;
    lg_buf_str(out, lg_str_of(text));
    cJSON_free(text);
    return out->err;
}

const char *lg_doc_version(void)
{
    return "cJSON/" QUOTE(CJSON_VERSION_MAJOR) "." QUOTE(
        CJSON_VERSION_MINOR) "." QUOTE(CJSON_VERSION_PATCH);
}
