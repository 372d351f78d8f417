/* SPDX-License-Identifier: MIT
 *
 * Do two texts say the same as JSON? */
#ifndef TESTS_SUPPORT_JSON_EQUAL_H
#define TESTS_SUPPORT_JSON_EQUAL_H

#include "lib/base/str.h"

/* The order of members does not matter, nor how a string is escaped; numbers
 * are compared as they are written. 0 too where one is no JSON. */
int json_equal(struct lg_str a, struct lg_str b);

#endif
