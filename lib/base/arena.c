/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <llmgw/llmgw.h>
#include <stdalign.h>

#include "lib/base/mem.h"

struct lg_block {
    struct lg_block *older;
    size_t n, cap;
    alignas(max_align_t) char data[];
};

#define ALIGN         sizeof(max_align_t)
#define FIRST_DEFAULT 4096
#define BLOCK_MAX     (1u << 20) /* beyond it blocks stop doubling */

void lg_arena_init(struct lg_arena *a, size_t first, size_t max)
{
    *a = (struct lg_arena){.max = max, .first = first ? first : FIRST_DEFAULT};
}

void lg_arena_reset(struct lg_arena *a)
{
    struct lg_block *keep = NULL;

    for (struct lg_block *b = a->head, *older; b; b = older) {
        older = b->older;
        if (!keep || b->cap > keep->cap) {
            lg_free(keep);
            keep = b;
        } else {
            lg_free(b);
        }
    }
    if (keep) {
        keep->older = NULL;
        keep->n = 0;
    }
    a->head = keep;
    a->used = keep ? keep->cap : 0;
    a->err = 0;
}

void lg_arena_done(struct lg_arena *a)
{
    for (struct lg_block *b = a->head, *older; b; b = older) {
        older = b->older;
        lg_free(b);
    }
    a->head = NULL;
    a->used = 0;
}

static struct lg_block *add_block(struct lg_arena *a, size_t n)
{
    size_t cap = a->head ? a->head->cap * 2 : a->first;
    struct lg_block *b;

    if (cap > BLOCK_MAX)
        cap = BLOCK_MAX;
    if (cap < n)
        cap = n;
    if (n > a->max || a->used > a->max - n) {
        a->err = LLMGW_E_LIMIT;
        return NULL;
    }
    if (cap > a->max - a->used)
        cap = a->max - a->used;
    b = lg_alloc(sizeof(*b) + cap);
    if (!b) {
        a->err = LLMGW_E_NOMEM;
        return NULL;
    }
    *b = (struct lg_block){.older = a->head, .cap = cap};
    a->head = b;
    a->used += cap;
    return b;
}

void *lg_arena_raw(struct lg_arena *a, size_t n)
{
    struct lg_block *b = a->head;
    const size_t size = (n + ALIGN - 1) & ~(ALIGN - 1);
    void *p;

    if (size < n) {
        a->err = LLMGW_E_LIMIT;
        return NULL;
    }
    if (!b || size > b->cap - b->n)
        b = add_block(a, size);
    if (!b)
        return NULL;
    p = b->data + b->n;
    b->n += size;
    return p;
}

void *lg_arena_alloc(struct lg_arena *a, size_t n)
{
    void *p = lg_arena_raw(a, n);

    return p ? memset(p, 0, n) : NULL;
}

void *lg_arena_grow(struct lg_arena *a, void *p, size_t old, size_t n)
{
    struct lg_block *b = a->head;
    const size_t was = (old + ALIGN - 1) & ~(ALIGN - 1);
    const size_t size = (n + ALIGN - 1) & ~(ALIGN - 1);
    void *moved;

    if (p && b && (char *)p + was == b->data + b->n && size >= n &&
        size - was <= b->cap - b->n) {
        b->n += size - was;
        return p;
    }
    moved = lg_arena_raw(a, n);
    if (moved && p)
        memcpy(moved, p, old);
    return moved;
}

char *lg_arena_dup(struct lg_arena *a, struct lg_str s)
{
    char *p = s.n == (size_t)-1 ? NULL : lg_arena_raw(a, s.n + 1);

    if (!p)
        return NULL;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}
