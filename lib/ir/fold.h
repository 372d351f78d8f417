/* SPDX-License-Identifier: MIT
 *
 * Events folded into an answer. */
#ifndef LG_IR_FOLD_H
#define LG_IR_FOLD_H

#include "lib/ir/event.h"

struct lg_ir_choice {
    struct lg_ir_choice *next;
    uint16_t index;
    struct lg_ir_part *parts;
    struct lg_ir_stop stop;
    struct lg_ir_extra *extra;
};

struct lg_ir_answer {
    const struct lg_format *origin;
    struct lg_ir_head head;
    struct lg_ir_choice first; /* others behind it */
    struct lg_ir_usage usage;
    int complete; /* LG_EV_END was seen */
};

enum lg_fold_mode {
    LG_FOLD_ALL,
    LG_FOLD_USAGE /* head, stop and usage; no parts */
};

struct lg_fold_part;

struct lg_fold {
    struct lg_arena *arena;
    enum lg_fold_mode mode;
    int err;
    size_t max;                       /* the most bytes of one part's text */
    struct lg_fold_part *part, *open; /* newest first; the one last fed */
    struct lg_fold_part **slots;      /* by choice and index, hashed */
    size_t nslots, nparts;
    int turn;
    struct lg_ir_answer answer;
    struct lg_arena usage[2]; /* answer.usage.raw is in one of them, in turn */
};

/* What is kept is copied into `arena`; the growing texts are on the heap until
 * lg_fold_done(). `origin`: the format the events come from. */
void lg_fold_init(struct lg_fold *f, struct lg_arena *arena,
                  enum lg_fold_mode mode, size_t max,
                  const struct lg_format *origin);
void lg_fold_done(struct lg_fold *f);
/* 0, LLMGW_E_NOMEM or LLMGW_E_LIMIT. */
int lg_fold_event(struct lg_fold *f, const struct lg_ir_event *ev);
/* The answer so far; its texts belong to the fold, until the next event. The
 * pieces of a part that is not made of pieces (OPAQUE) are its `text`. */
const struct lg_ir_answer *lg_fold_answer(struct lg_fold *f);

/* The later count wins where it is said. */
void lg_usage_count(struct lg_ir_usage *to, const struct lg_ir_usage *from);
/* The same; and `raw` objects are merged member by member into `arena`, a null
 * keeping what was there. */
int lg_usage_merge(struct lg_ir_usage *to, const struct lg_ir_usage *from,
                   struct lg_arena *arena);

#endif
