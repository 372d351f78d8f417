/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/json/read.h"
#include "lib/json/write.h"

static struct lg_buf out;

static int setup(void **state)
{
    (void)state;
    lg_buf_init(&out, 4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lg_buf_done(&out);
    return 0;
}

static void test_all_values(void **state)
{
    struct lg_jw w = {&out, 0};

    (void)state;
    lg_jw_obj(&w);
    lg_jw_key(&w, "a");
    lg_jw_arr(&w);
    lg_jw_null(&w);
    lg_jw_bool(&w, 1);
    lg_jw_bool(&w, 0);
    lg_jw_int(&w, INT64_MIN);
    lg_jw_int(&w, 0);
    lg_jw_body(&w, LG_STR("\\n"));
    lg_jw_body(&w, (struct lg_str){0});
    lg_jw_text(&w, LG_STR("\n\""));
    lg_jw_text(&w, LG_STR("e"));
    lg_jw_raw(&w, LG_STR("1.0"));
    lg_jw_raw(&w, LG_STR("{\"x\": [ ]}"));
    lg_jw_obj(&w);
    lg_jw_obj_end(&w);
    lg_jw_arr(&w);
    lg_jw_arr_end(&w);
    lg_jw_arr_end(&w);
    lg_jw_key_body(&w, LG_STR("\\u0062"));
    lg_jw_obj(&w);
    lg_jw_obj_end(&w);
    lg_jw_key(&w, "");
    lg_jw_text(&w, LG_STR(""));
    lg_jw_obj_end(&w);
    assert_int_equal(out.err, 0);
    assert_string_equal(
        out.p, "{\"a\":[null,true,false,-9223372036854775808,0,\"\\n\",\"\","
               "\"\\n\\\"\",\"e\",1.0,{\"x\": [ ]},{},[]],\"\\u0062\":{},"
               "\"\":\"\"}");
    assert_int_equal(lg_json_check(lg_buf_span(&out), NULL), 0);
}

/* What frames a value is not a value: no comma behind it. */
static void test_frames(void **state)
{
    struct lg_jw w = {&out, 0};

    (void)state;
    lg_jw_int(&w, 1);
    (void)lg_buf_lit(&out, "\n");
    lg_jw_obj(&w);
    lg_jw_obj_end(&w);
    (void)lg_buf_lit(&out, "\n\ndata: ");
    lg_jw_text(&w, LG_STR("x"));
    (void)lg_buf_lit(&out, "\ndata:");
    lg_jw_null(&w);
    assert_string_equal(out.p, "1\n{}\n\ndata: \"x\"\ndata:null");
}

/* A string that ends in a bracket, a colon or a comma is a value all the
 * same, and space around a raw value does not hide it. */
static void test_commas(void **state)
{
    struct lg_jw w = {&out, 0};

    (void)state;
    lg_jw_arr(&w);
    lg_jw_text(&w, LG_STR("{"));
    lg_jw_text(&w, LG_STR(","));
    lg_jw_raw(&w, LG_STR(" \r\n{ }\n"));
    lg_jw_raw(&w, LG_STR("\t-1e5 "));
    lg_jw_int(&w, -9);
    lg_jw_arr_end(&w);
    assert_string_equal(out.p, "[\"{\",\",\",{ },-1e5,-9]");
}

static void test_one_line(void **state)
{
    static const char json[] =
        "\n{\r\n  \"a\": [1,\n2],\r\"b\\n\":\"\\r\"\n}\n";
    struct lg_jw w = {&out, 1};

    (void)state;
    (void)lg_buf_lit(&out, "id: 1\ndata: ");
    lg_jw_raw(&w, lg_str_of(json));
    assert_string_equal(out.p,
                        "id: 1\ndata: {    \"a\": [1, 2], \"b\\n\":\"\\r\" }");
    lg_buf_reset(&out);
    w.one_line = 0;
    lg_jw_raw(&w, lg_str_of(json));
    assert_true(lg_str_same(lg_buf_span(&out), lg_str_trim(lg_str_of(json))));
}

static void test_ceiling(void **state)
{
    (void)state;
    for (size_t max = 0; max < 12; max++) {
        struct lg_buf small;
        struct lg_jw w = {&small, 1};

        lg_buf_init(&small, max);
        lg_jw_obj(&w);
        lg_jw_key(&w, "k");
        lg_jw_arr(&w);
        lg_jw_raw(&w, LG_STR("1"));
        lg_jw_text(&w, LG_STR("a"));
        lg_jw_arr_end(&w);
        lg_jw_obj_end(&w);
        assert_int_equal(small.err, LLMGW_E_LIMIT);
        lg_buf_done(&small);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_values), TEST(test_frames),  TEST(test_commas),
        TEST(test_one_line),   TEST(test_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
