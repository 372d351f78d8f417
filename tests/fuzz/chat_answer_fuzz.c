/* SPDX-License-Identifier: MIT
 *
 * Any answer or error of openai-chat: folded and written again it is
 * JSON, by our own word and as another format's. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/format/openai_chat.h"

#define MANY ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct lg_format *const ours = &lg_format_openai_chat;
static const struct lg_format stranger = {.name = "stranger"};

static void must(int holds)
{
    if (!holds)
        abort();
}

struct folder {
    struct lg_ir_sink sink; /* first member */
    struct lg_fold fold;
};

static int put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    return lg_fold_event(&((struct folder *)self)->fold, ev);
}

static void write_one(struct lg_ctx *c, const struct lg_ir_answer *answer)
{
    struct lg_buf out;

    lg_buf_init(&out, MANY);
    must(ours->write_answer(c, answer, &out) == 0);
    must(lg_json_check(lg_buf_span(&out), NULL) == 0);
    lg_buf_done(&out);
}

static void try_error(struct lg_ctx *c, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    struct lg_buf out;

    if (ours->read_error(c, doc, 400, &error))
        return;
    lg_buf_init(&out, MANY);
    must(ours->write_error(c, &error, &out) == 0);
    must(lg_json_check(lg_buf_span(&out), NULL) == 0);
    lg_buf_done(&out);
}

/* Bit 0 of the first byte: keep what only our own writer can say. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct lg_str text = {(const char *)data + 1, n ? n - 1 : 0};
    struct folder f = {.sink = {put}};
    struct lg_arena arena;
    struct lg_err err = {0};
    struct lg_losses losses;
    struct lg_bridge bridge = {0};
    struct lg_json doc;
    struct lg_ctx c = {.self = ours,
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .bridge = &bridge,
                       .losses = &losses,
                       .err = &err,
                       .keep_extras = n && data[0] & 1};

    lg_arena_init(&arena, 0, MANY);
    lg_losses_init(&losses, &arena, &err, 0);
    if (n && !lg_json_read(&doc, &arena, text, &err)) {
        lg_fold_init(&f.fold, &arena, LG_FOLD_ALL, MANY, ours);
        if (!ours->read_answer(&c, &doc, &f.sink)) {
            const struct lg_ir_answer *own = lg_fold_answer(&f.fold);
            struct lg_ir_answer theirs = *own;

            theirs.origin = &stranger;
            write_one(&c, own);
            write_one(&c, &theirs);
        }
        lg_fold_done(&f.fold);
        try_error(&c, &doc);
    }
    lg_arena_done(&arena);
    return 0;
}
