/* SPDX-License-Identifier: MIT
 *
 * llmgw ask: words in, words out. */
#include "exit_code.h"
#include "input.h"
#include "session.h"
#include "tell.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MODEL_DEFAULT "mock/lorem"

struct question {
    const char *model, *system, *prompt;
};

struct clock {
    int64_t begun, first; /* first: 0 before it */
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_message(FILE *out, const char *role, const char *text)
{
    fprintf(out, "{\"role\":\"%s\",\"content\":", role);
    put_json_string(out, text);
    fputc('}', out);
}

/* The request, to free(); NULL without memory. */
static char *request_of(const struct question *q)
{
    char *json = NULL;
    size_t len;
    FILE *out = open_memstream(&json, &len);

    if (!out)
        return NULL;
    fputs("{\"model\":", out);
    put_json_string(out, q->model);
    fputs(",\"messages\":[", out);
    if (q->system) {
        put_message(out, "system", q->system);
        fputc(',', out);
    }
    put_message(out, "user", q->prompt);
    fputs("]}", out);
    if (fclose(out) == 0)
        return json;
    free(json);
    return NULL;
}

/* The words, and a line's end behind them. */
static int print_words(llmgw_stream *s, struct clock *clock)
{
    char last = '\n';
    int event, rc = EXIT_OK;

    while (!rc && (event = llmgw_stream_next(s)) != 0) {
        size_t len;
        const char *text = llmgw_stream_text(s, &len);

        if (event < 0)
            rc = told(event, llmgw_stream_error(s));
        if (event != LLMGW_EVENT_TEXT || !len)
            continue;
        if (!clock->first)
            clock->first = now_ms();
        last = text[len - 1];
        rc = say(text, len);
    }
    if (!rc && last != '\n')
        rc = say("\n", 1);
    return rc;
}

static void print_count(const llmgw_response *r, int what, const char *name)
{
    const int64_t tokens = llmgw_response_usage(r, what);

    if (tokens >= 0)
        fprintf(stderr, "%lld tokens %s, ", (long long)tokens, name);
}

static void print_stats(const llmgw_response *r, const struct clock *clock)
{
    const char *model = llmgw_response_model(r);

    fprintf(stderr, "[%s: %s; ", llmgw_response_provider(r),
            model ? model : "model unknown");
    print_count(r, LLMGW_USAGE_INPUT, "in");
    print_count(r, LLMGW_USAGE_OUTPUT, "out");
    if (clock->first)
        fprintf(stderr, "first after %lld ms, ",
                (long long)(clock->first - clock->begun));
    fprintf(stderr, "%lld ms in all]\n", (long long)(now_ms() - clock->begun));
}

static int converse(llmgw_client *c, const char *json)
{
    struct clock clock = {.begun = now_ms()};
    llmgw_stream *s;
    llmgw_error *e;
    int rc = llmgw_chat_stream(c, NULL, json, LLMGW_NUL_TERMINATED, &s, &e);

    if (rc < 0)
        rc = told(rc, e);
    else
        rc = print_words(s, &clock);
    if (!rc)
        print_stats(llmgw_stream_response(s), &clock);
    llmgw_stream_free(s);
    llmgw_error_free(e);
    return rc;
}

static const char *model_of(const struct args *a)
{
    const char *model = a->model ? a->model : getenv("LLMGW_MODEL");

    if (model && model[0])
        return model;
    tell("asking " MODEL_DEFAULT ", which invents its answers; "
         "name a model with -m or in LLMGW_MODEL");
    return MODEL_DEFAULT;
}

static int ask(const struct args *a, const char *prompt)
{
    const struct question q = {model_of(a), a->system, prompt};
    char *json = request_of(&q);
    struct session s;
    int rc;

    if (!json)
        return told(LLMGW_E_NOMEM, NULL);
    rc = session_open(&s, a, NULL, NULL);
    if (!rc)
        rc = converse(s.client, json);
    session_close(&s);
    free(json);
    return rc;
}

int run_ask(const struct args *a)
{
    const char *prompt = a->word[0];
    char *typed = NULL;
    size_t len;
    int rc = EXIT_OK;

    if (!prompt || strcmp(prompt, "-") == 0) {
        rc = input_whole(NULL, &typed, &len);
        prompt = typed;
    }
    if (!rc)
        rc = ask(a, prompt);
    free(typed);
    return rc;
}
