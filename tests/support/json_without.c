/* SPDX-License-Identifier: MIT */
#include "tests/support/json_without.h"

#include "lib/json/read.h"

struct leaver {
    const struct lg_loss *losses;
    struct lg_buf *out;
    size_t found;
};

static int is_lost(struct leaver *l, struct lg_val v)
{
    char pointer[1024];

    lg_json_pointer(v.doc, v.i, pointer, sizeof(pointer));
    for (const struct lg_loss *x = l->losses; x; x = x->next) {
        if (strcmp(x->pointer, pointer) == 0) {
            l->found++;
            return 1;
        }
    }
    return 0;
}

static void write_rest(struct leaver *l, struct lg_val v)
{
    const int is_object = lg_val_kind(v) == LG_JSON_OBJECT;
    struct lg_iter it = lg_iter_of(v);
    int n = 0;

    if (!is_object && lg_val_kind(v) != LG_JSON_ARRAY) {
        lg_buf_str(l->out, lg_val_raw(v));
        return;
    }
    lg_buf_byte(l->out, is_object ? '{' : '[');
    while (lg_iter_next(&it)) {
        if (is_lost(l, it.val))
            continue;
        if (n++)
            lg_buf_byte(l->out, ',');
        if (is_object) {
            lg_buf_str(l->out, lg_val_raw(it.key));
            lg_buf_byte(l->out, ':');
        }
        write_rest(l, it.val);
    }
    lg_buf_byte(l->out, is_object ? '}' : ']');
}

size_t json_without(struct lg_buf *out, struct lg_str json,
                    const struct lg_loss *losses)
{
    struct leaver l = {losses, out, 0};
    struct lg_arena arena;
    struct lg_json doc;

    lg_arena_init(&arena, 0, (size_t)1 << 30);
    if (lg_json_read(&doc, &arena, json, NULL) == 0)
        write_rest(&l, lg_json_root(&doc));
    lg_arena_done(&arena);
    return l.found;
}
