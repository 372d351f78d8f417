/* SPDX-License-Identifier: MIT */
#ifndef LG_GATEWAY_CLIENT_H
#define LG_GATEWAY_CLIENT_H

#include "src/gateway/call.h"

struct llmgw_client {
    struct lg_config *config;
    struct lg_loop *loops;
    size_t nloops;
    atomic_size_t turn; /* which loop is next */
    atomic_uint_fast64_t ids;
    struct lg_retry_budget budget;
    uint64_t process;
    int attached; /* a host's event loop drives it */

    struct lg_mutex lock;
    struct lg_cond idle;        /* a blocking call ended */
    struct lg_call_link *calls; /* alive, streams included */
    struct lg_call *spare;      /* one ended call's memory, for the next */
    size_t busy;                /* threads at work in it */
    size_t refs;                /* the host's, and one of each stream */
    int closed;
    int closing; /* its loops are: nobody may be at work meanwhile */
    uint64_t random;
};

/* May this thread use the client now? 0, LLMGW_E_INVALID or _E_FORKED. */
int lg_client_enter(const llmgw_client *c, struct lg_err *e);
/* Around all that waits or touches a transport: llmgw_client_free() waits for
 * its end. */
void lg_client_begin(llmgw_client *c);
void lg_client_end(llmgw_client *c);
/* A stream keeps its client's memory. */
void lg_client_ref(llmgw_client *c);
void lg_client_unref(llmgw_client *c);

/* The calls of a client, for client_free() to cancel. */
struct lg_call_link {
    struct lg_call_link *next, **at;
    struct lg_call *call;
};
void lg_client_join(llmgw_client *c, struct lg_call_link *link);
void lg_client_leave(llmgw_client *c, struct lg_call_link *link);

uint32_t lg_client_random(llmgw_client *c);

#endif
