/* SPDX-License-Identifier: MIT
 *
 * A request read: settings, tools and what governs them. */
#include "lib/format/openai_chat.h"

enum {
    F_OLD_MAX_TOKENS = LG_P_COUNT,
    F_OLD_USER,
    F_MESSAGES,
    F_TOOLS,
    F_FUNCTIONS,
    F_TOOL_CHOICE,
    F_FUNCTION_CALL,
    F_FORMAT,
    F_STOP,
    F_COUNT
};
static const char fields[] =
    LG_CHAT_SETTINGS " max_tokens user messages tools functions tool_choice "
                     "function_call response_format stop";

static int keep(struct lg_ctx *c, struct lg_ir_request *r, struct lg_val v)
{
    return lg_extra_keep(c, &r->extra, v, LG_CHAT_SELF);
}

/* Where two members name the same, the first that says something is taken. */
static int read_setting(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_request *r, enum lg_param p, uint8_t form)
{
    if (lg_val_kind(v) <= LG_JSON_NULL || r->param[p].kind != LG_JSON_NONE)
        return keep(c, r, v);
    lg_ir_set(&r->param[p], v);
    r->form[p] = form;
    return 0;
}

static int read_settings(struct lg_ctx *c, const struct lg_val *f,
                         struct lg_ir_request *r)
{
    int rc = 0;

    for (int p = 0; p < LG_P_COUNT && !rc; p++)
        if (p != LG_P_INCLUDE_USAGE)
            rc = read_setting(c, f[p], r, (enum lg_param)p, 0);
    if (!rc)
        rc = read_setting(c, f[F_OLD_MAX_TOKENS], r, LG_P_MAX_TOKENS,
                          LG_FORM_OLD);
    return rc ? rc : read_setting(c, f[F_OLD_USER], r, LG_P_USER, LG_FORM_OLD);
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

static int read_tool(struct lg_ctx *c, struct lg_val v, void *item, void *user)
{
    const struct lg_val type = lg_val_get(v, "type");
    const int custom = lg_val_is(type, "custom");
    struct lg_val inner = lg_val_get(v, custom ? "custom" : "function");
    struct lg_ir_tool *t = item;
    int rc;

    t->tok = v.i;
    t->form = *(const uint8_t *)user;
    if (t->form)
        return read_body(c, v, t);
    if (lg_val_kind(inner) != LG_JSON_OBJECT ||
        (!custom && !lg_val_is(type, "function"))) {
        t->kind = LG_TOOL_SERVER;
        lg_ir_set(&t->json, v);
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
    if (lg_val_kind(v) <= LG_JSON_NULL || r->has_tools)
        return keep(c, r, v);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    r->tools_form = form;
    return lg_list_read(c, v, &r->tools, sizeof(*r->tools), read_tool, &form);
}

static uint8_t choice_mode(struct lg_val v)
{
    const unsigned mode = lg_word_of(v, LG_CHAT_CHOICES);

    return (uint8_t)(mode ? mode : LG_CHOICE_OTHER);
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
    lg_ir_set(&t->json, v);
    t->mode = choice_mode(v);
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
    lg_ir_set(&t->json, v);
    t->mode = choice_mode(v);
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
    lg_ir_set(&o->json, v);
    o->kind = (uint8_t)lg_word_of(type, LG_CHAT_OUTPUTS);
    if (o->kind == LG_OUTPUT_TEXT || o->kind == LG_OUTPUT_JSON)
        return lg_get(c, v, &o->extra, LG_CHAT_SELF, "type-");
    if (o->kind == LG_OUTPUT_SCHEMA &&
        lg_val_kind(lg_val_get(v, "json_schema")) == LG_JSON_OBJECT)
        return read_schema(c, v, o);
    o->kind = LG_OUTPUT_OTHER;
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
        {F_STOP, lg_openai_stop_read},
        {LG_P_INCLUDE_USAGE, lg_openai_stream_read},
        {F_MESSAGES, lg_chat_messages_read},
    };
    const struct lg_val root = lg_json_root(doc);
    struct lg_val f[F_COUNT];
    int rc = lg_get_all(c, root, &r->extra, LG_CHAT_SELF, fields, f);

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
