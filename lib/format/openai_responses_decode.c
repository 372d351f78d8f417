/* SPDX-License-Identifier: MIT
 *
 * A stream read. What it says is said up to three times: in pieces, as a
 * piece is done, as its item is done. The first that comes is taken. */
#include "lib/format/openai_responses.h"

#define OPEN_MAX 1024 /* each is looked for among all */

/* One frame being read. */
struct run {
    struct lg_ir_sink sink; /* first member: counts what goes ... */
    struct lg_ir_sink *to;  /* ... to theirs */
    struct lg_ctx *c;
    struct lg_or_decoder *d;
    struct lg_val root;
    unsigned puts;
    int changed; /* state that later frames depend on */
    struct lg_ir_event last;
};

static int run_put(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct run *r = (struct run *)self;

    r->puts++;
    r->last = *ev;
    return r->to->put(r->to, ev);
}

static struct lg_val get(const struct run *r, const char *name)
{
    return lg_val_get(r->root, name);
}

static int64_t number(const struct run *r, const char *name)
{
    return lg_count_of(r->root, name);
}

/* ---- parts that are open ------------------------------------------------ */

static struct lg_or_open *find(const struct run *r, int64_t item,
                               int64_t content)
{
    struct lg_or_open *o = r->d->open;

    while (o && (o->item != item || o->content != content))
        o = o->next;
    return o;
}

static int add(struct run *r, int64_t item, int64_t content,
               enum lg_part_kind kind, struct lg_or_open **out)
{
    struct lg_or_open *o = r->d->spare;

    r->changed = 1;
    if (o)
        r->d->spare = o->next;
    else if (r->d->nopen++ < OPEN_MAX)
        o = lg_arena_new(r->c->keep, struct lg_or_open);
    else
        return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many open items");
    if (!o)
        return lg_no_keep(r->c);
    *o = (struct lg_or_open){
        .next = r->d->open,
        .item = item,
        .content = content,
        .at = {.index = r->d->parts++, .kind = (uint8_t)kind}};
    r->d->open = *out = o;
    if (item >= r->d->items && item < INT32_MAX)
        r->d->items = item + 1;
    return 0;
}

/* Close one that was told to its end. */
static void drop(struct run *r, struct lg_or_open *o)
{
    struct lg_or_open **at = &r->d->open;

    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    o->next = r->d->spare;
    r->d->spare = o;
    r->changed = 1;
}

/* Tell that it opens, unless that was told. */
static int open_part(struct run *r, struct lg_or_open *o,
                     const struct lg_ir_part *p)
{
    if (o->at.opened)
        return 0;
    o->at.opened = 1;
    o->at.kind = p->kind;
    r->changed = 1;
    return lg_sink_put(&r->sink, LG_EV_PART, 0, o->at.index, p, NULL);
}

/* ---- pieces ------------------------------------------------------------- */

/* The events that speak of a piece: a part of which kind it belongs to, and
 * what it is once it is done. */
static const struct kind {
    const char *prefix; /* .delta, .done */
    const char *done;
    uint8_t kind, event;
} kinds[] = {
    {"response.output_text", "text", LG_PART_TEXT, LG_EV_TEXT},
    {"response.function_call_arguments", "arguments", LG_PART_TOOL_CALL,
     LG_EV_INPUT},
    {"response.reasoning_summary_text", "text", LG_PART_THINKING,
     LG_EV_THINKING},
    {"response.reasoning_text", "text", LG_PART_THINKING, LG_EV_THINKING},
    {"response.refusal", "refusal", LG_PART_REFUSAL, LG_EV_REFUSAL},
    {"response.custom_tool_call_input", "input", LG_PART_TOOL_CALL,
     LG_EV_INPUT},
};

/* Only a message has several parts. */
static int64_t content_of(const struct run *r, uint8_t kind)
{
    const int64_t n = number(r, "content_index");

    return (kind == LG_PART_TEXT || kind == LG_PART_REFUSAL) && n > 0 ? n : 0;
}

/* The part of that kind which a frame speaks of; NULL: none of that kind. */
static int part_of(struct run *r, uint8_t kind, struct lg_or_open **out)
{
    struct lg_ir_part part = {.kind = kind, .tok = LG_NOWHERE};
    const int64_t item = number(r, "output_index");
    const int64_t content = content_of(r, kind);
    int rc = 0;

    if (!content)
        part.form = LG_OR_BEGINS;
    *out = find(r, item, content);
    if (!*out && kind != LG_PART_TOOL_CALL)
        rc = add(r, item, content, (enum lg_part_kind)kind, out);
    if (rc < 0 || !*out)
        return rc;
    if ((*out)->at.opened ? (*out)->at.ended || (*out)->at.kind != kind
                          : kind == LG_PART_TOOL_CALL)
        *out = NULL;
    return *out ? open_part(r, *out, &part) : 0;
}

static int read_piece(struct run *r, const struct kind *k, const char *name)
{
    const struct lg_str text = lg_val_body(get(r, name));
    const int is_done = strcmp(name, "delta") != 0;
    struct lg_or_open *o = NULL;
    int rc = text.n ? part_of(r, k->kind, &o) : 0;

    if (rc < 0 || !o || (is_done && o->at.said))
        return rc;
    r->changed |= !o->at.said;
    o->at.said = 1;
    return lg_sink_text(&r->sink, (enum lg_event_kind)k->event, 0, o->at.index,
                        text);
}

/* Thinking goes on in another piece. */
static int read_break(struct run *r)
{
    struct lg_or_open *o = find(r, number(r, "output_index"), 0);

    if (!o || o->at.kind != LG_PART_THINKING || !o->at.said)
        return 0;
    return lg_sink_text(&r->sink, LG_EV_THINKING, 0, o->at.index,
                        LG_STR(LG_OR_BREAK));
}

static int read_content_added(struct run *r)
{
    const struct lg_val part = get(r, "part");
    const struct lg_val type = lg_val_get(part, "type");
    const struct lg_ir_part other = {
        .kind = LG_PART_OPAQUE, .tok = LG_NOWHERE, .json = lg_ir_of(part)};
    const int64_t item = number(r, "output_index");
    const int64_t content = content_of(r, LG_PART_TEXT);
    struct lg_or_open *o;
    int rc = 0;

    if (lg_val_is(type, "reasoning_text"))
        return read_break(r);
    if (lg_val_is(type, "output_text"))
        return part_of(r, LG_PART_TEXT, &o);
    if (lg_val_is(type, "refusal"))
        return part_of(r, LG_PART_REFUSAL, &o);
    o = find(r, item, content);
    if (!o)
        rc = add(r, item, content, LG_PART_OPAQUE, &o);
    return rc < 0 ? rc : open_part(r, o, &other);
}

static int read_content_done(struct run *r)
{
    const int64_t content = content_of(r, LG_PART_TEXT);
    struct lg_or_open *o = find(r, number(r, "output_index"), content);
    struct lg_ir_part part = {.tok = LG_NOWHERE};
    int rc;

    if (!o || !o->at.opened || o->at.ended ||
        (o->at.kind != LG_PART_TEXT && o->at.kind != LG_PART_REFUSAL))
        return 0;
    rc = lg_or_content_one(r->c, get(r, "part"), &part);
    if (rc < 0 || part.kind != o->at.kind)
        return rc;
    o->at.ended = 1;
    return lg_or_part_put(r->c, &part, &o->at, &r->sink);
}

static int read_annotation(struct run *r)
{
    const struct lg_ir_val val = lg_ir_of(get(r, "annotation"));
    struct lg_or_open *o;
    const int rc = part_of(r, LG_PART_TEXT, &o);

    if (rc < 0 || !o || val.kind != LG_JSON_OBJECT)
        return rc;
    o->at.cited++;
    return lg_sink_put(&r->sink, LG_EV_CITATION, 0, o->at.index, &val, NULL);
}

/* ---- items -------------------------------------------------------------- */

/* Its place is taken as it is added. What is of no known kind is told then, and
 * again when all of it is known; thinking only once it says something. */
static int read_item_added(struct run *r)
{
    const struct lg_val item = get(r, "item");
    const struct lg_val type = lg_val_get(item, "type");
    const int64_t index = number(r, "output_index");
    struct lg_ir_extra *extra = NULL;
    struct lg_ir_part *p = NULL, **end = &p;
    struct lg_or_open *o = find(r, index, 0);
    int rc = o ? 0 : add(r, index, 0, LG_PART_OPAQUE, &o);

    if (rc < 0)
        return rc;
    if (lg_val_is(type, "reasoning"))
        o->at.kind = LG_PART_THINKING;
    rc = lg_or_item_read(r->c, item, &end, &extra);
    if (rc < 0 || !p || o->at.kind == LG_PART_THINKING ||
        (p->kind != LG_PART_TOOL_CALL && p->kind != LG_PART_OPAQUE) ||
        lg_val_is(type, "message"))
        return rc;
    p->extra = NULL;
    if (p->kind == LG_PART_TOOL_CALL)
        p->text = p->json = lg_ir_none;
    return open_part(r, o, p);
}

static void count(struct run *r, const struct lg_ir_part *p)
{
    r->d->calls += p->kind == LG_PART_TOOL_CALL;
    r->d->refusals += p->kind == LG_PART_REFUSAL;
}

/* What an item is in the end: whatever was not told yet. */
static int finish_item(struct run *r, struct lg_val item, int64_t index)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_ir_part *p = NULL, **end = &p;
    struct lg_or_open *o;
    int64_t content = 0;
    int rc = lg_or_item_read(r->c, item, &end, &extra);

    for (; p && rc >= 0; p = p->next, content++) {
        o = find(r, index, content);
        if (!o)
            rc = add(r, index, content, (enum lg_part_kind)p->kind, &o);
        if (rc < 0)
            break;
        count(r, p);
        if (p->kind == LG_PART_OPAQUE)
            o->at.opened = 0; /* it is told again, whole */
        if (o->at.ended)
            rc = 0;
        else if (!o->at.opened || o->at.kind == p->kind)
            rc = lg_or_part_put(r->c, p, &o->at, &r->sink);
        else
            rc = lg_sink_put(&r->sink, LG_EV_PART_END, 0, o->at.index, NULL,
                             NULL);
        drop(r, o);
    }
    return rc;
}

/* Close what was opened and has no end: of an item, or (-1) of all. */
static int close_rest(struct run *r, int64_t item)
{
    struct lg_or_open *o = r->d->open, *next;
    int rc = 0;

    for (; o && rc >= 0; o = next) {
        next = o->next;
        if (item >= 0 && o->item != item)
            continue;
        if (o->at.opened) {
            const struct lg_ir_part part = {.kind = o->at.kind};

            count(r, &part);
            if (!o->at.ended)
                rc = lg_sink_put(&r->sink, LG_EV_PART_END, 0, o->at.index, NULL,
                                 NULL);
        }
        drop(r, o);
    }
    return rc;
}

static int read_item_done(struct run *r)
{
    const int64_t index = number(r, "output_index");
    const int rc = finish_item(r, get(r, "item"), index);

    return rc < 0 ? rc : close_rest(r, index);
}

/* ---- the response ------------------------------------------------------- */

static int start(struct run *r)
{
    struct lg_ir_head head = {.extra = NULL};

    if (r->d->started)
        return 0;
    r->d->started = 1;
    r->changed = 1;
    lg_or_head_read(get(r, "response"), &head);
    return lg_sink_put(&r->sink, LG_EV_START, 0, -1, &head, NULL);
}

/* Some tell the whole response at its end and nothing before. */
static int finish_items(struct run *r, struct lg_val output)
{
    struct lg_iter it = lg_iter_of(output);
    int64_t index = 0;
    int rc = 0;

    for (; rc >= 0 && lg_iter_next(&it); index++)
        if (index >= r->d->items || find(r, index, 0))
            rc = finish_item(r, it.val, index);
    return rc;
}

static int read_terminal(struct run *r)
{
    const struct lg_val response = get(r, "response");
    int rc = finish_items(r, lg_val_get(response, "output"));

    if (rc >= 0)
        rc = close_rest(r, -1);
    r->d->over = 1;
    if (rc >= 0)
        rc = lg_or_end_put(r->c, response, r->d->calls, r->d->refusals,
                           &r->sink);
    r->d->complete = rc >= 0 && r->last.kind == LG_EV_END;
    return rc;
}

static int read_error(struct run *r)
{
    const struct lg_val error = get(r, "error");

    r->d->over = 1;
    return lg_or_error_put(
        r->c, lg_val_kind(error) == LG_JSON_OBJECT ? error : r->root, &r->sink);
}

static int read_nothing(struct run *r)
{
    (void)r;
    return 0;
}

static int read_other(struct run *r)
{
    const struct lg_ir_val val = lg_ir_of(r->root);
    const struct lg_ir_event ev = {.kind = LG_EV_OPAQUE,
                                   .index = -1,
                                   .name = lg_val_body(get(r, "type")),
                                   .u.val = &val};

    return r->sink.put(&r->sink, &ev);
}

/* ---- frames ------------------------------------------------------------- */

static const struct {
    const char *type;
    int (*read)(struct run *);
} frames[] = {
    {"response.created", start},
    {"response.queued", start},
    {"response.in_progress", start},
    {"response.output_item.added", read_item_added},
    {"response.output_item.done", read_item_done},
    {"response.content_part.added", read_content_added},
    {"response.content_part.done", read_content_done},
    {"response.output_text.annotation.added", read_annotation},
    {"response.reasoning_summary_part.added", read_break},
    {"response.reasoning_summary_part.done", read_nothing},
    {"response.completed", read_terminal},
    {"response.incomplete", read_terminal},
    {"response.failed", read_terminal},
    {"error", read_error},
};

static int read_frame(struct run *r)
{
    const struct lg_str type = lg_val_body(get(r, "type"));
    int rc;

    for (size_t i = 0; i < LG_COUNT(kinds); i++) {
        const struct lg_str prefix = lg_str_of(kinds[i].prefix);

        if (!lg_str_starts(type, prefix))
            continue;
        if (lg_str_is(lg_str_from(type.p + prefix.n, type.n - prefix.n),
                      ".delta"))
            return read_piece(r, &kinds[i], "delta");
        if (lg_str_is(lg_str_from(type.p + prefix.n, type.n - prefix.n),
                      ".done"))
            return read_piece(r, &kinds[i], kinds[i].done);
    }
    for (size_t i = 0; i < LG_COUNT(frames); i++)
        if (lg_str_is(type, frames[i].type)) {
            rc = frames[i].read == read_error ? 0 : start(r);
            return rc < 0 ? rc : frames[i].read(r);
        }
    return lg_val_kind(get(r, "error")) == LG_JSON_OBJECT ? read_error(r)
                                                          : read_other(r);
}

/* Was the frame nothing but a piece of a part that is open? Then others of
 * its shape need not be read. */
static int is_plain(const struct run *r, struct lg_str data)
{
    const uintptr_t at = (uintptr_t)r->last.text.p, from = (uintptr_t)data.p;

    return r->puts == 1 && !r->changed && r->last.text.n && at > from &&
           at - from < data.n;
}

int lg_or_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink)
{
    struct run r = {.sink = {run_put}, .to = sink, .c = c, .d = dec};
    const struct lg_str data = lg_str_trim(f->data);
    struct lg_json doc;
    struct lg_val n;
    int repaired = 0, rc;

    if (r.d->over || !f->data.p || !data.n ||
        lg_str_starts(data, LG_STR("[DONE]"))) /* of some gateways */
        return 0;
    rc = lg_frame_json(c, data, &doc, &repaired, c->err);
    if (rc)
        return rc;
    r.root = lg_json_root(&doc);
    rc =
        lg_val_kind(r.root) == LG_JSON_OBJECT ? read_frame(&r) : read_other(&r);
    if (rc >= 0 && !repaired && is_plain(&r, f->data)) {
        n = get(&r, "sequence_number");
        c->plain = 1;
        c->hole = lg_val_body(get(&r, "obfuscation"));
        if (lg_val_kind(n) == LG_JSON_NUMBER)
            c->number = lg_val_raw(n);
    }
    return lg_protocol(c, rc);
}

int lg_or_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink)
{
    const struct lg_or_decoder *d = dec;

    (void)sink;
    if (d->complete)
        return 0;
    return lg_fail(c->err, LLMGW_E_TRUNCATED, NULL,
                   "the stream ended before its response was complete");
}
