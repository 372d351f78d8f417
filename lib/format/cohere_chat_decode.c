/* SPDX-License-Identifier: MIT
 *
 * A stream, read. */
#include "lib/format/cohere_chat.h"

/* A frame being read. */
struct run {
    struct lg_co_decoder *d;
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    struct lg_val root, delta; /* delta: its message, where there is one */
    struct lg_str name;
    struct lg_ir_extra *extra;
    int repaired;
};

static int put(const struct run *u, enum lg_event_kind kind, int32_t index,
               const void *what)
{
    return lg_sink_put(u->sink, kind, 0, index, what, u->extra);
}

static int broken(const struct run *u, const char *text)
{
    return lg_fail(u->c->err, LLMGW_E_PROTOCOL, NULL, "%s", text);
}

static int put_opaque(const struct run *u)
{
    const struct lg_ir_val val = lg_ir_of(u->root);
    const struct lg_ir_event ev = {
        .kind = LG_EV_OPAQUE, .index = -1, .u.val = &val, .name = u->name};

    return u->sink->put(u->sink, &ev);
}

static int put_piece(struct run *u, enum lg_event_kind kind, int32_t index,
                     struct lg_val leaf, int plain)
{
    struct lg_ir_event ev = {.kind = (uint8_t)kind,
                             .index = index,
                             .text = lg_val_body(leaf),
                             .extra = u->extra};

    if (!ev.text.n)
        return lg_val_kind(leaf) == LG_JSON_STRING ? 0 : put_opaque(u);
    u->c->plain = plain && !u->extra && !u->repaired;
    return u->sink->put(u->sink, &ev);
}

/* ---- parts -------------------------------------------------------------- */

/* Calls are counted apart from what is in the content. */
static struct lg_co_open *find(const struct run *u, int is_call)
{
    struct lg_co_decoder *d = u->d;
    int64_t wire;

    if (lg_val_int(lg_val_get(u->root, "index"), &wire))
        wire = 0;
    for (size_t i = d->n; i-- > 0;)
        if (d->open[i].wire == wire &&
            (d->open[i].kind == LG_PART_TOOL_CALL) == is_call)
            return &d->open[i];
    return NULL;
}

static int open_part(struct run *u, const struct lg_ir_part *p)
{
    struct lg_co_decoder *d = u->d;
    struct lg_co_open *b = &d->open[d->n];
    const int is_call = p->kind == LG_PART_TOOL_CALL;

    if (d->n == LG_CO_OPEN_MAX || d->next == INT32_MAX)
        return broken(u, "more parts than a message can have");
    if (find(u, is_call))
        return broken(u, "a part begins that is open already");
    *b = (struct lg_co_open){.index = d->next++, .kind = p->kind};
    if (lg_val_int(lg_val_get(u->root, "index"), &b->wire))
        b->wire = 0;
    d->n++;
    return put(u, LG_EV_PART, b->index, p);
}

static int end_plan(struct run *u)
{
    const int32_t index = u->d->plan - 1;

    u->d->plan = 0;
    return index < 0
               ? 0
               : lg_sink_put(u->sink, LG_EV_PART_END, 0, index, NULL, NULL);
}

/* A call that has said nothing has no arguments: others want to hear it. */
static int end_part(struct run *u, struct lg_co_open *b)
{
    const struct lg_co_open was = *b;
    int rc = 0;

    *b = u->d->open[--u->d->n];
    if (was.kind == LG_PART_TOOL_CALL && !was.said && !u->c->keep_extras)
        rc = lg_sink_text(u->sink, LG_EV_INPUT, 0, was.index, LG_STR("{}"));
    return rc < 0 ? rc : put(u, LG_EV_PART_END, was.index, NULL);
}

static int on_plan(struct run *u)
{
    const struct lg_ir_part p = {
        .kind = LG_PART_TEXT, .tok = LG_NOWHERE, .form = LG_CO_PLAN};
    const struct lg_val leaf = lg_val_get(u->delta, "tool_plan");
    const int was_open = u->d->plan > 0;
    int rc = 0;

    if (!was_open && lg_val_body(leaf).n) {
        u->d->plan = ++u->d->next;
        rc = put(u, LG_EV_PART, u->d->plan - 1, &p);
    }
    return rc < 0 ? rc
                  : put_piece(u, LG_EV_TEXT, u->d->plan - 1, leaf, was_open);
}

static int on_content_start(struct run *u)
{
    struct lg_ir_part p = {0}, open;
    int rc = lg_co_read_part(u->c, lg_val_get(u->delta, "content"), &p);

    if (rc < 0 || !lg_val_get(u->delta, "content").doc)
        return rc < 0 ? rc : put_opaque(u);
    if (p.kind != LG_PART_TEXT && p.kind != LG_PART_THINKING) {
        p = (struct lg_ir_part){.tok = p.tok, .kind = LG_PART_OPAQUE};
        p.json = lg_ir_of(lg_val_get(u->delta, "content"));
    }
    open = p;
    open.text = lg_ir_none;
    rc = open_part(u, &open);
    if (p.kind == LG_PART_TEXT)
        u->d->text = u->d->next;
    if (rc < 0 || p.kind == LG_PART_OPAQUE || !p.text.s.n)
        return rc;
    return lg_sink_text(u->sink,
                        p.kind == LG_PART_TEXT ? LG_EV_TEXT : LG_EV_THINKING, 0,
                        u->d->next - 1, p.text.s);
}

static int on_content_delta(struct run *u)
{
    const struct lg_co_open *b = find(u, 0);
    const struct lg_val content = lg_val_get(u->delta, "content");

    if (!b)
        return broken(u, "a piece of a part that is not open");
    if (b->kind == LG_PART_TEXT)
        return put_piece(u, LG_EV_TEXT, b->index, lg_val_get(content, "text"),
                         1);
    if (b->kind == LG_PART_THINKING)
        return put_piece(u, LG_EV_THINKING, b->index,
                         lg_val_get(content, "thinking"), 1);
    return put_opaque(u);
}

static int on_call_start(struct run *u)
{
    const struct lg_val call = lg_val_get(u->delta, "tool_calls");
    struct lg_ir_part p = {0};
    struct lg_ir_val json;
    struct lg_str input = {0};
    int rc = end_plan(u);

    if (rc >= 0)
        rc = lg_call_read(u->c, call, &p);
    if (rc < 0 || p.kind != LG_PART_TOOL_CALL)
        return rc < 0 ? rc : put_opaque(u);
    json = p.json;
    p.json = lg_ir_none;
    rc = open_part(u, &p);
    if (rc >= 0 && lg_ir_has(&json) && !json.in_string)
        rc = lg_escaped(u->c, json.s, &input);
    else if (json.in_string)
        input = json.s;
    if (rc < 0 || lg_co_is_none(u->c, input))
        return rc;
    u->d->open[u->d->n - 1].said = 1;
    return lg_sink_text(u->sink, LG_EV_INPUT, 0, u->d->next - 1, input);
}

static int on_call_delta(struct run *u)
{
    struct lg_co_open *b = find(u, 1);
    const struct lg_val leaf =
        lg_val_get(lg_val_get(lg_val_get(u->delta, "tool_calls"), "function"),
                   "arguments");
    int said;

    if (!b)
        return broken(u, "a piece of a call that is not open");
    said = b->said;
    if (!said && lg_val_body(leaf).n && lg_co_is_none(u->c, lg_val_body(leaf)))
        return 0;
    b->said |= lg_val_body(leaf).n > 0;
    return put_piece(u, LG_EV_INPUT, b->index, leaf, said);
}

static int on_end_of(struct run *u, int is_call)
{
    struct lg_co_open *b = find(u, is_call);

    return b ? end_part(u, b) : broken(u, "a part ends that is not open");
}

static int on_content_end(struct run *u)
{
    return on_end_of(u, 0);
}

static int on_call_end(struct run *u)
{
    return on_end_of(u, 1);
}

/* A citation is of the message; the last text has it. */
static int on_citation(struct run *u)
{
    const struct lg_ir_val val = lg_ir_of(lg_val_get(u->delta, "citations"));

    return u->d->text && lg_ir_has(&val)
               ? put(u, LG_EV_CITATION, u->d->text - 1, &val)
               : put_opaque(u);
}

static int on_citation_end(struct run *u)
{
    (void)u; /* it began whole */
    return 0;
}

/* ---- the message -------------------------------------------------------- */

static int on_start(struct run *u)
{
    struct lg_ir_head head = {0};
    struct lg_val role = {0};
    int rc;

    if (u->d->started)
        return broken(u, "a second message begins within the stream");
    u->d->started = 1;
    head.id = lg_ir_of(lg_val_get(u->root, "id"));
    rc = u->delta.doc
             ? lg_get(u->c, u->delta, &head.extra, LG_CO_MESSAGE,
                      "role= content- tool_plan- tool_calls- citations-", &role)
             : 0;
    if (rc >= 0 && u->c->keep_extras)
        rc = lg_extra_keep(u->c, &head.extra, role, LG_CO_MESSAGE);
    return rc < 0 ? rc : put(u, LG_EV_START, -1, &head);
}

static int put_error(struct run *u, struct lg_val message)
{
    struct lg_ir_error error = {.class = LG_ERROR_SERVER};

    error.message = lg_ir_of(message);
    return put(u, LG_EV_ERROR, -1, &error);
}

static int on_end(struct run *u)
{
    struct lg_ir_stop stop = {0};
    struct lg_ir_usage usage;
    struct lg_val cost, error;
    int rc = lg_get(u->c, lg_val_get(u->root, "delta"), &stop.extra, LG_CO_NODE,
                    "finish_reason usage= error=", &stop.reason, &cost, &error);

    while (rc >= 0 && u->d->n)
        rc = end_part(u, &u->d->open[u->d->n - 1]);
    if (rc >= 0)
        rc = end_plan(u);
    lg_co_read_usage(cost, &usage);
    if (rc >= 0 && lg_val_kind(cost) == LG_JSON_OBJECT)
        rc = put(u, LG_EV_USAGE, -1, &usage);
    if (rc < 0 || lg_val_kind(error) == LG_JSON_STRING)
        return rc < 0 ? rc : put_error(u, error);
    u->d->ended = 1;
    stop.kind = (uint8_t)lg_co_stop_kind(&stop.reason);
    rc = put(u, LG_EV_STOP, -1, &stop);
    return rc < 0 ? rc : put(u, LG_EV_END, -1, NULL);
}

/* ---- any ---------------------------------------------------------------- */

static const struct {
    const char *name;
    int (*read)(struct run *u);
} events[] = {
    {"content-delta", on_content_delta},
    {"tool-call-delta", on_call_delta},
    {"tool-plan-delta", on_plan},
    {"content-start", on_content_start},
    {"content-end", on_content_end},
    {"tool-call-start", on_call_start},
    {"tool-call-end", on_call_end},
    {"citation-start", on_citation},
    {"citation-end", on_citation_end},
    {"message-start", on_start},
    {"message-end", on_end},
};

static int dispatch(struct run *u)
{
    const struct lg_val type = lg_val_get(u->root, "type");
    const struct lg_val message = lg_val_get(u->root, "message");
    int rc = 0;

    if (lg_val_kind(type) == LG_JSON_STRING)
        u->name = lg_val_body(type);
    else if (lg_val_kind(message) == LG_JSON_STRING)
        return put_error(u, message);
    if (u->c->keep_extras)
        rc = lg_get(u->c, u->root, &u->extra, LG_CO_NODE,
                    "type- id- index- delta-");
    u->delta = lg_val_get(lg_val_get(u->root, "delta"), "message");
    for (size_t i = 0; i < LG_COUNT(events) && rc >= 0; i++) {
        if (!lg_str_is(u->name, events[i].name))
            continue;
        if (!u->d->started && events[i].read != on_start)
            return broken(u, "the stream does not begin with message-start");
        return events[i].read(u);
    }
    return rc < 0 ? rc : put_opaque(u);
}

int lg_co_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink)
{
    struct run u = {.d = dec, .c = c, .sink = sink, .name = frame->event};
    struct lg_json *doc = lg_arena_new(c->arena, struct lg_json);
    const struct lg_str data = lg_str_trim(frame->data);
    int rc;

    if (!doc)
        return lg_no_room(c);
    /* Nothing, or the end mark that some add. */
    if (!data.n || lg_str_is(data, "[DONE]") || u.d->ended)
        return 0;
    rc = lg_frame_json(c, data, doc, &u.repaired, c->err);
    u.root = lg_json_root(doc);
    if (rc >= 0 && lg_val_kind(u.root) != LG_JSON_OBJECT)
        rc = broken(&u, "the data of an event is no JSON object");
    return lg_protocol(c, rc < 0 ? rc : dispatch(&u));
}

int lg_co_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_co_decoder *d = dec;

    (void)sink;
    return d->ended ? 0
                    : lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                              "the stream ended without message-end");
}
