/* SPDX-License-Identifier: MIT
 *
 * A delta read: pieces of text, thinking and calls, and the parts they open
 * and close. */
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

/* Each is looked for among all. */
#define CALLS_MAX 4096
#define OLD_CALL  (-2) /* where the deprecated function_call is kept */

/* ---- parts -------------------------------------------------------------- */

static int put_part(struct lg_chat_run *r, enum lg_event_kind kind,
                    int32_t index, const struct lg_ir_part *part)
{
    const struct lg_ir_event ev = {.kind = (uint8_t)kind,
                                   .choice = r->ch->index,
                                   .index = index,
                                   .u.part = part};

    return lg_chat_put(r, &ev);
}

static int close_text(struct lg_chat_run *r)
{
    const int32_t open = r->ch->open;

    r->ch->open = -1;
    return open < 0 ? 0 : put_part(r, LG_EV_PART_END, open, NULL);
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
        rc = close_text(r);
    if (rc < 0)
        return rc;
    if (r->c->keep_extras)
        part.extra = like->extra;
    ch->kind = like->kind;
    ch->form = like->form;
    ch->open = ch->parts++;
    if (like->kind == LG_PART_TEXT)
        ch->text = ch->open;
    return put_part(r, LG_EV_PART, ch->open, &part);
}

/* What the chunk has beside an item, behind what the item has. */
static struct lg_ir_extra *behind(struct lg_chat_run *r, struct lg_ir_extra *x,
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
    struct lg_ir_event ev = {.kind = kinds[like->kind], .text = like->text.s};
    const int rc = open_text(r, like);

    ev.index = r->ch->open;
    if (like->kind == LG_PART_REFUSAL)
        r->ch->refused = 1;
    return rc < 0 ? rc : lg_chat_unit(r, ev, behind(r, like->extra, extra));
}

/* A part that is whole at once. */
static int put_whole(struct lg_chat_run *r, struct lg_ir_part *part,
                     struct lg_ir_extra *extra)
{
    struct lg_ir_event ev = {.kind = LG_EV_PART, .u.part = part};
    int rc = lg_chat_start(r);

    if (rc >= 0)
        rc = close_text(r);
    if (!r->c->keep_extras)
        part->extra = NULL;
    ev.index = r->ch->parts++;
    if (rc >= 0)
        rc = lg_chat_unit(r, ev, behind(r, part->extra, extra));
    return rc < 0 ? rc : put_part(r, LG_EV_PART_END, ev.index, NULL);
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

static int put_signature(struct lg_chat_run *r, const struct lg_ir_part *p,
                         struct lg_ir_extra *extra)
{
    const struct lg_ir_event ev = {
        .kind = LG_EV_SIGNATURE, .index = r->ch->open, .u.blob = &p->blob};

    return lg_chat_unit(r, ev, extra);
}

/* An item of another index is another part. A signature alone belongs to the
 * thinking that is open, however that was spelled. */
static int read_item(struct lg_chat_run *r, struct lg_val v, uint8_t in,
                     struct lg_ir_extra *extra)
{
    struct lg_ir_part p = {0};
    int64_t index = 0;
    int rc = lg_chat_detail_read(r->c, v, in, &p);

    if (rc < 0)
        return rc;
    if (p.kind != LG_PART_THINKING)
        return put_whole(r, &p, extra);
    if (!lg_val_int(lg_val_get(v, "index"), &index) && index != r->ch->detail) {
        r->ch->detail = index;
        r->changed = 1;
        if (r->ch->kind == LG_PART_THINKING && p.text.s.n)
            rc = close_text(r);
    }
    if (rc >= 0 && p.text.s.n) {
        rc = put_piece(r, &p, extra);
    }
    if (rc < 0 || !p.blob.val.s.n)
        return rc;
    if (r->ch->open < 0 || r->ch->kind != LG_PART_THINKING)
        rc = open_text(r, &p);
    return rc < 0 ? rc : put_signature(r, &p, behind(r, p.extra, extra));
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

/* ---- calls -------------------------------------------------------------- */

/* The call that a fragment belongs to: by index, and where two share one by
 * id; without an index by id, without either the one begun last. NULL: a new
 * one. */
static struct lg_chat_call *find_call(struct lg_chat_call *c, int64_t at,
                                      struct lg_str id, int is_named)
{
    struct lg_chat_call *newest = NULL;

    if (at == -1 && !id.n)
        return c && is_named && c->open ? NULL : c;
    for (; c; c = c->next) {
        if (at != -1 && c->at != at)
            continue;
        if (id.n && lg_str_same(c->id, id))
            return c;
        if (!newest && at != -1)
            newest = c;
    }
    return newest && id.n && newest->id.n ? NULL : newest;
}

static int dup_into(struct lg_chat_run *r, struct lg_str *to,
                    struct lg_str more)
{
    char *p = lg_arena_raw(r->c->keep, to->n + more.n + 1);

    if (!p)
        return lg_fail_mem(r->c->err, r->c->keep->err);
    if (to->n)
        memcpy(p, to->p, to->n);
    memcpy(p + to->n, more.p, more.n);
    *to = lg_str_from(p, to->n + more.n);
    r->changed = 1;
    return 0;
}

static struct lg_ir_val string_of(struct lg_str body)
{
    struct lg_ir_val v = {.tok = LG_NOWHERE};

    if (body.n) {
        v.s = body;
        v.kind = LG_JSON_STRING;
    }
    return v;
}

static int open_call(struct lg_chat_run *r, struct lg_chat_call *call,
                     struct lg_ir_extra *own, struct lg_ir_extra *unit)
{
    struct lg_ir_part part = {.tok = LG_NOWHERE,
                              .kind = LG_PART_TOOL_CALL,
                              .form = call->form,
                              .custom = call->custom,
                              .id = string_of(call->id),
                              .name = string_of(call->name),
                              .extra = own};
    struct lg_ir_event ev = {.kind = LG_EV_PART, .u.part = &part};
    int rc = lg_chat_start(r);

    call->open = 1;
    call->part = ev.index = r->ch->parts;
    if (rc >= 0 && !call->id.n && !r->c->keep_extras)
        rc = lg_chat_make_id(r->c, r->c->arena, r->d->id, r->ch->index,
                             (unsigned)call->part, &part.id);
    if (rc >= 0)
        rc = close_text(r);
    r->ch->parts++;
    if (rc < 0)
        return rc;
    return unit ? lg_chat_unit(r, ev, unit)
                : put_part(r, LG_EV_PART, ev.index, &part);
}

/* Those that waited for the rest of their name. */
static int open_held(struct lg_chat_run *r, const struct lg_chat_call *but)
{
    int rc = 0;

    for (struct lg_chat_call *c = r->ch->calls; c && rc >= 0; c = c->next)
        if (!c->open && c != but)
            rc = open_call(r, c, NULL, NULL);
    return rc;
}

static struct lg_chat_call *new_call(struct lg_chat_run *r, int64_t at)
{
    struct lg_chat_call *call = NULL;

    if (r->ch->ncalls == CALLS_MAX)
        (void)lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many calls");
    else if (!(call = lg_arena_new(r->c->keep, struct lg_chat_call)))
        (void)lg_fail_mem(r->c->err, r->c->keep->err);
    if (!call)
        return NULL;
    r->ch->ncalls++;
    call->at = at;
    call->next = r->ch->calls;
    r->ch->calls = call;
    r->changed = 1;
    return call;
}

/* One fragment. */
struct fragment {
    struct lg_val v, body; /* the item; its function or custom */
    struct lg_val id, type, name, input;
    int64_t at;
    int custom;
};

static int chain_call(struct lg_chat_run *r, const struct fragment *f, int has,
                      struct lg_ir_extra *rest, struct lg_ir_extra **own,
                      struct lg_ir_extra **unit)
{
    static const char *const known[] = {"function", "custom", "index", "id",
                                        "type"};
    static const char *const inner[] = {"arguments", "name"};
    static const char *const input[] = {"input", "name"};
    const char *const *const names = f->custom ? input : inner;
    struct lg_val got[5];
    int rc = 0;

    *own = *unit = NULL;
    if (!r->c->keep_extras)
        return 0;
    if (f->at != OLD_CALL) {
        rc = lg_fields(r->c, f->v, known, 5, got, own, LG_CHAT_SELF);
        if (!rc)
            rc = lg_fields(r->c, f->v, known, 2, got, unit, LG_CHAT_SELF);
    }
    if (!rc && f->body.doc) {
        rc = lg_fields(r->c, f->body, names, 2, got, own, LG_CHAT_INNER);
        if (!rc)
            rc = lg_fields(r->c, f->body, names, has ? 1 : 0, got, unit,
                           LG_CHAT_INNER);
    }
    *unit = behind(r, *unit, rest);
    return rc;
}

static int read_fragment(struct lg_chat_run *r, const struct fragment *f,
                         struct lg_ir_extra *rest)
{
    const struct lg_str id = lg_val_body(f->id), name = lg_val_body(f->name);
    struct lg_chat_call *call = find_call(r->ch->calls, f->at, id, name.n != 0);
    struct lg_ir_part like = {.custom = f->custom != 0};
    struct lg_ir_event ev = {.kind = LG_EV_INPUT};
    struct lg_ir_extra *own, *unit;
    const int is_new = !call;
    int rc = 0;

    if (is_new && !(call = new_call(r, f->at)))
        return r->ch->ncalls == CALLS_MAX ? LLMGW_E_LIMIT : r->c->keep->err;
    if (call->open == 2) /* it ended */
        return 0;
    if (is_new)
        rc = open_held(r, call);
    if (is_new) {
        call->custom = like.custom;
        call->form = LG_CHAT_IN_CALLS;
        if (f->at == OLD_CALL)
            call->form |= LG_FORM_OLD;
        else if (!f->type.doc)
            call->form |= LG_FORM_ABSENT;
    }
    if (!rc && id.n && !call->id.n)
        rc = dup_into(r, &call->id, id);
    if (!rc && name.n && !call->open && !lg_str_same(name, call->name))
        rc = dup_into(r, &call->name, name);
    like.text = like.json = lg_ir_of(f->input);
    like.json.in_string = like.json.kind == LG_JSON_STRING;
    if (rc >= 0)
        rc = lg_chat_input_of(r->c, &like, &ev.text);
    if (rc < 0)
        return rc;
    rc = chain_call(r, f, ev.text.n != 0, rest, &own, &unit);
    if (rc >= 0 && !call->open) {
        const int ready =
            ev.text.n ||
            (call->name.n && (r->c->keep_extras || lg_ir_has(&like.json)));
        if (!ready) {
            r->held = 1;
            return 0;
        }
        rc = open_call(r, call, own, ev.text.n ? NULL : unit);
    }
    ev.index = call->part;
    return rc < 0 || !ev.text.n ? rc : lg_chat_unit(r, ev, unit);
}

static int read_call(struct lg_chat_run *r, struct lg_val v,
                     struct lg_ir_extra *extra)
{
    struct fragment f = {.v = v,
                         .body = lg_val_get(v, "function"),
                         .id = lg_val_get(v, "id"),
                         .type = lg_val_get(v, "type"),
                         .at = -1};
    int64_t at;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    if (lg_val_kind(lg_val_get(v, "custom")) == LG_JSON_OBJECT) {
        f.custom = 1;
        f.body = lg_val_get(v, "custom");
    }
    if (lg_val_kind(f.body) != LG_JSON_OBJECT)
        f.body = (struct lg_val){0};
    f.name = lg_val_get(f.body, "name");
    f.input = lg_val_get(f.body, f.custom ? "input" : "arguments");
    if (!lg_val_int(lg_val_get(v, "index"), &at) && at >= 0)
        f.at = at;
    return read_fragment(r, &f, extra);
}

static int read_calls(struct lg_chat_run *r, struct lg_val list,
                      struct lg_ir_extra *extra)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it))
        rc = read_call(r, it.val, extra);
    return rc;
}

static int read_function_call(struct lg_chat_run *r, struct lg_val v,
                              struct lg_ir_extra *extra)
{
    const struct fragment f = {.v = v,
                               .body = v,
                               .name = lg_val_get(v, "name"),
                               .input = lg_val_get(v, "arguments"),
                               .at = OLD_CALL};

    return read_fragment(r, &f, extra);
}

int lg_chat_close_all(struct lg_chat_run *r)
{
    struct lg_chat_call *calls = NULL, *next;
    int rc = open_held(r, NULL);

    if (rc >= 0)
        rc = close_text(r);
    for (struct lg_chat_call *c = r->ch->calls; c; c = next) {
        next = c->next; /* oldest first, to close in the order they opened */
        c->next = calls;
        calls = c;
    }
    r->ch->calls = calls;
    for (; calls && rc >= 0; calls = calls->next)
        if (calls->open == 1) {
            calls->open = 2;
            rc = put_part(r, LG_EV_PART_END, calls->part, NULL);
        }
    return rc;
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
        const struct lg_ir_event ev = {
            .kind = LG_EV_CITATION, .index = r->ch->text, .u.val = &val};

        rc = lg_chat_unit(r, ev, extra);
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
        return read_calls(r, v, extra);
    case F_FUNCTION:
        return read_function_call(r, v, extra);
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
    own = behind(r, own, extra);
    for (int i = 0; i < F_COUNT && rc >= 0; i++)
        if (used & 1u << order[i])
            rc = read_member(r, order[i], f[order[i]], own);
    return rc;
}
