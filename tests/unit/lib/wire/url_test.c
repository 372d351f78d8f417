/* SPDX-License-Identifier: MIT */
#include "lib/wire/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAX (1u << 20)

struct vector {
    struct lg_str in;
    const char *want; /* NULL: refused */
};
#define VECTOR(in, want) \
    {                    \
        LG_STR(in), want \
    }

static const struct vector segments[] = {
    /* names as they are in use */
    VECTOR("claude-opus-4-1", "claude-opus-4-1"),
    VECTOR("gpt-4.1-mini", "gpt-4.1-mini"),
    VECTOR("gemini_2~5", "gemini_2~5"),
    VECTOR("anthropic.claude-3-haiku-20240307-v1:0",
           "anthropic.claude-3-haiku-20240307-v1%3A0"),
    VECTOR("claude-sonnet-4@20250514", "claude-sonnet-4%4020250514"),
    VECTOR("arn:aws:bedrock:us-east-1:1:inference-profile/x",
           "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx"),
    VECTOR("ft:gpt-4o:org::id", "ft%3Agpt-4o%3Aorg%3A%3Aid"),
    VECTOR("meta-llama/Llama-3", "meta-llama%2FLlama-3"),
    /* out of the path */
    VECTOR("../../admin", "..%2F..%2Fadmin"),
    VECTOR("..%2f", "..%252f"),
    VECTOR("%2e%2e", "%252e%252e"),
    VECTOR("%2e%2e%2f", "%252e%252e%252f"),
    VECTOR("%252e", "%25252e"),
    VECTOR("%c0%ae%c0%ae", "%25c0%25ae%25c0%25ae"),
    VECTOR("..", NULL),
    VECTOR(".", NULL),
    VECTOR("", NULL),
    VECTOR("...", "..."),
    VECTOR(".. ", "..%20"),
    VECTOR(".a", ".a"),
    VECTOR("a..", "a.."),
    VECTOR("./x", ".%2Fx"),
    VECTOR("/", "%2F"),
    VECTOR("/x", "%2Fx"),
    VECTOR("x/", "x%2F"),
    VECTOR("a/b", "a%2Fb"),
    VECTOR("a//b", "a%2F%2Fb"),
    VECTOR("a/../b", "a%2F..%2Fb"),
    VECTOR("..;/x", "..%3B%2Fx"),
    VECTOR("a\\b", "a%5Cb"),
    VECTOR("..\\..\\x", "..%5C..%5Cx"),
    /* into another component */
    VECTOR("a?x", "a%3Fx"),
    VECTOR("a?x=1&y=2", "a%3Fx%3D1%26y%3D2"),
    VECTOR("a#f", "a%23f"),
    VECTOR("a;p=1", "a%3Bp%3D1"),
    VECTOR("a:b@evil", "a%3Ab%40evil"),
    VECTOR("@evil.example", "%40evil.example"),
    VECTOR("//evil", "%2F%2Fevil"),
    VECTOR("https://evil/", "https%3A%2F%2Fevil%2F"),
    VECTOR("[::1]", "%5B%3A%3A1%5D"),
    VECTOR("a b", "a%20b"),
    VECTOR(" a", "%20a"),
    VECTOR("a+b", "a%2Bb"),
    VECTOR("a,b", "a%2Cb"),
    VECTOR("a'b\"c", "a%27b%22c"),
    VECTOR("<a>", "%3Ca%3E"),
    VECTOR("{model}", "%7Bmodel%7D"),
    VECTOR("a|b^c`d", "a%7Cb%5Ec%60d"),
    VECTOR("$&=*()!", "%24%26%3D%2A%28%29%21"),
    VECTOR("a%", "a%25"),
    VECTOR("a%zz", "a%25zz"),
    /* into the request line */
    VECTOR("a\r\nHost: evil", NULL),
    VECTOR("a\n", NULL),
    VECTOR("\ta", NULL),
    VECTOR("a\0b", NULL),
    VECTOR("\0", NULL),
    VECTOR("a\x1f", NULL),
    VECTOR("a\x7f", NULL),
    VECTOR("\x1b[0m", NULL),
    /* beyond ASCII */
    VECTOR("mod\xC3\xA8le", "mod%C3%A8le"),
    VECTOR("\xE6\xA8\xA1\xE5\x9E\x8B", "%E6%A8%A1%E5%9E%8B"),
    VECTOR("\xF0\x9F\x98\x80", "%F0%9F%98%80"),
    VECTOR("\xEF\xBC\x8F", "%EF%BC%8F"), /* a slash only by its looks */
    VECTOR("\xFF\xFE", "%FF%FE"),
    VECTOR("\xC0\xAE\xC0\xAE", "%C0%AE%C0%AE"),
    VECTOR("\x80", "%80"),
};

static void test_segments(void **state)
{
    struct lg_buf out;
    struct lg_err e;

    (void)state;
    lg_buf_init(&out, MAX);
    for (size_t i = 0; i < LG_COUNT(segments); i++) {
        const struct vector *v = &segments[i];
        int rc;

        lg_buf_reset(&out);
        lg_buf_lit(&out, "/v1/");
        rc = lg_url_segment(&out, v->in, "model", &e);
        if (v->want) {
            assert_int_equal(rc, 0);
            assert_string_equal(out.p + 4, v->want);
        } else {
            assert_int_equal(rc, LLMGW_E_INVALID);
            assert_int_equal(e.code, LLMGW_E_INVALID);
            assert_string_equal(e.where, "model");
            assert_string_equal(out.p, "/v1/");
        }
    }
    lg_buf_done(&out);
}

static void test_every_byte(void **state)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                                "uvwxyz0123456789-._~";
    struct lg_buf out;

    (void)state;
    lg_buf_init(&out, MAX);
    for (int c = 0; c < 256; c++) {
        const char in[3] = {'a', (char)c, 'b'};
        const int rc = lg_url_segment(&out, lg_str_from(in, 3), "x", NULL);

        if (c < 0x20 || c == 0x7F) {
            assert_int_equal(rc, LLMGW_E_INVALID);
        } else if (strchr(plain, c)) {
            assert_int_equal(rc, 0);
            assert_int_equal(out.n, 3);
            assert_memory_equal(out.p, in, 3);
        } else {
            assert_int_equal(rc, 0);
            assert_int_equal(out.n, 5);
            assert_int_equal(out.p[1], '%');
            out.p[4] = '\0';
            assert_int_equal(strtoul(out.p + 2, NULL, 16), c);
        }
        lg_buf_reset(&out);
    }
    lg_buf_done(&out);
}

static void test_long_segment(void **state)
{
    const size_t n = 64u << 10;
    char *in = malloc(n);
    struct lg_buf out;
    struct lg_err e;

    (void)state;
    assert_non_null(in);
    memset(in, '/', n);
    lg_buf_init(&out, 3 * n);
    assert_int_equal(lg_url_segment(&out, lg_str_from(in, n), "model", &e), 0);
    assert_int_equal(out.n, 3 * n);
    assert_string_equal(out.p + 3 * n - 6, "%2F%2F");
    lg_buf_done(&out);
    lg_buf_init(&out, 3 * n - 1);
    assert_int_equal(lg_url_segment(&out, lg_str_from(in, n), "model", &e),
                     LLMGW_E_LIMIT);
    assert_int_equal(e.code, LLMGW_E_LIMIT);
    lg_buf_done(&out);
    free(in);
}

static void test_query(void **state)
{
    struct lg_buf out;

    (void)state;
    lg_buf_init(&out, MAX);
    lg_buf_lit(&out, "https://h/p");
    assert_int_equal(
        lg_url_query(&out, LG_STR("api-version"), LG_STR("2024-10-21")), 0);
    assert_int_equal(lg_url_query(&out, LG_STR("a b&"), LG_STR("c=d/?#e\n")),
                     0);
    assert_int_equal(lg_url_query(&out, LG_STR("x"), LG_STR("")), 0);
    assert_string_equal(out.p, "https://h/p?api-version=2024-10-21"
                               "&a%20b%26=c%3Dd%2F%3F%23e%0A&x=");
    lg_buf_reset(&out);
    lg_buf_lit(&out, "https://h/p?");
    assert_int_equal(lg_url_query(&out, LG_STR("x"), LG_STR("1")), 0);
    lg_buf_byte(&out, '&');
    assert_int_equal(lg_url_query(&out, LG_STR("y"), LG_STR("2")), 0);
    assert_string_equal(out.p, "https://h/p?x=1&y=2");
    lg_buf_done(&out);
    lg_buf_init(&out, MAX);
    assert_int_equal(lg_url_query(&out, LG_STR("x"), LG_STR("1")), 0);
    assert_string_equal(out.p, "?x=1");
    lg_buf_done(&out);
}

static void test_build(void **state)
{
    static const struct {
        const char *base, *path, *want;
    } cases[] = {
        {"https://h", "/v1/messages", "https://h/v1/messages"},
        {"https://h/", "/v1/messages", "https://h/v1/messages"},
        {"https://h/", "v1", "https://h/v1"},
        {"https://h/base", "/v1", "https://h/base/v1"},
        {"https://h", "", "https://h"},
        {"https://h/", "", "https://h/"},
        {"https://h", "/models/{model}:generate",
         "https://h/models/a%2Fb:generate"},
        {"https://h", "/{region}/{model}", "https://h/eu-1/a%2Fb"},
        {"https://h", "/{model}{model}", "https://h/a%2Fba%2Fb"},
        {"https://h", "/a}b", "https://h/a}b"},
        {"", "/{region}", "/eu-1"},
    };
    const struct lg_url_var vars[] = {{"model", LG_STR("a/b")},
                                      {"region", LG_STR("eu-1")}};
    struct lg_buf out;
    struct lg_err e;

    (void)state;
    lg_buf_init(&out, MAX);
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        lg_buf_reset(&out);
        assert_int_equal(lg_url_build(&out, lg_str_of(cases[i].base),
                                      cases[i].path, vars, LG_COUNT(vars), &e),
                         0);
        assert_string_equal(out.p, cases[i].want);
    }
    lg_buf_done(&out);
}

static void test_build_refuses(void **state)
{
    const struct lg_url_var vars[] = {{"model", LG_STR("..")},
                                      {"none", {NULL, 0}}};
    struct lg_buf out;
    struct lg_err e;

    (void)state;
    lg_buf_init(&out, MAX);
    assert_int_equal(
        lg_url_build(&out, LG_STR("https://h"), "/{model}/x", vars, 2, &e),
        LLMGW_E_INVALID);
    assert_string_equal(e.where, "model");
    assert_int_equal(
        lg_url_build(&out, LG_STR("https://h"), "/{none}", vars, 2, &e),
        LLMGW_E_INVALID);
    assert_string_equal(e.where, "none");
    assert_int_equal(
        lg_url_build(&out, LG_STR("https://h"), "/{mode}", vars, 2, &e),
        LLMGW_E_INVALID);
    assert_non_null(strstr(e.text, "{mode}"));
    assert_int_equal(
        lg_url_build(&out, LG_STR("https://h"), "/{model", vars, 2, &e),
        LLMGW_E_INVALID);
    lg_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_long_segment),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_build_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
