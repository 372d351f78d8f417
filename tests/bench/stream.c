/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/client.h"

/* Who asks in the provider's words wants the text; who asks in others wants
 * the frames, to hand them on. */
void stream_run(char **argv)
{
    const long n = bench_number(argv[3]);
    const int frames = strcmp(argv[0], "openai") == 0
                           ? strcmp(argv[2], "chat") != 0
                           : strcmp(argv[2], "messages") != 0;
    struct bench_span span = {0, 0};
    llmgw_options *o = client_options(argv[0], argv[1]);
    llmgw_client *c = client_new(o);
    unsigned long pieces = 0;

    for (long i = -1; i < n; i++) {
        llmgw_stream *s;

        if (i == 0)
            bench_begin(&span);
        s = client_stream(c, argv[2]);
        pieces = client_drain(s, frames);
        llmgw_stream_free(s);
    }
    bench_end(&span);
    if (pieces < 2)
        bench_die("%lu pieces", pieces);
    bench_tell(&span, (double)n, (double)pieces);
    llmgw_client_free(c);
    llmgw_options_free(o);
}
