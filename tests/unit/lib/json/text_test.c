/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "gen.h"
#include "lib/json/read.h"
#include "lib/json/text.h"

#define FFFD "\xEF\xBF\xBD"

struct pair {
    struct lg_str in, out;
};
#define PAIR(in, out)            \
    {                            \
        {in, sizeof(in) - 1},    \
        {                        \
            out, sizeof(out) - 1 \
        }                        \
    }

typedef int (*convert_fn)(struct lg_buf *out, struct lg_str in);

static int to_text(struct lg_buf *out, struct lg_str in)
{
    return lg_json_unescape(out, in, LG_TO_TEXT);
}

static int to_json(struct lg_buf *out, struct lg_str in)
{
    return lg_json_unescape(out, in, LG_TO_JSON);
}

/* Each alone, and each behind and before what fills blocks. */
static void convert_all(convert_fn convert, const struct pair *pairs, size_t n)
{
    static const char fill[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof(fill); k++) {
            struct lg_buf in, out, want;

            lg_buf_init(&in, 4096);
            lg_buf_init(&out, 4096);
            lg_buf_init(&want, 4096);
            (void)lg_buf_add(&in, fill, k);
            (void)lg_buf_str(&in, pairs[i].in);
            (void)lg_buf_add(&in, fill, k / 2);
            (void)lg_buf_add(&want, fill, k);
            (void)lg_buf_str(&want, pairs[i].out);
            (void)lg_buf_add(&want, fill, k / 2);
            assert_int_equal(convert(&out, lg_buf_span(&in)), 0);
            if (!lg_str_same(lg_buf_span(&out), lg_buf_span(&want)))
                fail_msg("case %zu: \"%s\" is not \"%s\"", i,
                         lg_buf_span(&out).p, lg_buf_span(&want).p);
            lg_buf_done(&in);
            lg_buf_done(&out);
            lg_buf_done(&want);
        }
}

static void test_unescape(void **state)
{
    static const struct pair both[] = {
        PAIR("", ""),
        PAIR("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"),
        PAIR("a\\u0000b", "a\0b"),
        PAIR("\\u0041\\u00e9\\u20AC\\uffff",
             "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"),
        PAIR("\\ud83d\\ude00", "\xF0\x9F\x98\x80"),
        PAIR("\\uD800\\uDC00\\udbff\\udfff",
             "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
        PAIR("\\\\ud83d", "\\ud83d"),
        PAIR("\xF0\x9F\x98\x80\\n", "\xF0\x9F\x98\x80\n"),
    };
    static const struct pair text[] = {
        PAIR("\\ud83d", FFFD),
        PAIR("\\ude00\\ud83d", FFFD FFFD),
        PAIR("\\ud83dx\\ude00", FFFD "x" FFFD),
        PAIR("\\ud83d\\ud83d\\ude00", FFFD "\xF0\x9F\x98\x80"),
        PAIR("\\ud83d\\n", FFFD "\n"),
        PAIR("\\ud83d\\u0041", FFFD "A"),
    };
    static const struct pair json[] = {
        PAIR("{\\\"a\\\":\\\"\\ud83d\\\"}", "{\"a\":\"\\ud83d\"}"),
        PAIR("\\uDE00\\ud83d", "\\uDE00\\ud83d"),
        PAIR("\\ud83d\\ud83d\\ude00", "\\ud83d\xF0\x9F\x98\x80"),
        PAIR("\\\\\\\\\\ud83d", "\\\\\\ud83d"),
        PAIR("\\\\\\ud83d", "\\" FFFD), /* no JSON, and still none */
    };

    (void)state;
    convert_all(to_text, both, LG_COUNT(both));
    convert_all(to_json, both, LG_COUNT(both));
    convert_all(to_text, text, LG_COUNT(text));
    convert_all(to_json, json, LG_COUNT(json));
}

static const struct pair repairs[] = {
    PAIR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
         "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
    PAIR("\x80", FFFD),
    PAIR("\xFF\xFE", FFFD FFFD),
    PAIR("\xC0\x80", FFFD FFFD),
    PAIR("\xE2\x82", FFFD),
    PAIR("\xE2\x82x", FFFD "x"),
    PAIR("\xF0\x9F\x98", FFFD),
    PAIR("\xF0\x9F\x98\xC3\xA9", FFFD "\xC3\xA9"),
    PAIR("\xED\xA0\x80", FFFD FFFD FFFD),
    PAIR("\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD),
    PAIR("\xE0\x80\xAF", FFFD FFFD FFFD),
    PAIR("\xC3", FFFD),
};

static void test_escape(void **state)
{
    static const struct pair pairs[] = {
        PAIR("", ""),
        PAIR("\"\\/", "\\\"\\\\/"),
        PAIR("\b\f\n\r\t", "\\b\\f\\n\\r\\t"),
        PAIR("a\0b\x01\x1F\x7F", "a\\u0000b\\u0001\\u001f\x7F"),
        PAIR("\n\n\xC3\xA9\"\xE2\x82\xAC", "\\n\\n\xC3\xA9\\\"\xE2\x82\xAC"),
        PAIR("\xE2\x80\xA8", "\xE2\x80\xA8"),
    };

    (void)state;
    convert_all(lg_json_escape, pairs, LG_COUNT(pairs));
    convert_all(lg_json_escape, repairs, LG_COUNT(repairs));
}

static void test_repair(void **state)
{
    (void)state;
    convert_all(lg_utf8_repair, repairs, LG_COUNT(repairs));
    for (size_t i = 0; i < LG_COUNT(repairs); i++)
        assert_int_equal(lg_utf8_valid(repairs[i].in), i ? 0 : repairs[i].in.n);
    assert_int_equal(lg_utf8_valid((struct lg_str){0}), 0);
    assert_int_equal(lg_utf8_valid(LG_STR("\"\\\0\x1F\xC3\xA9\xE2\x82")), 6);
    assert_int_equal(
        lg_utf8_valid(LG_STR("0123456789012345678\xC3\xA9\"012345678\xED\xA0")),
        31);
}

static void test_null_span(void **state)
{
    struct lg_buf out;

    (void)state;
    lg_buf_init(&out, 16);
    assert_int_equal(lg_json_escape(&out, (struct lg_str){0}), 0);
    assert_int_equal(lg_utf8_repair(&out, (struct lg_str){0}), 0);
    assert_int_equal(to_text(&out, (struct lg_str){0}), 0);
    assert_int_equal(out.n, 0);
    lg_buf_done(&out);
}

static void test_ceiling(void **state)
{
    static const struct lg_str in = {"\\n\\n\\n\\u0041\\u0041", 18};
    struct lg_buf out;

    (void)state;
    lg_buf_init(&out, 5); /* counts what comes out, not what goes in */
    assert_int_equal(to_text(&out, in), 0);
    assert_true(lg_str_is(lg_buf_span(&out), "\n\n\nAA"));
    lg_buf_done(&out);
    lg_buf_init(&out, 4);
    assert_int_equal(to_text(&out, in), LLMGW_E_LIMIT);
    lg_buf_done(&out);
    lg_buf_init(&out, 3);
    assert_int_equal(lg_json_escape(&out, LG_STR("ab\n")), LLMGW_E_LIMIT);
    lg_buf_done(&out);
    lg_buf_init(&out, 2);
    assert_int_equal(lg_utf8_repair(&out, LG_STR("\xFF")), LLMGW_E_LIMIT);
    lg_buf_done(&out);
}

static void test_body_is(void **state)
{
    (void)state;
    assert_true(lg_json_body_is(LG_STR(""), ""));
    assert_true(lg_json_body_is(LG_STR("model"), "model"));
    assert_true(lg_json_body_is(LG_STR("mod\\u0065l"), "model"));
    assert_true(lg_json_body_is(LG_STR("\\/\\n"), "/\n"));
    assert_false(lg_json_body_is(LG_STR("model"), "mode"));
    assert_false(lg_json_body_is(LG_STR("mode"), "model"));
    assert_false(lg_json_body_is(LG_STR("mod\\u0066l"), "model"));
    assert_false(lg_json_body_is(LG_STR("mod\\u00e9l"), "model"));
    assert_false(lg_json_body_is(LG_STR("a\\u0000"), "a"));
    assert_false(lg_json_body_is(LG_STR("\\ud83d\\ude00"), "\xF0"));
}

static void test_char(void **state)
{
    struct lg_str body = LG_STR("a\xC3\xA9\\ud83d\\ude00\\n\\ud83d");
    static const char *const chars[] = {"a", "\xC3\xA9", "\xF0\x9F\x98\x80",
                                        "\n", FFFD};
    char out[LG_JSON_CHAR_MAX];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(chars); i++) {
        const size_t n = lg_json_char(&body, LG_TO_TEXT, out);

        assert_true(lg_str_is(lg_str_from(out, n), chars[i]));
    }
    assert_int_equal(body.n, 0);
}

/* Text to a body and back is the same text; the body is a string of JSON. */
static void test_round_trip(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct lg_buf body, text, again, quoted;
        struct gen g;

        gen_init(&g, seed);
        lg_buf_init(&body, 1 << 20);
        lg_buf_init(&text, 1 << 20);
        lg_buf_init(&again, 1 << 20);
        lg_buf_init(&quoted, 1 << 20);
        gen_body(&g, &body);
        assert_int_equal(to_text(&text, lg_buf_span(&body)), 0);
        assert_int_equal(lg_utf8_valid(lg_buf_span(&text)), text.n);
        (void)lg_buf_byte(&quoted, '"');
        assert_int_equal(lg_json_escape(&quoted, lg_buf_span(&text)), 0);
        (void)lg_buf_byte(&quoted, '"');
        assert_int_equal(lg_json_check(lg_buf_span(&quoted), NULL), 0);
        assert_int_equal(
            to_json(&again, lg_str_from(quoted.p + 1, quoted.n - 2)), 0);
        assert_true(lg_str_same(lg_buf_span(&again), lg_buf_span(&text)));
        lg_buf_done(&body);
        lg_buf_done(&text);
        lg_buf_done(&again);
        lg_buf_done(&quoted);
        gen_done(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unescape), cmocka_unit_test(test_escape),
        cmocka_unit_test(test_repair),   cmocka_unit_test(test_null_span),
        cmocka_unit_test(test_ceiling),  cmocka_unit_test(test_body_is),
        cmocka_unit_test(test_char),     cmocka_unit_test(test_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
