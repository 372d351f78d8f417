/* SPDX-License-Identifier: MIT
 *
 * Memory with one end: everything taken from an arena goes at once. */
#ifndef LG_BASE_ARENA_H
#define LG_BASE_ARENA_H

#include "lib/base/str.h"

struct lg_block;

struct lg_arena {
    struct lg_block *head; /* the one being filled; older ones behind it */
    size_t used, max;      /* bytes in all blocks, and the ceiling for them */
    size_t first;          /* size of the first block */
    int err;               /* why the last lg_arena_alloc() gave NULL */
};

/* `first`: the size of the first block, 0 for the default (4096 bytes);
 * `max`: the ceiling of all of them. Allocates nothing yet. */
void lg_arena_init(struct lg_arena *a, size_t first, size_t max);
/* Forget what was taken, keep one block (the largest) for next time. */
void lg_arena_reset(struct lg_arena *a);
void lg_arena_done(struct lg_arena *a);

/* Zeroed and aligned for any type; NULL with a->err LLMGW_E_NOMEM or _E_LIMIT. */
void *lg_arena_alloc(struct lg_arena *a, size_t n);
/* The same, uninitialised. */
void *lg_arena_raw(struct lg_arena *a, size_t n);
/* Make what was taken last larger, in place if it can be, else by a copy.
 * `p` may be NULL. */
void *lg_arena_grow(struct lg_arena *a, void *p, size_t old, size_t n);
/* A NUL-terminated copy. */
char *lg_arena_dup(struct lg_arena *a, struct lg_str s);

#define lg_arena_new(a, type) ((type *)lg_arena_alloc((a), sizeof(type)))

#endif
