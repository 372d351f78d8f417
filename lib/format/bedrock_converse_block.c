/* SPDX-License-Identifier: MIT
 *
 * Content blocks, written. */
#include "lib/format/bedrock_converse.h"

#include "lib/format/function.h"
#include "lib/format/turn.h"

#define ID_MAX   64
#define NAME_MAX 200

/* Leave out what has no place here. */
static void drop(struct lg_bc_writer *b, const struct lg_ir_part *p,
                 const char *reason)
{
    lg_put_lose(&b->w, p->tok, LG_DROPPED, reason);
}

/* The block ends: what it holds, then the block itself. */
static void close_block(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    lg_put(&b->w, "%x},%x}", p->extra, LG_BC_INNER, p->extra, LG_BC_NODE);
}

void lg_bc_write_cache(struct lg_bc_writer *b, const struct lg_ir_val *cache)
{
    struct lg_ir_val ttl = {.kind = LG_JSON_NONE};
    struct lg_json doc;

    if (!lg_ir_has(cache))
        return;
    if (lg_json_read(&doc, b->w.c->arena, cache->s, NULL) >= 0)
        ttl = lg_ir_of(lg_val_get(lg_json_root(&doc), "ttl"));
    lg_put(&b->w, "{'cachePoint':{'type':'default','ttl':%o}}", &ttl);
}

/* ---- text ------------------------------------------------------------------ */

static void write_text(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    struct lg_writer *w = &b->w;
    const struct lg_ir_val text = lg_words(w, p, b->prefill);

    if (!w->own && !text.s.n) /* refused by the API, and says nothing */
        return;
    b->texts++;
    if (w->own &&
        (p->form & LG_BC_FORM_CITED || p->citations.kind != LG_JSON_NONE)) {
        lg_put(w, "{'citationsContent':{'content':[{'text':%v}],'citations':%v",
               &text, &p->citations);
        close_block(b, p);
        return;
    }
    if (w->own && p->form & LG_BC_FORM_JSON && p->json.kind != LG_JSON_NONE)
        lg_put(w, "{'json':%v,%x}", &p->json, p->extra, LG_BC_NODE);
    else
        lg_put(w, "{'text':%v,%x}", &text, p->extra, LG_BC_NODE);
    if (!w->own)
        lg_put_drop(w, &p->citations, "citations of another format");
}

static void write_refusal(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    if (!p->text.s.n)
        return;
    b->texts++;
    lg_put(&b->w, "{'text':%v,%x}", &p->text, p->extra, LG_BC_NODE);
    if (b->r)
        lg_put_lose(&b->w, p->tok, LG_APPROXIMATED, "a refusal becomes a text");
}

/* ---- media ----------------------------------------------------------------- */

static int ends_with(struct lg_str s, const char *tail)
{
    const struct lg_str t = lg_str_of(tail);

    return s.n > t.n && s.p[s.n - t.n - 1] == '.' &&
           lg_str_same(lg_str_from(s.p + s.n - t.n, t.n), t);
}

/* Is it the type of this medium? A URL that has none tells it by its end. */
static int is_type(const struct lg_bc_medium *m, const struct lg_ir_media *it)
{
    if (lg_ir_has(&it->media_type) || it->source != LG_MEDIA_URL)
        return lg_ir_is(&it->media_type, m->type);
    return ends_with(it->data.s, m->format) ||
           ends_with(it->data.s, strchr(m->type, '/') + 1);
}

/* How the type is called here; NULL: it is not. */
static const char *format_of(const struct lg_bc_writer *b,
                             const struct lg_ir_part *p)
{
    const int alias = (p->form & LG_BC_FORM_ALIAS) != 0;

    for (const struct lg_bc_medium *m = lg_bc_media; m->kind; m++)
        if (m->kind == p->kind && is_type(m, &p->media) &&
            (!b->w.own || alias == m->alias))
            return m->format;
    if (b->w.own || lg_ir_has(&p->media.media_type) ||
        p->media.source != LG_MEDIA_BASE64)
        return NULL;
    return p->kind == LG_PART_IMAGE      ? "png"
           : p->kind == LG_PART_DOCUMENT ? "pdf"
                                         : NULL;
}

static int is_s3(const struct lg_ir_media *m)
{
    return lg_str_starts(m->data.s, LG_STR("s3://"));
}

/* Why a medium of another format cannot be written; NULL: it can. */
static const char *why_not(const struct lg_bc_writer *b,
                           const struct lg_ir_part *p)
{
    const int document = p->kind == LG_PART_DOCUMENT;

    if (b->w.own)
        return NULL;
    switch ((enum lg_media_source)p->media.source) {
    case LG_MEDIA_BASE64:
        return format_of(b, p) ? NULL : "a type of data unknown to " LG_BC_NAME;
    case LG_MEDIA_URL:
        if (is_s3(&p->media))
            return document || format_of(b, p) ? NULL : "of what type is it?";
        return "a URL is not fetched there";
    case LG_MEDIA_TEXT:
    case LG_MEDIA_PARTS:
        return document ? NULL : "no source that it could have";
    case LG_MEDIA_NONE:
    case LG_MEDIA_FILE:
        break;
    }
    return "a file of another provider";
}

/* A document must have a name, of but a few characters. */
static void write_name(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    const struct lg_str name = p->media.name.s;
    struct lg_writer *w = &b->w;
    size_t n = name.n < NAME_MAX ? name.n : NAME_MAX;
    int changed = n < name.n;
    char *clean;

    if (w->own) {
        lg_put(w, "'name':%o", &p->media.name);
        return;
    }
    if (!lg_ir_has(&p->media.name) || !n) {
        lg_put(w, "'name':%s", lg_reason(w->c, "document-%u", b->names++));
        lg_put_lose(w, p->tok, LG_APPROXIMATED, "a document must have a name");
        return;
    }
    clean = lg_arena_dup(w->c->arena, lg_str_from(name.p, n));
    if (!clean) {
        lg_writer_fail(w, lg_no_room(w->c));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char ch = clean[i];

        if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
            (ch >= '0' && ch <= '9') || strchr("-()[]", ch) ||
            (ch == ' ' && (!i || clean[i - 1] != ' ')))
            continue;
        clean[i] = '-';
        changed = 1;
    }
    lg_put(w, "'name':%b", lg_str_from(clean, n));
    if (changed)
        lg_put_lose(w, p->media.name.tok, LG_APPROXIMATED,
                    "a document's name may hold only letters, digits, spaces, "
                    "- ( ) [ ]");
}

static void write_source(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    const struct lg_ir_media *m = &p->media;
    const unsigned texts = b->texts;
    struct lg_writer *w = &b->w;

    lg_put(w, "'source':{");
    if (m->source == LG_MEDIA_BASE64) {
        lg_put(w, "'bytes':%v", &m->data);
    } else if (m->source == LG_MEDIA_TEXT) {
        lg_put(w, "'text':%v", &m->data);
    } else if (m->source == LG_MEDIA_PARTS) {
        lg_put(w, "'content':[");
        for (const struct lg_ir_part *q = p->parts; q; q = q->next)
            if (w->own || q->kind == LG_PART_TEXT)
                lg_bc_write_block(b, q);
            else
                drop(b, q, "a document is of texts");
        lg_put(w, "]");
        b->texts = texts;
    } else {
        lg_put(w, "'s3Location':{'uri':%v,%x}", &m->data, p->extra,
               LG_BC_DEEPER);
    }
    lg_put(w, "%x}", p->extra, LG_BC_DEEP);
}

static void write_media(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    static const char *const keys[] = {[LG_PART_IMAGE] = "image",
                                       [LG_PART_DOCUMENT] = "document",
                                       [LG_PART_AUDIO] = "audio"};
    const struct lg_ir_media *m = &p->media;
    const char *reason = why_not(b, p), *format;
    struct lg_writer *w = &b->w;

    if (reason) {
        drop(b, p, reason);
        return;
    }
    format = m->source == LG_MEDIA_TEXT && !w->own ? "txt" : format_of(b, p);
    lg_put(w, "{%k:{", keys[p->kind]);
    if (format && (m->source != LG_MEDIA_PARTS || w->own))
        lg_put(w, "'format':%s", format);
    if (p->kind == LG_PART_DOCUMENT) {
        b->documents++;
        write_name(b, p);
    } else {
        lg_put_drop(w, &m->name, "it has no name in " LG_BC_NAME);
    }
    write_source(b, p);
    close_block(b, p);
    lg_put_drop(w, &m->detail, "detail has no counterpart in " LG_BC_NAME);
}

/* ---- tools ----------------------------------------------------------------- */

static int is_id_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || strchr("_.:-", ch);
}

/* Call and result are written by one rule, so they still match. */
static void write_id(struct lg_bc_writer *b, const struct lg_ir_val *v)
{
    const struct lg_str s = lg_ir_has(v) ? v->s : LG_STR("");
    const size_t n = s.n < ID_MAX ? s.n : ID_MAX;
    struct lg_writer *w = &b->w;
    int changed = n < s.n;
    char *clean;

    if (w->own || (!b->r && s.n)) {
        lg_put(w, "'toolUseId':%v", v);
        return;
    }
    if (!n) {
        lg_put(w, "'toolUseId':%s", lg_reason(w->c, "tooluse_%u", b->calls++));
        return;
    }
    clean = lg_arena_dup(w->c->arena, lg_str_from(s.p, n));
    if (!clean) {
        lg_writer_fail(w, lg_no_room(w->c));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!is_id_char(clean[i])) {
            clean[i] = '_';
            changed = 1;
        }
    lg_put(w, "'toolUseId':%b", lg_str_from(clean, n));
    if (changed)
        lg_put_lose(w, v->tok, LG_APPROXIMATED,
                    "a tool id is of 64 letters, digits, _ . : - at most");
}

static void write_call(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    struct lg_writer *w = &b->w;

    lg_put(w, "{'toolUse':{");
    write_id(b, &p->id);
    lg_put(w, "'name':%o", &p->name);
    if (p->custom) {
        lg_put(w, "'input':{'input':%v}", &p->text);
    } else if (w->own && !p->json.in_string && (b->r || p->json.s.n)) {
        lg_put(w, "'input':%v", &p->json);
    } else {
        lg_put(w, "'input':");
        lg_put_object(w, &p->json);
    }
    close_block(b, p);
}

static void write_in_result(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    if (!b->w.own && p->kind != LG_PART_TEXT && p->kind != LG_PART_IMAGE &&
        p->kind != LG_PART_DOCUMENT && p->kind != LG_PART_REFUSAL) {
        drop(b, p, "no such thing in the result of a tool of " LG_BC_NAME);
        return;
    }
    lg_bc_write_block(b, p);
    lg_put_drop(&b->w, &p->cache, "no cache point within a result");
}

static void write_result(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    const unsigned texts = b->texts, documents = b->documents;
    struct lg_writer *w = &b->w;

    lg_put(w, "{'toolResult':{");
    write_id(b, &p->id);
    lg_put(w, "'content':[");
    for (const struct lg_ir_part *q = p->parts; q; q = q->next)
        write_in_result(b, q);
    lg_put(w, "]");
    if (lg_ir_has(&p->is_error))
        lg_put(w, "'status':%s",
               lg_ir_true(&p->is_error) ? "error" : "success");
    close_block(b, p);
    b->texts = texts; /* these are not the message's own */
    b->documents = documents;
}

/* ---- thinking --------------------------------------------------------------- */

/* Thinking is checked by its signature when it is sent; one to be read needs
 * none. */
static void write_thinking(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    const char *origin = p->blob.origin;
    const int ours = b->w.own || (lg_ir_has(&p->blob.val) && origin &&
                                  !strcmp(origin, LG_BC_NAME));
    struct lg_writer *w = &b->w;

    if (!ours && (b->r || p->kind == LG_PART_REDACTED)) {
        drop(b, p,
             p->kind == LG_PART_REDACTED
                 ? "thinking that only its origin reads"
                 : "thinking without a signature of " LG_BC_NAME);
        return;
    }
    lg_put(w, "{'reasoningContent':{");
    if (p->kind == LG_PART_REDACTED)
        lg_put(w, "'redactedContent':%v", &p->blob.val);
    else
        lg_put(w, "'reasoningText':{'text':%o,'signature':%v,%x}", &p->text,
               ours ? &p->blob.val : &lg_ir_none, p->extra, LG_BC_DEEP);
    close_block(b, p);
    if (!ours)
        lg_put_drop(w, &p->blob.val, "a signature of another format");
}

/* ---- any -------------------------------------------------------------------- */

void lg_bc_write_block(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        write_text(b, p);
        break;
    case LG_PART_REFUSAL:
        write_refusal(b, p);
        break;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
        write_media(b, p);
        break;
    case LG_PART_TOOL_CALL:
        write_call(b, p);
        break;
    case LG_PART_TOOL_RESULT:
        write_result(b, p);
        break;
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
        write_thinking(b, p);
        break;
    case LG_PART_OPAQUE:
        if (b->w.own)
            lg_ir_write(&b->w.jw, &p->json);
        else
            drop(b, p, "a part that has no counterpart in " LG_BC_NAME);
        break;
    }
}

void lg_bc_write_blocks(struct lg_bc_writer *b, const struct lg_ir_part *p)
{
    for (; p && !b->w.rc; p = p->next) {
        const size_t mark = b->w.jw.out->n;

        lg_bc_write_block(b, p);
        if (b->w.jw.out->n > mark)
            lg_bc_write_cache(b, &p->cache);
        else
            lg_put_drop(&b->w, &p->cache, "a cache point of nothing");
    }
}
