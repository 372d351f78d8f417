/* SPDX-License-Identifier: MIT
 *
 * Bedrock's Converse: its errors, and the vtable. */
#include "lib/format/bedrock_converse.h"

/* Exceptions without the word; the first of a class is its name. */
static const struct {
    const char *name;
    enum lg_error_class class;
} names[] = {
    {"Validation", LG_ERROR_INVALID},
    {"ServiceQuotaExceeded", LG_ERROR_QUOTA},
    {"AccessDenied", LG_ERROR_PERMISSION},
    {"ResourceNotFound", LG_ERROR_NOT_FOUND},
    {"Conflict", LG_ERROR_CONFLICT},
    {"ModelTimeout", LG_ERROR_TIMEOUT},
    {"Throttling", LG_ERROR_RATE_LIMIT},
    {"InternalServer", LG_ERROR_SERVER},
    {"ModelError", LG_ERROR_SERVER},
    {"ModelStreamError", LG_ERROR_SERVER},
    {"InternalFailure", LG_ERROR_SERVER},
    {"ServiceUnavailable", LG_ERROR_OVERLOADED},
    {"ModelNotReady", LG_ERROR_OVERLOADED},
    {"UnrecognizedClient", LG_ERROR_AUTH},
    {"ExpiredToken", LG_ERROR_AUTH},
    {"InvalidSignature", LG_ERROR_AUTH},
    {"IncompleteSignature", LG_ERROR_AUTH},
    {"InvalidClientTokenId", LG_ERROR_AUTH},
    {"MissingAuthenticationToken", LG_ERROR_AUTH},
};

int lg_bc_contains(struct lg_str s, const char *part)
{
    const struct lg_str p = lg_str_of(part);

    for (; s.n >= p.n; s.p++, s.n--)
        if (lg_str_starts(s, p))
            return 1;
    return 0;
}

/* "com.amazon#ThrottlingException:http://..." is Throttling. */
static struct lg_str bare_name(struct lg_str s)
{
    const struct lg_str word = LG_STR("Exception");
    const char *at = s.n ? memchr(s.p, ':', s.n) : NULL;

    if (at)
        s.n = (size_t)(at - s.p);
    at = s.n ? memchr(s.p, '#', s.n) : NULL;
    if (at)
        s = lg_str_from(at + 1, s.n - (size_t)(at + 1 - s.p));
    if (s.n > word.n &&
        lg_str_same(lg_str_from(s.p + s.n - word.n, word.n), word))
        s.n -= word.n;
    return s;
}

static int is_too_long(struct lg_str message)
{
    return lg_bc_contains(message, "too long") ||
           lg_bc_contains(message, "exceed context limit") ||
           lg_bc_contains(message, "maximum context length");
}

static uint8_t class_of(const struct lg_ir_error *e, struct lg_str name)
{
    uint8_t class = LG_ERROR_OTHER;

    name = bare_name(name);
    for (size_t i = 0; i < LG_COUNT(names) && !class; i++)
        if (lg_str_same_nocase(name, lg_str_of(names[i].name)))
            class = (uint8_t)names[i].class;
    if (!class)
        class = lg_class_of_status(e->status);
    return class == LG_ERROR_INVALID && is_too_long(e->message.s)
               ? LG_ERROR_CONTEXT_LENGTH
               : class;
}

int lg_bc_name_error(struct lg_ctx *c, struct lg_str name,
                     struct lg_ir_error *e)
{
    struct lg_str body;
    const int rc = lg_escaped(c, name, &body);

    if (rc >= 0 && body.n)
        e->type = (struct lg_ir_val){body, LG_NOWHERE, LG_JSON_STRING, 0};
    e->class = class_of(e, name);
    return rc;
}

int lg_bc_read_error(struct lg_ctx *c, struct lg_val body, struct lg_str name,
                     int status, struct lg_ir_error *e)
{
    struct lg_ir_val other = lg_ir_none, types[3];
    int rc = lg_get(c, body, &e->extra, LG_BC_NODE,
                    "p- message Message __type code type", &e->message, &other,
                    &types[0], &types[1], &types[2]);

    if (rc < 0)
        return rc;
    if (!lg_ir_has(&e->message))
        e->message = other;
    for (size_t i = 0; i < LG_COUNT(types); i++)
        if (!lg_ir_has(&e->type))
            e->type = types[i];
    e->status = status;
    if (name.p)
        return lg_bc_name_error(c, name, e);
    if (e->message.kind != LG_JSON_STRING && e->type.kind != LG_JSON_STRING)
        return lg_val_fail(body, c->err, "expected an error with a message");
    e->class = class_of(e, e->type.s);
    return 0;
}

/* ---- writing ---------------------------------------------------------------- */

static const char *type_of(enum lg_error_class class)
{
    if (class == LG_ERROR_CONTEXT_LENGTH || class == LG_ERROR_CONTENT_FILTER ||
        class == LG_ERROR_TOO_LARGE)
        class = LG_ERROR_INVALID;
    if (class == LG_ERROR_BILLING)
        class = LG_ERROR_QUOTA;
    for (size_t i = 0; i < LG_COUNT(names); i++)
        if (names[i].class == class)
            return names[i].name;
    return "InternalServer";
}

const char *lg_bc_exception(const struct lg_ir_error *e)
{
    switch ((enum lg_error_class)e->class) {
    case LG_ERROR_RATE_LIMIT:
    case LG_ERROR_QUOTA:
        return "throttlingException";
    case LG_ERROR_OVERLOADED:
        return "serviceUnavailableException";
    case LG_ERROR_TIMEOUT:
        return "modelStreamErrorException";
    case LG_ERROR_OTHER:
    case LG_ERROR_SERVER:
        break;
    case LG_ERROR_INVALID:
    case LG_ERROR_CONTEXT_LENGTH:
    case LG_ERROR_AUTH:
    case LG_ERROR_BILLING:
    case LG_ERROR_PERMISSION:
    case LG_ERROR_NOT_FOUND:
    case LG_ERROR_CONFLICT:
    case LG_ERROR_TOO_LARGE:
    case LG_ERROR_CONTENT_FILTER:
        return "validationException";
    }
    return "internalServerException";
}

void lg_bc_write_error(struct lg_writer *w, const struct lg_ir_error *e)
{
    const struct lg_ir_val message = lg_ir_word("the provider gave no reason");

    lg_put(w, "'message':%v,%x",
           w->own || e->message.kind == LG_JSON_STRING ? &e->message : &message,
           e->extra, LG_BC_NODE);
    if (!w->own) {
        lg_put_drop(w, &e->code, "error codes of another format");
        lg_put_drop(w, &e->param, "an error names no member in " LG_BC_NAME);
    }
}

static int read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                      struct lg_ir_error *e)
{
    return lg_bc_read_error(c, lg_json_root(doc), (struct lg_str){0}, status,
                            e);
}

static int write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                       struct lg_buf *out)
{
    /* Errors have no origin; extras are kept where it is this format. */
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);

    if (w.own)
        lg_put(&w, "{'__type':%v", &e->type);
    else
        lg_put(&w, "{'__type':%s",
               lg_reason(c, "%sException",
                         type_of((enum lg_error_class)e->class)));
    lg_bc_write_error(&w, e);
    lg_put(&w, "}");
    return lg_writer_end(&w);
}

const struct lg_format lg_format_bedrock_converse = {
    .name = LG_BC_NAME,
    .takes_no_url = 1,
    .name_max = 64,
    .name_marks = "-",
    .framing = LG_FRAMING_EVENTSTREAM,
    .model_in_url = 1,
    .read_request = lg_bc_read_request,
    .write_request = lg_bc_write_request,
    .read_answer = lg_bc_read_answer,
    .write_answer = lg_bc_write_answer,
    .decoder_size = sizeof(struct lg_bc_decoder),
    .encoder_size = sizeof(struct lg_bc_encoder),
    .read_event = lg_bc_read_event,
    .end_events = lg_bc_end_events,
    .write_event = lg_bc_write_event,
    .read_error = read_error,
    .write_error = write_error,
};
