/* SPDX-License-Identifier: MIT
 *
 * OpenAI's Responses. Its errors are Chat's. */
#include "lib/format/openai_responses_encode.h"

const struct lg_format lg_format_openai_responses = {
    .name = LG_OR_NAME,
    .name_max = 64,
    .name_marks = "-",
    .read_request = lg_or_read_request,
    .write_request = lg_or_write_request,
    .read_answer = lg_or_read_answer,
    .write_answer = lg_or_write_answer,
    .decoder_size = sizeof(struct lg_or_decoder),
    .encoder_size = sizeof(struct lg_or_encoder),
    .read_event = lg_or_read_event,
    .end_events = lg_or_end_events,
    .write_event = lg_or_write_event,
    .read_error = lg_chat_read_error,
    .write_error = lg_chat_write_error,
};
