/* SPDX-License-Identifier: MIT
 *
 * What must hold of every message of every format, over all that the corpus
 * has. LLMGW_LONG=1 tries more places of long streams, LLMGW_LONG=all all. */
#include "tests/support/corpus.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/files.h"
#include "tests/support/job.h"
#include "tests/support/json_equal.h"

#define MANY      ((size_t)1 << 30)
#define LOOKAHEAD 1024 /* bytes read behind a split, if not all */

static struct corpus corpus;
/* Of a longer stream every byte is tried only here, and so many places
 * behind. */
static size_t all_below = 4096, places = 64;
static size_t failures;

/* Report one failure and go on: the others are of interest, too. */
static void fail_at(const struct corpus_case *k, const char *what,
                    struct lg_str want, struct lg_str got)
{
    size_t at = 0;

    failures++;
    if (failures > 20)
        return;
    while (at < want.n && at < got.n && want.p[at] == got.p[at])
        at++;
    at = at > 60 ? at - 60 : 0;
    print_error("%s: %s\n", k->name, what);
    if (want.p)
        print_error("    want ...%.*s\n",
                    (int)(want.n - at > 200 ? 200 : want.n - at), want.p + at);
    if (got.p)
        print_error("    got  ...%.*s\n",
                    (int)(got.n < at         ? 0
                          : got.n - at > 200 ? 200
                                             : got.n - at),
                    got.p + at);
}

static struct lg_str text_of(const struct corpus_case *k)
{
    return lg_buf_span(&k->text);
}

static void done(const char *what, size_t n)
{
    print_message("%s: %zu compared\n", what, n);
    assert_int_equal(failures, 0);
}

#define EACH(k) for (const struct corpus_case *k = corpus.first; k; k = k->next)

/* ---- one and the same format ------------------------------------------- */

static void same_format_is_the_same_bytes(void **state)
{
    size_t n = 0;

    (void)state;
    EACH(k)
    {
        struct job j;
        const struct lg_str text = text_of(k);

        job_init(&j, k->format, k->format);
        job_run(&j, k->kind, text);
        /* a stream that fails has been handed on up to there */
        if (j.rc < 0 && k->kind == CORPUS_STREAM
                ? !lg_str_starts(text, lg_buf_span(&j.out))
                : !lg_str_same(text, lg_buf_span(&j.out)))
            fail_at(k, j.err.text, text, lg_buf_span(&j.out));
        n++;
        job_done(&j);
    }
    done("same bytes", n);
}

static void through_the_ir_nothing_is_lost(void **state)
{
    size_t n = 0;

    (void)state;
    EACH(k)
    {
        struct job j;
        struct lg_buf losses;

        if (k->kind == CORPUS_STREAM || k->kind == CORPUS_ERROR)
            continue;
        lg_buf_init(&losses, MANY);
        job_init(&j, k->format, k->format);
        j.v.through_ir = 1;
        job_run(&j, k->kind, text_of(k));
        job_losses(&j, &losses);
        if (j.rc < 0)
            fail_at(k, j.err.text, lg_str_of(j.err.where), LG_STR(""));
        else if (losses.n)
            fail_at(k, "lost", LG_STR(""), lg_buf_span(&losses));
        else if (!json_equal(text_of(k), lg_buf_span(&j.out)))
            fail_at(k, "differs", text_of(k), lg_buf_span(&j.out));
        n++;
        job_done(&j);
        lg_buf_done(&losses);
    }
    done("through the IR", n);
}

/* fold(message) -> written -> read -> fold: the same answer. */
static void folded_answers_survive_writing(void **state)
{
    size_t n = 0;

    (void)state;
    EACH(k)
    {
        struct job j;
        struct lg_buf want, got;

        if (k->kind != CORPUS_STREAM && k->kind != CORPUS_ANSWER)
            continue;
        lg_buf_init(&want, MANY);
        lg_buf_init(&got, MANY);
        job_init(&j, k->format, k->format);
        j.v.through_ir = 1;
        if (answer_say(k->format, k->kind, text_of(k), answer_text, &want) >=
            0) {
            const char *why = "folded again";

            n++;
            if (job_run(&j, k->kind, text_of(k)) < 0 ||
                answer_say(k->format, k->kind, lg_buf_span(&j.out), answer_text,
                           &got) < 0)
                why = j.err.text;
            if (!lg_str_same(lg_buf_span(&want), lg_buf_span(&got)))
                fail_at(k, why, lg_buf_span(&want), lg_buf_span(&got));
        }
        job_done(&j);
        lg_buf_done(&want);
        lg_buf_done(&got);
    }
    done("folded", n);
}

/* ---- streams ----------------------------------------------------------- */

/* Compares events with a list that is there already. */
struct follower {
    struct lg_ir_sink sink;
    struct lg_str want;
    size_t at;
    struct lg_buf line;
    int differs;
};

static int follow(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct follower *f = (struct follower *)self;

    lg_buf_reset(&f->line);
    event_text(&f->line, ev);
    if (f->want.n - f->at < f->line.n ||
        memcmp(f->want.p + f->at, f->line.p, f->line.n) != 0) {
        f->differs = 1;
        return LLMGW_E_CALLBACK;
    }
    f->at += f->line.n;
    return 0;
}

struct baseline {
    const struct corpus_case *k;
    struct event_log log;
    struct reading whole;
    size_t splits, cuts, ways;
};

/* Read `text` in pieces: it must give what the whole gave, or, if it was cut
 * off (`n` bytes of it are read), a beginning of that. */
static struct reading again(struct baseline *b, struct lg_str text, int is_cut,
                            struct pieces how, const char *what)
{
    struct follower f = {.sink = {follow}, .want = lg_buf_span(&b->log.text)};
    struct reading r;

    lg_buf_init(&f.line, MANY);
    r = stream_read(b->k->format, text, how, &f.sink);
    if (f.differs || (!is_cut && (f.at != f.want.n || r.rc != b->whole.rc))) {
        print_error("first %zu step %zu of %zu, result %d\n", how.first,
                    how.step, text.n, r.rc);
        fail_at(b->k, what, lg_str_from(f.want.p + f.at, f.want.n - f.at),
                lg_buf_span(&f.line));
    }
    lg_buf_done(&f.line);
    return r;
}

static size_t next_place(const struct baseline *b, size_t at)
{
    const size_t n = text_of(b->k).n;

    return at < all_below ? at + 1 : at + 1 + (n - all_below) / places;
}

static void split_everywhere(struct baseline *b)
{
    const struct lg_str text = text_of(b->k);

    for (size_t at = 1; at < text.n; at = next_place(b, at)) {
        const int is_cut =
            text.n > all_below + LOOKAHEAD && at + LOOKAHEAD < text.n;
        const size_t n = is_cut ? at + LOOKAHEAD : text.n;
        const struct pieces how = {at, 0, LG_TEMPLATES};

        again(b, lg_str_from(text.p, n), is_cut, how, "split");
        b->splits++;
    }
}

static void cut_everywhere(struct baseline *b)
{
    const struct lg_str text = text_of(b->k);

    for (size_t at = 0; at < text.n; at = next_place(b, at)) {
        const struct reading r =
            again(b, lg_str_from(text.p, at), 1, PIECES_WHOLE, "cut");

        if (r.rc >= 0 && (!b->whole.end || at < b->whole.end_data))
            fail_at(b->k, "cut and complete",
                    lg_str_from(text.p + (at > 80 ? at - 80 : 0),
                                at > 80 ? 80 : at),
                    LG_STR(""));
        if (b->whole.rc >= 0 && at < b->whole.end_data &&
            r.rc != LLMGW_E_TRUNCATED)
            fail_at(b->k, "cut and not called so", lg_str_from(text.p, at),
                    LG_STR(""));
        b->cuts++;
    }
}

static void with_line_ends(struct baseline *b, const char *eol)
{
    const struct lg_str text = text_of(b->k);
    struct lg_buf out;

    lg_buf_init(&out, MANY);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            lg_buf_str(&out, lg_str_of(eol));
        else if (text.p[i] != '\r')
            lg_buf_byte(&out, text.p[i]);
    }
    again(b, lg_buf_span(&out), 0, PIECES_WHOLE, "line ends");
    again(b, lg_buf_span(&out), 0, (struct pieces){1, 1, LG_TEMPLATES},
          "line ends, bytes");
    b->ways += 2;
    lg_buf_done(&out);
}

static void streams_give_one_list_of_events(void **state)
{
    size_t n = 0, splits = 0, cuts = 0, ways = 0, by_template = 0, by_tape = 0;

    (void)state;
    EACH(k)
    {
        struct baseline b = {.k = k};

        if (k->kind != CORPUS_STREAM)
            continue;
        event_log_init(&b.log);
        b.whole = stream_read(k->format, text_of(k), PIECES_WHOLE, &b.log.sink);
        again(&b, text_of(k), 0, (struct pieces){0, 0, 0}, "by tape alone");
        again(&b, text_of(k), 0, (struct pieces){1, 1, LG_TEMPLATES}, "bytes");
        again(&b, text_of(k), 0, (struct pieces){7, 13, 1}, "thirteens");
        if (k->format->framing != LG_FRAMING_EVENTSTREAM)
            with_line_ends(&b, "\r\n");
        if (k->format->framing == LG_FRAMING_SSE)
            with_line_ends(&b, "\r");
        split_everywhere(&b);
        cut_everywhere(&b);
        n++;
        splits += b.splits;
        cuts += b.cuts;
        ways += b.ways + 3;
        by_template += b.whole.by_template;
        by_tape += b.whole.by_tape;
        event_log_done(&b.log);
    }
    print_message("streams: %zu, split at %zu places, cut at %zu, read in %zu "
                  "other ways; %zu frames by template, %zu by tape\n",
                  n, splits, cuts, ways, by_template, by_tape);
    done("streams", n);
}

static void is_there_something_to_compare(void **state)
{
    const char *ci = getenv("CI");

    (void)state;
    print_message("%zu fixtures, %zu of the reference data\n", corpus.fixtures,
                  corpus.references);
    assert_true(corpus.fixtures > 0);
    if (!corpus.references && ci && strcmp(ci, "true") == 0)
        fail_msg("no reference data");
    if (!corpus.references)
        print_message("no reference data at ../shared/data and none named by "
                      "LLMGW_REFERENCE_DATA: fixtures only\n");
}

static int setup(void **state)
{
    failures = 0;
    (void)state;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_there_something_to_compare),
        cmocka_unit_test_setup(same_format_is_the_same_bytes, setup),
        cmocka_unit_test_setup(through_the_ir_nothing_is_lost, setup),
        cmocka_unit_test_setup(folded_answers_survive_writing, setup),
        cmocka_unit_test_setup(streams_give_one_list_of_events, setup),
    };
    const char *length = getenv("LLMGW_LONG");
    int rc;

    if (length) {
        all_below = strcmp(length, "all") == 0 ? SIZE_MAX / 2 : 16384;
        places = 1024;
    }
    corpus_load(&corpus);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_free(&corpus);
    return rc;
}
