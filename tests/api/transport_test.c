/* SPDX-License-Identifier: MIT
 *
 * A host's transport that fails. */
#include "tests/api/api.h"

#include <llmgw/transport.h>

static struct {
    llmgw_exchange *x;
    int pumped, cancelled;
} broken;

static int start(void *self, llmgw_exchange *x)
{
    (void)self;
    broken.x = x;
    return 0;
}

static int pump(void *self, int64_t timeout_ms)
{
    (void)self;
    (void)timeout_ms;
    broken.pumped++;
    return LLMGW_E_NOMEM;
}

static void cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    assert_ptr_equal(x, broken.x);
    broken.cancelled++;
}

/* Asked again and again it would say the same until the deadline. */
static void ends_what_it_carried(void **state)
{
    const llmgw_transport t = {
        .size = sizeof(t), .start = start, .pump = pump, .cancel = cancel};
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;

    (void)state;
    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "providers.anthropic.api_key", "k"),
                     0);
    assert_int_equal(llmgw_options_set(o, "timeout.total_ms", "5000"), 0);
    assert_int_equal(llmgw_options_set_transport(o, &t, NULL), 0);
    assert_int_equal(llmgw_client_new(o, &c, &e), 0);
    assert_int_equal(llmgw_messages_create(c, NULL,
                                           "{\"model\":\"anthropic/m\"}",
                                           LLMGW_NUL_TERMINATED, &r, &e),
                     LLMGW_E_NOMEM);
    assert_null(r);
    assert_string_equal(llmgw_error_provider(e), "anthropic");
    assert_int_equal(broken.pumped, 1);
    assert_int_equal(broken.cancelled, 1);
    llmgw_error_free(e);
    llmgw_client_free(c);
    llmgw_options_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_what_it_carried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
