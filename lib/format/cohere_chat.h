/* SPDX-License-Identifier: MIT
 *
 * Cohere's chat (v2): what its files share. */
#ifndef LG_FORMAT_COHERE_CHAT_H
#define LG_FORMAT_COHERE_CHAT_H

#include "lib/format/function.h"

#define LG_CO_NAME    "cohere-chat"
#define LG_CO_UNKNOWN "unknown to " LG_CO_NAME
extern const struct lg_format lg_format_cohere_chat;

/* Which object an extra stood in. */
enum {
    LG_CO_NODE,
    LG_CO_INNER = 1,   /* of a part: image_url, document, function */
    LG_CO_DATA = 2,    /* of a document: data */
    LG_CO_MESSAGE = 1, /* of a head: message */
    LG_CO_FRAME = 1    /* of a stop: beside its delta */
};

/* In the form of a part: a text is the plan. Of a document. BARE: it was a
 * string; OLD: its data was one; TOP: it stood beside the messages. */
#define LG_CO_PLAN 32u
/* In the form of a message: the role is in the extras. */
#define LG_CO_OTHER_ROLE 64u

/* ---- requests (_read.c, _part.c, _write.c) ----------------------------- */

int lg_co_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
/* One part of a content. What has no shape that is known is OPAQUE. */
int lg_co_read_part(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p);
/* A string or a list of parts, to *end; how it was written, to *form. */
int lg_co_read_content(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part ***end, uint8_t *form);
int lg_co_read_document(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_part *p);
/* A text, thinking, an image, a document, or our own OPAQUE. */
void lg_co_write_part(struct lg_writer *w, const struct lg_ir_part *p);
void lg_co_write_document(struct lg_writer *w, const struct lg_ir_part *p);
int lg_co_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);

/* ---- answers (_answer.c) ------------------------------------------------ */

int lg_co_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_co_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out);
/* Are these the arguments of a call that has none? */
int lg_co_is_none(const struct lg_ctx *c, struct lg_str arguments);
void lg_co_read_usage(struct lg_val v, struct lg_ir_usage *u);
void lg_co_write_usage(struct lg_writer *w, const struct lg_ir_usage *u);
enum lg_stop lg_co_stop_kind(const struct lg_ir_val *reason);
const char *lg_co_stop_word(enum lg_stop kind);
/* What of another format's stop its word does not say. */
void lg_co_lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop);

/* ---- streams (_decode.c, _encode.c) ------------------------------------ */

#define LG_CO_OPEN_MAX 16

struct lg_co_open {
    int64_t wire; /* its index as the stream counts */
    int32_t index;
    uint8_t kind; /* enum lg_part_kind */
    uint8_t said; /* a call has said some of its arguments */
};

struct lg_co_decoder {
    size_t n;
    int32_t next;
    int32_t text, plan; /* 1 + the last text; 1 + the plan, while it is open */
    int started, ended;
    struct lg_co_open open[LG_CO_OPEN_MAX];
};

int lg_co_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink);
int lg_co_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);

struct lg_co_part {
    struct lg_co_part *next; /* opened before it */
    int32_t index, wire;
    uint8_t kind, plan, custom, said;
    struct lg_str prefix; /* of a piece's frame, up to the piece */
};

struct lg_co_encoder {
    struct lg_co_part *parts;
    int32_t contents, calls, citations;
    int started, over, told_choice, has_usage;
    struct lg_ir_stop stop;
    struct lg_ir_usage usage;
};

int lg_co_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames);

/* ---- errors (cohere_chat.c) -------------------------------------------- */

int lg_co_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e);
int lg_co_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out);

#endif
