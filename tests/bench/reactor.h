/* SPDX-License-Identifier: MIT
 *
 * The event loop of a host: descriptors under epoll and one timer. */
#ifndef BENCH_REACTOR_H
#define BENCH_REACTOR_H

#include "tests/bench/bench.h"

#define REACTOR_READ  1
#define REACTOR_WRITE 2

struct reactor {
    int fd;
    unsigned char *known; /* by descriptor: what epoll was told */
    size_t cap;
    double due_us;                                 /* < 0: unset */
    void (*ready)(void *user, int fd, int events); /* fd -1: the timer */
    void *user;
};

void reactor_init(struct reactor *r,
                  void (*ready)(void *user, int fd, int events), void *user);
/* want 0: forget it. */
void reactor_watch(struct reactor *r, int fd, int want);
/* ms < 0: unset. */
void reactor_timer(struct reactor *r, long ms);
/* One round: wait, for `ms` at most, and tell. */
void reactor_turn(struct reactor *r, int ms);

#endif
