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

static void truncation_is_the_end(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, L, C,
            "{\"model\":\"m\",\"input\":\"a\",\"truncate\":true,\"dimension"
            "s\":9}",
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"search_doc"
            "ument\",\"truncate\":\"END\",\"output_dimension\":9}",
            " approximated");
    becomes(CORPUS_REQUEST, L, C,
            "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":false}",
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"search_doc"
            "ument\",\"truncate\":\"NONE\"}",
            " approximated");
    becomes(CORPUS_REQUEST, L, C,
            "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":\"maybe\",\"op"
            "tions\":{}}",
            "{\"model\":\"m\",\"texts\":[\"a\"],\"input_type\":\"search_doc"
            "ument\"}",
            " approximated\n/truncate dropped\n/options dropped");
    becomes(CORPUS_REQUEST, C, L,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"truncate\":\"START\"}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":true}",
            "/truncate approximated");
    becomes(CORPUS_REQUEST, C, L,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"truncate\":\"END\"}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":true}", "");
    becomes(CORPUS_REQUEST, C, L,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"truncate\":\"NONE\"}",
            "{\"model\":\"m\",\"input\":[\"a\"],\"truncate\":false}", "");
    becomes(CORPUS_REQUEST, C, L,
            "{\"model\":\"m\",\"texts\":[\"a\"],\"truncate\":\"MIDDLE\"}",
            "{\"model\":\"m\",\"input\":[\"a\"]}", "/truncate dropped");
}

static void durations_are_ollamas(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, L, O,
            "{\"model\":\"m\",\"embeddings\":[[1],[2]],\"total_duration\":9"
            ",\"load_duration\":8,\"prompt_eval_count\":7}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[1]},{\"object\":\"embedding\",\"index\":"
            "1,\"embedding\":[2]}],\"model\":\"m\",\"usage\":{\"prompt_toke"
            "ns\":7,\"total_tokens\":7}}",
            "/total_duration dropped\n/load_duration dropped");
    becomes(CORPUS_ANSWER, L, C, "{\"embeddings\":[]}",
            "{\"id\":\"\",\"response_type\":\"embeddings_by_type\",\"embedd"
            "ings\":{\"float\":[]}}",
            "");
    is_refused(CORPUS_ANSWER, L, O, "{\"embeddings\":[1]}", LLMGW_E_PROTOCOL,
               "/embeddings/0");
    is_refused(CORPUS_ANSWER, L, O, "{\"model\":\"m\"}", LLMGW_E_PROTOCOL, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(truncation_is_the_end, setup),
        cmocka_unit_test_setup(durations_are_ollamas, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
