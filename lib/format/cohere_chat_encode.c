/* SPDX-License-Identifier: MIT
 *
 * A stream, written. */
#include "lib/format/cohere_chat.h"

/* An event being written. */
struct frame {
    struct lg_writer w;
    struct lg_co_encoder *e;
    const struct lg_ir_event *ev;
    struct lg_frames *f;
};

/* ---- frames ------------------------------------------------------------- */

/* event, data and the type; the object stays open. */
static struct lg_writer *open_frame(struct frame *k, const char *name)
{
    (void)lg_buf_printf(k->w.jw.out, "event: %s\ndata: {\"type\":\"%s\"", name,
                        name);
    return &k->w;
}

static void end_frame(struct frame *k)
{
    if (k->w.own)
        lg_put(&k->w, "%x", k->ev->extra, LG_CO_NODE);
    (void)lg_buf_lit(k->w.jw.out, "}\n\n");
    lg_frame_done(k->f);
}

static struct lg_str keep(struct frame *k, struct lg_str s)
{
    const char *p = lg_arena_dup(k->w.c->keep, s);

    if (!p)
        lg_writer_fail(&k->w, lg_no_keep(k->w.c));
    return lg_str_from(p ? p : "", p ? s.n : 0);
}

/* ---- parts -------------------------------------------------------------- */

static const struct shape {
    const char *name, *member;
    const char *piece; /* what stands before a piece */
} shapes[] = {
    [LG_PART_TEXT] = {"content", "text", "\"content\":{\"text\":\""},
    [LG_PART_REFUSAL] = {"content", "text", "\"content\":{\"text\":\""},
    [LG_PART_THINKING] = {"content", "thinking",
                          "\"content\":{\"thinking\":\""},
    [LG_PART_TOOL_CALL] = {"tool-call", NULL,
                           "\"tool_calls\":{\"function\":{\"arguments\":\""},
    [LG_PART_OPAQUE] = {"content", NULL, NULL},
};

/* Behind a piece: what its prefix opened. */
static const char *tail_of(const struct lg_co_part *p)
{
    return p->plan                        ? "\"}}}\n\n"
           : p->kind == LG_PART_TOOL_CALL ? "\"}}}}}\n\n"
                                          : "\"}}}}\n\n";
}

static struct lg_co_part *part_of(const struct frame *k)
{
    struct lg_co_part *p = k->e->parts;

    while (p && p->index != k->ev->index)
        p = p->next;
    return p;
}

/* The frame of a piece, up to it. */
static void make_prefix(struct frame *k, struct lg_co_part *p)
{
    const char *name = p->plan ? "tool-plan" : shapes[p->kind].name;
    char text[200];
    struct lg_buf b = {.p = text, .cap = sizeof(text), .max = sizeof(text) - 1};

    (void)lg_buf_printf(&b, "event: %s-delta\ndata: {\"type\":\"%s-delta\",",
                        name, name);
    if (!p->plan)
        (void)lg_buf_printf(&b, "\"index\":%d,", (int)p->wire);
    (void)lg_buf_printf(&b, "\"delta\":{\"message\":{%s",
                        p->plan ? "\"tool_plan\":\"" : shapes[p->kind].piece);
    p->prefix = keep(k, lg_buf_span(&b));
}

static void write_piece(struct frame *k, struct lg_co_part *p,
                        struct lg_str text)
{
    struct lg_buf *out = k->w.jw.out;

    if (!p || !p->prefix.n || !text.n)
        return;
    p->said = 1;
    (void)lg_buf_str(out, p->prefix);
    (void)lg_buf_str(out, text);
    (void)lg_buf_str(out, lg_str_of(tail_of(p)));
    lg_frame_done(k->f);
}

static void start_call(struct frame *k, const struct lg_ir_part *part,
                       int32_t wire)
{
    struct lg_ir_part open = *part;

    lg_put(open_frame(k, "tool-call-start"),
           "'index':%d,'delta':{'message':{'tool_calls':", (int64_t)wire);
    if (k->w.own && !(part->form & LG_FORM_ABSENT))
        lg_put(&k->w, "{'id':%v,'type':'function'", &open.id);
    else if (k->w.own)
        lg_put(&k->w, "{'id':%v", &open.id);
    else
        lg_put(&k->w, "{'id':%v,'type':'function'", &open.id);
    lg_put(&k->w, "'function':{'name':%v,'arguments':'',%x},%x}}}", &open.name,
           open.extra, LG_FUNCTION_INNER, open.extra, LG_CO_NODE);
    end_frame(k);
}

static void start_content(struct frame *k, const struct lg_ir_part *part,
                          int32_t wire)
{
    const char *member = shapes[part->kind].member;

    lg_put(open_frame(k, "content-start"),
           "'index':%d,'delta':{'message':{'content':", (int64_t)wire);
    if (part->kind == LG_PART_OPAQUE)
        lg_ir_write(&k->w.jw, &part->json);
    else
        lg_put(&k->w, "{'type':%s,%k:'',%x}", member, member, part->extra,
               LG_CO_NODE);
    lg_put(&k->w, "}}");
    end_frame(k);
}

static void add_part(struct frame *k, const struct lg_ir_part *part)
{
    struct lg_co_part *p = lg_arena_new(k->w.c->keep, struct lg_co_part);
    const int is_call = part->kind == LG_PART_TOOL_CALL;

    if (!p) {
        lg_writer_fail(&k->w, lg_no_keep(k->w.c));
        return;
    }
    p->index = k->ev->index;
    p->kind = part->kind;
    p->custom = part->custom;
    p->plan = k->w.own && p->kind == LG_PART_TEXT && part->form & LG_CO_PLAN;
    p->wire = is_call ? k->e->calls++ : p->plan ? 0 : k->e->contents++;
    p->next = k->e->parts;
    k->e->parts = p;
    if (p->kind != LG_PART_OPAQUE)
        make_prefix(k, p);
    if (is_call)
        start_call(k, part, p->wire);
    else if (!p->plan)
        start_content(k, part, p->wire);
}

/* What a call's opening has of its arguments already. */
static void write_opening(struct frame *k, const struct lg_ir_part *part)
{
    const struct lg_ir_val *v = part->custom ? &part->text : &part->json;
    struct lg_str input = v->s;

    if (part->kind != LG_PART_TOOL_CALL || !lg_ir_has(v) ||
        lg_str_is(input, "{}")) /* where pieces will go */
        return;
    if (!v->in_string && !part->custom)
        lg_writer_fail(&k->w, lg_escaped(k->w.c, v->s, &input));
    if (!k->w.rc)
        write_piece(k, k->e->parts, input);
}

static void on_part(struct frame *k, const struct lg_ir_part *part)
{
    switch ((enum lg_part_kind)part->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
    case LG_PART_THINKING:
    case LG_PART_TOOL_CALL:
        add_part(k, part);
        write_opening(k, part);
        return;
    case LG_PART_OPAQUE:
        if (k->w.own) {
            add_part(k, part);
            return;
        }
        break;
    case LG_PART_REDACTED:
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
        break;
    }
    lg_put_lose(&k->w, part->tok, LG_DROPPED, LG_CO_UNKNOWN);
    lg_put_lose_extras(&k->w, part->extra);
}

/* A custom call's text stands in an object. */
static void wrap_input(struct frame *k, struct lg_co_part *p, int end)
{
    if (!p->custom || (!end && p->said))
        return;
    write_piece(k, p, end ? LG_STR("\\\"}") : LG_STR("{\\\"input\\\":\\\""));
}

static void on_input(struct frame *k)
{
    struct lg_co_part *p = part_of(k);
    struct lg_str text = k->ev->text;

    if (!p || !text.n)
        return;
    wrap_input(k, p, 0);
    if (p->custom)
        lg_writer_fail(&k->w, lg_escaped(k->w.c, text, &text));
    if (!k->w.rc)
        write_piece(k, p, text);
}

static void on_part_end(struct frame *k)
{
    struct lg_co_part *p = part_of(k);
    char name[24];
    struct lg_buf b = {.p = name, .cap = sizeof(name), .max = sizeof(name) - 1};

    if (!p)
        return;
    p->index = -1;
    if (p->kind == LG_PART_TOOL_CALL && !k->w.own && !p->said && !p->custom)
        write_piece(k, p, LG_STR("{}"));
    if (p->custom) {
        wrap_input(k, p, 0);
        wrap_input(k, p, 1);
    }
    if (p->plan)
        return;
    (void)lg_buf_printf(&b, "%s-end", shapes[p->kind].name);
    lg_put(open_frame(k, name), "'index':%d", (int64_t)p->wire);
    end_frame(k);
}

static void on_citation(struct frame *k)
{
    const int64_t index = k->e->citations++;

    lg_put(open_frame(k, "citation-start"),
           "'index':%d,'delta':{'message':{'citations':%v}}", index,
           k->ev->u.val);
    end_frame(k);
    lg_put(open_frame(k, "citation-end"), "'index':%d", index);
    (void)lg_buf_lit(k->w.jw.out, "}\n\n");
    lg_frame_done(k->f);
}

/* ---- the message -------------------------------------------------------- */

static void on_start(struct frame *k, const struct lg_ir_head *head)
{
    const struct lg_ir_val id = lg_ir_word("");

    if (k->e->started)
        return;
    k->e->started = 1;
    k->e->usage = LG_USAGE_NONE;
    lg_put(open_frame(k, "message-start"), "'id':%v,'delta':{'message':{",
           k->w.own || lg_ir_has(&head->id) ? &head->id : &id);
    if (k->w.own)
        lg_put(&k->w, "%x", head->extra, LG_CO_MESSAGE);
    else
        lg_put(&k->w, "'role':'assistant'");
    lg_put(&k->w,
           "'content':[],'tool_plan':'','tool_calls':[],'citations':[]}}");
    end_frame(k);
    if (k->w.own)
        return;
    lg_put_lose_extras(&k->w, head->extra);
    lg_put_drop(&k->w, &head->model, "an answer names no model in " LG_CO_NAME);
}

static void on_usage(struct frame *k, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    counts.raw = lg_ir_none;
    k->e->has_usage = 1;
    lg_writer_fail(&k->w, lg_usage_merge(&k->e->usage, &counts, NULL));
    if (k->w.own) {
        k->e->usage.raw = u->raw;
        k->e->usage.raw.s = keep(k, u->raw.s);
    }
}

/* Why it was refused, in words, is a text of its own. */
static void write_details(struct frame *k, const struct lg_ir_val *details)
{
    const struct lg_ir_part part = {.kind = LG_PART_TEXT, .tok = LG_NOWHERE};

    if (!lg_ir_has(details) || !details->s.n)
        return;
    add_part(k, &part);
    write_piece(k, k->e->parts, details->s);
    k->e->parts->index = k->ev->index;
    on_part_end(k);
}

static void on_stop(struct frame *k, const struct lg_ir_stop *stop)
{
    k->e->stop = *stop; /* our own's ends with this frame */
    if (k->w.own)
        return;
    lg_co_lose_stop(&k->w, stop);
    write_details(k, &stop->details);
    k->e->stop = (struct lg_ir_stop){.kind = stop->kind};
}

static void on_end(struct frame *k)
{
    const struct lg_co_encoder *e = k->e;
    enum lg_stop kind = (enum lg_stop)e->stop.kind;

    if (e->calls && kind == LG_STOP_END)
        kind = LG_STOP_TOOL;
    lg_put(open_frame(k, "message-end"), "'delta':{");
    if (k->w.own) {
        lg_put(&k->w, "'finish_reason':%v,'usage':%v,%x}", &e->stop.reason,
               &e->usage.raw, e->stop.extra, LG_CO_NODE);
    } else {
        lg_put(&k->w, "'finish_reason':%s", lg_co_stop_word(kind));
        if (e->has_usage)
            lg_co_write_usage(&k->w, &e->usage);
        lg_put(&k->w, "}");
    }
    end_frame(k);
    k->e->over = 1;
}

static void on_error(struct frame *k, const struct lg_ir_error *error)
{
    const struct lg_ir_val nothing = lg_ir_word("the provider gave no reason");

    lg_put(open_frame(k, "message-end"),
           "'delta':{'finish_reason':'ERROR','error':%v}",
           error->message.kind == LG_JSON_STRING ? &error->message : &nothing);
    end_frame(k);
    k->e->over = 1;
}

/* ---- any ---------------------------------------------------------------- */

static void on_opaque(struct frame *k)
{
    struct lg_buf *out = k->w.jw.out;

    if (!k->w.own) {
        lg_put_lose(&k->w, LG_NOWHERE, LG_DROPPED, LG_CO_UNKNOWN);
        return;
    }
    (void)lg_buf_lit(out, "event: ");
    (void)lg_buf_str(out, k->ev->name);
    (void)lg_buf_lit(out, "\ndata: ");
    lg_ir_write(&k->w.jw, k->ev->u.val);
    (void)lg_buf_lit(out, "\n\n");
    lg_frame_done(k->f);
}

static void write_any(struct frame *k)
{
    const struct lg_ir_event *ev = k->ev;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        on_part(k, ev->u.part);
        break;
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
        write_piece(k, part_of(k), ev->text);
        break;
    case LG_EV_INPUT:
        on_input(k);
        break;
    case LG_EV_PART_END:
        on_part_end(k);
        break;
    case LG_EV_STOP:
        on_stop(k, ev->u.stop);
        break;
    case LG_EV_USAGE:
        on_usage(k, ev->u.usage);
        break;
    case LG_EV_END:
        on_end(k);
        break;
    case LG_EV_ERROR:
        on_error(k, ev->u.error);
        break;
    case LG_EV_CITATION:
        if (k->w.own)
            on_citation(k);
        else
            on_opaque(k);
        break;
    case LG_EV_SIGNATURE:
    case LG_EV_OPAQUE:
        on_opaque(k);
        break;
    case LG_EV_START:
    case LG_EV_PING:
        break;
    }
}

static int write_slowly(struct lg_co_encoder *e, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *f)
{
    const struct lg_ir_head nobody = {.extra = NULL};
    struct frame k = {
        lg_writer_of(c, c->keep_extras ? c->self : NULL, &f->bytes), e, ev, f};

    k.w.jw.one_line = 1;
    if (ev->choice) {
        if (!e->told_choice++)
            lg_put_lose(&k.w, LG_NOWHERE, LG_DROPPED,
                        "an answer is one choice in " LG_CO_NAME);
        return k.w.rc;
    }
    if (ev->kind == LG_EV_START)
        on_start(&k, ev->u.head);
    else if (ev->kind != LG_EV_PING && ev->kind != LG_EV_ERROR)
        on_start(&k, &nobody);
    if (!k.w.rc)
        write_any(&k);
    return lg_writer_end(&k.w);
}

int lg_co_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames)
{
    struct lg_co_encoder *e = enc;
    const struct lg_co_part *p = e->parts; /* the one opened last */
    struct lg_buf *out = &frames->bytes;

    if (e->over)
        return 0;
    if (!LG_LIKELY(ev->kind == LG_EV_TEXT && p && p->index == ev->index &&
                   p->prefix.n && !ev->choice && ev->text.n && !ev->extra))
        return write_slowly(e, c, ev, frames);
    (void)lg_buf_str(out, p->prefix);
    (void)lg_buf_str(out, ev->text);
    (void)lg_buf_str(out, lg_str_of(tail_of(p)));
    lg_frame_done(frames);
    return out->err ? lg_fail_mem(c->err, out->err) : 0;
}
