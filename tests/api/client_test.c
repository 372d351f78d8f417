/* SPDX-License-Identifier: MIT
 *
 * A client's life: callbacks, forks, ends, cancelling, and what is traced. */
#include "tests/api/api.h"

#include <llmgw/transport.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- from within a callback --------------------------------------------- */

struct inside {
    int calls;
    int rc[32];
    size_t n;
    const char *name[32];
};

static struct inside in;

static void note(const char *name, int rc)
{
    assert_true(in.n < COUNT(in.rc));
    in.name[in.n] = name;
    in.rc[in.n++] = rc;
}

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

    note("options_new", llmgw_options_new(&o));
    assert_null(o);
    note("options_set", llmgw_options_set(sc.o, "strict", "true"));
    note("options_load", llmgw_options_load(sc.o, "{}", NUL));
    note("options_load_env", llmgw_options_load_env(sc.o));
    note("options_set_cancel", llmgw_options_set_cancel(sc.o, NULL));
    note("options_set_source",
         llmgw_options_set_source(sc.o, read_none, NULL, 0, NULL));
    note("options_set_sink", llmgw_options_set_sink(sc.o, write_none, NULL));
    note("options_set_trace", llmgw_options_set_trace(sc.o, NULL, NULL));
    note("options_set_transport",
         llmgw_options_set_transport(sc.o, NULL, NULL));
    note("cancel_new", llmgw_cancel_new(&k));
    assert_null(k);
}

static void call_client(void)
{
    llmgw_client *c = NULL;
    llmgw_response *r = NULL;
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;

    note("client_new", llmgw_client_new(sc.o, &c, NULL));
    note("call", llmgw_call(sc.c, NULL, "chat", GPT, NUL, &r, &e));
    assert_has(llmgw_error_message(e), "callback");
    llmgw_error_free(e);
    note("messages_create",
         llmgw_messages_create(sc.c, NULL, CLAUDE, NUL, &r, NULL));
    note("chat_create", llmgw_chat_create(sc.c, NULL, GPT, NUL, &r, NULL));
    note("call_stream",
         llmgw_call_stream(sc.c, NULL, "chat", GPT, NUL, &s, NULL));
    note("messages_stream",
         llmgw_messages_stream(sc.c, NULL, CLAUDE, NUL, &s, NULL));
    note("chat_stream", llmgw_chat_stream(sc.c, NULL, GPT, NUL, &s, NULL));
    note("set_loop", llmgw_client_set_loop(sc.c, watch_none, timer_none, NULL));
    note("ready", llmgw_client_ready(sc.c, -1, 0));
    assert_null(llmgw_client_pending(sc.c));
    assert_null(c);
    assert_null(r);
    assert_null(s);
    if (sc.st) {
        note("stream_next", llmgw_stream_next(sc.st));
        note("stream_take_response",
             llmgw_stream_take_response(sc.st, &r));
    }
}

static void call_converter(void)
{
    llmgw_converter *v = NULL;
    char *text = NULL;

    note("convert", llmgw_convert(NULL, "request", "openai-chat",
                                  "openai-chat", "{}", 2, &text, NULL, NULL,
                                  NULL));
    note("converter_new",
         llmgw_converter_new(NULL, "openai-chat", "openai-chat", &v, NULL));
    assert_null(text);
    assert_null(v);
}

/* Accessors and cancelling are fine, and what is freed here is ignored. */
static void call_the_rest(void)
{
    assert_non_null(llmgw_version_info());
    assert_non_null(llmgw_strerror(-1));
    assert_string_equal(llmgw_options_get(sc.o, "strict"), "false");
    assert_null(llmgw_options_error(sc.o));
    assert_non_null(llmgw_option_name(0));
    llmgw_client_free(sc.c);
    llmgw_stream_free(sc.st);
    llmgw_cancel_fire(NULL);
    if (sc.st) {
        assert_true(llmgw_stream_index(sc.st) >= -1);
        (void)llmgw_stream_frame(sc.st, NULL);
        (void)llmgw_stream_user(sc.st);
    }
}

static void call_all(void *user, const llmgw_trace *t)
{
    (void)user;
    assert_true(llmgw_trace_kind(t) > 0);
    in.calls++;
    in.n = 0;
    call_options();
    call_client();
    call_converter();
    call_the_rest();
    for (size_t i = 0; i < in.n; i++)
        if (in.rc[i] != LLMGW_E_INVALID)
            fail_msg("%s: %d", in.name[i], in.rc[i]);
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
    llmgw_stream_free(sc.st);
    sc.st = NULL;
    assert_met();
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
#define CHECK(condition)     \
    do                       \
        if (!(condition))    \
            _exit(__LINE__ - CHILD_LINE); \
    while (0)

enum { CHILD_LINE = __LINE__ };

static void in_the_child(llmgw_cancel *k)
{
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    llmgw_stream *s = NULL;

    CHECK(llmgw_call(sc.c, NULL, "chat", GPT, NUL, &r, &e) ==
          LLMGW_E_FORKED);
    CHECK(llmgw_error_code(e) == LLMGW_E_FORKED);
    llmgw_error_free(e);
    CHECK(llmgw_chat_stream(sc.c, NULL, GPT, NUL, &s, NULL) ==
          LLMGW_E_FORKED);
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
    sc.c = NULL;
    sc.st = NULL;
    CHECK(llmgw_script_expect(sc.s, NULL, NULL, NULL) == 0);
    CHECK(llmgw_script_answer(sc.s, 200, JSON, COMPLETION("Yo"), NUL) == 0);
    CHECK(llmgw_options_set_cancel(sc.o, NULL) == 0);
    CHECK(llmgw_client_new(sc.o, &sc.c, NULL) == 0); /* one of its own */
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
        assert_int_equal(llmgw_messages_stream(sc.c, NULL, CLAUDE, NUL, &other,
                                               NULL),
                         0);
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
        const char *billed;
        int attempts, status;
    } rows[] = {
        {LLMGW_TRACE_CALL, "false", 0, 0},
        {LLMGW_TRACE_ATTEMPT, "true", 1, 0},
        {LLMGW_TRACE_RETRY, "false", 1, 529}, /* that was refused */
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
        assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"),
                            rows[i].billed);
        llmgw_cancel_free(g.k);
        scene_anew();
    }
}

/* One token, many calls. */
static void cancels_many(void **state)
{
    enum { MANY = 20 };
    llmgw_stream *s[MANY];
    llmgw_cancel *k;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(sc.o, k), 0);
    for (int i = 0; i < MANY; i++) {
        script(200, EVENTS, MESSAGE_STREAM);
        assert_int_equal(llmgw_messages_stream(client(), NULL, CLAUDE, NUL,
                                               &s[i], NULL),
                         0);
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

/* ---- traces ------------------------------------------------------------- */

static void traces_a_call(void **state)
{
    static const int kinds[] = {LLMGW_TRACE_CALL, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_RETRY, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_DONE};
    struct traces t = {0};

    (void)state;
    set("retry.initial_ms", "1");
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    script(529, JSON, OVERLOADED);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(t.n, COUNT(kinds));
    assert_memory_equal(t.kind, kinds, sizeof(kinds));
    assert_string_equal(
        t.line[0], "operation=messages;provider=anthropic;model=anthropic/"
                   "claude-x;format=anthropic-messages;call=1;attempt=0;"
                   "elapsed_ms=0;");
    assert_string_equal(
        t.line[1],
        "operation=messages;provider=anthropic;method=POST;url="
        "https://api.anthropic.com/v1/messages;call=1;attempt=1;body_bytes=81;"
        "elapsed_ms=0;");
    assert_string_equal(
        t.line[2], "operation=messages;provider=anthropic;error=provider "
                   "failed: Overloaded;maybe_billed=false;call=1;attempt=1;"
                   "delay_ms=1;status=529;elapsed_ms=0;");
    assert_string_equal(
        t.line[4], "operation=messages;provider=anthropic;call=1;attempt=2;"
                   "status=200;retries=1;code=0;elapsed_ms=1;input_tokens=10;"
                   "output_tokens=20;");
}

static void traces_a_stream(void **state)
{
    static const int kinds[] = {LLMGW_TRACE_CALL, LLMGW_TRACE_ATTEMPT,
                                LLMGW_TRACE_FIRST, LLMGW_TRACE_DONE};
    struct traces t = {0};

    (void)state;
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    expect();
    and_wait(5);
    and_status(200, EVENTS);
    and_body(M_START);
    and_wait(7);
    and_body(M_TEXT_OPEN("0") M_TEXT("0", "Hi"));
    and_wait(11);
    and_body(M_CLOSE("0") M_END("end_turn"));
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(drain(), 0);
    assert_int_equal(t.n, COUNT(kinds));
    assert_memory_equal(t.kind, kinds, sizeof(kinds));
    assert_has(t.line[2], "elapsed_ms=12;");
    assert_has(t.line[3], "code=0;");
    assert_has(t.line[3], "elapsed_ms=23;first_ms=12;");
    assert_has(t.line[3], "output_tokens=20;");
    assert_int_equal(drain(), 0);
    assert_int_equal(t.n, COUNT(kinds)); /* told once */
}

/* Each call that begins ends, whatever becomes of it. */
static void traces_failures(void **state)
{
    struct traces t = {0};

    (void)state;
    set("retry.max", "0");
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    assert_int_equal(call(ASK_CHAT("m")), LLMGW_E_OPTION);
    assert_int_equal(stream(ASK_CHAT("m")), LLMGW_E_OPTION);
    script(400, JSON, OVERLOADED);
    assert_int_equal(call(GPT), LLMGW_E_REFUSED);
    script(400, JSON, OVERLOADED);
    assert_int_equal(stream(GPT), LLMGW_E_REFUSED);
    script(200, EVENTS, C_TEXT("Hi"));
    assert_int_equal(stream(GPT), 0);
    assert_int_equal(drain(), LLMGW_E_TRUNCATED);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_CALL), 5);
    assert_int_equal(count_traces(&t, LLMGW_TRACE_DONE), 5);
    assert_has(traced(&t, LLMGW_TRACE_CALL, 1), "model=m;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 0), "code=-3;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 1), "error=no provider for model");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 3), "status=400;");
    assert_has(traced(&t, LLMGW_TRACE_DONE, 4), "code=-13;");
}

/* ---- secrets ------------------------------------------------------------ */

#define CANARY "sk-CANARY-0123456789abcdef"

/* A provider that says the key back, wherever it can. */
static void tells_no_secret(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"Incorrect key: " CANARY
        "\",\"type\":\"" CANARY "\",\"code\":\"" CANARY "\",\"param\":\""
        CANARY "\"}}",
        "key " CANARY " is wrong", "<html>" CANARY "</html>",
        "{\"error\":\"" CANARY CANARY "\"}"};
    struct traces t = {0};

    (void)state;
    set("retry.max", "1");
    set("retry.initial_ms", "0");
    set("providers.openai.api_key", CANARY);
    assert_int_equal(llmgw_options_set_trace(sc.o, trace_into, &t), 0);
    for (size_t i = 0; i < COUNT(bodies) * 3; i++) {
        const int status = i % 3 == 0 ? 401 : i % 3 == 1 ? 500 : 200;
        const llmgw_error *e;

        for (int n = 0; n < 2; n++)
            script(status, JSON, bodies[i / 3]);
        assert_true(call(GPT) < 0);
        e = sc.e;
        assert_has_not(llmgw_error_message(e), "CANARY");
        assert_has_not(llmgw_error_body(e, NULL), "CANARY");
        assert_has_not(llmgw_error_provider_type(e), "CANARY");
        assert_has_not(llmgw_error_get(e, "attempts"), "CANARY");
        assert_has_not(llmgw_error_get(e, "code"), "CANARY");
        assert_has_not(llmgw_error_get(e, "param"), "CANARY");
        for (size_t n = 0; n < t.n; n++)
            assert_has_not(t.line[n], "CANARY");
        t.n = 0;
        scene_clear();
        (void)llmgw_script_free; /* what is left of a script is not looked at */
        llmgw_client_free(sc.c);
        sc.c = NULL;
        llmgw_script_free(sc.s);
        assert_int_equal(llmgw_script_new(&sc.s), 0);
        assert_int_equal(llmgw_options_set_script(sc.o, sc.s), 0);
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
        SCENE(traces_a_call),
        SCENE(traces_a_stream),
        SCENE(traces_failures),
        SCENE(tells_no_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
