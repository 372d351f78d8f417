/* SPDX-License-Identifier: MIT
 *
 * A request read: settings, tools and what governs them. */
#include "lib/format/openai_chat.h"

/* Members that are one setting. Where two name the same, the first that says
 * something is taken. */
#define SETTINGS(X)                                  \
    X("model", MODEL, 0)                             \
    X("max_completion_tokens", MAX_TOKENS, 0)        \
    X("max_tokens", MAX_TOKENS, LG_FORM_OLD)         \
    X("temperature", TEMPERATURE, 0)                 \
    X("top_p", TOP_P, 0)                             \
    X("top_k", TOP_K, 0) /* of compatibles */        \
    X("seed", SEED, 0)                               \
    X("n", N, 0)                                     \
    X("presence_penalty", PRESENCE_PENALTY, 0)       \
    X("frequency_penalty", FREQUENCY_PENALTY, 0)     \
    X("logit_bias", LOGIT_BIAS, 0)                   \
    X("logprobs", LOGPROBS, 0)                       \
    X("top_logprobs", TOP_LOGPROBS, 0)               \
    X("stream", STREAM, 0)                           \
    X("parallel_tool_calls", PARALLEL_TOOLS, 0)      \
    X("safety_identifier", USER, 0)                  \
    X("user", USER, LG_FORM_OLD)                     \
    X("metadata", METADATA, 0)                       \
    X("service_tier", SERVICE_TIER, 0)               \
    X("store", STORE, 0)                             \
    X("verbosity", VERBOSITY, 0)                     \
    X("cache_control", CACHE, 0) /* of OpenRouter */ \
    X("prompt_cache_key", CACHE_KEY, 0)              \
    X("reasoning_effort", EFFORT, 0)

#define ROW(name, param, form) {LG_P_##param, form},
static const struct {
    uint8_t param, form;
} settings[] = {SETTINGS(ROW)};

enum {
    F_MESSAGES = LG_COUNT(settings),
    F_TOOLS,
    F_FUNCTIONS,
    F_TOOL_CHOICE,
    F_FUNCTION_CALL,
    F_FORMAT,
    F_STOP,
    F_STREAM_OPTIONS,
    F_COUNT
};

#define NAME(name, param, form) name,
static const char *const fields[F_COUNT] = {SETTINGS(NAME) "messages",
                                            "tools",
                                            "functions",
                                            "tool_choice",
                                            "function_call",
                                            "response_format",
                                            "stop",
                                            "stream_options"};

static int keep(struct lg_ctx *c, struct lg_ir_request *r, struct lg_val v)
{
    return lg_chat_keep(c, &r->extra, v, LG_CHAT_SELF);
}

static int read_settings(struct lg_ctx *c, const struct lg_val *f,
                         struct lg_ir_request *r)
{
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(settings) && !rc; i++) {
        const uint8_t p = settings[i].param;

        if (lg_val_kind(f[i]) <= LG_JSON_NULL ||
            r->param[p].kind != LG_JSON_NONE) {
            rc = keep(c, r, f[i]);
            continue;
        }
        r->param[p] = lg_ir_of(f[i]);
        r->form[p] = settings[i].form;
    }
    return rc;
}

static int read_stream_options(struct lg_ctx *c, struct lg_val v,
                               struct lg_ir_request *r)
{
    static const char *const names[] = {"include_usage"};
    struct lg_val f;

    if (lg_val_kind(lg_val_get(v, "include_usage")) <= LG_JSON_NULL)
        return keep(c, r, v);
    if (lg_fields(c, v, names, 1, &f, &r->extra, LG_CHAT_INNER))
        return LLMGW_E_JSON;
    r->param[LG_P_INCLUDE_USAGE] = lg_ir_of(f);
    return 0;
}

/* ---- tools -------------------------------------------------------------- */

static int read_function(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_tool *t)
{
    static const char *const names[] = {"name", "description", "parameters",
                                        "strict"};
    struct lg_val f[4];
    const int rc = lg_fields(c, v, names, 4, f, &t->extra, LG_CHAT_INNER);

    t->kind = LG_TOOL_FUNCTION;
    t->name = lg_ir_of(f[0]);
    t->description = lg_ir_of(f[1]);
    t->schema = lg_ir_of(f[2]);
    t->strict = lg_ir_of(f[3]);
    return rc;
}

static int read_custom(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    static const char *const names[] = {"name", "description", "format"};
    struct lg_val f[3];
    const int rc = lg_fields(c, v, names, 3, f, &t->extra, LG_CHAT_INNER);

    t->kind = LG_TOOL_CUSTOM;
    t->name = lg_ir_of(f[0]);
    t->description = lg_ir_of(f[1]);
    t->schema = lg_ir_of(f[2]);
    return rc;
}

static int read_tool(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    static const char *const function[] = {"type", "function", "cache_control"};
    static const char *const custom[] = {"type", "custom", "cache_control"};
    const int is_custom = lg_val_is(lg_val_get(v, "type"), "custom");
    const struct lg_val inner =
        lg_val_get(v, is_custom ? "custom" : "function");
    struct lg_val f[3];
    int rc;

    if (lg_val_kind(inner) != LG_JSON_OBJECT ||
        (!is_custom && !lg_val_is(lg_val_get(v, "type"), "function"))) {
        t->kind = LG_TOOL_SERVER;
        t->json = lg_ir_of(v);
        return 0;
    }
    rc = lg_fields(c, v, is_custom ? custom : function, 3, f, &t->extra,
                   LG_CHAT_SELF);
    if (rc)
        return rc;
    t->cache = lg_ir_of(f[2]);
    return is_custom ? read_custom(c, inner, t) : read_function(c, inner, t);
}

static int read_tools(struct lg_ctx *c, struct lg_val v, uint8_t form,
                      struct lg_ir_request *r)
{
    struct lg_ir_tool **end = &r->tools;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL || r->has_tools)
        return keep(c, r, v);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    r->tools_form = form;
    while (!rc && lg_iter_next(&it)) {
        struct lg_ir_tool *t = lg_arena_new(c->arena, struct lg_ir_tool);

        if (!t)
            return lg_fail_mem(c->err, c->arena->err);
        t->tok = it.val.i;
        t->form = form;
        *end = t;
        end = &t->next;
        rc = form ? read_function(c, it.val, t) : read_tool(c, it.val, t);
    }
    return rc;
}

static int choice_word(struct lg_val v)
{
    return lg_val_is(v, "auto")       ? LG_CHOICE_AUTO
           : lg_val_is(v, "none")     ? LG_CHOICE_NONE
           : lg_val_is(v, "required") ? LG_CHOICE_ANY
                                      : LG_CHOICE_OTHER;
}

/* {"type":T,T:{"name":...}}: its name. */
static int read_named(struct lg_ctx *c, struct lg_val v, const char *type,
                      struct lg_ir_tool_choice *t)
{
    const char *const names[] = {"type", type};
    static const char *const inner[] = {"name"};
    struct lg_val f[2];
    int rc;

    if (!lg_val_is(lg_val_get(v, "type"), type) ||
        lg_val_kind(lg_val_get(lg_val_get(v, type), "name")) != LG_JSON_STRING)
        return 0;
    rc = lg_fields(c, v, names, 2, f, &t->extra, LG_CHAT_SELF);
    if (!rc)
        rc = lg_fields(c, f[1], inner, 1, f, &t->extra, LG_CHAT_INNER);
    t->mode = LG_CHOICE_TOOL;
    t->name = lg_ir_of(f[0]);
    return rc;
}

static int read_tool_choice(struct lg_ctx *c, struct lg_val v,
                            struct lg_ir_request *r)
{
    struct lg_ir_tool_choice *t = &r->tool_choice;
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v);
    t->tok = v.i;
    t->json = lg_ir_of(v);
    t->mode = (uint8_t)choice_word(v);
    if (t->mode != LG_CHOICE_OTHER) {
        t->form = LG_FORM_BARE;
        return 0;
    }
    if (lg_val_is(lg_val_get(v, "type"), "allowed_tools")) {
        t->mode = LG_CHOICE_ALLOWED;
        return 0;
    }
    rc = read_named(c, v, "function", t);
    if (!rc && t->mode == LG_CHOICE_OTHER) {
        rc = read_named(c, v, "custom", t);
        t->form = t->mode == LG_CHOICE_TOOL ? LG_CHAT_CUSTOM_CHOICE : 0;
    }
    return rc;
}

static int read_function_call(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_request *r)
{
    static const char *const names[] = {"name"};
    struct lg_ir_tool_choice *t = &r->tool_choice;
    struct lg_val f;

    if (lg_val_kind(v) <= LG_JSON_NULL || t->mode != LG_CHOICE_UNSET)
        return keep(c, r, v);
    t->tok = v.i;
    t->form = LG_FORM_OLD;
    t->json = lg_ir_of(v);
    t->mode = (uint8_t)choice_word(v);
    if (lg_val_kind(lg_val_get(v, "name")) != LG_JSON_STRING) {
        t->form |= LG_FORM_BARE;
        return 0;
    }
    t->mode = LG_CHOICE_TOOL;
    if (lg_fields(c, v, names, 1, &f, &t->extra, LG_CHAT_INNER))
        return LLMGW_E_JSON;
    t->name = lg_ir_of(f);
    return 0;
}

/* ---- the rest ----------------------------------------------------------- */

static int read_schema(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    static const char *const names[] = {"type", "json_schema"};
    static const char *const inner[] = {"name", "description", "schema",
                                        "strict"};
    struct lg_val f[4];
    int rc = lg_fields(c, v, names, 2, f, &o->extra, LG_CHAT_SELF);

    if (!rc)
        rc = lg_fields(c, f[1], inner, 4, f, &o->extra, LG_CHAT_INNER);
    if (rc)
        return rc;
    o->kind = LG_OUTPUT_SCHEMA;
    o->name = lg_ir_of(f[0]);
    o->description = lg_ir_of(f[1]);
    o->schema = lg_ir_of(f[2]);
    o->strict = lg_ir_of(f[3]);
    return 0;
}

static int read_format(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    static const char *const names[] = {"type"};
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_ir_output *o = &r->output;
    struct lg_val f;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v);
    o->tok = v.i;
    o->json = lg_ir_of(v);
    o->kind = lg_val_is(type, "text")          ? LG_OUTPUT_TEXT
              : lg_val_is(type, "json_object") ? LG_OUTPUT_JSON
                                               : LG_OUTPUT_OTHER;
    if (o->kind != LG_OUTPUT_OTHER)
        return lg_fields(c, v, names, 1, &f, &o->extra, LG_CHAT_SELF);
    if (lg_val_is(type, "json_schema") &&
        lg_val_kind(lg_val_get(v, "json_schema")) == LG_JSON_OBJECT)
        return read_schema(c, v, o);
    return 0;
}

static int read_stop(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    struct lg_ir_stops *s = &r->stops;
    struct lg_iter it = lg_iter_of(v);
    size_t n = 1;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v);
    if (lg_val_kind(v) == LG_JSON_ARRAY)
        for (n = 0; lg_iter_next(&it);)
            n++;
    s->tok = v.i;
    s->list = lg_arena_alloc(c->arena, (n + 1) * sizeof(*s->list));
    if (!s->list)
        return lg_fail_mem(c->err, c->arena->err);
    if (lg_val_kind(v) != LG_JSON_ARRAY) {
        if (lg_val_kind(v) != LG_JSON_STRING)
            return lg_val_fail(v, c->err, "expected a string or a list");
        s->form = LG_FORM_BARE;
        s->list[s->n++] = lg_ir_of(v);
        return 0;
    }
    it = lg_iter_of(v);
    while (lg_iter_next(&it)) {
        if (lg_val_kind(it.val) != LG_JSON_STRING)
            return lg_val_fail(it.val, c->err, "expected a string");
        s->list[s->n++] = lg_ir_of(it.val);
    }
    return 0;
}

int lg_chat_read_request(struct lg_ctx *c, const struct lg_json *doc,
                         struct lg_ir_request *r)
{
    static const struct {
        int field;
        int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_request *);
    } readers[] = {
        {F_TOOL_CHOICE, read_tool_choice},
        {F_FUNCTION_CALL, read_function_call},
        {F_FORMAT, read_format},
        {F_STOP, read_stop},
        {F_STREAM_OPTIONS, read_stream_options},
        {F_MESSAGES, lg_chat_messages_read},
    };
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[F_COUNT];
    int rc = lg_fields(c, root, fields, F_COUNT, f, &r->extra, LG_CHAT_SELF);

    r->origin = c->self;
    r->doc = doc;
    if (!rc)
        rc = read_settings(c, f, r);
    if (!rc)
        rc = read_tools(c, f[F_TOOLS], 0, r);
    if (!rc)
        rc = read_tools(c, f[F_FUNCTIONS], LG_FORM_OLD, r);
    if (!rc && !f[F_MESSAGES].doc)
        rc = lg_val_fail(root, c->err, "expected messages");
    for (size_t i = 0; i < LG_COUNT(readers) && !rc; i++)
        rc = readers[i].read(c, f[readers[i].field], r);
    return rc;
}
