/* SPDX-License-Identifier: MIT
 *
 * llmgw: an LLM gateway in a library.
 *
 * You speak one message format; llmgw speaks every provider's. The whole API
 * is five objects, each made by one call and freed by one:
 *
 *     llmgw_options    what to do       string keys, string values, or JSON
 *     llmgw_client     who does it      connections, credentials, routes
 *     llmgw_response   a whole answer
 *     llmgw_stream     an answer as it arrives
 *     llmgw_error      what went wrong  borrowed, never freed
 *
 * Conventions, which hold for every function below:
 *
 *   Returns     An int is 0 or more on success and a negative LLMGW_E_* code
 *               on failure. A const pointer is an accessor: it cannot fail,
 *               and NULL means "there is none".
 *   Arguments   The object comes first, outputs come last. `*out` is NULL
 *               after a failure, `*error` is NULL after success.
 *   Ownership   What you receive through an `out` argument is yours to free.
 *               What you receive as a const pointer belongs to the object you
 *               asked, and lives until that object's next non-const call
 *               (cancelling aside). What you pass in is not needed after the
 *               call returns.
 *   Strings     UTF-8. (ptr, len) pairs may hold any byte; pass
 *               LLMGW_NUL_TERMINATED to have the length taken. Text handed
 *               out is NUL-terminated as well as counted; `len` may be NULL.
 *   Freeing     Every *_free accepts NULL.
 *   Threads     A client is shared by any number of threads at once. A stream
 *               is used by one thread at a time. Responses, and options that
 *               nobody changes, may be read by several. Cancelling is allowed
 *               from anywhere.
 *   Callbacks   Run on the thread that made the call, never under a lock of
 *               ours. From within one, only accessors and cancelling are legal;
 *               anything else returns LLMGW_E_INVALID.
 *   Fork        In a forked child every call on an inherited client or stream
 *               returns LLMGW_E_FORKED, and freeing it does no I/O. Options and
 *               responses stay usable.
 *   Globals     None. llmgw starts no thread (libcurl's resolver may, briefly),
 *               sets no signal handler, no locale, no allocator hook, reads no
 *               environment variable unless told to, writes to no stdio.
 */
#ifndef LLMGW_LLMGW_H
#define LLMGW_LLMGW_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/version.h> /* LLMGW_API, LLMGW_VERSION_{MAJOR,MINOR,PATCH} */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llmgw_options  llmgw_options;
typedef struct llmgw_client   llmgw_client;
typedef struct llmgw_response llmgw_response;
typedef struct llmgw_stream   llmgw_stream;
typedef struct llmgw_error    llmgw_error;
typedef struct llmgw_trace    llmgw_trace;
typedef struct llmgw_cancel   llmgw_cancel;

#define LLMGW_NUL_TERMINATED ((size_t)-1)

/* The version of the library you run with, as 0x00MMmmpp. */
LLMGW_API uint32_t llmgw_version(void);
/* "llmgw 0.1.0 libcurl/7.88.1 OpenSSL/3.0 cJSON/1.7.15 providers=..." */
LLMGW_API const char *llmgw_version_info(void);

/* ---- Errors ------------------------------------------------------------ */

/* A number, once released, keeps its meaning for good. */
enum {
    LLMGW_OK            =   0,
    LLMGW_E_INVALID     =  -1, /* the caller broke a rule stated here       */
    LLMGW_E_NOMEM       =  -2,
    LLMGW_E_OPTION      =  -3, /* no such option, or not a value it takes   */
    LLMGW_E_JSON        =  -4, /* not JSON, or not the shape it should have */
    LLMGW_E_UNSUPPORTED =  -5, /* the target cannot say or do this          */
    LLMGW_E_AUTH        =  -6, /* no credential, or one that was refused    */
    LLMGW_E_CONNECT     =  -7, /* DNS, TCP, TLS or proxy                    */
    LLMGW_E_TIMEOUT     =  -8,
    LLMGW_E_RATE_LIMIT  =  -9, /* 429 or the local limiter; see retry_after */
    LLMGW_E_REFUSED     = -10, /* any other 4xx: the request is at fault    */
    LLMGW_E_PROVIDER    = -11, /* 5xx and overloads: the provider is        */
    LLMGW_E_PROTOCOL    = -12, /* an answer that could not be understood    */
    LLMGW_E_TRUNCATED   = -13, /* the stream ended before its terminator    */
    LLMGW_E_LIMIT       = -14, /* a ceiling set in the options was reached  */
    LLMGW_E_CANCELLED   = -15,
    LLMGW_E_AGAIN       = -16, /* nothing ready yet (event-loop mode only)  */
    LLMGW_E_CALLBACK    = -17, /* one of your callbacks returned an error   */
    LLMGW_E_FORKED      = -18  /* a client of the parent process            */
};

/* "rate limited", for LLMGW_E_RATE_LIMIT. Never NULL. */
LLMGW_API const char *llmgw_strerror(int code);

/* A call that makes something reports its failure in the error it was given:
 * `error` may be NULL; otherwise free what you receive. A stream keeps its own. */
LLMGW_API void        llmgw_error_free(llmgw_error *e);
LLMGW_API int         llmgw_error_code(const llmgw_error *e);
LLMGW_API const char *llmgw_error_message(const llmgw_error *e);
/* JSON Pointer to the offending member of your request, or NULL. */
LLMGW_API const char *llmgw_error_where(const llmgw_error *e);
/* What the provider said. 0 and NULL if it was never reached. */
LLMGW_API const char *llmgw_error_provider(const llmgw_error *e);
LLMGW_API int         llmgw_error_http_status(const llmgw_error *e);
LLMGW_API const char *llmgw_error_provider_type(const llmgw_error *e);
LLMGW_API const char *llmgw_error_request_id(const llmgw_error *e);
LLMGW_API const char *llmgw_error_body(const llmgw_error *e, size_t *len);
/* 1 if the same call may succeed later; and how long to wait, or -1. */
LLMGW_API int         llmgw_error_retryable(const llmgw_error *e);
LLMGW_API int64_t     llmgw_error_retry_after_ms(const llmgw_error *e);
/* What has no accessor of its own, as text: attempts (JSON), maybe_billed, ... */
LLMGW_API const char *llmgw_error_get(const llmgw_error *e, const char *key);

/* ---- Options ----------------------------------------------------------- */

/* One object, two uses: given to llmgw_client_new() it configures a client;
 * given to a call it overrides that client for the call. It is a JSON
 * document with a checked schema: load it whole, or set single keys by their
 * dotted path, or, for names with dots in them, by JSON Pointer
 * ("/providers/a.b/type").
 * Lists and objects are given as JSON text. A value is checked when it is set,
 * not when it is used.
 *
 *     providers.<name>.type      anthropic | openai | compatible | mock
 *     providers.<name>.base_url  .api_key  .auth  .format  .headers.<header> ...
 *     provider                   used for a model with no provider/ prefix
 *     format                     default: that of the function called
 *     timeout.{connect,first_byte,content,idle,total}_ms
 *     retry.{max,initial_ms,max_ms,server_max_ms,ambiguous,budget}
 *     max_tokens  max_body_bytes  strict  headers.<header>  fold  loops ...
 *     models  anthropic_version  convert.{system_role,unsupported_param,
 *                                         orphan_tool_result,image_url}
 *
 * An override that changes where a call goes (base_url, auth, host header)
 * without bringing its own credential is LLMGW_E_OPTION: a client's key never
 * follows a per-call URL.
 *
 * llmgw_option_name() lists every key at run time, for bindings and --help. */
LLMGW_API int  llmgw_options_new(llmgw_options **out);
LLMGW_API void llmgw_options_free(llmgw_options *o);
LLMGW_API int  llmgw_options_load(llmgw_options *o, const char *json, size_t len);
/* Take the well-known environment variables (ANTHROPIC_API_KEY, ...). */
LLMGW_API int  llmgw_options_load_env(llmgw_options *o);
/* A NULL value takes the key out again: an override then inherits. */
LLMGW_API int  llmgw_options_set(llmgw_options *o, const char *key, const char *value);
/* NULL if unset. Secrets read back as "***". */
LLMGW_API const char *llmgw_options_get(const llmgw_options *o, const char *key);
LLMGW_API const llmgw_error *llmgw_options_error(const llmgw_options *o);
LLMGW_API const char *llmgw_option_name(size_t i); /* NULL past the last */
LLMGW_API const char *llmgw_option_help(size_t i);

/* A token that calls made with these options listen to. Firing is sticky, one
 * token may serve many calls, and calls keep it alive: firing never races with
 * the end of a call. */
LLMGW_API int  llmgw_cancel_new(llmgw_cancel **out);
LLMGW_API void llmgw_cancel_fire(llmgw_cancel *k);
LLMGW_API void llmgw_cancel_free(llmgw_cancel *k);
LLMGW_API int  llmgw_options_set_cancel(llmgw_options *o, llmgw_cancel *k);

/* Large bodies, streamed: what a call sends, and where it puts what it gets.
 * read returns the bytes given, 0 at the end, negative to fail; write returns
 * 0 or negative. rewind may be NULL; then such a call is not retried. */
typedef int64_t (*llmgw_read_fn)(void *user, void *buf, size_t cap);
typedef int     (*llmgw_rewind_fn)(void *user);
typedef int     (*llmgw_write_fn)(void *user, const void *data, size_t len);
LLMGW_API int llmgw_options_set_source(llmgw_options *o, llmgw_read_fn read,
                                       llmgw_rewind_fn rewind, int64_t size,
                                       void *user);
LLMGW_API int llmgw_options_set_sink(llmgw_options *o, llmgw_write_fn write,
                                     void *user);

/* ---- Client ------------------------------------------------------------ */

/* Connects to nothing yet. `o` may be changed, reused or freed afterwards; it
 * may not be NULL (LLMGW_E_INVALID). */
LLMGW_API int  llmgw_client_new(const llmgw_options *o, llmgw_client **out,
                                llmgw_error **error);
/* Calls in flight are cancelled and waited for. Streams outlive the client:
 * their next() says LLMGW_E_CANCELLED, and each is still freed by you. */
LLMGW_API void llmgw_client_free(llmgw_client *c);

/* Send one request and wait for the whole answer.
 *
 * `json` is a request body in the format the function is named after. If the
 * provider speaks that format too, your bytes reach it untouched but for the
 * members the gateway itself must set, so a field llmgw has never heard of
 * still works. If not, the request is converted, and every field with no
 * counterpart is reported: in llmgw_response_loss(), as a trace, or with
 * `strict` as LLMGW_E_UNSUPPORTED. Nothing is lost in silence.
 *
 * `o` overrides the client's options for this call, or is NULL. */
LLMGW_API int llmgw_messages_create(llmgw_client *c, const llmgw_options *o,
                                    const char *json, size_t len,
                                    llmgw_response **out, llmgw_error **error);
LLMGW_API int llmgw_chat_create(llmgw_client *c, const llmgw_options *o,
                                const char *json, size_t len,
                                llmgw_response **out, llmgw_error **error);
/* The one door: every operation is a name, "messages" and "chat" so far. The
 * named functions are one-line wrappers. llmgw_operation_name() lists them. */
LLMGW_API int llmgw_call(llmgw_client *c, const llmgw_options *o,
                         const char *operation, const char *json, size_t len,
                         llmgw_response **out, llmgw_error **error);

/* ---- Response ---------------------------------------------------------- */

LLMGW_API void        llmgw_response_free(llmgw_response *r);
/* The answer as JSON, in your format. */
LLMGW_API const char *llmgw_response_json(const llmgw_response *r, size_t *len);
/* The same answer, for those who only want the words: all text parts joined. */
LLMGW_API const char *llmgw_response_text(const llmgw_response *r, size_t *len);
LLMGW_API const char *llmgw_response_provider(const llmgw_response *r);
LLMGW_API const char *llmgw_response_model(const llmgw_response *r);
LLMGW_API const char *llmgw_response_request_id(const llmgw_response *r);
/* end | length | tool | stop_sequence | refusal | pause | other */
LLMGW_API const char *llmgw_response_stop(const llmgw_response *r);
LLMGW_API const char *llmgw_response_header(const llmgw_response *r, const char *name);
/* The i-th loss of conversion as JSON {pointer, action, reason}. */
LLMGW_API const char *llmgw_response_loss(const llmgw_response *r, size_t i);

enum llmgw_usage {
    LLMGW_USAGE_INPUT       = 1, /* excludes cached tokens, whoever answers */
    LLMGW_USAGE_OUTPUT      = 2, /* includes thinking */
    LLMGW_USAGE_THINKING    = 3,
    LLMGW_USAGE_CACHE_READ  = 4,
    LLMGW_USAGE_CACHE_WRITE = 5
};
/* Tokens, or -1 if the provider did not say. `what` is an llmgw_usage. */
LLMGW_API int64_t llmgw_response_usage(const llmgw_response *r, int what);
/* Nano-dollars, or -1 where a used component has no known price. */
LLMGW_API int64_t llmgw_response_cost(const llmgw_response *r);
/* What has no accessor of its own, as text: attempts, cached, age, ... */
LLMGW_API const char *llmgw_response_get(const llmgw_response *r, const char *key);

/* ---- Stream ------------------------------------------------------------ */

enum llmgw_event {
    LLMGW_EVENT_END        = 0,
    LLMGW_EVENT_START      = 1, /* model and id are known                    */
    LLMGW_EVENT_TEXT       = 2, /* a piece of answer text                    */
    LLMGW_EVENT_THINKING   = 3, /* a piece of reasoning text                 */
    LLMGW_EVENT_TOOL       = 4, /* a tool call opens: name() and id() hold   */
    LLMGW_EVENT_TOOL_INPUT = 5, /* a piece of its arguments, as JSON text    */
    LLMGW_EVENT_PART_END   = 6, /* the part at index() is complete           */
    LLMGW_EVENT_STOP       = 7, /* stop reason and usage are known           */
    LLMGW_EVENT_OTHER      = 8, /* means nothing else: look at json()        */
    LLMGW_EVENT_ITEM       = 9  /* one member of a list or of batch results  */
};

/* Returns once the provider has accepted the request, not before: an error
 * that arrives instead of a stream is reported here. (In event-loop mode it
 * returns at once, and such an error comes from llmgw_stream_next().) */
LLMGW_API int  llmgw_messages_stream(llmgw_client *c, const llmgw_options *o,
                                     const char *json, size_t len,
                                     llmgw_stream **out, llmgw_error **error);
LLMGW_API int  llmgw_chat_stream(llmgw_client *c, const llmgw_options *o,
                                 const char *json, size_t len,
                                 llmgw_stream **out, llmgw_error **error);
/* The same by the operation's name. */
LLMGW_API int  llmgw_call_stream(llmgw_client *c, const llmgw_options *o,
                                 const char *operation, const char *json,
                                 size_t len, llmgw_stream **out,
                                 llmgw_error **error);
LLMGW_API void llmgw_stream_free(llmgw_stream *s);

/* Advance to the next event and return its kind; 0 at the end; negative on
 * failure, and then for good (LLMGW_E_AGAIN alone is no failure). The accessors
 * below describe that event.
 *
 *     while ((ev = llmgw_stream_next(s)) > 0)
 *         if (ev == LLMGW_EVENT_TEXT)
 *             fputs(llmgw_stream_text(s, NULL), stdout);
 *     if (ev < 0)
 *         fprintf(stderr, "%s\n", llmgw_error_message(llmgw_stream_error(s)));
 *
 * Failures are retried only until the first event has been returned. */
LLMGW_API int llmgw_stream_next(llmgw_stream *s);

LLMGW_API const char *llmgw_stream_text(const llmgw_stream *s, size_t *len);
LLMGW_API const char *llmgw_stream_name(const llmgw_stream *s);
LLMGW_API const char *llmgw_stream_id(const llmgw_stream *s);
LLMGW_API int         llmgw_stream_index(const llmgw_stream *s);
/* The stream in your format. Each of its frames comes with exactly one event;
 * further events of that frame have NULL here. A frame that means nothing else,
 * pings and [DONE] included, comes as LLMGW_EVENT_OTHER. So forwarding every
 * non-NULL frame() forwards the whole stream: json() is its data, frame() the
 * same with its framing, ready for the wire. Where an event of the stream told
 * of the error that next() < 0 stands for, frame() is that event. */
LLMGW_API const char *llmgw_stream_json(const llmgw_stream *s, size_t *len);
LLMGW_API const char *llmgw_stream_frame(const llmgw_stream *s, size_t *len);
/* All events so far folded into one answer; complete once next() gave 0, and
 * the partial answer with its usage when the stream failed. */
LLMGW_API const llmgw_response *llmgw_stream_response(const llmgw_stream *s);
LLMGW_API const llmgw_error    *llmgw_stream_error(const llmgw_stream *s);
/* The same answer, yours: it outlives the stream. */
LLMGW_API int llmgw_stream_take_response(llmgw_stream *s, llmgw_response **out);

/* From any thread: make the running or next llmgw_stream_next() return
 * LLMGW_E_CANCELLED soon. Must not race with llmgw_stream_free(); where it
 * might, use a llmgw_cancel. */
LLMGW_API void llmgw_stream_cancel(llmgw_stream *s);

/* ---- Event loop (optional) --------------------------------------------- */

#define LLMGW_READ  1
#define LLMGW_WRITE 2

/* Give a client to your own loop, once and before its first call; from then on
 * no call of it blocks, llmgw_call() and *_create return LLMGW_E_INVALID, and
 * the client with its streams belongs to the loop's thread (cancelling aside,
 * which wakes the loop). It asks you to watch `fd` (LLMGW_READ | LLMGW_WRITE, 0
 * to forget it) and to set one timer (ms < 0 to unset); both callbacks run
 * inside your own calls. Report back with llmgw_client_ready(), fd -1 for the
 * timer; then drain llmgw_client_pending(), calling llmgw_stream_next() on each
 * until it says LLMGW_E_AGAIN. A stream is returned once, and again only after
 * AGAIN and something new. */
typedef int (*llmgw_watch_fn)(void *user, intptr_t fd, int want);
typedef int (*llmgw_timer_fn)(void *user, int64_t ms);

LLMGW_API int llmgw_client_set_loop(llmgw_client *c, llmgw_watch_fn watch,
                                    llmgw_timer_fn timer, void *user);
LLMGW_API int llmgw_client_ready(llmgw_client *c, intptr_t fd, int events);
LLMGW_API llmgw_stream *llmgw_client_pending(llmgw_client *c);
LLMGW_API void  llmgw_stream_set_user(llmgw_stream *s, void *user);
LLMGW_API void *llmgw_stream_user(const llmgw_stream *s);

/* ---- Tracing ----------------------------------------------------------- */

enum llmgw_trace_event {
    LLMGW_TRACE_CALL    = 1, /* a call begins:       operation, model        */
    LLMGW_TRACE_ATTEMPT = 2, /* bytes leave:         attempt, method, url    */
    LLMGW_TRACE_RETRY   = 3, /* and will again:      delay_ms, error         */
    LLMGW_TRACE_TOKEN   = 4, /* a credential renewed: issuer, expires_in_ms  */
    LLMGW_TRACE_LOSS    = 5, /* a field lost:        pointer, reason         */
    LLMGW_TRACE_FIRST   = 6, /* first content:       elapsed_ms              */
    LLMGW_TRACE_DONE    = 7  /* the call ended:      status, usage, elapsed  */
};

/* `t` dies with the callback. Credentials never appear in it; content only if
 * asked for. */
typedef void (*llmgw_trace_fn)(void *user, const llmgw_trace *t);
LLMGW_API int llmgw_options_set_trace(llmgw_options *o, llmgw_trace_fn fn, void *user);
LLMGW_API int         llmgw_trace_kind(const llmgw_trace *t);
LLMGW_API const char *llmgw_trace_str(const llmgw_trace *t, const char *key);
LLMGW_API int64_t     llmgw_trace_int(const llmgw_trace *t, const char *key);

/* ---- Conversion, without a network ------------------------------------- */

/* Pure functions from text to text: kind is "request", "response" or "error"
 * (the body of a refusal). Free
 * `*out` with llmgw_free(); `*loss` is a JSON array (may be NULL). `o` (may be
 * NULL) supplies `strict`, `models`, `convert.*` and what else is above. */
LLMGW_API int llmgw_convert(const llmgw_options *o, const char *kind,
                            const char *from, const char *to,
                            const char *json, size_t len,
                            char **out, size_t *out_len, char **loss,
                            llmgw_error **error);
LLMGW_API void llmgw_free(void *p);

/* The same for a stream of bytes, in its wire framing. feed() never calls out;
 * take() gives what is ready, until the next feed or take; finish() is
 * LLMGW_E_TRUNCATED where the terminator never came. */
typedef struct llmgw_converter llmgw_converter;
LLMGW_API int  llmgw_converter_new(const llmgw_options *o, const char *from,
                                   const char *to, llmgw_converter **out,
                                   llmgw_error **error);
LLMGW_API int  llmgw_converter_feed(llmgw_converter *v, const void *p, size_t len);
LLMGW_API int  llmgw_converter_finish(llmgw_converter *v);
LLMGW_API const char *llmgw_converter_take(llmgw_converter *v, size_t *len);
LLMGW_API const char *llmgw_converter_loss(const llmgw_converter *v, size_t i);
LLMGW_API const llmgw_error *llmgw_converter_error(const llmgw_converter *v);
LLMGW_API void llmgw_converter_free(llmgw_converter *v);


LLMGW_API const char *llmgw_format_name(size_t i);   /* NULL past the last */
LLMGW_API const char *llmgw_provider_name(size_t i); /* NULL past the last */
LLMGW_API const char *llmgw_operation_name(size_t i); /* NULL past the last */

#ifdef __cplusplus
}
#endif
#endif /* LLMGW_LLMGW_H */
