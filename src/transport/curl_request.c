/* SPDX-License-Identifier: MIT
 *
 * Setting a transfer to an exchange: only what differs from its last one. */
#include "src/transport/curl_parts.h"

#include <limits.h>

#include "lib/base/mem.h"

#define FIELDS_MAX   65535 /* libcurl puts a body up to it behind the header */
#define BUFFER       16384
#define SMALL_BUFFER 1024 /* of a stream among many */
#define EXTRA_LINES  3

/* How libcurl is told of a method: what it has a notion of, and by name. */
enum shape {
    SHAPE_UNSET,
    SHAPE_GET,
    SHAPE_HEAD,
    SHAPE_POST
};

/* The list of header lines that libcurl is given. */
struct list {
    struct curl_slist *own, *more, *last;
    size_t n;
};

static void add_line(struct list *l, const char *line)
{
    struct curl_slist *node =
        l->n < LG_CURL_LINES ? l->own + l->n : l->more + (l->n - LG_CURL_LINES);

    node->data = (char *)(uintptr_t)line; /* only read */
    node->next = NULL;
    if (l->last)
        l->last->next = node;
    l->last = node;
    l->n++;
}

/* Bytes for the lines that must be spelt anew: to libcurl "name:" means "not
 * this header", and an empty one is "name;". */
static size_t count_spelling(const llmgw_exchange *x)
{
    size_t n = 0;

    for (size_t i = 0; i < x->nheaders; i++)
        if (!*x->header[i].value)
            n += strlen(x->header[i].name) + 2;
    return n;
}

static int has_type(const llmgw_exchange *x)
{
    for (size_t i = 0; i < x->nheaders; i++)
        if (lg_str_same_nocase(lg_str_of(x->header[i].name),
                               LG_STR("content-type")))
            return 1;
    return 0;
}

static int set_lines(struct lg_curl_transfer *t, const llmgw_exchange *x)
{
    struct list l = {t->lines, NULL, NULL, 0};
    const size_t spelling = count_spelling(x);
    size_t room = 0;
    char *text;

    if (x->nheaders + EXTRA_LINES > LG_CURL_LINES)
        room = (x->nheaders + EXTRA_LINES - LG_CURL_LINES) * sizeof(*l.more);
    if (room + spelling) {
        t->more = lg_alloc(room + spelling);
        if (!t->more)
            return LLMGW_E_NOMEM;
        l.more = (struct curl_slist *)(void *)t->more;
    }
    text = t->more ? t->more + room : NULL;
    if (t->shape == SHAPE_POST && !t->has_fields)
        add_line(&l, "Expect:"); /* no "100-continue": some never answer it */
    if (t->shape == SHAPE_POST && !has_type(x))
        add_line(&l, "Content-Type:");
    if (x->body_len < 0)
        add_line(&l, "Transfer-Encoding: chunked");
    for (size_t i = 0; i < x->nheaders; i++) {
        const struct lg_header *h = x->header + i;
        const size_t n = strlen(h->name);

        if (*h->value) {
            add_line(&l, h->line);
            continue;
        }
        memcpy(text, h->name, n);
        memcpy(text + n, ";", 2);
        add_line(&l, text);
        text += n + 2;
    }
    return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, l.n ? t->lines : NULL)
               ? LLMGW_E_NOMEM
               : LLMGW_OK;
}

/* A small body goes out in one piece with the header, from here; others are
 * read, into libcurl's buffer, as it comes to them. */
static int set_fields(struct lg_curl_transfer *t, const llmgw_exchange *x)
{
    const char *fields = "";
    size_t at = 0;

    if (x->has_source || x->body_len < 0 || x->body_len > FIELDS_MAX) {
        fields = NULL;
    } else if (x->nslices == 1 && x->slice[0].n) {
        fields = x->slice[0].p;
    } else if (x->body_len) {
        fields = t->body = lg_alloc((size_t)x->body_len);
        if (!fields)
            return LLMGW_E_NOMEM;
        for (size_t i = 0; i < x->nslices; at += x->slice[i++].n)
            if (x->slice[i].n) /* body_len is their sum */
                memcpy(t->body + at, x->slice[i].p, x->slice[i].n);
    }
    if ((fields || t->has_fields) &&
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, fields))
        return LLMGW_E_NOMEM;
    t->has_fields = fields != NULL;
    if (curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)x->body_len))
        return LLMGW_E_NOMEM;
    return LLMGW_OK;
}

static CURLcode tell_shape(CURL *easy, enum shape shape)
{
    switch (shape) {
    case SHAPE_HEAD:
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    case SHAPE_POST:
        return curl_easy_setopt(easy, CURLOPT_POST, 1L);
    case SHAPE_UNSET:
    case SHAPE_GET:
        break;
    }
    return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
}

static CURLcode set_method(struct lg_curl_transfer *t, const llmgw_exchange *x)
{
    const char *m = x->method, *custom = NULL;
    enum shape shape = x->body_len ? SHAPE_POST : SHAPE_GET;
    CURLcode rc = CURLE_OK;

    if (!strcmp(m, "HEAD"))
        shape = SHAPE_HEAD;
    else if (!strcmp(m, "POST"))
        shape = SHAPE_POST;
    else if (strcmp(m, "GET") || shape != SHAPE_GET)
        custom = m;
    if (shape != t->shape)
        rc = tell_shape(t->easy, shape);
    t->shape = rc ? SHAPE_UNSET : (uint8_t)shape;
    if (!rc && (custom || t->custom))
        rc = curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, custom);
    t->custom = custom != NULL;
    return rc;
}

/* Both the parsed URL and its text, which libcurl (7.88) else keeps of the
 * first that the handle was given, and goes by when it thinks of a URL again. */
static CURLcode set_url(struct lg_curl_transfer *t, struct lg_curl_url *u)
{
    CURLcode rc;

    if (t->url == u) {
        lg_curl_url_give(u);
        return CURLE_OK;
    }
    lg_curl_url_give(t->url);
    t->url = u;
    if ((rc = curl_easy_setopt(t->easy, CURLOPT_URL, u->text)) ||
        (rc = curl_easy_setopt(t->easy, CURLOPT_CURLU, u->parsed)))
        return rc;
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR,
                            u->https ? "https" : "http");
#else
    return curl_easy_setopt(
        t->easy, CURLOPT_PROTOCOLS,
        (long)(u->https ? CURLPROTO_HTTPS : CURLPROTO_HTTP));
#endif
}

/* 0 means "no limit" to us, and to libcurl's connect timeout 300 s. */
static long libcurl_ms(int64_t ms, long none)
{
    if (!ms)
        return none;
    return ms < 0 ? 1 : ms > INT_MAX ? INT_MAX : (long)ms;
}

/* libcurl's buffer: a small one takes 1.7 times the time per byte of a stream
 * at full speed, but spares 15 KB each where thousands trickle. */
static CURLcode set_limits(struct lg_curl_transfer *t, const llmgw_exchange *x)
{
    const long connect_ms = libcurl_ms(x->connect_ms, INT_MAX);
    const long timeout_ms = libcurl_ms(x->total_ms, 0);
    const long buffer =
        x->stream && t->owner->nactive >= LG_CURL_MANY ? SMALL_BUFFER : BUFFER;
    CURLcode rc = CURLE_OK;

    if (t->connect_ms != connect_ms)
        rc = curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    if (!rc && t->timeout_ms != timeout_ms)
        rc = curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    if (!rc && t->buffer != buffer)
        rc = curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, buffer);
    if (!rc && t->again)
        rc = curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 0L);
    if (!rc && t->forbid)
        rc = curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE,
                              (long)(t->owner->config.keep_ms <= 0));
    t->connect_ms = connect_ms;
    t->timeout_ms = timeout_ms;
    t->buffer = buffer;
    t->forbid = t->again = 0;
    return rc;
}

int lg_curl_transfer_begin(struct lg_curl_transfer *t, llmgw_exchange *x,
                           struct lg_curl_url *u)
{
    CURLcode rc;
    int err;

    t->x = x;
    t->phase = LG_CURL_STATUS;
    t->sent = t->chunked = 0;
    t->length = -1;
    t->stopped = 0;
    t->error[0] = '\0';
    if ((rc = set_url(t, u)) || (rc = set_limits(t, x)) ||
        (rc = set_method(t, x)))
        return rc == CURLE_OUT_OF_MEMORY ? LLMGW_E_NOMEM : LLMGW_E_UNSUPPORTED;
    if (t->shape == SHAPE_POST && (err = set_fields(t, x)))
        return err;
    return set_lines(t, x);
}

void lg_curl_transfer_end(struct lg_curl_transfer *t)
{
    llmgw_exchange_set_user(t->x, NULL);
    t->x = NULL;
    lg_free(t->body);
    lg_free(t->more);
    t->body = t->more = NULL;
}

/* Resuming means both directions: a body that had to wait is asked for again,
 * and if there still is none, waits again. */
int lg_curl_transfer_pause(struct lg_curl_transfer *t, int paused)
{
    const CURLcode rc =
        curl_easy_pause(t->easy, paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);

    if (rc == CURLE_OK || rc == CURLE_BAD_FUNCTION_ARGUMENT)
        return LLMGW_OK; /* the latter: it has no connection (yet) */
    return LLMGW_E_NOMEM;
}
