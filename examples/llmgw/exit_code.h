/* SPDX-License-Identifier: MIT
 *
 * What the command exits with: scripts rely on these numbers. */
#ifndef LLMGW_COMMAND_EXIT_CODE_H
#define LLMGW_COMMAND_EXIT_CODE_H

#include <stddef.h>

enum {
    EXIT_OK = 0,
    EXIT_OTHER = 1,
    EXIT_USAGE = 2,
    EXIT_CREDENTIALS = 3,
    EXIT_RATE_LIMIT = 4,
    EXIT_REFUSED = 5,
    EXIT_NETWORK = 6,
    EXIT_PROTOCOL = 7,
    EXIT_INPUT = 8,
    EXIT_PROVIDER = 9,
    EXIT_CANCELLED = 10,
    EXIT_LIMIT = 11,
    EXIT_CODES
};

struct exit_row {
    int code; /* LLMGW_E_* */
    int exit;
};
extern const struct exit_row exit_rows[];
extern const size_t exit_row_count;

/* For what an llmgw function returned. */
int exit_code(int code);
/* What an exit code means, for --help. */
const char *exit_text(int exit);

#endif
