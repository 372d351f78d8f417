/* SPDX-License-Identifier: MIT
 *
 * The grammar of RFC 8259, once: lexemes drawn from a text one by one, with
 * no memory but this. Who wants a tape, a member or a verdict draws them. */
#ifndef LG_JSON_SCAN_H
#define LG_JSON_SCAN_H

#include "lib/base/err.h"
#include "lib/json/read.h"

enum lg_scan_event {
    LG_SCAN_BAD,   /* `p` is what is wrong, `why` says why */
    LG_SCAN_END,   /* the text is one value and white space */
    LG_SCAN_KEY,   /* a member's name, and the colon behind it */
    LG_SCAN_VALUE, /* a string, number or literal */
    LG_SCAN_OPEN,  /* an object or array */
    LG_SCAN_CLOSE
};

enum lg_scan_expect {
    LG_EXPECT_VALUE,
    LG_EXPECT_FIRST, /* a member, an element, or the end of an empty one */
    LG_EXPECT_COMMA  /* or the end, of the container or of the text */
};

struct lg_scan {
    const char *begin, *p, *end;
    const char *at, *stop; /* the lexeme is [at, stop) */
    const char *why;
    uint8_t kind;    /* enum lg_json_kind; not of what closes */
    uint8_t escaped; /* a string with a backslash in it */
    uint8_t expect;
    uint32_t depth;                      /* open containers ... */
    char closers[LG_JSON_DEPTH_MAX + 1]; /* ... and what ends each, from 1 */
};

/* LLMGW_E_LIMIT if the text is longer than offsets can say. */
int lg_scan_init(struct lg_scan *s, struct lg_str text, struct lg_err *e);
enum lg_scan_event lg_scan_next(struct lg_scan *s);
/* LLMGW_E_JSON for LG_SCAN_BAD: why, and at which byte. */
int lg_scan_fail(const struct lg_scan *s, struct lg_err *e,
                 const char *where) LG_COLD;

#endif
