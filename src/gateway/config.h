/* SPDX-License-Identifier: MIT
 *
 * A client's configuration, compiled: immutable and counted, so that each call
 * pins the one it began with. */
#ifndef LG_GATEWAY_CONFIG_H
#define LG_GATEWAY_CONFIG_H

#include <stdatomic.h>

#include "src/gateway/options.h"
#include "src/provider/provider.h"

struct lg_config {
    atomic_int refs;
    struct lg_arena arena; /* all strings; secrets are apart */
    struct lg_settings settings;
    struct lg_facts_table models; /* of settings.models */
    struct lg_provider_config *providers;
    size_t nproviders;
    const struct lg_name_value *headers; /* for every call; name NULL ends */
    const struct lg_secret **secrets;    /* all of them, for redaction */
    size_t nsecrets;
    /* The provider for a model without prefix where settings.provider is
     * NULL: the only one that the host has configured, or NULL. */
    const struct lg_provider_config *only;

    /* For config.c alone. */
    struct lg_config *base;         /* what this one overrides */
    struct lg_provider_config *raw; /* as configured, defaults not filled in */
    uint8_t *touched;               /* ... and by the host at all? */
    struct lg_secret **owned;
    size_t nowned;
};

struct lg_config *lg_config_ref(struct lg_config *c);
void lg_config_unref(struct lg_config *c);
/* By the name the host gave it, or NULL. */
const struct lg_provider_config *lg_config_provider(const struct lg_config *c,
                                                    struct lg_str name);

#endif
