/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "src/base/sys.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define THREADS 4
#define TURNS   2000

static void test_clocks(void **state)
{
    const int64_t a = lg_sys_mono_ms();
    int64_t b;

    (void)state;
    (void)usleep(20000);
    b = lg_sys_mono_ms();
    assert_true(b - a >= 19 && b - a < 5000);
    /* between 2024 and 2100 */
    assert_true(lg_sys_wall_ms() > INT64_C(1704067200000));
    assert_true(lg_sys_wall_ms() < INT64_C(4102444800000));
}

static void test_random(void **state)
{
    uint64_t a = 0, b = 0, fixed = 42, again = 42;
    uint32_t all_or = 0, all_and = UINT32_MAX;
    uint32_t high = 0;
    int same = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        const uint32_t x = lg_sys_random(&a);

        same += x == lg_sys_random(&b);
        high += x >> 31;
        all_or |= x;
        all_and &= x;
        assert_int_equal(lg_sys_random(&fixed), lg_sys_random(&again));
    }
    assert_true(same < 5);
    assert_true(high > 400 && high < 600);
    assert_int_equal(all_or, UINT32_MAX);
    assert_int_equal(all_and, 0);
}

struct meeting {
    struct lg_mutex m;
    struct lg_cond c;
    int come;
};

static void *come_late(void *user)
{
    struct meeting *t = user;

    (void)usleep(30000);
    lg_mutex_lock(&t->m);
    t->come = 1;
    lg_cond_signal(&t->c);
    lg_mutex_unlock(&t->m);
    return NULL;
}

static void test_cond(void **state)
{
    struct meeting t = {.come = 0};
    pthread_t other;
    int64_t from;

    (void)state;
    assert_int_equal(lg_mutex_init(&t.m), 0);
    assert_int_equal(lg_cond_init(&t.c), 0);
    lg_mutex_lock(&t.m);
    from = lg_sys_mono_ms();
    lg_cond_wait(&t.c, &t.m, 0);
    assert_true(lg_sys_mono_ms() - from < 1000);
    from = lg_sys_mono_ms();
    while (lg_sys_mono_ms() - from < 40) /* it may wake for no reason */
        lg_cond_wait(&t.c, &t.m, 40);
    assert_true(lg_sys_mono_ms() - from < 2000);

    assert_int_equal(pthread_create(&other, NULL, come_late, &t), 0);
    while (!t.come)
        lg_cond_wait(&t.c, &t.m, -1);
    (void)pthread_join(other, NULL);
    t.come = 0;
    assert_int_equal(pthread_create(&other, NULL, come_late, &t), 0);
    from = lg_sys_mono_ms();
    while (!t.come)
        lg_cond_wait(&t.c, &t.m, INT64_MAX);
    assert_true(lg_sys_mono_ms() - from < 5000);
    (void)pthread_join(other, NULL);
    lg_mutex_unlock(&t.m);
    lg_cond_done(&t.c);
    lg_mutex_done(&t.m);
}

static int is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void test_wake(void **state)
{
    const int fd = lg_wake_open();

    (void)state;
    assert_true(fd >= 0);
    assert_false(is_readable(fd));
    lg_wake_drain(fd); /* of nothing: does not wait */
    lg_wake_fire(fd);
    lg_wake_fire(fd);
    assert_true(is_readable(fd));
    lg_wake_drain(fd);
    assert_false(is_readable(fd));
    lg_wake_close(fd);
    assert_int_equal(write(fd, "x", 1), -1);
    lg_wake_close(-1);
}

static int child_says(pid_t pid)
{
    int status = 0;

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_process(void **state)
{
    const uint64_t me = lg_sys_process();
    pid_t pid;

    (void)state;
    assert_true(me != 0);
    assert_true(lg_sys_process() == me);
    pid = fork();
    if (!pid) {
        const uint64_t child = lg_sys_process();
        int bad = child == me || child != lg_sys_process();

        pid = fork();
        if (!pid)
            _exit(lg_sys_process() == child || lg_sys_process() == me);
        _exit(bad || child_says(pid));
    }
    assert_int_equal(child_says(pid), 0);
    assert_true(lg_sys_process() == me);
}

struct counter {
    atomic_uint_least64_t lock;
    int n;
};

static void *count(void *user)
{
    struct counter *c = user;

    for (int i = 0; i < TURNS; i++) {
        lg_sys_hold(&c->lock);
        c->n++;
        lg_sys_release(&c->lock);
    }
    return NULL;
}

static void test_hold(void **state)
{
    struct counter c = {.n = 0};
    pthread_t t[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, count, &c), 0);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(t[i], NULL);
    assert_int_equal(c.n, THREADS * TURNS);
    assert_true(atomic_load(&c.lock) == 0);
}

/* A child must not wait for a thread that only its parent has. */
static void test_hold_fork(void **state)
{
    atomic_uint_least64_t lock = 0;
    pid_t pid;

    (void)state;
    lg_sys_hold(&lock);
    pid = fork();
    if (!pid) {
        (void)alarm(10);
        lg_sys_hold(&lock);
        lg_sys_release(&lock);
        lg_sys_hold(&lock);
        _exit(0);
    }
    assert_int_equal(child_says(pid), 0);
    lg_sys_release(&lock);
}

static void test_env(void **state)
{
    (void)state;
    assert_int_equal(setenv("LG_SYS_TEST", "value", 1), 0);
    assert_string_equal(lg_sys_env("LG_SYS_TEST"), "value");
    assert_int_equal(unsetenv("LG_SYS_TEST"), 0);
    assert_null(lg_sys_env("LG_SYS_TEST"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks),    cmocka_unit_test(test_random),
        cmocka_unit_test(test_cond),      cmocka_unit_test(test_wake),
        cmocka_unit_test(test_process),   cmocka_unit_test(test_hold),
        cmocka_unit_test(test_hold_fork), cmocka_unit_test(test_env),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
