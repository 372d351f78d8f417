/* SPDX-License-Identifier: MIT
 *
 * Preloaded, it counts the allocations of a program, and tells at its end. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

/* The C library's own, by the names that glibc gives them. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

static atomic_ulong count;

static void add(void)
{
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void *malloc(size_t n)
{
    add();
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    add();
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    add();
    return __libc_realloc(p, n);
}

__attribute__((destructor)) static void tell(void)
{
    (void)fprintf(stderr, "mallocs: %lu\n", atomic_load(&count));
}
