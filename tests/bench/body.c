/* SPDX-License-Identifier: MIT */
#include "tests/bench/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

#define CHUNK    16384
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define STREAM_HEAD                                                        \
    "HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 10:00:00 GMT\r\n"           \
    "Content-Type: text/event-stream; charset=utf-8\r\n"                   \
    "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n"             \
    "Cache-Control: no-cache\r\nrequest-id: req_bench0000000000000001\r\n" \
    "x-request-id: req_bench0000000000000001\r\n\r\n"

#define OPENAI_CHUNK                                                       \
    "{\"id\":\"chatcmpl-bench000000000000000000001\",\"object\":\"chat."   \
    "completion.chunk\",\"created\":1767600000,\"model\":\"gpt-4o-2024-08" \
    "-06\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_"      \
    "0000000001\",\"choices\":["

/* ---- writing ----------------------------------------------------------- */

static void put(struct body *b, const char *p, size_t n)
{
    if (b->len + n > b->cap) {
        b->cap = (b->len + n) * 2;
        b->p = realloc(b->p, b->cap);
        if (!b->p)
            bench_die("no memory");
    }
    memcpy(b->p + b->len, p, n);
    b->len += n;
}

/* Close the HTTP chunk of all bytes from b->pending on. */
static void close_chunk(struct body *b)
{
    const size_t n = b->len - b->pending;
    char size[24], *copy;
    const int k = snprintf(size, sizeof(size), "%zx\r\n", n);

    if (!b->framed || !n)
        return;
    copy = bench_alloc(n);
    memcpy(copy, b->p + b->pending, n);
    b->len = b->pending;
    put(b, size, (size_t)k);
    put(b, copy, n);
    put(b, "\r\n", 2);
    b->pending = b->len;
    free(copy);
}

/* One event: `name` (Anthropic) and data made of the format. */
__attribute__((format(printf, 3, 4))) static void event(struct body *b,
                                                        const char *name,
                                                        const char *fmt, ...)
{
    char text[2048];
    va_list args;
    int n = 0;

    if (b->format == BODY_ANTHROPIC)
        n = snprintf(text, sizeof(text), "event: %s\n", name);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "data: ");
    va_start(args, fmt);
    n += vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
    va_end(args);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "\n\n");
    put(b, text, (size_t)n);
    if (b->framed == 'e' || b->len - b->pending >= CHUNK)
        close_chunk(b);
}

/* ---- pieces ------------------------------------------------------------ */

static const char *const words[] = {
    "The",         " quick",     " brown",  " fox",        " jumps", " over",
    " the",        " lazy",      " dog",    ".",           " It",    " is",
    " not",        " un",        "usual",   " to",         " see",   "\\n\\n",
    "caf\xc3\xa9", " \\\"",      "quoted",  "\\\"",        " 42",    ",",
    " because",    " something", " always", " interesting"};

/* Of a program that is written to a file: escaped twice, as it comes. */
static const char *const code[] = {
    "int",    " main",       "(void",        ")\\\\n",  "{\\\\n", "   ",
    " put",   "s(\\\\",      "\\\"",         "hello",   " wor",   "ld",
    "\\\\",   "\\\");\\\\n", "   ",          " return", " 0",     ";\\\\n",
    "}\\\\n", "/*",          " caf\xc3\xa9", " */"};

/* Arguments are one object, in however many pieces. */
static const char *piece(const struct body *b, size_t i)
{
    if (!b->tool)
        return words[i * 9 % COUNT(words)];
    if (b->n == 1)
        return "{}";
    if (i == 0)
        return "{\\\"text\\\": \\\"";
    return i + 1 == b->n ? "\\\"}" : code[(i - 1) % COUNT(code)];
}

static const char *padding(size_t i)
{
    static const char all[] = "aB3dE5gH7jK9mN1pQ";

    return all + i % (sizeof(all) - 1);
}

/* ---- the two formats --------------------------------------------------- */

static void anthropic_begin(struct body *b)
{
    event(b, "message_start",
          "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-sonnet-"
          "4-5-20250929\",\"id\":\"msg_bench00000000000000001\",\"type\":"
          "\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":"
          "null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,"
          "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
          "\"output_tokens\":1}}}");
    event(b, "content_block_start",
          b->tool ? "{\"type\":\"content_block_start\",\"index\":0,\"content_"
                    "block\":{\"type\":\"tool_use\",\"id\":\"toolu_bench01\","
                    "\"name\":\"get_weather\",\"input\":{}}}"
                  : "{\"type\":\"content_block_start\",\"index\":0,\"content_"
                    "block\":{\"type\":\"text\",\"text\":\"\"}}");
    event(b, "ping", "{\"type\": \"ping\"}");
}

static void anthropic_delta(struct body *b, size_t i)
{
    event(b, "content_block_delta",
          b->tool ? "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
                    "\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}%*s}"
                  : "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
                    "\"type\":\"text_delta\",\"text\":\"%s\"}%*s}",
          piece(b, i), (int)(i % 7), "");
}

static void anthropic_end(struct body *b)
{
    event(b, "content_block_stop",
          "{\"type\":\"content_block_stop\",\"index\":0}");
    event(b, "message_delta",
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"%s\","
          "\"stop_sequence\":null},\"usage\":{\"output_tokens\":%zu}}",
          b->tool ? "tool_use" : "end_turn", b->n);
    event(b, "message_stop", "{\"type\":\"message_stop\"}");
}

static void openai_begin(struct body *b)
{
    event(b, NULL,
          OPENAI_CHUNK "{\"index\":0,\"delta\":{\"role\":\"assistant\","
                       "\"content\":%s,\"refusal\":null},\"logprobs\":null,"
                       "\"finish_reason\":null}],\"usage\":null,"
                       "\"obfuscation\":\"%s\"}",
          b->tool ? "null" : "\"\"", padding(0));
    if (b->tool)
        event(b, NULL,
              OPENAI_CHUNK "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":"
                           "0,\"id\":\"call_bench01\",\"type\":\"function\","
                           "\"function\":{\"name\":\"get_weather\","
                           "\"arguments\":\"\"}}]},\"logprobs\":null,\"finish_"
                           "reason\":null}],\"usage\":null,\"obfuscation\":"
                           "\"%s\"}",
              padding(1));
}

static void openai_delta(struct body *b, size_t i)
{
    event(b, NULL,
          b->tool ? OPENAI_CHUNK
              "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
              "\"function\":{\"arguments\":\"%s\"}}]},\"logprobs\":null,"
              "\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"%s\"}"
                  : OPENAI_CHUNK
              "{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":null,"
              "\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"%s\"}",
          piece(b, i), padding(i));
}

static void openai_end(struct body *b)
{
    event(b, NULL,
          OPENAI_CHUNK "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_"
                       "reason\":\"%s\"}],\"usage\":null,\"obfuscation\":"
                       "\"%s\"}",
          b->tool ? "tool_calls" : "stop", padding(3));
    event(b, NULL,
          OPENAI_CHUNK "],\"usage\":{\"prompt_tokens\":25,\"completion_tokens"
                       "\":%zu,\"total_tokens\":%zu},\"obfuscation\":\"\"}",
          b->n, b->n + 25);
    event(b, NULL, "[DONE]");
}

struct body *body_make(enum body_format format, int tool, size_t n, char framed)
{
    const int anthropic = format == BODY_ANTHROPIC;
    struct body *b = bench_alloc(sizeof(*b));

    *b =
        (struct body){.format = format, .tool = tool, .n = n, .framed = framed};
    b->at = bench_alloc((n + 1) * sizeof(*b->at));
    if (framed)
        put(b, STREAM_HEAD, sizeof(STREAM_HEAD) - 1);
    b->pending = b->len;
    (anthropic ? anthropic_begin : openai_begin)(b);
    for (size_t i = 0; i < n; i++) {
        b->at[i] = i ? b->len : 0;
        (anthropic ? anthropic_delta : openai_delta)(b, i);
    }
    (anthropic ? anthropic_end : openai_end)(b);
    close_chunk(b);
    if (framed)
        put(b, "0\r\n\r\n", 5);
    b->at[n] = b->len;
    return b;
}

void body_free(struct body *b)
{
    free(b->p);
    free(b->at);
    free(b);
}

/* ---- whole answers ----------------------------------------------------- */

#define TEXT                                                                  \
    "A gateway takes a request in one format and gives it to whoever answers" \
    " in another. It keeps what it was given, says what it could not keep, "  \
    "and adds as little as it can to the time that the answer takes.\\n\\n"   \
    "That is all there is to it, in principle; the rest is detail, and the "  \
    "detail is where such programs are \\\"interesting\\\".\\n\\n"

static const char anthropic_answer[] =
    "{\"model\":\"claude-sonnet-4-5-20250929\",\"id\":\"msg_bench0000000000000"
    "0001\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
    "\"text\",\"text\":\"" TEXT TEXT "\"}],\"stop_reason\":\"end_turn\","
    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"cache_creation_"
    "input_tokens\":0,\"cache_read_input_tokens\":0,\"cache_creation\":{"
    "\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},"
    "\"output_tokens\":180,\"service_tier\":\"standard\"}}";

static const char openai_answer[] =
    "{\"id\":\"chatcmpl-bench000000000000000000001\",\"object\":\"chat."
    "completion\",\"created\":1767600000,\"model\":\"gpt-4o-2024-08-06\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"" TEXT TEXT "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":25,"
    "\"completion_tokens\":180,\"total_tokens\":205,\"prompt_tokens_details\":{"
    "\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{"
    "\"reasoning_tokens\":0,\"audio_tokens\":0}},\"service_tier\":\"default\"}";

char *body_answer(enum body_format format, int bare, size_t *len)
{
    const char *json =
        format == BODY_ANTHROPIC ? anthropic_answer : openai_answer;
    char *p = bench_alloc(4096);
    int n = 0;

    if (!bare)
        n = snprintf(p, 4096,
                     "HTTP/1.1 200 OK\r\n"
                     "Date: Mon, 05 Jan 2026 10:00:00 GMT\r\n"
                     "Content-Type: application/json\r\n"
                     "Content-Length: %zu\r\nConnection: keep-alive\r\n"
                     "request-id: req_bench0000000000000001\r\n"
                     "x-request-id: req_bench0000000000000001\r\n"
                     "anthropic-ratelimit-requests-limit: 4000\r\n"
                     "anthropic-ratelimit-requests-remaining: 3999\r\n"
                     "anthropic-ratelimit-tokens-limit: 400000\r\n"
                     "anthropic-ratelimit-tokens-remaining: 399000\r\n"
                     "strict-transport-security: max-age=31536000\r\n"
                     "via: 1.1 bench\r\n\r\n",
                     strlen(json));
    n += snprintf(p + n, 4096 - (size_t)n, "%s", json);
    *len = (size_t)n;
    return p;
}
