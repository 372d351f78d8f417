/* SPDX-License-Identifier: MIT
 *
 * A stream written back as it was read: what the events do not say of a chunk
 * stands in their extras. Events without any have a chunk with others. */
#include "lib/format/openai_chat_encode.h"

/* A chunk being written, of an event of a part. */
struct chunk {
    struct lg_writer w;
    const struct lg_ir_event *ev;
    const struct lg_chat_enc_part *p;
    const struct lg_ir_extra *x; /* ev->extra */
};

/* Open the member that holds an item of a list. */
static void open_item(struct chunk *k, const char *list)
{
    lg_put(&k->w, "%k:[{%x", list, k->x, LG_CHAT_SELF);
}

/* content: a string, or Mistral's list. */
static void write_content(struct chunk *k)
{
    const int thinks = k->p->kind == LG_PART_THINKING;
    const int bare = k->p->form & LG_FORM_BARE;
    const char *type = thinks ? "thinking" : "text";

    if (!thinks && bare) {
        lg_put(&k->w, "'content':%b", k->ev->text);
        return;
    }
    open_item(k, "content");
    if (!thinks || bare)
        lg_put(&k->w, "'type':%s,%k:%b}]", type, type, k->ev->text);
    else
        lg_put(&k->w,
               "'type':'thinking','thinking':[{'type':'text','text':%b,%x}]}]",
               k->ev->text, k->x, LG_CHAT_INNER);
}

static void write_thinking(struct chunk *k)
{
    const int top = k->p->form & LG_FORM_TOP;

    switch (k->p->form & LG_CHAT_IN) {
    case LG_CHAT_IN_DETAILS:
        open_item(k, "reasoning_details");
        lg_put(&k->w, "'type':%s,%k:%b}]",
               top ? "reasoning.summary" : "reasoning.text",
               top ? "summary" : "text", k->ev->text);
        break;
    case LG_CHAT_IN_BLOCKS:
        open_item(k, "thinking_blocks");
        lg_put(&k->w, "'type':'thinking','thinking':%b}]", k->ev->text);
        break;
    case LG_CHAT_IN_FIELD:
        lg_put(&k->w, "%k:%b",
               k->p->form & LG_FORM_OLD ? "reasoning" : "reasoning_content",
               k->ev->text);
        break;
    default:
        write_content(k);
        break;
    }
}

static void write_blob(struct chunk *k, const struct lg_ir_blob *blob,
                       int redacted)
{
    static const char *const types[] = {"reasoning.text", "reasoning.encrypted",
                                        "thinking", "redacted_thinking"};
    const int blocks = (k->p->form & LG_CHAT_IN) == LG_CHAT_IN_BLOCKS;

    open_item(k, blocks ? "thinking_blocks" : "reasoning_details");
    lg_put(&k->w, "'type':%s,%k:%v}]", types[2 * blocks + redacted],
           redacted ? "data" : "signature", &blob->val);
}

/* A call's fragment; `has_input` 0: it stands in the extras. */
static void write_call(struct chunk *k, int has_input)
{
    const int old = k->p->form & LG_FORM_OLD, custom = k->p->custom;

    if (!old)
        open_item(k, "tool_calls");
    lg_put(&k->w, "%k:{%x",
           old      ? "function_call"
           : custom ? "custom"
                    : "function",
           k->x, LG_CHAT_INNER);
    if (has_input)
        lg_put(&k->w, "%k:%b", custom ? "input" : "arguments", k->ev->text);
    lg_put(&k->w, old ? "}" : "}}]");
}

static void write_part(struct chunk *k)
{
    const uint8_t in = k->p->form & LG_CHAT_IN;

    if (k->p->kind == LG_PART_TOOL_CALL) {
        write_call(k, 0);
    } else if (k->p->kind == LG_PART_REDACTED) {
        write_blob(k, &k->ev->u.part->blob, 1);
    } else {
        lg_put(&k->w, "%k:[",
               in == LG_CHAT_IN_DETAILS  ? "reasoning_details"
               : in == LG_CHAT_IN_BLOCKS ? "thinking_blocks"
                                         : "content");
        lg_chat_part_write(&k->w, k->ev->u.part);
        lg_put(&k->w, "]");
    }
}

static void write_delta(struct chunk *k)
{
    lg_put(&k->w, "'delta':{%x", k->x, LG_CHAT_MESSAGE);
    if (k->ev->kind == LG_EV_PART)
        write_part(k);
    else if (k->ev->kind == LG_EV_TEXT)
        write_content(k);
    else if (k->ev->kind == LG_EV_THINKING)
        write_thinking(k);
    else if (k->ev->kind == LG_EV_REFUSAL)
        lg_put(&k->w, "'refusal':%b", k->ev->text);
    else if (k->ev->kind == LG_EV_INPUT)
        write_call(k, 1);
    else if (k->ev->kind == LG_EV_SIGNATURE)
        write_blob(k, k->ev->u.blob, 0);
    else if (k->ev->kind == LG_EV_CITATION)
        lg_put(&k->w, "'annotations':[%v]", k->ev->u.val);
    lg_put(&k->w, "}");
}

static int write_chunk(struct lg_chat_encoder *e, struct lg_ctx *c,
                       const struct lg_ir_event *ev, struct lg_frames *f)
{
    static const struct lg_chat_enc_part none = {0};
    const struct lg_chat_enc_part *p = lg_chat_enc_find(e, ev);
    struct chunk k = {lg_writer_of(c, c->self, &f->bytes), ev, p ? p : &none,
                      ev->extra};

    k.w.jw.one_line = 1;
    (void)lg_buf_lit(&f->bytes, "data: ");
    lg_put(&k.w, "{%x,'choices':[{%x", k.x, LG_CHAT_CHUNK, k.x, LG_CHAT_CHOICE);
    if (ev->kind == LG_EV_STOP)
        lg_put(&k.w, "'finish_reason':%v", &ev->u.stop->reason);
    else
        write_delta(&k);
    (void)lg_buf_lit(&f->bytes, "}]}\n\n");
    lg_frame_done(f);
    return k.w.rc;
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
