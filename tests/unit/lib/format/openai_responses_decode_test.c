/* SPDX-License-Identifier: MIT
 *
 * Streams of openai-responses: which events they are. */
#include "tests/unit/lib/format/openai_responses_case.h"

#include "lib/format/feed.h"
#include "tests/support/files.h"

#define MANY ((size_t)1 << 24)

/* The lines of events, but for the head and the usage. */
static void keep_lines(struct lg_buf *out, struct lg_str log)
{
    for (size_t at = 0, n; at < log.n; at += n + 1) {
        const char *line = log.p + at;

        n = (size_t)((const char *)memchr(line, '\n', log.n - at) - line);
        if (strncmp(line, "start ", 6) != 0 && strncmp(line, "usage ", 6) != 0)
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
    r = stream_read(&lg_format_openai_responses, stream, PIECES_WHOLE,
                    &log.sink);
    keep_lines(&got, lg_buf_span(&log.text));
    if (!lg_str_is(lg_buf_span(&got), want))
        fail_msg("%s gives\n%s  not\n%s", name, got.p ? got.p : "", want);
    lg_buf_done(&got);
    event_log_done(&log);
    return r;
}

/* The frames, told with ' for ", give these events and end so. */
static struct reading gives(const char *frames, int rc, const char *want)
{
    struct lg_buf text = quoted(frames);
    const struct reading r = gives_text(lg_buf_span(&text), want, frames);

    assert_int_equal(r.rc, rc);
    lg_buf_done(&text);
    return r;
}

static void fixture_gives(const char *name, int rc, const char *want)
{
    char rel[256];
    size_t n = 0;
    char *text;

    (void)snprintf(rel, sizeof(rel),
                   "tests/fixtures/openai-responses/%s/stream.sse", name);
    text = file_read(source_path(rel), &n);
    assert_non_null(text);
    assert_int_equal(gives_text(lg_str_from(text, n), want, name).rc, rc);
    free(text);
}

#define EV(name, data) "event: " name "\ndata: {'type':'" name "'" data "}\n\n"
#define BEGIN \
    EV("response.created", ",'response':{'id':'r','model':'m','output':[]}")
#define ADDED(i, item) \
    EV("response.output_item.added", ",'output_index':" i ",'item':" item)
#define FINISHED(i, item) \
    EV("response.output_item.done", ",'output_index':" i ",'item':" item)
#define PIECE(kind, i, more, text) \
    EV("response." kind ".delta",  \
       ",'output_index':" i more ",'delta':'" text "'")
#define COMPLETE(output)                                                   \
    EV("response.completed", ",'response':{'id':'r','status':'completed'," \
                             "'output':[" output "]}")
#define MSG "{'type':'message','role':'assistant','content':[]}"
#define AT  ",'content_index':0"

#define STOP(kind) "stop 0.-1 kind=" kind " reason=\"completed\"\n"
#define END        "end 0.-1\n"

/* ---- text --------------------------------------------------------------- */

/* Said in pieces, as they are done, as the item is done, as the response is
 * done: whichever there is. */
static void text_is_said_once(void **state)
{
#define ALL "part 0.0 text\ntext 0.0 text=ab\npart-end 0.0\n" STOP("end") END
#define AB                                                                   \
    "{'type':'message','role':'assistant','content':[{'type':'output_text'," \
    "'text':'ab'}]}"
    (void)state;
    gives(BEGIN ADDED("0", MSG) PIECE("output_text", "0", AT, "ab")
              FINISHED("0", AB) COMPLETE(AB),
          0, ALL);
    gives(BEGIN ADDED("0", MSG)
              EV("response.output_text.done",
                 ",'output_index':0,'content_index':0,'text':'ab'")
                  FINISHED("0", AB) COMPLETE(AB),
          0, ALL);
    gives(BEGIN FINISHED("0", AB) COMPLETE(AB), 0, ALL);
    gives(BEGIN COMPLETE(AB), 0, ALL);
    gives(BEGIN PIECE("output_text", "0", AT, "ab") COMPLETE(""), 0, ALL);
}

static void parts_of_a_message(void **state)
{
    (void)state;
    fixture_gives(
        "refusal-behind-text", 0,
        "part 0.0 text\ntext 0.0 text=Well\ntext 0.0 text=, \npart-end 0.0\n"
        "part 0.1 refusal\nrefusal 0.1 text=no\nrefusal 0.1 text=.\npart-end 0.1\n" STOP(
            "refusal") END);
    gives(BEGIN ADDED("0", MSG)
              PIECE("output_text", "0", ",'content_index':1", "b")
                  PIECE("output_text", "0", AT, "a") COMPLETE(""),
          0,
          "part 0.1 text\ntext 0.1 text=b\npart 0.0 text\ntext 0.0 text=a\n"
          "part-end 0.1\npart-end 0.0\n" STOP("end") END);
}

static void citations_come_once(void **state)
{
#define NOTE "{'type':'url_citation','url':'u'}"
#define NOTED                                                                \
    "{'type':'message','role':'assistant','content':[{'type':'output_text'," \
    "'text':'a','annotations':[" NOTE "," NOTE "]}]}"
#define CITED "citation 0.0 val={\"type\":\"url_citation\",\"url\":\"u\"}\n"
    (void)state;
    gives(BEGIN ADDED("0", MSG) PIECE("output_text", "0", AT, "a")
              EV("response.output_text.annotation.added",
                 ",'output_index':0,'content_index':0,'annotation':" NOTE)
                  FINISHED("0", NOTED) COMPLETE(NOTED),
          0,
          "part 0.0 text\ntext 0.0 text=a\n" CITED CITED
          "part-end 0.0\n" STOP("end") END);
}

/* ---- thinking ----------------------------------------------------------- */

#define REASONING "{'type':'reasoning','id':'rs','summary':[]}"

static void thinking_opens_as_it_speaks(void **state)
{
    (void)state;
    gives(BEGIN ADDED("0", REASONING) FINISHED("0", REASONING) COMPLETE(""), 0,
          STOP("end") END);
    gives(BEGIN ADDED("0", REASONING) FINISHED(
              "0", "{'type':'reasoning','summary':[],'encrypted_content':'e'}")
              COMPLETE(""),
          0,
          "part 0.0 redacted blob=\"e\" origin=openai-responses\n"
          "part-end 0.0\n" STOP("end") END);
    gives(
        BEGIN ADDED("0", REASONING) EV("response.reasoning_summary_part.added",
                                       ",'output_index':0,'summary_index':0")
            PIECE("reasoning_summary_text", "0", ",'summary_index':0",
                  "a") EV("response.reasoning_summary_part.added",
                          ",'output_index':0,'summary_index':1")
                PIECE("reasoning_summary_text", "0", ",'summary_index':1", "b")
                    FINISHED("0", "{'type':'reasoning','summary':[{"
                                  "'text':'a'},{'text':'b'}],"
                                  "'encrypted_content':'e'}") COMPLETE(""),
        0,
        "part 0.0 thinking\nthinking 0.0 text=a\nthinking 0.0 text=\\n\\n\n"
        "thinking 0.0 text=b\nsignature 0.0 val=\"e\" "
        "origin=openai-responses\npart-end 0.0\n" STOP("end") END);
}

/* ---- calls -------------------------------------------------------------- */

#define CALL(args)                                                \
    "{'type':'function_call','id':'fc','call_id':'c','name':'f'," \
    "'arguments':'" args "'}"

static void calls_open_at_once(void **state)
{
    static const char want[] =
        "part 0.0 tool-call id=\"c\" name=\"f\"\ninput 0.0 text={}\n"
        "part-end 0.0\n" STOP("tool") END;

    (void)state;
    gives(BEGIN ADDED("0", CALL(""))
              PIECE("function_call_arguments", "0", "", "{}")
                  FINISHED("0", CALL("{}")) COMPLETE(""),
          0, want);
    gives(BEGIN ADDED("0", CALL("")) EV("response.function_call_arguments.done",
                                        ",'output_index':0,'arguments':'{}'")
              FINISHED("0", CALL("{}")) COMPLETE(""),
          0, want);
    gives(BEGIN ADDED("0", CALL("{}")) FINISHED("0", CALL("{}")) COMPLETE(""),
          0, want);
    gives(BEGIN FINISHED("0", CALL("{}")) COMPLETE(""), 0, want);
    gives(BEGIN PIECE("function_call_arguments", "0", "", "{") COMPLETE(""), 0,
          STOP("end") END);
}

static void calls_may_stand_side_by_side(void **state)
{
    (void)state;
    gives(BEGIN ADDED("0", CALL(""))
              ADDED("1", "{'type':'custom_tool_call','call_id':'d','name':'g'}")
                  PIECE("function_call_arguments", "0", "", "{")
                      PIECE("custom_tool_call_input", "1", "", "x")
                          PIECE("function_call_arguments", "0", "", "}")
                              COMPLETE(""),
          0,
          "part 0.0 tool-call id=\"c\" name=\"f\"\n"
          "part 0.1 tool-call custom id=\"d\" name=\"g\"\n"
          "input 0.0 text={\ninput 0.1 text=x\ninput 0.0 text=}\n"
          "part-end 0.1\npart-end 0.0\n" STOP("tool") END);
}

/* ---- what is of no known kind ------------------------------------------- */

static void other_items_are_opaque(void **state)
{
    (void)state;
    gives(BEGIN ADDED("0", "{'type':'web_search_call'}")
              EV("response.web_search_call.searching", ",'output_index':0")
                  FINISHED("0", "{'type':'web_search_call','x':1}")
                      COMPLETE(""),
          0,
          "part 0.0 opaque json={\"type\":\"web_search_call\"}\n"
          "opaque 0.-1 name=response.web_search_call.searching val={\"type\":"
          "\"response.web_search_call.searching\",\"output_index\":0}\n"
          "part 0.0 opaque json={\"type\":\"web_search_call\",\"x\":1}\n"
          "part-end 0.0\n" STOP("end") END);
    gives(BEGIN EV("keepalive", "") "data: 5\n\n" COMPLETE(""), 0,
          "opaque 0.-1 name=keepalive val={\"type\":\"keepalive\"}\n"
          "opaque 0.-1 name= val=5\n" STOP("end") END);
}

/* ---- ends --------------------------------------------------------------- */

static void only_the_response_ends_it(void **state)
{
    (void)state;
    gives(BEGIN, LLMGW_E_TRUNCATED, "");
    gives(BEGIN ADDED("0", MSG) PIECE("output_text", "0", AT, "a"),
          LLMGW_E_TRUNCATED, "part 0.0 text\ntext 0.0 text=a\n");
    gives(BEGIN "data: [DONE]\n\n", LLMGW_E_TRUNCATED, "");
    gives(BEGIN COMPLETE("") "data: [DONE]\n\n", 0, STOP("end") END);
    gives(BEGIN "data: {\n\n", LLMGW_E_PROTOCOL, "");
    fixture_gives("incomplete-length", 0,
                  "part 0.0 text\ntext 0.0 text=Once \ntext 0.0 text=upon a\n"
                  "part-end 0.0\nstop 0.-1 kind=length "
                  "reason=\"max_output_tokens\"\n" END);
}

static void errors_end_it_too(void **state)
{
#define ERROR(class, more) "error 0.-1 class=" class " status=0" more "\n"
    (void)state;
    fixture_gives("error-nested", LLMGW_E_TRUNCATED,
                  ERROR("11", " type=\"insufficient_quota\" "
                              "code=\"insufficient_quota\" param=null "
                              "message=\"You exceeded your current quota.\""));
    fixture_gives("error-flat", LLMGW_E_TRUNCATED,
                  ERROR("10", " type=\"error\" code=\"rate_limit_exceeded\" "
                              "param=null message=\"Slow down.\""));
    fixture_gives("failed", LLMGW_E_TRUNCATED,
                  ERROR("12", " code=\"server_error\" message=\"The server had "
                              "an error.\""));
    fixture_gives("error-odd", LLMGW_E_TRUNCATED,
                  ERROR("12", " message=\"the response failed\""));
    gives(BEGIN EV("error", ",'error':{'x':1}"), LLMGW_E_TRUNCATED,
          ERROR("0", " message=\"{\\\"x\\\":1}\""));
}

/* ---- roads -------------------------------------------------------------- */

static void pieces_take_the_short_road(void **state)
{
    struct lg_buf text;
    struct event_log log;
    struct reading r;

    (void)state;
    lg_buf_init(&text, MANY);
    lg_buf_lit(&text, "data: {\"type\":\"response.created\"}\n\n");
    for (int i = 0; i < 1000; i++)
        lg_buf_printf(&text,
                      "event: response.output_text.delta\ndata: {\"type\":"
                      "\"response.output_text.delta\",\"sequence_number\":%d,"
                      "\"output_index\":0,\"content_index\":0,\"delta\":\"w%d "
                      "\",\"logprobs\":[],\"obfuscation\":\"%.*s\"}\n\n",
                      i + 4, i, i % 17, "abcdefghijklmnopq");
    lg_buf_lit(&text, "data: {\"type\":\"response.completed\",\"response\":{}}"
                      "\n\n");
    event_log_init(&log);
    r = stream_read(&lg_format_openai_responses, lg_buf_span(&text),
                    PIECES_WHOLE, &log.sink);
    assert_int_equal(r.rc, 0);
    assert_true(r.by_template > 990);
    assert_non_null(strstr(log.text.p, "text 0.0 text=w999 \n"));
    event_log_done(&log);
    lg_buf_done(&text);
}

/* A number that JSON does not allow is found wherever it stands. */
static void numbers_are_looked_at(void **state)
{
#define NUMBERED(n, text)            \
    EV("response.output_text.delta", \
       ",'sequence_number':" n       \
       ",'output_index':0,'content_index':0,'delta':'" text "'")
    (void)state;
    gives(BEGIN NUMBERED("1", "a") NUMBERED("2", "b") NUMBERED("03", "c"),
          LLMGW_E_PROTOCOL,
          "part 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\n");
    gives(BEGIN NUMBERED("1", "a") NUMBERED("2", "b") NUMBERED("-3", "c")
              NUMBERED("4.5", "d") NUMBERED("0", "e") COMPLETE(""),
          0,
          "part 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\ntext 0.0 text=c\n"
          "text 0.0 text=d\ntext 0.0 text=e\npart-end 0.0\n" STOP("end") END);
}

static void there_is_an_end_to_what_is_open(void **state)
{
    struct lg_buf text;
    struct event_log log;

    (void)state;
    lg_buf_init(&text, MANY);
    for (int i = 0; i < 2000; i++)
        lg_buf_printf(&text,
                      "data: {\"type\":\"response.output_item.added\","
                      "\"output_index\":%d,\"item\":{\"type\":\"message\"}}"
                      "\n\n",
                      i);
    event_log_init(&log);
    assert_int_equal(stream_read(&lg_format_openai_responses,
                                 lg_buf_span(&text), PIECES_WHOLE, &log.sink)
                         .rc,
                     LLMGW_E_LIMIT);
    event_log_done(&log);
    lg_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_said_once),
        cmocka_unit_test(parts_of_a_message),
        cmocka_unit_test(citations_come_once),
        cmocka_unit_test(thinking_opens_as_it_speaks),
        cmocka_unit_test(calls_open_at_once),
        cmocka_unit_test(calls_may_stand_side_by_side),
        cmocka_unit_test(other_items_are_opaque),
        cmocka_unit_test(only_the_response_ends_it),
        cmocka_unit_test(errors_end_it_too),
        cmocka_unit_test(pieces_take_the_short_road),
        cmocka_unit_test(numbers_are_looked_at),
        cmocka_unit_test(there_is_an_end_to_what_is_open),
    };

    return cmocka_run_group_tests(tests, use_defaults, NULL);
}
