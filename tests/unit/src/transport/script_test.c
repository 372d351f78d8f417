/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* mkstemp, P_tmpdir */
#include "src/transport/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/exchange.h"

#define URL "https://api.example/v1/messages"

static const llmgw_transport *const t = &lg_script_transport;

static llmgw_script *new_script(void)
{
    llmgw_script *s;

    assert_int_equal(llmgw_script_new(&s), 0);
    return s;
}

static void start(llmgw_script *s, struct inflight *f, const char *body)
{
    inflight_init(f, "POST", URL, body);
    inflight_header(f, "X-Api-Key", "secret");
    assert_int_equal(t->start(s, &f->x), 0);
}

/* Pump until the exchange is done; at most 1000 times. */
static const struct lg_mail *run(llmgw_script *s, struct inflight *f,
                                 int64_t timeout_ms)
{
    const struct lg_mail *mail = inflight_look(f);

    for (int i = 0; i < 1000 && !mail->done; i++) {
        assert_int_equal(t->pump(s, timeout_ms), 0);
        mail = inflight_look(f);
    }
    assert_true(mail->done);
    return mail;
}

static void test_answer(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;
    const struct lg_mail *mail;
    size_t len;

    (void)state;
    assert_int_equal(
        llmgw_script_expect(s, "POST", "/v1/messages", "\"Hello\""), 0);
    assert_int_equal(llmgw_script_expect_header(s, "x-api-key", "secret"), 0);
    assert_int_equal(llmgw_script_answer(s, 201, "application/json", "{}",
                                         LLMGW_NUL_TERMINATED),
                     0);
    assert_string_equal(llmgw_script_unmet(s),
                        "script: expectation 1 was not met: POST /v1/messages");
    start(s, &f, "{\"text\":\"Hello\"}");
    mail = run(s, &f, 1000);
    assert_int_equal(mail->code, LLMGW_OK);
    assert_int_equal(mail->status, 201);
    assert_true(mail->headers_done && mail->sent);
    assert_string_equal(lg_exchange_answer_header(&f.x, "Content-Type"),
                        "application/json");
    assert_string_equal(f.got.p, "{}");
    assert_null(llmgw_script_unmet(s));
    assert_int_equal(llmgw_script_now(s), 0);

    assert_int_equal(llmgw_script_requests(s), 1);
    assert_string_equal(llmgw_script_sent(s, 0, "method", NULL), "POST");
    assert_string_equal(llmgw_script_sent(s, 0, "url", NULL), URL);
    assert_string_equal(llmgw_script_sent(s, 0, "body", &len),
                        "{\"text\":\"Hello\"}");
    assert_int_equal(len, 16);
    assert_string_equal(llmgw_script_sent(s, 0, "x-api-key", NULL), "secret");
    assert_null(llmgw_script_sent(s, 0, "accept", &len));
    assert_int_equal(len, 0);
    assert_null(llmgw_script_sent(s, 1, "method", NULL));
    inflight_done(&f);
    llmgw_script_free(s);
}

/* What was expected, and the sentence that another request gives. */
static void mismatch(const char *method, const char *url, const char *body,
                     const char *header, const char *value, const char *said)
{
    llmgw_script *s = new_script();
    struct inflight f;
    const struct lg_mail *mail;

    llmgw_script_expect(s, method, url, body);
    if (header)
        llmgw_script_expect_header(s, header, value);
    llmgw_script_status(s, 200);
    start(s, &f, "{\"a\":1}");
    mail = run(s, &f, 1000);
    assert_int_equal(mail->code, LLMGW_E_INVALID);
    assert_int_equal(mail->status, 0);
    assert_string_equal(f.x.detail, said);
    assert_string_equal(llmgw_script_unmet(s), said);
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_mismatches(void **state)
{
    (void)state;
    mismatch("GET", NULL, NULL, NULL, NULL,
             "script: expected method GET, got POST");
    mismatch(NULL, "/v1/chat", NULL, NULL, NULL,
             "script: expected a URL with /v1/chat, got " URL);
    mismatch(NULL, NULL, "\"b\"", NULL, NULL,
             "script: expected a body with \"b\", got {\"a\":1}");
    mismatch(NULL, NULL, NULL, "accept", NULL,
             "script: expected header accept, got none");
    mismatch(NULL, NULL, NULL, "x-api-key", "other",
             "script: expected x-api-key other, got secret");
}

static void test_request_beyond_the_script(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;
    const struct lg_mail *mail;

    (void)state;
    start(s, &f, "{}");
    mail = run(s, &f, 1000);
    assert_int_equal(mail->code, LLMGW_E_INVALID);
    assert_string_equal(f.x.detail,
                        "script: expected no further request, got " URL);
    assert_string_equal(llmgw_script_unmet(s), f.x.detail);
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_cut_and_wait(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 200);
    llmgw_script_cut(s, 3);
    llmgw_script_body(s, "abcdefgh", 8);
    llmgw_script_wait(s, 250);
    llmgw_script_cut(s, 0);
    llmgw_script_body(s, "ijklmnop", 8);
    llmgw_script_wait(s, 50);
    start(s, &f, "");
    /* the request, the status, and three pieces: all at once */
    for (int i = 0; i < 5; i++) {
        t->pump(s, 0);
        inflight_look(&f);
    }
    assert_int_equal(f.pieces, 3);
    assert_string_equal(f.got.p, "abcdefgh");
    /* nothing is due: time passes, but not beyond what was allowed */
    t->pump(s, 100);
    inflight_look(&f);
    assert_int_equal(llmgw_script_now(s), 100);
    assert_int_equal(f.pieces, 3);
    t->pump(s, 1000);
    inflight_look(&f);
    assert_int_equal(llmgw_script_now(s), 250);
    assert_int_equal(f.pieces, 4);
    assert_string_equal(f.got.p, "abcdefghijklmnop");
    assert_int_equal(run(s, &f, -1)->code, LLMGW_OK);
    assert_int_equal(llmgw_script_now(s), 300);
    assert_int_equal(t->now(s), 300);
    assert_true(t->wall(s) == INT64_C(1767225600300));
    inflight_done(&f);
    llmgw_script_free(s);
}

/* How an exchange ends, with an answer begun and without. */
static void ending(int (*how)(llmgw_script *), int begun, int code, int sent)
{
    llmgw_script *s = new_script();
    struct inflight f;
    const struct lg_mail *mail;

    llmgw_script_expect(s, NULL, NULL, NULL);
    if (begun)
        llmgw_script_answer(s, 200, "text/plain", "abc", 3);
    assert_int_equal(how(s), 0);
    /* nothing can follow an end */
    assert_int_equal(llmgw_script_body(s, "d", 1), LLMGW_E_INVALID);
    assert_int_equal(how(s), LLMGW_E_INVALID);
    start(s, &f, "{\"a\":1}");
    mail = run(s, &f, -1);
    assert_int_equal(mail->code, code);
    assert_int_equal(mail->sent, sent);
    assert_int_equal(f.got.n, begun ? 3 : 0);
    assert_null(llmgw_script_unmet(s));
    assert_string_equal(llmgw_script_sent(s, 0, "body", NULL), "{\"a\":1}");
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_endings(void **state)
{
    (void)state;
    ending(llmgw_script_refuse, 0, LLMGW_E_CONNECT, 0);
    ending(llmgw_script_reset, 0, LLMGW_E_CONNECT, 1);
    ending(llmgw_script_reset, 1, LLMGW_E_TRUNCATED, 1);
    ending(llmgw_script_stall, 0, LLMGW_E_TIMEOUT, 1);
    ending(llmgw_script_stall, 1, LLMGW_E_TIMEOUT, 1);
}

static void test_stall_lets_time_pass(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 200);
    llmgw_script_stall(s);
    start(s, &f, "");
    for (int i = 0; i < 3; i++)
        t->pump(s, 5000);
    /* two pumps delivered (the request, the status), the third waited */
    assert_int_equal(llmgw_script_now(s), 5000);
    assert_true(inflight_look(&f)->headers_done);
    assert_false(inflight_look(&f)->done);
    t->cancel(s, &f.x);
    assert_int_equal(t->pump(s, 10), 0);
    assert_false(inflight_look(&f)->done);
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_pause_holds_back(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 200);
    llmgw_script_body(s, "abc", 3);
    start(s, &f, "");
    t->pump(s, 0);
    t->pump(s, 0);
    t->pause(s, &f.x, 1);
    for (int i = 0; i < 5; i++)
        t->pump(s, 10);
    inflight_look(&f);
    assert_int_equal(f.got.n, 0);
    assert_int_equal(llmgw_script_now(s), 50);
    t->pump(s, -1); /* does not hang, and fails nothing */
    assert_false(inflight_look(&f)->done);
    t->pause(s, &f.x, 0);
    assert_int_equal(run(s, &f, 10)->code, LLMGW_OK);
    assert_string_equal(f.got.p, "abc");
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_two_in_flight_in_time_order(void **state)
{
    llmgw_script *s = new_script();
    struct inflight a, b;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, "first");
    llmgw_script_wait(s, 100);
    llmgw_script_status(s, 200);
    llmgw_script_expect(s, NULL, NULL, "second");
    llmgw_script_status(s, 200);
    llmgw_script_wait(s, 30);
    llmgw_script_body(s, "b", 1);
    llmgw_script_wait(s, 170);
    start(s, &a, "first");
    start(s, &b, "second");
    while (llmgw_script_now(s) < 100)
        t->pump(s, 1000);
    assert_int_equal(inflight_look(&a)->status, 200);
    inflight_look(&b);
    assert_string_equal(b.got.p, "b");
    assert_false(inflight_look(&b)->done);
    assert_true(run(s, &a, 1000)->done);
    assert_int_equal(llmgw_script_now(s), 100);
    assert_true(run(s, &b, 1000)->done);
    assert_int_equal(llmgw_script_now(s), 200);
    assert_null(llmgw_script_unmet(s));
    inflight_done(&a);
    inflight_done(&b);
    llmgw_script_free(s);
}

/* A body that comes from a source is waited for. */
static void test_streamed_request(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, "one two");
    llmgw_script_status(s, 204);
    inflight_init(&f, "POST", URL, "");
    f.x.has_source = 1;
    f.x.body_len = -1;
    assert_int_equal(t->start(s, &f.x), 0);
    lg_buf_lit(&f.x.outbox, "one ");
    t->pump(s, 10);
    t->pump(s, 10);
    assert_true(f.x.outbox_hungry);
    assert_int_equal(inflight_look(&f)->status, 0);
    lg_buf_lit(&f.x.outbox, "two");
    f.x.outbox_end = 1;
    t->pause(s, &f.x, 0);
    assert_int_equal(run(s, &f, 10)->status, 204);
    assert_string_equal(llmgw_script_sent(s, 0, "body", NULL), "one two");
    inflight_done(&f);

    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 204);
    inflight_init(&f, "POST", URL, "");
    f.x.has_source = 1;
    f.x.outbox_end = LLMGW_E_CALLBACK;
    assert_int_equal(t->start(s, &f.x), 0);
    assert_int_equal(run(s, &f, 10)->code, LLMGW_E_CALLBACK);
    assert_non_null(llmgw_script_unmet(s));
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_stops_when_told(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_answer(s, 200, NULL, "abc", 3);
    start(s, &f, "");
    t->pump(s, 0);
    atomic_store(&f.x.cancelled, 1);
    assert_int_equal(run(s, &f, 0)->code, LLMGW_E_CANCELLED);
    assert_int_equal(f.got.n, 0);
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_wake_ends_the_wait(void **state)
{
    llmgw_script *s = new_script();

    (void)state;
    t->wake(s);
    t->pump(s, 1000);
    assert_int_equal(llmgw_script_now(s), 0);
    t->pump(s, 1000);
    assert_int_equal(llmgw_script_now(s), 1000);
    t->pump(s, -1);
    assert_int_equal(llmgw_script_now(s), 1001);
    llmgw_script_free(s);
}

static int64_t timer_ms;

static int set_timer(void *user, int64_t ms)
{
    assert_ptr_equal(user, &timer_ms);
    timer_ms = ms;
    return 0;
}

static int set_watch(void *user, intptr_t fd, int want)
{
    (void)user;
    (void)fd;
    (void)want;
    fail_msg("a script has no descriptor");
    return 0;
}

static void test_event_loop(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;

    (void)state;
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 200);
    llmgw_script_wait(s, 40);
    llmgw_script_body(s, "abc", 3);
    timer_ms = -2;
    assert_int_equal(t->attach(s, set_watch, set_timer, &timer_ms), 0);
    start(s, &f, "");
    assert_int_equal(timer_ms, 0);
    assert_int_equal(t->ready(s, -1, 0), 0);
    assert_int_equal(inflight_look(&f)->status, 200);
    assert_int_equal(timer_ms, 40);
    assert_int_equal(t->ready(s, -1, 0), 0);
    assert_true(inflight_look(&f)->done);
    assert_string_equal(f.got.p, "abc");
    assert_int_equal(llmgw_script_now(s), 40);
    assert_int_equal(t->ready(s, 7, LLMGW_READ), LLMGW_E_INVALID);
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_file(void **state)
{
    llmgw_script *s = new_script();
    struct inflight f;
    char path[] = P_tmpdir "/llmgw-XXXXXX";
    const int fd = mkstemp(path);
    char text[5000];

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)i;
    assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
    assert_int_equal(close(fd), 0);
    llmgw_script_expect(s, NULL, NULL, NULL);
    llmgw_script_status(s, 200);
    assert_int_equal(llmgw_script_file(s, path), 0);
    assert_int_equal(remove(path), 0);
    assert_int_equal(llmgw_script_file(s, path), LLMGW_E_INVALID);
    start(s, &f, "");
    assert_int_equal(run(s, &f, 0)->code, 0);
    assert_int_equal(f.got.n, sizeof(text));
    assert_memory_equal(f.got.p, text, sizeof(text));
    inflight_done(&f);
    llmgw_script_free(s);
}

static void test_rules(void **state)
{
    llmgw_script *s = new_script();

    (void)state;
    assert_int_equal(llmgw_script_new(NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_status(s, 200), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_expect_header(s, "a", "b"), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_wait(s, 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_cut(s, 1), LLMGW_E_INVALID);
    llmgw_script_expect(s, NULL, NULL, NULL);
    assert_int_equal(llmgw_script_status(s, 100), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_header(s, "a", "b"), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_body(s, "a", 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_wait(s, -1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_status(s, 200), 0);
    assert_int_equal(llmgw_script_status(s, 200), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_refuse(s), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_body(s, NULL, 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_body(s, "a", 1), 0);
    assert_int_equal(llmgw_script_header(s, "a", "b"), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_script(NULL, s), LLMGW_E_INVALID);
    assert_int_equal(llmgw_script_requests(NULL), 0);
    assert_null(llmgw_script_unmet(NULL));
    llmgw_script_free(s);
    llmgw_script_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_mismatches),
        cmocka_unit_test(test_request_beyond_the_script),
        cmocka_unit_test(test_cut_and_wait),
        cmocka_unit_test(test_endings),
        cmocka_unit_test(test_stall_lets_time_pass),
        cmocka_unit_test(test_pause_holds_back),
        cmocka_unit_test(test_two_in_flight_in_time_order),
        cmocka_unit_test(test_streamed_request),
        cmocka_unit_test(test_stops_when_told),
        cmocka_unit_test(test_wake_ends_the_wait),
        cmocka_unit_test(test_event_loop),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
