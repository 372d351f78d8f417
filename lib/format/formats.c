/* SPDX-License-Identifier: MIT
 *
 * The formats of this build. lg_formats.inc is generated from -Dformats: one
 * line LG_FORMAT(name) for each. */
#include "lib/format/format.h"

#define LG_FORMAT(id) extern const struct lg_format lg_format_##id;
#include "lg_formats.inc"
#undef LG_FORMAT

#define LG_FORMAT(id) &lg_format_##id,
const struct lg_format *const lg_formats[] = {
#include "lg_formats.inc"
    NULL,
};
#undef LG_FORMAT

const struct lg_format *lg_format_by_name(struct lg_str name)
{
    for (size_t i = 0; lg_formats[i]; i++) {
        if (lg_str_is(name, lg_formats[i]->name))
            return lg_formats[i];
    }
    return NULL;
}
