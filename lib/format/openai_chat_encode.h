/* SPDX-License-Identifier: MIT
 *
 * The state of a stream that is written. */
#ifndef LG_FORMAT_OPENAI_CHAT_ENCODE_H
#define LG_FORMAT_OPENAI_CHAT_ENCODE_H

#include "lib/format/openai_chat.h"

#define LG_CHAT_TOLD 128 /* choices; OpenAI's own limit */

struct lg_chat_enc_part {
    struct lg_chat_enc_part *next; /* opened before it */
    int32_t index;
    uint16_t choice;
    uint8_t kind, form, custom;
    uint8_t bytes;   /* of a call: arguments were written */
    unsigned number; /* among the calls, or among what is thought */
};

struct lg_chat_encoder {
    struct lg_str envelope;         /* `data: {... "choices":[` */
    struct lg_str text;             /* ... up to a piece of text */
    struct lg_chat_enc_part *parts; /* newest first */
    unsigned calls, details;
    struct lg_ir_usage usage;
    uint8_t has_usage, refuses, over;
    uint8_t plain; /* text can be written with nothing more to ask */
    uint8_t told[LG_CHAT_TOLD / 8]; /* bits: choices whose role was told */
};

/* ---- openai_chat_encode.c ---------------------------------------------- */

struct lg_chat_enc_part *lg_chat_enc_find(struct lg_chat_encoder *e,
                                          const struct lg_ir_event *ev);
/* Remember the part that opens. */
int lg_chat_enc_part(struct lg_chat_encoder *e, struct lg_ctx *c,
                     const struct lg_ir_event *ev);
int lg_chat_enc_error(struct lg_chat_encoder *e, struct lg_ctx *c,
                      const struct lg_ir_error *error, struct lg_frames *f);

/* ---- openai_chat_encode_own.c ------------------------------------------ */

/* An event of our own format, with all its chunk had beside it. */
int lg_chat_enc_own(struct lg_chat_encoder *e, struct lg_ctx *c,
                    const struct lg_ir_event *ev, struct lg_frames *f);

#endif
