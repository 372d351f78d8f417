/* SPDX-License-Identifier: MIT */
#include "lib/format/openai_chat.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/job.h"
#include "tests/support/json_equal.h"

extern const struct lg_format lg_format_anthropic_messages;

#define MANY ((size_t)1 << 20)

static const struct {
    const char *json;
    int status;
    int class;
    const char *message; /* NULL: this is no error */
} cases[] = {
    {"{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\","
     "\"param\":null,\"code\":null}}",
     400, LG_ERROR_INVALID, "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"context_length_exceeded\"}}",
     400, LG_ERROR_CONTEXT_LENGTH, "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"invalid_api_key\"}}", 401,
     LG_ERROR_AUTH, "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"model_not_found\"}}", 400,
     LG_ERROR_NOT_FOUND, "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"insufficient_quota\"}}", 429,
     LG_ERROR_QUOTA, "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"tokens\",\"code\":"
     "\"rate_limit_exceeded\"}}",
     429, LG_ERROR_RATE_LIMIT, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 403, LG_ERROR_PERMISSION, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 413, LG_ERROR_TOO_LARGE, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 500, LG_ERROR_SERVER, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 503, LG_ERROR_OVERLOADED, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 504, LG_ERROR_TIMEOUT, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 422, LG_ERROR_INVALID, "m"},
    {"{\"error\":{\"message\":\"m\"}}", 0, LG_ERROR_OTHER, "m"},
    /* in a stream there is no status: words and numbers must do */
    {"{\"error\":{\"message\":\"m\",\"code\":429}}", 0, LG_ERROR_RATE_LIMIT,
     "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"502\"}}", 0, LG_ERROR_SERVER,
     "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"authentication_error\"}}", 0,
     LG_ERROR_AUTH, "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}", 0,
     LG_ERROR_SERVER, "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\"}}", 0,
     LG_ERROR_INVALID, "m"},
    {"{\"error\":{\"message\":\"m\",\"type\":\"engine_overloaded\"}}", 0,
     LG_ERROR_OVERLOADED, "m"},
    /* LiteLLM's */
    {"{\"error\":{\"message\":\"m\",\"type\":\"None\",\"param\":\"None\","
     "\"code\":\"429\"}}",
     0, LG_ERROR_RATE_LIMIT, "m"},
    /* Azure's filter, in both spellings, and its gateway's */
    {"{\"error\":{\"message\":\"m\",\"type\":null,\"code\":null,"
     "\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
     400, LG_ERROR_CONTENT_FILTER, "m"},
    {"{\"error\":{\"message\":\"m\",\"inner_error\":{\"code\":"
     "\"ResponsibleAIPolicyViolation\"}}}",
     400, LG_ERROR_CONTENT_FILTER, "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"content_filter\"}}", 400,
     LG_ERROR_CONTENT_FILTER, "m"},
    {"{\"statusCode\":401,\"message\":\"m\"}", 401, LG_ERROR_AUTH, "m"},
    {"{\"statusCode\":429,\"message\":\"m\"}", 0, LG_ERROR_RATE_LIMIT, "m"},
    /* other shapes */
    {"{\"error\":\"m\"}", 400, LG_ERROR_INVALID, "m"},
    {"{\"detail\":\"m\"}", 404, LG_ERROR_NOT_FOUND, "m"},
    {"[{\"error\":{\"message\":\"m\",\"code\":400}}]", 400, LG_ERROR_INVALID,
     "m"},
    {"{\"object\":\"error\",\"message\":\"m\",\"type\":\"x\",\"code\":1}", 500,
     LG_ERROR_SERVER, "m"},
    {"{}", 500, 0, NULL},
    {"[]", 500, 0, NULL},
    {"\"m\"", 500, 0, NULL},
    {"{\"error\":null}", 500, 0, NULL},
};

static void errors_have_a_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_arena arena;
        struct lg_json doc;
        struct lg_ir_error e = {0};
        struct lg_err err = {0};
        struct lg_ctx c = {
            .self = &lg_format_openai_chat, .arena = &arena, .err = &err};
        int rc;

        lg_arena_init(&arena, 0, MANY);
        assert_int_equal(
            lg_json_read(&doc, &arena, lg_str_of(cases[i].json), NULL), 0);
        rc = lg_chat_read_error(&c, &doc, cases[i].status, &e);
        if (!cases[i].message) {
            assert_int_equal(rc, LLMGW_E_JSON);
        } else if (rc || e.class != cases[i].class ||
                   e.status != cases[i].status ||
                   !lg_ir_is(&e.message, cases[i].message)) {
            fail_msg("%s: %d, class %d", cases[i].json, rc, e.class);
        }
        lg_arena_done(&arena);
    }
}

static void from_messages(const char *type, const char *want)
{
    char text[256], expected[256];
    struct job j;

    (void)snprintf(text, sizeof(text),
                   "{\"type\":\"error\",\"error\":{\"type\":\"%s\","
                   "\"message\":\"a\\nb\"},\"request_id\":\"req\"}",
                   type);
    (void)snprintf(expected, sizeof(expected),
                   "{\"error\":{\"message\":\"a\\nb\",\"param\":null,%s}}",
                   want);
    job_init(&j, &lg_format_anthropic_messages, &lg_format_openai_chat);
    assert_int_equal(job_run(&j, CORPUS_ERROR, lg_str_of(text)), 0);
    if (!json_equal(lg_buf_span(&j.out), lg_str_of(expected)))
        fail_msg("%s: %s", type, j.out.p);
    job_done(&j);
}

static void errors_of_others_are_translated(void **state)
{
    (void)state;
    from_messages("invalid_request_error",
                  "\"type\":\"invalid_request_error\",\"code\":null");
    from_messages("authentication_error",
                  "\"type\":\"invalid_request_error\",\"code\":"
                  "\"invalid_api_key\"");
    from_messages("rate_limit_error",
                  "\"type\":\"rate_limit_exceeded\",\"code\":"
                  "\"rate_limit_exceeded\"");
    from_messages("overloaded_error", "\"type\":\"engine_overloaded\",\"code\":"
                                      "\"service_unavailable\"");
    from_messages("api_error", "\"type\":\"server_error\",\"code\":null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_a_class),
        cmocka_unit_test(errors_of_others_are_translated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
