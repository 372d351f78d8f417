/* SPDX-License-Identifier: MIT
 *
 * Changes to options, checked and with all their memory, before the first of
 * them is made: all are, or none. */
#ifndef LG_GATEWAY_OPTION_STAGE_H
#define LG_GATEWAY_OPTION_STAGE_H

#include "src/gateway/option_key.h"

#define LG_OPTION_ENTRIES_MAX 4096

struct lg_option_stage {
    struct lg_option_entry *first, *last; /* row NULL: all keys inside it */
    size_t n;
};

/* A key's value; NULL takes it out, and for an object all that is in it. The
 * value of an object replaces it. */
int lg_option_stage_key(struct lg_option_stage *s, const char *key,
                        const char *value, struct lg_err *e);
/* A whole document, added to what is there. */
int lg_option_stage_json(struct lg_option_stage *s, struct lg_str json,
                         struct lg_err *e);
/* Change the options; the stage is empty then. Only LLMGW_E_LIMIT can fail. */
int lg_option_stage_commit(struct lg_option_stage *s, llmgw_options *o,
                           struct lg_err *e);
void lg_option_stage_done(struct lg_option_stage *s);

#endif
