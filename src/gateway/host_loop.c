/* SPDX-License-Identifier: MIT
 *
 * The host's event loop as the leader: descriptors and one timer are asked of
 * it, and it says when there is something to do. */
#include "src/gateway/pump_inner.h"
#include "src/gateway/trace.h"

static int loop_timer(void *user, int64_t ms)
{
    struct lg_loop *l = user;

    l->transport_due = ms < 0 ? INT64_MAX : lg_loop_now(l) + ms;
    return 0;
}

static int loop_watch(void *user, intptr_t fd, int want)
{
    struct lg_loop *l = user;
    int err;

    lg_callback_enter();
    err = l->watch(l->host, fd, want);
    lg_callback_leave();
    if (err)
        l->callback_failed = 1;
    return err;
}

int lg_loop_watch(struct lg_loop *l)
{
    return l->transport.attach(l->self, loop_watch, loop_timer, l);
}

static void set_timer(struct lg_loop *l)
{
    const int64_t now = lg_loop_now(l);
    const int64_t due =
        l->waiters_due < l->transport_due ? l->waiters_due : l->transport_due;

    if (due == l->timer_set)
        return;
    l->timer_set = due;
    lg_callback_enter();
    if (l->timer(l->host, due == INT64_MAX ? -1 : due > now ? due - now : 0))
        l->callback_failed = 1;
    lg_callback_leave();
}

int lg_loop_attach(struct lg_loop *l, llmgw_watch_fn watch,
                   llmgw_timer_fn timer, void *user)
{
    if (!l->transport.attach || !l->transport.ready)
        return LLMGW_E_UNSUPPORTED;
    l->watch = watch;
    l->timer = timer;
    l->host = user;
    l->attached = 1;
    if (l->own)
        return LLMGW_OK; /* it is made later */
    return lg_loop_watch(l);
}

void lg_loop_turn(struct lg_loop *l)
{
    lg_mutex_lock(&l->box.lock);
    l->leading = 1;
    lg_loop_settle(l);
    l->leading = 0;
    lg_mutex_unlock(&l->box.lock);
    if (l->transport_due < l->timer_set)
        set_timer(l);
}

void lg_loop_schedule(struct lg_loop *l, struct lg_waiter *w, int64_t due)
{
    w->due = due;
    if (!w->timed_at) {
        w->next_timed = l->timed;
        w->timed_at = &l->timed;
        if (w->next_timed)
            w->next_timed->timed_at = &w->next_timed;
        l->timed = w;
    }
    /* Instants move away with every byte; the earliest is left where it stands
     * and looked for again when it has come. */
    if (due < l->waiters_due)
        l->waiters_due = due;
    if (due < l->timer_set)
        set_timer(l);
}

/* Tell those whose instant has come, and find the next one. */
static void run_timed(struct lg_loop *l, int64_t now)
{
    if (l->waiters_due > now)
        return;
    l->waiters_due = INT64_MAX;
    for (struct lg_waiter *w = l->timed; w; w = w->next_timed) {
        if (w->due <= now) {
            w->due = INT64_MAX; /* the step sets it anew */
            lg_loop_tell(l, w);
        } else if (w->due < l->waiters_due) {
            l->waiters_due = w->due;
        }
    }
}

int lg_loop_ready(struct lg_loop *l, intptr_t fd, int events)
{
    int64_t now = lg_loop_now(l);
    int err = LLMGW_OK;

    if (fd < 0 && l->transport.now && l->timer_set > now &&
        l->timer_set != INT64_MAX) {
        /* A clock of the transport's own moves while it is waited for. */
        (void)l->transport.pump(l->self, l->timer_set - now);
        now = lg_loop_now(l);
    }
    if (fd >= 0 || l->transport_due <= now) {
        if (fd < 0)
            l->transport_due = INT64_MAX;
        if (lg_loop_has_transport(l))
            err = l->transport.ready(l->self, fd, events);
    }
    lg_mutex_lock(&l->box.lock);
    l->leading = 1;
    lg_loop_settle(l);
    l->leading = 0;
    if (fd < 0) {
        run_timed(l, now);
        l->timer_set = INT64_MAX;
    }
    lg_mutex_unlock(&l->box.lock);
    if (fd < 0 || l->transport_due < l->timer_set)
        set_timer(l);
    if (l->callback_failed)
        return LLMGW_E_CALLBACK;
    return err < 0 ? err : LLMGW_OK;
}

struct lg_waiter *lg_loop_pending(struct lg_loop *l)
{
    struct lg_waiter *w;

    lg_mutex_lock(&l->box.lock);
    w = l->pending;
    if (w) {
        l->pending = w->next_pending;
        if (!l->pending)
            l->pending_end = &l->pending;
        w->pending = 0;
        w->taken = 1;
    }
    lg_mutex_unlock(&l->box.lock);
    return w;
}

void lg_loop_rest(struct lg_loop *l, const llmgw_exchange *x,
                  struct lg_waiter *w)
{
    lg_mutex_lock(&l->box.lock);
    l->leading = 1;
    lg_loop_settle(l); /* what it has read may go on */
    l->leading = 0;
    w->taken = 0;
    if (x->news || w->interrupted)
        lg_loop_tell(l, w);
    lg_mutex_unlock(&l->box.lock);
    if (l->transport_due < l->timer_set)
        set_timer(l);
}
