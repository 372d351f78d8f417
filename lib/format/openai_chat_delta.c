/* SPDX-License-Identifier: MIT
 *
 * A delta read: pieces of text and thinking, and the parts they open and
 * close. */
#include "lib/format/openai_chat_decode.h"

enum {
    F_CONTENT,
    F_REFUSAL,
    F_REASONING_CONTENT,
    F_REASONING,
    F_DETAILS,
    F_BLOCKS,
    F_CALLS,
    F_FUNCTION,
    F_ANNOTATIONS,
    F_COUNT
};
static const char *const fields[F_COUNT] = {
    "content",    "refusal",           "reasoning_content",
    "reasoning",  "reasoning_details", "thinking_blocks",
    "tool_calls", "function_call",     "annotations"};

/* ---- parts -------------------------------------------------------------- */

int lg_chat_close_text(struct lg_chat_run *r)
{
    const int32_t open = r->ch->open;

    r->ch->open = -1;
    return open < 0 ? 0 : lg_chat_put_part(r, LG_EV_PART_END, open, NULL);
}

/* Make the open part one of this kind and form. */
static int open_text(struct lg_chat_run *r, const struct lg_ir_part *like)
{
    struct lg_chat_choice *ch = r->ch;
    struct lg_ir_part part = {
        .tok = LG_NOWHERE, .kind = like->kind, .form = like->form};
    int rc = lg_chat_start(r);

    if (ch->open >= 0 && ch->kind == like->kind && ch->form == like->form)
        return rc;
    if (rc >= 0)
        rc = lg_chat_close_text(r);
    if (rc < 0)
        return rc;
    if (r->c->keep_extras)
        part.extra = like->extra;
    ch->kind = like->kind;
    ch->form = like->form;
    ch->open = ch->parts++;
    if (like->kind == LG_PART_TEXT)
        ch->text = ch->open;
    return lg_chat_put_part(r, LG_EV_PART, ch->open, &part);
}

struct lg_ir_extra *lg_chat_behind(struct lg_chat_run *r, struct lg_ir_extra *x,
                                   struct lg_ir_extra *rest)
{
    struct lg_ir_extra **end = &x;

    if (!r->c->keep_extras)
        return NULL;
    while (*end && *end != rest)
        end = &(*end)->next;
    *end = rest;
    return x;
}

/* A piece of the text-like part `like`. */
static int put_piece(struct lg_chat_run *r, const struct lg_ir_part *like,
                     struct lg_ir_extra *extra)
{
    static const uint8_t kinds[] = {[LG_PART_TEXT] = LG_EV_TEXT,
                                    [LG_PART_THINKING] = LG_EV_THINKING,
                                    [LG_PART_REFUSAL] = LG_EV_REFUSAL};
    const int rc = open_text(r, like);

    if (like->kind == LG_PART_REFUSAL)
        r->ch->refused = 1;
    return rc < 0 ? rc
                  : lg_chat_piece(r, (enum lg_event_kind)kinds[like->kind],
                                  r->ch->open, like->text.s,
                                  lg_chat_behind(r, like->extra, extra));
}

/* A part that is whole at once. */
static int put_whole(struct lg_chat_run *r, struct lg_ir_part *part,
                     struct lg_ir_extra *extra)
{
    const int32_t index = r->ch->parts++;
    int rc = lg_chat_start(r);

    if (rc >= 0)
        rc = lg_chat_close_text(r);
    if (!r->c->keep_extras)
        part->extra = NULL;
    if (rc >= 0)
        rc = lg_chat_unit(r, LG_EV_PART, index, part,
                          lg_chat_behind(r, part->extra, extra));
    return rc < 0 ? rc : lg_chat_put_part(r, LG_EV_PART_END, index, NULL);
}

static int read_string(struct lg_chat_run *r, struct lg_val v, uint8_t kind,
                       uint8_t form, struct lg_ir_extra *extra)
{
    const struct lg_ir_part like = {
        .kind = kind, .form = form, .text = lg_ir_of(v)};

    return put_piece(r, &like, extra);
}

/* Mistral's: parts in a delta. */
static int read_content(struct lg_chat_run *r, struct lg_val v,
                        struct lg_ir_extra *extra)
{
    struct lg_ir_part *parts = NULL, **end = &parts;
    uint8_t form = 0;
    int rc = lg_chat_content_read(r->c, v, &end, &form);

    for (struct lg_ir_part *p = parts; p && rc >= 0; p = p->next) {
        if (p->kind != LG_PART_TEXT && p->kind != LG_PART_THINKING)
            rc = put_whole(r, p, extra);
        else if (p->text.s.n)
            rc = put_piece(r, p, extra);
    }
    return rc;
}

/* ---- thinking ----------------------------------------------------------- */

/* How an item is tagged belongs to the chunk. */
static int keep_tags(struct lg_chat_run *r, struct lg_val v,
                     struct lg_ir_part *p)
{
    if (p->kind == LG_PART_OPAQUE)
        return 0;
    p->name = p->id = (struct lg_ir_val){0};
    return r->c->keep_extras
               ? lg_extra_pick(r->c, &p->extra, v, "format index", LG_CHAT_SELF)
               : 0;
}

/* An item of another index is another part. A signature alone belongs to the
 * thinking that is open, however that was spelled. */
static int read_item(struct lg_chat_run *r, struct lg_val v, uint8_t in,
                     struct lg_ir_extra *extra)
{
    struct lg_ir_part p = {0};
    int64_t index = 0;
    int rc = lg_chat_detail_read(r->c, v, in, &p);

    if (rc >= 0)
        rc = keep_tags(r, v, &p);
    if (rc < 0)
        return rc;
    if (p.kind != LG_PART_THINKING)
        return put_whole(r, &p, extra);
    if (!lg_val_int(lg_val_get(v, "index"), &index) && index != r->ch->detail) {
        r->ch->detail = index;
        r->changed = 1;
        if (r->ch->kind == LG_PART_THINKING && p.text.s.n)
            rc = lg_chat_close_text(r);
    }
    if (rc >= 0 && p.text.s.n) {
        rc = put_piece(r, &p, extra);
    }
    if (rc < 0 || !p.blob.val.s.n)
        return rc;
    if (r->ch->open < 0 || r->ch->kind != LG_PART_THINKING)
        rc = open_text(r, &p);
    return rc < 0 ? rc
                  : lg_chat_unit(r, LG_EV_SIGNATURE, r->ch->open, &p.blob,
                                 lg_chat_behind(r, p.extra, extra));
}

static int read_items(struct lg_chat_run *r, struct lg_val list, uint8_t in,
                      struct lg_ir_extra *extra)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it))
        if (lg_val_kind(it.val) == LG_JSON_OBJECT)
            rc = read_item(r, it.val, in, extra);
    return rc;
}

static int has_text(struct lg_val list)
{
    static const char *const names[] = {"text", "summary", "thinking"};
    struct lg_iter it = lg_iter_of(list);

    while (lg_iter_next(&it))
        for (size_t i = 0; i < LG_COUNT(names); i++)
            if (lg_val_body(lg_val_get(it.val, names[i])).n)
                return 1;
    return 0;
}

/* ---- the delta ---------------------------------------------------------- */

static int read_annotations(struct lg_chat_run *r, struct lg_val list,
                            struct lg_ir_extra *extra)
{
    const struct lg_ir_part like = {.kind = LG_PART_TEXT, .form = LG_FORM_BARE};
    struct lg_iter it = lg_iter_of(list);
    int rc = r->ch->text < 0 ? open_text(r, &like) : 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        rc = lg_chat_unit(r, LG_EV_CITATION, r->ch->text, &val, extra);
    }
    return rc;
}

static int is_list(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_ARRAY && lg_val_tok(v)->next > v.i + 1;
}

/* Has the member its shape, and something in it? */
static int says(int i, struct lg_val v)
{
    switch (i) {
    case F_CONTENT:
        return lg_val_body(v).n || is_list(v);
    case F_REFUSAL:
    case F_REASONING_CONTENT:
    case F_REASONING:
        return lg_val_body(v).n != 0;
    case F_FUNCTION:
        return lg_val_kind(v) == LG_JSON_OBJECT;
    default:
        return is_list(v);
    }
}

/* Which members say something. Thinking that is told twice is read once. */
static unsigned used_of(const struct lg_val *f)
{
    const int items = is_list(f[F_DETAILS]) ? F_DETAILS : F_BLOCKS;
    unsigned used = 0;

    for (int i = 0; i < F_COUNT; i++)
        if (says(i, f[i]))
            used |= 1u << i;
    used &= ~(1u << (items == F_DETAILS ? F_BLOCKS : F_DETAILS));
    if (has_text(f[items]))
        used &= ~(1u << F_REASONING_CONTENT | 1u << F_REASONING);
    if (used & 1u << F_REASONING_CONTENT)
        used &= ~(1u << F_REASONING);
    return used;
}

static int read_member(struct lg_chat_run *r, int i, struct lg_val v,
                       struct lg_ir_extra *extra)
{
    switch (i) {
    case F_DETAILS:
        return read_items(r, v, LG_CHAT_IN_DETAILS, extra);
    case F_BLOCKS:
        return read_items(r, v, LG_CHAT_IN_BLOCKS, extra);
    case F_REASONING_CONTENT:
        return read_string(r, v, LG_PART_THINKING, LG_CHAT_IN_FIELD, extra);
    case F_REASONING:
        return read_string(r, v, LG_PART_THINKING,
                           LG_CHAT_IN_FIELD | LG_FORM_OLD, extra);
    case F_CONTENT:
        if (lg_val_kind(v) == LG_JSON_ARRAY)
            return read_content(r, v, extra);
        return read_string(r, v, LG_PART_TEXT, LG_FORM_BARE, extra);
    case F_REFUSAL:
        return read_string(r, v, LG_PART_REFUSAL, LG_CHAT_IN_FIELD, extra);
    case F_CALLS:
        return lg_chat_read_calls(r, v, extra);
    case F_FUNCTION:
        return lg_chat_read_function_call(r, v, extra);
    default:
        return read_annotations(r, v, extra);
    }
}

int lg_chat_read_delta(struct lg_chat_run *r, struct lg_val delta,
                       struct lg_ir_extra *extra)
{
    static const uint8_t order[F_COUNT] = {
        F_REASONING_CONTENT, F_REASONING, F_DETAILS,  F_BLOCKS,     F_CONTENT,
        F_REFUSAL,           F_CALLS,     F_FUNCTION, F_ANNOTATIONS};
    const char *names[F_COUNT];
    struct lg_val f[F_COUNT], rest[F_COUNT];
    struct lg_ir_extra *own = NULL;
    unsigned used;
    size_t n = 0;
    int rc = lg_val_members(delta, fields, F_COUNT, f, NULL, NULL, r->c->err);

    if (rc)
        return rc;
    used = used_of(f);
    for (int i = 0; i < F_COUNT; i++)
        if (used & 1u << i)
            names[n++] = fields[i];
    if (r->c->keep_extras)
        rc = lg_fields(r->c, delta, names, n, rest, &own, LG_CHAT_MESSAGE);
    own = lg_chat_behind(r, own, extra);
    for (int i = 0; i < F_COUNT && rc >= 0; i++)
        if (used & 1u << order[i])
            rc = read_member(r, order[i], f[order[i]], own);
    return rc;
}
