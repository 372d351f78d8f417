/* SPDX-License-Identifier: MIT
 *
 * A stream as its caller sees it: the provider's bytes are read to IR events,
 * and each gives public events, with the frames of the caller's format. */
#ifndef LG_GATEWAY_STREAM_H
#define LG_GATEWAY_STREAM_H

#include "src/gateway/client.h"

/* A public event that waits to be handed out. */
struct lg_public {
    int kind;               /* enum llmgw_event */
    int index;              /* of the part, -1: none */
    struct lg_str text;     /* string body, still escaped */
    struct lg_str id, name; /* the same */
    int json_text;          /* `text` holds JSON */
    struct lg_str frame;    /* NULL span: none */
    size_t frame_at; /* where it begins in `frames`, until it is settled */
};

/* Of a stream that is written in another format than it was read in. */
struct lg_rewriter {
    void *encoder;
    struct lg_ctx ctx;
    struct lg_arena scratch; /* of the frames of one read frame */
    struct lg_frames frames;
};

struct llmgw_stream {
    struct lg_ir_sink sink; /* first member */
    struct lg_rewriter *w;  /* to the caller's format; NULL: it is the same */

    /* Public events of the frame read last. */
    struct lg_public *queue;
    size_t nqueue, at, cap;
    char *quote; /* behind its text, which stands in the frame that it came
                    in, was a quote: now a NUL; or NULL */

    /* Reading. */
    int feeding;  /* the feed is set up */
    int at_once;  /* the answer is one document, and no stream */
    int lent;     /* the first chunk of the inbox is lent to the feed */
    int ended;    /* the terminator was read */
    int finished; /* next() gives `result` for good */
    int result;
    int64_t left_at;      /* when the reader last went away; -1: never */
    struct lg_public now; /* the current event */
    struct lg_call call;
    struct lg_call_link link;
    struct lg_feed feed;

    /* The answer so far. */
    struct lg_arena fold_arena;
    struct lg_fold fold;
    int has_stop, has_usage, told_stop;
    size_t nevents, nusage; /* of the frame read last: all, and usage */
    llmgw_response *response;

    struct lg_buf text, id, name, json, frame;
    struct { /* of a surrogate pair, waits for its other half */
        char p[6];
        size_t n;
        int kind, index; /* of the event that it came with */
    } half;
    void *user;
};

/* ---- stream_read.c ----------------------------------------------------- */

/* Set up (again) for the attempt that has just been accepted. */
int lg_stream_begin(llmgw_stream *s);
void lg_stream_reset(llmgw_stream *s);
/* Read until there are public events: 1; the end: 0; more bytes are needed:
 * LLMGW_E_AGAIN; else the attempt failed, as s->call.err tells. */
int lg_stream_read(llmgw_stream *s);
/* The same of the bytes at hand alone: 1, 0 or negative. */
int lg_stream_lent(llmgw_stream *s);
/* Tell of a stream that broke off, or of one that cannot be read; `err`. */
int lg_stream_broken(llmgw_stream *s, int err);

/* ---- stream.c ---------------------------------------------------------- */

int lg_stream_open(llmgw_client *c, const llmgw_options *o,
                   const char *operation, struct lg_str json, int whole,
                   llmgw_stream **out, struct lg_err *e, llmgw_error **error);

#endif
