/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include <llmgw/llmgw.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/base/mem.h"

void lg_buf_init(struct lg_buf *b, size_t max)
{
    *b = (struct lg_buf){.max = max};
}

void lg_buf_done(struct lg_buf *b)
{
    lg_free(b->p);
    lg_buf_init(b, b->max);
}

void lg_buf_reset(struct lg_buf *b)
{
    b->n = 0;
    b->err = 0;
    if (b->p)
        b->p[0] = '\0';
}

char *lg_buf_room(struct lg_buf *b, size_t n)
{
    size_t cap;
    char *p;

    if (b->err)
        return NULL;
    if (n > b->max - b->n) {
        b->err = LLMGW_E_LIMIT;
        return NULL;
    }
    if (n < b->cap - b->n)
        return b->p + b->n;
    cap = b->cap ? b->cap : 32;
    cap = cap > b->max / 2 ? b->max + 1 : cap * 2;
    if (cap - b->n <= n) /* as asked for: who knows the size gets no more */
        cap = b->n + n + 1;
    p = lg_realloc(b->p, cap);
    if (!p) {
        b->err = LLMGW_E_NOMEM;
        return NULL;
    }
    b->p = p;
    b->cap = cap;
    return b->p + b->n;
}

int lg_buf_add(struct lg_buf *b, const char *p, size_t n)
{
    char *room;

    if (LG_LIKELY(lg_buf_fits(b, n))) {
        memcpy(b->p + b->n, p, n);
        lg_buf_claim(b, n);
        return 0;
    }
    room = lg_buf_room(b, n);
    if (!room)
        return b->err;
    if (n)
        memcpy(room, p, n);
    lg_buf_claim(b, n);
    return 0;
}

int lg_buf_byte(struct lg_buf *b, char c)
{
    return lg_buf_add(b, &c, 1);
}

int lg_buf_int(struct lg_buf *b, int64_t v)
{
    char text[24];
    char *p = text + sizeof(text);
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    return lg_buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

int lg_buf_printf(struct lg_buf *b, const char *fmt, ...)
{
    va_list args;
    char *room;
    int n;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    room = n < 0 ? NULL : lg_buf_room(b, (size_t)n);
    if (!room)
        return b->err;
    va_start(args, fmt);
    (void)vsnprintf(room, (size_t)n + 1, fmt, args);
    va_end(args);
    lg_buf_claim(b, (size_t)n);
    return 0;
}

char *lg_buf_take(struct lg_buf *b, size_t *n)
{
    char *p = NULL;

    if (!b->err && lg_buf_room(b, 0)) {
        p = b->p;
        p[b->n] = '\0';
        if (n)
            *n = b->n;
        b->p = NULL;
    }
    lg_buf_done(b);
    return p;
}
