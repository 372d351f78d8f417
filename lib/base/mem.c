/* SPDX-License-Identifier: MIT */
#include "lib/base/mem.h"

#include <stdlib.h>
#include <string.h>

void *lg_alloc(size_t n)
{
    return malloc(n ? n : 1);
}

void *lg_zalloc(size_t n)
{
    return calloc(1, n ? n : 1);
}

void *lg_realloc(void *p, size_t n)
{
    return realloc(p, n ? n : 1);
}

char *lg_strndup(const char *s, size_t n)
{
    char *copy = n == (size_t)-1 ? NULL : lg_alloc(n + 1);

    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

void lg_zero(void *p, size_t n)
{
    memset(p, 0, n);
}

void lg_free(void *p)
{
    free(p);
}
