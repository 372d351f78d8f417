/* SPDX-License-Identifier: MIT
 *
 * What accessors say: of nothing, of an answer, of each kind of error. */
#include "tests/api/api.h"

#include <limits.h>

static void lists(void **state)
{
    static const char *(*const by_index[])(size_t) = {
        llmgw_option_name, llmgw_option_help, llmgw_format_name,
        llmgw_provider_name, llmgw_operation_name};

    (void)state;
    for (size_t i = 0; i < COUNT(by_index); i++) {
        size_t n = 0;

        while (by_index[i](n))
            n++;
        assert_in_range(n, 2, 200);
        assert_null(by_index[i](n + 1));
        assert_null(by_index[i](SIZE_MAX));
    }
    assert_string_equal(llmgw_operation_name(0), "messages");
    assert_string_equal(llmgw_operation_name(1), "chat");
    assert_has(llmgw_version_info(), "llmgw ");
    assert_int_equal(llmgw_version(), LLMGW_VERSION);
    for (int code = -40; code < 40; code++)
        assert_true(strlen(llmgw_strerror(code)) > 3);
    assert_string_equal(llmgw_strerror(LLMGW_E_RATE_LIMIT), "rate limited");
    assert_non_null(llmgw_strerror(INT_MIN));
    assert_non_null(llmgw_strerror(INT_MAX));
}

static void knows_nothing_of_null(void **state)
{
    size_t n = 9;

    (void)state;
    assert_int_equal(llmgw_error_code(NULL), 0);
    assert_non_null(llmgw_error_message(NULL));
    assert_null(llmgw_error_where(NULL));
    assert_null(llmgw_error_provider(NULL));
    assert_int_equal(llmgw_error_http_status(NULL), 0);
    assert_null(llmgw_error_provider_type(NULL));
    assert_null(llmgw_error_request_id(NULL));
    assert_null(llmgw_error_body(NULL, &n));
    assert_int_equal(n, 0);
    assert_int_equal(llmgw_error_retryable(NULL), 0);
    assert_int_equal(llmgw_error_retry_after_ms(NULL), -1);
    assert_null(llmgw_error_get(NULL, "attempts"));
    llmgw_error_free(NULL);
    n = 9;
    assert_null(llmgw_response_json(NULL, &n));
    assert_int_equal(n, 0);
    assert_null(llmgw_response_text(NULL, NULL));
    assert_null(llmgw_response_provider(NULL));
    assert_null(llmgw_response_model(NULL));
    assert_null(llmgw_response_request_id(NULL));
    assert_null(llmgw_response_stop(NULL));
    assert_null(llmgw_response_header(NULL, "a"));
    assert_null(llmgw_response_loss(NULL, 0));
    assert_int_equal(llmgw_response_usage(NULL, 1), -1);
    assert_int_equal(llmgw_response_cost(NULL), -1);
    assert_null(llmgw_response_get(NULL, "attempts"));
    llmgw_response_free(NULL);
    assert_int_equal(llmgw_trace_kind(NULL), 0);
    assert_null(llmgw_trace_str(NULL, "url"));
    assert_int_equal(llmgw_trace_int(NULL, "call"), -1);
}

static void tells_of_an_answer(void **state)
{
    static const int64_t usage[] = {-1, 7, 20, 5, 2, 1, -1};

    (void)state;
    expect();
    and_status(200, JSON);
    and_header("X-Request-Id", "req_1");
    and_header("X-Twice", "a");
    and_header("x-twice", "b");
    and_body("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"
             "\"model\":\"gpt-\\u0078\",\"choices\":[{\"index\":0,\"message\":"
             "{\"role\":\"assistant\",\"content\":\"a\\u0000b\"},"
             "\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":10,"
             "\"completion_tokens\":20,\"total_tokens\":30,"
             "\"prompt_tokens_details\":{\"cached_tokens\":2,"
             "\"cache_write_tokens\":1},\"completion_tokens_details\":"
             "{\"reasoning_tokens\":5}}}");
    assert_int_equal(call(GPT), 0);
    assert_string_equal(llmgw_response_model(sc.r), "gpt-x");
    assert_string_equal(llmgw_response_provider(sc.r), "openai");
    assert_string_equal(llmgw_response_stop(sc.r), "length");
    assert_string_equal(llmgw_response_request_id(sc.r), "req_1");
    assert_string_equal(llmgw_response_header(sc.r, "x-REQUEST-id"), "req_1");
    assert_string_equal(llmgw_response_header(sc.r, "x-twice"), "a");
    assert_null(llmgw_response_header(sc.r, "x-request"));
    assert_null(llmgw_response_header(sc.r, ""));
    assert_null(llmgw_response_header(sc.r, NULL));
    for (int what = -2; what < 10; what++)
        assert_int_equal(llmgw_response_usage(sc.r, what),
                         what >= 0 && what < 7 ? usage[what] : -1);
    assert_int_equal(llmgw_response_usage(sc.r, INT_MAX), -1);
    assert_null(llmgw_response_loss(sc.r, 0));
    assert_null(llmgw_response_loss(sc.r, SIZE_MAX));
    assert_null(llmgw_response_get(sc.r, "nothing"));
    assert_null(llmgw_response_get(sc.r, NULL));
    assert_null(llmgw_response_get(sc.r, ""));
}

static const struct {
    int status;
    const char *type, *header;
    int code;
} errors[] = {
    {400, "invalid_request_error", "request-id", LLMGW_E_REFUSED},
    {401, "authentication_error", "request-id", LLMGW_E_AUTH},
    {403, "permission_error", "request-id", LLMGW_E_AUTH},
    {404, "not_found_error", "request-id", LLMGW_E_REFUSED},
    {413, "request_too_large", "request-id", LLMGW_E_REFUSED},
    {429, "rate_limit_error", "request-id", LLMGW_E_RATE_LIMIT},
    {500, "api_error", "request-id", LLMGW_E_PROVIDER},
    {529, "overloaded_error", "request-id", LLMGW_E_PROVIDER},
    {418, "something \\u00e9lse", "Request-Id", LLMGW_E_REFUSED},
    {599, "x", "REQUEST-ID", LLMGW_E_PROVIDER},
};

static void tells_of_errors(void **state)
{
    (void)state;
    set("retry.max", "0");
    for (size_t i = 0; i < COUNT(errors); i++) {
        char body[256];
        size_t n = 0;

        (void)snprintf(body, sizeof(body), REFUSAL("%s", "say \\\"why\\\""),
                       errors[i].type);
        expect();
        and_status(errors[i].status, JSON);
        and_header(errors[i].header, "req_1");
        and_body(body);
        assert_int_equal(call(CLAUDE), errors[i].code);
        assert_has(llmgw_error_message(sc.e), ": say \"why\"");
        assert_has(llmgw_error_message(sc.e), llmgw_strerror(errors[i].code));
        assert_int_equal(llmgw_error_http_status(sc.e), errors[i].status);
        assert_string_equal(llmgw_error_provider(sc.e), "anthropic");
        assert_string_equal(llmgw_error_provider_type(sc.e),
                            i == 8 ? "something \xc3\xa9lse" : errors[i].type);
        assert_string_equal(llmgw_error_request_id(sc.e), "req_1");
        assert_string_equal(llmgw_error_body(sc.e, &n), body);
        assert_int_equal(n, strlen(body));
        assert_int_equal(llmgw_error_retry_after_ms(sc.e), -1);
        assert_null(llmgw_error_where(sc.e));
        assert_null(llmgw_error_get(sc.e, "nothing"));
        assert_null(llmgw_error_get(sc.e, NULL));
    }
}

/* Bodies that say little: a proxy's page, half a document, a megabyte. */
static void tells_of_odd_errors(void **state)
{
    static const char *const bodies[] = {
        "",  "<html>502</html>", "{\"error\":", "upstream\xff down", "null",
        "[]"};
    static char huge[3000000];
    size_t n = 0;

    (void)state;
    set("retry.max", "0");
    memset(huge, 'x', sizeof(huge) - 1);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        script(502, "text/html", bodies[i]);
        assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
        assert_has(llmgw_error_message(sc.e), "provider failed");
        assert_has_not(llmgw_error_message(sc.e), "<");
        assert_null(llmgw_error_provider_type(sc.e));
        if (*bodies[i])
            assert_string_equal(llmgw_error_body(sc.e, NULL), bodies[i]);
        else
            assert_null(llmgw_error_body(sc.e, NULL));
    }
    script(502, JSON, huge);
    assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_non_null(llmgw_error_body(sc.e, &n));
    assert_in_range(n, 1000, 1u << 20);
    assert_in_range(strlen(llmgw_error_message(sc.e)), 10, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(lists),
        SCENE(knows_nothing_of_null),
        SCENE(tells_of_an_answer),
        SCENE(tells_of_errors),
        SCENE(tells_of_odd_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
