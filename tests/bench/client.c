/* SPDX-License-Identifier: MIT */
#include "tests/bench/client.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/bench.h"

void client_die(const char *what, const llmgw_error *e)
{
    bench_die("%s: %s", what, e ? llmgw_error_message(e) : "no error");
}

void client_set(llmgw_options *o, const char *key, const char *value)
{
    if (llmgw_options_set(o, key, value))
        client_die(key, llmgw_options_error(o));
}

llmgw_options *client_options(const char *type, const char *base_url)
{
    llmgw_options *o = NULL;

    if (llmgw_options_new(&o))
        bench_die("no memory");
    client_set(o, "providers.upstream.type", type);
    client_set(o, "providers.upstream.base_url", base_url);
    client_set(o, "providers.upstream.api_key", "sk-bench-0000000000000000");
    client_set(o, "retry.max", "0");
    return o;
}

llmgw_client *client_new(const llmgw_options *o)
{
    llmgw_client *c = NULL;
    llmgw_error *e = NULL;

    if (llmgw_client_new(o, &c, &e))
        client_die("client", e);
    return c;
}

llmgw_stream *client_stream(llmgw_client *c, const char *operation)
{
    const char *body = strcmp(operation, "chat") ? bench_anthropic_stream
                                                 : bench_openai_stream;
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;

    if (llmgw_call_stream(c, NULL, operation, body, LLMGW_NUL_TERMINATED, &s,
                          &e))
        client_die("stream", e);
    return s;
}

unsigned long client_drain(llmgw_stream *s, int frames)
{
    unsigned long pieces = 0;
    int ev;

    while ((ev = llmgw_stream_next(s)) > 0) {
        size_t n = 0;
        const char *p =
            frames ? llmgw_stream_frame(s, &n) : llmgw_stream_text(s, &n);

        if (frames && !p)
            continue;
        pieces += ev == LLMGW_EVENT_TEXT || ev == LLMGW_EVENT_TOOL_INPUT;
    }
    if (ev)
        client_die("stream", llmgw_stream_error(s));
    return pieces;
}

int main(int argc, char **argv)
{
    static const struct bench_verb verbs[] = {
        {"convert", "FROM TO FILE N", 4, convert_run},
        {"deltas", "TYPE t|j N TIMES", 4, deltas_run},
        {"first", "BASE", 1, first_run},
        {"paced", "BASE STREAMS SECONDS", 3, paced_run},
        {"pass", "FILE N", 2, pass_run},
        {"request", "BASE N", 2, request_run},
        {"stream", "TYPE BASE OPERATION N", 4, stream_run},
        {"threads", "BASE THREADS STREAMS LOOPS CA", 5, threads_run},
        {NULL, NULL, 0, NULL}};

    return bench_main(argc, argv, verbs);
}
