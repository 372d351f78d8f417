/* SPDX-License-Identifier: MIT
 *
 * A client on the host's event loop, over libcurl: poll() is the loop. */
#include "tests/api/loop.h"

#include <llmgw/transport.h>

#include "tests/support/loopback.h"

/* One turn of a loop over sockets, of `ms` at most. */
static void turn_poll(int ms)
{
    struct pollfd fd[FDS];
    const nfds_t n = loop.n;
    int64_t left = loop.timer < 0 ? ms : loop.set_at + loop.timer - clock_ms();

    left = left < 0 ? 0 : left > ms ? ms : left;
    memcpy(fd, loop.fd, n * sizeof(*fd));
    assert_true(poll(fd, n, (int)left) >= 0);
    if (loop.timer >= 0 && clock_ms() >= loop.set_at + loop.timer) {
        loop.timer = -1;
        assert_int_equal(llmgw_client_ready(sc.c, -1, 0), 0);
    }
    for (nfds_t i = 0; i < n; i++) {
        const int events =
            (fd[i].revents & (POLLIN | POLLHUP | POLLERR) ? LLMGW_READ : 0) |
            (fd[i].revents & POLLOUT ? LLMGW_WRITE : 0);

        if (events)
            assert_int_equal(llmgw_client_ready(sc.c, fd[i].fd, events), 0);
    }
}

static struct loopback server;

static void begin_curl(void)
{
    assert_int_equal(loopback_begin(&server), 0);
    assert_int_equal(llmgw_options_set_transport(sc.o, NULL, NULL), 0);
    set("providers.anthropic.base_url", server.url);
    attach();
}

static void end_curl(void)
{
    llmgw_client_free(sc.c);
    sc.c = NULL;
    assert_int_equal(loop.n, 0); /* it forgot them all */
    loopback_end(&server);
}

static void reads_many_over_sockets(void **state)
{
    enum {
        MANY = 50
    };
    static struct task t[MANY];

    (void)state;
    begin_curl();
    for (int round = 0; round < 2; round++) {
        int ended = 0;

        for (int i = 0; i < MANY; i++)
            open_task(&t[i], i % 10 == 3
                                 ? LOOPBACK_ASK("pieces=2 size=3 fail=2")
                                 : LOOPBACK_ASK("pieces=4 size=3 pace=1"));
        for (int turns = 0; turns < 20000 && ended < MANY; turns++) {
            turn_poll(1000);
            (void)serve();
            ended = 0;
            for (int i = 0; i < MANY; i++)
                ended += t[i].ended;
        }
        assert_int_equal(ended, MANY);
        for (int i = 0; i < MANY; i++) {
            assert_int_equal(t[i].result, i % 10 == 3 ? LLMGW_E_TRUNCATED : 0);
            assert_string_equal(t[i].text,
                                i % 10 == 3 ? "aaa" : "aaaaaaaaaaaa");
            llmgw_stream_free(t[i].s);
        }
    }
    end_curl();
}

/* Until it ends; not for ever. */
static void run_over_sockets(struct task *t)
{
    const int64_t begun = clock_ms();

    while (!t->ended && clock_ms() - begun < 4000) {
        turn_poll(5000);
        (void)serve();
    }
}

static void *cancel_later(void *token)
{
    for (int i = 0; i < 3000 && !atomic_load(&server.requests); i++)
        (void)poll(NULL, 0, 1);
    (void)poll(NULL, 0, 20);
    llmgw_cancel_fire(token);
    return NULL;
}

/* From another thread: it ends a poll() that nothing else would. */
static void is_woken(void **state)
{
    llmgw_cancel *k;
    struct task t;
    pthread_t thread;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    begin_curl();
    open_task(&t, LOOPBACK_ASK("size=1 hang=1"));
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, k), 0);
    run_over_sockets(&t);
    (void)pthread_join(thread, NULL);
    assert_int_equal(t.result, LLMGW_E_CANCELLED);
    llmgw_stream_free(t.s);
    end_curl();
    llmgw_cancel_free(k);
}

/* Real timers: what is not there in time is late. */
static void has_timers_over_sockets(void **state)
{
    const int64_t begun = clock_ms();
    struct task t;

    (void)state;
    set("retry.max", "0");
    set("timeout.idle_ms", "60");
    begin_curl();
    open_task(&t, LOOPBACK_ASK("size=1 hang=1"));
    run_over_sockets(&t);
    assert_int_equal(t.result, LLMGW_E_TIMEOUT);
    assert_string_equal(t.text, "a");
    assert_in_range(clock_ms() - begun, 55, 2000);
    llmgw_stream_free(t.s);
    end_curl();
}

/* More than may wait: it is held back, and goes on. */
static void reads_a_flood_over_sockets(void **state)
{
    struct task t;

    (void)state;
    begin_curl();
    open_task(&t, LOOPBACK_ASK("pieces=100 size=30000"));
    run_over_sockets(&t);
    assert_true(t.ended);
    assert_int_equal(t.result, 0);
    llmgw_stream_free(t.s);
    end_curl();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(reads_many_over_sockets),
        SCENE(is_woken),
        SCENE(has_timers_over_sockets),
        SCENE(reads_a_flood_over_sockets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
