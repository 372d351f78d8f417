/* SPDX-License-Identifier: MIT
 *
 * An answer, whole or streamed, is events. Spans live until the frame after
 * the one they came with. */
#ifndef LG_IR_EVENT_H
#define LG_IR_EVENT_H

#include "lib/ir/request.h"

enum lg_event_kind {
    LG_EV_START,     /* head */
    LG_EV_PART,      /* part: opens; it has its kind, id, name, extras, and of
                        an OPAQUE or REDACTED one everything */
    LG_EV_TEXT,      /* text: a piece, string body still escaped */
    LG_EV_THINKING,  /* text */
    LG_EV_REFUSAL,   /* text */
    LG_EV_INPUT,     /* text: a piece of a call's arguments: a string body
                        that holds JSON text (custom calls: that holds text) */
    LG_EV_SIGNATURE, /* blob: of the thinking part; replaces an earlier one */
    LG_EV_CITATION,  /* val: one citation, as its origin writes it */
    LG_EV_PART_END,
    LG_EV_STOP,  /* stop */
    LG_EV_USAGE, /* usage: cumulative; a count of -1 keeps the earlier one */
    LG_EV_END,   /* the protocol's own terminator: the answer is complete */
    LG_EV_PING,  /* alive, no content */
    LG_EV_ERROR, /* error: the answer ends here, unfinished */
    LG_EV_OPAQUE /* val: a frame nobody here understands; name: its event */
};

enum lg_stop {
    LG_STOP_NONE,
    LG_STOP_END,
    LG_STOP_LENGTH,
    LG_STOP_TOOL,
    LG_STOP_SEQUENCE,
    LG_STOP_REFUSAL,
    LG_STOP_PAUSE,
    LG_STOP_OTHER
};

struct lg_ir_head {
    struct lg_ir_val id, model, created;
    struct lg_ir_extra *extra;
};

struct lg_ir_stop {
    uint8_t kind;              /* enum lg_stop */
    struct lg_ir_val reason;   /* as the origin wrote it */
    struct lg_ir_val sequence; /* the stop sequence that matched */
    struct lg_ir_val details;  /* why it was refused: text */
    struct lg_ir_extra *extra;
};

/* Tokens; -1: not said. One meaning for all: input excludes what was read
 * from and written to the cache, output includes thinking. */
struct lg_ir_usage {
    int64_t input, output, thinking, cache_read, cache_write;
    int64_t cache_write_1h;
    struct lg_ir_val raw; /* the usage object as its origin wrote it */
};
#define LG_USAGE_NONE \
    ((struct lg_ir_usage){-1, -1, -1, -1, -1, -1, {{0}, 0, 0, 0}})

enum lg_error_class {
    LG_ERROR_OTHER,
    LG_ERROR_INVALID,
    LG_ERROR_CONTEXT_LENGTH,
    LG_ERROR_AUTH,
    LG_ERROR_BILLING,
    LG_ERROR_PERMISSION,
    LG_ERROR_NOT_FOUND,
    LG_ERROR_CONFLICT,
    LG_ERROR_TOO_LARGE,
    LG_ERROR_CONTENT_FILTER,
    LG_ERROR_RATE_LIMIT,
    LG_ERROR_QUOTA, /* a spend limit: 429 by status, but waiting is no help */
    LG_ERROR_SERVER,
    LG_ERROR_TIMEOUT,
    LG_ERROR_OVERLOADED
};

struct lg_ir_error {
    uint8_t class; /* enum lg_error_class */
    int status;    /* HTTP; 0: in a stream, not known */
    struct lg_ir_val type, code, param, message, request_id;
    struct lg_ir_extra *extra;
};

struct lg_ir_event {
    uint8_t kind;    /* enum lg_event_kind */
    uint8_t plain;   /* text has no escape; 0: it may have */
    uint16_t choice; /* which of n answers; 0 but for Chat's n > 1 */
    int32_t index;   /* which part, counted over the choice in the order they
                        opened; -1: none */
    struct lg_str text;
    union {
        const struct lg_ir_head *head;
        const struct lg_ir_part *part;
        const struct lg_ir_blob *blob;
        const struct lg_ir_val *val;
        const struct lg_ir_stop *stop;
        const struct lg_ir_usage *usage;
        const struct lg_ir_error *error;
        const void *any;
    } u;
    struct lg_str name;              /* OPAQUE */
    const struct lg_ir_extra *extra; /* of the frame; not of the fast road */
};

/* Who takes events: 0, or a negative code that ends the reading. */
struct lg_ir_sink {
    int (*put)(struct lg_ir_sink *self, const struct lg_ir_event *ev);
};

/* Put an event of one of n answers; `what`: its head, part, ..., or NULL. */
int lg_sink_put(struct lg_ir_sink *sink, enum lg_event_kind kind,
                uint16_t choice, int32_t index, const void *what,
                const struct lg_ir_extra *extra);
/* The same for a piece of text. */
int lg_sink_text(struct lg_ir_sink *sink, enum lg_event_kind kind,
                 uint16_t choice, int32_t index, struct lg_str text);

/* "end", "length", "tool", ... of llmgw_response_stop(); NULL for NONE. */
const char *lg_stop_name(enum lg_stop kind);

#endif
