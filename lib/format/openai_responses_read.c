/* SPDX-License-Identifier: MIT
 *
 * A request read: settings, tools and what governs them. */
#include "lib/format/openai_responses.h"

/* Members that are one setting. Where two name the same, the first that says
 * something is taken. */
static const struct {
    uint8_t param, form;
} settings[] = {
    {LG_P_MODEL, 0},          {LG_P_MAX_TOKENS, 0},     {LG_P_TEMPERATURE, 0},
    {LG_P_TOP_P, 0},          {LG_P_TOP_LOGPROBS, 0},   {LG_P_STREAM, 0},
    {LG_P_METADATA, 0},       {LG_P_PARALLEL_TOOLS, 0}, {LG_P_USER, 0},
    {LG_P_USER, LG_FORM_OLD}, {LG_P_SERVICE_TIER, 0},   {LG_P_STORE, 0},
    {LG_P_CACHE_KEY, 0},
};

enum {
    F_INPUT = LG_COUNT(settings),
    F_INSTRUCTIONS,
    F_TOOLS,
    F_TOOL_CHOICE,
    F_TEXT,
    F_REASONING,
    F_INCLUDE,
    F_TRUNCATION,
    F_BACKGROUND,
    F_PREVIOUS, /* from here on: what the provider keeps for its caller */
    F_CONVERSATION,
    F_PROMPT,
    F_COUNT
};

static const char *const fields[F_COUNT] = {
    "model",
    "max_output_tokens",
    "temperature",
    "top_p",
    "top_logprobs",
    "stream",
    "metadata",
    "parallel_tool_calls",
    "safety_identifier",
    "user",
    "service_tier",
    "store",
    "prompt_cache_key",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "text",
    "reasoning",
    "include",
    "truncation",
    "background",
    "previous_response_id",
    "conversation",
    "prompt",
};

static int keep(struct lg_ctx *c, struct lg_ir_request *r, struct lg_val v)
{
    return lg_extra_keep(c, &r->extra, v, LG_OR_SELF);
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

/* ---- tools -------------------------------------------------------------- */

static int read_tool(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    const struct lg_val type = lg_val_get(v, "type");

    t->tok = v.i;
    if (lg_val_is(type, "custom")) {
        t->kind = LG_TOOL_CUSTOM;
        return lg_get(c, v, &t->extra, LG_OR_SELF,
                      "type- name description format", &t->name,
                      &t->description, &t->schema);
    }
    if (lg_val_is(type, "function"))
        return lg_get(c, v, &t->extra, LG_OR_SELF,
                      "type- name description parameters strict", &t->name,
                      &t->description, &t->schema, &t->strict);
    t->kind = LG_TOOL_SERVER;
    t->json = lg_ir_of(v);
    return 0;
}

int lg_or_tools_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    struct lg_ir_tool **end = &r->tools;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    while (*end)
        end = &(*end)->next;
    while (!rc && lg_iter_next(&it)) {
        *end = lg_arena_new(c->arena, struct lg_ir_tool);
        if (!*end)
            return lg_no_room(c);
        rc = read_tool(c, it.val, *end);
        end = &(*end)->next;
    }
    return rc;
}

static int read_tool_choice(struct lg_ctx *c, struct lg_val v,
                            struct lg_ir_request *r)
{
    static const struct {
        const char *word;
        uint8_t mode, is_type;
    } modes[] = {
        {"auto", LG_CHOICE_AUTO, 0},    {"none", LG_CHOICE_NONE, 0},
        {"required", LG_CHOICE_ANY, 0}, {"function", LG_CHOICE_TOOL, 1},
        {"custom", LG_CHOICE_TOOL, 1},  {"allowed_tools", LG_CHOICE_ALLOWED, 1},
    };
    struct lg_ir_tool_choice *t = &r->tool_choice;
    const struct lg_val type = lg_val_get(v, "type");

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    t->tok = v.i;
    t->json = lg_ir_of(v);
    t->mode = LG_CHOICE_OTHER;
    for (size_t i = 0; i < LG_COUNT(modes); i++)
        if (lg_val_is(modes[i].is_type ? type : v, modes[i].word))
            t->mode = modes[i].mode;
    return t->mode != LG_CHOICE_TOOL
               ? 0
               : lg_get(c, v, &t->extra, LG_OR_SELF, "type- name", &t->name);
}

/* ---- the rest ----------------------------------------------------------- */

static int read_format(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    const struct lg_val type = lg_val_get(v, "type");

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    o->tok = v.i;
    o->json = lg_ir_of(v);
    o->kind = lg_val_is(type, "text")          ? LG_OUTPUT_TEXT
              : lg_val_is(type, "json_object") ? LG_OUTPUT_JSON
              : lg_val_is(type, "json_schema") ? LG_OUTPUT_SCHEMA
                                               : LG_OUTPUT_OTHER;
    if (o->kind == LG_OUTPUT_OTHER)
        return 0;
    return lg_get(c, v, &o->extra, LG_OR_SELF,
                  "type- name description schema strict", &o->name,
                  &o->description, &o->schema, &o->strict);
}

static int read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    struct lg_val format;
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    rc = lg_get(c, v, &r->extra, LG_OR_INNER, "format= verbosity", &format,
                &r->param[LG_P_VERBOSITY]);
    return rc < 0 ? rc : read_format(c, format, &r->output);
}

static int read_reasoning(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_request *r)
{
    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    return lg_get(c, v, &r->extra, LG_OR_INNER, "effort",
                  &r->param[LG_P_EFFORT]);
}

/* Blobs of reasoning are always told elsewhere, and log probabilities are a
 * setting there. */
static int read_include(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_request *r)
{
    struct lg_iter it = lg_iter_of(v);
    const struct lg_val key = {v.doc, v.i - 1};
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return keep(c, r, v);
    while (!rc && lg_iter_next(&it)) {
        if (lg_val_is(it.val, "message.output_text.logprobs"))
            r->param[LG_P_LOGPROBS] =
                (struct lg_ir_val){LG_STR("true"), it.val.i, LG_JSON_TRUE, 0};
        else if (!lg_val_is(it.val, "reasoning.encrypted_content"))
            rc = lg_extra_add(c, &r->extra, key, it.val, LG_OR_INNER);
    }
    return rc;
}

/* What names a talk that the provider keeps: no other has it. */
static int refuse_state(struct lg_ctx *c, const struct lg_val *f)
{
    int rc = 0;

    for (size_t i = F_PREVIOUS; i < F_COUNT && !rc; i++)
        if (lg_val_kind(f[i]) > LG_JSON_NULL && c->losses)
            rc = lg_lose(c->losses, f[i].i, LG_REJECTED,
                         "what it names is kept by its own provider alone");
    return rc;
}

/* What is as good as absent. */
static int is_default(const struct lg_val *f, size_t i)
{
    return (i == F_TRUNCATION && lg_val_is(f[i], "disabled")) ||
           (i == F_BACKGROUND && lg_val_kind(f[i]) == LG_JSON_FALSE);
}

static int read_members(struct lg_ctx *c, const struct lg_val *f,
                        struct lg_ir_request *r)
{
    int rc = refuse_state(c, f);

    for (size_t i = F_TRUNCATION; i <= F_BACKGROUND && !rc; i++)
        if (!is_default(f, i))
            rc = keep(c, r, f[i]);
    if (!rc)
        rc = lg_or_tools_read(c, f[F_TOOLS], r);
    if (!rc)
        rc = read_tool_choice(c, f[F_TOOL_CHOICE], r);
    if (!rc)
        rc = read_text(c, f[F_TEXT], r);
    if (!rc)
        rc = read_reasoning(c, f[F_REASONING], r);
    return rc ? rc : read_include(c, f[F_INCLUDE], r);
}

/* What stands before the input. */
static int read_instructions(struct lg_ctx *c, struct lg_val v,
                             struct lg_ir_request *r)
{
    struct lg_ir_part **end;
    struct lg_ir_message *m;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return 0;
    m = lg_arena_new(c->arena, struct lg_ir_message);
    if (!m)
        return lg_no_room(c);
    m->tok = v.i;
    m->role = LG_ROLE_SYSTEM;
    m->form = LG_FORM_TOP;
    end = &m->parts;
    r->messages = m;
    return lg_or_content_read(c, v, &end, &m->form);
}

int lg_or_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[F_COUNT];
    int rc = lg_fields(c, root, fields, F_COUNT, f, &r->extra, LG_OR_SELF);

    r->origin = c->self;
    r->doc = doc;
    if (!rc)
        rc = read_settings(c, f, r);
    if (c->keep_extras) {
        for (size_t i = F_INPUT; i < F_COUNT && !rc; i++)
            rc = keep(c, r, f[i]);
        return rc;
    }
    if (!rc)
        rc = read_members(c, f, r);
    if (!rc)
        rc = read_instructions(c, f[F_INSTRUCTIONS], r);
    if (!rc && lg_val_kind(f[F_INPUT]) <= LG_JSON_NULL)
        rc = lg_val_fail(root, c->err, "expected input");
    return rc ? rc : lg_or_input_read(c, f[F_INPUT], r);
}
