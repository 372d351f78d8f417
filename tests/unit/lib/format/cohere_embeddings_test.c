/* SPDX-License-Identifier: MIT */
#include "lib/format/embed.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"

#define O "openai-embeddings"
#define G "gemini-embeddings"
#define C "cohere-embeddings"
#define B "bedrock-cohere-embeddings"
#define L "ollama-embeddings"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static void what_for_must_be_said(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, O, C, "{\"model\":\"m\",\"input\":\"a\"}",
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"search_doc"
            "ument\"}",
            " approximated");
    becomes(CORPUS_REQUEST, G, C,
            "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"RET"
            "RIEVAL_QUERY\"}",
            "{\"texts\":[\"a\"],\"input_type\":\"search_query\"}", "");
    becomes(CORPUS_REQUEST, G, C,
            "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"FAC"
            "T_VERIFICATION\"}",
            "{\"texts\":[\"a\"],\"input_type\":\"search_query\"}",
            "/taskType approximated");
    becomes(CORPUS_REQUEST, G, C,
            "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"SEM"
            "ANTIC_SIMILARITY\"}",
            "{\"texts\":[\"a\"],\"input_type\":\"clustering\"}",
            "/taskType approximated");
    becomes(CORPUS_REQUEST, G, C,
            "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"taskType\":\"INV"
            "ENTED\"}",
            "{\"texts\":[\"a\"],\"input_type\":\"search_document\"}",
            "/taskType approximated");
}

static void bedrock_names_no_model(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, C, B,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"search_que"
            "ry\",\"embedding_types\":[\"int8\",\"base64\"],\"truncate\":\""
            "START\",\"output_dimension\":8}",
            "{\"texts\":[\"a\"],\"input_type\":\"search_query\",\"embedding"
            "_types\":[\"float\",\"int8\"],\"truncate\":\"START\",\"output_"
            "dimension\":8}",
            "");
    becomes(CORPUS_REQUEST, B, C,
            "{\"texts\":[\"a\"],\"input_type\":\"classification\",\"embeddi"
            "ng_types\":[\"ubinary\",\"binary\",\"uint8\"],\"max_tokens\":5"
            "}",
            "{\"texts\":[\"a\"],\"input_type\":\"classification\",\"embeddi"
            "ng_types\":[\"uint8\",\"binary\",\"ubinary\"]}",
            "/max_tokens dropped");
}

static void inputs_are_texts_and_images(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, C, B,
            "{\"input_type\":\"image\",\"images\":[\"data:a\",\"data:b\"]}",
            "{\"input_type\":\"image\",\"images\":[\"data:a\",\"data:b\"]}",
            "");
    becomes(CORPUS_REQUEST, C, B,
            "{\"input_type\":\"clustering\",\"inputs\":[{\"content\":[{\"ty"
            "pe\":\"text\",\"text\":\"a\"}]}]}",
            "{\"input_type\":\"clustering\",\"texts\":[\"a\"]}", "");
    becomes(CORPUS_REQUEST, C, B,
            "{\"input_type\":\"clustering\",\"inputs\":[{\"content\":[{\"ty"
            "pe\":\"text\",\"text\":\"a\"}]},{\"content\":[{\"type\":\"imag"
            "e_url\",\"image_url\":{\"url\":\"u\"}}]},{\"content\":[]}]}",
            "{\"input_type\":\"clustering\",\"inputs\":[{\"content\":[{\"ty"
            "pe\":\"text\",\"text\":\"a\"}]},{\"content\":[{\"type\":\"imag"
            "e_url\",\"image_url\":{\"url\":\"u\"}}]},{\"content\":[]}]}",
            "");
    is_refused(CORPUS_REQUEST, C, O, "{\"inputs\":[{\"content\":[]}]}",
               LLMGW_E_UNSUPPORTED, "/inputs/0");
    is_refused(CORPUS_REQUEST, C, B, "{\"inputs\":[7]}", LLMGW_E_JSON,
               "/inputs/0");
    is_refused(CORPUS_REQUEST, C, B, "{\"texts\":[\"a\",1]}",
               LLMGW_E_UNSUPPORTED, "/texts/1");
    is_refused(CORPUS_REQUEST, C, B, "{\"input_type\":\"image\"}", LLMGW_E_JSON,
               "");
}

static void answers_are_by_type(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, C, B,
            "{\"id\":\"i\",\"texts\":[\"a\"],\"embeddings\":{\"float\":[[1]"
            "],\"int8\":[[2]]},\"meta\":{\"api_version\":{},\"billed_units"
            "\":{\"input_tokens\":1,\"images\":2}},\"response_type\":\"embe"
            "ddings_by_type\"}",
            "{\"id\":\"i\",\"response_type\":\"embeddings_by_type\",\"embed"
            "dings\":{\"float\":[[1]],\"int8\":[[2]]}}",
            "/meta/billed_units/images dropped\n/meta/billed_units/input_to"
            "kens dropped");
    becomes(CORPUS_ANSWER, C, B,
            "{\"id\":\"i\",\"embeddings\":{\"float\":[[1]]}}",
            "{\"id\":\"i\",\"response_type\":\"embeddings_floats\",\"embedd"
            "ings\":[[1]]}",
            "");
    becomes(CORPUS_ANSWER, B, C,
            "{\"id\":\"i\",\"embeddings\":[[1],[2]],\"response_type\":\"emb"
            "eddings_floats\",\"texts\":[\"a\",\"b\"]}",
            "{\"id\":\"i\",\"response_type\":\"embeddings_by_type\",\"embed"
            "dings\":{\"float\":[[1],[2]]}}",
            "");
    becomes(CORPUS_ANSWER, C, B,
            "{\"id\":\"i\",\"embeddings\":{\"invented\":[[1]],\"binary\":nu"
            "ll}}",
            "{\"id\":\"i\",\"response_type\":\"embeddings_by_type\",\"embed"
            "dings\":{}}",
            "/embeddings/invented dropped");
    becomes(CORPUS_ANSWER, O, C,
            "{\"data\":[{\"index\":0,\"embedding\":\"zczMPQ==\"}],\"model\""
            ":\"m\",\"usage\":{\"prompt_tokens\":4}}",
            "{\"id\":\"\",\"response_type\":\"embeddings_by_type\",\"embedd"
            "ings\":{\"float\":[[0.1]]},\"meta\":{\"billed_units\":{\"input"
            "_tokens\":4}}}",
            "/model dropped");
    becomes_bridge.listed = 2;
    becomes_bridge.encodings = 1u << LG_ENC_FLOAT;
    becomes(CORPUS_ANSWER, C, B,
            "{\"id\":\"i\",\"embeddings\":{\"float\":[[1]]}}",
            "{\"id\":\"i\",\"response_type\":\"embeddings_by_type\",\"embed"
            "dings\":{\"float\":[[1]]}}",
            "");
    is_refused(CORPUS_ANSWER, C, B, "{\"embeddings\":7}", LLMGW_E_PROTOCOL,
               "/embeddings");
    is_refused(CORPUS_ANSWER, C, B, "{\"id\":\"i\"}", LLMGW_E_PROTOCOL, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_for_must_be_said, setup),
        cmocka_unit_test_setup(bedrock_names_no_model, setup),
        cmocka_unit_test_setup(inputs_are_texts_and_images, setup),
        cmocka_unit_test_setup(answers_are_by_type, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
