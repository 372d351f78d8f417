/* SPDX-License-Identifier: MIT
 *
 * How streams end: in failures, in a folded answer, and as whole answers. */
#include "tests/api/streams.h"

/* ---- failures ----------------------------------------------------------- */

static void assert_error(const llmgw_error *e, int code, const char *part)
{
    if (llmgw_error_code(e) != code)
        fail_msg("code %d: %s", llmgw_error_code(e), llmgw_error_message(e));
    assert_has(llmgw_error_message(e), part);
    assert_null(llmgw_error_where(e));
}

static const struct {
    const char *name;
    const char *ask, *type, *body;
    int code;
    const char *part; /* of the message */
} fails[] = {
    {"an error first", CLAUDE, EVENTS,
     M_ERROR("invalid_request_error", "no such tool"), LLMGW_E_REFUSED,
     "no such tool"},
    {"an error without a name", CLAUDE, EVENTS,
     "data: " REFUSAL("invalid_request_error", "no such tool") "\n\n",
     LLMGW_E_REFUSED, "no such tool"},
    {"a chat error first", GPT, EVENTS,
     "data: {\"error\":{\"message\":\"bad tool\",\"type\":"
     "\"invalid_request_error\"}}\n\n",
     LLMGW_E_REFUSED, "bad tool"},
    {"HTML", CLAUDE, "text/html", "<html><body>Log in</body></html>",
     LLMGW_E_PROTOCOL, ""},
    {"HTML, charset", GPT, "text/html; charset=utf-8", "<p>\n\n<p>",
     LLMGW_E_PROTOCOL, ""},
    {"nothing", CLAUDE, EVENTS, "", LLMGW_E_TRUNCATED, "ended"},
    {"nothing, JSON", CLAUDE, JSON, "", LLMGW_E_PROTOCOL, ""},
    {"half an event", CLAUDE, EVENTS, "event: message_start\ndata: {\"type",
     LLMGW_E_TRUNCATED, ""},
    {"no JSON", CLAUDE, EVENTS, FRAME("message_start", "{\"type\":oops}"),
     LLMGW_E_PROTOCOL, ""},
    {"no JSON, chat", GPT, EVENTS, "data: {\"choices\":oops}\n\n",
     LLMGW_E_PROTOCOL, ""},
    {"a JSON answer that is none", CLAUDE, JSON, "{\"type\":\"message\"",
     LLMGW_E_PROTOCOL, ""},
    {"a JSON answer of a wrong shape", GPT, JSON, "{\"choices\":7}",
     LLMGW_E_PROTOCOL, ""},
    {"an error in JSON", GPT, JSON,
     "{\"error\":{\"message\":\"bad tool\",\"type\":"
     "\"invalid_request_error\"}}",
     LLMGW_E_REFUSED, "bad tool"},
};

static void fails_before_it_begins(void **state)
{
    (void)state;
    set("retry.max", "0");
    for (size_t i = 0; i < COUNT(fails); i++) {
        print_message("# %s\n", fails[i].name);
        set("retry.max", "0");
        script(200, fails[i].type, fails[i].body);
        if (stream(fails[i].ask) == 0) {
            assert_int_equal(collect(), fails[i].code);
            assert_string_equal(got.events, "");
            assert_error(stream_error(), fails[i].code, fails[i].part);
        } else {
            assert_error(sc.e, fails[i].code, fails[i].part);
        }
        scene_anew();
    }
}

/* The frame of the error is a frame: who forwards them all forwards it. */
static void fails_with_a_frame(void **state)
{
    const char *body = M_START M_TEXT_OPEN("0") M_TEXT("0", "It ")
        M_ERROR("overloaded_error", "Overloaded");

    (void)state;
    script(200, EVENTS, body);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(collect(), LLMGW_E_PROVIDER);
    assert_string_equal(got.frames, body);
    assert_string_equal(got.events, "SoT");
    assert_has(llmgw_stream_json(sc.st, NULL), "\"overloaded_error\"");
    assert_error(stream_error(), LLMGW_E_PROVIDER, "Overloaded");
    assert_string_equal(llmgw_error_provider_type(stream_error()),
                        "overloaded_error");
    assert_string_equal(llmgw_error_get(stream_error(), "maybe_billed"),
                        "true");
    assert_int_equal(llmgw_error_retryable(stream_error()), 1);
    assert_string_equal(llmgw_response_text(answer(), NULL), "It ");
    assert_int_equal(llmgw_response_usage(answer(), LLMGW_USAGE_INPUT), 10);
    assert_null(llmgw_response_stop(answer()));
    assert_int_equal(requests(), 1);
}

static void fails_with_a_converted_frame(void **state)
{
    const char *body = M_START M_TEXT_OPEN("0") M_TEXT("0", "It ")
        M_ERROR("overloaded_error", "Overloaded");

    (void)state;
    script(200, EVENTS, body);
    assert_int_equal(stream(AS_CHAT), 0);
    assert_int_equal(collect(), LLMGW_E_PROVIDER);
    assert_as_converted("anthropic-messages", "openai-chat", body,
                        LLMGW_E_TRUNCATED);
    assert_has(got.frames, "\"error\":{");
}

static void is_truncated(void **state)
{
    const char *whole = MESSAGE_STREAM;
    const size_t n = strlen(whole);

    (void)state;
    for (size_t cut = 0; cut < n - 2; cut++) {
        char part[4096];

        set("retry.max", "0");
        memcpy(part, whole, cut);
        part[cut] = '\0';
        script(200, EVENTS, part);
        assert_int_equal(stream(CLAUDE), 0);
        assert_int_equal(collect(), LLMGW_E_TRUNCATED);
        assert_int_equal(llmgw_error_http_status(stream_error()), 200);
        assert_int_equal(strncmp(whole, got.frames, strlen(got.frames)), 0);
        assert_int_equal(llmgw_error_retryable(stream_error()), 1);
        scene_anew();
    }
}

static void is_reset(void **state)
{
    (void)state;
    expect();
    and_status(200, EVENTS);
    and_body(M_START M_TEXT_OPEN("0") M_TEXT("0", "It "));
    assert_int_equal(llmgw_script_reset(sc.s), 0);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(collect(), LLMGW_E_TRUNCATED);
    assert_string_equal(got.events, "SoT");
    assert_string_equal(llmgw_response_text(answer(), NULL), "It ");
}

/* A terminator is the end, whatever comes of the connection. */
static void needs_no_end_of_the_body(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        expect();
        and_status(200, EVENTS);
        and_body(MESSAGE_STREAM "event: late\ndata: {}\n\n");
        assert_int_equal(
            i ? llmgw_script_reset(sc.s) : llmgw_script_stall(sc.s), 0);
        assert_int_equal(stream(CLAUDE), 0);
        assert_int_equal(collect(), 0);
        assert_string_equal(got.events, "SoTTpZo");
        assert_in_range(now(), 0, 100);
        scene_anew();
    }
}

/* ---- the folded answer -------------------------------------------------- */

static void folds(void **state)
{
    const llmgw_response *r;
    llmgw_response *mine = NULL;

    (void)state;
    expect();
    and_status(200, EVENTS);
    and_header("Request-Id", "req_7");
    and_body(TOOL_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    r = answer();
    assert_non_null(r);
    assert_string_equal(llmgw_response_text(r, NULL), "Look: ");
    assert_string_equal(llmgw_response_model(r), "claude-x");
    assert_string_equal(llmgw_response_provider(r), "anthropic");
    assert_string_equal(llmgw_response_stop(r), "tool");
    assert_string_equal(llmgw_response_request_id(r), "req_7");
    assert_string_equal(llmgw_response_header(r, "CONTENT-TYPE"), EVENTS);
    assert_int_equal(llmgw_response_usage(r, LLMGW_USAGE_OUTPUT), 20);
    assert_has(llmgw_response_json(r, NULL), "\"input\":{\"a\":1}");
    assert_has(llmgw_response_json(r, NULL), "\"signature\":\"c2ln\"");
    assert_ptr_equal(answer(), r); /* asked again, it still lives */
    assert_int_equal(llmgw_stream_take_response(sc.st, &mine), 0);
    llmgw_stream_free(sc.st);
    sc.st = NULL;
    assert_string_equal(llmgw_response_text(mine, NULL), "Look: ");
    llmgw_response_free(mine);
}

static void folds_midway(void **state)
{
    (void)state;
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    while (next() != LLMGW_EVENT_TEXT)
        continue;
    assert_string_equal(llmgw_response_text(answer(), NULL), "It ");
    assert_int_equal(llmgw_response_usage(answer(), LLMGW_USAGE_INPUT), 10);
    assert_null(llmgw_response_stop(answer()));
    assert_int_equal(next(), LLMGW_EVENT_TEXT);
    assert_string_equal(llmgw_response_text(answer(), NULL), "It is");
    assert_string_equal(llmgw_stream_text(sc.st, NULL), "is");
    assert_int_equal(drain(), 0);
    assert_string_equal(llmgw_response_stop(answer()), "end");
}

static void folds_usage_alone(void **state)
{
    (void)state;
    set("fold", "usage");
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_string_equal(llmgw_response_text(answer(), NULL), "");
    assert_int_equal(llmgw_response_usage(answer(), LLMGW_USAGE_OUTPUT), 20);
    assert_string_equal(llmgw_response_stop(answer()), "end");
}

/* Losses of the request are told of a stream that has begun, too. */
static void folds_losses(void **state)
{
    char losses[2048] = "";
    const char *loss;

    (void)state;
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream("{\"model\":\"anthropic/c\",\"seed\":7,\"zzz\":1,"
                            "\"messages\":[{\"role\":\"user\",\"content\":"
                            "\"Hi\"}]}"),
                     0);
    assert_int_equal(drain(), 0);
    for (size_t i = 0; (loss = llmgw_response_loss(answer(), i)) != NULL; i++)
        strcat(losses, loss);
    assert_has(losses, "{\"pointer\":\"/seed\",\"action\":\"dropped\",");
    assert_has(losses, "{\"pointer\":\"/zzz\",\"action\":\"dropped\",");
}

/* ---- whole answers and streams ------------------------------------------ */

static void reads_json_for_a_stream(void **state)
{
    (void)state;
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(collect(), 0);
    assert_string_equal(got.texts, "Hi|");
    assert_has(got.frames, "event: message_start\n");
    assert_has(got.frames, "event: message_stop\n");
    assert_string_equal(llmgw_response_text(answer(), NULL), "Hi");
}

/* However many frames that makes. */
static void reads_long_json_for_a_stream(void **state)
{
    enum {
        BLOCKS = 40
    };
    char body[8192] = "";
    size_t frames = 0;

    (void)state;
    strcat(body, "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\","
                 "\"model\":\"c\",\"content\":[");
    for (int i = 0; i < BLOCKS; i++)
        strcat(body, i ? ",{\"type\":\"text\",\"text\":\"x\"}"
                       : "{\"type\":\"text\",\"text\":\"x\"}");
    strcat(body, "],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                 "\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}");
    script(200, JSON, body);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(collect(), 0);
    for (const char *p = got.frames; (p = strstr(p, "\n\n")) != NULL; p++)
        frames++;
    assert_int_equal(frames, 1 + 3 * BLOCKS + 2);
    assert_int_equal(got.nframes, frames);
    assert_has(got.frames, "event: message_stop\n");
}

/* A whole answer fetched as a stream is the same but for how it is spelt. */
static void creates_via_stream(void **state)
{
    (void)state;
    set("create_via_stream", "true");
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(call(GPT), 0);
    assert_has(sent(0, "body"), "\"stream\":true");
    assert_string_equal(text(), "It is");
    assert_string_equal(llmgw_response_stop(sc.r), "end");
    assert_int_equal(llmgw_response_usage(sc.r, LLMGW_USAGE_OUTPUT), 20);
    assert_has(llmgw_response_json(sc.r, NULL), "\"chat.completion\"");
    assert_has(llmgw_response_loss(sc.r, 0), "approximated");
    assert_null(llmgw_response_loss(sc.r, 1));
    script(200, EVENTS, C_TEXT("It "));
    assert_int_equal(call_with(NULL, GPT), LLMGW_E_TRUNCATED);
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "true");
}

/* What is said of how an answer came to be is no loss of what was asked. */
static void creates_via_stream_strictly(void **state)
{
    (void)state;
    set("create_via_stream", "true");
    set("strict", "true");
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(call(CLAUDE), 0);
    assert_string_equal(text(), "It is");
    assert_has(llmgw_response_loss(sc.r, 0), "stream");
}

static void refuses_errors_in_200(void **state)
{
    (void)state;
    script(200, JSON, REFUSAL("invalid_request_error", "no such tool"));
    assert_int_equal(call(CLAUDE), LLMGW_E_REFUSED);
    assert_error(sc.e, LLMGW_E_REFUSED, "no such tool");
    assert_string_equal(llmgw_error_provider_type(sc.e),
                        "invalid_request_error");
    set("retry.initial_ms", "1");
    script(200, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(requests(), 3);
    assert_has(llmgw_response_get(sc.r, "attempts"), "Overloaded");
}

/* Ceilings hold, and what is beyond one is not asked for again. */
static void has_ceilings(void **state)
{
    static const struct {
        const char *key, *ask;
        int streamed;
    } rows[] = {
        {"max_body_bytes", CLAUDE, 0},   {"max_body_bytes", AS_CHAT, 0},
        {"max_body_bytes", CLAUDE, 1},   {"max_event_bytes", CLAUDE, 1},
        {"max_event_bytes", AS_CHAT, 1},
    };
    static char words[3001], body[4000];

    (void)state;
    memset(words, 'x', sizeof(words) - 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        set(rows[i].key, "2048");
        if (rows[i].streamed)
            (void)snprintf(body, sizeof(body),
                           M_START M_TEXT_OPEN("0") M_TEXT("0", "%s"), words);
        else
            (void)snprintf(body, sizeof(body), MESSAGE("%s"), words);
        script(200, rows[i].streamed ? EVENTS : JSON, body);
        if (!rows[i].streamed) {
            assert_int_equal(call(rows[i].ask), LLMGW_E_LIMIT);
            assert_error(sc.e, LLMGW_E_LIMIT, "ceiling");
        } else {
            assert_int_equal(stream(rows[i].ask), 0);
            assert_int_equal(next(), LLMGW_EVENT_START);
            assert_int_equal(collect(), LLMGW_E_LIMIT);
            assert_error(stream_error(), LLMGW_E_LIMIT, "ceiling");
        }
        assert_int_equal(requests(), 1);
        scene_anew();
    }
}

static void refuses_other_bodies(void **state)
{
    static const char *const bodies[] = {
        "", "<html>", "{\"id\":", "[]", "7", "{\"choices\":7}", "{}"};

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        for (int other = 0; other < 2; other++) {
            script(200, JSON, bodies[i]);
            assert_int_equal(call(other ? AS_MESSAGES : GPT), LLMGW_E_PROTOCOL);
            assert_error(sc.e, LLMGW_E_PROTOCOL, "");
            assert_int_equal(llmgw_error_http_status(sc.e), 200);
            assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "true");
        }
    }
    assert_int_equal(requests(), 2 * COUNT(bodies));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(fails_before_it_begins),
        SCENE(fails_with_a_frame),
        SCENE(fails_with_a_converted_frame),
        SCENE(is_truncated),
        SCENE(is_reset),
        SCENE(needs_no_end_of_the_body),
        SCENE(folds),
        SCENE(folds_midway),
        SCENE(folds_usage_alone),
        SCENE(folds_losses),
        SCENE(reads_json_for_a_stream),
        SCENE(reads_long_json_for_a_stream),
        SCENE(creates_via_stream),
        SCENE(creates_via_stream_strictly),
        SCENE(refuses_errors_in_200),
        SCENE(refuses_other_bodies),
        SCENE(has_ceilings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
