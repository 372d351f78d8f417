/* SPDX-License-Identifier: MIT
 *
 * Each operation at a provider that has it as its own, and at one that has
 * not: asked and answered in the caller's format all the same. */
#include "tests/api/api.h"

#define ASK_RESPONSES(model) \
    "{\"model\":\"" model "\",\"input\":\"Is it?\",\"store\":false}"
#define ASK_COMPLETIONS(model) \
    "{\"model\":\"" model "\",\"prompt\":\"Is it?\",\"max_tokens\":9}"

#define RESPONSE                                                              \
    "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,\"status\":" \
    "\"completed\",\"model\":\"m\",\"output\":[{\"type\":\"message\",\"id\":" \
    "\"msg_1\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[" \
    "{\"type\":\"output_text\",\"text\":\"It is\",\"annotations\":[]}]}],"    \
    "\"usage\":{\"input_tokens\":5,\"input_tokens_details\":{"                \
    "\"cached_tokens\":2},\"output_tokens\":3,\"output_tokens_details\":{"    \
    "\"reasoning_tokens\":1},\"total_tokens\":8}}"
#define TEXT_COMPLETION                                                \
    "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"text\":\"It is\",\"index\":0,"    \
    "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"       \
    "\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8}}"
#define EVENT(type, rest) \
    "event: " type "\ndata: {\"type\":\"" type "\"," rest "}\n\n"

#define PIECE                                                             \
    EVENT("response.output_text.delta",                                   \
          "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0," \
          "\"delta\":\"It is\",\"sequence_number\":4")

static int ask(const char *operation, const char *json)
{
    return llmgw_call(client(), NULL, operation, json, NUL, &sc.r, &sc.e);
}

static void assert_answered(void)
{
    assert_string_equal(llmgw_response_text(sc.r, NULL), "It is");
    assert_string_equal(llmgw_response_stop(sc.r), "end");
    assert_met();
}

static void responses_at_their_own(void **state)
{
    (void)state;
    script(200, JSON, RESPONSE);
    assert_int_equal(ask("responses", ASK_RESPONSES("openai/m")), 0);
    assert_answered();
    assert_sent(0, "url", "https://api.openai.com/v1/responses");
    assert_sent(0, "body", ASK_RESPONSES("m"));
    assert_string_equal(llmgw_response_json(sc.r, NULL), RESPONSE);
    assert_int_equal(llmgw_response_usage(sc.r, LLMGW_USAGE_INPUT), 3);
    assert_int_equal(llmgw_response_usage(sc.r, LLMGW_USAGE_CACHE_READ), 2);
}

static void responses_at_another(void **state)
{
    (void)state;
    script(200, JSON, MESSAGE("It is"));
    assert_int_equal(ask("responses", ASK_RESPONSES("anthropic/m")), 0);
    assert_answered();
    assert_sent(0, "url", "https://api.anthropic.com/v1/messages");
    assert_has(llmgw_response_json(sc.r, NULL), "\"object\":\"response\"");
    assert_has(llmgw_response_json(sc.r, NULL), "\"status\":\"completed\"");
}

static void responses_streamed(void **state)
{
    (void)state;
    script(200, EVENTS,
           EVENT("response.created",
                 "\"response\":{\"id\":\"resp_1\",\"status\":"
                 "\"in_progress\",\"model\":\"m\",\"output\":[]},"
                 "\"sequence_number\":0")
               PIECE EVENT("response.completed",
                           "\"response\":" RESPONSE ",\"sequence_number\":9"));
    assert_int_equal(llmgw_call_stream(client(), NULL, "responses",
                                       ASK_RESPONSES("openai/m"), NUL, &sc.st,
                                       &sc.e),
                     0);
    while (!llmgw_stream_text(sc.st, NULL))
        if (next() <= 0)
            fail_msg("%s", llmgw_error_message(stream_error()));
    assert_string_equal(llmgw_stream_text(sc.st, NULL), "It is");
    assert_string_equal(llmgw_stream_frame(sc.st, NULL), PIECE);
    assert_int_equal(drain(), 0);
    assert_has(sent(0, "body"), "\"stream\":true");
}

static void completions_at_their_own(void **state)
{
    (void)state;
    script(200, JSON, TEXT_COMPLETION);
    assert_int_equal(ask("completions", ASK_COMPLETIONS("openai/m")), 0);
    assert_answered();
    assert_sent(0, "url", "https://api.openai.com/v1/completions");
    assert_string_equal(llmgw_response_json(sc.r, NULL), TEXT_COMPLETION);
}

static void completions_at_another(void **state)
{
    (void)state;
    script(200, JSON, MESSAGE("It is"));
    assert_int_equal(ask("completions", ASK_COMPLETIONS("anthropic/m")), 0);
    assert_answered();
    assert_has(llmgw_response_json(sc.r, NULL), "\"text_completion\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(responses_at_their_own), SCENE(responses_at_another),
        SCENE(responses_streamed),     SCENE(completions_at_their_own),
        SCENE(completions_at_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
