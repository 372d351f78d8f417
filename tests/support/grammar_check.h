/* SPDX-License-Identifier: MIT
 *
 * What the grammars of streams share. */
#ifndef TESTS_SUPPORT_GRAMMAR_CHECK_H
#define TESTS_SUPPORT_GRAMMAR_CHECK_H

#include "lib/format/format.h"

#define CHOICES 16

struct checker {
    const char *wrong; /* the first thing that was */
    size_t frames;
    int ended;  /* the terminator was seen */
    int failed; /* an error event was seen */
    /* Anthropic */
    int started, deltas;
    int64_t blocks, closed;
    struct lg_str open; /* type of the open block, NULL: none */
    char open_type[64];
    /* Chat */
    char id[256];
    int roles[CHOICES], finishes[CHOICES];
    int64_t calls[CHOICES];
    int usages;
    /* Responses */
    struct lg_buf added; /* the names of what is open, a line each */
    int64_t items;
};

static inline void wrong(struct checker *c, const char *what)
{
    if (!c->wrong)
        c->wrong = what;
}

#define NEED(c, cond) ((cond) ? (void)0 : wrong((c), #cond))

static inline int is_string(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_STRING;
}

void check_cohere(struct checker *c, const struct lg_frame *f,
                  struct lg_val root);
void check_ollama(struct checker *c, const struct lg_frame *f,
                  struct lg_val root);
void check_gemini(struct checker *c, const struct lg_frame *f,
                  struct lg_val root);
void check_converse(struct checker *c, const struct lg_frame *f,
                    struct lg_val root);

#endif
