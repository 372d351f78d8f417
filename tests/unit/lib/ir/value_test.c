/* SPDX-License-Identifier: MIT */
#include "lib/ir/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct lg_ir_val val(enum lg_json_kind kind, const char *s)
{
    return (struct lg_ir_val){lg_str_of(s), LG_NOWHERE, (uint8_t)kind, 0};
}

static void test_is(void **state)
{
    struct lg_ir_val v = val(LG_JSON_STRING, "auto");

    (void)state;
    assert_true(lg_ir_is(&v, "auto"));
    assert_false(lg_ir_is(&v, "aut"));
    assert_false(lg_ir_is(&v, "autos"));
    assert_false(lg_ir_is(&v, ""));
    v = val(LG_JSON_STRING, "\\u0061ut\\u006f");
    assert_true(lg_ir_is(&v, "auto"));
    v = val(LG_JSON_STRING, "");
    assert_true(lg_ir_is(&v, ""));
    v = val(LG_JSON_NULL, "null");
    assert_false(lg_ir_is(&v, "null"));
    v = (struct lg_ir_val){0};
    assert_false(lg_ir_is(&v, ""));
    v = val(LG_JSON_STRING, "{}");
    v.in_string = 1;
    assert_false(lg_ir_is(&v, "{}"));
}

static void test_int(void **state)
{
    static const struct {
        enum lg_json_kind kind;
        const char *s;
        int ok;
        int64_t want;
    } cases[] = {
        {LG_JSON_NUMBER, "0", 1, 0},
        {LG_JSON_NUMBER, "-7", 1, -7},
        {LG_JSON_NUMBER, "9223372036854775807", 1, INT64_MAX},
        {LG_JSON_NUMBER, "-9223372036854775808", 1, INT64_MIN},
        {LG_JSON_NUMBER, "9223372036854775808", 0, 0},
        {LG_JSON_NUMBER, "1.0", 0, 0},
        {LG_JSON_NUMBER, "1e2", 0, 0},
        {LG_JSON_STRING, "1", 0, 0},
        {LG_JSON_TRUE, "true", 0, 0},
        {LG_JSON_NULL, "null", 0, 0},
        {LG_JSON_NONE, NULL, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        const struct lg_ir_val v = val(cases[i].kind, cases[i].s);
        int64_t got = 42;

        assert_int_equal(lg_ir_int(&v, &got), cases[i].ok ? 0 : -1);
        assert_true(got == (cases[i].ok ? cases[i].want : 42));
    }
}

static void test_of(void **state)
{
    static const char text[] = "{\"s\":\"a\\n\",\"n\":1.0,\"z\":null}";
    struct lg_arena a;
    struct lg_json doc;
    struct lg_ir_val v;

    (void)state;
    lg_arena_init(&a, 0, 1u << 20);
    assert_int_equal(lg_json_read(&doc, &a, LG_STR(text), NULL), 0);
    v = lg_ir_of(lg_val_get(lg_json_root(&doc), "s"));
    assert_int_equal(v.kind, LG_JSON_STRING);
    assert_true(lg_str_is(v.s, "a\\n"));
    assert_true(lg_ir_has(&v));
    assert_int_equal(v.tok, 2);
    v = lg_ir_of(lg_val_get(lg_json_root(&doc), "n"));
    assert_true(lg_str_is(v.s, "1.0"));
    v = lg_ir_of(lg_val_get(lg_json_root(&doc), "z"));
    assert_int_equal(v.kind, LG_JSON_NULL);
    assert_false(lg_ir_has(&v));
    v = lg_ir_of(lg_val_get(lg_json_root(&doc), "absent"));
    assert_int_equal(v.kind, LG_JSON_NONE);
    assert_int_equal(v.tok, LG_NOWHERE);
    lg_arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
