/* SPDX-License-Identifier: MIT
 *
 * A request's tools written, and the choice among them. */
#include "lib/format/openai_chat.h"

#include "lib/format/schema.h"

/* Responses has a grammar's members beside its type, Chat one deeper. */
static void write_custom_format(struct lg_chat_writer *cw,
                                const struct lg_ir_val *format)
{
    const struct lg_val v = {format->tok == LG_NOWHERE ? NULL : cw->r->doc,
                             format->tok};
    struct lg_iter it;

    if (cw->w.own || !v.doc || !lg_val_is(lg_val_get(v, "type"), "grammar") ||
        lg_val_get(v, "grammar").doc) {
        lg_put(&cw->w, "'format':%v", format);
        return;
    }
    lg_put(&cw->w, "'format':{'type':'grammar','grammar':{");
    it = lg_iter_of(v);
    while (lg_iter_next(&it)) {
        if (lg_val_is(it.key, "type"))
            continue;
        lg_jw_key_body(&cw->w.jw, lg_val_body(it.key));
        lg_jw_raw(&cw->w.jw, lg_val_raw(it.val));
    }
    lg_put(&cw->w, "}}");
}

static void write_function(struct lg_chat_writer *cw,
                           const struct lg_ir_tool *t)
{
    lg_put(&cw->w, "{'name':%v,'description':%o", &t->name, &t->description);
    if (t->kind == LG_TOOL_CUSTOM)
        write_custom_format(cw, &t->schema);
    else
        lg_put(&cw->w, "'parameters':%o,'strict':%o", &t->schema,
               lg_strict_of(&cw->w, cw->r, &t->schema, &t->strict));
    lg_put(&cw->w, "%x}", t->extra, LG_CHAT_INNER);
}

static void write_tool(struct lg_chat_writer *cw, const struct lg_ir_tool *t)
{
    const char *type = t->kind == LG_TOOL_CUSTOM ? "custom" : "function";

    if (t->kind == LG_TOOL_SERVER) {
        lg_ir_write(&cw->w.jw, &t->json);
        return;
    }
    if (cw->w.own && t->form & LG_FORM_OLD) {
        write_function(cw, t);
        return;
    }
    lg_put(&cw->w, "{'type':%s,%k:", type, type);
    write_function(cw, t);
    if (cw->w.own)
        lg_put(&cw->w, "'cache_control':%v", &t->cache);
    else
        lg_put_drop(&cw->w, &t->cache, LG_CHAT_UNKNOWN);
    lg_put(&cw->w, "%x}", t->extra, LG_CHAT_SELF);
}

static void write_tools(struct lg_chat_writer *cw)
{
    const size_t mark = cw->w.jw.out->n;

    lg_put(&cw->w, "%k:[",
           cw->w.own && cw->r->tools_form & LG_FORM_OLD ? "functions"
                                                        : "tools");
    for (const struct lg_ir_tool *t = cw->r->tools; t; t = t->next) {
        if (t->kind == LG_TOOL_SERVER && !cw->w.own) {
            lg_put_lose(&cw->w, t->tok, LG_DROPPED,
                        "a tool that its own provider runs");
            continue;
        }
        cw->tools++;
        write_tool(cw, t);
    }
    if (cw->tools || (cw->w.own && cw->r->has_tools))
        lg_put(&cw->w, "]");
    else
        lg_writer_undo(&cw->w, mark);
}

/* ---- the choice --------------------------------------------------------- */

/* The tool that is named, if it is one of those written. */
static const struct lg_ir_tool *named(const struct lg_chat_writer *cw,
                                      const struct lg_ir_tool_choice *ch)
{
    const struct lg_ir_tool *t = cw->r->tools;

    while (t &&
           (t->kind == LG_TOOL_SERVER || !lg_str_same(t->name.s, ch->name.s)))
        t = t->next;
    return t;
}

static int is_custom(const struct lg_chat_writer *cw,
                     const struct lg_ir_tool_choice *ch)
{
    const struct lg_ir_tool *t = cw->w.own ? NULL : named(cw, ch);

    return t ? t->kind == LG_TOOL_CUSTOM
             : (ch->form & LG_CHAT_CUSTOM_CHOICE) != 0;
}

static void write_named(struct lg_chat_writer *cw,
                        const struct lg_ir_tool_choice *ch)
{
    const char *type = is_custom(cw, ch) ? "custom" : "function";
    const int old = cw->w.own && ch->form & LG_FORM_OLD;

    if (!old)
        lg_put(&cw->w, "{'type':%s,%k:", type, type);
    lg_put(&cw->w, "{'name':%v,%x}", &ch->name, ch->extra, LG_CHAT_INNER);
    if (!old)
        lg_put(&cw->w, "%x}", ch->extra, LG_CHAT_SELF);
}

/* Why a choice of another format cannot be written; NULL: it can. */
static const char *why_not(const struct lg_chat_writer *cw,
                           const struct lg_ir_tool_choice *ch)
{
    if (!cw->tools)
        return "no tool is left";
    if (ch->mode == LG_CHOICE_TOOL && !named(cw, ch))
        return "names a tool that is not there";
    return ch->mode == LG_CHOICE_OTHER ? LG_CHAT_UNKNOWN : NULL;
}

void lg_chat_tools_write(struct lg_chat_writer *cw)
{
    const struct lg_ir_tool_choice *ch = &cw->r->tool_choice;
    const char *why = NULL;

    write_tools(cw);
    if (!cw->w.own && !cw->tools &&
        (ch->mode == LG_CHOICE_AUTO || ch->mode == LG_CHOICE_NONE))
        return; /* nothing to choose from */
    if (ch->mode == LG_CHOICE_UNSET)
        return;
    if (!cw->w.own)
        why = why_not(cw, ch);
    if (why) {
        lg_put_lose(&cw->w, ch->tok, LG_DROPPED, why);
        return;
    }
    if (ch->mode == LG_CHOICE_ALLOWED && !cw->w.own) {
        lg_openai_allowed_write(&cw->w, (struct lg_val){cw->r->doc, ch->tok},
                                1);
        return;
    }
    lg_put(&cw->w, cw->w.own && ch->form & LG_FORM_OLD ? "'function_call':"
                                                       : "'tool_choice':");
    if (ch->mode == LG_CHOICE_TOOL)
        write_named(cw, ch);
    else if (cw->w.own)
        lg_ir_write(&cw->w.jw, &ch->json);
    else
        lg_put(&cw->w, "%w", LG_CHAT_CHOICES, ch->mode);
    lg_put_lose_extras(&cw->w, ch->extra);
}
