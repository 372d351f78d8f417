/* SPDX-License-Identifier: MIT
 *
 * What the benchmark programs share. Each does one thing `n` times, after one
 * time to warm up, and prints what it took as a JSON line; run.py pairs them. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Text of a request's body: a question of 100 bytes or so, in the format. */
extern const char bench_anthropic[], bench_anthropic_stream[];
extern const char bench_openai[], bench_openai_stream[];

/* The body that goes to a URL: by its path, as the upstream answers it. */
const char *bench_body_for(const char *url, int stream);

void bench_die(const char *fmt, ...) __attribute__((noreturn));
/* As many descriptors as may be. */
void bench_files(void);
void *bench_alloc(size_t n);
long bench_number(const char *text);
char *bench_file(const char *path, size_t *n);

/* User and system time of the process, and the time of day, in us. */
double bench_cpu_us(void);
double bench_wall_us(void);
double bench_rss_kb(void);

struct bench_span {
    double cpu_us, wall_us;
};

void bench_begin(struct bench_span *s);
void bench_end(struct bench_span *s);
/* {"n":n,"cpu_us":...,"wall_us":...,"kb":...} */
void bench_tell(const struct bench_span *s, double n, double kb);

/* A verb of a program: `argv` without the program's name and the verb's. */
struct bench_verb {
    const char *name, *arguments;
    int argc;
    void (*run)(char **argv);
};

int bench_main(int argc, char **argv, const struct bench_verb *verbs);

#endif
