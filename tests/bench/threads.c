/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/client.h"

#define THREADS_MAX 64

struct worker {
    pthread_t thread;
    llmgw_client *client;
    long streams;
    unsigned long pieces;
};

static void *work(void *user)
{
    struct worker *w = user;

    for (long i = 0; i < w->streams; i++) {
        llmgw_stream *s = client_stream(w->client, "messages");

        w->pieces += client_drain(s, 0);
        llmgw_stream_free(s);
    }
    return NULL;
}

static double run(struct worker *w, long threads)
{
    double pieces = 0;

    for (long i = 0; i < threads; i++)
        if (pthread_create(&w[i].thread, NULL, work, &w[i]))
            bench_die("no thread");
    for (long i = 0; i < threads; i++) {
        (void)pthread_join(w[i].thread, NULL);
        pieces += (double)w[i].pieces;
    }
    return pieces;
}

/* Each of the threads reads that many streams, one after the other. */
void threads_run(char **argv)
{
    const long threads = bench_number(argv[1]);
    struct worker w[THREADS_MAX];
    struct bench_span span;
    llmgw_options *o = client_options("anthropic", argv[0]);
    llmgw_client *c;
    double pieces;

    if (threads > THREADS_MAX)
        bench_die("at most %d threads", THREADS_MAX);
    client_set(o, "loops", argv[3]);
    if (*argv[4])
        client_set(o, "tls.ca_file", argv[4]);
    c = client_new(o);
    for (long i = 0; i < threads; i++)
        w[i] = (struct worker){.client = c, .streams = 1};
    (void)run(w, threads); /* connections are made */
    for (long i = 0; i < threads; i++)
        w[i] = (struct worker){.client = c, .streams = bench_number(argv[2])};
    bench_begin(&span);
    pieces = run(w, threads);
    bench_end(&span);
    bench_tell(&span, pieces, 0);
    llmgw_client_free(c);
    llmgw_options_free(o);
}
