/* SPDX-License-Identifier: MIT
 *
 * The built-in transport: libcurl's multi under epoll. */
#ifndef LG_TRANSPORT_CURL_H
#define LG_TRANSPORT_CURL_H

#include <llmgw/transport.h>

#include "lib/base/err.h"

struct lg_curl_config {
    const char *ca_file, *ca_dir; /* NULL: the system's (see curl.c) */
    const char *proxy;       /* NULL: none, whatever the environment says */
    int http2;               /* offer it */
    int keep_ms;             /* how long an idle connection is kept */
    int64_t max_connections; /* per host; 0: no limit */
};

extern const llmgw_transport lg_curl_transport;
/* `config` is copied. Freed by lg_curl_transport.free. */
int lg_curl_new(const struct lg_curl_config *config, void **self,
                struct lg_err *e);
/* Is `url` one we may send a credential to: absolute, https, or http to
 * loopback or where `allow_http` says so; no user info, no fragment, no
 * control bytes? Parsed by libcurl's own parser. LLMGW_E_OPTION if not. */
int lg_curl_check_url(const char *url, int allow_http, const char *where,
                      struct lg_err *e);
/* Do both URLs have the same scheme, host and port? */
int lg_curl_same_origin(const char *a, const char *b);
/* "libcurl/7.88.1". */
const char *lg_curl_version(void);

#endif
