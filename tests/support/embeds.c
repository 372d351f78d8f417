/* SPDX-License-Identifier: MIT */
#include "tests/support/embeds.h"

#include <stdlib.h>

#include "lib/base/base64.h"
#include "lib/json/text.h"

#define MANY ((size_t)1 << 30)

static const char *const kinds[] = {[LG_EMBED_TEXT] = "text",
                                    [LG_EMBED_IMAGE] = "image",
                                    [LG_EMBED_MIXED] = "mixed"};

static void put(struct lg_buf *out, const char *name, const struct lg_ir_val *v)
{
    if (!lg_ir_has(v))
        return;
    lg_buf_printf(out, "%s=", name);
    lg_buf_str(out, v->s);
    lg_buf_byte(out, '\n');
}

void embed_request_text(struct lg_buf *out, const struct lg_embed_request *r)
{
    const unsigned floats = 1u << LG_ENC_FLOAT | 1u << LG_ENC_BASE64;

    put(out, "dimensions", &r->param[LG_E_DIMENSIONS]);
    lg_buf_printf(out, "task %d, cut %d, encodings %u\n", r->task, r->cut,
                  r->encodings & ~floats);
    for (const struct lg_embed_input *in = r->inputs; in; in = in->next)
        put(out, kinds[in->kind], &in->val);
}

static void put_float(struct lg_buf *out, float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    lg_buf_printf(out, " %08x", bits);
}

static void put_base64(struct lg_buf *out, struct lg_str body)
{
    struct lg_buf text, bytes;
    float f;

    lg_buf_init(&text, MANY);
    lg_buf_init(&bytes, MANY);
    lg_json_unescape(&text, body, LG_TO_TEXT);
    lg_base64_read(&bytes, lg_buf_span(&text));
    for (size_t i = 0; i + sizeof(f) <= bytes.n; i += sizeof(f)) {
        memcpy(&f, bytes.p + i, sizeof(f));
        put_float(out, f);
    }
    lg_buf_done(&text);
    lg_buf_done(&bytes);
}

static void put_numbers(struct lg_buf *out, struct lg_str json)
{
    struct lg_arena arena;
    struct lg_json doc;
    struct lg_iter it;

    lg_arena_init(&arena, 0, MANY);
    if (lg_json_read(&doc, &arena, json, NULL) == 0) {
        it = lg_iter_of(lg_json_root(&doc));
        while (lg_iter_next(&it)) {
            char *copy = lg_arena_dup(&arena, lg_val_raw(it.val));

            put_float(out, strtof(copy, NULL));
        }
    }
    lg_arena_done(&arena);
}

void embed_answer_text(struct lg_buf *out, const struct lg_embed_answer *a)
{
    const struct lg_embed_list *l = a->lists;

    for (const struct lg_embed_list *i = l; i; i = i->next)
        l = i->encoding < l->encoding ? i : l;
    for (size_t i = 0; l && i < l->n; i++) {
        lg_buf_printf(out, "%zu:", i);
        if (l->v[i].val.kind == LG_JSON_STRING)
            put_base64(out, l->v[i].val.s);
        else
            put_numbers(out, l->v[i].val.s);
        lg_buf_byte(out, '\n');
    }
}
