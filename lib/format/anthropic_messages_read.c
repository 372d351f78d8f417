/* SPDX-License-Identifier: MIT */
#include "lib/format/anthropic_messages.h"

enum field {
    /* one value each, in the order of `params` */
    F_MODEL,
    F_MAX_TOKENS,
    F_TEMPERATURE,
    F_TOP_P,
    F_TOP_K,
    F_STREAM,
    F_SERVICE_TIER,
    F_CACHE,

    F_SYSTEM,
    F_MESSAGES,
    F_STOPS,
    F_TOOLS,
    F_TOOL_CHOICE,
    F_THINKING,
    F_OUTPUT_CONFIG,
    F_OUTPUT_FORMAT,
    F_METADATA,
    F_COUNT
};

static const char *const fields[F_COUNT] = {
    "model",       "max_tokens", "temperature",    "top_p",
    "top_k",       "stream",     "service_tier",   "cache_control",
    "system",      "messages",   "stop_sequences", "tools",
    "tool_choice", "thinking",   "output_config",  "output_format",
    "metadata",
};

static const enum lg_param params[F_CACHE + 1] = {
    LG_P_MODEL, LG_P_MAX_TOKENS, LG_P_TEMPERATURE,  LG_P_TOP_P,
    LG_P_TOP_K, LG_P_STREAM,     LG_P_SERVICE_TIER, LG_P_CACHE,
};

/* Keep a member as it is; its key is the token before it. */
static int keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                enum lg_am_level level)
{
    return lg_extra_add(c, extra, (struct lg_val){v.doc, v.i - 1}, v,
                        (uint8_t)level);
}

/* 1: an object to look into; 0: nothing to read, a null is kept. */
static int is_object(struct lg_ctx *c, struct lg_ir_extra **extra,
                     struct lg_val v, enum lg_am_level level)
{
    const enum lg_json_kind kind = lg_val_kind(v);

    if (kind == LG_JSON_OBJECT)
        return 1;
    if (kind == LG_JSON_NONE)
        return 0;
    if (kind == LG_JSON_NULL)
        return keep(c, extra, v, level);
    return lg_val_fail(v, c->err, "expected an object");
}

static int is_value(const struct lg_val *v)
{
    return lg_val_kind(*v) > LG_JSON_NULL;
}

/* ---- messages ---------------------------------------------------------- */

static int read_message(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_message *m)
{
    static const char *const names[] = {"role", "content"};
    struct lg_val f[2];
    int rc = lg_fields(c, v, names, 2, f, &m->extra, LG_AM_NODE);

    if (rc < 0)
        return rc;
    m->tok = v.i;
    if (lg_val_is(f[0], "user"))
        m->role = LG_ROLE_USER;
    else if (lg_val_is(f[0], "assistant"))
        m->role = LG_ROLE_ASSISTANT;
    else if (lg_val_is(f[0], "system"))
        m->role = LG_ROLE_SYSTEM;
    else
        return lg_val_fail(f[0].doc ? f[0] : v, c->err,
                           "expected a role: user, assistant or system");
    return lg_am_read_content(c, f[1], &m->parts, &m->form, 0);
}

static int read_messages(struct lg_ctx *c, struct lg_val root, struct lg_val v,
                         struct lg_ir_message **tail)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v.doc ? v : root, c->err,
                           "expected a list of messages");
    while (rc >= 0 && lg_iter_next(&it)) {
        *tail = lg_arena_new(c->arena, struct lg_ir_message);
        if (!*tail)
            return lg_fail_mem(c->err, c->arena->err);
        rc = read_message(c, it.val, *tail);
        tail = &(*tail)->next;
    }
    return rc;
}

/* The prompt beside the messages; *m is left alone where there is none. */
static int read_system(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r, struct lg_ir_message **m)
{
    if (!is_value(&v))
        return v.doc ? keep(c, &r->extra, v, LG_AM_NODE) : 0;
    *m = lg_arena_new(c->arena, struct lg_ir_message);
    if (!*m)
        return lg_fail_mem(c->err, c->arena->err);
    (*m)->tok = v.i;
    (*m)->role = LG_ROLE_SYSTEM;
    (*m)->form = LG_FORM_TOP;
    return lg_am_read_content(c, v, &(*m)->parts, &(*m)->form, 0);
}

static int read_talk(struct lg_ctx *c, struct lg_ir_request *r,
                     struct lg_val root, const struct lg_val *f)
{
    int rc = read_system(c, f[F_SYSTEM], r, &r->messages);

    if (rc < 0)
        return rc;
    return read_messages(c, root, f[F_MESSAGES],
                         r->messages ? &r->messages->next : &r->messages);
}

/* ---- tools ------------------------------------------------------------- */

static int read_tool(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    static const char *const names[] = {"type",         "name",
                                        "description",  "strict",
                                        "input_schema", "cache_control"};
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_val f[6];
    int rc;

    t->tok = v.i;
    if (is_value(&type) && !lg_val_is(type, "custom")) {
        t->kind = LG_TOOL_SERVER;
        t->json = lg_ir_of(v);
        t->name = lg_ir_of(lg_val_get(v, "name"));
        return 0;
    }
    rc = lg_fields(c, v, names, 6, f, &t->extra, LG_AM_NODE);
    if (rc < 0)
        return rc;
    if (is_value(&type))
        t->form = LG_AM_FORM_TYPED;
    else if (type.doc && (rc = keep(c, &t->extra, type, LG_AM_NODE)) < 0)
        return rc;
    rc = lg_am_read_text(c, f[1], &t->name);
    if (rc >= 0)
        rc = lg_am_read_text(c, f[2], &t->description);
    t->strict = lg_ir_of(f[3]);
    t->schema = lg_ir_of(f[4]);
    t->cache = lg_ir_of(f[5]);
    return rc;
}

static int read_tools(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    struct lg_ir_tool **tail = &r->tools;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) == LG_JSON_NULL)
        r->tools_form = LG_FORM_NULL;
    if (!is_value(&v))
        return 0;
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    while (rc >= 0 && lg_iter_next(&it)) {
        *tail = lg_arena_new(c->arena, struct lg_ir_tool);
        if (!*tail)
            return lg_fail_mem(c->err, c->arena->err);
        rc = read_tool(c, it.val, *tail);
        tail = &(*tail)->next;
    }
    return rc;
}

/* Whether calls may stand side by side is said here by its opposite. */
static struct lg_ir_val opposite(struct lg_val v)
{
    const int on = lg_val_kind(v) == LG_JSON_TRUE;

    return (struct lg_ir_val){on ? LG_STR("false") : LG_STR("true"), v.i,
                              on ? LG_JSON_FALSE : LG_JSON_TRUE, 0};
}

static int read_tool_choice(struct lg_ctx *c, struct lg_val v,
                            struct lg_ir_request *r)
{
    static const char *const names[] = {"type", "name",
                                        "disable_parallel_tool_use"};
    static const struct {
        const char *type;
        enum lg_choice_mode mode;
    } modes[] = {{"auto", LG_CHOICE_AUTO},
                 {"any", LG_CHOICE_ANY},
                 {"none", LG_CHOICE_NONE},
                 {"tool", LG_CHOICE_TOOL}};
    struct lg_ir_tool_choice *t = &r->tool_choice;
    struct lg_val f[3];
    int rc = is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    t->tok = v.i;
    t->mode = LG_CHOICE_OTHER;
    for (size_t i = 0; i < LG_COUNT(modes); i++)
        if (lg_val_is(lg_val_get(v, "type"), modes[i].type))
            t->mode = (uint8_t)modes[i].mode;
    if (t->mode == LG_CHOICE_OTHER) {
        t->json = lg_ir_of(v);
        return 0;
    }
    rc = lg_fields(c, v, names, 3, f, &t->extra, LG_AM_NODE);
    if (rc < 0)
        return rc;
    rc = lg_am_read_text(c, f[1], &t->name);
    if (rc < 0 || !f[2].doc)
        return rc;
    if (lg_val_kind(f[2]) != LG_JSON_TRUE && lg_val_kind(f[2]) != LG_JSON_FALSE)
        return keep(c, &t->extra, f[2], LG_AM_NODE);
    r->param[LG_P_PARALLEL_TOOLS] = opposite(f[2]);
    return 0;
}

/* ---- the rest ---------------------------------------------------------- */

static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    static const char *const names[] = {"type", "budget_tokens", "display"};
    static const struct {
        const char *type;
        enum lg_thinking_mode mode;
    } modes[] = {{"enabled", LG_THINK_BUDGET},
                 {"adaptive", LG_THINK_ADAPTIVE},
                 {"disabled", LG_THINK_OFF}};
    struct lg_ir_thinking *t = &r->thinking;
    struct lg_val f[3];
    int rc = is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    t->tok = v.i;
    t->mode = LG_THINK_OTHER;
    for (size_t i = 0; i < LG_COUNT(modes); i++)
        if (lg_val_is(lg_val_get(v, "type"), modes[i].type))
            t->mode = (uint8_t)modes[i].mode;
    if (t->mode == LG_THINK_OTHER) {
        t->json = lg_ir_of(v);
        return 0;
    }
    rc = lg_fields(c, v, names, 3, f, &t->extra, LG_AM_NODE);
    if (rc < 0)
        return rc;
    t->budget = lg_ir_of(f[1]);
    t->display = lg_ir_of(f[2]);
    return 0;
}

static int read_output_format(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_output *o)
{
    static const char *const names[] = {"type", "schema"};
    struct lg_val f[2];
    int rc;

    o->tok = v.i;
    if (!lg_val_is(lg_val_get(v, "type"), "json_schema")) {
        o->kind = LG_OUTPUT_OTHER;
        o->json = lg_ir_of(v);
        return 0;
    }
    o->kind = LG_OUTPUT_SCHEMA;
    rc = lg_fields(c, v, names, 2, f, &o->extra, LG_AM_NODE);
    o->schema = rc < 0 ? o->schema : lg_ir_of(f[1]);
    return rc;
}

static int read_output(struct lg_ctx *c, const struct lg_val *top,
                       struct lg_ir_request *r)
{
    static const char *const names[] = {"effort", "format"};
    const struct lg_val old = top[F_OUTPUT_FORMAT];
    struct lg_val f[2] = {{0}, {0}};
    int rc = is_object(c, &r->extra, top[F_OUTPUT_CONFIG], LG_AM_NODE);

    if (rc > 0) {
        rc = lg_fields(c, top[F_OUTPUT_CONFIG], names, 2, f, &r->extra,
                       LG_AM_OUTPUT_CONFIG);
        if (rc < 0)
            return rc;
        r->form[LG_P_EFFORT] = LG_AM_FORM_THERE;
        r->param[LG_P_EFFORT] = lg_ir_of(f[0]);
    }
    if (rc >= 0)
        rc = is_object(c, &r->extra, f[1], LG_AM_OUTPUT_CONFIG);
    if (rc > 0) {
        rc = read_output_format(c, f[1], &r->output);
        return rc < 0 || !old.doc ? rc : keep(c, &r->extra, old, LG_AM_NODE);
    }
    if (rc >= 0)
        rc = is_object(c, &r->extra, old, LG_AM_NODE);
    if (rc <= 0)
        return rc;
    r->output.form = LG_FORM_OLD;
    return read_output_format(c, old, &r->output);
}

static int read_metadata(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    static const char *const names[] = {"user_id"};
    struct lg_val id;
    int rc = is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    rc = lg_fields(c, v, names, 1, &id, &r->extra, LG_AM_METADATA);
    if (rc < 0)
        return rc;
    r->form[LG_P_METADATA] = LG_AM_FORM_THERE;
    r->param[LG_P_USER] = lg_ir_of(id);
    return 0;
}

static int read_stops(struct lg_ctx *c, struct lg_val v, struct lg_ir_stops *s)
{
    struct lg_iter it = lg_iter_of(v);

    s->null = lg_val_kind(v) == LG_JSON_NULL;
    if (!is_value(&v))
        return 0;
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of strings");
    s->tok = v.i;
    while (lg_iter_next(&it))
        s->n++;
    s->list = lg_arena_alloc(c->arena, (s->n + 1) * sizeof(*s->list));
    if (!s->list)
        return lg_fail_mem(c->err, c->arena->err);
    it = lg_iter_of(v);
    for (size_t i = 0; lg_iter_next(&it); i++) {
        if (lg_val_kind(it.val) != LG_JSON_STRING)
            return lg_val_fail(it.val, c->err, "expected a string");
        s->list[i] = lg_ir_of(it.val);
    }
    return 0;
}

int lg_am_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[F_COUNT];
    int rc = lg_fields(c, root, fields, F_COUNT, f, &r->extra, LG_AM_NODE);

    r->origin = c->self;
    r->doc = doc;
    if (rc < 0)
        return rc;
    for (size_t i = 0; i <= F_CACHE; i++)
        r->param[params[i]] = lg_ir_of(f[i]);
    if ((rc = read_talk(c, r, root, f)) < 0 ||
        (rc = read_tools(c, f[F_TOOLS], r)) < 0 ||
        (rc = read_tool_choice(c, f[F_TOOL_CHOICE], r)) < 0 ||
        (rc = read_thinking(c, f[F_THINKING], r)) < 0 ||
        (rc = read_output(c, f, r)) < 0 ||
        (rc = read_metadata(c, f[F_METADATA], r)) < 0)
        return rc;
    return read_stops(c, f[F_STOPS], &r->stops);
}
