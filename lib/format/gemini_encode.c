/* SPDX-License-Identifier: MIT
 *
 * A stream, written: each frame is an answer of its own, of which the parts
 * are what is new. */
#include "lib/format/gemini.h"

#define HEAD \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["
#define TAIL "]},\"index\":0}]"

/* A call, which is told when all of it is there. */
struct lg_gm_enc_call {
    struct lg_gm_enc_call *next;
    uint16_t choice;
    int32_t index;
    struct lg_ir_part part;
    char *input;
    size_t n, cap;
};

/* What a frame is being written with. */
struct writing {
    struct lg_gm_writer g;
    struct lg_gm_encoder *e;
    const struct lg_ir_event *ev;
    struct lg_frames *f;
};

/* ---- what outlives its frame -------------------------------------------- */

static void keep_val(struct writing *k, struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE)
        return;
    v->s.p = lg_arena_dup(k->g.w.c->keep, v->s);
    if (!v->s.p) {
        v->s.n = 0;
        lg_writer_fail(&k->g.w, lg_no_keep(k->g.w.c));
    }
}

static struct lg_ir_extra *keep_extras(struct writing *k,
                                       const struct lg_ir_extra *x)
{
    struct lg_ir_extra *first = NULL, **end = &first;

    for (; x && k->g.w.own && !k->g.w.rc; x = x->next) {
        struct lg_ir_val key = {x->key, LG_NOWHERE, LG_JSON_STRING, 0};

        *end = lg_arena_new(k->g.w.c->keep, struct lg_ir_extra);
        if (!*end) {
            lg_writer_fail(&k->g.w, lg_no_keep(k->g.w.c));
            break;
        }
        **end = *x;
        (*end)->next = NULL;
        keep_val(k, &key);
        (*end)->key = key.s;
        keep_val(k, &(*end)->val);
        end = &(*end)->next;
    }
    return first;
}

/* ---- frames ------------------------------------------------------------- */

static void end_frame(struct writing *k)
{
    (void)lg_buf_str(&k->f->bytes, k->e->meta);
    lg_frame_done(k->f);
}

/* Open one up to its parts; and end it. */
static struct lg_writer *open_parts(struct writing *k)
{
    (void)lg_buf_lit(&k->f->bytes, HEAD);
    return &k->g.w;
}

static void end_parts(struct writing *k, unsigned choice)
{
    lg_put(&k->g.w, "]},'index':%d}]", (int64_t)choice);
    end_frame(k);
}

/* All that ends a frame is the same in each. */
static void start(struct writing *k, const struct lg_ir_head *head)
{
    struct lg_ir_val meta = {{0}, LG_NOWHERE, LG_JSON_STRING, 0};
    struct lg_buf b;
    struct lg_writer w = lg_writer_of(k->g.w.c, k->g.w.origin, &b);

    lg_buf_init(&b, SIZE_MAX / 8);
    w.jw.one_line = 1;
    lg_put(&w, "[0,'modelVersion':%o,'responseId':%o}", &head->model,
           &head->id);
    (void)lg_buf_lit(&b, "\n\n");
    if (b.err)
        lg_writer_fail(&k->g.w, lg_fail_mem(k->g.w.c->err, b.err));
    else
        meta.s = lg_str_from(b.p + 2, b.n - 2);
    keep_val(k, &meta);
    k->e->meta = meta.s;
    k->e->started = 1;
    lg_buf_done(&b);
    if (!k->g.w.own) {
        lg_put_lose_extras(&k->g.w, head->extra);
    } else if (head->extra) {
        (void)lg_buf_lit(&k->f->bytes, "data: ");
        lg_put(&k->g.w, "{%x", head->extra, LG_GM_SELF);
        end_frame(k);
    }
}

/* ---- parts -------------------------------------------------------------- */

/* A signature that no part was found for. */
static void write_alone(struct writing *k, const struct lg_ir_val *sig)
{
    lg_put(open_parts(k), "{'text':'','thoughtSignature':%v}", sig);
    end_parts(k, k->ev->choice);
}

static void flush_signature(struct writing *k)
{
    if (k->e->sig.kind == LG_JSON_STRING)
        write_alone(k, &k->e->sig);
    k->e->sig = lg_ir_none;
}

static void write_signature(struct writing *k, const struct lg_ir_part *p)
{
    if (!lg_gm_is_ours(&p->blob)) {
        lg_put_lose(&k->g.w, p->tok, LG_DROPPED,
                    "thinking that only its origin reads");
        return;
    }
    flush_signature(k);
    if (k->g.w.own && p->form & LG_GM_SIGNS_NONE) {
        lg_put(open_parts(k), "{'thoughtSignature':%v}", &p->blob.val);
        end_parts(k, k->ev->choice);
    } else if (k->g.w.own && !p->form) {
        write_alone(k, &p->blob.val);
    } else {
        k->e->sig = p->blob.val;
        keep_val(k, &k->e->sig);
    }
}

static void open_call(struct writing *k, const struct lg_ir_part *p)
{
    struct lg_gm_enc_call *call =
        lg_arena_new(k->g.w.c->keep, struct lg_gm_enc_call);

    if (!call) {
        lg_writer_fail(&k->g.w, lg_no_keep(k->g.w.c));
        return;
    }
    call->part = *p;
    call->part.next = NULL;
    call->choice = k->ev->choice;
    call->index = k->ev->index;
    keep_val(k, &call->part.id);
    keep_val(k, &call->part.name);
    keep_val(k, &call->part.json);
    call->part.extra = keep_extras(k, p->extra);
    lg_put_lose_extras(&k->g.w, p->extra);
    call->next = k->e->calls;
    k->e->calls = call;
    k->e->ncalls++;
}

/* The open call that an event speaks of, or where it would be. */
static struct lg_gm_enc_call **find_call(struct writing *k)
{
    struct lg_gm_enc_call **at = &k->e->calls;

    while (*at &&
           ((*at)->choice != k->ev->choice || (*at)->index != k->ev->index))
        at = &(*at)->next;
    return at;
}

static void add_input(struct writing *k, struct lg_gm_enc_call *call,
                      struct lg_str piece)
{
    const size_t need = call->n + piece.n;

    if (need > call->cap) {
        const size_t cap = need < 64 ? 128 : 2 * need;

        call->input =
            lg_arena_grow(k->g.w.c->keep, call->input, call->cap, cap);
        call->cap = call->input ? cap : 0;
    }
    if (!call->input) {
        call->n = 0;
        lg_writer_fail(&k->g.w, lg_no_keep(k->g.w.c));
        return;
    }
    memcpy(call->input + call->n, piece.p, piece.n);
    call->n = need;
}

static void write_call(struct writing *k, struct lg_gm_enc_call **at)
{
    struct lg_gm_enc_call *call = *at;
    struct lg_ir_part *p = &call->part;
    struct lg_ir_val *value = p->custom ? &p->text : &p->json;

    *at = call->next;
    if (call->n || p->custom) {
        *value = lg_ir_word("");
        value->s = lg_str_from(call->input ? call->input : "", call->n);
        value->in_string = !p->custom;
    }
    lg_gm_call_write(open_parts(k), p,
                     k->e->sig.kind == LG_JSON_STRING ? &k->e->sig : NULL);
    end_parts(k, call->choice);
    k->e->sig = lg_ir_none;
}

static void write_part(struct writing *k, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_TOOL_CALL) {
        open_call(k, p);
    } else if (p->kind == LG_PART_REDACTED) {
        write_signature(k, p);
    } else if (p->kind == LG_PART_OPAQUE && !k->g.w.own) {
        lg_put_lose(&k->g.w, p->tok, LG_DROPPED, LG_GM_UNKNOWN);
    } else if (p->kind == LG_PART_TEXT || p->kind == LG_PART_THINKING ||
               p->kind == LG_PART_REFUSAL) {
        if (!k->g.w.own || !p->extra) {
            lg_put_lose_extras(&k->g.w, p->extra);
            return;
        }
        lg_put(open_parts(k), "{'text':''");
        if (p->kind == LG_PART_THINKING)
            lg_put(&k->g.w, "'thought':true");
        lg_put(&k->g.w, "%x}", p->extra, LG_GM_SELF);
        end_parts(k, k->ev->choice);
    } else {
        lg_gm_parts_write((open_parts(k), &k->g), p);
        end_parts(k, k->ev->choice);
    }
}

static void write_piece(struct writing *k, int thinks)
{
    if (!k->ev->text.n)
        return;
    lg_put(open_parts(k), "{'text':%b", k->ev->text);
    if (thinks)
        lg_put(&k->g.w, "'thought':true");
    lg_put(&k->g.w, "}");
    end_parts(k, k->ev->choice);
}

static void write_blob(struct writing *k, const struct lg_ir_blob *blob)
{
    if (!lg_gm_is_ours(blob)) {
        lg_put_lose(&k->g.w, LG_NOWHERE, LG_DROPPED,
                    "a signature of another format");
        return;
    }
    lg_put(open_parts(k), "{'text':'','thought':true,'thoughtSignature':%v}",
           &blob->val);
    end_parts(k, k->ev->choice);
}

/* ---- the ends ----------------------------------------------------------- */

/* Usage stands beside the last word. */
static void write_stop(struct writing *k, int has_usage)
{
    struct lg_gm_encoder *e = k->e;

    if (!e->stopped)
        return;
    lg_put(open_parts(k), "{'text':''}]}");
    lg_gm_stop_write(&k->g.w, &e->stop, e->ncalls != 0);
    lg_put(&k->g.w, "'index':%d}]", (int64_t)e->stopped - 1);
    if (has_usage)
        lg_gm_usage_write(&k->g.w, &e->usage);
    end_frame(k);
    e->stopped = 0;
}

static void on_stop(struct writing *k, const struct lg_ir_stop *stop)
{
    struct lg_gm_encoder *e = k->e;
    const struct lg_ir_extra *x = stop->extra;

    flush_signature(k);
    write_stop(k, 0);
    if (stop->kind == LG_STOP_NONE)
        return;
    if (!k->g.w.own) {
        lg_put_lose_extras(&k->g.w, x);
        e->stop = *stop;
        e->stop.extra = NULL;
        keep_val(k, &e->stop.details);
        e->stopped = k->ev->choice + 1;
        return;
    }
    if (stop->reason.kind == LG_JSON_NONE && !x)
        return;
    (void)lg_buf_lit(&k->f->bytes, "data: ");
    lg_put(&k->g.w, "{'candidates':[{");
    lg_gm_stop_write(&k->g.w, stop, 0);
    if (lg_extra_has(x, LG_GM_CONTENT))
        lg_put(&k->g.w, "'content':{%x}", x, LG_GM_CONTENT);
    lg_put(&k->g.w, "'index':%d}],%x", (int64_t)k->ev->choice, x, LG_GM_SELF);
    end_frame(k);
}

/* Counts only: the raw object is the origin's, and dies with its frame. */
static void on_usage(struct writing *k, const struct lg_ir_usage *u)
{
    struct lg_ir_usage counts = *u;

    if (k->g.w.own) {
        (void)lg_buf_lit(&k->f->bytes, "data: ");
        lg_put(&k->g.w, "{");
        lg_gm_usage_write(&k->g.w, u);
        end_frame(k);
        return;
    }
    counts.raw = lg_ir_none;
    if (!k->e->has_usage)
        k->e->usage = LG_USAGE_NONE;
    k->e->has_usage = 1;
    lg_writer_fail(&k->g.w, lg_usage_merge(&k->e->usage, &counts, NULL));
}

static void on_end(struct writing *k)
{
    while (k->e->calls)
        write_call(k, &k->e->calls);
    flush_signature(k);
    write_stop(k, k->e->has_usage);
    k->e->over = 1;
}

static void on_error(struct writing *k, const struct lg_ir_error *error)
{
    (void)lg_buf_lit(&k->f->bytes, "data: ");
    lg_writer_fail(&k->g.w, lg_gm_write_error(k->g.w.c, error, &k->f->bytes));
    (void)lg_buf_lit(&k->f->bytes, "\n\n");
    lg_frame_done(k->f);
    k->e->over = 1;
}

static void on_opaque(struct writing *k)
{
    if (!k->g.w.own) {
        lg_put_lose(&k->g.w, LG_NOWHERE, LG_DROPPED, LG_GM_UNKNOWN);
        return;
    }
    (void)lg_buf_lit(&k->f->bytes, "data: ");
    lg_ir_write(&k->g.w.jw, k->ev->u.val);
    (void)lg_buf_lit(&k->f->bytes, "\n\n");
    lg_frame_done(k->f);
}

/* ---- any ---------------------------------------------------------------- */

static void write_any(struct writing *k)
{
    const struct lg_ir_event *const ev = k->ev;
    struct lg_gm_enc_call **call = find_call(k);

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        if (!k->e->started)
            start(k, ev->u.head);
        break;
    case LG_EV_PART:
        write_part(k, ev->u.part);
        break;
    case LG_EV_TEXT:
    case LG_EV_REFUSAL:
        write_piece(k, 0);
        break;
    case LG_EV_THINKING:
        write_piece(k, 1);
        break;
    case LG_EV_INPUT:
        if (*call && ev->text.n)
            add_input(k, *call, ev->text);
        break;
    case LG_EV_SIGNATURE:
        write_blob(k, ev->u.blob);
        break;
    case LG_EV_CITATION:
        lg_put_lose(&k->g.w, LG_NOWHERE, LG_DROPPED,
                    "citations of another format");
        break;
    case LG_EV_PART_END:
        if (*call)
            write_call(k, call);
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
    case LG_EV_OPAQUE:
        on_opaque(k);
        break;
    case LG_EV_PING:
        break;
    }
}

int lg_gm_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out)
{
    static const struct lg_ir_head nobody = {.extra = NULL};
    struct lg_gm_encoder *e = enc;
    struct lg_buf *b = &out->bytes;
    struct writing k;

    if (LG_LIKELY(ev->kind == LG_EV_TEXT && e->plain && !ev->choice &&
                  ev->text.n)) {
        (void)lg_buf_lit(b, HEAD "{\"text\":\"");
        (void)lg_buf_str(b, ev->text);
        (void)lg_buf_lit(b, "\"}" TAIL);
        (void)lg_buf_str(b, e->meta);
        lg_frame_done(out);
        return b->err ? lg_fail_mem(c->err, b->err) : 0;
    }
    if (e->over)
        return 0;
    k = (struct writing){
        .g = {.w = lg_writer_of(c, c->keep_extras ? c->self : NULL, b)},
        .e = e,
        .ev = ev,
        .f = out};
    k.g.w.jw.one_line = 1;
    if (!e->started && ev->kind != LG_EV_START && ev->kind != LG_EV_ERROR &&
        ev->kind != LG_EV_OPAQUE)
        start(&k, &nobody);
    write_any(&k);
    e->plain = e->started && !e->over && !k.g.w.rc;
    return lg_writer_end(&k.g.w);
}
