/* SPDX-License-Identifier: MIT */
#include "src/gateway/client.h"

#include "lib/base/mem.h"
#include "src/base/crypto.h"
#include "src/gateway/response.h"
#include "src/gateway/stream.h"
#include "src/gateway/trace.h"

/* ---- making and freeing ------------------------------------------------ */

static int make_loops(llmgw_client *c, const llmgw_options *o)
{
    const struct lg_settings *s = &c->config->settings;
    const size_t want = o->transport.size ? 1 : (size_t)s->loops;

    c->loops = lg_zalloc(want * sizeof(*c->loops));
    if (!c->loops)
        return LLMGW_E_NOMEM;
    for (; c->nloops < want; c->nloops++) {
        const int err = lg_loop_init(&c->loops[c->nloops], s, &o->transport,
                                     o->transport_self);

        if (err)
            return err;
    }
    return LLMGW_OK;
}

static void close_loops(llmgw_client *c)
{
    for (size_t i = 0; i < c->nloops; i++)
        lg_loop_close(&c->loops[i]);
}

static void destroy(llmgw_client *c)
{
    for (size_t i = 0; i < c->nloops; i++)
        lg_loop_done(&c->loops[i]);
    lg_free(c->loops);
    lg_config_unref(c->config);
    if (c->spare) {
        lg_call_wipe(c->spare);
        lg_free(c->spare);
    }
    lg_cond_done(&c->idle);
    lg_mutex_done(&c->lock);
    lg_free(c);
}

static int make(const llmgw_options *o, llmgw_client *c, struct lg_err *e)
{
    int err = lg_config_new(o, &c->config, e);

    if (err)
        return err;
    c->budget.max = c->config->settings.retry_budget;
    atomic_store(&c->budget.tokens, c->budget.max);
    return make_loops(c, o) ? lg_fail_mem(e, LLMGW_E_NOMEM) : LLMGW_OK;
}

int llmgw_client_new(const llmgw_options *o, llmgw_client **out,
                     llmgw_error **error)
{
    struct lg_err e = {0};
    llmgw_client *c;
    int err;

    if (error)
        *error = NULL;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    if (!o || lg_callback_running()) {
        (void)lg_fail(&e, LLMGW_E_INVALID, NULL,
                      o ? "called from a callback" : "options are NULL");
        return lg_error_give(error, &e);
    }
    c = lg_zalloc(sizeof(*c));
    if (!c || lg_mutex_init(&c->lock) || lg_cond_init(&c->idle)) {
        lg_free(c);
        (void)lg_fail_mem(&e, LLMGW_E_NOMEM);
        return lg_error_give(error, &e);
    }
    c->refs = 1;
    c->process = lg_sys_process();
    err = make(o, c, &e);
    if (err) {
        close_loops(c);
        destroy(c);
        return lg_error_give(error, &e);
    }
    *out = c;
    return LLMGW_OK;
}

void lg_client_ref(llmgw_client *c)
{
    lg_mutex_lock(&c->lock);
    c->refs++;
    lg_mutex_unlock(&c->lock);
}

void lg_client_unref(llmgw_client *c)
{
    size_t left;

    if (c->process != lg_sys_process())
        return; /* a child's copy: its locks may be held by nobody alive */
    lg_mutex_lock(&c->lock);
    left = --c->refs;
    lg_mutex_unlock(&c->lock);
    if (!left)
        destroy(c);
}

void llmgw_client_free(llmgw_client *c)
{
    if (!c || c->process != lg_sys_process() || lg_callback_running())
        return;
    lg_mutex_lock(&c->lock);
    c->closed = 1;
    for (struct lg_call_link *l = c->calls; l; l = l->next) {
        atomic_store(&l->call->cancelled, 1);
        lg_loop_interrupt(l->call->loop, &l->call->waiter);
    }
    while (c->busy)
        lg_cond_wait(&c->idle, &c->lock, -1);
    c->closing = 1;
    lg_mutex_unlock(&c->lock);
    close_loops(c);
    lg_mutex_lock(&c->lock);
    c->closing = 0;
    lg_cond_signal(&c->idle);
    lg_mutex_unlock(&c->lock);
    lg_client_unref(c);
}

void lg_client_begin(llmgw_client *c)
{
    lg_mutex_lock(&c->lock);
    while (c->closing) {
        lg_cond_wait(&c->idle, &c->lock, -1);
        lg_cond_signal(&c->idle); /* the next one, too */
    }
    c->busy++;
    lg_mutex_unlock(&c->lock);
}

void lg_client_end(llmgw_client *c)
{
    lg_mutex_lock(&c->lock);
    c->busy--;
    if (!c->busy)
        lg_cond_signal(&c->idle);
    lg_mutex_unlock(&c->lock);
}

void lg_client_join(llmgw_client *c, struct lg_call_link *link)
{
    lg_mutex_lock(&c->lock);
    link->next = c->calls;
    link->at = &c->calls;
    if (link->next)
        link->next->at = &link->next;
    c->calls = link;
    if (c->closed)
        atomic_store(&link->call->cancelled, 1);
    lg_mutex_unlock(&c->lock);
}

void lg_client_leave(llmgw_client *c, struct lg_call_link *link)
{
    if (c->process != lg_sys_process())
        return;
    lg_mutex_lock(&c->lock);
    *link->at = link->next;
    if (link->next)
        link->next->at = link->at;
    lg_mutex_unlock(&c->lock);
}

int lg_client_enter(const llmgw_client *c, struct lg_err *e)
{
    if (c->process != lg_sys_process())
        return lg_fail(e, LLMGW_E_FORKED, NULL,
                       "this client belongs to the parent process");
    if (lg_callback_running())
        return lg_fail(e, LLMGW_E_INVALID, NULL, "called from a callback");
    return LLMGW_OK;
}

uint32_t lg_client_random(llmgw_client *c)
{
    uint32_t r;

    lg_mutex_lock(&c->lock);
    r = lg_sys_random(&c->random);
    lg_mutex_unlock(&c->lock);
    return r;
}

/* ---- one whole answer -------------------------------------------------- */

/* A call that blocks its thread: client_free() waits for it. */
static struct lg_call *begin(llmgw_client *c)
{
    struct lg_call *call;

    lg_mutex_lock(&c->lock);
    call = c->spare;
    c->spare = NULL;
    c->busy++;
    lg_mutex_unlock(&c->lock);
    return call ? call : lg_zalloc(sizeof(*call));
}

/* The memory of one ended call is kept for the next. */
static void end(llmgw_client *c, struct lg_call *call)
{
    lg_mutex_lock(&c->lock);
    if (call && !c->spare) {
        c->spare = call;
        call = NULL;
    }
    c->busy--;
    if (!c->busy)
        lg_cond_signal(&c->idle);
    lg_mutex_unlock(&c->lock);
    if (call) {
        lg_call_wipe(call);
        lg_free(call);
    }
}

/* Run to the answer; an answer that cannot be read may be asked for again. */
static int run(struct lg_call *call, llmgw_response **out)
{
    for (;;) {
        int err = lg_call_run(call);

        if (err)
            return err;
        lg_failure_set(&call->failure, 0, 1, 1);
        err = lg_response_of_body(call, out);
        if (err >= 0) {
            lg_call_commit(call);
            return LLMGW_OK;
        }
        call->err.code = err;
        if (lg_call_fail(call))
            return call->err.code;
    }
}

static int create(struct lg_call *call, llmgw_client *c, const llmgw_options *o,
                  const char *operation, struct lg_str json,
                  llmgw_response **out, struct lg_err *e, llmgw_error **error)
{
    struct lg_call_link link = {.call = call};
    int err = lg_call_init(call, c, o, operation, json, 0, 1, e);

    if (err)
        return err;
    lg_client_join(c, &link);
    err = run(call, out);
    lg_call_trace_done(call, err, *out ? &(*out)->usage : NULL);
    lg_client_leave(c, &link);
    if (err && error) {
        *error = call->error;
        call->error = NULL;
    }
    lg_call_done(call);
    return err;
}

/* A long answer does not die on an idle connection if it comes as a stream. */
static int create_streamed(llmgw_client *c, const llmgw_options *o,
                           const char *operation, struct lg_str json,
                           llmgw_response **out, struct lg_err *e,
                           llmgw_error **error)
{
    llmgw_stream *s;
    int r = lg_stream_open(c, o, operation, json, 1, &s, e, error);

    if (r)
        return r;
    do
        r = llmgw_stream_next(s);
    while (r > 0);
    if (r == 0) {
        (void)lg_lose_at(&s->call.losses, "", LG_APPROXIMATED,
                         "written from the events of a stream");
        r = llmgw_stream_take_response(s, out);
        if (r < 0)
            (void)lg_fail_mem(e, r);
    } else if (error) {
        *error = s->call.error;
        s->call.error = NULL;
    }
    llmgw_stream_free(s);
    return r;
}

static int is_streamed(const llmgw_client *c, const llmgw_options *o)
{
    struct lg_settings s = c->config->settings;

    lg_settings_apply(&s, o);
    return s.create_via_stream && !s.write;
}

int llmgw_call(llmgw_client *c, const llmgw_options *o, const char *operation,
               const char *json, size_t len, llmgw_response **out,
               llmgw_error **error)
{
    struct lg_err e = {0};
    struct lg_call *call;
    struct lg_str text;
    int err;

    if (error)
        *error = NULL;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    if (!c || (!json && len && len != LLMGW_NUL_TERMINATED)) {
        (void)lg_fail(&e, LLMGW_E_INVALID, NULL, "a NULL argument");
        return lg_error_give(error, &e);
    }
    err = lg_client_enter(c, &e);
    if (!err && c->attached)
        err = lg_fail(&e, LLMGW_E_INVALID, NULL,
                      "the client belongs to an event loop: use the stream "
                      "functions");
    if (err)
        return lg_error_give(error, &e);
    if (len == LLMGW_NUL_TERMINATED)
        len = json ? strlen(json) : 0;
    text = (struct lg_str){json ? json : "", len};
    call = begin(c);
    if (!call)
        err = lg_fail_mem(&e, LLMGW_E_NOMEM);
    else if (is_streamed(c, o))
        err = create_streamed(c, o, operation, text, out, &e, error);
    else
        err = create(call, c, o, operation, text, out, &e, error);
    end(c, call);
    if (err && error && !*error)
        (void)lg_error_give(error, &e);
    return err;
}

/* ---- the host's event loop --------------------------------------------- */

int llmgw_client_set_loop(llmgw_client *c, llmgw_watch_fn watch,
                          llmgw_timer_fn timer, void *user)
{
    int err;

    if (!c)
        return LLMGW_E_INVALID;
    err = lg_client_enter(c, NULL);
    if (err)
        return err;
    if (!watch || !timer || c->attached || atomic_load(&c->ids))
        return LLMGW_E_INVALID;
    err = lg_loop_attach(&c->loops[0], watch, timer, user);
    if (err)
        return err;
    c->attached = 1;
    while (c->nloops > 1) { /* one thread, one loop */
        lg_loop_close(&c->loops[--c->nloops]);
        lg_loop_done(&c->loops[c->nloops]);
    }
    return LLMGW_OK;
}

int llmgw_client_ready(llmgw_client *c, intptr_t fd, int events)
{
    int err;

    if (!c)
        return LLMGW_E_INVALID;
    err = lg_client_enter(c, NULL);
    if (err)
        return err;
    return c->attached ? lg_loop_ready(&c->loops[0], fd, events)
                       : LLMGW_E_INVALID;
}

llmgw_stream *llmgw_client_pending(llmgw_client *c)
{
    struct lg_waiter *w;

    if (!c || !c->attached || lg_client_enter(c, NULL))
        return NULL;
    w = lg_loop_pending(&c->loops[0]);
    if (!w)
        return NULL;
    return (llmgw_stream *)(void *)((char *)w -
                                    offsetof(struct llmgw_stream, call) -
                                    offsetof(struct lg_call, waiter));
}
