/* SPDX-License-Identifier: MIT
 *
 * One attempt: the request as it leaves. */
#include "src/gateway/client.h"
#include "src/gateway/trace.h"

#include "lib/json/edit.h"
#include "lib/json/text.h"

#define HEADER_VALUE_MAX 16384
#define URL_MAX          65536
#define SOURCE_PIECE     8192
#define TEXT_OF(n)       #n
#define DOTTED(a, b, c)  TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)
#define USER_AGENT                                               \
    "libllmgw/" DOTTED(LLMGW_VERSION_MAJOR, LLMGW_VERSION_MINOR, \
                       LLMGW_VERSION_PATCH)

/* The header of that name, or what is behind the last one. */
static struct lg_header *find_header(llmgw_exchange *x, const char *name)
{
    struct lg_header *h = x->header, *end = h + x->nheaders;

    while (h < end && !lg_str_same_nocase(lg_str_of(h->name), lg_str_of(name)))
        h++;
    return h;
}

/* In the place of an earlier one of its name. */
static int add_header(struct lg_call *c, struct lg_arena *a, const char *name,
                      const char *prefix, const char *value)
{
    const size_t n = strlen(name), pn = strlen(prefix), v = strlen(value);
    struct lg_header *slot = find_header(&c->x, name);
    char *copy, *line;

    if (pn + v > HEADER_VALUE_MAX)
        return lg_fail(&c->err, LLMGW_E_LIMIT, name, "the value is too long");
    if (slot == c->x.header + LG_HEADERS_MAX)
        return lg_fail(&c->err, LLMGW_E_LIMIT, name, "too many headers");
    copy = lg_arena_raw(a, 2 * n + pn + v + 4);
    if (!copy)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    line = copy + n + 1;
    memcpy(copy, name, n + 1);
    memcpy(line, name, n);
    memcpy(line + n, ": ", 2);
    memcpy(line + n + 2, prefix, pn);
    memcpy(line + n + 2 + pn, value, v + 1);
    if (slot == c->x.header + c->x.nheaders)
        c->x.nheaders++;
    *slot = (struct lg_header){copy, line + n + 2, line};
    return LLMGW_OK;
}

int lg_prepare_header(struct lg_prepare *p, const char *name, const char *value)
{
    return add_header(p->call, p->arena, name, "", value);
}

/* The host's headers stand in for those of the same name. */
static int add_headers(struct lg_call *c, const struct lg_name_value *list)
{
    llmgw_exchange *x = &c->x;
    int err = LLMGW_OK;

    for (; list && list->name && !err; list++) {
        struct lg_header *had = find_header(x, list->name);

        if (had < x->header + x->nheaders)
            *had = x->header[--x->nheaders];
        err = add_header(c, &c->arena, list->name, "", list->value);
    }
    return err;
}

static int add_credential(struct lg_call *c)
{
    const struct lg_provider_config *p = c->plan.provider;
    struct lg_auth auth = {p->auth, p->key};
    struct lg_auth_header h = {0};
    int err;

    if (!p->auth)
        return LLMGW_OK;
    err = p->auth->apply(&auth, lg_loop_wall(c->loop), &h, NULL, &c->err);
    if (err < 0)
        return err;
    if (!h.secret)
        return LLMGW_OK;
    return add_header(c, &c->arena, h.name, h.prefix, h.secret->text);
}

static int build_headers(struct lg_call *c)
{
    const struct lg_provider_config *p = c->plan.provider;
    struct lg_prepare prepare = {.config = p,
                                 .format = c->plan.native,
                                 .policy = &c->plan.policy,
                                 .arena = &c->arena,
                                 .call = c,
                                 .x = &c->x,
                                 .err = &c->err};
    int err;

    c->x.header =
        lg_arena_raw(&c->arena, LG_HEADERS_MAX * sizeof(struct lg_header));
    if (!c->x.header)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    err = add_header(c, &c->arena, "content-type", "", "application/json");
    if (!err)
        err = add_header(c, &c->arena, "accept", "",
                         c->stream ? "text/event-stream" : "application/json");
    if (!err)
        err = add_header(c, &c->arena, "user-agent", "", USER_AGENT);
    if (!err)
        err = add_credential(c);
    if (!err && p->type->prepare)
        err = p->type->prepare(&prepare);
    if (!err)
        err = add_headers(c, c->config->headers);
    if (!err)
        err = add_headers(c, p->headers);
    return err;
}

static int build_url(struct lg_call *c)
{
    const struct lg_str model = c->member[LG_MEMBER_MODEL];
    const struct lg_url_var vars[] = {{"model", model}};
    const struct lg_str base = lg_str_of(c->plan.provider->base_url);
    const char *path = c->plan.endpoint->path;
    /* each byte of a name may be written as three */
    const size_t most =
        base.n + strlen(path) + 1 + (strchr(path, '{') ? 3 * model.n : 0);
    struct lg_buf url;

    if (most > URL_MAX)
        return lg_fail(&c->err, LLMGW_E_LIMIT, "model", "too long for a URL");
    url = lg_buf_over(lg_arena_raw(&c->arena, most), most);
    if (!url.p)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    c->x.url = url.p;
    return lg_url_build(&url, base, path, vars, LG_COUNT(vars), &c->err);
}

/* The model without its prefix, with quotes; NULL span: as it stands. */
static int cut_model(struct lg_call *c, struct lg_str *out)
{
    const struct lg_str model = c->member[LG_MEMBER_MODEL];
    const size_t cut = c->plan.prefix.n;
    char *p;

    *out = (struct lg_str){0};
    if (!cut)
        return LLMGW_OK;
    p = lg_arena_raw(&c->arena, model.n - cut);
    if (!p)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    p[0] = '"';
    memcpy(p + 1, model.p + 1 + cut, model.n - 1 - cut);
    *out = (struct lg_str){p, model.n - cut};
    return LLMGW_OK;
}

/* Chat tells usage in a stream only when asked: ask, where the caller did
 * not say, and keep the extra chunk to ourselves. */
static int ask_usage(struct lg_call *c, struct lg_str *out)
{
    static const char *const names[] = {"include_usage"};
    const struct lg_str had = c->member[LG_MEMBER_STREAM_OPTIONS];
    struct lg_str said = {0}, slices[LG_SLICE_MAX];
    struct lg_edit edit = {names[0], {0}, LG_STR("true")};
    char *glue, *p;
    size_t n, at = 0;

    *out = (struct lg_str){0};
    if (!had.p || lg_str_is(had, "null")) {
        if (!c->plan.policy.no_stream_usage)
            *out = LG_STR("{\"include_usage\":true}");
        return LLMGW_OK;
    }
    if (lg_json_find(had, names, 1, &said, NULL))
        return LLMGW_OK; /* not ours to judge: the provider will */
    c->bridge.wants_usage = said.p && lg_str_is(said, "true");
    if (said.p || c->plan.policy.no_stream_usage)
        return LLMGW_OK;
    glue = lg_arena_raw(&c->arena, LG_EDIT_MAX * 80);
    p = lg_arena_raw(&c->arena, had.n + 64);
    if (!glue || !p)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    n = lg_json_edit(had, &edit, 1, slices, glue);
    for (size_t i = 0; i < n; i++) {
        memcpy(p + at, slices[i].p, slices[i].n);
        at += slices[i].n;
    }
    *out = (struct lg_str){p, at};
    return LLMGW_OK;
}

/* Where nothing is streamed, options for it are refused. */
static int no_stream_options(const struct lg_call *c, struct lg_str *out)
{
    const struct lg_str had = c->member[LG_MEMBER_STREAM_OPTIONS];

    if (had.p && !lg_str_is(had, "null"))
        *out = LG_STR("null");
    return LLMGW_OK;
}

static struct lg_str stream_value(const struct lg_call *c)
{
    const struct lg_str said = c->member[LG_MEMBER_STREAM];
    const int is_true = said.p && lg_str_is(said, "true");

    if (c->stream == is_true)
        return (struct lg_str){0};
    return c->stream ? LG_STR("true") : LG_STR("false");
}

static int build_same(struct lg_call *c)
{
    struct lg_edit edits[3] = {
        {"model", c->member[LG_MEMBER_MODEL], {0}},
        {"stream", c->member[LG_MEMBER_STREAM], stream_value(c)},
        {"stream_options", c->member[LG_MEMBER_STREAM_OPTIONS], {0}},
    };
    char *glue;
    int err = cut_model(c, &edits[0].value);

    if (!err && c->plan.native->stream_usage_asked)
        err = c->stream ? ask_usage(c, &edits[2].value)
                        : no_stream_options(c, &edits[2].value);
    if (err)
        return err;
    glue = lg_arena_raw(&c->arena, LG_EDIT_MAX * 80);
    if (!glue)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    c->nslices = lg_json_edit(c->json, edits, LG_COUNT(edits), c->slice, glue);
    return LLMGW_OK;
}

static int build_converted(struct lg_call *c)
{
    struct lg_conversion v = {
        .from = c->caller,
        .to = c->plan.native,
        .arena = &c->arena,
        .keep = &c->keep,
        .policy = &c->plan.policy,
        .bridge = &c->bridge,
        .losses = &c->losses,
        .err = &c->err,
        .now = lg_loop_wall(c->loop) / 1000,
        .cut_model = c->plan.prefix.n,
        .stream = c->stream ? 1 : -1,
    };
    int err;

    lg_buf_reset(&c->converted);
    err = lg_convert_request(&v, c->json, &c->converted);
    c->losses.doc = NULL; /* its tape goes with the arena */
    if (err)
        return err;
    lg_trace_losses(c);
    c->slice[0] = lg_buf_span(&c->converted);
    c->nslices = 1;
    return LLMGW_OK;
}

static int rewind_source(struct lg_call *c)
{
    int err;

    lg_callback_enter();
    err = c->set.rewind(c->set.read_user);
    lg_callback_leave();
    return err < 0 ? LLMGW_E_CALLBACK : LLMGW_OK;
}

static int begin_source(struct lg_call *c)
{
    c->x.has_source = 1;
    c->x.can_rewind = c->set.rewind != NULL;
    c->x.body_len = c->set.read_size;
    c->nslices = 0;
    c->bridge.wants_usage = 1; /* nobody knows: nothing is hidden */
    if (c->attempts == 0)
        return LLMGW_OK;
    return rewind_source(c) ? lg_fail(&c->err, LLMGW_E_CALLBACK, NULL,
                                      "the source could not be rewound")
                            : LLMGW_OK;
}

int lg_attempt_build(struct lg_call *c)
{
    int err;

    lg_arena_reset(&c->arena);
    lg_buf_reset(&c->body);
    memset(&c->mail, 0, sizeof(c->mail));
    memset(&c->bridge, 0, sizeof(c->bridge));
    c->bridge.stream = c->stream;
    lg_losses_init(&c->losses, &c->keep, &c->err, (int)c->set.strict);
    c->traced = 0;
    lg_exchange_init(&c->x, &c->loop->box);
    c->x.method = c->plan.endpoint->method;
    c->x.stream = c->stream;
    c->x.via = c->plan.provider->type->transport;
    c->x.connect_ms = c->set.connect_ms;
    c->x.once = !c->set.retry_ambiguous;
    c->slice = lg_arena_raw(&c->arena, LG_SLICE_MAX * sizeof(*c->slice));
    if (!c->slice)
        return lg_fail_mem(&c->err, LLMGW_E_NOMEM);
    if (c->set.read)
        err = begin_source(c);
    else
        err = c->plan.same ? build_same(c) : build_converted(c);
    if (!err)
        err = build_url(c);
    if (!err)
        err = build_headers(c);
    if (err)
        return err;
    c->losses.strict = 0; /* what is sent cannot be refused any more */
    c->x.slice = c->slice;
    c->x.nslices = c->nslices;
    for (size_t i = 0; i < c->nslices; i++)
        c->x.body_len += (int64_t)c->slice[i].n;
    return LLMGW_OK;
}

/* ---- a streamed body ---------------------------------------------------- */

/* The next piece: its length, 0 at the end, negative. */
static int64_t read_source(struct lg_call *c, char *piece, size_t cap)
{
    int64_t n;

    lg_callback_enter();
    n = c->set.read(c->set.read_user, piece, cap);
    lg_callback_leave();
    return n < 0 || n > (int64_t)cap ? LLMGW_E_CALLBACK : n;
}

void lg_attempt_feed(struct lg_call *c)
{
    llmgw_exchange *x = &c->x;
    char piece[SOURCE_PIECE];
    int hungry, again;
    int64_t n = 0;

    if (!x->has_source || c->mail.done || c->state == LG_CALL_BACKOFF)
        return;
    lg_mutex_lock(&x->box->lock);
    again = x->outbox_rewind;
    hungry = x->outbox_hungry && (again || !x->outbox_end);
    lg_mutex_unlock(&x->box->lock);
    if (!hungry)
        return;
    if (again)
        n = rewind_source(c);
    if (n >= 0)
        n = read_source(c, piece, sizeof(piece));
    lg_mutex_lock(&x->box->lock);
    lg_buf_reset(&x->outbox);
    x->outbox_at = 0;
    if (n > 0 && lg_buf_add(&x->outbox, piece, (size_t)n))
        n = x->outbox.err;
    x->outbox_end = n == 0 ? 1 : n < 0 ? (int)n : 0;
    x->outbox_hungry = 0;
    x->outbox_rewind = 0;
    lg_mutex_unlock(&x->box->lock);
    lg_loop_submit(c->loop, x, LG_OP_RESUME);
    if (c->client->attached)
        lg_loop_turn(c->loop);
}
