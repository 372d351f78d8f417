/* SPDX-License-Identifier: MIT
 *
 * Documents by chance, the same ones for the same seed: each written twice,
 * with white space strewn in and without any. */
#ifndef TEST_JSON_GEN_H
#define TEST_JSON_GEN_H

#include "lib/base/buf.h"

struct gen {
    uint64_t seed;
    struct lg_buf loose, tight;
};

void gen_init(struct gen *g, uint64_t seed);
void gen_done(struct gen *g);
uint32_t gen_number(struct gen *g, uint32_t below);
/* Any document. */
void gen_document(struct gen *g);
/* An object of `n` members "k0", "k1" ...: values are any. */
void gen_object(struct gen *g, unsigned n);
/* A string body, escaped, with no lone surrogate in it. */
void gen_body(struct gen *g, struct lg_buf *out);

#endif
