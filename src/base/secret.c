/* SPDX-License-Identifier: MIT */
#include "src/base/secret.h"

#include "lib/base/mem.h"
#include "src/base/crypto.h"

/* Keys shorter than this ("x", "na", which local servers are given) are no
 * secrets, and replacing them would eat the text around them. */
#define REDACT_MIN 4
/* Where a text was cut, so many bytes of a key at its end betray it. */
#define CUT_MIN 12

struct lg_secret *lg_secret_new(const char *text, size_t n)
{
    struct lg_secret *s =
        n < SIZE_MAX - sizeof(*s) - 1 ? lg_alloc(sizeof(*s) + n + 1) : NULL;

    if (!s)
        return NULL;
    s->n = n;
    if (n)
        memcpy(s->text, text, n);
    s->text[n] = '\0';
    return s;
}

void lg_secret_free(struct lg_secret *s)
{
    if (!s)
        return;
    lg_crypto_wipe(s->text, s->n);
    lg_free(s);
}

static int is_hex(struct lg_str digits, unsigned char want)
{
    unsigned v = 0;

    for (size_t i = 0; i < digits.n; i++) {
        const char c = digits.p[i];
        const char low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if (low >= 'a' && low <= 'f')
            v = v * 16 + (unsigned)(low - 'a' + 10);
        else
            return 0;
    }
    return v == want;
}

/* How many bytes at the beginning of `text` are a spelling of `c`: itself, or
 * as in JSON ("\\u0041", "\\/") or in a URL ("%41"). 0: they are not. */
static size_t spelling(struct lg_str text, unsigned char c)
{
    if ((unsigned char)text.p[0] == c)
        return 1;
    if (text.p[0] == '%' && text.n >= 3 &&
        is_hex(lg_str_from(text.p + 1, 2), c))
        return 3;
    if (text.p[0] != '\\' || text.n < 2)
        return 0;
    if (text.p[1] == 'u')
        return text.n >= 6 && is_hex(lg_str_from(text.p + 2, 4), c) ? 6 : 0;
    return text.p[1] == '/' && c == '/' ? 2 : 0;
}

/* The length of what `text` begins with, if that is the secret, or so much of
 * it that the text was cut within; else 0. */
static size_t match(struct lg_str text, const struct lg_secret *s)
{
    size_t at = 0, n;

    for (size_t i = 0; i < s->n; i++, at += n) {
        if (at == text.n)
            return i >= CUT_MIN ? at : 0;
        n = spelling(lg_str_from(text.p + at, text.n - at),
                     (unsigned char)s->text[i]);
        if (!n)
            return 0;
    }
    return at;
}

/* The length of the longest secret that `text` begins with, or 0: where one
 * is the beginning of another, the rest of it must not stay. */
static size_t secret_at(struct lg_str text,
                        const struct lg_secret *const *secrets, size_t n)
{
    size_t longest = 0;

    for (size_t i = 0; i < n; i++) {
        const struct lg_secret *s = secrets[i];
        const size_t hit = s && s->n >= REDACT_MIN ? match(text, s) : 0;

        if (hit > longest)
            longest = hit;
    }
    return longest;
}

int lg_secret_redact(struct lg_buf *out, struct lg_str text,
                     const struct lg_secret *const *secrets, size_t n)
{
    size_t from = 0, i = 0;

    while (i < text.n) {
        const size_t hit =
            secret_at((struct lg_str){text.p + i, text.n - i}, secrets, n);

        if (!hit) {
            i++;
            continue;
        }
        lg_buf_add(out, text.p + from, i - from);
        lg_buf_lit(out, "***");
        i += hit;
        from = i;
    }
    if (from < text.n)
        lg_buf_add(out, text.p + from, text.n - from);
    return out->err;
}
