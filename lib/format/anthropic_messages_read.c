/* SPDX-License-Identifier: MIT */
#include "lib/format/anthropic_messages.h"

enum field {
    F_SYSTEM = LG_AM_SETTING_COUNT,
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
static const char fields[] =
    LG_AM_SETTINGS " system messages stop_sequences tools tool_choice thinking "
                   "output_config output_format metadata";

const uint8_t lg_am_settings[LG_AM_SETTING_COUNT] = {
    LG_P_MODEL, LG_P_MAX_TOKENS, LG_P_STREAM,       LG_P_TEMPERATURE,
    LG_P_TOP_P, LG_P_TOP_K,      LG_P_SERVICE_TIER, LG_P_CACHE,
};

static int is_value(struct lg_val v)
{
    return lg_val_kind(v) > LG_JSON_NULL;
}

/* ---- messages ---------------------------------------------------------- */

static int read_message(struct lg_ctx *c, struct lg_val v, void *item,
                        void *user)
{
    struct lg_ir_message *m = item;
    struct lg_val role, content;
    const int rc =
        lg_get(c, v, &m->extra, LG_AM_NODE, "role= content=", &role, &content);

    (void)user;
    if (rc < 0)
        return rc;
    m->tok = v.i;
    switch (lg_word_of(role, "user assistant system")) {
    case 1:
        m->role = LG_ROLE_USER;
        break;
    case 2:
        m->role = LG_ROLE_ASSISTANT;
        break;
    case 3:
        m->role = LG_ROLE_SYSTEM;
        break;
    default:
        return lg_val_fail(role.doc ? role : v, c->err,
                           "expected a role: user, assistant or system");
    }
    return lg_am_read_content(c, content, &m->parts, &m->form, 0);
}

static int read_messages(struct lg_ctx *c, struct lg_val root, struct lg_val v,
                         struct lg_ir_message **tail)
{
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v.doc ? v : root, c->err,
                           "expected a list of messages");
    return lg_list_read(c, v, tail, sizeof(**tail), read_message, NULL);
}

/* The prompt beside the messages; *m is left alone where there is none. */
static int read_system(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r, struct lg_ir_message **m)
{
    if (!is_value(v))
        return lg_extra_keep(c, &r->extra, v, LG_AM_NODE);
    *m = lg_arena_new(c->arena, struct lg_ir_message);
    if (!*m)
        return lg_no_room(c);
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

static int read_tool(struct lg_ctx *c, struct lg_val v, void *item, void *user)
{
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_ir_tool *t = item;

    (void)user;
    t->tok = v.i;
    if (is_value(type) && !lg_val_is(type, "custom")) {
        t->kind = LG_TOOL_SERVER;
        lg_ir_set(&t->json, v);
        lg_ir_set(&t->name, lg_val_get(v, "name"));
        return 0;
    }
    if (is_value(type))
        t->form = LG_AM_FORM_TYPED;
    return lg_get(
        c, v, &t->extra, LG_AM_NODE,
        is_value(type)
            ? "name$ description$ strict input_schema cache_control type-"
            : "name$ description$ strict input_schema cache_control",
        &t->name, &t->description, &t->strict, &t->schema, &t->cache);
}

static int read_tools(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    if (lg_val_kind(v) == LG_JSON_NULL)
        r->tools_form = LG_FORM_NULL;
    if (!is_value(v))
        return 0;
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    return lg_list_read(c, v, &r->tools, sizeof(*r->tools), read_tool, NULL);
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
    struct lg_ir_tool_choice *t = &r->tool_choice;
    struct lg_val alone;
    int rc = lg_is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    t->tok = v.i;
    t->mode = (uint8_t)lg_word_of(lg_val_get(v, "type"), LG_AM_CHOICES);
    if (t->mode == LG_CHOICE_UNSET) {
        t->mode = LG_CHOICE_OTHER;
        lg_ir_set(&t->json, v);
        return 0;
    }
    rc = lg_get(c, v, &t->extra, LG_AM_NODE,
                "type- name$ disable_parallel_tool_use=", &t->name, &alone);
    if (rc < 0)
        return rc;
    if (lg_val_kind(alone) != LG_JSON_TRUE &&
        lg_val_kind(alone) != LG_JSON_FALSE)
        return lg_extra_keep(c, &t->extra, alone, LG_AM_NODE);
    r->param[LG_P_PARALLEL_TOOLS] = opposite(alone);
    return 0;
}

/* ---- the rest ---------------------------------------------------------- */

static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    struct lg_ir_thinking *t = &r->thinking;
    const int rc = lg_is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    t->tok = v.i;
    t->mode = (uint8_t)lg_word_of(lg_val_get(v, "type"), LG_AM_THINKING);
    if (t->mode == LG_THINK_UNSET) {
        t->mode = LG_THINK_OTHER;
        lg_ir_set(&t->json, v);
        return 0;
    }
    return lg_get(c, v, &t->extra, LG_AM_NODE, "type- budget_tokens display",
                  &t->budget, &t->display);
}

static int read_output_format(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_output *o)
{
    o->tok = v.i;
    if (!lg_val_is(lg_val_get(v, "type"), "json_schema")) {
        o->kind = LG_OUTPUT_OTHER;
        lg_ir_set(&o->json, v);
        return 0;
    }
    o->kind = LG_OUTPUT_SCHEMA;
    return lg_get(c, v, &o->extra, LG_AM_NODE, "type- schema", &o->schema);
}

static int read_output(struct lg_ctx *c, const struct lg_val *top,
                       struct lg_ir_request *r)
{
    const struct lg_val old = top[F_OUTPUT_FORMAT];
    struct lg_val format = {0};
    int rc = lg_is_object(c, &r->extra, top[F_OUTPUT_CONFIG], LG_AM_NODE);

    if (rc > 0) {
        r->form[LG_P_EFFORT] = LG_AM_FORM_THERE;
        rc = lg_get(c, top[F_OUTPUT_CONFIG], &r->extra, LG_AM_OUTPUT_CONFIG,
                    "effort format=", &r->param[LG_P_EFFORT], &format);
    }
    if (rc >= 0)
        rc = lg_is_object(c, &r->extra, format, LG_AM_OUTPUT_CONFIG);
    if (rc > 0) {
        rc = read_output_format(c, format, &r->output);
        return rc < 0 ? rc : lg_extra_keep(c, &r->extra, old, LG_AM_NODE);
    }
    if (rc >= 0)
        rc = lg_is_object(c, &r->extra, old, LG_AM_NODE);
    if (rc <= 0)
        return rc;
    r->output.form = LG_FORM_OLD;
    return read_output_format(c, old, &r->output);
}

static int read_metadata(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_request *r)
{
    const int rc = lg_is_object(c, &r->extra, v, LG_AM_NODE);

    if (rc <= 0)
        return rc;
    r->form[LG_P_METADATA] = LG_AM_FORM_THERE;
    return lg_get(c, v, &r->extra, LG_AM_METADATA, "user_id",
                  &r->param[LG_P_USER]);
}

static int read_stops(struct lg_ctx *c, struct lg_val v, struct lg_ir_stops *s)
{
    s->null = lg_val_kind(v) == LG_JSON_NULL;
    if (!is_value(v))
        return 0;
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of strings");
    return lg_stops_read(c, v, s);
}

int lg_am_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[F_COUNT];
    int rc = lg_get_all(c, root, &r->extra, LG_AM_NODE, fields, f);

    r->origin = c->self;
    r->doc = doc;
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < LG_AM_SETTING_COUNT; i++)
        lg_ir_set(&r->param[lg_am_settings[i]], f[i]);
    if ((rc = read_talk(c, r, root, f)) < 0 ||
        (rc = read_tools(c, f[F_TOOLS], r)) < 0 ||
        (rc = read_tool_choice(c, f[F_TOOL_CHOICE], r)) < 0 ||
        (rc = read_thinking(c, f[F_THINKING], r)) < 0 ||
        (rc = read_output(c, f, r)) < 0 ||
        (rc = read_metadata(c, f[F_METADATA], r)) < 0)
        return rc;
    return read_stops(c, f[F_STOPS], &r->stops);
}
