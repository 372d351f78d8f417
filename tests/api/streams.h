/* SPDX-License-Identifier: MIT
 *
 * What a stream handed out, recorded. */
#ifndef TESTS_API_STREAMS_H
#define TESTS_API_STREAMS_H

#include "tests/api/api.h"

#define AS_CHAT     ASK_CHAT("anthropic/claude-x")
#define AS_MESSAGES ASK_MESSAGES("openai/gpt-x")

/* Thinking, text, and a call of a tool. */
#define TOOL_STREAM                                                           \
    M_START M_OPEN("0", "{\"type\":\"thinking\",\"thinking\":\"\","           \
                        "\"signature\":\"\"}")                                \
        M_DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}")     \
            M_DELTA("0",                                                      \
                    "{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}")  \
                M_CLOSE("0") M_TEXT_OPEN("1") M_TEXT("1", "Look: ")           \
                    M_CLOSE("1") M_OPEN("2", "{\"type\":\"tool_use\",\"id\":" \
                                             "\"toolu_1\",\"name\":\"get\","  \
                                             "\"input\":{}}")                 \
                        M_DELTA("2", "{\"type\":\"input_json_delta\","        \
                                     "\"partial_json\":\"{\\\"a\\\":\"}")     \
                            M_DELTA("2", "{\"type\":\"input_json_delta\","    \
                                         "\"partial_json\":\"1}\"}")          \
                                M_CLOSE("2") M_END("tool_use")

/* All events as letters, all frames as one text. */
struct log {
    char events[512];
    char frames[65536];
    char texts[4096]; /* "TEXT", "THINKING" and "TOOL_INPUT" joined by '|' */
    size_t nevents, nframes, bytes;
};

static struct log got;

static inline void record_frame(void)
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

static inline void record(int ev)
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
static inline int collect_more(void)
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

static inline int collect(void)
{
    memset(&got, 0, sizeof(got));
    return collect_more();
}

static inline const llmgw_response *answer(void)
{
    return llmgw_stream_response(sc.st);
}

/* Their clocks differ. */
static inline void stop_clock(char *text)
{
    while ((text = strstr(text, "\"created\":")) != NULL)
        for (text += 10; *text >= '0' && *text <= '9'; text++)
            *text = '0';
}

/* What is written in another format is that of llmgw_converter. */
static inline void assert_as_converted(const char *from, const char *to,
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

#endif
