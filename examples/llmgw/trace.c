/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include "tell.h"

#define ALL (-1)

static const char *const kinds[] = {
    [LLMGW_TRACE_CALL] = "call",   [LLMGW_TRACE_ATTEMPT] = "attempt",
    [LLMGW_TRACE_RETRY] = "retry", [LLMGW_TRACE_TOKEN] = "token",
    [LLMGW_TRACE_LOSS] = "loss",   [LLMGW_TRACE_FIRST] = "first",
    [LLMGW_TRACE_DONE] = "done",
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

/* What is known of each kind, in the order in which it is written. */
static const struct {
    int kind;
    const char *key;
    int is_code; /* a number that is told even when it is negative */
} keys[] = {
    {ALL, "call", 0},
    {ALL, "operation", 0},
    {ALL, "format", 0},
    {ALL, "model", 0},
    {ALL, "provider", 0},
    {ALL, "attempt", 0},
    {ALL, "elapsed_ms", 0},
    {LLMGW_TRACE_ATTEMPT, "method", 0},
    {LLMGW_TRACE_ATTEMPT, "url", 0},
    {LLMGW_TRACE_ATTEMPT, "body_bytes", 0},
    {LLMGW_TRACE_RETRY, "delay_ms", 0},
    {LLMGW_TRACE_RETRY, "status", 0},
    {LLMGW_TRACE_RETRY, "error", 0},
    {LLMGW_TRACE_RETRY, "maybe_billed", 0},
    {LLMGW_TRACE_TOKEN, "issuer", 0},
    {LLMGW_TRACE_TOKEN, "expires_in_ms", 0},
    {LLMGW_TRACE_LOSS, "pointer", 0},
    {LLMGW_TRACE_LOSS, "action", 0},
    {LLMGW_TRACE_LOSS, "reason", 0},
    {LLMGW_TRACE_DONE, "code", 1},
    {LLMGW_TRACE_DONE, "status", 0},
    {LLMGW_TRACE_DONE, "retries", 0},
    {LLMGW_TRACE_DONE, "first_ms", 0},
    {LLMGW_TRACE_DONE, "error", 0},
    {LLMGW_TRACE_DONE, "maybe_billed", 0},
    {LLMGW_TRACE_DONE, "input_tokens", 0},
    {LLMGW_TRACE_DONE, "output_tokens", 0},
    {LLMGW_TRACE_DONE, "cache_read_tokens", 0},
    {LLMGW_TRACE_DONE, "cache_write_tokens", 0},
};

void trace_write(void *user, const llmgw_trace *t)
{
    const int kind = llmgw_trace_kind(t);
    FILE *out = user;

    fprintf(out, "{\"event\":\"%s\"",
            kind > 0 && kind < KINDS ? kinds[kind] : "other");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *text = llmgw_trace_str(t, keys[i].key);
        const int64_t number = llmgw_trace_int(t, keys[i].key);

        if (keys[i].kind != ALL && keys[i].kind != kind)
            continue;
        if (!text && number < 0 && !keys[i].is_code)
            continue;
        fprintf(out, ",\"%s\":", keys[i].key);
        if (text)
            put_json_string(out, text);
        else
            fprintf(out, "%lld", (long long)number);
    }
    fputs("}\n", out);
    fflush(out);
}
