/* SPDX-License-Identifier: MIT
 *
 * anthropic-messages against itself: whatever is read is written again, over
 * the fixtures and, where it is present, the reference data. */
#include "lib/format/anthropic_messages.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/corpus.h"
#include "tests/support/job.h"
#include "tests/support/json_equal.h"

#define MANY ((size_t)1 << 30)

static const struct lg_format *const ours = &lg_format_anthropic_messages;
static struct corpus corpus;
static size_t failures;

static struct lg_str text_of(const struct corpus_case *k)
{
    return lg_buf_span(&k->text);
}

static void fail_at(const struct corpus_case *k, const char *what,
                    struct lg_str want, struct lg_str got)
{
    if (failures++ < 10)
        print_error("%s: %s\n    want %.*s\n    got  %.*s\n", k->name, what,
                    (int)(want.n > 700 ? 700 : want.n), want.p,
                    (int)(got.n > 700 ? 700 : got.n), got.p);
}

typedef void (*case_fn)(const struct corpus_case *k);

static void each(enum corpus_kind kind, case_fn fn)
{
    size_t n = 0;

    failures = 0;
    for (const struct corpus_case *k = corpus.first; k; k = k->next) {
        if (k->kind != kind || k->format != ours)
            continue;
        fn(k);
        n++;
    }
    print_message("%zu cases\n", n);
    assert_true(n > 0);
    assert_int_equal(failures, 0);
}

/* ---- documents ------------------------------------------------------------ */

static void comes_back(const struct corpus_case *k)
{
    struct job j;

    job_init(&j, ours, ours);
    j.v.through_ir = 1;
    if (job_run(&j, k->kind, text_of(k)) < 0)
        fail_at(k, j.err.text, text_of(k), lg_str_of(j.err.where));
    else if (!json_equal(text_of(k), lg_buf_span(&j.out)))
        fail_at(k, "came back changed", text_of(k), lg_buf_span(&j.out));
    else if (j.losses.n)
        fail_at(k, j.losses.first->reason, text_of(k),
                lg_str_of(j.losses.first->pointer));
    job_done(&j);
}

static void requests_come_back(void **state)
{
    (void)state;
    each(CORPUS_REQUEST, comes_back);
}

static void answers_come_back(void **state)
{
    (void)state;
    each(CORPUS_ANSWER, comes_back);
}

static void errors_come_back(void **state)
{
    (void)state;
    each(CORPUS_ERROR, comes_back);
}

/* ---- streams -------------------------------------------------------------- */

static int has(struct lg_str text, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.n; i++)
        if (!memcmp(text.p + i, word, n))
            return 1;
    return 0;
}

struct frames {
    struct lg_sse sse;
    int started;
};

/* The next frame that says something. A message's start that is told twice is
 * told once. */
static int next_frame(struct frames *f, struct lg_frame *out)
{
    int rc;

    while ((rc = lg_sse_next(&f->sse, out)) > 0) {
        if (!out->data.p)
            continue;
        if (lg_str_is(out->event, "message_start") && f->started++ &&
            !has(out->data, "msg_second"))
            continue;
        return 1;
    }
    return rc;
}

static void one_to_one(const struct corpus_case *k, struct lg_str want,
                       struct lg_str got)
{
    struct frames a = {.started = 0}, b = {.started = 0};
    struct lg_frame x = {{0}, {0}, {0}, 0}, y = x;

    lg_sse_init(&a.sse, MANY);
    lg_sse_init(&b.sse, MANY);
    lg_sse_feed(&a.sse, want.p, want.n);
    lg_sse_feed(&b.sse, got.p, got.n);
    while (next_frame(&b, &y) > 0) {
        if (next_frame(&a, &x) <= 0)
            fail_at(k, "a frame too many", LG_STR(""), y.raw);
        else if (!lg_str_same(x.event, y.event) || !json_equal(x.data, y.data))
            fail_at(k, "another frame", x.raw, y.raw);
    }
    if (!lg_str_is(x.event, "message_stop") && !lg_str_is(x.event, "error") &&
        next_frame(&a, &x) > 0 && !lg_str_is(x.event, "message_start"))
        fail_at(k, "a frame is missing", x.raw, LG_STR(""));
    lg_sse_done(&a.sse);
    lg_sse_done(&b.sse);
}

/* Some servers open a block before the last is closed, or leave out what is
 * empty: written again it is as it should have been. */
static int is_orderly(const struct corpus_case *k)
{
    return !strstr(k->name, "real-server-captures");
}

static void streams_back(const struct corpus_case *k)
{
    struct job j;

    job_init(&j, ours, ours);
    j.v.through_ir = 1;
    job_run(&j, k->kind, text_of(k));
    if (has(text_of(k), "msg_second")) /* two streams in one */
        assert_int_equal(j.rc, LLMGW_E_PROTOCOL);
    else if (has(text_of(k), "\nevent: error") ||
             lg_str_starts(text_of(k), LG_STR("event: error")))
        assert_int_equal(j.rc, LLMGW_E_TRUNCATED);
    else
        assert_int_equal(j.rc, 0);
    if (is_orderly(k))
        one_to_one(k, text_of(k), lg_buf_span(&j.out));
    if (j.losses.n)
        fail_at(k, j.losses.first->reason, LG_STR(""), LG_STR(""));
    job_done(&j);
}

static void streams_come_back_frame_by_frame(void **state)
{
    (void)state;
    each(CORPUS_STREAM, streams_back);
}

/* Fold a stream, write the answer, read it: it says the same. */
static void folds(const struct corpus_case *k)
{
    struct lg_arena arena;
    struct fold_sink f;
    struct lg_buf out, want, got;
    struct lg_err err = {0};
    struct lg_ctx c = {.self = ours,
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .err = &err};

    lg_arena_init(&arena, 0, MANY);
    lg_buf_init(&out, MANY);
    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    fold_sink_init(&f, &arena, ours);
    if (stream_read(ours, text_of(k), PIECES_WHOLE, &f.sink).rc >= 0) {
        const struct lg_ir_answer *answer = lg_fold_answer(&f.fold);

        answer_gist(&want, answer);
        assert_int_equal(ours->write_answer(&c, answer, &out), 0);
        if (answer_say(ours, CORPUS_ANSWER, lg_buf_span(&out), answer_gist,
                       &got) < 0 ||
            !lg_str_same(lg_buf_span(&want), lg_buf_span(&got)))
            fail_at(k, "folded", lg_buf_span(&want), lg_buf_span(&out));
    }
    lg_fold_done(&f.fold);
    lg_buf_done(&out);
    lg_buf_done(&want);
    lg_buf_done(&got);
    lg_arena_done(&arena);
}

static void folded_streams_are_answers(void **state)
{
    (void)state;
    each(CORPUS_STREAM, folds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_back),
        cmocka_unit_test(answers_come_back),
        cmocka_unit_test(errors_come_back),
        cmocka_unit_test(streams_come_back_frame_by_frame),
        cmocka_unit_test(folded_streams_are_answers),
    };
    int rc;

    corpus_load(&corpus);
    if (!corpus.references)
        print_message("no reference data: fixtures only\n");
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_free(&corpus);
    return rc;
}
