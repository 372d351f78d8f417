/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_names(void **state)
{
    size_t n = 0;

    (void)state;
    for (; lg_providers[n]; n++) {
        const struct lg_provider *p = lg_providers[n];

        assert_string_equal(llmgw_provider_name(n), p->name);
        assert_ptr_equal(lg_provider_by_name(lg_str_of(p->name)), p);
    }
    assert_true(n > 0);
    assert_null(llmgw_provider_name(n));
    assert_null(llmgw_provider_name(n + 1));
    assert_null(llmgw_provider_name(SIZE_MAX));
    assert_null(lg_provider_by_name(LG_STR("")));
    assert_null(lg_provider_by_name(LG_STR("Anthropic")));
    assert_null(lg_provider_by_name(LG_STR("anthropicx")));
}

/* What they are made of holds together. */
static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; lg_providers[i]; i++) {
        const struct lg_provider *p = lg_providers[i];

        assert_non_null(p->formats[0]);
        assert_non_null(p->request_id_headers);
        assert_true(!p->auth || lg_auth_by_name(p->auth));
        for (size_t k = 0; p->formats[k]; k++) {
            const struct lg_endpoint *e = p->endpoints;

            assert_non_null(lg_format_by_name(lg_str_of(p->formats[k])));
            while (e->format && strcmp(e->format, p->formats[k]) != 0)
                e++;
            assert_non_null(e->format);
            assert_true(e->path[0] == '/');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
