/* SPDX-License-Identifier: MIT
 *
 * openai-chat against itself: whatever is read is written again, over the
 * fixtures and, where it is present, the reference data. */
#include "lib/format/openai_chat.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/corpus.h"
#include "tests/support/job.h"
#include "tests/support/json_equal.h"

#define MANY ((size_t)1 << 30)

static const struct lg_format *const ours = &lg_format_openai_chat;
static struct corpus corpus;
static size_t failures, exact, regrouped;

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

static int next_data(struct lg_sse *sse, struct lg_frame *out)
{
    int rc;

    while ((rc = lg_sse_next(sse, out)) > 0 && !out->data.p)
        continue;
    return rc > 0 ? rc : lg_sse_end(sse, out) > 0 && out->data.p;
}

static int same_data(struct lg_str a, struct lg_str b)
{
    return json_equal(a, b) || lg_str_same(lg_str_trim(a), lg_str_trim(b));
}

/* Does each frame of one say what the same frame of the other says? */
static int same_frames(struct lg_str a, struct lg_str b)
{
    struct lg_sse x, y;
    struct lg_frame f = {{0}, {0}, {0}, 0}, g = f;
    int more, same = 1;

    lg_sse_init(&x, MANY);
    lg_sse_init(&y, MANY);
    lg_sse_feed(&x, a.p, a.n);
    lg_sse_feed(&y, b.p, b.n);
    while (same && (more = next_data(&x, &f)) > 0)
        same = next_data(&y, &g) > 0 && same_data(f.data, g.data);
    same = same && !next_data(&y, &g);
    lg_sse_done(&x);
    lg_sse_done(&y);
    return same;
}

/* A chunk with several pieces comes back as several chunks, and one that says
 * nothing more than the next not at all. */
static int may_regroup(const struct corpus_case *k)
{
    static const char *const names[] = {
        "openai-chat/two-choices-at-once/", "openai-chat/content-in-finish/",
        "openai-chat/tool-ends-in-finish/", "openai-chat/tool-name-in-pieces/",
        "openai-chat/tool-interleaved/",    "openai-chat/tool-object/",
        "openai-chat/reasoning-details/",   "openai-chat/reasoning-blocks/",
        "openai-chat/no-finish/",
    };

    for (size_t i = 0; i < LG_COUNT(names); i++)
        if (strncmp(k->name, names[i], strlen(names[i])) == 0)
            return 1;
    return k->is_reference;
}

static void stream_back(const struct corpus_case *k)
{
    struct job j;
    struct lg_buf want, got;

    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    job_init(&j, ours, ours);
    j.v.through_ir = 1;
    job_run(&j, k->kind, text_of(k));
    if (same_frames(text_of(k), lg_buf_span(&j.out))) {
        exact++;
    } else if (!may_regroup(k)) {
        fail_at(k, "other frames", text_of(k), lg_buf_span(&j.out));
    } else {
        regrouped++;
        if (k->is_reference)
            print_message("regrouped: %s\n", k->name);
        answer_say(ours, CORPUS_STREAM, text_of(k), answer_text, &want);
        answer_say(ours, CORPUS_STREAM, lg_buf_span(&j.out), answer_text, &got);
        if (!lg_str_same(lg_buf_span(&want), lg_buf_span(&got)))
            fail_at(k, "says something else", lg_buf_span(&want),
                    lg_buf_span(&got));
    }
    if (j.losses.n)
        fail_at(k, j.losses.first->reason, LG_STR(""), LG_STR(""));
    job_done(&j);
    lg_buf_done(&want);
    lg_buf_done(&got);
}

static void streams_come_back(void **state)
{
    (void)state;
    exact = regrouped = 0;
    each(CORPUS_STREAM, stream_back);
    print_message("%zu frame by frame, %zu in other groups\n", exact,
                  regrouped);
    assert_true(exact > regrouped);
}

/* Fold a stream with all that is kept for ourselves, and write the answer:
 * it reads the same. */
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

/* The answer that a stream of ours folds into, when all that only we can say
 * is kept. */
static void folds_to(const char *stream, const char *want)
{
    struct lg_arena arena;
    struct fold_sink f;
    struct lg_buf out;
    struct lg_feed feed;
    struct lg_err err = {0};
    struct lg_ctx c = {.self = ours,
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .err = &err,
                       .keep_extras = 1};

    lg_arena_init(&arena, 0, MANY);
    lg_buf_init(&out, MANY);
    fold_sink_init(&f, &arena, ours);
    assert_int_equal(lg_feed_init(&feed, ours, &c, MANY), 0);
    lg_feed_bytes(&feed, stream, strlen(stream));
    while (lg_feed_next(&feed, &f.sink) > 0)
        continue;
    assert_int_equal(lg_feed_end(&feed, &f.sink), 0);
    assert_int_equal(ours->write_answer(&c, lg_fold_answer(&f.fold), &out), 0);
    if (!json_equal(lg_buf_span(&out), lg_str_of(want)))
        fail_msg("gives %s\n  not   %s", out.p, want);
    lg_feed_done(&feed);
    lg_fold_done(&f.fold);
    lg_buf_done(&out);
    lg_arena_done(&arena);
}

#define CHUNK(choice)                                                         \
    "data: {\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"system_fingerprint\":\"fp\",\"choices\":[" choice      \
    "],\"usage\":null,\"obfuscation\":\"x\"}\n\n"
#define LOGPROBS(a)        "\"logprobs\":{\"content\":[" a "],\"refusal\":null}"
#define DELTA(delta, more) "{\"index\":0,\"delta\":{" delta "}," more "}"
#define ANSWER(message, more)                                                   \
    "{\"id\":\"i\",\"object\":\"chat.completion\",\"created\":1,\"model\":"     \
    "\"m\",\"system_fingerprint\":\"fp\",\"choices\":[{\"index\":0,\"message\"" \
    ":{\"role\":\"assistant\"," message "}," more "}]}"

static void a_stream_kept_whole_is_the_answer(void **state)
{
    (void)state;
    folds_to(CHUNK(DELTA("\"content\":\"a\"", LOGPROBS("{\"token\":\"a\"}")))
                 CHUNK(DELTA("\"content\":\"b\"",
                             LOGPROBS("{\"token\":\"b\"}, {\"token\":\"\"}")))
                     CHUNK(DELTA("", "\"logprobs\":null,\"finish_reason\":"
                                     "\"stop\"")) "data: [DONE]\n\n",
             ANSWER("\"content\":\"ab\"",
                    LOGPROBS("{\"token\":\"a\"},{\"token\":\"b\"},{\"token\":"
                             "\"\"}") ",\"finish_reason\":\"stop\""));
    folds_to(
        CHUNK(DELTA("\"reasoning\":\"x\"", "\"finish_reason\":null"))
            CHUNK(DELTA("\"reasoning\":\"y\"", "\"finish_reason\":null")) CHUNK(
                DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"c\","
                      "\"type\":\"function\",\"function\":{\"name\":"
                      "\"f\",\"arguments\":\"{}\"}}]",
                      "\"finish_reason\":\"tool_calls\"")) "data: [DONE]\n\n",
        ANSWER("\"content\":null,\"reasoning\":\"xy\",\"tool_calls\":[{"
               "\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":"
               "\"f\",\"arguments\":\"{}\"}}]",
               "\"finish_reason\":\"tool_calls\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_come_back),
        cmocka_unit_test(answers_come_back),
        cmocka_unit_test(errors_come_back),
        cmocka_unit_test(streams_come_back),
        cmocka_unit_test(folded_streams_are_answers),
        cmocka_unit_test(a_stream_kept_whole_is_the_answer),
    };
    int rc;

    corpus_load(&corpus);
    if (!corpus.references)
        print_message("no reference data: fixtures only\n");
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_free(&corpus);
    return rc;
}
