/* SPDX-License-Identifier: MIT
 *
 * Content blocks, read. */
#include "lib/format/anthropic_messages.h"

typedef int (*read_fn)(struct lg_ctx *c, struct lg_val block,
                       struct lg_ir_part *p, unsigned depth);

static int read_opaque(struct lg_ctx *c, struct lg_val block,
                       struct lg_ir_part *p, unsigned depth)
{
    (void)c;
    (void)depth;
    *p = (struct lg_ir_part){.next = p->next, .tok = block.i};
    p->kind = LG_PART_OPAQUE;
    lg_ir_set(&p->json, block);
    return 0;
}

static int read_text(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    (void)depth;
    return lg_get(c, block, &p->extra, LG_AM_NODE,
                  "type- text$ citations cache_control", &p->text,
                  &p->citations, &p->cache);
}

/* 1: read; 0: a source of a kind that is not known. */
static int read_source(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p,
                       unsigned depth)
{
    struct lg_ir_media *m = &p->media;
    struct lg_val data;
    int rc;

    m->source = (uint8_t)lg_word_of(lg_val_get(v, "type"), LG_AM_SOURCES);
    if (!m->source)
        return 0;
    rc = lg_get(c, v, &p->extra, LG_AM_SOURCE,
                m->source == LG_MEDIA_URL     ? "type- media_type$ url="
                : m->source == LG_MEDIA_FILE  ? "type- media_type$ file_id="
                : m->source == LG_MEDIA_PARTS ? "type- media_type$ content="
                                              : "type- media_type$ data=",
                &m->media_type, &data);
    if (rc < 0)
        return rc;
    rc = m->source == LG_MEDIA_PARTS
             ? lg_am_read_content(c, data, &p->parts, &p->form, depth + 1)
             : lg_get_text(c, data, &m->data);
    return rc < 0 ? rc : 1;
}

/* An image has no title: one that stands there is an extra. */
static int read_media(struct lg_ctx *c, struct lg_val block,
                      struct lg_ir_part *p, unsigned depth)
{
    struct lg_val source;
    int rc =
        lg_get(c, block, &p->extra, LG_AM_NODE,
               p->kind == LG_PART_IMAGE ? "type- cache_control source="
                                        : "type- cache_control source= title$",
               &p->cache, &source, &p->media.name);

    if (rc < 0)
        return rc;
    rc = read_source(c, source, p, depth);
    return rc ? rc : read_opaque(c, block, p, depth);
}

static int read_tool_use(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    (void)depth;
    return lg_get(c, block, &p->extra, LG_AM_NODE,
                  "type- id$ name$ input cache_control", &p->id, &p->name,
                  &p->json, &p->cache);
}

static int read_tool_result(struct lg_ctx *c, struct lg_val block,
                            struct lg_ir_part *p, unsigned depth)
{
    struct lg_val content;
    const int rc = lg_get(c, block, &p->extra, LG_AM_NODE,
                          "type- tool_use_id$ content= is_error cache_control",
                          &p->id, &content, &p->is_error, &p->cache);

    return rc < 0
               ? rc
               : lg_am_read_content(c, content, &p->parts, &p->form, depth + 1);
}

static int read_thinking(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    (void)depth;
    p->blob.origin = LG_AM_NAME;
    return lg_get(c, block, &p->extra, LG_AM_NODE, "type- thinking$ signature$",
                  &p->text, &p->blob.val);
}

static int read_redacted(struct lg_ctx *c, struct lg_val block,
                         struct lg_ir_part *p, unsigned depth)
{
    (void)depth;
    p->blob.origin = LG_AM_NAME;
    return lg_get(c, block, &p->extra, LG_AM_NODE, "type- data$", &p->blob.val);
}

int lg_am_read_block(struct lg_ctx *c, struct lg_val block,
                     struct lg_ir_part *p, unsigned depth)
{
    static const struct {
        const char *type;
        read_fn read;
        enum lg_part_kind kind;
    } kinds[] = {{"text", read_text, LG_PART_TEXT},
                 {"tool_use", read_tool_use, LG_PART_TOOL_CALL},
                 {"tool_result", read_tool_result, LG_PART_TOOL_RESULT},
                 {"image", read_media, LG_PART_IMAGE},
                 {"document", read_media, LG_PART_DOCUMENT},
                 {"thinking", read_thinking, LG_PART_THINKING},
                 {"redacted_thinking", read_redacted, LG_PART_REDACTED}};
    const struct lg_val type = lg_val_get(block, "type");

    if (lg_val_kind(block) != LG_JSON_OBJECT)
        return lg_val_fail(block, c->err, "expected a content block");
    p->tok = block.i;
    for (size_t i = 0; i < LG_COUNT(kinds) && depth < LG_AM_DEPTH; i++) {
        if (!lg_val_is(type, kinds[i].type))
            continue;
        p->kind = (uint8_t)kinds[i].kind;
        return kinds[i].read(c, block, p, depth);
    }
    return read_opaque(c, block, p, depth);
}

static int read_item(struct lg_ctx *c, struct lg_val v, void *item, void *user)
{
    return lg_am_read_block(c, v, item, *(const unsigned *)user);
}

static int read_string(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part **parts)
{
    struct lg_ir_part *p = lg_arena_new(c->arena, struct lg_ir_part);

    if (!p)
        return lg_no_room(c);
    p->tok = v.i;
    lg_ir_set(&p->text, v);
    *parts = p;
    return 0;
}

int lg_am_read_content(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part **parts, uint8_t *form, unsigned depth)
{
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
        return lg_list_read(c, v, parts, sizeof(**parts), read_item, &depth);
    case LG_JSON_FALSE:
    case LG_JSON_TRUE:
    case LG_JSON_NUMBER:
    case LG_JSON_OBJECT:
        break;
    }
    return lg_val_fail(v, c->err, "expected a string or a list");
}
