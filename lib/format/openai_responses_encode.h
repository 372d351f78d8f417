/* SPDX-License-Identifier: MIT
 *
 * The state of a stream that is written. All that was said is kept: it is told
 * again as each part is done, and all of it with the response at the end. */
#ifndef LG_FORMAT_OPENAI_RESPONSES_ENCODE_H
#define LG_FORMAT_OPENAI_RESPONSES_ENCODE_H

#include "lib/format/openai_responses.h"

/* A part of an item. Its text grows in the arena of the call. */
struct lg_or_piece {
    struct lg_ir_part part;   /* first member */
    struct lg_or_piece *open; /* opened before it */
    struct lg_or_item *item;
    int32_t index;        /* of the event's part */
    int64_t content;      /* of the item */
    struct lg_str prefix; /* of a delta's frame, up to its piece */
    char *text, *citations;
    size_t n, cap, ncited, capcited;
    uint8_t piece; /* the event that adds to it */
    uint8_t begun; /* its first frame was written */
};

struct lg_or_item {
    struct lg_or_item *next;
    struct lg_str id;
    struct lg_or_piece *first, *last;
    size_t n;
    int64_t output;
    unsigned open; /* so many pieces are */
    uint8_t kind;  /* enum lg_or_kind */
    uint8_t state; /* enum lg_or_state: ADDED until it is done */
};

struct lg_or_encoder {
    struct lg_or_item *items, **last; /* all of them: they are told again */
    struct lg_or_item *message;       /* to which texts are added */
    struct lg_or_piece *open, *at;    /* newest first; the one last fed */
    struct lg_ir_head head;
    struct lg_ir_usage usage;
    struct lg_ir_stop stop;
    int64_t sequence;
    size_t nitems;
    int calls, refuses, started, over, told_choice;
};

/* An event being written. */
struct lg_or_writing {
    struct lg_writer w;
    struct lg_or_encoder *e;
    struct lg_frames *out;
};

/* A value that lives as long as the call. */
void lg_or_enc_keep(struct lg_or_writing *wr, struct lg_ir_val *v);
/* A frame, up to its first member; the object stays open. */
void lg_or_enc_begin(struct lg_or_writing *wr, const char *event,
                     const char *suffix);
void lg_or_enc_end(struct lg_or_writing *wr);

/* A part that opens; NULL: nothing can say it. */
struct lg_or_piece *lg_or_enc_open(struct lg_or_writing *wr,
                                   const struct lg_ir_part *part,
                                   int32_t index);
/* The one that is open; NULL: none. */
struct lg_or_piece *lg_or_enc_find(struct lg_or_encoder *e, int32_t index);
void lg_or_enc_text(struct lg_or_writing *wr, struct lg_or_piece *p,
                    struct lg_str text);
/* The same for a piece whose delta was written before. */
int lg_or_enc_add(struct lg_or_encoder *e, struct lg_ctx *c,
                  struct lg_or_piece *p, struct lg_str text,
                  struct lg_frames *out);
void lg_or_enc_part_end(struct lg_or_writing *wr, struct lg_or_piece *p);
/* An item that may go on ends. */
void lg_or_enc_close(struct lg_or_writing *wr, struct lg_or_item *item,
                     enum lg_or_state state);
void lg_or_enc_item(struct lg_or_writing *wr, const struct lg_or_item *item,
                    enum lg_or_state state);

/* Events. */
void lg_or_enc_part(struct lg_or_writing *wr, const struct lg_ir_event *ev);
void lg_or_enc_piece(struct lg_or_writing *wr, const struct lg_ir_event *ev);
void lg_or_enc_signature(struct lg_or_writing *wr,
                         const struct lg_ir_event *ev);
void lg_or_enc_citation(struct lg_or_writing *wr, const struct lg_ir_event *ev);

#endif
