/* SPDX-License-Identifier: MIT
 *
 * Calls out of the ordinary: in other ways, and of other ends. */
#include <llmgw/testing.h>
#include <string.h>

#include "tests/torture/texts.h"
#include "tests/torture/torture.h"

#define NUL    LLMGW_NUL_TERMINATED
#define JSON   "application/json"
#define EVENTS "text/event-stream"
#define ASK                                                                \
    "{\"model\":\"m\",\"max_tokens\":9,\"seed\":7,\"zzz\":1,\"messages\":" \
    "[{\"role\":\"user\",\"content\":\"Hello\"}]}"
#define ERROR_EVENT                                                \
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":" \
    "\"overloaded_error\",\"message\":\"\\ud83d Overloaded\"}}\n\n"
#define HALF                                                                 \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"   \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","         \
    "\"model\":\"claude-x\",\"content\":[],\"stop_reason\":null,"            \
    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,"                 \
    "\"output_tokens\":1}}}\n\n"                                             \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\","   \
    "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"   \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","   \
    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\\ud83d\"}}" \
    "\n\n"

enum {
    STREAMED = 1,  /* read as a stream ... */
    LOOKED_AT = 2, /* ... of which all is looked at, ... */
    LOOPED = 4,    /* ... on the host's loop */
    TRACED = 8,
    SOURCED = 16,
    SUNK = 32,
    OVERRIDDEN = 64
};

struct way {
    const char *operation;
    const char *key, *value; /* an option */
    unsigned how;
    const char *type, *answer, *first; /* `first`: one before it, or NULL */
    int code;
};

/* What a way needs, and ends up with. */
struct scene {
    llmgw_script *s;
    llmgw_options *o, *override;
    llmgw_client *c;
    size_t at; /* of the source */
    int64_t timer;
    size_t traces;
};

static void on_trace(void *user, const llmgw_trace *t)
{
    struct scene *sc = user;

    sc->traces += llmgw_trace_str(t, "operation") != NULL;
}

static int64_t read_ask(void *user, void *buf, size_t cap)
{
    struct scene *sc = user;
    size_t n = strlen(ASK) - sc->at;

    if (n > cap)
        n = cap;
    if (n > 50)
        n = 50;
    memcpy(buf, &ASK[sc->at], n);
    sc->at += n;
    return (int64_t)n;
}

static int rewind_ask(void *user)
{
    struct scene *sc = user;

    sc->at = 0;
    return 0;
}

static int write_answer(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return 0;
}

static int on_watch(void *user, intptr_t fd, int want)
{
    (void)user;
    (void)fd;
    (void)want;
    return 0;
}

static int on_timer(void *user, int64_t ms)
{
    struct scene *sc = user;

    sc->timer = ms;
    return 0;
}

static int script_one(llmgw_script *s, const char *type, const char *answer)
{
    int rc = llmgw_script_expect(s, "POST", NULL, NULL);

    return rc ? rc : llmgw_script_answer(s, 200, type, answer, NUL);
}

static int set_up(struct scene *sc, const struct way *w)
{
    int rc = llmgw_options_set(sc->o, "providers.anthropic.api_key", "sk-1");

    if (!rc && w->key)
        rc = llmgw_options_set(sc->o, w->key, w->value);
    if (!rc && w->how & TRACED)
        rc = llmgw_options_set_trace(sc->o, on_trace, sc);
    if (!rc && w->how & SOURCED)
        rc = llmgw_options_set_source(sc->o, read_ask, rewind_ask, -1, sc);
    if (!rc && w->how & SUNK)
        rc = llmgw_options_set_sink(sc->o, write_answer, sc);
    if (!rc && w->first)
        rc = script_one(sc->s, w->type, w->first);
    if (!rc)
        rc = script_one(sc->s, w->type, w->answer);
    if (!rc)
        rc = llmgw_options_set_script(sc->o, sc->s);
    if (!rc && w->how & OVERRIDDEN)
        rc = llmgw_options_new(&sc->override);
    if (!rc && w->how & OVERRIDDEN)
        rc = llmgw_options_set(sc->override, "headers.x-team", "blue");
    if (!rc && w->how & OVERRIDDEN)
        rc = llmgw_options_set(sc->override, "providers.anthropic.api_key",
                               "sk-2");
    return rc;
}

/* All that an event has; what cannot be had for want of memory is NULL. */
static void look_at(llmgw_stream *s)
{
    llmgw_response *mine;

    (void)llmgw_stream_frame(s, NULL);
    (void)llmgw_stream_json(s, NULL);
    (void)llmgw_stream_response(s);
    if (llmgw_stream_take_response(s, &mine) == 0)
        llmgw_response_free(mine);
}

static int next(struct scene *sc, llmgw_stream *s, unsigned how)
{
    int ev = llmgw_stream_next(s);

    for (int i = 0; ev == LLMGW_E_AGAIN && i < 100; i++) {
        const int rc = llmgw_client_ready(sc->c, -1, 0);

        ev = rc < 0 ? rc : llmgw_stream_next(s);
    }
    if (how & LOOKED_AT)
        look_at(s);
    return ev;
}

static int read_stream(struct torture *t, struct scene *sc, const struct way *w)
{
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;
    int rc =
        llmgw_call_stream(sc->c, sc->override, w->operation, ASK, NUL, &s, &e);

    TORTURE_CHECK(t, (rc < 0) == (s == NULL));
    if (!s)
        torture_check_error(t, rc, e);
    if (s) {
        while ((rc = next(sc, s, w->how)) > 0)
            continue;
        TORTURE_CHECK(t, llmgw_stream_next(s) == rc);
        torture_check_error(t, rc, llmgw_stream_error(s));
    }
    llmgw_stream_free(s);
    llmgw_error_free(e);
    return rc;
}

static int read_whole(struct torture *t, struct scene *sc, const struct way *w)
{
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    const int rc =
        llmgw_call(sc->c, sc->override, w->operation, ASK, NUL, &r, &e);

    TORTURE_CHECK(t, (rc < 0) == (r == NULL));
    torture_check_error(t, rc, e);
    llmgw_response_free(r);
    llmgw_error_free(e);
    return rc;
}

static int go(struct torture *t, const struct way *w)
{
    struct scene sc;
    int rc;

    memset(&sc, 0, sizeof(sc));
    rc = llmgw_script_new(&sc.s);
    if (!rc)
        rc = llmgw_options_new(&sc.o);
    if (!rc)
        rc = set_up(&sc, w);
    if (!rc)
        rc = llmgw_client_new(sc.o, &sc.c, NULL);
    if (!rc && w->how & LOOPED)
        rc = llmgw_client_set_loop(sc.c, on_watch, on_timer, &sc);
    if (!rc) {
        rc = w->how & STREAMED ? read_stream(t, &sc, w) : read_whole(t, &sc, w);
        if (rc == w->code && !(w->how & TRACED && !sc.traces))
            rc = 0;
        else
            TORTURE_CHECK(t, rc != 0);
    }
    llmgw_client_free(sc.c);
    llmgw_options_free(sc.override);
    llmgw_options_free(sc.o);
    llmgw_script_free(sc.s);
    return rc;
}

#define WAY(name, ...)                               \
    static int name(struct torture *t)               \
    {                                                \
        static const struct way way = {__VA_ARGS__}; \
                                                     \
        return go(t, &way);                          \
    }

WAY(via_stream, "messages", "create_via_stream", "true", TRACED, EVENTS,
    MESSAGES_STREAM, NULL, 0)
WAY(lossy, "chat", "headers.x-a", "b", TRACED | OVERRIDDEN, JSON,
    MESSAGES_ANSWER, NULL, 0)
WAY(lossy_stream, "chat", NULL, NULL, STREAMED | LOOKED_AT | TRACED, EVENTS,
    MESSAGES_STREAM, NULL, 0)
WAY(looked_at, "messages", NULL, NULL, STREAMED | LOOKED_AT, EVENTS,
    MESSAGES_STREAM, NULL, 0)
WAY(json_for_a_stream, "messages", NULL, NULL, STREAMED | LOOKED_AT, JSON,
    MESSAGES_ANSWER, NULL, 0)
WAY(error_first, "messages", "retry.initial_ms", "1", STREAMED | TRACED, EVENTS,
    MESSAGES_STREAM, ERROR_EVENT, 0)
WAY(error_later, "chat", "retry.max", "0", STREAMED | LOOKED_AT, EVENTS,
    HALF ERROR_EVENT, NULL, LLMGW_E_PROVIDER)
WAY(truncated, "messages", "retry.max", "0", STREAMED | LOOKED_AT, EVENTS, HALF,
    NULL, LLMGW_E_TRUNCATED)
WAY(looped, "messages", NULL, NULL, STREAMED | LOOPED | TRACED, EVENTS,
    MESSAGES_STREAM, NULL, 0)
WAY(looped_source, "messages", "provider", "anthropic",
    STREAMED | LOOPED | SOURCED, EVENTS, MESSAGES_STREAM, NULL, 0)
WAY(source_and_sink, "messages", "provider", "anthropic", SOURCED | SUNK, JSON,
    MESSAGES_ANSWER, NULL, 0)
WAY(strict, "chat", "strict", "true", 0, JSON, MESSAGES_ANSWER, NULL,
    LLMGW_E_UNSUPPORTED)

const struct torture_scenario torture_ways[] = {
    {"create-via-stream", via_stream},
    {"create-lossy", lossy},
    {"stream-lossy", lossy_stream},
    {"stream-looked-at", looked_at},
    {"stream-of-json", json_for_a_stream},
    {"stream-error-first", error_first},
    {"stream-error-later", error_later},
    {"stream-half", truncated},
    {"stream-looped", looped},
    {"stream-looped-source", looped_source},
    {"create-source-sink", source_and_sink},
    {"create-strict", strict},
    {NULL, NULL},
};
