/* SPDX-License-Identifier: MIT
 *
 * JSON by a pattern: an object taken apart, or written, in one call. */
#ifndef LG_FORMAT_PATTERN_H
#define LG_FORMAT_PATTERN_H

#include "lib/format/format.h"

/* Take an object apart. `names`: its members, a space between two, and behind
 * each how it is taken:
 *     name   any value, to a struct lg_ir_val *
 *     name$  a string or null, to a struct lg_ir_val *; else LLMGW_E_JSON
 *     name=  any value, to a struct lg_val *
 *     name-  it is known, and not looked at
 * Others are chained to *extra (NULL: let go) with `level`. If it fails, none
 * is there. */
int lg_get(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
           uint8_t level, const char *names, ...);

/* How a member is taken that is named with a $. */
int lg_get_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out);

/* The same, all to `out` in their order, with nothing behind their names. */
int lg_get_all(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
               uint8_t level, const char *names, struct lg_val *out);

/* Read a list (of anything else nothing): each element to a new item of `size`
 * bytes, at the end of the chain *head. An item's first member is its next. */
typedef int (*lg_item_fn)(struct lg_ctx *c, struct lg_val v, void *item,
                          void *user);
int lg_list_read(struct lg_ctx *c, struct lg_val list, void *head, size_t size,
                 lg_item_fn read, void *user);

/* Which of `words`, a space between two, it is, counted from 1; 0: none. A - is
 * not one, but counts. */
unsigned lg_word_of(struct lg_val v, const char *words);
unsigned lg_ir_word_of(const struct lg_ir_val *v, const char *words);
/* The n-th of them; a NULL span: there is none. */
struct lg_str lg_word_at(const char *words, size_t n);

/* Chain the members of an object that are among `words` to *extra. */
int lg_extra_pick(struct lg_ctx *c, struct lg_ir_extra **extra,
                  struct lg_val obj, const char *words, uint8_t level);

/* What is written, and from whose IR. Errors stick, like those of a buffer. */
struct lg_writer {
    struct lg_jw jw;
    struct lg_ctx *c;
    const struct lg_format *origin;
    int own; /* origin is this format: write as it was read */
    int rc;  /* the first failure */
};

struct lg_writer lg_writer_of(struct lg_ctx *c, const struct lg_format *origin,
                              struct lg_buf *out);
/* What became of it; for the last word on what was written. */
int lg_writer_end(struct lg_writer *w);
void lg_writer_fail(struct lg_writer *w, int rc);
/* Take back what was written since the buffer held `mark` bytes. */
void lg_writer_undo(struct lg_writer *w, size_t mark);
/* Was anything written into the array or object that is open? */
int lg_writer_is_empty(const struct lg_writer *w);

/* Append JSON: ' stands for ", commas come by themselves, and % for a value:
 *     %v  const struct lg_ir_val *, as it is; absent: nothing, nor its name
 *     %o  the same, but a null of another format is as good as absent
 *     %s  const char *, a string of ours; NULL: null
 *     %w  const char *, int: one of some words, as lg_word_at(); none: null
 *     %b  struct lg_str, the body of a string
 *     %j  struct lg_str, JSON
 *     %d  int64_t; negative: nothing, nor its name
 *     %k  const char *, a name: %k: (as are %s: and %w:)
 *     %x  const struct lg_ir_extra *, int: the extras of a level; asked for
 *         level 0, those of another format are lost, whatever their level
 * As in "{'role':%s,'name':%v,'content':[". */
void lg_put(struct lg_writer *w, const char *pattern, ...);

void lg_put_lose(struct lg_writer *w, uint32_t tok, enum lg_loss_action action,
                 const char *reason);
/* Report `v` dropped if it says anything. */
void lg_put_drop(struct lg_writer *w, const struct lg_ir_val *v,
                 const char *reason);
void lg_put_lose_extras(struct lg_writer *w, const struct lg_ir_extra *extra);

#endif
