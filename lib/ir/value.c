/* SPDX-License-Identifier: MIT */
#include "lib/ir/value.h"

#include "lib/json/text.h"

const struct lg_ir_val lg_ir_none = {.tok = LG_NOWHERE};
const struct lg_ir_val lg_ir_null = {
    .s = {"null", 4}, .tok = LG_NOWHERE, .kind = LG_JSON_NULL};

void lg_ir_set(struct lg_ir_val *out, struct lg_val v)
{
    *out = lg_ir_none;
    if (!v.doc)
        return;
    out->kind = lg_val_tok(v)->kind;
    out->tok = v.i;
    out->s = out->kind == LG_JSON_STRING ? lg_val_body(v) : lg_val_raw(v);
}

struct lg_ir_val lg_ir_of(struct lg_val v)
{
    struct lg_ir_val out;

    lg_ir_set(&out, v);
    return out;
}

struct lg_ir_val lg_ir_word(const char *s)
{
    return (struct lg_ir_val){lg_str_of(s), LG_NOWHERE, LG_JSON_STRING, 0};
}

int lg_ir_is(const struct lg_ir_val *v, const char *word)
{
    return v->kind == LG_JSON_STRING && !v->in_string &&
           lg_json_body_is(v->s, word);
}

int lg_ir_int(const struct lg_ir_val *v, int64_t *out)
{
    return v->kind == LG_JSON_NUMBER && !v->in_string ? lg_str_int(v->s, out)
                                                      : -1;
}
