/* SPDX-License-Identifier: MIT */
#include "tests/support/becomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/job.h"
#include "tests/support/json_equal.h"

struct lg_bridge becomes_bridge;
struct lg_policy becomes_policy;

void becomes_reset(void)
{
    becomes_bridge = (struct lg_bridge){.wants_usage = 1};
    becomes_policy = lg_policy_default;
    /* fit_talk_test.c is for these; here the writers are looked at. */
    becomes_policy.orphan_result = LG_ORPHAN_PASS;
    becomes_policy.image_url = LG_IMAGE_URL_PASS;
}

static const struct lg_format *named(const char *name)
{
    const struct lg_format *f = lg_format_by_name(lg_str_of(name));

    if (!f)
        fail_msg("no format is named %s", name);
    return f;
}

static void run(struct job *j, enum corpus_kind kind, const char *from,
                const char *to, const char *text)
{
    job_init(j, named(from), named(to));
    j->v.policy = &becomes_policy;
    j->v.bridge = &becomes_bridge;
    (void)job_run(j, kind, lg_str_of(text));
}

void becomes(enum corpus_kind kind, const char *from, const char *to,
             const char *text, const char *want, const char *losses)
{
    struct job j;
    struct lg_buf told;

    lg_buf_init(&told, 65536);
    run(&j, kind, from, to, text);
    if (j.rc < 0)
        fail_msg("%s: %s %s", text, j.err.where, j.err.text);
    if (kind == CORPUS_STREAM
            ? !lg_str_is(lg_buf_span(&j.out), want)
            : !json_equal(lg_buf_span(&j.out), lg_str_of(want)))
        fail_msg("%s\n  gives %s\n  not   %s", text, j.out.p, want);
    for (const struct lg_loss *l = j.losses.first; l; l = l->next)
        lg_buf_printf(&told, "%s%s %s", told.n ? "\n" : "", l->pointer,
                      lg_loss_action_name((enum lg_loss_action)l->action));
    if (!lg_str_is(lg_buf_span(&told), losses))
        fail_msg("%s\n  loses %s\n  not   %s", text, lg_buf_span(&told).p,
                 losses);
    lg_buf_done(&told);
    job_done(&j);
}

void is_refused(enum corpus_kind kind, const char *from, const char *to,
                const char *text, int code, const char *where)
{
    struct job j;

    run(&j, kind, from, to, text);
    if (j.rc != code || strcmp(j.err.where, where) != 0 || !j.err.text[0])
        fail_msg("%s: %d at \"%s\": %s", text, j.rc, j.err.where, j.err.text);
    job_done(&j);
}
