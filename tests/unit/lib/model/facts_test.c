/* SPDX-License-Identifier: MIT */
#include "lib/model/facts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *family(const char *model)
{
    return lg_facts_of(NULL, lg_str_of(model))->name;
}

static void names_have_a_family(void **state)
{
    static const char *const pairs[][2] = {
        {"claude-sonnet-4-5-20250929", "claude-sonnet-4-5"},
        {"claude-sonnet-4.5", "claude-sonnet-4-5"},
        {"Claude-Sonnet-4-5", "claude-sonnet-4-5"},
        {"claude-opus-4-20250514", "claude-opus-4"},
        {"claude-opus-4@20250514", "claude-opus-4"},
        {"claude-opus-4-1@20250805", "claude-opus-4-1"},
        {"claude-opus-5", "claude-opus-5"},
        {"claude-opus-5-5", "claude-opus-5-5"},
        {"claude-3-haiku-20240307", "claude-3"},
        {"claude-3-5-sonnet-latest", "claude-3-5-sonnet"},
        {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"},
        {"us-gov.anthropic.claude-3-haiku-20240307-v1:0", "claude-3"},
        {"arn:aws:bedrock:us-east-1:1:inference-profile/"
         "eu.anthropic.claude-opus-4-8",
         "claude-opus-4-8"},
        {"publishers/anthropic/models/claude-opus-4-6", "claude-opus-4-6"},
        {"models/gemini-2.5-pro", "gemini-2.5-pro"},
        {"models\\/gemini-2.5-flash-lite-001", "gemini-2.5-flash-lite"},
        {"gemini-3.5-flash", "gemini-3."},
        {"gemini-3.1-pro-preview", "gemini-3.1-pro"},
        {"gpt-5-mini-2025-08-07", "gpt-5"},
        {"gpt-5.7", "gpt-5."},
        {"gpt-5.1-codex-mini", "gpt-5.1-codex"},
        {"ft:gpt-4o-mini:us::x", "gpt-4o"},
        {"gpt-4-0613", "gpt-4"},
        {"gpt-4.1-nano", "gpt-4.1"},
        {"openai.gpt-oss-120b-1:0", "gpt-oss"},
        {"o3-mini", "o3-mini"},
        {"o3", "o3"},
        /* another version is another family, of which nothing is known */
        {"claude-opus-4-9", ""},
        {"claude-opus-6", ""},
        {"gpt-6", ""},
        {"o30", ""},
        {"o", ""},
        {"gpt-4x", ""},
        {"", ""},
        {"/", ""},
        {"a.", ""},
        {"no-such-model", ""},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(pairs); i++)
        if (strcmp(family(pairs[i][0]), pairs[i][1]) != 0)
            fail_msg("%s is \"%s\", not \"%s\"", pairs[i][0],
                     family(pairs[i][0]), pairs[i][1]);
    assert_ptr_equal(lg_facts_of(NULL, (struct lg_str){0}), &lg_facts_unknown);
}

static void facts_are_those_of_the_file(void **state)
{
    const struct lg_facts *f =
        lg_facts_of(NULL, LG_STR("claude-sonnet-5-5-20261001"));

    (void)state;
    assert_int_equal(f->max_output, 128000);
    assert_int_equal(f->sampling, 1u << LG_SAMPLING_NONE);
    assert_int_equal(f->thinking,
                     1u << LG_THINKS_ADAPTIVE | 1u << LG_THINKS_EFFORT);
    assert_int_equal(f->forced_tool, LG_FORCED_NONE);
    assert_false(lg_facts_allow(f->media, LG_MEDIUM_AUDIO));
    assert_true(lg_facts_allow(f->efforts, LG_EFFORT_MAX));
    assert_int_equal(f->system, LG_SYSTEM_ANYWHERE);
    f = lg_facts_of(NULL, LG_STR("claude-3-7-sonnet-20250219")); /* by `like` */
    assert_int_equal(f->max_output, 64000);
    assert_int_equal(f->min_budget, 1024);
    assert_int_equal(f->output_schema, LG_SCHEMA_NONE);
    assert_int_equal(f->system, LG_SYSTEM_FIRST);
    f = lg_facts_of(NULL, LG_STR("o1"));
    assert_int_equal(f->tokens_field, LG_TOKENS_MAX_COMPLETION_TOKENS);
    assert_int_equal(f->parallel_tools, LG_PARALLEL_NONE);
    assert_int_equal(f->home, 1u << LG_HOME_OPENAI);
    for (size_t i = 1; i < lg_facts_count; i++)
        assert_true(strcmp(lg_facts_rows[i - 1].name, lg_facts_rows[i].name) <
                    0);
}

static void nothing_is_against_the_unknown(void **state)
{
    const struct lg_facts none = {0};

    (void)state;
    assert_memory_equal(&lg_facts_unknown, &none, sizeof(none));
    for (unsigned i = 0; i < 8; i++)
        assert_true(lg_facts_allow(lg_facts_unknown.efforts, i));
}

static void a_host_knows_better(void **state)
{
    struct lg_arena a;
    struct lg_facts_table t;
    struct lg_err e = {0};
    const struct lg_facts *f;

    (void)state;
    lg_arena_init(&a, 0, 1 << 20);
    assert_int_equal(
        lg_facts_load(&t, &a,
                      LG_STR("{\"claude-sonnet-4-5\":{\"max_output\":7},"
                             "\"Mine-1\":{\"like\":\"gpt-5\",\"efforts\":["
                             "\"low\"],\"source\":\"us\",\"date\":\"today\"},"
                             "\"gpt-4o\":null,\"claude-\":{\"sampling\":["
                             "\"none\"]}}"),
                      &e),
        0);
    f = lg_facts_of(&t, LG_STR("anthropic/claude-sonnet-4-5-20250929"));
    assert_int_equal(f->max_output, 7);
    assert_int_equal(f->min_budget, 1024); /* what was known stays */
    f = lg_facts_of(&t, LG_STR("mine-1"));
    assert_string_equal(f->name, "mine-1");
    assert_int_equal(f->max_output, 128000);
    assert_int_equal(f->efforts, 1u << LG_EFFORT_LOW);
    f = lg_facts_of(&t, LG_STR("gpt-4o-mini"));
    assert_int_equal(f->max_output, 0);
    f = lg_facts_of(&t, LG_STR("claude-opus-4-1")); /* the longer name wins */
    assert_int_equal(f->sampling,
                     lg_facts_of(NULL, LG_STR("claude-opus-4-1"))->sampling);
    f = lg_facts_of(&t, LG_STR("claude-new-9"));
    assert_int_equal(f->sampling, 1u << LG_SAMPLING_NONE);
    lg_arena_done(&a);
}

static void what_is_no_fact_is_refused(void **state)
{
    static const struct {
        const char *json, *where;
    } bad[] = {
        {"[]", ""},
        {"{\"m\":1}", "/m"},
        {"{\"m\":{\"max_output\":-1}}", "/m/max_output"},
        {"{\"m\":{\"max_output\":4294967296}}", "/m/max_output"},
        {"{\"m\":{\"max_output\":1.5}}", "/m/max_output"},
        {"{\"m\":{\"sampling\":\"none\"}}", "/m/sampling"},
        {"{\"m\":{\"sampling\":[\"never\"]}}", "/m/sampling"},
        {"{\"m\":{\"system\":[\"first\"]}}", "/m/system"},
        {"{\"m\":{\"system\":\"last\"}}", "/m/system"},
        {"{\"m\":{\"colour\":1}}", "/m/colour"},
        {"{\"\":{}}", "/"},
        {"{\"12345678901234567890123456789012\":{}}",
         "/12345678901234567890123456789012"},
    };
    struct lg_facts_table t;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        struct lg_err e = {0};
        struct lg_arena a;

        lg_arena_init(&a, 0, 1 << 20);
        assert_int_equal(lg_facts_load(&t, &a, lg_str_of(bad[i].json), &e),
                         LLMGW_E_JSON);
        assert_string_equal(e.where, bad[i].where);
        lg_arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_a_family),
        cmocka_unit_test(facts_are_those_of_the_file),
        cmocka_unit_test(nothing_is_against_the_unknown),
        cmocka_unit_test(a_host_knows_better),
        cmocka_unit_test(what_is_no_fact_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
