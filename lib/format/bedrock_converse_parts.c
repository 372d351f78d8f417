/* SPDX-License-Identifier: MIT
 *
 * Content blocks, read. A block has one key that says what it is. */
#include "lib/format/bedrock_converse.h"

const struct lg_bc_medium lg_bc_media[] = {
    {LG_PART_IMAGE, 0, "jpeg", "image/jpeg"},
    {LG_PART_IMAGE, 0, "png", "image/png"},
    {LG_PART_IMAGE, 0, "gif", "image/gif"},
    {LG_PART_IMAGE, 0, "webp", "image/webp"},
    {LG_PART_IMAGE, 1, "jpeg", "image/jpg"},
    {LG_PART_DOCUMENT, 0, "pdf", "application/pdf"},
    {LG_PART_DOCUMENT, 0, "csv", "text/csv"},
    {LG_PART_DOCUMENT, 0, "doc", "application/msword"},
    {LG_PART_DOCUMENT, 0, "docx",
     "application/"
     "vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {LG_PART_DOCUMENT, 0, "xls", "application/vnd.ms-excel"},
    {LG_PART_DOCUMENT, 0, "xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {LG_PART_DOCUMENT, 0, "html", "text/html"},
    {LG_PART_DOCUMENT, 0, "txt", "text/plain"},
    {LG_PART_DOCUMENT, 0, "md", "text/markdown"},
    {LG_PART_AUDIO, 0, "wav", "audio/wav"},
    {LG_PART_AUDIO, 0, "mp3", "audio/mpeg"},
    {LG_PART_AUDIO, 0, "flac", "audio/flac"},
    {LG_PART_AUDIO, 0, "opus", "audio/opus"},
    {LG_PART_AUDIO, 0, "aac", "audio/aac"},
    {LG_PART_AUDIO, 0, "m4a", "audio/mp4"},
    {LG_PART_AUDIO, 0, "ogg", "audio/ogg"},
    {LG_PART_AUDIO, 0, "webm", "audio/webm"},
    {LG_PART_AUDIO, 0, "pcm", "audio/pcm"},
    {LG_PART_AUDIO, 0, "mka", "audio/x-matroska"},
    {LG_PART_AUDIO, 1, "mpeg", "audio/mpeg"},
    {LG_PART_AUDIO, 1, "mp4", "audio/mp4"},
    {0, 0, NULL, NULL},
};

/* Readers of a kind: 1; 0 if the block has not the shape it should have, and
 * stays opaque; or negative. */
typedef int (*read_fn)(struct lg_ctx *c, struct lg_val block,
                       struct lg_ir_part *p, unsigned depth);

/* What stands behind the block's key `name`, with an = for lg_get(). */
static int open_block(struct lg_ctx *c, struct lg_val block,
                      struct lg_ir_part *p, const char *name,
                      struct lg_val *inner)
{
    const int rc = lg_get(c, block, &p->extra, LG_BC_NODE, name, inner);

    return rc < 0 ? rc : lg_val_kind(*inner) == LG_JSON_OBJECT;
}

/* ---- text ------------------------------------------------------------------ */

static int read_text(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    int rc;

    (void)depth;
    /* Some gateways say, as Anthropic does, that a text is one. */
    rc = lg_get(c, block, &p->extra, LG_BC_NODE,
                c->keep_extras ? "text" : "text type-", &p->text);
    return rc < 0 ? rc : lg_ir_is_string(&p->text);
}

/* A tool's result that is JSON is to others its text. */
static int read_json(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    struct lg_val v;
    int rc = lg_get(c, block, &p->extra, LG_BC_NODE, "json=", &v);

    (void)depth;
    if (rc < 0)
        return rc;
    p->form = LG_BC_FORM_JSON;
    p->text = (struct lg_ir_val){.tok = v.i, .kind = LG_JSON_STRING};
    if (c->keep_extras)
        p->json = lg_ir_of(v);
    else if (c->losses)
        rc = lg_lose(c->losses, v.i, LG_APPROXIMATED,
                     "a result that is JSON becomes its text");
    if (rc >= 0)
        rc = lg_escaped(c, lg_val_raw(v), &p->text.s);
    return rc < 0 ? rc : 1;
}

/* The texts of a list, in one body; 0 if it holds anything else. */
static int join(struct lg_ctx *c, struct lg_val list, struct lg_str *body)
{
    const size_t room = lg_val_raw(list).n;
    char *const to = lg_arena_raw(c->arena, room);
    struct lg_iter it = lg_iter_of(list);
    size_t n = 0;

    if (!to)
        return lg_no_room(c);
    while (lg_iter_next(&it)) {
        const struct lg_str text = lg_val_body(lg_val_get(it.val, "text"));

        if (!text.p)
            return 0;
        memcpy(to + n, text.p, text.n);
        n += text.n;
    }
    *body = lg_str_from(to, n);
    return 1;
}

/* Is it [{"text":...}]? Then nothing is joined. */
static int is_one_text(struct lg_val list)
{
    struct lg_iter it = lg_iter_of(list), in;

    if (!lg_iter_next(&it))
        return 0;
    in = lg_iter_of(it.val);
    return lg_iter_next(&in) && lg_val_is(in.key, "text") &&
           !lg_iter_next(&in) && !lg_iter_next(&it);
}

static int read_cited(struct lg_ctx *c, struct lg_val block,
                      struct lg_ir_part *p, unsigned depth)
{
    struct lg_val inner, content;
    int rc = open_block(c, block, p, "citationsContent=", &inner);

    (void)depth;
    if (rc <= 0)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_BC_INNER, "content= citations",
                &content, &p->citations);
    if (rc < 0 || lg_val_kind(content) != LG_JSON_ARRAY ||
        (c->keep_extras && !is_one_text(content)))
        return rc;
    p->form = LG_BC_FORM_CITED;
    p->text = (struct lg_ir_val){.tok = content.i, .kind = LG_JSON_STRING};
    return join(c, content, &p->text.s);
}

static int read_reasoning(struct lg_ctx *c, struct lg_val block,
                          struct lg_ir_part *p, unsigned depth)
{
    struct lg_val inner, text;
    int rc = open_block(c, block, p, "reasoningContent=", &inner);

    (void)depth;
    if (rc <= 0)
        return rc;
    text = lg_val_get(inner, "reasoningText");
    if (text.doc) {
        if (lg_val_kind(text) != LG_JSON_OBJECT)
            return 0;
        rc = lg_get(c, inner, &p->extra, LG_BC_INNER, "reasoningText-");
        if (rc >= 0)
            rc = lg_get(c, text, &p->extra, LG_BC_DEEP, "text signature",
                        &p->text, &p->blob.val);
    } else {
        p->kind = LG_PART_REDACTED;
        rc = lg_get(c, inner, &p->extra, LG_BC_INNER, "redactedContent",
                    &p->blob.val);
    }
    if (p->blob.val.kind != LG_JSON_NONE)
        p->blob.origin = LG_BC_NAME;
    if (rc < 0)
        return rc;
    return lg_ir_is_string(p->kind == LG_PART_REDACTED ? &p->blob.val
                                                       : &p->text);
}

/* ---- media ----------------------------------------------------------------- */

static const struct lg_bc_medium *medium_of(uint8_t kind, struct lg_val format)
{
    const struct lg_bc_medium *m = lg_bc_media;

    while (m->kind && (m->kind != kind || !lg_val_is(format, m->format)))
        m++;
    return m;
}

/* Only data need to be of a known type. */
static int read_format(struct lg_ctx *c, struct lg_val format,
                       struct lg_ir_part *p)
{
    const struct lg_bc_medium *m = medium_of(p->kind, format);
    int rc;

    if (p->media.source != LG_MEDIA_BASE64) {
        if (!c->keep_extras && lg_val_is(format, "txt"))
            return 1;
        rc = lg_extra_keep(c, &p->extra, format, LG_BC_INNER);
        return rc < 0 ? rc : 1;
    }
    if (!m->kind)
        return 0;
    p->media.media_type = lg_ir_of(format);
    p->media.media_type.s = lg_str_of(m->type);
    p->form = m->alias ? LG_BC_FORM_ALIAS : 0;
    return 1;
}

static int read_s3(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc =
        lg_val_kind(v) == LG_JSON_OBJECT
            ? lg_get(c, v, &p->extra, LG_BC_DEEPER, "uri", &p->media.data)
            : 0;

    return rc < 0 ? rc : lg_ir_is_string(&p->media.data);
}

static int read_source(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p,
                       unsigned depth)
{
    static const struct {
        const char *key, *name;
        enum lg_media_source source;
    } kinds[] = {{"bytes", "bytes=", LG_MEDIA_BASE64},
                 {"s3Location", "s3Location=", LG_MEDIA_FILE},
                 {"text", "text=", LG_MEDIA_TEXT},
                 {"content", "content=", LG_MEDIA_PARTS}};
    const size_t n = p->kind == LG_PART_DOCUMENT ? 4 : 2;
    struct lg_val data;
    size_t i = 0;
    int rc;

    while (i < n && !lg_val_get(v, kinds[i].key).doc)
        i++;
    if (i == n)
        return 0;
    p->media.source = (uint8_t)kinds[i].source;
    rc = lg_get(c, v, &p->extra, LG_BC_DEEP, kinds[i].name, &data);
    if (rc < 0)
        return rc;
    if (p->media.source == LG_MEDIA_FILE)
        return read_s3(c, data, p);
    if (p->media.source == LG_MEDIA_PARTS) {
        if (lg_val_kind(data) != LG_JSON_ARRAY)
            return 0;
        rc = lg_bc_read_blocks(c, data, &p->parts, depth + 1);
        return rc < 0 ? rc : 1;
    }
    p->media.data = lg_ir_of(data);
    return lg_ir_is_string(&p->media.data);
}

static int read_media(struct lg_ctx *c, struct lg_val block,
                      struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {[LG_PART_IMAGE] = "image=",
                                        [LG_PART_DOCUMENT] = "document=",
                                        [LG_PART_AUDIO] = "audio="};
    struct lg_val inner, format, source;
    int rc = open_block(c, block, p, names[p->kind], &inner);

    if (rc <= 0)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_BC_INNER,
                p->kind == LG_PART_DOCUMENT ? "format= source= name"
                                            : "format= source=",
                &format, &source, &p->media.name);
    if (rc >= 0)
        rc = read_source(c, source, p, depth);
    if (rc > 0 && p->media.name.kind > LG_JSON_NULL)
        rc = lg_ir_is_string(&p->media.name);
    return rc <= 0 ? rc : read_format(c, format, p);
}

/* ---- tools ----------------------------------------------------------------- */

/* One that the provider runs is none of ours to answer. */
static int read_tool_use(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    struct lg_val inner;
    int rc = open_block(c, block, p, "toolUse=", &inner);

    (void)depth;
    if (rc <= 0 || lg_val_is(lg_val_get(inner, "type"), "server_tool_use"))
        return rc < 0 ? rc : 0;
    rc = lg_get(c, inner, &p->extra, LG_BC_INNER,
                c->keep_extras ? "toolUseId name input"
                               : "toolUseId name input type-",
                &p->id, &p->name, &p->json);
    return rc < 0 ? rc : lg_ir_is_string(&p->id) && lg_ir_is_string(&p->name);
}

static int read_status(struct lg_ctx *c, struct lg_val status,
                       struct lg_ir_part *p)
{
    if (!lg_val_is(status, "error") && !lg_val_is(status, "success"))
        return lg_extra_keep(c, &p->extra, status, LG_BC_INNER);
    p->is_error = lg_ir_of(status);
    if (lg_val_is(status, "error")) {
        p->is_error.kind = LG_JSON_TRUE;
        p->is_error.s = LG_STR("true");
    } else {
        p->is_error.kind = LG_JSON_FALSE;
        p->is_error.s = LG_STR("false");
    }
    return 0;
}

static int read_tool_result(struct lg_ctx *c, struct lg_val block,
                            struct lg_ir_part *p, unsigned depth)
{
    struct lg_val inner, content, status;
    int rc = open_block(c, block, p, "toolResult=", &inner);

    if (rc <= 0)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_BC_INNER,
                "toolUseId content= status=", &p->id, &content, &status);
    if (rc < 0 || !lg_ir_is_string(&p->id) ||
        lg_val_kind(content) != LG_JSON_ARRAY)
        return rc;
    rc = read_status(c, status, p);
    if (rc >= 0)
        rc = lg_bc_read_blocks(c, content, &p->parts, depth + 1);
    return rc < 0 ? rc : 1;
}

/* ---- any ------------------------------------------------------------------- */

#define OUTER 1u /* in a message */
#define INNER 2u /* in the result of a tool, in a document */

static const struct {
    const char *key;
    read_fn read;
    enum lg_part_kind kind;
    unsigned where;
} kinds[] = {
    {"text", read_text, LG_PART_TEXT, OUTER | INNER},
    {"toolUse", read_tool_use, LG_PART_TOOL_CALL, OUTER},
    {"toolResult", read_tool_result, LG_PART_TOOL_RESULT, OUTER},
    {"image", read_media, LG_PART_IMAGE, OUTER | INNER},
    {"document", read_media, LG_PART_DOCUMENT, OUTER | INNER},
    {"audio", read_media, LG_PART_AUDIO, OUTER},
    {"reasoningContent", read_reasoning, LG_PART_THINKING, OUTER},
    {"citationsContent", read_cited, LG_PART_TEXT, OUTER},
    {"json", read_json, LG_PART_TEXT, INNER},
};

int lg_bc_read_block(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    const unsigned where = depth ? INNER : OUTER;
    int rc = 0;

    if (lg_val_kind(block) != LG_JSON_OBJECT)
        return lg_val_fail(block, c->err, "expected a content block");
    for (size_t i = 0; i < LG_COUNT(kinds) && depth < LG_BC_DEPTH; i++) {
        if (!(kinds[i].where & where) || !lg_val_get(block, kinds[i].key).doc)
            continue;
        p->tok = block.i;
        p->kind = (uint8_t)kinds[i].kind;
        rc = kinds[i].read(c, block, p, depth);
        break;
    }
    if (rc)
        return rc < 0 ? rc : 0;
    *p = (struct lg_ir_part){.tok = block.i, .kind = LG_PART_OPAQUE};
    p->json = lg_ir_of(block);
    return 0;
}

int lg_bc_read_cache(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_val *cache)
{
    const struct lg_val point = lg_val_get(block, "cachePoint");
    const struct lg_val ttl = lg_val_get(point, "ttl");
    const struct lg_str body = lg_val_body(ttl);
    const size_t n = body.p ? body.n + 32 : 0;
    struct lg_iter in = lg_iter_of(block), it = lg_iter_of(point);
    struct lg_buf text;
    int members = 0;

    while (lg_iter_next(&in))
        members++;
    while (lg_iter_next(&it))
        members++;
    if (!lg_val_is(lg_val_get(point, "type"), "default") ||
        members != 2 + (body.p != NULL))
        return 0;
    *cache = lg_ir_of(point);
    cache->s = LG_STR("{\"type\":\"ephemeral\"}");
    if (!body.p)
        return 1;
    lg_buf_init(&text, n);
    (void)lg_buf_lit(&text, "{\"type\":\"ephemeral\",\"ttl\":\"");
    (void)lg_buf_str(&text, body);
    (void)lg_buf_lit(&text, "\"}");
    cache->s = lg_str_from(lg_arena_dup(c->arena, lg_buf_span(&text)), text.n);
    members = text.err;
    lg_buf_done(&text);
    if (members)
        return lg_fail_mem(c->err, members);
    return cache->s.p ? 1 : lg_no_room(c);
}

int lg_bc_read_blocks(struct lg_ctx *c, struct lg_val list,
                      struct lg_ir_part **parts, unsigned depth)
{
    struct lg_iter it = lg_iter_of(list);
    struct lg_ir_part *last = NULL;
    int rc = 0;

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_val_fail(list, c->err, "expected a list of content");
    while (rc >= 0 && lg_iter_next(&it)) {
        if (!depth && last && !lg_ir_has(&last->cache) &&
            (rc = lg_bc_read_cache(c, it.val, &last->cache)) != 0)
            continue;
        last = lg_arena_new(c->arena, struct lg_ir_part);
        if (!last)
            return lg_no_room(c);
        *parts = last;
        parts = &last->next;
        rc = lg_bc_read_block(c, it.val, last, depth);
    }
    return rc < 0 ? rc : 0;
}
