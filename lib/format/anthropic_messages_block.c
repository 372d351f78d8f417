/* SPDX-License-Identifier: MIT
 *
 * Content blocks, written; and what every writer here needs. */
#include "lib/format/anthropic_messages.h"

#include "lib/json/text.h"

struct lg_am_writer lg_am_writer_of(struct lg_ctx *c,
                                    const struct lg_format *origin,
                                    struct lg_buf *out)
{
    return (struct lg_am_writer){
        .c = c, .w = {.out = out}, .origin = origin, .own = origin == c->self};
}

void lg_am_lose(struct lg_am_writer *a, uint32_t tok, enum lg_loss_action act,
                const char *reason)
{
    const int rc =
        a->rc || !a->c->losses ? 0 : lg_lose(a->c->losses, tok, act, reason);

    if (rc < 0)
        a->rc = rc;
}

void lg_am_drop(struct lg_am_writer *a, const struct lg_ir_val *v,
                const char *reason)
{
    if (lg_ir_has(v))
        lg_am_lose(a, v->tok, LG_DROPPED, reason);
}

void lg_am_undo(struct lg_am_writer *a, size_t mark)
{
    struct lg_buf *out = a->w.out;

    if (out->err || out->n == mark)
        return;
    out->n = mark;
    out->p[mark] = '\0';
}

int lg_am_is_empty(const struct lg_am_writer *a)
{
    const struct lg_buf *out = a->w.out;

    return out->n && (out->p[out->n - 1] == '[' || out->p[out->n - 1] == '{');
}

void lg_am_lose_extras(struct lg_am_writer *a, const struct lg_ir_extra *extra)
{
    const int rc = a->rc ? 0 : lg_extra_lose(a->c, extra, a->origin);

    if (rc < 0)
        a->rc = rc;
}

void lg_am_extras(struct lg_am_writer *a, const struct lg_ir_extra *extra,
                  enum lg_am_level level)
{
    lg_extra_write(a->c, &a->w, extra, (uint8_t)level, a->origin);
    if (level == LG_AM_NODE) /* of all levels, by the first who asks */
        lg_am_lose_extras(a, extra);
}

/* A member, unless it is a null of another format: it is as good as absent. */
static void member(struct lg_am_writer *a, const char *name,
                   const struct lg_ir_val *v)
{
    if (a->own || lg_ir_has(v))
        lg_ir_member(&a->w, name, v);
}

static void open_block(struct lg_am_writer *a, const char *type)
{
    lg_jw_obj(&a->w);
    lg_jw_key(&a->w, "type");
    lg_jw_text(&a->w, lg_str_of(type));
}

static void close_block(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    member(a, "cache_control", &p->cache);
    lg_am_extras(a, p->extra, LG_AM_NODE);
    lg_jw_obj_end(&a->w);
}

/* White space that ends an escaped body: how many bytes of it, or 0. */
static size_t blank_end(struct lg_str s)
{
    size_t slashes = 0;

    if (s.n && s.p[s.n - 1] == ' ')
        return 1;
    if (s.n < 2 || !memchr("nrt", s.p[s.n - 1], 3))
        return 0;
    while (slashes < s.n - 1 && s.p[s.n - 2 - slashes] == '\\')
        slashes++;
    return slashes % 2 ? 2 : 0;
}

struct lg_ir_val lg_am_words(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    struct lg_ir_val v = p->text;
    size_t n;

    while (p == a->prefill && (n = blank_end(v.s)) > 0)
        v.s.n -= n;
    if (v.s.n < p->text.s.n)
        lg_am_lose(a, p->tok, LG_APPROXIMATED,
                   "a text to go on from may not end in white space");
    return v;
}

static void write_text(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const struct lg_ir_val text = lg_am_words(a, p);

    if (!a->own && !text.s.n) /* refused by the API, and says nothing */
        return;
    open_block(a, "text");
    member(a, "text", &text);
    if (a->own)
        member(a, "citations", &p->citations);
    else
        lg_am_drop(a, &p->citations, "citations of another format");
    close_block(a, p);
}

/* ---- images and documents ---------------------------------------------- */

static void write_source(struct lg_am_writer *a, const struct lg_ir_part *p,
                         const char *media_type)
{
    static const struct {
        const char *type, *member;
    } kinds[] = {[LG_MEDIA_BASE64] = {"base64", "data"},
                 [LG_MEDIA_URL] = {"url", "url"},
                 [LG_MEDIA_FILE] = {"file", "file_id"},
                 [LG_MEDIA_TEXT] = {"text", "data"},
                 [LG_MEDIA_PARTS] = {"content", "content"}};
    const struct lg_ir_media *m = &p->media;

    lg_jw_key(&a->w, "source");
    open_block(a, kinds[m->source].type);
    if (a->own) {
        lg_ir_member(&a->w, "media_type", &m->media_type);
    } else if (m->source == LG_MEDIA_BASE64 || m->source == LG_MEDIA_TEXT) {
        const struct lg_ir_val typed = lg_ir_word(media_type);

        lg_ir_member(&a->w, "media_type",
                     lg_ir_has(&m->media_type) ? &m->media_type : &typed);
    }
    if (m->source == LG_MEDIA_PARTS)
        lg_am_write_content(a, p->parts, p->form);
    else
        member(a, kinds[m->source].member, &m->data);
    lg_am_extras(a, p->extra, LG_AM_SOURCE);
    lg_jw_obj_end(&a->w);
}

static void write_image(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    const struct lg_ir_media *m = &p->media;

    if (!a->own && m->source != LG_MEDIA_BASE64 && m->source != LG_MEDIA_URL) {
        lg_am_lose(a, p->tok, LG_DROPPED,
                   "an image that is neither data nor a URL");
        return;
    }
    open_block(a, "image");
    write_source(a, p, "image/png");
    close_block(a, p);
    lg_am_drop(a, &m->detail, "image detail has no counterpart in " LG_AM_NAME);
    lg_am_drop(a, &m->name, "image names have no counterpart in " LG_AM_NAME);
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

    if (!a->own && !is_readable(m)) {
        lg_am_lose(a, p->tok, LG_DROPPED,
                   "a document that is neither PDF data, text nor a URL");
        return;
    }
    open_block(a, "document");
    write_source(a, p,
                 m->source == LG_MEDIA_TEXT ? "text/plain" : "application/pdf");
    member(a, "title", &m->name);
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

    if (a->own || (a->answer && s.n)) {
        lg_ir_member(&a->w, name, v);
        return;
    }
    lg_jw_key(&a->w, name);
    if (!s.n) {
        lg_jw_text(&a->w, lg_str_of(lg_reason(a->c, "toolu_%u", a->calls++)));
        return;
    }
    clean = lg_arena_dup(a->c->arena, s);
    if (!clean) {
        a->rc = lg_fail_mem(a->c->err, a->c->arena->err);
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        if (!is_id_char(clean[i])) {
            clean[i] = '_';
            bad = 1;
        }
    lg_jw_body(&a->w, lg_str_from(clean, s.n));
    if (bad)
        lg_am_lose(a, v->tok, LG_APPROXIMATED,
                   "a tool id may hold only letters, digits, _ and -");
}

static int is_object_text(struct lg_str json)
{
    const struct lg_str s = lg_str_trim(json);

    return s.n && s.p[0] == '{' && !lg_json_check(s, NULL);
}

/* Arguments that were text inside a string: an object, or nothing. */
static void write_arguments(struct lg_am_writer *a, const struct lg_ir_val *v)
{
    struct lg_buf text;
    int is_object;

    lg_buf_init(&text, v->s.n);
    if (lg_json_unescape(&text, v->s, LG_TO_JSON) && !a->rc)
        a->rc = lg_fail_mem(a->c->err, text.err);
    is_object = is_object_text(lg_buf_span(&text));
    lg_jw_raw(&a->w, is_object ? lg_buf_span(&text) : LG_STR("{}"));
    if (!is_object && lg_str_trim(lg_buf_span(&text)).n)
        lg_am_lose(a, v->tok, LG_APPROXIMATED,
                   "tool arguments are not a JSON object");
    lg_buf_done(&text);
}

static void write_input(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (a->own && p->json.kind == LG_JSON_NONE && !a->answer)
        return;
    lg_jw_key(&a->w, "input");
    if (p->custom) {
        lg_jw_obj(&a->w);
        lg_ir_member(&a->w, "input", &p->text);
        lg_jw_obj_end(&a->w);
    } else if (p->json.in_string) {
        write_arguments(a, &p->json);
    } else if (p->json.kind == LG_JSON_OBJECT ||
               (a->own && p->json.kind != LG_JSON_NONE)) {
        lg_ir_write(&a->w, &p->json);
    } else {
        lg_jw_raw(&a->w, LG_STR("{}"));
        if (lg_ir_has(&p->json))
            lg_am_lose(a, p->json.tok, LG_APPROXIMATED,
                       "tool arguments are not a JSON object");
    }
}

static void write_call(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    open_block(a, "tool_use");
    write_id(a, "id", &p->id);
    member(a, "name", &p->name);
    write_input(a, p);
    close_block(a, p);
}

static void write_result(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    open_block(a, "tool_result");
    write_id(a, "tool_use_id", &p->id);
    lg_am_write_content(a, p->parts, p->form);
    member(a, "is_error", &p->is_error);
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
    if (!a->own && !a->answer && !is_ours(&p->blob)) {
        lg_am_lose(a, p->tok, LG_DROPPED,
                   "thinking without a signature of " LG_AM_NAME);
        return;
    }
    open_block(a, "thinking");
    member(a, "thinking", &p->text);
    if (a->own || is_ours(&p->blob)) {
        lg_ir_member(&a->w, "signature", &p->blob.val);
    } else {
        lg_jw_key(&a->w, "signature");
        lg_jw_text(&a->w, LG_STR(""));
        lg_am_drop(a, &p->blob.val, "a signature of another format");
    }
    close_block(a, p);
}

static void write_redacted(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!a->own && !is_ours(&p->blob)) {
        lg_am_lose(a, p->tok, LG_DROPPED,
                   "thinking that only its origin reads");
        return;
    }
    open_block(a, "redacted_thinking");
    lg_ir_member(&a->w, "data", &p->blob.val);
    close_block(a, p);
}

static void write_refusal(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!p->text.s.n)
        return;
    open_block(a, "text");
    lg_ir_member(&a->w, "text", &p->text);
    close_block(a, p);
    if (!a->answer)
        lg_am_lose(a, p->tok, LG_APPROXIMATED, "a refusal becomes a text");
}

/* ---- any --------------------------------------------------------------- */

static void drop_block(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    lg_am_lose(a, p->tok, LG_DROPPED,
               "a part that has no counterpart in " LG_AM_NAME);
}

/* A server tool's call of a stream: its input came in pieces. */
static void write_pieced(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    struct lg_json doc;
    struct lg_iter it;
    const int rc = lg_json_read(&doc, a->c->arena, p->json.s, a->c->err);

    if (rc < 0) {
        a->rc = a->rc ? a->rc : rc;
        return;
    }
    it = lg_iter_of(lg_json_root(&doc));
    lg_jw_obj(&a->w);
    while (lg_iter_next(&it)) {
        lg_jw_key_body(&a->w, lg_val_body(it.key));
        if (lg_val_is(it.key, "input"))
            write_arguments(a, &p->text);
        else
            lg_jw_raw(&a->w, lg_val_raw(it.val));
    }
    lg_jw_obj_end(&a->w);
}

static void write_opaque(struct lg_am_writer *a, const struct lg_ir_part *p)
{
    if (!a->own)
        drop_block(a, p);
    else if (p->text.s.n)
        write_pieced(a, p);
    else
        lg_ir_write(&a->w, &p->json);
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
    for (; p && !a->rc; p = p->next)
        lg_am_write_block(a, p);
}

/* One text that says nothing but its words. */
static int is_bare(const struct lg_am_writer *a, const struct lg_ir_part *p,
                   unsigned form)
{
    return (form & LG_FORM_BARE) && p && !p->next && p->kind == LG_PART_TEXT &&
           (a->own || (!lg_ir_has(&p->cache) && !lg_ir_has(&p->citations)));
}

void lg_am_write_content(struct lg_am_writer *a, const struct lg_ir_part *parts,
                         unsigned form)
{
    if (form & LG_FORM_ABSENT || (form & LG_FORM_NULL && !a->own))
        return;
    lg_jw_key(&a->w, "content");
    if (form & LG_FORM_NULL) {
        lg_jw_null(&a->w);
    } else if (is_bare(a, parts, form)) {
        lg_ir_write(&a->w, &parts->text);
    } else {
        lg_jw_arr(&a->w);
        lg_am_write_blocks(a, parts);
        lg_jw_arr_end(&a->w);
    }
}
