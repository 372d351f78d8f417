/* SPDX-License-Identifier: MIT
 *
 * The library's own documents (options, token answers, lists), by cJSON. What
 * belongs to the user never comes here: lib/json reads that. */
#ifndef LG_BASE_DOC_H
#define LG_BASE_DOC_H

#include "lib/base/buf.h"
#include "lib/json/read.h"

#define LG_DOC_DEPTH_MAX 64

/* A value while it is walked over. */
struct lg_doc_item {
    const struct lg_doc_item *up; /* what it stands in; NULL: the root */
    const char *name;             /* its name in an object, else NULL */
    enum lg_json_kind kind;
    const char *text; /* of a string, decoded; "true" or "false" of those, the
                         digits of an integer; else NULL */
    int64_t number;   /* of an integer */
    const void *node;
};

/* Called for every value, outer ones first: 0 to go on, 1 to leave out what is
 * inside it, negative to stop. */
typedef int (*lg_doc_fn)(void *user, const struct lg_doc_item *item);

/* Check `text` and walk over it. LLMGW_E_JSON for what is no JSON, for more
 * than LG_DOC_DEPTH_MAX levels, and for what cJSON cannot keep: numbers beyond
 * 2^52, a \u0000, half a surrogate pair. A negative return of `fn` is handed
 * on; `fn` fills the error then. */
int lg_doc_walk(struct lg_str text, lg_doc_fn fn, void *user, struct lg_err *e);

/* Append a value as JSON: 0, LLMGW_E_NOMEM or LLMGW_E_LIMIT. */
int lg_doc_print(struct lg_buf *out, const struct lg_doc_item *item);

/* "cJSON/1.7.15", as compiled against. */
const char *lg_doc_version(void);

#endif
