/* SPDX-License-Identifier: MIT
 *
 * A stream, read. It has no terminator: it is complete if its body ends where
 * every candidate has said why it stopped. */
#include "lib/format/gemini.h"

/* Was the frame nothing but a piece of a part that is open? Then others of
 * its shape need not be read. */
static int is_plain(const struct lg_gm_run *r, struct lg_str data)
{
    const uintptr_t at = (uintptr_t)r->last.p, from = (uintptr_t)data.p;

    return r->puts == 1 && !r->changed && !r->c->keep_extras && r->last.n &&
           at > from && at - from < data.n;
}

int lg_gm_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink)
{
    struct lg_gm_run r = {.c = c, .d = dec, .sink = sink};
    const struct lg_str data = lg_str_trim(f->data);
    struct lg_json doc;
    int repaired = 0, rc;

    /* Nothing, or the end mark of another format that gateways add. */
    if (r.d->over || !data.n || lg_str_is(data, "[DONE]"))
        return 0;
    rc = lg_frame_json(c, data, &doc, &repaired, c->err);
    if (rc < 0)
        return lg_protocol(c, rc);
    if (lg_val_kind(lg_json_root(&doc)) == LG_JSON_OBJECT) {
        rc = lg_gm_chunk_read(&r, &doc);
    } else {
        const struct lg_ir_val val = lg_ir_of(lg_json_root(&doc));

        rc = lg_gm_put(&r, LG_EV_OPAQUE, -1, &val, NULL);
    }
    if (rc >= 0 && !repaired && is_plain(&r, f->data))
        c->plain = 1;
    return lg_protocol(c, rc);
}

int lg_gm_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    struct lg_gm_run r = {.c = c, .d = dec, .sink = sink};
    const int rc = lg_gm_finish(&r);

    if (rc)
        return rc < 0 ? rc : 0;
    return lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                   "the stream ended before a finishReason");
}
