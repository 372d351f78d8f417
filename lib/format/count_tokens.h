/* SPDX-License-Identifier: MIT
 *
 * How many tokens a request has: the request is a chat format's, as far as it
 * counts, perhaps with something around it; the answer is a number. */
#ifndef LG_FORMAT_COUNT_TOKENS_H
#define LG_FORMAT_COUNT_TOKENS_H

#include "lib/format/pattern.h"

struct lg_count_ops {
    const char *const *around; /* members it stands in, from without; NULL
                                  behind the last */
    int bare;                  /* it may stand in none of them */
    const char *members;       /* of the request those that are taken, a space
                                  around each */
    uint32_t params;           /* bits by enum lg_param: the same */
    int stops, output;
    const char *count;  /* the answer's member that is the number ... */
    const char *cached; /* ... the part of it that is from a cache, or NULL */
    const char *answer; /* the pattern an answer is written by: the number,
                           the part of it */
};

extern const struct lg_format lg_format_anthropic_count_tokens;
extern const struct lg_format lg_format_bedrock_count_tokens;
extern const struct lg_format lg_format_gemini_count_tokens;
extern const struct lg_format lg_format_openai_count_tokens;

#endif
