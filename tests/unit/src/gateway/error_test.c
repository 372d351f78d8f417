/* SPDX-License-Identifier: MIT */
#include "src/gateway/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_strerror(void **state)
{
    (void)state;
    assert_string_equal(llmgw_strerror(LLMGW_E_RATE_LIMIT), "rate limited");
    for (int code = LLMGW_OK; code >= LLMGW_E_FORKED; code--) {
        assert_true(llmgw_strerror(code)[0] != '\0');
        for (int other = LLMGW_OK; other > code; other--)
            assert_string_not_equal(llmgw_strerror(code),
                                    llmgw_strerror(other));
    }
    assert_string_equal(llmgw_strerror(1), "unknown error");
    assert_string_equal(llmgw_strerror(LLMGW_E_FORKED - 1), "unknown error");
    assert_string_equal(llmgw_strerror(-2147483647 - 1), "unknown error");
}

static void test_none(void **state)
{
    size_t n = 7;

    (void)state;
    assert_int_equal(llmgw_error_code(NULL), LLMGW_OK);
    assert_string_equal(llmgw_error_message(NULL), llmgw_strerror(LLMGW_OK));
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
}

static void test_all(void **state)
{
    char message[] = "m", where[] = "/w", provider[] = "p", type[] = "t",
         id[] = "i", body[] = "b\0c", attempts[] = "[]", code[] = "c",
         param[] = "q";
    const struct llmgw_error e = {
        .code = LLMGW_E_RATE_LIMIT,
        .message = message,
        .where = where,
        .provider = provider,
        .provider_type = type,
        .request_id = id,
        .body = body,
        .body_len = 3,
        .http_status = 429,
        .retryable = 5,
        .retry_after_ms = 1500,
        .attempts = attempts,
        .maybe_billed = "false",
        .provider_code = code,
        .provider_param = param,
    };
    size_t n = 0;

    (void)state;
    assert_int_equal(llmgw_error_code(&e), LLMGW_E_RATE_LIMIT);
    assert_string_equal(llmgw_error_message(&e), "m");
    assert_string_equal(llmgw_error_where(&e), "/w");
    assert_string_equal(llmgw_error_provider(&e), "p");
    assert_int_equal(llmgw_error_http_status(&e), 429);
    assert_string_equal(llmgw_error_provider_type(&e), "t");
    assert_string_equal(llmgw_error_request_id(&e), "i");
    assert_ptr_equal(llmgw_error_body(&e, &n), body);
    assert_int_equal(n, 3);
    assert_ptr_equal(llmgw_error_body(&e, NULL), body);
    assert_int_equal(llmgw_error_retryable(&e), 1);
    assert_int_equal(llmgw_error_retry_after_ms(&e), 1500);
    assert_string_equal(llmgw_error_get(&e, "attempts"), "[]");
    assert_string_equal(llmgw_error_get(&e, "maybe_billed"), "false");
    assert_string_equal(llmgw_error_get(&e, "code"), "c");
    assert_string_equal(llmgw_error_get(&e, "param"), "q");
    assert_null(llmgw_error_get(&e, "message"));
    assert_null(llmgw_error_get(&e, NULL));
}

static void test_give(void **state)
{
    const struct lg_err none = {0};
    struct lg_err e = {0};
    struct llmgw_error *x = &lg_error_nomem;

    (void)state;
    assert_int_equal(lg_error_give(&x, &none), LLMGW_OK);
    assert_null(x);
    (void)lg_fail(&e, LLMGW_E_JSON, "/a/b", "not %s", "good");
    assert_int_equal(lg_error_give(NULL, &e), LLMGW_E_JSON);
    assert_int_equal(lg_error_give(&x, &e), LLMGW_E_JSON);
    assert_int_equal(llmgw_error_code(x), LLMGW_E_JSON);
    assert_string_equal(llmgw_error_message(x), "not good");
    assert_string_equal(llmgw_error_where(x), "/a/b");
    assert_int_equal(llmgw_error_retry_after_ms(x), -1);
    assert_int_equal(llmgw_error_retryable(x), 0);
    llmgw_error_free(x);
    /* without a sentence there is one all the same, and no empty place */
    e = (struct lg_err){.code = LLMGW_E_TIMEOUT};
    assert_int_equal(lg_error_give(&x, &e), LLMGW_E_TIMEOUT);
    assert_string_equal(llmgw_error_message(x), "timed out");
    assert_null(llmgw_error_where(x));
    llmgw_error_free(x);
}

/* Texts are cut at a byte, and keys may be anything: what comes out is UTF-8. */
static void test_utf8(void **state)
{
    struct lg_err e = {
        .code = LLMGW_E_OPTION, .text = "a \xc3\xa9 b \xc3", .where = "\xff"};
    struct llmgw_error *x = NULL;

    (void)state;
    (void)lg_error_give(&x, &e);
    assert_string_equal(llmgw_error_message(x), "a \xc3\xa9 b \xef\xbf\xbd");
    assert_string_equal(llmgw_error_where(x), "\xef\xbf\xbd");
    llmgw_error_free(x);
    memset(e.text, '\xff', sizeof(e.text) - 1);
    memset(e.where, '\xff', sizeof(e.where) - 1);
    (void)lg_error_give(&x, &e);
    assert_int_equal(llmgw_error_code(x), LLMGW_E_OPTION);
    assert_int_equal(strlen(llmgw_error_message(x)), 3 * (LG_TEXT_MAX - 1));
    llmgw_error_free(x);
}

static void test_nomem(void **state)
{
    (void)state;
    assert_int_equal(llmgw_error_code(&lg_error_nomem), LLMGW_E_NOMEM);
    llmgw_error_free(&lg_error_nomem);
    assert_string_equal(llmgw_error_message(&lg_error_nomem), "out of memory");
    assert_int_equal(llmgw_error_retry_after_ms(&lg_error_nomem), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strerror), cmocka_unit_test(test_none),
        cmocka_unit_test(test_all),      cmocka_unit_test(test_give),
        cmocka_unit_test(test_utf8),     cmocka_unit_test(test_nomem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
