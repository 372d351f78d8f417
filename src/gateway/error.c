/* SPDX-License-Identifier: MIT */
#include "src/gateway/error.h"

#include "lib/base/mem.h"
#include "lib/json/text.h"

static char nomem_text[] = "out of memory";

struct llmgw_error lg_error_nomem = {
    .code = LLMGW_E_NOMEM,
    .message = nomem_text,
    .retry_after_ms = -1,
};

/* Indexed by -code. */
static const char *const names[] = {
    "no error",
    "invalid use",
    "out of memory",
    "bad option",
    "bad JSON",
    "not supported",
    "not authorised",
    "cannot connect",
    "timed out",
    "rate limited",
    "request refused",
    "provider failed",
    "answer not understood",
    "stream cut short",
    "limit reached",
    "cancelled",
    "nothing ready yet",
    "callback failed",
    "client of another process",
};

const char *llmgw_strerror(int code)
{
    if (code > 0 || code <= -(int)LG_COUNT(names))
        return "unknown error";
    return names[-code];
}

/* Keys and names in a sentence are the caller's bytes, and may be cut. */
static char *clean(const char *text, int *failed)
{
    struct lg_buf out;
    char *copy;

    if (!text[0])
        return NULL;
    lg_buf_init(&out, 4 * (LG_WHERE_MAX + LG_TEXT_MAX));
    (void)lg_utf8_repair(&out, lg_str_of(text));
    copy = lg_buf_take(&out, NULL);
    *failed |= !copy;
    lg_buf_done(&out);
    return copy;
}

struct llmgw_error *lg_error_new(const struct lg_err *e)
{
    struct llmgw_error *x = lg_zalloc(sizeof(*x));
    int failed = 0;

    if (!x)
        return &lg_error_nomem;
    x->code = e->code;
    x->retry_after_ms = -1;
    x->message = clean(e->text, &failed);
    x->where = clean(e->where, &failed);
    if (!failed)
        return x;
    llmgw_error_free(x);
    return &lg_error_nomem;
}

int lg_error_give(struct llmgw_error **out, const struct lg_err *e)
{
    if (!out)
        return e->code;
    *out = e->code ? lg_error_new(e) : NULL;
    return llmgw_error_code(*out);
}

void llmgw_error_free(llmgw_error *e)
{
    if (!e || e == &lg_error_nomem)
        return;
    lg_free(e->message);
    lg_free(e->where);
    lg_free(e->provider);
    lg_free(e->provider_type);
    lg_free(e->request_id);
    lg_free(e->body);
    lg_free(e->attempts);
    lg_free(e->provider_code);
    lg_free(e->provider_param);
    lg_free(e);
}

int llmgw_error_code(const llmgw_error *e)
{
    return e ? e->code : LLMGW_OK;
}

const char *llmgw_error_message(const llmgw_error *e)
{
    if (e && e->message)
        return e->message;
    return llmgw_strerror(llmgw_error_code(e));
}

const char *llmgw_error_where(const llmgw_error *e)
{
    return e ? e->where : NULL;
}

const char *llmgw_error_provider(const llmgw_error *e)
{
    return e ? e->provider : NULL;
}

int llmgw_error_http_status(const llmgw_error *e)
{
    return e ? e->http_status : 0;
}

const char *llmgw_error_provider_type(const llmgw_error *e)
{
    return e ? e->provider_type : NULL;
}

const char *llmgw_error_request_id(const llmgw_error *e)
{
    return e ? e->request_id : NULL;
}

const char *llmgw_error_body(const llmgw_error *e, size_t *len)
{
    const char *body = e ? e->body : NULL;

    if (len)
        *len = body ? e->body_len : 0;
    return body;
}

int llmgw_error_retryable(const llmgw_error *e)
{
    return e && e->retryable;
}

int64_t llmgw_error_retry_after_ms(const llmgw_error *e)
{
    return e ? e->retry_after_ms : -1;
}

const char *llmgw_error_get(const llmgw_error *e, const char *key)
{
    const struct lg_str k = lg_str_of(key);

    if (!e || !key)
        return NULL;
    if (lg_str_is(k, "attempts"))
        return e->attempts;
    if (lg_str_is(k, "maybe_billed"))
        return e->maybe_billed;
    if (lg_str_is(k, "format"))
        return e->format;
    if (lg_str_is(k, "code"))
        return e->provider_code;
    if (lg_str_is(k, "param"))
        return e->provider_param;
    return NULL;
}
