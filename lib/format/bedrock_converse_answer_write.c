/* SPDX-License-Identifier: MIT
 *
 * A whole answer, written; and what a stream is written with, too. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/turn.h"

/* What an Anthropic model would have said if it had been asked for. */
static void write_fields(struct lg_writer *w, const struct lg_ir_stop *stop,
                         enum lg_stop kind)
{
    const size_t mark = w->jw.out->n;

    lg_put(w, "'additionalModelResponseFields':{");
    if (kind == LG_STOP_SEQUENCE && lg_ir_has(&stop->sequence))
        lg_put(w, "'stop_sequence':%v", &stop->sequence);
    if (lg_ir_has(&stop->details))
        lg_put(w, "'stop_details':{'explanation':%v}", &stop->details);
    if (lg_writer_is_empty(w))
        lg_writer_undo(w, mark);
    else
        lg_put(w, "}");
}

void lg_bc_write_stop(struct lg_writer *w, const struct lg_ir_stop *stop,
                      enum lg_stop kind)
{
    static const char *const words[] = {[LG_STOP_NONE] = NULL,
                                        [LG_STOP_END] = "end_turn",
                                        [LG_STOP_LENGTH] = "max_tokens",
                                        [LG_STOP_TOOL] = "tool_use",
                                        [LG_STOP_SEQUENCE] = "stop_sequence",
                                        [LG_STOP_REFUSAL] = "content_filtered",
                                        [LG_STOP_PAUSE] = "end_turn",
                                        [LG_STOP_OTHER] = "end_turn"};

    if (w->own) {
        lg_put(w, "'stopReason':%v", &stop->reason);
        return;
    }
    if (kind == LG_STOP_OTHER || kind == LG_STOP_PAUSE)
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    "no such reason to stop in " LG_BC_NAME);
    if (words[kind])
        lg_put(w, "'stopReason':%s", words[kind]);
    write_fields(w, stop, kind);
    lg_put_lose_extras(w, stop->extra);
}

void lg_bc_write_usage(struct lg_writer *w, const struct lg_ir_usage *u)
{
    if (w->own && u->raw.kind != LG_JSON_NONE) {
        lg_put(w, "'usage':%v", &u->raw);
        return;
    }
    lg_put(w,
           "'usage':{'inputTokens':%d,'outputTokens':%d,'totalTokens':%d,"
           "'cacheReadInputTokens':%d,'cacheWriteInputTokens':%d",
           lg_at_least_zero(u->input), lg_at_least_zero(u->output),
           lg_count_plus(lg_count_plus(u->input, u->output),
                         lg_count_plus(u->cache_read, u->cache_write)),
           u->cache_read, u->cache_write);
    if (u->cache_write_1h >= 0 && u->cache_write >= u->cache_write_1h)
        lg_put(w,
               "'cacheDetails':[{'ttl':'5m','inputTokens':%d},"
               "{'ttl':'1h','inputTokens':%d}]",
               u->cache_write - u->cache_write_1h, u->cache_write_1h);
    lg_put(w, "}");
}

int lg_bc_write_answer(struct lg_ctx *c, const struct lg_ir_answer *answer,
                       struct lg_buf *out)
{
    struct lg_bc_writer b = {.w = lg_writer_of(c, answer->origin, out)};
    const struct lg_ir_choice *choice = &answer->first;
    const struct lg_ir_extra *extra = answer->head.extra;
    struct lg_writer *w = &b.w;

    lg_put(w, "{'output':{'message':{");
    if (!w->own || !lg_extra_has(extra, LG_BC_MESSAGE))
        lg_put(w, "'role':'assistant'");
    lg_put(w, "'content':[");
    lg_bc_write_blocks(&b, choice->parts);
    lg_put(w, "],%x},%x}", extra, LG_BC_MESSAGE, extra, LG_BC_BODY);
    lg_put_lose_extras(w, extra);
    lg_bc_write_stop(w, &choice->stop,
                     w->own ? (enum lg_stop)choice->stop.kind
                            : lg_stop_of(choice));
    if (!w->own || answer->usage.raw.kind != LG_JSON_NONE)
        lg_bc_write_usage(w, &answer->usage);
    if (!w->own)
        lg_put(w, "'metrics':{'latencyMs':0}");
    lg_put(w, "%x,%x}", choice->stop.extra, LG_BC_META, choice->stop.extra,
           LG_BC_NODE);
    if (choice->next)
        lg_put_lose(w, LG_NOWHERE, LG_DROPPED,
                    "an answer is one choice in " LG_BC_NAME);
    return lg_writer_end(w);
}
