/* SPDX-License-Identifier: MIT
 *
 * A whole answer, written; and what a stream is written with, too. */
#include "lib/format/gemini.h"

static const char *const words[] = {
    [LG_STOP_NONE] = NULL,           [LG_STOP_END] = "STOP",
    [LG_STOP_LENGTH] = "MAX_TOKENS", [LG_STOP_TOOL] = "STOP",
    [LG_STOP_SEQUENCE] = "STOP",     [LG_STOP_REFUSAL] = "SAFETY",
    [LG_STOP_PAUSE] = "STOP",        [LG_STOP_OTHER] = "OTHER",
};

void lg_gm_stop_write(struct lg_writer *w, const struct lg_ir_stop *stop,
                      int calls)
{
    const struct lg_ir_val *details =
        stop->kind == LG_STOP_REFUSAL ? &stop->details : &lg_ir_none;

    if (w->own) {
        lg_put(w, "'finishReason':%v,'finishMessage':%v,%x", &stop->reason,
               details, stop->extra, LG_GM_CANDIDATE);
        return;
    }
    if (words[stop->kind])
        lg_put(w, "'finishReason':%s,'finishMessage':%o", words[stop->kind],
               details);
    if (stop->kind == LG_STOP_PAUSE || stop->kind == LG_STOP_OTHER ||
        (stop->kind == LG_STOP_TOOL && !calls))
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    "no such reason to stop in " LG_GM_NAME);
    if (stop->kind == LG_STOP_SEQUENCE)
        lg_put_lose(w, stop->sequence.tok, LG_DROPPED,
                    "which stop sequence it was cannot be told in " LG_GM_NAME);
}

void lg_gm_usage_write(struct lg_writer *w, const struct lg_ir_usage *u)
{
    const int64_t prompt =
        lg_count_plus(u->input, lg_count_plus(u->cache_read, u->cache_write));
    const int64_t thinking =
        u->thinking > u->output && u->output >= 0 ? u->output : u->thinking;
    const int64_t output = lg_count_plus(u->output, 0);

    if (w->own) {
        lg_put(w, "'usageMetadata':%v", &u->raw);
        return;
    }
    if (u->input < 0 && u->output < 0)
        return;
    lg_put(w,
           "'usageMetadata':{'promptTokenCount':%d,"
           "'cachedContentTokenCount':%d,'candidatesTokenCount':%d,"
           "'thoughtsTokenCount':%d,'totalTokenCount':%d}",
           prompt, u->cache_read, thinking > 0 ? output - thinking : output,
           thinking, lg_count_plus(prompt, output));
}

static int has_calls(const struct lg_ir_part *p)
{
    while (p && p->kind != LG_PART_TOOL_CALL)
        p = p->next;
    return p != NULL;
}

static void write_choice(struct lg_gm_writer *g, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *x = ch->stop.extra;
    struct lg_writer *w = &g->w;

    lg_put(w, "{");
    if (!w->own || ch->parts || lg_extra_has(x, LG_GM_CONTENT)) {
        lg_put(w, "'content':{");
        if (ch->parts) {
            lg_put(w, "'parts':[");
            lg_gm_parts_write(g, ch->parts);
            lg_put(w, "]");
        }
        if (w->own)
            lg_put(w, "%x}", x, LG_GM_CONTENT);
        else
            lg_put(w, "'role':'model'}");
    }
    lg_gm_stop_write(w, &ch->stop, has_calls(ch->parts));
    if (w->own) {
        lg_put(w, "}");
        return;
    }
    lg_put(w, "'index':%d}", (int64_t)ch->index);
    lg_put_lose_extras(w, x);
}

static int is_there(const struct lg_writer *w, const struct lg_ir_choice *ch)
{
    return !w->own || ch->parts || ch->stop.reason.kind != LG_JSON_NONE ||
           lg_extra_has(ch->stop.extra, LG_GM_CONTENT) ||
           lg_extra_has(ch->stop.extra, LG_GM_CANDIDATE);
}

/* What a stream said of the answer after its first frame. */
static void write_late(struct lg_writer *w, const struct lg_ir_answer *a)
{
    for (const struct lg_ir_extra *x = a->first.stop.extra; x; x = x->next) {
        const struct lg_ir_extra *h = a->head.extra;

        while (h && !lg_str_same(h->key, x->key))
            h = h->next;
        if (!w->own || x->level != LG_GM_SELF || h)
            continue;
        lg_jw_key_body(&w->jw, x->key);
        lg_ir_write(&w->jw, &x->val);
    }
}

int lg_gm_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out)
{
    struct lg_gm_writer g = {.w = lg_writer_of(c, a->origin, out)};
    const struct lg_ir_choice *ch = &a->first;
    const size_t mark = out->n + 1;

    lg_put(&g.w, "{'candidates':[");
    for (; ch && !g.w.rc; ch = ch->next)
        if (is_there(&g.w, ch))
            write_choice(&g, ch);
    if (lg_writer_is_empty(&g.w))
        lg_writer_undo(&g.w, mark);
    else
        lg_put(&g.w, "]");
    lg_gm_usage_write(&g.w, &a->usage);
    lg_put(&g.w, "'modelVersion':%o,'responseId':%o", &a->head.model,
           &a->head.id);
    write_late(&g.w, a);
    lg_put(&g.w, "%x}", a->head.extra, LG_GM_SELF);
    return lg_writer_end(&g.w);
}
