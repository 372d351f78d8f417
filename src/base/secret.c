/* SPDX-License-Identifier: MIT */
#include "src/base/secret.h"

#include "lib/base/mem.h"
#include "src/base/crypto.h"

/* Keys shorter than this ("x", "na", which local servers are given) are no
 * secrets, and replacing them would eat the text around them. */
#define REDACT_MIN 4

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

/* The length of the longest secret that `text` begins with, or 0: where one
 * is the beginning of another, the rest of it must not stay. */
static size_t secret_at(struct lg_str text,
                        const struct lg_secret *const *secrets, size_t n)
{
    size_t longest = 0;

    for (size_t i = 0; i < n; i++) {
        const struct lg_secret *s = secrets[i];

        if (s && s->n >= REDACT_MIN && s->n > longest &&
            lg_str_starts(text, lg_str_from(s->text, s->n)))
            longest = s->n;
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
