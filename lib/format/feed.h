/* SPDX-License-Identifier: MIT
 *
 * A stream being read: bytes in, events out. Frames take one of two roads:
 * a frame that repeats an earlier one around its piece of text is recognised
 * by its bytes (the template road); any other is parsed (the tape road).
 *
 * A format calls a frame plain (lg_ctx.plain) if it was nothing but a piece of
 * an open part: whoever reads the same bytes around another piece must come to
 * the same event. That holds until a part opens or closes; then all templates
 * are forgotten. */
#ifndef LG_FORMAT_FEED_H
#define LG_FORMAT_FEED_H

#include "lib/format/format.h"
#include "lib/format/template.h"

#define LG_TEMPLATES 4

/* Frames out of bytes, by enum lg_framing. */
struct lg_framer {
    int (*next)(struct lg_sse *s, struct lg_frame *out);
    int (*end)(struct lg_sse *s, struct lg_frame *out);
};
extern const struct lg_framer lg_framers[];

struct lg_feed {
    const struct lg_format *format;
    void *decoder;
    unsigned ntpl, next_tpl, last_tpl; /* known, replaced next, hit last */
    unsigned max_tpl; /* tests: 0 puts every frame on the tape road */
    int complete;     /* the terminator was seen */
    int over;         /* it, or an error: later frames are not read */
    int err;
    struct lg_frame frame; /* the one whose events were put last */
    struct lg_sse sse;
    uint64_t by_template, by_tape; /* frames read on either road */
    struct lg_ctx ctx;
    struct lg_arena scratch; /* of one frame */
    struct lg_template *tpl[LG_TEMPLATES];
};

/* `ctx` is copied; its arena is replaced by one of the feed's own, `keep` holds
 * the decoder. `max`: the most bytes of one frame. */
int lg_feed_init(struct lg_feed *f, const struct lg_format *format,
                 const struct lg_ctx *ctx, size_t max);
void lg_feed_done(struct lg_feed *f);
/* What was put is needed no more: give the memory back that it was in. */
void lg_feed_rest(struct lg_feed *f);
/* Lend bytes, until lg_feed_next() said 0. */
void lg_feed_bytes(struct lg_feed *f, const char *p, size_t n);
/* Read one frame and put its events: 1, then f->frame is the frame; 0: needs
 * more bytes; negative: failed, for good (LLMGW_E_PROTOCOL: the frame could
 * not be understood). */
int lg_feed_next(struct lg_feed *f, struct lg_ir_sink *sink);
/* The event of the next frame, if it is one more like the last that was
 * recognised; f->frame.raw is that frame. NULL: ask lg_feed_next(), which it is
 * left to unless lg_feed_skip() is called. No sink is told. */
const struct lg_ir_event *lg_feed_repeat(struct lg_feed *f);
static inline void lg_feed_skip(struct lg_feed *f)
{
    lg_sse_skip(&f->sse, f->frame.raw.n);
    f->by_template++;
}
/* The body ended. Puts what is left; f->frame is what stood there without its
 * blank line, if anything did. 0 if complete, else LLMGW_E_TRUNCATED. */
int lg_feed_end(struct lg_feed *f, struct lg_ir_sink *sink);

#endif
