/* SPDX-License-Identifier: MIT
 *
 * Members that mean the same in a chat and in a completion. */
#include "lib/format/openai.h"

#define STOPS_MAX 4

int lg_openai_stop_read(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_request *r)
{
    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, 0);
    if (lg_val_kind(v) == LG_JSON_STRING)
        r->stops.form = LG_FORM_BARE;
    else if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list");
    return lg_stops_read(c, v, &r->stops);
}

void lg_openai_stop_write(struct lg_writer *w, const struct lg_ir_stops *s)
{
    if (!s->list || (!w->own && !s->n))
        return;
    if (w->own && s->form & LG_FORM_BARE) {
        lg_put(w, "'stop':%v", &s->list[0]);
        return;
    }
    lg_put(w, "'stop':[");
    for (size_t i = 0; i < s->n && (w->own || i < STOPS_MAX); i++)
        lg_ir_write(&w->jw, &s->list[i]);
    lg_put(w, "]");
    if (!w->own && s->n > STOPS_MAX)
        lg_put_lose(w, s->tok, LG_APPROXIMATED,
                    "only four stop sequences are taken");
}

int lg_openai_stream_read(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_request *r)
{
    if (lg_val_kind(lg_val_get(v, "include_usage")) <= LG_JSON_NULL)
        return lg_extra_keep(c, &r->extra, v, 0);
    return lg_get(c, v, &r->extra, LG_OPENAI_STREAM_OPTIONS, "include_usage",
                  &r->param[LG_P_INCLUDE_USAGE]);
}

/* A gateway wants the usage whether or not its caller does. */
void lg_openai_stream_write(struct lg_writer *w, const struct lg_ir_request *r)
{
    const struct lg_ir_val *const usage = &r->param[LG_P_INCLUDE_USAGE];
    const int stream = lg_ir_true(&r->param[LG_P_STREAM]);
    struct lg_bridge *const bridge = w->c->bridge;

    if (bridge) {
        bridge->stream = stream;
        bridge->wants_usage = lg_ir_true(usage);
    }
    if (w->own) {
        if (usage->kind != LG_JSON_NONE)
            lg_put(w, "'stream_options':{'include_usage':%v,%x}", usage,
                   r->extra, LG_OPENAI_STREAM_OPTIONS);
    } else if (stream && !w->c->policy->no_stream_usage) {
        lg_put(w, "'stream_options':{'include_usage':true}");
    }
}

int lg_openai_end(struct lg_ctx *c, int complete, int over)
{
    if (complete)
        return 0;
    return lg_fail(c->err, LLMGW_E_TRUNCATED, NULL, "%s",
                   over ? "the stream is done without a finish_reason"
                        : "the stream ended before [DONE]");
}
