/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr, usleep */
#include "src/transport/curl.h"

#include "tests/unit/src/transport/scene.h"

#include <errno.h>
#include <fcntl.h>

/* Pump until the server has done `steps` steps and nothing more comes. */
static void pump_past(struct scene *s, int steps)
{
    const int64_t limit = lg_sys_mono_ms() + FOR_EVER;

    while (atomic_load(&s->server.at) < steps && lg_sys_mono_ms() < limit)
        pump(s, 5);
    for (int i = 0; i < 5; i++)
        pump(s, 5);
}

/* ---- stopping ---------------------------------------------------------- */

static const struct server_step half_then_new[] = {
    {SERVER_ACCEPT, NULL, 0},
    {SERVER_READ, NULL, 0},
    {SERVER_SEND, "HTTP/1.1 200 OK\r\nX-Some: header\r\n", 0},
    {SERVER_SEND, "Content-Length: 9\r\n\r\n", 0},
    {SERVER_SEND, "half", 0},
    {SERVER_AWAIT, NULL, 0},
    {SERVER_ACCEPT, NULL, 0},
    {SERVER_READ, NULL, 0},
    {SERVER_SEND, OK("3") "new", 0},
    {0}};
#define HALF 5 /* steps */

/* After so many of the server's steps; 0: before it heard of us. */
static void cancel_after(int steps, int paused)
{
    struct scene s;

    set(&s, steps ? half_then_new : half_then_new + HALF + 1);
    atomic_store(&s.server.until, steps);
    request(&s, "POST", "/", BODY);
    s.f.x.stream = 1;
    start(&s);
    if (steps)
        pump_past(&s, steps);
    if (paused)
        assert_int_equal(T->pause(s.curl, &s.f.x, 1), LLMGW_OK);
    T->cancel(s.curl, &s.f.x);
    assert_null(llmgw_exchange_user(&s.f.x));
    T->cancel(s.curl, &s.f.x); /* nothing is left to do */
    assert_int_equal(T->pause(s.curl, &s.f.x, 0), LLMGW_OK);
    pump(&s, 0);
    assert_int_equal(s.mail->done, 0);
    assert_int_equal(s.mail->status, steps > 2 ? 200 : 0);
    assert_int_equal(s.mail->headers_done, steps > 3);
    assert_int_equal(s.mail->sent, steps > 0);
    atomic_store(&s.server.until, 0);
    server_go(&s.server);
    (void)ask(&s, "POST", "/again", BODY);
    assert_got(&s, 200, "new");
    end(&s);
    assert_int_equal(s.server.accepted, steps ? 2 : 1);
    server_end(&s.server);
}

static void cancels_at_any_stage(void **state)
{
    (void)state;
    for (int steps = 0; steps <= HALF; steps++)
        cancel_after(steps, 0);
    cancel_after(HALF, 1);
}

/* Of many, some that wait behind others and one that is already over. */
static void cancels_among_others(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("3") "one", 0},
                                                {0}};
    const struct lg_curl_config config = {.keep_ms = 60000,
                                          .max_connections = 1};
    struct inflight others[3];
    struct scene s;

    (void)state;
    set(&s, script);
    T->free(s.curl);
    assert_int_equal(lg_curl_new(&config, &s.curl, NULL), LLMGW_OK);
    request(&s, "POST", "/", BODY);
    start(&s);
    for (size_t i = 0; i < LG_COUNT(others); i++) {
        inflight_init(&others[i], "POST", s.url, BODY);
        assert_int_equal(T->start(s.curl, &others[i].x), LLMGW_OK);
    }
    pump(&s, 0);
    T->cancel(s.curl, &others[1].x);
    T->cancel(s.curl, &others[0].x);
    T->cancel(s.curl, &others[2].x);
    assert_int_equal(run(&s), LLMGW_OK);
    assert_got(&s, 200, "one");
    T->cancel(s.curl, &s.f.x);
    for (size_t i = 0; i < LG_COUNT(others); i++) {
        assert_int_equal(inflight_look(&others[i])->done, 0);
        inflight_done(&others[i]);
    }
    end(&s);
    server_end(&s.server);
}

/* on_*() say stop: the transfer ends there, and says so. */
static void stops_when_told(void **state)
{
    (void)state;
    for (int steps = 2; steps < HALF; steps++) {
        struct scene s;

        set(&s, half_then_new);
        atomic_store(&s.server.until, steps);
        request(&s, "POST", "/", BODY);
        start(&s);
        pump_past(&s, steps);
        atomic_store(&s.f.x.cancelled, 1);
        atomic_store(&s.server.until, 0);
        assert_int_equal(run(&s), LLMGW_E_CANCELLED);
        assert_null(llmgw_exchange_user(&s.f.x));
        server_go(&s.server);
        (void)ask(&s, "POST", "/again", BODY);
        assert_got(&s, 200, "new");
        end(&s);
        server_end(&s.server);
    }
}

/* ---- holding back ------------------------------------------------------ */

#define PIECE \
    "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrs"

static void holds_back(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("6500000"), 0},
                                                {SERVER_SEND, PIECE, 100000},
                                                {0}};
    struct scene s;
    size_t before, pauses = 0;

    (void)state;
    set(&s, script);
    request(&s, "POST", "/", BODY);
    s.f.x.stream = 1;
    start(&s);
    while (!s.mail->done) {
        pump(&s, 100);
        if (s.mail->done || s.f.got.n <= pauses * 1000000)
            continue;
        pauses++;
        assert_int_equal(T->pause(s.curl, &s.f.x, 1), LLMGW_OK);
        s.mail = inflight_look(&s.f); /* what came until then */
        before = s.f.got.n;
        for (int i = 0; i < 10; i++)
            assert_int_equal(T->pump(s.curl, 2), LLMGW_OK);
        s.mail = inflight_look(&s.f);
        assert_int_equal(s.f.got.n, before);
        atomic_store(&s.f.x.paused, 0);
        assert_int_equal(T->pause(s.curl, &s.f.x, 0), LLMGW_OK);
    }
    assert_int_equal(s.mail->code, LLMGW_OK);
    assert_true(pauses >= 6);
    assert_int_equal(s.f.got.n, 6500000);
    for (size_t i = 0; i < s.f.got.n; i += strlen(PIECE))
        assert_memory_equal(s.f.got.p + i, PIECE, strlen(PIECE));
    end(&s);
    server_end(&s.server);
}

/* While it is held back, its time goes on. */
static void times_out_held_back(void **state)
{
    struct scene s;

    (void)state;
    set(&s, half_then_new);
    request(&s, "POST", "/", BODY);
    s.f.x.total_ms = 150;
    start(&s);
    pump_past(&s, HALF);
    assert_int_equal(T->pause(s.curl, &s.f.x, 1), LLMGW_OK);
    assert_int_equal(run(&s), LLMGW_E_TIMEOUT);
    assert_string_equal(s.f.got.p, "half");
    server_go(&s.server);
    (void)ask(&s, "POST", "/again", BODY);
    end(&s);
    server_end(&s.server);
}

/* ---- bodies that do not fit in a piece --------------------------------- */

static void sends_large_bodies(void **state)
{
    static const size_t sizes[] = {65535, 65536, 3000000};
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("0"), 0},
                                                {0}};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(sizes); i++) {
        char *body = malloc(sizes[i] + 1);
        struct scene s;

        for (size_t k = 0; k < sizes[i]; k++)
            body[k] = (char)('a' + k % 23);
        body[sizes[i]] = '\0';
        set(&s, script);
        assert_int_equal(ask(&s, "POST", "/", body), LLMGW_OK);
        assert_int_equal(s.mail->body_read, 1);
        end(&s);
        assert_string_equal(strstr(s.server.seen, "\r\n\r\n") + 4, body);
        server_end(&s.server);
        free(body);
    }
}

static void give(struct scene *s, const char *text, int end)
{
    lg_mutex_lock(&s->f.box.lock);
    (void)lg_buf_add(&s->f.x.outbox, text, strlen(text));
    s->f.x.outbox_end = end;
    lg_mutex_unlock(&s->f.box.lock);
    assert_int_equal(T->pause(s->curl, &s->f.x, 0), LLMGW_OK);
}

static void sends_a_body_as_it_comes(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {SERVER_SEND, OK("2") "ok", 0},
                                                {0}};
    struct scene s;

    (void)state;
    set(&s, script);
    request(&s, "POST", "/", "");
    s.f.x.has_source = 1;
    s.f.x.nslices = 0;
    s.f.x.body_len = -1;
    start(&s);
    pump_past(&s, 1);
    assert_int_equal(s.f.x.outbox_hungry, 1);
    give(&s, "first ", 0);
    pump_past(&s, 1);
    /* with its receiving held back it waits all the same */
    assert_int_equal(T->pause(s.curl, &s.f.x, 1), LLMGW_OK);
    pump_past(&s, 1);
    give(&s, "second", 0);
    pump_past(&s, 1);
    assert_int_equal(s.mail->done, 0);
    give(&s, "", 1);
    assert_int_equal(run(&s), LLMGW_OK);
    assert_got(&s, 200, "ok");
    end(&s);
    assert_non_null(
        strcasestr(s.server.seen, "\r\ntransfer-encoding: chunked\r\n"));
    assert_string_equal(strstr(s.server.seen, "\r\n\r\n") + 4,
                        "6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n");
    server_end(&s.server);
}

/* Reading it failed: the request must not look complete. */
static void breaks_off_a_body(void **state)
{
    static const struct server_step script[] = {{SERVER_ACCEPT, NULL, 0},
                                                {SERVER_AWAIT, NULL, 0},
                                                {SERVER_READ, NULL, 0},
                                                {0}};
    struct scene s;

    (void)state;
    set(&s, script);
    request(&s, "POST", "/", "");
    s.f.x.has_source = 1;
    s.f.x.nslices = 0;
    s.f.x.body_len = -1;
    start(&s);
    pump_past(&s, 1);
    give(&s, "first", 0);
    pump_past(&s, 1);
    give(&s, "", LLMGW_E_CALLBACK);
    assert_int_equal(run(&s), LLMGW_E_CALLBACK);
    server_go(&s.server);
    T->free(s.curl);
    assert_int_equal(server_join(&s.server), 3);
    assert_null(strstr(s.server.seen, "\r\n0\r\n"));
    inflight_done(&s.f);
    server_end(&s.server);
}

/* ---- waking and waiting ------------------------------------------------ */

static void *wake_soon(void *self)
{
    (void)usleep(30000);
    T->wake(self);
    return NULL;
}

static void wakes_a_waiting_pump(void **state)
{
    void *self = new_curl();
    const int64_t begun = lg_sys_mono_ms();
    pthread_t thread;

    (void)state;
    assert_int_equal(T->pump(self, 40), LLMGW_OK);
    assert_true(lg_sys_mono_ms() - begun >= 39);
    assert_int_equal(pthread_create(&thread, NULL, wake_soon, self), 0);
    assert_int_equal(T->pump(self, -1), LLMGW_OK);
    (void)pthread_join(thread, NULL);
    T->wake(self);
    T->wake(self); /* one pump takes all */
    assert_int_equal(T->pump(self, FOR_EVER), LLMGW_OK);
    assert_int_equal(T->pump(self, 20), LLMGW_OK);
    assert_true(lg_sys_mono_ms() - begun < FOR_EVER);
    T->free(self);
}

/* A handle more than the pool and epoll's batch hold, all at once. */
static void serves_many(void **state)
{
    enum {
        MANY = 150
    };
    static struct server_step script[4 * MANY + 1];
    static struct inflight f[MANY];
    struct scene s;
    int done = 0;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        script[4 * i] = (struct server_step){SERVER_ACCEPT, NULL, 0};
        script[4 * i + 1] = (struct server_step){SERVER_READ, NULL, 0};
        script[4 * i + 2] = (struct server_step){
            SERVER_SEND, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbye", 0};
        script[4 * i + 3] = (struct server_step){SERVER_CLOSE, NULL, 0};
    }
    set(&s, script);
    for (int i = 0; i < MANY; i++) {
        inflight_init(&f[i], "POST", s.server.url, BODY);
        assert_int_equal(T->start(s.curl, &f[i].x), LLMGW_OK);
    }
    for (const int64_t limit = lg_sys_mono_ms() + FOR_EVER;
         done < MANY && lg_sys_mono_ms() < limit;) {
        assert_int_equal(T->pump(s.curl, 100), LLMGW_OK);
        done = 0;
        for (int i = 0; i < MANY; i++)
            done += inflight_look(&f[i])->done;
    }
    assert_int_equal(done, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(inflight_look(&f[i])->code, LLMGW_OK);
        assert_string_equal(f[i].got.p, "bye");
        inflight_done(&f[i]);
    }
    end(&s);
    server_end(&s.server);
}

/* No descriptor of ours survives an exec; those of libcurl's own are pairs
 * that lead nowhere. */
static void leaks_no_connection_to_children(void **state)
{
    struct scene s;
    int sockets = 0;

    (void)state;
    set(&s, half_then_new);
    request(&s, "POST", "/", BODY);
    start(&s);
    pump_past(&s, HALF);
    for (int fd = 3; fd < 64; fd++) {
        struct sockaddr_in peer;
        socklen_t n = sizeof(peer);

        if (getpeername(fd, (struct sockaddr *)&peer, &n) ||
            peer.sin_family != AF_INET || ntohs(peer.sin_port) != s.server.port)
            continue;
        sockets++;
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    assert_int_equal(sockets, 1);
    T->cancel(s.curl, &s.f.x);
    server_go(&s.server);
    (void)ask(&s, "POST", "/", BODY);
    end(&s);
    server_end(&s.server);
}

/* ---- the host's loop --------------------------------------------------- */

struct host {
    struct pollfd fds[16];
    nfds_t n;
    int64_t due; /* -1: none */
    int refuse;  /* fail so many calls */
};

static int host_watch(void *user, intptr_t fd, int want)
{
    struct host *h = user;
    nfds_t i = 0;

    if (h->refuse && h->refuse--)
        return -1;
    while (i < h->n && h->fds[i].fd != fd)
        i++;
    if (!want) {
        if (i < h->n)
            h->fds[i] = h->fds[--h->n];
        return 0;
    }
    if (i == h->n)
        h->n++;
    h->fds[i].fd = (int)fd;
    h->fds[i].events = (short)((want & LLMGW_READ ? POLLIN : 0) |
                               (want & LLMGW_WRITE ? POLLOUT : 0));
    return 0;
}

static int host_timer(void *user, int64_t ms)
{
    struct host *h = user;

    if (h->refuse && h->refuse--)
        return -1;
    h->due = ms < 0 ? -1 : lg_sys_mono_ms() + ms;
    return 0;
}

/* One round; the first failure of ready(). */
static int host_round(struct host *h, void *self)
{
    int64_t wait = h->due < 0 ? 100 : h->due - lg_sys_mono_ms();
    struct pollfd ready[16];
    const nfds_t n = h->n;
    int err = 0;

    if (poll(h->fds, h->n, wait < 0 ? 0 : wait > 100 ? 100 : (int)wait) > 0) {
        memcpy(ready, h->fds, sizeof(ready));
        for (nfds_t i = 0; i < n && !err; i++)
            if (ready[i].revents)
                err = T->ready(
                    self, ready[i].fd,
                    (ready[i].revents & POLLIN ? LLMGW_READ : 0) |
                        (ready[i].revents & POLLOUT ? LLMGW_WRITE : 0));
    }
    if (!err && h->due >= 0 && lg_sys_mono_ms() >= h->due) {
        h->due = -1;
        err = T->ready(self, -1, 0);
    }
    return err;
}

static void host_run(struct host *h, struct scene *s)
{
    const int64_t limit = lg_sys_mono_ms() + FOR_EVER;

    while (!s->mail->done && lg_sys_mono_ms() < limit) {
        assert_int_equal(host_round(h, s->curl), LLMGW_OK);
        s->mail = inflight_look(&s->f);
    }
}

static void serves_a_hosts_loop(void **state)
{
    static const struct server_step script[] = {
        {SERVER_ACCEPT, NULL, 0},          {SERVER_READ, NULL, 0},
        {SERVER_PIECES, OK("3") "one", 1}, {SERVER_READ, NULL, 0},
        {SERVER_SEND, OK("3") "two", 0},   {SERVER_READ, NULL, 0},
        {SERVER_AWAIT, NULL, 0},           {0}};
    struct host h = {.due = -1};
    struct scene s;

    (void)state;
    set(&s, script);
    assert_int_equal(T->attach(s.curl, host_watch, host_timer, &h), LLMGW_OK);
    assert_int_equal(h.n, 1); /* what wakes it */
    request(&s, "POST", "/", BODY);
    start(&s);
    assert_true(h.due >= 0);
    host_run(&h, &s);
    assert_got(&s, 200, "one");
    request(&s, "POST", "/", BODY);
    start(&s);
    host_run(&h, &s);
    assert_got(&s, 200, "two");

    T->wake(s.curl);
    assert_int_equal(poll(h.fds, h.n, 1000), 1);
    assert_int_equal(host_round(&h, s.curl), LLMGW_OK);
    assert_int_equal(poll(h.fds, 1, 0), 0);

    request(&s, "POST", "/", BODY);
    s.f.x.total_ms = 50;
    start(&s);
    host_run(&h, &s);
    assert_int_equal(s.mail->code, LLMGW_E_TIMEOUT);
    server_go(&s.server);
    end(&s);
    assert_int_equal(h.n, 0); /* all forgotten */
    assert_int_equal(s.server.accepted, 1);
    server_end(&s.server);
}

static void tells_of_a_host_that_fails(void **state)
{
    struct host h = {.due = -1, .refuse = 1};
    struct scene s = {0};

    (void)state;
    s.curl = new_curl();
    (void)snprintf(s.server.url, sizeof(s.server.url), "http://127.0.0.1:1");
    assert_int_equal(T->attach(s.curl, NULL, host_timer, &h), LLMGW_E_INVALID);
    assert_int_equal(T->attach(s.curl, host_watch, host_timer, &h),
                     LLMGW_E_CALLBACK);
    assert_int_equal(T->attach(s.curl, host_watch, host_timer, &h), LLMGW_OK);
    assert_int_equal(T->attach(s.curl, host_watch, host_timer, &h),
                     LLMGW_E_INVALID);
    request(&s, "POST", "/", BODY);
    h.refuse = 1;
    assert_int_equal(T->start(s.curl, &s.f.x), LLMGW_E_CALLBACK);
    assert_null(llmgw_exchange_user(&s.f.x));
    start(&s);
    h.refuse = 1;
    assert_int_equal(T->ready(s.curl, -1, 0), LLMGW_E_CALLBACK);
    host_run(&h, &s);
    assert_int_equal(s.mail->code, LLMGW_E_CONNECT);
    T->free(s.curl);
    inflight_done(&s.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancels_at_any_stage),
        cmocka_unit_test(cancels_among_others),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(holds_back),
        cmocka_unit_test(times_out_held_back),
        cmocka_unit_test(sends_large_bodies),
        cmocka_unit_test(sends_a_body_as_it_comes),
        cmocka_unit_test(breaks_off_a_body),
        cmocka_unit_test(wakes_a_waiting_pump),
        cmocka_unit_test(serves_many),
        cmocka_unit_test(leaks_no_connection_to_children),
        cmocka_unit_test(serves_a_hosts_loop),
        cmocka_unit_test(tells_of_a_host_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
