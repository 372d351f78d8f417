/* SPDX-License-Identifier: MIT
 *
 * Timers: each fires at its millisecond, says which it was, and lets pass what
 * it should let pass. */
#include "tests/api/api.h"

#include <arpa/inet.h>
#include <llmgw/transport.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/sys.h"

static void stall(void)
{
    assert_int_equal(llmgw_script_stall(sc.s), 0);
}

/* No retries, for what is asked is when the first attempt ends. */
static void once(void)
{
    set("retry.max", "0");
}

static void assert_timed_out(const llmgw_error *e, const char *text)
{
    assert_int_equal(llmgw_error_code(e), LLMGW_E_TIMEOUT);
    assert_string_equal(llmgw_error_message(e), text);
    assert_int_equal(llmgw_error_retryable(e), 1);
    assert_string_equal(llmgw_error_get(e, "maybe_billed"), "true");
}

/* ---- whole answers ------------------------------------------------------ */

static void first_byte(void **state)
{
    (void)state;
    once();
    set("timeout.first_byte_ms", "1234");
    expect();
    stall();
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_timed_out(sc.e, "no first byte within 1234 ms");
    assert_int_equal(llmgw_error_http_status(sc.e), 0);
    assert_int_equal(now(), 1234);
}

static void first_byte_in_time(void **state)
{
    (void)state;
    once();
    set("timeout.first_byte_ms", "1234");
    expect();
    and_wait(1233);
    and_status(200, JSON);
    and_wait(5000); /* idle's affair */
    and_body(MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(now(), 6233);
}

static void first_byte_of_each_attempt(void **state)
{
    (void)state;
    set("retry.initial_ms", "1");
    set("timeout.first_byte_ms", "100");
    for (int i = 0; i < 3; i++) {
        expect();
        stall();
    }
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_int_equal(requests(), 3);
    assert_int_equal(now(), 100 + 1 + 100 + 2 + 100);
}

static void idle(void **state)
{
    (void)state;
    once();
    set("timeout.idle_ms", "500");
    expect();
    and_wait(10);
    and_status(200, JSON);
    and_wait(499);
    and_body("{\"id\":");
    stall();
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_timed_out(sc.e, "no byte within 500 ms");
    assert_int_equal(llmgw_error_http_status(sc.e), 200);
    assert_int_equal(now(), 10 + 499 + 500);
}

static void idle_after_the_head(void **state)
{
    (void)state;
    once();
    set("timeout.idle_ms", "500");
    expect();
    and_status(200, JSON);
    stall();
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_int_equal(now(), 500);
}

/* Bytes that trickle do not help against it. */
static void total(void **state)
{
    (void)state;
    set("timeout.total_ms", "1000");
    expect();
    and_status(200, JSON);
    for (int i = 0; i < 100; i++) {
        and_wait(30);
        and_body(" ");
    }
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_timed_out(sc.e, "no end of the call within 1000 ms");
    assert_int_equal(now(), 1000);
    assert_int_equal(requests(), 1);
}

static void total_covers_retries(void **state)
{
    (void)state;
    set("timeout.total_ms", "1000");
    set("timeout.first_byte_ms", "300");
    set("retry.initial_ms", "1");
    set("retry.max", "50");
    for (int i = 0; i < 4; i++) {
        expect();
        stall();
    }
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_timed_out(sc.e, "no end of the call within 1000 ms");
    assert_int_equal(now(), 1000);
    assert_int_equal(requests(), 4);
}

/* A pause that would end too late is not begun. */
static void total_covers_backoff(void **state)
{
    (void)state;
    set("timeout.total_ms", "1000");
    for (int i = 0; i < 2; i++) {
        expect();
        and_wait(100);
        and_status(529, JSON);
        and_header("retry-after-ms", "700");
        and_body(OVERLOADED);
    }
    assert_int_equal(call(CLAUDE), LLMGW_E_PROVIDER);
    assert_int_equal(requests(), 2);
    assert_in_range(now(), 900, 900 + 700 / 8);
    assert_int_equal(llmgw_error_retry_after_ms(sc.e), 700);
}

static void none(void **state)
{
    (void)state;
    once();
    set("timeout.first_byte_ms", "0");
    set("timeout.idle_ms", "0");
    set("timeout.content_ms", "0");
    expect();
    and_wait(INT64_C(10000000000));
    and_status(200, JSON);
    and_wait(INT64_C(10000000000));
    and_body(MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(now(), INT64_C(20000000000));
}

static void defaults(void **state)
{
    static const struct {
        int headers;
        int64_t at;
    } rows[] = {{0, 600000}, {1, 60000}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        once();
        expect();
        if (rows[i].headers)
            and_status(200, JSON);
        stall();
        assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
        assert_int_equal(now(), rows[i].at);
        scene_anew();
    }
}

static void of_one_call(void **state)
{
    llmgw_options *o;

    (void)state;
    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "timeout.first_byte_ms", "7"), 0);
    once();
    expect();
    stall();
    assert_int_equal(call_with(o, CLAUDE), LLMGW_E_TIMEOUT);
    assert_int_equal(now(), 7);
    llmgw_options_free(o);
}

/* ---- streams ------------------------------------------------------------ */

static void open_stream(void)
{
    assert_int_equal(stream(CLAUDE), 0);
}

static void stream_first_byte(void **state)
{
    (void)state;
    once();
    set("timeout.first_byte_ms", "50");
    expect();
    stall();
    assert_int_equal(stream(CLAUDE), LLMGW_E_TIMEOUT);
    assert_timed_out(sc.e, "no first byte within 50 ms");
    assert_int_equal(now(), 50);
}

/* Pings and comments are bytes, but no content. */
static void stream_content(void **state)
{
    static const char *const alive[] = {M_PING, ": keep-alive\n\n", "data:\n\n",
                                        ": x\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(alive); i++) {
        once();
        set("timeout.content_ms", "1000");
        set("timeout.idle_ms", "300");
        expect();
        and_status(200, EVENTS);
        and_wait(100);
        and_body(M_START M_TEXT_OPEN("0") M_TEXT("0", "Hi"));
        for (int n = 0; n < 20; n++) {
            and_wait(200);
            and_body(alive[i]);
        }
        open_stream();
        assert_int_equal(drain(), LLMGW_E_TIMEOUT);
        assert_timed_out(stream_error(), "no content within 1000 ms");
        assert_int_equal(now(), 1100);
        assert_string_equal(
            llmgw_response_text(llmgw_stream_response(sc.st), NULL), "Hi");
        scene_anew();
    }
}

static void stream_content_converted(void **state)
{
    (void)state;
    once();
    set("timeout.content_ms", "1000");
    expect();
    and_status(200, EVENTS);
    and_body(M_START M_TEXT_OPEN("0") M_TEXT("0", "Hi"));
    for (int n = 0; n < 20; n++) {
        and_wait(200);
        and_body(M_PING);
    }
    assert_int_equal(stream(ASK_CHAT("anthropic/claude-x")), 0);
    assert_int_equal(drain(), LLMGW_E_TIMEOUT);
    assert_timed_out(stream_error(), "no content within 1000 ms");
    assert_int_equal(now(), 1000);
}

static void stream_content_is_not_waited_for_in_whole_answers(void **state)
{
    (void)state;
    once();
    set("timeout.content_ms", "100");
    expect();
    and_status(200, JSON);
    and_wait(500);
    and_body(MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
}

static void stream_idle(void **state)
{
    (void)state;
    once();
    set("timeout.idle_ms", "300");
    expect();
    and_status(200, EVENTS);
    and_body(M_START);
    and_wait(299);
    and_body(M_PING);
    stall();
    open_stream();
    assert_int_equal(drain(), LLMGW_E_TIMEOUT);
    assert_timed_out(stream_error(), "no byte within 300 ms");
    assert_int_equal(now(), 599);
}

static void stream_total(void **state)
{
    (void)state;
    set("timeout.total_ms", "1000");
    expect();
    and_status(200, EVENTS);
    and_body(M_START M_TEXT_OPEN("0"));
    for (int i = 0; i < 20; i++) {
        and_wait(90);
        and_body(M_TEXT("0", "x"));
    }
    open_stream();
    assert_int_equal(drain(), LLMGW_E_TIMEOUT);
    assert_timed_out(stream_error(), "no end of the call within 1000 ms");
    assert_int_equal(now(), 1000);
    assert_string_equal(llmgw_response_text(llmgw_stream_response(sc.st), NULL),
                        "xxxxxxxxxxx");
}

/* A stream that came to nothing before its first event is tried again. */
static void stream_retried(void **state)
{
    (void)state;
    set("timeout.content_ms", "1000");
    set("retry.initial_ms", "1");
    expect();
    and_status(200, EVENTS);
    for (int i = 0; i < 20; i++) {
        and_wait(200);
        and_body(": wait\n");
    }
    script(200, EVENTS, MESSAGE_STREAM);
    open_stream();
    assert_int_equal(drain(), 0);
    assert_int_equal(requests(), 2);
    assert_int_equal(now(), 1001);
    assert_string_equal(llmgw_response_text(llmgw_stream_response(sc.st), NULL),
                        "It is");
}

/* ---- a slow reader ------------------------------------------------------ */

/* Time passes for this client while another call of it waits: what it has in
 * store then is not late. */
static void pass(int64_t ms)
{
    llmgw_options *o;
    llmgw_response *r = NULL;

    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "timeout.idle_ms", "0"), 0);
    expect();
    and_status(200, JSON);
    and_wait(ms);
    and_body(MESSAGE("Hi"));
    assert_int_equal(llmgw_call(client(), o, "messages", CLAUDE, NUL, &r, NULL),
                     0);
    llmgw_response_free(r);
    llmgw_options_free(o);
}

static void reader_is_away(void **state)
{
    (void)state;
    once();
    set("timeout.idle_ms", "300");
    set("timeout.content_ms", "300");
    expect();
    and_status(200, EVENTS);
    and_body(M_START M_TEXT_OPEN("0"));
    stall();
    open_stream();
    pass(5000); /* before the first event is asked for */
    assert_int_equal(next(), LLMGW_EVENT_START);
    pass(5000);
    assert_int_equal(next(), LLMGW_EVENT_OTHER);
    pass(5000);
    assert_int_equal(next(), LLMGW_E_TIMEOUT);
    assert_int_equal(now(), 15300);
}

static void reader_is_away_from_the_beginning(void **state)
{
    (void)state;
    once();
    set("timeout.idle_ms", "300");
    set("timeout.content_ms", "300");
    expect();
    and_status(200, EVENTS);
    stall();
    open_stream();
    pass(5000);
    assert_int_equal(next(), LLMGW_E_TIMEOUT);
    assert_int_equal(now(), 5300);
}

static void total_knows_no_absence(void **state)
{
    (void)state;
    once();
    set("timeout.total_ms", "1000");
    expect();
    and_status(200, EVENTS);
    and_body(M_START);
    stall();
    open_stream();
    assert_int_equal(next(), LLMGW_EVENT_START);
    pass(900);
    assert_int_equal(next(), LLMGW_E_TIMEOUT);
    assert_int_equal(now(), 1000);
}

/* More than an inbox holds: the transfer is held back and goes on; when it has
 * gone on its silence counts. */
static void goes_on_after_a_pause(void **state)
{
    enum {
        PIECE = 20000
    };
    static char big[PIECE + 1], frame[PIECE + 200];
    static const int pieces[] = {1, 3, 4, 5, 30};

    (void)state;
    memset(big, 'x', PIECE);
    (void)snprintf(frame, sizeof(frame), M_TEXT("0", "%s"), big);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        once();
        set("timeout.idle_ms", "1000");
        expect();
        and_status(200, EVENTS);
        and_body(M_START M_TEXT_OPEN("0"));
        for (int n = 0; n < pieces[i]; n++)
            and_body(frame);
        stall();
        open_stream();
        pass(10);
        assert_int_equal(drain(), LLMGW_E_TIMEOUT);
        assert_timed_out(stream_error(), "no byte within 1000 ms");
        assert_int_equal(now(), 1010);
        assert_int_equal(
            strlen(llmgw_response_text(llmgw_stream_response(sc.st), NULL)),
            pieces[i] * PIECE);
        scene_anew();
    }
}

/* ---- the transport's own ------------------------------------------------ */

/* TLS with somebody who says nothing. Safe to try again: nothing was sent. */
static void connect_timeout(void **state)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    char url[64];
    int64_t begun;

    (void)state;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%d", ntohs(a.sin_port));
    assert_int_equal(llmgw_options_set_transport(sc.o, NULL, NULL), 0);
    set("providers.anthropic.base_url", url);
    set("timeout.connect_ms", "100");
    set("retry.max", "1");
    set("retry.initial_ms", "1");
    set("retry.ambiguous", "false");
    begun = lg_sys_mono_ms();
    assert_int_equal(call(CLAUDE), LLMGW_E_TIMEOUT);
    assert_in_range(lg_sys_mono_ms() - begun, 199, 1500);
    assert_has(llmgw_error_message(sc.e), "connect");
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
    assert_has(llmgw_error_get(sc.e, "attempts"), "},{");
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(first_byte),
        SCENE(first_byte_in_time),
        SCENE(first_byte_of_each_attempt),
        SCENE(idle),
        SCENE(idle_after_the_head),
        SCENE(total),
        SCENE(total_covers_retries),
        SCENE(total_covers_backoff),
        SCENE(none),
        SCENE(defaults),
        SCENE(of_one_call),
        SCENE(stream_first_byte),
        SCENE(stream_content),
        SCENE(stream_content_converted),
        SCENE(stream_content_is_not_waited_for_in_whole_answers),
        SCENE(stream_idle),
        SCENE(stream_total),
        SCENE(stream_retried),
        SCENE(reader_is_away),
        SCENE(reader_is_away_from_the_beginning),
        SCENE(total_knows_no_absence),
        SCENE(goes_on_after_a_pause),
        SCENE(connect_timeout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
