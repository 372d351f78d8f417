/* SPDX-License-Identifier: MIT
 *
 * Who the caller is, to a provider. Sans I/O: a method that needs a token asks
 * for an HTTP exchange, and the call machine performs it. */
#ifndef LG_AUTH_AUTH_H
#define LG_AUTH_AUTH_H

#include "lib/base/err.h"
#include "src/base/secret.h"

struct lg_http_request;
struct lg_http_response;

enum lg_auth_state {
    LG_AUTH_READY = 0,
    LG_AUTH_NEED = 1
};

struct lg_auth_header {
    const char *name;
    const char *prefix;             /* goes before the secret: "Bearer " */
    const struct lg_secret *secret; /* NULL: no header */
};

struct lg_auth;

struct lg_auth_ops {
    const char *name; /* "x-api-key", "bearer", "none" */
    /* LG_AUTH_READY with *out filled, LG_AUTH_NEED with *need, or negative. */
    int (*apply)(struct lg_auth *, int64_t now, struct lg_auth_header *out,
                 struct lg_http_request *need, struct lg_err *);
    int (*feed)(struct lg_auth *, int64_t now, const struct lg_http_response *,
                struct lg_err *);
    void (*free)(struct lg_auth *);
};

struct lg_auth {
    const struct lg_auth_ops *ops;
    const struct lg_secret *key; /* borrowed */
};

/* NULL-terminated. */
extern const struct lg_auth_ops *const lg_auth_methods[];
const struct lg_auth_ops *lg_auth_by_name(const char *name);

#endif
