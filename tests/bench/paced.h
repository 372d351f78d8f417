/* SPDX-License-Identifier: MIT
 *
 * How paced streams are measured, whoever reads them: once each has begun, for
 * some seconds. */
#ifndef BENCH_PACED_H
#define BENCH_PACED_H

#include <stdlib.h>

#include "tests/bench/reactor.h"

#define PACE_BURST 64 /* connections begun between two looks at the loop */

struct pace_stream {
    struct pace *pace;
    int begun;
};

struct pace {
    size_t n, begun;
    double seconds, rss_kb;
    unsigned long events;
    struct pace_stream *stream;
};

/* URL STREAMS SECONDS */
static inline void pace_init(struct pace *p, char **argv)
{
    p->n = (size_t)bench_number(argv[1]);
    p->seconds = (double)bench_number(argv[2]);
    p->stream = bench_alloc(p->n * sizeof(*p->stream));
    for (size_t i = 0; i < p->n; i++)
        p->stream[i].pace = p;
}

static inline void pace_event(struct pace_stream *s)
{
    s->pace->events++;
    if (s->begun)
        return;
    s->begun = 1;
    s->pace->begun++;
}

/* Wait for the first stream: what memory it takes, all streams share. */
static inline void pace_first(struct pace *p, struct reactor *r)
{
    while (!p->begun)
        reactor_turn(r, 1000);
    p->rss_kb = bench_rss_kb();
}

static inline void pace_run(struct pace *p, struct reactor *r)
{
    const double patience = bench_wall_us() + 60e6;
    struct bench_span span;
    unsigned long before;
    double until;

    while (p->begun < p->n) {
        reactor_turn(r, 1000);
        if (bench_wall_us() > patience)
            bench_die("%zu of %zu streams began", p->begun, p->n);
    }
    before = p->events;
    bench_begin(&span);
    until = span.wall_us + p->seconds * 1e6;
    while (bench_wall_us() < until)
        reactor_turn(r, 1000);
    bench_end(&span);
    bench_tell(&span, (double)(p->events - before),
               (bench_rss_kb() - p->rss_kb) / (double)(p->n - 1));
    exit(0); /* thousands of connections are the kernel's to close */
}

#endif
