/* SPDX-License-Identifier: MIT */
#include "tests/bench/reactor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define BATCH 64

void reactor_init(struct reactor *r,
                  void (*ready)(void *user, int fd, int events), void *user)
{
    *r = (struct reactor){.due_us = -1, .ready = ready, .user = user};
    r->fd = epoll_create1(0);
    r->cap = 65536;
    r->known = bench_alloc(r->cap);
    if (r->fd < 0)
        bench_die("no epoll");
}

void reactor_watch(struct reactor *r, int fd, int want)
{
    struct epoll_event e = {.data.fd = fd};
    int op = EPOLL_CTL_MOD;

    if ((size_t)fd >= r->cap)
        bench_die("too many descriptors");
    if (r->known[fd] == want)
        return;
    if (!want)
        op = EPOLL_CTL_DEL;
    else if (!r->known[fd])
        op = EPOLL_CTL_ADD;
    e.events = (want & REACTOR_READ ? EPOLLIN : 0U) |
               (want & REACTOR_WRITE ? EPOLLOUT : 0U);
    if (epoll_ctl(r->fd, op, fd, &e) && want)
        bench_die("cannot watch: %s", strerror(errno));
    r->known[fd] = (unsigned char)want;
}

void reactor_timer(struct reactor *r, long ms)
{
    r->due_us = ms < 0 ? -1 : bench_wall_us() + (double)ms * 1000;
}

void reactor_turn(struct reactor *r, int ms)
{
    struct epoll_event e[BATCH];
    int n;

    if (r->due_us >= 0) {
        const double left = (r->due_us - bench_wall_us()) / 1000;

        if (left < ms)
            ms = left > 0 ? (int)left + 1 : 0;
    }
    n = epoll_wait(r->fd, e, BATCH, ms);
    for (int i = 0; i < n; i++)
        r->ready(r->user, e[i].data.fd,
                 (e[i].events & EPOLLOUT ? REACTOR_WRITE : 0) |
                     (e[i].events & ~(uint32_t)EPOLLOUT ? REACTOR_READ : 0));
    if (r->due_us >= 0 && r->due_us <= bench_wall_us()) {
        r->due_us = -1;
        r->ready(r->user, -1, 0);
    }
}
