/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "src/gateway/cancel.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void hear(void *user)
{
    ++*(int *)user;
}

static void test_token(void **state)
{
    llmgw_cancel *k = NULL;

    (void)state;
    assert_int_equal(llmgw_cancel_new(NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_false(lg_cancel_fired(k));
    llmgw_cancel_fire(k);
    assert_true(lg_cancel_fired(k));
    llmgw_cancel_fire(k);
    assert_true(lg_cancel_fired(k));
    llmgw_cancel_free(k);
    llmgw_cancel_fire(NULL);
    llmgw_cancel_free(NULL);
    assert_false(lg_cancel_fired(NULL));
    assert_null(lg_cancel_ref(NULL));
}

static void test_listen(void **state)
{
    struct lg_cancel_listener l[4];
    int heard[4] = {0};
    llmgw_cancel *k = NULL;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    for (int i = 0; i < 3; i++)
        lg_cancel_listen(k, &l[i], hear, &heard[i]);
    lg_cancel_unlisten(k, &l[1]);
    lg_cancel_unlisten(k, &l[1]);
    llmgw_cancel_fire(k);
    llmgw_cancel_fire(k);
    assert_int_equal(heard[0], 1);
    assert_int_equal(heard[1], 0);
    assert_int_equal(heard[2], 1);
    /* too late is at once */
    lg_cancel_listen(k, &l[3], hear, &heard[3]);
    assert_int_equal(heard[3], 1);
    lg_cancel_unlisten(k, &l[2]);
    lg_cancel_unlisten(k, &l[3]);
    /* the one that listens still keeps the token alive */
    llmgw_cancel_free(k);
    assert_true(lg_cancel_fired(k));
    lg_cancel_unlisten(k, &l[0]);
    /* no token, no listening */
    lg_cancel_listen(NULL, &l[0], hear, &heard[0]);
    lg_cancel_unlisten(NULL, &l[0]);
    assert_int_equal(heard[0], 1);
}

#define ROUNDS 400

struct race {
    llmgw_cancel *k;
    atomic_int heard;
};

static void hear_race(void *user)
{
    struct race *r = user;

    atomic_fetch_add(&r->heard, 1);
}

static void *listen_often(void *user)
{
    struct race *r = user;

    for (int i = 0; i < ROUNDS; i++) {
        struct lg_cancel_listener *l = malloc(sizeof(*l));

        if (!l)
            return user;
        lg_cancel_listen(r->k, l, hear_race, r);
        lg_cancel_unlisten(r->k, l);
        free(l); /* a late call would be seen by the sanitizer */
    }
    return NULL;
}

static void test_race(void **state)
{
    struct race r = {.k = NULL};
    pthread_t t[3];

    (void)state;
    assert_int_equal(llmgw_cancel_new(&r.k), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, listen_often, &r), 0);
    (void)usleep(500);
    llmgw_cancel_fire(r.k);
    for (int i = 0; i < 3; i++) {
        void *failed = NULL;

        (void)pthread_join(t[i], &failed);
        assert_null(failed);
    }
    assert_true(atomic_load(&r.heard) <= 3 * ROUNDS);
    llmgw_cancel_free(r.k);
}

/* A child's firing is its own: it does not reach the parent's listeners, and
 * what listens in the child hears it. */
static void test_fork(void **state)
{
    struct lg_cancel_listener before, after;
    int heard_before = 0, heard_after = 0, status = 0;
    llmgw_cancel *k = NULL;
    pid_t pid;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    lg_cancel_listen(k, &before, hear, &heard_before);
    pid = fork();
    if (!pid) {
        (void)alarm(10);
        lg_cancel_listen(k, &after, hear, &heard_after);
        llmgw_cancel_fire(k);
        lg_cancel_unlisten(k, &after);
        lg_cancel_unlisten(k, &before);
        _exit(!(lg_cancel_fired(k) && !heard_before && heard_after == 1));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(lg_cancel_fired(k));
    llmgw_cancel_fire(k);
    assert_int_equal(heard_before, 1);
    lg_cancel_unlisten(k, &before);
    llmgw_cancel_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_fork),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
