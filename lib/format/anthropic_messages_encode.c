/* SPDX-License-Identifier: MIT
 *
 * A stream, written. */
#include "lib/format/anthropic_messages_encode.h"

/* ---- frames ---------------------------------------------------------------- */

void lg_am_begin_frame(struct lg_am_writing *w, const char *name)
{
    struct lg_buf *out = &w->out->bytes;

    w->mark = out->n;
    (void)lg_buf_printf(out, "event: %s\ndata: {\"type\":\"%s\"", name, name);
}

void lg_am_end_frame(struct lg_am_writing *w, struct lg_am_block *b)
{
    (void)lg_buf_lit(&w->out->bytes, "}\n\n");
    lg_am_frame_done(w, b);
}

struct lg_str lg_am_keep_text(struct lg_am_writing *w, struct lg_str s)
{
    const char *p = lg_arena_dup(w->a.w.c->keep, s);

    if (!p && !w->a.w.rc)
        w->a.w.rc = lg_no_keep(w->a.w.c);
    return (struct lg_str){p, p ? s.n : 0};
}

/* What was written since w->mark, taken out of the buffer. */
static struct lg_str take_back(struct lg_am_writing *w)
{
    const struct lg_str all = lg_buf_span(&w->out->bytes);
    const struct lg_str s =
        lg_am_keep_text(w, lg_str_from(all.p + w->mark, all.n - w->mark));

    lg_writer_undo(&w->a.w, w->mark);
    return s;
}

void lg_am_frame_done(struct lg_am_writing *w, struct lg_am_block *b)
{
    struct lg_am_waiting *wait;

    if (!b || b == w->e->open || w->out->bytes.err) {
        lg_frame_done(w->out);
        return;
    }
    wait = lg_arena_new(w->a.w.c->keep, struct lg_am_waiting);
    if (!wait) {
        w->a.w.rc = lg_no_keep(w->a.w.c);
        return;
    }
    wait->frame = take_back(w);
    *b->last = wait;
    b->last = &wait->next;
}

/* ---- the start of a message ------------------------------------------------ */

static void write_start(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_extra *extra = ev->u.head->extra;

    w->e->started = 1;
    lg_am_begin_frame(w, "message_start");
    lg_put(&w->a.w, "%x,'message':{", ev->extra, LG_AM_NODE);
    lg_am_write_head(&w->a, ev->u.head);
    lg_put(&w->a.w, "'content':[],%x", extra, LG_AM_NODE);
    if (w->a.w.own) {
        lg_put(&w->a.w, "%x", extra, LG_AM_NOT_YET);
        w->e->held = take_back(w);
        return;
    }
    lg_am_write_stop(&w->a, &w->e->stop, LG_STOP_NONE);
    lg_am_write_usage(&w->a, &w->e->usage);
    lg_put(&w->a.w, "}");
    lg_am_end_frame(w, NULL);
}

/* Write the start that was held back for its usage. */
static void let_go(struct lg_am_writing *w, const struct lg_ir_usage *usage)
{
    if (!w->e->held.p)
        return;
    lg_buf_str(&w->out->bytes, w->e->held);
    w->e->held = (struct lg_str){0};
    if (usage)
        lg_am_write_usage(&w->a, usage);
    lg_put(&w->a.w, "}");
    lg_am_end_frame(w, NULL);
}

/* ---- the end of a message --------------------------------------------------- */

static void write_usage(struct lg_am_writing *w,
                        const struct lg_ir_usage *usage)
{
    struct lg_ir_usage counts = *usage;

    if (w->e->held.p) {
        let_go(w, usage);
        return;
    }
    if (w->a.w.own) {
        w->e->usage_raw = usage->raw;
        w->e->usage_raw.s = lg_am_keep_text(w, usage->raw.s);
        return;
    }
    counts.raw = (struct lg_ir_val){0};
    lg_writer_fail(&w->a.w, lg_usage_merge(&w->e->usage, &counts, NULL));
}

/* message_delta. */
static void write_end(struct lg_am_writing *w, const struct lg_ir_stop *stop,
                      enum lg_stop kind)
{
    struct lg_ir_usage usage = w->e->usage;

    lg_am_begin_frame(w, "message_delta");
    lg_put(&w->a.w, "'delta':{");
    lg_am_write_stop(&w->a, stop, kind);
    lg_put(&w->a.w, "%x}", stop->extra, LG_AM_DELTA);
    usage.raw = w->e->usage_raw;
    if (!w->a.w.own || usage.raw.kind != LG_JSON_NONE)
        lg_am_write_usage(&w->a, &usage);
    lg_put(&w->a.w, "%x", stop->extra, LG_AM_NODE);
    lg_am_end_frame(w, NULL);
    w->e->usage_raw = (struct lg_ir_val){0};
}

static void write_stop(struct lg_am_writing *w, const struct lg_ir_stop *stop)
{
    struct lg_ir_stop *to = &w->e->stop;

    if (w->a.w.own) {
        write_end(w, stop, (enum lg_stop)stop->kind);
        return;
    }
    lg_put_lose_extras(&w->a.w, stop->extra);
    if (stop->kind == LG_STOP_NONE)
        return;
    *to = (struct lg_ir_stop){.kind = stop->kind};
    to->sequence = stop->sequence;
    to->details = stop->details;
    to->sequence.s = lg_am_keep_text(w, stop->sequence.s);
    to->details.s = lg_am_keep_text(w, stop->details.s);
}

/* Calls are told as calls and a refusal as a refusal, whatever the origin says
 * why it stopped. */
static enum lg_stop kind_of(const struct lg_am_encoder *e)
{
    if (e->refused)
        return LG_STOP_REFUSAL;
    return e->calls && e->stop.kind == LG_STOP_END ? LG_STOP_TOOL
                                                   : (enum lg_stop)e->stop.kind;
}

/* An event that says no more than its name. */
static void write_bare(struct lg_am_writing *w, const struct lg_ir_event *ev,
                       const char *name)
{
    lg_am_begin_frame(w, name);
    lg_put(&w->a.w, "%x", ev->extra, LG_AM_NODE);
    lg_am_end_frame(w, NULL);
}

static void write_last(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    while (w->e->open)
        lg_am_end_block(w, w->e->open, NULL);
    if (!w->a.w.own)
        write_end(w, &w->e->stop, kind_of(w->e));
    write_bare(w, ev, "message_stop");
}

/* ---- any ---------------------------------------------------------------------- */

static void write_error(struct lg_am_writing *w,
                        const struct lg_ir_error *error)
{
    lg_am_begin_frame(w, "error");
    lg_am_write_error(&w->a, error);
    lg_am_end_frame(w, NULL);
}

static void write_opaque(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_buf *out = &w->out->bytes;
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);

    if (!w->a.w.own) {
        lg_put_lose(&w->a.w, LG_NOWHERE, LG_DROPPED,
                    "an event that has no counterpart in " LG_AM_NAME);
        return;
    }
    w->mark = out->n;
    lg_buf_lit(out, "event: ");
    lg_buf_str(out, ev->name);
    lg_buf_lit(out, "\ndata: ");
    lg_ir_write(&w->a.w.jw, ev->u.val);
    lg_buf_lit(out, "\n\n");
    lg_am_frame_done(w, b);
}

static void write_any(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        if (!w->e->started)
            write_start(w, ev);
        break;
    case LG_EV_PART:
        lg_am_write_part(w, ev);
        break;
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
        lg_am_write_piece(w, ev);
        break;
    case LG_EV_SIGNATURE:
        lg_am_write_signature(w, ev);
        break;
    case LG_EV_CITATION:
        lg_am_write_citation(w, ev);
        break;
    case LG_EV_PART_END:
        b = lg_am_find_block(w->e, ev->index);
        if (b)
            lg_am_end_block(w, b, ev->extra);
        break;
    case LG_EV_STOP:
        write_stop(w, ev->u.stop);
        break;
    case LG_EV_USAGE:
        write_usage(w, ev->u.usage);
        break;
    case LG_EV_END:
        write_last(w, ev);
        break;
    case LG_EV_PING:
        write_bare(w, ev, "ping");
        break;
    case LG_EV_ERROR:
        write_error(w, ev->u.error);
        break;
    case LG_EV_OPAQUE:
        write_opaque(w, ev);
        break;
    }
}

/* A message begins before anything is in it, whoever forgot to say so. */
static void begin(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_head nobody = {0};
    const struct lg_ir_event start = {.kind = LG_EV_START, .u.head = &nobody};

    if (ev->kind != LG_EV_USAGE)
        let_go(w, NULL);
    if (w->e->started)
        return;
    w->e->usage = LG_USAGE_NONE;
    if (ev->kind != LG_EV_START && ev->kind != LG_EV_PING &&
        ev->kind != LG_EV_ERROR && ev->kind != LG_EV_OPAQUE)
        write_start(w, &start);
}

static int write_slowly(struct lg_am_encoder *e, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *frames)
{
    /* Events have no origin; extras are kept where it is this format. */
    struct lg_am_writing w = {
        .a = {.w = lg_writer_of(c, c->keep_extras ? c->self : NULL,
                                &frames->bytes),
              .answer = 1},
        .e = e,
        .out = frames};

    w.a.w.jw.one_line = 1;
    if (ev->choice) {
        if (!e->told_choice)
            lg_put_lose(&w.a.w, LG_NOWHERE, LG_DROPPED,
                        "an answer is one choice in " LG_AM_NAME);
        e->told_choice = 1;
        return w.a.w.rc;
    }
    begin(&w, ev);
    write_any(&w, ev);
    return lg_writer_end(&w.a.w);
}

int lg_am_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames)
{
    struct lg_am_encoder *e = enc;
    const struct lg_am_block *b = e->open;
    struct lg_buf *out = &frames->bytes;

    if (!LG_LIKELY(b && b->fast && ev->kind == b->piece && !ev->choice &&
                   ev->index == b->index && ev->text.n && !ev->extra))
        return write_slowly(e, c, ev, frames);
    lg_buf_add(out, b->prefix, b->prefix_n);
    lg_buf_str(out, ev->text);
    lg_buf_lit(out, LG_AM_TAIL);
    lg_frame_done(frames);
    return out->err ? lg_fail_mem(c->err, out->err) : 0;
}
