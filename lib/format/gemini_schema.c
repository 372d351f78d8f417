/* SPDX-License-Identifier: MIT
 *
 * Schemas of Google's own kind, made JSON Schema. */
#include "lib/format/gemini.h"
#include "lib/format/schema.h"

#define DEPTH_MAX 64

enum how {
    SCHEMA,
    SCHEMAS, /* a list of them */
    MAP,     /* an object of them */
    COUNT,   /* an int64, in a string by protobuf's rules */
    TYPE,
    NULLABLE,
    ENUM,
    AS_IS
};

/* What is not as in JSON Schema; and what snake_case would make another. */
static const struct {
    const char *name;
    uint8_t how;
} words[] = {
    {"type", TYPE},       {"nullable", NULLABLE},      {"enum", ENUM},
    {"properties", MAP},  {"items", SCHEMA},           {"anyOf", SCHEMAS},
    {"maxItems", COUNT},  {"minItems", COUNT},         {"maxLength", COUNT},
    {"minLength", COUNT}, {"maxProperties", COUNT},    {"minProperties", COUNT},
    {"format", AS_IS},    {"propertyOrdering", AS_IS},
};

struct translation {
    struct lg_ctx *c;
    struct lg_jw w;
    int is_null; /* the schema that is open may be null */
};

static void add_schema(struct translation *t, struct lg_val v, unsigned depth);

static void add_all(struct translation *t, struct lg_val v, unsigned depth)
{
    struct lg_iter it = lg_iter_of(v);
    const int is_map = lg_val_kind(v) == LG_JSON_OBJECT;

    if (!is_map && lg_val_kind(v) != LG_JSON_ARRAY) {
        lg_jw_raw(&t->w, lg_val_raw(v));
        return;
    }
    if (is_map)
        lg_jw_obj(&t->w);
    else
        lg_jw_arr(&t->w);
    while (lg_iter_next(&it)) {
        if (is_map)
            lg_jw_key_body(&t->w, lg_val_body(it.key));
        add_schema(t, it.val, depth);
    }
    if (is_map)
        lg_jw_obj_end(&t->w);
    else
        lg_jw_arr_end(&t->w);
}

/* STRING -> "string", or ["string","null"]. */
static void add_type(struct translation *t, struct lg_val v)
{
    const struct lg_str body = lg_val_body(v);
    char word[16];

    if (!body.p || body.n >= sizeof(word)) {
        lg_jw_raw(&t->w, lg_val_raw(v));
        return;
    }
    for (size_t i = 0; i < body.n; i++)
        word[i] =
            (char)(body.p[i] >= 'A' && body.p[i] <= 'Z' ? body.p[i] - 'A' + 'a'
                                                        : body.p[i]);
    if (t->is_null)
        lg_jw_arr(&t->w);
    lg_jw_body(&t->w, lg_str_from(word, body.n));
    if (t->is_null) {
        lg_jw_body(&t->w, LG_STR("null"));
        lg_jw_arr_end(&t->w);
    }
}

static void add_enum(struct translation *t, struct lg_val v)
{
    struct lg_iter it = lg_iter_of(v);

    lg_jw_arr(&t->w);
    while (lg_iter_next(&it))
        lg_jw_raw(&t->w, lg_val_raw(it.val));
    if (t->is_null)
        lg_jw_null(&t->w);
    lg_jw_arr_end(&t->w);
}

static void add_member(struct translation *t, enum how how, struct lg_val v,
                       unsigned depth)
{
    if (how == SCHEMA)
        add_schema(t, v, depth);
    else if (how == SCHEMAS || how == MAP)
        add_all(t, v, depth);
    else if (how == TYPE)
        add_type(t, v);
    else if (how == ENUM && lg_val_kind(v) == LG_JSON_ARRAY)
        add_enum(t, v);
    else if (how == COUNT && lg_val_body(v).n &&
             !lg_json_check(lg_val_body(v), NULL))
        lg_jw_raw(&t->w, lg_val_body(v));
    else
        lg_jw_raw(&t->w, lg_val_raw(v));
}

static void add_schema(struct translation *t, struct lg_val v, unsigned depth)
{
    const struct lg_val nullable = lg_member(t->c, v, "nullable");
    const int is_null = lg_val_kind(nullable) == LG_JSON_TRUE;
    struct lg_iter it = lg_iter_of(v);

    if (lg_val_kind(v) != LG_JSON_OBJECT || depth == DEPTH_MAX) {
        lg_jw_raw(&t->w, lg_val_raw(v));
        return;
    }
    lg_jw_obj(&t->w);
    while (lg_iter_next(&it)) {
        size_t i = 0;

        while (i < LG_COUNT(words) && !lg_key_is(t->c, it.key, words[i].name))
            i++;
        if (i < LG_COUNT(words) && words[i].how == NULLABLE)
            continue;
        if (i < LG_COUNT(words))
            lg_jw_key(&t->w, words[i].name);
        else
            lg_jw_key_body(&t->w, lg_val_body(it.key));
        t->is_null = is_null;
        add_member(t, i < LG_COUNT(words) ? (enum how)words[i].how : AS_IS,
                   it.val, depth + 1);
    }
    lg_jw_obj_end(&t->w);
}

int lg_gm_schema_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out)
{
    struct translation t = {.c = c};
    struct lg_buf b;
    const char *p = NULL;

    *out = lg_ir_of(v);
    if (c->keep_extras || out->kind != LG_JSON_OBJECT)
        return 0;
    lg_buf_init(&b, SIZE_MAX / 8);
    t.w.out = &b;
    add_schema(&t, v, 0);
    if (!b.err)
        p = lg_arena_dup(c->arena, lg_buf_span(&b));
    out->s = lg_str_from(p, b.n);
    lg_buf_done(&b);
    return p ? 0 : lg_fail_mem(c->err, LLMGW_E_NOMEM);
}

void lg_gm_schema_write(struct lg_writer *w, const struct lg_ir_request *r,
                        const char *old, const char *name,
                        const struct lg_ir_val *schema)
{
    const struct lg_facts *f = w->c->policy->facts;

    if (f && f->output_schema == LG_SCHEMA_OPENAPI && lg_ir_has(schema)) {
        lg_put(w, "%k:", old);
        lg_put_dialect(w, r, schema, LG_DIALECT_OPENAPI);
    } else {
        lg_put(w, "%k:%o", name, schema);
    }
}
