/* SPDX-License-Identifier: MIT
 *
 * Answers, streams and errors of ollama-chat. */
#include "lib/format/ollama_chat.h"

#include "quoted_case.h"

#define OLLAMA LG_OL_NAME
#define HEAD   "'model':'m','created_at':'2026-08-04T19:22:45Z'"
#define SAYS(members) \
    "{" HEAD ",'message':{'role':'assistant'," members "},'done':false}\n"
#define STATS                                                      \
    "'total_duration':5,'load_duration':1,'prompt_eval_count':26," \
    "'prompt_eval_duration':2,'eval_count':4,'eval_duration':3"
#define DONE(reason)                                                     \
    "{" HEAD ",'message':{'role':'assistant','content':''},'done':true," \
    "'done_reason':'" reason "'," STATS "}\n"
#define ANSWER(members, reason)                                         \
    "{" HEAD ",'message':{'role':'assistant'," members "},'done':true," \
    "'done_reason':'" reason "'," STATS "}"
#define LOST_STATS                                      \
    "/total_duration dropped\n/load_duration dropped\n" \
    "/prompt_eval_duration dropped\n/eval_duration dropped"

/* ---- events -------------------------------------------------------------- */

#define STATS_TOLD                                                      \
    " +0:total_duration =5 +0:load_duration =1 +0:prompt_eval_duration" \
    " =2 +0:eval_duration =3"
#define START_TOLD "start 0.-1 model='m' created='2026-08-04T19:22:45Z'\n"
#define END_TOLD(kind, reason)                                              \
    "usage 0.-1 input=26 output=4\nstop 0.-1 kind=" kind " reason='" reason \
    "'" STATS_TOLD "\nend 0.-1\n"

static void lines_are_events(void **state)
{
    (void)state;
    events_are(OLLAMA,
               SAYS("'content':'','thinking':'hm'") SAYS("'content':'a'")
                   SAYS("'content':'b'") DONE("stop"),
               START_TOLD
               "part 0.0 thinking\nthinking 0.0 text=hm\npart-end 0.0\n"
               "part 0.1 text\ntext 0.1 text=a\ntext 0.1 text=b\n"
               "part-end 0.1\n" END_TOLD("end", "stop"),
               0);
    events_are(
        OLLAMA,
        SAYS("'content':'x','tool_calls':[{'id':'i','function':{'index':0,"
             "'name':'f','arguments':{'a':1.0}}}]") SAYS("'content':'y'")
            DONE("stop"),
        START_TOLD "part 0.0 text\ntext 0.0 text=x\npart-end 0.0\n"
                   "part 0.1 tool-call id='i' name='f'\n"
                   "input 0.1 text={\\'a\\':1.0}\npart-end 0.1\n"
                   "part 0.2 text\ntext 0.2 text=y\npart-end 0.2\n" //
        END_TOLD("tool", "stop"),
        0);
    events_are(OLLAMA, SAYS("'content':'a'") DONE("length"),
               START_TOLD "part 0.0 text\ntext 0.0 text=a\npart-end 0.0\n" //
               END_TOLD("length", "length"),
               0);
    /* a call without an id gets one that no other answer has */
    events_are(OLLAMA,
               SAYS("'content':'','tool_calls':[{'function':{'name':'f'}}]"),
               START_TOLD
               "part 0.0 tool-call id='call_20260804T192245Z_0_0' name='f'\n"
               "input 0.0 text={}\npart-end 0.0\n",
               LLMGW_E_TRUNCATED);
}

static void streams_that_end_too_soon_say_so(void **state)
{
    (void)state;
    events_are(OLLAMA, "", "", LLMGW_E_TRUNCATED);
    events_are(OLLAMA, SAYS("'content':'a'"),
               START_TOLD "part 0.0 text\ntext 0.0 text=a\n",
               LLMGW_E_TRUNCATED);
    events_are(OLLAMA, SAYS("'content':'a'") "{'model':'m','mess",
               START_TOLD "part 0.0 text\ntext 0.0 text=a\n",
               LLMGW_E_TRUNCATED);
    events_are(OLLAMA,
               SAYS("'content':'a'") "{'error':'out of memory'}\n" SAYS(
                   "'content':'late'"),
               START_TOLD "part 0.0 text\ntext 0.0 text=a\n"
                          "error 0.-1 class=0 status=0 message="
                          "'out of memory'\n",
               LLMGW_E_TRUNCATED);
    events_are(OLLAMA, "{'error':{'message':'busy','code':7}}\n",
               "error 0.-1 class=0 status=0 message='busy'\n",
               LLMGW_E_TRUNCATED);
}

static void what_is_no_line_is_a_protocol_error(void **state)
{
    static const char *const bad[] = {
        "<html>\n",
        "[]\n",
        "7\n",
        "{'message':7}\n",
        "{'message':{'content':7}}\n",
        "{'message':{'thinking':[]}}\n",
        "{'error':7}\n",
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        events_are(OLLAMA, bad[i], "", LLMGW_E_PROTOCOL);
    events_are(OLLAMA, SAYS("'content':'','images':[7]"), START_TOLD,
               LLMGW_E_PROTOCOL);
}

static void lines_that_repeat_take_the_short_road(void **state)
{
    const struct lg_format *f = &lg_format_ollama_chat;
    struct lg_buf text;
    struct event_log log;
    struct reading r;

    (void)state;
    lg_buf_init(&text, 1 << 20);
    for (int i = 0; i < 100; i++)
        lg_buf_printf(&text,
                      "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00."
                      "%dZ\",\"message\":{\"role\":\"assistant\",\"content\":"
                      "\"%d\"},\"done\":false}\n",
                      i * i, i);
    lg_buf_lit(&text, "{\"done\":true}");
    event_log_init(&log);
    r = stream_read(f, lg_buf_span(&text), PIECES_WHOLE, &log.sink);
    assert_int_equal(r.rc, 0);
    assert_int_equal(r.by_tape, 3); /* the first two, and the last */
    assert_int_equal(r.by_template, 98);
    event_log_done(&log);
    lg_buf_done(&text);
}

static void a_stream_comes_to_its_answer(void **state)
{
    (void)state;
    folds_alike(OLLAMA,
                SAYS("'content':'','thinking':'h'")
                    SAYS("'content':'','thinking':'m'") SAYS("'content':'a'")
                        SAYS("'content':'','tool_calls':[{'id':'i',"
                             "'function':{'name':'f','arguments':{'a':1}}}"
                             "]") DONE("stop"),
                ANSWER("'content':'a','thinking':'hm','tool_calls':[{'id':'i',"
                       "'function':{'name':'f','arguments':{'a':1}}}]",
                       "stop"));
}

/* ---- to others ------------------------------------------------------------ */

static void answers_to_others(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, OLLAMA, CHAT,
          ANSWER("'content':'a','thinking':'hm','tool_calls':[{'function':{"
                 "'name':'f','arguments':{'n':1.0}}}]",
                 "stop"),
          "{'id':'chatcmpl-0','object':'chat.completion',"
          "'created':1700000000,"
          "'model':'m','choices':[{'index':0,'message':{'role':'assistant',"
          "'content':'a','refusal':null,'reasoning_content':'hm',"
          "'tool_calls':[{'id':'call_20260804T192245Z_0_2','type':'function',"
          "'function':{'name':'f','arguments':'{\\'n\\':1.0}'}}]},'logprobs':"
          "null,'finish_reason':'tool_calls'}],'usage':{'prompt_tokens':26,"
          "'completion_tokens':4,'total_tokens':30}}",
          LOST_STATS);
    turns(CORPUS_ANSWER, OLLAMA, ANTHROPIC, ANSWER("'content':'a'", "length"),
          "{'id':'msg_0','type':'message','role':'assistant','model':'m',"
          "'content':[{'type':'text','text':'a'}],'stop_reason':'max_tokens',"
          "'stop_sequence':null,'usage':{'input_tokens':26,'output_tokens':4}}",
          LOST_STATS);
}

static void answers_from_others(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, CHAT, OLLAMA,
          "{'id':'c','object':'chat.completion','created':1786000000,'model':"
          "'gpt','choices':[{'index':0,'message':{'role':'assistant',"
          "'content':'a','reasoning_content':'hm','tool_calls':[{'id':'i',"
          "'type':'function','function':{'name':'f','arguments':"
          "'{\\'n\\':1.0}'}}]},'finish_reason':'tool_calls'}],'usage':{"
          "'prompt_tokens':10,'completion_tokens':3,'prompt_tokens_details':{"
          "'cached_tokens':4}}}",
          "{'model':'gpt','created_at':'2026-08-06T07:06:40Z','message':{"
          "'role':'assistant','content':'a','thinking':'hm','tool_calls':[{"
          "'id':'i','type':'function','function':{'name':'f','arguments':{"
          "'n':1.0}}}]},'done':true,'done_reason':'stop','prompt_eval_count':"
          "10,'eval_count':3}",
          "");
    turns(CORPUS_ANSWER, ANTHROPIC, OLLAMA,
          "{'id':'i','type':'message','role':'assistant','model':'m',"
          "'content':[{'type':'thinking','thinking':'hm','signature':'s'},"
          "{'type':'redacted_thinking','data':'d'},{'type':'text','text':'a',"
          "'citations':[{'type':'char_location'}]}],'stop_reason':"
          "'stop_sequence','stop_sequence':'E','usage':{'input_tokens':1,"
          "'output_tokens':2}}",
          "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
          "'assistant','content':'a','thinking':'hm'},'done':true,"
          "'done_reason':'stop','prompt_eval_count':1,'eval_count':2}",
          "/content/0/signature dropped\n/content/1 dropped\n"
          "/content/2 dropped\n/stop_sequence dropped");
    turns(CORPUS_ANSWER, ANTHROPIC, OLLAMA,
          "{'id':'i','type':'message','role':'assistant','model':'m',"
          "'content':[],'stop_reason':'refusal','stop_sequence':null,"
          "'stop_details':{'type':'refusal','explanation':'not that'},"
          "'usage':{'input_tokens':1,'output_tokens':2}}",
          "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
          "'assistant','content':'not that'},'done':true,'done_reason':"
          "'content_filter','prompt_eval_count':1,'eval_count':2}",
          "/stop_reason approximated");
    turns(CORPUS_ANSWER, ANTHROPIC, OLLAMA,
          "{'id':'i','type':'message','role':'assistant','model':'m',"
          "'content':[],'stop_reason':'pause_turn','stop_sequence':null}",
          "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
          "'assistant','content':''},'done':true,'done_reason':'stop'}",
          "/stop_reason approximated");
}

#define EVENT(name, members) \
    "event: " name "\ndata: {'type':'" name "'" members "}\n\n"

static void streams_from_others(void **state)
{
    (void)state;
    turns(
        CORPUS_STREAM, ANTHROPIC, OLLAMA,
        EVENT("message_start",
              ",'message':{'id':'i','type':'message','role':'assistant',"
              "'model':'m','content':[],'stop_reason':null,'usage':{"
              "'input_tokens':7,'output_tokens':1}}") EVENT("ping", "")
            EVENT("content_block_start", ",'index':0,'content_block':{'type':"
                                         "'thinking','thinking':'',"
                                         "'signature':''}")
                EVENT("content_block_delta",
                      ",'index':0,'delta':{'type':'thinking_delta','thinking':"
                      "'hm'}") EVENT("content_block_stop", ",'index':0")
                    EVENT("content_block_start",
                          ",'index':1,'content_block':{'type':'text',"
                          "'text':''}")
                        EVENT("content_block_delta",
                              ",'index':1,'delta':{'type':'text_delta','text':"
                              "'a\\n'}") EVENT("content_block_stop",
                                               ",'index':1")
                            EVENT("content_block_start",
                                  ",'index':2,'content_block':{'type':"
                                  "'tool_use','id':'t','name':'f','input':{}}")
                                EVENT("content_block_delta",
                                      ",'index':2,'delta':{'type':"
                                      "'input_json_delta','partial_json':"
                                      "'{\\'n\\':'}")
                                    EVENT("content_block_delta",
                                          ",'index':2,'delta':{'type':"
                                          "'input_json_delta','partial_json':"
                                          "' 1.0}'}")
                                        EVENT("content_block_stop",
                                              ",'index':2")
                                            EVENT("message_delta",
                                                  ",'delta':{'stop_reason':"
                                                  "'tool_use'},'usage':{"
                                                  "'output_tokens':9}")
                                                EVENT("message_stop", ""),
        "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
        "'assistant','content':'','thinking':'hm'},'done':false}\n"
        "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
        "'assistant','content':'a\\n'},'done':false}\n"
        "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
        "'assistant','content':'','tool_calls':[{'id':'t','type':'function',"
        "'function':{'name':'f','arguments':{'n': 1.0}}}]},'done':false}\n"
        "{'model':'m','created_at':'2023-11-14T22:13:20Z','message':{'role':"
        "'assistant','content':''},'done':true,'done_reason':'stop',"
        "'prompt_eval_count':7,'eval_count':9}\n",
        "");
    turns(CORPUS_STREAM, OLLAMA, OLLAMA, SAYS("'content':'a'") DONE("stop"),
          SAYS("'content':'a'") DONE("stop"), "");
}

/* ---- errors ----------------------------------------------------------------- */

static void errors_are_sentences(void **state)
{
    (void)state;
    turns(CORPUS_ERROR, OLLAMA, ANTHROPIC, "{'error':'no such model'}",
          "{'type':'error','error':{'type':'invalid_request_error','message':"
          "'no such model'}}",
          "");
    turns(CORPUS_ERROR, OLLAMA, CHAT, "{'error':{'message':'x','code':1}}",
          "{'error':{'message':'x','type':'invalid_request_error','param':"
          "null,'code':null}}",
          "");
    turns(CORPUS_ERROR, CHAT, OLLAMA,
          "{'error':{'message':'x','type':'t','param':'p','code':'c'}}",
          "{'error':'x'}",
          "/error/type dropped\n/error/code dropped\n/error/param dropped");
    turns(CORPUS_ERROR, CHAT, OLLAMA, "{'error':{'message':null}}",
          "{'error':'the provider gave no reason'}", "");
    refused(CORPUS_ERROR, OLLAMA, "{'message':'x'}", LLMGW_E_JSON, "");
    refused(CORPUS_ERROR, OLLAMA, "{'error':7}", LLMGW_E_JSON, "");
    refused(CORPUS_ANSWER, OLLAMA, "{'error':'x'}", LLMGW_E_PROTOCOL, "");
    refused(CORPUS_ANSWER, OLLAMA, "{'model':'m'}", LLMGW_E_PROTOCOL, "");
    refused(CORPUS_ANSWER, OLLAMA, "{'message':{'content':7}}",
            LLMGW_E_PROTOCOL, "/message/content");
}

static void errors_are_of_a_class(void **state)
{
    static const struct {
        int status;
        uint8_t class;
    } cases[] = {
        {400, LG_ERROR_INVALID},    {401, LG_ERROR_AUTH},
        {403, LG_ERROR_PERMISSION}, {404, LG_ERROR_NOT_FOUND},
        {429, LG_ERROR_RATE_LIMIT}, {500, LG_ERROR_SERVER},
        {502, LG_ERROR_SERVER},     {503, LG_ERROR_OVERLOADED},
        {0, LG_ERROR_OTHER},
    };
    struct lg_arena arena;
    struct lg_json doc;

    (void)state;
    lg_arena_init(&arena, 0, 65536);
    assert_int_equal(
        lg_json_read(&doc, &arena, LG_STR("{\"error\":\"x\"}"), NULL), 0);
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_ctx c = {.arena = &arena};
        struct lg_ir_error e = {0};

        c.self = &lg_format_ollama_chat;
        assert_int_equal(lg_ol_read_error(&c, &doc, cases[i].status, &e), 0);
        assert_int_equal(e.class, cases[i].class);
        assert_int_equal(e.status, cases[i].status);
    }
    lg_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_events),
        cmocka_unit_test(streams_that_end_too_soon_say_so),
        cmocka_unit_test(what_is_no_line_is_a_protocol_error),
        cmocka_unit_test(lines_that_repeat_take_the_short_road),
        cmocka_unit_test(a_stream_comes_to_its_answer),
        cmocka_unit_test(answers_to_others),
        cmocka_unit_test(answers_from_others),
        cmocka_unit_test(streams_from_others),
        cmocka_unit_test(errors_are_sentences),
        cmocka_unit_test(errors_are_of_a_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
