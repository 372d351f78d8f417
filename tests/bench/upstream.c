/* SPDX-License-Identifier: MIT
 *
 *     bench-upstream [certificate key]
 *
 * prints its plain port and its TLS port (0: none), and serves until its
 * standard input ends. What is answered stands in the path:
 *
 *     /m/<t|j>/<N>/<tick_ms>/<e|b>/v1/messages
 *     /m/<t|j>/<N>/<tick_ms>/<e|b>/v1/chat/completions
 *
 * a stream of N deltas of text (t) or of a tool's arguments (j), at full speed
 * (tick 0) or one each tick, with an HTTP chunk per event (e) or of 16 KB (b),
 * where the request says "stream":true; else one answer of 1.3 KB. */
#include "tests/bench/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define SEND_MAX ((size_t)256 << 10)
#define WHEEL    4096 /* slots of a millisecond; a tick is less */
#define BATCH    256

struct server {
    int epoll, plain, secure;
    SSL_CTX *tls;
    struct body *bodies;
    char *answer[2];
    size_t answer_n[2];
    struct conn *wheel[WHEEL];
    size_t paced; /* streams on the wheel */
    double begun_us;
    uint64_t now; /* ms, as far as the wheel was turned */
};

static uint64_t now_ms(const struct server *s)
{
    return (uint64_t)((bench_wall_us() - s->begun_us) / 1000);
}

/* ---- the wheel --------------------------------------------------------- */

static void queue(struct server *s, struct conn *c, uint64_t at)
{
    struct conn **slot = &s->wheel[at % WHEEL];

    c->next = *slot;
    c->queued = 1;
    *slot = c;
    s->paced++;
}

/* ---- answering --------------------------------------------------------- */

static void pump(struct server *s, struct conn *c)
{
    while (c->at < c->upto && !c->closed) {
        const size_t left = c->upto - c->at;
        const ssize_t n =
            io_write(c, c->out + c->at, left > SEND_MAX ? SEND_MAX : left);

        if (n < 0)
            c->closed = 1;
        if (n <= 0)
            break;
        c->at += (size_t)n;
        if (!c->tick_ms)
            break; /* others want to be served, too */
    }
    io_want(s->epoll, c, c->at < c->upto ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void tick(struct server *s, struct conn *c)
{
    c->upto = c->body->at[++c->event];
    pump(s, c);
    if (c->event < c->body->n)
        queue(s, c, s->now + c->tick_ms);
}

static void turn(struct server *s)
{
    const uint64_t until = now_ms(s);

    while (s->now < until) {
        struct conn *c, *next;

        s->now++;
        c = s->wheel[s->now % WHEEL];
        s->wheel[s->now % WHEEL] = NULL;
        for (; c; c = next) {
            next = c->next;
            c->queued = 0;
            s->paced--;
            if (c->closed)
                io_close(c);
            else
                tick(s, c);
        }
    }
}

static const struct body *body_of(struct server *s, enum body_format format,
                                  int tool, size_t n, char framed)
{
    struct body *b = s->bodies;

    while (b && (b->format != format || b->tool != tool || b->n != n ||
                 b->framed != framed))
        b = b->next;
    if (!b) {
        b = body_make(format, tool, n, framed);
        b->next = s->bodies;
        s->bodies = b;
    }
    return b;
}

static void answer(struct server *s, struct conn *c, const char *path,
                   int stream)
{
    const int f =
        strstr(path, "/chat/completions ") ? BODY_OPENAI : BODY_ANTHROPIC;
    char kind = 't', framed = 'e';
    unsigned long n = 1;

    c->at = c->event = 0;
    c->tick_ms = 0;
    if (!stream || sscanf(path, "/m/%c/%lu/%u/%c/", &kind, &n, &c->tick_ms,
                          &framed) != 4) {
        c->out = s->answer[f];
        c->upto = c->len = s->answer_n[f];
    } else {
        c->body = body_of(s, (enum body_format)f, kind == 'j', n, framed);
        c->out = c->body->p;
        c->len = c->body->len;
        c->upto = c->tick_ms ? c->body->at[1] : c->len;
        c->event = 1;
        if (c->tick_ms && !s->paced) /* it stood still */
            s->now = now_ms(s);
        if (c->tick_ms) /* streams that begin together spread over a tick */
            queue(s, c, s->now + 1 + (size_t)c->fd * 7919 % c->tick_ms);
    }
    pump(s, c);
}

/* ---- asking ------------------------------------------------------------ */

/* A request is a header and as many bytes as it says. */
static void read_request(struct server *s, struct conn *c)
{
    char *end = memmem(c->in, c->n, "\r\n\r\n", 4), *length, *path;
    size_t body = 0;
    int stream;

    if (!end)
        return;
    *end = '\0';
    path = memchr(c->in, '/', (size_t)(end - c->in));
    length = strcasestr(c->in, "\r\ncontent-length:");
    if (length)
        body = strtoul(length + 17, NULL, 10);
    *end = '\r';
    end += 4;
    if ((size_t)(c->in + c->n - end) < body || !path)
        return;
    c->in[c->n] = '\0';
    stream = strstr(end, "\"stream\":true") || strstr(end, "\"stream\": true");
    c->n = 0;
    answer(s, c, path, stream);
}

static void hear(struct server *s, struct conn *c)
{
    ssize_t n;

    if (c->cap - c->n < 2048) {
        c->cap = c->cap * 2 + 4096;
        c->in = realloc(c->in, c->cap);
        if (!c->in)
            bench_die("no memory");
    }
    n = io_read(c, c->in + c->n, c->cap - c->n - 1);
    if (n < 0)
        c->closed = 1;
    if (n <= 0)
        return;
    c->n += (size_t)n;
    read_request(s, c);
}

static int serve(struct server *s, const struct epoll_event *e)
{
    struct conn *c = e->data.ptr;

    if (e->data.ptr == &s->plain || e->data.ptr == &s->secure) {
        while (io_accept(s->epoll, *(int *)e->data.ptr,
                         e->data.ptr == &s->secure ? s->tls : NULL))
            continue;
        return 0;
    }
    if (!c)
        return -1;
    if (e->events & EPOLLOUT)
        pump(s, c);
    if (e->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        hear(s, c);
    if (c->closed && c->queued)
        (void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    else if (c->closed)
        io_close(c);
    return 0;
}

static void watch(const struct server *s, int fd, void *as)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = as};

    if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e))
        bench_die("cannot watch: %s", strerror(errno));
}

static void start(struct server *s, int argc, char **argv)
{
    int ports[2] = {0, 0};

    s->epoll = epoll_create1(0);
    s->begun_us = bench_wall_us();
    for (int f = 0; f < 2; f++)
        s->answer[f] = body_answer((enum body_format)f, 0, &s->answer_n[f]);
    s->plain = io_listen(&ports[0]);
    watch(s, s->plain, &s->plain);
    if (argc == 3) {
        s->tls = io_tls(argv[1], argv[2]);
        s->secure = io_listen(&ports[1]);
        watch(s, s->secure, &s->secure);
    }
    watch(s, STDIN_FILENO, NULL);
    (void)printf("%d %d\n", ports[0], ports[1]);
    (void)fflush(stdout);
}

static void run(int argc, char **argv)
{
    static struct server s;
    struct epoll_event e[BATCH];

    start(&s, argc, argv);
    for (;;) {
        const int n = epoll_wait(s.epoll, e, BATCH, s.paced ? 1 : -1);

        for (int i = 0; i < n; i++)
            if (serve(&s, &e[i]))
                return;
        turn(&s);
    }
}

int main(int argc, char **argv)
{
    bench_files();
    run(argc, argv);
    return 0;
}
