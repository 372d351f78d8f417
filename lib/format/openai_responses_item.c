/* SPDX-License-Identifier: MIT
 *
 * Items and their content, read. */
#include "lib/format/openai_responses.h"

int lg_or_keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v)
{
    const struct lg_str s = v.doc ? lg_val_raw(v) : LG_STR("");

    if (lg_val_kind(v) <= LG_JSON_NULL || lg_str_is(s, "[]") ||
        lg_str_is(s, "{}") || lg_str_is(s, "\"\""))
        return 0;
    return lg_extra_keep(c, extra, v, LG_OR_SELF);
}

/* ---- content ------------------------------------------------------------ */

/* The readers of a kind: 1 if it has the shape it should have, 0 if not (then
 * it stays opaque), or negative. */

static int read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_val list, logprobs;
    int rc =
        lg_get(c, v, &p->extra, LG_OR_SELF,
               "type- text annotations= logprobs=", &p->text, &list, &logprobs);

    if (lg_val_kind(list) == LG_JSON_ARRAY &&
        lg_val_tok(list)->next > list.i + 1)
        p->citations = lg_ir_of(list);
    if (rc >= 0)
        rc = lg_or_keep(c, &p->extra, logprobs);
    return rc < 0 ? rc : lg_ir_is_string(&p->text);
}

static int read_refusal(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc =
        lg_get(c, v, &p->extra, LG_OR_SELF, "type- refusal", &p->text);

    return rc < 0 ? rc : lg_ir_is_string(&p->text);
}

/* The default, and what others have no word for. */
static void drop_auto(struct lg_ir_val *detail)
{
    if (lg_ir_is(detail, "auto"))
        *detail = lg_ir_none;
}

/* A file by its id, its URL or its data; the first that is there. */
static int read_media(struct lg_ctx *c, struct lg_val v, const char *names,
                      struct lg_ir_part *p)
{
    struct lg_ir_val at[3] = {{{0}, 0, 0, 0}};
    const int rc = lg_get(c, v, &p->extra, LG_OR_SELF, names, &at[0], &at[1],
                          &p->media.detail, &at[2], &p->media.name);

    drop_auto(&p->media.detail);
    if (rc < 0)
        return rc;
    if (lg_ir_is_string(&at[0])) {
        p->media.source = LG_MEDIA_FILE;
        p->media.data = at[0];
    } else if (lg_ir_is_string(&at[1]) || lg_ir_is_string(&at[2])) {
        lg_media_read_url(&p->media, at[lg_ir_is_string(&at[1]) ? 1 : 2]);
        if (p->media.source == LG_MEDIA_URL && !lg_ir_is_string(&at[1]) &&
            !memchr(p->media.data.s.p, ':', p->media.data.s.n))
            p->media.source = LG_MEDIA_BASE64; /* without its data: */
    }
    return p->media.source != LG_MEDIA_NONE;
}

static int read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    return read_media(c, v, "type- file_id image_url detail", p);
}

static int read_file(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    return read_media(c, v, "type- file_id file_url detail file_data filename",
                      p);
}

static int read_audio(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_val inner;
    int rc = lg_get(c, v, &p->extra, LG_OR_SELF, "type- input_audio=", &inner);

    if (rc < 0 || lg_val_kind(inner) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_OR_INNER, "data format", &p->media.data,
                &p->media.media_type);
    if (rc < 0 || !lg_ir_is_string(&p->media.data))
        return rc;
    p->media.source = LG_MEDIA_BASE64;
    lg_media_audio_type(&p->media.media_type);
    return lg_ir_is_string(&p->media.media_type);
}

static const struct {
    const char *type;
    int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_part *);
    uint8_t kind;
} contents[] = {
    {"input_text", read_text, LG_PART_TEXT},
    {"output_text", read_text, LG_PART_TEXT},
    {"refusal", read_refusal, LG_PART_REFUSAL},
    {"input_image", read_image, LG_PART_IMAGE},
    {"input_file", read_file, LG_PART_DOCUMENT},
    {"input_audio", read_audio, LG_PART_AUDIO},
    {"text", read_text, LG_PART_TEXT},
};

int lg_or_content_one(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const struct lg_val type = lg_val_get(v, "type");
    struct lg_ir_part *const next = p->next;
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(contents); i++)
        if (lg_val_is(type, contents[i].type)) {
            p->kind = contents[i].kind;
            rc = contents[i].read(c, v, p);
            break;
        }
    if (rc == 0)
        *p = (struct lg_ir_part){.kind = LG_PART_OPAQUE,
                                 .next = next,
                                 .tok = v.i,
                                 .json = lg_ir_of(v)};
    return rc < 0 ? rc : 0;
}

int lg_or_content_read(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part ***end, uint8_t *form)
{
    return lg_content_read(c, v, end, form, lg_or_content_one);
}

/* ---- items -------------------------------------------------------------- */

static int read_message(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    struct lg_val content;
    uint8_t form = 0;
    const int rc = lg_get(c, v, extra, LG_OR_SELF,
                          "type- id- status- role- content=", &content);

    return rc < 0 ? rc : lg_or_content_read(c, content, end, &form);
}

static int read_call(struct lg_ctx *c, struct lg_val v,
                     struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    struct lg_ir_part *p = lg_part_add(c, end, LG_PART_TOOL_CALL, v.i);
    int rc;

    (void)extra;
    if (!p)
        return c->arena->err;
    p->custom = lg_val_is(lg_val_get(v, "type"), "custom_tool_call") != 0;
    rc = lg_get(c, v, &p->extra, LG_OR_SELF,
                p->custom ? "type- id- status- call_id name input"
                          : "type- id- status- call_id name arguments",
                &p->id, &p->name, p->custom ? &p->text : &p->json);
    if (lg_ir_is_string(&p->json)) {
        p->json.kind = LG_JSON_OBJECT;
        p->json.in_string = 1;
    }
    return rc;
}

/* The texts of summary and content, one behind the other; measured first. */
struct thinking {
    char *to;
    size_t n;
};

static void add_text(struct thinking *t, struct lg_str s)
{
    const struct lg_str pieces[] = {t->n ? LG_STR(LG_OR_BREAK) : LG_STR(""), s};

    for (size_t i = 0; i < LG_COUNT(pieces); i++) {
        if (t->to && pieces[i].n)
            memcpy(t->to + t->n, pieces[i].p, pieces[i].n);
        t->n += pieces[i].n;
    }
}

static void add_texts(struct thinking *t, const struct lg_val *lists)
{
    t->n = 0;
    for (int i = 0; i < 2; i++) {
        struct lg_iter it = lg_iter_of(lists[i]);

        while (lg_iter_next(&it))
            add_text(t, lg_val_body(lg_val_get(it.val, "text")));
    }
}

static int read_reasoning(struct lg_ctx *c, struct lg_val v,
                          struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    struct lg_ir_part part = {.kind = LG_PART_REDACTED, .tok = v.i}, *p;
    struct thinking t = {0};
    struct lg_val lists[2];
    const int rc = lg_get(c, v, &part.extra, LG_OR_SELF,
                          "type- status- id- summary= content= "
                          "encrypted_content",
                          &lists[0], &lists[1], &part.blob.val);

    (void)extra;
    if (rc < 0)
        return rc;
    if (part.blob.val.s.n && lg_ir_is_string(&part.blob.val))
        part.blob.origin = LG_OR_NAME;
    else
        part.blob.val = lg_ir_none;
    add_texts(&t, lists);
    if (!t.n && !part.blob.origin)
        return 0;
    if (t.n) {
        t.to = lg_arena_raw(c->arena, t.n);
        if (!t.to)
            return lg_no_room(c);
        add_texts(&t, lists);
        part.kind = LG_PART_THINKING;
        part.text = (struct lg_ir_val){lg_str_from(t.to, t.n), LG_NOWHERE,
                                       LG_JSON_STRING, 0};
    }
    p = lg_part_add(c, end, part.kind, v.i);
    if (!p)
        return c->arena->err;
    *p = part;
    return 0;
}

static int read_other(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    struct lg_ir_part *p = lg_part_add(c, end, LG_PART_OPAQUE, v.i);

    (void)extra;
    if (!p)
        return c->arena->err;
    p->json = lg_ir_of(v);
    return 0;
}

static int read_item(struct lg_ctx *c, struct lg_val item,
                     struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    static const struct {
        const char *type;
        int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_part ***,
                    struct lg_ir_extra **);
    } kinds[] = {
        {"message", read_message},
        {"function_call", read_call},
        {"custom_tool_call", read_call},
        {"reasoning", read_reasoning},
    };
    const struct lg_val type = lg_val_get(item, "type");

    for (size_t i = 0; i < LG_COUNT(kinds); i++)
        if (lg_val_is(type, kinds[i].type))
            return kinds[i].read(c, item, end, extra);
    return !type.doc && lg_val_get(item, "role").doc
               ? read_message(c, item, end, extra)
               : read_other(c, item, end, extra);
}

int lg_or_item_read(struct lg_ctx *c, struct lg_val item,
                    struct lg_ir_part ***end, struct lg_ir_extra **extra)
{
    struct lg_ir_part **const first = *end;
    int rc = read_item(c, item, end, extra);

    if (rc >= 0 && *end == first && c->keep_extras)
        rc = read_other(c, item, end, extra);
    if (rc >= 0 && *end != first)
        (*first)->form |= LG_OR_BEGINS;
    return rc;
}
