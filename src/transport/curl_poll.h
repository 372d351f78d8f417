/* SPDX-License-Identifier: MIT
 *
 * Waiting for descriptors: epoll, or poll(2) where there is none. */
#ifndef LG_TRANSPORT_CURL_POLL_H
#define LG_TRANSPORT_CURL_POLL_H

#include <stddef.h>
#include <stdint.h>

#define LG_POLL_BATCH 32

struct lg_poll {
    int fd;   /* epoll's; -1: closed */
    void *of; /* a byte per known descriptor; or what poll(2) takes */
    size_t n, cap;
};

struct lg_poll_event {
    int fd;
    int events; /* LLMGW_READ | LLMGW_WRITE; an error is both */
};

int lg_poll_open(struct lg_poll *p); /* 0 or LLMGW_E_NOMEM */
void lg_poll_close(struct lg_poll *p);
/* `fd` was just opened (1), or is about to be closed (0). It need not be told
 * of every descriptor; but one it knows is left registered while it is idle,
 * which spares a kept-alive connection two system calls per request. */
void lg_poll_know(struct lg_poll *p, int fd, int open);
/* Watch for LLMGW_READ | LLMGW_WRITE; 0: no more. 0 or LLMGW_E_NOMEM. */
int lg_poll_set(struct lg_poll *p, int fd, int want);
/* How many events there are, at most LG_POLL_BATCH; maybe 0, and surely after
 * `ms` (negative: no limit). */
int lg_poll_wait(struct lg_poll *p, int64_t ms,
                 struct lg_poll_event out[LG_POLL_BATCH]);

#endif
