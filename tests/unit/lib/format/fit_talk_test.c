/* SPDX-License-Identifier: MIT */
#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/becomes.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"
#define GEMINI    "gemini"
#define CONVERSE  "bedrock-converse"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    becomes_policy.orphan_result = LG_ORPHAN_TEXT;
    becomes_policy.image_url = LG_IMAGE_URL_REFUSE;
    return 0;
}

static const char *quoted(char out[2048], const char *text)
{
    (void)snprintf(out, 2048, "%s", text);
    for (char *p = out; *p; p++)
        *p = (char)(*p == '\'' ? '"' : *p);
    return out;
}

/* Of Chat; quotes are written as ', here. */
static void talks(const char *to, const char *request, const char *want,
                  const char *losses)
{
    char in[2048], out[2048];

    becomes(CORPUS_REQUEST, CHAT, to, quoted(in, request), quoted(out, want),
            losses);
}

static void refuses(const char *from, const char *to, const char *request,
                    const char *where)
{
    char in[2048];

    is_refused(CORPUS_REQUEST, from, to, quoted(in, request),
               LLMGW_E_UNSUPPORTED, where);
}

/* ---- instructions --------------------------------------------------------- */

#define LATE                                                         \
    "'max_tokens':9,'messages':[{'role':'system','content':'a'},"    \
    "{'role':'user','content':'b'},{'role':'system','content':'c'}," \
    "{'role':'assistant','content':'d'},{'role':'developer','content':'e'}]}"

static void late_instructions_are_moved(void **state)
{
    (void)state;
    talks(ANTHROPIC, "{'model':'claude-opus-4-5'," LATE,
          "{'model':'claude-opus-4-5','max_tokens':9,'system':[{'type':'text',"
          "'text':'a'},{'type':'text','text':'c'},{'type':'text','text':'e'}],"
          "'messages':[{'role':'user','content':'b'},{'role':'assistant',"
          "'content':'d'}]}",
          "/messages/2 approximated\n/messages/4 approximated");
    talks(ANTHROPIC, "{'model':'claude-opus-4-8'," LATE,
          "{'model':'claude-opus-4-8','max_tokens':9,'system':'a','messages':["
          "{'role':'user','content':'b'},{'role':'system','content':'c'},"
          "{'role':'assistant','content':'d'},{'role':'system','content':'e'}"
          "]}",
          "");
    talks(GEMINI, "{'model':'g'," LATE,
          "{'systemInstruction':{'parts':[{'text':'a'},{'text':'c'},{'text':"
          "'e'}]},'contents':[{'role':'user','parts':[{'text':'b'}]},{'role':"
          "'model','parts':[{'text':'d'}]}],'generationConfig':{"
          "'maxOutputTokens':9}}",
          "/messages/2 approximated\n/messages/4 approximated");
}

static void or_become_the_users(void **state)
{
    (void)state;
    becomes_policy.system_role = LG_SYSTEM_ROLE_USER;
    talks(GEMINI, "{'model':'g'," LATE,
          "{'systemInstruction':{'parts':[{'text':'a'}]},'contents':[{'role':"
          "'user','parts':[{'text':'b'}]},{'role':'user','parts':[{'text':"
          "'<system>c</system>'}]},{'role':'model','parts':[{'text':'d'}]},"
          "{'role':'user','parts':[{'text':'<system>e</system>'}]}],"
          "'generationConfig':{'maxOutputTokens':9}}",
          "/messages/2 approximated\n/messages/4 approximated");
}

static void or_are_refused(void **state)
{
    (void)state;
    becomes_policy.system_role = LG_SYSTEM_ROLE_REJECT;
    refuses(CHAT, GEMINI, "{'model':'g'," LATE, "/messages/2");
    refuses(CHAT, ANTHROPIC, "{'model':'claude-3-opus-20240229'," LATE,
            "/messages/2");
}

static void some_hear_but_the_user(void **state)
{
    (void)state;
    talks(GEMINI,
          "{'model':'gemma-3-27b-it','messages':[{'role':'system','content':"
          "'a'},{'role':'user','content':'b'}]}",
          "{'contents':[{'role':'user','parts':[{'text':'<system>a</system>'}]"
          "},{'role':'user','parts':[{'text':'b'}]}]}",
          "/messages/0 approximated");
}

/* ---- results --------------------------------------------------------------- */

#define RESULTS                                                              \
    "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'x'}," \
    "{'role':'tool','tool_call_id':'c1','content':'early'},{'role':"         \
    "'assistant','content':null,'tool_calls':[{'id':'c1','type':'function'," \
    "'function':{'name':'f','arguments':'{}'}}]},{'role':'tool',"            \
    "'tool_call_id':'c1','content':'y'},{'role':'tool','tool_call_id':'c2'," \
    "'content':'z'}]}"
#define BEFORE \
    "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'x'},"
#define CALL                                                                  \
    "{'role':'assistant','content':[{'type':'tool_use','id':'c1','name':'f'," \
    "'input':{}}]},"
#define ANSWERED "{'type':'tool_result','tool_use_id':'c1','content':'y'}"

static void results_of_no_call_are_words(void **state)
{
    (void)state;
    talks(ANTHROPIC, RESULTS,
          BEFORE "{'role':'user','content':'early'}," CALL
                 "{'role':'user','content':[" ANSWERED
                 ",{'type':'text','text':'z'}]}]}",
          "/messages/1 approximated\n/messages/4 approximated");
}

static void or_are_dropped_or_passed(void **state)
{
    (void)state;
    becomes_policy.orphan_result = LG_ORPHAN_DROP;
    talks(ANTHROPIC, RESULTS,
          BEFORE CALL "{'role':'user','content':[" ANSWERED "]}]}",
          "/messages/1 dropped\n/messages/4 dropped");
    becomes_policy.orphan_result = LG_ORPHAN_PASS;
    talks(ANTHROPIC, RESULTS,
          BEFORE "{'role':'user','content':[{'type':'tool_result',"
                 "'tool_use_id':'c1','content':'early'}]}," CALL
                 "{'role':'user','content':[" ANSWERED
                 ",{'type':'tool_result','tool_use_id':'c2','content':'z'}]}]}",
          "");
    becomes_policy.orphan_result = LG_ORPHAN_REJECT;
    refuses(CHAT, ANTHROPIC, RESULTS, "/messages/1");
}

static void what_a_result_holds_is_kept(void **state)
{
    char in[2048], out[2048];

    (void)state;
    becomes(CORPUS_REQUEST, ANTHROPIC, CHAT,
            quoted(in,
                   "{'model':'m','max_tokens':9,'messages':[{'role':'user',"
                   "'content':[{'type':'tool_result','tool_use_id':'q',"
                   "'content':[{'type':'text','text':'a'},{'type':'image',"
                   "'source':{'type':'url','url':'https://e.org/i.png'}}]},"
                   "{'type':'tool_result','tool_use_id':'r'},{'type':'text',"
                   "'text':'b'}]}]}"),
            quoted(out,
                   "{'model':'m','max_completion_tokens':9,'messages':[{'role':"
                   "'user','content':[{'type':'text','text':'a'},{'type':"
                   "'image_url','image_url':{'url':'https://e.org/i.png'}},"
                   "{'type':'text','text':'b'}]}]}"),
            "/messages/0/content/0 approximated\n"
            "/messages/0/content/1 approximated");
}

/* ---- media ------------------------------------------------------------------ */

#define IMAGE                                                           \
    "'messages':[{'role':'user','content':[{'type':'text','text':'x'}," \
    "{'type':'image_url','image_url':{'url':'https://e.org/i.png'}}]}]}"

static void a_url_is_refused_where_it_has_no_place(void **state)
{
    (void)state;
    refuses(CHAT, CONVERSE, "{'model':'m'," IMAGE, "/messages/0/content/1");
    refuses(CHAT, "ollama-chat", "{'model':'m'," IMAGE,
            "/messages/0/content/1");
    becomes_policy.image_url = LG_IMAGE_URL_PASS;
    talks(CONVERSE, "{'model':'m'," IMAGE,
          "{'messages':[{'role':'user','content':[{'text':'x'}]}]}",
          "/messages/0/content/1 dropped");
}

static void media_that_a_model_knows_not_are_refused(void **state)
{
    (void)state;
    refuses(CHAT, "openai-responses", "{'model':'o3-mini'," IMAGE,
            "/messages/0/content/1");
    refuses(CHAT, ANTHROPIC,
            "{'model':'claude-opus-5','messages':[{'role':'user','content':[{"
            "'type':'input_audio','input_audio':{'data':'AA==','format':'wav'}"
            "}]}]}",
            "/messages/0/content/0");
    refuses(ANTHROPIC, CHAT,
            "{'model':'gpt-3.5-turbo','max_tokens':9,'messages':[{'role':"
            "'user','content':[{'type':'document','source':{'type':'base64',"
            "'media_type':'application/pdf','data':'AA=='}}]}]}",
            "/messages/0/content/0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(late_instructions_are_moved, setup),
        cmocka_unit_test_setup(or_become_the_users, setup),
        cmocka_unit_test_setup(or_are_refused, setup),
        cmocka_unit_test_setup(some_hear_but_the_user, setup),
        cmocka_unit_test_setup(results_of_no_call_are_words, setup),
        cmocka_unit_test_setup(or_are_dropped_or_passed, setup),
        cmocka_unit_test_setup(what_a_result_holds_is_kept, setup),
        cmocka_unit_test_setup(a_url_is_refused_where_it_has_no_place, setup),
        cmocka_unit_test_setup(media_that_a_model_knows_not_are_refused, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
