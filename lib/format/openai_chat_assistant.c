/* SPDX-License-Identifier: MIT
 *
 * The assistant's message: content, refusal and calls. */
#include "lib/format/openai_chat.h"

#include "lib/json/text.h"

/* ---- calls -------------------------------------------------------------- */

static int read_body(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc = lg_get(c, v, &p->extra, LG_CHAT_INNER,
                          p->custom ? "name input" : "name arguments", &p->name,
                          p->custom ? &p->text : &p->json);

    if (p->json.kind == LG_JSON_STRING) {
        p->json.kind = LG_JSON_OBJECT;
        p->json.in_string = 1;
    }
    return rc;
}

LG_APART static int read_call(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_part *p)
{
    struct lg_val type = {0}, body[2] = {{0}};
    int rc = 0;

    p->form = LG_CHAT_IN_CALLS;
    if (lg_val_kind(v) == LG_JSON_OBJECT)
        rc = lg_get(c, v, &p->extra, LG_CHAT_SELF,
                    "id type= function= custom=", &p->id, &type, &body[0],
                    &body[1]);
    p->custom = lg_val_is(type, "custom") != 0;
    if ((!p->custom && type.doc && !lg_val_is(type, "function")) ||
        lg_val_kind(body[p->custom]) != LG_JSON_OBJECT ||
        body[!p->custom].doc) {
        *p = (struct lg_ir_part){.kind = LG_PART_OPAQUE,
                                 .tok = v.i,
                                 .form = LG_CHAT_IN_CALLS,
                                 .json = lg_ir_of(v)};
        return rc;
    }
    p->kind = LG_PART_TOOL_CALL;
    if (!type.doc)
        p->form |= LG_FORM_ABSENT;
    return rc ? rc : read_body(c, body[p->custom], p);
}

static int read_calls(struct lg_ctx *c, struct lg_val list,
                      struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_extra_keep(c, &m->extra, list, LG_CHAT_SELF);
    if (it.next == it.end)
        m->form |= LG_CHAT_NO_CALLS;
    while (!rc && lg_iter_next(&it)) {
        struct lg_ir_part *p = lg_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? read_call(c, it.val, p) : c->arena->err;
    }
    return rc;
}

static int read_function_call(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_extra_keep(c, &m->extra, v, LG_CHAT_SELF);
    p = lg_part_add(c, end, LG_PART_TOOL_CALL, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CHAT_IN_CALLS | LG_FORM_OLD;
    return read_body(c, v, p);
}

int lg_chat_input_of(struct lg_ctx *c, const struct lg_ir_part *p,
                     struct lg_str *out)
{
    const struct lg_ir_val *v = p->custom ? &p->text : &p->json;

    *out = lg_ir_has(v) ? v->s : LG_STR("");
    if (p->custom || v->in_string || !lg_ir_has(v))
        return 0;
    return lg_escaped(c, v->s, out);
}

/* What the body of a call is named, and what it is given. */
static const char *body_name(const struct lg_ir_part *p)
{
    return p->custom ? "custom" : "function";
}

static const char *input_name(const struct lg_ir_part *p)
{
    return p->custom ? "input" : "arguments";
}

void lg_chat_call_write(struct lg_writer *w, const struct lg_ir_part *p)
{
    const struct lg_str json = p->json.s;

    lg_put(w, "{'id':%v,'type':%s,%k:{'name':%v,%k:", &p->id, body_name(p),
           body_name(p), &p->name, input_name(p));
    if (p->custom || p->json.in_string || !json.n)
        lg_jw_body(&w->jw, p->custom ? p->text.s
                           : json.n  ? json
                                     : LG_STR("{}"));
    else
        lg_jw_text(&w->jw, json);
    lg_put(w, "}}");
}

static void write_body(struct lg_writer *w, const struct lg_ir_part *p)
{
    struct lg_ir_val input = p->custom ? p->text : p->json;

    if (input.in_string) {
        input.kind = LG_JSON_STRING;
        input.in_string = 0;
    }
    lg_put(w, "{'name':%v,%k:%v,%x}", &p->name, input_name(p), &input, p->extra,
           LG_CHAT_INNER);
}

static void write_call(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_OPAQUE) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    lg_put(w, "{'id':%v", &p->id);
    if (!(p->form & LG_FORM_ABSENT))
        lg_put(w, "'type':%s", body_name(p));
    lg_put(w, "%k:", body_name(p));
    write_body(w, p);
    lg_put(w, "%x}", p->extra, LG_CHAT_SELF);
}

/* ---- the message -------------------------------------------------------- */

static int read_refusal(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_extra_keep(c, &m->extra, v, LG_CHAT_SELF);
    p = lg_part_add(c, end, LG_PART_REFUSAL, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CHAT_IN_FIELD;
    lg_ir_set(&p->text, v);
    return 0;
}

int lg_chat_assistant_read(struct lg_ctx *c, struct lg_val v,
                           struct lg_ir_message *m)
{
    struct lg_val content, refusal, said[2], details, blocks, calls, function;
    struct lg_ir_part **end = &m->parts;
    int rc =
        lg_get(c, v, &m->extra, LG_CHAT_SELF,
               "content= refusal= reasoning_content= reasoning= "
               "reasoning_details= thinking_blocks= tool_calls= function_call= "
               "name role-",
               &content, &refusal, &said[0], &said[1], &details, &blocks,
               &calls, &function, &m->name);

    if (!rc)
        rc = lg_chat_items_read(c, details, LG_CHAT_IN_DETAILS, m, &end);
    if (!rc)
        rc = lg_chat_items_read(c, blocks, LG_CHAT_IN_BLOCKS, m, &end);
    for (int i = 0; i < 2 && !rc; i++) {
        /* The one that says something speaks first. */
        const int old = i != !lg_val_body(said[0]).n;
        rc = lg_chat_reasoning_read(c, said[old], old, m, &end);
    }
    if (!rc)
        rc = lg_chat_content_read(c, content, &end, &m->form);
    if (!rc)
        rc = read_refusal(c, refusal, m, &end);
    if (!rc)
        rc = read_calls(c, calls, m, &end);
    if (!rc)
        rc = read_function_call(c, function, m, &end);
    return rc;
}

static int stands_in(const struct lg_ir_part *p, uint8_t in)
{
    return (p->form & LG_CHAT_IN) == in;
}

/* Parts that are one member, as one string: out of a stream come several. */
static void write_joined(struct lg_writer *w, const char *name,
                         const struct lg_ir_part *p, uint8_t kind, uint8_t form)
{
    int open = 0;

    for (; p; p = p->next) {
        if (p->kind != kind || p->form != form)
            continue;
        if (!open++) {
            lg_put(w, "%k:", name);
            lg_jw_join_open(&w->jw);
        }
        (void)lg_buf_str(w->jw.out, p->text.s);
    }
    if (open)
        (void)lg_buf_byte(w->jw.out, '"');
}

static void write_content(struct lg_writer *w, const struct lg_ir_part *parts,
                          uint8_t form)
{
    const struct lg_ir_part *p = parts;

    while (p && !stands_in(p, LG_CHAT_IN_CONTENT))
        p = p->next;
    if (p && p->kind == LG_PART_TEXT && p->form & LG_FORM_BARE) {
        write_joined(w, "content", p, LG_PART_TEXT, p->form);
        return;
    }
    if (!p && form & LG_FORM_ABSENT)
        return;
    if (!p && form & LG_FORM_NULL) {
        lg_put(w, "'content':null");
        return;
    }
    lg_put(w, "'content':[");
    for (; p; p = p->next)
        if (stands_in(p, LG_CHAT_IN_CONTENT))
            lg_chat_part_write(w, p);
    lg_put(w, "]");
}

static void write_list(struct lg_writer *w, const char *name,
                       const struct lg_ir_part *p, uint8_t in,
                       void (*write)(struct lg_writer *,
                                     const struct lg_ir_part *))
{
    int open = 0;

    for (; p; p = p->next) {
        if (!stands_in(p, in) || p->form & LG_FORM_OLD)
            continue;
        if (!open++)
            lg_put(w, "%k:[", name);
        write(w, p);
    }
    if (open)
        lg_put(w, "]");
}

/* The thinking once more, as one string. */
static void write_again(struct lg_writer *w, const char *name,
                        const struct lg_ir_part *p)
{
    lg_put(w, "%k:", name);
    lg_jw_join_open(&w->jw);
    for (; p; p = p->next)
        if (p->kind == LG_PART_THINKING && !stands_in(p, LG_CHAT_IN_CONTENT))
            (void)lg_buf_str(w->jw.out, p->text.s);
    (void)lg_buf_byte(w->jw.out, '"');
}

static void write_function_call(struct lg_writer *w, const struct lg_ir_part *p)
{
    while (p && (p->kind != LG_PART_TOOL_CALL || !(p->form & LG_FORM_OLD)))
        p = p->next;
    if (!p)
        return;
    lg_put(w, "'function_call':");
    write_body(w, p);
}

void lg_chat_assistant_write(struct lg_writer *w,
                             const struct lg_ir_part *parts, uint8_t form)
{
    static const char content[] = "reasoning_content", plain[] = "reasoning";

    write_content(w, parts, form);
    write_joined(w, "refusal", parts, LG_PART_REFUSAL, LG_CHAT_IN_FIELD);
    write_joined(w, content, parts, LG_PART_THINKING, LG_CHAT_IN_FIELD);
    write_joined(w, plain, parts, LG_PART_THINKING,
                 LG_CHAT_IN_FIELD | LG_FORM_OLD);
    write_function_call(w, parts);
    if (form & LG_CHAT_AGAIN_CONTENT)
        write_again(w, content, parts);
    if (form & LG_CHAT_AGAIN_PLAIN)
        write_again(w, plain, parts);
    write_list(w, "reasoning_details", parts, LG_CHAT_IN_DETAILS,
               lg_chat_item_write);
    write_list(w, "thinking_blocks", parts, LG_CHAT_IN_BLOCKS,
               lg_chat_item_write);
    write_list(w, "tool_calls", parts, LG_CHAT_IN_CALLS, write_call);
    if (form & LG_CHAT_NO_CALLS)
        lg_put(w, "'tool_calls':[]");
}
