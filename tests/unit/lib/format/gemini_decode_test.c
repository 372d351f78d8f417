/* SPDX-License-Identifier: MIT
 *
 * Streams, read. */
#include "tests/unit/lib/format/gemini_case.h"

#include "tests/support/files.h"

static struct lg_buf fixture(const char *name, const char *file)
{
    char path[256];
    struct lg_buf b;
    size_t n = 0;
    char *text;

    (void)snprintf(path, sizeof(path), "tests/fixtures/gemini/%s/%s", name,
                   file);
    text = file_read(source_path(path), &n);
    if (!text)
        fail_msg("no %s", path);
    lg_buf_init(&b, (size_t)1 << 24);
    lg_buf_add(&b, text, n);
    free(text);
    return b;
}

static void streams_fold_to_their_answers(void **state)
{
    static const char *const names[] = {
        "text",
        "thinking",
        "thinking-signed",
        "calls",
        "calls-with-ids",
        "calls-in-pieces",
        "media",
        "grounding",
        "blocked",
        "no-content",
        "two-candidates",
        "vertex",
        "stop-safety",
        "stop-max-tokens",
        "stop-continuation",
        "stop-recitation",
        "stop-other",
        "stop-invented",
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(names); i++) {
        struct lg_buf answer = fixture(names[i], "answer.json");
        struct lg_buf stream = fixture(names[i], "stream.sse");
        struct lg_buf want, got;

        lg_buf_init(&want, (size_t)1 << 24);
        lg_buf_init(&got, (size_t)1 << 24);
        assert_int_equal(answer_say(&lg_format_gemini, CORPUS_ANSWER,
                                    lg_buf_span(&answer), answer_text, &want),
                         0);
        assert_int_equal(answer_say(&lg_format_gemini, CORPUS_STREAM,
                                    lg_buf_span(&stream), answer_text, &got),
                         0);
        if (!lg_str_same(lg_buf_span(&want), lg_buf_span(&got)))
            fail_msg("%s:\n%s\n%s", names[i], want.p, got.p);
        lg_buf_done(&want);
        lg_buf_done(&got);
        lg_buf_done(&answer);
        lg_buf_done(&stream);
    }
}

/* The events of a stream, and how its end was taken. */
static void gives(const char *stream, const char *events, int rc)
{
    struct lg_buf in = quoted(stream);
    struct event_log log;
    struct reading r;

    event_log_init(&log);
    lg_buf_lit(&log.text, "");
    r = stream_read(&lg_format_gemini, lg_buf_span(&in), PIECES_WHOLE,
                    &log.sink);
    if (r.rc != rc || !lg_str_is(lg_buf_span(&log.text), events))
        fail_msg("%s\n gives %d\n%s\n  not  %d\n%s", in.p, r.rc, log.text.p, rc,
                 events);
    event_log_done(&log);
    lg_buf_done(&in);
}

#define START "start 0.-1 id=\"r\" model=\"m\"\n"
#define TOLD  ",'responseId':'r','modelVersion':'m'}\n\n"
#define PARTS(p)                                   \
    "data: {'candidates':[{'content':{'parts':[" p \
    "],'role':'model'},'index':0}]" TOLD
#define LAST(p)                                    \
    "data: {'candidates':[{'content':{'parts':[" p \
    "]},'finishReason':'STOP'}]" TOLD

static void texts_go_on(void **state)
{
    (void)state;
    gives(PARTS("{'text':'a'}") PARTS("{'text':''}") PARTS("{'text':'b'}")
              LAST("{'text':'','thoughtSignature':'QQ=='}"),
          START "part 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\n"
                "part-end 0.0\n"
                "part 0.1 redacted blob=\"QQ==\" origin=gemini\npart-end 0.1\n"
                "stop 0.-1 kind=end reason=\"STOP\"\nend 0.-1\n",
          0);
    gives(PARTS("{'text':'a','thought':true}")
              PARTS("{'text':'','thought':true,'thoughtSignature':'QQ=='}")
                  PARTS("{'text':'b','thought':true},{'text':'c'}")
                      LAST("{'text':'d','partMetadata':1}"),
          START "part 0.0 thinking\nthinking 0.0 text=a\n"
                "signature 0.0 val=\"QQ==\" origin=gemini\npart-end 0.0\n"
                "part 0.1 thinking\nthinking 0.1 text=b\npart-end 0.1\n"
                "part 0.2 text\ntext 0.2 text=c\npart-end 0.2\n"
                "part 0.3 text +0:partMetadata =1\ntext 0.3 text=d\n"
                "part-end 0.3\nstop 0.-1 kind=end reason=\"STOP\"\nend 0.-1\n",
          0);
}

#define PIECE(a)   "{'functionCall':{'partialArgs':[" a "],'willContinue':true}}"
#define CALL(rest) "{'functionCall':{'name':'f'" rest "}}"

static void calls_come_at_once_or_in_pieces(void **state)
{
    (void)state;
    gives(LAST(CALL(",'args':{'a':'\\n'}")),
          START "part 0.0 tool-call id=\"call_r_0_0\" name=\"f\"\n"
                "input 0.0 text={\\\"a\\\":\\\"\\\\n\\\"}\npart-end 0.0\n"
                "stop 0.-1 kind=tool reason=\"STOP\"\nend 0.-1\n",
          0);
    gives(PARTS(CALL(",'willContinue':true")) PARTS(
              PIECE("{'jsonPath':'$.a','stringValue':'x','willContinue':true}"))
              PARTS(PIECE("{'jsonPath':'$.a','stringValue':'y'}"))
                  PARTS(PIECE("{'jsonPath':'$.b[0].c','boolValue':false},"
                              "{'jsonPath':'$.b[1]','nullValue':null}"))
                      PARTS("{'functionCall':{}}") LAST(""),
          START "part 0.0 tool-call id=\"call_r_0_0\" name=\"f\"\n"
                "input 0.0 text={\\\"a\\\":\\\"x\n"
                "input 0.0 text=y\\\"\n"
                "input 0.0 text=,\\\"b\\\":[{\\\"c\\\":false},null\n"
                "input 0.0 text=]}\npart-end 0.0\n"
                "stop 0.-1 kind=tool reason=\"STOP\"\nend 0.-1\n",
          0);
}

static void pieces_out_of_order_are_refused(void **state)
{
    static const char *const paths[] = {
        "$", "", "$.a", "$.a.b", "$[0]", "$.", "$x", "$['a", "$.b[",
    };
    char stream[1024];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(paths); i++) {
        (void)snprintf(stream, sizeof(stream),
                       PARTS(CALL(",'willContinue':true"))
                           PARTS(PIECE("{'jsonPath':'$.a','numberValue':1}"))
                               PARTS(PIECE("{'jsonPath':\"%s\",'numberValue':"
                                           "1}")),
                       paths[i]);
        gives(stream,
              START "part 0.0 tool-call id=\"call_r_0_0\" name=\"f\"\n"
                    "input 0.0 text={\\\"a\\\":1\n",
              LLMGW_E_PROTOCOL);
    }
}

static void only_a_reason_ends_it(void **state)
{
    (void)state;
    gives("", "", LLMGW_E_TRUNCATED);
    gives(PARTS("{'text':'a'}"), START "part 0.0 text\ntext 0.0 text=a\n",
          LLMGW_E_TRUNCATED);
    gives(
        "data: {'candidates':[{'finishReason':'FINISH_REASON_UNSPECIFIED'}]" TOLD,
        START, LLMGW_E_TRUNCATED);
    gives(
        "data: {'candidates':[{'finishReason':'STOP','index':1},{'index':0}]" TOLD,
        START, LLMGW_E_TRUNCATED);
    /* the last word counts, and [DONE] is no news */
    gives("data: {'candidates':[{'finishReason':'STOP'}]" TOLD
          "data: {'candidates':[{'finishReason':'SAFETY','finishMessage':"
          "'no'}]" TOLD "data: [DONE]\n\n",
          START "stop 0.-1 kind=refusal reason=\"SAFETY\" details=\"no\"\n"
                "end 0.-1\n",
          0);
    gives("data: {'promptFeedback':{'blockReason':'JAILBREAK'}" TOLD,
          START "stop 0.-1 kind=refusal reason=\"JAILBREAK\"\nend 0.-1\n", 0);
}

static void errors_end_it(void **state)
{
    (void)state;
    gives(PARTS("{'text':'a'}") "data: {'error':{'code':503,'message':'m',"
                                "'status':'UNAVAILABLE'}}\n\n" LAST(""),
          START "part 0.0 text\ntext 0.0 text=a\n"
                "error 0.-1 class=14 status=0 type=\"UNAVAILABLE\" code=503 "
                "message=\"m\"\n",
          LLMGW_E_TRUNCATED);
    gives("data: {'error':'odd'}\n\n",
          "error 0.-1 class=0 status=0 "
          "message=\"{\\\"error\\\":\\\"odd\\\"}\"\n",
          LLMGW_E_TRUNCATED);
    gives("data: {\n\n", "", LLMGW_E_PROTOCOL);
    gives("data: {'candidates':[1]}\n\n", "start 0.-1\n", LLMGW_E_PROTOCOL);
}

static void there_are_not_too_many(void **state)
{
    char stream[8192];
    int n = snprintf(stream, sizeof(stream), "data: {'candidates':[{}");
    struct lg_buf in;
    struct event_log log;

    (void)state;
    for (int i = 1; i <= 64; i++)
        n += snprintf(stream + n, sizeof(stream) - (size_t)n, ",{'index':%d}",
                      i);
    (void)snprintf(stream + n, sizeof(stream) - (size_t)n, "]}\n\n");
    in = quoted(stream);
    event_log_init(&log);
    assert_int_equal(stream_read(&lg_format_gemini, lg_buf_span(&in),
                                 PIECES_WHOLE, &log.sink)
                         .rc,
                     LLMGW_E_LIMIT);
    event_log_done(&log);
    lg_buf_done(&in);
}

/* Frames of the same bytes around their text are not parsed again. */
static void templates_are_used(void **state)
{
    struct lg_buf in = quoted(PARTS("{'text':'a'}") PARTS("{'text':'b'}") PARTS(
        "{'text':'c'}") PARTS("{'text':'d'}") LAST(""));
    struct event_log log;
    struct reading r;

    (void)state;
    event_log_init(&log);
    r = stream_read(&lg_format_gemini, lg_buf_span(&in), PIECES_WHOLE,
                    &log.sink);
    assert_int_equal(r.rc, 0);
    assert_int_equal(r.by_template, 2);
    event_log_done(&log);
    lg_buf_done(&in);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(streams_fold_to_their_answers),   T(texts_go_on),
        T(calls_come_at_once_or_in_pieces), T(pieces_out_of_order_are_refused),
        T(only_a_reason_ends_it),           T(errors_end_it),
        T(there_are_not_too_many),          T(templates_are_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
