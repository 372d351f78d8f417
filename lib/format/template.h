/* SPDX-License-Identifier: MIT
 *
 * A frame seen before, with gaps where it may vary: a frame that has the same
 * bytes around its gaps means the same but for the text in them. */
#ifndef LG_FORMAT_TEMPLATE_H
#define LG_FORMAT_TEMPLATE_H

#include "lib/ir/event.h"
#include "lib/wire/sse.h"

enum lg_gap {
    LG_GAP_END,   /* none: the frame ends */
    LG_GAP_LEAF,  /* the body of the string that is the event's text */
    LG_GAP_HOLE,  /* a string body that says nothing */
    LG_GAP_COUNT, /* digits that say nothing */
    LG_GAP_PAD    /* spaces between tokens */
};
#define LG_GAPS 4

struct lg_template {
    struct lg_buf bytes; /* the frame without its gaps */
    struct {
        uint64_t word, mask; /* the bytes, if they are no more than eight */
        size_t n;            /* bytes before the gap, from the last one on */
        enum lg_gap gap;
    } piece[LG_GAPS + 1];
    size_t data, tail;   /* how far the data are from the frame's ends */
    size_t name, name_n; /* where its event name is */
    struct lg_ir_event event;
};

/* NULL without memory. It matches nothing before it has learnt. `max`: the most
 * bytes of a frame. */
struct lg_template *lg_template_new(size_t max);
void lg_template_free(struct lg_template *t);
/* Does `text` begin with such a frame? Then t->event is its event, and how
 * long it is is returned; else 0. */
size_t lg_template_match(struct lg_template *t, struct lg_str text);
/* The frame that matched, `raw`. */
struct lg_frame lg_template_frame(const struct lg_template *t,
                                  struct lg_str raw);
/* Learn from a frame whose one event is `ev`; ev->text, and `hole` if it has
 * any, are string bodies in it, `number` is a number. 1, 0 if the frame is none to learn from and
 * `t` is as it was, or negative: `t` is spoilt. */
int lg_template_learn(struct lg_template *t, const struct lg_frame *frame,
                      const struct lg_ir_event *ev, struct lg_str hole,
                      struct lg_str number);

#endif
