/* SPDX-License-Identifier: MIT
 *
 * Requests, and what they are in other formats. */
#include "tests/unit/lib/format/gemini_case.h"

#define SAID "'contents':[{'role':'user','parts':[{'text':'x'}]}]"
#define HI   "'messages':[{'role':'user','content':'x'}]"

static void to(const char *format, const char *member, const char *want,
               const char *losses)
{
    char text[4096], out[4096];
    const int is_chat = strcmp(format, CHAT) == 0;

    (void)snprintf(text, sizeof(text), "{'model':'m'," SAID "%s%s}",
                   *member ? "," : "", member);
    (void)snprintf(out, sizeof(out), "{'model':'m'%s," HI "%s%s}",
                   is_chat || strstr(want, "max_tokens") ? ""
                                                         : ",'max_tokens':4096",
                   *want ? "," : "", want);
    turns(CORPUS_REQUEST, "gemini", format, text, out, losses);
}

static void settings_have_their_names(void **state)
{
    (void)state;
    to(CHAT,
       "'generationConfig':{'maxOutputTokens':5,'temperature':1.50,'topP':0.1,"
       "'seed':7,'candidateCount':2,'presencePenalty':0.1,'frequencyPenalty':"
       "-1,'responseLogprobs':true,'logprobs':3,'stopSequences':['a']},"
       "'serviceTier':'standard','labels':{'a':'b'}",
       "'max_completion_tokens':5,'temperature':1.50,'top_p':0.1,'seed':7,"
       "'n':2,'presence_penalty':0.1,'frequency_penalty':-1,'logprobs':true,"
       "'top_logprobs':3,'stop':['a'],'service_tier':'default','metadata':"
       "{'a':'b'}",
       "");
    to(ANTHROPIC, "'generationConfig':{'maxOutputTokens':5,'topK':3}",
       "'max_tokens':5,'top_k':3", "");
    to(CHAT, "'generation_config':{'max_output_tokens':'5','top_p':0.5}",
       "'max_completion_tokens':5,'top_p':0.5", "");
}

static void what_has_no_name_is_told(void **state)
{
    (void)state;
    to(CHAT,
       "'safetySettings':[],'cachedContent':'c','unheard':{},"
       "'generationConfig':{'topK':3,'responseModalities':['TEXT'],"
       "'mediaResolution':'MEDIA_RESOLUTION_LOW','speechConfig':{}}",
       "",
       "/generationConfig/topK dropped\n"
       "/safetySettings dropped\n/cachedContent dropped\n/unheard dropped\n"
       "/generationConfig/responseModalities dropped\n"
       "/generationConfig/mediaResolution dropped\n"
       "/generationConfig/speechConfig dropped");
}

static void thinking(void **state)
{
    (void)state;
    to(ANTHROPIC,
       "'generationConfig':{'maxOutputTokens':9000,'thinkingConfig':"
       "{'thinkingBudget':2048,'includeThoughts':true}}",
       "'max_tokens':9000,'thinking':{'type':'enabled','budget_tokens':2048}",
       "");
    to(ANTHROPIC,
       "'generationConfig':{'maxOutputTokens':9000,'thinkingConfig':"
       "{'thinkingBudget':2048}}",
       "'max_tokens':9000,'thinking':{'type':'enabled','budget_tokens':2048,"
       "'display':'omitted'}",
       "");
    to(ANTHROPIC,
       "'generationConfig':{'maxOutputTokens':9000,'thinkingConfig':"
       "{'thinkingLevel':'HIGH','includeThoughts':true}}",
       "'max_tokens':9000,'thinking':{'type':'adaptive'},'output_config':"
       "{'effort':'high'}",
       "");
    to(ANTHROPIC,
       "'generationConfig':{'maxOutputTokens':9000,'thinkingConfig':"
       "{'thinkingBudget':0}}",
       "'max_tokens':9000,'thinking':{'type':'disabled'}", "");
    to(CHAT, "'generation_config':{'thinking_config':{'thinking_level':'low'}}",
       "'reasoning_effort':'low'", "");
    to(CHAT, "'generationConfig':{'thinkingConfig':{'thinkingLevel':'ULTRA'}}",
       "", "/generationConfig/thinkingConfig dropped");
    to(CHAT, "'generationConfig':{'thinkingConfig':{'thinkingBudget':-1}}",
       "'reasoning_effort':'medium'",
       "/generationConfig/thinkingConfig approximated\n"
       "/generationConfig/thinkingConfig dropped");
}

static void schemas_are_translated(void **state)
{
    (void)state;
    to(CHAT,
       "'generationConfig':{'responseMimeType':'application/json',"
       "'responseSchema':{'type':'OBJECT','properties':{'type':{'type':"
       "'STRING','nullable':true,'enum':['a']},'l':{'type':'ARRAY','min_items':"
       "'2','items':{'anyOf':[{'type':'integer'},{'type':'NUMBER'}]}}},"
       "'required':['l'],'default':{'type':'STRING'}}}",
       "'response_format':{'type':'json_schema','json_schema':{'name':"
       "'response','schema':{'type':'object','properties':{'type':{'type':"
       "['string','null'],'enum':['a',null]},'l':{'type':'array','minItems':2,"
       "'items':{'anyOf':[{'type':'integer'},{'type':'number'}]}}},'required':"
       "['l'],'default':{'type':'STRING'}}}}",
       "");
    to(CHAT,
       "'generationConfig':{'responseMimeType':'application/json',"
       "'responseJsonSchema':{'type':'STRING'}}",
       "'response_format':{'type':'json_schema','json_schema':{'name':"
       "'response','schema':{'type':'STRING'}}}",
       "");
    to(CHAT, "'generationConfig':{'responseMimeType':'application/json'}",
       "'response_format':{'type':'json_object'}", "");
    to(CHAT,
       "'generationConfig':{'responseMimeType':'text/x.enum','responseSchema':"
       "{'type':'STRING','enum':['a']}}",
       "",
       "/generationConfig/responseMimeType dropped\n"
       "/generationConfig/responseSchema dropped");
}

static void tools(void **state)
{
    (void)state;
    to(CHAT,
       "'tools':[{'functionDeclarations':[{'name':'f','description':'d',"
       "'parameters':{'type':'OBJECT'},'behavior':'BLOCKING'},{'name':'g',"
       "'parametersJsonSchema':{'type':['object']}}],'codeExecution':{}},"
       "{'googleSearch':{}}],'toolConfig':{'functionCallingConfig':{'mode':"
       "'ANY','allowedFunctionNames':['f']},'retrievalConfig':{}}",
       "'tools':[{'type':'function','function':{'name':'f','description':'d',"
       "'parameters':{'type':'object'}}},{'type':'function','function':{'name':"
       "'g','parameters':{'type':['object']}}}],'tool_choice':{'type':"
       "'function','function':{'name':'f'}}",
       "/tools/0/codeExecution dropped\n"
       "/tools/0/functionDeclarations/0/behavior dropped\n"
       "/tools/1 dropped\n/toolConfig/retrievalConfig dropped");
    to(ANTHROPIC,
       "'tools':[{'functionDeclarations':[{'name':'f'}]}],'toolConfig':"
       "{'functionCallingConfig':{'mode':'VALIDATED'}},'generationConfig':"
       "{'maxOutputTokens':5}",
       "'max_tokens':5,'tools':[{'name':'f','input_schema':{'type':'object','properties':"
       "{}}}]",
       "/toolConfig/functionCallingConfig dropped");
}

/* ---- contents ------------------------------------------------------------- */

static void talk(const char *format, const char *contents, const char *want,
                 const char *losses)
{
    char text[8192], out[8192];

    (void)snprintf(text, sizeof(text),
                   "{'generationConfig':{'maxOutputTokens':5},%s}", contents);
    (void)snprintf(
        out, sizeof(out), "{'%s':5,%s}",
        strcmp(format, CHAT) ? "max_tokens" : "max_completion_tokens", want);
    turns(CORPUS_REQUEST, "gemini", format, text, out, losses);
}

static void calls_get_ids(void **state)
{
    static const char *const contents =
        "'contents':[{'role':'model','parts':[{'text':'Hm.'},{'functionCall':"
        "{'name':'f','args':{'a':1.0}},'thoughtSignature':'QQ=='},"
        "{'functionCall':{'name':'f'}},{'functionCall':{'id':'own','name':"
        "'g','args':{}}}]},{'role':'user','parts':[{'functionResponse':{'name':"
        "'f','response':{'output':'one'}}},{'functionResponse':{'id':'own',"
        "'name':'g','response':{'a':2}}},{'functionResponse':{'name':'f',"
        "'response':{'error':'two'}}},{'functionResponse':{'name':'who',"
        "'response':{}}},{'text':'x'}]}]";

    (void)state;
    talk(ANTHROPIC, contents,
         "'messages':[{'role':'assistant','content':[{'type':'text','text':"
         "'Hm.'},{'type':'tool_use','id':'call_0','name':'f','input':{'a':"
         "1.0}},{'type':'tool_use','id':'call_1','name':'f','input':{}},"
         "{'type':'tool_use','id':'own','name':'g','input':{}}]},{'role':"
         "'user','content':[{'type':'tool_result','tool_use_id':'call_0',"
         "'content':'one'},{'type':'tool_result','tool_use_id':'own','content':"
         "'{\\'a\\':2}'},{'type':'tool_result','tool_use_id':'call_1',"
         "'content':'two','is_error':true},{'type':'tool_result',"
         "'tool_use_id':'call_2','content':[]},{'type':'text','text':'x'}]}]",
         "/contents/0/parts/1/thoughtSignature dropped\n"
         "/contents/1/parts/3/functionResponse/name dropped");
}

static void media(void **state)
{
    (void)state;
    talk(ANTHROPIC,
         "'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':"
         "'image/png','data':'aGk='}},{'file_data':{'mime_type':'image/png',"
         "'file_uri':'https://e.org/a.png'}},{'fileData':{'mimeType':"
         "'image/png','fileUri':'gs://b/a.png'}},{'fileData':{'mimeType':"
         "'image/png','fileUri':'https://generativelanguage.googleapis.com/"
         "v1beta/files/a'}},{'inlineData':{'mimeType':'video/mp4','data':"
         "'AA=='}},{'executableCode':{'code':'1'}},{'text':'a','partMetadata':"
         "{}}]}]",
         "'messages':[{'role':'user','content':[{'type':'image','source':"
         "{'type':'base64','media_type':'image/png','data':'aGk='}},{'type':"
         "'image','source':{'type':'url','url':'https://e.org/a.png'}},"
         "{'type':'text','text':'a'}]}]",
         "/contents/0/parts/2 dropped\n/contents/0/parts/3 dropped\n"
         "/contents/0/parts/4 dropped\n/contents/0/parts/5 dropped\n"
         "/contents/0/parts/6/partMetadata dropped");
}

static void who_speaks(void **state)
{
    (void)state;
    talk(CHAT,
         "'systemInstruction':'Be kind.','contents':[{'parts':[{'text':'a'}]},"
         "{'role':'model','parts':[{'text':'b','thought':true},{'text':'c',"
         "'thoughtSignature':'skip_thought_signature_validator'}]},{'role':"
         "'critic','parts':[{'text':'d'}]}]",
         "'messages':[{'role':'system','content':'Be kind.'},{'role':'user',"
         "'content':'a'},{'role':'assistant','content':'c'},{'role':'user',"
         "'content':'d'}]",
         "/contents/1/parts/0 dropped\n/contents/2/role dropped");
    talk(CHAT,
         "'system_instruction':{'role':'x','parts':[{'text':'a'},{'text':"
         "'b'}]},'contents':[{'role':'user','parts':[{'text':'c'}]}]",
         "'messages':[{'role':'system','content':[{'type':'text','text':'a'},"
         "{'type':'text','text':'b'}]},{'role':'user','content':'c'}]",
         "");
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"{}", ""},
        {"{'contents':{}}", "/contents"},
        {"{'contents':[1]}", "/contents/0"},
        {"{'contents':[{'parts':{}}]}", "/contents/0/parts"},
        {"{'contents':[{'parts':[1]}]}", "/contents/0/parts/0"},
        {"{'contents':[{'parts':[{'functionCall':{'name':1}}]}]}",
         "/contents/0/parts/0/functionCall/name"},
        {"{'contents':[],'tools':{}}", "/tools"},
        {"{'contents':[],'tools':[1]}", "/tools/0"},
        {"{'contents':[],'tools':[{'functionDeclarations':[{'name':2}]}]}",
         "/tools/0/functionDeclarations/0/name"},
        {"{'contents':[],'toolConfig':1}", "/toolConfig"},
        {"{'contents':[],'generationConfig':[]}", "/generationConfig"},
        {"{'contents':[],'generationConfig':{'stopSequences':[1]}}",
         "/generationConfig/stopSequences/0"},
        {"{'contents':[],'generationConfig':{'topP':1,'top_p':2}}",
         "/generationConfig/top_p"},
        {"{'contents':[],'systemInstruction':1}", "/systemInstruction"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++)
        refused(CORPUS_REQUEST, "gemini", cases[i][0], LLMGW_E_JSON,
                cases[i][1]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(settings_have_their_names),
        T(what_has_no_name_is_told),
        T(thinking),
        T(schemas_are_translated),
        T(tools),
        T(calls_get_ids),
        T(media),
        T(who_speaks),
        T(what_is_no_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
