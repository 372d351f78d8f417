/* SPDX-License-Identifier: MIT
 *
 * What holds of all formats that ask for vectors: how the numbers are
 * written, which vector is whose, and what they are never turned into. */
#include "lib/format/embed.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/job.h"

#define O "openai-embeddings"
#define G "gemini-embeddings"
#define C "cohere-embeddings"
#define L "ollama-embeddings"

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

#define OPENAI(vector)                                                      \
    "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0," \
    "\"embedding\":" vector "}],\"model\":\"m\",\"usage\":{"                \
    "\"prompt_tokens\":3,\"total_tokens\":3}}"
#define OLLAMA(vector)                              \
    "{\"model\":\"m\",\"embeddings\":[" vector "]," \
    "\"prompt_eval_count\":3}"

/* Text stays text: no digit changes. */
static void numbers_are_copied(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, O, L, OPENAI("[0.10,-0,1e400]"),
            OLLAMA("[0.10,-0,1e400]"), "");
    becomes_bridge.listed = 2;
    becomes(CORPUS_ANSWER, L, O,
            "{\"model\":\"m\",\"embeddings\":[[0.1479431688785553, -1E+2,1e400 "
            ",9007199254740993]],\"prompt_eval_count\":3}",
            OPENAI("[0.1479431688785553, -1E+2,1e400 ,9007199254740993]"), "");
}

/* 0.1, -2, 2^-149, as bytes: cdcccc3d 000000c0 01000000 */
static void base64_becomes_numbers(void **state)
{
    (void)state;
    becomes(CORPUS_ANSWER, O, L, OPENAI("\"zczMPQAAAMABAAAA\""),
            OLLAMA("[0.1,-2,1e-45]"), "");
    /* as it is, where not known what was asked; else as asked */
    becomes(CORPUS_ANSWER, C, O,
            "{\"id\":\"i\",\"embeddings\":{\"base64\":[\"zczMPQ==\"]}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\","
            "\"index\":0,\"embedding\":\"zczMPQ==\"}],\"model\":\"\","
            "\"usage\":{\"prompt_tokens\":0,\"total_tokens\":0}}",
            "/id dropped");
    becomes_bridge.listed = 1;
    becomes(CORPUS_ANSWER, C, O,
            "{\"embeddings\":{\"base64\":[\"zcz\\u004dPQ==\"]}}",
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\","
            "\"index\":0,\"embedding\":[0.1]}],\"model\":\"\","
            "\"usage\":{\"prompt_tokens\":0,\"total_tokens\":0}}",
            "");
    /* an infinity and no number */
    becomes(CORPUS_ANSWER, O, L, OPENAI("\"AACAfwAAwH8AAAA/\""),
            OLLAMA("[null,null,0.5]"), "/data/0/embedding approximated");
    becomes(CORPUS_ANSWER, O, L, OPENAI("\"\""), OLLAMA("[]"), "");
}

static void numbers_become_base64(void **state)
{
    (void)state;
    becomes_bridge.listed = 2;
    becomes_bridge.encodings = 1u << LG_ENC_BASE64;
    becomes(CORPUS_ANSWER, L, O, OLLAMA("[0.1, -2 ,1e-45]"),
            OPENAI("\"zczMPQAAAMABAAAA\""), "");
    becomes(CORPUS_ANSWER, L, O, OLLAMA("[]"), OPENAI("\"\""), "");
    becomes(CORPUS_ANSWER, O, C, OPENAI("[0.1]"),
            "{\"id\":\"\",\"response_type\":\"embeddings_by_type\","
            "\"embeddings\":{\"base64\":[\"zczMPQ==\"]},\"meta\":{"
            "\"billed_units\":{\"input_tokens\":3}}}",
            "/model dropped");
    is_refused(CORPUS_ANSWER, L, O, OLLAMA("[0.1,null]"), LLMGW_E_UNSUPPORTED,
               "/embeddings/0");
    is_refused(CORPUS_ANSWER, L, O, OLLAMA("[[0.1]]"), LLMGW_E_UNSUPPORTED,
               "/embeddings/0");
}

static void what_is_no_vector_is_refused(void **state)
{
    (void)state;
    is_refused(CORPUS_ANSWER, O, L, OPENAI("\"zczMP\""), LLMGW_E_PROTOCOL, "");
    is_refused(CORPUS_ANSWER, O, L, OPENAI("\"zczM\""), LLMGW_E_PROTOCOL, "");
    is_refused(CORPUS_ANSWER, O, L, OPENAI("\"zcz?PQ==\""), LLMGW_E_PROTOCOL,
               "");
    is_refused(CORPUS_ANSWER, O, L, OPENAI("7"), LLMGW_E_PROTOCOL, "/data/0");
    is_refused(CORPUS_ANSWER, O, L, "{\"data\":{}}", LLMGW_E_PROTOCOL, "/data");
    is_refused(CORPUS_ANSWER, O, L, "{}", LLMGW_E_PROTOCOL, "");
    is_refused(CORPUS_ANSWER, O, L, "{\"data\":[1]}", LLMGW_E_PROTOCOL,
               "/data/0");
    is_refused(CORPUS_ANSWER, O, L, "{\"data\":[", LLMGW_E_PROTOCOL, "/data/0");
}

/* What a format asked for tells how its answer is written. */
static void a_request_tells_of_its_answer(void **state)
{
    static const struct {
        const char *request;
        unsigned listed, encodings;
    } cases[] = {
        {"{\"model\":\"m\",\"input\":\"a\"}", 1, 0},
        {"{\"model\":\"m\",\"input\":[\"a\"],\"encoding_format\":\"float\"}", 2,
         1u << LG_ENC_FLOAT},
        {"{\"model\":\"m\",\"input\":[],\"encoding_format\":\"base64\"}", 2,
         1u << LG_ENC_BASE64},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct job j;

        job_init(&j, lg_format_by_name(LG_STR(O)),
                 lg_format_by_name(LG_STR(L)));
        assert_int_equal(
            job_run(&j, CORPUS_REQUEST, lg_str_of(cases[i].request)), 0);
        assert_int_equal(j.losses.n, 0);
        assert_int_equal(j.bridge.listed, cases[i].listed);
        assert_int_equal(j.bridge.encodings, cases[i].encodings);
        job_done(&j);
    }
}

static void the_model_is_cut(void **state)
{
    struct job j;

    (void)state;
    job_init(&j, lg_format_by_name(LG_STR(O)), lg_format_by_name(LG_STR(G)));
    j.v.cut_model = 3;
    assert_int_equal(job_run(&j, CORPUS_REQUEST,
                             LG_STR("{\"model\":\"go/e\",\"input\":\"a\"}")),
                     0);
    assert_string_equal(
        j.out.p,
        "{\"model\":\"models/e\",\"content\":{\"parts\":[{\"text\":\"a\"}]}}");
    job_done(&j);
}

static void nothing_else_becomes_a_vector(void **state)
{
    static const char *const others[] = {"openai-chat",
                                         "anthropic-count-tokens"};
    struct lg_convert_stream s;
    struct job j;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(others); i++)
        for (int kind = 0; kind < CORPUS_KINDS; kind++) {
            is_refused((enum corpus_kind)kind, O, others[i], "{}",
                       LLMGW_E_UNSUPPORTED, "");
            is_refused((enum corpus_kind)kind, others[i], O, "{}",
                       LLMGW_E_UNSUPPORTED, "");
        }
    job_init(&j, lg_format_by_name(LG_STR(O)), lg_format_by_name(LG_STR(O)));
    assert_int_equal(lg_convert_stream_init(&s, &j.v, 100),
                     LLMGW_E_UNSUPPORTED);
    assert_string_equal(j.err.text, O " has no streams");
    lg_convert_stream_done(&s);
    job_done(&j);
}

static void errors_are_those_of_the_chat(void **state)
{
    (void)state;
    becomes(CORPUS_ERROR, O, L,
            "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\","
            "\"param\":null,\"code\":null}}",
            "{\"error\":\"no\"}", "/error/type dropped");
    is_refused(CORPUS_ERROR, O, L, "{}", LLMGW_E_JSON, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_are_copied, setup),
        cmocka_unit_test_setup(base64_becomes_numbers, setup),
        cmocka_unit_test_setup(numbers_become_base64, setup),
        cmocka_unit_test_setup(what_is_no_vector_is_refused, setup),
        cmocka_unit_test_setup(a_request_tells_of_its_answer, setup),
        cmocka_unit_test_setup(the_model_is_cut, setup),
        cmocka_unit_test_setup(nothing_else_becomes_a_vector, setup),
        cmocka_unit_test_setup(errors_are_those_of_the_chat, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
