/* SPDX-License-Identifier: MIT
 *
 * A stream written, from the events of another format. */
#include "lib/format/openai_chat_encode.h"

static const char unknown[] = "unknown to " LG_CHAT_NAME;

#define END_CHUNK "},\"finish_reason\":null}]}\n\n"

/* ---- the envelope ------------------------------------------------------- */

/* All that stands in front of a choice's index is the same in every chunk of
 * an answer, and so is what stands in front of a piece of text. */
static int build(struct lg_chat_encoder *e, struct lg_ctx *c,
                 const struct lg_ir_head *head)
{
    struct lg_buf b;
    struct lg_jw w = {.out = &b, .one_line = 1};
    const char *p;

    lg_buf_init(&b, SIZE_MAX / 8);
    (void)lg_buf_lit(&b, "data: ");
    lg_jw_obj(&w);
    lg_jw_key(&w, "id");
    lg_jw_body(&w, head->id.kind == LG_JSON_STRING ? head->id.s : LG_STR(""));
    lg_jw_key(&w, "object");
    lg_jw_body(&w, LG_STR("chat.completion.chunk"));
    lg_jw_key(&w, "created");
    if (head->created.kind == LG_JSON_NUMBER)
        lg_ir_write(&w, &head->created);
    else
        lg_jw_int(&w, c->now);
    lg_jw_key(&w, "model");
    lg_jw_body(&w,
               head->model.kind == LG_JSON_STRING ? head->model.s : LG_STR(""));
    lg_jw_key(&w, "choices");
    lg_jw_arr(&w);
    e->envelope.n = b.n;
    (void)lg_buf_lit(&b, "{\"index\":0,\"delta\":{\"content\":\"");
    p = b.err ? NULL : lg_arena_dup(c->keep, lg_buf_span(&b));
    e->text = lg_str_from(p, b.n);
    e->envelope.p = p;
    lg_buf_done(&b);
    return p ? 0 : lg_fail_mem(c->err, b.err ? b.err : c->keep->err);
}

/* Open a chunk up to its delta's members. */
static void open_chunk(struct lg_chat_encoder *e, struct lg_jw *w,
                       uint16_t choice)
{
    (void)lg_buf_str(w->out, e->envelope);
    lg_jw_obj(w);
    lg_jw_key(w, "index");
    lg_jw_int(w, choice);
    lg_jw_key(w, "delta");
    lg_jw_obj(w);
}

static void close_chunk(struct lg_frames *f)
{
    (void)lg_buf_lit(&f->bytes, END_CHUNK);
    lg_frame_done(f);
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
        return lg_fail_mem(c->err, c->keep->err);
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

static void open_call(struct lg_jw *w, unsigned number)
{
    lg_jw_key(w, "tool_calls");
    lg_jw_arr(w);
    lg_jw_obj(w);
    lg_jw_key(w, "index");
    lg_jw_int(w, number);
}

static void write_call(struct lg_chat_encoder *e, struct lg_jw *w,
                       const struct lg_ir_event *ev, struct lg_frames *f)
{
    const struct lg_ir_part *p = ev->u.part;

    open_chunk(e, w, ev->choice);
    open_call(w, e->parts->number);
    lg_ir_member(w, "id", &p->id);
    lg_jw_key(w, "type");
    lg_jw_body(w, p->custom ? LG_STR("custom") : LG_STR("function"));
    lg_jw_key(w, p->custom ? "custom" : "function");
    lg_jw_obj(w);
    lg_ir_member(w, "name", &p->name);
    lg_jw_key(w, p->custom ? "input" : "arguments");
    lg_jw_body(w, LG_STR(""));
    (void)lg_buf_lit(w->out, "}}]");
    close_chunk(f);
}

static void write_input(struct lg_chat_encoder *e, struct lg_jw *w,
                        const struct lg_ir_event *ev,
                        struct lg_chat_enc_part *p, struct lg_str text,
                        struct lg_frames *f)
{
    p->bytes = 1;
    open_chunk(e, w, ev->choice);
    open_call(w, p->number);
    lg_jw_key(w, p->custom ? "custom" : "function");
    lg_jw_obj(w);
    lg_jw_key(w, p->custom ? "input" : "arguments");
    lg_jw_body(w, text);
    (void)lg_buf_lit(w->out, "}}]");
    close_chunk(f);
}

static void write_detail(struct lg_chat_encoder *e, struct lg_jw *w,
                         const struct lg_ir_event *ev,
                         const struct lg_ir_blob *blob, int redacted,
                         unsigned number, struct lg_frames *f)
{
    const struct lg_ir_val none = {{0}, LG_NOWHERE, LG_JSON_NONE, 0};

    open_chunk(e, w, ev->choice);
    lg_jw_key(w, "reasoning_details");
    lg_jw_arr(w);
    lg_chat_detail_write(w, &none, blob, redacted, number);
    lg_jw_arr_end(w);
    close_chunk(f);
}

static int write_part(struct lg_chat_encoder *e, struct lg_ctx *c,
                      struct lg_jw *w, const struct lg_ir_event *ev,
                      struct lg_frames *f)
{
    const struct lg_ir_part *const part = ev->u.part;
    int rc = lg_chat_enc_part(e, c, ev);
    struct lg_str input;

    if (!rc && part->kind == LG_PART_OPAQUE)
        rc = lg_chat_lose(c, LG_NOWHERE, LG_DROPPED, unknown);
    if (!rc)
        rc = lg_extra_lose(c, part->extra, NULL);
    if (rc)
        return rc;
    if (part->kind == LG_PART_REDACTED)
        write_detail(e, w, ev, &part->blob, 1, e->parts->number, f);
    if (part->kind != LG_PART_TOOL_CALL)
        return 0;
    write_call(e, w, ev, f);
    rc = lg_chat_input_of(c, part, &input);
    if (!rc && input.n &&
        !lg_str_is(input, "{}")) /* {} is where pieces will go */
        write_input(e, w, ev, e->parts, input, f);
    return rc;
}

static void write_piece(struct lg_chat_encoder *e, struct lg_jw *w,
                        const struct lg_ir_event *ev, const char *name,
                        struct lg_frames *f)
{
    if (!ev->text.n)
        return;
    open_chunk(e, w, ev->choice);
    lg_jw_key(w, name);
    lg_jw_body(w, ev->text);
    close_chunk(f);
}

/* Citations of other formats name the text by its part, not by where it
 * stands in the answer. */
static int write_citation(struct lg_chat_encoder *e, struct lg_ctx *c,
                          struct lg_jw *w, const struct lg_ir_event *ev,
                          struct lg_frames *f)
{
    static const char *const names[] = {"url", "title"};
    struct lg_json doc;
    struct lg_val v;
    const int rc = lg_json_read(&doc, c->arena, ev->u.val->s, c->err);

    if (rc)
        return rc;
    if (lg_val_kind(lg_val_get(lg_json_root(&doc), "url")) != LG_JSON_STRING)
        return lg_chat_lose(c, LG_NOWHERE, LG_DROPPED,
                            "a citation that is of no URL");
    open_chunk(e, w, ev->choice);
    lg_jw_key(w, "annotations");
    lg_jw_arr(w);
    lg_jw_obj(w);
    lg_jw_key(w, "type");
    lg_jw_body(w, LG_STR("url_citation"));
    lg_jw_key(w, "url_citation");
    lg_jw_obj(w);
    for (size_t i = 0; i < LG_COUNT(names); i++) {
        v = lg_val_get(lg_json_root(&doc), names[i]);
        if (v.doc) {
            lg_jw_key(w, names[i]);
            lg_jw_raw(w, lg_val_raw(v));
        }
    }
    (void)lg_buf_lit(w->out, "}}]");
    close_chunk(f);
    return 0;
}

/* ---- the ends ----------------------------------------------------------- */

static void write_start(struct lg_chat_encoder *e, struct lg_jw *w,
                        struct lg_frames *f)
{
    open_chunk(e, w, 0);
    lg_jw_key(w, "role");
    lg_jw_body(w, LG_STR(LG_CHAT_ROLE_ASSISTANT));
    lg_jw_key(w, "content");
    lg_jw_body(w, LG_STR(""));
    close_chunk(f);
}

static int write_stop(struct lg_chat_encoder *e, struct lg_ctx *c,
                      struct lg_jw *w, const struct lg_ir_event *ev,
                      struct lg_frames *f)
{
    const struct lg_ir_stop *const stop = ev->u.stop;

    open_chunk(e, w, ev->choice);
    if (stop->kind == LG_STOP_REFUSAL && !e->refuses &&
        lg_ir_has(&stop->details))
        lg_ir_member(w, "refusal", &stop->details);
    lg_jw_obj_end(w);
    lg_jw_key(w, "finish_reason");
    lg_jw_body(w, lg_str_of(lg_chat_stop_word(stop, e->refuses)));
    (void)lg_buf_lit(w->out, "}]}\n\n");
    lg_frame_done(f);
    return lg_chat_lose_stop(c, stop);
}

static void write_end(struct lg_chat_encoder *e, const struct lg_ctx *c,
                      struct lg_jw *w, struct lg_frames *f)
{
    if (e->has_usage && (!c->bridge || c->bridge->wants_usage)) {
        (void)lg_buf_str(w->out, e->envelope);
        lg_jw_arr_end(w);
        lg_jw_key(w, "usage");
        lg_chat_usage_write(w, &e->usage);
        (void)lg_buf_lit(w->out, "}\n\n");
        lg_frame_done(f);
    }
    (void)lg_buf_lit(w->out, "data: [DONE]\n\n");
    lg_frame_done(f);
    e->over = 1;
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

static int write_call_end(struct lg_chat_encoder *e, struct lg_jw *w,
                          const struct lg_ir_event *ev, struct lg_frames *f)
{
    struct lg_chat_enc_part *p = lg_chat_enc_find(e, ev);

    if (p && p->kind == LG_PART_TOOL_CALL && !p->bytes && !p->custom)
        write_input(e, w, ev, p, LG_STR("{}"), f);
    return 0;
}

static int write_slow(struct lg_chat_encoder *e, struct lg_ctx *c,
                      const struct lg_ir_event *ev, struct lg_frames *f)
{
    struct lg_jw w = {.out = &f->bytes, .one_line = 1};
    struct lg_chat_enc_part *p;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        return write_part(e, c, &w, ev, f);
    case LG_EV_TEXT:
        write_piece(e, &w, ev, "content", f);
        break;
    case LG_EV_THINKING:
        write_piece(e, &w, ev, "reasoning_content", f);
        break;
    case LG_EV_REFUSAL:
        write_piece(e, &w, ev, "refusal", f);
        break;
    case LG_EV_INPUT:
        p = ev->text.n ? lg_chat_enc_find(e, ev) : NULL;
        if (p && p->kind == LG_PART_TOOL_CALL)
            write_input(e, &w, ev, p, ev->text, f);
        break;
    case LG_EV_SIGNATURE:
        p = lg_chat_enc_find(e, ev);
        write_detail(e, &w, ev, ev->u.blob, 0, p ? p->number : 0, f);
        break;
    case LG_EV_CITATION:
        return write_citation(e, c, &w, ev, f);
    case LG_EV_PART_END:
        return write_call_end(e, &w, ev, f);
    case LG_EV_STOP:
        return write_stop(e, c, &w, ev, f);
    case LG_EV_USAGE:
        return add_usage(e, ev->u.usage);
    case LG_EV_END:
        write_end(e, c, &w, f);
        break;
    case LG_EV_ERROR:
        return lg_chat_enc_error(e, c, ev->u.error, f);
    case LG_EV_START:
        return lg_extra_lose(c, ev->u.head->extra, NULL);
    case LG_EV_OPAQUE:
        return lg_chat_lose(c, LG_NOWHERE, LG_DROPPED, unknown);
    case LG_EV_PING:
        break;
    }
    return 0;
}

/* Does it need the role to have been told? */
static int says_something(unsigned kind)
{
    return kind != LG_EV_PING && kind != LG_EV_OPAQUE && kind != LG_EV_USAGE &&
           kind != LG_EV_ERROR;
}

/* The first chunk tells the role, whether or not there was a head. */
static int start(struct lg_chat_encoder *e, struct lg_ctx *c,
                 const struct lg_ir_event *ev, struct lg_frames *f)
{
    static const struct lg_ir_head none = {.extra = NULL};
    struct lg_jw w = {.out = &f->bytes, .one_line = 1};
    int rc;

    if (e->envelope.p)
        return 0;
    rc = build(e, c, ev->kind == LG_EV_START ? ev->u.head : &none);
    if (!rc)
        write_start(e, &w, f);
    return rc;
}

int lg_chat_write_event(void *enc, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *out)
{
    struct lg_chat_encoder *const e = enc;
    struct lg_buf *const b = &out->bytes;
    int rc = 0;

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
    if (says_something(ev->kind))
        rc = start(e, c, ev, out);
    if (!rc)
        rc = write_slow(e, c, ev, out);
    e->plain = e->envelope.p && !e->over && !rc;
    return rc;
}
