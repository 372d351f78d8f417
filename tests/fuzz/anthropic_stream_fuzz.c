/* SPDX-License-Identifier: MIT
 *
 * Any stream of anthropic-messages: every frame written from its events holds
 * JSON, by our own word and as another format's. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/format/anthropic_messages.h"
#include "lib/format/feed.h"

#define MANY ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct lg_format *const ours = &lg_format_anthropic_messages;

static void must(int holds)
{
    if (!holds)
        abort();
}

/* Writes events down again and looks at what that makes. */
struct scribe {
    struct lg_ir_sink sink; /* first member */
    struct lg_ctx c;
    struct lg_frames frames;
    void *encoder;
};

static void look_at(struct lg_str bytes)
{
    struct lg_frame f;
    struct lg_sse sse;

    lg_sse_init(&sse, MANY);
    lg_sse_feed(&sse, bytes.p, bytes.n);
    while (lg_sse_next(&sse, &f) > 0)
        must(lg_json_check(f.data, NULL) == 0);
    must(lg_sse_end(&sse, &f) == 0);
    lg_sse_done(&sse);
}

static int put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct scribe *s = (struct scribe *)self;
    const int rc = (lg_buf_reset(&s->frames.bytes), s->frames.n = 0,
                    ours->write_event(s->encoder, &s->c, ev, &s->frames));

    must(rc == 0 || rc == LLMGW_E_LIMIT);
    if (rc == 0)
        look_at(lg_buf_span(&s->frames.bytes));
    return rc;
}

static void read_all(struct scribe *s, struct lg_str text)
{
    struct lg_feed feed;
    int rc;

    if (lg_feed_init(&feed, ours, &s->c, MANY) == 0) {
        lg_feed_bytes(&feed, text.p, text.n);
        do
            rc = lg_feed_next(&feed, &s->sink);
        while (rc > 0);
        if (rc == 0)
            (void)lg_feed_end(&feed, &s->sink);
    }
    lg_feed_done(&feed);
}

/* The first byte: 1: reader and writer keep what is only ours; 2: a tool
 * stands for a JSON answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct scribe s = {.sink = {put}};
    struct lg_arena arena;
    struct lg_err err = {0};
    struct lg_losses losses;
    struct lg_bridge bridge = {.json_tool_name = LG_STR("json")};

    if (!n)
        return 0;
    bridge.json_tool = data[0] & 2;
    lg_arena_init(&arena, 0, MANY);
    lg_losses_init(&losses, &arena, &err, 0);
    lg_buf_init(&s.frames.bytes, MANY);
    s.c = (struct lg_ctx){.self = ours,
                          .arena = &arena,
                          .keep = &arena,
                          .policy = &lg_policy_default,
                          .bridge = &bridge,
                          .losses = &losses,
                          .err = &err,
                          .keep_extras = data[0] & 1};
    s.encoder = lg_arena_alloc(&arena, ours->encoder_size);
    must(s.encoder != NULL);
    read_all(&s, lg_str_from((const char *)data + 1, n - 1));
    lg_buf_done(&s.frames.bytes);
    lg_arena_done(&arena);
    return 0;
}
