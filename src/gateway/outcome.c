/* SPDX-License-Identifier: MIT
 *
 * What became of an attempt: its failure judged, logged, and told. */
#include "lib/base/mem.h"
#include "lib/json/text.h"
#include "lib/json/write.h"
#include "src/gateway/client.h"

#define MESSAGE_MAX 4096
#define ID_MAX      1024

/* ---- what happened ----------------------------------------------------- */

/* An HTTP status, or what stands for one in a stream, as an error code. */
static int code_of(int status)
{
    if (status == 401 || status == 403)
        return LLMGW_E_AUTH;
    if (status == 429)
        return LLMGW_E_RATE_LIMIT;
    if (status >= 500)
        return LLMGW_E_PROVIDER;
    return status >= 400 ? LLMGW_E_REFUSED : LLMGW_E_PROTOCOL;
}

/* Quota, content filter, billing: the same again would end the same. */
static int is_final(const struct lg_ir_error *e)
{
    return e->class == LG_ERROR_QUOTA || e->class == LG_ERROR_CONTENT_FILTER ||
           e->class == LG_ERROR_BILLING;
}

void lg_attempt_broke(struct lg_call *c)
{
    const struct lg_mail *m = &c->mail;
    const int tls = strncmp(c->x.detail, "tls: ", 5) == 0;
    const int connecting = strncmp(c->x.detail, "connect", 7) == 0;

    lg_failure_set(&c->failure, m->code,
                   m->sent && !(m->code == LLMGW_E_TIMEOUT && connecting), tls);
    if (m->code == LLMGW_E_TIMEOUT && lg_loop_now(c->loop) >= c->deadline)
        c->failure.never = 1;
    (void)lg_fail(&c->err, m->code, NULL, "%s%s%s", llmgw_strerror(m->code),
                  c->x.detail[0] ? ": " : "", c->x.detail);
}

static struct lg_str header(const struct lg_call *c, const char *name)
{
    return lg_str_of(lg_exchange_answer_header(&c->x, name));
}

static int says(struct lg_str value, const char *word)
{
    return value.p && lg_str_same_nocase(lg_str_trim(value), lg_str_of(word));
}

static int redacted(struct lg_call *c, struct lg_buf *out, struct lg_str text)
{
    return lg_secret_redact(out, text, c->config->secrets, c->config->nsecrets);
}

/* The provider's words, decoded and without our secrets, into c->err. */
static void say(struct lg_call *c, int code)
{
    const size_t max = (c->body.n + c->said.message.s.n) * 4 + MESSAGE_MAX;
    struct lg_buf text, clean;

    lg_buf_init(&text, max);
    lg_buf_init(&clean, max);
    if (lg_ir_has(&c->said.message))
        (void)lg_json_unescape(&text, c->said.message.s, LG_TO_TEXT);
    else if (c->body.n && c->body.p[0] != '<') /* no page of a proxy's */
        (void)lg_utf8_repair(&text, lg_buf_span(&c->body));
    (void)redacted(c, &clean, lg_buf_span(&text)); /* before it is cut */
    (void)lg_fail(&c->err, code, NULL, "%s%s%.*s", llmgw_strerror(code),
                  clean.n ? ": " : "", (int)(clean.n < 320 ? clean.n : 320),
                  clean.n ? clean.p : "");
    lg_buf_done(&text);
    lg_buf_done(&clean);
}

/* The provider itself said no. */
static void said_no(struct lg_call *c, int status, int never)
{
    lg_failure_set(&c->failure, code_of(status), 1, never);
    c->failure.status = status;
    c->failure.answered = 1;
    say(c, c->failure.code);
}

/* Read the provider's error object: 0, or negative if it is none. */
static int read_said(struct lg_call *c, const struct lg_json *doc, int status)
{
    struct lg_err ignored;
    struct lg_ctx ctx = {.self = c->plan.native,
                         .arena = &c->keep,
                         .keep = &c->keep,
                         .policy = &c->plan.policy,
                         .bridge = &c->bridge,
                         .losses = &c->losses,
                         .err = &ignored};

    memset(&c->said, 0, sizeof(c->said));
    if (c->plan.native->read_error(&ctx, doc, status, &c->said) == 0)
        return 0;
    memset(&c->said, 0, sizeof(c->said));
    return LLMGW_E_JSON;
}

int lg_attempt_is_error(struct lg_call *c, const struct lg_json *doc)
{
    struct lg_ir_error said;

    if (read_said(c, doc, 0))
        return 0;
    said = c->said;
    lg_attempt_error_event(c, &said);
    return 1;
}

void lg_attempt_refused(struct lg_call *c)
{
    const int status = c->mail.status;
    const struct lg_str retry = header(c, "x-should-retry");
    struct lg_json *doc = lg_arena_new(&c->keep, struct lg_json);

    memset(&c->said, 0, sizeof(c->said));
    if (doc && c->body.n &&
        lg_json_read(doc, &c->keep, lg_buf_span(&c->body), NULL) == 0)
        (void)read_said(c, doc, status);
    said_no(c, status, is_final(&c->said) || status < 400);
    if (says(retry, "true"))
        c->failure.should_retry = 1;
    if (says(retry, "false"))
        c->failure.should_retry = -1;
    c->failure.retry_after_ms =
        lg_http_retry_after(header(c, "retry-after-ms"),
                            header(c, "retry-after"), lg_loop_wall(c->loop));
}

/* The frame it came in goes with the next one. Without memory it is not told:
 * that it failed matters more. */
static void keep_val(struct lg_call *c, struct lg_ir_val *v)
{
    const char *copy = lg_ir_has(v) ? lg_arena_dup(&c->keep, v->s) : NULL;

    if (copy)
        v->s.p = copy;
    else
        *v = (struct lg_ir_val){0};
}

void lg_attempt_error_event(struct lg_call *c, const struct lg_ir_error *e)
{
    const int status = e->status ? e->status : lg_status_of_class(e->class);

    c->said = *e;
    keep_val(c, &c->said.type);
    keep_val(c, &c->said.code);
    keep_val(c, &c->said.param);
    keep_val(c, &c->said.message);
    said_no(c, status, is_final(e));
}

int lg_attempt_misread(struct lg_call *c, int err)
{
    struct lg_err was = c->err;

    if (err != LLMGW_E_JSON && err != LLMGW_E_PROTOCOL) {
        c->err.code = err;
        return err;
    }
    return lg_fail(&c->err, LLMGW_E_PROTOCOL, NULL, "%s%s%s", was.text,
                   was.where[0] ? " at " : "", was.where);
}

/* ---- what is told ------------------------------------------------------ */

void lg_attempt_log(struct lg_call *c, int64_t delay_ms)
{
    struct lg_jw w = {.out = &c->log};

    (void)lg_buf_byte(&c->log, c->log.n ? ',' : '[');
    lg_jw_obj(&w);
    lg_jw_key(&w, "provider");
    lg_jw_text(&w, lg_str_of(c->plan.provider->name));
    lg_jw_key(&w, "code");
    lg_jw_int(&w, c->err.code);
    lg_jw_key(&w, "http_status");
    lg_jw_int(&w, c->failure.status);
    lg_jw_key(&w, "error");
    lg_jw_text(&w, lg_str_of(c->err.text));
    lg_jw_key(&w, "elapsed_ms");
    lg_jw_int(&w, lg_loop_now(c->loop) - c->attempt_begun);
    if (delay_ms >= 0) {
        lg_jw_key(&w, "delay_ms");
        lg_jw_int(&w, delay_ms);
    }
    lg_jw_obj_end(&w);
}

/* A string body of the provider's as text of the error's own, redacted. */
static int own_text(struct lg_call *c, const struct lg_ir_val *v, char **out)
{
    struct lg_buf text, clean;

    if (!lg_ir_has(v))
        return LLMGW_OK;
    lg_buf_init(&text, MESSAGE_MAX);
    lg_buf_init(&clean, MESSAGE_MAX);
    (void)lg_json_unescape(&text, v->s, LG_TO_TEXT);
    (void)redacted(c, &clean, lg_buf_span(&text));
    lg_buf_done(&text);
    *out = lg_buf_take(&clean, NULL);
    return *out ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int own_body(struct lg_call *c, struct llmgw_error *e)
{
    struct lg_buf clean;

    if (!c->failure.answered || !c->body.n)
        return LLMGW_OK;
    lg_buf_init(&clean, c->body.n * 4 + 64);
    (void)redacted(c, &clean, lg_buf_span(&c->body));
    e->body = lg_buf_take(&clean, &e->body_len);
    return e->body ? LLMGW_OK : LLMGW_E_NOMEM;
}

/* The header that this provider puts its request id in. */
static const char *find_id(const struct lg_call *c)
{
    const char *const *name =
        c->plan.provider ? c->plan.provider->type->request_id_headers : NULL;
    const char *id = NULL;

    for (; name && *name && !id && c->x.box; name++)
        id = lg_exchange_answer_header(&c->x, *name);
    return id;
}

/* It is meant for logs, and anybody's bytes. */
static int own_id(struct lg_call *c, char **out)
{
    const struct lg_str id = lg_str_of(find_id(c));
    struct lg_buf clean;

    if (!id.p)
        return LLMGW_OK;
    lg_buf_init(&clean, ID_MAX);
    (void)redacted(c, &clean,
                   (struct lg_str){id.p, id.n < ID_MAX ? id.n : ID_MAX});
    for (size_t i = 0; i < clean.n; i++)
        if ((unsigned char)clean.p[i] < ' ' || clean.p[i] == 0x7f)
            clean.p[i] = '?';
    *out = lg_buf_take(&clean, NULL);
    return *out ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int own_copy(const char *s, char **out)
{
    if (!s)
        return LLMGW_OK;
    *out = lg_strndup(s, strlen(s));
    return *out ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int fill(struct lg_call *c, struct llmgw_error *e)
{
    struct lg_failure later = c->failure;
    int err = own_copy(c->plan.provider ? c->plan.provider->name : NULL,
                       &e->provider);

    if (later.code == LLMGW_E_TIMEOUT)
        later.never = 0; /* there will be time again */
    e->http_status = c->failure.answered ? c->failure.status : c->mail.status;
    e->retryable = lg_retry_judge(&later) != LG_RETRY_FATAL;
    e->retry_after_ms = c->failure.retry_after_ms;
    e->maybe_billed = c->ambiguous ? "true" : "false";
    e->format = c->plan.native ? c->plan.native->name : NULL;
    if (!err && c->failure.answered)
        err = own_text(c, &c->said.type, &e->provider_type);
    if (!err && c->failure.answered)
        err = own_text(c, &c->said.code, &e->provider_code);
    if (!err && c->failure.answered)
        err = own_text(c, &c->said.param, &e->provider_param);
    if (!err)
        err = own_id(c, &e->request_id);
    if (!err)
        err = own_body(c, e);
    if (!err && c->log.n) {
        (void)lg_buf_byte(&c->log, ']');
        e->attempts = lg_buf_take(&c->log, NULL);
    }
    return err;
}

void lg_attempt_error(struct lg_call *c)
{
    struct llmgw_error *e = lg_error_new(&c->err);

    if (e != &lg_error_nomem && fill(c, e)) {
        llmgw_error_free(e);
        e = &lg_error_nomem;
    }
    if (e == &lg_error_nomem)
        c->err.code = LLMGW_E_NOMEM;
    llmgw_error_free(c->error);
    c->error = e;
}
