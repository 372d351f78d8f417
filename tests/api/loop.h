/* SPDX-License-Identifier: MIT
 *
 * A host with an event loop, and its streams. */
#ifndef TESTS_API_LOOP_H
#define TESTS_API_LOOP_H

#include "tests/api/api.h"

#include <poll.h>
#include <time.h>

#define FDS 1024

static struct {
    struct pollfd fd[FDS];
    nfds_t n;
    int64_t timer; /* ms from when it was set; -1: unset */
    int64_t set_at;
    int fails, nested; /* what a call from within gave */
    int timers;
} loop;

static inline int on_watch(void *user, intptr_t fd, int want)
{
    nfds_t i = 0;

    assert_ptr_equal(user, &loop);
    loop.nested = llmgw_client_ready(sc.c, -1, 0);
    while (i < loop.n && loop.fd[i].fd != (int)fd)
        i++;
    if (!want) {
        if (i < loop.n)
            loop.fd[i] = loop.fd[--loop.n];
        return loop.fails;
    }
    if (i == loop.n)
        loop.n++;
    loop.fd[i] =
        (struct pollfd){.fd = (int)fd,
                        .events = (short)((want & LLMGW_READ ? POLLIN : 0) |
                                          (want & LLMGW_WRITE ? POLLOUT : 0))};
    return loop.fails;
}

static inline int64_t clock_ms(void)
{
    struct timespec t;

    (void)timespec_get(&t, TIME_UTC);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int on_timer(void *user, int64_t ms)
{
    assert_ptr_equal(user, &loop);
    loop.nested = llmgw_client_ready(sc.c, -1, 0);
    loop.timer = ms < 0 ? -1 : ms;
    loop.set_at = clock_ms();
    loop.timers++;
    return loop.fails;
}

static inline void attach(void)
{
    memset(&loop, 0, sizeof(loop));
    loop.timer = -1;
    assert_int_equal(llmgw_client_set_loop(client(), on_watch, on_timer, &loop),
                     0);
}

/* A stream of the loop's, and how far it is. */
struct task {
    llmgw_stream *s;
    int events, ended, result, turns;
    char text[64];
};

static inline void open_task(struct task *t, const char *json)
{
    memset(t, 0, sizeof(*t));
    assert_int_equal(llmgw_messages_stream(sc.c, NULL, json, NUL, &t->s, NULL),
                     0);
    assert_non_null(t->s);
    llmgw_stream_set_user(t->s, t);
}

static inline void read_task(struct task *t)
{
    int ev;

    t->turns++;
    while ((ev = llmgw_stream_next(t->s)) > 0) {
        const char *said = llmgw_stream_text(t->s, NULL);

        t->events++;
        if (said && strlen(t->text) + strlen(said) < sizeof(t->text))
            strcat(t->text, said);
    }
    if (ev == LLMGW_E_AGAIN)
        return;
    t->ended = 1;
    t->result = ev;
}

/* Serve who is pending; how many there were. */
static inline int serve(void)
{
    llmgw_stream *s;
    int n = 0;

    for (; (s = llmgw_client_pending(sc.c)) != NULL; n++) {
        struct task *t = llmgw_stream_user(s);

        assert_ptr_equal(t->s, s);
        assert_false(t->ended);
        read_task(t);
    }
    return n;
}

#endif
