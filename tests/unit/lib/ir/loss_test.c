/* SPDX-License-Identifier: MIT */
#include "lib/ir/loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct fixture {
    struct lg_arena arena;
    struct lg_json doc;
    struct lg_err err;
    struct lg_losses l;
};

static const char text[] = "{\"a\":{\"b/c\":[1,2]},\"d\":3}";

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    *state = f;
    lg_arena_init(&f->arena, 0, 1u << 24);
    lg_losses_init(&f->l, &f->arena, &f->err, 0);
    f->l.doc = &f->doc;
    return lg_json_read(&f->doc, &f->arena, LG_STR(text), NULL);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    lg_arena_done(&f->arena);
    free(f);
    return 0;
}

static void test_order_and_pointers(void **state)
{
    struct fixture *f = *state;
    struct lg_val a = lg_val_get(lg_json_root(&f->doc), "a");
    struct lg_iter it = lg_iter_of(a);
    const struct lg_loss *loss;

    assert_true(lg_iter_next(&it));
    assert_int_equal(lg_lose(&f->l, it.val.i, LG_DROPPED, "r1"), 0);
    assert_int_equal(lg_lose(&f->l, 0, LG_APPROXIMATED, "r2"), 0);
    assert_int_equal(lg_lose_at(&f->l, "/x/0", LG_DROPPED, "r3"), 0);
    assert_int_equal(f->l.n, 3);
    loss = f->l.first;
    assert_string_equal(loss->pointer, "/a/b~1c");
    assert_string_equal(loss->reason, "r1");
    assert_int_equal(loss->action, LG_DROPPED);
    loss = loss->next;
    assert_string_equal(loss->pointer, "");
    assert_int_equal(loss->action, LG_APPROXIMATED);
    loss = loss->next;
    assert_string_equal(loss->pointer, "/x/0");
    assert_null(loss->next);
    assert_int_equal(f->err.code, 0);
}

static void test_pointer_is_copied(void **state)
{
    struct fixture *f = *state;
    char pointer[] = "/p";

    assert_int_equal(lg_lose_at(&f->l, pointer, LG_DROPPED, "r"), 0);
    pointer[1] = 'q';
    assert_string_equal(f->l.first->pointer, "/p");
}

static void test_no_place(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(lg_lose(&f->l, LG_NOWHERE, LG_DROPPED, "r1"), 0);
    assert_int_equal(lg_lose(&f->l, f->doc.n, LG_DROPPED, "r2"), 0);
    f->l.doc = NULL;
    assert_int_equal(lg_lose(&f->l, 1, LG_DROPPED, "r3"), 0);
    for (const struct lg_loss *loss = f->l.first; loss; loss = loss->next)
        assert_string_equal(loss->pointer, "");
    assert_int_equal(f->l.n, 3);
}

static void test_the_same_counts_once(void **state)
{
    struct fixture *f = *state;
    char pointer[16], reason[] = "same text, other memory";

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(pointer, sizeof(pointer), "/%d", i);
            assert_int_equal(
                lg_lose_at(&f->l, pointer, LG_DROPPED,
                           round ? reason : "same text, other memory"),
                0);
        }
    }
    assert_int_equal(f->l.n, 1000);
    assert_int_equal(lg_lose_at(&f->l, "/1", LG_APPROXIMATED, reason), 0);
    assert_int_equal(lg_lose_at(&f->l, "/1", LG_DROPPED, "another"), 0);
    assert_int_equal(f->l.n, 1002);
    for (const struct lg_loss *loss = f->l.first; loss; loss = loss->next)
        f->l.n--;
    assert_int_equal(f->l.n, 0);
}

static void test_strict(void **state)
{
    struct fixture *f = *state;

    f->l.strict = 1;
    assert_int_equal(lg_lose_at(&f->l, "/p", LG_APPROXIMATED, "100% off"),
                     LLMGW_E_UNSUPPORTED);
    assert_int_equal(f->err.code, LLMGW_E_UNSUPPORTED);
    assert_string_equal(f->err.where, "/p");
    assert_string_equal(f->err.text, "100% off");
    assert_int_equal(lg_lose_at(&f->l, "/p", LG_APPROXIMATED, "100% off"),
                     LLMGW_E_UNSUPPORTED);
    assert_int_equal(f->l.n, 1);
}

static void test_rejected(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(lg_lose_at(&f->l, "/p", LG_REJECTED, "no such thing"),
                     LLMGW_E_UNSUPPORTED);
    assert_string_equal(f->err.where, "/p");
}

static void test_memory(void **state)
{
    struct fixture *f = *state;
    struct lg_arena small;
    int rc = 0;

    lg_arena_init(&small, 0, 4096);
    lg_losses_init(&f->l, &small, &f->err, 0);
    for (int i = 0; i < 1000 && !rc; i++) {
        char pointer[16];

        snprintf(pointer, sizeof(pointer), "/%d", i);
        rc = lg_lose_at(&f->l, pointer, LG_DROPPED, "r");
    }
    assert_int_equal(rc, LLMGW_E_LIMIT);
    assert_int_equal(f->err.code, LLMGW_E_LIMIT);
    lg_arena_done(&small);
}

static void test_json(void **state)
{
    struct fixture *f = *state;
    struct lg_buf out;

    lg_buf_init(&out, 1024);
    assert_int_equal(lg_lose_at(&f->l, "/a\"b", LG_APPROXIMATED, "r\\x\n"), 0);
    assert_int_equal(lg_loss_json(f->l.first, &out), 0);
    assert_string_equal(out.p, "{\"pointer\":\"/a\\\"b\",\"action\":"
                               "\"approximated\",\"reason\":\"r\\\\x\\n\"}");
    lg_buf_done(&out);
    assert_string_equal(lg_loss_action_name(LG_DROPPED), "dropped");
    assert_string_equal(lg_loss_action_name(LG_REJECTED), "rejected");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order_and_pointers),
        TEST(test_pointer_is_copied),
        TEST(test_no_place),
        TEST(test_the_same_counts_once),
        TEST(test_strict),
        TEST(test_rejected),
        TEST(test_memory),
        TEST(test_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
