/* SPDX-License-Identifier: MIT
 *
 * OpenAI's Completions: a prompt is one user's message, and a conversation a
 * prompt that tells it. */
#include "lib/format/openai_completions.h"

int lg_op_is_text(struct lg_writer *w, const struct lg_ir_part *p)
{
    const int is_text = p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL;

    if (!is_text)
        lg_put_lose(w, p->tok, LG_DROPPED, LG_OP_TEXT);
    lg_put_drop(w, &p->cache, LG_OP_UNKNOWN);
    lg_put_drop(w, &p->citations, LG_OP_TEXT);
    lg_put_lose_extras(w, p->extra);
    return is_text;
}

const char *lg_op_stop_word(struct lg_writer *w, const struct lg_ir_stop *stop)
{
    lg_put_drop(w, &stop->details, LG_OP_UNKNOWN);
    lg_chat_lose_stop(w, stop);
    if (stop->kind != LG_STOP_TOOL)
        return lg_chat_stop_word(stop, 0);
    lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                "there are no calls in " LG_OP_NAME);
    return "stop";
}

const struct lg_format lg_format_openai_completions = {
    .name = LG_OP_NAME,
    .stream_usage_asked = 1,
    .read_request = lg_op_read_request,
    .write_request = lg_op_write_request,
    .read_answer = lg_op_read_answer,
    .write_answer = lg_op_write_answer,
    .decoder_size = sizeof(struct lg_op_decoder),
    .encoder_size = sizeof(struct lg_op_encoder),
    .read_event = lg_op_read_event,
    .end_events = lg_op_end_events,
    .write_event = lg_op_write_event,
    .read_error = lg_chat_read_error,
    .write_error = lg_chat_write_error,
};
