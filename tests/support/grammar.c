/* SPDX-License-Identifier: MIT */
#include "tests/support/grammar.h"

#include <stdio.h>

#include "lib/format/feed.h"
#include "tests/support/grammar_check.h"

#define MANY ((size_t)1 << 30)

/* ---- Anthropic --------------------------------------------------------- */

static void check_message_start(struct checker *c, struct lg_val root)
{
    const struct lg_val message = lg_val_get(root, "message");
    const struct lg_val usage = lg_val_get(message, "usage");
    struct lg_iter content = lg_iter_of(lg_val_get(message, "content"));

    NEED(c, !c->started);
    NEED(c, lg_val_is(lg_val_get(message, "type"), "message"));
    NEED(c, lg_val_is(lg_val_get(message, "role"), "assistant"));
    NEED(c, is_string(lg_val_get(message, "id")));
    NEED(c, is_string(lg_val_get(message, "model")));
    NEED(c, lg_val_kind(lg_val_get(message, "content")) == LG_JSON_ARRAY);
    NEED(c, !lg_iter_next(&content));
    NEED(c, lg_val_get(message, "stop_reason").doc);
    NEED(c, lg_val_kind(lg_val_get(usage, "input_tokens")) == LG_JSON_NUMBER);
    NEED(c, lg_val_kind(lg_val_get(usage, "output_tokens")) == LG_JSON_NUMBER);
    c->started = 1;
}

static void check_block_start(struct checker *c, struct lg_val root)
{
    const struct lg_val block = lg_val_get(root, "content_block");
    const struct lg_str type = lg_val_body(lg_val_get(block, "type"));
    int64_t index = -1;

    lg_val_int(lg_val_get(root, "index"), &index);
    NEED(c, index == c->blocks);
    NEED(c, !c->open.p);
    NEED(c, !c->deltas);
    NEED(c, type.n && type.n < sizeof(c->open_type));
    if (!type.n || type.n >= sizeof(c->open_type))
        return;
    memcpy(c->open_type, type.p, type.n);
    c->open = lg_str_from(c->open_type, type.n);
    if (!lg_str_is(type, "tool_use"))
        return;
    NEED(c, is_string(lg_val_get(block, "id")));
    NEED(c, lg_val_body(lg_val_get(block, "name")).n > 0);
    NEED(c, lg_val_kind(lg_val_get(block, "input")) == LG_JSON_OBJECT);
}

static void check_block_delta(struct checker *c, struct lg_val root)
{
    static const char *const fits[][3] = {
        {"text_delta", "text", "text"},
        {"citations_delta", "text", "citation"},
        {"input_json_delta", "tool_use", "partial_json"},
        {"thinking_delta", "thinking", "thinking"},
        {"signature_delta", "thinking", "signature"},
    };
    const struct lg_val delta = lg_val_get(root, "delta");
    const struct lg_val type = lg_val_get(delta, "type");
    int64_t index = -1;

    lg_val_int(lg_val_get(root, "index"), &index);
    NEED(c, c->open.p);
    NEED(c, index == c->blocks);
    for (size_t i = 0; i < LG_COUNT(fits); i++) {
        if (!lg_val_is(type, fits[i][0]))
            continue;
        NEED(c, lg_val_get(delta, fits[i][2]).doc);
        /* server tools stream their input, too */
        if (i != 2)
            NEED(c, lg_str_is(c->open, fits[i][1]));
    }
}

static void check_block_stop(struct checker *c, struct lg_val root)
{
    int64_t index = -1;

    lg_val_int(lg_val_get(root, "index"), &index);
    NEED(c, c->open.p);
    NEED(c, index == c->blocks);
    c->open = (struct lg_str){0};
    c->blocks++;
}

static void check_anthropic(struct checker *c, const struct lg_frame *f,
                            struct lg_val root)
{
    const struct lg_val type = lg_val_get(root, "type");

    NEED(c, lg_str_same(f->event, lg_val_body(type)));
    if (lg_val_is(type, "ping"))
        return;
    NEED(c, !c->ended && !c->failed);
    if (lg_val_is(type, "error")) {
        NEED(c, is_string(lg_val_get(lg_val_get(root, "error"), "type")));
        NEED(c, is_string(lg_val_get(lg_val_get(root, "error"), "message")));
        c->failed = 1;
        return;
    }
    if (lg_val_is(type, "message_start")) {
        check_message_start(c, root);
        return;
    }
    NEED(c, c->started);
    if (lg_val_is(type, "content_block_start")) {
        check_block_start(c, root);
    } else if (lg_val_is(type, "content_block_delta")) {
        check_block_delta(c, root);
    } else if (lg_val_is(type, "content_block_stop")) {
        check_block_stop(c, root);
    } else if (lg_val_is(type, "message_delta")) {
        NEED(c, !c->open.p);
        NEED(c, lg_val_get(lg_val_get(root, "delta"), "stop_reason").doc);
        NEED(c, lg_val_get(root, "usage").doc);
        c->deltas++;
    } else if (lg_val_is(type, "message_stop")) {
        NEED(c, c->deltas > 0);
        c->ended = 1;
    }
}

/* ---- Chat -------------------------------------------------------------- */

static void check_calls(struct checker *c, struct lg_val list, size_t choice)
{
    struct lg_iter it = lg_iter_of(list);

    while (lg_iter_next(&it)) {
        const struct lg_val function = lg_val_get(it.val, "function");
        const struct lg_val custom = lg_val_get(it.val, "custom");
        const struct lg_val body = function.doc ? function : custom;
        int64_t index = -1;

        lg_val_int(lg_val_get(it.val, "index"), &index);
        NEED(c, index >= 0 && index <= c->calls[choice]);
        if (index == c->calls[choice]) {
            NEED(c, lg_val_body(lg_val_get(it.val, "id")).n > 0);
            NEED(c, is_string(lg_val_get(it.val, "type")));
            NEED(c, lg_val_body(lg_val_get(body, "name")).n > 0);
            c->calls[choice]++;
        } else {
            NEED(c, !lg_val_get(it.val, "id").doc);
            NEED(c, !lg_val_get(body, "name").doc);
        }
        if (function.doc)
            NEED(c, is_string(lg_val_get(function, "arguments")));
    }
}

static void check_choice(struct checker *c, struct lg_val v)
{
    const struct lg_val delta = lg_val_get(v, "delta");
    const struct lg_val reason = lg_val_get(v, "finish_reason");
    int64_t index = -1;
    size_t at;

    lg_val_int(lg_val_get(v, "index"), &index);
    NEED(c, index >= 0 && index < CHOICES);
    at = index >= 0 && index < CHOICES ? (size_t)index : 0;
    NEED(c, lg_val_kind(delta) == LG_JSON_OBJECT);
    NEED(c, !c->finishes[at]);
    if (lg_val_get(delta, "role").doc)
        c->roles[at]++;
    NEED(c, c->roles[at] == 1);
    check_calls(c, lg_val_get(delta, "tool_calls"), at);
    if (is_string(reason))
        c->finishes[at]++;
}

static void check_chat(struct checker *c, const struct lg_frame *f,
                       struct lg_val root)
{
    const struct lg_str id = lg_val_body(lg_val_get(root, "id"));
    struct lg_iter choices = lg_iter_of(lg_val_get(root, "choices"));
    int n = 0;

    NEED(c, f->event.n == 0);
    NEED(c, !c->ended && !c->failed);
    if (lg_val_get(root, "error").doc) {
        NEED(c, is_string(lg_val_get(lg_val_get(root, "error"), "message")));
        c->failed = 1;
        return;
    }
    NEED(c, lg_val_is(lg_val_get(root, "object"), "chat.completion.chunk"));
    NEED(c, is_string(lg_val_get(root, "model")));
    NEED(c, lg_val_kind(lg_val_get(root, "created")) == LG_JSON_NUMBER);
    NEED(c, id.p != NULL);
    if (c->frames == 1)
        snprintf(c->id, sizeof(c->id), "%.*s", (int)id.n, id.p ? id.p : "");
    NEED(c, id.n >= sizeof(c->id) || lg_str_is(id, c->id));
    NEED(c, lg_val_kind(lg_val_get(root, "choices")) == LG_JSON_ARRAY);
    while (lg_iter_next(&choices)) {
        check_choice(c, choices.val);
        n++;
    }
    if (lg_val_kind(lg_val_get(root, "usage")) == LG_JSON_OBJECT) {
        NEED(c, c->finishes[0] || n == 0);
        c->usages++;
    }
}

static void check_done(struct checker *c)
{
    NEED(c, !c->ended && !c->failed);
    NEED(c, c->usages <= 1);
    for (size_t i = 0; i < CHOICES; i++)
        NEED(c, c->finishes[i] == c->roles[i]);
    c->ended = 1;
}

/* ---- Responses --------------------------------------------------------- */

/* What a frame speaks of: an item, or one of its parts. */
static void scope_of(char *out, size_t cap, const char *what,
                     struct lg_val root)
{
    int64_t item = -1, part = -1;

    lg_val_int(lg_val_get(root, "output_index"), &item);
    if (lg_val_int(lg_val_get(root, "content_index"), &part))
        lg_val_int(lg_val_get(root, "summary_index"), &part);
    snprintf(out, cap, "%s %lld %lld\n", what, (long long)item,
             (long long)part);
}

static int is_open(const struct checker *c, const char *line)
{
    return c->added.p && strstr(c->added.p, line);
}

static void scope_open(struct checker *c, const char *what, struct lg_val root)
{
    char line[80];

    scope_of(line, sizeof(line), what, root);
    NEED(c, !is_open(c, line));
    lg_buf_str(&c->added, lg_str_of(line));
}

static void scope_close(struct checker *c, const char *what, struct lg_val root)
{
    char line[80], *at;
    size_t n;

    scope_of(line, sizeof(line), what, root);
    NEED(c, is_open(c, line));
    if (!is_open(c, line))
        return;
    at = strstr(c->added.p, line);
    n = strlen(line);
    memmove(at, at + n, strlen(at + n) + 1);
    c->added.n -= n;
}

static void need_item(struct checker *c, struct lg_val root)
{
    char line[80];
    int64_t item = -1;

    lg_val_int(lg_val_get(root, "output_index"), &item);
    snprintf(line, sizeof(line), "item %lld -1\n", (long long)item);
    NEED(c, is_open(c, line));
}

static int ends_in(struct lg_str s, const char *tail)
{
    const size_t n = strlen(tail);

    return s.n >= n && memcmp(s.p + s.n - n, tail, n) == 0;
}

static void check_response(struct checker *c, struct lg_val root,
                           const char *status)
{
    const struct lg_val response = lg_val_get(root, "response");

    NEED(c, lg_val_is(lg_val_get(response, "object"), "response"));
    NEED(c, is_string(lg_val_get(response, "id")));
    NEED(c, is_string(lg_val_get(response, "model")));
    NEED(c, lg_val_is(lg_val_get(response, "status"), status));
    NEED(c, lg_val_kind(lg_val_get(response, "output")) == LG_JSON_ARRAY);
}

static void check_responses_end(struct checker *c, struct lg_val root,
                                const char *status)
{
    struct lg_iter it =
        lg_iter_of(lg_val_get(lg_val_get(root, "response"), "output"));
    int64_t n = 0;

    check_response(c, root, status);
    NEED(c, c->added.n == 0);
    while (lg_iter_next(&it))
        n++;
    NEED(c, n == c->items);
    c->ended = strcmp(status, "failed") != 0;
    c->failed = !c->ended;
}

static void check_item_added(struct checker *c, struct lg_val root)
{
    int64_t index = -1;

    lg_val_int(lg_val_get(root, "output_index"), &index);
    NEED(c, index == c->items);
    NEED(c, is_string(lg_val_get(lg_val_get(root, "item"), "type")));
    c->items++;
    scope_open(c, "item", root);
}

/* An added part is open until its done; pieces come between, and each kind of
 * them has one done. */
static void check_piece(struct checker *c, struct lg_val root,
                        struct lg_str type)
{
    need_item(c, root);
    NEED(c, is_string(lg_val_get(root, "item_id")));
    if (ends_in(type, "_part.added"))
        scope_open(c, "part", root);
    else if (ends_in(type, "_part.done"))
        scope_close(c, "part", root);
    else if (ends_in(type, ".delta"))
        NEED(c, is_string(lg_val_get(root, "delta")));
    if (ends_in(type, "_text.delta") || ends_in(type, "refusal.delta")) {
        char line[80];

        scope_of(line, sizeof(line), "part", root);
        NEED(c, is_open(c, line));
    }
}

static void check_responses(struct checker *c, const struct lg_frame *f,
                            struct lg_val root)
{
    const struct lg_val type = lg_val_get(root, "type");
    const struct lg_str name = lg_val_body(type);
    int64_t n = -1;

    lg_val_int(lg_val_get(root, "sequence_number"), &n);
    NEED(c, n == (int64_t)c->frames - 1);
    NEED(c, lg_str_same(f->event, name));
    NEED(c, !c->ended && !c->failed);
    if (lg_val_is(type, "error")) {
        NEED(c, is_string(lg_val_get(lg_val_get(root, "error"), "message")));
        return;
    }
    NEED(c, c->started == !lg_val_is(type, "response.created"));
    if (lg_val_is(type, "response.created")) {
        check_response(c, root, "in_progress");
        c->started = 1;
    } else if (lg_val_is(type, "response.in_progress")) {
        check_response(c, root, "in_progress");
    } else if (lg_val_is(type, "response.completed")) {
        check_responses_end(c, root, "completed");
    } else if (lg_val_is(type, "response.incomplete")) {
        check_responses_end(c, root, "incomplete");
    } else if (lg_val_is(type, "response.failed")) {
        check_responses_end(c, root, "failed");
    } else if (lg_val_is(type, "response.output_item.added")) {
        check_item_added(c, root);
    } else if (lg_val_is(type, "response.output_item.done")) {
        scope_close(c, "item", root);
    } else {
        check_piece(c, root, name);
    }
}

/* ---- Completions ------------------------------------------------------- */

static void check_completion(struct checker *c, struct lg_val v)
{
    const struct lg_val reason = lg_val_get(v, "finish_reason");
    int64_t index = -1;
    size_t at;

    lg_val_int(lg_val_get(v, "index"), &index);
    NEED(c, index >= 0 && index < CHOICES);
    at = index >= 0 && index < CHOICES ? (size_t)index : 0;
    NEED(c, is_string(lg_val_get(v, "text")));
    NEED(c, lg_val_get(v, "logprobs").doc && reason.doc);
    NEED(c, !c->finishes[at]);
    c->roles[at] = 1;
    if (is_string(reason))
        c->finishes[at]++;
}

static void check_completions(struct checker *c, const struct lg_frame *f,
                              struct lg_val root)
{
    struct lg_iter choices = lg_iter_of(lg_val_get(root, "choices"));
    int n = 0;

    NEED(c, f->event.n == 0);
    NEED(c, !c->ended && !c->failed);
    if (lg_val_get(root, "error").doc) {
        NEED(c, is_string(lg_val_get(lg_val_get(root, "error"), "message")));
        c->failed = 1;
        return;
    }
    NEED(c, lg_val_is(lg_val_get(root, "object"), "text_completion"));
    NEED(c, is_string(lg_val_get(root, "id")));
    NEED(c, is_string(lg_val_get(root, "model")));
    NEED(c, lg_val_kind(lg_val_get(root, "created")) == LG_JSON_NUMBER);
    NEED(c, lg_val_kind(lg_val_get(root, "choices")) == LG_JSON_ARRAY);
    for (; lg_iter_next(&choices); n++)
        check_completion(c, choices.val);
    if (lg_val_kind(lg_val_get(root, "usage")) == LG_JSON_OBJECT) {
        NEED(c, n == 0);
        c->usages++;
    }
}

/* ------------------------------------------------------------------------ */

static const struct grammar {
    const char *format;
    void (*frame)(struct checker *, const struct lg_frame *, struct lg_val);
    void (*done)(struct checker *); /* of [DONE]; NULL: there is none */
} grammars[] = {
    {"anthropic-messages", check_anthropic, NULL},
    {"bedrock-converse", check_converse, NULL},
    {"cohere-chat", check_cohere, NULL},
    {"ollama-chat", check_ollama, NULL},
    {"gemini", check_gemini, NULL},
    {"openai-chat", check_chat, check_done},
    {"openai-completions", check_completions, check_done},
    {"openai-responses", check_responses, NULL},
};

static void check_frame(struct checker *c, const struct lg_frame *f,
                        const struct grammar *g)
{
    struct lg_arena arena;
    struct lg_json doc;

    if (!f->data.p)
        return;
    c->frames++;
    if (g->done && lg_str_is(f->data, "[DONE]")) {
        g->done(c);
        return;
    }
    lg_arena_init(&arena, 0, MANY);
    if (lg_json_read(&doc, &arena, f->data, NULL) < 0)
        wrong(c, "not JSON");
    else
        g->frame(c, f, lg_json_root(&doc));
    lg_arena_done(&arena);
}

const char *grammar_check(const struct lg_format *format, struct lg_str stream,
                          int is_whole)
{
    const struct grammar *g = grammars;
    static char text[200];
    struct checker c = {.added = {.max = MANY}};
    struct lg_sse sse;
    struct lg_frame f;
    int rc;

    while (g < grammars + LG_COUNT(grammars) &&
           strcmp(g->format, format->name) != 0)
        g++;
    if (g == grammars + LG_COUNT(grammars))
        return "its grammar is not known";
    lg_sse_init(&sse, MANY);
    lg_sse_feed(&sse, stream.p, stream.n);
    while ((rc = lg_framers[format->framing].next(&sse, &f)) > 0 && !c.wrong)
        check_frame(&c, &f, g);
    if (rc == 0 && lg_framers[format->framing].end(&sse, &f))
        wrong(&c, "the last frame has no blank line");
    lg_sse_done(&sse);
    lg_buf_done(&c.added);
    NEED(&c, c.ended == is_whole);
    if (!c.wrong)
        return NULL;
    snprintf(text, sizeof(text), "frame %zu: %s", c.frames, c.wrong);
    return text;
}
