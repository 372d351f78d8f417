/* SPDX-License-Identifier: MIT
 *
 * Reasoning in its many spellings. */
#include "lib/format/openai_chat.h"

/* Items of reasoning_details (OpenRouter and its like) and of thinking_blocks
 * (LiteLLM): kind, form, and what their text and blob are called. "type" a
 * second time is never found, so it stands for none. */
static const struct item {
    uint8_t kind, form;
    const char *type, *text, *blob;
} items[] = {
    {LG_PART_THINKING, LG_CHAT_IN_DETAILS, "reasoning.text", "text",
     "signature"},
    {LG_PART_THINKING, LG_CHAT_IN_DETAILS | LG_FORM_TOP, "reasoning.summary",
     "summary", "type"},
    {LG_PART_REDACTED, LG_CHAT_IN_DETAILS, "reasoning.encrypted", "type",
     "data"},
    {LG_PART_THINKING, LG_CHAT_IN_BLOCKS, "thinking", "thinking", "signature"},
    {LG_PART_REDACTED, LG_CHAT_IN_BLOCKS, "redacted_thinking", "type", "data"},
};

/* Who made a blob, by the `format` of its item. */
static const struct {
    const char *prefix, *tag, *origin;
} makers[] = {
    {"anthropic", "anthropic-claude-v1", "anthropic-messages"},
    {"openai", "openai-responses-v1", "openai-responses"},
    {"google", "google-gemini-v1", "gemini"},
};

static const char *maker_of(struct lg_val format, int signs)
{
    const struct lg_str body = lg_val_body(format);
    const struct lg_format *named;

    if (!body.n) /* only Claude signs text */
        return signs ? makers[0].origin : LG_CHAT_NAME;
    for (size_t i = 0; i < LG_COUNT(makers); i++)
        if (lg_str_starts(body, lg_str_of(makers[i].prefix)))
            return makers[i].origin;
    named = lg_format_by_name(body);
    return named ? named->name : LG_CHAT_NAME;
}

static const char *tag_of(const char *origin)
{
    for (size_t i = 0; i < LG_COUNT(makers); i++)
        if (lg_str_is(lg_str_of(origin), makers[i].origin))
            return makers[i].tag;
    return origin;
}

static const struct item *item_of(struct lg_val v, uint8_t in)
{
    const struct lg_val type = lg_val_get(v, "type");

    for (size_t i = 0; i < LG_COUNT(items); i++)
        if ((items[i].form & LG_CHAT_IN) == in &&
            lg_val_is(type, items[i].type))
            return &items[i];
    return NULL;
}

static int is_text(struct lg_val v)
{
    return lg_val_kind(v) <= LG_JSON_NULL || lg_val_kind(v) == LG_JSON_STRING;
}

int lg_chat_detail_read(struct lg_ctx *c, struct lg_val v, uint8_t in,
                        struct lg_ir_part *p)
{
    const struct item *item = item_of(v, in);
    struct lg_val f[5] = {{0}};
    int rc = 0;

    if (item) {
        const char *const names[] = {"type", item->text, item->blob, "format",
                                     "index"};

        rc =
            lg_fields(c, v, names, LG_COUNT(names), f, &p->extra, LG_CHAT_SELF);
    }
    if (rc)
        return rc;
    if (!item || !is_text(f[1]) || !is_text(f[2])) {
        *p = (struct lg_ir_part){.kind = LG_PART_OPAQUE,
                                 .tok = v.i,
                                 .form = in,
                                 .json = lg_ir_of(v)};
        return 0;
    }
    p->kind = item->kind;
    p->form = item->form;
    lg_ir_set(&p->name, f[3]);
    lg_ir_set(&p->id, f[4]);
    if (lg_val_kind(f[1]) == LG_JSON_STRING)
        lg_ir_set(&p->text, f[1]);
    else
        rc = lg_extra_keep(c, &p->extra, f[1], LG_CHAT_SELF);
    if (lg_val_kind(f[2]) != LG_JSON_STRING)
        return rc ? rc : lg_extra_keep(c, &p->extra, f[2], LG_CHAT_SELF);
    lg_ir_set(&p->blob.val, f[2]);
    p->blob.origin =
        maker_of(f[3], p->kind == LG_PART_THINKING || in == LG_CHAT_IN_BLOCKS);
    return rc;
}

static const struct item *item_for(const struct lg_ir_part *p)
{
    for (size_t i = 0; i < LG_COUNT(items); i++)
        if (items[i].kind == p->kind &&
            items[i].form == (p->form & (LG_CHAT_IN | LG_FORM_TOP)))
            return &items[i];
    return &items[0];
}

void lg_chat_item_write(struct lg_writer *w, const struct lg_ir_part *p)
{
    const struct item *item = item_for(p);

    if (p->kind == LG_PART_OPAQUE)
        lg_ir_write(&w->jw, &p->json);
    else
        lg_put(w, "{'type':%s,%k:%v,%k:%v,'format':%v,'index':%v,%x}",
               item->type, item->text,
               p->form & LG_FORM_ABSENT ? &lg_ir_none : &p->text, item->blob,
               &p->blob.val, &p->name, &p->id, p->extra, LG_CHAT_SELF);
}

void lg_chat_detail_write(struct lg_writer *w, const struct lg_ir_val *text,
                          const struct lg_ir_blob *blob, int redacted,
                          int64_t index)
{
    lg_put(w, "{'type':%s,'text':%v,%k:%v,'format':%s,'index':%d}",
           redacted ? "reasoning.encrypted" : "reasoning.text", text,
           redacted ? "data" : "signature", &blob->val,
           tag_of(blob->origin ? blob->origin : ""), index);
}

/* Does `body` say what the thinking parts say, one after the other? */
static int says_again(const struct lg_ir_part *p, struct lg_str body)
{
    for (; p; p = p->next) {
        if (p->kind != LG_PART_THINKING || !lg_ir_has(&p->text))
            continue;
        if (!lg_str_starts(body, p->text.s))
            return 0;
        body.p += p->text.s.n;
        body.n -= p->text.s.n;
    }
    return body.n == 0;
}

/* A signature that came without its text, as it does out of a stream: the
 * text stands beside it. The one such part, if there is no other thinking. */
static struct lg_ir_part *unspoken(struct lg_ir_part *p)
{
    struct lg_ir_part *found = NULL;

    for (; p; p = p->next) {
        if (p->kind != LG_PART_THINKING)
            continue;
        if (found || p->text.kind != LG_JSON_NONE || (p->form & LG_FORM_TOP))
            return NULL;
        found = p;
    }
    return found;
}

int lg_chat_reasoning_read(struct lg_ctx *c, struct lg_val v, int old,
                           struct lg_ir_message *m, struct lg_ir_part ***end)
{
    const uint8_t again = old ? LG_CHAT_AGAIN_PLAIN : LG_CHAT_AGAIN_CONTENT;
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_extra_keep(c, &m->extra, v, LG_CHAT_SELF);
    if (says_again(m->parts, lg_val_body(v))) {
        m->form |= again;
        return 0;
    }
    p = unspoken(m->parts);
    if (p) {
        lg_ir_set(&p->text, v);
        p->form |= LG_FORM_ABSENT;
        m->form |= again;
        return 0;
    }
    for (p = m->parts; p; p = p->next)
        if (p->kind == LG_PART_THINKING && p->text.s.n)
            return lg_extra_keep(c, &m->extra, v, LG_CHAT_SELF);
    p = lg_part_add(c, end, LG_PART_THINKING, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CHAT_IN_FIELD;
    if (old)
        p->form |= LG_FORM_OLD;
    lg_ir_set(&p->text, v);
    return 0;
}

int lg_chat_items_read(struct lg_ctx *c, struct lg_val list, uint8_t in,
                       struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    if (lg_val_kind(list) != LG_JSON_ARRAY || it.next == it.end || m->parts)
        return lg_extra_keep(c, &m->extra, list, LG_CHAT_SELF);
    while (!rc && lg_iter_next(&it)) {
        struct lg_ir_part *p = lg_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? lg_chat_detail_read(c, it.val, in, p) : c->arena->err;
    }
    return rc;
}
