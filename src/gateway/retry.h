/* SPDX-License-Identifier: MIT
 *
 * To try again or not: the policy of the official SDKs (Anthropic and OpenAI,
 * equal but for details), as a pure function of what happened. */
#ifndef LG_GATEWAY_RETRY_H
#define LG_GATEWAY_RETRY_H

#include <stdatomic.h>

#include "src/gateway/options.h"

/* What ended an attempt. */
struct lg_failure {
    int code;         /* LLMGW_E_* */
    int status;       /* HTTP, or what an error in a stream amounts to; 0 */
    int sent;         /* the request may have reached the provider */
    int answered;     /* the provider itself said no */
    int never;        /* quota, content filter, TLS: waiting is no help */
    int should_retry; /* x-should-retry: 1 true, -1 false, 0 absent */
    int64_t retry_after_ms; /* what the provider asks for; -1: nothing */
};

/* A failure of which nothing else is known. */
void lg_failure_set(struct lg_failure *f, int code, int sent, int never);

enum lg_retry_verdict {
    LG_RETRY_FATAL,     /* the same call would fail again */
    LG_RETRY_SAFE,      /* surely not processed */
    LG_RETRY_AMBIGUOUS, /* perhaps processed, perhaps billed */
};

/* What kind of failure it is, whatever the options say. */
enum lg_retry_verdict lg_retry_judge(const struct lg_failure *f);

/* A bucket shared by the calls of a client: a retry takes LG_RETRY_COST, a
 * success gives LG_RETRY_REFUND back, so that a storm is not amplified. */
#define LG_RETRY_COST   5
#define LG_RETRY_REFUND 1
struct lg_retry_budget {
    atomic_int_fast64_t tokens;
    int64_t max; /* 0: no bucket */
};
void lg_retry_refund(struct lg_retry_budget *b);

/* The delay in ms before the next attempt, or -1: give up. `retries`: made
 * already; `left_ms`: until the deadline, INT64_MAX without one; `random`: any
 * 32 bits. Takes from the budget when it says to go on. */
int64_t lg_retry_delay(const struct lg_settings *s, const struct lg_failure *f,
                       int64_t retries, int64_t left_ms, uint32_t random,
                       struct lg_retry_budget *budget);

#endif
