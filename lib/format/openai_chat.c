/* SPDX-License-Identifier: MIT
 *
 * OpenAI's Chat Completions, as it and many others speak it. */
#include "lib/format/openai_chat_decode.h"
#include "lib/format/openai_chat_encode.h"

const struct lg_format lg_format_openai_chat = {
    .name = LG_CHAT_NAME,
    .name_max = 64,
    .name_marks = "-",
    .stream_usage_asked = 1,
    .read_request = lg_chat_read_request,
    .write_request = lg_chat_write_request,
    .read_answer = lg_chat_read_answer,
    .write_answer = lg_chat_write_answer,
    .decoder_size = sizeof(struct lg_chat_decoder),
    .encoder_size = sizeof(struct lg_chat_encoder),
    .read_event = lg_chat_read_event,
    .end_events = lg_chat_end_events,
    .write_event = lg_chat_write_event,
    .read_error = lg_chat_read_error,
    .write_error = lg_chat_write_error,
};
