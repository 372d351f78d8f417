/* SPDX-License-Identifier: MIT
 *
 * What the formats share that speak in turns of user and assistant, as
 * Anthropic's models do. */
#ifndef LG_FORMAT_TURN_H
#define LG_FORMAT_TURN_H

#include "lib/format/pattern.h"

/* The text at the very end, if it is the assistant's: the answer is to go on
 * from it. NULL: there is none. */
const struct lg_ir_part *lg_prefill_of(const struct lg_ir_message *m);
/* The words of a text part; those of `prefill` may not end in white space. */
struct lg_ir_val lg_words(struct lg_writer *w, const struct lg_ir_part *p,
                          const struct lg_ir_part *prefill);
/* The first message that does not stand beside the others in `w`'s format:
 * those read from there do, or of another format all instructions that come
 * first. If nothing follows these, the last one is the question. */
const struct lg_ir_message *lg_behind_prompt(const struct lg_writer *w,
                                             const struct lg_ir_message *m);
/* What of another format's message is not in its parts. */
void lg_put_lose_message(struct lg_writer *w, const struct lg_ir_message *m);
/* Can a part stand in an answer of this format? Else it is lost. */
int lg_is_sayable(struct lg_writer *w, const struct lg_ir_part *p);
/* Is a string body nothing but white space? */
int lg_is_blank(struct lg_str body);

/* Write the schema of a tool's input, which must say that it is an object. */
void lg_put_schema(struct lg_writer *w, const struct lg_ir_request *r,
                   const struct lg_ir_val *v);

/* A JSON answer is asked for where there is no word for it: by a tool that must
 * be called, whose input it is. */
#define LG_JSON_TOOL       "json"
#define LG_JSON_TOOL_ABOUT "Output the result in JSON format"
/* 1: such a tool is to be written; the bridge knows, and the loss is told. So is
 * one for an answer by a schema that the model knows no other way to. */
int lg_json_tool(struct lg_writer *w, const struct lg_ir_request *r);
int lg_takes_schema(const struct lg_writer *w);
/* The schema of that tool's input. */
void lg_put_json_schema(struct lg_writer *w, const struct lg_ir_request *r);
/* Is the part a call of it? */
int lg_is_json_tool(const struct lg_ctx *c, const struct lg_ir_part *p);

/* What an answer needs to know of this request. */
void lg_bridge_fill(const struct lg_ctx *c, const struct lg_ir_request *r);

/* Calls are told as calls and a refusal as a refusal, whatever the origin says
 * why it stopped. */
enum lg_stop lg_stop_of(const struct lg_ir_choice *choice);

#endif
