/* SPDX-License-Identifier: MIT
 *
 * What a model's facts make of the settings. */
#include "lib/format/fit.h"

const struct lg_facts *lg_facts_for(const struct lg_policy *policy,
                                    const struct lg_format *to,
                                    const struct lg_ir_val *model)
{
    static const struct {
        const char *prefix;
        enum lg_home home;
    } homes[] = {{"anthropic-", LG_HOME_ANTHROPIC},
                 {"bedrock-", LG_HOME_BEDROCK},
                 {"openai-", LG_HOME_OPENAI},
                 {"gemini", LG_HOME_GEMINI}};
    const struct lg_facts *f = model->kind == LG_JSON_STRING
                                   ? lg_facts_of(policy->models, model->s)
                                   : &lg_facts_unknown;

    for (size_t i = 0; i < LG_COUNT(homes); i++)
        if (lg_str_starts(lg_str_of(to->name), lg_str_of(homes[i].prefix)))
            return lg_facts_allow(f->home, homes[i].home) ? f
                                                          : &lg_facts_unknown;
    return f->home ? &lg_facts_unknown : f;
}

void lg_fit_lose(struct lg_fit *t, uint32_t tok, enum lg_loss_action action,
                 const char *reason)
{
    if (t->rc >= 0 && t->c->losses)
        t->rc = lg_lose(t->c->losses, tok, action, reason);
}

static void drop_param(struct lg_fit *t, enum lg_param p, const char *reason)
{
    struct lg_ir_val *v = &t->r->param[p];

    if (lg_ir_has(v))
        lg_fit_lose(t, v->tok, LG_DROPPED, reason);
    v->kind = LG_JSON_NONE;
}

/* ---- thinking ---------------------------------------------------------------- */

const char *lg_effort_word(enum lg_effort effort)
{
    static const char words[][8] = {"none", "minimal", "low", "medium",
                                    "high", "xhigh",   "max"};

    return words[effort];
}

enum lg_effort lg_effort_of_budget(int64_t budget, int64_t max)
{
    if (budget <= 0)
        return LG_EFFORT_NONE;
    budget = budget > max ? max : budget;
    if (budget > INT64_MAX / 100) /* the ratio is all that counts */
        return LG_EFFORT_HIGH;
    return budget * 100 < max * 35   ? LG_EFFORT_LOW
           : budget * 100 < max * 65 ? LG_EFFORT_MEDIUM
                                     : LG_EFFORT_HIGH;
}

/* How many tokens the answer may have. */
static int64_t room(const struct lg_fit *t)
{
    int64_t max = t->c->policy->max_tokens;

    (void)lg_ir_int(&t->r->param[LG_P_MAX_TOKENS], &max);
    return max;
}

/* The effort that is asked for; -1: none, or one that nobody knows. */
static int effort_of(const struct lg_fit *t)
{
    return (int)lg_ir_word_of(&t->r->param[LG_P_EFFORT], LG_EFFORTS) - 1;
}

/* A word in the place of what the request says, which keeps its pointer. */
static void set_effort(struct lg_fit *t, int effort)
{
    struct lg_ir_val *v = &t->r->param[LG_P_EFFORT];

    if (v->kind == LG_JSON_NONE)
        v->tok = LG_NOWHERE;
    v->kind = LG_JSON_STRING;
    v->in_string = 0;
    v->s = lg_str_of(lg_effort_word((enum lg_effort)effort));
}

/* The nearest that the model knows, of two the less; but for none. */
static int nearest(const struct lg_facts *f, int effort)
{
    for (int d = 0; d < LG_EFFORT_COUNT; d++) {
        if (effort - d > LG_EFFORT_NONE &&
            lg_facts_allow(f->efforts, (unsigned)(effort - d)))
            return effort - d;
        if (effort + d < LG_EFFORT_COUNT &&
            lg_facts_allow(f->efforts, (unsigned)(effort + d)))
            return effort + d;
    }
    return effort;
}

static void set_budget(struct lg_fit *t, int64_t n)
{
    struct lg_ir_val *v = &t->r->thinking.budget;
    struct lg_buf b;
    char text[24];

    b = lg_buf_over(text, sizeof(text));
    (void)lg_buf_int(&b, n);
    if (v->kind == LG_JSON_NONE)
        v->tok = LG_NOWHERE;
    v->kind = LG_JSON_NUMBER;
    v->s = lg_str_from(lg_arena_dup(t->c->arena, lg_buf_span(&b)), b.n);
    if (!v->s.p)
        t->rc = lg_no_room(t->c);
    t->r->thinking.mode = LG_THINK_BUDGET;
}

/* A share of the answer, for who names but an effort. */
static void budget_of_effort(struct lg_fit *t, int effort)
{
    static const uint8_t percent[LG_EFFORT_COUNT] = {0,  25,  25, 50,
                                                     75, 100, 100};
    const int64_t max = room(t), least = t->facts->min_budget;
    int64_t n = max > INT64_MAX / 100 ? max : max * percent[effort] / 100;

    n = n >= max ? max - 1 : n;
    set_budget(t, n < least ? least : n);
    t->r->thinking.budget.tok = t->r->param[LG_P_EFFORT].tok;
    t->r->param[LG_P_EFFORT].kind = LG_JSON_NONE;
}

static void stop_thinking(struct lg_fit *t, enum lg_loss_action action,
                          const char *reason)
{
    struct lg_ir_thinking *th = &t->r->thinking;

    lg_fit_lose(t, th->tok ? th->tok : th->budget.tok, action, reason);
    if (t->rc >= 0)
        t->rc = lg_extra_lose(t->c, th->extra, t->r->origin);
    th->mode = LG_THINK_UNSET;
}

static int can(const struct lg_fit *t, enum lg_thinks how)
{
    return lg_facts_allow(t->facts->thinking, how);
}

static void fit_never(struct lg_fit *t)
{
    static const char why[] = "the model does not think";
    const unsigned mode = t->r->thinking.mode;

    if (mode > LG_THINK_OFF)
        stop_thinking(t, LG_DROPPED, why);
    t->r->thinking.mode = LG_THINK_UNSET;
    if (effort_of(t) != LG_EFFORT_NONE)
        drop_param(t, LG_P_EFFORT, why);
    t->r->param[LG_P_EFFORT].kind = LG_JSON_NONE;
}

static void fit_off(struct lg_fit *t, uint32_t tok)
{
    struct lg_ir_thinking *th = &t->r->thinking;

    if (can(t, LG_THINKS_OFF)) {
        if (!can(t, LG_THINKS_BUDGET) && !can(t, LG_THINKS_ADAPTIVE)) {
            th->mode = LG_THINK_UNSET; /* it is an effort */
            set_effort(t, LG_EFFORT_NONE);
        }
        return;
    }
    lg_fit_lose(t, tok, LG_APPROXIMATED,
                "the model cannot but think: as little as it can");
    th->mode = LG_THINK_UNSET;
    if (can(t, LG_THINKS_EFFORT)) {
        set_effort(t, nearest(t->facts, LG_EFFORT_MINIMAL));
    } else {
        t->r->param[LG_P_EFFORT].kind = LG_JSON_NONE;
        set_budget(t, t->facts->min_budget);
    }
}

/* Others are asked for a budget in a way of their own. */
static int is_claude(const struct lg_fit *t)
{
    return t->facts->home >> LG_HOME_ANTHROPIC & 1;
}

/* From one style to one that the model has. */
static void fit_style(struct lg_fit *t)
{
    struct lg_ir_thinking *th = &t->r->thinking;
    const int said = effort_of(t);
    int64_t budget = 0;

    if (th->mode == LG_THINK_BUDGET && !can(t, LG_THINKS_BUDGET)) {
        (void)lg_ir_int(&th->budget, &budget);
        stop_thinking(t, LG_APPROXIMATED,
                      "a budget of thinking became an effort");
        if (can(t, LG_THINKS_ADAPTIVE))
            th->mode = LG_THINK_ADAPTIVE;
        if (said < 0)
            set_effort(t, (int)lg_effort_of_budget(budget, room(t)));
    } else if (th->mode == LG_THINK_ADAPTIVE && !can(t, LG_THINKS_ADAPTIVE) &&
               (is_claude(t) || !can(t, LG_THINKS_BUDGET))) {
        const int effort = said < 0 ? LG_EFFORT_MEDIUM : said;

        stop_thinking(t, LG_APPROXIMATED,
                      is_claude(t) ? "adaptive thinking became a budget"
                                   : "adaptive thinking became an effort");
        if (is_claude(t))
            budget_of_effort(t, effort);
        else
            set_effort(t, effort);
    } else if (th->mode == LG_THINK_BUDGET && !can(t, LG_THINKS_EFFORT)) {
        drop_param(t, LG_P_EFFORT, "thinking has a budget or an effort");
    } else if (th->mode == LG_THINK_UNSET && said >= 0 && is_claude(t) &&
               !can(t, LG_THINKS_EFFORT)) {
        lg_fit_lose(t, t->r->param[LG_P_EFFORT].tok, LG_APPROXIMATED,
                    "an effort became a budget of thinking");
        budget_of_effort(t, said);
    }
}

/* A budget within its bounds, and less than the whole answer. */
static void fit_budget(struct lg_fit *t)
{
    const struct lg_facts *f = t->facts;
    const int counts = lg_ir_has(&t->r->param[LG_P_MAX_TOKENS]) && is_claude(t);
    int64_t n, fits, max = room(t);

    if (t->r->thinking.mode != LG_THINK_BUDGET ||
        lg_ir_int(&t->r->thinking.budget, &n) || n < 0)
        return;
    fits = f->max_budget && n > f->max_budget ? f->max_budget : n;
    fits = fits < f->min_budget ? f->min_budget : fits;
    if (counts && max <= f->min_budget) {
        stop_thinking(t, LG_DROPPED,
                      "so short an answer has no room for thinking");
        return;
    }
    if (counts && fits >= max)
        fits = max - 1;
    if (fits == n)
        return;
    lg_fit_lose(t, t->r->thinking.budget.tok, LG_APPROXIMATED,
                "a budget of thinking is put within its bounds");
    set_budget(t, fits);
}

static void fit_thinking(struct lg_fit *t)
{
    const struct lg_ir_val *effort = &t->r->param[LG_P_EFFORT];
    int said = effort_of(t);

    if (!t->facts->thinking)
        return;
    if (can(t, LG_THINKS_NEVER)) {
        fit_never(t);
        return;
    }
    if (t->r->thinking.mode == LG_THINK_OFF ||
        (t->r->thinking.mode == LG_THINK_UNSET && said == LG_EFFORT_NONE)) {
        fit_off(t, said == LG_EFFORT_NONE ? effort->tok : t->r->thinking.tok);
        return;
    }
    fit_style(t);
    said = effort_of(t);
    if (said >= 0 && can(t, LG_THINKS_EFFORT) &&
        !lg_facts_allow(t->facts->efforts, (unsigned)said)) {
        lg_fit_lose(t, effort->tok, LG_APPROXIMATED,
                    "an effort that the model has not: the nearest is sent");
        set_effort(t, nearest(t->facts, said));
    }
    fit_budget(t);
}

/* ---- sampling ------------------------------------------------------------------ */

static int is_thinking(const struct lg_fit *t)
{
    const unsigned mode = t->r->thinking.mode;
    const int by_effort =
        !can(t, LG_THINKS_BUDGET) && !can(t, LG_THINKS_ADAPTIVE);

    return mode > LG_THINK_OFF || (by_effort && effort_of(t) > LG_EFFORT_NONE);
}

static int is_said(const struct lg_fit *t, enum lg_sampling what)
{
    return t->facts->sampling >> what & 1;
}

static void fit_sampling(struct lg_fit *t)
{
    static const uint8_t params[] = {LG_P_TEMPERATURE,
                                     LG_P_TOP_P,
                                     LG_P_TOP_K,
                                     LG_P_PRESENCE_PENALTY,
                                     LG_P_FREQUENCY_PENALTY,
                                     LG_P_LOGIT_BIAS,
                                     LG_P_LOGPROBS,
                                     LG_P_TOP_LOGPROBS};
    const struct lg_ir_val *heat = &t->r->param[LG_P_TEMPERATURE];
    const int never = is_said(t, LG_SAMPLING_NONE);
    const int now = is_said(t, LG_SAMPLING_NOT_THINKING) && is_thinking(t);

    for (size_t i = 0; i < LG_COUNT(params) && (never || now); i++)
        if (never || params[i] != LG_P_TEMPERATURE || !lg_str_is(heat->s, "1"))
            drop_param(t, (enum lg_param)params[i],
                       never ? "the model takes no sampling"
                             : "the model takes no sampling while it thinks");
    if (is_said(t, LG_SAMPLING_ONE) && lg_ir_has(heat))
        drop_param(t, LG_P_TOP_P,
                   "the model takes a temperature or top_p, not both");
}

/* ---- the whole -------------------------------------------------------------------- */

static void fit_tools(struct lg_fit *t)
{
    struct lg_ir_tool_choice *ch = &t->r->tool_choice;

    if (t->facts->forced_tool == LG_FORCED_NONE &&
        (ch->mode == LG_CHOICE_ANY || ch->mode == LG_CHOICE_TOOL)) {
        lg_fit_lose(t, ch->tok, LG_APPROXIMATED,
                    "the model cannot be made to call a tool");
        ch->mode = LG_CHOICE_AUTO;
    }
    if (t->facts->parallel_tools == LG_PARALLEL_NONE) {
        if (t->r->param[LG_P_PARALLEL_TOOLS].kind == LG_JSON_TRUE)
            t->r->param[LG_P_PARALLEL_TOOLS].kind = LG_JSON_NONE;
        drop_param(t, LG_P_PARALLEL_TOOLS,
                   "whether calls stand side by side is the model's to say");
    }
}

int lg_fit(struct lg_ctx *c, struct lg_ir_request *r)
{
    struct lg_fit t = {c, r, c->policy->facts, 0};

    if (!t.facts)
        t.facts = &lg_facts_unknown;
    fit_thinking(&t);
    fit_sampling(&t);
    fit_tools(&t);
    lg_fit_talk(&t);
    lg_fit_names(&t);
    return t.rc < 0 ? t.rc : 0;
}
