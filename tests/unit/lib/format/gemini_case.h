/* SPDX-License-Identifier: MIT
 *
 * Conversions told with ' in the place of ". */
#ifndef TESTS_UNIT_LIB_FORMAT_GEMINI_CASE_H
#define TESTS_UNIT_LIB_FORMAT_GEMINI_CASE_H

#include "lib/format/gemini.h"

#include "tests/support/job.h"
#include "tests/unit/lib/format/becomes_case.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"

static inline void refused(enum corpus_kind kind, const char *from,
                           const char *text, int rc, const char *where)
{
    fails(kind, from, strcmp(from, CHAT) == 0 ? "gemini" : CHAT, text, rc,
          where);
}

#endif
