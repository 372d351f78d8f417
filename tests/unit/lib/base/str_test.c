/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/base/str.h"

static void test_same(void **state)
{
    const struct lg_str none = {0};

    (void)state;
    assert_true(lg_str_same(none, LG_STR("")));
    assert_true(lg_str_same(LG_STR("a\0b"), lg_str_from("a\0bc", 3)));
    assert_false(lg_str_same(LG_STR("a\0b"), LG_STR("a\0c")));
    assert_false(lg_str_same(LG_STR("a"), LG_STR("ab")));
    assert_true(lg_str_is(LG_STR("ab"), "ab"));
    assert_false(lg_str_is(LG_STR("ab"), "abc"));
    assert_int_equal(lg_str_of(NULL).n, 0);
    assert_null(lg_str_of(NULL).p);
    assert_true(lg_str_starts(LG_STR("abc"), LG_STR("ab")));
    assert_true(lg_str_starts(LG_STR("abc"), LG_STR("")));
    assert_false(lg_str_starts(LG_STR("ab"), LG_STR("abc")));
}

static void test_nocase(void **state)
{
    (void)state;
    assert_true(
        lg_str_same_nocase(LG_STR("Content-TYPE"), LG_STR("content-type")));
    assert_false(lg_str_same_nocase(LG_STR("a"), LG_STR("ab")));
    assert_false(lg_str_same_nocase(LG_STR("@[`{"), LG_STR("`{@[")));
    assert_false(lg_str_same_nocase(LG_STR("\xC9"), LG_STR("\xE9")));
}

static void test_trim(void **state)
{
    (void)state;
    assert_true(lg_str_is(lg_str_trim(LG_STR(" \t\r\na b\n ")), "a b"));
    assert_true(lg_str_is(lg_str_trim(LG_STR("ab")), "ab"));
    assert_int_equal(lg_str_trim(LG_STR(" \n ")).n, 0);
    assert_int_equal(lg_str_trim(LG_STR("")).n, 0);
    assert_true(lg_str_is(lg_str_trim(LG_STR("\v")), "\v"));
}

static void test_int(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e2",
                                      "--1",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "1:",
                                      "1/"};
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"-12", -12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        int64_t v = 42;

        assert_int_equal(lg_str_int(lg_str_of(bad[i]), &v), -1);
        assert_true(v == 42);
    }
    for (size_t i = 0; i < LG_COUNT(good); i++) {
        int64_t v = 42;

        assert_int_equal(lg_str_int(lg_str_of(good[i].text), &v), 0);
        assert_true(v == good[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_nocase),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_int),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
