/* SPDX-License-Identifier: MIT
 *
 * Editing a document by its bytes: name the top-level members to replace, and
 * get the document back as slices, most of them the caller's own bytes. */
#ifndef LG_JSON_EDIT_H
#define LG_JSON_EDIT_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#define LG_EDIT_MAX      8
#define LG_EDIT_NAME_MAX 76
#define LG_GLUE_MAX      (LG_EDIT_MAX * (LG_EDIT_NAME_MAX + 4)) /* ,"name": */
/* Each edit cuts the text once more and inserts at most two slices. */
#define LG_SLICE_MAX (3 * LG_EDIT_MAX + 1)

/* Check a whole document in one pass, keeping no tape, and find top-level
 * members: found[i] is the value of names[i] as it is written, NULL span if
 * absent. LLMGW_E_JSON if it is no JSON, no object, or spells a member of
 * `names` twice or with escapes ("mod\u0065l"): such a text means different
 * things to different readers, so it is not edited. */
int lg_json_find(struct lg_str text, const char *const *names, size_t n,
                 struct lg_str *found, struct lg_err *e);

struct lg_edit {
    const char *name;    /* a top-level member (ASCII, no escapes) ... */
    struct lg_str found; /* ... its value, as lg_json_find() gave it */
    struct lg_str value; /* what to put instead (JSON); NULL span: leave it */
};

/* The document with its edits done, as slices of `text`, of the values, and
 * of static bytes. A member that is absent is added at the front. Returns the
 * number of slices (<= LG_SLICE_MAX); the values must outlive them. `glue` is
 * LG_GLUE_MAX bytes of the caller's for the names of added members. */
size_t lg_json_edit(struct lg_str text, const struct lg_edit *edits, size_t n,
                    struct lg_str *slices, char *glue);

#endif
