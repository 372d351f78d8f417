/* SPDX-License-Identifier: MIT
 *
 * What threads ask of a transport, and find in it: one that does what is worst
 * at the worst of times. */
#include "tests/api/threads.h"

#include <llmgw/transport.h>

#define EXCHANGES 64

/* A transport without a lock of its own but for wake(): that nobody else is in
 * it at the same time is the library's promise. */
static struct fake {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int woken;
    llmgw_exchange *x[EXCHANGES];
    size_t n;
    atomic_int pausing, asked;
} fake;

static void forget(const llmgw_exchange *x)
{
    for (size_t i = 0; i < fake.n; i++)
        if (fake.x[i] == x)
            fake.x[i--] = fake.x[--fake.n];
}

/* The first events of a stream, and `pieces` of text. */
static void tell_stream(llmgw_exchange *x, int pieces)
{
    static const char begin[] = M_START M_TEXT_OPEN("0");
    static const char piece[] = M_TEXT("0", "some text");

    (void)llmgw_exchange_on_status(x, 200);
    (void)llmgw_exchange_on_header(x, "content-type", EVENTS);
    (void)llmgw_exchange_on_body(x, begin, strlen(begin));
    while (pieces-- > 0)
        (void)llmgw_exchange_on_body(x, piece, strlen(piece));
}

static void tell_whole(llmgw_exchange *x)
{
    static const char body[] = MESSAGE("It is");

    (void)llmgw_exchange_on_status(x, 200);
    (void)llmgw_exchange_on_header(x, "content-type", JSON);
    (void)llmgw_exchange_on_body(x, body, strlen(body));
    llmgw_exchange_on_done(x, LLMGW_OK, NULL);
}

static int start(void *self, llmgw_exchange *x)
{
    char body[1024] = "";

    (void)self;
    (void)llmgw_exchange_read_body(x, body, sizeof(body) - 1);
    if (strstr(body, "whole")) {
        tell_whole(x);
        return 0;
    }
    tell_stream(x, strstr(body, "much") ? 1000 : 0);
    fake.x[fake.n++] = x;
    return 0;
}

/* Sleeps until it is woken. Whatever does not want to hear more ends then. */
static int pump(void *self, int64_t timeout_ms)
{
    (void)self;
    (void)pthread_mutex_lock(&fake.lock);
    while (!fake.woken && timeout_ms < 0)
        (void)pthread_cond_wait(&fake.cond, &fake.lock);
    fake.woken = 0;
    (void)pthread_mutex_unlock(&fake.lock);
    for (size_t i = fake.n; i-- > 0;) {
        llmgw_exchange *x = fake.x[i];

        if (llmgw_exchange_on_body(x, ":\n\n", 3) < 0) {
            forget(x);
            llmgw_exchange_on_done(x, LLMGW_E_CANCELLED, NULL);
        }
    }
    return 0;
}

static void cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    forget(x);
}

/* Takes its time: somebody else asks for something meanwhile. */
static int pause_it(void *self, llmgw_exchange *x, int paused)
{
    (void)self;
    (void)x;
    if (paused && !atomic_exchange(&fake.pausing, 1)) {
        (void)await(&fake.asked, 1);
        nap_us(20000);
    }
    return 0;
}

static void wake(void *self)
{
    (void)self;
    (void)pthread_mutex_lock(&fake.lock);
    fake.woken = 1;
    (void)pthread_cond_signal(&fake.cond);
    (void)pthread_mutex_unlock(&fake.lock);
}

static int fake_begin(void **state)
{
    const llmgw_transport t = {.size = sizeof(t),
                               .start = start,
                               .pump = pump,
                               .cancel = cancel,
                               .pause = pause_it,
                               .wake = wake};

    memset(&fake, 0, sizeof(fake));
    (void)pthread_mutex_init(&fake.lock, NULL);
    (void)pthread_cond_init(&fake.cond, NULL);
    return world_begin(state) || llmgw_options_set_transport(sc.o, &t, NULL) ||
           llmgw_options_set(sc.o, "timeout.first_byte_ms", "0") ||
           llmgw_options_set(sc.o, "timeout.content_ms", "0") ||
           llmgw_options_set(sc.o, "timeout.idle_ms", "0");
}

#define FAKE(f) cmocka_unit_test_setup_teardown(f, fake_begin, world_end)

#define ASK(word) LOOPBACK_ASK(word)

/* ---- -------------------------------------------------------------------- */

static void read_to_the_end(struct hand *h)
{
    int end;

    (void)read_on(h->arg, &end);
    if (end != LLMGW_E_CANCELLED)
        complain("it ended with %d", end);
}

static void open_much(struct hand *h)
{
    llmgw_stream **s = h->arg;

    *s = open_stream(ASK("much"));
}

static void note_attempt(void *user, const llmgw_trace *t)
{
    (void)user;
    if (llmgw_trace_kind(t) == LLMGW_TRACE_ATTEMPT)
        atomic_store(&fake.asked, 1);
}

static void ask_meanwhile(struct hand *h)
{
    llmgw_options *traced;
    llmgw_response *r;
    llmgw_error *e;

    (void)h;
    (void)await(&fake.pausing, 1);
    if (llmgw_options_new(&traced) ||
        llmgw_options_set_trace(traced, note_attempt, NULL))
        complain("no memory");
    if (llmgw_call(sc.c, traced, "messages", ASK("whole"), NUL, &r, &e))
        complain("the call: %s", llmgw_error_message(e));
    llmgw_response_free(r);
    llmgw_error_free(e);
    llmgw_options_free(traced);
    atomic_store(&w.done, 1);
}

/* The leader holds back one exchange while another is submitted: it must not
 * go to sleep over that. */
static void starts_what_came_while_it_paused(void **state)
{
    llmgw_stream *silent, *much = NULL;

    (void)state;
    (void)client();
    silent = open_stream(ASK("silent"));
    assert_non_null(silent);
    begin_hand(read_to_the_end, silent); /* leads */
    nap_us(20000);
    begin_hand(open_much, &much);
    begin_hand(ask_meanwhile, NULL);
    (void)await(&w.done, 1);
    llmgw_stream_cancel(silent);
    join_crew();
    llmgw_stream_free(silent);
    llmgw_stream_free(much);
    assert_no_complaint();
}

/* An exchange ends of itself just when it is cancelled. */
static void free_at_once(struct hand *h)
{
    const int until = *(const int *)h->arg;

    while (atomic_fetch_add(&w.done, 1) < until) {
        llmgw_stream *s = open_stream(ASK("silent"));

        if (!s || llmgw_stream_next(s) != LLMGW_EVENT_START)
            complain("it does not begin");
        llmgw_stream_free(s);
    }
}

static void lets_go_once(void **state)
{
    int n = rounds(2000);
    llmgw_stream *silent;

    (void)state;
    (void)client();
    silent = open_stream(ASK("silent"));
    assert_non_null(silent);
    begin_hand(read_to_the_end, silent); /* leads */
    for (int i = 0; i < 4; i++)
        begin_hand(free_at_once, &n);
    (void)await(&w.done, n);
    llmgw_stream_cancel(silent);
    join_crew();
    llmgw_stream_free(silent);
    assert_no_complaint();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE(starts_what_came_while_it_paused),
        FAKE(lets_go_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
