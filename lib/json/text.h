/* SPDX-License-Identifier: MIT
 *
 * JSON string bodies (what stands between the quotes) and UTF-8. */
#ifndef LG_JSON_TEXT_H
#define LG_JSON_TEXT_H

#include "lib/base/buf.h"

enum lg_unescape {
    LG_TO_TEXT, /* for people: a lone surrogate becomes U+FFFD */
    LG_TO_JSON  /* the text is JSON itself: a lone surrogate stays \udXXX */
};

/* Decode a valid string body; `\u0000` becomes a NUL byte. Decoding makes none
 * longer, and room for all of it is asked for. Returns out->err. */
int lg_json_unescape(struct lg_buf *out, struct lg_str body,
                     enum lg_unescape how);
/* The same for one character: take it off the front of a body that is not
 * empty, write it to `out`, return its length. */
#define LG_JSON_CHAR_MAX 6
size_t lg_json_char(struct lg_str *body, enum lg_unescape how,
                    char out[LG_JSON_CHAR_MAX]);
/* Encode UTF-8 text as a string body. Invalid UTF-8 becomes U+FFFD; non-ASCII
 * is left as it is. Returns out->err. */
int lg_json_escape(struct lg_buf *out, struct lg_str text);

/* The length of the longest valid UTF-8 prefix (RFC 3629). */
size_t lg_utf8_valid(struct lg_str s);
/* Append `s` with every invalid sequence replaced by U+FFFD. */
int lg_utf8_repair(struct lg_buf *out, struct lg_str s);

/* Does the string body, decoded, equal the NUL-terminated ASCII `word`? */
int lg_json_body_is(struct lg_str body, const char *word);

#endif
