/* SPDX-License-Identifier: MIT
 *
 * A secret in an allocation of its own, wiped when it is freed. */
#ifndef LG_BASE_SECRET_H
#define LG_BASE_SECRET_H

#include "lib/base/buf.h"

struct lg_secret {
    size_t n;
    char text[]; /* NUL-terminated */
};

/* NULL without memory. */
struct lg_secret *lg_secret_new(const char *text, size_t n);
void lg_secret_free(struct lg_secret *s);

/* Append `text` with every occurrence of the secrets replaced by "***", for
 * error texts and bodies (some providers echo the key). Spelt with JSON's or a
 * URL's escapes they are found, too, and so is one that `text` was cut in. */
int lg_secret_redact(struct lg_buf *out, struct lg_str text,
                     const struct lg_secret *const *secrets, size_t n);

#endif
