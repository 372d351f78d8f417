/* SPDX-License-Identifier: MIT
 *
 * Calls of all kinds for a while, a fifth of them faulty, by several threads:
 * over sockets with one client that lives on and others that come and go, and
 * over scripts. Then memory and descriptors are what they were.
 *
 *     soak                    5 seconds; with LLMGW_LONG five minutes
 *     SOAK_SECONDS=60 soak    ... or as long as it says */
#include "tests/api/threads.h"

#include <dirent.h>
#include <malloc.h>

#define STRETCHES  20 /* between two looks at what is in use */
#define SETTLED    5  /* of them until what is kept is there */
#define GROWTH_MAX (768 * 1024)
#define HANDS      3 /* over sockets */

static int64_t stretch_ms;
static llmgw_options *hasty; /* for answers that do not come */

/* ---- questions ----------------------------------------------------------- */

static const struct question {
    const char *json;
    size_t letters;
    int code; /* what comes of it */
} good[] =
    {
        {LOOPBACK_ASK("pieces=1 size=10"), 10, 0},
        {LOOPBACK_ASK("pieces=20 size=9"), 180, 0},
        {LOOPBACK_ASK("pieces=5 size=20000"), 100000, 0},
        {LOOPBACK_ASK("pieces=4 size=6 pace=1"), 24, 0},
},
  bad[] = {
      {LOOPBACK_ASK("fail=503"), 0, LLMGW_E_PROVIDER},
      {LOOPBACK_ASK("fail=429"), 0, LLMGW_E_RATE_LIMIT},
      {LOOPBACK_ASK("fail=400"), 0, LLMGW_E_REFUSED},
      {LOOPBACK_ASK("fail=1"), 0, LLMGW_E_CONNECT},
      {LOOPBACK_ASK("fail=2 pieces=9"), 0, LLMGW_E_TRUNCATED},
      {LOOPBACK_ASK("hang=1"), 0, LLMGW_E_TIMEOUT},
};

static const llmgw_options *options_for(const struct question *q)
{
    return q->code == LLMGW_E_TIMEOUT ? hasty : NULL;
}

static const struct question *choose(struct hand *h)
{
    return random_of(h) % 5 ? &good[random_of(h) % COUNT(good)]
                            : &bad[random_of(h) % COUNT(bad)];
}

static void judge(const struct question *q, int code, size_t letters,
                  const llmgw_error *e)
{
    if (code != q->code || (!code && letters != q->letters))
        complain("%s: %d with %zu letters: %s", q->json, code, letters,
                 llmgw_error_message(e));
    atomic_fetch_add(&w.done, 1);
}

/* ---- over sockets -------------------------------------------------------- */

static void ask_for_all(llmgw_client *c, const struct question *q)
{
    llmgw_response *r;
    llmgw_error *e;
    size_t n = 0;
    const int code =
        llmgw_call(c, options_for(q), "messages", q->json, NUL, &r, &e);

    (void)llmgw_response_text(r, &n);
    judge(q, code, n, e);
    llmgw_response_free(r);
    llmgw_error_free(e);
}

/* `events` < 0: to its end; else it is left behind. */
static void ask_for_stream(llmgw_client *c, const struct question *q,
                           int events)
{
    llmgw_stream *s;
    llmgw_error *e;
    size_t n = 0;
    int code =
        llmgw_call_stream(c, options_for(q), "messages", q->json, NUL, &s, &e);

    if (events < 0) {
        if (s)
            n = read_on(s, &code);
        judge(q, code, n, s ? llmgw_stream_error(s) : e);
    }
    for (int i = 0; i < events && s && llmgw_stream_next(s) > 0; i++)
        continue;
    llmgw_stream_free(s);
    llmgw_error_free(e);
}

/* With a client of its own, whose stream outlives it. */
static void come_and_go(void)
{
    const struct question *q = &good[1];
    llmgw_stream *s = NULL;
    llmgw_client *c;

    if (llmgw_client_new(sc.o, &c, NULL))
        complain("no client");
    ask_for_all(c, q);
    if (llmgw_call_stream(c, NULL, "messages", q->json, NUL, &s, NULL))
        complain("no stream");
    llmgw_client_free(c);
    if (llmgw_stream_next(s) != LLMGW_E_CANCELLED)
        complain("it outlived its client");
    llmgw_stream_free(s);
}

static void call_over_sockets(struct hand *h)
{
    const struct question *q = choose(h);

    switch (random_of(h) % 16) {
    case 0:
        come_and_go();
        break;
    case 1:
    case 2:
        ask_for_stream(sc.c, q, (int)(random_of(h) % 8));
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        ask_for_all(sc.c, q);
        break;
    default:
        ask_for_stream(sc.c, q, -1);
        break;
    }
}

/* ---- over scripts -------------------------------------------------------- */

static void script_fault(llmgw_script *s, uint32_t which)
{
    switch (which % 5) {
    case 0:
        (void)llmgw_script_refuse(s);
        break;
    case 1:
        (void)llmgw_script_reset(s);
        break;
    case 2:
        (void)llmgw_script_stall(s);
        break;
    case 3:
        (void)llmgw_script_answer(s, 529, JSON, OVERLOADED, NUL);
        break;
    default:
        (void)llmgw_script_answer(s, 200, JSON, "{\"type\":", NUL);
        break;
    }
}

/* An exchange that goes well, or fails once, or for good. */
static void call_over_script(struct hand *h)
{
    const int faults = random_of(h) % 5 ? 0 : 1 + (int)(random_of(h) % 2) * 2;
    const int streams = (int)(random_of(h) % 2);
    llmgw_script *s;
    llmgw_options *o;
    llmgw_client *c;
    llmgw_response *r = NULL;
    int rc = 0;

    if (llmgw_script_new(&s) || llmgw_options_new(&o) ||
        llmgw_options_set_script(o, s) ||
        llmgw_options_set(o, "providers.openai.api_key", "k") ||
        llmgw_options_set(o, "create_via_stream", streams ? "true" : "false") ||
        llmgw_client_new(o, &c, NULL)) {
        complain("no memory");
        return;
    }
    for (int i = 0; i < 3; i++) {
        (void)llmgw_script_expect(s, "POST", NULL, NULL);
        if (i < faults)
            script_fault(s, random_of(h));
        else
            (void)llmgw_script_answer(
                s, 200, streams ? EVENTS : JSON,
                streams ? CHAT_STREAM : COMPLETION("It is"), NUL);
    }
    rc = llmgw_call(c, NULL, "messages", /* converted, both ways */
                    ASK_MESSAGES("openai/gpt-x"), NUL, &r, NULL);
    if (faults ? faults == 3 && !rc
               : rc || strcmp(llmgw_response_text(r, NULL), "It is") != 0)
        complain("script with %d faults: %d", faults, rc);
    llmgw_response_free(r);
    llmgw_client_free(c);
    llmgw_options_free(o);
    llmgw_script_free(s);
    atomic_fetch_add(&w.done, 1);
}

/* ---- what is in use ------------------------------------------------------ */

static struct {
    double rss; /* bytes */
    int fds;
} in_use[STRETCHES];

static double read_rss(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    (void)malloc_trim(0); /* what is free is not in use */
    if (f && fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        (void)fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int count_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        (void)closedir(d);
    return n;
}

/* By how much memory grew once it had settled: the line that fits best. */
static double growth(void)
{
    const int n = STRETCHES - SETTLED;
    double x_mean = (n - 1) / 2.0, y_mean = 0, xy = 0, xx = 0;

    for (int i = 0; i < n; i++)
        y_mean += in_use[SETTLED + i].rss / n;
    for (int i = 0; i < n; i++) {
        xy += (i - x_mean) * (in_use[SETTLED + i].rss - y_mean);
        xx += (i - x_mean) * (i - x_mean);
    }
    return xy / xx * (n - 1);
}

/* ---- the soak ------------------------------------------------------------ */

static void work(struct hand *h)
{
    const int64_t until = lg_sys_mono_ms() + stretch_ms;

    while (lg_sys_mono_ms() < until && !w.wrong[0])
        if (h->i < HANDS)
            call_over_sockets(h);
        else
            call_over_script(h);
}

/* Connections that idle are the client's to keep; it is asked again until
 * those of others are closed on both sides. */
static int settled_fds(void)
{
    int fds = count_fds();

    for (int i = 0; i < 200 && fds > in_use[0].fds; i++) {
        nap_us(1000);
        fds = count_fds();
    }
    return fds;
}

static void stands_calls_of_all_kinds(void **state)
{
    const char *seconds = getenv("SOAK_SECONDS");
    const long s = seconds         ? strtol(seconds, NULL, 10)
                   : rounds(5) > 5 ? 300
                                   : 5;

    (void)state;
    (void)mallopt(M_ARENA_MAX, 2);
    stretch_ms = s * 1000 / STRETCHES;
    set("retry.max", "2");
    set("retry.initial_ms", "1");
    set("retry.budget", "0");
    (void)client();
    assert_int_equal(llmgw_options_new(&hasty), 0);
    assert_int_equal(llmgw_options_set(hasty, "timeout.idle_ms", "20"), 0);
    assert_int_equal(llmgw_options_set(hasty, "timeout.first_byte_ms", "20"),
                     0);
    for (int i = 0; i < STRETCHES; i++) {
        run_crew(HANDS + 1, work, NULL);
        in_use[i].rss = read_rss();
        in_use[i].fds = i ? settled_fds() : count_fds();
        print_message("# %d calls, %.0f KiB, %d descriptors\n",
                      atomic_load(&w.done), in_use[i].rss / 1024,
                      in_use[i].fds);
    }
    llmgw_options_free(hasty);
}

static void keeps_its_memory(void **state)
{
    (void)state;
    if (in_use[0].rss <= 0)
        skip();
    print_message("# it grew by %.0f KiB\n", growth() / 1024);
    assert_true(growth() < GROWTH_MAX);
}

/* Of each hand a connection, on both sides; not more than it began with. */
static void keeps_its_descriptors(void **state)
{
    (void)state;
    for (int i = 1; i < STRETCHES; i++)
        assert_true(in_use[i].fds <= in_use[0].fds + 2 * HANDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(stands_calls_of_all_kinds),
        cmocka_unit_test(keeps_its_memory),
        cmocka_unit_test(keeps_its_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
