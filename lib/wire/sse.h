/* SPDX-License-Identifier: MIT
 *
 * Server-sent events (WHATWG HTML section 9.2.6), sans I/O: feed bytes in any
 * pieces, take frames out. A frame keeps the bytes it came in, so that it can
 * be forwarded as it is. */
#ifndef LG_WIRE_SSE_H
#define LG_WIRE_SSE_H

#include "lib/base/buf.h"

enum lg_frame_kind {
    LG_FRAME_EVENT,
    /* only in an AWS event stream, and its end: */
    LG_FRAME_EXCEPTION, /* `data` is JSON */
    LG_FRAME_ERROR      /* `data` is its message, text */
};

struct lg_frame {
    struct lg_str raw;   /* every byte since the last frame, blank line and
                            comments included */
    struct lg_str event; /* its name; empty if unnamed */
    struct lg_str data;  /* NULL span: a frame of comments only */
    uint8_t kind;        /* enum lg_frame_kind; SSE leaves it alone */
};

struct lg_sse {
    struct lg_str window; /* the caller's bytes that are still unread */
    struct lg_buf carry;  /* a frame that crosses feeds */
    struct lg_buf joined; /* several data lines made one */
    int started;          /* past the place where a BOM may stand */
    int skip_lf;          /* the last frame ended in CR: an LF may follow */
};

/* `max`: the most bytes of one frame. */
void lg_sse_init(struct lg_sse *s, size_t max);
void lg_sse_done(struct lg_sse *s);
/* Begin another stream with the same memory. */
void lg_sse_reset(struct lg_sse *s);

/* Lend bytes, which must stay until lg_sse_next() said 0. Only then may it be
 * called again. */
void lg_sse_feed(struct lg_sse *s, const char *p, size_t n);
/* 1: a frame, valid until the next call; 0: needs more; or LLMGW_E_LIMIT,
 * _E_NOMEM. */
int lg_sse_next(struct lg_sse *s, struct lg_frame *out);
/* The body ended: 1 and what stands there without its blank line, 0, or what
 * lg_sse_next() says. */
int lg_sse_end(struct lg_sse *s, struct lg_frame *out);

/* Bytes not yet read, if the stream stands between two frames and nothing is
 * carried; empty otherwise. For a reader that knows what comes. */
LG_INLINE struct lg_str lg_sse_peek(const struct lg_sse *s)
{
    return s->carry.n || s->skip_lf || !s->started ? (struct lg_str){0}
                                                   : s->window;
}
/* Step over n bytes of what lg_sse_peek() showed: whole frames, and not
 * between a CR and its LF. */
static inline void lg_sse_skip(struct lg_sse *s, size_t n)
{
    s->window.p += n;
    s->window.n -= n;
}

#endif
