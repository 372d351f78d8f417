/* SPDX-License-Identifier: MIT */
#include "lib/ir/event.h"

int lg_sink_put(struct lg_ir_sink *sink, enum lg_event_kind kind,
                uint16_t choice, int32_t index, const void *what,
                const struct lg_ir_extra *extra)
{
    const struct lg_ir_event ev = {.kind = (uint8_t)kind,
                                   .choice = choice,
                                   .index = index,
                                   .u.any = what,
                                   .extra = extra};

    return sink->put(sink, &ev);
}

int lg_sink_text(struct lg_ir_sink *sink, enum lg_event_kind kind,
                 uint16_t choice, int32_t index, struct lg_str text)
{
    const struct lg_ir_event ev = {
        .kind = (uint8_t)kind, .choice = choice, .index = index, .text = text};

    return sink->put(sink, &ev);
}

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
