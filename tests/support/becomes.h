/* SPDX-License-Identifier: MIT
 *
 * A document of one format, and what it is in another. */
#ifndef TESTS_SUPPORT_BECOMES_H
#define TESTS_SUPPORT_BECOMES_H

#include "lib/format/format.h"
#include "tests/support/corpus.h"

/* What the conversions are given; becomes_reset() makes them as they were. */
extern struct lg_bridge becomes_bridge;
extern struct lg_policy becomes_policy;
void becomes_reset(void);

/* `text` becomes `want`: a stream to the byte, else as JSON. `losses`: pointer
 * and action of each, a line each. */
void becomes(enum corpus_kind kind, const char *from, const char *to,
             const char *text, const char *want, const char *losses);
/* It fails with `code` at `where`, and says why. */
void is_refused(enum corpus_kind kind, const char *from, const char *to,
                const char *text, int code, const char *where);

#endif
