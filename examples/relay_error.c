/* SPDX-License-Identifier: MIT */
#include "relay_error.h"

#include <cjson/cJSON.h>

/* What the SDKs know a failure by, where no provider said it; last the rest. */
static const struct fault {
    int code, status;
    const char *type;
} faults[] = {
    {LLMGW_E_INVALID, 404, "not_found_error"},
    {LLMGW_E_OPTION, 400, "invalid_request_error"},
    {LLMGW_E_JSON, 400, "invalid_request_error"},
    {LLMGW_E_UNSUPPORTED, 400, "invalid_request_error"},
    {LLMGW_E_AUTH, 401, "authentication_error"},
    {LLMGW_E_LIMIT, 413, "request_too_large"},
    {LLMGW_E_RATE_LIMIT, 429, "rate_limit_error"},
    {LLMGW_E_TIMEOUT, 504, "timeout_error"},
    {0, 502, "api_error"},
};

static const struct fault *fault_of(const llmgw_error *e, int code)
{
    const struct fault *f = faults;

    if (e)
        code = llmgw_error_code(e);
    while (f->code && f->code != code)
        f++;
    return f;
}

int relay_error_status(const llmgw_error *e, int code)
{
    const int said = llmgw_error_http_status(e);

    return said >= 400 ? said : fault_of(e, code)->status;
}

/* As Anthropic says it, to cJSON_free(). */
static char *our_words(const char *type, const char *message)
{
    cJSON *root = cJSON_CreateObject(), *error;
    char *text;

    cJSON_AddStringToObject(root, "type", "error");
    error = cJSON_AddObjectToObject(root, "error");
    cJSON_AddStringToObject(error, "type", type);
    cJSON_AddStringToObject(error, "message", message);
    text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

char *relay_error(const char *format, const llmgw_error *e, int code,
                  const char *why)
{
    const char *from = llmgw_error_get(e, "format");
    size_t len;
    const char *said = llmgw_error_body(e, &len);
    char *out = NULL, *own;

    llmgw_convert(NULL, "error", from, format, said, len, &out, NULL, NULL,
                  NULL);
    if (out)
        return out;
    if (!why)
        why = e ? llmgw_error_message(e) : llmgw_strerror(code);
    own = our_words(fault_of(e, code)->type, why);
    llmgw_convert(NULL, "error", "anthropic-messages", format, own,
                  LLMGW_NUL_TERMINATED, &out, NULL, NULL, NULL);
    cJSON_free(own);
    return out;
}
