/* SPDX-License-Identifier: MIT
 *
 * Fail the first allocation of a scenario, then the second, ... until it runs
 * without meeting the failure: each one alone, and each with all after it.
 *
 *     torture                      everything
 *     TORTURE=name torture         one scenario
 *     TORTURE=name:17 torture      one of its points, both ways
 *     TORTURE=list torture         the names */
#include "tests/torture/torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/torture/oom.h"

#define POINTS_MAX       200000
#define POINTS_LEAKCHECK 100

#ifndef __has_feature
#    define __has_feature(x) 0
#endif
#if __has_feature(address_sanitizer)
#    include <sanitizer/lsan_interface.h>
#else
static int __lsan_do_recoverable_leak_check(void)
{
    return 0;
}
#endif

static const struct torture_scenario *const tables[] = {
    torture_lib,       torture_options, torture_convert,
    torture_transport, torture_call,    torture_ways,
};

void torture_complain(struct torture *t, const char *text, int line)
{
    if (t->complaint)
        return;
    t->complaint = text;
    t->line = line;
}

void torture_check_error(struct torture *t, int code, const llmgw_error *e)
{
    if (code >= 0) {
        TORTURE_CHECK(t, e == NULL);
        return;
    }
    TORTURE_CHECK(t, e != NULL);
    TORTURE_CHECK(t, llmgw_error_code(e) == code);
    TORTURE_CHECK(t, llmgw_error_message(e) != NULL);
}

/* 0 if the outcome is one that it may have. */
static int judge(const struct torture_scenario *s, const char *how, long k,
                 int rc, long failures, const struct torture *t)
{
    if (t->complaint)
        printf("%s:%ld (%s): line %d: %s (it returned %d)\n", s->name, k, how,
               t->line, t->complaint, rc);
    else if (rc != LLMGW_OK && (rc != LLMGW_E_NOMEM || !failures))
        printf("%s:%ld (%s): %d (%s) after %ld failed allocations\n", s->name,
               k, how, rc, llmgw_strerror(rc), failures);
    else
        return 0;
    return -1;
}

static int run_plain(const struct torture_scenario *s, const char *when)
{
    struct torture t = {NULL, 0};
    const int rc = s->run(&t);

    return judge(s, when, -1, rc, 0, &t);
}

/* 1: the scenario met a failure; 0: it did not; -1: it went wrong. */
static int run_point(const struct torture_scenario *s, enum oom_mode mode,
                     long k)
{
    struct torture t = {NULL, 0};
    const char *how = mode == OOM_ONCE ? "once" : "after";
    long failures;
    int rc;

    oom_arm(mode, k);
    rc = s->run(&t);
    failures = oom_disarm();
    if (judge(s, how, k, rc, failures, &t))
        return -1;
    if (k % POINTS_LEAKCHECK == 0 && __lsan_do_recoverable_leak_check()) {
        printf("%s:%ld (%s): leaks\n", s->name, k, how);
        return -1;
    }
    return failures > 0;
}

static int run_scenario(const struct torture_scenario *s)
{
    int met, bad = run_plain(s, "before");
    long points = 0;

    for (int mode = OOM_ONCE; mode <= OOM_AFTER; mode++) {
        long k = 0;
        do {
            met = run_point(s, (enum oom_mode)mode, k++);
            bad |= met < 0;
        } while (met && k < POINTS_MAX);
        if (met) {
            printf("%s: no end of it\n", s->name);
            bad = 1;
        }
        points += k - 1;
    }
    bad |= run_plain(s, "afterwards");
    bad |= __lsan_do_recoverable_leak_check();
    printf("%s %s: %ld points\n", bad ? "FAILED" : "ok", s->name, points);
    return bad;
}

/* Is it the scenario that was asked for? *k: its point, -1 for all. */
static int is_wanted(const char *wanted, const char *name, long *k)
{
    const size_t n = strlen(name);

    *k = -1;
    if (!wanted)
        return 1;
    if (strncmp(wanted, name, n) != 0)
        return 0;
    if (wanted[n] == ':')
        *k = strtol(wanted + n + 1, NULL, 10);
    return wanted[n] == ':' || wanted[n] == '\0';
}

int main(void)
{
    const char *wanted = getenv("TORTURE");
    int bad = 0, ran = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct torture_scenario *s = tables[i]; s->name; s++) {
            long k;

            if (wanted && strcmp(wanted, "list") == 0)
                ran = puts(s->name) >= 0;
            if (!is_wanted(wanted, s->name, &k))
                continue;
            ran = 1;
            if (k < 0)
                bad |= run_scenario(s);
            else
                bad |= run_point(s, OOM_ONCE, k) < 0 ||
                       run_point(s, OOM_AFTER, k) < 0;
        }
    }
    if (!ran)
        printf("no scenario %s\n", wanted);
    return bad || !ran;
}
