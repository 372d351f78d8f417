/* SPDX-License-Identifier: MIT */
#ifndef LG_GATEWAY_ERROR_H
#define LG_GATEWAY_ERROR_H

#include "lib/base/err.h"
#include "lib/base/buf.h"

/* All strings may be NULL. */
struct llmgw_error {
    int code;
    char *message, *where, *provider, *provider_type, *request_id;
    char *body; /* redacted */
    size_t body_len;
    int http_status;
    int retryable;
    int64_t retry_after_ms;   /* -1: not said */
    char *attempts;           /* JSON array, one object an attempt */
    const char *maybe_billed; /* "true" or "false" */
    const char *format;       /* what the provider speaks, static */
    char *provider_code, *provider_param;
};

/* The one that needs no memory; llmgw_error_free() leaves it alone. */
extern struct llmgw_error lg_error_nomem;

/* From a code and a sentence; gives &lg_error_nomem without memory. */
struct llmgw_error *lg_error_new(const struct lg_err *e);
/* Set *out (may be NULL) from `e`, return its code: e->code, or LLMGW_E_NOMEM
 * where no more can be told. */
int lg_error_give(struct llmgw_error **out, const struct lg_err *e);

#endif
