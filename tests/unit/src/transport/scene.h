/* SPDX-License-Identifier: MIT
 *
 * The built-in transport, a server, and a request from the one to the other.
 */
#ifndef TESTS_UNIT_TRANSPORT_SCENE_H
#define TESTS_UNIT_TRANSPORT_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/base/sys.h"
#include "src/transport/curl.h"
#include "tests/support/exchange.h"
#include "tests/unit/src/transport/server.h"

#define OK(length)                                                           \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " length \
    "\r\n\r\n"
#define BODY     "{\"model\":\"m\"}"
#define FOR_EVER 10000 /* ms; nothing here takes so long */

static const llmgw_transport *const T = &lg_curl_transport;

struct scene {
    struct server server;
    void *curl;
    struct inflight f;
    const struct lg_mail *mail;
    char url[96];
};

static inline void *new_curl(void)
{
    const struct lg_curl_config config = {.keep_ms = 60000};
    void *self = NULL;

    assert_int_equal(lg_curl_new(&config, &self, NULL), LLMGW_OK);
    return self;
}

static inline void set(struct scene *s, const struct server_step *script)
{
    memset(s, 0, sizeof(*s));
    assert_int_equal(server_begin(&s->server, script), 0);
    s->curl = new_curl();
}

/* Make the request, anew if there was one. */
static inline void request(struct scene *s, const char *method,
                           const char *path, const char *body)
{
    if (s->mail)
        inflight_done(&s->f);
    (void)snprintf(s->url, sizeof(s->url), "%s%s", s->server.url, path);
    inflight_init(&s->f, method, s->url, body);
    s->f.header[0] = (struct lg_header){"Content-Type", "application/json",
                                        "Content-Type: application/json"};
    s->f.x.nheaders = 1;
    s->mail = inflight_look(&s->f);
}

static inline void start(struct scene *s)
{
    assert_int_equal(T->start(s->curl, &s->f.x), LLMGW_OK);
}

static inline void pump(struct scene *s, int64_t ms)
{
    assert_int_equal(T->pump(s->curl, ms), LLMGW_OK);
    s->mail = inflight_look(&s->f);
    /* What it held back by itself goes on, now that all was taken. */
    if (!s->mail->done && atomic_exchange(&s->f.x.paused, 0))
        assert_int_equal(T->pause(s->curl, &s->f.x, 0), LLMGW_OK);
}

/* Until it is done. */
static inline int run(struct scene *s)
{
    const int64_t end = lg_sys_mono_ms() + FOR_EVER;

    while (!s->mail->done && lg_sys_mono_ms() < end)
        pump(s, 100);
    assert_true(s->mail->done);
    return s->mail->code;
}

static inline int ask(struct scene *s, const char *method, const char *path,
                      const char *body)
{
    request(s, method, path, body);
    start(s);
    return run(s);
}

static inline void end(struct scene *s)
{
    T->free(s->curl);
    assert_int_equal(server_join(&s->server), 0);
    if (s->mail)
        inflight_done(&s->f);
}

static inline void assert_got(struct scene *s, int status, const char *body)
{
    assert_int_equal(s->mail->code, LLMGW_OK);
    assert_int_equal(s->mail->status, status);
    assert_true(s->mail->headers_done);
    assert_int_equal(s->f.got.n, strlen(body));
    if (*body)
        assert_string_equal(s->f.got.p, body);
}

#endif
