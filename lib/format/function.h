/* SPDX-License-Identifier: MIT
 *
 * Tools and calls of the formats that took theirs from Chat:
 * {"type":"function","function":{...}}; and what other formats' become. */
#ifndef LG_FORMAT_FUNCTION_H
#define LG_FORMAT_FUNCTION_H

#include "lib/format/pattern.h"

/* Level of the extras of "function"; those beside it have 0. */
#define LG_FUNCTION_INNER 1

/* "tools", of a request. */
int lg_functions_read(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r);
/* The same, of this name only unless that is absent; how many they are. */
unsigned lg_put_functions(struct lg_writer *w, const struct lg_ir_request *r,
                          const struct lg_ir_val *only);

/* In the form of an OPAQUE part: it stood in tool_calls. In that of a message:
 * the list was there and empty. */
#define LG_CALL_LISTED 64u
#define LG_CALLS_NONE  128u

/* In the form of a call. OLD: its id is made up. BARE: its arguments were a
 * string. ABSENT: it had no type. */

/* An item of "tool_calls"; OPAQUE if it has another shape. */
int lg_call_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p);
/* The same. Arguments that came from another format or in pieces become an
 * object, or a string if `in_string`. */
void lg_put_call(struct lg_writer *w, const struct lg_ir_part *p,
                 int in_string);
/* "tool_calls" of a message, to *end; and written: nothing if there are none,
 * unless it is `there`. */
int lg_calls_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_message *m,
                  struct lg_ir_part ***end);
void lg_put_calls(struct lg_writer *w, const struct lg_ir_part *p,
                  int in_string, int there);
/* A value that must be an object, wherever it stood; anything else becomes an
 * empty one, and is reported unless it was empty, too. */
void lg_put_object(struct lg_writer *w, const struct lg_ir_val *v);

/* "messages", of a request. */
int lg_messages_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r,
                     lg_item_fn read, void *user);
/* The role of a message that is not a tool's. */
const char *lg_role_word(const struct lg_ir_message *m);
/* Stop sequences; of another format's no more than `max`. */
void lg_put_stops(struct lg_writer *w, const char *name,
                  const struct lg_ir_stops *s, size_t max);
/* What of another format's output is not its schema. */
void lg_put_lose_output(struct lg_writer *w, const struct lg_ir_output *o);
/* The settings of another format that say something and have no place here;
 * those of `carried` (1u << LG_P_...) have. */
void lg_put_lose_params(struct lg_writer *w, const struct lg_ir_request *r,
                        uint32_t carried);

#endif
