/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* RFC 4648 section 10, and bytes that are no text. */
static const struct {
    struct lg_str bytes;
    const char *text;
} vectors[] = {
    {{"", 0}, ""},
    {{"f", 1}, "Zg=="},
    {{"fo", 2}, "Zm8="},
    {{"foo", 3}, "Zm9v"},
    {{"foob", 4}, "Zm9vYg=="},
    {{"fooba", 5}, "Zm9vYmE="},
    {{"foobar", 6}, "Zm9vYmFy"},
    {{"\xff\xfe\xfd\x00", 4}, "//79AA=="},
    {{"\xfb\xef\xbe", 3}, "++++"},
};

static void writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(vectors); i++) {
        struct lg_buf b;

        lg_buf_init(&b, 100);
        assert_int_equal(lg_base64_write(&b, vectors[i].bytes), 0);
        assert_true(lg_str_is(lg_buf_span(&b), vectors[i].text));
        lg_buf_done(&b);
    }
}

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(vectors); i++) {
        struct lg_str text = lg_str_of(vectors[i].text);
        struct lg_buf b;

        lg_buf_init(&b, 100);
        assert_int_equal(lg_base64_read(&b, text), 0);
        assert_true(lg_str_same(lg_buf_span(&b), vectors[i].bytes));
        while (text.n && text.p[text.n - 1] == '=')
            text.n--;
        lg_buf_reset(&b);
        assert_int_equal(lg_base64_read(&b, text), 0);
        assert_true(lg_str_same(lg_buf_span(&b), vectors[i].bytes));
        lg_buf_done(&b);
    }
}

static void refuses(void **state)
{
    static const char *const bad[] = {
        "Z",     "Zg=",    "Zm9vY", "Zm9v=", "Zg=x",        "=",
        "Zm 9v", "Zm9v\n", "Zm9-",  "Z===",  "Zm9vYg==Zg=="};
    struct lg_buf b;

    (void)state;
    lg_buf_init(&b, 100);
    for (size_t i = 0; i < LG_COUNT(bad); i++)
        assert_int_equal(lg_base64_read(&b, lg_str_of(bad[i])), -1);
    lg_buf_done(&b);
    lg_buf_init(&b, 3);
    assert_int_equal(lg_base64_write(&b, LG_STR("f")), LLMGW_E_LIMIT);
    lg_buf_reset(&b);
    assert_int_equal(lg_base64_read(&b, LG_STR("Zm9vYmFy")), LLMGW_E_LIMIT);
    lg_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes),
        cmocka_unit_test(reads),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
