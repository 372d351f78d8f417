/* SPDX-License-Identifier: MIT
 *
 * Any request of anthropic-messages: written again it says the same, and
 * taken for another format's it becomes one that we read without a loss. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/format/anthropic_messages.h"
#include "tests/support/json_equal.h"

#define MANY ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct lg_format *const ours = &lg_format_anthropic_messages;
static const struct lg_format stranger = {.name = "stranger"};

static void must(int holds)
{
    if (!holds)
        abort();
}

struct job {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_bridge bridge;
    struct lg_ctx c;
    struct lg_json doc;
    struct lg_buf out;
};

static void begin(struct job *j)
{
    *j = (struct job){.err = {0}};
    lg_arena_init(&j->arena, 0, MANY);
    lg_buf_init(&j->out, MANY);
    lg_losses_init(&j->losses, &j->arena, &j->err, 0);
    j->c = (struct lg_ctx){.self = ours,
                           .arena = &j->arena,
                           .keep = &j->arena,
                           .policy = &lg_policy_default,
                           .bridge = &j->bridge,
                           .losses = &j->losses,
                           .err = &j->err};
}

static void end(struct job *j)
{
    lg_buf_done(&j->out);
    lg_arena_done(&j->arena);
}

/* 1 if `text` is a request; then it is written as one of `origin`. */
static int rewrite(struct job *j, struct lg_str text,
                   const struct lg_format *origin)
{
    struct lg_ir_request *r;
    int rc;

    if (lg_json_read(&j->doc, &j->arena, text, &j->err))
        return 0;
    r = lg_arena_new(&j->arena, struct lg_ir_request);
    must(r != NULL);
    j->losses.doc = &j->doc;
    rc = ours->read_request(&j->c, &j->doc, r);
    must(rc == 0 || rc == LLMGW_E_JSON);
    if (rc)
        return 0;
    r->origin = origin;
    must(ours->write_request(&j->c, r, &j->out) == 0);
    must(lg_json_check(lg_buf_span(&j->out), NULL) == 0);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct lg_str text = {(const char *)data, n};
    struct job own, foreign, again;

    begin(&own);
    begin(&foreign);
    begin(&again);
    if (rewrite(&own, text, ours)) {
        must(own.losses.n == 0);
        must(json_equal(text, lg_buf_span(&own.out)));
        must(rewrite(&foreign, text, &stranger));
        must(rewrite(&again, lg_buf_span(&foreign.out), ours));
    }
    end(&own);
    end(&foreign);
    end(&again);
    return 0;
}
