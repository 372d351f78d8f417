/* SPDX-License-Identifier: MIT
 *
 * Content: a string, or a list of parts. */
#include "lib/format/openai_chat.h"

int lg_chat_keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                 uint8_t level)
{
    /* A member's key is the token before it. */
    return v.doc ? lg_extra_add(c, extra, (struct lg_val){v.doc, v.i - 1}, v,
                                level)
                 : 0;
}

int lg_chat_has_extra(const struct lg_ir_extra *x, const char *key,
                      uint8_t level)
{
    for (; x; x = x->next)
        if (x->level == level && lg_str_is(x->key, key))
            return 1;
    return 0;
}

int lg_chat_lose(struct lg_ctx *c, uint32_t tok, enum lg_loss_action action,
                 const char *reason)
{
    return c->losses ? lg_lose(c->losses, tok, action, reason) : 0;
}

int lg_chat_protocol(struct lg_ctx *c, int rc)
{
    if (rc != LLMGW_E_JSON)
        return rc;
    if (c->err)
        c->err->code = LLMGW_E_PROTOCOL;
    return LLMGW_E_PROTOCOL;
}

struct lg_ir_part *lg_chat_part_add(struct lg_ctx *c, struct lg_ir_part ***end,
                                    uint8_t kind, uint32_t tok)
{
    struct lg_ir_part *p = lg_arena_new(c->arena, struct lg_ir_part);

    if (!p) {
        (void)lg_fail_mem(c->err, c->arena->err);
        return NULL;
    }
    p->kind = kind;
    p->tok = tok;
    **end = p;
    *end = &p->next;
    return p;
}

/* ---- reading ------------------------------------------------------------ */

static int is_string(struct lg_val v)
{
    return lg_val_kind(v) == LG_JSON_STRING;
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

static void read_url(struct lg_ir_media *m, struct lg_val v)
{
    if (split_data_url(m, lg_ir_of(v)))
        return;
    m->source = LG_MEDIA_URL;
    m->data = lg_ir_of(v);
}

static const struct {
    const char *format, *media_type;
} audio_formats[] = {
    {"wav", "audio/wav"},   {"mp3", "audio/mpeg"},  {"flac", "audio/flac"},
    {"opus", "audio/opus"}, {"aac", "audio/aac"},   {"m4a", "audio/mp4"},
    {"ogg", "audio/ogg"},   {"webm", "audio/webm"},
};

static struct lg_ir_val audio_type(struct lg_val format)
{
    struct lg_ir_val out = lg_ir_of(format);

    for (size_t i = 0; i < LG_COUNT(audio_formats); i++)
        if (lg_ir_is(&out, audio_formats[i].format))
            out.s = lg_str_of(audio_formats[i].media_type);
    return out;
}

const char *lg_chat_audio_format(const struct lg_ir_val *media_type)
{
    for (size_t i = 0; i < LG_COUNT(audio_formats); i++)
        if (lg_ir_is(media_type, audio_formats[i].media_type))
            return audio_formats[i].format;
    return NULL;
}

/* The readers of a kind: 1 if it has the shape it should have, 0 if not (then
 * it stays opaque), or negative. */

static int read_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "text", "cache_control"};
    struct lg_val f[3];
    const int rc = lg_fields(c, v, names, 3, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_TEXT;
    p->text = lg_ir_of(f[1]);
    p->cache = lg_ir_of(f[2]);
    return rc ? rc : is_string(f[1]);
}

static int read_refusal(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "refusal"};
    struct lg_val f[2];
    const int rc = lg_fields(c, v, names, 2, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_REFUSAL;
    p->text = lg_ir_of(f[1]);
    return rc ? rc : is_string(f[1]);
}

static int read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "image_url", "cache_control"};
    static const char *const inner[] = {"url", "detail"};
    struct lg_val f[3], g[2] = {{0}};
    int rc = lg_fields(c, v, names, 3, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_IMAGE;
    p->cache = lg_ir_of(f[2]);
    if (is_string(f[1])) {
        p->form = LG_FORM_BARE;
        g[0] = f[1];
    } else if (!rc && lg_val_kind(f[1]) == LG_JSON_OBJECT) {
        rc = lg_fields(c, f[1], inner, 2, g, &p->extra, LG_CHAT_INNER);
    }
    if (rc || !is_string(g[0]))
        return rc;
    read_url(&p->media, g[0]);
    p->media.detail = lg_ir_of(g[1]);
    return 1;
}

static int read_audio(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "input_audio", "cache_control"};
    static const char *const inner[] = {"data", "format"};
    struct lg_val f[3], g[2];
    int rc = lg_fields(c, v, names, 3, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_AUDIO;
    p->cache = lg_ir_of(f[2]);
    if (rc || lg_val_kind(f[1]) != LG_JSON_OBJECT)
        return rc;
    rc = lg_fields(c, f[1], inner, 2, g, &p->extra, LG_CHAT_INNER);
    if (rc || !is_string(g[0]) || !is_string(g[1]))
        return rc;
    p->media.source = LG_MEDIA_BASE64;
    p->media.data = lg_ir_of(g[0]);
    p->media.media_type = audio_type(g[1]);
    return 1;
}

static int read_file(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "file", "cache_control"};
    static const char *const inner[] = {"file_data", "file_id", "filename"};
    struct lg_val f[3], g[3];
    int rc = lg_fields(c, v, names, 3, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_DOCUMENT;
    p->cache = lg_ir_of(f[2]);
    if (rc || lg_val_kind(f[1]) != LG_JSON_OBJECT)
        return rc;
    rc = lg_fields(c, f[1], inner, 3, g, &p->extra, LG_CHAT_INNER);
    p->media.name = lg_ir_of(g[2]);
    if (!rc && is_string(g[0])) {
        read_url(&p->media, g[0]);
        if (p->media.source == LG_MEDIA_URL && /* plain base64, by some */
            !memchr(p->media.data.s.p, ':', p->media.data.s.n))
            p->media.source = LG_MEDIA_BASE64;
        rc = lg_chat_keep(c, &p->extra, g[1], LG_CHAT_INNER);
        return rc ? rc : 1;
    }
    if (rc || !is_string(g[1]))
        return rc;
    p->media.source = LG_MEDIA_FILE;
    p->media.data = lg_ir_of(g[1]);
    rc = lg_chat_keep(c, &p->extra, g[0], LG_CHAT_INNER);
    return rc ? rc : 1;
}

/* Mistral's: {"type":"thinking","thinking":[{"type":"text","text":...}]}. */
static int read_thinking(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part *p)
{
    static const char *const names[] = {"type", "thinking"};
    static const char *const inner[] = {"type", "text"};
    struct lg_val f[2], g[2];
    struct lg_iter it;
    int rc = lg_fields(c, v, names, 2, f, &p->extra, LG_CHAT_SELF);

    p->kind = LG_PART_THINKING;
    p->form = LG_CHAT_IN_CONTENT;
    if (is_string(f[1])) {
        p->form |= LG_FORM_BARE;
        p->text = lg_ir_of(f[1]);
        return rc ? rc : 1;
    }
    it = lg_iter_of(f[1]);
    if (rc || lg_val_kind(f[1]) != LG_JSON_ARRAY || !lg_iter_next(&it) ||
        lg_val_kind(it.val) != LG_JSON_OBJECT)
        return rc;
    rc = lg_fields(c, it.val, inner, 2, g, &p->extra, LG_CHAT_INNER);
    p->text = lg_ir_of(g[1]);
    if (rc)
        return rc;
    return lg_val_is(g[0], "text") && is_string(g[1]) && !lg_iter_next(&it);
}

static const struct {
    const char *type;
    int (*read)(struct lg_ctx *, struct lg_val, struct lg_ir_part *);
} part_types[] = {
    {"text", read_text},         {"image_url", read_image},
    {"refusal", read_refusal},   {"file", read_file},
    {"thinking", read_thinking}, {"input_audio", read_audio},
};

static int read_part(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    const struct lg_val type = lg_val_get(v, "type");
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(part_types); i++)
        if (lg_val_is(type, part_types[i].type))
            rc = part_types[i].read(c, v, p);
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
        p = lg_chat_part_add(c, end, LG_PART_TEXT, v.i);
        if (!p)
            return c->arena->err;
        *form |= LG_FORM_BARE;
        p->form = LG_FORM_BARE;
        p->text = lg_ir_of(v);
        return 0;
    }
    if (kind != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list of parts");
    while (!rc && lg_iter_next(&it)) {
        p = lg_chat_part_add(c, end, LG_PART_OPAQUE, it.val.i);
        rc = p ? read_part(c, it.val, p) : c->arena->err;
        if (p)
            p->tok = it.val.i;
    }
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

void lg_chat_join_open(struct lg_jw *w)
{
    lg_jw_body(w, LG_STR(""));
    if (!w->out->err)
        w->out->n--;
}

void lg_chat_join(struct lg_jw *w, const struct lg_str *pieces, size_t n)
{
    lg_chat_join_open(w);
    for (size_t i = 0; i < n; i++)
        if (pieces[i].n)
            (void)lg_buf_str(w->out, pieces[i]);
    (void)lg_buf_byte(w->out, '"');
}

void lg_chat_url_write(struct lg_jw *w, const struct lg_ir_media *m)
{
    const struct lg_str pieces[] = {LG_STR("data:"), m->media_type.s,
                                    LG_STR(";base64,"), m->data.s};

    if (m->source == LG_MEDIA_BASE64 && m->media_type.s.n)
        lg_chat_join(w, pieces, LG_COUNT(pieces));
    else
        lg_jw_body(w, m->data.s);
}

static void write_image(struct lg_ctx *c, struct lg_jw *w,
                        const struct lg_ir_part *p)
{
    lg_jw_key(w, "image_url");
    if (p->form & LG_FORM_BARE) {
        lg_chat_url_write(w, &p->media);
        return;
    }
    lg_jw_obj(w);
    lg_jw_key(w, "url");
    lg_chat_url_write(w, &p->media);
    lg_ir_member(w, "detail", &p->media.detail);
    lg_extra_write(c, w, p->extra, LG_CHAT_INNER, c->self);
    lg_jw_obj_end(w);
}

static void write_audio(struct lg_ctx *c, struct lg_jw *w,
                        const struct lg_ir_part *p)
{
    const char *format = lg_chat_audio_format(&p->media.media_type);

    lg_jw_key(w, "input_audio");
    lg_jw_obj(w);
    lg_ir_member(w, "data", &p->media.data);
    lg_jw_key(w, "format");
    lg_jw_body(w, format ? lg_str_of(format) : p->media.media_type.s);
    lg_extra_write(c, w, p->extra, LG_CHAT_INNER, c->self);
    lg_jw_obj_end(w);
}

static void write_file(struct lg_ctx *c, struct lg_jw *w,
                       const struct lg_ir_part *p)
{
    lg_jw_key(w, "file");
    lg_jw_obj(w);
    lg_jw_key(w, p->media.source == LG_MEDIA_FILE ? "file_id" : "file_data");
    lg_chat_url_write(w, &p->media);
    lg_ir_member(w, "filename", &p->media.name);
    lg_extra_write(c, w, p->extra, LG_CHAT_INNER, c->self);
    lg_jw_obj_end(w);
}

static void write_thinking(struct lg_ctx *c, struct lg_jw *w,
                           const struct lg_ir_part *p)
{
    lg_jw_key(w, "thinking");
    if (p->form & LG_FORM_BARE) {
        lg_ir_write(w, &p->text);
        return;
    }
    lg_jw_arr(w);
    lg_jw_obj(w);
    lg_jw_key(w, "type");
    lg_jw_body(w, LG_STR("text"));
    lg_ir_member(w, "text", &p->text);
    lg_extra_write(c, w, p->extra, LG_CHAT_INNER, c->self);
    lg_jw_obj_end(w);
    lg_jw_arr_end(w);
}

static const char *type_of(const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        return "text";
    case LG_PART_IMAGE:
        return "image_url";
    case LG_PART_DOCUMENT:
        return "file";
    case LG_PART_AUDIO:
        return "input_audio";
    case LG_PART_REFUSAL:
        return "refusal";
    case LG_PART_THINKING:
        return "thinking";
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        break;
    }
    return NULL;
}

void lg_chat_part_write(struct lg_ctx *c, struct lg_jw *w,
                        const struct lg_ir_part *p)
{
    const char *type = type_of(p);

    if (!type) {
        lg_ir_write(w, &p->json);
        return;
    }
    lg_jw_obj(w);
    lg_jw_key(w, "type");
    lg_jw_body(w, lg_str_of(type));
    if (p->kind == LG_PART_IMAGE)
        write_image(c, w, p);
    else if (p->kind == LG_PART_AUDIO)
        write_audio(c, w, p);
    else if (p->kind == LG_PART_DOCUMENT)
        write_file(c, w, p);
    else if (p->kind == LG_PART_THINKING)
        write_thinking(c, w, p);
    else
        lg_ir_member(w, type, &p->text);
    lg_ir_member(w, "cache_control", &p->cache);
    lg_extra_write(c, w, p->extra, LG_CHAT_SELF, c->self);
    lg_jw_obj_end(w);
}
