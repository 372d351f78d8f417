/* SPDX-License-Identifier: MIT
 *
 * Makes calls as it is told on its standard input, and tells all that the
 * library said about them, one JSON object a line:
 *
 *     set KEY VALUE       an option of the client
 *     load JSON           several, as a document
 *     environment         those that the environment has
 *     call KEY VALUE      an option of the call
 *     operation NAME      messages or chat
 *     stream 0|1
 *     request JSON
 *     times N             calls of one client, one after the other,
 *     pause MS            with so much time between
 *     go                  do it: N results, then {"end": 1}, and a new job
 *
 * In a value \xHH is a byte. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <llmgw/llmgw.h>

struct text {
    char *p;
    size_t n;
};

struct job {
    llmgw_options *options, *override;
    char *operation;
    struct text request;
    int stream, times, pause_ms;
    int failed; /* an option was refused: the first answer that was given */
};

/* ---- out --------------------------------------------------------------- */

/* Every byte that is not printable ASCII as \u00HH: any byte survives. */
static void put_string(const char *p, size_t n)
{
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)p[i];

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_text(const char *name, const char *p, size_t n)
{
    if (!p)
        return;
    printf(",\"%s\":", name);
    put_string(p, n);
}

static void put_line(const char *name, const char *s)
{
    put_text(name, s, s ? strlen(s) : 0);
}

static void put_int(const char *name, long long v)
{
    printf(",\"%s\":%lld", name, v);
}

static void put_error(const llmgw_error *e)
{
    size_t n;
    const char *body = llmgw_error_body(e, &n);

    put_line("message", llmgw_error_message(e));
    put_line("where", llmgw_error_where(e));
    put_line("provider", llmgw_error_provider(e));
    put_int("http_status", llmgw_error_http_status(e));
    put_line("provider_type", llmgw_error_provider_type(e));
    put_line("request_id", llmgw_error_request_id(e));
    put_text("body", body, n);
    put_int("retryable", llmgw_error_retryable(e));
    put_int("retry_after_ms", llmgw_error_retry_after_ms(e));
    put_line("attempts", llmgw_error_get(e, "attempts"));
    put_line("maybe_billed", llmgw_error_get(e, "maybe_billed"));
    put_line("provider_code", llmgw_error_get(e, "code"));
    put_line("param", llmgw_error_get(e, "param"));
}

static void put_response(const llmgw_response *r)
{
    size_t n;
    const char *s = llmgw_response_json(r, &n);

    put_text("json", s, n);
    s = llmgw_response_text(r, &n);
    put_text("text", s, n);
    put_line("model", llmgw_response_model(r));
    put_line("stop", llmgw_response_stop(r));
    put_int("output_tokens", llmgw_response_usage(r, LLMGW_USAGE_OUTPUT));
    put_line("won_after", llmgw_response_get(r, "attempts"));
    put_line("answer_id", llmgw_response_request_id(r));
}

/* Every key that a trace can have, content included where it is asked for. */
static void trace(void *user, const llmgw_trace *t)
{
    static const char *const words[] = {
        "operation", "provider", "format", "method", "url",     "error",
        "pointer",   "action",   "reason", "model",  "content", "maybe_billed"};
    static const char *const numbers[] = {"call",     "attempt", "elapsed_ms",
                                          "delay_ms", "status",  "code",
                                          "retries",  "first_ms"};

    (void)user;
    printf("{\"trace\":%d", llmgw_trace_kind(t));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        put_line(words[i], llmgw_trace_str(t, words[i]));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        put_int(numbers[i], llmgw_trace_int(t, numbers[i]));
    puts("}");
}

/* ---- calls ------------------------------------------------------------- */

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void begin_result(int code, long long began)
{
    printf("{\"result\":%d", code);
    put_int("elapsed_ms", now_ms() - began);
}

static void make_call(llmgw_client *c, const struct job *j)
{
    const long long began = now_ms();
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    const int code = llmgw_call(c, j->override, j->operation, j->request.p,
                                j->request.n, &r, &e);

    begin_result(code, began);
    if (code)
        put_error(e);
    else
        put_response(r);
    puts("}");
    llmgw_response_free(r);
    llmgw_error_free(e);
}

static void make_stream(llmgw_client *c, const struct job *j)
{
    const long long began = now_ms();
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;
    int events = 0;
    int code = llmgw_call_stream(c, j->override, j->operation, j->request.p,
                                 j->request.n, &s, &e);

    if (code) {
        begin_result(code, began);
        put_error(e);
    } else {
        while ((code = llmgw_stream_next(s)) > 0)
            events++;
        begin_result(code, began);
        if (code)
            put_error(llmgw_stream_error(s));
        put_int("events", events);
        put_response(llmgw_stream_response(s));
    }
    puts("}");
    llmgw_stream_free(s);
    llmgw_error_free(e);
}

static void go(const struct job *j)
{
    const struct timespec rest = {j->pause_ms / 1000,
                                  j->pause_ms % 1000 * 1000000L};
    const long long began = now_ms();
    llmgw_client *c = NULL;
    llmgw_error *e = NULL;
    const int code = llmgw_client_new(j->options, &c, &e);

    if (code) {
        begin_result(code, began);
        put_line("stage", "client");
        put_error(e);
        puts("}");
    }
    for (int i = 0; c && i < j->times; i++) {
        if (i)
            nanosleep(&rest, NULL);
        if (j->stream)
            make_stream(c, j);
        else
            make_call(c, j);
    }
    llmgw_client_free(c);
    llmgw_error_free(e);
}

/* ---- in ---------------------------------------------------------------- */

static unsigned hex(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static struct text unescape(char *s)
{
    struct text t = {s, 0};

    while (*s)
        if (s[0] == '\\' && s[1] == 'x') {
            t.p[t.n++] = (char)(hex(s[2]) * 16 + hex(s[3]));
            s += 4;
        } else {
            t.p[t.n++] = *s++;
        }
    t.p[t.n] = '\0';
    return t;
}

static void begin(struct job *j)
{
    memset(j, 0, sizeof(*j));
    j->times = 1;
    if (llmgw_options_new(&j->options) || llmgw_options_new(&j->override) ||
        llmgw_options_set_trace(j->options, trace, NULL))
        exit(2);
}

static void end(struct job *j)
{
    llmgw_options_free(j->options);
    llmgw_options_free(j->override);
    free(j->operation);
    free(j->request.p);
}

static void check(struct job *j, const llmgw_options *o, int code)
{
    if (code == LLMGW_OK || j->failed)
        return;
    j->failed = code;
    begin_result(code, now_ms());
    put_line("stage", "option");
    put_error(llmgw_options_error(o));
    puts("}");
}

static void set(struct job *j, llmgw_options *o, char *text)
{
    char *value = strchr(text, ' ');

    if (!value)
        exit(2);
    *value++ = '\0';
    (void)unescape(text);
    (void)unescape(value);
    check(j, o, llmgw_options_set(o, text, value));
}

static struct text copy(char *text)
{
    const struct text t = unescape(text);
    struct text own = {malloc(t.n + 1), t.n};

    if (!own.p)
        exit(2);
    memcpy(own.p, t.p, t.n + 1);
    return own;
}

static void obey(struct job *j, const char *verb, char *text)
{
    if (!strcmp(verb, "set")) {
        set(j, j->options, text);
    } else if (!strcmp(verb, "call")) {
        set(j, j->override, text);
    } else if (!strcmp(verb, "load")) {
        const struct text t = unescape(text);

        check(j, j->options, llmgw_options_load(j->options, t.p, t.n));
    } else if (!strcmp(verb, "environment")) {
        check(j, j->options, llmgw_options_load_env(j->options));
    } else if (!strcmp(verb, "operation")) {
        j->operation = copy(text).p;
    } else if (!strcmp(verb, "request")) {
        j->request = copy(text);
    } else if (!strcmp(verb, "stream")) {
        j->stream = atoi(text);
    } else if (!strcmp(verb, "times")) {
        j->times = atoi(text);
    } else if (!strcmp(verb, "pause")) {
        j->pause_ms = atoi(text);
    } else if (!strcmp(verb, "go")) {
        if (!j->failed)
            go(j);
        puts("{\"end\":1}");
        fflush(stdout);
        end(j);
        begin(j);
    } else {
        exit(2);
    }
}

int main(void)
{
    struct job j;
    char *line = NULL;
    size_t cap = 0;

    begin(&j);
    while (getline(&line, &cap, stdin) > 0) {
        char *text;

        line[strcspn(line, "\n")] = '\0';
        text = strchr(line, ' ');
        if (text)
            *text++ = '\0';
        obey(&j, line, text ? text : line + strlen(line));
    }
    free(line);
    end(&j);
    return 0;
}
