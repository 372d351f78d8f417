/* SPDX-License-Identifier: MIT
 *
 * Methods that send a key as it is. */
#include "src/auth/auth.h"

struct method {
    struct lg_auth_ops ops;      /* first: apply() comes back to its method */
    const char *header, *prefix; /* NULL: sends nothing */
};

static int apply(struct lg_auth *a, int64_t now, struct lg_auth_header *out,
                 struct lg_http_request *need, struct lg_err *e)
{
    const struct method *m = (const struct method *)a->ops;

    (void)now;
    (void)need;
    *out = (struct lg_auth_header){0};
    if (!m->header)
        return LG_AUTH_READY;
    if (!a->key)
        return lg_fail(e, LLMGW_E_AUTH, NULL,
                       "no key is configured (api_key), and %s needs one",
                       m->ops.name);
    *out = (struct lg_auth_header){m->header, m->prefix, a->key};
    return LG_AUTH_READY;
}

static int feed(struct lg_auth *a, int64_t now,
                const struct lg_http_response *response, struct lg_err *e)
{
    (void)now;
    (void)response;
    return lg_fail(e, LLMGW_E_INVALID, NULL, "%s asked for nothing",
                   a->ops->name);
}

static void release(struct lg_auth *a)
{
    a->key = NULL;
}

#define METHOD(name)                 \
    {                                \
        (name), apply, feed, release \
    }

static const struct method x_api_key = {METHOD("x-api-key"), "x-api-key", ""};
static const struct method bearer = {METHOD("bearer"), "authorization",
                                     "Bearer "};
static const struct method token = {METHOD("token"), "authorization", "Token "};
static const struct method none = {METHOD("none"), NULL, NULL};

const struct lg_auth_ops *const lg_auth_methods[] = {
    &x_api_key.ops, &bearer.ops, &token.ops, &none.ops, NULL};

const struct lg_auth_ops *lg_auth_by_name(const char *name)
{
    for (size_t i = 0; name && lg_auth_methods[i]; i++)
        if (strcmp(name, lg_auth_methods[i]->name) == 0)
            return lg_auth_methods[i];
    return NULL;
}
