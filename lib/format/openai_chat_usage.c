/* SPDX-License-Identifier: MIT
 *
 * Usage and finish_reason. */
#include "lib/format/openai.h"

static int64_t cached(struct lg_val v)
{
    int64_t n =
        lg_count_of(lg_val_get(v, "prompt_tokens_details"), "cached_tokens");

    if (n < 0)
        n = lg_count_of(v, "cached_tokens");
    return n < 0 ? lg_count_of(v, "prompt_cache_hit_tokens") : n;
}

void lg_chat_usage_read(struct lg_val v, struct lg_ir_usage *u)
{
    const int64_t prompt = lg_count_of(v, "prompt_tokens");
    const int64_t total = lg_count_of(v, "total_tokens");

    lg_ir_set(&u->raw, v);
    u->cache_read = cached(v);
    u->cache_write = lg_count_of(lg_val_get(v, "prompt_tokens_details"),
                                 "cache_write_tokens");
    u->thinking = lg_count_of(lg_val_get(v, "completion_tokens_details"),
                              "reasoning_tokens");
    if (u->thinking < 0)
        u->thinking = lg_count_of(v, "reasoning_tokens");
    u->output = lg_count_of(v, "completion_tokens");
    /* xAI leaves reasoning out of the completion; its total tells. */
    if (u->output >= 0 && u->thinking > 0 &&
        total == lg_count_plus(prompt, lg_count_plus(u->output, u->thinking)))
        u->output = lg_count_plus(u->output, u->thinking);
    u->input = prompt;
    if (prompt >= 0)
        u->input = lg_at_least_zero(prompt - lg_at_least_zero(u->cache_read));
    if (u->input >= 0)
        u->input =
            lg_at_least_zero(u->input - lg_at_least_zero(u->cache_write));
}

void lg_chat_usage_write(struct lg_writer *w, const struct lg_ir_usage *u)
{
    const int64_t prompt =
        lg_count_plus(u->input, lg_count_plus(u->cache_read, u->cache_write));

    lg_put(w, "{'prompt_tokens':%d,'completion_tokens':%d,'total_tokens':%d",
           prompt, lg_at_least_zero(u->output),
           lg_count_plus(prompt, u->output));
    if (u->cache_read >= 0 || u->cache_write >= 0)
        lg_put(w,
               "'prompt_tokens_details':{'cached_tokens':%d,"
               "'cache_write_tokens':%d}",
               lg_at_least_zero(u->cache_read), u->cache_write);
    if (u->thinking >= 0)
        lg_put(w, "'completion_tokens_details':{'reasoning_tokens':%d}",
               u->thinking);
    lg_put(w, "}");
}

/* ---- finish_reason ------------------------------------------------------ */

/* From LG_STOP_END on, and twice again what compatibles say: Mistral, Together,
 * and those that took Anthropic's words. */
static const char reasons[] = "stop length tool_calls - content_filter - "
                              "eos model_length function_call - - - "
                              "end_turn max_tokens tool_use";

enum lg_stop lg_chat_stop_kind(struct lg_val reason, int has_calls,
                               int has_refusal)
{
    const unsigned at = lg_word_of(reason, reasons);
    const enum lg_stop kind =
        at ? (enum lg_stop)((at - 1) % LG_STOP_PAUSE + LG_STOP_END)
           : LG_STOP_OTHER;

    if (lg_val_kind(reason) <= LG_JSON_NULL)
        return LG_STOP_NONE;
    /* Compatibles say stop where they mean tool_calls. */
    if (kind == LG_STOP_END && has_calls)
        return LG_STOP_TOOL;
    return kind == LG_STOP_END && has_refusal ? LG_STOP_REFUSAL : kind;
}

const char *lg_chat_stop_word(const struct lg_ir_stop *stop, int has_refusal)
{
    switch ((enum lg_stop)stop->kind) {
    case LG_STOP_LENGTH:
        return "length";
    case LG_STOP_TOOL:
        return "tool_calls";
    case LG_STOP_REFUSAL: /* a refusal in words is an ordinary end */
        return has_refusal ? "stop" : "content_filter";
    case LG_STOP_NONE:
        return NULL;
    case LG_STOP_END:
    case LG_STOP_SEQUENCE:
    case LG_STOP_PAUSE:
    case LG_STOP_OTHER:
        break;
    }
    return "stop";
}

void lg_chat_lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop)
{
    const char *const name = w->c->self->name;

    if (stop->kind == LG_STOP_PAUSE || stop->kind == LG_STOP_OTHER)
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    lg_reason(w->c, "no such reason to stop in %s", name));
    else if (stop->kind == LG_STOP_SEQUENCE)
        lg_put_lose(w, stop->sequence.tok, LG_DROPPED,
                    lg_reason(w->c,
                              "which stop sequence it was cannot be told in %s",
                              name));
    lg_put_lose_extras(w, stop->extra);
}
