/* SPDX-License-Identifier: MIT
 *
 * JSON Schema in the dialects that providers take. */
#ifndef LG_FORMAT_SCHEMA_H
#define LG_FORMAT_SCHEMA_H

#include "lib/format/pattern.h"

enum lg_dialect {
    LG_DIALECT_CLOSED, /* Anthropic's outputs: no object has more members than
                          are named, and no value has bounds */
    LG_DIALECT_OPENAPI /* Gemini's `parameters` and `responseSchema` */
};

/* Write a schema of another format; what the dialect has not is reported. */
void lg_put_dialect(struct lg_writer *w, const struct lg_ir_request *r,
                    const struct lg_ir_val *v, enum lg_dialect dialect);

/* What OpenAI is told of `strict`: it takes but schemas in which every object is
 * closed and all its members are required; another's is told as lost. */
const struct lg_ir_val *lg_strict_of(struct lg_writer *w,
                                     const struct lg_ir_request *r,
                                     const struct lg_ir_val *schema,
                                     const struct lg_ir_val *strict);

#endif
