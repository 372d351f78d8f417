/* SPDX-License-Identifier: MIT */
#include "src/provider/mock.h"

#include "lib/json/text.h"

void lg_mock_fail(struct lg_mock *m, int rc)
{
    if (rc < 0 && !m->rc)
        m->rc = rc;
}

struct lg_ir_val lg_mock_take(struct lg_mock *m)
{
    const char *p = lg_arena_dup(&m->arena, lg_buf_span(&m->out));
    const struct lg_str s = {p, p ? m->out.n : 0};

    lg_mock_fail(m, m->out.err);
    if (!p)
        lg_mock_fail(m, m->arena.err);
    lg_buf_reset(&m->out);
    return (struct lg_ir_val){s, LG_NOWHERE, LG_JSON_STRING, 0};
}

/* "msg_mock_1" */
static struct lg_ir_val make_id(struct lg_mock *m, const char *kind)
{
    (void)lg_buf_printf(&m->out, "%s_mock_%lld", kind, (long long)m->turn + 1);
    return lg_mock_take(m);
}

/* White space of a string body: a space or \n, \r, \t; its length. */
static size_t gap_at(struct lg_str s, size_t at)
{
    if (at < s.n && s.p[at] == ' ')
        return 1;
    if (at + 1 < s.n && s.p[at] == '\\' && memchr("nrt", s.p[at + 1], 3))
        return 2;
    return 0;
}

static size_t skip_gap(struct lg_str s, size_t at)
{
    for (size_t gap; (gap = gap_at(s, at)) > 0;)
        at += gap;
    return at;
}

/* The end of the word that begins at `at` or behind the white space there. */
static size_t word_end(struct lg_str s, size_t at)
{
    at = skip_gap(s, at);
    while (at < s.n && !gap_at(s, at))
        at += s.p[at] == '\\' ? 2 : 1;
    return at;
}

static int64_t count_words(struct lg_str s)
{
    int64_t n = 0;

    for (size_t at = skip_gap(s, 0); at < s.n; at = skip_gap(s, at)) {
        at = word_end(s, at);
        n++;
    }
    return n;
}

static void begin(struct lg_mock *m, int status, const char *type,
                  const char *retry_after)
{
    const struct {
        const char *name, *value;
    } headers[] = {{"content-type", type},
                   {"request-id", make_id(m, "req").s.p},
                   {"retry-after", retry_after}};

    if (!m->rc)
        lg_mock_fail(m, llmgw_exchange_on_status(m->x, status));
    for (size_t i = 0; i < LG_COUNT(headers) && !m->rc; i++)
        if (headers[i].value)
            lg_mock_fail(m, llmgw_exchange_on_header(m->x, headers[i].name,
                                                     headers[i].value));
}

static void send_out(struct lg_mock *m)
{
    const struct lg_str body = lg_buf_span(&m->out);

    lg_mock_fail(m, m->out.err);
    if (!m->rc)
        lg_mock_fail(m, llmgw_exchange_on_body(m->x, body.p, body.n));
}

void lg_mock_error(struct lg_mock *m, const struct lg_ir_error *e,
                   const char *retry_after)
{
    begin(m, e->status, "application/json", retry_after);
    if (!m->rc)
        lg_mock_fail(m, m->format->write_error(&m->ctx, e, &m->out));
    send_out(m);
}

void lg_mock_refuse(struct lg_mock *m, int status, const char *message)
{
    struct lg_ir_error e = {.status = status};

    e.class = lg_class_of_status(status);
    lg_buf_reset(&m->out);
    (void)lg_json_escape(&m->out, lg_str_of(message));
    e.message = lg_mock_take(m);
    lg_mock_error(m, &e, NULL);
}

static int put_frames(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct lg_mock *m = (struct lg_mock *)self;
    size_t from = 0;
    int rc = m->format->write_event(m->encoder, &m->ctx, ev, &m->frames);

    if (rc >= 0 && m->frames.bytes.err)
        rc = m->frames.bytes.err;
    for (size_t i = 0; rc >= 0 && i < m->frames.n; i++) {
        rc = llmgw_exchange_on_body(m->x, m->frames.bytes.p + from,
                                    m->frames.end[i] - from);
        from = m->frames.end[i];
    }
    lg_buf_reset(&m->frames.bytes);
    m->frames.n = 0;
    return rc;
}

static int put_fold(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    return lg_fold_event(&((struct lg_mock *)self)->fold, ev);
}

/* ---- the answer as events ---------------------------------------------- */

/* An event of the part m->index. */
static void put(struct lg_mock *m, enum lg_event_kind kind, const void *what)
{
    if (!m->rc)
        lg_mock_fail(m, lg_sink_put(&m->sink, kind, 0, m->index, what, NULL));
}

/* One that is of no part. */
static void put_of(struct lg_mock *m, enum lg_event_kind kind, const void *what)
{
    const int32_t index = m->index;

    m->index = -1;
    put(m, kind, what);
    m->index = index;
}

static void put_text(struct lg_mock *m, enum lg_event_kind kind,
                     struct lg_str text)
{
    if (!m->rc)
        lg_mock_fail(m, lg_sink_text(&m->sink, kind, 0, m->index, text));
}

static void put_part_end(struct lg_mock *m)
{
    put(m, LG_EV_PART_END, NULL);
    m->index++;
}

/* A part of text, a word at a time. */
static void put_words(struct lg_mock *m, enum lg_part_kind part_kind,
                      enum lg_event_kind kind, struct lg_str body)
{
    const struct lg_ir_part part = {.kind = (uint8_t)part_kind};

    put(m, LG_EV_PART, &part);
    for (size_t at = 0, end; at < body.n && !m->rc; at = end) {
        end = word_end(body, at);
        put_text(m, kind, lg_str_from(body.p + at, end - at));
    }
    m->words += count_words(body);
}

static void put_thinking(struct lg_mock *m, struct lg_str body)
{
    const struct lg_ir_blob blob = {lg_ir_word("bW9jaw=="), m->format->name};

    put_words(m, LG_PART_THINKING, LG_EV_THINKING, body);
    put(m, LG_EV_SIGNATURE, &blob);
    put_part_end(m);
}

static void put_tool(struct lg_mock *m, struct lg_val tool, int number)
{
    const struct lg_val input = lg_val_get(tool, "input");
    struct lg_ir_part part = {.kind = LG_PART_TOOL_CALL};
    struct lg_str text;

    lg_ir_set(&part.name, lg_val_get(tool, "name"));
    (void)lg_buf_printf(&m->out, "call_mock_%lld_%d", (long long)m->turn + 1,
                        number);
    part.id = lg_mock_take(m);
    (void)lg_json_escape(&m->out, input.doc ? lg_val_raw(input) : LG_STR("{}"));
    text = lg_mock_take(m).s;
    put(m, LG_EV_PART, &part);
    put_text(m, LG_EV_INPUT, text);
    m->words += count_words(text);
    put_part_end(m);
}

static void put_parts(struct lg_mock *m, const struct lg_mock_reply *r)
{
    struct lg_iter it = lg_iter_of(r->tools);
    int calls = 0;

    if (lg_ir_has(&r->thinking))
        put_thinking(m, r->thinking.s);
    if (lg_ir_has(&r->text)) {
        put_words(m, LG_PART_TEXT, LG_EV_TEXT, r->text.s);
        put_part_end(m);
    }
    if (r->tool.doc)
        put_tool(m, r->tool, ++calls);
    while (!m->rc && lg_iter_next(&it))
        put_tool(m, it.val, ++calls);
}

/* The tokens of the request: every word of text in it. */
static int64_t words_sent(const struct lg_ir_part *part, int depth)
{
    int64_t n = 0;

    for (; part; part = part->next) {
        if (part->kind == LG_PART_TEXT)
            n += count_words(part->text.s);
        if (depth)
            n += words_sent(part->parts, depth - 1);
    }
    return n;
}

static void put_answer(struct lg_mock *m, const struct lg_mock_reply *r)
{
    const struct lg_ir_stop stop = {.kind = r->stop};
    struct lg_ir_head head = {.id = make_id(m, "msg"),
                              .model = m->request.param[LG_P_MODEL]};
    struct lg_ir_usage usage = LG_USAGE_NONE;

    usage.input = usage.output = 0;
    for (const struct lg_ir_message *msg = m->request.messages; msg;
         msg = msg->next)
        usage.input += words_sent(msg->parts, 1);
    put_of(m, LG_EV_START, &head);
    put_of(m, LG_EV_USAGE, &usage);
    put_parts(m, r);
    put_of(m, LG_EV_STOP, &stop);
    usage.output = m->words;
    put_of(m, LG_EV_USAGE, &usage);
    put_of(m, LG_EV_END, NULL);
}

void lg_mock_say(struct lg_mock *m, const struct lg_mock_reply *r)
{
    if (m->streams) {
        m->sink.put = put_frames;
        m->encoder = lg_arena_alloc(&m->arena, m->format->encoder_size);
        if (!m->encoder)
            lg_mock_fail(m, m->arena.err);
        begin(m, 200, "text/event-stream", NULL);
        put_answer(m, r);
        return;
    }
    m->sink.put = put_fold;
    put_answer(m, r);
    begin(m, 200, "application/json", NULL);
    if (!m->rc)
        lg_mock_fail(m, m->format->write_answer(
                            &m->ctx, lg_fold_answer(&m->fold), &m->out));
    send_out(m);
}
