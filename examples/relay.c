/* SPDX-License-Identifier: MIT
 *
 * A gateway of one's own: SDKs of Anthropic and of OpenAI talk to it unchanged,
 * and any provider answers. A thread a connection, a blocking call in each,
 * and a second thread that sees the client leave.
 *
 *     cc relay.c relay_error.c \
 *         $(pkg-config --cflags --libs llmgw libmicrohttpd libcjson)
 *     ANTHROPIC_API_KEY=... ./a.out --listen 127.0.0.1:8080
 *     OPENAI_BASE_URL=http://127.0.0.1:8080/v1 ... model: "anthropic/..." */
#define _GNU_SOURCE /* asprintf, POLLRDHUP */
#include "relay_error.h"

#include <arpa/inet.h>
#include <llmgw/llmgw.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)64 << 20)
#define JSON     "application/json"

static const struct dialect {
    const char *path, *operation, *format, *id_header, *error_event;
} anthropic = {"/v1/messages", "messages", "anthropic-messages", "request-id",
               "event: error\n"},
  openai = {"/v1/chat/completions", "chat", "openai-chat", "x-request-id", ""};

static llmgw_client *client;
static const char *token; /* NULL: everyone may call */

struct request {
    struct MHD_Connection *connection;
    const struct dialect *dialect;
    int refused;     /* by us: an LLMGW_E_* */
    const char *why; /* NULL: what that stands for */
    FILE *memory;    /* writes the body that follows */
    char *body;
    size_t len, left;
    llmgw_options *options; /* of this call alone */
    llmgw_cancel *gone;     /* fired by the watcher */
    pthread_t watcher;
    int is_watched;
    llmgw_stream *stream;
    const char *frame; /* `left` of the one being sent */
    char *own_frame;
    int ended;
};

static enum MHD_Result answer(const struct request *r, int status,
                              struct MHD_Response *m, const char *type,
                              const char *request_id)
{
    enum MHD_Result sent;

    MHD_add_response_header(m, "content-type", type);
    MHD_add_response_header(m, r->dialect->id_header, request_id);
    sent = MHD_queue_response(r->connection, (unsigned)status, m);
    MHD_destroy_response(m);
    return sent;
}

static struct MHD_Response *copy_of(const char *text)
{
    return MHD_create_response_from_buffer(text ? strlen(text) : 0,
                                           (void *)(uintptr_t)text,
                                           MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer_error(const struct request *r,
                                    const llmgw_error *e)
{
    const long long wait = e ? llmgw_error_retry_after_ms(e) : -1;
    char *body = relay_error(r->dialect->format, e, r->refused, r->why);
    char seconds[24];
    struct MHD_Response *m = copy_of(body);

    snprintf(seconds, sizeof(seconds), "%lld", (wait + 999) / 1000);
    if (wait >= 0)
        MHD_add_response_header(m, "retry-after", seconds);
    llmgw_free(body);
    return answer(r, relay_error_status(e, r->refused), m, JSON,
                  llmgw_error_request_id(e));
}

/* The next frame to send; after a failure the one that says so. */
static void next_frame(struct request *r)
{
    const int event = llmgw_stream_next(r->stream);
    char *body;

    r->frame = llmgw_stream_frame(r->stream, &r->left);
    r->ended = event <= 0;
    if (event >= 0 || r->frame)
        return;
    body =
        relay_error(r->dialect->format, llmgw_stream_error(r->stream), 0, NULL);
    if (body && asprintf(&r->own_frame, "%sdata: %s\n\n",
                         r->dialect->error_event, body) >= 0)
        r->left = strlen(r->frame = r->own_frame);
    llmgw_free(body);
}

static ssize_t pull(void *request, uint64_t pos, char *buf, size_t max)
{
    struct request *r = request;
    size_t n;

    (void)pos;
    while (!r->left && !r->ended)
        next_frame(r);
    if (!r->left)
        return MHD_CONTENT_READER_END_OF_STREAM;
    n = r->left < max ? r->left : max;
    memcpy(buf, r->frame, n);
    r->frame += n;
    r->left -= n;
    return (ssize_t)n;
}

static enum MHD_Result answer_stream(struct request *r)
{
    const char *id;

    next_frame(r); /* what fails before it can still be said by a status */
    if (llmgw_stream_error(r->stream))
        return answer_error(r, llmgw_stream_error(r->stream));
    id = llmgw_response_request_id(llmgw_stream_response(r->stream));
    return answer(r, 200,
                  MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32768,
                                                    pull, r, NULL),
                  "text/event-stream; charset=utf-8", id);
}

/* Has the object "stream": true among its own members? */
static int wants_stream(const char *p)
{
    int depth = 0, n = 0;

    for (; p && *(p += strcspn(p, "\"{}[]")) && !n; p++) {
        const char *name = p + 1;

        depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        if (*p != '"')
            continue;
        while (*++p && *p != '"')
            p += *p == '\\' && p[1];
        if (depth == 1 && strncmp(name, "stream\"", 7) == 0)
            sscanf(p + 1, " : true%n", &n);
        p -= !*p;
    }
    return n;
}

/* Cancels the call, however silent its upstream, when the client hangs up, or
 * the daemon does, at its end. */
static void *watch(void *request)
{
    const struct request *r = request;
    const union MHD_ConnectionInfo *socket = MHD_get_connection_info(
        r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd hangup = {socket->connect_fd, POLLRDHUP, 0};

    poll(&hangup, 1, -1); /* here end() ends it */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    llmgw_cancel_fire(r->gone);
    return NULL;
}

/* What is this call's own: 0, or negative. */
static int prepare(struct request *r)
{
    const char *beta = MHD_lookup_connection_value(
        r->connection, MHD_HEADER_KIND, "anthropic-beta");
    int rc = llmgw_options_new(&r->options);

    if (rc == 0 && beta && *beta)
        rc = llmgw_options_set(r->options, "headers.anthropic-beta", beta);
    if (rc == 0)
        rc = llmgw_cancel_new(&r->gone);
    if (rc == 0)
        rc = llmgw_options_set_cancel(r->options, r->gone);
    if (rc == 0 && pthread_create(&r->watcher, NULL, watch, r))
        rc = LLMGW_E_NOMEM;
    r->is_watched = rc == 0;
    return rc;
}

static enum MHD_Result call(struct request *r)
{
    llmgw_response *got = NULL;
    llmgw_error *e = NULL;
    enum MHD_Result sent;

    if (wants_stream(r->body))
        llmgw_call_stream(client, r->options, r->dialect->operation, r->body,
                          r->len, &r->stream, &e);
    else
        llmgw_call(client, r->options, r->dialect->operation, r->body, r->len,
                   &got, &e);
    if (r->stream)
        sent = answer_stream(r);
    else if (got)
        sent = answer(r, 200, copy_of(llmgw_response_json(got, NULL)), JSON,
                      llmgw_response_request_id(got));
    else
        sent = answer_error(r, e);
    llmgw_response_free(got);
    llmgw_error_free(e);
    return sent;
}

/* In a time that tells nothing but the length of what was given. */
static int is_token(const char *given)
{
    const size_t n = strlen(token), m = strlen(given);
    volatile unsigned difference = n != m;

    for (size_t i = 0; i < m; i++)
        difference |= (unsigned)(given[i] ^ token[i % n]);
    return !difference;
}

static int is_allowed(struct MHD_Connection *c)
{
    const char *key =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-api-key");
    const char *auth =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "authorization");

    auth = auth ? strchr(auth, ' ') : NULL; /* behind Bearer, or Token */
    return !token || (key && is_token(key)) || (auth && is_token(auth + 1));
}

static void refuse(struct request *r, int code, const char *why)
{
    r->refused = code;
    r->why = why;
}

static struct request *begin(struct MHD_Connection *c, const char *path,
                             const char *method)
{
    struct request *r = calloc(1, sizeof(*r));

    if (!r || !(r->memory = open_memstream(&r->body, &r->len))) {
        free(r);
        return NULL;
    }
    r->connection = c;
    r->dialect = strncmp(path, "/v1/messages", 12) == 0 ? &anthropic : &openai;
    if (!is_allowed(c))
        refuse(r, LLMGW_E_AUTH, "the token is missing, or is wrong");
    else if (strcmp(path, r->dialect->path) || strcmp(method, "POST"))
        refuse(r, LLMGW_E_INVALID,
               "there is POST /v1/messages and POST /v1/chat/completions");
    return r;
}

/* What is refused is read to its end, but not kept. */
static void collect(struct request *r, const char *data, size_t n)
{
    if (!r->refused && n > BODY_MAX - (size_t)ftello(r->memory))
        refuse(r, LLMGW_E_LIMIT, "the request is larger than 64 MiB");
    if (!r->refused && fwrite(data, 1, n, r->memory) != n)
        r->refused = LLMGW_E_NOMEM;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c,
                              const char *path, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **request)
{
    struct request *r = *request;

    (void)cls, (void)version;
    if (!r)
        return (*request = begin(c, path, method)) ? MHD_YES : MHD_NO;
    if (*size) {
        collect(r, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(path, "/health") == 0)
        return answer(r, 200, copy_of("{\"status\":\"ok\"}"), JSON, NULL);
    if (!r->refused)
        r->refused = fflush(r->memory) ? LLMGW_E_NOMEM : prepare(r);
    return r->refused ? answer_error(r, NULL) : call(r);
}

static void end(void *cls, struct MHD_Connection *c, void **request,
                enum MHD_RequestTerminationCode code)
{
    struct request *r = *request;

    (void)cls, (void)c, (void)code;
    if (!r)
        return;
    if (r->is_watched) {
        pthread_cancel(r->watcher);
        pthread_join(r->watcher, NULL);
    }
    llmgw_stream_free(r->stream);
    llmgw_options_free(r->options);
    llmgw_cancel_free(r->gone);
    fclose(r->memory);
    free(r->own_frame);
    free(r->body);
    free(r);
}

/* At "ADDRESS:PORT"; for port 0 the system chooses one. */
static struct MHD_Daemon *serve(char *where)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    char *colon = strchr(where, ':');

    if (!colon || (*colon = '\0', !inet_aton(where, &at.sin_addr)))
        return NULL;
    at.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    return MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL,
        NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_END);
}

/* One option of the command line: 0, or negative. */
static int option(llmgw_options *o, const char *name, char *value, char **where)
{
    char *equals = strchr(value, '=');

    if (strcmp(name, "--listen") == 0)
        return *where = value, 0;
    if (strcmp(name, "--token-env") == 0)
        return (token = getenv(value)) && *token ? 0 : LLMGW_E_AUTH;
    if (strcmp(name, "--config") == 0) {
        static char text[1 << 20];
        FILE *file = fopen(value, "r");
        const size_t n = file ? fread(text, 1, sizeof(text), file) : 0;
        return file && !fclose(file) ? llmgw_options_load(o, text, n)
                                     : LLMGW_E_OPTION;
    }
    if (strcmp(name, "--set") != 0 || !equals)
        return LLMGW_E_INVALID;
    *equals++ = '\0';
    return llmgw_options_set(o, value, equals);
}

int main(int argc, char **argv)
{
    char loopback[] = "127.0.0.1:8080", *where = loopback;
    llmgw_options *o;
    llmgw_error *e = NULL;
    struct MHD_Daemon *d = NULL;
    sigset_t stop;
    int caught, rc;

    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL); /* in every thread to come */
    if (llmgw_options_new(&o) < 0)
        return 1;
    rc = llmgw_options_load_env(o);
    for (int i = 1; i < argc && rc == 0; i += 2)
        rc = argv[i + 1] ? option(o, argv[i], argv[i + 1], &where)
                         : LLMGW_E_INVALID;
    if (rc == 0)
        rc = llmgw_client_new(o, &client, &e);
    if (rc == 0 && !(d = serve(where)))
        rc = LLMGW_E_CONNECT;
    if (rc < 0) {
        const llmgw_error *why = e ? e : llmgw_options_error(o);
        fprintf(stderr, "relay: %s (--listen --config --set --token-env)\n",
                why ? llmgw_error_message(why) : llmgw_strerror(rc));
    } else {
        printf("listening on http://%s:%d\n", where,
               (int)MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
        fflush(stdout);
        sigwait(&stop, &caught);
        MHD_stop_daemon(d);
    }
    llmgw_error_free(e);
    llmgw_client_free(client);
    llmgw_options_free(o);
    return rc < 0 ? 2 : 0;
}
