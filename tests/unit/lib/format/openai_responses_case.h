/* SPDX-License-Identifier: MIT
 *
 * Conversions from and to openai-responses, told with ' for ". */
#ifndef TESTS_UNIT_LIB_FORMAT_OPENAI_RESPONSES_CASE_H
#define TESTS_UNIT_LIB_FORMAT_OPENAI_RESPONSES_CASE_H

#include "lib/format/openai_responses.h"

#include "tests/support/job.h"
#include "tests/unit/lib/format/becomes_case.h"

#define OURS   LG_OR_NAME
#define CHAT   "openai-chat"
#define CLAUDE "anthropic-messages"

#endif
