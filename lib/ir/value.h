/* SPDX-License-Identifier: MIT
 *
 * Values in the IR are spans of the document they came from, as they were
 * written: strings still escaped, numbers as text. JSON to JSON they are
 * copied, so they cannot change. */
#ifndef LG_IR_VALUE_H
#define LG_IR_VALUE_H

#include "lib/json/read.h"

#define LG_NOWHERE UINT32_MAX

struct lg_ir_val {
    struct lg_str s;   /* a string: its body, still escaped, without quotes;
                          anything else: its JSON text */
    uint32_t tok;      /* where it stood in the source, or LG_NOWHERE */
    uint8_t kind;      /* enum lg_json_kind; LG_JSON_NONE: absent */
    uint8_t in_string; /* of a JSON value: `s` is a string body that holds the
                          value's text (Chat's tool arguments) */
};

/* A member that its reader has no field for. It goes back into the format it
 * came from and is reported lost by every other. */
struct lg_ir_extra {
    struct lg_ir_extra *next;
    struct lg_str key; /* body, still escaped */
    struct lg_ir_val val;
    uint8_t level; /* which of the node's objects; 0 the node itself. A format
                      gives the others their meaning. */
};

/* Bound to whom it came from (a signature, encrypted reasoning): written back
 * only there. */
struct lg_ir_blob {
    struct lg_ir_val val;
    const char *origin; /* name of the format that read it */
};

static inline int lg_ir_has(const struct lg_ir_val *v)
{
    return v->kind != LG_JSON_NONE && v->kind != LG_JSON_NULL;
}

extern const struct lg_ir_val lg_ir_none, lg_ir_null;

/* From a document. Absent gives absent; null stays null. */
void lg_ir_set(struct lg_ir_val *out, struct lg_val v);
struct lg_ir_val lg_ir_of(struct lg_val v);
/* A string of ours; it must need no escaping. */
struct lg_ir_val lg_ir_word(const char *s);

/* Does a string value equal the ASCII `word`? */
int lg_ir_is(const struct lg_ir_val *v, const char *word);
static inline int lg_ir_is_string(const struct lg_ir_val *v)
{
    return v->kind == LG_JSON_STRING;
}
/* Is it the literal true? */
static inline int lg_ir_true(const struct lg_ir_val *v)
{
    return v->kind == LG_JSON_TRUE;
}
/* An integer literal: 0, or -1. */
int lg_ir_int(const struct lg_ir_val *v, int64_t *out);

#endif
