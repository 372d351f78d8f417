/* SPDX-License-Identifier: MIT
 *
 * Cohere's chat: its errors, and the vtable. */
#include "lib/format/cohere_chat.h"

/* An error is a sentence, beside the request's id. */
int lg_co_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e)
{
    const struct lg_val root = lg_json_root(doc);
    int rc;

    if (lg_val_kind(lg_val_get(root, "message")) != LG_JSON_STRING)
        return lg_val_fail(root, c->err, "expected an error");
    rc = lg_get(c, root, &e->extra, LG_CO_NODE, "message id", &e->message,
                &e->request_id);
    e->status = status;
    e->class = lg_class_of_status(status);
    if (status == 498) /* a token that has expired, or is none */
        e->class = LG_ERROR_AUTH;
    if (lg_str_starts(e->message.s, LG_STR("too many tokens")))
        e->class = LG_ERROR_CONTEXT_LENGTH;
    return rc < 0 ? rc : 0;
}

int lg_co_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out)
{
    const struct lg_ir_val nothing = lg_ir_word("the provider gave no reason");
    /* Errors have no origin; extras are kept where it is this format. */
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);

    lg_put(&w, "{'id':%o,'message':%v,%x}", &e->request_id,
           e->message.kind == LG_JSON_STRING ? &e->message : &nothing, e->extra,
           LG_CO_NODE);
    if (!w.own) {
        lg_put_drop(&w, &e->type, LG_CO_UNKNOWN);
        lg_put_drop(&w, &e->code, LG_CO_UNKNOWN);
        lg_put_drop(&w, &e->param, LG_CO_UNKNOWN);
    }
    return lg_writer_end(&w);
}

const struct lg_format lg_format_cohere_chat = {
    .name = LG_CO_NAME,
    .read_request = lg_co_read_request,
    .write_request = lg_co_write_request,
    .read_answer = lg_co_read_answer,
    .write_answer = lg_co_write_answer,
    .decoder_size = sizeof(struct lg_co_decoder),
    .encoder_size = sizeof(struct lg_co_encoder),
    .read_event = lg_co_read_event,
    .end_events = lg_co_end_events,
    .write_event = lg_co_write_event,
    .read_error = lg_co_read_error,
    .write_error = lg_co_write_error,
};
