/* SPDX-License-Identifier: MIT
 *
 * Conversions told with ' in the place of ". */
#ifndef TESTS_UNIT_LIB_FORMAT_BECOMES_CASE_H
#define TESTS_UNIT_LIB_FORMAT_BECOMES_CASE_H

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/becomes.h"
#include "tests/support/quoted.h"

static inline int use_defaults(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
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
