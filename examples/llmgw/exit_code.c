/* SPDX-License-Identifier: MIT */
#include "exit_code.h"

#include <llmgw/llmgw.h>

const struct exit_row exit_rows[] = {
    {LLMGW_E_INVALID, EXIT_OTHER},         {LLMGW_E_NOMEM, EXIT_OTHER},
    {LLMGW_E_OPTION, EXIT_USAGE},          {LLMGW_E_JSON, EXIT_INPUT},
    {LLMGW_E_UNSUPPORTED, EXIT_REFUSED},   {LLMGW_E_AUTH, EXIT_CREDENTIALS},
    {LLMGW_E_CONNECT, EXIT_NETWORK},       {LLMGW_E_TIMEOUT, EXIT_NETWORK},
    {LLMGW_E_RATE_LIMIT, EXIT_RATE_LIMIT}, {LLMGW_E_REFUSED, EXIT_REFUSED},
    {LLMGW_E_PROVIDER, EXIT_PROVIDER},     {LLMGW_E_PROTOCOL, EXIT_PROTOCOL},
    {LLMGW_E_TRUNCATED, EXIT_PROTOCOL},    {LLMGW_E_LIMIT, EXIT_LIMIT},
    {LLMGW_E_CANCELLED, EXIT_CANCELLED},   {LLMGW_E_AGAIN, EXIT_OTHER},
    {LLMGW_E_CALLBACK, EXIT_OTHER},        {LLMGW_E_FORKED, EXIT_OTHER},
};
const size_t exit_row_count = sizeof(exit_rows) / sizeof(exit_rows[0]);

static const char *const texts[EXIT_CODES] = {
    "done",
    "anything else, a reader that went away included",
    "wrong usage, or a wrong option",
    "no credential, or one that was refused",
    "rate limited",
    "the request was refused, or cannot be said in the target's format",
    "no connection, or out of time",
    "an answer not understood, or cut short",
    "bad input: no file, no JSON, or not of the format's shape",
    "the provider failed",
    "cancelled",
    "a ceiling was reached: of the options, or of this command",
};

int exit_code(int code)
{
    for (size_t i = 0; i < exit_row_count; i++)
        if (exit_rows[i].code == code)
            return exit_rows[i].exit;
    return code < 0 ? EXIT_OTHER : EXIT_OK;
}

const char *exit_text(int exit)
{
    return exit >= 0 && exit < EXIT_CODES ? texts[exit] : texts[EXIT_OTHER];
}
