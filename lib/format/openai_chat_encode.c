/* SPDX-License-Identifier: MIT
 *
 * A stream written, from the events of another format. */
#include "lib/format/openai_chat_encode.h"

#define END_CHUNK "},\"finish_reason\":null}]}\n\n"

/* ---- the envelope ------------------------------------------------------- */

/* All that stands in front of a choice's index is the same in every chunk of
 * an answer, and so is what stands in front of a piece of text. */
static int build(struct lg_chat_encoder *e, struct lg_ctx *c,
                 const struct lg_ir_head *head)
{
    const struct lg_ir_val *const created = &head->created;
    struct lg_buf b;
    struct lg_writer w = lg_writer_of(c, NULL, &b);
    const char *p;
    int err;

    lg_buf_init(&b, SIZE_MAX / 8);
    w.jw.one_line = 1;
    (void)lg_buf_lit(&b, "data: ");
    lg_put(&w, "{'id':%b,'object':'chat.completion.chunk','created':",
           head->id.kind == LG_JSON_STRING && head->id.s.n
               ? head->id.s
               : LG_STR("chatcmpl-0"));
    if (created->kind == LG_JSON_NUMBER)
        lg_ir_write(&w.jw, created);
    else
        lg_jw_int(&w.jw, c->now);
    lg_put(&w, "'model':%b,'choices':[",
           head->model.kind == LG_JSON_STRING ? head->model.s : LG_STR(""));
    e->envelope.n = b.n;
    lg_put(&w, "{'index':%d,'delta':{'content':", (int64_t)0);
    (void)lg_buf_byte(&b, '"');
    p = b.err ? NULL : lg_arena_dup(c->keep, lg_buf_span(&b));
    e->text = lg_str_from(p, b.n);
    e->envelope.p = p;
    err = b.err ? b.err : c->keep->err;
    lg_buf_done(&b);
    return p ? 0 : lg_fail_mem(c->err, err);
}

/* A chunk being written. */
struct chunk {
    struct lg_writer w;
    struct lg_chat_encoder *e;
    const struct lg_ir_event *ev;
    struct lg_frames *f;
};

/* Open one up to its delta's members. */
static struct lg_writer *open_chunk(struct chunk *k)
{
    (void)lg_buf_str(k->w.jw.out, k->e->envelope);
    lg_put(&k->w, "{'index':%d,'delta':{", (int64_t)k->ev->choice);
    return &k->w;
}

static void end_frame(struct chunk *k, const char *end)
{
    (void)lg_buf_str(k->w.jw.out, lg_str_of(end));
    lg_frame_done(k->f);
}

/* ---- parts -------------------------------------------------------------- */

struct lg_chat_enc_part *lg_chat_enc_find(struct lg_chat_encoder *e,
                                          const struct lg_ir_event *ev)
{
    struct lg_chat_enc_part *p = e->parts;

    while (p && (p->index != ev->index || p->choice != ev->choice))
        p = p->next;
    return p;
}

int lg_chat_enc_part(struct lg_chat_encoder *e, struct lg_ctx *c,
                     const struct lg_ir_event *ev)
{
    struct lg_chat_enc_part *p = lg_arena_new(c->keep, struct lg_chat_enc_part);

    if (!p)
        return lg_no_keep(c);
    p->choice = ev->choice;
    p->index = ev->index;
    p->kind = ev->u.part->kind;
    p->form = ev->u.part->form;
    p->custom = ev->u.part->custom;
    p->number = p->kind == LG_PART_TOOL_CALL ? e->calls++ : e->details;
    if (p->kind == LG_PART_THINKING || p->kind == LG_PART_REDACTED)
        e->details++;
    if (p->kind == LG_PART_REFUSAL)
        e->refuses = 1;
    p->next = e->parts;
    e->parts = p;
    return 0;
}

static void write_call(struct chunk *k)
{
    const struct lg_ir_part *p = k->ev->u.part;
    const char *type = p->custom ? "custom" : "function";

    lg_put(open_chunk(k),
           "'tool_calls':[{'index':%d,'id':%v,'type':%s,%k:{'name':%v,%k:''}}]",
           (int64_t)k->e->parts->number, &p->id, type, type, &p->name,
           p->custom ? "input" : "arguments");
    end_frame(k, END_CHUNK);
}

static void write_input(struct chunk *k, struct lg_chat_enc_part *p,
                        struct lg_str text)
{
    p->bytes = 1;
    lg_put(open_chunk(k), "'tool_calls':[{'index':%d,%k:{%k:%b}}]",
           (int64_t)p->number, p->custom ? "custom" : "function",
           p->custom ? "input" : "arguments", text);
    end_frame(k, END_CHUNK);
}

static void write_detail(struct chunk *k, const struct lg_ir_blob *blob,
                         int redacted, unsigned number)
{
    lg_put(open_chunk(k), "'reasoning_details':[");
    lg_chat_detail_write(&k->w, &lg_ir_none, blob, redacted, number);
    end_frame(k, "]" END_CHUNK);
}

static void write_part(struct chunk *k)
{
    const struct lg_ir_part *const part = k->ev->u.part;
    struct lg_str input;

    lg_writer_fail(&k->w, lg_chat_enc_part(k->e, k->w.c, k->ev));
    if (part->kind == LG_PART_OPAQUE)
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED, LG_CHAT_UNKNOWN);
    lg_put_lose_extras(&k->w, part->extra);
    if (k->w.rc)
        return;
    if (part->kind == LG_PART_REDACTED)
        write_detail(k, &part->blob, 1, k->e->parts->number);
    if (part->kind != LG_PART_TOOL_CALL)
        return;
    write_call(k);
    lg_writer_fail(&k->w, lg_chat_input_of(k->w.c, part, &input));
    if (!k->w.rc && input.n &&
        !lg_str_is(input, "{}")) /* {} is where pieces will go */
        write_input(k, k->e->parts, input);
}

static void write_piece(struct chunk *k, const char *name)
{
    if (!k->ev->text.n)
        return;
    lg_put(open_chunk(k), "%k:%b", name, k->ev->text);
    end_frame(k, END_CHUNK);
}

/* Citations of other formats name the text by its part, not by where it
 * stands in the answer. */
static void write_citation(struct chunk *k)
{
    struct lg_ctx *const c = k->w.c;
    struct lg_ir_val url, title;
    struct lg_json doc;
    const int rc = lg_json_read(&doc, c->arena, k->ev->u.val->s, c->err);

    lg_writer_fail(&k->w, rc);
    if (rc)
        return;
    lg_ir_set(&url, lg_val_get(lg_json_root(&doc), "url"));
    lg_ir_set(&title, lg_val_get(lg_json_root(&doc), "title"));
    if (url.kind != LG_JSON_STRING) {
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED,
                    "a citation that is of no URL");
        return;
    }
    lg_put(open_chunk(k),
           "'annotations':[{'type':'url_citation','url_citation':"
           "{'url':%v,'title':%v}}]",
           &url, &title);
    end_frame(k, END_CHUNK);
}

/* ---- the ends ----------------------------------------------------------- */

static void write_stop(struct chunk *k)
{
    const struct lg_ir_stop *const stop = k->ev->u.stop;
    const int tells = stop->kind == LG_STOP_REFUSAL && !k->e->refuses;

    lg_put(open_chunk(k), "'refusal':%o},'finish_reason':%s}]}",
           tells ? &stop->details : &lg_ir_none,
           lg_chat_stop_word(stop, k->e->refuses));
    end_frame(k, "\n\n");
    lg_chat_lose_stop(&k->w, stop);
}

static void write_end(struct chunk *k)
{
    const struct lg_bridge *const bridge = k->w.c->bridge;

    if (k->e->has_usage && (!bridge || bridge->wants_usage)) {
        (void)lg_buf_str(k->w.jw.out, k->e->envelope);
        lg_put(&k->w, "],'usage':");
        lg_chat_usage_write(&k->w, &k->e->usage);
        end_frame(k, "}\n\n");
    }
    end_frame(k, "data: [DONE]\n\n");
    k->e->over = 1;
}

int lg_chat_enc_error(struct lg_chat_encoder *e, struct lg_ctx *c,
                      const struct lg_ir_error *error, struct lg_frames *f)
{
    int rc;

    e->over = 1;
    (void)lg_buf_lit(&f->bytes, "data: ");
    rc = lg_chat_write_error(c, error, &f->bytes);
    (void)lg_buf_lit(&f->bytes, "\n\n");
    lg_frame_done(f);
    return rc;
}

/* Counts only: the raw object is the origin's, and dies with its frame. */
static int add_usage(struct lg_chat_encoder *e, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    counts.raw = (struct lg_ir_val){0};
    if (!e->has_usage)
        e->usage = LG_USAGE_NONE;
    e->has_usage = 1;
    return lg_usage_merge(&e->usage, &counts, NULL);
}

static void write_slow(struct chunk *k)
{
    const struct lg_ir_event *const ev = k->ev;
    struct lg_chat_enc_part *const p = lg_chat_enc_find(k->e, ev);
    const int is_call = p && p->kind == LG_PART_TOOL_CALL;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        write_part(k);
        break;
    case LG_EV_TEXT:
        write_piece(k, "content");
        break;
    case LG_EV_THINKING:
        write_piece(k, "reasoning_content");
        break;
    case LG_EV_REFUSAL:
        write_piece(k, "refusal");
        break;
    case LG_EV_INPUT:
        if (is_call && ev->text.n)
            write_input(k, p, ev->text);
        break;
    case LG_EV_SIGNATURE:
        write_detail(k, ev->u.blob, 0, p ? p->number : 0);
        break;
    case LG_EV_CITATION:
        write_citation(k);
        break;
    case LG_EV_PART_END:
        if (is_call && !p->bytes && !p->custom)
            write_input(k, p, LG_STR("{}"));
        break;
    case LG_EV_STOP:
        write_stop(k);
        break;
    case LG_EV_USAGE:
        lg_writer_fail(&k->w, add_usage(k->e, ev->u.usage));
        break;
    case LG_EV_END:
        write_end(k);
        break;
    case LG_EV_ERROR:
        lg_writer_fail(&k->w,
                       lg_chat_enc_error(k->e, k->w.c, ev->u.error, k->f));
        break;
    case LG_EV_START:
        lg_put_lose_extras(&k->w, ev->u.head->extra);
        break;
    case LG_EV_OPAQUE:
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED, LG_CHAT_UNKNOWN);
        break;
    case LG_EV_PING:
        break;
    }
}

/* Does it need the role to have been told? */
static int says_something(unsigned kind)
{
    return kind != LG_EV_PING && kind != LG_EV_OPAQUE && kind != LG_EV_USAGE &&
           kind != LG_EV_ERROR;
}

/* The first chunk of a choice tells the role, whether or not there was a
 * head. */
static void start(struct chunk *k)
{
    static const struct lg_ir_head none = {.extra = NULL};
    const struct lg_ir_event *const ev = k->ev;
    const struct lg_ir_event first = {.kind = LG_EV_START,
                                      .choice = ev->choice};
    uint8_t *const told = &k->e->told[ev->choice % LG_CHAT_TOLD / 8];
    const uint8_t bit = (uint8_t)(1u << ev->choice % 8);

    if (*told & bit || !says_something(ev->kind))
        return;
    *told |= bit;
    if (!k->e->envelope.p)
        lg_writer_fail(
            &k->w,
            build(k->e, k->w.c, ev->kind == LG_EV_START ? ev->u.head : &none));
    if (k->w.rc)
        return;
    k->ev = &first;
    lg_put(open_chunk(k), "'role':'" LG_CHAT_ROLE_ASSISTANT "','content':''");
    end_frame(k, END_CHUNK);
    k->ev = ev;
}

int lg_chat_write_event(void *enc, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *out)
{
    struct lg_chat_encoder *const e = enc;
    struct lg_buf *const b = &out->bytes;
    struct chunk k;

    if (LG_LIKELY(ev->kind == LG_EV_TEXT && e->plain && ev->choice == 0 &&
                  ev->text.n)) {
        (void)lg_buf_str(b, e->text);
        (void)lg_buf_str(b, ev->text);
        (void)lg_buf_lit(b, "\"" END_CHUNK);
        lg_frame_done(out);
        return b->err;
    }
    if (e->over)
        return 0;
    if (c->keep_extras)
        return lg_chat_enc_own(e, c, ev, out);
    k = (struct chunk){lg_writer_of(c, NULL, b), e, ev, out};
    k.w.jw.one_line = 1;
    start(&k);
    if (!k.w.rc)
        write_slow(&k);
    e->plain = e->told[0] & 1 && !e->over && !k.w.rc;
    return k.w.rc;
}
