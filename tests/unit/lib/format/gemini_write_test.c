/* SPDX-License-Identifier: MIT
 *
 * Requests of other formats, and what they are here. */
#include "tests/unit/lib/format/gemini_case.h"

#define HI   "'messages':[{'role':'user','content':'x'}]"
#define SAID "'contents':[{'role':'user','parts':[{'text':'x'}]}]"

static void from(const char *format, const char *member, const char *want,
                 const char *losses)
{
    char text[4096], out[4096];

    (void)snprintf(text, sizeof(text), "{'model':'m'," HI "%s%s}",
                   *member ? "," : "", member);
    (void)snprintf(out, sizeof(out), "{" SAID "%s%s}", *want ? "," : "", want);
    turns(CORPUS_REQUEST, format, "gemini", text, out, losses);
}

static void settings_have_their_names(void **state)
{
    (void)state;
    from(CHAT, "", "", "");
    from(CHAT,
         "'max_completion_tokens':5,'temperature':1.50,'top_p':0.1,'seed':7,"
         "'n':2,'presence_penalty':0.1,'frequency_penalty':-1,'logprobs':true,"
         "'top_logprobs':3,'stop':['a','b'],'stream':true",
         "'generationConfig':{'maxOutputTokens':5,'temperature':1.50,"
         "'topP':0.1,'seed':7,'candidateCount':2,'presencePenalty':0.1,"
         "'frequencyPenalty':-1,'responseLogprobs':true,'logprobs':3,"
         "'stopSequences':['a','b']}",
         "");
    from(ANTHROPIC, "'max_tokens':9,'top_k':4,'stream':true",
         "'generationConfig':{'maxOutputTokens':9,'topK':4}", "");
    from(CHAT, "'stop':['1','2','3','4','5','6']",
         "'generationConfig':{'stopSequences':['1','2','3','4','5']}",
         "/stop approximated");
    from(CHAT, "'service_tier':'default'", "'serviceTier':'standard'", "");
    from(CHAT, "'service_tier':'flex'", "'serviceTier':'flex'", "");
    from(CHAT, "'service_tier':'auto'", "", "/service_tier dropped");
}

static void what_has_no_name_is_told(void **state)
{
    (void)state;
    from(CHAT,
         "'user':'u','store':true,'verbosity':'low','logit_bias':{'1':2},"
         "'parallel_tool_calls':false,'prompt_cache_key':'k','unheard':1",
         "",
         "/unheard dropped\n/logit_bias dropped\n/parallel_tool_calls dropped\n"
         "/user dropped\n/store dropped\n/verbosity dropped\n"
         "/prompt_cache_key dropped");
    from(CHAT, "'metadata':{'a':'b'}", "", "/metadata dropped");
    becomes_policy.gemini_vertex = 1;
    from(CHAT, "'metadata':{'a':'b'}", "'labels':{'a':'b'}", "");
}

static void thinking(void **state)
{
    (void)state;
    from(ANTHROPIC, "'thinking':{'type':'enabled','budget_tokens':1024}",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':1024,"
         "'includeThoughts':true}}",
         "");
    from(ANTHROPIC,
         "'thinking':{'type':'enabled','budget_tokens':1024,"
         "'display':'omitted'}",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':1024}}", "");
    from(ANTHROPIC, "'thinking':{'type':'disabled'}",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':0}}", "");
    from(ANTHROPIC,
         "'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}",
         "'generationConfig':{'thinkingConfig':{'thinkingLevel':'HIGH',"
         "'includeThoughts':true}}",
         "/output_config/effort approximated");
    from(ANTHROPIC, "'thinking':{'type':'adaptive'}",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':-1,"
         "'includeThoughts':true}}",
         "");
    from(ANTHROPIC, "'thinking':{'type':'between_tools'}", "",
         "/thinking dropped");
    from(CHAT, "'reasoning_effort':'low'",
         "'generationConfig':{'thinkingConfig':{'thinkingLevel':'LOW'}}", "");
    from(CHAT, "'reasoning_effort':'none'",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':0}}", "");
    from(CHAT, "'reasoning_effort':'unheard'", "", "/reasoning_effort dropped");
    becomes_policy.gemini_budget = 1;
    from(CHAT, "'reasoning_effort':'medium'",
         "'generationConfig':{'thinkingConfig':{'thinkingBudget':8192}}",
         "/reasoning_effort approximated");
}

static void output(void **state)
{
    (void)state;
    from(CHAT, "'response_format':{'type':'json_object'}",
         "'generationConfig':{'responseMimeType':'application/json'}", "");
    from(CHAT, "'response_format':{'type':'text'}",
         "'generationConfig':{'responseMimeType':'text/plain'}", "");
    from(CHAT,
         "'response_format':{'type':'json_schema','json_schema':{'name':'n',"
         "'strict':true,'schema':{'type':['object','null'],'$ref':'#'}}}",
         "'generationConfig':{'responseMimeType':'application/json',"
         "'responseJsonSchema':{'type':['object','null'],'$ref':'#'}}",
         "/response_format/json_schema/name dropped\n"
         "/response_format/json_schema/strict dropped");
    from(CHAT, "'response_format':{'type':'grammar'}", "",
         "/response_format dropped");
}

static void tools(void **state)
{
    (void)state;
    from(CHAT,
         "'tools':[{'type':'function','function':{'name':'f','description':'d',"
         "'parameters':{'type':'object','additionalProperties':false},"
         "'strict':true}},{'type':'custom','custom':{'name':'c'}}],"
         "'tool_choice':'required'",
         "'tools':[{'functionDeclarations':[{'name':'f','description':'d',"
         "'parametersJsonSchema':{'type':'object','additionalProperties':"
         "false}},{'name':'c','parametersJsonSchema':{'type':'object',"
         "'properties':{'input':{'type':'string'}},'required':['input']}}]}],"
         "'toolConfig':{'functionCallingConfig':{'mode':'ANY'}}",
         "/tools/0/function/strict dropped\n/tools/1 approximated");
    from(ANTHROPIC,
         "'tools':[{'name':'f','input_schema':{'type':'object'},"
         "'cache_control':{'type':'ephemeral'}},{'type':'web_search_20250305',"
         "'name':'web_search'}],'tool_choice':{'type':'tool','name':'f'}",
         "'tools':[{'functionDeclarations':[{'name':'f',"
         "'parametersJsonSchema':{'type':'object'}}]}],'toolConfig':"
         "{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':"
         "['f']}}",
         "/tools/0/cache_control dropped\n/tools/1 dropped");
    from(CHAT, "'tool_choice':'none'",
         "'toolConfig':{'functionCallingConfig':{'mode':'NONE'}}", "");
    from(CHAT, "'tool_choice':'required'", "", "/tool_choice dropped");
    from(CHAT,
         "'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':"
         "'auto','tools':[]}}",
         "", "/tool_choice dropped");
}

/* ---- messages ------------------------------------------------------------- */

static void talk(const char *format, const char *messages, const char *want,
                 const char *losses)
{
    char text[8192], out[8192];

    (void)snprintf(text, sizeof(text), "{'model':'m','messages':[%s]}",
                   messages);
    (void)snprintf(out, sizeof(out), "{%s}", want);
    turns(CORPUS_REQUEST, format, "gemini", text, out, losses);
}

static void instructions_come_first(void **state)
{
    (void)state;
    talk(CHAT,
         "{'role':'system','content':'a'},{'role':'user','content':'x'},"
         "{'role':'developer','content':[{'type':'text','text':'b'}]}",
         "'systemInstruction':{'parts':[{'text':'a'},{'text':'b'}]}," SAID,
         "/messages/2 approximated");
    talk(CHAT, "{'role':'system','content':'x'}", SAID,
         "/messages/0 approximated");
    talk(CHAT, "{'role':'user','content':'x','name':'Bob'}", SAID,
         "/messages/0/name dropped");
    talk(CHAT,
         "{'role':'user','content':'x'},{'role':'assistant','content':''},"
         "{'role':'assistant','content':null,'refusal':'no'}",
         "'contents':[{'role':'user','parts':[{'text':'x'}]},{'role':'model',"
         "'parts':[{'text':'no'}]}]",
         "/messages/2/refusal approximated");
}

static void media(void **state)
{
    (void)state;
    talk(CHAT,
         "{'role':'user','content':[{'type':'image_url','image_url':{'url':"
         "'data:image/png;base64,aGk=','detail':'low'}},{'type':'image_url',"
         "'image_url':{'url':'https://e.org/a.webp'}},{'type':'image_url',"
         "'image_url':{'url':'https://e.org/a'}},{'type':'input_audio',"
         "'input_audio':{'data':'UklG','format':'mp3'}},{'type':'file','file':"
         "{'filename':'a.pdf','file_data':'data:application/pdf;base64,JV'}},"
         "{'type':'file','file':{'file_id':'f1'}}]}",
         "'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':"
         "'image/png','data':'aGk='}},{'fileData':{'mimeType':'image/webp',"
         "'fileUri':'https://e.org/a.webp'}},{'fileData':{'mimeType':"
         "'image/jpeg','fileUri':'https://e.org/a'}},{'inlineData':{'mimeType':"
         "'audio/mpeg','data':'UklG'}},{'inlineData':{'mimeType':"
         "'application/pdf','data':'JV'}}]}]",
         "/messages/0/content/0/image_url/detail dropped\n"
         "/messages/0/content/4/file/filename dropped\n"
         "/messages/0/content/5 dropped");
    talk(ANTHROPIC,
         "{'role':'user','content':[{'type':'document','title':'t','source':"
         "{'type':'text','media_type':'text/plain','data':'hello'}},"
         "{'type':'document','source':{'type':'content','content':[{'type':"
         "'text','text':'in'},{'type':'image','source':{'type':'url','url':"
         "'http://e/a.gif'}}]}},{'type':'document','source':{'type':'base64',"
         "'data':'JV','media_type':'application/pdf'}}]}",
         "'contents':[{'role':'user','parts':[{'text':'hello'},{'text':'in'},"
         "{'fileData':{'mimeType':'image/gif','fileUri':'http://e/a.gif'}},"
         "{'inlineData':{'mimeType':'application/pdf','data':'JV'}}]}]",
         "/messages/0/content/0 approximated\n"
         "/messages/0/content/0/title dropped\n"
         "/messages/0/content/1 approximated");
}

static void calls_and_their_results(void **state)
{
    (void)state;
    talk(CHAT,
         "{'role':'assistant','content':'Hm.','tool_calls':[{'id':'c1','type':"
         "'function','function':{'name':'f','arguments':'{\\'a\\':1.0}'}},"
         "{'id':'c2','type':'function','function':{'name':'g','arguments':"
         "''}}]},{'role':'tool','tool_call_id':'c2','content':'two'},{'role':"
         "'tool','tool_call_id':'c1','content':'[1, 2]'},{'role':'user',"
         "'content':'x'}",
         "'contents':[{'role':'model','parts':[{'text':'Hm.'},{'functionCall':"
         "{'id':'c1','name':'f','args':{'a':1.0}},'thoughtSignature':"
         "'skip_thought_signature_validator'},{'functionCall':{'id':'c2',"
         "'name':'g','args':{}}}]},{'role':'user','parts':["
         "{'functionResponse':{'id':'c2','name':'g','response':{'output':"
         "'two'}}},{'functionResponse':{'id':'c1','name':'f','response':"
         "{'output':[1, 2]}}}]},{'role':'user','parts':[{'text':'x'}]}]",
         "");
    becomes_policy.gemini_vertex = becomes_policy.gemini_budget = 1;
    talk(CHAT,
         "{'role':'assistant','tool_calls':[{'id':'c1','type':'function',"
         "'function':{'name':'f','arguments':'[]'}}]},{'role':'tool',"
         "'tool_call_id':'c1','content':'{\\'a\\': 2}'},{'role':'tool',"
         "'tool_call_id':'c9','content':''}",
         "'contents':[{'role':'model','parts':[{'functionCall':{'name':'f',"
         "'args':{}}}]},{'role':'user','parts':[{'functionResponse':{'name':"
         "'f','response':{'a': 2}}},{'functionResponse':{'name':'c9',"
         "'response':{'output':''}}}]}]",
         "/messages/0/tool_calls/0/function/arguments approximated\n"
         "/messages/2 approximated");
}

/* What a result's text may be: each comes back as it was. */
static void results_are_objects(void **state)
{
    static const char *const cases[][2] = {
        {"plain", "{'output':'plain'}"},
        {"7", "{'output':7}"},
        {" 7", "{'output':' 7'}"},
        {"null", "{'output':null}"},
        {"\\'quoted\\'", "{'output':'\\'quoted\\''}"},
        {"{}", "{'output':'{}'}"},
        {"{\\'a\\':[]}", "{'a':[]}"},
        {"{\\'output\\':\\'x\\'}", "{'output':'{\\'output\\':\\'x\\'}'}"},
        {"{\\'output\\':{}}", "{'output':{}}"},
        {"{\\'error\\':1}", "{'output':'{\\'error\\':1}'}"},
        {"{\\'a\\'", "{'output':'{\\'a\\''}"},
    };
    char there[512], back[512];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        (void)snprintf(
            there, sizeof(there),
            "{'role':'assistant','content':[{'type':'tool_use','id':'i',"
            "'name':'f','input':{}}]},{'role':'user','content':[{'type':"
            "'tool_result','tool_use_id':'i','content':'%s'}]}",
            cases[i][0]);
        (void)snprintf(
            back, sizeof(back),
            "'contents':[{'role':'model','parts':[{'functionCall':{'id':'i',"
            "'name':'f','args':{}},'thoughtSignature':'" LG_GM_UNSIGNED
            "'}]},{'role':'user','parts':[{'functionResponse':{'id':'i',"
            "'name':'f','response':%s}}]}]",
            cases[i][1]);
        talk(ANTHROPIC, there, back, "");
    }
    talk(ANTHROPIC,
         "{'role':'assistant','content':[{'type':'tool_use','id':'i','name':"
         "'f','input':{}}]},{'role':'user','content':[{'type':'tool_result',"
         "'tool_use_id':'i','is_error':true,'content':[{'type':'text','text':"
         "'a'},{'type':'text','text':'b'},{'type':'image','source':{'type':"
         "'base64','media_type':'image/png','data':'aGk='}}]}]}",
         "'contents':[{'role':'model','parts':[{'functionCall':{'id':'i',"
         "'name':'f','args':{}},'thoughtSignature':'" LG_GM_UNSIGNED
         "'}]},{'role':'user','parts':[{'functionResponse':{'id':'i','name':"
         "'f','response':{'error':'a\\nb'},'parts':[{'inlineData':{'mimeType':"
         "'image/png','data':'aGk='}}]}}]}]",
         "/messages/1/content/0 approximated");
}

static void thoughts_and_signatures(void **state)
{
    (void)state;
    talk(ANTHROPIC,
         "{'role':'assistant','content':[{'type':'thinking','thinking':'hm',"
         "'signature':'s'},{'type':'redacted_thinking','data':'d'},{'type':"
         "'text','text':'a','cache_control':{'type':'ephemeral'}}]}",
         "'contents':[{'role':'model','parts':[{'text':'hm','thought':true},"
         "{'text':'a'}]}]",
         "/messages/0/content/0/signature dropped\n"
         "/messages/0/content/1 dropped\n"
         "/messages/0/content/2/cache_control dropped");
    /* theirs, as OpenRouter carries them: the last is of the call */
    talk(CHAT,
         "{'role':'assistant','content':'a','reasoning_details':[{'type':"
         "'reasoning.encrypted','data':'T0xE','format':'google-gemini-v1'},"
         "{'type':'reasoning.encrypted','data':'VEVYVA==','format':"
         "'google-gemini-v1'},{'type':'reasoning.encrypted','data':'Q0FMTA==',"
         "'format':'google-gemini-v1'}],'tool_calls':[{'id':'c','type':"
         "'function','function':{'name':'f','arguments':'{}'}}]}",
         "'contents':[{'role':'model','parts':[{'text':'a','thoughtSignature':"
         "'VEVYVA=='},{'functionCall':{'id':'c','name':'f','args':{}},"
         "'thoughtSignature':'Q0FMTA=='}]}]",
         "/messages/0/reasoning_details/0 dropped");
    talk(CHAT,
         "{'role':'assistant','content':null,'reasoning_details':[{'type':"
         "'reasoning.encrypted','data':'T0xE','format':'google-gemini-v1'}]}",
         "'contents':[{'role':'model','parts':[{'text':'','thoughtSignature':"
         "'T0xE'}]}]",
         "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(settings_have_their_names),
        T(what_has_no_name_is_told),
        T(thinking),
        T(output),
        T(tools),
        T(instructions_come_first),
        T(media),
        T(calls_and_their_results),
        T(results_are_objects),
        T(thoughts_and_signatures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
