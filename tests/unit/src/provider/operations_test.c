/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_operations(void **state)
{
    size_t n = 0;

    (void)state;
    for (; llmgw_operation_name(n); n++) {
        const struct lg_operation *o =
            lg_operation_by_name(llmgw_operation_name(n));

        assert_ptr_equal(o, &lg_operations[n]);
        assert_non_null(lg_format_by_name(lg_str_of(o->format)));
    }
    assert_null(llmgw_operation_name(n + 1));
    assert_null(llmgw_operation_name(SIZE_MAX));
    assert_string_equal(lg_operation_by_name("messages")->format,
                        "anthropic-messages");
    assert_string_equal(lg_operation_by_name("chat")->format, "openai-chat");
    assert_null(lg_operation_by_name("Chat"));
    assert_null(lg_operation_by_name(""));
    assert_null(lg_operation_by_name(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
