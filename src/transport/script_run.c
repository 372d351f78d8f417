/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "lib/base/mem.h"
#include "src/transport/script.h"

#define READ_BYTES 4096
#define WALL_START INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* A sentence about a request that is not as expected. */
static const char *complain(llmgw_script *s, const char *part,
                            const char *expected, const char *got)
{
    char text[LG_SCRIPT_SENTENCE_MAX];
    const char *copy;

    (void)snprintf(text, sizeof(text), "script: expected %s %.400s, got %.400s",
                   part, expected, got);
    copy = lg_arena_dup(&s->arena, lg_str_of(text));
    return copy ? copy : "script: expected another request";
}

/* memmem(), which C11 has not. Bodies may hold NUL. */
static int contains(struct lg_str text, const char *what)
{
    const size_t n = strlen(what);

    for (size_t i = 0; n <= text.n && i <= text.n - n; i++)
        if (memcmp(text.p + i, what, n) == 0)
            return 1;
    return 0;
}

static const char *check(llmgw_script *s, const struct lg_script_expectation *e,
                         const struct lg_script_request *r)
{
    if (!e)
        return complain(s, "no further", "request", r->url);
    if (e->method && strcmp(e->method, r->method) != 0)
        return complain(s, "method", e->method, r->method);
    if (e->url && !contains(lg_str_of(r->url), e->url))
        return complain(s, "a URL with", e->url, r->url);
    for (const struct lg_script_pair *p = e->headers; p; p = p->next) {
        const char *got = lg_script_find(r->headers, p->name);
        if (!got)
            return complain(s, "header", p->name, "none");
        if (p->value && strcmp(p->value, got) != 0)
            return complain(s, p->name, p->value, got);
    }
    if (e->body && !contains(r->body, e->body))
        return complain(s, "a body with", e->body, r->body.p);
    return NULL;
}

static struct lg_script_request *record(llmgw_script *s,
                                        const llmgw_exchange *x)
{
    struct lg_script_request *r =
        lg_arena_new(&s->arena, struct lg_script_request);
    const char *name, *value;
    int ok = r != NULL;

    if (!ok)
        return NULL;
    r->method = lg_script_keep(s, llmgw_exchange_method(x), &ok);
    r->url = lg_script_keep(s, llmgw_exchange_url(x), &ok);
    r->body = LG_STR("");
    for (size_t i = 0; ok && (name = llmgw_exchange_header(x, i, &value)); i++)
        ok = lg_script_add(s, &r->headers, name, value) == 0;
    return ok ? r : NULL;
}

/* Let go of an exchange. */
static void drop(llmgw_script *s, struct lg_script_flight *f)
{
    struct lg_script_flight **at = &s->flights;

    while (*at && *at != f)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = f->next;
    if (!f->next)
        s->last_flight = at;
    lg_buf_done(&f->body);
    lg_free(f);
}

static void done(llmgw_script *s, struct lg_script_flight *f, int code,
                 const char *detail)
{
    llmgw_exchange *x = f->x;

    drop(s, f);
    llmgw_exchange_on_done(x, code, detail);
}

static int is_refused(const struct lg_script_flight *f)
{
    return f->e && f->e->ending == LG_SCRIPT_REFUSED;
}

/* Read on in the request's body. 1: there is more, but not yet. */
static int read_body(struct lg_script_flight *f)
{
    int64_t n;

    do {
        char *room = lg_buf_room(&f->body, READ_BYTES);
        if (!room)
            return f->body.err;
        n = llmgw_exchange_read_body(f->x, room, READ_BYTES);
        if (n > 0)
            lg_buf_claim(&f->body, (size_t)n);
    } while (n > 0);
    return n == LLMGW_E_AGAIN ? 1 : (int)n;
}

/* A refused connection takes no byte: what it would have taken is looked up. */
static int look_at_body(struct lg_script_flight *f)
{
    for (size_t i = 0; i < f->x->nslices; i++)
        (void)lg_buf_str(&f->body, f->x->slice[i]);
    return f->body.err;
}

/* When the request's body ends, judge it and begin with the answer. Negative:
 * the exchange fails so. */
static int take_body(llmgw_script *s, struct lg_script_flight *f)
{
    struct lg_script_request *r = f->request;
    const int rc = is_refused(f) ? look_at_body(f) : read_body(f);

    f->hungry = 0;
    if (rc)
        return rc;
    r->body.p = lg_arena_dup(&s->arena, lg_buf_span(&f->body));
    if (!r->body.p)
        return LLMGW_E_NOMEM;
    r->body.n = f->body.n;
    lg_buf_done(&f->body);
    f->sending = 0;
    f->begun = llmgw_script_now(s);
    f->fault = check(s, f->e, r);
    if (f->fault && !s->fault)
        s->fault = f->fault;
    if (f->e) {
        f->e->met = !f->fault;
        f->step = f->e->first;
    }
    return 0;
}

/* When something happens to it next: never, if that is not for us to say. */
static int64_t due(const struct lg_script_flight *f)
{
    if (f->sending)
        return f->hungry ? 0 : LG_SCRIPT_NEVER;
    if (f->fault)
        return f->begun;
    if (f->paused)
        return LG_SCRIPT_NEVER;
    if (f->step)
        return f->begun + f->step->at;
    return f->e->ending == LG_SCRIPT_STALL ? LG_SCRIPT_NEVER
                                           : f->begun + f->e->at;
}

/* The flight that comes first, in time and then in the order of starting. */
static struct lg_script_flight *earliest(const llmgw_script *s)
{
    struct lg_script_flight *best = NULL;

    for (struct lg_script_flight *f = s->flights; f; f = f->next)
        if (due(f) != LG_SCRIPT_NEVER && (!best || due(f) < due(best)))
            best = f;
    return best;
}

/* Tell the host's loop when to come back. */
static void arm(llmgw_script *s)
{
    const struct lg_script_flight *f = s->timer ? earliest(s) : NULL;
    const int64_t now = llmgw_script_now(s);
    const int64_t at = !f ? LG_SCRIPT_NEVER : due(f) > now ? due(f) : now;

    if (!s->timer || at == s->armed)
        return;
    s->armed = at;
    (void)s->timer(s->loop_user, at == LG_SCRIPT_NEVER ? -1 : at - now);
}

static int start(void *self, llmgw_exchange *x)
{
    llmgw_script *s = self;
    struct lg_script_request *r = record(s, x);
    struct lg_script_flight *f = r ? lg_zalloc(sizeof(*f)) : NULL;

    if (!f)
        return LLMGW_E_NOMEM;
    f->x = x;
    f->request = r;
    f->e = s->due;
    f->sending = f->hungry = 1;
    lg_buf_init(&f->body, LG_SCRIPT_BODY_MAX);
    *s->last_request = r;
    s->last_request = &r->next;
    atomic_fetch_add(&s->nrequests, 1);
    if (s->due)
        s->due = s->due->next;
    *s->last_flight = f;
    s->last_flight = &f->next;
    if (!is_refused(f))
        llmgw_exchange_on_sent(x);
    arm(s);
    return 0;
}

static void finish(llmgw_script *s, struct lg_script_flight *f)
{
    switch ((enum lg_script_ending)f->e->ending) {
    case LG_SCRIPT_REFUSED:
        done(s, f, LLMGW_E_CONNECT, "script: connection refused");
        break;
    case LG_SCRIPT_RESET:
        done(s, f, f->e->has_status ? LLMGW_E_TRUNCATED : LLMGW_E_CONNECT,
             "script: connection reset");
        break;
    case LG_SCRIPT_STALL:
        done(s, f, LLMGW_E_TIMEOUT, "the script stalls for ever");
        break;
    case LG_SCRIPT_WELL:
        if (f->e->has_status)
            done(s, f, LLMGW_OK, NULL);
        else
            done(s, f, LLMGW_E_INVALID, "script: no status was scripted");
        break;
    }
}

static int deliver_step(struct lg_script_flight *f)
{
    const struct lg_script_step *step = f->step;
    struct lg_str piece = step->body;
    int rc = 0;

    switch ((enum lg_script_step_kind)step->kind) {
    case LG_SCRIPT_STATUS:
        rc = llmgw_exchange_on_status(f->x, step->status);
        break;
    case LG_SCRIPT_HEADER:
        rc = llmgw_exchange_on_header(f->x, step->name, step->value);
        break;
    case LG_SCRIPT_BODY:
        piece.p += f->at;
        piece.n -= f->at;
        if (step->cut && step->cut < piece.n)
            piece.n = step->cut;
        f->at += piece.n;
        if (f->at == step->body.n)
            f->at = 0;
        rc = llmgw_exchange_on_body(f->x, piece.p, piece.n);
        break;
    }
    if (f->at == 0)
        f->step = step->next;
    if (rc >= 0 && step->kind != LG_SCRIPT_BODY &&
        (!f->step || f->step->kind != LG_SCRIPT_HEADER))
        rc = lg_exchange_headers_done(f->x);
    return rc;
}

/* Let one thing happen. */
static void deliver(llmgw_script *s, struct lg_script_flight *f)
{
    if (f->sending) {
        const int rc = take_body(s, f);
        if (rc < 0)
            done(s, f, rc, "script: the request's body cannot be read");
    } else if (f->fault) {
        done(s, f, LLMGW_E_INVALID, f->fault);
    } else if (!f->step) {
        finish(s, f);
    } else {
        const int rc = deliver_step(f);
        if (rc < 0)
            done(s, f, rc, "script: told to stop");
    }
}

/* Nothing will ever happen and the library would wait for ever: rather fail
 * what stalls, and let those who wait for the reader see time pass. */
static void break_stall(llmgw_script *s)
{
    for (struct lg_script_flight *f = s->flights; f; f = f->next) {
        if (!f->sending && !f->paused) {
            finish(s, f);
            return;
        }
    }
    atomic_fetch_add(&s->now, 1);
}

static int pump(void *self, int64_t timeout_ms)
{
    llmgw_script *s = self;
    struct lg_script_flight *f = earliest(s);
    const int64_t now = llmgw_script_now(s);

    if (atomic_exchange(&s->woken, 0) && (!f || due(f) > now))
        return 0;
    if (f && (timeout_ms < 0 || due(f) - now <= timeout_ms)) {
        if (due(f) > now)
            atomic_store(&s->now, due(f));
        deliver(s, f);
    } else if (timeout_ms >= 0) {
        atomic_store(&s->now, now + timeout_ms);
    } else {
        break_stall(s);
    }
    return 0;
}

static struct lg_script_flight *flight_of(const llmgw_script *s,
                                          const llmgw_exchange *x)
{
    struct lg_script_flight *f = s->flights;

    while (f && f->x != x)
        f = f->next;
    return f;
}

static void cancel(void *self, llmgw_exchange *x)
{
    llmgw_script *s = self;
    struct lg_script_flight *f = flight_of(s, x);

    if (f)
        drop(s, f);
    arm(s);
}

static int hold(void *self, llmgw_exchange *x, int paused)
{
    llmgw_script *s = self;
    struct lg_script_flight *f = flight_of(s, x);

    if (!f)
        return 0;
    f->paused = paused;
    if (f->sending && !paused)
        f->hungry = 1;
    arm(s);
    return 0;
}

static void wake(void *self)
{
    llmgw_script *s = self;

    atomic_store(&s->woken, 1);
}

static int64_t now_ms(void *self)
{
    return llmgw_script_now(self);
}

static int64_t wall_ms(void *self)
{
    return WALL_START + llmgw_script_now(self);
}

static int attach(void *self, llmgw_watch_fn watch, llmgw_timer_fn timer,
                  void *user)
{
    llmgw_script *s = self;

    (void)watch; /* a script has no descriptor */
    s->timer = timer;
    s->loop_user = user;
    s->armed = LG_SCRIPT_NEVER;
    arm(s);
    return 0;
}

static int ready(void *self, intptr_t fd, int events)
{
    llmgw_script *s = self;
    struct lg_script_flight *f;

    (void)events;
    if (fd != -1)
        return LLMGW_E_INVALID;
    if (s->armed != LG_SCRIPT_NEVER && s->armed > llmgw_script_now(s))
        atomic_store(&s->now, s->armed);
    s->armed = LG_SCRIPT_NEVER; /* a timer that fired is unset */
    while ((f = earliest(s)) && due(f) <= llmgw_script_now(s))
        deliver(s, f);
    arm(s);
    return 0;
}

static void detach(void *self)
{
    llmgw_script *s = self;

    lg_script_drop_flights(s);
    s->timer = NULL;
}

const llmgw_transport lg_script_transport = {
    .size = sizeof(llmgw_transport),
    .start = start,
    .pump = pump,
    .cancel = cancel,
    .pause = hold,
    .wake = wake,
    .now = now_ms,
    .wall = wall_ms,
    .attach = attach,
    .ready = ready,
    .free = detach,
};
