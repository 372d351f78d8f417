/* SPDX-License-Identifier: MIT
 *
 * A fold, and events whose memory is gone as soon as they have been put. */
#ifndef TESTS_UNIT_LIB_IR_FOLD_FIXTURE_H
#define TESTS_UNIT_LIB_IR_FOLD_FIXTURE_H

#include "lib/ir/fold.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAX (1u << 20)

struct fixture {
    struct lg_arena arena;
    struct lg_fold fold;
    void *lent[64]; /* what the next event borrows; gone after it */
    size_t nlent;
};

static inline int setup(void **state)
{
    struct fixture *x = calloc(1, sizeof(*x));

    if (!x)
        return -1;
    lg_arena_init(&x->arena, 0, MAX);
    lg_fold_init(&x->fold, &x->arena, LG_FOLD_ALL, MAX, NULL);
    *state = x;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *x = *state;

    lg_fold_done(&x->fold);
    lg_arena_done(&x->arena);
    free(x);
    return 0;
}

static inline struct lg_str lend(struct fixture *x, const char *s)
{
    const size_t n = strlen(s);
    char *p = malloc(n ? n : 1);

    assert_non_null(p);
    memcpy(p, s, n);
    x->lent[x->nlent++] = p;
    return lg_str_from(p, n);
}

static inline struct lg_ir_val val(struct fixture *x, enum lg_json_kind kind,
                                   const char *s)
{
    return (struct lg_ir_val){lend(x, s), 7, (uint8_t)kind, 0};
}

static inline struct lg_ir_val str(struct fixture *x, const char *s)
{
    return val(x, LG_JSON_STRING, s);
}

static inline int put(struct fixture *x, struct lg_ir_event ev)
{
    const int rc = lg_fold_event(&x->fold, &ev);

    while (x->nlent)
        free(x->lent[--x->nlent]);
    return rc;
}

static inline void piece(struct fixture *x, enum lg_event_kind kind,
                         uint16_t choice, int32_t index, const char *text)
{
    assert_int_equal(put(x, (struct lg_ir_event){.kind = (uint8_t)kind,
                                                 .choice = choice,
                                                 .index = index,
                                                 .text = lend(x, text)}),
                     0);
}

static inline int try_part(struct fixture *x, int32_t index,
                           const struct lg_ir_part *part)
{
    return put(x, (struct lg_ir_event){
                      .kind = LG_EV_PART, .index = index, .u.part = part});
}

static inline void part(struct fixture *x, int32_t index,
                        const struct lg_ir_part *part)
{
    assert_int_equal(try_part(x, index, part), 0);
}

static inline void plain(struct fixture *x, enum lg_event_kind kind,
                         int32_t index)
{
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = (uint8_t)kind, .index = index}), 0);
}

static inline void assert_val(const struct lg_ir_val *v, enum lg_json_kind kind,
                              const char *s)
{
    assert_int_equal(v->kind, kind);
    assert_int_equal(v->s.n, strlen(s));
    assert_memory_equal(v->s.p, s, v->s.n);
}

static inline const struct lg_ir_part *nth(struct fixture *x, size_t n)
{
    const struct lg_ir_part *p = lg_fold_answer(&x->fold)->first.parts;

    while (n--) {
        assert_non_null(p);
        p = p->next;
    }
    assert_non_null(p);
    return p;
}

static inline size_t count(const struct lg_ir_part *p)
{
    size_t n = 0;

    for (; p; p = p->next)
        n++;
    return n;
}

static inline void use(struct fixture *x, int64_t output, const char *raw)
{
    struct lg_ir_usage u = LG_USAGE_NONE;

    u.output = output;
    if (raw)
        u.raw = val(x, LG_JSON_OBJECT, raw);
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = LG_EV_USAGE, .u.usage = &u}), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
