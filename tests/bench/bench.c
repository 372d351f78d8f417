/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define ASKS "\"messages\":[{\"role\":\"user\",\"content\":\"Say something.\"}]"

const char bench_anthropic[] =
    "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":64," ASKS "}";
const char bench_anthropic_stream[] =
    "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":64,\"stream\":true," ASKS
    "}";
const char bench_openai[] = "{\"model\":\"gpt-4o\",\"max_tokens\":64," ASKS "}";
const char bench_openai_stream[] =
    "{\"model\":\"gpt-4o\",\"max_tokens\":64,\"stream\":true,"
    "\"stream_options\":{\"include_usage\":true}," ASKS "}";

const char *bench_body_for(const char *url, int stream)
{
    if (strstr(url, "/messages"))
        return stream ? bench_anthropic_stream : bench_anthropic;
    return stream ? bench_openai_stream : bench_openai;
}

void bench_die(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(1);
}

void *bench_alloc(size_t n)
{
    void *p = calloc(1, n);

    if (!p)
        bench_die("no memory");
    return p;
}

long bench_number(const char *text)
{
    char *end;
    const long v = strtol(text, &end, 10);

    if (*end || end == text || v < 0)
        bench_die("no number: %s", text);
    return v;
}

char *bench_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    long size;
    char *p;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
        bench_die("cannot read %s", path);
    rewind(f);
    p = bench_alloc((size_t)size + 1);
    if (fread(p, 1, (size_t)size, f) != (size_t)size)
        bench_die("cannot read %s", path);
    (void)fclose(f);
    *n = (size_t)size;
    return p;
}

static double us(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double bench_cpu_us(void)
{
    return us(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall_us(void)
{
    return us(CLOCK_MONOTONIC);
}

double bench_rss_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size, resident = 0;

    if (!f || fscanf(f, "%ld %ld", &size, &resident) != 2)
        bench_die("no /proc/self/statm");
    (void)fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

void bench_begin(struct bench_span *s)
{
    s->wall_us = bench_wall_us();
    s->cpu_us = bench_cpu_us();
}

void bench_end(struct bench_span *s)
{
    s->cpu_us = bench_cpu_us() - s->cpu_us;
    s->wall_us = bench_wall_us() - s->wall_us;
}

void bench_tell(const struct bench_span *s, double n, double kb)
{
    (void)printf("{\"n\":%.0f,\"cpu_us\":%.3f,\"wall_us\":%.3f,\"kb\":%.3f}\n",
                 n, s->cpu_us, s->wall_us, kb);
}

void bench_files(void)
{
    struct rlimit r;

    if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

int bench_main(int argc, char **argv, const struct bench_verb *verbs)
{
    bench_files();
    for (const struct bench_verb *v = verbs; argc > 1 && v->name; v++)
        if (!strcmp(v->name, argv[1]) && argc == v->argc + 2) {
            v->run(argv + 2);
            return 0;
        }
    for (const struct bench_verb *v = verbs; v->name; v++)
        (void)fprintf(stderr, "%s %s %s\n", argv[0], v->name, v->arguments);
    return 2;
}
