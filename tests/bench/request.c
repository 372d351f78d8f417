/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/client.h"

static void ask(llmgw_client *c)
{
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    size_t n = 0;

    if (llmgw_messages_create(c, NULL, bench_anthropic, LLMGW_NUL_TERMINATED,
                              &r, &e))
        client_die("request", e);
    if (!llmgw_response_text(r, &n) || n < 100)
        bench_die("no text");
    llmgw_response_free(r);
}

void request_run(char **argv)
{
    const long n = bench_number(argv[1]);
    struct bench_span span;
    llmgw_options *o = client_options("anthropic", argv[0]);
    llmgw_client *c = client_new(o);

    ask(c);
    bench_begin(&span);
    for (long i = 0; i < n; i++)
        ask(c);
    bench_end(&span);
    bench_tell(&span, (double)n, 0);
    llmgw_client_free(c);
    llmgw_options_free(o);
}

/* As bench-bare does it: one request in a young process. */
void first_run(char **argv)
{
    struct bench_span span;
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    llmgw_options *o;
    llmgw_client *c;
    int rc;

    bench_begin(&span);
    o = client_options("anthropic", argv[0]);
    c = client_new(o);
    rc = llmgw_messages_create(c, NULL, bench_anthropic, LLMGW_NUL_TERMINATED,
                               &r, &e);
    bench_end(&span);
    if (rc != (strncmp(argv[0], "https", 5) ? LLMGW_OK : LLMGW_E_CONNECT))
        client_die("request", e);
    bench_tell(&span, 1, 0);
    llmgw_error_free(e);
    llmgw_response_free(r);
    llmgw_client_free(c);
    llmgw_options_free(o);
}
