/* SPDX-License-Identifier: MIT
 *
 * What the library tells of a call, as lines of JSON. */
#ifndef LLMGW_COMMAND_TRACE_H
#define LLMGW_COMMAND_TRACE_H

#include <llmgw/llmgw.h>

/* An llmgw_trace_fn; `user` is the FILE to write to. */
void trace_write(void *user, const llmgw_trace *t);

#endif
