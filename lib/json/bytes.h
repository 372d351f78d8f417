/* SPDX-License-Identifier: MIT
 *
 * Runs of bytes that need no look one by one. The reader, the escaper and the
 * UTF-8 checker leap over the same ones. */
#ifndef LG_JSON_BYTES_H
#define LG_JSON_BYTES_H

#include "lib/base/str.h"

#ifdef __SSE2__
#    include <emmintrin.h>
#endif

/* ASCII that stands in a JSON string as itself. */
static inline int lg_is_plain(char c)
{
    return (signed char)c >= ' ' && c != '"' && c != '\\';
}

/* From p on, the first byte that is not plain, or `end`. */
static inline const char *lg_skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128((const void *)p);
        const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
        const __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        /* as signed bytes, those beyond ASCII are below the space as well */
        const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
        const int odd =
            _mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, slash)));

        if (odd)
            return p + __builtin_ctz((unsigned)odd);
    }
#else
    const uint64_t ones = ~(uint64_t)0 / 0xFF;

    for (; end - p >= 8; p += 8) {
        uint64_t v, odd;

        memcpy(&v, p, sizeof(v));
        /* may see a byte too many, never one too few */
        odd = v | (v - ones * ' ') | ((v ^ ones * '"') - ones) |
              ((v ^ ones * '\\') - ones);
        if (odd & ones * 0x80)
            break;
    }
#endif
    while (p < end && lg_is_plain(*p))
        p++;
    return p;
}

/* The length of the character beyond ASCII at p < end; 0 if it is none. */
size_t lg_utf8_len(const char *p, const char *end);
/* If it is none: how much of it makes one U+FFFD, the longest start of a
 * character or one byte (The Unicode Standard, section 3.9). */
size_t lg_utf8_bad(const char *p, const char *end);

/* lg_skip_text() from a byte beyond ASCII on. */
const char *lg_skip_mixed(const char *p, const char *end);

/* From p on, the first of: a quote, a backslash, a control character, a byte
 * that is not UTF-8, `end`. */
static inline const char *lg_skip_text(const char *p, const char *end)
{
    p = lg_skip_plain(p, end);
    return p < end && (signed char)*p < 0 ? lg_skip_mixed(p, end) : p;
}

#endif
