/* SPDX-License-Identifier: MIT
 *
 * Requests of other formats, written as bedrock-converse. */
#include "tests/unit/lib/format/becomes_case.h"

#define US   "bedrock-converse"
#define AM   "anthropic-messages"
#define CHAT "openai-chat"

/* Members that every request here has. */
#define AM_HEAD "'model':'m','max_tokens':9,"
#define CONF    "'inferenceConfig':{'maxTokens':9}"
#define AM_X    "'messages':[{'role':'user','content':'x'}]"
#define US_X    "'messages':[{'role':'user','content':[{'text':'x'}]}]"

static void am(const char *from, const char *to, const char *losses)
{
    turns(CORPUS_REQUEST, AM, US, from, to, losses);
}

static void chat(const char *from, const char *to, const char *losses)
{
    turns(CORPUS_REQUEST, CHAT, US, from, to, losses);
}

/* ---- the prompt ---------------------------------------------------------------- */

static void prompts_stand_beside_the_messages(void **state)
{
    (void)state;
    am("{" AM_HEAD "'system':'Be brief.'," AM_X "}",
       "{'system':[{'text':'Be brief.'}]," US_X "," CONF "}", "");
    am("{" AM_HEAD "'system':[{'type':'text','text':'a','cache_control':"
       "{'type':'ephemeral','ttl':'1h'}},{'type':'text','text':''}]," AM_X "}",
       "{'system':[{'text':'a'},{'cachePoint':{'type':'default','ttl':'1h'}}]," US_X
       "," CONF "}",
       "");
    chat("{'model':'m','messages':[{'role':'system','content':'a'},"
         "{'role':'developer','content':'b'},{'role':'user','content':'x'}]}",
         "{'system':[{'text':'a'},{'text':'b'}]," US_X "}", "");
    chat("{'model':'m','messages':[{'role':'user','content':'x'},"
         "{'role':'system','content':'a'},{'role':'user','content':'y'}]}",
         "{'messages':[{'role':'user','content':[{'text':'x'}]},{'role':"
         "'system','content':[{'text':'a'}]},{'role':'user','content':"
         "[{'text':'y'}]}]}",
         "");
    chat("{'model':'m','messages':[{'role':'system','content':'x'}]}",
         "{" US_X "}", "/messages/0 approximated");
}

static void turns_alternate(void **state)
{
    (void)state;
    chat("{'model':'m','messages':[{'role':'user','content':'a'},"
         "{'role':'user','content':'b','name':'Bob'}]}",
         "{'messages':[{'role':'user','content':[{'text':'a'},{'text':'b'}]}]}",
         "/messages/1/name dropped\n/messages/1 approximated");
    chat("{'model':'m','messages':[{'role':'user','content':'a'},"
         "{'role':'assistant','content':''},{'role':'user','content':'b'}]}",
         "{'messages':[{'role':'user','content':[{'text':'a'},{'text':'b'}]}]}",
         "/messages/2 approximated");
    am("{" AM_HEAD "'messages':[{'role':'assistant','content':'Hi \\n'}]}",
       "{'messages':[{'role':'user','content':[{'text':'.'}]},{'role':"
       "'assistant','content':[{'text':'Hi'}]}]," CONF "}",
       "/messages/0/content approximated\n/messages/0 approximated");
    chat("{'model':'m','messages':[]}", "{'messages':[]}", "");
}

/* ---- blocks --------------------------------------------------------------------- */

static void media_are_data(void **state)
{
    (void)state;
    am("{" AM_HEAD "'messages':[{'role':'user','content':["
       "{'type':'image','source':{'type':'base64','media_type':'image/jpeg',"
       "'data':'/9j/'},'cache_control':{'type':'ephemeral'}},"
       "{'type':'image','source':{'type':'url','url':'https://a/b.png'}},"
       "{'type':'image','source':{'type':'base64','media_type':'image/tiff',"
       "'data':'AA=='}},"
       "{'type':'image','source':{'type':'file','file_id':'f'}},"
       "{'type':'document','source':{'type':'url','url':'s3://log/a.pdf'},"
       "'title':'a'},"
       "{'type':'document','source':{'type':'text','media_type':'text/plain',"
       "'data':'t'},'title':'My  log, v1.pdf'},"
       "{'type':'document','source':{'type':'content','content':["
       "{'type':'text','text':'p'},{'type':'image','source':{'type':'url',"
       "'url':'u'}}]},'title':'c'},"
       "{'type':'document','source':{'type':'base64','media_type':"
       "'application/pdf','data':'JVBE'}}]}]}",
       "{'messages':[{'role':'user','content':["
       "{'image':{'format':'jpeg','source':{'bytes':'/9j/'}}},"
       "{'cachePoint':{'type':'default'}},"
       "{'document':{'format':'pdf','name':'a','source':{'s3Location':{'uri':"
       "'s3://log/a.pdf'}}}},"
       "{'document':{'format':'txt','name':'My -log- v1-pdf','source':"
       "{'text':'t'}}},"
       "{'document':{'name':'c','source':{'content':[{'text':'p'}]}}},"
       "{'document':{'format':'pdf','name':'document-0','source':"
       "{'bytes':'JVBE'}}},{'text':'.'}]}]," CONF "}",
       "/messages/0/content/1 dropped\n"
       "/messages/0/content/2 dropped\n"
       "/messages/0/content/3 dropped\n"
       "/messages/0/content/5/title approximated\n"
       "/messages/0/content/6/source/content/1 dropped\n"
       "/messages/0/content/7 approximated\n"
       "/messages/0 approximated");
    chat("{'model':'m','messages':[{'role':'user','content':["
         "{'type':'text','text':'x'},"
         "{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBO',"
         "'detail':'high'}},"
         "{'type':'image_url','image_url':{'url':'s3://log/a.jpg'}},"
         "{'type':'input_audio','input_audio':{'data':'SUQz','format':'mp3'}},"
         "{'type':'file','file':{'file_data':'data:text/csv;base64,YQ==',"
         "'filename':'a'}},"
         "{'type':'file','file':{'file_id':'f'}}]}]}",
         "{'messages':[{'role':'user','content':[{'text':'x'},"
         "{'image':{'format':'png','source':{'bytes':'iVBO'}}},"
         "{'image':{'format':'jpeg','source':{'s3Location':{'uri':"
         "'s3://log/a.jpg'}}}},"
         "{'audio':{'format':'mp3','source':{'bytes':'SUQz'}}},"
         "{'document':{'format':'csv','name':'a','source':{'bytes':"
         "'YQ=='}}}]}]}",
         "/messages/0/content/1/image_url/detail dropped\n"
         "/messages/0/content/5 dropped");
}

static void calls_and_results_are_of_one_turn(void **state)
{
    (void)state;
    chat("{'model':'m','messages':[{'role':'user','content':'x'},"
         "{'role':'assistant','content':null,'tool_calls':["
         "{'id':'a/1','type':'function','function':{'name':'f','arguments':"
         "'{\\'n\\':1.0}'}},"
         "{'id':'b','type':'function','function':{'name':'g','arguments':"
         "'oops'}}]},"
         "{'role':'tool','tool_call_id':'a/1','content':'r'},"
         "{'role':'tool','tool_call_id':'b','content':''},"
         "{'role':'user','content':'y'}],"
         "'tools':[{'type':'function','function':{'name':'f','description':"
         "'','parameters':{'properties':{}}}}]}",
         "{'messages':[{'role':'user','content':[{'text':'x'}]},"
         "{'role':'assistant','content':[{'toolUse':{'toolUseId':'a_1','name':"
         "'f','input':{'n':1.0}}},{'toolUse':{'toolUseId':'b','name':'g',"
         "'input':{}}}]},"
         "{'role':'user','content':[{'toolResult':{'toolUseId':'a_1',"
         "'content':[{'text':'r'}]}},{'toolResult':{'toolUseId':'b',"
         "'content':[]}},{'text':'y'}]}],"
         "'toolConfig':{'tools':[{'toolSpec':{'name':'f','inputSchema':"
         "{'json':{'type':'object','properties':{}}}}}]}}",
         "/messages/1/tool_calls/0/id approximated\n"
         "/messages/1/tool_calls/1/function/arguments approximated\n"
         "/messages/2/tool_call_id approximated");
    am("{" AM_HEAD "'messages':[{'role':'user','content':'x'},"
       "{'role':'assistant','content':[{'type':'tool_use','id':'t','name':'f',"
       "'input':{}}]},"
       "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t',"
       "'is_error':true,'content':[{'type':'text','text':'no','cache_control':"
       "{'type':'ephemeral'}},{'type':'image','source':{'type':'base64',"
       "'media_type':'image/gif','data':'R0'}},{'type':'search_result'}],"
       "'cache_control':{'type':'ephemeral'}}]}]}",
       "{'messages':[{'role':'user','content':[{'text':'x'}]},"
       "{'role':'assistant','content':[{'toolUse':{'toolUseId':'t','name':'f',"
       "'input':{}}}]},"
       "{'role':'user','content':[{'toolResult':{'toolUseId':'t','content':"
       "[{'text':'no'},{'image':{'format':'gif','source':{'bytes':'R0'}}}],"
       "'status':'error'}},{'cachePoint':{'type':'default'}}]}]," CONF
       ",'toolConfig':{'tools':[{'toolSpec':{'name':'f','inputSchema':{'json':"
       "{'type':'object'}}}}]}}",
       "/messages/2/content/0/content/0/cache_control dropped\n"
       "/messages/2/content/0/content/2 dropped\n"
       "/messages/1/content/0 approximated");
}

static void long_ids_are_cut(void **state)
{
    char id[101], want[65];
    char from[512], to[512];

    (void)state;
    memset(id, 'x', 100);
    id[100] = '\0';
    memcpy(want, id, 64);
    want[64] = '\0';
    snprintf(from, sizeof(from),
             "{'model':'m','messages':[{'role':'user','content':'x'},{'role':"
             "'tool','tool_call_id':'%s','content':'r'}],'tools':[{'type':"
             "'function','function':{'name':'f','parameters':{'type':"
             "'object'}}}]}",
             id);
    snprintf(to, sizeof(to),
             "{'messages':[{'role':'user','content':[{'text':'x'},"
             "{'toolResult':{'toolUseId':'%s','content':[{'text':'r'}]}}]}],"
             "'toolConfig':{'tools':[{'toolSpec':{'name':'f','inputSchema':"
             "{'json':{'type':'object'}}}}]}}",
             want);
    chat(from, to, "/messages/1/tool_call_id approximated");
}

static void thinking_goes_back_to_its_origin_alone(void **state)
{
    (void)state;
    am("{" AM_HEAD "'messages':[{'role':'user','content':'x'},{'role':"
       "'assistant','content':[{'type':'thinking','thinking':'h','signature':"
       "'s'},{'type':'redacted_thinking','data':'d'},{'type':'text','text':"
       "'y','citations':[{'type':'char_location'}]}]},{'role':'user',"
       "'content':'z'}]}",
       "{'messages':[{'role':'user','content':[{'text':'x'}]},{'role':"
       "'assistant','content':[{'text':'y'}]},{'role':'user','content':"
       "[{'text':'z'}]}]," CONF "}",
       "/messages/1/content/0 dropped\n/messages/1/content/1 dropped\n"
       "/messages/1/content/2/citations dropped");
}

/* ---- tools ------------------------------------------------------------------------ */

#define AM_TOOL "'tools':[{'name':'f','input_schema':{'type':'object'}}]"
#define US_TOOL                                                       \
    "'tools':[{'toolSpec':{'name':'f','inputSchema':{'json':{'type':" \
    "'object'}}}}]"

static void tools_are_specs(void **state)
{
    (void)state;
    am("{" AM_HEAD AM_X ",'tools':[{'name':'f','description':'d','strict':true,"
       "'input_schema':{'type':'object','properties':{'a':{'default':1e400}}},"
       "'cache_control':{'type':'ephemeral'}},{'type':'web_search_20250305',"
       "'name':'web_search'}]}",
       "{" US_X "," CONF ",'toolConfig':{'tools':[{'toolSpec':{'name':'f',"
       "'description':'d','inputSchema':{'json':{'type':'object','properties':"
       "{'a':{'default':1e400}}}},'strict':true}},{'cachePoint':{'type':"
       "'default'}}]}}",
       "/tools/1 dropped");
    chat("{'model':'m',"
         "'messages':[{'role':'user','content':'x'}],'tools':[{'type':'custom',"
         "'custom':{'name':'c','format':{'type':'text'}}}]}",
         "{" US_X ",'toolConfig':{'tools':[{'toolSpec':{'name':'c',"
         "'inputSchema':{'json':{'type':'object','properties':{'input':"
         "{'type':'string'}},'required':['input']}}}}]}}",
         "/tools/0 approximated\n/tools/0/custom/format dropped");
}

static void choices_are_objects(void **state)
{
    (void)state;
    am("{" AM_HEAD AM_X "," AM_TOOL ",'tool_choice':{'type':'auto'}}",
       "{" US_X "," CONF ",'toolConfig':{" US_TOOL
       ",'toolChoice':{'auto':{}}}}",
       "");
    am("{" AM_HEAD AM_X "," AM_TOOL ",'tool_choice':{'type':'any'}}",
       "{" US_X "," CONF ",'toolConfig':{" US_TOOL ",'toolChoice':{'any':{}}}}",
       "");
    am("{" AM_HEAD AM_X "," AM_TOOL
       ",'tool_choice':{'type':'tool','name':'f','disable_parallel_tool_use':"
       "true}}",
       "{" US_X "," CONF ",'toolConfig':{" US_TOOL
       ",'toolChoice':{'tool':{'name':'f'}}},'additionalModelRequestFields':"
       "{'tool_choice':{'type':'tool','name':'f','disable_parallel_tool_use':"
       "true}}}",
       "");
    am("{" AM_HEAD AM_X "," AM_TOOL ",'tool_choice':{'type':'none'}}",
       "{" US_X "," CONF "}", "/tool_choice approximated");
    am("{" AM_HEAD AM_X ",'tool_choice':{'type':'any'}}", "{" US_X "," CONF "}",
       "/tool_choice dropped");
    am("{'model':'us.amazon.nova-pro-v1:0','max_tokens':9," AM_X "," AM_TOOL
       ",'tool_choice':{'type':'auto','disable_parallel_tool_use':true}}",
       "{" US_X "," CONF ",'toolConfig':{" US_TOOL
       ",'toolChoice':{'auto':{}}}}",
       "/tool_choice/disable_parallel_tool_use dropped");
    am("{" AM_HEAD "'messages':[{'role':'user','content':[{'type':"
       "'tool_result','tool_use_id':'t'}]}]," AM_TOOL
       ",'tool_choice':{'type':'none'}}",
       "{'messages':[{'role':'user','content':[{'toolResult':{'toolUseId':'t',"
       "'content':[]}}]}]," CONF ",'toolConfig':{" US_TOOL "}}",
       "/tool_choice approximated");
}

/* ---- settings ----------------------------------------------------------------------- */

static void settings_have_their_places(void **state)
{
    (void)state;
    am("{'model':'anthropic.claude-x','max_tokens':9," AM_X
       ",'temperature':0.70,'top_p':0.9,'top_k':40,'stop_sequences':['END',"
       "' \\n'],'stream':true,'metadata':{'user_id':'u'},'service_tier':"
       "'standard_only','thinking':{'type':'enabled','budget_tokens':1024,"
       "'display':'omitted'},'output_config':{'effort':'xhigh','format':"
       "{'type':'json_schema','schema':{'type':'object'}}},'cache_control':"
       "{'type':'ephemeral'},'container':'c'}",
       "{'messages':[{'role':'user','content':[{'text':'x'},{'cachePoint':"
       "{'type':'default'}}]}],'inferenceConfig':{'maxTokens':9,'temperature':"
       "0.70,'topP':0.9,'stopSequences':['END']},'serviceTier':{'type':"
       "'default'},'additionalModelRequestFields':{'thinking':{'type':"
       "'enabled','budget_tokens':1024,'display':'omitted'},'top_k':40},"
       "'outputConfig':{'textFormat':{'type':'json_schema','structure':"
       "{'jsonSchema':{'schema':'{\\'type\\':\\'object\\'}'}}},'effort':"
       "'xhigh'}}",
       "/cache_control approximated\n/stop_sequences/1 dropped\n"
       "/container dropped\n/metadata/user_id dropped");
    chat("{'model':'m','messages':[{'role':'user','content':'x'}],"
         "'temperature':1.5,'seed':7,'n':1,'logprobs':true,'store':false,"
         "'parallel_tool_calls':true,'max_completion_tokens':8,'stop':'E',"
         "'service_tier':'auto','reasoning_effort':'minimal','stream':true,"
         "'stream_options':{'include_usage':true},'metadata':{'team':'log',"
         "'odd':'\xc3\xa9'}}",
         "{" US_X ",'inferenceConfig':{'maxTokens':8,'temperature':1,"
         "'stopSequences':['E']},'outputConfig':{'effort':'low'},"
         "'requestMetadata':{'team':'log'}}",
         "/temperature approximated\n/reasoning_effort approximated\n"
         "/service_tier dropped\n/metadata/odd dropped\n/seed dropped\n"
         "/logprobs dropped");
}

static void models_differ_by_their_makers(void **state)
{
    (void)state;
    am("{'model':'amazon.nova-lite-v1:0','max_tokens':9," AM_X ",'top_k':5,"
       "'thinking':{'type':'adaptive'}}",
       "{" US_X "," CONF ",'additionalModelRequestFields':{'inferenceConfig':"
       "{'topK':5}}}",
       "/thinking dropped");
    am("{'model':'mistral.mistral-large','max_tokens':9," AM_X ",'top_k':5}",
       "{" US_X "," CONF "}", "/top_k dropped");
    chat("{'model':'openai.gpt-oss-120b-1:0','messages':[{'role':'user',"
         "'content':'x'}],'reasoning_effort':'low'}",
         "{" US_X ",'additionalModelRequestFields':{'reasoning_effort':'low'}}",
         "");
    chat("{'model':'claude','messages':[{'role':'user','content':'x'}],"
         "'reasoning_effort':'none'}",
         "{" US_X ",'additionalModelRequestFields':{'thinking':{'type':"
         "'disabled'}}}",
         "");
    am("{" AM_HEAD AM_X "," AM_TOOL ",'tool_choice':{'type':'any'},'thinking':"
       "{'type':'enabled','budget_tokens':1024}}",
       "{" US_X "," CONF ",'toolConfig':{" US_TOOL ",'toolChoice':{'any':{}}}}",
       "/thinking dropped");
}

static void json_is_asked_for_by_a_schema_or_a_tool(void **state)
{
    (void)state;
    chat(
        "{'model':'m','messages':[{'role':'user','content':'x'}],"
        "'response_format':{'type':'json_schema','json_schema':{'name':'n',"
        "'description':'d','strict':true,'schema':{'a':'\\u00e9\\''}}}}",
        "{" US_X ",'outputConfig':{'textFormat':{'type':'json_schema',"
        "'structure':{'jsonSchema':{'schema':'{\\'a\\':\\'\\\\u00e9\\\\\\'\\'}'"
        ",'name':'n','description':'d'}}}}}",
        "/response_format/json_schema/strict dropped");
    chat("{'model':'m','messages':[{'role':'user','content':'x'}],"
         "'response_format':{'type':'json_object'}}",
         "{" US_X ",'toolConfig':{'tools':[{'toolSpec':{'name':'json',"
         "'description':'Output the result in JSON format','inputSchema':"
         "{'json':{'type':'object'}}}}],'toolChoice':{'tool':{'name':"
         "'json'}}}}",
         "/response_format approximated");
    assert_int_equal(becomes_bridge.json_tool, 1);
    becomes(CORPUS_ANSWER, US, CHAT,
            "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":["
            "{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"json\",\"input\":"
            "{\"a\":1}}}]}},\"stopReason\":\"tool_use\"}",
            "{\"id\":\"chatcmpl-0\",\"object\":\"chat.completion\","
            "\"created\":"
            "1700000000,\"model\":\"\",\"choices\":[{\"index\":0,\"message\":"
            "{\"role\":\"assistant\",\"content\":\"{\\\"a\\\":1}\",\"refusal\":"
            "null},\"logprobs\":null,\"finish_reason\":\"stop\"}]}",
            "");
}

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prompts_stand_beside_the_messages),
        TEST(turns_alternate),
        TEST(media_are_data),
        TEST(calls_and_results_are_of_one_turn),
        TEST(long_ids_are_cut),
        TEST(thinking_goes_back_to_its_origin_alone),
        TEST(tools_are_specs),
        TEST(choices_are_objects),
        TEST(settings_have_their_places),
        TEST(models_differ_by_their_makers),
        TEST(json_is_asked_for_by_a_schema_or_a_tool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
