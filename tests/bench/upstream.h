/* SPDX-License-Identifier: MIT
 *
 * A server on loopback that is never what a benchmark waits for: one thread,
 * epoll, bodies made beforehand, one send for as much as the socket takes. */
#ifndef BENCH_UPSTREAM_H
#define BENCH_UPSTREAM_H

#include <openssl/ssl.h>
#include <sys/types.h>

#include "tests/bench/body.h"

struct conn {
    int fd, want; /* epoll events */
    SSL *tls;     /* NULL: plain */
    char *in;     /* of a request that is not all here */
    size_t n, cap;
    const char *out;
    size_t at, upto, len;    /* sent, may be sent, in all */
    const struct body *body; /* paced: its next event, and how often */
    size_t event;
    unsigned tick_ms;
    struct conn *next; /* in a slot of the wheel */
    int queued, closed;
};

/* ---- upstream_io.c ----------------------------------------------------- */

/* A listener on a port of the kernel's choice. */
int io_listen(int *port);
SSL_CTX *io_tls(const char *certificate, const char *key);
/* The next connection, or NULL. `tls` may be NULL. */
struct conn *io_accept(int epoll, int listener, SSL_CTX *tls);
void io_close(struct conn *c);
void io_want(int epoll, struct conn *c, int events);
/* Bytes read or written; 0: would block; -1: the connection is over. */
ssize_t io_read(struct conn *c, char *p, size_t n);
ssize_t io_write(struct conn *c, const char *p, size_t n);

#endif
