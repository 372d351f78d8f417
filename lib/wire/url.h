/* SPDX-License-Identifier: MIT
 *
 * Building URLs from values: a base, a path template, and what goes into it.
 * (URLs of users are taken apart by libcurl's parser, in src/transport.) */
#ifndef LG_WIRE_URL_H
#define LG_WIRE_URL_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Append `s` as one path segment: all but RFC 3986 unreserved characters are
 * percent-encoded. LLMGW_E_INVALID for "", "." and "..", and for a NUL or
 * another control byte. `where` names the value in the error. */
int lg_url_segment(struct lg_buf *out, struct lg_str s, const char *where,
                   struct lg_err *e);
/* `name=value`, both encoded, after `?` or `&` as is due. */
int lg_url_query(struct lg_buf *out, struct lg_str name, struct lg_str value);

struct lg_url_var {
    const char *name;
    struct lg_str value;
};
/* base + path, with each {name} of `path` replaced by its segment. A slash
 * that ends `base` and one that begins `path` become one. */
int lg_url_build(struct lg_buf *out, struct lg_str base, const char *path,
                 const struct lg_url_var *vars, size_t n, struct lg_err *e);

#endif
