/* SPDX-License-Identifier: MIT
 *
 * A request, written from an IR of any origin. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/function.h"
#include "lib/format/turn.h"

/* What is written of the settings, and what says itself elsewhere: the URL
 * names the model and whether to stream, a stream always tells its usage. */
#define CARRIED                                                           \
    (1u << LG_P_MODEL | 1u << LG_P_STREAM | 1u << LG_P_INCLUDE_USAGE |    \
     1u << LG_P_MAX_TOKENS | 1u << LG_P_TEMPERATURE | 1u << LG_P_TOP_P |  \
     1u << LG_P_TOP_K | 1u << LG_P_PARALLEL_TOOLS | 1u << LG_P_METADATA | \
     1u << LG_P_SERVICE_TIER | 1u << LG_P_CACHE | 1u << LG_P_EFFORT)

/* ---- whose model is it? --------------------------------------------------------- */

enum family {
    CLAUDE,
    NOVA,
    GPT_OSS,
    OTHER
};

/* An id of Bedrock begins with its maker's name, maybe behind a region. */
static enum family family_of(const struct lg_ir_request *r)
{
    static const struct {
        const char *part;
        enum family family;
    } parts[] = {{"amazon.nova", NOVA},  {"openai.gpt-oss", GPT_OSS},
                 {"openai.", OTHER},     {"amazon.", OTHER},
                 {"ai21.", OTHER},       {"cohere.", OTHER},
                 {"deepseek.", OTHER},   {"google.", OTHER},
                 {"meta.", OTHER},       {"minimax.", OTHER},
                 {"mistral.", OTHER},    {"moonshot.", OTHER},
                 {"moonshotai.", OTHER}, {"nvidia.", OTHER},
                 {"qwen.", OTHER},       {"writer.", OTHER},
                 {"zai.", OTHER}};
    const struct lg_ir_val *model = &r->param[LG_P_MODEL];

    for (size_t i = 0; i < LG_COUNT(parts) && lg_ir_has(model); i++)
        if (lg_bc_contains(model->s, parts[i].part))
            return parts[i].family;
    return CLAUDE; /* or one that does not say */
}

static const char not_this_model[] = "unknown to the models of this maker";

/* ---- inferenceConfig -------------------------------------------------------------- */

/* Open a config; close_config() takes it back if nothing was put in. */
static size_t open_config(struct lg_bc_writer *b, const char *name)
{
    const size_t mark = b->w.jw.out->n;

    lg_put(&b->w, "%k:{", name);
    return mark;
}

static void close_config(struct lg_bc_writer *b, size_t mark, uint8_t level,
                         uint8_t form)
{
    lg_put(&b->w, "%x", b->r->extra, level);
    if (lg_writer_is_empty(&b->w) && !(b->w.own && form & LG_BC_FORM_THERE))
        lg_writer_undo(&b->w, mark);
    else
        lg_put(&b->w, "}");
}

static void write_stops(struct lg_bc_writer *b, const struct lg_ir_stops *s)
{
    const size_t mark = b->w.jw.out->n;

    if (!s->list || (!b->w.own && !s->n))
        return;
    lg_put(&b->w, "'stopSequences':[");
    for (size_t i = 0; i < s->n; i++) {
        if (!b->w.own && lg_is_blank(s->list[i].s))
            lg_put_lose(&b->w, s->list[i].tok, LG_DROPPED,
                        "a stop sequence may not be blank");
        else
            lg_ir_write(&b->w.jw, &s->list[i]);
    }
    if (!b->w.own && lg_writer_is_empty(&b->w))
        lg_writer_undo(&b->w, mark);
    else
        lg_put(&b->w, "]");
}

static void write_inference(struct lg_bc_writer *b)
{
    const struct lg_ir_request *r = b->r;
    const size_t mark = open_config(b, "inferenceConfig");
    struct lg_ir_val heat = r->param[LG_P_TEMPERATURE];

    if (!b->w.own && heat.kind == LG_JSON_NUMBER && lg_is_above_one(heat.s)) {
        heat.s = LG_STR("1");
        lg_put_lose(&b->w, heat.tok, LG_APPROXIMATED,
                    "temperature goes up to 1 in " LG_BC_NAME);
    }
    lg_put(&b->w, "'maxTokens':%o,'temperature':%o,'topP':%o",
           &r->param[LG_P_MAX_TOKENS], &heat, &r->param[LG_P_TOP_P]);
    write_stops(b, &r->stops);
    close_config(b, mark, LG_BC_INFERENCE, r->form[LG_P_MAX_TOKENS]);
}

/* ---- additionalModelRequestFields --------------------------------------------------- */

static int is_forced(const struct lg_bc_writer *b)
{
    return b->r->tool_choice.mode == LG_CHOICE_ANY ||
           b->r->tool_choice.mode == LG_CHOICE_TOOL || b->json_tool;
}

/* Why thinking cannot be written; NULL: it can. */
static const char *why_no_thinking(const struct lg_bc_writer *b,
                                   enum family family)
{
    const unsigned mode = b->r->thinking.mode;

    if (b->w.own)
        return NULL;
    if (family != CLAUDE)
        return not_this_model;
    if (mode == LG_THINK_OTHER)
        return "a way of thinking unknown to " LG_BC_NAME;
    if (mode != LG_THINK_OFF && is_forced(b))
        return "thinking cannot stand beside a forced tool";
    return NULL;
}

static void write_thinking(struct lg_bc_writer *b, enum family family)
{
    static const char *const types[] = {[LG_THINK_OFF] = "disabled",
                                        [LG_THINK_BUDGET] = "enabled",
                                        [LG_THINK_ADAPTIVE] = "adaptive"};
    const struct lg_ir_thinking *t = &b->r->thinking;
    const char *reason = why_no_thinking(b, family);
    struct lg_writer *w = &b->w;
    unsigned mode = t->mode;

    if (mode == LG_THINK_UNSET && !w->own &&
        lg_ir_is(&b->r->param[LG_P_EFFORT], "none") && family == CLAUDE)
        mode = LG_THINK_OFF;
    if (mode == LG_THINK_UNSET)
        return;
    if (reason) {
        lg_put_lose(w, t->tok, LG_DROPPED, reason);
        return;
    }
    lg_put(w, "'thinking':{'type':%s,'budget_tokens':%v", types[mode],
           w->own || mode == LG_THINK_BUDGET ? &t->budget : &lg_ir_none);
    if (w->own || lg_ir_is(&t->display, "omitted") ||
        lg_ir_is(&t->display, "summarized"))
        lg_put(w, "'display':%v", &t->display);
    else
        lg_put_drop(w, &t->display, "a display unknown to " LG_BC_NAME);
    lg_put(w, "%x}", t->extra, LG_BC_NODE);
}

static void write_top_k(struct lg_bc_writer *b, enum family family)
{
    const struct lg_ir_val *k = &b->r->param[LG_P_TOP_K];

    if (b->w.own || family == CLAUDE)
        lg_put(&b->w, "'top_k':%o", k);
    else if (lg_ir_has(k) && family == NOVA)
        lg_put(&b->w, "'inferenceConfig':{'topK':%v}", k);
    else
        lg_put_drop(&b->w, k, not_this_model);
}

/* At most one call an answer, in Anthropic's words. */
static void write_alone(struct lg_bc_writer *b, enum family family)
{
    static const char *const types[] = {[LG_CHOICE_UNSET] = "auto",
                                        [LG_CHOICE_AUTO] = "auto",
                                        [LG_CHOICE_ANY] = "any",
                                        [LG_CHOICE_TOOL] = "tool"};
    const struct lg_ir_tool_choice *t = &b->r->tool_choice;
    const struct lg_ir_val *v = &b->r->param[LG_P_PARALLEL_TOOLS];
    struct lg_writer *w = &b->w;

    if (w->own ? v->kind == LG_JSON_NONE : v->kind != LG_JSON_FALSE)
        return;
    if (!w->own && (family != CLAUDE || !b->has_tools ||
                    t->mode >= LG_COUNT(types) || !types[t->mode])) {
        lg_put_drop(w, v, "calls cannot be kept from standing side by side");
        return;
    }
    lg_put(w, "'tool_choice':{");
    if (!w->own)
        lg_put(w, "'type':%s,'name':%v", types[t->mode],
               t->mode == LG_CHOICE_TOOL ? &t->name : &lg_ir_none);
    lg_put(w, "'disable_parallel_tool_use':%j,%x}",
           v->kind == LG_JSON_FALSE ? LG_STR("true") : LG_STR("false"),
           b->r->extra, LG_BC_CHOICE);
}

static int effort_is_inside(const struct lg_bc_writer *b, enum family family)
{
    return b->w.own ? (b->r->form[LG_P_EFFORT] & LG_FORM_OLD) != 0
                    : family == GPT_OSS;
}

static void write_effort(struct lg_bc_writer *b, const char *name)
{
    static const char *const efforts[] = {"low", "medium", "high", "xhigh",
                                          "max"};
    const struct lg_ir_val *v = &b->r->param[LG_P_EFFORT];
    size_t i = 0;

    if (!b->w.own && (!lg_ir_has(v) || lg_ir_is(v, "none")))
        return;
    while (i < LG_COUNT(efforts) && !lg_ir_is(v, efforts[i]))
        i++;
    if (b->w.own || i < LG_COUNT(efforts)) {
        lg_put(&b->w, "%k:%v", name, v);
    } else if (lg_ir_is(v, "minimal")) {
        lg_put(&b->w, "%k:'low'", name);
        lg_put_lose(&b->w, v->tok, LG_APPROXIMATED,
                    "the least effort is low in " LG_BC_NAME);
    } else {
        lg_put_drop(&b->w, v, "an effort unknown to " LG_BC_NAME);
    }
}

static void write_model_fields(struct lg_bc_writer *b, enum family family)
{
    const size_t mark = open_config(b, "additionalModelRequestFields");

    write_thinking(b, family);
    write_top_k(b, family);
    write_alone(b, family);
    if (effort_is_inside(b, family))
        write_effort(b, "reasoning_effort");
    close_config(b, mark, LG_BC_MODEL, b->r->form[LG_P_TOP_K]);
}

/* ---- outputConfig --------------------------------------------------------------------- */

/* The schema stands in a string. */
static void write_schema(struct lg_bc_writer *b, const struct lg_ir_val *v)
{
    struct lg_str body = LG_STR("{\\\"type\\\":\\\"object\\\"}");

    if (v->in_string)
        body = v->s;
    else if (lg_ir_has(v))
        lg_writer_fail(&b->w, lg_escaped(b->w.c, v->s, &body));
    else
        lg_put_lose(&b->w, b->r->output.tok, LG_APPROXIMATED,
                    "a schema must be there: one of any object is");
    lg_put(&b->w, "'schema':%b", body);
}

static void write_format(struct lg_bc_writer *b, const struct lg_ir_output *o)
{
    struct lg_writer *w = &b->w;

    if (o->kind == LG_OUTPUT_OTHER && w->own)
        lg_put(w, "'textFormat':%v", &o->json);
    else if (o->kind == LG_OUTPUT_OTHER)
        lg_put_lose(w, o->tok, LG_DROPPED,
                    "an output format unknown to " LG_BC_NAME);
    if (o->kind != LG_OUTPUT_SCHEMA || !lg_takes_schema(w))
        return;
    lg_put(w, "'textFormat':{'type':'json_schema','structure':{'jsonSchema':{");
    write_schema(b, &o->schema);
    lg_put(w, "'name':%o,'description':%o,%x},%x},%x}", &o->name,
           &o->description, o->extra, LG_BC_SCHEMA, o->extra, LG_BC_STRUCTURE,
           o->extra, LG_BC_FORMAT);
    lg_put_lose_extras(w, o->extra);
    lg_put_drop(w, &o->strict, "a schema is always strict in " LG_BC_NAME);
}

static void write_output(struct lg_bc_writer *b, enum family family)
{
    const size_t mark = open_config(b, "outputConfig");

    write_format(b, &b->r->output);
    if (!effort_is_inside(b, family))
        write_effort(b, "effort");
    close_config(b, mark, LG_BC_OUTPUT, b->r->form[LG_P_EFFORT]);
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void write_tier(struct lg_bc_writer *b)
{
    static const struct {
        const char *from, *to;
    } tiers[] = {{"default", "default"},
                 {"flex", "flex"},
                 {"priority", "priority"},
                 {"reserved", "reserved"},
                 {"standard_only", "default"}};
    const size_t mark = open_config(b, "serviceTier");
    const struct lg_ir_val *v = &b->r->param[LG_P_SERVICE_TIER];
    size_t i = 0;

    while (i < LG_COUNT(tiers) && !lg_ir_is(v, tiers[i].from))
        i++;
    if (b->w.own)
        lg_put(&b->w, "'type':%v", v);
    else if (i < LG_COUNT(tiers))
        lg_put(&b->w, "'type':%s", tiers[i].to);
    else
        lg_put_drop(&b->w, v, "a service tier unknown to " LG_BC_NAME);
    close_config(b, mark, LG_BC_TIER, b->r->form[LG_P_SERVICE_TIER]);
}

#define PAIRS_MAX 16
#define TEXT_MAX  256

/* May it stand in requestMetadata? */
static int is_plain(struct lg_str body)
{
    if (body.n > TEXT_MAX)
        return 0;
    for (size_t i = 0; i < body.n; i++) {
        const char ch = body.p[i];

        if (!(ch >= 'a' && ch <= 'z') && !(ch >= 'A' && ch <= 'Z') &&
            !(ch >= '0' && ch <= '9') && !strchr(" :_@$#=/+,-.", ch))
            return 0;
    }
    return 1;
}

static void write_metadata(struct lg_bc_writer *b)
{
    const struct lg_ir_val *m = &b->r->param[LG_P_METADATA];
    const char *reason = "metadata are 16 pairs of plain texts in " LG_BC_NAME;
    const size_t mark = b->w.jw.out->n;
    struct lg_iter it;
    unsigned n = 0;

    if (b->w.own || !lg_ir_has(m)) {
        if (b->w.own)
            lg_put(&b->w, "'requestMetadata':%v", m);
        return;
    }
    if (!b->r->doc || m->tok >= b->r->doc->n || m->kind != LG_JSON_OBJECT) {
        lg_put_drop(&b->w, m, reason);
        return;
    }
    it = lg_iter_of((struct lg_val){b->r->doc, m->tok});
    lg_put(&b->w, "'requestMetadata':{");
    while (lg_iter_next(&it)) {
        const struct lg_str key = lg_val_body(it.key);
        const struct lg_str value = lg_val_body(it.val);

        if (n == PAIRS_MAX || !value.p || !key.n || !is_plain(key) ||
            !is_plain(value)) {
            lg_put_lose(&b->w, it.val.i, LG_DROPPED, reason);
            continue;
        }
        n++;
        lg_jw_key_body(&b->w.jw, key);
        lg_jw_body(&b->w.jw, value);
    }
    if (n)
        lg_put(&b->w, "}");
    else
        lg_writer_undo(&b->w, mark);
}

/* ---- the whole ------------------------------------------------------------------------------ */

int lg_bc_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_bc_writer b = {.w = lg_writer_of(c, r->origin, out), .r = r};
    const enum family family = family_of(r);

    lg_bridge_fill(c, r);
    lg_put(&b.w, "{");
    if (b.w.own)
        lg_put(&b.w, "'modelId':%v", &r->param[LG_P_MODEL]);
    lg_bc_write_talk(&b);
    write_inference(&b);
    lg_bc_write_tools(&b);
    write_model_fields(&b, family);
    write_output(&b, family);
    write_tier(&b);
    write_metadata(&b);
    lg_put(&b.w, "%x}", r->extra, LG_BC_NODE);
    lg_put_lose_params(&b.w, r, CARRIED);
    return lg_writer_end(&b.w);
}
