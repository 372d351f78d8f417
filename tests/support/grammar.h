/* SPDX-License-Identifier: MIT
 *
 * Does a stream obey the rules of its protocol, as strict clients ask it? */
#ifndef TESTS_SUPPORT_GRAMMAR_H
#define TESTS_SUPPORT_GRAMMAR_H

#include "lib/format/format.h"

/* `is_whole`: it must end as a complete answer does; else it must not. NULL,
 * or what is wrong, in a buffer of the function's own. */
const char *grammar_check(const struct lg_format *format, struct lg_str stream,
                          int is_whole);

#endif
