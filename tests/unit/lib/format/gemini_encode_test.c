/* SPDX-License-Identifier: MIT
 *
 * Streams, written. */
#include "tests/unit/lib/format/gemini_case.h"

#define MSG                                                              \
    "event: message_start\ndata: {'type':'message_start','message':{"    \
    "'id':'i','type':'message','role':'assistant','model':'c','content'" \
    ":[],'stop_reason':null,'stop_sequence':null,'usage':{"              \
    "'input_tokens':3,'output_tokens':0}}}\n\n"
#define OPEN(i, b)                                                     \
    "event: content_block_start\ndata: {'type':'content_block_start'," \
    "'index':" #i ",'content_block':" b "}\n\n"
#define DELTA(i, d)                                                    \
    "event: content_block_delta\ndata: {'type':'content_block_delta'," \
    "'index':" #i ",'delta':" d "}\n\n"
#define SHUT(i)                                                      \
    "event: content_block_stop\ndata: {'type':'content_block_stop'," \
    "'index':" #i "}\n\n"
#define STOP(r)                                                     \
    "event: message_delta\ndata: {'type':'message_delta','delta':{" \
    "'stop_reason':" r ",'stop_sequence':null},'usage':{"           \
    "'output_tokens':7}}\n\n"                                       \
    "event: message_stop\ndata: {'type':'message_stop'}\n\n"

#define META ",'modelVersion':'c','responseId':'i'}\n\n"
#define PART(p)                                                   \
    "data: {'candidates':[{'content':{'role':'model','parts':[" p \
    "]},'index':0}]" META
#define END(r)                                                          \
    "data: {'candidates':[{'content':{'role':'model','parts':[{'text':" \
    "''}]},'finishReason':'" r "','index':0}],'usageMetadata':{"        \
    "'promptTokenCount':3,'candidatesTokenCount':7,"                    \
    "'totalTokenCount':10}" META

static void from_messages(const char *stream, const char *want,
                          const char *losses)
{
    turns(CORPUS_STREAM, ANTHROPIC, "gemini", stream, want, losses);
}

static void texts(void **state)
{
    (void)state;
    from_messages(MSG OPEN(0, "{'type':'text','text':''}")
                      DELTA(0, "{'type':'text_delta','text':'a\\n'}")
                          DELTA(0, "{'type':'text_delta','text':'b'}") SHUT(0)
                              STOP("'end_turn'"),
                  PART("{'text':'a\\n'}") PART("{'text':'b'}") END("STOP"), "");
    from_messages(MSG STOP("'max_tokens'"), END("MAX_TOKENS"), "");
}

static void calls(void **state)
{
    (void)state;
    from_messages(
        MSG OPEN(0, "{'type':'tool_use','id':'t','name':'f','input':{}}")
            DELTA(0, "{'type':'input_json_delta','partial_json':'{\\'a'}")
                DELTA(0, "{'type':'input_json_delta','partial_json':"
                         "'\\':1.0}'}") SHUT(0)
                    OPEN(1, "{'type':'tool_use','id':'u','name':'g',"
                            "'input':{}}") SHUT(1) STOP("'tool_use'"),
        PART("{'functionCall':{'id':'t','name':'f','args':{'a':1.0}}}")
            PART("{'functionCall':{'id':'u','name':'g','args':{}}}")
                END("STOP"),
        "");
    from_messages(
        MSG OPEN(0, "{'type':'tool_use','id':'t','name':'f','input':{}}")
            DELTA(0, "{'type':'input_json_delta','partial_json':'[1'}") SHUT(0)
                STOP("'tool_use'"),
        PART("{'functionCall':{'id':'t','name':'f','args':{}}}") END("STOP"),
        " approximated");
}

static void thoughts(void **state)
{
    (void)state;
    from_messages(
        MSG OPEN(0, "{'type':'thinking','thinking':'','signature':''}")
            DELTA(0, "{'type':'thinking_delta','thinking':'hm'}")
                DELTA(0, "{'type':'signature_delta','signature':'s'}") SHUT(0)
                    OPEN(1, "{'type':'redacted_thinking','data':'d'}") SHUT(1)
                        STOP("'end_turn'"),
        PART("{'text':'hm','thought':true}") END("STOP"), " dropped\n dropped");
}

static void what_has_no_place_is_told(void **state)
{
    (void)state;
    from_messages(
        MSG OPEN(0, "{'type':'text','text':''}")
            DELTA(0, "{'type':'text_delta','text':'a'}")
                DELTA(0, "{'type':'citations_delta','citation':{}}") SHUT(0)
                    OPEN(1, "{'type':'server_tool_use'}")
                        SHUT(1) "event: odd\ndata: {'type':"
                                "'odd'}\n\nevent: ping\ndata: "
                                "{'type':'ping'}\n\n" STOP("'pause_turn'"),
        PART("{'text':'a'}") END("STOP"), " dropped\n dropped\n approximated");
}

static void errors(void **state)
{
    struct lg_buf in =
        quoted(MSG "event: error\ndata: {'type':'error','error':{'type':"
                   "'overloaded_error','message':'busy'}}\n\n");
    struct lg_buf want = quoted("data: {'error':{'code':503,'message':'busy',"
                                "'status':'UNAVAILABLE'}}\n\n");
    struct job j;

    (void)state;
    job_init(&j, lg_format_by_name(LG_STR(ANTHROPIC)), &lg_format_gemini);
    assert_int_equal(job_run(&j, CORPUS_STREAM, lg_buf_span(&in)),
                     LLMGW_E_TRUNCATED);
    assert_string_equal(j.out.p, want.p);
    job_done(&j);
    lg_buf_done(&in);
    lg_buf_done(&want);
}

#define CHUNK(c)                                                    \
    "data: {'id':'i','object':'chat.completion.chunk','created':1," \
    "'model':'c','choices':[" c "]}\n\n"

/* Candidates, interleaved calls, and a signature of ours on its way back. */
static void from_chat(void **state)
{
    (void)state;
    turns(
        CORPUS_STREAM, CHAT, "gemini",
        CHUNK("{'index':0,'delta':{'role':'assistant','content':'a'}}")
            CHUNK("{'index':1,'delta':{'role':'assistant','content':'b'}}")
                CHUNK("{'index':0,'delta':{},'finish_reason':'stop'}")
                    CHUNK("{'index':1,'delta':{},'finish_reason':"
                          "'length'}") "data: [DONE]\n\n",
        PART(
            "{'text':'a'}") "data: {'candidates':[{'content':{'role':"
                            "'model','parts':[{'text':'b'}]},'index':1}]" META
                            "data: {'candidates':[{'content':{'role':'model','parts':[{'text':"
                            "''}]},'finishReason':'STOP','index':0}]" META
                            "data: {'candidates':[{'content':{'role':'model','parts':[{'text':"
                            "''}]},'finishReason':'MAX_TOKENS','index':1}]" META,
        "");
    turns(
        CORPUS_STREAM, CHAT, "gemini",
        CHUNK("{'index':0,'delta':{'role':'assistant','reasoning_details':"
              "[{'type':'reasoning.encrypted','data':'QQ==','format':"
              "'google-gemini-v1','index':0}]}}")
            CHUNK("{'index':0,'delta':{'tool_calls':[{'index':0,'id':'t',"
                  "'type':'function','function':{'name':'f','arguments':"
                  "''}},{'index':1,'id':'u','type':'function','function':"
                  "{'name':'g','arguments':'{}'}}]}}")
                CHUNK("{'index':0,'delta':{'tool_calls':[{'index':0,"
                      "'function':{'arguments':'{}'}}]}}")
                    CHUNK("{'index':0,'delta':{},'finish_reason':"
                          "'tool_calls'}") "data: [DONE]\n\n",
        PART("{'functionCall':{'id':'t','name':'f','args':{}},"
             "'thoughtSignature':'QQ=='}")
            PART(
                "{'functionCall':{'id':'u','name':'g','args':{}}}") "data: {'candidates':[{'content':{'role':'model','parts':"
                                                                    "[{'text':''}]},'finishReason':'STOP','index':0}]" META,
        "");
}

/* Of our own: nothing that a frame said is gone. */
static void our_own(void **state)
{
    static const char stream[] =
        "data: {'candidates':[{'content':{'role':'model','parts':[{'text':'a',"
        "'partMetadata':{'k':1.0}}]},'index':0}],"
        "'responseId':'r','createTime':'t'}\n\n"
        "data: {'candidates':[{'content':{'role':'model','parts':["
        "{'functionCall':{'id':'x','name':'f','args':{'a':1.0},'odd':[1]},"
        "'thoughtSignature':'QQ==','more':2},{'thoughtSignature':'Qg=='},"
        "{'executableCode':{'code':'1'}}]},'index':0,'tokenCount':1,'safetyRatings':[3]}],"
        "'usageMetadata':{'promptTokenCount':1,'x':1.0},'late':true}\n\n"
        "data: {'candidates':[{'finishReason':'SAFETY','finishMessage':'no',"
        "'index':0}]}\n\n";
    struct lg_buf in = quoted(stream), want, got;
    struct job j;

    (void)state;
    lg_buf_init(&want, (size_t)1 << 20);
    lg_buf_init(&got, (size_t)1 << 20);
    job_init(&j, &lg_format_gemini, &lg_format_gemini);
    j.v.through_ir = 1;
    assert_int_equal(job_run(&j, CORPUS_STREAM, lg_buf_span(&in)), 0);
    assert_int_equal(j.losses.n, 0);
    assert_int_equal(answer_say(&lg_format_gemini, CORPUS_STREAM,
                                lg_buf_span(&in), answer_text, &want),
                     0);
    assert_int_equal(answer_say(&lg_format_gemini, CORPUS_STREAM,
                                lg_buf_span(&j.out), answer_text, &got),
                     0);
    assert_string_equal(want.p, got.p);
    assert_non_null(strstr(got.p, "partMetadata ={\"k\":1.0}"));
    assert_non_null(strstr(got.p, "odd =[1]"));
    assert_non_null(strstr(got.p, "late =true"));
    job_done(&j);
    lg_buf_done(&in);
    lg_buf_done(&want);
    lg_buf_done(&got);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(texts),  T(calls),     T(thoughts), T(what_has_no_place_is_told),
        T(errors), T(from_chat), T(our_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
