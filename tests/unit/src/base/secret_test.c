/* SPDX-License-Identifier: MIT */
#include "src/base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <llmgw/llmgw.h>

#define SECRETS 4

static struct lg_secret *secrets[SECRETS];

static int setup(void **state)
{
    (void)state;
    secrets[0] = lg_secret_new("sk-abcdef", 9);
    secrets[1] = lg_secret_new("sk-abcdef-long", 14);
    secrets[2] = NULL;
    secrets[3] = lg_secret_new("na", 2);
    return !(secrets[0] && secrets[1] && secrets[3]);
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < SECRETS; i++)
        lg_secret_free(secrets[i]);
    return 0;
}

static void test_copy(void **state)
{
    struct lg_secret *s = lg_secret_new("abcdef", 3);
    struct lg_secret *empty = lg_secret_new("", 0);

    (void)state;
    assert_non_null(s);
    assert_int_equal(s->n, 3);
    assert_string_equal(s->text, "abc");
    assert_non_null(empty);
    assert_string_equal(empty->text, "");
    assert_null(lg_secret_new("x", SIZE_MAX));
    lg_secret_free(s);
    lg_secret_free(empty);
    lg_secret_free(NULL);
}

static void check(const char *in, const char *want)
{
    const struct lg_secret *list[SECRETS];
    struct lg_buf out;

    for (int i = 0; i < SECRETS; i++)
        list[i] = secrets[i];
    lg_buf_init(&out, 1000);
    assert_int_equal(lg_secret_redact(&out, lg_str_of(in), list, SECRETS), 0);
    assert_string_equal(lg_buf_span(&out).p, want);
    lg_buf_done(&out);
}

static void test_redact(void **state)
{
    (void)state;
    check("", "");
    check("nothing here", "nothing here");
    check("sk-abcdef", "***");
    check("bad key sk-abcdef.", "bad key ***.");
    check("sk-abcdefsk-abcdef", "******");
    check("sk-abcde", "sk-abcde");
    check("sk-abcdeg", "sk-abcdeg");
    check("ssk-abcdef", "s***");
    /* the longer one, not the shorter and the rest */
    check("a sk-abcdef-long z", "a *** z");
    check("a sk-abcdef-lone z", "a ***-lone z");
    /* too short to be one */
    check("banana", "banana");
}

static void test_spelt_otherwise(void **state)
{
    (void)state;
    check("in JSON: \"\\u0073k\\u002Dabc\\u0064ef\".", "in JSON: \"***\".");
    check("in a URL: ?k=sk%2Dabc%64ef&", "in a URL: ?k=***&");
    check("sk%2dabcdef%2dlong", "***");
    check("sk%2dabcdex", "sk%2dabcdex");
    check("sk%2", "sk%2");
    check("sk\\", "sk\\");
    check("sk\\u002", "sk\\u002");
    check("sk\\u00g0abcdef", "sk\\u00g0abcdef");
    check("sk\\-abcdef", "sk\\-abcdef"); /* no escape of JSON's */
    check("\\nsk-abcdef\\n", "\\n***\\n");
}

static void test_slash(void **state)
{
    struct lg_secret *key = lg_secret_new("ab/cd", 5);
    const struct lg_secret *list[] = {key};
    struct lg_buf out;

    (void)state;
    assert_non_null(key);
    lg_buf_init(&out, 100);
    assert_int_equal(
        lg_secret_redact(&out, LG_STR("1 ab/cd 2 ab\\/cd 3"), list, 1), 0);
    assert_string_equal(lg_buf_span(&out).p, "1 *** 2 *** 3");
    lg_buf_done(&out);
    lg_secret_free(key);
}

static void test_cut(void **state)
{
    (void)state;
    check("cut: sk-abcdef-lon", "cut: ***");
    check("cut: sk-abcdef%2dlo", "cut: ***");
    check("cut: sk-abcdef-l", "cut: ***-l"); /* the shorter, whole */

    check("not cut: sk-abcdef-lon.", "not cut: ***-lon.");
}

static void test_limit(void **state)
{
    const struct lg_secret *list[] = {secrets[0]};
    struct lg_buf out;

    (void)state;
    lg_buf_init(&out, 4);
    assert_int_equal(lg_secret_redact(&out, LG_STR("12345"), list, 1),
                     LLMGW_E_LIMIT);
    lg_buf_done(&out);
    lg_buf_init(&out, 100);
    assert_int_equal(lg_secret_redact(&out, LG_STR("a\0sk-abcdef"), list, 1),
                     0);
    assert_int_equal(out.n, 5);
    assert_memory_equal(out.p, "a\0***", 5);
    lg_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_redact),
        cmocka_unit_test(test_spelt_otherwise),
        cmocka_unit_test(test_slash),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
