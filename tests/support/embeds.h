/* SPDX-License-Identifier: MIT
 *
 * Embeddings as lines of text, so that two of them can be compared. */
#ifndef TESTS_SUPPORT_EMBEDS_H
#define TESTS_SUPPORT_EMBEDS_H

#include "lib/format/embed.h"

/* What a request asks for; the model aside, which stands in some URLs, and how
 * floats are to be written, which an answer can be turned into. */
void embed_request_text(struct lg_buf *out, const struct lg_embed_request *r);
/* The vectors as floats of 32 bits; of several encodings, the one that every
 * format has. */
void embed_answer_text(struct lg_buf *out, const struct lg_embed_answer *a);

#endif
