/* SPDX-License-Identifier: MIT
 *
 * Parts of a content, and documents. */
#include "lib/format/cohere_chat.h"
#include "lib/format/media.h"

/* ---- reading ------------------------------------------------------------ */

/* The readers of a kind: 1 if it has the shape it should have, 0 if not (then
 * it stays opaque), or negative. */

static int read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const int rc = lg_get(
        c, v, &p->extra, LG_CO_NODE,
        p->kind == LG_PART_TEXT ? "type- text" : "type- thinking", &p->text);

    return rc < 0 ? rc : p->text.kind == LG_JSON_STRING;
}

static int read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_ir_val url = lg_ir_none;
    struct lg_val inner;
    int rc = lg_get(c, v, &p->extra, LG_CO_NODE, "type- image_url=", &inner);

    if (lg_val_kind(inner) == LG_JSON_STRING) {
        p->form = LG_FORM_BARE;
        url = lg_ir_of(inner);
    } else if (rc >= 0 && lg_val_kind(inner) == LG_JSON_OBJECT) {
        rc = lg_get(c, inner, &p->extra, LG_CO_INNER, "url detail", &url,
                    &p->media.detail);
    }
    if (rc < 0 || url.kind != LG_JSON_STRING)
        return rc < 0 ? rc : 0;
    lg_media_read_url(&p->media, url);
    return 1;
}

static int is_text(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_STRING;
}

/* A document is a string, or has data: a string, or an object with a text. */
static int read_source(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    struct lg_val data = v, text, title;
    int rc = 0;

    p->media.source = LG_MEDIA_TEXT;
    if (lg_val_kind(v) == LG_JSON_OBJECT)
        rc = lg_get(c, v, &p->extra, LG_CO_INNER, "data=", &data);
    if (rc < 0)
        return rc;
    if (is_text(data)) {
        p->form |= is_text(v) ? LG_FORM_BARE : LG_FORM_OLD;
        p->media.data = lg_ir_of(data);
        return 1;
    }
    title = lg_val_get(data, "title");
    if (!is_text(lg_val_get(data, "text")) || (title.doc && !is_text(title)))
        return 0;
    rc = lg_get(c, data, &p->extra, LG_CO_DATA, "text= title=", &text, &title);
    p->media.data = lg_ir_of(text);
    p->media.name = lg_ir_of(title);
    return rc < 0 ? rc : 1;
}

static int or_opaque(int rc, struct lg_val v, struct lg_ir_part *p)
{
    if (rc == 0)
        *p = (struct lg_ir_part){.kind = LG_PART_OPAQUE,
                                 .next = p->next,
                                 .tok = v.i,
                                 .form = p->form & LG_FORM_TOP,
                                 .json = lg_ir_of(v)};
    return rc < 0 ? rc : 0;
}

int lg_co_read_document(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    p->kind = LG_PART_DOCUMENT;
    p->tok = v.i;
    return or_opaque(read_source(c, v, p), v, p);
}

static int read_document(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part *p)
{
    struct lg_val inner;
    const int rc =
        lg_get(c, v, &p->extra, LG_CO_NODE, "type- document=", &inner);

    return rc < 0 || !inner.doc ? rc : read_source(c, inner, p);
}

static const struct {
    const char *type;
    uint8_t kind;
    int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_part *);
} types[] = {
    {"text", LG_PART_TEXT, read_text},
    {"thinking", LG_PART_THINKING, read_text},
    {"image_url", LG_PART_IMAGE, read_image},
    {"document", LG_PART_DOCUMENT, read_document},
};

int lg_co_read_part(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const struct lg_val type = lg_val_get(v, "type");
    int rc = 0;

    p->tok = v.i;
    for (size_t i = 0; i < LG_COUNT(types); i++)
        if (lg_val_is(type, types[i].type)) {
            p->kind = types[i].kind;
            rc = types[i].read(c, v, p);
        }
    return or_opaque(rc, v, p);
}

int lg_co_read_content(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part ***end, uint8_t *form)
{
    return lg_content_read(c, v, end, form, lg_co_read_part);
}

/* ---- writing ------------------------------------------------------------ */

void lg_co_write_document(struct lg_writer *w, const struct lg_ir_part *p)
{
    if (w->own && p->kind == LG_PART_OPAQUE) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    if (w->own && p->form & LG_FORM_BARE) {
        lg_ir_write(&w->jw, &p->media.data);
        return;
    }
    if (w->own && p->form & LG_FORM_OLD)
        lg_put(w, "{'data':%v", &p->media.data);
    else
        lg_put(w, "{'data':{'text':%v,'title':%o,%x}", &p->media.data,
               &p->media.name, p->extra, LG_CO_DATA);
    lg_put(w, "%x}", p->extra, LG_CO_INNER);
}

static void write_image(struct lg_writer *w, const struct lg_ir_part *p)
{
    const int bare = w->own && p->form & LG_FORM_BARE;

    lg_put(w, bare ? "'image_url':" : "'image_url':{'url':");
    lg_media_write_url(w, &p->media);
    if (!bare)
        lg_put(w, "'detail':%o,%x}", &p->media.detail, p->extra, LG_CO_INNER);
}

void lg_co_write_part(struct lg_writer *w, const struct lg_ir_part *p)
{
    size_t i = 0;

    while (i < LG_COUNT(types) && types[i].kind != p->kind)
        i++;
    if (i == LG_COUNT(types)) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    lg_put(w, "{'type':%s", types[i].type);
    if (p->kind == LG_PART_IMAGE) {
        write_image(w, p);
    } else if (p->kind == LG_PART_DOCUMENT) {
        lg_put(w, "'document':");
        lg_co_write_document(w, p);
    } else {
        lg_put(w, "%k:%v", types[i].type, &p->text);
    }
    lg_put(w, "%x}", p->extra, LG_CO_NODE);
}
