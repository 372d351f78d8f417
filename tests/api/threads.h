/* SPDX-License-Identifier: MIT
 *
 * What the tests with threads share: a server, a client, a crew of threads,
 * and a place for what went wrong in one of them. */
#ifndef TESTS_API_THREADS_H
#define TESTS_API_THREADS_H

#define _GNU_SOURCE /* barriers, nanosleep */

#include "tests/api/api.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "src/gateway/client.h"
#include "tests/support/loopback.h"

#define CREW_MAX    64
#define LONG_ROUNDS 10000
#define PATIENCE_MS 20000

/* The world of a test: the scene of api.h, and these. */
static struct world {
    struct loopback server;
    pthread_mutex_t lock;
    char wrong[256]; /* what a thread had to complain of first */
    atomic_int done; /* for the test's own use */
    atomic_int stop;
} w;

/* How often, if it is not to take long. */
static inline int rounds(int n)
{
    return getenv("LLMGW_LONG") ? LONG_ROUNDS : n;
}

static inline void nap_us(long us)
{
    const struct timespec t = {us / 1000000, us % 1000000 * 1000};

    (void)nanosleep(&t, NULL);
}

/* ---- what a thread finds ------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static inline void complain(
    const char *format, ...)
{
    va_list list;

    (void)pthread_mutex_lock(&w.lock);
    va_start(list, format);
    if (!w.wrong[0])
        (void)vsnprintf(w.wrong, sizeof(w.wrong), format, list);
    va_end(list);
    (void)pthread_mutex_unlock(&w.lock);
}

static inline void assert_no_complaint(void)
{
    if (w.wrong[0])
        fail_msg("%s", w.wrong);
}

/* Until a counter has come to `n`. Not for ever. */
static inline int await(atomic_int *counter, int n)
{
    for (int i = 0; i < PATIENCE_MS * 2; i++) {
        if (atomic_load(counter) >= n)
            return 1;
        nap_us(500);
    }
    complain("waited in vain for %d, it is %d", n, atomic_load(counter));
    return 0;
}

/* ---- a crew -------------------------------------------------------------- */

struct hand {
    pthread_t thread;
    int i; /* which of the crew */
    uint64_t random;
    void (*work)(struct hand *me);
    void *arg;
};

static struct hand crew[CREW_MAX];
static int ncrew;

static inline uint32_t random_of(struct hand *h)
{
    return lg_sys_random(&h->random);
}

static inline void *hand_run(void *arg)
{
    struct hand *h = arg;

    h->work(h);
    return NULL;
}

/* One more hand. */
static inline void begin_hand(void (*work)(struct hand *), void *arg)
{
    struct hand *h = &crew[ncrew];

    assert_true(ncrew < CREW_MAX);
    *h = (struct hand){.i = ncrew,
                       .work = work,
                       .arg = arg,
                       .random = (uint64_t)ncrew + 1 +
                                 (uint64_t)atomic_load(&w.done) * 64};
    assert_int_equal(pthread_create(&h->thread, NULL, hand_run, h), 0);
    ncrew++;
}

static inline void join_crew(void)
{
    while (ncrew)
        (void)pthread_join(crew[--ncrew].thread, NULL);
}

/* Wait for all. */
static inline void end_crew(void)
{
    join_crew();
    assert_no_complaint();
}

static inline void run_crew(int n, void (*work)(struct hand *), void *arg)
{
    while (n-- > 0)
        begin_hand(work, arg);
    end_crew();
}

/* ---- the world ------------------------------------------------------------ */

static inline int world_begin(void **state)
{
    (void)pthread_mutex_init(&w.lock, NULL);
    w.wrong[0] = '\0';
    atomic_store(&w.done, 0);
    atomic_store(&w.stop, 0);
    (void)state;
    memset(&sc, 0, sizeof(sc));
    return loopback_begin(&w.server) || llmgw_options_new(&sc.o) ||
           llmgw_options_set(sc.o, "providers.anthropic.api_key", "k") ||
           llmgw_options_set(sc.o, "providers.anthropic.base_url",
                             w.server.url) ||
           llmgw_options_set(sc.o, "retry.max", "0");
}

static inline int world_end(void **state)
{
    atomic_store(&w.stop, 1);
    join_crew();
    (void)scene_end(state);
    loopback_end(&w.server);
    (void)pthread_mutex_destroy(&w.lock);
    return 0;
}

#define WORLD(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)

/* ---- calls of a thread --------------------------------------------------- */

/* Ask for a whole answer of `want` letters. */
static inline void ask_whole(const char *json, size_t want)
{
    llmgw_response *r;
    llmgw_error *e;
    size_t n = 0;

    if (llmgw_call(sc.c, NULL, "messages", json, NUL, &r, &e))
        complain("call: %s", llmgw_error_message(e));
    else if ((void)llmgw_response_text(r, &n), n != want)
        complain("call: %zu letters, not %zu", n, want);
    llmgw_response_free(r);
    llmgw_error_free(e);
}

static inline llmgw_stream *open_with(const llmgw_options *o, const char *json)
{
    llmgw_stream *s;
    llmgw_error *e;

    if (llmgw_call_stream(sc.c, o, "messages", json, NUL, &s, &e))
        complain("stream: %s", llmgw_error_message(e));
    llmgw_error_free(e);
    return s;
}

static inline llmgw_stream *open_stream(const char *json)
{
    return open_with(NULL, json);
}

/* Read on; the letters, and in *end what next() said last. */
static inline size_t read_on(llmgw_stream *s, int *end)
{
    size_t n, sum = 0;

    while ((*end = llmgw_stream_next(s)) > 0)
        if (llmgw_stream_text(s, &n))
            sum += n;
    return sum;
}

/* Read a stream of `want` letters to its end, and free it. */
static inline void read_all(llmgw_stream *s, size_t want)
{
    int end;
    const size_t n = s ? read_on(s, &end) : 0;

    if (s && (end || n != want))
        complain("stream: %zu letters, not %zu: %d %s", n, want, end,
                 end ? llmgw_error_message(llmgw_stream_error(s)) : "");
    llmgw_stream_free(s);
}

static inline void ask_stream(const char *json, size_t want)
{
    read_all(open_stream(json), want);
}

#endif
