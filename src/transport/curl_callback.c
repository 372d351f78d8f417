/* SPDX-License-Identifier: MIT
 *
 * Between libcurl and an exchange: what libcurl calls during a transfer. */
#include "src/transport/curl_parts.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"

/* ---- what comes back --------------------------------------------------- */

/* Remember why a callback must fail; what it then returns. */
static size_t stop(struct lg_curl_transfer *t, int why)
{
    if (!t->stopped)
        t->stopped = why;
    return 0;
}

static int read_status(const char *line, size_t n)
{
    const char *sp = memchr(line, ' ', n);
    int v = 0;

    if (!sp || (size_t)(line + n - sp) < 4)
        return -1;
    for (int i = 1; i <= 3; i++) {
        if (sp[i] < '0' || sp[i] > '9')
            return -1;
        v = v * 10 + (sp[i] - '0');
    }
    return v;
}

/* The beginnings and ends of two answers disagree where a length is told
 * twice, or told and chunked: what follows on this connection is anyone's. */
static void distrust_framing(struct lg_curl_transfer *t, struct lg_str name,
                             struct lg_str value)
{
    int64_t length;

    if ((*name.p | 32) != 't' && (*name.p | 32) != 'c') /* as most do */
        return;
    if (lg_str_same_nocase(name, LG_STR("transfer-encoding"))) {
        t->chunked = 1;
    } else if (lg_str_same_nocase(name, LG_STR("content-length")) &&
               !lg_str_int(value, &length)) {
        if (t->length >= 0 && t->length != length)
            t->chunked = 1;
        t->length = length;
    }
    if (t->chunked && t->length >= 0 && !t->forbid)
        t->forbid = !curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
}

static int tell_header(struct lg_curl_transfer *t, struct lg_str line)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct lg_str name, value;

    if (!colon || colon == line.p)
        return LLMGW_OK;
    name = lg_str_from(line.p, (size_t)(colon - line.p));
    value = lg_str_trim(lg_str_from(colon + 1, line.n - name.n - 1));
    distrust_framing(t, name, value);
    return lg_exchange_header(t->x, name, value);
}

/* The answer has come, so nothing is sent again; of a body that was sent, ours
 * and the caller's memory may go. */
static void forget_body(struct lg_curl_transfer *t)
{
    curl_off_t sent = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (sent < t->x->body_len)
        return;
    t->x->fill.body_read = 1;
    lg_free(t->body);
    t->body = NULL;
}

static int tell_status(struct lg_curl_transfer *t, const char *line, size_t n)
{
    const int status = read_status(line, n);

    if (status < 0)
        return LLMGW_E_PROTOCOL;
    if (status < 200) {
        t->phase = LG_CURL_INTERIM;
        return LLMGW_OK;
    }
    t->phase = LG_CURL_HEADERS;
    t->length = -1;
    t->chunked = 0;
    if (t->has_fields)
        forget_body(t);
    return llmgw_exchange_on_status(t->x, status);
}

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    struct lg_curl_transfer *t = user;
    const size_t n = size * count;
    const struct lg_str text = lg_str_trim(lg_str_from(line, n));
    int err = LLMGW_OK;

    t->owner->told = 1;
    switch ((enum lg_curl_phase)t->phase) {
    case LG_CURL_STATUS:
        err = tell_status(t, line, n);
        break;
    case LG_CURL_INTERIM:
        if (!text.n)
            t->phase = LG_CURL_STATUS;
        break;
    case LG_CURL_HEADERS:
        if (!text.n) {
            t->phase = LG_CURL_BODY;
            err = lg_exchange_headers_done(t->x);
        } else if (text.p == line) { /* of a folded line the first counts */
            err = tell_header(t, text);
        }
        break;
    case LG_CURL_BODY: /* a trailer */
        break;
    }
    return err < 0 ? stop(t, err) : n;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct lg_curl_transfer *t = user;
    const size_t n = size * count;
    int err = LLMGW_E_PROTOCOL;

    t->owner->told = 1;
    if (lg_exchange_full(t->x))
        return CURL_WRITEFUNC_PAUSE;
    if (t->phase == LG_CURL_BODY) /* not so after a 101 */
        err = llmgw_exchange_on_body(t->x, data, n);
    return err < 0 ? stop(t, err) : n;
}

/* ---- what goes out ----------------------------------------------------- */

/* Connected: from here on bytes may leave. A second time, it is libcurl's own
 * idea: a kept connection broke before any answer came. */
static int before_request(void *user, char *remote_ip, char *local_ip,
                          int remote_port, int local_port)
{
    struct lg_curl_transfer *t = user;

    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    if (t->sent && t->x->once) {
        (void)stop(t, LLMGW_E_CONNECT);
        return CURL_PREREQFUNC_ABORT;
    }
    t->sent = 1;
    llmgw_exchange_on_sent(t->x);
    return CURL_PREREQFUNC_OK;
}

static size_t give_body(char *buf, size_t size, size_t count, void *user)
{
    struct lg_curl_transfer *t = user;
    const int64_t n = llmgw_exchange_read_body(t->x, buf, size * count);

    if (n >= 0)
        return (size_t)n;
    if (n == LLMGW_E_AGAIN)
        return CURL_READFUNC_PAUSE;
    (void)stop(t, (int)n);
    return CURL_READFUNC_ABORT;
}

static int rewind_body(void *user, curl_off_t offset, int origin)
{
    struct lg_curl_transfer *t = user;

    if (offset || origin != SEEK_SET || llmgw_exchange_rewind_body(t->x) < 0)
        return CURL_SEEKFUNC_FAIL;
    return CURL_SEEKFUNC_OK;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *a)
{
    struct lg_curl *c = user;
    int fd;

    (void)purpose;
#ifdef SOCK_CLOEXEC
    fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
#else
    fd = socket(a->family, a->socktype, a->protocol);
#endif
    if (fd < 0)
        return CURL_SOCKET_BAD;
    lg_poll_know(&c->poll, fd, 1);
    return fd;
}

static int close_socket(void *user, curl_socket_t fd)
{
    struct lg_curl *c = user;

    lg_poll_know(&c->poll, fd, 0);
    return close(fd);
}

CURLcode lg_curl_transfer_listen(struct lg_curl_transfer *t)
{
    CURL *easy = t->easy;
    CURLcode rc;

    if ((rc = curl_easy_setopt(easy, CURLOPT_PRIVATE, t)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_HEADERDATA, t)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_WRITEDATA, t)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_READDATA, t)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_SEEKDATA, t)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_PREREQDATA, t)) ||
        (rc =
             curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t->owner)) ||
        (rc =
             curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket)))
        return rc;
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, t->owner);
}
