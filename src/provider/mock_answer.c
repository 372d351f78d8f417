/* SPDX-License-Identifier: MIT */
#include "src/provider/mock.h"

#include "lib/json/text.h"

int lg_mock_take(struct lg_mock *m, struct lg_ir_val *v)
{
    const char *p = lg_arena_dup(&m->arena, lg_buf_span(&m->out));

    if (m->out.err || !p)
        return m->out.err ? m->out.err : m->arena.err;
    *v = (struct lg_ir_val){{p, m->out.n}, LG_NOWHERE, LG_JSON_STRING, 0};
    lg_buf_reset(&m->out);
    return 0;
}

/* "msg_mock_1" */
static int make_id(struct lg_mock *m, const char *kind, int64_t n,
                   struct lg_ir_val *v)
{
    (void)lg_buf_printf(&m->out, "%s_mock_%lld", kind, (long long)n);
    return lg_mock_take(m, v);
}

/* White space of a string body: a space or \n, \r, \t; its length. */
static size_t is_gap(struct lg_str s, size_t at)
{
    if (s.p[at] == ' ')
        return 1;
    if (s.p[at] == '\\' && at + 1 < s.n && memchr("nrt", s.p[at + 1], 3))
        return 2;
    return 0;
}

/* The end of the word that begins at `at` or behind the white space there. */
static size_t word_end(struct lg_str s, size_t at)
{
    for (size_t gap; at < s.n && (gap = is_gap(s, at));)
        at += gap;
    while (at < s.n && !is_gap(s, at))
        at += s.p[at] == '\\' ? 2 : 1;
    return at;
}

static int64_t count_words(struct lg_str s)
{
    int64_t n = 0;

    for (size_t at = 0; at < s.n; at = word_end(s, at)) {
        for (size_t gap; at < s.n && (gap = is_gap(s, at));)
            at += gap;
        n += at < s.n;
    }
    return n;
}

static int begin(struct lg_mock *m, int status, const char *type)
{
    struct lg_ir_val id;
    int rc = make_id(m, "req", m->turn + 1, &id);

    if (!rc)
        rc = llmgw_exchange_on_status(m->x, status);
    if (!rc)
        rc = llmgw_exchange_on_header(m->x, "content-type", type);
    if (!rc)
        rc = llmgw_exchange_on_header(m->x, "request-id", id.s.p);
    return rc;
}

static int send_out(struct lg_mock *m)
{
    const struct lg_str body = lg_buf_span(&m->out);

    return m->out.err ? m->out.err
                      : llmgw_exchange_on_body(m->x, body.p, body.n);
}

int lg_mock_error(struct lg_mock *m, const struct lg_ir_error *e,
                  const char *retry_after)
{
    int rc = begin(m, e->status, "application/json");

    if (!rc && retry_after)
        rc = llmgw_exchange_on_header(m->x, "retry-after", retry_after);
    lg_buf_reset(&m->out);
    if (!rc)
        rc = m->format->write_error(&m->ctx, e, &m->out);
    return rc < 0 ? rc : send_out(m);
}

int lg_mock_refuse(struct lg_mock *m, int status, enum lg_error_class kind,
                   const char *message)
{
    struct lg_ir_error e = {.class = (uint8_t)kind, .status = status};
    int rc;

    lg_buf_reset(&m->out);
    (void)lg_json_escape(&m->out, lg_str_of(message));
    rc = lg_mock_take(m, &e.message);
    return rc ? rc : lg_mock_error(m, &e, NULL);
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

static int put(struct lg_mock *m, struct lg_ir_event ev)
{
    return m->sink.put(&m->sink, &ev);
}

/* A part of text, a word at a time. */
static int put_words(struct lg_mock *m, int32_t index,
                     enum lg_part_kind part_kind, enum lg_event_kind kind,
                     struct lg_str body)
{
    const struct lg_ir_part part = {.kind = (uint8_t)part_kind};
    struct lg_ir_event ev = {
        .kind = LG_EV_PART, .index = index, .u.part = &part};
    int rc = put(m, ev);

    ev = (struct lg_ir_event){.kind = (uint8_t)kind, .index = index};
    for (size_t at = 0, end; rc >= 0 && at < body.n; at = end) {
        end = word_end(body, at);
        ev.text = lg_str_from(body.p + at, end - at);
        rc = put(m, ev);
    }
    m->words += count_words(body);
    return rc;
}

static int put_part_end(struct lg_mock *m, int32_t index)
{
    return put(m, (struct lg_ir_event){.kind = LG_EV_PART_END, .index = index});
}

static int put_thinking(struct lg_mock *m, int32_t index, struct lg_str body)
{
    const struct lg_ir_blob blob = {lg_ir_word("bW9jaw=="), m->format->name};
    int rc = put_words(m, index, LG_PART_THINKING, LG_EV_THINKING, body);

    if (rc >= 0)
        rc = put(m, (struct lg_ir_event){.kind = LG_EV_SIGNATURE,
                                         .index = index,
                                         .u.blob = &blob});
    return rc < 0 ? rc : put_part_end(m, index);
}

static int put_tool(struct lg_mock *m, int32_t index, struct lg_val tool,
                    int64_t number)
{
    const struct lg_val input = lg_val_get(tool, "input");
    struct lg_ir_part part = {.kind = LG_PART_TOOL_CALL};
    struct lg_ir_val text;
    int rc;

    part.name = lg_ir_of(lg_val_get(tool, "name"));
    (void)lg_buf_printf(&m->out, "call_mock_%lld_%lld", (long long)m->turn + 1,
                        (long long)number);
    rc = lg_mock_take(m, &part.id);
    if (!rc) {
        (void)lg_json_escape(&m->out,
                             input.doc ? lg_val_raw(input) : LG_STR("{}"));
        rc = lg_mock_take(m, &text);
    }
    if (!rc)
        rc = put(m, (struct lg_ir_event){
                        .kind = LG_EV_PART, .index = index, .u.part = &part});
    if (rc >= 0)
        rc = put(m, (struct lg_ir_event){
                        .kind = LG_EV_INPUT, .index = index, .text = text.s});
    if (rc < 0)
        return rc;
    m->words += count_words(text.s);
    return put_part_end(m, index);
}

static int put_parts(struct lg_mock *m, const struct lg_mock_reply *r)
{
    struct lg_iter it = lg_iter_of(r->tools);
    int32_t index = 0;
    int64_t calls = 0;
    int rc = 0;

    if (lg_ir_has(&r->thinking))
        rc = put_thinking(m, index++, r->thinking.s);
    if (rc >= 0 && lg_ir_has(&r->text)) {
        rc = put_words(m, index, LG_PART_TEXT, LG_EV_TEXT, r->text.s);
        if (rc >= 0)
            rc = put_part_end(m, index++);
    }
    if (rc >= 0 && r->tool.doc)
        rc = put_tool(m, index++, r->tool, ++calls);
    while (rc >= 0 && lg_iter_next(&it))
        rc = put_tool(m, index++, it.val, ++calls);
    return rc;
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

static int put_answer(struct lg_mock *m, const struct lg_mock_reply *r)
{
    const struct lg_ir_stop stop = {.kind = r->stop};
    struct lg_ir_head head = {.model = m->request.param[LG_P_MODEL]};
    struct lg_ir_usage usage = LG_USAGE_NONE;
    struct lg_ir_event ev = {.kind = LG_EV_START, .index = -1, .u.head = &head};
    int rc = make_id(m, "msg", m->turn + 1, &head.id);

    usage.input = 0;
    for (const struct lg_ir_message *msg = m->request.messages; msg;
         msg = msg->next)
        usage.input += words_sent(msg->parts, 1);
    if (!rc)
        rc = put(m, ev);
    ev = (struct lg_ir_event){
        .kind = LG_EV_USAGE, .index = -1, .u.usage = &usage};
    usage.output = 0;
    if (rc >= 0)
        rc = put(m, ev);
    if (rc >= 0)
        rc = put_parts(m, r);
    if (rc >= 0)
        rc = put(m, (struct lg_ir_event){
                        .kind = LG_EV_STOP, .index = -1, .u.stop = &stop});
    usage.output = m->words;
    if (rc >= 0)
        rc = put(m, ev);
    return rc < 0
               ? rc
               : put(m, (struct lg_ir_event){.kind = LG_EV_END, .index = -1});
}

int lg_mock_say(struct lg_mock *m, const struct lg_mock_reply *r)
{
    int rc;

    if (m->streams) {
        m->sink.put = put_frames;
        m->encoder = lg_arena_alloc(&m->arena, m->format->encoder_size);
        if (!m->encoder)
            return m->arena.err;
        rc = begin(m, 200, "text/event-stream");
        return rc ? rc : put_answer(m, r);
    }
    m->sink.put = put_fold;
    rc = put_answer(m, r);
    if (rc >= 0)
        rc = begin(m, 200, "application/json");
    lg_buf_reset(&m->out);
    if (rc >= 0)
        rc =
            m->format->write_answer(&m->ctx, lg_fold_answer(&m->fold), &m->out);
    return rc < 0 ? rc : send_out(m);
}
