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

/* Words of `code` or `type` and what they mean; those with a * may stand
 * anywhere in it. The first that fits wins. */
static const struct row {
    const char *words;
    uint8_t class;
} sure[] = {
    {"context_length_exceeded string_above_max_length",
     LG_ERROR_CONTEXT_LENGTH},
    {"content_filter content_policy_violation ResponsibleAIPolicyViolation",
     LG_ERROR_CONTENT_FILTER},
    {"*insufficient_quota billing_hard_limit_reached", LG_ERROR_QUOTA},
    {"*billing", LG_ERROR_BILLING},
    {"model_not_found DeploymentNotFound", LG_ERROR_NOT_FOUND},
    {"invalid_api_key mismatched_organization", LG_ERROR_AUTH},
    {"*rate_limit RateLimitReached", LG_ERROR_RATE_LIMIT},
    {"*overload service_unavailable", LG_ERROR_OVERLOADED},
    {"*timeout *Timeout", LG_ERROR_TIMEOUT},
    {NULL, LG_ERROR_OTHER},
};
/* What a word means where no HTTP status says so. */
static const struct row vague[] = {
    {"*authentication", LG_ERROR_AUTH},
    {"*permission", LG_ERROR_PERMISSION},
    {"*not_found", LG_ERROR_NOT_FOUND},
    {"*conflict", LG_ERROR_CONFLICT},
    {"*too_large", LG_ERROR_TOO_LARGE},
    {"*context_length", LG_ERROR_CONTEXT_LENGTH},
    {"*bad_request *invalid", LG_ERROR_INVALID},
    {"*server_error *internal", LG_ERROR_SERVER},
    {NULL, LG_ERROR_OTHER},
};

static int contains(struct lg_str s, struct lg_str part)
{
    for (; s.n >= part.n; s.p++, s.n--)
        if (lg_str_starts(s, part))
            return 1;
    return 0;
}

static int fits(struct lg_str s, const char *words)
{
    struct lg_str w;

    for (size_t i = 1; (w = lg_word_at(words, i)).p; i++)
        if (w.p[0] == '*' ? contains(s, lg_str_from(w.p + 1, w.n - 1))
                          : lg_str_same(s, w))
            return 1;
    return 0;
}

static uint8_t class_of_word(struct lg_str s, const struct row *row)
{
    while (row->words && !fits(s, row->words))
        row++;
    return row->class;
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

    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < LG_COUNT(said) && !class; i++)
            class = class_of_word(said[i], turn ? vague : sure);
        if (!class)
            class = lg_class_of_status(status);
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
            lg_ir_set(to[i], f[i]);
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
    lg_ir_set(&e->message, message);
    lg_ir_set(&e->type, lg_val_get(v, "type"));
    lg_ir_set(&e->code, lg_val_get(v, "code"));
    if (e->code.kind <= LG_JSON_NULL)
        lg_ir_set(&e->code, status);
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
        lg_ir_set(&e->message, error);
        rc = lg_fields(c, root, names, 1, &error, &e->extra, LG_CHAT_CHUNK);
    } else {
        rc = read_bare(c, root, e);
    }
    e->class = classify(e, error);
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

/* In the order of enum lg_error_class. */
static const char types[] =
    "server_error invalid_request_error invalid_request_error "
    "invalid_request_error insufficient_quota permission_denied "
    "invalid_request_error invalid_request_error invalid_request_error "
    "invalid_request_error rate_limit_exceeded insufficient_quota "
    "server_error timeout engine_overloaded";
static const char codes[] =
    "- - context_length_exceeded invalid_api_key insufficient_quota - "
    "model_not_found conflict request_too_large content_filter "
    "rate_limit_exceeded insufficient_quota - timeout service_unavailable";

int lg_chat_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                        struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);
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
    lg_put(&w, "'type':%w,'param':%v,'code':%w}}", types, e->class + 1,
           lg_ir_has(&e->param) ? &e->param : &lg_ir_null, codes, e->class + 1);
    return lg_writer_end(&w);
}
