/* SPDX-License-Identifier: MIT */
#include "lib/wire/ndjson.h"

#include <llmgw/llmgw.h>

static int line(struct lg_sse *s, struct lg_str raw, struct lg_frame *out)
{
    const struct lg_str data = lg_str_trim(raw);

    *out = (struct lg_frame){.raw = raw,
                             .event = LG_STR(""),
                             .data = data.n ? data : (struct lg_str){0}};
    s->started = 1;
    s->carry.n = 0; /* the bytes stay until more are carried */
    return 1;
}

int lg_ndjson_next(struct lg_sse *s, struct lg_frame *out)
{
    const struct lg_str in = s->window;
    const char *lf = in.n ? memchr(in.p, '\n', in.n) : NULL;
    struct lg_str raw = {in.p, lf ? (size_t)(lf - in.p) + 1 : in.n};

    if (s->carry.err || !in.n)
        return s->carry.err;
    if (raw.n > s->carry.max)
        return s->carry.err = LLMGW_E_LIMIT;
    lg_sse_skip(s, raw.n);
    if (!lf || s->carry.n) {
        if (lg_buf_str(&s->carry, raw))
            return s->carry.err;
        raw = lg_buf_span(&s->carry);
    }
    return lf ? line(s, raw, out) : 0;
}

int lg_ndjson_end(struct lg_sse *s, struct lg_frame *out)
{
    if (s->carry.err || !s->carry.n)
        return s->carry.err;
    return line(s, lg_buf_span(&s->carry), out);
}
