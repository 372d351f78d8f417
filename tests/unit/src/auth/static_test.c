/* SPDX-License-Identifier: MIT */
#include "src/auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_headers(void **state)
{
    static const struct {
        const char *method, *name, *prefix;
    } cases[] = {
        {"x-api-key", "x-api-key", ""},
        {"bearer", "authorization", "Bearer "},
        {"token", "authorization", "Token "},
    };
    struct lg_secret *key = lg_secret_new("k", 1);

    (void)state;
    assert_non_null(key);
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_auth a = {lg_auth_by_name(cases[i].method), key};
        struct lg_auth_header h = {0};
        struct lg_err e = {0};

        assert_non_null(a.ops);
        assert_int_equal(a.ops->apply(&a, 0, &h, NULL, &e), LG_AUTH_READY);
        assert_string_equal(h.name, cases[i].name);
        assert_string_equal(h.prefix, cases[i].prefix);
        assert_ptr_equal(h.secret, key);
        a.key = NULL;
        assert_int_equal(a.ops->apply(&a, 0, &h, NULL, &e), LLMGW_E_AUTH);
        assert_null(h.secret);
        assert_non_null(strstr(e.text, "api_key"));
        assert_int_equal(a.ops->feed(&a, 0, NULL, &e), LLMGW_E_INVALID);
        a.ops->free(&a);
    }
    lg_secret_free(key);
}

static void test_none(void **state)
{
    struct lg_auth a = {lg_auth_by_name("none"), NULL};
    struct lg_auth_header h = {.name = "left over"};

    (void)state;
    assert_non_null(a.ops);
    assert_int_equal(a.ops->apply(&a, 0, &h, NULL, NULL), LG_AUTH_READY);
    assert_null(h.name);
    assert_null(h.secret);
}

static void test_names(void **state)
{
    (void)state;
    assert_null(lg_auth_by_name(NULL));
    assert_null(lg_auth_by_name(""));
    assert_null(lg_auth_by_name("Bearer"));
    for (size_t i = 0; lg_auth_methods[i]; i++)
        assert_ptr_equal(lg_auth_by_name(lg_auth_methods[i]->name),
                         lg_auth_methods[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
