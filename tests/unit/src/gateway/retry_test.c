/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/wire/http.h"
#include "src/gateway/retry.h"

/* ---- the verdict -------------------------------------------------------- */

#define ANSWER(s, ...)                                                     \
    {                                                                      \
        .code = LLMGW_E_PROVIDER, .status = (s), .sent = 1, .answered = 1, \
        .retry_after_ms = -1, __VA_ARGS__                                  \
    }
#define BROKE(c, s, ...)                                            \
    {                                                               \
        .code = (c), .sent = (s), .retry_after_ms = -1, __VA_ARGS__ \
    }

static const struct {
    struct lg_failure f;
    enum lg_retry_verdict want;
} verdicts[] = {
    {ANSWER(400), LG_RETRY_FATAL},
    {ANSWER(401), LG_RETRY_FATAL},
    {ANSWER(402), LG_RETRY_FATAL},
    {ANSWER(403), LG_RETRY_FATAL},
    {ANSWER(404), LG_RETRY_FATAL},
    {ANSWER(408), LG_RETRY_SAFE},
    {ANSWER(409), LG_RETRY_SAFE},
    {ANSWER(410), LG_RETRY_FATAL},
    {ANSWER(413), LG_RETRY_FATAL},
    {ANSWER(422), LG_RETRY_FATAL},
    {ANSWER(429), LG_RETRY_SAFE},
    {ANSWER(499), LG_RETRY_FATAL},
    {ANSWER(500), LG_RETRY_AMBIGUOUS},
    {ANSWER(501), LG_RETRY_AMBIGUOUS},
    {ANSWER(502), LG_RETRY_AMBIGUOUS},
    {ANSWER(503), LG_RETRY_SAFE},
    {ANSWER(504), LG_RETRY_AMBIGUOUS},
    {ANSWER(529), LG_RETRY_SAFE},
    {ANSWER(599), LG_RETRY_AMBIGUOUS},
    {ANSWER(301), LG_RETRY_FATAL},
    {ANSWER(429, .never = 1), LG_RETRY_FATAL},
    {ANSWER(529, .never = 1, .should_retry = 1), LG_RETRY_FATAL},
    {ANSWER(429, .should_retry = -1), LG_RETRY_FATAL},
    {ANSWER(500, .should_retry = -1), LG_RETRY_FATAL},
    {ANSWER(400, .should_retry = 1), LG_RETRY_AMBIGUOUS},
    {ANSWER(429, .should_retry = 1), LG_RETRY_SAFE},
    {ANSWER(500, .should_retry = 1), LG_RETRY_AMBIGUOUS},
    {BROKE(LLMGW_E_CONNECT, 0), LG_RETRY_SAFE},
    {BROKE(LLMGW_E_CONNECT, 1), LG_RETRY_AMBIGUOUS},
    {BROKE(LLMGW_E_CONNECT, 0, .never = 1), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_TIMEOUT, 0), LG_RETRY_SAFE},
    {BROKE(LLMGW_E_TIMEOUT, 1), LG_RETRY_AMBIGUOUS},
    {BROKE(LLMGW_E_TRUNCATED, 1), LG_RETRY_AMBIGUOUS},
    {BROKE(LLMGW_E_PROTOCOL, 1), LG_RETRY_AMBIGUOUS},
    {BROKE(LLMGW_E_CANCELLED, 0), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_CANCELLED, 1), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_NOMEM, 0), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_LIMIT, 1), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_CALLBACK, 1), LG_RETRY_FATAL},
    {BROKE(LLMGW_E_UNSUPPORTED, 0), LG_RETRY_FATAL},
};

static void judges(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(verdicts); i++)
        if (lg_retry_judge(&verdicts[i].f) != verdicts[i].want)
            fail_msg("row %zu: code %d status %d", i, verdicts[i].f.code,
                     verdicts[i].f.status);
}

/* ---- the delay ---------------------------------------------------------- */

static struct lg_settings policy(void)
{
    return (struct lg_settings){.retry_max = 100,
                                .retry_initial_ms = 500,
                                .retry_max_ms = 8000,
                                .retry_server_max_ms = 60000,
                                .retry_ambiguous = 1};
}

static int64_t delay(const struct lg_settings *s, int64_t retries,
                     int64_t after_ms, int64_t left, uint32_t random)
{
    const struct lg_failure f = {.code = LLMGW_E_PROVIDER,
                                 .status = 529,
                                 .sent = 1,
                                 .answered = 1,
                                 .retry_after_ms = after_ms};
    struct lg_retry_budget none = {0};

    return lg_retry_delay(s, &f, retries, left, random, &none);
}

static void backs_off(void **state)
{
    static const int64_t full[] = {500, 1000, 2000, 4000, 8000, 8000, 8000};
    const struct lg_settings s = policy();

    (void)state;
    for (size_t i = 0; i < LG_COUNT(full); i++) {
        const int64_t n = (int64_t)i;

        assert_int_equal(delay(&s, n, -1, INT64_MAX, 0), full[i]);
        assert_int_equal(delay(&s, n, -1, INT64_MAX, UINT32_MAX),
                         full[i] * 3 / 4);
        for (uint32_t r = 1; r < 200; r++) {
            const int64_t ms = delay(&s, n, -1, INT64_MAX, r * 21474836u);

            assert_in_range(ms, full[i] * 3 / 4, full[i]);
        }
    }
    assert_int_equal(delay(&s, 99, -1, INT64_MAX, 0), 8000);
    assert_int_equal(delay(&s, 100, -1, INT64_MAX, 0), -1);
}

static void backs_off_at_the_edges(void **state)
{
    struct lg_settings s = policy();

    (void)state;
    s.retry_initial_ms = 0;
    assert_int_equal(delay(&s, 50, -1, INT64_MAX, 7), 0);
    s.retry_initial_ms = INT32_MAX;
    s.retry_max_ms = INT32_MAX;
    assert_int_equal(delay(&s, 99, -1, INT64_MAX, 0), INT32_MAX);
    assert_in_range(delay(&s, 0, -1, INT64_MAX, UINT32_MAX),
                    (int64_t)INT32_MAX * 3 / 4, INT32_MAX);
    s.retry_max_ms = 10;
    assert_int_equal(delay(&s, 0, -1, INT64_MAX, 0), 10);
    s.retry_max = 0;
    assert_int_equal(delay(&s, 0, -1, INT64_MAX, 0), -1);
}

static void obeys_the_server(void **state)
{
    static const struct {
        int64_t after, least, most;
    } rows[] = {
        {0, 0, 0},
        {1, 1, 1},
        {7, 7, 7},
        {1000, 1000, 1125},
        {60000, 60000, 67500},
        {60001, -1, -1},
        {INT64_MAX, -1, -1},
    };
    const struct lg_settings s = policy();

    (void)state;
    for (size_t i = 0; i < LG_COUNT(rows); i++) {
        assert_int_equal(delay(&s, 0, rows[i].after, INT64_MAX, 0),
                         rows[i].least);
        assert_int_equal(delay(&s, 0, rows[i].after, INT64_MAX, UINT32_MAX),
                         rows[i].most);
    }
}

static void stays_in_time(void **state)
{
    const struct lg_settings s = policy();

    (void)state;
    assert_int_equal(delay(&s, 0, -1, 501, 0), 500);
    assert_int_equal(delay(&s, 0, -1, 500, 0), -1);
    assert_int_equal(delay(&s, 0, 1000, 1001, 0), 1000);
    assert_int_equal(delay(&s, 0, 1000, 1000, 0), -1);
    assert_int_equal(delay(&s, 0, -1, 0, 0), -1);
    assert_int_equal(delay(&s, 0, -1, -5, 0), -1);
}

static void may_refuse_the_ambiguous(void **state)
{
    struct lg_settings s = policy();
    struct lg_retry_budget none = {0};

    (void)state;
    s.retry_ambiguous = 0;
    for (size_t i = 0; i < LG_COUNT(verdicts); i++) {
        const int64_t ms =
            lg_retry_delay(&s, &verdicts[i].f, 0, INT64_MAX, 0, &none);

        assert_int_equal(ms, verdicts[i].want == LG_RETRY_SAFE ? 500 : -1);
    }
}

/* What a header says, through to the delay. */
static void reads_retry_after(void **state)
{
    static const struct {
        const char *ms, *seconds;
        int64_t want; /* -1: back off by our own measure */
    } rows[] = {
        {NULL, "0", 0},
        {NULL, "7", 7000},
        {NULL, "0.5", 500},
        {NULL, "1e1", 10000},
        {NULL, "-1", -1},
        {NULL, "NaN", -1},
        {NULL, "Infinity", -1},
        {NULL, "soon", -1},
        {NULL, "", -1},
        {"250", "7", 250},
        {"0.25", NULL, 1},
        {"NaN", "7", 7000},
        {"-5", "7", 7000},
        {"302539000", NULL, 302539000},
        {NULL, "1000000000", 1000000000000},
        {NULL, "1e400", INT64_MAX},
        {NULL, "Thu, 01 Jan 2026 00:00:09 GMT", 9000},
        {NULL, "Wed, 31 Dec 2025 23:59:59 GMT", 0},
        {NULL, "Thu, 32 Jan 2026 00:00:09 GMT", -1},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(rows); i++) {
        const int64_t got = lg_http_retry_after(
            lg_str_of(rows[i].ms), lg_str_of(rows[i].seconds), 1767225600000);

        if (got != rows[i].want)
            fail_msg("row %zu: %lld", i, (long long)got);
    }
}

/* ---- the bucket --------------------------------------------------------- */

static void spends_and_earns(void **state)
{
    const struct lg_settings s = policy();
    const struct lg_failure f = ANSWER(529);
    struct lg_retry_budget b = {.max = 12};
    int n = 0;

    (void)state;
    atomic_store(&b.tokens, 12);
    while (lg_retry_delay(&s, &f, 0, INT64_MAX, 0, &b) >= 0)
        n++;
    assert_int_equal(n, 2);
    assert_int_equal(atomic_load(&b.tokens), 2);
    for (int i = 0; i < 3; i++)
        lg_retry_refund(&b);
    assert_int_equal(lg_retry_delay(&s, &f, 0, INT64_MAX, 0, &b), 500);
    for (int i = 0; i < 100; i++)
        lg_retry_refund(&b);
    assert_int_equal(atomic_load(&b.tokens), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(backs_off),
        cmocka_unit_test(backs_off_at_the_edges),
        cmocka_unit_test(obeys_the_server),
        cmocka_unit_test(stays_in_time),
        cmocka_unit_test(may_refuse_the_ambiguous),
        cmocka_unit_test(reads_retry_after),
        cmocka_unit_test(spends_and_earns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
