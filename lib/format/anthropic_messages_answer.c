/* SPDX-License-Identifier: MIT
 *
 * A whole answer, read; and what a stream is read with, too. */
#include "lib/format/anthropic_messages.h"

#include "lib/format/turn.h"
#include "lib/json/text.h"

/* ---- reading ------------------------------------------------------------ */

/* Members that every message has are kept only where they go back as they
 * were; the others are news to any format. */
static int keep_fixed(struct lg_ctx *c, const struct lg_val *f,
                      struct lg_ir_extra **extra)
{
    static const struct {
        enum lg_am_message member;
        enum lg_am_level level;
    } fixed[] = {{LG_AM_M_TYPE, LG_AM_FIXED},
                 {LG_AM_M_ROLE, LG_AM_FIXED},
                 {LG_AM_M_STOP, LG_AM_NOT_YET},
                 {LG_AM_M_SEQUENCE, LG_AM_NOT_YET},
                 {LG_AM_M_DETAILS, LG_AM_NOT_YET}};
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(fixed) && rc >= 0; i++)
        rc = lg_extra_keep(c, extra, f[fixed[i].member],
                           (uint8_t)fixed[i].level);
    return rc;
}

int lg_am_read_head(struct lg_ctx *c, struct lg_val msg, struct lg_val *f,
                    struct lg_ir_head *head)
{
    int rc = lg_get(
        c, msg, &head->extra, LG_AM_NODE,
        "type= role= content= stop_reason= stop_sequence= stop_details= usage= "
        "id$ model$",
        &f[LG_AM_M_TYPE], &f[LG_AM_M_ROLE], &f[LG_AM_M_CONTENT],
        &f[LG_AM_M_STOP], &f[LG_AM_M_SEQUENCE], &f[LG_AM_M_DETAILS],
        &f[LG_AM_M_USAGE], &head->id, &head->model);

    if (rc >= 0 && c->keep_extras)
        rc = keep_fixed(c, f, &head->extra);
    return rc;
}

static void read_usage(struct lg_val v, struct lg_ir_usage *u)
{
    static const char *const names[] = {
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "output_tokens_details",
    };
    struct lg_val v_of[LG_COUNT(names)];

    lg_val_pick(v, names, LG_COUNT(names), v_of);
    u->input = lg_count(v_of[0]);
    u->output = lg_count(v_of[1]);
    u->cache_read = lg_count(v_of[2]);
    u->cache_write = lg_count(v_of[3]);
    u->cache_write_1h = lg_count_of(v_of[4], "ephemeral_1h_input_tokens");
    u->thinking = lg_count_of(v_of[5], "thinking_tokens");
    lg_ir_set(&u->raw, v);
}

static enum lg_stop stop_kind(const struct lg_ir_val *reason)
{
    const unsigned kind = lg_ir_word_of(reason, LG_AM_STOPS);

    if (!lg_ir_has(reason))
        return LG_STOP_NONE;
    if (lg_ir_is(reason, "model_context_window_exceeded"))
        return LG_STOP_LENGTH;
    return kind ? (enum lg_stop)kind : LG_STOP_OTHER;
}

/* Why it was refused, in words; the rest of the object goes to the extras. */
static int read_details(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_stop *stop)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_OBJECT || lg_val_tok(v)->next == v.i + 1) {
        lg_ir_set(&stop->details, v);
        return 0;
    }
    while (rc >= 0 && lg_iter_next(&it)) {
        if (lg_val_is(it.key, "explanation") &&
            lg_val_kind(it.val) == LG_JSON_STRING)
            lg_ir_set(&stop->details, it.val);
        else if (c->keep_extras || !lg_val_is(it.key, "type"))
            rc = lg_extra_add(c, &stop->extra, it.key, it.val, LG_AM_DETAILS);
    }
    return rc;
}

int lg_am_read_stop(struct lg_ctx *c, const struct lg_val *f,
                    struct lg_ir_stop *stop, int shim)
{
    lg_ir_set(&stop->reason, f[LG_AM_M_STOP]);
    lg_ir_set(&stop->sequence, f[LG_AM_M_SEQUENCE]);
    stop->kind = (uint8_t)stop_kind(&stop->reason);
    if (shim && stop->kind == LG_STOP_TOOL)
        stop->kind = LG_STOP_END;
    return read_details(c, f[LG_AM_M_DETAILS], stop);
}

/* ---- blocks as events ---------------------------------------------------- */

struct block {
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    int32_t index;
    int streams;
};

static int put(const struct block *b, enum lg_event_kind kind, const void *what)
{
    return lg_sink_put(b->sink, kind, 0, b->index, what, NULL);
}

static int put_text(const struct block *b, enum lg_event_kind kind,
                    struct lg_str text)
{
    return lg_sink_text(b->sink, kind, 0, b->index, text);
}

/* Arguments that are there at once, as the one piece of a string they would
 * have come in. */
static int put_input(const struct block *b, enum lg_event_kind kind,
                     const struct lg_ir_val *json)
{
    struct lg_str piece;
    const int rc = lg_escaped(b->c, json->s, &piece);

    return rc ? rc : put_text(b, kind, piece);
}

static int put_citations(const struct block *b, struct lg_val list)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        rc = put(b, LG_EV_CITATION, &val);
    }
    return rc;
}

int lg_am_has_input(struct lg_val block, int streams)
{
    const struct lg_val v = lg_val_get(block, "input");

    return lg_val_kind(v) != LG_JSON_NONE &&
           (!streams || lg_val_kind(v) != LG_JSON_OBJECT ||
            lg_val_tok(v)->next > v.i + 1);
}

static int put_content(const struct block *b, const struct lg_ir_part *p,
                       struct lg_val block, int shim)
{
    int rc = 0;

    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        if (p->text.s.n)
            rc = put_text(b, LG_EV_TEXT, p->text.s);
        return rc < 0 ? rc : put_citations(b, lg_val_get(block, "citations"));
    case LG_PART_THINKING:
        if (p->text.s.n)
            rc = put_text(b, LG_EV_THINKING, p->text.s);
        if (rc < 0 || p->blob.val.kind != LG_JSON_STRING ||
            (b->streams && !p->blob.val.s.n))
            return rc;
        return put(b, LG_EV_SIGNATURE, &p->blob);
    case LG_PART_TOOL_CALL:
        if (!lg_am_has_input(block, b->streams))
            return 0;
        return put_input(b, shim ? LG_EV_TEXT : LG_EV_INPUT, &p->json);
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
    case LG_PART_REDACTED:
    case LG_PART_REFUSAL:
    case LG_PART_OPAQUE:
        break;
    }
    return 0;
}

/* A list of citations tells its members one by one; one without any, and a
 * null, are told here. */
static int keep_citations(const struct block *b, struct lg_val v,
                          struct lg_ir_part *open)
{
    if (lg_val_kind(v) == LG_JSON_ARRAY) {
        if (lg_val_tok(v)->next == v.i + 1)
            lg_ir_set(&open->citations, v);
        return 0;
    }
    return lg_extra_keep(b->c, &open->extra, v,
                         b->streams ? LG_AM_OPENING : LG_AM_NODE);
}

static int is_answered(const struct lg_ir_part *p)
{
    return p->kind == LG_PART_TEXT || p->kind == LG_PART_THINKING ||
           p->kind == LG_PART_TOOL_CALL || p->kind == LG_PART_REDACTED;
}

/* The part as its opening event has it: content comes in events of its own.
 * Kinds that an answer cannot have are nobody's but ours. */
static int read_opening(const struct block *b, struct lg_val block,
                        struct lg_ir_part *p, struct lg_ir_part *open)
{
    int rc = lg_am_read_block(b->c, block, p, 0);

    if (rc < 0)
        return rc;
    if (!is_answered(p)) {
        *p = (struct lg_ir_part){.tok = block.i, .kind = LG_PART_OPAQUE};
        lg_ir_set(&p->json, block);
    }
    *open = *p;
    open->text = open->citations = lg_ir_none;
    if (p->kind != LG_PART_OPAQUE)
        open->json = lg_ir_none;
    if (p->kind != LG_PART_REDACTED)
        open->blob = (struct lg_ir_blob){.origin = NULL};
    if (p->kind == LG_PART_TEXT)
        rc = keep_citations(b, lg_val_get(block, "citations"), open);
    return rc;
}

int lg_am_open_block(struct lg_ctx *c, struct lg_val block, int32_t index,
                     struct lg_ir_extra *frame, struct lg_ir_sink *sink,
                     int streams, int *shim)
{
    const struct block b = {c, sink, index, streams};
    struct lg_ir_part p = {0}, open;
    int rc = read_opening(&b, block, &p, &open);
    int is_text;

    if (rc < 0)
        return rc;
    is_text = lg_is_json_tool(c, &p);
    if (is_text) {
        open = (struct lg_ir_part){.tok = p.tok, .kind = LG_PART_TEXT};
        *shim = 1;
    } else if (streams && c->keep_extras && p.kind != LG_PART_OPAQUE) {
        /* How a stream said that it opens: goes back as it was. */
        rc = lg_extra_pick(c, &open.extra, block,
                           "text thinking signature input", LG_AM_OPENING);
    }
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_PART, 0, index, &open, frame);
    if (rc >= 0)
        rc = put_content(&b, &p, block, is_text);
    return rc < 0 ? rc : open.kind;
}

/* ---- a whole answer ------------------------------------------------------ */

int lg_am_put_blocks(struct lg_ctx *c, struct lg_val content, int32_t *index,
                     struct lg_ir_sink *sink, int *shim)
{
    struct lg_iter it = lg_iter_of(content);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const int32_t i = (*index)++;

        rc = lg_am_open_block(c, it.val, i, NULL, sink, 0, shim);
        if (rc >= 0)
            rc = lg_sink_put(sink, LG_EV_PART_END, 0, i, NULL, NULL);
    }
    return rc;
}

int lg_am_put_usage(struct lg_val v, struct lg_ir_sink *sink)
{
    struct lg_ir_usage usage;

    if (!v.doc)
        return 0;
    read_usage(v, &usage);
    return lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL);
}

static int put_answer(struct lg_ctx *c, const struct lg_val *f,
                      const struct lg_ir_head *head, struct lg_ir_sink *sink)
{
    struct lg_ir_stop stop = {0};
    int32_t index = 0;
    int shim = 0;
    int rc = lg_sink_put(sink, LG_EV_START, 0, -1, head, NULL);

    if (rc >= 0)
        rc = lg_am_put_usage(f[LG_AM_M_USAGE], sink);
    if (rc >= 0)
        rc = lg_am_put_blocks(c, f[LG_AM_M_CONTENT], &index, sink, &shim);
    if (rc >= 0)
        rc = lg_am_read_stop(c, f, &stop, shim);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_STOP, 0, -1, &stop, NULL);
    return rc < 0 ? rc : lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
}

int lg_am_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[LG_AM_M_COUNT];
    struct lg_ir_head head = {0};
    int rc;

    if (lg_val_is(lg_val_get(root, "type"), "error"))
        return lg_fail(c->err, LLMGW_E_PROTOCOL, NULL,
                       "an error stands where the answer should be");
    rc = lg_am_read_head(c, root, f, &head);
    if (rc >= 0 && lg_val_kind(f[LG_AM_M_CONTENT]) != LG_JSON_ARRAY)
        rc = lg_val_fail(f[LG_AM_M_CONTENT].doc ? f[LG_AM_M_CONTENT] : root,
                         c->err, "expected a message with a list of content");
    if (rc >= 0)
        rc = put_answer(c, f, &head, sink);
    return lg_protocol(c, rc);
}
