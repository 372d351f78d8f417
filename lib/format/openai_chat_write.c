/* SPDX-License-Identifier: MIT
 *
 * A request written: settings, tools and what governs them. */
#include "lib/format/openai_chat.h"

#include "lib/format/schema.h"

/* ---- settings ----------------------------------------------------------- */

/* What a setting of another format is here. */
static void adapt(struct lg_chat_writer *cw, uint8_t param, struct lg_ir_val *v)
{
    int64_t n;

    if (param == LG_P_MAX_TOKENS && !lg_ir_int(v, &n) && n == 0)
        lg_put_lose(&cw->w, v->tok, LG_REJECTED,
                    "an answer of no tokens cannot be asked for");
    if (param == LG_P_PARALLEL_TOOLS && !cw->tools)
        v->kind = LG_JSON_NONE; /* says nothing, and is refused */
    if (param == LG_P_SERVICE_TIER)
        lg_openai_tier(&cw->w, v);
    if (param == LG_P_EFFORT)
        *v = lg_openai_effort_said(&cw->w, cw->r);
}

/* Compatibles take it; OpenAI does not. */
static int is_own(unsigned param)
{
    return param == LG_P_TOP_K || param == LG_P_CACHE;
}

static void write_setting(struct lg_chat_writer *cw, uint8_t param)
{
    struct lg_ir_val v = cw->r->param[param];
    int old = cw->r->form[param] & LG_FORM_OLD;

    if (!cw->w.own) {
        old = param == LG_P_MAX_TOKENS && lg_old_max_tokens(cw->w.c->policy);
        if (lg_ir_has(&v))
            adapt(cw, param, &v);
    }
    if (old)
        lg_put(&cw->w, "%s:%o", param == LG_P_USER ? "user" : "max_tokens", &v);
    else
        lg_put(&cw->w, "%w:%o", LG_CHAT_SETTINGS, param + 1u, &v);
}

static void write_settings(struct lg_chat_writer *cw)
{
    for (uint8_t p = 0; p < LG_P_COUNT; p++)
        if (p != LG_P_INCLUDE_USAGE && (cw->w.own || !is_own(p)))
            write_setting(cw, p);
    for (uint8_t p = 0; p < LG_P_COUNT; p++)
        if (!cw->w.own && is_own(p))
            lg_put_drop(&cw->w, &cw->r->param[p], LG_CHAT_UNKNOWN);
}

/* ---- thinking ----------------------------------------------------------- */

static void write_thinking(struct lg_chat_writer *cw)
{
    const char *effort = lg_openai_effort(&cw->w, cw->r);

    if (effort)
        lg_put(&cw->w, "'reasoning_effort':%s", effort);
    lg_put_drop(&cw->w, &cw->r->thinking.display, LG_CHAT_UNKNOWN);
}

/* ---- output ------------------------------------------------------------- */

static void write_schema(struct lg_chat_writer *cw)
{
    const struct lg_ir_output *o = &cw->r->output;
    const struct lg_ir_val name = lg_ir_word("response");

    lg_put(&cw->w,
           "'json_schema':{'name':%v,'description':%v,'schema':%v,"
           "'strict':%v,%x}",
           cw->w.own || lg_ir_has(&o->name) ? &o->name : &name, &o->description,
           &o->schema, lg_strict_of(&cw->w, cw->r, &o->schema, &o->strict),
           o->extra, LG_CHAT_INNER);
}

static void write_output(struct lg_chat_writer *cw)
{
    const struct lg_ir_output *o = &cw->r->output;

    if (o->kind == LG_OUTPUT_UNSET)
        return;
    if (o->kind == LG_OUTPUT_OTHER) {
        if (cw->w.own)
            lg_put(&cw->w, "'response_format':%v", &o->json);
        else
            lg_put_lose(&cw->w, o->tok, LG_DROPPED, LG_CHAT_UNKNOWN);
        return;
    }
    lg_put(&cw->w, "'response_format':{'type':%w", LG_CHAT_OUTPUTS, o->kind);
    if (o->kind == LG_OUTPUT_SCHEMA)
        write_schema(cw);
    lg_put(&cw->w, "%x}", o->extra, LG_CHAT_SELF);
}

int lg_chat_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                          struct lg_buf *out)
{
    struct lg_chat_writer cw = {.w = lg_writer_of(c, r->origin, out), .r = r};

    lg_put(&cw.w, "{");
    lg_chat_messages_write(&cw);
    lg_chat_tools_write(&cw);
    write_settings(&cw);
    write_thinking(&cw);
    write_output(&cw);
    lg_openai_stop_write(&cw.w, &r->stops);
    lg_openai_stream_write(&cw.w, r);
    lg_put(&cw.w, "%x}", r->extra, LG_CHAT_SELF);
    return lg_writer_end(&cw.w);
}
