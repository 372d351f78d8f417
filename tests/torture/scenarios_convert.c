/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/torture/texts.h"
#include "tests/torture/torture.h"

#define MESSAGES  "anthropic-messages"
#define CHAT      "openai-chat"
#define GEMINI    "gemini"
#define RESPONSES "openai-responses"
#define CONVERSE  "bedrock-converse"

struct one {
    const char *kind, *from, *to, *text;
};

static int convert_one(struct torture *t, const struct one *c)
{
    char *out = NULL, *loss = NULL;
    llmgw_error *e = NULL;
    size_t n = 0;
    const int rc = llmgw_convert(NULL, c->kind, c->from, c->to, c->text,
                                 LLMGW_NUL_TERMINATED, &out, &n, &loss, &e);

    torture_check_error(t, rc, e);
    if (rc >= 0) {
        TORTURE_CHECK(t, out && n && strlen(out) == n);
        TORTURE_CHECK(t, loss && loss[0] == '[');
    } else {
        TORTURE_CHECK(t, !out);
    }
    llmgw_error_free(e);
    llmgw_free(out);
    llmgw_free(loss);
    return rc;
}

static int convert(struct torture *t)
{
    static const struct one all[] = {
        {"request", MESSAGES, CHAT, MESSAGES_REQUEST},
        {"request", CHAT, MESSAGES, CHAT_REQUEST},
        {"response", MESSAGES, CHAT, MESSAGES_ANSWER},
        {"response", CHAT, MESSAGES, CHAT_ANSWER},
        {"request", CHAT, CHAT, CHAT_REQUEST},
        {"request", GEMINI, CHAT, GEMINI_REQUEST},
        {"request", CHAT, GEMINI, CHAT_REQUEST},
        {"response", GEMINI, MESSAGES, GEMINI_ANSWER},
        {"response", MESSAGES, GEMINI, MESSAGES_ANSWER},
        {"request", CHAT, "openai-completions", CHAT_REQUEST},
        {"response", CHAT, "openai-completions", CHAT_ANSWER},
        {"request", RESPONSES, CHAT, RESPONSES_REQUEST},
        {"request", MESSAGES, RESPONSES, MESSAGES_REQUEST},
        {"response", RESPONSES, MESSAGES, RESPONSES_ANSWER},
        {"response", MESSAGES, RESPONSES, MESSAGES_ANSWER},
        {"request", CONVERSE, MESSAGES, CONVERSE_REQUEST},
        {"request", MESSAGES, CONVERSE, MESSAGES_REQUEST},
        {"response", CONVERSE, CHAT, CONVERSE_ANSWER},
        {"response", MESSAGES, CONVERSE, MESSAGES_ANSWER},
        {"error", CONVERSE, CHAT, "{\"__type\":\"x#y\",\"message\":\"m\"}"},
        {"request", "openai-embeddings", "gemini-embeddings",
         "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"user\":\"u\"}"},
        {"response", "openai-embeddings", "gemini-embeddings",
         "{\"data\":[{\"embedding\":\"zcz\\u004dPQ==\"},{\"embedding\":[1]}]}"},
        {"response", "cohere-embeddings", "openai-embeddings",
         "{\"id\":\"i\",\"embeddings\":{\"float\":[[1]],\"int8\":[[2]]}}"},
        {"request", "anthropic-count-tokens", "gemini-count-tokens",
         MESSAGES_REQUEST},
        {"response", "gemini-count-tokens", "anthropic-count-tokens",
         "{\"totalTokens\":7,\"zzz\":1}"},
    };
    int rc = 0;

    for (size_t i = 0; rc >= 0 && i < sizeof(all) / sizeof(all[0]); i++)
        rc = convert_one(t, &all[i]);
    return rc;
}

/* Feed a stream in pieces that cut its frames, taking what is ready. */
static int feed_all(struct torture *t, llmgw_converter *v, const char *text)
{
    size_t left = strlen(text), taken = 0, n;
    int rc = 0;

    for (; left && rc >= 0; text += n, left -= n) {
        size_t ready = 0;
        n = left < 100 ? left : 100;
        rc = llmgw_converter_feed(v, text, n);
        if (rc >= 0 && llmgw_converter_take(v, &ready))
            taken += ready;
    }
    if (rc >= 0)
        rc = llmgw_converter_finish(v);
    if (rc >= 0)
        TORTURE_CHECK(t, taken > 0);
    else
        TORTURE_CHECK(t, llmgw_error_code(llmgw_converter_error(v)) == rc);
    return rc;
}

static int convert_stream(struct torture *t, const char *from, const char *to,
                          const char *text)
{
    llmgw_converter *v = NULL;
    llmgw_error *e = NULL;
    int rc = llmgw_converter_new(NULL, from, to, &v, &e);

    torture_check_error(t, rc, e);
    TORTURE_CHECK(t, (rc < 0) == (v == NULL));
    if (v)
        rc = feed_all(t, v, text);
    llmgw_error_free(e);
    llmgw_converter_free(v);
    return rc;
}

static int converter(struct torture *t)
{
    int rc = convert_stream(t, MESSAGES, CHAT, MESSAGES_STREAM);

    if (rc >= 0)
        rc = convert_stream(t, CHAT, MESSAGES, CHAT_STREAM);
    if (rc >= 0)
        rc = convert_stream(t, GEMINI, CHAT, GEMINI_STREAM);
    if (rc >= 0)
        rc = convert_stream(t, RESPONSES, CHAT, RESPONSES_STREAM);
    if (rc >= 0)
        rc = convert_stream(t, MESSAGES, RESPONSES, MESSAGES_STREAM);
    if (rc >= 0)
        rc = convert_stream(t, MESSAGES, CONVERSE, MESSAGES_STREAM);
    return rc < 0 ? rc : convert_stream(t, MESSAGES, GEMINI, MESSAGES_STREAM);
}

const struct torture_scenario torture_convert[] = {
    {"convert", convert},
    {"converter", converter},
    {NULL, NULL},
};
