/* SPDX-License-Identifier: MIT */
#include "src/gateway/stream.h"

#include "lib/base/mem.h"
#include "lib/json/text.h"
#include "src/gateway/response.h"
#include "src/gateway/trace.h"

#define TEXT_MAX ((size_t)1 << 31)
/* How long the end of a body is waited for once its terminator was read, so
 * that the connection can serve again. */
#define LINGER_MS 100

/* ---- the end ----------------------------------------------------------- */

static void trace_done(llmgw_stream *s, int result)
{
    const struct lg_ir_answer *a = s->feeding ? lg_fold_answer(&s->fold) : NULL;

    lg_call_trace_done(&s->call, result, a ? &a->usage : NULL);
    lg_loop_retire(s->call.loop, &s->call.waiter);
}

/* Let the rest of the body come, so that its connection can be used again. */
static void linger(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    const int64_t until = lg_loop_now(c->loop) + LINGER_MS;

    while (!c->client->attached && !c->mail.done &&
           !atomic_load(&c->cancelled) && lg_loop_now(c->loop) < until) {
        lg_loop_wait(c->loop, &c->x, &c->waiter, until);
        lg_call_collect(c);
    }
}

static int finish(llmgw_stream *s, int result)
{
    if (s->finished)
        return s->result;
    s->finished = 1;
    s->result = result;
    if (result == 0) {
        lg_call_commit(&s->call);
        linger(s);
    }
    trace_done(s, result);
    return result;
}

/* ---- opening and freeing ----------------------------------------------- */

/* Its reader left early. */
static void abandon(llmgw_stream *s)
{
    s->finished = 1;
    s->call.ambiguous |= s->call.attempts > 0;
    (void)lg_fail(&s->call.err, LLMGW_E_CANCELLED, NULL,
                  "the stream was freed before its end");
    trace_done(s, LLMGW_E_CANCELLED);
}

static void init_bufs(llmgw_stream *s)
{
    lg_buf_init(&s->text, TEXT_MAX);
    lg_buf_init(&s->id, TEXT_MAX);
    lg_buf_init(&s->name, TEXT_MAX);
    lg_buf_init(&s->json, TEXT_MAX);
    lg_buf_init(&s->frame, TEXT_MAX);
}

void llmgw_stream_free(llmgw_stream *s)
{
    llmgw_client *client;
    int ours;

    if (!s || lg_callback_running())
        return;
    client = s->call.client;
    ours = client->process == lg_sys_process();
    if (ours)
        lg_client_begin(client);
    if (ours && !s->finished)
        abandon(s);
    lg_client_leave(client, &s->link);
    lg_stream_reset(s);
    lg_call_done(&s->call);
    if (ours)
        lg_client_end(client);
    lg_call_wipe(&s->call);
    llmgw_response_free(s->response);
    lg_buf_done(&s->text);
    lg_buf_done(&s->id);
    lg_buf_done(&s->name);
    lg_buf_done(&s->json);
    lg_buf_done(&s->frame);
    lg_free(s->queue);
    lg_free(s);
    lg_client_unref(client);
}

/* What can be done at once is done; what comes of it is pending. */
static int begin_attached(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    const int waits = lg_call_step(c) == LG_STEP_WAIT;

    lg_loop_schedule(c->loop, &c->waiter,
                     waits ? c->wake_at : lg_loop_now(c->loop));
    return LLMGW_OK;
}

int lg_stream_open(llmgw_client *c, const llmgw_options *o,
                   const char *operation, struct lg_str json, int whole,
                   llmgw_stream **out, struct lg_err *e, llmgw_error **error)
{
    llmgw_stream *s = lg_zalloc(sizeof(*s));
    int err;

    *out = NULL;
    if (!s)
        return lg_fail_mem(e, LLMGW_E_NOMEM);
    err = lg_call_init(&s->call, c, o, operation, json, 1, whole, e);
    if (err) {
        lg_free(s);
        return err;
    }
    init_bufs(s);
    lg_client_ref(c);
    s->left_at = -1;
    s->link.call = &s->call;
    lg_client_join(c, &s->link);
    err = c->attached ? begin_attached(s) : lg_call_run(&s->call);
    if (err < 0) {
        (void)finish(s, err);
        if (error) {
            *error = s->call.error;
            s->call.error = NULL;
        }
        llmgw_stream_free(s);
        return err;
    }
    s->left_at = c->attached ? -1 : lg_loop_now(s->call.loop);
    *out = s;
    return LLMGW_OK;
}

int llmgw_call_stream(llmgw_client *c, const llmgw_options *o,
                      const char *operation, const char *json, size_t len,
                      llmgw_stream **out, llmgw_error **error)
{
    struct lg_err e = {0};
    int err;

    if (error)
        *error = NULL;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    err = c && (json || !len || len == LLMGW_NUL_TERMINATED)
              ? lg_client_enter(c, &e)
              : lg_fail(&e, LLMGW_E_INVALID, NULL, "a NULL argument");
    if (err)
        return lg_error_give(error, &e);
    if (len == LLMGW_NUL_TERMINATED)
        len = json ? strlen(json) : 0;
    lg_client_begin(c);
    err =
        lg_stream_open(c, o, operation, (struct lg_str){json ? json : "", len},
                       0, out, &e, error);
    lg_client_end(c);
    if (err && error && !*error)
        (void)lg_error_give(error, &e);
    return err;
}

/* ---- failing ------------------------------------------------------------ */

/* An error event is a frame too, the last one, and is to outlive the bytes it
 * came in. */
static void keep_error_frame(llmgw_stream *s)
{
    lg_buf_reset(&s->text);
    if (s->feeding && s->call.failure.answered)
        (void)lg_buf_str(&s->text, s->w ? lg_buf_span(&s->w->frames.bytes)
                                        : s->feed.frame.raw);
}

/* The attempt failed: try again if nothing was handed out yet. */
static int failed(llmgw_stream *s)
{
    struct lg_call *c = &s->call;

    keep_error_frame(s);
    if (lg_call_fail(c)) {
        if (s->text.n)
            s->now.frame = lg_buf_span(&s->text);
        return c->err.code;
    }
    lg_stream_reset(s);
    return LLMGW_OK;
}

/* ---- next -------------------------------------------------------------- */

/* Does a string body end with the first half of a surrogate pair? */
static int ends_in_half(struct lg_str body)
{
    const char *u = body.p + body.n - 6;
    size_t escapes = 0;

    if (body.n < 6 || u[0] != '\\' || u[1] != 'u' ||
        (u[2] != 'd' && u[2] != 'D') || !strchr("89abAB", u[3]))
        return 0;
    while (escapes < body.n - 6 && u[-1 - (ptrdiff_t)escapes] == '\\')
        escapes++;
    return escapes % 2 == 0;
}

/* Take what waits of a surrogate pair, and hold back a first half at the end
 * of this piece: its other half may begin the next. */
static LG_APART int decode_text(llmgw_stream *s, const struct lg_public *p)
{
    struct lg_buf *out = &s->text;
    struct lg_str body = p->text;

    if (LG_LIKELY(!s->half.n && !memchr(body.p, '\\', body.n)))
        return lg_buf_str(out, body);
    if (s->half.n) {
        lg_buf_reset(&s->json);
        (void)lg_buf_add(&s->json, s->half.p, s->half.n);
        if (lg_buf_str(&s->json, body))
            return s->json.err;
        body = lg_buf_span(&s->json);
        s->half.n = 0;
    }
    if (ends_in_half(body)) {
        s->half.n = 6;
        s->half.kind = p->kind;
        s->half.index = p->index;
        body.n -= s->half.n;
        memcpy(s->half.p, body.p + body.n, s->half.n);
    }
    return lg_json_unescape(out, body, LG_TO_TEXT);
}

/* Is there a half whose other half will not come any more? */
static int is_lone(const llmgw_stream *s, const struct lg_public *next)
{
    return s->half.n && next->kind != LLMGW_EVENT_OTHER &&
           (next->kind != s->half.kind || next->index != s->half.index);
}

/* It is an event of its own then, of the part that it belongs to. */
static int take_half(llmgw_stream *s)
{
    s->now = (struct lg_public){.kind = s->half.kind, .index = s->half.index};
    s->half.n = 0;
    s->quote = NULL;
    lg_buf_reset(&s->text);
    return lg_buf_lit(&s->text, "\xef\xbf\xbd");
}

static int decode(struct lg_buf *out, struct lg_str body, enum lg_unescape how)
{
    lg_buf_reset(out);
    return body.n ? lg_json_unescape(out, body, how) : LLMGW_OK;
}

static int decode_piece(llmgw_stream *s)
{
    s->quote = NULL;
    if (s->now.json_text)
        return decode(&s->text, s->now.text, LG_TO_JSON);
    lg_buf_reset(&s->text);
    return s->now.text.n ? decode_text(s, &s->now) : LLMGW_OK;
}

static int take(llmgw_stream *s, const struct lg_public *p)
{
    int err;

    s->at++;
    s->now = *p;
    err = decode_piece(s);
    if (!err && p->kind == LLMGW_EVENT_TOOL)
        err = decode(&s->id, p->id, LG_TO_TEXT);
    if (!err && p->kind == LLMGW_EVENT_TOOL)
        err = decode(&s->name, p->name, LG_TO_TEXT);
    return err;
}

/* Make the next public event the current one. */
static int pop(llmgw_stream *s)
{
    const struct lg_public *p = &s->queue[s->at];
    int err;

    err = is_lone(s, p) ? take_half(s) : take(s, p);
    if (!s->call.committed)
        lg_call_commit(&s->call);
    if (LG_LIKELY(!err))
        return s->now.kind;
    s->call.failure = (struct lg_failure){.never = 1, .retry_after_ms = -1};
    (void)lg_fail_mem(&s->call.err, LLMGW_E_NOMEM);
    (void)lg_call_fail(&s->call);
    return finish(s, LLMGW_E_NOMEM);
}

/* Nothing of the last frame is needed any more where another is waited for. */
static void rest_reading(llmgw_stream *s)
{
    if (!s->feeding)
        return;
    lg_feed_rest(&s->feed);
    if (s->w)
        lg_arena_done(&s->w->scratch);
}

/* The host's loop: it is called again when there is something new. */
static int rest(llmgw_stream *s)
{
    struct lg_call *c = &s->call;

    rest_reading(s);
    lg_loop_schedule(c->loop, &c->waiter, c->wake_at);
    lg_loop_rest(c->loop, &c->x, &c->waiter);
    return LLMGW_E_AGAIN;
}

static int wait_more(llmgw_stream *s)
{
    struct lg_call *c = &s->call;

    lg_attempt_feed(c);
    if (c->client->attached)
        return rest(s);
    rest_reading(s);
    lg_loop_wait(c->loop, &c->x, &c->waiter, c->wake_at);
    s->left_at = lg_loop_now(c->loop);
    return LLMGW_OK;
}

/* Get the call to where a first byte may be read. */
static int accepted(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    int r = LG_STEP_DONE;

    if (c->state != LG_CALL_DONE)
        r = c->client->attached ? lg_call_step(c) : lg_call_run(c);
    if (r == LG_STEP_WAIT)
        return rest(s);
    if (r == LG_STEP_DONE && !s->feeding && lg_stream_begin(s)) {
        c->failure = (struct lg_failure){.never = 1, .retry_after_ms = -1};
        return failed(s);
    }
    return r;
}

static int next_event(llmgw_stream *s)
{
    for (;;) {
        int r = accepted(s);

        if (r < 0)
            return r;
        if (s->call.state != LG_CALL_DONE)
            continue; /* it will try again */
        r = lg_stream_read(s);
        if (r > 0)
            return pop(s);
        if (r == 0)
            return 0;
        if (r == LLMGW_E_AGAIN)
            r = wait_more(s);
        else
            r = failed(s);
        if (r < 0)
            return r;
    }
}

/* One more piece like the last, in the caller's own format, as nearly every
 * event is one: it takes no queue, and unless there is an escape in it, no
 * copy: the bytes lent to the feed are ours. 0: it is another event. */
static int repeat(llmgw_stream *s)
{
    static const uint8_t kinds[] = {[LG_EV_TEXT] = LLMGW_EVENT_TEXT,
                                    [LG_EV_REFUSAL] = LLMGW_EVENT_TEXT,
                                    [LG_EV_THINKING] = LLMGW_EVENT_THINKING,
                                    [LG_EV_INPUT] = LLMGW_EVENT_TOOL_INPUT};
    const struct lg_ir_event *ev;
    int err;

    if (s->w || s->half.n || !s->now.text.n)
        return 0;
    ev = lg_feed_repeat(&s->feed);
    if (!ev || kinds[ev->kind] != s->now.kind || ev->index != s->now.index ||
        ev->choice)
        return 0;
    lg_feed_skip(&s->feed);
    s->now.text = ev->text;
    s->now.frame = s->feed.frame.raw;
    s->call.last_content = -1;
    err = lg_fold_event(&s->fold, ev);
    if (LG_LIKELY(!err && ev->plain)) {
        s->quote = (char *)(uintptr_t)(ev->text.p + ev->text.n);
        *s->quote = '\0';
    } else if (!err) {
        err = decode_piece(s);
    }
    if (LG_LIKELY(!err))
        return s->now.kind;
    return lg_stream_broken(s, lg_fail_mem(&s->call.err, err));
}

/* An event that was read, or can be from the bytes at hand. 0: there is none,
 * negative: the attempt failed. */
static int at_hand(llmgw_stream *s)
{
    int r = 0;

    if (s->at < s->nqueue)
        return pop(s);
    if (s->lent)
        r = repeat(s);
    if (!r && s->lent && (r = lg_stream_lent(s)) > 0)
        r = pop(s);
    return r;
}

int llmgw_stream_next(llmgw_stream *s)
{
    int r;

    if (!s || lg_callback_running())
        return LLMGW_E_INVALID;
    if (s->call.client->process != lg_sys_process())
        return LLMGW_E_FORKED;
    if (s->finished)
        return s->result;
    if (s->response)
        llmgw_response_free(s->response);
    s->response = NULL;
    r = LG_LIKELY(!atomic_load(&s->call.cancelled))
            ? at_hand(s)
            : lg_call_cancelled(&s->call);
    if (LG_LIKELY(r > 0))
        return r;
    s->now = (struct lg_public){.index = -1};
    s->quote = NULL;
    lg_client_begin(s->call.client);
    r = r ? failed(s) : next_event(s);
    if (r <= 0 && r != LLMGW_E_AGAIN)
        r = finish(s, r);
    lg_client_end(s->call.client);
    return r;
}

void llmgw_stream_cancel(llmgw_stream *s)
{
    if (!s)
        return;
    atomic_store(&s->call.cancelled, 1);
    if (s->call.client->process == lg_sys_process())
        lg_loop_interrupt(s->call.loop, &s->call.waiter);
}

/* ---- what the host reads ----------------------------------------------- */

static const char *give(const struct lg_buf *b, size_t *len)
{
    if (len)
        *len = b->n;
    return b->p ? b->p : "";
}

const char *llmgw_stream_text(const llmgw_stream *s, size_t *len)
{
    if (s && LG_LIKELY(s->quote != NULL)) {
        if (len)
            *len = s->now.text.n;
        return s->now.text.p;
    }
    if (len)
        *len = 0;
    if (!s || s->now.kind < LLMGW_EVENT_TEXT ||
        s->now.kind > LLMGW_EVENT_TOOL_INPUT || s->now.kind == LLMGW_EVENT_TOOL)
        return NULL;
    return give(&s->text, len);
}

const char *llmgw_stream_name(const llmgw_stream *s)
{
    return s && s->now.kind == LLMGW_EVENT_TOOL ? give(&s->name, NULL) : NULL;
}

const char *llmgw_stream_id(const llmgw_stream *s)
{
    return s && s->now.kind == LLMGW_EVENT_TOOL ? give(&s->id, NULL) : NULL;
}

int llmgw_stream_index(const llmgw_stream *s)
{
    return s ? s->now.index : -1;
}

/* A copy of the current frame, or of a part of it, with a NUL behind it; made
 * when asked for, since few ask. */
static const char *copied(const llmgw_stream *s, const struct lg_buf *into,
                          struct lg_str part, size_t *len)
{
    struct lg_buf *b = (struct lg_buf *)(uintptr_t)into;

    lg_buf_reset(b);
    if (lg_buf_str(b, part))
        return NULL;
    if (s->quote)
        b->p[s->quote - part.p] = '"';
    return give(b, len);
}

const char *llmgw_stream_frame(const llmgw_stream *s, size_t *len)
{
    if (len)
        *len = 0;
    if (!s || !s->now.frame.p)
        return NULL;
    return copied(s, &s->frame, s->now.frame, len);
}

const char *llmgw_stream_json(const llmgw_stream *s, size_t *len)
{
    struct lg_sse sse;
    struct lg_frame frame = {0};
    const char *out = NULL;

    if (len)
        *len = 0;
    if (!s || !s->now.frame.p)
        return NULL;
    lg_sse_init(&sse, s->now.frame.n);
    lg_sse_feed(&sse, s->now.frame.p, s->now.frame.n);
    if (lg_sse_next(&sse, &frame) > 0 || lg_sse_end(&sse, &frame) > 0)
        out = frame.data.p ? copied(s, &s->json, frame.data, len) : NULL;
    lg_sse_done(&sse);
    return out;
}

const llmgw_error *llmgw_stream_error(const llmgw_stream *s)
{
    if (!s || !s->finished || s->result >= 0)
        return NULL;
    return s->call.error ? s->call.error : &lg_error_nomem;
}

static int answer(llmgw_stream *s, llmgw_response **out)
{
    if (!s->feeding)
        return LLMGW_E_INVALID;
    return lg_response_of_fold(&s->call, lg_fold_answer(&s->fold), out);
}

const llmgw_response *llmgw_stream_response(const llmgw_stream *cs)
{
    llmgw_stream *s = (llmgw_stream *)(uintptr_t)cs;

    if (s && !s->response)
        (void)answer(s, &s->response);
    return s ? s->response : NULL;
}

int llmgw_stream_take_response(llmgw_stream *s, llmgw_response **out)
{
    if (out)
        *out = NULL;
    if (!s || !out || lg_callback_running())
        return LLMGW_E_INVALID;
    if (s->call.client->process != lg_sys_process())
        return LLMGW_E_FORKED;
    return answer(s, out);
}

void llmgw_stream_set_user(llmgw_stream *s, void *user)
{
    if (s)
        s->user = user;
}

void *llmgw_stream_user(const llmgw_stream *s)
{
    return s ? s->user : NULL;
}
