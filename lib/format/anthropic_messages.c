/* SPDX-License-Identifier: MIT
 *
 * Anthropic's Messages: its errors, and the vtable. */
#include "lib/format/anthropic_messages_encode.h"

#include "lib/json/text.h"

static const struct {
    const char *type;
    enum lg_error_class class;
    int status;
} types[] = {
    {"invalid_request_error", LG_ERROR_INVALID, 400},
    {"authentication_error", LG_ERROR_AUTH, 401},
    {"billing_error", LG_ERROR_BILLING, 402},
    {"permission_error", LG_ERROR_PERMISSION, 403},
    {"not_found_error", LG_ERROR_NOT_FOUND, 404},
    {"conflict_error", LG_ERROR_CONFLICT, 409},
    {"request_too_large", LG_ERROR_TOO_LARGE, 413},
    {"rate_limit_error", LG_ERROR_RATE_LIMIT, 429},
    {"api_error", LG_ERROR_SERVER, 500},
    {"timeout_error", LG_ERROR_TIMEOUT, 504},
    {"overloaded_error", LG_ERROR_OVERLOADED, 529},
};

/* Codes that say more than the type does. */
static const struct {
    const char *code;
    enum lg_error_class class;
} codes[] = {
    {"enforced_spend_limit_reached", LG_ERROR_QUOTA},
    {"contract_spend_limit_reached", LG_ERROR_QUOTA},
    {"linked_organization_spend_limit_reached", LG_ERROR_QUOTA},
    {"request_body_too_large_after_decoding", LG_ERROR_TOO_LARGE},
};

/* A prompt that is too long has neither a type nor a code of its own. */
static int is_too_long(const struct lg_ir_val *message)
{
    return message->kind == LG_JSON_STRING &&
           (lg_str_starts(message->s, LG_STR("prompt is too long")) ||
            lg_str_starts(message->s, LG_STR("input length and `max_tokens` "
                                             "exceed context limit")));
}

static enum lg_error_class by_status(int status)
{
    for (size_t i = 0; i < LG_COUNT(types); i++)
        if (types[i].status == status)
            return types[i].class;
    if (status == 408)
        return LG_ERROR_TIMEOUT;
    if (status >= 500)
        return LG_ERROR_SERVER;
    return status >= 400 ? LG_ERROR_INVALID : LG_ERROR_OTHER;
}

static enum lg_error_class class_of(const struct lg_ir_error *e)
{
    for (size_t i = 0; i < LG_COUNT(codes); i++)
        if (lg_ir_is(&e->code, codes[i].code))
            return codes[i].class;
    for (size_t i = 0; i < LG_COUNT(types); i++) {
        if (!lg_ir_is(&e->type, types[i].type))
            continue;
        return types[i].class == LG_ERROR_INVALID && is_too_long(&e->message)
                   ? LG_ERROR_CONTEXT_LENGTH
                   : types[i].class;
    }
    return by_status(e->status);
}

int lg_am_read_error(struct lg_ctx *c, struct lg_val body, int status,
                     struct lg_ir_error *e)
{
    struct lg_val error, details;
    int rc;

    if (!lg_val_is(lg_val_get(body, "type"), "error") ||
        lg_val_kind(lg_val_get(body, "error")) != LG_JSON_OBJECT)
        return lg_val_fail(body, c->err, "expected an error object");
    rc = lg_get(c, body, &e->extra, LG_AM_NODE, "type- error= request_id",
                &error, &e->request_id);
    if (rc >= 0)
        rc = lg_get(c, error, &e->extra, LG_AM_ERROR,
                    "type message details=", &e->type, &e->message, &details);
    if (rc < 0)
        return rc;
    rc = lg_val_kind(details) == LG_JSON_OBJECT
             ? lg_get(c, details, &e->extra, LG_AM_ERROR_DETAILS, "error_code",
                      &e->code)
             : lg_extra_keep(c, &e->extra, details, LG_AM_ERROR);
    if (rc < 0)
        return rc;
    e->status = status;
    e->class = (uint8_t)class_of(e);
    return 0;
}

static const char *type_of(enum lg_error_class class)
{
    if (class == LG_ERROR_CONTEXT_LENGTH || class == LG_ERROR_CONTENT_FILTER)
        class = LG_ERROR_INVALID;
    if (class == LG_ERROR_QUOTA)
        class = LG_ERROR_RATE_LIMIT;
    for (size_t i = 0; i < LG_COUNT(types); i++)
        if (types[i].class == class)
            return types[i].type;
    return "api_error";
}

void lg_am_write_error(struct lg_am_writer *a, const struct lg_ir_error *e)
{
    const struct lg_ir_val type =
        lg_ir_word(type_of((enum lg_error_class)e->class));
    const struct lg_ir_val message = lg_ir_word("the provider gave no reason");
    struct lg_writer *w = &a->w;
    const int own = w->own && lg_ir_has(&e->type);

    lg_put(w, "'error':{'type':%v,'message':%v", own ? &e->type : &type,
           own || e->message.kind == LG_JSON_STRING ? &e->message : &message);
    if (own && (e->code.kind != LG_JSON_NONE ||
                lg_extra_has(e->extra, LG_AM_ERROR_DETAILS)))
        lg_put(w, "'details':{'error_code':%v,%x}", &e->code, e->extra,
               LG_AM_ERROR_DETAILS);
    lg_put(w, "%x},'request_id':%o,%x", e->extra, LG_AM_ERROR, &e->request_id,
           e->extra, LG_AM_NODE);
    if (!w->own) {
        lg_put_drop(w, &e->code, "error codes of another format");
        lg_put_drop(w, &e->param, "an error names no member in " LG_AM_NAME);
    }
}

static int read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                      struct lg_ir_error *e)
{
    return lg_am_read_error(c, lg_json_root(doc), status, e);
}

static int write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                       struct lg_buf *out)
{
    /* Errors have no origin; extras are kept where it is this format. */
    struct lg_am_writer a = {
        lg_writer_of(c, c->keep_extras ? c->self : NULL, out), 0, 0, NULL};

    lg_put(&a.w, "{'type':'error'");
    lg_am_write_error(&a, e);
    lg_put(&a.w, "}");
    return lg_writer_end(&a.w);
}

const struct lg_format lg_format_anthropic_messages = {
    .name = LG_AM_NAME,
    .read_request = lg_am_read_request,
    .write_request = lg_am_write_request,
    .read_answer = lg_am_read_answer,
    .write_answer = lg_am_write_answer,
    .decoder_size = sizeof(struct lg_am_decoder),
    .encoder_size = sizeof(struct lg_am_encoder),
    .read_event = lg_am_read_event,
    .end_events = lg_am_end_events,
    .write_event = lg_am_write_event,
    .read_error = read_error,
    .write_error = write_error,
};
