/* SPDX-License-Identifier: MIT
 *
 * The loss report: what a conversion could not carry, by name. */
#ifndef LG_IR_LOSS_H
#define LG_IR_LOSS_H

#include "lib/base/buf.h"
#include "lib/ir/value.h"

enum lg_loss_action {
    LG_DROPPED,
    LG_APPROXIMATED,
    LG_REJECTED
};

struct lg_loss {
    struct lg_loss *next, *chained; /* as they came; of the same slot */
    const char *pointer;            /* JSON Pointer into the source document */
    const char *reason;
    uint8_t action;
};

struct lg_losses {
    struct lg_arena *arena;
    const struct lg_json *doc; /* the source; NULL: pointers are unknown */
    struct lg_err *err;
    int strict; /* any loss is LLMGW_E_UNSUPPORTED, told in `err` */
    struct lg_loss *first, **last;
    size_t n;
    struct lg_loss **slots; /* by hash: has it been told? */
    size_t nslots;
};

void lg_losses_init(struct lg_losses *l, struct lg_arena *arena,
                    struct lg_err *err, int strict);
/* The value at token `tok` of l->doc is lost; `reason` is static or in the
 * arena. The same loss twice counts once. 0, LLMGW_E_UNSUPPORTED under
 * `strict` or for LG_REJECTED, LLMGW_E_NOMEM. */
int lg_lose(struct lg_losses *l, uint32_t tok, enum lg_loss_action action,
            const char *reason);
/* The same for a place that is no token; `pointer` is copied. */
int lg_lose_at(struct lg_losses *l, const char *pointer,
               enum lg_loss_action action, const char *reason);
/* Append one as {"pointer":...,"action":...,"reason":...}. */
int lg_loss_json(const struct lg_loss *loss, struct lg_buf *out);
/* The same as text in an arena; NULL: a->err tells. */
const char *lg_loss_copy(const struct lg_loss *loss, struct lg_arena *a);
const char *lg_loss_action_name(enum lg_loss_action action);

#endif
