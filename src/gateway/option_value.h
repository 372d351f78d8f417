/* SPDX-License-Identifier: MIT
 *
 * Values of options: checked, and made to entries. */
#ifndef LG_GATEWAY_OPTION_VALUE_H
#define LG_GATEWAY_OPTION_VALUE_H

#include "src/gateway/option_key.h"

/* An entry of its own for a key and its value, or, with a NULL span, for
 * taking that key out (text and secret NULL). LLMGW_E_OPTION if it is not a
 * value that the option takes, LLMGW_E_LIMIT if it is too long. */
int lg_option_entry_new(const struct lg_option_path *path,
                        const struct lg_option_row *row, struct lg_str value,
                        struct lg_option_entry **out, struct lg_err *e);
void lg_option_entry_free(struct lg_option_entry *entry);

#endif
