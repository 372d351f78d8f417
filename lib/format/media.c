/* SPDX-License-Identifier: MIT */
#include "lib/format/media.h"

struct lg_ir_part *lg_part_add(struct lg_ctx *c, struct lg_ir_part ***end,
                               uint8_t kind, uint32_t tok)
{
    struct lg_ir_part *p = lg_arena_new(c->arena, struct lg_ir_part);

    if (!p) {
        (void)lg_no_room(c);
        return NULL;
    }
    p->kind = kind;
    p->tok = tok;
    **end = p;
    *end = &p->next;
    return p;
}

int lg_content_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_part ***end,
                    uint8_t *form,
                    int (*one)(struct lg_ctx *, struct lg_val,
                               struct lg_ir_part *))
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_iter it = lg_iter_of(v);
    struct lg_ir_part *p;
    int rc = 0;

    if (kind <= LG_JSON_NULL) {
        *form |= kind == LG_JSON_NONE ? LG_FORM_ABSENT : LG_FORM_NULL;
        return 0;
    }
    if (kind == LG_JSON_STRING) {
        p = lg_part_add(c, end, LG_PART_TEXT, v.i);
        if (!p)
            return c->arena->err;
        *form |= LG_FORM_BARE;
        p->form = LG_FORM_BARE;
        p->text = lg_ir_of(v);
        return 0;
    }
    if (kind != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list of parts");
    while (rc >= 0 && lg_iter_next(&it)) {
        p = lg_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? one(c, it.val, p) : c->arena->err;
    }
    return rc;
}

/* Cut `data:TYPE;base64,DATA` in two. */
static int split_data_url(struct lg_ir_media *m, struct lg_ir_val url)
{
    const struct lg_str mark = LG_STR(";base64");
    const char *comma = memchr(url.s.p, ',', url.s.n);
    struct lg_str type;

    if (!lg_str_starts(url.s, LG_STR("data:")) || !comma)
        return 0;
    type = lg_str_from(url.s.p + 5, (size_t)(comma - url.s.p) - 5);
    if (type.n <= mark.n || memcmp(comma - mark.n, mark.p, mark.n) != 0)
        return 0;
    type.n -= mark.n;
    if (memchr(type.p, ';', type.n)) /* parameters would be lost */
        return 0;
    m->source = LG_MEDIA_BASE64;
    m->data = m->media_type = url;
    m->media_type.s = type;
    m->data.s = lg_str_from(comma + 1, url.s.n - (size_t)(comma + 1 - url.s.p));
    return 1;
}

void lg_media_read_url(struct lg_ir_media *m, struct lg_ir_val url)
{
    if (split_data_url(m, url))
        return;
    m->source = LG_MEDIA_URL;
    m->data = url;
}

void lg_media_write_url(struct lg_writer *w, const struct lg_ir_media *m)
{
    const struct lg_str pieces[] = {LG_STR("data:"), m->media_type.s,
                                    LG_STR(";base64,"), m->data.s};

    if (m->source == LG_MEDIA_BASE64 && m->media_type.s.n)
        lg_jw_join(&w->jw, pieces, LG_COUNT(pieces));
    else
        lg_jw_body(&w->jw, m->data.s);
}

static const struct {
    const char *format, *media_type;
} audio_formats[] = {
    {"wav", "audio/wav"},   {"mp3", "audio/mpeg"},  {"flac", "audio/flac"},
    {"opus", "audio/opus"}, {"aac", "audio/aac"},   {"m4a", "audio/mp4"},
    {"ogg", "audio/ogg"},   {"webm", "audio/webm"},
};

const char *lg_media_audio_format(const struct lg_ir_val *media_type)
{
    for (size_t i = 0; i < LG_COUNT(audio_formats); i++)
        if (lg_ir_is(media_type, audio_formats[i].media_type))
            return audio_formats[i].format;
    return NULL;
}

void lg_media_audio_type(struct lg_ir_val *format)
{
    for (size_t i = 0; i < LG_COUNT(audio_formats); i++)
        if (lg_ir_is(format, audio_formats[i].format)) {
            format->s = lg_str_of(audio_formats[i].media_type);
            return;
        }
}

struct lg_ir_val lg_media_name(const struct lg_ir_media *m)
{
    if (lg_ir_has(&m->name) || m->source == LG_MEDIA_FILE)
        return m->name;
    return lg_ir_word(lg_ir_is(&m->media_type, "application/pdf")
                          ? "document.pdf"
                          : "document");
}
