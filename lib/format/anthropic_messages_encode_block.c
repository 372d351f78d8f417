/* SPDX-License-Identifier: MIT
 *
 * The blocks of a stream, written. */
#include "lib/format/anthropic_messages_encode.h"

#include <stdio.h>

#include "lib/json/text.h"

static void key_index(struct lg_am_writing *w, const struct lg_am_block *b)
{
    lg_jw_key(&w->a.w, "index");
    lg_jw_int(&w->a.w, b->wire);
}

struct lg_am_block *lg_am_find_block(const struct lg_am_encoder *e,
                                     int32_t index)
{
    struct lg_am_block *b = e->open;

    while (b && (b->index != index || b->ended))
        b = b->next;
    return b;
}

static const struct shape {
    const char *type, *opening; /* what stands in the block as it opens */
    const char *delta, *member;
    enum lg_event_kind piece;
} shapes[] = {
    [LG_PART_TEXT] = {"text", "\"text\":\"\"", "text_delta", "text",
                      LG_EV_TEXT},
    [LG_PART_REFUSAL] = {"text", "\"text\":\"\"", "text_delta", "text",
                         LG_EV_REFUSAL},
    [LG_PART_THINKING] = {"thinking", "\"thinking\":\"\",\"signature\":\"\"",
                          "thinking_delta", "thinking", LG_EV_THINKING},
    [LG_PART_TOOL_CALL] = {"tool_use", "\"input\":{}", "input_json_delta",
                           "partial_json", LG_EV_INPUT},
    [LG_PART_OPAQUE] = {NULL, NULL, "input_json_delta", "partial_json",
                        LG_EV_INPUT},
    [LG_PART_REDACTED] = {"redacted_thinking", NULL, NULL, NULL,
                          LG_EV_PART_END},
};

/* Can the part stand in an answer of this format? */
static int is_sayable(struct lg_am_writing *w, const struct lg_ir_part *p)
{
    const char *origin = p->blob.origin;

    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
    case LG_PART_THINKING:
    case LG_PART_TOOL_CALL:
        return 1;
    case LG_PART_REDACTED:
        if (w->a.own || (origin && !strcmp(origin, LG_AM_NAME)))
            return 1;
        break;
    case LG_PART_OPAQUE:
        if (w->a.own)
            return 1;
        break;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
        break;
    }
    lg_am_lose(&w->a, p->tok, LG_DROPPED,
               "a part that has no counterpart in " LG_AM_NAME);
    return 0;
}

static void add_prefix(struct lg_am_block *b, const struct shape *shape)
{
    const int n = snprintf(
        b->prefix, sizeof(b->prefix),
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
        "\"index\":%ld,\"delta\":{\"type\":\"%s\",\"%s\":\"",
        (long)b->wire, shape->delta, shape->member);

    b->prefix_n = (uint8_t)n;
    b->fast = !b->custom;
}

/* What the opening said already is not said again. */
static void look_at_opening(struct lg_am_block *b, const struct lg_ir_extra *x)
{
    for (; x; x = x->next) {
        const int said = x->val.kind == LG_JSON_STRING
                             ? x->val.s.n > 0
                             : lg_ir_has(&x->val) && !lg_str_is(x->val.s, "{}");

        if (x->level != LG_AM_OPENING || !said)
            continue;
        if (lg_str_is(x->key, "signature"))
            b->skip_blob = 1;
        else
            b->skip = 1;
    }
}

static struct lg_am_block *add_block(struct lg_am_writing *w,
                                     const struct lg_ir_event *ev)
{
    const struct shape *shape = &shapes[ev->u.part->kind];
    struct lg_am_encoder *e = w->e;
    struct lg_am_block *b = lg_arena_new(w->a.c->keep, struct lg_am_block);

    if (!b) {
        w->a.rc = lg_fail_mem(w->a.c->err, w->a.c->keep->err);
        return NULL;
    }
    b->index = ev->index;
    b->wire = e->wire++;
    b->kind = ev->u.part->kind;
    b->custom = ev->u.part->custom;
    b->piece = (uint8_t)shape->piece;
    b->last = &b->first;
    if (shape->delta)
        add_prefix(b, shape);
    if (w->a.own)
        look_at_opening(b, ev->u.part->extra);
    b->fast = b->fast && !b->skip;
    if (!e->open)
        e->last = &e->open;
    *e->last = b;
    e->last = &b->next;
    return b;
}

static void write_opening(struct lg_am_writing *w, const struct lg_ir_part *p)
{
    const struct shape *shape = &shapes[p->kind];
    const struct lg_ir_val id =
        lg_ir_word(lg_ir_has(&p->id) || p->kind != LG_PART_TOOL_CALL
                       ? ""
                       : lg_reason(w->a.c, "toolu_%d", w->e->calls));

    if (p->kind == LG_PART_OPAQUE) {
        lg_ir_write(&w->a.w, &p->json);
        return;
    }
    lg_jw_obj(&w->a.w);
    lg_jw_key(&w->a.w, "type");
    lg_jw_text(&w->a.w, lg_str_of(shape->type));
    if (p->kind == LG_PART_TOOL_CALL) {
        lg_ir_member(&w->a.w, "id",
                     w->a.own || lg_ir_has(&p->id) ? &p->id : &id);
        lg_ir_member(&w->a.w, "name", &p->name);
    }
    if (p->kind == LG_PART_REDACTED)
        lg_ir_member(&w->a.w, "data", &p->blob.val);
    if (w->a.own)
        lg_ir_member(&w->a.w, "citations", &p->citations);
    lg_am_extras(&w->a, p->extra, LG_AM_NODE);
    if (w->a.own && lg_am_has_level(p->extra, LG_AM_OPENING))
        lg_am_extras(&w->a, p->extra, LG_AM_OPENING);
    else if (shape->opening)
        lg_jw_raw(&w->a.w, lg_str_of(shape->opening));
    lg_jw_obj_end(&w->a.w);
}

static void add_piece(struct lg_am_writing *w, struct lg_am_block *b,
                      struct lg_str piece)
{
    const size_t mark = w->out->bytes.n;

    lg_buf_add(&w->out->bytes, b->prefix, b->prefix_n);
    lg_buf_str(&w->out->bytes, piece);
    lg_buf_lit(&w->out->bytes, LG_AM_TAIL);
    lg_am_frame_done(w, b, mark);
}

void lg_am_write_part(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    const size_t mark = w->out->bytes.n;
    struct lg_am_block *b;

    if (lg_am_find_block(w->e, ev->index) || !is_sayable(w, ev->u.part))
        return;
    b = add_block(w, ev);
    if (!b)
        return;
    w->e->calls += b->kind == LG_PART_TOOL_CALL;
    w->e->refused |= b->kind == LG_PART_REFUSAL;
    lg_am_begin_frame(w, LG_STR("content_block_start"));
    key_index(w, b);
    lg_am_extras(&w->a, ev->extra, LG_AM_NODE);
    lg_jw_key(&w->a.w, "content_block");
    write_opening(w, ev->u.part);
    lg_am_end_frame(w);
    lg_am_frame_done(w, b, mark);
    if (b->custom)
        add_piece(w, b, LG_STR("{\\\"input\\\":\\\""));
}

/* Custom text: a string body that becomes one within a string. */
static void write_custom(struct lg_am_writing *w, struct lg_am_block *b,
                         struct lg_str text)
{
    const size_t mark = w->out->bytes.n;

    lg_buf_add(&w->out->bytes, b->prefix, b->prefix_n);
    (void)lg_json_escape(&w->out->bytes, text);
    lg_buf_lit(&w->out->bytes, LG_AM_TAIL);
    lg_am_frame_done(w, b, mark);
}

/* The event of a block, of which it is known what its delta holds. */
static void write_delta(struct lg_am_writing *w, struct lg_am_block *b,
                        const struct lg_ir_event *ev, const char *type,
                        const char *member, const struct lg_ir_val *leaf)
{
    const size_t mark = w->out->bytes.n;

    lg_am_begin_frame(w, LG_STR("content_block_delta"));
    key_index(w, b);
    lg_am_extras(&w->a, ev->extra, LG_AM_NODE);
    lg_jw_key(&w->a.w, "delta");
    lg_jw_obj(&w->a.w);
    lg_jw_key(&w->a.w, "type");
    lg_jw_text(&w->a.w, lg_str_of(type));
    lg_ir_member(&w->a.w, member, leaf);
    lg_am_extras(&w->a, ev->extra, LG_AM_DELTA);
    lg_jw_obj_end(&w->a.w);
    lg_am_end_frame(w);
    lg_am_frame_done(w, b, mark);
}

void lg_am_write_piece(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);
    const struct lg_ir_val leaf = {ev->text, LG_NOWHERE, LG_JSON_STRING, 0};

    if (!b || b->piece != ev->kind || (!ev->text.n && !w->a.own))
        return;
    if (b->skip) {
        b->skip = 0;
        b->fast = !b->custom;
    } else if (b->custom) {
        write_custom(w, b, ev->text);
    } else if (ev->extra && w->a.own) {
        const struct shape *shape = &shapes[b->kind];

        write_delta(w, b, ev, shape->delta, shape->member, &leaf);
    } else {
        add_piece(w, b, ev->text);
    }
}

void lg_am_write_signature(struct lg_am_writing *w,
                           const struct lg_ir_event *ev)
{
    const struct lg_ir_blob *blob = ev->u.blob;
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);

    if (!b || b->kind != LG_PART_THINKING || !lg_ir_has(&blob->val))
        return;
    if (b->skip_blob)
        b->skip_blob = 0;
    else if (blob->origin && !strcmp(blob->origin, LG_AM_NAME))
        write_delta(w, b, ev, "signature_delta", "signature", &blob->val);
    else
        lg_am_lose(&w->a, LG_NOWHERE, LG_DROPPED,
                   "a signature of another format");
}

void lg_am_write_citation(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);

    if (b && w->a.own)
        write_delta(w, b, ev, "citations_delta", "citation", ev->u.val);
    else
        lg_am_lose(&w->a, LG_NOWHERE, LG_DROPPED,
                   "citations of another format");
}

/* The block that is written has ended: the next ones have their turn. */
static void take_turns(struct lg_am_writing *w)
{
    struct lg_am_encoder *e = w->e;

    while (e->open && e->open->ended) {
        e->open = e->open->next;
        if (!e->open)
            break;
        for (const struct lg_am_waiting *x = e->open->first; x; x = x->next) {
            lg_buf_str(&w->out->bytes, x->frame);
            lg_frame_done(w->out);
        }
    }
}

void lg_am_end_block(struct lg_am_writing *w, struct lg_am_block *b,
                     const struct lg_ir_extra *extra)
{
    size_t mark;

    if (b->custom)
        add_piece(w, b, LG_STR("\\\"}"));
    mark = w->out->bytes.n;
    lg_am_begin_frame(w, LG_STR("content_block_stop"));
    key_index(w, b);
    lg_am_extras(&w->a, extra, LG_AM_NODE);
    lg_am_end_frame(w);
    lg_am_frame_done(w, b, mark);
    b->ended = 1;
    take_turns(w);
}
