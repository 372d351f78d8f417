/* SPDX-License-Identifier: MIT */
#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/base/arena.h"

/* Everything taken stays what it was, aligned, and apart from the rest. */
static void test_take(void **state)
{
    struct lg_arena a;
    unsigned char *taken[200];

    (void)state;
    lg_arena_init(&a, 64, 1 << 20);
    assert_null(a.head);
    for (size_t i = 0; i < LG_COUNT(taken); i++) {
        taken[i] = lg_arena_alloc(&a, i);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < i; k++) {
            assert_int_equal(taken[i][k], 0);
            taken[i][k] = (unsigned char)i;
        }
    }
    for (size_t i = 0; i < LG_COUNT(taken); i++)
        for (size_t k = 0; k < i; k++)
            assert_int_equal(taken[i][k], i);
    lg_arena_done(&a);
    assert_int_equal(a.used, 0);
}

static void test_grow(void **state)
{
    struct lg_arena a;
    char *p, *moved;

    (void)state;
    lg_arena_init(&a, 256, 1 << 20);
    p = lg_arena_grow(&a, NULL, 0, 16);
    assert_non_null(p);
    memset(p, 'a', 16);
    assert_ptr_equal(lg_arena_grow(&a, p, 16, 100), p); /* it is the last */
    memset(p, 'b', 100);
    moved = lg_arena_grow(&a, p, 100, 1000); /* and too large now */
    assert_ptr_not_equal(moved, p);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(moved[i], 'b');
    memset(moved, 'c', 1000);
    assert_non_null(lg_arena_raw(&a, 8));
    p = lg_arena_grow(&a, moved, 1000, 1001); /* somebody is behind it */
    assert_ptr_not_equal(p, moved);
    assert_memory_equal(p, moved, 1000);
    lg_arena_done(&a);
}

static void test_reset(void **state)
{
    struct lg_arena a;
    struct lg_block *head;

    (void)state;
    lg_arena_init(&a, 64, 1 << 20);
    lg_arena_reset(&a);
    assert_null(a.head);
    for (int i = 0; i < 20; i++)
        assert_non_null(lg_arena_raw(&a, 100));
    lg_arena_reset(&a);
    head = a.head;
    assert_non_null(head);
    assert_non_null(lg_arena_raw(&a, 100));
    assert_ptr_equal(a.head, head); /* kept, and large enough */
    lg_arena_done(&a);
}

static void test_ceiling(void **state)
{
    struct lg_arena a;

    (void)state;
    lg_arena_init(&a, 64, 1000);
    assert_null(lg_arena_raw(&a, 1001));
    assert_int_equal(a.err, LLMGW_E_LIMIT);
    assert_null(lg_arena_raw(&a, (size_t)-1));
    assert_int_equal(a.err, LLMGW_E_LIMIT);
    assert_null(lg_arena_alloc(&a, (size_t)-8));
    assert_non_null(lg_arena_raw(&a, 500));
    while (lg_arena_raw(&a, 100))
        assert_true(a.used <= 1000);
    assert_int_equal(a.err, LLMGW_E_LIMIT);
    assert_true(a.used <= 1000);
    lg_arena_reset(&a);
    assert_int_equal(a.err, 0);
    assert_non_null(lg_arena_raw(&a, 100));
    lg_arena_done(&a);
}

static void test_dup(void **state)
{
    struct lg_arena a;
    const char *p;

    (void)state;
    lg_arena_init(&a, 0, 1 << 20);
    p = lg_arena_dup(&a, lg_str_from("text and more", 4));
    assert_string_equal(p, "text");
    assert_string_equal(lg_arena_dup(&a, (struct lg_str){0}), "");
    assert_null(lg_arena_dup(&a, (struct lg_str){"", (size_t)-1}));
    lg_arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take),  cmocka_unit_test(test_grow),
        cmocka_unit_test(test_reset), cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_dup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
