/* SPDX-License-Identifier: MIT
 *
 * A request written: settings, tools and what governs them. */
#include "lib/format/openai_chat.h"

#define STOPS_MAX 4

static const char unknown[] = "unknown to " LG_CHAT_NAME;

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
static int adapt(struct lg_chat_writer *cw, uint8_t param, struct lg_ir_val *v)
{
    static const char *const tiers[] = {"auto",  "default",  "flex",
                                        "scale", "priority", "fast"};
    const struct lg_ir_val was = *v;
    int64_t n;

    if (param == LG_P_MAX_TOKENS && !lg_ir_int(v, &n) && n == 0)
        return lg_chat_lose(cw->c, v->tok, LG_REJECTED,
                            "an answer of no tokens cannot be asked for");
    if (param == LG_P_PARALLEL_TOOLS && !cw->tools)
        v->kind = LG_JSON_NONE; /* says nothing, and is refused */
    if (param != LG_P_SERVICE_TIER)
        return 0;
    v->kind = LG_JSON_NONE;
    for (size_t i = 0; i < LG_COUNT(tiers); i++)
        if (lg_ir_is(&was, tiers[i]))
            v->kind = LG_JSON_STRING;
    if (lg_ir_is(&was, "standard_only"))
        *v = lg_ir_word("default");
    return v->kind != LG_JSON_NONE
               ? 0
               : lg_chat_lose(cw->c, was.tok, LG_DROPPED,
                              "a service tier of another provider");
}

static int write_setting(struct lg_chat_writer *cw, size_t i)
{
    const uint8_t param = settings[i].param;
    struct lg_ir_val v = cw->r->param[param];
    int old = cw->own && cw->r->form[param] & LG_FORM_OLD;
    int rc = 0;

    if (!cw->own) {
        old = param == LG_P_MAX_TOKENS && cw->c->policy->old_max_tokens;
        if (!lg_ir_has(&v))
            return 0;
        rc = adapt(cw, param, &v);
    }
    lg_ir_member(&cw->w, old ? settings[i].old : settings[i].name, &v);
    return rc;
}

static int write_settings(struct lg_chat_writer *cw)
{
    uint32_t done = 1u << LG_P_INCLUDE_USAGE;
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(settings) && !rc; i++) {
        if (settings[i].how == OWN && !cw->own)
            continue;
        done |= 1u << settings[i].param;
        rc = write_setting(cw, i);
    }
    for (int p = 0; p < LG_P_COUNT && !rc; p++)
        if (!(done >> p & 1) && lg_ir_has(&cw->r->param[p]))
            rc = lg_chat_lose(cw->c, cw->r->param[p].tok, LG_DROPPED, unknown);
    return rc;
}

/* A gateway wants the usage whether or not its caller does. */
static void write_stream_options(struct lg_chat_writer *cw)
{
    const struct lg_ir_val *const usage = &cw->r->param[LG_P_INCLUDE_USAGE];
    const int stream = lg_ir_true(&cw->r->param[LG_P_STREAM]);
    struct lg_bridge *const bridge = cw->c->bridge;

    if (bridge) {
        bridge->stream = stream;
        bridge->wants_usage = lg_ir_true(usage);
    }
    if (cw->own ? usage->kind == LG_JSON_NONE
                : !stream || cw->c->policy->no_stream_usage)
        return;
    lg_jw_key(&cw->w, "stream_options");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "include_usage");
    if (cw->own)
        lg_ir_write(&cw->w, usage);
    else
        lg_jw_bool(&cw->w, 1);
    lg_extra_write(cw->c, &cw->w, cw->r->extra, LG_CHAT_INNER, cw->r->origin);
    lg_jw_obj_end(&cw->w);
}

/* ---- thinking ----------------------------------------------------------- */

/* Effort by the share of the answer that may be thought. */
static const char *effort_of(const struct lg_chat_writer *cw)
{
    int64_t budget = 0, max = cw->c->policy->max_tokens;

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

static int write_thinking(struct lg_chat_writer *cw)
{
    const struct lg_ir_thinking *t = &cw->r->thinking;
    const int has_effort = lg_ir_has(&cw->r->param[LG_P_EFFORT]);
    const char *effort = NULL, *why = NULL;
    int rc = 0;

    switch ((enum lg_thinking_mode)t->mode) {
    case LG_THINK_UNSET:
        return 0;
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
        rc = lg_chat_lose(cw->c, t->tok, LG_DROPPED, unknown);
        break;
    }
    if (effort && !has_effort) {
        lg_jw_key(&cw->w, "reasoning_effort");
        lg_jw_body(&cw->w, lg_str_of(effort));
    }
    if (!rc && why)
        rc = lg_chat_lose(cw->c, t->tok, LG_APPROXIMATED, why);
    if (!rc && lg_ir_has(&t->display))
        rc = lg_chat_lose(cw->c, t->display.tok, LG_DROPPED, unknown);
    return rc ? rc : lg_extra_lose(cw->c, t->extra, cw->r->origin);
}

/* ---- output ------------------------------------------------------------- */

static void write_schema(struct lg_chat_writer *cw)
{
    const struct lg_ir_output *o = &cw->r->output;

    lg_jw_key(&cw->w, "json_schema");
    lg_jw_obj(&cw->w);
    if (!cw->own && !lg_ir_has(&o->name)) {
        lg_jw_key(&cw->w, "name");
        lg_jw_body(&cw->w, LG_STR("response"));
    } else {
        lg_ir_member(&cw->w, "name", &o->name);
    }
    lg_ir_member(&cw->w, "description", &o->description);
    lg_ir_member(&cw->w, "schema", &o->schema);
    lg_ir_member(&cw->w, "strict", &o->strict);
    lg_extra_write(cw->c, &cw->w, o->extra, LG_CHAT_INNER, cw->r->origin);
    lg_jw_obj_end(&cw->w);
}

static int write_output(struct lg_chat_writer *cw)
{
    static const char *const types[] = {[LG_OUTPUT_TEXT] = "text",
                                        [LG_OUTPUT_JSON] = "json_object",
                                        [LG_OUTPUT_SCHEMA] = "json_schema",
                                        [LG_OUTPUT_OTHER] = NULL};
    const struct lg_ir_output *o = &cw->r->output;

    if (o->kind == LG_OUTPUT_UNSET)
        return 0;
    if (o->kind == LG_OUTPUT_OTHER) {
        if (!cw->own)
            return lg_chat_lose(cw->c, o->tok, LG_DROPPED, unknown);
        lg_ir_member(&cw->w, "response_format", &o->json);
        return 0;
    }
    lg_jw_key(&cw->w, "response_format");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, lg_str_of(types[o->kind]));
    if (o->kind == LG_OUTPUT_SCHEMA)
        write_schema(cw);
    lg_extra_write(cw->c, &cw->w, o->extra, LG_CHAT_SELF, cw->r->origin);
    lg_jw_obj_end(&cw->w);
    return lg_extra_lose(cw->c, o->extra, cw->r->origin);
}

static int write_stops(struct lg_chat_writer *cw)
{
    const struct lg_ir_stops *s = &cw->r->stops;

    if (!s->list || (!cw->own && !s->n))
        return 0;
    lg_jw_key(&cw->w, "stop");
    if (cw->own && s->form & LG_FORM_BARE) {
        lg_ir_write(&cw->w, &s->list[0]);
        return 0;
    }
    lg_jw_arr(&cw->w);
    for (size_t i = 0; i < s->n && (cw->own || i < STOPS_MAX); i++)
        lg_ir_write(&cw->w, &s->list[i]);
    lg_jw_arr_end(&cw->w);
    return cw->own || s->n <= STOPS_MAX
               ? 0
               : lg_chat_lose(cw->c, s->tok, LG_APPROXIMATED,
                              "only four stop sequences are taken");
}

int lg_chat_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                          struct lg_buf *out)
{
    static int (*const steps[])(struct lg_chat_writer *) = {
        lg_chat_messages_write, lg_chat_tools_write, write_settings,
        write_thinking,         write_output,        write_stops,
    };
    struct lg_chat_writer cw = {
        .c = c, .r = r, .w = {.out = out}, .own = r->origin == c->self};
    int rc = 0;

    lg_jw_obj(&cw.w);
    for (size_t i = 0; i < LG_COUNT(steps) && !rc; i++)
        rc = steps[i](&cw);
    write_stream_options(&cw);
    lg_extra_write(c, &cw.w, r->extra, LG_CHAT_SELF, r->origin);
    lg_jw_obj_end(&cw.w);
    if (!rc)
        rc = lg_extra_lose(c, r->extra, r->origin);
    return rc || !out->err ? rc : lg_fail_mem(c->err, out->err);
}
