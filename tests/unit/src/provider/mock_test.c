/* SPDX-License-Identifier: MIT */
#include "src/provider/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/format/feed.h"
#include "lib/json/text.h"
#include "tests/support/exchange.h"

#define MESSAGES "mock://local/v1/messages"
#define CHAT     "mock://local/v1/chat/completions"

/* One request to the mock and the JSON that came back. */
struct asked {
    struct inflight f;
    const struct lg_mail *mail;
    struct lg_arena arena;
    struct lg_json doc;
};

static void ask_raw(struct asked *a, const char *url, const char *body,
                    const char *script)
{
    const struct lg_provider_config config = {.script = script};
    struct lg_prepare prepare = {.config = &config};

    memset(a, 0, sizeof(*a));
    inflight_init(&a->f, "POST", url, body);
    lg_arena_init(&a->arena, 0, SIZE_MAX / 2);
    prepare.x = &a->f.x;
    assert_int_equal(lg_provider_mock.prepare(&prepare), 0);
    assert_int_equal(lg_provider_mock.transport->start(NULL, &a->f.x), 0);
    a->mail = inflight_look(&a->f);
    assert_true(a->mail->done);
}

static void ask(struct asked *a, const char *url, const char *body,
                const char *script)
{
    ask_raw(a, url, body, script);
    assert_int_equal(a->mail->code, LLMGW_OK);
    assert_string_equal(lg_exchange_answer_header(&a->f.x, "content-type"),
                        "application/json");
    assert_int_equal(
        lg_json_read(&a->doc, &a->arena, lg_buf_span(&a->f.got), NULL), 0);
}

static void forget(struct asked *a)
{
    inflight_done(&a->f);
    lg_arena_done(&a->arena);
}

/* The value at a path like "choices.0.message". */
static struct lg_val at(const struct asked *a, const char *path)
{
    struct lg_val v = lg_json_root(&a->doc);
    char step[64];

    for (size_t n; *path; path += n + (path[n] == '.')) {
        n = strcspn(path, ".");
        memcpy(step, path, n);
        step[n] = '\0';
        if (lg_val_kind(v) == LG_JSON_ARRAY) {
            struct lg_iter it = lg_iter_of(v);
            for (long i = strtol(step, NULL, 10); i >= 0; i--)
                assert_true(lg_iter_next(&it));
            v = it.val;
        } else {
            v = lg_val_get(v, step);
        }
    }
    return v;
}

static void assert_at(const struct asked *a, const char *path, const char *want)
{
    struct lg_buf text;
    const struct lg_val v = at(a, path);

    lg_buf_init(&text, SIZE_MAX / 2);
    assert_non_null(v.doc);
    if (lg_val_kind(v) == LG_JSON_STRING)
        (void)lg_json_unescape(&text, lg_val_body(v), LG_TO_TEXT);
    else
        (void)lg_buf_str(&text, lg_val_raw(v));
    assert_string_equal(lg_buf_span(&text).p, want);
    lg_buf_done(&text);
}

static void test_echo(void **state)
{
    struct asked a;

    (void)state;
    ask(&a, MESSAGES,
        "{\"model\":\"mock/echo\",\"max_tokens\":9,\"system\":\"be brief\","
        "\"messages\":[{\"role\":\"user\",\"content\":\"first\"},"
        "{\"role\":\"assistant\",\"content\":\"ok\"},{\"role\":\"user\","
        "\"content\":[{\"type\":\"text\",\"text\":\"gr\\u00fc\\n \"},"
        "{\"type\":\"text\",\"text\":\"\\\"world\\\"\"}]}]}",
        NULL);
    assert_int_equal(a.mail->status, 200);
    assert_string_equal(lg_exchange_answer_header(&a.f.x, "request-id"),
                        "req_mock_2");
    assert_at(&a, "id", "msg_mock_2");
    assert_at(&a, "type", "message");
    assert_at(&a, "model", "mock/echo");
    assert_at(&a, "content.0.text", "gr\xc3\xbc\n \"world\"");
    assert_at(&a, "stop_reason", "end_turn");
    assert_at(&a, "usage.input_tokens", "6");
    assert_at(&a, "usage.output_tokens", "2");
    forget(&a);

    ask(&a, CHAT,
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\","
        "\"content\":\"one two\"}]}",
        NULL);
    assert_int_equal(a.mail->status, 200);
    assert_at(&a, "object", "chat.completion");
    assert_at(&a, "id", "msg_mock_1");
    assert_at(&a, "created", "1767225600");
    assert_at(&a, "choices.0.message.content", "one two");
    assert_at(&a, "choices.0.finish_reason", "stop");
    assert_at(&a, "usage.prompt_tokens", "2");
    assert_at(&a, "usage.completion_tokens", "2");
    forget(&a);
}

static void test_echo_of_nothing(void **state)
{
    struct asked a;

    (void)state;
    ask(&a, MESSAGES, "{\"model\":\"echo\",\"max_tokens\":9,\"messages\":[]}",
        NULL);
    assert_at(&a, "content", "[]");
    assert_at(&a, "usage.output_tokens", "0");
    forget(&a);
}

static void test_lorem(void **state)
{
    static const struct {
        const char *model, *words;
    } cases[] = {{"lorem", "60"}, {"mock/lorem-7", "7"}, {"lorem-0", "0"}};
    struct asked a;
    char body[200];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"model\":\"%s\",\"max_tokens\":9,\"messages\":"
                       "[{\"role\":\"user\",\"content\":\"x\"}]}",
                       cases[i].model);
        ask(&a, MESSAGES, body, NULL);
        assert_at(&a, "usage.output_tokens", cases[i].words);
        forget(&a);
    }
    ask(&a, MESSAGES,
        "{\"model\":\"lorem-3\",\"max_tokens\":9,\"messages\":"
        "[{\"role\":\"user\",\"content\":\"x\"}]}",
        NULL);
    assert_at(&a, "content.0.text", "lorem ipsum dolor");
    forget(&a);
}

/* ---- streams ----------------------------------------------------------- */

struct reader {
    struct lg_ir_sink sink; /* first member */
    struct lg_fold fold;
    size_t texts, thinkings;
};

static int read_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct reader *r = (struct reader *)self;

    r->texts += ev->kind == LG_EV_TEXT;
    r->thinkings += ev->kind == LG_EV_THINKING;
    return lg_fold_event(&r->fold, ev);
}

/* Read the stream back; to be ended with lg_fold_done(). */
static const struct lg_ir_answer *read_stream(struct asked *a, struct reader *r,
                                              const char *format)
{
    const struct lg_format *fmt = lg_format_by_name(lg_str_of(format));
    struct lg_err err = {0};
    struct lg_bridge bridge = {.stream = 1, .wants_usage = 1};
    struct lg_losses losses;
    struct lg_ctx ctx = {
        .self = fmt,
        .arena = &a->arena,
        .keep = &a->arena,
        .policy = &lg_policy_default,
        .bridge = &bridge,
        .losses = &losses,
        .err = &err,
    };
    struct lg_feed feed;

    lg_losses_init(&losses, &a->arena, &err, 0);
    *r = (struct reader){.sink = {read_put}};
    lg_fold_init(&r->fold, &a->arena, LG_FOLD_ALL, 1 << 20, fmt);
    assert_int_equal(lg_feed_init(&feed, fmt, &ctx, 1 << 20), 0);
    lg_feed_bytes(&feed, a->f.got.p, a->f.got.n);
    while (lg_feed_next(&feed, &r->sink) > 0)
        ;
    assert_int_equal(lg_feed_end(&feed, &r->sink), 0);
    assert_true(feed.complete);
    lg_feed_done(&feed);
    return lg_fold_answer(&r->fold);
}

static void test_streams(void **state)
{
    static const struct {
        const char *format, *url, *extra;
    } cases[] = {
        {"anthropic-messages", MESSAGES, "\"max_tokens\":9"},
        {"openai-chat", CHAT, "\"stream_options\":{\"include_usage\":true}"},
    };
    struct asked a;
    struct reader r;
    char body[400];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        const struct lg_ir_answer *answer;

        (void)snprintf(body, sizeof(body),
                       "{\"model\":\"echo\",\"stream\":true,%s,\"messages\":"
                       "[{\"role\":\"user\",\"content\":\"a b  c\\\\nd\"}]}",
                       cases[i].extra);
        ask_raw(&a, cases[i].url, body, NULL);
        assert_int_equal(a.mail->code, LLMGW_OK);
        assert_string_equal(lg_exchange_answer_header(&a.f.x, "content-type"),
                            "text/event-stream");
        answer = read_stream(&a, &r, cases[i].format);
        assert_true(answer->complete);
        assert_int_equal(r.texts, 3); /* "a", " b", "  c\\nd" */
        assert_true(lg_str_is(answer->first.parts->text.s, "a b  c\\\\nd"));
        assert_null(answer->first.parts->next);
        assert_int_equal(answer->first.stop.kind, LG_STOP_END);
        assert_int_equal(answer->usage.input, 3);
        assert_int_equal(answer->usage.output, 3);
        lg_fold_done(&r.fold);
        forget(&a);
    }
}

#define STEPS                                                             \
    "[{\"thinking\":\"let me see\",\"text\":\"I ask\","                   \
    "\"tools\":[{\"name\":\"get_weather\",\"input\":{\"city\":\"Ulm\"}}," \
    "{\"name\":\"now\"}]},\n {\"text\":\"It is\",\"stop\":\"length\"},"   \
    "{\"error\":{\"status\":429,\"type\":\"rate_limit_error\","           \
    "\"message\":\"slow \\\"down\\\"\",\"retry_after\":1.5}},"            \
    "{\"error\":{}},{\"text\":5},7]"

static void scripted(struct asked *a, const char *url, int turns,
                     const char *more)
{
    char body[1000];
    size_t n;

    n = (size_t)snprintf(body, sizeof(body),
                         "{\"model\":\"script\",%s\"messages\":["
                         "{\"role\":\"user\",\"content\":\"x\"}",
                         more);
    for (int i = 0; i < turns; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n,
                              ",{\"role\":\"assistant\",\"content\":\"y\"}"
                              ",{\"role\":\"user\",\"content\":\"z\"}");
    (void)snprintf(body + n, sizeof(body) - n, "]}");
    if (strstr(more, "stream"))
        ask_raw(a, url, body, STEPS);
    else
        ask(a, url, body, STEPS);
}

static void test_script(void **state)
{
    const char *const max = "\"max_tokens\":9,";
    struct asked a;

    (void)state;
    scripted(&a, MESSAGES, 0, max);
    assert_at(&a, "content.0.type", "thinking");
    assert_at(&a, "content.0.thinking", "let me see");
    assert_at(&a, "content.1.text", "I ask");
    assert_at(&a, "content.2.name", "get_weather");
    assert_at(&a, "content.2.id", "call_mock_1_1");
    assert_at(&a, "content.2.input.city", "Ulm");
    assert_at(&a, "content.3.name", "now");
    assert_at(&a, "content.3.id", "call_mock_1_2");
    assert_at(&a, "content.3.input", "{}");
    assert_at(&a, "stop_reason", "tool_use");
    forget(&a);

    scripted(&a, CHAT, 0, "");
    assert_at(&a, "choices.0.message.content", "I ask");
    assert_at(&a, "choices.0.message.tool_calls.0.function.arguments",
              "{\"city\":\"Ulm\"}");
    assert_at(&a, "choices.0.message.tool_calls.1.function.name", "now");
    assert_at(&a, "choices.0.finish_reason", "tool_calls");
    forget(&a);

    scripted(&a, MESSAGES, 1, max);
    assert_at(&a, "content.0.text", "It is");
    assert_at(&a, "stop_reason", "max_tokens");
    forget(&a);
}

static void test_script_streams(void **state)
{
    struct asked a;
    struct reader r;
    const struct lg_ir_answer *answer;
    const struct lg_ir_part *p;

    (void)state;
    scripted(&a, MESSAGES, 0, "\"max_tokens\":9,\"stream\":true,");
    answer = read_stream(&a, &r, "anthropic-messages");
    assert_int_equal(r.thinkings, 3);
    assert_int_equal(r.texts, 2);
    p = answer->first.parts;
    assert_int_equal(p->kind, LG_PART_THINKING);
    assert_true(lg_ir_has(&p->blob.val));
    p = p->next->next;
    assert_true(lg_ir_is(&p->name, "get_weather"));
    assert_true(lg_ir_is(&p->next->name, "now"));
    assert_int_equal(answer->first.stop.kind, LG_STOP_TOOL);
    lg_fold_done(&r.fold);
    forget(&a);

    scripted(&a, CHAT, 1, "\"stream\":true,");
    answer = read_stream(&a, &r, "openai-chat");
    assert_int_equal(answer->first.stop.kind, LG_STOP_LENGTH);
    assert_int_equal(answer->usage.output, -1); /* nobody asked for it */
    lg_fold_done(&r.fold);
    forget(&a);
}

/* ---- errors ------------------------------------------------------------ */

static void test_scripted_errors(void **state)
{
    struct asked a;

    (void)state;
    scripted(&a, MESSAGES, 2, "\"max_tokens\":9,");
    assert_int_equal(a.mail->status, 429);
    assert_string_equal(lg_exchange_answer_header(&a.f.x, "retry-after"),
                        "1.5");
    assert_at(&a, "type", "error");
    assert_at(&a, "error.type", "rate_limit_error");
    assert_at(&a, "error.message", "slow \"down\"");
    forget(&a);

    scripted(&a, CHAT, 3, "");
    assert_int_equal(a.mail->status, 500);
    assert_null(lg_exchange_answer_header(&a.f.x, "retry-after"));
    assert_at(&a, "error.message", "scripted error");
    forget(&a);
}

static void test_script_faults(void **state)
{
    static const char *const said[] = {
        "a member of the script's step has the wrong type",
        "a step of the script is no object",
        "the script has no step for this turn",
    };
    static const struct {
        const char *script, *said;
    } whole[] = {
        {NULL, "the option providers.<name>.script is not set"},
        {"{}", "the script is no JSON array"},
        {"[", "the script is no JSON array"},
        {"[{\"tool\":{\"input\":{}}}]",
         "a tool of the script has no name, or an input that is no object"},
        {"[{\"tools\":[{\"name\":\"a\"},{\"name\":\"b\",\"input\":[]}]}]",
         "a tool of the script has no name, or an input that is no object"},
    };
    struct asked a;

    (void)state;
    for (int i = 0; i < 3; i++) {
        scripted(&a, CHAT, 4 + i, "");
        assert_int_equal(a.mail->status, 400);
        assert_at(&a, "error.message", said[i]);
        forget(&a);
    }
    for (size_t i = 0; i < LG_COUNT(whole); i++) {
        ask(&a, CHAT, "{\"model\":\"mock/script\",\"messages\":[]}",
            whole[i].script);
        assert_int_equal(a.mail->status, 400);
        assert_at(&a, "error.message", whole[i].said);
        forget(&a);
    }
}

static void test_unknown_models(void **state)
{
    static const char *const models[] = {"other", "lorem-", "lorem-x",
                                         "lorem--1", "lorem-1000001"};
    struct asked a;
    char body[200], said[200];

    (void)state;
    for (size_t i = 0; i < LG_COUNT(models); i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"model\":\"mock/%s\",\"max_tokens\":9,"
                       "\"messages\":[]}",
                       models[i]);
        (void)snprintf(said, sizeof(said), "model: %s", models[i]);
        ask(&a, MESSAGES, body, NULL);
        assert_int_equal(a.mail->status, 404);
        assert_at(&a, "error.type", "not_found_error");
        assert_at(&a, "error.message", said);
        forget(&a);
        ask(&a, CHAT, body, NULL);
        assert_int_equal(a.mail->status, 404);
        assert_at(&a, "error.message", said);
        forget(&a);
    }
}

static void test_bad_requests(void **state)
{
    struct asked a;

    (void)state;
    ask(&a, MESSAGES, "{\"model\":", NULL);
    assert_int_equal(a.mail->status, 400);
    assert_at(&a, "error.type", "invalid_request_error");
    forget(&a);
    ask(&a, CHAT, "[]", NULL);
    assert_int_equal(a.mail->status, 400);
    forget(&a);
    ask_raw(&a, "mock://local/v1/other", "{}", NULL);
    assert_int_equal(a.mail->code, LLMGW_E_UNSUPPORTED);
    forget(&a);
}

static void test_stops_when_told(void **state)
{
    struct inflight f;
    const struct lg_mail *mail;

    (void)state;
    inflight_init(&f, "POST", CHAT,
                  "{\"model\":\"lorem\",\"messages\":[],\"stream\":true}");
    atomic_store(&f.x.cancelled, 1);
    assert_int_equal(lg_provider_mock.transport->start(NULL, &f.x), 0);
    mail = inflight_look(&f);
    assert_true(mail->done);
    assert_int_equal(mail->code, LLMGW_E_CANCELLED);
    assert_int_equal(f.got.n, 0);
    inflight_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_echo_of_nothing),
        cmocka_unit_test(test_lorem),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_script_streams),
        cmocka_unit_test(test_scripted_errors),
        cmocka_unit_test(test_script_faults),
        cmocka_unit_test(test_unknown_models),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_stops_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
