/* SPDX-License-Identifier: MIT
 *
 * What the tests of options share: one object, made anew for each test. */
#ifndef TESTS_SUPPORT_OPTIONS_H
#define TESTS_SUPPORT_OPTIONS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "src/gateway/options.h"

static llmgw_options *o;

static inline int setup(void **state)
{
    (void)state;
    return llmgw_options_new(&o);
}

static inline int teardown(void **state)
{
    (void)state;
    llmgw_options_free(o);
    return 0;
}

static inline void set(const char *key, const char *value)
{
    assert_int_equal(llmgw_options_set(o, key, value), 0);
    assert_null(llmgw_options_error(o));
}

static inline void is(const char *key, const char *want)
{
    const char *got = llmgw_options_get(o, key);

    if (!want) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, want);
    }
}

/* Fails, says where and something with `why` in it, and changes nothing. */
static inline void refuse(const char *key, const char *value, const char *why)
{
    char before[256] = "";
    const char *old = llmgw_options_get(o, key);
    const llmgw_error *e;

    if (old)
        (void)snprintf(before, sizeof(before), "%s", old);
    assert_int_equal(llmgw_options_set(o, key, value), LLMGW_E_OPTION);
    e = llmgw_options_error(o);
    assert_int_equal(llmgw_error_code(e), LLMGW_E_OPTION);
    assert_string_equal(key[0] ? llmgw_error_where(e) : "", key);
    if (!strstr(llmgw_error_message(e), why))
        fail_msg("%s=%s: %s", key, value, llmgw_error_message(e));
    is(key, old ? before : NULL);
}

static inline void load(const char *json, int want)
{
    assert_int_equal(llmgw_options_load(o, json, LLMGW_NUL_TERMINATED), want);
    assert_int_equal(llmgw_error_code(llmgw_options_error(o)), want);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
