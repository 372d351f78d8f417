/* SPDX-License-Identifier: MIT */
#include "lib/wire/sse.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/json/read.h"
#include "lib/json/text.h"
#include "tests/support/files.h"

#define MAX (1u << 20)
#define BOM "\xEF\xBB\xBF"

/* What came out of a stream: frames with data as NAME{DATA}, one that the end
 * of the body cut off with a `~` before it, and all bytes of all frames. */
struct seen {
    struct lg_sse sse;
    struct lg_buf events, raw;
    size_t frames;
    int rc;
};

static void seen_init(struct seen *s, size_t max)
{
    lg_sse_init(&s->sse, max);
    lg_buf_init(&s->events, SIZE_MAX / 4);
    lg_buf_init(&s->raw, SIZE_MAX / 4);
    s->frames = 0;
    s->rc = 0;
}

static void seen_done(struct seen *s)
{
    lg_sse_done(&s->sse);
    lg_buf_done(&s->events);
    lg_buf_done(&s->raw);
}

static void note(struct seen *s, const struct lg_frame *f)
{
    s->frames++;
    assert_true(f->raw.n > 0);
    lg_buf_str(&s->raw, f->raw);
    assert_non_null(f->event.p);
    if (!f->data.p)
        return;
    lg_buf_str(&s->events, f->event);
    lg_buf_byte(&s->events, '{');
    lg_buf_str(&s->events, f->data);
    lg_buf_byte(&s->events, '}');
}

/* Every piece has memory of its own, which is gone when the next one comes. */
static void feed(struct seen *s, const char *p, size_t n)
{
    struct lg_frame f;
    char *piece = malloc(n ? n : 1);

    assert_non_null(piece);
    memcpy(piece, p, n);
    lg_sse_feed(&s->sse, piece, n);
    while ((s->rc = lg_sse_next(&s->sse, &f)) == 1)
        note(s, &f);
    free(piece);
}

static void end(struct seen *s)
{
    struct lg_frame f;

    if (s->rc == 0 && lg_sse_end(&s->sse, &f) == 1) {
        if (f.data.p)
            lg_buf_byte(&s->events, '~');
        note(s, &f);
    }
    assert_int_equal(lg_sse_end(&s->sse, &f), s->rc < 0 ? s->rc : 0);
}

/* Feed in pieces of `step` bytes, the first of `first`; look at the outcome. */
static void check(struct lg_str in, size_t first, size_t step,
                  struct lg_str want)
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
    if (!lg_str_same(lg_buf_span(&s.events), want))
        print_error("first %zu step %zu: got %s\n", first, step,
                    lg_buf_span(&s.events).p);
    assert_int_equal(s.events.n, want.n);
    assert_memory_equal(lg_buf_span(&s.events).p, want.p, want.n);
    assert_int_equal(s.raw.n, in.n);
    assert_memory_equal(lg_buf_span(&s.raw).p, in.p, in.n);
    seen_done(&s);
}

/* Whole, at every single place cut in two, and in pieces of 1, 2, 3, 7. */
static void check_all_splits(struct lg_str in, struct lg_str want)
{
    check(in, in.n, in.n, want);
    for (size_t at = 0; at <= in.n; at++)
        check(in, at, in.n, want);
    check(in, 1, 1, want);
    check(in, 2, 2, want);
    check(in, 3, 3, want);
    check(in, 1, 7, want);
}

struct vector {
    struct lg_str in, want;
};
#define VECTOR(in, want)         \
    {                            \
        LG_STR(in), LG_STR(want) \
    }

static const struct vector vectors[] = {
    VECTOR("", ""),
    VECTOR("\n", ""),
    VECTOR("\r", ""),
    VECTOR("\r\n", ""),
    VECTOR("\n\n\n", ""),
    VECTOR("data: x\n\n", "{x}"),
    VECTOR("data:x\n\n", "{x}"),
    VECTOR("data:  x \n\n", "{ x }"),
    VECTOR("data\n\n", "{}"),
    VECTOR("data:\n\n", "{}"),
    VECTOR("data: \n\n", "{}"),
    VECTOR("data: x\r\rdata: y\r\r", "{x}{y}"),
    VECTOR("data: x\r\n\r\ndata: y\r\n\r\n", "{x}{y}"),
    VECTOR("data: x\n\r\ndata: y\r\n\ndata: z\r\r\n", "{x}{y}{z}"),
    VECTOR("data: x\r\r\n\r\n\n\rdata: y\n\r", "{x}{y}"),
    VECTOR("event: a\ndata: x\n\n", "a{x}"),
    VECTOR("event: a\r\ndata: x\r\n\r\n", "a{x}"),
    VECTOR("data: x\nevent: a\n\n", "a{x}"),
    VECTOR("event: a\nevent: b\ndata: x\n\n", "b{x}"),
    VECTOR("event: a\nevent\ndata: x\n\n", "{x}"),
    VECTOR("event: ping\n\ndata: x\n\n", "{x}"),
    VECTOR("event: a\ndata: x\n\ndata: y\n\n", "a{x}{y}"),
    /* several lines */
    VECTOR("data: {\ndata: \"a\":1\ndata: }\n\n", "{{\n\"a\":1\n}}"),
    VECTOR("data\ndata\n\n", "{\n}"),
    VECTOR("data:a\ndata:\ndata:b\n\ndata:c\ndata:d\n\n", "{a\n\nb}{c\nd}"),
    VECTOR("data: a\r\ndata: b\r\revent: e\rdata: c\r\r", "{a\nb}e{c}"),
    /* comments, other fields, names that only look alike */
    VECTOR(": OPENROUTER PROCESSING\n\ndata: x\n\n", "{x}"),
    VECTOR(":\n:\n\n:\ndata: x\n: y\n\n", "{x}"),
    VECTOR("id: 1\nretry: 10\ndata: x\nfoo: bar\nbaz\n\n", "{x}"),
    VECTOR("Data: x\ndatax: y\n data: z\ndata : u\nda: v\n\n", ""),
    VECTOR("events: x\nEvent: y\neven: z\ndata: d\n\n", "{d}"),
    VECTOR("data: event: x\ndata: data: y\n\n", "{event: x\ndata: y}"),
    /* BOM: at the start of the stream and nowhere else */
    VECTOR(BOM "data: x\n\ndata: y\n\n", "{x}{y}"),
    VECTOR(BOM "event: a\r\ndata: x\r\n\r\n", "a{x}"),
    VECTOR(BOM "\ndata: x\n\n", "{x}"),
    VECTOR(BOM BOM "data: x\n\ndata: y\n\n", "{y}"),
    VECTOR("data: x\n\n" BOM "data: y\n\n", "{x}"),
    VECTOR("\n" BOM "data: x\n\n", ""),
    VECTOR(BOM "\r\n\r\n", ""),
    VECTOR("\xEF\xBB"
           "data: x\n\n",
           ""),
    /* what ends no line */
    VECTOR("data: a\xE2\x80\xA8"
           "b\xE2\x80\xA9"
           "c\xC2\x85"
           "d\v\f\x1c\x1e\n\n",
           "{a\xE2\x80\xA8"
           "b\xE2\x80\xA9"
           "c\xC2\x85"
           "d\v\f\x1c\x1e}"),
    VECTOR("data: a\tb\t\0c\x01\n\n", "{a\tb\t\0c\x01}"),
    /* bytes are bytes */
    VECTOR("data: \xF0\x9F\x98\x80\xC3\xA9\n\n", "{\xF0\x9F\x98\x80\xC3\xA9}"),
    VECTOR("data: \xFF\xC3\n\n", "{\xFF\xC3}"),
    /* the body ends */
    VECTOR("data: x", "~{x}"),
    VECTOR("data: x\n", "~{x}"),
    VECTOR("data: x\r", "~{x}"),
    VECTOR("data: x\r\n", "~{x}"),
    VECTOR("data: x\n\nevent: a\ndata: y\ndata: z", "{x}~a{y\nz}"),
    VECTOR("data: x\n\nevent: a", "{x}"),
    VECTOR("data: x\n\n: bye", "{x}"),
    VECTOR("data: x\n\ndat", "{x}"),
    VECTOR(BOM, ""),
    VECTOR(BOM "data: x", "~{x}"),
    VECTOR("data: [DONE]\n\n", "{[DONE]}"),
};

static void test_vectors_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(vectors); i++)
        check_all_splits(vectors[i].in, vectors[i].want);
}

/* Lines of all lengths around the width of a vector register. */
static void test_line_lengths(void **state)
{
    static const char *const eols[] = {"\n", "\r", "\r\n"};
    char pad[100], in[600], want[300];

    (void)state;
    memset(pad, 'x', sizeof(pad));
    for (int n = 0; n < (int)sizeof(pad); n++) {
        for (size_t i = 0; i < LG_COUNT(eols); i++) {
            const char *e = eols[i];

            snprintf(in, sizeof(in), "event: %.*s%sdata: {%.*s}%s%sdata: 2%s%s",
                     n, pad, e, n, pad, e, e, e, e);
            snprintf(want, sizeof(want), "%.*s{{%.*s}}{2}", n, pad, n, pad);
            check(lg_str_of(in), strlen(in), 1, lg_str_of(want));
            check(lg_str_of(in), 17, 33, lg_str_of(want));
            check(lg_str_of(in), 1, 1, lg_str_of(want));
        }
    }
}

/* A CR that ends a read ends its frame at once; its LF comes with the next. */
static void test_cr_does_not_wait(void **state)
{
    static const char one[] = "data: x\r\n\r", two[] = "\ndata: y\r\n\r\n";
    struct lg_sse s;
    struct lg_frame f;

    (void)state;
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, one, sizeof(one) - 1);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "x"));
    assert_true(lg_str_is(f.raw, one));
    assert_int_equal(lg_sse_next(&s, &f), 0);
    lg_sse_feed(&s, two, sizeof(two) - 1);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "y"));
    assert_true(lg_str_is(f.raw, two));
    assert_int_equal(lg_sse_next(&s, &f), 0);
    assert_int_equal(lg_sse_end(&s, &f), 0);
    lg_sse_done(&s);
}

static void test_comments_are_a_frame_without_data(void **state)
{
    static const char in[] = ": ping\n\nevent: e\n\ndata:\n\n";
    struct lg_sse s;
    struct lg_frame f;

    (void)state;
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, in, sizeof(in) - 1);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_null(f.data.p);
    assert_int_equal(f.event.n, 0);
    assert_true(lg_str_is(f.raw, ": ping\n\n"));
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_null(f.data.p);
    assert_true(lg_str_is(f.event, "e"));
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_non_null(f.data.p);
    assert_int_equal(f.data.n, 0);
    assert_int_equal(lg_sse_next(&s, &f), 0);
    lg_sse_done(&s);
}

static void test_whole_frames_are_not_copied(void **state)
{
    static const char in[] = "event: a\ndata: x\n\ndata: y\r\n\r\n: z\n\n";
    struct lg_sse s;
    struct lg_frame f;
    size_t at = 0;

    (void)state;
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, in, sizeof(in) - 1);
    while (lg_sse_next(&s, &f) == 1) {
        assert_ptr_equal(f.raw.p, in + at);
        assert_true(!f.data.p ||
                    (f.data.p > f.raw.p && f.data.p < f.raw.p + f.raw.n));
        at += f.raw.n;
    }
    assert_int_equal(at, sizeof(in) - 1);
    assert_null(s.carry.p);
    assert_null(s.joined.p);
    lg_sse_done(&s);
}

static void test_peek_and_skip(void **state)
{
    static const char in[] = "data: 1\n\ndata: 2\n\ndata: 3\n\nda";
    struct lg_sse s;
    struct lg_frame f;

    (void)state;
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, in, sizeof(in) - 1);
    assert_int_equal(lg_sse_peek(&s).n, 0); /* a BOM might stand there */
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_ptr_equal(lg_sse_peek(&s).p, in + 9);
    assert_int_equal(lg_sse_peek(&s).n, sizeof(in) - 1 - 9);
    lg_sse_skip(&s, 9);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "3"));
    assert_int_equal(lg_sse_next(&s, &f), 0);
    assert_int_equal(lg_sse_peek(&s).n, 0);
    lg_sse_feed(&s, "ta: 4\n\ndata: 5\r\r", 16);
    assert_int_equal(lg_sse_peek(&s).n, 0); /* within a frame */
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.raw, "data: 4\n\n"));
    assert_int_equal(lg_sse_peek(&s).n, 9);
    assert_true(lg_str_is(f.data, "4"));
    assert_int_equal(lg_sse_next(&s, &f), 1);
    lg_sse_feed(&s, "\ndata: 6\n\n", 10);
    assert_int_equal(lg_sse_peek(&s).n, 0); /* the LF of a CR */
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.data, "6"));
    lg_sse_done(&s);
}

static void test_reset(void **state)
{
    static const char in[] = BOM "data: 1\n\n";
    struct lg_sse s;
    struct lg_frame f;

    (void)state;
    lg_sse_init(&s, 16);
    lg_sse_feed(&s, "data: way too long a line", 25);
    assert_int_equal(lg_sse_next(&s, &f), LLMGW_E_LIMIT);
    lg_sse_reset(&s);
    assert_int_equal(lg_sse_next(&s, &f), 0);
    lg_sse_feed(&s, "data: 1\r\n\r", 10);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    lg_sse_feed(&s, "\ndata", 5);
    assert_int_equal(lg_sse_next(&s, &f), 0);
    lg_sse_reset(&s);
    lg_sse_feed(&s, in, sizeof(in) - 1);
    assert_int_equal(lg_sse_next(&s, &f), 1);
    assert_true(lg_str_is(f.raw, in));
    assert_true(lg_str_is(f.data, "1"));
    lg_sse_done(&s);
}

/* A frame of exactly the ceiling passes, one byte more fails and stays so,
 * whether its end has been seen or not. */
static void test_ceiling(void **state)
{
#define X64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const struct lg_str fits = LG_STR("data: " X64 "\n\n"),
                               over = LG_STR("data: " X64 "x\n\n"),
                               open = LG_STR("data: " X64 "xyz"),
                               lines = LG_STR("data: " X64 "\ndata: " X64);
    const struct lg_str *const bad[] = {&over, &open, &lines};
    struct seen s;

    (void)state;
    for (size_t step = 1; step <= over.n; step++) {
        seen_init(&s, fits.n);
        for (size_t at = 0; at < fits.n; at += step)
            feed(&s, fits.p + at, fits.n - at < step ? fits.n - at : step);
        assert_int_equal(s.rc, 0);
        assert_int_equal(s.frames, 1);
        for (size_t i = 0; i < LG_COUNT(bad); i++) {
            lg_sse_reset(&s.sse);
            s.rc = 0;
            for (size_t at = 0; at < bad[i]->n && !s.rc; at += step)
                feed(&s, bad[i]->p + at,
                     bad[i]->n - at < step ? bad[i]->n - at : step);
            assert_int_equal(s.rc, LLMGW_E_LIMIT);
            feed(&s, "data: x\n\n", 9);
            assert_int_equal(s.rc, LLMGW_E_LIMIT);
            end(&s);
            assert_int_equal(s.frames, 1);
        }
        seen_done(&s);
    }
}

/* 4 MB in 64-byte reads, as one line and as many: hours if anything were
 * looked at again with every read. */
static void test_long_frames_in_small_pieces(void **state)
{
    const size_t n = 4u << 20;
    char *in = malloc(n);
    struct lg_frame f;
    struct lg_sse s;

    (void)state;
    assert_non_null(in);
    for (int lines = 0; lines < 2; lines++) {
        const char *unit = lines ? "data: x\n" : "xxxxxxxx";

        memcpy(in, "data: x\n", 8);
        for (size_t at = 8; at < n; at += 8)
            memcpy(in + at, unit, 8);
        if (!lines)
            memcpy(in + 7, "y", 1);
        in[n - 2] = in[n - 1] = '\n';
        lg_sse_init(&s, n);
        for (size_t at = 0; at < n; at += 64) {
            lg_sse_feed(&s, in + at, 64);
            if (at + 64 < n)
                assert_int_equal(lg_sse_next(&s, &f), 0);
        }
        assert_int_equal(lg_sse_next(&s, &f), 1);
        assert_int_equal(f.raw.n, n);
        assert_memory_equal(f.raw.p, in, n);
        assert_int_equal(f.data.n, lines ? n / 4 - 2 : n - 8);
        lg_sse_done(&s);
    }
    free(in);
}

/* ---- reference cases ---------------------------------------------------- */

static size_t unhex(struct lg_str hex, char *out)
{
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        char pair[3] = {hex.p[i], hex.p[i + 1], 0};

        out[i / 2] = (char)strtoul(pair, NULL, 16);
    }
    return hex.n / 2;
}

static void expect(struct lg_buf *want, struct lg_val events)
{
    struct lg_iter it = lg_iter_of(events);

    while (lg_iter_next(&it)) {
        const struct lg_val name = lg_val_get(it.val, "event");

        if (!lg_val_is(name, "message"))
            lg_json_unescape(want, lg_val_body(name), LG_TO_TEXT);
        lg_buf_byte(want, '{');
        lg_json_unescape(want, lg_val_body(lg_val_get(it.val, "data")),
                         LG_TO_TEXT);
        lg_buf_byte(want, '}');
    }
}

static void check_reference(struct lg_val c, size_t step)
{
    const struct lg_str hex = lg_val_body(lg_val_get(c, "bytes_hex"));
    struct lg_buf want, got;
    struct seen s;
    char *in = malloc(hex.n + 1);
    size_t n;

    assert_non_null(in);
    n = unhex(hex, in);
    seen_init(&s, MAX);
    lg_buf_init(&want, MAX);
    lg_buf_init(&got, MAX);
    for (size_t at = 0; at < n; at += step)
        feed(&s, in + at, n - at < step ? n - at : step);
    expect(&want, lg_val_get(c, "events"));
    lg_utf8_repair(&got, lg_buf_span(&s.events));
    assert_string_equal(lg_buf_span(&got).p, lg_buf_span(&want).p);
    assert_int_equal(got.n, want.n);
    lg_buf_done(&want);
    lg_buf_done(&got);
    seen_done(&s);
    free(in);
}

static void test_reference(void **state)
{
    const char *dir = reference_path();
    struct lg_arena a;
    struct lg_json doc;
    struct lg_iter it;
    char path[4096], *text;
    size_t n = 0, cases = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/providers/sse/sse_cases.json",
             dir ? dir : "");
    text = dir ? file_read(path, &n) : NULL;
    if (!text) {
        print_message("no reference data: sse_cases.json\n");
        skip();
    }
    lg_arena_init(&a, 0, SIZE_MAX / 4);
    assert_int_equal(lg_json_read(&doc, &a, lg_str_from(text, n), NULL), 0);
    it = lg_iter_of(lg_val_get(lg_json_root(&doc), "cases"));
    for (; lg_iter_next(&it); cases++)
        for (size_t step = 1; step < 12; step++)
            check_reference(it.val, step < 11 ? step : MAX);
    assert_true(cases > 0);
    lg_arena_done(&a);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_at_every_split),
        cmocka_unit_test(test_line_lengths),
        cmocka_unit_test(test_cr_does_not_wait),
        cmocka_unit_test(test_comments_are_a_frame_without_data),
        cmocka_unit_test(test_whole_frames_are_not_copied),
        cmocka_unit_test(test_peek_and_skip),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_long_frames_in_small_pieces),
        cmocka_unit_test(test_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
