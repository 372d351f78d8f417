/* SPDX-License-Identifier: MIT */
#include "src/gateway/options.h"

#include "tests/support/options.h"

/* The row's key with names for its <name>s. */
static void real_key(const struct lg_option_row *row, char *out, size_t cap)
{
    const char *names[] = {"one", "x-two"};
    size_t n = 0, i = strncmp(row->key, "headers", 7) == 0;

    for (const char *p = row->key; *p && n + 1 < cap; p++) {
        if (*p != '<') {
            out[n++] = *p;
            continue;
        }
        n += (size_t)snprintf(out + n, cap - n, "%s", names[i++]);
        p = strchr(p, '>');
    }
    out[n] = '\0';
}

static const char *good_value(const struct lg_option_row *row, char *scratch,
                              size_t cap)
{
    switch ((enum lg_option_kind)row->kind) {
    case LG_OPTION_INT:
        (void)snprintf(scratch, cap, "%lld", (long long)row->max);
        return scratch;
    case LG_OPTION_BOOL:
        return row->dflt ? "false" : "true";
    case LG_OPTION_WORD:
    case LG_OPTION_CHOICE:
        (void)snprintf(scratch, cap, "%.*s", (int)strcspn(row->words, " "),
                       row->words);
        return scratch;
    case LG_OPTION_URL:
        return "https://example.org/v1";
    case LG_OPTION_PROXY:
        return "http://me:pass@proxy.example:8080";
    case LG_OPTION_FACTS:
        return "{\"claude-x\": {\"max_output\": 9}}";
    case LG_OPTION_JSON:
        return "[1.0, {\"a\": 18446744073709551615}]";
    case LG_OPTION_TYPE:
        return "anthropic";
    case LG_OPTION_AUTH:
        return "bearer";
    case LG_OPTION_FORMAT:
        return "openai-chat";
    case LG_OPTION_STRING:
    case LG_OPTION_SECRET:
    case LG_OPTION_HEADER:
        break;
    }
    return "some text";
}

static int reads_back(const struct lg_option_row *row)
{
    return row->kind != LG_OPTION_SECRET && row->kind != LG_OPTION_PROXY;
}

static void test_rows(void **state)
{
    char key[256], scratch[64];

    (void)state;
    for (size_t i = 0; i < lg_option_count; i++) {
        const struct lg_option_row *row = &lg_option_rows[i];
        const char *value = good_value(row, scratch, sizeof(scratch));

        real_key(row, key, sizeof(key));
        is(key, NULL);
        set(key, value);
        is(key, reads_back(row) ? value : "***");
        set(key, value); /* again: no second one */
        set(key, NULL);
        is(key, NULL);
        assert_null(o->entries);
        set(key, NULL); /* what is not there can be taken out */
    }
}

static void test_help(void **state)
{
    size_t n = 0;

    (void)state;
    for (; llmgw_option_name(n); n++) {
        const char *help = llmgw_option_help(n);
        const size_t len = strlen(help);

        assert_true(len > 20 && len < 200);
        assert_true(help[len - 1] == '.');
        assert_true(strstr(help, "default") != NULL);
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(llmgw_option_name(i), llmgw_option_name(n));
    }
    assert_int_equal(n, lg_option_count);
    assert_null(llmgw_option_help(n));
    assert_null(llmgw_option_name(SIZE_MAX));
}

/* The help of a number says what the row does. */
static void test_help_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < lg_option_count; i++) {
        const struct lg_option_row *row = &lg_option_rows[i];
        char text[64];

        if (row->kind == LG_OPTION_INT) {
            (void)snprintf(text, sizeof(text), "%lld", (long long)row->max);
            assert_non_null(strstr(row->help, text));
            (void)snprintf(text, sizeof(text), "%lld", (long long)row->min);
            assert_non_null(strstr(row->help, text));
            (void)snprintf(text, sizeof(text), "default: %lld.",
                           (long long)row->dflt);
        } else if (row->kind == LG_OPTION_BOOL) {
            (void)snprintf(text, sizeof(text), "default: %s.",
                           row->dflt ? "true" : "false");
        } else {
            continue;
        }
        if (row->dflt || !row->min)
            assert_non_null(strstr(row->help, text));
    }
}

static void test_defaults(void **state)
{
    struct lg_settings s;

    (void)state;
    lg_settings_defaults(&s);
    assert_int_equal(s.connect_ms, 10000);
    assert_int_equal(s.first_byte_ms, 600000);
    assert_int_equal(s.idle_ms, 60000);
    assert_int_equal(s.content_ms, 180000);
    assert_int_equal(s.total_ms, 0);
    assert_int_equal(s.retry_max, 2);
    assert_int_equal(s.retry_ambiguous, 1);
    assert_int_equal(s.retry_budget, 500);
    assert_int_equal(s.max_tokens, 0); /* the model's */
    assert_int_equal(s.max_body_bytes, 64 << 20);
    assert_int_equal(s.loops, 1);
    assert_int_equal(s.http2, 0);
    assert_string_equal(s.fold, "all");
    assert_null(s.provider);
    assert_null(s.proxy);
    assert_null(s.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows),
        TEST(test_help),
        TEST(test_help_numbers),
        TEST(test_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
