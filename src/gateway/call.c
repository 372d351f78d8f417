/* SPDX-License-Identifier: MIT */
#include "src/gateway/call.h"

#include "lib/base/mem.h"
#include "lib/json/text.h"
#include "src/gateway/client.h"
#include "src/gateway/trace.h"

#define ERROR_BODY_MAX (1u << 20) /* what is kept of one */
#define LOG_MAX        (1u << 20)
#define ARENA_MAX      ((size_t)1 << 30)
#define MODEL_MAX      1024 /* of a name in a trace */
#define ARENA_FIRST    4096
#define KEEP_FIRST     512
#define KEPT_MAX       65536 /* memory of an ended call that the next one gets */

/* ---- beginning and end ------------------------------------------------- */

static void interrupt(void *user)
{
    struct lg_call *c = user;

    atomic_store(&c->cancelled, 1);
    lg_loop_interrupt(c->loop, &c->waiter);
}

static int copy_request(struct lg_call *c, struct lg_str json, int copy)
{
    c->json = json;
    if (!copy)
        return LLMGW_OK;
    c->json_copy = lg_strndup(json.p, json.n);
    c->json.p = c->json_copy;
    return c->json_copy ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int name_operation(struct lg_call *c, const char *operation,
                          struct lg_err *e)
{
    c->op = operation ? lg_operation_by_name(operation) : NULL;
    if (!c->op)
        return lg_fail(e, LLMGW_E_UNSUPPORTED, NULL, "no operation \"%.64s\"",
                       operation ? operation : "(null)");
    c->caller = lg_format_by_name(
        lg_str_of(c->set.format ? c->set.format : c->op->format));
    if (!c->caller)
        return lg_fail(e, LLMGW_E_OPTION, "format", "no such format");
    return LLMGW_OK;
}

static int begin(struct lg_call *c, const char *operation, struct lg_str json,
                 int copy, struct lg_err *e)
{
    int err = name_operation(c, operation, e);

    if (err)
        return err;
    err = copy_request(c, json, copy);
    if (!err)
        err = lg_waiter_init(&c->waiter);
    if (err) {
        lg_free(c->json_copy);
        return lg_fail_mem(e, LLMGW_E_NOMEM);
    }
    c->loop =
        &c->client
             ->loops[atomic_fetch_add(&c->client->turn, 1) % c->client->nloops];
    c->begun = lg_loop_now(c->loop);
    c->deadline = c->set.total_ms ? c->begun + c->set.total_ms : INT64_MAX;
    lg_cancel_listen(c->set.cancel, &c->listener, interrupt, c);
    return LLMGW_OK;
}

/* Forget a call that ended here, but for memory worth keeping. */
static void recycle(struct lg_call *c)
{
    const struct lg_arena arena = c->arena, keep = c->keep;
    const struct lg_buf headers = c->x.headers;

    lg_zero(c, sizeof(*c));
    c->arena = arena;
    c->keep = keep;
    c->x.headers = headers;
    if (!arena.first) {
        lg_arena_init(&c->arena, ARENA_FIRST, ARENA_MAX);
        lg_arena_init(&c->keep, KEEP_FIRST, ARENA_MAX);
    }
}

static void keep_small(struct lg_arena *a)
{
    if (a->used > KEPT_MAX)
        lg_arena_done(a);
    else
        lg_arena_reset(a);
}

int lg_call_init(struct lg_call *c, struct llmgw_client *client,
                 const llmgw_options *o, const char *operation,
                 struct lg_str json, int stream, int whole, struct lg_err *e)
{
    int err;

    recycle(c);
    c->client = client;
    c->stream = stream;
    c->whole = whole;
    c->set = client->config->settings;
    lg_settings_apply(&c->set, o);
    err = lg_config_override(client->config, o, &c->config, e);
    if (err)
        return err;
    lg_buf_init(&c->converted, ARENA_MAX);
    lg_buf_init(&c->log, LOG_MAX);
    lg_buf_init(&c->body, (size_t)c->set.max_body_bytes);
    lg_losses_init(&c->losses, &c->keep, &c->err, (int)c->set.strict);
    c->id = atomic_fetch_add(&client->ids, 1) + 1;
    c->wake_at = c->deadline = INT64_MAX;
    c->first_at = -1;
    err = begin(c, operation, json, !whole, e);
    if (err)
        lg_config_unref(c->config);
    return err;
}

static void drop_inbox(struct lg_call *c)
{
    while (c->inbox.first) {
        struct lg_chunk *chunk = c->inbox.first;
        const size_t n = chunk->n - c->inbox_at;

        c->inbox.first = chunk->next;
        c->inbox_at = 0;
        (void)lg_exchange_drained(&c->x, chunk, n);
    }
    c->inbox.last = NULL;
}

static void release(struct lg_call *c)
{
    if (!c->x.box)
        return;
    lg_loop_release(c->loop, &c->x, &c->waiter);
    lg_call_collect(c); /* what came last: nothing of it may be left */
    drop_inbox(c);
}

void lg_call_done(struct lg_call *c)
{
    const struct lg_buf headers = c->x.headers; /* kept */

    lg_cancel_unlisten(c->set.cancel, &c->listener);
    if (c->client->process == lg_sys_process()) {
        release(c);
        lg_waiter_done(c->loop, &c->waiter);
        lg_buf_init(&c->x.headers, 0);
        lg_exchange_done(&c->x);
        c->x.headers = headers;
    }
    lg_free(c->json_copy);
    lg_config_unref(c->config);
    llmgw_error_free(c->error);
    lg_buf_done(&c->body);
    lg_buf_done(&c->converted);
    lg_buf_done(&c->log);
    keep_small(&c->arena);
    keep_small(&c->keep);
}

void lg_call_wipe(struct lg_call *c)
{
    lg_arena_done(&c->arena);
    lg_arena_done(&c->keep);
    lg_buf_done(&c->x.headers);
}

void lg_call_trace_done(struct lg_call *c, int result,
                        const struct lg_ir_usage *usage)
{
    struct llmgw_trace room, *t;

    lg_trace_losses(c);
    t = lg_trace_begin(c, &room, LLMGW_TRACE_DONE);
    lg_trace_int(t, "code", result);
    lg_trace_int(t, "status", c->mail.status);
    lg_trace_int(t, "retries", c->retries);
    if (c->first_at >= 0)
        lg_trace_int(t, "first_ms", c->first_at - c->begun);
    if (result < 0)
        lg_trace_str(t, "error", c->err.text);
    if (c->ambiguous)
        lg_trace_str(t, "maybe_billed", "true");
    if (usage) {
        lg_trace_int(t, "input_tokens", usage->input);
        lg_trace_int(t, "output_tokens", usage->output);
        lg_trace_int(t, "cache_read_tokens", usage->cache_read);
        lg_trace_int(t, "cache_write_tokens", usage->cache_write);
    }
    lg_trace_end(c, t);
}

void lg_call_commit(struct lg_call *c)
{
    if (c->committed)
        return;
    c->committed = 1;
    lg_retry_refund(&c->client->budget);
    if (!c->mail.done && !c->mail.body_read)
        return; /* still being sent: kept until the end */
    lg_free(c->json_copy);
    c->json_copy = NULL;
    c->json = (struct lg_str){0};
    lg_buf_done(&c->converted);
    if (!c->whole) /* the next call can have it */
        lg_arena_done(&c->arena);
}

/* ---- time -------------------------------------------------------------- */

static int64_t after(int64_t at, int64_t ms)
{
    return ms ? at + ms : INT64_MAX;
}

static int too_late(struct lg_call *c, int64_t now, int64_t at,
                    const char *what, int64_t ms)
{
    if (at < c->wake_at)
        c->wake_at = at;
    if (now < at)
        return LLMGW_OK;
    lg_failure_set(&c->failure, LLMGW_E_TIMEOUT, 1, 0);
    return lg_fail(&c->err, LLMGW_E_TIMEOUT, NULL, "no %s within %lld ms", what,
                   (long long)ms);
}

int lg_call_check_time(struct lg_call *c, int64_t now)
{
    const struct lg_settings *s = &c->set;
    int err;

    c->wake_at = INT64_MAX;
    err = too_late(c, now, c->deadline, "end of the call", s->total_ms);
    if (err) {
        c->failure.never = 1; /* there is no time left to try again in */
        return err;
    }
    if (c->state == LG_CALL_HEAD)
        return too_late(c, now, after(c->attempt_begun, s->first_byte_ms),
                        "first byte", s->first_byte_ms);
    if (atomic_load(&c->x.paused) && atomic_load(&c->x.buffered) > LG_INBOX_LOW)
        return LLMGW_OK; /* we hold it back ourselves */
    err = too_late(c, now, after(c->last_byte, s->idle_ms), "byte", s->idle_ms);
    if (!err && c->stream)
        err = too_late(c, now, after(c->last_content, s->content_ms), "content",
                       s->content_ms);
    return err;
}

/* ---- the states -------------------------------------------------------- */

void lg_call_collect(struct lg_call *c)
{
    const int had = c->mail.status;

    if (!c->x.box)
        return;
    lg_mutex_lock(&c->x.box->lock);
    if (c->x.news) {
        const struct lg_chunk *last = c->inbox.last;

        lg_exchange_collect(&c->x, &c->mail, &c->inbox);
        if (c->inbox.last != last || c->mail.status != had)
            c->last_byte = -1; /* the clock is read when it matters */
    }
    lg_mutex_unlock(&c->x.box->lock);
}

static void trace_call(struct lg_call *c)
{
    struct llmgw_trace room, *t = lg_trace_begin(c, &room, LLMGW_TRACE_CALL);
    const struct lg_str model = c->member[LG_MEMBER_MODEL];
    struct lg_buf text;

    lg_buf_init(&text, MODEL_MAX);
    if (t && model.n > 2 && model.p[0] == '"')
        (void)lg_json_unescape(&text, (struct lg_str){model.p + 1, model.n - 2},
                               LG_TO_TEXT);
    lg_trace_str(t, "model", text.p);
    lg_trace_str(t, "format", c->caller->name);
    lg_trace_end(c, t);
    lg_buf_done(&text);
}

static int plan(struct lg_call *c)
{
    const int err = lg_plan_make(c);

    lg_failure_set(&c->failure, err, 0, 1);
    trace_call(c);
    if (err)
        return err;
    c->state = LG_CALL_AUTH;
    return 0;
}

static int send_request(struct lg_call *c, int64_t now)
{
    struct llmgw_trace room, *t;
    int err;

    lg_failure_set(&c->failure, 0, 0, 1);
    err = lg_attempt_build(c);
    if (err) {
        c->failure.code = err;
        return err;
    }
    c->attempts++;
    c->attempt_begun = c->last_byte = c->last_content = now;
    c->wall = lg_loop_wall(c->loop);
    c->x.total_ms = c->deadline == INT64_MAX ? 0
                    : c->deadline > now      ? c->deadline - now
                                             : 1;
    t = lg_trace_begin(c, &room, LLMGW_TRACE_ATTEMPT);
    lg_trace_str(t, "method", c->x.method);
    lg_trace_str(t, "url", c->x.url);
    lg_trace_int(t, "body_bytes", c->x.body_len);
    lg_trace_end(c, t);
    c->x.owner = &c->waiter;
    lg_loop_submit(c->loop, &c->x, LG_OP_START);
    c->state = LG_CALL_HEAD;
    if (c->client->attached)
        lg_loop_turn(c->loop);
    return 0;
}

static int head(struct lg_call *c, int64_t now)
{
    if (c->mail.done && c->mail.code && !c->mail.headers_done) {
        lg_attempt_broke(c);
        return c->err.code;
    }
    if (!c->mail.headers_done && !c->mail.done) {
        const int err = lg_call_check_time(c, now);

        return err ? err : LG_STEP_WAIT;
    }
    c->last_byte = c->last_content = now;
    c->state = LG_CALL_BODY;
    return 0;
}

static int is_error(const struct lg_call *c)
{
    return c->mail.status < 200 || c->mail.status >= 300;
}

int lg_call_is_stream(const struct lg_call *c)
{
    const char *type;

    if (!c->stream || is_error(c))
        return 0;
    type = lg_exchange_answer_header(&c->x, "content-type");
    return !type || (!lg_http_is_type(lg_str_of(type), "application/json") &&
                     !lg_http_is_type(lg_str_of(type), "text/html"));
}

/* How much more of a refusal is wanted. */
static size_t wanted(const struct lg_call *c)
{
    const size_t max =
        c->body.max < ERROR_BODY_MAX ? c->body.max : ERROR_BODY_MAX;

    return max - c->body.n;
}

/* Move what came into c->body, or to the host's sink. */
static int drain(struct lg_call *c)
{
    while (c->inbox.first) {
        struct lg_chunk *chunk = c->inbox.first;
        const size_t n = chunk->n;
        int err;

        if (is_error(c)) {
            err = lg_buf_add(&c->body, chunk->data,
                             n < wanted(c) ? n : wanted(c));
        } else if (c->set.write && c->whole) {
            lg_call_commit(c); /* what is put there stays there */
            lg_callback_enter();
            err = c->set.write(c->set.write_user, chunk->data, n);
            lg_callback_leave();
            if (err < 0)
                return lg_fail(&c->err, LLMGW_E_CALLBACK, NULL,
                               "the sink refused the answer");
        } else {
            err = lg_buf_add(&c->body, chunk->data, n);
        }
        c->inbox.first = chunk->next;
        if (!c->inbox.first)
            c->inbox.last = NULL;
        if (lg_exchange_drained(&c->x, chunk, n))
            lg_loop_submit(c->loop, &c->x, LG_OP_RESUME);
        if (err)
            return lg_fail_mem(&c->err, err);
    }
    return LLMGW_OK;
}

static int body(struct lg_call *c, int64_t now)
{
    int err;

    if (lg_call_is_stream(c)) {
        c->state = LG_CALL_DONE;
        return 0;
    }
    if (c->last_byte < 0)
        c->last_byte = c->last_content = now;
    lg_failure_set(&c->failure, 0, 1, 1);
    err = drain(c);
    if (err) {
        c->failure.code = err;
        return err;
    }
    err = c->mail.done ? LLMGW_OK : lg_call_check_time(c, now);
    if (is_error(c) && (c->mail.done || err || !wanted(c))) {
        lg_attempt_refused(c); /* its status says enough */
        return c->err.code;
    }
    if (!c->mail.done)
        return err ? err : LG_STEP_WAIT;
    if (c->mail.code) {
        lg_attempt_broke(c);
        return c->err.code;
    }
    c->state = LG_CALL_DONE;
    return 0;
}

static int wait_backoff(struct lg_call *c, int64_t now)
{
    if (now < c->wake_at)
        return LG_STEP_WAIT;
    c->state = LG_CALL_AUTH;
    return 0;
}

static int advance(struct lg_call *c, int64_t now)
{
    switch (c->state) {
    case LG_CALL_PLAN:
        return plan(c);
    case LG_CALL_AUTH:
        c->state = LG_CALL_SEND; /* static credentials need no exchange */
        return 0;
    case LG_CALL_SEND:
        return send_request(c, now);
    case LG_CALL_HEAD:
        return head(c, now);
    case LG_CALL_BODY:
        return body(c, now);
    case LG_CALL_BACKOFF:
        return wait_backoff(c, now);
    case LG_CALL_DONE:
    case LG_CALL_FAILED:
        break;
    }
    return 0;
}

int lg_call_cancelled(struct lg_call *c)
{
    if (!atomic_load(&c->cancelled))
        return LLMGW_OK;
    lg_failure_set(&c->failure, LLMGW_E_CANCELLED, 1, 1);
    return lg_fail(&c->err, LLMGW_E_CANCELLED, NULL, "the call was cancelled");
}

/* Is there an attempt under way? */
static int is_attempt(const struct lg_call *c)
{
    return c->state == LG_CALL_HEAD || c->state == LG_CALL_BODY ||
           c->state == LG_CALL_DONE;
}

/* Nothing was handed out, and what is sent can be sent again. */
static int may_repeat(const struct lg_call *c)
{
    return !c->committed && (!c->set.read || c->set.rewind);
}

int lg_call_fail(struct lg_call *c)
{
    const int64_t now = lg_loop_now(c->loop);
    const int64_t left =
        c->deadline == INT64_MAX ? INT64_MAX : c->deadline - now;
    const int attempted = is_attempt(c);
    struct llmgw_trace room, *t;
    int64_t delay;

    release(c);
    if (c->err.code >= 0) /* a failure that nobody told of is still one */
        (void)lg_fail(&c->err, LLMGW_E_PROTOCOL, NULL,
                      "the answer could not be read");
    c->failure.code = c->err.code;
    c->failure.sent = c->failure.sent && attempted && c->mail.sent;
    if (lg_retry_judge(&c->failure) == LG_RETRY_AMBIGUOUS || c->committed ||
        (c->failure.sent && !c->failure.answered))
        c->ambiguous = 1;
    delay = !may_repeat(c) ? -1
                           : lg_retry_delay(&c->set, &c->failure, c->retries,
                                            left, lg_client_random(c->client),
                                            &c->client->budget);
    if (attempted)
        lg_attempt_log(c, delay);
    if (delay < 0) {
        lg_attempt_error(c);
        c->state = LG_CALL_FAILED;
        return c->err.code;
    }
    t = lg_trace_begin(c, &room, LLMGW_TRACE_RETRY);
    lg_trace_int(t, "delay_ms", delay);
    lg_trace_int(t, "status", c->failure.status);
    lg_trace_str(t, "error", c->err.text);
    lg_trace_str(t, "maybe_billed", c->ambiguous ? "true" : "false");
    lg_trace_end(c, t);
    c->retries++;
    c->wake_at = now + delay;
    c->state = LG_CALL_BACKOFF;
    return 0;
}

int lg_call_step(struct lg_call *c)
{
    lg_call_collect(c);
    while (c->state != LG_CALL_DONE && c->state != LG_CALL_FAILED) {
        int r = lg_call_cancelled(c);

        if (!r)
            r = advance(c, lg_loop_now(c->loop));
        if (r == LG_STEP_WAIT) {
            lg_attempt_feed(c);
            return r;
        }
        if (r < 0)
            (void)lg_call_fail(c);
        else
            lg_call_collect(c);
    }
    return c->state == LG_CALL_DONE ? LG_STEP_DONE : c->err.code;
}

int lg_call_run(struct lg_call *c)
{
    for (;;) {
        const int r = lg_call_step(c);

        if (r != LG_STEP_WAIT)
            return r;
        lg_loop_wait(c->loop, &c->x, &c->waiter, c->wake_at);
    }
}
