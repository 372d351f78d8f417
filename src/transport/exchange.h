/* SPDX-License-Identifier: MIT
 *
 * One request in flight: the seam between a call, which owns it, and a
 * transport, which the loop's leader drives. The two meet in a mailbox: the
 * leader fills its own side without a lock, and lg_exchange_publish(), under
 * the mailbox's lock, hands over what came. */
#ifndef LG_TRANSPORT_EXCHANGE_H
#define LG_TRANSPORT_EXCHANGE_H

#include <llmgw/transport.h>
#include <stdatomic.h>

#include "lib/base/buf.h"
#include "lib/json/edit.h"
#include "src/base/sys.h"

#define LG_HEADERS_MAX      48    /* of a request */
#define LG_HEADER_BYTES_MAX 65536 /* of an answer, names and values */
#define LG_CHUNK_BYTES      16320
#define LG_CHUNKS_KEPT      32    /* idle chunks that a mailbox keeps */
#define LG_INBOX_HIGH       65536 /* above it the transfer pauses ... */
#define LG_INBOX_LOW        32768 /* ... and drained to it, goes on */

struct lg_header {
    const char *name, *value;
    const char *line; /* "name: value" */
};

/* A piece of a body on its way from the leader to the owner. */
struct lg_chunk {
    struct lg_chunk *next;
    size_t n;
    char data[LG_CHUNK_BYTES];
};

struct lg_chunks {
    struct lg_chunk *first, *last;
};

/* Shared by the exchanges of one loop. */
struct lg_mailbox {
    struct lg_mutex lock;
    struct lg_chunk *spare;       /* the leader's */
    struct lg_chunk *returned;    /* under the lock */
    struct llmgw_exchange *dirty; /* the leader's: has unpublished news */
    atomic_size_t buffered;       /* bytes in all inboxes */
    size_t max_buffered;
    int can_pause; /* the transport can */
};

/* What is known of an answer, its body apart. */
struct lg_mail {
    int status, headers_done, done, code;
    int sent;      /* bytes of the request may have left */
    int body_read; /* the transport has read all of the body */
};

enum lg_exchange_op {
    LG_OP_START = 1,
    LG_OP_RESUME = 2,
    LG_OP_CANCEL = 4
};

struct llmgw_exchange {
    /* The request. Set by the owner before the start, constant until the
     * transport has let go. */
    const char *method, *url;
    struct lg_header *header;
    size_t nheaders;
    const struct lg_str *slice; /* the body, in pieces */
    size_t nslices;
    int64_t body_len;             /* -1: not known before its end */
    int64_t connect_ms, total_ms; /* left when it starts; 0: no limit */
    int stream;                   /* the answer comes event by event */
    int once;       /* not to be sent again where a kept connection broke */
    int has_source; /* the body comes through the outbox, not from slices */

    struct lg_mailbox *box;
    void *owner;                /* the waiter to tell, for the pump */
    const llmgw_transport *via; /* NULL: the loop's */

    /* The leader's side. */
    size_t at_slice, at_byte; /* how far the body was read */
    struct lg_mail fill;
    struct lg_chunks fill_body;
    size_t fill_n;         /* its bytes that are not counted yet */
    int fill_failed;       /* why on_*() told the transport to stop */
    char detail[128];      /* of a failure; constant once published */
    struct lg_buf headers; /* "name\0value\0"...; constant once published */
    int dirty;
    struct llmgw_exchange *next_dirty;
    int in_transport; /* started, and neither done nor cancelled */
    struct llmgw_exchange *next_live, **live_at; /* for the pump */
    void *user;                                  /* the transport's */

    /* Under the mailbox's lock. */
    struct lg_mail mail;
    struct lg_chunks body;
    int news;
    int ops;    /* enum lg_exchange_op, queued */
    int let_go; /* the transport has no hold on it (any more) */
    struct llmgw_exchange *next_op;
    struct lg_buf outbox; /* a streamed request body */
    size_t outbox_at;
    int outbox_end;    /* 1: no more comes; negative: why reading failed */
    int outbox_hungry; /* the transport waits for more */
    int outbox_rewind; /* the transport asked to begin again; -1: refused */
    int can_rewind;

    /* Atomic. */
    atomic_size_t buffered; /* counted bytes: on their way or in the owner's
                               hand */
    atomic_int paused;
    atomic_int cancelled; /* on_*() tell the transport to stop */
};

int lg_mailbox_init(struct lg_mailbox *b, size_t max_buffered);
void lg_mailbox_done(struct lg_mailbox *b);

/* Ready for another attempt; the request group is cleared, too. */
void lg_exchange_init(llmgw_exchange *x, struct lg_mailbox *box);
/* Nothing may hold it any more. Gives its chunks back. */
void lg_exchange_done(llmgw_exchange *x);

/* The leader: count what came as buffered. */
void lg_exchange_count(llmgw_exchange *x);
/* The leader, under the lock: hand over what came. */
void lg_exchange_publish(llmgw_exchange *x);
/* The leader, under the lock: returned chunks may be filled again. */
void lg_mailbox_recycle(struct lg_mailbox *b);
/* The owner, under the lock: the news so far, and the body to *body. */
void lg_exchange_collect(llmgw_exchange *x, struct lg_mail *mail,
                         struct lg_chunks *body);
/* The owner, without the lock: give back `n` read bytes, and a chunk (may be
 * NULL) that is used up. 1 if a paused transfer should go on. */
int lg_exchange_drained(llmgw_exchange *x, struct lg_chunk *used, size_t n);
/* A header of the answer, NULL if there is none; for the owner, once
 * mail.headers_done. */
const char *lg_exchange_answer_header(const llmgw_exchange *x,
                                      const char *name);

/* The leader: is it enough for now? It is paused then, and goes on when its
 * owner has drained it. */
int lg_exchange_hold(llmgw_exchange *x);
static inline int lg_exchange_full(llmgw_exchange *x)
{
    const size_t here = atomic_load(&x->buffered) + x->fill_n;
    const size_t all = atomic_load(&x->box->buffered) + x->fill_n;

    return (here > LG_INBOX_HIGH || all > x->box->max_buffered) &&
           lg_exchange_hold(x);
}

/* llmgw_exchange_on_header() of spans. */
int lg_exchange_header(llmgw_exchange *x, struct lg_str name,
                       struct lg_str value);
/* Called by a transport when the last response header was seen; implied by
 * the first byte of a body. */
int lg_exchange_headers_done(llmgw_exchange *x);

#endif
