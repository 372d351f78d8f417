/* SPDX-License-Identifier: MIT
 *
 * The floor of conversion: to look at every byte once and know it is JSON. */
#include <stdlib.h>

#include "lib/json/read.h"
#include "tests/bench/bench.h"

static void scan(char **argv)
{
    const long times = bench_number(argv[1]);
    struct bench_span span;
    size_t n;
    char *text = bench_file(argv[0], &n);

    bench_begin(&span);
    for (long i = 0; i < times; i++)
        if (lg_json_check(lg_str_from(text, n), NULL))
            bench_die("no JSON");
    bench_end(&span);
    bench_tell(&span, (double)times, (double)n / 1024);
    free(text);
}

int main(int argc, char **argv)
{
    static const struct bench_verb verbs[] = {{"scan", "FILE N", 2, scan},
                                              {NULL, NULL, 0, NULL}};

    return bench_main(argc, argv, verbs);
}
