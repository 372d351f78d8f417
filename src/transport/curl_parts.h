/* SPDX-License-Identifier: MIT
 *
 * What the files of the libcurl transport share: the process (curl_global.c),
 * parsed URLs (curl_url.c), descriptors (curl_poll.c), transfers
 * (curl_transfer.c, curl_request.c, curl_callback.c), results (curl_result.c) and the multi (curl.c). */
#ifndef LG_TRANSPORT_CURL_PARTS_H
#define LG_TRANSPORT_CURL_PARTS_H

#include <curl/curl.h>

#include "src/transport/curl.h"
#include "src/transport/curl_poll.h"
#include "src/transport/exchange.h"

#define LG_CURL_URLS  16  /* parsed URLs kept */
#define LG_CURL_IDLE  8   /* idle transfers kept */
#define LG_CURL_MANY  16  /* transfers at a time are many */
#define LG_CURL_KEPT  256 /* connections that idle, while they are not */
#define LG_CURL_LINES 16  /* header lines that need no memory of their own */

/* ---- the process ------------------------------------------------------- */

/* Initialise libcurl, once. It is never undone: others may use it, too. */
int lg_curl_global(struct lg_err *e);
/* Where trust comes from, when the configuration does not say. Both NULL:
 * leave it to libcurl. */
struct lg_curl_ca {
    const char *file, *dir;
};
void lg_curl_ca_find(struct lg_curl_ca *out);

/* ---- parsed URLs ------------------------------------------------------- */

struct lg_curl_url {
    char *text;
    CURLU *parsed;
    unsigned refs;
    int https;
};

/* Most recently used first. */
struct lg_curl_urls {
    struct lg_curl_url *entry[LG_CURL_URLS];
};

/* The caller's reference is given back with lg_curl_url_give(). */
int lg_curl_urls_take(struct lg_curl_urls *c, const char *url,
                      struct lg_curl_url **out);
void lg_curl_url_give(struct lg_curl_url *u); /* takes NULL */
void lg_curl_urls_done(struct lg_curl_urls *c);

/* ---- transfers --------------------------------------------------------- */

enum lg_curl_phase {
    LG_CURL_STATUS,  /* a status line is due */
    LG_CURL_INTERIM, /* the headers of a 1xx */
    LG_CURL_HEADERS,
    LG_CURL_BODY
};

/* An easy handle, configured once, and what it is doing. */
struct lg_curl_transfer {
    CURL *easy;
    struct lg_curl *owner;
    llmgw_exchange *x; /* NULL: idle */
    struct lg_curl_transfer *prev, *next;
    struct lg_curl_url *url;
    char *body; /* pieces brought together */
    char *more; /* lines beyond those below */
    struct curl_slist lines[LG_CURL_LINES];
    int64_t length;                      /* of the answer, -1: not known yet */
    int stopped;                         /* why an on_*() said so, or 0 */
    long timeout_ms, connect_ms, buffer; /* as set */
    uint8_t shape, custom, forbid, has_fields; /* as set */
    uint8_t phase, sent, chunked;
    uint8_t again; /* sent a second time, on a fresh connection */
    char error[CURL_ERROR_SIZE];
};

int lg_curl_transfer_new(struct lg_curl *c, struct lg_curl_transfer **out);
void lg_curl_transfer_free(struct lg_curl_transfer *t);
/* Set the callbacks. */
CURLcode lg_curl_transfer_listen(struct lg_curl_transfer *t);
/* Set the handle to an exchange; takes the reference to `u`. */
int lg_curl_transfer_begin(struct lg_curl_transfer *t, llmgw_exchange *x,
                           struct lg_curl_url *u);
/* Let go of the exchange. */
void lg_curl_transfer_end(struct lg_curl_transfer *t);
int lg_curl_transfer_pause(struct lg_curl_transfer *t, int paused);

/* What `rc` means; `detail` has room for LG_CURL_DETAIL bytes. */
#define LG_CURL_DETAIL (CURL_ERROR_SIZE + 16)
int lg_curl_result(const struct lg_curl_transfer *t, CURLcode rc, char *detail);

/* ---- the multi --------------------------------------------------------- */

struct lg_curl {
    struct lg_curl_config config; /* its strings are in `text` */
    struct lg_curl_ca ca;
    char *text;
    CURLM *multi;
    CURLSH *share; /* TLS sessions, so that any handle resumes any */
    struct lg_curl_urls urls;
    struct lg_curl_transfer *active;
    size_t nactive;
    struct lg_curl_transfer *idle[LG_CURL_IDLE];
    size_t nidle;
    struct lg_poll poll;
    int wake_fd;
    int64_t due;          /* when libcurl's timer ends; -1: it is not set */
    int told;             /* something was said to an exchange */
    int failed;           /* what went wrong inside a callback of libcurl's */
    llmgw_watch_fn watch; /* NULL: no host's loop */
    llmgw_timer_fn timer;
    void *user;
};

#endif
