/* SPDX-License-Identifier: MIT
 *
 * The JSON reader: RFC 8259 to the letter, UTF-8 checked. It copies nothing:
 * a document is a tape of tokens over the caller's text, and every value can
 * be handed on as the bytes it was written in. */
#ifndef LG_JSON_READ_H
#define LG_JSON_READ_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

#define LG_JSON_DEPTH_MAX 512

enum lg_json_kind {
    LG_JSON_NONE, /* absent */
    LG_JSON_NULL,
    LG_JSON_FALSE,
    LG_JSON_TRUE,
    LG_JSON_NUMBER,
    LG_JSON_STRING,
    LG_JSON_ARRAY,
    LG_JSON_OBJECT
};

/* Members of an object are tokens in turn: key, value, key, value. */
struct lg_tok {
    uint32_t at, end; /* bytes [at, end) of the text, quotes included */
    uint32_t next;    /* index of the token behind this value's last */
    uint8_t kind;     /* enum lg_json_kind */
    uint8_t escaped;  /* a string with a backslash in it */
};

struct lg_json {
    struct lg_str text;
    const struct lg_tok *tok;
    uint32_t n;
    const char *at; /* a JSON Pointer: where the text stood in another; or
                       NULL */
};

/* A value of a document; `doc` NULL: there is none. */
struct lg_val {
    const struct lg_json *doc;
    uint32_t i;
};

/* Read one document, with nothing but white space around it. The text must
 * outlive the document; at most UINT32_MAX - 1 bytes. LLMGW_E_JSON names the
 * JSON Pointer of the innermost value that was begun, and the byte offset. */
int lg_json_read(struct lg_json *doc, struct lg_arena *a, struct lg_str text,
                 struct lg_err *e);
/* The same check in one pass, with no tape and no memory. */
int lg_json_check(struct lg_str text, struct lg_err *e);

static inline struct lg_val lg_json_root(const struct lg_json *doc)
{
    return (struct lg_val){doc, 0};
}
static inline const struct lg_tok *lg_val_tok(struct lg_val v)
{
    return &v.doc->tok[v.i];
}
/* LG_JSON_NONE for an absent value. */
enum lg_json_kind lg_val_kind(struct lg_val v);
/* The value as it was written. */
struct lg_str lg_val_raw(struct lg_val v);
/* A string's body, still escaped; a NULL span for any other kind. */
struct lg_str lg_val_body(struct lg_val v);
/* Is it the string `word` (ASCII)? */
int lg_val_is(struct lg_val v, const char *word);
/* An integer literal that fits (`1e2` and `1.0` are none): 0, or -1. */
int lg_val_int(struct lg_val v, int64_t *out);

/* The first member named `key` (ASCII) of an object; absent if `v` is no
 * object. */
struct lg_val lg_val_get(struct lg_val v, const char *key);
/* The same for n names in one go. */
void lg_val_pick(struct lg_val v, const char *const *names, size_t n,
                 struct lg_val *out);
/* Elements of an array, members of an object (`key` is absent in an array):
 *     struct lg_iter it = lg_iter_of(v);
 *     while (lg_iter_next(&it)) use(it.key, it.val);                       */
struct lg_iter {
    struct lg_val key, val;
    uint32_t next, end, step;
};
struct lg_iter lg_iter_of(struct lg_val v);
int lg_iter_next(struct lg_iter *it);

/* Sort the members of an object by name: out[i] is the value of names[i], or
 * absent. A member whose name is not among them goes to `rest` (may be NULL).
 * LLMGW_E_JSON if `v` is no object or names a member of `names` twice. */
typedef int (*lg_rest_fn)(void *user, struct lg_val key, struct lg_val val);
int lg_val_members(struct lg_val v, const char *const *names, size_t n,
                   struct lg_val *out, lg_rest_fn rest, void *user,
                   struct lg_err *e);

/* Write the JSON Pointer (RFC 6901) of token `i`, NUL-terminated and cut at
 * `cap`; the pointer of a key is that of its value. */
void lg_json_pointer(const struct lg_json *doc, uint32_t i, char *out,
                     size_t cap);
/* LLMGW_E_JSON at a value: `text` says what it should have been. */
int lg_val_fail(struct lg_val v, struct lg_err *e, const char *text) LG_COLD;

#endif
