/* SPDX-License-Identifier: MIT */
#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"

static void test_empty(void **state)
{
    struct lg_buf b;
    size_t n = 7;
    char *p;

    (void)state;
    lg_buf_init(&b, 10);
    assert_null(b.p);
    assert_string_equal(lg_buf_span(&b).p, "");
    assert_int_equal(lg_buf_span(&b).n, 0);
    lg_buf_reset(&b);
    p = lg_buf_take(&b, &n);
    assert_non_null(p);
    assert_string_equal(p, "");
    assert_int_equal(n, 0);
    lg_free(p);
}

static void test_append(void **state)
{
    struct lg_buf b;

    (void)state;
    lg_buf_init(&b, 1000);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(lg_buf_int(&b, i), 0);
        assert_int_equal(lg_buf_byte(&b, ' '), 0);
        assert_int_equal(b.p[b.n], '\0');
    }
    assert_int_equal(b.n, 10 * 2 + 90 * 3);
    assert_memory_equal(b.p, "0 1 2 3 ", 8);
    assert_memory_equal(b.p + b.n - 6, "98 99 ", 7);
    lg_buf_reset(&b);
    assert_string_equal(b.p, "");
    (void)lg_buf_lit(&b, "lit");
    (void)lg_buf_str(&b, LG_STR("\0str"));
    (void)lg_buf_printf(&b, "%d%%%s", 7, "x");
    assert_int_equal(b.n, 10);
    assert_memory_equal(b.p, "lit\0str7%x", 11);
    lg_buf_done(&b);
    assert_null(b.p);
    assert_int_equal(b.max, 1000);
}

static void test_int(void **state)
{
    struct lg_buf b;

    (void)state;
    lg_buf_init(&b, 100);
    (void)lg_buf_int(&b, INT64_MIN);
    (void)lg_buf_int(&b, INT64_MAX);
    (void)lg_buf_int(&b, -1);
    assert_string_equal(b.p, "-92233720368547758089223372036854775807-1");
    lg_buf_done(&b);
}

static void test_room(void **state)
{
    struct lg_buf b;
    char *room;

    (void)state;
    lg_buf_init(&b, 300);
    (void)lg_buf_lit(&b, "a");
    room = lg_buf_room(&b, 299);
    assert_non_null(room);
    memset(room, 'x', 299);
    lg_buf_claim(&b, 3);
    assert_string_equal(b.p, "axxx");
    assert_null(lg_buf_room(&b, 297));
    assert_int_equal(b.err, LLMGW_E_LIMIT);
    lg_buf_done(&b);
}

/* At every ceiling: filled to the last byte, then refused for good. */
static void test_ceiling(void **state)
{
    (void)state;
    for (size_t max = 0; max < 200; max++) {
        struct lg_buf b;

        lg_buf_init(&b, max);
        for (size_t i = 0; i < max; i++)
            assert_int_equal(lg_buf_byte(&b, 'x'), 0);
        assert_int_equal(b.n, max);
        assert_int_equal(lg_buf_byte(&b, 'y'), LLMGW_E_LIMIT);
        assert_int_equal(lg_buf_add(&b, "", 0), LLMGW_E_LIMIT);
        assert_int_equal(lg_buf_printf(&b, "%d", 1), LLMGW_E_LIMIT);
        assert_int_equal(b.n, max);
        assert_null(lg_buf_take(&b, NULL));
        assert_int_equal(b.err, 0);
        lg_buf_done(&b);
    }
}

static void test_take(void **state)
{
    struct lg_buf b;
    size_t n;
    char *p;

    (void)state;
    lg_buf_init(&b, 100);
    (void)lg_buf_lit(&b, "bytes");
    p = lg_buf_take(&b, &n);
    assert_string_equal(p, "bytes");
    assert_int_equal(n, 5);
    assert_null(b.p);
    lg_free(p);
    assert_int_equal(lg_buf_lit(&b, "more"), 0);
    assert_string_equal(b.p, "more");
    lg_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_append),
        cmocka_unit_test(test_int),     cmocka_unit_test(test_room),
        cmocka_unit_test(test_ceiling), cmocka_unit_test(test_take),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
