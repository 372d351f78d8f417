/* SPDX-License-Identifier: MIT
 *
 * The items and parts of a stream, written. */
#include "lib/format/openai_responses_encode.h"

/* How a piece is told: the names of its events and members. */
static const struct shape {
    const char *event, *index, *done, *part;
    uint8_t piece;
} shapes[] = {
    [LG_PART_TEXT] = {"response.output_text", "content_index", "text",
                      "response.content_part", LG_EV_TEXT},
    [LG_PART_REFUSAL] = {"response.refusal", "content_index", "refusal",
                         "response.content_part", LG_EV_REFUSAL},
    [LG_PART_THINKING] = {"response.reasoning_summary_text", "summary_index",
                          "text", "response.reasoning_summary_part",
                          LG_EV_THINKING},
    [LG_PART_TOOL_CALL] = {"response.function_call_arguments", NULL,
                           "arguments", NULL, LG_EV_INPUT},
    [LG_PART_OPAQUE] = {NULL, NULL, NULL, NULL, LG_EV_START},
};
static const struct shape custom = {"response.custom_tool_call_input", NULL,
                                    "input", NULL, LG_EV_INPUT};

static const struct shape *shape_of(const struct lg_or_piece *p)
{
    return p->part.custom ? &custom : &shapes[p->part.kind];
}

/* ---- memory ------------------------------------------------------------- */

static void no_keep(struct lg_or_writing *wr)
{
    lg_writer_fail(&wr->w, lg_no_keep(wr->w.c));
}

static struct lg_str keep(struct lg_or_writing *wr, struct lg_str s)
{
    const char *p = lg_arena_dup(wr->w.c->keep, s);

    if (!p)
        no_keep(wr);
    return lg_str_from(p ? p : "", p ? s.n : 0);
}

void lg_or_enc_keep(struct lg_or_writing *wr, struct lg_ir_val *v)
{
    if (v->kind != LG_JSON_NONE)
        v->s = keep(wr, v->s);
    v->tok = LG_NOWHERE;
}

/* 0: no memory. */
static int append(struct lg_arena *a, char **to, size_t *n, size_t *cap,
                  struct lg_str s)
{
    if (s.n > *cap - *n) {
        const size_t more = *cap + s.n + 256;
        char *p = lg_arena_grow(a, *to, *cap, *cap + more);

        if (!p)
            return 0;
        *to = p;
        *cap += more;
    }
    if (s.n)
        memcpy(*to + *n, s.p, s.n);
    *n += s.n;
    return 1;
}

/* ---- frames ------------------------------------------------------------- */

/* Up to its first member; the object stays open. */
void lg_or_enc_begin(struct lg_or_writing *wr, const char *event,
                     const char *suffix)
{
    struct lg_buf *const out = wr->w.jw.out;

    (void)lg_buf_lit(out, "event: ");
    (void)lg_buf_str(out, lg_str_of(event));
    (void)lg_buf_str(out, lg_str_of(suffix));
    (void)lg_buf_lit(out, "\ndata: {\"type\":\"");
    (void)lg_buf_str(out, lg_str_of(event));
    (void)lg_buf_str(out, lg_str_of(suffix));
    (void)lg_buf_byte(out, '"');
}

void lg_or_enc_end(struct lg_or_writing *wr)
{
    lg_put(&wr->w, "'sequence_number':%d}", wr->e->sequence++);
    (void)lg_buf_lit(wr->w.jw.out, "\n\n");
    lg_frame_done(wr->out);
}

/* One that speaks of a piece. */
static void begin_piece(struct lg_or_writing *wr, const struct lg_or_piece *p,
                        const char *event, const char *suffix)
{
    const char *const index = shapes[p->part.kind].index;

    lg_or_enc_begin(wr, event, suffix);
    lg_put(&wr->w, "'item_id':%b,'output_index':%d", p->item->id,
           p->item->output);
    if (index)
        lg_put(&wr->w, "%k:%d", index, p->content);
}

static const struct lg_ir_part *show(struct lg_or_piece *p)
{
    const int is_json = p->part.kind == LG_PART_TOOL_CALL && !p->part.custom;
    struct lg_ir_val *v = is_json ? &p->part.json : &p->part.text;

    if (p->part.kind != LG_PART_OPAQUE && p->part.kind != LG_PART_REDACTED)
        *v = (struct lg_ir_val){lg_str_from(p->text ? p->text : "", p->n),
                                LG_NOWHERE, LG_JSON_STRING, (uint8_t)is_json};
    if (p->ncited)
        p->part.citations = (struct lg_ir_val){
            lg_str_from(p->citations, p->ncited), LG_NOWHERE, LG_JSON_ARRAY, 0};
    return &p->part;
}

void lg_or_enc_item(struct lg_or_writing *wr, const struct lg_or_item *item,
                    enum lg_or_state state)
{
    struct lg_or_piece *p = item->first;

    for (struct lg_or_piece *q = p; q; q = (struct lg_or_piece *)q->part.next)
        (void)show(q);
    lg_or_item_write(&wr->w, (enum lg_or_kind)item->kind, state, item->id,
                     &p->part, item->n);
}

static void item_frame(struct lg_or_writing *wr, const struct lg_or_item *item,
                       const char *suffix, enum lg_or_state state)
{
    lg_or_enc_begin(wr, "response.output_item", suffix);
    lg_put(&wr->w, "'output_index':%d,'item':", item->output);
    lg_or_enc_item(wr, item, state);
    lg_or_enc_end(wr);
}

/* content_part or reasoning_summary_part. */
static void part_frame(struct lg_or_writing *wr, struct lg_or_piece *p,
                       const char *suffix, int empty)
{
    const struct lg_ir_part *part = show(p);

    begin_piece(wr, p, shape_of(p)->part, suffix);
    lg_put(&wr->w, "'part':");
    if (p->part.kind == LG_PART_THINKING)
        lg_put(&wr->w, "{'type':'summary_text','text':%b}",
               empty ? LG_STR("") : part->text.s);
    else
        lg_or_piece_write(&wr->w, part, empty);
    lg_or_enc_end(wr);
}

/* ---- pieces ------------------------------------------------------------- */

struct lg_or_piece *lg_or_enc_find(struct lg_or_encoder *e, int32_t index)
{
    struct lg_or_piece *p = e->open;

    while (p && p->index != index)
        p = p->open;
    return p;
}

/* Thinking has a place for its text only once there is some. */
static void begin_text(struct lg_or_writing *wr, struct lg_or_piece *p)
{
    if (!p->begun && shape_of(p)->part)
        part_frame(wr, p, ".added", 1);
    p->begun = 1;
}

static void make_prefix(struct lg_or_writing *wr, struct lg_or_piece *p)
{
    struct lg_buf *const out = wr->w.jw.out;
    const size_t mark = out->n;

    begin_piece(wr, p, shape_of(p)->event, ".delta");
    lg_put(&wr->w, "'delta':");
    lg_jw_join_open(&wr->w.jw);
    if (out->err)
        return;
    p->prefix = keep(wr, lg_str_from(out->p + mark, out->n - mark));
    lg_writer_undo(&wr->w, mark);
}

static void add_delta(struct lg_or_encoder *e, const struct lg_or_piece *p,
                      struct lg_str text, struct lg_frames *out)
{
    const struct lg_str tail =
        p->part.kind == LG_PART_TEXT
            ? LG_STR("\",\"logprobs\":[],\"sequence_number\":")
            : LG_STR("\",\"sequence_number\":");
    struct lg_buf *const b = &out->bytes;

    (void)lg_buf_str(b, p->prefix);
    (void)lg_buf_str(b, text);
    (void)lg_buf_str(b, tail);
    (void)lg_buf_int(b, e->sequence++);
    (void)lg_buf_lit(b, "}\n\n");
    lg_frame_done(out);
}

void lg_or_enc_text(struct lg_or_writing *wr, struct lg_or_piece *p,
                    struct lg_str text)
{
    begin_text(wr, p);
    if (!p->prefix.p)
        make_prefix(wr, p);
    lg_writer_fail(&wr->w, lg_or_enc_add(wr->e, wr->w.c, p, text, wr->out));
}

static void write_citations(struct lg_or_writing *wr, struct lg_or_piece *p)
{
    struct lg_json doc;
    struct lg_iter it;
    int64_t n = 0;
    const struct lg_ir_part *part = show(p);
    const int rc = p->ncited ? lg_json_read(&doc, wr->w.c->arena,
                                            part->citations.s, wr->w.c->err)
                             : 0;

    lg_writer_fail(&wr->w, rc);
    it = lg_iter_of(rc < 0 || !p->ncited ? (struct lg_val){0}
                                         : lg_json_root(&doc));
    while (lg_iter_next(&it)) {
        const size_t mark = wr->w.jw.out->n;

        begin_piece(wr, p, "response.output_text.annotation", ".added");
        lg_put(&wr->w, "'annotation_index':%d,'annotation':", n);
        if (lg_or_citation_write(&wr->w, it.val,
                                 lg_openai_chars(part->text.s))) {
            lg_or_enc_end(wr);
            n++;
        } else {
            lg_writer_undo(&wr->w, mark);
        }
    }
}

void lg_or_enc_close(struct lg_or_writing *wr, struct lg_or_item *item,
                     enum lg_or_state state)
{
    if (item->state != LG_OR_ADDED)
        return;
    item->state = (uint8_t)state;
    item_frame(wr, item, ".done", state);
    if (wr->e->message == item)
        wr->e->message = NULL;
}

void lg_or_enc_part_end(struct lg_or_writing *wr, struct lg_or_piece *p)
{
    const struct shape *const shape = shape_of(p);
    struct lg_or_piece **at = &wr->e->open;

    if (p->part.kind == LG_PART_TOOL_CALL && !p->part.custom && !p->n)
        lg_or_enc_text(wr, p, LG_STR("{}"));
    if (shape->event && (p->begun || p->part.kind != LG_PART_THINKING)) {
        begin_text(wr, p);
        write_citations(wr, p);
        begin_piece(wr, p, shape->event, ".done");
        lg_put(&wr->w, "%k:%b", shape->done,
               lg_str_from(p->text ? p->text : "", p->n));
        if (p->part.kind == LG_PART_TEXT)
            lg_put(&wr->w, "'logprobs':[]");
        if (shape == &shapes[LG_PART_TOOL_CALL])
            lg_put(&wr->w, "'name':%v", &p->part.name);
        lg_or_enc_end(wr);
        if (shape->part)
            part_frame(wr, p, ".done", 0);
    }
    while (*at && *at != p)
        at = &(*at)->open;
    if (*at)
        *at = p->open;
    wr->e->at = NULL;
    p->item->open--;
    if (!p->item->open && p->item != wr->e->message)
        lg_or_enc_close(wr, p->item, LG_OR_DONE);
}

/* ---- parts -------------------------------------------------------------- */

static struct lg_or_item *add_item(struct lg_or_writing *wr,
                                   enum lg_or_kind kind)
{
    struct lg_or_encoder *const e = wr->e;
    struct lg_or_item *item = lg_arena_new(wr->w.c->keep, struct lg_or_item);

    if (!item) {
        no_keep(wr);
        return NULL;
    }
    item->kind = (uint8_t)kind;
    item->output = (int64_t)e->nitems++;
    item->id = lg_or_make_id(wr->w.c, kind, e->head.id.s, e->nitems - 1);
    if (!item->id.n)
        no_keep(wr);
    if (!e->items)
        e->last = &e->items;
    *e->last = item;
    e->last = &item->next;
    return item;
}

static struct lg_or_piece *add_piece(struct lg_or_writing *wr,
                                     struct lg_or_item *item,
                                     const struct lg_ir_part *part,
                                     int32_t index)
{
    struct lg_or_piece *p = lg_arena_new(wr->w.c->keep, struct lg_or_piece);

    if (!p) {
        no_keep(wr);
        return NULL;
    }
    p->part = (struct lg_ir_part){.kind = part->kind,
                                  .custom = part->custom,
                                  .tok = LG_NOWHERE,
                                  .id = part->id,
                                  .name = part->name,
                                  .blob = part->blob};
    if (part->kind == LG_PART_OPAQUE)
        p->part.json = part->json;
    lg_or_enc_keep(wr, &p->part.id);
    lg_or_enc_keep(wr, &p->part.name);
    lg_or_enc_keep(wr, &p->part.blob.val);
    lg_or_enc_keep(wr, &p->part.json);
    p->item = item;
    p->index = index;
    p->piece = shape_of(p)->piece;
    p->content = (int64_t)item->n++;
    item->open++;
    if (item->last)
        item->last->part.next = &p->part;
    else
        item->first = p;
    item->last = p;
    p->open = wr->e->open;
    wr->e->open = p;
    return p;
}

/* A message ends where something else begins. */
static void let_go(struct lg_or_writing *wr)
{
    struct lg_or_item *const m = wr->e->message;

    wr->e->message = NULL;
    if (m && !m->open)
        lg_or_enc_close(wr, m, LG_OR_DONE);
}

struct lg_or_piece *lg_or_enc_open(struct lg_or_writing *wr,
                                   const struct lg_ir_part *part, int32_t index)
{
    const enum lg_or_kind kind = lg_or_kind_of(&wr->w, part, 0);
    struct lg_or_item *item = wr->e->message;
    struct lg_or_piece *p;
    const int is_new =
        kind != LG_OR_MESSAGE || !item || !lg_or_goes_on(&wr->w, part);

    if (!kind)
        return NULL;
    wr->e->calls += part->kind == LG_PART_TOOL_CALL;
    wr->e->refuses |= part->kind == LG_PART_REFUSAL;
    if (is_new) {
        let_go(wr);
        item = add_item(wr, kind);
    }
    p = item ? add_piece(wr, item, part, index) : NULL;
    if (!p)
        return NULL;
    if (kind == LG_OR_MESSAGE)
        wr->e->message = item;
    if (is_new)
        item_frame(wr, item, ".added", LG_OR_ADDED);
    if (kind == LG_OR_MESSAGE)
        begin_text(wr, p);
    return p;
}

void lg_or_enc_part(struct lg_or_writing *wr, const struct lg_ir_event *ev)
{
    const struct lg_ir_part *const part = ev->u.part;
    struct lg_or_piece *p;
    struct lg_str text = part->custom ? part->text.s : part->json.s;

    lg_put_lose_extras(&wr->w, part->extra);
    p = lg_or_enc_find(wr->e, ev->index);
    if (p && p->part.kind == LG_PART_OPAQUE) {
        p->part.json = part->json;
        lg_or_enc_keep(wr, &p->part.json);
    }
    p = p ? NULL : lg_or_enc_open(wr, part, ev->index);
    if (!p || part->kind != LG_PART_TOOL_CALL || !text.n ||
        lg_str_is(text, "{}")) /* {} is where pieces will go */
        return;
    if (!part->custom && !part->json.in_string)
        lg_writer_fail(&wr->w, lg_escaped(wr->w.c, text, &text));
    if (!wr->w.rc)
        lg_or_enc_text(wr, p, text);
}

void lg_or_enc_piece(struct lg_or_writing *wr, const struct lg_ir_event *ev)
{
    struct lg_or_piece *p = lg_or_enc_find(wr->e, ev->index);

    if (!p || p->piece != ev->kind || !ev->text.n)
        return;
    lg_or_enc_text(wr, p, ev->text);
    wr->e->at = wr->w.rc ? NULL : p;
}

void lg_or_enc_signature(struct lg_or_writing *wr, const struct lg_ir_event *ev)
{
    struct lg_or_piece *p = lg_or_enc_find(wr->e, ev->index);

    if (!p || p->part.kind != LG_PART_THINKING)
        return;
    p->part.blob = *ev->u.blob;
    lg_or_enc_keep(wr, &p->part.blob.val);
}

/* Kept in a list that is closed after each. */
void lg_or_enc_citation(struct lg_or_writing *wr, const struct lg_ir_event *ev)
{
    struct lg_or_piece *p = lg_or_enc_find(wr->e, ev->index);
    struct lg_arena *const a = wr->w.c->keep;
    const struct lg_str open = p && p->ncited ? LG_STR(",") : LG_STR("[");

    if (!p)
        return;
    p->ncited -= p->ncited != 0;
    if (!append(a, &p->citations, &p->ncited, &p->capcited, open) ||
        !append(a, &p->citations, &p->ncited, &p->capcited, ev->u.val->s) ||
        !append(a, &p->citations, &p->ncited, &p->capcited, LG_STR("]")))
        no_keep(wr);
}

int lg_or_enc_add(struct lg_or_encoder *e, struct lg_ctx *c,
                  struct lg_or_piece *p, struct lg_str text,
                  struct lg_frames *out)
{
    if (!append(c->keep, &p->text, &p->n, &p->cap, text))
        return lg_no_keep(c);
    add_delta(e, p, text, out);
    return out->bytes.err ? lg_fail_mem(c->err, out->bytes.err) : 0;
}
