/* SPDX-License-Identifier: MIT
 *
 * Embeddings: a request for vectors and its answer, in no one's format. They
 * are read only to be written in another one. */
#ifndef LG_IR_EMBED_H
#define LG_IR_EMBED_H

#include "lib/ir/value.h"

struct lg_format;

/* Settings, each as its origin wrote it; what they mean stands beside. */
enum lg_embed_param {
    LG_E_MODEL,
    LG_E_DIMENSIONS,
    LG_E_ENCODING, /* `encodings` */
    LG_E_TASK,     /* `task` */
    LG_E_TRUNCATE, /* `cut` */
    LG_E_COUNT
};

enum lg_encoding {
    LG_ENC_FLOAT,
    LG_ENC_BASE64, /* of 32-bit floats, the lowest byte first */
    LG_ENC_INT8,
    LG_ENC_UINT8,
    LG_ENC_BINARY,
    LG_ENC_UBINARY,
    LG_ENC_OTHER,
    LG_ENC_COUNT
};

enum lg_embed_task {
    LG_TASK_UNSET,
    LG_TASK_QUERY,
    LG_TASK_DOCUMENT,
    LG_TASK_CLASSIFICATION,
    LG_TASK_CLUSTERING,
    LG_TASK_SIMILARITY,
    LG_TASK_QUESTION,
    LG_TASK_FACT,
    LG_TASK_CODE,
    LG_TASK_IMAGE,
    LG_TASK_OTHER
};

/* Which end of a text that is too long is cut off. */
enum lg_embed_cut {
    LG_CUT_UNSET,
    LG_CUT_NONE, /* it is refused */
    LG_CUT_START,
    LG_CUT_END
};

enum lg_embed_kind {
    LG_EMBED_TEXT,
    LG_EMBED_IMAGE, /* a URL, mostly of data */
    LG_EMBED_MIXED  /* texts and images: Cohere's object */
};

struct lg_embed_input {
    struct lg_embed_input *next;
    uint8_t kind;
    struct lg_ir_val val;
    struct lg_ir_extra *extra;
};

struct lg_embed_request {
    const struct lg_format *origin;
    struct lg_embed_input *inputs;
    uint8_t bare;      /* one input, and in no list */
    uint8_t encodings; /* bits by enum lg_encoding */
    uint8_t task, cut;
    struct lg_ir_val param[LG_E_COUNT];
    struct lg_ir_extra *extra;
};

struct lg_embed_vector {
    struct lg_ir_val val; /* an array of numbers, or base64 */
    struct lg_ir_extra *extra;
};

/* One encoding of the vectors, in the order of the inputs. */
struct lg_embed_list {
    struct lg_embed_list *next;
    uint32_t tok;
    uint8_t encoding;
    struct lg_embed_vector *v;
    size_t n;
};

struct lg_embed_answer {
    const struct lg_format *origin;
    struct lg_embed_list *lists;
    struct lg_ir_val id, model;
    struct lg_ir_val tokens; /* of the inputs together */
    struct lg_ir_extra *extra;
};

#endif
