/* SPDX-License-Identifier: MIT
 *
 * Of a request the prompt, the messages and the tools, written. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/function.h"
#include "lib/format/turn.h"

/* ---- system ------------------------------------------------------------------ */

static void write_system(struct lg_bc_writer *b, const struct lg_ir_message *m,
                         const struct lg_ir_message *end)
{
    const size_t mark = b->w.jw.out->n;

    if (m == end)
        return;
    lg_put(&b->w, "'system':[");
    for (; m != end; m = m->next) {
        for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
            if (b->w.own || p->kind == LG_PART_TEXT) {
                lg_bc_write_block(b, p);
                lg_bc_write_cache(b, &p->cache);
            } else {
                lg_put_lose(&b->w, p->tok, LG_DROPPED,
                            "a prompt is of texts in " LG_BC_NAME);
            }
        }
        lg_put_lose_message(&b->w, m);
    }
    if (!b->w.own && lg_writer_is_empty(&b->w))
        lg_writer_undo(&b->w, mark);
    else
        lg_put(&b->w, "]");
}

/* ---- messages ------------------------------------------------------------------ */

static void write_own_messages(struct lg_bc_writer *b,
                               const struct lg_ir_message *m)
{
    for (; m && !b->w.rc; m = m->next) {
        lg_put(&b->w, "{'role':%s,'content':[", lg_role_word(m));
        lg_bc_write_blocks(b, m->parts);
        lg_put(&b->w, "],%x}", m->extra, LG_BC_NODE);
    }
}

static void begin_turn(struct lg_bc_writer *b, const char *role)
{
    lg_put(&b->w, "{'role':%s,'content':[", role);
    b->texts = b->documents = 0;
}

/* A document does not stand alone. `m`: the last message of the turn. */
static void end_turn(struct lg_bc_writer *b, const struct lg_ir_message *m)
{
    if (b->documents && !b->texts) {
        lg_put(&b->w, "{'text':'.'}");
        lg_put_lose(&b->w, m->tok, LG_APPROXIMATED,
                    "a text is put beside the document: there must be one");
    }
    lg_put(&b->w, "]}");
}

/* Turns alternate, the first is the user's, and none is empty. Returns the last
 * message that was written; its turn is still open. */
static const struct lg_ir_message *write_turns(struct lg_bc_writer *b,
                                               const struct lg_ir_message *m,
                                               const char *force)
{
    const struct lg_ir_message *last = NULL;
    const char *open = NULL;

    for (; m && !b->w.rc; m = m->next) {
        const char *role = force ? force : lg_role_word(m);
        const size_t mark = b->w.jw.out->n;
        const int same = open && !strcmp(open, role);
        const unsigned texts = b->texts, documents = b->documents;
        size_t begin;

        if (!last && !strcmp(role, "assistant"))
            lg_put(&b->w, "{'role':'user','content':[{'text':'.'}]}");
        else if (last && !same)
            end_turn(b, last);
        if (!same)
            begin_turn(b, role);
        begin = b->w.jw.out->n;
        lg_bc_write_blocks(b, m->parts);
        lg_put_lose_message(&b->w, m);
        if (b->w.jw.out->n == begin) { /* it says nothing */
            lg_writer_undo(&b->w, mark);
            b->texts = texts;
            b->documents = documents;
            continue;
        }
        if (!last && !strcmp(role, "assistant"))
            lg_put_lose(&b->w, m->tok, LG_APPROXIMATED,
                        "the user must begin: a turn is put in front");
        else if (same && m->role != LG_ROLE_TOOL && last->role != LG_ROLE_TOOL)
            lg_put_lose(&b->w, m->tok, LG_APPROXIMATED,
                        "becomes one with the message before it");
        open = role;
        last = m;
    }
    return last;
}

static void write_foreign_messages(struct lg_bc_writer *b,
                                   const struct lg_ir_message *m)
{
    const struct lg_ir_val *cache = &b->r->param[LG_P_CACHE];
    const struct lg_ir_message *last;
    const char *role = NULL;

    if (m && lg_is_system(m) && !m->next) {
        lg_put_lose(
            &b->w, m->tok, LG_APPROXIMATED,
            "a talk of instructions alone: the last becomes the user's");
        role = "user";
    }
    b->prefill = lg_prefill_of(m);
    last = write_turns(b, m, role);
    if (last && lg_ir_has(cache)) {
        lg_bc_write_cache(b, cache);
        lg_put_lose(&b->w, cache->tok, LG_APPROXIMATED,
                    "a cache point behind the last message");
    }
    if (last)
        end_turn(b, last);
}

void lg_bc_write_talk(struct lg_bc_writer *b)
{
    const struct lg_ir_message *m = lg_behind_prompt(&b->w, b->r->messages);

    write_system(b, b->r->messages, m);
    if (b->w.own && b->r->form[LG_P_MODEL] & LG_FORM_ABSENT)
        return;
    lg_put(&b->w, "'messages':[");
    if (b->w.own)
        write_own_messages(b, m);
    else
        write_foreign_messages(b, m);
    lg_put(&b->w, "]");
}

/* ---- tools ----------------------------------------------------------------------- */

static void write_spec(struct lg_bc_writer *b, const struct lg_ir_tool *t)
{
    struct lg_writer *w = &b->w;
    const int says = w->own || t->description.s.n;

    lg_put(w, "{'toolSpec':{'name':%v,'description':%o,'inputSchema':{",
           &t->name, says ? &t->description : &lg_ir_none);
    if (t->kind == LG_TOOL_CUSTOM)
        lg_put(w, "'json':{'type':'object','properties':{'input':{'type':"
                  "'string'}},'required':['input']}");
    else if (w->own)
        lg_put(w, "'json':%v", &t->schema);
    else {
        lg_put(w, "'json':");
        lg_put_schema(w, b->r, &t->schema);
    }
    lg_put(w, "%x},'strict':%o,%x},%x}", t->extra, LG_BC_DEEP, &t->strict,
           t->extra, LG_BC_INNER, t->extra, LG_BC_NODE);
    if (t->kind == LG_TOOL_CUSTOM) {
        lg_put_lose(w, t->tok, LG_APPROXIMATED,
                    "a tool that takes text becomes one with a text member");
        lg_put_drop(w, &t->schema,
                    "the format of a tool's text has no counterpart");
    }
}

static void write_tool(struct lg_bc_writer *b, const struct lg_ir_tool *t)
{
    if (t->kind != LG_TOOL_SERVER)
        write_spec(b, t);
    else if (b->w.own)
        lg_ir_write(&b->w.jw, &t->json);
    else {
        lg_put_lose(&b->w, t->tok, LG_DROPPED,
                    "a tool that has no counterpart in " LG_BC_NAME);
        return;
    }
    lg_bc_write_cache(b, &t->cache);
}

/* A call or a result in the talk, if there is one. */
static const struct lg_ir_part *find_call(const struct lg_ir_request *r)
{
    for (const struct lg_ir_message *m = r->messages; m; m = m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next)
            if (p->kind == LG_PART_TOOL_CALL || p->kind == LG_PART_TOOL_RESULT)
                return p;
    return NULL;
}

/* A talk with calls needs a tool to be there. */
static void write_stand_in(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    const struct lg_ir_val nameless = lg_ir_word("tool");

    lg_put(&b->w,
           "{'toolSpec':{'name':%v,'inputSchema':{'json':{'type':'object'}}}}",
           lg_ir_has(&p->name) ? &p->name : &nameless);
    lg_put_lose(&b->w, p->tok, LG_APPROXIMATED,
                "a talk with calls needs a tool: one is declared");
}

static void write_choice(struct lg_bc_writer *b)
{
    const struct lg_ir_tool_choice *t = &b->r->tool_choice;
    struct lg_writer *w = &b->w;

    switch ((enum lg_choice_mode)t->mode) {
    case LG_CHOICE_AUTO:
        lg_put(w, "'toolChoice':{'auto':{%x},%x}", t->extra, LG_BC_INNER,
               t->extra, LG_BC_NODE);
        return;
    case LG_CHOICE_ANY:
        lg_put(w, "'toolChoice':{'any':{%x},%x}", t->extra, LG_BC_INNER,
               t->extra, LG_BC_NODE);
        return;
    case LG_CHOICE_TOOL:
        lg_put(w, "'toolChoice':{'tool':{'name':%v,%x},%x}", &t->name, t->extra,
               LG_BC_INNER, t->extra, LG_BC_NODE);
        return;
    case LG_CHOICE_OTHER:
        if (!w->own)
            break;
        lg_put(w, "'toolChoice':%v", &t->json);
        return;
    case LG_CHOICE_NONE:
        lg_put_lose(w, t->tok, LG_APPROXIMATED,
                    "no tool may be called: that cannot be said beside calls");
        return;
    case LG_CHOICE_UNSET:
        return;
    case LG_CHOICE_ALLOWED:
        break;
    }
    lg_put_lose(w, t->tok, LG_DROPPED,
                "a choice of tools that has no counterpart in " LG_BC_NAME);
}

static void write_own_tools(struct lg_bc_writer *b)
{
    const struct lg_ir_request *r = b->r;

    if (!(r->tools_form & LG_BC_FORM_THERE))
        return;
    lg_put(&b->w, "'toolConfig':{");
    if (r->has_tools)
        lg_put(&b->w, "'tools':[");
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next)
        write_tool(b, t);
    if (r->has_tools)
        lg_put(&b->w, "]");
    write_choice(b);
    lg_put(&b->w, "%x}", r->extra, LG_BC_TOOLS);
}

void lg_bc_write_tools(struct lg_bc_writer *b)
{
    const struct lg_ir_request *r = b->r;
    const struct lg_ir_part *call = find_call(r);
    const size_t mark = b->w.jw.out->n;
    int none = r->tool_choice.mode == LG_CHOICE_NONE && !call;

    if (b->w.own) {
        write_own_tools(b);
        return;
    }
    b->json_tool = lg_json_tool(&b->w, r);
    if (none && r->tools && !b->json_tool)
        lg_put_lose(&b->w, r->tool_choice.tok, LG_APPROXIMATED,
                    "no tool may be called: none is declared");
    lg_put(&b->w, "'toolConfig':{'tools':[");
    for (const struct lg_ir_tool *t = r->tools; t && !none; t = t->next)
        write_tool(b, t);
    if (b->json_tool) {
        lg_put(&b->w,
               "{'toolSpec':{'name':'" LG_JSON_TOOL "','description':%s,"
               "'inputSchema':{'json':",
               LG_JSON_TOOL_ABOUT);
        lg_put_json_schema(&b->w, r);
        lg_put(&b->w, "}}}");
    }
    b->has_tools = !lg_writer_is_empty(&b->w);
    if (!b->has_tools && !call) {
        lg_writer_undo(&b->w, mark);
        if (r->tool_choice.mode > LG_CHOICE_NONE)
            lg_put_lose(&b->w, r->tool_choice.tok, LG_DROPPED,
                        "no tool is left");
        return;
    }
    if (!b->has_tools)
        write_stand_in(b, call);
    lg_put(&b->w, "]");
    if (b->json_tool)
        lg_put(&b->w, "'toolChoice':{'tool':{'name':'" LG_JSON_TOOL "'}}");
    else if (b->has_tools)
        write_choice(b);
    lg_put(&b->w, "}");
}
