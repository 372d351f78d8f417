/* SPDX-License-Identifier: MIT
 *
 * Requests of anthropic-messages, and what they are here. */
#include "lib/format/openai_chat.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/job.h"
#include "tests/support/json_equal.h"

extern const struct lg_format lg_format_anthropic_messages;

#define USER "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

static struct lg_policy policy;

static int setup(void **state)
{
    (void)state;
    policy = lg_policy_default;
    policy.orphan_result = LG_ORPHAN_PASS;
    return 0;
}

/* `request` becomes `want`; `losses`: pointer and action of each, a line
 * each. */
static void becomes(const char *request, const char *want, const char *losses)
{
    struct job j;
    struct lg_buf told;

    lg_buf_init(&told, 65536);
    job_init(&j, &lg_format_anthropic_messages, &lg_format_openai_chat);
    j.v.policy = &policy;
    if (job_run(&j, CORPUS_REQUEST, lg_str_of(request)) < 0)
        fail_msg("%s: %s", request, j.err.text);
    if (!json_equal(lg_buf_span(&j.out), lg_str_of(want)))
        fail_msg("%s\n  gives %s\n  not   %s", request, j.out.p, want);
    for (const struct lg_loss *l = j.losses.first; l; l = l->next)
        lg_buf_printf(&told, "%s%s %s", told.n ? "\n" : "", l->pointer,
                      lg_loss_action_name((enum lg_loss_action)l->action));
    if (!lg_str_is(lg_buf_span(&told), losses))
        fail_msg("%s\n  loses %s\n  not   %s", request, told.p, losses);
    lg_buf_done(&told);
    job_done(&j);
}

/* Only what `member` says is looked at, in a request that holds little else. */
static void setting(const char *member, const char *want, const char *losses)
{
    char request[1024], expected[1024];

    (void)snprintf(request, sizeof(request),
                   "{\"model\":\"m\",\"max_tokens\":1000," USER "%s%s}",
                   *member ? "," : "", member);
    (void)snprintf(expected, sizeof(expected),
                   "{\"model\":\"m\",\"max_completion_tokens\":1000," USER
                   "%s%s}",
                   *want ? "," : "", want);
    becomes(request, expected, losses);
}

/* ---- settings ------------------------------------------------------------- */

static void settings_have_their_names(void **state)
{
    (void)state;
    setting("\"temperature\":0.50,\"top_p\":0.9,\"stop_sequences\":[\"a\"]",
            "\"temperature\":0.50,\"top_p\":0.9,\"stop\":[\"a\"]", "");
    setting("\"metadata\":{\"user_id\":\"u\"}", "\"safety_identifier\":\"u\"",
            "");
    setting("\"service_tier\":\"standard_only\"",
            "\"service_tier\":\"default\"", "");
    setting("\"service_tier\":\"auto\"", "\"service_tier\":\"auto\"", "");
    setting("\"stop_sequences\":[]", "", "");
}

static void what_has_no_name_is_told(void **state)
{
    (void)state;
    setting("\"top_k\":5", "", "/top_k dropped");
    setting("\"service_tier\":\"unheard\"", "", "/service_tier dropped");
    setting("\"cache_control\":{\"type\":\"ephemeral\"}", "",
            "/cache_control dropped");
    setting("\"container\":\"c\",\"unheard\":null", "", "/container dropped");
    setting("\"stop_sequences\":[\"1\",\"2\",\"3\",\"4\",\"5\"]",
            "\"stop\":[\"1\",\"2\",\"3\",\"4\"]",
            "/stop_sequences approximated");
}

static void a_stream_tells_its_usage(void **state)
{
    (void)state;
    setting("\"stream\":true",
            "\"stream\":true,\"stream_options\":{\"include_usage\":true}", "");
    setting("\"stream\":false", "\"stream\":false", "");
    policy.no_stream_usage = 1;
    setting("\"stream\":true", "\"stream\":true", "");
}

static void max_tokens_has_two_names(void **state)
{
    struct job j;

    (void)state;
    policy.old_max_tokens = 1;
    becomes("{\"model\":\"m\",\"max_tokens\":5," USER "}",
            "{\"model\":\"m\",\"max_tokens\":5," USER "}", "");
    job_init(&j, &lg_format_anthropic_messages, &lg_format_openai_chat);
    assert_int_equal(
        job_run(&j, CORPUS_REQUEST,
                LG_STR("{\"model\":\"m\",\"max_tokens\":0," USER "}")),
        LLMGW_E_UNSUPPORTED);
    assert_string_equal(j.err.where, "/max_tokens");
    job_done(&j);
}

static void thinking_is_an_effort(void **state)
{
    static const struct {
        int budget;
        const char *effort;
    } cases[] = {{349, "low"},  {350, "medium"}, {649, "medium"},
                 {650, "high"}, {5000, "high"},  {0, "none"}};
    char member[128], want[64];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        (void)snprintf(member, sizeof(member),
                       "\"thinking\":{\"type\":\"enabled\","
                       "\"budget_tokens\":%d}",
                       cases[i].budget);
        (void)snprintf(want, sizeof(want), "\"reasoning_effort\":\"%s\"",
                       cases[i].effort);
        setting(member, want, "/thinking approximated");
    }
    setting("\"output_config\":{\"effort\":\"xhigh\"}",
            "\"reasoning_effort\":\"xhigh\"", "");
    setting("\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{"
            "\"effort\":\"max\"}",
            "\"reasoning_effort\":\"max\"", "/thinking approximated");
    setting("\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"}",
            "\"reasoning_effort\":\"medium\"",
            "/thinking approximated\n/thinking/display dropped");
    setting("\"thinking\":{\"type\":\"disabled\"}", "",
            "/thinking approximated");
    setting("\"thinking\":{\"type\":\"unheard\"}", "", "/thinking dropped");
}

static void a_schema_is_a_response_format(void **state)
{
    (void)state;
    setting("\"output_config\":{\"format\":{\"type\":\"json_schema\","
            "\"schema\":{\"type\":\"object\"}}}",
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
            "\"name\":\"response\",\"schema\":{\"type\":\"object\"}}}",
            "");
    setting("\"output_config\":{\"format\":{\"type\":\"unheard\"}}", "",
            "/output_config/format dropped");
}

/* ---- tools ---------------------------------------------------------------- */

#define TOOL "{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}"
#define FUNCTION                                                           \
    "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{" \
    "\"type\":\"object\"}}}"

static void tools_are_functions(void **state)
{
    (void)state;
    setting(
        "\"tools\":[{\"type\":\"custom\",\"name\":\"f\",\"description\":"
        "\"d\",\"input_schema\":{\"additionalProperties\":false,\"type\":"
        "\"object\"},\"strict\":true,"
        "\"cache_control\":{\"type\":\"ephemeral\"},\"input_examples\":[]}]",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"description\":\"d\",\"parameters\":{\"additionalProperties\":"
        "false,\"type\":\"object\"},\"strict\":true}}]",
        "/tools/0/cache_control dropped\n/tools/0/input_examples dropped");
    setting("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"w\"}," TOOL
            "]",
            "\"tools\":[" FUNCTION "]", "/tools/0 dropped");
    setting("\"tools\":[]", "", "");
}

static void a_choice_is_a_word_or_a_name(void **state)
{
    (void)state;
    setting("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"auto\"}",
            "\"tools\":[" FUNCTION "],\"tool_choice\":\"auto\"", "");
    setting("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"any\","
            "\"disable_parallel_tool_use\":true}",
            "\"tools\":[" FUNCTION "],\"tool_choice\":\"required\","
            "\"parallel_tool_calls\":false",
            "");
    setting("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"none\"}",
            "\"tools\":[" FUNCTION "],\"tool_choice\":\"none\"", "");
    setting("\"tools\":[" TOOL
            "],\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}",
            "\"tools\":[" FUNCTION "],\"tool_choice\":{\"type\":\"function\","
            "\"function\":{\"name\":\"f\"}}",
            "");
    setting("\"tools\":[" TOOL
            "],\"tool_choice\":{\"type\":\"tool\",\"name\":\"w\"}",
            "\"tools\":[" FUNCTION "]", "/tool_choice dropped");
    setting("\"tool_choice\":{\"type\":\"auto\","
            "\"disable_parallel_tool_use\":true}",
            "", "");
    setting("\"tool_choice\":{\"type\":\"any\"}", "", "/tool_choice dropped");
}

/* ---- messages ------------------------------------------------------------- */

static void talk(const char *messages, const char *want, const char *losses)
{
    char request[4096], expected[4096];

    (void)snprintf(request, sizeof(request),
                   "{\"model\":\"m\",\"max_tokens\":9,%s}", messages);
    (void)snprintf(
        expected, sizeof(expected),
        "{\"model\":\"m\",\"max_completion_tokens\":9,\"messages\":[%s]}",
        want);
    becomes(request, expected, losses);
}

static void a_system_prompt_leads(void **state)
{
    (void)state;
    talk("\"system\":\"s\"," USER,
         "{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\","
         "\"content\":\"x\"}",
         "");
    talk("\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
         "\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\"}}]," USER,
         "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
         "{\"type\":\"text\",\"text\":\"b\"}]},{\"role\":\"user\",\"content\":"
         "\"x\"}",
         "/system/1/cache_control dropped");
}

#define IMAGE                                                             \
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":" \
    "\"image/png\",\"data\":\"AAAA\"}}"
#define IMAGE_URL                                                             \
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64," \
    "AAAA\"}}"
#define SAYS(role, content) "{\"role\":\"" role "\",\"content\":" content "}"
#define TALK(...)           "\"messages\":[" __VA_ARGS__ "]"

static void users_send_media(void **state)
{
    (void)state;
    talk(TALK(SAYS("user", "[" IMAGE ",{\"type\":\"image\",\"source\":{"
                           "\"type\":\"url\",\"url\":\"https://e.com/i\"}},{"
                           "\"type\":\"image\",\"source\":{\"type\":\"file\","
                           "\"file_id\":\"f\"}}]")),
         SAYS("user", "[" IMAGE_URL ",{\"type\":\"image_url\",\"image_url\":{"
                      "\"url\":\"https://e.com/i\"}}]"),
         "/messages/0/content/2 dropped");
    talk(TALK(SAYS("user",
                   "[{\"type\":\"document\",\"title\":\"T\",\"source\":{"
                   "\"type\":\"base64\",\"media_type\":\"application/pdf\","
                   "\"data\":\"AAAA\"}},{\"type\":\"document\",\"source\":{"
                   "\"type\":\"base64\",\"media_type\":\"application/pdf\","
                   "\"data\":\"AAAA\"},\"context\":\"c\"},{\"type\":"
                   "\"document\",\"source\":{\"type\":\"text\",\"media_type\":"
                   "\"text/plain\",\"data\":\"plain\"}},{\"type\":\"document\","
                   "\"source\":{\"type\":\"url\",\"url\":\"https://e.com/d\"}},"
                   "{\"type\":\"document\",\"source\":{\"type\":\"content\","
                   "\"content\":[{\"type\":\"text\",\"text\":\"in\"}," IMAGE
                   "]}}]")),
         SAYS("user",
              "[{\"type\":\"file\",\"file\":{\"filename\":\"T\",\"file_data\":"
              "\"data:application/pdf;base64,AAAA\"}},{\"type\":\"file\","
              "\"file\":{\"filename\":\"document.pdf\",\"file_data\":"
              "\"data:application/pdf;base64,AAAA\"}},{\"type\":\"text\","
              "\"text\":\"plain\"},{\"type\":\"text\",\"text\":"
              "\"in\"}," IMAGE_URL "]"),
         "/messages/0/content/1/context dropped\n"
         "/messages/0/content/2 approximated\n"
         "/messages/0/content/3 dropped\n"
         "/messages/0/content/4 approximated");
    talk(TALK(SAYS("user", "[{\"type\":\"container_upload\",\"file_id\":"
                           "\"f\"}]")),
         SAYS("user", "\"\""), "/messages/0/content/0 dropped");
}

#define RESULT(id, more) \
    "{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\"" more "}"
#define ANSWER(id, content) \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":" content "}"
#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"

static void results_are_messages(void **state)
{
    (void)state;
    talk(
        TALK(SAYS(
            "user",
            "[" TEXT("before") "," RESULT("a", ",\"content\":\"r\"") "," RESULT(
                "b",
                ",\"content\":[" TEXT(
                    "one") "]") "," RESULT("c",
                                           ",\"content\":[" TEXT("1") "," TEXT(
                                               "2") "]") "," RESULT("d",
                                                                    "") "," TEXT("after") "]")),
        ANSWER("a", "\"r\"") "," ANSWER("b", "\"one\"") "," ANSWER(
            "c",
            "[" TEXT("1") "," TEXT(
                "2") "]") "," ANSWER("d",
                                     "\"\"") "," SAYS("user",
                                                      "[" TEXT("before") "," TEXT(
                                                          "after") "]"),
        "");
}

static void results_that_failed_say_so(void **state)
{
    (void)state;
    talk(
        TALK(SAYS(
            "user",
            "[" RESULT(
                "a",
                ",\"content\":\"no\",\"is_error\":"
                "true") "," RESULT("b",
                                   ",\"is_error\":false,\"content\":\"y\"") "," RESULT("c",
                                                                                       ",\"is_error\":true,\"content\":[" TEXT(
                                                                                           "1") "," TEXT("2") "]") "]")),
        ANSWER("a", "\"Error: no\"") "," ANSWER("b", "\"y\"") "," ANSWER(
            "c", "[" TEXT("Error: ") "," TEXT("1") "," TEXT("2") "]"),
        "/messages/0/content/0/is_error approximated\n"
        "/messages/0/content/2/is_error approximated");
}

static void media_of_results_move_behind_all_of_them(void **state)
{
    (void)state;
    talk(TALK(SAYS(
             "user",
             "[" RESULT(
                 "a",
                 ",\"content\":[" TEXT(
                     "1") "," IMAGE
                          "]") "," RESULT("b",
                                          ",\"content\":"
                                          "\"r\"") "]") "," SAYS("assistant",
                                                                 "\"ok\"")),
         ANSWER("a", "[" TEXT("1") "," TEXT("[image]") "]") "," ANSWER(
             "b", "\"r\"") "," SAYS("user",
                                    "[" IMAGE_URL
                                    "]") "," SAYS("assistant", "\"ok\""),
         "/messages/0/content/0/content/1 approximated");
    talk(TALK(SAYS("user", "[" RESULT("a", ",\"content\":[" IMAGE
                                           "]") "," TEXT("see?") "]")),
         ANSWER("a", "[" TEXT("[image]") "]") "," SAYS(
             "user", "[" IMAGE_URL "," TEXT("see?") "]"),
         "/messages/0/content/0/content/0 approximated");
    talk(TALK(SAYS(
             "user",
             "[" RESULT("a",
                        ",\"content\":[" IMAGE
                        "]") "]") "," SAYS("user",
                                           "[" RESULT(
                                               "b", ",\"content\":\"r\"") "]")),
         ANSWER("a", "[" TEXT("[image]") "]") "," ANSWER("b", "\"r\"") "," SAYS(
             "user", "[" IMAGE_URL "]"),
         "/messages/0/content/0/content/0 approximated");
}

#define USE(id, input)                                                         \
    "{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"f\",\"input\":" input \
    "}"
#define CALL(id, arguments)                                                  \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\"," \
    "\"arguments\":\"" arguments "\"}}"

static void calls_stand_beside_the_text(void **state)
{
    (void)state;
    talk(
        TALK(SAYS("assistant",
                  "[" TEXT("a") "," TEXT("b\\n") "," USE(
                      "1",
                      "{\"z\": "
                      "1.0, \"a\":\"\\u00e9\\n\"}") "," USE("2", "{}") "]")),
        "{\"role\":\"assistant\",\"content\":\"ab\\n\",\"tool_calls\":[" CALL(
            "1",
            "{\\\"z\\\": 1.0, \\\"a\\\":\\\"\\\\u00e9\\\\n\\\"}") "," CALL("2",
                                                                           "{}") "]}",
        "");
    talk(TALK(SAYS("assistant", "[" USE("1", "{}") "," TEXT("late") "]")),
         "{\"role\":\"assistant\",\"content\":\"late\",\"tool_calls\":[" CALL(
             "1", "{}") "]}",
         "/messages/0/content/1 approximated");
    talk(TALK(SAYS("assistant", "[" USE("1", "{}") "]")),
         "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" CALL(
             "1", "{}") "]}",
         "");
}

static void thinking_stays_behind(void **state)
{
    (void)state;
    talk(TALK(SAYS(
             "assistant",
             "[{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":"
             "\"s\"},{\"type\":\"redacted_thinking\",\"data\":\"d\"}," TEXT(
                 "a") ",{\"type\":\"server_tool_use\",\"id\":\"i\","
                      "\"name\":\"web_search\",\"input\":{}}]")),
         SAYS("assistant", "\"a\""),
         "/messages/0/content/0 dropped\n/messages/0/content/1 dropped\n"
         "/messages/0/content/3 dropped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(settings_have_their_names, setup),
        cmocka_unit_test_setup(what_has_no_name_is_told, setup),
        cmocka_unit_test_setup(a_stream_tells_its_usage, setup),
        cmocka_unit_test_setup(max_tokens_has_two_names, setup),
        cmocka_unit_test_setup(thinking_is_an_effort, setup),
        cmocka_unit_test_setup(a_schema_is_a_response_format, setup),
        cmocka_unit_test_setup(tools_are_functions, setup),
        cmocka_unit_test_setup(a_choice_is_a_word_or_a_name, setup),
        cmocka_unit_test_setup(a_system_prompt_leads, setup),
        cmocka_unit_test_setup(users_send_media, setup),
        cmocka_unit_test_setup(results_are_messages, setup),
        cmocka_unit_test_setup(results_that_failed_say_so, setup),
        cmocka_unit_test_setup(media_of_results_move_behind_all_of_them, setup),
        cmocka_unit_test_setup(calls_stand_beside_the_text, setup),
        cmocka_unit_test_setup(thinking_stays_behind, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
