/* SPDX-License-Identifier: MIT
 *
 * Streams of anthropic-messages that are broken, odd, or stand for something
 * else. */
#include "lib/format/anthropic_messages.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MANY ((size_t)1 << 30)

static const struct lg_format *const ours = &lg_format_anthropic_messages;

struct trial {
    struct lg_ir_sink sink; /* first member */
    struct lg_arena arena;
    struct lg_err err;
    struct lg_bridge bridge;
    struct lg_ctx c;
    void *decoder;
    struct lg_buf said; /* of each event a letter, its index and its text */
    struct lg_ir_usage usage;
    int sink_rc;
};

static int note(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    static const char letters[] = "SPTHRISCEXUZGFO";
    struct trial *t = (struct trial *)self;

    lg_buf_printf(&t->said, "%s%c", t->said.n ? " " : "", letters[ev->kind]);
    if (ev->index >= 0)
        lg_buf_printf(&t->said, "%d", (int)ev->index);
    if (ev->kind == LG_EV_PART)
        lg_buf_printf(&t->said, "/%d", ev->u.part->kind);
    if (ev->kind == LG_EV_STOP)
        lg_buf_printf(&t->said, "/%d", ev->u.stop->kind);
    if (ev->kind == LG_EV_ERROR)
        lg_buf_printf(&t->said, "/%d", ev->u.error->class);
    if (ev->kind == LG_EV_USAGE)
        t->usage = *ev->u.usage;
    if (ev->text.n) {
        lg_buf_byte(&t->said, ':');
        lg_buf_str(&t->said, ev->text);
    }
    return t->sink_rc;
}

static void begin(struct trial *t)
{
    memset(t, 0, sizeof(*t));
    t->sink.put = note;
    lg_arena_init(&t->arena, 0, MANY);
    lg_buf_init(&t->said, MANY);
    t->c = (struct lg_ctx){.self = ours,
                           .arena = &t->arena,
                           .keep = &t->arena,
                           .policy = &lg_policy_default,
                           .bridge = &t->bridge,
                           .err = &t->err};
    t->decoder = lg_arena_alloc(&t->arena, ours->decoder_size);
}

static int give_named(struct trial *t, const char *event, const char *data)
{
    const struct lg_frame f = {.raw = lg_str_of(data),
                               .event = lg_str_of(event),
                               .data = lg_str_of(data)};

    t->c.plain = 0;
    return ours->read_event(t->decoder, &t->c, &f, &t->sink);
}

static int give(struct trial *t, const char *data)
{
    return give_named(t, "", data);
}

static void says(struct trial *t, const char *want)
{
    assert_string_equal(t->said.p ? t->said.p : "", want);
    lg_buf_done(&t->said);
    lg_arena_done(&t->arena);
}

#define START \
    "{\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"content\":[]}}"
#define OPEN_TEXT                                                      \
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":" \
    "{\"type\":\"text\",\"text\":\"\"}}"
#define OPEN_CALL(name)                                                \
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":" \
    "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"" name "\",\"input\":{}}}"
#define TEXT(t)                                                \
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" \
    "{\"type\":\"text_delta\",\"text\":\"" t "\"}}"
#define INPUT(t)                                               \
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" \
    "{\"type\":\"input_json_delta\",\"partial_json\":\"" t "\"}}"
#define CLOSE "{\"type\":\"content_block_stop\",\"index\":0}"
#define STOP(reason) \
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason "\"}}"
#define END "{\"type\":\"message_stop\"}"

/* ---- broken ----------------------------------------------------------------- */

static void what_is_no_event_is_a_protocol_error(void **state)
{
    static const struct {
        const char *before[3], *bad;
    } cases[] = {
        {{NULL}, "<html>"},
        {{NULL}, "[1,2]"},
        {{NULL}, OPEN_TEXT},
        {{NULL}, END},
        {{START, NULL}, TEXT("x")},
        {{START, NULL}, CLOSE},
        {{START, OPEN_TEXT, NULL}, OPEN_TEXT},
        {{START, NULL}, "{\"type\":\"content_block_start\",\"index\":\"a\"}"},
        {{START, NULL},
         "{\"type\":\"content_block_start\",\"index\":1,"
         "\"content_block\":7}"},
        {{START, NULL},
         "{\"type\":\"content_block_start\",\"index\":1,"
         "\"content_block\":{\"type\":\"text\",\"text\":7}}"},
        {{START, NULL},
         "{\"type\":\"message_start\",\"message\":"
         "{\"id\":\"m2\",\"content\":[]}}"},
        {{NULL}, "{\"type\":\"message_start\"}"},
    };

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct trial t;

        begin(&t);
        for (size_t j = 0; cases[i].before[j]; j++)
            assert_int_equal(give(&t, cases[i].before[j]), 0);
        assert_int_equal(give(&t, cases[i].bad), LLMGW_E_PROTOCOL);
        assert_int_equal(t.err.code, LLMGW_E_PROTOCOL);
        assert_true(t.err.text[0]);
        lg_buf_done(&t.said);
        lg_arena_done(&t.arena);
    }
}

static void only_message_stop_is_an_end(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(give(&t, START), 0);
    assert_int_equal(give(&t, STOP("end_turn")), 0);
    assert_int_equal(ours->end_events(t.decoder, &t.c, &t.sink),
                     LLMGW_E_TRUNCATED);
    assert_int_equal(give(&t, END), 0);
    assert_int_equal(ours->end_events(t.decoder, &t.c, &t.sink), 0);
    says(&t, "S X/1 Z");
}

static void more_open_blocks_than_any_sender_has_are_refused(void **state)
{
    char block[128];
    struct trial t;
    int rc = 0, n = 0;

    (void)state;
    begin(&t);
    assert_int_equal(give(&t, START), 0);
    while (!rc) {
        snprintf(block, sizeof(block),
                 "{\"type\":\"content_block_start\",\"index\":%d,"
                 "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                 n++);
        rc = give(&t, block);
    }
    assert_int_equal(rc, LLMGW_E_PROTOCOL);
    assert_int_equal(n, LG_AM_OPEN_MAX + 1);
    lg_buf_done(&t.said);
    lg_arena_done(&t.arena);
}

/* ---- odd -------------------------------------------------------------------- */

static void nothing_is_no_event(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(give(&t, ""), 0);
    assert_int_equal(give(&t, "  \n"), 0);
    assert_int_equal(give(&t, "[DONE]"), 0);
    assert_int_equal(give(&t, START), 0);
    assert_int_equal(give(&t, START), 0); /* said twice */
    assert_int_equal(give(&t, END), 0);
    assert_int_equal(give(&t, "{\"type\":\"ping\"}"), 0);
    says(&t, "S Z");
}

static void the_name_stands_in_for_the_type(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(
        give_named(&t, "message_start", "{\"message\":{\"id\":\"m\"}}"), 0);
    assert_int_equal(give_named(&t, "ping", "{}"), 0);
    assert_int_equal(give_named(&t, "message_stop", "{}"), 0);
    says(&t, "S G Z");
}

static void half_a_character_is_repaired(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(give(&t, START), 0);
    assert_int_equal(give(&t, OPEN_TEXT), 0);
    assert_int_equal(give(&t, TEXT("a\xe2\x82z")), 0);
    assert_int_equal(t.c.plain, 0);
    assert_int_equal(t.err.code, 0);
    says(&t, "S P0/0 T0:a\xef\xbf\xbdz");
}

static void errors_have_a_class_in_any_shape(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(give(&t, "{\"type\":\"error\",\"error\":{\"type\":"
                              "\"overloaded_error\",\"message\":\"x\"}}"),
                     0);
    assert_int_equal(give(&t, "{\"type\":\"error\",\"message\":\"x\"}"), 0);
    says(&t, "F/14 F/0");
}

static void counts_that_are_null_were_not_said(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    assert_int_equal(
        give(&t, "{\"type\":\"message_start\",\"message\":{\"id\":\"m\","
                 "\"usage\":{\"input_tokens\":3,\"output_tokens\":1,"
                 "\"cache_read_input_tokens\":null,"
                 "\"cache_creation_input_tokens\":9,\"cache_creation\":"
                 "{\"ephemeral_1h_input_tokens\":4},"
                 "\"output_tokens_details\":{\"thinking_tokens\":2}}}}"),
        0);
    assert_int_equal(t.usage.input, 3);
    assert_int_equal(t.usage.output, 1);
    assert_int_equal(t.usage.cache_read, -1);
    assert_int_equal(t.usage.cache_write, 9);
    assert_int_equal(t.usage.cache_write_1h, 4);
    assert_int_equal(t.usage.thinking, 2);
    says(&t, "S U");
}

static void a_sink_that_fails_ends_the_reading(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    t.sink_rc = LLMGW_E_CALLBACK;
    assert_int_equal(give(&t, START), LLMGW_E_CALLBACK);
    says(&t, "S");
}

/* ---- plain ------------------------------------------------------------------- */

static void only_pieces_are_plain(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    give(&t, START);
    assert_false(t.c.plain);
    give(&t, OPEN_CALL("f"));
    assert_false(t.c.plain);
    give(&t, INPUT(""));
    assert_false(t.c.plain); /* the next one is told from this */
    give(&t, INPUT("{"));
    assert_false(t.c.plain);
    give(&t, INPUT("}"));
    assert_true(t.c.plain);
    give(&t, CLOSE);
    assert_false(t.c.plain);
    give(&t, OPEN_TEXT);
    give(&t, TEXT("x"));
    assert_true(t.c.plain);
    t.c.keep_extras = 1;
    give(&t, TEXT("y"));
    assert_true(t.c.plain);
    give(&t, "{\"type\":\"content_block_delta\",\"index\":0,\"more\":1,"
             "\"delta\":{\"type\":\"text_delta\",\"text\":\"z\"}}");
    assert_false(t.c.plain);
    says(&t, "S P0/4 I0 I0:{ I0:} E0 P1/0 T1:x T1:y T1:z");
}

/* ---- calls ------------------------------------------------------------------- */

static void a_call_without_arguments_has_none(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    give(&t, START);
    give(&t, OPEN_CALL("f"));
    give(&t, INPUT(""));
    give(&t, CLOSE);
    t.c.keep_extras = 1;
    give(&t, OPEN_CALL("f"));
    give(&t, INPUT(""));
    give(&t, CLOSE);
    says(&t, "S P0/4 I0 I0:{} E0 P1/4 I1 E1");
}

static void the_forced_tool_is_the_answer(void **state)
{
    struct trial t;

    (void)state;
    begin(&t);
    t.bridge.json_tool = 1;
    t.bridge.json_tool_name = LG_STR("json");
    give(&t, START);
    give(&t, OPEN_CALL("json"));
    give(&t, INPUT(""));
    give(&t, INPUT("{\\\"a\\\":1}"));
    give(&t, CLOSE);
    give(&t, STOP("tool_use"));
    give(&t, END);
    says(&t, "S P0/0 T0 T0:{\\\"a\\\":1} E0 X/1 Z");
    begin(&t);
    give(&t, START);
    give(&t, OPEN_CALL("json"));
    give(&t, INPUT("{}"));
    give(&t, CLOSE);
    give(&t, STOP("tool_use"));
    says(&t, "S P0/4 I0:{} E0 X/3");
}

static void the_forced_tool_of_a_whole_answer(void **state)
{
    struct lg_json doc;
    struct trial t;

    (void)state;
    begin(&t);
    t.bridge.json_tool = 1;
    t.bridge.json_tool_name = LG_STR("json");
    assert_int_equal(
        lg_json_read(&doc, &t.arena,
                     LG_STR("{\"id\":\"m\",\"content\":[{\"type\":\"tool_use\","
                            "\"id\":\"i\",\"name\":\"json\",\"input\":"
                            "{\"a\": 1.0}}],\"stop_reason\":\"tool_use\"}"),
                     &t.err),
        0);
    assert_int_equal(ours->read_answer(&t.c, &doc, &t.sink), 0);
    says(&t, "S P0/0 T0:{\\\"a\\\": 1.0} E0 X/1 Z");
}

static void an_error_is_no_answer(void **state)
{
    static const char *const bodies[] = {
        "{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}", "{}", "[]",
        "{\"type\":\"message\",\"content\":null}"};

    (void)state;
    for (size_t i = 0; i < LG_COUNT(bodies); i++) {
        struct lg_json doc;
        struct trial t;

        begin(&t);
        assert_int_equal(
            lg_json_read(&doc, &t.arena, lg_str_of(bodies[i]), &t.err), 0);
        assert_int_equal(ours->read_answer(&t.c, &doc, &t.sink),
                         LLMGW_E_PROTOCOL);
        assert_int_equal(t.err.code, LLMGW_E_PROTOCOL);
        says(&t, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_event_is_a_protocol_error),
        cmocka_unit_test(only_message_stop_is_an_end),
        cmocka_unit_test(more_open_blocks_than_any_sender_has_are_refused),
        cmocka_unit_test(nothing_is_no_event),
        cmocka_unit_test(the_name_stands_in_for_the_type),
        cmocka_unit_test(half_a_character_is_repaired),
        cmocka_unit_test(errors_have_a_class_in_any_shape),
        cmocka_unit_test(counts_that_are_null_were_not_said),
        cmocka_unit_test(a_sink_that_fails_ends_the_reading),
        cmocka_unit_test(only_pieces_are_plain),
        cmocka_unit_test(a_call_without_arguments_has_none),
        cmocka_unit_test(the_forced_tool_is_the_answer),
        cmocka_unit_test(the_forced_tool_of_a_whole_answer),
        cmocka_unit_test(an_error_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
