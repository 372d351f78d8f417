/* SPDX-License-Identifier: MIT */
#include "tests/support/events.h"

#include "lib/json/text.h"

#define MANY ((size_t)1 << 30)

static const char *const event_names[] = {
    [LG_EV_START] = "start",         [LG_EV_PART] = "part",
    [LG_EV_TEXT] = "text",           [LG_EV_THINKING] = "thinking",
    [LG_EV_REFUSAL] = "refusal",     [LG_EV_INPUT] = "input",
    [LG_EV_SIGNATURE] = "signature", [LG_EV_CITATION] = "citation",
    [LG_EV_PART_END] = "part-end",   [LG_EV_STOP] = "stop",
    [LG_EV_USAGE] = "usage",         [LG_EV_END] = "end",
    [LG_EV_PING] = "ping",           [LG_EV_ERROR] = "error",
    [LG_EV_OPAQUE] = "opaque",
};

static const char *const part_names[] = {
    [LG_PART_TEXT] = "text",           [LG_PART_IMAGE] = "image",
    [LG_PART_DOCUMENT] = "document",   [LG_PART_AUDIO] = "audio",
    [LG_PART_TOOL_CALL] = "tool-call", [LG_PART_TOOL_RESULT] = "tool-result",
    [LG_PART_THINKING] = "thinking",   [LG_PART_REDACTED] = "redacted",
    [LG_PART_REFUSAL] = "refusal",     [LG_PART_OPAQUE] = "opaque",
};

void json_squeeze(struct lg_buf *out, struct lg_str json)
{
    int quoted = 0;

    for (size_t i = 0; i < json.n; i++) {
        const char c = json.p[i];

        if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            continue;
        lg_buf_byte(out, c);
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\' && i + 1 < json.n)
            lg_buf_byte(out, json.p[++i]);
    }
}

static int no_nulls; /* while a request is told */

static void put(struct lg_buf *out, const char *name, struct lg_str s)
{
    lg_buf_byte(out, ' ');
    lg_buf_str(out, lg_str_of(name));
    lg_buf_byte(out, '=');
    lg_buf_str(out, s);
}

/* The JSON a value is, taken out of its string. */
static void put_json(struct lg_buf *out, const struct lg_ir_val *v)
{
    struct lg_buf text;

    if (!v->in_string) {
        json_squeeze(out, v->s);
        return;
    }
    lg_buf_init(&text, MANY);
    lg_json_unescape(&text, v->s, LG_TO_JSON);
    json_squeeze(out, lg_buf_span(&text));
    lg_buf_done(&text);
}

static void put_val(struct lg_buf *out, const char *name,
                    const struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE || (v->kind == LG_JSON_NULL && no_nulls))
        return;
    put(out, name, LG_STR(""));
    if (v->kind == LG_JSON_STRING && !v->in_string) {
        lg_buf_byte(out, '"');
        lg_buf_str(out, v->s);
        lg_buf_byte(out, '"');
    } else {
        put_json(out, v);
    }
}

static void put_extras(struct lg_buf *out, const struct lg_ir_extra *x)
{
    for (; x; x = x->next) {
        if (x->val.kind == LG_JSON_NULL && no_nulls)
            continue;
        lg_buf_printf(out, " +%d:", x->level);
        lg_buf_str(out, x->key);
        put_val(out, "", &x->val);
    }
}

static void put_count(struct lg_buf *out, const char *name, int64_t n)
{
    if (n < 0)
        return;
    put(out, name, LG_STR(""));
    lg_buf_int(out, n);
}

static void put_usage(struct lg_buf *out, const struct lg_ir_usage *u)
{
    put_count(out, "input", u->input);
    put_count(out, "output", u->output);
    put_count(out, "thinking", u->thinking);
    put_count(out, "cache-read", u->cache_read);
    put_count(out, "cache-write", u->cache_write);
    put_count(out, "cache-write-1h", u->cache_write_1h);
    put_val(out, "raw", &u->raw);
}

static void put_stop(struct lg_buf *out, const struct lg_ir_stop *s)
{
    const char *name = lg_stop_name((enum lg_stop)s->kind);

    put(out, "kind", lg_str_of(name ? name : "none"));
    put_val(out, "reason", &s->reason);
    put_val(out, "sequence", &s->sequence);
    put_val(out, "details", &s->details);
    put_extras(out, s->extra);
}

static void put_head(struct lg_buf *out, const struct lg_ir_head *h)
{
    put_val(out, "id", &h->id);
    put_val(out, "model", &h->model);
    put_val(out, "created", &h->created);
    put_extras(out, h->extra);
}

static void put_error(struct lg_buf *out, const struct lg_ir_error *e)
{
    put_count(out, "class", e->class);
    put_count(out, "status", e->status);
    put_val(out, "type", &e->type);
    put_val(out, "code", &e->code);
    put_val(out, "param", &e->param);
    put_val(out, "message", &e->message);
    put_val(out, "request-id", &e->request_id);
    put_extras(out, e->extra);
}

/* A text without text, in a request: no more than a null. */
static int is_nothing(const struct lg_ir_part *p)
{
    return no_nulls && !p->text.s.n &&
           (p->kind == LG_PART_TEXT ||
            (p->kind == LG_PART_THINKING && !lg_ir_has(&p->blob.val)));
}

/* The arguments of a call; none are an empty object. */
static void put_input(struct lg_buf *out, const struct lg_ir_val *v,
                      int is_call)
{
    if (no_nulls && ((v->in_string && !v->s.n) || (is_call && !lg_ir_has(v))))
        put(out, "json", LG_STR("{}"));
    else
        put_val(out, "json", v);
}

static void put_part(struct lg_buf *out, const struct lg_ir_part *p)
{
    lg_buf_str(out, lg_str_of(part_names[p->kind]));
    if (p->custom)
        lg_buf_lit(out, " custom");
    put_val(out, "id", &p->id);
    if (!no_nulls || p->kind != LG_PART_TOOL_RESULT) /* its call says it */
        put_val(out, "name", &p->name);
    put_val(out, "text", &p->text);
    put_input(out, &p->json, p->kind == LG_PART_TOOL_CALL && !p->custom);
    put_val(out, "is-error", &p->is_error);
    put_count(out, "source", p->media.source ? p->media.source : -1);
    put_val(out, "data", &p->media.data);
    put_val(out, "media-type", &p->media.media_type);
    if (!lg_ir_is(&p->media.name, "document.pdf") &&
        !lg_ir_is(&p->media.name, "document")) /* as good as none */
        if (!no_nulls || !lg_ir_is(&p->media.name, "document.pdf"))
            put_val(out, "file-name", &p->media.name); /* else it is made up */
    put_val(out, "detail", &p->media.detail);
    put_val(out, "citations", &p->citations);
    put_val(out, "cache", &p->cache);
    put_val(out, "blob", &p->blob.val);
    if (p->blob.origin)
        put(out, "origin", lg_str_of(p->blob.origin));
    put_extras(out, p->extra);
    for (const struct lg_ir_part *in = p->parts; in; in = in->next) {
        if (is_nothing(in))
            continue;
        lg_buf_lit(out, " [");
        put_part(out, in);
        lg_buf_byte(out, ']');
    }
}

void event_text(struct lg_buf *out, const struct lg_ir_event *ev)
{
    lg_buf_str(out, lg_str_of(event_names[ev->kind]));
    lg_buf_byte(out, ' ');
    lg_buf_int(out, ev->choice);
    lg_buf_byte(out, '.');
    lg_buf_int(out, ev->index);
    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        put_head(out, ev->u.head);
        break;
    case LG_EV_PART:
        lg_buf_byte(out, ' ');
        put_part(out, ev->u.part);
        break;
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
        put(out, "text", ev->text);
        break;
    case LG_EV_SIGNATURE:
        put_val(out, "val", &ev->u.blob->val);
        put(out, "origin", lg_str_of(ev->u.blob->origin));
        break;
    case LG_EV_CITATION:
        put_val(out, "val", ev->u.val);
        break;
    case LG_EV_STOP:
        put_stop(out, ev->u.stop);
        break;
    case LG_EV_USAGE:
        put_usage(out, ev->u.usage);
        break;
    case LG_EV_ERROR:
        put_error(out, ev->u.error);
        break;
    case LG_EV_OPAQUE:
        put(out, "name", ev->name);
        put_val(out, "val", ev->u.val);
        break;
    case LG_EV_PART_END:
    case LG_EV_END:
    case LG_EV_PING:
        break;
    }
    put_extras(out, ev->extra);
    lg_buf_byte(out, '\n');
}

void answer_text(struct lg_buf *out, const struct lg_ir_answer *a)
{
    lg_buf_printf(out, "answer complete=%d", a->complete);
    put_head(out, &a->head);
    lg_buf_lit(out, "\nusage");
    put_usage(out, &a->usage);
    lg_buf_byte(out, '\n');
    for (const struct lg_ir_choice *c = &a->first; c; c = c->next) {
        lg_buf_printf(out, "choice %d", c->index);
        put_extras(out, c->extra);
        lg_buf_lit(out, "\nstop");
        put_stop(out, &c->stop);
        lg_buf_byte(out, '\n');
        for (const struct lg_ir_part *p = c->parts; p; p = p->next) {
            put_part(out, p);
            lg_buf_byte(out, '\n');
        }
    }
}

static void gist_of_call(struct lg_buf *out, const struct lg_ir_part *p)
{
    lg_buf_lit(out, "call");
    put_val(out, "id", &p->id);
    put_val(out, "name", &p->name);
    put(out, "json", LG_STR(""));
    if (p->custom) {
        lg_buf_lit(out, "{\"input\":\"");
        lg_buf_str(out, p->text.s);
        lg_buf_lit(out, "\"}");
    } else if (p->json.s.n) {
        put_json(out, &p->json);
    } else {
        lg_buf_lit(out, "{}");
    }
    lg_buf_byte(out, '\n');
}

/* The stops that every format has a word for. */
static const char *gist_of_stop(const struct lg_ir_choice *c)
{
    switch ((enum lg_stop)c->stop.kind) {
    case LG_STOP_NONE:
        return "none";
    case LG_STOP_LENGTH:
        return "length";
    case LG_STOP_REFUSAL:
        return "refusal";
    case LG_STOP_TOOL:
        return "tool";
    case LG_STOP_END:
    case LG_STOP_SEQUENCE:
    case LG_STOP_PAUSE:
    case LG_STOP_OTHER:
        break;
    }
    for (const struct lg_ir_part *p = c->parts; p; p = p->next) {
        if (p->kind == LG_PART_TOOL_CALL)
            return "tool";
    }
    return "end";
}

void answer_gist(struct lg_buf *out, const struct lg_ir_answer *a)
{
    const struct lg_ir_choice *c = &a->first;

    lg_buf_lit(out, "text=");
    for (const struct lg_ir_part *p = c->parts; p; p = p->next) {
        if (p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL)
            lg_json_unescape(out, p->text.s, LG_TO_TEXT);
    }
    if (lg_ir_has(&c->stop.details))
        lg_json_unescape(out, c->stop.details.s, LG_TO_TEXT);
    lg_buf_byte(out, '\n');
    for (const struct lg_ir_part *p = c->parts; p; p = p->next) {
        if (p->kind == LG_PART_TOOL_CALL)
            gist_of_call(out, p);
    }
    lg_buf_printf(out, "stop=%s\n", gist_of_stop(c));
}

void answer_stop(struct lg_buf *out, const struct lg_ir_answer *a)
{
    const char *name = lg_stop_name((enum lg_stop)a->first.stop.kind);

    lg_buf_str(out, lg_str_of(name ? name : "none"));
}

/* ---- requests ---------------------------------------------------------- */

/* A message that says nothing may be left out. */
static int is_silent(const struct lg_ir_message *m)
{
    const struct lg_ir_part *p = m->parts;

    while (p && is_nothing(p))
        p = p->next;
    return !p;
}

static void put_message(struct lg_buf *out, const struct lg_ir_message *m)
{
    if (is_silent(m))
        return;
    /* Instructions are instructions, whoever gives them. */
    lg_buf_printf(out, "message role=%d",
                  m->role == LG_ROLE_DEVELOPER ? LG_ROLE_SYSTEM : m->role);
    put_val(out, "name", &m->name);
    put_extras(out, m->extra);
    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (is_nothing(p))
            continue;
        lg_buf_lit(out, "\n  ");
        put_part(out, p);
    }
    lg_buf_byte(out, '\n');
}

static void put_tool(struct lg_buf *out, const struct lg_ir_tool *t)
{
    lg_buf_printf(out, "tool %d", t->kind);
    put_val(out, "name", &t->name);
    put_val(out, "description", &t->description);
    if (!lg_str_is(t->schema.s, "{\"type\":\"object\",\"properties\":{}}") &&
        !lg_str_is(t->schema.s, "{}"))
        put_val(out, "schema", &t->schema); /* else it is as if absent */
    if (t->strict.kind != LG_JSON_FALSE)    /* the default */
        put_val(out, "strict", &t->strict);
    put_val(out, "cache", &t->cache);
    put_val(out, "json", &t->json);
    put_extras(out, t->extra);
    lg_buf_byte(out, '\n');
}

static void put_settings(struct lg_buf *out, const struct lg_ir_request *r)
{
    for (int i = 0; i < LG_P_COUNT; i++) {
        if (!lg_ir_has(&r->param[i]) ||
            (i == LG_P_PARALLEL_TOOLS &&
             (lg_ir_true(&r->param[i]) || !r->tools)) ||
            (i == LG_P_METADATA && lg_str_is(r->param[i].s, "{}")) ||
            (i != LG_P_PARALLEL_TOOLS && r->param[i].kind == LG_JSON_FALSE) ||
            i == LG_P_INCLUDE_USAGE || /* most tell it unasked */
            (i == LG_P_N && lg_str_is(r->param[i].s, "1")))
            continue;
        lg_buf_printf(out, "param %d", i);
        put_val(out, "", &r->param[i]);
        lg_buf_byte(out, '\n');
    }
    lg_buf_printf(out, "choice mode=%d",
                  r->tool_choice.mode == LG_CHOICE_AUTO ? LG_CHOICE_UNSET
                                                        : r->tool_choice.mode);
    put_val(out, "name", &r->tool_choice.name);
    if (r->tool_choice.mode == LG_CHOICE_ALLOWED ||
        r->tool_choice.mode == LG_CHOICE_OTHER)
        put_val(out, "json", &r->tool_choice.json);
    put_extras(out, r->tool_choice.extra);
    lg_buf_printf(out, "\noutput kind=%d",
                  r->output.kind == LG_OUTPUT_TEXT ? LG_OUTPUT_UNSET
                                                   : r->output.kind);
    if (!lg_ir_is(&r->output.name, "response")) /* as good as none */
        put_val(out, "name", &r->output.name);
    put_val(out, "description", &r->output.description);
    put_val(out, "schema", &r->output.schema);
    put_val(out, "strict", &r->output.strict);
    if (r->output.kind == LG_OUTPUT_OTHER)
        put_val(out, "json", &r->output.json);
    put_extras(out, r->output.extra);
    lg_buf_printf(out, "\nthinking mode=%d", r->thinking.mode);
    put_val(out, "budget", &r->thinking.budget);
    put_val(out, "display", &r->thinking.display);
    put_val(out, "json", &r->thinking.json);
    put_extras(out, r->thinking.extra);
    lg_buf_lit(out, "\nstops");
    for (size_t i = 0; i < r->stops.n; i++)
        put_val(out, "", &r->stops.list[i]);
    put_extras(out, r->extra);
    lg_buf_byte(out, '\n');
}

void request_text(struct lg_buf *out, const struct lg_ir_request *r)
{
    no_nulls = 1;
    put_settings(out, r);
    for (const struct lg_ir_message *m = r->messages; m; m = m->next)
        put_message(out, m);
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next)
        put_tool(out, t);
    no_nulls = 0;
}

static int log_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct event_log *log = (struct event_log *)self;

    log->n++;
    event_text(&log->text, ev);
    return log->text.err;
}

void event_log_init(struct event_log *log)
{
    *log = (struct event_log){.sink = {log_put}};
    lg_buf_init(&log->text, MANY);
}

void event_log_done(struct event_log *log)
{
    lg_buf_done(&log->text);
}

static int fold_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    return lg_fold_event(&((struct fold_sink *)self)->fold, ev);
}

void fold_sink_init(struct fold_sink *f, struct lg_arena *arena,
                    const struct lg_format *origin)
{
    f->sink.put = fold_put;
    lg_fold_init(&f->fold, arena, LG_FOLD_ALL, MANY, origin);
}
