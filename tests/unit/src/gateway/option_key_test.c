/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_key.h"

#include "tests/support/options.h"

static void test_pointers(void **state)
{
    (void)state;
    set("/providers/a.b/type", "openai");
    is("/providers/a.b/type", "openai");
    is("providers.a.b.type", NULL);
    set("/timeout/total_ms", "5");
    is("timeout.total_ms", "5");
    set("timeout.total_ms", "6");
    is("/timeout/total_ms", "6");
    set("/providers/~0/type", "openai");
    is("/providers/~0/type", "openai");
    is("providers.~.type", "openai");
    set("/headers/x.dotted", "v");
    is("/headers/x.dotted", "v");
    refuse("/providers/a~1b/type", "openai", "slash");
    refuse("/providers/a~2/type", "openai", "~");
    refuse("/providers/a~", "openai", "~");
}

static void test_bad_keys(void **state)
{
    char longest[400];

    (void)state;
    refuse("", "1", "empty name");
    refuse("timeout..total_ms", "1", "empty name");
    refuse("timeout.total_ms.", "1", "empty name");
    refuse("/", "1", "empty name");
    refuse("headers.x\n", "1", "control byte");
    refuse("strict.more", "1", "no such option");
    refuse("a.b.c.d.e", "1", "no such option");
    refuse("timeout.total_ms.x", "{}", "no such option");
    assert_int_equal(llmgw_options_set(o, "headers.\xff", "1"), LLMGW_E_OPTION);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(llmgw_options_set(o, longest, "1"), LLMGW_E_OPTION);
    memcpy(longest, "providers.", 10);
    longest[10 + 65] = '\0';
    assert_int_equal(llmgw_options_set(o, longest, "{}"), 0);
    (void)strncat(longest, ".type", 6);
    assert_int_equal(llmgw_options_set(o, longest, "openai"), LLMGW_E_OPTION);
    /* as a pointer it would be longer than any */
    memset(longest, '~', sizeof(longest) - 1);
    memcpy(longest, "headers.", 8);
    longest[200] = '\0';
    refuse(longest, "1", "too long");
}

static void suggested(const char *key, const char *want)
{
    char text[128] = "no such option";

    if (want)
        (void)snprintf(text, sizeof(text), "no such option; the nearest is %s",
                       want);
    assert_int_equal(llmgw_options_set(o, key, "1"), LLMGW_E_OPTION);
    assert_string_equal(llmgw_error_message(llmgw_options_error(o)), text);
    assert_string_equal(llmgw_error_where(llmgw_options_error(o)), key);
}

static void test_suggestions(void **state)
{
    (void)state;
    suggested("timeout.total", "timeout.total_ms");
    suggested("timeouts.total_ms", "timeout.total_ms");
    suggested("Strict", "strict");
    suggested("max_token", "max_tokens");
    suggested("total_ms", "timeout.total_ms");
    suggested("providers.one.apikey", "providers.one.api_key");
    suggested("providers.one.baseurl", "providers.one.base_url");
    suggested("provider.one.api_key", "providers.one.api_key");
    suggested("header.x-team", "headers.x-team");
    suggested("qqqqqqqqqq", NULL);
}

/* A name of a header is one in any case, and keeps the one it was given. */
static void test_header_case(void **state)
{
    (void)state;
    set("headers.X-Team", "blue");
    is("headers.x-team", "blue");
    set("headers.x-TEAM", "red");
    is("headers.X-Team", "red");
    assert_null(o->entries->next);
    assert_string_equal(o->entries->name, "x-TEAM");
    set("providers.One.headers.X-A", "1");
    is("providers.One.headers.x-a", "1");
    is("providers.one.headers.x-a", NULL);
    refuse("Headers.x-a", "1", "no such option");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pointers),
        TEST(test_bad_keys),
        TEST(test_suggestions),
        TEST(test_header_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
