/* SPDX-License-Identifier: MIT */
#include "lib/format/embed.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"

#define O "openai-embeddings"
#define C "cohere-embeddings"
#define T "bedrock-titan-embeddings"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static void one_text_a_request(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, T, O,
            "{\"inputText\":\"a\",\"dimensions\":256,\"normalize\":false,\""
            "embeddingTypes\":[\"float\"]}",
            "{\"input\":\"a\",\"dimensions\":256,\"encoding_format\":\"floa"
            "t\"}",
            "/normalize dropped");
    becomes(CORPUS_REQUEST, O, T,
            "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":256}",
            "{\"inputText\":\"a\",\"dimensions\":256}", "");
    becomes(CORPUS_REQUEST, O, T,
            "{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"base6"
            "4\"}",
            "{\"inputText\":\"a\",\"embeddingTypes\":[\"float\"]}", "");
    becomes(CORPUS_REQUEST, C, T,
            "{\"texts\":[\"a\"],\"input_type\":\"clustering\",\"embedding_t"
            "ypes\":[\"binary\",\"int8\"]}",
            "{\"inputText\":\"a\",\"embeddingTypes\":[\"binary\"]}",
            "/embedding_types dropped\n/input_type dropped");
    is_refused(CORPUS_REQUEST, O, T, "{\"input\":[\"a\",\"b\"]}",
               LLMGW_E_UNSUPPORTED, "/input/1");
    is_refused(CORPUS_REQUEST, O, T, "{\"input\":[]}", LLMGW_E_UNSUPPORTED, "");
    is_refused(CORPUS_REQUEST, T, O, "{\"inputText\":[\"a\"]}", LLMGW_E_JSON,
               "/inputText");
    is_refused(CORPUS_REQUEST, T, O, "{}", LLMGW_E_JSON, "");
}

static void one_vector_an_answer(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, T, O,
            "{\"embedding\":[0.1,-2],\"embeddingsByType\":{\"float\":[0.1,-"
            "2]},\"inputTextTokenCount\":5}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[0.1,-2]}],\"model\":\"\",\"usage\":{\"pr"
            "ompt_tokens\":5,\"total_tokens\":5}}",
            "");
    becomes(CORPUS_ANSWER, T, C,
            "{\"embeddingsByType\":{\"binary\":[1,0],\"float\":[0.5]},\"mes"
            "sage\":\"m\"}",
            "{\"id\":\"\",\"response_type\":\"embeddings_by_type\",\"embedd"
            "ings\":{\"binary\":[[1,0]],\"float\":[[0.5]]}}",
            "/message dropped");
    becomes(CORPUS_ANSWER, C, T,
            "{\"id\":\"i\",\"embeddings\":{\"float\":[[1]],\"binary\":[[0]]"
            ",\"int8\":[[3]]}}",
            "{\"embedding\":[1],\"embeddingsByType\":{\"binary\":[0]}}",
            "/embeddings/int8 dropped\n/id dropped");
    is_refused(CORPUS_ANSWER, C, T, "{\"embeddings\":{\"float\":[[1],[2]]}}",
               LLMGW_E_UNSUPPORTED, "/embeddings/float");
    is_refused(CORPUS_ANSWER, C, T, "{\"embeddings\":{\"int8\":[[1]]}}",
               LLMGW_E_UNSUPPORTED, "/embeddings/int8");
    is_refused(CORPUS_ANSWER, T, O, "{\"embedding\":7}", LLMGW_E_PROTOCOL,
               "/embedding");
    is_refused(CORPUS_ANSWER, T, O, "{}", LLMGW_E_PROTOCOL, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_text_a_request, setup),
        cmocka_unit_test_setup(one_vector_an_answer, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
