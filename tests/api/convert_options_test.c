/* SPDX-License-Identifier: MIT
 *
 * What options say of conversions: of models, of what has no place, of names;
 * by itself and in calls. */
#include "tests/api/api.h"

#define A "anthropic-messages"
#define C "openai-chat"

static char *out;

/* What a request becomes with the options of the scene; NULL: refused. */
static const char *becomes(const char *from, const char *to, const char *json,
                           int code)
{
    llmgw_free(out);
    llmgw_error_free(sc.e);
    sc.e = NULL;
    assert_int_equal(llmgw_convert(sc.o, "request", from, to, json, NUL, &out,
                                   NULL, NULL, &sc.e),
                     code);
    return out;
}

static int end(void **state)
{
    llmgw_free(out);
    out = NULL;
    return scene_end(state);
}

#define HOT(model)                                                          \
    "{\"model\":\"" model "\",\"temperature\":0.5,\"messages\":[{\"role\":" \
    "\"user\",\"content\":\"Hello\"}]}"

static void models_are_what_the_host_says(void **state)
{
    (void)state;
    assert_has(becomes(C, A, HOT("claude-opus-4-1"), 0),
               "\"max_tokens\":32000");
    assert_has(out, "temperature");
    set("models",
        "{\"claude-opus-4-1\":{\"max_output\":5,\"sampling\":[\"none\"]}}");
    assert_has(becomes(C, A, HOT("claude-opus-4-1"), 0), "\"max_tokens\":5");
    assert_has_not(out, "temperature");
    set("max_tokens", "77");
    assert_has(becomes(C, A, HOT("claude-opus-4-1"), 0), "\"max_tokens\":77");
    assert_int_equal(llmgw_options_set(sc.o, "models", "{\"m\":{\"x\":1}}"),
                     LLMGW_E_OPTION);
    assert_has(llmgw_error_message(llmgw_options_error(sc.o)), "/m/x");
    assert_int_equal(llmgw_options_load(
                         sc.o, "{\"models\":{\"m\":{\"max_output\":3}}}", NUL),
                     0);
    assert_string_equal(llmgw_options_get(sc.o, "models"),
                        "{\"m\":{\"max_output\":3}}");
}

static void policies_are_chosen(void **state)
{
    static const char image[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
        "\"type\":\"image_url\",\"image_url\":{\"url\":\"https://e.org/i\"}}]}"
        "]}";
    static const char orphan[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":"
        "\"c\",\"content\":\"y\"}]}";
    static const char late[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
        "{\"role\":\"system\",\"content\":\"s\"}]}";

    (void)state;
    (void)becomes(C, "bedrock-converse", image, LLMGW_E_UNSUPPORTED);
    assert_string_equal(llmgw_error_where(sc.e), "/messages/0/content/0");
    set("convert.image_url", "pass");
    (void)becomes(C, "bedrock-converse", image, 0);
    assert_int_equal(llmgw_options_set(sc.o, "convert.image_url", "fetch"),
                     LLMGW_E_OPTION);

    assert_has_not(becomes(C, A, orphan, 0), "tool_result");
    set("convert.orphan_tool_result", "pass");
    assert_has(becomes(C, A, orphan, 0), "tool_result");
    set("convert.orphan_tool_result", "reject");
    (void)becomes(C, A, orphan, LLMGW_E_UNSUPPORTED);

    assert_has(becomes(C, "gemini", late, 0), "systemInstruction");
    set("convert.system_role", "user");
    assert_has(becomes(C, "gemini", late, 0), "<system>s</system>");
    set("convert.system_role", "reject");
    (void)becomes(C, "gemini", late, LLMGW_E_UNSUPPORTED);

    (void)becomes(C, A, HOT("claude-opus-4-8"), 0);
    set("convert.unsupported_param", "reject");
    (void)becomes(C, A, HOT("claude-opus-4-8"), LLMGW_E_UNSUPPORTED);
    assert_string_equal(llmgw_error_where(sc.e), "/temperature");
    (void)becomes(C, A, HOT("m"), 0);
    set("anthropic_version", "2026-10-21");
    (void)becomes(C, A, HOT("m"), LLMGW_E_UNSUPPORTED);
}

static int chat(const llmgw_options *o, const char *json)
{
    scene_clear();
    return llmgw_chat_create(client(), o, json, NUL, &sc.r, &sc.e);
}

static void calls_know_them(void **state)
{
    llmgw_options *o;

    (void)state;
    set("models", "{\"mine\":{\"sampling\":[\"none\"]}}");
    set("anthropic_version", "2026-10-21");
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(chat(NULL, HOT("anthropic/mine")), 0);
    assert_has_not(sent(0, "body"), "temperature");
    assert_has(llmgw_response_loss(sc.r, 0), "\"/temperature\"");
    assert_sent(0, "anthropic-version", "2026-10-21");

    /* a call's own */
    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "anthropic_version", "2023-06-01"),
                     0);
    assert_int_equal(llmgw_options_set(o, "models", "{\"mine\":null}"), 0);
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(chat(o, HOT("anthropic/mine")), 0);
    assert_has(sent(1, "body"), "temperature");
    assert_sent(1, "anthropic-version", "2023-06-01");
    assert_int_equal(
        llmgw_options_set(o, "convert.unsupported_param", "reject"), 0);
    assert_int_equal(llmgw_options_set(o, "models", NULL), 0);
    assert_int_equal(chat(o, HOT("anthropic/mine")), LLMGW_E_UNSUPPORTED);
    assert_int_equal(requests(), 2);
    llmgw_options_free(o);
}

#define DOTTED                                                                 \
    "{\"model\":\"anthropic/m\",\"messages\":[{\"role\":\"user\",\"content\":" \
    "\"Hello\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"    \
    "\"a.b c\",\"parameters\":{}}}]}"
#define SENT "a_b_c_d1965965"

static void names_come_back(void **state)
{
    llmgw_stream *s;
    int ev, seen = 0;

    (void)state;
    script(200, JSON,
           "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
           "\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
           "\"name\":\"" SENT "\",\"input\":{}}],\"stop_reason\":\"tool_use\","
           "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
           "\"output_tokens\":1}}");
    assert_int_equal(chat(NULL, DOTTED), 0);
    assert_has(sent(0, "body"), "\"name\":\"" SENT "\"");
    assert_has(llmgw_response_json(sc.r, NULL), "\"name\":\"a.b c\"");
    script(200, EVENTS,
           M_START M_OPEN("0", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":"
                               "\"" SENT "\",\"input\":{}}") M_CLOSE("0")
               M_END("tool_use"));
    scene_clear();
    assert_int_equal(
        llmgw_chat_stream(client(), NULL, DOTTED, NUL, &sc.st, &sc.e), 0);
    s = sc.st;
    while ((ev = llmgw_stream_next(s)) > 0)
        if (ev == LLMGW_EVENT_TOOL) {
            assert_string_equal(llmgw_stream_name(s), "a.b c");
            assert_has(llmgw_stream_json(s, NULL), "\"name\":\"a.b c\"");
            seen++;
        }
    assert_int_equal(ev, 0);
    assert_int_equal(seen, 1);
}

int main(void)
{
#define OPTED(f) cmocka_unit_test_setup_teardown(f, scene_begin, end)
    const struct CMUnitTest tests[] = {
        OPTED(models_are_what_the_host_says),
        OPTED(policies_are_chosen),
        OPTED(calls_know_them),
        OPTED(names_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
