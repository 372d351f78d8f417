/* SPDX-License-Identifier: MIT */
#include "lib/ir/fold.h"

#include <llmgw/llmgw.h>

#include "lib/base/buf.h"
#include "lib/json/write.h"

#define SLOTS_FIRST 16
#define NESTED_MAX  4 /* parts in parts */
#define USAGE_FIRST 256

struct lg_fold_part {
    struct lg_ir_part part;       /* first member */
    struct lg_fold_part *next;    /* opened before it */
    struct lg_fold_part *chained; /* of the same slot */
    struct lg_ir_choice *choice;
    uint64_t key;
    struct lg_buf text; /* what its pieces make */
    int in_place;       /* `text` is a JSON value, not a string body */
    struct lg_buf citations;
};

void lg_fold_init(struct lg_fold *f, struct lg_arena *arena,
                  enum lg_fold_mode mode, size_t max,
                  const struct lg_format *origin)
{
    *f = (struct lg_fold){.arena = arena, .mode = mode, .max = max};
    f->answer.origin = origin;
    f->answer.usage = LG_USAGE_NONE;
    lg_arena_init(&f->usage[0], USAGE_FIRST, arena->max);
    lg_arena_init(&f->usage[1], USAGE_FIRST, arena->max);
}

void lg_fold_done(struct lg_fold *f)
{
    for (struct lg_fold_part *p = f->part; p; p = p->next) {
        lg_buf_done(&p->text);
        lg_buf_done(&p->citations);
    }
    f->part = f->open = NULL;
    f->answer.first.parts = NULL;
    f->answer.first.next = NULL;
    f->slots = NULL;
    f->nslots = f->nparts = 0;
    lg_arena_done(&f->usage[0]);
    lg_arena_done(&f->usage[1]);
    f->answer.usage.raw = (struct lg_ir_val){0};
}

/* ---- copies ------------------------------------------------------------- */

/* A value that is absent leaves what was there. */
static int copy_val(struct lg_arena *a, struct lg_ir_val *to,
                    const struct lg_ir_val *from)
{
    const char *p;

    if (from->kind == LG_JSON_NONE)
        return 0;
    p = lg_arena_dup(a, from->s);
    if (!p)
        return a->err;
    *to = *from;
    to->s.p = p;
    return 0;
}

/* The values of `from` that stand at these offsets. */
static int copy_vals(struct lg_arena *a, void *to, const void *from,
                     const size_t *at, size_t n)
{
    int err = 0;

    for (size_t i = 0; i < n && !err; i++) {
        const void *val = (const char *)from + at[i];

        err = copy_val(a, (void *)((char *)to + at[i]), val);
    }
    return err;
}

static int copy_extra(struct lg_arena *a, struct lg_ir_extra **to,
                      const struct lg_ir_extra *from)
{
    int err = 0;

    if (from)
        *to = NULL;
    for (; from && !err; from = from->next) {
        struct lg_ir_extra *x = lg_arena_new(a, struct lg_ir_extra);
        const char *key = lg_arena_dup(a, from->key);

        if (!x || !key)
            return a->err;
        x->key = lg_str_from(key, from->key.n);
        x->level = from->level;
        err = copy_val(a, &x->val, &from->val);
        *to = x;
        to = &x->next;
    }
    return err;
}

static int copy_blob(struct lg_arena *a, struct lg_ir_blob *to,
                     const struct lg_ir_blob *from)
{
    if (from->val.kind != LG_JSON_NONE)
        to->origin = from->origin;
    return copy_val(a, &to->val, &from->val);
}

static int copy_part(struct lg_arena *a, struct lg_ir_part *to,
                     const struct lg_ir_part *from, int depth)
{
#define AT(field) offsetof(struct lg_ir_part, field)
    static const size_t vals[] = {
        AT(text),      AT(id),           AT(name),       AT(json),
        AT(is_error),  AT(media.data),   AT(media.name), AT(media.media_type),
        AT(citations), AT(media.detail), AT(cache)};
#undef AT
    struct lg_ir_part **tail = &to->parts;
    int err =
        depth ? copy_vals(a, to, from, vals, LG_COUNT(vals)) : LLMGW_E_LIMIT;

    to->tok = from->tok;
    to->kind = from->kind;
    to->form = from->form;
    to->custom = from->custom;
    to->media.source = from->media.source;
    if (!err)
        err = copy_blob(a, &to->blob, &from->blob);
    if (!err)
        err = copy_extra(a, &to->extra, from->extra);
    for (from = from->parts; from && !err; from = from->next) {
        *tail = lg_arena_new(a, struct lg_ir_part);
        if (!*tail)
            return a->err;
        err = copy_part(a, *tail, from, depth - 1);
        tail = &(*tail)->next;
    }
    return err;
}

static int copy_head(struct lg_arena *a, struct lg_ir_head *to,
                     const struct lg_ir_head *from)
{
    static const size_t vals[] = {offsetof(struct lg_ir_head, id),
                                  offsetof(struct lg_ir_head, model),
                                  offsetof(struct lg_ir_head, created)};
    int err = copy_vals(a, to, from, vals, LG_COUNT(vals));

    return err ? err : copy_extra(a, &to->extra, from->extra);
}

static int copy_stop(struct lg_arena *a, struct lg_ir_stop *to,
                     const struct lg_ir_stop *from)
{
    static const size_t vals[] = {offsetof(struct lg_ir_stop, reason),
                                  offsetof(struct lg_ir_stop, sequence),
                                  offsetof(struct lg_ir_stop, details)};
    int err;

    *to = (struct lg_ir_stop){.kind = from->kind};
    err = copy_vals(a, to, from, vals, LG_COUNT(vals));
    return err ? err : copy_extra(a, &to->extra, from->extra);
}

/* ---- parts -------------------------------------------------------------- */

static inline uint64_t key_of(unsigned choice, int32_t index)
{
    return (uint64_t)choice << 32 | (uint32_t)index;
}

static struct lg_fold_part **slot_of(const struct lg_fold *f, uint64_t key)
{
    return &f->slots[(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) &
                     (f->nslots - 1)];
}

static struct lg_fold_part *find(const struct lg_fold *f, uint64_t key)
{
    struct lg_fold_part *p = f->nslots ? *slot_of(f, key) : NULL;

    while (p && p->key != key)
        p = p->chained;
    return p;
}

static int grow_slots(struct lg_fold *f)
{
    const size_t n = f->nslots ? f->nslots * 4 : SLOTS_FIRST;
    struct lg_fold_part **slots = lg_arena_alloc(f->arena, n * sizeof(*slots));

    if (!slots)
        return f->arena->err;
    f->slots = slots;
    f->nslots = n;
    for (struct lg_fold_part *p = f->part; p; p = p->next) {
        slots = slot_of(f, p->key);
        p->chained = *slots;
        *slots = p;
    }
    return 0;
}

/* Made if it is new; NULL without memory. */
static struct lg_ir_choice *choice_of(struct lg_fold *f, uint16_t index)
{
    const struct lg_fold_part *p = index ? find(f, key_of(index, 0)) : NULL;
    struct lg_ir_choice *at = p ? p->choice : &f->answer.first;
    struct lg_ir_choice *made;

    while (at->next && at->next->index <= index)
        at = at->next;
    if (at->index == index)
        return at;
    made = lg_arena_new(f->arena, struct lg_ir_choice);
    if (made) {
        *made = (struct lg_ir_choice){.next = at->next, .index = index};
        at->next = made;
    }
    return made;
}

static int32_t index_of(const struct lg_ir_part *part)
{
    return (int32_t)(uint32_t)((const struct lg_fold_part *)part)->key;
}

/* Where a part belongs in its choice: behind the one before it. */
static struct lg_ir_part **place_of(struct lg_fold *f,
                                    struct lg_ir_choice *choice, int32_t index)
{
    struct lg_fold_part *before =
        index > 0 ? find(f, key_of(choice->index, index - 1)) : NULL;
    struct lg_ir_part **at = before ? &before->part.next : &choice->parts;

    while (*at && index_of(*at) < index)
        at = &(*at)->next;
    return at;
}

static int open_part(struct lg_fold *f, const struct lg_ir_event *ev,
                     enum lg_part_kind kind, struct lg_fold_part **out)
{
    struct lg_ir_choice *choice = choice_of(f, ev->choice);
    struct lg_ir_part **place;
    struct lg_fold_part **slot;
    struct lg_fold_part *p;
    int err = f->nparts == f->nslots ? grow_slots(f) : 0;

    if (err)
        return err;
    p = lg_arena_new(f->arena, struct lg_fold_part);
    if (!choice || !p)
        return f->arena->err;
    p->part.kind = (uint8_t)kind;
    p->part.tok = LG_NOWHERE;
    p->choice = choice;
    p->key = key_of(ev->choice, ev->index);
    lg_buf_init(&p->text, f->max);
    lg_buf_init(&p->citations, f->max);
    place = place_of(f, choice, ev->index);
    p->part.next = *place;
    *place = &p->part;
    slot = slot_of(f, p->key);
    p->chained = *slot;
    *slot = p;
    p->next = f->part;
    f->part = *out = p;
    f->nparts++;
    return 0;
}

/* The part that an event speaks of; one that nobody opened opens as `kind`. */
static int part_of(struct lg_fold *f, const struct lg_ir_event *ev,
                   enum lg_part_kind kind, struct lg_fold_part **out)
{
    int err = 0;

    *out = find(f, key_of(ev->choice, ev->index));
    if (!*out)
        err = open_part(f, ev, kind, out);
    if (!err)
        f->open = *out;
    return err;
}

/* The value that a part's pieces make; NULL if it is not made of pieces. */
static struct lg_ir_val *pieced(struct lg_ir_part *part)
{
    switch ((enum lg_part_kind)part->kind) {
    case LG_PART_TOOL_CALL:
        return part->custom ? &part->text : &part->json;
    case LG_PART_TEXT:
    case LG_PART_THINKING:
    case LG_PART_REFUSAL:
        return &part->text;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        break;
    }
    return NULL;
}

/* What a PART event says of its part. Said again, it adds to what was said. */
static int describe(struct lg_fold *f, struct lg_fold_part *p,
                    const struct lg_ir_part *said)
{
    struct lg_ir_part from = *said;
    struct lg_ir_val *const value = pieced(&from);
    const struct lg_ir_val start = value ? *value : (struct lg_ir_val){0};
    int err;

    if (value)
        *value = (struct lg_ir_val){0};
    from.citations = (struct lg_ir_val){0};
    err = copy_part(f->arena, &p->part, &from, NESTED_MAX);
    if (!err && lg_ir_has(&start)) {
        const int in_place = value == &from.json && !start.in_string;

        if (in_place || p->in_place)
            lg_buf_reset(&p->text);
        if (in_place)
            *pieced(&p->part) = start; /* its kind; show() puts the text */
        p->in_place = in_place;
        err = lg_buf_str(&p->text, start.s);
    }
    if (!err && said->citations.kind == LG_JSON_ARRAY) {
        lg_buf_reset(&p->citations);
        err = lg_buf_str(&p->citations, lg_str_trim(said->citations.s));
    }
    return err;
}

static int add_piece(struct lg_fold_part *p, struct lg_str piece)
{
    if (p->in_place) { /* an empty object that stood for what comes now */
        lg_buf_reset(&p->text);
        p->in_place = 0;
    }
    return lg_buf_str(&p->text, piece);
}

/* The array is closed after each, so that it can be shown at any time. */
static int add_citation(struct lg_fold_part *p, const struct lg_ir_val *val)
{
    struct lg_buf *b = &p->citations;
    struct lg_jw w = {.out = b};

    if (!lg_buf_room(b, val->s.n + sizeof("[\"\",]")))
        return b->err;
    if (b->n)
        b->n = lg_str_trim(lg_str_from(b->p, b->n - 1)).n;
    else
        lg_jw_arr(&w);
    if (val->kind == LG_JSON_STRING)
        lg_jw_body(&w, val->s);
    else
        lg_jw_raw(&w, val->s);
    lg_jw_arr_end(&w);
    return b->err;
}

/* ---- events ------------------------------------------------------------- */

/* The raw object lives in two arenas in turn, so that an answer which tells
 * its usage with every piece does not grow. */
static int add_usage(struct lg_fold *f, const struct lg_ir_usage *usage)
{
    struct lg_arena *arena = &f->usage[f->turn];

    if (lg_ir_has(&usage->raw)) {
        f->turn = !f->turn;
        lg_arena_reset(arena);
    }
    return lg_usage_merge(&f->answer.usage, usage, arena);
}

static int fold_part_event(struct lg_fold *f, const struct lg_ir_event *ev)
{
    static const uint8_t kinds[] = {[LG_EV_TEXT] = LG_PART_TEXT,
                                    [LG_EV_THINKING] = LG_PART_THINKING,
                                    [LG_EV_REFUSAL] = LG_PART_REFUSAL,
                                    [LG_EV_INPUT] = LG_PART_TOOL_CALL,
                                    [LG_EV_SIGNATURE] = LG_PART_THINKING,
                                    [LG_EV_CITATION] = LG_PART_TEXT};
    const uint8_t kind =
        ev->kind == LG_EV_PART ? ev->u.part->kind : kinds[ev->kind];
    struct lg_fold_part *p;
    int err;

    if (f->mode == LG_FOLD_USAGE)
        return 0;
    err = part_of(f, ev, (enum lg_part_kind)kind, &p);
    if (err)
        return err;
    if (ev->kind == LG_EV_PART)
        return describe(f, p, ev->u.part);
    if (ev->kind == LG_EV_SIGNATURE)
        return copy_blob(f->arena, &p->part.blob, ev->u.blob);
    if (ev->kind == LG_EV_CITATION)
        return add_citation(p, ev->u.val);
    return add_piece(p, ev->text);
}

static LG_APART int fold(struct lg_fold *f, const struct lg_ir_event *ev)
{
    struct lg_ir_choice *choice;

    switch ((enum lg_event_kind)ev->kind) {
    case LG_EV_START:
        return copy_head(f->arena, &f->answer.head, ev->u.head);
    case LG_EV_PART:
    case LG_EV_TEXT:
    case LG_EV_THINKING:
    case LG_EV_REFUSAL:
    case LG_EV_INPUT:
    case LG_EV_SIGNATURE:
    case LG_EV_CITATION:
        return fold_part_event(f, ev);
    case LG_EV_STOP:
        choice = choice_of(f, ev->choice);
        return choice ? copy_stop(f->arena, &choice->stop, ev->u.stop)
                      : f->arena->err;
    case LG_EV_USAGE:
        return add_usage(f, ev->u.usage);
    case LG_EV_END:
        f->answer.complete = 1;
        return 0;
    case LG_EV_PART_END:
    case LG_EV_PING:
    case LG_EV_ERROR:
    case LG_EV_OPAQUE:
        break;
    }
    return 0;
}

static inline int is_piece(unsigned kind)
{
    return kind - LG_EV_TEXT <= LG_EV_INPUT - LG_EV_TEXT;
}

int lg_fold_event(struct lg_fold *f, const struct lg_ir_event *ev)
{
    struct lg_fold_part *p = f->open;

    if (LG_LIKELY(p && is_piece(ev->kind) && !p->in_place &&
                  p->key == key_of(ev->choice, ev->index))) {
        if (LG_LIKELY(lg_buf_fits(&p->text, ev->text.n))) {
            memcpy(p->text.p + p->text.n, ev->text.p, ev->text.n);
            lg_buf_claim(&p->text, ev->text.n);
            return 0;
        }
        f->err = lg_buf_str(&p->text, ev->text);
    } else if (!f->err) {
        f->err = fold(f, ev);
    }
    if (f->err)
        f->open = NULL;
    return f->err;
}

/* Point the part's values to what its buffers hold by now. */
static void show(struct lg_fold_part *p)
{
    struct lg_ir_val *value = pieced(&p->part);

    if (!value && p->text.n)
        value = &p->part.text;
    if (value) {
        value->s = lg_buf_span(&p->text);
        if (!p->in_place) {
            value->kind = LG_JSON_STRING;
            value->tok = p->part.tok;
            value->in_string = value == &p->part.json;
        }
    }
    if (p->citations.n)
        p->part.citations = (struct lg_ir_val){lg_buf_span(&p->citations),
                                               p->part.tok, LG_JSON_ARRAY, 0};
}

const struct lg_ir_answer *lg_fold_answer(struct lg_fold *f)
{
    for (struct lg_fold_part *p = f->part; p; p = p->next)
        show(p);
    return &f->answer;
}
