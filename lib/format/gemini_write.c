/* SPDX-License-Identifier: MIT
 *
 * A request, written: settings and what governs the answer. */
#include "lib/format/function.h"
#include "lib/format/gemini.h"

#define STOPS_MAX 5

/* ---- settings ----------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t param;
} settings[] = {
    {"maxOutputTokens", LG_P_MAX_TOKENS},
    {"temperature", LG_P_TEMPERATURE},
    {"topP", LG_P_TOP_P},
    {"topK", LG_P_TOP_K},
    {"seed", LG_P_SEED},
    {"candidateCount", LG_P_N},
    {"presencePenalty", LG_P_PRESENCE_PENALTY},
    {"frequencyPenalty", LG_P_FREQUENCY_PENALTY},
    {"responseLogprobs", LG_P_LOGPROBS},
    {"logprobs", LG_P_TOP_LOGPROBS},
};

/* Told by the URL, by a rule of their own, or by every answer. */
#define CARRIED                                                 \
    (1u << LG_P_MODEL | 1u << LG_P_STREAM | 1u << LG_P_EFFORT | \
     1u << LG_P_INCLUDE_USAGE | 1u << LG_P_SERVICE_TIER | 1u << LG_P_METADATA)

static uint32_t write_settings(struct lg_gm_writer *g)
{
    uint32_t done = CARRIED;

    for (size_t i = 0; i < LG_COUNT(settings); i++) {
        done |= 1u << settings[i].param;
        lg_put(&g->w, "%k:%o", settings[i].name,
               &g->r->param[settings[i].param]);
    }
    return done;
}

static void write_stops(struct lg_gm_writer *g)
{
    const struct lg_ir_stops *s = &g->r->stops;

    if (!s->list || (!g->w.own && !s->n))
        return;
    lg_put(&g->w, "'stopSequences':[");
    for (size_t i = 0; i < s->n && (g->w.own || i < STOPS_MAX); i++)
        lg_ir_write(&g->w.jw, &s->list[i]);
    lg_put(&g->w, "]");
    if (!g->w.own && s->n > STOPS_MAX)
        lg_put_lose(&g->w, s->tok, LG_APPROXIMATED,
                    "only five stop sequences are taken");
}

/* ---- output and thinking ------------------------------------------------ */

static void write_output(struct lg_gm_writer *g)
{
    static const char why[] =
        "only the schema of an output has a place in " LG_GM_NAME;
    const struct lg_ir_output *o = &g->r->output;

    switch ((enum lg_output_kind)o->kind) {
    case LG_OUTPUT_UNSET:
        return;
    case LG_OUTPUT_TEXT:
        lg_put(&g->w, "'responseMimeType':'text/plain'");
        break;
    case LG_OUTPUT_SCHEMA:
        lg_gm_schema_write(&g->w, g->r, "responseSchema", "responseJsonSchema",
                           &o->schema);
        if (!lg_ir_has(&o->schema))
            lg_put_lose(&g->w, o->tok, LG_APPROXIMATED,
                        "a schema that is missing is that of any JSON");
        lg_put_drop(&g->w, &o->name, why);
        lg_put_drop(&g->w, &o->description, why);
        lg_put_drop(&g->w, &o->strict, why);
        lg_put(&g->w, "'responseMimeType':'application/json'");
        break;
    case LG_OUTPUT_JSON:
        lg_put(&g->w, "'responseMimeType':'application/json'");
        break;
    case LG_OUTPUT_OTHER:
        lg_put_lose(&g->w, o->tok, LG_DROPPED,
                    "an output format " LG_GM_UNKNOWN);
        break;
    }
    lg_put_lose_extras(&g->w, o->extra);
}

static const struct {
    const char *effort, *level;
    int64_t budget; /* as Google's own Chat door has it */
    int exact;
} efforts[] = {
    {"minimal", "MINIMAL", 512, 1}, {"low", "LOW", 1024, 1},
    {"medium", "MEDIUM", 8192, 1},  {"high", "HIGH", 24576, 1},
    {"xhigh", "HIGH", 24576, 0},    {"max", "HIGH", 24576, 0},
};

/* 1: an effort was written; "none" is none. */
static int write_effort(struct lg_gm_writer *g)
{
    const struct lg_ir_val *v = &g->r->param[LG_P_EFFORT];
    const struct lg_policy *p = g->w.c->policy;
    const unsigned thinks = p->facts ? p->facts->thinking : 0;
    const int by_budget =
        thinks ? !(thinks >> LG_THINKS_EFFORT & 1) : p->gemini_budget;
    size_t i = 0;

    if (!lg_ir_has(v) || lg_ir_is(v, "none"))
        return 0;
    while (i < LG_COUNT(efforts) && !lg_ir_is(v, efforts[i].effort))
        i++;
    if (i == LG_COUNT(efforts)) {
        lg_put_drop(&g->w, v, "an effort " LG_GM_UNKNOWN);
        return 0;
    }
    if (by_budget)
        lg_put(&g->w, "'thinkingBudget':%d", efforts[i].budget);
    else
        lg_put(&g->w, "'thinkingLevel':%s", efforts[i].level);
    if (by_budget || !efforts[i].exact)
        lg_put_lose(&g->w, v->tok, LG_APPROXIMATED,
                    by_budget ? "an effort became a budget of thinking"
                              : "the most effort is high in " LG_GM_NAME);
    return 1;
}

/* A budget and a level exclude each other. */
static void write_thinking(struct lg_gm_writer *g)
{
    const struct lg_ir_thinking *t = &g->r->thinking;
    const struct lg_ir_val *effort = &g->r->param[LG_P_EFFORT];
    const size_t mark = g->w.jw.out->n;
    int shows = 0;

    lg_put(&g->w, "'thinkingConfig':{");
    switch ((enum lg_thinking_mode)t->mode) {
    case LG_THINK_BUDGET:
        lg_put(&g->w, "'thinkingBudget':%o", &t->budget);
        lg_put_drop(&g->w, effort, "thinking has a budget or an effort");
        shows = 1;
        break;
    case LG_THINK_OFF:
        lg_put(&g->w, "'thinkingBudget':0");
        lg_put_drop(&g->w, effort, "thinking is off");
        break;
    case LG_THINK_ADAPTIVE:
        if (!write_effort(g))
            lg_put(&g->w, "'thinkingBudget':-1");
        shows = 1;
        break;
    case LG_THINK_OTHER:
        lg_put_lose(&g->w, t->tok, LG_DROPPED,
                    "a way of thinking " LG_GM_UNKNOWN);
        break;
    case LG_THINK_UNSET:
        if (lg_ir_is(effort, "none"))
            lg_put(&g->w, "'thinkingBudget':0");
        else
            (void)write_effort(g);
        break;
    }
    if (shows && !lg_ir_is(&t->display, "omitted"))
        lg_put(&g->w, "'includeThoughts':true");
    if (!shows || !lg_ir_is(&t->display, "omitted"))
        lg_put_drop(&g->w, &t->display,
                    "what is shown of thoughts is a summary in " LG_GM_NAME);
    lg_put_lose_extras(&g->w, t->extra);
    if (lg_writer_is_empty(&g->w))
        lg_writer_undo(&g->w, mark);
    else
        lg_put(&g->w, "}");
}

/* ---- the whole ---------------------------------------------------------- */

static uint32_t write_config(struct lg_gm_writer *g)
{
    const size_t mark = g->w.jw.out->n;
    uint32_t done;

    lg_put(&g->w, "'generationConfig':{");
    done = write_settings(g);
    write_stops(g);
    if (!g->w.own) {
        write_output(g);
        write_thinking(g);
    }
    lg_put(&g->w, "%x", g->r->extra, LG_GM_GENERATION);
    if (lg_writer_is_empty(&g->w) && !(g->w.own && g->r->form[LG_P_MAX_TOKENS]))
        lg_writer_undo(&g->w, mark);
    else
        lg_put(&g->w, "}");
    return done;
}

static void write_tier(struct lg_gm_writer *g)
{
    static const struct {
        const char *from, *to;
    } tiers[] = {{"default", "standard"},
                 {"standard_only", "standard"},
                 {"flex", "flex"},
                 {"priority", "priority"}};
    struct lg_ir_val v = g->r->param[LG_P_SERVICE_TIER];

    for (size_t i = 0; i < LG_COUNT(tiers); i++)
        if (lg_ir_is(&v, tiers[i].from)) {
            lg_put(&g->w, "'serviceTier':%s", tiers[i].to);
            return;
        }
    lg_put_drop(&g->w, &v, "a service tier of another provider");
}

static void write_foreign(struct lg_gm_writer *g)
{
    const struct lg_ir_val *metadata = &g->r->param[LG_P_METADATA];

    write_tier(g);
    if (g->w.c->policy->gemini_vertex)
        lg_put(&g->w, "'labels':%o", metadata);
    else
        lg_put_drop(&g->w, metadata, "only Vertex AI takes labels");
}

int lg_gm_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_gm_writer g = {.w = lg_writer_of(c, r->origin, out), .r = r};
    uint32_t done;

    if (c->bridge) {
        c->bridge->stream = lg_ir_true(&r->param[LG_P_STREAM]);
        c->bridge->wants_usage = lg_ir_true(&r->param[LG_P_INCLUDE_USAGE]);
    }
    lg_writer_fail(&g.w, lg_gm_calls_index(&g));
    if (g.w.rc)
        return g.w.rc;
    lg_put(&g.w, "{");
    if (g.w.own)
        lg_put(&g.w, "'model':%v,'stream':%v,'labels':%v,'serviceTier':%v",
               &r->param[LG_P_MODEL], &r->param[LG_P_STREAM],
               &r->param[LG_P_METADATA], &r->param[LG_P_SERVICE_TIER]);
    lg_gm_talk_write(&g);
    lg_gm_tools_write(&g);
    done = write_config(&g);
    if (!g.w.own)
        write_foreign(&g);
    lg_put(&g.w, "%x}", r->extra, LG_GM_SELF);
    lg_put_lose_params(&g.w, r, done);
    return lg_writer_end(&g.w);
}
