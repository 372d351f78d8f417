/* SPDX-License-Identifier: MIT
 *
 * Answers and errors of bedrock-converse, read and written. */
#include "tests/unit/lib/format/becomes_case.h"

#define US   "bedrock-converse"
#define AM   "anthropic-messages"
#define CHAT "openai-chat"

static void answer(const char *from, const char *to, const char *text,
                   const char *want, const char *losses)
{
    turns(CORPUS_ANSWER, from, to, text, want, losses);
}

#define OUT(content) \
    "'output':{'message':{'role':'assistant','content':[" content "]}}"
#define METRICS "'metrics':{'latencyMs':0}"
#define AM_IS(content)                                             \
    "'id':'msg_0','type':'message','role':'assistant','model':''," \
    "'content':[" content "]"

static void answers_are_read(void **state)
{
    (void)state;
    answer(
        US, AM,
        "{" OUT(
            "{'reasoningContent':{'reasoningText':{'text':'h',"
            "'signature':'s'}}},{'reasoningContent':{'redactedContent':"
            "'d'}},{'text':'a'},{'citationsContent':{'content':[{'text':"
            "'b'},{'text':'c'}],'citations':[{'title':'t'}]}},"
            "{'toolUse':{'toolUseId':'t','name':'f','input':{'n':1.0},"
            "'type':'tool_use'}},{'image':{'format':'png','source':"
            "{'bytes':'iVBO'}}}") ",'stopReason':'tool_use','usage':"
                                  "{'inputTokens':10,'outputTokens':5,'totalTokens':20,"
                                  "'cacheReadInputTokens':3,'cacheWriteInputTokens':2,'cacheDetails':"
                                  "[{'ttl':'1h','inputTokens':1},{'ttl':'5m','inputTokens':1}]},"
                                  "'metrics':{'latencyMs':7},'$metadata':{},'trace':{},'serviceTier':"
                                  "{'type':'default'}}",
        "{" AM_IS(
            "{'type':'thinking','thinking':'h','signature':''},"
            "{'type':'text','text':'a'},{'type':'text','text':'bc'},"
            "{'type':'tool_use','id':'t','name':'f','input':{'n':"
            "1.0}}") ",'stop_reason':'tool_use','stop_sequence':null,"
                     "'usage':{'input_tokens':10,'cache_creation_input_tokens':2,"
                     "'cache_read_input_tokens':3,'cache_creation':{"
                     "'ephemeral_5m_input_tokens':1,'ephemeral_1h_input_tokens':1},"
                     "'output_tokens':5}}",
        "/output/message/content/0/reasoningContent/reasoningText/signature "
        "dropped\n"
        "/output/message/content/1 dropped\n"
        "/output/message/content/3 dropped\n"
        "/output/message/content/5 dropped\n"
        "/trace dropped\n/serviceTier dropped");
}

static void stops_are_told(void **state)
{
    static const char *const stops[][2] = {
        {"end_turn", "end_turn"},
        {"tool_use", "tool_use"},
        {"max_tokens", "max_tokens"},
        {"model_context_window_exceeded", "max_tokens"},
        {"guardrail_intervened", "refusal"},
        {"content_filtered", "refusal"},
        {"malformed_model_output", "end_turn"},
        {"malformed_tool_use", "end_turn"},
    };
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
        const int odd = strncmp(stops[i][0], "malformed", 9) == 0;

        snprintf(from, sizeof(from),
                 "{" OUT("{'text':'a'}") ",'stopReason':'%s'}", stops[i][0]);
        snprintf(
            to, sizeof(to),
            "{" AM_IS(
                "{'type':'text','text':'a'}") ",'stop_reason':'%s',"
                                              "'stop_sequence':null,'usage':{'input_tokens':0,"
                                              "'output_tokens':0}}",
            stops[i][1]);
        answer(US, AM, from, to, odd ? "/stopReason approximated" : "");
    }
    answer(
        US, AM,
        "{" OUT(
            "") ",'stopReason':'stop_sequence',"
                "'additionalModelResponseFields':{'delta':{'stop_sequence':'E'},"
                "'more':1}}",
        "{" AM_IS("") ",'stop_reason':'stop_sequence','stop_sequence':'E',"
                      "'usage':{'input_tokens':0,'output_tokens':0}}",
        "/additionalModelResponseFields/more dropped");
}

static void answers_are_written(void **state)
{
    (void)state;
    answer(
        AM, US,
        "{'id':'i','type':'message','role':'assistant','model':'m',"
        "'content':[{'type':'thinking','thinking':'h','signature':'s'},"
        "{'type':'redacted_thinking','data':'d'},{'type':'text','text':'a'},"
        "{'type':'tool_use','id':'t/1','name':'f','input':{'n':1.0}}],"
        "'stop_reason':'tool_use','stop_sequence':null,'usage':"
        "{'input_tokens':10,'output_tokens':5,'cache_read_input_tokens':3,"
        "'cache_creation_input_tokens':2,'cache_creation':{"
        "'ephemeral_1h_input_tokens':2,'ephemeral_5m_input_tokens':0}}}",
        "{" OUT(
            "{'reasoningContent':{'reasoningText':{'text':'h'}}},"
            "{'text':'a'},{'toolUse':{'toolUseId':'t/1','name':'f',"
            "'input':{'n':1.0}}}") ",'stopReason':'tool_use','usage':"
                                   "{'inputTokens':10,'outputTokens':5,'totalTokens':20,"
                                   "'cacheReadInputTokens':3,'cacheWriteInputTokens':2,'cacheDetails':"
                                   "[{'ttl':'5m','inputTokens':0},{'ttl':'1h','inputTokens':2}]}"
                                   "," METRICS "}",
        "/content/0/signature dropped\n/content/1 dropped");
    answer(AM, US,
           "{'id':'i','type':'message','role':'assistant','model':'m',"
           "'content':[],'stop_reason':'pause_turn','stop_sequence':null,"
           "'usage':{'input_tokens':1,'output_tokens':2}}",
           "{" OUT("") ",'stopReason':'end_turn','usage':{'inputTokens':1,"
                       "'outputTokens':2,'totalTokens':3}," METRICS "}",
           "/stop_reason approximated");
    answer(
        AM, US,
        "{'id':'i','type':'message','role':'assistant','model':'m',"
        "'content':[],'stop_reason':'stop_sequence','stop_sequence':'E'}",
        "{" OUT(
            "") ",'stopReason':'stop_sequence',"
                "'additionalModelResponseFields':{'stop_sequence':'E'},'usage':"
                "{'inputTokens':0,'outputTokens':0,'totalTokens':0}," METRICS
                "}",
        "");
    answer(
        CHAT, US,
        "{'id':'i','object':'chat.completion','created':1,'model':'m',"
        "'choices':[{'index':0,'message':{'role':'assistant','content':"
        "null,'refusal':'No.'},'finish_reason':'stop'},{'index':1,"
        "'message':{'role':'assistant','content':'b'},'finish_reason':"
        "'stop'}]}",
        "{" OUT(
            "{'text':'No.'}") ",'stopReason':'content_filtered','usage':"
                              "{'inputTokens':0,'outputTokens':0,'totalTokens':0}," METRICS
                              "}",
        " dropped");
}

static void what_is_no_answer_is_told(void **state)
{
    static const char *const bad[][2] = {
        {"[]", ""},
        {"{}", ""},
        {"{'output':{}}", "/output"},
        {"{'output':{'message':[]}}", "/output/message"},
        {"{'output':{'message':{}}}", "/output/message"},
        {"{'output':{'message':{'content':[1]}}}", "/output/message/content/0"},
        {"{'message':'Too many requests'}", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        fails(CORPUS_ANSWER, US, AM, bad[i][0], LLMGW_E_PROTOCOL, bad[i][1]);
}

/* ---- errors ------------------------------------------------------------------ */

static void error(const char *from, const char *to, const char *text,
                  const char *want, const char *losses)
{
    turns(CORPUS_ERROR, from, to, text, want, losses);
}

static void errors_are_of_a_class(void **state)
{
    static const char *const types[][2] = {
        {"ValidationException", "invalid_request_error"},
        {"com.amazon.coral.validate#ValidationException",
         "invalid_request_error"},
        {"ServiceQuotaExceededException", "rate_limit_error"},
        {"AccessDeniedException:http://internal.amazon.com/coral/",
         "permission_error"},
        {"ResourceNotFoundException", "not_found_error"},
        {"ConflictException", "conflict_error"},
        {"ModelTimeoutException", "timeout_error"},
        {"ModelErrorException", "api_error"},
        {"ThrottlingException", "rate_limit_error"},
        {"ModelNotReadyException", "overloaded_error"},
        {"InternalServerException", "api_error"},
        {"ServiceUnavailableException", "overloaded_error"},
        {"UnrecognizedClientException", "authentication_error"},
        {"ExpiredTokenException", "authentication_error"},
        {"InventedYesterday", "invalid_request_error"}, /* by status: 400 */
    };
    static const char *const keys[] = {"__type", "code", "type"};
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        snprintf(from, sizeof(from), "{'%s':'%s','message':'m'}", keys[i % 3],
                 types[i][0]);
        snprintf(to, sizeof(to),
                 "{'type':'error','error':{'type':'%s','message':'m'}}",
                 types[i][1]);
        error(US, AM, from, to, "");
    }
    error(US, AM, "{'Message':'m'}",
          "{'type':'error','error':{'type':'invalid_request_error','message':"
          "'m'}}",
          "");
    error(US, CHAT, "{'message':'Input is too long for requested model.'}",
          "{'error':{'message':'Input is too long for requested model.','type':"
          "'invalid_request_error','param':null,'code':"
          "'context_length_exceeded'}}",
          "");
    is_refused(CORPUS_ERROR, US, AM, "{\"error\":{\"message\":\"m\"}}",
               LLMGW_E_JSON, "");
}

static void errors_are_written(void **state)
{
    static const char *const types[][2] = {
        {"invalid_request_error", "ValidationException"},
        {"authentication_error", "UnrecognizedClientException"},
        {"billing_error", "ServiceQuotaExceededException"},
        {"permission_error", "AccessDeniedException"},
        {"not_found_error", "ResourceNotFoundException"},
        {"conflict_error", "ConflictException"},
        {"request_too_large", "ValidationException"},
        {"rate_limit_error", "ThrottlingException"},
        {"api_error", "InternalServerException"},
        {"timeout_error", "ModelTimeoutException"},
        {"overloaded_error", "ServiceUnavailableException"},
    };
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        snprintf(from, sizeof(from),
                 "{'type':'error','error':{'type':'%s','message':'m'}}",
                 types[i][0]);
        snprintf(to, sizeof(to), "{'__type':'%s','message':'m'}", types[i][1]);
        error(AM, US, from, to, "");
    }
    error(CHAT, US,
          "{'error':{'message':'m','type':'t','param':'p','code':'c'}}",
          "{'__type':'ValidationException','message':'m'}",
          "/error/code dropped\n/error/param dropped");
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
        TEST(answers_are_read),      TEST(stops_are_told),
        TEST(answers_are_written),   TEST(what_is_no_answer_is_told),
        TEST(errors_are_of_a_class), TEST(errors_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
