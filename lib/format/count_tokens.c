/* SPDX-License-Identifier: MIT */
#include "lib/format/count_tokens.h"

#include "lib/format/function.h"

#define MODELS "models/" /* Gemini's, before a model's name */

extern const struct lg_format lg_format_anthropic_messages;
extern const struct lg_format lg_format_bedrock_converse;
extern const struct lg_format lg_format_gemini;
extern const struct lg_format lg_format_openai_responses;

/* ---- requests: read ----------------------------------------------------- */

/* The request as a document of its own, that knows where it stood. */
static int open_inner(struct lg_ctx *c, struct lg_val v, struct lg_json **out)
{
    struct lg_json *const inner = lg_arena_new(c->arena, struct lg_json);
    char at[LG_WHERE_MAX];
    int rc;

    if (!inner)
        return lg_no_room(c);
    rc = lg_json_read(inner, c->arena, lg_val_raw(v), c->err);
    if (rc < 0)
        return rc;
    lg_json_pointer(v.doc, v.i, at, sizeof(at));
    inner->at = lg_arena_dup(c->arena, lg_str_of(at));
    if (!inner->at)
        return lg_no_room(c);
    c->losses->doc = inner;
    *out = inner;
    return 0;
}

/* The member that the request stands in; others are reported. */
static int step_in(struct lg_ctx *c, struct lg_val outer, const char *name,
                   struct lg_val *out)
{
    struct lg_iter it = lg_iter_of(outer);
    int rc = 0;

    *out = (struct lg_val){0};
    while (rc >= 0 && lg_val_kind(outer) == LG_JSON_OBJECT &&
           lg_iter_next(&it)) {
        if (lg_key_is(c, it.key, name))
            *out = it.val;
        else if (lg_key_is(c, it.key, "invokeModel"))
            rc = lg_lose(c->losses, it.val.i, LG_REJECTED,
                         "a body of a model's own format");
        else
            rc = lg_lose(c->losses, it.val.i, LG_DROPPED,
                         "not in the request that is counted");
    }
    if (rc >= 0 && lg_val_kind(*out) != LG_JSON_OBJECT)
        rc = lg_val_fail(out->doc ? *out : outer, c->err,
                         "expected an object with a request in it");
    return rc;
}

static int read_request(struct lg_ctx *c, const struct lg_json *doc,
                        struct lg_ir_request *r)
{
    const struct lg_format *const self = c->self;
    const struct lg_count_ops *const o = self->count;
    struct lg_val v = lg_json_root(doc);
    struct lg_json *inner;
    int rc = 0;

    if (o->around[0] && (!o->bare || lg_member(c, v, o->around[0]).doc))
        for (size_t i = 0; o->around[i] && rc >= 0; i++)
            rc = step_in(c, v, o->around[i], &v);
    if (rc >= 0)
        rc = open_inner(c, v, &inner);
    if (rc < 0)
        return rc;
    c->self = self->chat;
    rc = c->self->read_request(c, inner, r);
    c->self = self;
    if (self->chat == &lg_format_gemini)
        lg_prefix_cut(&r->param[LG_P_MODEL], MODELS);
    return rc;
}

/* ---- requests: written -------------------------------------------------- */

/* Take out what does not count, and report it. */
static void strip(struct lg_writer *w, struct lg_ir_request *r)
{
    const struct lg_count_ops *const o = w->c->self->count;

    lg_put_lose_params(w, r, o->params);
    for (int p = 0; p < LG_P_COUNT; p++)
        if (!(o->params >> p & 1))
            r->param[p] = lg_ir_none;
    if (!o->stops && r->stops.n)
        lg_put_lose(w, r->stops.tok, LG_DROPPED, "does not count");
    if (!o->stops)
        r->stops = (struct lg_ir_stops){0};
    if (!o->output && r->output.kind > LG_OUTPUT_TEXT)
        lg_put_lose(w, r->output.tok, LG_DROPPED, "cannot be counted here");
    if (!o->output)
        r->output = (struct lg_ir_output){0};
}

static int is_taken(const struct lg_count_ops *o, struct lg_str key)
{
    const char *p = o->members;

    for (; p && *p; p += strcspn(p, " ")) {
        p += *p == ' ';
        if (lg_str_same(lg_str_from(p, strcspn(p, " ")), key))
            return 1;
    }
    return !p;
}

/* A writer adds what a chat must say; of that only what counts is kept. */
static int write_members(struct lg_writer *w, struct lg_str request)
{
    struct lg_json doc;
    struct lg_iter it;
    const int rc = lg_json_read(&doc, w->c->arena, request, w->c->err);

    if (rc < 0)
        return rc;
    it = lg_iter_of(lg_json_root(&doc));
    while (lg_iter_next(&it))
        if (is_taken(w->c->self->count, lg_val_body(it.key))) {
            lg_jw_key_body(&w->jw, lg_val_body(it.key));
            lg_jw_raw(&w->jw, lg_val_raw(it.val));
        }
    return 0;
}

static int write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                         struct lg_buf *out)
{
    const struct lg_format *const self = c->self;
    const struct lg_count_ops *const o = self->count;
    struct lg_writer w = lg_writer_of(c, r->origin, out);
    struct lg_ir_request counted = *r;
    struct lg_ir_val model = r->param[LG_P_MODEL];
    struct lg_buf request;

    strip(&w, &counted);
    /* Messages must have it, and would tell of a default. */
    if (self->chat == &lg_format_anthropic_messages)
        counted.param[LG_P_MAX_TOKENS] = (struct lg_ir_val){
            LG_STR("2147483647"), LG_NOWHERE, LG_JSON_NUMBER, 0};
    lg_buf_init(&request, out->max);
    c->self = self->chat;
    lg_writer_fail(&w, c->self->write_request(c, &counted, &request));
    c->self = self;
    if (!w.rc && request.err)
        lg_writer_fail(&w, lg_fail_mem(c->err, request.err));
    lg_put(&w, "{");
    for (size_t i = 0; o->around[i]; i++)
        lg_put(&w, "%k:{", o->around[i]);
    if (self->chat == &lg_format_gemini) {
        lg_writer_fail(&w, lg_prefix_add(c, &model, MODELS));
        lg_put(&w, "'model':%o", &model);
    }
    if (!w.rc)
        lg_writer_fail(&w, write_members(&w, lg_buf_span(&request)));
    for (size_t i = 0; o->around[i]; i++)
        lg_put(&w, "}");
    lg_put(&w, "}");
    lg_buf_done(&request);
    return lg_writer_end(&w);
}

/* ---- answers ------------------------------------------------------------ */

static int read_answer(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_sink *sink)
{
    const struct lg_count_ops *const o = c->self->count;
    const struct lg_val root = lg_json_root(doc);
    struct lg_ir_usage usage = LG_USAGE_NONE;
    struct lg_ir_head head = {.extra = NULL};
    const char *names[] = {o->count, "object", "promptTokensDetails",
                           "cacheTokensDetails", o->cached};
    struct lg_val f[LG_COUNT(names)] = {{0}};
    int rc = lg_fields(c, root, names, LG_COUNT(names) - !o->cached, f,
                       &head.extra, 0);

    if (rc >= 0 && (lg_val_int(f[0], &usage.input) || usage.input < 0))
        rc = lg_val_fail(f[0].doc ? f[0] : root, c->err,
                         "expected a count of tokens");
    if (rc >= 0 && o->cached && !lg_val_int(f[4], &usage.cache_read) &&
        usage.cache_read >= 0 && usage.cache_read <= usage.input)
        usage.input -= usage.cache_read;
    else
        usage.cache_read = -1;
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_START, 0, -1, &head, NULL);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
    return lg_protocol(c, rc);
}

static int write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                        struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, a->origin, out);

    lg_put(&w, c->self->count->answer,
           lg_count_plus(a->usage.input, a->usage.cache_read),
           a->usage.cache_read);
    lg_put_lose_extras(&w, a->head.extra);
    return lg_writer_end(&w);
}

/* ---- the formats -------------------------------------------------------- */

#define TOLD (1u << LG_P_MODEL | 1u << LG_P_PARALLEL_TOOLS | 1u << LG_P_EFFORT)

static const char *const nothing[] = {NULL};
static const char *const converse[] = {"input", "converse", NULL};
static const char *const generate[] = {"generateContentRequest", NULL};

static const struct lg_count_ops anthropic = {
    .around = nothing,
    .members = " model messages system tools tool_choice thinking "
               "cache_control output_config context_management mcp_servers "
               "speed ",
    .params = TOLD | 1u << LG_P_CACHE,
    .output = 1,
    .count = "input_tokens",
    .answer = "{'input_tokens':%d}",
};
static const struct lg_count_ops bedrock = {
    .around = converse,
    .members = " messages system toolConfig additionalModelRequestFields ",
    .params = TOLD,
    .count = "inputTokens",
    .answer = "{'inputTokens':%d}",
};
static const struct lg_count_ops gemini = {
    .around = generate,
    .bare = 1,
    .members = NULL,
    .params = UINT32_MAX,
    .stops = 1,
    .output = 1,
    .count = "totalTokens",
    .cached = "cachedContentTokenCount",
    .answer = "{'totalTokens':%d,'cachedContentTokenCount':%d}",
};
static const struct lg_count_ops openai = {
    .around = nothing,
    .members = " model input instructions tools tool_choice reasoning text "
               "parallel_tool_calls ",
    .params = TOLD | 1u << LG_P_VERBOSITY,
    .output = 1,
    .count = "input_tokens",
    .answer = "{'object':'response.input_tokens','input_tokens':%d}",
};

#define COUNTS(of, like)                                          \
    .family = LG_FAMILY_COUNT, .chat = &(like), .count = &(of),   \
    .read_request = read_request, .write_request = write_request, \
    .read_answer = read_answer, .write_answer = write_answer,     \
    .read_error = lg_chat_of_read_error, .write_error = lg_chat_of_write_error

const struct lg_format lg_format_anthropic_count_tokens = {
    .name = "anthropic-count-tokens",
    COUNTS(anthropic, lg_format_anthropic_messages),
};
const struct lg_format lg_format_bedrock_count_tokens = {
    .name = "bedrock-count-tokens",
    .model_in_url = 1,
    COUNTS(bedrock, lg_format_bedrock_converse),
};
const struct lg_format lg_format_gemini_count_tokens = {
    .name = "gemini-count-tokens",
    .proto_names = 1,
    .model_in_url = 1,
    COUNTS(gemini, lg_format_gemini),
};
const struct lg_format lg_format_openai_count_tokens = {
    .name = "openai-count-tokens",
    COUNTS(openai, lg_format_openai_responses),
};
