/* SPDX-License-Identifier: MIT */
#include "lib/json/bytes.h"

static int is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The second byte of a character of three or four tells overlong forms,
 * surrogates and what lies beyond U+10FFFF. */
static int is_second(unsigned char lead, unsigned char c)
{
    switch (lead) {
    case 0xE0:
        return c >= 0xA0 && c <= 0xBF;
    case 0xED:
        return c >= 0x80 && c <= 0x9F;
    case 0xF0:
        return c >= 0x90 && c <= 0xBF;
    case 0xF4:
        return c >= 0x80 && c <= 0x8F;
    default:
        return is_tail(c);
    }
}

size_t lg_utf8_len(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    const size_t n = (size_t)(end - p);

    if (u[0] < 0xC2 || u[0] > 0xF4)
        return 0;
    if (u[0] < 0xE0)
        return n >= 2 && is_tail(u[1]) ? 2 : 0;
    if (n < 3 || !is_second(u[0], u[1]) || !is_tail(u[2]))
        return 0;
    if (u[0] < 0xF0)
        return 3;
    return n >= 4 && is_tail(u[3]) ? 4 : 0;
}

size_t lg_utf8_bad(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    const size_t n = (size_t)(end - p);

    if (n < 2 || u[0] < 0xE0 || u[0] > 0xF4 || !is_second(u[0], u[1]))
        return 1;
    return u[0] >= 0xF0 && n >= 3 && is_tail(u[2]) ? 3 : 2;
}

#ifdef __SSE2__

static inline unsigned mask(__m128i lanes)
{
    return (unsigned)_mm_movemask_epi8(lanes);
}

static inline __m128i is_from(__m128i v, int c)
{
    return _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8((char)c)), v);
}

static inline __m128i is_byte(__m128i v, int c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8((char)c));
}

/* The bytes that begin nothing, or a character with a rule of its own: C0, C1,
 * E0, ED, and F0 and up. */
static inline __m128i is_special(__m128i v)
{
    const __m128i even = _mm_and_si128(v, _mm_set1_epi8((char)0xFE));

    return _mm_or_si128(_mm_or_si128(is_byte(even, 0xC0), is_from(v, 0xF0)),
                        _mm_or_si128(is_byte(v, 0xE0), is_byte(v, 0xED)));
}

/* Where those rules are broken; see is_second(). */
static unsigned mask_broken(__m128i v)
{
    const unsigned from_a0 = mask(_mm_slli_epi16(v, 2)); /* bit 5 is set */
    const unsigned from_90 = from_a0 | mask(_mm_slli_epi16(v, 3));

    return (mask(is_byte(v, 0xE0)) << 1 & ~from_a0) |
           (mask(is_byte(v, 0xED)) << 1 & from_a0) |
           (mask(is_byte(v, 0xF0)) << 1 & ~from_90) |
           (mask(is_byte(v, 0xF4)) << 1 & from_90) |
           (mask(is_from(v, 0xC0)) & ~mask(is_from(v, 0xC2))) |
           mask(is_from(v, 0xF5));
}

/* How many of the first n of 16 bytes are UTF-8 for certain: all, or all but
 * a character that the sixteenth cuts, or none: look one by one. */
static inline size_t utf8_block(__m128i v, size_t n)
{
    const unsigned part = (1u << n) - 1;
    const unsigned high = mask(v) & part;
    /* as signed bytes, the 64 that are tails are the lowest */
    const unsigned tails = high & mask(_mm_cmplt_epi8(v, _mm_set1_epi8(-64)));
    const unsigned leads = high ^ tails;
    unsigned due = leads << 1 | (mask(is_from(v, 0xE0)) & part) << 2;
    unsigned wrong = 0;

    if (mask(is_special(v)) & part) {
        due |= (mask(is_from(v, 0xF0)) & part) << 3;
        wrong = mask_broken(v) & part;
    }
    wrong |= (due ^ tails) & 0xFFFF;
    if (wrong)
        return 0;
    return due >> 16 ? 31 - (size_t)__builtin_clz(leads) : n;
}

static inline const char *skip_blocks(const char *p, const char *end)
{
    size_t n = 16;

    for (; n == 16 && end - p >= 16;) {
        const __m128i v = _mm_loadu_si128((const void *)p);
        const unsigned stop = ~mask(is_from(v, ' ')) | mask(is_byte(v, '"')) |
                              mask(is_byte(v, '\\'));
        size_t good;

        n = (size_t)__builtin_ctz(stop); /* its upper half is all ones */
        good = utf8_block(v, n);
        if (!good)
            break;
        p += good;
    }
    return p;
}

#else

static inline const char *skip_blocks(const char *p, const char *end)
{
    return lg_skip_plain(p, end);
}

#endif

const char *lg_skip_mixed(const char *p, const char *end)
{
    for (;;) {
        size_t n;

        p = skip_blocks(p, end);
        if (p == end)
            return p;
        n = lg_is_plain(*p) ? 1 : lg_utf8_len(p, end);
        if (!n)
            return p;
        p += n;
    }
}
