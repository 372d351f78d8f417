/* SPDX-License-Identifier: MIT
 *
 * Formats that ask for vectors: their vtable, and what they share. One and the
 * same format is handed through, so what is read here is for another. */
#ifndef LG_FORMAT_EMBED_H
#define LG_FORMAT_EMBED_H

#include "lib/format/pattern.h"
#include "lib/ir/embed.h"

struct lg_embed_ops {
    int (*read_request)(struct lg_ctx *, struct lg_val,
                        struct lg_embed_request *);
    void (*write_request)(struct lg_writer *, const struct lg_embed_request *);
    int (*read_answer)(struct lg_ctx *, struct lg_val,
                       struct lg_embed_answer *);
    void (*write_answer)(struct lg_writer *, const struct lg_embed_answer *);
    uint8_t params;    /* bits by enum lg_embed_param: those it can say */
    uint8_t encodings; /* bits by enum lg_encoding: those it can ask for */
};

/* ---- requests: read ----------------------------------------------------- */

/* A new input at the end of a list; `extra`: what else was said of it. */
int lg_embed_input_add(struct lg_ctx *c, struct lg_embed_input ***end,
                       enum lg_embed_kind kind, struct lg_val v,
                       struct lg_ir_extra *extra);
/* Strings of a list; one that is in none makes `bare`. */
int lg_embed_texts_read(struct lg_ctx *c, struct lg_val v,
                        enum lg_embed_kind kind, struct lg_embed_request *r);
/* What LG_E_ENCODING says, a word or a list of words. */
int lg_embed_encodings_read(struct lg_ctx *c, struct lg_val v,
                            struct lg_embed_request *r);

/* ---- requests: written -------------------------------------------------- */

/* The inputs, which must all be texts: [..] or, if `bare`, the one. */
void lg_embed_texts_write(struct lg_writer *w, const struct lg_embed_request *r,
                          int bare);
/* Of the encodings asked for those the format has, as bits. */
unsigned lg_embed_encodings_of(const struct lg_writer *w,
                               const struct lg_embed_request *r);
/* name: a list of them, if there are any. */
void lg_embed_encodings_write(struct lg_writer *w, const char *name,
                              const struct lg_embed_request *r);
/* Report what the format cannot say: settings, encodings, members. */
void lg_embed_lose(struct lg_writer *w, const struct lg_embed_request *r);
const char *lg_encoding_name(unsigned encoding);
enum lg_encoding lg_encoding_of(struct lg_val word);

/* ---- answers ------------------------------------------------------------ */

/* A new list of `n` vectors, still empty; NULL: no memory, told in c->err. */
struct lg_embed_list *lg_embed_list_new(struct lg_ctx *c, uint32_t tok,
                                        enum lg_encoding encoding, size_t n,
                                        struct lg_embed_answer *a);
/* The same, filled from an array; `inner`: how each is taken from its
 * object (see lg_get()), NULL: it is in none. */
int lg_embed_list_read(struct lg_ctx *c, struct lg_val v, const char *inner,
                       enum lg_encoding encoding, struct lg_embed_answer *a);
/* The list for a format that has but one: floats, if there are. The others
 * are reported. NULL: there is none. */
const struct lg_embed_list *lg_embed_list_pick(struct lg_writer *w,
                                               const struct lg_embed_answer *a);
/* A vector as numbers or, if the caller asked for that and `may`, base64. */
void lg_embed_vector_write(struct lg_writer *w, const struct lg_ir_val *v,
                           int may_base64);
/* Report members and, if not `tokens`, their count. */
void lg_embed_answer_lose(struct lg_writer *w, const struct lg_embed_answer *a,
                          int tokens);
/* The count of tokens; -1: not known. */
int64_t lg_embed_tokens(const struct lg_embed_answer *a);

#endif
