/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_stage.h"

#include <stdio.h>

#include "src/base/doc.h"
#include "src/gateway/option_value.h"

#define DOC_MAX ((size_t)1 << 22)

void lg_option_stage_done(struct lg_option_stage *s)
{
    while (s->first) {
        struct lg_option_entry *x = s->first;

        s->first = x->next;
        lg_option_entry_free(x);
    }
    *s = (struct lg_option_stage){0};
}

static int is_staged(const struct lg_option_stage *s, const char *key)
{
    for (const struct lg_option_entry *x = s->first; x; x = x->next)
        if (strcmp(x->key, key) == 0)
            return 1;
    return 0;
}

static int add(struct lg_option_stage *s, const struct lg_option_path *path,
               const struct lg_option_row *row, struct lg_str value,
               struct lg_err *e)
{
    struct lg_option_entry *x = NULL;
    char where[LG_OPTION_KEY_MAX];
    int rc = lg_option_entry_new(path, row, value, &x, e);

    if (rc)
        return rc;
    lg_option_path_show(path, where);
    if (is_staged(s, x->key))
        rc = lg_fail(e, LLMGW_E_JSON, where, "given twice");
    else if (s->n == LG_OPTION_ENTRIES_MAX)
        rc = lg_fail(e, LLMGW_E_LIMIT, where, "more than %d options",
                     LG_OPTION_ENTRIES_MAX);
    if (rc) {
        lg_option_entry_free(x);
        return rc;
    }
    if (s->last)
        s->last->next = x;
    else
        s->first = x;
    s->last = x;
    s->n++;
    return 0;
}

/* ---- documents --------------------------------------------------------- */

struct load {
    struct lg_option_stage *s;
    const struct lg_option_path *prefix; /* where the document stands */
    struct lg_err *e;
};

static int path_of(const struct load *l, const struct lg_doc_item *item,
                   struct lg_option_path *p)
{
    const char *names[LG_OPTION_DEPTH + 1];
    char parent[LG_OPTION_KEY_MAX];
    size_t n = 0;
    int rc = 0;

    /* no deeper: on_value() steps into nothing that keys do not begin with */
    for (; item->up && n < LG_COUNT(names); item = item->up)
        names[n++] = item->name;
    p->n = l->prefix->n;
    memcpy(p->seg, l->prefix->seg, sizeof(p->seg));
    while (n && !rc) {
        lg_option_path_show(p, parent);
        rc = lg_option_path_push(p, names[--n], l->e);
    }
    if (rc && l->e && parent[0])
        (void)snprintf(l->e->where, sizeof(l->e->where), "%.120s.%.120s",
                       parent, names[n]);
    return rc;
}

static int add_json(struct load *l, const struct lg_doc_item *item,
                    const struct lg_option_path *p,
                    const struct lg_option_row *row)
{
    struct lg_buf text;
    int rc;

    lg_buf_init(&text, DOC_MAX);
    rc = lg_doc_print(&text, item);
    if (rc)
        lg_fail_mem(l->e, rc);
    else
        rc = add(l->s, p, row, lg_buf_span(&text), l->e);
    lg_buf_done(&text);
    return rc;
}

/* The text of a value of a kind that suits the row; "" suits none, and is
 * refused in the row's own words. */
static struct lg_str text_for(const struct lg_doc_item *item, int row_kind)
{
    const int is_int = row_kind == LG_OPTION_INT,
              is_bool = row_kind == LG_OPTION_BOOL,
              is_word = row_kind == LG_OPTION_WORD;

    switch (item->kind) {
    case LG_JSON_STRING:
        return lg_str_of(item->text);
    case LG_JSON_NUMBER:
        return item->text && (is_int || is_bool) ? lg_str_of(item->text)
                                                 : LG_STR("");
    case LG_JSON_FALSE:
    case LG_JSON_TRUE:
        return is_bool || is_word ? lg_str_of(item->text) : LG_STR("");
    case LG_JSON_NONE:
    case LG_JSON_NULL:
    case LG_JSON_ARRAY:
    case LG_JSON_OBJECT:
        break;
    }
    return LG_STR("");
}

static int add_value(struct load *l, const struct lg_doc_item *item,
                     const struct lg_option_path *p,
                     const struct lg_option_row *row)
{
    if (item->kind == LG_JSON_NULL)
        return add(l->s, p, row, (struct lg_str){0}, l->e);
    if (row->kind == LG_OPTION_JSON || row->kind == LG_OPTION_FACTS)
        return add_json(l, item, p, row);
    return add(l->s, p, row, text_for(item, row->kind), l->e);
}

/* A value that is no option itself: something with options in it, or nothing
 * that is known. */
static int enter(struct load *l, const struct lg_doc_item *item,
                 const struct lg_option_path *p)
{
    char where[LG_OPTION_KEY_MAX];
    int rc;

    lg_option_path_show(p, where);
    if (p->n && !lg_option_path_inner(p))
        return lg_option_unknown(p, where, l->e);
    if (item->kind == LG_JSON_OBJECT)
        return 0;
    if (item->kind != LG_JSON_NULL || !item->up)
        return lg_fail(l->e, p->n ? LLMGW_E_OPTION : LLMGW_E_JSON, where,
                       "must be an object");
    rc = add(l->s, p, NULL, (struct lg_str){0}, l->e);
    return rc ? rc : 1;
}

static int on_value(void *user, const struct lg_doc_item *item)
{
    struct load *l = user;
    const struct lg_option_row *row;
    struct lg_option_path p;
    int rc = path_of(l, item, &p);

    if (rc)
        return rc;
    row = lg_option_path_row(&p);
    if (!row)
        return enter(l, item, &p);
    rc = add_value(l, item, &p, row);
    return rc ? rc : 1;
}

static int stage_doc(struct lg_option_stage *s,
                     const struct lg_option_path *prefix, struct lg_str json,
                     struct lg_err *e)
{
    struct load l = {s, prefix, e};

    if (json.n > DOC_MAX)
        return lg_fail(e, LLMGW_E_LIMIT, NULL, "options of over %zu bytes",
                       DOC_MAX);
    return lg_doc_walk(json, on_value, &l, e);
}

int lg_option_stage_json(struct lg_option_stage *s, struct lg_str json,
                         struct lg_err *e)
{
    const struct lg_option_path root = {0};

    return stage_doc(s, &root, json, e);
}

int lg_option_stage_key(struct lg_option_stage *s, const char *key,
                        const char *value, struct lg_err *e)
{
    const struct lg_option_row *row;
    struct lg_option_path p;
    int rc = lg_option_path_parse(&p, key, e);

    if (rc)
        return rc;
    row = lg_option_path_row(&p);
    if (row)
        return add(s, &p, row, lg_str_of(value), e);
    if (!lg_option_path_inner(&p))
        return lg_option_unknown(&p, key, e);
    rc = add(s, &p, NULL, (struct lg_str){0}, e);
    if (rc || !value)
        return rc;
    rc = stage_doc(s, &p, lg_str_of(value), e);
    if (rc == LLMGW_E_JSON && e)
        (void)snprintf(e->where, sizeof(e->where), "%s", key);
    return rc;
}

/* ---- commit ------------------------------------------------------------ */

static int covers(const struct lg_option_entry *x, const char *key)
{
    const size_t n = strlen(x->key);

    if (x->row)
        return strcmp(x->key, key) == 0;
    return strncmp(x->key, key, n) == 0 && key[n] == '/';
}

static int has_value(const struct lg_option_entry *x)
{
    return x->text || x->secret;
}

/* How many entries there will be. */
static size_t count_after(const struct lg_option_stage *s,
                          const llmgw_options *o)
{
    size_t n = 0;

    for (const struct lg_option_entry *x = s->first; x; x = x->next)
        n += (size_t)has_value(x);
    for (const struct lg_option_entry *old = o->entries; old; old = old->next) {
        const struct lg_option_entry *x = s->first;

        while (x && !covers(x, old->key))
            x = x->next;
        n += !x;
    }
    return n;
}

/* Remove what the change covers, then add it. */
static void change(llmgw_options *o, struct lg_option_entry *x)
{
    struct lg_option_entry **at = &o->entries;

    while (*at) {
        struct lg_option_entry *old = *at;

        if (!covers(x, old->key)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        lg_option_entry_free(old);
    }
    if (has_value(x))
        *at = x;
    else
        lg_option_entry_free(x);
}

int lg_option_stage_commit(struct lg_option_stage *s, llmgw_options *o,
                           struct lg_err *e)
{
    if (count_after(s, o) > LG_OPTION_ENTRIES_MAX)
        return lg_fail(e, LLMGW_E_LIMIT, s->first->key, "more than %d options",
                       LG_OPTION_ENTRIES_MAX);
    while (s->first) {
        struct lg_option_entry *x = s->first;

        s->first = x->next;
        x->next = NULL;
        change(o, x);
    }
    *s = (struct lg_option_stage){0};
    return 0;
}
