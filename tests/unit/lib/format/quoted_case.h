/* SPDX-License-Identifier: MIT
 *
 * Conversions told with ' in the place of ", and what a stream and an answer
 * come to. */
#ifndef TESTS_UNIT_LIB_FORMAT_QUOTED_CASE_H
#define TESTS_UNIT_LIB_FORMAT_QUOTED_CASE_H

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/job.h"
#include "tests/support/json_equal.h"
#include "tests/support/quoted.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"

static inline void convert(struct job *j, enum corpus_kind kind,
                           const char *from, const char *to,
                           const struct lg_buf *text)
{
    static struct lg_policy policy;

    policy = lg_policy_default;
    policy.image_url = LG_IMAGE_URL_PASS;
    job_init(j, lg_format_by_name(lg_str_of(from)),
             lg_format_by_name(lg_str_of(to)));
    j->v.policy = &policy;
    j->bridge.wants_usage = 1;
    (void)job_run(j, kind, lg_buf_span(text));
}

/* `losses`: "/pointer action", a line each. */
static inline void turns(enum corpus_kind kind, const char *from,
                         const char *to, const char *text, const char *want,
                         const char *losses)
{
    struct lg_buf in = quoted(text), out = quoted(want), told = quoted("");
    struct job j;

    convert(&j, kind, from, to, &in);
    if (j.rc < 0)
        fail_msg("%s: %s %s", in.p, j.err.where, j.err.text);
    if (kind == CORPUS_STREAM
            ? !lg_str_same(lg_buf_span(&j.out), lg_buf_span(&out))
            : !json_equal(lg_buf_span(&j.out), lg_buf_span(&out)))
        fail_msg("%s\n  gives %s\n  not   %s", in.p, j.out.p, out.p);
    for (const struct lg_loss *l = j.losses.first; l; l = l->next)
        lg_buf_printf(&told, "%s%s %s", told.n ? "\n" : "", l->pointer,
                      lg_loss_action_name((enum lg_loss_action)l->action));
    if (!lg_str_is(lg_buf_span(&told), losses))
        fail_msg("%s\n  loses %s\n  not   %s", in.p, told.p, losses);
    job_done(&j);
    lg_buf_done(&in);
    lg_buf_done(&out);
    lg_buf_done(&told);
}

static inline void asks(const char *from, const char *to, const char *text,
                        const char *want, const char *losses)
{
    turns(CORPUS_REQUEST, from, to, text, want, losses);
}

/* It is refused with `rc`, at `where`. */
static inline void refused(enum corpus_kind kind, const char *from,
                           const char *text, int rc, const char *where)
{
    struct lg_buf in = quoted(text);
    struct job j;

    convert(&j, kind, from, CHAT, &in);
    if (j.rc != rc || strcmp(j.err.where, where) != 0 || !j.err.text[0])
        fail_msg("%s: %d at \"%s\": %s", in.p, j.rc, j.err.where, j.err.text);
    job_done(&j);
    lg_buf_done(&in);
}

/* The events of a stream, as event_text() tells them. */
static inline void events_are(const char *format, const char *text,
                              const char *want, int rc)
{
    const struct lg_format *f = lg_format_by_name(lg_str_of(format));
    struct lg_buf in = quoted(text), out = quoted(want);
    struct event_log log;
    struct reading r;

    event_log_init(&log);
    r = stream_read(f, lg_buf_span(&in), PIECES_WHOLE, &log.sink);
    assert_int_equal(r.rc, rc);
    if (!lg_str_same(lg_buf_span(&log.text), lg_buf_span(&out)))
        fail_msg("%s\n  gives %s\n  not   %s", in.p, lg_buf_span(&log.text).p,
                 out.p);
    event_log_done(&log);
    lg_buf_done(&in);
    lg_buf_done(&out);
}

/* A stream folded and an answer folded say the same. */
static inline void folds_alike(const char *format, const char *stream,
                               const char *answer)
{
    const struct lg_format *f = lg_format_by_name(lg_str_of(format));
    struct lg_buf s = quoted(stream), a = quoted(answer), one, other;

    lg_buf_init(&one, (size_t)1 << 24);
    lg_buf_init(&other, (size_t)1 << 24);
    assert_int_equal(
        answer_say(f, CORPUS_STREAM, lg_buf_span(&s), answer_text, &one), 0);
    assert_int_equal(
        answer_say(f, CORPUS_ANSWER, lg_buf_span(&a), answer_text, &other), 0);
    assert_string_equal(one.p, other.p);
    lg_buf_done(&s);
    lg_buf_done(&a);
    lg_buf_done(&one);
    lg_buf_done(&other);
}

#endif
