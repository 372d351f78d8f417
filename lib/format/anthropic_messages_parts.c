/* SPDX-License-Identifier: MIT
 *
 * Content blocks, read. */
#include "lib/format/anthropic_messages.h"

typedef int (*read_fn)(struct lg_ctx *c, struct lg_val block,
                       struct lg_ir_part *p, unsigned depth);

int lg_am_read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out)
{
    *out = lg_ir_of(v);
    return out->kind <= LG_JSON_NULL || out->kind == LG_JSON_STRING
               ? 0
               : lg_val_fail(v, c->err, "expected a string");
}

static int read_opaque(struct lg_ctx *c, struct lg_val block,
                       struct lg_ir_part *p, unsigned depth)
{
    (void)c;
    (void)depth;
    *p = (struct lg_ir_part){.next = p->next, .tok = block.i};
    p->kind = LG_PART_OPAQUE;
    p->json = lg_ir_of(block);
    return 0;
}

static int read_text(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "text", "citations",
                                        "cache_control"};
    struct lg_val f[4];
    const int rc = lg_fields(c, block, names, 4, f, &p->extra, LG_AM_NODE);

    (void)depth;
    if (rc < 0)
        return rc;
    p->kind = LG_PART_TEXT;
    p->citations = lg_ir_of(f[2]);
    p->cache = lg_ir_of(f[3]);
    return lg_am_read_text(c, f[1], &p->text);
}

/* 1: read; 0: a source of a kind that is not known. */
static int read_source(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p,
                       unsigned depth)
{
    static const struct {
        const char *type, *member;
        enum lg_media_source source;
    } kinds[] = {{"base64", "data", LG_MEDIA_BASE64},
                 {"text", "data", LG_MEDIA_TEXT},
                 {"url", "url", LG_MEDIA_URL},
                 {"file", "file_id", LG_MEDIA_FILE},
                 {"content", "content", LG_MEDIA_PARTS}};
    const struct lg_val type = lg_val_get(v, "type");
    const char *names[] = {"type", "media_type", NULL};
    struct lg_val f[3];
    size_t i = 0;
    int rc;

    while (i < LG_COUNT(kinds) && !lg_val_is(type, kinds[i].type))
        i++;
    if (i == LG_COUNT(kinds))
        return 0;
    names[2] = kinds[i].member;
    rc = lg_fields(c, v, names, 3, f, &p->extra, LG_AM_SOURCE);
    if (rc < 0)
        return rc;
    p->media.source = (uint8_t)kinds[i].source;
    rc = lg_am_read_text(c, f[1], &p->media.media_type);
    if (rc < 0)
        return rc;
    rc = p->media.source == LG_MEDIA_PARTS
             ? lg_am_read_content(c, f[2], &p->parts, &p->form, depth + 1)
             : lg_am_read_text(c, f[2], &p->media.data);
    return rc < 0 ? rc : 1;
}

static int read_image(struct lg_ctx *c, struct lg_val block,
                      struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "source", "cache_control"};
    struct lg_val f[3];
    int rc = lg_fields(c, block, names, 3, f, &p->extra, LG_AM_NODE);

    if (rc < 0)
        return rc;
    p->kind = LG_PART_IMAGE;
    p->cache = lg_ir_of(f[2]);
    rc = read_source(c, f[1], p, depth);
    return rc ? rc : read_opaque(c, block, p, depth);
}

static int read_document(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "source", "cache_control",
                                        "title"};
    struct lg_val f[4];
    int rc = lg_fields(c, block, names, 4, f, &p->extra, LG_AM_NODE);

    if (rc < 0)
        return rc;
    p->kind = LG_PART_DOCUMENT;
    p->cache = lg_ir_of(f[2]);
    rc = lg_am_read_text(c, f[3], &p->media.name);
    if (rc < 0)
        return rc;
    rc = read_source(c, f[1], p, depth);
    return rc ? rc : read_opaque(c, block, p, depth);
}

static int read_tool_use(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "id", "name", "input",
                                        "cache_control"};
    struct lg_val f[5];
    int rc = lg_fields(c, block, names, 5, f, &p->extra, LG_AM_NODE);

    (void)depth;
    if (rc < 0)
        return rc;
    p->kind = LG_PART_TOOL_CALL;
    p->json = lg_ir_of(f[3]);
    p->cache = lg_ir_of(f[4]);
    rc = lg_am_read_text(c, f[1], &p->id);
    return rc < 0 ? rc : lg_am_read_text(c, f[2], &p->name);
}

static int read_tool_result(struct lg_ctx *c, struct lg_val block,
                            struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "tool_use_id", "content",
                                        "is_error", "cache_control"};
    struct lg_val f[5];
    int rc = lg_fields(c, block, names, 5, f, &p->extra, LG_AM_NODE);

    if (rc < 0)
        return rc;
    p->kind = LG_PART_TOOL_RESULT;
    p->is_error = lg_ir_of(f[3]);
    p->cache = lg_ir_of(f[4]);
    rc = lg_am_read_text(c, f[1], &p->id);
    return rc < 0 ? rc
                  : lg_am_read_content(c, f[2], &p->parts, &p->form, depth + 1);
}

static int read_thinking(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "thinking", "signature"};
    struct lg_val f[3];
    int rc = lg_fields(c, block, names, 3, f, &p->extra, LG_AM_NODE);

    (void)depth;
    if (rc < 0)
        return rc;
    p->kind = LG_PART_THINKING;
    p->blob.origin = LG_AM_NAME;
    rc = lg_am_read_text(c, f[1], &p->text);
    return rc < 0 ? rc : lg_am_read_text(c, f[2], &p->blob.val);
}

static int read_redacted(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    static const char *const names[] = {"type", "data"};
    struct lg_val f[2];
    const int rc = lg_fields(c, block, names, 2, f, &p->extra, LG_AM_NODE);

    (void)depth;
    if (rc < 0)
        return rc;
    p->kind = LG_PART_REDACTED;
    p->blob.origin = LG_AM_NAME;
    return lg_am_read_text(c, f[1], &p->blob.val);
}

int lg_am_read_block(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    static const struct {
        const char *type;
        read_fn read;
    } kinds[] = {{"text", read_text},
                 {"tool_use", read_tool_use},
                 {"tool_result", read_tool_result},
                 {"image", read_image},
                 {"document", read_document},
                 {"thinking", read_thinking},
                 {"redacted_thinking", read_redacted}};
    const struct lg_val type = lg_val_get(block, "type");

    if (lg_val_kind(block) != LG_JSON_OBJECT)
        return lg_val_fail(block, c->err, "expected a content block");
    p->tok = block.i;
    for (size_t i = 0; i < LG_COUNT(kinds) && depth < LG_AM_DEPTH; i++)
        if (lg_val_is(type, kinds[i].type))
            return kinds[i].read(c, block, p, depth);
    return read_opaque(c, block, p, depth);
}

static int read_string(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part **parts)
{
    struct lg_ir_part *p = lg_arena_new(c->arena, struct lg_ir_part);

    if (!p)
        return lg_fail_mem(c->err, c->arena->err);
    p->tok = v.i;
    p->kind = LG_PART_TEXT;
    p->text = lg_ir_of(v);
    *parts = p;
    return 0;
}

int lg_am_read_content(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part **parts, uint8_t *form, unsigned depth)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    switch (lg_val_kind(v)) {
    case LG_JSON_NONE:
        *form |= LG_FORM_ABSENT;
        return 0;
    case LG_JSON_NULL:
        *form |= LG_FORM_NULL;
        return 0;
    case LG_JSON_STRING:
        *form |= LG_FORM_BARE;
        return read_string(c, v, parts);
    case LG_JSON_ARRAY:
        break;
    case LG_JSON_FALSE:
    case LG_JSON_TRUE:
    case LG_JSON_NUMBER:
    case LG_JSON_OBJECT:
        return lg_val_fail(v, c->err, "expected a string or a list");
    }
    while (rc >= 0 && lg_iter_next(&it)) {
        *parts = lg_arena_new(c->arena, struct lg_ir_part);
        if (!*parts)
            return lg_fail_mem(c->err, c->arena->err);
        rc = lg_am_read_block(c, it.val, *parts, depth);
        parts = &(*parts)->next;
    }
    return rc;
}
