/* SPDX-License-Identifier: MIT */
#include "lib/format/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/job.h"

#define CHAT "openai-chat"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

/* A schema of a request's output, in Chat's words and in those of `to` around
 * it; quotes are written as ', here. */
static void turns(const char *to, const char *model, const char *schema,
                  const char *before, const char *want, const char *after,
                  const char *losses)
{
    char in[2048], out[2048];

    (void)snprintf(in, sizeof(in),
                   "{'model':'%s','max_tokens':9,'messages':[{'role':'user',"
                   "'content':'x'}],'response_format':{'type':'json_schema',"
                   "'json_schema':{'schema':%s}}}",
                   model, schema);
    (void)snprintf(out, sizeof(out), "%s%s%s", before, want, after);
    for (size_t i = 0; in[i]; i++)
        in[i] = (char)(in[i] == '\'' ? '"' : in[i]);
    for (size_t i = 0; out[i]; i++)
        out[i] = (char)(out[i] == '\'' ? '"' : out[i]);
    becomes(CORPUS_REQUEST, CHAT, to, in, out, losses);
}

#define AT "/response_format/json_schema/schema"

static void closed(const char *schema, const char *want, const char *losses)
{
    turns("anthropic-messages", "m", schema,
          "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':"
          "'x'}],'output_config':{'format':{'type':'json_schema','schema':",
          want, "}}}", losses);
}

static void outputs_of_anthropic_are_closed(void **state)
{
    (void)state;
    closed("{'type':'object','properties':{'a':{'type':'string','minLength':1,"
           "'format':'uri'},'b':{'type':'array','items':{'oneOf':[{'type':"
           "'object'},{'const':1}]},'minItems':2}},'required':['a'],"
           "'additionalProperties':false,'$schema':'s'}",
           "{'type':'object','properties':{'a':{'type':'string','format':'uri'"
           "},'b':{'type':'array','items':{'anyOf':[{'type':'object',"
           "'additionalProperties':false},{'const':1}]}}},'required':['a'],"
           "'additionalProperties':false}",
           AT "/properties/a/minLength dropped\n" AT
              "/properties/b/items/oneOf/0 approximated\n" AT
              "/properties/b/items/oneOf approximated\n" AT
              "/properties/b/minItems dropped");
    closed("{'type':'array','minItems':1,'format':'made-up','items':true}",
           "{'type':'array','minItems':1,'items':true}", AT "/format dropped");
    closed("{'type':'object','additionalProperties':{'type':'string'}}",
           "{'type':'object','additionalProperties':false}",
           AT "/additionalProperties approximated");
    closed("{'$defs':{'x':{'type':'null'}},'$ref':'#/$defs/x'}",
           "{'$defs':{'x':{'type':'null'}},'$ref':'#/$defs/x'}", "");
    /* a property may be called as a word is */
    closed("{'type':'object','properties':{'minLength':{'type':'null'}},"
           "'additionalProperties':false}",
           "{'type':'object','properties':{'minLength':{'type':'null'}},"
           "'additionalProperties':false}",
           "");
}

static void old_geminis_know_openapi(void **state)
{
    (void)state;
    turns("gemini", "gemini-2.0-flash",
          "{'type':'object','properties':{'a':{'type':['string','null']},'b':{"
          "'const':1},'c':{'$ref':'#/d'},'d':{'type':['string','number']},'e':"
          "{'minimum':3}},'additionalProperties':false}",
          "{'contents':[{'role':'user','parts':[{'text':'x'}]}],"
          "'generationConfig':{'maxOutputTokens':9,'responseMimeType':"
          "'application/json','responseSchema':",
          "{'type':'object','properties':{'a':{'nullable':true,'type':'string'"
          "},'b':{'enum':[1]},'c':{},'d':{'type':'string'},'e':{'minimum':3}}}",
          "}}",
          AT "/properties/c/$ref dropped\n" AT
             "/properties/d/type approximated\n" AT
             "/additionalProperties dropped");
    turns("gemini", "gemini-2.5-flash", "{'$ref':'#/d','unheard':1}",
          "{'contents':[{'role':'user','parts':[{'text':'x'}]}],"
          "'generationConfig':{'maxOutputTokens':9,'responseMimeType':"
          "'application/json','responseJsonSchema':",
          "{'$ref':'#/d','unheard':1}", "}}", "");
}

static void tools_of_old_geminis_too(void **state)
{
    (void)state;
    becomes(
        CORPUS_REQUEST, CHAT, "gemini",
        "{\"model\":\"gemini-2.0-flash\",\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"tools\":[{\"type\":\"function\",\"function\":{"
        "\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"oneOf\":[{"
        "\"x\":1}]}}}]}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
        "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":"
        "{\"type\":\"object\",\"anyOf\":[{}]}}]}]}",
        "/tools/0/function/parameters/oneOf/0/x dropped\n"
        "/tools/0/function/parameters/oneOf approximated");
}

/* A strict tool of Anthropic's in Chat. */
static void strict(const char *schema, int stays)
{
    char in[1024], out[1024];

    (void)snprintf(in, sizeof(in),
                   "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],"
                   "\"tools\":[{\"name\":\"f\",\"input_schema\":%s,"
                   "\"strict\":true}]}",
                   schema);
    (void)snprintf(out, sizeof(out),
                   "{\"model\":\"m\",\"max_completion_tokens\":9,\"messages\":"
                   "[],\"tools\":[{\"type\":\"function\",\"function\":{"
                   "\"name\":\"f\",\"parameters\":%s%s}}]}",
                   schema, stays ? ",\"strict\":true" : "");
    becomes(CORPUS_REQUEST, "anthropic-messages", CHAT, in, out,
            stays ? "" : "/tools/0/strict approximated");
}

static void strict_is_for_who_is(void **state)
{
    (void)state;
    strict("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
           "\"required\":[\"a\"],\"additionalProperties\":false}",
           1);
    strict("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
           "\"additionalProperties\":false}",
           0);
    strict("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\"}},"
           "\"required\":[\"a\"],\"additionalProperties\":false}",
           0);
    strict("{\"type\":\"object\"}", 0);
}

/* Deeper than is looked into, it goes as it is. */
static void depth_has_an_end(void **state)
{
    static char request[2048];
    struct job j;
    size_t n = (size_t)snprintf(
        request, sizeof(request),
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
        "\"schema\":");

    (void)state;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(request + n, sizeof(request) - n, "{\"items\":");
    n += (size_t)snprintf(request + n, sizeof(request) - n, "{\"x\":1}");
    for (int i = 0; i < 102; i++)
        request[n++] = '}';
    request[n++] = '}';
    job_init(&j, lg_format_by_name(LG_STR(CHAT)),
             lg_format_by_name(LG_STR("anthropic-messages")));
    assert_int_equal(job_run(&j, CORPUS_REQUEST, lg_str_from(request, n)), 0);
    assert_non_null(strstr(j.out.p, "{\"x\":1}"));
    assert_int_equal(j.losses.n, 0);
    job_done(&j);
}

/* A model without structured output is asked by a tool. */
static void a_schema_may_take_a_tool(void **state)
{
    static const char answer[] =
        "{\"id\":\"i\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
        "\"claude-3-opus-20240229\",\"content\":[{\"type\":\"tool_use\",\"id\":"
        "\"t\",\"name\":\"json\",\"input\":{\"a\":1}}],\"stop_reason\":"
        "\"tool_use\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
        "\"output_tokens\":1}}";

    (void)state;
    turns("anthropic-messages", "claude-3-opus-20240229",
          "{'type':'object','properties':{'a':{'minimum':1}}}",
          "{'model':'claude-3-opus-20240229','max_tokens':9,'messages':[{"
          "'role':'user','content':'x'}],'tools':[{'name':'json',"
          "'description':'Output the result in JSON format','input_schema':",
          "{'type':'object','properties':{'a':{'minimum':1}}}",
          "}],'tool_choice':{'type':'tool','name':'json'}}",
          "/response_format approximated");
    assert_int_equal(becomes_bridge.json_tool, 1);
    becomes(CORPUS_ANSWER, "anthropic-messages", "ollama-chat", answer,
            "{\"model\":\"claude-3-opus-20240229\",\"created_at\":"
            "\"2023-11-14T22:13:20Z\",\"message\":{\"role\":\"assistant\","
            "\"content\":\"{\\\"a\\\":1}\"},\"done\":true,\"done_reason\":"
            "\"stop\",\"prompt_eval_count\":1,\"eval_count\":1}",
            "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(outputs_of_anthropic_are_closed, setup),
        cmocka_unit_test_setup(old_geminis_know_openapi, setup),
        cmocka_unit_test_setup(tools_of_old_geminis_too, setup),
        cmocka_unit_test_setup(strict_is_for_who_is, setup),
        cmocka_unit_test_setup(depth_has_an_end, setup),
        cmocka_unit_test_setup(a_schema_may_take_a_tool, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
