/* SPDX-License-Identifier: MIT
 *
 * A client's life: callbacks, forks, ends, cancelling. */
#include "tests/api/api.h"

#include <llmgw/transport.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- from within a callback --------------------------------------------- */

/* What went wrong there; a test cannot fail inside, for it would not return. */
static struct inside {
    int calls;
    const char *wrong;
} in;

static void note(const char *name, int right)
{
    if (!right && !in.wrong)
        in.wrong = name;
}

#define RIGHT(condition) note(#condition, (condition))
#define REFUSED(call)    note(#call, (call) == LLMGW_E_INVALID)

static int64_t read_none(void *user, void *buf, size_t cap)
{
    (void)user;
    (void)buf;
    (void)cap;
    return 0;
}

static int write_none(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return 0;
}

static int watch_none(void *user, intptr_t fd, int want)
{
    (void)user;
    (void)fd;
    (void)want;
    return 0;
}

static int timer_none(void *user, int64_t ms)
{
    (void)user;
    (void)ms;
    return 0;
}

static void call_options(void)
{
    llmgw_options *o = (llmgw_options *)&in;
    llmgw_cancel *k = NULL;

    REFUSED(llmgw_options_new(&o));
    RIGHT(o == NULL);
    REFUSED(llmgw_options_set(sc.o, "strict", "true"));
    REFUSED(llmgw_options_load(sc.o, "{}", NUL));
    REFUSED(llmgw_options_load_env(sc.o));
    REFUSED(llmgw_options_set_cancel(sc.o, NULL));
    REFUSED(llmgw_options_set_source(sc.o, read_none, NULL, 0, NULL));
    REFUSED(llmgw_options_set_sink(sc.o, write_none, NULL));
    REFUSED(llmgw_options_set_trace(sc.o, NULL, NULL));
    REFUSED(llmgw_options_set_transport(sc.o, NULL, NULL));
    RIGHT(llmgw_cancel_new(&k) == 0); /* has to do with cancelling */
    llmgw_cancel_fire(k);
    llmgw_cancel_free(k);
}

static void call_client(void)
{
    llmgw_client *c = NULL;
    llmgw_response *r = NULL;
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;

    REFUSED(llmgw_client_new(sc.o, &c, NULL));
    REFUSED(llmgw_call(sc.c, NULL, "chat", GPT, NUL, &r, &e));
    RIGHT(strstr(llmgw_error_message(e), "callback") != NULL);
    llmgw_error_free(e);
    REFUSED(llmgw_messages_create(sc.c, NULL, CLAUDE, NUL, &r, NULL));
    REFUSED(llmgw_chat_create(sc.c, NULL, GPT, NUL, &r, NULL));
    REFUSED(llmgw_call_stream(sc.c, NULL, "chat", GPT, NUL, &s, NULL));
    REFUSED(llmgw_messages_stream(sc.c, NULL, CLAUDE, NUL, &s, NULL));
    REFUSED(llmgw_chat_stream(sc.c, NULL, GPT, NUL, &s, NULL));
    REFUSED(llmgw_client_set_loop(sc.c, watch_none, timer_none, NULL));
    REFUSED(llmgw_client_ready(sc.c, -1, 0));
    RIGHT(llmgw_client_pending(sc.c) == NULL);
    RIGHT(c == NULL && r == NULL && s == NULL);
    if (sc.st) {
        REFUSED(llmgw_stream_next(sc.st));
        REFUSED(llmgw_stream_take_response(sc.st, &r));
    }
}

static void call_converter(void)
{
    llmgw_converter *v = NULL;
    char *text = NULL;

    REFUSED(llmgw_convert(NULL, "request", "openai-chat", "openai-chat", "{}",
                          2, &text, NULL, NULL, NULL));
    REFUSED(llmgw_converter_new(NULL, "openai-chat", "openai-chat", &v, NULL));
    RIGHT(text == NULL && v == NULL);
}

/* Accessors are fine, and what is freed here is not. */
static void call_the_rest(void)
{
    RIGHT(llmgw_version_info() != NULL);
    RIGHT(llmgw_strerror(-1) != NULL);
    RIGHT(strcmp(llmgw_options_get(sc.o, "strict"), "false") == 0);
    RIGHT(llmgw_options_error(sc.o) == NULL);
    RIGHT(llmgw_option_name(0) != NULL);
    llmgw_client_free(sc.c);
    llmgw_stream_free(sc.st);
    RIGHT(llmgw_stream_index(sc.st) >= -1);
    (void)llmgw_stream_frame(sc.st, NULL);
    (void)llmgw_stream_user(sc.st);
}

static void call_all(void *user, const llmgw_trace *t)
{
    (void)user;
    RIGHT(llmgw_trace_kind(t) > 0);
    in.calls++;
    call_options();
    call_client();
    call_converter();
    call_the_rest();
}

static void assert_right(void)
{
    if (in.wrong)
        fail_msg("%s", in.wrong);
}

static void calls_nothing_from_a_trace(void **state)
{
    (void)state;
    memset(&in, 0, sizeof(in));
    set("strict", "false");
    set("retry.initial_ms", "1");
    assert_int_equal(llmgw_options_set_trace(sc.o, call_all, NULL), 0);
    script(529, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(in.calls, 5);
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_int_equal(in.calls, 9);
    assert_met();
    assert_right();
}

static void cancel_it(void *user, const llmgw_trace *t)
{
    if (llmgw_trace_kind(t) == *(int *)user)
        llmgw_stream_cancel(sc.st);
}

static void cancels_from_a_trace(void **state)
{
    int when = LLMGW_TRACE_FIRST;

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, cancel_it, &when), 0);
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(next(), LLMGW_EVENT_START);
    assert_int_equal(next(), LLMGW_EVENT_OTHER);
    assert_int_equal(next(), LLMGW_EVENT_TEXT); /* it was running then */
    assert_int_equal(next(), LLMGW_E_CANCELLED);
}

/* ---- forks -------------------------------------------------------------- */

/* In the child: exits with the line that was wrong. */
#define CHECK(condition)                  \
    do                                    \
        if (!(condition))                 \
            _exit(__LINE__ - CHILD_LINE); \
    while (0)

enum {
    CHILD_LINE = __LINE__
};

static void in_the_child(llmgw_cancel *k)
{
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    llmgw_stream *s = NULL;

    CHECK(llmgw_call(sc.c, NULL, "chat", GPT, NUL, &r, &e) == LLMGW_E_FORKED);
    CHECK(llmgw_error_code(e) == LLMGW_E_FORKED);
    llmgw_error_free(e);
    CHECK(llmgw_chat_stream(sc.c, NULL, GPT, NUL, &s, NULL) == LLMGW_E_FORKED);
    CHECK(llmgw_client_ready(sc.c, -1, 0) == LLMGW_E_FORKED);
    CHECK(llmgw_client_set_loop(sc.c, watch_none, timer_none, NULL) ==
          LLMGW_E_FORKED);
    CHECK(llmgw_client_pending(sc.c) == NULL);
    CHECK(llmgw_stream_next(sc.st) == LLMGW_E_FORKED);
    CHECK(llmgw_stream_take_response(sc.st, &r) == LLMGW_E_FORKED);
    CHECK(strcmp(llmgw_stream_text(sc.st, NULL), "It ") == 0);
    CHECK(strcmp(llmgw_response_text(sc.r, NULL), "Hi") == 0);
    CHECK(llmgw_options_set(sc.o, "strict", "true") == 0);
    CHECK(strcmp(llmgw_options_get(sc.o, "strict"), "true") == 0);
    llmgw_stream_cancel(sc.st);
    llmgw_cancel_fire(k);
    llmgw_stream_free(sc.st);
    llmgw_client_free(sc.c);
    CHECK(llmgw_script_requests(sc.s) == 2);
    CHECK(llmgw_script_new(&sc.s) == 0); /* and one of its own */
    CHECK(llmgw_options_set_script(sc.o, sc.s) == 0);
    CHECK(llmgw_script_expect(sc.s, NULL, NULL, NULL) == 0);
    CHECK(llmgw_script_answer(sc.s, 200, JSON, COMPLETION("Yo"), NUL) == 0);
    CHECK(llmgw_options_set_cancel(sc.o, NULL) == 0);
    CHECK(llmgw_client_new(sc.o, &sc.c, NULL) == 0);
    CHECK(llmgw_chat_create(sc.c, NULL, GPT, NUL, &r, NULL) == 0);
    CHECK(strcmp(llmgw_response_text(r, NULL), "Yo") == 0);
    llmgw_client_free(sc.c);
    _exit(0);
}

static void forks(void **state)
{
    llmgw_response *r = NULL;
    llmgw_cancel *k = NULL;
    int status = -1;
    pid_t child;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    script(200, JSON, MESSAGE("Hi"));
    script(200, EVENTS, M_START M_TEXT_OPEN("0") M_TEXT("0", "It "));
    assert_int_equal(call(CLAUDE), 0);
    r = sc.r;
    sc.r = NULL;
    assert_int_equal(stream(CLAUDE), 0);
    sc.r = r;
    while (next() != LLMGW_EVENT_TEXT)
        continue;
    child = fork();
    if (child == 0)
        in_the_child(k);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status)
        fail_msg("the child failed %d lines below CHILD_LINE",
                 WEXITSTATUS(status));
    assert_int_equal(next(), LLMGW_E_TRUNCATED); /* here all is as it was */
    llmgw_cancel_free(k);
}

/* ---- the end ------------------------------------------------------------ */

static void outlives_its_client(void **state)
{
    llmgw_response *r = NULL;

    (void)state;
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(next(), LLMGW_EVENT_START);
    llmgw_client_free(sc.c);
    sc.c = NULL;
    llmgw_script_free(sc.s); /* after the client, it says */
    sc.s = NULL;
    assert_int_equal(next(), LLMGW_E_CANCELLED);
    assert_int_equal(next(), LLMGW_E_CANCELLED);
    assert_int_equal(llmgw_error_code(stream_error()), LLMGW_E_CANCELLED);
    assert_string_equal(llmgw_response_model(llmgw_stream_response(sc.st)),
                        "claude-x");
    assert_int_equal(llmgw_stream_take_response(sc.st, &r), 0);
    llmgw_response_free(r);
    llmgw_stream_cancel(sc.st);
}

/* However far it was, and with others beside it. */
static void outlives_its_client_anywhere(void **state)
{
    llmgw_stream *other = NULL;

    (void)state;
    for (int events = 0; events < 9; events++) {
        int ev = 1;

        expect();
        and_status(200, EVENTS);
        and_body(MESSAGE_STREAM);
        assert_int_equal(llmgw_script_stall(sc.s), 0);
        script(200, EVENTS, MESSAGE_STREAM);
        assert_int_equal(stream(CLAUDE), 0);
        assert_int_equal(
            llmgw_messages_stream(sc.c, NULL, CLAUDE, NUL, &other, NULL), 0);
        for (int i = 0; i < events && ev > 0; i++)
            ev = next();
        llmgw_client_free(sc.c);
        sc.c = NULL;
        llmgw_stream_free(other);
        llmgw_script_free(sc.s);
        sc.s = NULL;
        assert_int_equal(next(), ev > 0 ? LLMGW_E_CANCELLED : 0);
        scene_anew();
    }
}

static void frees_without_reading(void **state)
{
    struct traces t = {0};

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    for (int i = 0; i < 2; i++) {
        expect();
        and_status(200, EVENTS);
        and_body(M_START M_TEXT_OPEN("0") M_TEXT("0", "It "));
        assert_int_equal(llmgw_script_stall(sc.s), 0);
        assert_int_equal(stream(CLAUDE), 0);
        if (i)
            assert_int_equal(next(), LLMGW_EVENT_START);
        llmgw_stream_free(sc.st);
        sc.st = NULL;
    }
    assert_int_equal(count_traces(&t, LLMGW_TRACE_DONE), 2);
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "code=-15;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 1), "input_tokens=10;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 1), "maybe_billed=true;");
}

/* ---- cancelling --------------------------------------------------------- */

static void cancels_before(void **state)
{
    llmgw_cancel *k;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    llmgw_cancel_fire(k);
    for (int i = 0; i < 2; i++) { /* sticky */
        assert_int_equal(call(CLAUDE), LLMGW_E_CANCELLED);
        assert_int_equal(llmgw_error_retryable(sc.e), 0);
        assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
        assert_null(llmgw_error_get(sc.e, "attempts"));
        assert_int_equal(stream(CLAUDE), LLMGW_E_CANCELLED);
    }
    assert_int_equal(requests(), 0);
    llmgw_cancel_free(k);
    assert_int_equal(call(CLAUDE), LLMGW_E_CANCELLED); /* kept alive */
}

/* Fires when the n-th trace of a kind comes. */
struct trigger {
    llmgw_cancel *k;
    int kind;
};

static void pull(void *user, const llmgw_trace *t)
{
    const struct trigger *g = user;

    if (llmgw_trace_kind(t) == g->kind)
        llmgw_cancel_fire(g->k);
}

static void cancels_midway(void **state)
{
    static const struct {
        int kind;
        int attempts, requests;
    } rows[] = {
        {LLMGW_TRACE_CALL, 0, 0},
        {LLMGW_TRACE_ATTEMPT, 1, 0}, /* nothing had left yet */
        {LLMGW_TRACE_RETRY, 1, 1},   /* that was refused */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct trigger g = {.kind = rows[i].kind};
        const char *list;

        assert_int_equal(llmgw_cancel_new(&g.k), 0);
        assert_int_equal(llmgw_options_set_cancel(sc.o, g.k), 0);
        assert_int_equal(llmgw_options_set_trace(sc.o, pull, &g), 0);
        script(529, JSON, OVERLOADED);
        script(200, JSON, MESSAGE("Hi"));
        assert_int_equal(call(CLAUDE), LLMGW_E_CANCELLED);
        assert_int_equal(now(), 0);
        list = llmgw_error_get(sc.e, "attempts");
        assert_true((list != NULL) == (rows[i].attempts > 0));
        assert_has_not(list, "},{");
        assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
        assert_int_equal(requests(), rows[i].requests);
        llmgw_cancel_free(g.k);
        scene_anew();
    }
}

/* One token, many calls. */
static void cancels_many(void **state)
{
    enum {
        MANY = 20
    };
    llmgw_stream *s[MANY];
    llmgw_cancel *k;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    for (int i = 0; i < MANY; i++) {
        script(200, EVENTS, MESSAGE_STREAM);
        assert_int_equal(
            llmgw_messages_stream(client(), NULL, CLAUDE, NUL, &s[i], NULL), 0);
        assert_int_equal(llmgw_stream_next(s[i]), LLMGW_EVENT_START);
    }
    llmgw_stream_free(s[0]);
    llmgw_cancel_fire(k);
    llmgw_cancel_fire(k);
    for (int i = 1; i < MANY; i++) {
        assert_int_equal(llmgw_stream_next(s[i]), LLMGW_E_CANCELLED);
        assert_string_equal(
            llmgw_error_get(llmgw_stream_error(s[i]), "maybe_billed"), "true");
        llmgw_stream_free(s[i]);
    }
    llmgw_cancel_free(k);
}

/* At each event of a stream; once, and for good. */
static void cancels_streams(void **state)
{
    (void)state;
    for (int at = 0; at < 9; at++) {
        int ev = 1;

        script(200, EVENTS, MESSAGE_STREAM);
        assert_int_equal(stream(CLAUDE), 0);
        for (int i = 0; i < at && ev > 0; i++)
            ev = next();
        llmgw_stream_cancel(sc.st);
        llmgw_stream_cancel(sc.st);
        assert_int_equal(next(), ev ? LLMGW_E_CANCELLED : 0);
        assert_int_equal(next(), ev ? LLMGW_E_CANCELLED : 0);
        assert_true(ev == 0 || llmgw_error_http_status(stream_error()) == 200);
        scene_clear();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(calls_nothing_from_a_trace),
        SCENE(cancels_from_a_trace),
        SCENE(forks),
        SCENE(outlives_its_client),
        SCENE(outlives_its_client_anywhere),
        SCENE(frees_without_reading),
        SCENE(cancels_before),
        SCENE(cancels_midway),
        SCENE(cancels_many),
        SCENE(cancels_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
