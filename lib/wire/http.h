/* SPDX-License-Identifier: MIT
 *
 * Values of HTTP fields: what may stand in one, and what the few we read say. */
#ifndef LG_WIRE_HTTP_H
#define LG_WIRE_HTTP_H

#include "lib/base/str.h"

/* RFC 9110 section 5.1 token; section 5.5 field-value (VCHAR, SP, HTAB and
 * obs-text; no CR, LF or NUL, no white space at either end). */
int lg_http_is_name(struct lg_str s);
int lg_http_is_value(struct lg_str s);

/* An HTTP-date in any of its three forms (RFC 9110 section 5.6.7) as ms since
 * 1970, or -1. */
int64_t lg_http_date_ms(struct lg_str s);

/* How long a server asks to wait, in ms from `wall_ms`: retry-after-ms wins
 * over retry-after (seconds, with or without a fraction, or a date). -1 where
 * neither says anything that can be meant (negative, NaN, garbage); a number
 * too large for the type is INT64_MAX. NULL spans: header absent. */
int64_t lg_http_retry_after(struct lg_str retry_after_ms,
                            struct lg_str retry_after, int64_t wall_ms);

/* Is the media type `want` ("text/event-stream"), parameters aside? */
int lg_http_is_type(struct lg_str content_type, const char *want);

#endif
