/* SPDX-License-Identifier: MIT */
#include "src/gateway/trace.h"

static _Thread_local int callbacks;
static atomic_int everywhere; /* spares asking for the thread's own */

void lg_callback_enter(void)
{
    atomic_fetch_add(&everywhere, 1);
    callbacks++;
}

void lg_callback_leave(void)
{
    callbacks--;
    atomic_fetch_sub(&everywhere, 1);
}

int lg_callback_running(void)
{
    return atomic_load(&everywhere) && callbacks > 0;
}

void lg_trace_str(struct llmgw_trace *t, const char *key, const char *str)
{
    if (t && str && t->n < LG_COUNT(t->field))
        t->field[t->n++] = (struct lg_trace_field){key, str, 0};
}

void lg_trace_int(struct llmgw_trace *t, const char *key, int64_t num)
{
    if (t && t->n < LG_COUNT(t->field))
        t->field[t->n++] = (struct lg_trace_field){key, NULL, num};
}

struct llmgw_trace *lg_trace_begin(struct lg_call *c, struct llmgw_trace *t,
                                   int kind)
{
    if (!c->set.trace)
        return NULL;
    t->kind = kind;
    t->n = 0;
    lg_trace_int(t, "call", (int64_t)c->id);
    lg_trace_str(t, "operation", c->op->name);
    if (c->plan.provider)
        lg_trace_str(t, "provider", c->plan.provider->name);
    lg_trace_int(t, "attempt", c->attempts);
    lg_trace_int(t, "elapsed_ms", lg_loop_now(c->loop) - c->begun);
    return t;
}

void lg_trace_end(struct lg_call *c, const struct llmgw_trace *t)
{
    if (!t)
        return;
    lg_callback_enter();
    c->set.trace(c->set.trace_user, t);
    lg_callback_leave();
}

void lg_trace_losses(struct lg_call *c)
{
    const struct lg_loss *l = c->losses.first;
    struct llmgw_trace room;

    for (size_t i = 0; l && i < c->traced; i++)
        l = l->next;
    c->traced = c->losses.n;
    for (; l && c->set.trace; l = l->next) {
        struct llmgw_trace *t = lg_trace_begin(c, &room, LLMGW_TRACE_LOSS);

        lg_trace_str(t, "pointer", l->pointer);
        lg_trace_str(t, "action",
                     lg_loss_action_name((enum lg_loss_action)l->action));
        lg_trace_str(t, "reason", l->reason);
        lg_trace_end(c, t);
    }
}

/* ---- what the host reads ----------------------------------------------- */

static const struct lg_trace_field *find(const llmgw_trace *t, const char *key)
{
    for (size_t i = 0; t && key && i < t->n; i++)
        if (strcmp(t->field[i].key, key) == 0)
            return &t->field[i];
    return NULL;
}

int llmgw_trace_kind(const llmgw_trace *t)
{
    return t ? t->kind : 0;
}

const char *llmgw_trace_str(const llmgw_trace *t, const char *key)
{
    const struct lg_trace_field *f = find(t, key);

    return f ? f->str : NULL;
}

int64_t llmgw_trace_int(const llmgw_trace *t, const char *key)
{
    const struct lg_trace_field *f = find(t, key);

    return f && !f->str ? f->num : -1;
}
