/* SPDX-License-Identifier: MIT */
#include "lib/base/str.h"

struct lg_str lg_str_of(const char *s)
{
    return (struct lg_str){s, s ? strlen(s) : 0};
}

int lg_str_same(struct lg_str a, struct lg_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int lg_str_is(struct lg_str a, const char *s)
{
    return lg_str_same(a, lg_str_of(s));
}

int lg_str_starts(struct lg_str a, struct lg_str prefix)
{
    return a.n >= prefix.n && memcmp(a.p, prefix.p, prefix.n) == 0;
}

static int fold(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

int lg_str_fold_same(const char *a, const char *b, size_t n)
{
    while (n && fold((unsigned char)*a) == fold((unsigned char)*b)) {
        a++;
        b++;
        n--;
    }
    return !n;
}

static inline int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct lg_str lg_str_trim(struct lg_str s)
{
    const char *p = s.p, *end = s.n ? p + s.n : p;

    while (p < end && is_space(*p))
        p++;
    while (p < end && is_space(end[-1]))
        end--;
    return lg_str_from(p, (size_t)(end - p));
}

int lg_str_int(struct lg_str s, int64_t *out)
{
    size_t i = 0;
    const int negative = s.n && s.p[0] == '-';
    int64_t v = 0;

    if (negative)
        i++;
    if (i == s.n)
        return -1;
    for (; i < s.n; i++) {
        const int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9 || v < (INT64_MIN + digit) / 10)
            return -1;
        v = v * 10 - digit; /* downwards: the negative range is the larger */
    }
    if (!negative && v == INT64_MIN)
        return -1;
    *out = negative ? v : -v;
    return 0;
}
