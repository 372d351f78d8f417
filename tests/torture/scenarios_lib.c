/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/format/convert.h"
#include "lib/json/read.h"
#include "lib/json/text.h"
#include "lib/wire/eventstream.h"
#include "tests/torture/texts.h"
#include "tests/torture/torture.h"

#define ROOM ((size_t)1 << 24)

static int json(struct torture *t)
{
    struct lg_arena a;
    struct lg_json doc;
    struct lg_err e = {0};
    struct lg_buf text;
    struct lg_val v;
    int rc;

    lg_arena_init(&a, 0, ROOM);
    lg_buf_init(&text, ROOM);
    rc = lg_json_read(&doc, &a, LG_STR(MESSAGES_REQUEST), &e);
    TORTURE_CHECK(t, rc == e.code);
    if (!rc) {
        v = lg_val_get(lg_json_root(&doc), "model");
        TORTURE_CHECK(t, lg_val_is(v, "claude-x"));
        rc = lg_json_unescape(&text,
                              LG_STR("\\u00e9\\n\\ud83d\\ude00 and so "
                                     "on, so that it must grow once or "
                                     "twice more before it ends here"),
                              LG_TO_TEXT);
    }
    if (!rc)
        rc = lg_json_escape(&text, LG_STR("\"\n\x01 caf\xc3\xa9 \xff"));
    TORTURE_CHECK(t, rc == text.err || rc == e.code);
    lg_buf_done(&text);
    lg_arena_done(&a);
    return rc;
}

/* A frame of several data lines, a few bytes at a time. */
static int sse(struct torture *t)
{
    const char text[] = ": hello\nevent: a\ndata: one\ndata: two\n\ndata: "
                        "three\r\n\r\ndata: four";
    struct lg_sse s;
    struct lg_frame frame;
    size_t frames = 0;
    int rc = 0;

    lg_sse_init(&s, ROOM);
    for (size_t at = 0; rc >= 0 && at < sizeof(text) - 1; at += 5) {
        const size_t left = sizeof(text) - 1 - at;
        lg_sse_feed(&s, text + at, left < 5 ? left : 5);
        while ((rc = lg_sse_next(&s, &frame)) > 0)
            frames++;
    }
    if (rc >= 0)
        rc = lg_sse_end(&s, &frame);
    if (rc >= 0) {
        TORTURE_CHECK(t, rc == 1 && frames == 2);
        TORTURE_CHECK(t, lg_str_is(frame.data, "four"));
        rc = 0;
    }
    lg_sse_done(&s);
    return rc;
}

/* All that a conversion needs, about `from` and `to` by name. */
struct setting {
    struct lg_arena arena;
    struct lg_losses losses;
    struct lg_err err;
    struct lg_bridge bridge;
    struct lg_conversion v;
    struct lg_buf out;
};

static void set_up(struct setting *s, const char *from, const char *to)
{
    memset(s, 0, sizeof(*s));
    lg_arena_init(&s->arena, 0, ROOM);
    lg_buf_init(&s->out, ROOM);
    lg_losses_init(&s->losses, &s->arena, &s->err, 0);
    s->bridge.wants_usage = 1;
    s->v = (struct lg_conversion){
        .from = lg_format_by_name(lg_str_of(from)),
        .to = lg_format_by_name(lg_str_of(to)),
        .arena = &s->arena,
        .policy = &lg_policy_default,
        .bridge = &s->bridge,
        .losses = &s->losses,
        .err = &s->err,
        .through_ir = 1,
    };
}

static void tear_down(struct setting *s)
{
    lg_buf_done(&s->out);
    lg_arena_done(&s->arena);
}

typedef int (*convert_fn)(struct lg_conversion *, struct lg_str,
                          struct lg_buf *);

static int through(struct torture *t, convert_fn convert, const char *from,
                   const char *to, const char *text)
{
    struct setting s;
    int rc;

    set_up(&s, from, to);
    rc = convert(&s.v, lg_str_of(text), &s.out);
    TORTURE_CHECK(t, rc >= 0 || rc == s.err.code);
    if (rc >= 0)
        TORTURE_CHECK(t, lg_json_check(lg_buf_span(&s.out), NULL) == 0);
    tear_down(&s);
    return rc < 0 ? rc : 0;
}

static int stream_through(struct torture *t, const char *from, const char *to,
                          struct lg_str text)
{
    struct setting s;
    struct lg_convert_stream stream;
    int rc;

    set_up(&s, from, to);
    rc = lg_convert_stream_init(&stream, &s.v, ROOM);
    if (rc >= 0) {
        /* in two pieces, so that a frame is carried over */
        rc = lg_convert_stream_feed(&stream, text.p, text.n / 2);
        if (rc >= 0)
            rc = lg_convert_stream_feed(&stream, text.p + text.n / 2,
                                        text.n - text.n / 2);
        if (rc >= 0)
            rc = lg_convert_stream_end(&stream);
        lg_convert_stream_done(&stream);
    }
    TORTURE_CHECK(t, rc >= 0 || rc == s.err.code);
    tear_down(&s);
    return rc < 0 ? rc : 0;
}

#define MESSAGES "anthropic-messages"
#define CHAT     "openai-chat"
#define CONVERSE "bedrock-converse"

static int requests(struct torture *t)
{
    int rc = through(t, lg_convert_request, MESSAGES, CHAT, MESSAGES_REQUEST);

    if (!rc)
        rc = through(t, lg_convert_request, CHAT, MESSAGES, CHAT_REQUEST);
    if (!rc)
        rc = through(t, lg_convert_request, MESSAGES, MESSAGES,
                     MESSAGES_REQUEST);
    return rc ? rc : through(t, lg_convert_request, CHAT, CHAT, CHAT_REQUEST);
}

static int answers(struct torture *t)
{
    int rc = through(t, lg_convert_answer, MESSAGES, CHAT, MESSAGES_ANSWER);

    if (!rc)
        rc = through(t, lg_convert_answer, CHAT, MESSAGES, CHAT_ANSWER);
    if (!rc)
        rc = through(t, lg_convert_answer, MESSAGES, MESSAGES, MESSAGES_ANSWER);
    return rc ? rc : through(t, lg_convert_answer, CHAT, CHAT, CHAT_ANSWER);
}

static int streams(struct torture *t)
{
    int rc = stream_through(t, MESSAGES, CHAT, LG_STR(MESSAGES_STREAM));

    if (!rc)
        rc = stream_through(t, CHAT, MESSAGES, LG_STR(CHAT_STREAM));
    if (!rc)
        rc = stream_through(t, MESSAGES, MESSAGES, LG_STR(MESSAGES_STREAM));
    return rc ? rc : stream_through(t, CHAT, CHAT, LG_STR(CHAT_STREAM));
}

/* Binary events, written and read. */
static int binary_stream(struct torture *t)
{
    static const struct {
        const char *name, *data;
    } events[] = {
        {"messageStart", "{\"role\":\"assistant\"}"},
        {"contentBlockDelta",
         "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\"}}"},
        {"contentBlockStart",
         "{\"contentBlockIndex\":1,\"start\":{\"toolUse\":{\"toolUseId\":"
         "\"t\",\"name\":\"f\"}}}"},
        {"contentBlockStop", "{\"contentBlockIndex\":1}"},
        {"messageStop", "{\"stopReason\":\"tool_use\"}"},
        {"metadata", "{\"usage\":{\"inputTokens\":1},\"trace\":{}}"},
    };
    struct lg_buf b;
    int rc;

    lg_buf_init(&b, ROOM);
    for (size_t i = 0; i < LG_COUNT(events); i++) {
        const size_t begin =
            lg_eventstream_begin(&b, LG_FRAME_EVENT, lg_str_of(events[i].name));

        lg_buf_str(&b, lg_str_of(events[i].data));
        lg_eventstream_finish(&b, begin);
    }
    rc = b.err;
    if (!rc)
        rc = stream_through(t, CONVERSE, MESSAGES, lg_buf_span(&b));
    if (!rc)
        rc = stream_through(t, CONVERSE, CONVERSE, lg_buf_span(&b));
    lg_buf_done(&b);
    return rc;
}

/* A stream folded into one answer, which is written. */
struct folder {
    struct lg_ir_sink sink; /* first member */
    struct lg_fold fold;
};

static int fold_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    return lg_fold_event(&((struct folder *)self)->fold, ev);
}

static int fold_stream(struct torture *t, const char *format,
                       struct lg_str text)
{
    struct setting s;
    struct folder f = {.sink = {fold_put}};
    struct lg_feed feed;
    struct lg_ctx ctx;
    int rc;

    set_up(&s, format, format);
    ctx = (struct lg_ctx){
        .self = s.v.from,
        .arena = &s.arena,
        .keep = &s.arena,
        .policy = &lg_policy_default,
        .bridge = &s.bridge,
        .losses = &s.losses,
        .err = &s.err,
    };
    lg_fold_init(&f.fold, &s.arena, LG_FOLD_ALL, ROOM, s.v.from);
    rc = lg_feed_init(&feed, s.v.from, &ctx, ROOM);
    if (!rc) {
        lg_feed_bytes(&feed, text.p, text.n);
        while ((rc = lg_feed_next(&feed, &f.sink)) > 0)
            ;
        if (!rc)
            rc = lg_feed_end(&feed, &f.sink);
        lg_feed_done(&feed);
    }
    if (!rc)
        rc = s.v.to->write_answer(&ctx, lg_fold_answer(&f.fold), &s.out);
    if (!rc)
        rc = s.out.err;
    if (!rc)
        TORTURE_CHECK(t, strstr(s.out.p, "It is") != NULL);
    lg_fold_done(&f.fold);
    tear_down(&s);
    return rc;
}

static int fold(struct torture *t)
{
    const int rc = fold_stream(t, MESSAGES, LG_STR(MESSAGES_STREAM));

    return rc ? rc : fold_stream(t, CHAT, LG_STR(CHAT_STREAM));
}

const struct torture_scenario torture_lib[] = {
    {"json", json},
    {"sse", sse},
    {"requests", requests},
    {"answers", answers},
    {"streams", streams},
    {"fold", fold},
    {"binary-stream", binary_stream},
    {NULL, NULL},
};
