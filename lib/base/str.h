/* SPDX-License-Identifier: MIT
 *
 * A span: bytes that somebody else owns. */
#ifndef LG_BASE_STR_H
#define LG_BASE_STR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LG_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__GNUC__)
#    define LG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#    define LG_COLD              __attribute__((cold))
/* A long road kept apart costs the short one no registers and no stack. */
#    define LG_APART     __attribute__((noinline))
#    define LG_INLINE    static inline __attribute__((always_inline))
#    define LG_LIKELY(x) __builtin_expect(!!(x), 1)
#else
#    define LG_PRINTF(fmt, args)
#    define LG_COLD
#    define LG_APART
#    define LG_INLINE    static inline
#    define LG_LIKELY(x) (x)
#endif

struct lg_str {
    const char *p; /* NULL: there is none; otherwise n bytes, NUL or not */
    size_t n;
};

/* A span over a string literal. */
#define LG_STR(lit) ((struct lg_str){(lit), sizeof(lit) - 1})

struct lg_str lg_str_of(const char *s);

static inline struct lg_str lg_str_from(const char *p, size_t n)
{
    return (struct lg_str){p, n};
}

int lg_str_same(struct lg_str a, struct lg_str b);
/* `a` against a NUL-terminated string. */
int lg_str_is(struct lg_str a, const char *s);
int lg_str_starts(struct lg_str a, struct lg_str prefix);

/* ASCII case folded; for header names and their like (RFC 9110 section 5.1). */
int lg_str_fold_same(const char *a, const char *b, size_t n);
static inline int lg_str_same_nocase(struct lg_str a, struct lg_str b)
{
    return a.n == b.n && lg_str_fold_same(a.p, b.p, a.n);
}
/* Without leading and trailing SP, HTAB, CR and LF. */
struct lg_str lg_str_trim(struct lg_str s);
/* A decimal integer and nothing else: 0, or -1 if it is none or too large. */
int lg_str_int(struct lg_str s, int64_t *out);

#endif
