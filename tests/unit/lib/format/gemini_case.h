/* SPDX-License-Identifier: MIT
 *
 * Conversions told with ' in the place of ". */
#ifndef TESTS_UNIT_LIB_FORMAT_GEMINI_CASE_H
#define TESTS_UNIT_LIB_FORMAT_GEMINI_CASE_H

#include "lib/format/gemini.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/job.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"

static inline int use_defaults(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

static inline struct lg_buf quoted(const char *text)
{
    struct lg_buf b;

    lg_buf_init(&b, (size_t)1 << 24);
    lg_buf_lit(&b, "");
    for (; *text; text++)
        lg_buf_byte(&b, *text == '\'' ? '"' : *text);
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

static inline void refused(enum corpus_kind kind, const char *from,
                           const char *text, int rc, const char *where)
{
    struct lg_buf in = quoted(text);

    is_refused(kind, from, strcmp(from, CHAT) == 0 ? "gemini" : CHAT, in.p, rc,
               where);
    lg_buf_done(&in);
}

#endif
