/* SPDX-License-Identifier: MIT
 *
 * The results of tools. Theirs are objects, of which "output" and "error" are
 * what the others' texts are. */
#include "lib/format/gemini.h"

#include "lib/json/text.h"

/* ---- reading ------------------------------------------------------------ */

static int add_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_ir_part *text = lg_arena_new(c->arena, struct lg_ir_part);
    int rc = 0;

    if (!text)
        return lg_no_room(c);
    text->kind = LG_PART_TEXT;
    text->tok = v.i;
    text->text = lg_ir_of(v);
    if (text->text.kind != LG_JSON_STRING)
        rc = lg_escaped(c, text->text.s, &text->text.s);
    text->text.kind = LG_JSON_STRING;
    p->parts = text;
    p->form |= LG_FORM_BARE;
    return rc;
}

/* The one member of an object; absent if there are none or more. */
static struct lg_iter only_member(struct lg_val v)
{
    struct lg_iter it = lg_iter_of(v);
    struct lg_iter none = {.val = {0}};

    if (lg_val_kind(v) != LG_JSON_OBJECT || !lg_iter_next(&it) ||
        it.next < it.end)
        return none;
    return it;
}

static int is_output(const struct lg_iter *it)
{
    return it->val.doc && lg_val_is(it->key, "output") &&
           lg_val_kind(it->val) != LG_JSON_OBJECT;
}

static int is_error(const struct lg_iter *it)
{
    return it->val.doc && lg_val_is(it->key, "error");
}

int lg_gm_result_read(struct lg_ctx *c, struct lg_val inner,
                      struct lg_ir_part *p)
{
    struct lg_val response, parts;
    struct lg_iter only, it;
    struct lg_ir_part **end;
    int rc;

    if (c->keep_extras)
        return lg_get(c, inner, &p->extra, LG_GM_INNER, "id$ name$ response",
                      &p->id, &p->name, &p->json);
    rc = lg_get(c, inner, &p->extra, LG_GM_INNER,
                "id$ name$ response= parts=", &p->id, &p->name, &response,
                &parts);
    only = only_member(response);
    if (rc >= 0 && is_error(&only)) {
        p->is_error = lg_ir_of(only.val);
        p->is_error.s = LG_STR("true");
        p->is_error.kind = LG_JSON_TRUE;
    }
    if (rc >= 0 && (is_error(&only) || is_output(&only)))
        rc = add_text(c, only.val, p);
    else if (rc >= 0 && lg_val_kind(response) > LG_JSON_NULL &&
             !lg_str_is(lg_val_raw(response), "{}"))
        rc = add_text(c, response, p);
    end = p->parts ? &p->parts->next : &p->parts;
    it = lg_iter_of(parts);
    while (rc >= 0 && lg_val_kind(parts) == LG_JSON_ARRAY && lg_iter_next(&it))
        rc = lg_gm_part_read(c, it.val, 0, &end);
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

/* Where a call of this id is, or would be. */
static const struct lg_ir_part **slot_of(const struct lg_gm_writer *g,
                                         struct lg_str id)
{
    uint32_t hash = 2166136261u;
    size_t at;

    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * 16777619u;
    at = hash & (g->nslots - 1);
    while (g->calls[at] && !lg_str_same(g->calls[at]->id.s, id))
        at = (at + 1) & (g->nslots - 1);
    return &g->calls[at];
}

int lg_gm_calls_index(struct lg_gm_writer *g)
{
    size_t n = 0;

    for (int pass = 0; pass < 2; pass++) {
        const struct lg_ir_message *m = g->r->messages;

        for (; m; m = m->next)
            for (const struct lg_ir_part *p = m->parts; p; p = p->next)
                if (p->kind != LG_PART_TOOL_CALL)
                    continue;
                else if (!pass)
                    n++;
                else if (!*slot_of(g, p->id.s))
                    *slot_of(g, p->id.s) = p;
        if (pass)
            break;
        for (g->nslots = 4; g->nslots < 2 * n; g->nslots *= 2)
            continue;
        g->calls = lg_arena_alloc(g->w.c->arena, g->nslots * sizeof(*g->calls));
        if (!g->calls)
            return lg_no_room(g->w.c);
    }
    return 0;
}

static struct lg_str text_of(const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL)
        return p->text.s;
    return p->kind == LG_PART_DOCUMENT && p->media.source == LG_MEDIA_TEXT
               ? p->media.data.s
               : (struct lg_str){0};
}

static int is_media(const struct lg_ir_part *p)
{
    return p->kind == LG_PART_IMAGE || p->kind == LG_PART_AUDIO ||
           (p->kind == LG_PART_DOCUMENT && p->media.source != LG_MEDIA_TEXT &&
            p->media.source != LG_MEDIA_PARTS);
}

/* All texts of a result, one under the other; NULL: there is none. */
static struct lg_str join_texts(struct lg_gm_writer *g,
                                const struct lg_ir_part *p)
{
    struct lg_str all = {0};
    struct lg_buf b;
    size_t n = 0;

    for (const struct lg_ir_part *q = p->parts; q; q = q->next)
        if (text_of(q).p) {
            all = text_of(q);
            n++;
        }
    if (n < 2)
        return all;
    lg_buf_init(&b, SIZE_MAX / 8);
    for (const struct lg_ir_part *q = p->parts; q; q = q->next) {
        if (text_of(q).p && n-- && b.n)
            (void)lg_buf_lit(&b, "\\n");
        (void)lg_buf_str(&b, text_of(q));
    }
    all = lg_str_from(lg_arena_dup(g->w.c->arena, lg_buf_span(&b)), b.n);
    if (b.err || !all.p)
        lg_writer_fail(&g->w, lg_fail_mem(g->w.c->err, LLMGW_E_NOMEM));
    lg_buf_done(&b);
    lg_put_lose(&g->w, p->tok, LG_APPROXIMATED,
                "the texts of a result become one");
    return all;
}

/* Text that is a JSON value and would be read back as that text: what it may
 * be written as. */
static int is_value(struct lg_ctx *c, struct lg_str text, int failed,
                    int *object)
{
    struct lg_json doc;
    struct lg_iter only;

    if (!text.n || text.p[0] == '"' || lg_str_trim(text).n != text.n ||
        lg_json_read(&doc, c->arena, text, NULL) < 0)
        return 0;
    only = only_member(lg_json_root(&doc));
    *object = text.p[0] == '{';
    return failed || !*object ||
           (doc.n > 1 && !is_error(&only) && !is_output(&only));
}

static void write_response(struct lg_gm_writer *g, const struct lg_ir_part *p)
{
    const struct lg_str body = join_texts(g, p);
    const int failed = lg_ir_true(&p->is_error);
    struct lg_writer *w = &g->w;
    struct lg_buf text;
    int object = 0;

    lg_put(w, "'response':");
    lg_buf_init(&text, body.n);
    if (body.n && lg_json_unescape(&text, body, LG_TO_JSON))
        lg_writer_fail(w, lg_fail_mem(w->c->err, text.err));
    if (!body.p && !failed)
        lg_put(w, "{}");
    else if (!is_value(w->c, lg_buf_span(&text), failed, &object))
        lg_put(w, "{%k:%b}", failed ? "error" : "output",
               body.p ? body : LG_STR(""));
    else if (object && !failed)
        lg_jw_raw(&w->jw, lg_buf_span(&text));
    else
        lg_put(w, "{%k:%j}", failed ? "error" : "output", lg_buf_span(&text));
    lg_buf_done(&text);
}

/* Media of a result stand beside its response; what is neither is lost. */
static void write_media(struct lg_gm_writer *g, const struct lg_ir_part *p)
{
    const size_t mark = g->w.jw.out->n;

    lg_put(&g->w, "'parts':[");
    for (const struct lg_ir_part *q = p->parts; q; q = q->next) {
        if (is_media(q)) {
            lg_gm_media_write(g, q, NULL);
            continue;
        }
        if (!text_of(q).p)
            lg_put_lose(&g->w, q->tok, LG_DROPPED,
                        "a part that no result has in " LG_GM_NAME);
        lg_put_drop(&g->w, &q->cache, LG_GM_UNKNOWN);
        lg_put_drop(&g->w, &q->citations, LG_GM_UNKNOWN);
        lg_put_lose_extras(&g->w, q->extra);
    }
    if (lg_writer_is_empty(&g->w))
        lg_writer_undo(&g->w, mark);
    else
        lg_put(&g->w, "]");
}

void lg_gm_result_write(struct lg_gm_writer *g, const struct lg_ir_part *p,
                        const struct lg_ir_val *sig)
{
    const struct lg_ir_val none = lg_ir_none;
    const struct lg_ir_part *call;
    const struct lg_ir_val *name = &p->name;
    struct lg_writer *w = &g->w;

    if (w->own) {
        lg_put(w,
               "{'functionResponse':{'id':%v,'name':%v,'response':%v,%x},"
               "'thoughtSignature':%v,%x}",
               &p->id, name, &p->json, p->extra, LG_GM_INNER, sig ? sig : &none,
               p->extra, LG_GM_SELF);
        return;
    }
    call = *slot_of(g, p->id.s);
    if (call)
        name = &call->name;
    else if (!lg_ir_has(name))
        name = &p->id;
    if (!call)
        lg_put_lose(w, p->tok, LG_APPROXIMATED,
                    "a result that answers no call");
    lg_put(w, "{'functionResponse':{'id':%o,'name':%o",
           w->c->policy->gemini_vertex ? &none : &p->id, name);
    write_response(g, p);
    write_media(g, p);
    lg_put(w, "},%x}", p->extra, LG_GM_SELF);
    lg_put_drop(w, &p->cache, LG_GM_UNKNOWN);
}
