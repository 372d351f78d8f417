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
    struct lg_arena arena;
    struct lg_buf out; /* what is being written */
    struct lg_ctx ctx;
    struct lg_bridge bridge;
    struct lg_losses losses;
    struct lg_ir_request request;
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

/* A string value whose body is in m->out, taken from there. */
int lg_mock_take(struct lg_mock *m, struct lg_ir_val *v);
/* Answer: whole or as a stream; with an error; with an error of few words. */
int lg_mock_say(struct lg_mock *m, const struct lg_mock_reply *r);
int lg_mock_error(struct lg_mock *m, const struct lg_ir_error *e,
                  const char *retry_after);
int lg_mock_refuse(struct lg_mock *m, int status, enum lg_error_class kind,
                   const char *message);

extern const struct lg_provider lg_provider_mock;

#endif
