/* SPDX-License-Identifier: MIT
 *
 * A stream, read. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/turn.h"
#include "lib/json/text.h"

/* A frame being read. */
struct frame {
    struct lg_bc_decoder *d;
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    struct lg_val root;
    const struct lg_frame *raw;
    int repaired; /* what is read is no longer the frame's own bytes */
};

static int put(const struct frame *f, enum lg_event_kind kind, int32_t index,
               const void *what, const struct lg_ir_extra *extra)
{
    return lg_sink_put(f->sink, kind, 0, index, what, extra);
}

static int broken(const struct frame *f, const char *text)
{
    return lg_fail(f->c->err, LLMGW_E_PROTOCOL, NULL, "%s", text);
}

static int put_opaque(const struct frame *f, int32_t index)
{
    const struct lg_ir_val val = lg_ir_of(f->root);
    const struct lg_ir_event ev = {.kind = LG_EV_OPAQUE,
                                   .index = index,
                                   .u.val = &val,
                                   .name = f->raw->event};

    return f->sink->put(f->sink, &ev);
}

/* Take an object apart by `names`, of which there are up to two. What means
 * nothing here goes to *extra, if it is kept at all. */
static int get(const struct frame *f, struct lg_val v,
               struct lg_ir_extra **extra, uint8_t level, const char *names,
               struct lg_val *one, struct lg_val *two)
{
    return lg_get(f->c, v, f->c->keep_extras ? extra : NULL, level, names, one,
                  two);
}

static int begin(const struct frame *f, const struct lg_ir_head *head,
                 const struct lg_ir_extra *extra)
{
    f->d->started = 1;
    return put(f, LG_EV_START, -1, head, extra);
}

/* Whoever forgot to say that a message begins has begun one. */
static int began(const struct frame *f)
{
    static const struct lg_ir_head head = {.extra = NULL};

    return f->d->started ? 0 : begin(f, &head, NULL);
}

static int on_message_start(const struct frame *f)
{
    struct lg_ir_head head = {.extra = NULL};
    struct lg_ir_extra *extra = NULL;
    struct lg_val role;
    int rc = get(f, f->root, &extra, LG_BC_NODE, "p- role=", &role, NULL);

    if (f->d->started)
        return rc < 0 ? rc : broken(f, "a second message begins");
    if (rc >= 0 && f->c->keep_extras)
        rc = lg_extra_keep(f->c, &head.extra, role, LG_BC_MESSAGE);
    return rc < 0 ? rc : begin(f, &head, extra);
}

/* ---- blocks -------------------------------------------------------------------- */

/* The open block of this index, or a new one of which nothing is known. */
static int find(const struct frame *f, struct lg_val index,
                struct lg_bc_open **out)
{
    struct lg_bc_decoder *d = f->d;
    int64_t wire;

    if (lg_val_int(index, &wire) < 0)
        return broken(f, "a block without an index");
    for (size_t i = d->n; i-- > 0;)
        if (d->open[i].wire == wire) {
            *out = &d->open[i];
            return 0;
        }
    if (d->n == LG_BC_OPEN_MAX || d->next == INT32_MAX)
        return broken(f, "more blocks than a message can have");
    *out = &d->open[d->n++];
    **out = (struct lg_bc_open){.wire = wire, .index = -1};
    return began(f);
}

/* The part of a block opens. */
static int open_part(const struct frame *f, struct lg_bc_open *b,
                     const struct lg_ir_part *p,
                     const struct lg_ir_extra *extra)
{
    b->index = f->d->next++;
    b->kind = p->kind;
    return put(f, LG_EV_PART, b->index, p, extra);
}

static int open_kind(const struct frame *f, struct lg_bc_open *b,
                     enum lg_part_kind kind)
{
    const struct lg_ir_part p = {.kind = (uint8_t)kind, .tok = LG_NOWHERE};

    return open_part(f, b, &p, NULL);
}

/* What a start holds has the shape of a block that is not filled yet. */
static int on_block_start(const struct frame *f)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_ir_part p = {0};
    struct lg_val index, start;
    struct lg_bc_open *b = NULL;
    int rc = get(f, f->root, &extra, LG_BC_NODE,
                 "p- contentBlockIndex= start=", &index, &start);

    if (rc >= 0)
        rc = find(f, index, &b);
    if (rc < 0)
        return rc;
    if (b->index >= 0)
        return broken(f, "a block begins that is open");
    /* Of a text it says nothing: the first piece will. */
    if (lg_val_kind(start) != LG_JSON_OBJECT ||
        lg_val_tok(start)->next == start.i + 1 || lg_val_get(start, "text").doc)
        return 0;
    rc = lg_bc_read_block(f->c, start, &p, 0);
    if (rc < 0)
        return rc;
    if (p.kind != LG_PART_TOOL_CALL && p.kind != LG_PART_OPAQUE) {
        p = (struct lg_ir_part){.tok = start.i, .kind = LG_PART_OPAQUE};
        p.json = lg_ir_of(start);
    }
    if (lg_is_json_tool(f->c, &p)) {
        p = (struct lg_ir_part){.tok = p.tok, .kind = LG_PART_TEXT};
        b->shim = 1;
        f->d->shim = 1;
    }
    return open_part(f, b, &p, extra);
}

/* A call that has said nothing has no arguments: others want to hear it. Our
 * own writer says as little. */
static int close_part(const struct frame *f, const struct lg_bc_open *b,
                      const struct lg_ir_extra *extra)
{
    int rc = 0;

    if (b->index < 0)
        return 0;
    if (!f->c->keep_extras && !b->said &&
        (b->kind == LG_PART_TOOL_CALL || b->shim))
        rc = lg_sink_text(f->sink, b->shim ? LG_EV_TEXT : LG_EV_INPUT, 0,
                          b->index, LG_STR("{}"));
    return rc < 0 ? rc : put(f, LG_EV_PART_END, b->index, NULL, extra);
}

static int on_block_stop(const struct frame *f)
{
    struct lg_bc_decoder *d = f->d;
    struct lg_ir_extra *extra = NULL;
    struct lg_bc_open *b = NULL;
    struct lg_bc_open closed;
    struct lg_val index;
    int rc = get(f, f->root, &extra, LG_BC_NODE,
                 "p- contentBlockIndex=", &index, NULL);

    if (rc >= 0)
        rc = find(f, index, &b);
    if (rc < 0)
        return rc;
    closed = *b;
    *b = d->open[--d->n];
    return close_part(f, &closed, extra);
}

/* Those that were never told to end, in their order. */
static int close_all(const struct frame *f)
{
    struct lg_bc_decoder *d = f->d;
    int rc = 0;

    while (d->n && rc >= 0) {
        size_t first = 0;

        for (size_t i = 1; i < d->n; i++)
            if (d->open[i].index < d->open[first].index)
                first = i;
        rc = close_part(f, &d->open[first], NULL);
        d->open[first] = d->open[--d->n];
    }
    return rc;
}

/* ---- pieces of blocks ------------------------------------------------------------ */

static const struct delta {
    const char *key, *name;
    enum lg_event_kind event;
    enum lg_part_kind part; /* in which it may stand */
} deltas[] = {
    {"text", "text=", LG_EV_TEXT, LG_PART_TEXT},
    {"input", "input=", LG_EV_INPUT, LG_PART_TOOL_CALL},
    {"text", "text=", LG_EV_THINKING, LG_PART_THINKING},
    {"signature", "signature=", LG_EV_SIGNATURE, LG_PART_THINKING},
    {"redactedContent", "redactedContent=", LG_EV_PART, LG_PART_REDACTED},
    {"citation", "citation=", LG_EV_CITATION, LG_PART_TEXT},
};

/* Which piece it is; *v is the object that it stands in. */
static const struct delta *delta_of(struct lg_val *v)
{
    static const struct {
        const char *key;
        unsigned first, n; /* of `deltas` */
    } holders[] = {{"toolUse", 1, 1}, {"reasoningContent", 2, 3}};

    for (size_t i = 0; i < LG_COUNT(holders); i++) {
        const struct lg_val inner = lg_val_get(*v, holders[i].key);

        for (unsigned k = 0; k < holders[i].n; k++)
            if (lg_val_get(inner, deltas[holders[i].first + k].key).doc) {
                *v = inner;
                return &deltas[holders[i].first + k];
            }
    }
    if (lg_val_get(*v, "text").doc)
        return &deltas[0];
    return lg_val_get(*v, "citation").doc ? &deltas[LG_COUNT(deltas) - 1]
                                          : NULL;
}

static int put_redacted(const struct frame *f, struct lg_bc_open *b,
                        const struct lg_ir_val *val)
{
    struct lg_ir_part p = {.kind = LG_PART_REDACTED, .tok = val->tok};

    if (b->index >= 0) /* a second piece of what only its origin reads */
        return put_opaque(f, b->index);
    p.blob = (struct lg_ir_blob){*val, LG_BC_NAME};
    return open_part(f, b, &p, NULL);
}

static int put_delta(const struct frame *f, const struct delta *d,
                     struct lg_bc_open *b, struct lg_val leaf,
                     const struct lg_ir_extra *extra)
{
    const struct lg_ir_val val = lg_ir_of(leaf);
    const struct lg_ir_blob blob = {val, LG_BC_NAME};
    struct lg_ir_event ev = {.kind = (uint8_t)d->event, .extra = extra};
    int rc = 0;

    if (d->event == LG_EV_PART)
        return put_redacted(f, b, &val);
    f->c->plain = b->index >= 0 && !extra && !f->repaired &&
                  (d->event != LG_EV_INPUT || b->said);
    if (b->index < 0)
        rc = open_kind(f, b, d->part);
    ev.index = b->index;
    if (d->event == LG_EV_CITATION) {
        ev.u.val = &val;
    } else if (d->event == LG_EV_SIGNATURE) {
        ev.u.blob = &blob;
    } else {
        if (b->shim)
            ev.kind = LG_EV_TEXT;
        ev.text = val.s;
        b->said |= ev.text.n > 0;
    }
    return rc < 0 ? rc : f->sink->put(f->sink, &ev);
}

static int on_block_delta(const struct frame *f)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_val index, delta, leaf = {0};
    struct lg_bc_open *b = NULL;
    const struct delta *d;
    int fits, rc = get(f, f->root, &extra, LG_BC_NODE,
                       "p- contentBlockIndex= delta=", &index, &delta);

    if (rc >= 0)
        rc = find(f, index, &b);
    if (rc < 0)
        return rc;
    d = delta_of(&delta);
    fits = d && (b->index < 0 ? d->event != LG_EV_INPUT
                              : b->kind == d->part ||
                                    (b->shim && d->event == LG_EV_INPUT));
    if (fits)
        rc = get(f, delta, &extra, LG_BC_INNER, d->name, &leaf, NULL);
    if (rc < 0)
        return rc;
    if (!fits ||
        lg_val_kind(leaf) !=
            (d->event == LG_EV_CITATION ? LG_JSON_OBJECT : LG_JSON_STRING))
        return put_opaque(f, b->index);
    f->c->hole = lg_val_body(lg_val_get(f->root, "p"));
    return put_delta(f, d, b, leaf, extra);
}

/* ---- the end ----------------------------------------------------------------------- */

static int keep(const struct frame *f, struct lg_str *to)
{
    const struct lg_str s = lg_val_raw(f->root);
    const char *p = lg_arena_dup(f->c->keep, s);

    *to = lg_str_from(p, s.n);
    return p ? 0 : lg_no_keep(f->c);
}

static int read_kept(const struct frame *f, struct lg_str text,
                     struct lg_val *root)
{
    struct lg_json *doc = lg_arena_new(f->c->arena, struct lg_json);

    *root = (struct lg_val){0};
    if (!doc)
        return lg_no_room(f->c);
    *root = lg_json_root(doc);
    return lg_json_read(doc, f->c->arena, text, f->c->err);
}

/* The stop is told last: what else metadata say goes with it. */
static int put_stop(const struct frame *f)
{
    struct lg_ir_stop stop = {.kind = LG_STOP_NONE};
    struct lg_val root, reason, fields;
    int rc = read_kept(f, f->d->meta, &root);

    if (rc >= 0)
        rc = lg_get(f->c, root, &stop.extra, LG_BC_META,
                    f->c->keep_extras ? "p- usage-" : "p- usage- metrics-");
    if (rc >= 0)
        rc = read_kept(f, f->d->stop, &root);
    if (rc >= 0)
        rc = lg_get(f->c, root, &stop.extra, LG_BC_NODE,
                    "p- stopReason= additionalModelResponseFields=", &reason,
                    &fields);
    if (rc >= 0)
        rc = lg_bc_read_stop(f->c, reason, fields, f->d->shim, &stop);
    return rc < 0 ? rc : put(f, LG_EV_STOP, -1, &stop, NULL);
}

/* messageStop, metadata: mostly in this order. The last of them is the end. */
static int on_end(const struct frame *f, struct lg_str *text)
{
    int rc = text->p ? broken(f, "a message ends twice") : keep(f, text);

    if (rc < 0 || !f->d->stop.p || !f->d->meta.p)
        return rc;
    f->d->ended = 1;
    rc = put_stop(f);
    return rc < 0 ? rc : put(f, LG_EV_END, -1, NULL, NULL);
}

static int on_message_stop(const struct frame *f)
{
    int rc = began(f);

    if (rc >= 0)
        rc = close_all(f);
    return rc < 0 ? rc : on_end(f, &f->d->stop);
}

static int on_metadata(const struct frame *f)
{
    const struct lg_val v = lg_val_get(f->root, "usage");
    struct lg_ir_usage usage;
    int rc = began(f);

    if (rc >= 0 && v.doc) {
        lg_bc_read_usage(v, &usage);
        rc = put(f, LG_EV_USAGE, -1, &usage, NULL);
    }
    return rc < 0 ? rc : on_end(f, &f->d->meta);
}

/* ---- any ------------------------------------------------------------------------------ */

static int put_error(const struct frame *f)
{
    struct lg_ir_error error = {0};
    const int rc = lg_bc_read_error(f->c, f->root, f->raw->event, 0, &error);

    return rc < 0 ? rc : put(f, LG_EV_ERROR, -1, &error, NULL);
}

static int dispatch(const struct frame *f)
{
    static const struct {
        const char *name;
        int (*read)(const struct frame *f);
    } events[] = {
        {"contentBlockDelta", on_block_delta},
        {"contentBlockStart", on_block_start},
        {"contentBlockStop", on_block_stop},
        {"messageStart", on_message_start},
        {"messageStop", on_message_stop},
        {"metadata", on_metadata},
    };

    if (f->raw->kind == LG_FRAME_EXCEPTION)
        return put_error(f);
    for (size_t i = 0; i < LG_COUNT(events); i++)
        if (lg_str_is(f->raw->event, events[i].name))
            return events[i].read(f);
    return put_opaque(f, -1);
}

static int read_data(struct frame *f)
{
    struct lg_json *doc = lg_arena_new(f->c->arena, struct lg_json);
    int rc;

    if (!doc)
        return lg_no_room(f->c);
    rc = lg_frame_json(f->c, f->raw->data, doc, &f->repaired, NULL);
    if (rc < 0 && rc != LLMGW_E_JSON)
        return lg_fail_mem(f->c->err, rc);
    f->root = lg_json_root(doc);
    if (rc < 0 || lg_val_kind(f->root) != LG_JSON_OBJECT)
        return broken(f, "the data of an event is no JSON object");
    return 0;
}

/* An error that is none of the API's own: its message is text. */
static int put_failure(struct frame *f)
{
    struct lg_ir_error error = {0};
    struct lg_str text;
    int rc = lg_escaped(f->c, f->raw->data, &text);

    error.message = (struct lg_ir_val){text, LG_NOWHERE, LG_JSON_STRING, 0};
    if (rc >= 0)
        rc = lg_bc_name_error(f->c, f->raw->event, &error);
    return rc < 0 ? rc : put(f, LG_EV_ERROR, -1, &error, NULL);
}

int lg_bc_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink)
{
    struct frame f = {.d = dec, .c = c, .sink = sink, .raw = frame};
    int rc;

    if (f.d->ended)
        return 0;
    if (frame->kind == LG_FRAME_ERROR)
        return put_failure(&f);
    rc = read_data(&f);
    return rc < 0 ? rc : lg_protocol(c, dispatch(&f));
}

int lg_bc_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_bc_decoder *d = dec;

    (void)sink;
    return d->ended ? 0
                    : lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                              "the stream ended without %s",
                              d->stop.p ? "metadata" : "messageStop");
}
