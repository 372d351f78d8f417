/* SPDX-License-Identifier: MIT
 *
 * Requests of bedrock-converse, read, and written as others. */
#include "tests/unit/lib/format/becomes_case.h"

#define US   "bedrock-converse"
#define AM   "anthropic-messages"
#define CHAT "openai-chat"

static void to(const char *format, const char *from, const char *want,
               const char *losses)
{
    turns(CORPUS_REQUEST, US, format, from, want, losses);
}

static void refused(const char *from, const char *where)
{
    fails(CORPUS_REQUEST, US, AM, from, LLMGW_E_JSON, where);
}

#define US_X "'messages':[{'role':'user','content':[{'text':'x'}]}]"
#define AM_X \
    "'messages':[{'role':'user','content':[{'type':'text','text':'x'}]}]"
#define CONF "'inferenceConfig':{'maxTokens':9}"
#define MAX  "'max_tokens':9"

static void prompts_and_their_cache_points(void **state)
{
    (void)state;
    to(AM,
       "{'modelId':'m','system':[{'text':'a'},{'cachePoint':{'type':'default',"
       "'ttl':'1h'}},{'text':'b'},{'guardContent':{'text':{'text':'g'}}}]," US_X
       "," CONF "}",
       "{'model':'m'," MAX ",'system':[{'type':'text','text':'a',"
       "'cache_control':{'type':'ephemeral','ttl':'1h'}},{'type':'text','text':"
       "'b'}]," AM_X "}",
       "/system/3 dropped");
    to(CHAT,
       "{'system':[{'text':'a'},{'cachePoint':{'type':'default'}}]," US_X "}",
       "{'messages':[{'role':'system','content':[{'type':'text','text':'a'}]},"
       "{'role':'user','content':[{'type':'text','text':'x'}]}]}",
       "/system/1/cachePoint dropped");
    /* one that stands alone, or says more, is nobody's but ours */
    to(AM,
       "{'system':[{'cachePoint':{'type':'default'}},{'text':'b'},"
       "{'cachePoint':{'type':'default','x':1}}]," US_X "," CONF "}",
       "{" MAX ",'system':[{'type':'text','text':'b'}]," AM_X "}",
       "/system/0 dropped\n/system/2 dropped");
}

static void blocks_become_blocks(void **state)
{
    (void)state;
    to(AM,
       "{'messages':[{'role':'user','content':["
       "{'image':{'format':'webp','source':{'bytes':'UklG'}}},"
       "{'cachePoint':{'type':'default'}},"
       "{'image':{'format':'png','source':{'s3Location':{'uri':'s3://a/b'}}}},"
       "{'document':{'format':'pdf','name':'log','source':{'bytes':'JVBE'},"
       "'context':'c','citations':{'enabled':true}}},"
       "{'document':{'format':'txt','name':'t','source':{'text':'north'}}},"
       "{'document':{'format':'md','name':'n','source':{'text':'# n'}}},"
       "{'document':{'name':'c','source':{'content':[{'text':'p'}]}}},"
       "{'document':{'format':'docx','name':'w','source':{'bytes':'UEs'}}},"
       "{'audio':{'format':'mp3','source':{'bytes':'SUQz'}}},"
       "{'video':{'format':'mp4','source':{'bytes':'AAAA'}}},"
       "{'image':{'format':'png','source':{'bytes':{'0':1}}}}]}]," CONF "}",
       "{" MAX ",'messages':[{'role':'user','content':["
       "{'type':'image','source':{'type':'base64','media_type':'image/webp',"
       "'data':'UklG'},'cache_control':{'type':'ephemeral'}},"
       "{'type':'document','source':{'type':'base64','media_type':"
       "'application/pdf','data':'JVBE'},'title':'log'},"
       "{'type':'document','source':{'type':'text','media_type':'text/plain',"
       "'data':'north'},'title':'t'},"
       "{'type':'document','source':{'type':'text','media_type':'text/plain',"
       "'data':'# n'},'title':'n'},"
       "{'type':'document','source':{'type':'content','content':[{'type':"
       "'text','text':'p'}]},'title':'c'}]}]}",
       "/messages/0/content/2 dropped\n"
       "/messages/0/content/3/document/context dropped\n"
       "/messages/0/content/3/document/citations dropped\n"
       "/messages/0/content/5/document/format dropped\n"
       "/messages/0/content/7 dropped\n"
       "/messages/0/content/8 dropped\n"
       "/messages/0/content/9 dropped\n"
       "/messages/0/content/10 dropped");
    to(CHAT,
       "{'messages':[{'role':'user','content':["
       "{'image':{'format':'jpeg','source':{'bytes':'/9j/'}}},"
       "{'audio':{'format':'mpeg','source':{'bytes':'SUQz'}}},"
       "{'document':{'format':'csv','name':'log','source':{'bytes':'YQ=='}}}"
       "]}]}",
       "{'messages':[{'role':'user','content':["
       "{'type':'image_url','image_url':{'url':'data:image/jpeg;base64,/9j/'}},"
       "{'type':'input_audio','input_audio':{'data':'SUQz','format':'mp3'}},"
       "{'type':'file','file':{'filename':'log','file_data':"
       "'data:text/csv;base64,YQ=='}}]}]}",
       "");
}

static void the_assistant_speaks_thinks_and_calls(void **state)
{
    (void)state;
    to(AM,
       "{'messages':[{'role':'user','content':[{'text':'x'}]},"
       "{'role':'assistant','content':["
       "{'reasoningContent':{'reasoningText':{'text':'h','signature':'s'}}},"
       "{'reasoningContent':{'redactedContent':'d'}},"
       "{'citationsContent':{'content':[{'text':'a'},{'text':'b'}],"
       "'citations':[{'title':'t'}]}},"
       "{'toolUse':{'toolUseId':'t:1','name':'f','input':{'n':1.0},'type':"
       "'tool_use'}},"
       "{'toolUse':{'toolUseId':'w','name':'web','input':{},'type':"
       "'server_tool_use'}}]},"
       "{'role':'user','content':[{'toolResult':{'toolUseId':'t:1','status':"
       "'error','content':[{'text':'no'},{'json':{'a':['\\'']}},"
       "{'searchResult':{}}]}},"
       "{'toolResult':{'toolUseId':'t2','status':'success','content':[]}},"
       "{'toolResult':{'toolUseId':'t3','status':'late','content':[],'type':"
       "'x'}}]}]," CONF "}",
       "{" MAX ",'messages':[{'role':'user','content':[{'type':'text','text':"
       "'x'}]},"
       "{'role':'assistant','content':[{'type':'text','text':'ab'},"
       "{'type':'tool_use','id':'t_1','name':'f','input':{'n':1.0}}]},"
       "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t_1',"
       "'content':[{'type':'text','text':'no'},{'type':'text','text':"
       "'{\\'a\\':[\\'\\\\\\'\\']}'}],'is_error':true},"
       "{'type':'tool_result','tool_use_id':'t2','content':[],'is_error':"
       "false},"
       "{'type':'tool_result','tool_use_id':'t3','content':[]}]}]}",
       "/messages/2/content/0/toolResult/content/1/json approximated\n"
       "/messages/1/content/0 dropped\n"
       "/messages/1/content/1 dropped\n"
       "/messages/1/content/2/citationsContent/citations dropped\n"
       "/messages/1/content/3/toolUse/toolUseId approximated\n"
       "/messages/1/content/4 dropped\n"
       "/messages/2/content/0/toolResult/toolUseId approximated\n"
       "/messages/2/content/0/toolResult/content/2 dropped\n"
       "/messages/2/content/2/toolResult/type dropped\n"
       "/messages/2/content/2/toolResult/status dropped");
}

static void tools_and_choices(void **state)
{
    (void)state;
    to(AM,
       "{" US_X "," CONF ",'toolConfig':{'tools':[{'toolSpec':{'name':'f',"
       "'description':'d','inputSchema':{'json':{'type':'object','p':-0}},"
       "'strict':true}},{'cachePoint':{'type':'default'}},{'systemTool':"
       "{'name':'web'}}],'toolChoice':{'tool':{'name':'f'}}},"
       "'additionalModelRequestFields':{'tool_choice':{'type':'tool','name':"
       "'f','disable_parallel_tool_use':true}}}",
       "{" MAX "," AM_X ",'tools':[{'name':'f','description':'d',"
       "'input_schema':{'type':'object','p':-0},'strict':true,'cache_control':"
       "{'type':'ephemeral'}}],'tool_choice':{'type':'tool','name':'f',"
       "'disable_parallel_tool_use':true}}",
       "/toolConfig/tools/2 dropped");
    to(CHAT,
       "{" US_X ",'toolConfig':{'tools':[{'toolSpec':{'name':'f',"
       "'inputSchema':{'json':{'type':'object'}}}}],'toolChoice':{'any':{}}},"
       "'additionalModelRequestFields':{'tool_choice':{"
       "'disable_parallel_tool_use':false}}}",
       "{'messages':[{'role':'user','content':[{'type':'text','text':'x'}]}],"
       "'tools':[{'type':'function','function':{'name':'f','parameters':"
       "{'type':'object'}}}],'tool_choice':'required','parallel_tool_calls':"
       "true}",
       "");
}

static void settings(void **state)
{
    (void)state;
    to(AM,
       "{'modelId':'m'," US_X ",'inferenceConfig':{'maxTokens':9,"
       "'temperature':0.70,'topP':1E-1,'stopSequences':['E']},"
       "'guardrailConfig':{'guardrailIdentifier':'g'},"
       "'additionalModelRequestFields':{'top_k':40,'thinking':{'type':"
       "'enabled','budget_tokens':1024},'anthropic_beta':['b']},"
       "'additionalModelResponseFieldPaths':['/x'],'promptVariables':{},"
       "'requestMetadata':{'user_id':'u','team':'t'},'performanceConfig':"
       "{'latency':'optimized'},'serviceTier':{'type':'flex'},'outputConfig':"
       "{'textFormat':{'type':'json_schema','structure':{'jsonSchema':"
       "{'schema':'{\\'type\\':\\'object\\'}','name':'n'}}},'effort':'max'}}",
       "{'model':'m'," MAX ",'temperature':0.70,'top_p':1E-1,'top_k':40,"
       "'service_tier':'standard_only'," AM_X ",'thinking':{'type':'enabled',"
       "'budget_tokens':1024},'output_config':{'effort':'max','format':"
       "{'type':'json_schema','schema':{'type':'object',"
       "'additionalProperties':false}}},"
       "'stop_sequences':['E'],'metadata':{'user_id':'u'}}",
       "/serviceTier/type approximated\n"
       "/outputConfig/textFormat/structure/jsonSchema/schema approximated\n"
       "/outputConfig/textFormat/structure/jsonSchema/name dropped\n"
       "/requestMetadata/team dropped\n"
       "/guardrailConfig dropped\n"
       "/additionalModelResponseFieldPaths dropped\n"
       "/promptVariables dropped\n"
       "/performanceConfig dropped\n"
       "/additionalModelRequestFields/anthropic_beta dropped");
    to(CHAT,
       "{" US_X ",'outputConfig':{'textFormat':{'type':'json_schema',"
       "'structure':{'jsonSchema':{'schema':'{\\'a\\':\\'\\\\u00e9\\'}','name':"
       "'n'}}}},'additionalModelRequestFields':{'reasoning_effort':'low'},"
       "'requestMetadata':{}}",
       "{'messages':[{'role':'user','content':[{'type':'text','text':'x'}]}],"
       "'reasoning_effort':'low','response_format':{'type':'json_schema',"
       "'json_schema':{'name':'n','schema':{'a':'\\u00e9'}}}}",
       "");
    /* a schema that is no JSON */
    to(CHAT,
       "{" US_X ",'outputConfig':{'textFormat':{'type':'json_schema',"
       "'structure':{'jsonSchema':{'schema':'oops'}}}}}",
       "{'messages':[{'role':'user','content':[{'type':'text','text':'x'}]}]}",
       "/outputConfig/textFormat dropped");
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    refused("[]", "");
    refused("{'messages':{}}", "/messages");
    refused("{'messages':[{'content':[]}]}", "/messages/0");
    refused("{'messages':[{'role':'tool','content':[]}]}", "/messages/0/role");
    refused("{'messages':[{'role':'user'}]}", "/messages/0");
    refused("{'messages':[{'role':'user','content':'x'}]}",
            "/messages/0/content");
    refused("{'messages':[{'role':'user','content':[1]}]}",
            "/messages/0/content/0");
    refused("{'messages':[],'messages':[]}", "/messages");
    refused("{'system':'x'}", "/system");
    refused("{'inferenceConfig':[]}", "/inferenceConfig");
    refused("{'inferenceConfig':{'stopSequences':'x'}}",
            "/inferenceConfig/stopSequences");
    refused("{'inferenceConfig':{'stopSequences':[1]}}",
            "/inferenceConfig/stopSequences/0");
    refused("{'toolConfig':{'tools':{}}}", "/toolConfig/tools");
    refused("{'toolConfig':{'tools':[1]}}", "/toolConfig/tools/0");
    refused("{'toolConfig':{'toolChoice':1}}", "/toolConfig/toolChoice");
    refused("{'toolConfig':{'toolChoice':{'tool':{'name':1}}}}",
            "/toolConfig/toolChoice/tool/name");
    refused("{'outputConfig':1}", "/outputConfig");
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
        TEST(prompts_and_their_cache_points),
        TEST(blocks_become_blocks),
        TEST(the_assistant_speaks_thinks_and_calls),
        TEST(tools_and_choices),
        TEST(settings),
        TEST(what_is_no_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
