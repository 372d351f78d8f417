/* SPDX-License-Identifier: MIT
 *
 * A stream's lines, read; and a whole answer, which is one. */
#include "lib/format/ollama_chat.h"

/* A line being read. */
struct run {
    struct lg_ol_decoder *d;
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    struct lg_val root;
    int whole; /* the one line of an answer that was not streamed */

    struct lg_ir_val model, created, content, thinking, reason;
    struct lg_val message, done, role, images, calls;
    struct lg_ir_extra *rest, *in_message;
};

static int put(struct run *u, enum lg_event_kind kind, int32_t index,
               const void *what)
{
    return lg_sink_put(u->sink, kind, 0, index, what, NULL);
}

/* ---- members ------------------------------------------------------------ */

/* What says nothing makes no event, but goes back as it was. */
static int keep_idle(struct run *u, struct lg_val v)
{
    const struct lg_ir_val val = lg_ir_of(v);
    const int idle = val.kind == LG_JSON_STRING
                         ? !val.s.n
                         : v.doc && lg_val_tok(v)->next == v.i + 1;

    return idle && u->whole && u->c->keep_extras
               ? lg_extra_keep(u->c, &u->in_message, v, LG_OL_MESSAGE)
               : 0;
}

static int parse_message(struct run *u)
{
    const char *const names[] = {"content", "thinking", "images", "tool_calls"};
    const enum lg_json_kind kind = lg_val_kind(u->message);
    int rc;

    if (kind != LG_JSON_OBJECT)
        return u->whole || kind > LG_JSON_NULL
                   ? lg_val_fail(kind ? u->message : u->root, u->c->err,
                                 "expected a message")
                   : 0;
    rc = lg_get(u->c, u->message, &u->in_message, LG_OL_MESSAGE,
                "role= content$ thinking$ images= tool_calls=", &u->role,
                &u->content, &u->thinking, &u->images, &u->calls);
    if (rc >= 0 && u->c->keep_extras)
        rc = lg_extra_keep(u->c, &u->in_message, u->role, LG_OL_MESSAGE);
    for (size_t i = 0; i < LG_COUNT(names) && rc >= 0; i++)
        rc = keep_idle(u, lg_val_get(u->message, names[i]));
    return rc;
}

static int parse(struct run *u)
{
    const int rc =
        lg_get(u->c, u->root, &u->rest, LG_OL_NODE,
               "model created_at message= done= done_reason "
               "prompt_eval_count- eval_count-",
               &u->model, &u->created, &u->message, &u->done, &u->reason);

    return rc < 0 ? rc : parse_message(u);
}

/* ---- the head ----------------------------------------------------------- */

static int is_of_head(const struct lg_ol_decoder *d, struct lg_str key)
{
    const struct lg_ir_extra *x = d->head;

    while (x && !lg_str_same(x->key, key))
        x = x->next;
    return x != NULL;
}

static int is_duration(struct lg_str key)
{
    const struct lg_str tail = LG_STR("_duration");

    return key.n > tail.n &&
           lg_str_same(lg_str_from(key.p + key.n - tail.n, tail.n), tail);
}

/* Members that every line repeats are the head's; what the last one has beside
 * them belongs to the stop. */
static int note_head(struct run *u, const struct lg_ir_extra *x)
{
    for (; x && !u->whole; x = x->next) {
        struct lg_ir_extra *copy = lg_arena_new(u->c->keep, struct lg_ir_extra);
        const char *key = lg_arena_dup(u->c->keep, x->key);

        if (!copy || !key)
            return lg_no_keep(u->c);
        copy->key = lg_str_from(key, x->key.n);
        copy->next = u->d->head;
        u->d->head = copy;
    }
    return 0;
}

static int begin(struct run *u)
{
    struct lg_ir_head head = {.model = u->model, .created = u->created};
    struct lg_ir_extra **to = &head.extra, **at = &u->rest;
    const char *stamp = lg_arena_dup(u->c->keep, u->created.s);
    int rc;

    if (!stamp)
        return lg_no_keep(u->c);
    u->d->stamp = lg_str_from(stamp, u->created.s.n);
    u->d->started = 1;
    while (*at) {
        if (is_duration((*at)->key)) {
            at = &(*at)->next;
            continue;
        }
        *to = *at;
        to = &(*to)->next;
        *at = *to;
        *to = NULL;
    }
    rc = note_head(u, head.extra);
    *to = u->in_message;
    return rc < 0 ? rc : put(u, LG_EV_START, -1, &head);
}

/* ---- parts -------------------------------------------------------------- */

static int close_part(struct run *u)
{
    if (!u->d->is_open)
        return 0;
    u->d->is_open = 0;
    return put(u, LG_EV_PART_END, u->d->next - 1, NULL);
}

static int open_part(struct run *u, const struct lg_ir_part *p)
{
    int rc = close_part(u);

    if (rc >= 0 && u->d->next == INT32_MAX)
        rc = lg_fail(u->c->err, LLMGW_E_PROTOCOL, NULL,
                     "more parts than a message can have");
    return rc < 0 ? rc : put(u, LG_EV_PART, u->d->next++, p);
}

static int put_piece(struct run *u, const struct lg_ir_val *v, uint8_t kind)
{
    const struct lg_ir_part p = {.tok = v->tok, .kind = kind};
    int rc = 0;

    if (!v->s.n || v->kind != LG_JSON_STRING)
        return 0;
    if (!u->d->is_open || u->d->open != kind)
        rc = open_part(u, &p);
    u->d->is_open = 1;
    u->d->open = kind;
    return rc < 0 ? rc
                  : lg_sink_text(u->sink,
                                 kind == LG_PART_TEXT ? LG_EV_TEXT
                                                      : LG_EV_THINKING,
                                 0, u->d->next - 1, v->s);
}

static int put_images(struct run *u)
{
    struct lg_iter it = lg_iter_of(u->images);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part p = {.kind = LG_PART_IMAGE};

        rc = lg_ol_read_image(u->c, it.val, &p);
        if (rc >= 0)
            rc = open_part(u, &p);
        if (rc >= 0)
            rc = put(u, LG_EV_PART_END, u->d->next - 1, NULL);
    }
    return rc;
}

/* Arguments come at once; others want to hear them as pieces of a string. */
static int put_input(struct run *u, const struct lg_ir_val *json)
{
    struct lg_str text = json->s;
    int rc = 0;

    if (!lg_ir_has(json) || (json->in_string && !text.n))
        text = LG_STR("{}");
    else if (!json->in_string)
        rc = lg_escaped(u->c, json->s, &text);
    return rc < 0 ? rc
                  : lg_sink_text(u->sink, LG_EV_INPUT, 0, u->d->next - 1, text);
}

static int put_call(struct run *u, struct lg_val v)
{
    struct lg_ir_part p = {.tok = v.i};
    struct lg_ir_val json = lg_ir_none;
    int rc = lg_call_read(u->c, v, &p);

    if (p.kind == LG_PART_TOOL_CALL && !u->c->keep_extras) {
        json = p.json;
        p.json = lg_ir_none;
        if (rc >= 0 && !lg_ir_has(&p.id))
            rc = lg_call_id(u->c, u->c->arena, u->d->stamp, 0,
                            (unsigned)u->d->next, &p.id);
    }
    u->d->called |= p.kind == LG_PART_TOOL_CALL;
    if (rc >= 0)
        rc = open_part(u, &p);
    if (rc >= 0 && p.kind == LG_PART_TOOL_CALL && !u->c->keep_extras)
        rc = put_input(u, &json);
    return rc < 0 ? rc : put(u, LG_EV_PART_END, u->d->next - 1, NULL);
}

static int put_message(struct run *u)
{
    struct lg_iter it = lg_iter_of(u->calls);
    int rc = put_piece(u, &u->thinking, LG_PART_THINKING);

    if (rc >= 0)
        rc = put_piece(u, &u->content, LG_PART_TEXT);
    if (rc >= 0)
        rc = put_images(u);
    while (rc >= 0 && lg_iter_next(&it))
        rc = put_call(u, it.val);
    return rc;
}

/* ---- the end ------------------------------------------------------------ */

static enum lg_stop kind_of(const struct run *u)
{
    const struct lg_ir_val *r = &u->reason;

    if (lg_ir_is(r, "length"))
        return LG_STOP_LENGTH;
    if (lg_ir_is(r, "content_filter"))
        return LG_STOP_REFUSAL;
    if (!lg_ir_has(r) ? lg_val_kind(u->done) != LG_JSON_TRUE
                      : !lg_ir_is(r, "stop") && !lg_ir_is(r, ""))
        return lg_ir_has(r) ? LG_STOP_OTHER : LG_STOP_NONE;
    return u->d->called ? LG_STOP_TOOL : LG_STOP_END;
}

static int read_count(struct run *u, const char *name, struct lg_ir_stop *stop,
                      int64_t *n)
{
    *n = lg_count_of(u->root, name);
    return *n >= 0 ? 0
                   : lg_extra_keep(u->c, &stop->extra,
                                   lg_val_get(u->root, name), LG_OL_NODE);
}

static int finish(struct run *u)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;
    struct lg_ir_stop stop = {.extra = u->rest};
    int rc = close_part(u);

    u->d->ended = 1;
    stop.reason = u->reason;
    stop.kind = (uint8_t)kind_of(u);
    if (rc >= 0)
        rc = read_count(u, "prompt_eval_count", &stop, &usage.input);
    if (rc >= 0)
        rc = read_count(u, "eval_count", &stop, &usage.output);
    if (rc >= 0 && u->c->keep_extras && lg_val_kind(u->done) != LG_JSON_TRUE)
        rc = lg_extra_keep(u->c, &stop.extra, u->done, LG_OL_UNDONE);
    if (rc >= 0 && (usage.input >= 0 || usage.output >= 0))
        rc = put(u, LG_EV_USAGE, -1, &usage);
    if (rc >= 0)
        rc = put(u, LG_EV_STOP, -1, &stop);
    return rc < 0 ? rc : put(u, LG_EV_END, -1, NULL);
}

/* ---- a line ------------------------------------------------------------- */

static int read_line(struct run *u)
{
    struct lg_ir_extra **at = &u->rest;
    const int32_t before = u->d->next;
    const int was_open = u->d->is_open;
    int rc = parse(u);

    if (rc >= 0 && !u->d->started)
        rc = begin(u);
    while (*at)
        if (is_of_head(u->d, (*at)->key))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    if (rc >= 0)
        rc = put_message(u);
    if (rc < 0 || u->whole || lg_val_kind(u->done) == LG_JSON_TRUE)
        return rc < 0 ? rc : finish(u);
    /* Only its time and its text may be others next time. */
    u->c->plain = was_open && u->d->is_open && u->d->next == before;
    if (u->created.kind == LG_JSON_STRING && u->created.s.n)
        u->c->hole = u->created.s;
    return 0;
}

int lg_ol_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    struct lg_ol_decoder d = {0};
    struct run u = {
        .d = &d, .c = c, .sink = sink, .root = lg_json_root(doc), .whole = 1};

    if (lg_val_get(u.root, "error").doc)
        return lg_fail(c->err, LLMGW_E_PROTOCOL, NULL,
                       "an error stands where the answer should be");
    return lg_protocol(c, read_line(&u));
}

static int put_error(struct run *u, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    const int rc = lg_ol_read_error(u->c, doc, 0, &error);

    return rc < 0 ? rc : put(u, LG_EV_ERROR, -1, &error);
}

int lg_ol_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink)
{
    struct lg_json *doc = lg_arena_new(c->arena, struct lg_json);
    struct run u = {.d = dec, .c = c, .sink = sink};
    int repaired = 0, rc;

    if (!doc)
        return lg_no_room(c);
    if (u.d->ended)
        return 0;
    rc = lg_frame_json(c, frame->data, doc, &repaired, c->err);
    u.root = lg_json_root(doc);
    if (rc >= 0)
        rc = lg_val_get(u.root, "error").doc ? put_error(&u, doc)
                                             : read_line(&u);
    c->plain = c->plain && !repaired && rc >= 0;
    return lg_protocol(c, rc);
}

int lg_ol_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_ol_decoder *d = dec;

    (void)sink;
    return d->ended ? 0
                    : lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                              "the stream ended without a line that is done");
}
