/* SPDX-License-Identifier: MIT */
#include "lib/wire/eventstream.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/json/read.h"
#include "lib/json/text.h"
#include "tests/support/files.h"

#define MAX (1u << 26)

/* What came out of a stream: frames as KIND NAME{DATA}, and all bytes of all
 * frames. */
struct seen {
    struct lg_sse s;
    struct lg_buf frames, raw;
    int rc;
};

static void note(struct seen *seen, const struct lg_frame *f)
{
    assert_true(f->raw.n >= 16);
    assert_non_null(f->event.p);
    assert_non_null(f->data.p);
    lg_buf_str(&seen->raw, f->raw);
    lg_buf_int(&seen->frames, f->kind);
    lg_buf_byte(&seen->frames, ' ');
    lg_buf_str(&seen->frames, f->event);
    lg_buf_byte(&seen->frames, '{');
    lg_buf_str(&seen->frames, f->data);
    lg_buf_byte(&seen->frames, '}');
}

/* Every piece has memory of its own, which is gone when the next one comes. */
static void feed(struct seen *seen, const char *p, size_t n)
{
    struct lg_frame f;
    char *piece = malloc(n ? n : 1);

    assert_non_null(piece);
    memcpy(piece, p, n);
    lg_sse_feed(&seen->s, piece, n);
    while ((seen->rc = lg_eventstream_next(&seen->s, &f)) == 1)
        note(seen, &f);
    if (seen->rc < 0) /* for good */
        assert_int_equal(lg_eventstream_next(&seen->s, &f), seen->rc);
    free(piece);
}

/* Read `in`: first a piece of `first` bytes, then pieces of `step`. */
static void look(struct seen *seen, struct lg_str in, size_t first, size_t step,
                 size_t max)
{
    struct lg_frame f;

    lg_sse_init(&seen->s, max);
    lg_buf_init(&seen->frames, MAX);
    lg_buf_init(&seen->raw, MAX);
    seen->rc = 0;
    for (size_t at = 0, n; at < in.n && seen->rc >= 0; at += n) {
        n = at ? step : first;
        if (!n || n > in.n - at)
            n = in.n - at;
        feed(seen, in.p + at, n);
    }
    if (seen->rc >= 0)
        seen->rc = lg_eventstream_end(&seen->s, &f);
    assert_int_equal(lg_eventstream_end(&seen->s, &f), seen->rc);
}

static void forget(struct seen *seen)
{
    lg_sse_done(&seen->s);
    lg_buf_done(&seen->frames);
    lg_buf_done(&seen->raw);
}

/* Whole, split at every byte, byte by byte: one result. Cut at every byte:
 * a beginning of it, and told to be cut off unless between two messages. */
static void read_in_all_ways(struct lg_str in, int rc, const char *frames)
{
    struct seen whole, part;

    look(&whole, in, 0, 0, MAX);
    if (whole.rc != rc)
        fail_msg("%d is not %d\n%.200s", whole.rc, rc, whole.frames.p);
    if (frames)
        assert_string_equal(whole.frames.n ? whole.frames.p : "", frames);
    if (!rc) {
        assert_int_equal(whole.raw.n, in.n);
        assert_memory_equal(whole.raw.p, in.p, in.n);
    }
    for (size_t at = 0; at <= in.n && in.n < 20000; at++) {
        const size_t step = at ? 0 : 1; /* 0: a byte at a time */

        look(&part, in, at ? at : 1, step, MAX);
        assert_int_equal(part.rc, rc);
        assert_true(
            lg_str_same(lg_buf_span(&part.frames), lg_buf_span(&whole.frames)));
        forget(&part);
        look(&part, lg_str_from(in.p, at), 0, 0, MAX);
        assert_true(lg_str_starts(lg_buf_span(&whole.frames),
                                  lg_buf_span(&part.frames)));
        if (part.raw.n < at && part.rc >= 0)
            fail_msg("cut at %zu and not told", at);
        if (!rc && part.rc)
            assert_int_equal(part.rc, LLMGW_E_TRUNCATED);
        forget(&part);
    }
    forget(&whole);
}

/* ---- by hand -------------------------------------------------------------- */

static void test_crc(void **state)
{
    /* The check value of CRC-32/ISO-HDLC, through the writer: the CRC of a
     * message is the last thing in it. */
    struct lg_buf b;
    uint32_t crc = 0xFFFFFFFF;
    size_t begin;

    (void)state;
    lg_buf_init(&b, MAX);
    lg_buf_lit(&b, "before");
    begin = lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("e"));
    assert_int_equal(begin, 6);
    lg_buf_lit(&b, "123456789");
    lg_eventstream_finish(&b, begin);
    for (size_t i = begin; i < b.n - 4; i++) {
        crc ^= (unsigned char)b.p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal((unsigned char)b.p[b.n - 4 + i],
                         crc >> (24 - 8 * i) & 0xFF);
    lg_buf_done(&b);
}

static void test_what_is_written_is_read(void **state)
{
    struct lg_buf b;
    struct lg_frame f;
    struct lg_header h;
    struct lg_str headers;
    struct lg_sse s;
    size_t begin;

    (void)state;
    lg_buf_init(&b, MAX);
    begin = lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("messageStart"));
    lg_buf_lit(&b, "{}");
    lg_eventstream_finish(&b, begin);
    begin = lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("empty"));
    lg_eventstream_finish(&b, begin);
    begin = lg_eventstream_begin(&b, LG_FRAME_EXCEPTION, LG_STR("wrong"));
    lg_buf_lit(&b, "{\"message\":\"m\"}");
    lg_eventstream_finish(&b, begin);
    read_in_all_ways(lg_buf_span(&b), 0,
                     "0 messageStart{{}}0 empty{}1 wrong{{\"message\":\"m\"}}");
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, b.p, b.n);
    assert_int_equal(lg_eventstream_next(&s, &f), 1);
    headers = lg_eventstream_headers(&f);
    assert_int_equal(lg_header_next(&headers, &h), 1);
    assert_true(lg_str_is(h.name, ":event-type"));
    assert_true(lg_str_is(h.value, "messageStart"));
    assert_int_equal(lg_header_next(&headers, &h), 1);
    assert_true(lg_str_is(h.name, ":content-type"));
    assert_true(lg_str_is(h.value, "application/json"));
    assert_int_equal(lg_header_next(&headers, &h), 1);
    assert_true(lg_str_is(h.name, ":message-type"));
    assert_int_equal(h.type, LG_HEADER_STRING);
    assert_int_equal(lg_header_next(&headers, &h), 0);
    lg_sse_done(&s);
    lg_buf_done(&b);
}

static void test_ceilings(void **state)
{
    struct lg_buf b;
    struct seen seen;

    (void)state;
    lg_buf_init(&b, MAX);
    lg_eventstream_finish(
        &b, lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("e")));
    look(&seen, lg_buf_span(&b), 0, 0, b.n);
    assert_int_equal(seen.rc, 0);
    forget(&seen);
    look(&seen, lg_buf_span(&b), 0, 0, b.n - 1);
    assert_int_equal(seen.rc, LLMGW_E_LIMIT);
    forget(&seen);
    /* told by its prelude alone */
    look(&seen, lg_str_from(b.p, 12), 0, 0, b.n - 1);
    assert_int_equal(seen.rc, LLMGW_E_LIMIT);
    assert_int_equal(seen.s.carry.n, 0);
    forget(&seen);
    lg_buf_done(&b);
    lg_buf_init(&b, 60); /* not enough for what is written */
    lg_eventstream_finish(
        &b, lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("e")));
    assert_int_equal(b.err, LLMGW_E_LIMIT);
    lg_buf_done(&b);
}

/* Every bit of a message counts. */
static void test_one_bit_is_enough(void **state)
{
    struct lg_buf b;
    struct seen seen;
    size_t begin;

    (void)state;
    lg_buf_init(&b, MAX);
    begin = lg_eventstream_begin(&b, LG_FRAME_EVENT, LG_STR("e"));
    lg_buf_lit(&b, "payload");
    lg_eventstream_finish(&b, begin);
    for (size_t bit = 0; bit < b.n * 8; bit++) {
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
        look(&seen, lg_buf_span(&b), 0, 0, MAX);
        assert_int_equal(seen.rc, LLMGW_E_PROTOCOL);
        assert_int_equal(seen.frames.n, 0);
        forget(&seen);
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
    }
    lg_buf_done(&b);
}

static void test_headers_out_of_shape(void **state)
{
    static const struct lg_str bad[] = {
        LG_STR("\0\0"),    /* no name */
        LG_STR("\3ab"),    /* name cut off */
        LG_STR("\1a"),     /* no type */
        LG_STR("\1a\12"),  /* no such type */
        LG_STR("\1a\377"), /* ... by far */
        LG_STR("\1a\2"),   /* no value */
        LG_STR("\1a\5\0\0\0\0\0\0\0"),
        LG_STR("\1a\7\0"),    /* no length */
        LG_STR("\1a\7\0\2x"), /* value cut off */
        LG_STR("\1a\11123456789abcdef"),
    };
    struct lg_header h;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        struct lg_str rest = bad[i];

        assert_int_equal(lg_header_next(&rest, &h), LLMGW_E_PROTOCOL);
    }
}

/* ---- vectors -------------------------------------------------------------- */

static const char *reference(const char *rel)
{
    static char path[4096];
    const char *dir = reference_path();
    const char *ci = getenv("CI");

    if (!dir) {
        if (ci && strcmp(ci, "true") == 0)
            fail_msg("no reference data");
        print_message("no reference data\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/providers/eventstream/%s", dir, rel);
    return path;
}

static unsigned nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void add_hex(struct lg_buf *out, struct lg_str hex)
{
    for (size_t i = 0; i + 1 < hex.n; i += 2)
        lg_buf_byte(out, (char)(nibble(hex.p[i]) << 4 | nibble(hex.p[i + 1])));
}

static struct lg_val find_header(struct lg_val headers, struct lg_str name)
{
    struct lg_iter it = lg_iter_of(headers);

    while (lg_iter_next(&it))
        if (lg_str_same(lg_val_body(it.key), name))
            return it.val;
    fail_msg("a header that is not there: %.*s", (int)name.n, name.p);
    return headers;
}

static void check_header(const struct lg_header *h, struct lg_val want)
{
    const struct lg_val type = lg_val_get(want, "type");
    const struct lg_val value = lg_val_get(want, "value");
    struct lg_buf bytes;
    int64_t n = 0;

    if (lg_val_is(type, "bool")) {
        assert_int_equal(h->type, lg_val_kind(value) == LG_JSON_TRUE
                                      ? LG_HEADER_TRUE
                                      : LG_HEADER_FALSE);
        assert_int_equal(h->number, lg_val_kind(value) == LG_JSON_TRUE);
    } else if (lg_val_is(type, "int")) {
        assert_int_equal(lg_val_int(value, &n), 0);
        assert_int_equal(h->number, n);
    } else if (lg_val_is(type, "string")) {
        assert_int_equal(h->type, LG_HEADER_STRING);
        assert_true(lg_str_same(h->value, lg_val_body(value)));
    } else {
        lg_buf_init(&bytes, MAX);
        add_hex(&bytes, lg_val_body(lg_val_get(want, "hex")));
        assert_true(lg_str_same(h->value, lg_buf_span(&bytes)));
        lg_buf_done(&bytes);
    }
}

static void check_good(struct lg_val v, struct lg_str bytes)
{
    struct lg_iter it = lg_iter_of(lg_val_get(v, "headers"));
    struct lg_buf payload;
    struct lg_frame f;
    struct lg_header h;
    struct lg_str headers;
    struct lg_sse s;
    size_t n = 0;

    read_in_all_ways(bytes, 0, NULL);
    lg_sse_init(&s, MAX);
    lg_sse_feed(&s, bytes.p, bytes.n);
    assert_int_equal(lg_eventstream_next(&s, &f), 1);
    headers = lg_eventstream_headers(&f);
    while (lg_header_next(&headers, &h) > 0) {
        check_header(&h, find_header(lg_val_get(v, "headers"), h.name));
        n++;
    }
    while (lg_iter_next(&it))
        n--;
    assert_int_equal(n, 0);
    lg_buf_init(&payload, MAX);
    add_hex(&payload, lg_val_body(lg_val_get(v, "payload_hex")));
    if (f.kind == LG_FRAME_ERROR) {
        assert_true(lg_str_is(f.event, "code"));
        assert_true(lg_str_is(f.data, "message"));
    } else {
        assert_true(lg_str_same(f.data, lg_buf_span(&payload)));
    }
    lg_buf_done(&payload);
    lg_sse_done(&s);
}

static void vector_bytes(struct lg_val v, struct lg_buf *out)
{
    const struct lg_val prefix = lg_val_get(v, "hex_prefix");
    int64_t n = 0;

    lg_buf_init(out, MAX);
    if (!prefix.doc) {
        add_hex(out, lg_val_body(lg_val_get(v, "hex")));
        return;
    }
    add_hex(out, lg_val_body(prefix));
    lg_val_int(lg_val_get(v, "payload_fill_count"), &n);
    while (n-- > 0)
        lg_buf_byte(out, '0');
    add_hex(out, lg_val_body(lg_val_get(v, "message_crc")));
}

static void test_botocore_vectors(void **state)
{
    const char *path = reference("botocore_vectors.json");
    size_t n = 0, good = 0, bad = 0;
    char *text = file_read(path, &n);
    struct lg_arena arena;
    struct lg_json doc;
    struct lg_iter it;
    struct lg_buf b;

    (void)state;
    assert_non_null(text);
    lg_arena_init(&arena, 0, MAX);
    assert_int_equal(lg_json_read(&doc, &arena, lg_str_from(text, n), NULL), 0);
    it = lg_iter_of(lg_val_get(lg_json_root(&doc), "positive"));
    for (; lg_iter_next(&it); good++) {
        vector_bytes(it.val, &b);
        check_good(it.val, lg_buf_span(&b));
        lg_buf_done(&b);
    }
    it = lg_iter_of(lg_val_get(lg_json_root(&doc), "negative"));
    for (; lg_iter_next(&it); bad++) {
        const struct lg_val error = lg_val_get(it.val, "error");

        vector_bytes(it.val, &b);
        read_in_all_ways(lg_buf_span(&b),
                         lg_val_is(error, "InvalidPayloadLength")
                             ? LLMGW_E_LIMIT
                             : LLMGW_E_PROTOCOL,
                         "");
        lg_buf_done(&b);
    }
    assert_int_equal(good, 9);
    assert_int_equal(bad, 7);
    lg_arena_done(&arena);
    free(text);
}

static void read_file(const char *rel, int rc, const char *frames)
{
    size_t n = 0;
    char *text = file_read(reference(rel), &n);

    assert_non_null(text);
    read_in_all_ways(lg_str_from(text, n), rc, frames);
    free(text);
}

static void test_smithy_vectors(void **state)
{
    (void)state;
    read_file("smithy-rs/valid_empty_payload.bin", 0, NULL);
    read_file("smithy-rs/valid_no_headers.bin", 0, NULL);
    read_file("smithy-rs/valid_with_all_headers_and_payload.bin", 0, NULL);
    read_file("smithy-rs/invalid_header_name_length.bin", LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_header_name_length_too_long.bin",
              LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_header_string_length_cut_off.bin",
              LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_header_string_value_length.bin",
              LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_header_value_type.bin", LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_headers_length.bin", LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_message_checksum.bin", LLMGW_E_PROTOCOL, "");
    read_file("smithy-rs/invalid_prelude_checksum.bin", LLMGW_E_PROTOCOL, "");
}

static void test_bedrock_streams(void **state)
{
    (void)state;
    read_file("bedrock-made/converse_stream_text.bin", 0, NULL);
    read_file("bedrock-made/converse_stream_thinking_tool.bin", 0, NULL);
    read_file("bedrock-made/converse_stream_throttled_midway.bin", 0, NULL);
    read_file("bedrock-made/converse_stream_unmodeled_error.bin", 0, NULL);
    read_file("bedrock-made/invoke_stream_anthropic.bin", 0, NULL);
    read_file("bedrock-made/invoke_stream_model_error.bin", 0, NULL);
    read_file("bedrock-made/bad_message_crc.bin", LLMGW_E_PROTOCOL, NULL);
    read_file("bedrock-made/bad_prelude_crc.bin", LLMGW_E_PROTOCOL, NULL);
    read_file("bedrock-made/truncated_frame.bin", LLMGW_E_TRUNCATED, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_one_bit_is_enough),
        cmocka_unit_test(test_headers_out_of_shape),
        cmocka_unit_test(test_botocore_vectors),
        cmocka_unit_test(test_smithy_vectors),
        cmocka_unit_test(test_bedrock_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
