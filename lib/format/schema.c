/* SPDX-License-Identifier: MIT */
#include "lib/format/schema.h"

#include "lib/json/text.h"

#define DEPTH_MAX 64

enum how {
    AS_IS,
    SCHEMA,
    SCHEMAS, /* a list of them */
    MAP,     /* an object of them */
    CONST,   /* an enum of one, in OpenAPI */
    TYPE,    /* may be a list, but not in OpenAPI */
    FORMAT,
    FEW,    /* 0 or 1 */
    MORE,   /* additionalProperties */
    NOTHING /* says nothing of a value */
};
#define CLOSED  1u /* 1u << enum lg_dialect */
#define OPENAPI 2u

static const struct word {
    const char *name;
    const char *as; /* another name for it; NULL: its own */
    uint8_t how, in;
} words[] = {
    {"type", NULL, TYPE, CLOSED | OPENAPI},
    {"title", NULL, AS_IS, CLOSED | OPENAPI},
    {"description", NULL, AS_IS, CLOSED | OPENAPI},
    {"properties", NULL, MAP, CLOSED | OPENAPI},
    {"required", NULL, AS_IS, CLOSED | OPENAPI},
    {"items", NULL, SCHEMA, CLOSED | OPENAPI},
    {"anyOf", NULL, SCHEMAS, CLOSED | OPENAPI},
    {"oneOf", "anyOf", SCHEMAS, CLOSED | OPENAPI},
    {"allOf", NULL, SCHEMAS, CLOSED},
    {"enum", NULL, AS_IS, CLOSED | OPENAPI},
    {"const", NULL, CONST, CLOSED | OPENAPI},
    {"$ref", NULL, AS_IS, CLOSED},
    {"$defs", NULL, MAP, CLOSED},
    {"definitions", NULL, MAP, CLOSED},
    {"format", NULL, FORMAT, CLOSED | OPENAPI},
    {"minItems", NULL, FEW, CLOSED | OPENAPI},
    {"maxItems", NULL, AS_IS, OPENAPI},
    {"minimum", NULL, AS_IS, OPENAPI},
    {"maximum", NULL, AS_IS, OPENAPI},
    {"minLength", NULL, AS_IS, OPENAPI},
    {"maxLength", NULL, AS_IS, OPENAPI},
    {"minProperties", NULL, AS_IS, OPENAPI},
    {"maxProperties", NULL, AS_IS, OPENAPI},
    {"pattern", NULL, AS_IS, OPENAPI},
    {"example", NULL, AS_IS, OPENAPI},
    {"default", NULL, AS_IS, OPENAPI},
    {"nullable", NULL, AS_IS, OPENAPI},
    {"propertyOrdering", NULL, AS_IS, OPENAPI},
    {"additionalProperties", NULL, MORE, CLOSED},
    {"$schema", NULL, NOTHING, CLOSED | OPENAPI},
    {"$id", NULL, NOTHING, CLOSED | OPENAPI},
};

struct dialect {
    struct lg_writer *w;
    enum lg_dialect is;
    uint32_t at; /* where to report; LG_NOWHERE: at the very token */
};

static void lose(const struct dialect *d, uint32_t tok,
                 enum lg_loss_action action, const char *reason)
{
    lg_put_lose(d->w, d->at == LG_NOWHERE ? tok : d->at, action, reason);
}

/* The schema as a document: the request's own, or one of what it holds. */
static struct lg_val open(struct lg_writer *w, const struct lg_ir_request *r,
                          const struct lg_ir_val *v, uint32_t *at)
{
    const struct lg_val here = {r->doc, v->tok};
    struct lg_str text = v->s;
    struct lg_json *doc;
    struct lg_buf b;
    int rc = 0;

    *at = LG_NOWHERE;
    if (r->doc && v->tok < r->doc->n && !v->in_string &&
        lg_val_raw(here).p == v->s.p)
        return here;
    *at = v->tok;
    if (v->in_string) {
        lg_buf_init(&b, SIZE_MAX / 8);
        rc = lg_json_unescape(&b, v->s, LG_TO_JSON);
        text = lg_str_from(lg_arena_dup(w->c->arena, lg_buf_span(&b)), b.n);
        lg_buf_done(&b);
    }
    doc = lg_arena_new(w->c->arena, struct lg_json);
    if (rc || !doc || !text.p) {
        lg_writer_fail(w, lg_fail_mem(w->c->err, LLMGW_E_NOMEM));
        return (struct lg_val){0};
    }
    rc = lg_json_read(doc, w->c->arena, text, NULL);
    if (rc == LLMGW_E_NOMEM || rc == LLMGW_E_LIMIT)
        lg_writer_fail(w, lg_fail_mem(w->c->err, rc));
    return rc < 0 ? (struct lg_val){0} : lg_json_root(doc);
}

static void put_node(const struct dialect *d, struct lg_val v, unsigned depth);

static void put_nodes(const struct dialect *d, struct lg_val v, unsigned depth)
{
    const int is_map = lg_val_kind(v) == LG_JSON_OBJECT;
    struct lg_iter it = lg_iter_of(v);

    if (!is_map && lg_val_kind(v) != LG_JSON_ARRAY) {
        lg_jw_raw(&d->w->jw, lg_val_raw(v));
        return;
    }
    lg_put(d->w, is_map ? "{" : "[");
    while (lg_iter_next(&it)) {
        if (is_map)
            lg_jw_key_body(&d->w->jw, lg_val_body(it.key));
        put_node(d, it.val, depth);
    }
    lg_put(d->w, is_map ? "}" : "]");
}

/* ["string","null"] is a string that is nullable. */
static void put_types(const struct dialect *d, struct lg_val list)
{
    struct lg_iter it = lg_iter_of(list);
    struct lg_val first = {0};
    int others = 0;

    while (lg_iter_next(&it)) {
        if (lg_val_is(it.val, "null"))
            lg_put(d->w, "'nullable':true");
        else if (first.doc)
            others = 1;
        else
            first = it.val;
    }
    if (first.doc)
        lg_put(d->w, "'type':%j", lg_val_raw(first));
    if (others)
        lose(d, list.i, LG_APPROXIMATED, "a value has one type there");
}

/* Why a member of the dialect cannot be said as it stands; NULL: it can. */
static const char *why_not(const struct dialect *d, const struct word *word,
                           struct lg_val v)
{
    const struct lg_ir_val value = lg_ir_of(v);
    int64_t n;

    if (!word || !(word->in >> d->is & 1))
        return "a word of schemas that is not taken there";
    if (d->is == LG_DIALECT_CLOSED && word->how == FORMAT &&
        !lg_ir_word_of(&value, "date-time time date duration email hostname "
                               "uri ipv4 ipv6 uuid"))
        return "a format that is not taken there";
    if (d->is == LG_DIALECT_CLOSED && word->how == FEW &&
        (lg_val_int(v, &n) || n < 0 || n > 1))
        return "a list may have to have one item, but not more";
    return NULL;
}

static void put_member(const struct dialect *d, const struct word *word,
                       struct lg_val v, unsigned depth)
{
    const int openapi = d->is == LG_DIALECT_OPENAPI;

    if (openapi && word->how == TYPE && lg_val_kind(v) == LG_JSON_ARRAY) {
        put_types(d, v);
        return;
    }
    if (openapi && word->how == CONST) {
        lg_put(d->w, "'enum':[%j]", lg_val_raw(v));
        return;
    }
    lg_put(d->w, "%k:", word->as ? word->as : word->name);
    if (word->how == SCHEMA)
        put_node(d, v, depth);
    else if (word->how == SCHEMAS || word->how == MAP)
        put_nodes(d, v, depth);
    else
        lg_jw_raw(&d->w->jw, lg_val_raw(v));
    if (word->as)
        lose(d, v.i, LG_APPROXIMATED, "oneOf becomes anyOf");
}

static const struct word *word_of(struct lg_val key)
{
    for (size_t i = 0; i < LG_COUNT(words); i++)
        if (lg_val_is(key, words[i].name))
            return &words[i];
    return NULL;
}

/* Every object says that it is closed. */
static void close_node(const struct dialect *d, struct lg_val v)
{
    const struct lg_val more = lg_val_get(v, "additionalProperties");

    if (d->is != LG_DIALECT_CLOSED ||
        !(more.doc || lg_val_get(v, "properties").doc ||
          lg_val_is(lg_val_get(v, "type"), "object")))
        return;
    lg_put(d->w, "'additionalProperties':false");
    if (lg_val_kind(more) != LG_JSON_FALSE)
        lose(d, more.doc ? more.i : v.i, LG_APPROXIMATED,
             "an object has no members but those named");
}

static void put_node(const struct dialect *d, struct lg_val v, unsigned depth)
{
    struct lg_iter it = lg_iter_of(v);

    if (lg_val_kind(v) != LG_JSON_OBJECT || depth == DEPTH_MAX) {
        lg_jw_raw(&d->w->jw, lg_val_raw(v));
        return;
    }
    lg_put(d->w, "{");
    while (lg_iter_next(&it) && !d->w->rc) {
        const struct word *word = word_of(it.key);
        const char *why = why_not(d, word, it.val);

        if (why)
            lose(d, it.val.i, LG_DROPPED, why);
        else if (word->how != NOTHING && word->how != MORE)
            put_member(d, word, it.val, depth + 1);
    }
    close_node(d, v);
    lg_put(d->w, "}");
}

void lg_put_dialect(struct lg_writer *w, const struct lg_ir_request *r,
                    const struct lg_ir_val *v, enum lg_dialect dialect)
{
    struct dialect d = {w, dialect, LG_NOWHERE};
    const struct lg_val root = open(w, r, v, &d.at);

    if (root.doc)
        put_node(&d, root, 0);
    else
        lg_put(w, "%v", v);
}

/* ---- strictness ------------------------------------------------------------- */

static unsigned count(struct lg_val v)
{
    struct lg_iter it = lg_iter_of(v);
    unsigned n = 0;

    while (lg_iter_next(&it))
        n++;
    return n;
}

static int is_closed(struct lg_val v)
{
    const struct lg_val members = lg_val_get(v, "properties");

    if (!members.doc && !lg_val_is(lg_val_get(v, "type"), "object"))
        return 1;
    return lg_val_kind(lg_val_get(v, "additionalProperties")) ==
               LG_JSON_FALSE &&
           count(lg_val_get(v, "required")) == count(members);
}

static int is_strict(struct lg_val v, unsigned depth)
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_iter it;

    if (kind != LG_JSON_OBJECT && kind != LG_JSON_ARRAY)
        return 1;
    if (depth == DEPTH_MAX || (kind == LG_JSON_OBJECT && !is_closed(v)))
        return 0;
    for (it = lg_iter_of(v); lg_iter_next(&it);)
        if (!is_strict(it.val, depth + 1))
            return 0;
    return 1;
}

const struct lg_ir_val *lg_strict_of(struct lg_writer *w,
                                     const struct lg_ir_request *r,
                                     const struct lg_ir_val *schema,
                                     const struct lg_ir_val *strict)
{
    struct lg_val root;
    uint32_t at;

    if (w->own || !lg_ir_true(strict) || !lg_ir_has(schema) ||
        lg_str_starts(lg_str_of(w->origin->name), LG_STR("openai-")))
        return strict;
    root = open(w, r, schema, &at);
    if (!root.doc || is_strict(root, 0))
        return strict;
    lg_put_lose(w, strict->tok, LG_APPROXIMATED,
                "strict takes but schemas that are closed, all of it required");
    return &lg_ir_none;
}
