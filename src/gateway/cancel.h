/* SPDX-License-Identifier: MIT
 *
 * A token that many calls listen to. Locks: the token's, then whatever the
 * listener takes; so nobody who holds such a lock listens or stops to. */
#ifndef LG_GATEWAY_CANCEL_H
#define LG_GATEWAY_CANCEL_H

#include <stdatomic.h>

#include "src/base/sys.h"

#include <llmgw/llmgw.h>

/* Lives with the one who listens. `fire` is called under the token's lock, at
 * most once, and calls nothing of here but lg_cancel_fired(). */
struct lg_cancel_listener {
    void (*fire)(void *user);
    void *user;
    uint64_t process;                      /* 0: does not listen */
    struct lg_cancel_listener *next, **at; /* `at`: what points to it */
};

struct llmgw_cancel {
    atomic_int refs, fired;
    atomic_uint_least64_t lock;
    uint64_t process; /* whose listeners these are */
    struct lg_cancel_listener *first;
};

/* These take NULL. */
llmgw_cancel *lg_cancel_ref(llmgw_cancel *k);
void lg_cancel_unref(llmgw_cancel *k);
int lg_cancel_fired(const llmgw_cancel *k);
/* Listen, and keep the token alive. Of one that has fired, `fire` is called at
 * once. */
void lg_cancel_listen(llmgw_cancel *k, struct lg_cancel_listener *l,
                      void (*fire)(void *user), void *user);
/* After it returns `fire` is neither running nor called again. */
void lg_cancel_unlisten(llmgw_cancel *k, struct lg_cancel_listener *l);

#endif
