/* SPDX-License-Identifier: MIT */
#ifndef LG_GATEWAY_RESPONSE_H
#define LG_GATEWAY_RESPONSE_H

#include "src/gateway/call.h"

struct llmgw_response {
    struct lg_arena arena; /* all strings below, json and text apart */
    char *json, *text;
    size_t json_len, text_len;
    const char *provider, *model, *request_id, *stop, *attempts;
    const char *maybe_billed; /* static: was an earlier attempt, perhaps? */
    const char *headers;      /* "name\0value\0"..., headers_len bytes */
    size_t headers_len;
    const char **losses;
    size_t nlosses;
    struct lg_ir_usage usage;
};

/* Of an ended call, or of what a stream has so far. `json` and `text` are
 * taken. On failure c->err tells. */
int lg_response_new(struct lg_call *c, const struct lg_ir_answer *a,
                    struct lg_buf *json, struct lg_buf *text,
                    llmgw_response **out);
/* Of a call in state DONE whose body is in c->body. */
int lg_response_of_body(struct lg_call *c, llmgw_response **out);
/* Of a fold: written in the caller's format. */
int lg_response_of_fold(struct lg_call *c, const struct lg_ir_answer *a,
                        llmgw_response **out);

#endif
