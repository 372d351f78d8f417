/* SPDX-License-Identifier: MIT
 *
 * The library without a network: a transport that takes a request as libcurl
 * does, and whose answer lies in memory. */
#include <llmgw/transport.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/body.h"
#include "tests/bench/client.h"

#define PIECE 16384

struct memory {
    const char *type, *p; /* of the answer */
    size_t n, at;
    llmgw_exchange *x;
    int paused;
};

static int start(void *self, llmgw_exchange *x)
{
    struct memory *m = self;
    static char room[PIECE];

    while (llmgw_exchange_read_body(x, room, sizeof(room)) > 0)
        continue;
    m->x = x;
    m->at = 0;
    m->paused = 0;
    (void)llmgw_exchange_on_status(x, 200);
    return llmgw_exchange_on_header(x, "content-type", m->type);
}

static int pump(void *self, int64_t timeout_ms)
{
    struct memory *m = self;
    size_t n = m->n - m->at;

    (void)timeout_ms;
    if (!m->x || m->paused)
        return 0;
    if (n > PIECE)
        n = PIECE;
    if (n && llmgw_exchange_on_body(m->x, m->p + m->at, n) < 0)
        bench_die("the answer was refused");
    m->at += n;
    if (m->at == m->n) {
        llmgw_exchange_on_done(m->x, LLMGW_OK, NULL);
        m->x = NULL;
    }
    return 0;
}

static void forget(void *self, llmgw_exchange *x)
{
    struct memory *m = self;

    if (m->x == x)
        m->x = NULL;
}

static int hold(void *self, llmgw_exchange *x, int paused)
{
    struct memory *m = self;

    (void)x;
    m->paused = paused;
    return 0;
}

/* It is waited for, though there is never anything to wait for. */
static void wake(void *self)
{
    (void)self;
}

static llmgw_client *client_of(struct memory *m, const char *type)
{
    const llmgw_transport t = {.size = sizeof(t),
                               .start = start,
                               .pump = pump,
                               .cancel = forget,
                               .pause = hold,
                               .wake = wake};
    llmgw_options *o = client_options(type, "http://127.0.0.1:1");
    llmgw_client *c;

    if (llmgw_options_set_transport(o, &t, m))
        bench_die("no transport");
    c = client_new(o);
    llmgw_options_free(o);
    return c;
}

/* A stream of N deltas, some times over. */
void deltas_run(char **argv)
{
    const int openai = !strcmp(argv[0], "openai");
    const size_t n = (size_t)bench_number(argv[2]);
    const long times = bench_number(argv[3]);
    struct body *b =
        body_make(openai ? BODY_OPENAI : BODY_ANTHROPIC, *argv[1] == 'j', n, 0);
    struct memory m = {.type = "text/event-stream", .p = b->p, .n = b->len};
    llmgw_client *c = client_of(&m, argv[0]);
    struct bench_span span;

    bench_begin(&span);
    for (long i = 0; i < times; i++) {
        llmgw_stream *s = client_stream(c, openai ? "chat" : "messages");

        if (client_drain(s, 0) < n)
            bench_die("events are missing");
        llmgw_stream_free(s);
    }
    bench_end(&span);
    bench_tell(&span, (double)n * (double)times, 0);
    llmgw_client_free(c);
    body_free(b);
}

/* A large request in the provider's own format, N times. */
void pass_run(char **argv)
{
    const long times = bench_number(argv[1]);
    struct bench_span span;
    struct memory m = {.type = "application/json"};
    llmgw_client *c = client_of(&m, "anthropic");
    size_t n;
    char *text = bench_file(argv[0], &n);
    char *answer = body_answer(BODY_ANTHROPIC, 1, &m.n);

    m.p = answer;
    bench_begin(&span);
    for (long i = 0; i < times; i++) {
        llmgw_response *r = NULL;
        llmgw_error *e = NULL;

        if (llmgw_messages_create(c, NULL, text, n, &r, &e))
            client_die("request", e);
        llmgw_response_free(r);
    }
    bench_end(&span);
    bench_tell(&span, (double)times, 0);
    llmgw_client_free(c);
    free(answer);
    free(text);
}
