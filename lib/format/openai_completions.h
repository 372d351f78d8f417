/* SPDX-License-Identifier: MIT
 *
 * Completions, the legacy of Chat: what its files share. */
#ifndef LG_FORMAT_OPENAI_COMPLETIONS_H
#define LG_FORMAT_OPENAI_COMPLETIONS_H

#include "lib/format/openai.h"

#define LG_OP_NAME    "openai-completions"
#define LG_OP_UNKNOWN "unknown to " LG_OP_NAME
#define LG_OP_TEXT    "text is all that " LG_OP_NAME " can say"

/* Levels of extras. */
enum {
    LG_OP_SELF,
    LG_OP_CHOICE = 2 /* 1: stream_options */
};

/* Is it text here? What else there is, is reported. */
int lg_op_is_text(struct lg_writer *w, const struct lg_ir_part *p);
/* How a choice of another format stopped, as the word for it. */
const char *lg_op_stop_word(struct lg_writer *w, const struct lg_ir_stop *stop);

/* ---- the vtable's ------------------------------------------------------ */

int lg_op_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
int lg_op_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
int lg_op_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_op_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out);

struct lg_op_decoder;
int lg_op_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink);
int lg_op_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);
int lg_op_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out);

struct lg_op_choice {
    struct lg_op_choice *next;
    uint16_t index;
    uint8_t open, stopped;
};

struct lg_op_decoder {
    struct lg_op_choice *choices;
    unsigned nchoices;
    int started, over, complete;
};

struct lg_op_encoder {
    struct lg_str envelope; /* `data: {... "choices":[{"index":` */
    struct lg_str text;     /* ... up to a piece of the first choice's text */
    struct lg_ir_usage usage;
    uint8_t has_usage, over;
};

#endif
