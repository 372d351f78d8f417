/* SPDX-License-Identifier: MIT
 *
 * A stream read. Its chunks have the shape of the whole answer. */
#include "lib/format/openai_completions.h"

#define CHOICES_MAX 1024 /* each is looked for among all */

/* One frame being read. */
struct run {
    struct lg_ctx *c;
    struct lg_op_decoder *d;
    struct lg_ir_sink *sink;
    unsigned others; /* events that are no piece of text ... */
    unsigned pieces; /* ... and those that are */
};

static int put(struct run *r, enum lg_event_kind kind, uint16_t choice,
               int32_t index, const void *what)
{
    r->others++;
    return lg_sink_put(r->sink, kind, choice, index, what, NULL);
}

static int choice_of(struct run *r, struct lg_val number,
                     struct lg_op_choice **out)
{
    struct lg_op_choice *ch = r->d->choices;
    int64_t index;

    if (lg_val_int(number, &index) || index < 0 || index > UINT16_MAX)
        index = 0;
    while (ch && ch->index != index)
        ch = ch->next;
    *out = ch;
    if (ch)
        return 0;
    if (r->d->nchoices++ == CHOICES_MAX)
        return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many choices");
    *out = ch = lg_arena_new(r->c->keep, struct lg_op_choice);
    if (!ch)
        return lg_no_keep(r->c);
    ch->index = (uint16_t)index;
    ch->next = r->d->choices;
    r->d->choices = ch;
    return 0;
}

static int put_piece(struct run *r, struct lg_op_choice *ch, struct lg_str text)
{
    static const struct lg_ir_part part = {
        .tok = LG_NOWHERE, .kind = LG_PART_TEXT, .form = LG_FORM_BARE};
    int rc = 0;

    if (!text.n || ch->stopped)
        return 0;
    if (!ch->open)
        rc = put(r, LG_EV_PART, ch->index, 0, &part);
    ch->open = 1;
    r->pieces++;
    return rc < 0 ? rc : lg_sink_text(r->sink, LG_EV_TEXT, ch->index, 0, text);
}

static int put_stop(struct run *r, struct lg_op_choice *ch,
                    struct lg_ir_stop *stop)
{
    int rc = 0;

    if (ch->stopped || !stop->reason.s.n || stop->kind == LG_STOP_NONE)
        return 0;
    if (ch->open)
        rc = put(r, LG_EV_PART_END, ch->index, 0, NULL);
    ch->stopped = 1;
    if (!r->c->keep_extras)
        stop->extra = NULL;
    return rc < 0 ? rc : put(r, LG_EV_STOP, ch->index, -1, stop);
}

static int read_choice(struct run *r, struct lg_val v)
{
    struct lg_ir_stop stop = {0};
    struct lg_val number, text, reason;
    struct lg_op_choice *ch = NULL;
    int rc = lg_get(r->c, v, &stop.extra, LG_OP_CHOICE,
                    "index= text= finish_reason=", &number, &text, &reason);

    if (rc >= 0)
        rc = choice_of(r, number, &ch);
    if (rc >= 0)
        rc = put_piece(r, ch, lg_val_body(text));
    stop.reason = lg_ir_of(reason);
    stop.kind = (uint8_t)lg_chat_stop_kind(reason, 0, 0);
    return rc < 0 ? rc : put_stop(r, ch, &stop);
}

static int put_usage(struct run *r, struct lg_val v)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    lg_chat_usage_read(v, &usage);
    return put(r, LG_EV_USAGE, 0, -1, &usage);
}

static int put_error(struct run *r, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    int rc = lg_chat_read_error(r->c, doc, 0, &error);

    if (rc == LLMGW_E_JSON) { /* of no known shape: all of it is the message */
        error = (struct lg_ir_error){.message = lg_ir_word("")};
        rc = lg_escaped(r->c, doc->text, &error.message.s);
    }
    r->d->over |= rc >= 0;
    return rc < 0 ? rc : put(r, LG_EV_ERROR, 0, -1, &error);
}

static int start(struct run *r, struct lg_ir_head *head)
{
    if (r->d->started || (!head->id.s.n && !head->model.s.n))
        return 0;
    r->d->started = 1;
    if (!r->c->keep_extras)
        head->extra = NULL;
    return put(r, LG_EV_START, 0, -1, head);
}

/* For our own format a chunk goes back as it came, behind what it means. */
static int put_whole(struct run *r, struct lg_val root)
{
    const struct lg_ir_val val = lg_ir_of(root);

    return r->c->keep_extras ? put(r, LG_EV_OPAQUE, 0, -1, &val) : 0;
}

static int read_chunk(struct run *r, const struct lg_json *doc)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_ir_head head = {.extra = NULL};
    struct lg_val choices, usage;
    struct lg_iter it;
    int rc;

    if (lg_val_kind(lg_val_get(root, "error")) >= LG_JSON_STRING)
        return put_error(r, doc);
    rc = lg_get(r->c, root, &head.extra, LG_OP_SELF,
                "id model created choices= usage=", &head.id, &head.model,
                &head.created, &choices, &usage);
    if (rc >= 0)
        rc = start(r, &head);
    if (rc >= 0)
        rc = put_usage(r, usage);
    it = lg_iter_of(choices);
    while (rc >= 0 && lg_val_kind(choices) == LG_JSON_ARRAY &&
           lg_iter_next(&it))
        rc = read_choice(r, it.val);
    return rc < 0 ? rc : put_whole(r, root);
}

/* [DONE]: complete if each choice said why it stopped. */
static int read_done(struct run *r)
{
    const struct lg_op_choice *ch = r->d->choices;

    r->d->over = 1;
    r->c->plain = -1;
    while (ch && ch->stopped)
        ch = ch->next;
    if (ch || !r->d->choices)
        return 0;
    r->d->complete = 1;
    return put(r, LG_EV_END, 0, -1, NULL);
}

int lg_op_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink)
{
    struct run r = {.c = c, .d = dec, .sink = sink};
    const struct lg_str data = lg_str_trim(f->data);
    struct lg_json doc;
    int repaired = 0, rc;

    if (r.d->over || !data.n)
        return 0;
    if (lg_str_starts(data, LG_STR("[DONE]")))
        return read_done(&r);
    rc = lg_frame_json(c, data, &doc, &repaired, c->err);
    if (rc >= 0 && (lg_str_is(f->event, "error")))
        return put_error(&r, &doc);
    if (rc >= 0)
        rc = read_chunk(&r, &doc);
    c->plain = rc >= 0 && r.pieces == 1 && !r.others && !repaired;
    return lg_protocol(c, rc);
}

int lg_op_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_op_decoder *d = dec;

    (void)sink;
    return lg_openai_end(c, d->complete, d->over);
}
