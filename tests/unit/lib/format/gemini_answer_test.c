/* SPDX-License-Identifier: MIT
 *
 * Whole answers, read and written. */
#include "tests/unit/lib/format/gemini_case.h"

/* What a candidate says is this choice's message and finish_reason. */
static void says(const char *candidate, const char *message, const char *finish,
                 const char *losses)
{
    char text[4096], out[4096];

    (void)snprintf(text, sizeof(text),
                   "{'candidates':[{%s}],'modelVersion':'m','responseId':"
                   "'r_1-2'}",
                   candidate);
    (void)snprintf(out, sizeof(out),
                   "{'id':'r_1-2','object':'chat.completion','created':"
                   "1700000000,'model':'m','choices':[{'index':0,'message':"
                   "{'role':'assistant',%s},'logprobs':null,'finish_reason':"
                   "'%s'}]}",
                   message, finish);
    turns(CORPUS_ANSWER, "gemini", CHAT, text, out, losses);
}

static void what_is_said(void **state)
{
    (void)state;
    says("'content':{'role':'model','parts':[{'text':'a'},{'text':'b'},"
         "{'text':''}]},'finishReason':'STOP','index':0",
         "'content':'ab','refusal':null", "stop", "");
    says("'content':{'parts':[{'text':'hm','thought':true,'thoughtSignature':"
         "'QQ=='},{'text':'a','thoughtSignature':'Qg=='}]},'finishReason':"
         "'MAX_TOKENS'",
         "'content':'a','refusal':null,'reasoning_content':'hm',"
         "'reasoning_details':[{'type':'reasoning.text','text':'hm',"
         "'signature':'QQ==','format':'google-gemini-v1','index':0},{'type':"
         "'reasoning.encrypted','data':'Qg==','format':'google-gemini-v1',"
         "'index':1}]",
         "length", "");
    says("'content':{'parts':[{'function_call':{'name':'f','args':{'a':1.0}},"
         "'thought_signature':'QQ=='},{'functionCall':{'id':'own','name':"
         "'g'}}]},'finish_reason':'STOP'",
         "'content':null,'refusal':null,'reasoning_details':[{'type':"
         "'reasoning.encrypted','data':'QQ==','format':'google-gemini-v1',"
         "'index':0}],'tool_calls':[{'id':'call_r12_0_0','type':'function',"
         "'function':{'name':'f','arguments':'{\\'a\\':1.0}'}},{'id':'own',"
         "'type':'function','function':{'name':'g','arguments':'{}'}}]",
         "tool_calls", "");
    says("'content':{'parts':[{'inlineData':{'mimeType':'image/png','data':"
         "''}},{'codeExecutionResult':{}},{'text':'a'}]},'finishReason':'STOP',"
         "'groundingMetadata':{},'safetyRatings':[]",
         "'content':'a','refusal':null", "stop",
         "/candidates/0/content/parts/0 dropped\n"
         "/candidates/0/content/parts/1 dropped\n"
         "/candidates/0/groundingMetadata dropped\n"
         "/candidates/0/safetyRatings dropped");
}

static void why_it_stopped(void **state)
{
    static const struct {
        const char *reason, *finish;
        int lossy;
    } cases[] = {
        {"STOP", "stop", 0},
        {"MAX_TOKENS", "length", 0},
        {"CONTINUATION", "length", 0},
        {"SAFETY", "content_filter", 0},
        {"RECITATION", "content_filter", 0},
        {"BLOCKLIST", "content_filter", 0},
        {"PROHIBITED_CONTENT", "content_filter", 0},
        {"SPII", "content_filter", 0},
        {"MODEL_ARMOR", "content_filter", 0},
        {"IMAGE_SAFETY", "content_filter", 0},
        {"IMAGE_PROHIBITED_CONTENT", "content_filter", 0},
        {"IMAGE_RECITATION", "content_filter", 0},
        {"LANGUAGE", "stop", 1},
        {"OTHER", "stop", 1},
        {"MALFORMED_FUNCTION_CALL", "stop", 1},
        {"UNEXPECTED_TOOL_CALL", "stop", 1},
        {"TOO_MANY_TOOL_CALLS", "stop", 1},
        {"IMAGE_OTHER", "stop", 1},
        {"NO_IMAGE", "stop", 1},
        {"MISSING_THOUGHT_SIGNATURE", "stop", 1},
        {"MALFORMED_RESPONSE", "stop", 1},
        {"INVENTED_YESTERDAY", "stop", 1},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        (void)snprintf(text, sizeof(text),
                       "'content':{'parts':[{'text':'a'}]},'finishReason':'%s'",
                       cases[i].reason);
        says(text, "'content':'a','refusal':null", cases[i].finish,
             cases[i].lossy ? "/candidates/0/finishReason approximated" : "");
    }
    says("'finishReason':'SAFETY','finishMessage':'That is why.'",
         "'content':null,'refusal':'That is why.'", "content_filter", "");
    says("'content':{'role':'model'},'finishReason':'STOP','finishMessage':"
         "'ok'",
         "'content':null,'refusal':null", "stop",
         "/candidates/0/finishMessage dropped");
}

static void a_prompt_may_be_refused(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, "gemini", ANTHROPIC,
          "{'promptFeedback':{'blockReason':'OTHER','blockReasonMessage':'No.',"
          "'safetyRatings':[1]},'usageMetadata':{'promptTokenCount':7,"
          "'totalTokenCount':7},'modelVersion':'m','responseId':'r'}",
          "{'id':'r','type':'message','role':'assistant','model':'m','content':"
          "[],'stop_reason':'refusal','stop_sequence':null,'stop_details':"
          "{'type':'refusal','category':null,'explanation':'No.'},'usage':"
          "{'input_tokens':7,'output_tokens':0}}",
          "/promptFeedback/safetyRatings dropped");
}

static void usage_is_counted_as_others_do(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, "gemini", ANTHROPIC,
          "{'candidates':[{'content':{'parts':[{'text':'a'}]},'finishReason':"
          "'STOP'}],'usageMetadata':{'promptTokenCount':100,"
          "'cachedContentTokenCount':60,'candidatesTokenCount':5,"
          "'thoughtsTokenCount':20,'toolUsePromptTokenCount':3,"
          "'totalTokenCount':128}}",
          "{'id':'msg_0','type':'message','role':'assistant','model':'',"
          "'content':[{'type':'text','text':'a'}],'stop_reason':'end_turn',"
          "'stop_sequence':null,'usage':{'input_tokens':43,"
          "'cache_read_input_tokens':60,'output_tokens':25,"
          "'output_tokens_details':{'thinking_tokens':20}}}",
          "");
    /* what was asked is not always counted */
    turns(CORPUS_ANSWER, "gemini", ANTHROPIC,
          "{'candidates':[{'content':{'parts':[{'text':'a'}]},'finishReason':"
          "'STOP'}],'usageMetadata':{'candidatesTokenCount':5,"
          "'thoughtsTokenCount':20}}",
          "{'id':'msg_0','type':'message','role':'assistant','model':'',"
          "'content':[{'type':'text','text':'a'}],'stop_reason':'end_turn',"
          "'stop_sequence':null,'usage':{'input_tokens':0,'output_tokens':25,"
          "'output_tokens_details':{'thinking_tokens':20}}}",
          "");
}

static void there_may_be_more_than_one(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, "gemini", CHAT,
          "{'candidates':[{'content':{'parts':[{'text':'b'}]},'finishReason':"
          "'STOP','index':1},{'content':{'parts':[{'text':'a'}]},"
          "'finishReason':'MAX_TOKENS','index':0}],'responseId':'r',"
          "'modelVersion':'m'}",
          "{'id':'r','object':'chat.completion','created':1700000000,'model':"
          "'m','choices':[{'index':0,'message':{'role':'assistant','content':"
          "'a','refusal':null},'logprobs':null,'finish_reason':'length'},"
          "{'index':1,'message':{'role':'assistant','content':'b','refusal':"
          "null},'logprobs':null,'finish_reason':'stop'}]}",
          "");
}

static void what_is_no_answer_is_refused(void **state)
{
    (void)state;
    refused(CORPUS_ANSWER, "gemini", "[]", LLMGW_E_PROTOCOL, "");
    refused(CORPUS_ANSWER, "gemini", "{'a':1}", LLMGW_E_PROTOCOL, "");
    refused(CORPUS_ANSWER, "gemini", "{'candidates':[1]}", LLMGW_E_PROTOCOL,
            "/candidates/0");
    refused(CORPUS_ANSWER, "gemini",
            "{'candidates':[{'content':{'parts':[3]}}]}", LLMGW_E_PROTOCOL,
            "/candidates/0/content/parts/0");
}

/* ---- written -------------------------------------------------------------- */

static void answers_of_messages(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, ANTHROPIC, "gemini",
          "{'id':'msg_1','type':'message','role':'assistant','model':'c',"
          "'content':[{'type':'thinking','thinking':'hm','signature':'s'},"
          "{'type':'redacted_thinking','data':'d'},{'type':'text','text':'a',"
          "'citations':[{'type':'x'}]},{'type':'tool_use','id':'t','name':'f',"
          "'input':{'n':1.0}}],'stop_reason':'tool_use','stop_sequence':null,"
          "'usage':{'input_tokens':10,'cache_read_input_tokens':5,"
          "'cache_creation_input_tokens':2,'output_tokens':9,"
          "'output_tokens_details':{'thinking_tokens':4}}}",
          "{'candidates':[{'content':{'parts':[{'text':'hm','thought':true},"
          "{'text':'a'},{'functionCall':{'id':'t','name':'f','args':{'n':"
          "1.0}}}],'role':'model'},'finishReason':'STOP','index':0}],"
          "'usageMetadata':{'promptTokenCount':17,'cachedContentTokenCount':5,"
          "'candidatesTokenCount':5,'thoughtsTokenCount':4,'totalTokenCount':"
          "26},'modelVersion':'c','responseId':'msg_1'}",
          "/content/0/signature dropped\n/content/1 dropped\n"
          "/content/2 dropped");
    turns(CORPUS_ANSWER, ANTHROPIC, "gemini",
          "{'id':'m','type':'message','role':'assistant','model':'c','content':"
          "[],'stop_reason':'refusal','stop_sequence':null,'stop_details':"
          "{'type':'refusal','explanation':'no'},'usage':{'input_tokens':1,"
          "'output_tokens':0}}",
          "{'candidates':[{'content':{'role':'model'},'finishReason':'SAFETY',"
          "'finishMessage':'no','index':0}],'usageMetadata':"
          "{'promptTokenCount':1,'candidatesTokenCount':0,'totalTokenCount':"
          "1},'modelVersion':'c','responseId':'m'}",
          "");
    turns(CORPUS_ANSWER, ANTHROPIC, "gemini",
          "{'id':'m','type':'message','role':'assistant','model':'c','content':"
          "[{'type':'text','text':'a'}],'stop_reason':'stop_sequence',"
          "'stop_sequence':'X','usage':{'input_tokens':1,'output_tokens':1}}",
          "{'candidates':[{'content':{'parts':[{'text':'a'}],'role':'model'},"
          "'finishReason':'STOP','index':0}],'usageMetadata':"
          "{'promptTokenCount':1,'candidatesTokenCount':1,'totalTokenCount':"
          "2},'modelVersion':'c','responseId':'m'}",
          "/stop_sequence dropped");
}

static void answers_of_chat(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, CHAT, "gemini",
          "{'id':'c','object':'chat.completion','created':1,'model':'g',"
          "'choices':[{'index':0,'message':{'role':'assistant','content':null,"
          "'refusal':'no'},'finish_reason':'stop'},{'index':1,'message':"
          "{'role':'assistant','content':'b'},'finish_reason':'length'}],"
          "'usage':{'prompt_tokens':3,'completion_tokens':4,'total_tokens':"
          "7}}",
          "{'candidates':[{'content':{'parts':[{'text':'no'}],'role':'model'},"
          "'finishReason':'SAFETY','index':0},{'content':{'parts':[{'text':"
          "'b'}],'role':'model'},'finishReason':'MAX_TOKENS','index':1}],"
          "'usageMetadata':{'promptTokenCount':3,'candidatesTokenCount':4,"
          "'totalTokenCount':7},'modelVersion':'g','responseId':'c'}",
          "");
    /* theirs, carried by reasoning_details */
    turns(CORPUS_ANSWER, CHAT, "gemini",
          "{'id':'c','object':'chat.completion','created':1,'model':'g',"
          "'choices':[{'index':0,'message':{'role':'assistant','content':null,"
          "'reasoning_details':[{'type':'reasoning.encrypted','data':'QQ==',"
          "'format':'google-gemini-v1'}],'tool_calls':[{'id':'t','type':"
          "'function','function':{'name':'f','arguments':'{}'}}]},"
          "'finish_reason':'tool_calls'}]}",
          "{'candidates':[{'content':{'parts':[{'functionCall':{'id':'t',"
          "'name':'f','args':{}},'thoughtSignature':'QQ=='}],'role':'model'},"
          "'finishReason':'STOP','index':0}],'modelVersion':'g','responseId':"
          "'c'}",
          "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(what_is_said),
        T(why_it_stopped),
        T(a_prompt_may_be_refused),
        T(usage_is_counted_as_others_do),
        T(there_may_be_more_than_one),
        T(what_is_no_answer_is_refused),
        T(answers_of_messages),
        T(answers_of_chat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
