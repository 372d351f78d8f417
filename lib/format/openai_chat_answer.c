/* SPDX-License-Identifier: MIT
 *
 * A whole answer read, as the events of its stream. */
#include "lib/format/openai_chat.h"

enum {
    F_ID,
    F_MODEL,
    F_CREATED,
    F_CHOICES,
    F_USAGE,
    F_ERROR,  /* from here on: what is kept for our own format, */
    F_OBJECT, /* and is no loss to another */
    F_FINGERPRINT,
    F_TIER,
    F_COUNT
};
static const char *const fields[F_COUNT] = {
    "id",          "model", "created", "choices",
    "usage",       "error", "object",  "system_fingerprint",
    "service_tier"};

struct reading {
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    struct lg_str id; /* of the answer */
    uint16_t choice;
    int32_t index;
    int calls, refusals;
};

static int put(const struct reading *r, enum lg_event_kind kind,
               const void *what)
{
    return lg_sink_put(r->sink, kind, r->choice, r->index, what, NULL);
}

static int put_text(const struct reading *r, enum lg_event_kind kind,
                    struct lg_str text)
{
    return text.n ? lg_sink_text(r->sink, kind, r->choice, r->index, text) : 0;
}

static int is_empty(const struct lg_ir_val *v)
{
    return !lg_ir_has(v) || !v->s.n || lg_str_is(v->s, "[]") ||
           lg_str_is(v->s, "{}");
}

/* Members of a message are extras of the stop. What says nothing is kept for
 * our own format alone; `but` is told in another way. */
static void move_extras(const struct lg_ctx *c, struct lg_ir_extra **to,
                        struct lg_ir_extra *from, const char *but)
{
    while (*to)
        to = &(*to)->next;
    for (struct lg_ir_extra *next; from; from = next) {
        next = from->next;
        if ((but && lg_str_is(from->key, but)) ||
            (!c->keep_extras && is_empty(&from->val)))
            continue;
        from->level = LG_CHAT_MESSAGE;
        from->next = NULL;
        *to = from;
        to = &from->next;
    }
}

/* ---- parts -------------------------------------------------------------- */

static int put_citations(const struct reading *r, struct lg_val list)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        rc = put(r, LG_EV_CITATION, &val);
    }
    return rc;
}

/* A call as it opens: what comes in pieces is not in it. */
static int open_call(struct reading *r, struct lg_ir_part *open)
{
    const int in_place = !open->custom && lg_ir_has(&open->json) &&
                         !open->json.in_string && r->c->keep_extras;

    r->calls++;
    open->text = (struct lg_ir_val){0};
    if (!in_place)
        open->json = (struct lg_ir_val){0};
    if (lg_ir_has(&open->id) || r->c->keep_extras)
        return 0;
    return lg_call_id(r->c, r->c->arena, r->id, r->choice, (unsigned)r->index,
                      &open->id);
}

/* How items are tagged and numbered is no loss to another format. */
static struct lg_ir_extra *without_tags(const struct lg_ir_part *p)
{
    struct lg_ir_extra *x = p->kind == LG_PART_TOOL_CALL ? p->extra : NULL;

    for (struct lg_ir_extra **at = &x; *at;)
        if (lg_str_is((*at)->key, "index"))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    return x;
}

static int put_open(struct reading *r, const struct lg_ir_part *p)
{
    struct lg_ir_part open = *p;
    int rc = 0;

    open.next = NULL;
    if (!r->c->keep_extras)
        open.extra = without_tags(p);
    if (!r->c->keep_extras && p->kind != LG_PART_TOOL_CALL)
        open.name = open.id = (struct lg_ir_val){0};
    if (p->kind == LG_PART_TOOL_CALL)
        rc = open_call(r, &open);
    else if (p->kind != LG_PART_OPAQUE)
        open.text = (struct lg_ir_val){0};
    if (p->kind == LG_PART_THINKING)
        open.blob = (struct lg_ir_blob){0};
    return rc < 0 ? rc : put(r, LG_EV_PART, &open);
}

static int put_input(struct reading *r, const struct lg_ir_part *p)
{
    struct lg_str text;
    int rc;

    if (r->c->keep_extras && lg_ir_has(&p->json) && !p->json.in_string)
        return 0; /* it opened with it */
    rc = lg_chat_input_of(r->c, p, &text);
    return rc < 0 ? rc : put_text(r, LG_EV_INPUT, text);
}

static int put_content(struct reading *r, const struct lg_ir_part *p,
                       struct lg_val annotations)
{
    int rc;

    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        rc = put_text(r, LG_EV_TEXT, p->text.s);
        return rc < 0 ? rc : put_citations(r, annotations);
    case LG_PART_THINKING:
        rc = put_text(r, LG_EV_THINKING, p->text.s);
        if (rc < 0 || !lg_ir_has(&p->blob.val))
            return rc;
        return put(r, LG_EV_SIGNATURE, &p->blob);
    case LG_PART_REFUSAL:
        r->refusals++;
        return put_text(r, LG_EV_REFUSAL, p->text.s);
    case LG_PART_TOOL_CALL:
        return put_input(r, p);
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        break;
    }
    return 0;
}

static int put_parts(struct reading *r, const struct lg_ir_part *p,
                     struct lg_val annotations)
{
    int rc = 0;

    for (; p && rc >= 0; p = p->next) {
        if (!r->c->keep_extras && p->kind == LG_PART_TEXT && !p->text.s.n)
            continue;
        rc = put_open(r, p);
        if (rc >= 0)
            rc = put_content(r, p, annotations);
        if (rc >= 0)
            rc = put(r, LG_EV_PART_END, NULL);
        if (p->kind == LG_PART_TEXT)
            annotations = (struct lg_val){0};
        r->index++;
    }
    return rc;
}

/* ---- choices ------------------------------------------------------------ */

/* What the parts do not say of a message, for our own format. */
static int keep_form(struct lg_ctx *c, struct lg_val v,
                     const struct lg_ir_message *m, struct lg_ir_extra **extra)
{
    const struct lg_ir_part *in_content = m->parts;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    while (in_content && in_content->form & LG_CHAT_IN)
        in_content = in_content->next;
    while (!rc && lg_iter_next(&it))
        if (lg_word_of(it.key, "role name") ||
            (!in_content && lg_val_is(it.key, "content")) ||
            (m->form & LG_CHAT_NO_CALLS && lg_val_is(it.key, "tool_calls")) ||
            (m->form & LG_CHAT_AGAIN_CONTENT &&
             lg_val_is(it.key, "reasoning_content")) ||
            (m->form & LG_CHAT_AGAIN_PLAIN && lg_val_is(it.key, "reasoning")))
            rc = lg_extra_add(c, extra, it.key, it.val, LG_CHAT_MESSAGE);
    return rc;
}

static int read_message(struct reading *r, struct lg_val v,
                        struct lg_ir_stop *stop)
{
    struct lg_val annotations = lg_val_get(v, "annotations");
    struct lg_ir_message m = {0};
    const struct lg_ir_part *p;
    int rc = lg_chat_assistant_read(r->c, v, &m);

    for (p = m.parts; p && p->kind != LG_PART_TEXT; p = p->next)
        continue;
    if (!p || lg_val_kind(annotations) != LG_JSON_ARRAY ||
        lg_val_tok(annotations)->next == annotations.i + 1 || !p->text.s.n)
        annotations = (struct lg_val){0};
    move_extras(r->c, &stop->extra, m.extra,
                annotations.doc ? "annotations" : NULL);
    if (!rc && r->c->keep_extras)
        rc = keep_form(r->c, v, &m, &stop->extra);
    return rc < 0 ? rc : put_parts(r, m.parts, annotations);
}

LG_APART static int read_choice(struct reading *r, struct lg_val v, unsigned at)
{
    struct lg_ir_stop stop = {0};
    struct lg_val number, message, reason;
    int64_t index;
    int rc =
        lg_get(r->c, v, &stop.extra, LG_CHAT_CHOICE,
               "index= message= finish_reason=", &number, &message, &reason);

    if (lg_val_int(number, &index) || index < 0 || index > UINT16_MAX)
        index = at < UINT16_MAX ? at : UINT16_MAX;
    r->choice = (uint16_t)index;
    r->index = 0;
    r->calls = r->refusals = 0;
    if (!rc && r->c->keep_extras)
        rc = lg_extra_keep(r->c, &stop.extra, number, LG_CHAT_CHOICE);
    if (!rc && message.doc)
        rc = read_message(r, message, &stop);
    if (rc < 0)
        return rc;
    lg_ir_set(&stop.reason, reason);
    stop.kind = (uint8_t)lg_chat_stop_kind(reason, r->calls, r->refusals);
    r->index = -1;
    return put(r, LG_EV_STOP, &stop);
}

static int read_choices(struct reading *r, struct lg_val list)
{
    struct lg_iter it = lg_iter_of(list);
    unsigned at = 0;
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it))
        rc = read_choice(r, it.val, at++);
    r->choice = 0;
    r->index = -1;
    return rc;
}

static int put_head(struct reading *r, const struct lg_val *f,
                    struct lg_ir_extra *extra)
{
    struct lg_ir_head head = {.id = lg_ir_of(f[F_ID]),
                              .model = lg_ir_of(f[F_MODEL]),
                              .created = lg_ir_of(f[F_CREATED]),
                              .extra = extra};
    int rc = 0;

    for (int i = F_ERROR; i < F_COUNT && !rc && r->c->keep_extras; i++)
        rc = lg_extra_keep(r->c, &head.extra, f[i], LG_CHAT_SELF);
    if (!rc && r->c->keep_extras && lg_val_kind(f[F_USAGE]) == LG_JSON_NULL)
        rc = lg_extra_keep(r->c, &head.extra, f[F_USAGE], LG_CHAT_SELF);
    r->id = lg_val_body(f[F_ID]);
    r->index = -1;
    return rc < 0 ? rc : put(r, LG_EV_START, &head);
}

static int put_usage(struct reading *r, struct lg_val v)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    lg_chat_usage_read(v, &usage);
    return put(r, LG_EV_USAGE, &usage);
}

/* A 200 that holds an error all the same. */
static int put_error(struct reading *r, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    const int rc = lg_chat_read_error(r->c, doc, 0, &error);

    r->index = -1;
    return rc < 0 ? rc : put(r, LG_EV_ERROR, &error);
}

int lg_chat_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                        struct lg_ir_sink *sink)
{
    struct reading r = {.c = c, .sink = sink};
    const struct lg_val root = lg_json_root(doc);
    struct lg_ir_extra *extra = NULL;
    struct lg_val f[F_COUNT];
    int rc = lg_fields(c, root, fields, F_COUNT, f, &extra, LG_CHAT_SELF);

    if (!rc && lg_val_kind(f[F_ERROR]) >= LG_JSON_STRING)
        return put_error(&r, doc);
    if (!rc && lg_val_kind(f[F_CHOICES]) != LG_JSON_ARRAY)
        rc = lg_val_fail(f[F_CHOICES].doc ? f[F_CHOICES] : root, c->err,
                         "expected a list of choices");
    if (rc >= 0)
        rc = put_head(&r, f, extra);
    if (rc >= 0)
        rc = read_choices(&r, f[F_CHOICES]);
    if (rc >= 0)
        rc = put_usage(&r, f[F_USAGE]);
    if (rc >= 0)
        rc = put(&r, LG_EV_END, NULL);
    return lg_protocol(c, rc);
}
