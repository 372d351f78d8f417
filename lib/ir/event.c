/* SPDX-License-Identifier: MIT */
#include "lib/ir/event.h"

const char *lg_stop_name(enum lg_stop kind)
{
    static const char *const names[] = {
        [LG_STOP_NONE] = NULL,
        [LG_STOP_END] = "end",
        [LG_STOP_LENGTH] = "length",
        [LG_STOP_TOOL] = "tool",
        [LG_STOP_SEQUENCE] = "stop_sequence",
        [LG_STOP_REFUSAL] = "refusal",
        [LG_STOP_PAUSE] = "pause",
        [LG_STOP_OTHER] = "other",
    };

    return (size_t)kind < LG_COUNT(names) ? names[kind] : NULL;
}
