/* SPDX-License-Identifier: MIT */
#include "tests/bench/upstream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/bench.h"

int io_listen(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&a, &n))
        bench_die("cannot listen");
    *port = ntohs(a.sin_port);
    return fd;
}

SSL_CTX *io_tls(const char *certificate, const char *key)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (!tls || SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        bench_die("cannot use %s", certificate);
    (void)SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                    SSL_MODE_RELEASE_BUFFERS);
    return tls;
}

struct conn *io_accept(int epoll, int listener, SSL_CTX *tls)
{
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    const int on = 1;
    struct conn *c;

    if (fd < 0)
        return NULL;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    c = bench_alloc(sizeof(*c));
    c->fd = fd;
    if (tls) {
        c->tls = SSL_new(tls);
        if (!c->tls || SSL_set_fd(c->tls, fd) != 1)
            bench_die("no memory");
        SSL_set_accept_state(c->tls);
    }
    c->want = EPOLLIN;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd,
                  &(struct epoll_event){.events = EPOLLIN, .data.ptr = c}))
        bench_die("cannot watch: %s", strerror(errno));
    return c;
}

void io_close(struct conn *c)
{
    SSL_free(c->tls);
    (void)close(c->fd);
    free(c->in);
    free(c);
}

void io_want(int epoll, struct conn *c, int events)
{
    struct epoll_event e = {.events = (uint32_t)events, .data.ptr = c};

    if (events != c->want && epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e))
        bench_die("cannot watch: %s", strerror(errno));
    c->want = events;
}

static ssize_t of_tls(const struct conn *c, int n)
{
    int why;

    if (n > 0)
        return n;
    why = SSL_get_error(c->tls, n);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t of_plain(ssize_t n)
{
    if (n > 0)
        return n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

ssize_t io_read(struct conn *c, char *p, size_t n)
{
    return c->tls ? of_tls(c, SSL_read(c->tls, p, (int)n))
                  : of_plain(recv(c->fd, p, n, 0));
}

ssize_t io_write(struct conn *c, const char *p, size_t n)
{
    return c->tls ? of_tls(c, SSL_write(c->tls, p, (int)n))
                  : of_plain(send(c->fd, p, n, MSG_NOSIGNAL));
}
