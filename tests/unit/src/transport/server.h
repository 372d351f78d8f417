/* SPDX-License-Identifier: MIT
 *
 * A server on loopback that does what a list says, on a thread of its own: one
 * connection at a time, plain sockets, no idea of HTTP beyond where a request
 * ends. */
#ifndef TESTS_UNIT_TRANSPORT_SERVER_H
#define TESTS_UNIT_TRANSPORT_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_SEEN        (1 << 23)
#define SERVER_OLDER       8
#define SERVER_PATIENCE_MS 5000

enum server_op {
    SERVER_END,
    SERVER_ACCEPT, /* the connection before it stays open, unheard */
    SERVER_READ,   /* a whole request; `n`: no more than so many bytes */
    SERVER_SEND,   /* text, `n` times (0: once) */
    SERVER_PIECES, /* text, a byte each `n` ms */
    SERVER_NAP,    /* n ms */
    SERVER_AWAIT,  /* server_go() */
    SERVER_CLOSE,
    SERVER_RESET
};

struct server_step {
    enum server_op op;
    const char *text;
    int n;
};

struct server {
    int listener, port;
    pthread_t thread;
    const struct server_step *script;
    char url[64]; /* "http://127.0.0.1:port" */
    /* What it saw; look at it after server_join(). */
    char *seen;
    size_t nseen;
    int accepted, failed;
    int older[SERVER_OLDER], nolder;
    atomic_int go, at; /* steps it has done, ... */
    atomic_int until;  /* ... and does, 0: all */
};

static inline int server_wait(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    return poll(&p, 1, SERVER_PATIENCE_MS) == 1 ? 0 : -1;
}

/* Where a request that begins at `p` ends, or 0. */
static inline size_t server_request_end(const char *p)
{
    const char *blank = strstr(p, "\r\n\r\n");
    const char *length = strcasestr(p, "\r\ncontent-length:");
    const char *chunked = strcasestr(p, "\r\ntransfer-encoding: chunked");
    size_t body = 0;

    if (!blank)
        return 0;
    blank += 4;
    if (chunked && chunked < blank) {
        const char *last = strstr(blank - 2, "\r\n0\r\n\r\n");

        return last ? (size_t)(last + 7 - p) : 0;
    }
    if (length && length < blank)
        body = (size_t)strtoul(length + 17, NULL, 10);
    return strlen(blank) >= body ? (size_t)(blank - p) + body : 0;
}

static inline int server_read(struct server *s, int fd, size_t at_most)
{
    const size_t begin = s->nseen;

    while (!server_request_end(s->seen + begin)) {
        size_t room = SERVER_SEEN - 1 - s->nseen;
        ssize_t n;

        if (at_most && s->nseen - begin >= at_most)
            return 0;
        if (at_most && room > at_most)
            room = at_most;
        if (server_wait(fd, POLLIN))
            return -1;
        n = recv(fd, s->seen + s->nseen, room, 0);
        if (n <= 0)
            return -1;
        s->nseen += (size_t)n;
        s->seen[s->nseen] = '\0';
    }
    return 0;
}

static inline int server_send(int fd, const char *text, size_t n)
{
    while (n) {
        ssize_t sent;

        if (server_wait(fd, POLLOUT))
            return -1;
        sent = send(fd, text, n, MSG_NOSIGNAL);
        if (sent < 0) /* a client may leave */
            return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
        text += sent;
        n -= (size_t)sent;
    }
    return 0;
}

static inline int server_accept(struct server *s)
{
    const int one = 1;
    int fd;

    if (server_wait(s->listener, POLLIN))
        return -1;
    fd = accept(s->listener, NULL, NULL);
    if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    s->accepted += fd >= 0;
    return fd;
}

static inline void server_close(int *fd, int reset)
{
    const struct linger now = {1, 0};

    if (*fd < 0)
        return;
    if (reset)
        (void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    (void)close(*fd);
    *fd = -1;
}

static inline int server_step(struct server *s, const struct server_step *do_,
                              int *fd)
{
    int rc = 0;

    switch (do_->op) {
    case SERVER_ACCEPT:
        if (*fd >= 0 && s->nolder < SERVER_OLDER)
            s->older[s->nolder++] = *fd;
        *fd = server_accept(s);
        return *fd < 0 ? -1 : 0;
    case SERVER_READ:
        return server_read(s, *fd, (size_t)do_->n);
    case SERVER_SEND:
        for (int i = 0; !rc && (i < do_->n || i == 0); i++)
            rc = server_send(*fd, do_->text, strlen(do_->text));
        return rc;
    case SERVER_PIECES:
        for (const char *p = do_->text; !rc && *p; p++) {
            rc = server_send(*fd, p, 1);
            (void)usleep((useconds_t)do_->n * 1000);
        }
        return rc;
    case SERVER_NAP:
        (void)usleep((useconds_t)do_->n * 1000);
        return 0;
    case SERVER_AWAIT:
        for (int i = 0; i < SERVER_PATIENCE_MS && !atomic_load(&s->go); i++)
            (void)usleep(1000);
        return atomic_exchange(&s->go, 0) ? 0 : -1;
    case SERVER_CLOSE:
    case SERVER_RESET:
        server_close(fd, do_->op == SERVER_RESET);
        return 0;
    case SERVER_END:
        break;
    }
    return 0;
}

/* Is it to do a step more? */
static inline int server_may(struct server *s)
{
    for (int i = 0; i < SERVER_PATIENCE_MS; i++) {
        const int until = atomic_load(&s->until);

        if (!until || atomic_load(&s->at) < until)
            return 1;
        (void)usleep(1000);
    }
    return 0;
}

static inline void *server_run(void *of)
{
    struct server *s = of;
    int fd = -1;

    for (const struct server_step *p = s->script; p->op != SERVER_END; p++) {
        if (!server_may(s) || server_step(s, p, &fd)) {
            s->failed = (int)(p - s->script) + 1;
            break;
        }
        atomic_fetch_add(&s->at, 1);
    }
    server_close(&fd, 0);
    while (s->nolder)
        (void)close(s->older[--s->nolder]);
    return NULL;
}

/* A socket that listens on a free port. */
static inline int server_listen(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
        listen(fd, 1024) || getsockname(fd, (struct sockaddr *)&a, &n))
        return -1;
    *port = ntohs(a.sin_port);
    return fd;
}

/* 0, or -1. The script lives as long as the server. */
static inline int server_begin(struct server *s,
                               const struct server_step *script)
{
    memset(s, 0, sizeof(*s));
    s->script = script;
    s->seen = calloc(1, SERVER_SEEN);
    s->listener = server_listen(&s->port);
    if (!s->seen || s->listener < 0)
        return -1;
    (void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
    return pthread_create(&s->thread, NULL, server_run, s) ? -1 : 0;
}

static inline void server_go(struct server *s)
{
    atomic_store(&s->go, 1);
}

/* 0, or the number of the step that failed. */
static inline int server_join(struct server *s)
{
    (void)pthread_join(s->thread, NULL);
    (void)close(s->listener);
    return s->failed;
}

static inline void server_end(struct server *s)
{
    free(s->seen);
}

#endif
