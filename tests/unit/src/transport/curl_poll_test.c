/* SPDX-License-Identifier: MIT */
#include "src/transport/curl_poll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <llmgw/llmgw.h>

static struct lg_poll poll_;
static struct lg_poll_event event[LG_POLL_BATCH];

static int begin(void **state)
{
    (void)state;
    return lg_poll_open(&poll_);
}

static int end(void **state)
{
    (void)state;
    lg_poll_close(&poll_);
    lg_poll_close(&poll_); /* does no harm */
    return 0;
}

static void pair(int fd[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
}

static void say(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void tells_what_is_ready(void **state)
{
    int fd[2];

    (void)state;
    pair(fd);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
    assert_int_equal(lg_poll_wait(&poll_, 0, event), 0);
    say(fd[1]);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(event[0].fd, fd[0]);
    assert_int_equal(event[0].events, LLMGW_READ);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ | LLMGW_WRITE), 0);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(event[0].events, LLMGW_READ | LLMGW_WRITE);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_WRITE), 0);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(event[0].events, LLMGW_WRITE);
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
    assert_int_equal(lg_poll_wait(&poll_, 0, event), 0);
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0); /* already */
    (void)close(fd[0]);
    (void)close(fd[1]);
}

static void tells_of_ends(void **state)
{
    int fd[2];

    (void)state;
    pair(fd);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
    (void)close(fd[1]);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(event[0].events, LLMGW_READ | LLMGW_WRITE);
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
    (void)close(fd[0]);
}

/* A descriptor that is known may stay registered while nobody asks: not even
 * then is anything told of it. */
static void is_silent_about_idle_ones(void **state)
{
    int fd[2];

    (void)state;
    pair(fd);
    lg_poll_know(&poll_, fd[0], 1);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
    say(fd[1]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lg_poll_wait(&poll_, 0, event), 0);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    /* idle and back without a word in between */
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
    assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_WRITE), 0);
    assert_int_equal(lg_poll_wait(&poll_, -1, event), 1);
    assert_int_equal(event[0].events, LLMGW_WRITE);
    lg_poll_know(&poll_, fd[0], 0);
    (void)lg_poll_set(&poll_, fd[0], 0);
    (void)close(fd[0]);
    (void)close(fd[1]);
}

/* The same number, another socket: what is known of the one that was closed
 * says nothing of it. */
static void forgets_closed_ones(void **state)
{
    int fd[2], again[2];

    (void)state;
    for (int told = 0; told <= 1; told++) {
        pair(fd);
        lg_poll_know(&poll_, fd[0], 1);
        assert_int_equal(lg_poll_set(&poll_, fd[0], LLMGW_READ), 0);
        assert_int_equal(lg_poll_set(&poll_, fd[0], 0), 0);
        if (told)
            lg_poll_know(&poll_, fd[0], 0);
        (void)close(fd[0]);
        (void)close(fd[1]);
        pair(again);
        assert_int_equal(again[0], fd[0]);
        if (!told)
            lg_poll_know(&poll_, again[0], 1);
        assert_int_equal(lg_poll_set(&poll_, again[0], LLMGW_READ), 0);
        say(again[1]);
        assert_int_equal(lg_poll_wait(&poll_, 1000, event), 1);
        assert_int_equal(event[0].fd, again[0]);
        assert_int_equal(lg_poll_set(&poll_, again[0], 0), 0);
        lg_poll_know(&poll_, again[0], 0);
        (void)close(again[0]);
        (void)close(again[1]);
    }
}

/* More than one batch, one after the other. */
static void serves_more_than_a_batch(void **state)
{
    enum {
        MANY = LG_POLL_BATCH + 20
    };
    static int fd[MANY][2];
    static char told[4 * MANY + 64];
    int n, all = 0;

    (void)state;
    memset(told, 0, sizeof(told));
    for (int i = 0; i < MANY; i++) {
        pair(fd[i]);
        lg_poll_know(&poll_, fd[i][0], i % 2);
        assert_int_equal(lg_poll_set(&poll_, fd[i][0], LLMGW_READ), 0);
        say(fd[i][1]);
    }
    while (all < MANY && (n = lg_poll_wait(&poll_, 100, event)) > 0) {
        assert_true(n <= LG_POLL_BATCH);
        for (int i = 0; i < n; i++) {
            assert_in_range(event[i].fd, 0, sizeof(told) - 1);
            assert_int_equal(told[event[i].fd]++, 0);
            assert_int_equal(lg_poll_set(&poll_, event[i].fd, 0), 0);
        }
        all += n;
    }
    assert_int_equal(all, MANY);
    for (int i = 0; i < MANY; i++) {
        lg_poll_know(&poll_, fd[i][0], 0);
        (void)close(fd[i][0]);
        (void)close(fd[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_what_is_ready, begin, end),
        cmocka_unit_test_setup_teardown(tells_of_ends, begin, end),
        cmocka_unit_test_setup_teardown(is_silent_about_idle_ones, begin, end),
        cmocka_unit_test_setup_teardown(forgets_closed_ones, begin, end),
        cmocka_unit_test_setup_teardown(serves_more_than_a_batch, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
