/* SPDX-License-Identifier: MIT
 *
 * Of a request the prompt, the messages and the tools, written. */
#include "lib/format/anthropic_messages.h"

#include "lib/format/function.h"
#include "lib/format/turn.h"

/* ---- system ------------------------------------------------------------- */

static int is_one_text(const struct lg_ir_message *m)
{
    return m->form & LG_FORM_BARE && m->parts && !m->parts->next &&
           m->parts->kind == LG_PART_TEXT;
}

static void write_system(struct lg_am_writer *a, const struct lg_ir_message *m,
                         const struct lg_ir_message *end)
{
    const size_t mark = a->w.jw.out->n;

    if (m == end)
        return;
    lg_put(&a->w, "'system':");
    if (m->next == end && is_one_text(m) &&
        (a->w.own || (m->parts->text.s.n && !lg_ir_has(&m->parts->cache)))) {
        lg_ir_write(&a->w.jw, &m->parts->text);
        lg_put_lose_message(&a->w, m);
        return;
    }
    lg_put(&a->w, "[");
    for (; m != end; m = m->next) {
        lg_am_write_blocks(a, m->parts);
        lg_put_lose_message(&a->w, m);
    }
    if (!a->w.own && lg_writer_is_empty(&a->w))
        lg_writer_undo(&a->w, mark);
    else
        lg_put(&a->w, "]");
}

/* ---- messages ----------------------------------------------------------- */

static void write_message(struct lg_am_writer *a, const struct lg_ir_message *m)
{
    lg_put(&a->w, "{'role':%s", lg_role_word(m));
    lg_am_write_content(a, m->parts, m->form);
    lg_put(&a->w, "%x}", m->extra, LG_AM_NODE);
}

static int starts_turn(const struct lg_ir_message *m,
                       const struct lg_ir_message *before)
{
    return before->role != LG_ROLE_TOOL ||
           (m->role != LG_ROLE_TOOL && m->role != LG_ROLE_USER);
}

/* One turn of another format's talk: a message, or tool results with what the
 * user said after them. An empty turn is left out. Returns the message behind
 * it. */
static const struct lg_ir_message *write_turn(struct lg_am_writer *a,
                                              const struct lg_ir_message *m,
                                              const char *role)
{
    const struct lg_ir_message *before = m;
    const size_t mark = a->w.jw.out->n;
    int is_empty;

    lg_put(&a->w, "{'role':%s,'content':", role);
    if (is_one_text(m) && m->role != LG_ROLE_TOOL &&
        !lg_ir_has(&m->parts->cache) && !lg_ir_has(&m->parts->citations)) {
        const struct lg_ir_val text = lg_words(&a->w, m->parts, a->prefill);

        is_empty = !text.s.n;
        lg_ir_write(&a->w.jw, &text);
        lg_put_lose_extras(&a->w, m->parts->extra);
        lg_put_lose_message(&a->w, m);
        m = m->next;
    } else {
        lg_put(&a->w, "[");
        do {
            lg_am_write_blocks(a, m->parts);
            lg_put_lose_message(&a->w, m);
            before = m;
            m = m->next;
        } while (m && !starts_turn(m, before));
        is_empty = lg_writer_is_empty(&a->w);
        lg_put(&a->w, "]");
    }
    lg_put(&a->w, "}");
    if (is_empty)
        lg_writer_undo(&a->w, mark);
    return m;
}

static void write_foreign_messages(struct lg_am_writer *a,
                                   const struct lg_ir_message *m)
{
    if (m && lg_is_system(m) && !m->next) {
        lg_put_lose(
            &a->w, m->tok, LG_APPROXIMATED,
            "a talk of instructions alone: the last becomes the user's");
        (void)write_turn(a, m, "user");
        return;
    }
    a->prefill = lg_prefill_of(m);
    while (m && !a->w.rc)
        m = write_turn(a, m, lg_role_word(m));
}

void lg_am_write_talk(struct lg_am_writer *a, const struct lg_ir_request *r)
{
    const struct lg_ir_message *m = lg_behind_prompt(&a->w, r->messages);

    write_system(a, r->messages, m);
    lg_put(&a->w, "'messages':[");
    if (!a->w.own)
        write_foreign_messages(a, m);
    for (; a->w.own && m; m = m->next)
        write_message(a, m);
    lg_put(&a->w, "]");
}

/* ---- tools -------------------------------------------------------------- */

static void write_function(struct lg_am_writer *a,
                           const struct lg_ir_request *r,
                           const struct lg_ir_tool *t)
{
    lg_put(&a->w, "{");
    if (a->w.own && t->form & LG_AM_FORM_TYPED)
        lg_put(&a->w, "'type':'custom'");
    lg_put(&a->w, "'name':%v,'description':%o", &t->name, &t->description);
    if (a->w.own) {
        lg_put(&a->w, "'input_schema':%v", &t->schema);
    } else {
        lg_put(&a->w, "'input_schema':");
        lg_put_schema(&a->w, r, &t->schema);
    }
    lg_put(&a->w, "'strict':%o,'cache_control':%o,%x}", &t->strict, &t->cache,
           t->extra, LG_AM_NODE);
}

static void write_custom(struct lg_am_writer *a, const struct lg_ir_tool *t)
{
    lg_put(&a->w,
           "{'name':%v,'description':%o,'input_schema':{'type':'object',"
           "'properties':{'input':{'type':'string'}},'required':['input']},%x}",
           &t->name, &t->description, t->extra, LG_AM_NODE);
    lg_put_lose(&a->w, t->tok, LG_APPROXIMATED,
                "a tool that takes text becomes one with a text member");
    lg_put_drop(&a->w, &t->schema,
                "the format of a tool's text has no counterpart");
}

static void write_tool(struct lg_am_writer *a, const struct lg_ir_request *r,
                       const struct lg_ir_tool *t)
{
    switch ((enum lg_tool_kind)t->kind) {
    case LG_TOOL_FUNCTION:
        write_function(a, r, t);
        break;
    case LG_TOOL_CUSTOM:
        write_custom(a, t);
        break;
    case LG_TOOL_SERVER:
        if (a->w.own)
            lg_ir_write(&a->w.jw, &t->json);
        else
            lg_put_lose(&a->w, t->tok, LG_DROPPED,
                        "a tool that has no counterpart in " LG_AM_NAME);
        break;
    }
}

static void write_shim(struct lg_am_writer *a, const struct lg_ir_request *r)
{
    lg_put(&a->w, "{'name':'" LG_JSON_TOOL
                  "','description':'" LG_JSON_TOOL_ABOUT "','input_schema':");
    lg_put_json_schema(&a->w, r);
    lg_put(&a->w, "}");
}

/* ---- the choice of a tool ------------------------------------------------ */

/* Written only where it says something; 0: it is not. */
static unsigned choice_mode(const struct lg_am_writer *a,
                            const struct lg_ir_request *r, int has_tools)
{
    const unsigned mode = r->tool_choice.mode;

    if (mode >= LG_CHOICE_AUTO && mode <= LG_CHOICE_TOOL)
        return a->w.own || has_tools ? mode : LG_CHOICE_UNSET;
    return has_tools && r->param[LG_P_PARALLEL_TOOLS].kind == LG_JSON_FALSE
               ? LG_CHOICE_AUTO
               : LG_CHOICE_UNSET;
}

static void write_choice(struct lg_am_writer *a, const struct lg_ir_request *r,
                         int has_tools)
{
    const struct lg_ir_tool_choice *t = &r->tool_choice;
    const struct lg_ir_val *parallel = &r->param[LG_P_PARALLEL_TOOLS];
    const unsigned mode = choice_mode(a, r, has_tools);

    if (t->mode == LG_CHOICE_OTHER && a->w.own) {
        lg_put(&a->w, "'tool_choice':%v", &t->json);
        return;
    }
    if (t->mode == LG_CHOICE_OTHER || t->mode == LG_CHOICE_ALLOWED)
        lg_put_lose(&a->w, t->tok, LG_DROPPED,
                    "a choice of tools that has no counterpart in " LG_AM_NAME);
    if (mode == LG_CHOICE_UNSET)
        return;
    lg_put(&a->w, "'tool_choice':{'type':%w,'name':%v", LG_AM_CHOICES, mode,
           a->w.own || t->mode == LG_CHOICE_TOOL ? &t->name : &lg_ir_none);
    if (a->w.own ? parallel->kind != LG_JSON_NONE
                 : parallel->kind == LG_JSON_FALSE && t->mode != LG_CHOICE_NONE)
        lg_put(&a->w, "'disable_parallel_tool_use':%j",
               parallel->kind == LG_JSON_FALSE ? LG_STR("true")
                                               : LG_STR("false"));
    lg_put(&a->w, "%x}", t->extra, LG_AM_NODE);
}

void lg_am_write_tools(struct lg_am_writer *a, const struct lg_ir_request *r)
{
    const int shim = lg_json_tool(&a->w, r);
    const size_t mark = a->w.jw.out->n;
    int has_tools;

    lg_put(&a->w, "'tools':[");
    for (const struct lg_ir_tool *t = r->tools; t && !a->w.rc; t = t->next)
        write_tool(a, r, t);
    if (shim)
        write_shim(a, r);
    has_tools = !lg_writer_is_empty(&a->w);
    lg_put(&a->w, "]");
    if (a->w.own ? !r->has_tools : !has_tools)
        lg_writer_undo(&a->w, mark);
    if (a->w.own && r->tools_form & LG_FORM_NULL)
        lg_put(&a->w, "'tools':null");
    if (shim)
        lg_put(&a->w,
               "'tool_choice':{'type':'tool','name':'" LG_JSON_TOOL "'}");
    else
        write_choice(a, r, has_tools);
}
