/* SPDX-License-Identifier: MIT
 *
 * What the upstream answers, made beforehand. */
#ifndef BENCH_BODY_H
#define BENCH_BODY_H

#include <stddef.h>

enum body_format {
    BODY_ANTHROPIC,
    BODY_OPENAI
};

/* One stream of `n` deltas of text, or of a tool's arguments. */
struct body {
    enum body_format format;
    int tool;    /* 'j': arguments; else text */
    size_t n;    /* deltas */
    char framed; /* 'e': one HTTP chunk per event, 'b': chunks of 16 KB,
                    0: no HTTP at all */
    char *p;
    size_t len, cap;
    size_t *at; /* n + 1: where each delta begins, and the end; the first of
                   them with all that comes before it */
    size_t pending;
    struct body *next;
};

struct body *body_make(enum body_format format, int tool, size_t n,
                       char framed);
void body_free(struct body *b);
/* A whole answer, with its HTTP header unless `bare`. */
char *body_answer(enum body_format format, int bare, size_t *len);

#endif
