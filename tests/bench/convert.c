/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/client.h"

void convert_run(char **argv)
{
    const long times = bench_number(argv[3]);
    struct bench_span span;
    size_t n, made = 0;
    char *text = bench_file(argv[2], &n);

    bench_begin(&span);
    for (long i = 0; i < times; i++) {
        llmgw_error *e = NULL;
        char *out = NULL;

        if (llmgw_convert(NULL, "request", argv[0], argv[1], text, n, &out,
                          &made, NULL, &e))
            client_die("conversion", e);
        llmgw_free(out);
    }
    bench_end(&span);
    if (times && made < n / 2)
        bench_die("%zu bytes of %zu", made, n);
    bench_tell(&span, (double)times, (double)made / 1024);
    free(text);
}
