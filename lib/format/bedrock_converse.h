/* SPDX-License-Identifier: MIT
 *
 * What the files of bedrock-converse share. */
#ifndef LG_FORMAT_BEDROCK_CONVERSE_H
#define LG_FORMAT_BEDROCK_CONVERSE_H

#include "lib/format/pattern.h"

#define LG_BC_NAME "bedrock-converse"
extern const struct lg_format lg_format_bedrock_converse;

/* Blocks within blocks; what is nested deeper is opaque. */
#define LG_BC_DEPTH 4

/* Which object an extra stood in. */
enum lg_bc_level {
    LG_BC_NODE = 0, /* the node itself */

    LG_BC_INFERENCE = 1, /* of a request: inferenceConfig ... */
    LG_BC_TOOLS,
    LG_BC_TIER,
    LG_BC_OUTPUT,
    LG_BC_MODEL,  /* ... additionalModelRequestFields ... */
    LG_BC_CHOICE, /* ... and the tool_choice in there */

    LG_BC_INNER =
        1,        /* of a part, a tool, a choice: what its one key holds ... */
    LG_BC_DEEP,   /* ... source, reasoningText, inputSchema ... */
    LG_BC_DEEPER, /* ... s3Location */

    LG_BC_FORMAT = 1, /* of an output: textFormat, structure, jsonSchema */
    LG_BC_STRUCTURE,
    LG_BC_SCHEMA,

    LG_BC_BODY = 1, /* of a head: output ... */
    LG_BC_MESSAGE,  /* ... and the message in there */

    LG_BC_META = 1 /* of a stop: metadata */
};

/* The object is there, if only empty: in form[] of MAX_TOKENS, TOP_K, EFFORT
 * and SERVICE_TIER, and in tools_form. */
#define LG_BC_FORM_THERE LG_FORM_TOP
/* Of a part: a text was {"json":...}; a text was citationsContent; the type of
 * a medium is spelled otherwise than we would. */
#define LG_BC_FORM_JSON  LG_FORM_TOP
#define LG_BC_FORM_CITED LG_FORM_OLD
#define LG_BC_FORM_ALIAS LG_FORM_OLD

/* ---- reading (_read.c, _parts.c) ---------------------------------------- */

int lg_bc_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
int lg_bc_read_block(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth);
/* A list of blocks. */
int lg_bc_read_blocks(struct lg_ctx *c, struct lg_val list,
                      struct lg_ir_part **parts, unsigned depth);
/* A cachePoint that says no more than cache_control can: 1, and *cache is that;
 * else 0, or negative. */
int lg_bc_read_cache(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_val *cache);

/* The kinds of media and their types. `kind` 0 ends the table. */
struct lg_bc_medium {
    uint8_t kind; /* enum lg_part_kind */
    uint8_t alias;
    const char *format, *type;
};
extern const struct lg_bc_medium lg_bc_media[];

/* ---- writing (_write.c, _talk.c, _block.c) ------------------------------ */

struct lg_bc_writer {
    struct lg_writer w;
    const struct lg_ir_request *r; /* NULL: an answer is written */
    unsigned calls, names;         /* that had to be made up */
    unsigned texts, documents;     /* in the message that is open */
    int has_tools, json_tool;
    const struct lg_ir_part *prefill;
};

int lg_bc_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
/* "system" and "messages", "toolConfig". */
void lg_bc_write_talk(struct lg_bc_writer *b);
void lg_bc_write_tools(struct lg_bc_writer *b);
void lg_bc_write_block(struct lg_bc_writer *b, const struct lg_ir_part *p);
void lg_bc_write_blocks(struct lg_bc_writer *b, const struct lg_ir_part *p);
/* A cachePoint behind what `cache` is of; absent: nothing. */
void lg_bc_write_cache(struct lg_bc_writer *b, const struct lg_ir_val *cache);

/* ---- answers (_answer.c, _answer_write.c) ------------------------------- */

int lg_bc_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_bc_write_answer(struct lg_ctx *c, const struct lg_ir_answer *answer,
                       struct lg_buf *out);
void lg_bc_read_usage(struct lg_val v, struct lg_ir_usage *u);
/* What the reason to stop and the model's own fields say. */
int lg_bc_read_stop(struct lg_ctx *c, struct lg_val reason,
                    struct lg_val fields, int shim, struct lg_ir_stop *stop);
/* "stopReason" and "usage", into the object that is open. */
void lg_bc_write_stop(struct lg_writer *w, const struct lg_ir_stop *stop,
                      enum lg_stop kind);
void lg_bc_write_usage(struct lg_writer *w, const struct lg_ir_usage *u);

/* ---- streams (_decode.c, _encode.c) ------------------------------------- */

/* One block is open at a time; some are never told to end. */
#define LG_BC_OPEN_MAX 16

struct lg_bc_open {
    int64_t wire;  /* its index as the stream counts */
    int32_t index; /* as we count; -1: nothing was told of it yet */
    uint8_t kind;  /* enum lg_part_kind */
    uint8_t shim;  /* the forced tool that stands for a JSON answer */
    uint8_t said;  /* a call has said some of its arguments */
};

struct lg_bc_decoder {
    size_t n;
    int32_t next;
    int started, ended, shim;
    /* The data of messageStop and metadata: both make the end. */
    struct lg_str stop, meta;
    struct lg_bc_open open[LG_BC_OPEN_MAX];
};

struct lg_bc_block {
    struct lg_bc_block *next;
    int32_t index, wire;
    uint8_t kind, custom;
};

struct lg_bc_encoder {
    struct lg_bc_block *open, *spare;
    int32_t wire;
    int started, stopped, over, calls, refused, told_choice;
    int has_usage, told_usage;
    struct lg_ir_usage usage;
};

int lg_bc_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *frame,
                     struct lg_ir_sink *sink);
int lg_bc_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);
int lg_bc_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *frames);

/* ---- errors (bedrock_converse.c) ---------------------------------------- */

/* `name`: of the exception, where the body does not say it; or a NULL span. */
int lg_bc_read_error(struct lg_ctx *c, struct lg_val body, struct lg_str name,
                     int status, struct lg_ir_error *e);
/* Give it its type and class by the name of an exception, in bytes. */
int lg_bc_name_error(struct lg_ctx *c, struct lg_str name,
                     struct lg_ir_error *e);
/* Its name in a stream: one of the five that may stand there. */
const char *lg_bc_exception(const struct lg_ir_error *e);
/* The members of an error but for its type, into the object that is open. */
void lg_bc_write_error(struct lg_writer *w, const struct lg_ir_error *e);

int lg_bc_contains(struct lg_str s, const char *part);

#endif
