/* SPDX-License-Identifier: MIT */
#include "lib/format/format.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MANY ((size_t)1 << 20)

static const struct lg_format ours = {.name = "ours"};
static const struct lg_format theirs = {.name = "theirs"};

struct trial {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_ctx c;
    struct lg_json doc;
    struct lg_buf out;
    struct lg_jw w;
};

static void begin(struct trial *t, const char *json)
{
    memset(t, 0, sizeof(*t));
    lg_arena_init(&t->arena, 0, MANY);
    lg_buf_init(&t->out, MANY);
    lg_losses_init(&t->losses, &t->arena, &t->err, 0);
    t->w.out = &t->out;
    t->c = (struct lg_ctx){.self = &ours,
                           .arena = &t->arena,
                           .keep = &t->arena,
                           .losses = &t->losses,
                           .err = &t->err};
    assert_int_equal(lg_json_read(&t->doc, &t->arena, lg_str_of(json), &t->err),
                     0);
    t->losses.doc = &t->doc;
}

static void end(struct trial *t)
{
    lg_buf_done(&t->out);
    lg_arena_done(&t->arena);
}

static void fields_and_the_rest(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    struct lg_ir_extra *extra = NULL;
    struct lg_val f[3];
    struct trial t;

    (void)state;
    begin(&t, "{\"x\":1,\"b\":null,\"a\":2,\"y\":null,\"z\\n\":{\"k\":[]}}");
    assert_int_equal(lg_extra_add(&t.c, &extra, (struct lg_val){&t.doc, 1},
                                  (struct lg_val){&t.doc, 2}, 3),
                     0);
    assert_int_equal(
        lg_fields(&t.c, lg_json_root(&t.doc), names, 3, f, &extra, 0), 0);
    assert_int_equal(lg_val_kind(f[0]), LG_JSON_NUMBER);
    assert_int_equal(lg_val_kind(f[1]), LG_JSON_NULL);
    assert_int_equal(lg_val_kind(f[2]), LG_JSON_NONE);
    lg_jw_obj(&t.w);
    lg_extra_write(&t.c, &t.w, extra, 0, &ours);
    lg_jw_obj_end(&t.w);
    lg_jw_obj(&t.w);
    lg_extra_write(&t.c, &t.w, extra, 3, &ours);
    lg_extra_write(&t.c, &t.w, extra, 0, &theirs);
    lg_jw_obj_end(&t.w);
    assert_string_equal(t.out.p,
                        "{\"x\":1,\"y\":null,\"z\\n\":{\"k\":[]}},{\"x\":1}");
    end(&t);
}

static void fields_of_no_interest_are_let_go(void **state)
{
    static const char *const names[] = {"a"};
    struct lg_val f[1];
    struct trial t;

    (void)state;
    begin(&t, "{\"x\":1,\"a\":2}");
    assert_int_equal(
        lg_fields(&t.c, lg_json_root(&t.doc), names, 1, f, NULL, 0), 0);
    assert_int_equal(lg_val_kind(f[0]), LG_JSON_NUMBER);
    assert_int_equal(lg_fields(&t.c, f[0], names, 1, f, NULL, 0), LLMGW_E_JSON);
    end(&t);
}

static void extras_of_others_are_lost_but_nulls(void **state)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_val none;
    struct trial t;

    (void)state;
    begin(&t, "{\"x\":1,\"y\":null,\"z\":[]}");
    assert_int_equal(
        lg_fields(&t.c, lg_json_root(&t.doc), NULL, 0, &none, &extra, 0), 0);
    assert_int_equal(lg_extra_lose(&t.c, extra, &ours), 0);
    assert_int_equal(t.losses.n, 0);
    assert_int_equal(lg_extra_lose(&t.c, extra, &theirs), 0);
    assert_int_equal(t.losses.n, 2);
    assert_string_equal(t.losses.first->pointer, "/x");
    assert_string_equal(t.losses.first->reason, "unknown to ours");
    assert_string_equal(t.losses.first->next->pointer, "/z");
    t.losses.strict = 1;
    assert_int_equal(lg_extra_lose(&t.c, extra, &theirs), LLMGW_E_UNSUPPORTED);
    t.c.losses = NULL;
    assert_int_equal(lg_extra_lose(&t.c, extra, &theirs), 0);
    end(&t);
}

static void values_are_written_as_they_are(void **state)
{
    struct lg_ir_val inner = {LG_STR("{\\\"a\\\":\\n1.0,\\\"\\\\ud800\\\":2}"),
                              LG_NOWHERE, LG_JSON_STRING, 1};
    const struct lg_ir_val plain = {LG_STR("[1, 2]"), LG_NOWHERE,
                                    LG_JSON_STRING, 1};
    const struct lg_ir_val absent = {.tok = LG_NOWHERE};
    const struct lg_ir_val word = lg_ir_word("w\\n");
    struct lg_ir_val number;
    struct trial t;

    (void)state;
    begin(&t, "1.00");
    number = lg_ir_of(lg_json_root(&t.doc));
    t.w.one_line = 1;
    lg_jw_obj(&t.w);
    lg_ir_member(&t.w, "inner", &inner);
    lg_ir_member(&t.w, "plain", &plain);
    lg_ir_member(&t.w, "absent", &absent);
    lg_ir_member(&t.w, "word", &word);
    lg_ir_member(&t.w, "number", &number);
    lg_jw_obj_end(&t.w);
    assert_string_equal(t.out.p, "{\"inner\":{\"a\": 1.0,\"\\ud800\":2},"
                                 "\"plain\":[1, 2],\"word\":\"w\\n\","
                                 "\"number\":1.00}");
    end(&t);
}

static void without_room_the_buffer_says_so(void **state)
{
    const struct lg_ir_val inner = {LG_STR("[\\\"abcdefgh\\\"]"), LG_NOWHERE,
                                    LG_JSON_STRING, 1};
    struct trial t;

    (void)state;
    begin(&t, "1");
    lg_buf_init(&t.out, 5);
    lg_ir_write(&t.w, &inner);
    assert_int_equal(t.out.err, LLMGW_E_LIMIT);
    end(&t);
}

static void reasons_are_cut_not_lost(void **state)
{
    char many[1000];
    struct trial t;

    (void)state;
    begin(&t, "1");
    memset(many, 'x', sizeof(many));
    many[sizeof(many) - 1] = '\0';
    assert_string_equal(lg_reason(&t.c, "%s has %d", "n", 3), "n has 3");
    assert_int_equal(strlen(lg_reason(&t.c, "%s", many)), LG_TEXT_MAX - 1);
    t.arena.max = t.arena.used;
    while (lg_arena_alloc(&t.arena, 16))
        ;
    assert_string_equal(lg_reason(&t.c, "%s", many), "");
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_the_rest),
        cmocka_unit_test(fields_of_no_interest_are_let_go),
        cmocka_unit_test(extras_of_others_are_lost_but_nulls),
        cmocka_unit_test(values_are_written_as_they_are),
        cmocka_unit_test(without_room_the_buffer_says_so),
        cmocka_unit_test(reasons_are_cut_not_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
