/* SPDX-License-Identifier: MIT
 *
 * Requests of another format, written as anthropic-messages. They are read as
 * ours, then said to be of a stranger. */
#include "lib/format/anthropic_messages.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/json_equal.h"

#define MANY ((size_t)1 << 30)

static const struct lg_format stranger = {.name = "stranger"};

struct trial {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_bridge bridge;
    struct lg_policy policy;
    struct lg_ctx c;
    struct lg_json doc;
    struct lg_ir_request r;
    struct lg_buf out;
};

static void read_it(struct trial *t, const char *json)
{
    memset(t, 0, sizeof(*t));
    lg_arena_init(&t->arena, 0, MANY);
    lg_buf_init(&t->out, MANY);
    lg_losses_init(&t->losses, &t->arena, &t->err, 0);
    t->policy = lg_policy_default;
    t->c = (struct lg_ctx){.self = &lg_format_anthropic_messages,
                           .arena = &t->arena,
                           .keep = &t->arena,
                           .policy = &t->policy,
                           .bridge = &t->bridge,
                           .losses = &t->losses,
                           .err = &t->err};
    assert_int_equal(lg_json_read(&t->doc, &t->arena, lg_str_of(json), &t->err),
                     0);
    if (t->c.self->read_request(&t->c, &t->doc, &t->r))
        fail_msg("%s at %s", t->err.text, t->err.where);
    t->losses.doc = &t->doc;
    t->r.origin = &stranger;
}

static void forget(struct trial *t)
{
    lg_buf_done(&t->out);
    lg_arena_done(&t->arena);
}

/* `losses`: "pointer action" in their order, with spaces between. */
static void writes(struct trial *t, const char *json, const char *losses)
{
    struct lg_buf said;

    assert_int_equal(t->c.self->write_request(&t->c, &t->r, &t->out), 0);
    if (!json_equal(lg_buf_span(&t->out), lg_str_of(json)))
        fail_msg("wrote %s\n  want %s", t->out.p, json);
    lg_buf_init(&said, MANY);
    for (const struct lg_loss *l = t->losses.first; l; l = l->next) {
        assert_true(l->reason && l->reason[0]);
        lg_buf_printf(&said, "%s%s %s", said.n ? " " : "", l->pointer,
                      lg_loss_action_name((enum lg_loss_action)l->action));
    }
    assert_string_equal(said.p ? said.p : "", losses);
    lg_buf_done(&said);
    forget(t);
}

#define HEAD  "\"model\":\"m\",\"max_tokens\":9"
#define ASKED "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

static void converts(const char *from, const char *to, const char *losses)
{
    struct trial t;

    read_it(&t, from);
    writes(&t, to, losses);
}

/* The value of a member of the request, as if a reader had put it there. */
static void set(struct trial *t, enum lg_param p, const char *member)
{
    t->r.param[p] = lg_ir_of(lg_val_get(lg_json_root(&t->doc), member));
}

/* ---- settings ----------------------------------------------------------- */

static void what_has_no_counterpart_is_reported(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED ",\"seed\":7,\"n\":2,\"logprobs\":true}");
    set(&t, LG_P_SEED, "seed");
    set(&t, LG_P_N, "n");
    set(&t, LG_P_LOGPROBS, "logprobs");
    t.r.extra = NULL;
    writes(&t, "{" HEAD "," ASKED "}",
           "/seed dropped /n dropped /logprobs dropped");
    read_it(&t,
            "{" HEAD "," ASKED ",\"n\":1,\"logprobs\":false,\"seed\":null}");
    set(&t, LG_P_SEED, "seed");
    set(&t, LG_P_N, "n");
    set(&t, LG_P_LOGPROBS, "logprobs");
    t.r.extra = NULL;
    writes(&t, "{" HEAD "," ASKED "}", "");
    converts("{" HEAD "," ASKED ",\"speed\":\"fast\",\"container\":null}",
             "{" HEAD "," ASKED "}", "/speed dropped");
}

static void temperature_is_clamped_by_its_digits(void **state)
{
    static const char *const above[] = {
        "1.1",   "2",     "1.0001",   "1e1",
        "0.2e1", "15e-1", "1e999999", "1e99999999999999999999"};
    static const char *const fine[] = {"1",
                                       "1.0",
                                       "0",
                                       "0.7",
                                       "1e0",
                                       "10e-1",
                                       "1e-5",
                                       "-1e30",
                                       "0e99",
                                       "0.01e2",
                                       "1e-99999999999999999999"};
    char text[256];
    struct trial t;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(above); i++) {
        snprintf(text, sizeof(text), "{" HEAD "," ASKED ",\"temperature\":%s}",
                 above[i]);
        converts(text, "{" HEAD "," ASKED ",\"temperature\":1}",
                 "/temperature approximated");
    }
    for (size_t i = 0; i < LG_COUNT(fine); i++) {
        snprintf(text, sizeof(text), "{" HEAD "," ASKED ",\"temperature\":%s}",
                 fine[i]);
        converts(text, text, "");
    }
    read_it(&t, "{" HEAD "," ASKED ",\"temperature\":1,\"top_p\":1}");
    t.policy.anthropic_version = "2026-10-21";
    writes(&t, "{" HEAD "," ASKED "}", "/temperature dropped /top_p dropped");
}

static void max_tokens_is_always_there(void **state)
{
    (void)state;
    converts("{\"model\":\"m\"," ASKED "}",
             "{\"model\":\"m\",\"max_tokens\":4096," ASKED "}",
             " approximated");
    converts("{\"model\":\"m\"," ASKED
             ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}",
             "{\"model\":\"m\",\"max_tokens\":6096," ASKED
             ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}",
             " approximated");
}

static void tiers_and_efforts_are_translated(void **state)
{
    static const struct {
        const char *from, *to, *losses;
    } tiers[] = {{"auto", "\"auto\"", ""},
                 {"default", "\"standard_only\"", ""},
                 {"flex", "\"standard_only\"", "/service_tier approximated"},
                 {"priority", "\"auto\"", "/service_tier approximated"},
                 {"gold", NULL, "/service_tier dropped"}},
      efforts[] = {
          {"low", "\"output_config\":{\"effort\":\"low\"}", ""},
          {"max", "\"output_config\":{\"effort\":\"max\"}", ""},
          {"none", "\"thinking\":{\"type\":\"disabled\"}", ""},
          {"minimal", "\"output_config\":{\"effort\":\"low\"}",
           "/output_config/effort approximated"},
          {"extreme", "\"stream\":false", "/output_config/effort dropped"}};
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(tiers); i++) {
        snprintf(from, sizeof(from),
                 "{" HEAD "," ASKED ",\"service_tier\":\"%s\"}", tiers[i].from);
        snprintf(to, sizeof(to), "{" HEAD "," ASKED "%s%s}",
                 tiers[i].to ? ",\"service_tier\":" : "",
                 tiers[i].to ? tiers[i].to : "");
        converts(from, to, tiers[i].losses);
    }
    for (size_t i = 0; i < LG_COUNT(efforts); i++) {
        const int odd = !strcmp(efforts[i].from, "extreme");

        snprintf(from, sizeof(from),
                 "{" HEAD "," ASKED "%s,\"output_config\":{\"effort\":\"%s\"}}",
                 odd ? ",\"stream\":false" : "", efforts[i].from);
        snprintf(to, sizeof(to), "{" HEAD "," ASKED ",%s}", efforts[i].to);
        converts(from, to, efforts[i].losses);
    }
}

static void users_and_metadata(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED ",\"safety\":\"u\",\"labels\":"
                "{\"team\":\"a\",\"user_id\":\"b\"}}");
    set(&t, LG_P_USER, "safety");
    set(&t, LG_P_METADATA, "labels");
    t.r.extra = NULL;
    writes(&t, "{" HEAD "," ASKED ",\"metadata\":{\"user_id\":\"u\"}}",
           "/labels/team dropped /labels/user_id dropped");
    read_it(&t, "{" HEAD "," ASKED
                ",\"labels\":{\"team\":\"a\",\"user_id\":\"b\"}}");
    set(&t, LG_P_METADATA, "labels");
    t.r.extra = NULL;
    writes(&t, "{" HEAD "," ASKED ",\"metadata\":{\"user_id\":\"b\"}}",
           "/labels/team dropped");
}

static void blank_stops_are_left_out(void **state)
{
    (void)state;
    converts("{" HEAD "," ASKED ",\"stop_sequences\":[\" \\n\",\"END\"]}",
             "{" HEAD "," ASKED ",\"stop_sequences\":[\"END\"]}",
             "/stop_sequences/0 dropped");
    converts("{" HEAD "," ASKED ",\"stop_sequences\":[\"\"]}",
             "{" HEAD "," ASKED "}", "/stop_sequences/0 dropped");
}

static void strict_is_told_before_anything_is_sent(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED ",\"speed\":\"fast\"}");
    t.losses.strict = 1;
    assert_int_equal(t.c.self->write_request(&t.c, &t.r, &t.out),
                     LLMGW_E_UNSUPPORTED);
    assert_string_equal(t.err.where, "/speed");
    forget(&t);
}

/* ---- messages ----------------------------------------------------------- */

static void the_first_instructions_become_the_prompt(void **state)
{
    struct trial t;

    (void)state;
    converts("{" HEAD ",\"messages\":["
             "{\"role\":\"system\",\"content\":\"be brief\"},"
             "{\"role\":\"user\",\"content\":\"x\"},"
             "{\"role\":\"system\",\"content\":\"in French\"}]}",
             "{" HEAD ",\"system\":\"be brief\",\"messages\":["
             "{\"role\":\"user\",\"content\":\"x\"},"
             "{\"role\":\"system\",\"content\":\"in French\"}]}",
             "");
    read_it(&t, "{" HEAD ",\"messages\":["
                "{\"role\":\"system\",\"content\":\"a\"},"
                "{\"role\":\"system\",\"content\":[{\"type\":\"text\","
                "\"text\":\"b\"},{\"type\":\"text\",\"text\":\"\"}]},"
                "{\"role\":\"user\",\"content\":\"x\"}]}");
    t.r.messages->role = LG_ROLE_DEVELOPER;
    writes(&t,
           "{" HEAD ",\"system\":[{\"type\":\"text\",\"text\":\"a\"},"
           "{\"type\":\"text\",\"text\":\"b\"}]," ASKED "}",
           "");
    converts("{" HEAD
             ",\"messages\":[{\"role\":\"system\",\"content\":\"x\"}]}",
             "{" HEAD "," ASKED "}", "/messages/0 approximated");
}

static void tool_results_join_the_turn_of_the_user(void **state)
{
#define RESULT(id) \
    "{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\",\"content\":\"r\"}"
    struct trial t;

    (void)state;
    read_it(&t,
            "{" HEAD ",\"messages\":["
            "{\"role\":\"user\",\"content\":[" RESULT(
                "a") "]},"
                     "{\"role\":\"user\",\"content\":[" RESULT(
                         "b") "]},"
                              "{\"role\":\"user\",\"content\":\"and?\"},"
                              "{\"role\":\"user\",\"content\":\"alone\"}]}");
    t.r.messages->role = LG_ROLE_TOOL;
    t.r.messages->next->role = LG_ROLE_TOOL;
    writes(&t,
           "{" HEAD ",\"messages\":[{\"role\":\"user\",\"content\":[" RESULT(
               "a") "," RESULT("b") ",{\"type\":\"text\",\"text\":\"and?\"}]},"
                                    "{\"role\":\"user\","
                                    "\"content\":\"alone\"}]}",
           "");
}

static void empty_turns_and_texts_are_left_out(void **state)
{
    (void)state;
    converts(
        "{" HEAD ",\"messages\":["
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"},"
        "{\"type\":\"text\",\"text\":\"x\"}]},"
        "{\"role\":\"assistant\",\"content\":null},"
        "{\"role\":\"assistant\",\"content\":\"\"},"
        "{\"role\":\"assistant\"},"
        "{\"role\":\"assistant\",\"content\":[]}]}",
        "{" HEAD ",\"messages\":[{\"role\":\"user\",\"content\":"
        "[{\"type\":\"text\",\"text\":\"x\"}]}]}",
        "");
}

static void a_text_to_go_on_from_ends_in_a_word(void **state)
{
#define SAID(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
    (void)state;
    converts("{" HEAD ",\"messages\":[" SAID("a ") "," SAID("b \\n\\t ") "]}",
             "{" HEAD ",\"messages\":[" SAID("a ") "," SAID("b") "]}",
             "/messages/1/content approximated");
    converts("{" HEAD ",\"messages\":[" SAID("a\\\\n") "]}",
             "{" HEAD ",\"messages\":[" SAID("a\\\\n") "]}", "");
    converts("{" HEAD ",\"messages\":[" SAID("\\n") "]}",
             "{" HEAD ",\"messages\":[]}", "/messages/0/content approximated");
}

static void thinking_needs_our_signature(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t,
            "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
            "{\"type\":\"thinking\",\"thinking\":\"a\"},"
            "{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"s\"},"
            "{\"type\":\"redacted_thinking\",\"data\":\"d\"},"
            "{\"type\":\"redacted_thinking\",\"data\":\"e\"},"
            "{\"type\":\"mcp_tool_use\",\"id\":\"i\"},"
            "{\"type\":\"text\",\"text\":\"c\"}]}]}");
    t.r.messages->parts->next->next->next->blob.origin = "stranger";
    writes(&t,
           "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
           "{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"s\"},"
           "{\"type\":\"redacted_thinking\",\"data\":\"d\"},"
           "{\"type\":\"text\",\"text\":\"c\"}]}]}",
           "/messages/0/content/0 dropped /messages/0/content/3 dropped "
           "/messages/0/content/4 dropped");
}

/* ---- tools -------------------------------------------------------------- */

static void arguments_are_an_object_or_nothing(void **state)
{
    static const struct {
        const char *text, *input, *losses;
    } cases[] = {
        {"{\\\"a\\\": 1.0}", "{\"a\":1.0}", ""},
        {"", "{}", ""},
        {" \\n", "{}", ""},
        {"{\\\"e\\\":\\\"\\\\ud800\\\"}", "{\"e\":\"\\ud800\"}", ""},
        {"[1]", "{}", "/messages/0/content/0/input approximated"},
        {"{\\\"a\\\":", "{}", "/messages/0/content/0/input approximated"},
        {"nonsense", "{}", "/messages/0/content/0/input approximated"},
    };
    char from[512], to[512];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct trial t;

        snprintf(from, sizeof(from),
                 "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
                 "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\","
                 "\"input\":\"%s\"}]}]}",
                 cases[i].text);
        snprintf(to, sizeof(to),
                 "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
                 "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\","
                 "\"input\":%s}]}]}",
                 cases[i].input);
        read_it(&t, from);
        t.r.messages->parts->json.in_string = 1;
        writes(&t, to, cases[i].losses);
    }
}

static void text_arguments_stand_in_an_object(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
                "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\"}]}],"
                "\"x\":\"a \\\"b\\\"\"}");
    t.r.messages->parts->custom = 1;
    t.r.messages->parts->text = lg_ir_of(lg_val_get(lg_json_root(&t.doc), "x"));
    t.r.extra = NULL;
    writes(&t,
           "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
           "{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"f\","
           "\"input\":{\"input\":\"a \\\"b\\\"\"}}]}]}",
           "");
}

static void tool_ids_are_cleaned_alike(void **state)
{
    (void)state;
    converts("{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
             "{\"type\":\"tool_use\",\"id\":\"call.1:a\",\"name\":\"f\","
             "\"input\":{}}]},{\"role\":\"user\",\"content\":["
             "{\"type\":\"tool_result\",\"tool_use_id\":\"call.1:a\","
             "\"content\":\"r\"}]}]}",
             "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":["
             "{\"type\":\"tool_use\",\"id\":\"call_1_a\",\"name\":\"f\","
             "\"input\":{}}]},{\"role\":\"user\",\"content\":["
             "{\"type\":\"tool_result\",\"tool_use_id\":\"call_1_a\","
             "\"content\":\"r\"}]}]}",
             "/messages/0/content/0/id approximated "
             "/messages/1/content/0/tool_use_id approximated");
}

static void schemas_say_that_they_are_objects(void **state)
{
    (void)state;
    converts("{" HEAD "," ASKED ",\"tools\":[{\"name\":\"a\"},"
             "{\"name\":\"b\",\"input_schema\":{ }},"
             "{\"name\":\"c\",\"input_schema\":null,\"strict\":null},"
             "{\"name\":\"d\",\"input_schema\": { \"properties\":{}}},"
             "{\"name\":\"e\",\"input_schema\":{\"type\":\"object\"}},"
             "{\"type\":\"bash_20250124\",\"name\":\"bash\"}]}",
             "{" HEAD "," ASKED ",\"tools\":["
             "{\"name\":\"a\",\"input_schema\":{\"type\":\"object\","
             "\"properties\":{}}},"
             "{\"name\":\"b\",\"input_schema\":{\"type\":\"object\","
             "\"properties\":{}}},"
             "{\"name\":\"c\",\"input_schema\":{\"type\":\"object\","
             "\"properties\":{}}},"
             "{\"name\":\"d\",\"input_schema\":{\"type\":\"object\","
             "\"properties\":{}}},"
             "{\"name\":\"e\",\"input_schema\":{\"type\":\"object\"}}]}",
             "/tools/5 dropped");
}

static void custom_tools_become_functions(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED ",\"tools\":[{\"name\":\"a\","
                "\"description\":\"d\",\"input_schema\":{\"type\":\"g\"}}]}");
    t.r.tools->kind = LG_TOOL_CUSTOM;
    writes(&t,
           "{" HEAD "," ASKED ",\"tools\":[{\"name\":\"a\","
           "\"description\":\"d\",\"input_schema\":{\"type\":\"object\","
           "\"properties\":{\"input\":{\"type\":\"string\"}},"
           "\"required\":[\"input\"]}}]}",
           "/tools/0 approximated /tools/0/input_schema dropped");
}

static void one_call_at_a_time(void **state)
{
#define TOOLS \
    "\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":\"object\"}}]"
    const struct lg_ir_val no = {LG_STR("false"), 0, LG_JSON_FALSE, 0};
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED "," TOOLS "}");
    t.r.param[LG_P_PARALLEL_TOOLS] = no;
    writes(&t,
           "{" HEAD "," ASKED "," TOOLS ",\"tool_choice\":{\"type\":\"auto\","
           "\"disable_parallel_tool_use\":true}}",
           "");
    read_it(&t, "{" HEAD "," ASKED "," TOOLS
                ",\"tool_choice\":{\"type\":\"none\"}}");
    t.r.param[LG_P_PARALLEL_TOOLS] = no;
    writes(&t,
           "{" HEAD "," ASKED "," TOOLS ",\"tool_choice\":{\"type\":\"none\"}}",
           "");
    read_it(&t, "{" HEAD "," ASKED "}");
    t.r.param[LG_P_PARALLEL_TOOLS] = no;
    writes(&t, "{" HEAD "," ASKED "}", "");
}

static void a_forced_tool_and_thinking_cannot_be(void **state)
{
    (void)state;
    converts("{" HEAD "," ASKED "," TOOLS ",\"tool_choice\":{\"type\":\"any\"},"
             "\"thinking\":{\"type\":\"adaptive\"}}",
             "{" HEAD "," ASKED "," TOOLS
             ",\"tool_choice\":{\"type\":\"any\"}}",
             "/thinking dropped");
}

/* ---- output ------------------------------------------------------------- */

static void a_schema_keeps_but_its_schema(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED ",\"output_config\":{\"format\":{\"type\":"
                "\"json_schema\",\"schema\":{\"type\":\"object\"}}},"
                "\"called\":\"n\",\"strictly\":true}");
    t.r.output.name = lg_ir_of(lg_val_get(lg_json_root(&t.doc), "called"));
    t.r.output.strict = lg_ir_of(lg_val_get(lg_json_root(&t.doc), "strictly"));
    t.r.extra = NULL;
    writes(&t,
           "{" HEAD "," ASKED ",\"output_config\":{\"format\":{\"type\":"
           "\"json_schema\",\"schema\":{\"type\":\"object\","
           "\"additionalProperties\":false}}}}",
           "/output_config/format/schema approximated /called dropped "
           "/strictly dropped");
}

static void json_is_asked_for_by_a_tool(void **state)
{
    struct trial t;

    (void)state;
    read_it(&t, "{" HEAD "," ASKED "}");
    t.r.output.kind = LG_OUTPUT_JSON;
    assert_int_equal(t.c.self->write_request(&t.c, &t.r, &t.out), 0);
    assert_true(t.bridge.json_tool);
    assert_true(lg_str_is(t.bridge.json_tool_name, "json"));
    t.out.n = 0;
    writes(&t,
           "{" HEAD "," ASKED ",\"tools\":[{\"name\":\"json\",\"description\":"
           "\"Output the result in JSON format\",\"input_schema\":"
           "{\"type\":\"object\"}}],\"tool_choice\":{\"type\":\"tool\","
           "\"name\":\"json\"}}",
           " approximated");
    read_it(&t, "{" HEAD "," ASKED "," TOOLS "}");
    t.r.output.kind = LG_OUTPUT_JSON;
    assert_int_equal(t.bridge.json_tool, 0);
    writes(&t, "{" HEAD "," ASKED "," TOOLS "}", " dropped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_counterpart_is_reported),
        cmocka_unit_test(temperature_is_clamped_by_its_digits),
        cmocka_unit_test(max_tokens_is_always_there),
        cmocka_unit_test(tiers_and_efforts_are_translated),
        cmocka_unit_test(users_and_metadata),
        cmocka_unit_test(blank_stops_are_left_out),
        cmocka_unit_test(strict_is_told_before_anything_is_sent),
        cmocka_unit_test(the_first_instructions_become_the_prompt),
        cmocka_unit_test(tool_results_join_the_turn_of_the_user),
        cmocka_unit_test(empty_turns_and_texts_are_left_out),
        cmocka_unit_test(a_text_to_go_on_from_ends_in_a_word),
        cmocka_unit_test(thinking_needs_our_signature),
        cmocka_unit_test(arguments_are_an_object_or_nothing),
        cmocka_unit_test(text_arguments_stand_in_an_object),
        cmocka_unit_test(tool_ids_are_cleaned_alike),
        cmocka_unit_test(schemas_say_that_they_are_objects),
        cmocka_unit_test(custom_tools_become_functions),
        cmocka_unit_test(one_call_at_a_time),
        cmocka_unit_test(a_forced_tool_and_thinking_cannot_be),
        cmocka_unit_test(a_schema_keeps_but_its_schema),
        cmocka_unit_test(json_is_asked_for_by_a_tool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
