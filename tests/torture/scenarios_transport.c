/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "src/provider/mock.h"
#include "src/transport/script.h"
#include "tests/support/exchange.h"
#include "tests/torture/torture.h"

static int write_script(llmgw_script *s)
{
    int rc = llmgw_script_expect(s, "POST", "/v1/messages", "Hello");

    if (!rc)
        rc = llmgw_script_expect_header(s, "x-api-key", "secret");
    if (!rc)
        rc = llmgw_script_cut(s, 3);
    if (!rc)
        rc = llmgw_script_answer(s, 200, "application/json", "{\"a\":1}", 7);
    return rc ? rc : llmgw_script_wait(s, 10);
}

static int run_script(struct torture *t, llmgw_script *s)
{
    struct inflight f;
    const struct lg_mail *mail;
    int rc;

    inflight_init(&f, "POST", "https://example.org/v1/messages", "{Hello}");
    inflight_header(&f, "x-api-key", "secret");
    rc = lg_script_transport.start(s, &f.x);
    for (int i = 0; rc >= 0 && i < 20; i++)
        rc = lg_script_transport.pump(s, 100);
    mail = inflight_look(&f);
    if (rc >= 0) {
        TORTURE_CHECK(t, mail->done);
        rc = mail->code ? mail->code : f.got.err;
    }
    if (rc >= 0) {
        TORTURE_CHECK(t, strcmp(f.got.p, "{\"a\":1}") == 0);
        TORTURE_CHECK(t, llmgw_script_unmet(s) == NULL);
    }
    inflight_done(&f);
    return rc;
}

static int script(struct torture *t)
{
    llmgw_script *s;
    int rc = llmgw_script_new(&s);

    if (rc)
        return rc;
    rc = write_script(s);
    if (!rc)
        rc = run_script(t, s);
    llmgw_script_free(s);
    return rc;
}

static int ask_mock(struct torture *t, const char *url, const char *body,
                    int status, const char *said)
{
    const struct lg_provider_config config = {
        .script = "[{\"thinking\":\"a b\",\"text\":\"c\",\"tool\":{\"name\":"
                  "\"d\",\"input\":{\"e\":1}}}]"};
    struct lg_prepare prepare = {.config = &config};
    struct inflight f;
    const struct lg_mail *mail;
    int rc;

    inflight_init(&f, "POST", url, body);
    prepare.x = &f.x;
    rc = lg_provider_mock.prepare(&prepare);
    if (!rc)
        rc = lg_provider_mock.transport->start(NULL, &f.x);
    mail = inflight_look(&f);
    if (!rc) {
        TORTURE_CHECK(t, mail->done);
        rc = mail->code ? mail->code : f.got.err;
    }
    if (!rc) {
        TORTURE_CHECK(t, mail->status == status);
        TORTURE_CHECK(t, strstr(f.got.p, said) != NULL);
    }
    inflight_done(&f);
    return rc;
}

static int mock(struct torture *t)
{
#define MESSAGES "mock://local/v1/messages"
#define CHAT     "mock://local/v1/chat/completions"
#define SAY(model, more)                                              \
    "{\"model\":\"" model "\",\"max_tokens\":9," more "\"messages\":" \
    "[{\"role\":\"user\",\"content\":\"Hello, world\"}]}"
#define STREAM "\"stream\":true,"
    int rc = ask_mock(t, MESSAGES, SAY("echo", ""), 200, "Hello, world");

    if (!rc)
        rc = ask_mock(t, CHAT, SAY("script", ""), 200, "call_mock_1_1");
    if (!rc)
        rc = ask_mock(t, MESSAGES, SAY("script", STREAM), 200, "message_stop");
    if (!rc)
        rc = ask_mock(t, CHAT, SAY("lorem-9", STREAM), 200, "[DONE]");
    return rc ? rc : ask_mock(t, CHAT, SAY("x", ""), 404, "model: x");
}

const struct torture_scenario torture_transport[] = {
    {"script", script},
    {"mock", mock},
    {NULL, NULL},
};
