/* SPDX-License-Identifier: MIT */
#include "lib/ir/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_stop_names(void **state)
{
    static const char *const want[] = {
        "end", "length", "tool", "stop_sequence", "refusal", "pause", "other"};

    (void)state;
    assert_null(lg_stop_name(LG_STOP_NONE));
    for (size_t i = 0; i < LG_COUNT(want); i++)
        assert_string_equal(lg_stop_name((enum lg_stop)(i + 1)), want[i]);
    assert_null(lg_stop_name((enum lg_stop)(LG_STOP_OTHER + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stop_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
