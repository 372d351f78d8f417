/* SPDX-License-Identifier: MIT
 *
 * Ollama's chat: its errors, and the vtable. */
#include "lib/format/ollama_chat.h"

/* An error is a sentence; proxies make it an object. */
int lg_ol_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_val error = lg_val_get(root, "error");
    int rc;

    if (lg_val_kind(error) == LG_JSON_OBJECT)
        error = lg_val_get(error, "message");
    if (lg_val_kind(error) != LG_JSON_STRING)
        return lg_val_fail(root, c->err, "expected an error");
    e->message = lg_ir_of(error);
    e->status = status;
    e->class = lg_class_of_status(status);
    rc = lg_get(c, root, &e->extra, LG_OL_NODE, "error=", &error);
    return rc < 0 ? rc : 0;
}

int lg_ol_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out)
{
    const struct lg_ir_val nothing = lg_ir_word("the provider gave no reason");
    /* Errors have no origin; extras are kept where it is this format. */
    struct lg_writer w = lg_writer_of(c, c->keep_extras ? c->self : NULL, out);

    w.jw.one_line = 1;
    lg_put(&w, "{'error':%v,%x}",
           e->message.kind == LG_JSON_STRING ? &e->message : &nothing, e->extra,
           LG_OL_NODE);
    if (!w.own) {
        lg_put_drop(&w, &e->type, LG_OL_UNKNOWN);
        lg_put_drop(&w, &e->code, LG_OL_UNKNOWN);
        lg_put_drop(&w, &e->param, LG_OL_UNKNOWN);
        lg_put_drop(&w, &e->request_id, LG_OL_UNKNOWN);
    }
    return lg_writer_end(&w);
}

const struct lg_format lg_format_ollama_chat = {
    .name = LG_OL_NAME,
    .takes_no_url = 1,
    .framing = LG_FRAMING_NDJSON,
    .read_request = lg_ol_read_request,
    .write_request = lg_ol_write_request,
    .read_answer = lg_ol_read_answer,
    .write_answer = lg_ol_write_answer,
    .decoder_size = sizeof(struct lg_ol_decoder),
    .encoder_size = sizeof(struct lg_ol_encoder),
    .read_event = lg_ol_read_event,
    .end_events = lg_ol_end_events,
    .write_event = lg_ol_write_event,
    .read_error = lg_ol_read_error,
    .write_error = lg_ol_write_error,
};
