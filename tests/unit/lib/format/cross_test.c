/* SPDX-License-Identifier: MIT
 *
 * Every message of the corpus, turned into every other format. */
#include "tests/support/corpus.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/grammar.h"
#include "tests/support/job.h"
#include "tests/support/json_equal.h"
#include "tests/support/json_without.h"

#define MANY ((size_t)1 << 30)

static struct corpus corpus;
static size_t failures, compared, refused, stripped, lossless;

static void fail_at(const struct corpus_case *k, const struct lg_format *to,
                    const char *what, const char *more)
{
    failures++;
    if (failures > 20)
        return;
    print_error("%s to %s: %s\n", k->name, to->name, what);
    if (more)
        print_error("    %.1500s\n", more);
}

static struct lg_str text_of(const struct corpus_case *k)
{
    return lg_buf_span(&k->text);
}

typedef void (*cross_fn)(const struct corpus_case *k,
                         const struct lg_format *to);

/* Each case of a kind with each other format. */
static void cross(enum corpus_kind kind, cross_fn fn, const char *what)
{
    failures = compared = refused = stripped = lossless = 0;
    for (const struct corpus_case *k = corpus.first; k; k = k->next) {
        for (size_t i = 0; k->kind == kind && lg_formats[i]; i++) {
            if (lg_formats[i] != k->format &&
                lg_formats[i]->family == k->format->family)
                fn(k, lg_formats[i]);
        }
    }
    print_message("%s: %zu converted, %zu refused with a reason", what,
                  compared, refused);
    if (kind == CORPUS_REQUEST)
        print_message(", %zu there and back (%zu of them stripped of what is "
                      "lost)",
                      lossless, stripped);
    print_message("\n");
    assert_int_equal(failures, 0);
    assert_true(compared > 0);
}

/* A conversion may fail if it says why. */
static int explains_itself(const struct corpus_case *k,
                           const struct lg_format *to, struct job *j)
{
    if (j->rc >= 0)
        return 0;
    if (j->err.code != j->rc || !j->err.text[0])
        fail_at(k, to, "failed and does not say why", j->err.text);
    refused++;
    return 1;
}

static int writes_json(const struct corpus_case *k, const struct lg_format *to,
                       const struct job *j)
{
    struct lg_err err = {0};

    if (lg_json_check(lg_buf_span(&j->out), &err) >= 0)
        return 1;
    fail_at(k, to, err.text, j->out.p);
    return 0;
}

static void losses_have_reasons(const struct corpus_case *k,
                                const struct lg_format *to, const struct job *j)
{
    for (const struct lg_loss *l = j->losses.first; l; l = l->next) {
        if (!l->reason || !l->reason[0] || !l->pointer ||
            (l->pointer[0] && l->pointer[0] != '/'))
            fail_at(k, to, "a loss without place or reason", l->pointer);
    }
}

/* ---- requests ---------------------------------------------------------- */

/* The target reads what was written in its name, and has a place for all. */
static void is_understood(const struct corpus_case *k,
                          const struct lg_format *to, const struct job *j)
{
    struct job own;

    job_init(&own, to, to);
    own.v.through_ir = 1;
    if (job_run(&own, CORPUS_REQUEST, lg_buf_span(&j->out)) < 0)
        fail_at(k, to, own.err.text, j->out.p);
    else if (own.losses.n)
        fail_at(k, to, own.losses.first->pointer, j->out.p);
    else if (!json_equal(lg_buf_span(&j->out), lg_buf_span(&own.out)))
        fail_at(k, to, "written again it differs", own.out.p);
    job_done(&own);
}

/* Where two texts part. */
static void compare(const struct corpus_case *k, const struct lg_format *to,
                    const char *what, const struct lg_buf *want,
                    const struct lg_buf *got)
{
    size_t at = 0;

    if (lg_str_same(lg_buf_span(want), lg_buf_span(got)))
        return;
    while (at < want->n && at < got->n && want->p[at] == got->p[at])
        at++;
    at = at > 40 ? at - 40 : 0;
    fail_at(k, to, what, NULL);
    if (failures <= 20)
        print_error("    want ...%.200s\n    got  ...%.200s\n",
                    want->n ? want->p + at : "", got->n ? got->p + at : "");
}

/* Without what the URL tells. */
static void drop_url_params(struct lg_buf *text)
{
    static const char *const lines[] = {"param 0 ", "param 12 ", "param 13 "};
    struct lg_buf rest;

    assert_true(LG_P_MODEL == 0 && LG_P_STREAM == 12 &&
                LG_P_INCLUDE_USAGE == 13);
    lg_buf_init(&rest, MANY);
    for (const char *p = text->p, *end; p && *p; p = end) {
        int told = 0;

        end = strchr(p, '\n') + 1;
        for (size_t i = 0; i < LG_COUNT(lines); i++)
            told |= strncmp(p, lines[i], strlen(lines[i])) == 0;
        if (!told)
            lg_buf_add(&rest, p, (size_t)(end - p));
    }
    lg_buf_done(text);
    *text = rest;
}

/* There and back with nothing lost asks for the same. */
static void and_back(const struct corpus_case *k, const struct lg_format *to,
                     struct lg_str from, const struct job *there)
{
    struct job back;
    struct lg_buf want, got;

    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    job_init(&back, to, k->format);
    if (job_run(&back, CORPUS_REQUEST, lg_buf_span(&there->out)) < 0) {
        fail_at(k, to, "not back:", back.err.text);
    } else if (!back.losses.n) {
        lossless++;
        request_say(k->format, from, &want);
        request_say(k->format, lg_buf_span(&back.out), &got);
        if (to->model_in_url || k->format->model_in_url) {
            drop_url_params(&want);
            drop_url_params(&got);
        }
        compare(k, to, "came back changed", &want, &got);
    }
    job_done(&back);
    lg_buf_done(&want);
    lg_buf_done(&got);
}

/* Without what was told lost, it must get there whole and come back. What was
 * lost may have been needed: then there is nothing to ask. */
static void without_the_losses(const struct corpus_case *k,
                               const struct lg_format *to,
                               const struct job *lossy)
{
    struct lg_buf rest;
    struct job j;

    lg_buf_init(&rest, MANY);
    job_init(&j, k->format, to);
    if (json_without(&rest, text_of(k), lossy->losses.first) &&
        job_run(&j, CORPUS_REQUEST, lg_buf_span(&rest)) >= 0 && !j.losses.n) {
        stripped++;
        and_back(k, to, lg_buf_span(&rest), &j);
    }
    job_done(&j);
    lg_buf_done(&rest);
}

static void cross_request(const struct corpus_case *k,
                          const struct lg_format *to)
{
    struct job j;

    job_init(&j, k->format, to);
    job_run(&j, CORPUS_REQUEST, text_of(k));
    if (!explains_itself(k, to, &j) && writes_json(k, to, &j)) {
        compared++;
        losses_have_reasons(k, to, &j);
        is_understood(k, to, &j);
        if (j.losses.n)
            without_the_losses(k, to, &j);
        else
            and_back(k, to, text_of(k), &j);
    }
    job_done(&j);
}

static void requests_convert(void **state)
{
    (void)state;
    cross(CORPUS_REQUEST, cross_request, "requests");
}

/* ---- answers and streams ----------------------------------------------- */

/* Completions have no calls: what is left of them is another gist. */
static int is_poor(const struct lg_format *to, const struct job *j)
{
    return j->losses.n && strcmp(to->name, "openai-completions") == 0;
}

/* The text, the calls and the stop of both. */
static void same_gist(const struct corpus_case *k, const struct lg_format *to,
                      const struct job *j)
{
    const struct lg_str converted = lg_buf_span(&j->out);
    struct lg_buf want, got;

    if (is_poor(to, j))
        return;

    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    answer_say(k->format, k->kind, text_of(k), answer_gist, &want);
    if (answer_say(to, k->kind, converted, answer_gist, &got) < 0)
        fail_at(k, to, "does not read what was written", converted.p);
    else
        compare(k, to, "says something else", &want, &got);
    lg_buf_reset(&want);
    lg_buf_reset(&got);
    answer_say(k->format, k->kind, text_of(k), answer_stop, &want);
    answer_say(to, k->kind, converted, answer_stop, &got);
    if (!j->losses.n)
        compare(k, to, "stops otherwise and tells no loss", &want, &got);
    lg_buf_done(&want);
    lg_buf_done(&got);
}

static void cross_answer(const struct corpus_case *k,
                         const struct lg_format *to)
{
    struct job j;

    job_init(&j, k->format, to);
    job_run(&j, CORPUS_ANSWER, text_of(k));
    if (!explains_itself(k, to, &j) && writes_json(k, to, &j)) {
        compared++;
        losses_have_reasons(k, to, &j);
        same_gist(k, to, &j);
    }
    job_done(&j);
}

static void answers_convert(void **state)
{
    (void)state;
    cross(CORPUS_ANSWER, cross_answer, "answers");
}

static void cross_stream(const struct corpus_case *k,
                         const struct lg_format *to)
{
    for (int usage = 0; usage < 2; usage++) {
        const char *why;
        struct job j;

        job_init(&j, k->format, to);
        j.bridge.stream = 1;
        j.bridge.wants_usage = usage;
        job_run(&j, CORPUS_STREAM, text_of(k));
        why = grammar_check(to, lg_buf_span(&j.out), j.rc >= 0);
        if (why)
            fail_at(k, to, why, j.out.p);
        if (!explains_itself(k, to, &j)) {
            compared++;
            same_gist(k, to, &j);
        }
        job_done(&j);
    }
}

static void streams_convert(void **state)
{
    (void)state;
    cross(CORPUS_STREAM, cross_stream, "streams");
}

/* ---- errors ------------------------------------------------------------ */

static void cross_error(const struct corpus_case *k, const struct lg_format *to)
{
    struct job there, back;

    job_init(&there, k->format, to);
    job_init(&back, to, k->format);
    job_run(&there, CORPUS_ERROR, text_of(k));
    if (!explains_itself(k, to, &there) && writes_json(k, to, &there)) {
        compared++;
        if (job_run(&back, CORPUS_ERROR, lg_buf_span(&there.out)) < 0)
            fail_at(k, to, back.err.text, there.out.p);
        else
            writes_json(k, to, &back);
    }
    job_done(&there);
    job_done(&back);
}

static void errors_convert(void **state)
{
    (void)state;
    cross(CORPUS_ERROR, cross_error, "errors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_convert),
        cmocka_unit_test(answers_convert),
        cmocka_unit_test(streams_convert),
        cmocka_unit_test(errors_convert),
    };
    int rc;

    corpus_load(&corpus);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_free(&corpus);
    return rc;
}
