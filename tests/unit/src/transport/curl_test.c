/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr, usleep */
#include "src/transport/curl.h"

#include "tests/unit/src/transport/scene.h"

/* ---- answers ----------------------------------------------------------- */

static void gives_whole_answer(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND,
         "HTTP/1.1 201 Made\r\nContent-Type: text/plain\r\n"
         "X-Padded:  \t a b \t\r\nX-Empty:\r\nX-Folded: one\r\n two\r\n"
         "Content-Length: 5\r\n\r\nhello",
         0},
        {0}};
    struct scene s;
    char want[512];

    (void)state;
    set(&s, script);
    assert_int_equal(ask(&s, "POST", "/v1/messages?beta=true", BODY), LLMGW_OK);
    assert_got(&s, 201, "hello");
    assert_string_equal(lg_exchange_answer_header(&s.f.x, "content-type"),
                        "text/plain");
    assert_string_equal(lg_exchange_answer_header(&s.f.x, "x-padded"), "a b");
    assert_string_equal(lg_exchange_answer_header(&s.f.x, "x-empty"), "");
    assert_null(lg_exchange_answer_header(&s.f.x, "x-none"));
    assert_string_equal(s.f.x.detail, "");
    assert_int_equal(s.mail->sent, 1);
    assert_int_equal(s.mail->body_read, 1);
    end(&s);
    (void)snprintf(want, sizeof(want),
                   "POST /v1/messages?beta=true HTTP/1.1\r\n"
                   "Host: 127.0.0.1:%d\r\nAccept: */*\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   s.server.port, strlen(BODY), BODY);
    assert_string_equal(s.server.seen, want);
    server_end(&s.server);
}

static void takes_chunks_apart(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_PIECES,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Trailer: late\r\n\r\n",
         1},
        {0}};
    struct scene s;

    (void)state;
    set(&s, script);
    request(&s, "POST", "/", BODY);
    s.f.x.stream = 1;
    start(&s);
    assert_int_equal(run(&s), LLMGW_OK);
    assert_got(&s, 200, "abcdefg");
    assert_null(lg_exchange_answer_header(&s.f.x, "x-trailer"));
    assert_true(s.f.pieces > 2);
    end(&s);
    server_end(&s.server);
}

/* Neither an interim answer nor its headers are told, and a redirect is an
 * answer like another. */
static void skips_interim_and_follows_nothing(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND,
         "HTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
         "HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\n"
         "Content-Length: 2\r\n\r\ngo",
         0},
        {0}};
    struct scene s;

    (void)state;
    set(&s, script);
    (void)ask(&s, "POST", "/here", BODY);
    assert_got(&s, 307, "go");
    assert_null(lg_exchange_answer_header(&s.f.x, "link"));
    assert_string_equal(lg_exchange_answer_header(&s.f.x, "location"),
                        "/there");
    end(&s);
    assert_null(strstr(s.server.seen, "/there"));
    server_end(&s.server);
}

static void speaks_every_method(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("2") "hi", 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("2") "hi", 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("2"), 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, "HTTP/1.1 204 Gone\r\n\r\n", 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("2") "hi", 0},
        {0}};
    static const struct {
        const char *method, *body;
        int status;
    } cases[] = {{"GET", "", 200},
                 {"PUT", "{}", 200},
                 {"HEAD", "", 200},
                 {"DELETE", "", 204},
                 {"POST", "", 200}};
    struct scene s;
    char *seen;

    (void)state;
    set(&s, script);
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        (void)ask(&s, cases[i].method, "/p", cases[i].body);
        assert_int_equal(s.mail->code, LLMGW_OK);
        assert_int_equal(s.mail->status, cases[i].status);
    }
    end(&s);
    assert_int_equal(s.server.accepted, 1);
    seen = s.server.seen;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        const size_t n = strlen(cases[i].method);
        char *blank = strstr(seen, "\r\n\r\n");

        assert_memory_equal(seen, cases[i].method, n);
        assert_memory_equal(seen + n, " /p HTTP/1.1\r\n", 14);
        *blank = '\0';
        if (*cases[i].body || !strcmp(cases[i].method, "POST"))
            assert_non_null(strstr(seen, "Content-Length: "));
        else
            assert_null(strstr(seen, "Content-Length"));
        seen = blank + 4 + strlen(cases[i].body);
    }
    server_end(&s.server);
}

/* More headers than a transfer has room for, empty ones, and no type. */
static void sends_all_headers(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("0"), 0},
                                                {0}};
    struct lg_header header[40];
    char names[40][8], lines[40][16];
    struct scene s;

    (void)state;
    set(&s, script);
    request(&s, "POST", "/", BODY);
    for (int i = 0; i < 40; i++) {
        const char *value = i % 20 == 7 ? "" : "v";

        (void)snprintf(names[i], sizeof(names[i]), "x-%d", i);
        (void)snprintf(lines[i], sizeof(lines[i]), "x-%d: %s", i, value);
        header[i] = (struct lg_header){names[i], value, lines[i]};
    }
    s.f.x.header = header;
    s.f.x.nheaders = 40;
    start(&s);
    assert_int_equal(run(&s), LLMGW_OK);
    end(&s);
    for (int i = 0; i < 40; i++) {
        char want[24];

        (void)snprintf(want, sizeof(want), "\r\nx-%d:%s\r\n", i,
                       i % 20 == 7 ? "" : " v");
        assert_non_null(strstr(s.server.seen, want));
    }
    assert_null(strcasestr(s.server.seen, "expect"));
    assert_null(strcasestr(s.server.seen, "content-type"));
    server_end(&s.server);
}

/* ---- failures ---------------------------------------------------------- */

/* One request, answered by `reply` and the end of the connection. */
static void assert_fails(const char *reply, enum server_op how, int code,
                         const char *detail)
{
    struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0}, {SERVER_READ, NULL, 0},
        {SERVER_SEND, reply, 0},  {SERVER_NAP, NULL, 20},
        {how, NULL, 0},           {0}};
    struct scene s;

    set(&s, script);
    assert_int_equal(ask(&s, "POST", "/", BODY), code);
    assert_int_equal(s.mail->sent, 1);
    if (!strstr(s.f.x.detail, detail))
        assert_string_equal(s.f.x.detail, detail);
    end(&s);
    server_end(&s.server);
}

static void tells_failures_apart(void **state)
{
    (void)state;
    assert_fails("", SERVER_RESET, LLMGW_E_CONNECT, "reset");
    assert_fails("", SERVER_CLOSE, LLMGW_E_CONNECT, "Empty reply");
    assert_fails("HTTP/1.1 103 Hints\r\n\r\n", SERVER_RESET, LLMGW_E_CONNECT,
                 "reset");
    assert_fails(OK("9") "half", SERVER_RESET, LLMGW_E_TRUNCATED, "reset");
    assert_fails(OK("9") "half", SERVER_CLOSE, LLMGW_E_TRUNCATED, "remaining");
    assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "9\r\nhalf",
                 SERVER_CLOSE, LLMGW_E_TRUNCATED, "");
    assert_fails("HTTP/1.1 200 OK\r\nX: y\r\n", SERVER_CLOSE, LLMGW_E_TRUNCATED,
                 "");
    assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "zz\r\nhalf",
                 SERVER_CLOSE, LLMGW_E_PROTOCOL, "chunk");
    assert_fails("<html>not even HTTP</html>\n", SERVER_CLOSE, LLMGW_E_PROTOCOL,
                 "HTTP/0.9");
    assert_fails("HTTP/1.1 101 Now what\r\nUpgrade: x\r\n\r\nbytes",
                 SERVER_CLOSE, LLMGW_E_PROTOCOL, "");
    assert_fails("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", SERVER_CLOSE,
                 LLMGW_E_PROTOCOL, "");
}

static void bounds_headers(void **state)
{
    static const size_t sizes[] = {70000, 200000};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(sizes); i++) {
        char *reply = malloc(sizes[i] + 64);
        const size_t n =
            (size_t)snprintf(reply, 64, "HTTP/1.1 200 OK\r\nX-Long: ");

        memset(reply + n, 'a', sizes[i]);
        memcpy(reply + n + sizes[i], "\r\n\r\n", 5);
        assert_fails(reply, SERVER_CLOSE, LLMGW_E_LIMIT, "");
        free(reply);
    }
}

static void tells_that_nothing_was_sent(void **state)
{
    struct scene s = {0};
    int port = 0;
    const int fd = server_listen(&port);

    (void)state;
    (void)close(fd); /* refused from here on */
    s.curl = new_curl();
    (void)snprintf(s.server.url, sizeof(s.server.url), "http://127.0.0.1:%d",
                   port);
    assert_int_equal(ask(&s, "POST", "/", BODY), LLMGW_E_CONNECT);
    assert_int_equal(s.mail->sent, 0);
    assert_non_null(strstr(s.f.x.detail, "127.0.0.1"));

    (void)snprintf(s.server.url, sizeof(s.server.url),
                   "http://no-such-host.invalid");
    assert_int_equal(ask(&s, "POST", "/", BODY), LLMGW_E_CONNECT);
    assert_int_equal(s.mail->sent, 0);

    request(&s, "POST", "/", BODY);
    s.f.x.url = "file:///etc/hostname";
    assert_int_equal(T->start(s.curl, &s.f.x), LLMGW_E_OPTION);
    T->free(s.curl);
    inflight_done(&s.f);
}

static void keeps_time(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0}, {SERVER_AWAIT, NULL, 0}, {0}};
    struct scene s;

    (void)state;
    set(&s, script); /* it answers nothing: a handshake takes for ever */
    (void)snprintf(s.server.url, sizeof(s.server.url), "https://127.0.0.1:%d",
                   s.server.port);
    request(&s, "POST", "/", BODY);
    s.f.x.connect_ms = 50;
    start(&s);
    assert_int_equal(run(&s), LLMGW_E_TIMEOUT);
    assert_memory_equal(s.f.x.detail, "connect", 7);
    server_go(&s.server);
    end(&s);
    server_end(&s.server);

    set(&s, script);
    request(&s, "POST", "/", BODY);
    s.f.x.connect_ms = 5000;
    s.f.x.total_ms = 50;
    start(&s);
    assert_int_equal(run(&s), LLMGW_E_TIMEOUT);
    assert_null(strcasestr(s.f.x.detail, "connect"));
    assert_int_equal(s.mail->sent, 1);
    server_go(&s.server);
    end(&s);
    server_end(&s.server);
}

/* What the environment says of proxies is nothing to us. */
static void ignores_proxies_of_the_environment(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("0"), 0},
                                                {0}};
    static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    struct scene s;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(names); i++)
        (void)setenv(names[i], "http://127.0.0.1:1", 1);
    set(&s, script);
    assert_int_equal(ask(&s, "POST", "/", BODY), LLMGW_OK);
    end(&s);
    for (size_t i = 0; i < LG_COUNT(names); i++)
        (void)unsetenv(names[i]);
    assert_memory_equal(s.server.seen, "POST / ", 7);
    server_end(&s.server);
}

/* ---- kept connections -------------------------------------------------- */

static void keeps_connections(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},      {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "1", 0}, {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "2", 0}, {0}};
    struct scene s;

    (void)state;
    set(&s, script);
    (void)ask(&s, "POST", "/one", BODY);
    assert_got(&s, 200, "1");
    (void)ask(&s, "POST", "/two", BODY);
    assert_got(&s, 200, "2");
    end(&s);
    assert_int_equal(s.server.accepted, 1);
    server_end(&s.server);
}

/* The kept connection is closed: seen before it is used, or only by the
 * request that was sent on it, or was still being sent. Then it is sent again,
 * whole and where it was meant to go. */
static void survives_dead_connections(void **state)
{
    static const struct server_step seen_dead[] = {
        {SERVER_ACCEPT, NULL, 0},      {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "1", 0}, {SERVER_CLOSE, NULL, 0},
        {SERVER_ACCEPT, NULL, 0},      {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "2", 0}, {0}};
    static const struct server_step found_dead[] = {
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "1", 0},
        {SERVER_READ, NULL, 100},
        {SERVER_RESET, NULL, 0},
        {SERVER_ACCEPT, NULL, 0},
        {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("1") "2", 0},
        {0}};
    enum {
        SMALL = 2,
        ALL = 40
    }; /* the rest with a large body */
    static char large[400001];

    (void)state;
    for (size_t i = 0; i < ALL; i++) {
        const char *body = i < SMALL ? BODY : large;
        struct scene s;
        char *second;

        memset(large, 'x', sizeof(large) - 1 - i * 9000);
        large[sizeof(large) - 1 - i * 9000] = '\0';
        set(&s, i ? found_dead : seen_dead);
        (void)ask(&s, "POST", "/one", BODY);
        assert_got(&s, 200, "1");
        if (i == 0)
            (void)usleep(20000);
        (void)ask(&s, "POST", "/two", body);
        assert_got(&s, 200, "2");
        end(&s);
        assert_int_equal(s.server.accepted, 2);
        assert_memory_equal(s.server.seen, "POST /one ", 10);
        second = strstr(s.server.seen + 10, "POST ");
        assert_memory_equal(second, "POST /two ", 10);
        if (i) {
            second = strstr(second + 10, "POST ");
            assert_memory_equal(second, "POST /two ", 10);
        }
        assert_string_equal(strstr(second, "\r\n\r\n") + 4, body);
        server_end(&s.server);
    }
}

/* Nobody knows where such an answer ends; who read it otherwise could put a
 * second one behind it. */
static void drops_connections_with_doubtful_framing(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        "Content-Length: 1\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
        "content-length: 1\r\n\r\nx"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(answers); i++) {
        const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                             {SERVER_READ, NULL, 0},
                                             {SERVER_SEND, answers[i], 0},
                                             {SERVER_ACCEPT, NULL, 0},
                                             {SERVER_READ, NULL, 0},
                                             {SERVER_SEND, OK("1") "y", 0},
                                             {SERVER_READ, NULL, 0},
                                             {SERVER_SEND, OK("1") "z", 0},
                                             {0}};
        struct scene s;

        set(&s, script);
        (void)ask(&s, "POST", "/one", BODY);
        assert_got(&s, 200, "x");
        (void)ask(&s, "POST", "/two", BODY);
        assert_got(&s, 200, "y");
        (void)ask(&s, "POST", "/three", BODY); /* kept again */
        assert_got(&s, 200, "z");
        end(&s);
        assert_int_equal(s.server.accepted, 2);
        server_end(&s.server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_whole_answer),
        cmocka_unit_test(takes_chunks_apart),
        cmocka_unit_test(skips_interim_and_follows_nothing),
        cmocka_unit_test(speaks_every_method),
        cmocka_unit_test(sends_all_headers),
        cmocka_unit_test(tells_failures_apart),
        cmocka_unit_test(bounds_headers),
        cmocka_unit_test(tells_that_nothing_was_sent),
        cmocka_unit_test(keeps_time),
        cmocka_unit_test(ignores_proxies_of_the_environment),
        cmocka_unit_test(keeps_connections),
        cmocka_unit_test(survives_dead_connections),
        cmocka_unit_test(drops_connections_with_doubtful_framing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
