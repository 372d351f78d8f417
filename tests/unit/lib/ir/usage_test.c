/* SPDX-License-Identifier: MIT */
#include "lib/ir/fold.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/base/buf.h"

static struct lg_ir_usage with_raw(const char *raw)
{
    struct lg_ir_usage u = LG_USAGE_NONE;

    u.raw = (struct lg_ir_val){lg_str_of(raw), 1, LG_JSON_OBJECT, 0};
    return u;
}

static void test_counts(void **state)
{
    struct lg_ir_usage to = LG_USAGE_NONE;
    const struct lg_ir_usage a = {10, 1, -1, 3, 4, -1, {{0}, 0, 0, 0}},
                             b = {-1, 25, 0, -1, 0, 7, {{0}, 0, 0, 0}};
    struct lg_arena arena;

    (void)state;
    lg_arena_init(&arena, 0, 1u << 20);
    assert_int_equal(lg_usage_merge(&to, &a, &arena), 0);
    assert_int_equal(lg_usage_merge(&to, &b, &arena), 0);
    assert_int_equal(to.input, 10);
    assert_int_equal(to.output, 25);
    assert_int_equal(to.thinking, 0);
    assert_int_equal(to.cache_read, 3);
    assert_int_equal(to.cache_write, 0);
    assert_int_equal(to.cache_write_1h, 7);
    assert_int_equal(to.raw.kind, LG_JSON_NONE);
    assert_int_equal(arena.used, 0);
    lg_arena_done(&arena);
}

static void test_raw(void **state)
{
    static const struct {
        const char *a, *b, *want;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":1,\"b\":2}", "{\"b\":3}", "{\"a\":1,\"b\":3}"},
        {"{\"a\":1}", "{\"b\":3}", "{\"a\":1,\"b\":3}"},
        {"{}", "{\"b\":3}", "{\"b\":3}"},
        {"{\"b\":3}", "{}", "{\"b\":3}"},
        {"{}", "{ }", "{}"},
        {"{\"a\":1,\"b\":2}", "{\"a\":null,\"c\":null}",
         "{\"a\":1,\"b\":2,\"c\":null}"},
        {"{\"a\":null}", "{\"a\":7}", "{\"a\":7}"},
        {"{\"a\":{\"x\":1}}", "{\"a\":{\"y\":2}}", "{\"a\":{\"y\":2}}"},
        {"{\"n\":18446744073709551616}", "{\"m\":1.0e0}",
         "{\"n\":18446744073709551616,\"m\":1.0e0}"},
        {"{ \"a\" : [1, 2] , \"b\" : \"x\" }", "{\n\"b\":\t\"y\"\n}",
         "{\"a\":[1, 2],\"b\":\"y\"}"},
        {"{\"a\":1,\"a\":2}", "{\"a\":\"longer than both\"}",
         "{\"a\":\"longer than both\"}"},
        {"{\"a\":1}", "{\"b\":1,\"b\":2}", "{\"a\":1,\"b\":1}"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_ir_usage to = LG_USAGE_NONE;
        const struct lg_ir_usage a = with_raw(cases[i].a),
                                 b = with_raw(cases[i].b);
        struct lg_arena arena;

        lg_arena_init(&arena, 0, 1u << 20);
        assert_int_equal(lg_usage_merge(&to, &a, &arena), 0);
        assert_ptr_not_equal(to.raw.s.p, a.raw.s.p);
        assert_true(lg_str_same(to.raw.s, a.raw.s));
        assert_int_equal(lg_usage_merge(&to, &b, &arena), 0);
        assert_ptr_not_equal(to.raw.s.p, b.raw.s.p);
        assert_string_equal(to.raw.s.p, cases[i].want);
        assert_int_equal(to.raw.s.n, strlen(cases[i].want));
        lg_arena_done(&arena);
    }
}

static void test_null_keeps(void **state)
{
    struct lg_ir_usage to = LG_USAGE_NONE, null = LG_USAGE_NONE;
    const struct lg_ir_usage a = with_raw("{\"a\":1}");
    struct lg_arena arena;

    (void)state;
    lg_arena_init(&arena, 0, 1u << 20);
    null.raw = (struct lg_ir_val){LG_STR("null"), 1, LG_JSON_NULL, 0};
    assert_int_equal(lg_usage_merge(&to, &a, &arena), 0);
    assert_int_equal(lg_usage_merge(&to, &null, &arena), 0);
    assert_string_equal(to.raw.s.p, "{\"a\":1}");
    lg_arena_done(&arena);
}

/* Of objects too large to be a usage the later one is taken whole. */
static void test_large(void **state)
{
    struct lg_ir_usage to = LG_USAGE_NONE;
    struct lg_ir_usage u;
    struct lg_arena arena;
    struct lg_buf big;

    (void)state;
    lg_arena_init(&arena, 0, 1u << 24);
    lg_buf_init(&big, 1u << 20);
    lg_buf_lit(&big, "{\"z\":0");
    for (int i = 0; i < 10000; i++)
        lg_buf_printf(&big, ",\"k%d\":%d", i, i);
    lg_buf_lit(&big, "}");
    u = with_raw("{\"a\":1}");
    assert_int_equal(lg_usage_merge(&to, &u, &arena), 0);
    u = with_raw(big.p);
    assert_int_equal(lg_usage_merge(&to, &u, &arena), 0);
    assert_string_equal(to.raw.s.p, big.p);
    lg_buf_done(&big);
    lg_arena_done(&arena);
}

static void test_no_memory(void **state)
{
    struct lg_ir_usage to = LG_USAGE_NONE;
    const struct lg_ir_usage a = with_raw("{\"a\":1}"),
                             b = with_raw("{\"b\":1}");
    struct lg_arena arena;
    int rc = 0;

    (void)state;
    lg_arena_init(&arena, 32, 32);
    assert_int_equal(lg_usage_merge(&to, &a, &arena), 0);
    rc = lg_usage_merge(&to, &b, &arena);
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_string_equal(to.raw.s.p, "{\"a\":1}");
    lg_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),     cmocka_unit_test(test_raw),
        cmocka_unit_test(test_null_keeps), cmocka_unit_test(test_large),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
