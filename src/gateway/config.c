/* SPDX-License-Identifier: MIT */
#include "src/gateway/config.h"

#include "lib/base/mem.h"
#include "src/gateway/cancel.h"
#include "src/gateway/option_key.h"
#include "src/transport/curl.h"

#define ARENA_MAX (SIZE_MAX / 2) /* the options have ceilings of their own */

struct build {
    struct lg_config *c;
    const llmgw_options *o;
    const struct lg_option_entry *entries; /* of `o`, which may be NULL */
    struct lg_err *e;
};

/* ---- life -------------------------------------------------------------- */

struct lg_config *lg_config_ref(struct lg_config *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void lg_config_unref(struct lg_config *c)
{
    struct lg_config *base;

    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    base = c->base;
    if (!base)
        lg_cancel_unref(c->settings.cancel);
    for (size_t i = 0; i < c->nowned; i++)
        lg_secret_free(c->owned[i]);
    lg_arena_done(&c->arena);
    lg_free(c);
    lg_config_unref(base); /* has none itself */
}

static ptrdiff_t find(const struct lg_provider_config *list, size_t n,
                      struct lg_str name)
{
    for (size_t i = 0; i < n; i++)
        if (lg_str_is(name, list[i].name))
            return (ptrdiff_t)i;
    return -1;
}

const struct lg_provider_config *lg_config_provider(const struct lg_config *c,
                                                    struct lg_str name)
{
    const ptrdiff_t i = find(c->providers, c->nproviders, name);

    return i < 0 ? NULL : &c->providers[i];
}

/* ---- helpers ----------------------------------------------------------- */

static int no_memory(const struct build *b)
{
    return lg_fail_mem(b->e, LLMGW_E_NOMEM);
}

/* LLMGW_E_OPTION at a key of a provider. */
#define FAIL_AT(b, provider, option, ...)                                \
    lg_fail((b)->e, LLMGW_E_OPTION, where_of((b), (provider), (option)), \
            __VA_ARGS__)

static const char *where_of(const struct build *b, const char *provider,
                            const char *option)
{
    const struct lg_option_path p = {
        .n = 3,
        .seg = {LG_STR("providers"), lg_str_of(provider), lg_str_of(option)}};
    char where[LG_OPTION_KEY_MAX];

    lg_option_path_show(&p, where);
    return lg_arena_dup(&b->c->arena, lg_str_of(where));
}

static struct lg_secret *keep_secret(const struct build *b,
                                     const struct lg_secret *s)
{
    struct lg_secret *copy = lg_secret_new(s->text, s->n);

    if (copy)
        b->c->owned[b->c->nowned++] = copy;
    return copy;
}

#define OPTION(field) offsetof(struct lg_provider_config, field)

/* What provider `name` is told for that field. */
static const struct lg_option_entry *lookup(const struct build *b,
                                            const char *name, size_t field)
{
    const struct lg_option_entry *x = b->entries;

    while (x && (!x->row->provider || x->row->offset != field ||
                 strcmp(x->name, name) != 0))
        x = x->next;
    return x;
}

/* ---- headers ----------------------------------------------------------- */

static const char *header_name(const struct lg_option_entry *x)
{
    return x->row->provider ? x->name2 : x->name;
}

/* Is it a header of `provider`, or for NULL of every call? */
static int is_header(const struct lg_option_entry *x, const char *provider)
{
    if (x->row->kind != LG_OPTION_HEADER || !header_name(x))
        return 0;
    return provider ? x->row->provider && strcmp(x->name, provider) == 0
                    : !x->row->provider;
}

static int is_replaced(const struct build *b, const char *provider,
                       const char *name)
{
    for (const struct lg_option_entry *x = b->entries; x; x = x->next)
        if (is_header(x, provider) &&
            lg_str_same_nocase(lg_str_of(header_name(x)), lg_str_of(name)))
            return 1;
    return 0;
}

/* *list and, over it, what the options say. */
static int merge_headers(const struct build *b, const char *provider,
                         const struct lg_name_value **list)
{
    struct lg_arena *a = &b->c->arena;
    struct lg_name_value *out;
    size_t n = 0, added = 0;

    for (const struct lg_option_entry *x = b->entries; x; x = x->next)
        added += (size_t)is_header(x, provider);
    if (!added)
        return 0;
    for (const struct lg_name_value *h = *list; h && h->name; h++)
        n++;
    out = lg_arena_alloc(a, (n + added + 1) * sizeof(*out));
    if (!out)
        return no_memory(b);
    n = 0;
    for (const struct lg_name_value *h = *list; h && h->name; h++)
        if (!is_replaced(b, provider, h->name))
            out[n++] = *h;
    for (const struct lg_option_entry *x = b->entries; x; x = x->next) {
        if (!is_header(x, provider))
            continue;
        out[n].name = lg_arena_dup(a, lg_str_of(header_name(x)));
        out[n].value = lg_arena_dup(a, lg_str_of(x->text));
        if (!out[n].name || !out[n].value)
            return no_memory(b);
        n++;
    }
    *list = out;
    return 0;
}

/* ---- providers, as they are configured --------------------------------- */

/* Room for all there can be; those of the base, or those that are built in and
 * need nothing. */
static int begin_providers(const struct build *b)
{
    struct lg_config *c = b->c;
    const struct lg_config *base = c->base;
    size_t n = base ? base->nproviders : 0;

    for (size_t i = 0; lg_providers[i]; i++)
        n++;
    for (const struct lg_option_entry *x = b->entries; x; x = x->next)
        n += x->row->provider;
    c->raw = lg_arena_alloc(&c->arena, n * sizeof(*c->raw));
    c->providers = lg_arena_alloc(&c->arena, n * sizeof(*c->providers));
    c->touched = lg_arena_alloc(&c->arena, n);
    if (!c->raw || !c->providers || !c->touched)
        return no_memory(b);
    if (base) {
        c->nproviders = base->nproviders;
        memcpy(c->raw, base->raw, c->nproviders * sizeof(*c->raw));
        memcpy(c->touched, base->touched, c->nproviders);
        return 0;
    }
    for (size_t i = 0; lg_providers[i]; i++)
        if (lg_providers[i]->base_url || lg_providers[i]->transport)
            c->raw[c->nproviders++].name = lg_providers[i]->name;
    return 0;
}

static struct lg_provider_config *open_provider(const struct build *b,
                                                const char *name)
{
    struct lg_config *c = b->c;
    ptrdiff_t i = find(c->raw, c->nproviders, lg_str_of(name));

    if (i < 0) {
        i = (ptrdiff_t)c->nproviders;
        c->raw[i].name = lg_arena_dup(&c->arena, lg_str_of(name));
        if (!c->raw[i].name)
            return NULL;
        c->nproviders++;
    }
    c->touched[i] = 1;
    return &c->raw[i];
}

/* An override that moves a provider elsewhere brings a key of its own, or
 * says that none is sent. What was meant for the old place stays behind. */
static int check_move(const struct build *b, const struct lg_option_entry *x)
{
    const struct lg_option_entry *auth = lookup(b, x->name, OPTION(auth));
    const size_t field = x->row->offset;
    struct lg_provider_config *raw;

    if (field != OPTION(base_url) && field != OPTION(auth) &&
        field != OPTION(type))
        return 0;
    if (!lookup(b, x->name, OPTION(key)) &&
        !(auth && strcmp(auth->text, "none") == 0))
        return FAIL_AT(b, x->name, strrchr(x->row->key, '.') + 1,
                       "changes where a call goes, so it needs an api_key of "
                       "its own, or auth none, beside it");
    raw = open_provider(b, x->name);
    if (!raw)
        return no_memory(b);
    raw->key = NULL;
    raw->headers = NULL;
    return 0;
}

static int take_provider_value(const struct build *b,
                               const struct lg_option_entry *x)
{
    struct lg_provider_config *raw = open_provider(b, x->name);
    const char *text = NULL;

    if (!raw)
        return no_memory(b);
    if (x->row->offset == LG_OPTION_NOWHERE)
        return 0;
    if (x->secret) {
        raw->key = keep_secret(b, x->secret);
        return raw->key ? 0 : no_memory(b);
    }
    if (x->text)
        text = lg_arena_dup(&b->c->arena, lg_str_of(x->text));
    if (!text)
        return no_memory(b);
    lg_settings_put(raw, x, text);
    return 0;
}

static int take_providers(const struct build *b)
{
    struct lg_config *c = b->c;
    int rc = begin_providers(b);
    const struct lg_option_entry *x;

    for (x = b->entries; x && c->base && !rc; x = x->next)
        if (x->row->provider)
            rc = check_move(b, x);
    for (x = b->entries; x && !rc; x = x->next)
        if (x->row->provider)
            rc = take_provider_value(b, x);
    for (size_t i = 0; i < c->nproviders && !rc; i++)
        rc = merge_headers(b, c->raw[i].name, &c->raw[i].headers);
    return rc;
}

/* ---- providers, complete ----------------------------------------------- */

static int speaks(const struct lg_provider *type, const char *format)
{
    for (size_t i = 0; type->formats[i]; i++)
        if (strcmp(type->formats[i], format) == 0)
            return 1;
    return 0;
}

static int complete_url(const struct build *b, struct lg_provider_config *p)
{
    if (!p->base_url) {
        p->base_url = p->type->base_url;
        if (p->base_url || p->type->transport)
            return 0;
        return FAIL_AT(b, p->name, "base_url",
                       "is needed for a provider of type %s", p->type->name);
    }
    if (p->allow_http) /* all else was checked when it was set */
        return 0;
    return lg_curl_check_url(p->base_url, 0, where_of(b, p->name, "base_url"),
                             b->e);
}

static int complete(const struct build *b, struct lg_provider_config *p)
{
    int rc;

    if (!p->type)
        p->type = lg_provider_by_name(lg_str_of(p->name));
    if (!p->type)
        return FAIL_AT(b, p->name, "type",
                       "is needed: no type is named like the provider");
    rc = complete_url(b, p);
    if (rc)
        return rc;
    if (p->format && !speaks(p->type, p->format))
        return FAIL_AT(b, p->name, "format", "type %s does not speak it",
                       p->type->name);
    if (p->type->settle)
        p->type->settle(p);
    if (!p->auth)
        p->auth = lg_auth_by_name(p->type->auth);
    return 0;
}

/* Does an override leave the i-th provider as it was? */
static int is_same(const struct lg_config *c, size_t i)
{
    return c->base && i < c->base->nproviders &&
           !memcmp(&c->raw[i], &c->base->raw[i], sizeof(c->raw[i]));
}

static int complete_providers(const struct build *b)
{
    struct lg_config *c = b->c;
    size_t configured = 0;
    int rc = 0;

    for (size_t i = 0; i < c->nproviders && !rc; i++) {
        c->providers[i] = is_same(c, i) ? c->base->providers[i] : c->raw[i];
        if (!is_same(c, i))
            rc = complete(b, &c->providers[i]);
        if (c->touched[i] && configured++ == 0)
            c->only = &c->providers[i];
    }
    if (configured > 1)
        c->only = NULL;
    return rc;
}

/* ---- settings ---------------------------------------------------------- */

/* Make the strings, the proxy's secret and the token the configuration's. */
static int own_settings(const struct build *b)
{
    struct lg_settings *s = &b->c->settings;

    for (const struct lg_option_entry *x = b->entries; x; x = x->next) {
        const char *text;

        if (x->row->provider || x->row->offset == LG_OPTION_NOWHERE)
            continue;
        if (x->secret) {
            const struct lg_secret *secret = keep_secret(b, x->secret);
            text = secret ? secret->text : NULL;
        } else {
            text = lg_arena_dup(&b->c->arena, lg_str_of(x->text));
        }
        if (!text)
            return no_memory(b);
        if (x->row->kind != LG_OPTION_WORD) /* static, by apply */
            lg_settings_put(s, x, text);
    }
    return 0;
}

static int take_settings(const struct build *b)
{
    struct lg_config *c = b->c;
    int rc;

    if (c->base) {
        c->settings = c->base->settings;
        c->models = c->base->models;
        return 0;
    }
    lg_settings_defaults(&c->settings);
    lg_settings_apply(&c->settings, b->o);
    (void)lg_cancel_ref(c->settings.cancel);
    rc = own_settings(b);
    return rc || !c->settings.models
               ? rc
               : lg_facts_load(&c->models, &c->arena,
                               lg_str_of(c->settings.models), b->e);
}

static int check_settings(const struct build *b)
{
    const char *name = b->c->settings.provider;

    if (b->c->base || !name || lg_config_provider(b->c, lg_str_of(name)))
        return 0;
    return lg_fail(b->e, LLMGW_E_OPTION, "provider",
                   "no provider of that name is configured");
}

/* ---- all of it --------------------------------------------------------- */

static int begin_secrets(const struct build *b)
{
    struct lg_config *c = b->c;
    size_t n = 0;

    for (const struct lg_option_entry *x = b->entries; x; x = x->next)
        n += x->secret != NULL;
    c->owned = lg_arena_alloc(&c->arena, n * sizeof(struct lg_secret *));
    return c->owned ? 0 : no_memory(b);
}

static int list_secrets(const struct build *b)
{
    struct lg_config *c = b->c;
    const struct lg_config *base = c->base;
    const size_t inherited = base ? base->nsecrets : 0;

    c->secrets = lg_arena_alloc(&c->arena,
                                (c->nowned + inherited) * sizeof(*c->secrets));
    if (!c->secrets)
        return no_memory(b);
    for (size_t i = 0; i < c->nowned; i++)
        c->secrets[c->nsecrets++] = c->owned[i];
    for (size_t i = 0; i < inherited; i++)
        c->secrets[c->nsecrets++] = base->secrets[i];
    return 0;
}

static int build(const struct build *b)
{
    int rc = begin_secrets(b);

    if (!rc)
        rc = take_settings(b);
    if (!rc)
        rc = take_providers(b);
    if (!rc)
        rc = complete_providers(b);
    if (!rc)
        rc = merge_headers(b, NULL, &b->c->headers);
    if (!rc)
        rc = check_settings(b);
    if (!rc)
        rc = list_secrets(b);
    return rc;
}

static int make(struct lg_config *base, const llmgw_options *o,
                struct lg_config **out, struct lg_err *e)
{
    struct build b = {lg_zalloc(sizeof(*b.c)), o, o ? o->entries : NULL, e};
    int rc;

    *out = NULL;
    if (!b.c)
        return no_memory(&b);
    atomic_init(&b.c->refs, 1);
    lg_arena_init(&b.c->arena, 0, ARENA_MAX);
    if (base) {
        b.c->base = lg_config_ref(base);
        b.c->headers = base->headers;
    }
    rc = build(&b);
    if (rc) {
        lg_config_unref(b.c);
        return rc;
    }
    *out = b.c;
    return 0;
}

int lg_config_new(const llmgw_options *o, struct lg_config **out,
                  struct lg_err *e)
{
    return make(NULL, o, out, e);
}

static int client_only(const char *pointer, struct lg_err *e)
{
    char where[LG_OPTION_KEY_MAX];

    lg_option_key_show(pointer, where);
    return lg_fail(e, LLMGW_E_OPTION, where,
                   "belongs to a client and cannot change for one call");
}

int lg_config_override(struct lg_config *base, const llmgw_options *o,
                       struct lg_config **out, struct lg_err *e)
{
    int touches = 0;

    *out = NULL;
    for (const struct lg_option_entry *x = o ? o->entries : NULL; x;
         x = x->next) {
        if (x->row->client_only)
            return client_only(x->key, e);
        touches |= x->row->provider || is_header(x, NULL);
    }
    if (o && o->transport.size)
        return client_only("/transport", e);
    if (touches)
        return make(base, o, out, e);
    *out = lg_config_ref(base);
    return 0;
}
