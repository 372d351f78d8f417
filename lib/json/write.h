/* SPDX-License-Identifier: MIT
 *
 * The JSON writer: appends to a buffer, puts the commas. It needs no state:
 * whether a comma is due shows in the last byte written. */
#ifndef LG_JSON_WRITE_H
#define LG_JSON_WRITE_H

#include "lib/base/buf.h"

struct lg_jw {
    struct lg_buf *out; /* look at out->err at the end */
    int one_line; /* raw() turns CR and LF between tokens into spaces, so that
                     the value can stand in a line-framed stream */
};

void lg_jw_obj(struct lg_jw *w);
void lg_jw_obj_end(struct lg_jw *w);
void lg_jw_arr(struct lg_jw *w);
void lg_jw_arr_end(struct lg_jw *w);
/* `name` needs no escaping. */
void lg_jw_key(struct lg_jw *w, const char *name);
/* A key that is a string body, still escaped. */
void lg_jw_key_body(struct lg_jw *w, struct lg_str body);

/* A string from a body that is escaped already. */
void lg_jw_body(struct lg_jw *w, struct lg_str body);
/* `"` and pieces and `"`: a string of several bodies. */
void lg_jw_join(struct lg_jw *w, const struct lg_str *pieces, size_t n);
/* The first of these quotes; what follows goes to the buffer itself. */
void lg_jw_join_open(struct lg_jw *w);
/* A string from UTF-8 text. */
void lg_jw_text(struct lg_jw *w, struct lg_str text);
/* Any JSON value, as it is written. */
void lg_jw_raw(struct lg_jw *w, struct lg_str json);
void lg_jw_int(struct lg_jw *w, int64_t v);
void lg_jw_bool(struct lg_jw *w, int v);
void lg_jw_null(struct lg_jw *w);

#endif
