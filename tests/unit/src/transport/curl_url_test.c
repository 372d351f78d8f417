/* SPDX-License-Identifier: MIT */
#include "src/transport/curl_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    YES,
    HTTP,
    NO
}; /* may be used; if http is allowed; never */

static const struct {
    const char *url;
    int may;
} cases[] = {
    {"https://api.example.com", YES},
    {"https://api.example.com/", YES},
    {"https://api.example.com:8443/v1?api-version=2024-10-21", YES},
    {"HTTPS://API.example.com/v1", YES},
    {"https://[2001:db8::1]:443/v1", YES},
    {"https://10.1.2.3/v1", YES},
    {"https://169.254.169.254/", YES},

    /* Plain http stays inside the machine, ... */
    {"http://localhost:8080/v1", YES},
    {"http://LOCALHOST/v1", YES},
    {"http://127.0.0.1", YES},
    {"http://127.255.255.254:1/", YES},
    {"http://[::1]:11434/api", YES},
    {"http://api.example.com/v1", HTTP},
    {"http://localhost.example.com/", HTTP},
    {"http://127.0.0.1.example.com/", HTTP},
    {"http://localhost./", HTTP},
    {"http://128.0.0.1/", HTTP},
    {"http://0.0.0.0/", HTTP},
    {"http://169.254.169.254/latest", HTTP},
    {"http://metadata.google.internal/", HTTP},
    {"http://[::ffff:127.0.0.1]/", HTTP},
    {"http://[::ffff:7f00:1]/", HTTP},
    {"http://[::]/", HTTP},
    {"http://[fe80::1]/", HTTP},

    {"", NO},
    {"api.example.com", NO},
    {"//api.example.com", NO},
    {"/v1/messages", NO},
    {"https:", NO},
    {"https:/api.example.com", NO},
    {"https:///api.example.com", NO},
    {"https://", NO},
    {"https://?x", NO},
    {"https://:443/", NO},
    {"://api.example.com", NO},
    {"api.example.com/https://", NO},
    {"file:///etc/hostname", NO},
    {"ftp://api.example.com/", NO},
    {"gopher://api.example.com/", NO},
    {"ws://api.example.com/", NO},
    {"mock://local", NO},
    {"javascript://api.example.com/", NO},

    {"https://user@api.example.com/", NO},
    {"https://user:pass@api.example.com/", NO},
    {"https://@api.example.com/", NO},
    {"https://:@api.example.com/", NO},
    {"http://localhost@api.example.com/", NO},
    {"https://api.example.com\\@evil.example.com/", NO},
    {"https://api.example.com#@evil.example.com/", NO},
    {"https://api.example.com/v1#part", NO},
    {"https://api.example.com/#", NO},

    {"https://api.example.com:0/", NO},
    {"https://api.example.com:65536/", NO},
    {"https://api.example.com:-1/", NO},
    {"https://api.example.com:x/", NO},
    {"https://api.example.com:80:80/", NO},
    {"https://[::1/", NO},
    {"https://[::1]x/", NO},
    {"https://api example.com/", NO},
    {" https://api.example.com/", NO},
    {"https://api.example.com/ ", NO},
    {"https://api.example.com/a b", NO},
    {"https://api.example.com/\r\nX: y", NO},
    {"https://api.example.com/\n", NO},
    {"https://api.example.com/\t", NO},
    {"https://api.example.com/\x7f", NO},
    {"https://api.example.com/\x01", NO},
    {"https://b\xc3\xbc"
     "cher.example/",
     NO},
    {"https://api.example.com/a\\b", NO},
    {"https://api%0aexample.com/", NO},
    {"https://api%2eexample.com%2fevil/", NO},
};

static void checks_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        for (int allow = 0; allow <= 1; allow++) {
            struct lg_err e = {0};
            const int rc =
                lg_curl_check_url(cases[i].url, allow, "/base_url", &e);
            const int may =
                cases[i].may == YES || (cases[i].may == HTTP && allow);

            if (rc != (may ? LLMGW_OK : LLMGW_E_OPTION))
                print_message("%s, http %d: %d\n", cases[i].url, allow, rc);
            assert_int_equal(rc, may ? LLMGW_OK : LLMGW_E_OPTION);
            assert_int_equal(e.code, rc);
            assert_string_equal(e.where, may ? "" : "/base_url");
        }
    }
    assert_int_equal(lg_curl_check_url(NULL, 1, "x", NULL), LLMGW_E_OPTION);
}

/* Other spellings of an address count for what libcurl makes of them, since
 * that is what it connects to: either it has understood them, or they are
 * none of ours. */
static void trusts_only_what_is_connected_to(void **state)
{
    static const char *const odd[] = {
        "http://0177.0.0.1/", "http://2130706433/",  "http://0x7f.1/",
        "http://127.1/",      "http://127.0.0.01/",  "http://%31%32%37.0.0.1/",
        "http://0x7f000001/", "http://017700000001/"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(odd); i++) {
        CURLU *u = curl_url();
        char *host = NULL;
        int understood;

        assert_int_equal(curl_url_set(u, CURLUPART_URL, odd[i], 0), CURLUE_OK);
        assert_int_equal(curl_url_get(u, CURLUPART_HOST, &host, 0), CURLUE_OK);
        understood = !strcmp(host, "127.0.0.1");
        assert_int_equal(lg_curl_check_url(odd[i], 0, "", NULL),
                         understood ? LLMGW_OK : LLMGW_E_OPTION);
        curl_free(host);
        curl_url_cleanup(u);
    }
}

static void tells_nothing_secret(void **state)
{
    static const char *const urls[] = {"https://user:CANARY@api.example.com/",
                                       "http://api.example.com/?key=CANARY",
                                       "https://api.example.com/#CANARY",
                                       "https://CANARY:99999/", "CANARY"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(urls); i++) {
        struct lg_err e = {0};

        assert_int_equal(lg_curl_check_url(urls[i], 0, "/x", &e),
                         LLMGW_E_OPTION);
        assert_null(strstr(e.text, "CANARY"));
        assert_int_not_equal(e.text[0], '\0');
    }
}

static void compares_origins(void **state)
{
    static const struct {
        const char *a, *b;
        int same;
    } pairs[] = {
        {"https://a.example/x", "https://a.example/y?z", 1},
        {"https://a.example", "https://a.example:443/", 1},
        {"https://a.example", "HTTPS://A.EXAMPLE/", 1},
        {"http://a.example:80", "http://a.example/", 1},
        {"https://a.example", "http://a.example", 0},
        {"https://a.example", "http://a.example:443", 0},
        {"https://a.example", "https://a.example:444", 0},
        {"https://a.example", "https://b.example", 0},
        {"https://a.example", "https://a.example.evil", 0},
        {"https://a.example", "https://a.example@evil", 0},
        {"https://a.example", "https://a.example.", 0},
        {"https://a.example", "not a URL", 0},
        {"not a URL", "not a URL", 0},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(pairs); i++) {
        assert_int_equal(lg_curl_same_origin(pairs[i].a, pairs[i].b),
                         pairs[i].same);
        assert_int_equal(lg_curl_same_origin(pairs[i].b, pairs[i].a),
                         pairs[i].same);
    }
}

/* The most recent are kept, and one that is in use outlives its place. */
static void keeps_what_it_parsed(void **state)
{
    struct lg_curl_urls c = {{0}};
    struct lg_curl_url *first = NULL, *again = NULL, *other = NULL;
    char url[64];

    (void)state;
    assert_int_equal(lg_curl_urls_take(&c, "https://a.example/", &first), 0);
    assert_int_equal(lg_curl_urls_take(&c, "https://a.example/", &again), 0);
    assert_ptr_equal(first, again);
    assert_int_equal(first->refs, 3);
    assert_int_equal(first->https, 1);
    lg_curl_url_give(again);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < LG_CURL_URLS - 1; i++) {
            (void)snprintf(url, sizeof(url), "http://localhost/%d", i);
            assert_int_equal(lg_curl_urls_take(&c, url, &other), 0);
            assert_int_equal(other->https, 0);
            lg_curl_url_give(other);
        }
        assert_int_equal(first->refs, 2);
    }
    assert_int_equal(lg_curl_urls_take(&c, "http://localhost/more", &other), 0);
    assert_int_equal(first->refs, 1); /* pushed out, ours alone */
    assert_string_equal(first->text, "https://a.example/");
    lg_curl_url_give(first);
    lg_curl_url_give(other);
    assert_int_equal(lg_curl_urls_take(&c, "ftp://a.example/", &other),
                     LLMGW_E_OPTION);
    assert_int_equal(lg_curl_urls_take(&c, "https://a:b:c/", &other),
                     LLMGW_E_OPTION);
    lg_curl_url_give(NULL);
    lg_curl_urls_done(&c);
}

static void names_its_library(void **state)
{
    (void)state;
    assert_memory_equal(lg_curl_version(), "libcurl/", 8);
    assert_true(lg_curl_version()[8] >= '7');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_urls),
        cmocka_unit_test(trusts_only_what_is_connected_to),
        cmocka_unit_test(tells_nothing_secret),
        cmocka_unit_test(compares_origins),
        cmocka_unit_test(keeps_what_it_parsed),
        cmocka_unit_test(names_its_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
