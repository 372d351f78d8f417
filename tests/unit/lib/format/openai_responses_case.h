/* SPDX-License-Identifier: MIT
 *
 * Conversions from and to openai-responses, told with ' for ". */
#ifndef TESTS_UNIT_LIB_FORMAT_OPENAI_RESPONSES_CASE_H
#define TESTS_UNIT_LIB_FORMAT_OPENAI_RESPONSES_CASE_H

#include "lib/format/openai_responses.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/job.h"

#define OURS   LG_OR_NAME
#define CHAT   "openai-chat"
#define CLAUDE "anthropic-messages"

static inline int use_defaults(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

/* " for '; the caller is done with it. */
static inline struct lg_buf quoted(const char *text)
{
    struct lg_buf b;

    lg_buf_init(&b, (size_t)1 << 24);
    lg_buf_str(&b, lg_str_of(text));
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] == '\'')
            b.p[i] = '"';
    return b;
}

static inline void turns(enum corpus_kind kind, const char *from,
                         const char *to, const char *text, const char *want,
                         const char *losses)
{
    struct lg_buf in = quoted(text), out = quoted(want);

    becomes(kind, from, to, in.p, out.p, losses);
    lg_buf_done(&in);
    lg_buf_done(&out);
}

static inline void fails(enum corpus_kind kind, const char *from,
                         const char *to, const char *text, int code,
                         const char *where)
{
    struct lg_buf in = quoted(text);

    is_refused(kind, from, to, in.p, code, where);
    lg_buf_done(&in);
}

#endif
