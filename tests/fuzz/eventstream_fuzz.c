/* SPDX-License-Identifier: MIT
 *
 * Byte 0 says which, byte 1 how the stream is cut. Even: the rest is a stream,
 * read whole and in pieces, and headers. Odd: the rest is lines of NAME JSON,
 * put into messages, which are read and converted. */
#include <llmgw/llmgw.h>
#include <stdlib.h>

#include "lib/format/convert.h"
#include "lib/wire/eventstream.h"

#define CEILING ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static void note(struct lg_buf *out, const struct lg_frame *f)
{
    struct lg_str headers = lg_eventstream_headers(f);
    struct lg_header h;
    int rc;

    must(f->raw.n >= 16 && f->event.p && f->data.p);
    while ((rc = lg_header_next(&headers, &h)) > 0)
        must(h.name.n > 0 && h.value.p);
    must(rc == 0);
    lg_buf_printf(out, "%d %zu %zu ", f->kind, f->event.n, f->data.n);
    lg_buf_str(out, f->event);
    lg_buf_str(out, f->data);
}

/* Read in pieces of `step`, each in memory of its own. */
static int look(struct lg_str in, size_t step, struct lg_buf *out)
{
    struct lg_frame f;
    struct lg_sse s;
    int rc = 0;

    lg_sse_init(&s, CEILING);
    for (size_t at = 0, n; at < in.n && rc >= 0; at += n) {
        char *piece;

        n = step < in.n - at ? step : in.n - at;
        piece = malloc(n);
        must(piece != NULL);
        memcpy(piece, in.p + at, n);
        lg_sse_feed(&s, piece, n);
        while ((rc = lg_eventstream_next(&s, &f)) > 0)
            note(out, &f);
        must(rc < 0 || s.window.n == 0);
        free(piece);
    }
    if (rc >= 0)
        rc = lg_eventstream_end(&s, &f);
    must(lg_eventstream_end(&s, &f) == rc);
    lg_sse_done(&s);
    return rc;
}

static void read_bytes(struct lg_str in, size_t step)
{
    struct lg_buf want, got;
    struct lg_header h;
    struct lg_str rest = in;

    while (lg_header_next(&rest, &h) > 0)
        must(rest.n < in.n);
    lg_buf_init(&want, CEILING);
    lg_buf_init(&got, CEILING);
    must(look(in, in.n + 1, &want) == look(in, step, &got));
    must(lg_str_same(lg_buf_span(&want), lg_buf_span(&got)));
    lg_buf_done(&want);
    lg_buf_done(&got);
}

static void add_line(struct lg_buf *out, struct lg_str line)
{
    const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
    struct lg_str name = line, json = LG_STR("");
    size_t begin;
    int wrong = line.n && *line.p == '!';

    if (space) {
        name.n = (size_t)(space - line.p);
        json = lg_str_from(space + 1, line.n - name.n - 1);
    }
    begin = lg_eventstream_begin(
        out, wrong ? LG_FRAME_EXCEPTION : LG_FRAME_EVENT, name);
    lg_buf_str(out, json);
    lg_eventstream_finish(out, begin);
}

static int convert(const struct lg_format *to, struct lg_str text, size_t step,
                   struct lg_buf *out)
{
    struct lg_convert_stream s;
    struct lg_losses losses;
    struct lg_arena arena;
    struct lg_err err = {0};
    const struct lg_conversion v = {
        .from = lg_format_by_name(LG_STR("bedrock-converse")),
        .to = to,
        .arena = &arena,
        .losses = &losses,
        .err = &err,
        .now = 1,
        .through_ir = 1};
    int rc;

    lg_arena_init(&arena, 0, CEILING);
    lg_losses_init(&losses, &arena, &err, 0);
    rc = lg_convert_stream_init(&s, &v, CEILING);
    for (size_t at = 0, n; rc >= 0 && at < text.n; at += n) {
        n = text.n - at < step ? text.n - at : step;
        rc = lg_convert_stream_feed(&s, text.p + at, n);
        lg_buf_str(out, lg_buf_span(&s.frames.bytes));
    }
    if (rc >= 0) {
        rc = lg_convert_stream_end(&s);
        lg_buf_str(out, lg_buf_span(&s.frames.bytes));
    }
    must(rc <= 0 && (rc == 0 || err.code == rc));
    lg_convert_stream_done(&s);
    lg_arena_done(&arena);
    return rc;
}

/* In pieces of whatever size, to every format. */
static void read_lines(struct lg_str in, size_t step)
{
    struct lg_buf bytes, whole, pieces;

    lg_buf_init(&bytes, CEILING);
    while (in.n) {
        const char *eol = memchr(in.p, '\n', in.n);
        const size_t n = eol ? (size_t)(eol - in.p) : in.n;

        add_line(&bytes, lg_str_from(in.p, n));
        in = lg_str_from(in.p + n + (eol != NULL), in.n - n - (eol != NULL));
    }
    for (size_t i = 0; lg_formats[i] && !bytes.err; i++) {
        if (lg_formats[i]->family != LG_FAMILY_CHAT)
            continue;
        lg_buf_init(&whole, CEILING);
        lg_buf_init(&pieces, CEILING);
        must(convert(lg_formats[i], lg_buf_span(&bytes), bytes.n + 1, &whole) ==
             convert(lg_formats[i], lg_buf_span(&bytes), step, &pieces));
        must(lg_str_same(lg_buf_span(&whole), lg_buf_span(&pieces)));
        lg_buf_done(&whole);
        lg_buf_done(&pieces);
    }
    lg_buf_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct lg_str in;

    if (n < 2)
        return 0;
    in = lg_str_from((const char *)data + 2, n - 2);
    if (data[0] & 1)
        read_lines(in, (size_t)data[1] + 1);
    else
        read_bytes(in, (size_t)data[1] + 1);
    return 0;
}
