/* SPDX-License-Identifier: MIT
 *
 * A delta's fragments of calls: which call each belongs to. */
#include "lib/format/openai_chat_decode.h"

/* Each is looked for among all. */
#define CALLS_MAX 4096
#define OLD_CALL  (-2) /* where the deprecated function_call is kept */

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
        return lg_no_keep(r->c);
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
    int rc = lg_chat_start(r);

    call->open = 1;
    call->part = r->ch->parts;
    if (rc >= 0 && !call->id.n && !r->c->keep_extras)
        rc = lg_call_id(r->c, r->c->arena, r->d->id, r->ch->index,
                        (unsigned)call->part, &part.id);
    if (rc >= 0)
        rc = lg_chat_close_text(r);
    r->ch->parts++;
    if (rc < 0)
        return rc;
    return unit ? lg_chat_unit(r, LG_EV_PART, call->part, &part, unit)
                : lg_chat_put_part(r, LG_EV_PART, call->part, &part);
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
        (void)lg_no_keep(r->c);
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
    *unit = lg_chat_behind(r, *unit, rest);
    return rc;
}

static int read_fragment(struct lg_chat_run *r, const struct fragment *f,
                         struct lg_ir_extra *rest)
{
    const struct lg_str id = lg_val_body(f->id), name = lg_val_body(f->name);
    struct lg_chat_call *call = find_call(r->ch->calls, f->at, id, name.n != 0);
    struct lg_ir_part like = {.custom = f->custom != 0};
    struct lg_str text;
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
        rc = lg_chat_input_of(r->c, &like, &text);
    if (rc < 0)
        return rc;
    rc = chain_call(r, f, text.n != 0, rest, &own, &unit);
    if (rc >= 0 && !call->open) {
        const int ready =
            text.n ||
            (call->name.n && (r->c->keep_extras || lg_ir_has(&like.json)));
        if (!ready) {
            r->held = 1;
            return 0;
        }
        rc = open_call(r, call, own, text.n ? NULL : unit);
    }
    return rc < 0 || !text.n
               ? rc
               : lg_chat_piece(r, LG_EV_INPUT, call->part, text, unit);
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

int lg_chat_read_calls(struct lg_chat_run *r, struct lg_val list,
                       struct lg_ir_extra *extra)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it))
        rc = read_call(r, it.val, extra);
    return rc;
}

int lg_chat_read_function_call(struct lg_chat_run *r, struct lg_val v,
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
        rc = lg_chat_close_text(r);
    for (struct lg_chat_call *c = r->ch->calls; c; c = next) {
        next = c->next; /* oldest first, to close in the order they opened */
        c->next = calls;
        calls = c;
    }
    r->ch->calls = calls;
    for (; calls && rc >= 0; calls = calls->next)
        if (calls->open == 1) {
            calls->open = 2;
            rc = lg_chat_put_part(r, LG_EV_PART_END, calls->part, NULL);
        }
    return rc;
}
