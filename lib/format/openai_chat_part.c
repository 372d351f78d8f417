/* SPDX-License-Identifier: MIT
 *
 * Content: a string, or a list of parts. */
#include "lib/format/openai_chat.h"

int lg_chat_has_extra(const struct lg_ir_extra *x, const char *key,
                      uint8_t level)
{
    for (; x; x = x->next)
        if (x->level == level && lg_str_is(x->key, key))
            return 1;
    return 0;
}

/* ---- reading ------------------------------------------------------------ */

/* The readers of a kind: 1 if it has the shape it should have, 0 if not (then
 * it stays opaque), or negative. */

static int read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc = lg_get(c, v, &p->extra, LG_CHAT_SELF,
                          "type- text cache_control", &p->text, &p->cache);

    return rc ? rc : lg_ir_is_string(&p->text);
}

static int read_refusal(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc =
        lg_get(c, v, &p->extra, LG_CHAT_SELF, "type- refusal", &p->text);

    return rc ? rc : lg_ir_is_string(&p->text);
}

/* What a part has beside its cache_control: an object in most. */
LG_APART static int get_inner(struct lg_ctx *c, struct lg_val v,
                              struct lg_ir_part *p, const char *names,
                              struct lg_val *inner)
{
    return lg_get(c, v, &p->extra, LG_CHAT_SELF, names, inner, &p->cache);
}

static int read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_ir_val url = lg_ir_none;
    struct lg_val inner;
    int rc = get_inner(c, v, p, "type- image_url= cache_control", &inner);

    if (lg_val_kind(inner) == LG_JSON_STRING) {
        p->form = LG_FORM_BARE;
        lg_ir_set(&url, inner);
    } else if (!rc && lg_val_kind(inner) == LG_JSON_OBJECT) {
        rc = lg_get(c, inner, &p->extra, LG_CHAT_INNER, "url detail", &url,
                    &p->media.detail);
    }
    if (rc || !lg_ir_is_string(&url))
        return rc;
    lg_media_read_url(&p->media, url);
    return 1;
}

static int read_audio(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_ir_val *type = &p->media.media_type;
    struct lg_val inner;
    int rc = get_inner(c, v, p, "type- input_audio= cache_control", &inner);

    if (rc || lg_val_kind(inner) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_CHAT_INNER, "data format",
                &p->media.data, type);
    if (rc || !lg_ir_is_string(&p->media.data) || !lg_ir_is_string(type))
        return rc;
    p->media.source = LG_MEDIA_BASE64;
    lg_media_audio_type(type);
    return 1;
}

static int read_file(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_val inner, data, id, other;
    int rc = get_inner(c, v, p, "type- file= cache_control", &inner);

    if (rc || lg_val_kind(inner) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, inner, &p->extra, LG_CHAT_INNER,
                "file_data= file_id= filename", &data, &id, &p->media.name);
    if (!rc && lg_val_kind(data) == LG_JSON_STRING) {
        lg_media_read_url(&p->media, lg_ir_of(data));
        if (p->media.source == LG_MEDIA_URL && /* plain base64, by some */
            !memchr(p->media.data.s.p, ':', p->media.data.s.n))
            p->media.source = LG_MEDIA_BASE64;
        other = id;
    } else if (!rc && lg_val_kind(id) == LG_JSON_STRING) {
        p->media.source = LG_MEDIA_FILE;
        lg_ir_set(&p->media.data, id);
        other = data;
    } else {
        return rc;
    }
    rc = lg_extra_keep(c, &p->extra, other, LG_CHAT_INNER);
    return rc ? rc : 1;
}

/* Mistral's: {"type":"thinking","thinking":[{"type":"text","text":...}]}. */
static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part *p)
{
    struct lg_val inner, type;
    struct lg_iter it;
    int rc = lg_get(c, v, &p->extra, LG_CHAT_SELF, "type- thinking=", &inner);

    p->form = LG_CHAT_IN_CONTENT;
    if (lg_val_kind(inner) == LG_JSON_STRING) {
        p->form |= LG_FORM_BARE;
        lg_ir_set(&p->text, inner);
        return rc ? rc : 1;
    }
    it = lg_iter_of(inner);
    if (rc || lg_val_kind(inner) != LG_JSON_ARRAY || !lg_iter_next(&it) ||
        lg_val_kind(it.val) != LG_JSON_OBJECT)
        return rc;
    rc = lg_get(c, it.val, &p->extra, LG_CHAT_INNER, "type= text", &type,
                &p->text);
    if (rc)
        return rc;
    return lg_val_is(type, "text") && lg_ir_is_string(&p->text) &&
           !lg_iter_next(&it);
}

static const struct {
    const char *type;
    int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_part *);
    uint8_t kind;
} part_types[] = {
    {"text", read_text, LG_PART_TEXT},
    {"image_url", read_image, LG_PART_IMAGE},
    {"refusal", read_refusal, LG_PART_REFUSAL},
    {"file", read_file, LG_PART_DOCUMENT},
    {"thinking", read_thinking, LG_PART_THINKING},
    {"input_audio", read_audio, LG_PART_AUDIO},
};

static int read_part(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const struct lg_val type = lg_val_get(v, "type");
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(part_types); i++)
        if (lg_val_is(type, part_types[i].type)) {
            p->kind = part_types[i].kind;
            rc = part_types[i].read(c, v, p);
        }
    if (rc == 0)
        *p = (struct lg_ir_part){
            .kind = LG_PART_OPAQUE, .tok = v.i, .json = lg_ir_of(v)};
    return rc < 0 ? rc : 0;
}

int lg_chat_content_read(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part ***end, uint8_t *form)
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_iter it = lg_iter_of(v);
    struct lg_ir_part *p;
    int rc = 0;

    if (kind == LG_JSON_NONE || kind == LG_JSON_NULL) {
        *form |= kind == LG_JSON_NONE ? LG_FORM_ABSENT : LG_FORM_NULL;
        return 0;
    }
    if (kind == LG_JSON_STRING) {
        p = lg_part_add(c, end, LG_PART_TEXT, v.i);
        if (!p)
            return c->arena->err;
        *form |= LG_FORM_BARE;
        p->form = LG_FORM_BARE;
        lg_ir_set(&p->text, v);
        return 0;
    }
    if (kind != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list of parts");
    while (!rc && lg_iter_next(&it)) {
        p = lg_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? read_part(c, it.val, p) : c->arena->err;
        if (p)
            p->tok = it.val.i;
    }
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

static void write_image(struct lg_writer *w, const struct lg_ir_part *p)
{
    const int bare = w->own && p->form & LG_FORM_BARE;

    lg_put(w, bare ? "'image_url':" : "'image_url':{'url':");
    lg_media_write_url(w, &p->media);
    if (!bare)
        lg_put(w, "'detail':%o,%x}", &p->media.detail, p->extra, LG_CHAT_INNER);
}

static void write_audio(struct lg_writer *w, const struct lg_ir_part *p)
{
    const char *format = lg_media_audio_format(&p->media.media_type);

    lg_put(w, "'input_audio':{'data':%v,'format':%b,%x}", &p->media.data,
           format ? lg_str_of(format) : p->media.media_type.s, p->extra,
           LG_CHAT_INNER);
}

static void write_file(struct lg_writer *w, const struct lg_ir_part *p)
{
    const struct lg_ir_val name =
        w->own ? p->media.name : lg_media_name(&p->media);

    lg_put(w, "'file':{'filename':%v,%k:", &name,
           p->media.source == LG_MEDIA_FILE ? "file_id" : "file_data");
    lg_media_write_url(w, &p->media);
    lg_put(w, "%x}", p->extra, LG_CHAT_INNER);
}

static void write_thinking(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (p->form & LG_FORM_BARE)
        lg_put(w, "'thinking':%v", &p->text);
    else
        lg_put(w, "'thinking':[{'type':'text','text':%v,%x}]", &p->text,
               p->extra, LG_CHAT_INNER);
}

void lg_chat_part_write(struct lg_writer *w, const struct lg_ir_part *p)
{
    size_t i = 0;

    while (i < LG_COUNT(part_types) && part_types[i].kind != p->kind)
        i++;
    if (i == LG_COUNT(part_types)) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    lg_put(w, "{'type':%s", part_types[i].type);
    if (p->kind == LG_PART_IMAGE)
        write_image(w, p);
    else if (p->kind == LG_PART_AUDIO)
        write_audio(w, p);
    else if (p->kind == LG_PART_DOCUMENT)
        write_file(w, p);
    else if (p->kind == LG_PART_THINKING)
        write_thinking(w, p);
    else
        lg_put(w, "%k:%v", part_types[i].type, &p->text);
    if (w->own)
        lg_put(w, "'cache_control':%v,%x", &p->cache, p->extra, LG_CHAT_SELF);
    lg_put(w, "}");
}
