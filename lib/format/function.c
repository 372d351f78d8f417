/* SPDX-License-Identifier: MIT */
#include "lib/format/function.h"

#include "lib/format/media.h"
#include "lib/json/text.h"

/* ---- tools -------------------------------------------------------------- */

static int read_function(struct lg_ctx *c, struct lg_val v, void *item,
                         void *user)
{
    struct lg_ir_tool *t = item;
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_val inner = lg_val_get(v, "function");
    int rc;

    (void)user;
    t->tok = v.i;
    if ((type.doc && !lg_val_is(type, "function")) ||
        lg_val_kind(inner) != LG_JSON_OBJECT) {
        t->kind = LG_TOOL_SERVER;
        t->json = lg_ir_of(v);
        return 0;
    }
    t->form = type.doc ? 0 : LG_FORM_ABSENT;
    rc = lg_get(c, v, &t->extra, 0, "type- function=", &inner);
    return rc < 0 ? rc
                  : lg_get(c, inner, &t->extra, LG_FUNCTION_INNER,
                           "name description parameters strict", &t->name,
                           &t->description, &t->schema, &t->strict);
}

int lg_functions_read(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, 0);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of tools");
    r->has_tools = 1;
    return lg_list_read(c, v, &r->tools, sizeof(*r->tools), read_function,
                        NULL);
}

static void put_schema(struct lg_writer *w, const struct lg_ir_tool *t)
{
    if (t->kind != LG_TOOL_CUSTOM) {
        lg_put(w, "'parameters':%o", &t->schema);
        return;
    }
    lg_put(w, "'parameters':{'type':'object','properties':"
              "{'input':{'type':'string'}},'required':['input']}");
    lg_put_lose(w, t->tok, LG_APPROXIMATED,
                "a tool that takes text becomes one with a text member");
    lg_put_drop(w, &t->schema,
                "the format of a tool's text has no counterpart");
}

static void put_function(struct lg_writer *w, const struct lg_ir_tool *t)
{
    const char *unknown;

    lg_put(w, "{");
    if (!w->own || !(t->form & LG_FORM_ABSENT))
        lg_put(w, "'type':'function'");
    lg_put(w, "'function':{'name':%v,'description':%o", &t->name,
           &t->description);
    put_schema(w, t);
    if (w->own) {
        lg_put(w, "'strict':%v", &t->strict);
    } else if (lg_ir_has(&t->strict) || lg_ir_has(&t->cache)) {
        unknown = lg_reason(w->c, "unknown to %s", w->c->self->name);
        lg_put_drop(w, &t->strict, unknown);
        lg_put_drop(w, &t->cache, unknown);
    }
    lg_put(w, "%x},%x}", t->extra, LG_FUNCTION_INNER, t->extra, 0);
}

unsigned lg_put_functions(struct lg_writer *w, const struct lg_ir_request *r,
                          const struct lg_ir_val *only)
{
    const size_t mark = w->jw.out->n;
    unsigned n = 0;

    lg_put(w, "'tools':[");
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next) {
        if (lg_ir_has(only) && !lg_str_same(t->name.s, only->s))
            continue;
        n++;
        if (t->kind != LG_TOOL_SERVER) {
            put_function(w, t);
        } else if (w->own) {
            lg_ir_write(&w->jw, &t->json);
        } else {
            n--;
            lg_put_lose(w, t->tok, LG_DROPPED,
                        "a tool that its own provider runs");
        }
    }
    lg_put(w, "]");
    if (!n && !(w->own && r->has_tools))
        lg_writer_undo(w, mark);
    return n;
}

/* ---- calls -------------------------------------------------------------- */

int lg_call_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_val inner = lg_val_get(v, "function"), id;
    int rc;

    p->tok = v.i;
    if ((type.doc && !lg_val_is(type, "function")) ||
        lg_val_kind(inner) != LG_JSON_OBJECT) {
        p->kind = LG_PART_OPAQUE;
        p->form |= LG_CALL_LISTED;
        p->json = lg_ir_of(v);
        return 0;
    }
    p->kind = LG_PART_TOOL_CALL;
    if (!type.doc)
        p->form |= LG_FORM_ABSENT;
    rc = lg_get(c, v, &p->extra, 0, "id= type- function=", &id, &inner);
    if (rc >= 0 && lg_val_kind(id) == LG_JSON_NULL)
        rc = lg_extra_keep(c, &p->extra, id, 0);
    else
        p->id = lg_ir_of(id);
    if (rc >= 0)
        rc = lg_get(c, inner, &p->extra, LG_FUNCTION_INNER,
                    c->keep_extras ? "name arguments" : "name arguments index-",
                    &p->name, &p->json);
    if (p->json.kind == LG_JSON_STRING) {
        p->json.kind = LG_JSON_OBJECT;
        p->json.in_string = 1;
        p->form |= LG_FORM_BARE;
    }
    return rc;
}

int lg_calls_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_message *m,
                  struct lg_ir_part ***end)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &m->extra, v, 0);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of calls");
    if (it.next == it.end)
        m->form |= LG_CALLS_NONE;
    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part *p = lg_part_add(c, end, LG_PART_OPAQUE, it.val.i);

        rc = p ? lg_call_read(c, it.val, p) : c->arena->err;
    }
    return rc;
}

void lg_put_calls(struct lg_writer *w, const struct lg_ir_part *p,
                  int in_string, int there)
{
    const size_t mark = w->jw.out->n;

    lg_put(w, "'tool_calls':[");
    for (; p; p = p->next)
        if (p->kind == LG_PART_TOOL_CALL ||
            (w->own && p->kind == LG_PART_OPAQUE && p->form & LG_CALL_LISTED))
            lg_put_call(w, p, in_string);
    if (lg_writer_is_empty(w) && !there)
        lg_writer_undo(w, mark);
    else
        lg_put(w, "]");
}

static int is_object(struct lg_str json)
{
    const struct lg_str s = lg_str_trim(json);

    return s.n && s.p[0] == '{' && !lg_json_check(s, NULL);
}

void lg_put_object(struct lg_writer *w, const struct lg_ir_val *v)
{
    struct lg_str json = lg_ir_has(v) ? v->s : LG_STR("");
    struct lg_buf text;
    int fits = v->kind == LG_JSON_OBJECT;

    lg_buf_init(&text, json.n);
    if (v->in_string) {
        if (lg_json_unescape(&text, json, LG_TO_JSON))
            lg_writer_fail(w, lg_fail_mem(w->c->err, text.err));
        json = lg_buf_span(&text);
        fits = is_object(json);
    }
    lg_jw_raw(&w->jw, fits ? json : LG_STR("{}"));
    if (!fits && lg_str_trim(json).n)
        lg_put_lose(w, v->tok, LG_APPROXIMATED,
                    "tool arguments are not a JSON object");
    lg_buf_done(&text);
}

/* Arguments of another format, as a string. */
static void put_string(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (p->custom) {
        struct lg_str body;

        lg_writer_fail(w, lg_escaped(w->c, p->text.s, &body));
        lg_jw_join_open(&w->jw);
        (void)lg_buf_lit(w->jw.out, "{\\\"input\\\":\\\"");
        (void)lg_buf_str(w->jw.out, body);
        (void)lg_buf_lit(w->jw.out, "\\\"}\"");
    } else if (!lg_ir_has(&p->json) || (!p->json.s.n && !w->own)) {
        lg_put(w, "'{}'");
    } else if (p->json.in_string) {
        lg_jw_body(&w->jw, p->json.s);
    } else {
        lg_jw_text(&w->jw, p->json.s);
    }
}

static void put_arguments(struct lg_writer *w, const struct lg_ir_part *p,
                          int in_string)
{
    if (p->json.in_string ? in_string || (w->own && p->form & LG_FORM_BARE)
                          : in_string && !w->own)
        put_string(w, p);
    else if (p->custom)
        lg_put(w, "{'input':%v}", &p->text);
    else if (w->own && !p->json.in_string)
        lg_ir_write(&w->jw, &p->json);
    else
        lg_put_object(w, &p->json);
}

void lg_put_call(struct lg_writer *w, const struct lg_ir_part *p, int in_string)
{
    if (p->kind == LG_PART_OPAQUE) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    lg_put(w, "{'id':%o",
           w->own && p->form & LG_FORM_OLD ? &lg_ir_none : &p->id);
    if (!w->own || !(p->form & LG_FORM_ABSENT))
        lg_put(w, "'type':'function'");
    lg_put(w, "'function':{'name':%v", &p->name);
    if (!w->own || p->json.kind != LG_JSON_NONE) {
        lg_put(w, "'arguments':");
        put_arguments(w, p, in_string);
    }
    lg_put(w, "%x},%x}", p->extra, LG_FUNCTION_INNER, p->extra, 0);
    if (w->own)
        return;
    lg_put_drop(w, &p->cache, "a cache mark has no counterpart");
    if (!lg_ir_has(&p->id))
        lg_put_lose(w, p->tok, LG_APPROXIMATED, "a call without an id");
    if (p->custom)
        lg_put_lose(w, p->tok, LG_APPROXIMATED,
                    "a call with text becomes one with a text member");
}

/* ---- messages ----------------------------------------------------------- */

int lg_messages_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r,
                     lg_item_fn read, void *user)
{
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v.doc ? v : lg_json_root(r->doc), c->err,
                           "expected a list of messages");
    return lg_list_read(c, v, &r->messages, sizeof(*r->messages), read, user);
}

const char *lg_role_word(const struct lg_ir_message *m)
{
    switch ((enum lg_role)m->role) {
    case LG_ROLE_SYSTEM:
    case LG_ROLE_DEVELOPER:
        return "system";
    case LG_ROLE_ASSISTANT:
        return "assistant";
    case LG_ROLE_USER:
    case LG_ROLE_TOOL:
        break;
    }
    return "user";
}

/* ---- settings ----------------------------------------------------------- */

void lg_put_stops(struct lg_writer *w, const char *name,
                  const struct lg_ir_stops *s, size_t max)
{
    if (!s->list || (!w->own && !s->n))
        return;
    if (w->own && s->form & LG_FORM_BARE) {
        lg_put(w, "%k:%v", name, &s->list[0]);
        return;
    }
    lg_put(w, "%k:[", name);
    for (size_t i = 0; i < s->n && (w->own || i < max); i++)
        lg_ir_write(&w->jw, &s->list[i]);
    lg_put(w, "]");
    if (!w->own && s->n > max)
        lg_put_lose(w, s->tok, LG_APPROXIMATED,
                    "fewer stop sequences are taken");
}

void lg_put_lose_output(struct lg_writer *w, const struct lg_ir_output *o)
{
    const char *reason = "of an output only its schema has a place";

    if (o->kind == LG_OUTPUT_OTHER)
        lg_put_lose(w, o->tok, LG_DROPPED,
                    lg_reason(w->c, "unknown to %s", w->c->self->name));
    if (o->kind == LG_OUTPUT_SCHEMA && o->schema.kind != LG_JSON_OBJECT)
        lg_put_lose(w, o->tok, LG_APPROXIMATED,
                    "an output without a schema is any JSON");
    lg_put_drop(w, &o->name, reason);
    lg_put_drop(w, &o->description, reason);
    lg_put_drop(w, &o->strict, reason);
    lg_put_lose_extras(w, o->extra);
}

/* Does it ask for what happens anyway? */
static int is_default(size_t p, const struct lg_ir_val *v)
{
    int64_t n;

    return v->kind ==
               (p == LG_P_PARALLEL_TOOLS ? LG_JSON_TRUE : LG_JSON_FALSE) ||
           (p == LG_P_N && !lg_ir_int(v, &n) && n == 1);
}

void lg_put_lose_params(struct lg_writer *w, const struct lg_ir_request *r,
                        uint32_t carried)
{
    const char *unknown = NULL;

    for (size_t p = 0; p < LG_P_COUNT && !w->own; p++) {
        if (carried >> p & 1 || !lg_ir_has(&r->param[p]) ||
            is_default(p, &r->param[p]))
            continue;
        if (!unknown)
            unknown = lg_reason(w->c, "unknown to %s", w->c->self->name);
        lg_put_drop(w, &r->param[p], unknown);
    }
}
