/* SPDX-License-Identifier: MIT
 *
 * Google's generateContent, as the Gemini API and Vertex AI speak it: its
 * errors, and the vtable. */
#include "lib/format/gemini.h"

static const struct {
    const char *status;
    uint8_t class;
    int code;
} statuses[] = {
    {"INVALID_ARGUMENT", LG_ERROR_INVALID, 400},
    {"UNAUTHENTICATED", LG_ERROR_AUTH, 401},
    {"FAILED_PRECONDITION", LG_ERROR_BILLING, 400},
    {"PERMISSION_DENIED", LG_ERROR_PERMISSION, 403},
    {"NOT_FOUND", LG_ERROR_NOT_FOUND, 404},
    {"ABORTED", LG_ERROR_CONFLICT, 409},
    {"RESOURCE_EXHAUSTED", LG_ERROR_RATE_LIMIT, 429},
    {"INTERNAL", LG_ERROR_SERVER, 500},
    {"UNAVAILABLE", LG_ERROR_OVERLOADED, 503},
    {"DEADLINE_EXCEEDED", LG_ERROR_TIMEOUT, 504},
    /* never written: */
    {"OUT_OF_RANGE", LG_ERROR_INVALID, 400},
    {"ALREADY_EXISTS", LG_ERROR_CONFLICT, 409},
    {"CANCELLED", LG_ERROR_OTHER, 499},
    {"UNKNOWN", LG_ERROR_SERVER, 500},
    {"DATA_LOSS", LG_ERROR_SERVER, 500},
    {"UNIMPLEMENTED", LG_ERROR_INVALID, 501},
};

/* What says more than the status: words of the reason or of the message. */
static const struct {
    const char *word;
    uint8_t class;
} words[] = {
    {"API_KEY_INVALID", LG_ERROR_AUTH},
    {"API key not valid", LG_ERROR_AUTH},
    {"API key expired", LG_ERROR_AUTH},
    {"exceeds the maximum number of tokens", LG_ERROR_CONTEXT_LENGTH},
    {"BILLING_DISABLED", LG_ERROR_BILLING},
};

static int contains(struct lg_str s, struct lg_str part)
{
    for (; s.n >= part.n; s.p++, s.n--)
        if (lg_str_starts(s, part))
            return 1;
    return 0;
}

/* google.rpc.ErrorInfo's reason, of the details. */
static struct lg_val reason_of(const struct lg_ctx *c, struct lg_val details)
{
    struct lg_iter it = lg_iter_of(details);

    while (lg_val_kind(details) == LG_JSON_ARRAY && lg_iter_next(&it)) {
        const struct lg_val reason = lg_member(c, it.val, "reason");

        if (lg_val_kind(reason) == LG_JSON_STRING)
            return reason;
    }
    return (struct lg_val){0};
}

static uint8_t class_of(const struct lg_ir_error *e, struct lg_str reason)
{
    int64_t code = e->status;

    for (size_t i = 0; i < LG_COUNT(words); i++)
        if (contains(reason, lg_str_of(words[i].word)) ||
            contains(e->message.s, lg_str_of(words[i].word)))
            return words[i].class;
    for (size_t i = 0; i < LG_COUNT(statuses); i++)
        if (lg_ir_is(&e->type, statuses[i].status))
            return statuses[i].class;
    if (!code)
        (void)lg_ir_int(&e->code, &code);
    return lg_class_of_status(code);
}

int lg_gm_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e)
{
    struct lg_val root = lg_json_root(doc), error, details;
    struct lg_iter it = lg_iter_of(root);
    int rc;

    /* A stream that is no SSE is a list, if only of its error. */
    if (lg_val_kind(root) == LG_JSON_ARRAY && lg_iter_next(&it))
        root = it.val;
    error = lg_val_get(root, "error");
    if (lg_val_kind(error) != LG_JSON_OBJECT ||
        (!lg_val_get(error, "status").doc && !lg_val_get(error, "message").doc))
        return lg_val_fail(root, c->err, "expected an error object");
    e->status = status;
    rc = lg_get(c, root, &e->extra, LG_GM_SELF, "error-");
    if (rc >= 0)
        rc = lg_get(c, error, &e->extra, LG_GM_STATUS,
                    "code message$ status$ details=", &e->code, &e->message,
                    &e->type, &details);
    if (rc < 0)
        return rc;
    e->class = class_of(e, lg_val_body(reason_of(c, details)));
    return lg_extra_keep(c, &e->extra, details, LG_GM_STATUS);
}

static size_t status_of(uint8_t class)
{
    switch ((enum lg_error_class) class) {
    case LG_ERROR_CONTEXT_LENGTH:
    case LG_ERROR_TOO_LARGE:
    case LG_ERROR_CONTENT_FILTER:
        class = LG_ERROR_INVALID;
        break;
    case LG_ERROR_QUOTA:
        class = LG_ERROR_RATE_LIMIT;
        break;
    case LG_ERROR_OTHER:
        class = LG_ERROR_SERVER;
        break;
    case LG_ERROR_INVALID:
    case LG_ERROR_AUTH:
    case LG_ERROR_BILLING:
    case LG_ERROR_PERMISSION:
    case LG_ERROR_NOT_FOUND:
    case LG_ERROR_CONFLICT:
    case LG_ERROR_RATE_LIMIT:
    case LG_ERROR_SERVER:
    case LG_ERROR_TIMEOUT:
    case LG_ERROR_OVERLOADED:
        break;
    }
    for (size_t i = 0; i < LG_COUNT(statuses); i++)
        if (statuses[i].class == class)
            return i;
    return 0;
}

int lg_gm_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out)
{
    const size_t i = status_of(e->class);
    const struct lg_ir_val message = lg_ir_word("the provider gave no reason");
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);

    w.jw.one_line = 1;
    if (w.own) {
        lg_put(&w, "{'error':{'code':%v,'message':%v,'status':%v,%x},%x}",
               &e->code, &e->message, &e->type, e->extra, LG_GM_STATUS,
               e->extra, LG_GM_SELF);
        return lg_writer_end(&w);
    }
    lg_put(&w, "{'error':{'code':%d,'message':%v,'status':%s,%x}}",
           (int64_t)(e->status ? e->status : statuses[i].code),
           e->message.kind == LG_JSON_STRING ? &e->message : &message,
           statuses[i].status, e->extra, LG_GM_SELF);
    lg_put_drop(&w, &e->code, "error codes of another format");
    lg_put_drop(&w, &e->param, "an error names no member in " LG_GM_NAME);
    return lg_writer_end(&w);
}

const struct lg_format lg_format_gemini = {
    .name = LG_GM_NAME,
    .system_first = 1,
    .name_max = 64,
    .name_marks = "-.:",
    .model_in_url = 1,
    .proto_names = 1,
    .read_request = lg_gm_read_request,
    .write_request = lg_gm_write_request,
    .read_answer = lg_gm_read_answer,
    .write_answer = lg_gm_write_answer,
    .decoder_size = sizeof(struct lg_gm_decoder),
    .encoder_size = sizeof(struct lg_gm_encoder),
    .read_event = lg_gm_read_event,
    .end_events = lg_gm_end_events,
    .write_event = lg_gm_write_event,
    .read_error = lg_gm_read_error,
    .write_error = lg_gm_write_error,
};
