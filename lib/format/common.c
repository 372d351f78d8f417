/* SPDX-License-Identifier: MIT */
#include "lib/format/format.h"

#include "lib/json/text.h"

#include <stdarg.h>
#include <stdio.h>

const struct lg_policy lg_policy_default = {
    .anthropic_version = "2023-06-01",
    .max_tokens = 4096,
};

struct chain {
    struct lg_ctx *c;
    struct lg_ir_extra **tail;
    uint8_t level;
};

static int chain_add(void *user, struct lg_val key, struct lg_val val)
{
    struct chain *ch = user;
    struct lg_ir_extra *x = lg_arena_new(ch->c->arena, struct lg_ir_extra);

    if (!x)
        return lg_fail_mem(ch->c->err, ch->c->arena->err);
    x->key = lg_val_body(key);
    x->val = lg_ir_of(val);
    x->level = ch->level;
    *ch->tail = x;
    ch->tail = &x->next;
    return 0;
}

static struct chain chain_at(struct lg_ctx *c, struct lg_ir_extra **extra,
                             uint8_t level)
{
    while (*extra)
        extra = &(*extra)->next;
    return (struct chain){c, extra, level};
}

int lg_fields(struct lg_ctx *c, struct lg_val obj, const char *const *names,
              size_t n, struct lg_val *out, struct lg_ir_extra **extra,
              uint8_t level)
{
    struct chain ch;

    if (!extra)
        return lg_val_members(obj, names, n, out, NULL, NULL, c->err);
    ch = chain_at(c, extra, level);
    return lg_val_members(obj, names, n, out, chain_add, &ch, c->err);
}

int lg_extra_add(struct lg_ctx *c, struct lg_ir_extra **extra,
                 struct lg_val key, struct lg_val val, uint8_t level)
{
    struct chain ch = chain_at(c, extra, level);

    return chain_add(&ch, key, val);
}

void lg_extra_write(const struct lg_ctx *c, struct lg_jw *w,
                    const struct lg_ir_extra *extra, uint8_t level,
                    const struct lg_format *origin)
{
    if (origin != c->self)
        return;
    for (; extra; extra = extra->next) {
        if (extra->level != level)
            continue;
        lg_jw_key_body(w, extra->key);
        lg_ir_write(w, &extra->val);
    }
}

int lg_extra_lose(struct lg_ctx *c, const struct lg_ir_extra *extra,
                  const struct lg_format *origin)
{
    const char *reason = NULL;
    int rc = 0;

    if (origin == c->self || !c->losses)
        return 0;
    for (; extra && !rc; extra = extra->next) {
        if (!lg_ir_has(&extra->val))
            continue;
        if (!reason)
            reason = lg_reason(c, "unknown to %s", c->self->name);
        rc = lg_lose(c->losses, extra->val.tok, LG_DROPPED, reason);
    }
    return rc;
}

/* The text of a value that was itself text inside a string. It is written
 * whole or, without memory, not at all; out->err tells. */
static void write_inner(struct lg_jw *w, struct lg_str body)
{
    struct lg_buf tmp;

    if (!body.n || !memchr(body.p, '\\', body.n)) {
        lg_jw_raw(w, body);
        return;
    }
    lg_buf_init(&tmp, w->out->max);
    if (!lg_json_unescape(&tmp, body, LG_TO_JSON))
        lg_jw_raw(w, lg_buf_span(&tmp));
    else if (!w->out->err)
        w->out->err = tmp.err;
    lg_buf_done(&tmp);
}

void lg_ir_write(struct lg_jw *w, const struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE)
        lg_jw_null(w);
    else if (v->in_string)
        write_inner(w, v->s);
    else if (v->kind == LG_JSON_STRING)
        lg_jw_body(w, v->s);
    else
        lg_jw_raw(w, v->s);
}

void lg_ir_member(struct lg_jw *w, const char *name, const struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE)
        return;
    lg_jw_key(w, name);
    lg_ir_write(w, v);
}

const char *lg_reason(struct lg_ctx *c, const char *fmt, ...)
{
    char text[LG_TEXT_MAX];
    const char *out;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0)
        n = 0;
    else if ((size_t)n >= sizeof(text))
        n = sizeof(text) - 1;
    /* In `keep`: the report outlives the frame. A loss without its reason is
     * better than no report. */
    out = lg_arena_dup(c->keep, lg_str_from(text, (size_t)n));
    return out ? out : "";
}
