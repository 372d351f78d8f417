/* SPDX-License-Identifier: MIT */
#include "src/gateway/pump_inner.h"

#include "src/gateway/trace.h"
#include "src/transport/curl.h"

#define PUMP_WITHOUT_WAKE_MS 20

int lg_loop_init(struct lg_loop *l, const struct lg_settings *settings,
                 const llmgw_transport *t, void *self)
{
    const int err =
        lg_mailbox_init(&l->box, (size_t)settings->max_buffered_bytes);

    if (err)
        return err;
    l->settings = settings;
    l->own = t->size == 0;
    l->transport = l->own ? lg_curl_transport : *t;
    l->self = self;
    l->clocked = t->size && (t->now || t->wall);
    l->box.can_pause = l->transport.pause != NULL;
    l->ops_end = &l->ops;
    l->pending_end = &l->pending;
    l->transport_due = l->waiters_due = l->timer_set = INT64_MAX;
    return LLMGW_OK;
}

int lg_loop_has_transport(const struct lg_loop *l)
{
    return l->self || !l->own;
}

void lg_loop_done(struct lg_loop *l)
{
    lg_mailbox_done(&l->box);
}

/* Under the lock, if the clock is the transport's. */
static int64_t now_of(const struct lg_loop *l)
{
    if (l->closed && l->clocked)
        return l->closed_at;
    return l->transport.now ? l->transport.now(l->self) : lg_sys_mono_ms();
}

int64_t lg_loop_now(struct lg_loop *l)
{
    int64_t now;

    if (!l->clocked)
        return lg_sys_mono_ms();
    lg_mutex_lock(&l->box.lock);
    now = now_of(l);
    lg_mutex_unlock(&l->box.lock);
    return now;
}

int64_t lg_loop_wall(struct lg_loop *l)
{
    int64_t wall;

    if (!l->clocked)
        return lg_sys_wall_ms();
    lg_mutex_lock(&l->box.lock);
    wall = l->transport.wall ? l->transport.wall(l->self) : lg_sys_wall_ms();
    lg_mutex_unlock(&l->box.lock);
    return wall;
}

int lg_waiter_init(struct lg_waiter *w)
{
    memset(w, 0, sizeof(*w));
    w->due = INT64_MAX;
    return lg_cond_init(&w->cond);
}

static void unlink_timed(struct lg_waiter *w)
{
    if (!w->timed_at)
        return;
    *w->timed_at = w->next_timed;
    if (w->next_timed)
        w->next_timed->timed_at = w->timed_at;
    w->timed_at = NULL;
}

static void unlink_pending(struct lg_loop *l, struct lg_waiter *w)
{
    struct lg_waiter **at = &l->pending;

    if (!w->pending)
        return;
    while (*at != w)
        at = &(*at)->next_pending;
    *at = w->next_pending;
    if (!*at)
        l->pending_end = at;
    w->pending = 0;
}

void lg_waiter_done(struct lg_loop *l, struct lg_waiter *w)
{
    lg_loop_retire(l, w);
    lg_cond_done(&w->cond);
}

void lg_loop_retire(struct lg_loop *l, struct lg_waiter *w)
{
    lg_mutex_lock(&l->box.lock);
    unlink_timed(w);
    unlink_pending(l, w);
    w->taken = 1;
    lg_mutex_unlock(&l->box.lock);
}

/* ---- what follows runs under the lock ---------------------------------- */

static void join_followers(struct lg_loop *l, struct lg_waiter *w)
{
    w->next = l->followers;
    w->at = &l->followers;
    if (w->next)
        w->next->at = &w->next;
    l->followers = w;
}

static void leave_followers(struct lg_waiter *w)
{
    *w->at = w->next;
    if (w->next)
        w->next->at = w->at;
    w->at = NULL;
}

static void follow(struct lg_loop *l, struct lg_waiter *w, int64_t ms)
{
    join_followers(l, w);
    lg_cond_wait(&w->cond, &l->box.lock, ms);
    leave_followers(w);
}

/* Whoever leaves looks back: a free lead with somebody waiting is passed on. */
static void pass_on(struct lg_loop *l)
{
    if (!l->leading && l->followers)
        lg_cond_signal(&l->followers->cond);
}

void lg_loop_tell(struct lg_loop *l, struct lg_waiter *w)
{
    if (!w)
        return;
    if (w->at)
        lg_cond_signal(&w->cond);
    if (l->attached && !w->pending && !w->taken) {
        w->pending = 1;
        w->next_pending = NULL;
        *l->pending_end = w;
        l->pending_end = &w->next_pending;
    }
}

static void wake_leader(struct lg_loop *l)
{
    if (l->asleep && l->transport.wake)
        l->transport.wake(l->self);
}

static void queue(struct lg_loop *l, llmgw_exchange *x, int op)
{
    if (!x->ops) {
        x->next_op = NULL;
        *l->ops_end = x;
        l->ops_end = &x->next_op;
    }
    x->ops |= op;
    if (op == LG_OP_START)
        x->let_go = 0;
    wake_leader(l);
}

static const llmgw_transport *transport_of(const struct lg_loop *l,
                                           const llmgw_exchange *x)
{
    return x->via ? x->via : &l->transport;
}

static void forget_dirty(struct lg_loop *l, const llmgw_exchange *x)
{
    for (llmgw_exchange **at = &l->box.dirty; *at; at = &(*at)->next_dirty)
        if (*at == x) {
            *at = x->next_dirty;
            return;
        }
}

/* Without the lock: libcurl is made when it is first needed. */
static int make_transport(struct lg_loop *l, struct lg_err *e)
{
    const struct lg_settings *s = l->settings;
    const struct lg_curl_config config = {
        .ca_file = s->ca_file,
        .ca_dir = s->ca_dir,
        .proxy = s->proxy,
        .http2 = (int)s->http2,
        .keep_ms = (int)s->keep_ms,
    };
    void *self = NULL;
    int err;

    if (lg_loop_has_transport(l))
        return LLMGW_OK;
    err = lg_curl_new(&config, &self, e);
    if (err)
        return err;
    lg_mutex_lock(&l->box.lock); /* followers look whether it is there */
    l->self = self;
    lg_mutex_unlock(&l->box.lock);
    if (l->attached)
        err = lg_loop_watch(l);
    return err;
}

/* Without the lock. */
static void start(struct lg_loop *l, llmgw_exchange *x)
{
    const llmgw_transport *t = transport_of(l, x);
    struct lg_err e = {.text = "the transport could not start"};
    int err = x->via ? LLMGW_OK : make_transport(l, &e);

    x->in_transport = 1;
    x->next_live = l->live;
    x->live_at = &l->live;
    if (x->next_live)
        x->next_live->live_at = &x->next_live;
    l->live = x;
    if (!err)
        err = t->start(x->via ? NULL : l->self, x);
    if (err < 0 && x->in_transport)
        llmgw_exchange_on_done(x, err, e.text);
}

static void do_ops(struct lg_loop *l, llmgw_exchange *x, int ops)
{
    const llmgw_transport *t = transport_of(l, x);
    void *self = x->via ? NULL : l->self;

    if (ops & LG_OP_CANCEL) {
        if (x->in_transport)
            t->cancel(self, x);
        x->in_transport = 0;
        return;
    }
    if (ops & LG_OP_START)
        start(l, x);
    if (ops & LG_OP_RESUME && x->in_transport && t->pause) {
        atomic_store(&x->paused, 0);
        (void)t->pause(self, x, 0);
    }
}

static void unlink_live(llmgw_exchange *x)
{
    if (!x->live_at)
        return;
    *x->live_at = x->next_live;
    if (x->next_live)
        x->next_live->live_at = x->live_at;
    x->live_at = NULL;
}

/* A cancelled one: the owner may free it from here on. */
static void let_go(struct lg_loop *l, llmgw_exchange *x)
{
    if (x->dirty)
        forget_dirty(l, x);
    unlink_live(x);
    lg_exchange_publish(x);
    x->let_go = 1;
    lg_loop_tell(l, x->owner);
}

static void run_ops(struct lg_loop *l)
{
    while (l->ops) {
        llmgw_exchange *x = l->ops;
        const int ops = x->ops;

        l->ops = x->next_op;
        if (!l->ops)
            l->ops_end = &l->ops;
        x->ops = 0;
        if (x->let_go) { /* it ended by itself: its owner may free it now */
            lg_loop_tell(l, x->owner);
            continue;
        }
        lg_mutex_unlock(&l->box.lock);
        do_ops(l, x, ops);
        lg_mutex_lock(&l->box.lock);
        if (ops & LG_OP_CANCEL)
            let_go(l, x);
    }
}

static void publish(struct lg_loop *l)
{
    while (l->box.dirty) {
        llmgw_exchange *x = l->box.dirty;
        const llmgw_transport *t = transport_of(l, x);

        l->box.dirty = x->next_dirty;
        if (t->pause && x->in_transport && !atomic_load(&x->paused) &&
            lg_exchange_full(x)) {
            /* still ours, and unpublished: its owner cannot free it */
            lg_mutex_unlock(&l->box.lock);
            (void)t->pause(x->via ? NULL : l->self, x, 1);
            lg_mutex_lock(&l->box.lock);
        }
        if (x->fill.done)
            unlink_live(x);
        lg_exchange_publish(x);
        lg_loop_tell(l, x->owner);
    }
    lg_mailbox_recycle(&l->box);
}

void lg_loop_settle(struct lg_loop *l)
{
    do {
        run_ops(l);
        publish(l);
    } while (l->ops);
}

/* The transport says that it can go on no more: whatever it carries ends. Asked
 * again it would say the same, until some deadline. */
static void fail_live(struct lg_loop *l, int code)
{
    llmgw_exchange *x = l->live, *next;

    for (; x; x = next) {
        next = x->next_live;
        if (!x->in_transport || x->via)
            continue;
        l->transport.cancel(l->self, x);
        llmgw_exchange_on_done(x, code, "the transport failed");
    }
}

/* Drive the transport once, for at most `ms` (negative: until something
 * happens) unless there is news of `x` already. */
static void lead(struct lg_loop *l, const llmgw_exchange *x,
                 const struct lg_waiter *w, int64_t ms)
{
    int code;

    l->leading = 1;
    lg_loop_settle(l);
    if (!x->news && !w->interrupted && lg_loop_has_transport(l)) {
        if (!l->transport.wake && (ms < 0 || ms > PUMP_WITHOUT_WAKE_MS))
            ms = PUMP_WITHOUT_WAKE_MS;
        l->asleep = 1;
        lg_mutex_unlock(&l->box.lock);
        code = l->transport.pump(l->self, ms);
        if (code < 0)
            fail_live(l, code);
        lg_mutex_lock(&l->box.lock);
        l->asleep = 0;
        publish(l);
    }
    l->leading = 0;
}

/* ---- what follows takes the lock --------------------------------------- */

void lg_loop_submit(struct lg_loop *l, llmgw_exchange *x,
                    enum lg_exchange_op op)
{
    lg_mutex_lock(&l->box.lock);
    queue(l, x, (int)op);
    lg_mutex_unlock(&l->box.lock);
}

void lg_loop_wait(struct lg_loop *l, llmgw_exchange *x, struct lg_waiter *w,
                  int64_t until)
{
    lg_mutex_lock(&l->box.lock);
    while (!x->news && !w->interrupted) {
        const int64_t now = until == INT64_MAX ? 0 : now_of(l);
        const int64_t ms = until == INT64_MAX ? -1 : until - now;

        if (until <= now && until != INT64_MAX)
            break;
        if (l->leading ||
            (!lg_loop_has_transport(l) && !l->ops)) /* none to lead */
            follow(l, w, ms);
        else
            lead(l, x, w, ms);
    }
    pass_on(l);
    lg_mutex_unlock(&l->box.lock);
}

void lg_loop_release(struct lg_loop *l, llmgw_exchange *x, struct lg_waiter *w)
{
    lg_mutex_lock(&l->box.lock);
    if (!x->let_go) {
        atomic_store(&x->cancelled, 1);
        queue(l, x, LG_OP_CANCEL);
    }
    while (!x->let_go || x->ops || x->dirty) {
        if (l->leading) {
            follow(l, w, -1);
        } else {
            l->leading = 1;
            lg_loop_settle(l);
            l->leading = 0;
        }
    }
    pass_on(l);
    lg_mutex_unlock(&l->box.lock);
}

void lg_loop_close(struct lg_loop *l)
{
    const int64_t now = lg_loop_now(l);
    llmgw_transport t;
    void *self;

    lg_mutex_lock(&l->box.lock);
    lg_loop_settle(l);
    while (l->live) {
        llmgw_exchange *x = l->live;

        lg_mutex_unlock(&l->box.lock);
        do_ops(l, x, LG_OP_CANCEL);
        lg_mutex_lock(&l->box.lock);
        let_go(l, x);
    }
    t = l->transport;
    self = l->self;
    if (!lg_loop_has_transport(l))
        t.free = NULL;
    l->transport = (llmgw_transport){0};
    l->self = NULL;
    l->own = l->closed = 1;
    l->closed_at = now;
    lg_mutex_unlock(&l->box.lock);
    if (t.free)
        t.free(self);
}

void lg_loop_interrupt(struct lg_loop *l, struct lg_waiter *w)
{
    lg_mutex_lock(&l->box.lock);
    w->interrupted = 1;
    lg_loop_tell(l, w);
    wake_leader(l);
    if (l->attached && lg_loop_has_transport(l) && l->transport.wake)
        l->transport.wake(l->self);
    lg_mutex_unlock(&l->box.lock);
}
