/* SPDX-License-Identifier: MIT
 *
 * A document less some of its values. */
#ifndef TESTS_SUPPORT_JSON_WITHOUT_H
#define TESTS_SUPPORT_JSON_WITHOUT_H

#include "lib/base/buf.h"
#include "lib/ir/loss.h"

/* Write `json` without what the losses point at. How many were found in it. */
size_t json_without(struct lg_buf *out, struct lg_str json,
                    const struct lg_loss *losses);

#endif
