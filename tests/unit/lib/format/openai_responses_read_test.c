/* SPDX-License-Identifier: MIT
 *
 * Requests of openai-responses, and what they are in other formats. */
#include "tests/unit/lib/format/openai_responses_case.h"

#define ASK   "'model':'m','input':[{'role':'user','content':'x'}]"
#define ASKED "'model':'m','messages':[{'role':'user','content':'x'}]"

static void to_chat(const char *doc, const char *want, const char *losses)
{
    turns(CORPUS_REQUEST, OURS, CHAT, doc, want, losses);
}

static void to_claude(const char *doc, const char *want, const char *losses)
{
    turns(CORPUS_REQUEST, OURS, CLAUDE, doc, want, losses);
}

/* ---- settings ----------------------------------------------------------- */

static void settings_have_their_names(void **state)
{
    (void)state;
    to_chat("{" ASK ",'max_output_tokens':20,'temperature':0.50,'top_p':0.9,"
            "'top_logprobs':2,'include':['message.output_text.logprobs'],"
            "'metadata':{'a':'b'},'safety_identifier':'u','service_tier':"
            "'flex','store':false,'prompt_cache_key':'k','text':{'verbosity':"
            "'low'},'reasoning':{'effort':'high'}}",
            "{" ASKED ",'max_completion_tokens':20,'temperature':0.50,'top_p':"
            "0.9,'top_logprobs':2,'logprobs':true,'metadata':{'a':'b'},"
            "'safety_identifier':'u','service_tier':'flex','store':false,"
            "'prompt_cache_key':'k','verbosity':'low','reasoning_effort':"
            "'high'}",
            "");
    to_claude("{" ASK ",'max_output_tokens':20,'temperature':0.50,'top_p':0.9,"
              "'user':'u','reasoning':{'effort':'high'},'store':false}",
              "{'model':'m','max_tokens':20,'messages':[{'role':'user',"
              "'content':'x'}],'temperature':0.50,'top_p':0.9,'metadata':"
              "{'user_id':'u'},'output_config':{'effort':'high'}}",
              "");
}

static void what_has_no_name_is_told(void **state)
{
    (void)state;
    to_chat("{" ASK ",'truncation':'auto','background':true,'max_tool_calls':2,"
            "'prompt_cache_retention':'24h','context_management':[],"
            "'reasoning':{'summary':'auto','mode':'pro'},'include':["
            "'reasoning.encrypted_content','web_search_call.results'],"
            "'stream_options':{'include_obfuscation':false},'invented':1}",
            "{" ASKED "}",
            "/max_tool_calls dropped\n/prompt_cache_retention dropped\n"
            "/context_management dropped\n/stream_options dropped\n"
            "/invented dropped\n/truncation dropped\n/background dropped\n"
            "/reasoning/summary dropped\n/reasoning/mode dropped\n"
            "/include/1 dropped");
}

static void defaults_are_no_loss(void **state)
{
    (void)state;
    to_chat("{" ASK ",'truncation':'disabled','background':false,'tools':null,"
            "'previous_response_id':null,'text':{'format':{'type':'text'}},"
            "'include':['reasoning.encrypted_content'],'instructions':null}",
            "{" ASKED ",'response_format':{'type':'text'}}", "");
}

static void rejected(const char *doc, const char *where)
{
    fails(CORPUS_REQUEST, OURS, CHAT, doc, LLMGW_E_UNSUPPORTED, where);
    fails(CORPUS_REQUEST, OURS, CLAUDE, doc, LLMGW_E_UNSUPPORTED, where);
}

static void state_is_refused(void **state)
{
    (void)state;
    rejected("{" ASK ",'previous_response_id':'r'}", "/previous_response_id");
    rejected("{" ASK ",'conversation':{'id':'c'}}", "/conversation");
    rejected("{'model':'m','prompt':{'id':'p'}}", "/prompt");
    rejected("{'model':'m','input':[{'type':'item_reference','id':'i'}]}",
             "/input/0");
    rejected("{'model':'m','input':[{'id':'i'}]}", "/input/0");
}

static void what_is_asked_of_the_text(void **state)
{
    (void)state;
    to_chat("{" ASK ",'text':{'format':{'type':'json_schema','name':'n',"
            "'description':'d','schema':{'type':'object'},'strict':true}}}",
            "{" ASKED ",'response_format':{'type':'json_schema','json_schema':{"
            "'name':'n','description':'d','schema':{'type':'object'},"
            "'strict':true}}}",
            "");
    to_claude("{" ASK ",'max_output_tokens':20,'text':{'format':{'type':"
              "'json_schema','name':'n','schema':{'type':'object'}}}}",
              "{'model':'m','max_tokens':20,'messages':[{'role':'user',"
              "'content':'x'}],'output_config':{'format':{'type':"
              "'json_schema','schema':{'type':'object',"
              "'additionalProperties':false}}}}",
              "/text/format/schema approximated\n"
              "/text/format/name dropped");
    to_chat("{" ASK ",'text':{'format':{'type':'json_object'}}}",
            "{" ASKED ",'response_format':{'type':'json_object'}}", "");
    to_chat("{" ASK ",'text':{'format':{'type':'lark'},'font':1}}",
            "{" ASKED "}", "/text/format dropped\n/text/font dropped");
}

/* ---- tools -------------------------------------------------------------- */

#define FLAT "{'type':'function','name':'f','parameters':{'type':'object'}}"
#define NESTED                                                 \
    "{'type':'function','function':{'name':'f','parameters':{" \
    "'type':'object'}}}"

static void tools_are_nested(void **state)
{
    (void)state;
    to_chat("{" ASK ",'tools':[{'type':'function','name':'f','description':'d',"
            "'parameters':{'type':'object'},'strict':true,'async':true},"
            "{'type':'custom','name':'c','format':{'type':'grammar','syntax':"
            "'lark','definition':'x'}},{'type':'web_search'},{'type':"
            "'namespace','name':'n','tools':[]}]}",
            "{" ASKED ",'tools':[{'type':'function','function':{'name':'f',"
            "'description':'d','parameters':{'type':'object'},'strict':true}},"
            "{'type':'custom','custom':{'name':'c','format':{'type':'grammar',"
            "'grammar':{'syntax':'lark','definition':'x'}}}}]}",
            "/tools/0/async dropped\n/tools/2 dropped\n/tools/3 dropped");
    to_claude("{" ASK ",'max_output_tokens':20,'tools':[" FLAT "]}",
              "{'model':'m','max_tokens':20,'messages':[{'role':'user',"
              "'content':'x'}],'tools':[{'name':'f','input_schema':{'type':"
              "'object'}}]}",
              "");
}

static void more_tools_come_with_the_input(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'type':'additional_tools','role':"
            "'developer','tools':[" FLAT "]},{'role':'user','content':'x'}]}",
            "{" ASKED ",'tools':[" NESTED "]}", "");
}

static void choice(const char *said, const char *want, const char *losses)
{
    char doc[1024], expected[1024];

    snprintf(doc, sizeof(doc), "{" ASK ",'tools':[" FLAT "],'tool_choice':%s}",
             said);
    snprintf(expected, sizeof(expected), "{" ASKED ",'tools':[" NESTED "]%s%s}",
             *want ? ",'tool_choice':" : "", want);
    to_chat(doc, expected, losses);
}

static void the_choice_of_a_tool(void **state)
{
    (void)state;
    choice("'auto'", "'auto'", "");
    choice("'none'", "'none'", "");
    choice("'required'", "'required'", "");
    choice("null", "", "");
    choice("{'type':'function','name':'f'}",
           "{'type':'function','function':{'name':'f'}}", "");
    choice("{'type':'function','name':'g'}", "", "/tool_choice dropped");
    choice("{'type':'web_search'}", "", "/tool_choice dropped");
    choice("{'type':'mcp','server_label':'s'}", "", "/tool_choice dropped");
    choice("{'type':'allowed_tools','mode':'auto','tools':[{'type':'function',"
           "'name':'f'},{'type':'mcp','server_label':'s'}]}",
           "{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[{"
           "'type':'function','function':{'name':'f'}}]}}",
           "/tool_choice/tools/1 dropped");
}

/* ---- input -------------------------------------------------------------- */

static void a_text_is_a_message(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':'x'}", "{" ASKED "}", "");
    to_chat("{'model':'m','instructions':'i','input':'x'}",
            "{'model':'m','messages':[{'role':'system','content':'i'},{'role':"
            "'user','content':'x'}]}",
            "");
    to_claude("{'model':'m','max_output_tokens':20,'instructions':'i',"
              "'input':[{'role':'developer','content':'d'},{'role':'user',"
              "'content':'x'}]}",
              "{'model':'m','max_tokens':20,'system':[{'type':'text','text':"
              "'i'},{'type':'text','text':'d'}],'messages':[{'role':'user',"
              "'content':'x'}]}",
              "");
}

static void content_has_parts(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'type':'message','role':'user','content':["
            "{'type':'input_text','text':'t'},{'type':'input_image',"
            "'image_url':'https://e/a.png','detail':'low'},{'type':"
            "'input_image','file_id':'file-1','detail':'auto'},{'type':"
            "'input_file','file_data':'data:application/pdf;base64,QQ==',"
            "'filename':'a.pdf'},{'type':'input_file','file_id':'file-2'},"
            "{'type':'input_file','file_url':'https://e/a.pdf'},{'type':"
            "'input_audio','input_audio':{'data':'QQ==','format':'wav'}},"
            "{'type':'hologram'}]}]}",
            "{'model':'m','messages':[{'role':'user','content':[{'type':"
            "'text','text':'t'},{'type':'image_url','image_url':{'url':"
            "'https://e/a.png','detail':'low'}},{'type':'file','file':{"
            "'filename':'a.pdf','file_data':'data:application/pdf;base64,"
            "QQ=='}},{'type':'file','file':{'file_id':'file-2'}},{'type':"
            "'input_audio','input_audio':{'data':'QQ==','format':'wav'}}]}]}",
            "/input/0/content/2 dropped\n/input/0/content/5 dropped\n"
            "/input/0/content/7 dropped");
}

#define CALL(id) \
    "{'type':'function_call','call_id':'" id "','name':'f','arguments':'{}'}"
#define CALLED(id) \
    "{'id':'" id "','type':'function','function':{'name':'f','arguments':'{}'}}"
#define RESULT(id) "{'type':'function_call_output','call_id':'" id "','output':"

static void items_of_the_model_are_one_turn(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'role':'user','content':'x'},{'type':"
            "'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':"
            "'s'}],'encrypted_content':'e'},{'type':'message','id':'msg_1',"
            "'status':'completed','role':'assistant','content':[{'type':"
            "'output_text','text':'t','annotations':[]}]}," CALL("1") "," CALL(
                "2") "," RESULT("1") "'r'}," RESULT("2") "'q','status':"
                                                         "'completed'}]}",
            "{'model':'m','messages':[{'role':'user','content':'x'},{'role':"
            "'assistant','content':'t','tool_calls':[" CALLED("1") "," CALLED(
                "2") "]},{'role':'tool','tool_call_id':'1','content':'r'},"
                     "{'role':'tool','tool_call_id':'2','content':'q'}]}",
            "/input/1 dropped");
    to_claude("{'model':'m','max_output_tokens':20,'input':[{'role':'user',"
              "'content':'x'}," CALL("1") "," CALL("2") "," RESULT(
                  "1") "'r'}," RESULT("2") "[{'type':'input_text','text':'a'},"
                                           "{'type':'input_image','image_url':"
                                           "'data:image/png;base64,QQ=='}]}]}",
              "{'model':'m','max_tokens':20,'messages':[{'role':'user',"
              "'content':'x'},{'role':'assistant','content':[{'type':"
              "'tool_use','id':'1','name':'f','input':{}},{'type':'tool_use',"
              "'id':'2','name':'f','input':{}}]},{'role':'user','content':[{"
              "'type':'tool_result','tool_use_id':'1','content':'r'},{'type':"
              "'tool_result','tool_use_id':'2','content':[{'type':'text',"
              "'text':'a'},{'type':'image','source':{'type':'base64',"
              "'media_type':'image/png','data':'QQ=='}}]}]}]}",
              "");
}

static void two_that_speak_are_two_turns(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'role':'assistant','content':'a'},{'role':"
            "'assistant','content':'b','phase':'final_answer'}]}",
            "{'model':'m','messages':[{'role':'assistant','content':'a'},"
            "{'role':'assistant','content':'b'}]}",
            "/input/1/phase dropped");
}

static void custom_calls_are_given_text(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'type':'custom_tool_call','call_id':'1',"
            "'name':'c','input':'a b'},{'type':'custom_tool_call_output',"
            "'call_id':'1','output':'r'}]}",
            "{'model':'m','messages':[{'role':'assistant','content':null,"
            "'tool_calls':[{'id':'1','type':'custom','custom':{'name':'c',"
            "'input':'a b'}}]},{'role':'tool','tool_call_id':'1','content':"
            "'r'}]}",
            "");
}

static void other_items_are_told(void **state)
{
    (void)state;
    to_chat("{'model':'m','input':[{'role':'user','content':'x'},{'type':"
            "'web_search_call','id':'w','status':'completed'},{'type':"
            "'compaction','encrypted_content':'e'},{'type':'reasoning','id':"
            "'r','summary':[]},{'type':'computer_call_output','call_id':'c',"
            "'output':{}}]}",
            "{" ASKED "}",
            "/input/3 dropped\n/input/1 dropped\n/input/2 dropped\n"
            "/input/4 dropped");
}

static void members_unknown_are_told(void **state)
{
    (void)state;
    to_chat(
        "{'model':'m','input':[{'role':'user','a':1,'content':[{'type':"
        "'input_text','text':'x','b':2}]},{'type':'function_call',"
        "'call_id':'1','name':'f','arguments':'{}','namespace':'n'}," RESULT(
            "1") "'r','d':4},{'role':'critic','content':'y'}]}",
        "{'model':'m','messages':[{'role':'user','content':[{'type':"
        "'text','text':'x'}]},{'role':'assistant','content':null,"
        "'tool_calls':[" CALLED("1") "]},{'role':'tool','tool_call_id':"
                                     "'1','content':'r'},{'role':'user',"
                                     "'content':'y'}]}",
        "/input/0/content/0/b dropped\n/input/0/a dropped\n"
        "/input/1/namespace dropped\n/input/2/d dropped\n"
        "/input/3/role dropped");
}

static void refused(const char *doc, const char *where)
{
    fails(CORPUS_REQUEST, OURS, CHAT, doc, LLMGW_E_JSON, where);
}

static void what_is_no_request(void **state)
{
    (void)state;
    refused("{'model':'m'}", "");
    refused("{'model':'m','input':5}", "/input");
    refused("{'model':'m','input':[5]}", "/input/0");
    refused("{'model':'m','input':[{}]}", "/input/0");
    refused("{'model':'m','input':[{'role':'user','content':5}]}",
            "/input/0/content");
    refused("{'model':'m','input':'x','tools':{}}", "/tools");
    refused("{'model':'m','input':'x','text':5}", "/text");
    refused("{'model':'m','input':'x','input':'y'}", "/input");
    refused("[]", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_their_names),
        cmocka_unit_test(what_has_no_name_is_told),
        cmocka_unit_test(defaults_are_no_loss),
        cmocka_unit_test(state_is_refused),
        cmocka_unit_test(what_is_asked_of_the_text),
        cmocka_unit_test(tools_are_nested),
        cmocka_unit_test(more_tools_come_with_the_input),
        cmocka_unit_test(the_choice_of_a_tool),
        cmocka_unit_test(a_text_is_a_message),
        cmocka_unit_test(content_has_parts),
        cmocka_unit_test(items_of_the_model_are_one_turn),
        cmocka_unit_test(two_that_speak_are_two_turns),
        cmocka_unit_test(custom_calls_are_given_text),
        cmocka_unit_test(other_items_are_told),
        cmocka_unit_test(members_unknown_are_told),
        cmocka_unit_test(what_is_no_request),
    };

    return cmocka_run_group_tests(tests, use_defaults, NULL);
}
