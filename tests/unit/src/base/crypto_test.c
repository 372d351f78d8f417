/* SPDX-License-Identifier: MIT */
#include "src/base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_wipe(void **state)
{
    char key[8] = "sk-1234";
    static const char zeros[8];

    (void)state;
    lg_crypto_wipe(key, 4);
    assert_memory_equal(key, zeros, 4);
    assert_string_equal(key + 4, "234");
    lg_crypto_wipe(key, sizeof(key));
    assert_memory_equal(key, zeros, sizeof(key));
    lg_crypto_wipe(NULL, 0);
}

static void test_random(void **state)
{
    unsigned char a[32] = {0}, b[32] = {0};

    (void)state;
    assert_int_equal(lg_crypto_random(a, sizeof(a)), 0);
    assert_int_equal(lg_crypto_random(b, sizeof(b)), 0);
    assert_memory_not_equal(a, b, sizeof(a));
    memset(a, 0, sizeof(a));
    assert_int_equal(lg_crypto_random(a, 0), 0);
    assert_int_equal(a[0], 0);
}

static void test_version(void **state)
{
    const char *v = lg_crypto_version();

    (void)state;
    assert_int_equal(strncmp(v, "OpenSSL/", 8), 0);
    assert_true(v[8] >= '1' && v[8] <= '9');
    assert_null(strchr(v, ' '));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wipe),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
