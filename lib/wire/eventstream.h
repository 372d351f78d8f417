/* SPDX-License-Identifier: MIT
 *
 * AWS's binary event stream (application/vnd.amazon.eventstream), sans I/O: a
 * message is a frame, `event` its type or its error code, `data` its payload.
 * All but these two is as with SSE: lg_sse_init(), _feed(), _done() ... */
#ifndef LG_WIRE_EVENTSTREAM_H
#define LG_WIRE_EVENTSTREAM_H

#include "lib/wire/sse.h"

/* As lg_sse_next(); LLMGW_E_PROTOCOL for a message that is damaged: where the
 * next one begins is not known then. */
int lg_eventstream_next(struct lg_sse *s, struct lg_frame *out);
/* The body ended: 0, LLMGW_E_TRUNCATED within a message, or what
 * lg_eventstream_next() says. Nothing is put out. */
int lg_eventstream_end(struct lg_sse *s, struct lg_frame *out);

enum lg_header_type {
    LG_HEADER_TRUE,
    LG_HEADER_FALSE,
    LG_HEADER_INT8,
    LG_HEADER_INT16,
    LG_HEADER_INT32,
    LG_HEADER_INT64,
    LG_HEADER_BYTES,
    LG_HEADER_STRING,
    LG_HEADER_TIMESTAMP, /* ms since 1970 */
    LG_HEADER_UUID
};

struct lg_header {
    struct lg_str name, value; /* the value's bytes, without their length */
    uint8_t type;              /* enum lg_header_type */
    int64_t number;            /* of a boolean, a number or a timestamp */
};

/* The headers of a frame that was read. */
struct lg_str lg_eventstream_headers(const struct lg_frame *frame);
/* Take one off the front of *rest: 1, 0 if there is none, LLMGW_E_PROTOCOL. */
int lg_header_next(struct lg_str *rest, struct lg_header *h);

/* Begin an event or exception of this name, with a payload of JSON, which is
 * what is written to `out` until the end. Returns what the end must be told. */
size_t lg_eventstream_begin(struct lg_buf *out, enum lg_frame_kind kind,
                            struct lg_str name);
void lg_eventstream_finish(struct lg_buf *out, size_t begin);

#endif
