/* SPDX-License-Identifier: MIT
 *
 * A request, written from an IR of any origin. */
#include "lib/format/anthropic_messages.h"

#include "lib/format/schema.h"
#include "lib/format/turn.h"

/* ---- settings ----------------------------------------------------------- */

/* The second version of the API refuses all three, whatever their value. */
static int takes_sampling(struct lg_am_writer *a, const struct lg_ir_val *v)
{
    const char *version = a->w.c->policy->anthropic_version;

    if (!version || strcmp(version, "2026-10-21") < 0)
        return 1;
    lg_put_lose(&a->w, v->tok, LG_DROPPED,
                "this API version takes no sampling");
    return 0;
}

static int adapt_tier(struct lg_am_writer *a, struct lg_ir_val *v)
{
    enum {
        AUTO = 1,
        PRIORITY = 4
    };
    const unsigned tier =
        lg_ir_word_of(v, "auto standard_only default priority flex");

    if (!tier) {
        lg_put_drop(&a->w, v, "a service tier unknown to " LG_AM_NAME);
        return 0;
    }
    v->s = tier == AUTO || tier == PRIORITY ? LG_STR("auto")
                                            : LG_STR("standard_only");
    if (tier >= PRIORITY)
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "a service tier has no exact counterpart");
    return 1;
}

/* What a setting of another format is here; 0: not written. */
static int adapt(struct lg_am_writer *a, uint8_t param, struct lg_ir_val *v)
{
    if (param == LG_P_SERVICE_TIER)
        return adapt_tier(a, v);
    if (param != LG_P_TEMPERATURE && param != LG_P_TOP_P && param != LG_P_TOP_K)
        return 1;
    if (!takes_sampling(a, v))
        return 0;
    if (param == LG_P_TEMPERATURE && v->kind == LG_JSON_NUMBER &&
        lg_is_above_one(v->s)) {
        v->s = LG_STR("1");
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "temperature goes up to 1 in " LG_AM_NAME);
    }
    return 1;
}

/* In the order of enum lg_param those that have no counterpart. The others (-)
 * are written, by a rule of their own perhaps. */
static const char names[] =
    "- - - - - seed n presence_penalty frequency_penalty logit_bias logprobs "
    "top_logprobs - - - - - - store verbosity - prompt_cache_key -";

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
        const struct lg_str name = lg_word_at(names, p + 1);

        if (!name.p || !lg_ir_has(&r->param[p]) || is_default(p, &r->param[p]))
            continue;
        lg_put_lose(&a->w, r->param[p].tok, LG_DROPPED,
                    lg_reason(a->w.c, "%.*s has no counterpart in %s",
                              (int)name.n, name.p, LG_AM_NAME));
    }
}

static void write_max_tokens(struct lg_am_writer *a,
                             const struct lg_ir_request *r)
{
    const struct lg_policy *p = a->w.c->policy;
    int64_t n = p->max_tokens, budget;

    /* Thinking counts, and its budget must be less. */
    if (p->facts && p->facts->max_output && !p->max_tokens_fixed)
        n = p->facts->max_output;
    else if (r->thinking.mode == LG_THINK_BUDGET &&
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
    for (unsigned i = 0; i < LG_AM_SETTING_COUNT; i++) {
        const uint8_t param = lg_am_settings[i];
        struct lg_ir_val v = r->param[param];

        if (!a->w.own && !lg_ir_has(&v)) {
            if (param == LG_P_MAX_TOKENS)
                write_max_tokens(a, r);
            continue;
        }
        if (a->w.own || adapt(a, param, &v))
            lg_put(&a->w, "%w:%v", LG_AM_SETTINGS, i + 1, &v);
    }
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
        if (!a->w.own && lg_is_blank(s->list[i].s))
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
LG_APART static void write_foreign_metadata(struct lg_am_writer *a,
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
    lg_put(&a->w, "'thinking':{'type':%w,'budget_tokens':%v", LG_AM_THINKING,
           mode,
           a->w.own || mode == LG_THINK_BUDGET ? &t->budget : &lg_ir_none);
    if (a->w.own || lg_ir_word_of(&t->display, "omitted summarized"))
        lg_put(&a->w, "'display':%v", &t->display);
    else
        lg_put_drop(&a->w, &t->display, "a display unknown to " LG_AM_NAME);
    lg_put(&a->w, "%x}", t->extra, LG_AM_NODE);
}

static void write_effort(struct lg_am_writer *a, const struct lg_ir_val *v)
{
    if (!a->w.own && (!lg_ir_has(v) || lg_ir_is(v, "none")))
        return;
    if (a->w.own || lg_ir_word_of(v, "low medium high xhigh max")) {
        lg_put(&a->w, "'effort':%v", v);
    } else if (lg_ir_is(v, "minimal")) {
        lg_put(&a->w, "'effort':'low'");
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "the least effort is low in " LG_AM_NAME);
    } else {
        lg_put_drop(&a->w, v, "an effort unknown to " LG_AM_NAME);
    }
}

static void write_format(struct lg_am_writer *a, const struct lg_ir_request *r,
                         const char *key)
{
    const struct lg_ir_output *o = &r->output;
    const char *reason =
        "only the schema of an output has a place in " LG_AM_NAME;

    if (o->kind == LG_OUTPUT_OTHER) {
        lg_put(&a->w, "%k:%v", key, &o->json);
        return;
    }
    lg_put(&a->w, "%k:{'type':'json_schema'", key);
    if (a->w.own) {
        lg_put(&a->w, "'schema':%v", &o->schema);
    } else if (lg_ir_has(&o->schema)) {
        lg_put(&a->w, "'schema':");
        lg_put_dialect(&a->w, r, &o->schema, LG_DIALECT_CLOSED);
    } else {
        lg_put(&a->w, "'schema':{'type':'object'}");
    }
    lg_put(&a->w, "%x}", o->extra, LG_AM_NODE);
    lg_put_drop(&a->w, &o->name, reason);
    lg_put_drop(&a->w, &o->description, reason);
    lg_put_drop(&a->w, &o->strict, reason);
}

static int has_format(const struct lg_am_writer *a,
                      const struct lg_ir_output *o)
{
    return (o->kind == LG_OUTPUT_SCHEMA && lg_takes_schema(&a->w)) ||
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
        write_format(a, r, "format");
    lg_put(&a->w, "%x", r->extra, LG_AM_OUTPUT_CONFIG);
    if (lg_writer_is_empty(&a->w) && !(a->w.own && r->form[LG_P_EFFORT]))
        lg_writer_undo(&a->w, mark);
    else
        lg_put(&a->w, "}");
    if (has_format(a, o) && old)
        write_format(a, r, "output_format");
    if (!a->w.own && o->kind == LG_OUTPUT_OTHER)
        lg_put_lose(&a->w, o->tok, LG_DROPPED,
                    "an output format unknown to " LG_AM_NAME);
}

/* ---- the whole ---------------------------------------------------------- */

int lg_am_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_am_writer a = {lg_writer_of(c, r->origin, out), 0, 0, NULL};

    lg_bridge_fill(c, r);
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
