/* SPDX-License-Identifier: MIT
 *
 * A whole answer, read and written. */
#include "lib/format/openai_responses.h"

/* ---- reading ------------------------------------------------------------ */

/* The part as it opens: what comes in pieces is not in it. */
static int put_open(const struct lg_ir_part *p, int32_t index,
                    struct lg_ir_sink *sink)
{
    struct lg_ir_part open = *p;

    open.next = NULL;
    open.extra = NULL;
    open.form &= LG_OR_BEGINS;
    open.citations = lg_ir_none;
    if (p->kind != LG_PART_OPAQUE) {
        open.text = lg_ir_none;
        open.json = lg_ir_none;
    }
    if (p->kind == LG_PART_THINKING)
        open.blob = (struct lg_ir_blob){lg_ir_none, NULL};
    return lg_sink_put(sink, LG_EV_PART, 0, index, &open, NULL);
}

static int put_pieces(struct lg_ctx *c, const struct lg_ir_part *p,
                      int32_t index, struct lg_ir_sink *sink)
{
    static const uint8_t kinds[] = {[LG_PART_TEXT] = LG_EV_TEXT,
                                    [LG_PART_REFUSAL] = LG_EV_REFUSAL,
                                    [LG_PART_THINKING] = LG_EV_THINKING,
                                    [LG_PART_TOOL_CALL] = LG_EV_INPUT};
    struct lg_str text = p->text.s;
    int rc = 0;

    if (p->kind >= LG_COUNT(kinds) || !kinds[p->kind])
        return 0;
    if (p->kind == LG_PART_TOOL_CALL && !p->custom) {
        text = lg_ir_has(&p->json) ? p->json.s : LG_STR("");
        if (text.n && !p->json.in_string)
            rc = lg_escaped(c, text, &text);
    }
    if (rc < 0 || !text.n)
        return rc;
    return lg_sink_text(sink, (enum lg_event_kind)kinds[p->kind], 0, index,
                        text);
}

/* The citations behind those that were put. */
static int put_citations(struct lg_ctx *c, const struct lg_ir_part *p,
                         const struct lg_or_progress *so_far,
                         struct lg_ir_sink *sink)
{
    struct lg_json doc;
    struct lg_iter it;
    uint32_t n = 0;
    int rc;

    if (!lg_ir_has(&p->citations))
        return 0;
    rc = lg_json_read(&doc, c->arena, p->citations.s, c->err);
    it = lg_iter_of(rc < 0 ? (struct lg_val){0} : lg_json_root(&doc));
    while (rc >= 0 && lg_iter_next(&it)) {
        const struct lg_ir_val val = lg_ir_of(it.val);

        if (n++ >= so_far->cited)
            rc =
                lg_sink_put(sink, LG_EV_CITATION, 0, so_far->index, &val, NULL);
    }
    return rc;
}

int lg_or_part_put(struct lg_ctx *c, const struct lg_ir_part *p,
                   struct lg_or_progress *so_far, struct lg_ir_sink *sink)
{
    const int32_t index = so_far->index;
    int rc = so_far->opened ? 0 : put_open(p, index, sink);

    if (rc >= 0 && !so_far->said)
        rc = put_pieces(c, p, index, sink);
    if (rc >= 0)
        rc = put_citations(c, p, so_far, sink);
    if (rc >= 0 && p->kind == LG_PART_THINKING && p->blob.origin)
        rc = lg_sink_put(sink, LG_EV_SIGNATURE, 0, index, &p->blob, NULL);
    return rc < 0 ? rc
                  : lg_sink_put(sink, LG_EV_PART_END, 0, index, NULL, NULL);
}

static int put_output(struct lg_ctx *c, struct lg_val output, int *calls,
                      int *refusals, struct lg_ir_sink *sink)
{
    struct lg_iter it = lg_iter_of(output);
    struct lg_or_progress at = {0};
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_extra *extra = NULL;
        struct lg_ir_part *p = NULL, **end = &p;

        rc = lg_or_item_read(c, it.val, &end, &extra);
        for (; p && rc >= 0; p = p->next) {
            *calls += p->kind == LG_PART_TOOL_CALL;
            *refusals += p->kind == LG_PART_REFUSAL;
            rc = lg_or_part_put(c, p, &at, sink);
            at.index++;
        }
    }
    return rc;
}

int lg_or_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    const struct lg_val root = lg_json_root(doc);
    const struct lg_val output = lg_val_get(root, "output");
    struct lg_ir_head head = {.extra = NULL};
    int calls = 0, refusals = 0, rc;

    if (lg_val_kind(output) != LG_JSON_ARRAY &&
        lg_val_kind(lg_val_get(root, "error")) != LG_JSON_OBJECT)
        return lg_protocol(c, lg_val_fail(output.doc ? output : root, c->err,
                                          "expected a list of output items"));
    lg_or_head_read(root, &head);
    rc = lg_sink_put(sink, LG_EV_START, 0, -1, &head, NULL);
    if (rc >= 0)
        rc = put_output(c, output, &calls, &refusals, sink);
    if (rc >= 0)
        rc = lg_or_end_put(c, root, calls, refusals, sink);
    return lg_protocol(c, rc);
}

/* ---- writing ------------------------------------------------------------ */

struct writing {
    struct lg_writer w;
    const struct lg_ir_answer *a;
    size_t items;
    int calls, refuses;
};

static void put_item(struct writing *wr, enum lg_or_kind kind,
                     const struct lg_ir_part *p, size_t n, int is_last)
{
    const int is_cut = is_last && kind == LG_OR_MESSAGE &&
                       wr->a->first.stop.kind == LG_STOP_LENGTH;
    const struct lg_str id =
        lg_or_make_id(wr->w.c, kind, wr->a->head.id.s, wr->items);

    if (!id.n)
        lg_writer_fail(&wr->w, lg_no_keep(wr->w.c));
    lg_or_item_write(&wr->w, kind, is_cut ? LG_OR_CUT : LG_OR_DONE, id, p, n);
    wr->items++;
}

static void write_output(struct writing *wr)
{
    const struct lg_ir_stop *const stop = &wr->a->first.stop;
    const struct lg_ir_part said = {.kind = LG_PART_REFUSAL,
                                    .text = stop->details};
    const struct lg_ir_part *p = wr->a->first.parts, *first;
    int refuses = 0;

    while (p && !wr->w.rc) {
        const enum lg_or_kind kind = lg_or_kind_of(&wr->w, p, 0);
        size_t n = 0;

        first = p;
        do {
            refuses |= p->kind == LG_PART_REFUSAL;
            lg_put_lose_extras(&wr->w, p->extra);
            n++;
            p = p->next;
        } while (p && kind == LG_OR_MESSAGE && lg_or_goes_on(&wr->w, p));
        if (kind)
            put_item(wr, kind, first, n, !p);
    }
    if (stop->kind == LG_STOP_REFUSAL && !refuses && lg_ir_has(&stop->details))
        put_item(wr, LG_OR_MESSAGE, &said, 1, 1);
}

/* The ending stands before the output that it depends on. */
static void count(struct writing *wr)
{
    const struct lg_ir_stop *const stop = &wr->a->first.stop;

    wr->refuses = stop->kind == LG_STOP_REFUSAL && lg_ir_has(&stop->details);
    for (const struct lg_ir_part *p = wr->a->first.parts; p; p = p->next) {
        wr->calls += p->kind == LG_PART_TOOL_CALL;
        wr->refuses |= p->kind == LG_PART_REFUSAL;
    }
}

int lg_or_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out)
{
    struct writing wr = {.w = lg_writer_of(c, a->origin, out), .a = a};
    const struct lg_ir_head *const h = &a->head;
    const struct lg_ir_stop *const stop = &a->first.stop;

    if (wr.w.own && lg_extra_has(stop->extra, LG_OR_WHOLE)) {
        lg_or_own_write(&wr.w, h, stop);
        return lg_writer_end(&wr.w);
    }
    count(&wr);
    lg_or_response_open(&wr.w, h,
                        lg_or_ending_of(&wr.w, stop, wr.calls, wr.refuses));
    write_output(&wr);
    lg_or_response_close(&wr.w, &a->usage, stop->extra);
    lg_put_lose_extras(&wr.w, h->extra);
    if (a->first.next)
        lg_put_lose(&wr.w, LG_NOWHERE, LG_DROPPED,
                    "an answer is one choice in " LG_OR_NAME);
    return lg_writer_end(&wr.w);
}
