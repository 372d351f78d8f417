/* SPDX-License-Identifier: MIT */
#include "lib/ir/value.h"

#include "lib/json/text.h"

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
