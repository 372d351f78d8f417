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
#define L "ollama-embeddings"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static void requests_are_read(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, O, L,
            "{\"model\":\"m\",\"input\":\"a\\u00e9\\n\",\"dimensions\":8,\""
            "encoding_format\":\"base64\"}",
            "{\"model\":\"m\",\"input\":\"a\\u00e9\\n\",\"dimensions\":8}", "");
    becomes(CORPUS_REQUEST, O, L,
            "{\"model\":\"m\",\"input\":[\"a\",\"\"],\"user\":\"u\",\"encod"
            "ing_format\":\"invented\"}",
            "{\"model\":\"m\",\"input\":[\"a\",\"\"]}",
            "/encoding_format dropped\n/user dropped");
    becomes(CORPUS_REQUEST, O, L,
            "{\"model\":\"m\",\"input\":[],\"dimensions\":null,\"user\":nul"
            "l}",
            "{\"model\":\"m\",\"input\":[]}", "");
    is_refused(CORPUS_REQUEST, O, L, "{\"input\":[1,2]}", LLMGW_E_UNSUPPORTED,
               "/input/0");
    is_refused(CORPUS_REQUEST, O, L, "{\"input\":[[1],[2]]}",
               LLMGW_E_UNSUPPORTED, "/input/0");
    is_refused(CORPUS_REQUEST, O, L, "{\"input\":[\"a\",true]}", LLMGW_E_JSON,
               "/input/1");
    is_refused(CORPUS_REQUEST, O, L, "{\"input\":7}", LLMGW_E_JSON, "/input");
    is_refused(CORPUS_REQUEST, O, L, "{\"model\":\"m\"}", LLMGW_E_JSON, "");
    is_refused(CORPUS_REQUEST, O, L, "[]", LLMGW_E_JSON, "");
}

static void requests_are_written(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, L, O,
            "{\"model\":\"m\",\"input\":[\"a\"],\"dimensions\":8,\"truncate"
            "\":true,\"keep_alive\":1}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"dimensions\":8}",
            "/truncate dropped\n/keep_alive dropped");
    becomes(CORPUS_REQUEST, C, O,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"clustering"
            "\",\"embedding_types\":[\"float\",\"base64\"]}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"float"
            "\"}",
            "/input_type dropped");
    becomes(CORPUS_REQUEST, C, O,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"embedding_types\":[\"base"
            "64\"]}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"base6"
            "4\"}",
            "");
    becomes(CORPUS_REQUEST, C, O,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"embedding_types\":[\"int8"
            "\",\"float\"]}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"float"
            "\"}",
            "/embedding_types dropped");
    is_refused(CORPUS_REQUEST, C, O,
               "{\"model\":\"m\",\"images\":[\"data:image/png;base64,AA\"]}",
               LLMGW_E_UNSUPPORTED, "/images/0");
}

static void vectors_stand_where_they_say(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, O, L,
            "{\"data\":[{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embe"
            "dding\":[0]}]}",
            "{\"embeddings\":[[0],[1]]}", "");
    becomes(CORPUS_ANSWER, O, L,
            "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embe"
            "dding\":[0]}]}",
            "{\"embeddings\":[[1],[0]]}", "");
    becomes(CORPUS_ANSWER, O, L,
            "{\"data\":[{\"index\":2,\"embedding\":[1]},{\"embedding\":[0]}"
            "]}",
            "{\"embeddings\":[[1],[0]]}", "");
    becomes(CORPUS_ANSWER, O, L,
            "{\"data\":[{\"index\":0,\"embedding\":[1],\"x\":1}],\"id\":\"i"
            "\",\"y\":2}",
            "{\"embeddings\":[[1]]}",
            "/id dropped\n/data/0/x dropped\n/y dropped");
}

static void one_encoding_is_told(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, C, O,
            "{\"embeddings\":{\"int8\":[[1]],\"float\":[[0.5]]},\"meta\":{"
            "\"billed_units\":{\"input_tokens\":2}}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[0.5]}],\"model\":\"\",\"usage\":{\"promp"
            "t_tokens\":2,\"total_tokens\":2}}",
            "/embeddings/int8 dropped");
    becomes(CORPUS_ANSWER, C, O, "{\"embeddings\":{\"int8\":[[1]]}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[1]}],\"model\":\"\",\"usage\":{\"prompt_"
            "tokens\":0,\"total_tokens\":0}}",
            "/embeddings/int8 approximated");
    becomes(CORPUS_ANSWER, C, O, "{\"embeddings\":{}}",
            "{\"object\":\"list\",\"data\":[],\"model\":\"\",\"usage\":{\"p"
            "rompt_tokens\":0,\"total_tokens\":0}}",
            "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_are_read, setup),
        cmocka_unit_test_setup(requests_are_written, setup),
        cmocka_unit_test_setup(vectors_stand_where_they_say, setup),
        cmocka_unit_test_setup(one_encoding_is_told, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
