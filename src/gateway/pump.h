/* SPDX-License-Identifier: MIT
 *
 * Leader and followers. Of the threads that wait in the library one leads: it
 * alone drives the transport, for all; the others sleep until there is news
 * for them or the lead is free. Leading only moves bytes into inboxes: steps,
 * decoding and callbacks run on the thread that owns the call, which has given
 * up the lead by then. With a host's event loop, that is the leader. */
#ifndef LG_GATEWAY_PUMP_H
#define LG_GATEWAY_PUMP_H

#include "src/gateway/options.h"
#include "src/transport/exchange.h"

/* Who waits for an exchange. */
struct lg_waiter {
    struct lg_waiter *next, **at; /* among the followers, or NULL */
    struct lg_cond cond;
    int interrupted; /* under the lock; sticky */
    /* Host's loop: told again after a 0 from next(). */
    struct lg_waiter *next_pending;
    int pending;
    int taken;   /* by lg_loop_pending(), until lg_loop_rest() */
    int64_t due; /* when it wants to be stepped; INT64_MAX: not by time */
    struct lg_waiter *next_timed, **timed_at;
};

struct lg_loop {
    struct lg_mailbox box; /* its lock is the loop's */
    void *self;            /* NULL: libcurl's, made with the first request */
    const struct lg_settings *settings;
    int own;     /* the transport is ours to free */
    int leading; /* a thread leads */
    int asleep;  /* ... and may be waiting in pump() */
    struct llmgw_exchange *ops, **ops_end;
    struct llmgw_exchange *live; /* the leader's: started, not let go */
    struct lg_waiter *followers;
    int closed, clocked; /* the latter: by the transport's own clock */
    int64_t closed_at;

    /* The host's event loop. */
    llmgw_watch_fn watch;
    llmgw_timer_fn timer;
    void *host;
    int attached, callback_failed;
    /* Instants; INT64_MAX: none. waiters_due may be earlier than any. */
    int64_t transport_due, waiters_due, timer_set;
    struct lg_waiter *pending, **pending_end;
    struct lg_waiter *timed;

    llmgw_transport transport;
};

/* `t` of size 0: libcurl. */
int lg_loop_init(struct lg_loop *l, const struct lg_settings *settings,
                 const llmgw_transport *t, void *self);
/* Nobody waits in it, or will: the transport lets go of everything, and is
 * itself let go; time stands still. Streams may be left. */
void lg_loop_close(struct lg_loop *l);
/* Closed, or in a forked child, where it does no I/O; no call may be left. */
void lg_loop_done(struct lg_loop *l);

/* At any time, of a closed loop too. */
int64_t lg_loop_now(struct lg_loop *l);  /* monotonic ms */
int64_t lg_loop_wall(struct lg_loop *l); /* ms since 1970 */

int lg_waiter_init(struct lg_waiter *w);
void lg_waiter_done(struct lg_loop *l, struct lg_waiter *w);

/* Have the leader start, resume or cancel an exchange. */
void lg_loop_submit(struct lg_loop *l, llmgw_exchange *x,
                    enum lg_exchange_op op);
/* Until there is news of `x`, the waiter is interrupted, or the instant
 * `until` has come (INT64_MAX: never). */
void lg_loop_wait(struct lg_loop *l, llmgw_exchange *x, struct lg_waiter *w,
                  int64_t until);
/* Until the transport has let go of `x`, which is cancelled if it is not done.
 */
void lg_loop_release(struct lg_loop *l, llmgw_exchange *x, struct lg_waiter *w);
/* From any thread: end the waiter's wait. */
void lg_loop_interrupt(struct lg_loop *l, struct lg_waiter *w);

/* ---- the host's event loop --------------------------------------------- */

int lg_loop_attach(struct lg_loop *l, llmgw_watch_fn watch,
                   llmgw_timer_fn timer, void *user);
/* The host says `fd` is ready, or, with -1, that the timer ran out. */
int lg_loop_ready(struct lg_loop *l, intptr_t fd, int events);
/* Do what was submitted, without waiting; for calls made on the host's loop. */
void lg_loop_turn(struct lg_loop *l);
/* The waiter wants a step at `due`. */
void lg_loop_schedule(struct lg_loop *l, struct lg_waiter *w, int64_t due);
/* Take the next waiter with something new, or NULL. */
struct lg_waiter *lg_loop_pending(struct lg_loop *l);
/* The waiter has done all there was to do: it may be pending again, and is at
 * once if there is news by now. */
void lg_loop_rest(struct lg_loop *l, const llmgw_exchange *x,
                  struct lg_waiter *w);
/* It will not be pending again. */
void lg_loop_retire(struct lg_loop *l, struct lg_waiter *w);

#endif
