/* SPDX-License-Identifier: MIT
 *
 * An exchange outside of a call, to drive a transport by hand. */
#ifndef TESTS_SUPPORT_EXCHANGE_H
#define TESTS_SUPPORT_EXCHANGE_H

#include "src/transport/exchange.h"

struct inflight {
    struct lg_mailbox box;
    llmgw_exchange x;
    struct lg_header header[4];
    struct lg_str slice[2];
    struct lg_buf got; /* the answer's body so far */
    size_t pieces;     /* in how many on_body() it came */
};

/* `body` is sent in two slices. */
static inline void inflight_init(struct inflight *f, const char *method,
                                 const char *url, const char *body)
{
    const size_t n = strlen(body);

    memset(f, 0, sizeof(*f));
    (void)lg_mailbox_init(&f->box, (size_t)1 << 30);
    lg_exchange_init(&f->x, &f->box);
    lg_buf_init(&f->got, SIZE_MAX / 2);
    f->box.can_pause = 1;
    f->x.method = method;
    f->x.url = url;
    f->x.header = f->header;
    f->slice[0] = lg_str_from(body, n / 2);
    f->slice[1] = lg_str_from(body + n / 2, n - n / 2);
    f->x.slice = f->slice;
    f->x.nslices = 2;
    f->x.body_len = (int64_t)n;
    f->x.in_transport = 1;
}

static inline void inflight_header(struct inflight *f, const char *name,
                                   const char *value)
{
    f->header[f->x.nheaders++] =
        (struct lg_header){.name = name, .value = value};
}

/* What the leader and the owner do between two pumps. */
static inline const struct lg_mail *inflight_look(struct inflight *f)
{
    struct lg_chunks body = {0};
    static struct lg_mail mail;

    lg_exchange_publish(&f->x);
    f->box.dirty = NULL;
    lg_exchange_collect(&f->x, &mail, &body);
    if (body.first)
        f->pieces++;
    while (body.first) {
        struct lg_chunk *c = body.first;
        body.first = c->next;
        (void)lg_buf_add(&f->got, c->data, c->n);
        (void)lg_exchange_drained(&f->x, c, c->n);
    }
    return &mail;
}

static inline void inflight_done(struct inflight *f)
{
    lg_exchange_done(&f->x);
    lg_mailbox_done(&f->box);
    lg_buf_done(&f->got);
}

#endif
