/* SPDX-License-Identifier: MIT
 *
 * URLs, by libcurl's own parser: what is checked is what is connected to. */
#include "src/transport/curl_parts.h"

#include <strings.h>

#include "lib/base/mem.h"

#define PARSE_FLAGS (CURLU_PATH_AS_IS | CURLU_DISALLOW_USER)

/* 127.0.0.0/8, spelt as libcurl spells an address that it has understood:
 * four decimal numbers without leading zeros. */
static int is_loopback4(const char *s)
{
    for (int i = 0; i < 4; i++) {
        const size_t digits = strspn(s, "0123456789");
        int v = 0;

        if (!digits || digits > 3 || (*s == '0' && digits > 1))
            return 0;
        for (size_t k = 0; k < digits; k++)
            v = v * 10 + (s[k] - '0');
        if (v > 255 || (i == 0 && v != 127))
            return 0;
        s += digits;
        if (*s++ != (i < 3 ? '.' : '\0'))
            return 0;
    }
    return 1;
}

static int is_loopback(const char *host)
{
    return !strcasecmp(host, "localhost") || !strcmp(host, "[::1]") ||
           is_loopback4(host);
}

/* What libcurl's parser would forgive, and we do not; NULL: nothing. */
static const char *find_fault(const char *url)
{
    const char *colon = strstr(url, "://");
    const char *authority = colon ? colon + 3 : url;
    const size_t n = strcspn(authority, "/?#");

    for (const char *p = url; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || *p == '\\')
            return "has a character that must be percent-encoded";
    if (!colon || memchr(url, '/', (size_t)(colon - url)) || !n)
        return "is not an absolute URL";
    if (memchr(authority, '@', n))
        return "must not hold a user name or password";
    if (strchr(url, '#'))
        return "must not have a fragment";
    return NULL;
}

/* libcurl's parser on `url`; NULL and an error. */
static CURLU *parse(const char *url, const char *where, struct lg_err *e)
{
    CURLU *u = curl_url();
    const CURLUcode rc = u ? curl_url_set(u, CURLUPART_URL, url, PARSE_FLAGS)
                           : CURLUE_OUT_OF_MEMORY;

    if (rc == CURLUE_OK)
        return u;
    curl_url_cleanup(u);
    if (rc == CURLUE_OUT_OF_MEMORY)
        (void)lg_fail_mem(e, LLMGW_E_NOMEM);
    else
        (void)lg_fail(e, LLMGW_E_OPTION, where, "not a URL: %s",
                      curl_url_strerror(rc));
    return NULL;
}

static int check_parts(const char *scheme, const char *host, const char *port,
                       int allow_http, const char *where, struct lg_err *e)
{
    if (!strcmp(port, "0"))
        return lg_fail(e, LLMGW_E_OPTION, where, "0 is no port");
    if (!strcmp(scheme, "https"))
        return LLMGW_OK;
    if (strcmp(scheme, "http"))
        return lg_fail(e, LLMGW_E_OPTION, where, "must begin with https://");
    if (allow_http || is_loopback(host))
        return LLMGW_OK;
    return lg_fail(e, LLMGW_E_OPTION, where,
                   "plain http would show the credential to the network");
}

int lg_curl_check_url(const char *url, int allow_http, const char *where,
                      struct lg_err *e)
{
    const char *fault = url ? find_fault(url) : "is not an absolute URL";
    char *scheme = NULL, *host = NULL, *port = NULL;
    struct lg_err own = {0};
    CURLUcode rc;
    CURLU *u;
    int err;

    if (fault)
        return lg_fail(e, LLMGW_E_OPTION, where, "the URL %s", fault);
    u = parse(url, where, &own);
    if (!u) {
        if (e)
            *e = own;
        return own.code;
    }
    rc = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
    if (!rc)
        rc = curl_url_get(u, CURLUPART_HOST, &host, 0);
    if (!rc)
        rc = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    if (rc == CURLUE_OUT_OF_MEMORY)
        err = lg_fail_mem(e, LLMGW_E_NOMEM);
    else if (rc)
        err = lg_fail(e, LLMGW_E_OPTION, where, "must begin with https://");
    else
        err = check_parts(scheme, host, port, allow_http, where, e);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return err;
}

static int same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a = NULL, *of_b = NULL;
    const int same = !curl_url_get(a, part, &of_a, CURLU_DEFAULT_PORT) &&
                     !curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT) &&
                     !strcasecmp(of_a, of_b);

    curl_free(of_a);
    curl_free(of_b);
    return same;
}

int lg_curl_same_origin(const char *a, const char *b)
{
    CURLU *of_a = parse(a, NULL, NULL);
    CURLU *of_b = of_a ? parse(b, NULL, NULL) : NULL;
    const int same = of_b && same_part(of_a, of_b, CURLUPART_SCHEME) &&
                     same_part(of_a, of_b, CURLUPART_HOST) &&
                     same_part(of_a, of_b, CURLUPART_PORT);

    curl_url_cleanup(of_a);
    curl_url_cleanup(of_b);
    return same;
}

/* ---- those in use, parsed once ----------------------------------------- */

void lg_curl_url_give(struct lg_curl_url *u)
{
    if (!u || --u->refs)
        return;
    curl_url_cleanup(u->parsed);
    lg_free(u->text);
    lg_free(u);
}

static int make(const char *url, struct lg_curl_url **out)
{
    const int https = !strncasecmp(url, "https:", 6);
    struct lg_err e = {0};
    struct lg_curl_url *u;

    if (!https && strncasecmp(url, "http:", 5))
        return LLMGW_E_OPTION;
    u = lg_zalloc(sizeof(*u));
    if (!u)
        return LLMGW_E_NOMEM;
    u->refs = 1;
    u->https = https;
    u->text = lg_strndup(url, strlen(url));
    u->parsed = u->text ? parse(url, NULL, &e) : NULL;
    if (u->parsed) {
        *out = u;
        return LLMGW_OK;
    }
    lg_curl_url_give(u);
    return e.code ? e.code : LLMGW_E_NOMEM;
}

int lg_curl_urls_take(struct lg_curl_urls *c, const char *url,
                      struct lg_curl_url **out)
{
    struct lg_curl_url *u = NULL;
    size_t i = 0;

    while (i < LG_CURL_URLS && c->entry[i] && strcmp(c->entry[i]->text, url))
        i++;
    if (i < LG_CURL_URLS && c->entry[i]) {
        u = c->entry[i];
    } else {
        const int err = make(url, &u);

        if (err)
            return err;
        if (i == LG_CURL_URLS)
            lg_curl_url_give(c->entry[--i]);
    }
    memmove(c->entry + 1, c->entry, i * sizeof(c->entry[0]));
    c->entry[0] = u;
    u->refs++;
    *out = u;
    return LLMGW_OK;
}

void lg_curl_urls_done(struct lg_curl_urls *c)
{
    for (size_t i = 0; i < LG_CURL_URLS; i++)
        lg_curl_url_give(c->entry[i]);
    memset(c, 0, sizeof(*c));
}
