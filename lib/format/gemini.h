/* SPDX-License-Identifier: MIT
 *
 * Google's generateContent: what its files share.
 *
 * For its own format all is kept as it was spelled: what is not in camelCase
 * is an extra then, and settings that have two or three spellings are kept
 * whole. */
#ifndef LG_FORMAT_GEMINI_H
#define LG_FORMAT_GEMINI_H

#include "lib/format/pattern.h"

#define LG_GM_NAME "gemini"
extern const struct lg_format lg_format_gemini;

#define LG_GM_UNKNOWN "unknown to " LG_GM_NAME

/* Which object an extra stood in. */
enum {
    LG_GM_SELF, /* the node itself */

    LG_GM_INNER = 1,      /* of a part: inlineData, functionCall ... */
    LG_GM_GENERATION = 1, /* of a request: generationConfig */
    LG_GM_GROUP = 1,      /* of a tool: what has its functionDeclarations */
    LG_GM_STATUS = 1,     /* of an error: error */

    LG_GM_CANDIDATE = 1, /* of a stop, of which SELF is the answer ... */
    LG_GM_CONTENT = 2,   /* ... its content ... */
    LG_GM_FEEDBACK = 3   /* ... promptFeedback */
};

/* Upper bits of form. */
#define LG_GM_SIGNS_NEXT  32u /* REDACTED: signs the part behind it, ... */
#define LG_GM_SIGNS_NONE  64u /* ... or no part; else that before it */
#define LG_GM_NO_ROLE     32u /* of a message */
#define LG_GM_FIRST       32u /* of a tool: the first of its group ... */
#define LG_GM_JSON_SCHEMA 64u /* ... its schema is JSON Schema */

/* Stands for a signature where the talk came from another model. */
#define LG_GM_UNSIGNED "skip_thought_signature_validator"

/* ---- parts (_part.c, _result.c) ---------------------------------------- */

/* A part, as one part or two: its thoughtSignature is REDACTED if it is not
 * thinking itself. Media in an answer are OPAQUE. */
int lg_gm_part_read(struct lg_ctx *c, struct lg_val v, int answer,
                    struct lg_ir_part ***end);
int lg_gm_result_read(struct lg_ctx *c, struct lg_val inner,
                      struct lg_ir_part *p);

struct lg_gm_writer {
    struct lg_writer w;
    const struct lg_ir_request *r;   /* NULL: an answer */
    const struct lg_ir_part **calls; /* by the hash of their ids */
    size_t nslots;
};
/* Fill `calls` from g->r. */
int lg_gm_calls_index(struct lg_gm_writer *g);

/* The parts of a message or of an answer, into the list that is open. */
void lg_gm_parts_write(struct lg_gm_writer *g, const struct lg_ir_part *parts);
/* A part of media, signed by `sig` if that is not NULL. */
void lg_gm_media_write(struct lg_gm_writer *g, const struct lg_ir_part *p,
                       const struct lg_ir_val *sig);
/* {"functionCall":{...},"thoughtSignature":...}; `sig` may be NULL. */
void lg_gm_call_write(struct lg_writer *w, const struct lg_ir_part *p,
                      const struct lg_ir_val *sig);
void lg_gm_result_write(struct lg_gm_writer *g, const struct lg_ir_part *p,
                        const struct lg_ir_val *sig);
/* Is it from here? */
int lg_gm_is_ours(const struct lg_ir_blob *blob);

/* ---- requests (_read.c, _schema.c, _write.c, _talk.c) ------------------ */

int lg_gm_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
/* A Schema of theirs (OpenAPI's, of old) as JSON Schema. */
int lg_gm_schema_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out);
int lg_gm_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
/* systemInstruction and contents; tools and toolConfig. */
void lg_gm_talk_write(struct lg_gm_writer *g);
void lg_gm_tools_write(struct lg_gm_writer *g);

/* ---- answers and streams (_answer.c, _args.c, _decode.c) ---------------- */

/* A member of a candidate, or of the answer, until that ends. */
struct lg_gm_kept {
    struct lg_gm_kept *next;
    struct lg_str key;
    struct lg_ir_val val;
    char *room;
    size_t cap;
    uint8_t level;
    uint8_t told; /* with the head */
};

struct lg_gm_choice {
    struct lg_gm_choice *next;
    uint16_t index;
    uint8_t kind;    /* of the open part, if there is one */
    uint8_t blocked; /* the prompt was */
    int32_t open;    /* -1: none */
    int32_t parts;   /* how many were opened */
    unsigned calls;
    struct lg_gm_kept reason, message; /* finishReason, finishMessage */
    struct lg_gm_kept *kept;
};

/* Where the arguments are that come in pieces. */
struct lg_gm_args {
    char *path; /* of the last value */
    size_t n, cap;
    int in_string; /* it is not complete */
};

struct lg_gm_decoder {
    struct lg_gm_choice *choices; /* by index */
    struct lg_gm_args args;
    struct lg_gm_kept *kept;
    struct lg_str id; /* of the answer */
    unsigned nchoices;
    int started, over;
    int whole; /* no stream: texts stay apart */
};

/* A frame being read. */
struct lg_gm_run {
    struct lg_ctx *c;
    struct lg_gm_decoder *d;
    struct lg_ir_sink *sink;
    struct lg_gm_choice *ch;
    unsigned puts;
    int changed; /* state that later frames depend on */
    struct lg_str last;
};

int lg_gm_put(struct lg_gm_run *r, enum lg_event_kind kind, int32_t index,
              const void *what, const struct lg_ir_extra *extra);
/* End the part of r->ch that is open. */
int lg_gm_close(struct lg_gm_run *r);
/* A piece of the open call's arguments, of a functionCall; LLMGW_E_PROTOCOL
 * where the pieces are out of order. */
int lg_gm_args_read(struct lg_gm_run *r, struct lg_val call);
int lg_gm_args_end(struct lg_gm_run *r);

/* A GenerateContentResponse. */
int lg_gm_chunk_read(struct lg_gm_run *r, const struct lg_json *doc);
/* Why each choice stopped, and END; 0: one has not. */
int lg_gm_finish(struct lg_gm_run *r);

int lg_gm_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_gm_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink);
int lg_gm_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);

/* ---- (_answer_write.c, _encode.c) -------------------------------------- */

int lg_gm_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out);
/* finishReason and what belongs to it, into the candidate that is open. */
void lg_gm_stop_write(struct lg_writer *w, const struct lg_ir_stop *stop,
                      int calls);
void lg_gm_usage_write(struct lg_writer *w, const struct lg_ir_usage *u);

struct lg_gm_enc_call;
struct lg_gm_encoder {
    struct lg_str meta;           /* what ends each frame */
    struct lg_gm_enc_call *calls; /* that are open */
    struct lg_ir_val sig;         /* of the next call */
    struct lg_ir_stop stop;       /* of `stopped`, to be told with the usage */
    struct lg_ir_usage usage;
    int stopped; /* choice + 1 */
    unsigned ncalls;
    uint8_t started, over, has_usage, plain;
};
int lg_gm_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out);

/* A schema under one of these names: Google's own kind for models that know no
 * other. */
void lg_gm_schema_write(struct lg_writer *w, const struct lg_ir_request *r,
                        const char *old, const char *name,
                        const struct lg_ir_val *schema);

/* ---- errors (gemini.c) ------------------------------------------------- */

int lg_gm_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                     struct lg_ir_error *e);
int lg_gm_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                      struct lg_buf *out);

#endif
