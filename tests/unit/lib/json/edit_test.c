/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gen.h"
#include "lib/json/edit.h"
#include "lib/json/read.h"

static const char *const names[] = {"model", "stream", "x"};
static struct lg_err err;

static void join(struct lg_buf *out, const struct lg_str *slices, size_t n)
{
    assert_true(n <= LG_SLICE_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_true(slices[i].n > 0);
        (void)lg_buf_str(out, slices[i]);
    }
    assert_int_equal(out->err, 0);
}

static void test_find(void **state)
{
    static const char text[] =
        " {\"a\":{\"model\":1,\"m\\u006fdel\":2,\"stream\":[]},\"model\" : "
        "\"m\" , \"stream\":[{\"stream\":{}}],\"y\":0,\"y\":1} ";
    struct lg_str found[3];

    (void)state;
    assert_int_equal(lg_json_find(lg_str_of(text), names, 3, found, &err), 0);
    assert_true(lg_str_is(found[0], "\"m\""));
    assert_true(lg_str_is(found[1], "[{\"stream\":{}}]"));
    assert_null(found[2].p);
    assert_true(found[0].p > text && found[0].p < text + sizeof(text));
    assert_int_equal(lg_json_find(LG_STR("{}"), names, 3, found, &err), 0);
    assert_null(found[0].p);
    assert_int_equal(lg_json_find(LG_STR("{\"\":1}"), names, 3, found, &err),
                     0);
    assert_int_equal(lg_json_find(LG_STR("{\"x\":1}"), NULL, 0, NULL, &err), 0);
}

static void test_find_refuses(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"[]", "expected an object"},
        {"null", "expected an object"},
        {"\"model\"", "expected an object"},
        {"", "expected a value at byte 0"},
        {"{\"model\":1,}", "expected a member name at byte 11"},
        {"{\"model\":[1}", "expected ',' or ']' at byte 11"},
        {"{\"model\":}", "expected a value at byte 9"},
        {"{\"model\":\"m\"", "expected ',' or '}' at byte 12"},
        {"{\"model\":1}x", "expected the end of the text at byte 11"},
        {"{\"model\":1,\"model\":1}",
         "a member named twice or with escapes at byte 11"},
        {"{\"mod\\u0065l\":1}",
         "a member named twice or with escapes at byte 1"},
        {"{\"x\":1,\"\\u0078\":1}",
         "a member named twice or with escapes at byte 7"},
    };
    struct lg_str found[3];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        assert_int_equal(
            lg_json_find(lg_str_of(cases[i].text), names, 3, found, &err),
            LLMGW_E_JSON);
        assert_string_equal(err.text, cases[i].why);
    }
}

static void assert_edit(const char *text, const char *model, const char *stream,
                        const char *x, const char *want)
{
    const struct lg_str values[] = {lg_str_of(model), lg_str_of(stream),
                                    lg_str_of(x)};
    struct lg_edit edits[3];
    struct lg_str found[3], slices[LG_SLICE_MAX];
    char glue[LG_GLUE_MAX];
    struct lg_buf out;

    assert_int_equal(lg_json_find(lg_str_of(text), names, 3, found, &err), 0);
    for (size_t i = 0; i < 3; i++)
        edits[i] = (struct lg_edit){names[i], found[i], values[i]};
    lg_buf_init(&out, 4096);
    join(&out, slices, lg_json_edit(lg_str_of(text), edits, 3, slices, glue));
    assert_string_equal(out.p, want);
    lg_buf_done(&out);
}

static void test_edit(void **state)
{
    (void)state;
    assert_edit("{}", NULL, NULL, NULL, "{}");
    assert_edit("{ }", "\"m\"", NULL, NULL, "{\"model\":\"m\" }");
    assert_edit("{}", "1", "2", "3", "{\"model\":1,\"stream\":2,\"x\":3}");
    assert_edit(" { \"y\" : 0 } ", "1", NULL, "{}",
                " {\"model\":1,\"x\":{}, \"y\" : 0 } ");
    assert_edit("{\"x\":[1] ,\"model\": \"a\"}", "\"b\"", NULL, NULL,
                "{\"x\":[1] ,\"model\": \"b\"}");
    assert_edit("{\"x\":[1] ,\"model\": \"a\"}", "\"b\"", "true", "null",
                "{\"stream\":true,\"x\":null ,\"model\": \"b\"}");
    assert_edit("{\"x\":1}", NULL, NULL, "2", "{\"x\":2}");
}

/* Nothing to do is one slice, and it is the caller's text. */
static void test_untouched(void **state)
{
    static const char text[] = "{\"model\":1}";
    const struct lg_edit edits[] = {{"model", {text + 9, 1}, {NULL, 0}},
                                    {"x", {NULL, 0}, {NULL, 0}}};
    struct lg_str slices[LG_SLICE_MAX];
    char glue[LG_GLUE_MAX];

    (void)state;
    assert_int_equal(lg_json_edit(lg_str_of(text), edits, 2, slices, glue), 1);
    assert_ptr_equal(slices[0].p, text);
    assert_int_equal(slices[0].n, sizeof(text) - 1);
}

static void test_most_slices(void **state)
{
    static char name[LG_EDIT_MAX][LG_EDIT_NAME_MAX + 1];
    struct lg_edit edits[LG_EDIT_MAX];
    struct lg_str slices[LG_SLICE_MAX];
    char *glue = malloc(LG_GLUE_MAX); /* its end is watched */
    struct lg_buf out;
    struct lg_str found;
    const char *last = name[LG_EDIT_MAX - 1];

    (void)state;
    for (size_t i = 0; i < LG_EDIT_MAX; i++) {
        memset(name[i], (int)('a' + i), LG_EDIT_NAME_MAX);
        edits[i] = (struct lg_edit){name[i], {NULL, 0}, LG_STR("0")};
    }
    lg_buf_init(&out, 4096);
    join(&out, slices,
         lg_json_edit(LG_STR("{\"y\":1}"), edits, LG_EDIT_MAX, slices, glue));
    assert_int_equal(lg_json_find(lg_buf_span(&out), &last, 1, &found, &err),
                     0);
    assert_true(lg_str_is(found, "0"));
    lg_buf_done(&out);
    free(glue);
}

enum {
    MEMBERS = 6,
    EDITS = 8
};

/* The text without the values of those members, and without what was added in
 * front of `rest`. */
static void strip(struct lg_buf *out, struct lg_str text, const char *rest,
                  const struct lg_str *found, const struct lg_edit *edits)
{
    const char *from = text.p;

    for (size_t i = 0; i < MEMBERS; i++) /* they stand in their order */
        if (edits[i].value.p) {
            const char *to = found[i].p;

            if (rest && from < rest) { /* keep the brace and what led to it */
                const char *brace = strchr(from, '{') + 1;

                (void)lg_buf_add(out, from, (size_t)(brace - from));
                from = rest;
            }
            (void)lg_buf_add(out, from, (size_t)(to - from));
            from = to + found[i].n;
        }
    (void)lg_buf_add(out, from, (size_t)(text.p + text.n - from));
}

static void edit_once(struct gen *g)
{
    static const char *const keys[EDITS] = {"k0", "k1", "k2",   "k3",
                                            "k4", "k5", "new1", "new2"};
    static const char *const values[] = {"\"v\"", "{\"k1\":[1, 2]}", "0",
                                         "[\"\\ud800\"]"};
    struct lg_str found[EDITS], again[EDITS], slices[LG_SLICE_MAX];
    struct lg_edit edits[EDITS];
    struct lg_buf out, was, is;
    char glue[LG_GLUE_MAX];
    const char *rest = NULL;
    unsigned added = 0;

    gen_object(g, MEMBERS);
    lg_buf_init(&out, 1 << 24);
    lg_buf_init(&was, 1 << 24);
    lg_buf_init(&is, 1 << 24);
    assert_int_equal(
        lg_json_find(lg_buf_span(&g->loose), keys, EDITS, found, &err), 0);
    for (size_t i = 0; i < EDITS; i++) {
        edits[i] = (struct lg_edit){keys[i], found[i], {NULL, 0}};
        assert_int_equal(found[i].p != NULL, i < MEMBERS);
        if (i == 0 || gen_number(g, 2))
            edits[i].value = lg_str_of(values[gen_number(g, LG_COUNT(values))]);
        added += i >= MEMBERS && edits[i].value.p;
    }
    join(&out, slices,
         lg_json_edit(lg_buf_span(&g->loose), edits, EDITS, slices, glue));
    assert_int_equal(lg_json_find(lg_buf_span(&out), keys, EDITS, again, &err),
                     0);
    for (size_t i = 0; i < EDITS; i++) {
        const struct lg_str want =
            edits[i].value.p ? edits[i].value : edits[i].found;

        assert_int_equal(again[i].p != NULL, want.p != NULL);
        assert_true(lg_str_same(again[i], want));
        if (i >= MEMBERS && again[i].p) /* and the comma behind the last */
            rest = again[i].p + again[i].n + 1;
    }
    assert_int_equal(rest != NULL, added > 0);
    strip(&was, lg_buf_span(&g->loose), NULL, found, edits);
    strip(&is, lg_buf_span(&out), rest, again, edits);
    assert_string_equal(was.p, is.p);
    lg_buf_done(&out);
    lg_buf_done(&was);
    lg_buf_done(&is);
}

/* What was edited reads as it should, and every other byte stands as it did. */
static void test_property(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct gen g;

        gen_init(&g, seed);
        edit_once(&g);
        gen_done(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),        cmocka_unit_test(test_find_refuses),
        cmocka_unit_test(test_edit),        cmocka_unit_test(test_untouched),
        cmocka_unit_test(test_most_slices), cmocka_unit_test(test_property),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
