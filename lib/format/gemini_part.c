/* SPDX-License-Identifier: MIT
 *
 * Parts, read. */
#include "lib/format/gemini.h"

#include "lib/format/media.h"

enum {
    F_TEXT,
    F_INLINE,
    F_FILE,
    F_CALL,
    F_RESULT,
    F_DATA, /* how many are data; a part has one of them */
    F_THOUGHT = F_DATA,
    F_SIGNATURE,
    F_COUNT
};
static const char *const fields[F_COUNT] = {"text",
                                            "inlineData",
                                            "fileData",
                                            "functionCall",
                                            "functionResponse",
                                            "thought",
                                            "thoughtSignature"};

/* What media are, by their type. */
static uint8_t kind_of_media(struct lg_ctx *c, struct lg_val inner)
{
    static const struct {
        const char *prefix;
        uint8_t kind;
    } kinds[] = {{"image/", LG_PART_IMAGE},
                 {"audio/", LG_PART_AUDIO},
                 {"text/", LG_PART_DOCUMENT},
                 {"application/pdf", LG_PART_DOCUMENT}};
    const struct lg_str type = lg_val_body(lg_member(c, inner, "mimeType"));

    for (size_t i = 0; i < LG_COUNT(kinds) && type.p; i++)
        if (lg_str_starts(type, lg_str_of(kinds[i].prefix)))
            return kinds[i].kind;
    return LG_PART_OPAQUE;
}

/* What a part is by the one thing that it has; OPAQUE: of this format alone. */
static uint8_t kind_of(struct lg_ctx *c, const struct lg_val *f, int answer)
{
    int at = 0;

    while (at < F_DATA && !f[at].doc)
        at++;
    for (int i = at + 1; i < F_DATA; i++)
        if (f[i].doc)
            return LG_PART_OPAQUE;
    if (f[F_SIGNATURE].doc && lg_val_kind(f[F_SIGNATURE]) != LG_JSON_STRING)
        return LG_PART_OPAQUE;
    if (at == F_DATA)
        return f[F_SIGNATURE].doc && !f[F_THOUGHT].doc ? LG_PART_REDACTED
                                                       : LG_PART_OPAQUE;
    if (at == F_TEXT)
        return lg_val_kind(f[F_TEXT]) != LG_JSON_STRING    ? LG_PART_OPAQUE
               : lg_val_kind(f[F_THOUGHT]) == LG_JSON_TRUE ? LG_PART_THINKING
                                                           : LG_PART_TEXT;
    if (lg_val_kind(f[at]) != LG_JSON_OBJECT)
        return LG_PART_OPAQUE;
    if (at == F_CALL)
        return LG_PART_TOOL_CALL;
    if (answer)
        return LG_PART_OPAQUE;
    return at == F_RESULT ? LG_PART_TOOL_RESULT : kind_of_media(c, f[at]);
}

/* A URL that anybody can read, or one of the file store here. */
static uint8_t source_of(const struct lg_ir_val *uri)
{
    static const char files[] = "https://generativelanguage.googleapis.com/";

    return lg_str_starts(uri->s, LG_STR("http")) &&
                   !lg_str_starts(uri->s, lg_str_of(files))
               ? LG_MEDIA_URL
               : LG_MEDIA_FILE;
}

static int read_media(struct lg_ctx *c, const struct lg_val *f,
                      struct lg_ir_part *p)
{
    const int file = f[F_FILE].doc != NULL;
    const int rc =
        lg_get(c, f[file ? F_FILE : F_INLINE], &p->extra, LG_GM_INNER,
               file ? "mimeType$ fileUri$ displayName$"
                    : "mimeType$ data$ displayName$",
               &p->media.media_type, &p->media.data, &p->media.name);

    p->media.source =
        file ? source_of(&p->media.data) : (uint8_t)LG_MEDIA_BASE64;
    return rc;
}

static int read_data(struct lg_ctx *c, const struct lg_val *f,
                     struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_THINKING:
        p->text = lg_ir_of(f[F_TEXT]);
        return 0;
    case LG_PART_TOOL_CALL:
        return lg_get(c, f[F_CALL], &p->extra, LG_GM_INNER, "id$ name$ args",
                      &p->id, &p->name, &p->json);
    case LG_PART_TOOL_RESULT:
        return lg_gm_result_read(c, f[F_RESULT], p);
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
        return read_media(c, f, p);
    case LG_PART_REDACTED:
    case LG_PART_REFUSAL:
    case LG_PART_OPAQUE:
        break;
    }
    return 0;
}

static int add_signature(struct lg_ctx *c, struct lg_val v, unsigned form,
                         struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (!v.doc || (!c->keep_extras && lg_val_is(v, LG_GM_UNSIGNED)))
        return 0;
    p = lg_part_add(c, end, LG_PART_REDACTED, v.i);
    if (!p)
        return c->arena->err;
    p->form = (uint8_t)form;
    p->blob = (struct lg_ir_blob){lg_ir_of(v), LG_GM_NAME};
    return 0;
}

int lg_gm_part_read(struct lg_ctx *c, struct lg_val v, int answer,
                    struct lg_ir_part ***end)
{
    struct lg_val f[F_COUNT];
    struct lg_ir_extra *extra = NULL;
    struct lg_ir_part *p;
    int rc = lg_fields(c, v, fields, F_COUNT, f, &extra, LG_GM_SELF);
    const uint8_t kind = rc < 0 ? (uint8_t)0 : kind_of(c, f, answer);

    if (rc >= 0 && kind == LG_PART_TOOL_CALL)
        rc = add_signature(c, f[F_SIGNATURE], LG_GM_SIGNS_NEXT, end);
    if (rc < 0)
        return rc;
    if (kind == LG_PART_REDACTED && !extra)
        return add_signature(c, f[F_SIGNATURE], LG_GM_SIGNS_NONE, end);
    p = lg_part_add(c, end, kind, v.i);
    if (!p)
        return c->arena->err;
    if (kind == LG_PART_OPAQUE || kind == LG_PART_REDACTED) {
        p->kind = LG_PART_OPAQUE;
        p->json = lg_ir_of(v);
        return 0;
    }
    p->extra = extra;
    if (kind == LG_PART_THINKING && f[F_SIGNATURE].doc)
        p->blob = (struct lg_ir_blob){lg_ir_of(f[F_SIGNATURE]), LG_GM_NAME};
    else if (kind != LG_PART_THINKING &&
             (c->keep_extras || lg_val_kind(f[F_THOUGHT]) == LG_JSON_TRUE))
        rc = lg_extra_keep(c, &p->extra, f[F_THOUGHT], LG_GM_SELF);
    if (rc >= 0)
        rc = read_data(c, f, p);
    if (rc < 0 || kind == LG_PART_THINKING || kind == LG_PART_TOOL_CALL)
        return rc;
    return add_signature(c, f[F_SIGNATURE], 0, end);
}
