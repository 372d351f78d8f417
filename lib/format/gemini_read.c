/* SPDX-License-Identifier: MIT
 *
 * A request, read. */
#include "lib/format/gemini.h"

#include "lib/format/media.h"

/* ---- settings ----------------------------------------------------------- */

/* A number may stand in a string, by protobuf's rules. */
static struct lg_ir_val setting_of(const struct lg_ctx *c, struct lg_val v)
{
    struct lg_ir_val out = lg_ir_of(v);

    if (!c->keep_extras && out.kind == LG_JSON_STRING && out.s.n &&
        (out.s.p[0] == '-' || (out.s.p[0] >= '0' && out.s.p[0] <= '9')) &&
        !lg_json_check(out.s, NULL))
        out.kind = LG_JSON_NUMBER;
    return out;
}

enum {
    G_MAX_TOKENS, /* one value each, in the order of `params` */
    G_TEMPERATURE,
    G_TOP_P,
    G_TOP_K,
    G_SEED,
    G_N,
    G_PRESENCE,
    G_FREQUENCY,
    G_LOGPROBS,
    G_TOP_LOGPROBS,

    G_STOPS,
    G_KEPT, /* from here on: kept whole for the own format */
    G_THINKING = G_KEPT,
    G_MIME,
    G_SCHEMA,
    G_JSON_SCHEMA,
    G_COUNT
};
static const char *const config_fields[G_COUNT] = {"maxOutputTokens",
                                                   "temperature",
                                                   "topP",
                                                   "topK",
                                                   "seed",
                                                   "candidateCount",
                                                   "presencePenalty",
                                                   "frequencyPenalty",
                                                   "responseLogprobs",
                                                   "logprobs",
                                                   "stopSequences",
                                                   "thinkingConfig",
                                                   "responseMimeType",
                                                   "responseSchema",
                                                   "responseJsonSchema"};
static const uint8_t params[G_STOPS] = {LG_P_MAX_TOKENS,
                                        LG_P_TEMPERATURE,
                                        LG_P_TOP_P,
                                        LG_P_TOP_K,
                                        LG_P_SEED,
                                        LG_P_N,
                                        LG_P_PRESENCE_PENALTY,
                                        LG_P_FREQUENCY_PENALTY,
                                        LG_P_LOGPROBS,
                                        LG_P_TOP_LOGPROBS};

static int keep(struct lg_ctx *c, struct lg_ir_request *r, struct lg_val v)
{
    return lg_extra_keep(c, &r->extra, v, LG_GM_GENERATION);
}

/* Do they return what was thought? */
static void read_display(struct lg_val include, struct lg_ir_thinking *t)
{
    if (lg_val_kind(include) == LG_JSON_TRUE)
        return;
    t->display = lg_ir_word("omitted");
    t->display.tok = include.doc ? include.i : t->tok;
}

static const char *const levels[] = {"MINIMAL", "LOW", "MEDIUM", "HIGH"};

static void read_level(struct lg_val v, struct lg_ir_request *r)
{
    static const char *const efforts[] = {"minimal", "low", "medium", "high"};

    for (size_t i = 0; i < LG_COUNT(levels); i++) {
        char small[8] = {0};

        for (size_t k = 0; levels[i][k]; k++)
            small[k] = (char)(levels[i][k] - 'A' + 'a');
        if (!lg_val_is(v, levels[i]) && !lg_val_is(v, small))
            continue;
        r->param[LG_P_EFFORT] = lg_ir_word(efforts[i]);
        r->param[LG_P_EFFORT].tok = v.i;
        return;
    }
    r->thinking.mode = LG_THINK_OTHER;
}

static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    struct lg_ir_thinking *t = &r->thinking;
    struct lg_val include, budget, level;
    int64_t n = -1;
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    rc = lg_get(c, v, &t->extra, LG_GM_SELF,
                "includeThoughts= thinkingBudget= thinkingLevel=", &include,
                &budget, &level);
    if (rc < 0)
        return rc;
    t->tok = v.i;
    t->budget = setting_of(c, budget);
    if (lg_ir_has(&t->budget) && !lg_ir_int(&t->budget, &n) && n >= 0)
        t->mode = n ? LG_THINK_BUDGET : LG_THINK_OFF;
    else if (lg_ir_has(&t->budget) || lg_val_kind(include) == LG_JSON_TRUE)
        t->mode = LG_THINK_ADAPTIVE;
    if (t->mode != LG_THINK_BUDGET)
        t->budget = lg_ir_none;
    if (t->mode == LG_THINK_BUDGET || t->mode == LG_THINK_ADAPTIVE)
        read_display(include, t);
    if (lg_val_kind(level) > LG_JSON_NULL)
        read_level(level, r);
    if (t->mode == LG_THINK_OTHER)
        t->json = lg_ir_of(v);
    return 0;
}

static int read_output(struct lg_ctx *c, const struct lg_val *f,
                       struct lg_ir_request *r)
{
    struct lg_ir_output *o = &r->output;
    const int is_json = lg_val_is(f[G_MIME], "application/json");
    const int full = f[G_JSON_SCHEMA].doc != NULL;
    const struct lg_val schema = f[full ? G_JSON_SCHEMA : G_SCHEMA];
    int rc = 0;

    if (!f[G_MIME].doc && !schema.doc)
        return 0;
    o->tok = f[G_MIME].doc ? f[G_MIME].i : schema.i;
    if (lg_val_is(f[G_MIME], "text/plain") && !schema.doc) {
        o->kind = LG_OUTPUT_TEXT;
    } else if (is_json && lg_val_kind(schema) <= LG_JSON_NULL) {
        o->kind = LG_OUTPUT_JSON;
    } else if (is_json) {
        o->kind = LG_OUTPUT_SCHEMA;
        if (full)
            o->schema = lg_ir_of(schema);
        else
            rc = lg_gm_schema_read(c, schema, &o->schema);
        if (rc >= 0 && full)
            rc = keep(c, r, f[G_SCHEMA]);
    } else { /* an enum's word, or none of it is said as it should be */
        rc = keep(c, r, f[G_MIME]);
        if (rc >= 0)
            rc = keep(c, r, f[G_SCHEMA]);
        if (rc >= 0)
            rc = keep(c, r, f[G_JSON_SCHEMA]);
    }
    return rc;
}

static int read_config(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    struct lg_val f[G_COUNT];
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, LG_GM_SELF);
    rc =
        lg_fields(c, v, config_fields, G_COUNT, f, &r->extra, LG_GM_GENERATION);
    if (rc < 0)
        return rc;
    r->form[LG_P_MAX_TOKENS] = LG_FORM_TOP; /* it is there, if only empty */
    for (size_t i = 0; i < G_STOPS; i++)
        r->param[params[i]] = setting_of(c, f[i]);
    for (size_t i = G_KEPT; i < G_COUNT && c->keep_extras && rc >= 0; i++)
        rc = keep(c, r, f[i]);
    if (rc >= 0 && lg_val_kind(f[G_STOPS]) == LG_JSON_ARRAY)
        rc = lg_stops_read(c, f[G_STOPS], &r->stops);
    else if (rc >= 0)
        rc = keep(c, r, f[G_STOPS]);
    if (rc >= 0 && !c->keep_extras)
        rc = read_thinking(c, f[G_THINKING], r);
    if (rc >= 0 && !c->keep_extras)
        rc = read_output(c, f, r);
    return rc;
}

/* ---- contents ----------------------------------------------------------- */

static int read_parts(struct lg_ctx *c, struct lg_val list,
                      struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    if (!list.doc) {
        m->form |= LG_FORM_ABSENT;
        return 0;
    }
    if (lg_val_kind(list) == LG_JSON_NULL) {
        m->form |= LG_FORM_NULL;
        return 0;
    }
    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_val_fail(list, c->err, "expected a list of parts");
    while (rc >= 0 && lg_iter_next(&it))
        rc = lg_gm_part_read(c, it.val, 0, &end);
    /* The one text of a message says no more than a string would. */
    if (m->parts && !m->parts->next && m->parts->kind == LG_PART_TEXT)
        m->form |= LG_FORM_BARE;
    return rc;
}

static int read_content(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_message *m)
{
    struct lg_val role, parts;
    int rc = lg_get(c, v, &m->extra, LG_GM_SELF, "role= parts=", &role, &parts);

    if (rc < 0)
        return rc;
    m->tok = v.i;
    if (m->role == LG_ROLE_SYSTEM) /* whatever it says */
        rc = c->keep_extras ? lg_extra_keep(c, &m->extra, role, LG_GM_SELF) : 0;
    else if (!role.doc)
        m->form |= LG_GM_NO_ROLE;
    else if (lg_val_is(role, "model"))
        m->role = LG_ROLE_ASSISTANT;
    else if (!lg_val_is(role, "user") &&
             (c->keep_extras || !lg_val_is(role, "function"))) {
        m->form |= LG_GM_NO_ROLE;
        rc = lg_extra_keep(c, &m->extra, role, LG_GM_SELF);
    }
    return rc < 0 ? rc : read_parts(c, parts, m);
}

static struct lg_ir_message *add_message(struct lg_ctx *c,
                                         struct lg_ir_message ***end,
                                         uint8_t role)
{
    struct lg_ir_message *m = lg_arena_new(c->arena, struct lg_ir_message);

    if (!m) {
        (void)lg_no_room(c);
        return NULL;
    }
    m->role = role;
    **end = m;
    *end = &m->next;
    return m;
}

/* An object, or a string, as some clients write it. */
static int read_system(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r, struct lg_ir_message ***end)
{
    struct lg_ir_message *m;
    struct lg_ir_part **parts;

    if (lg_val_kind(v) <= LG_JSON_NULL ||
        (c->keep_extras && lg_val_kind(v) != LG_JSON_OBJECT))
        return lg_extra_keep(c, &r->extra, v, LG_GM_SELF);
    m = add_message(c, end, LG_ROLE_SYSTEM);
    if (!m)
        return c->arena->err;
    m->form = LG_FORM_TOP;
    if (lg_val_kind(v) != LG_JSON_STRING)
        return read_content(c, v, m);
    m->tok = v.i;
    m->form |= LG_FORM_BARE;
    parts = &m->parts;
    if (!lg_part_add(c, &parts, LG_PART_TEXT, v.i))
        return c->arena->err;
    m->parts->text = lg_ir_of(v);
    return 0;
}

/* ---- calls and their results -------------------------------------------- */

#define WAITING_MAX 1024 /* more are not looked at for one result */

/* Calls that were not answered yet. */
struct waiting {
    struct waiting *next;
    const struct lg_ir_part *call;
};
struct line {
    struct lg_ctx *c;
    const struct lg_json *doc;
    struct waiting *first, **last;
    unsigned made; /* ids */
};

static int make_id(struct line *l, struct lg_ir_part *p)
{
    if (!lg_ir_has(&p->id))
        p->id = lg_ir_word(lg_reason(l->c, "call_%u", l->made++));
    return p->id.s.n || p->id.tok != LG_NOWHERE ? 0 : lg_no_keep(l->c);
}

static int link_call(struct line *l, struct lg_ir_part *p)
{
    struct waiting *w = lg_arena_new(l->c->arena, struct waiting);

    if (!w)
        return lg_no_room(l->c);
    w->call = p;
    *l->last = w;
    l->last = &w->next;
    return make_id(l, p);
}

/* Results find their call by its id, else by its name, in order; one that
 * answers none keeps its name. */
static int link_result(struct line *l, struct lg_ir_part *p)
{
    const struct lg_val name = {lg_ir_has(&p->name) ? l->doc : NULL,
                                p->name.tok};
    struct waiting **at = &l->first;
    int rc;

    for (int n = 0; *at && n < WAITING_MAX; at = &(*at)->next, n++) {
        const struct lg_ir_part *call = (*at)->call;

        if (lg_ir_has(&p->id) ? !lg_str_same(call->id.s, p->id.s)
                              : !lg_str_same(call->name.s, p->name.s))
            continue;
        p->id = call->id;
        p->name = lg_ir_none; /* the call has it */
        if (l->last == &(*at)->next)
            l->last = at;
        *at = (*at)->next;
        return 0;
    }
    rc = make_id(l, p);
    return rc < 0 ? rc : lg_extra_keep(l->c, &p->extra, name, LG_GM_INNER);
}

static int link_calls(struct lg_ctx *c, const struct lg_ir_request *r)
{
    struct line l = {.c = c, .doc = r->doc};
    int rc = 0;

    l.last = &l.first;
    for (const struct lg_ir_message *m = r->messages; m; m = m->next)
        for (struct lg_ir_part *p = m->parts; p && rc >= 0; p = p->next) {
            if (p->kind == LG_PART_TOOL_CALL)
                rc = link_call(&l, p);
            else if (p->kind == LG_PART_TOOL_RESULT)
                rc = link_result(&l, p);
        }
    return rc;
}

static int read_talk(struct lg_ctx *c, struct lg_val system, struct lg_val list,
                     struct lg_ir_request *r)
{
    struct lg_ir_message **end = &r->messages, *m;
    struct lg_iter it = lg_iter_of(list);
    int rc = read_system(c, system, r, &end);

    if (rc >= 0 && lg_val_kind(list) != LG_JSON_ARRAY)
        rc = lg_val_fail(list.doc ? list : lg_json_root(r->doc), c->err,
                         "expected a list of contents");
    while (rc >= 0 && lg_iter_next(&it)) {
        m = add_message(c, &end, LG_ROLE_USER);
        rc = m ? read_content(c, it.val, m) : c->arena->err;
    }
    return rc < 0 || c->keep_extras ? rc : link_calls(c, r);
}

/* ---- tools -------------------------------------------------------------- */

static int read_function(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_tool *t)
{
    struct lg_val schema, full;
    int rc =
        lg_get(c, v, &t->extra, LG_GM_SELF,
               "name$ description$ parameters= parametersJsonSchema=", &t->name,
               &t->description, &schema, &full);

    if (rc >= 0 && full.doc) {
        t->form |= LG_GM_JSON_SCHEMA;
        t->schema = lg_ir_of(full);
        return lg_extra_keep(c, &t->extra, schema, LG_GM_SELF);
    }
    return rc < 0 ? rc : lg_gm_schema_read(c, schema, &t->schema);
}

static struct lg_ir_tool *add_tool(struct lg_ctx *c, struct lg_ir_tool ***end,
                                   struct lg_val v)
{
    struct lg_ir_tool *t = lg_arena_new(c->arena, struct lg_ir_tool);

    if (!t) {
        (void)lg_no_room(c);
        return NULL;
    }
    t->tok = v.i;
    **end = t;
    *end = &t->next;
    return t;
}

/* One of the list: functions, or what Google runs itself. */
static int read_group(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_tool ***end)
{
    struct lg_val list = lg_member(c, v, "functionDeclarations");
    struct lg_iter it = lg_iter_of(list);
    unsigned form = LG_GM_FIRST;
    struct lg_ir_tool *t;
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_val_fail(v, c->err, "expected a tool");
    if (lg_val_kind(list) != LG_JSON_ARRAY || it.next == it.end) {
        t = add_tool(c, end, v);
        if (!t)
            return c->arena->err;
        t->kind = LG_TOOL_SERVER;
        t->json = lg_ir_of(v);
        return 0;
    }
    for (; rc >= 0 && lg_iter_next(&it); form = 0) {
        t = add_tool(c, end, it.val);
        if (!t)
            return c->arena->err;
        t->form = (uint8_t)form;
        if (form)
            rc = lg_get(c, v, &t->extra, LG_GM_GROUP, "functionDeclarations-");
        if (rc >= 0)
            rc = read_function(c, it.val, t);
    }
    return rc;
}

static int read_tools(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    struct lg_ir_tool **end = &r->tools;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, LG_GM_SELF);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    while (rc >= 0 && lg_iter_next(&it))
        rc = read_group(c, it.val, &end);
    return rc;
}

/* The name, if it is the only one that is allowed. */
static void read_allowed(struct lg_val list, struct lg_ir_tool_choice *t)
{
    struct lg_iter it = lg_iter_of(list);

    if (lg_val_kind(list) != LG_JSON_ARRAY || it.next == it.end)
        return;
    t->mode = t->mode == LG_CHOICE_ANY ? LG_CHOICE_ALLOWED : LG_CHOICE_OTHER;
    (void)lg_iter_next(&it);
    if (it.next < it.end || lg_val_kind(it.val) != LG_JSON_STRING ||
        t->mode != LG_CHOICE_ALLOWED)
        return;
    t->mode = LG_CHOICE_TOOL;
    t->name = lg_ir_of(it.val);
}

static int read_tool_config(struct lg_ctx *c, struct lg_val v,
                            struct lg_ir_request *r)
{
    static const struct {
        const char *word;
        uint8_t mode;
    } modes[] = {{"AUTO", LG_CHOICE_AUTO},
                 {"ANY", LG_CHOICE_ANY},
                 {"NONE", LG_CHOICE_NONE}};
    struct lg_ir_tool_choice *t = &r->tool_choice;
    struct lg_val calling, mode, allowed;
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL || c->keep_extras)
        return lg_extra_keep(c, &r->extra, v, LG_GM_SELF);
    rc =
        lg_get(c, v, &t->extra, LG_GM_SELF, "functionCallingConfig=", &calling);
    if (rc < 0 || lg_val_kind(calling) <= LG_JSON_NULL)
        return rc;
    rc = lg_get(c, calling, &t->extra, LG_GM_SELF,
                "mode= allowedFunctionNames=", &mode, &allowed);
    t->tok = calling.i;
    t->json = lg_ir_of(calling);
    if (mode.doc || allowed.doc)
        t->mode = LG_CHOICE_OTHER;
    for (size_t i = 0; i < LG_COUNT(modes); i++)
        if (lg_val_is(mode, modes[i].word))
            t->mode = modes[i].mode;
    read_allowed(allowed, t);
    return rc;
}

/* ---- the whole ---------------------------------------------------------- */

/* Tiers are named as the others do. */
static void read_tier(struct lg_ctx *c, struct lg_ir_val *v)
{
    if (!c->keep_extras && lg_ir_is(v, "standard"))
        v->s = LG_STR("default");
}

int lg_gm_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    struct lg_val system, contents, tools, choice, config;
    int rc;

    r->origin = c->self;
    r->doc = doc;
    rc = lg_get(c, lg_json_root(doc), &r->extra, LG_GM_SELF,
                "model stream labels serviceTier systemInstruction= contents= "
                "tools= toolConfig= generationConfig=",
                &r->param[LG_P_MODEL], &r->param[LG_P_STREAM],
                &r->param[LG_P_METADATA], &r->param[LG_P_SERVICE_TIER], &system,
                &contents, &tools, &choice, &config);
    read_tier(c, &r->param[LG_P_SERVICE_TIER]);
    if (rc >= 0)
        rc = read_talk(c, system, contents, r);
    if (rc >= 0)
        rc = read_tools(c, tools, r);
    if (rc >= 0)
        rc = read_tool_config(c, choice, r);
    return rc < 0 ? rc : read_config(c, config, r);
}
