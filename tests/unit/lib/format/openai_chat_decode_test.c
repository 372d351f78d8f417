/* SPDX-License-Identifier: MIT
 *
 * Streams of openai-chat and its compatibles: which events they are. */
#include "lib/format/openai_chat.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/files.h"
#include "tests/support/job.h"

#define MANY ((size_t)1 << 24)

/* The lines of events that tell of content and its end. */
static void keep_lines(struct lg_buf *out, struct lg_str log, const char *skip)
{
    for (size_t at = 0, n; at < log.n; at += n + 1) {
        const char *line = log.p + at;

        n = (size_t)((const char *)memchr(line, '\n', log.n - at) - line);
        if (strncmp(line, "start ", 6) == 0 || strncmp(line, skip, 5) == 0)
            continue;
        lg_buf_add(out, line, n + 1);
    }
}

static struct reading gives_text(struct lg_str stream, const char *want,
                                 const char *name)
{
    struct event_log log;
    struct lg_buf got;
    struct reading r;

    event_log_init(&log);
    lg_buf_init(&got, MANY);
    r = stream_read(&lg_format_openai_chat, stream, PIECES_WHOLE, &log.sink);
    keep_lines(&got, lg_buf_span(&log.text), "usage");
    if (!lg_str_is(lg_buf_span(&got), want))
        fail_msg("%s gives\n%s  not\n%s", name, got.p ? got.p : "", want);
    lg_buf_done(&got);
    event_log_done(&log);
    return r;
}

static struct lg_buf fixture(const char *name)
{
    struct lg_buf b;
    char rel[256];
    size_t n = 0;
    char *text;

    (void)snprintf(rel, sizeof(rel), "tests/fixtures/openai-chat/%s/stream.sse",
                   name);
    text = file_read(source_path(rel), &n);
    assert_non_null(text);
    lg_buf_init(&b, MANY);
    lg_buf_add(&b, text, n);
    free(text);
    return b;
}

/* The fixture gives these events, and ends as it should. */
static void gives(const char *name, int rc, const char *want)
{
    struct lg_buf text = fixture(name);

    assert_int_equal(gives_text(lg_buf_span(&text), want, name).rc, rc);
    lg_buf_done(&text);
}

#define STOP(kind, reason) "stop 0.-1 kind=" kind " reason=\"" reason "\"\n"
#define END                "end 0.-1\n"

static void text_is_a_part(void **state)
{
    (void)state;
    gives("text", 0,
          "part 0.0 text\n"
          "text 0.0 text=Hel\n"
          "text 0.0 text=lo \\u00e9\n"
          "text 0.0 text= \\\"w\\\"\\n\n"
          "part-end 0.0\n" STOP("end", "stop") END);
    gives("no-usage", 0,
          "part 0.0 text\ntext 0.0 text=a\npart-end 0.0\n" STOP("length",
                                                                "length") END);
    gives("first-has-content", 0,
          "part 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\npart-end "
          "0.0\n" STOP("end", "stop") END);
    gives("content-in-finish", 0,
          "part 0.0 text\ntext 0.0 text=all\npart-end 0.0\n" STOP("end", "stop")
              END);
    gives("refusal", 0,
          "part 0.0 refusal\nrefusal 0.0 text=I \nrefusal 0.0 "
          "text=cannot.\npart-end 0.0\n" STOP("refusal", "stop") END);
}

#define F(part, id) "part 0." part " tool-call id=\"" id "\" name=\"f\"\n"

static void calls_are_told_apart(void **state)
{
    (void)state;
    gives("tool", 0,
          F("0", "call_1") "input 0.0 text={\\\"a\n"
                           "input 0.0 text=\\\":1}\n"
                           "part-end 0.0\n" STOP("tool", "tool_calls") END);
    gives("tool-at-once", 0,
          "part 0.0 text\ntext 0.0 text=x\npart-end 0.0\n" F(
              "1", "call_1") "input 0.1 text={\\\"a\\\":1}\n"
                             "part 0.2 tool-call id=\"call_2\" name=\"g\"\n"
                             "input 0.2 text={}\n"
                             "part-end 0.1\npart-end 0.2\n" STOP("tool", "stop")
                                 END);
    gives("tool-no-index", 0,
          F("0", "call_1") "input 0.0 text={\\\"a\\\":\n"
                           "input 0.0 text=1}\n"
                           "part 0.1 tool-call id=\"call_2\" name=\"g\"\n"
                           "input 0.1 text={}\n"
                           "part-end 0.0\npart-end 0.1\n" STOP(
                               "tool", "tool_calls") END);
    gives("tool-one-index", 0,
          F("0", "call_1") "input 0.0 text={\\\"a\\\":1}\n" F(
              "1", "call_2") "input 0.1 text={\\\"a\\\":2\n"
                             "input 0.1 text=}\n"
                             "part-end 0.0\npart-end 0.1\n" STOP(
                                 "tool", "tool_calls") END);
    gives("tool-interleaved", 0,
          F("0", "call_1") "part 0.1 tool-call id=\"call_2\" name=\"g\"\n"
                           "input 0.1 text={\\\"b\\\"\n"
                           "input 0.0 text={\\\"a\\\"\n"
                           "input 0.1 text=:2}\n"
                           "input 0.0 text=:1}\n"
                           "part-end 0.0\npart-end 0.1\n" STOP(
                               "tool", "tool_calls") END);
}

static void calls_may_be_sloppy(void **state)
{
    (void)state;
    gives("tool-no-id", 0,
          F("0", "call_chatcmpl1_0_0") "input 0.0 text={}\npart-end 0.0\n" STOP(
              "tool", "tool_calls") END);
    gives("tool-id-repeated", 0,
          F("0", "call_1") "input 0.0 text={\ninput 0.0 text=}\npart-end "
                           "0.0\n" STOP("tool", "tool_calls") END);
    gives("tool-name-in-pieces", 0,
          "part 0.0 tool-call id=\"call_1\" name=\"get_weather\"\n"
          "input 0.0 text={}\npart-end 0.0\n" STOP("tool", "tool_calls") END);
    gives("tool-without-arguments", 0,
          "part 0.0 tool-call id=\"call_1\" name=\"now\"\npart-end 0.0\n" STOP(
              "tool", "tool_calls") END);
    gives("tool-object", 0,
          F("0", "call_1") "input 0.0 text={\\\"a\\\":\\\"b\\\"}\npart-end "
                           "0.0\n" STOP("tool", "tool_calls") END);
    gives("tool-ends-in-finish", 0,
          F("0", "call_1") "input 0.0 text={\ninput 0.0 text=}\npart-end "
                           "0.0\n" STOP("tool", "tool_calls") END);
    gives("custom", 0,
          "part 0.0 tool-call custom id=\"call_1\" name=\"c\"\n"
          "input 0.0 text=free \ninput 0.0 text=text\npart-end 0.0\n" STOP(
              "tool", "tool_calls") END);
    gives("function-call", 0,
          F("0", "call_chatcmpl1_0_0") "input 0.0 text={}\npart-end 0.0\n" STOP(
              "tool", "function_call") END);
}

#define THOUGHT                                                         \
    "part 0.0 thinking\nthinking 0.0 text=2+2\npart-end 0.0\npart 0.1 " \
    "text\ntext 0.1 text=4\npart-end 0.1\n"

static void thinking_has_many_names(void **state)
{
    (void)state;
    gives("reasoning-content", 0,
          "part 0.0 thinking\nthinking 0.0 text=2\nthinking 0.0 "
          "text=+2\npart-end 0.0\npart 0.1 text\ntext 0.1 text=4\npart-end "
          "0.1\n" STOP("end", "stop") END);
    gives("reasoning-groq", 0, THOUGHT STOP("end", "stop") END);
    gives("reasoning-details", 0,
          "part 0.0 thinking\n"
          "thinking 0.0 text=2\n"
          "thinking 0.0 text=+2\n"
          "signature 0.0 val=\"c2ln\" origin=anthropic-messages\n"
          "part-end 0.0\n"
          "part 0.1 redacted blob=\"ZW5j\" origin=anthropic-messages\n"
          "part-end 0.1\n"
          "part 0.2 thinking\nthinking 0.2 text=again\npart-end 0.2\n"
          "part 0.3 thinking\nthinking 0.3 text=short\npart-end 0.3\n"
          "part 0.4 opaque json={\"type\":\"reasoning.unheard\",\"index\":4}\n"
          "part-end 0.4\n"
          "part 0.5 text\ntext 0.5 text=4\npart-end 0.5\n" STOP("end", "stop")
              END);
    gives("reasoning-blocks", 0,
          "part 0.0 thinking\nthinking 0.0 text=2+2\n"
          "signature 0.0 val=\"c2ln\" origin=anthropic-messages\n"
          "part-end 0.0\npart 0.1 text\ntext 0.1 text=4\npart-end 0.1\n" STOP(
              "end", "stop") END);
    gives("reasoning-in-content", 0,
          THOUGHT "part 0.2 opaque "
                  "json={\"type\":\"reference\",\"reference_ids\":[1]}\n"
                  "part-end 0.2\n" STOP("end", "stop") END);
    gives("thinks-twice", 0,
          "part 0.0 thinking\nthinking 0.0 text=a\npart-end 0.0\n"
          "part 0.1 text\ntext 0.1 text=b\npart-end 0.1\n"
          "part 0.2 thinking\nthinking 0.2 text=c\npart-end 0.2\n" F(
              "3", "call_1") "input 0.3 text={}\n"
                             "part 0.4 text\ntext 0.4 text=d\n"
                             "part-end 0.4\npart-end 0.3\n" STOP(
                                 "tool", "tool_calls") END);
}

static void choices_are_numbered(void **state)
{
    (void)state;
    gives("two-choices", 0,
          "part 0.0 text\ntext 0.0 text=a\n"
          "part 1.0 text\ntext 1.0 text=b\n"
          "text 0.0 text=A\n"
          "part-end 1.0\nstop 1.-1 kind=end reason=\"stop\"\n"
          "text 0.0 text=!\n"
          "part-end 0.0\n" STOP("length", "length") END);
    gives(
        "two-choices-at-once", 0,
        "part 0.0 text\ntext 0.0 text=a\n"
        "part 1.0 text\ntext 1.0 text=b\n"
        "part-end 0.0\n" STOP("end", "stop") "part-end 1.0\nstop 1.-1 "
                                             "kind=end reason=\"stop\"\n" END);
}

static void what_says_nothing_is_no_event(void **state)
{
    (void)state;
    gives("azure", 0,
          "part 0.0 text\ntext 0.0 text=Hi\npart-end 0.0\n" STOP("end", "stop")
              END);
    gives("missing-and-null", 0,
          "part 0.0 text\ntext 0.0 text=a\npart-end 0.0\n" STOP("end", "stop")
              END);
    gives("annotations", 0,
          "part 0.0 text\ntext 0.0 text=see\n"
          "citation 0.0 val={\"type\":\"url_citation\",\"url_citation\":{"
          "\"start_index\":0,\"end_index\":3,\"url\":\"https://e.com\","
          "\"title\":\"E\"}}\n"
          "part-end 0.0\n" STOP("end", "stop") END);
    gives("not-a-chunk", 0,
          "opaque 0.-1 name= val=[]\n"
          "part 0.0 text\ntext 0.0 text=a\n"
          "opaque 0.-1 name= val=7\n"
          "part-end 0.0\n" STOP("end", "stop") END);
}

static void only_done_is_the_end(void **state)
{
    (void)state;
    gives("ends-early", LLMGW_E_TRUNCATED, "part 0.0 text\ntext 0.0 text=a\n");
    gives("no-finish", LLMGW_E_TRUNCATED, "part 0.0 text\ntext 0.0 text=a\n");
    gives("no-done", LLMGW_E_TRUNCATED,
          "part 0.0 text\ntext 0.0 text=a\npart-end 0.0\n" STOP("end", "stop"));
    assert_int_equal(
        gives_text(LG_STR("data: [DONE]\n\n"), "", "done alone").rc,
        LLMGW_E_TRUNCATED);
    assert_int_equal(gives_text(LG_STR(""), "", "nothing").rc,
                     LLMGW_E_TRUNCATED);
}

static void errors_end_it(void **state)
{
    (void)state;
    gives("error-midway", LLMGW_E_TRUNCATED,
          "part 0.0 text\ntext 0.0 text=a\n"
          "error 0.-1 class=12 status=0 type=\"server_error\" "
          "message=\"The server had an error\" +0:param =null +0:code "
          "=null\n");
    gives("error-event", LLMGW_E_TRUNCATED,
          "error 0.-1 class=10 status=0 type=\"tokens\" "
          "code=\"rate_limit_exceeded\" message=\"Rate limit reached\"\n");
    gives("error-in-chunk", LLMGW_E_TRUNCATED,
          "error 0.-1 class=12 status=0 code=502 message=\"Provider "
          "disconnected\" +4:id =\"chatcmpl-1\" +4:object "
          "=\"chat.completion.chunk\" +4:created =1700000001 +4:model "
          "=\"gpt-x\" +4:choices =[{\"index\":0,\"delta\":{\"content\":"
          "\"\"},\"finish_reason\":\"error\"}]\n");
}

/* ---- usage ---------------------------------------------------------------- */

static void counts(const char *name, int64_t input, int64_t output,
                   int64_t thinking, int64_t cached)
{
    struct lg_buf text = fixture(name);
    struct lg_arena arena;
    struct fold_sink f;
    const struct lg_ir_usage *u;

    lg_arena_init(&arena, 0, MANY);
    fold_sink_init(&f, &arena, &lg_format_openai_chat);
    assert_int_equal(stream_read(&lg_format_openai_chat, lg_buf_span(&text),
                                 PIECES_WHOLE, &f.sink)
                         .rc,
                     0);
    u = &lg_fold_answer(&f.fold)->usage;
    assert_int_equal(u->input, input);
    assert_int_equal(u->output, output);
    assert_int_equal(u->thinking, thinking);
    assert_int_equal(u->cache_read, cached);
    lg_fold_done(&f.fold);
    lg_arena_done(&arena);
    lg_buf_done(&text);
}

static void usage_may_stand_anywhere(void **state)
{
    (void)state;
    counts("text", 12, 7, 3, 8);
    counts("reasoning-groq", 12, 7, 3, 8);
    counts("reasoning-content", 12, 7, 3, 8);
    counts("usage-cumulative", 3, 2, -1, -1);
    counts("usage-in-choice", 3, 1, -1, -1);
    counts("no-usage", -1, -1, -1, -1);
}

static void usage_means_one_thing(void **state)
{
    static const struct {
        const char *json;
        struct lg_ir_usage want;
    } cases[] = {
        {"{\"prompt_tokens\":12,\"completion_tokens\":2,\"total_tokens\":354,"
         "\"prompt_tokens_details\":{\"cached_tokens\":11},"
         "\"completion_tokens_details\":{\"reasoning_tokens\":340}}",
         {1, 342, 340, 11, -1, -1, {{0}, 0, 0, 0}}},
        {"{\"prompt_tokens\":12,\"completion_tokens\":342,\"total_tokens\":354,"
         "\"completion_tokens_details\":{\"reasoning_tokens\":340}}",
         {12, 342, 340, -1, -1, -1, {{0}, 0, 0, 0}}},
        {"{\"prompt_tokens\":100,\"prompt_cache_hit_tokens\":60,"
         "\"completion_tokens\":1}",
         {40, 1, -1, 60, -1, -1, {{0}, 0, 0, 0}}},
        {"{\"prompt_tokens\":100,\"prompt_tokens_details\":{\"cached_tokens\":"
         "30,\"cache_write_tokens\":50}}",
         {20, -1, -1, 30, 50, -1, {{0}, 0, 0, 0}}},
        {"{\"prompt_tokens\":5,\"cached_tokens\":9,\"completion_tokens\":-1}",
         {0, -1, -1, 9, -1, -1, {{0}, 0, 0, 0}}},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_ir_usage u = LG_USAGE_NONE;
        struct lg_arena arena;
        struct lg_json doc;

        lg_arena_init(&arena, 0, MANY);
        assert_int_equal(
            lg_json_read(&doc, &arena, lg_str_of(cases[i].json), NULL), 0);
        lg_chat_usage_read(lg_json_root(&doc), &u);
        assert_int_equal(u.input, cases[i].want.input);
        assert_int_equal(u.output, cases[i].want.output);
        assert_int_equal(u.thinking, cases[i].want.thinking);
        assert_int_equal(u.cache_read, cases[i].want.cache_read);
        assert_int_equal(u.cache_write, cases[i].want.cache_write);
        assert_true(lg_str_is(u.raw.s, cases[i].json));
        lg_arena_done(&arena);
    }
}

/* ---- roads ---------------------------------------------------------------- */

/* Frames that differ in their piece, and in their obfuscation, are known by
 * their shape. */
static void pieces_take_the_short_road(void **state)
{
    static const struct {
        const char *head, *tail, *event;
    } cases[] = {
        {"{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
         "\"},\"finish_reason\":null}]", "text"},
        {"{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"",
         "\"}}]", "thinking"},
        {"{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":["
         "{\"index\":0,\"id\":\"\",\"function\":{\"name\":null,"
         "\"arguments\":\"",
         "\"}}]}}]", "input"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_buf text;
        struct event_log log;
        struct reading r;

        lg_buf_init(&text, MANY);
        event_log_init(&log);
        for (int n = 0; n < 20; n++) {
            lg_buf_printf(&text, "data: %s%d", cases[i].head, n);
            lg_buf_printf(&text, "%s,\"obfuscation\":\"%.*s\"}", cases[i].tail,
                          n, "xxxxxxxxxxxxxxxxxxxxxxxx");
            lg_buf_lit(&text, "\n\n");
        }
        r = stream_read(&lg_format_openai_chat, lg_buf_span(&text),
                        PIECES_WHOLE, &log.sink);
        assert_int_equal(r.rc, LLMGW_E_TRUNCATED);
        assert_int_equal(r.by_tape, 2);
        assert_int_equal(r.by_template, 18);
        assert_int_equal(log.n, 22); /* start and part */
        assert_non_null(strstr(log.text.p, cases[i].event));
        event_log_done(&log);
        lg_buf_done(&text);
    }
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    (void)gives_text(
        LG_STR("data: {\"choices\":[{\"delta\":{\"content\":\"a\xff"
               "b\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":"
               "\"\xc3\xa9\"}}]}\n\n"),
        "part 0.0 text\ntext 0.0 text=a\xef\xbf\xbd"
        "b\ntext 0.0 text=\xc3\xa9\n",
        "invalid bytes");
}

/* Nor by the short road, which knows the pieces before it. */
static void nothing_is_read_behind_done(void **state)
{
#define PIECE(text)                                                   \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text \
    "\"}}]}\n\n"
    (void)state;
    (void)gives_text(
        LG_STR(PIECE("a") PIECE("b") PIECE("c") "data: [DONE]\n\n" PIECE("d")),
        "part 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\n"
        "text 0.0 text=c\n",
        "a piece behind [DONE]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_a_part),
        cmocka_unit_test(calls_are_told_apart),
        cmocka_unit_test(calls_may_be_sloppy),
        cmocka_unit_test(thinking_has_many_names),
        cmocka_unit_test(choices_are_numbered),
        cmocka_unit_test(what_says_nothing_is_no_event),
        cmocka_unit_test(only_done_is_the_end),
        cmocka_unit_test(errors_end_it),
        cmocka_unit_test(usage_may_stand_anywhere),
        cmocka_unit_test(usage_means_one_thing),
        cmocka_unit_test(pieces_take_the_short_road),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(nothing_is_read_behind_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
