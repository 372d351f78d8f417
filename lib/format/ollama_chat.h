/* SPDX-License-Identifier: MIT
 *
 * Ollama's /api/chat: what its files share. A stream is lines, each an answer
 * with a piece of the message in it; a whole answer is one such line. */
#ifndef LG_FORMAT_OLLAMA_CHAT_H
#define LG_FORMAT_OLLAMA_CHAT_H

#include "lib/format/function.h"

#define LG_OL_NAME    "ollama-chat"
#define LG_OL_UNKNOWN "unknown to " LG_OL_NAME
extern const struct lg_format lg_format_ollama_chat;

/* Which object an extra stood in. */
enum {
    LG_OL_NODE,
    LG_OL_OPTIONS = 1, /* of a request: options */
    LG_OL_MESSAGE = 1, /* of a head: message */
    LG_OL_UNDONE = 2   /* of a stop: `done`, where it is not true */
};

/* In the form of a message. */
#define LG_OL_OTHER_ROLE 32u /* the role is in the extras */
#define LG_OL_NO_IMAGES  64u /* the list was there and empty */

/* ---- requests (_read.c, _write.c) -------------------------------------- */

int lg_ol_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
int lg_ol_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
/* One of `images`. Of what type it is, its first bytes tell. */
int lg_ol_read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p);

/* ---- answers (_decode.c, _encode.c) ------------------------------------ */

struct lg_ol_decoder {
    struct lg_ir_extra *head; /* members that the first line had, by name */
    struct lg_str stamp;      /* when the first line was made */
    int32_t next;             /* of the parts */
    uint8_t open;             /* kind of the open part: text or thinking */
    uint8_t is_open, started, ended, called;
};

int lg_ol_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_ol_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink);
int lg_ol_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);

struct lg_ol_piece {
    struct lg_ol_piece *next;
    struct lg_str text;
};

/* A call whose arguments come in pieces. */
struct lg_ol_call {
    struct lg_ol_call *next;
    int32_t index;
    struct lg_ir_part part;
    struct lg_ol_piece *first, **last;
    size_t n;
};

struct lg_ol_encoder {
    struct lg_str head; /* of every line, up to its message */
    struct lg_str text; /* of a line with text, up to the text */
    struct lg_ol_call *calls;
    struct lg_ir_stop stop;
    struct lg_ir_usage usage;
    int over, told_choice;
};

int lg_ol_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out);
int lg_ol_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames);

/* ---- errors (ollama_chat.c) -------------------------------------------- */

int lg_ol_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e);
int lg_ol_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out);

#endif
