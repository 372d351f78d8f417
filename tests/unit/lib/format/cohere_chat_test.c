/* SPDX-License-Identifier: MIT
 *
 * Answers, streams and errors of cohere-chat. */
#include "lib/format/cohere_chat.h"

#include "quoted_case.h"

#define COHERE LG_CO_NAME
#define USAGE                                                          \
    "{'billed_units':{'input_tokens':12,'output_tokens':7},'tokens':{" \
    "'input_tokens':507,'output_tokens':10},'cached_tokens':448}"
#define ANSWER(members, reason)                       \
    "{'id':'i','message':{'role':'assistant'" members \
    "},'finish_reason':'" reason "','usage':" USAGE "}"
#define EVENT(name, members) \
    "event: " name "\ndata: {'type':'" name "'" members "}\n\n"
#define START                                                              \
    EVENT("message-start",                                                 \
          ",'id':'i','delta':{'message':{'role':'assistant','content':[]," \
          "'tool_plan':'','tool_calls':[],'citations':[]}}")
#define OPEN(i, kind)                                            \
    EVENT("content-start",                                       \
          ",'index':" i ",'delta':{'message':{'content':{'type'" \
          ":'" kind "','" kind "':''}}}")
#define PIECE(i, kind, text)                                                \
    EVENT("content-delta",                                                  \
          ",'index':" i ",'delta':{'message':{'content':{'" kind "':'" text \
          "'}}}")
#define CLOSE(i) EVENT("content-end", ",'index':" i)
#define PLAN(text) \
    EVENT("tool-plan-delta", ",'delta':{'message':{'tool_plan':'" text "'}}")
#define CALL(i, id, name)                                              \
    EVENT("tool-call-start",                                           \
          ",'index':" i ",'delta':{'message':{'tool_calls':{'id':'" id \
          "','type':'function','function':{'name':'" name              \
          "','arguments':''}}}}")
#define INPUT(i, text)                                        \
    EVENT("tool-call-delta",                                  \
          ",'index':" i ",'delta':{'message':{'tool_calls':{" \
          "'function':{'arguments':'" text "'}}}}")
#define CALLED(i) EVENT("tool-call-end", ",'index':" i)
#define CITE(i)                                                                \
    EVENT("citation-start", ",'index':" i ",'delta':{'message':{'citations':{" \
                            "'start':" i ",'text':'a'}}}")                     \
    EVENT("citation-end", ",'index':" i)
#define END(reason)      \
    EVENT("message-end", \
          ",'delta':{'finish_reason':'" reason "','usage':" USAGE "}")

/* ---- events -------------------------------------------------------------- */

#define START_TOLD "start 0.-1 id='i'\n"
#define END_TOLD(kind, reason)                                \
    "usage 0.-1 input=59 output=10 cache-read=448 raw=" USAGE \
    "\nstop 0.-1 kind=" kind " reason='" reason "'\nend 0.-1\n"

static void frames_are_events(void **state)
{
    (void)state;
    events_are(COHERE,
               START OPEN("0", "thinking") PIECE("0", "thinking", "hm")
                   CLOSE("0") OPEN("1", "text") PIECE("1", "text", "a")
                       CITE("0") PIECE("1", "text", "b") CLOSE("1")
                           END("COMPLETE") "data: [DONE]\n\n",
               START_TOLD
               "part 0.0 thinking\nthinking 0.0 text=hm\npart-end 0.0\n"
               "part 0.1 text\ntext 0.1 text=a\n"
               "citation 0.1 val={'start':0,'text':'a'}\ntext 0.1 text=b\n"
               "part-end 0.1\n" END_TOLD("end", "COMPLETE"),
               0);
    events_are(COHERE,
               START PLAN("I") PLAN(" look") CALL("0", "c", "f")
                   INPUT("0", "{\\'a\\'") INPUT("0", ":1}") CALLED("0")
                       CALL("1", "d", "g") CALLED("1") CALL("2", "e", "h")
                           INPUT("2", "null") CALLED("2") END("TOOL_CALL"),
               START_TOLD
               "part 0.0 text\ntext 0.0 text=I\ntext 0.0 text= look\n"
               "part-end 0.0\npart 0.1 tool-call id='c' name='f'\n"
               "input 0.1 text={\\'a\\'\ninput 0.1 text=:1}\npart-end 0.1\n"
               "part 0.2 tool-call id='d' name='g'\ninput 0.2 text={}\n"
               "part-end 0.2\npart 0.3 tool-call id='e' name='h'\n"
               "input 0.3 text={}\npart-end 0.3\n" //
               END_TOLD("tool", "TOOL_CALL"),
               0);
    /* what is open when the message ends, ends with it */
    events_are(COHERE, START PLAN("p") OPEN("0", "text") END("MAX_TOKENS"),
               START_TOLD "part 0.0 text\ntext 0.0 text=p\npart 0.1 text\n"
                          "part-end 0.1\npart-end 0.0\n" //
               END_TOLD("length", "MAX_TOKENS"),
               0);
    events_are(COHERE, START EVENT("debug", ",'prompt':'p'") END("COMPLETE"),
               START_TOLD
               "opaque 0.-1 name=debug val={'type':'debug','prompt':'p'}\n" //
               END_TOLD("end", "COMPLETE"),
               0);
}

static void streams_that_end_too_soon_say_so(void **state)
{
    (void)state;
    events_are(COHERE, "", "", LLMGW_E_TRUNCATED);
    events_are(COHERE, START OPEN("0", "text") PIECE("0", "text", "a"),
               START_TOLD "part 0.0 text\ntext 0.0 text=a\n",
               LLMGW_E_TRUNCATED);
    events_are(COHERE,
               START EVENT("message-end",
                           ",'delta':{'finish_reason':'ERROR','error':'oops'}"),
               START_TOLD "error 0.-1 class=12 status=0 message='oops'\n",
               LLMGW_E_TRUNCATED);
    events_are(COHERE, "data: {'message':'too many requests'}\n\n",
               "error 0.-1 class=12 status=0 message='too many requests'\n",
               LLMGW_E_TRUNCATED);
}

static void what_is_no_event_is_a_protocol_error(void **state)
{
    static const char *const bad[][2] = {
        {"data: <html>\n\n", ""},
        {"data: []\n\n", ""},
        {OPEN("0", "text"), ""},
        {START START, START_TOLD},
        {START PIECE("0", "text", "a"), START_TOLD},
        {START CLOSE("0"), START_TOLD},
        {START INPUT("0", "a"), START_TOLD},
        {START CALLED("0"), START_TOLD},
        {START OPEN("0", "text") OPEN("0", "text"),
         START_TOLD "part 0.0 text\n"},
        {START EVENT("message-end", ",'delta':7"), START_TOLD},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        events_are(COHERE, bad[i][0], bad[i][1], LLMGW_E_PROTOCOL);
}

static void more_open_parts_than_any_sender_has_are_refused(void **state)
{
    struct lg_buf text = quoted(START);
    struct event_log log;

    (void)state;
    for (int i = 0; i <= LG_CO_OPEN_MAX; i++)
        lg_buf_printf(&text,
                      "data: {\"type\":\"content-start\",\"index\":%d,"
                      "\"delta\":{\"message\":{\"content\":{\"type\":\"text\","
                      "\"text\":\"\"}}}}\n\n",
                      i);
    event_log_init(&log);
    assert_int_equal(stream_read(&lg_format_cohere_chat, lg_buf_span(&text),
                                 PIECES_WHOLE, &log.sink)
                         .rc,
                     LLMGW_E_PROTOCOL);
    assert_int_equal(log.n, 1 + LG_CO_OPEN_MAX);
    event_log_done(&log);
    lg_buf_done(&text);
}

static void a_stream_comes_to_its_answer(void **state)
{
    (void)state;
    folds_alike(COHERE,
                START OPEN("0", "thinking") PIECE("0", "thinking", "hm")
                    CLOSE("0") OPEN("1", "text") PIECE("1", "text", "a")
                        CITE("0") CITE("1") CLOSE("1") END("COMPLETE"),
                ANSWER(",'content':[{'type':'thinking','thinking':'hm'},"
                       "{'type':'text','text':'a'}],'citations':[{'start':0,"
                       "'text':'a'},{'start':1,'text':'a'}]",
                       "COMPLETE"));
    folds_alike(COHERE,
                START PLAN("I") PLAN(" look") CALL("0", "c", "f")
                    INPUT("0", "{\\'a\\'") INPUT("0", ":1}") CALLED("0")
                        END("TOOL_CALL"),
                ANSWER(",'tool_plan':'I look','tool_calls':[{'id':'c','type':"
                       "'function','function':{'name':'f','arguments':"
                       "'{\\'a\\':1}'}}]",
                       "TOOL_CALL"));
}

/* ---- to and from others ---------------------------------------------------- */

static void answers_to_others(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, COHERE, ANTHROPIC,
          ANSWER(",'content':[{'type':'text','text':'a'}],'citations':[{"
                 "'start':0}]",
                 "STOP_SEQUENCE"),
          "{'id':'i','type':'message','role':'assistant','model':'',"
          "'content':[{'type':'text','text':'a'}],'stop_reason':"
          "'stop_sequence','stop_sequence':null,'usage':{'input_tokens':59,"
          "'cache_read_input_tokens':448,'output_tokens':10}}",
          "/message/content/0 dropped");
    turns(CORPUS_ANSWER, COHERE, CHAT,
          ANSWER(",'tool_plan':'p','tool_calls':[{'id':'c','type':'function',"
                 "'function':{'name':'f','arguments':'null'}}]",
                 "TOOL_CALL"),
          "{'id':'i','object':'chat.completion','created':1700000000,'model':"
          "'','choices':[{'index':0,'message':{'role':'assistant','content':"
          "'p','refusal':null,'tool_calls':[{'id':'c','type':'function',"
          "'function':{'name':'f','arguments':'{}'}}]},'logprobs':null,"
          "'finish_reason':'tool_calls'}],'usage':{'prompt_tokens':507,"
          "'completion_tokens':10,'total_tokens':517,'prompt_tokens_details':{"
          "'cached_tokens':448}}}",
          "");
    /* counts may be written with a point, and only the billed ones be there */
    turns(CORPUS_ANSWER, COHERE, ANTHROPIC,
          "{'id':'i','message':{'role':'assistant','content':'a'},"
          "'finish_reason':'TIMEOUT','usage':{'billed_units':{'input_tokens':"
          "3.0,'output_tokens':4.5}}}",
          "{'id':'i','type':'message','role':'assistant','model':'',"
          "'content':[{'type':'text','text':'a'}],'stop_reason':'end_turn',"
          "'stop_sequence':null,'usage':{'input_tokens':3,'output_tokens':4}}",
          "/finish_reason approximated");
}

static void answers_from_others(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, ANTHROPIC, COHERE,
          "{'id':'i','type':'message','role':'assistant','model':'m',"
          "'content':[{'type':'thinking','thinking':'hm','signature':'s'},"
          "{'type':'text','text':'a'},{'type':'tool_use','id':'t','name':'f',"
          "'input':{'n':1.0}}],'stop_reason':'tool_use','stop_sequence':null,"
          "'usage':{'input_tokens':1,'cache_read_input_tokens':2,"
          "'output_tokens':3}}",
          "{'id':'i','message':{'role':'assistant','content':[{'type':"
          "'thinking','thinking':'hm'},{'type':'text','text':'a'}],"
          "'tool_calls':[{'id':'t','type':'function','function':{'name':'f',"
          "'arguments':'{\\'n\\':1.0}'}}]},'finish_reason':'TOOL_CALL',"
          "'usage':{'billed_units':{'input_tokens':3,'output_tokens':3},"
          "'tokens':{'input_tokens':3,'output_tokens':3},'cached_tokens':2}}",
          "/content/0/signature dropped\n/model dropped");
    turns(CORPUS_ANSWER, CHAT, COHERE,
          "{'id':'c','object':'chat.completion','created':1,'model':'m',"
          "'choices':[{'index':0,'message':{'role':'assistant','content':null,"
          "'refusal':'no'},'finish_reason':'stop'},{'index':1,'message':{"
          "'role':'assistant','content':'b'},'finish_reason':'stop'}]}",
          "{'id':'c','message':{'role':'assistant','content':[{'type':'text',"
          "'text':'no'}]},'finish_reason':'ERROR_TOXIC'}",
          "/choices/0/finish_reason approximated\n/model dropped\n dropped");
}

static void streams_from_others(void **state)
{
    (void)state;
    turns(CORPUS_STREAM, CHAT, COHERE,
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{'role':'assistant',"
          "'content':''}}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{'reasoning_content':"
          "'hm'}}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{'content':'a\\n'}}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{'tool_calls':[{'index':"
          "0,'id':'t','type':'function','function':{'name':'f','arguments':"
          "''}}]}}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{'tool_calls':[{'index':"
          "0,'function':{'arguments':'{}'}}]}}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[{'index':0,'delta':{},'finish_reason':"
          "'tool_calls'}]}\n\n"
          "data: {'id':'c','object':'chat.completion.chunk','created':1,"
          "'model':'m','choices':[],'usage':{'prompt_tokens':5,"
          "'completion_tokens':2,'total_tokens':7}}\n\n"
          "data: [DONE]\n\n",
          EVENT("message-start",
                ",'id':'c','delta':{'message':{'role':'assistant','content':"
                "[],'tool_plan':'','tool_calls':[],'citations':[]}}")
              OPEN("0", "thinking") PIECE("0", "thinking", "hm") CLOSE("0")
                  OPEN("1", "text") PIECE("1", "text", "a\\n") CLOSE("1")
                      CALL("0", "t", "f") INPUT("0", "{}") CALLED("0") EVENT(
                          "message-end",
                          ",'delta':{'finish_reason':'TOOL_CALL','usage':{"
                          "'billed_units':{'input_tokens':5,'output_tokens':2}"
                          ",'tokens':{'input_tokens':5,'output_tokens':2}}}"),
          " dropped");
}

/* ---- errors ----------------------------------------------------------------- */

static void errors_are_sentences(void **state)
{
    (void)state;
    turns(CORPUS_ERROR, COHERE, ANTHROPIC, "{'id':'r','message':'no'}",
          "{'type':'error','error':{'type':'invalid_request_error','message':"
          "'no'},'request_id':'r'}",
          "");
    turns(CORPUS_ERROR, ANTHROPIC, COHERE,
          "{'type':'error','error':{'type':'overloaded_error','message':'x'},"
          "'request_id':'r'}",
          "{'id':'r','message':'x'}", "/error/type dropped");
    turns(CORPUS_ERROR, CHAT, COHERE, "{'error':{'message':null}}",
          "{'message':'the provider gave no reason'}", "");
    refused(CORPUS_ERROR, COHERE, "{'error':'x'}", LLMGW_E_JSON, "");
    refused(CORPUS_ERROR, COHERE, "{'message':{}}", LLMGW_E_JSON, "");
    refused(CORPUS_ANSWER, COHERE, "{'message':'x'}", LLMGW_E_PROTOCOL,
            "/message");
    refused(CORPUS_ANSWER, COHERE, "{'message':{'content':7}}",
            LLMGW_E_PROTOCOL, "/message/content");
    refused(CORPUS_ANSWER, COHERE, "{'message':{'tool_plan':7}}",
            LLMGW_E_PROTOCOL, "/message/tool_plan");
}

static void errors_are_of_a_class(void **state)
{
    static const struct {
        int status;
        uint8_t class;
        const char *text;
    } cases[] = {
        {400, LG_ERROR_INVALID, "x"},
        {400, LG_ERROR_CONTEXT_LENGTH, "too many tokens: 9"},
        {401, LG_ERROR_AUTH, "x"},
        {404, LG_ERROR_NOT_FOUND, "x"},
        {422, LG_ERROR_INVALID, "x"},
        {429, LG_ERROR_RATE_LIMIT, "x"},
        {498, LG_ERROR_AUTH, "x"},
        {500, LG_ERROR_SERVER, "x"},
        {503, LG_ERROR_OVERLOADED, "x"},
    };
    struct lg_arena arena;
    char text[64];

    (void)state;
    lg_arena_init(&arena, 0, 65536);
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_ctx c = {.arena = &arena};
        struct lg_ir_error e = {0};
        struct lg_json doc;

        c.self = &lg_format_cohere_chat;
        snprintf(text, sizeof(text), "{\"message\":\"%s\"}", cases[i].text);
        assert_int_equal(lg_json_read(&doc, &arena, lg_str_of(text), NULL), 0);
        assert_int_equal(lg_co_read_error(&c, &doc, cases[i].status, &e), 0);
        assert_int_equal(e.class, cases[i].class);
    }
    lg_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_events),
        cmocka_unit_test(streams_that_end_too_soon_say_so),
        cmocka_unit_test(what_is_no_event_is_a_protocol_error),
        cmocka_unit_test(more_open_parts_than_any_sender_has_are_refused),
        cmocka_unit_test(a_stream_comes_to_its_answer),
        cmocka_unit_test(answers_to_others),
        cmocka_unit_test(answers_from_others),
        cmocka_unit_test(streams_from_others),
        cmocka_unit_test(errors_are_sentences),
        cmocka_unit_test(errors_are_of_a_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
