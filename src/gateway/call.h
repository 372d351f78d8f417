/* SPDX-License-Identifier: MIT
 *
 * One call, as an explicit state machine: lg_call_step() never blocks and says
 * what it waits for. Three drivers share it: blocking (lg_call_run), the
 * host's event loop, and tests with a clock that is an integer.
 *
 *     PLAN -> AUTH -> SEND -> HEAD -> BODY -> DONE
 *      ^                        |       |
 *      +------ BACKOFF <--------+-------+---> FAILED                        */
#ifndef LG_GATEWAY_CALL_H
#define LG_GATEWAY_CALL_H

#include "lib/format/convert.h"
#include "lib/wire/http.h"
#include "src/gateway/cancel.h"
#include "src/gateway/config.h"
#include "src/gateway/error.h"
#include "src/gateway/pump.h"
#include "src/gateway/retry.h"

struct llmgw_client;
struct lg_trace_field;

enum lg_call_state {
    LG_CALL_PLAN,
    LG_CALL_AUTH,
    LG_CALL_SEND,
    LG_CALL_HEAD,
    LG_CALL_BODY,
    LG_CALL_BACKOFF,
    LG_CALL_DONE,
    LG_CALL_FAILED
};

/* What lg_call_step() says. */
enum lg_step {
    LG_STEP_DONE = 0, /* state is DONE: the answer is whole, or for a stream
                         its first byte may be read */
    LG_STEP_WAIT = 1  /* for the exchange, or until call->wake_at */
};

/* Where a call goes, and in which words. */
struct lg_plan {
    const struct lg_provider_config *provider;
    const struct lg_format *native; /* spoken there */
    const struct lg_endpoint *endpoint;
    int same;             /* it is the caller's own format */
    struct lg_str prefix; /* "name/" to cut from the model, maybe empty */
    struct lg_policy policy;
    struct lg_facts_table models; /* of its own options */
};

/* Top-level members of the request that the gateway looks at. */
enum {
    LG_MEMBER_MODEL,
    LG_MEMBER_STREAM,
    LG_MEMBER_STREAM_OPTIONS,
    LG_MEMBERS
};

/* What is spoken of most stands first: near fields are short to name. */
struct lg_call {
    struct llmgw_client *client;
    struct lg_config *config; /* pinned */
    struct lg_loop *loop;
    const struct lg_format *caller;
    enum lg_call_state state;
    int stream; /* asked of the provider */
    struct lg_plan plan;
    struct lg_err err;
    struct lg_settings set;
    struct lg_waiter waiter;
    struct lg_cancel_listener listener;
    const struct lg_operation *op;
    uint64_t id;
    int whole; /* the caller wants one answer */

    struct lg_str json; /* the caller's request */
    char *json_copy;    /* a stream's own, until its commit gate */
    struct lg_str member[LG_MEMBERS];
    struct lg_arena arena; /* of the request; forgotten at the commit gate */
    struct lg_bridge bridge;
    struct lg_losses losses; /* of the request, then of the answer */
    size_t traced;           /* so many of them were told */
    struct lg_arena keep;    /* losses and what the answer needs of them */
    struct lg_buf converted;
    struct lg_str *slice; /* LG_SLICE_MAX of them */
    size_t nslices;

    struct llmgw_exchange x;
    int sent_once; /* x was started, its memory is in use */

    /* Instants, monotonic ms; INT64_MAX: none. */
    int64_t begun, attempt_begun, last_byte, last_content, deadline, wake_at;
    int64_t first_at; /* first content; -1: not yet */
    int64_t wall;     /* when the attempt began, ms since 1970 */
    int64_t retries, attempts;
    int committed; /* an event was handed out: no more retries */
    atomic_int cancelled;

    /* The answer. */
    struct lg_mail mail;
    struct lg_chunks inbox;
    size_t inbox_at;    /* bytes taken of its first chunk */
    struct lg_buf body; /* whole, or of an error */
    int ambiguous;      /* an earlier attempt may have been billed */
    struct lg_buf log;  /* JSON array of attempts, unfinished */
    const char *model_seen;

    struct lg_failure failure;
    struct lg_ir_error said; /* by the provider; spans of body or keep */
    struct llmgw_error *error;
};

/* ---- call.c ------------------------------------------------------------ */

/* Set up a call of a live client. `json` must outlive it unless `copy`. On
 * failure nothing is left to free and `e` tells. */
int lg_call_init(struct lg_call *c, struct llmgw_client *client,
                 const llmgw_options *o, const char *operation,
                 struct lg_str json, int stream, int whole, struct lg_err *e);
/* Ends it; what memory is worth keeping stays for another lg_call_init(). */
void lg_call_done(struct lg_call *c);
/* Gives that back, too. */
void lg_call_wipe(struct lg_call *c);
/* The last trace of a call. `usage` may be NULL. */
void lg_call_trace_done(struct lg_call *c, int result,
                        const struct lg_ir_usage *usage);
/* Go as far as possible: LG_STEP_DONE, LG_STEP_WAIT, or a negative code once
 * state is FAILED (c->error then tells all). */
int lg_call_step(struct lg_call *c);
/* Once its head is here: is the answer read event by event, by the stream, or
 * is it c->body? A page of HTML is no stream, whoever sent it. */
int lg_call_is_stream(const struct lg_call *c);
/* Step and wait until it is no LG_STEP_WAIT. */
int lg_call_run(struct lg_call *c);
/* Fetch what the loop has for this call, without waiting. */
void lg_call_collect(struct lg_call *c);
/* A step failed in a way that c->err and c->failure tell: decide between
 * BACKOFF and FAILED. 0: it will try again. */
int lg_call_fail(struct lg_call *c);
/* 0, or LLMGW_E_CANCELLED in c->err. */
int lg_call_cancelled(struct lg_call *c);
/* The deadlines of an answer under way: 0, or LLMGW_E_TIMEOUT in c->err. Sets
 * c->wake_at. `content`: something other than a sign of life just came. */
int lg_call_check_time(struct lg_call *c, int64_t now);
/* The transfer is over: return what it holds of the request. */
void lg_call_commit(struct lg_call *c);

/* ---- plan.c ------------------------------------------------------------ */

int lg_plan_make(struct lg_call *c);

/* ---- attempt.c --------------------------------------------------------- */

/* Write the request of c->plan into c->x. */
int lg_attempt_build(struct lg_call *c);
/* A streamed body: read from the host what the transport waits for, if it
 * does. */
void lg_attempt_feed(struct lg_call *c);
/* Fill c->failure from a transport's end, or from an HTTP error and its body. */
void lg_attempt_broke(struct lg_call *c);
void lg_attempt_refused(struct lg_call *c);
/* The same for an error that came as an event of a 200's stream. */
void lg_attempt_error_event(struct lg_call *c, const struct lg_ir_error *e);
/* Is the answer of a 200 an error after all? 1: c->err and c->failure tell. */
int lg_attempt_is_error(struct lg_call *c, const struct lg_json *doc);
/* What was read makes no sense: `err`, told as the provider's fault where it
 * is not ours. */
int lg_attempt_misread(struct lg_call *c, int err);
/* Append this attempt to c->log. `delay_ms` < 0: the last one. */
void lg_attempt_log(struct lg_call *c, int64_t delay_ms);
/* Build c->error of c->err and all that is known. */
void lg_attempt_error(struct lg_call *c);

#endif
