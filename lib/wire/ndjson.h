/* SPDX-License-Identifier: MIT
 *
 * Newline-delimited JSON, sans I/O: a line is a frame, `data` is what stands in
 * it. An empty line is a frame without data, so that no byte is lost. All but
 * these two is as with SSE: lg_sse_init(), _feed(), _peek(), _skip() ... */
#ifndef LG_WIRE_NDJSON_H
#define LG_WIRE_NDJSON_H

#include "lib/wire/sse.h"

/* As lg_sse_next(). */
int lg_ndjson_next(struct lg_sse *s, struct lg_frame *out);
/* The body ended: 1 and a last line that has no line end, 0, or what
 * lg_ndjson_next() says. */
int lg_ndjson_end(struct lg_sse *s, struct lg_frame *out);

#endif
