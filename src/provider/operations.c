/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

const struct lg_operation lg_operations[] = {
    {"messages", "anthropic-messages"},
    {"chat", "openai-chat"},
    {"responses", "openai-responses"},
    {"completions", "openai-completions"},
    {NULL, NULL},
};

const struct lg_operation *lg_operation_by_name(const char *name)
{
    for (const struct lg_operation *o = lg_operations; name && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

const char *llmgw_operation_name(size_t i)
{
    return i < LG_COUNT(lg_operations) ? lg_operations[i].name : NULL;
}
