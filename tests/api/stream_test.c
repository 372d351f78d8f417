/* SPDX-License-Identifier: MIT
 *
 * Streams as a caller sees them: events, frames, text. */
#include "tests/api/streams.h"

#define GPT_WITH_USAGE                                                   \
    "{\"model\":\"openai/gpt-x\",\"stream_options\":{\"include_usage\":" \
    "true},\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"

/* ---- events and frames -------------------------------------------------- */

#define CHAT_TOOLS                                                       \
    C_DELTA("{\"role\":\"assistant\",\"content\":null}")                 \
    C_TEXT("Look: ")                                                     \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":"  \
            "\"function\",\"function\":{\"name\":\"get\",\"arguments\":" \
            "\"\"}}]}")                                                  \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":" \
            "\"{\\\"a\\\":\"}}]}")                                       \
    C_DELTA("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":" \
            "\"1}\"}}]}")                                                \
    C_STOP("tool_calls") C_USAGE C_DONE

static const struct {
    const char *name, *ask, *stream;
    const char *events, *texts;
    const char *frames; /* NULL: those of the stream */
} reads[] = {
    {"messages", CLAUDE, MESSAGE_STREAM, "SoTTpZo", "It |is|", NULL},
    {"pings and comments", CLAUDE,
     M_PING ": hello\n\n" M_START M_PING M_TEXT_OPEN(
         "0") ": x\n\n: y\n\n" M_TEXT("0", "Hi") "\n\n" M_CLOSE("0")
         M_END("end_turn"),
     "ooSooooToopZo", "Hi|", NULL},
    {"tools", CLAUDE, TOOL_STREAM, "SoHopoTpCJJpZo", "Hm|Look: |{\"a\":|1}|",
     NULL},
    {"unknown events", CLAUDE,
     M_START FRAME("news", "{\"type\":\"news\",\"x\":1}") M_TEXT_OPEN("0")
         M_TEXT("0", "Hi") M_CLOSE("0") M_END("end_turn"),
     "SooTpZo", "Hi|", NULL},
    {"chat, usage asked for", GPT_WITH_USAGE, CHAT_STREAM, "STTpZo", "It |is|",
     NULL},
    {"chat, usage not asked for", GPT, CHAT_STREAM, "STTpZo", "It |is|",
     C_DELTA("{\"role\":\"assistant\",\"content\":\"\"}") C_TEXT("It ")
         C_TEXT("is") C_STOP("stop") C_DONE},
    {"chat, no usage given", GPT, C_TEXT("Hi") C_STOP("stop") C_DONE, "STpZo",
     "Hi|", NULL},
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

static const struct {
    const char *ask, *stream, *from, *to, *texts;
} writes[] = {
    {AS_MESSAGES, CHAT_STREAM, "openai-chat", "anthropic-messages", "It |is|"},
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
    script(
        200, EVENTS,
        ": only a comment\n\n"
        "data: {\"id\":\"c\",\"model\":\"g\",\ndata: \"choices\":[]}\n\n" C_TEXT(
            "Hi") C_STOP("stop") C_DONE);
    assert_int_equal(stream(GPT_WITH_USAGE), 0);
    assert_int_equal(next(), LLMGW_EVENT_OTHER);
    assert_null(llmgw_stream_json(sc.st, &n));
    assert_int_equal(n, 0);
    assert_string_equal(llmgw_stream_frame(sc.st, &m), ": only a comment\n\n");
    assert_int_equal(m, 18);
    assert_int_equal(next(), LLMGW_EVENT_START);
    json = llmgw_stream_json(sc.st, &n);
    frame = llmgw_stream_frame(sc.st, &m);
    assert_string_equal(json,
                        "{\"id\":\"c\",\"model\":\"g\",\n\"choices\":[]}");
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
