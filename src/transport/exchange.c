/* SPDX-License-Identifier: MIT */
#include "src/transport/exchange.h"

#include <stdio.h>

#include "lib/base/mem.h"

int lg_mailbox_init(struct lg_mailbox *b, size_t max_buffered)
{
    memset(b, 0, sizeof(*b));
    b->max_buffered = max_buffered;
    return lg_mutex_init(&b->lock);
}

static void free_chunks(struct lg_chunk *c)
{
    for (struct lg_chunk *next; c; c = next) {
        next = c->next;
        lg_free(c);
    }
}

void lg_mailbox_done(struct lg_mailbox *b)
{
    free_chunks(b->spare);
    free_chunks(b->returned);
    lg_mutex_done(&b->lock);
}

void lg_mailbox_recycle(struct lg_mailbox *b)
{
    size_t kept = 0;

    for (const struct lg_chunk *c = b->spare; c; c = c->next)
        kept++;
    while (b->returned) {
        struct lg_chunk *c = b->returned;

        b->returned = c->next;
        if (kept++ < LG_CHUNKS_KEPT) {
            c->next = b->spare;
            b->spare = c;
        } else {
            lg_free(c);
        }
    }
}

void lg_exchange_init(llmgw_exchange *x, struct lg_mailbox *box)
{
    struct lg_buf headers = x->headers;
    struct lg_buf outbox = x->outbox;

    if (x->box) /* what could not be kept was counted, too */
        atomic_fetch_sub(&x->box->buffered, atomic_load(&x->buffered));
    memset(x, 0, sizeof(*x));
    x->box = box;
    x->body_len = 0;
    x->let_go = 1;
    if (!headers.max)
        lg_buf_init(&headers, LG_HEADER_BYTES_MAX);
    if (!outbox.max)
        lg_buf_init(&outbox, LG_INBOX_HIGH);
    lg_buf_reset(&headers);
    lg_buf_reset(&outbox);
    x->headers = headers;
    x->outbox = outbox;
}

void lg_exchange_done(llmgw_exchange *x)
{
    if (!x->box)
        return;
    atomic_fetch_sub(&x->box->buffered, atomic_load(&x->buffered));
    free_chunks(x->fill_body.first);
    free_chunks(x->body.first);
    lg_buf_done(&x->headers);
    lg_buf_done(&x->outbox);
    x->box = NULL;
}

/* ---- what a transport reads -------------------------------------------- */

const char *llmgw_exchange_method(const llmgw_exchange *x)
{
    return x->method;
}

const char *llmgw_exchange_url(const llmgw_exchange *x)
{
    return x->url;
}

int64_t llmgw_exchange_body_len(const llmgw_exchange *x)
{
    return x->body_len;
}

const char *llmgw_exchange_body(const llmgw_exchange *x, size_t *len)
{
    if (x->has_source || x->nslices != 1)
        return NULL;
    if (len)
        *len = x->slice[0].n;
    return x->slice[0].p;
}

static int64_t read_outbox(llmgw_exchange *x, char *buf, size_t cap)
{
    int64_t n;

    lg_mutex_lock(&x->box->lock);
    n = (int64_t)(x->outbox.n - x->outbox_at);
    if (x->outbox_rewind) {
        n = LLMGW_E_AGAIN;
    } else if (n > 0) {
        if ((size_t)n > cap)
            n = (int64_t)cap;
        memcpy(buf, x->outbox.p + x->outbox_at, (size_t)n);
        x->outbox_at += (size_t)n;
    } else if (!x->outbox_end) {
        n = LLMGW_E_AGAIN;
    } else if (x->outbox_end < 0) {
        n = x->outbox_end;
    }
    if (n == LLMGW_E_AGAIN || x->outbox_at == x->outbox.n) {
        x->outbox_hungry = 1;
        x->news = 1;
        if (!x->dirty) { /* the pump tells the owner with the next round */
            x->dirty = 1;
            x->next_dirty = x->box->dirty;
            x->box->dirty = x;
        }
    }
    lg_mutex_unlock(&x->box->lock);
    return n;
}

int64_t llmgw_exchange_read_body(llmgw_exchange *x, void *buf, size_t cap)
{
    size_t n = 0;

    if (x->has_source)
        return read_outbox(x, buf, cap);
    while (n < cap && x->at_slice < x->nslices) {
        const struct lg_str s = x->slice[x->at_slice];
        size_t part = s.n - x->at_byte;

        if (part > cap - n)
            part = cap - n;
        if (part)
            memcpy((char *)buf + n, s.p + x->at_byte, part);
        n += part;
        x->at_byte += part;
        if (x->at_byte == s.n) {
            x->at_slice++;
            x->at_byte = 0;
        }
    }
    if (x->at_slice == x->nslices) {
        llmgw_exchange_on_sent(x);
        x->fill.body_read = 1;
    }
    return (int64_t)n;
}

int llmgw_exchange_rewind_body(llmgw_exchange *x)
{
    int err = LLMGW_OK;

    x->at_slice = 0;
    x->at_byte = 0;
    if (!x->has_source)
        return LLMGW_OK;
    lg_mutex_lock(&x->box->lock);
    if (x->can_rewind)
        x->outbox_rewind = 1;
    else
        err = LLMGW_E_UNSUPPORTED;
    lg_mutex_unlock(&x->box->lock);
    return err;
}

const char *llmgw_exchange_header(const llmgw_exchange *x, size_t i,
                                  const char **value)
{
    if (i >= x->nheaders)
        return NULL;
    if (value)
        *value = x->header[i].value;
    return x->header[i].name;
}

int64_t llmgw_exchange_timeout_ms(const llmgw_exchange *x)
{
    return x->total_ms ? x->total_ms : -1;
}

void llmgw_exchange_set_user(llmgw_exchange *x, void *user)
{
    x->user = user;
}

void *llmgw_exchange_user(const llmgw_exchange *x)
{
    return x->user;
}

/* ---- what a transport tells -------------------------------------------- */

static void mark_dirty(llmgw_exchange *x)
{
    if (x->dirty)
        return;
    x->dirty = 1;
    x->next_dirty = x->box->dirty;
    x->box->dirty = x;
}

/* Why the transport must stop, or 0. */
static int stopped(const llmgw_exchange *x)
{
    if (x->fill_failed)
        return x->fill_failed;
    return atomic_load_explicit(&x->cancelled, memory_order_relaxed)
               ? LLMGW_E_CANCELLED
               : LLMGW_OK;
}

void llmgw_exchange_on_sent(llmgw_exchange *x)
{
    x->fill.sent = 1;
}

int llmgw_exchange_on_status(llmgw_exchange *x, int status)
{
    mark_dirty(x);
    x->fill.sent = 1;
    x->fill.status = status;
    lg_buf_reset(&x->headers);
    return stopped(x);
}

int lg_exchange_header(llmgw_exchange *x, struct lg_str name,
                       struct lg_str value)
{
    char *room;

    if (x->fill.headers_done) /* a trailer */
        return stopped(x);
    mark_dirty(x);
    room = lg_buf_room(&x->headers, name.n + value.n + 2);
    if (room) {
        memcpy(room, name.p, name.n);
        room[name.n] = '\0';
        if (value.n)
            memcpy(room + name.n + 1, value.p, value.n);
        room[name.n + 1 + value.n] = '\0';
        lg_buf_claim(&x->headers, name.n + value.n + 2);
    }
    if (!room && !x->fill_failed)
        x->fill_failed = x->headers.err;
    return stopped(x);
}

int llmgw_exchange_on_header(llmgw_exchange *x, const char *name,
                             const char *value)
{
    return lg_exchange_header(x, lg_str_of(name), lg_str_of(value));
}

int lg_exchange_headers_done(llmgw_exchange *x)
{
    mark_dirty(x);
    x->fill.headers_done = 1;
    return stopped(x);
}

/* The chunk to fill next, or NULL without memory. */
static struct lg_chunk *room(llmgw_exchange *x)
{
    struct lg_chunks *body = &x->fill_body;
    struct lg_chunk *c = body->last;

    if (c && c->n < LG_CHUNK_BYTES)
        return c;
    c = x->box->spare;
    if (c)
        x->box->spare = c->next;
    else
        c = lg_alloc(sizeof(*c));
    if (!c)
        return NULL;
    c->next = NULL;
    c->n = 0;
    if (body->last)
        body->last->next = c;
    else
        body->first = c;
    body->last = c;
    return c;
}

static LG_APART int begin_chunks(llmgw_exchange *x, const char *p, size_t len)
{
    mark_dirty(x);
    x->fill.headers_done = 1;
    if (!x->box->can_pause && x->stream &&
        atomic_load(&x->buffered) + x->fill_n > LG_INBOX_HIGH)
        x->fill_failed = LLMGW_E_LIMIT;
    for (size_t n, left = len; left && !x->fill_failed; p += n, left -= n) {
        struct lg_chunk *c = room(x);

        if (!c) {
            x->fill_failed = LLMGW_E_NOMEM;
            break;
        }
        n = LG_CHUNK_BYTES - c->n;
        if (n > left)
            n = left;
        memcpy(c->data + c->n, p, n);
        c->n += n;
    }
    x->fill_n += len;
    return stopped(x);
}

/* What fits in a chunk that was begun is a matter of its bytes alone. */
int llmgw_exchange_on_body(llmgw_exchange *x, const void *data, size_t len)
{
    struct lg_chunk *c = x->fill_body.last;

    if (stopped(x))
        return stopped(x);
    if (!c || LG_CHUNK_BYTES - c->n < len)
        return begin_chunks(x, data, len);
    memcpy(c->data + c->n, data, len);
    c->n += len;
    x->fill_n += len;
    return LLMGW_OK;
}

void llmgw_exchange_on_done(llmgw_exchange *x, int code, const char *detail)
{
    mark_dirty(x);
    x->in_transport = 0;
    x->fill.done = 1;
    x->fill.code = x->fill_failed ? x->fill_failed : code;
    if (code != LLMGW_E_CONNECT && code != LLMGW_OK)
        x->fill.sent = 1; /* a transport that does not tell may have sent */
    (void)snprintf(x->detail, sizeof(x->detail), "%s", detail ? detail : "");
}

/* ---- the two sides meet ------------------------------------------------ */

void lg_exchange_count(llmgw_exchange *x)
{
    atomic_fetch_add(&x->buffered, x->fill_n);
    atomic_fetch_add(&x->box->buffered, x->fill_n);
    x->fill_n = 0;
}

/* Marked first, looked at again then: whoever drains what there still is finds
 * the mark. With nothing to read, its reader could not tell that it has read
 * all. */
int lg_exchange_hold(llmgw_exchange *x)
{
    lg_exchange_count(x);
    atomic_store(&x->paused, 1);
    if (atomic_load(&x->buffered))
        return 1;
    atomic_store(&x->paused, 0);
    return 0;
}

void lg_exchange_publish(llmgw_exchange *x)
{
    lg_exchange_count(x);
    x->dirty = 0;
    x->mail = x->fill;
    if (x->fill_body.first) {
        if (x->body.last)
            x->body.last->next = x->fill_body.first;
        else
            x->body.first = x->fill_body.first;
        x->body.last = x->fill_body.last;
        x->fill_body = (struct lg_chunks){0};
    }
    if (x->fill.done)
        x->let_go = 1;
    x->news = 1;
}

void lg_exchange_collect(llmgw_exchange *x, struct lg_mail *mail,
                         struct lg_chunks *body)
{
    *mail = x->mail;
    if (x->body.first) {
        if (body->last)
            body->last->next = x->body.first;
        else
            body->first = x->body.first;
        body->last = x->body.last;
        x->body = (struct lg_chunks){0};
    }
    x->news = 0;
}

int lg_exchange_drained(llmgw_exchange *x, struct lg_chunk *used, size_t n)
{
    const size_t before = atomic_fetch_sub(&x->buffered, n);

    atomic_fetch_sub(&x->box->buffered, n);
    if (used) {
        lg_mutex_lock(&x->box->lock);
        used->next = x->box->returned;
        x->box->returned = used;
        lg_mutex_unlock(&x->box->lock);
    }
    return before - n <= LG_INBOX_LOW && atomic_load(&x->paused);
}

const char *lg_exchange_answer_header(const llmgw_exchange *x, const char *name)
{
    const char *p = lg_buf_span(&x->headers).p;
    const char *end = p + x->headers.n;
    const struct lg_str want = lg_str_of(name);

    while (p < end) {
        const struct lg_str have = lg_str_of(p);
        const char *value = p + have.n + 1;

        if (lg_str_same_nocase(have, want))
            return value;
        p = value + strlen(value) + 1;
    }
    return NULL;
}
