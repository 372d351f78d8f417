/* SPDX-License-Identifier: MIT
 *
 * What the command can do. Each gives an exit code. */
#ifndef LLMGW_COMMAND_VERBS_H
#define LLMGW_COMMAND_VERBS_H

#include "args.h"

int run_ask(const struct args *a);
int run_call(const struct args *a);
int run_convert(const struct args *a);
int run_formats(const struct args *a);
int run_options(const struct args *a);
int run_providers(const struct args *a);

/* Is `word` one of the names that next(0), next(1), ... give? 0, or EXIT_USAGE
 * after it was told which there are. */
int check_word(const char *what, const char *word,
               const char *(*next)(size_t i));

#endif
