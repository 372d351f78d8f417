/* SPDX-License-Identifier: MIT
 *
 * Requests of cohere-chat, from others and to others, and what is lost. */
#include "lib/format/cohere_chat.h"

#include "quoted_case.h"

#define COHERE LG_CO_NAME
#define ASKED  "'messages':[{'role':'user','content':'x'}]"
#define LIMIT  "'max_tokens':9"

static void settings_have_other_names(void **state)
{
    (void)state;
    asks(CHAT, COHERE,
         "{'model':'m'," ASKED
         ",'max_tokens':9,'temperature':0.50,'top_p':0.9,'seed':7,'stop':'E',"
         "'presence_penalty':0.5,'frequency_penalty':1,'logprobs':true,"
         "'stream':true}",
         "{'model':'m'," ASKED
         ",'max_tokens':9,'temperature':0.50,'p':0.9,'seed':7,'stop_sequences'"
         ":['E'],'presence_penalty':0.5,'frequency_penalty':1,'logprobs':true,"
         "'stream':true}",
         "");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," ASKED "," LIMIT
         ",'k':5,'p':0.75,'stop_sequences':['a'],'stream':false}",
         "{'model':'m'," ASKED "," LIMIT
         ",'top_k':5,'top_p':0.75,'stop_sequences':['a'],'stream':false}",
         "");
    asks(CHAT, COHERE,
         "{'model':'m'," ASKED
         ",'top_p':1,'presence_penalty':-1.5,'frequency_penalty':2,"
         "'top_logprobs':3,'n':2,'user':'u','stop':['1','2','3','4','5','6']}",
         "{'model':'m'," ASKED
         ",'p':0.99,'presence_penalty':0,'frequency_penalty':1,"
         "'stop_sequences':['1','2','3','4','5']}",
         "/stop approximated\n/top_p approximated\n"
         "/frequency_penalty approximated\n/presence_penalty approximated\n"
         "/n dropped\n/top_logprobs dropped\n/user dropped");
    asks(CHAT, COHERE, "{'model':'m'," ASKED ",'top_p':0}",
         "{'model':'m'," ASKED ",'p':0.01}", "/top_p approximated");
    asks(COHERE, CHAT,
         "{'model':'m'," ASKED
         ",'safety_mode':'OFF','citation_options':{'mode':'FAST'},"
         "'strict_tools':true,'priority':1,'documents':[]}",
         "{'model':'m'," ASKED "}",
         "/safety_mode dropped\n/citation_options dropped\n"
         "/strict_tools dropped\n/priority dropped\n/documents dropped");
}

static void outputs_and_thinking(void **state)
{
    (void)state;
    asks(CHAT, COHERE,
         "{'model':'m'," ASKED ",'response_format':{'type':'json_schema',"
         "'json_schema':{'name':'n','strict':true,'schema':{'type':'object'}}}"
         "}",
         "{'model':'m'," ASKED ",'response_format':{'type':'json_object',"
         "'json_schema':{'type':'object'}}}",
         "/response_format/json_schema/name dropped\n"
         "/response_format/json_schema/strict dropped");
    asks(CHAT, COHERE,
         "{'model':'m'," ASKED ",'response_format':{'type':'json_object'}}",
         "{'model':'m'," ASKED ",'response_format':{'type':'json_object'}}",
         "");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," ASKED "," LIMIT
         ",'response_format':{'type':'json_object','schema':{'type':'object'}}"
         "}",
         "{'model':'m'," ASKED "," LIMIT
         ",'output_config':{'format':{'type':'json_schema','schema':{'type':"
         "'object','additionalProperties':false}}}}",
         "/response_format/schema approximated");
    asks(COHERE, CHAT,
         "{'model':'m'," ASKED ",'response_format':{'type':'xml'},'thinking':{"
         "'type':'often'}}",
         "{'model':'m'," ASKED "}",
         "/thinking dropped\n/response_format dropped");
    asks(ANTHROPIC, COHERE,
         "{'model':'m'," ASKED "," LIMIT
         ",'thinking':{'type':'enabled','budget_tokens':1024}}",
         "{'model':'m'," ASKED "," LIMIT
         ",'thinking':{'type':'enabled','token_budget':1024}}",
         "");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," ASKED "," LIMIT
         ",'thinking':{'type':'enabled','token_budget':1024}}",
         "{'model':'m'," ASKED "," LIMIT
         ",'thinking':{'type':'enabled','budget_tokens':1024}}",
         "");
    asks(ANTHROPIC, COHERE,
         "{'model':'m'," ASKED "," LIMIT
         ",'thinking':{'type':'adaptive'},'output_config':{'effort':'low'}}",
         "{'model':'m'," ASKED "," LIMIT ",'thinking':{'type':'enabled'}}",
         "/output_config/effort approximated");
    asks(CHAT, COHERE, "{'model':'m'," ASKED ",'reasoning_effort':'none'}",
         "{'model':'m'," ASKED ",'thinking':{'type':'disabled'}}", "");
    asks(CHAT, COHERE, "{'model':'m'," ASKED ",'reasoning_effort':'high'}",
         "{'model':'m'," ASKED ",'thinking':{'type':'enabled'}}",
         "/reasoning_effort approximated");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," ASKED "," LIMIT ",'thinking':{'type':'disabled'}}",
         "{'model':'m'," ASKED "," LIMIT ",'thinking':{'type':'disabled'}}",
         "");
}

static void contents(void **state)
{
    (void)state;
    asks(CHAT, COHERE,
         "{'model':'m','messages':[{'role':'developer','content':'d'},{'role':"
         "'user','content':[{'type':'text','text':'q'},{'type':'image_url',"
         "'image_url':{'url':'data:image/png;base64,iVBORw0KGgo=','detail':"
         "'low'}},{'type':'image_url','image_url':{'url':'https://e.org/x'}},"
         "{'type':'file','file':{'file_id':'f'}},{'type':'input_audio',"
         "'input_audio':{'data':'AA','format':'wav'}}]},{'role':'assistant',"
         "'content':'a','name':'bot'}]}",
         "{'model':'m','messages':[{'role':'system','content':'d'},{'role':"
         "'user','content':[{'type':'text','text':'q'},{'type':'image_url',"
         "'image_url':{'url':'data:image/png;base64,iVBORw0KGgo=','detail':"
         "'low'}},{'type':'image_url','image_url':{'url':'https://e.org/x'}}]}"
         ",{'role':'assistant','content':'a'}]}",
         "/messages/1/content/3 dropped\n/messages/1/content/4 dropped\n"
         "/messages/2/name dropped");
    asks(COHERE, CHAT,
         "{'model':'m','messages':[{'role':'user','content':[{'type':'text',"
         "'text':'q','news':1},{'type':'image_url','image_url':{'url':"
         "'https://e.org/x','detail':'high'}},{'type':'hologram'}]}]}",
         "{'model':'m','messages':[{'role':'user','content':[{'type':'text',"
         "'text':'q'},{'type':'image_url','image_url':{'url':"
         "'https://e.org/x','detail':'high'}}]}]}",
         "/messages/0/content/0/news dropped\n/messages/0/content/2 dropped");
    asks(ANTHROPIC, COHERE,
         "{'model':'m'," LIMIT ",'system':'s','messages':[{'role':'assistant',"
         "'content':[{'type':'thinking','thinking':'hm','signature':'s'},"
         "{'type':'redacted_thinking','data':'r'},{'type':'text','text':'a',"
         "'citations':[{'type':'char_location'}]}]}]}",
         "{'model':'m'," LIMIT ",'messages':[{'role':'system','content':'s'},"
         "{'role':'assistant','content':[{'type':'thinking','thinking':'hm'},"
         "{'type':'text','text':'a'}]}]}",
         "/messages/0/content/0/signature dropped\n"
         "/messages/0/content/1 dropped\n"
         "/messages/0/content/2/citations dropped");
}

static void documents_stand_beside_the_messages(void **state)
{
    (void)state;
    asks(ANTHROPIC, COHERE,
         "{'model':'m'," LIMIT ",'messages':[{'role':'user','content':[{"
         "'type':'document','source':{'type':'text','media_type':'text/plain',"
         "'data':'d'},'title':'t'},{'type':'document','source':{'type':'url',"
         "'url':'https://e.org/x.pdf'}},{'type':'document','source':{'type':"
         "'content','content':[{'type':'text','text':'in'}]}},{'type':'text',"
         "'text':'q'}]}]}",
         "{'model':'m'," LIMIT ",'messages':[{'role':'user','content':[{"
         "'type':'text','text':'in'},{'type':'text','text':'q'}]}],"
         "'documents':[{'data':{'text':'d','title':'t'}}]}",
         "/messages/0/content/0 approximated\n/messages/0/content/1 dropped\n"
         "/messages/0/content/2 approximated");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," LIMIT "," ASKED
         ",'documents':['plain',{'id':'1','data':{'text':'d','title':'t'}},"
         "{'data':'s'},{'data':{'snippet':'n'}}]}",
         "{'model':'m'," LIMIT ",'messages':[{'role':'user','content':[{"
         "'type':'document','source':{'type':'text','media_type':'text/plain',"
         "'data':'plain'}},{'type':'document','source':{'type':'text',"
         "'media_type':'text/plain','data':'d'},'title':'t'},{'type':"
         "'document','source':{'type':'text','media_type':'text/plain','data':"
         "'s'}},{'type':'text','text':'x'}]}]}",
         "/documents/1/id dropped\n/documents/3 dropped");
}

#define TOOL \
    "{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}"

static void calls_have_a_plan(void **state)
{
    (void)state;
    asks(CHAT, COHERE,
         "{'model':'m','messages':[{'role':'assistant','content':'on it',"
         "'tool_calls':[{'id':'a','type':'function','function':{'name':'f',"
         "'arguments':'{\\'n\\':1.0}'}},{'id':'b','type':'function','function':"
         "{'name':'g','arguments':''}},{'id':'c','type':'custom','custom':{"
         "'name':'h','input':'x\\n'}}]},{'role':'tool','tool_call_id':'a',"
         "'content':'r'}]}",
         "{'model':'m','messages':[{'role':'assistant','tool_plan':'on it',"
         "'tool_calls':[{'id':'a','type':'function','function':{'name':'f',"
         "'arguments':'{\\'n\\':1.0}'}},{'id':'b','type':'function','function':"
         "{'name':'g','arguments':'{}'}},{'id':'c','type':'function',"
         "'function':{'name':'h','arguments':'{\\'input\\':\\'x\\\\n\\'}'}}]},"
         "{'role':'tool','tool_call_id':'a','content':'r'}]}",
         "/messages/0/tool_calls/2 approximated");
    asks(COHERE, ANTHROPIC,
         "{'model':'m'," LIMIT ",'messages':[{'role':'assistant','tool_plan':"
         "'on it','tool_calls':[{'id':'a','type':'function','function':{"
         "'name':'f','arguments':'{\\'n\\':1.0}'}}]},{'role':'tool',"
         "'tool_call_id':'a','content':[{'type':'text','text':'r'},{'type':"
         "'document','document':{'data':{'text':'d'}}}]}]}",
         "{'model':'m'," LIMIT ",'messages':[{'role':'assistant','content':[{"
         "'type':'text','text':'on it'},{'type':'tool_use','id':'a','name':"
         "'f','input':{'n':1.0}}]},{'role':'user','content':[{'type':"
         "'tool_result','tool_use_id':'a','content':[{'type':'text','text':"
         "'r'},{'type':'document','source':{'type':'text','media_type':"
         "'text/plain','data':'d'}}]}]}]}",
         "");
    asks(ANTHROPIC, COHERE,
         "{'model':'m'," LIMIT ",'messages':[{'role':'assistant','content':[{"
         "'type':'text','text':'a'},{'type':'text','text':'b'},{'type':"
         "'tool_use','id':'i','name':'f','input':{'x':1.0}}]},{'role':'user',"
         "'content':[{'type':'tool_result','tool_use_id':'i','is_error':true,"
         "'content':[{'type':'text','text':'bad'},{'type':'image','source':{"
         "'type':'base64','media_type':'image/gif','data':'R0lGODlh'}}]},"
         "{'type':'text','text':'and?'}]}]}",
         "{'model':'m'," LIMIT ",'messages':[{'role':'assistant','tool_plan':"
         "'ab','tool_calls':[{'id':'i','type':'function','function':{'name':"
         "'f','arguments':'{\\'x\\':1.0}'}}]},{'role':'tool','tool_call_id':"
         "'i','content':[{'type':'text','text':'Error:'},{'type':'text',"
         "'text':'bad'}]},{'role':'user','content':[{'type':'text','text':"
         "'and?'}]}]}",
         "/messages/0/content/1 approximated\n"
         "/messages/1/content/0/is_error approximated\n"
         "/messages/1/content/0/content/1 dropped");
}

static void choices_of_tools(void **state)
{
    static const char *const words[][3] = {
        {"'auto'", "", ""},
        {"'none'", ",'tool_choice':'NONE'", ""},
        {"'required'", ",'tool_choice':'REQUIRED'", ""},
        {"{'type':'function','function':{'name':'f'}}",
         ",'tool_choice':'REQUIRED'", "/tool_choice approximated"},
        {"{'type':'allowed_tools','allowed_tools':{}}", "",
         "/tool_choice dropped"},
    };
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(words); i++) {
        snprintf(from, sizeof(from),
                 "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':%s}",
                 words[i][0]);
        snprintf(to, sizeof(to), "{'model':'m'," ASKED ",'tools':[" TOOL "]%s}",
                 words[i][1]);
        asks(CHAT, COHERE, from, to, words[i][2]);
    }
    asks(CHAT, COHERE,
         "{'model':'m'," ASKED ",'tools':[" TOOL ",{'type':'function',"
         "'function':{'name':'g','strict':true}}],'tool_choice':{'type':"
         "'function','function':{'name':'g'}}}",
         "{'model':'m'," ASKED ",'tools':[{'type':'function','function':{"
         "'name':'g'}}],'tool_choice':'REQUIRED'}",
         "/tools/1/function/strict dropped\n/tool_choice approximated");
    asks(COHERE, CHAT,
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'REQUIRED'}",
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'required'}",
         "");
    asks(COHERE, CHAT,
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'MAYBE'}",
         "{'model':'m'," ASKED ",'tools':[" TOOL "]}", "/tool_choice dropped");
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const bad[][2] = {
        {"[]", ""},
        {"{'model':'m'}", ""},
        {"{'messages':7}", "/messages"},
        {"{'messages':[7]}", "/messages/0"},
        {"{'messages':[{'content':'x'}]}", "/messages/0"},
        {"{'messages':[{'role':'user','content':7}]}", "/messages/0/content"},
        {"{'messages':[{'role':'assistant','tool_plan':7}]}",
         "/messages/0/tool_plan"},
        {"{'messages':[{'role':'assistant','tool_calls':{}}]}",
         "/messages/0/tool_calls"},
        {"{'messages':[],'tools':{}}", "/tools"},
        {"{'messages':[],'stop_sequences':'x'}", "/stop_sequences"},
        {"{'messages':[],'stop_sequences':[7]}", "/stop_sequences/0"},
        {"{'messages':[],'messages':[]}", "/messages"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        refused(CORPUS_REQUEST, COHERE, bad[i][0], LLMGW_E_JSON, bad[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_other_names),
        cmocka_unit_test(outputs_and_thinking),
        cmocka_unit_test(contents),
        cmocka_unit_test(documents_stand_beside_the_messages),
        cmocka_unit_test(calls_have_a_plan),
        cmocka_unit_test(choices_of_tools),
        cmocka_unit_test(what_is_no_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
