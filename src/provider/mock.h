/* SPDX-License-Identifier: MIT
 *
 * The provider that answers by itself: mock.c decides what, mock_answer.c says
 * it in the format that was asked in. */
#ifndef LG_PROVIDER_MOCK_H
#define LG_PROVIDER_MOCK_H

#include "src/provider/provider.h"

#define LG_MOCK_BYTES_MAX ((size_t)1 << 30)

struct lg_mock {
    struct lg_ir_sink sink; /* first member */
    llmgw_exchange *x;
    const struct lg_format *format;
    void *encoder;
    int64_t turn; /* counted from 0 */
    int64_t words;
    int streams;
    int rc;        /* the first failure; nothing is said after it */
    int32_t index; /* of the part that is being said */
    struct lg_arena arena;
    struct lg_buf out; /* what is being written */
    struct lg_ctx ctx;
    struct lg_bridge bridge;
    struct lg_losses losses;
    struct lg_ir_request request;
    struct lg_json doc, script; /* the request's; what the script says */
    struct lg_frames frames;
    struct lg_fold fold;
    struct lg_err err;
};

/* What is to be said. */
struct lg_mock_reply {
    struct lg_ir_val thinking, text;
    struct lg_val tool, tools;
    uint8_t stop; /* enum lg_stop */
};

void lg_mock_fail(struct lg_mock *m, int rc);
/* A string value whose body is in m->out, taken from there. */
struct lg_ir_val lg_mock_take(struct lg_mock *m);
/* Answer: whole or as a stream; with an error; with an error of few words. */
void lg_mock_say(struct lg_mock *m, const struct lg_mock_reply *r);
void lg_mock_error(struct lg_mock *m, const struct lg_ir_error *e,
                   const char *retry_after);
void lg_mock_refuse(struct lg_mock *m, int status, const char *message);

extern const struct lg_provider lg_provider_mock;

#endif
