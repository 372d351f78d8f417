/* SPDX-License-Identifier: MIT
 *
 * Where a call goes: provider by the model's prefix or by default, the format
 * to speak there, the endpoint. */
#include "lib/json/edit.h"
#include "src/gateway/call.h"

static const char *const member_names[LG_MEMBERS] = {"model", "stream",
                                                     "stream_options"};

/* The model's name as a string body, or an empty span. */
static int model_body(struct lg_call *c, struct lg_str *out)
{
    const struct lg_str model = c->member[LG_MEMBER_MODEL];

    *out = LG_STR("");
    if (!model.p || lg_str_is(model, "null"))
        return LLMGW_OK;
    if (model.p[0] != '"')
        return lg_fail(&c->err, LLMGW_E_JSON, "/model", "expected a string");
    *out = (struct lg_str){model.p + 1, model.n - 2};
    return LLMGW_OK;
}

/* Split "name/model", on a name that the configuration knows. */
static const struct lg_provider_config *by_prefix(struct lg_call *c,
                                                  struct lg_str model)
{
    const char *slash = memchr(model.p, '/', model.n);
    struct lg_str name;
    const struct lg_provider_config *p;

    if (!slash)
        return NULL;
    name = (struct lg_str){model.p, (size_t)(slash - model.p)};
    if (name.n && slash[-1] == '\\') /* some write it so */
        name.n--;
    p = lg_config_provider(c->config, name);
    if (p)
        c->plan.prefix =
            (struct lg_str){model.p, (size_t)(slash - model.p) + 1};
    return p;
}

static int choose_provider(struct lg_call *c)
{
    struct lg_str model;
    int err = model_body(c, &model);

    if (err)
        return err;
    c->plan.prefix = LG_STR("");
    c->plan.provider = by_prefix(c, model);
    if (c->plan.provider)
        return LLMGW_OK;
    if (c->set.provider) {
        c->plan.provider =
            lg_config_provider(c->config, lg_str_of(c->set.provider));
        if (!c->plan.provider)
            return lg_fail(&c->err, LLMGW_E_OPTION, "provider",
                           "no provider is named \"%.64s\"", c->set.provider);
        return LLMGW_OK;
    }
    c->plan.provider = c->config->only;
    if (c->plan.provider)
        return LLMGW_OK;
    return lg_fail(&c->err, LLMGW_E_OPTION, "provider",
                   "no provider for model \"%.*s\": name one in the option "
                   "`provider`, or as a prefix (anthropic/%.*s)",
                   (int)(model.n > 64 ? 64 : model.n), model.p,
                   (int)(model.n > 64 ? 64 : model.n), model.p);
}

static const struct lg_endpoint *endpoint_of(const struct lg_provider *p,
                                             const char *format)
{
    for (const struct lg_endpoint *e = p->endpoints; e->format; e++)
        if (strcmp(e->format, format) == 0)
            return e;
    return NULL;
}

/* The caller's own format wherever the provider speaks it, so that the bytes
 * pass untouched; else what it prefers. */
static int choose_format(struct lg_call *c)
{
    const struct lg_provider_config *p = c->plan.provider;
    const char *name = p->type->formats[0];

    for (const char *const *f = p->type->formats; *f && !p->format; f++)
        if (strcmp(*f, c->caller->name) == 0)
            name = *f;
    if (p->format)
        name = p->format;
    c->plan.native = lg_format_by_name(lg_str_of(name));
    c->plan.endpoint = endpoint_of(p->type, name);
    if (!c->plan.native || !c->plan.endpoint)
        return lg_fail(&c->err, LLMGW_E_UNSUPPORTED, NULL,
                       "provider %s does not speak %s", p->name, name);
    c->plan.same = c->plan.native == c->caller;
    return LLMGW_OK;
}

/* What the options of a call say may go when it has begun. */
static int settle_policy(struct lg_call *c)
{
    struct lg_policy *p = &c->plan.policy;
    const char *const models = c->set.models;

    lg_settings_policy(&c->set, p);
    if (c->set.anthropic_version) {
        p->anthropic_version =
            lg_arena_dup(&c->keep, lg_str_of(c->set.anthropic_version));
        if (!p->anthropic_version)
            return lg_fail_mem(&c->err, c->keep.err);
    }
    if (!models)
        return LLMGW_OK;
    p->models = &c->config->models;
    if (models == c->config->settings.models)
        return LLMGW_OK;
    p->models = &c->plan.models;
    return lg_facts_load(&c->plan.models, &c->keep, lg_str_of(models), &c->err);
}

int lg_plan_make(struct lg_call *c)
{
    int err = LLMGW_OK;

    if (!c->set.read)
        err =
            lg_json_find(c->json, member_names, LG_MEMBERS, c->member, &c->err);
    if (!err)
        err = choose_provider(c);
    if (!err)
        err = choose_format(c);
    if (err)
        return err;
    if ((c->set.read || (c->set.write && c->whole)) && !c->plan.same)
        return lg_fail(&c->err, LLMGW_E_UNSUPPORTED, NULL,
                       "what a source or a sink streams is not converted, and "
                       "provider %s speaks %s",
                       c->plan.provider->name, c->plan.native->name);
    err = settle_policy(c);
    if (err)
        return err;
    if (c->plan.provider->type->policy)
        c->plan.provider->type->policy(c->plan.provider, &c->plan.policy);
    return LLMGW_OK;
}
