/* SPDX-License-Identifier: MIT */
#include "lib/base/err.h"

#include <stdarg.h>
#include <stdio.h>

int lg_fail(struct lg_err *e, int code, const char *where, const char *fmt, ...)
{
    va_list args;

    if (!e)
        return code;
    e->code = code;
    (void)snprintf(e->where, sizeof(e->where), "%s", where ? where : "");
    va_start(args, fmt);
    (void)vsnprintf(e->text, sizeof(e->text), fmt, args);
    va_end(args);
    return code;
}

int lg_fail_mem(struct lg_err *e, int code)
{
    return lg_fail(e, code, NULL, "%s",
                   code == LLMGW_E_NOMEM ? "out of memory"
                                         : "larger than its ceiling");
}
