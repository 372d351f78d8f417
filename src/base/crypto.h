/* SPDX-License-Identifier: MIT
 *
 * What the library takes from OpenSSL. */
#ifndef LG_BASE_CRYPTO_H
#define LG_BASE_CRYPTO_H

#include <stddef.h>

/* Overwrite memory that held a secret, whatever the optimiser thinks. */
void lg_crypto_wipe(void *p, size_t n);
/* Random bytes fit for keys: 0 or LLMGW_E_NOMEM. */
int lg_crypto_random(void *p, size_t n);
/* "OpenSSL/3.0.15". */
const char *lg_crypto_version(void);

#endif
