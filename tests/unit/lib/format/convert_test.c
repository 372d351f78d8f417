/* SPDX-License-Identifier: MIT */
#include "lib/format/convert.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/json/edit.h"
#include "tests/support/grammar.h"
#include "tests/support/job.h"
#include "tests/support/json_equal.h"

#define ANTHROPIC lg_format_by_name(LG_STR("anthropic-messages"))
#define CHAT      lg_format_by_name(LG_STR("openai-chat"))

static struct lg_str out_of(const struct job *j)
{
    return lg_buf_span(&j->out);
}

static int member_is(struct lg_str json, const char *name, const char *want)
{
    const char *names[1] = {name};
    struct lg_str found = {0};

    assert_int_equal(lg_json_find(json, names, 1, &found, NULL), 0);
    return found.p ? want && lg_str_is(found, want) : !want;
}

/* ---- documents --------------------------------------------------------- */

static void formats_have_their_names(void **state)
{
    (void)state;
    assert_non_null(ANTHROPIC);
    assert_non_null(CHAT);
    assert_ptr_not_equal(ANTHROPIC, CHAT);
    assert_null(lg_format_by_name(LG_STR("openai-cha")));
    assert_null(lg_format_by_name(LG_STR("")));
}

static void same_format_hands_the_bytes_on(void **state)
{
    static const char text[] = " {\"x\" : 1.0,\t\"x\":18446744073709551615,"
                               "\"s\":\"\\u0000\\ud800\",\"messages\":7}\n";

    (void)state;
    for (int kind = CORPUS_REQUEST; kind <= CORPUS_ERROR; kind++) {
        struct job j;

        if (kind == CORPUS_STREAM)
            continue;
        job_init(&j, CHAT, CHAT);
        assert_int_equal(job_run(&j, (enum corpus_kind)kind, lg_str_of(text)),
                         0);
        assert_string_equal(j.out.p, text);
        job_done(&j);
        job_init(&j, CHAT, CHAT);
        assert_int_equal(
            job_run(&j, (enum corpus_kind)kind, LG_STR("{\"x\":1.}")),
            kind == CORPUS_ANSWER ? LLMGW_E_PROTOCOL : LLMGW_E_JSON);
        assert_int_equal(j.out.n, 0);
        job_done(&j);
    }
}

static const char request[] =
    "{\"model\":\"up/claude\",\"max_tokens\":5,\"stream\":true,"
    "\"top_k\":3,\"messages\":[{\"role\":\"user\",\"content\":\"h\\u0069\"}]}";

static void request_is_rewritten(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    j.v.cut_model = 3;
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_of(request)), 0);
    assert_true(member_is(out_of(&j), "model", "\"claude\""));
    assert_true(member_is(out_of(&j), "stream", "true"));
    assert_true(member_is(out_of(&j), "messages",
                          "[{\"role\":\"user\",\"content\":\"h\\u0069\"}]"));
    assert_int_equal(j.losses.n, 1);
    assert_string_equal(j.losses.first->pointer, "/top_k");
    assert_null(j.losses.doc);
    job_done(&j);
}

static void stream_is_decided_by_the_caller(void **state)
{
    static const char chat[] =
        "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\""
        ":true},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    j.v.stream = -1;
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_of(request)), 0);
    assert_true(member_is(out_of(&j), "stream", NULL));
    assert_true(member_is(out_of(&j), "stream_options", NULL));
    job_done(&j);
    job_init(&j, CHAT, CHAT);
    j.v.through_ir = 1;
    j.v.stream = -1;
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_of(chat)), 0);
    assert_true(member_is(out_of(&j), "stream", NULL));
    assert_true(member_is(out_of(&j), "stream_options", NULL));
    assert_int_equal(j.losses.n, 0);
    job_done(&j);
    job_init(&j, ANTHROPIC, ANTHROPIC);
    j.v.through_ir = 1;
    j.v.stream = 1;
    assert_int_equal(
        job_run(
            &j, CORPUS_REQUEST,
            LG_STR("{\"model\":\"m\",\"max_tokens\":1,\"stream\":false,"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")),
        0);
    assert_true(member_is(out_of(&j), "stream", "true"));
    job_done(&j);
}

static void bridge_may_be_missing(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    j.v.bridge = NULL;
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_of(request)), 0);
    assert_true(j.out.n > 0);
    job_done(&j);
}

static void strict_refuses_a_loss(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    j.losses.strict = 1;
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_of(request)),
                     LLMGW_E_UNSUPPORTED);
    assert_int_equal(j.err.code, LLMGW_E_UNSUPPORTED);
    assert_string_equal(j.err.where, "/top_k");
    assert_null(j.losses.doc);
    job_done(&j);
}

static void broken_documents_fail(void **state)
{
    static const char *const bad[] = {"", "[]", "{", "{\"messages\":1}"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        for (int kind = CORPUS_REQUEST; kind <= CORPUS_ERROR; kind++) {
            const int want =
                kind == CORPUS_ANSWER ? LLMGW_E_PROTOCOL : LLMGW_E_JSON;
            struct job j;

            if (kind == CORPUS_STREAM)
                continue;
            job_init(&j, CHAT, ANTHROPIC);
            assert_int_equal(
                job_run(&j, (enum corpus_kind)kind, lg_str_of(bad[i])), want);
            assert_int_equal(j.err.code, want);
            assert_true(j.err.text[0]);
            job_done(&j);
        }
    }
}

static void answer_is_rewritten(void **state)
{
    static const char chat[] =
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
        "\"assistant\",\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"t\","
        "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{\\\"a\\\": 1.0}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":"
        "{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}";
    struct lg_buf gist;
    struct job j;

    (void)state;
    lg_buf_init(&gist, 4096);
    job_init(&j, CHAT, ANTHROPIC);
    assert_int_equal(job_run(&j, CORPUS_ANSWER, lg_str_of(chat)), 0);
    assert_true(member_is(out_of(&j), "type", "\"message\""));
    assert_true(member_is(out_of(&j), "stop_reason", "\"tool_use\""));
    assert_int_equal(
        answer_say(ANTHROPIC, CORPUS_ANSWER, out_of(&j), answer_gist, &gist),
        0);
    assert_string_equal(gist.p, "text=Hi\ncall id=\"t\" name=\"f\" "
                                "json={\"a\":1.0}\nstop=tool\n");
    job_done(&j);
    lg_buf_done(&gist);
}

static void error_is_rewritten(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(
        job_run(&j, CORPUS_ERROR,
                LG_STR("{\"type\":\"error\",\"error\":{\"type\":"
                       "\"invalid_request_error\",\"message\":\"no \\\"x\\\"\"}"
                       "}")),
        0);
    assert_non_null(strstr(j.out.p, "\"message\":\"no \\\"x\\\"\""));
    assert_non_null(strstr(j.out.p, "\"error\":{"));
    job_done(&j);
    /* JSON, but no error of this format */
    job_init(&j, CHAT, ANTHROPIC);
    assert_int_equal(job_run(&j, CORPUS_ERROR, LG_STR("{\"x\":\"no\"}")),
                     LLMGW_E_JSON);
    job_done(&j);
}

static char *repeat(const char *head, const char *unit, size_t n,
                    const char *tail, size_t *len)
{
    const size_t h = strlen(head), u = strlen(unit), t = strlen(tail);
    char *p = malloc(h + n * u + t + 1);

    assert_non_null(p);
    memcpy(p, head, h);
    for (size_t i = 0; i < n; i++)
        memcpy(p + h + i * u, unit, u);
    memcpy(p + h + n * u, tail, t + 1);
    *len = h + n * u + t;
    return p;
}

static void a_large_request_is_held_once(void **state)
{
    struct job j;
    size_t n;
    char *text = repeat(
        "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
        "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
        "\"media_type\":\"image/png\",\"data\":\"",
        "QUJDREVGR0hJSktM", 300000, "\"}}]}]}", &n);

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_from(text, n)), 0);
    assert_true(j.out.n > n - 200);
    assert_true(j.out.cap + j.arena.used <= n + n / 4);
    job_done(&j);
    free(text);
}

/* ---- streams ----------------------------------------------------------- */

#define EVENT(type, rest) \
    "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define START(id)                                                              \
    EVENT("message_start",                                                     \
          ",\"message\":{\"id\":\"" id "\",\"type\":\"message\",\"role\":"     \
          "\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null," \
          "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"              \
          "\"output_tokens\":1}}")
#define OPEN                                                                 \
    EVENT("content_block_start", ",\"index\":0,\"content_block\":{\"type\":" \
                                 "\"text\",\"text\":\"\"}")
#define DELTA(text)                                                  \
    EVENT("content_block_delta", ",\"index\":0,\"delta\":{\"type\":" \
                                 "\"text_delta\",\"text\":\"" text "\"}")
#define CLOSE EVENT("content_block_stop", ",\"index\":0")
#define LAST                                                                  \
    EVENT("message_delta",                                                    \
          ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null}," \
          "\"usage\":{\"output_tokens\":2}")
#define STOP EVENT("message_stop", "")

static const char stream[] = ": hello\n\n" START("i") OPEN DELTA("a")
    EVENT("ping", "") DELTA("b") DELTA("c\\n") CLOSE LAST STOP;

static void same_stream_is_handed_through(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, ANTHROPIC);
    assert_int_equal(job_run(&j, CORPUS_STREAM, lg_str_of(stream)), 0);
    assert_string_equal(j.out.p, stream);
    job_done(&j);
    for (size_t cut = 1; cut <= 4; cut++) { /* without its last bytes */
        const struct lg_str text = {stream, sizeof(stream) - 1 - cut};

        job_init(&j, ANTHROPIC, ANTHROPIC);
        assert_int_equal(job_run(&j, CORPUS_STREAM, text),
                         cut <= 2 ? 0 : LLMGW_E_TRUNCATED);
        assert_true(lg_str_same(out_of(&j), text));
        job_done(&j);
    }
}

static void stream_is_rewritten(void **state)
{
    const struct lg_str text = LG_STR(stream);
    struct job j;
    struct lg_buf whole;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(job_run(&j, CORPUS_STREAM, text), 0);
    assert_null(grammar_check(CHAT, out_of(&j), 1));
    lg_buf_init(&whole, JOB_FRAME_MAX);
    lg_buf_str(&whole, out_of(&j));
    for (size_t step = 1; step < 40; step++) {
        struct lg_convert_stream s;
        struct lg_buf got;

        lg_buf_init(&got, JOB_FRAME_MAX);
        assert_int_equal(lg_convert_stream_init(&s, &j.v, 65536), 0);
        for (size_t at = 0; at < text.n; at += step) {
            size_t from = 0;

            assert_int_equal(
                lg_convert_stream_feed(&s, text.p + at,
                                       text.n - at < step ? text.n - at : step),
                0);
            lg_buf_str(&got, lg_buf_span(&s.frames.bytes));
            for (size_t i = 0; i < s.frames.n; from = s.frames.end[i++]) {
                assert_true(s.frames.end[i] > from + 2);
                assert_memory_equal(s.frames.bytes.p + s.frames.end[i] - 2,
                                    "\n\n", 2);
            }
            assert_int_equal(from, s.frames.bytes.n);
        }
        assert_int_equal(lg_convert_stream_end(&s), 0);
        lg_buf_str(&got, lg_buf_span(&s.frames.bytes));
        assert_string_equal(got.p, whole.p);
        lg_buf_done(&got);
        lg_convert_stream_done(&s);
    }
    lg_buf_done(&whole);
    job_done(&j);
}

static void cut_stream_is_truncated(void **state)
{
    static const char cut[] = START("i") OPEN DELTA("a");
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(job_run(&j, CORPUS_STREAM, LG_STR(cut)),
                     LLMGW_E_TRUNCATED);
    assert_int_equal(j.err.code, LLMGW_E_TRUNCATED);
    assert_null(strstr(j.out.p, "[DONE]"));
    assert_non_null(strstr(j.out.p, "\"a\""));
    job_done(&j);
}

static void error_in_a_stream_is_rewritten(void **state)
{
    static const char failing[] = START("i")
        EVENT("error",
              ",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}")
            STOP;
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(job_run(&j, CORPUS_STREAM, LG_STR(failing)),
                     LLMGW_E_TRUNCATED);
    assert_null(grammar_check(CHAT, out_of(&j), 0));
    assert_non_null(strstr(j.out.p, "\"message\":\"busy\""));
    assert_null(strstr(j.out.p, "[DONE]"));
    job_done(&j);
}

static void broken_stream_fails_for_good(void **state)
{
    static const char broken[] = START("i") "event: ping\ndata: {\n\n" STOP;
    struct lg_convert_stream s;
    struct job j;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(lg_convert_stream_init(&s, &j.v, 65536), 0);
    assert_int_equal(lg_convert_stream_feed(&s, broken, sizeof(broken) - 1),
                     LLMGW_E_PROTOCOL);
    assert_int_equal(lg_convert_stream_feed(&s, "\n", 1), LLMGW_E_PROTOCOL);
    assert_int_equal(lg_convert_stream_end(&s), LLMGW_E_PROTOCOL);
    lg_convert_stream_done(&s);
    job_done(&j);
}

static void deltas_take_no_memory(void **state)
{
    static const char head[] = START("i") OPEN, delta[] = DELTA("some text");
    struct lg_convert_stream s;
    struct job j;
    size_t used = 0, cap = 0;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(lg_convert_stream_init(&s, &j.v, 65536), 0);
    assert_int_equal(lg_convert_stream_feed(&s, head, sizeof(head) - 1), 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(lg_convert_stream_feed(&s, delta, sizeof(delta) - 1),
                         0);
        if (i == 2) {
            used = j.arena.used + s.feed.scratch.used + s.scratch.used;
            cap = s.frames.bytes.cap;
        }
    }
    assert_int_equal(j.arena.used + s.feed.scratch.used + s.scratch.used, used);
    assert_int_equal(s.frames.bytes.cap, cap);
    assert_true(s.feed.by_template >= 990);
    lg_convert_stream_done(&s);
    job_done(&j);
}

static void a_long_id_is_not_multiplied(void **state)
{
    struct lg_convert_stream s;
    struct job j;
    size_t n, m;
    char *head =
        repeat("event: message_start\ndata: {\"type\":\"message_start\""
               ",\"message\":{\"type\":\"message\",\"role\":"
               "\"assistant\",\"content\":[],\"model\":\"m\",\"id\":\"",
               "0123456789abcdef", 4000,
               "\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}"
               "}\n\n" OPEN,
               &n);
    char *deltas = repeat("", DELTA("x"), 1000, "", &m);
    int rc;

    (void)state;
    job_init(&j, ANTHROPIC, CHAT);
    assert_int_equal(lg_convert_stream_init(&s, &j.v, 100000), 0);
    rc = lg_convert_stream_feed(&s, head, n);
    assert_int_equal(rc, 0);
    rc = lg_convert_stream_feed(&s, deltas, m);
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_int_equal(j.err.code, LLMGW_E_LIMIT);
    lg_convert_stream_done(&s);
    job_done(&j);
    free(head);
    free(deltas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_have_their_names),
        cmocka_unit_test(same_format_hands_the_bytes_on),
        cmocka_unit_test(request_is_rewritten),
        cmocka_unit_test(stream_is_decided_by_the_caller),
        cmocka_unit_test(bridge_may_be_missing),
        cmocka_unit_test(strict_refuses_a_loss),
        cmocka_unit_test(broken_documents_fail),
        cmocka_unit_test(answer_is_rewritten),
        cmocka_unit_test(error_is_rewritten),
        cmocka_unit_test(a_large_request_is_held_once),
        cmocka_unit_test(same_stream_is_handed_through),
        cmocka_unit_test(stream_is_rewritten),
        cmocka_unit_test(cut_stream_is_truncated),
        cmocka_unit_test(error_in_a_stream_is_rewritten),
        cmocka_unit_test(broken_stream_fails_for_good),
        cmocka_unit_test(deltas_take_no_memory),
        cmocka_unit_test(a_long_id_is_not_multiplied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
