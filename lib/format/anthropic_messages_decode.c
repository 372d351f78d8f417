/* SPDX-License-Identifier: MIT
 *
 * A stream, read. */
#include "lib/format/anthropic_messages.h"

#include "lib/json/text.h"

/* A frame being read. */
struct frame {
    struct lg_am_decoder *d;
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    struct lg_val root;
    struct lg_str name;
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

/* Take the frame apart by `names`, of which there are up to two. What means
 * nothing here goes to *extra, if it is kept at all. */
static int get(const struct frame *f, struct lg_ir_extra **extra,
               const char *names, struct lg_val *one, struct lg_val *two)
{
    return lg_get(f->c, f->root, f->c->keep_extras ? extra : NULL, LG_AM_NODE,
                  names, one, two);
}

static int put_opaque(const struct frame *f, int32_t index)
{
    const struct lg_ir_val val = lg_ir_of(f->root);
    const struct lg_ir_event ev = {
        .kind = LG_EV_OPAQUE, .index = index, .u.val = &val, .name = f->name};

    return f->sink->put(f->sink, &ev);
}

/* ---- the message --------------------------------------------------------- */

static int put_stop(const struct frame *f, const struct lg_val *m,
                    struct lg_ir_stop *stop)
{
    const int rc = lg_am_read_stop(f->c, m, stop, f->d->shim);

    if (rc < 0 || (stop->kind == LG_STOP_NONE && !f->c->keep_extras))
        return rc;
    return put(f, LG_EV_STOP, -1, stop, NULL);
}

static int begin(const struct frame *f, struct lg_val msg,
                 struct lg_ir_extra *extra)
{
    struct lg_val m[LG_AM_M_COUNT];
    struct lg_ir_head head = {0};
    struct lg_ir_stop stop = {0};
    const char *id;
    int rc = lg_am_read_head(f->c, msg, m, &head);

    if (rc < 0)
        return rc;
    id = lg_arena_dup(f->c->keep, head.id.s);
    if (!id)
        return lg_no_keep(f->c);
    f->d->id = lg_str_from(id, head.id.s.n);
    f->d->started = 1;
    rc = put(f, LG_EV_START, -1, &head, extra);
    if (rc >= 0)
        rc = lg_am_put_usage(m[LG_AM_M_USAGE], f->sink);
    /* Content that came with the start of its message is complete. */
    if (rc >= 0 && lg_val_kind(m[LG_AM_M_CONTENT]) == LG_JSON_ARRAY)
        rc = lg_am_put_blocks(f->c, m[LG_AM_M_CONTENT], &f->d->next, f->sink,
                              &f->d->shim);
    return rc >= 0 && lg_val_kind(m[LG_AM_M_STOP]) == LG_JSON_STRING
               ? put_stop(f, m, &stop)
               : rc;
}

static int on_message_start(const struct frame *f)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_val message;
    const int rc = get(f, &extra, "type- message=", &message, NULL);

    if (rc < 0)
        return rc;
    if (!f->d->started)
        return begin(f, message, extra);
    /* Gateways that retry say it twice. */
    if (lg_str_same(lg_val_body(lg_val_get(message, "id")), f->d->id))
        return 0;
    return broken(f, "a second message begins within the stream");
}

static int on_message_delta(const struct frame *f)
{
    struct lg_ir_stop stop = {0};
    struct lg_val delta, usage, all[LG_AM_M_COUNT] = {{0}};
    int rc = lg_get(f->c, f->root, &stop.extra, LG_AM_NODE,
                    "type- delta= usage=", &delta, &usage);

    if (rc >= 0 && lg_val_kind(delta) == LG_JSON_OBJECT)
        rc = lg_get(
            f->c, delta, &stop.extra, LG_AM_DELTA,
            "stop_reason= stop_sequence= stop_details=", &all[LG_AM_M_STOP],
            &all[LG_AM_M_SEQUENCE], &all[LG_AM_M_DETAILS]);
    if (rc >= 0)
        rc = lg_am_put_usage(usage, f->sink);
    return rc < 0 ? rc : put_stop(f, all, &stop);
}

/* An event that says no more than its name. */
static int put_bare(const struct frame *f, enum lg_event_kind kind)
{
    struct lg_ir_extra *extra = NULL;
    const int rc = get(f, &extra, "type-", NULL, NULL);

    return rc < 0 ? rc : put(f, kind, -1, NULL, extra);
}

static int on_message_stop(const struct frame *f)
{
    f->d->ended = 1;
    return put_bare(f, LG_EV_END);
}

static int on_ping(const struct frame *f)
{
    return put_bare(f, LG_EV_PING);
}

static int on_error(const struct frame *f)
{
    struct lg_ir_error error = {0};
    int rc = lg_am_read_error(f->c, f->root, 0, &error);

    if (rc == LLMGW_E_JSON) { /* an error in a shape of its own is one, too */
        error = (struct lg_ir_error){0};
        rc = lg_get_text(f->c, lg_val_get(f->root, "message"), &error.message);
    }
    return rc < 0 ? rc : put(f, LG_EV_ERROR, -1, &error, NULL);
}

/* ---- blocks --------------------------------------------------------------- */

/* The open block that an event speaks of; NULL: there is none. */
static struct lg_am_open *find(const struct frame *f, struct lg_val index)
{
    int64_t wire;

    if (lg_val_int(index, &wire) < 0)
        return NULL;
    for (size_t i = f->d->n; i-- > 0;)
        if (f->d->open[i].wire == wire)
            return &f->d->open[i];
    return NULL;
}

static int on_block_start(const struct frame *f)
{
    struct lg_am_decoder *d = f->d;
    struct lg_ir_extra *extra = NULL;
    struct lg_am_open b = {.index = d->next};
    struct lg_val index, block;
    int shim = 0;
    int rc = get(f, &extra, "type- index= content_block=", &index, &block);

    if (rc < 0)
        return rc;
    if (lg_val_int(index, &b.wire) < 0 || find(f, index))
        return broken(f, "a block begins without an index of its own");
    if (d->n == LG_AM_OPEN_MAX || d->next == INT32_MAX)
        return broken(f, "more blocks than a message can have");
    rc = lg_am_open_block(f->c, block, d->next, extra, f->sink, 1, &shim);
    if (rc < 0)
        return rc;
    b.kind = (uint8_t)rc;
    b.shim = (uint8_t)shim;
    b.said = (uint8_t)lg_am_has_input(block, 1);
    d->shim |= shim;
    d->open[d->n++] = b;
    d->next++;
    return 0;
}

/* A call that has said nothing has no arguments: others want to hear it. Our
 * own writer says as little. */
static int put_no_input(const struct frame *f, const struct lg_am_open *b)
{
    if (f->c->keep_extras || b->said ||
        (b->kind != LG_PART_TOOL_CALL && !b->shim))
        return 0;
    return lg_sink_text(f->sink, b->shim ? LG_EV_TEXT : LG_EV_INPUT, 0,
                        b->index, LG_STR("{}"));
}

static int on_block_stop(const struct frame *f)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_am_open *b;
    struct lg_val at;
    int32_t index;
    int rc = get(f, &extra, "type- index=", &at, NULL);

    if (rc < 0)
        return rc;
    b = find(f, at);
    if (!b)
        return broken(f, "a block ends that is not open");
    index = b->index;
    rc = put_no_input(f, b);
    *b = f->d->open[--f->d->n];
    return rc < 0 ? rc : put(f, LG_EV_PART_END, index, NULL, extra);
}

static const struct delta {
    const char *type, *names;
    enum lg_event_kind event;
    enum lg_part_kind part; /* in which it may stand */
} deltas[] = {
    {"text_delta", "type- text=", LG_EV_TEXT, LG_PART_TEXT},
    {"input_json_delta", "type- partial_json=", LG_EV_INPUT, LG_PART_TOOL_CALL},
    {"thinking_delta", "type- thinking=", LG_EV_THINKING, LG_PART_THINKING},
    {"signature_delta", "type- signature=", LG_EV_SIGNATURE, LG_PART_THINKING},
    {"citations_delta", "type- citation=", LG_EV_CITATION, LG_PART_TEXT},
};

static const struct delta *delta_of(struct lg_val type,
                                    const struct lg_am_open *b)
{
    for (size_t i = 0; i < LG_COUNT(deltas); i++) {
        const struct delta *d = &deltas[i];
        const int input = d->event == LG_EV_INPUT;

        if (lg_val_is(type, d->type) &&
            (b->kind == d->part || (input && b->kind == LG_PART_OPAQUE) ||
             (input && b->shim)))
            return d;
    }
    return NULL;
}

static int put_delta(const struct frame *f, const struct delta *d,
                     struct lg_am_open *b, struct lg_val leaf,
                     const struct lg_ir_extra *extra)
{
    const struct lg_ir_val val = lg_ir_of(leaf);
    const struct lg_ir_blob blob = {val, LG_AM_NAME};
    struct lg_ir_event ev = {
        .kind = (uint8_t)d->event, .index = b->index, .extra = extra};

    if (d->event == LG_EV_CITATION)
        ev.u.val = &val;
    else if (d->event == LG_EV_SIGNATURE)
        ev.u.blob = &blob;
    else {
        if (d->event == LG_EV_INPUT && b->shim)
            ev.kind = LG_EV_TEXT;
        ev.text = val.s;
        f->c->plain =
            !extra && !f->repaired && (d->event != LG_EV_INPUT || b->said);
        b->said |= ev.text.n > 0;
    }
    return f->sink->put(f->sink, &ev);
}

static int on_block_delta(const struct frame *f)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_am_open *b;
    const struct delta *d;
    struct lg_val index, delta, leaf = {0};
    int rc = get(f, &extra, "type- index= delta=", &index, &delta);

    if (rc < 0)
        return rc;
    b = find(f, index);
    if (!b)
        return broken(f, "a piece of a block that is not open");
    d = delta_of(lg_val_get(delta, "type"), b);
    if (d)
        rc = lg_get(f->c, delta, f->c->keep_extras ? &extra : NULL, LG_AM_DELTA,
                    d->names, &leaf);
    if (rc < 0)
        return rc;
    if (!leaf.doc ||
        (d->event != LG_EV_CITATION && lg_val_kind(leaf) != LG_JSON_STRING))
        return put_opaque(f, b->index);
    return put_delta(f, d, b, leaf, extra);
}

/* ---- any ------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*read)(const struct frame *f);
    int within; /* a message must have begun */
} events[] = {
    {"content_block_delta", on_block_delta, 1},
    {"content_block_start", on_block_start, 1},
    {"content_block_stop", on_block_stop, 1},
    {"message_start", on_message_start, 0},
    {"message_delta", on_message_delta, 1},
    {"message_stop", on_message_stop, 1},
    {"ping", on_ping, 0},
    {"error", on_error, 0},
};

static int dispatch(struct frame *f)
{
    const struct lg_val type = lg_val_get(f->root, "type");

    if (lg_val_kind(type) == LG_JSON_STRING)
        f->name = lg_val_body(type);
    for (size_t i = 0; i < LG_COUNT(events); i++) {
        if (!lg_json_body_is(f->name, events[i].name))
            continue;
        if (events[i].within && !f->d->started)
            return broken(f, "the stream does not begin with message_start");
        return events[i].read(f);
    }
    return put_opaque(f, -1);
}

static int read_data(struct frame *f, struct lg_str data)
{
    struct lg_json *doc = lg_arena_new(f->c->arena, struct lg_json);
    int rc;

    if (!doc)
        return lg_no_room(f->c);
    rc = lg_frame_json(f->c, data, doc, &f->repaired, NULL);
    if (rc < 0 && rc != LLMGW_E_JSON)
        return lg_fail_mem(f->c->err, rc);
    f->root = lg_json_root(doc);
    if (rc < 0 || lg_val_kind(f->root) != LG_JSON_OBJECT)
        return broken(f, "the data of an event is no JSON object");
    return 0;
}

int lg_am_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink)
{
    struct frame f = {.d = dec, .c = c, .sink = sink, .name = frame->event};
    const struct lg_str data = lg_str_trim(frame->data);
    int rc;

    /* Nothing, or the end mark of another format that gateways add. */
    if (!data.n || lg_str_is(data, "[DONE]") || f.d->ended)
        return 0;
    rc = read_data(&f, data);
    return rc < 0 ? rc : lg_protocol(c, dispatch(&f));
}

int lg_am_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_am_decoder *d = dec;

    (void)sink;
    return d->ended ? 0
                    : lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                              "the stream ended without message_stop");
}
