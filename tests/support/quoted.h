/* SPDX-License-Identifier: MIT
 *
 * JSON told with ' in the place of ". */
#ifndef TESTS_SUPPORT_QUOTED_H
#define TESTS_SUPPORT_QUOTED_H

#include "lib/base/buf.h"

/* The caller is done with it by lg_buf_done(). */
static inline struct lg_buf quoted(const char *text)
{
    struct lg_buf b;

    lg_buf_init(&b, (size_t)1 << 24);
    lg_buf_lit(&b, "");
    for (; *text; text++)
        lg_buf_byte(&b, *text == '\'' ? '"' : *text);
    return b;
}

#endif
