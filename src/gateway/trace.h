/* SPDX-License-Identifier: MIT
 *
 * Traces: what the host is told while a call runs. */
#ifndef LG_GATEWAY_TRACE_H
#define LG_GATEWAY_TRACE_H

#include "src/gateway/call.h"

struct lg_trace_field {
    const char *key;
    const char *str; /* NULL: a number */
    int64_t num;
};

struct llmgw_trace {
    int kind;
    size_t n;
    struct lg_trace_field field[24];
};

/* Begin one of call `c` (with its id and the time since it began), add to it,
 * hand it to the host. Does nothing but return NULL where nobody listens. */
struct llmgw_trace *lg_trace_begin(struct lg_call *c, struct llmgw_trace *t,
                                   int kind);
void lg_trace_str(struct llmgw_trace *t, const char *key, const char *str);
void lg_trace_int(struct llmgw_trace *t, const char *key, int64_t num);
void lg_trace_end(struct lg_call *c, const struct llmgw_trace *t);

/* One LLMGW_TRACE_LOSS for each loss that has not been told. */
void lg_trace_losses(struct lg_call *c);

/* While a callback of the host runs on this thread, nothing but accessors and
 * cancelling is legal. */
void lg_callback_enter(void);
void lg_callback_leave(void);
int lg_callback_running(void);

#endif
