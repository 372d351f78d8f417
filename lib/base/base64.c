/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

#include <llmgw/llmgw.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int lg_base64_write(struct lg_buf *out, struct lg_str bytes)
{
    const unsigned char *s = (const unsigned char *)bytes.p;
    size_t n = bytes.n;
    char *p = n < SIZE_MAX / 2 ? lg_buf_room(out, (n + 2) / 3 * 4) : NULL;

    if (!p)
        return out->err ? out->err : LLMGW_E_LIMIT;
    for (; n; s += 3) {
        const size_t have = n < 3 ? n : 3;
        const unsigned v = (unsigned)s[0] << 16 |
                           (have > 1 ? (unsigned)s[1] << 8 : 0) |
                           (have > 2 ? s[2] : 0);

        *p++ = alphabet[v >> 18];
        *p++ = alphabet[v >> 12 & 63];
        *p++ = '=';
        *p++ = '=';
        if (have > 1)
            p[-2] = alphabet[v >> 6 & 63];
        if (have > 2)
            p[-1] = alphabet[v & 63];
        n -= have;
    }
    lg_buf_claim(out, (bytes.n + 2) / 3 * 4);
    return out->err;
}

static int value_of(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

int lg_base64_read(struct lg_buf *out, struct lg_str text)
{
    size_t n = text.n, pad = 0;
    unsigned v = 0;
    char *p;

    while (n && pad < 2 && text.p[n - 1] == '=') {
        n--;
        pad++;
    }
    if (n % 4 == 1 || (pad && (n + pad) % 4))
        return -1;
    p = lg_buf_room(out, n / 4 * 3 + 2);
    if (!p)
        return out->err;
    for (size_t i = 0; i < n; i++) {
        const int digit = value_of(text.p[i]);

        if (digit < 0)
            return -1;
        v = v << 6 | (unsigned)digit;
        if (i % 4)
            *p++ = (char)(v >> (6 - 2 * (i % 4)));
    }
    lg_buf_claim(out, n / 4 * 3 + (n % 4 ? n % 4 - 1 : 0));
    return 0;
}
