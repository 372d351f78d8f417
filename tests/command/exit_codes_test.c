/* SPDX-License-Identifier: MIT
 *
 * Every error of the library has an exit code of the command. */
#include "examples/llmgw/exit_code.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* The library's own list: it has a name for each. */
static int is_code(int code)
{
    return strcmp(llmgw_strerror(code), "unknown error") != 0;
}

static void test_every_code_has_a_row(void **state)
{
    int codes = 0;

    (void)state;
    for (int code = -1; is_code(code); code--, codes++) {
        int rows = 0;

        for (size_t i = 0; i < exit_row_count; i++)
            rows += exit_rows[i].code == code;
        if (rows != 1)
            fail_msg("%s (%d) has %d rows", llmgw_strerror(code), code, rows);
    }
    assert_in_range(codes, 18, 256);
    assert_int_equal(exit_row_count, codes);
}

static void test_every_row_is_a_failure_that_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < exit_row_count; i++) {
        assert_in_range(exit_rows[i].exit, EXIT_OTHER, EXIT_CODES - 1);
        assert_int_equal(exit_code(exit_rows[i].code), exit_rows[i].exit);
    }
    for (int exit = 0; exit < EXIT_CODES; exit++)
        assert_true(strlen(exit_text(exit)) > 3);
}

static void test_promised_numbers(void **state)
{
    static const int promised[][2] = {
        {LLMGW_OK, 0},
        {LLMGW_E_NOMEM, 1},
        {LLMGW_E_OPTION, 2},
        {LLMGW_E_AUTH, 3},
        {LLMGW_E_RATE_LIMIT, 4},
        {LLMGW_E_REFUSED, 5},
        {LLMGW_E_UNSUPPORTED, 5},
        {LLMGW_E_CONNECT, 6},
        {LLMGW_E_TIMEOUT, 6},
        {LLMGW_E_PROTOCOL, 7},
        {LLMGW_E_TRUNCATED, 7},
        {LLMGW_E_JSON, 8},
        {LLMGW_E_PROVIDER, 9},
        {LLMGW_E_CANCELLED, 10},
        {LLMGW_E_LIMIT, 11},
        {-1000, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++)
        assert_int_equal(exit_code(promised[i][0]), promised[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_row),
        cmocka_unit_test(test_every_row_is_a_failure_that_is_explained),
        cmocka_unit_test(test_promised_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
