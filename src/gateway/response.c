/* SPDX-License-Identifier: MIT */
#include "src/gateway/response.h"

#include "lib/base/mem.h"
#include "lib/format/fit.h"
#include "lib/json/text.h"

/* Room for a typical answer's strings and headers in one block. */
#define ARENA_FIRST 2048
#define ARENA_MAX   ((size_t)1 << 26)

/* Without memory r->arena.err tells. */
static const char *dup_text(llmgw_response *r, const struct lg_ir_val *v)
{
    struct lg_buf text;
    const char *copy = NULL;

    if (!lg_ir_has(v))
        return NULL;
    if (!memchr(v->s.p, '\\', v->s.n))
        return lg_arena_dup(&r->arena, v->s);
    lg_buf_init(&text, v->s.n * 3);
    if (!lg_json_unescape(&text, v->s, LG_TO_TEXT))
        copy = lg_arena_dup(&r->arena, lg_buf_span(&text));
    else
        r->arena.err = text.err;
    lg_buf_done(&text);
    return copy;
}

static void copy_losses(struct lg_call *c, llmgw_response *r)
{
    const struct lg_loss *l = c->losses.first;

    if (l)
        r->losses = lg_arena_raw(&r->arena, c->losses.n * sizeof(*r->losses));
    for (; l && r->losses; l = l->next)
        r->losses[r->nlosses++] = lg_loss_copy(l, &r->arena);
}

static void copy_headers(struct lg_call *c, llmgw_response *r)
{
    const char *const *id = c->plan.provider->type->request_id_headers;

    if (!c->x.headers.n || !c->mail.headers_done)
        return;
    r->headers = lg_arena_dup(&r->arena, lg_buf_span(&c->x.headers));
    r->headers_len = c->x.headers.n;
    for (; id && *id && !r->request_id; id++)
        r->request_id = llmgw_response_header(r, *id);
}

/* The attempts that failed before this one, as JSON. */
static void copy_attempts(struct lg_call *c, llmgw_response *r)
{
    char *copy;

    if (!c->log.n)
        return;
    copy = lg_arena_dup(&r->arena,
                        lg_str_from(c->log.p, c->log.n + 1)); /* and its NUL */
    if (copy)
        copy[c->log.n] = ']';
    r->attempts = copy;
}

/* In the first block of its own arena. */
static llmgw_response *make(void)
{
    struct lg_arena arena;
    llmgw_response *r;

    lg_arena_init(&arena, ARENA_FIRST, ARENA_MAX);
    r = lg_arena_new(&arena, llmgw_response);
    if (r)
        r->arena = arena;
    return r;
}

/* All that is said in the arena. */
static int fill(struct lg_call *c, const struct lg_ir_answer *a,
                llmgw_response *r)
{
    r->usage = a->usage;
    r->usage.raw = (struct lg_ir_val){0};
    r->stop = lg_stop_name((enum lg_stop)a->first.stop.kind);
    r->maybe_billed = c->ambiguous ? "true" : "false";
    r->model = dup_text(r, &a->head.model);
    r->provider = lg_arena_dup(&r->arena, lg_str_of(c->plan.provider->name));
    copy_losses(c, r);
    copy_headers(c, r);
    copy_attempts(c, r);
    return r->json && r->text && !r->arena.err ? LLMGW_OK : LLMGW_E_NOMEM;
}

int lg_response_new(struct lg_call *c, const struct lg_ir_answer *a,
                    struct lg_buf *json, struct lg_buf *text,
                    llmgw_response **out)
{
    llmgw_response *r = make();
    int err = LLMGW_E_NOMEM;

    *out = NULL;
    if (r) {
        r->json_len = json->n;
        r->text_len = text->n;
        r->json = lg_buf_take(json, NULL);
        r->text = lg_buf_take(text, NULL);
        err = fill(c, a, r);
    }
    lg_buf_done(json);
    lg_buf_done(text);
    if (err) {
        llmgw_response_free(r);
        return lg_fail_mem(&c->err, err);
    }
    *out = r;
    return LLMGW_OK;
}

/* ---- a whole body ------------------------------------------------------ */

/* Takes the events of an answer whose bytes are handed out as they are: all
 * that is wanted of them is the words and the figures. They are spans of the
 * document, which stays until these are copied: nothing is folded. */
struct reader {
    struct lg_ir_sink sink; /* first member */
    struct lg_call *call;
    struct lg_ir_answer answer;
    struct lg_buf text;
};

/* A 200 that holds an error is one. */
static int put_error(struct lg_call *c, const struct lg_ir_event *ev)
{
    lg_attempt_error_event(c, ev->u.error);
    return c->err.code;
}

static int read_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct reader *r = (struct reader *)self;

    if (ev->kind == LG_EV_ERROR)
        return put_error(r->call, ev);
    if (ev->choice)
        return LLMGW_OK;
    if (ev->kind == LG_EV_TEXT)
        return lg_json_unescape(&r->text, ev->text, LG_TO_TEXT);
    if (ev->kind == LG_EV_START)
        r->answer.head = *ev->u.head;
    else if (ev->kind == LG_EV_STOP)
        r->answer.first.stop = *ev->u.stop;
    else if (ev->kind == LG_EV_USAGE)
        lg_usage_count(&r->answer.usage, ev->u.usage);
    return LLMGW_OK;
}

static int of_same(struct lg_call *c, struct lg_ctx *ctx,
                   const struct lg_json *doc, llmgw_response **out)
{
    struct reader r = {.sink = {read_put}, .call = c};
    int err;

    r.answer.usage = LG_USAGE_NONE;
    lg_buf_init(&r.text, c->body.n * 3);
    err = lg_answer_read(ctx, doc, &r.sink);
    if (err < 0 && lg_attempt_is_error(c, doc))
        err = c->err.code;
    else if (err >= 0)
        err = lg_response_new(c, &r.answer, &c->body, &r.text, out);
    lg_buf_done(&r.text);
    return err;
}

struct folder {
    struct lg_ir_sink sink; /* first member */
    struct lg_call *call;
    struct lg_fold fold;
};

static int fold_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct folder *f = (struct folder *)self;

    if (ev->kind == LG_EV_ERROR)
        return put_error(f->call, ev);
    return lg_fold_event(&f->fold, ev);
}

static int of_other(struct lg_call *c, struct lg_ctx *ctx,
                    const struct lg_json *doc, llmgw_response **out)
{
    struct folder f = {.sink = {fold_put}, .call = c};
    int err;

    c->losses.doc = doc;
    lg_fold_init(&f.fold, &c->arena, LG_FOLD_ALL, c->body.n * 2 + 64,
                 ctx->self);
    err = lg_answer_read(ctx, doc, &f.sink);
    if (err < 0 && lg_attempt_is_error(c, doc))
        err = c->err.code;
    else if (err >= 0)
        err = lg_response_of_fold(c, lg_fold_answer(&f.fold), out);
    c->losses.doc = NULL;
    lg_fold_done(&f.fold);
    return err;
}

/* The host's sink has it: here is what is known besides. */
static int of_sink(struct lg_call *c, llmgw_response **out)
{
    const struct lg_ir_answer unread = {.usage = LG_USAGE_NONE};
    struct lg_buf json, text;
    int err;

    lg_buf_init(&json, 0);
    lg_buf_init(&text, 0);
    err = lg_response_new(c, &unread, &json, &text, out);
    if (err)
        return err;
    lg_free((*out)->json);
    lg_free((*out)->text);
    (*out)->json = (*out)->text = NULL;
    return LLMGW_OK;
}

int lg_response_of_body(struct lg_call *c, llmgw_response **out)
{
    struct lg_ctx ctx = {.self = c->plan.native,
                         .arena = &c->arena,
                         .keep = &c->keep,
                         .policy = &c->plan.policy,
                         .bridge = &c->bridge,
                         .losses = &c->losses,
                         .err = &c->err,
                         .now = c->wall / 1000};
    struct lg_json *doc = lg_arena_new(&c->arena, struct lg_json);
    struct lg_err e = {0};
    int err;

    *out = NULL;
    if (c->set.write)
        return of_sink(c, out);
    if (!doc)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    err = lg_json_read(doc, &c->arena, lg_buf_span(&c->body), &e);
    if (err == LLMGW_E_JSON)
        return lg_fail(&c->err, LLMGW_E_PROTOCOL, NULL,
                       "the answer is no JSON: %s", e.text);
    if (err)
        return lg_fail_mem(&c->err, err);
    err =
        c->plan.same ? of_same(c, &ctx, doc, out) : of_other(c, &ctx, doc, out);
    return err < 0 && !c->failure.answered ? lg_attempt_misread(c, err) : err;
}

int lg_response_of_fold(struct lg_call *c, const struct lg_ir_answer *a,
                        llmgw_response **out)
{
    struct lg_arena arena;
    struct lg_ctx ctx = {.self = c->caller,
                         .arena = &arena,
                         .keep = &c->keep, /* for the losses */
                         .policy = &c->plan.policy,
                         .bridge = &c->bridge,
                         .losses = &c->losses,
                         .err = &c->err,
                         .now = c->wall / 1000,
                         .keep_extras = c->plan.same};
    struct lg_buf json, text;
    int err;

    lg_arena_init(&arena, 0, ARENA_MAX);
    lg_buf_init(&json, ARENA_MAX * 8);
    lg_buf_init(&text, ARENA_MAX * 8);
    err = c->caller->write_answer(&ctx, a, &json);
    for (const struct lg_ir_part *p = a->first.parts; p && err >= 0;
         p = p->next)
        if (p->kind == LG_PART_TEXT && lg_ir_has(&p->text))
            (void)lg_json_unescape(&text, p->text.s, LG_TO_TEXT);
    if (err >= 0 && (json.err || text.err))
        err = lg_fail_mem(&c->err, json.err ? json.err : text.err);
    if (err >= 0)
        err = lg_response_new(c, a, &json, &text, out);
    lg_buf_done(&json);
    lg_buf_done(&text);
    lg_arena_done(&arena);
    return err;
}

/* ---- what the host reads ----------------------------------------------- */

void llmgw_response_free(llmgw_response *r)
{
    struct lg_arena arena;

    if (!r)
        return;
    lg_free(r->json);
    lg_free(r->text);
    arena = r->arena;
    lg_arena_done(&arena);
}

const char *llmgw_response_json(const llmgw_response *r, size_t *len)
{
    if (len)
        *len = r ? r->json_len : 0;
    return r ? r->json : NULL;
}

const char *llmgw_response_text(const llmgw_response *r, size_t *len)
{
    if (len)
        *len = r ? r->text_len : 0;
    return r ? r->text : NULL;
}

const char *llmgw_response_provider(const llmgw_response *r)
{
    return r ? r->provider : NULL;
}

const char *llmgw_response_model(const llmgw_response *r)
{
    return r ? r->model : NULL;
}

const char *llmgw_response_request_id(const llmgw_response *r)
{
    return r ? r->request_id : NULL;
}

const char *llmgw_response_stop(const llmgw_response *r)
{
    return r ? r->stop : NULL;
}

const char *llmgw_response_header(const llmgw_response *r, const char *name)
{
    const char *p = r ? r->headers : NULL;
    const char *end = p ? p + r->headers_len : NULL;

    while (p && name && p < end) {
        const struct lg_str have = lg_str_of(p);
        const char *value = p + have.n + 1;

        if (lg_str_same_nocase(have, lg_str_of(name)))
            return value;
        p = value + strlen(value) + 1;
    }
    return NULL;
}

const char *llmgw_response_loss(const llmgw_response *r, size_t i)
{
    return r && i < r->nlosses ? r->losses[i] : NULL;
}

int64_t llmgw_response_usage(const llmgw_response *r, int what)
{
    if (!r)
        return -1;
    switch (what) {
    case LLMGW_USAGE_INPUT:
        return r->usage.input;
    case LLMGW_USAGE_OUTPUT:
        return r->usage.output;
    case LLMGW_USAGE_THINKING:
        return r->usage.thinking;
    case LLMGW_USAGE_CACHE_READ:
        return r->usage.cache_read;
    case LLMGW_USAGE_CACHE_WRITE:
        return r->usage.cache_write;
    default:
        return -1;
    }
}

/* Prices come with the model facts; until then every one is unknown. */
int64_t llmgw_response_cost(const llmgw_response *r)
{
    (void)r;
    return -1;
}

const char *llmgw_response_get(const llmgw_response *r, const char *key)
{
    if (!r || !key)
        return NULL;
    if (strcmp(key, "attempts") == 0)
        return r->attempts;
    if (strcmp(key, "maybe_billed") == 0)
        return r->maybe_billed;
    return NULL;
}
