/* SPDX-License-Identifier: MIT */
#include "tests/support/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/wire/eventstream.h"
#include "tests/support/events.h"
#include "tests/support/files.h"

#define MANY ((size_t)1 << 30)

struct visit {
    struct corpus *corpus;
    size_t skip; /* of a path, what every case has in common */
    int is_reference;
};

static const char *const kind_words[CORPUS_KINDS] = {
    [CORPUS_REQUEST] = "request",
    [CORPUS_ANSWER] = "answer",
    [CORPUS_STREAM] = "stream",
    [CORPUS_ERROR] = "error",
};

static int ends_with(const char *s, const char *tail)
{
    const size_t n = strlen(s), m = strlen(tail);

    return n >= m && strcmp(s + n - m, tail) == 0;
}

static const struct lg_format *format_named(const char *name)
{
    return lg_format_by_name(lg_str_of(name));
}

static struct lg_buf *add(const struct visit *v, const char *path,
                          enum corpus_kind kind, const struct lg_format *format)
{
    struct corpus_case *c = calloc(1, sizeof(*c));

    if (!c)
        abort();
    c->name = malloc(strlen(path + v->skip) + 1);
    if (!c->name)
        abort();
    memcpy(c->name, path + v->skip, strlen(path + v->skip) + 1);
    c->kind = kind;
    c->format = format;
    c->is_reference = v->is_reference;
    lg_buf_init(&c->text, MANY);
    *v->corpus->last = c;
    v->corpus->last = &c->next;
    *(v->is_reference ? &v->corpus->references : &v->corpus->fixtures) += 1;
    return &c->text;
}

/* ---- binary events ------------------------------------------------------ */

/* {"NAME":{...}} as the message it was; exceptions are called so. */
static void add_message(struct lg_buf *out, struct lg_str json)
{
    struct lg_arena arena;
    struct lg_json doc;
    struct lg_iter it;
    size_t begin;

    lg_arena_init(&arena, 0, MANY);
    if (lg_json_read(&doc, &arena, json, NULL) == 0) {
        it = lg_iter_of(lg_json_root(&doc));
        while (lg_iter_next(&it)) {
            const struct lg_str name = lg_val_body(it.key);
            char text[64];

            snprintf(text, sizeof(text), "%.*s", (int)name.n, name.p);
            begin = lg_eventstream_begin(out,
                                         ends_with(text, "Exception")
                                             ? LG_FRAME_EXCEPTION
                                             : LG_FRAME_EVENT,
                                         name);
            json_squeeze(out, lg_val_raw(it.val));
            lg_eventstream_finish(out, begin);
        }
    }
    lg_arena_done(&arena);
}

void corpus_add_messages(struct lg_buf *out, const char *text)
{
    while (*text) {
        const size_t n = strcspn(text, "\r\n");

        if (n)
            add_message(out, lg_str_from(text, n));
        text += n + (text[n] != '\0');
    }
}

static void add_message_array(struct lg_buf *out, struct lg_val array)
{
    struct lg_iter it = lg_iter_of(array);

    while (lg_iter_next(&it))
        add_message(out, lg_val_raw(it.val));
}

static int is_converse(const struct lg_format *format)
{
    return format && format->framing == LG_FRAMING_EVENTSTREAM;
}

/* ---- fixtures ---------------------------------------------------------- */

static void visit_fixture(void *user, const char *path)
{
    struct visit *v = user;
    const char *rel = path + v->skip, *base = strrchr(path, '/') + 1;
    const struct lg_format *format =
        lg_format_by_name(lg_str_from(rel, strcspn(rel, "/")));
    size_t n;
    char *text;

    if (!format || (!ends_with(base, ".json") && !ends_with(base, ".sse") &&
                    !ends_with(base, ".ndjson") && !ends_with(base, ".events")))
        return;
    for (int k = 0; k < CORPUS_KINDS; k++) {
        if (strncmp(base, kind_words[k], strlen(kind_words[k])) != 0)
            continue;
        text = file_read(path, &n);
        if (text && ends_with(base, ".events"))
            corpus_add_messages(add(v, path, CORPUS_STREAM, format), text);
        else if (text)
            lg_buf_add(add(v, path, (enum corpus_kind)k, format), text, n);
        free(text);
    }
}

/* ---- reference data ---------------------------------------------------- */

/* One event as a frame; Anthropic's are named by their type. The streams of
 * Gemini (`named` is UNENDED) have no end mark. */
#define UNENDED (-1)
static void add_frame(struct lg_buf *out, struct lg_str json, int named)
{
    struct lg_arena arena;
    struct lg_json doc;

    lg_arena_init(&arena, 0, MANY);
    if (named > 0 && lg_json_read(&doc, &arena, json, NULL) == 0) {
        lg_buf_lit(out, "event: ");
        lg_buf_str(out, lg_val_body(lg_val_get(lg_json_root(&doc), "type")));
        lg_buf_lit(out, "\n");
    }
    lg_buf_lit(out, "data: ");
    lg_buf_str(out, json);
    lg_buf_lit(out, "\n\n");
    lg_arena_done(&arena);
}

static void end_stream(struct lg_buf *out, int named)
{
    if (named == 0)
        lg_buf_lit(out, "data: [DONE]\n\n");
}

static void add_array(struct lg_buf *out, struct lg_val array, int named)
{
    struct lg_iter it = lg_iter_of(array);
    struct lg_buf line;

    lg_buf_init(&line, MANY);
    while (lg_iter_next(&it)) {
        lg_buf_reset(&line);
        json_squeeze(&line, lg_val_raw(it.val));
        add_frame(out, lg_buf_span(&line), named);
    }
    lg_buf_done(&line);
    end_stream(out, named);
}

static void add_lines(struct lg_buf *out, const char *text, int named)
{
    while (*text) {
        const size_t n = strcspn(text, "\r\n");

        if (n)
            add_frame(out, lg_str_from(text, n), named);
        text += n + (text[n] != '\0');
    }
    end_stream(out, named);
}

/* What a JSON document is, by its looks; -1: neither answer nor error. */
static int kind_by_looks(struct lg_val root, const struct lg_format **format)
{
    struct lg_val type = lg_val_get(root, "type");

    if (lg_val_get(lg_val_get(root, "output"), "message").doc &&
        lg_val_get(root, "stopReason").doc) {
        *format = format_named("bedrock-converse");
        return CORPUS_ANSWER;
    }
    if (lg_val_is(lg_val_get(root, "object"), "chat.completion")) {
        *format = format_named("openai-chat");
        return CORPUS_ANSWER;
    }
    if (lg_val_is(lg_val_get(root, "object"), "response")) {
        *format = format_named("openai-responses");
        return CORPUS_ANSWER;
    }
    if (lg_val_is(lg_val_get(root, "object"), "text_completion")) {
        *format = format_named("openai-completions");
        return CORPUS_ANSWER;
    }
    if (lg_val_is(lg_val_get(root, "object"), "list") &&
        lg_val_get(root, "data").doc && lg_val_get(root, "usage").doc) {
        *format = format_named("openai-embeddings");
        return CORPUS_ANSWER;
    }
    if (lg_val_get(root, "embeddings").doc && lg_val_get(root, "meta").doc) {
        *format = format_named("cohere-embeddings");
        return CORPUS_ANSWER;
    }
    if (lg_val_kind(lg_val_get(root, "candidates")) == LG_JSON_ARRAY) {
        *format = format_named("gemini");
        return CORPUS_ANSWER;
    }
    if (lg_val_kind(lg_val_get(lg_val_get(root, "error"), "status")) ==
        LG_JSON_STRING) {
        *format = format_named("gemini");
        return CORPUS_ERROR;
    }
    if (lg_val_is(lg_val_get(lg_val_get(root, "message"), "role"),
                  "assistant") &&
        lg_val_get(root, "finish_reason").doc) {
        *format = format_named("cohere-chat");
        return CORPUS_ANSWER;
    }
    if (lg_val_is(type, "message") || lg_val_is(type, "error")) {
        *format = format_named("anthropic-messages");
        return lg_val_is(type, "error") ? CORPUS_ERROR : CORPUS_ANSWER;
    }
    return -1;
}

static void visit_snapshot(struct visit *v, const char *path,
                           struct lg_val root, struct lg_str text)
{
    int named = strstr(path, "/anthropic/") != NULL;
    const char *base = strrchr(path, '/') + 1;
    const struct lg_format *format =
        format_named(named ? "anthropic-messages" : "openai-chat");

    if (strstr(path, "/google/")) {
        named = UNENDED;
        format = format_named("gemini");
    }
    if (strstr(path, "/responses/")) {
        named = 1;
        format = format_named("openai-responses");
    }
    if (strstr(path, "/bedrock/"))
        format = format_named("bedrock-converse");
    if (!format ||
        (!named && !is_converse(format) && !strstr(path, "/chat-completions/")))
        return;
    if (ends_with(base, "response-streaming.json") && is_converse(format))
        add_message_array(add(v, path, CORPUS_STREAM, format), root);
    else if (ends_with(base, "response-streaming.json"))
        add_array(add(v, path, CORPUS_STREAM, format), root, named);
    else if (ends_with(base, "request.json"))
        lg_buf_str(add(v, path, CORPUS_REQUEST, format), text);
    else if (kind_by_looks(root, &format) == CORPUS_ANSWER)
        lg_buf_str(add(v, path, CORPUS_ANSWER, format), text);
}

static void visit_json(struct visit *v, const char *path, struct lg_str text)
{
    const struct lg_format *format = NULL;
    struct lg_arena arena;
    struct lg_json doc;
    int kind;

    lg_arena_init(&arena, 0, MANY);
    if (lg_json_read(&doc, &arena, text, NULL) == 0) {
        const struct lg_val root = lg_json_root(&doc);

        if (strstr(path, "/snapshots/")) {
            visit_snapshot(v, path, root, text);
        } else {
            kind = kind_by_looks(root, &format);
            if (kind >= 0 && format)
                lg_buf_str(add(v, path, (enum corpus_kind)kind, format), text);
        }
    }
    lg_arena_done(&arena);
}

static void visit_stream(struct visit *v, const char *path, const char *text)
{
    const int unended = strstr(path, "/google/src/__fixtures__/") != NULL;
    const int items = strstr(text, "\"response.created\"") != NULL;
    const int cohere = strstr(text, "\"message-start\"") != NULL;
    const int named =
        unended ? UNENDED
                : items || cohere || strstr(text, "\"message_start\"") != NULL;
    const int legacy = strstr(text, "\"text_completion\"") != NULL;
    const int converse = strstr(text, "\"contentBlockDelta\"") != NULL;
    const struct lg_format *format =
        format_named(unended    ? "gemini"
                     : items    ? "openai-responses"
                     : converse ? "bedrock-converse"
                     : cohere   ? "cohere-chat"
                     : named    ? "anthropic-messages"
                     : legacy   ? "openai-completions"
                                : "openai-chat");
    struct lg_buf *out;

    if (!format || (!named && !legacy && !converse &&
                    !strstr(text, "chat.completion.chunk")))
        return;
    out = add(v, path, CORPUS_STREAM, format);
    if (ends_with(path, ".sse"))
        lg_buf_str(out, lg_str_of(text));
    else if (is_converse(format))
        corpus_add_messages(out, text);
    else
        add_lines(out, text, named);
}

static void visit_reference(void *user, const char *path)
{
    struct visit *v = user;
    size_t n = 0;
    char *text;

    if (!strstr(path, "/vercel-ai/") && !strstr(path, "/lingua/snapshots/") &&
        !strstr(path, "/real-server-captures/") &&
        !strstr(path, "/bedrock-made/converse_stream"))
        return;
    text = file_read(path, &n);
    if (!text)
        return;
    if (ends_with(path, ".bin"))
        lg_buf_add(
            add(v, path, CORPUS_STREAM, format_named("bedrock-converse")), text,
            n);
    else if (ends_with(path, ".chunks.txt") || ends_with(path, ".sse"))
        visit_stream(v, path, text);
    else if (ends_with(path, ".json"))
        visit_json(v, path, lg_str_from(text, n));
    free(text);
}

void corpus_load(struct corpus *c)
{
    const char *reference = reference_path();
    const char *fixtures = source_path("tests/fixtures");
    struct visit v = {c, strlen(fixtures) + 1, 0};

    *c = (struct corpus){.last = &c->first};
    files_each(fixtures, visit_fixture, &v);
    if (!reference)
        return;
    v.skip = strlen(reference) + 1;
    v.is_reference = 1;
    files_each(reference, visit_reference, &v);
}

void corpus_free(struct corpus *c)
{
    for (struct corpus_case *k = c->first, *next; k; k = next) {
        next = k->next;
        lg_buf_done(&k->text);
        free(k->name);
        free(k);
    }
}
