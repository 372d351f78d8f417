/* SPDX-License-Identifier: MIT */
#include "src/gateway/config.h"

#include <stdlib.h>

#include "src/gateway/cancel.h"
#include "tests/support/options.h"

static struct lg_config *compile(const llmgw_options *from)
{
    struct lg_config *c = NULL;
    struct lg_err e = {0};
    const int rc = lg_config_new(from, &c, &e);

    if (rc)
        fail_msg("%s: %s", e.where, e.text);
    assert_non_null(c);
    return c;
}

/* `o` does not compile, and why. */
static void broken(const char *where, const char *why)
{
    struct lg_config *c = NULL;
    struct lg_err e = {0};

    assert_int_equal(lg_config_new(o, &c, &e), LLMGW_E_OPTION);
    assert_null(c);
    assert_string_equal(e.where, where);
    if (!strstr(e.text, why))
        fail_msg("%s", e.text);
}

static const struct lg_provider_config *named(const struct lg_config *c,
                                              const char *name)
{
    return lg_config_provider(c, lg_str_of(name));
}

static const char *header(const struct lg_name_value *h, const char *name)
{
    const char *found = NULL;

    for (; h && h->name; h++) {
        if (strcmp(h->name, name) == 0) {
            assert_null(found); /* never twice */
            found = h->value;
        }
    }
    return found;
}

static int knows_secret(const struct lg_config *c, const char *text)
{
    int n = 0;

    for (size_t i = 0; i < c->nsecrets; i++)
        n += strcmp(c->secrets[i]->text, text) == 0;
    return n;
}

/* ---- a client's -------------------------------------------------------- */

static void test_nothing(void **state)
{
    struct lg_config *c = compile(NULL);
    const struct lg_provider_config *p = named(c, "anthropic");

    (void)state;
    assert_non_null(p);
    assert_string_equal(p->name, "anthropic");
    assert_string_equal(p->type->name, "anthropic");
    assert_string_equal(p->base_url, "https://api.anthropic.com");
    assert_string_equal(p->auth->name, "x-api-key");
    assert_null(p->key);
    assert_null(p->format);
    p = named(c, "openai");
    assert_string_equal(p->base_url, "https://api.openai.com/v1");
    assert_string_equal(p->auth->name, "bearer");
    assert_null(named(c, "compatible")); /* has no URL of its own */
    assert_null(named(c, ""));
    assert_null(c->only);
    assert_int_equal(c->nsecrets, 0);
    assert_int_equal(c->settings.retry_max, 2);
    lg_config_unref(c);
    lg_config_unref(NULL);
}

/* Everything is the configuration's own: the options may go. */
static void test_owned(void **state)
{
    struct lg_config *c;
    const struct lg_provider_config *p;
    llmgw_cancel *k = NULL;

    (void)state;
    assert_int_equal(llmgw_cancel_new(&k), 0);
    assert_int_equal(llmgw_options_set_cancel(o, k), 0);
    llmgw_cancel_free(k);
    set("providers.claude",
        "{\"type\":\"anthropic\",\"api_key\":\"sekrit\",\"base_url\":"
        "\"http://127.0.0.1:9/x\",\"auth\":\"token\",\"anthropic_version\":"
        "\"2026-10-21\",\"anthropic_beta\":\"b\",\"max_tokens\":9,"
        "\"max_tokens_field\":\"max_tokens\",\"stream_usage\":false,"
        "\"headers\":{\"x-a\":\"1\"},\"format\":\"anthropic-messages\"}");
    set("provider", "claude");
    set("format", "openai-chat");
    set("fold", "usage");
    set("timeout.total_ms", "77");
    set("strict", "true");
    set("headers.x-b", "2");
    set("proxy", "http://me:pass@proxy.example");
    set("tls.ca_file", "/some/file");
    c = compile(o);
    llmgw_options_free(o);
    o = NULL;
    p = named(c, "claude");
    assert_ptr_equal(c->only, p);
    assert_string_equal(p->type->name, "anthropic");
    assert_string_equal(p->key->text, "sekrit");
    assert_string_equal(p->base_url, "http://127.0.0.1:9/x");
    assert_string_equal(p->auth->name, "token");
    assert_string_equal(p->anthropic_version, "2026-10-21");
    assert_string_equal(p->anthropic_beta, "b");
    assert_int_equal(p->max_tokens, 9);
    assert_string_equal(p->max_tokens_field, "max_tokens");
    assert_string_equal(p->stream_usage, "false");
    assert_string_equal(p->format, "anthropic-messages");
    assert_string_equal(header(p->headers, "x-a"), "1");
    assert_string_equal(header(c->headers, "x-b"), "2");
    assert_null(header(c->headers, "x-a"));
    assert_string_equal(c->settings.provider, "claude");
    assert_string_equal(c->settings.format, "openai-chat");
    assert_string_equal(c->settings.fold, "usage");
    assert_int_equal(c->settings.total_ms, 77);
    assert_int_equal(c->settings.strict, 1);
    assert_string_equal(c->settings.proxy, "http://me:pass@proxy.example");
    assert_string_equal(c->settings.ca_file, "/some/file");
    assert_ptr_equal(c->settings.cancel, k);
    assert_false(lg_cancel_fired(c->settings.cancel));
    assert_int_equal(knows_secret(c, "sekrit"), 1);
    assert_int_equal(knows_secret(c, "http://me:pass@proxy.example"), 1);
    lg_config_unref(c);
}

static void test_compatible(void **state)
{
    struct lg_config *c;
    struct lg_policy policy = lg_policy_default;
    const struct lg_provider_config *p;

    (void)state;
    set("providers.a",
        "{\"type\":\"compatible\",\"base_url\":\"https://a.example\"}");
    set("providers.b", "{\"type\":\"compatible\",\"base_url\":"
                       "\"https://b.example\",\"api_key\":\"kkkk\"}");
    set("providers.c",
        "{\"type\":\"compatible\",\"base_url\":\"https://c.example\","
        "\"api_key\":\"kkkk\",\"format\":\"anthropic-messages\","
        "\"max_tokens_field\":\"max_completion_tokens\","
        "\"stream_usage\":\"false\",\"max_tokens\":5}");
    set("providers.compatible", "{\"base_url\":\"https://d.example\","
                                "\"api_key\":\"kkkk\",\"auth\":\"token\"}");
    c = compile(o);
    p = named(c, "a");
    assert_null(p->auth); /* no key, and none needed */
    assert_string_equal(p->format, "openai-chat");
    p->type->policy(p, &policy);
    assert_int_equal(policy.old_max_tokens, 1);
    assert_int_equal(policy.no_stream_usage, 0);
    assert_int_equal(policy.max_tokens, lg_policy_default.max_tokens);
    assert_string_equal(named(c, "b")->auth->name, "bearer");
    p = named(c, "c");
    assert_string_equal(p->auth->name, "x-api-key");
    policy = lg_policy_default;
    p->type->policy(p, &policy);
    assert_int_equal(policy.old_max_tokens, -1);
    assert_int_equal(policy.no_stream_usage, 1);
    assert_int_equal(policy.max_tokens, 5);
    assert_string_equal(policy.anthropic_version,
                        lg_policy_default.anthropic_version);
    assert_string_equal(named(c, "compatible")->auth->name, "token");
    assert_null(c->only); /* there are four */
    assert_int_equal(c->nsecrets, 3);
    lg_config_unref(c);
}

static void test_broken(void **state)
{
    (void)state;
    set("providers.mine.api_key", "kkkk");
    broken("providers.mine.type", "no type is named");
    set("providers.mine.type", "compatible");
    broken("providers.mine.base_url", "needed");
    set("providers.mine.base_url", "http://example.org/v1");
    broken("providers.mine.base_url", "http");
    set("providers.mine.allow_http", "true");
    lg_config_unref(compile(o));
    set("providers.mine.base_url", "https://example.org");
    set("provider", "others");
    broken("provider", "no provider");
    set("provider", "mine");
    lg_config_unref(compile(o));
    set("providers.anthropic.format", "openai-chat");
    broken("providers.anthropic.format", "anthropic");
    set("providers.anthropic", NULL);
    set("/providers/a.b/api_key", "kkkk");
    broken("/providers/a.b/type", "no type");
}

/* ---- one call's -------------------------------------------------------- */

static struct lg_config *base_config(void)
{
    struct lg_config *c;

    set("providers.a", "{\"type\":\"compatible\",\"base_url\":"
                       "\"https://a.example\",\"api_key\":\"client-key\","
                       "\"headers\":{\"X-Place\":\"a\",\"x-keep\":\"k\"}}");
    set("headers", "{\"X-Team\":\"blue\",\"x-all\":\"1\"}");
    c = compile(o);
    llmgw_options_free(o);
    assert_int_equal(llmgw_options_new(&o), 0);
    return c;
}

static struct lg_config * override(struct lg_config *base)
{
    struct lg_config *c = NULL;
    struct lg_err e = {0};

    if (lg_config_override(base, o, &c, &e))
        fail_msg("%s: %s", e.where, e.text);
    return c;
}

static void no_override(struct lg_config *base, const char *where,
                        const char *why)
{
    struct lg_config *c = base;
    struct lg_err e = {0};

    assert_int_equal(lg_config_override(base, o, &c, &e), LLMGW_E_OPTION);
    assert_null(c);
    assert_string_equal(e.where, where);
    if (!strstr(e.text, why))
        fail_msg("%s", e.text);
    assert_int_equal(atomic_load(&base->refs), 1);
}

static void test_cheap(void **state)
{
    struct lg_config *base = base_config(), *c = NULL;

    (void)state;
    assert_int_equal(lg_config_override(base, NULL, &c, NULL), 0);
    assert_ptr_equal(c, base);
    assert_int_equal(atomic_load(&base->refs), 2);
    lg_config_unref(c);
    set("timeout.total_ms", "5");
    set("provider", "openai");
    c = override(base);
    assert_ptr_equal(c, base);
    lg_config_unref(c);
    lg_config_unref(base);
}

static void test_override_headers(void **state)
{
    struct lg_config *base = base_config(), *c;

    (void)state;
    set("headers.x-team", "red");
    set("headers.x-new", "2");
    set("providers.a.headers.x-place", "b");
    c = override(base);
    lg_config_unref(base); /* the override keeps what it needs */
    assert_ptr_not_equal(c, base);
    assert_string_equal(header(c->headers, "x-team"), "red");
    assert_null(header(c->headers, "X-Team"));
    assert_string_equal(header(c->headers, "x-all"), "1");
    assert_string_equal(header(c->headers, "x-new"), "2");
    assert_string_equal(header(named(c, "a")->headers, "x-place"), "b");
    assert_null(header(named(c, "a")->headers, "X-Place"));
    assert_string_equal(header(named(c, "a")->headers, "x-keep"), "k");
    assert_string_equal(named(c, "a")->key->text, "client-key");
    assert_string_equal(named(c, "a")->auth->name, "bearer");
    assert_string_equal(named(c, "openai")->auth->name, "bearer");
    assert_int_equal(knows_secret(c, "client-key"), 1);
    assert_ptr_equal(c->only, named(c, "a"));
    lg_config_unref(c);
}

static void test_override_key(void **state)
{
    struct lg_config *base = base_config(), *c;

    (void)state;
    set("providers.a.api_key", "call-key");
    c = override(base);
    assert_string_equal(named(c, "a")->key->text, "call-key");
    assert_string_equal(named(c, "a")->base_url, "https://a.example");
    assert_string_equal(header(named(c, "a")->headers, "x-keep"), "k");
    assert_string_equal(named(base, "a")->key->text, "client-key");
    assert_int_equal(knows_secret(c, "client-key"), 1);
    assert_int_equal(knows_secret(c, "call-key"), 1);
    assert_int_equal(knows_secret(base, "call-key"), 0);
    lg_config_unref(c);
    lg_config_unref(base);
}

/* What is not configured itself follows what is. */
static void test_override_format(void **state)
{
    struct lg_config *base = base_config(), *c;

    (void)state;
    set("providers.a.format", "anthropic-messages");
    c = override(base);
    assert_string_equal(named(c, "a")->auth->name, "x-api-key");
    assert_string_equal(named(c, "a")->key->text, "client-key");
    lg_config_unref(c);
    lg_config_unref(base);
}

static void test_override_new(void **state)
{
    struct lg_config *base = base_config(), *c;

    (void)state;
    set("providers.b",
        "{\"type\":\"compatible\",\"base_url\":\"https://b.example\","
        "\"api_key\":\"b-key\"}");
    c = override(base);
    assert_string_equal(named(c, "b")->key->text, "b-key");
    assert_null(named(base, "b"));
    assert_null(c->only);
    lg_config_unref(c);
    lg_config_unref(base);
}

/* The client's key goes nowhere but to where the client sends it. */
static void test_moves(void **state)
{
    static const char *const moves[][2] = {
        {"providers.a.base_url", "https://evil.example"},
        {"providers.a.auth", "token"},
        {"providers.a.type", "anthropic"},
        {"providers.openai.base_url", "https://evil.example"},
    };
    struct lg_config *base = base_config(), *c;

    (void)state;
    for (size_t i = 0; i < LG_COUNT(moves); i++) {
        set(moves[i][0], moves[i][1]);
        no_override(base, moves[i][0], "api_key");
        set("providers.other.api_key", "kkkk"); /* not of that provider */
        no_override(base, moves[i][0], "api_key");
        set("providers", NULL);
    }
    set("providers.a.base_url", "https://b.example");
    set("providers.a.api_key", "call-key");
    c = override(base);
    assert_string_equal(named(c, "a")->base_url, "https://b.example");
    assert_string_equal(named(c, "a")->key->text, "call-key");
    /* nor do headers that were meant for the other place */
    assert_null(header(named(c, "a")->headers, "x-keep"));
    lg_config_unref(c);
    set("providers.a.api_key", NULL);
    set("providers.a.auth", "none");
    c = override(base);
    assert_null(named(c, "a")->key);
    assert_string_equal(named(c, "a")->auth->name, "none");
    lg_config_unref(c);
    lg_config_unref(base);
}

static void test_client_only(void **state)
{
    struct lg_config *base = base_config();
    const llmgw_transport none = {0};
    char number[24];

    (void)state;
    for (size_t i = 0; i < lg_option_count; i++) {
        const struct lg_option_row *row = &lg_option_rows[i];

        if (!row->client_only)
            continue;
        (void)snprintf(number, sizeof(number), "%lld", (long long)row->max);
        set(row->key,
            row->kind == LG_OPTION_PROXY ? "http://p.example" : number);
        no_override(base, row->key, "client");
        set(row->key, NULL);
    }
    o->transport = none;
    o->transport.size = sizeof(none);
    no_override(base, "transport", "client");
    o->transport = none;
    lg_config_unref(base);
}

static void test_override_broken(void **state)
{
    struct lg_config *base = base_config();

    (void)state;
    set("providers.c.api_key", "kkkk");
    no_override(base, "providers.c.type", "no type");
    set("providers", NULL);
    set("providers.a.base_url", "http://b.example");
    set("providers.a.api_key", "kkkk");
    no_override(base, "providers.a.base_url", "http");
    set("providers", NULL);
    set("providers.anthropic.format", "openai-chat");
    no_override(base, "providers.anthropic.format", "anthropic");
    lg_config_unref(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing),      TEST(test_owned),
        TEST(test_compatible),   TEST(test_broken),
        TEST(test_cheap),        TEST(test_override_headers),
        TEST(test_override_key), TEST(test_override_format),
        TEST(test_override_new), TEST(test_moves),
        TEST(test_client_only),  TEST(test_override_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
