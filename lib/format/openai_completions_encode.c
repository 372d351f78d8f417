/* SPDX-License-Identifier: MIT
 *
 * A stream written, from the events of any format. */
#include "lib/format/openai_completions.h"

#define END_CHUNK "\"logprobs\":null,\"finish_reason\":null}]}\n\n"

struct chunk {
    struct lg_writer w;
    struct lg_op_encoder *e;
    struct lg_frames *f;
};

static void end_frame(struct chunk *k, const char *end)
{
    (void)lg_buf_str(&k->f->bytes, lg_str_of(end));
    lg_frame_done(k->f);
}

/* What stands in front of a choice's index is the same in all chunks. */
static void build(struct chunk *k, const struct lg_ir_head *h)
{
    struct lg_buf *const b = &k->f->bytes;
    struct lg_ctx *const c = k->w.c;
    const size_t from = b->n;
    struct lg_op_encoder *const e = k->e;

    (void)lg_buf_lit(b, "data: ");
    lg_put(&k->w, "{'id':%b,'object':'text_completion','created':",
           h->id.kind == LG_JSON_STRING && h->id.s.n ? h->id.s
                                                     : LG_STR("cmpl-0"));
    if (h->created.kind == LG_JSON_NUMBER)
        lg_ir_write(&k->w.jw, &h->created);
    else
        lg_jw_int(&k->w.jw, c->now);
    lg_put(&k->w, "'model':%b,'choices':[",
           h->model.kind == LG_JSON_STRING ? h->model.s : LG_STR(""));
    e->envelope.n = b->n - from;
    lg_put(&k->w, "{'index':%d,'text':", (int64_t)0);
    if (b->err)
        return;
    e->text.n = b->n - from;
    e->text.p = lg_arena_dup(c->keep, lg_str_from(b->p + from, e->text.n));
    e->envelope.p = e->text.p;
    if (!e->text.p)
        lg_writer_fail(&k->w, lg_no_keep(c));
    lg_writer_undo(&k->w, from);
}

/* There must be a head, whoever forgot to put one. */
static void start(struct chunk *k, const struct lg_ir_event *ev)
{
    static const struct lg_ir_head none = {.extra = NULL};

    if (!k->e->envelope.p)
        build(k, ev->kind == LG_EV_START ? ev->u.head : &none);
}

static void write_text(struct chunk *k, uint16_t choice, struct lg_str text,
                       const char *reason)
{
    struct lg_buf *const b = &k->f->bytes;

    (void)lg_buf_str(b, k->e->envelope);
    lg_put(&k->w, "{'index':%d,'text':%b", (int64_t)choice, text);
    if (!reason) {
        end_frame(k, "," END_CHUNK);
        return;
    }
    lg_put(&k->w, "'logprobs':null,'finish_reason':%s}]}", reason);
    end_frame(k, "\n\n");
}

/* Counts only: the raw object dies with its frame. */
static int add_usage(struct lg_op_encoder *e, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    counts.raw = (struct lg_ir_val){0};
    if (!e->has_usage)
        e->usage = LG_USAGE_NONE;
    e->has_usage = 1;
    return lg_usage_merge(&e->usage, &counts, NULL);
}

static void write_end(struct chunk *k)
{
    const struct lg_bridge *const bridge = k->w.c->bridge;

    if (k->e->has_usage && (!bridge || bridge->wants_usage)) {
        (void)lg_buf_str(&k->f->bytes, k->e->envelope);
        lg_put(&k->w, "],'usage':");
        lg_chat_usage_write(&k->w, &k->e->usage);
        end_frame(k, "}\n\n");
    }
    end_frame(k, "data: [DONE]\n\n");
    k->e->over = 1;
}

static void write_error(struct chunk *k, const struct lg_ir_error *error)
{
    k->e->over = 1;
    (void)lg_buf_lit(&k->f->bytes, "data: ");
    lg_writer_fail(&k->w, lg_chat_write_error(k->w.c, error, &k->f->bytes));
    end_frame(k, "\n\n");
}

static void write_event(struct chunk *k, const struct lg_ir_event *ev)
{
    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        lg_put_lose_extras(&k->w, ev->u.head->extra);
        break;
    case LG_EV_PART:
        (void)lg_op_is_text(&k->w, ev->u.part);
        break;
    case LG_EV_TEXT:
    case LG_EV_REFUSAL:
        if (ev->text.n)
            write_text(k, ev->choice, ev->text, NULL);
        break;
    case LG_EV_CITATION:
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED, LG_OP_TEXT);
        break;
    case LG_EV_STOP:
        write_text(k, ev->choice, LG_STR(""),
                   lg_op_stop_word(&k->w, ev->u.stop));
        break;
    case LG_EV_USAGE:
        lg_writer_fail(&k->w, add_usage(k->e, ev->u.usage));
        break;
    case LG_EV_END:
        write_end(k);
        break;
    case LG_EV_ERROR:
        write_error(k, ev->u.error);
        break;
    case LG_EV_OPAQUE:
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED, LG_OP_UNKNOWN);
        break;
    case LG_EV_THINKING: /* told when their part opened */
    case LG_EV_INPUT:
    case LG_EV_SIGNATURE:
    case LG_EV_PART_END:
    case LG_EV_PING:
        break;
    }
}

/* Our own: chunks as they came (see the decoder), and how they end. */
static void write_own(struct chunk *k, const struct lg_ir_event *ev)
{
    if (ev->kind == LG_EV_OPAQUE) {
        (void)lg_buf_lit(&k->f->bytes, "data: ");
        lg_ir_write(&k->w.jw, ev->u.val);
        end_frame(k, "\n\n");
    } else if (ev->kind == LG_EV_END) {
        end_frame(k, "data: [DONE]\n\n");
    } else if (ev->kind == LG_EV_ERROR) {
        write_error(k, ev->u.error);
    }
}

int lg_op_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out)
{
    struct lg_op_encoder *const e = enc;
    struct lg_buf *const b = &out->bytes;
    struct chunk k;

    if (LG_LIKELY(ev->kind == LG_EV_TEXT && e->text.p && !e->over &&
                  ev->choice == 0 && ev->text.n)) {
        (void)lg_buf_str(b, e->text);
        (void)lg_buf_byte(b, '"');
        (void)lg_buf_str(b, ev->text);
        (void)lg_buf_lit(b, "\"," END_CHUNK);
        lg_frame_done(out);
        return b->err;
    }
    if (e->over)
        return 0;
    k = (struct chunk){lg_writer_of(c, c->keep_extras ? c->self : NULL, b), e,
                       out};
    k.w.jw.one_line = 1;
    if (k.w.own) {
        write_own(&k, ev);
        return k.w.rc;
    }
    if (ev->kind != LG_EV_ERROR && ev->kind != LG_EV_PING)
        start(&k, ev);
    if (!k.w.rc)
        write_event(&k, ev);
    return k.w.rc;
}
