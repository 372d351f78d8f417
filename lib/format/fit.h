/* SPDX-License-Identifier: MIT
 *
 * A request is made to fit the model it is for, and the format, before it is
 * written there: what is refused is left out, what has another form takes it,
 * all of it reported. */
#ifndef LG_FORMAT_FIT_H
#define LG_FORMAT_FIT_H

#include "lib/format/pattern.h"

/* c->self is the format to be written; c->policy has the facts. */
int lg_fit(struct lg_ctx *c, struct lg_ir_request *r);

/* The facts that hold for a model where this format is spoken to it. */
const struct lg_facts *lg_facts_for(const struct lg_policy *policy,
                                    const struct lg_format *to,
                                    const struct lg_ir_val *model);

#define LG_EFFORTS "none minimal low medium high xhigh max"
const char *lg_effort_word(enum lg_effort effort);
/* The effort that thinks as much of an answer of `max` tokens. */
enum lg_effort lg_effort_of_budget(int64_t budget, int64_t max);

/* ---- the parts of it ----------------------------------------------------- */

struct lg_fit {
    struct lg_ctx *c;
    struct lg_ir_request *r;
    const struct lg_facts *facts;
    int rc;
};
void lg_fit_lose(struct lg_fit *t, uint32_t tok, enum lg_loss_action action,
                 const char *reason);
void lg_fit_talk(struct lg_fit *t);  /* fit_talk.c */
void lg_fit_names(struct lg_fit *t); /* fit_name.c */

/* ---- and back (fit_name.c) ----------------------------------------------- */

/* The caller's name for a call that is opened; NULL: `ev` is as it should be.
 * `part` and `copy` are room for it. */
const struct lg_ir_event *lg_name_back(const struct lg_bridge *b,
                                       const struct lg_ir_event *ev,
                                       struct lg_ir_part *part,
                                       struct lg_ir_event *copy);
/* read_answer of c->self, in the caller's names. */
int lg_answer_read(struct lg_ctx *c, const struct lg_json *doc,
                   struct lg_ir_sink *sink);

#endif
