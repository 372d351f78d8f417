/* SPDX-License-Identifier: MIT
 *
 * Any bytes, converted from any format to any. Byte 0: what they are; 1 and 2:
 * from which format to which; byte 3: of a stream, how it is cut. */
#include "lib/format/convert.h"

#include <stdint.h>
#include <stdlib.h>

#define MANY ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t format_count(void)
{
    size_t n = 0;

    while (lg_formats[n])
        n++;
    return n;
}

static void need(int cond)
{
    if (!cond)
        abort();
}

static int stream(const struct lg_conversion *v, struct lg_str text,
                  size_t step, unsigned max_tpl, struct lg_buf *out)
{
    struct lg_convert_stream s;
    int rc = lg_convert_stream_init(&s, v, MANY);

    s.feed.max_tpl = max_tpl;
    for (size_t at = 0, n; rc >= 0 && at < text.n; at += n) {
        n = text.n - at < step ? text.n - at : step;
        rc = lg_convert_stream_feed(&s, text.p + at, n);
        lg_buf_str(out, lg_buf_span(&s.frames.bytes));
    }
    if (rc >= 0) {
        rc = lg_convert_stream_end(&s);
        lg_buf_str(out, lg_buf_span(&s.frames.bytes));
    }
    lg_convert_stream_done(&s);
    return rc;
}

/* Neither the pieces a stream comes in nor the road its frames take matter. */
static int streams(struct lg_conversion *v, struct lg_str text, size_t step,
                   struct lg_buf *out)
{
    struct lg_buf whole;
    const int rc = stream(v, text, step, LG_TEMPLATES, out);

    lg_buf_init(&whole, MANY);
    need(stream(v, text, text.n + 1, 0, &whole) == rc);
    need(lg_str_same(lg_buf_span(&whole), lg_buf_span(out)));
    lg_buf_done(&whole);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t formats = format_count();
    struct lg_arena arena;
    struct lg_losses losses;
    struct lg_err err = {0};
    struct lg_buf out;
    struct lg_str text;
    int rc;

    if (size < 4)
        return 0;
    text = lg_str_from((const char *)data + 4, size - 4);
    lg_arena_init(&arena, 0, MANY);
    lg_buf_init(&out, MANY);
    lg_losses_init(&losses, &arena, &err, data[0] & 8);
    struct lg_conversion v = {.from = lg_formats[data[1] % formats],
                              .to = lg_formats[data[2] % formats],
                              .arena = &arena,
                              .losses = &losses,
                              .err = &err,
                              .now = 1,
                              .through_ir = 1};
    switch (data[0] & 3) {
    case 0:
        rc = lg_convert_request(&v, text, &out);
        break;
    case 1:
        rc = lg_convert_answer(&v, text, &out);
        break;
    case 2:
        rc = lg_convert_error(&v, text, data[3] * 2, &out);
        break;
    default:
        rc = streams(&v, text, (size_t)data[3] + 1, &out);
        break;
    }
    need(rc <= 0);
    need(rc == 0 || err.code == rc);
    if (rc == 0 && (data[0] & 3) != 3)
        need(lg_json_check(lg_buf_span(&out), NULL) == 0);
    lg_buf_done(&out);
    lg_arena_done(&arena);
    return 0;
}
