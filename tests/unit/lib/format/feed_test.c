/* SPDX-License-Identifier: MIT */
#include "lib/format/feed.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/json/read.h"

/* A format of our own, so that the feed is tested and nothing else:
 * {"t":TEXT,"p":PADDING} is text, {"k":"part"|"end"|"error"|"two"} the rest. */
struct toy {
    int part;
};

static int toy_text(struct lg_ctx *c, const struct toy *toy, struct lg_val root,
                    struct lg_ir_sink *sink)
{
    const struct lg_str text = lg_val_body(lg_val_get(root, "t"));
    const struct lg_ir_event ev = {
        .kind = LG_EV_TEXT, .index = toy->part, .text = text};

    c->plain = 1;
    c->hole = lg_val_body(lg_val_get(root, "p"));
    return text.n ? sink->put(sink, &ev) : 0;
}

static int toy_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                          struct lg_ir_sink *sink)
{
    struct toy *toy = dec;
    struct lg_ir_event ev = {.kind = LG_EV_PING, .index = -1};
    struct lg_json *doc = lg_arena_new(c->arena, struct lg_json);
    struct lg_val root, kind;
    int rc = doc ? lg_json_read(doc, c->arena, f->data, c->err) : LLMGW_E_NOMEM;

    if (rc < 0)
        return rc;
    root = lg_json_root(doc);
    kind = lg_val_get(root, "k");
    if (lg_val_get(root, "t").doc)
        return toy_text(c, toy, root, sink);
    if (lg_val_is(kind, "part")) {
        ev.kind = LG_EV_PART_END;
        ev.index = toy->part++;
    } else if (lg_val_is(kind, "end")) {
        ev.kind = LG_EV_END;
    } else if (lg_val_is(kind, "error")) {
        ev.kind = LG_EV_ERROR;
    } else if (lg_val_is(kind, "two")) {
        rc = sink->put(sink, &ev);
    }
    return rc < 0 ? rc : sink->put(sink, &ev);
}

static int toy_end(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    (void)dec;
    (void)sink;
    return lg_fail(c->err, LLMGW_E_TRUNCATED, NULL, "no end");
}

static const struct lg_format toy_format = {
    .name = "toy",
    .decoder_size = sizeof(struct toy),
    .read_event = toy_read_event,
    .end_events = toy_end,
};

/* A sink that writes "KIND.INDEX:TEXT|", and fails at the nth event. */
struct log {
    struct lg_ir_sink sink;
    char text[4096];
    size_t n, events, fail_at;
};

static int log_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct log *log = (struct log *)self;

    if (++log->events == log->fail_at)
        return LLMGW_E_CALLBACK;
    log->n += (size_t)snprintf(log->text + log->n, sizeof(log->text) - log->n,
                               "%d.%d:%.*s|", ev->kind, ev->index,
                               (int)ev->text.n, ev->text.p ? ev->text.p : "");
    assert_true(log->n < sizeof(log->text));
    return 0;
}

struct world {
    struct lg_arena keep;
    struct lg_err err;
    struct lg_feed feed;
    struct log log;
};

static void begin(struct world *w, size_t max)
{
    struct lg_ctx ctx = {.keep = &w->keep, .err = &w->err};

    *w = (struct world){.log = {.sink = {log_put}}};
    lg_arena_init(&w->keep, 0, 65536);
    ctx.keep = &w->keep;
    assert_int_equal(lg_feed_init(&w->feed, &toy_format, &ctx, max), 0);
}

static void finish(struct world *w)
{
    lg_feed_done(&w->feed);
    lg_arena_done(&w->keep);
}

/* Feed and read; the last result of lg_feed_next(), which is not 1. */
static int feed(struct world *w, const char *p, size_t n)
{
    int rc;

    lg_feed_bytes(&w->feed, p, n);
    while ((rc = lg_feed_next(&w->feed, &w->log.sink)) == 1)
        continue;
    return rc;
}

static int feed_text(struct world *w, const char *text)
{
    return feed(w, text, strlen(text));
}

static void expect(struct world *w, const char *text, unsigned by_template,
                   unsigned by_tape)
{
    assert_string_equal(w->log.text, text);
    assert_int_equal(w->feed.by_template, by_template);
    assert_int_equal(w->feed.by_tape, by_tape);
}

#define FRAME(json) "event: e\ndata: " json "\n\n"
#define TEXT(t)     FRAME("{\"t\":\"" t "\"}")
#define PART        FRAME("{\"k\":\"part\"}")
#define END         FRAME("{\"k\":\"end\"}")

static void repeats_take_the_template_road(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") TEXT("bc") TEXT("d")), 0);
    expect(&w, "2.0:a|2.0:bc|2.0:d|", 2, 1);
    finish(&w);
}

static void frame_of_a_hit_is_whole(void **state)
{
    static const char one[] = TEXT("first"), two[] = TEXT("second, longer");
    struct world w;
    struct lg_frame tape;

    (void)state;
    begin(&w, 1000);
    lg_feed_bytes(&w.feed, one, sizeof(one) - 1);
    assert_int_equal(lg_feed_next(&w.feed, &w.log.sink), 1);
    tape = w.feed.frame;
    assert_int_equal(lg_feed_next(&w.feed, &w.log.sink), 0);
    lg_feed_bytes(&w.feed, two, sizeof(two) - 1);
    assert_int_equal(lg_feed_next(&w.feed, &w.log.sink), 1);
    assert_int_equal(w.feed.by_template, 1);
    assert_ptr_equal(w.feed.frame.raw.p, two);
    assert_int_equal(w.feed.frame.raw.n, sizeof(two) - 1);
    assert_true(lg_str_same(w.feed.frame.event, tape.event));
    assert_true(
        lg_str_same(w.feed.frame.data, LG_STR("{\"t\":\"second, longer\"}")));
    finish(&w);
}

static void holes_and_padding_vary(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    /* the first has no padding to learn from, the second has */
    assert_int_equal(
        feed_text(&w, FRAME("{\"p\":\"xy\",\"t\":\"a\"}")
                          FRAME("{\"p\":\"\",\"t\":\"b\"   }")
                              FRAME("{\"p\":\"0\",\"t\":\"c\" }")
                                  FRAME("{\"p\":\"\\n\",\"t\":\"d\"}")),
        0);
    expect(&w, "2.0:a|2.0:b|2.0:c|2.0:d|", 2, 2);
    finish(&w);
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, FRAME("{\"t\":\"a\",  \"p\":\"x  y\"}")
                                       FRAME("{\"t\":\"b\", \"p\":\"\"}") FRAME(
                                           "{\"t\":\"c\",\"p\":\"   \"}")),
                     0);
    expect(&w, "2.0:a|2.0:b|2.0:c|", 2, 1);
    finish(&w);
}

static void escapes_and_utf8_in_the_leaf(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") TEXT("\\\"q\\\\")
                                       TEXT("\\u00e9\\/\\b\\n") TEXT("\xC3\xA9")
                                           TEXT("0123456789abcdef\xF0\x9F\x98"
                                                "\x80"
                                                "0123456789abcdef\\t")),
                     0);
    expect(&w,
           "2.0:a|2.0:\\\"q\\\\|2.0:\\u00e9\\/\\b\\n|2.0:\xC3\xA9|"
           "2.0:0123456789abcdef\xF0\x9F\x98\x80"
           "0123456789abcdef\\t|",
           4, 1);
    finish(&w);
}

/* What is no JSON must not pass because it looks like a template. */
static void bad_bodies_miss(void **state)
{
    static const char *const bad[] = {
        TEXT("\\x"),
        TEXT("\\u12g4"),
        TEXT("\\u12"),
        TEXT("\x01"),
        TEXT("\xFF"),
        TEXT("\xC3"),
        TEXT("\xED\xA0\x80"),
        TEXT("\xF4\x90\x80\x80"),
        TEXT("a\tb"),
        TEXT("\xC3\xA9\x02"),
        TEXT("0123456789abcdef\x1f"),
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bad); i++) {
        struct world w;

        begin(&w, 1000);
        assert_int_equal(feed_text(&w, TEXT("a")), 0);
        assert_int_equal(feed_text(&w, bad[i]), LLMGW_E_PROTOCOL);
        assert_int_equal(w.err.code, LLMGW_E_PROTOCOL);
        expect(&w, "2.0:a|", 0, 2);
        finish(&w);
    }
}

static void empty_leaf_is_left_to_the_format(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") TEXT("") TEXT("b")), 0);
    expect(&w, "2.0:a|2.0:b|", 1, 2);
    finish(&w);
}

static void open_and_close_forget(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") PART TEXT("b") TEXT("c")), 0);
    /* the part's number is in no byte of the frame */
    expect(&w, "2.0:a|8.0:|2.1:b|2.1:c|", 1, 3);
    finish(&w);
}

static void pings_do_not_forget(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") FRAME("{}") ": comment\n\n" FRAME(
                                       "{\"k\":\"two\"}") TEXT("b")),
                     0);
    expect(&w, "2.0:a|12.-1:|12.-1:|12.-1:|2.0:b|", 1, 3);
    finish(&w);
}

static void many_shapes_take_turns(void **state)
{
    static const char *const shapes[] = {
        FRAME("{\"t\":\"%c\"}"),         FRAME("{\"t\":\"%c\",\"a\":1}"),
        FRAME("{\"t\":\"%c\",\"a\":2}"), FRAME("{\"t\":\"%c\",\"a\":3}"),
        FRAME("{\"t\":\"%c\",\"a\":4}"), FRAME("{\"t\":\"%c\",\"a\":5}"),
    };
    struct world w;
    char want[256] = "";

    (void)state;
    begin(&w, 1000);
    for (int i = 0; i < 24; i++) {
        const char leaf = (char)('a' + i);
        char frame[80];
        size_t n = 0;

        for (const char *p = shapes[i % 6]; *p; p++) {
            if (*p == '%')
                p++;
            frame[n++] = p[0] == 'c' && p[-1] == '%' ? leaf : *p;
        }
        snprintf(want + strlen(want), sizeof(want) - strlen(want), "2.0:%c|",
                 leaf);
        assert_int_equal(feed(&w, frame, n), 0);
    }
    assert_string_equal(w.log.text, want);
    assert_int_equal(w.feed.by_template + w.feed.by_tape, 24);
    assert_int_equal(w.feed.ntpl, LG_TEMPLATES);
    finish(&w);
}

static const char sample[] =
    TEXT("a") TEXT("b\\n") ": note\n\n" TEXT("\xE2\x82\xAC") PART
    "data: {\"t\":\n"
    "data: \"x\"}\n\n" FRAME("{\"t\":\"c\",\"p\":\"1\"}")
        FRAME("{\"t\":\"d\",\"p\":\"\"}") END TEXT("late");
static const char sample_events[] =
    "2.0:a|2.0:b\\n|2.0:\xE2\x82\xAC|8.0:|2.1:x|2.1:c|2.1:d|11.-1:|";

static void any_split_gives_the_same(void **state)
{
    const size_t n = sizeof(sample) - 1;
    struct world w;

    (void)state;
    for (size_t at = 0; at <= n; at++) {
        begin(&w, 1000);
        assert_int_equal(feed(&w, sample, at), 0);
        assert_int_equal(feed(&w, sample + at, n - at), 0);
        assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), 0);
        expect(&w, sample_events, 3, 5);
        assert_true(w.feed.complete);
        finish(&w);
    }
    for (size_t step = 1; step < 20; step++) {
        begin(&w, 1000);
        for (size_t at = 0; at < n; at += step)
            assert_int_equal(
                feed(&w, sample + at, n - at < step ? n - at : step), 0);
        assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), 0);
        expect(&w, sample_events, 3, 5);
        finish(&w);
    }
}

static void line_ends_of_any_kind(void **state)
{
    static const char *const ends[] = {"\r\n", "\r"};

    (void)state;
    for (size_t e = 0; e < LG_COUNT(ends); e++) {
        char text[2 * sizeof(sample)];
        size_t n = 0;
        struct world w;

        for (const char *p = sample; *p; p++) {
            const char *c = *p == '\n' ? ends[e] : p;

            for (size_t i = 0; i < (c == p ? 1 : strlen(c)); i++)
                text[n++] = c[i];
        }
        for (size_t at = 0; at <= n; at++) {
            begin(&w, 1000);
            assert_int_equal(feed(&w, text, at), 0);
            assert_int_equal(feed(&w, text + at, n - at), 0);
            assert_string_equal(w.log.text, sample_events);
            assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), 0);
            finish(&w);
        }
    }
}

static void byte_order_mark_is_not_learnt(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, "\xEF\xBB\xBF"
                                   "data: {\"t\":\"a\"}\n\n"
                                   "data: {\"t\":\"b\"}\n\n"
                                   "data: {\"t\":\"c\"}\n\n"),
                     0);
    expect(&w, "2.0:a|2.0:b|2.0:c|", 1, 2);
    finish(&w);
}

static void templates_can_be_off(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    w.feed.max_tpl = 0;
    assert_int_equal(feed(&w, sample, sizeof(sample) - 1), 0);
    expect(&w, sample_events, 0, 8);
    finish(&w);
}

static void nothing_is_read_after_the_end(void **state)
{
    static const char text[] = END TEXT("a") FRAME("{\"broken\"");
    struct world w;
    int frames = 0, rc;

    (void)state;
    begin(&w, 1000);
    lg_feed_bytes(&w.feed, text, sizeof(text) - 1);
    while ((rc = lg_feed_next(&w.feed, &w.log.sink)) == 1)
        frames++;
    assert_int_equal(rc, 0);
    assert_int_equal(frames, 3);
    expect(&w, "11.-1:|", 0, 1);
    assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), 0);
    finish(&w);
}

static void an_error_is_no_end(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") FRAME("{\"k\":\"error\"}") END),
                     0);
    expect(&w, "2.0:a|13.-1:|", 0, 2);
    assert_false(w.feed.complete);
    assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), LLMGW_E_TRUNCATED);
    finish(&w);
}

static void what_stands_at_the_end_is_read(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") "data: {\"k\":\"end\"}"), 0);
    assert_false(w.feed.complete);
    assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), 0);
    expect(&w, "2.0:a|11.-1:|", 0, 2);
    assert_true(lg_str_same(w.feed.frame.raw, LG_STR("data: {\"k\":\"end\"}")));
    finish(&w);
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a") "data: {\"k\":\"en"), 0);
    assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), LLMGW_E_TRUNCATED);
    assert_int_equal(w.err.code, LLMGW_E_TRUNCATED);
    assert_string_equal(w.log.text, "2.0:a|");
    finish(&w);
    begin(&w, 1000);
    assert_int_equal(feed_text(&w, TEXT("a")), 0);
    assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), LLMGW_E_TRUNCATED);
    finish(&w);
}

static void failure_is_for_good(void **state)
{
    struct world w;

    (void)state;
    for (size_t at = 1; at <= 2; at++) { /* by tape, by template */
        begin(&w, 1000);
        w.log.fail_at = at;
        assert_int_equal(feed_text(&w, TEXT("a") TEXT("b") TEXT("c")),
                         LLMGW_E_CALLBACK);
        assert_int_equal(w.log.events, at);
        assert_int_equal(lg_feed_next(&w.feed, &w.log.sink), LLMGW_E_CALLBACK);
        assert_int_equal(lg_feed_end(&w.feed, &w.log.sink), LLMGW_E_CALLBACK);
        assert_int_equal(w.log.events, at);
        finish(&w);
    }
}

static void a_frame_has_its_ceiling(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 40);
    assert_int_equal(feed_text(&w, TEXT("a") TEXT("b")), 0);
    assert_int_equal(feed_text(&w, TEXT("0123456789012345678901234567890")),
                     LLMGW_E_LIMIT);
    assert_int_equal(w.err.code, LLMGW_E_LIMIT);
    expect(&w, "2.0:a|2.0:b|", 1, 1);
    finish(&w);
}

static void scratch_is_kept(void **state)
{
    struct world w;
    const struct lg_block *block;

    (void)state;
    begin(&w, 1000);
    w.feed.max_tpl = 0;
    assert_int_equal(feed_text(&w, TEXT("a")), 0);
    block = w.feed.scratch.head;
    assert_non_null(block);
    for (int i = 0; i < 100; i++)
        assert_int_equal(feed_text(&w, TEXT("b")), 0);
    assert_ptr_equal(w.feed.scratch.head, block);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_take_the_template_road),
        cmocka_unit_test(frame_of_a_hit_is_whole),
        cmocka_unit_test(holes_and_padding_vary),
        cmocka_unit_test(escapes_and_utf8_in_the_leaf),
        cmocka_unit_test(bad_bodies_miss),
        cmocka_unit_test(empty_leaf_is_left_to_the_format),
        cmocka_unit_test(open_and_close_forget),
        cmocka_unit_test(pings_do_not_forget),
        cmocka_unit_test(many_shapes_take_turns),
        cmocka_unit_test(any_split_gives_the_same),
        cmocka_unit_test(line_ends_of_any_kind),
        cmocka_unit_test(byte_order_mark_is_not_learnt),
        cmocka_unit_test(templates_can_be_off),
        cmocka_unit_test(nothing_is_read_after_the_end),
        cmocka_unit_test(an_error_is_no_end),
        cmocka_unit_test(what_stands_at_the_end_is_read),
        cmocka_unit_test(failure_is_for_good),
        cmocka_unit_test(a_frame_has_its_ceiling),
        cmocka_unit_test(scratch_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
