/* SPDX-License-Identifier: MIT
 *
 * Base64 (RFC 4648 section 4). */
#ifndef LG_BASE_BASE64_H
#define LG_BASE_BASE64_H

#include "lib/base/buf.h"

/* Append it, padded. Returns out->err. */
int lg_base64_write(struct lg_buf *out, struct lg_str bytes);
/* Append what it stands for; padding may be left out. 0, -1 for what is no
 * base64, or out->err. */
int lg_base64_read(struct lg_buf *out, struct lg_str text);

#endif
