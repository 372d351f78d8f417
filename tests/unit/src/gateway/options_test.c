/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "src/gateway/options.h"

#include <stdlib.h>

#include "src/gateway/cancel.h"
#include "tests/support/options.h"

static void env(const char *name, const char *value)
{
    if (value)
        assert_int_equal(setenv(name, value, 1), 0);
    else
        assert_int_equal(unsetenv(name), 0);
}

static void test_env(void **state)
{
    const llmgw_error *e;

    (void)state;
    env("ANTHROPIC_API_KEY", "sekrit");
    env("ANTHROPIC_BASE_URL", "");
    env("OPENAI_API_KEY", NULL);
    env("OPENAI_BASE_URL", "https://openai.example/v1");
    assert_int_equal(llmgw_options_load_env(NULL), LLMGW_E_INVALID);
    is("providers.anthropic.api_key", NULL);
    assert_int_equal(llmgw_options_load_env(o), 0);
    is("providers.anthropic.api_key", "***");
    is("providers.anthropic.base_url", NULL);
    is("providers.openai.api_key", NULL);
    is("providers.openai.base_url", "https://openai.example/v1");
    env("ANTHROPIC_API_KEY", "other");
    env("OPENAI_API_KEY", "sek\nrit");
    assert_int_equal(llmgw_options_load_env(o), LLMGW_E_OPTION);
    e = llmgw_options_error(o);
    assert_string_equal(llmgw_error_where(e), "providers.openai.api_key");
    assert_non_null(strstr(llmgw_error_message(e), "OPENAI_API_KEY"));
    assert_null(strstr(llmgw_error_message(e), "rit"));
    assert_string_equal(o->entries->secret->text, "sekrit");
}

/* ---- what is no text --------------------------------------------------- */

static int64_t read_none(void *user, void *buf, size_t cap)
{
    (void)user;
    (void)buf;
    return (int64_t)(cap - cap);
}

static int write_none(void *user, const void *data, size_t len)
{
    (void)user;
    (void)data;
    return (int)(len - len);
}

static void trace_none(void *user, const llmgw_trace *t)
{
    (void)user;
    (void)t;
}

static void test_callbacks(void **state)
{
    struct lg_settings s;
    int a, b;

    (void)state;
    lg_settings_defaults(&s);
    lg_settings_apply(&s, NULL);
    assert_int_equal(llmgw_options_set_trace(o, trace_none, &a), 0);
    assert_int_equal(llmgw_options_set_source(o, read_none, NULL, -2, &b),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_source(o, read_none, NULL, -1, &b), 0);
    assert_int_equal(llmgw_options_set_sink(o, write_none, &b), 0);
    lg_settings_apply(&s, o);
    assert_true(s.trace == trace_none && s.trace_user == &a);
    assert_true(s.read == read_none && s.read_user == &b && s.read_size == -1);
    assert_true(s.write == write_none && s.write_user == &b);
    /* taken out: what was there before stays */
    assert_int_equal(llmgw_options_set_trace(o, NULL, NULL), 0);
    assert_int_equal(llmgw_options_set_source(o, NULL, NULL, 0, NULL), 0);
    assert_int_equal(llmgw_options_set_sink(o, NULL, NULL), 0);
    lg_settings_apply(&s, o);
    assert_true(s.trace == trace_none && s.read == read_none &&
                s.write == write_none);
    assert_int_equal(llmgw_options_set_trace(NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_source(NULL, NULL, NULL, 0, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_sink(NULL, NULL, NULL), LLMGW_E_INVALID);
}

static void test_cancel(void **state)
{
    struct lg_settings s;
    llmgw_cancel *k = NULL, *k2 = NULL;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_cancel_new(&k2), 0);
    assert_int_equal(llmgw_options_set_cancel(NULL, k), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_cancel(o, k), 0);
    assert_int_equal(llmgw_options_set_cancel(o, k), 0);
    llmgw_cancel_free(k); /* the options keep it */
    lg_settings_defaults(&s);
    lg_settings_apply(&s, o);
    assert_ptr_equal(s.cancel, k);
    assert_false(lg_cancel_fired(s.cancel));
    assert_int_equal(llmgw_options_set_cancel(o, k2), 0);
    assert_int_equal(llmgw_options_set_cancel(o, NULL), 0);
    llmgw_cancel_free(k2);
}

static int start(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
    return 0;
}

static int pump(void *self, int64_t ms)
{
    (void)self;
    return (int)(ms - ms);
}

static void cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
}

static int ready(void *self, intptr_t fd, int events)
{
    (void)self;
    return (int)(fd - fd) + (events - events);
}

static void test_transport(void **state)
{
    llmgw_transport t = {
        .size = sizeof(t), .start = start, .pump = pump, .cancel = cancel};
    struct {
        llmgw_transport t;
        void *more;
    } newer = {.t = t};
    int self;

    (void)state;
    assert_int_equal(llmgw_options_set_transport(NULL, &t, &self),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_transport(o, &t, &self), 0);
    assert_true(o->transport.start == start && o->transport_self == &self);
    assert_int_equal(llmgw_options_set_transport(o, NULL, &self), 0);
    assert_true(o->transport.size == 0 && !o->transport_self);
    t.size = 0;
    assert_int_equal(llmgw_options_set_transport(o, &t, &self),
                     LLMGW_E_INVALID);
    /* an older header: what it lacks is not looked at */
    t.size = offsetof(llmgw_transport, wake);
    t.ready = ready;
    assert_int_equal(llmgw_options_set_transport(o, &t, &self), 0);
    assert_true(!o->transport.ready && o->transport.size == sizeof(t));
    t.size = sizeof(t);
    assert_int_equal(llmgw_options_set_transport(o, &t, &self),
                     LLMGW_E_INVALID);
    t.ready = NULL;
    t.pump = NULL;
    assert_int_equal(llmgw_options_set_transport(o, &t, &self),
                     LLMGW_E_INVALID);
    newer.t.size = sizeof(newer);
    assert_int_equal(llmgw_options_set_transport(o, &newer.t, &self), 0);
    newer.more = &self;
    assert_int_equal(llmgw_options_set_transport(o, &newer.t, &self),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_error_code(llmgw_options_error(o)), LLMGW_E_INVALID);
}

static void test_null(void **state)
{
    (void)state;
    assert_int_equal(llmgw_options_new(NULL), LLMGW_E_INVALID);
    llmgw_options_free(NULL);
    assert_int_equal(llmgw_options_set(NULL, "strict", "1"), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set(o, NULL, "1"), LLMGW_E_INVALID);
    assert_int_equal(llmgw_error_code(llmgw_options_error(o)), LLMGW_E_INVALID);
    set("strict", "1"); /* and the error is gone */
    assert_null(llmgw_options_get(NULL, "strict"));
    assert_null(llmgw_options_get(o, NULL));
    assert_null(llmgw_options_get(o, ""));
    assert_null(llmgw_options_error(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_env),       TEST(test_callbacks), TEST(test_cancel),
        TEST(test_transport), TEST(test_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
