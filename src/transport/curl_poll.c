/* SPDX-License-Identifier: MIT */
#include "src/transport/curl_poll.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <llmgw/llmgw.h>

#include "lib/base/mem.h"

static int wait_ms(int64_t ms)
{
    if (ms < 0)
        return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

#if defined(__linux__) && !defined(LG_POLL_PORTABLE)
#    include <sys/epoll.h>

#    define KNOWN 4
#    define IDLE  8  /* libcurl looks away, for a moment or for good */
#    define SPOKE 16 /* ... and something came meanwhile */
#    define MASK  (LLMGW_READ | LLMGW_WRITE)

int lg_poll_open(struct lg_poll *p)
{
    memset(p, 0, sizeof(*p));
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    return p->fd < 0 ? LLMGW_E_NOMEM : 0;
}

void lg_poll_close(struct lg_poll *p)
{
    if (p->fd >= 0)
        (void)close(p->fd);
    lg_free(p->of);
    memset(p, 0, sizeof(*p));
    p->fd = -1;
}

/* What epoll was told of a known descriptor; else NULL. */
static uint8_t *known(const struct lg_poll *p, int fd)
{
    uint8_t *of = p->of;

    return fd >= 0 && (size_t)fd < p->cap && of[fd] ? of + fd : NULL;
}

void lg_poll_know(struct lg_poll *p, int fd, int open)
{
    uint8_t *of = p->of;

    if (fd < 0 || p->fd < 0)
        return;
    if ((size_t)fd >= p->cap) {
        const size_t cap = ((size_t)fd | 63) * 2;

        if (!open || !(of = lg_realloc(of, cap)))
            return;
        memset(of + p->cap, 0, cap - p->cap);
        p->of = of;
        p->cap = cap;
    }
    of[fd] = open ? KNOWN : 0;
}

static int control(const struct lg_poll *p, int op, int fd, int want)
{
    struct epoll_event e = {0};

    e.data.fd = fd;
    if (want & LLMGW_READ)
        e.events |= EPOLLIN;
    if (want & LLMGW_WRITE)
        e.events |= EPOLLOUT;
    return epoll_ctl(p->fd, op, fd, &e);
}

int lg_poll_set(struct lg_poll *p, int fd, int want)
{
    uint8_t *is = known(p, fd);
    int err;

    if (!want) {
        if (is)
            *is |= IDLE;
        else
            (void)control(p, EPOLL_CTL_DEL, fd, 0); /* it may be closed */
        return 0;
    }
    if (is && (*is & MASK) == want) {
        *is &= (uint8_t) ~(IDLE | SPOKE);
        return 0;
    }
    if (is && *is & MASK)
        err = control(p, EPOLL_CTL_MOD, fd, want);
    else if ((err = control(p, EPOLL_CTL_ADD, fd, want)) && errno == EEXIST)
        err = control(p, EPOLL_CTL_MOD, fd, want);
    if (err)
        return LLMGW_E_NOMEM;
    if (is)
        *is = (uint8_t)(KNOWN | want);
    return 0;
}

int lg_poll_wait(struct lg_poll *p, int64_t ms,
                 struct lg_poll_event out[LG_POLL_BATCH])
{
    struct epoll_event e[LG_POLL_BATCH];
    const int n = epoll_wait(p->fd, e, LG_POLL_BATCH, wait_ms(ms));
    int kept = 0;

    for (int i = 0; i < n; i++) {
        uint8_t *is = known(p, e[i].data.fd);

        if (is && *is & IDLE) { /* it was paused, or kept and now is closed */
            if (*is & SPOKE) {
                (void)control(p, EPOLL_CTL_DEL, e[i].data.fd, 0);
                *is = KNOWN;
            } else {
                *is |= SPOKE;
            }
            continue;
        }
        out[kept].fd = e[i].data.fd;
        out[kept].events = (e[i].events & EPOLLIN ? LLMGW_READ : 0) |
                           (e[i].events & EPOLLOUT ? LLMGW_WRITE : 0);
        if (e[i].events & (EPOLLERR | EPOLLHUP))
            out[kept].events = LLMGW_READ | LLMGW_WRITE;
        kept++;
    }
    return kept;
}

#else
#    include <poll.h>

int lg_poll_open(struct lg_poll *p)
{
    memset(p, 0, sizeof(*p));
    return 0;
}

void lg_poll_close(struct lg_poll *p)
{
    lg_free(p->of);
    memset(p, 0, sizeof(*p));
    p->fd = -1;
}

void lg_poll_know(struct lg_poll *p, int fd, int open)
{
    (void)p, (void)fd, (void)open;
}

int lg_poll_set(struct lg_poll *p, int fd, int want)
{
    struct pollfd *set = p->of;
    size_t i = 0;

    while (i < p->n && set[i].fd != fd)
        i++;
    if (!want) {
        if (i < p->n)
            set[i] = set[--p->n];
        return 0;
    }
    if (i == p->cap) {
        const size_t cap = p->cap ? p->cap * 2 : 16;

        if (!(set = lg_realloc(set, cap * sizeof(*set))))
            return LLMGW_E_NOMEM;
        p->of = set;
        p->cap = cap;
    }
    if (i == p->n)
        p->n++;
    set[i].fd = fd;
    set[i].events = (short)((want & LLMGW_READ ? POLLIN : 0) |
                            (want & LLMGW_WRITE ? POLLOUT : 0));
    set[i].revents = 0;
    return 0;
}

int lg_poll_wait(struct lg_poll *p, int64_t ms,
                 struct lg_poll_event out[LG_POLL_BATCH])
{
    const struct pollfd *set = p->of;
    int left = poll(p->of, (nfds_t)p->n, wait_ms(ms));
    int kept = 0;

    for (size_t i = 0; i < p->n && left > 0 && kept < LG_POLL_BATCH; i++) {
        if (!set[i].revents)
            continue;
        left--;
        out[kept].fd = set[i].fd;
        out[kept].events = (set[i].revents & POLLIN ? LLMGW_READ : 0) |
                           (set[i].revents & POLLOUT ? LLMGW_WRITE : 0);
        if (set[i].revents & (POLLERR | POLLHUP | POLLNVAL))
            out[kept].events = LLMGW_READ | LLMGW_WRITE;
        kept++;
    }
    return kept;
}

#endif
