/* SPDX-License-Identifier: MIT */
#include "tests/bench/bare.h"

#include <string.h>

#include "tests/bench/bench.h"

static size_t count(char *data, size_t size, size_t n, void *user)
{
    size_t *sum = user;

    (void)data;
    *sum += size * n;
    return size * n;
}

struct curl_slist *bare_headers(void)
{
    static const char *const lines[] = {
        "content-type: application/json", "accept: application/json",
        "x-api-key: sk-bench-0000000000000000", "anthropic-version: 2023-06-01",
        "user-agent: bare"};
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        list = curl_slist_append(list, lines[i]);
    return list;
}

CURL *bare_handle(const char *url, const char *body, struct curl_slist *headers,
                  size_t *sum)
{
    CURL *easy = curl_easy_init();

    if (!easy || curl_easy_setopt(easy, CURLOPT_URL, url) ||
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) ||
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count) ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, sum))
        bench_die("libcurl cannot be set up");
    return easy;
}

static void once(CURL *easy, size_t *sum)
{
    long status = 0;

    *sum = 0;
    if (curl_easy_perform(easy) ||
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) ||
        status != 200 || !*sum)
        bench_die("no answer");
}

static void repeat(char **argv, int stream)
{
    const long n = bench_number(argv[1]);
    struct bench_span span;
    size_t sum = 0;
    struct curl_slist *headers = bare_headers();
    CURL *easy =
        bare_handle(argv[0], bench_body_for(argv[0], stream), headers, &sum);

    once(easy, &sum);
    bench_begin(&span);
    for (long i = 0; i < n; i++)
        once(easy, &sum);
    bench_end(&span);
    bench_tell(&span, (double)n, 0);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
}

static void request(char **argv)
{
    repeat(argv, 0);
}

static void count_stream(char **argv)
{
    repeat(argv, 1);
}

/* One request in a young process. A certificate that nobody knows ends it
 * where trust was looked for, and that is what it is asked for then. */
static void first(char **argv)
{
    struct bench_span span;
    struct curl_slist *headers;
    size_t sum = 0;
    CURLcode rc;
    CURL *easy;

    bench_begin(&span);
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        bench_die("libcurl cannot be set up");
    headers = bare_headers();
    easy = bare_handle(argv[0], bench_body_for(argv[0], 0), headers, &sum);
    rc = curl_easy_perform(easy);
    bench_end(&span);
    if (rc != (strncmp(argv[0], "https", 5) ? CURLE_OK
                                            : CURLE_PEER_FAILED_VERIFICATION))
        bench_die("%s", curl_easy_strerror(rc));
    bench_tell(&span, 1, 0);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
}

int main(int argc, char **argv)
{
    static const struct bench_verb verbs[] = {
        {"request", "URL N", 2, request},
        {"count", "URL N", 2, count_stream},
        {"first", "URL", 1, first},
        {"paced", "URL STREAMS SECONDS", 3, bare_paced},
        {NULL, NULL, 0, NULL}};

    return bench_main(argc, argv, verbs);
}
