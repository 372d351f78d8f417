/* SPDX-License-Identifier: MIT */
#include "lib/format/convert.h"

#include "lib/format/embed.h"
#include "lib/format/fit.h"

static int is_same(const struct lg_conversion *v)
{
    return v->from == v->to &&
           (!v->through_ir || v->from->family != LG_FAMILY_CHAT);
}

static int hand_through(const struct lg_conversion *v, struct lg_str text,
                        struct lg_buf *out)
{
    const int rc = lg_json_check(text, v->err);

    if (rc < 0)
        return rc;
    return lg_buf_str(out, text) ? lg_fail_mem(v->err, out->err) : 0;
}

/* Fill the reader's context. A missing bridge is an empty one. */
static int open_ctx(const struct lg_conversion *v, struct lg_ctx *c)
{
    *c = (struct lg_ctx){
        .self = v->from,
        .arena = v->arena,
        .keep = v->keep ? v->keep : v->arena,
        .policy = v->policy ? v->policy : &lg_policy_default,
        .bridge =
            v->bridge ? v->bridge : lg_arena_new(v->arena, struct lg_bridge),
        .losses = v->losses,
        .err = v->err,
        .now = v->now,
        .keep_extras = v->from == v->to,
    };
    return c->bridge ? 0 : lg_fail_mem(v->err, v->arena->err);
}

/* The context, and the document for losses to point into. */
static int open_doc(const struct lg_conversion *v, struct lg_ctx *c,
                    struct lg_str text, struct lg_json **doc)
{
    int rc = open_ctx(v, c);

    *doc = rc < 0 ? NULL : lg_arena_new(v->arena, struct lg_json);
    if (!*doc)
        return rc < 0 ? rc : lg_fail_mem(v->err, v->arena->err);
    rc = lg_json_read(*doc, v->arena, text, v->err);
    v->losses->doc = rc < 0 ? NULL : *doc;
    return rc;
}

/* Vectors are no conversation, and neither is a count. */
static int is_convertible(const struct lg_conversion *v)
{
    static const char *const asks[] = {[LG_FAMILY_CHAT] = "a conversation",
                                       [LG_FAMILY_EMBED] = "embeddings",
                                       [LG_FAMILY_COUNT] = "a token count"};

    if (v->from->family == v->to->family)
        return 0;
    return lg_fail(v->err, LLMGW_E_UNSUPPORTED, NULL,
                   "%s asks for %s, and %s for %s", v->from->name,
                   asks[v->from->family], v->to->name, asks[v->to->family]);
}

/* Room for about what was read, so that `out` need not grow by copies. */
static void make_room(struct lg_buf *out, size_t n)
{
    const size_t left = out->max - out->n, more = n / 16 + 256;

    if (!out->err)
        (void)lg_buf_room(out, n < left && more < left - n ? n + more : left);
}

static int close_doc(const struct lg_conversion *v, int rc,
                     const struct lg_buf *out)
{
    v->losses->doc = NULL;
    if (rc < 0 && !v->err->code)
        return lg_fail_mem(v->err, rc);
    return rc >= 0 && out->err ? lg_fail_mem(v->err, out->err) : rc;
}

static void cut_model(const struct lg_conversion *v, struct lg_ir_val *model)
{
    if (model->kind == LG_JSON_STRING && v->cut_model < model->s.n) {
        model->s.p += v->cut_model;
        model->s.n -= v->cut_model;
    }
}

/* What the caller of the conversion decides over the request's own word. */
static void overrule(const struct lg_conversion *v, struct lg_ir_request *r)
{
    struct lg_ir_val *stream = &r->param[LG_P_STREAM];

    cut_model(v, &r->param[LG_P_MODEL]);
    if (v->stream > 0) {
        stream->s = LG_STR("true");
        stream->kind = LG_JSON_TRUE;
    } else if (v->stream < 0) {
        stream->kind = LG_JSON_NONE;
        r->param[LG_P_INCLUDE_USAGE].kind = LG_JSON_NONE;
    }
}

/* Does a loss at `pointer` concern the setting at `tok`? */
static int is_at(const struct lg_ir_request *r, uint32_t tok,
                 const char *pointer)
{
    char text[LG_WHERE_MAX];

    if (!tok || tok >= r->doc->n) /* 0: the request itself */
        return 0;
    lg_json_pointer(r->doc, tok, text, sizeof(text));
    return lg_str_starts(lg_str_of(pointer), lg_str_of(text));
}

static int is_setting(const struct lg_ir_request *r, const char *pointer)
{
    const uint32_t toks[] = {r->thinking.tok, r->output.tok, r->stops.tok,
                             r->tool_choice.tok};
    int found = 0;

    for (size_t i = 0; i < LG_P_COUNT && !found; i++)
        found = lg_ir_has(&r->param[i]) && is_at(r, r->param[i].tok, pointer);
    for (size_t i = 0; i < LG_COUNT(toks) && !found; i++)
        found = is_at(r, toks[i], pointer);
    for (const struct lg_ir_extra *x = r->extra; x && !found; x = x->next)
        found = is_at(r, x->val.tok, pointer);
    return found;
}

/* A setting that is dropped is one too many, where the host wants it so. */
static int refuse_lost(const struct lg_conversion *v,
                       const struct lg_ir_request *r)
{
    for (struct lg_loss *l = v->losses->first; l; l = l->next)
        if (l->action == LG_DROPPED && is_setting(r, l->pointer)) {
            l->action = LG_REJECTED;
            return lg_fail(v->err, LLMGW_E_UNSUPPORTED, l->pointer, "%s",
                           l->reason);
        }
    return 0;
}

/* The request as it was read, changed to fit, and written. */
static int write_request(const struct lg_conversion *v, struct lg_ctx *c,
                         struct lg_ir_request *r, struct lg_buf *out)
{
    struct lg_policy policy = *c->policy;
    struct lg_ir_request *asked = NULL;
    int rc = 0;

    if (!policy.facts)
        policy.facts = lg_facts_for(&policy, v->to, &r->param[LG_P_MODEL]);
    c->policy = &policy;
    c->self = v->to;
    if (policy.reject_params) {
        asked = lg_arena_new(v->arena, struct lg_ir_request);
        if (!asked)
            return lg_no_room(c);
        *asked = *r;
    }
    if (!c->keep_extras)
        rc = lg_fit(c, r);
    if (rc >= 0)
        rc = v->to->write_request(c, r, out);
    if (rc >= 0 && asked)
        rc = refuse_lost(v, asked);
    return rc;
}

static int chat_request(struct lg_conversion *v, struct lg_ctx *c,
                        const struct lg_json *doc, struct lg_buf *out)
{
    struct lg_ir_request *const r =
        lg_arena_new(v->arena, struct lg_ir_request);
    int rc;

    if (!r)
        return lg_fail_mem(v->err, v->arena->err);
    r->origin = v->from;
    r->doc = doc;
    rc = v->from->read_request(c, doc, r);
    if (rc < 0)
        return rc;
    c->bridge->wants_usage = lg_ir_true(&r->param[LG_P_INCLUDE_USAGE]);
    overrule(v, r);
    make_room(out, doc->text.n);
    return write_request(v, c, r, out);
}

static int embed_request(struct lg_conversion *v, struct lg_ctx *c,
                         const struct lg_json *doc, struct lg_buf *out)
{
    struct lg_embed_request r = {.origin = v->from};
    struct lg_writer w;
    int rc = v->from->embed->read_request(c, lg_json_root(doc), &r);

    if (rc < 0)
        return rc;
    c->bridge->encodings = r.encodings;
    c->bridge->listed = r.bare ? 1 : 2;
    cut_model(v, &r.param[LG_E_MODEL]);
    make_room(out, doc->text.n);
    c->self = v->to;
    w = lg_writer_of(c, v->from, out);
    v->to->embed->write_request(&w, &r);
    lg_embed_lose(&w, &r);
    return lg_writer_end(&w);
}

int lg_convert_request(struct lg_conversion *v, struct lg_str text,
                       struct lg_buf *out)
{
    struct lg_ctx c;
    struct lg_json *doc;
    int rc;

    if (is_same(v))
        return hand_through(v, text, out);
    rc = is_convertible(v);
    if (rc >= 0)
        rc = open_doc(v, &c, text, &doc);
    if (rc < 0)
        return rc;
    rc = v->from->embed ? embed_request(v, &c, doc, out)
                        : chat_request(v, &c, doc, out);
    return close_doc(v, rc, out);
}

/* A fold that is fed as a sink. */
struct folder {
    struct lg_ir_sink sink;
    struct lg_fold fold;
};

static int fold_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    return lg_fold_event(&((struct folder *)self)->fold, ev);
}

static int chat_answer(struct lg_conversion *v, struct lg_ctx *c,
                       const struct lg_json *doc, struct lg_buf *out)
{
    /* JSON that becomes a string body takes two bytes for one at most. */
    const size_t n = doc->text.n;
    const size_t max = n < SIZE_MAX / 4 ? 2 * n + 64 : SIZE_MAX;
    struct folder into = {.sink = {fold_put}};
    int rc;

    lg_fold_init(&into.fold, v->arena, LG_FOLD_ALL, max, v->from);
    rc = lg_answer_read(c, doc, &into.sink);
    if (rc >= 0) {
        make_room(out, n);
        c->self = v->to;
        rc = v->to->write_answer(c, lg_fold_answer(&into.fold), out);
    }
    lg_fold_done(&into.fold);
    return rc;
}

static int embed_answer(struct lg_conversion *v, struct lg_ctx *c,
                        const struct lg_json *doc, struct lg_buf *out)
{
    struct lg_embed_answer a = {.origin = v->from};
    struct lg_writer w;
    const int rc = v->from->embed->read_answer(c, lg_json_root(doc), &a);

    if (rc < 0)
        return rc;
    make_room(out, doc->text.n);
    c->self = v->to;
    w = lg_writer_of(c, v->from, out);
    v->to->embed->write_answer(&w, &a);
    return lg_writer_end(&w);
}

int lg_convert_answer(struct lg_conversion *v, struct lg_str text,
                      struct lg_buf *out)
{
    struct lg_ctx c;
    struct lg_json *doc;
    int rc;

    if (is_same(v))
        return lg_not_understood(v->err, hand_through(v, text, out));
    rc = is_convertible(v);
    if (rc >= 0)
        rc = open_doc(v, &c, text, &doc);
    if (rc < 0)
        return lg_not_understood(v->err, rc);
    rc = v->from->embed ? embed_answer(v, &c, doc, out)
                        : chat_answer(v, &c, doc, out);
    return lg_not_understood(v->err, close_doc(v, rc, out));
}

int lg_convert_error(struct lg_conversion *v, struct lg_str text, int status,
                     struct lg_buf *out)
{
    struct lg_ir_error error = {.status = status};
    struct lg_ctx c;
    struct lg_json *doc;
    int rc;

    if (is_same(v))
        return hand_through(v, text, out);
    rc = is_convertible(v);
    if (rc >= 0)
        rc = open_doc(v, &c, text, &doc);
    if (rc < 0)
        return rc;
    rc = v->from->read_error(&c, doc, status, &error);
    if (rc >= 0) {
        c.self = v->to;
        rc = v->to->write_error(&c, &error, out);
    }
    return close_doc(v, rc, out);
}

/* ---- streams ----------------------------------------------------------- */

static int write_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct lg_convert_stream *s = (struct lg_convert_stream *)self;
    int rc;

    if (s->same)
        return 0;
    rc = s->to->write_event(s->encoder, &s->ctx, ev, &s->frames);
    if (s->frames.bytes.err)
        rc = lg_fail_mem(s->ctx.err, s->frames.bytes.err);
    return rc;
}

int lg_convert_stream_init(struct lg_convert_stream *s,
                           const struct lg_conversion *v, size_t max)
{
    *s = (struct lg_convert_stream){
        .sink = {write_put}, .to = v->to, .max = max, .same = is_same(v)};
    lg_arena_init(&s->scratch, 0, SIZE_MAX);
    lg_buf_init(&s->frames.bytes, max);
    s->err = is_convertible(v);
    if (s->err >= 0 && v->from->family != LG_FAMILY_CHAT)
        s->err = lg_fail(v->err, LLMGW_E_UNSUPPORTED, NULL, "%s has no streams",
                         v->from->name);
    if (s->err >= 0)
        s->err = open_ctx(v, &s->ctx);
    if (s->err < 0)
        return s->err;
    s->err = lg_feed_init(&s->feed, v->from, &s->ctx, max);
    s->ctx.self = v->to;
    s->ctx.arena = &s->scratch;
    if (s->err >= 0 && !s->same) {
        s->encoder = lg_arena_alloc(v->arena, v->to->encoder_size);
        if (!s->encoder)
            s->err = lg_fail_mem(v->err, v->arena->err);
    }
    return s->err;
}

void lg_convert_stream_done(struct lg_convert_stream *s)
{
    lg_feed_done(&s->feed);
    lg_arena_done(&s->scratch);
    lg_buf_done(&s->frames.bytes);
}

/* What `n` bytes may become: a short event has more around it in some formats
 * than in others, but an id of a megabyte must not be multiplied by the
 * number of events. */
static size_t most(size_t in, size_t max)
{
    const size_t cap = SIZE_MAX / 64;

    return 32 * (in < cap ? in : cap) + 8 * (max < cap ? max : cap) + 65536;
}

static void begin(struct lg_convert_stream *s, size_t n)
{
    lg_buf_reset(&s->frames.bytes);
    s->frames.bytes.max = most(n, s->max);
    s->frames.n = 0;
    lg_arena_reset(&s->scratch);
}

static int pass_frame(struct lg_convert_stream *s)
{
    if (!s->same || !s->feed.frame.raw.n)
        return 0;
    if (lg_buf_str(&s->frames.bytes, s->feed.frame.raw))
        return lg_fail_mem(s->ctx.err, s->frames.bytes.err);
    lg_frame_done(&s->frames);
    return 0;
}

int lg_convert_stream_feed(struct lg_convert_stream *s, const char *p, size_t n)
{
    int rc;

    if (s->err < 0)
        return s->err;
    begin(s, n);
    lg_feed_bytes(&s->feed, p, n);
    while ((rc = lg_feed_next(&s->feed, &s->sink)) > 0 &&
           (rc = pass_frame(s)) >= 0)
        lg_arena_reset(&s->scratch);
    s->err = rc;
    return rc;
}

int lg_convert_stream_end(struct lg_convert_stream *s)
{
    int rc;

    if (s->err < 0)
        return s->err;
    begin(s, 0);
    rc = lg_feed_end(&s->feed, &s->sink);
    if (pass_frame(s) < 0)
        rc = s->frames.bytes.err;
    s->err = rc;
    return rc;
}
