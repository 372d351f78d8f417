/* SPDX-License-Identifier: MIT */
#include "tests/unit/lib/ir/fold_fixture.h"

/* However often usage is told, it takes no more memory for it. */
static void test_usage(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_usage *u;
    size_t used = 0;
    char raw[64];

    use(x, 1, "{\"in\":5,\"out\":1}");
    use(x, -1, NULL);
    for (int i = 0; i < 1000; i++) {
        snprintf(raw, sizeof(raw), "{\"out\":%d,\"x\":null}", i);
        use(x, i, raw);
        if (i == 10)
            used =
                x->arena.used + x->fold.usage[0].used + x->fold.usage[1].used;
    }
    u = &lg_fold_answer(&x->fold)->usage;
    assert_int_equal(u->output, 999);
    assert_val(&u->raw, LG_JSON_OBJECT, "{\"in\":5,\"out\":999,\"x\":null}");
    assert_int_equal(used, x->arena.used + x->fold.usage[0].used +
                               x->fold.usage[1].used);
}

/* A text beyond the ceiling ends the fold; what was there can still be had. */
static void test_ceiling(void **state)
{
    struct fixture *x = *state;
    char big[101];
    int rc = 0;

    memset(big, 'x', 100);
    big[100] = '\0';
    lg_fold_init(&x->fold, &x->arena, LG_FOLD_ALL, 1000, NULL);
    piece(x, LG_EV_TEXT, 0, 0, "first");
    for (int i = 0; i < 10; i++)
        piece(x, LG_EV_TEXT, 0, 1, big);
    rc = put(x, (struct lg_ir_event){
                    .kind = LG_EV_TEXT, .index = 1, .text = lend(x, "y")});
    assert_int_equal(rc, LLMGW_E_LIMIT);
    rc = put(x, (struct lg_ir_event){
                    .kind = LG_EV_TEXT, .index = 0, .text = lend(x, "y")});
    assert_int_equal(rc, LLMGW_E_LIMIT);
    rc = put(x, (struct lg_ir_event){.kind = LG_EV_END});
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "first");
    assert_int_equal(nth(x, 1)->text.s.n, 1000);
    assert_int_equal(lg_fold_answer(&x->fold)->complete, 0);
}

static void test_citation_ceiling(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_val v = {LG_STR("{\"a\":\"0123456789\"}"), 0,
                                LG_JSON_OBJECT, 0};
    const struct lg_ir_event ev = {.kind = LG_EV_CITATION, .u.val = &v};
    int rc = 0;

    lg_fold_init(&x->fold, &x->arena, LG_FOLD_ALL, 100, NULL);
    while (!rc)
        rc = lg_fold_event(&x->fold, &ev);
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_int_equal(lg_json_check(nth(x, 0)->citations.s, NULL),
                     0); /* still an array */
}

static void test_arena_ceiling(void **state)
{
    struct fixture *x = *state;
    struct lg_arena small;
    int rc = 0;

    lg_arena_init(&small, 0, 8192);
    lg_fold_init(&x->fold, &small, LG_FOLD_ALL, MAX, NULL);
    for (int i = 0; i < 1000 && !rc; i++)
        rc = put(x, (struct lg_ir_event){
                        .kind = LG_EV_TEXT, .index = i, .text = lend(x, "y")});
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "y");
    lg_fold_done(&x->fold);
    lg_arena_done(&small);
    assert_null(lg_fold_answer(&x->fold)->first.parts);
}

/* As many parts as a hostile server likes, fed from the oldest to the newest:
 * finding one does not get slower. */
static void test_many_parts(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_event ev = {.kind = LG_EV_TEXT, .text = LG_STR("x")};
    enum {
        PARTS = 20000,
        ROUNDS = 20
    };

    lg_arena_done(&x->arena);
    lg_arena_init(&x->arena, 0, 1u << 28);
    for (int round = 0; round < ROUNDS; round++) {
        for (ev.index = 0; ev.index < PARTS; ev.index++)
            assert_int_equal(lg_fold_event(&x->fold, &ev), 0);
    }
    assert_int_equal(count(nth(x, 0)), PARTS);
    assert_int_equal(nth(x, PARTS / 2)->text.s.n, ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_usage),
        TEST(test_ceiling),
        TEST(test_citation_ceiling),
        TEST(test_arena_ceiling),
        TEST(test_many_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
