/* SPDX-License-Identifier: MIT
 *
 * Trying again: what is sent how often, when, and what is said of it. */
#include "tests/api/api.h"

/* ---- the bucket --------------------------------------------------------- */

enum {
    BUCKET = 500, /* tokens of a client, by default, ... */
    COST = 5      /* ... and what a retry takes of them */
};

/* A provider that is down does not see each call three times. */
static void weathers_a_storm(void **state)
{
    enum {
        CALLS = 1000
    };

    (void)state;
    set("retry.initial_ms", "1");
    for (int i = 0; i < 3 * CALLS; i++)
        script(529, JSON, OVERLOADED);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(requests(), CALLS + BUCKET / COST);
}

static void may_have_no_bucket(void **state)
{
    (void)state;
    set("retry.initial_ms", "0");
    set("retry.budget", "0");
    set("retry.max", "100");
    for (int i = 0; i < 404; i++)
        script(529, JSON, OVERLOADED);
    for (int i = 0; i < 4; i++)
        assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(requests(), 404);
    assert_met();
}

/* ---- whole calls -------------------------------------------------------- */

enum how {
    ANSWERS,
    REFUSED,
    RESET,
    HALF
};

struct attempt {
    enum how how;
    int status;
    const char *body;          /* NULL: OVERLOADED */
    const char *name, *header; /* one more */
};

#define OVERLOAD                       \
    {                                  \
        ANSWERS, 529, NULL, NULL, NULL \
    }
#define STATUS(s)                    \
    {                                \
        ANSWERS, s, NULL, NULL, NULL \
    }
#define SAYS(s, n, v)          \
    {                          \
        ANSWERS, s, NULL, n, v \
    }
#define FINE                                    \
    {                                           \
        ANSWERS, 200, MESSAGE("Hi"), NULL, NULL \
    }
#define QUOTA                                               \
    "{\"error\":{\"type\":\"insufficient_quota\",\"code\":" \
    "\"insufficient_quota\",\"message\":\"You exceeded your quota\"}}"
#define FILTERED                                                         \
    "{\"error\":{\"code\":\"content_filter\",\"type\":null,\"message\":" \
    "\"filtered\"}}"

static void play(const struct attempt *a)
{
    expect();
    if (a->how == REFUSED) {
        assert_int_equal(llmgw_script_refuse(sc.s), 0);
    } else if (a->how == RESET) {
        assert_int_equal(llmgw_script_reset(sc.s), 0);
    } else {
        and_status(a->status, JSON);
        if (a->name)
            and_header(a->name, a->header);
        if (a->how == HALF) {
            and_body("{\"id\":");
            assert_int_equal(llmgw_script_reset(sc.s), 0);
        } else {
            and_body(a->body ? a->body : OVERLOADED);
        }
    }
}

struct story {
    const char *name;
    const char *ask; /* NULL: CLAUDE */
    struct attempt attempts[4];
    size_t want; /* requests */
    int code;
    const char *billed; /* of the error; in traces likewise */
    int cautious;       /* retry.ambiguous=false */
    int retryable;
    int64_t slept;
};

#define RF                           \
    {                                \
        REFUSED, 0, NULL, NULL, NULL \
    }
#define RS                         \
    {                              \
        RESET, 0, NULL, NULL, NULL \
    }
#define HF                          \
    {                               \
        HALF, 200, NULL, NULL, NULL \
    }

static const struct story stories[] = {
    {"ok", NULL, {FINE}, 1, 0, NULL, 0, 0, 0},
    {"529, ok", NULL, {OVERLOAD, FINE}, 2, 0, NULL, 0, 0, 1},
    {"529 twice, ok", NULL, {OVERLOAD, OVERLOAD, FINE}, 3, 0, NULL, 0, 0, 3},
    {"529 thrice",
     NULL,
     {OVERLOAD, OVERLOAD, OVERLOAD},
     3,
     LLMGW_E_PROVIDER,
     "false",
     0,
     1,
     3},
    {"429 thrice",
     NULL,
     {STATUS(429), STATUS(429), STATUS(429)},
     3,
     LLMGW_E_RATE_LIMIT,
     "false",
     0,
     1,
     3},
    {"503 thrice",
     NULL,
     {STATUS(503), STATUS(503), STATUS(503)},
     3,
     LLMGW_E_PROVIDER,
     "false",
     0,
     1,
     3},
    {"408", NULL, {STATUS(408), FINE}, 2, 0, NULL, 0, 0, 1},
    {"409", NULL, {STATUS(409), FINE}, 2, 0, NULL, 0, 0, 1},
    {"500 thrice",
     NULL,
     {STATUS(500), STATUS(500), STATUS(500)},
     3,
     LLMGW_E_PROVIDER,
     "true",
     0,
     1,
     3},
    {"502, ok", NULL, {STATUS(502), FINE}, 2, 0, NULL, 0, 0, 1},
    {"504, 529, 529",
     NULL,
     {STATUS(504), OVERLOAD, OVERLOAD},
     3,
     LLMGW_E_PROVIDER,
     "true",
     0,
     1,
     3},
    {"400", NULL, {STATUS(400)}, 1, LLMGW_E_REFUSED, "false", 0, 0, 0},
    {"401", NULL, {STATUS(401)}, 1, LLMGW_E_AUTH, "false", 0, 0, 0},
    {"403", NULL, {STATUS(403)}, 1, LLMGW_E_AUTH, "false", 0, 0, 0},
    {"404", NULL, {STATUS(404)}, 1, LLMGW_E_REFUSED, "false", 0, 0, 0},
    {"413", NULL, {STATUS(413)}, 1, LLMGW_E_REFUSED, "false", 0, 0, 0},
    {"422", NULL, {STATUS(422)}, 1, LLMGW_E_REFUSED, "false", 0, 0, 0},
    {"307", NULL, {STATUS(307)}, 1, LLMGW_E_PROTOCOL, "false", 0, 0, 0},
    {"529, 400",
     NULL,
     {OVERLOAD, STATUS(400)},
     2,
     LLMGW_E_REFUSED,
     "false",
     0,
     0,
     1},
    {"quota",
     GPT,
     {{ANSWERS, 429, QUOTA, NULL, NULL}},
     1,
     LLMGW_E_RATE_LIMIT,
     "false",
     0,
     0,
     0},
    {"content filter",
     GPT,
     {{ANSWERS, 400, FILTERED, NULL, NULL}},
     1,
     LLMGW_E_REFUSED,
     "false",
     0,
     0,
     0},
    {"content filter, 500",
     GPT,
     {{ANSWERS, 500, FILTERED, NULL, NULL}},
     1,
     LLMGW_E_PROVIDER,
     "false",
     0,
     0,
     0},
    {"refused", NULL, {RF, RF, RF}, 3, LLMGW_E_CONNECT, "false", 0, 1, 3},
    {"refused, cautious", NULL, {RF, FINE}, 2, 0, NULL, 1, 0, 1},
    {"reset", NULL, {RS, FINE}, 2, 0, NULL, 0, 0, 1},
    {"reset thrice", NULL, {RS, RS, RS}, 3, LLMGW_E_CONNECT, "true", 0, 1, 3},
    {"reset, cautious", NULL, {RS}, 1, LLMGW_E_CONNECT, "true", 1, 1, 0},
    {"half", NULL, {HF, FINE}, 2, 0, NULL, 0, 0, 1},
    {"half, cautious", NULL, {HF}, 1, LLMGW_E_TRUNCATED, "true", 1, 1, 0},
    {"500, cautious",
     NULL,
     {STATUS(500)},
     1,
     LLMGW_E_PROVIDER,
     "true",
     1,
     1,
     0},
    {"529, cautious", NULL, {OVERLOAD, FINE}, 2, 0, NULL, 1, 0, 1},
    {"asked not to",
     NULL,
     {SAYS(529, "x-should-retry", "false")},
     1,
     LLMGW_E_PROVIDER,
     "false",
     0,
     0,
     0},
    {"asked to",
     NULL,
     {SAYS(400, "X-Should-Retry", "true"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     1},
    {"asked nonsense",
     NULL,
     {SAYS(400, "x-should-retry", "maybe")},
     1,
     LLMGW_E_REFUSED,
     "false",
     0,
     0,
     0},
    {"after 7 ms",
     NULL,
     {SAYS(429, "retry-after-ms", "7"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     7},
    {"after 0 s",
     NULL,
     {SAYS(429, "retry-after", "0"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     0},
    {"after a date gone by",
     NULL,
     {SAYS(429, "retry-after", "Wed, 31 Dec 2025 23:59:59 GMT"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     0},
    {"after -1 s",
     NULL,
     {SAYS(429, "retry-after", "-1"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     1},
    {"after NaN",
     NULL,
     {SAYS(429, "retry-after", "NaN"), FINE},
     2,
     0,
     NULL,
     0,
     0,
     1},
    {"after 61 s",
     NULL,
     {SAYS(429, "retry-after", "61")},
     1,
     LLMGW_E_RATE_LIMIT,
     "false",
     0,
     1,
     0},
    {"after an age",
     NULL,
     {SAYS(429, "retry-after", "1e9")},
     1,
     LLMGW_E_RATE_LIMIT,
     "false",
     0,
     1,
     0},
};

static void check_billed(const struct story *y, const struct traces *t)
{
    const char *done = traced(t, LLMGW_TRACE_DONE, 0);

    assert_int_equal(count_traces(t, LLMGW_TRACE_DONE), 1);
    assert_int_equal(count_traces(t, LLMGW_TRACE_ATTEMPT), y->want);
    assert_int_equal(count_traces(t, LLMGW_TRACE_RETRY), y->want - 1);
    if (!y->code) {
        assert_null(sc.e);
        return;
    }
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), y->billed);
    if (strcmp(y->billed, "true") == 0)
        assert_has(done, "maybe_billed=true;");
    else
        assert_has_not(done, "maybe_billed=true;");
}

static void tell_story(const struct story *y)
{
    struct traces t = {0};

    print_message("# %s\n", y->name);
    set("retry.initial_ms", "1");
    set("providers.openai.api_key", "sk-oai");
    if (y->cautious)
        set("retry.ambiguous", "false");
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    for (size_t i = 0; i < y->want; i++)
        play(&y->attempts[i]);
    assert_int_equal(call(y->ask ? y->ask : CLAUDE), y->code);
    assert_met();
    assert_int_equal(requests(), y->want);
    assert_int_equal(now(), y->slept);
    if (y->code)
        assert_int_equal(llmgw_error_retryable(sc.e), y->retryable);
    check_billed(y, &t);
    for (size_t i = 1; i < y->want; i++) /* the same again */
        assert_sent(i, "body", sent(0, "body"));
}

static void tells_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stories); i++) {
        tell_story(&stories[i]);
        scene_anew();
    }
}

static void waits_as_it_says(void **state)
{
    struct traces t = {0};
    int64_t ms[2];

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(529, JSON, OVERLOADED);
    script(500, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    ms[0] = number_in(traced(&t, LLMGW_TRACE_RETRY, 0), "delay_ms=");
    ms[1] = number_in(traced(&t, LLMGW_TRACE_RETRY, 1), "delay_ms=");
    assert_in_range(ms[0], 375, 500);
    assert_in_range(ms[1], 750, 1000);
    assert_int_equal(now(), ms[0] + ms[1]);
    assert_has(traced(&t, LLMGW_TRACE_RETRY, 0), "status=529;");
    assert_has(traced(&t, LLMGW_TRACE_RETRY, 0), "maybe_billed=false;");
    assert_has(traced(&t, LLMGW_TRACE_RETRY, 0), "error=provider failed: Over");
    assert_has(traced(&t, LLMGW_TRACE_RETRY, 1), "maybe_billed=true;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "retries=2;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "maybe_billed=true;");
    assert_string_equal(llmgw_response_get(sc.r, "maybe_billed"), "true");
}

/* ---- what is told ------------------------------------------------------- */

#define ATTEMPT(code, status, error, more)                                  \
    "{\"provider\":\"anthropic\",\"code\":" code ",\"http_status\":" status \
    ",\"error\":\"" error "\",\"elapsed_ms\":0" more "}"

static void lists_attempts(void **state)
{
    (void)state;
    set("retry.initial_ms", "1");
    script(529, JSON, OVERLOADED);
    expect();
    assert_int_equal(llmgw_script_refuse(sc.s), 0);
    script(400, JSON, REFUSAL("invalid_request_error", "say \\\"please\\\""));
    assert_int_equal(call(CLAUDE), LLMGW_E_REFUSED);
    assert_string_equal(
        llmgw_error_get(sc.e, "attempts"),
        "[" ATTEMPT("-11", "529", "provider failed: Overloaded", ",\"delay_ms\":1") "," ATTEMPT(
            "-7", "0", "cannot connect: script: connection refused",
            ",\"delay_ms\":2") "," ATTEMPT("-10", "400",
                                           "request refused: say \\\"please\\\"",
                                           "") "]");
}

static void lists_what_failed_before_a_success(void **state)
{
    (void)state;
    set("retry.initial_ms", "1");
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_null(llmgw_response_get(sc.r, "attempts"));
    assert_string_equal(llmgw_response_get(sc.r, "maybe_billed"), "false");
    script(529, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_string_equal(llmgw_response_get(sc.r, "attempts"),
                        "[" ATTEMPT("-11", "529", "provider failed: Overloaded",
                                    ",\"delay_ms\":1") "]");
}

/* A hundred and one of them, each with as much to say as is kept. */
static void lists_them_all(void **state)
{
    static char words[3001], body[4096];
    const char *list;

    (void)state;
    for (size_t i = 0; i < sizeof(words) - 1; i += 6)
        memcpy(words + i, "\\u0001", 6);
    (void)snprintf(body, sizeof(body), REFUSAL("x", "%s"), words);
    set("retry.initial_ms", "0");
    set("retry.max", "100");
    set("retry.budget", "0");
    for (int i = 0; i < 101; i++)
        script(529, JSON, body);
    assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    list = llmgw_error_get(sc.e, "attempts");
    assert_non_null(list);
    assert_string_equal(list + strlen(list) - 2, "}]");
    for (int i = 0; i < 101; i++) {
        list = strstr(list, "\"http_status\":529");
        assert_non_null(list);
        list++;
    }
}

static void says_when_to_come_back(void **state)
{
    (void)state;
    expect();
    and_status(429, JSON);
    and_header("retry-after", "3600");
    and_header("request-id", "req_9");
    and_body(OVERLOADED);
    assert_int_equal(call(CLAUDE), LLMGW_E_RATE_LIMIT);
    assert_int_equal(llmgw_error_retry_after_ms(sc.e), 3600000);
    assert_int_equal(llmgw_error_retryable(sc.e), 1);
    assert_string_equal(llmgw_error_request_id(sc.e), "req_9");
    assert_string_equal(llmgw_error_provider_type(sc.e), "overloaded_error");
    assert_int_equal(now(), 0);
}

/* An answer that came is an answer, though the connection broke behind it. */
static void hears_a_refusal_before_a_reset(void **state)
{
    (void)state;
    expect();
    and_status(413, JSON);
    and_body(REFUSAL("request_too_large", "too large"));
    assert_int_equal(llmgw_script_reset(sc.s), 0);
    assert_int_equal(call(CLAUDE), LLMGW_E_REFUSED);
    assert_int_equal(llmgw_error_http_status(sc.e), 413);
    assert_string_equal(llmgw_error_provider_type(sc.e), "request_too_large");
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
    assert_int_equal(requests(), 1);
}

/* An override of one call does not change the next. */
static void overrides_for_a_call(void **state)
{
    llmgw_options *o;

    (void)state;
    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "retry.max", "0"), 0);
    set("retry.initial_ms", "1");
    for (int i = 0; i < 4; i++)
        script(529, JSON, OVERLOADED);
    assert_int_equal(call_with(o, CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(requests(), 1);
    assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(requests(), 4);
    llmgw_options_free(o);
}

/* A stream is tried again in the same way, and it is all of one attempt. */
static void retries_streams(void **state)
{
    (void)state;
    set("retry.initial_ms", "1");
    script(529, JSON, OVERLOADED);
    script(200, EVENTS, M_START M_ERROR("overloaded_error", "Overloaded"));
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(requests(), 2);
    assert_int_equal(next(), LLMGW_EVENT_START);
    assert_int_equal(drain(), LLMGW_E_PROVIDER); /* it had begun */
    assert_int_equal(requests(), 2);
    scene_anew();
    set("retry.initial_ms", "1");
    script(200, EVENTS, M_ERROR("overloaded_error", "Overloaded"));
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_int_equal(requests(), 2);
    assert_has(llmgw_response_get(llmgw_stream_response(sc.st), "attempts"),
               "\"http_status\":529");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(weathers_a_storm),
        SCENE(may_have_no_bucket),
        SCENE(tells_stories),
        SCENE(waits_as_it_says),
        SCENE(lists_attempts),
        SCENE(lists_what_failed_before_a_success),
        SCENE(lists_them_all),
        SCENE(says_when_to_come_back),
        SCENE(hears_a_refusal_before_a_reset),
        SCENE(overrides_for_a_call),
        SCENE(retries_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
