/* SPDX-License-Identifier: MIT
 *
 * What belongs to the user does not change: not on the way through, and not
 * inside arguments, schemas and text on the way to another format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <llmgw/llmgw.h>

/* Values that a double, a C string or a repairing parser would change. */
static const char *const values[] = {
    "9007199254740993",
    "2512292042121000001",
    "18446744073709551615",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1.0",
    "1.10",
    "-0",
    "-0.0",
    "1E+2",
    "1e400",
    "1e-400",
    "0.1000000000000000055511151231257827",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
    "\"\\u00e9 \xc3\xa9 \xe2\x80\xa8\"",
    "{\"b\":1,\"a\":2,\"b\":3}",
    "{\"\":{\"\":[]}}",
    "[ 1 ,\t2 ]",
};

static char *convert(const char *kind, const char *from, const char *to,
                     const char *json)
{
    llmgw_error *error = NULL;
    char *out = NULL;
    const int err =
        llmgw_convert(NULL, kind, from, to, json, LLMGW_NUL_TERMINATED, &out,
                      NULL, NULL, &error);

    if (err)
        fail_msg("%s\n%s", llmgw_error_message(error), json);
    return out;
}

static const char *const by_way_of[] = {"openai-chat", "cohere-chat",
                                        "ollama-chat"};
#define WAYS (sizeof(by_way_of) / sizeof(by_way_of[0]))

/* There and back, in the place of the %: `value` must stand in the result as
 * it was written. */
static void there_and_back(const char *pattern, const char *value)
{
    const char *place = strchr(pattern, '%');
    char request[2048];

    (void)snprintf(request, sizeof(request), "%.*s%s%s", (int)(place - pattern),
                   pattern, value, place + 1);
    for (size_t i = 0; i < WAYS; i++) {
        char *there =
            convert("request", "anthropic-messages", by_way_of[i], request);
        char *back =
            convert("request", by_way_of[i], "anthropic-messages", there);

        if (!strstr(back, value))
            fail_msg("%s is lost:\n%s\n%s\n%s", value, request, there, back);
        llmgw_free(there);
        llmgw_free(back);
    }
}

static void test_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        there_and_back(
            "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":"
            "[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":"
            "{\"v\":%}}]},{\"role\":\"user\",\"content\":[{\"type\":"
            "\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"ok\"}]}]}",
            values[i]);
}

static void test_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        there_and_back(
            "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":"
            "\"user\",\"content\":\"x\"}],\"tools\":[{\"name\":\"f\","
            "\"input_schema\":{\"type\":\"object\",\"properties\":{\"v\":"
            "{\"default\":%}}}}]}",
            values[i]);
}

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (values[i][0] == '"')
            there_and_back("{\"model\":\"m\",\"max_tokens\":5,\"messages\":"
                           "[{\"role\":\"user\",\"content\":%}]}",
                           values[i]);
}

static void test_answers(void **state)
{
    char answer[2048];

    (void)state;
    for (size_t k = 0; k < WAYS * (sizeof(values) / sizeof(values[0])); k++) {
        const char *way = by_way_of[k % WAYS];
        const size_t i = k / WAYS;
        char *there, *back;

        (void)snprintf(answer, sizeof(answer),
                       "{\"id\":\"i\",\"type\":\"message\",\"role\":"
                       "\"assistant\",\"model\":\"m\",\"content\":[{\"type\":"
                       "\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":"
                       "{\"v\":%s}}],\"stop_reason\":\"tool_use\","
                       "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
                       "\"output_tokens\":1}}",
                       values[i]);
        there = convert("response", "anthropic-messages", way, answer);
        back = convert("response", way, "anthropic-messages", there);
        if (!strstr(back, values[i]))
            fail_msg("%s is lost:\n%s\n%s", values[i], there, back);
        llmgw_free(there);
        llmgw_free(back);
    }
}

/* The same format is the same bytes, whatever they say. */
static void test_same_bytes(void **state)
{
    char request[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char *same;

        (void)snprintf(request, sizeof(request),
                       " {\"model\" : \"m\",\n\"invented_yesterday\":%s ,"
                       "\"max_tokens\":1.0,\"messages\":[]}\n",
                       values[i]);
        same = convert("request", "anthropic-messages", "anthropic-messages",
                       request);
        assert_string_equal(same, request);
        llmgw_free(same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),  cmocka_unit_test(test_schemas),
        cmocka_unit_test(test_text),       cmocka_unit_test(test_answers),
        cmocka_unit_test(test_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
