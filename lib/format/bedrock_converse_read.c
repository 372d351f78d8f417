/* SPDX-License-Identifier: MIT
 *
 * A request, read. */
#include "lib/format/bedrock_converse.h"

#include "lib/json/text.h"

/* Which of a table's words the value is; n: none. */
static size_t word_of(struct lg_val v, const char *const *words, size_t n)
{
    size_t i = 0;

    while (i < n && !lg_val_is(v, words[i]))
        i++;
    return i;
}

/* ---- messages -------------------------------------------------------------- */

static int read_message(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_message *m)
{
    static const char *const words[] = {"user", "assistant", "system"};
    static const uint8_t roles[] = {LG_ROLE_USER, LG_ROLE_ASSISTANT,
                                    LG_ROLE_SYSTEM};
    struct lg_val role, content;
    const int rc =
        lg_get(c, v, &m->extra, LG_BC_NODE, "role= content=", &role, &content);
    const size_t i = word_of(role, words, LG_COUNT(words));

    if (rc < 0)
        return rc;
    if (i == LG_COUNT(words))
        return lg_val_fail(role.doc ? role : v, c->err,
                           "expected a role: user, assistant or system");
    m->tok = v.i;
    m->role = roles[i];
    return lg_bc_read_blocks(c, content.doc ? content : v, &m->parts, 0);
}

static int read_system(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r, struct lg_ir_message **m)
{
    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, LG_BC_NODE);
    *m = lg_arena_new(c->arena, struct lg_ir_message);
    if (!*m)
        return lg_no_room(c);
    (*m)->tok = v.i;
    (*m)->role = LG_ROLE_SYSTEM;
    (*m)->form = LG_FORM_TOP;
    return lg_bc_read_blocks(c, v, &(*m)->parts, 0);
}

static int read_talk(struct lg_ctx *c, struct lg_val system,
                     struct lg_val messages, struct lg_ir_request *r)
{
    struct lg_ir_message **tail = &r->messages;
    struct lg_iter it = lg_iter_of(messages);
    int rc = read_system(c, system, r, tail);

    if (rc >= 0 && lg_val_kind(messages) == LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, messages, LG_BC_NODE);
    /* A prompt of the library of prompts has the messages in it. */
    r->form[LG_P_MODEL] = messages.doc ? 0 : LG_FORM_ABSENT;
    if (rc >= 0 && messages.doc && lg_val_kind(messages) != LG_JSON_ARRAY)
        return lg_val_fail(messages, c->err, "expected a list of messages");
    if (*tail)
        tail = &(*tail)->next;
    while (rc >= 0 && lg_iter_next(&it)) {
        *tail = lg_arena_new(c->arena, struct lg_ir_message);
        if (!*tail)
            return lg_no_room(c);
        rc = read_message(c, it.val, *tail);
        tail = &(*tail)->next;
    }
    return rc;
}

/* ---- tools ------------------------------------------------------------------ */

/* 1: a tool with a name and a schema; 0: some other. */
static int read_spec(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    struct lg_val spec, schema;
    int rc = lg_get(c, v, &t->extra, LG_BC_NODE, "toolSpec=", &spec);

    if (rc < 0 || lg_val_kind(spec) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, spec, &t->extra, LG_BC_INNER,
                "name description inputSchema= strict", &t->name,
                &t->description, &schema, &t->strict);
    if (rc < 0 || t->name.kind != LG_JSON_STRING ||
        lg_val_kind(schema) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, schema, &t->extra, LG_BC_DEEP, "json", &t->schema);
    return rc < 0 ? rc : 1;
}

static int read_tool(struct lg_ctx *c, struct lg_val v, struct lg_ir_tool *t)
{
    int rc;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_val_fail(v, c->err, "expected a tool");
    rc = lg_val_get(v, "toolSpec").doc ? read_spec(c, v, t) : 0;
    if (!rc) {
        *t = (struct lg_ir_tool){.kind = LG_TOOL_SERVER};
        t->json = lg_ir_of(v);
        t->name = lg_ir_of(lg_val_get(lg_val_get(v, "systemTool"), "name"));
    }
    t->tok = v.i;
    return rc;
}

static int read_tools(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    struct lg_ir_tool **tail = &r->tools, *last = NULL;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, LG_BC_TOOLS);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    while (rc >= 0 && lg_iter_next(&it)) {
        if (last && !lg_ir_has(&last->cache) &&
            (rc = lg_bc_read_cache(c, it.val, &last->cache)) != 0)
            continue;
        last = *tail = lg_arena_new(c->arena, struct lg_ir_tool);
        if (!last)
            return lg_no_room(c);
        tail = &last->next;
        rc = read_tool(c, it.val, last);
    }
    return rc;
}

static int read_choice(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    static const struct {
        const char *key, *name;
        enum lg_choice_mode mode;
    } kinds[] = {{"auto", "auto=", LG_CHOICE_AUTO},
                 {"any", "any=", LG_CHOICE_ANY},
                 {"tool", "tool=", LG_CHOICE_TOOL}};
    struct lg_ir_tool_choice *t = &r->tool_choice;
    struct lg_val inner;
    size_t i = 0;
    int rc = lg_is_object(c, &r->extra, v, LG_BC_TOOLS);

    if (rc <= 0)
        return rc;
    t->tok = v.i;
    while (i < LG_COUNT(kinds) &&
           lg_val_kind(lg_val_get(v, kinds[i].key)) != LG_JSON_OBJECT)
        i++;
    if (i == LG_COUNT(kinds)) {
        t->mode = LG_CHOICE_OTHER;
        t->json = lg_ir_of(v);
        return 0;
    }
    t->mode = (uint8_t)kinds[i].mode;
    rc = lg_get(c, v, &t->extra, LG_BC_NODE, kinds[i].name, &inner);
    if (rc < 0)
        return rc;
    return t->mode == LG_CHOICE_TOOL
               ? lg_get(c, inner, &t->extra, LG_BC_INNER, "name$", &t->name)
               : lg_fields(c, inner, NULL, 0, NULL, &t->extra, LG_BC_INNER);
}

static int read_tool_config(struct lg_ctx *c, struct lg_val v,
                            struct lg_ir_request *r)
{
    struct lg_val tools, choice;
    int rc = lg_is_object(c, &r->extra, v, LG_BC_NODE);

    if (rc <= 0)
        return rc;
    r->tools_form = LG_BC_FORM_THERE;
    rc = lg_get(c, v, &r->extra, LG_BC_TOOLS, "tools= toolChoice=", &tools,
                &choice);
    if (rc >= 0)
        rc = read_tools(c, tools, r);
    return rc < 0 ? rc : read_choice(c, choice, r);
}

/* ---- settings ---------------------------------------------------------------- */

static int read_inference(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_request *r)
{
    struct lg_val stops;
    int rc = lg_is_object(c, &r->extra, v, LG_BC_NODE);

    if (rc <= 0)
        return rc;
    r->form[LG_P_MAX_TOKENS] = LG_BC_FORM_THERE;
    rc = lg_get(
        c, v, &r->extra, LG_BC_INFERENCE,
        "maxTokens temperature topP stopSequences=", &r->param[LG_P_MAX_TOKENS],
        &r->param[LG_P_TEMPERATURE], &r->param[LG_P_TOP_P], &stops);
    if (rc < 0)
        return rc;
    if (lg_val_kind(stops) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, stops, LG_BC_INFERENCE);
    if (lg_val_kind(stops) != LG_JSON_ARRAY)
        return lg_val_fail(stops, c->err, "expected a list of strings");
    return lg_stops_read(c, stops, &r->stops);
}

static int read_tier(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    const int rc = lg_is_object(c, &r->extra, v, LG_BC_NODE);

    if (rc <= 0)
        return rc;
    r->form[LG_P_SERVICE_TIER] = LG_BC_FORM_THERE;
    return lg_get(c, v, &r->extra, LG_BC_TIER, "type",
                  &r->param[LG_P_SERVICE_TIER]);
}

static int read_metadata(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_extra_keep(c, &r->extra, v, LG_BC_NODE);
    if (c->keep_extras || lg_val_tok(v)->next > v.i + 1) /* it says something */
        r->param[LG_P_METADATA] = lg_ir_of(v);
    return 0;
}

/* ---- the form of the answer --------------------------------------------------- */

/* Does the string hold a JSON object? */
static int holds_object(struct lg_ctx *c, struct lg_str body)
{
    struct lg_buf text;
    struct lg_str s;
    int yes;

    lg_buf_init(&text, SIZE_MAX / 8);
    (void)lg_json_unescape(&text, body, LG_TO_JSON);
    s = lg_str_trim(lg_buf_span(&text));
    yes = s.n && *s.p == '{' && !lg_json_check(s, NULL);
    if (text.err)
        yes = lg_fail_mem(c->err, text.err);
    lg_buf_done(&text);
    return yes;
}

/* 1: a schema; 0: something else; or negative. */
static int read_schema(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    struct lg_val structure, schema, text;
    int rc =
        lg_get(c, v, &o->extra, LG_BC_FORMAT, "type- structure=", &structure);

    if (rc < 0 || lg_val_kind(structure) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, structure, &o->extra, LG_BC_STRUCTURE,
                "jsonSchema=", &schema);
    if (rc < 0 || lg_val_kind(schema) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, schema, &o->extra, LG_BC_SCHEMA, "schema= name description",
                &text, &o->name, &o->description);
    if (rc < 0 || lg_val_kind(text) != LG_JSON_STRING)
        return rc;
    o->schema = lg_ir_of(text);
    o->schema.kind = LG_JSON_OBJECT;
    o->schema.in_string = 1;
    return holds_object(c, o->schema.s);
}

static int read_format(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    int rc = lg_val_is(lg_val_get(v, "type"), "json_schema");

    if (lg_val_kind(v) == LG_JSON_NONE)
        return 0;
    if (rc)
        rc = read_schema(c, v, o);
    if (rc < 0)
        return rc;
    if (!rc) {
        *o = (struct lg_ir_output){.kind = LG_OUTPUT_OTHER};
        o->json = lg_ir_of(v);
    } else {
        o->kind = LG_OUTPUT_SCHEMA;
    }
    o->tok = v.i;
    return 0;
}

static int read_output(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    struct lg_val format;
    int rc = lg_is_object(c, &r->extra, v, LG_BC_NODE);

    if (rc <= 0)
        return rc;
    r->form[LG_P_EFFORT] = LG_BC_FORM_THERE;
    rc = lg_get(c, v, &r->extra, LG_BC_OUTPUT, "textFormat= effort", &format,
                &r->param[LG_P_EFFORT]);
    return rc < 0 ? rc : read_format(c, format, &r->output);
}

/* ---- the model's own fields ---------------------------------------------------- */

static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    static const char *const words[] = {"enabled", "adaptive", "disabled"};
    static const uint8_t modes[] = {LG_THINK_BUDGET, LG_THINK_ADAPTIVE,
                                    LG_THINK_OFF};
    const size_t i = word_of(lg_val_get(v, "type"), words, LG_COUNT(words));
    struct lg_ir_thinking *t = &r->thinking;

    if (i == LG_COUNT(words))
        return lg_extra_keep(c, &r->extra, v, LG_BC_MODEL);
    t->tok = v.i;
    t->mode = modes[i];
    return lg_get(c, v, &t->extra, LG_BC_NODE, "type- budget_tokens display",
                  &t->budget, &t->display);
}

/* Anthropic's word for calls that may not stand side by side. */
static int read_alone(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    const struct lg_val alone = lg_val_get(v, "disable_parallel_tool_use");
    const int on = lg_val_kind(alone) == LG_JSON_TRUE;

    if (!on && lg_val_kind(alone) != LG_JSON_FALSE)
        return lg_extra_keep(c, &r->extra, v, LG_BC_MODEL);
    r->param[LG_P_PARALLEL_TOOLS] =
        (struct lg_ir_val){on ? LG_STR("false") : LG_STR("true"), alone.i,
                           on ? LG_JSON_FALSE : LG_JSON_TRUE, 0};
    return lg_get(c, v, &r->extra, LG_BC_CHOICE,
                  c->keep_extras ? "disable_parallel_tool_use-"
                                 : "disable_parallel_tool_use- type- name-");
}

static int read_model_fields(struct lg_ctx *c, struct lg_val v,
                             struct lg_ir_request *r)
{
    struct lg_val thinking, choice, effort;
    int rc = lg_is_object(c, &r->extra, v, LG_BC_NODE);

    if (rc <= 0)
        return rc;
    r->form[LG_P_TOP_K] = LG_BC_FORM_THERE;
    rc = lg_get(c, v, &r->extra, LG_BC_MODEL,
                "thinking= top_k tool_choice= reasoning_effort=", &thinking,
                &r->param[LG_P_TOP_K], &choice, &effort);
    if (rc >= 0)
        rc = read_thinking(c, thinking, r);
    if (rc >= 0)
        rc = read_alone(c, choice, r);
    if (rc < 0 || lg_val_kind(effort) != LG_JSON_STRING ||
        r->param[LG_P_EFFORT].kind != LG_JSON_NONE)
        return rc < 0 ? rc : lg_extra_keep(c, &r->extra, effort, LG_BC_MODEL);
    r->param[LG_P_EFFORT] = lg_ir_of(effort);
    r->form[LG_P_EFFORT] |= LG_FORM_OLD;
    return 0;
}

int lg_bc_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    struct lg_val system, messages, inference, tools, tier, output, fields,
        metadata;
    int rc = lg_get(c, lg_json_root(doc), &r->extra, LG_BC_NODE,
                    "modelId system= messages= inferenceConfig= toolConfig= "
                    "serviceTier= outputConfig= additionalModelRequestFields= "
                    "requestMetadata=",
                    &r->param[LG_P_MODEL], &system, &messages, &inference,
                    &tools, &tier, &output, &fields, &metadata);

    r->origin = c->self;
    r->doc = doc;
    if (rc < 0 || (rc = read_talk(c, system, messages, r)) < 0 ||
        (rc = read_inference(c, inference, r)) < 0 ||
        (rc = read_tool_config(c, tools, r)) < 0 ||
        (rc = read_tier(c, tier, r)) < 0 ||
        (rc = read_output(c, output, r)) < 0 ||
        (rc = read_model_fields(c, fields, r)) < 0)
        return rc;
    return read_metadata(c, metadata, r);
}
