/* SPDX-License-Identifier: MIT
 *
 * Text to text, between any two formats. Same format: the caller's bytes, once
 * they are known to be JSON. Another: reader, IR, writer, loss report. */
#ifndef LG_FORMAT_CONVERT_H
#define LG_FORMAT_CONVERT_H

#include "lib/format/feed.h"

struct lg_conversion {
    const struct lg_format *from, *to;
    struct lg_arena *arena; /* for the IR; not needed after the call but for
                               the losses and the bridge ... */
    struct lg_arena *keep;  /* ... where those are not kept here */
    const struct lg_policy *policy;
    struct lg_bridge *bridge;
    struct lg_losses *losses;
    struct lg_err *err;
    int64_t now;      /* wall clock, seconds */
    size_t cut_model; /* rewritten request: bytes to cut from its model */
    int stream;       /* rewritten request: 1 streamed, -1 not, 0 as it is */
    int through_ir;   /* tests: take the IR road for one and the same format */
};

int lg_convert_request(struct lg_conversion *v, struct lg_str text,
                       struct lg_buf *out);
/* LLMGW_E_PROTOCOL if it is no answer of its format. */
int lg_convert_answer(struct lg_conversion *v, struct lg_str text,
                      struct lg_buf *out);
/* LLMGW_E_JSON if it is no error of its format. */
int lg_convert_error(struct lg_conversion *v, struct lg_str text, int status,
                     struct lg_buf *out);

/* A stream: a feed whose events go to the writer of the other format. */
struct lg_convert_stream {
    struct lg_ir_sink sink; /* first member */
    const struct lg_format *to;
    void *encoder;
    size_t max; /* the most bytes of one frame */
    int same;   /* hand the frames through */
    int err;
    struct lg_frames frames;
    struct lg_ctx ctx;       /* the writer's ... */
    struct lg_arena scratch; /* ... and its arena, of one frame */
    struct lg_feed feed;
};
int lg_convert_stream_init(struct lg_convert_stream *s,
                           const struct lg_conversion *v, size_t max);
void lg_convert_stream_done(struct lg_convert_stream *s);
/* Convert `n` bytes; what is ready is in s->frames.bytes until the next call. */
int lg_convert_stream_feed(struct lg_convert_stream *s, const char *p,
                           size_t n);
/* The body ended: 0 if the terminator was seen, else LLMGW_E_TRUNCATED; also
 * where an error ended it, which was converted. */
int lg_convert_stream_end(struct lg_convert_stream *s);

#endif
