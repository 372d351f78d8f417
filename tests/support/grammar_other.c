/* SPDX-License-Identifier: MIT
 *
 * Of the streams that are neither Anthropic's nor OpenAI's. */
#include "tests/support/grammar_check.h"

/* ---- Cohere ------------------------------------------------------------ */

static const struct {
    const char *name, *member;
    int opens; /* 1 opens a part, -1 closes it, 0 adds to it; 2: neither */
} cohere_events[] = {
    {"content-start", "content", 1},
    {"content-delta", "content", 0},
    {"content-end", NULL, -1},
    {"tool-call-start", "tool_calls", 1},
    {"tool-call-delta", "tool_calls", 0},
    {"tool-call-end", NULL, -1},
    {"citation-start", "citations", 1},
    {"citation-end", NULL, -1},
    {"tool-plan-delta", "tool_plan", 2},
};

static void check_cohere_part(struct checker *c, struct lg_val root)
{
    const struct lg_val type = lg_val_get(root, "type");
    const struct lg_val message =
        lg_val_get(lg_val_get(root, "delta"), "message");
    int64_t index = 0;
    size_t i = 0;

    while (i < LG_COUNT(cohere_events) &&
           !lg_val_is(type, cohere_events[i].name))
        i++;
    NEED(c, c->started);
    if (i == LG_COUNT(cohere_events))
        return;
    if (cohere_events[i].member)
        NEED(c, lg_val_get(message, cohere_events[i].member).doc);
    if (cohere_events[i].opens == 2)
        return;
    lg_val_int(lg_val_get(root, "index"), &index);
    i = i / 3 * 3; /* content, calls, citations: as counters of their own */
    NEED(c, lg_val_get(root, "index").doc && index >= 0);
    if (lg_val_is(type, cohere_events[i].name))
        c->calls[i]++;
    NEED(c, index < c->calls[i]);
    if (lg_val_is(type, cohere_events[i + 2].name))
        c->calls[i + 1]++;
    NEED(c, c->calls[i + 1] <= c->calls[i]);
}

void check_cohere(struct checker *c, const struct lg_frame *f,
                  struct lg_val root)
{
    const struct lg_val type = lg_val_get(root, "type");
    const struct lg_val delta = lg_val_get(root, "delta");

    NEED(c, lg_str_same(f->event, lg_val_body(type)));
    NEED(c, !c->ended && !c->failed);
    if (lg_val_is(type, "message-start")) {
        NEED(c, !c->started);
        NEED(c, is_string(lg_val_get(root, "id")));
        NEED(c, lg_val_is(lg_val_get(lg_val_get(delta, "message"), "role"),
                          "assistant"));
        c->started = 1;
    } else if (lg_val_is(type, "message-end")) {
        NEED(c, is_string(lg_val_get(delta, "finish_reason")));
        c->failed = lg_val_get(delta, "error").doc != NULL;
        c->ended = !c->failed;
        for (size_t i = 0; i < 9 && c->ended; i += 3)
            NEED(c, c->calls[i] == c->calls[i + 1]);
    } else {
        check_cohere_part(c, root);
    }
}

/* ---- Ollama ------------------------------------------------------------ */

void check_ollama(struct checker *c, const struct lg_frame *f,
                  struct lg_val root)
{
    const struct lg_val message = lg_val_get(root, "message");
    const struct lg_val done = lg_val_get(root, "done");
    struct lg_iter it = lg_iter_of(lg_val_get(message, "tool_calls"));

    NEED(c, f->event.n == 0);
    NEED(c, !c->ended && !c->failed);
    if (lg_val_get(root, "error").doc) {
        NEED(c, is_string(lg_val_get(root, "error")));
        c->failed = 1;
        return;
    }
    NEED(c, is_string(lg_val_get(root, "model")));
    NEED(c, is_string(lg_val_get(root, "created_at")));
    NEED(c, lg_val_is(lg_val_get(message, "role"), "assistant"));
    NEED(c, is_string(lg_val_get(message, "content")));
    while (lg_iter_next(&it)) {
        const struct lg_val function = lg_val_get(it.val, "function");

        NEED(c, is_string(lg_val_get(function, "name")));
        NEED(c,
             lg_val_kind(lg_val_get(function, "arguments")) == LG_JSON_OBJECT);
    }
    c->ended = lg_val_kind(done) == LG_JSON_TRUE;
    NEED(c, c->ended || lg_val_kind(done) == LG_JSON_FALSE);
    NEED(c, c->ended == (lg_val_get(root, "done_reason").doc != NULL));
}

/* ---- Gemini ------------------------------------------------------------ */

/* There is no terminator: it is whole if it said why it stopped. */
void check_gemini(struct checker *c, const struct lg_frame *f,
                  struct lg_val root)
{
    struct lg_iter it = lg_iter_of(lg_val_get(root, "candidates"));

    NEED(c, f->event.n == 0);
    NEED(c, !c->failed);
    if (lg_val_get(root, "error").doc) {
        NEED(c, lg_val_kind(lg_val_get(lg_val_get(root, "error"), "code")) ==
                    LG_JSON_NUMBER);
        c->failed = 1;
        return;
    }
    while (lg_iter_next(&it)) {
        const struct lg_val content = lg_val_get(it.val, "content");
        struct lg_iter part = lg_iter_of(lg_val_get(content, "parts"));
        int64_t index = -1;

        NEED(c, !lg_val_int(lg_val_get(it.val, "index"), &index));
        NEED(c, index >= 0 && index < CHOICES);
        NEED(c, lg_val_is(lg_val_get(content, "role"), "model"));
        NEED(c, !c->finishes[index >= 0 && index < CHOICES ? index : 0]);
        for (; lg_iter_next(&part);) {
            const struct lg_val call = lg_val_get(part.val, "functionCall");

            NEED(c, call.doc || is_string(lg_val_get(part.val, "text")) ||
                        lg_val_get(part.val, "inlineData").doc);
            if (call.doc)
                NEED(c,
                     lg_val_kind(lg_val_get(call, "args")) == LG_JSON_OBJECT);
        }
        if (!is_string(lg_val_get(it.val, "finishReason")))
            continue;
        c->finishes[index >= 0 && index < CHOICES ? index : 0]++;
        c->ended = 1;
    }
}

/* ---- Converse ---------------------------------------------------------- */

static void check_converse_block(struct checker *c, const struct lg_frame *f,
                                 struct lg_val root)
{
    const struct lg_val start = lg_val_get(root, "start");
    const struct lg_val call = lg_val_get(start, "toolUse");
    const struct lg_val delta = lg_val_get(root, "delta");
    int64_t index = -1;

    lg_val_int(lg_val_get(root, "contentBlockIndex"), &index);
    NEED(c, index >= 0 && index <= c->blocks);
    if (lg_str_is(f->event, "contentBlockStart")) {
        NEED(c, index == c->blocks);
        NEED(c, lg_val_kind(start) == LG_JSON_OBJECT);
        NEED(c, !call.doc || lg_val_body(lg_val_get(call, "toolUseId")).n);
        NEED(c, !call.doc || lg_val_body(lg_val_get(call, "name")).n);
    } else if (lg_str_is(f->event, "contentBlockDelta")) {
        NEED(c, lg_val_kind(delta) == LG_JSON_OBJECT);
    } else {
        NEED(c, lg_str_is(f->event, "contentBlockStop"));
        NEED(c, index < c->blocks);
        c->closed++;
    }
    if (index == c->blocks)
        c->blocks++;
}

void check_converse(struct checker *c, const struct lg_frame *f,
                    struct lg_val root)
{
    const struct lg_val usage = lg_val_get(root, "usage");

    NEED(c, !c->ended && !c->failed);
    if (f->kind == LG_FRAME_EXCEPTION) {
        NEED(c, is_string(lg_val_get(root, "message")));
        c->failed = 1;
        return;
    }
    NEED(c, c->started == !lg_str_is(f->event, "messageStart"));
    if (lg_str_is(f->event, "messageStart")) {
        NEED(c, lg_val_is(lg_val_get(root, "role"), "assistant"));
        c->started = 1;
    } else if (lg_str_is(f->event, "messageStop")) {
        NEED(c, !c->deltas++);
        NEED(c, c->closed == c->blocks);
        NEED(c, is_string(lg_val_get(root, "stopReason")));
    } else if (lg_str_is(f->event, "metadata")) {
        NEED(c, c->deltas);
        NEED(c,
             lg_val_kind(lg_val_get(usage, "totalTokens")) == LG_JSON_NUMBER);
        NEED(c, lg_val_get(lg_val_get(root, "metrics"), "latencyMs").doc);
        c->ended = 1;
    } else {
        NEED(c, !c->deltas);
        check_converse_block(c, f, root);
    }
}
