/* SPDX-License-Identifier: MIT */
#include "tests/bench/paced.h"

#include "tests/bench/client.h"

struct host {
    struct reactor reactor;
    llmgw_client *client;
    struct pace pace;
};

static int watch(void *user, intptr_t fd, int want)
{
    struct host *h = user;

    reactor_watch(&h->reactor, (int)fd, want);
    return 0;
}

static int timer(void *user, int64_t ms)
{
    struct host *h = user;

    reactor_timer(&h->reactor, (long)ms);
    return 0;
}

static void drain(llmgw_stream *s)
{
    int ev;

    while ((ev = llmgw_stream_next(s)) > 0)
        if (ev == LLMGW_EVENT_TEXT)
            pace_event(llmgw_stream_user(s));
    if (ev != LLMGW_E_AGAIN)
        client_die("a stream ended", llmgw_stream_error(s));
}

static void ready(void *user, int fd, int events)
{
    const struct host *h = user;
    llmgw_stream *s;

    if (llmgw_client_ready(h->client, fd, events))
        bench_die("the loop failed");
    while ((s = llmgw_client_pending(h->client)))
        drain(s);
}

void paced_run(char **argv)
{
    static struct host h;
    llmgw_options *o = client_options("anthropic", argv[0]);

    client_set(o, "fold", "usage");
    pace_init(&h.pace, argv);
    reactor_init(&h.reactor, ready, &h);
    h.client = client_new(o);
    if (llmgw_client_set_loop(h.client, watch, timer, &h))
        bench_die("no loop");
    for (size_t i = 0; i < h.pace.n; i++) {
        llmgw_stream_set_user(client_stream(h.client, "messages"),
                              &h.pace.stream[i]);
        if (i == 0)
            pace_first(&h.pace, &h.reactor);
        else if (i % PACE_BURST == 0)
            reactor_turn(&h.reactor, 0);
    }
    pace_run(&h.pace, &h.reactor);
}
