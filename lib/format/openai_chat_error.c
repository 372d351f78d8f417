/* SPDX-License-Identifier: MIT
 *
 * Errors: OpenAI's, and what compatibles make of them. */
#include "lib/format/openai_chat.h"

enum {
    F_MESSAGE,
    F_TYPE,
    F_PARAM,
    F_CODE,
    F_COUNT
};
static const char *const fields[F_COUNT] = {"message", "type", "param", "code"};

/* ---- classes ------------------------------------------------------------ */

/* A word of `code` or `type` and what it means. The first that fits wins;
 * `part`: it may stand anywhere in the word. */
static const struct {
    const char *word;
    uint8_t part;
    uint8_t class;
} words[] = {
    {"context_length_exceeded", 0, LG_ERROR_CONTEXT_LENGTH},
    {"string_above_max_length", 0, LG_ERROR_CONTEXT_LENGTH},
    {"content_filter", 0, LG_ERROR_CONTENT_FILTER},
    {"content_policy_violation", 0, LG_ERROR_CONTENT_FILTER},
    {"ResponsibleAIPolicyViolation", 0, LG_ERROR_CONTENT_FILTER},
    {"insufficient_quota", 1, LG_ERROR_QUOTA},
    {"billing_hard_limit_reached", 0, LG_ERROR_QUOTA},
    {"billing", 1, LG_ERROR_BILLING},
    {"model_not_found", 0, LG_ERROR_NOT_FOUND},
    {"DeploymentNotFound", 0, LG_ERROR_NOT_FOUND},
    {"invalid_api_key", 0, LG_ERROR_AUTH},
    {"mismatched_organization", 0, LG_ERROR_AUTH},
    {"rate_limit", 1, LG_ERROR_RATE_LIMIT},
    {"RateLimitReached", 0, LG_ERROR_RATE_LIMIT},
    {"overload", 1, LG_ERROR_OVERLOADED},
    {"service_unavailable", 0, LG_ERROR_OVERLOADED},
    {"timeout", 1, LG_ERROR_TIMEOUT},
    {"Timeout", 1, LG_ERROR_TIMEOUT},
};
/* What a word means where no HTTP status says so. */
static const struct {
    const char *part;
    uint8_t class;
} vague[] = {
    {"authentication", LG_ERROR_AUTH},
    {"permission", LG_ERROR_PERMISSION},
    {"not_found", LG_ERROR_NOT_FOUND},
    {"conflict", LG_ERROR_CONFLICT},
    {"too_large", LG_ERROR_TOO_LARGE},
    {"context_length", LG_ERROR_CONTEXT_LENGTH},
    {"bad_request", LG_ERROR_INVALID},
    {"invalid", LG_ERROR_INVALID},
    {"server_error", LG_ERROR_SERVER},
    {"internal", LG_ERROR_SERVER},
};

static uint8_t class_of_status(int64_t status)
{
    switch (status) {
    case 401:
        return LG_ERROR_AUTH;
    case 402:
        return LG_ERROR_BILLING;
    case 403:
        return LG_ERROR_PERMISSION;
    case 404:
        return LG_ERROR_NOT_FOUND;
    case 408:
    case 504:
        return LG_ERROR_TIMEOUT;
    case 409:
        return LG_ERROR_CONFLICT;
    case 413:
        return LG_ERROR_TOO_LARGE;
    case 429:
        return LG_ERROR_RATE_LIMIT;
    case 503:
    case 529:
        return LG_ERROR_OVERLOADED;
    default:
        return status >= 500                   ? LG_ERROR_SERVER
               : status >= 400 && status < 500 ? LG_ERROR_INVALID
                                               : LG_ERROR_OTHER;
    }
}

static int contains(struct lg_str s, const char *part)
{
    const struct lg_str p = lg_str_of(part);

    for (; s.n >= p.n; s.p++, s.n--)
        if (lg_str_starts(s, p))
            return 1;
    return 0;
}

static uint8_t class_of_word(struct lg_str s, int sure)
{
    for (size_t i = 0; sure && i < LG_COUNT(words); i++)
        if (words[i].part ? contains(s, words[i].word)
                          : lg_str_is(s, words[i].word))
            return words[i].class;
    for (size_t i = 0; !sure && i < LG_COUNT(vague); i++)
        if (contains(s, vague[i].part))
            return vague[i].class;
    return LG_ERROR_OTHER;
}

/* A code that is a status, as a number or in a string. */
static int64_t status_of(const struct lg_ir_val *code)
{
    int64_t n;

    if ((code->kind != LG_JSON_NUMBER && code->kind != LG_JSON_STRING) ||
        lg_str_int(code->s, &n))
        return 0;
    return n >= 400 && n < 600 ? n : 0;
}

/* A word says more than a status, and a status more than a vague word. */
static uint8_t classify(const struct lg_ir_error *e, struct lg_val inner)
{
    const struct lg_val deep = lg_val_get(inner, "innererror");
    const struct lg_str deeper = lg_val_body(
        lg_val_get(deep.doc ? deep : lg_val_get(inner, "inner_error"), "code"));
    const struct lg_str said[] = {e->code.s, e->type.s, deeper};
    const int64_t status = e->status ? e->status : status_of(&e->code);
    uint8_t class = LG_ERROR_OTHER;

    for (int sure = 1; sure >= 0; sure--) {
        for (size_t i = 0; i < LG_COUNT(said) && !class; i++)
            if (said[i].n)
                class = class_of_word(said[i], sure);
        if (!class)
            class = class_of_status(status);
    }
    return class;
}

/* ---- reading ------------------------------------------------------------ */

/* LiteLLM's null. */
static int says(struct lg_val v)
{
    return lg_val_kind(v) > LG_JSON_NULL && !lg_val_is(v, "None");
}

static int read_members(struct lg_ctx *c, struct lg_val v, uint8_t level,
                        struct lg_ir_error *e)
{
    struct lg_ir_val *const to[F_COUNT] = {&e->message, &e->type, &e->param,
                                           &e->code};
    struct lg_val f[F_COUNT];
    int rc = lg_fields(c, v, fields, F_COUNT, f, &e->extra, level);

    for (size_t i = 0; i < F_COUNT && !rc; i++)
        if (says(f[i]))
            *to[i] = lg_ir_of(f[i]);
        else
            rc = lg_extra_keep(c, &e->extra, f[i], level);
    return rc;
}

/* Bodies without an `error`: API gateways', FastAPI's, Mistral's. */
static int read_bare(struct lg_ctx *c, struct lg_val v, struct lg_ir_error *e)
{
    static const char *const others[] = {"detail", "Message", "msg"};
    struct lg_val message = lg_val_get(v, "message");
    const struct lg_val status = lg_val_get(v, "statusCode");

    for (size_t i = 0; i < LG_COUNT(others) && !message.doc; i++)
        message = lg_val_get(v, others[i]);
    if (!says(message))
        return lg_val_fail(v, c->err, "expected an error");
    e->message = lg_ir_of(message);
    e->type = lg_ir_of(lg_val_get(v, "type"));
    e->code = lg_ir_of(lg_val_get(v, "code"));
    if (e->code.kind <= LG_JSON_NULL)
        e->code = lg_ir_of(status);
    return 0;
}

int lg_chat_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                       struct lg_ir_error *e)
{
    static const char *const names[] = {"error"};
    struct lg_val root = lg_json_root(doc), error;
    struct lg_iter it = lg_iter_of(root);
    int rc;

    e->status = status;
    if (lg_val_kind(root) == LG_JSON_ARRAY && lg_iter_next(&it))
        root = it.val; /* Google's, in a list of one */
    error = lg_val_get(root, "error");
    if (lg_val_kind(error) == LG_JSON_OBJECT) {
        rc = lg_fields(c, root, names, 1, &error, &e->extra, LG_CHAT_CHUNK);
        if (!rc)
            rc = read_members(c, error, LG_CHAT_SELF, e);
    } else if (lg_val_kind(error) == LG_JSON_STRING) {
        e->message = lg_ir_of(error);
        rc = lg_fields(c, root, names, 1, &error, &e->extra, LG_CHAT_CHUNK);
    } else {
        rc = read_bare(c, root, e);
    }
    e->class = classify(e, error);
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

static const struct {
    const char *type, *code;
} shapes[] = {
    [LG_ERROR_OTHER] = {"server_error", NULL},
    [LG_ERROR_INVALID] = {"invalid_request_error", NULL},
    [LG_ERROR_CONTEXT_LENGTH] = {"invalid_request_error",
                                 "context_length_exceeded"},
    [LG_ERROR_AUTH] = {"invalid_request_error", "invalid_api_key"},
    [LG_ERROR_BILLING] = {"insufficient_quota", "insufficient_quota"},
    [LG_ERROR_PERMISSION] = {"permission_denied", NULL},
    [LG_ERROR_NOT_FOUND] = {"invalid_request_error", "model_not_found"},
    [LG_ERROR_CONFLICT] = {"invalid_request_error", "conflict"},
    [LG_ERROR_TOO_LARGE] = {"invalid_request_error", "request_too_large"},
    [LG_ERROR_CONTENT_FILTER] = {"invalid_request_error", "content_filter"},
    [LG_ERROR_RATE_LIMIT] = {"rate_limit_exceeded", "rate_limit_exceeded"},
    [LG_ERROR_QUOTA] = {"insufficient_quota", "insufficient_quota"},
    [LG_ERROR_SERVER] = {"server_error", NULL},
    [LG_ERROR_TIMEOUT] = {"timeout", "timeout"},
    [LG_ERROR_OVERLOADED] = {"engine_overloaded", "service_unavailable"},
};

int lg_chat_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                        struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);
    const size_t class = e->class < LG_COUNT(shapes) ? e->class : 0;
    const struct lg_ir_val *const m = &e->message;

    w.jw.one_line = 1;
    if (w.own) {
        lg_put(&w,
               "{'error':{'message':%v,'type':%v,'param':%v,'code':%v,%x},"
               "%x}",
               m, &e->type, &e->param, &e->code, e->extra, LG_CHAT_SELF,
               e->extra, LG_CHAT_CHUNK);
        return lg_writer_end(&w);
    }
    lg_put(&w, "{'error':{'message':");
    if (m->kind == LG_JSON_STRING)
        lg_jw_body(&w.jw, m->s);
    else
        lg_jw_text(&w.jw, m->s.n ? m->s : LG_STR("unknown error"));
    lg_put(&w, "'type':%s,'param':%v,'code':%s}}", shapes[class].type,
           lg_ir_has(&e->param) ? &e->param : &lg_ir_null, shapes[class].code);
    return lg_writer_end(&w);
}
