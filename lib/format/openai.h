/* SPDX-License-Identifier: MIT
 *
 * What OpenAI's formats have in common. */
#ifndef LG_FORMAT_OPENAI_H
#define LG_FORMAT_OPENAI_H

#include "lib/format/pattern.h"

/* ---- openai.c ---------------------------------------------------------- */

#define LG_OPENAI_STREAM_OPTIONS 1 /* the level of their extras */

/* `stop` and `stream_options`, of a request. */
int lg_openai_stop_read(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_request *r);
void lg_openai_stop_write(struct lg_writer *w, const struct lg_ir_stops *s);
int lg_openai_stream_read(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_request *r);
void lg_openai_stream_write(struct lg_writer *w, const struct lg_ir_request *r);

/* The end of a stream's body: `complete` after its last frame, `over` after
 * [DONE]. */
int lg_openai_end(struct lg_ctx *c, int complete, int over);

/* ---- openai_ask.c ------------------------------------------------------- */

/* The service tier that another format's is; absent if there is none. */
void lg_openai_tier(struct lg_writer *w, struct lg_ir_val *v);
/* The effort that the request names; absent where thinking is off, which it
 * would switch on again. */
struct lg_ir_val lg_openai_effort_said(struct lg_writer *w,
                                       const struct lg_ir_request *r);
/* The effort that another format's thinking asks for, unless the request names
 * one itself; NULL: none. What it says beside that is reported. */
const char *lg_openai_effort(struct lg_writer *w,
                             const struct lg_ir_request *r);
/* 'tool_choice': some of the tools, by name. Chat has their names `nested`. */
void lg_openai_allowed_write(struct lg_writer *w, struct lg_val choice,
                             int nested);

/* Does a file's id name what OpenAI keeps? All its formats share its files. */
int lg_openai_keeps(const struct lg_ir_media *m,
                    const struct lg_format *origin);
/* Characters of a string body. */
int64_t lg_openai_chars(struct lg_str body);

/* ---- openai_chat_usage.c ----------------------------------------------- */

void lg_chat_usage_read(struct lg_val v, struct lg_ir_usage *u);
void lg_chat_usage_write(struct lg_writer *w, const struct lg_ir_usage *u);
enum lg_stop lg_chat_stop_kind(struct lg_val reason, int has_calls,
                               int has_refusal);
const char *lg_chat_stop_word(const struct lg_ir_stop *stop, int has_refusal);
/* What of another format's stop its word does not say. */
void lg_chat_lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop);

/* ---- openai_chat_error.c ----------------------------------------------- */

int lg_chat_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                       struct lg_ir_error *e);
int lg_chat_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                        struct lg_buf *out);

#endif
