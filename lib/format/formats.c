/* SPDX-License-Identifier: MIT */
#include "lib/format/format.h"

extern const struct lg_format lg_format_anthropic_messages;
extern const struct lg_format lg_format_openai_chat;

const struct lg_format *const lg_formats[] = {
    &lg_format_anthropic_messages,
    &lg_format_openai_chat,
    NULL,
};

const struct lg_format *lg_format_by_name(struct lg_str name)
{
    for (size_t i = 0; lg_formats[i]; i++) {
        if (lg_str_is(name, lg_formats[i]->name))
            return lg_formats[i];
    }
    return NULL;
}
