/* SPDX-License-Identifier: MIT */
#include "src/gateway/retry.h"

void lg_failure_set(struct lg_failure *f, int code, int sent, int never)
{
    *f = (struct lg_failure){
        .code = code, .sent = sent, .never = never, .retry_after_ms = -1};
}

static enum lg_retry_verdict judge_status(const struct lg_failure *f)
{
    switch (f->status) {
    case 408:
    case 409:
    case 429:
    case 503:
    case 529:
        return LG_RETRY_SAFE; /* the provider says that it did not do it */
    default:
        return f->status >= 500 ? LG_RETRY_AMBIGUOUS : LG_RETRY_FATAL;
    }
}

static enum lg_retry_verdict judge_transport(const struct lg_failure *f)
{
    switch (f->code) {
    case LLMGW_E_CONNECT:
    case LLMGW_E_TIMEOUT:
    case LLMGW_E_TRUNCATED:
    case LLMGW_E_PROTOCOL:
        return f->sent ? LG_RETRY_AMBIGUOUS : LG_RETRY_SAFE;
    default:
        return LG_RETRY_FATAL;
    }
}

enum lg_retry_verdict lg_retry_judge(const struct lg_failure *f)
{
    enum lg_retry_verdict v;

    if (f->never || f->should_retry < 0)
        return LG_RETRY_FATAL;
    v = f->answered ? judge_status(f) : judge_transport(f);
    if (v == LG_RETRY_FATAL && f->should_retry > 0)
        v = LG_RETRY_AMBIGUOUS;
    return v;
}

void lg_retry_refund(struct lg_retry_budget *b)
{
    if (b->max && atomic_load(&b->tokens) < b->max)
        atomic_fetch_add(&b->tokens, LG_RETRY_REFUND);
}

static int take(struct lg_retry_budget *b)
{
    if (!b->max)
        return 1;
    if (atomic_fetch_sub(&b->tokens, LG_RETRY_COST) >= LG_RETRY_COST)
        return 1;
    atomic_fetch_add(&b->tokens, LG_RETRY_COST);
    return 0;
}

/* min(initial * 2^retries, max), less up to a quarter. */
static int64_t backoff(const struct lg_settings *s, int64_t retries,
                       uint32_t random)
{
    int64_t ms = s->retry_initial_ms;

    while (retries-- > 0 && ms < s->retry_max_ms)
        ms *= 2;
    if (ms > s->retry_max_ms)
        ms = s->retry_max_ms;
    return ms - ms / 4 * random / UINT32_MAX;
}

int64_t lg_retry_delay(const struct lg_settings *s, const struct lg_failure *f,
                       int64_t retries, int64_t left_ms, uint32_t random,
                       struct lg_retry_budget *budget)
{
    const enum lg_retry_verdict v = lg_retry_judge(f);
    int64_t ms;

    if (v == LG_RETRY_FATAL || retries >= s->retry_max)
        return -1;
    if (v == LG_RETRY_AMBIGUOUS && !s->retry_ambiguous)
        return -1;
    ms = backoff(s, retries, random);
    if (f->retry_after_ms >= 0) {
        if (f->retry_after_ms > s->retry_server_max_ms)
            return -1; /* too long to sleep on: the caller is told instead */
        /* Never earlier than asked; spread upwards, so that those who were
         * told the same do not wake together. */
        ms = f->retry_after_ms + f->retry_after_ms / 8 * random / UINT32_MAX;
    }
    if (ms >= left_ms || !take(budget))
        return -1;
    return ms;
}
