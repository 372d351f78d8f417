/* SPDX-License-Identifier: MIT
 *
 * Whole calls over the scripted transport. */
#include <llmgw/testing.h>
#include <string.h>

#include "tests/torture/texts.h"
#include "tests/torture/torture.h"

#define HELLO(model)                                          \
    "{\"model\":\"" model "\",\"max_tokens\":9,\"messages\":" \
    "[{\"role\":\"user\",\"content\":\"Hello\"}]}"
#define JSON   "application/json"
#define EVENTS "text/event-stream"
#define OVERLOADED                                                  \
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"," \
    "\"message\":\"Overloaded\"}}"
#define NOT_FOUND                                                  \
    "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"," \
    "\"message\":\"model\"}}"

/* A call, what the provider answers, and what comes of it. */
struct call {
    const char *operation, *request;
    int overloads; /* answers of 529 before the one here */
    int status;
    const char *type, *answer;
    const char *text; /* said in the end; NULL: it fails with `code` */
    int code;
};

static int write_script(llmgw_script *s, const struct call *call)
{
    int rc = 0;

    for (int i = 0; !rc && i < call->overloads; i++) {
        rc = llmgw_script_expect(s, "POST", NULL, NULL);
        if (!rc)
            rc = llmgw_script_answer(s, 529, JSON, OVERLOADED,
                                     LLMGW_NUL_TERMINATED);
    }
    if (!rc)
        rc = llmgw_script_expect(s, "POST", NULL, "Hello");
    if (!rc)
        rc = llmgw_script_cut(s, 300);
    return rc ? rc
              : llmgw_script_answer(s, call->status, call->type, call->answer,
                                    LLMGW_NUL_TERMINATED);
}

static int set_up(llmgw_options *o, llmgw_script *s, const struct call *call)
{
    int rc = write_script(s, call);

    if (!rc)
        rc = llmgw_options_set_script(o, s);
    if (!rc)
        rc = llmgw_options_set(o, "providers.anthropic.api_key", "sk-1");
    if (!rc)
        rc = llmgw_options_set(o, "providers.openai.api_key", "sk-2");
    return rc;
}

/* The code that was promised is a success. */
static int judge(struct torture *t, const struct call *call, int rc,
                 const llmgw_response *r, const llmgw_error *e)
{
    torture_check_error(t, rc, e);
    if (rc == LLMGW_E_NOMEM)
        return rc;
    if (!call->text)
        return rc == call->code ? 0 : rc;
    if (rc < 0)
        return rc;
    if (!r) /* an accessor has no other way to say so */
        return LLMGW_E_NOMEM;
    TORTURE_CHECK(t, strcmp(llmgw_response_text(r, NULL), call->text) == 0);
    return rc;
}

static int run_whole(struct torture *t, llmgw_client *c,
                     const struct call *call)
{
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    int rc = llmgw_call(c, NULL, call->operation, call->request,
                        LLMGW_NUL_TERMINATED, &r, &e);

    TORTURE_CHECK(t, (rc < 0) == (r == NULL));
    rc = judge(t, call, rc, r, e);
    llmgw_response_free(r);
    llmgw_error_free(e);
    return rc;
}

static int run_stream(struct torture *t, llmgw_client *c,
                      const struct call *call)
{
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;
    int rc = llmgw_call_stream(c, NULL, call->operation, call->request,
                               LLMGW_NUL_TERMINATED, &s, &e);

    TORTURE_CHECK(t, (rc < 0) == (s == NULL));
    if (s) {
        while ((rc = llmgw_stream_next(s)) > 0)
            ;
        TORTURE_CHECK(t, llmgw_stream_next(s) == rc); /* for good */
        rc =
            judge(t, call, rc, llmgw_stream_response(s), llmgw_stream_error(s));
    } else {
        rc = judge(t, call, rc, NULL, e);
    }
    llmgw_stream_free(s);
    llmgw_error_free(e);
    return rc;
}

static int run(struct torture *t, const struct call *call)
{
    llmgw_script *s = NULL;
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    int rc = llmgw_script_new(&s);

    if (!rc)
        rc = llmgw_options_new(&o);
    if (!rc)
        rc = set_up(o, s, call);
    if (!rc)
        rc = llmgw_client_new(o, &c, NULL);
    if (!rc)
        rc = strcmp(call->type, EVENTS) == 0 ? run_stream(t, c, call)
                                             : run_whole(t, c, call);
    if (!rc)
        TORTURE_CHECK(t, llmgw_script_unmet(s) == NULL);
    llmgw_client_free(c);
    llmgw_options_free(o);
    llmgw_script_free(s);
    return rc;
}

#define SUNNY "It is \"sunny\"."

static int create(struct torture *t)
{
    static const struct call call = {"messages", HELLO("anthropic/claude-x"),
                                     0,          200,
                                     JSON,       MESSAGES_ANSWER,
                                     SUNNY,      0};

    return run(t, &call);
}

static int create_converted(struct torture *t)
{
    static const struct call call = {"chat", HELLO("anthropic/claude-x"),
                                     0,      200,
                                     JSON,   MESSAGES_ANSWER,
                                     SUNNY,  0};

    return run(t, &call);
}

static int create_retried(struct torture *t)
{
    static const struct call call = {"chat", HELLO("openai/gpt-x"), 2,     200,
                                     JSON,   CHAT_ANSWER,           SUNNY, 0};

    return run(t, &call);
}

static int create_refused(struct torture *t)
{
    static const struct call call = {"messages", HELLO("anthropic/claude-x"),
                                     0,          404,
                                     JSON,       NOT_FOUND,
                                     NULL,       LLMGW_E_REFUSED};

    return run(t, &call);
}

static int stream(struct torture *t)
{
    static const struct call call = {"messages", HELLO("anthropic/claude-x"),
                                     0,          200,
                                     EVENTS,     MESSAGES_STREAM,
                                     "It is",    0};

    return run(t, &call);
}

static int stream_converted(struct torture *t)
{
    static const struct call call = {
        "messages", HELLO("openai/gpt-x"), 1,       200,
        EVENTS,     CHAT_STREAM,           "It is", 0};

    return run(t, &call);
}

static int stream_truncated(struct torture *t)
{
    static const struct call call = {
        "chat", HELLO("openai/gpt-x"),
        0,      200,
        EVENTS, CHAT_DELTA("{\"content\":\"It \"}"),
        NULL,   LLMGW_E_TRUNCATED};

    return run(t, &call);
}

const struct torture_scenario torture_call[] = {
    {"create", create},
    {"create-converted", create_converted},
    {"create-retried", create_retried},
    {"create-refused", create_refused},
    {"stream", stream},
    {"stream-converted", stream_converted},
    {"stream-truncated", stream_truncated},
    {NULL, NULL},
};
