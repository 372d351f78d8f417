/* SPDX-License-Identifier: MIT
 *
 * Content blocks, written; and what every writer here needs. */
#include "lib/format/anthropic_messages.h"

#include "lib/format/function.h"
#include "lib/format/turn.h"

static void close_block(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    lg_put(&a->w, "'cache_control':%o,%x}", &p->cache, p->extra, LG_AM_NODE);
}

/* Leave out what has no place here. */
static void drop(struct lg_am_writer *a, const struct lg_ir_part *p,
                 const char *reason)
{
    lg_put_lose(&a->w, p->tok, LG_DROPPED, reason);
}

static void write_text(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const struct lg_ir_val text = lg_words(&a->w, p, a->prefill);

    if (!a->w.own && !text.s.n) /* refused by the API, and says nothing */
        return;
    lg_put(&a->w, "{'type':'text','text':%o,'citations':%v", &text,
           a->w.own ? &p->citations : &lg_ir_none);
    if (!a->w.own)
        lg_put_drop(&a->w, &p->citations, "citations of another format");
    close_block(a, p);
}

/* ---- images and documents ---------------------------------------------- */

static void write_source(struct lg_am_writer *a, const struct lg_ir_part *p,
                         const char *media_type)
{
    const struct lg_ir_media *m = &p->media;
    const struct lg_ir_val typed = lg_ir_word(media_type);
    const struct lg_ir_val *type = &m->media_type;

    if (!a->w.own && m->source != LG_MEDIA_BASE64 && m->source != LG_MEDIA_TEXT)
        type = &lg_ir_none;
    else if (!a->w.own && !lg_ir_has(type))
        type = &typed;
    lg_put(&a->w, "'source':{'type':%w,'media_type':%v", LG_AM_SOURCES,
           m->source, type);
    if (m->source == LG_MEDIA_PARTS)
        lg_am_write_content(a, p->parts, p->form);
    else
        lg_put(&a->w, "%w:%o", "data url file_id data", m->source, &m->data);
    lg_put(&a->w, "%x}", p->extra, LG_AM_SOURCE);
}

static void write_image(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const struct lg_ir_media *m = &p->media;

    if (!a->w.own && m->source != LG_MEDIA_BASE64 &&
        m->source != LG_MEDIA_URL) {
        drop(a, p, "an image that is neither data nor a URL");
        return;
    }
    lg_put(&a->w, "{'type':'image'");
    write_source(a, p, "image/png");
    close_block(a, p);
    lg_put_drop(&a->w, &m->detail,
                "image detail has no counterpart in " LG_AM_NAME);
    lg_put_drop(&a->w, &m->name,
                "image names have no counterpart in " LG_AM_NAME);
}

/* Data of the one type that the API reads, or text. */
static int is_readable(const struct lg_ir_media *m)
{
    switch ((enum lg_media_source)m->source) {
    case LG_MEDIA_BASE64:
        return !lg_ir_has(&m->media_type) ||
               lg_ir_is(&m->media_type, "application/pdf");
    case LG_MEDIA_TEXT:
    case LG_MEDIA_URL:
    case LG_MEDIA_PARTS:
        return 1;
    case LG_MEDIA_NONE:
    case LG_MEDIA_FILE:
        return 0;
    }
    return 0;
}

static void write_document(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const struct lg_ir_media *m = &p->media;

    if (!a->w.own && !is_readable(m)) {
        drop(a, p, "a document that is neither PDF data, text nor a URL");
        return;
    }
    lg_put(&a->w, "{'type':'document'");
    write_source(a, p,
                 m->source == LG_MEDIA_TEXT ? "text/plain" : "application/pdf");
    lg_put(&a->w, "'title':%o", &m->name);
    close_block(a, p);
}

/* ---- tools ------------------------------------------------------------- */

static int is_id_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '_' || ch == '-';
}

/* Call and result are written by one rule, so they still match. */
static void write_id(struct lg_am_writer *a, const char *name,
                     const struct lg_ir_val *v)
{
    const struct lg_str s = lg_ir_has(v) ? v->s : LG_STR("");
    char *clean;
    size_t bad = 0;

    if (a->w.own || (a->answer && s.n)) {
        lg_put(&a->w, "%k:%v", name, v);
        return;
    }
    if (!s.n) {
        lg_put(&a->w, "%k:%s", name, lg_reason(a->w.c, "toolu_%u", a->calls++));
        return;
    }
    clean = lg_arena_dup(a->w.c->arena, s);
    if (!clean) {
        a->w.rc = lg_no_room(a->w.c);
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        if (!is_id_char(clean[i])) {
            clean[i] = '_';
            bad = 1;
        }
    lg_put(&a->w, "%k:%b", name, lg_str_from(clean, s.n));
    if (bad)
        lg_put_lose(&a->w, v->tok, LG_APPROXIMATED,
                    "a tool id may hold only letters, digits, _ and -");
}

static void write_input(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (a->w.own && p->json.kind == LG_JSON_NONE && !a->answer)
        return;
    lg_put(&a->w, "'input':");
    if (p->custom)
        lg_put(&a->w, "{'input':%v}", &p->text);
    else if (a->w.own && !p->json.in_string && p->json.kind != LG_JSON_NONE)
        lg_ir_write(&a->w.jw, &p->json);
    else
        lg_put_object(&a->w, &p->json);
}

static void write_call(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    lg_put(&a->w, "{'type':'tool_use'");
    write_id(a, "id", &p->id);
    lg_put(&a->w, "'name':%o", &p->name);
    write_input(a, p);
    close_block(a, p);
}

static void write_result(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    lg_put(&a->w, "{'type':'tool_result'");
    write_id(a, "tool_use_id", &p->id);
    lg_am_write_content(a, p->parts, p->form);
    lg_put(&a->w, "'is_error':%o", &p->is_error);
    close_block(a, p);
}

/* ---- thinking ---------------------------------------------------------- */

static int is_ours(const struct lg_ir_blob *b)
{
    return lg_ir_has(&b->val) && b->origin && !strcmp(b->origin, LG_AM_NAME);
}

/* Thinking is checked by its signature when it is sent; one to be read needs
 * none. */
static void write_thinking(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const int ours = a->w.own || is_ours(&p->blob);
    const struct lg_ir_val nothing = lg_ir_word("");

    if (!ours && !a->answer) {
        drop(a, p, "thinking without a signature of " LG_AM_NAME);
        return;
    }
    lg_put(&a->w, "{'type':'thinking','thinking':%o,'signature':%v", &p->text,
           ours ? &p->blob.val : &nothing);
    if (!ours)
        lg_put_drop(&a->w, &p->blob.val, "a signature of another format");
    close_block(a, p);
}

static void write_redacted(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!a->w.own && !is_ours(&p->blob)) {
        drop(a, p, "thinking that only its origin reads");
        return;
    }
    lg_put(&a->w, "{'type':'redacted_thinking','data':%v", &p->blob.val);
    close_block(a, p);
}

static void write_refusal(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!p->text.s.n)
        return;
    lg_put(&a->w, "{'type':'text','text':%v", &p->text);
    close_block(a, p);
    if (!a->answer)
        lg_put_lose(&a->w, p->tok, LG_APPROXIMATED, "a refusal becomes a text");
}

/* ---- any --------------------------------------------------------------- */

static void drop_block(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    drop(a, p, "a part that has no counterpart in " LG_AM_NAME);
}

/* A server tool's call of a stream: its input came in pieces. */
static void write_pieced(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    struct lg_ir_val input = p->text;
    struct lg_json doc;
    struct lg_iter it;
    const int rc = lg_json_read(&doc, a->w.c->arena, p->json.s, a->w.c->err);

    if (rc < 0) {
        lg_writer_fail(&a->w, rc);
        return;
    }
    input.in_string = 1;
    it = lg_iter_of(lg_json_root(&doc));
    lg_put(&a->w, "{");
    while (lg_iter_next(&it)) {
        lg_jw_key_body(&a->w.jw, lg_val_body(it.key));
        if (lg_val_is(it.key, "input"))
            lg_put_object(&a->w, &input);
        else
            lg_jw_raw(&a->w.jw, lg_val_raw(it.val));
    }
    lg_put(&a->w, "}");
}

static void write_opaque(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!a->w.own)
        drop_block(a, p);
    else if (p->text.s.n)
        write_pieced(a, p);
    else
        lg_ir_write(&a->w.jw, &p->json);
}

/* What a user sends, as opposed to what a model answers. */
static void write_sent(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (a->answer)
        drop_block(a, p);
    else if (p->kind == LG_PART_IMAGE)
        write_image(a, p);
    else if (p->kind == LG_PART_DOCUMENT)
        write_document(a, p);
    else
        write_result(a, p);
}

void lg_am_write_block(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        write_text(a, p);
        break;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_TOOL_RESULT:
        write_sent(a, p);
        break;
    case LG_PART_AUDIO:
        drop_block(a, p);
        break;
    case LG_PART_TOOL_CALL:
        write_call(a, p);
        break;
    case LG_PART_THINKING:
        write_thinking(a, p);
        break;
    case LG_PART_REDACTED:
        write_redacted(a, p);
        break;
    case LG_PART_REFUSAL:
        write_refusal(a, p);
        break;
    case LG_PART_OPAQUE:
        write_opaque(a, p);
        break;
    }
}

void lg_am_write_blocks(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    for (; p && !a->w.rc; p = p->next)
        lg_am_write_block(a, p);
}

/* One text that says nothing but its words. */
static int is_bare(const struct lg_am_writer *a, const struct lg_ir_part *p,
                   unsigned form)
{
    return (form & LG_FORM_BARE) && p && !p->next && p->kind == LG_PART_TEXT &&
           (a->w.own || (!lg_ir_has(&p->cache) && !lg_ir_has(&p->citations)));
}

void lg_am_write_content(struct lg_am_writer *a, const struct lg_ir_part *parts,
                         unsigned form)
{
    if (form & LG_FORM_ABSENT || (form & LG_FORM_NULL && !a->w.own))
        return;
    if (form & LG_FORM_NULL) {
        lg_put(&a->w, "'content':null");
    } else if (is_bare(a, parts, form)) {
        lg_put(&a->w, "'content':%v", &parts->text);
    } else {
        lg_put(&a->w, "'content':[");
        lg_am_write_blocks(a, parts);
        lg_put(&a->w, "]");
    }
}
