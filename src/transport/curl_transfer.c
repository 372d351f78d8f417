/* SPDX-License-Identifier: MIT
 *
 * An easy handle, and what it is told once and for all. */
#include "src/transport/curl_parts.h"

#include "lib/base/mem.h"

static const struct {
    CURLoption option;
    long value;
} numbers[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0}, /* an x-api-key would follow */
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* a proxy gets none of ours */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_TCP_KEEPALIVE, 1},
};

static CURLcode set_trust(CURL *easy, const struct lg_curl *c)
{
    struct lg_curl_ca ca = {c->config.ca_file, c->config.ca_dir};
    CURLcode rc;

    if (!ca.file && !ca.dir)
        ca = c->ca;
    if (!ca.file && !ca.dir)
        return CURLE_OK;
    if ((rc = curl_easy_setopt(easy, CURLOPT_CAINFO, ca.file)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_CAPATH, ca.dir)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca.file)))
        return rc;
    return curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, ca.dir);
}

static CURLcode set_connection(CURL *easy, const struct lg_curl *c)
{
    const char *proxy = c->config.proxy ? c->config.proxy : "";
    const int keep_ms = c->config.keep_ms;
    CURLcode rc;

    if ((rc = curl_easy_setopt(easy, CURLOPT_PROXY, proxy)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_NOPROXY, "")) ||
        (rc = curl_easy_setopt(easy, CURLOPT_SHARE, c->share)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                               c->config.http2 ? CURL_HTTP_VERSION_2TLS
                                               : CURL_HTTP_VERSION_1_1)) ||
        (rc = curl_easy_setopt(easy, CURLOPT_PIPEWAIT,
                               c->config.http2 ? 1L : 0L)))
        return rc;
    if (keep_ms <= 0)
        return curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    return curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                            (long)(keep_ms + 999) / 1000);
}

static CURLcode set_constants(struct lg_curl_transfer *t)
{
    CURLcode rc;

    for (size_t i = 0; i < LG_COUNT(numbers); i++) {
        rc = curl_easy_setopt(t->easy, numbers[i].option, numbers[i].value);
        if (rc)
            return rc;
    }
#if LIBCURL_VERSION_NUM >= 0x075700
    /* else forgetting a transfer waits for its resolver's thread; refused by
     * libraries that have none */
    (void)curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    if ((rc = set_trust(t->easy, t->owner)) ||
        (rc = set_connection(t->easy, t->owner)))
        return rc;
    return lg_curl_transfer_listen(t);
}

int lg_curl_transfer_new(struct lg_curl *c, struct lg_curl_transfer **out)
{
    struct lg_curl_transfer *t = lg_zalloc(sizeof(*t));
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    if (!t)
        return LLMGW_E_NOMEM;
    t->owner = c;
    t->easy = curl_easy_init();
    if (t->easy)
        rc = set_constants(t);
    if (rc == CURLE_OK) {
        *out = t;
        return LLMGW_OK;
    }
    lg_curl_transfer_free(t);
    return rc == CURLE_OUT_OF_MEMORY ? LLMGW_E_NOMEM : LLMGW_E_UNSUPPORTED;
}

void lg_curl_transfer_free(struct lg_curl_transfer *t)
{
    curl_easy_cleanup(t->easy);
    lg_curl_url_give(t->url);
    lg_free(t->body);
    lg_free(t->more);
    lg_free(t);
}
