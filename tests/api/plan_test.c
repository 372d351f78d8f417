/* SPDX-License-Identifier: MIT
 *
 * Where a call goes and what is sent there: providers, formats, bodies to the
 * byte, headers and keys. */
#include "tests/api/api.h"

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]"

/* A call of which nothing is wanted but what it sends. */
static const char *send_it(const char *operation, const char *json)
{
    const size_t n = requests();

    scene_clear();
    script(200, JSON,
           strcmp(operation, "chat") == 0 ? COMPLETION("Hi") : MESSAGE("Hi"));
    (void)llmgw_call(client(), NULL, operation, json, NUL, &sc.r, &sc.e);
    if (requests() == n)
        fail_msg("%s: %s", json, llmgw_error_message(sc.e));
    return sent(n, "body");
}

/* ---- which provider ----------------------------------------------------- */

static void three_providers(void)
{
    set("providers.local.type", "compatible");
    set("providers.local.base_url", "http://127.0.0.1:8080/v1");
    set("providers.mine.type", "anthropic");
    set("providers.mine.base_url", "https://mine.example/api/");
    set("providers.mine.api_key", "sk-mine");
}

static const struct {
    const char *dflt; /* option `provider` */
    const char *model, *url, *sent;
} routes[] = {
    {NULL, "openai/gpt-x", "https://api.openai.com/v1/chat/completions",
     "gpt-x"},
    {NULL, "local/a/b/c", "http://127.0.0.1:8080/v1/chat/completions", "a/b/c"},
    {NULL, "local/openai/x", "http://127.0.0.1:8080/v1/chat/completions",
     "openai/x"},
    {"local", "meta/llama", "http://127.0.0.1:8080/v1/chat/completions",
     "meta/llama"},
    {"local", "llama", "http://127.0.0.1:8080/v1/chat/completions", "llama"},
    {"local", "openai/gpt", "https://api.openai.com/v1/chat/completions",
     "gpt"},
    {"openai", "Openai/gpt", "https://api.openai.com/v1/chat/completions",
     "Openai/gpt"},
    {"openai", "/gpt", "https://api.openai.com/v1/chat/completions", "/gpt"},
    {"local", "openai", "http://127.0.0.1:8080/v1/chat/completions", "openai"},
    {NULL, "openai\\/gpt-x", "https://api.openai.com/v1/chat/completions",
     "gpt-x"},
    {NULL, "openai/", "https://api.openai.com/v1/chat/completions", ""},
};

static void finds_the_provider(void **state)
{
    char json[256], want[256];

    (void)state;
    for (size_t i = 0; i < COUNT(routes); i++) {
        three_providers();
        if (routes[i].dflt)
            set("provider", routes[i].dflt);
        (void)snprintf(json, sizeof(json), "{\"model\":\"%s\"," HI "}",
                       routes[i].model);
        (void)snprintf(want, sizeof(want), "{\"model\":\"%s\"," HI "}",
                       routes[i].sent);
        assert_string_equal(send_it("chat", json), want);
        assert_sent(0, "url", routes[i].url);
        scene_anew();
    }
}

static void finds_the_only_one(void **state)
{
    static const struct {
        const char *keys[3][2];
        const char *host; /* NULL: none is found */
    } rows[] = {
        {{{"providers.openai.api_key", "k"}}, "//api.openai.com/"},
        {{{"providers.anthropic.api_key", "k"}}, "//api.anthropic.com/"},
        {{{"providers.local.type", "compatible"},
          {"providers.local.base_url", "http://127.0.0.1/v1"}},
         "//127.0.0.1/"},
        {{{"providers.openai.api_key", "k"},
          {"providers.anthropic.api_key", "k"}},
         NULL},
        {{{"providers.openai.api_key", "k"},
          {"providers.anthropic.api_key", "k"},
          {"provider", "openai"}},
         "//api.openai.com/"},
        {{{"retry.max", "1"}}, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        set("providers.anthropic.api_key", NULL);
        set("providers.openai.api_key", NULL);
        for (size_t k = 0; k < 3 && rows[i].keys[k][0]; k++)
            set(rows[i].keys[k][0], rows[i].keys[k][1]);
        if (rows[i].host) {
            (void)send_it("chat", "{\"model\":\"some/model\"," HI "}");
            assert_has(sent(0, "url"), rows[i].host);
        } else {
            assert_int_equal(call(ASK_CHAT("m")), LLMGW_E_OPTION);
            assert_string_equal(llmgw_error_where(sc.e), "provider");
            assert_has(llmgw_error_message(sc.e), "\"m\"");
            assert_null(llmgw_error_provider(sc.e));
            assert_int_equal(requests(), 0);
        }
        scene_anew();
    }
}

static void asks_no_one_without_a_key(void **state)
{
    (void)state;
    set("providers.openai.api_key", NULL);
    assert_int_equal(call(GPT), LLMGW_E_AUTH);
    assert_int_equal(requests(), 0);
    assert_int_equal(llmgw_error_retryable(sc.e), 0);
    assert_string_equal(llmgw_error_provider(sc.e), "openai");
    assert_int_equal(llmgw_error_http_status(sc.e), 0);
    assert_null(llmgw_error_get(sc.e, "attempts"));
}

/* ---- which format ------------------------------------------------------- */

static void speaks_the_format(void **state)
{
    static const struct {
        const char *format, *operation, *url, *has;
    } rows[] = {
        {NULL, "chat", "/v1/chat/completions", NULL},
        {NULL, "messages", "/v1/chat/completions", "\"messages\":[{\"role\":"},
        {"openai-chat", "messages", "/v1/chat/completions", NULL},
        {"anthropic-messages", "messages", "/v1/v1/messages", NULL},
        {"anthropic-messages", "chat", "/v1/v1/messages", "\"max_tokens\":"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const int chat = strcmp(rows[i].operation, "chat") == 0;

        three_providers();
        if (rows[i].format)
            set("providers.local.format", rows[i].format);
        if (rows[i].format && strstr(rows[i].format, "anthropic"))
            script(200, JSON, MESSAGE("Hi"));
        else
            script(200, JSON, COMPLETION("Hi"));
        assert_int_equal(
            call(chat ? ASK_CHAT("local/m") : ASK_MESSAGES("local/m")), 0);
        assert_has(sent(0, "url"), rows[i].url);
        if (rows[i].has)
            assert_has(sent(0, "body"), rows[i].has);
        assert_string_equal(text(), "Hi");
        assert_has(llmgw_response_json(sc.r, NULL),
                   chat ? "\"chat.completion\""
                        : "\"stop_reason\":\"end_turn\"");
        scene_anew();
    }
}

/* The caller's format is another than the function's name says. */
static void takes_the_format_told(void **state)
{
    (void)state;
    set("format", "openai-chat");
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(
        llmgw_call(client(), NULL, "messages", GPT, NUL, &sc.r, &sc.e), 0);
    assert_sent(0, "body", ASK_CHAT("gpt-x"));
    assert_string_equal(llmgw_response_json(sc.r, NULL), COMPLETION("Hi"));
}

/* ---- the body ----------------------------------------------------------- */

/* Same format: the caller's bytes, but for what must be set. */
static const struct {
    const char *in, *out; /* "chat", to openai */
} bodies[] = {
    {"{\"model\":\"openai/m\"}", "{\"model\":\"m\"}"},
    {" {\n\t\"model\" :\"openai/m\" , " HI "}\r\n",
     " {\n\t\"model\" :\"m\" , " HI "}\r\n"},
    {"{\"model\":\"openai/m\",\"seed\":9007199254740993,\"top_p\":1.0,"
     "\"x\":1E400,\"y\":-0,\"z\":1e-2}",
     "{\"model\":\"m\",\"seed\":9007199254740993,\"top_p\":1.0,"
     "\"x\":1E400,\"y\":-0,\"z\":1e-2}"},
    {"{\"a\":1,\"a\":2,\"model\":\"openai/m\",\"\\u0061\":3}",
     "{\"a\":1,\"a\":2,\"model\":\"m\",\"\\u0061\":3}"},
    {"{\"x\":\"\\ud800\\u0000\\/\",\"model\":\"openai/m\"}",
     "{\"x\":\"\\ud800\\u0000\\/\",\"model\":\"m\"}"},
    {"{\"x\":{\"model\":\"openai/m\",\"mod\\u0065l\":1},\"model\":\"openai/m\"}",
     "{\"x\":{\"model\":\"openai/m\",\"mod\\u0065l\":1},\"model\":\"m\"}"},
    {"{\"model\":\"openai/\\u006d\\\"\"}", "{\"model\":\"\\u006d\\\"\"}"},
    {"{\"Model\":7,\"model\":\"openai/m\"}", "{\"Model\":7,\"model\":\"m\"}"},
    {"{\"stream\":true,\"model\":\"openai/m\"}",
     "{\"stream\":false,\"model\":\"m\"}"},
    {"{\"stream\":false,\"model\":\"openai/m\"}",
     "{\"stream\":false,\"model\":\"m\"}"},
    {"{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":"
     "\"openai/m\"}",
     "{\"stream\":false,\"stream_options\":null,\"model\":\"m\"}"},
    {"{\"stream\":null,\"model\":\"openai/m\"}",
     "{\"stream\":null,\"model\":\"m\"}"},
    {"{\"model\":\"openai/m\",\"metadata\":{\"a\":[[],{},\"\\\\\"]}}",
     "{\"model\":\"m\",\"metadata\":{\"a\":[[],{},\"\\\\\"]}}"},
};

static void leaves_bodies_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        assert_string_equal(send_it("chat", bodies[i].in), bodies[i].out);
        scene_anew();
    }
}

static void adds_stream(void **state)
{
    static const char *const rows[][2] = {
        {"{\"model\":\"anthropic/m\"}", "{\"stream\":true,\"model\":\"m\"}"},
        {"{\"stream\":true,\"model\":\"anthropic/m\"}",
         "{\"stream\":true,\"model\":\"m\"}"},
        {"{\"model\":\"anthropic/m\",\"stream\":false }",
         "{\"model\":\"m\",\"stream\":true }"},
        {"{\"model\":\"anthropic/m\",\"stream\":7}",
         "{\"model\":\"m\",\"stream\":true}"},
        {"{ }", "{\"stream\":true }"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        set("provider", "anthropic");
        script(200, EVENTS, MESSAGE_STREAM);
        assert_int_equal(llmgw_messages_stream(client(), NULL, rows[i][0], NUL,
                                               &sc.st, &sc.e),
                         0);
        assert_sent(0, "body", rows[i][1]);
        assert_sent(0, "accept", EVENTS);
        scene_anew();
    }
}

/* Counted bytes, of which what lies behind is not read. */
static void counts_bytes(void **state)
{
    const char *json = "{\"model\":\"openai/m\"}garbage";

    (void)state;
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(llmgw_chat_create(client(), NULL, json, 20, &sc.r, &sc.e),
                     0);
    assert_sent(0, "body", "{\"model\":\"m\"}");
}

static const struct {
    const char *json;
    int code;
    const char *where;
} refusals[] = {
    {"", LLMGW_E_JSON, NULL},
    {"{", LLMGW_E_JSON, NULL},
    {"[]", LLMGW_E_JSON, NULL},
    {"7", LLMGW_E_JSON, NULL},
    {"\"openai/m\"", LLMGW_E_JSON, NULL},
    {"null", LLMGW_E_JSON, NULL},
    {"{\"model\":\"openai/m\"}}", LLMGW_E_JSON, NULL},
    {"{\"model\":\"openai/m\",}", LLMGW_E_JSON, NULL},
    {"{\"model\":\"openai/\xff\"}", LLMGW_E_JSON, NULL},
    {"{\"model\":7}", LLMGW_E_JSON, "/model"},
    {"{\"model\":[\"openai/m\"]}", LLMGW_E_JSON, "/model"},
    {"{\"model\":{}}", LLMGW_E_JSON, "/model"},
    {"{\"model\":true}", LLMGW_E_JSON, "/model"},
    {"{\"model\":\"openai/m\",\"model\":\"x\"}", LLMGW_E_JSON, "/model"},
    {"{\"mod\\u0065l\":\"openai/m\"}", LLMGW_E_JSON, "/model"},
    {"{\"model\":\"openai/m\",\"stream\":true,\"str\\u0065am\":false}",
     LLMGW_E_JSON, "/stream"},
    {"{\"model\":\"openai/m\",\"stream_options\":1,\"stream_options\":1}",
     LLMGW_E_JSON, "/stream_options"},
    {"{\"model\":\"m\"}", LLMGW_E_OPTION, "provider"},
    {"{\"model\":null}", LLMGW_E_OPTION, "provider"},
    {"{}", LLMGW_E_OPTION, "provider"},
};

static void refuses_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        for (int streamed = 0; streamed < 2; streamed++) {
            const char *json = refusals[i].json;
            const int rc = streamed ? stream(json) : call(json);
            const char *where = llmgw_error_where(sc.e);

            if (rc != refusals[i].code)
                fail_msg("%s: %d", json, rc);
            if (refusals[i].where)
                assert_string_equal(where, refusals[i].where);
            else
                assert_true(!where || !*where);
            assert_int_equal(llmgw_error_retryable(sc.e), 0);
            assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
        }
    }
    assert_int_equal(requests(), 0);
}

/* ---- headers and keys --------------------------------------------------- */

static void sets_headers(void **state)
{
    (void)state;
    three_providers();
    set("providers.mine.anthropic_version", "2024-01-01");
    set("providers.mine.anthropic_beta", "a,b");
    (void)send_it("messages", CLAUDE);
    assert_sent(0, "x-api-key", "sk-ant");
    assert_sent(0, "anthropic-version", "2023-06-01");
    assert_sent(0, "content-type", JSON);
    assert_sent(0, "accept", JSON);
    assert_sent(0, "method", "POST");
    assert_sent(0, "url", "https://api.anthropic.com/v1/messages");
    assert_has(sent(0, "user-agent"), "libllmgw/");
    assert_null(sent(0, "authorization"));
    assert_null(sent(0, "anthropic-beta"));
    (void)send_it("messages", ASK_MESSAGES("mine/m"));
    assert_sent(1, "url", "https://mine.example/api/v1/messages");
    assert_sent(1, "x-api-key", "sk-mine");
    assert_sent(1, "anthropic-version", "2024-01-01");
    assert_sent(1, "anthropic-beta", "a,b");
    (void)send_it("chat", GPT);
    assert_sent(2, "authorization", "Bearer sk-oai");
    assert_null(sent(2, "x-api-key"));
    assert_null(sent(2, "anthropic-version"));
    (void)send_it("chat", ASK_CHAT("local/m"));
    assert_null(sent(3, "authorization"));
    assert_null(sent(3, "x-api-key"));
}

static void adds_headers(void **state)
{
    llmgw_options *o;

    (void)state;
    assert_int_equal(llmgw_options_new(&o), 0);
    set("headers.x-team", "blue");
    set("headers.x-all", "1");
    set("headers.user-agent", "mine/1");
    set("providers.anthropic.headers.x-team", "red");
    set("providers.anthropic.headers.anthropic-version", "2030-01-01");
    (void)send_it("messages", CLAUDE);
    assert_sent(0, "x-team", "red");
    assert_sent(0, "x-all", "1");
    assert_sent(0, "user-agent", "mine/1");
    assert_sent(0, "anthropic-version", "2030-01-01");
    (void)send_it("chat", GPT);
    assert_sent(1, "x-team", "blue");
    assert_int_equal(llmgw_options_set(o, "headers.X-All", "2"), 0);
    assert_int_equal(llmgw_options_set(o, "headers.x-call", "3"), 0);
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(call_with(o, GPT), 0);
    assert_sent(2, "x-all", "2");
    assert_sent(2, "x-call", "3");
    assert_sent(2, "x-team", "blue");
    assert_sent(2, "authorization", "Bearer sk-oai");
    (void)send_it("chat", GPT); /* of that call alone */
    assert_sent(3, "x-all", "1");
    assert_null(sent(3, "x-call"));
    llmgw_options_free(o);
}

/* Each name once, however it was set. */
static void sends_no_header_twice(void **state)
{
    llmgw_options *o;

    (void)state;
    assert_int_equal(llmgw_options_new(&o), 0);
    set("headers.Accept", "x");
    set("headers.User-Agent", "y");
    set("providers.openai.headers.ACCEPT", "z");
    assert_int_equal(llmgw_options_set(o, "headers.user-agent", "w"), 0);
    script(200, JSON, COMPLETION("Hi"));
    assert_int_equal(call_with(o, GPT), 0);
    assert_sent(0, "accept", "z");
    assert_sent(0, "user-agent", "w");
    llmgw_options_free(o);
}

/* A client's key never follows a URL of one call. */
static void keeps_keys_at_home(void **state)
{
    static const struct {
        const char *keys[3][2];
        int code;
        const char *key; /* sent */
    } rows[] = {
        {{{"providers.openai.base_url", "https://evil.example"}},
         LLMGW_E_OPTION,
         NULL},
        {{{"providers.openai.base_url", "https://evil.example"},
          {"providers.openai.api_key", "sk-evil"}},
         0,
         "Bearer sk-evil"},
        {{{"providers.openai.base_url", "https://evil.example"},
          {"providers.openai.auth", "none"}},
         0,
         NULL},
        {{{"providers.openai.auth", "x-api-key"}}, LLMGW_E_OPTION, NULL},
        {{{"providers.openai.type", "compatible"},
          {"providers.openai.base_url", "https://evil.example"}},
         LLMGW_E_OPTION,
         NULL},
        {{{"providers.openai.api_key", "sk-2"}}, 0, "Bearer sk-2"},
        {{{"providers.openai.max_tokens", "7"}}, 0, "Bearer sk-oai"},
        {{{"retry.budget", "7"}}, LLMGW_E_OPTION, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        llmgw_options *o;

        assert_int_equal(llmgw_options_new(&o), 0);
        for (size_t k = 0; k < 3 && rows[i].keys[k][0]; k++)
            assert_int_equal(
                llmgw_options_set(o, rows[i].keys[k][0], rows[i].keys[k][1]),
                0);
        script(200, JSON, COMPLETION("Hi"));
        assert_int_equal(call_with(o, GPT), rows[i].code);
        assert_int_equal(requests(), rows[i].code == 0);
        if (rows[i].key)
            assert_sent(0, "authorization", rows[i].key);
        else if (!rows[i].code)
            assert_null(sent(0, "authorization"));
        llmgw_options_free(o);
        scene_anew();
    }
}

/* What the options say is taken when the client is made, and an override when
 * the call is. */
static void copies_options(void **state)
{
    llmgw_options *o;

    (void)state;
    set("provider", "openai");
    (void)client();
    llmgw_options_free(sc.o);
    sc.o = NULL;
    assert_int_equal(llmgw_options_new(&o), 0);
    assert_int_equal(llmgw_options_set(o, "provider", "openai"), 0);
    assert_int_equal(llmgw_options_set(o, "format", "openai-chat"), 0);
    assert_int_equal(llmgw_options_set(o, "fold", "usage"), 0);
    assert_int_equal(llmgw_options_set(o, "headers.x-a", "b"), 0);
    assert_int_equal(llmgw_options_set(o, "retry.initial_ms", "1"), 0);
    script(200, EVENTS,
           "data: {\"error\":{\"message\":\"x\",\"type\":\"overloaded\"}}\n\n");
    script(200, EVENTS, CHAT_STREAM);
    assert_int_equal(stream_with(o, ASK_CHAT("gpt")), 0);
    llmgw_options_free(o);
    assert_int_equal(drain(), 0);
    assert_sent(1, "x-a", "b");
    assert_string_equal(llmgw_response_text(llmgw_stream_response(sc.st), NULL),
                        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(finds_the_provider),
        SCENE(finds_the_only_one),
        SCENE(asks_no_one_without_a_key),
        SCENE(speaks_the_format),
        SCENE(takes_the_format_told),
        SCENE(leaves_bodies_alone),
        SCENE(adds_stream),
        SCENE(counts_bytes),
        SCENE(refuses_requests),
        SCENE(sets_headers),
        SCENE(adds_headers),
        SCENE(sends_no_header_twice),
        SCENE(keeps_keys_at_home),
        SCENE(copies_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
