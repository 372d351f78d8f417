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

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static void one_content_is_one_text(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, G, O,
            "{\"model\":\"models/e\",\"content\":{\"parts\":[{\"text\":\"a"
            "\"}]},\"outputDimensionality\":8}",
            "{\"model\":\"e\",\"input\":\"a\",\"dimensions\":8}", "");
    becomes(CORPUS_REQUEST, G, O,
            "{\"model\":\"e\",\"content\":{\"role\":\"user\",\"parts\":[{\""
            "text\":\"a\"}]},\"taskType\":\"RETRIEVAL_QUERY\",\"title\":\"t"
            "\"}",
            "{\"model\":\"e\",\"input\":\"a\"}",
            "/taskType dropped\n/title dropped");
    becomes(CORPUS_REQUEST, G, O,
            "{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"output_dimension"
            "ality\":8}",
            "{\"input\":\"a\",\"dimensions\":8}", "");
    is_refused(CORPUS_REQUEST, G, O,
               "{\"content\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]}}",
               LLMGW_E_UNSUPPORTED, "/content");
    is_refused(CORPUS_REQUEST, G, O,
               "{\"content\":{\"parts\":[{\"inlineData\":{}}]}}",
               LLMGW_E_UNSUPPORTED, "/content");
    is_refused(CORPUS_REQUEST, G, O, "{\"content\":{\"parts\":[]}}",
               LLMGW_E_UNSUPPORTED, "/content");
    is_refused(CORPUS_REQUEST, G, O, "{\"content\":{}}", LLMGW_E_JSON, "");
    is_refused(CORPUS_REQUEST, G, O, "{}", LLMGW_E_JSON, "");
}

static void a_batch_is_a_list(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, G, O,
            "{\"requests\":[{\"model\":\"models/e\",\"content\":{\"parts\":"
            "[{\"text\":\"a\"}]}},{\"model\":\"models/e\",\"content\":{\"pa"
            "rts\":[{\"text\":\"b\"}]}}]}",
            "{\"model\":\"e\",\"input\":[\"a\",\"b\"]}", "");
    becomes(CORPUS_REQUEST, G, C,
            "{\"requests\":[{\"model\":\"models/e\",\"content\":{\"parts\":"
            "[{\"text\":\"a\"}]},\"taskType\":\"CLUSTERING\"},{\"content\":"
            "{\"parts\":[{\"text\":\"b\"}]},\"taskType\":\"RETRIEVAL_QUERY"
            "\",\"title\":\"t\"}]}",
            "{\"model\":\"e\",\"texts\":[\"a\",\"b\"],\"input_type\":\"clus"
            "tering\"}",
            "/requests/0/model approximated\n/requests/1/taskType approxima"
            "ted\n/requests/1/title dropped");
    becomes(CORPUS_REQUEST, G, O, "{\"requests\":[]}", "{\"input\":[]}", "");
    is_refused(CORPUS_REQUEST, G, O, "{\"requests\":7}", LLMGW_E_JSON,
               "/requests");
    is_refused(CORPUS_REQUEST, G, O, "{\"requests\":[7]}", LLMGW_E_JSON,
               "/requests/0");
}

static void contents_are_written(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, O, G,
            "{\"model\":\"e\",\"input\":\"a\",\"dimensions\":8,\"encoding_f"
            "ormat\":\"base64\"}",
            "{\"model\":\"models/e\",\"content\":{\"parts\":[{\"text\":\"a"
            "\"}]},\"outputDimensionality\":8}",
            "");
    becomes(CORPUS_REQUEST, O, G,
            "{\"model\":\"tunedModels/e\",\"input\":[\"a\",\"b\"],\"user\":"
            "\"u\"}",
            "{\"requests\":[{\"model\":\"tunedModels/e\",\"content\":{\"par"
            "ts\":[{\"text\":\"a\"}]}},{\"model\":\"tunedModels/e\",\"conte"
            "nt\":{\"parts\":[{\"text\":\"b\"}]}}]}",
            "/user dropped");
    becomes(CORPUS_REQUEST, C, G,
            "{\"model\":\"e\",\"texts\":[\"a\"],\"input_type\":\"search_doc"
            "ument\",\"truncate\":\"END\"}",
            "{\"requests\":[{\"model\":\"models/e\",\"content\":{\"parts\":"
            "[{\"text\":\"a\"}]},\"taskType\":\"RETRIEVAL_DOCUMENT\"}]}",
            "/truncate dropped");
    becomes(CORPUS_REQUEST, C, G,
            "{\"model\":\"e\",\"texts\":[\"a\"],\"input_type\":\"image\"}",
            "{\"requests\":[{\"model\":\"models/e\",\"content\":{\"parts\":"
            "[{\"text\":\"a\"}]}}]}",
            "/input_type dropped");
    is_refused(CORPUS_REQUEST, C, G,
               "{\"images\":[\"data:,\"],\"input_type\":\"image\"}",
               LLMGW_E_UNSUPPORTED, "/images/0");
}

static void answers_are_one_or_many(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, G, O, "{\"embedding\":{\"values\":[0.5,1]}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[0.5,1]}],\"model\":\"\",\"usage\":{\"pro"
            "mpt_tokens\":0,\"total_tokens\":0}}",
            "");
    becomes(CORPUS_ANSWER, G, O,
            "{\"embeddings\":[{\"values\":[1]},{\"values\":[2],\"statistics"
            "\":{}}],\"usageMetadata\":{\"promptTokenCount\":3}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"ind"
            "ex\":0,\"embedding\":[1]},{\"object\":\"embedding\",\"index\":"
            "1,\"embedding\":[2]}],\"model\":\"\",\"usage\":{\"prompt_token"
            "s\":3,\"total_tokens\":3}}",
            "/embeddings/1/statistics dropped");
    becomes(CORPUS_ANSWER, O, G,
            "{\"data\":[{\"index\":0,\"embedding\":[1]}],\"model\":\"m\",\""
            "usage\":{\"prompt_tokens\":1}}",
            "{\"embedding\":{\"values\":[1]}}",
            "/model dropped\n/usage/prompt_tokens dropped");
    becomes(CORPUS_ANSWER, O, G,
            "{\"data\":[{\"index\":0,\"embedding\":\"zczMPQ==\"},{\"index\""
            ":1,\"embedding\":[1]}]}",
            "{\"embeddings\":[{\"values\":[0.1]},{\"values\":[1]}]}", "");
    becomes_bridge.listed = 2;
    becomes(CORPUS_ANSWER, O, G, "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
            "{\"embeddings\":[{\"values\":[1]}]}", "");
    is_refused(CORPUS_ANSWER, G, O, "{\"embedding\":{\"values\":1}}",
               LLMGW_E_PROTOCOL, "/embedding");
    is_refused(CORPUS_ANSWER, G, O, "{\"embedding\":[]}", LLMGW_E_PROTOCOL,
               "/embedding");
    is_refused(CORPUS_ANSWER, G, O, "{}", LLMGW_E_PROTOCOL, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_content_is_one_text, setup),
        cmocka_unit_test_setup(a_batch_is_a_list, setup),
        cmocka_unit_test_setup(contents_are_written, setup),
        cmocka_unit_test_setup(answers_are_one_or_many, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
