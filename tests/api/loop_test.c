/* SPDX-License-Identifier: MIT
 *
 * A client on the host's event loop, over a script: time is an integer. */
#include "tests/api/loop.h"

#include <llmgw/transport.h>

/* One turn of a loop over a script: the timer runs out. */
static int turn(void)
{
    assert_true(loop.timer >= 0);
    loop.timer = -1;
    return llmgw_client_ready(sc.c, -1, 0);
}

static void run_task(struct task *t)
{
    for (int i = 0; !t->ended; i++) {
        assert_true(i < 1000);
        (void)serve();
        if (!t->ended)
            assert_int_equal(turn(), 0);
    }
}

static void does_not_block(void **state)
{
    llmgw_response *r = NULL;

    (void)state;
    attach();
    assert_int_equal(llmgw_chat_create(sc.c, NULL, GPT, NUL, &r, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_messages_create(sc.c, NULL, CLAUDE, NUL, &r, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_call(sc.c, NULL, "chat", GPT, NUL, &r, NULL),
                     LLMGW_E_INVALID);
    assert_null(r);
    assert_int_equal(requests(), 0);
}

static void reads_a_stream(void **state)
{
    struct task t;

    (void)state;
    attach();
    expect();
    and_wait(10);
    and_status(200, EVENTS);
    and_body(M_START);
    and_wait(10);
    and_body(M_TEXT_OPEN("0") M_TEXT("0", "It "));
    and_wait(10);
    and_body(M_TEXT("0", "is") M_CLOSE("0") M_END("end_turn"));
    open_task(&t, CLAUDE);
    assert_int_equal(now(), 0);
    run_task(&t);
    assert_int_equal(t.result, 0);
    assert_int_equal(t.events, 7);
    assert_string_equal(t.text, "It is");
    assert_int_equal(now(), 30);
    assert_null(llmgw_client_pending(sc.c));
    assert_int_equal(llmgw_stream_next(t.s), 0);
    assert_int_equal(loop.nested, LLMGW_E_INVALID);
    llmgw_stream_free(t.s);
    assert_met();
}

/* Once, and again only after AGAIN and something new. */
static void is_pending_once(void **state)
{
    struct task t;
    llmgw_stream *s = NULL;

    (void)state;
    attach();
    expect();
    and_status(200, EVENTS);
    and_body(M_START);
    and_wait(10);
    and_body(M_TEXT_OPEN("0"));
    and_wait(10);
    and_body(M_TEXT("0", "x"));
    and_wait(10);
    and_body(M_CLOSE("0") M_END("end_turn"));
    open_task(&t, CLAUDE);
    while ((s = llmgw_client_pending(sc.c)) == NULL)
        assert_int_equal(turn(), 0);
    assert_ptr_equal(s, t.s);
    assert_null(llmgw_client_pending(sc.c));
    assert_int_equal(turn(), 0);             /* more comes, ... */
    assert_null(llmgw_client_pending(sc.c)); /* ... but it was not drained */
    assert_int_equal(llmgw_stream_next(s), LLMGW_EVENT_START);
    assert_null(llmgw_client_pending(sc.c));
    assert_int_equal(llmgw_stream_next(s), LLMGW_EVENT_OTHER);
    assert_int_equal(llmgw_stream_next(s), LLMGW_E_AGAIN);
    assert_int_equal(llmgw_stream_next(s), LLMGW_E_AGAIN); /* no failure */
    assert_null(llmgw_client_pending(sc.c));
    assert_int_equal(turn(), 0);
    assert_ptr_equal(llmgw_client_pending(sc.c), s);
    assert_int_equal(llmgw_stream_next(s), LLMGW_EVENT_TEXT);
    assert_int_equal(llmgw_stream_next(s), LLMGW_E_AGAIN);
    run_task(&t);
    assert_int_equal(t.result, 0);
    while (loop.timer >= 0)
        (void)turn();
    assert_null(llmgw_client_pending(sc.c)); /* nor after its end */
    llmgw_stream_free(s);
}

static void fails_in_next(void **state)
{
    struct task t;

    (void)state;
    attach();
    open_task(&t, ASK_MESSAGES("unknown")); /* at once */
    run_task(&t);
    assert_int_equal(t.result, LLMGW_E_OPTION);
    assert_int_equal(llmgw_error_code(llmgw_stream_error(t.s)), LLMGW_E_OPTION);
    llmgw_stream_free(t.s);
    script(400, JSON, REFUSAL("invalid_request_error", "no"));
    open_task(&t, CLAUDE);
    run_task(&t);
    assert_int_equal(t.result, LLMGW_E_REFUSED);
    assert_has(llmgw_error_message(llmgw_stream_error(t.s)), ": no");
    llmgw_stream_free(t.s);
    assert_null(llmgw_client_pending(sc.c));
}

static void has_timers(void **state)
{
    static const struct {
        const char *key, *text;
        int headers, body;
    } rows[] = {
        {"timeout.first_byte_ms", "no first byte within 70 ms", 0, 0},
        {"timeout.idle_ms", "no byte within 70 ms", 1, 0},
        {"timeout.idle_ms", "no byte within 70 ms", 1, 1},
        {"timeout.content_ms", "no content within 70 ms", 1, 0},
        {"timeout.content_ms", "no content within 70 ms", 1, 1},
        {"timeout.total_ms", "no end of the call within 70 ms", 0, 0},
        {"timeout.total_ms", "no end of the call within 70 ms", 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct task t;

        set("retry.max", "0");
        set(rows[i].key, "70");
        attach();
        expect();
        if (rows[i].headers)
            and_status(200, EVENTS);
        if (rows[i].body)
            and_body(M_START);
        assert_int_equal(llmgw_script_stall(sc.s), 0);
        open_task(&t, CLAUDE);
        run_task(&t);
        assert_int_equal(t.result, LLMGW_E_TIMEOUT);
        assert_string_equal(llmgw_error_message(llmgw_stream_error(t.s)),
                            rows[i].text);
        assert_int_equal(now(), 70);
        llmgw_stream_free(t.s);
        scene_anew();
    }
}

static void retries(void **state)
{
    struct task t;

    (void)state;
    set("retry.initial_ms", "3");
    attach();
    script(529, JSON, OVERLOADED);
    script(200, EVENTS, M_ERROR("overloaded_error", "Overloaded"));
    script(200, EVENTS, MESSAGE_STREAM);
    open_task(&t, CLAUDE);
    run_task(&t);
    assert_int_equal(t.result, 0);
    assert_string_equal(t.text, "It is");
    assert_int_equal(requests(), 3);
    assert_in_range(now(), 8, 9);
    llmgw_stream_free(t.s);
}

/* Each in its own time. */
static void reads_many(void **state)
{
    enum {
        MANY = 50
    };
    static struct task t[MANY];
    int ended = 0;

    (void)state;
    attach();
    for (int i = 0; i < MANY; i++) {
        expect();
        and_wait(i * 7 % 13);
        and_status(200, EVENTS);
        and_body(M_START M_TEXT_OPEN("0"));
        for (int n = 0; n < 5; n++) {
            and_wait(1 + (i + n) * 5 % 11);
            and_body(M_TEXT("0", "ab"));
        }
        and_body(M_CLOSE("0") M_END("end_turn"));
        open_task(&t[i], CLAUDE);
    }
    for (int turns = 0; ended < MANY; turns++) {
        assert_true(turns < 2000);
        (void)serve();
        ended = 0;
        for (int i = 0; i < MANY; i++)
            ended += t[i].ended;
        if (ended < MANY)
            assert_int_equal(turn(), 0);
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(t[i].result, 0);
        assert_string_equal(t[i].text, "ababababab");
        assert_in_range(t[i].turns, 2, 9); /* woken for a reason */
        llmgw_stream_free(t[i].s);
    }
    assert_met();
}

static void cancels(void **state)
{
    llmgw_cancel *k;
    struct task t;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    for (int with_token = 0; with_token < 2; with_token++) {
        if (!sc.c)
            attach();
        expect();
        and_status(200, EVENTS);
        and_body(M_START);
        assert_int_equal(llmgw_script_stall(sc.s), 0);
        open_task(&t, CLAUDE);
        while (t.events == 0) {
            (void)serve();
            if (t.events == 0)
                assert_int_equal(turn(), 0);
        }
        assert_null(llmgw_client_pending(sc.c));
        if (with_token)
            llmgw_cancel_fire(k);
        else
            llmgw_stream_cancel(t.s);
        assert_int_equal(serve(), 1);
        assert_int_equal(t.result, LLMGW_E_CANCELLED);
        assert_null(llmgw_client_pending(sc.c));
        llmgw_stream_free(t.s);
    }
    llmgw_cancel_free(k);
}

/* Wherever it is, and with the client gone. */
static void frees_streams(void **state)
{
    (void)state;
    for (int turns = 0; turns < 8; turns++) {
        struct task t, other;

        set("timeout.idle_ms", "0");
        set("timeout.content_ms", "0");
        attach();
        for (int i = 0; i < 2; i++) {
            expect();
            and_wait(1);
            and_status(200, EVENTS);
            and_body(M_START);
            and_wait(1);
            and_body(M_TEXT_OPEN("0"));
            assert_int_equal(llmgw_script_stall(sc.s), 0);
        }
        open_task(&t, CLAUDE);
        open_task(&other, CLAUDE);
        for (int i = 0; i < turns && loop.timer >= 0; i++) {
            assert_int_equal(turn(), 0);
            if (turns % 2)
                (void)serve();
        }
        llmgw_stream_free(t.s);
        llmgw_client_free(sc.c);
        sc.c = NULL;
        assert_int_equal(llmgw_stream_next(other.s), LLMGW_E_CANCELLED);
        llmgw_stream_free(other.s);
        scene_anew();
    }
}

static void reports_failing_callbacks(void **state)
{
    struct task t;

    (void)state;
    attach();
    script(200, EVENTS, MESSAGE_STREAM);
    loop.fails = -1;
    open_task(&t, CLAUDE);
    assert_int_equal(llmgw_client_ready(sc.c, -1, 0), LLMGW_E_CALLBACK);
    llmgw_stream_free(t.s);
}

static int64_t read_ask(void *user, void *buf, size_t cap)
{
    size_t *at = user;
    const size_t left = strlen(CLAUDE) - *at, n = left < 10 ? left : 10;

    assert_true(cap >= n);
    memcpy(buf, &CLAUDE[*at], n);
    *at += n;
    return (int64_t)n;
}

static void sends_a_source(void **state)
{
    struct task t;
    size_t at = 0;

    (void)state;
    set("provider", "anthropic");
    assert_int_equal(llmgw_options_set_source(sc.o, read_ask, NULL, -1, &at),
                     0);
    attach();
    script(200, EVENTS, MESSAGE_STREAM);
    memset(&t, 0, sizeof(t));
    assert_int_equal(llmgw_messages_stream(sc.c, NULL, NULL, 0, &t.s, NULL), 0);
    llmgw_stream_set_user(t.s, &t);
    run_task(&t);
    assert_int_equal(t.result, 0);
    assert_sent(0, "body", CLAUDE);
    llmgw_stream_free(t.s);
}

static int start_nothing(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
    return LLMGW_E_CONNECT;
}

static int pump_nothing(void *self, int64_t ms)
{
    (void)self;
    (void)ms;
    return 0;
}

static void cancel_nothing(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
}

static void needs_a_transport_that_can(void **state)
{
    const llmgw_transport t = {.size = sizeof(t),
                               .start = start_nothing,
                               .pump = pump_nothing,
                               .cancel = cancel_nothing};

    (void)state;
    assert_int_equal(llmgw_options_set_transport(sc.o, &t, NULL), 0);
    assert_int_equal(llmgw_client_set_loop(client(), on_watch, on_timer, &loop),
                     LLMGW_E_UNSUPPORTED);
    set("retry.max", "0");
    assert_int_equal(call(CLAUDE), LLMGW_E_CONNECT); /* as it was */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(does_not_block),  SCENE(reads_a_stream),
        SCENE(is_pending_once), SCENE(fails_in_next),
        SCENE(has_timers),      SCENE(retries),
        SCENE(reads_many),      SCENE(cancels),
        SCENE(frees_streams),   SCENE(reports_failing_callbacks),
        SCENE(sends_a_source),  SCENE(needs_a_transport_that_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
