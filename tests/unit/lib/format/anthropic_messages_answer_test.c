/* SPDX-License-Identifier: MIT
 *
 * Answers and errors of another format, written as anthropic-messages. */
#include "lib/format/anthropic_messages.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/json_equal.h"

#define MANY ((size_t)1 << 20)

static const struct lg_format *const ours = &lg_format_anthropic_messages;
static const struct lg_format stranger = {.name = "stranger"};

struct trial {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_ctx c;
    struct lg_json doc;
    struct lg_buf out;
    struct lg_ir_answer answer;
};

static void begin(struct trial *t)
{
    memset(t, 0, sizeof(*t));
    lg_arena_init(&t->arena, 0, MANY);
    lg_buf_init(&t->out, MANY);
    lg_losses_init(&t->losses, &t->arena, &t->err, 0);
    t->c = (struct lg_ctx){.self = ours,
                           .arena = &t->arena,
                           .keep = &t->arena,
                           .policy = &lg_policy_default,
                           .losses = &t->losses,
                           .err = &t->err};
    t->answer.origin = &stranger;
    t->answer.head.id = lg_ir_word("x1");
    t->answer.head.model = lg_ir_word("m");
    t->answer.usage = LG_USAGE_NONE;
    t->answer.first.stop.kind = LG_STOP_END;
}

static void end(struct trial *t)
{
    lg_buf_done(&t->out);
    lg_arena_done(&t->arena);
}

static void writes(struct trial *t, const char *content, const char *rest,
                   size_t losses)
{
    char want[2048];

    snprintf(want, sizeof(want),
             "{\"id\":\"x1\",\"type\":\"message\",\"role\":\"assistant\","
             "\"model\":\"m\",\"content\":[%s],%s}",
             content, rest);
    assert_int_equal(ours->write_answer(&t->c, &t->answer, &t->out), 0);
    if (!json_equal(lg_str_of(want), lg_buf_span(&t->out)))
        fail_msg("wrote %s\n  want %s", t->out.p, want);
    assert_int_equal(t->losses.n, losses);
    end(t);
}

#define NO_USAGE        "\"usage\":{\"input_tokens\":0,\"output_tokens\":0}"
#define STOPPED(reason) "\"stop_reason\":\"" reason "\",\"stop_sequence\":null"

static void parts_become_blocks(void **state)
{
    struct lg_ir_part p[] = {
        {.kind = LG_PART_THINKING, .text = lg_ir_word("hm")},
        {.kind = LG_PART_TEXT, .text = lg_ir_word("")},
        {.kind = LG_PART_TEXT, .text = lg_ir_word("It is")},
        {.kind = LG_PART_TOOL_CALL,
         .id = lg_ir_word("call.1"),
         .name = lg_ir_word("f"),
         .json = {LG_STR("{\\\"a\\\":1}"), LG_NOWHERE, LG_JSON_STRING, 1}},
        {.kind = LG_PART_TOOL_CALL,
         .name = lg_ir_word("g"),
         .json = {LG_STR("{\\\"a\\\":"), LG_NOWHERE, LG_JSON_STRING, 1}},
        {.kind = LG_PART_IMAGE},
    };
    struct trial t;

    (void)state;
    begin(&t);
    for (size_t i = 0; i + 1 < LG_COUNT(p); i++)
        p[i].next = &p[i + 1];
    t.answer.first.parts = p;
    writes(&t,
           "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"\"},"
           "{\"type\":\"text\",\"text\":\"It is\"},"
           "{\"type\":\"tool_use\",\"id\":\"call.1\",\"name\":\"f\","
           "\"input\":{\"a\":1}},"
           "{\"type\":\"tool_use\",\"id\":\"toolu_0\",\"name\":\"g\","
           "\"input\":{}}",
           STOPPED("tool_use") "," NO_USAGE, 2);
}

static void a_refusal_says_so(void **state)
{
    struct lg_ir_part p = {.kind = LG_PART_REFUSAL, .text = lg_ir_word("No.")};
    struct trial t;

    (void)state;
    begin(&t);
    t.answer.first.parts = &p;
    writes(&t, "{\"type\":\"text\",\"text\":\"No.\"}",
           STOPPED("refusal") "," NO_USAGE, 0);
    begin(&t);
    t.answer.first.stop.kind = LG_STOP_REFUSAL;
    t.answer.first.stop.details = lg_ir_word("why");
    writes(&t, "",
           STOPPED("refusal") ",\"stop_details\":{\"type\":\"refusal\","
                              "\"category\":null,\"explanation\":\"why\"}"
                              "," NO_USAGE,
           0);
}

static void reasons_to_stop(void **state)
{
    static const struct {
        enum lg_stop kind;
        const char *rest;
    } cases[] = {
        {LG_STOP_NONE, "\"stop_reason\":null,\"stop_sequence\":null"},
        {LG_STOP_END, STOPPED("end_turn")},
        {LG_STOP_LENGTH, STOPPED("max_tokens")},
        {LG_STOP_TOOL, STOPPED("tool_use")},
        {LG_STOP_SEQUENCE,
         "\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\""},
        {LG_STOP_REFUSAL, STOPPED("refusal")},
        {LG_STOP_PAUSE, STOPPED("pause_turn")},
        {LG_STOP_OTHER, STOPPED("end_turn")},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        char rest[512];
        struct trial t;

        begin(&t);
        t.answer.first.stop.kind = (uint8_t)cases[i].kind;
        t.answer.first.stop.sequence = lg_ir_word("END");
        snprintf(rest, sizeof(rest), "%s," NO_USAGE, cases[i].rest);
        /* why it stopped is not told: a loss */
        writes(&t, "", rest, cases[i].kind == LG_STOP_OTHER);
    }
}

static void usage_has_its_names(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    t.answer.usage.input = 1;
    t.answer.usage.output = 2;
    t.answer.usage.thinking = 3;
    t.answer.usage.cache_read = 4;
    t.answer.usage.cache_write = 5;
    t.answer.usage.cache_write_1h = 2;
    t.answer.usage.raw =
        (struct lg_ir_val){LG_STR("{\"theirs\":1}"), 0, LG_JSON_OBJECT, 0};
    writes(&t, "",
           STOPPED("end_turn") ",\"usage\":{\"input_tokens\":1,"
                               "\"cache_creation_input_tokens\":5,"
                               "\"cache_read_input_tokens\":4,"
                               "\"cache_creation\":{"
                               "\"ephemeral_5m_input_tokens\":3,"
                               "\"ephemeral_1h_input_tokens\":2},"
                               "\"output_tokens\":2,"
                               "\"output_tokens_details\":{"
                               "\"thinking_tokens\":3}}",
           0);
}

static void one_choice_and_no_foreign_members(void **state)
{
    struct lg_ir_choice other = {.index = 1};
    struct lg_ir_extra x = {
        .key = LG_STR("k"),
        .val = {LG_STR("1"), LG_NOWHERE, LG_JSON_NUMBER, 0}};
    struct trial t;

    (void)state;
    begin(&t);
    t.answer.first.next = &other;
    t.answer.head.extra = &x;
    writes(&t, "", STOPPED("end_turn") "," NO_USAGE, 2);
}

/* ---- errors --------------------------------------------------------------- */

static void errors_are_told_by_code_type_and_status(void **state)
{
    static const struct {
        const char *error;
        int status;
        enum lg_error_class class;
    } cases[] = {
        {"\"type\":\"invalid_request_error\",\"message\":\"x\"", 400,
         LG_ERROR_INVALID},
        {"\"type\":\"invalid_request_error\",\"message\":"
         "\"prompt is too long: 9 tokens > 8 maximum\"",
         400, LG_ERROR_CONTEXT_LENGTH},
        {"\"type\":\"authentication_error\"", 401, LG_ERROR_AUTH},
        {"\"type\":\"billing_error\"", 402, LG_ERROR_BILLING},
        {"\"type\":\"permission_error\"", 403, LG_ERROR_PERMISSION},
        {"\"type\":\"not_found_error\"", 404, LG_ERROR_NOT_FOUND},
        {"\"type\":\"request_too_large\"", 413, LG_ERROR_TOO_LARGE},
        {"\"type\":\"rate_limit_error\"", 429, LG_ERROR_RATE_LIMIT},
        {"\"type\":\"rate_limit_error\",\"details\":{\"error_code\":"
         "\"contract_spend_limit_reached\"}",
         429, LG_ERROR_QUOTA},
        {"\"type\":\"rate_limit_error\",\"details\":{\"error_code\":"
         "\"ramp_limit_exceeded\"}",
         429, LG_ERROR_RATE_LIMIT},
        {"\"type\":\"overloaded_error\"", 529, LG_ERROR_OVERLOADED},
        {"\"type\":\"overloaded_error\"", 0, LG_ERROR_OVERLOADED},
        {"\"type\":\"novel_error\"", 429, LG_ERROR_RATE_LIMIT},
        {"\"type\":\"novel_error\"", 408, LG_ERROR_TIMEOUT},
        {"\"type\":\"novel_error\"", 418, LG_ERROR_INVALID},
        {"\"type\":\"novel_error\"", 502, LG_ERROR_SERVER},
        {"\"message\":\"?\"", 0, LG_ERROR_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_ir_error error = {0};
        char body[512];
        struct trial t;

        begin(&t);
        snprintf(body, sizeof(body), "{\"type\":\"error\",\"error\":{%s}}",
                 cases[i].error);
        assert_int_equal(
            lg_json_read(&t.doc, &t.arena, lg_str_of(body), &t.err), 0);
        assert_int_equal(
            ours->read_error(&t.c, &t.doc, cases[i].status, &error), 0);
        assert_int_equal(error.class, cases[i].class);
        assert_int_equal(error.status, cases[i].status);
        end(&t);
    }
}

static void bodies_of_another_shape_are_not_ours(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"x\",\"type\":\"y\"}}", "[]", "\"no\"",
        "{\"type\":\"error\"}", "{\"type\":\"error\",\"error\":\"x\"}"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bodies); i++) {
        struct lg_ir_error error = {0};
        struct trial t;

        begin(&t);
        assert_int_equal(
            lg_json_read(&t.doc, &t.arena, lg_str_of(bodies[i]), &t.err), 0);
        assert_int_equal(ours->read_error(&t.c, &t.doc, 400, &error),
                         LLMGW_E_JSON);
        end(&t);
    }
}

static void errors_of_others_get_our_types(void **state)
{
    static const struct {
        enum lg_error_class class;
        const char *type;
    } cases[] = {{LG_ERROR_OTHER, "api_error"},
                 {LG_ERROR_INVALID, "invalid_request_error"},
                 {LG_ERROR_CONTEXT_LENGTH, "invalid_request_error"},
                 {LG_ERROR_CONTENT_FILTER, "invalid_request_error"},
                 {LG_ERROR_AUTH, "authentication_error"},
                 {LG_ERROR_QUOTA, "rate_limit_error"},
                 {LG_ERROR_RATE_LIMIT, "rate_limit_error"},
                 {LG_ERROR_TIMEOUT, "timeout_error"},
                 {LG_ERROR_OVERLOADED, "overloaded_error"}};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        const struct lg_ir_error error = {.class = (uint8_t)cases[i].class,
                                          .type = lg_ir_word("theirs"),
                                          .message = lg_ir_word("why\\n"),
                                          .request_id = lg_ir_word("r")};
        char want[256];
        struct trial t;

        begin(&t);
        assert_int_equal(ours->write_error(&t.c, &error, &t.out), 0);
        snprintf(want, sizeof(want),
                 "{\"type\":\"error\",\"error\":{\"type\":\"%s\","
                 "\"message\":\"why\\n\"},\"request_id\":\"r\"}",
                 cases[i].type);
        assert_string_equal(t.out.p, want);
        end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_become_blocks),
        cmocka_unit_test(a_refusal_says_so),
        cmocka_unit_test(reasons_to_stop),
        cmocka_unit_test(usage_has_its_names),
        cmocka_unit_test(one_choice_and_no_foreign_members),
        cmocka_unit_test(errors_are_told_by_code_type_and_status),
        cmocka_unit_test(bodies_of_another_shape_are_not_ours),
        cmocka_unit_test(errors_of_others_get_our_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
