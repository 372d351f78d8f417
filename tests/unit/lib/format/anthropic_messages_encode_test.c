/* SPDX-License-Identifier: MIT
 *
 * Events of another format, written as a stream of anthropic-messages. */
#include "lib/format/anthropic_messages.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MANY ((size_t)1 << 30)

static const struct lg_format *const ours = &lg_format_anthropic_messages;

struct trial {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_ctx c;
    struct lg_frames frames;
    struct lg_buf all;
    size_t n; /* frames in all */
    void *encoder;
};

static void begin(struct trial *t)
{
    memset(t, 0, sizeof(*t));
    lg_arena_init(&t->arena, 0, MANY);
    lg_losses_init(&t->losses, &t->arena, &t->err, 0);
    lg_buf_init(&t->frames.bytes, MANY);
    lg_buf_init(&t->all, MANY);
    t->c = (struct lg_ctx){.self = ours,
                           .arena = &t->arena,
                           .keep = &t->arena,
                           .policy = &lg_policy_default,
                           .losses = &t->losses,
                           .err = &t->err};
    t->encoder = lg_arena_alloc(&t->arena, ours->encoder_size);
}

static void put(struct trial *t, struct lg_ir_event ev)
{
    size_t from = 0;

    lg_buf_reset(&t->frames.bytes);
    t->frames.n = 0;
    assert_int_equal(ours->write_event(t->encoder, &t->c, &ev, &t->frames), 0);
    for (size_t i = 0; i < t->frames.n; i++) {
        const size_t end = t->frames.end[i];

        assert_true(end >= from + 4);
        assert_memory_equal(t->frames.bytes.p + end - 2, "\n\n", 2);
        from = end;
    }
    assert_int_equal(from, t->frames.bytes.n);
    t->n += t->frames.n;
    lg_buf_str(&t->all, lg_buf_span(&t->frames.bytes));
}

/* What was written, of each frame the data. */
static void said(struct trial *t, const char *want)
{
    struct lg_buf got;
    struct lg_frame f;
    struct lg_sse sse;

    lg_buf_init(&got, MANY);
    lg_sse_init(&sse, MANY);
    lg_sse_feed(&sse, t->all.p, t->all.n);
    while (lg_sse_next(&sse, &f) > 0) {
        struct lg_json doc;

        assert_int_equal(lg_json_read(&doc, &t->arena, f.data, &t->err), 0);
        assert_true(lg_str_same(
            f.event, lg_val_body(lg_val_get(lg_json_root(&doc), "type"))));
        lg_buf_str(&got, f.data);
        lg_buf_lit(&got, "\n");
    }
    assert_string_equal(got.p, want);
    lg_sse_done(&sse);
    lg_buf_done(&got);
}

static void end(struct trial *t)
{
    lg_buf_done(&t->frames.bytes);
    lg_buf_done(&t->all);
    lg_arena_done(&t->arena);
}

/* ---- events ----------------------------------------------------------------- */

static void put_start(struct trial *t)
{
    const struct lg_ir_head head = {.id = lg_ir_word("x1"),
                                    .model = lg_ir_word("m")};

    put(t, (struct lg_ir_event){
               .kind = LG_EV_START, .index = -1, .u.head = &head});
}

static void put_part(struct trial *t, int32_t index, enum lg_part_kind kind,
                     const char *id, const char *name)
{
    struct lg_ir_part p = {.kind = (uint8_t)kind, .tok = LG_NOWHERE};

    if (id)
        p.id = lg_ir_word(id);
    if (name)
        p.name = lg_ir_word(name);
    put(t,
        (struct lg_ir_event){.kind = LG_EV_PART, .index = index, .u.part = &p});
}

static void put_piece(struct trial *t, enum lg_event_kind kind, int32_t index,
                      const char *text)
{
    put(t, (struct lg_ir_event){
               .kind = (uint8_t)kind, .index = index, .text = lg_str_of(text)});
}

static void put_stop(struct trial *t, enum lg_stop kind)
{
    const struct lg_ir_stop stop = {.kind = (uint8_t)kind};

    put(t,
        (struct lg_ir_event){.kind = LG_EV_STOP, .index = -1, .u.stop = &stop});
}

static void put_usage(struct trial *t, int64_t input, int64_t output)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;

    usage.input = input;
    usage.output = output;
    put(t, (struct lg_ir_event){
               .kind = LG_EV_USAGE, .index = -1, .u.usage = &usage});
}

#define START                                                            \
    "{\"type\":\"message_start\",\"message\":{\"id\":\"x1\",\"type\":"   \
    "\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[]," \
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"             \
    "{\"input_tokens\":0,\"output_tokens\":0}}}\n"
#define OPEN(i, block)                               \
    "{\"type\":\"content_block_start\",\"index\":" i \
    ",\"content_block\":" block "}\n"
#define TEXT_BLOCK "{\"type\":\"text\",\"text\":\"\"}"
#define CALL_BLOCK(id, name)                                    \
    "{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name \
    "\",\"input\":{}}"
#define DELTA(i, delta) \
    "{\"type\":\"content_block_delta\",\"index\":" i ",\"delta\":" delta "}\n"
#define TEXT(i, t) DELTA(i, "{\"type\":\"text_delta\",\"text\":\"" t "\"}")
#define INPUT(i, t) \
    DELTA(i, "{\"type\":\"input_json_delta\",\"partial_json\":\"" t "\"}")
#define CLOSE(i) "{\"type\":\"content_block_stop\",\"index\":" i "}\n"
#define LAST(reason, usage)                                            \
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
    "\",\"stop_sequence\":null},\"usage\":" usage                      \
    "}\n{\"type\":\"message_stop\"}\n"

/* ---- tests ------------------------------------------------------------------ */

static void usage_behind_the_stop_is_told_with_it(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_TEXT, NULL, NULL);
    put_piece(&t, LG_EV_TEXT, 0, "Hello");
    put_piece(&t, LG_EV_TEXT, 0, "");
    put_piece(&t, LG_EV_TEXT, 0, " \\\"you\\\"");
    put_piece(&t, LG_EV_PART_END, 0, "");
    put_stop(&t, LG_STOP_END);
    put_usage(&t, 5, -1);
    put_usage(&t, -1, 7);
    put_piece(&t, LG_EV_END, -1, "");
    said(&t, START OPEN("0", TEXT_BLOCK) TEXT("0", "Hello")
                 TEXT("0", " \\\"you\\\"") CLOSE("0")
                     LAST("end_turn", "{\"input_tokens\":5,"
                                      "\"output_tokens\":7}"));
    assert_int_equal(t.n, 7);
    assert_int_equal(t.losses.n, 0);
    end(&t);
}

static void calls_side_by_side_wait_for_each_other(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_TOOL_CALL, "a", "f");
    put_part(&t, 1, LG_PART_TOOL_CALL, "b", "g");
    put_part(&t, 2, LG_PART_TOOL_CALL, "c", "h");
    put_piece(&t, LG_EV_INPUT, 1, "{\\\"y\\\":");
    put_piece(&t, LG_EV_INPUT, 0, "{}");
    put_piece(&t, LG_EV_INPUT, 2, "{");
    put_piece(&t, LG_EV_PART_END, 1, "");
    assert_int_equal(t.n, 3);
    put_piece(&t, LG_EV_PART_END, 0, "");
    assert_int_equal(t.frames.n, 6);
    put_piece(&t, LG_EV_INPUT, 2, "}");
    put_stop(&t, LG_STOP_END);
    put_piece(&t, LG_EV_END, -1, "");
    said(&t, START OPEN("0", CALL_BLOCK("a", "f")) INPUT("0", "{}") CLOSE("0")
                 OPEN("1", CALL_BLOCK("b", "g")) INPUT("1", "{\\\"y\\\":")
                     CLOSE("1") OPEN("2", CALL_BLOCK("c", "h")) INPUT("2", "{")
                         INPUT("2", "}") CLOSE("2")
                             LAST("tool_use", "{\"input_tokens\":0,"
                                              "\"output_tokens\":0}"));
    end(&t);
}

static void a_refusal_is_text_and_a_reason(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_REFUSAL, NULL, NULL);
    put_piece(&t, LG_EV_REFUSAL, 0, "No.");
    put_piece(&t, LG_EV_PART_END, 0, "");
    put_stop(&t, LG_STOP_END);
    put_piece(&t, LG_EV_END, -1, "");
    said(&t, START OPEN("0", TEXT_BLOCK) TEXT("0", "No.") CLOSE("0")
                 LAST("refusal", "{\"input_tokens\":0,\"output_tokens\":0}"));
    end(&t);
}

static void text_input_stands_in_an_object(void **state)
{
    const struct lg_ir_part p = {.kind = LG_PART_TOOL_CALL,
                                 .custom = 1,
                                 .id = lg_ir_word("a"),
                                 .name = lg_ir_word("f")};
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put(&t, (struct lg_ir_event){.kind = LG_EV_PART, .index = 0, .u.part = &p});
    put_piece(&t, LG_EV_INPUT, 0, "x = \\\"1\\\"\\n");
    put_piece(&t, LG_EV_PART_END, 0, "");
    put_stop(&t, LG_STOP_TOOL);
    put_piece(&t, LG_EV_END, -1, "");
    said(&t,
         START OPEN("0", CALL_BLOCK("a", "f")) INPUT("0", "{\\\"input\\\":\\\"")
             INPUT("0", "x = \\\\\\\"1\\\\\\\"\\\\n") INPUT("0", "\\\"}")
                 CLOSE("0") LAST("tool_use", "{\"input_tokens\":0,"
                                             "\"output_tokens\":0}"));
    end(&t);
}

static void thinking_has_no_signature_but_ours(void **state)
{
    const struct lg_ir_blob theirs = {lg_ir_word("t"), "stranger"};
    const struct lg_ir_blob signature = {lg_ir_word("s"), LG_AM_NAME};
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_THINKING, NULL, NULL);
    put_piece(&t, LG_EV_THINKING, 0, "Hm");
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_SIGNATURE, .index = 0, .u.blob = &theirs});
    assert_int_equal(t.losses.n, 1);
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_SIGNATURE, .index = 0, .u.blob = &signature});
    put_piece(&t, LG_EV_PART_END, 0, "");
    said(&t, START OPEN("0", "{\"type\":\"thinking\",\"thinking\":\"\","
                             "\"signature\":\"\"}")
                 DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}")
                     DELTA("0", "{\"type\":\"signature_delta\","
                                "\"signature\":\"s\"}") CLOSE("0"));
    end(&t);
}

static void what_cannot_be_said_is_swallowed_and_reported(void **state)
{
    const struct lg_ir_val val = {LG_STR("{\"a\":1}"), LG_NOWHERE,
                                  LG_JSON_OBJECT, 0};
    struct trial t;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_IMAGE, NULL, NULL);
    put_part(&t, 1, LG_PART_OPAQUE, NULL, NULL);
    put_piece(&t, LG_EV_INPUT, 1, "{}");
    put_piece(&t, LG_EV_PART_END, 1, "");
    put(&t, (struct lg_ir_event){.kind = LG_EV_OPAQUE,
                                 .index = -1,
                                 .u.val = &val,
                                 .name = LG_STR("x")});
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_TEXT, .choice = 1, .text = LG_STR("other")});
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_TEXT, .choice = 1, .text = LG_STR("other")});
    put_part(&t, 2, LG_PART_TEXT, NULL, NULL);
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_CITATION, .index = 2, .u.val = &val});
    put_piece(&t, LG_EV_TEXT, 2, "y");
    assert_int_equal(t.losses.n, 4);
    said(&t, START OPEN("0", TEXT_BLOCK) TEXT("0", "y"));
    end(&t);
}

static void an_error_ends_it(void **state)
{
    const struct lg_ir_error error = {.class = LG_ERROR_OVERLOADED,
                                      .message = lg_ir_word("busy")};
    struct trial t;

    (void)state;
    begin(&t);
    put_piece(&t, LG_EV_PING, -1, "");
    put(&t, (struct lg_ir_event){
                .kind = LG_EV_ERROR, .index = -1, .u.error = &error});
    said(&t, "{\"type\":\"ping\"}\n"
             "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
             "\"message\":\"busy\"}}\n");
    end(&t);
}

static void a_piece_costs_no_memory(void **state)
{
    struct trial t;
    size_t used;

    (void)state;
    begin(&t);
    put_start(&t);
    put_part(&t, 0, LG_PART_TEXT, NULL, NULL);
    put_piece(&t, LG_EV_TEXT, 0, "warm");
    used = t.arena.used;
    t.arena.max = used;
    for (int i = 0; i < 10000; i++) {
        const struct lg_ir_event ev = {.kind = LG_EV_TEXT,
                                       .text = LG_STR("word ")};

        lg_buf_reset(&t.frames.bytes);
        t.frames.n = 0;
        assert_int_equal(ours->write_event(t.encoder, &t.c, &ev, &t.frames), 0);
        assert_int_equal(t.frames.n, 1);
    }
    assert_int_equal(t.arena.used, used);
    assert_string_equal(
        t.frames.bytes.p,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
        "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"word \"}}"
        "\n\n");
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_behind_the_stop_is_told_with_it),
        cmocka_unit_test(calls_side_by_side_wait_for_each_other),
        cmocka_unit_test(a_refusal_is_text_and_a_reason),
        cmocka_unit_test(text_input_stands_in_an_object),
        cmocka_unit_test(thinking_has_no_signature_but_ours),
        cmocka_unit_test(what_cannot_be_said_is_swallowed_and_reported),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(a_piece_costs_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
