/* SPDX-License-Identifier: MIT
 *
 * Requests of other formats, and what they are here. */
#include "tests/unit/lib/format/openai_responses_case.h"

#define HI     "{'role':'user','content':'x'}"
#define SAID   "{'type':'message','role':'user','content':'x'}"
#define ALWAYS "'store':false"

static void of_chat(const char *members, const char *want, const char *losses)
{
    char doc[2048], expected[2048];

    snprintf(doc, sizeof(doc), "{'model':'m','messages':[" HI "]%s%s}",
             *members ? "," : "", members);
    snprintf(expected, sizeof(expected),
             "{'model':'m','input':[" SAID "]%s%s%s}", *want ? "," : "", want,
             strstr(want, "'store'") ? "" : "," ALWAYS);
    turns(CORPUS_REQUEST, CHAT, OURS, doc, expected, losses);
}

static void of_claude(const char *members, const char *want, const char *losses)
{
    char doc[2048], expected[2048];

    snprintf(doc, sizeof(doc),
             "{'model':'m','max_tokens':1000,'messages':[" HI "]%s%s}",
             *members ? "," : "", members);
    snprintf(expected, sizeof(expected),
             "{'model':'m','max_output_tokens':1000,'input':[" SAID
             "]%s%s," ALWAYS "}",
             *want ? "," : "", want);
    turns(CORPUS_REQUEST, CLAUDE, OURS, doc, expected, losses);
}

/* Messages only; `input` are the items they become. */
static void talk(const char *from, const char *messages, const char *input,
                 const char *losses)
{
    const char *max = strcmp(from, CLAUDE) == 0 ? "'max_tokens':20," : "";
    char doc[4096], expected[4096];

    snprintf(doc, sizeof(doc), "{'model':'m',%s'messages':[%s]}", max,
             messages);
    snprintf(expected, sizeof(expected),
             "{'model':'m',%s'input':[%s]," ALWAYS "}",
             *max ? "'max_output_tokens':20," : "", input);
    turns(CORPUS_REQUEST, from, OURS, doc, expected, losses);
}

/* ---- settings ----------------------------------------------------------- */

static void settings_have_their_names(void **state)
{
    (void)state;
    of_chat("'max_completion_tokens':20,'temperature':0.50,'top_p':0.9,"
            "'stream':true,'parallel_tool_calls':false,'user':'u','metadata':{"
            "'a':'b'},'service_tier':'flex','store':true,'prompt_cache_key':"
            "'k','verbosity':'low'",
            "'max_output_tokens':20,'temperature':0.50,'top_p':0.9,'stream':"
            "true,'parallel_tool_calls':false,'safety_identifier':'u',"
            "'metadata':{'a':'b'},'service_tier':'flex','store':true,"
            "'prompt_cache_key':'k','text':{'verbosity':'low'}",
            "");
    of_chat("'max_tokens':20,'n':1,'logprobs':false,'stream':false,"
            "'stream_options':{'include_usage':true}",
            "'max_output_tokens':20,'stream':false", "");
    of_chat("'logprobs':true,'top_logprobs':2",
            "'top_logprobs':2,'include':['message.output_text.logprobs']", "");
}

static void what_has_no_name_is_told(void **state)
{
    (void)state;
    of_chat("'seed':1,'n':2,'presence_penalty':0.5,'frequency_penalty':0.5,"
            "'logit_bias':{'1':1},'stop':['a'],'invented':1",
            "",
            "/seed dropped\n/n dropped\n/presence_penalty dropped\n"
            "/frequency_penalty dropped\n/logit_bias dropped\n/stop dropped\n"
            "/invented dropped");
    of_claude("'top_k':5,'stop_sequences':['a'],'container':'c'", "",
              "/top_k dropped\n/stop_sequences dropped\n/container dropped");
    of_claude("'service_tier':'standard_only'", "'service_tier':'default'", "");
    of_claude("'service_tier':'unheard'", "", "/service_tier dropped");
}

static void an_answer_has_room(void **state)
{
    (void)state;
    of_chat("'max_completion_tokens':5", "'max_output_tokens':16",
            "/max_completion_tokens approximated");
    of_chat("'max_completion_tokens':16", "'max_output_tokens':16", "");
}

static void thinking_is_an_effort(void **state)
{
    (void)state;
    of_chat("'reasoning_effort':'high'",
            "'reasoning':{'effort':'high'},'include':["
            "'reasoning.encrypted_content']",
            "");
    of_chat("'reasoning_effort':'none'", "'reasoning':{'effort':'none'}", "");
    of_claude("'thinking':{'type':'enabled','budget_tokens':400}",
              "'reasoning':{'effort':'medium'},'include':["
              "'reasoning.encrypted_content']",
              "/thinking approximated");
    of_claude("'thinking':{'type':'adaptive','display':'summarized'},"
              "'output_config':{'effort':'max'}",
              "'reasoning':{'effort':'max','summary':'auto'},'include':["
              "'reasoning.encrypted_content']",
              "/thinking approximated");
    of_claude("'thinking':{'type':'disabled'}", "", "/thinking approximated");
    of_claude("'thinking':{'type':'disabled'},'output_config':{'effort':"
              "'high'}",
              "", "/thinking approximated\n/output_config/effort dropped");
    of_claude("'thinking':{'type':'unheard'}", "", "/thinking dropped");
    of_claude("'thinking':{'type':'adaptive','display':'unheard'}",
              "'reasoning':{'effort':'medium'},'include':["
              "'reasoning.encrypted_content']",
              "/thinking approximated\n/thinking/display dropped");
}

static void what_is_asked_of_the_text(void **state)
{
    (void)state;
    of_chat("'response_format':{'type':'json_schema','json_schema':{'name':'n',"
            "'description':'d','schema':{'type':'object'},'strict':true}}",
            "'text':{'format':{'type':'json_schema','name':'n','description':"
            "'d','schema':{'type':'object'},'strict':true}}",
            "");
    of_chat("'response_format':{'type':'json_object'}",
            "'text':{'format':{'type':'json_object'}}", "");
    of_chat("'response_format':{'type':'lark'}", "",
            "/response_format dropped");
    of_claude("'output_config':{'format':{'type':'json_schema','schema':{"
              "'type':'object'}}}",
              "'text':{'format':{'type':'json_schema','name':'response',"
              "'schema':{'type':'object'}}}",
              "");
}

/* ---- tools -------------------------------------------------------------- */

static void tools_are_flat_and_not_strict(void **state)
{
    (void)state;
    of_chat("'tools':[{'type':'function','function':{'name':'f','description':"
            "'d','parameters':{'type':'object'},'strict':true}},{'type':"
            "'function','function':{'name':'g'}},{'type':'custom','custom':{"
            "'name':'c','format':{'type':'grammar','grammar':{'syntax':'lark',"
            "'definition':'x'}}}},{'type':'invented'}]",
            "'tools':[{'type':'function','name':'f','description':'d',"
            "'parameters':{'type':'object'},'strict':true},{'type':'function',"
            "'name':'g','parameters':null,'strict':false},{'type':'custom',"
            "'name':'c','format':{'type':'grammar','syntax':'lark',"
            "'definition':'x'}}]",
            "/tools/3 dropped");
    of_claude("'tools':[{'name':'f','input_schema':{'type':'object'},"
              "'cache_control':{'type':'ephemeral'}},{'type':'bash_20250124',"
              "'name':'bash'}]",
              "'tools':[{'type':'function','name':'f','parameters':{'type':"
              "'object'},'strict':false}]",
              "/tools/0/cache_control dropped\n/tools/1 dropped");
}

#define NESTED "'tools':[{'type':'function','function':{'name':'f'}}]"
#define FLAT                                                             \
    "'tools':[{'type':'function','name':'f','parameters':null,'strict':" \
    "false}]"

static void choice(const char *said, const char *want, const char *losses)
{
    char members[1024], expected[1024];

    snprintf(members, sizeof(members), NESTED ",'tool_choice':%s", said);
    snprintf(expected, sizeof(expected), FLAT "%s%s",
             *want ? ",'tool_choice':" : "", want);
    of_chat(members, expected, losses);
}

static void the_choice_of_a_tool(void **state)
{
    (void)state;
    choice("'auto'", "'auto'", "");
    choice("'none'", "'none'", "");
    choice("'required'", "'required'", "");
    choice("{'type':'function','function':{'name':'f'}}",
           "{'type':'function','name':'f'}", "");
    choice("{'type':'function','function':{'name':'g'}}", "",
           "/tool_choice dropped");
    choice("{'type':'invented'}", "", "/tool_choice dropped");
    choice("{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':"
           "[{'type':'function','function':{'name':'f'}}]}}",
           "{'type':'allowed_tools','mode':'required','tools':[{'type':"
           "'function','name':'f'}]}",
           "");
    of_chat("'tool_choice':'auto'", "", "");
    of_chat("'tool_choice':'required'", "", "/tool_choice dropped");
    of_claude("'tools':[{'name':'f','input_schema':{'type':'object'}}],"
              "'tool_choice':{'type':'tool','name':'f',"
              "'disable_parallel_tool_use':true}",
              "'tools':[{'type':'function','name':'f','parameters':{'type':"
              "'object'},'strict':false}],'tool_choice':{'type':'function',"
              "'name':'f'},'parallel_tool_calls':false",
              "");
}

/* ---- messages ----------------------------------------------------------- */

#define USER(content) "{'type':'message','role':'user','content':" content "}"

static void prompts_stay_in_their_places(void **state)
{
    (void)state;
    talk(CHAT,
         "{'role':'system','content':'s'},{'role':'developer','content':'d'},"
         "{'role':'user','content':[{'type':'text','text':'x'}],'name':'n'}",
         "{'type':'message','role':'system','content':'s'},{'type':'message',"
         "'role':'developer','content':'d'}," USER(
             "[{'type':'input_text','text':'x'}]"),
         "/messages/2/name dropped");
    turns(CORPUS_REQUEST, CLAUDE, OURS,
          "{'model':'m','max_tokens':20,'system':[{'type':'text','text':'s',"
          "'cache_control':{'type':'ephemeral'}}],'messages':[" HI "]}",
          "{'model':'m','max_output_tokens':20,'input':[{'type':'message',"
          "'role':'system','content':[{'type':'input_text','text':'s'}]}," SAID
          "]," ALWAYS "}",
          "/system/0/cache_control dropped");
}

static void media_have_their_parts(void **state)
{
    (void)state;
    talk(CHAT,
         "{'role':'user','content':[{'type':'image_url','image_url':{'url':"
         "'data:image/png;base64,QQ==','detail':'low'}},{'type':'image_url',"
         "'image_url':{'url':'https://e/a.png'}},{'type':'file','file':{"
         "'file_data':'data:application/pdf;base64,QQ==','filename':'a.pdf'}},"
         "{'type':'file','file':{'file_id':'file-1'}},{'type':'input_audio',"
         "'input_audio':{'data':'QQ==','format':'wav'}}]}",
         USER("[{'type':'input_image','image_url':'data:image/png;base64,"
              "QQ==','detail':'low'},{'type':'input_image','image_url':"
              "'https://e/a.png','detail':'auto'},{'type':'input_file',"
              "'file_data':'data:application/pdf;base64,QQ==','filename':"
              "'a.pdf'},{'type':'input_file','file_id':'file-1'},{'type':"
              "'input_audio','input_audio':{'data':'QQ==','format':'wav'}}]"),
         "");
    talk(CLAUDE,
         "{'role':'user','content':[{'type':'image','source':{'type':'base64',"
         "'media_type':'image/png','data':'QQ=='}},{'type':'image','source':{"
         "'type':'file','file_id':'f'}},{'type':'document','title':'T',"
         "'source':{'type':'text','media_type':'text/plain','data':"
         "'A\\u00e9'}},{'type':'document','source':{'type':'url','url':"
         "'https://e/a.pdf'},'title':'U'},{'type':'document','source':{'type':"
         "'base64','media_type':'application/pdf','data':'QQ=='}},{'type':"
         "'document','title':'P','source':{'type':'content','content':[{"
         "'type':'text','text':'in'}]}}]}",
         USER("[{'type':'input_image','image_url':'data:image/png;base64,"
              "QQ==','detail':'auto'},{'type':'input_file','filename':'T',"
              "'file_data':'data:text/plain;base64,QcOp'},{'type':"
              "'input_file','file_url':'https://e/a.pdf'},{'type':"
              "'input_file','filename':'document.pdf','file_data':"
              "'data:application/pdf;base64,QQ=='},{'type':'input_text',"
              "'text':'in'}]"),
         "/messages/0/content/1 dropped\n"
         "/messages/0/content/3/title dropped\n"
         "/messages/0/content/5 approximated\n"
         "/messages/0/content/5/title dropped");
}

static void the_model_speaks_in_items(void **state)
{
    (void)state;
    talk(CHAT,
         HI ",{'role':'assistant','content':'t','tool_calls':[{'id':'1','type':"
            "'function','function':{'name':'f','arguments':'{\\'a\\':1}'}},{"
            "'id':'2','type':'custom','custom':{'name':'c','input':'a'}}]},{"
            "'role':'tool','tool_call_id':'1','content':'r'},{'role':'tool',"
            "'tool_call_id':'2','content':[{'type':'text','text':'q'}]}",
         SAID ",{'type':'message','role':'assistant','content':'t'},{'type':"
              "'function_call','call_id':'1','name':'f','arguments':"
              "'{\\'a\\':1}'},{'type':'custom_tool_call','call_id':'2','name':"
              "'c','input':'a'},{'type':'function_call_output','call_id':'1',"
              "'output':'r'},{'type':'custom_tool_call_output','call_id':'2',"
              "'output':'q'}",
         "");
    talk(CLAUDE,
         HI ",{'role':'assistant','content':[{'type':'text','text':'a'},{"
            "'type':'text','text':'b'},{'type':'tool_use','id':'1','name':'f',"
            "'input':{'n':1.0}},{'type':'text','text':'c'}]},{'role':'user',"
            "'content':[{'type':'tool_result','tool_use_id':'1','content':'r',"
            "'is_error':true},{'type':'text','text':'y'}]}",
         SAID ",{'type':'message','role':'assistant','content':[{'type':"
              "'output_text','text':'a','annotations':[],'logprobs':[]},{"
              "'type':'output_text','text':'b','annotations':[],'logprobs':[]}"
              "]},{'type':'function_call','call_id':'1','name':'f',"
              "'arguments':'{\\'n\\':1.0}'},{'type':'message','role':"
              "'assistant','content':'c'},{'type':'function_call_output',"
              "'call_id':'1','output':'Error: r'}," USER(
                  "[{'type':'input_text','text':'y'}]"),
         "/messages/2/content/0/is_error approximated");
}

static void results_have_parts(void **state)
{
    (void)state;
    talk(CLAUDE,
         HI ",{'role':'assistant','content':[{'type':'tool_use','id':'1',"
            "'name':'f','input':{}}]},{'role':'user','content':[{'type':"
            "'tool_result','tool_use_id':'1','is_error':true,'content':[{"
            "'type':'text','text':'r'},{'type':'image','source':{'type':'url',"
            "'url':'https://e/a.png'}},{'type':'tool_reference','tool_name':"
            "'t'}]}]}",
         SAID ",{'type':'function_call','call_id':'1','name':'f','arguments':"
              "'{}'},{'type':'function_call_output','call_id':'1','output':[{"
              "'type':'input_text','text':'Error: '},{'type':'input_text',"
              "'text':'r'},{'type':'input_image','image_url':"
              "'https://e/a.png','detail':'auto'}]}",
         "/messages/2/content/0/content/2 dropped\n"
         "/messages/2/content/0/is_error approximated");
}

/* Its blobs go back only to whom they came from. */
static void thinking_goes_back_to_its_origin(void **state)
{
    (void)state;
    talk(CLAUDE,
         HI ",{'role':'assistant','content':[{'type':'thinking','thinking':"
            "'h','signature':'s'},{'type':'redacted_thinking','data':'d'},{"
            "'type':'text','text':'t'}]}",
         SAID ",{'type':'message','role':'assistant','content':'t'}",
         "/messages/1/content/0 dropped\n/messages/1/content/1 dropped");
    talk(CHAT,
         HI ",{'role':'assistant','content':'t','reasoning_details':[{'type':"
            "'reasoning.text','text':'h','signature':'s','format':"
            "'openai-responses-v1'},{'type':'reasoning.encrypted','data':'d',"
            "'format':'openai-responses-v1'},{'type':'reasoning.encrypted',"
            "'data':'e','format':'anthropic-claude-v1'}]}",
         SAID ",{'type':'reasoning','summary':[{'type':'summary_text','text':"
              "'h'}],'encrypted_content':'s'},{'type':'reasoning','summary':[]"
              ",'encrypted_content':'d'},{'type':'message','role':'assistant',"
              "'content':'t'}",
         "/messages/1/reasoning_details/2 dropped");
}

static void a_refusal_stands_in_the_message(void **state)
{
    (void)state;
    talk(CHAT, HI ",{'role':'assistant','content':null,'refusal':'no'}",
         SAID ",{'type':'message','role':'assistant','content':[{'type':"
              "'refusal','refusal':'no'}]}",
         "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_their_names),
        cmocka_unit_test(what_has_no_name_is_told),
        cmocka_unit_test(an_answer_has_room),
        cmocka_unit_test(thinking_is_an_effort),
        cmocka_unit_test(what_is_asked_of_the_text),
        cmocka_unit_test(tools_are_flat_and_not_strict),
        cmocka_unit_test(the_choice_of_a_tool),
        cmocka_unit_test(prompts_stay_in_their_places),
        cmocka_unit_test(media_have_their_parts),
        cmocka_unit_test(the_model_speaks_in_items),
        cmocka_unit_test(results_have_parts),
        cmocka_unit_test(thinking_goes_back_to_its_origin),
        cmocka_unit_test(a_refusal_stands_in_the_message),
    };

    return cmocka_run_group_tests(tests, use_defaults, NULL);
}
