/* SPDX-License-Identifier: MIT
 *
 * The assistant's message: content, refusal and calls. */
#include "lib/format/openai_chat.h"

#include <stdio.h>

#include "lib/json/text.h"

enum {
    F_CONTENT,
    F_REFUSAL,
    F_REASONING_CONTENT,
    F_REASONING,
    F_DETAILS,
    F_BLOCKS,
    F_CALLS,
    F_FUNCTION,
    F_NAME,
    F_ROLE,
    F_COUNT
};
static const char *const fields[F_COUNT] = {
    "content",    "refusal",           "reasoning_content",
    "reasoning",  "reasoning_details", "thinking_blocks",
    "tool_calls", "function_call",     "name",
    "role"};

/* ---- calls -------------------------------------------------------------- */

static void set_arguments(struct lg_ir_part *p, struct lg_val v)
{
    p->json = lg_ir_of(v);
    if (p->json.kind == LG_JSON_STRING) {
        p->json.kind = LG_JSON_OBJECT;
        p->json.in_string = 1;
    }
}

static int read_body(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const function[] = {"name", "arguments"};
    static const char *const custom[] = {"name", "input"};
    struct lg_val f[2];
    const int rc = lg_fields(c, v, p->custom ? custom : function, 2, f,
                             &p->extra, LG_CHAT_INNER);

    p->name = lg_ir_of(f[0]);
    if (p->custom)
        p->text = lg_ir_of(f[1]);
    else
        set_arguments(p, f[1]);
    return rc;
}

static int read_call(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"id", "type", "function", "custom"};
    struct lg_val f[4] = {{0}};
    int rc = 0;

    p->form = LG_CHAT_IN_CALLS;
    if (lg_val_kind(v) == LG_JSON_OBJECT)
        rc = lg_fields(c, v, names, 4, f, &p->extra, LG_CHAT_SELF);
    p->custom = lg_val_is(f[1], "custom") != 0;
    if ((!p->custom && f[1].doc && !lg_val_is(f[1], "function")) ||
        lg_val_kind(f[p->custom ? 3 : 2]) != LG_JSON_OBJECT ||
        f[p->custom ? 2 : 3].doc) {
        *p = (struct lg_ir_part){.kind = LG_PART_OPAQUE,
                                 .tok = v.i,
                                 .form = LG_CHAT_IN_CALLS,
                                 .json = lg_ir_of(v)};
        return rc;
    }
    p->kind = LG_PART_TOOL_CALL;
    p->id = lg_ir_of(f[0]);
    if (!f[1].doc)
        p->form |= LG_FORM_ABSENT;
    return rc ? rc : read_body(c, f[p->custom ? 3 : 2], p);
}

static int read_calls(struct lg_ctx *c, struct lg_val list,
                      struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_chat_keep(c, &m->extra, list, LG_CHAT_SELF);
    if (it.next == it.end)
        m->form |= LG_CHAT_NO_CALLS;
    while (!rc && lg_iter_next(&it)) {
        struct lg_ir_part *p =
            lg_chat_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? read_call(c, it.val, p) : c->arena->err;
    }
    return rc;
}

static int read_function_call(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_chat_keep(c, &m->extra, v, LG_CHAT_SELF);
    p = lg_chat_part_add(c, end, LG_PART_TOOL_CALL, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CHAT_IN_CALLS | LG_FORM_OLD;
    return read_body(c, v, p);
}

int lg_chat_input_of(struct lg_ctx *c, const struct lg_ir_part *p,
                     struct lg_str *out)
{
    const struct lg_ir_val *v = p->custom ? &p->text : &p->json;
    struct lg_buf body;
    int err;

    *out = lg_ir_has(v) ? v->s : LG_STR("");
    if (p->custom || v->in_string || !lg_ir_has(v))
        return 0;
    lg_buf_init(&body, SIZE_MAX / 8);
    err = lg_json_escape(&body, v->s);
    if (!err) {
        *out = lg_str_from(lg_arena_dup(c->arena, lg_buf_span(&body)), body.n);
        err = out->p ? 0 : c->arena->err;
    }
    lg_buf_done(&body);
    return err ? lg_fail_mem(c->err, err) : 0;
}

int lg_chat_make_id(struct lg_ctx *c, struct lg_arena *a, struct lg_str answer,
                    unsigned choice, unsigned n, struct lg_ir_val *id)
{
    char text[64];
    int at = snprintf(text, sizeof(text), "call_");

    for (size_t i = 0; i < answer.n && at < 40; i++) {
        const char ch = answer.p[i];

        if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
            (ch >= 'A' && ch <= 'Z'))
            text[at++] = ch;
    }
    (void)snprintf(text + at, sizeof(text) - (size_t)at, "_%u_%u", choice, n);
    *id = lg_ir_word(lg_arena_dup(a, lg_str_of(text)));
    return id->s.p ? 0 : lg_fail_mem(c->err, a->err);
}

void lg_chat_call_body_write(struct lg_jw *w, const struct lg_ir_part *p)
{
    lg_ir_member(w, "name", &p->name);
    lg_jw_key(w, p->custom ? "input" : "arguments");
    if (p->custom)
        lg_jw_body(w, p->text.s);
    else if (!p->json.s.n)
        lg_jw_body(w, LG_STR("{}"));
    else if (p->json.in_string)
        lg_jw_body(w, p->json.s);
    else
        lg_jw_text(w, p->json.s);
}

static void write_body(struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_part *p)
{
    struct lg_ir_val json = p->json;

    if (json.in_string) {
        json.kind = LG_JSON_STRING;
        json.in_string = 0;
    }
    lg_jw_obj(w);
    lg_ir_member(w, "name", &p->name);
    if (p->custom)
        lg_ir_member(w, "input", &p->text);
    else
        lg_ir_member(w, "arguments", &json);
    lg_extra_write(c, w, p->extra, LG_CHAT_INNER, c->self);
    lg_jw_obj_end(w);
}

static void write_call(struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_OPAQUE) {
        lg_ir_write(w, &p->json);
        return;
    }
    lg_jw_obj(w);
    lg_ir_member(w, "id", &p->id);
    if (!(p->form & LG_FORM_ABSENT)) {
        lg_jw_key(w, "type");
        lg_jw_body(w, p->custom ? LG_STR("custom") : LG_STR("function"));
    }
    lg_jw_key(w, p->custom ? "custom" : "function");
    write_body(c, w, p);
    lg_extra_write(c, w, p->extra, LG_CHAT_SELF, c->self);
    lg_jw_obj_end(w);
}

/* ---- the message -------------------------------------------------------- */

static int read_refusal(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_chat_keep(c, &m->extra, v, LG_CHAT_SELF);
    p = lg_chat_part_add(c, end, LG_PART_REFUSAL, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CHAT_IN_FIELD;
    p->text = lg_ir_of(v);
    return 0;
}

int lg_chat_assistant_read(struct lg_ctx *c, struct lg_val v,
                           struct lg_ir_message *m)
{
    struct lg_val f[F_COUNT];
    struct lg_ir_part **end = &m->parts;
    int rc = lg_fields(c, v, fields, F_COUNT, f, &m->extra, LG_CHAT_SELF);

    if (rc)
        return rc;
    m->name = lg_ir_of(f[F_NAME]);
    rc = lg_chat_items_read(c, f[F_DETAILS], LG_CHAT_IN_DETAILS, m, &end);
    if (!rc)
        rc = lg_chat_items_read(c, f[F_BLOCKS], LG_CHAT_IN_BLOCKS, m, &end);
    for (int i = 0; i < 2 && !rc; i++) {
        /* The one that says something speaks first. */
        const int old = i != !lg_val_body(f[F_REASONING_CONTENT]).n;
        rc = lg_chat_reasoning_read(
            c, f[old ? F_REASONING : F_REASONING_CONTENT], old, m, &end);
    }
    if (!rc)
        rc = lg_chat_content_read(c, f[F_CONTENT], &end, &m->form);
    if (!rc)
        rc = read_refusal(c, f[F_REFUSAL], m, &end);
    if (!rc)
        rc = read_calls(c, f[F_CALLS], m, &end);
    if (!rc)
        rc = read_function_call(c, f[F_FUNCTION], m, &end);
    return rc;
}

static int stands_in(const struct lg_ir_part *p, uint8_t in)
{
    return (p->form & LG_CHAT_IN) == in;
}

/* Parts that are one member, as one string: out of a stream come several. */
static void write_joined(struct lg_jw *w, const char *name,
                         const struct lg_ir_part *p, uint8_t kind, uint8_t form)
{
    while (p && (p->kind != kind || p->form != form))
        p = p->next;
    if (!p)
        return;
    lg_jw_key(w, name);
    lg_chat_join_open(w);
    for (; p; p = p->next)
        if (p->kind == kind && p->form == form && p->text.s.n)
            (void)lg_buf_str(w->out, p->text.s);
    (void)lg_buf_byte(w->out, '"');
}

static void write_content(struct lg_ctx *c, struct lg_jw *w,
                          const struct lg_ir_part *parts, uint8_t form)
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
    lg_jw_key(w, "content");
    if (!p && form & LG_FORM_NULL) {
        lg_jw_null(w);
        return;
    }
    lg_jw_arr(w);
    for (; p; p = p->next)
        if (stands_in(p, LG_CHAT_IN_CONTENT))
            lg_chat_part_write(c, w, p);
    lg_jw_arr_end(w);
}

static void write_list(struct lg_ctx *c, struct lg_jw *w, const char *name,
                       const struct lg_ir_part *p, uint8_t in,
                       void (*write)(struct lg_ctx *, struct lg_jw *,
                                     const struct lg_ir_part *))
{
    int open = 0;

    for (; p; p = p->next) {
        if (!stands_in(p, in) || p->form & LG_FORM_OLD)
            continue;
        if (!open) {
            lg_jw_key(w, name);
            lg_jw_arr(w);
        }
        open = 1;
        write(c, w, p);
    }
    if (open)
        lg_jw_arr_end(w);
}

/* The thinking once more, as one string. */
static void write_again(struct lg_jw *w, const char *name,
                        const struct lg_ir_part *p)
{
    lg_jw_key(w, name);
    lg_chat_join_open(w);
    for (; p; p = p->next)
        if (p->kind == LG_PART_THINKING && !stands_in(p, LG_CHAT_IN_CONTENT) &&
            p->text.s.n)
            (void)lg_buf_str(w->out, p->text.s);
    (void)lg_buf_byte(w->out, '"');
}

static void write_function_call(struct lg_ctx *c, struct lg_jw *w,
                                const struct lg_ir_part *p)
{
    while (p && (p->kind != LG_PART_TOOL_CALL || !(p->form & LG_FORM_OLD)))
        p = p->next;
    if (!p)
        return;
    lg_jw_key(w, "function_call");
    write_body(c, w, p);
}

void lg_chat_assistant_write(struct lg_ctx *c, struct lg_jw *w,
                             const struct lg_ir_part *parts, uint8_t form)
{
    write_content(c, w, parts, form);
    write_joined(w, "refusal", parts, LG_PART_REFUSAL, LG_CHAT_IN_FIELD);
    write_joined(w, "reasoning_content", parts, LG_PART_THINKING,
                 LG_CHAT_IN_FIELD);
    write_joined(w, "reasoning", parts, LG_PART_THINKING,
                 LG_CHAT_IN_FIELD | LG_FORM_OLD);
    write_function_call(c, w, parts);
    if (form & LG_CHAT_AGAIN_CONTENT)
        write_again(w, "reasoning_content", parts);
    if (form & LG_CHAT_AGAIN_PLAIN)
        write_again(w, "reasoning", parts);
    write_list(c, w, "reasoning_details", parts, LG_CHAT_IN_DETAILS,
               lg_chat_item_write);
    write_list(c, w, "thinking_blocks", parts, LG_CHAT_IN_BLOCKS,
               lg_chat_item_write);
    write_list(c, w, "tool_calls", parts, LG_CHAT_IN_CALLS, write_call);
    if (form & LG_CHAT_NO_CALLS) {
        lg_jw_key(w, "tool_calls");
        lg_jw_arr(w);
        lg_jw_arr_end(w);
    }
}
