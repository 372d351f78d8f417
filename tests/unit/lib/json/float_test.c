/* SPDX-License-Identifier: MIT
 *
 * The C library's conversions are the measure: they are exact, in the locale
 * that a test has. */
#include "lib/json/float.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MANY 60000

static uint32_t state_of_chance = 12345;

static uint32_t chance(void)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 17;
    state_of_chance ^= state_of_chance << 5;
    return state_of_chance;
}

static uint32_t bits_of(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

static float float_of(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

static void check_number(const char *text)
{
    const uint32_t want = bits_of(strtof(text, NULL));
    const uint32_t got = lg_float_bits(lg_str_of(text));

    if (got != want)
        fail_msg("%s is %08x, not %08x", text, want, got);
}

static void numbers_are_the_nearest_floats(void **state)
{
    static const char *const odd[] = {
        "0",
        "-0",
        "0.0",
        "0e5",
        "1",
        "-1.50",
        "16777217",
        "1E+2",
        "1e-2",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "3.4028235e38",
        "3.4028235677973366e38",
        "3.4028236e38",
        "1e39",
        "1.4e-45",
        "7.006492321624085e-46",
        "7.0064923216240853e-46",
        "7.0064923216240854e-46",
        "1.17549435e-38",
        "123456789012345678901234567890123456789",
        "0.00000000000000000000000000000000000000000000000000000000000001e60",
        "100000000000000000000000000000000000000000000000000000000000e-58",
        "0.1000000000000000055511151231257827021181583404541015625"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(odd); i++)
        check_number(odd[i]);
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof(text), "%s%u.", i & 1 ? "-" : "",
                         chance() % 20);

        for (unsigned k = 1 + chance() % 20; k; k--)
            text[n++] = (char)('0' + chance() % 10);
        text[n] = '\0';
        if (i % 3)
            (void)snprintf(text + n, sizeof(text) - (size_t)n, "e%d",
                           (int)(chance() % 100) - 55);
        check_number(text);
    }
}

/* Just between two floats, and by one far digit above it. */
static void ties_are_seen(void **state)
{
    char text[400], above[600];

    (void)state;
    for (int i = 0; i < MANY / 20; i++) {
        const uint32_t bits = (i % 3 ? chance() : chance() >> 8) & 0x7f7ffffe;
        const double middle =
            ((double)float_of(bits) + (double)float_of(bits + 1)) / 2;
        size_t n;

        (void)snprintf(text, sizeof(text), "%.160e", middle);
        check_number(text);
        n = strcspn(text, "e");
        memcpy(above, text, n);
        memset(above + n, '0', 100);
        (void)snprintf(above + n + 100, sizeof(above) - n - 100, "1%s",
                       text + n);
        check_number(above);
    }
}

/* How many digits, leading zeros aside, %e needs to be read back. */
static int shortest(float f)
{
    char text[32];

    for (int n = 1; n < 9; n++) {
        (void)snprintf(text, sizeof(text), "%.*e", n - 1, (double)f);
        if (strtof(text, NULL) == f)
            return n;
    }
    return 9;
}

static int digits_in(const char *s)
{
    int n = 0, lead = 0, zeros = 0;

    for (; *s && *s != 'e'; s++) {
        if (*s < '0' || *s > '9')
            continue;
        lead |= *s != '0';
        n += lead;
        zeros = *s == '0' ? zeros + 1 : 0;
    }
    return n - (lead ? zeros : 0);
}

static void check_float(uint32_t bits)
{
    char text[LG_FLOAT_MAX + 1];
    const size_t n = lg_float_text(bits, text);

    assert_true(n <= LG_FLOAT_MAX);
    if ((bits & 0x7f800000) == 0x7f800000) {
        assert_int_equal(n, 0);
        return;
    }
    text[n] = '\0';
    if (bits_of(strtof(text, NULL)) != bits ||
        lg_float_bits(lg_str_from(text, n)) != bits)
        fail_msg("%08x is not %s", bits, text);
    if ((bits & 0x7fffffff) && digits_in(text) > shortest(float_of(bits)))
        fail_msg("%08x need not be as long as %s", bits, text);
}

static void floats_are_short_numbers(void **state)
{
    static const struct {
        float f;
        const char *text;
    } some[] = {{0, "0"},
                {-0.0f, "-0"},
                {1, "1"},
                {-0.5f, "-0.5"},
                {0.1f, "0.1"},
                {100, "100"},
                {1e9f, "1e+09"},
                {123456.79f, "123456.79"},
                {1e-4f, "0.0001"},
                {1e-5f, "0.00001"},
                {1.5e-6f, "1.5e-06"},
                {-3e-7f, "-3e-07"},
                {16777216, "16777216"},
                {1e30f, "1e+30"},
                {3.40282347e38f, "3.4028235e+38"}};
    char text[LG_FLOAT_MAX];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(some); i++) {
        const size_t n = lg_float_text(bits_of(some[i].f), text);

        if (!lg_str_is(lg_str_from(text, n), some[i].text))
            fail_msg("%.*s is not %s", (int)n, text, some[i].text);
    }
    for (uint32_t i = 0; i < 512; i++) { /* around each power of two */
        check_float(i << 23);
        check_float((i << 23) - 1);
        check_float((i << 23) + 1);
        check_float(i);
    }
    for (int i = 0; i < MANY; i++)
        check_float(i & 1
                        ? chance()
                        : bits_of((float)((int)(chance() % 2000001) - 1000000) *
                                  1e-7f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_nearest_floats),
        cmocka_unit_test(ties_are_seen),
        cmocka_unit_test(floats_are_short_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
