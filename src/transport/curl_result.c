/* SPDX-License-Identifier: MIT
 *
 * What libcurl's results mean to a call: what to do now, and what to say. */
#include "src/transport/curl_parts.h"

#include <stdio.h>

#include "lib/base/mem.h"

#define HEADER_LINE_MAX 102400 /* libcurl's CURL_MAX_HTTP_HEADER */

/* Beyond the public codes: it depends. */
enum {
    BROKEN = 1, /* the connection failed: before or after an answer began? */
    TLS,        /* no trust: never tried again */
    MEMORY,
    OURS /* a callback of ours said so */
};

static const struct {
    CURLcode rc;
    int means;
} meanings[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, LLMGW_E_CONNECT},
    {CURLE_COULDNT_RESOLVE_HOST, LLMGW_E_CONNECT},
    {CURLE_COULDNT_CONNECT, LLMGW_E_CONNECT},
    {CURLE_PROXY, LLMGW_E_CONNECT},
    {CURLE_SSL_CONNECT_ERROR, LLMGW_E_CONNECT},
    {CURLE_INTERFACE_FAILED, LLMGW_E_CONNECT},
    {CURLE_PEER_FAILED_VERIFICATION, TLS},
    {CURLE_SSL_CERTPROBLEM, TLS},
    {CURLE_SSL_CIPHER, TLS},
    {CURLE_USE_SSL_FAILED, TLS},
    {CURLE_SSL_CACERT_BADFILE, TLS},
    {CURLE_SSL_CRL_BADFILE, TLS},
    {CURLE_SSL_ISSUER_ERROR, TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, TLS},
    {CURLE_SSL_CLIENTCERT, TLS},
    {CURLE_OPERATION_TIMEDOUT, LLMGW_E_TIMEOUT},
    {CURLE_OUT_OF_MEMORY, MEMORY},
    {CURLE_WRITE_ERROR, OURS},
    {CURLE_READ_ERROR, OURS},
    {CURLE_ABORTED_BY_CALLBACK, OURS},
    {CURLE_SEND_ERROR, BROKEN},
    {CURLE_RECV_ERROR, BROKEN},
    {CURLE_GOT_NOTHING, BROKEN},
    {CURLE_PARTIAL_FILE, BROKEN},
    {CURLE_SEND_FAIL_REWIND, BROKEN},
    {CURLE_SSL_SHUTDOWN_FAILED, BROKEN},
    {CURLE_URL_MALFORMAT, LLMGW_E_OPTION},
    {CURLE_FILESIZE_EXCEEDED, LLMGW_E_LIMIT},
    {CURLE_NOT_BUILT_IN, LLMGW_E_UNSUPPORTED},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, LLMGW_E_LIMIT},
#endif
};

static int look_up(CURLcode rc)
{
    for (size_t i = 0; i < LG_COUNT(meanings); i++)
        if (meanings[i].rc == rc)
            return meanings[i].means;
    return LLMGW_E_PROTOCOL;
}

/* Before 8.6 a header line beyond libcurl's ceiling is told as "out of
 * memory". It may be that where an answer has begun and there is memory. */
static int is_long_header(const struct lg_curl_transfer *t)
{
    curl_off_t first_us = 0;
    void *memory;

    (void)curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_us);
    if (first_us <= 0 || t->phase == LG_CURL_BODY)
        return 0;
    memory = lg_alloc(HEADER_LINE_MAX);
    lg_free(memory);
    return memory != NULL;
}

static int decide(const struct lg_curl_transfer *t, CURLcode rc)
{
    const int means = look_up(rc);

    switch (means) {
    case TLS:
        return LLMGW_E_CONNECT;
    case MEMORY:
        return is_long_header(t) ? LLMGW_E_LIMIT : LLMGW_E_NOMEM;
    case OURS:
        return t->stopped ? t->stopped : LLMGW_E_CANCELLED;
    case BROKEN:
        if (t->phase == LG_CURL_STATUS || t->phase == LG_CURL_INTERIM)
            return LLMGW_E_CONNECT;
        /* libcurl tells a bad chunk so, too */
        return strstr(t->error, "chunk") && rc == CURLE_RECV_ERROR
                   ? LLMGW_E_PROTOCOL
                   : LLMGW_E_TRUNCATED;
    case LLMGW_E_PROTOCOL:
        return t->sent ? LLMGW_E_PROTOCOL : LLMGW_E_CONNECT;
    default:
        return means;
    }
}

int lg_curl_result(const struct lg_curl_transfer *t, CURLcode rc, char *detail)
{
    const char *kind = "", *text = t->error;
    int code;

    detail[0] = '\0';
    if (rc == CURLE_OK && t->phase == LG_CURL_BODY)
        return LLMGW_OK;
    if (rc == CURLE_OK) { /* it ended among its headers */
        code =
            t->phase == LG_CURL_HEADERS ? LLMGW_E_TRUNCATED : LLMGW_E_PROTOCOL;
        text = "the answer has no end of headers";
    } else {
        code = decide(t, rc);
        if (look_up(rc) == TLS)
            kind = "tls: ";
        else if (code == LLMGW_E_TIMEOUT && !t->sent)
            kind = "connect: ";
        else if (rc == CURLE_ABORTED_BY_CALLBACK && code == LLMGW_E_CONNECT)
            text = "the kept connection broke";
        else if (code == LLMGW_E_LIMIT)
            text = "a header of the answer is too long";
        if (!*text)
            text = curl_easy_strerror(rc);
    }
    (void)snprintf(detail, LG_CURL_DETAIL, "%s%s", kind, text);
    for (char *p = detail; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    return code;
}
