/* SPDX-License-Identifier: MIT
 *
 * Streams as a caller sees them: events, frames, and what remains when one
 * fails. */
#include "tests/api/api.h"

#define AS_CHAT ASK_CHAT("anthropic/claude-x")
#define AS_MESSAGES ASK_MESSAGES("openai/gpt-x")
#define GPT_WITH_USAGE                                                    \
    "{\"model\":\"openai/gpt-x\",\"stream_options\":{\"include_usage\":"  \
    "true},\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"

/* ---- what was handed out ------------------------------------------------ */

/* All events as letters, all frames as one text. */
struct log {
    char events[512];
    char frames[65536];
    char texts[4096]; /* "TEXT", "THINKING" and "TOOL_INPUT" joined by '|' */
    size_t nevents, nframes, bytes;
};

static struct log got;

static void record_frame(void)
{
    size_t len = 0;
    const char *frame = llmgw_stream_frame(sc.st, &len);

    if (!frame) {
        assert_null(llmgw_stream_json(sc.st, NULL));
        return;
    }
    assert_true(got.bytes + len < sizeof(got.frames));
    memcpy(got.frames + got.bytes, frame, len);
    got.bytes += len;
    got.nframes++;
}

static void record(int ev)
{
    static const char letters[] = ".STHCJpZoI"; /* by kind */
    const char *said = llmgw_stream_text(sc.st, NULL);

    assert_in_range(ev, 1, 9);
    assert_true(got.nevents + 1 < sizeof(got.events));
    got.events[got.nevents++] = letters[ev];
    if (said) {
        strcat(got.texts, said);
        strcat(got.texts, "|");
    }
    record_frame();
}

/* Read on to the end. */
static int collect_more(void)
{
    int ev;

    while ((ev = next()) > 0)
        record(ev);
    record_frame(); /* that of an error */
    assert_null(llmgw_stream_text(sc.st, NULL));
    assert_int_equal(next(), ev); /* for good */
    assert_true((ev < 0) == (stream_error() != NULL));
    return ev;
}

static int collect(void)
{
    memset(&got, 0, sizeof(got));
    return collect_more();
}

static const llmgw_response *answer(void)
{
    return llmgw_stream_response(sc.st);
}

/* ---- events and frames -------------------------------------------------- */

#define TOOL_STREAM                                                          \
    M_START M_OPEN("0", "{\"type\":\"thinking\",\"thinking\":\"\","          \
                        "\"signature\":\"\"}")                               \
        M_DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}")    \
            M_DELTA("0",                                                     \
                    "{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}") \
                M_CLOSE("0") M_TEXT_OPEN("1") M_TEXT("1", "Look: ")          \
                    M_CLOSE("1") M_OPEN("2", "{\"type\":\"tool_use\",\"id\":" \
                                             "\"toolu_1\",\"name\":\"get\"," \
                                             "\"input\":{}}")                \
                        M_DELTA("2", "{\"type\":\"input_json_delta\","       \
                                     "\"partial_json\":\"{\\\"a\\\":\"}")    \
                            M_DELTA("2", "{\"type\":\"input_json_delta\","   \
                                         "\"partial_json\":\"1}\"}")         \
                                M_CLOSE("2") M_END("tool_use")

#define CHAT_TOOLS                                                            \
    C_DELTA("{\"role\":\"assistant\",\"content\":null}")                      \
    C_TEXT("Look: ")                                                          \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":"       \
            "\"function\",\"function\":{\"name\":\"get\",\"arguments\":"      \
            "\"\"}}]}")                                                       \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"      \
            "\"{\\\"a\\\":\"}}]}")                                            \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"      \
            "\"1}\"}}]}")                                                     \
    C_STOP("tool_calls") C_USAGE C_DONE

static const struct {
    const char *name, *ask, *stream;
    const char *events, *texts;
    const char *frames; /* NULL: those of the stream */
} reads[] = {
    {"messages", CLAUDE, MESSAGE_STREAM, "SoTTpZo", "It |is|", NULL},
    {"pings and comments", CLAUDE,
     M_PING ": hello\n\n" M_START M_PING M_TEXT_OPEN("0") ": x\n\n: y\n\n"
         M_TEXT("0", "Hi") "\n\n" M_CLOSE("0") M_END("end_turn"),
     "ooSooooToopZo", "Hi|", NULL},
    {"tools", CLAUDE, TOOL_STREAM, "SoHopoTpCJJpZo", "Hm|Look: |{\"a\":|1}|",
     NULL},
    {"unknown events", CLAUDE,
     M_START FRAME("news", "{\"type\":\"news\",\"x\":1}") M_TEXT_OPEN("0")
         M_TEXT("0", "Hi") M_CLOSE("0") M_END("end_turn"),
     "SooTpZo", "Hi|", NULL},
    {"chat, usage asked for", GPT_WITH_USAGE, CHAT_STREAM, "STTpZo",
     "It |is|", NULL},
    {"chat, usage not asked for", GPT, CHAT_STREAM, "STTpZo", "It |is|",
     C_DELTA("{\"role\":\"assistant\",\"content\":\"\"}") C_TEXT("It ")
         C_TEXT("is") C_STOP("stop") C_DONE},
    {"chat, no usage given", GPT,
     C_TEXT("Hi") C_STOP("stop") C_DONE, "STpZo", "Hi|", NULL},
    {"chat, comments and CRLF", GPT_WITH_USAGE,
     ": OPENROUTER PROCESSING\n\n"
     "data: {\"id\":\"c\",\"model\":\"g\",\"choices\":[{\"index\":0,"
     "\"delta\":{\"content\":\"Hi\"}}]}\r\n\r\n" C_STOP("stop") C_DONE,
     "oSTpZo", "Hi|", NULL},
    {"chat tools", GPT_WITH_USAGE, CHAT_TOOLS, "STpCJJpZo",
     "Look: |{\"a\":|1}|", NULL},
    {"no blank line behind the last", GPT_WITH_USAGE,
     C_TEXT("Hi") C_STOP("stop") C_USAGE "data: [DONE]", "STpZo", "Hi|", NULL},
};

static void reads_streams(void **state)
{
    static const size_t cuts[] = {0, 1, 7};

    (void)state;
    for (size_t i = 0; i < COUNT(reads) * COUNT(cuts); i++) {
        const size_t row = i / COUNT(cuts);
        const char *frames =
            reads[row].frames ? reads[row].frames : reads[row].stream;

        print_message("# %s, cut %zu\n", reads[row].name, cuts[i % 3]);
        expect();
        assert_int_equal(llmgw_script_cut(sc.s, cuts[i % 3]), 0);
        and_status(200, EVENTS);
        and_body(reads[row].stream);
        assert_int_equal(stream(reads[row].ask), 0);
        assert_int_equal(collect(), 0);
        assert_string_equal(got.events, reads[row].events);
        assert_string_equal(got.texts, reads[row].texts);
        assert_string_equal(got.frames, frames);
        assert_null(strstr(got.events, "ZZ"));
        scene_anew();
    }
}

/* Their clocks differ. */
static void stop_clock(char *text)
{
    while ((text = strstr(text, "\"created\":")) != NULL)
        for (text += 10; *text >= '0' && *text <= '9'; text++)
            *text = '0';
}

/* What is written in another format is that of llmgw_converter. */
static void assert_as_converted(const char *from, const char *to,
                                const char *in, int finish)
{
    llmgw_converter *v = NULL;
    const char *part;
    char want[65536] = "";
    size_t n, at = 0;

    assert_int_equal(llmgw_converter_new(NULL, from, to, &v, NULL), 0);
    (void)llmgw_converter_feed(v, in, strlen(in));
    part = llmgw_converter_take(v, &n);
    if (part)
        memcpy(want, part, n), at = n;
    assert_int_equal(llmgw_converter_finish(v), finish);
    part = llmgw_converter_take(v, &n);
    if (part)
        memcpy(want + at, part, n);
    llmgw_converter_free(v);
    stop_clock(want);
    stop_clock(got.frames);
    assert_string_equal(got.frames, want);
}

static const struct {
    const char *ask, *stream, *from, *to, *texts;
} writes[] = {
    {AS_MESSAGES, CHAT_STREAM, "openai-chat", "anthropic-messages",
     "It |is|"},
    {AS_MESSAGES, CHAT_TOOLS, "openai-chat", "anthropic-messages",
     "Look: |{\"a\":|1}|"},
};

static void writes_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(writes); i++) {
        script(200, EVENTS, writes[i].stream);
        assert_int_equal(stream(writes[i].ask), 0);
        assert_int_equal(collect(), 0);
        assert_string_equal(got.texts, writes[i].texts);
        assert_as_converted(writes[i].from, writes[i].to, writes[i].stream, 0);
        assert_has(got.frames, "event: message_stop");
        scene_anew();
    }
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* The usage chunk of a Chat stream is for those who asked. */
static void writes_chat(void **state)
{
    static const struct {
        const char *ask;
        size_t usages;
    } rows[] = {
        {AS_CHAT, 0},
        {"{\"model\":\"anthropic/claude-x\",\"stream_options\":"
         "{\"include_usage\":true},\"messages\":[{\"role\":\"user\","
         "\"content\":\"Hello\"}]}",
         1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        script(200, EVENTS, TOOL_STREAM);
        assert_int_equal(stream(rows[i].ask), 0);
        assert_int_equal(collect(), 0);
        assert_string_equal(got.texts, "Hm|Look: |{\"a\":|1}|");
        assert_int_equal(occurrences(got.frames, "\"usage\":{"),
                         rows[i].usages);
        assert_int_equal(occurrences(got.frames, "data: [DONE]\n\n"), 1);
        assert_int_equal(occurrences(got.events, "Z"), 1);
        assert_int_equal(llmgw_response_usage(answer(), LLMGW_USAGE_OUTPUT),
                         20);
        scene_anew();
    }
}

static void asks_for_usage(void **state)
{
    static const struct {
        const char *options; /* of the caller; NULL: none */
        const char *want;
    } rows[] = {
        {NULL, "{\"include_usage\":true}"},
        {"null", "{\"include_usage\":true}"},
        {"{}", "{\"include_usage\":true}"},
        {"{ \"x\" : 1 }", "{\"include_usage\":true, \"x\" : 1 }"},
        {"{\"include_usage\":true}", "{\"include_usage\":true}"},
        {"{\"include_usage\":false}", "{\"include_usage\":false}"},
    };
    char ask[512], want[512];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *o = rows[i].options;

        (void)snprintf(ask, sizeof(ask), "{%s%s%s\"model\":\"openai/g\"}",
                       o ? "\"stream_options\":" : "", o ? o : "",
                       o ? "," : "");
        (void)snprintf(want, sizeof(want), "\"stream_options\":%s",
                       rows[i].want);
        script(200, EVENTS, CHAT_STREAM);
        assert_int_equal(stream(ask), 0);
        assert_int_equal(collect(), 0);
        assert_has(sent(0, "body"), want);
        assert_has(sent(0, "body"), "\"stream\":true");
        scene_anew();
    }
}

/* Told not to ask, the gateway asks for nothing, and hides nothing. */
static void does_not_ask_for_usage(void **state)
{
    (void)state;
    set("providers.openai.stream_usage", "false");
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(stream(GPT), 0);
    assert_has_not(sent(0, "body"), "stream_options");
    assert_int_equal(collect(), 0);
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(stream(GPT_WITH_USAGE), 0);
    assert_int_equal(collect(), 0);
    assert_string_equal(got.frames, CHAT_STREAM);
}

/* ---- accessors ---------------------------------------------------------- */

static void tells_of_tools(void **state)
{
    (void)state;
    script(200, EVENTS, TOOL_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(next(), LLMGW_EVENT_START);
    assert_int_equal(llmgw_stream_index(sc.st), -1);
    assert_null(llmgw_stream_name(sc.st));
    assert_null(llmgw_stream_id(sc.st));
    while (next() != LLMGW_EVENT_TOOL)
        continue;
    assert_int_equal(llmgw_stream_index(sc.st), 2);
    assert_string_equal(llmgw_stream_name(sc.st), "get");
    assert_string_equal(llmgw_stream_id(sc.st), "toolu_1");
    assert_null(llmgw_stream_text(sc.st, NULL));
    assert_has(llmgw_stream_json(sc.st, NULL), "\"tool_use\"");
    assert_int_equal(next(), LLMGW_EVENT_TOOL_INPUT);
    assert_int_equal(llmgw_stream_index(sc.st), 2);
    assert_null(llmgw_stream_name(sc.st));
}

/* json() is the data of frame(). */
static void gives_json(void **state)
{
    size_t n = 9, m = 9;
    const char *json, *frame;

    (void)state;
    script(200, EVENTS,
           ": only a comment\n\n"
           "data: {\"id\":\"c\",\"model\":\"g\",\ndata: \"choices\":[]}\n\n"
           C_TEXT("Hi") C_STOP("stop") C_DONE);
    assert_int_equal(stream(GPT_WITH_USAGE), 0);
    assert_int_equal(next(), LLMGW_EVENT_OTHER);
    assert_null(llmgw_stream_json(sc.st, &n));
    assert_int_equal(n, 0);
    assert_string_equal(llmgw_stream_frame(sc.st, &m), ": only a comment\n\n");
    assert_int_equal(m, 18);
    assert_int_equal(next(), LLMGW_EVENT_START);
    json = llmgw_stream_json(sc.st, &n);
    frame = llmgw_stream_frame(sc.st, &m);
    assert_string_equal(json, "{\"id\":\"c\",\"model\":\"g\",\n\"choices\":[]}");
    assert_int_equal(n, strlen(json));
    assert_int_equal(m, strlen(frame));
    assert_string_equal(llmgw_stream_json(sc.st, NULL), json);
    while (next() != LLMGW_EVENT_STOP)
        continue;
    assert_int_equal(next(), LLMGW_EVENT_OTHER);
    assert_string_equal(llmgw_stream_json(sc.st, NULL), "[DONE]");
}

/* ---- text --------------------------------------------------------------- */

#define FFFD "\xef\xbf\xbd"
#define CAT  "\xf0\x9f\x90\xb1"

/* Pieces, and what comes of each; NULL ends. `two`: of the second part. */
static const struct {
    const char *pieces[4];
    const char *texts;
    const char *second, *whole;
} texts[] = {
    {{"\\ud83d\\udc31"}, CAT "|", NULL, CAT},
    {{"\\ud83d", "\\udc31"}, "|" CAT "|", NULL, CAT},
    {{"a\\uD83D", "\\uDC31b"}, "a|" CAT "b|", NULL, "a" CAT "b"},
    {{"a\\ud83d", "b"}, "a|" FFFD "b|", NULL, "a" FFFD "b"},
    {{"\\ud83d", "\\ud83d", "\\udc31"}, "|" FFFD "|" CAT "|", NULL, FFFD CAT},
    {{"\\udc31", "x"}, FFFD "|x|", NULL, FFFD "x"},
    {{"\\\\ud83d", "\\udc31"}, "\\ud83d|" FFFD "|", NULL, "\\ud83d" FFFD},
    {{"\\\\\\ud83d", "\\udc31"}, "\\|" CAT "|", NULL, "\\" CAT},
    {{"\\\\\\\\ud83d"}, "\\\\ud83d|", NULL, "\\\\ud83d"},
    {{"a\\ud83d"}, "a|" FFFD "|", NULL, "a" FFFD},
    {{"a\\ud83d"}, "a|" FFFD "|b|", "b", "a" FFFD "b"},
    {{"a\\ud83d"}, "a|" FFFD "|" FFFD "|", "\\udc31", "a" FFFD FFFD},
    {{"\\n\\t\\\"\\/"}, "\n\t\"/|", NULL, "\n\t\"/"},
};

static void script_texts(size_t row)
{
    expect();
    and_status(200, EVENTS);
    and_body(M_START M_TEXT_OPEN("0"));
    for (size_t i = 0; i < 4 && texts[row].pieces[i]; i++) {
        char frame[512];

        (void)snprintf(frame, sizeof(frame), M_TEXT("0", "%s"),
                       texts[row].pieces[i]);
        and_body(frame);
    }
    and_body(M_CLOSE("0"));
    if (texts[row].second) {
        char frame[512];

        (void)snprintf(frame, sizeof(frame), M_TEXT_OPEN("1") M_TEXT("1", "%s"),
                       texts[row].second);
        and_body(frame);
        and_body(M_CLOSE("1"));
    }
    and_body(M_END("end_turn"));
}

static void decodes_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        print_message("# row %zu\n", i);
        script_texts(i);
        assert_int_equal(stream(CLAUDE), 0);
        assert_int_equal(collect(), 0);
        assert_string_equal(got.texts, texts[i].texts);
        assert_string_equal(llmgw_response_text(answer(), NULL),
                            texts[i].whole);
        scene_anew();
    }
}

static void keeps_nul(void **state)
{
    size_t n = 0;
    const char *said;

    (void)state;
    script(200, EVENTS,
           M_START M_TEXT_OPEN("0") M_TEXT("0", "a\\u0000b") M_CLOSE("0")
               M_END("end_turn"));
    assert_int_equal(stream(CLAUDE), 0);
    while (next() != LLMGW_EVENT_TEXT)
        continue;
    said = llmgw_stream_text(sc.st, &n);
    assert_int_equal(n, 3);
    assert_memory_equal(said, "a\0b\0", 4);
    assert_int_equal(drain(), 0);
    said = llmgw_response_text(answer(), &n);
    assert_int_equal(n, 3);
    assert_memory_equal(said, "a\0b\0", 4);
}

/* The arguments of a call are JSON: half a character stays as it was. */
static void keeps_halves_in_arguments(void **state)
{
    (void)state;
    script(200, EVENTS,
           M_START M_OPEN("0", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":"
                               "\"n\",\"input\":{}}")
               M_DELTA("0", "{\"type\":\"input_json_delta\",\"partial_json\":"
                            "\"{\\\"a\\\":\\\"\\ud83d\"}")
                   M_DELTA("0", "{\"type\":\"input_json_delta\","
                                "\"partial_json\":\"\\udc31\\\"}\"}")
                       M_CLOSE("0") M_END("tool_use"));
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(collect(), 0);
    assert_string_equal(got.texts, "{\"a\":\"\\ud83d|\\udc31\"}|");
}

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
    for (size_t cut = 0; cut < n - 2; cut += 11) {
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
        assert_int_equal(i ? llmgw_script_reset(sc.s)
                           : llmgw_script_stall(sc.s), 0);
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
    enum { BLOCKS = 40 };
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

static void refuses_other_bodies(void **state)
{
    static const char *const bodies[] = {"", "<html>", "{\"id\":", "[]", "7",
                                         "{\"choices\":7}", "{}"};

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
        SCENE(reads_streams),
        SCENE(writes_streams),
        SCENE(writes_chat),
        SCENE(asks_for_usage),
        SCENE(does_not_ask_for_usage),
        SCENE(tells_of_tools),
        SCENE(gives_json),
        SCENE(decodes_text),
        SCENE(keeps_nul),
        SCENE(keeps_halves_in_arguments),
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
