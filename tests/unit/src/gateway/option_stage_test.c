/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_stage.h"

#include <stdlib.h>

#include "tests/support/options.h"

static void test_objects(void **state)
{
    (void)state;
    set("timeout.total_ms", "1");
    set("timeout.idle_ms", "2");
    set("timeout", "{\"total_ms\": 3}");
    is("timeout.total_ms", "3");
    is("timeout.idle_ms", NULL);
    is("timeout", NULL);
    set("providers.a", "{\"type\":\"openai\",\"headers\":{\"x-a\":\"1\"}}");
    set("providers.ab.type", "openai");
    is("providers.a.headers.x-a", "1");
    set("providers.a", NULL);
    is("providers.a.type", NULL);
    is("providers.ab.type", "openai");
    set("timeout", NULL);
    is("timeout.total_ms", NULL);

    set("timeout.idle_ms", "2");
    assert_int_equal(llmgw_options_set(o, "timeout", "{\"total_ms\":"),
                     LLMGW_E_JSON);
    assert_string_equal(llmgw_error_where(llmgw_options_error(o)), "timeout");
    assert_int_equal(llmgw_options_set(o, "timeout", "{\"total_ms\":-1}"),
                     LLMGW_E_OPTION);
    assert_string_equal(llmgw_error_where(llmgw_options_error(o)),
                        "timeout.total_ms");
    refuse("timeout", "[]", "object");
    is("timeout.idle_ms", "2");
}

static void test_load(void **state)
{
    (void)state;
    load("{\"providers\":{\"claude\":{\"type\":\"anthropic\",\"api_key\":"
         "\"k\",\"headers\":{\"x-Team\":\"blue\"},\"stream_usage\":false,"
         "\"allow_http\":true,\"max_tokens\":7},\"a.b\":{\"type\":\"openai\","
         "\"script\":[ 1, \"x\" ]}},\"provider\":\"claude\",\"timeout\":"
         "{\"total_ms\":5000,\"idle_ms\":\"900\"},\"strict\":true,"
         "\"http2\":0,\"retry\":{}}",
         0);
    is("providers.claude.type", "anthropic");
    is("providers.claude.api_key", "***");
    is("providers.claude.headers.x-team", "blue");
    is("providers.claude.stream_usage", "false");
    is("providers.claude.allow_http", "true");
    is("providers.claude.max_tokens", "7");
    is("/providers/a.b/type", "openai");
    is("/providers/a.b/script", "[1,\"x\"]");
    is("provider", "claude");
    is("timeout.total_ms", "5000");
    is("timeout.idle_ms", "900");
    is("strict", "true");
    is("http2", "false");
    /* a second one adds, replaces, and takes out */
    load("{\"timeout\":{\"total_ms\":1,\"idle_ms\":null},\"loops\":2,"
         "\"providers\":{\"claude\":null}}",
         0);
    is("timeout.total_ms", "1");
    is("timeout.idle_ms", NULL);
    is("loops", "2");
    is("providers.claude.api_key", NULL);
    is("/providers/a.b/type", "openai");
    load("{}", 0);
    is("loops", "2");
}

static void bad_load(const char *json, int code, const char *where,
                     const char *why)
{
    const llmgw_error *e;

    load(json, code);
    e = llmgw_options_error(o);
    if (!strstr(llmgw_error_message(e), why))
        fail_msg("%s: %s", json, llmgw_error_message(e));
    if (where)
        assert_string_equal(llmgw_error_where(e), where);
    is("strict", NULL);
    is("loops", "3");
}

static void test_bad_loads(void **state)
{
    (void)state;
    set("loops", "3");
    bad_load("", LLMGW_E_JSON, NULL, "");
    bad_load("{\"strict\":true", LLMGW_E_JSON, NULL, "");
    bad_load("[]", LLMGW_E_JSON, NULL, "object");
    bad_load("null", LLMGW_E_JSON, NULL, "object");
    bad_load("{\"strict\":true,\"loops\":99}", LLMGW_E_OPTION, "loops", "64");
    bad_load("{\"strict\":true,\"loops\":null,\"strikt\":1}", LLMGW_E_OPTION,
             "strikt", "strict");
    bad_load("{\"strict\":true,\"strict\":true}", LLMGW_E_JSON, "strict",
             "twice");
    bad_load("{\"headers\":{\"x-a\":\"1\",\"X-A\":\"1\"}}", LLMGW_E_JSON,
             "headers.X-A", "twice");
    bad_load("{\"strict\":true,\"timeout\":5}", LLMGW_E_OPTION, "timeout",
             "object");
    bad_load("{\"strict\":true,\"timeout\":{\"total\":5}}", LLMGW_E_OPTION,
             "timeout.total", "timeout.total_ms");
    bad_load("{\"strict\":true,\"providers\":{\"a.b\":{\"x\":5}}}",
             LLMGW_E_OPTION, "/providers/a.b/x", "");
    bad_load("{\"strict\":{}}", LLMGW_E_OPTION, "strict", "true or false");
    bad_load("{\"loops\":1.5}", LLMGW_E_OPTION, "loops", "integer");
    bad_load("{\"loops\":[1]}", LLMGW_E_OPTION, "loops", "integer");
    bad_load("{\"provider\":1}", LLMGW_E_OPTION, "provider", "text");
    bad_load("{\"headers\":{\"x-a\":true}}", LLMGW_E_OPTION, "headers.x-a",
             "header");
    bad_load("{\"providers\":{\"a\":{\"headers\":{\"x\":{\"y\":1}}}}}",
             LLMGW_E_OPTION, "providers.a.headers.x", "header");
    bad_load("{\"\":1}", LLMGW_E_OPTION, NULL, "empty name");
    bad_load("{\"timeout\":{\"\":1}}", LLMGW_E_OPTION, "timeout.",
             "empty name");
    bad_load("{\"timeout.total_ms\":1}", LLMGW_E_OPTION, "/timeout.total_ms",
             "no such option");
    bad_load("{\"loops\":9007199254740993}", LLMGW_E_JSON, NULL, "2^52");
    bad_load("{\"provider\":\"a\\u0000b\"}", LLMGW_E_JSON, NULL, "u0000");
}

static void test_load_length(void **state)
{
    (void)state;
    assert_int_equal(llmgw_options_load(o, "{}garbage", 2), 0);
    assert_int_equal(llmgw_options_load(o, "{}\0", 3), LLMGW_E_JSON);
    assert_int_equal(llmgw_options_load(o, NULL, 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_load(NULL, "{}", 2), LLMGW_E_INVALID);
}

static void test_limits(void **state)
{
    const size_t big = (4u << 20) + 2;
    char *text = malloc(big);
    char key[32];

    (void)state;
    assert_non_null(text);
    memset(text, ' ', big);
    text[0] = '{';
    text[big - 1] = '}';
    assert_int_equal(llmgw_options_load(o, text, big), LLMGW_E_LIMIT);
    memset(text, 'x', big);
    text[70000] = '\0';
    assert_int_equal(llmgw_options_set(o, "headers.x", text), LLMGW_E_LIMIT);
    free(text);
    for (int i = 0; i < 4096; i++) {
        (void)snprintf(key, sizeof(key), "headers.x%d", i);
        assert_int_equal(llmgw_options_set(o, key, "v"), 0);
    }
    assert_int_equal(llmgw_options_set(o, "strict", "1"), LLMGW_E_LIMIT);
    set("headers.x7", "w");
    set("headers.x8", NULL);
    set("strict", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_objects),     TEST(test_load),   TEST(test_bad_loads),
        TEST(test_load_length), TEST(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
