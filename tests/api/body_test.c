/* SPDX-License-Identifier: MIT
 *
 * Bodies that are streamed from and to the host, and a transport of the
 * host's own. */
#include "tests/api/api.h"

#include <llmgw/transport.h>
#include <strings.h>

/* ---- a source ----------------------------------------------------------- */

struct source {
    const char *text;
    size_t n, at;
    size_t piece; /* at most so many bytes at a time; 0: all there is room */
    int fails, greedy; /* at this offset; says more than there is room for */
    int reads, rewinds, rewind_fails;
    int nested; /* what a call from within gave */
};

static int64_t read_source(void *user, void *buf, size_t cap)
{
    struct source *s = user;
    size_t n = s->n - s->at;
    llmgw_response *r = NULL;

    s->reads++;
    s->nested = llmgw_chat_create(sc.c, NULL, GPT, NUL, &r, NULL);
    if (s->fails && s->at >= (size_t)s->fails)
        return -1;
    if (s->greedy)
        return (int64_t)cap + 1;
    if (n > cap)
        n = cap;
    if (s->piece && n > s->piece)
        n = s->piece;
    memcpy(buf, s->text + s->at, n);
    s->at += n;
    return (int64_t)n;
}

static int rewind_source(void *user)
{
    struct source *s = user;

    s->rewinds++;
    s->at = 0;
    return s->rewind_fails ? -1 : 0;
}

static struct source src;
static char big[300000];

static void begin_source(const char *text, llmgw_rewind_fn rewind, int64_t size)
{
    src = (struct source){.text = text, .n = strlen(text)};
    set("provider", "openai");
    set("retry.initial_ms", "1");
    assert_int_equal(
        llmgw_options_set_source(sc.o, read_source, rewind, size, &src), 0);
}

static int send_source(void)
{
    scene_clear();
    return llmgw_chat_create(client(), NULL, NULL, 0, &sc.r, &sc.e);
}

static void sends_a_source(void **state)
{
    static const size_t pieces[] = {0, 1, 7, 5000};

    (void)state;
    for (size_t i = 0; i < COUNT(pieces) * 2; i++) {
        begin_source(ASK_CHAT("gpt-x"), NULL,
                     i % 2 ? -1 : (int64_t)strlen(ASK_CHAT("gpt-x")));
        src.piece = pieces[i / 2];
        script(200, JSON, COMPLETION("Hi"));
        assert_int_equal(send_source(), 0);
        assert_string_equal(text(), "Hi");
        assert_sent(0, "body", ASK_CHAT("gpt-x"));
        assert_sent(0, "authorization", "Bearer sk-oai");
        assert_int_equal(src.nested, LLMGW_E_INVALID);
        scene_anew();
    }
}

static void sends_a_big_source(void **state)
{
    size_t n = 0;

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    begin_source(big, NULL, (int64_t)sizeof(big) - 1);
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(send_source(), 0);
    assert_memory_equal(llmgw_script_sent(sc.s, 0, "body", &n), big,
                        sizeof(big) - 1);
    assert_int_equal(n, sizeof(big) - 1);
}

static void sends_a_source_for_a_stream(void **state)
{
    (void)state;
    begin_source(ASK_CHAT("gpt-x"), rewind_source, -1);
    script(529, JSON, OVERLOADED);
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(llmgw_chat_stream(client(), NULL, NULL, 0, &sc.st, &sc.e),
                     0);
    assert_int_equal(drain(), 0);
    assert_string_equal(llmgw_response_text(llmgw_stream_response(sc.st), NULL),
                        "It is");
    assert_sent(1, "body", ASK_CHAT("gpt-x"));
    assert_int_equal(src.rewinds, 1);
}

static void sends_it_again(void **state)
{
    (void)state;
    begin_source(ASK_CHAT("gpt-x"), rewind_source, -1);
    expect();
    assert_int_equal(llmgw_script_refuse(sc.s), 0);
    script(529, JSON, OVERLOADED);
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(send_source(), 0);
    assert_sent(1, "body", ASK_CHAT("gpt-x"));
    assert_sent(2, "body", ASK_CHAT("gpt-x"));
    assert_int_equal(src.rewinds, 2);
}

/* What cannot be read again is not sent again, and nobody waits for it. */
static void sends_it_once(void **state)
{
    (void)state;
    begin_source(ASK_CHAT("gpt-x"), NULL, -1);
    script(529, JSON, OVERLOADED);
    assert_int_equal(send_source(), LLMGW_E_PROVIDER);
    assert_int_equal(llmgw_error_http_status(sc.e), 529);
    assert_int_equal(llmgw_error_retryable(sc.e), 1);
    assert_int_equal(requests(), 1);
    assert_int_equal(now(), 0);
}

static const struct {
    struct source how;
    int code;
    size_t requests;
} breaks[] = {
    {{.fails = 1, .piece = 1}, LLMGW_E_CALLBACK, 1},
    {{.fails = 9, .piece = 1}, LLMGW_E_CALLBACK, 1},
    {{.greedy = 1}, LLMGW_E_CALLBACK, 1},
    {{.rewind_fails = 1}, LLMGW_E_CALLBACK, 1},
};

static void breaks_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(breaks); i++) {
        begin_source(ASK_CHAT("gpt-x"), rewind_source, -1);
        src.fails = breaks[i].how.fails;
        src.piece = breaks[i].how.piece;
        src.greedy = breaks[i].how.greedy;
        src.rewind_fails = breaks[i].how.rewind_fails;
        script(529, JSON, OVERLOADED);
        assert_int_equal(send_source(), breaks[i].code);
        assert_int_equal(requests(), breaks[i].requests);
        assert_int_equal(llmgw_error_retryable(sc.e), 0);
        scene_anew();
    }
}

static void converts_no_source(void **state)
{
    (void)state;
    begin_source(ASK_CHAT("gpt-x"), NULL, -1);
    set("provider", "anthropic");
    assert_int_equal(send_source(), LLMGW_E_UNSUPPORTED);
    assert_int_equal(src.reads, 0);
    assert_int_equal(requests(), 0);
}

/* ---- a sink ------------------------------------------------------------- */

struct sink {
    char got[400000];
    size_t n;
    int writes, fails; /* at the n-th write */
};

static struct sink dst;

static int write_sink(void *user, const void *data, size_t n)
{
    struct sink *s = user;

    if (++s->writes == s->fails)
        return -1;
    assert_true(s->n + n < sizeof(s->got));
    memcpy(s->got + s->n, data, n);
    s->n += n;
    return 0;
}

static void begin_sink(void)
{
    memset(&dst, 0, sizeof(dst));
    set("retry.initial_ms", "1");
    assert_int_equal(llmgw_options_set_sink(sc.o, write_sink, &dst), 0);
}

static void fills_a_sink(void **state)
{
    size_t n = 9;

    (void)state;
    begin_sink();
    script(529, JSON, OVERLOADED);
    expect();
    and_status(200, JSON);
    and_header("x-request-id", "req_5");
    assert_int_equal(llmgw_script_cut(sc.s, 10), 0);
    and_body(COMPLETION("Hi"));
    assert_int_equal(call(GPT), 0);
    assert_string_equal(dst.got, COMPLETION("Hi"));
    assert_null(llmgw_response_json(sc.r, &n));
    assert_int_equal(n, 0);
    assert_null(llmgw_response_text(sc.r, NULL));
    assert_string_equal(llmgw_response_provider(sc.r), "openai");
    assert_string_equal(llmgw_response_request_id(sc.r), "req_5");
    assert_string_equal(llmgw_response_header(sc.r, "Content-Type"), JSON);
    assert_int_equal(llmgw_response_usage(sc.r, LLMGW_USAGE_OUTPUT), -1);
    assert_has(llmgw_response_get(sc.r, "attempts"), "529");
}

/* Any bytes, any number. */
static void fills_a_sink_with_anything(void **state)
{
    (void)state;
    memset(big, 'y', sizeof(big) - 1);
    begin_sink();
    set("max_body_bytes", "1024"); /* of what is kept */
    script(200, "text/html", big);
    assert_int_equal(call(GPT), 0);
    assert_int_equal(dst.n, sizeof(big) - 1);
    assert_string_equal(dst.got, big);
    begin_sink();
    script(200, JSON, "");
    assert_int_equal(call(GPT), 0);
    assert_int_equal(dst.n, 0);
}

static void keeps_errors_out_of_a_sink(void **state)
{
    (void)state;
    begin_sink();
    script(400, JSON, REFUSAL("invalid_request_error", "no"));
    assert_int_equal(call(GPT), LLMGW_E_REFUSED);
    assert_int_equal(dst.writes, 0);
    assert_has(llmgw_error_body(sc.e, NULL), "invalid_request_error");
}

/* What was put there cannot be taken back. */
static void fills_a_sink_once(void **state)
{
    (void)state;
    begin_sink();
    expect();
    and_status(200, JSON);
    and_body("{\"id\":");
    assert_int_equal(llmgw_script_reset(sc.s), 0);
    assert_int_equal(call(GPT), LLMGW_E_TRUNCATED);
    assert_int_equal(requests(), 1);
    assert_string_equal(dst.got, "{\"id\":");
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "true");
}

static void breaks_with_its_sink(void **state)
{
    (void)state;
    for (int at = 1; at < 4; at++) {
        begin_sink();
        dst.fails = at;
        expect();
        and_status(200, JSON);
        for (int i = 0; i < 5; i++) {
            and_wait(1);
            and_body("12345");
        }
        assert_int_equal(call(GPT), LLMGW_E_CALLBACK);
        assert_int_equal(dst.writes, at);
        assert_int_equal(requests(), 1);
        scene_anew();
    }
}

static void converts_no_answer_for_a_sink(void **state)
{
    (void)state;
    begin_sink();
    assert_int_equal(call(ASK_CHAT("anthropic/m")), LLMGW_E_UNSUPPORTED);
    assert_int_equal(requests(), 0);
}

/* Streams hand out events, and nothing else asks for one. */
static void minds_its_sink(void **state)
{
    (void)state;
    begin_sink();
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(stream(GPT), 0);
    assert_int_equal(drain(), 0);
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(stream(GPT), 0);
    assert_int_equal(drain(), 0);
    assert_string_equal(llmgw_response_text(llmgw_stream_response(sc.st), NULL),
                        "Hi");
    assert_int_equal(dst.writes, 0);
    scene_anew();
    begin_sink();
    set("create_via_stream", "true");
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(call(GPT), 0);
    assert_has_not(sent(0, "body"), "\"stream\":true");
    assert_string_equal(dst.got, COMPLETION("Hi"));
}

/* ---- a transport of the host's own -------------------------------------- */

/* All that happens, happens in start(). */
static struct {
    int status, code, twice; /* how often a header's name came again */
    const char *type, *body;
    int starts, frees, with_self;
} own;

static void count_names(llmgw_exchange *x)
{
    const char *a, *b;

    for (size_t i = 0; (a = llmgw_exchange_header(x, i, NULL)) != NULL; i++)
        for (size_t k = 0; k < i; k++) {
            b = llmgw_exchange_header(x, k, NULL);
            own.twice += strcasecmp(a, b) == 0;
        }
}

static int own_start(void *self, llmgw_exchange *x)
{
    own.starts++;
    own.with_self |= self != NULL;
    count_names(x);
    llmgw_exchange_on_sent(x);
    if (own.status) {
        assert_int_equal(llmgw_exchange_on_status(x, own.status), 0);
        (void)llmgw_exchange_on_header(x, "content-type", own.type);
        (void)llmgw_exchange_on_body(x, own.body, strlen(own.body));
    }
    llmgw_exchange_on_done(x, own.code, "that is all");
    return 0;
}

static int own_pump(void *self, int64_t timeout_ms)
{
    (void)self;
    (void)timeout_ms;
    return 0;
}

static void own_cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
}

static void own_free(void *self)
{
    (void)self;
    own.frees++;
}

static void begin_own(int status, const char *type, const char *body, int code)
{
    const llmgw_transport t = {.size = sizeof(t),
                               .start = own_start,
                               .pump = own_pump,
                               .cancel = own_cancel,
                               .free = own_free};

    memset(&own, 0, sizeof(own));
    own.status = status;
    own.type = type;
    own.body = body;
    own.code = code;
    set("retry.initial_ms", "0");
    assert_int_equal(llmgw_options_set_transport(sc.o, &t, NULL), 0);
}

static void brings_its_own_transport(void **state)
{
    (void)state;
    begin_own(200, JSON, MESSAGE("Hi"), 0);
    set("headers.Accept", "x");
    set("headers.USER-AGENT", "y");
    set("providers.anthropic.headers.Anthropic-Version", "2030-01-01");
    assert_int_equal(call(CLAUDE), 0);
    assert_string_equal(text(), "Hi");
    assert_int_equal(own.starts, 1);
    assert_int_equal(own.twice, 0);
    assert_false(own.with_self);
    assert_int_equal(own.frees, 0);
    llmgw_client_free(sc.c);
    sc.c = NULL;
    assert_int_equal(own.frees, 1);
}

/* An answer that came is an answer, though it all broke at once. */
static void answers_before_it_breaks(void **state)
{
    (void)state;
    begin_own(413, JSON, REFUSAL("request_too_large", "too large"),
              LLMGW_E_TRUNCATED);
    assert_int_equal(call(CLAUDE), LLMGW_E_REFUSED);
    assert_int_equal(llmgw_error_http_status(sc.e), 413);
    assert_int_equal(own.starts, 1);
    scene_anew();
    begin_own(200, EVENTS, M_START M_TEXT_OPEN("0") M_TEXT("0", "It "),
              LLMGW_E_TRUNCATED);
    assert_int_equal(stream(CLAUDE), 0);
    assert_int_equal(next(), LLMGW_EVENT_START);
    assert_int_equal(drain(), LLMGW_E_TRUNCATED);
    assert_int_equal(own.starts, 1);
    scene_anew();
    begin_own(0, NULL, NULL, LLMGW_E_TRUNCATED);
    assert_int_equal(call(CLAUDE), LLMGW_E_TRUNCATED);
    assert_has(llmgw_error_message(sc.e), "that is all");
    assert_int_equal(own.starts, 3);
    scene_anew();
    begin_own(0, NULL, NULL, LLMGW_OK);
    assert_int_equal(call(CLAUDE), LLMGW_E_PROTOCOL);
    assert_int_equal(own.starts, 1);
}

/* Without a clock, ms of the real one pass. */
static void waits_on_its_own(void **state)
{
    (void)state;
    begin_own(529, JSON, OVERLOADED, 0);
    set("retry.initial_ms", "3");
    assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(own.starts, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(sends_a_source),
        SCENE(sends_a_big_source),
        SCENE(sends_a_source_for_a_stream),
        SCENE(sends_it_again),
        SCENE(sends_it_once),
        SCENE(breaks_off),
        SCENE(converts_no_source),
        SCENE(fills_a_sink),
        SCENE(fills_a_sink_with_anything),
        SCENE(keeps_errors_out_of_a_sink),
        SCENE(fills_a_sink_once),
        SCENE(breaks_with_its_sink),
        SCENE(converts_no_answer_for_a_sink),
        SCENE(minds_its_sink),
        SCENE(brings_its_own_transport),
        SCENE(answers_before_it_breaks),
        SCENE(waits_on_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
