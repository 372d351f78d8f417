/* SPDX-License-Identifier: MIT */
#include "src/base/crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <openssl/rand.h>

#include <llmgw/llmgw.h>

void lg_crypto_wipe(void *p, size_t n)
{
    if (p)
        OPENSSL_cleanse(p, n);
}

int lg_crypto_random(void *p, size_t n)
{
    unsigned char *at = p;

    while (n) {
        const int piece = n < INT_MAX ? (int)n : INT_MAX;

        if (RAND_bytes(at, piece) != 1)
            return LLMGW_E_NOMEM;
        at += piece;
        n -= (size_t)piece;
    }
    return 0;
}

const char *lg_crypto_version(void)
{
    return "OpenSSL/" OPENSSL_VERSION_STR;
}
