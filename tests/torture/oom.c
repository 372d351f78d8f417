/* SPDX-License-Identifier: MIT
 *
 * clang's AddressSanitizer defines its malloc weakly in the program, glibc
 * defines it in a library: a strong one here is used instead of either. Both
 * keep the real ones under another name. (gcc's AddressSanitizer is a library
 * of its own and has no such name.) */
#include "tests/torture/oom.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __has_feature
#    define __has_feature(x) 0
#endif

#if __has_feature(address_sanitizer)
#    define R(f) __interceptor_##f
#elif defined(__SANITIZE_ADDRESS__)
#    error "build this with clang: gcc's AddressSanitizer cannot be wrapped"
#else
#    define R(f) __libc_##f
#endif

void *R(malloc)(size_t n);
void *R(calloc)(size_t n, size_t size);
void *R(realloc)(void *p, size_t n);
void *R(memalign)(size_t align, size_t n);

void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void *reallocarray(void *p, size_t n, size_t size);
void *memalign(size_t align, size_t n);
void *aligned_alloc(size_t align, size_t n);
int posix_memalign(void **p, size_t align, size_t n);

static atomic_int armed;
static atomic_int mode;
static atomic_long count, at, failed;

void oom_arm(enum oom_mode how, long k)
{
    atomic_store(&mode, (int)how);
    atomic_store(&at, k);
    atomic_store(&count, 0);
    atomic_store(&failed, 0);
    atomic_store(&armed, 1);
}

long oom_disarm(void)
{
    atomic_store(&armed, 0);
    return atomic_load(&failed);
}

__attribute__((noinline)) void oom_tripped(void)
{
    atomic_fetch_add(&failed, 1);
}

static int trip(void)
{
    long n, k;

    if (!atomic_load(&armed))
        return 0;
    n = atomic_fetch_add(&count, 1);
    k = atomic_load(&at);
    if (n < k || (n > k && atomic_load(&mode) == OOM_ONCE))
        return 0;
    oom_tripped();
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return trip() ? NULL : R(malloc)(n);
}

void *calloc(size_t n, size_t size)
{
    return trip() ? NULL : R(calloc)(n, size);
}

void *realloc(void *p, size_t n)
{
    return trip() ? NULL : R(realloc)(p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, n * size);
}

void *memalign(size_t align, size_t n)
{
    return trip() ? NULL : R(memalign)(align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    void *q = memalign(align, n);

    if (!q)
        return ENOMEM;
    *p = q;
    return 0;
}
