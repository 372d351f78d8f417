/* SPDX-License-Identifier: MIT
 *
 * Requests of ollama-chat, from others and to others, and what is lost. */
#include "lib/format/ollama_chat.h"

#include "quoted_case.h"

#define OLLAMA LG_OL_NAME
#define ASKED  "'messages':[{'role':'user','content':'x'}]"

static void settings_are_options(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED
         ",'max_tokens':9,'temperature':0.50,'top_p':0.9,'seed':7,'stop':'E',"
         "'presence_penalty':1,'frequency_penalty':-1.0,'logprobs':true,"
         "'top_logprobs':2,'stream':true}",
         "{'model':'m'," ASKED
         ",'stream':true,'options':{'num_predict':9,'temperature':0.50,"
         "'top_p':0.9,'seed':7,'presence_penalty':1,'frequency_penalty':-1.0,"
         "'stop':['E']},'logprobs':true,'top_logprobs':2}",
         "");
    asks(
        ANTHROPIC, OLLAMA,
        "{'model':'m','max_tokens':9,'top_k':5,'stop_sequences':['a','b']," ASKED
        "}",
        "{'model':'m'," ASKED ",'stream':false,'options':{'num_predict':9,"
        "'top_k':5,'stop':['a','b']}}",
        "");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'n':2,'user':'u','store':true,'verbosity':"
         "'low','logit_bias':{'1':2},'parallel_tool_calls':false,"
         "'service_tier':'flex','metadata':{'a':'b'},'prompt_cache_key':'k',"
         "'news':1}",
         "{'model':'m'," ASKED ",'stream':false}",
         "/news dropped\n/n dropped\n/logit_bias dropped\n"
         "/parallel_tool_calls dropped\n/user dropped\n/metadata dropped\n"
         "/service_tier dropped\n/store dropped\n/verbosity dropped\n"
         "/prompt_cache_key dropped");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'n':1,'store':false,'logprobs':false,"
         "'parallel_tool_calls':true}",
         "{'model':'m'," ASKED ",'stream':false,'logprobs':false}", "");
}

static void options_are_settings(void **state)
{
    (void)state;
    asks(OLLAMA, CHAT,
         "{'model':'m'," ASKED ",'options':{'num_predict':9,'temperature':0.5,"
         "'top_p':1,'seed':7,'stop':'E','presence_penalty':1,"
         "'frequency_penalty':2},'stream':false}",
         "{'model':'m'," ASKED ",'max_completion_tokens':9,'temperature':0.5,"
         "'top_p':1,'seed':7,'stop':['E'],'presence_penalty':1,"
         "'frequency_penalty':2,'stream':false}",
         "");
    asks(OLLAMA, CHAT,
         "{'model':'m'," ASKED ",'options':{'num_predict':-1,'num_ctx':8192,"
         "'min_p':0.1,'top_k':3},'keep_alive':'5m','truncate':true,"
         "'stream':false}",
         "{'model':'m'," ASKED ",'stream':false}",
         "/options/top_k dropped\n/keep_alive dropped\n/truncate dropped\n"
         "/options/num_ctx dropped\n/options/min_p dropped\n"
         "/options/num_predict dropped");
    /* streamed, unless told otherwise */
    asks(OLLAMA, ANTHROPIC,
         "{'model':'m'," ASKED ",'options':{'num_predict':9}}",
         "{'model':'m','max_tokens':9,'stream':true," ASKED "}", "");
}

static void what_an_output_is(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'response_format':{'type':'json_schema',"
         "'json_schema':{'name':'n','strict':true,'schema':{'type':'object'}}}"
         "}",
         "{'model':'m'," ASKED ",'stream':false,'format':{'type':'object'}}",
         "/response_format/json_schema/name dropped\n"
         "/response_format/json_schema/strict dropped");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'response_format':{'type':'json_object'}}",
         "{'model':'m'," ASKED ",'stream':false,'format':'json'}", "");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'response_format':{'type':'json_schema',"
         "'json_schema':{'name':'n'}}}",
         "{'model':'m'," ASKED ",'stream':false,'format':'json'}",
         "/response_format approximated\n"
         "/response_format/json_schema/name dropped");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'response_format':{'type':'xml'}}",
         "{'model':'m'," ASKED ",'stream':false}", "/response_format dropped");
    asks(OLLAMA, CHAT,
         "{'model':'m'," ASKED ",'stream':false,'format':{'type':'object'}}",
         "{'model':'m'," ASKED ",'stream':false,'response_format':{'type':"
         "'json_schema','json_schema':{'name':'response','schema':{'type':"
         "'object'}}}}",
         "");
    asks(OLLAMA, CHAT, "{'model':'m'," ASKED ",'stream':false,'format':'yaml'}",
         "{'model':'m'," ASKED ",'stream':false}", "/format dropped");
}

static void thinking_is_a_switch_or_a_level(void **state)
{
    static const struct {
        const char *asked, *think, *losses;
    } cases[] = {
        {"'reasoning_effort':'high'", "'high'", ""},
        {"'reasoning_effort':'none'", "false", ""},
        {"'reasoning_effort':'minimal'", "'low'",
         "/reasoning_effort approximated"},
        {"'reasoning_effort':'xhigh'", "'high'",
         "/reasoning_effort approximated"},
    };
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        snprintf(from, sizeof(from), "{'model':'m'," ASKED ",%s}",
                 cases[i].asked);
        snprintf(to, sizeof(to),
                 "{'model':'m'," ASKED ",'stream':false,'think':%s}",
                 cases[i].think);
        asks(CHAT, OLLAMA, from, to, cases[i].losses);
    }
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9," ASKED
         ",'thinking':{'type':'adaptive'}}",
         "{'model':'m'," ASKED
         ",'stream':false,'think':true,'options':{'num_predict':9}}",
         "");
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9," ASKED
         ",'thinking':{'type':'enabled','budget_tokens':1024}}",
         "{'model':'m'," ASKED
         ",'stream':false,'think':true,'options':{'num_predict':9}}",
         "/thinking approximated");
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9," ASKED
         ",'thinking':{'type':'disabled'},'output_config':{'effort':'low'}}",
         "{'model':'m'," ASKED
         ",'stream':false,'think':false,'options':{'num_predict':9}}",
         "/output_config/effort dropped");
    asks(OLLAMA, ANTHROPIC,
         "{'model':'m'," ASKED
         ",'stream':false,'think':true,'options':{'num_predict':9}}",
         "{'model':'m','max_tokens':9,'stream':false," ASKED
         ",'thinking':{'type':'adaptive'}}",
         "");
    asks(OLLAMA, CHAT,
         "{'model':'m'," ASKED ",'stream':false,'think':'medium'}",
         "{'model':'m'," ASKED ",'stream':false,'reasoning_effort':'medium'}",
         "");
    asks(OLLAMA, CHAT, "{'model':'m'," ASKED ",'stream':false,'think':7}",
         "{'model':'m'," ASKED ",'stream':false}", "/think dropped");
}

static void a_message_is_one_text(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m','messages':[{'role':'developer','content':[{'type':"
         "'text','text':'a'},{'type':'text','text':'b'}]},"
         "{'role':'user','name':'ann','content':'c'},"
         "{'role':'assistant','content':null,'refusal':'no'}]}",
         "{'model':'m','messages':[{'role':'system','content':'a\\nb'},"
         "{'role':'user','content':'c'},{'role':'assistant','content':'no'}],"
         "'stream':false}",
         "/messages/0/content/1 approximated\n/messages/1/name dropped\n"
         "/messages/2/refusal approximated");
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':[{"
         "'type':'document','source':{'type':'text','media_type':'text/plain',"
         "'data':'d'},'title':'t'},{'type':'text','text':'q','cache_control':{"
         "'type':'ephemeral'}}]},{'role':'assistant','content':[{'type':"
         "'thinking','thinking':'hm','signature':'s'},{'type':"
         "'redacted_thinking','data':'r'},{'type':'text','text':'a'},"
         "{'type':'text','text':'b'}]}]}",
         "{'model':'m','messages':[{'role':'user','content':'d\\nq'},"
         "{'role':'assistant','content':'ab','thinking':'hm'}],'stream':false,"
         "'options':{'num_predict':9}}",
         "/messages/0/content/0 approximated\n"
         "/messages/0/content/0/title dropped\n"
         "/messages/0/content/1 approximated\n"
         "/messages/0/content/1/cache_control dropped\n"
         "/messages/1/content/0/signature dropped\n"
         "/messages/1/content/1 dropped\n"
         "/messages/1/content/3 approximated");
}

static void images_stand_in_front(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m','messages':[{'role':'user','content':[{'type':"
         "'image_url','image_url':{'url':'data:image/png;base64,iVBORw0KGgo=',"
         "'detail':'low'}},{'type':'text','text':'q'},{'type':'image_url',"
         "'image_url':{'url':'data:image/jpeg;base64,/9j/'}},{'type':"
         "'image_url','image_url':{'url':'https://e.org/x.png'}},{'type':"
         "'input_audio','input_audio':{'data':'AA','format':'wav'}}]}]}",
         "{'model':'m','messages':[{'role':'user','content':'q','images':["
         "'iVBORw0KGgo=','/9j/']}],'stream':false}",
         "/messages/0/content/0/image_url/detail dropped\n"
         "/messages/0/content/2 approximated\n/messages/0/content/3 dropped\n"
         "/messages/0/content/4 dropped");
    asks(OLLAMA, ANTHROPIC,
         "{'model':'m','messages':[{'role':'user','content':'q','images':["
         "'iVBORw0KGgo=','/9j/','R0lGODlh','UklGRg==']}],'stream':false,"
         "'options':{'num_predict':9}}",
         "{'model':'m','max_tokens':9,'stream':false,'messages':[{'role':"
         "'user','content':[{'type':'image','source':{'type':'base64',"
         "'media_type':'image/png','data':'iVBORw0KGgo='}},{'type':'image',"
         "'source':{'type':'base64','media_type':'image/jpeg','data':'/9j/'}},"
         "{'type':'image','source':{'type':'base64','media_type':'image/gif',"
         "'data':'R0lGODlh'}},{'type':'image','source':{'type':'base64',"
         "'media_type':'image/webp','data':'UklGRg=='}},{'type':'text','text':"
         "'q'}]}]}",
         "");
    asks(OLLAMA, CHAT,
         "{'model':'m','messages':[{'role':'user','content':'q','images':["
         "'AAAA']}],'stream':false}",
         "{'model':'m','messages':[{'role':'user','content':[{'type':"
         "'image_url','image_url':{'url':'data:image/png;base64,AAAA'}},"
         "{'type':'text','text':'q'}]}],'stream':false}",
         "/messages/0/images/0 approximated");
}

#define TOOL \
    "{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}"

static void calls_have_objects_for_arguments(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m','messages':[{'role':'assistant','content':'on it',"
         "'tool_calls':[{'id':'a','type':'function','function':{'name':'f',"
         "'arguments':'{\\'n\\':9007199254740993}'}},{'id':'b','type':"
         "'function','function':{'name':'g','arguments':''}},{'id':'c','type':"
         "'function','function':{'name':'g','arguments':'[1]'}}]},"
         "{'role':'tool','tool_call_id':'a','content':'r'}]}",
         "{'model':'m','messages':[{'role':'assistant','content':'on it',"
         "'tool_calls':[{'id':'a','type':'function','function':{'name':'f',"
         "'arguments':{'n':9007199254740993}}},{'id':'b','type':'function',"
         "'function':{'name':'g','arguments':{}}},{'id':'c','type':'function',"
         "'function':{'name':'g','arguments':{}}}]},{'role':'tool','content':"
         "'r','tool_name':'f','tool_call_id':'a'}],'stream':false}",
         "/messages/0/tool_calls/2/function/arguments approximated");
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9,'messages':[{'role':'assistant',"
         "'content':[{'type':'tool_use','id':'a','name':'f','input':{'x':1.0}}"
         "]},{'role':'user','content':[{'type':'tool_result','tool_use_id':"
         "'a','is_error':true,'content':[{'type':'text','text':'bad'},{'type':"
         "'image','source':{'type':'base64','media_type':'image/gif','data':"
         "'R0lGODlh'}}]},{'type':'text','text':'and?'}]}]}",
         "{'model':'m','messages':[{'role':'assistant','content':'',"
         "'tool_calls':[{'id':'a','type':'function','function':{'name':'f',"
         "'arguments':{'x':1.0}}}]},{'role':'tool','content':'Error: bad',"
         "'images':['R0lGODlh'],'tool_name':'f','tool_call_id':'a'},"
         "{'role':'user','content':'and?'}],'stream':false,'options':{"
         "'num_predict':9}}",
         "/messages/1/content/0/content/1 approximated\n"
         "/messages/1/content/0/is_error approximated");
}

static void calls_without_ids_are_told_apart(void **state)
{
    (void)state;
    asks(OLLAMA, CHAT,
         "{'model':'m','messages':[{'role':'assistant','content':'',"
         "'tool_calls':[{'function':{'name':'f','arguments':{'a':1}}},"
         "{'function':{'name':'g','arguments':{}}},{'function':{'name':'f',"
         "'arguments':{'a':2}}}]},{'role':'tool','tool_name':'g','content':"
         "'1'},{'role':'tool','content':'2'},{'role':'tool','tool_name':'f',"
         "'content':'3'}],'stream':false}",
         "{'model':'m','messages':[{'role':'assistant','content':'',"
         "'tool_calls':[{'id':'call_made_1','type':'function','function':{"
         "'name':'f','arguments':'{\\'a\\':1}'}},{'id':'call_made_2','type':"
         "'function','function':{'name':'g','arguments':'{}'}},{'id':"
         "'call_made_3','type':'function','function':{'name':'f','arguments':"
         "'{\\'a\\':2}'}}]},{'role':'tool','tool_call_id':'call_made_2',"
         "'content':'1'},{'role':'tool','tool_call_id':'call_made_1',"
         "'content':'2'},{'role':'tool','tool_call_id':'call_made_3',"
         "'content':'3'}],'stream':false}",
         "");
}

static void a_choice_of_tools_is_what_is_offered(void **state)
{
    (void)state;
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'auto'}",
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'stream':false}", "");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'none'}",
         "{'model':'m'," ASKED ",'stream':false}", "/tool_choice approximated");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'tool_choice':'required'}",
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'stream':false}",
         "/tool_choice dropped");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'tools':[" TOOL ",{'type':'function',"
         "'function':{'name':'g'}}],'tool_choice':{'type':'function',"
         "'function':{'name':'f'}}}",
         "{'model':'m'," ASKED ",'tools':[" TOOL "],'stream':false}",
         "/tool_choice approximated");
    asks(CHAT, OLLAMA,
         "{'model':'m'," ASKED ",'tools':[{'type':'custom','custom':{'name':"
         "'c','description':'d','format':{'type':'text'}}}]}",
         "{'model':'m'," ASKED ",'tools':[{'type':'function','function':{"
         "'name':'c','description':'d','parameters':{'type':'object',"
         "'properties':{'input':{'type':'string'}},'required':['input']}}}],"
         "'stream':false}",
         "/tools/0 approximated\n/tools/0/custom/format dropped");
    asks(ANTHROPIC, OLLAMA,
         "{'model':'m','max_tokens':9," ASKED
         ",'tools':[{'type':'web_search_20250305','name':'web_search'},"
         "{'name':'f','strict':true,'input_schema':{'type':'object'},"
         "'cache_control':{'type':'ephemeral'}}]}",
         "{'model':'m'," ASKED ",'tools':[" TOOL
         "],'stream':false,'options':{'num_predict':9}}",
         "/tools/0 dropped\n/tools/1/strict dropped\n"
         "/tools/1/cache_control dropped");
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const bad[][2] = {
        {"[]", ""},
        {"{'model':'m'}", ""},
        {"{'messages':7}", "/messages"},
        {"{'messages':[7]}", "/messages/0"},
        {"{'messages':[{'content':'x'}]}", "/messages/0"},
        {"{'messages':[{'role':'user','content':['x']}]}",
         "/messages/0/content"},
        {"{'messages':[{'role':'user','images':'x'}]}", "/messages/0/images"},
        {"{'messages':[{'role':'user','images':[7]}]}", "/messages/0/images/0"},
        {"{'messages':[{'role':'assistant','tool_calls':{}}]}",
         "/messages/0/tool_calls"},
        {"{'messages':[],'tools':{}}", "/tools"},
        {"{'messages':[],'options':[]}", "/options"},
        {"{'messages':[],'options':{'stop':7}}", "/options/stop"},
        {"{'messages':[],'options':{'stop':[7]}}", "/options/stop/0"},
        {"{'messages':[],'messages':[]}", "/messages"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        refused(CORPUS_REQUEST, OLLAMA, bad[i][0], LLMGW_E_JSON, bad[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_options),
        cmocka_unit_test(options_are_settings),
        cmocka_unit_test(what_an_output_is),
        cmocka_unit_test(thinking_is_a_switch_or_a_level),
        cmocka_unit_test(a_message_is_one_text),
        cmocka_unit_test(images_stand_in_front),
        cmocka_unit_test(calls_have_objects_for_arguments),
        cmocka_unit_test(calls_without_ids_are_told_apart),
        cmocka_unit_test(a_choice_of_tools_is_what_is_offered),
        cmocka_unit_test(what_is_no_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
