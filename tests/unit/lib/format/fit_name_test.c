/* SPDX-License-Identifier: MIT */
#include "lib/format/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/format/convert.h"
#include "tests/support/becomes.h"

#define ANTHROPIC "anthropic-messages"
#define CHAT      "openai-chat"
#define LONG \
    "a_name_that_is_of_seventy_characters_and_as_such_too_long_for_most_of_"
#define DOTTED "a.b c"

static struct lg_arena arena;

static int setup(void **state)
{
    (void)state;
    becomes_reset();
    return 0;
}

/* A request that calls a tool `name`, from Gemini to Chat. */
static const char *sent_for(const char *name, const char *format)
{
    const struct lg_format *to = lg_format_by_name(lg_str_of(format));
    static struct lg_bridge bridge;
    static struct lg_losses losses;
    struct lg_ctx c = {.self = to,
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .bridge = &bridge,
                       .losses = &losses};
    struct lg_ir_tool tool = {.name = lg_ir_word(name)};
    struct lg_ir_part call = {.kind = LG_PART_TOOL_CALL,
                              .name = lg_ir_word(name)};
    struct lg_ir_message m = {.role = LG_ROLE_ASSISTANT, .parts = &call};
    struct lg_ir_request r = {.origin = to, .messages = &m, .tools = &tool};

    bridge = (struct lg_bridge){0};
    lg_losses_init(&losses, &arena, NULL, 0);
    r.tool_choice.mode = LG_CHOICE_TOOL;
    r.tool_choice.name = tool.name;
    assert_int_equal(lg_fit(&c, &r), 0);
    assert_true(lg_str_same(tool.name.s, call.name.s));
    assert_true(lg_str_same(tool.name.s, r.tool_choice.name.s));
    assert_int_equal(losses.n, lg_str_is(tool.name.s, name) ? 0 : 1);
    assert_int_equal(bridge.renamed != NULL, losses.n);
    return lg_arena_dup(&arena, tool.name.s);
}

static int is_taken(const char *name, const char *format)
{
    return strcmp(sent_for(name, format), name) == 0;
}

static void each_format_takes_its_names(void **state)
{
    char longest[129];

    (void)state;
    lg_arena_init(&arena, 0, 1 << 20);
    memset(longest, 'x', 128);
    longest[128] = '\0';
    assert_true(is_taken(longest, ANTHROPIC));
    assert_true(is_taken(longest, "ollama-chat"));
    longest[64] = '\0';
    assert_true(is_taken(longest, CHAT));
    assert_true(is_taken(longest, "bedrock-converse"));
    longest[64] = 'x';
    longest[65] = '\0';
    assert_true(is_taken(longest, ANTHROPIC));
    assert_false(is_taken(longest, CHAT));
    assert_false(is_taken(longest, "openai-responses"));
    assert_false(is_taken(longest, "bedrock-converse"));
    assert_false(is_taken(longest, "gemini"));
    assert_true(is_taken("a-b_9", CHAT));
    assert_true(is_taken("9", CHAT));
    assert_false(is_taken("9", "gemini"));
    assert_true(is_taken("_9.a:b-c", "gemini"));
    assert_false(is_taken("a.b", CHAT));
    assert_false(is_taken("\xc3\xa4", ANTHROPIC));
    assert_false(is_taken("\\u0061", ANTHROPIC));
    lg_arena_done(&arena);
}

static void what_is_sent_is_a_name_and_always_the_same(void **state)
{
    char once[65];

    (void)state;
    lg_arena_init(&arena, 0, 1 << 20);
    (void)snprintf(once, sizeof(once), "%s", sent_for(LONG, CHAT));
    assert_int_equal(strlen(once), 64);
    assert_memory_equal(once, LONG, 55);
    assert_int_equal(strspn(once + 56, "0123456789abcdef"), 8);
    assert_string_equal(sent_for(LONG, CHAT), once);
    assert_string_not_equal(sent_for(LONG "x", CHAT), once);
    assert_string_equal(sent_for(DOTTED, CHAT), "a_b_c_d1965965");
    assert_true(is_taken(sent_for(DOTTED, CHAT), CHAT));
    lg_arena_done(&arena);
}

#define NAMED                                                           \
    "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":" \
    "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\","     \
    "\"type\":\"function\",\"function\":{\"name\":\"%s\","              \
    "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}"

/* All of a call: its request names the tool, its answer is told of it. */
static void answers_have_the_callers_name(void **state)
{
    char request[1024], text[1024];
    struct lg_bridge bridge = {0};
    struct lg_losses losses;
    struct lg_err err = {0};
    struct lg_conversion v = {
        .bridge = &bridge, .losses = &losses, .arena = &arena, .err = &err};
    struct lg_convert_stream s;
    struct lg_buf out;
    const char *name;

    (void)state;
    lg_arena_init(&arena, 0, 1 << 20);
    lg_losses_init(&losses, &arena, &err, 0);
    lg_buf_init(&out, 1 << 20);
    v.from = lg_format_by_name(LG_STR(ANTHROPIC));
    v.to = lg_format_by_name(LG_STR(CHAT));
    (void)snprintf(request, sizeof(request),
                   "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[],"
                   "\"tools\":[{\"name\":\"%s\",\"input_schema\":{}}]}",
                   LONG);
    assert_int_equal(lg_convert_request(&v, lg_str_of(request), &out), 0);
    memset(request, 'x', sizeof(request)); /* nobody needs it any more */
    assert_null(strstr(out.p, LONG));
    assert_non_null(bridge.renamed);
    name = lg_arena_dup(&arena, bridge.renamed->sent);

    v.from = lg_format_by_name(LG_STR(CHAT));
    v.to = lg_format_by_name(LG_STR(ANTHROPIC));
    (void)snprintf(text, sizeof(text), NAMED, name);
    lg_buf_reset(&out);
    assert_int_equal(lg_convert_answer(&v, lg_str_of(text), &out), 0);
    assert_non_null(strstr(out.p, "\"name\":\"" LONG "\""));
    assert_null(strstr(out.p, name));
    (void)snprintf(text, sizeof(text), NAMED, "another");
    lg_buf_reset(&out);
    assert_int_equal(lg_convert_answer(&v, lg_str_of(text), &out), 0);
    assert_non_null(strstr(out.p, "\"name\":\"another\""));

    bridge.stream = 1;
    assert_int_equal(lg_convert_stream_init(&s, &v, 1 << 16), 0);
    (void)snprintf(text, sizeof(text),
                   "data: {\"model\":\"m\",\"choices\":[{\"index\":0,"
                   "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\","
                   "\"type\":\"function\",\"function\":{\"name\":\"%s\","
                   "\"arguments\":\"{}\"}}]}}]}\n\n",
                   name);
    assert_int_equal(lg_convert_stream_feed(&s, text, strlen(text)), 0);
    assert_non_null(strstr(s.frames.bytes.p, "\"name\":\"" LONG "\""));
    lg_convert_stream_done(&s);
    lg_buf_done(&out);
    lg_arena_done(&arena);
}

static void tools_of_the_history_have_it_too(void **state)
{
    (void)state;
    becomes(CORPUS_REQUEST, "gemini", CHAT,
            "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]},"
            "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"id\":\"c\","
            "\"name\":\"a.b\",\"args\":{}}}]},{\"role\":\"user\",\"parts\":[{"
            "\"functionResponse\":{\"id\":\"c\",\"name\":\"a.b\",\"response\":{"
            "\"result\":\"y\"}}}]}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":"
            "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\","
            "\"type\":\"function\",\"function\":{\"name\":\"a_b_108bf50c\","
            "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
            "\"c\",\"content\":\"{\\\"result\\\":\\\"y\\\"}\"}]}",
            "/contents/1/parts/0/functionCall/name approximated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_format_takes_its_names, setup),
        cmocka_unit_test_setup(what_is_sent_is_a_name_and_always_the_same,
                               setup),
        cmocka_unit_test_setup(answers_have_the_callers_name, setup),
        cmocka_unit_test_setup(tools_of_the_history_have_it_too, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
