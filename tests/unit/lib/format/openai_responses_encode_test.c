/* SPDX-License-Identifier: MIT
 *
 * Streams of other formats, and which events they are here. */
#include "tests/unit/lib/format/openai_responses_case.h"

#include "tests/support/json_equal.h"

/* ---- what is read ------------------------------------------------------- */

#define EV(name, data) "event: " name "\ndata: {'type':'" name "'" data "}\n\n"
#define START                                                          \
    EV("message_start", ",'message':{'id':'msg_1','type':'message',"   \
                        "'role':'assistant','model':'m','content':[]," \
                        "'usage':{'input_tokens':5,"                   \
                        "'cache_read_input_tokens':2,'output_tokens':1}}")
#define OPEN(i, block) \
    EV("content_block_start", ",'index':" i ",'content_block':" block)
#define DELTA(i, delta) \
    EV("content_block_delta", ",'index':" i ",'delta':" delta)
#define CLOSE(i) EV("content_block_stop", ",'index':" i)
#define STOPS(reason, more)                                              \
    EV("message_delta", ",'delta':{'stop_reason':'" reason "'" more "}," \
                        "'usage':{'output_tokens':9}")
#define END           EV("message_stop", "")
#define TEXT(i)       OPEN(i, "{'type':'text','text':''}")
#define SAYS(i, text) DELTA(i, "{'type':'text_delta','text':'" text "'}")

#define CHUNK(delta)                                                    \
    "data: {'id':'msg_1','created':1700000000,'model':'m','choices':[{" \
    "'index':0,'delta':{" delta "}}]}\n\n"
#define CALLS(i, call) CHUNK("'tool_calls':[{'index':" i "," call "}]")
#define FINISH                                                              \
    "data: {'id':'msg_1','choices':[{'index':0,'delta':{},'finish_reason':" \
    "'tool_calls'}]}\n\ndata: [DONE]\n\n"

/* ---- what is written ---------------------------------------------------- */

#define RESPONSE(status, details, output, usage)                             \
    ",'response':{'id':'msg_1','object':'response','created_at':1700000000," \
    "'status':'" status "','error':null,'incomplete_details':" details       \
    ",'model':'m','output':[" output "],'instructions':null,'metadata':{},"  \
    "'parallel_tool_calls':true,'temperature':null,'tool_choice':'auto',"    \
    "'tools':[],'top_p':null,'usage':" usage "}"
#define BEGUN RESPONSE("in_progress", "null", "", "null")
#define USED                                                              \
    "{'input_tokens':7,'input_tokens_details':{'cached_tokens':2,"        \
    "'cache_write_tokens':0},'output_tokens':9,'output_tokens_details':{" \
    "'reasoning_tokens':0},'total_tokens':16}"
#define COMPLETED(output) RESPONSE("completed", "null", output, USED)
#define BEGINS                        \
    {"response.created", BEGUN},      \
    {                                 \
        "response.in_progress", BEGUN \
    }

#define ADDED(i, item)                                                     \
    {                                                                      \
        "response.output_item.added", ",'output_index':" i ",'item':" item \
    }
#define DONE(i, item)                                                     \
    {                                                                     \
        "response.output_item.done", ",'output_index':" i ",'item':" item \
    }
#define MSG(n, status, content)                                             \
    "{'type':'message','id':'msg_msg1_" n "','status':'" status "','role':" \
    "'assistant','content':[" content "]}"
#define OUT(text, notes)                                                 \
    "{'type':'output_text','text':'" text "','annotations':[" notes "]," \
    "'logprobs':[]}"
#define IN(n, c) \
    ",'item_id':'msg_msg1_" n "','output_index':" n ",'content_index':" c
#define PART(suffix, n, c, part)                                 \
    {                                                            \
        "response.content_part" suffix, IN(n, c) ",'part':" part \
    }
#define SAID(n, c, text)                                 \
    {                                                    \
        "response.output_text.delta",                    \
            IN(n, c) ",'delta':'" text "','logprobs':[]" \
    }
#define TOLD(n, c, text)                                \
    {                                                   \
        "response.output_text.done",                    \
            IN(n, c) ",'text':'" text "','logprobs':[]" \
    }
#define FC(n, status, args)                                               \
    "{'type':'function_call','id':'fc_msg1_" n "','status':'" status "'," \
    "'call_id':'c" n "','name':'f','arguments':'" args "'}"
#define ARGS(n, piece)                                                        \
    {                                                                         \
        "response.function_call_arguments.delta",                             \
            ",'item_id':'fc_msg1_" n "','output_index':" n ",'delta':'" piece \
            "'"                                                               \
    }
#define ARGUED(n, args)                                    \
    {                                                      \
        "response.function_call_arguments.done",           \
            ",'item_id':'fc_msg1_" n "','output_index':" n \
            ",'arguments':'" args "',"                     \
            "'name':'f'"                                   \
    }

struct frame {
    const char *name, *data;
};

static void check_frame(const struct lg_frame *f, const struct frame *want,
                        int n)
{
    char text[4096];
    struct lg_buf data;

    snprintf(text, sizeof(text), "{'type':'%s'%s,'sequence_number':%d}",
             want->name, want->data, n);
    data = quoted(text);
    if (!lg_str_is(f->event, want->name) ||
        !json_equal(f->data, lg_buf_span(&data)))
        fail_msg("frame %d is %.*s\n    %.*s\n  not %s\n    %s", n,
                 (int)f->event.n, f->event.p, (int)f->data.n, f->data.p,
                 want->name, data.p);
    lg_buf_done(&data);
}

/* The frames that `stream` becomes, up to a nameless one. */
static int becomes_frames(const char *from, const char *stream,
                          const struct frame *want, const char *losses)
{
    struct lg_buf in = quoted(stream), told;
    struct lg_frame f;
    struct lg_sse sse;
    struct job j;
    int rc, n = 0;

    lg_buf_init(&told, 65536);
    job_init(&j, lg_format_by_name(lg_str_of(from)),
             &lg_format_openai_responses);
    rc = job_run(&j, CORPUS_STREAM, lg_buf_span(&in));
    lg_sse_init(&sse, (size_t)1 << 24);
    lg_sse_feed(&sse, j.out.p, j.out.n);
    for (; lg_sse_next(&sse, &f) > 0; n++) {
        if (!want[n].name)
            fail_msg("one too many: %.*s", (int)f.data.n, f.data.p);
        check_frame(&f, &want[n], n);
    }
    if (want[n].name)
        fail_msg("missing: %s", want[n].name);
    for (const struct lg_loss *l = j.losses.first; l; l = l->next)
        lg_buf_printf(&told, "%s%s", told.n ? "\n" : "", l->reason);
    if (!lg_str_is(lg_buf_span(&told), losses))
        fail_msg("loses %s\n  not %s", told.p ? told.p : "", losses);
    lg_sse_done(&sse);
    job_done(&j);
    lg_buf_done(&in);
    lg_buf_done(&told);
    return rc;
}

#define FRAMES(...) ((const struct frame[]){__VA_ARGS__, {NULL, NULL}})

/* ---- text --------------------------------------------------------------- */

static void texts_share_a_message(void **state)
{
#define BOTH MSG("0", "completed", OUT("ab", "") "," OUT("c", ""))
    (void)state;
    assert_int_equal(
        becomes_frames(
            CLAUDE,
            START TEXT("0") SAYS("0", "a") SAYS("0", "b") CLOSE("0") TEXT("1")
                SAYS("1", "c") CLOSE("1") STOPS("end_turn", "") END,
            FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
                   PART(".added", "0", "0", OUT("", "")), SAID("0", "0", "a"),
                   SAID("0", "0", "b"), TOLD("0", "0", "ab"),
                   PART(".done", "0", "0", OUT("ab", "")),
                   PART(".added", "0", "1", OUT("", "")), SAID("0", "1", "c"),
                   TOLD("0", "1", "c"), PART(".done", "0", "1", OUT("c", "")),
                   DONE("0", BOTH), {"response.completed", COMPLETED(BOTH)}),
            ""),
        0);
}

static void citations_follow_the_text(void **state)
{
#define NOTE                                                                  \
    "{'type':'url_citation','start_index':0,'end_index':2,'url':'u','title':" \
    "'t'}"
#define CITED MSG("0", "completed", OUT("ab", NOTE))
    (void)state;
    becomes_frames(
        CLAUDE,
        START TEXT("0")
            DELTA("0", "{'type':'citations_delta','citation':{'type':"
                       "'web_search_result_location','url':'u','title':'t'}}")
                SAYS("0", "ab")
                    DELTA("0", "{'type':'citations_delta','citation':"
                               "{'type':'char_location'}}") CLOSE("0")
                        STOPS("end_turn", "") END,
        FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
               PART(".added", "0", "0", OUT("", "")), SAID("0", "0", "ab"),
               {"response.output_text.annotation.added",
                IN("0", "0") ",'annotation_index':0,'annotation':" NOTE},
               TOLD("0", "0", "ab"), PART(".done", "0", "0", OUT("ab", NOTE)),
               DONE("0", CITED), {"response.completed", COMPLETED(CITED)}),
        "a citation that is of no URL");
}

/* ---- thinking and calls ------------------------------------------------- */

#define RS(status, text)                                     \
    "{'type':'reasoning','id':'rs_msg1_0','status':'" status \
    "','summary':[" text "]}"
#define SUMMARY  "{'type':'summary_text','text':'h'}"
#define THINKING ",'item_id':'rs_msg1_0','output_index':0,'summary_index':0"

static void thinking_is_an_item(void **state)
{
    (void)state;
    becomes_frames(
        CLAUDE,
        START OPEN("0", "{'type':'thinking','thinking':'','signature':''}")
            DELTA("0", "{'type':'thinking_delta','thinking':'h'}") DELTA(
                "0", "{'type':'signature_delta','signature':'s'}") CLOSE("0")
                OPEN("1", "{'type':'tool_use','id':'c1','name':'f','input':{}}")
                    CLOSE("1") STOPS("tool_use", "") END,
        FRAMES(
            BEGINS, ADDED("0", RS("in_progress", "")),
            {"response.reasoning_summary_part.added",
             THINKING ",'part':{'type':'summary_text','text':''}"},
            {"response.reasoning_summary_text.delta", THINKING ",'delta':'h'"},
            {"response.reasoning_summary_text.done", THINKING ",'text':'h'"},
            {"response.reasoning_summary_part.done",
             THINKING ",'part':" SUMMARY},
            DONE("0", RS("completed", SUMMARY)),
            ADDED("1", FC("1", "in_progress", "")), ARGS("1", "{}"),
            ARGUED("1", "{}"), DONE("1", FC("1", "completed", "{}")),
            {"response.completed", COMPLETED(RS("completed", SUMMARY) "," FC(
                                       "1", "completed", "{}"))}),
        "a signature of another format");
}

static void calls_may_stand_side_by_side(void **state)
{
#define CUSTOM(status, input)                                             \
    "{'type':'custom_tool_call','id':'ctc_msg1_1','status':'" status "'," \
    "'call_id':'c1','name':'g','input':'" input "'}"
    (void)state;
    assert_int_equal(
        becomes_frames(
            CHAT,
            CALLS("0", "'id':'c0','type':'function','function':{'name':'f',"
                       "'arguments':''}")
                CALLS("1", "'id':'c1','type':'custom','custom':{'name':'g',"
                           "'input':''}")
                    CALLS("0", "'function':{'arguments':'{'}")
                        CALLS("1", "'custom':{'input':'x'}")
                            CALLS("0", "'function':{'arguments':'}'}") FINISH,
            FRAMES(BEGINS, ADDED("0", FC("0", "in_progress", "")),
                   ADDED("1", CUSTOM("in_progress", "")), ARGS("0", "{"),
                   {"response.custom_tool_call_input.delta",
                    ",'item_id':'ctc_msg1_1','output_index':1,'delta':'x'"},
                   ARGS("0", "}"), ARGUED("0", "{}"),
                   DONE("0", FC("0", "completed", "{}")),
                   {"response.custom_tool_call_input.done",
                    ",'item_id':'ctc_msg1_1','output_index':1,'input':'x'"},
                   DONE("1", CUSTOM("completed", "x")),
                   {"response.completed",
                    RESPONSE(
                        "completed", "null",
                        FC("0", "completed", "{}") "," CUSTOM("completed", "x"),
                        "null")}),
            ""),
        0);
}

/* ---- ends --------------------------------------------------------------- */

static void it_may_end_early(void **state)
{
#define SHORT MSG("0", "incomplete", OUT("a", ""))
    (void)state;
    becomes_frames(
        CLAUDE,
        START TEXT("0") SAYS("0", "a") CLOSE("0") STOPS("max_tokens", "") END,
        FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
               PART(".added", "0", "0", OUT("", "")), SAID("0", "0", "a"),
               TOLD("0", "0", "a"), PART(".done", "0", "0", OUT("a", "")),
               DONE("0", SHORT),
               {"response.incomplete",
                RESPONSE("incomplete", "{'reason':'max_output_tokens'}", SHORT,
                         USED)}),
        "");
}

static void a_refusal_is_said(void **state)
{
#define NO MSG("0", "completed", "{'type':'refusal','refusal':'no'}")
    (void)state;
    becomes_frames(
        CLAUDE,
        START STOPS("refusal", ",'stop_details':{'type':'refusal',"
                               "'explanation':'no'}") END,
        FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
               PART(".added", "0", "0", "{'type':'refusal','refusal':''}"),
               {"response.refusal.delta", IN("0", "0") ",'delta':'no'"},
               {"response.refusal.done", IN("0", "0") ",'refusal':'no'"},
               PART(".done", "0", "0", "{'type':'refusal','refusal':'no'}"),
               DONE("0", NO), {"response.completed", COMPLETED(NO)}),
        "");
}

static void an_error_fails_the_response(void **state)
{
#define CUT MSG("0", "incomplete", OUT("a", ""))
#define FAILED                                                               \
    ",'response':{'id':'msg_1','object':'response','created_at':1700000000," \
    "'status':'failed','error':{'code':'server_error','message':'busy'},"    \
    "'incomplete_details':null,'model':'m','output':[" CUT                   \
    "],'instructions':null,'metadata':{},'parallel_tool_calls':true,"        \
    "'temperature':null,'tool_choice':'auto','tools':[],'top_p':null,"       \
    "'usage':{'input_tokens':7,'input_tokens_details':{'cached_tokens':2,"   \
    "'cache_write_tokens':0},'output_tokens':1,'output_tokens_details':{"    \
    "'reasoning_tokens':0},'total_tokens':8}}"
    (void)state;
    assert_true(
        becomes_frames(
            CLAUDE,
            START TEXT("0") SAYS("0", "a")
                EV("error",
                   ",'error':{'type':'overloaded_error','message':'busy'}"),
            FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
                   PART(".added", "0", "0", OUT("", "")), SAID("0", "0", "a"),
                   {"error",
                    ",'error':{'message':'busy','type':'engine_overloaded',"
                    "'param':null,'code':'service_unavailable'}"},
                   TOLD("0", "0", "a"), PART(".done", "0", "0", OUT("a", "")),
                   DONE("0", CUT), {"response.failed", FAILED}),
            "") < 0);
}

static void only_one_choice(void **state)
{
    (void)state;
    becomes_frames(
        CHAT,
        "data: {'id':'msg_1','created':1700000000,'model':'m','choices':[{"
        "'index':0,'delta':{'content':'a'},'finish_reason':'stop'},{'index':1,"
        "'delta':{'content':'b'},'finish_reason':'stop'}]}\n\ndata: [DONE]"
        "\n\n",
        FRAMES(BEGINS, ADDED("0", MSG("0", "in_progress", "")),
               PART(".added", "0", "0", OUT("", "")), SAID("0", "0", "a"),
               TOLD("0", "0", "a"), PART(".done", "0", "0", OUT("a", "")),
               DONE("0", MSG("0", "completed", OUT("a", ""))),
               {"response.completed",
                RESPONSE("completed", "null",
                         MSG("0", "completed", OUT("a", "")), "null")}),
        "an answer is one choice in openai-responses");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_share_a_message),
        cmocka_unit_test(citations_follow_the_text),
        cmocka_unit_test(thinking_is_an_item),
        cmocka_unit_test(calls_may_stand_side_by_side),
        cmocka_unit_test(it_may_end_early),
        cmocka_unit_test(a_refusal_is_said),
        cmocka_unit_test(an_error_fails_the_response),
        cmocka_unit_test(only_one_choice),
    };

    return cmocka_run_group_tests(tests, use_defaults, NULL);
}
