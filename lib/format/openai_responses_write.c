/* SPDX-License-Identifier: MIT
 *
 * A request written: settings, tools and what governs them. */
#include "lib/format/function.h"
#include "lib/format/openai_responses.h"
#include "lib/format/schema.h"
#include "lib/format/turn.h"

#define TOKENS_MIN 16

/* ---- settings ----------------------------------------------------------- */

static const struct {
    const char *name, *old; /* `old`: its deprecated spelling */
    uint8_t param;
} settings[] = {
    {"model", NULL, LG_P_MODEL},
    {"max_output_tokens", NULL, LG_P_MAX_TOKENS},
    {"temperature", NULL, LG_P_TEMPERATURE},
    {"top_p", NULL, LG_P_TOP_P},
    {"top_logprobs", NULL, LG_P_TOP_LOGPROBS},
    {"stream", NULL, LG_P_STREAM},
    {"metadata", NULL, LG_P_METADATA},
    {"parallel_tool_calls", NULL, LG_P_PARALLEL_TOOLS},
    {"safety_identifier", "user", LG_P_USER},
    {"service_tier", NULL, LG_P_SERVICE_TIER},
    {"store", NULL, LG_P_STORE},
    {"prompt_cache_key", NULL, LG_P_CACHE_KEY},
};

/* Carried by a rule of their own, or (the first) by the stream itself. */
static const uint8_t by_rule[] = {LG_P_INCLUDE_USAGE, LG_P_LOGPROBS,
                                  LG_P_VERBOSITY, LG_P_EFFORT};

/* What a setting of another format is here. */
static void adapt(struct lg_writer *w, uint8_t param, struct lg_ir_val *v)
{
    int64_t n;

    if (param == LG_P_SERVICE_TIER)
        lg_openai_tier(w, v);
    if (param != LG_P_MAX_TOKENS || lg_ir_int(v, &n) || n >= TOKENS_MIN)
        return;
    lg_put_lose(w, v->tok, LG_APPROXIMATED, "an answer has room for 16 tokens");
    v->s = LG_STR("16");
}

static void write_settings(struct lg_writer *w, const struct lg_ir_request *r)
{
    uint32_t done = 0;

    for (size_t i = 0; i < LG_COUNT(by_rule); i++)
        done |= 1u << by_rule[i];
    for (size_t i = 0; i < LG_COUNT(settings); i++) {
        const uint8_t param = settings[i].param;
        struct lg_ir_val v = r->param[param];
        const int old = w->own && r->form[param] & LG_FORM_OLD;

        done |= 1u << param;
        if (!w->own && lg_ir_has(&v))
            adapt(w, param, &v);
        lg_put(w, "%k:%o", old ? settings[i].old : settings[i].name, &v);
    }
    if (!w->own)
        lg_put_lose_params(w, r, done);
    if (!w->own && r->stops.n)
        lg_put_lose(w, r->stops.tok, LG_DROPPED,
                    "stop sequences have no place in " LG_OR_NAME);
}

/* ---- tools -------------------------------------------------------------- */

/* Chat has a grammar's members one deeper. */
static void write_format(struct lg_writer *w, const struct lg_ir_request *r,
                         const struct lg_ir_val *format)
{
    const struct lg_val v = {format->tok == LG_NOWHERE ? NULL : r->doc,
                             format->tok};
    struct lg_iter it = lg_iter_of(lg_val_get(v, "grammar"));

    if (!lg_val_get(v, "grammar").doc) {
        lg_put(w, "'format':%o", format);
        return;
    }
    lg_put(w, "'format':{'type':'grammar'");
    while (lg_iter_next(&it)) {
        lg_jw_key_body(&w->jw, lg_val_body(it.key));
        lg_jw_raw(&w->jw, lg_val_raw(it.val));
    }
    lg_put(w, "}");
}

static int write_tool(struct lg_writer *w, const struct lg_ir_request *r,
                      const struct lg_ir_tool *t)
{
    if (t->kind == LG_TOOL_SERVER) {
        lg_put_lose(w, t->tok, LG_DROPPED, "a tool that its own provider runs");
        return 0;
    }
    lg_put(w, "{'type':%s,'name':%v,'description':%o",
           t->kind == LG_TOOL_CUSTOM ? "custom" : "function", &t->name,
           &t->description);
    if (t->kind == LG_TOOL_CUSTOM) {
        write_format(w, r, &t->schema);
    } else {
        lg_put(w, "'parameters':%v,'strict':",
               lg_ir_has(&t->schema) ? &t->schema : &lg_ir_null);
        /* It would be strict unless it is told not to be. */
        lg_put(w, lg_ir_true(lg_strict_of(w, r, &t->schema, &t->strict))
                      ? "true"
                      : "false");
    }
    lg_put_drop(w, &t->cache, LG_OR_UNKNOWN);
    lg_put(w, "%x}", t->extra, LG_OR_SELF);
    return 1;
}

/* The tool that is named, if it is one of those written. */
static const struct lg_ir_tool *named(const struct lg_ir_request *r,
                                      const struct lg_ir_tool_choice *ch)
{
    const struct lg_ir_tool *t = r->tools;

    while (t &&
           (t->kind == LG_TOOL_SERVER || !lg_str_same(t->name.s, ch->name.s)))
        t = t->next;
    return t;
}

static void write_choice(struct lg_writer *w, const struct lg_ir_request *r,
                         int tools)
{
    static const char *const words[] = {[LG_CHOICE_AUTO] = "auto",
                                        [LG_CHOICE_NONE] = "none",
                                        [LG_CHOICE_ANY] = "required"};
    const struct lg_ir_tool_choice *ch = &r->tool_choice;
    const struct lg_ir_tool *t = named(r, ch);
    const char *why = NULL;

    if (ch->mode == LG_CHOICE_UNSET ||
        (!tools && (ch->mode == LG_CHOICE_AUTO || ch->mode == LG_CHOICE_NONE)))
        return; /* nothing to choose from */
    if (!tools)
        why = "no tool is left";
    else if (ch->mode == LG_CHOICE_OTHER)
        why = LG_OR_UNKNOWN;
    else if (ch->mode == LG_CHOICE_TOOL && !t)
        why = "names a tool that is not there";
    if (why)
        lg_put_lose(w, ch->tok, LG_DROPPED, why);
    else if (ch->mode == LG_CHOICE_ALLOWED)
        lg_openai_allowed_write(w, (struct lg_val){r->doc, ch->tok}, 0);
    else if (t && ch->mode == LG_CHOICE_TOOL)
        lg_put(w, "'tool_choice':{'type':%s,'name':%v}",
               t->kind == LG_TOOL_CUSTOM ? "custom" : "function", &ch->name);
    else
        lg_put(w, "'tool_choice':%s", words[ch->mode]);
    lg_put_lose_extras(w, ch->extra);
}

static void write_tools(struct lg_writer *w, const struct lg_ir_request *r)
{
    const size_t mark = w->jw.out->n;
    int tools = 0;

    lg_put(w, "'tools':[");
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next)
        tools += write_tool(w, r, t);
    if (tools)
        lg_put(w, "]");
    else
        lg_writer_undo(w, mark);
    write_choice(w, r, tools);
}

/* ---- text and reasoning ------------------------------------------------- */

static void write_output(struct lg_writer *w, const struct lg_ir_request *r)
{
    static const char *const types[] = {[LG_OUTPUT_UNSET] = NULL,
                                        [LG_OUTPUT_TEXT] = "text",
                                        [LG_OUTPUT_JSON] = "json_object",
                                        [LG_OUTPUT_SCHEMA] = "json_schema",
                                        [LG_OUTPUT_OTHER] = NULL};
    const struct lg_ir_output *o = &r->output;
    const struct lg_ir_val name = lg_ir_word("response");

    if (o->kind == LG_OUTPUT_OTHER)
        lg_put_lose(w, o->tok, LG_DROPPED, LG_OR_UNKNOWN);
    if (!types[o->kind])
        return;
    lg_put(w, "'format':{'type':%s", types[o->kind]);
    if (o->kind == LG_OUTPUT_SCHEMA)
        lg_put(w, "'name':%v,'description':%o,'schema':%v,'strict':%o",
               lg_ir_has(&o->name) ? &o->name : &name, &o->description,
               &o->schema, lg_strict_of(w, r, &o->schema, &o->strict));
    lg_put(w, "%x}", o->extra, LG_OR_SELF);
}

static void write_text(struct lg_writer *w, const struct lg_ir_request *r)
{
    const size_t mark = w->jw.out->n;

    lg_put(w, "'text':{");
    write_output(w, r);
    lg_put(w, "'verbosity':%o", &r->param[LG_P_VERBOSITY]);
    if (lg_writer_is_empty(w))
        lg_writer_undo(w, mark);
    else
        lg_put(w, "}");
}

/* Thinking is asked for in words, and for it to be taken back. */
static void write_reasoning(struct lg_writer *w, const struct lg_ir_request *r)
{
    const struct lg_ir_val *display = &r->thinking.display;
    const char *effort = lg_openai_effort(w, r);
    const struct lg_ir_val said = lg_openai_effort_said(w, r);
    const size_t mark = w->jw.out->n;
    int thinks;

    lg_put(w, "'reasoning':{'effort':%o", &said);
    if (effort)
        lg_put(w, "'effort':%s", effort);
    if (lg_ir_is(display, "summarized"))
        lg_put(w, "'summary':'auto'");
    else if (!lg_ir_is(display, "omitted"))
        lg_put_drop(w, display, LG_OR_UNKNOWN);
    thinks = !lg_writer_is_empty(w);
    if (thinks)
        lg_put(w, "}");
    else
        lg_writer_undo(w, mark);
    thinks = thinks && !lg_ir_is(&r->param[LG_P_EFFORT], "none");
    if (!thinks && !lg_ir_true(&r->param[LG_P_LOGPROBS]))
        return;
    lg_put(w, "'include':[");
    if (thinks)
        lg_put(w, "'reasoning.encrypted_content'");
    if (lg_ir_true(&r->param[LG_P_LOGPROBS]))
        lg_put(w, "'message.output_text.logprobs'");
    lg_put(w, "]");
}

int lg_or_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, r->origin, out);

    lg_bridge_fill(c, r);
    lg_put(&w, "{");
    write_settings(&w, r);
    if (!w.own) {
        lg_or_input_write(&w, r);
        write_tools(&w, r);
        write_text(&w, r);
        write_reasoning(&w, r);
        if (!lg_ir_has(&r->param[LG_P_STORE])) /* it would be, here alone */
            lg_put(&w, "'store':false");
    }
    lg_put(&w, "%x}", r->extra, LG_OR_SELF);
    return lg_writer_end(&w);
}
