/* SPDX-License-Identifier: MIT
 *
 * One client and many threads, at the end: of an answer, of a stream that
 * nobody reads, of the client. */
#include "tests/api/threads.h"

#define HANDS 8

/* A connection serves again. */
static void keeps_its_connection(void **state)
{
    (void)state;
    (void)client();
    for (int i = 0; i < 50; i++) {
        ask_stream(LOOPBACK_ASK("pieces=3 size=9"), 27);
        ask_whole(LOOPBACK_ASK("pieces=3 size=9"), 27);
        assert_int_equal(w.server.open, 1);
    }
    assert_no_complaint();
}

/* All of it comes, to the last letter, however little may wait. */
static void drink(struct hand *h)
{
    (void)h;
    ask_stream(LOOPBACK_ASK("pieces=300 size=30000"), 9000000);
}

static void reads_floods(void **state)
{
    (void)state;
    set("fold", "usage");
    set("max_buffered_bytes", "65536"); /* for all of them */
    (void)client();
    run_crew(HANDS / 2, drink, NULL);
}

/* ---- the client's ------------------------------------------------------- */

static void be_cancelled(struct hand *h)
{
    const char *ask = LOOPBACK_ASK("hang=1");
    llmgw_stream *s = NULL;
    llmgw_response *r = NULL;
    int rc;

    if (h->i % 2) {
        s = open_stream(ask);
        atomic_fetch_add(&w.done, 1);
        (void)read_on(s, &rc);
    } else {
        atomic_fetch_add(&w.done, 1);
        rc = llmgw_messages_create(sc.c, NULL, ask, NUL, &r, NULL);
    }
    if (rc != LLMGW_E_CANCELLED)
        complain("hand %d: %d", h->i, rc);
    llmgw_stream_free(s);
}

/* Whoever waits in a client that is freed comes back, and it waits for them. */
static void comes_back(void **state)
{
    (void)state;
    (void)client();
    for (int i = 0; i < HANDS; i++)
        begin_hand(be_cancelled, NULL);
    assert_true(await(&w.done, HANDS));
    for (int i = 0; i < 2000 && atomic_load(&w.server.requests) < HANDS; i++)
        nap_us(1000);
    llmgw_client_free(sc.c);
    end_crew();
    sc.c = NULL;
}

/* Nobody reads them: they stand in nobody's way, and their connections go with
 * the client, if not before. */
static void lets_go(void **state)
{
    enum {
        MANY = 40
    };
    llmgw_stream *s[MANY];

    (void)state;
    (void)client();
    for (int i = 0; i < MANY; i++) {
        s[i] = open_stream(i % 2 ? LOOPBACK_ASK("hang=1")
                                 : LOOPBACK_ASK("pieces=1000 size=10000"));
        assert_non_null(s[i]);
    }
    ask_stream(LOOPBACK_ASK("pieces=3 size=9"), 27);
    for (int i = 0; i < MANY / 2; i++)
        llmgw_stream_free(s[i]);
    ask_whole(LOOPBACK_ASK("pieces=3 size=9"), 27);
    llmgw_client_free(sc.c);
    sc.c = NULL;
    loopback_end(&w.server); /* waits for its connections */
    assert_int_equal(w.server.open, 0);
    for (int i = MANY / 2; i < MANY; i++) {
        assert_int_equal(llmgw_stream_next(s[i]), LLMGW_E_CANCELLED);
        llmgw_stream_free(s[i]);
    }
    assert_int_equal(loopback_begin(&w.server), 0);
    assert_no_complaint();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(keeps_its_connection),
        WORLD(reads_floods),
        WORLD(comes_back),
        WORLD(lets_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
