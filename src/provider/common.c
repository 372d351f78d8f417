/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

int lg_prepare_anthropic(struct lg_prepare *p)
{
    const struct lg_provider_config *c = p->config;
    const struct lg_policy *policy = p->policy ? p->policy : &lg_policy_default;
    int rc;

    if (strcmp(p->format->name, "anthropic-messages") != 0)
        return 0;
    rc = lg_prepare_header(p, "anthropic-version",
                           c->anthropic_version ? c->anthropic_version
                                                : policy->anthropic_version);
    if (!rc && c->anthropic_beta)
        rc = lg_prepare_header(p, "anthropic-beta", c->anthropic_beta);
    return rc;
}

void lg_policy_configured(const struct lg_provider_config *c,
                          struct lg_policy *policy)
{
    if (c->anthropic_version)
        policy->anthropic_version = c->anthropic_version;
    if (c->max_tokens) {
        policy->max_tokens = c->max_tokens;
        policy->max_tokens_fixed = 1;
    }
    if (c->max_tokens_field)
        policy->old_max_tokens =
            strcmp(c->max_tokens_field, "max_tokens") == 0 ? 2 : -1;
    if (c->stream_usage)
        policy->no_stream_usage = strcmp(c->stream_usage, "false") == 0;
}
