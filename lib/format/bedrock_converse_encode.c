/* SPDX-License-Identifier: MIT
 *
 * A stream, written. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/turn.h"
#include "lib/wire/eventstream.h"

/* An event being written. */
struct writing {
    struct lg_writer w;
    struct lg_bc_encoder *e;
    struct lg_frames *out;
    size_t mark; /* where the frame begins */
};

static void begin_frame(struct writing *w, const char *name)
{
    w->mark =
        lg_eventstream_begin(&w->out->bytes, LG_FRAME_EVENT, lg_str_of(name));
}

static void end_frame(struct writing *w)
{
    lg_eventstream_finish(&w->out->bytes, w->mark);
    lg_frame_done(w->out);
}

/* ---- blocks -------------------------------------------------------------------- */

/* The block of a part; NULL: it has ended, or was left out. */
static struct lg_bc_block *find(const struct lg_bc_encoder *e, int32_t index)
{
    struct lg_bc_block *b = e->open;

    while (b && b->index != index)
        b = b->next;
    return b;
}

static struct lg_bc_block *add_block(struct writing *w,
                                     const struct lg_ir_event *ev)
{
    struct lg_bc_block *b = w->e->spare;

    if (b)
        w->e->spare = b->next;
    else
        b = lg_arena_new(w->w.c->keep, struct lg_bc_block);
    if (!b) {
        lg_writer_fail(&w->w, lg_no_keep(w->w.c));
        return NULL;
    }
    *b = (struct lg_bc_block){.next = w->e->open,
                              .index = ev->index,
                              .wire = -1,
                              .kind = ev->u.part->kind,
                              .custom = ev->u.part->custom};
    w->e->open = b;
    return b;
}

/* A block is numbered when it is first spoken of. */
static int64_t wire_of(struct writing *w, struct lg_bc_block *b)
{
    if (b->wire < 0)
        b->wire = w->e->wire++;
    return b->wire;
}

/* What a piece of a block stands in. */
static const struct holder {
    const char *key, *member;
} holders[] = {
    [LG_EV_PART] = {"reasoningContent", "redactedContent"},
    [LG_EV_TEXT] = {NULL, "text"},
    [LG_EV_REFUSAL] = {NULL, "text"},
    [LG_EV_THINKING] = {"reasoningContent", "text"},
    [LG_EV_INPUT] = {"toolUse", "input"},
    [LG_EV_SIGNATURE] = {"reasoningContent", "signature"},
    [LG_EV_CITATION] = {NULL, "citation"},
};

static void write_delta(struct writing *w, struct lg_bc_block *b,
                        const struct lg_ir_event *ev,
                        const struct lg_ir_val *leaf)
{
    const struct holder *h = &holders[ev->kind];

    begin_frame(w, "contentBlockDelta");
    lg_put(&w->w, "{'contentBlockIndex':%d,'delta':{", wire_of(w, b));
    if (h->key)
        lg_put(&w->w, "%k:{", h->key);
    lg_put(&w->w, "%k:%v,%x", h->member, leaf, ev->extra, LG_BC_INNER);
    if (h->key)
        lg_put(&w->w, "}");
    lg_put(&w->w, "},%x}", ev->extra, LG_BC_NODE);
    end_frame(w);
}

/* The same, if there is but the piece to be said. */
static void add_piece(struct writing *w, struct lg_bc_block *b, unsigned event,
                      struct lg_str piece)
{
    const struct holder *h = &holders[event];
    struct lg_buf *out = &w->out->bytes;

    begin_frame(w, "contentBlockDelta");
    (void)lg_buf_lit(out, "{\"contentBlockIndex\":");
    (void)lg_buf_int(out, wire_of(w, b));
    (void)lg_buf_lit(out, ",\"delta\":{\"");
    if (h->key) {
        (void)lg_buf_str(out, lg_str_of(h->key));
        (void)lg_buf_lit(out, "\":{\"");
    }
    (void)lg_buf_str(out, lg_str_of(h->member));
    (void)lg_buf_lit(out, "\":\"");
    (void)lg_buf_str(out, piece);
    (void)lg_buf_add(out, "\"}}}", h->key ? 4 : 3);
    end_frame(w);
}

static int is_ours(const struct writing *w, const struct lg_ir_blob *blob)
{
    return w->w.own || (blob->origin && !strcmp(blob->origin, LG_BC_NAME));
}

static void write_call(struct writing *w, struct lg_bc_block *b,
                       const struct lg_ir_event *ev)
{
    const struct lg_ir_part *p = ev->u.part;
    struct lg_ir_val id = p->id;
    struct lg_str input = p->json.s;

    if (!w->w.own && !id.s.n)
        id = lg_ir_word(lg_reason(w->w.c, "tooluse_%d", w->e->calls));
    w->e->calls++;
    begin_frame(w, "contentBlockStart");
    lg_put(&w->w,
           "{'contentBlockIndex':%d,'start':{'toolUse':{'toolUseId':%v,"
           "'name':%v,%x},%x},%x}",
           wire_of(w, b), &id, &p->name, p->extra, LG_BC_INNER, p->extra,
           LG_BC_NODE, ev->extra, LG_BC_NODE);
    end_frame(w);
    if (p->custom)
        add_piece(w, b, LG_EV_INPUT, LG_STR("{\\\"input\\\":\\\""));
    else if (input.n && !lg_str_is(input, "{}")) {
        /* {} is where pieces will go */
        if (!p->json.in_string)
            lg_writer_fail(&w->w, lg_escaped(w->w.c, p->json.s, &input));
        add_piece(w, b, LG_EV_INPUT, input);
    }
}

static void write_part(struct writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_part *p = ev->u.part;
    struct lg_bc_block *b;

    if (find(w->e, ev->index) || !lg_is_sayable(&w->w, p))
        return;
    b = add_block(w, ev);
    if (!b)
        return;
    w->e->refused |= p->kind == LG_PART_REFUSAL;
    if (p->kind == LG_PART_TOOL_CALL) {
        write_call(w, b, ev);
    } else if (p->kind == LG_PART_REDACTED) {
        write_delta(w, b, ev, &p->blob.val);
    } else if (p->kind == LG_PART_OPAQUE) {
        begin_frame(w, "contentBlockStart");
        lg_put(&w->w, "{'contentBlockIndex':%d,'start':%v,%x}", wire_of(w, b),
               &p->json, ev->extra, LG_BC_NODE);
        end_frame(w);
    }
    lg_put_lose_extras(&w->w, p->extra);
}

static void write_piece(struct writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_val leaf = {ev->text, LG_NOWHERE, LG_JSON_STRING, 0};
    struct lg_bc_block *b = find(w->e, ev->index);
    struct lg_str text = ev->text;

    if (!b || (!text.n && !w->w.own))
        return;
    if (b->custom) /* a string body becomes one within a string */
        lg_writer_fail(&w->w, lg_escaped(w->w.c, ev->text, &text));
    if (ev->extra && w->w.own)
        write_delta(w, b, ev, &leaf);
    else
        add_piece(w, b, ev->kind, text);
}

/* A signature or a citation. */
static void write_own(struct writing *w, const struct lg_ir_event *ev, int fits,
                      const struct lg_ir_val *val, const char *reason)
{
    struct lg_bc_block *b = find(w->e, ev->index);

    if (b && fits)
        write_delta(w, b, ev, val);
    else if (b && lg_ir_has(val))
        lg_put_lose(&w->w, LG_NOWHERE, LG_DROPPED, reason);
}

static void end_block(struct writing *w, struct lg_bc_block *b,
                      const struct lg_ir_extra *extra)
{
    struct lg_bc_block **at = &w->e->open;

    if (b->custom)
        add_piece(w, b, LG_EV_INPUT, LG_STR("\\\"}"));
    if (b->wire >= 0) {
        begin_frame(w, "contentBlockStop");
        lg_put(&w->w, "{'contentBlockIndex':%d,%x}", (int64_t)b->wire, extra,
               LG_BC_NODE);
        end_frame(w);
    }
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    b->next = w->e->spare;
    w->e->spare = b;
}

/* Those still open, the oldest first. */
static void end_blocks(struct writing *w)
{
    while (w->e->open) {
        struct lg_bc_block *first = w->e->open;

        while (first->next)
            first = first->next;
        end_block(w, first, NULL);
    }
}

/* ---- the message ------------------------------------------------------------------ */

static void write_start(struct writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_extra *extra = ev->u.head->extra;

    if (w->e->started)
        return;
    w->e->started = 1;
    begin_frame(w, "messageStart");
    lg_put(&w->w, "{");
    if (!w->w.own || !lg_extra_has(extra, LG_BC_MESSAGE))
        lg_put(&w->w, "'role':'assistant'");
    lg_put(&w->w, "%x,%x}", extra, LG_BC_MESSAGE, ev->extra, LG_BC_NODE);
    end_frame(w);
    lg_put_lose_extras(&w->w, extra);
}

static void add_usage(struct writing *w, const struct lg_ir_usage *usage)
{
    struct lg_ir_usage *to = &w->e->usage, counts = *usage;

    if (!w->e->has_usage)
        *to = LG_USAGE_NONE;
    w->e->has_usage = 1;
    if (!w->w.own) /* the raw object is the origin's, and dies with its frame */
        counts.raw = lg_ir_none;
    lg_writer_fail(&w->w, lg_usage_merge(to, &counts, w->w.c->keep));
}

static void write_metadata(struct writing *w, const struct lg_ir_extra *extra)
{
    begin_frame(w, "metadata");
    lg_put(&w->w, "{");
    if (!w->w.own || w->e->has_usage)
        lg_bc_write_usage(&w->w,
                          w->e->has_usage ? &w->e->usage : &LG_USAGE_NONE);
    if (!w->w.own)
        lg_put(&w->w, "'metrics':{'latencyMs':0}");
    lg_put(&w->w, "%x}", extra, LG_BC_META);
    end_frame(w);
    w->e->told_usage = 1;
}

/* Calls are told as calls and a refusal as a refusal, whatever the origin says
 * why it stopped. */
static enum lg_stop kind_of(const struct writing *w,
                            const struct lg_ir_stop *stop)
{
    if (w->e->refused)
        return LG_STOP_REFUSAL;
    return w->e->calls && stop->kind == LG_STOP_END ? LG_STOP_TOOL
                                                    : (enum lg_stop)stop->kind;
}

static void write_stop(struct writing *w, const struct lg_ir_stop *stop)
{
    if (w->e->stopped)
        return;
    w->e->stopped = 1;
    end_blocks(w);
    begin_frame(w, "messageStop");
    lg_put(&w->w, "{");
    lg_bc_write_stop(&w->w, stop, kind_of(w, stop));
    lg_put(&w->w, "%x}", w->w.own ? stop->extra : NULL, LG_BC_NODE);
    end_frame(w);
    if (w->w.own && (w->e->has_usage || lg_extra_has(stop->extra, LG_BC_META)))
        write_metadata(w, stop->extra);
}

static void write_end(struct writing *w)
{
    const struct lg_ir_stop unsaid = {.kind = LG_STOP_END};

    write_stop(w, &unsaid);
    if (!w->e->told_usage)
        write_metadata(w, NULL);
    w->e->over = 1;
}

static void write_error(struct writing *w, const struct lg_ir_error *error)
{
    const struct lg_str name = w->w.own && error->type.s.n
                                   ? error->type.s
                                   : lg_str_of(lg_bc_exception(error));

    w->mark = lg_eventstream_begin(&w->out->bytes, LG_FRAME_EXCEPTION, name);
    lg_put(&w->w, "{");
    lg_bc_write_error(&w->w, error);
    lg_put(&w->w, "}");
    end_frame(w);
    w->e->over = 1;
}

static void write_opaque(struct writing *w, const struct lg_ir_event *ev)
{
    if (!w->w.own) {
        lg_put_lose(&w->w, LG_NOWHERE, LG_DROPPED,
                    "an event that has no counterpart in " LG_BC_NAME);
        return;
    }
    w->mark = lg_eventstream_begin(&w->out->bytes, LG_FRAME_EVENT, ev->name);
    lg_ir_write(&w->w.jw, ev->u.val);
    end_frame(w);
}

/* ---- any ------------------------------------------------------------------------------ */

static void write_any(struct writing *w, const struct lg_ir_event *ev)
{
    struct lg_bc_block *b;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        write_start(w, ev);
        break;
    case LG_EV_PART:
        write_part(w, ev);
        break;
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
        write_piece(w, ev);
        break;
    case LG_EV_SIGNATURE:
        write_own(w, ev, is_ours(w, ev->u.blob), &ev->u.blob->val,
                  "a signature of another format");
        break;
    case LG_EV_CITATION:
        write_own(w, ev, w->w.own, ev->u.val, "citations of another format");
        break;
    case LG_EV_PART_END:
        b = find(w->e, ev->index);
        if (b)
            end_block(w, b, ev->extra);
        break;
    case LG_EV_STOP:
        write_stop(w, ev->u.stop);
        break;
    case LG_EV_USAGE:
        add_usage(w, ev->u.usage);
        break;
    case LG_EV_END:
        write_end(w);
        break;
    case LG_EV_PING:
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
static void begin(struct writing *w, const struct lg_ir_event *ev)
{
    const struct lg_ir_head nobody = {.extra = NULL};
    const struct lg_ir_event start = {.kind = LG_EV_START, .u.head = &nobody};

    if (ev->kind != LG_EV_START && ev->kind != LG_EV_PING &&
        ev->kind != LG_EV_ERROR && ev->kind != LG_EV_OPAQUE &&
        ev->kind != LG_EV_USAGE)
        write_start(w, &start);
}

int lg_bc_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames)
{
    struct lg_bc_encoder *e = enc;
    /* Events have no origin; extras are kept where it is this format. */
    struct writing w = {
        .w = lg_writer_of(c, c->keep_extras ? c->self : NULL, &frames->bytes),
        .e = e,
        .out = frames};

    if (e->over)
        return 0;
    if (ev->choice) {
        if (!e->told_choice)
            lg_put_lose(&w.w, LG_NOWHERE, LG_DROPPED,
                        "an answer is one choice in " LG_BC_NAME);
        e->told_choice = 1;
        return w.w.rc;
    }
    begin(&w, ev);
    write_any(&w, ev);
    return lg_writer_end(&w.w);
}
