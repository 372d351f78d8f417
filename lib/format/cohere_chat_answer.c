/* SPDX-License-Identifier: MIT
 *
 * A whole answer, read and written. */
#include "lib/format/cohere_chat.h"

/* ---- how it stopped, and what it cost ----------------------------------- */

static const struct {
    const char *word;
    enum lg_stop kind;
} stops[] = {
    {"COMPLETE", LG_STOP_END},        {"STOP_SEQUENCE", LG_STOP_SEQUENCE},
    {"MAX_TOKENS", LG_STOP_LENGTH},   {"TOOL_CALL", LG_STOP_TOOL},
    {"ERROR_TOXIC", LG_STOP_REFUSAL}, {"ERROR_LIMIT", LG_STOP_LENGTH},
};

enum lg_stop lg_co_stop_kind(const struct lg_ir_val *reason)
{
    for (size_t i = 0; i < LG_COUNT(stops); i++)
        if (lg_ir_is(reason, stops[i].word))
            return stops[i].kind;
    return lg_ir_has(reason) ? LG_STOP_OTHER : LG_STOP_NONE;
}

const char *lg_co_stop_word(enum lg_stop kind)
{
    for (size_t i = 0; i < LG_COUNT(stops); i++)
        if (stops[i].kind == kind)
            return stops[i].word;
    return stops[0].word;
}

void lg_co_lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop)
{
    if (stop->kind == LG_STOP_SEQUENCE)
        lg_put_drop(w, &stop->sequence,
                    "which stop sequence it was is not told in " LG_CO_NAME);
    else if (stop->kind > LG_STOP_SEQUENCE)
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    "no such reason to stop in " LG_CO_NAME);
    lg_put_lose_extras(w, stop->extra);
}

/* Counts are numbers here, and may come as 12.0. */
static int64_t count(struct lg_val obj, const char *name)
{
    const struct lg_val v = lg_val_get(obj, name);
    struct lg_str s = lg_ir_of(v).s;
    const char *point = s.n ? memchr(s.p, '.', s.n) : NULL;
    int64_t n;

    if (point)
        s.n = (size_t)(point - s.p);
    return lg_val_kind(v) != LG_JSON_NUMBER || lg_str_int(s, &n) || n < 0 ? -1
                                                                          : n;
}

void lg_co_read_usage(struct lg_val v, struct lg_ir_usage *u)
{
    const struct lg_val tokens = lg_val_get(v, "tokens");
    const struct lg_val from =
        tokens.doc ? tokens : lg_val_get(v, "billed_units");

    *u = LG_USAGE_NONE;
    u->raw = lg_ir_of(v);
    u->input = count(from, "input_tokens");
    u->output = count(from, "output_tokens");
    u->cache_read = count(v, "cached_tokens");
    if (u->cache_read > 0 && u->input >= 0)
        u->input = u->input > u->cache_read ? u->input - u->cache_read : 0;
}

void lg_co_write_usage(struct lg_writer *w, const struct lg_ir_usage *u)
{
    const int64_t output = lg_count_plus(u->output, 0);
    const int64_t input =
        lg_count_plus(u->input, lg_count_plus(u->cache_read, u->cache_write));

    lg_put(w,
           "'usage':{'billed_units':{'input_tokens':%d,'output_tokens':%d},"
           "'tokens':{'input_tokens':%d,'output_tokens':%d},"
           "'cached_tokens':%d}",
           input, output, input, output, u->cache_read);
}

/* ---- reading ------------------------------------------------------------ */

int lg_co_is_none(const struct lg_ctx *c, struct lg_str arguments)
{
    return !arguments.n || (!c->keep_extras && lg_str_is(arguments, "null"));
}

struct reading {
    struct lg_ctx *c;
    struct lg_ir_sink *sink;
    int32_t index;
    struct lg_val content, plan, calls, citations;
    uint32_t last_text; /* the token of the last text of the content */
};

static int put(const struct reading *rd, enum lg_event_kind kind,
               const void *what)
{
    return lg_sink_put(rd->sink, kind, 0, rd->index, what, NULL);
}

static int put_text(const struct reading *rd, enum lg_event_kind kind,
                    struct lg_str text)
{
    return text.n ? lg_sink_text(rd->sink, kind, 0, rd->index, text) : 0;
}

static int put_citations(const struct reading *rd)
{
    struct lg_iter it = lg_iter_of(rd->citations);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        rc = put(rd, LG_EV_CITATION, &val);
    }
    return rc;
}

/* A part as it opens, without what comes in pieces. */
static int put_part(struct reading *rd, const struct lg_ir_part *p)
{
    const enum lg_event_kind kind =
        p->kind == LG_PART_TEXT ? LG_EV_TEXT : LG_EV_THINKING;
    struct lg_ir_part open = *p;
    int rc;

    open.text = lg_ir_none;
    rc = put(rd, LG_EV_PART, &open);
    if (rc >= 0 && (p->kind == LG_PART_TEXT || p->kind == LG_PART_THINKING))
        rc = put_text(rd, kind, p->text.s);
    if (rc >= 0 && p->tok == rd->last_text)
        rc = put_citations(rd);
    return rc;
}

static int end_part(struct reading *rd, int rc)
{
    if (rc >= 0)
        rc = put(rd, LG_EV_PART_END, NULL);
    rd->index++;
    return rc;
}

static int put_call(struct reading *rd, const struct lg_ir_part *p)
{
    const int in_place =
        rd->c->keep_extras && lg_ir_has(&p->json) && !p->json.in_string;
    struct lg_ir_part open = *p;
    struct lg_str input = p->json.s;
    int rc;

    if (!in_place)
        open.json = lg_ir_none;
    rc = put(rd, LG_EV_PART, &open);
    if (in_place || rc < 0)
        return rc;
    if (!lg_ir_has(&p->json) || lg_co_is_none(rd->c, input))
        input = rd->c->keep_extras ? LG_STR("") : LG_STR("{}");
    else if (!p->json.in_string)
        rc = lg_escaped(rd->c, p->json.s, &input);
    return rc < 0 ? rc : put_text(rd, LG_EV_INPUT, input);
}

static int put_content(struct reading *rd)
{
    struct lg_ir_part *p = NULL, **end = &p;
    uint8_t form = 0;
    int rc = lg_co_read_content(rd->c, rd->content, &end, &form);

    for (const struct lg_ir_part *q = p; q && rc >= 0; q = q->next)
        if (q->kind == LG_PART_TEXT)
            rd->last_text = q->tok;
    for (; p && rc >= 0; p = p->next)
        rc = end_part(rd, put_part(rd, p));
    return rc;
}

static int put_plan(struct reading *rd)
{
    const struct lg_ir_part p = {.kind = LG_PART_TEXT,
                                 .tok = rd->plan.i,
                                 .form = LG_CO_PLAN,
                                 .text = lg_ir_of(rd->plan)};

    return p.text.s.n && lg_ir_has(&p.text) ? end_part(rd, put_part(rd, &p))
                                            : 0;
}

static int put_calls(struct reading *rd)
{
    struct lg_iter it = lg_iter_of(rd->calls);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part p = {.tok = it.val.i};

        rc = lg_call_read(rd->c, it.val, &p);
        if (rc >= 0)
            rc = end_part(rd, p.kind == LG_PART_OPAQUE ? put_part(rd, &p)
                                                       : put_call(rd, &p));
    }
    return rc;
}

/* Does a content have a text to cite for? */
static int has_text(struct lg_val content)
{
    struct lg_iter it = lg_iter_of(content);

    while (lg_iter_next(&it))
        if (lg_val_is(lg_val_get(it.val, "type"), "text"))
            return 1;
    return lg_val_kind(content) == LG_JSON_STRING;
}

static int is_list(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_ARRAY;
}

/* What makes no event; of our own it goes back as it was. */
static int is_idle(struct lg_val v)
{
    const struct lg_ir_val val = lg_ir_of(v);

    return val.kind == LG_JSON_STRING
               ? !val.s.n
               : !v.doc || lg_val_tok(v)->next == v.i + 1;
}

static int read_message(struct reading *rd, struct lg_val v,
                        struct lg_ir_head *head)
{
    struct lg_val role;
    int rc = lg_get(rd->c, v, &head->extra, LG_CO_MESSAGE,
                    "role= content= tool_plan= tool_calls= citations=", &role,
                    &rd->content, &rd->plan, &rd->calls, &rd->citations);
    const struct lg_val members[] = {rd->content, rd->plan, rd->calls,
                                     rd->citations};

    if (rc >= 0 && rd->c->keep_extras)
        rc = lg_extra_keep(rd->c, &head->extra, role, LG_CO_MESSAGE);
    for (size_t i = 0; i < LG_COUNT(members) && rc >= 0; i++)
        if (rd->c->keep_extras && is_idle(members[i]))
            rc = lg_extra_keep(rd->c, &head->extra, members[i], LG_CO_MESSAGE);
    if (rc < 0 || (has_text(rd->content) && is_list(rd->citations)))
        return rc;
    if (lg_val_kind(rd->plan) > LG_JSON_NULL &&
        lg_val_kind(rd->plan) != LG_JSON_STRING)
        return lg_val_fail(rd->plan, rd->c->err, "expected a string");
    return is_idle(rd->citations) ? 0
                                  : lg_extra_keep(rd->c, &head->extra,
                                                  rd->citations, LG_CO_MESSAGE);
}

int lg_co_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    struct reading rd = {.c = c, .sink = sink, .last_text = LG_NOWHERE};
    struct lg_ir_head head = {0};
    struct lg_ir_stop stop = {0};
    struct lg_ir_usage usage;
    struct lg_val message, cost;
    int rc = lg_get(c, lg_json_root(doc), &head.extra, LG_CO_NODE,
                    "id message= finish_reason usage=", &head.id, &message,
                    &stop.reason, &cost);

    if (rc >= 0)
        rc = read_message(&rd, message, &head);
    if (rc >= 0 && lg_val_kind(cost) != LG_JSON_OBJECT)
        rc = lg_extra_keep(c, &head.extra, cost, LG_CO_NODE);
    stop.kind = (uint8_t)lg_co_stop_kind(&stop.reason);
    lg_co_read_usage(cost, &usage);
    if (rc < 0 ||
        (rc = lg_sink_put(sink, LG_EV_START, 0, -1, &head, NULL)) < 0 ||
        (rc = put_content(&rd)) < 0 || (rc = put_plan(&rd)) < 0 ||
        (rc = put_calls(&rd)) < 0 ||
        (lg_val_kind(cost) == LG_JSON_OBJECT &&
         (rc = lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL)) < 0) ||
        (rc = lg_sink_put(sink, LG_EV_STOP, 0, -1, &stop, NULL)) < 0)
        return lg_protocol(c, rc);
    return lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
}

/* ---- writing ------------------------------------------------------------ */

static int is_content(const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        return !(p->form & LG_CO_PLAN);
    case LG_PART_THINKING:
    case LG_PART_REFUSAL:
        return 1;
    case LG_PART_OPAQUE:
        return !(p->form & LG_CALL_LISTED);
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_REDACTED:
        break;
    }
    return 0;
}

static void write_content(struct lg_writer *w, const struct lg_ir_part *p)
{
    const size_t mark = w->jw.out->n;

    if (w->own && p && p->kind == LG_PART_TEXT && p->form & LG_FORM_BARE) {
        lg_put(w, "'content':%v", &p->text);
        return;
    }
    lg_put(w, "'content':[");
    for (; p; p = p->next)
        if (is_content(p))
            lg_co_write_part(w, p);
    if (lg_writer_is_empty(w))
        lg_writer_undo(w, mark);
    else
        lg_put(w, "]");
}

static void write_plan(struct lg_writer *w, const struct lg_ir_part *p)
{
    unsigned n = 0;

    for (; p; p = p->next) {
        if (p->kind != LG_PART_TEXT || !(p->form & LG_CO_PLAN))
            continue;
        if (!n++) {
            lg_put(w, "'tool_plan':");
            lg_jw_join_open(&w->jw);
        }
        (void)lg_buf_str(w->jw.out, p->text.s);
    }
    if (n)
        (void)lg_buf_byte(w->jw.out, '"');
}

/* Those of all texts, as one list. */
static void write_citations(struct lg_writer *w, const struct lg_ir_part *p)
{
    const size_t mark = w->jw.out->n;

    lg_put(w, "'citations':[");
    for (; p; p = p->next)
        if (p->citations.s.n > 2)
            lg_jw_raw(&w->jw,
                      lg_str_from(p->citations.s.p + 1, p->citations.s.n - 2));
    if (lg_writer_is_empty(w))
        lg_writer_undo(w, mark);
    else
        lg_put(w, "]");
}

static void write_own(struct lg_writer *w, const struct lg_ir_answer *a)
{
    const struct lg_ir_choice *ch = &a->first;

    lg_put(w, "'id':%v,'message':{%x", &a->head.id, a->head.extra,
           LG_CO_MESSAGE);
    write_content(w, ch->parts);
    write_plan(w, ch->parts);
    lg_put_calls(w, ch->parts, 1, 0);
    write_citations(w, ch->parts);
    lg_put(w, "},'finish_reason':%v,'usage':%v,%x,%x", &ch->stop.reason,
           &a->usage.raw, ch->stop.extra, LG_CO_NODE, a->head.extra,
           LG_CO_NODE);
}

static void lose_part(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_OPAQUE || p->kind == LG_PART_REDACTED ||
        p->kind == LG_PART_IMAGE)
        lg_put_lose(w, p->tok, LG_DROPPED, LG_CO_UNKNOWN);
    else
        lg_put_drop(w, &p->blob.val, "a signature of another format");
    lg_put_drop(w, &p->citations, LG_CO_UNKNOWN);
    lg_put_lose_extras(w, p->extra);
}

static void write_foreign(struct lg_writer *w, const struct lg_ir_answer *a)
{
    const struct lg_ir_choice *ch = &a->first;
    const struct lg_ir_val id = lg_ir_word("");
    enum lg_stop kind = (enum lg_stop)ch->stop.kind;

    lg_put(w, "'id':%v,'message':{'role':'assistant','content':[",
           lg_ir_has(&a->head.id) ? &a->head.id : &id);
    for (const struct lg_ir_part *p = ch->parts; p; p = p->next) {
        if (p->text.s.n &&
            (p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL))
            lg_put(w, "{'type':'text','text':%v}", &p->text);
        if (p->text.s.n && p->kind == LG_PART_THINKING)
            lg_put(w, "{'type':'thinking','thinking':%v}", &p->text);
        if (p->kind == LG_PART_TOOL_CALL && kind == LG_STOP_END)
            kind = LG_STOP_TOOL;
        lose_part(w, p);
    }
    if (lg_ir_has(&ch->stop.details))
        lg_put(w, "{'type':'text','text':%v}", &ch->stop.details);
    lg_put(w, "]");
    lg_put_calls(w, ch->parts, 1, 0);
    lg_put(w, "},'finish_reason':%s", kind ? lg_co_stop_word(kind) : NULL);
    if (a->usage.input >= 0 || a->usage.output >= 0)
        lg_co_write_usage(w, &a->usage);
    lg_co_lose_stop(w, &ch->stop);
    lg_put_lose_extras(w, a->head.extra);
    lg_put_drop(w, &a->head.model, "an answer names no model in " LG_CO_NAME);
    if (ch->next)
        lg_put_lose(w, LG_NOWHERE, LG_DROPPED,
                    "an answer is one choice in " LG_CO_NAME);
}

int lg_co_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, a->origin, out);

    lg_put(&w, "{");
    if (w.own)
        write_own(&w, a);
    else
        write_foreign(&w, a);
    lg_put(&w, "}");
    return lg_writer_end(&w);
}
