/* SPDX-License-Identifier: MIT
 *
 * What went wrong, told without allocating. */
#ifndef LG_BASE_ERR_H
#define LG_BASE_ERR_H

#include <llmgw/llmgw.h>

#include "lib/base/str.h"

#define LG_WHERE_MAX 256
#define LG_TEXT_MAX  384

struct lg_err {
    int code;                 /* LLMGW_OK or LLMGW_E_* */
    char where[LG_WHERE_MAX]; /* JSON Pointer, option key, header; or "" */
    char text[LG_TEXT_MAX];   /* one sentence, no full stop; cut if longer */
};

/* Fill `e` (may be NULL) and return `code`. `where` may be NULL. */
int lg_fail(struct lg_err *e, int code, const char *where, const char *fmt, ...)
    LG_PRINTF(4, 5) LG_COLD;
/* For LLMGW_E_NOMEM and _E_LIMIT of an arena or a buffer. */
int lg_fail_mem(struct lg_err *e, int code) LG_COLD;

#endif
