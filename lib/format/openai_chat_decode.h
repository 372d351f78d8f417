/* SPDX-License-Identifier: MIT
 *
 * The state of a stream that is read. */
#ifndef LG_FORMAT_OPENAI_CHAT_DECODE_H
#define LG_FORMAT_OPENAI_CHAT_DECODE_H

#include "lib/format/openai_chat.h"

struct lg_chat_call {
    struct lg_chat_call *next; /* begun before it */
    int64_t at;                /* its index on the wire; -1: had none */
    struct lg_str id, name;
    int32_t part; /* once it is open */
    uint8_t open; /* 1; and 2 once it ended */
    uint8_t custom, form;
};

/* What log probabilities a chunk had, without their brackets. */
struct lg_chat_logprobs {
    struct lg_chat_logprobs *next; /* of the chunk before */
    struct lg_str items;
};

struct lg_chat_choice {
    struct lg_chat_choice *next;
    uint16_t index;
    uint8_t stopped, refused;
    uint8_t kind, form;         /* of the open part, if there is one */
    int32_t open;               /* text, thinking or refusal; -1: none */
    int32_t text;               /* the last part of text; -1: none */
    int32_t parts;              /* how many were opened */
    int64_t detail;             /* index of the item that thinking came from */
    struct lg_chat_call *calls; /* newest first */
    unsigned ncalls;
    struct lg_chat_logprobs *logprobs; /* newest first; for our own format */
};

struct lg_chat_decoder {
    struct lg_chat_choice *choices;
    struct lg_str id;
    unsigned nchoices;
    int started, over, complete;
};

/* One frame being read. */
struct lg_chat_run {
    struct lg_ctx *c;
    struct lg_chat_decoder *d;
    struct lg_ir_sink *sink;
    struct lg_val root, f[8];
    struct lg_chat_choice *ch;
    unsigned puts, units; /* events, and those that a chunk would be made for */
    int changed;          /* state that later frames depend on */
    int held;             /* a call that is not open yet */
    uint8_t kind;         /* of the last event ... */
    struct lg_str text;   /* ... and its piece of text */
};

/* ---- openai_chat_decode.c ---------------------------------------------- */

/* One that is of no part; `what`: its head, usage, ... */
int lg_chat_put_of(struct lg_chat_run *r, enum lg_event_kind kind,
                   const void *what);
/* Put the head, once. */
int lg_chat_start(struct lg_chat_run *r);
/* An event of r->ch that stands for a piece of the chunk; `extra` is what the
 * chunk has beside it. */
int lg_chat_unit(struct lg_chat_run *r, enum lg_event_kind kind, int32_t index,
                 const void *what, struct lg_ir_extra *extra);
/* The same for a piece of text. */
int lg_chat_piece(struct lg_chat_run *r, enum lg_event_kind kind, int32_t index,
                  struct lg_str text, struct lg_ir_extra *extra);
/* One of r->ch that stands for none. */
int lg_chat_put_part(struct lg_chat_run *r, enum lg_event_kind kind,
                     int32_t index, const struct lg_ir_part *part);

/* ---- openai_chat_delta.c ----------------------------------------------- */

/* `extra`: what choice and chunk have beside the delta. */
int lg_chat_read_delta(struct lg_chat_run *r, struct lg_val delta,
                       struct lg_ir_extra *extra);
/* End the part that is open, if it is no call. */
int lg_chat_close_text(struct lg_chat_run *r);
/* What the chunk has beside an item, behind what the item has. */
struct lg_ir_extra *lg_chat_behind(struct lg_chat_run *r, struct lg_ir_extra *x,
                                   struct lg_ir_extra *rest);

/* ---- openai_chat_delta_call.c ------------------------------------------ */

int lg_chat_read_calls(struct lg_chat_run *r, struct lg_val list,
                       struct lg_ir_extra *extra);
int lg_chat_read_function_call(struct lg_chat_run *r, struct lg_val v,
                               struct lg_ir_extra *extra);
/* End the parts of r->ch. */
int lg_chat_close_all(struct lg_chat_run *r);

#endif
