/* SPDX-License-Identifier: MIT
 *
 * A provider that needs no key and no network. It answers by itself, through
 * the formats' own readers and writers:
 *
 *     echo      the last text of the user
 *     lorem     60 words; lorem-N: N of them
 *     script    what the option providers.<name>.script says: a list with one
 *               step for each turn, chosen by the assistant's turns so far,
 *               {"thinking", "text", "tool": {"name", "input"}, "tools": [],
 *               "stop"} or {"error": {"status", "type", "message",
 *               "retry_after"}}
 *
 * One word of text is one piece of a stream, and one token. */
#include "src/provider/mock.h"

#include <stdio.h>

#define LOREM_DEFAULT 60
#define LOREM_MAX     1000000
#define CREATED       1767225600 /* 2026-01-01T00:00:00Z */

static const struct lg_endpoint endpoints[] = {
    {"anthropic-messages", "POST", "/v1/messages"},
    {"openai-chat", "POST", "/v1/chat/completions"},
    {NULL, NULL, NULL},
};

/* ---- the models -------------------------------------------------------- */

static int echo(struct lg_mock *m)
{
    const struct lg_ir_part *last = NULL;
    struct lg_mock_reply r = {.stop = LG_STOP_END};
    int rc;

    for (const struct lg_ir_message *msg = m->request.messages; msg;
         msg = msg->next)
        for (const struct lg_ir_part *p = msg->parts; p; p = p->next)
            if (msg->role == LG_ROLE_USER && p->kind == LG_PART_TEXT) {
                last = msg->parts;
                break;
            }
    for (; last; last = last->next)
        if (last->kind == LG_PART_TEXT)
            (void)lg_buf_str(&m->out, last->text.s);
    rc = lg_mock_take(m, &r.text);
    return rc ? rc : lg_mock_say(m, &r);
}

static int lorem(struct lg_mock *m, int64_t n)
{
    static const char *const words[] = {
        "lorem",       "ipsum",      "dolor",  "sit",     "amet",
        "consectetur", "elit",       "sed",    "do",      "tempor",
        "magna",       "incididunt", "ut",     "labore",  "et",
        "dolore",      "aliqua",     "veniam", "quis",    "nostrud",
        "nisi",        "ex",         "ea",     "commodo", "consequat",
    };
    struct lg_mock_reply r = {.stop = LG_STOP_END};
    int rc;

    for (int64_t i = 0; i < n; i++) {
        if (i)
            (void)lg_buf_byte(&m->out, ' ');
        (void)lg_buf_str(&m->out,
                         lg_str_of(words[(uint64_t)i % LG_COUNT(words)]));
    }
    rc = lg_mock_take(m, &r.text);
    return rc ? rc : lg_mock_say(m, &r);
}

static enum lg_error_class class_of(int64_t status)
{
    static const struct {
        int64_t status;
        enum lg_error_class kind;
    } classes[] = {
        {401, LG_ERROR_AUTH},       {402, LG_ERROR_BILLING},
        {403, LG_ERROR_PERMISSION}, {404, LG_ERROR_NOT_FOUND},
        {409, LG_ERROR_CONFLICT},   {413, LG_ERROR_TOO_LARGE},
        {429, LG_ERROR_RATE_LIMIT}, {504, LG_ERROR_TIMEOUT},
        {529, LG_ERROR_OVERLOADED},
    };

    for (size_t i = 0; i < LG_COUNT(classes); i++)
        if (classes[i].status == status)
            return classes[i].kind;
    return status < 500 ? LG_ERROR_INVALID : LG_ERROR_SERVER;
}

static int scripted_error(struct lg_mock *m, struct lg_val error)
{
    const struct lg_val wait = lg_val_get(error, "retry_after");
    struct lg_ir_error e = {
        .type = lg_ir_of(lg_val_get(error, "type")),
        .message = lg_ir_of(lg_val_get(error, "message")),
    };
    const char *retry_after = NULL;
    int64_t status = 0;

    if (lg_val_int(lg_val_get(error, "status"), &status) || status < 400 ||
        status > 599)
        status = 500;
    e.status = (int)status;
    e.class = (uint8_t)class_of(status);
    if (!lg_ir_has(&e.message))
        e.message = lg_ir_word("scripted error");
    if (lg_val_kind(wait) == LG_JSON_NUMBER) {
        retry_after = lg_arena_dup(&m->arena, lg_val_raw(wait));
        if (!retry_after)
            return m->arena.err;
    }
    return lg_mock_error(m, &e, retry_after);
}

static uint8_t stop_of(struct lg_val step)
{
    const struct lg_val stop = lg_val_get(step, "stop");

    for (int kind = LG_STOP_END; kind <= LG_STOP_OTHER; kind++)
        if (lg_val_is(stop, lg_stop_name((enum lg_stop)kind)))
            return (uint8_t)kind;
    if (stop.doc)
        return LG_STOP_OTHER;
    return lg_val_get(step, "tool").doc || lg_val_get(step, "tools").doc
               ? LG_STOP_TOOL
               : LG_STOP_END;
}

/* What is wrong with a step, or NULL. */
static const char *step_fault(struct lg_val step)
{
    static const struct {
        const char *in, *name;
        enum lg_json_kind kind;
    } members[] = {
        {NULL, "thinking", LG_JSON_STRING},
        {NULL, "text", LG_JSON_STRING},
        {NULL, "stop", LG_JSON_STRING},
        {NULL, "tool", LG_JSON_OBJECT},
        {NULL, "tools", LG_JSON_ARRAY},
        {NULL, "error", LG_JSON_OBJECT},
        {"error", "type", LG_JSON_STRING},
        {"error", "message", LG_JSON_STRING},
    };
    struct lg_iter it = lg_iter_of(lg_val_get(step, "tools"));
    struct lg_val tool = lg_val_get(step, "tool");

    if (lg_val_kind(step) != LG_JSON_OBJECT)
        return "a step of the script is no object";
    for (size_t i = 0; i < LG_COUNT(members); i++) {
        const struct lg_val v =
            lg_val_get(members[i].in ? lg_val_get(step, members[i].in) : step,
                       members[i].name);
        if (v.doc && lg_val_kind(v) != members[i].kind)
            return "a member of the script's step has the wrong type";
    }
    while (tool.doc || lg_iter_next(&it)) {
        const struct lg_val t = tool.doc ? tool : it.val;
        const struct lg_val input = lg_val_get(t, "input");
        if (lg_val_kind(lg_val_get(t, "name")) != LG_JSON_STRING ||
            (input.doc && lg_val_kind(input) != LG_JSON_OBJECT))
            return "a tool of the script has no name, or an input that is no "
                   "object";
        tool.doc = NULL;
    }
    return NULL;
}

/* This turn's step of the script; *fault says why there is none. */
static int find_step(struct lg_mock *m, struct lg_val *step, const char **fault)
{
    const char *text = llmgw_exchange_user(m->x);
    struct lg_json *doc = lg_arena_new(&m->arena, struct lg_json);
    struct lg_iter it;
    int rc;

    *fault = "the option providers.<name>.script is not set";
    if (!text || !doc)
        return doc ? 0 : m->arena.err;
    rc = lg_json_read(doc, &m->arena, lg_str_of(text), &m->err);
    *fault = "the script is no JSON array";
    if (rc < 0 || lg_val_kind(lg_json_root(doc)) != LG_JSON_ARRAY)
        return rc == LLMGW_E_JSON ? 0 : rc;
    it = lg_iter_of(lg_json_root(doc));
    *fault = "the script has no step for this turn";
    for (int64_t i = 0; i <= m->turn; i++)
        if (!lg_iter_next(&it))
            return 0;
    *step = it.val;
    *fault = step_fault(it.val);
    return 0;
}

static int script(struct lg_mock *m)
{
    struct lg_val step = {0};
    struct lg_mock_reply r;
    const char *fault;
    const int rc = find_step(m, &step, &fault);

    if (rc < 0)
        return rc;
    if (fault)
        return lg_mock_refuse(m, 400, LG_ERROR_INVALID, fault);
    if (lg_val_get(step, "error").doc)
        return scripted_error(m, lg_val_get(step, "error"));
    r = (struct lg_mock_reply){
        .thinking = lg_ir_of(lg_val_get(step, "thinking")),
        .text = lg_ir_of(lg_val_get(step, "text")),
        .tool = lg_val_get(step, "tool"),
        .tools = lg_val_get(step, "tools"),
        .stop = stop_of(step),
    };
    return lg_mock_say(m, &r);
}

static int answer(struct lg_mock *m)
{
    const struct lg_str prefix = LG_STR("mock/"), many = LG_STR("lorem-");
    struct lg_str name = m->request.param[LG_P_MODEL].s;
    char message[160];
    int64_t n;

    if (lg_str_starts(name, prefix))
        name = lg_str_from(name.p + prefix.n, name.n - prefix.n);
    if (lg_str_is(name, "echo"))
        return echo(m);
    if (lg_str_is(name, "lorem"))
        return lorem(m, LOREM_DEFAULT);
    if (lg_str_is(name, "script"))
        return script(m);
    if (lg_str_starts(name, many) &&
        !lg_str_int(lg_str_from(name.p + many.n, name.n - many.n), &n) &&
        n >= 0 && n <= LOREM_MAX)
        return lorem(m, n);
    (void)snprintf(message, sizeof(message), "model: %.*s",
                   (int)(name.n < 120 ? name.n : 120), name.p ? name.p : "");
    return lg_mock_refuse(m, 404, LG_ERROR_NOT_FOUND, message);
}

/* ---- the exchange ------------------------------------------------------ */

/* The request's body to m->out. */
static int read_body(struct lg_mock *m)
{
    int64_t n;

    do {
        char *room = lg_buf_room(&m->out, 4096);
        if (!room)
            return m->out.err;
        n = llmgw_exchange_read_body(m->x, room, 4096);
        if (n > 0)
            lg_buf_claim(&m->out, (size_t)n);
    } while (n > 0);
    if (n == LLMGW_E_AGAIN)
        return lg_fail(&m->err, LLMGW_E_UNSUPPORTED, NULL,
                       "mock: takes no streamed bodies");
    return (int)n;
}

static int read_request(struct lg_mock *m)
{
    struct lg_json *doc = lg_arena_new(&m->arena, struct lg_json);
    struct lg_str text;
    int rc = read_body(m);

    if (rc < 0)
        return rc;
    text = lg_buf_span(&m->out);
    text.p = lg_arena_dup(&m->arena, text);
    lg_buf_reset(&m->out);
    if (!doc || !text.p)
        return m->arena.err;
    m->request.origin = m->format;
    m->request.doc = doc;
    rc = lg_json_read(doc, &m->arena, text, &m->err);
    m->losses.doc = doc;
    if (rc >= 0)
        rc = m->format->read_request(&m->ctx, doc, &m->request);
    m->losses.doc = NULL;
    if (rc < 0)
        return rc;
    m->streams = lg_ir_true(&m->request.param[LG_P_STREAM]);
    m->bridge.stream = m->streams;
    m->bridge.wants_usage = lg_ir_true(&m->request.param[LG_P_INCLUDE_USAGE]);
    for (const struct lg_ir_message *msg = m->request.messages; msg;
         msg = msg->next)
        m->turn += msg->role == LG_ROLE_ASSISTANT;
    return 0;
}

static const struct lg_format *format_of(const char *url)
{
    for (const struct lg_endpoint *e = endpoints; e->format; e++)
        if (strstr(url, e->path))
            return lg_format_by_name(lg_str_of(e->format));
    return NULL;
}

static int converse(struct lg_mock *m)
{
    int rc;

    m->format = format_of(llmgw_exchange_url(m->x));
    if (!m->format)
        return lg_fail(&m->err, LLMGW_E_UNSUPPORTED, NULL,
                       "mock: no such endpoint");
    m->ctx = (struct lg_ctx){
        .self = m->format,
        .arena = &m->arena,
        .keep = &m->arena,
        .policy = &lg_policy_default,
        .bridge = &m->bridge,
        .losses = &m->losses,
        .err = &m->err,
        .now = CREATED,
    };
    lg_losses_init(&m->losses, &m->arena, &m->err, 0);
    /* The events are of no format: each writes them in its own words. */
    lg_fold_init(&m->fold, &m->arena, LG_FOLD_ALL, LG_MOCK_BYTES_MAX, NULL);
    rc = read_request(m);
    if (rc == LLMGW_E_JSON)
        return lg_mock_refuse(m, 400, LG_ERROR_INVALID, m->err.text);
    return rc < 0 ? rc : answer(m);
}

static int start(void *self, llmgw_exchange *x)
{
    struct lg_mock m = {.x = x};
    int rc;

    (void)self;
    lg_arena_init(&m.arena, 0, LG_MOCK_BYTES_MAX);
    lg_buf_init(&m.out, LG_MOCK_BYTES_MAX);
    lg_buf_init(&m.frames.bytes, LG_MOCK_BYTES_MAX);
    rc = converse(&m);
    if (m.format)
        lg_fold_done(&m.fold);
    lg_buf_done(&m.frames.bytes);
    lg_buf_done(&m.out);
    lg_arena_done(&m.arena);
    llmgw_exchange_on_done(x, rc < 0 ? rc : LLMGW_OK,
                           rc < 0 ? m.err.text : NULL);
    return 0;
}

static int pump(void *self, int64_t timeout_ms)
{
    (void)self;
    (void)timeout_ms;
    return 0;
}

static void cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
}

/* The script goes by the exchange's slot for transports: it is none of the
 * request's business. The call pins the configuration that it belongs to. */
static int prepare(struct lg_prepare *p)
{
    llmgw_exchange_set_user(p->x, (void *)(uintptr_t)p->config->script);
    return 0;
}

static const char *const formats[] = {"anthropic-messages", "openai-chat",
                                      NULL};
static const char *const request_id_headers[] = {"request-id", NULL};

static const llmgw_transport transport = {
    .size = sizeof(llmgw_transport),
    .start = start,
    .pump = pump,
    .cancel = cancel,
};

const struct lg_provider lg_provider_mock = {
    .name = "mock",
    .base_url = "mock://local",
    .formats = formats,
    .endpoints = endpoints,
    .request_id_headers = request_id_headers,
    .prepare = prepare,
    .transport = &transport,
};
