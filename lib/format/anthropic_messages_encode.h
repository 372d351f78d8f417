/* SPDX-License-Identifier: MIT
 *
 * A stream being written. Blocks stand one behind another in it: of parts that
 * grow side by side the later ones wait, as frames, until the earlier are
 * closed. */
#ifndef LG_FORMAT_ANTHROPIC_MESSAGES_ENCODE_H
#define LG_FORMAT_ANTHROPIC_MESSAGES_ENCODE_H

#include "lib/format/anthropic_messages.h"

/* A frame that waits. */
struct lg_am_waiting {
    struct lg_am_waiting *next;
    struct lg_str frame;
};

struct lg_am_block {
    struct lg_am_block *next; /* opened after it */
    int32_t index;            /* of its part */
    int32_t wire;             /* as the stream counts */
    uint8_t kind;             /* enum lg_part_kind */
    uint8_t piece;            /* the event that adds to it */
    uint8_t custom;           /* its input is text, to stand in an object */
    uint8_t fast;             /* pieces are copied between prefix and tail */
    uint8_t skip;             /* the next piece stood in the opening ... */
    uint8_t skip_blob;        /* ... and so did the signature */
    uint8_t ended;
    uint8_t prefix_n;
    char prefix[160]; /* of a delta's frame, up to its piece */
    struct lg_am_waiting *first, **last;
};

struct lg_am_encoder {
    struct lg_am_block *open; /* the first is written, the others wait */
    struct lg_am_block **last;
    int32_t wire;
    int started, calls, refused, told_choice;
    struct lg_str held; /* of our own: message_start up to its usage */
    struct lg_ir_val usage_raw;
    struct lg_ir_usage usage;
    struct lg_ir_stop stop;
};

/* An event being written. */
struct lg_am_writing {
    struct lg_am_writer a;
    struct lg_am_encoder *e;
    struct lg_frames *out;
    size_t mark; /* where the frame begins */
};

/* Behind a piece of text, to the end of its frame. */
#define LG_AM_TAIL "\"}}\n\n"

/* event, data and the type; the object stays open. */
void lg_am_begin_frame(struct lg_am_writing *w, const char *name);
/* The object closes. */
void lg_am_end_frame(struct lg_am_writing *w, struct lg_am_block *b);
/* The frame is done. It belongs to `b`; NULL: to none. */
void lg_am_frame_done(struct lg_am_writing *w, struct lg_am_block *b);
/* A copy for as long as the call lasts. */
struct lg_str lg_am_keep_text(struct lg_am_writing *w, struct lg_str s);

/* ---- _encode_block.c ------------------------------------------------------ */

/* The block of a part; NULL: it has ended, or was left out. */
struct lg_am_block *lg_am_find_block(const struct lg_am_encoder *e,
                                     int32_t index);
void lg_am_write_part(struct lg_am_writing *w, const struct lg_ir_event *ev);
void lg_am_write_piece(struct lg_am_writing *w, const struct lg_ir_event *ev);
void lg_am_write_signature(struct lg_am_writing *w,
                           const struct lg_ir_event *ev);
void lg_am_write_citation(struct lg_am_writing *w,
                          const struct lg_ir_event *ev);
void lg_am_end_block(struct lg_am_writing *w, struct lg_am_block *b,
                     const struct lg_ir_extra *extra);

#endif
