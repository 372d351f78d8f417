/* SPDX-License-Identifier: MIT
 *
 * One backend, one file. Most of it is data. */
#ifndef LG_PROVIDER_PROVIDER_H
#define LG_PROVIDER_PROVIDER_H

#include "lib/format/format.h"
#include "lib/wire/url.h"
#include "src/auth/auth.h"
#include "src/transport/exchange.h"

/* What a caller asks for, by name. */
struct lg_operation {
    const char *name;   /* "messages" */
    const char *format; /* of the request and the answer */
};
extern const struct lg_operation lg_operations[]; /* ends with name NULL */
const struct lg_operation *lg_operation_by_name(const char *name);

/* Where a format is spoken at a provider. */
struct lg_endpoint {
    const char *format; /* NULL ends the table */
    const char *method;
    const char *path; /* with {model} where it is part of it */
};

struct lg_name_value {
    const char *name, *value;
};

struct lg_call;
struct lg_provider;

/* A provider as the host has set it up; part of an immutable configuration. */
struct lg_provider_config {
    const char *name;
    const struct lg_provider *type;
    const char *base_url;
    const struct lg_auth_ops *auth;
    struct lg_secret *key;               /* NULL: none */
    const struct lg_name_value *headers; /* ends with name NULL; may be NULL */
    const char *format; /* the one to speak; NULL: any of the type's */
    const char *anthropic_version, *anthropic_beta;
    int64_t max_tokens;
    const char *max_tokens_field; /* as configured, or NULL */
    const char *stream_usage;     /* "true", "false" (knows no stream_options)
                                     or NULL */
    const char *script;           /* mock: what it answers, JSON */
    int64_t allow_http;
};

/* What prepare() may add to a request. */
struct lg_prepare {
    const struct lg_provider_config *config;
    const struct lg_format *format; /* spoken to the provider */
    const struct lg_policy *policy; /* may be NULL */
    struct lg_arena *arena;
    llmgw_exchange *x;
    struct lg_call *call; /* for lg_prepare_header() */
    struct lg_err *err;
};
int lg_prepare_header(struct lg_prepare *p, const char *name,
                      const char *value);

/* ---- shared by the providers (common.c) -------------------------------- */

/* The headers of Anthropic's format, where that is the one spoken. */
int lg_prepare_anthropic(struct lg_prepare *p);
/* What the host has configured, over the policy as it is. */
void lg_policy_configured(const struct lg_provider_config *config,
                          struct lg_policy *policy);

struct lg_provider {
    const char *name;
    const char *base_url; /* NULL: must be configured */
    const char *auth;     /* the default method; NULL: needs no key */
    const char *key_env;  /* variables that llmgw_options_load_env() reads; */
    const char *base_env; /* NULL: none */
    const char *const *formats; /* native, preferred first; NULL ends */
    const struct lg_endpoint *endpoints;
    const char *const *request_id_headers; /* NULL ends */
    /* Optional: headers of its own, and changes to the policy. */
    int (*prepare)(struct lg_prepare *);
    void (*policy)(const struct lg_provider_config *, struct lg_policy *);
    /* Optional: it answers by itself, without a network. */
    const llmgw_transport *transport;
    /* Optional: fills what hangs on other values of the configuration and was
     * not configured itself (format, auth). */
    void (*settle)(struct lg_provider_config *);
};

/* NULL-terminated; generated from -Dproviders=. */
extern const struct lg_provider *const lg_providers[];
const struct lg_provider *lg_provider_by_name(struct lg_str name);

#endif
