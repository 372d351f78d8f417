/* SPDX-License-Identifier: MIT
 *
 * The floors: the least that a program does which calls libcurl itself. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <curl/curl.h>

/* The headers that any request to a provider has. */
struct curl_slist *bare_headers(void);
/* A handle that posts `body` to `url` and counts what comes. */
CURL *bare_handle(const char *url, const char *body, struct curl_slist *headers,
                  size_t *count);

/* URL STREAMS SECONDS: bare_paced.c */
void bare_paced(char **argv);

#endif
