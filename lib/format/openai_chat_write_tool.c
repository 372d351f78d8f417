/* SPDX-License-Identifier: MIT
 *
 * A request's tools written, and the choice among them. */
#include "lib/format/openai_chat.h"

static const char unknown[] = "unknown to " LG_CHAT_NAME;

/* Responses has a grammar's members beside its type, Chat one deeper. */
static void write_custom_format(struct lg_chat_writer *cw,
                                const struct lg_ir_val *format)
{
    const struct lg_val v = {format->tok == LG_NOWHERE ? NULL : cw->r->doc,
                             format->tok};
    struct lg_iter it;

    if (cw->own || !v.doc || !lg_val_is(lg_val_get(v, "type"), "grammar") ||
        lg_val_get(v, "grammar").doc) {
        lg_ir_member(&cw->w, "format", format);
        return;
    }
    lg_jw_key(&cw->w, "format");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, LG_STR("grammar"));
    lg_jw_key(&cw->w, "grammar");
    lg_jw_obj(&cw->w);
    it = lg_iter_of(v);
    while (lg_iter_next(&it)) {
        if (lg_val_is(it.key, "type"))
            continue;
        lg_jw_key_body(&cw->w, lg_val_body(it.key));
        lg_jw_raw(&cw->w, lg_val_raw(it.val));
    }
    lg_jw_obj_end(&cw->w);
    lg_jw_obj_end(&cw->w);
}

static void write_function(struct lg_chat_writer *cw,
                           const struct lg_ir_tool *t)
{
    lg_jw_obj(&cw->w);
    lg_ir_member(&cw->w, "name", &t->name);
    lg_ir_member(&cw->w, "description", &t->description);
    if (t->kind == LG_TOOL_CUSTOM) {
        write_custom_format(cw, &t->schema);
    } else {
        lg_ir_member(&cw->w, "parameters", &t->schema);
        lg_ir_member(&cw->w, "strict", &t->strict);
    }
    lg_extra_write(cw->c, &cw->w, t->extra, LG_CHAT_INNER, cw->r->origin);
    lg_jw_obj_end(&cw->w);
}

static int write_tool(struct lg_chat_writer *cw, const struct lg_ir_tool *t)
{
    const char *type = t->kind == LG_TOOL_CUSTOM ? "custom" : "function";
    int rc = 0;

    if (t->kind == LG_TOOL_SERVER) {
        lg_ir_write(&cw->w, &t->json);
        return 0;
    }
    if (cw->own && t->form & LG_FORM_OLD) {
        write_function(cw, t);
        return 0;
    }
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, lg_str_of(type));
    lg_jw_key(&cw->w, type);
    write_function(cw, t);
    if (cw->own)
        lg_ir_member(&cw->w, "cache_control", &t->cache);
    else if (lg_ir_has(&t->cache))
        rc = lg_chat_lose(cw->c, t->cache.tok, LG_DROPPED, unknown);
    lg_extra_write(cw->c, &cw->w, t->extra, LG_CHAT_SELF, cw->r->origin);
    lg_jw_obj_end(&cw->w);
    return rc ? rc : lg_extra_lose(cw->c, t->extra, cw->r->origin);
}

static int write_tools(struct lg_chat_writer *cw)
{
    int rc = 0;

    for (const struct lg_ir_tool *t = cw->r->tools; t && !rc; t = t->next) {
        if (t->kind == LG_TOOL_SERVER && !cw->own) {
            rc = lg_chat_lose(cw->c, t->tok, LG_DROPPED,
                              "a tool that its own provider runs");
            continue;
        }
        if (!cw->tools++) {
            lg_jw_key(&cw->w, cw->own && cw->r->tools_form & LG_FORM_OLD
                                  ? "functions"
                                  : "tools");
            lg_jw_arr(&cw->w);
        }
        rc = write_tool(cw, t);
    }
    if (cw->tools) {
        lg_jw_arr_end(&cw->w);
    } else if (cw->own && cw->r->has_tools) {
        lg_jw_key(&cw->w,
                  cw->r->tools_form & LG_FORM_OLD ? "functions" : "tools");
        lg_jw_arr(&cw->w);
        lg_jw_arr_end(&cw->w);
    }
    return rc;
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
    const struct lg_ir_tool *t = cw->own ? NULL : named(cw, ch);

    return t ? t->kind == LG_TOOL_CUSTOM
             : (ch->form & LG_CHAT_CUSTOM_CHOICE) != 0;
}

static void write_named(struct lg_chat_writer *cw,
                        const struct lg_ir_tool_choice *ch)
{
    const char *type = is_custom(cw, ch) ? "custom" : "function";
    const int old = cw->own && ch->form & LG_FORM_OLD;

    if (!old) {
        lg_jw_obj(&cw->w);
        lg_jw_key(&cw->w, "type");
        lg_jw_body(&cw->w, lg_str_of(type));
        lg_jw_key(&cw->w, type);
    }
    lg_jw_obj(&cw->w);
    lg_ir_member(&cw->w, "name", &ch->name);
    lg_extra_write(cw->c, &cw->w, ch->extra, LG_CHAT_INNER, cw->r->origin);
    lg_jw_obj_end(&cw->w);
    if (!old) {
        lg_extra_write(cw->c, &cw->w, ch->extra, LG_CHAT_SELF, cw->r->origin);
        lg_jw_obj_end(&cw->w);
    }
}

static void write_word(struct lg_chat_writer *cw,
                       const struct lg_ir_tool_choice *ch)
{
    static const char *const words[] = {[LG_CHOICE_AUTO] = "auto",
                                        [LG_CHOICE_NONE] = "none",
                                        [LG_CHOICE_ANY] = "required"};

    if (cw->own)
        lg_ir_write(&cw->w, &ch->json);
    else
        lg_jw_body(&cw->w, lg_str_of(words[ch->mode]));
}

int lg_chat_tools_write(struct lg_chat_writer *cw)
{
    const struct lg_ir_tool_choice *ch = &cw->r->tool_choice;
    const int rc = write_tools(cw);
    const int is_word = ch->mode == LG_CHOICE_AUTO ||
                        ch->mode == LG_CHOICE_NONE || ch->mode == LG_CHOICE_ANY;

    if (rc || ch->mode == LG_CHOICE_UNSET)
        return rc;
    if (!cw->own && !cw->tools) {
        if (ch->mode == LG_CHOICE_AUTO || ch->mode == LG_CHOICE_NONE)
            return 0; /* nothing to choose from */
        return lg_chat_lose(cw->c, ch->tok, LG_DROPPED, "no tool is left");
    }
    if (!cw->own && ch->mode == LG_CHOICE_TOOL && !named(cw, ch))
        return lg_chat_lose(cw->c, ch->tok, LG_DROPPED,
                            "names a tool that is not there");
    if (!cw->own && ch->mode != LG_CHOICE_TOOL && !is_word)
        return lg_chat_lose(cw->c, ch->tok, LG_DROPPED, unknown);
    lg_jw_key(&cw->w, cw->own && ch->form & LG_FORM_OLD ? "function_call"
                                                        : "tool_choice");
    if (ch->mode == LG_CHOICE_TOOL)
        write_named(cw, ch);
    else if (is_word)
        write_word(cw, ch);
    else
        lg_ir_write(&cw->w, &ch->json);
    return lg_extra_lose(cw->c, ch->extra, cw->r->origin);
}
