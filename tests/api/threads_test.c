/* SPDX-License-Identifier: MIT
 *
 * One client, many threads: nobody holds another back. */
#include "tests/api/threads.h"

#define THREADS 8

/* ---- sharing ------------------------------------------------------------ */

/* Calls of both kinds, until so many were made by all. */
static void work(struct hand *h)
{
    const int until = *(const int *)h->arg;

    while (atomic_fetch_add(&w.done, 1) < until)
        switch (random_of(h) % 4) {
        case 0:
            ask_whole(LOOPBACK_ASK("pieces=1 size=10"), 10);
            break;
        case 1:
            ask_whole(LOOPBACK_ASK("pieces=10 size=3000"), 30000);
            break;
        case 2:
            ask_stream(LOOPBACK_ASK("pieces=20 size=10"), 200);
            break;
        default:
            ask_stream(LOOPBACK_ASK("pieces=3 size=20000"), 60000);
            break;
        }
}

static void share(int threads, const char *loops)
{
    int n = rounds(200);

    set("loops", loops);
    (void)client();
    run_crew(threads, work, &n);
    assert_int_equal(atomic_load(&w.server.requests), n);
}

static void shares_a_client(void **state)
{
    (void)state;
    share(THREADS, "1");
}

static void shares_four_loops(void **state)
{
    (void)state;
    share(THREADS, "4");
}

static void shares_one_loop_among_many(void **state)
{
    (void)state;
    share(48, "1");
}

/* ---- a thread that is elsewhere ----------------------------------------- */

/* Within a callback, until the others have done as much as they are to: were
 * they held back, it would wait in vain. */
static void dawdle(void *user, const llmgw_trace *t)
{
    const int before = atomic_load(&w.done);

    (void)user;
    if (llmgw_trace_kind(t) != LLMGW_TRACE_CALL)
        (void)await(&w.done, before + 4);
}

static void others(struct hand *h)
{
    while (!atomic_load(&w.stop)) {
        if (h->i % 2)
            ask_whole(LOOPBACK_ASK("pieces=2"), 16);
        else
            ask_stream(LOOPBACK_ASK("pieces=2"), 16);
        atomic_fetch_add(&w.done, 1);
    }
}

static void is_not_held_back_by_a_callback(void **state)
{
    const int n = rounds(100);

    (void)state;
    (void)client();
    assert_int_equal(llmgw_options_set_trace(sc.o, dawdle, NULL), 0);
    for (int i = 0; i < 4; i++)
        begin_hand(others, NULL);
    for (int i = 0; i < n; i += 4) { /* ATTEMPT, DONE; and FIRST */
        read_all(open_with(sc.o, LOOPBACK_ASK("pieces=2")), 16);
        assert_int_equal(call_with(sc.o, LOOPBACK_ASK("pieces=2")), 0);
        scene_clear();
    }
    atomic_store(&w.stop, 1);
    end_crew();
}

/* ---- streams that nobody reads ------------------------------------------ */

/* Open, read some, leave it lying around while others work, free it. */
static void abandon(struct hand *h)
{
    const int until = *(const int *)h->arg;
    llmgw_stream *s[4] = {NULL};

    while (atomic_fetch_add(&w.done, 1) < until) {
        const size_t at = random_of(h) % COUNT(s);

        llmgw_stream_free(s[at]);
        s[at] = open_stream(h->i % 2 ? LOOPBACK_ASK("pieces=20 size=10000")
                                     : LOOPBACK_ASK("pieces=9 pace=1"));
        for (uint32_t k = random_of(h) % 8; s[at] && k > 0; k--)
            if (llmgw_stream_next(s[at]) <= 0)
                complain("abandoned: it ended early");
    }
    for (size_t i = 0; i < COUNT(s); i++)
        llmgw_stream_free(s[i]);
}

static void goes_on_beside_abandoned_streams(void **state)
{
    int n = rounds(200);

    (void)state;
    (void)client();
    for (int i = 0; i < 3; i++)
        begin_hand(abandon, &n);
    for (int i = 0; i < 3; i++)
        begin_hand(work, &n);
    end_crew();
}

/* One pump may bring this much beyond the mark. */
#define INBOX_MAX (2 * LG_INBOX_HIGH)

/* What waits in the only loop of the client. */
static size_t buffered(void)
{
    return atomic_load(&sc.c->loops[0].box.buffered);
}

static void stop_reading(const char *json, size_t letters, int n)
{
    size_t most = 0;

    for (int i = 0; i < n; i++) {
        llmgw_stream *s = open_stream(json);
        const int before = atomic_load(&w.done);

        assert_non_null(s);
        assert_int_equal(llmgw_stream_next(s), LLMGW_EVENT_START);
        while (atomic_load(&w.done) < before + 20) {
            if (buffered() > most)
                most = buffered();
            assert_true(atomic_load(&w.done) >= 0);
            nap_us(200);
        }
        read_all(s, letters);
    }
    print_message("# most bytes in the inboxes: %zu\n", most);
    assert_true(most > LG_INBOX_LOW);
    assert_true(most < INBOX_MAX);
}

static void holds_back_what_is_not_read(void **state)
{
    (void)state;
    (void)client();
    for (int i = 0; i < 3; i++)
        begin_hand(others, NULL);
    stop_reading(LOOPBACK_ASK("pieces=160 size=65536"), 160 * 65536,
                 rounds(200) / 100);
    stop_reading(LOOPBACK_ASK("pieces=100 size=4096"), 100 * 4096,
                 rounds(200) / 4);
    atomic_store(&w.stop, 1);
    end_crew();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(shares_a_client),
        WORLD(shares_four_loops),
        WORLD(shares_one_loop_among_many),
        WORLD(is_not_held_back_by_a_callback),
        WORLD(goes_on_beside_abandoned_streams),
        WORLD(holds_back_what_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
