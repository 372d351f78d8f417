/* SPDX-License-Identifier: MIT */
#include "lib/format/count_tokens.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"

#define A "anthropic-count-tokens"
#define B "bedrock-count-tokens"
#define G "gemini-count-tokens"
#define O "openai-count-tokens"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static void requests_are_those_of_the_chat(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, O, A,
            "{\"model\":\"m\",\"instructions\":\"S\",\"input\":\"a\"}",
            "{\"model\":\"m\",\"system\":\"S\",\"messages\":[{\"role\":\"us"
            "er\",\"content\":\"a\"}]}",
            "");
    becomes(CORPUS_REQUEST, B, A,
            "{\"input\":{\"converse\":{\"messages\":[{\"role\":\"user\",\"c"
            "ontent\":[{\"text\":\"a\"}]}],\"system\":[{\"text\":\"S\"}]}}}",
            "{\"system\":[{\"type\":\"text\",\"text\":\"S\"}],\"messages\":"
            "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
            "\"a\"}]}]}",
            "");
    becomes(CORPUS_REQUEST, G, A,
            "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]"
            "}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", "");
    becomes(CORPUS_REQUEST, G, A,
            "{\"generate_content_request\":{\"model\":\"models/g\",\"conten"
            "ts\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}],\"syst"
            "emInstruction\":{\"parts\":[{\"text\":\"S\"}]}}}",
            "{\"model\":\"g\",\"system\":\"S\",\"messages\":[{\"role\":\"us"
            "er\",\"content\":\"a\"}]}",
            "");
    becomes(CORPUS_REQUEST, A, G,
            "{\"model\":\"g\",\"system\":\"S\",\"messages\":[{\"role\":\"us"
            "er\",\"content\":\"a\"}]}",
            "{\"generateContentRequest\":{\"model\":\"models/g\",\"systemIn"
            "struction\":{\"parts\":[{\"text\":\"S\"}]},\"contents\":[{\"ro"
            "le\":\"user\",\"parts\":[{\"text\":\"a\"}]}]}}",
            "");
    becomes(CORPUS_REQUEST, A, B,
            "{\"model\":\"m\",\"system\":\"S\",\"messages\":[{\"role\":\"us"
            "er\",\"content\":\"a\"}],\"thinking\":{\"type\":\"enabled\",\""
            "budget_tokens\":2000}}",
            "{\"input\":{\"converse\":{\"system\":[{\"text\":\"S\"}],\"mess"
            "ages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}],\""
            "additionalModelRequestFields\":{\"thinking\":{\"type\":\"enabl"
            "ed\",\"budget_tokens\":2000}}}}}",
            "");
}

static void what_does_not_count_is_left_out(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, G, A,
            "{\"generateContentRequest\":{\"model\":\"models/g\",\"contents"
            "\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}],\"genera"
            "tionConfig\":{\"temperature\":0.5,\"stopSequences\":[\"x\"],\""
            "maxOutputTokens\":9}},\"contents\":[]}",
            "{\"model\":\"g\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"a\"}]}",
            "/contents dropped\n/generateContentRequest/generationConfig/ma"
            "xOutputTokens dropped\n/generateContentRequest/generationConfi"
            "g/temperature dropped\n/generateContentRequest/generationConfi"
            "g/stopSequences dropped");
    becomes(CORPUS_REQUEST, O, B,
            "{\"model\":\"m\",\"input\":\"a\",\"text\":{\"format\":{\"type"
            "\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"objec"
            "t\"}}}}",
            "{\"input\":{\"converse\":{\"messages\":[{\"role\":\"user\",\"c"
            "ontent\":[{\"text\":\"a\"}]}]}}}",
            "/text/format dropped");
}

static void losses_are_named_from_without(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, B, A,
            "{\"input\":{\"converse\":{\"messages\":[{\"role\":\"user\",\"c"
            "ontent\":[{\"text\":\"a\"}]}],\"zzz\":1}},\"yyy\":2}",
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tex"
            "t\",\"text\":\"a\"}]}]}",
            "/yyy dropped\n/input/converse/zzz dropped");
    is_refused(CORPUS_REQUEST, B, A,
               "{\"input\":{\"invokeModel\":{\"body\":\"e30=\"}}}",
               LLMGW_E_UNSUPPORTED, "/input/invokeModel");
    is_refused(CORPUS_REQUEST, B, A, "{\"input\":{}}", LLMGW_E_JSON, "/input");
    is_refused(CORPUS_REQUEST, B, A, "{\"input\":{\"converse\":[]}}",
               LLMGW_E_JSON, "/input/converse");
    is_refused(CORPUS_REQUEST, B, A, "{}", LLMGW_E_JSON, "");
    is_refused(CORPUS_REQUEST, B, A,
               "{\"input\":{\"converse\":{\"messages\":7}}}", LLMGW_E_JSON,
               "/input/converse/messages");
}

static void answers_are_numbers(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, A, O, "{\"input_tokens\":7}",
            "{\"object\":\"response.input_tokens\",\"input_tokens\":7}", "");
    becomes(CORPUS_ANSWER, A, B,
            "{\"input_tokens\":7,\"context_management\":{\"original_input_t"
            "okens\":9}}",
            "{\"inputTokens\":7}", "/context_management dropped");
    becomes(CORPUS_ANSWER, O, A,
            "{\"object\":\"response.input_tokens\",\"input_tokens\":0}",
            "{\"input_tokens\":0}", "");
    becomes(CORPUS_ANSWER, G, A,
            "{\"totalTokens\":50,\"cachedContentTokenCount\":30,\"promptTok"
            "ensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":50}]}",
            "{\"input_tokens\":50}", "");
    becomes(CORPUS_ANSWER, B, G, "{\"inputTokens\":7}", "{\"totalTokens\":7}",
            "");
    is_refused(CORPUS_ANSWER, A, O, "{\"input_tokens\":-1}", LLMGW_E_PROTOCOL,
               "/input_tokens");
    is_refused(CORPUS_ANSWER, A, O, "{\"input_tokens\":1.5}", LLMGW_E_PROTOCOL,
               "/input_tokens");
    is_refused(CORPUS_ANSWER, A, O, "{\"totalTokens\":1}", LLMGW_E_PROTOCOL,
               "");
    is_refused(CORPUS_ANSWER, A, O, "[]", LLMGW_E_PROTOCOL, "");
}

static void errors_are_those_of_the_chat(void **state)
{
    (void)state;
    becomes(CORPUS_ERROR, A, O,
            "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\""
            "message\":\"m\"}}",
            "{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error"
            "\",\"param\":null,\"code\":\"model_not_found\"}}",
            "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_are_those_of_the_chat, setup),
        cmocka_unit_test_setup(what_does_not_count_is_left_out, setup),
        cmocka_unit_test_setup(losses_are_named_from_without, setup),
        cmocka_unit_test_setup(answers_are_numbers, setup),
        cmocka_unit_test_setup(errors_are_those_of_the_chat, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
