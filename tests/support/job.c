/* SPDX-License-Identifier: MIT */
#include "tests/support/job.h"

#include "tests/support/embeds.h"

#define MANY ((size_t)1 << 30)
#define NOW  1700000000

void job_init(struct job *j, const struct lg_format *from,
              const struct lg_format *to)
{
    memset(j, 0, sizeof(*j));
    lg_arena_init(&j->arena, 0, MANY);
    lg_buf_init(&j->out, MANY);
    lg_losses_init(&j->losses, &j->arena, &j->err, 0);
    j->v = (struct lg_conversion){
        .from = from,
        .to = to,
        .arena = &j->arena,
        .bridge = &j->bridge,
        .losses = &j->losses,
        .err = &j->err,
        .now = NOW,
    };
}

void job_done(struct job *j)
{
    lg_buf_done(&j->out);
    lg_arena_done(&j->arena);
}

static int add_frames(struct job *j, const struct lg_convert_stream *s)
{
    return lg_buf_str(&j->out, lg_buf_span(&s->frames.bytes));
}

static int run_stream(struct job *j, struct lg_str text)
{
    struct lg_convert_stream s;
    int rc = lg_convert_stream_init(&s, &j->v, JOB_FRAME_MAX);

    if (rc >= 0) {
        rc = lg_convert_stream_feed(&s, text.p, text.n);
        add_frames(j, &s);
    }
    if (rc >= 0) {
        rc = lg_convert_stream_end(&s);
        add_frames(j, &s);
    }
    lg_convert_stream_done(&s);
    return rc;
}

int job_run(struct job *j, enum corpus_kind kind, struct lg_str text)
{
    switch (kind) {
    case CORPUS_REQUEST:
        j->rc = lg_convert_request(&j->v, text, &j->out);
        break;
    case CORPUS_ANSWER:
        j->rc = lg_convert_answer(&j->v, text, &j->out);
        break;
    case CORPUS_ERROR:
        j->rc = lg_convert_error(&j->v, text, 400, &j->out);
        break;
    case CORPUS_STREAM:
        j->rc = run_stream(j, text);
        break;
    case CORPUS_KINDS:
        break;
    }
    return j->rc;
}

void job_losses(const struct job *j, struct lg_buf *out)
{
    for (const struct lg_loss *l = j->losses.first; l; l = l->next) {
        lg_loss_json(l, out);
        lg_buf_byte(out, '\n');
    }
}

static void note_end(struct reading *r, struct lg_str text, size_t at)
{
    r->end = r->end_data = at;
    while (r->end_data && text.p[r->end_data - 1] <= ' ')
        r->end_data--;
}

/* Frames one by one, noting where the stream was complete. */
static int drain(struct lg_feed *f, struct lg_str text, size_t fed,
                 struct lg_ir_sink *sink, struct reading *r)
{
    int rc;

    while ((rc = lg_feed_next(f, sink)) > 0) {
        if (f->complete && !r->end)
            note_end(r, text, fed - f->sse.window.n);
    }
    return rc;
}

struct reading stream_read(const struct lg_format *format, struct lg_str text,
                           struct pieces how, struct lg_ir_sink *sink)
{
    struct reading r = {0};
    struct lg_bridge bridge = {0};
    struct lg_arena keep;
    struct lg_losses losses;
    struct lg_err err = {0};
    struct lg_feed f;
    struct lg_ctx ctx = {.keep = &keep,
                         .policy = &lg_policy_default,
                         .bridge = &bridge,
                         .losses = &losses,
                         .err = &err,
                         .now = NOW};

    lg_arena_init(&keep, 0, MANY);
    lg_losses_init(&losses, &keep, &err, 0);
    r.rc = lg_feed_init(&f, format, &ctx, JOB_FRAME_MAX);
    f.max_tpl = how.max_templates;
    for (size_t at = 0, n; r.rc >= 0 && at < text.n; at += n) {
        n = how.step ? how.step : text.n;
        if (at == 0 && how.first)
            n = how.first;
        if (n > text.n - at)
            n = text.n - at;
        lg_feed_bytes(&f, text.p + at, n);
        r.rc = drain(&f, text, at + n, sink, &r);
    }
    if (r.rc >= 0)
        r.rc = lg_feed_end(&f, sink);
    if (f.complete && !r.end)
        note_end(&r, text, text.n);
    r.by_template = f.by_template;
    r.by_tape = f.by_tape;
    lg_feed_done(&f);
    lg_arena_done(&keep);
    return r;
}

/* What reading a document takes. */
struct desk {
    struct lg_arena arena;
    struct lg_bridge bridge;
    struct lg_losses losses;
    struct lg_err err;
    struct lg_json doc;
    struct lg_ctx ctx;
};

static int desk_init(struct desk *d, const struct lg_format *format,
                     struct lg_str text)
{
    memset(d, 0, sizeof(*d));
    lg_arena_init(&d->arena, 0, MANY);
    lg_losses_init(&d->losses, &d->arena, &d->err, 0);
    d->losses.doc = &d->doc;
    d->ctx = (struct lg_ctx){.self = format,
                             .arena = &d->arena,
                             .keep = &d->arena,
                             .policy = &lg_policy_default,
                             .bridge = &d->bridge,
                             .losses = &d->losses,
                             .err = &d->err,
                             .now = NOW};
    return lg_json_read(&d->doc, &d->arena, text, &d->err);
}

static int embed_answer_say(const struct lg_format *format, struct lg_str text,
                            say_fn say, struct lg_buf *out)
{
    struct lg_embed_answer a = {.origin = format};
    struct desk d;
    int rc = desk_init(&d, format, text);

    if (rc >= 0)
        rc = format->embed->read_answer(&d.ctx, lg_json_root(&d.doc), &a);
    if (rc >= 0 && say != answer_stop)
        embed_answer_text(out, &a);
    lg_arena_done(&d.arena);
    return rc;
}

int answer_say(const struct lg_format *format, enum corpus_kind kind,
               struct lg_str text, say_fn say, struct lg_buf *out)
{
    struct desk d;
    struct fold_sink into;
    int rc;

    if (format->embed)
        return embed_answer_say(format, text, say, out);
    rc = desk_init(&d, format, kind == CORPUS_STREAM ? LG_STR("0") : text);
    fold_sink_init(&into, &d.arena, format);
    if (kind == CORPUS_STREAM)
        rc = stream_read(format, text, PIECES_WHOLE, &into.sink).rc;
    else if (rc >= 0)
        rc = format->read_answer(&d.ctx, &d.doc, &into.sink);
    say(out, lg_fold_answer(&into.fold));
    lg_fold_done(&into.fold);
    lg_arena_done(&d.arena);
    return rc;
}

int request_say(const struct lg_format *format, struct lg_str text,
                struct lg_buf *out)
{
    struct lg_ir_request r = {.origin = format};
    struct lg_embed_request e = {.origin = format};
    struct desk d;
    int rc = desk_init(&d, format, text);

    r.doc = &d.doc;
    if (rc >= 0 && format->embed) {
        rc = format->embed->read_request(&d.ctx, lg_json_root(&d.doc), &e);
        if (rc >= 0)
            embed_request_text(out, &e);
    } else if (rc >= 0) {
        rc = format->read_request(&d.ctx, &d.doc, &r);
        if (rc >= 0)
            request_text(out, &r);
    }
    lg_arena_done(&d.arena);
    return rc;
}
