/* SPDX-License-Identifier: MIT
 *
 * A script (llmgw/testing.h): what is expected, what happens then, and what
 * was sent. script.c writes and shows it, script_run.c is the transport. */
#ifndef LG_TRANSPORT_SCRIPT_H
#define LG_TRANSPORT_SCRIPT_H

#include <llmgw/testing.h>
#include <stdatomic.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "src/transport/exchange.h"

#define LG_SCRIPT_BODY_MAX     ((size_t)1 << 31)
#define LG_SCRIPT_SENTENCE_MAX 1024
#define LG_SCRIPT_NEVER        INT64_MAX

enum lg_script_step_kind {
    LG_SCRIPT_STATUS,
    LG_SCRIPT_HEADER,
    LG_SCRIPT_BODY
};
enum lg_script_ending {
    LG_SCRIPT_WELL,
    LG_SCRIPT_REFUSED,
    LG_SCRIPT_RESET,
    LG_SCRIPT_STALL
};

struct lg_script_step {
    struct lg_script_step *next;
    uint8_t kind;
    int status;
    int64_t at; /* ms after the request was sent */
    const char *name, *value;
    struct lg_str body;
    size_t cut; /* bytes of a piece; 0: whole */
};

struct lg_script_pair {
    struct lg_script_pair *next;
    const char *name, *value;
};

struct lg_script_expectation {
    struct lg_script_expectation *next;
    size_t number;
    const char *method, *url, *body;
    struct lg_script_pair *headers;
    struct lg_script_step *first, **last;
    int64_t at; /* of the step added next, and in the end of the ending */
    uint8_t has_status, has_body, ending;
    uint8_t met;
};

struct lg_script_request {
    struct lg_script_request *next;
    const char *method, *url;
    struct lg_str body;
    struct lg_script_pair *headers;
};

/* An exchange that is in the transport. */
struct lg_script_flight {
    struct lg_script_flight *next;
    llmgw_exchange *x;
    struct lg_script_expectation *e; /* NULL: the script is over */
    struct lg_script_request *request;
    struct lg_buf body;
    const struct lg_script_step *step;
    size_t at; /* bytes of the step's body that were delivered */
    int64_t begun;
    int sending, hungry; /* the request's body has not ended; may go on */
    int paused;
    const char *fault; /* what was wrong with the request */
};

struct llmgw_script {
    struct lg_arena arena;
    struct lg_script_expectation *first, **last;
    struct lg_script_expectation *adding; /* being written */
    struct lg_script_expectation *due;    /* to be met next */
    size_t expectations, cut;
    struct lg_script_request *requests, **last_request;
    atomic_size_t nrequests;
    struct lg_script_flight *flights, **last_flight;
    atomic_llong now;
    atomic_int woken;
    const char *fault; /* the first */
    char unused[LG_SCRIPT_SENTENCE_MAX];
    llmgw_timer_fn timer;
    void *loop_user;
    int64_t armed; /* the instant the host's timer stands at */
};

extern const llmgw_transport lg_script_transport;
/* Its header of that name (NULL: none). */
const char *lg_script_find(const struct lg_script_pair *p, const char *name);
/* A copy of a text that may be NULL; clears *ok without memory. */
const char *lg_script_keep(llmgw_script *s, const char *text, int *ok);
/* 0 or LLMGW_E_NOMEM. */
int lg_script_add(llmgw_script *s, struct lg_script_pair **to, const char *name,
                  const char *value);
/* Forget the exchanges in flight. */
void lg_script_drop_flights(llmgw_script *s);

#endif
