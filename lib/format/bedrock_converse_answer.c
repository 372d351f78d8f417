/* SPDX-License-Identifier: MIT
 *
 * A whole answer, read; and what a stream is read with, too. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/turn.h"

void lg_bc_read_usage(struct lg_val v, struct lg_ir_usage *u)
{
    struct lg_iter it = lg_iter_of(lg_val_get(v, "cacheDetails"));

    *u = LG_USAGE_NONE;
    u->raw = lg_ir_of(v);
    u->input = lg_count_of(v, "inputTokens");
    u->output = lg_count_of(v, "outputTokens");
    u->cache_read = lg_count_of(v, "cacheReadInputTokens");
    u->cache_write = lg_count_of(v, "cacheWriteInputTokens");
    while (lg_iter_next(&it))
        if (lg_val_is(lg_val_get(it.val, "ttl"), "1h"))
            u->cache_write_1h = lg_count_of(it.val, "inputTokens");
}

/* Of the model's own fields that were asked for: which sequence it was, and why
 * it refused. */
static int read_fields(struct lg_ctx *c, struct lg_val fields,
                       struct lg_ir_stop *stop)
{
    struct lg_val v = lg_val_get(fields, "stop_sequence");

    if (!v.doc)
        v = lg_val_get(lg_val_get(fields, "delta"), "stop_sequence");
    if (lg_val_kind(v) == LG_JSON_STRING)
        stop->sequence = lg_ir_of(v);
    v = lg_val_get(lg_val_get(fields, "stop_details"), "explanation");
    if (lg_val_kind(v) == LG_JSON_STRING)
        stop->details = lg_ir_of(v);
    if (c->keep_extras || lg_val_kind(fields) != LG_JSON_OBJECT)
        return lg_extra_keep(c, &stop->extra, fields, LG_BC_NODE);
    return lg_get(c, fields, &stop->extra, LG_BC_NODE,
                  "stop_sequence- stop_details- delta-");
}

int lg_bc_read_stop(struct lg_ctx *c, struct lg_val reason,
                    struct lg_val fields, int shim, struct lg_ir_stop *stop)
{
    static const struct {
        const char *reason;
        enum lg_stop kind;
    } stops[] = {
        {"end_turn", LG_STOP_END},
        {"tool_use", LG_STOP_TOOL},
        {"max_tokens", LG_STOP_LENGTH},
        {"model_context_window_exceeded", LG_STOP_LENGTH},
        {"stop_sequence", LG_STOP_SEQUENCE},
        {"guardrail_intervened", LG_STOP_REFUSAL},
        {"content_filtered", LG_STOP_REFUSAL},
    };

    stop->reason = lg_ir_of(reason);
    stop->kind = lg_ir_has(&stop->reason) ? LG_STOP_OTHER : LG_STOP_NONE;
    for (size_t i = 0; i < LG_COUNT(stops); i++)
        if (lg_val_is(reason, stops[i].reason))
            stop->kind = (uint8_t)stops[i].kind;
    if (shim && stop->kind == LG_STOP_TOOL)
        stop->kind = LG_STOP_END;
    return read_fields(c, fields, stop);
}

/* ---- blocks as events -------------------------------------------------------- */

struct block {
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    int32_t index;
};

static int put(const struct block *b, enum lg_event_kind kind, const void *what)
{
    return lg_sink_put(b->sink, kind, 0, b->index, what, NULL);
}

static int put_text(const struct block *b, enum lg_event_kind kind,
                    struct lg_str text)
{
    return text.n ? lg_sink_text(b->sink, kind, 0, b->index, text) : 0;
}

static int put_citations(const struct block *b, struct lg_val block)
{
    struct lg_iter it = lg_iter_of(
        lg_val_get(lg_val_get(block, "citationsContent"), "citations"));
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        rc = put(b, LG_EV_CITATION, &val);
    }
    return rc;
}

/* Arguments that are there at once, as the one piece of a string they would
 * have come in. */
static int put_input(const struct block *b, const struct lg_ir_part *p,
                     int shim)
{
    struct lg_str piece;
    int rc;

    if (p->json.kind == LG_JSON_NONE)
        return 0;
    rc = lg_escaped(b->c, p->json.s, &piece);
    return rc ? rc : put_text(b, shim ? LG_EV_TEXT : LG_EV_INPUT, piece);
}

static int put_content(const struct block *b, const struct lg_ir_part *p,
                       struct lg_val block, int shim)
{
    int rc;

    if (p->kind == LG_PART_TOOL_CALL)
        return put_input(b, p, shim);
    if (p->kind == LG_PART_TEXT) {
        rc = put_text(b, LG_EV_TEXT, p->text.s);
        return rc < 0 ? rc : put_citations(b, block);
    }
    if (p->kind != LG_PART_THINKING)
        return 0;
    rc = put_text(b, LG_EV_THINKING, p->text.s);
    if (rc >= 0 && p->blob.val.kind == LG_JSON_STRING)
        rc = put(b, LG_EV_SIGNATURE, &p->blob);
    return rc;
}

/* The part as its opening event has it: content comes in events of its own.
 * Kinds that other answers cannot have are nobody's but ours. */
static int read_opening(const struct block *b, struct lg_val block,
                        struct lg_ir_part *p, struct lg_ir_part *open)
{
    const int rc = lg_bc_read_block(b->c, block, p, 0);

    if (rc < 0)
        return rc;
    if (p->kind != LG_PART_TEXT && p->kind != LG_PART_THINKING &&
        p->kind != LG_PART_TOOL_CALL && p->kind != LG_PART_REDACTED) {
        *p = (struct lg_ir_part){.tok = block.i, .kind = LG_PART_OPAQUE};
        p->json = lg_ir_of(block);
    }
    *open = *p;
    open->text = lg_ir_none;
    if (p->kind != LG_PART_OPAQUE)
        open->json = lg_ir_none;
    if (p->kind == LG_PART_THINKING)
        open->blob = (struct lg_ir_blob){.origin = NULL};
    if (open->citations.kind != LG_JSON_ARRAY ||
        !lg_str_is(open->citations.s, "[]"))
        open->citations = lg_ir_none; /* they are told one by one */
    return 0;
}

static int put_block(const struct block *b, struct lg_val v, int *shims)
{
    struct lg_ir_part p = {0}, open;
    int rc = read_opening(b, v, &p, &open);
    int shim;

    if (rc < 0)
        return rc;
    shim = lg_is_json_tool(b->c, &p);
    *shims |= shim;
    if (shim)
        open = (struct lg_ir_part){.tok = p.tok, .kind = LG_PART_TEXT};
    rc = put(b, LG_EV_PART, &open);
    if (rc >= 0)
        rc = put_content(b, &p, v, shim);
    return rc < 0 ? rc : put(b, LG_EV_PART_END, NULL);
}

/* ---- a whole answer ----------------------------------------------------------- */

/* The members of an answer. */
struct answer {
    struct lg_val content, usage, reason, fields;
    struct lg_ir_head head;
    struct lg_ir_stop stop;
};

static int is_object(struct lg_ctx *c, struct lg_val v, struct lg_val in)
{
    return lg_val_kind(v) == LG_JSON_OBJECT
               ? 0
               : lg_val_fail(v.doc ? v : in, c->err, "expected an output");
}

/* How long it took and what the SDK adds are not the answer's. */
static int read_members(struct lg_ctx *c, struct lg_val root, struct answer *a)
{
    struct lg_val output, message;
    int rc = lg_get(c, root, &a->stop.extra, LG_BC_META,
                    c->keep_extras
                        ? "output= stopReason= usage= "
                          "additionalModelResponseFields="
                        : "output= stopReason= usage= "
                          "additionalModelResponseFields= metrics- $metadata-",
                    &output, &a->reason, &a->usage, &a->fields);

    if (rc >= 0)
        rc = is_object(c, output, root);
    if (rc >= 0)
        rc =
            lg_get(c, output, &a->head.extra, LG_BC_BODY, "message=", &message);
    if (rc >= 0)
        rc = is_object(c, message, output);
    if (rc >= 0)
        rc =
            lg_get(c, message, &a->head.extra, LG_BC_MESSAGE,
                   c->keep_extras ? "content=" : "content= role-", &a->content);
    if (rc >= 0 && lg_val_kind(a->content) != LG_JSON_ARRAY)
        rc = lg_val_fail(a->content.doc ? a->content : message, c->err,
                         "expected a list of content");
    return rc;
}

static int put_answer(struct lg_ctx *c, struct answer *a,
                      struct lg_ir_sink *sink)
{
    struct block b = {c, sink, 0};
    struct lg_iter it = lg_iter_of(a->content);
    struct lg_ir_usage usage;
    int shim = 0;
    int rc = lg_sink_put(sink, LG_EV_START, 0, -1, &a->head, NULL);

    for (; rc >= 0 && lg_iter_next(&it); b.index++)
        rc = put_block(&b, it.val, &shim);
    if (rc >= 0 && a->usage.doc) {
        lg_bc_read_usage(a->usage, &usage);
        rc = lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL);
    }
    if (rc >= 0)
        rc = lg_bc_read_stop(c, a->reason, a->fields, shim, &a->stop);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_STOP, 0, -1, &a->stop, NULL);
    return rc < 0 ? rc : lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
}

int lg_bc_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    struct answer a = {.head = {.extra = NULL}};
    int rc = read_members(c, lg_json_root(doc), &a);

    if (rc >= 0)
        rc = put_answer(c, &a, sink);
    return lg_protocol(c, rc);
}
