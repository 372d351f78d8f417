/* SPDX-License-Identifier: MIT
 *
 * A stream written back as it was read: what the events do not say of a chunk
 * stands in their extras. Events without any have a chunk with others. */
#include "lib/format/openai_chat_encode.h"

static void extras(const struct lg_ctx *c, struct lg_jw *w,
                   const struct lg_ir_event *ev, uint8_t level)
{
    lg_extra_write(c, w, ev->extra, level, c->self);
}

/* Open the member that holds an item of a list. */
static void open_item(const struct lg_ctx *c, struct lg_jw *w,
                      const struct lg_ir_event *ev, const char *list)
{
    lg_jw_key(w, list);
    lg_jw_arr(w);
    lg_jw_obj(w);
    extras(c, w, ev, LG_CHAT_SELF);
}

static void word(struct lg_jw *w, const char *name, const char *value)
{
    lg_jw_key(w, name);
    lg_jw_body(w, lg_str_of(value));
}

static void text(struct lg_jw *w, const char *name, struct lg_str body)
{
    lg_jw_key(w, name);
    lg_jw_body(w, body);
}

static void close_item(struct lg_jw *w)
{
    lg_jw_obj_end(w);
    lg_jw_arr_end(w);
}

/* content: a string, or Mistral's list. */
static void write_content(const struct lg_ctx *c, struct lg_jw *w,
                          const struct lg_ir_event *ev,
                          const struct lg_chat_enc_part *p)
{
    const int thinks = p->kind == LG_PART_THINKING;

    if (!thinks && p->form & LG_FORM_BARE) {
        text(w, "content", ev->text);
        return;
    }
    open_item(c, w, ev, "content");
    word(w, "type", thinks ? "thinking" : "text");
    if (!thinks || p->form & LG_FORM_BARE) {
        text(w, thinks ? "thinking" : "text", ev->text);
    } else {
        lg_jw_key(w, "thinking");
        lg_jw_arr(w);
        lg_jw_obj(w);
        word(w, "type", "text");
        text(w, "text", ev->text);
        extras(c, w, ev, LG_CHAT_INNER);
        close_item(w);
    }
    close_item(w);
}

static void write_thinking(const struct lg_ctx *c, struct lg_jw *w,
                           const struct lg_ir_event *ev,
                           const struct lg_chat_enc_part *p)
{
    switch (p->form & LG_CHAT_IN) {
    case LG_CHAT_IN_DETAILS:
        open_item(c, w, ev, "reasoning_details");
        word(w, "type",
             p->form & LG_FORM_TOP ? "reasoning.summary" : "reasoning.text");
        text(w, p->form & LG_FORM_TOP ? "summary" : "text", ev->text);
        close_item(w);
        break;
    case LG_CHAT_IN_BLOCKS:
        open_item(c, w, ev, "thinking_blocks");
        word(w, "type", "thinking");
        text(w, "thinking", ev->text);
        close_item(w);
        break;
    case LG_CHAT_IN_FIELD:
        text(w, p->form & LG_FORM_OLD ? "reasoning" : "reasoning_content",
             ev->text);
        break;
    default:
        write_content(c, w, ev, p);
        break;
    }
}

static void write_blob(const struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_event *ev,
                       const struct lg_ir_blob *blob, int redacted, int blocks)
{
    open_item(c, w, ev, blocks ? "thinking_blocks" : "reasoning_details");
    if (redacted)
        word(w, "type", blocks ? "redacted_thinking" : "reasoning.encrypted");
    else
        word(w, "type", blocks ? "thinking" : "reasoning.text");
    lg_ir_member(w, redacted ? "data" : "signature", &blob->val);
    close_item(w);
}

/* A call's fragment; `input` NULL: it stands in the extras. */
static void write_call(const struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_event *ev,
                       const struct lg_chat_enc_part *p,
                       const struct lg_str *input)
{
    if (p->form & LG_FORM_OLD) {
        lg_jw_key(w, "function_call");
    } else {
        open_item(c, w, ev, "tool_calls");
        lg_jw_key(w, p->custom ? "custom" : "function");
    }
    lg_jw_obj(w);
    extras(c, w, ev, LG_CHAT_INNER);
    if (input)
        text(w, p->custom ? "input" : "arguments", *input);
    lg_jw_obj_end(w);
    if (!(p->form & LG_FORM_OLD))
        close_item(w);
}

static void write_part(struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_event *ev,
                       const struct lg_chat_enc_part *p)
{
    const uint8_t in = p->form & LG_CHAT_IN;

    if (p->kind == LG_PART_TOOL_CALL) {
        write_call(c, w, ev, p, NULL);
    } else if (p->kind == LG_PART_REDACTED) {
        write_blob(c, w, ev, &ev->u.part->blob, 1, in == LG_CHAT_IN_BLOCKS);
    } else {
        lg_jw_key(w, in == LG_CHAT_IN_DETAILS  ? "reasoning_details"
                     : in == LG_CHAT_IN_BLOCKS ? "thinking_blocks"
                                               : "content");
        lg_jw_arr(w);
        lg_chat_part_write(c, w, ev->u.part);
        lg_jw_arr_end(w);
    }
}

static void write_delta(struct lg_ctx *c, struct lg_jw *w,
                        const struct lg_ir_event *ev,
                        const struct lg_chat_enc_part *p)
{
    lg_jw_key(w, "delta");
    lg_jw_obj(w);
    extras(c, w, ev, LG_CHAT_MESSAGE);
    if (ev->kind == LG_EV_PART)
        write_part(c, w, ev, p);
    else if (ev->kind == LG_EV_TEXT)
        write_content(c, w, ev, p);
    else if (ev->kind == LG_EV_THINKING)
        write_thinking(c, w, ev, p);
    else if (ev->kind == LG_EV_REFUSAL)
        text(w, "refusal", ev->text);
    else if (ev->kind == LG_EV_INPUT)
        write_call(c, w, ev, p, &ev->text);
    else if (ev->kind == LG_EV_SIGNATURE)
        write_blob(c, w, ev, ev->u.blob, 0,
                   (p->form & LG_CHAT_IN) == LG_CHAT_IN_BLOCKS);
    if (ev->kind == LG_EV_CITATION) {
        lg_jw_key(w, "annotations");
        lg_jw_arr(w);
        lg_ir_write(w, ev->u.val);
        lg_jw_arr_end(w);
    }
    lg_jw_obj_end(w);
}

static int write_chunk(struct lg_chat_encoder *e, struct lg_ctx *c,
                       const struct lg_ir_event *ev, struct lg_frames *f)
{
    static const struct lg_chat_enc_part none = {0};
    const struct lg_chat_enc_part *p = lg_chat_enc_find(e, ev);
    struct lg_jw w = {.out = &f->bytes, .one_line = 1};

    (void)lg_buf_lit(&f->bytes, "data: ");
    lg_jw_obj(&w);
    extras(c, &w, ev, LG_CHAT_CHUNK);
    lg_jw_key(&w, "choices");
    lg_jw_arr(&w);
    lg_jw_obj(&w);
    extras(c, &w, ev, LG_CHAT_CHOICE);
    if (ev->kind == LG_EV_STOP) {
        lg_ir_member(&w, "finish_reason", &ev->u.stop->reason);
    } else {
        write_delta(c, &w, ev, p ? p : &none);
    }
    (void)lg_buf_lit(&f->bytes, "}]}\n\n");
    lg_frame_done(f);
    return 0;
}

static int write_whole(const struct lg_ir_val *v, struct lg_frames *f)
{
    struct lg_jw w = {.out = &f->bytes, .one_line = 1};

    (void)lg_buf_lit(&f->bytes, "data: ");
    lg_ir_write(&w, v);
    (void)lg_buf_lit(&f->bytes, "\n\n");
    lg_frame_done(f);
    return 0;
}

int lg_chat_enc_own(struct lg_chat_encoder *e, struct lg_ctx *c,
                    const struct lg_ir_event *ev, struct lg_frames *f)
{
    int rc = 0;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        rc = lg_chat_enc_part(e, c, ev);
        break;
    case LG_EV_OPAQUE:
        return write_whole(ev->u.val, f);
    case LG_EV_END:
        e->over = 1;
        (void)lg_buf_lit(&f->bytes, "data: [DONE]\n\n");
        lg_frame_done(f);
        return 0;
    case LG_EV_ERROR:
        return lg_chat_enc_error(e, c, ev->u.error, f);
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
    case LG_EV_SIGNATURE:
    case LG_EV_CITATION:
    case LG_EV_STOP:
        break;
    case LG_EV_START:
    case LG_EV_PART_END:
    case LG_EV_USAGE:
    case LG_EV_PING:
        return 0;
    }
    return rc || !ev->extra ? rc : write_chunk(e, c, ev, f);
}
