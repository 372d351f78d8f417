/* SPDX-License-Identifier: MIT */
#include "lib/format/feed.h"

#include <llmgw/llmgw.h>

#include "lib/format/fit.h"
#include "lib/wire/eventstream.h"
#include "lib/wire/ndjson.h"

const struct lg_framer lg_framers[] = {
    [LG_FRAMING_SSE] = {lg_sse_next, lg_sse_end},
    [LG_FRAMING_NDJSON] = {lg_ndjson_next, lg_ndjson_end},
    [LG_FRAMING_EVENTSTREAM] = {lg_eventstream_next, lg_eventstream_end},
};

/* A token of the tape is 16 bytes and may stand for two of the text; growing
 * it keeps the smaller tapes until the frame is done. */
#define SCRATCH_PER_BYTE 24
#define SCRATCH_MIN      65536

int lg_feed_init(struct lg_feed *f, const struct lg_format *format,
                 const struct lg_ctx *ctx, size_t max)
{
    const size_t room = max < (SIZE_MAX - SCRATCH_MIN) / SCRATCH_PER_BYTE
                            ? max * SCRATCH_PER_BYTE + SCRATCH_MIN
                            : SIZE_MAX;

    *f = (struct lg_feed){
        .format = format, .ctx = *ctx, .max_tpl = LG_TEMPLATES};
    lg_arena_init(&f->scratch, 0, room);
    lg_sse_init(&f->sse, max);
    f->ctx.self = format;
    f->ctx.arena = &f->scratch;
    f->decoder = lg_arena_alloc(ctx->keep, format->decoder_size);
    if (!f->decoder)
        f->err = lg_fail_mem(ctx->err, ctx->keep->err);
    return f->err;
}

void lg_feed_done(struct lg_feed *f)
{
    for (size_t i = 0; i < LG_TEMPLATES; i++)
        lg_template_free(f->tpl[i]);
    lg_sse_done(&f->sse);
    lg_arena_done(&f->scratch);
}

void lg_feed_rest(struct lg_feed *f)
{
    lg_arena_done(&f->scratch);
}

void lg_feed_bytes(struct lg_feed *f, const char *p, size_t n)
{
    lg_sse_feed(&f->sse, p, n);
}

/* Find the template of the frame that the text begins with. */
static struct lg_template *recognise(struct lg_feed *f, struct lg_str text)
{
    unsigned at = f->last_tpl;

    for (unsigned i = 0; i < f->ntpl; i++, at++) {
        size_t n;

        if (at >= f->ntpl)
            at = 0;
        n = lg_template_match(f->tpl[at], text);
        if (n && n <= f->sse.carry.max) {
            f->last_tpl = at;
            f->frame = lg_template_frame(f->tpl[at], lg_str_from(text.p, n));
            return f->tpl[at];
        }
    }
    return NULL;
}

static void forget(struct lg_feed *f)
{
    f->ntpl = f->next_tpl = f->last_tpl = 0;
}

static void learn(struct lg_feed *f, const struct lg_ir_event *ev)
{
    struct lg_template **t = &f->tpl[f->next_tpl];
    int rc = LLMGW_E_NOMEM;

    if (!*t)
        *t = lg_template_new(f->sse.carry.max);
    if (*t)
        rc = lg_template_learn(*t, &f->frame, ev, f->ctx.hole, f->ctx.number);
    if (rc < 0) /* a template is a help and no need, so it is no error */
        forget(f);
    if (rc <= 0)
        return;
    f->last_tpl = f->next_tpl;
    f->next_tpl = (f->next_tpl + 1) % f->max_tpl;
    if (f->ntpl < f->max_tpl)
        f->ntpl++;
}

/* Stands before the caller's sink and watches what a frame puts. */
struct watch {
    struct lg_ir_sink sink;
    struct lg_feed *feed;
    struct lg_ir_sink *to;
    size_t n;
    struct lg_ir_event first;
};

static int watch_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct watch *w = (struct watch *)self;
    struct lg_feed *f = w->feed;
    struct lg_ir_part part;
    struct lg_ir_event copy;

    if (f->over)
        return 0;
    if (w->n++ == 0)
        w->first = *ev;
    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
    case LG_EV_PING:
    case LG_EV_OPAQUE:
    case LG_EV_USAGE:
        break;
    case LG_EV_END:
        f->complete = 1;
        f->over = 1;
        forget(f);
        break;
    case LG_EV_ERROR:
        f->over = 1;
        forget(f);
        break;
    case LG_EV_PART:
        forget(f);
        ev = lg_name_back(f->ctx.bridge, ev, &part, &copy);
        break;
    case LG_EV_START:
    case LG_EV_SIGNATURE:
    case LG_EV_CITATION:
    case LG_EV_PART_END:
    case LG_EV_STOP: /* parts opened or closed: templates name them */
        forget(f);
        break;
    }
    return w->to->put(w->to, ev);
}

static int is_delta(const struct lg_ir_event *ev)
{
    return ev->kind == LG_EV_TEXT || ev->kind == LG_EV_THINKING ||
           ev->kind == LG_EV_REFUSAL || ev->kind == LG_EV_INPUT;
}

static int no_frame(struct lg_feed *f, int rc)
{
    if (rc != LLMGW_E_PROTOCOL && rc != LLMGW_E_TRUNCATED)
        return lg_fail_mem(f->ctx.err, rc);
    return lg_fail(f->ctx.err, rc, NULL, "the stream %s",
                   rc == LLMGW_E_PROTOCOL ? "is damaged"
                                          : "ends inside an event");
}

static int read_frame(struct lg_feed *f, struct lg_ir_sink *sink)
{
    struct watch w = {{watch_put}, f, sink, 0, {0}};
    int rc;

    if (f->over || !f->frame.data.p)
        return 0;
    lg_arena_reset(&f->scratch);
    f->ctx.plain = 0;
    f->ctx.hole = f->ctx.number = (struct lg_str){0};
    f->by_tape++;
    rc = f->format->read_event(f->decoder, &f->ctx, &f->frame, &w.sink);
    if (f->ctx.plain < 0)
        forget(f);
    if (rc >= 0 && f->ctx.plain > 0 && w.n == 1 && is_delta(&w.first) &&
        f->max_tpl)
        learn(f, &w.first);
    return lg_not_understood(f->ctx.err, rc);
}

static int by_template(struct lg_feed *f, struct lg_template *t,
                       struct lg_ir_sink *sink)
{
    int rc;

    f->by_template++;
    rc = sink->put(sink, &t->event);
    if (rc < 0)
        f->err = rc;
    return rc < 0 ? rc : 1;
}

const struct lg_ir_event *lg_feed_repeat(struct lg_feed *f)
{
    const struct lg_str ahead = lg_sse_peek(&f->sse);
    struct lg_template *t = f->tpl[f->last_tpl];
    size_t n;

    if (!f->ntpl || !ahead.n || f->err)
        return NULL;
    n = lg_template_match(t, ahead);
    if (!n || n > f->sse.carry.max)
        return NULL;
    f->frame.raw = lg_str_from(ahead.p, n);
    return &t->event;
}

int lg_feed_next(struct lg_feed *f, struct lg_ir_sink *sink)
{
    const struct lg_str ahead = lg_sse_peek(&f->sse);
    struct lg_template *t = NULL;
    int rc;

    if (f->err)
        return f->err;
    if (ahead.n && (t = recognise(f, ahead)) != NULL) {
        lg_sse_skip(&f->sse, f->frame.raw.n);
        return by_template(f, t, sink);
    }
    rc = lg_framers[f->format->framing].next(&f->sse, &f->frame);
    if (rc <= 0) {
        if (rc < 0)
            f->err = no_frame(f, rc);
        return rc;
    }
    if (!ahead.n && (t = recognise(f, f->frame.raw)) != NULL)
        return by_template(f, t, sink);
    rc = read_frame(f, sink);
    if (rc < 0)
        f->err = rc;
    return rc < 0 ? rc : 1;
}

/* Read what stands at the end without its blank line. */
static int read_rest(struct lg_feed *f, struct lg_ir_sink *sink)
{
    int rc;

    f->frame = (struct lg_frame){0};
    rc = lg_framers[f->format->framing].end(&f->sse, &f->frame);
    if (rc < 0)
        return no_frame(f, rc);
    if (rc > 0)
        rc = read_frame(f, sink);
    if (rc == LLMGW_E_PROTOCOL && lg_json_check(f->frame.data, NULL) < 0)
        rc = lg_fail(f->ctx.err, LLMGW_E_TRUNCATED, NULL,
                     "the stream ends inside an event");
    return rc;
}

int lg_feed_end(struct lg_feed *f, struct lg_ir_sink *sink)
{
    struct watch w = {{watch_put}, f, sink, 0, {0}};
    int rc = f->err;

    if (rc >= 0)
        rc = read_rest(f, sink);
    if (rc >= 0 && !f->over)
        rc = f->format->end_events(f->decoder, &f->ctx, &w.sink);
    if (rc >= 0 && !f->complete)
        rc = lg_fail(f->ctx.err, LLMGW_E_TRUNCATED, NULL,
                     f->over ? "an error ended the stream"
                             : "the stream ended before its terminator");
    f->err = rc < 0 ? rc : 0;
    return f->err;
}
