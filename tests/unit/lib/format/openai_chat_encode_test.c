/* SPDX-License-Identifier: MIT
 *
 * Streams of anthropic-messages, and which chunks they are here. */
#include "lib/format/openai_chat_encode.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/job.h"
#include "tests/support/json_equal.h"

extern const struct lg_format lg_format_anthropic_messages;

#define MANY ((size_t)1 << 24)

/* ---- what is read --------------------------------------------------------- */

#define EV(name, data) \
    "event: " name "\ndata: {\"type\":\"" name "\"" data "}\n\n"
#define START                                                          \
    EV("message_start",                                                \
       ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":" \
       "\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{" \
       "\"input_tokens\":5,\"cache_read_input_tokens\":2,"             \
       "\"output_tokens\":1}}")
#define OPEN(i, block) \
    EV("content_block_start", ",\"index\":" i ",\"content_block\":" block)
#define DELTA(i, delta) \
    EV("content_block_delta", ",\"index\":" i ",\"delta\":" delta)
#define CLOSE(i) EV("content_block_stop", ",\"index\":" i)
#define STOPS(reason, more)                                               \
    EV("message_delta", ",\"delta\":{\"stop_reason\":\"" reason "\"" more \
                        "},\"usage\":{\"output_tokens\":9}")
#define END        EV("message_stop", "")
#define TEXT_BLOCK OPEN("0", "{\"type\":\"text\",\"text\":\"\"}")

/* ---- what is written ------------------------------------------------------ */

#define CHUNK(delta, finish)                                               \
    "{\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\",\"created\":"  \
    "1700000000,\"model\":\"claude\",\"choices\":[{\"index\":0,\"delta\":" \
    "{" delta "},\"finish_reason\":" finish "}]}"
#define SAYS(delta)    CHUNK(delta, "null")
#define ROLE           SAYS("\"role\":\"assistant\",\"content\":\"\"")
#define FINISH(reason) CHUNK("", "\"" reason "\"")
#define CALL(call)     SAYS("\"tool_calls\":[" call "]")
#define USAGE                                                             \
    "{\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\",\"created\":" \
    "1700000000,\"model\":\"claude\",\"choices\":[],\"usage\":{"          \
    "\"prompt_tokens\":7,\"completion_tokens\":9,\"total_tokens\":16,"    \
    "\"prompt_tokens_details\":{\"cached_tokens\":2}}}"

/* The frames of `stream`, one by one; the last is NULL. */
static int becomes(const char *stream, int wants_usage, const char *const *want)
{
    struct lg_frame f = {{0}, {0}, {0}, 0};
    struct lg_sse sse;
    struct job j;
    int rc;

    job_init(&j, &lg_format_anthropic_messages, &lg_format_openai_chat);
    j.bridge.wants_usage = wants_usage;
    rc = job_run(&j, CORPUS_STREAM, lg_str_of(stream));
    lg_sse_init(&sse, MANY);
    lg_sse_feed(&sse, j.out.p, j.out.n);
    for (; lg_sse_next(&sse, &f) > 0; want++) {
        assert_int_equal(f.event.n, 0);
        if (!*want)
            fail_msg("one too many: %.*s", (int)f.data.n, f.data.p);
        if (!json_equal(f.data, lg_str_of(*want)) && !lg_str_is(f.data, *want))
            fail_msg("gives %.*s\n  not   %s", (int)f.data.n, f.data.p, *want);
    }
    if (*want)
        fail_msg("missing: %s", *want);
    lg_sse_done(&sse);
    job_done(&j);
    return rc;
}

#define FRAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void text_is_content(void **state)
{
    const char *text = START EV("ping", "") TEXT_BLOCK DELTA(
        "0", "{\"type\":\"text_delta\",\"text\":\"Hi\\u00e9\"}")
        DELTA("0", "{\"type\":\"text_delta\",\"text\":\" \\\"w\\\"\"}")
            CLOSE("0") STOPS("end_turn", "") END;

    (void)state;
    assert_int_equal(becomes(text, 1,
                             FRAMES(ROLE, SAYS("\"content\":\"Hi\\u00e9\""),
                                    SAYS("\"content\":\" \\\"w\\\"\""),
                                    FINISH("stop"), USAGE, "[DONE]")),
                     0);
    assert_int_equal(becomes(text, 0,
                             FRAMES(ROLE, SAYS("\"content\":\"Hi\\u00e9\""),
                                    SAYS("\"content\":\" \\\"w\\\"\""),
                                    FINISH("stop"), "[DONE]")),
                     0);
}

#define USE(i, id)                                                     \
    OPEN(i, "{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"f\"," \
            "\"input\":{}}")
#define JSON(i, json) \
    DELTA(i, "{\"type\":\"input_json_delta\",\"partial_json\":\"" json "\"}")
#define CALLS(i, id)                                                 \
    CALL("{\"index\":" i ",\"id\":\"" id "\",\"type\":\"function\"," \
         "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")
#define ARGS(i, json) \
    CALL("{\"index\":" i ",\"function\":{\"arguments\":\"" json "\"}}")

static void calls_are_counted_among_themselves(void **state)
{
    (void)state;
    becomes(START TEXT_BLOCK DELTA("0", "{\"type\":\"text_delta\",\"text\":"
                                        "\"a\"}") CLOSE("0") USE("1", "t1")
                JSON("1", "") JSON("1", "{\\\"a\\\"") JSON("1", ":1}")
                    CLOSE("1") USE("2", "t2") JSON("2", "") CLOSE("2")
                        STOPS("tool_use", "") END,
            0,
            FRAMES(ROLE, SAYS("\"content\":\"a\""), CALLS("0", "t1"),
                   ARGS("0", "{\\\"a\\\""), ARGS("0", ":1}"), CALLS("1", "t2"),
                   ARGS("1", "{}"), FINISH("tool_calls"), "[DONE]"));
}

#define DETAIL(item) SAYS("\"reasoning_details\":[" item "]")

static void thinking_keeps_its_signature(void **state)
{
    (void)state;
    becomes(START OPEN("0", "{\"type\":\"thinking\",\"thinking\":\"\","
                            "\"signature\":\"\"}")
                DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
                    DELTA("0", "{\"type\":\"signature_delta\",\"signature\":"
                               "\"c2ln\"}") CLOSE("0")
                        OPEN("1", "{\"type\":\"redacted_thinking\",\"data\":"
                                  "\"ZW5j\"}") CLOSE("1") STOPS("end_turn", "")
                            END,
            0,
            FRAMES(ROLE, SAYS("\"reasoning_content\":\"hm\""),
                   DETAIL("{\"type\":\"reasoning.text\",\"signature\":\"c2ln\","
                          "\"format\":\"anthropic-claude-v1\",\"index\":0}"),
                   DETAIL("{\"type\":\"reasoning.encrypted\",\"data\":\"ZW5j\","
                          "\"format\":\"anthropic-claude-v1\",\"index\":1}"),
                   FINISH("stop"), "[DONE]"));
}

static void servers_tools_are_swallowed(void **state)
{
    (void)state;
    becomes(START OPEN("0", "{\"type\":\"server_tool_use\",\"id\":\"s\","
                            "\"name\":\"web_search\",\"input\":{}}")
                JSON("0", "{\\\"q\\\":1}") CLOSE("0")
                    OPEN("1", "{\"type\":\"web_search_tool_result\","
                              "\"tool_use_id\":\"s\",\"content\":[]}")
                        CLOSE("1") STOPS("pause_turn", "") END,
            0, FRAMES(ROLE, FINISH("stop"), "[DONE]"));
}

static void citations_of_the_web_are_annotations(void **state)
{
    (void)state;
    becomes(START TEXT_BLOCK DELTA("0", "{\"type\":\"text_delta\",\"text\":"
                                        "\"a\"}")
                DELTA("0", "{\"type\":\"citations_delta\",\"citation\":{"
                           "\"type\":\"web_search_result_location\",\"url\":"
                           "\"https://e.com\",\"title\":\"E\","
                           "\"cited_text\":\"x\"}}")
                    DELTA("0", "{\"type\":\"citations_delta\",\"citation\":{"
                               "\"type\":\"char_location\"}}") CLOSE("0")
                        STOPS("end_turn", "") END,
            0,
            FRAMES(ROLE, SAYS("\"content\":\"a\""),
                   SAYS("\"annotations\":[{\"type\":\"url_citation\","
                        "\"url_citation\":{\"url\":\"https://e.com\","
                        "\"title\":\"E\"}}]"),
                   FINISH("stop"), "[DONE]"));
}

static void reasons_are_translated(void **state)
{
    static const char *const reasons[][2] = {
        {"end_turn", "stop"},
        {"stop_sequence", "stop"},
        {"max_tokens", "length"},
        {"model_context_window_exceeded", "length"},
        {"pause_turn", "stop"},
        {"unheard", "stop"},
        {"refusal", "content_filter"},
    };
    char stream[4096], want[1024];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(reasons); i++) {
        (void)snprintf(stream, sizeof(stream), START STOPS("%s", "") END,
                       reasons[i][0]);
        (void)snprintf(want, sizeof(want), FINISH("%s"), reasons[i][1]);
        becomes(stream, 0, FRAMES(ROLE, want, "[DONE]"));
    }
    becomes(START STOPS("refusal", ",\"stop_details\":{\"type\":\"refusal\","
                                   "\"category\":null,\"explanation\":"
                                   "\"No.\"}") END,
            0,
            FRAMES(ROLE, CHUNK("\"refusal\":\"No.\"", "\"content_filter\""),
                   "[DONE]"));
}

static void an_error_ends_it(void **state)
{
    (void)state;
    assert_int_equal(
        becomes(START TEXT_BLOCK EV("error",
                                    ",\"error\":{\"type\":\"overloaded_error\","
                                    "\"message\":\"Over\\nloaded\"}")
                    DELTA("0", "{\"type\":\"text_delta\",\"text\":\"late\"}"),
                1,
                FRAMES(ROLE,
                       "{\"error\":{\"message\":\"Over\\nloaded\",\"type\":"
                       "\"engine_overloaded\",\"param\":null,\"code\":"
                       "\"service_unavailable\"}}")),
        LLMGW_E_TRUNCATED);
}

/* ---- pieces --------------------------------------------------------------- */

struct writer {
    struct lg_arena arena, keep;
    struct lg_err err;
    struct lg_ctx c;
    struct lg_chat_encoder e;
    struct lg_frames f;
};

static void writer_init(struct writer *w)
{
    memset(w, 0, sizeof(*w));
    lg_arena_init(&w->arena, 0, MANY);
    lg_arena_init(&w->keep, 0, MANY);
    lg_buf_init(&w->f.bytes, MANY);
    w->c = (struct lg_ctx){.self = &lg_format_openai_chat,
                           .arena = &w->arena,
                           .keep = &w->keep,
                           .policy = &lg_policy_default,
                           .err = &w->err,
                           .now = 7};
}

static void writer_done(struct writer *w)
{
    lg_buf_done(&w->f.bytes);
    lg_arena_done(&w->keep);
    lg_arena_done(&w->arena);
}

static void put(struct writer *w, struct lg_ir_event ev)
{
    assert_int_equal(lg_chat_write_event(&w->e, &w->c, &ev, &w->f), 0);
}

/* A piece of text takes nothing from the heap and nothing from an arena. */
static void a_piece_of_text_is_cheap(void **state)
{
    const struct lg_ir_part part = {.kind = LG_PART_TEXT};
    const struct lg_ir_event piece = {.kind = LG_EV_TEXT,
                                      .text = LG_STR("word")};
    struct writer w;
    size_t kept;

    (void)state;
    writer_init(&w);
    put(&w, (struct lg_ir_event){.kind = LG_EV_PART, .u.part = &part});
    (void)lg_buf_room(&w.f.bytes, 65536);
    kept = w.keep.used;
    for (int i = 0; i < 20; i++)
        put(&w, piece);
    assert_int_equal(w.keep.used, kept);
    assert_int_equal(w.arena.used, 0);
    assert_int_equal(w.f.n, 21);
    assert_non_null(strstr(
        w.f.bytes.p,
        "data: {\"id\":\"chatcmpl-0\",\"object\":\"chat.completion.chunk\","
        "\"created\":7,\"model\":\"\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"content\":\"word\"},\"finish_reason\":"
        "null}]}\n\n"));
    writer_done(&w);
}

/* Without a bridge nobody said that the usage is not wanted. */
static void usage_is_told_where_nobody_objects(void **state)
{
    const struct lg_ir_usage usage = {1, 2, 3, -1, -1, -1, {{0}, 0, 0, 0}};
    struct writer w;

    (void)state;
    writer_init(&w);
    put(&w, (struct lg_ir_event){.kind = LG_EV_USAGE, .u.usage = &usage});
    put(&w, (struct lg_ir_event){.kind = LG_EV_END});
    assert_non_null(strstr(w.f.bytes.p,
                           "\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
                           "\"completion_tokens\":2,\"total_tokens\":3,"
                           "\"completion_tokens_details\":{"
                           "\"reasoning_tokens\":3}}}\n\ndata: [DONE]\n\n"));
    writer_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_content),
        cmocka_unit_test(calls_are_counted_among_themselves),
        cmocka_unit_test(thinking_keeps_its_signature),
        cmocka_unit_test(servers_tools_are_swallowed),
        cmocka_unit_test(citations_of_the_web_are_annotations),
        cmocka_unit_test(reasons_are_translated),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(a_piece_of_text_is_cheap),
        cmocka_unit_test(usage_is_told_where_nobody_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
