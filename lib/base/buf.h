/* SPDX-License-Identifier: MIT
 *
 * A growing byte buffer, born with its ceiling. Errors stick: append as you
 * like and look at `err` once, at the end. */
#ifndef LG_BASE_BUF_H
#define LG_BASE_BUF_H

#include "lib/base/str.h"

struct lg_buf {
    char *p; /* NULL until the first byte; NUL-terminated after that */
    size_t n, cap, max;
    int err; /* 0, LLMGW_E_NOMEM or LLMGW_E_LIMIT; nothing is added after it */
};

/* `max`: the most bytes it may hold, its NUL not counted. */
void lg_buf_init(struct lg_buf *b, size_t max);
/* Over memory that is not the heap's, which is enough: it does not grow, and
 * lg_buf_done() is not for it. */
static inline struct lg_buf lg_buf_over(char *p, size_t size)
{
    return (struct lg_buf){.p = p, .cap = size, .max = size - 1};
}
/* Gives the memory back; the buffer is as after init. */
void lg_buf_done(struct lg_buf *b);
/* Empties it, keeps the memory, forgets the error. */
void lg_buf_reset(struct lg_buf *b);

/* Room for n more bytes, to be claimed with lg_buf_claim(); NULL on failure. */
char *lg_buf_room(struct lg_buf *b, size_t n);
static inline void lg_buf_claim(struct lg_buf *b, size_t n)
{
    b->n += n;
    b->p[b->n] = '\0';
}

/* Is there something to add, and room for it without more memory? */
static inline int lg_buf_fits(const struct lg_buf *b, size_t n)
{
    return n && n < b->cap - b->n && !b->err;
}
int lg_buf_add(struct lg_buf *b, const char *p, size_t n);
static inline int lg_buf_str(struct lg_buf *b, struct lg_str s)
{
    return lg_buf_add(b, s.p, s.n);
}
int lg_buf_byte(struct lg_buf *b, char c);
/* A literal. */
#define lg_buf_lit(b, lit) lg_buf_add((b), (lit), sizeof(lit) - 1)
int lg_buf_int(struct lg_buf *b, int64_t v);
int lg_buf_printf(struct lg_buf *b, const char *fmt, ...) LG_PRINTF(2, 3);

static inline struct lg_str lg_buf_span(const struct lg_buf *b)
{
    return (struct lg_str){b->p ? b->p : "", b->n};
}
/* Take the bytes away, NUL-terminated: free them with lg_free(). NULL if the
 * buffer failed. */
char *lg_buf_take(struct lg_buf *b, size_t *n);

#endif
