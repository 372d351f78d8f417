/* SPDX-License-Identifier: MIT
 *
 * What pump.c and host_loop.c share: two ways to be the leader. */
#ifndef LG_GATEWAY_PUMP_INNER_H
#define LG_GATEWAY_PUMP_INNER_H

#include "src/gateway/pump.h"

/* libcurl's is made when it is first needed; a host's may have no self. */
int lg_loop_has_transport(const struct lg_loop *l);
/* The leader, under the lock: do what was submitted, also while it was being
 * done, and hand over what came. */
void lg_loop_settle(struct lg_loop *l);
/* Under the lock: there is something for this waiter. */
void lg_loop_tell(struct lg_loop *l, struct lg_waiter *w);
/* Have the transport ask the host's loop. */
int lg_loop_watch(struct lg_loop *l);

#endif
