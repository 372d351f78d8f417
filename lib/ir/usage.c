/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/ir/fold.h"
#include "lib/json/write.h"

/* Usage objects have a dozen members. Of larger ones the later is taken as it
 * is: comparing all names with all is for small numbers. */
#define TOKENS_MAX 512

static void keep_later(int64_t *to, int64_t from)
{
    if (from >= 0)
        *to = from;
}

static struct lg_val member(struct lg_val obj, struct lg_val key)
{
    struct lg_iter it = lg_iter_of(obj);

    while (lg_iter_next(&it))
        if (lg_str_same(lg_val_raw(it.key), lg_val_raw(key)))
            return it.val;
    return (struct lg_val){0};
}

static void put(struct lg_jw *w, struct lg_val obj, struct lg_iter it,
                struct lg_val val)
{
    if (member(obj, it.key).i != it.val.i)
        return; /* a doubled name: the first speaks */
    lg_jw_key_body(w, lg_val_body(it.key));
    lg_jw_raw(w, lg_val_raw(val));
}

static void merge_objects(struct lg_jw *w, struct lg_val old, struct lg_val new)
{
    struct lg_iter it = lg_iter_of(old);
    struct lg_val later;

    lg_jw_obj(w);
    while (lg_iter_next(&it)) {
        later = member(new, it.key);
        put(w, old, it, lg_val_kind(later) > LG_JSON_NULL ? later : it.val);
    }
    it = lg_iter_of(new);
    while (lg_iter_next(&it))
        if (!member(old, it.key).doc)
            put(w, new, it, it.val);
    lg_jw_obj_end(w);
}

static int copy(struct lg_ir_val *to, const struct lg_ir_val *from,
                struct lg_arena *arena)
{
    const char *p = lg_arena_dup(arena, from->s);

    if (!p)
        return arena->err;
    *to = *from;
    to->s.p = p;
    return 0;
}

static int merge_raw(struct lg_ir_val *to, const struct lg_ir_val *from,
                     struct lg_arena *arena)
{
    /* One object is never longer than the two it was made of. */
    const size_t cap = to->s.n + from->s.n + 1;
    struct lg_json old, new;
    struct lg_buf merged;
    struct lg_jw w = {.out = &merged};
    int err;

    if (to->kind != LG_JSON_OBJECT || from->kind != LG_JSON_OBJECT ||
        lg_str_same(to->s, from->s))
        return copy(to, from, arena);
    err = lg_json_read(&old, arena, to->s, NULL);
    if (!err)
        err = lg_json_read(&new, arena, from->s, NULL);
    if (err)
        return err;
    if (old.n > TOKENS_MAX || new.n > TOKENS_MAX)
        return copy(to, from, arena);
    merged = lg_buf_over(lg_arena_raw(arena, cap), cap);
    if (!merged.p)
        return arena->err;
    merge_objects(&w, lg_json_root(&old), lg_json_root(&new));
    *to = *from;
    to->s = lg_buf_span(&merged);
    return merged.err;
}

void lg_usage_count(struct lg_ir_usage *to, const struct lg_ir_usage *from)
{
    keep_later(&to->input, from->input);
    keep_later(&to->output, from->output);
    keep_later(&to->thinking, from->thinking);
    keep_later(&to->cache_read, from->cache_read);
    keep_later(&to->cache_write, from->cache_write);
    keep_later(&to->cache_write_1h, from->cache_write_1h);
}

int lg_usage_merge(struct lg_ir_usage *to, const struct lg_ir_usage *from,
                   struct lg_arena *arena)
{
    lg_usage_count(to, from);
    return lg_ir_has(&from->raw) ? merge_raw(&to->raw, &from->raw, arena) : 0;
}
