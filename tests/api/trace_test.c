/* SPDX-License-Identifier: MIT
 *
 * What is traced, and what is told to nobody. */
#include "tests/api/api.h"

/* ---- traces ------------------------------------------------------------- */

static void traces_a_call(void **state)
{
    static const int kinds[] = {LLMGW_TRACE_CALL, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_RETRY, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_DONE};
    struct traces t = {0};

    (void)state;
    set("retry.initial_ms", "1");
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(529, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(t.n, COUNT(kinds));
    assert_memory_equal(t.kind, kinds, sizeof(kinds));
    assert_string_equal(t.line[0],
                        "operation=messages;provider=anthropic;model=anthropic/"
                        "claude-x;format=anthropic-messages;call=1;attempt=0;"
                        "elapsed_ms=0;");
    assert_string_equal(
        t.line[1],
        "operation=messages;provider=anthropic;method=POST;url="
        "https://api.anthropic.com/v1/messages;call=1;attempt=1;body_bytes=82;"
        "elapsed_ms=0;");
    assert_string_equal(
        t.line[2], "operation=messages;provider=anthropic;error=provider "
                   "failed: Overloaded;maybe_billed=false;call=1;attempt=1;"
                   "delay_ms=1;status=529;elapsed_ms=0;");
    assert_string_equal(
        t.line[4], "operation=messages;provider=anthropic;call=1;attempt=2;"
                   "status=200;retries=1;code=0;elapsed_ms=1;input_tokens=10;"
                   "output_tokens=20;");
}

static void traces_a_stream(void **state)
{
    static const int kinds[] = {LLMGW_TRACE_CALL, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_FIRST, LLMGW_TRACE_DONE};
    struct traces t = {0};

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    expect();
    and_wait(5);
    and_status(200, EVENTS);
    and_body(M_START);
    and_wait(7);
    and_body(M_TEXT_OPEN("0") M_TEXT("0", "Hi"));
    and_wait(11);
    and_body(M_CLOSE("0") M_END("end_turn"));
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_int_equal(t.n, COUNT(kinds));
    assert_memory_equal(t.kind, kinds, sizeof(kinds));
    assert_has(t.line[2], "elapsed_ms=12;");
    assert_has(t.line[3], "code=0;");
    assert_has(t.line[3], "elapsed_ms=23;first_ms=12;");
    assert_has(t.line[3], "output_tokens=20;");
    assert_int_equal(drain(), 0);
    assert_int_equal(t.n, COUNT(kinds)); /* told once */
}

/* The first piece is the first, whatever the time. */
static void traces_the_first_once(void **state)
{
    struct traces t = {0};

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_int_equal(now(), 0);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_FIRST), 1);
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "first_ms=0;");
}

/* Each call that begins ends, whatever becomes of it. */
static void traces_failures(void **state)
{
    struct traces t = {0};

    (void)state;
    set("retry.max", "0");
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    assert_int_equal(call(ASK_CHAT("m")), LLMGW_E_OPTION);
    assert_int_equal(stream(ASK_CHAT("m")), LLMGW_E_OPTION);
    script(400, JSON, OVERLOADED);
    assert_int_equal(call(GPT), LLMGW_E_REFUSED);
    script(400, JSON, OVERLOADED);
    assert_int_equal(stream(GPT), LLMGW_E_REFUSED);
    script(200, EVENTS, C_TEXT("Hi"));
    assert_int_equal(stream(GPT), 0);
    assert_int_equal(drain(), LLMGW_E_TRUNCATED);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_CALL), 5);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_DONE), 5);
    assert_has(traced(&t, LLMGW_TRACE_CALL, 1), "model=m;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "code=-3;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 1), "error=no provider for model");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 3), "status=400;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 4), "code=-13;");
}

/* ---- secrets ------------------------------------------------------------ */

#define CANARY "sk-CANARY-0123456789abcdef"

/* A provider that says the key back, wherever it can. */
static void tells_no_secret(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"Incorrect key: " CANARY
        "\",\"type\":\"" CANARY "\",\"code\":\"" CANARY "\",\"param\":\"" CANARY
        "\"}}",
        "key " CANARY " is wrong", "<html>" CANARY "</html>",
        "{\"error\":\"" CANARY CANARY "\"}"};
    struct traces t = {0};

    (void)state;
    set("retry.max", "1");
    set("retry.initial_ms", "0");
    set("providers.openai.api_key", CANARY);
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    for (size_t i = 0; i < COUNT(bodies) * 3; i++) {
        const int status = i % 3 == 0 ? 401 : i % 3 == 1 ? 500 : 200;
        const llmgw_error *e;

        for (int n = 0; n < 2; n++)
            script(status, JSON, bodies[i / 3]);
        assert_true(call(GPT) < 0);
        e = sc.e;
        assert_has_not(llmgw_error_message(e), "CANARY");
        assert_has_not(llmgw_error_body(e, NULL), "CANARY");
        assert_has_not(llmgw_error_provider_type(e), "CANARY");
        assert_has_not(llmgw_error_get(e, "attempts"), "CANARY");
        assert_has_not(llmgw_error_get(e, "code"), "CANARY");
        assert_has_not(llmgw_error_get(e, "param"), "CANARY");
        for (size_t n = 0; n < t.n; n++)
            assert_has_not(t.line[n], "CANARY");
        t.n = 0;
        scene_clear();
        (void)llmgw_script_free; /* what is left of a script is not looked at */
        llmgw_client_free(sc.c);
        sc.c = NULL;
        llmgw_script_free(sc.s);
        assert_int_equal(llmgw_script_new(&sc.s), 0);
        assert_int_equal(llmgw_options_set_script(sc.o, sc.s), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(traces_a_call),         SCENE(traces_a_stream),
        SCENE(traces_the_first_once), SCENE(traces_failures),
        SCENE(tells_no_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
