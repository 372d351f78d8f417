/* SPDX-License-Identifier: MIT
 *
 * A request, written from an IR of any origin. */
#include "lib/format/anthropic_messages.h"

#include "lib/json/text.h"

/* ---- settings ----------------------------------------------------------- */

/* Is a JSON number above 1? Told from its digits: no setting passes through a
 * double. */
static int is_above_one(struct lg_str s)
{
    int64_t exponent = 0, order;
    size_t digits = 0, point = 0, first = 0, i = 0;
    int seen_point = 0, lead = 0, more = 0;

    if (s.n && s.p[0] == '-')
        return 0;
    for (; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        if (s.p[i] == '.') {
            seen_point = 1;
            point = digits;
            continue;
        }
        digits++;
        if (lead)
            more |= s.p[i] != '0';
        else if (s.p[i] != '0') {
            lead = s.p[i] - '0';
            first = digits;
        }
    }
    if (i + 1 < s.n) {
        const size_t plus = s.p[i + 1] == '+';

        if (lg_str_int(lg_str_from(s.p + i + 1 + plus, s.n - i - 1 - plus),
                       &exponent) < 0)
            return s.p[i + 1] != '-' && lead;
    }
    if (!lead)
        return 0;
    /* The power of ten of the first digit that is not 0. */
    order = (int64_t)(seen_point ? point : digits) - (int64_t)first;
    if (exponent > 0 && exponent > -order)
        return 1;
    order += exponent < -(INT64_MAX / 2) ? -(INT64_MAX / 2) : exponent;
    return order > 0 || (order == 0 && (lead > 1 || more));
}

typedef int (*adapt_fn)(struct lg_am_writer *a, struct lg_ir_val *v);

/* The second version of the API refuses all three, whatever their value. */
static int adapt_sampling(struct lg_am_writer *a, struct lg_ir_val *v)
{
    const char *version = a->w.c->policy->anthropic_version;

    if (!version || strcmp(version, "2026-10-21") < 0)
        return 1;
    lg_put_lose(&a->w, v->tok, LG_DROPPED,
                "this API version takes no sampling");
    return 0;
}

static int adapt_temperature(struct lg_am_writer *a, struct lg_ir_val *v)
{
    if (!adapt_sampling(a, v))
        return 0;
    if (v->kind == LG_JSON_NUMBER && is_above_one(v->s)) {
        v->s = LG_STR("1");
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "temperature goes up to 1 in " LG_AM_NAME);
    }
    return 1;
}

static int adapt_tier(struct lg_am_writer *a, struct lg_ir_val *v)
{
    static const struct {
        const char *from, *to;
        int same;
    } tiers[] = {{"auto", "auto", 1},
                 {"standard_only", "standard_only", 1},
                 {"default", "standard_only", 1},
                 {"flex", "standard_only", 0},
                 {"priority", "auto", 0}};
    size_t i = 0;

    while (i < LG_COUNT(tiers) && !lg_ir_is(v, tiers[i].from))
        i++;
    if (i == LG_COUNT(tiers)) {
        lg_put_drop(&a->w, v, "a service tier unknown to " LG_AM_NAME);
        return 0;
    }
    v->s = lg_str_of(tiers[i].to);
    if (!tiers[i].same)
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "a service tier has no exact counterpart");
    return 1;
}

static const struct {
    const char *name;
    enum lg_param param;
    adapt_fn adapt; /* what another format calls it; 0: not written */
} settings[] = {
    {"model", LG_P_MODEL, NULL},
    {"max_tokens", LG_P_MAX_TOKENS, NULL},
    {"stream", LG_P_STREAM, NULL},
    {"temperature", LG_P_TEMPERATURE, adapt_temperature},
    {"top_p", LG_P_TOP_P, adapt_sampling},
    {"top_k", LG_P_TOP_K, adapt_sampling},
    {"service_tier", LG_P_SERVICE_TIER, adapt_tier},
    {"cache_control", LG_P_CACHE, NULL},
};

/* Carried by a rule of their own, or (the first) by the stream itself. */
static const enum lg_param by_rule[] = {LG_P_INCLUDE_USAGE, LG_P_PARALLEL_TOOLS,
                                        LG_P_USER, LG_P_METADATA, LG_P_EFFORT};

/* What to call those in the report that have no counterpart. */
static const char *const names[LG_P_COUNT] = {
    [LG_P_SEED] = "seed",
    [LG_P_N] = "n",
    [LG_P_PRESENCE_PENALTY] = "presence_penalty",
    [LG_P_FREQUENCY_PENALTY] = "frequency_penalty",
    [LG_P_LOGIT_BIAS] = "logit_bias",
    [LG_P_LOGPROBS] = "logprobs",
    [LG_P_TOP_LOGPROBS] = "top_logprobs",
    [LG_P_STORE] = "store",
    [LG_P_VERBOSITY] = "verbosity",
    [LG_P_CACHE_KEY] = "prompt_cache_key",
};

static int is_carried(size_t p)
{
    for (size_t i = 0; i < LG_COUNT(settings); i++)
        if (settings[i].param == p)
            return 1;
    for (size_t i = 0; i < LG_COUNT(by_rule); i++)
        if (by_rule[i] == p)
            return 1;
    return 0;
}

/* Does it ask for what happens anyway? */
static int is_default(size_t p, const struct lg_ir_val *v)
{
    int64_t n;

    return v->kind == LG_JSON_FALSE ||
           (p == LG_P_N && !lg_ir_int(v, &n) && n == 1);
}

static void lose_settings(struct lg_am_writer *a, const struct lg_ir_request *r)
{
    for (size_t p = 0; p < LG_P_COUNT; p++) {
        if (is_carried(p) || !lg_ir_has(&r->param[p]) ||
            is_default(p, &r->param[p]))
            continue;
        lg_put_lose(&a->w, r->param[p].tok, LG_DROPPED,
                    lg_reason(a->w.c, "%s has no counterpart in %s",
                              names[p] ? names[p] : "a setting", LG_AM_NAME));
    }
}

static void write_max_tokens(struct lg_am_writer *a,
                             const struct lg_ir_request *r)
{
    int64_t n = a->w.c->policy->max_tokens, budget;

    /* Thinking counts, and its budget must be less. */
    if (r->thinking.mode == LG_THINK_BUDGET &&
        !lg_ir_int(&r->thinking.budget, &budget) && budget > 0 &&
        budget < INT64_MAX - n)
        n += budget;
    lg_put(&a->w, "'max_tokens':%d", n);
    if (a->w.c->losses && !a->w.rc)
        a->w.rc = lg_lose_at(a->w.c->losses, "", LG_APPROXIMATED,
                             "max_tokens is required: a default is sent");
}

static void write_settings(struct lg_am_writer *a,
                           const struct lg_ir_request *r)
{
    for (size_t i = 0; i < LG_COUNT(settings); i++) {
        struct lg_ir_val v = r->param[settings[i].param];

        if (!a->w.own && !lg_ir_has(&v)) {
            if (settings[i].param == LG_P_MAX_TOKENS)
                write_max_tokens(a, r);
            continue;
        }
        if (a->w.own || !settings[i].adapt || settings[i].adapt(a, &v))
            lg_put(&a->w, "%k:%v", settings[i].name, &v);
    }
}

static int is_blank(struct lg_str body)
{
    while (body.n && (body.p[0] == ' ' || (body.n > 1 && body.p[0] == '\\' &&
                                           memchr("nrt", body.p[1], 3)))) {
        const size_t step = body.p[0] == ' ' ? 1 : 2;

        body.p += step;
        body.n -= step;
    }
    return !body.n;
}

static void write_stops(struct lg_am_writer *a, const struct lg_ir_stops *s)
{
    const size_t mark = a->w.jw.out->n;

    if (a->w.own ? !s->list && !s->null : !s->n)
        return;
    if (s->null) {
        lg_put(&a->w, "'stop_sequences':null");
        return;
    }
    lg_put(&a->w, "'stop_sequences':[");
    for (size_t i = 0; i < s->n; i++) {
        if (!a->w.own && is_blank(s->list[i].s))
            lg_put_lose(&a->w, s->list[i].tok, LG_DROPPED,
                        "a stop sequence may not be blank");
        else
            lg_ir_write(&a->w.jw, &s->list[i]);
    }
    if (!a->w.own && lg_writer_is_empty(&a->w))
        lg_writer_undo(&a->w, mark);
    else
        lg_put(&a->w, "]");
}

/* ---- metadata ----------------------------------------------------------- */

/* Of another format's metadata only user_id is known here. */
static void write_foreign_metadata(struct lg_am_writer *a,
                                   const struct lg_ir_request *r)
{
    const struct lg_ir_val *m = &r->param[LG_P_METADATA];
    const char *reason = "metadata holds but user_id in " LG_AM_NAME;
    int has_user = lg_ir_has(&r->param[LG_P_USER]);
    struct lg_iter it;

    if (!lg_ir_has(m))
        return;
    if (!r->doc || m->tok >= r->doc->n || m->kind != LG_JSON_OBJECT) {
        lg_put_drop(&a->w, m, reason);
        return;
    }
    it = lg_iter_of((struct lg_val){r->doc, m->tok});
    while (lg_iter_next(&it)) {
        if (!has_user && lg_val_is(it.key, "user_id") &&
            lg_val_kind(it.val) == LG_JSON_STRING) {
            lg_put(&a->w, "'user_id':%b", lg_val_body(it.val));
            has_user = 1;
        } else {
            lg_put_lose(&a->w, it.val.i, LG_DROPPED, reason);
        }
    }
}

static void write_metadata(struct lg_am_writer *a,
                           const struct lg_ir_request *r)
{
    const size_t mark = a->w.jw.out->n;

    lg_put(&a->w, "'metadata':{'user_id':%o", &r->param[LG_P_USER]);
    if (!a->w.own)
        write_foreign_metadata(a, r);
    lg_put(&a->w, "%x", r->extra, LG_AM_METADATA);
    if (lg_writer_is_empty(&a->w) && !(a->w.own && r->form[LG_P_METADATA]))
        lg_writer_undo(&a->w, mark);
    else
        lg_put(&a->w, "}");
}

/* ---- thinking and output ------------------------------------------------ */

static int is_forced(const struct lg_ir_request *r)
{
    return r->tool_choice.mode == LG_CHOICE_ANY ||
           r->tool_choice.mode == LG_CHOICE_TOOL;
}

/* Why thinking cannot be written; NULL: it can. */
static const char *why_no_thinking(const struct lg_am_writer *a,
                                   const struct lg_ir_request *r)
{
    if (a->w.own)
        return NULL;
    if (r->thinking.mode == LG_THINK_OTHER)
        return "a way of thinking unknown to " LG_AM_NAME;
    if (r->thinking.mode != LG_THINK_OFF && is_forced(r))
        return "thinking cannot stand beside a forced tool";
    return NULL;
}

static void write_thinking(struct lg_am_writer *a,
                           const struct lg_ir_request *r)
{
    static const char *const types[] = {[LG_THINK_OFF] = "disabled",
                                        [LG_THINK_BUDGET] = "enabled",
                                        [LG_THINK_ADAPTIVE] = "adaptive"};
    const struct lg_ir_thinking *t = &r->thinking;
    const char *reason = why_no_thinking(a, r);
    unsigned mode = t->mode;

    if (mode == LG_THINK_UNSET && !a->w.own &&
        lg_ir_is(&r->param[LG_P_EFFORT], "none"))
        mode = LG_THINK_OFF;
    if (mode == LG_THINK_UNSET)
        return;
    if (reason) {
        lg_put_lose(&a->w, t->tok, LG_DROPPED, reason);
        return;
    }
    if (mode == LG_THINK_OTHER) {
        lg_put(&a->w, "'thinking':%v", &t->json);
        return;
    }
    lg_put(&a->w, "'thinking':{'type':%s,'budget_tokens':%v", types[mode],
           a->w.own || mode == LG_THINK_BUDGET ? &t->budget : &lg_ir_none);
    if (a->w.own || lg_ir_is(&t->display, "omitted") ||
        lg_ir_is(&t->display, "summarized"))
        lg_put(&a->w, "'display':%v", &t->display);
    else
        lg_put_drop(&a->w, &t->display, "a display unknown to " LG_AM_NAME);
    lg_put(&a->w, "%x}", t->extra, LG_AM_NODE);
}

static void write_effort(struct lg_am_writer *a, const struct lg_ir_val *v)
{
    static const char *const efforts[] = {"low", "medium", "high", "xhigh",
                                          "max"};
    size_t i = 0;

    if (!a->w.own && (!lg_ir_has(v) || lg_ir_is(v, "none")))
        return;
    while (i < LG_COUNT(efforts) && !lg_ir_is(v, efforts[i]))
        i++;
    if (a->w.own || i < LG_COUNT(efforts)) {
        lg_put(&a->w, "'effort':%v", v);
    } else if (lg_ir_is(v, "minimal")) {
        lg_put(&a->w, "'effort':'low'");
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "the least effort is low in " LG_AM_NAME);
    } else {
        lg_put_drop(&a->w, v, "an effort unknown to " LG_AM_NAME);
    }
}

static void write_format(struct lg_am_writer *a, const struct lg_ir_output *o,
                         const char *key)
{
    const char *reason =
        "only the schema of an output has a place in " LG_AM_NAME;

    if (o->kind == LG_OUTPUT_OTHER) {
        lg_put(&a->w, "%k:%v", key, &o->json);
        return;
    }
    lg_put(&a->w, "%k:{'type':'json_schema'", key);
    if (a->w.own || lg_ir_has(&o->schema))
        lg_put(&a->w, "'schema':%v", &o->schema);
    else
        lg_put(&a->w, "'schema':{'type':'object'}");
    lg_put(&a->w, "%x}", o->extra, LG_AM_NODE);
    lg_put_drop(&a->w, &o->name, reason);
    lg_put_drop(&a->w, &o->description, reason);
    lg_put_drop(&a->w, &o->strict, reason);
}

static int has_format(const struct lg_am_writer *a,
                      const struct lg_ir_output *o)
{
    return o->kind == LG_OUTPUT_SCHEMA ||
           (a->w.own && o->kind == LG_OUTPUT_OTHER);
}

static void write_output(struct lg_am_writer *a, const struct lg_ir_request *r)
{
    const struct lg_ir_output *o = &r->output;
    const int old = a->w.own && o->form & LG_FORM_OLD;
    const size_t mark = a->w.jw.out->n;

    lg_put(&a->w, "'output_config':{");
    write_effort(a, &r->param[LG_P_EFFORT]);
    if (has_format(a, o) && !old)
        write_format(a, o, "format");
    lg_put(&a->w, "%x", r->extra, LG_AM_OUTPUT_CONFIG);
    if (lg_writer_is_empty(&a->w) && !(a->w.own && r->form[LG_P_EFFORT]))
        lg_writer_undo(&a->w, mark);
    else
        lg_put(&a->w, "}");
    if (has_format(a, o) && old)
        write_format(a, o, "output_format");
    if (!a->w.own && o->kind == LG_OUTPUT_OTHER)
        lg_put_lose(&a->w, o->tok, LG_DROPPED,
                    "an output format unknown to " LG_AM_NAME);
}

/* ---- the whole ---------------------------------------------------------- */

static void fill_bridge(const struct lg_ctx *c, const struct lg_ir_request *r)
{
    if (!c->bridge)
        return;
    c->bridge->stream = lg_ir_true(&r->param[LG_P_STREAM]);
    c->bridge->wants_usage = lg_ir_true(&r->param[LG_P_INCLUDE_USAGE]);
}

int lg_am_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_am_writer a = {lg_writer_of(c, r->origin, out), 0, 0, NULL};

    fill_bridge(c, r);
    lg_put(&a.w, "{");
    write_settings(&a, r);
    lg_am_write_talk(&a, r);
    lg_am_write_tools(&a, r);
    write_thinking(&a, r);
    write_output(&a, r);
    write_stops(&a, &r->stops);
    write_metadata(&a, r);
    lg_put(&a.w, "%x}", r->extra, LG_AM_NODE);
    if (!a.w.own)
        lose_settings(&a, r);
    return lg_writer_end(&a.w);
}
