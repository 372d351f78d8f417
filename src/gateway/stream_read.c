/* SPDX-License-Identifier: MIT */
#include "src/gateway/stream.h"

#include "lib/base/mem.h"
#include "lib/format/fit.h"
#include "src/gateway/trace.h"

#define FOLD_ARENA_MAX ((size_t)1 << 30)

/* ---- from IR events to public ones ------------------------------------- */

static struct lg_public *push(llmgw_stream *s, int kind,
                              const struct lg_ir_event *ev)
{
    struct lg_public *p;

    if (s->nqueue == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 2;

        p = lg_realloc(s->queue, cap * sizeof(*p));
        if (!p)
            return NULL;
        s->queue = p;
        s->cap = cap;
    }
    p = &s->queue[s->nqueue++];
    *p = (struct lg_public){.kind = kind, .index = ev->index, .text = ev->text};
    return p;
}

static int push_plain(llmgw_stream *s, int kind, const struct lg_ir_event *ev)
{
    return push(s, kind, ev) ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* A part that opens: of a tool call its name and id are told, and whatever
 * came with it. */
static int push_part(llmgw_stream *s, const struct lg_ir_event *ev)
{
    const struct lg_ir_part *part = ev->u.part;
    struct lg_public *p;

    if (part->kind != LG_PART_TOOL_CALL)
        return LLMGW_OK;
    p = push(s, LLMGW_EVENT_TOOL, ev);
    if (!p)
        return LLMGW_E_NOMEM;
    p->id = part->id.s;
    p->name = part->name.s;
    p->text = (struct lg_str){0};
    return LLMGW_OK;
}

static int push_stop(llmgw_stream *s)
{
    const struct lg_ir_event ev = {.index = -1};

    if (!s->has_stop || s->told_stop)
        return LLMGW_OK;
    s->told_stop = 1;
    return push_plain(s, LLMGW_EVENT_STOP, &ev);
}

static void trace_first(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    struct llmgw_trace room, *t;

    lg_client_begin(c->client); /* the clock may be a transport's */
    c->first_at = lg_loop_now(c->loop);
    t = lg_trace_begin(c, &room, LLMGW_TRACE_FIRST);
    lg_trace_end(c, t);
    lg_client_end(c->client);
}

static int is_content(const struct lg_ir_event *ev)
{
    return ev->kind != LG_EV_PING && ev->kind != LG_EV_OPAQUE;
}

static int is_piece(const struct lg_ir_event *ev)
{
    return ev->kind >= LG_EV_TEXT && ev->kind <= LG_EV_INPUT;
}

static int make_public(llmgw_stream *s, const struct lg_ir_event *ev)
{
    struct lg_public *p;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        return push_plain(s, LLMGW_EVENT_START, ev);
    case LG_EV_PART:
        return push_part(s, ev);
    case LG_EV_TEXT:
    case LG_EV_REFUSAL:
        return push_plain(s, LLMGW_EVENT_TEXT, ev);
    case LG_EV_THINKING:
        return push_plain(s, LLMGW_EVENT_THINKING, ev);
    case LG_EV_INPUT:
        p = push(s, LLMGW_EVENT_TOOL_INPUT, ev);
        if (p)
            p->json_text = 1;
        return p ? LLMGW_OK : LLMGW_E_NOMEM;
    case LG_EV_PART_END:
        return push_plain(s, LLMGW_EVENT_PART_END, ev);
    case LG_EV_STOP:
        s->has_stop = 1;
        return s->has_usage ? push_stop(s) : LLMGW_OK;
    case LG_EV_USAGE:
        s->has_usage = s->has_usage || ev->u.usage->output >= 0;
        return push_stop(s);
    case LG_EV_END:
        s->ended = 1;
        return push_stop(s);
    case LG_EV_SIGNATURE:
    case LG_EV_CITATION:
    case LG_EV_PING:
    case LG_EV_OPAQUE:
    case LG_EV_ERROR:
        break;
    }
    return LLMGW_OK;
}

/* Write `ev` in the caller's format. */
static int encode(llmgw_stream *s, const struct lg_ir_event *ev)
{
    struct lg_rewriter *w = s->w;
    const int err =
        s->call.caller->write_event(w->encoder, &w->ctx, ev, &w->frames);

    if (err < 0)
        return err;
    if (w->frames.bytes.err)
        return lg_fail_mem(&s->call.err, w->frames.bytes.err);
    return LLMGW_OK;
}

/* The frames of one event, which begin at `begin`: the first goes with the
 * first public event from `first` on, further ones are events of their own.
 * They are offsets until the last event is written: the buffer may move. */
static int attach(llmgw_stream *s, size_t first, size_t begin)
{
    static const struct lg_ir_event other = {.index = -1};
    const struct lg_frames *f = &s->w->frames;

    for (size_t i = 0; i < f->n; begin = f->end[i++]) {
        if (i || first == s->nqueue) {
            first = s->nqueue;
            if (!push(s, LLMGW_EVENT_OTHER, &other))
                return LLMGW_E_NOMEM;
        }
        s->queue[first].frame = (struct lg_str){NULL, f->end[i] - begin};
        s->queue[first].frame_at = begin;
    }
    return LLMGW_OK;
}

static int put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    llmgw_stream *s = (llmgw_stream *)self;
    const size_t first = s->nqueue;
    int err;

    s->nevents++;
    s->nusage += ev->kind == LG_EV_USAGE;
    if (is_piece(ev) && s->call.first_at < 0)
        trace_first(s);
    if (is_content(ev))
        s->call.last_content = -1; /* the clock is read when it matters */
    if (ev->kind == LG_EV_ERROR)
        lg_attempt_error_event(&s->call, ev->u.error);
    err = lg_fold_event(&s->fold, ev);
    if (err)
        return lg_fail_mem(&s->call.err, err);
    if (ev->choice == 0 && make_public(s, ev))
        return lg_fail_mem(&s->call.err, LLMGW_E_NOMEM);
    if (s->w) {
        const size_t at = s->w->frames.bytes.n;

        s->w->frames.n = 0;
        err = encode(s, ev);
        if (!err && attach(s, first, at))
            err = lg_fail_mem(&s->call.err, LLMGW_E_NOMEM);
    }
    if (!err && ev->kind == LG_EV_ERROR)
        err = s->call.err.code;
    return err;
}

/* ---- frames ------------------------------------------------------------ */

/* The usage chunk that only we asked for is not the caller's business. */
static int is_ours(const llmgw_stream *s)
{
    return s->call.plan.native->stream_usage_asked &&
           !s->call.bridge.wants_usage && s->nusage && s->nusage == s->nevents;
}

/* On the same-format road a frame goes with its first event; one that means
 * nothing else is an event of its own. */
static int attach_same(llmgw_stream *s)
{
    static const struct lg_ir_event other = {.index = -1};
    size_t i = 0;

    if (s->w || is_ours(s))
        return LLMGW_OK;
    /* A stop that waited for this frame's terminator is told before it. */
    if (s->ended && s->nqueue == 1 && s->queue[0].kind == LLMGW_EVENT_STOP)
        i = 1;
    if (i == s->nqueue && !push(s, LLMGW_EVENT_OTHER, &other))
        return lg_fail_mem(&s->call.err, LLMGW_E_NOMEM);
    s->queue[i].frame = s->feed.frame.raw;
    return LLMGW_OK;
}

static void begin_frame(llmgw_stream *s)
{
    s->nqueue = s->at = 0;
    s->nevents = s->nusage = 0;
    if (s->w) {
        lg_buf_reset(&s->w->frames.bytes);
        s->w->frames.n = 0;
        lg_arena_reset(&s->w->scratch);
    }
}

/* Offsets become spans, now that the buffer moves no more. */
static void settle(llmgw_stream *s)
{
    for (size_t i = 0; s->w && i < s->nqueue; i++)
        if (s->queue[i].frame.n)
            s->queue[i].frame.p = s->w->frames.bytes.p + s->queue[i].frame_at;
}

/* Read one frame of what was lent to the feed. */
static int read_frame(llmgw_stream *s)
{
    int r;

    begin_frame(s);
    r = lg_feed_next(&s->feed, &s->sink);
    if (r > 0 && attach_same(s))
        r = s->call.err.code;
    settle(s);
    return r;
}

/* ---- setting up -------------------------------------------------------- */

static int begin_rewriting(llmgw_stream *s, const struct lg_ctx *ctx,
                           size_t max)
{
    struct lg_call *c = &s->call;
    struct lg_rewriter *w = lg_arena_new(&s->fold_arena, struct lg_rewriter);
    void *encoder = lg_arena_alloc(&s->fold_arena, c->caller->encoder_size);

    if (!w || !encoder)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    w->encoder = encoder;
    w->ctx = *ctx;
    w->ctx.self = c->caller;
    w->ctx.arena = &w->scratch;
    lg_arena_init(&w->scratch, 1024, FOLD_ARENA_MAX);
    lg_buf_init(&w->frames.bytes, max);
    s->w = w;
    return LLMGW_OK;
}

int lg_stream_begin(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    const struct lg_ctx reading = {.self = c->plan.native,
                                   .keep = &s->fold_arena,
                                   .policy = &c->plan.policy,
                                   .bridge = &c->bridge,
                                   .losses = &c->losses,
                                   .err = &c->err,
                                   .now = c->wall / 1000};
    const size_t max = (size_t)c->set.max_event_bytes;
    int err;

    s->sink.put = put;
    lg_arena_init(&s->fold_arena, 256, FOLD_ARENA_MAX);
    lg_fold_init(&s->fold, &s->fold_arena,
                 c->set.fold && strcmp(c->set.fold, "usage") == 0
                     ? LG_FOLD_USAGE
                     : LG_FOLD_ALL,
                 (size_t)c->set.max_body_bytes, c->plan.native);
    s->at_once = !lg_call_is_stream(c);
    err = lg_feed_init(&s->feed, c->plan.native, &reading, max);
    s->feeding = 1;
    if (!err && (!c->plan.same || s->at_once))
        err = begin_rewriting(s, &reading, max * 8);
    return err;
}

void lg_stream_reset(llmgw_stream *s)
{
    s->nqueue = s->at = 0;
    s->lent = s->ended = s->has_stop = s->has_usage = s->told_stop = 0;
    s->half.n = 0;
    s->left_at = -1;
    if (!s->feeding)
        return;
    s->feeding = 0;
    lg_feed_done(&s->feed);
    lg_fold_done(&s->fold);
    if (s->w) {
        lg_arena_done(&s->w->scratch);
        lg_buf_done(&s->w->frames.bytes);
    }
    s->w = NULL;
    lg_arena_done(&s->fold_arena);
}

/* ---- reading ----------------------------------------------------------- */

static void give_back(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    struct lg_chunk *chunk = c->inbox.first;

    c->inbox.first = chunk->next;
    if (!c->inbox.first)
        c->inbox.last = NULL;
    s->lent = 0;
    if (lg_exchange_drained(&c->x, chunk, chunk->n))
        lg_loop_submit(c->loop, &c->x, LG_OP_RESUME);
}

int lg_stream_broken(llmgw_stream *s, int err)
{
    struct lg_call *c = &s->call;

    if (c->failure.answered && c->err.code == err)
        return err; /* the provider said so itself */
    c->failure = (struct lg_failure){
        .sent = 1, .never = err != LLMGW_E_TRUNCATED, .retry_after_ms = -1};
    return lg_attempt_misread(c, err);
}

/* A whole answer where a stream was asked for: all its events at once. */
static int read_json(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    struct lg_ctx ctx = s->feed.ctx;
    struct lg_json *doc;
    int err;

    if (s->ended)
        return 0;
    s->ended = 1;
    begin_frame(s);
    doc = lg_arena_new(&s->fold_arena, struct lg_json);
    if (!doc)
        return lg_stream_broken(s, lg_fail_mem(&c->err, LLMGW_E_NOMEM));
    err = lg_json_read(doc, &s->fold_arena, lg_buf_span(&c->body), &c->err);
    if (err)
        return lg_stream_broken(s, err);
    ctx.arena = &s->fold_arena;
    ctx.self = c->plan.native;
    err = lg_answer_read(&ctx, doc, &s->sink);
    settle(s);
    if (err >= 0)
        return 1;
    return lg_attempt_is_error(c, doc) ? c->err.code : lg_stream_broken(s, err);
}

static int read_end(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    int err;

    if (c->mail.code) {
        lg_attempt_broke(c);
        if (c->err.code == LLMGW_E_CONNECT)
            c->err.code = LLMGW_E_TRUNCATED; /* it broke off midway */
        return c->err.code;
    }
    begin_frame(s);
    err = lg_feed_end(&s->feed, &s->sink);
    if (err < 0)
        return lg_stream_broken(s, err);
    if (s->feed.frame.raw.n && attach_same(s))
        return c->err.code;
    settle(s);
    return s->nqueue ? 1 : 0;
}

/* The time since the reader went away was its own. */
static void come_back(llmgw_stream *s, int64_t now)
{
    struct lg_call *c = &s->call;
    const int64_t away = s->left_at < 0 ? 0 : now - s->left_at;

    s->left_at = -1;
    c->last_byte = c->last_byte < 0 ? now : c->last_byte + away;
    c->last_content = c->last_content < 0 ? now : c->last_content + away;
}

static int need_more(llmgw_stream *s)
{
    struct lg_call *c = &s->call;
    const int64_t now = lg_loop_now(c->loop);
    int err;

    come_back(s, now);
    err = lg_call_cancelled(c);
    if (!err)
        err = lg_call_check_time(c, now);
    return err ? err : LLMGW_E_AGAIN;
}

int lg_stream_lent(llmgw_stream *s)
{
    while (s->lent && !s->ended) {
        const int r = read_frame(s);

        if (r < 0)
            return lg_stream_broken(s, r);
        if (s->nqueue)
            return 1;
        if (!r)
            give_back(s);
    }
    return 0;
}

int lg_stream_read(llmgw_stream *s)
{
    struct lg_call *c = &s->call;

    if (s->at_once)
        return read_json(s);
    for (;;) {
        const int r = lg_stream_lent(s);

        if (r)
            return r;
        if (s->ended)
            return 0; /* what comes behind the terminator is nobody's */
        if (!c->inbox.first)
            lg_call_collect(c);
        if (c->inbox.first) {
            lg_feed_bytes(&s->feed, c->inbox.first->data, c->inbox.first->n);
            s->lent = 1;
        } else if (c->mail.done) {
            return read_end(s);
        } else {
            return need_more(s);
        }
    }
}
