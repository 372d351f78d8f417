/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_value.h"

#include "tests/support/options.h"

static void test_bad_numbers(void **state)
{
    static const char *const bad[] = {
        "",    " 1", "1 ",  "+1",         "0x10", "1.0",
        "1e3", "-1", "ten", "2147483648", "1\n",  "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        refuse("timeout.total_ms", bad[i], "integer from 0 to 2147483647");
    set("timeout.total_ms", "007");
    is("timeout.total_ms", "7");
    refuse("loops", "0", "1 to 64");
    refuse("loops", "65", "1 to 64");
    set("loops", "64");
    refuse("loops", "-5", "1 to 64");
    is("loops", "64");
}

static void test_bad_bools(void **state)
{
    (void)state;
    refuse("strict", "yes", "true or false");
    refuse("strict", "", "true or false");
    refuse("strict", "TRUE", "true or false");
    refuse("strict", "2", "true or false");
    set("strict", "1");
    is("strict", "true");
    set("strict", "0");
    is("strict", "false");
}

static void test_bad_words(void **state)
{
    (void)state;
    refuse("fold", "", "all usage");
    refuse("fold", "al", "all usage");
    refuse("fold", "all usage", "all usage");
    refuse("fold", "All", "all usage");
    refuse("format", "chat", "openai-chat");
    refuse("format", "", "anthropic-messages");
    refuse("providers.a.type", "azur", "anthropic");
    refuse("providers.a.auth", "basic", "x-api-key, bearer, token, none");
    refuse("providers.a.format", "x", "openai-chat");
    refuse("providers.a.stream_usage", "1", "true false");
}

static void test_bad_texts(void **state)
{
    (void)state;
    refuse("provider", "", "UTF-8");
    refuse("provider", "a\nb", "UTF-8");
    refuse("provider", "\xff", "UTF-8");
    refuse("tls.ca_file", "", "UTF-8");
    refuse("headers.x-a", "", "header");
    refuse("headers.x-a", "a\r\nx: y", "header");
    refuse("headers.x-a", " a", "header");
    refuse("providers.a.anthropic_beta", "a\n", "header");
    refuse("providers.a.script", "", "JSON");
    refuse("providers.a.script", "{]", "JSON");
    refuse("proxy", "", "socks5");
    refuse("proxy", "proxy.example:80", "socks5");
    refuse("proxy", "ftp://proxy.example", "socks5");
    refuse("proxy", "http://a b", "socks5");
    refuse("proxy", "http://", "socks5");
}

static void test_bad_urls(void **state)
{
    const char *key = "providers.a.base_url";

    (void)state;
    refuse(key, "", "URL");
    refuse(key, "example.org", "URL");
    refuse(key, "ftp://example.org", "https");
    refuse(key, "https://me:pass@example.org", "user");
    refuse(key, "https://example.org/#x", "fragment");
    refuse(key, "https://example.org/?x=1", "query");
    refuse(key, "https://exa mple.org/", "URL");
    set(key, "http://127.0.0.1:8080/v1");
    /* allow_http may come later, so this is decided by the client */
    set(key, "http://example.org");
}

static void test_header_names(void **state)
{
    static const char *const bad[] = {"Host",
                                      "content-length",
                                      "Transfer-Encoding",
                                      "connection",
                                      "Authorization",
                                      "X-Api-Key",
                                      "api-key",
                                      "cookie",
                                      "Content-Type",
                                      "proxy-authorization"};
    char key[64];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        (void)snprintf(key, sizeof(key), "headers.%s", bad[i]);
        refuse(key, "x", "gateway alone");
        (void)snprintf(key, sizeof(key), "providers.a.headers.%s", bad[i]);
        refuse(key, "x", "gateway alone");
    }
    refuse("headers.a b", "x", "name of a header");
    refuse("headers.a:", "x", "name of a header");
    refuse("headers.\xc3\xa9", "x", "name of a header");
}

static void bad_secret(const char *value)
{
    const llmgw_error *e;

    refuse("providers.a.api_key", value, "one line");
    e = llmgw_options_error(o);
    assert_null(strstr(llmgw_error_message(e), "sekrit"));
    assert_null(strstr(llmgw_error_where(e), "sekrit"));
}

static void test_secrets(void **state)
{
    (void)state;
    set("providers.a.api_key", "sekrit");
    is("providers.a.api_key", "***");
    assert_null(o->entries->text);
    assert_string_equal(o->entries->secret->text, "sekrit");
    set("providers.a.api_key", "sekrit2\n");
    assert_string_equal(o->entries->secret->text, "sekrit2");
    set("providers.a.api_key", "sekrit3\r\n");
    assert_string_equal(o->entries->secret->text, "sekrit3");
    assert_int_equal(o->entries->secret->n, 7);
    bad_secret("");
    bad_secret("\n");
    bad_secret("sekrit\n\n");
    bad_secret("sekrit\nx: y");
    bad_secret(" sekrit");
    bad_secret("sekrit ");
    bad_secret("sek\x01sekrit");
    load("{\"providers\":{\"a\":{\"api_key\":[\"sekrit\"]}}}", LLMGW_E_OPTION);
    assert_null(strstr(llmgw_error_message(llmgw_options_error(o)), "sekrit"));
    assert_string_equal(o->entries->secret->text, "sekrit3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bad_numbers), TEST(test_bad_bools), TEST(test_bad_words),
        TEST(test_bad_texts),   TEST(test_bad_urls),  TEST(test_header_names),
        TEST(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
