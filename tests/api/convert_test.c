/* SPDX-License-Identifier: MIT
 *
 * Conversion as a host asks for it: by itself, and in a call, where what is
 * lost is told. */
#include "tests/api/api.h"

#define A "anthropic-messages"
#define C "openai-chat"

static char *out, *loss;
static size_t n;

static int clear(void **state)
{
    (void)state;
    llmgw_free(out);
    llmgw_free(loss);
    llmgw_error_free(sc.e);
    out = loss = NULL;
    sc.e = NULL;
    return 0;
}

static int convert_with(const llmgw_options *o, const char *kind,
                        const char *from, const char *to, const char *json)
{
    int rc;

    (void)clear(NULL);
    out = loss = (char *)&n; /* set, whatever comes */
    n = 99;
    rc = llmgw_convert(o, kind, from, to, json, NUL, &out, &n, &loss, &sc.e);
    assert_true((rc == 0) == (out != NULL));
    assert_int_equal(llmgw_error_code(sc.e), rc);
    assert_int_equal(n, out ? strlen(out) : 0);
    return rc;
}

static int convert(const char *kind, const char *from, const char *to,
                   const char *json)
{
    return convert_with(NULL, kind, from, to, json);
}

#define LOSSY                                                         \
    "{\"model\":\"m\",\"max_tokens\":9,\"seed\":7,\"zzz\":{\"a\":1}," \
    "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\",\"yyy\":1}]}"

/* ---- documents ---------------------------------------------------------- */

static void converts_requests(void **state)
{
    (void)state;
    assert_int_equal(convert("request", C, A, ASK_CHAT("m")), 0);
    assert_has(out, "\"max_tokens\":4096");
    assert_has(out, "\"model\":\"m\"");
    assert_has(loss, "max_tokens");
    assert_int_equal(convert("request", A, C, ASK_MESSAGES("m")), 0);
    assert_has(out, "\"max_completion_tokens\":9");
    assert_string_equal(loss, "[]");
}

static void converts_answers(void **state)
{
    (void)state;
    assert_int_equal(convert("response", A, C, MESSAGE("Hi")), 0);
    assert_has(out, "\"finish_reason\":\"stop\"");
    assert_has(out, "\"completion_tokens\":20");
    assert_string_equal(loss, "[]");
    assert_int_equal(convert("response", C, A, COMPLETION("Hi")), 0);
    assert_has(out, "\"stop_reason\":\"end_turn\"");
    assert_has(out, "\"text\":\"Hi\"");
}

static void converts_errors(void **state)
{
    (void)state;
    assert_int_equal(convert("error", A, C, OVERLOADED), 0);
    assert_has(out, "{\"error\":{\"message\":\"Overloaded\"");
    assert_int_equal(convert("error", C, A,
                             "{\"error\":{\"message\":\"no\",\"type\":"
                             "\"invalid_request_error\",\"param\":null,"
                             "\"code\":null}}"),
                     0);
    assert_has(out, "\"type\":\"error\"");
    assert_has(out, "\"type\":\"invalid_request_error\"");
}

/* The same format: the same bytes, once they are JSON. */
static void hands_through(void **state)
{
    static const char *const kinds[] = {"request", "response", "error"};
    const char *odd = " {\"a\":1.0,\"a\":9007199254740993 }\n";

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        assert_int_equal(convert(kinds[i], A, A, odd), 0);
        assert_string_equal(out, odd);
        assert_string_equal(loss, "[]");
        assert_true(convert(kinds[i], C, C, "{\"a\":") < 0);
    }
}

static void reports_losses(void **state)
{
    (void)state;
    assert_int_equal(convert("request", C, A, LOSSY), 0);
    assert_int_equal(loss[0], '[');
    assert_has(loss,
               "{\"pointer\":\"/seed\",\"action\":\"dropped\",\"reason\":");
    assert_has(loss,
               "{\"pointer\":\"/zzz\",\"action\":\"dropped\",\"reason\":");
    assert_has(loss, "{\"pointer\":\"/messages/0/yyy\",\"action\":\"dropped\"");
    assert_has_not(out, "seed");
    assert_int_equal(loss[strlen(loss) - 1], ']');
}

static void is_strict(void **state)
{
    (void)state;
    set("strict", "true");
    assert_int_equal(convert_with(sc.o, "request", C, A, LOSSY),
                     LLMGW_E_UNSUPPORTED);
    assert_has(llmgw_error_where(sc.e), "/");
    assert_has(loss, "\"action\":\"dropped\"");
    assert_int_equal(convert_with(sc.o, "request", A, C, ASK_MESSAGES("m")), 0);
    assert_int_equal(convert_with(sc.o, "request", A, A, LOSSY), 0);
    set("max_tokens", "77");
    set("strict", "false");
    assert_int_equal(convert_with(sc.o, "request", C, A, ASK_CHAT("m")), 0);
    assert_has(out, "\"max_tokens\":77");
}

static const struct {
    const char *kind, *from, *to, *json;
    int code;
    const char *where;
} refusals[] = {
    {"requests", A, C, "{}", LLMGW_E_INVALID, NULL},
    {"", A, C, "{}", LLMGW_E_INVALID, NULL},
    {"Request", A, C, "{}", LLMGW_E_INVALID, NULL},
    {NULL, A, C, "{}", LLMGW_E_INVALID, NULL},
    {"request", A, C, NULL, LLMGW_E_INVALID, NULL},
    {"request", NULL, C, "{}", LLMGW_E_UNSUPPORTED, "from"},
    {"request", A, NULL, "{}", LLMGW_E_UNSUPPORTED, "to"},
    {"request", "openai", C, "{}", LLMGW_E_UNSUPPORTED, "from"},
    {"request", A, "", "{}", LLMGW_E_UNSUPPORTED, "to"},
    {"request", A, C, "", LLMGW_E_JSON, NULL},
    {"request", A, C, "[]", LLMGW_E_JSON, NULL},
    {"request", A, C, "{\"messages\":7}", LLMGW_E_JSON, "/messages"},
    {"request", C, A, "{\"messages\":[{\"role\":\"user\",\"content\":7}]}",
     LLMGW_E_JSON, "/messages/0/content"},
    {"response", A, C, "{\"content\":7}", LLMGW_E_PROTOCOL, NULL},
    {"response", A, C, "{", LLMGW_E_PROTOCOL, NULL},
    {"response", C, A, "<html>", LLMGW_E_PROTOCOL, NULL},
    {"error", A, C, "{}", LLMGW_E_JSON, NULL},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const char *where;
        const int rc = convert(refusals[i].kind, refusals[i].from,
                               refusals[i].to, refusals[i].json);

        if (rc != refusals[i].code)
            fail_msg("row %zu: %d (%s)", i, rc, llmgw_error_message(sc.e));
        where = llmgw_error_where(sc.e);
        if (refusals[i].where)
            assert_string_equal(where, refusals[i].where);
        if (rc != LLMGW_E_UNSUPPORTED)
            assert_null(loss);
    }
}

static void needs_no_outputs(void **state)
{
    (void)state;
    assert_int_equal(llmgw_convert(NULL, "request", A, C, ASK_MESSAGES("m"),
                                   NUL, NULL, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_convert(NULL, "request", A, C, ASK_MESSAGES("m"),
                                   NUL, &out, NULL, NULL, NULL),
                     0);
    assert_non_null(out);
    llmgw_free(out);
    assert_int_equal(
        llmgw_convert(NULL, "request", "x", C, "{}", 2, &out, NULL, NULL, NULL),
        LLMGW_E_UNSUPPORTED);
    assert_null(out);
}

/* ---- streams ------------------------------------------------------------ */

/* Fed in pieces of `piece` bytes; 0: at once. */
static char *feed(llmgw_converter *v, const char *in, size_t piece, int want)
{
    static char all[65536];
    const size_t len = strlen(in);
    size_t at = 0, part = 0;
    const char *p;
    int rc = 0;

    for (size_t i = 0; i < len && rc == 0; i += piece ? piece : len) {
        const size_t left = len - i;

        rc = llmgw_converter_feed(v, in + i,
                                  piece && piece < left ? piece : left);
        while ((p = llmgw_converter_take(v, &part)) != NULL) {
            memcpy(all + at, p, part);
            at += part;
        }
    }
    if (rc == 0)
        rc = llmgw_converter_finish(v);
    while ((p = llmgw_converter_take(v, &part)) != NULL) {
        memcpy(all + at, p, part);
        at += part;
    }
    assert_int_equal(part, 0);
    assert_int_equal(rc, want);
    assert_int_equal(llmgw_error_code(llmgw_converter_error(v)), want);
    all[at] = '\0';
    return all;
}

static llmgw_converter *converter(const char *from, const char *to)
{
    llmgw_converter *v = NULL;

    assert_int_equal(llmgw_converter_new(NULL, from, to, &v, NULL), 0);
    return v;
}

static void converts_streams(void **state)
{
    static const size_t pieces[] = {0, 1, 3, 100};
    char first[65536] = "";

    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++) {
        llmgw_converter *v = converter(C, A);
        const char *got = feed(v, CHAT_STREAM, pieces[i], 0);

        if (i == 0)
            strcpy(first, got);
        assert_string_equal(got, first);
        llmgw_converter_free(v);
    }
    assert_has(first, "event: message_stop\n");
    assert_has(first, "\"text\":\"It \"");
}

static void hands_streams_through(void **state)
{
    const char *odd =
        ": hi\n\nevent: x\r\ndata: {\"type\":\"x\"}\r\n\r\n" MESSAGE_STREAM;

    (void)state;
    for (size_t piece = 0; piece < 5; piece++) {
        llmgw_converter *v = converter(A, A);

        assert_string_equal(feed(v, odd, piece, 0), odd);
        llmgw_converter_free(v);
    }
}

static void knows_the_end(void **state)
{
    llmgw_converter *v = converter(A, C);

    (void)state;
    assert_has_not(feed(v, M_START M_TEXT_OPEN("0"), 0, LLMGW_E_TRUNCATED),
                   "[DONE]");
    assert_has(llmgw_error_message(llmgw_converter_error(v)), "message_stop");
    assert_int_equal(llmgw_converter_feed(v, "x", 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_converter_finish(v), LLMGW_E_INVALID);
    llmgw_converter_free(v);
    v = converter(A, C);
    assert_has(feed(v, M_START M_ERROR("overloaded_error", "Overloaded"), 0,
                    LLMGW_E_TRUNCATED),
               "\"message\":\"Overloaded\"");
    llmgw_converter_free(v);
    v = converter(A, C);
    (void)feed(v, FRAME("message_start", "{oops}"), 0, LLMGW_E_PROTOCOL);
    assert_int_equal(llmgw_converter_feed(v, "x", 1), LLMGW_E_PROTOCOL);
    assert_int_equal(llmgw_converter_finish(v), LLMGW_E_PROTOCOL);
    llmgw_converter_free(v);
}

#define LOSSY_STREAM                                                          \
    M_START M_OPEN("0", "{\"type\":\"web_search_tool_result\","               \
                        "\"tool_use_id\":\"s\",\"content\":[]}") M_CLOSE("0") \
        M_TEXT_OPEN("1") M_TEXT("1", "Hi")                                    \
            M_DELTA("1", "{\"type\":\"citations_delta\",\"citation\":{"       \
                         "\"type\":\"char_location\",\"cited_text\":\"x\"}}") \
                M_CLOSE("1") M_END("end_turn")

/* What loss() gave lives on while others are asked for. */
static void reports_losses_of_streams(void **state)
{
    llmgw_converter *v = converter(A, C);
    const char *l[8];
    size_t count = 0;

    (void)state;
    (void)feed(v, LOSSY_STREAM, 1, 0);
    while (count < 8 && (l[count] = llmgw_converter_loss(v, count)) != NULL)
        count++;
    assert_in_range(count, 2, 7);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strncmp(l[i], "{\"pointer\":\"", 12), 0);
        assert_has(l[i], "\"reason\":\"");
        assert_ptr_equal(llmgw_converter_loss(v, i), l[i]);
        assert_true(i == 0 || strcmp(l[i], l[0]) != 0);
    }
    assert_null(llmgw_converter_loss(v, count));
    assert_null(llmgw_converter_loss(v, (size_t)-1));
    llmgw_converter_free(v);
}

static void streams_strictly(void **state)
{
    llmgw_converter *v = NULL;

    (void)state;
    set("strict", "true");
    assert_int_equal(llmgw_converter_new(sc.o, A, C, &v, NULL), 0);
    (void)feed(v, LOSSY_STREAM, 0, LLMGW_E_UNSUPPORTED);
    assert_non_null(llmgw_converter_loss(v, 0));
    llmgw_converter_free(v);
    assert_int_equal(llmgw_converter_new(sc.o, A, C, &v, NULL), 0);
    (void)feed(v, MESSAGE_STREAM, 0, 0);
    llmgw_converter_free(v);
}

static void makes_no_converter(void **state)
{
    llmgw_converter *v = (llmgw_converter *)&n;

    (void)state;
    assert_int_equal(llmgw_converter_new(NULL, A, "x", &v, &sc.e),
                     LLMGW_E_UNSUPPORTED);
    assert_null(v);
    assert_string_equal(llmgw_error_where(sc.e), "to");
    assert_int_equal(llmgw_converter_new(NULL, NULL, C, &v, NULL),
                     LLMGW_E_UNSUPPORTED);
    assert_int_equal(llmgw_converter_new(NULL, A, C, NULL, NULL),
                     LLMGW_E_INVALID);
}

/* ---- in a call ---------------------------------------------------------- */

static void loses_in_a_call(void **state)
{
    struct traces t = {0};
    char told[4096] = "";
    const char *l;
    size_t i;

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(
        llmgw_chat_create(client(), NULL,
                          "{\"model\":\"anthropic/m\",\"seed\":7,\"messages\":"
                          "[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                          NUL, &sc.r, &sc.e),
        0);
    for (i = 0; (l = llmgw_response_loss(sc.r, i)) != NULL; i++)
        strcat(told, l);
    assert_has(told, "\"pointer\":\"/seed\"");
    assert_int_equal(count_traces(&t, LLMGW_TRACE_LOSS), i);
    for (size_t k = 0; k < i; k++) {
        assert_has(traced(&t, LLMGW_TRACE_LOSS, k), "reason=");
        assert_has(traced(&t, LLMGW_TRACE_LOSS, k), "action=");
    }
    assert_int_equal(t.kind[0], LLMGW_TRACE_CALL);
    assert_int_equal(t.kind[1], LLMGW_TRACE_LOSS); /* before it is sent */
    assert_has_not(sent(0, "body"), "seed");
}

/* What the answer loses is told like what the request did. */
static void loses_in_an_answer(void **state)
{
    struct traces t = {0};
    size_t losses = 0;

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(200, EVENTS, LOSSY_STREAM);
    assert_int_equal(stream(ASK_CHAT("anthropic/m")), 0);
    assert_int_equal(drain(), 0);
    while (llmgw_response_loss(llmgw_stream_response(sc.st), losses))
        losses++;
    assert_in_range(losses, 3, 9);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_LOSS), losses);
    assert_int_equal(t.kind[t.n - 1], LLMGW_TRACE_DONE);
}

static void is_strict_in_a_call(void **state)
{
    (void)state;
    set("strict", "true");
    for (int i = 0; i < 2; i++) {
        const char *lossy =
            "{\"model\":\"anthropic/m\",\"max_completion_tokens\":9,\"seed\":7,"
            "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

        scene_clear();
        assert_int_equal(
            i ? llmgw_chat_stream(client(), NULL, lossy, NUL, &sc.st, &sc.e)
              : llmgw_chat_create(client(), NULL, lossy, NUL, &sc.r, &sc.e),
            LLMGW_E_UNSUPPORTED);
        assert_string_equal(llmgw_error_where(sc.e), "/seed");
        assert_null(llmgw_error_get(sc.e, "attempts"));
    }
    assert_int_equal(requests(), 0); /* not a byte */
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    script(200, EVENTS, LOSSY_STREAM); /* paid for by now */
    scene_clear();
    assert_int_equal(
        llmgw_chat_stream(client(), NULL,
                          "{\"model\":\"anthropic/m\",\"max_completion_tokens\""
                          ":9,\"messages\":[{\"role\":\"user\",\"content\":"
                          "\"Hi\"}]}",
                          NUL, &sc.st, &sc.e),
        0);
    assert_int_equal(drain(), 0);
}

/* An error keeps the provider's words, and says which. */
static void tells_errors_of_the_other_format(void **state)
{
    (void)state;
    script(400, JSON, REFUSAL("invalid_request_error", "no such tool"));
    assert_int_equal(call(ASK_CHAT("anthropic/m")), LLMGW_E_REFUSED);
    assert_string_equal(llmgw_error_provider(sc.e), "anthropic");
    assert_string_equal(llmgw_error_provider_type(sc.e),
                        "invalid_request_error");
    assert_string_equal(llmgw_error_body(sc.e, NULL),
                        REFUSAL("invalid_request_error", "no such tool"));
}

int main(void)
{
#define CONVERTS(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {
        CONVERTS(converts_requests), CONVERTS(converts_answers),
        CONVERTS(converts_errors),   CONVERTS(hands_through),
        CONVERTS(reports_losses),    SCENE(is_strict),
        CONVERTS(refuses),           CONVERTS(needs_no_outputs),
        CONVERTS(converts_streams),  CONVERTS(hands_streams_through),
        CONVERTS(knows_the_end),     CONVERTS(reports_losses_of_streams),
        SCENE(streams_strictly),     CONVERTS(makes_no_converter),
        SCENE(loses_in_a_call),      SCENE(loses_in_an_answer),
        SCENE(is_strict_in_a_call),  SCENE(tells_errors_of_the_other_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
