/* SPDX-License-Identifier: MIT
 *
 * What the files of anthropic-messages share. */
#ifndef LG_FORMAT_ANTHROPIC_MESSAGES_H
#define LG_FORMAT_ANTHROPIC_MESSAGES_H

#include "lib/format/pattern.h"

#define LG_AM_NAME "anthropic-messages"
extern const struct lg_format lg_format_anthropic_messages;

/* Parts within parts; what is nested deeper is opaque. */
#define LG_AM_DEPTH 4

/* Which object an extra stood in. */
enum lg_am_level {
    LG_AM_NODE = 0, /* the node itself */

    LG_AM_METADATA = 1, /* of a request: metadata ... */
    LG_AM_OUTPUT_CONFIG = 2,

    LG_AM_SOURCE = 1,  /* of a part: source ... */
    LG_AM_OPENING = 2, /* ... what content_block_start said of its content */

    LG_AM_FIXED = 1,   /* of a head: type and role ... */
    LG_AM_NOT_YET = 2, /* ... message_start's word on how it will stop */

    LG_AM_DELTA = 1,   /* of an event or a stop: delta ... */
    LG_AM_DETAILS = 2, /* ... stop_details */

    LG_AM_ERROR = 1, /* of an error: error, and its details */
    LG_AM_ERROR_DETAILS = 2
};

/* Settings that are one value: their members, and what they are. */
#define LG_AM_SETTINGS \
    "model max_tokens stream temperature top_p top_k service_tier cache_control"
enum {
    LG_AM_SETTING_COUNT = 8
};
extern const uint8_t lg_am_settings[LG_AM_SETTING_COUNT]; /* enum lg_param */

/* Words, in the order of enum lg_choice_mode, lg_thinking_mode,
 * lg_media_source and lg_stop, each from 1 on. */
#define LG_AM_CHOICES  "auto none any tool"
#define LG_AM_THINKING "disabled enabled adaptive"
#define LG_AM_SOURCES  "base64 url file text content"
#define LG_AM_STOPS \
    "end_turn max_tokens tool_use stop_sequence refusal pause_turn"

/* Objects are there, if only empty; in form[] of METADATA and EFFORT. */
#define LG_AM_FORM_THERE LG_FORM_TOP
/* "type":"custom" was spelled out; in the form of a tool. */
#define LG_AM_FORM_TYPED LG_FORM_TOP

/* ---- reading (_read.c, _parts.c) --------------------------------------- */

int lg_am_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
int lg_am_read_block(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth);
/* A string or a list of blocks; how it was written is added to *form. */
int lg_am_read_content(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part **parts, uint8_t *form,
                       unsigned depth);

/* ---- writing (_write.c, _talk.c, _block.c) ----------------------------- */

struct lg_am_writer {
    struct lg_writer w;
    int answer;     /* an answer, not a request */
    unsigned calls; /* of an answer, that had no id */
    /* The text that the answer is to go on from; NULL: none. */
    const struct lg_ir_part *prefill;
};

int lg_am_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
void lg_am_write_block(struct lg_am_writer *a, const struct lg_ir_part *p);
void lg_am_write_blocks(struct lg_am_writer *a, const struct lg_ir_part *p);
/* "system" and "messages", "tools" and "tool_choice". */
void lg_am_write_talk(struct lg_am_writer *a, const struct lg_ir_request *r);
void lg_am_write_tools(struct lg_am_writer *a, const struct lg_ir_request *r);
/* "content": a string or a list. */
void lg_am_write_content(struct lg_am_writer *a, const struct lg_ir_part *parts,
                         unsigned form);

/* ---- answers (_answer.c, _answer_write.c) ------------------------------ */

enum lg_am_message {
    LG_AM_M_TYPE,
    LG_AM_M_ROLE,
    LG_AM_M_CONTENT,
    LG_AM_M_STOP,
    LG_AM_M_SEQUENCE,
    LG_AM_M_DETAILS,
    LG_AM_M_USAGE,
    LG_AM_M_COUNT
};

int lg_am_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_am_write_answer(struct lg_ctx *c, const struct lg_ir_answer *answer,
                       struct lg_buf *out);
/* The members of a message and its head. */
int lg_am_read_head(struct lg_ctx *c, struct lg_val msg, struct lg_val *f,
                    struct lg_ir_head *head);
int lg_am_put_usage(struct lg_val v, struct lg_ir_sink *sink);
/* Kind, reason, sequence and details of how an answer stopped. */
int lg_am_read_stop(struct lg_ctx *c, const struct lg_val *f,
                    struct lg_ir_stop *stop, int shim);
/* Does a call's block hold its arguments? An empty object of a stream is where
 * the pieces will go. */
int lg_am_has_input(struct lg_val block, int streams);
/* Put the events that open a block, and its content as far as it is there. The
 * kind of the part, or negative. `*shim` is set where it is the forced tool
 * that stands for a JSON answer. */
int lg_am_open_block(struct lg_ctx *c, struct lg_val block, int32_t index,
                     struct lg_ir_extra *frame, struct lg_ir_sink *sink,
                     int streams, int *shim);
/* Put content that is complete; *index counts the parts. */
int lg_am_put_blocks(struct lg_ctx *c, struct lg_val content, int32_t *index,
                     struct lg_ir_sink *sink, int *shim);
/* id, type, role and model, into the object that is open. */
void lg_am_write_head(struct lg_am_writer *a, const struct lg_ir_head *head);
/* stop_reason, stop_sequence and stop_details, into the object that is open. */
void lg_am_write_stop(struct lg_am_writer *a, const struct lg_ir_stop *stop,
                      enum lg_stop kind);
/* The usage object. */
void lg_am_write_usage(struct lg_am_writer *a, const struct lg_ir_usage *u);

/* ---- streams (_decode.c, _encode.c, _encode_block.c) ------------------- */

/* One block is open at a time; some gateways know better. */
#define LG_AM_OPEN_MAX 16

struct lg_am_open {
    int64_t wire;  /* its index as the stream counts */
    int32_t index; /* as we count */
    uint8_t kind;  /* enum lg_part_kind */
    uint8_t shim;  /* the forced tool that stands for a JSON answer */
    uint8_t said;  /* a call has said some of its arguments */
};

struct lg_am_decoder {
    size_t n;
    int32_t next;
    int started, ended, shim;
    struct lg_str id; /* of the message, still escaped */
    struct lg_am_open open[LG_AM_OPEN_MAX];
};

int lg_am_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink);
int lg_am_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);
int lg_am_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames);

/* ---- errors (anthropic_messages.c) ------------------------------------- */

int lg_am_read_error(struct lg_ctx *c, struct lg_val body, int status,
                     struct lg_ir_error *e);
/* "error", "request_id" and what else stood there, into the object that is
 * open. */
void lg_am_write_error(struct lg_am_writer *a, const struct lg_ir_error *e);

#endif
