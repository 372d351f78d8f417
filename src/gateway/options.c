/* SPDX-License-Identifier: MIT
 *
 * The public object. */
#include <stdio.h>

#include "lib/base/mem.h"
#include "src/base/sys.h"
#include "src/gateway/cancel.h"
#include "src/gateway/error.h"
#include "src/gateway/option_stage.h"
#include "src/gateway/option_value.h"
#include "src/gateway/trace.h"
#include "src/provider/provider.h"

/* Smallest transport there has been: up to and with cancel(). */
#define TRANSPORT_MIN offsetof(llmgw_transport, pause)

int llmgw_options_new(llmgw_options **out)
{
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    if (lg_callback_running())
        return LLMGW_E_INVALID;
    *out = lg_zalloc(sizeof(**out));
    return *out ? 0 : LLMGW_E_NOMEM;
}

void llmgw_options_free(llmgw_options *o)
{
    struct lg_option_stage all;

    if (!o)
        return;
    all = (struct lg_option_stage){.first = o->entries};
    lg_option_stage_done(&all);
    lg_cancel_unref(o->calls.cancel);
    llmgw_error_free(o->error);
    lg_free(o);
}

/* Keep what went wrong, or forget what did before. */
static int tell(llmgw_options *o, const struct lg_err *e)
{
    llmgw_error_free(o->error);
    o->error = NULL;
    return lg_error_give(&o->error, e);
}

static int invalid(llmgw_options *o, const char *text)
{
    struct lg_err e;

    (void)lg_fail(&e, LLMGW_E_INVALID, NULL, "%s", text);
    return tell(o, &e);
}

static int well(llmgw_options *o)
{
    const struct lg_err e = {0};

    return tell(o, &e);
}

static int finish(llmgw_options *o, struct lg_option_stage *s, int rc,
                  struct lg_err *e)
{
    if (!rc)
        rc = lg_option_stage_commit(s, o, e);
    lg_option_stage_done(s);
    e->code = rc;
    return tell(o, e);
}

int llmgw_options_set(llmgw_options *o, const char *key, const char *value)
{
    struct lg_option_stage s = {0};
    struct lg_err e = {0};

    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    if (!key)
        return invalid(o, "a key is needed");
    return finish(o, &s, lg_option_stage_key(&s, key, value, &e), &e);
}

int llmgw_options_load(llmgw_options *o, const char *json, size_t len)
{
    struct lg_option_stage s = {0};
    struct lg_err e = {0};

    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    if (!json)
        return invalid(o, "a document is needed");
    if (len == LLMGW_NUL_TERMINATED)
        len = strlen(json);
    return finish(o, &s, lg_option_stage_json(&s, lg_str_from(json, len), &e),
                  &e);
}

static int stage_env(struct lg_option_stage *s, const char *provider,
                     const char *option, const char *variable, struct lg_err *e)
{
    const char *value = variable ? lg_sys_env(variable) : NULL;
    char key[LG_OPTION_KEY_MAX];
    struct lg_err why = {0};
    int rc;

    if (!value || !value[0])
        return 0;
    (void)snprintf(key, sizeof(key), "providers.%s.%s", provider, option);
    rc = lg_option_stage_key(s, key, value, &why);
    return rc ? lg_fail(e, rc, why.where, "%s: %.200s", variable, why.text) : 0;
}

int llmgw_options_load_env(llmgw_options *o)
{
    struct lg_option_stage s = {0};
    struct lg_err e = {0};
    int rc = 0;

    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    for (size_t i = 0; lg_providers[i] && !rc; i++) {
        const struct lg_provider *p = lg_providers[i];

        rc = stage_env(&s, p->name, "api_key", p->key_env, &e);
        if (!rc)
            rc = stage_env(&s, p->name, "base_url", p->base_env, &e);
    }
    return finish(o, &s, rc, &e);
}

const char *llmgw_options_get(const llmgw_options *o, const char *key)
{
    char pointer[LG_OPTION_KEY_MAX];
    struct lg_option_path p;

    if (!o || !key || lg_option_path_parse(&p, key, NULL))
        return NULL;
    lg_option_path_pointer(&p, pointer);
    for (const struct lg_option_entry *x = o->entries; x; x = x->next)
        if (strcmp(x->key, pointer) == 0)
            return x->secret ? "***" : x->text;
    return NULL;
}

const llmgw_error *llmgw_options_error(const llmgw_options *o)
{
    return o ? o->error : NULL;
}

const char *llmgw_option_name(size_t i)
{
    return i < lg_option_count ? lg_option_rows[i].key : NULL;
}

const char *llmgw_option_help(size_t i)
{
    return i < lg_option_count ? lg_option_rows[i].help : NULL;
}

/* ---- what is no text --------------------------------------------------- */

int llmgw_options_set_trace(llmgw_options *o, llmgw_trace_fn fn, void *user)
{
    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    o->has_trace = fn != NULL;
    o->calls.trace = fn;
    o->calls.trace_user = user;
    return well(o);
}

int llmgw_options_set_source(llmgw_options *o, llmgw_read_fn read,
                             llmgw_rewind_fn rewind, int64_t size, void *user)
{
    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    if (size < -1)
        return invalid(o, "a size is -1 (not known), or 0 and more");
    o->has_source = read != NULL;
    o->calls.read = read;
    o->calls.rewind = rewind;
    o->calls.read_size = size;
    o->calls.read_user = user;
    return well(o);
}

int llmgw_options_set_sink(llmgw_options *o, llmgw_write_fn write, void *user)
{
    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    o->has_sink = write != NULL;
    o->calls.write = write;
    o->calls.write_user = user;
    return well(o);
}

int llmgw_options_set_cancel(llmgw_options *o, llmgw_cancel *k)
{
    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    (void)lg_cancel_ref(k);
    lg_cancel_unref(o->calls.cancel);
    o->calls.cancel = k;
    return well(o);
}

/* Does it set members that this library does not know? */
static int has_more(const llmgw_transport *t)
{
    const char *p = (const char *)t;

    for (size_t i = sizeof(*t); i < t->size; i++)
        if (p[i])
            return 1;
    return 0;
}

int llmgw_options_set_transport(llmgw_options *o, const llmgw_transport *t,
                                void *self)
{
    llmgw_transport copy = {0};

    if (!o || lg_callback_running())
        return LLMGW_E_INVALID;
    if (t) {
        if (t->size < TRANSPORT_MIN)
            return invalid(o, "a transport's size is sizeof(llmgw_transport)");
        if (has_more(t))
            return invalid(o, "the transport is for a newer library");
        memcpy(&copy, t, t->size < sizeof(copy) ? t->size : sizeof(copy));
        copy.size = sizeof(copy);
        if (!copy.start || !copy.pump || !copy.cancel)
            return invalid(o, "a transport has start, pump and cancel");
        if (!copy.attach != !copy.ready)
            return invalid(o, "a transport has attach and ready, or neither");
    }
    o->transport = copy;
    o->transport_self = t ? self : NULL;
    return well(o);
}
