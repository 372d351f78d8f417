/* SPDX-License-Identifier: MIT */
#include "src/base/doc.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* What was walked over: "kind path=text" lines. */
struct log {
    char text[1024];
    const char *skip, *stop; /* names */
    struct lg_err *e;
};

static void put_path(char *out, size_t cap, const struct lg_doc_item *item)
{
    if (item->up)
        put_path(out, cap, item->up);
    strncat(out, "/", cap - strlen(out) - 1);
    strncat(out, item->name ? item->name : "", cap - strlen(out) - 1);
}

static int note(void *user, const struct lg_doc_item *item)
{
    struct log *l = user;
    char path[256] = "";
    const size_t n = strlen(l->text);

    put_path(path, sizeof(path), item);
    (void)snprintf(l->text + n, sizeof(l->text) - n, "%d %s=%s\n",
                   (int)item->kind, path, item->text ? item->text : "");
    if (item->name && l->stop && strcmp(item->name, l->stop) == 0)
        return lg_fail(l->e, LLMGW_E_OPTION, item->name, "stopped");
    return item->name && l->skip && strcmp(item->name, l->skip) == 0;
}

static int walk(const char *text, struct log *l, struct lg_err *e)
{
    l->text[0] = '\0';
    l->e = e;
    return lg_doc_walk(lg_str_of(text), note, l, e);
}

static void test_walk(void **state)
{
    struct log l = {.skip = NULL};
    struct lg_err e = {0};

    (void)state;
    assert_int_equal(walk("{\"a\":{\"b\":\"x\\u00e9\",\"B\":7},\"c\":[true,"
                          "null,-12],\"d\":1.5,\"e\":false}",
                          &l, &e),
                     0);
    assert_string_equal(l.text, "7 /=\n"
                                "7 //a=\n"
                                "5 //a/b=x\xc3\xa9\n"
                                "4 //a/B=7\n"
                                "6 //c=\n"
                                "3 //c/=true\n"
                                "1 //c/=\n"
                                "4 //c/=-12\n"
                                "4 //d=\n"
                                "2 //e=false\n");
    assert_int_equal(walk("\"alone\"", &l, &e), 0);
    assert_string_equal(l.text, "5 /=alone\n");
}

static void test_skip_and_stop(void **state)
{
    struct log l = {.skip = "a", .stop = "c"};
    struct lg_err e = {0};

    (void)state;
    assert_int_equal(walk("{\"a\":{\"c\":1},\"b\":2,\"c\":3,\"d\":4}", &l, &e),
                     LLMGW_E_OPTION);
    assert_string_equal(l.text, "7 /=\n7 //a=\n4 //b=2\n4 //c=3\n");
    assert_string_equal(e.where, "c");
    assert_string_equal(e.text, "stopped");
}

static void refused(const char *text, const char *why)
{
    struct log l = {.skip = "skip"};
    struct lg_err e = {0};

    assert_int_equal(walk(text, &l, &e), LLMGW_E_JSON);
    assert_int_equal(e.code, LLMGW_E_JSON);
    assert_true(e.text[0] != '\0');
    if (why)
        assert_non_null(strstr(e.text, why));
}

static void test_refused(void **state)
{
    (void)state;
    refused("", NULL);
    refused("{", NULL);
    refused("{} {}", NULL);
    refused("{\"a\":\"\xff\"}", NULL);
    refused("{\"a\":\"x\\u0000y\"}", "u0000");
    refused("{\"\\u0000\":1}", "u0000");
    refused("[\"\\ud800\"]", "surrogate");
    refused("[\"\\ud800x\"]", "surrogate");
    refused("[\"\\ud800\\n\"]", "surrogate");
    refused("[\"\\ud800\\ud800\"]", "surrogate");
    refused("[\"\\udC00\"]", "surrogate");
    refused("[4503599627370497]", "2^52");
    refused("[-4503599627370497]", "2^52");
    refused("[9007199254740993]", "2^52");
    refused("[18446744073709551615]", "2^52");
    refused("[1e400]", "2^52");
    refused("{\"a\":4503599627370497}", "2^52");
    /* inside what nobody looks at, too: it would be printed changed */
    refused("{\"skip\":[4503599627370497]}", "2^52");
    refused("[1000000000000000000000000000000000000000000000000000000000000000"
            "0]",
            "digits");
}

static void test_kept(void **state)
{
    struct log l = {.skip = NULL};
    struct lg_err e = {0};

    (void)state;
    assert_int_equal(
        walk("[4503599627370496,-4503599627370496,1e3,0,-0]", &l, &e), 0);
    assert_string_equal(l.text, "6 /=\n4 //=4503599627370496\n"
                                "4 //=-4503599627370496\n4 //=1000\n4 //=0\n"
                                "4 //=0\n");
    assert_int_equal(walk("[\"\\\\u0000 \\ud83d\\uDE00\\\"\"]", &l, &e), 0);
    assert_string_equal(l.text, "6 /=\n5 //=\\u0000 \xf0\x9f\x98\x80\"\n");
    assert_int_equal(walk("[\"0123456789012345678901234567890123456789012345678"
                          "90123456789012345678901234567890\"]",
                          &l, &e),
                     0);
}

static void test_depth(void **state)
{
    char text[2 * (LG_DOC_DEPTH_MAX + 1) + 1];
    struct log l = {.skip = NULL};
    struct lg_err e = {0};

    (void)state;
    for (size_t depth = LG_DOC_DEPTH_MAX; depth <= LG_DOC_DEPTH_MAX + 1;
         depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_int_equal(walk(text, &l, &e),
                         depth > LG_DOC_DEPTH_MAX ? LLMGW_E_JSON : 0);
    }
    assert_non_null(strstr(e.text, "64"));
    /* brackets in strings are none */
    memset(text, '[', sizeof(text));
    text[0] = text[sizeof(text) - 2] = '"';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(walk(text, &l, &e), 0);
}

struct print {
    struct lg_buf out;
    int rc;
};

static int print_second(void *user, const struct lg_doc_item *item)
{
    struct print *p = user;

    if (item->name && strcmp(item->name, "b") == 0)
        p->rc = lg_doc_print(&p->out, item);
    return 0;
}

static void test_print(void **state)
{
    struct print p = {.rc = -1};
    const struct lg_str text =
        LG_STR("{\"a\":1,\"b\": {\"x\": [1, 2.5, \"\\n\"], \"X\": null}}");

    (void)state;
    lg_buf_init(&p.out, 100);
    assert_int_equal(lg_doc_walk(text, print_second, &p, NULL), 0);
    assert_int_equal(p.rc, 0);
    assert_string_equal(p.out.p, "{\"x\":[1,2.5,\"\\n\"],\"X\":null}");
    lg_buf_done(&p.out);
    lg_buf_init(&p.out, 10);
    assert_int_equal(lg_doc_walk(text, print_second, &p, NULL), 0);
    assert_int_equal(p.rc, LLMGW_E_LIMIT);
    lg_buf_done(&p.out);
}

/* Only as many bytes as there are. */
static void test_length(void **state)
{
    struct log l = {.skip = NULL};
    struct lg_err e = {0};
    char *text = malloc(3);

    (void)state;
    assert_non_null(text);
    memcpy(text, "123", 3);
    l.e = &e;
    assert_int_equal(lg_doc_walk(lg_str_from(text, 2), note, &l, &e), 0);
    assert_string_equal(l.text, "4 /=12\n");
    l.text[0] = '\0';
    assert_int_equal(lg_doc_walk(lg_str_from(text, 3), note, &l, &e), 0);
    assert_string_equal(l.text, "4 /=123\n");
    free(text);
}

static void *walk_often(void *user)
{
    struct log l = {.skip = NULL};
    struct lg_err e = {0};

    for (int i = 0; i < 500; i++)
        if (walk("{\"a\":[1,2,{\"b\":\"c\"}]}", &l, &e))
            *(int *)user = 1;
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t t[4];
    int failed[4] = {0};

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, walk_often, &failed[i]),
                         0);
    for (int i = 0; i < 4; i++) {
        (void)pthread_join(t[i], NULL);
        assert_int_equal(failed[i], 0);
    }
}

static void test_version(void **state)
{
    (void)state;
    assert_int_equal(strncmp(lg_doc_version(), "cJSON/1.", 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),    cmocka_unit_test(test_skip_and_stop),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_kept),
        cmocka_unit_test(test_depth),   cmocka_unit_test(test_print),
        cmocka_unit_test(test_length),  cmocka_unit_test(test_threads),
        cmocka_unit_test(test_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
