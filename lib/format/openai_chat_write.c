/* SPDX-License-Identifier: MIT
 *
 * A request written: settings, tools and what governs them. */
#include "lib/format/openai_chat.h"

#define STOPS_MAX 4

/* ---- settings ----------------------------------------------------------- */

enum how {
    PLAIN,
    OWN /* compatibles take it; OpenAI does not */
};

static const struct {
    const char *name, *old; /* `old`: its deprecated spelling */
    uint8_t param, how;
} settings[] = {
    {"model", NULL, LG_P_MODEL, PLAIN},
    {"max_completion_tokens", "max_tokens", LG_P_MAX_TOKENS, PLAIN},
    {"temperature", NULL, LG_P_TEMPERATURE, PLAIN},
    {"top_p", NULL, LG_P_TOP_P, PLAIN},
    {"top_k", NULL, LG_P_TOP_K, OWN},
    {"seed", NULL, LG_P_SEED, PLAIN},
    {"n", NULL, LG_P_N, PLAIN},
    {"presence_penalty", NULL, LG_P_PRESENCE_PENALTY, PLAIN},
    {"frequency_penalty", NULL, LG_P_FREQUENCY_PENALTY, PLAIN},
    {"logit_bias", NULL, LG_P_LOGIT_BIAS, PLAIN},
    {"logprobs", NULL, LG_P_LOGPROBS, PLAIN},
    {"top_logprobs", NULL, LG_P_TOP_LOGPROBS, PLAIN},
    {"stream", NULL, LG_P_STREAM, PLAIN},
    {"parallel_tool_calls", NULL, LG_P_PARALLEL_TOOLS, PLAIN},
    {"safety_identifier", "user", LG_P_USER, PLAIN},
    {"metadata", NULL, LG_P_METADATA, PLAIN},
    {"service_tier", NULL, LG_P_SERVICE_TIER, PLAIN},
    {"store", NULL, LG_P_STORE, PLAIN},
    {"verbosity", NULL, LG_P_VERBOSITY, PLAIN},
    {"cache_control", NULL, LG_P_CACHE, OWN},
    {"prompt_cache_key", NULL, LG_P_CACHE_KEY, PLAIN},
    {"reasoning_effort", NULL, LG_P_EFFORT, PLAIN},
};

/* What a setting of another format is here. */
static void adapt(struct lg_chat_writer *cw, uint8_t param, struct lg_ir_val *v)
{
    static const char *const tiers[] = {"auto",  "default",  "flex",
                                        "scale", "priority", "fast"};
    int64_t n;

    if (param == LG_P_MAX_TOKENS && !lg_ir_int(v, &n) && n == 0)
        lg_put_lose(&cw->w, v->tok, LG_REJECTED,
                    "an answer of no tokens cannot be asked for");
    if (param == LG_P_PARALLEL_TOOLS && !cw->tools)
        v->kind = LG_JSON_NONE; /* says nothing, and is refused */
    if (param != LG_P_SERVICE_TIER)
        return;
    if (lg_ir_is(v, "standard_only"))
        v->s = LG_STR("default");
    for (size_t i = 0; i < LG_COUNT(tiers); i++)
        if (lg_ir_is(v, tiers[i]))
            return;
    lg_put_drop(&cw->w, v, "a service tier of another provider");
    v->kind = LG_JSON_NONE;
}

static void write_setting(struct lg_chat_writer *cw, size_t i)
{
    const uint8_t param = settings[i].param;
    struct lg_ir_val v = cw->r->param[param];
    int old = cw->r->form[param] & LG_FORM_OLD;

    if (!cw->w.own) {
        old = param == LG_P_MAX_TOKENS && cw->w.c->policy->old_max_tokens;
        if (lg_ir_has(&v))
            adapt(cw, param, &v);
    }
    lg_put(&cw->w, "%k:%o", old ? settings[i].old : settings[i].name, &v);
}

static void write_settings(struct lg_chat_writer *cw)
{
    uint32_t done = 1u << LG_P_INCLUDE_USAGE;

    for (size_t i = 0; i < LG_COUNT(settings); i++) {
        if (settings[i].how == OWN && !cw->w.own)
            continue;
        done |= 1u << settings[i].param;
        write_setting(cw, i);
    }
    for (int p = 0; p < LG_P_COUNT; p++)
        if (!(done >> p & 1))
            lg_put_drop(&cw->w, &cw->r->param[p], LG_CHAT_UNKNOWN);
}

/* A gateway wants the usage whether or not its caller does. */
static void write_stream_options(struct lg_chat_writer *cw)
{
    const struct lg_ir_val *const usage = &cw->r->param[LG_P_INCLUDE_USAGE];
    const int stream = lg_ir_true(&cw->r->param[LG_P_STREAM]);
    struct lg_bridge *const bridge = cw->w.c->bridge;

    if (bridge) {
        bridge->stream = stream;
        bridge->wants_usage = lg_ir_true(usage);
    }
    if (cw->w.own) {
        if (usage->kind != LG_JSON_NONE)
            lg_put(&cw->w, "'stream_options':{'include_usage':%v,%x}", usage,
                   cw->r->extra, LG_CHAT_INNER);
    } else if (stream && !cw->w.c->policy->no_stream_usage) {
        lg_put(&cw->w, "'stream_options':{'include_usage':true}");
    }
}

/* ---- thinking ----------------------------------------------------------- */

/* Effort by the share of the answer that may be thought. */
static const char *effort_of(const struct lg_chat_writer *cw)
{
    int64_t budget = 0, max = cw->w.c->policy->max_tokens;

    (void)lg_ir_int(&cw->r->param[LG_P_MAX_TOKENS], &max);
    if (lg_ir_int(&cw->r->thinking.budget, &budget))
        return "medium";
    if (budget <= 0)
        return "none";
    budget = budget > max ? max : budget;
    if (budget > INT64_MAX / 100) /* the ratio is all that counts */
        return "high";
    return budget * 100 < max * 35   ? "low"
           : budget * 100 < max * 65 ? "medium"
                                     : "high";
}

static void write_thinking(struct lg_chat_writer *cw)
{
    const struct lg_ir_thinking *t = &cw->r->thinking;
    const int has_effort = lg_ir_has(&cw->r->param[LG_P_EFFORT]);
    const char *effort = NULL, *why = LG_CHAT_UNKNOWN;
    enum lg_loss_action action = LG_APPROXIMATED;

    switch ((enum lg_thinking_mode)t->mode) {
    case LG_THINK_UNSET:
        return;
    case LG_THINK_OFF:
        why = "left to the model: not all can go without";
        break;
    case LG_THINK_BUDGET:
        effort = effort_of(cw);
        why = "a budget of thinking became an effort";
        break;
    case LG_THINK_ADAPTIVE:
        effort = "medium";
        why = has_effort ? "adaptive thinking became an effort"
                         : "adaptive thinking became a medium effort";
        break;
    case LG_THINK_OTHER:
        action = LG_DROPPED;
        break;
    }
    if (effort && !has_effort)
        lg_put(&cw->w, "'reasoning_effort':%s", effort);
    lg_put_lose(&cw->w, t->tok, action, why);
    lg_put_drop(&cw->w, &t->display, LG_CHAT_UNKNOWN);
    lg_put_lose_extras(&cw->w, t->extra);
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
           &o->schema, &o->strict, o->extra, LG_CHAT_INNER);
}

static void write_output(struct lg_chat_writer *cw)
{
    static const char *const types[] = {[LG_OUTPUT_TEXT] = "text",
                                        [LG_OUTPUT_JSON] = "json_object",
                                        [LG_OUTPUT_SCHEMA] = "json_schema",
                                        [LG_OUTPUT_OTHER] = NULL};
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
    lg_put(&cw->w, "'response_format':{'type':%s", types[o->kind]);
    if (o->kind == LG_OUTPUT_SCHEMA)
        write_schema(cw);
    lg_put(&cw->w, "%x}", o->extra, LG_CHAT_SELF);
}

static void write_stops(struct lg_chat_writer *cw)
{
    const struct lg_ir_stops *s = &cw->r->stops;

    if (!s->list || (!cw->w.own && !s->n))
        return;
    if (cw->w.own && s->form & LG_FORM_BARE) {
        lg_put(&cw->w, "'stop':%v", &s->list[0]);
        return;
    }
    lg_put(&cw->w, "'stop':[");
    for (size_t i = 0; i < s->n && (cw->w.own || i < STOPS_MAX); i++)
        lg_ir_write(&cw->w.jw, &s->list[i]);
    lg_put(&cw->w, "]");
    if (!cw->w.own && s->n > STOPS_MAX)
        lg_put_lose(&cw->w, s->tok, LG_APPROXIMATED,
                    "only four stop sequences are taken");
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
    write_stops(&cw);
    write_stream_options(&cw);
    lg_put(&cw.w, "%x}", r->extra, LG_CHAT_SELF);
    return lg_writer_end(&cw.w);
}
