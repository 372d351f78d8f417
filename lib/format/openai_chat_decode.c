/* SPDX-License-Identifier: MIT
 *
 * A stream read: OpenAI's chunks, and what compatibles make of them. */
#include "lib/format/openai_chat_decode.h"

#include "lib/json/text.h"

#define CHOICES_MAX 1024 /* each is looked for among all */

enum {
    F_ID,
    F_MODEL,
    F_CREATED,
    F_CHOICES,
    F_USAGE,
    F_ERROR,
    F_OBJECT,
    F_OBFUSCATION,
    F_COUNT
};
static const char *const fields[F_COUNT] = {"id",      "model",      "created",
                                            "choices", "usage",      "error",
                                            "object",  "obfuscation"};

/* ---- events ------------------------------------------------------------- */

static int put(struct lg_chat_run *r, const struct lg_ir_event *ev)
{
    r->puts++;
    r->kind = ev->kind;
    r->text = ev->text;
    return r->sink->put(r->sink, ev);
}

int lg_chat_put_of(struct lg_chat_run *r, enum lg_event_kind kind,
                   const void *what)
{
    const struct lg_ir_event ev = {
        .kind = (uint8_t)kind, .index = -1, .u.any = what};

    return put(r, &ev);
}

int lg_chat_put_part(struct lg_chat_run *r, enum lg_event_kind kind,
                     int32_t index, const struct lg_ir_part *part)
{
    const struct lg_ir_event ev = {.kind = (uint8_t)kind,
                                   .choice = r->ch->index,
                                   .index = index,
                                   .u.part = part};

    return put(r, &ev);
}

int lg_chat_start(struct lg_chat_run *r)
{
    struct lg_ir_head head = {.id = lg_ir_of(r->f[F_ID]),
                              .model = lg_ir_of(r->f[F_MODEL]),
                              .created = lg_ir_of(r->f[F_CREATED])};
    const struct lg_str id = lg_val_body(r->f[F_ID]);
    struct lg_val f[F_COUNT];
    int rc = 0;

    if (r->d->started)
        return 0;
    r->d->started = 1;
    r->d->id = lg_str_from(lg_arena_dup(r->c->keep, id), id.n);
    if (!r->d->id.p)
        return lg_no_keep(r->c);
    if (r->c->keep_extras)
        rc = lg_fields(r->c, r->root, fields, F_COUNT, f, &head.extra,
                       LG_CHAT_SELF);
    return rc < 0 ? rc : lg_chat_put_of(r, LG_EV_START, &head);
}

static int put_unit(struct lg_chat_run *r, const struct lg_ir_event *ev)
{
    const int rc = lg_chat_start(r);

    r->units++;
    return rc < 0 ? rc : put(r, ev);
}

int lg_chat_unit(struct lg_chat_run *r, enum lg_event_kind kind, int32_t index,
                 const void *what, struct lg_ir_extra *extra)
{
    const struct lg_ir_event ev = {.kind = (uint8_t)kind,
                                   .choice = r->ch->index,
                                   .index = index,
                                   .u.any = what,
                                   .extra = extra};

    return put_unit(r, &ev);
}

int lg_chat_piece(struct lg_chat_run *r, enum lg_event_kind kind, int32_t index,
                  struct lg_str text, struct lg_ir_extra *extra)
{
    const struct lg_ir_event ev = {.kind = (uint8_t)kind,
                                   .choice = r->ch->index,
                                   .index = index,
                                   .text = text,
                                   .extra = extra};

    return put_unit(r, &ev);
}

static int put_usage(struct lg_chat_run *r, struct lg_val v)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;
    struct lg_iter it = lg_iter_of(r->f[F_CHOICES]);
    int rc;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        v = lg_val_get(lg_val_get(r->root, "x_groq"), "usage");
    if (lg_val_kind(v) != LG_JSON_OBJECT && lg_iter_next(&it))
        v = lg_val_get(it.val, "usage"); /* Moonshot's, of old */
    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    rc = lg_chat_start(r);
    lg_chat_usage_read(v, &usage);
    return rc < 0 ? rc : lg_chat_put_of(r, LG_EV_USAGE, &usage);
}

/* ---- choices ------------------------------------------------------------ */

static int choice_of(struct lg_chat_run *r, struct lg_val v)
{
    struct lg_chat_choice *ch = r->d->choices;
    int64_t index;

    if (lg_val_int(v, &index) || index < 0 || index > UINT16_MAX)
        index = 0;
    while (ch && ch->index != index)
        ch = ch->next;
    r->ch = ch;
    if (ch)
        return 0;
    if (r->d->nchoices++ == CHOICES_MAX)
        return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many choices");
    ch = lg_arena_new(r->c->keep, struct lg_chat_choice);
    if (!ch)
        return lg_no_keep(r->c);
    ch->index = (uint16_t)index;
    ch->open = ch->text = -1;
    ch->next = r->d->choices;
    r->d->choices = r->ch = ch;
    return 0;
}

/* What of a choice is not in its events, before what of the chunk is not. */
static int chain_choice(struct lg_chat_run *r, struct lg_val choice,
                        const char *const *names, size_t n,
                        struct lg_ir_extra **out)
{
    static const char *const chunk[] = {"choices"};
    struct lg_val f[2];
    int rc;

    *out = NULL;
    if (!r->c->keep_extras)
        return 0;
    rc = lg_fields(r->c, choice, names, n, f, out, LG_CHAT_CHOICE);
    return rc ? rc : lg_fields(r->c, r->root, chunk, 1, f, out, LG_CHAT_CHUNK);
}

static int keep_logprobs(struct lg_chat_run *r, struct lg_val choice)
{
    const struct lg_val list =
        lg_val_get(lg_val_get(choice, "logprobs"), "content");
    struct lg_chat_logprobs *l;

    if (!r->c->keep_extras || lg_val_kind(list) != LG_JSON_ARRAY ||
        lg_val_tok(list)->next == list.i + 1)
        return 0;
    l = lg_arena_new(r->c->keep, struct lg_chat_logprobs);
    if (!l)
        return lg_no_keep(r->c);
    l->items = lg_val_raw(list);
    l->items.n -= 2;
    l->items.p =
        lg_arena_dup(r->c->keep, lg_str_from(l->items.p + 1, l->items.n));
    if (!l->items.p)
        return lg_no_keep(r->c);
    l->next = r->ch->logprobs;
    r->ch->logprobs = l;
    return 0;
}

/* Those of all chunks, as the whole answer has them. */
static int join_logprobs(struct lg_chat_run *r, struct lg_ir_extra **extra)
{
    static const char open[] = "{\"content\":[", shut[] = "],\"refusal\":null}";
    size_t n = sizeof(open) + sizeof(shut);
    struct lg_ir_extra *x;
    char *p;

    if (!r->ch->logprobs)
        return 0;
    for (const struct lg_chat_logprobs *l = r->ch->logprobs; l; l = l->next)
        n += l->items.n + 1;
    x = lg_arena_new(r->c->arena, struct lg_ir_extra);
    p = x ? lg_arena_raw(r->c->arena, n) : NULL;
    if (!p)
        return lg_no_room(r->c);
    p += n; /* backwards: the newest is the last */
    x->val = (struct lg_ir_val){{p, 0}, LG_NOWHERE, LG_JSON_OBJECT, 0};
    p = memcpy(p - (sizeof(shut) - 1), shut, sizeof(shut) - 1);
    for (const struct lg_chat_logprobs *l = r->ch->logprobs; l; l = l->next) {
        p = memcpy(p - l->items.n, l->items.p, l->items.n);
        if (l->next)
            *--p = ',';
    }
    p = memcpy(p - (sizeof(open) - 1), open, sizeof(open) - 1);
    x->val.s = lg_str_from(p, (size_t)(x->val.s.p - p));
    x->key = LG_STR("logprobs");
    x->level = LG_CHAT_CHOICE;
    x->next = *extra;
    *extra = x;
    return 0;
}

static int put_stop(struct lg_chat_run *r, struct lg_val choice,
                    struct lg_val reason)
{
    static const char *const names[] = {"finish_reason", "delta", "logprobs"};
    struct lg_ir_stop stop = {.reason = lg_ir_of(reason)};
    struct lg_ir_extra *extra;
    struct lg_val f[3];
    int rc = lg_chat_close_all(r);

    r->ch->stopped = 1;
    stop.kind = (uint8_t)lg_chat_stop_kind(reason, r->ch->calls != NULL,
                                           r->ch->refused);
    if (rc >= 0 && r->c->keep_extras)
        rc = lg_fields(r->c, choice, names, r->ch->logprobs ? 3 : 2, f,
                       &stop.extra, LG_CHAT_CHOICE);
    if (rc >= 0)
        rc = join_logprobs(r, &stop.extra);
    if (rc >= 0)
        rc = chain_choice(r, choice, names, r->units ? 2 : 1, &extra);
    return rc < 0 ? rc : lg_chat_unit(r, LG_EV_STOP, -1, &stop, extra);
}

LG_APART static int read_choice(struct lg_chat_run *r, struct lg_val v)
{
    static const char *const names[] = {"delta", "finish_reason"};
    const struct lg_val reason = lg_val_get(v, "finish_reason");
    const struct lg_val delta = lg_val_get(v, "delta");
    const int ends = lg_val_body(reason).n != 0;
    struct lg_ir_extra *extra = NULL;
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    rc = choice_of(r, lg_val_get(v, "index"));
    if (!rc)
        rc = keep_logprobs(r, v);
    if (!rc && lg_val_kind(delta) == LG_JSON_OBJECT) {
        rc = chain_choice(r, v, names, ends ? 2 : 1, &extra);
        if (rc >= 0)
            rc = lg_chat_read_delta(r, delta, extra);
    }
    if (rc >= 0 && ends && !r->ch->stopped)
        rc = put_stop(r, v, reason);
    return rc;
}

/* ---- frames ------------------------------------------------------------- */

static int is_error(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_OBJECT || lg_val_body(v).n ||
           lg_val_kind(v) == LG_JSON_TRUE || lg_val_kind(v) == LG_JSON_ARRAY;
}

static int put_error(struct lg_chat_run *r, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    int rc = lg_chat_read_error(r->c, doc, 0, &error);

    if (rc == LLMGW_E_JSON) { /* of no known shape: all of it is the message */
        error = (struct lg_ir_error){.message = lg_ir_word("")};
        rc = lg_escaped(r->c, doc->text, &error.message.s);
    }
    r->d->over |= rc >= 0;
    return rc < 0 ? rc : lg_chat_put_of(r, LG_EV_ERROR, &error);
}

static int put_opaque(struct lg_chat_run *r)
{
    const struct lg_ir_val val = lg_ir_of(r->root);

    return lg_chat_put_of(r, LG_EV_OPAQUE, &val);
}

/* Azure's first chunk has none of what names an answer. */
static int names_answer(const struct lg_val *f)
{
    return lg_val_body(f[F_ID]).n || lg_val_body(f[F_MODEL]).n;
}

LG_APART static int read_chunk(struct lg_chat_run *r, const struct lg_json *doc)
{
    struct lg_iter it;
    int rc =
        lg_val_members(r->root, fields, F_COUNT, r->f, NULL, NULL, r->c->err);

    if (rc)
        return rc;
    if (is_error(r->f[F_ERROR]))
        return put_error(r, doc);
    if (names_answer(r->f))
        rc = lg_chat_start(r);
    if (rc >= 0)
        rc = put_usage(r, r->f[F_USAGE]);
    it = lg_iter_of(r->f[F_CHOICES]);
    while (rc >= 0 && lg_val_kind(r->f[F_CHOICES]) == LG_JSON_ARRAY &&
           lg_iter_next(&it))
        rc = read_choice(r, it.val);
    if (rc >= 0 && !r->units && !r->held && r->c->keep_extras)
        rc = put_opaque(r);
    return rc;
}

/* [DONE]: what is still open closes, and the answer is complete if each of
 * its choices said why it stopped. */
static int read_done(struct lg_chat_run *r)
{
    struct lg_chat_choice *ch = r->d->choices;
    int rc = 0;

    r->d->over = 1;
    r->c->plain = -1;
    for (; ch && ch->stopped; ch = ch->next)
        continue;
    if (ch || !r->d->choices)
        return 0;
    for (r->ch = r->d->choices; r->ch && rc >= 0; r->ch = r->ch->next)
        rc = lg_chat_close_all(r);
    r->d->complete = 1;
    return rc < 0 ? rc : lg_chat_put_of(r, LG_EV_END, NULL);
}

/* Was the frame nothing but a piece of a part that is open? Then others of
 * its shape need not be read. */
static int is_plain(const struct lg_chat_run *r, struct lg_str data)
{
    const uintptr_t at = (uintptr_t)r->text.p, from = (uintptr_t)data.p;

    return r->puts == 1 && !r->changed && !r->c->keep_extras &&
           (r->kind == LG_EV_TEXT || r->kind == LG_EV_THINKING ||
            r->kind == LG_EV_REFUSAL || r->kind == LG_EV_INPUT) &&
           r->text.n && at > from && at - from < data.n;
}

int lg_chat_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                       struct lg_ir_sink *sink)
{
    struct lg_chat_run r = {.c = c, .d = dec, .sink = sink};
    const struct lg_str data = lg_str_trim(f->data);
    struct lg_json doc;
    int repaired = 0, rc;

    if (r.d->over || !f->data.p || !data.n)
        return 0;
    if (lg_str_starts(data, LG_STR("[DONE]")))
        return read_done(&r);
    rc = lg_frame_json(c, data, &doc, &repaired, c->err);
    if (rc)
        return rc;
    r.root = lg_json_root(&doc);
    if (lg_str_is(f->event, "error"))
        return put_error(&r, &doc);
    if (lg_val_kind(r.root) != LG_JSON_OBJECT)
        return put_opaque(&r);
    rc = read_chunk(&r, &doc);
    if (rc >= 0 && !repaired && is_plain(&r, f->data)) {
        c->plain = 1;
        c->hole = lg_val_body(r.f[F_OBFUSCATION]);
    }
    return lg_protocol(c, rc);
}

int lg_chat_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_chat_decoder *d = dec;

    (void)sink;
    return lg_openai_end(c, d->complete, d->over);
}
