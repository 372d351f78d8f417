/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gen.h"
#include "lib/json/read.h"
#include "lib/json/write.h"
#include "tests/support/files.h"

#define ARENA_MAX ((size_t)1 << 28)
#define DOCUMENTS 400

static struct lg_arena arena;
static struct lg_err err;

static int setup(void **state)
{
    (void)state;
    lg_arena_init(&arena, 0, ARENA_MAX);
    err = (struct lg_err){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lg_arena_done(&arena);
    return 0;
}

/* Read a copy that ends where its memory ends, so that a look too far is
 * seen; the checker must say the same. */
static int read_text(struct lg_json *doc, struct lg_str text)
{
    char *copy = lg_arena_raw(&arena, text.n ? text.n : 1);
    char *edge = malloc(text.n ? text.n : 1);
    int rc;

    assert_non_null(copy);
    assert_non_null(edge);
    if (text.n) {
        memcpy(copy, text.p, text.n);
        memcpy(edge, text.p, text.n);
    }
    rc = lg_json_check(lg_str_from(edge, text.n), NULL);
    free(edge);
    assert_int_equal(lg_json_read(doc, &arena, lg_str_from(copy, text.n), &err),
                     rc);
    return rc;
}

static struct lg_val read_root(struct lg_json *doc, const char *text)
{
    assert_int_equal(read_text(doc, lg_str_of(text)), 0);
    return lg_json_root(doc);
}

static void assert_raw(struct lg_val v, const char *raw)
{
    assert_non_null(v.doc);
    assert_true(lg_str_is(lg_val_raw(v), raw));
}

static void assert_refused(const char *text, const char *where, const char *why)
{
    struct lg_json doc;

    assert_int_equal(read_text(&doc, lg_str_of(text)), LLMGW_E_JSON);
    assert_string_equal(err.where, where);
    assert_string_equal(err.text, why);
    assert_int_equal(err.code, LLMGW_E_JSON);
}

struct verdicts {
    unsigned good, bad;
};

static void judge(void *user, const char *path)
{
    struct verdicts *v = user;
    const char *const name = strrchr(path, '/') + 1;
    struct lg_str text;
    struct lg_json doc;
    int rc;

    text.p = file_read(path, &text.n);
    assert_non_null(text.p);
    rc = read_text(&doc, text);
    free((void *)(uintptr_t)text.p);
    if (name[0] == 'i') /* free to do either, not to do what it likes */
        assert_true(rc == 0 || rc == LLMGW_E_JSON);
    else if (rc != (name[0] == 'y' ? 0 : LLMGW_E_JSON))
        fail_msg("%s: %d", name, rc);
    v->good += name[0] == 'y';
    v->bad += name[0] == 'n';
}

static void test_suite(void **state)
{
    const char *const root = reference_path();
    struct verdicts v = {0};
    char dir[4096];

    (void)state;
    if (!root) {
        print_message("skipped: no reference data\n");
        skip();
    }
    (void)snprintf(dir, sizeof(dir), "%s/providers/jsontestsuite/test_parsing",
                   root);
    (void)files_each(dir, judge, &v);
    assert_true(v.good > 90 && v.bad > 180);
}

static const char whole[] =
    "{\"model\":\"m\",\"a/b~\":[1,-2.5e+3,true,false,null,{\"x\":[]}],"
    "\"t\":\"\\ud83d\\ude00 \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\\n\"}";

static void test_every_prefix(void **state)
{
    struct lg_json doc;

    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        assert_int_equal(read_text(&doc, lg_str_from(whole, n)), LLMGW_E_JSON);
        lg_arena_reset(&arena);
    }
    (void)read_root(&doc, whole);
}

static void test_errors(void **state)
{
    (void)state;
    assert_refused("", "", "expected a value at byte 0");
    assert_refused("\xEF\xBB\xBF{}", "", "expected a value at byte 0");
    assert_refused("{\"a\":1 \"b\":2}", "", "expected ',' or '}' at byte 7");
    assert_refused("{\"a\":[1 2]}", "/a", "expected ',' or ']' at byte 8");
    assert_refused("{\"a\":[1,{\"b\":tru}]}", "/a/1/b",
                   "expected a value at byte 13");
    assert_refused("[0,[],{\"k\":1},-]", "/3", "expected a digit at byte 15");
    assert_refused("{\"m~n/o\":{\"\\u0061\\n\":\"\x01\"}}", "/m~0n~1o/a\n",
                   "control character in a string at byte 22");
    assert_refused("{\"a\" 1}", "", "expected ':' at byte 5");
    assert_refused("{\"a\":1,}", "", "expected a member name at byte 7");
    assert_refused("[\"\\x\"]", "/0", "invalid escape at byte 2");
    assert_refused("[\"\\u12g4\"]", "/0", "invalid escape at byte 2");
    assert_refused("\"abc", "", "unterminated string at byte 4");
    assert_refused("1 2", "", "expected the end of the text at byte 2");
    assert_refused("[1.]", "/0", "expected a digit at byte 3");
    assert_refused("[1e+]", "/0", "expected a digit at byte 4");
    assert_refused("[01]", "", "expected ',' or ']' at byte 2");
}

/* At every offset of a block, so that each lane has seen each of them. */
static void test_utf8(void **state)
{
    static const struct {
        const char *bytes;
        int valid;
    } cases[] = {
        {"\xC2\x80", 1},
        {"\xDF\xBF", 1},
        {"\xE0\xA0\x80", 1},
        {"\xED\x9F\xBF", 1},
        {"\xEE\x80\x80", 1},
        {"\xEF\xBF\xBF", 1},
        {"\xF0\x90\x80\x80", 1},
        {"\xF4\x8F\xBF\xBF", 1},
        {"\x7F", 1},
        {"\x80", 0},
        {"\xBF", 0},
        {"\xC0\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC3", 0},
        {"\xC3\xC3", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE2\x82", 0},
        {"\xE2", 0},
        {"\xED\xA0\x80", 0},
        {"\xED\xBF\xBF", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
        {"\xF0\x9F\x98", 0},
        {"\xC3\xA9\xA9", 0},
        {"\x1F", 0},
    };
    static const char *const fills[] = {"a", "\xC3\xA9", "\xE4\xB8\xAD",
                                        "\xF0\x9F\x98\x80"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++)
        for (size_t fill = 0; fill < LG_COUNT(fills); fill++)
            for (size_t before = 0; before < 40; before++) {
                struct lg_json doc;
                char text[256];
                size_t n = 0;

                text[n++] = '"';
                if (before % 2)
                    text[n++] = 'x';
                for (size_t k = 0; k < before; k++)
                    n += (size_t)snprintf(text + n, 5, "%s", fills[fill]);
                n += (size_t)snprintf(text + n, 50, "%s%*s\"", cases[i].bytes,
                                      before % 3 ? 20 : 0, "");
                assert_int_equal(read_text(&doc, lg_str_from(text, n)),
                                 cases[i].valid ? 0 : LLMGW_E_JSON);
                lg_arena_reset(&arena);
            }
}

static void test_depth(void **state)
{
    char text[2 * LG_JSON_DEPTH_MAX + 2];
    struct lg_json doc;
    const size_t n = LG_JSON_DEPTH_MAX;

    (void)state;
    memset(text, '[', n);
    memset(text + n, ']', n);
    assert_int_equal(read_text(&doc, lg_str_from(text, 2 * n)), 0);
    assert_int_equal(doc.n, n);
    memset(text, '[', n + 1);
    memset(text + n + 1, ']', n + 1);
    assert_int_equal(read_text(&doc, lg_str_from(text, 2 * n + 2)),
                     LLMGW_E_JSON);
    assert_string_equal(err.text, "nested deeper than 512 at byte 512");
}

static void test_too_long(void **state)
{
    struct lg_json doc;
    const struct lg_str text = {"1", UINT32_MAX};

    (void)state;
    assert_int_equal(lg_json_check(text, &err), LLMGW_E_LIMIT);
    assert_int_equal(lg_json_read(&doc, &arena, text, &err), LLMGW_E_LIMIT);
}

static void test_no_memory(void **state)
{
    struct lg_arena small;
    struct lg_json doc;
    char text[2001];

    (void)state;
    memset(text, ' ', sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 ? '1' : ',';
    text[0] = '[';
    text[sizeof(text) - 1] = ']';
    for (size_t max = 0; max < 16000; max += 500) {
        lg_arena_init(&small, 0, max);
        assert_int_equal(
            lg_json_read(&doc, &small, lg_str_from(text, sizeof(text)), &err),
            LLMGW_E_LIMIT);
        lg_arena_done(&small);
    }
}

/* Every value as it was written: what a number says is not ours to know. */
static void test_spans(void **state)
{
    struct lg_json doc;
    const struct lg_val v =
        read_root(&doc, " {\"n\": 9007199254740993 ,\"f\":1.0,\"e\":1e400,"
                        "\"z\":\"\\u0000\",\"s\":\"\\ud800x\",\"o\" : { } }");

    (void)state;
    assert_int_equal(lg_val_kind(v), LG_JSON_OBJECT);
    assert_int_equal(doc.n, 13);
    assert_raw(lg_val_get(v, "n"), "9007199254740993");
    assert_raw(lg_val_get(v, "f"), "1.0");
    assert_raw(lg_val_get(v, "e"), "1e400");
    assert_raw(lg_val_get(v, "z"), "\"\\u0000\"");
    assert_raw(lg_val_get(v, "s"), "\"\\ud800x\"");
    assert_raw(lg_val_get(v, "o"), "{ }");
    assert_true(lg_val_tok(lg_val_get(v, "s"))->escaped);
    assert_false(lg_val_tok((struct lg_val){&doc, 1})->escaped);
    assert_true(lg_str_is(lg_val_body(lg_val_get(v, "s")), "\\ud800x"));
    assert_null(lg_val_body(lg_val_get(v, "n")).p);
    assert_null(lg_val_get(v, "absent").doc);
    assert_null(lg_val_get(lg_val_get(v, "n"), "n").doc);
    assert_int_equal(lg_val_kind(lg_val_get(v, "absent")), LG_JSON_NONE);
}

static void test_getters(void **state)
{
    struct lg_json doc;
    const struct lg_val v = read_root(
        &doc, "{\"a\":9223372036854775807,\"b\":-9223372036854775808,"
              "\"c\":9223372036854775808,\"d\":1.0,\"e\":1e2,\"f\":\"1\","
              "\"g\":\"\\u0061\\/b\",\"\":-0,\"a\":2}");
    int64_t n = 7;

    (void)state;
    assert_int_equal(lg_val_int(lg_val_get(v, "a"), &n), 0);
    assert_true(n == INT64_MAX);
    assert_int_equal(lg_val_int(lg_val_get(v, "b"), &n), 0);
    assert_true(n == INT64_MIN);
    for (const char *key = "cdefx"; *key; key++) {
        const char name[] = {*key, '\0'};

        assert_int_equal(lg_val_int(lg_val_get(v, name), &n), -1);
    }
    assert_int_equal(lg_val_int(lg_val_get(v, ""), &n), 0);
    assert_true(n == 0);
    assert_true(lg_val_is(lg_val_get(v, "g"), "a/b"));
    assert_false(lg_val_is(lg_val_get(v, "g"), "a/"));
    assert_false(lg_val_is(lg_val_get(v, "g"), "a/bc"));
    assert_false(lg_val_is(lg_val_get(v, "a"), "2"));
    assert_false(lg_val_is((struct lg_val){0}, ""));
}

static int count_rest(void *user, struct lg_val key, struct lg_val val)
{
    assert_true(lg_val_is(key, "other"));
    assert_raw(val, "[1,2]");
    return ++*(int *)user == 2 ? -77 : 0;
}

static void test_members(void **state)
{
    static const char *const names[] = {"a", "", "b", "c"};
    struct lg_val out[4];
    struct lg_json doc;
    int rest = 0;
    struct lg_val v = read_root(
        &doc, "{\"\\u0062\":{\"a\":1},\"other\":[1,2],\"\":0,\"a\":null}");

    (void)state;
    assert_int_equal(lg_val_members(v, names, 4, out, count_rest, &rest, &err),
                     0);
    assert_int_equal(rest, 1);
    assert_raw(out[0], "null");
    assert_raw(out[1], "0");
    assert_raw(out[2], "{\"a\":1}");
    assert_null(out[3].doc);
    assert_int_equal(lg_val_members(v, names, 4, out, NULL, NULL, &err), 0);

    assert_int_equal(lg_val_members(out[0], names, 4, out, NULL, NULL, &err),
                     LLMGW_E_JSON);
    assert_string_equal(err.where, "/a");

    v = read_root(&doc, "{\"other\":[1,2],\"other\":[1,2],\"a\":1}");
    rest = 0;
    assert_int_equal(lg_val_members(v, names, 4, out, count_rest, &rest, &err),
                     -77);

    v = read_root(&doc, "[{\"a\":1,\"b\":2,\"\\u0061\":3}]");
    v = (struct lg_val){&doc, 1};
    assert_int_equal(lg_val_members(v, names, 4, out, NULL, NULL, &err),
                     LLMGW_E_JSON);
    assert_string_equal(err.where, "/0/a");
}

static void test_iter(void **state)
{
    struct lg_json doc;
    struct lg_iter it = lg_iter_of(read_root(&doc, "[[1,[2]],{\"k\":[3]},4]"));
    struct lg_iter inner;

    (void)state;
    assert_true(lg_iter_next(&it));
    assert_raw(it.val, "[1,[2]]");
    assert_null(it.key.doc);
    assert_true(lg_iter_next(&it));
    inner = lg_iter_of(it.val);
    assert_true(lg_iter_next(&inner));
    assert_raw(inner.key, "\"k\"");
    assert_raw(inner.val, "[3]");
    assert_false(lg_iter_next(&inner));
    assert_true(lg_iter_next(&it));
    assert_raw(it.val, "4");
    inner = lg_iter_of(it.val);
    assert_false(lg_iter_next(&inner));
    assert_false(lg_iter_next(&it));
    it = lg_iter_of((struct lg_val){0});
    assert_false(lg_iter_next(&it));
}

static void test_pointer(void **state)
{
    static const char *const pointers[] = {
        "",          "/model",      "/model",      "/a~1b~0",   "/a~1b~0",
        "/a~1b~0/0", "/a~1b~0/1",   "/a~1b~0/2",   "/a~1b~0/3", "/a~1b~0/4",
        "/a~1b~0/5", "/a~1b~0/5/x", "/a~1b~0/5/x", "/t",        "/t"};
    struct lg_json doc;
    char out[64];

    (void)state;
    (void)read_root(&doc, whole);
    assert_int_equal(doc.n, LG_COUNT(pointers));
    for (uint32_t i = 0; i < doc.n; i++) {
        lg_json_pointer(&doc, i, out, sizeof(out));
        assert_string_equal(out, pointers[i]);
    }
    lg_json_pointer(&doc, 11, out, 6); /* cut, but not inside "~1" */
    assert_string_equal(out, "/a~1b");
    lg_json_pointer(&doc, 11, out, 4);
    assert_string_equal(out, "/a");
    lg_json_pointer(&doc, 11, out, 1);
    assert_string_equal(out, "");
    (void)read_root(&doc, "{\"\\ud83d\\ude00\xE2\x82\xAC\":0}");
    lg_json_pointer(&doc, 1, out, sizeof(out));
    assert_string_equal(out, "/\xF0\x9F\x98\x80\xE2\x82\xAC");
    lg_json_pointer(&doc, 1, out, 8);
    assert_string_equal(out, "/\xF0\x9F\x98\x80");
}

static void rebuild(struct lg_jw *w, struct lg_val v)
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_iter it = lg_iter_of(v);

    if (kind == LG_JSON_OBJECT) {
        lg_jw_obj(w);
        while (lg_iter_next(&it)) {
            lg_jw_key_body(w, lg_val_body(it.key));
            rebuild(w, it.val);
        }
        lg_jw_obj_end(w);
    } else if (kind == LG_JSON_ARRAY) {
        lg_jw_arr(w);
        while (lg_iter_next(&it))
            rebuild(w, it.val);
        lg_jw_arr_end(w);
    } else {
        lg_jw_raw(w, lg_val_raw(v));
    }
}

/* The tape and its spans are the document, but for the space between. */
static void test_rebuild(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < DOCUMENTS; seed++) {
        struct gen g;
        struct lg_json doc;
        struct lg_buf out;
        struct lg_jw w = {&out, 0};

        gen_init(&g, seed);
        gen_document(&g);
        lg_buf_init(&out, 1 << 24);
        assert_int_equal(read_text(&doc, lg_buf_span(&g.loose)), 0);
        assert_true(lg_str_same(lg_val_raw(lg_json_root(&doc)),
                                lg_str_trim(lg_buf_span(&g.loose))));
        rebuild(&w, lg_json_root(&doc));
        assert_int_equal(out.err, 0);
        assert_string_equal(out.p, g.tight.p);
        lg_buf_done(&out);
        gen_done(&g);
        lg_arena_reset(&arena);
    }
}

/* Change one byte: whatever comes of it, both readers agree on it, and what
 * is accepted has all its tokens inside the text. */
static void test_damage(void **state)
{
    static const char bytes[] = "{}[]\":,\\0a\n\xC3\x80\xFF\x01";

    (void)state;
    for (uint64_t seed = 0; seed < DOCUMENTS; seed++) {
        struct gen g;

        gen_init(&g, seed);
        gen_document(&g);
        for (int i = 0; i < 50; i++) {
            char *p = &g.loose.p[gen_number(&g, (uint32_t)g.loose.n)];
            const char was = *p;
            struct lg_json doc;

            *p = bytes[gen_number(&g, sizeof(bytes) - 1)];
            if (read_text(&doc, lg_buf_span(&g.loose)) == 0)
                for (uint32_t k = 0; k < doc.n; k++)
                    assert_true(doc.tok[k].at < doc.tok[k].end &&
                                doc.tok[k].end <= g.loose.n &&
                                doc.tok[k].next > k &&
                                doc.tok[k].next <= doc.n);
            *p = was;
            lg_arena_reset(&arena);
        }
        gen_done(&g);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_suite),     TEST(test_every_prefix), TEST(test_errors),
        TEST(test_utf8),      TEST(test_depth),        TEST(test_too_long),
        TEST(test_no_memory), TEST(test_spans),        TEST(test_getters),
        TEST(test_members),   TEST(test_iter),         TEST(test_pointer),
        TEST(test_rebuild),   TEST(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
