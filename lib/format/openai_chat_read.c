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
    return lg_extra_keep(c, &r->extra, v, LG_CHAT_SELF);
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
    if (lg_val_kind(lg_val_get(v, "include_usage")) <= LG_JSON_NULL)
        return keep(c, r, v);
    return lg_get(c, v, &r->extra, LG_CHAT_INNER, "include_usage",
                  &r->param[LG_P_INCLUDE_USAGE]);
}

/* ---- tools -------------------------------------------------------------- */

static int read_body(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    const int custom = t->kind == LG_TOOL_CUSTOM;

    return lg_get(c, v, &t->extra, LG_CHAT_INNER,
                  custom ? "name description format"
                         : "name description parameters strict",
                  &t->name, &t->description, &t->schema, &t->strict);
}

static int read_tool(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    const struct lg_val type = lg_val_get(v, "type");
    const int custom = lg_val_is(type, "custom");
    struct lg_val inner = lg_val_get(v, custom ? "custom" : "function");
    int rc;

    if (lg_val_kind(inner) != LG_JSON_OBJECT ||
        (!custom && !lg_val_is(type, "function"))) {
        t->kind = LG_TOOL_SERVER;
        t->json = lg_ir_of(v);
        return 0;
    }
    if (custom)
        t->kind = LG_TOOL_CUSTOM;
    rc = lg_get(c, v, &t->extra, LG_CHAT_SELF,
                custom ? "type- custom= cache_control"
                       : "type- function= cache_control",
                &inner, &t->cache);
    return rc ? rc : read_body(c, inner, t);
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
            return lg_no_room(c);
        t->tok = it.val.i;
        t->form = form;
        *end = t;
        end = &t->next;
        rc = form ? read_body(c, it.val, t) : read_tool(c, it.val, t);
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
    struct lg_val f[2];
    int rc;

    if (!lg_val_is(lg_val_get(v, "type"), type) ||
        lg_val_kind(lg_val_get(lg_val_get(v, type), "name")) != LG_JSON_STRING)
        return 0;
    t->mode = LG_CHOICE_TOOL;
    rc = lg_fields(c, v, names, 2, f, &t->extra, LG_CHAT_SELF);
    return rc ? rc
              : lg_get(c, f[1], &t->extra, LG_CHAT_INNER, "name", &t->name);
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
    struct lg_ir_tool_choice *t = &r->tool_choice;

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
    return lg_get(c, v, &t->extra, LG_CHAT_INNER, "name", &t->name);
}

/* ---- the rest ----------------------------------------------------------- */

static int read_schema(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    struct lg_val inner;
    int rc =
        lg_get(c, v, &o->extra, LG_CHAT_SELF, "type- json_schema=", &inner);

    o->kind = LG_OUTPUT_SCHEMA;
    return rc ? rc
              : lg_get(c, inner, &o->extra, LG_CHAT_INNER,
                       "name description schema strict", &o->name,
                       &o->description, &o->schema, &o->strict);
}

static int read_format(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_ir_output *o = &r->output;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v);
    o->tok = v.i;
    o->json = lg_ir_of(v);
    o->kind = lg_val_is(type, "text")          ? LG_OUTPUT_TEXT
              : lg_val_is(type, "json_object") ? LG_OUTPUT_JSON
                                               : LG_OUTPUT_OTHER;
    if (o->kind != LG_OUTPUT_OTHER)
        return lg_get(c, v, &o->extra, LG_CHAT_SELF, "type-");
    if (lg_val_is(type, "json_schema") &&
        lg_val_kind(lg_val_get(v, "json_schema")) == LG_JSON_OBJECT)
        return read_schema(c, v, o);
    return 0;
}

static int read_stop(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    struct lg_ir_stops *s = &r->stops;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v);
    if (lg_val_kind(v) == LG_JSON_STRING)
        s->form = LG_FORM_BARE;
    else if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list");
    return lg_stops_read(c, v, s);
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
