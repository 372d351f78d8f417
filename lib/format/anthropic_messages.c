/* SPDX-License-Identifier: MIT
 *
 * Anthropic's Messages: its errors, and the vtable. */
#include "lib/format/anthropic_messages_encode.h"

#include "lib/json/text.h"

/* In the order of enum lg_error_class from LG_ERROR_INVALID on; read, the first
 * of the same counts. */
static const char types[] =
    "invalid_request_error invalid_request_error authentication_error "
    "billing_error permission_error not_found_error conflict_error "
    "request_too_large invalid_request_error rate_limit_error "
    "rate_limit_error api_error timeout_error overloaded_error";

/* Codes that say more than the type does: of spending, and of size. */
static const char spent[] =
    "enforced_spend_limit_reached contract_spend_limit_reached "
    "linked_organization_spend_limit_reached";
static const char too_large[] = "request_body_too_large_after_decoding";

/* A prompt that is too long has neither a type nor a code of its own. */
static int is_too_long(const struct lg_ir_val *message)
{
    return message->kind == LG_JSON_STRING &&
           (lg_str_starts(message->s, LG_STR("prompt is too long")) ||
            lg_str_starts(message->s, LG_STR("input length and `max_tokens` "
                                             "exceed context limit")));
}

static uint8_t class_of(const struct lg_ir_error *e)
{
    const unsigned kind = lg_ir_word_of(&e->type, types);

    if (lg_ir_word_of(&e->code, spent))
        return LG_ERROR_QUOTA;
    if (lg_ir_is(&e->code, too_large))
        return LG_ERROR_TOO_LARGE;
    if (kind == LG_ERROR_INVALID && is_too_long(&e->message))
        return LG_ERROR_CONTEXT_LENGTH;
    if (!kind && e->status == 503) /* overloaded is 529 here */
        return LG_ERROR_SERVER;
    return kind ? (uint8_t)kind : lg_class_of_status(e->status);
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
    e->class = class_of(e);
    return 0;
}

void lg_am_write_error(struct lg_am_writer *a, const struct lg_ir_error *e)
{
    const struct lg_ir_val message = lg_ir_word("the provider gave no reason");
    struct lg_writer *w = &a->w;
    const int own = w->own && lg_ir_has(&e->type);

    lg_put(w, "'error':{'type':");
    if (own)
        lg_ir_write(&w->jw, &e->type);
    else
        lg_put(w, "%w", types, e->class ? e->class : LG_ERROR_SERVER);
    lg_put(w, "'message':%v",
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
    .name_max = 128,
    .name_marks = "-",
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
