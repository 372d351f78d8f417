/* SPDX-License-Identifier: MIT
 *
 * What the tests of whole calls share: a scene of options, a script, a client
 * and whatever came of it, and the words that providers say. */
#ifndef TESTS_API_API_H
#define TESTS_API_API_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <llmgw/testing.h>

#define NUL      LLMGW_NUL_TERMINATED
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define JSON     "application/json"
#define EVENTS   "text/event-stream"

/* ---- what is asked ------------------------------------------------------ */

#define ASK_MESSAGES(model)                                   \
    "{\"model\":\"" model "\",\"max_tokens\":9,\"messages\":" \
    "[{\"role\":\"user\",\"content\":\"Hello\"}]}"
#define ASK_CHAT(model)                        \
    "{\"model\":\"" model "\",\"messages\":[{" \
    "\"role\":\"user\",\"content\":\"Hello\"}]}"
#define CLAUDE ASK_MESSAGES("anthropic/claude-x")
#define GPT    ASK_CHAT("openai/gpt-x")

/* ---- what is answered --------------------------------------------------- */

#define MESSAGE(text)                                                         \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","          \
    "\"model\":\"claude-x\",\"content\":[{\"type\":\"text\",\"text\":\"" text \
    "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":"     \
    "{\"input_tokens\":10,\"output_tokens\":20}}"
#define COMPLETION(text)                                                    \
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"  \
    "\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"message\":{\"role\":"  \
    "\"assistant\",\"content\":\"" text "\"},\"finish_reason\":\"stop\"}]," \
    "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,"             \
    "\"total_tokens\":30}}"

#define FRAME(name, data) "event: " name "\ndata: " data "\n\n"
#define M_START                                                        \
    FRAME("message_start",                                             \
          "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"," \
          "\"type\":\"message\",\"role\":\"assistant\",\"model\":"     \
          "\"claude-x\",\"content\":[],\"stop_reason\":null,"          \
          "\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,"     \
          "\"output_tokens\":1}}}")
#define M_OPEN(index, block)                                   \
    FRAME("content_block_start",                               \
          "{\"type\":\"content_block_start\",\"index\":" index \
          ",\"content_block\":" block "}")
#define M_TEXT_OPEN(index) M_OPEN(index, "{\"type\":\"text\",\"text\":\"\"}")
#define M_DELTA(index, delta)                                  \
    FRAME("content_block_delta",                               \
          "{\"type\":\"content_block_delta\",\"index\":" index \
          ",\"delta\":" delta "}")
#define M_TEXT(index, text) \
    M_DELTA(index, "{\"type\":\"text_delta\",\"text\":\"" text "\"}")
#define M_CLOSE(index)          \
    FRAME("content_block_stop", \
          "{\"type\":\"content_block_stop\",\"index\":" index "}")
#define M_END(reason)                                                        \
    FRAME("message_delta",                                                   \
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
          "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":20}}")    \
    FRAME("message_stop", "{\"type\":\"message_stop\"}")
#define M_PING FRAME("ping", "{\"type\":\"ping\"}")
#define M_ERROR(type, message)                                       \
    FRAME("error", "{\"type\":\"error\",\"error\":{\"type\":\"" type \
                   "\",\"message\":\"" message "\"}}")
#define MESSAGE_STREAM                                                         \
    M_START M_TEXT_OPEN("0") M_TEXT("0", "It ") M_TEXT("0", "is") M_CLOSE("0") \
        M_END("end_turn")

#define C_FRAME(choices, more)                                           \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\"," \
    "\"created\":1,\"model\":\"gpt-x\",\"choices\":[" choices "]" more "}\n\n"
#define C_DELTA(delta) \
    C_FRAME("{\"index\":0,\"delta\":" delta ",\"finish_reason\":null}", "")
#define C_TEXT(text) C_DELTA("{\"content\":\"" text "\"}")
#define C_STOP(reason) \
    C_FRAME("{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}", "")
#define C_USAGE                                     \
    C_FRAME("", ",\"usage\":{\"prompt_tokens\":10," \
                "\"completion_tokens\":20,\"total_tokens\":30}")
#define C_DONE "data: [DONE]\n\n"
#define CHAT_STREAM                                      \
    C_DELTA("{\"role\":\"assistant\",\"content\":\"\"}") \
    C_TEXT("It ") C_TEXT("is") C_STOP("stop") C_USAGE C_DONE

#define REFUSAL(type, message)                        \
    "{\"type\":\"error\",\"error\":{\"type\":\"" type \
    "\",\"message\":\"" message "\"}}"
#define OVERLOADED REFUSAL("overloaded_error", "Overloaded")

/* ---- the scene ---------------------------------------------------------- */

struct scene {
    llmgw_options *o;
    llmgw_script *s;
    llmgw_client *c;
    llmgw_response *r;
    llmgw_stream *st;
    llmgw_error *e;
};

static struct scene sc;

/* A script, and options with a key for each of two providers. */
static inline int scene_begin(void **state)
{
    (void)state;
    memset(&sc, 0, sizeof(sc));
    return llmgw_script_new(&sc.s) || llmgw_options_new(&sc.o) ||
           llmgw_options_set_script(sc.o, sc.s) ||
           llmgw_options_set(sc.o, "providers.anthropic.api_key", "sk-ant") ||
           llmgw_options_set(sc.o, "providers.openai.api_key", "sk-oai");
}

static inline void scene_clear(void)
{
    llmgw_response_free(sc.r);
    llmgw_error_free(sc.e);
    llmgw_stream_free(sc.st);
    sc.r = NULL;
    sc.e = NULL;
    sc.st = NULL;
}

static inline int scene_end(void **state)
{
    (void)state;
    scene_clear();
    llmgw_client_free(sc.c);
    llmgw_options_free(sc.o);
    llmgw_script_free(sc.s);
    return 0;
}

/* End it and begin another, in the middle of a test. */
static inline void scene_anew(void)
{
    (void)scene_end(NULL);
    assert_int_equal(scene_begin(NULL), 0);
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)

static inline void set(const char *key, const char *value)
{
    if (llmgw_options_set(sc.o, key, value))
        fail_msg("%s=%s: %s", key, value ? value : "(null)",
                 llmgw_error_message(llmgw_options_error(sc.o)));
}

/* The client; made with what the options are when it is first needed. */
static inline llmgw_client *client(void)
{
    llmgw_error *e = NULL;

    if (!sc.c && llmgw_client_new(sc.o, &sc.c, &e))
        fail_msg("client: %s", llmgw_error_message(e));
    return sc.c;
}

/* ---- the script --------------------------------------------------------- */

static inline void expect(void)
{
    assert_int_equal(llmgw_script_expect(sc.s, "POST", NULL, NULL), 0);
}

/* A request, and its answer. */
static inline void script(int status, const char *type, const char *body)
{
    expect();
    assert_int_equal(llmgw_script_answer(sc.s, status, type, body, NUL), 0);
}

static inline void and_header(const char *name, const char *value)
{
    assert_int_equal(llmgw_script_header(sc.s, name, value), 0);
}

static inline void and_status(int status, const char *type)
{
    assert_int_equal(llmgw_script_status(sc.s, status), 0);
    if (type)
        and_header("content-type", type);
}

static inline void and_body(const char *text)
{
    assert_int_equal(llmgw_script_body(sc.s, text, NUL), 0);
}

static inline void and_wait(int64_t ms)
{
    assert_int_equal(llmgw_script_wait(sc.s, ms), 0);
}

static inline void assert_met(void)
{
    const char *unmet = llmgw_script_unmet(sc.s);

    if (unmet)
        fail_msg("%s", unmet);
}

static inline int64_t now(void)
{
    return llmgw_script_now(sc.s);
}

static inline size_t requests(void)
{
    return llmgw_script_requests(sc.s);
}

static inline const char *sent(size_t i, const char *what)
{
    return llmgw_script_sent(sc.s, i, what, NULL);
}

static inline void assert_sent(size_t i, const char *what, const char *want)
{
    const char *got = sent(i, what);

    if (!got)
        fail_msg("request %zu: no %s", i, what);
    assert_string_equal(got, want);
}

/* ---- calls -------------------------------------------------------------- */

/* "messages" where the text is one of theirs. */
static inline const char *operation_of(const char *json)
{
    return strstr(json, "max_tokens") ? "messages" : "chat";
}

static inline int call_with(const llmgw_options *o, const char *json)
{
    int rc;

    scene_clear();
    rc = llmgw_call(client(), o, operation_of(json), json, NUL, &sc.r, &sc.e);
    assert_true((rc == 0) == (sc.r != NULL));
    assert_true((rc < 0) == (sc.e != NULL));
    assert_int_equal(llmgw_error_code(sc.e), rc);
    return rc;
}

static inline int call(const char *json)
{
    return call_with(NULL, json);
}

static inline int stream_with(const llmgw_options *o, const char *json)
{
    int rc;

    scene_clear();
    rc = llmgw_call_stream(client(), o, operation_of(json), json, NUL, &sc.st,
                           &sc.e);
    assert_true((rc == 0) == (sc.st != NULL));
    assert_int_equal(llmgw_error_code(sc.e), rc);
    return rc;
}

static inline int stream(const char *json)
{
    return stream_with(NULL, json);
}

static inline int next(void)
{
    return llmgw_stream_next(sc.st);
}

/* Read to the end; what next() said last. */
static inline int drain(void)
{
    int ev;

    do
        ev = next();
    while (ev > 0);
    return ev;
}

static inline const char *text(void)
{
    return llmgw_response_text(sc.r, NULL);
}

static inline const llmgw_error *stream_error(void)
{
    return llmgw_stream_error(sc.st);
}

/* `part` stands in `whole`. */
static inline void assert_has(const char *whole, const char *part)
{
    if (!whole || !strstr(whole, part))
        fail_msg("no \"%s\" in \"%s\"", part, whole ? whole : "(null)");
}

static inline void assert_has_not(const char *whole, const char *part)
{
    if (whole && strstr(whole, part))
        fail_msg("\"%s\" in \"%s\"", part, whole);
}

/* ---- traces ------------------------------------------------------------- */

#define TRACE_KEYS 20
#define TRACES_MAX 64

/* What was traced, as text: "kind key=value key=value". */
struct traces {
    size_t n;
    int kind[TRACES_MAX];
    char line[TRACES_MAX][1024];
};

static const char *const trace_keys[] = {
    "operation",    "provider",     "model",      "format",     "method",
    "url",          "pointer",      "action",     "reason",     "error",
    "maybe_billed", "call",         "attempt",    "delay_ms",   "status",
    "retries",      "code",         "body_bytes", "elapsed_ms", "first_ms",
    "input_tokens", "output_tokens"};

static inline void trace_into(void *user, const llmgw_trace *t)
{
    struct traces *all = user;
    size_t at = 0;
    char *line;

    assert_true(all->n < TRACES_MAX);
    line = all->line[all->n];
    all->kind[all->n++] = llmgw_trace_kind(t);
    line[0] = '\0';
    for (size_t i = 0; i < COUNT(trace_keys); i++) {
        const char *s = llmgw_trace_str(t, trace_keys[i]);
        const int64_t v = llmgw_trace_int(t, trace_keys[i]);

        if (s)
            at += (size_t)snprintf(line + at, sizeof(all->line[0]) - at,
                                   "%s=%.300s;", trace_keys[i], s);
        else if (v != -1)
            at += (size_t)snprintf(line + at, sizeof(all->line[0]) - at,
                                   "%s=%" PRId64 ";", trace_keys[i], v);
        assert_true(at < sizeof(all->line[0]));
    }
}

/* The n-th of a kind, or NULL. */
static inline const char *traced(const struct traces *all, int kind, size_t n)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->kind[i] == kind && n-- == 0)
            return all->line[i];
    return NULL;
}

static inline size_t count_traces(const struct traces *all, int kind)
{
    size_t n = 0;

    while (traced(all, kind, n))
        n++;
    return n;
}

/* The number behind `key=` in a line. */
static inline int64_t number_in(const char *line, const char *key)
{
    const char *at = line ? strstr(line, key) : NULL;

    assert_non_null(at);
    return strtoll(at + strlen(key), NULL, 10);
}

#endif
