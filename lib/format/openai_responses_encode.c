/* SPDX-License-Identifier: MIT
 *
 * A stream written: how it begins and ends. */
#include "lib/format/openai_responses_encode.h"

/* ---- the ends ----------------------------------------------------------- */

static void add_stop(struct lg_or_writing *wr, const struct lg_ir_stop *stop)
{
    struct lg_ir_stop *const to = &wr->e->stop;

    *to = (struct lg_ir_stop){.kind = stop->kind, .details = stop->details};
    to->reason.tok = to->sequence.tok = LG_NOWHERE;
    lg_or_enc_keep(wr, &to->details);
    if (wr->w.own) /* the end comes with the same frame */
        to->extra = stop->extra;
    else
        lg_put_lose_extras(&wr->w, stop->extra);
}

static void add_usage(struct lg_or_writing *wr, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    counts.raw =
        (struct lg_ir_val){0}; /* the origin's; it dies with its frame */
    lg_writer_fail(&wr->w, lg_usage_merge(&wr->e->usage, &counts, NULL));
}

static void start(struct lg_or_writing *wr, const struct lg_ir_head *head)
{
    static const char *const names[] = {"response.created",
                                        "response.in_progress"};
    struct lg_or_encoder *const e = wr->e;

    e->started = 1;
    e->usage = LG_USAGE_NONE;
    e->head.id = head->id;
    e->head.model = head->model;
    e->head.created = head->created;
    if (e->head.created.kind != LG_JSON_NUMBER)
        e->head.created = lg_ir_none;
    lg_or_enc_keep(wr, &e->head.id);
    lg_or_enc_keep(wr, &e->head.model);
    lg_or_enc_keep(wr, &e->head.created);
    lg_put_lose_extras(&wr->w, head->extra);
    for (size_t i = 0; i < LG_COUNT(names); i++) {
        lg_or_enc_begin(wr, names[i], "");
        lg_put(&wr->w, "'response':");
        lg_or_response_open(&wr->w, &e->head,
                            (struct lg_or_ending){"in_progress", NULL, NULL});
        lg_or_response_close(&wr->w, &LG_USAGE_NONE, NULL);
        lg_or_enc_end(wr);
    }
}

static void close_all(struct lg_or_writing *wr, enum lg_or_state state)
{
    while (wr->e->open && !wr->w.rc)
        lg_or_enc_part_end(wr, wr->e->open);
    if (wr->e->message)
        lg_or_enc_close(wr, wr->e->message, state);
}

static void write_response(struct lg_or_writing *wr, struct lg_or_ending ending)
{
    struct lg_or_encoder *const e = wr->e;

    lg_or_enc_begin(wr, "response.", ending.status);
    lg_put(&wr->w, "'response':");
    if (wr->w.own && lg_extra_has(e->stop.extra, LG_OR_WHOLE)) {
        lg_or_own_write(&wr->w, &e->head, &e->stop);
    } else {
        lg_or_response_open(&wr->w, &e->head, ending);
        for (const struct lg_or_item *i = e->items; i; i = i->next)
            lg_or_enc_item(wr, i, (enum lg_or_state)i->state);
        lg_or_response_close(&wr->w, &e->usage, NULL);
    }
    lg_or_enc_end(wr);
    e->over = 1;
}

static void write_end(struct lg_or_writing *wr)
{
    struct lg_or_encoder *const e = wr->e;
    const struct lg_ir_stop *const stop = &e->stop;
    const struct lg_ir_part said = {.kind = LG_PART_REFUSAL};
    struct lg_or_piece *p;

    close_all(wr, stop->kind == LG_STOP_LENGTH ? LG_OR_CUT : LG_OR_DONE);
    if (stop->kind == LG_STOP_REFUSAL && !e->refuses &&
        lg_ir_has(&stop->details)) {
        p = lg_or_enc_open(wr, &said, -1);
        if (p)
            lg_or_enc_text(wr, p, stop->details.s);
        close_all(wr, LG_OR_DONE);
    }
    write_response(wr, lg_or_ending_of(&wr->w, stop, e->calls, e->refuses));
}

/* As OpenAI does it: an event of its own, and the response failed. */
static void write_error(struct lg_or_writing *wr,
                        const struct lg_ir_error *error)
{
    struct lg_buf *const out = wr->w.jw.out;

    (void)lg_buf_lit(out, "event: error\ndata: ");
    lg_writer_fail(&wr->w, lg_chat_write_error(wr->w.c, error, out));
    lg_writer_undo(&wr->w, out->n - !out->err); /* it goes on */
    lg_put(&wr->w, "'type':'error'");
    lg_or_enc_end(wr);
    close_all(wr, LG_OR_CUT);
    write_response(wr, (struct lg_or_ending){"failed", NULL, error});
}

/* ---- events ------------------------------------------------------------- */

static void write_any(struct lg_or_writing *wr, const struct lg_ir_event *ev)
{
    struct lg_or_piece *p;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        lg_or_enc_part(wr, ev);
        break;
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
        lg_or_enc_piece(wr, ev);
        break;
    case LG_EV_SIGNATURE:
        lg_or_enc_signature(wr, ev);
        break;
    case LG_EV_CITATION:
        lg_or_enc_citation(wr, ev);
        break;
    case LG_EV_PART_END:
        p = lg_or_enc_find(wr->e, ev->index);
        if (p)
            lg_or_enc_part_end(wr, p);
        break;
    case LG_EV_STOP:
        add_stop(wr, ev->u.stop);
        break;
    case LG_EV_USAGE:
        add_usage(wr, ev->u.usage);
        break;
    case LG_EV_END:
        write_end(wr);
        break;
    case LG_EV_ERROR:
        write_error(wr, ev->u.error);
        break;
    case LG_EV_OPAQUE:
        lg_put_lose(&wr->w, LG_NOWHERE, LG_DROPPED, LG_OR_UNKNOWN);
        break;
    case LG_EV_START:
    case LG_EV_PING:
        break;
    }
}

static int write_slowly(struct lg_or_encoder *e, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *out)
{
    static const struct lg_ir_head nobody = {.extra = NULL};
    /* Events have no origin; extras are kept where it is this format. */
    struct lg_or_writing wr = {
        lg_writer_of(c, c->keep_extras ? c->self : NULL, &out->bytes), e, out};

    wr.w.jw.one_line = 1;
    if (ev->choice) {
        if (!e->told_choice)
            lg_put_lose(&wr.w, LG_NOWHERE, LG_DROPPED,
                        "an answer is one choice in " LG_OR_NAME);
        e->told_choice = 1;
        return wr.w.rc;
    }
    if (!e->started && ev->kind != LG_EV_PING && ev->kind != LG_EV_OPAQUE)
        start(&wr, ev->kind == LG_EV_START ? ev->u.head : &nobody);
    write_any(&wr, ev);
    return lg_writer_end(&wr.w);
}

int lg_or_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out)
{
    struct lg_or_encoder *const e = enc;
    struct lg_or_piece *const p = e->at;

    if (!LG_LIKELY(p && p->index == ev->index && p->piece == ev->kind &&
                   !ev->choice && ev->text.n))
        return e->over ? 0 : write_slowly(e, c, ev, out);
    return lg_or_enc_add(e, c, p, ev->text, out);
}
