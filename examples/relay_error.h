/* SPDX-License-Identifier: MIT
 *
 * What relay.c tells its clients of a failure. */
#ifndef RELAY_ERROR_H
#define RELAY_ERROR_H

#include <llmgw/llmgw.h>

/* Both take the error of a call; or NULL, and the LLMGW_E_* that the relay has
 * refused the request with. */

/* The body in that format, to llmgw_free(): in the provider's words, or else
 * in ours; `why` may be NULL. */
char *relay_error(const char *format, const llmgw_error *e, int code,
                  const char *why);
/* The provider's, or else what the SDKs know such a failure by. */
int relay_error_status(const llmgw_error *e, int code);

#endif
