/* SPDX-License-Identifier: MIT
 *
 * The blocks of a stream, written. */
#include "lib/format/anthropic_messages_encode.h"

#include <stdio.h>

#include "lib/format/turn.h"
#include "lib/json/text.h"

struct lg_am_block *lg_am_find_block(const struct lg_am_encoder *e,
                                     int32_t index)
{
    struct lg_am_block *b = e->open;

    while (b && (b->index != index || b->ended))
        b = b->next;
    return b;
}

/* In the order of enum lg_part_kind, and counted from 1: the type of a block,
 * that of its deltas, the member of those that is added to it. Behind them what
 * else a delta can be. */
enum {
    D_SIGNATURE = LG_PART_OPAQUE + 2,
    D_CITATION
};
static const char types[] =
    "text - - - tool_use - thinking redacted_thinking text -";
static const char delta_types[] = "text_delta - - - input_json_delta - "
                                  "thinking_delta - text_delta "
                                  "input_json_delta signature_delta "
                                  "citations_delta";
static const char members[] =
    "text - - - partial_json - thinking - text partial_json "
    "signature citation";
static const uint8_t pieces[] = {
    [LG_PART_TEXT] = LG_EV_TEXT,         [LG_PART_REFUSAL] = LG_EV_REFUSAL,
    [LG_PART_THINKING] = LG_EV_THINKING, [LG_PART_TOOL_CALL] = LG_EV_INPUT,
    [LG_PART_OPAQUE] = LG_EV_INPUT,      [LG_PART_REDACTED] = LG_EV_PART_END,
};

/* What stands in a block as it opens. */
static const char *opening_of(unsigned kind)
{
    if (kind == LG_PART_THINKING)
        return "'thinking':'','signature':''";
    if (kind == LG_PART_TOOL_CALL)
        return "'input':{}";
    return kind == LG_PART_REDACTED ? "" : "'text':''";
}

static void add_prefix(struct lg_am_block *b)
{
    const struct lg_str type = lg_word_at(delta_types, b->kind + 1u);
    const struct lg_str member = lg_word_at(members, b->kind + 1u);

    if (!type.p)
        return;
    b->prefix_n = (uint8_t)snprintf(
        b->prefix, sizeof(b->prefix),
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
        "\"index\":%ld,\"delta\":{\"type\":\"%.*s\",\"%.*s\":\"",
        (long)b->wire, (int)type.n, type.p, (int)member.n, member.p);
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
    struct lg_am_encoder *e = w->e;
    struct lg_am_block *b = lg_arena_new(w->a.w.c->keep, struct lg_am_block);

    if (!b) {
        w->a.w.rc = lg_no_keep(w->a.w.c);
        return NULL;
    }
    b->index = ev->index;
    b->wire = e->wire++;
    b->kind = ev->u.part->kind;
    b->custom = ev->u.part->custom;
    b->piece = pieces[b->kind];
    b->last = &b->first;
    add_prefix(b);
    if (w->a.w.own)
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
    const int calls = p->kind == LG_PART_TOOL_CALL;
    struct lg_writer *to = &w->a.w;
    struct lg_ir_val id = p->id;

    if (p->kind == LG_PART_OPAQUE) {
        lg_ir_write(&to->jw, &p->json);
        return;
    }
    if (!to->own && calls && !lg_ir_has(&id))
        id = lg_ir_word(lg_reason(to->c, "toolu_%d", w->e->calls));
    lg_put(to, "{'type':%w", types, p->kind + 1u);
    if (calls)
        lg_put(to, "'id':%v,'name':%v", &id, &p->name);
    if (p->kind == LG_PART_REDACTED)
        lg_put(to, "'data':%v", &p->blob.val);
    lg_put(to, "'citations':%v,%x", to->own ? &p->citations : &lg_ir_none,
           p->extra, LG_AM_NODE);
    if (to->own && lg_extra_has(p->extra, LG_AM_OPENING))
        lg_put(to, "%x", p->extra, LG_AM_OPENING);
    else
        lg_put(to, opening_of(p->kind));
    lg_put(to, "}");
}

static void add_piece(struct lg_am_writing *w, struct lg_am_block *b,
                      struct lg_str piece)
{
    struct lg_buf *out = &w->out->bytes;

    w->mark = out->n;
    lg_buf_add(out, b->prefix, b->prefix_n);
    lg_buf_str(out, piece);
    lg_buf_lit(out, LG_AM_TAIL);
    lg_am_frame_done(w, b);
}

/* The event of a block, up to what it holds. */
static void begin_block(struct lg_am_writing *w, const struct lg_am_block *b,
                        const char *name, const struct lg_ir_extra *extra)
{
    lg_am_begin_frame(w, name);
    lg_put(&w->a.w, "'index':%d,%x", (int64_t)b->wire, extra, LG_AM_NODE);
}

void lg_am_write_part(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b;

    if (lg_am_find_block(w->e, ev->index) ||
        !lg_is_sayable(&w->a.w, ev->u.part))
        return;
    b = add_block(w, ev);
    if (!b)
        return;
    w->e->calls += b->kind == LG_PART_TOOL_CALL;
    w->e->refused |= b->kind == LG_PART_REFUSAL;
    begin_block(w, b, "content_block_start", ev->extra);
    lg_put(&w->a.w, "'content_block':");
    write_opening(w, ev->u.part);
    lg_am_end_frame(w, b);
    if (b->custom)
        add_piece(w, b, LG_STR("{\\\"input\\\":\\\""));
}

/* Custom text: a string body that becomes one within a string. */
static void write_custom(struct lg_am_writing *w, struct lg_am_block *b,
                         struct lg_str text)
{
    struct lg_str escaped;
    const int rc = lg_escaped(w->a.w.c, text, &escaped);

    lg_writer_fail(&w->a.w, rc);
    add_piece(w, b, escaped);
}

/* The event of a block, of which it is known what its delta holds. */
static void write_delta(struct lg_am_writing *w, struct lg_am_block *b,
                        const struct lg_ir_event *ev, unsigned delta,
                        const struct lg_ir_val *leaf)
{
    begin_block(w, b, "content_block_delta", ev->extra);
    lg_put(&w->a.w, "'delta':{'type':%w,%w:%v,%x}", delta_types, delta, members,
           delta, leaf, ev->extra, LG_AM_DELTA);
    lg_am_end_frame(w, b);
}

void lg_am_write_piece(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);
    const struct lg_ir_val leaf = {ev->text, LG_NOWHERE, LG_JSON_STRING, 0};

    if (!b || b->piece != ev->kind || (!ev->text.n && !w->a.w.own))
        return;
    if (b->skip) {
        b->skip = 0;
        b->fast = !b->custom;
    } else if (b->custom) {
        write_custom(w, b, ev->text);
    } else if (ev->extra && w->a.w.own) {
        write_delta(w, b, ev, b->kind + 1u, &leaf);
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
        write_delta(w, b, ev, D_SIGNATURE, &blob->val);
    else
        lg_put_lose(&w->a.w, LG_NOWHERE, LG_DROPPED,
                    "a signature of another format");
}

void lg_am_write_citation(struct lg_am_writing *w, const struct lg_ir_event *ev)
{
    struct lg_am_block *b = lg_am_find_block(w->e, ev->index);

    if (b && w->a.w.own)
        write_delta(w, b, ev, D_CITATION, ev->u.val);
    else
        lg_put_lose(&w->a.w, LG_NOWHERE, LG_DROPPED,
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
    if (b->custom)
        add_piece(w, b, LG_STR("\\\"}"));
    begin_block(w, b, "content_block_stop", extra);
    lg_am_end_frame(w, b);
    b->ended = 1;
    take_turns(w);
}
