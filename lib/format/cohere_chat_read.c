/* SPDX-License-Identifier: MIT
 *
 * A request, read. */
#include "lib/format/cohere_chat.h"
#include "lib/format/media.h"

/* ---- messages ----------------------------------------------------------- */

static int read_plan(struct lg_ctx *c, struct lg_val v, struct lg_ir_message *m,
                     struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &m->extra, v, LG_CO_NODE);
    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a string");
    p = lg_part_add(c, end, LG_PART_TEXT, v.i);
    if (!p)
        return c->arena->err;
    p->form = LG_CO_PLAN;
    p->text = lg_ir_of(v);
    return 0;
}

/* They are of the message; the last text has them. */
static int read_citations(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_message *m)
{
    struct lg_ir_part *text = NULL;

    for (struct lg_ir_part *p = m->parts; p; p = p->next)
        if (p->kind == LG_PART_TEXT && !(p->form & LG_CO_PLAN))
            text = p;
    if (!text || lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_extra_keep(c, &m->extra, v, LG_CO_NODE);
    text->citations = lg_ir_of(v);
    return 0;
}

static int read_assistant(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_val content, plan, calls, citations;
    int rc =
        lg_get(c, v, &m->extra, LG_CO_NODE,
               "role- content= tool_plan= tool_calls= citations=", &content,
               &plan, &calls, &citations);

    if (rc >= 0)
        rc = lg_co_read_content(c, content, &end, &m->form);
    if (rc >= 0)
        rc = read_plan(c, plan, m, &end);
    if (rc >= 0)
        rc = lg_calls_read(c, calls, m, &end);
    return rc < 0 ? rc : read_citations(c, citations, m);
}

static int read_result(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_ir_part *p = lg_part_add(c, &end, LG_PART_TOOL_RESULT, v.i);
    struct lg_val content;
    const int rc = p ? lg_get(c, v, &m->extra, LG_CO_NODE,
                              "role- content= tool_call_id", &content, &p->id)
                     : c->arena->err;

    if (rc < 0)
        return rc;
    end = &p->parts;
    return lg_co_read_content(c, content, &end, &p->form);
}

static int read_plain(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_val role, content;
    int rc =
        lg_get(c, v, &m->extra, LG_CO_NODE, "role= content=", &role, &content);

    if (rc >= 0 && m->form & LG_CO_OTHER_ROLE)
        rc = lg_extra_keep(c, &m->extra, role, LG_CO_NODE);
    return rc < 0 ? rc : lg_co_read_content(c, content, &end, &m->form);
}

static int read_message(struct lg_ctx *c, struct lg_val v, void *item,
                        void *user)
{
    static const struct {
        const char *word;
        uint8_t role;
        int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_message *);
    } roles[] = {{"system", LG_ROLE_SYSTEM, read_plain},
                 {"user", LG_ROLE_USER, read_plain},
                 {"assistant", LG_ROLE_ASSISTANT, read_assistant},
                 {"tool", LG_ROLE_TOOL, read_result}};
    const struct lg_val role = lg_val_get(v, "role");
    struct lg_ir_message *m = item;

    (void)user;
    if (lg_val_kind(role) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a message with a role");
    m->tok = v.i;
    for (size_t i = 0; i < LG_COUNT(roles); i++)
        if (lg_val_is(role, roles[i].word)) {
            m->role = roles[i].role;
            return roles[i].read(c, v, m);
        }
    m->role = LG_ROLE_USER;
    m->form = LG_CO_OTHER_ROLE;
    return read_plain(c, v, m);
}

/* What stands beside the messages belongs to the last question. */
static int read_documents(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_request *r)
{
    struct lg_iter it = lg_iter_of(v);
    struct lg_ir_message *asked = NULL;
    struct lg_ir_part **end, *rest;
    int rc = 0;

    for (struct lg_ir_message *m = r->messages; m; m = m->next)
        if (m->role == LG_ROLE_USER)
            asked = m;
    if (!asked || lg_val_kind(v) != LG_JSON_ARRAY || it.next == it.end)
        return lg_extra_keep(c, &r->extra, v, LG_CO_NODE);
    rest = asked->parts;
    end = &asked->parts;
    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part *p = lg_part_add(c, &end, LG_PART_DOCUMENT, it.val.i);

        if (!p)
            return c->arena->err;
        p->form = LG_FORM_TOP;
        rc = lg_co_read_document(c, it.val, p);
    }
    *end = rest;
    return rc;
}

/* ---- settings ----------------------------------------------------------- */

static int read_tool_choice(struct lg_val v, struct lg_ir_tool_choice *t)
{
    t->tok = v.i;
    t->json = lg_ir_of(v);
    if (lg_ir_has(&t->json))
        t->mode = lg_val_is(v, "REQUIRED") ? LG_CHOICE_ANY
                  : lg_val_is(v, "NONE")   ? LG_CHOICE_NONE
                                           : LG_CHOICE_OTHER;
    return 0;
}

static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_thinking *t)
{
    const struct lg_val type = lg_val_get(v, "type");

    t->tok = v.i;
    t->json = lg_ir_of(v);
    if (!lg_ir_has(&t->json))
        return 0;
    t->mode = LG_THINK_OTHER;
    if (!lg_val_is(type, "enabled") && !lg_val_is(type, "disabled"))
        return 0;
    t->mode = lg_val_is(type, "disabled") ? LG_THINK_OFF : LG_THINK_ADAPTIVE;
    if (lg_val_kind(lg_val_get(v, "token_budget")) > LG_JSON_NULL &&
        t->mode == LG_THINK_ADAPTIVE)
        t->mode = LG_THINK_BUDGET;
    return lg_get(c, v, &t->extra, LG_CO_NODE, "type- token_budget",
                  &t->budget);
}

static int read_output(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_output *o)
{
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_val schema, old;
    int rc;

    o->tok = v.i;
    o->json = lg_ir_of(v);
    if (!lg_ir_has(&o->json))
        return 0;
    o->kind = lg_val_is(type, "text")          ? LG_OUTPUT_TEXT
              : lg_val_is(type, "json_object") ? LG_OUTPUT_JSON
                                               : LG_OUTPUT_OTHER;
    if (o->kind == LG_OUTPUT_OTHER)
        return 0;
    rc = lg_get(c, v, &o->extra, LG_CO_NODE,
                "type- json_schema= schema=", &schema, &old);
    if (rc < 0)
        return rc;
    if (!schema.doc)
        schema = old;
    else
        rc = lg_extra_keep(c, &o->extra, old, LG_CO_NODE);
    if (lg_val_kind(schema) > LG_JSON_NULL) {
        o->kind = LG_OUTPUT_SCHEMA;
        o->schema = lg_ir_of(schema);
    }
    return rc;
}

static int read_stops(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, LG_CO_NODE);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of strings");
    return lg_stops_read(c, v, &r->stops);
}

int lg_co_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    struct lg_ir_val *p = r->param;
    struct lg_val messages, tools, choice, thinking, format, stops, documents;
    int rc;

    r->origin = c->self;
    r->doc = doc;
    rc = lg_get(c, lg_json_root(doc), &r->extra, LG_CO_NODE,
                "model stream max_tokens temperature k p seed "
                "frequency_penalty presence_penalty logprobs messages= tools= "
                "tool_choice= thinking= response_format= stop_sequences= "
                "documents=",
                &p[LG_P_MODEL], &p[LG_P_STREAM], &p[LG_P_MAX_TOKENS],
                &p[LG_P_TEMPERATURE], &p[LG_P_TOP_K], &p[LG_P_TOP_P],
                &p[LG_P_SEED], &p[LG_P_FREQUENCY_PENALTY],
                &p[LG_P_PRESENCE_PENALTY], &p[LG_P_LOGPROBS], &messages, &tools,
                &choice, &thinking, &format, &stops, &documents);
    if (rc < 0 ||
        (rc = lg_messages_read(c, messages, r, read_message, NULL)) < 0 ||
        (rc = read_documents(c, documents, r)) < 0 ||
        (rc = lg_functions_read(c, tools, r)) < 0 ||
        (rc = read_tool_choice(choice, &r->tool_choice)) < 0 ||
        (rc = read_thinking(c, thinking, &r->thinking)) < 0 ||
        (rc = read_output(c, format, &r->output)) < 0)
        return rc;
    return read_stops(c, stops, r);
}
