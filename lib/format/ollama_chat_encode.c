/* SPDX-License-Identifier: MIT
 *
 * A whole answer, written, and a stream's lines. */
#include "lib/format/ollama_chat.h"

/* ---- members ------------------------------------------------------------ */

/* Seconds since 1970 as a date (RFC 3339), by the calendar's 400 years. */
static void write_time(struct lg_writer *w, int64_t t)
{
    const int64_t day = t / 86400, second = t % 86400;
    const int64_t z = day + 719468, era = z / 146097, doe = z % 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t month = (5 * doy + 2) / 153; /* from March */

    (void)lg_buf_printf(w->jw.out, "\"%04d-%02d-%02dT%02d:%02d:%02dZ\"",
                        (int)(yoe + era * 400 + (month > 9)),
                        (int)(month > 9 ? month - 9 : month + 3),
                        (int)(doy - (153 * month + 2) / 5 + 1),
                        (int)(second / 3600), (int)(second / 60 % 60),
                        (int)(second % 60));
}

/* The members before the message, into the object that is open. */
static void write_head(struct lg_writer *w, const struct lg_ir_head *head)
{
    const struct lg_ir_val nobody = lg_ir_word("");
    int64_t now = w->c->now;

    lg_put(w, "'model':%v",
           w->own || lg_ir_has(&head->model) ? &head->model : &nobody);
    if (w->own || head->created.kind == LG_JSON_STRING) {
        lg_put(w, "'created_at':%v", &head->created);
    } else {
        (void)lg_ir_int(&head->created, &now);
        lg_put(w, "'created_at':");
        write_time(w, now >= 0 && now < INT64_C(253402300800) ? now : 0);
    }
    lg_put(w, "%x", head->extra, LG_OL_NODE);
}

static const char *stop_word(enum lg_stop kind)
{
    return kind == LG_STOP_LENGTH    ? "length"
           : kind == LG_STOP_REFUSAL ? "content_filter"
                                     : "stop";
}

static void lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop)
{
    if (stop->kind == LG_STOP_SEQUENCE)
        lg_put_lose(w, stop->sequence.tok, LG_DROPPED,
                    "which stop sequence it was cannot be told in " LG_OL_NAME);
    else if (stop->kind > LG_STOP_SEQUENCE)
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    "no such reason to stop in " LG_OL_NAME);
    lg_put_lose_extras(w, stop->extra);
}

/* What stands behind the message, with the brace that ends it all. An answer
 * that did not stop is not done. */
static void write_stop(struct lg_writer *w, const struct lg_ir_stop *stop,
                       const struct lg_ir_usage *u)
{
    const int64_t cached = u->cache_read > 0 ? u->cache_read : 0;
    int64_t input = u->input;

    if (!w->own && input >= 0)
        input = lg_count_plus(input, lg_count_plus(cached, u->cache_write));
    if (!w->own && stop->kind == LG_STOP_NONE)
        lg_put(w, "'done':false");
    else if (!w->own)
        lg_put(w, "'done':true,'done_reason':%s",
               stop_word((enum lg_stop)stop->kind));
    else if (!lg_extra_has(stop->extra, LG_OL_UNDONE))
        lg_put(w, "'done':true");
    if (w->own)
        lg_put(w, "'done_reason':%v", &stop->reason);
    lg_put(w, "'prompt_eval_count':%d,'eval_count':%d,%x", input, u->output,
           stop->extra, LG_OL_UNDONE);
    if (w->own) /* of another format's, the loss is told with the stop */
        lg_put(w, "%x", stop->extra, LG_OL_NODE);
    lg_put(w, "}");
}

/* A part that is more than its text, thinking, call or image. */
static void lose_part(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (w->own)
        return;
    if (p->kind == LG_PART_OPAQUE || p->kind == LG_PART_REDACTED)
        lg_put_lose(w, p->tok, LG_DROPPED, LG_OL_UNKNOWN);
    else
        lg_put_drop(w, &p->blob.val, "a signature of another format");
    lg_put_drop(w, &p->citations, LG_OL_UNKNOWN);
    if (p->kind != LG_PART_TOOL_CALL)
        lg_put_lose_extras(w, p->extra);
}

/* `images`, if there are any. */
static void write_images(struct lg_writer *w, const struct lg_ir_part *p)
{
    const size_t mark = w->jw.out->n;

    lg_put(w, "'images':[");
    for (; p; p = p->next)
        if (p->kind == LG_PART_IMAGE)
            lg_ir_write(&w->jw, &p->media.data);
    if (lg_writer_is_empty(w))
        lg_writer_undo(w, mark);
    else
        lg_put(w, "]");
}

/* ---- a whole answer ----------------------------------------------------- */

/* The texts of some kinds of parts, and `more`, as one; nothing if there are
 * none and it need not be there. */
static void write_texts(struct lg_writer *w, const char *name, uint32_t kinds,
                        const struct lg_ir_part *p, struct lg_str more,
                        int always)
{
    const size_t mark = w->jw.out->n;
    unsigned n = 0;

    lg_put(w, "%k:", name);
    lg_jw_join_open(&w->jw);
    for (; p; p = p->next) {
        if (!(kinds >> p->kind & 1))
            continue;
        n++;
        (void)lg_buf_str(w->jw.out, p->text.s);
    }
    if (more.n)
        (void)lg_buf_str(w->jw.out, more);
    (void)lg_buf_byte(w->jw.out, '"');
    if (!n && !always)
        lg_writer_undo(w, mark);
}

int lg_ol_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, a->origin, out);
    const struct lg_ir_choice *ch = &a->first;
    const struct lg_str details =
        lg_ir_has(&ch->stop.details) ? ch->stop.details.s : LG_STR("");

    lg_put(&w, "{");
    write_head(&w, &a->head);
    lg_put(&w, "'message':{");
    if (!w.own)
        lg_put(&w, "'role':'assistant'");
    write_texts(&w, "content", 1u << LG_PART_TEXT | 1u << LG_PART_REFUSAL,
                ch->parts, details, !w.own);
    write_texts(&w, "thinking", 1u << LG_PART_THINKING, ch->parts, LG_STR(""),
                0);
    write_images(&w, ch->parts);
    lg_put_calls(&w, ch->parts, 0, 0);
    lg_put(&w, "%x}", a->head.extra, LG_OL_MESSAGE);
    write_stop(&w, &ch->stop, &a->usage);
    for (const struct lg_ir_part *p = ch->parts; p; p = p->next)
        lose_part(&w, p);
    if (!w.own)
        lose_stop(&w, &ch->stop);
    if (ch->next)
        lg_put_lose(&w, LG_NOWHERE, LG_DROPPED,
                    "an answer is one choice in " LG_OL_NAME);
    return lg_writer_end(&w);
}

/* ---- a stream's lines --------------------------------------------------- */

struct line {
    struct lg_writer w;
    struct lg_ol_encoder *e;
    const struct lg_ir_event *ev;
    struct lg_frames *f;
};

static struct lg_str keep(struct line *l, struct lg_str s)
{
    const char *p = lg_arena_dup(l->w.c->keep, s);

    if (!p)
        lg_writer_fail(&l->w, lg_no_keep(l->w.c));
    return lg_str_from(p ? p : "", p ? s.n : 0);
}

static struct lg_ir_val keep_val(struct line *l, const struct lg_ir_val *v)
{
    struct lg_ir_val copy = *v;

    copy.s = keep(l, v->s);
    return copy;
}

/* What all lines begin with, and those with text up to it. */
static void start(struct line *l, const struct lg_ir_head *head)
{
    struct lg_buf b;
    struct lg_writer w = lg_writer_of(l->w.c, l->w.origin, &b);
    const char *role =
        lg_extra_has(head->extra, LG_OL_MESSAGE) ? "%x" : "'role':'assistant'";

    if (l->e->head.p)
        return;
    lg_buf_init(&b, SIZE_MAX / 8);
    w.jw.one_line = 1;
    lg_put(&w, "{");
    write_head(&w, head);
    lg_put(&w, "'message':{");
    lg_put(&w, w.own ? role : "'role':'assistant'", head->extra, LG_OL_MESSAGE);
    l->e->head = keep(l, lg_buf_span(&b));
    lg_put(&w, "'content':");
    lg_jw_join_open(&w.jw);
    l->e->text = keep(l, lg_buf_span(&b));
    lg_writer_fail(&l->w, lg_writer_end(&w));
    lg_buf_done(&b);
}

static struct lg_writer *open_line(struct line *l)
{
    (void)lg_buf_str(l->w.jw.out, l->e->head);
    return &l->w;
}

static void end_line(struct line *l)
{
    (void)lg_buf_byte(l->w.jw.out, '\n');
    lg_frame_done(l->f);
}

static void close_line(struct line *l)
{
    lg_put(&l->w, "},'done':false}");
    end_line(l);
}

static void write_piece(struct line *l, const char *name, struct lg_str text)
{
    if (!text.n)
        return;
    lg_put(open_line(l), "'content':%b", *name == 'c' ? text : LG_STR(""));
    if (*name != 'c')
        lg_put(&l->w, "%k:%b", name, text);
    close_line(l);
}

static void write_part(struct line *l, const struct lg_ir_part *part)
{
    struct lg_ir_part alone = *part;

    alone.next = NULL;
    lg_put(open_line(l), "'content':''");
    write_images(&l->w, &alone);
    lg_put_calls(&l->w, &alone, 0, 0);
    close_line(l);
}

/* ---- calls -------------------------------------------------------------- */

static void begin_call(struct line *l, const struct lg_ir_part *p)
{
    struct lg_ol_call *call = lg_arena_new(l->w.c->keep, struct lg_ol_call);

    if (!call) {
        lg_writer_fail(&l->w, lg_no_keep(l->w.c));
        return;
    }
    call->index = l->ev->index;
    call->part = (struct lg_ir_part){
        .kind = p->kind, .tok = p->tok, .form = p->form, .custom = p->custom};
    call->part.id = keep_val(l, &p->id);
    call->part.name = keep_val(l, &p->name);
    call->part.json = keep_val(l, &p->json);
    call->part.text = keep_val(l, &p->text);
    lg_put_lose_extras(&l->w, p->extra);
    call->last = &call->first;
    call->next = l->e->calls;
    l->e->calls = call;
}

static void add_input(struct line *l)
{
    struct lg_ol_call *call = l->e->calls;
    struct lg_ol_piece *piece;

    while (call && call->index != l->ev->index)
        call = call->next;
    if (!call || !l->ev->text.n)
        return;
    piece = lg_arena_new(l->w.c->keep, struct lg_ol_piece);
    if (!piece) {
        lg_writer_fail(&l->w, lg_no_keep(l->w.c));
        return;
    }
    piece->text = keep(l, l->ev->text);
    *call->last = piece;
    call->last = &piece->next;
    call->n += piece->text.n;
}

/* The pieces as what they are together. */
static void join(struct line *l, struct lg_ol_call *call)
{
    struct lg_ir_val *v =
        call->part.custom ? &call->part.text : &call->part.json;
    char *p = lg_arena_alloc(l->w.c->arena, call->n);
    size_t n = 0;

    if (!p) {
        lg_writer_fail(&l->w, lg_no_room(l->w.c));
        return;
    }
    for (const struct lg_ol_piece *at = call->first; at; at = at->next) {
        memcpy(p + n, at->text.p, at->text.n);
        n += at->text.n;
    }
    *v = (struct lg_ir_val){lg_str_from(p, n), LG_NOWHERE,
                            call->part.custom ? LG_JSON_STRING : LG_JSON_OBJECT,
                            !call->part.custom};
}

static void end_call(struct line *l, struct lg_ol_call **at)
{
    struct lg_ol_call *call = *at;

    *at = call->next;
    if (call->n)
        join(l, call);
    write_part(l, &call->part);
}

/* Those of a part, or all, the oldest first. */
static void end_calls(struct line *l, int32_t index)
{
    for (struct lg_ol_call **at; l->e->calls && !l->w.rc;) {
        at = &l->e->calls;
        while (index >= 0 ? *at && (*at)->index != index : (*at)->next != NULL)
            at = &(*at)->next;
        if (!*at)
            return;
        end_call(l, at);
    }
}

/* ---- any ---------------------------------------------------------------- */

static void on_part(struct line *l, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_TOOL_CALL && !l->w.own)
        begin_call(l, p);
    else if (p->kind == LG_PART_IMAGE || p->kind == LG_PART_TOOL_CALL ||
             (l->w.own && p->kind == LG_PART_OPAQUE))
        write_part(l, p);
    lose_part(&l->w, p);
}

static void on_stop(struct line *l, const struct lg_ir_stop *stop)
{
    l->e->stop = *stop; /* our own's ends with this frame */
    if (l->w.own)
        return;
    lose_stop(&l->w, stop);
    write_piece(l, "content",
                lg_ir_has(&stop->details) ? stop->details.s : LG_STR(""));
    l->e->stop = (struct lg_ir_stop){.kind = stop->kind};
}

static void on_usage(struct line *l, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    counts.raw = lg_ir_none;
    lg_writer_fail(&l->w, lg_usage_merge(&l->e->usage, &counts, NULL));
}

static void on_end(struct line *l)
{
    if (!l->w.own && !l->e->stop.kind)
        l->e->stop.kind = LG_STOP_END;
    end_calls(l, -1);
    lg_put(open_line(l), "'content':''}");
    write_stop(&l->w, &l->e->stop, &l->e->usage);
    end_line(l);
    l->e->over = 1;
}

static void on_error(struct line *l, const struct lg_ir_error *error)
{
    lg_writer_fail(&l->w, lg_ol_write_error(l->w.c, error, l->w.jw.out));
    end_line(l);
    l->e->over = 1;
}

static void lose_event(struct line *l)
{
    lg_put_lose(&l->w, LG_NOWHERE, LG_DROPPED, LG_OL_UNKNOWN);
}

static void write_any(struct line *l)
{
    const struct lg_ir_event *ev = l->ev;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_PART:
        on_part(l, ev->u.part);
        break;
    case LG_EV_TEXT:
    case LG_EV_REFUSAL:
        write_piece(l, "content", ev->text);
        break;
    case LG_EV_THINKING:
        write_piece(l, "thinking", ev->text);
        break;
    case LG_EV_INPUT:
        add_input(l);
        break;
    case LG_EV_PART_END:
        end_calls(l, ev->index);
        break;
    case LG_EV_STOP:
        on_stop(l, ev->u.stop);
        break;
    case LG_EV_USAGE:
        on_usage(l, ev->u.usage);
        break;
    case LG_EV_END:
        on_end(l);
        break;
    case LG_EV_ERROR:
        on_error(l, ev->u.error);
        break;
    case LG_EV_SIGNATURE:
    case LG_EV_CITATION:
    case LG_EV_OPAQUE:
        lose_event(l);
        break;
    case LG_EV_START:
    case LG_EV_PING:
        break;
    }
}

static int write_slowly(struct lg_ol_encoder *e, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *f)
{
    const struct lg_ir_head nobody = {.extra = NULL};
    struct line l = {
        lg_writer_of(c, c->keep_extras ? c->self : NULL, &f->bytes), e, ev, f};

    l.w.jw.one_line = 1;
    if (!e->head.p)
        e->usage = LG_USAGE_NONE;
    if (ev->choice) {
        if (!e->told_choice++)
            lg_put_lose(&l.w, LG_NOWHERE, LG_DROPPED,
                        "an answer is one choice in " LG_OL_NAME);
        return l.w.rc;
    }
    if (ev->kind == LG_EV_START)
        start(&l, ev->u.head);
    else if (ev->kind != LG_EV_PING && ev->kind != LG_EV_ERROR)
        start(&l, &nobody);
    if (!l.w.rc)
        write_any(&l);
    return lg_writer_end(&l.w);
}

int lg_ol_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames)
{
    struct lg_ol_encoder *e = enc;
    struct lg_buf *out = &frames->bytes;

    if (e->over)
        return 0;
    if (!LG_LIKELY(ev->kind == LG_EV_TEXT && e->text.p && !ev->choice &&
                   ev->text.n))
        return write_slowly(e, c, ev, frames);
    (void)lg_buf_str(out, e->text);
    (void)lg_buf_str(out, ev->text);
    (void)lg_buf_lit(out, "\"},\"done\":false}\n");
    lg_frame_done(frames);
    return out->err ? lg_fail_mem(c->err, out->err) : 0;
}
