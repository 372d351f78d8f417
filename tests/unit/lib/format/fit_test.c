/* SPDX-License-Identifier: MIT */
#include "lib/format/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/becomes.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"
#define RESPONSES "openai-responses"
#define GEMINI    "gemini"
#define CONVERSE  "bedrock-converse"
#define ASKED     "'messages':[{'role':'user','content':'x'}]"
#define TOOL      "{'type':'function','function':{'name':'f','parameters':{}}}"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

/* Quotes are written as ', here. */
static void put(char *out, size_t cap, const char *head, const char *model,
                const char *asked, const char *text)
{
    (void)snprintf(out, cap, "%s%s%s%s%s", head, model, asked, text,
                   *head ? "}" : "");
    for (; *out; out++)
        *out = (char)(*out == '\'' ? '"' : *out);
}

/* A request of `from` with these members, for `model`. */
static void fits(const char *from, const char *to, const char *model,
                 const char *members, const char *want, const char *losses)
{
    char text[2048], expected[2048];

    put(text, sizeof(text), "{'model':'", model, "'," ASKED, members);
    put(expected, sizeof(expected), "{'model':'", model,
        strcmp(to, RESPONSES) == 0
            ? "','input':[{'type':'message','role':'user','content':'x'}],"
              "'store':false"
            : "'," ASKED,
        want);
    becomes(CORPUS_REQUEST, from, to, text, expected, losses);
}

/* The same to a format whose URL has the model. */
static void fits_url(const char *from, const char *to, const char *model,
                     const char *members, const char *want, const char *losses)
{
    char text[2048], expected[2048];

    put(text, sizeof(text), "{'model':'", model, "'," ASKED, members);
    put(expected, sizeof(expected), "", "", "", want);
    becomes(CORPUS_REQUEST, from, to, text, expected, losses);
}

static void the_limit_is_the_models(void **state)
{
    (void)state;
    fits(CHAT, ANTHROPIC, "claude-opus-4-1", "", ",'max_tokens':32000",
         " approximated");
    fits(CHAT, ANTHROPIC, "unheard-of", "", ",'max_tokens':4096",
         " approximated");
    fits(CHAT, ANTHROPIC, "gpt-5", "", ",'max_tokens':4096", " approximated");
    becomes_policy.max_tokens = 5;
    becomes_policy.max_tokens_fixed = 1;
    fits(CHAT, ANTHROPIC, "claude-opus-4-1", "", ",'max_tokens':5",
         " approximated");
}

static void the_limits_name_is_the_models(void **state)
{
    static const char said[] = ",'max_tokens':9",
                      new[] = ",'max_completion_tokens':9";

    (void)state;
    fits(ANTHROPIC, CHAT, "gpt-5-mini", said, new, "");
    fits(ANTHROPIC, CHAT, "m", said, new, "");
    fits(ANTHROPIC, CHAT, "mistral-small-latest", said, said, "");
    becomes_policy.old_max_tokens = 1; /* what such providers take */
    fits(ANTHROPIC, CHAT, "m", said, said, "");
    fits(ANTHROPIC, CHAT, "o3", said, new, "");
    becomes_policy.old_max_tokens = 2; /* the host says so */
    fits(ANTHROPIC, CHAT, "o3", said, said, "");
    becomes_policy.old_max_tokens = -1;
    fits(ANTHROPIC, CHAT, "mistral-small-latest", said, new, "");
}

static void sampling_that_is_refused_is_left_out(void **state)
{
    (void)state;
    fits(CHAT, ANTHROPIC, "claude-opus-4-8",
         ",'max_tokens':9,'temperature':0.5,'top_p':0.9", ",'max_tokens':9",
         "/temperature dropped\n/top_p dropped");
    fits(CHAT, ANTHROPIC, "claude-sonnet-4-5",
         ",'max_tokens':9,'temperature':0.5,'top_p':0.9",
         ",'max_tokens':9,'temperature':0.5", "/top_p dropped");
    fits(CHAT, ANTHROPIC, "claude-opus-4-6",
         ",'max_tokens':9,'temperature':0.5,'top_p':0.9",
         ",'max_tokens':9,'temperature':0.5,'top_p':0.9", "");
    fits(ANTHROPIC, CHAT, "gpt-5", ",'max_tokens':9,'temperature':1",
         ",'max_completion_tokens':9", "/temperature dropped");
    fits(ANTHROPIC, RESPONSES, "gpt-5.2", ",'max_tokens':99,'top_p':0.5",
         ",'max_output_tokens':99,'top_p':0.5", "");
    fits_url(CHAT, CONVERSE, "us.anthropic.claude-opus-4-8",
             ",'max_tokens':9,'temperature':0.5",
             "{'messages':[{'role':'user','content':[{'text':'x'}]}],"
             "'inferenceConfig':{'maxTokens':9}}",
             "/temperature dropped");
    fits(CHAT, ANTHROPIC, "m", ",'max_tokens':9,'temperature':0.5",
         ",'max_tokens':9,'temperature':0.5", "");
}

static void who_thinks_takes_no_sampling(void **state)
{
    (void)state;
    fits(RESPONSES, CHAT, "gpt-5.1",
         ",'input':'x','temperature':0.5,'reasoning':{'effort':'low'}",
         ",'reasoning_effort':'low'",
         "/temperature dropped\n/messages dropped");
    fits(ANTHROPIC, CHAT, "gpt-5.1",
         ",'max_tokens':9,'temperature':0.5,'thinking':{'type':'disabled'}",
         ",'max_completion_tokens':9,'temperature':0.5,'reasoning_effort':"
         "'none'",
         "");
    fits(CHAT, ANTHROPIC, "claude-sonnet-4-5",
         ",'max_tokens':4096,'temperature':1,'reasoning_effort':'high'",
         ",'max_tokens':4096,'temperature':1,'thinking':{'type':'enabled',"
         "'budget_tokens':3072}",
         "/reasoning_effort approximated");
    fits(CHAT, ANTHROPIC, "claude-sonnet-4-5",
         ",'max_tokens':4096,'temperature':0.7,'reasoning_effort':'high'",
         ",'max_tokens':4096,'thinking':{'type':'enabled',"
         "'budget_tokens':3072}",
         "/reasoning_effort approximated\n/temperature dropped");
}

static void thinking_has_the_models_style(void **state)
{
    (void)state;
    /* an effort, where there are but budgets */
    fits(CHAT, ANTHROPIC, "claude-haiku-4-5",
         ",'max_tokens':2048,'reasoning_effort':'low'",
         ",'max_tokens':2048,'thinking':{'type':'enabled','budget_tokens':"
         "1024}",
         "/reasoning_effort approximated");
    fits(CHAT, ANTHROPIC, "claude-haiku-4-5",
         ",'max_tokens':2000,'reasoning_effort':'xhigh'",
         ",'max_tokens':2000,'thinking':{'type':'enabled','budget_tokens':"
         "1999}",
         "/reasoning_effort approximated");
    fits(CHAT, ANTHROPIC, "claude-haiku-4-5",
         ",'max_tokens':100,'reasoning_effort':'low'", ",'max_tokens':100",
         "/reasoning_effort approximated\n/reasoning_effort dropped");
    /* and where there are efforts */
    fits(CHAT, ANTHROPIC, "claude-opus-4-6",
         ",'max_tokens':9,'reasoning_effort':'xhigh'",
         ",'max_tokens':9,'output_config':{'effort':'high'}",
         "/reasoning_effort approximated");
    fits(CHAT, ANTHROPIC, "claude-opus-5",
         ",'max_tokens':9,'reasoning_effort':'xhigh'",
         ",'max_tokens':9,'output_config':{'effort':'xhigh'}", "");
    /* a budget, where there is none */
    fits(ANTHROPIC, CHAT, "gpt-5",
         ",'max_tokens':1000,'thinking':{'type':'enabled','budget_tokens':100"
         "}",
         ",'max_completion_tokens':1000,'reasoning_effort':'low'",
         "/thinking approximated");
    /* none at all */
    fits(CHAT, ANTHROPIC, "claude-3-haiku-20240307",
         ",'max_tokens':9,'reasoning_effort':'low'", ",'max_tokens':9",
         "/reasoning_effort dropped");
    fits(ANTHROPIC, CHAT, "gpt-4o",
         ",'max_tokens':9,'thinking':{'type':'adaptive'}",
         ",'max_completion_tokens':9", "/thinking dropped");
    fits(ANTHROPIC, CHAT, "gpt-4o",
         ",'max_tokens':9,'thinking':{'type':'disabled'}",
         ",'max_completion_tokens':9", "");
    /* no other */
    fits(ANTHROPIC, CHAT, "gpt-5",
         ",'max_tokens':9,'thinking':{'type':'disabled'}",
         ",'max_completion_tokens':9,'reasoning_effort':'minimal'",
         "/thinking approximated");
    fits(CHAT, ANTHROPIC, "claude-opus-5-5",
         ",'max_tokens':9,'reasoning_effort':'none'",
         ",'max_tokens':9,'output_config':{'effort':'low'}",
         "/reasoning_effort approximated");
}

#define CONTENTS "'contents':[{'role':'user','parts':[{'text':'x'}]}]"

static void gemini_has_a_budget_or_a_level(void **state)
{
    (void)state;
    fits_url(CHAT, GEMINI, "gemini-2.5-flash", ",'reasoning_effort':'low'",
             "{" CONTENTS ",'generationConfig':{'thinkingConfig':{"
             "'thinkingBudget':1024}}}",
             "/reasoning_effort approximated");
    fits_url(CHAT, GEMINI, "gemini-3.5-flash", ",'reasoning_effort':'low'",
             "{" CONTENTS ",'generationConfig':{'thinkingConfig':{"
             "'thinkingLevel':'LOW'}}}",
             "");
    fits_url(CHAT, GEMINI, "gemini-3-pro-preview",
             ",'reasoning_effort':'minimal'",
             "{" CONTENTS ",'generationConfig':{'thinkingConfig':{"
             "'thinkingLevel':'LOW'}}}",
             "/reasoning_effort approximated");
    fits_url(ANTHROPIC, GEMINI, "gemini-3.5-flash",
             ",'max_tokens':1000,'thinking':{'type':'enabled','budget_tokens':"
             "500}",
             "{" CONTENTS ",'generationConfig':{'maxOutputTokens':1000,"
             "'thinkingConfig':{'thinkingLevel':'MEDIUM'}}}",
             "/thinking approximated");
    fits_url(ANTHROPIC, GEMINI, "models/gemini-2.5-pro",
             ",'max_tokens':100000,'thinking':{'type':'enabled',"
             "'budget_tokens':60000}",
             "{" CONTENTS ",'generationConfig':{'maxOutputTokens':100000,"
             "'thinkingConfig':{'thinkingBudget':32768,'includeThoughts':true}"
             "}}",
             "/thinking/budget_tokens approximated");
    fits_url(ANTHROPIC, GEMINI, "gemini-2.5-pro",
             ",'max_tokens':9,'thinking':{'type':'disabled'}",
             "{" CONTENTS ",'generationConfig':{'maxOutputTokens':9,"
             "'thinkingConfig':{'thinkingBudget':128,'includeThoughts':true}"
             "}}",
             "/thinking approximated");
}

static void a_tool_is_forced_where_it_can_be(void **state)
{
    static const char asked[] =
        ",'max_tokens':9,'tools':[" TOOL "],'tool_choice':'required'";
    static const char tools[] =
        ",'max_tokens':9,'tools':[{'name':'f','input_schema':{'type':'object',"
        "'properties':{}}}],'tool_choice':{'type':'";
    char want[512];

    (void)state;
    (void)snprintf(want, sizeof(want), "%sany'}", tools);
    fits(CHAT, ANTHROPIC, "claude-opus-5", asked, want, "");
    (void)snprintf(want, sizeof(want), "%sauto'}", tools);
    fits(CHAT, ANTHROPIC, "claude-sonnet-5-5", asked, want,
         "/tool_choice approximated");
}

static void some_refuse_to_hear_of_parallel_calls(void **state)
{
    static const char asked[] =
        ",'max_tokens':9,'tools':[{'name':'f','input_schema':{'type':'object'}"
        "}],'tool_choice':{'type':'auto','disable_parallel_tool_use':true}";
    static const char want[] =
        ",'max_completion_tokens':9,'tools':[{'type':'function','function':{"
        "'name':'f','parameters':{'type':'object'}}}],'tool_choice':'auto'";
    char more[512];

    (void)state;
    fits(ANTHROPIC, CHAT, "o3-mini", asked, want,
         "/tool_choice/disable_parallel_tool_use dropped");
    (void)snprintf(more, sizeof(more), "%s,'parallel_tool_calls':false", want);
    fits(ANTHROPIC, CHAT, "gpt-4o", asked, more, "");
}

static void the_host_overrules_the_table(void **state)
{
    struct lg_facts_table t;
    struct lg_arena a;

    (void)state;
    lg_arena_init(&a, 0, 1 << 20);
    assert_int_equal(
        lg_facts_load(&t, &a,
                      LG_STR("{\"claude-opus-4-8\":{\"sampling\":[]},"
                             "\"m\":{\"sampling\":[\"none\"]}}"),
                      NULL),
        0);
    becomes_policy.models = &t;
    fits(CHAT, ANTHROPIC, "claude-opus-4-8",
         ",'max_tokens':9,'temperature':0.5",
         ",'max_tokens':9,'temperature':0.5", "");
    fits(CHAT, ANTHROPIC, "m", ",'max_tokens':9,'temperature':0.5",
         ",'max_tokens':9", "/temperature dropped");
    lg_arena_done(&a);
}

static void a_lost_setting_may_refuse(void **state)
{
    (void)state;
    becomes_policy.reject_params = 1;
    is_refused(CORPUS_REQUEST, CHAT, ANTHROPIC,
               "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],\"seed\":1}",
               LLMGW_E_UNSUPPORTED, "/seed");
    is_refused(CORPUS_REQUEST, CHAT, ANTHROPIC,
               "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],"
               "\"made_up\":{\"a\":1}}",
               LLMGW_E_UNSUPPORTED, "/made_up");
    is_refused(CORPUS_REQUEST, CHAT, ANTHROPIC,
               "{\"model\":\"claude-opus-4-8\",\"max_tokens\":9,\"messages\":"
               "[],\"top_p\":1}",
               LLMGW_E_UNSUPPORTED, "/top_p");
    /* what is lost of the talk is no setting */
    becomes(CORPUS_REQUEST, CHAT, ANTHROPIC,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"name\":\"n\",\"content\":\"x\"}]}",
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"x\"}]}",
            "/messages/0/name dropped");
}

static void a_share_is_an_effort(void **state)
{
    (void)state;
    assert_int_equal(lg_effort_of_budget(0, 100), LG_EFFORT_NONE);
    assert_int_equal(lg_effort_of_budget(34, 100), LG_EFFORT_LOW);
    assert_int_equal(lg_effort_of_budget(35, 100), LG_EFFORT_MEDIUM);
    assert_int_equal(lg_effort_of_budget(65, 100), LG_EFFORT_HIGH);
    assert_int_equal(lg_effort_of_budget(INT64_MAX, INT64_MAX), LG_EFFORT_HIGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_limit_is_the_models, setup),
        cmocka_unit_test_setup(the_limits_name_is_the_models, setup),
        cmocka_unit_test_setup(sampling_that_is_refused_is_left_out, setup),
        cmocka_unit_test_setup(who_thinks_takes_no_sampling, setup),
        cmocka_unit_test_setup(thinking_has_the_models_style, setup),
        cmocka_unit_test_setup(gemini_has_a_budget_or_a_level, setup),
        cmocka_unit_test_setup(a_tool_is_forced_where_it_can_be, setup),
        cmocka_unit_test_setup(some_refuse_to_hear_of_parallel_calls, setup),
        cmocka_unit_test_setup(the_host_overrules_the_table, setup),
        cmocka_unit_test_setup(a_lost_setting_may_refuse, setup),
        cmocka_unit_test_setup(a_share_is_an_effort, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
