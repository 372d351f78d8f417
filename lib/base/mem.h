/* SPDX-License-Identifier: MIT
 *
 * The heap. The one file that calls malloc; everything else comes here, so
 * that "every allocation may fail" has one place to look at. */
#ifndef LG_BASE_MEM_H
#define LG_BASE_MEM_H

#include <stddef.h>

/* NULL when there is no memory. */
void *lg_alloc(size_t n);
void *lg_zalloc(size_t n);
void *lg_realloc(void *p, size_t n);
/* NUL-terminated copy of n bytes. */
char *lg_strndup(const char *s, size_t n);
/* memset() to 0 out of line: for some KB that is a fraction of what compilers
 * write in its place where they are to save room. */
void lg_zero(void *p, size_t n);
/* Takes NULL. */
void lg_free(void *p);

#endif
