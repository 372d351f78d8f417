/* SPDX-License-Identifier: MIT
 *
 * The providers of this build. lg_providers.inc is generated from -Dproviders:
 * one line LG_PROVIDER(name) for each. */
#include "src/provider/provider.h"

#define LG_PROVIDER(id) extern const struct lg_provider lg_provider_##id;
#include "lg_providers.inc"
#undef LG_PROVIDER

#define LG_PROVIDER(id) &lg_provider_##id,
const struct lg_provider *const lg_providers[] = {
#include "lg_providers.inc"
    NULL,
};
#undef LG_PROVIDER

const struct lg_provider *lg_provider_by_name(struct lg_str name)
{
    for (size_t i = 0; lg_providers[i]; i++)
        if (lg_str_is(name, lg_providers[i]->name))
            return lg_providers[i];
    return NULL;
}

const char *llmgw_provider_name(size_t i)
{
    return i < LG_COUNT(lg_providers) && lg_providers[i] ? lg_providers[i]->name
                                                         : NULL;
}
