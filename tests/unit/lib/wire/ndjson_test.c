/* SPDX-License-Identifier: MIT */
#include "lib/wire/ndjson.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAX (1u << 20)

/* What came out of a stream: {DATA} of each line, `-` for an empty one, a `~`
 * before what the end of the body cut off; and all bytes of all frames. */
struct seen {
    struct lg_sse sse;
    struct lg_buf lines, raw;
    int rc;
};

static void seen_init(struct seen *s, size_t max)
{
    lg_sse_init(&s->sse, max);
    lg_buf_init(&s->lines, MAX);
    lg_buf_init(&s->raw, MAX);
    s->rc = 0;
}

static void seen_done(struct seen *s)
{
    lg_sse_done(&s->sse);
    lg_buf_done(&s->lines);
    lg_buf_done(&s->raw);
}

static void note(struct seen *s, const struct lg_frame *f)
{
    assert_true(f->raw.n > 0);
    assert_non_null(f->event.p);
    assert_int_equal(f->event.n, 0);
    lg_buf_str(&s->raw, f->raw);
    if (!f->data.p) {
        lg_buf_byte(&s->lines, '-');
        return;
    }
    assert_true(f->data.p >= f->raw.p &&
                f->data.p + f->data.n <= f->raw.p + f->raw.n);
    lg_buf_byte(&s->lines, '{');
    lg_buf_str(&s->lines, f->data);
    lg_buf_byte(&s->lines, '}');
}

/* Every piece has memory of its own, which is gone when the next one comes. */
static void feed(struct seen *s, const char *p, size_t n)
{
    struct lg_frame f;
    char *piece = malloc(n ? n : 1);

    assert_non_null(piece);
    memcpy(piece, p, n);
    lg_sse_feed(&s->sse, piece, n);
    while ((s->rc = lg_ndjson_next(&s->sse, &f)) == 1)
        note(s, &f);
    free(piece);
}

static void end(struct seen *s)
{
    struct lg_frame f;

    if (s->rc == 0 && lg_ndjson_end(&s->sse, &f) == 1) {
        lg_buf_byte(&s->lines, '~');
        note(s, &f);
    }
    assert_int_equal(lg_ndjson_end(&s->sse, &f), s->rc);
}

static void check(struct lg_str in, size_t first, size_t step, const char *want)
{
    struct seen s;

    seen_init(&s, MAX);
    for (size_t at = 0, n = first; at < in.n; at += n, n = step) {
        if (n > in.n - at)
            n = in.n - at;
        feed(&s, in.p + at, n);
        assert_int_equal(s.rc, 0);
    }
    end(&s);
    assert_string_equal(lg_buf_span(&s.lines).p, want);
    assert_int_equal(s.raw.n, in.n);
    assert_memory_equal(lg_buf_span(&s.raw).p, in.p, in.n);
    seen_done(&s);
}

static const struct {
    struct lg_str in;
    const char *want;
} vectors[] = {
    {{"", 0}, ""},
    {{"{}\n", 3}, "{{}}"},
    {{"{}\r\n", 4}, "{{}}"},
    {{"1\n2\n3\n", 6}, "{1}{2}{3}"},
    {{"1\r\n2\n3\r\n", 8}, "{1}{2}{3}"},
    {{"1\n\n2\n", 5}, "{1}-{2}"},
    {{"\r\n1\n \t\r\n", 8}, "-{1}-"},
    {{"\n", 1}, "-"},
    {{" 1 \n\t2\r \n", 9}, "{1}{2}"},
    /* a CR alone ends no line */
    {{"[1,\r2]\n", 7}, "{[1,\r2]}"},
    /* the last line need not end */
    {{"1", 1}, "~{1}"},
    {{"1\n2", 3}, "{1}~{2}"},
    {{"1\r", 2}, "~{1}"},
    {{"1\n ", 3}, "{1}~-"},
    /* bytes are bytes */
    {{"\xFF\x01\xC3\xA9\n\xE2\x80\xA8\n", 9},
     "{\xFF\x01\xC3\xA9}{\xE2\x80\xA8}"},
};

static void lines_are_frames_however_they_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(vectors); i++) {
        const struct lg_str in = vectors[i].in;

        check(in, in.n, in.n, vectors[i].want);
        check(in, 1, 1, vectors[i].want);
        check(in, 2, 3, vectors[i].want);
        for (size_t at = 1; at < in.n; at++)
            check(in, at, in.n, vectors[i].want);
    }
}

static void a_line_has_a_ceiling(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 8; step++) {
        struct lg_frame f;
        struct seen s;

        seen_init(&s, 8);
        for (size_t at = 0; at < 8; at += step)
            feed(&s, &"1234567\n"[at], step < 8 - at ? step : 8 - at);
        assert_string_equal(lg_buf_span(&s.lines).p, "{1234567}");
        for (size_t at = 0; at < 9 && !s.rc; at += step)
            feed(&s, &"12345678\n"[at], step < 9 - at ? step : 9 - at);
        assert_int_equal(s.rc, LLMGW_E_LIMIT);
        lg_sse_feed(&s.sse, "1\n", 2); /* for good */
        assert_int_equal(lg_ndjson_next(&s.sse, &f), LLMGW_E_LIMIT);
        assert_int_equal(lg_ndjson_end(&s.sse, &f), LLMGW_E_LIMIT);
        seen_done(&s);
    }
}

static void what_comes_can_be_seen_and_stepped_over(void **state)
{
    struct lg_sse s;
    struct lg_frame f;

    (void)state;
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, "1\n2\n3", 5);
    assert_int_equal(lg_sse_peek(&s).n, 0); /* not before the first */
    assert_int_equal(lg_ndjson_next(&s, &f), 1);
    assert_true(lg_str_is(lg_sse_peek(&s), "2\n3"));
    lg_sse_skip(&s, 2);
    assert_int_equal(lg_ndjson_next(&s, &f), 0);
    lg_sse_feed(&s, "\n4\n", 3);
    assert_int_equal(lg_sse_peek(&s).n, 0); /* some of it is carried */
    assert_int_equal(lg_ndjson_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "3"));
    assert_true(lg_str_is(lg_sse_peek(&s), "4\n"));
    lg_sse_reset(&s);
    lg_sse_feed(&s, "5\n", 2);
    assert_int_equal(lg_ndjson_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "5"));
    lg_sse_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_frames_however_they_come),
        cmocka_unit_test(a_line_has_a_ceiling),
        cmocka_unit_test(what_comes_can_be_seen_and_stepped_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
