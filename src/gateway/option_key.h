/* SPDX-License-Identifier: MIT
 *
 * Keys of options: "timeout.total_ms", or "/providers/a.b/type" for names with
 * dots in them. */
#ifndef LG_GATEWAY_OPTION_KEY_H
#define LG_GATEWAY_OPTION_KEY_H

#include "src/gateway/options.h"

#define LG_OPTION_DEPTH   4   /* of the longest row */
#define LG_OPTION_KEY_MAX 256 /* bytes of a key, its NUL counted */

struct lg_option_path {
    size_t n;
    struct lg_str seg[LG_OPTION_DEPTH];
    char text[LG_OPTION_KEY_MAX]; /* of a key that was parsed */
};

/* LLMGW_E_OPTION for a key that cannot be one: empty, too long or too deep,
 * with an empty name in it, or with control bytes or broken UTF-8. */
int lg_option_path_parse(struct lg_option_path *p, const char *key,
                         struct lg_err *e);
/* The path with `name`, which must outlive it, at its end; the same failures. */
int lg_option_path_push(struct lg_option_path *p, const char *name,
                        struct lg_err *e);

/* The row that it is a key of, or NULL. */
const struct lg_option_row *lg_option_path_row(const struct lg_option_path *p);
/* Do keys begin with it? */
int lg_option_path_inner(const struct lg_option_path *p);
/* The name that stands for the row's i-th <name>; a NULL span: there is none. */
struct lg_str lg_option_path_name(const struct lg_option_path *p,
                                  const struct lg_option_row *row, size_t i);

/* As a JSON Pointer, names of headers in lower case: the same key, the same
 * pointer. `out` has room for LG_OPTION_KEY_MAX bytes. */
void lg_option_path_pointer(const struct lg_option_path *p, char *out);
/* As people write it: with dots, or where that is ambiguous as a pointer. */
void lg_option_path_show(const struct lg_option_path *p, char *out);
/* The same of a pointer that lg_option_path_pointer() wrote. */
void lg_option_key_show(const char *pointer, char *out);

/* LLMGW_E_OPTION that names the key most like it. `shown` is the key. */
int lg_option_unknown(const struct lg_option_path *p, const char *shown,
                      struct lg_err *e);

#endif
