/* SPDX-License-Identifier: MIT
 *
 * Calls that are ended from another thread, at every instant. */
#include "tests/api/threads.h"

#define PAIRS 4
#define CREW  8

/* An end that somebody else brought about. */
static void expect_cancelled(const char *what, int end, const llmgw_error *e)
{
    if (end != LLMGW_E_CANCELLED || llmgw_error_code(e) != end)
        complain("%s: %d %s", what, end, llmgw_error_message(e));
}

/* ---- readers and their partners ------------------------------------------ */

/* What a reader wants its partner to end, one of the two; NULL: done. */
static struct pair {
    _Atomic(llmgw_stream *) stream;
    _Atomic(llmgw_cancel *) token;
    atomic_int over;
} pair[PAIRS];

static void partner(struct hand *h)
{
    struct pair *p = h->arg;

    while (!atomic_load(&p->over)) {
        llmgw_stream *s = atomic_load(&p->stream);
        llmgw_cancel *k = atomic_load(&p->token);

        if (s || k)
            nap_us((long)(random_of(h) % 3 * 50));
        llmgw_stream_cancel(s);
        llmgw_cancel_fire(k);
        atomic_store(&p->stream, NULL);
        atomic_store(&p->token, NULL);
        if (!s && !k)
            nap_us(20);
    }
}

static void await_partner(struct pair *p)
{
    while (atomic_load(&p->stream) || atomic_load(&p->token))
        nap_us(20);
}

/* Read `n` events; the last one. */
static int read_some(llmgw_stream *s, int n)
{
    int ev = 1;

    while (n-- > 0 && ev > 0)
        ev = llmgw_stream_next(s);
    return ev;
}

static int pair_rounds;

static int another(void)
{
    return atomic_fetch_add(&w.done, 1) < pair_rounds;
}

static void run_pairs(void (*reader)(struct hand *h), int n)
{
    pair_rounds = n;
    (void)client();
    for (size_t i = 0; i < PAIRS; i++) {
        atomic_store(&pair[i].over, 0);
        begin_hand(partner, &pair[i]);
        begin_hand(reader, &pair[i]);
    }
    end_crew();
}

#define EVENTS_BEFORE_SILENCE 8 /* START, OTHER, six of TEXT */
#define SILENT                LOOPBACK_ASK("pieces=6 hang=6")

static void is_cancelled(struct hand *h)
{
    struct pair *p = h->arg;
    int at = 0;

    while (another()) {
        llmgw_stream *s = open_stream(SILENT);
        int end;

        if (!s || read_some(s, at) <= 0)
            complain("it ended before its event %d", at);
        atomic_store(&p->stream, s);
        if (s)
            (void)read_on(s, &end);
        if (s)
            expect_cancelled("stream", end, llmgw_stream_error(s));
        await_partner(p);
        llmgw_stream_free(s);
        at = (at + 1) % (EVENTS_BEFORE_SILENCE + 1);
    }
    atomic_store(&p->over, 1);
}

static void cancels_at_every_event(void **state)
{
    (void)state;
    run_pairs(is_cancelled, rounds(150));
}

/* The same by a token, which may be fired while the stream is opened, read,
 * lingers and is freed. */
static void is_told(struct hand *h)
{
    struct pair *p = h->arg;
    int at = 0;

    while (another()) {
        llmgw_options *o;
        llmgw_cancel *k;
        llmgw_stream *s;
        llmgw_error *e;

        if (llmgw_options_new(&o) || llmgw_cancel_new(&k) ||
            llmgw_options_set_cancel(o, k))
            complain("no memory");
        if (at == 0)
            atomic_store(&p->token, k);
        if (llmgw_call_stream(sc.c, o, "messages",
                              LOOPBACK_ASK("pieces=5 size=100"), NUL, &s, &e))
            expect_cancelled("opening", llmgw_error_code(e), e);
        llmgw_error_free(e);
        if (s && at > 0) {
            const int ev = read_some(s, at - 1);

            if (ev <= 0 && at < 7)
                complain("it ended before its event %d: %d", at, ev);
            atomic_store(&p->token, k);
            if (random_of(h) % 2)
                (void)read_some(s, 2);
        }
        llmgw_stream_free(s);
        await_partner(p);
        llmgw_options_free(o);
        llmgw_cancel_free(k);
        at = (at + 1) % 12;
    }
    atomic_store(&p->over, 1);
}

static void fires_against_the_end(void **state)
{
    (void)state;
    run_pairs(is_told, rounds(150));
}

/* ---- rounds -------------------------------------------------------------- */

static pthread_barrier_t gate;
static atomic_int left; /* rounds */

static void pass_gate(void)
{
    (void)pthread_barrier_wait(&gate);
}

/* All go through `hands` at the same time, and main through `play`. */
static void play_rounds(int n, void (*hands)(struct hand *h),
                        void (*play)(int round))
{
    (void)pthread_barrier_init(&gate, NULL, CREW + 1);
    atomic_store(&left, n);
    for (int i = 0; i < CREW; i++)
        begin_hand(hands, NULL);
    for (int i = 0; i < n; i++) {
        play(i);
        atomic_fetch_sub(&left, 1);
        pass_gate();
    }
    end_crew();
    (void)pthread_barrier_destroy(&gate);
}

/* ---- one token, many calls ----------------------------------------------- */

static void listen_to_one(struct hand *h)
{
    do {
        int end = 0;

        pass_gate();
        while (end >= 0) {
            llmgw_response *r = NULL;
            llmgw_stream *s = NULL;
            llmgw_error *e = NULL;

            switch (random_of(h) % 4) {
            case 0:
                end = llmgw_call(sc.c, sc.o, "messages",
                                 LOOPBACK_ASK("pieces=1"), NUL, &r, &e);
                break;
            case 1:
                end = llmgw_call(sc.c, sc.o, "messages", LOOPBACK_ASK("hang=0"),
                                 NUL, &r, &e);
                break;
            default:
                end = llmgw_call_stream(sc.c, sc.o, "messages", SILENT, NUL, &s,
                                        &e);
                break;
            }
            if (s)
                (void)read_on(s, &end);
            if (end)
                expect_cancelled("one token", end,
                                 s ? llmgw_stream_error(s) : e);
            llmgw_response_free(r);
            llmgw_stream_free(s);
            llmgw_error_free(e);
        }
        pass_gate();
    } while (atomic_load(&left));
}

static void fire_one(int round)
{
    llmgw_cancel *k;

    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    pass_gate();
    nap_us(round % 8 * 300);
    llmgw_cancel_fire(k);
    llmgw_cancel_free(k); /* those who listen keep it */
}

static void fires_for_many(void **state)
{
    (void)state;
    (void)client();
    play_rounds(rounds(100), listen_to_one, fire_one);
}

/* ---- the end of a client -------------------------------------------------- */

static void count_attempts(void *user, const llmgw_trace *t)
{
    (void)user;
    if (llmgw_trace_kind(t) == LLMGW_TRACE_ATTEMPT)
        atomic_fetch_add(&w.done, 1);
}

enum way {
    CALLS,
    BACKS_OFF,
    READS,
    READS_MUCH,
    WAITS,
    FREES,
    LEAVES,
    WAYS
};

static const char *const asked[WAYS] = {
    [CALLS] = LOOPBACK_ASK("hang=0"),
    [BACKS_OFF] = LOOPBACK_ASK("fail=503"),
    [READS] = SILENT,
    [READS_MUCH] = LOOPBACK_ASK("pieces=300 size=4000"),
    [WAITS] = SILENT,
    [FREES] = LOOPBACK_ASK("pieces=40 size=4000"),
    [LEAVES] = LOOPBACK_ASK("pieces=40 size=4000"),
};

/* A stream that its client leaves behind. */
static void outlive(struct hand *h, enum way way, llmgw_stream *s)
{
    int end = LLMGW_E_CANCELLED;

    switch (way) {
    case READS:
    case READS_MUCH:
        (void)read_on(s, &end);
        break;
    case WAITS:
        (void)read_some(s, 1);
        (void)await(&w.done, CREW + 1);
        (void)read_on(s, &end);
        break;
    case LEAVES:
        (void)await(&w.done, CREW + 1);
        break;
    case FREES:
        (void)read_some(s, (int)(random_of(h) % 30));
        break;
    case CALLS:
    case BACKS_OFF:
    case WAYS:
        break;
    }
    /* One that had much to read may have come to its end before. */
    if (way <= WAITS && (way != READS_MUCH || end))
        expect_cancelled("outliving", end, llmgw_stream_error(s));
}

static void use_client(struct hand *h)
{
    do {
        const enum way way = (enum way)((h->i + atomic_load(&left)) % WAYS);
        llmgw_response *r = NULL;
        llmgw_stream *s = NULL;
        llmgw_error *e = NULL;
        int end;

        pass_gate();
        if (way <= BACKS_OFF)
            end = llmgw_call(sc.c, NULL, "messages", asked[way], NUL, &r, &e);
        else
            end = llmgw_call_stream(sc.c, NULL, "messages", asked[way], NUL, &s,
                                    &e);
        if (end || way <= BACKS_OFF)
            expect_cancelled("ending", end, e);
        if (s)
            outlive(h, way, s);
        llmgw_stream_free(s);
        llmgw_response_free(r);
        llmgw_error_free(e);
        pass_gate();
    } while (atomic_load(&left));
}

static void end_client(int round)
{
    atomic_store(&w.done, 0);
    sc.c = NULL;
    set("loops", round % 3 ? "1" : "3");
    (void)client();
    pass_gate();
    (void)await(&w.done, CREW); /* all are at it */
    nap_us(round % 8 * 200);
    llmgw_client_free(sc.c);
    sc.c = NULL;
    atomic_store(&w.done, CREW + 1);
}

static void ends_a_client_in_use(void **state)
{
    (void)state;
    set("retry.max", "1");
    set("retry.initial_ms", "60000");
    set("retry.max_ms", "60000");
    assert_int_equal(llmgw_options_set_trace(sc.o, count_attempts, NULL), 0);
    play_rounds(rounds(100), use_client, end_client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(cancels_at_every_event),
        WORLD(fires_against_the_end),
        WORLD(fires_for_many),
        WORLD(ends_a_client_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
