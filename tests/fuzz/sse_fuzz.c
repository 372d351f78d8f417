/* SPDX-License-Identifier: MIT
 *
 * The first byte says how many bytes of split plan follow; the rest is a
 * stream. However it is cut, the frames hold every byte of it, and the events
 * are those of a reader too simple to be wrong. */
#include <llmgw/llmgw.h>
#include <stdlib.h>

#include "lib/wire/sse.h"

#define CEILING ((size_t)1 << 26)
#define SMALL   64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static void note(struct lg_buf *events, struct lg_str event, struct lg_str data)
{
    if (!data.p)
        return;
    lg_buf_printf(events, "%zu %zu ", event.n, data.n);
    lg_buf_str(events, event);
    lg_buf_str(events, data);
}

/* ---- the simple reader: a line at a time, everything copied ------------- */

struct simple {
    struct lg_buf line, event, data, *events;
    int has_data;
};

static void simple_field(struct simple *s)
{
    struct lg_str line = lg_buf_span(&s->line), value = LG_STR("");
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;

    if (colon) {
        value = lg_str_from(colon + 1, line.n - 1 - (size_t)(colon - line.p));
        line.n = (size_t)(colon - line.p);
        if (value.n && *value.p == ' ') {
            value.p++;
            value.n--;
        }
    }
    if (lg_str_is(line, "event")) {
        lg_buf_reset(&s->event);
        lg_buf_str(&s->event, value);
    } else if (lg_str_is(line, "data")) {
        if (s->has_data)
            lg_buf_byte(&s->data, '\n');
        lg_buf_str(&s->data, value);
        s->has_data = 1;
    }
}

static void simple_dispatch(struct simple *s)
{
    const struct lg_str none = {NULL, 0};

    note(s->events, lg_buf_span(&s->event),
         s->has_data ? lg_buf_span(&s->data) : none);
    lg_buf_reset(&s->event);
    lg_buf_reset(&s->data);
    s->has_data = 0;
}

static void simple_line(struct simple *s, int first)
{
    if (s->line.n)
        simple_field(s);
    else if (!first) /* a lone BOM is no blank line to us */
        simple_dispatch(s);
    lg_buf_reset(&s->line);
}

static void read_simply(struct lg_str in, struct lg_buf *events)
{
    const int bom = lg_str_starts(in, LG_STR("\xEF\xBB\xBF"));
    struct simple s = {.events = events};
    int first = bom;

    lg_buf_init(&s.line, CEILING);
    lg_buf_init(&s.event, CEILING);
    lg_buf_init(&s.data, CEILING);
    for (size_t i = bom ? 3 : 0; i < in.n; i++) {
        if (in.p[i] != '\n' && in.p[i] != '\r') {
            lg_buf_byte(&s.line, in.p[i]);
            continue;
        }
        if (in.p[i] == '\r' && i + 1 < in.n && in.p[i + 1] == '\n')
            i++;
        simple_line(&s, first);
        first = 0;
    }
    if (s.line.n)
        simple_field(&s);
    simple_dispatch(&s);
    lg_buf_done(&s.line);
    lg_buf_done(&s.event);
    lg_buf_done(&s.data);
}

/* ---- the one under test ------------------------------------------------- */

static int drain(struct lg_sse *s, struct lg_buf *events, struct lg_buf *raw,
                 size_t max)
{
    struct lg_frame f;
    int rc;

    while ((rc = lg_sse_next(s, &f)) == 1) {
        must(f.raw.n > 0 && f.raw.n <= max && f.event.p);
        lg_buf_str(raw, f.raw);
        note(events, f.event, f.data);
    }
    return rc;
}

static int read_cut(struct lg_str in, struct lg_str plan, size_t max,
                    struct lg_buf *events)
{
    struct lg_buf raw;
    struct lg_frame f;
    struct lg_sse s;
    int rc = 0;

    lg_sse_init(&s, max);
    lg_buf_init(&raw, CEILING);
    for (size_t at = 0, i = 0, n; at < in.n && !rc; at += n, i++) {
        char *piece;

        n = plan.n ? (unsigned char)plan.p[i % plan.n] + 1u : in.n;
        if (n > in.n - at)
            n = in.n - at;
        piece = malloc(n);
        must(piece != NULL);
        memcpy(piece, in.p + at, n);
        lg_sse_feed(&s, piece, n);
        rc = drain(&s, events, &raw, max);
        must(rc < 0 || lg_sse_peek(&s).n == 0);
        free(piece);
    }
    if (!rc && lg_sse_end(&s, &f) == 1) {
        lg_buf_str(&raw, f.raw);
        note(events, f.event, f.data);
    }
    must(raw.n <= in.n && (!raw.n || memcmp(raw.p, in.p, raw.n) == 0));
    must(rc ? lg_sse_end(&s, &f) == rc : raw.n == in.n);
    lg_buf_done(&raw);
    lg_sse_done(&s);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct lg_str plan, in;
    struct lg_buf want, got;

    if (n == 0)
        return 0;
    plan = lg_str_from((const char *)data + 1, data[0] < n ? data[0] : n - 1);
    in = lg_str_from(plan.p + plan.n, n - 1 - plan.n);
    lg_buf_init(&want, CEILING);
    lg_buf_init(&got, CEILING);
    read_simply(in, &want);
    must(read_cut(in, LG_STR(""), CEILING, &got) == 0);
    must(lg_str_same(lg_buf_span(&want), lg_buf_span(&got)));
    lg_buf_reset(&got);
    must(read_cut(in, plan, CEILING, &got) == 0);
    must(lg_str_same(lg_buf_span(&want), lg_buf_span(&got)));
    lg_buf_reset(&got);
    n = (size_t)read_cut(in, plan, SMALL, &got);
    must(n == 0 || n == (size_t)LLMGW_E_LIMIT);
    must(got.n <= want.n && (!got.n || !memcmp(got.p, want.p, got.n)));
    lg_buf_done(&want);
    lg_buf_done(&got);
    return 0;
}
