/* SPDX-License-Identifier: MIT
 *
 * A client made of the command line, with what must be freed after it. */
#ifndef LLMGW_COMMAND_SESSION_H
#define LLMGW_COMMAND_SESSION_H

#include "args.h"

#include <llmgw/llmgw.h>

struct session {
    llmgw_options *options;
    llmgw_client *client;
    llmgw_cancel *cancel; /* fired by SIGINT and SIGTERM */
};

/* 0, or an exit code after the fault was told. `trace` may be NULL. */
int session_open(struct session *s, const struct args *a, llmgw_trace_fn trace,
                 void *user);
void session_close(struct session *s);

#endif
