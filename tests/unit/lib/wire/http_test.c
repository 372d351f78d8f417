/* SPDX-License-Identifier: MIT */
#include "lib/wire/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define ABSENT ((struct lg_str){NULL, 0})
#define S      INT64_C(1000)

static void test_names(void **state)
{
    static const char *const good[] = {"a", "X-Api-Key", "anthropic-version",
                                       "!#$%&'*+-.^_`|~09azAZ"};
    static const char *const bad[] = {
        "",      " ",    "a b",  "a:",   ":path", "a\r\n",    "a\n",
        "a\t",   "a,b",  "a(b)", "a/b",  "a;b",   "a=b",      "a@b",
        "[a]",   "a\"b", "{a}",  "a\\b", "a?",    "\xC3\xA9", "a\x7f",
        "a\x80", "<a>",  " a",   "a\v"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(good); i++)
        assert_true(lg_http_is_name(lg_str_of(good[i])));
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        assert_false(lg_http_is_name(lg_str_of(bad[i])));
    assert_false(lg_http_is_name(LG_STR("a\0b")));
    assert_false(lg_http_is_name(ABSENT));
}

static void test_values(void **state)
{
    static const char *const good[] = {
        "", "x", "Bearer sk-1", "a\tb", "a b", "\xC3\xA9 \xFF", "\"q\""};
    static const char *const bad[] = {
        " x",        "x ",  "\tx",  "x\t", " ",      "\t",  "\n",
        "x\r\nY: z", "x\n", "x\ry", "x\v", "x\x1fy", "\x7f"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(good); i++)
        assert_true(lg_http_is_value(lg_str_of(good[i])));
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        assert_false(lg_http_is_value(lg_str_of(bad[i])));
    assert_false(lg_http_is_value(LG_STR("x\0y")));
    assert_false(lg_http_is_value(LG_STR("\0")));
}

static void test_dates(void **state)
{
    static const struct {
        const char *in;
        int64_t s;
    } cases[] = {
        /* RFC 9110's own moment in its three forms */
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Thu Jan  1 00:00:00 1970", 0},
        {"Wed Dec 31 23:59:59 1980", 347155199},
        {"Fri, 31 Dec 1999 23:59:59 GMT", 946684799},
        {"Sat, 01 Jan 2000 00:00:00 GMT", 946684800},
        {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
        {"Wed, 01 Mar 2000 00:00:00 GMT", 951868800},
        {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
        {"Fri, 01 Mar 2024 00:00:00 GMT", 1709251200},
        {"Sun, 22 Nov 2026 18:00:00 GMT", 1795370400},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
        {"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800}, /* a leap second */
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
        /* two digits: 1970 to 2069 */
        {"Thursday, 01-Jan-70 00:00:00 GMT", 0},
        {"Friday, 31-Dec-99 23:59:59 GMT", 946684799},
        {"Saturday, 01-Jan-00 00:00:00 GMT", 946684800},
        {"Sunday, 22-Nov-26 18:00:00 GMT", 1795370400},
        {"Tuesday, 31-Dec-69 23:59:59 GMT", INT64_C(3155759999)},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++)
        assert_int_equal(lg_http_date_ms(lg_str_of(cases[i].in)),
                         cases[i].s * S);
}

static void test_no_dates(void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "GMT",
        "Sun",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06 Nov 1994 08:49:37 GM",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 32 Dec 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Mon, 29 Feb 2100 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 0094 08:49:37 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 94",
        "Sun Nov  0 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
        "784111777",
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        assert_int_equal(lg_http_date_ms(lg_str_of(bad[i])), -1);
    assert_int_equal(lg_http_date_ms(ABSENT), -1);
    assert_int_equal(lg_http_date_ms(LG_STR("Sun, 06 Nov 1994 08:49:37 GMT\0")),
                     -1);
}

/* Every day from 1970 to 2400 is one day after the day before. */
static void test_calendar(void **state)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
    int64_t days = 0, ms;
    char in[40];

    (void)state;
    for (int y = 1970; y <= 2400; y++) {
        const int first = (int)days;

        for (int m = 0; m < 12; m++) {
            for (int d = 1; d < 32; d++) {
                snprintf(in, sizeof(in), "Mon, %02d %s %04d 00:00:00 GMT", d,
                         months[m], y);
                ms = lg_http_date_ms(lg_str_of(in));
                if (ms < 0) {
                    assert_true(d > 28);
                    continue;
                }
                assert_int_equal(ms, days * 86400 * S);
                days++;
            }
        }
        assert_true(days - first == 365 || days - first == 366);
    }
    assert_int_equal(days, 431 * 365 + 105); /* 105 leap years among them */
}

static const struct {
    const char *ms, *s;
    int64_t want;
} retry_cases[] = {
    {NULL, NULL, -1},
    {NULL, "0", 0},
    {NULL, "60", 60 * S},
    {NULL, " 60 ", 60 * S},
    {NULL, "1.5", 1500},
    {NULL, "1.", 1 * S},
    {NULL, ".5", 500},
    {NULL, "0.0004", 1}, /* rounded up, never early */
    {NULL, "1.0000", 1 * S},
    {NULL, "007", 7 * S},
    {NULL, "1e9", 1000000000 * S},
    {NULL, "1E+2", 100 * S},
    {NULL, "15e-1", 1500},
    {NULL, "1e-9", 1},
    {NULL, "0e99", 0},
    {NULL, "302539000", 302539000 * S},
    {NULL, "9223372036854775", INT64_C(9223372036854775000)},
    {NULL, "9223372036854776", INT64_MAX},
    {NULL, "99999999999999999999999999", INT64_MAX},
    {NULL, "1e400", INT64_MAX},
    {NULL, "1e99999999999999999999", INT64_MAX},
    {NULL, "1e-99999999999999999999", 1},
    {NULL, "", -1},
    {NULL, " ", -1},
    {NULL, "-1", -1},
    {NULL, "-0", -1},
    {NULL, "+1", -1},
    {NULL, "NaN", -1},
    {NULL, "nan", -1},
    {NULL, "Infinity", -1},
    {NULL, "inf", -1},
    {NULL, "-Infinity", -1},
    {NULL, "0x10", -1},
    {NULL, "1e", -1},
    {NULL, "1e+", -1},
    {NULL, "e5", -1},
    {NULL, ".", -1},
    {NULL, "1.2.3", -1},
    {NULL, "1,5", -1},
    {NULL, "60s", -1},
    {NULL, "60 s", -1},
    {NULL, "soon", -1},
    /* now is 2026-11-22 18:00:00 */
    {NULL, "Sun, 22 Nov 2026 18:00:30 GMT", 30 * S},
    {NULL, " Sun, 22 Nov 2026 18:00:30 GMT ", 30 * S},
    {NULL, "Sunday, 22-Nov-26 18:01:00 GMT", 60 * S},
    {NULL, "Sun Nov 22 18:00:01 2026", 1 * S},
    {NULL, "Sun, 22 Nov 2026 18:00:00 GMT", 0},
    {NULL, "Sun, 22 Nov 2026 17:00:00 GMT", 0},
    {NULL, "Sun, 06 Nov 1994 08:49:37 GMT", 0},
    {NULL, "Sun, 22 Nov 2026 18:00:30 CET", -1},
    {NULL, "Sun, 31 Nov 2026 18:00:30 GMT", -1},
    /* milliseconds win where they say something */
    {"0", NULL, 0},
    {"1500", NULL, 1500},
    {"1500", "60", 1500},
    {"0.5", "60", 1},
    {"0", "60", 0},
    {"302539000", "1", 302539000},
    {"", "60", 60 * S},
    {"-1", "60", 60 * S},
    {"NaN", "60", 60 * S},
    {"NaN", "Infinity", -1},
    {"garbage", "Sun, 22 Nov 2026 18:00:30 GMT", 30 * S},
    {"Sun, 22 Nov 2026 18:00:30 GMT", NULL, -1},
    {"9223372036854775807", NULL, INT64_MAX},
    {"9223372036854775808", NULL, INT64_MAX},
};

static void test_retry_after(void **state)
{
    const int64_t now = INT64_C(1795370400) * S;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(retry_cases); i++) {
        const int64_t got = lg_http_retry_after(
            lg_str_of(retry_cases[i].ms), lg_str_of(retry_cases[i].s), now);

        if (got != retry_cases[i].want)
            print_error("retry-after %s\n", retry_cases[i].s);
        assert_true(got == retry_cases[i].want);
    }
}

static void test_retry_after_long(void **state)
{
    const size_t n = 10240;
    char *in = malloc(n);

    (void)state;
    assert_non_null(in);
    memset(in, '9', n);
    assert_true(lg_http_retry_after(ABSENT, lg_str_from(in, n), 0) ==
                INT64_MAX);
    in[1] = '.';
    assert_true(lg_http_retry_after(ABSENT, lg_str_from(in, n), 0) == 10000);
    memset(in, '0', n);
    assert_true(lg_http_retry_after(ABSENT, lg_str_from(in, n), 0) == 0);
    in[n - 1] = '7';
    assert_true(lg_http_retry_after(ABSENT, lg_str_from(in, n), 0) == 7000);
    memset(in, 'x', n);
    assert_true(
        lg_http_retry_after(lg_str_from(in, n), lg_str_from(in, n), 0) == -1);
    free(in);
}

static void test_types(void **state)
{
    static const char *const good[] = {
        "text/event-stream", "text/event-stream; charset=utf-8",
        "Text/Event-Stream;charset=x", "text/event-stream;",
        " text/event-stream ; a=\"b;c\""};
    static const char *const bad[] = {"",
                                      "text/event-stream-foo",
                                      "text/event-strea",
                                      "text/event-stream, text/html",
                                      "application/json",
                                      "text / event-stream",
                                      ";text/event-stream",
                                      "text/event-stream foo"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(good); i++)
        assert_true(lg_http_is_type(lg_str_of(good[i]), "text/event-stream"));
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        assert_false(lg_http_is_type(lg_str_of(bad[i]), "text/event-stream"));
    assert_false(lg_http_is_type(ABSENT, "text/event-stream"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_no_dates),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_retry_after_long),
        cmocka_unit_test(test_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
