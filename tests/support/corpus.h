/* SPDX-License-Identifier: MIT
 *
 * Every message that the tests know: the fixtures of the tree, and the
 * reference data where it is present. */
#ifndef TESTS_SUPPORT_CORPUS_H
#define TESTS_SUPPORT_CORPUS_H

#include "lib/base/buf.h"
#include "lib/format/format.h"

enum corpus_kind {
    CORPUS_REQUEST,
    CORPUS_ANSWER,
    CORPUS_STREAM,
    CORPUS_ERROR,
    CORPUS_KINDS
};

struct corpus_case {
    struct corpus_case *next;
    char *name; /* the path below the tree or the data */
    enum corpus_kind kind;
    const struct lg_format *format;
    struct lg_buf text;
    int is_reference; /* not one of the tree */
};

struct corpus {
    struct corpus_case *first, **last;
    size_t fixtures, references;
};

/* Fixtures are tests/fixtures/<format>/<case>/<kind>*.{json,sse,ndjson,events}.
 * Recordings that lost their framing get it back; recorded arrays of events
 * become the stream they were. */
void corpus_load(struct corpus *c);
/* Lines of {"NAME":{...}}, as the binary events that they stand for. */
void corpus_add_messages(struct lg_buf *out, const char *lines);
void corpus_free(struct corpus *c);

#endif
