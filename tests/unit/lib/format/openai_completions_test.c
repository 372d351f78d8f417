/* SPDX-License-Identifier: MIT
 *
 * Prompts as conversations and conversations as prompts; answers and streams
 * of other formats as completions, and back. */
#include "lib/format/openai_completions.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/job.h"

#define C    "openai-completions"
#define CHAT "openai-chat"
#define A    "anthropic-messages"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

/* ---- requests ----------------------------------------------------------- */

static void a_prompt_is_a_message(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, C, CHAT,
            "{\"model\":\"m\",\"prompt\":\"a\\u0000\\n\",\"max_tokens\":5}",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"a\\u0000\\n\"}],\"max_completion_tokens\":5}",
            "");
    becomes(CORPUS_REQUEST, C, A,
            "{\"model\":\"m\",\"prompt\":[\"a\"],\"max_tokens\":5}",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            "[{\"type\":\"text\",\"text\":\"a\"}]}],\"max_tokens\":5}",
            "");
}

static void settings_have_their_names(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, C, CHAT,
            "{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":5,"
            "\"temperature\":0.50,\"top_p\":1,\"seed\":7,\"n\":2,"
            "\"presence_penalty\":1,\"frequency_penalty\":-1,"
            "\"logit_bias\":{\"1\":2},\"logprobs\":3,\"stop\":\"x\","
            "\"user\":\"u\",\"stream\":true}",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"a\"}],\"max_completion_tokens\":5,\"temperature\":0.50,"
            "\"top_p\":1,\"seed\":7,\"n\":2,\"presence_penalty\":1,"
            "\"frequency_penalty\":-1,\"logit_bias\":{\"1\":2},"
            "\"logprobs\":true,\"top_logprobs\":3,\"stop\":[\"x\"],"
            "\"safety_identifier\":\"u\",\"stream\":true,"
            "\"stream_options\":{\"include_usage\":true}}",
            "");
    becomes(CORPUS_REQUEST, C, CHAT,
            "{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":5,"
            "\"suffix\":\"b\",\"echo\":true,\"best_of\":2,\"zzz\":null}",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"a\"}],\"max_completion_tokens\":5}",
            "/suffix dropped\n/echo dropped\n/best_of dropped");
}

static void other_prompts_are_refused(void **state)
{
    (void)state;
    is_refused(CORPUS_REQUEST, C, CHAT, "{\"prompt\":[\"a\",\"b\"]}",
               LLMGW_E_UNSUPPORTED, "/prompt");
    is_refused(CORPUS_REQUEST, C, A, "{\"prompt\":[1,2]}", LLMGW_E_UNSUPPORTED,
               "/prompt");
    is_refused(CORPUS_REQUEST, C, A, "{\"prompt\":[[1],[2]]}",
               LLMGW_E_UNSUPPORTED, "/prompt");
    is_refused(CORPUS_REQUEST, C, CHAT, "{\"prompt\":[]}", LLMGW_E_UNSUPPORTED,
               "/prompt");
    is_refused(CORPUS_REQUEST, C, CHAT, "{\"prompt\":7}", LLMGW_E_JSON,
               "/prompt");
    is_refused(CORPUS_REQUEST, C, CHAT, "{\"prompt\":null}", LLMGW_E_JSON,
               "/prompt");
    is_refused(CORPUS_REQUEST, C, CHAT, "{}", LLMGW_E_JSON, "");
    is_refused(CORPUS_REQUEST, C, CHAT, "{\"prompt\":\"a\",\"stop\":7}",
               LLMGW_E_JSON, "/stop");
}

static void a_question_is_a_prompt(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, CHAT, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"a\\\"\"}]}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"a\\\"\"}", "");
    becomes(CORPUS_REQUEST, CHAT, C,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"a\"}]}",
            "{\"model\":\"m\",\"max_tokens\":4096,\"prompt\":\"a\"}",
            " approximated");
}

static void a_conversation_is_told(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, A, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"system\":\"S\",\"messages\":["
            "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
            "\"a\"},{\"type\":\"text\",\"text\":\"b\"}]},"
            "{\"role\":\"assistant\",\"content\":\"c\"},"
            "{\"role\":\"user\",\"content\":\"d\"}]}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"S\\n\\nuser: "
            "a\\nb\\n\\nassistant: c\\n\\nuser: d\\n\\nassistant:\"}",
            "/system approximated");
    becomes(CORPUS_REQUEST, A, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
            "{\"role\":\"user\",\"content\":\"a\"},"
            "{\"role\":\"assistant\",\"content\":\"It is\"}]}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"user: a\\n\\n"
            "assistant: It is\"}",
            "/messages/0 approximated");
}

static void what_is_no_text_is_told_lost(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, CHAT, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"name\":\"n\",\"content\":[{\"type\":\"image_url\","
            "\"image_url\":{\"url\":\"https://e.x/i.png\"}},{\"type\":\"text\","
            "\"text\":\"a\"}]}],\"tools\":[{\"type\":\"function\","
            "\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"auto\","
            "\"response_format\":{\"type\":\"json_object\"},"
            "\"reasoning_effort\":\"low\",\"metadata\":{\"a\":\"b\"},"
            "\"logprobs\":false,\"top_logprobs\":2}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"user: a\\n\\n"
            "assistant:\"}",
            "/top_logprobs dropped\n/metadata dropped\n/reasoning_effort "
            "dropped\n/messages/0/content/0 dropped\n/messages/0/name dropped"
            "\n/messages/0 approximated\n/tools/0 dropped\n/tool_choice "
            "dropped\n/response_format dropped");
    becomes(CORPUS_REQUEST, CHAT, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"a\"}],\"logprobs\":true,"
            "\"top_logprobs\":20}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"a\","
            "\"logprobs\":5}",
            "/top_logprobs approximated");
    becomes(CORPUS_REQUEST, CHAT, C,
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"a\"}],\"logprobs\":true}",
            "{\"model\":\"m\",\"max_tokens\":9,\"prompt\":\"a\","
            "\"logprobs\":0}",
            "");
}

/* ---- answers ------------------------------------------------------------ */

#define USAGE                                                                 \
    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\"" \
    ":12}"
#define ANSWER                                                          \
    "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":17," \
    "\"model\":\"m\",\"choices\":[{\"text\":\"a\\n\",\"index\":0,"      \
    "\"logprobs\":null,\"finish_reason\":\"length\"}]," USAGE "}"

static void answers_are_turned(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, C, CHAT, ANSWER,
            "{\"id\":\"cmpl-1\",\"object\":\"chat.completion\",\"created\":17,"
            "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
            "\"assistant\",\"content\":\"a\\n\",\"refusal\":null},\"logprobs\":"
            "null,\"finish_reason\":\"length\"}]," USAGE "}",
            "");
    becomes(CORPUS_ANSWER, CHAT, C,
            "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":17,"
            "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
            "\"assistant\",\"content\":\"a\",\"refusal\":null},\"logprobs\":"
            "null,\"finish_reason\":\"stop\"}]," USAGE "}",
            "{\"id\":\"c\",\"object\":\"text_completion\",\"created\":17,"
            "\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"a\","
            "\"logprobs\":null,\"finish_reason\":\"stop\"}]," USAGE "}",
            "");
}

static void calls_are_lost(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, A, C,
            "{\"id\":\"i\",\"type\":\"message\",\"role\":\"assistant\","
            "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
            "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}},"
            "{\"type\":\"text\",\"text\":\"b\"}],\"stop_reason\":\"tool_use\","
            "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
            "\"output_tokens\":2}}",
            "{\"id\":\"i\",\"object\":\"text_completion\",\"created\":"
            "1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":"
            "\"ab\",\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
            "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}",
            "/content/1 dropped\n/stop_reason approximated");
}

static void log_probabilities_stay(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, C, CHAT,
            "{\"id\":\"i\",\"object\":\"text_completion\",\"created\":1,"
            "\"model\":\"m\",\"choices\":[{\"text\":\"a\",\"index\":0,"
            "\"logprobs\":{\"tokens\":[\"a\"]},\"finish_reason\":\"stop\"}]}",
            "{\"id\":\"i\",\"object\":\"chat.completion\",\"created\":1,"
            "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
            "\"assistant\",\"content\":\"a\",\"refusal\":null},\"logprobs\":"
            "null,\"finish_reason\":\"stop\"}]}",
            "/choices/0/logprobs dropped");
    is_refused(CORPUS_ANSWER, C, CHAT, "{\"choices\":{}}", LLMGW_E_PROTOCOL,
               "/choices");
    is_refused(CORPUS_ANSWER, C, CHAT, "{\"id\":\"i\"}", LLMGW_E_PROTOCOL, "");
}

/* ---- streams ------------------------------------------------------------ */

#define HEAD                                                             \
    "data: {\"id\":\"i\",\"object\":\"text_completion\",\"created\":17," \
    "\"model\":\"m\",\"choices\":["
#define PIECE(text)                                              \
    HEAD "{\"index\":0,\"text\":\"" text "\",\"logprobs\":null," \
         "\"finish_reason\":null}]}\n\n"
#define LAST(reason)                                     \
    HEAD "{\"index\":0,\"text\":\"\",\"logprobs\":null," \
         "\"finish_reason\":\"" reason "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

#define CHUNK(choices)                                                      \
    "data: {\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"created\":" \
    "17,\"model\":\"m\",\"choices\":[" choices "]}\n\n"

static void streams_are_written(void **state)
{
    (void)state;
    becomes(
        CORPUS_STREAM, CHAT, C,
        CHUNK("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
              "\"\"},\"finish_reason\":null}")
            CHUNK(
                "{\"index\":0,\"delta\":{\"content\":\"a\\\"\"},"
                "\"finish_reason\":null}") CHUNK("{\"index\":0,\"delta\":{\"content\":\"b\"},"
                                                 "\"finish_reason\":null}")
                CHUNK(
                    "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}") "data: {\"id\":\"i\",\"object\":\"chat.completion.chunk\","
                                                                             "\"created\":17,\"model\":\"m\",\"choices\":[]," USAGE
                                                                             "}\n\n" DONE,
        PIECE("a\\\"") PIECE("b") LAST("stop") HEAD "]," USAGE "}\n\n" DONE,
        "");
    becomes_bridge.wants_usage = 0;
    becomes(
        CORPUS_STREAM, C, CHAT,
        PIECE("a") HEAD "{\"index\":0,\"text\":\"b\",\"logprobs\":null,"
                        "\"finish_reason\":\"length\"}]," USAGE "}\n\n" DONE,
        CHUNK("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
              "\"\"},\"finish_reason\":null}")
            CHUNK("{\"index\":0,\"delta\":{\"content\":\"a\"},"
                  "\"finish_reason\":null}")
                CHUNK("{\"index\":0,\"delta\":{\"content\":\"b\"},"
                      "\"finish_reason\":null}")
                    CHUNK(
                        "{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}")
                        DONE,
        "");
}

static void thinking_and_calls_are_told_lost(void **state)
{
    (void)state;
    becomes(
        CORPUS_STREAM, CHAT, C,
        CHUNK("{\"index\":0,\"delta\":{\"reasoning_content\":\"t\"},"
              "\"finish_reason\":null}")
            CHUNK("{\"index\":0,\"delta\":{\"refusal\":\"no\"},"
                  "\"finish_reason\":null}")
                CHUNK(
                    "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
                    "\"id\":\"x\",\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":null}")
                    CHUNK(
                        "{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}")
                        DONE,
        PIECE("no") LAST("stop") DONE, " dropped\n approximated");
}

static const struct lg_format *self(void)
{
    return lg_format_by_name(LG_STR(C));
}

/* What a stream says, cut off or not. */
static int stream_rc(const char *text, size_t *by_template)
{
    struct event_log log;
    struct reading r;

    event_log_init(&log);
    r = stream_read(self(), lg_str_of(text), PIECES_WHOLE, &log.sink);
    if (by_template)
        *by_template = r.by_template;
    event_log_done(&log);
    return r.rc;
}

static void only_done_after_a_finish_is_complete(void **state)
{
    size_t by_template = 0;

    (void)state;
    assert_int_equal(stream_rc(PIECE("a") LAST("stop") DONE, NULL), 0);
    assert_int_equal(stream_rc(PIECE("a") LAST("stop"), NULL),
                     LLMGW_E_TRUNCATED);
    assert_int_equal(stream_rc(PIECE("a") DONE, NULL), LLMGW_E_TRUNCATED);
    assert_int_equal(stream_rc(DONE, NULL), LLMGW_E_TRUNCATED);
    assert_int_equal(stream_rc("", NULL), LLMGW_E_TRUNCATED);
    assert_int_equal(stream_rc(PIECE("a") "data: {\"error\":{\"message\":"
                                          "\"x\"}}\n\n" DONE,
                               NULL),
                     LLMGW_E_TRUNCATED);
    assert_int_equal(stream_rc(PIECE("a") "data: {\"choices\":\n\n", NULL),
                     LLMGW_E_PROTOCOL);
    assert_int_equal(stream_rc(PIECE("a") PIECE("b") PIECE("c\\n") PIECE("d")
                                   LAST("stop") DONE,
                               &by_template),
                     0);
    assert_int_equal(by_template, 2); /* the first opens, the second teaches */
}

static void a_stream_is_its_answer(void **state)
{
    struct lg_buf whole, folded;

    (void)state;
    lg_buf_init(&whole, 65536);
    lg_buf_init(&folded, 65536);
    assert_int_equal(answer_say(self(), CORPUS_ANSWER,
                                LG_STR("{\"id\":\"i\",\"created\":17,\"model\":"
                                       "\"m\",\"choices\":[{\"text\":\"ab\","
                                       "\"index\":0,\"finish_reason\":"
                                       "\"stop\"}]," USAGE "}"),
                                answer_text, &whole),
                     0);
    assert_int_equal(answer_say(self(), CORPUS_STREAM,
                                LG_STR(PIECE("a") PIECE("b") LAST("stop") HEAD
                                       "]," USAGE "}\n\n" DONE),
                                answer_text, &folded),
                     0);
    assert_string_equal(whole.p, folded.p);
    lg_buf_done(&whole);
    lg_buf_done(&folded);
}

static void errors_are_openais(void **state)
{
    (void)state;
    becomes(CORPUS_ERROR, C, A,
            "{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\","
            "\"param\":null,\"code\":\"model_not_found\"}}",
            "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
            "\"message\":\"m\"}}",
            "/error/code dropped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_prompt_is_a_message, setup),
        cmocka_unit_test_setup(settings_have_their_names, setup),
        cmocka_unit_test_setup(other_prompts_are_refused, setup),
        cmocka_unit_test_setup(a_question_is_a_prompt, setup),
        cmocka_unit_test_setup(a_conversation_is_told, setup),
        cmocka_unit_test_setup(what_is_no_text_is_told_lost, setup),
        cmocka_unit_test_setup(answers_are_turned, setup),
        cmocka_unit_test_setup(calls_are_lost, setup),
        cmocka_unit_test_setup(log_probabilities_stay, setup),
        cmocka_unit_test_setup(streams_are_written, setup),
        cmocka_unit_test_setup(thinking_and_calls_are_told_lost, setup),
        cmocka_unit_test_setup(only_done_after_a_finish_is_complete, setup),
        cmocka_unit_test_setup(a_stream_is_its_answer, setup),
        cmocka_unit_test_setup(errors_are_openais, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
