/* SPDX-License-Identifier: MIT */
#include "lib/format/turn.h"

/* ---- text ------------------------------------------------------------------ */

const struct lg_ir_part *lg_prefill_of(const struct lg_ir_message *m)
{
    const struct lg_ir_part *p;

    while (m && m->next)
        m = m->next;
    p = m && m->role == LG_ROLE_ASSISTANT ? m->parts : NULL;
    while (p && p->next)
        p = p->next;
    return p && p->kind == LG_PART_TEXT ? p : NULL;
}

const struct lg_ir_message *lg_behind_prompt(const struct lg_writer *w,
                                             const struct lg_ir_message *m)
{
    if (w->own) {
        while (m && m->form & LG_FORM_TOP)
            m = m->next;
        return m;
    }
    while (m && lg_is_system(m) && m->next)
        m = m->next;
    return m;
}

void lg_put_lose_message(struct lg_writer *w, const struct lg_ir_message *m)
{
    if (w->own)
        return;
    lg_put_drop(w, &m->name,
                lg_reason(w->c, "names of speakers have no place in %s",
                          w->c->self->name));
    lg_put_lose_extras(w, m->extra);
}

int lg_is_sayable(struct lg_writer *w, const struct lg_ir_part *p)
{
    const char *origin = p->blob.origin, *self = w->c->self->name;

    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
    case LG_PART_THINKING:
    case LG_PART_TOOL_CALL:
        return 1;
    case LG_PART_REDACTED:
        if (w->own || (origin && !strcmp(origin, self)))
            return 1;
        break;
    case LG_PART_OPAQUE:
        if (w->own)
            return 1;
        break;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
        break;
    }
    lg_put_lose(w, p->tok, LG_DROPPED,
                lg_reason(w->c, "a part that has no counterpart in %s", self));
    return 0;
}

/* White space that ends an escaped body: how many bytes of it, or 0. */
static size_t blank_end(struct lg_str s)
{
    size_t slashes = 0;

    if (s.n && s.p[s.n - 1] == ' ')
        return 1;
    if (s.n < 2 || !memchr("nrt", s.p[s.n - 1], 3))
        return 0;
    while (slashes < s.n - 1 && s.p[s.n - 2 - slashes] == '\\')
        slashes++;
    return slashes % 2 ? 2 : 0;
}

struct lg_ir_val lg_words(struct lg_writer *w, const struct lg_ir_part *p,
                          const struct lg_ir_part *prefill)
{
    struct lg_ir_val v = p->text;
    size_t n;

    while (p == prefill && (n = blank_end(v.s)) > 0)
        v.s.n -= n;
    if (v.s.n < p->text.s.n)
        lg_put_lose(w, p->tok, LG_APPROXIMATED,
                    "a text to go on from may not end in white space");
    return v;
}

int lg_is_blank(struct lg_str body)
{
    size_t n;

    while ((n = blank_end(body)) > 0)
        body.n -= n;
    return !body.n;
}

/* ---- schemas ---------------------------------------------------------------- */

/* Does the schema say of what type it is? One that cannot be looked into is
 * trusted to. */
static int is_typed(const struct lg_ir_request *r, const struct lg_ir_val *v)
{
    const struct lg_val schema = {r->doc, v->tok};

    return !r->doc || v->tok >= r->doc->n || lg_val_raw(schema).p != v->s.p ||
           lg_val_get(schema, "type").doc;
}

void lg_put_schema(struct lg_writer *w, const struct lg_ir_request *r,
                   const struct lg_ir_val *v)
{
    const int is_object = v->kind == LG_JSON_OBJECT;
    const struct lg_str inner =
        is_object ? lg_str_from(v->s.p + 1, v->s.n - 1) : LG_STR("}");

    if (lg_str_trim(inner).n <= 1)
        lg_put(w, "{'type':'object','properties':{}}");
    else if (is_typed(r, v))
        lg_put(w, "%v", v);
    else /* its members, and the brace that ends it */
        lg_put(w, "{'type':'object',%j", inner);
}

/* ---- a JSON answer by a forced tool ------------------------------------------ */

/* Why a tool cannot be forced; NULL: it can. */
static const char *why_not(const struct lg_ctx *c,
                           const struct lg_ir_request *r)
{
    const int none = r->tool_choice.mode == LG_CHOICE_NONE;

    if (!c->bridge)
        return "a JSON answer has no counterpart";
    if (r->thinking.mode != LG_THINK_UNSET && r->thinking.mode != LG_THINK_OFF)
        return "a JSON answer cannot be asked for beside thinking";
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next)
        if (!none || lg_ir_is(&t->name, LG_JSON_TOOL))
            return "a JSON answer cannot be asked for beside tools";
    return NULL;
}

int lg_takes_schema(const struct lg_writer *w)
{
    const struct lg_facts *f = w->c->policy->facts;

    return w->own || !f || f->output_schema != LG_SCHEMA_NONE;
}

void lg_put_json_schema(struct lg_writer *w, const struct lg_ir_request *r)
{
    if (r->output.kind == LG_OUTPUT_SCHEMA)
        lg_put_schema(w, r, &r->output.schema);
    else
        lg_put(w, "{'type':'object'}");
}

int lg_json_tool(struct lg_writer *w, const struct lg_ir_request *r)
{
    const char *reason;

    if (w->own || (r->output.kind != LG_OUTPUT_JSON &&
                   (r->output.kind != LG_OUTPUT_SCHEMA || lg_takes_schema(w))))
        return 0;
    reason = why_not(w->c, r);
    if (reason) {
        lg_put_lose(w, r->output.tok, LG_DROPPED, reason);
        return 0;
    }
    lg_put_lose(w, r->output.tok, LG_APPROXIMATED,
                "a JSON answer is asked for by a forced tool");
    w->c->bridge->json_tool = 1;
    w->c->bridge->json_tool_name = LG_STR(LG_JSON_TOOL);
    return 1;
}

int lg_is_json_tool(const struct lg_ctx *c, const struct lg_ir_part *p)
{
    return p->kind == LG_PART_TOOL_CALL && c->bridge && c->bridge->json_tool &&
           lg_str_same(p->name.s, c->bridge->json_tool_name);
}

/* ---- answers ------------------------------------------------------------------ */

void lg_bridge_fill(const struct lg_ctx *c, const struct lg_ir_request *r)
{
    if (!c->bridge)
        return;
    c->bridge->stream = lg_ir_true(&r->param[LG_P_STREAM]);
    c->bridge->wants_usage = lg_ir_true(&r->param[LG_P_INCLUDE_USAGE]);
}

enum lg_stop lg_stop_of(const struct lg_ir_choice *choice)
{
    for (const struct lg_ir_part *p = choice->parts; p; p = p->next) {
        if (p->kind == LG_PART_REFUSAL && p->text.s.n)
            return LG_STOP_REFUSAL;
        if (p->kind == LG_PART_TOOL_CALL && choice->stop.kind == LG_STOP_END)
            return LG_STOP_TOOL;
    }
    return (enum lg_stop)choice->stop.kind;
}
