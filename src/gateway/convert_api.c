/* SPDX-License-Identifier: MIT
 *
 * Conversion for the host, without a client or a network. */
#include "lib/base/mem.h"
#include "lib/format/convert.h"
#include "src/base/sys.h"
#include "src/gateway/error.h"
#include "src/gateway/options.h"
#include "src/gateway/trace.h"

#define CONVERT_MAX ((size_t)1 << 31)

static int formats(const char *from, const char *to, struct lg_conversion *v)
{
    v->from = from ? lg_format_by_name(lg_str_of(from)) : NULL;
    v->to = to ? lg_format_by_name(lg_str_of(to)) : NULL;
    if (!v->from || !v->to)
        return lg_fail(v->err, LLMGW_E_UNSUPPORTED, v->from ? "to" : "from",
                       "no format is named \"%.64s\"",
                       v->from ? (to ? to : "(null)")
                       : from  ? from
                               : "(null)");
    return LLMGW_OK;
}

/* What the options say of a conversion. */
static void settle(const llmgw_options *o, struct lg_policy *policy,
                   struct lg_settings *s)
{
    lg_settings_defaults(s);
    lg_settings_apply(s, o);
    lg_settings_policy(s, policy);
}

static int run(struct lg_conversion *v, const char *kind, struct lg_str text,
               struct lg_buf *out)
{
    if (strcmp(kind, "request") == 0)
        return lg_convert_request(v, text, out);
    if (strcmp(kind, "response") == 0)
        return lg_convert_answer(v, text, out);
    if (strcmp(kind, "error") == 0)
        return lg_convert_error(v, text, 0, out);
    return lg_fail(v->err, LLMGW_E_INVALID, NULL,
                   "kind is \"request\", \"response\" or \"error\"");
}

static int report(const struct lg_losses *l, char **out)
{
    struct lg_buf json;

    *out = NULL;
    lg_buf_init(&json, CONVERT_MAX);
    (void)lg_buf_byte(&json, '[');
    for (const struct lg_loss *i = l->first; i; i = i->next) {
        if (i != l->first)
            (void)lg_buf_byte(&json, ',');
        (void)lg_loss_json(i, &json);
    }
    (void)lg_buf_byte(&json, ']');
    *out = lg_buf_take(&json, NULL);
    return *out ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int convert(const llmgw_options *o, const char *kind, const char *from,
                   const char *to, struct lg_str text, struct lg_buf *out,
                   char **loss, struct lg_err *e)
{
    struct lg_settings settings;
    struct lg_policy policy;
    struct lg_facts_table models;
    struct lg_arena arena;
    struct lg_losses losses;
    struct lg_bridge bridge = {.wants_usage = 1};
    struct lg_conversion v = {.arena = &arena,
                              .policy = &policy,
                              .bridge = &bridge,
                              .losses = &losses,
                              .err = e,
                              .now = lg_sys_wall_ms() / 1000};
    int err = formats(from, to, &v);

    if (err)
        return err;
    settle(o, &policy, &settings);
    lg_arena_init(&arena, 0, CONVERT_MAX);
    lg_losses_init(&losses, &arena, e, (int)settings.strict);
    if (settings.models)
        err = lg_facts_load(&models, &arena, lg_str_of(settings.models), e);
    policy.models = settings.models ? &models : NULL;
    if (err >= 0)
        err = run(&v, kind, text, out);
    if (loss && report(&losses, loss) && err >= 0)
        err = lg_fail_mem(e, LLMGW_E_NOMEM);
    lg_arena_done(&arena);
    return err < 0 ? err : LLMGW_OK;
}

int llmgw_convert(const llmgw_options *o, const char *kind, const char *from,
                  const char *to, const char *json, size_t len, char **out,
                  size_t *out_len, char **loss, llmgw_error **error)
{
    struct lg_err e = {0};
    struct lg_buf text;
    int err;

    if (error)
        *error = NULL;
    if (loss)
        *loss = NULL;
    if (out_len)
        *out_len = 0;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    if (!kind || !json || lg_callback_running()) {
        (void)lg_fail(&e, LLMGW_E_INVALID, NULL,
                      kind && json ? "called from a callback"
                                   : "a NULL argument");
        return lg_error_give(error, &e);
    }
    if (len == LLMGW_NUL_TERMINATED)
        len = strlen(json);
    lg_buf_init(&text, CONVERT_MAX);
    err =
        convert(o, kind, from, to, (struct lg_str){json, len}, &text, loss, &e);
    if (!err) {
        *out = lg_buf_take(&text, out_len);
        if (!*out)
            err = lg_fail_mem(&e, LLMGW_E_NOMEM);
    }
    lg_buf_done(&text);
    if (err && loss && err != LLMGW_E_UNSUPPORTED) {
        lg_free(*loss);
        *loss = NULL;
    }
    return err ? lg_error_give(error, &e) : LLMGW_OK;
}

void llmgw_free(void *p)
{
    lg_free(p);
}

/* ---- streams ----------------------------------------------------------- */

struct llmgw_converter {
    struct llmgw_error *error;
    const char **told; /* the losses as JSON, for loss() */
    size_t ntold, cap;
    int taken, finished;
    struct lg_policy policy;
    struct lg_bridge bridge;
    struct lg_arena arena;
    struct lg_losses losses;
    struct lg_convert_stream stream;
    struct lg_err err;
};

int llmgw_converter_new(const llmgw_options *o, const char *from,
                        const char *to, llmgw_converter **out,
                        llmgw_error **error)
{
    struct lg_err e = {0};
    struct lg_settings s;
    struct lg_conversion v = {.err = &e};
    llmgw_converter *c;
    int err;

    if (error)
        *error = NULL;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    err = lg_callback_running()
              ? lg_fail(&e, LLMGW_E_INVALID, NULL, "called from a callback")
              : formats(from, to, &v);
    if (err)
        return lg_error_give(error, &e);
    c = lg_zalloc(sizeof(*c));
    if (!c) {
        (void)lg_fail_mem(&e, LLMGW_E_NOMEM);
        return lg_error_give(error, &e);
    }
    settle(o, &c->policy, &s);
    lg_arena_init(&c->arena, 0, CONVERT_MAX);
    lg_losses_init(&c->losses, &c->arena, &c->err, (int)s.strict);
    c->bridge = (struct lg_bridge){.stream = 1, .wants_usage = 1};
    v.arena = &c->arena;
    v.policy = &c->policy;
    v.bridge = &c->bridge;
    v.losses = &c->losses;
    v.err = &c->err;
    v.now = lg_sys_wall_ms() / 1000;
    err = lg_convert_stream_init(&c->stream, &v, (size_t)s.max_event_bytes);
    if (err < 0) {
        e = c->err;
        llmgw_converter_free(c);
        return lg_error_give(error, &e);
    }
    *out = c;
    return LLMGW_OK;
}

void llmgw_converter_free(llmgw_converter *v)
{
    if (!v)
        return;
    lg_convert_stream_done(&v->stream);
    llmgw_error_free(v->error);
    lg_arena_done(&v->arena);
    lg_free(v);
}

static int make_room(llmgw_converter *v)
{
    const size_t cap = v->cap ? 2 * v->cap : 8;
    const char **told;

    if (v->ntold < v->cap)
        return LLMGW_OK;
    told = lg_arena_raw(&v->arena, cap * sizeof(*told));
    if (!told)
        return LLMGW_E_NOMEM;
    if (v->ntold)
        memcpy(told, v->told, v->ntold * sizeof(*told));
    v->told = told;
    v->cap = cap;
    return LLMGW_OK;
}

/* What was lost since last time, as text that lives as long as the converter.
 */
static int tell_losses(llmgw_converter *v)
{
    const struct lg_loss *l = v->losses.first;

    if (v->ntold == v->losses.n)
        return LLMGW_OK;
    for (size_t i = 0; i < v->ntold; i++)
        l = l->next;
    for (; l && make_room(v) == 0; l = l->next) {
        const char *copy = lg_loss_copy(l, &v->arena);

        if (!copy)
            break;
        v->told[v->ntold++] = copy;
    }
    return l ? lg_fail_mem(&v->err, LLMGW_E_NOMEM) : LLMGW_OK;
}

static int keep_error(llmgw_converter *v, int err)
{
    const int told = tell_losses(v);

    if (err >= 0)
        err = told;
    if (err >= 0)
        return LLMGW_OK;
    if (!v->error) {
        v->err.code = err;
        v->error = lg_error_new(&v->err);
    }
    return err;
}

int llmgw_converter_feed(llmgw_converter *v, const void *p, size_t len)
{
    if (!v || (!p && len) || v->finished || lg_callback_running())
        return LLMGW_E_INVALID;
    v->taken = 0;
    return keep_error(v, lg_convert_stream_feed(&v->stream, p, len));
}

int llmgw_converter_finish(llmgw_converter *v)
{
    if (!v || v->finished || lg_callback_running())
        return LLMGW_E_INVALID;
    v->taken = 0;
    v->finished = 1;
    return keep_error(v, lg_convert_stream_end(&v->stream));
}

const char *llmgw_converter_take(llmgw_converter *v, size_t *len)
{
    const int none = !v || v->taken || !v->stream.frames.bytes.n;

    if (len)
        *len = none ? 0 : v->stream.frames.bytes.n;
    if (!v || none)
        return NULL;
    v->taken = 1;
    return v->stream.frames.bytes.p;
}

const char *llmgw_converter_loss(const llmgw_converter *v, size_t i)
{
    return v && i < v->ntold ? v->told[i] : NULL;
}

const llmgw_error *llmgw_converter_error(const llmgw_converter *v)
{
    return v ? v->error : NULL;
}

const char *llmgw_format_name(size_t i)
{
    for (size_t n = 0; lg_formats[n]; n++)
        if (n == i)
            return lg_formats[n]->name;
    return NULL;
}
