/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr */
#include "tests/support/loopback.h"

#include "tests/unit/src/transport/server.h"

#define REQUEST_MAX 65536
#define PIECE_MAX   (1 << 20)
#define FRAME_ROOM  512
#define STACK       (256 * 1024)

#define EVENT(name, data) "event: " name "\ndata: " data "\n\n"
#define BEGIN                                                                \
    EVENT("message_start",                                                   \
          "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","       \
          "\"type\":\"message\",\"role\":\"assistant\",\"model\":"           \
          "\"claude-x\",\"content\":[],\"stop_reason\":null,"                \
          "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"            \
          "\"output_tokens\":1}}}")                                          \
    EVENT("content_block_start",                                             \
          "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":" \
          "{\"type\":\"text\",\"text\":\"\"}}")
#define PIECE                                                              \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\"," \
    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
#define PIECE_END "\"}}\n\n"
#define END                                                         \
    EVENT("content_block_stop",                                     \
          "{\"type\":\"content_block_stop\",\"index\":0}")          \
    EVENT("message_delta",                                          \
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" \
          "\"end_turn\",\"stop_sequence\":null},\"usage\":"         \
          "{\"output_tokens\":2}}")                                 \
    EVENT("message_stop", "{\"type\":\"message_stop\"}")
#define WHOLE                                                        \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\"," \
    "\"model\":\"claude-x\",\"content\":[{\"type\":\"text\",\"text\":\""
#define WHOLE_END                                                         \
    "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":" \
    "{\"input_tokens\":1,\"output_tokens\":2}}"
#define REFUSAL                                                     \
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"," \
    "\"message\":\"Overloaded\"}}"

struct connection {
    struct loopback *of;
    int fd, slot;
    size_t n; /* of `in` */
    char in[REQUEST_MAX];
};

struct figures {
    size_t pieces, size;
    long pace, hang, fail;
};

/* ---- sockets ------------------------------------------------------------ */

static int put(const struct connection *c, const char *p, size_t n)
{
    while (n) {
        const ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return -1;
        atomic_fetch_add_explicit(&c->of->sent, sent, memory_order_relaxed);
        p += sent;
        n -= (size_t)sent;
    }
    return 0;
}

/* A chunk of a body that has no length. */
static int put_chunk(const struct connection *c, const char *p, size_t n)
{
    char size[32];
    const int digits = snprintf(size, sizeof(size), "%zx\r\n", n);

    if (put(c, size, (size_t)digits) || put(c, p, n))
        return -1;
    return put(c, "\r\n", 2);
}

/* Until the other side leaves. */
static int hang(const struct connection *c)
{
    char rest[64];

    while (recv(c->fd, rest, sizeof(rest), 0) > 0)
        continue;
    return -1;
}

/* ---- answers ------------------------------------------------------------ */

static long figure(const char *body, const char *name, long otherwise)
{
    const char *at = strstr(body, name);

    return at ? strtol(at + strlen(name), NULL, 10) : otherwise;
}

static struct figures read_figures(const char *body)
{
    struct figures f = {
        .pieces = (size_t)figure(body, "pieces=", 3),
        .size = (size_t)figure(body, "size=", 8),
        .pace = figure(body, "pace=", 0),
        .hang = figure(body, "hang=", -1),
        .fail = figure(body, "fail=", 0),
    };

    if (f.size > PIECE_MAX)
        f.size = PIECE_MAX;
    return f;
}

/* `sent` bytes of it. */
static int put_answer(const struct connection *c, int status, const char *body,
                      size_t n, size_t sent)
{
    char head[FRAME_ROOM];
    const int len = snprintf(head, sizeof(head),
                             "HTTP/1.1 %d Status\r\n"
                             "Content-Type: application/json\r\n"
                             "Content-Length: %zu\r\n\r\n",
                             status, n);

    return put(c, head, (size_t)len) || put(c, body, sent) || sent < n ? -1 : 0;
}

/* `n` letters between two texts; to be freed. */
static char *letters(const char *before, size_t n, const char *after,
                     size_t *len)
{
    const size_t a = strlen(before), b = strlen(after);
    char *p = malloc(a + n + b + 1);

    if (!p)
        return NULL;
    memcpy(p, before, a);
    memset(p + a, 'a', n);
    memcpy(p + a + n, after, b + 1);
    *len = a + n + b;
    return p;
}

static int answer_whole(const struct connection *c, const struct figures *f)
{
    size_t n;
    char *body;
    int rc;

    if (f->hang >= 0)
        return hang(c);
    body = letters(WHOLE, f->pieces * f->size, WHOLE_END, &n);
    if (!body)
        return -1;
    if (f->pace)
        (void)usleep((useconds_t)f->pace * 1000);
    rc = put_answer(c, 200, body, n, f->fail == 2 ? n / 2 : n);
    free(body);
    return rc;
}

static int put_pieces(const struct connection *c, const struct figures *f)
{
    size_t n;
    char *piece = letters(PIECE, f->size, PIECE_END, &n);
    int rc = piece ? 0 : -1;

    for (size_t i = 0; i < f->pieces && !rc; i++) {
        if (f->hang == (long)i)
            rc = hang(c);
        else if (f->fail == 2 && i == f->pieces / 2)
            rc = -1;
        else
            rc = put_chunk(c, piece, n);
        if (f->pace)
            (void)usleep((useconds_t)f->pace * 1000);
    }
    free(piece);
    return rc;
}

static int answer_stream(const struct connection *c, const struct figures *f)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n"
                               "Content-Type: text/event-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";

    if (put(c, head, strlen(head)) || put_chunk(c, BEGIN, strlen(BEGIN)) ||
        put_pieces(c, f))
        return -1;
    if (f->hang >= 0)
        return hang(c);
    return put_chunk(c, END, strlen(END)) || put(c, "0\r\n\r\n", 5) ? -1 : 0;
}

static int answer(const struct connection *c, const char *request)
{
    const char *body = strstr(request, "\r\n\r\n");
    const struct figures f = read_figures(body ? body : request);

    atomic_fetch_add(&c->of->requests, 1);
    if (f.fail == 1) {
        const struct linger now = {1, 0};

        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        return -1;
    }
    if (f.fail > 99)
        return put_answer(c, (int)f.fail, REFUSAL, strlen(REFUSAL),
                          strlen(REFUSAL));
    return strstr(request, "\"stream\":true") ? answer_stream(c, &f)
                                              : answer_whole(c, &f);
}

/* ---- connections -------------------------------------------------------- */

static size_t read_request(struct connection *c)
{
    size_t end;

    while (!(end = server_request_end(c->in))) {
        const ssize_t n =
            recv(c->fd, c->in + c->n, sizeof(c->in) - 1 - c->n, 0);

        if (n <= 0)
            return 0;
        c->n += (size_t)n;
        c->in[c->n] = '\0';
    }
    return end;
}

static void leave(struct connection *c)
{
    struct loopback *b = c->of;

    (void)pthread_mutex_lock(&b->lock);
    (void)close(c->fd);
    b->fd[c->slot] = -1;
    b->open--;
    free(c);
    (void)pthread_cond_signal(&b->idle);
    (void)pthread_mutex_unlock(&b->lock);
}

static void *serve(void *user)
{
    struct connection *c = user;
    size_t end;

    while ((end = read_request(c)) && !answer(c, c->in)) {
        c->n -= end;
        memmove(c->in, c->in + end, c->n + 1);
    }
    leave(c);
    return NULL;
}

/* 0 where there is no room for one more. */
static int take_slot(struct loopback *b, struct connection *c)
{
    int found = 0;

    (void)pthread_mutex_lock(&b->lock);
    for (int i = 0; i < LOOPBACK_CONNECTIONS && !found && !b->stopping; i++)
        if (b->fd[i] < 0) {
            b->fd[i] = c->fd;
            b->open++;
            c->slot = i;
            found = 1;
        }
    (void)pthread_mutex_unlock(&b->lock);
    return found;
}

static void begin_connection(struct loopback *b, int fd)
{
    const int one = 1;
    struct connection *c = calloc(1, sizeof(*c));
    pthread_attr_t attr;
    pthread_t thread;

    if (!c) {
        (void)close(fd);
        return;
    }
    c->of = b;
    c->fd = fd;
    if (!take_slot(b, c)) {
        (void)close(fd);
        free(c);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, STACK);
    if (pthread_create(&thread, &attr, serve, c))
        leave(c);
    (void)pthread_attr_destroy(&attr);
}

static void *accept_all(void *user)
{
    struct loopback *b = user;
    int fd;

    while ((fd = accept(b->listener, NULL, NULL)) >= 0)
        begin_connection(b, fd);
    return NULL;
}

/* ---- life --------------------------------------------------------------- */

int loopback_begin(struct loopback *b)
{
    int port;

    memset(b, 0, sizeof(*b));
    for (int i = 0; i < LOOPBACK_CONNECTIONS; i++)
        b->fd[i] = -1;
    b->listener = server_listen(&port);
    if (b->listener < 0)
        return -1;
    (void)snprintf(b->url, sizeof(b->url), "http://127.0.0.1:%d", port);
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_cond_init(&b->idle, NULL);
    if (!pthread_create(&b->acceptor, NULL, accept_all, b))
        return 0;
    (void)close(b->listener);
    return -1;
}

void loopback_end(struct loopback *b)
{
    (void)shutdown(b->listener, SHUT_RDWR); /* accept() fails */
    (void)pthread_join(b->acceptor, NULL);
    (void)close(b->listener);
    (void)pthread_mutex_lock(&b->lock);
    b->stopping = 1;
    for (int i = 0; i < LOOPBACK_CONNECTIONS; i++)
        if (b->fd[i] >= 0)
            (void)shutdown(b->fd[i], SHUT_RDWR);
    while (b->open)
        (void)pthread_cond_wait(&b->idle, &b->lock);
    (void)pthread_mutex_unlock(&b->lock);
    (void)pthread_cond_destroy(&b->idle);
    (void)pthread_mutex_destroy(&b->lock);
}
