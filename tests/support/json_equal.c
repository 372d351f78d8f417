/* SPDX-License-Identifier: MIT */
#include "tests/support/json_equal.h"

#include "lib/json/read.h"
#include "lib/json/text.h"

#define MANY ((size_t)1 << 30)

static int same(struct lg_val a, struct lg_val b);

static int same_string(struct lg_val a, struct lg_val b)
{
    struct lg_buf x, y;
    int out;

    if (lg_str_same(lg_val_raw(a), lg_val_raw(b)))
        return 1;
    lg_buf_init(&x, MANY);
    lg_buf_init(&y, MANY);
    lg_json_unescape(&x, lg_val_body(a), LG_TO_JSON);
    lg_json_unescape(&y, lg_val_body(b), LG_TO_JSON);
    out = !x.err && !y.err && lg_str_same(lg_buf_span(&x), lg_buf_span(&y));
    lg_buf_done(&x);
    lg_buf_done(&y);
    return out;
}

static int same_array(struct lg_val a, struct lg_val b)
{
    struct lg_iter x = lg_iter_of(a), y = lg_iter_of(b);
    int more;

    while ((more = lg_iter_next(&x)) == lg_iter_next(&y))
        if (!more)
            return 1;
        else if (!same(x.val, y.val))
            return 0;
    return 0;
}

/* How often does `obj` have the member? */
static size_t times(struct lg_val obj, struct lg_val key, struct lg_val val)
{
    struct lg_iter it = lg_iter_of(obj);
    size_t n = 0;

    while (lg_iter_next(&it))
        n += same_string(it.key, key) && same(it.val, val);
    return n;
}

static size_t count(struct lg_val obj)
{
    struct lg_iter it = lg_iter_of(obj);
    size_t n = 0;

    while (lg_iter_next(&it))
        n++;
    return n;
}

static int same_object(struct lg_val a, struct lg_val b)
{
    struct lg_iter it = lg_iter_of(a);

    if (count(a) != count(b))
        return 0;
    while (lg_iter_next(&it))
        if (times(a, it.key, it.val) != times(b, it.key, it.val))
            return 0;
    return 1;
}

static int same(struct lg_val a, struct lg_val b)
{
    if (lg_val_kind(a) != lg_val_kind(b))
        return 0;
    switch (lg_val_kind(a)) {
    case LG_JSON_STRING:
        return same_string(a, b);
    case LG_JSON_ARRAY:
        return same_array(a, b);
    case LG_JSON_OBJECT:
        return same_object(a, b);
    case LG_JSON_NONE:
    case LG_JSON_NULL:
    case LG_JSON_FALSE:
    case LG_JSON_TRUE:
    case LG_JSON_NUMBER:
        break;
    }
    return lg_str_same(lg_val_raw(a), lg_val_raw(b));
}

int json_equal(struct lg_str a, struct lg_str b)
{
    struct lg_arena arena;
    struct lg_json x, y;
    int out;

    lg_arena_init(&arena, 0, MANY);
    out = !lg_json_read(&x, &arena, a, NULL) &&
          !lg_json_read(&y, &arena, b, NULL) &&
          same(lg_json_root(&x), lg_json_root(&y));
    lg_arena_done(&arena);
    return out;
}
