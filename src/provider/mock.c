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

#include "lib/format/pattern.h"

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

static void say_text(struct lg_mock *m)
{
    const struct lg_mock_reply r = {.text = lg_mock_take(m),
                                    .stop = LG_STOP_END};

    lg_mock_say(m, &r);
}

static void echo(struct lg_mock *m)
{
    const struct lg_ir_part *last = NULL;

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
    say_text(m);
}

static void lorem(struct lg_mock *m, int64_t n)
{
    static const char words[] =
        "lorem ipsum dolor sit amet consectetur elit sed do tempor magna "
        "incididunt ut labore et dolore aliqua veniam quis nostrud nisi ex ea "
        "commodo consequat ";

    for (const char *p = words; n > 0; n--) {
        const size_t len = strcspn(p, " ") + 1;

        (void)lg_buf_add(&m->out, p, n > 1 ? len : len - 1);
        p = p[len] ? p + len : words;
    }
    say_text(m);
}

LG_APART static void scripted_error(struct lg_mock *m, struct lg_val error)
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
    e.class = lg_class_of_status(e.status);
    if (!lg_ir_has(&e.message))
        e.message = lg_ir_word("scripted error");
    if (lg_val_kind(wait) == LG_JSON_NUMBER) {
        retry_after = lg_arena_dup(&m->arena, lg_val_raw(wait));
        if (!retry_after)
            lg_mock_fail(m, m->arena.err);
    }
    lg_mock_error(m, &e, retry_after);
}

static uint8_t stop_of(struct lg_val step)
{
    const struct lg_val stop = lg_val_get(step, "stop");
    const unsigned kind =
        lg_word_of(stop, "end length tool stop_sequence refusal pause other");

    if (stop.doc)
        return kind ? (uint8_t)kind : LG_STOP_OTHER;
    return lg_val_get(step, "tool").doc || lg_val_get(step, "tools").doc
               ? LG_STOP_TOOL
               : LG_STOP_END;
}

/* Are those members of the names given, where they are there, of this kind? */
static int are(struct lg_val obj, const char *names, enum lg_json_kind kind)
{
    struct lg_iter it = lg_iter_of(obj);

    while (lg_iter_next(&it))
        if (lg_word_of(it.key, names) && lg_val_kind(it.val) != kind)
            return 0;
    return 1;
}

/* What is wrong with a step, or NULL. */
static const char *step_fault(struct lg_val step)
{
    struct lg_iter it = lg_iter_of(lg_val_get(step, "tools"));
    struct lg_val tool = lg_val_get(step, "tool");

    if (lg_val_kind(step) != LG_JSON_OBJECT)
        return "a step of the script is no object";
    if (!are(step, "thinking text stop", LG_JSON_STRING) ||
        !are(step, "tool error", LG_JSON_OBJECT) ||
        !are(step, "tools", LG_JSON_ARRAY) ||
        !are(lg_val_get(step, "error"), "type message", LG_JSON_STRING))
        return "a member of the script's step has the wrong type";
    while (tool.doc || lg_iter_next(&it)) {
        const struct lg_val t = tool.doc ? tool : it.val;

        if (lg_val_kind(lg_val_get(t, "name")) != LG_JSON_STRING ||
            !are(t, "input", LG_JSON_OBJECT))
            return "a tool of the script has no name, or an input that is no "
                   "object";
        tool.doc = NULL;
    }
    return NULL;
}

/* This turn's step of the script, or why there is none. */
static const char *find_step(struct lg_mock *m, struct lg_val *step)
{
    const char *text = llmgw_exchange_user(m->x);
    struct lg_iter it;
    int rc;

    if (!text)
        return "the option providers.<name>.script is not set";
    rc = lg_json_read(&m->script, &m->arena, lg_str_of(text), &m->err);
    if (rc != LLMGW_E_JSON)
        lg_mock_fail(m, rc);
    *step = lg_json_root(&m->script);
    if (rc < 0 || lg_val_kind(*step) != LG_JSON_ARRAY)
        return "the script is no JSON array";
    it = lg_iter_of(*step);
    for (int64_t i = 0; i <= m->turn; i++)
        if (!lg_iter_next(&it))
            return "the script has no step for this turn";
    *step = it.val;
    return step_fault(it.val);
}

static void script(struct lg_mock *m)
{
    struct lg_val step;
    const char *fault = find_step(m, &step);
    struct lg_mock_reply r;

    if (fault) {
        lg_mock_refuse(m, 400, fault);
        return;
    }
    if (lg_val_get(step, "error").doc) {
        scripted_error(m, lg_val_get(step, "error"));
        return;
    }
    r = (struct lg_mock_reply){
        .thinking = lg_ir_of(lg_val_get(step, "thinking")),
        .text = lg_ir_of(lg_val_get(step, "text")),
        .tool = lg_val_get(step, "tool"),
        .tools = lg_val_get(step, "tools"),
        .stop = stop_of(step),
    };
    lg_mock_say(m, &r);
}

static int starts(struct lg_str *name, struct lg_str prefix)
{
    if (!lg_str_starts(*name, prefix))
        return 0;
    *name = lg_str_from(name->p + prefix.n, name->n - prefix.n);
    return 1;
}

static void answer(struct lg_mock *m)
{
    struct lg_str name = m->request.param[LG_P_MODEL].s, many;
    char message[160];
    int64_t n;

    (void)starts(&name, LG_STR("mock/"));
    many = name;
    if (lg_str_is(name, "echo")) {
        echo(m);
    } else if (lg_str_is(name, "script")) {
        script(m);
    } else if (lg_str_is(name, "lorem")) {
        lorem(m, LOREM_DEFAULT);
    } else if (starts(&many, LG_STR("lorem-")) && !lg_str_int(many, &n) &&
               n >= 0 && n <= LOREM_MAX) {
        lorem(m, n);
    } else {
        (void)snprintf(message, sizeof(message), "model: %.*s",
                       (int)(name.n < 120 ? name.n : 120),
                       name.p ? name.p : "");
        lg_mock_refuse(m, 404, message);
    }
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

LG_APART static int read_request(struct lg_mock *m)
{
    struct lg_str text;
    int rc = read_body(m);

    if (rc < 0)
        return rc;
    text = lg_buf_span(&m->out);
    text.p = lg_arena_dup(&m->arena, text);
    lg_buf_reset(&m->out);
    if (!text.p)
        return m->arena.err;
    m->request.origin = m->format;
    m->request.doc = m->losses.doc = &m->doc;
    rc = lg_json_read(&m->doc, &m->arena, text, &m->err);
    if (rc >= 0)
        rc = m->format->read_request(&m->ctx, &m->doc, &m->request);
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

static void converse(struct lg_mock *m)
{
    int rc;

    lg_losses_init(&m->losses, &m->arena, &m->err, 0);
    /* The events are of no format: each writes them in its own words. */
    lg_fold_init(&m->fold, &m->arena, LG_FOLD_ALL, LG_MOCK_BYTES_MAX, NULL);
    rc = read_request(m);
    if (rc == LLMGW_E_JSON)
        lg_mock_refuse(m, 400, m->err.text);
    else if (rc < 0)
        lg_mock_fail(m, rc);
    else
        answer(m);
    lg_fold_done(&m->fold);
}

static int start(void *self, llmgw_exchange *x)
{
    struct lg_mock m = {
        .x = x,
        .format = format_of(llmgw_exchange_url(x)),
        .ctx = {.arena = &m.arena,
                .keep = &m.arena,
                .policy = &lg_policy_default,
                .bridge = &m.bridge,
                .losses = &m.losses,
                .err = &m.err,
                .now = CREATED},
    };

    (void)self;
    lg_arena_init(&m.arena, 0, LG_MOCK_BYTES_MAX);
    lg_buf_init(&m.out, LG_MOCK_BYTES_MAX);
    lg_buf_init(&m.frames.bytes, LG_MOCK_BYTES_MAX);
    m.ctx.self = m.format;
    if (m.format)
        converse(&m);
    else
        m.rc = lg_fail(&m.err, LLMGW_E_UNSUPPORTED, NULL,
                       "mock: no such endpoint");
    lg_buf_done(&m.frames.bytes);
    lg_buf_done(&m.out);
    lg_arena_done(&m.arena);
    llmgw_exchange_on_done(x, m.rc, m.rc ? m.err.text : NULL);
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
