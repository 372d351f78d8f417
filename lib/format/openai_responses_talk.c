/* SPDX-License-Identifier: MIT
 *
 * The messages of another format, written as items. */
#include "lib/format/openai_responses.h"

#include "lib/base/base64.h"
#include "lib/json/text.h"

struct talk {
    struct lg_writer *w;
    const struct lg_ir_request *r;
    const char *role;
    int open; /* the content of a message is */
    /* The last parts of the model's, and where to look for the next call. */
    const struct lg_ir_part *calls, *next;
};

static void lose(struct talk *t, const struct lg_ir_part *p, const char *why)
{
    lg_put_lose(t->w, p->tok, LG_DROPPED, why);
}

/* What a part has besides its content. */
static void lose_rest(struct talk *t, const struct lg_ir_part *p)
{
    lg_put_drop(t->w, &p->cache, LG_OR_UNKNOWN);
    lg_put_lose_extras(t->w, p->extra);
}

/* ---- content ------------------------------------------------------------ */

static void text_part(struct talk *t, struct lg_str body)
{
    lg_put(t->w, "{'type':'input_text','text':%b}", body);
}

static void image_part(struct talk *t, const struct lg_ir_part *p)
{
    const struct lg_ir_media *const m = &p->media;
    const struct lg_ir_val any = lg_ir_word("auto");

    if (m->source != LG_MEDIA_BASE64 && m->source != LG_MEDIA_URL &&
        !lg_openai_keeps(m, t->r->origin)) {
        lose(t, p, "a file of another provider");
        return;
    }
    lg_put(t->w, "{'type':'input_image','detail':%v,%k:",
           lg_ir_has(&m->detail) ? &m->detail : &any,
           m->source == LG_MEDIA_FILE ? "file_id" : "image_url");
    lg_media_write_url(t->w, m);
    lg_put(t->w, "}");
}

static void audio_part(struct talk *t, const struct lg_ir_part *p)
{
    const char *format = lg_media_audio_format(&p->media.media_type);

    if (p->media.source != LG_MEDIA_BASE64 || !format)
        lose(t, p, "audio that cannot be sent inline");
    else
        lg_put(t->w,
               "{'type':'input_audio','input_audio':{'data':%v,'format':%s}}",
               &p->media.data, format);
}

static void file_part(struct talk *t, const struct lg_ir_part *p)
{
    const struct lg_ir_media *const m = &p->media;
    const struct lg_ir_val name = lg_media_name(m);
    const char *member = m->source == LG_MEDIA_FILE  ? "file_id"
                         : m->source == LG_MEDIA_URL ? "file_url"
                                                     : "file_data";

    lg_put(t->w, "{'type':'input_file','filename':%v,%k:",
           m->source == LG_MEDIA_BASE64 ? &name : &lg_ir_none, member);
    lg_media_write_url(t->w, m);
    lg_put(t->w, "}");
    if (m->source != LG_MEDIA_BASE64)
        lg_put_drop(t->w, &m->name, "only files sent inline are named");
}

/* Text becomes a file of text, so that it keeps its name. */
static void text_file(struct talk *t, const struct lg_ir_part *p)
{
    static const struct lg_ir_val type = {
        {"text/plain", 10}, LG_NOWHERE, LG_JSON_STRING, 0};
    struct lg_ir_part file = *p;
    struct lg_buf text, coded;

    lg_buf_init(&text, SIZE_MAX / 8);
    lg_buf_init(&coded, SIZE_MAX / 4);
    if (lg_json_unescape(&text, p->media.data.s, LG_TO_TEXT) ||
        lg_base64_write(&coded, lg_buf_span(&text))) {
        lg_writer_fail(
            t->w, lg_fail_mem(t->w->c->err, text.err ? text.err : coded.err));
    } else {
        file.media.source = LG_MEDIA_BASE64;
        file.media.data.s = lg_buf_span(&coded);
        file.media.media_type = type;
        file_part(t, &file);
    }
    lg_buf_done(&text);
    lg_buf_done(&coded);
}

static void content_part(struct talk *t, const struct lg_ir_part *p, int depth);

/* A part that is a document, or what stands in it. */
static void document_part(struct talk *t, const struct lg_ir_part *p, int depth)
{
    switch ((enum lg_media_source)p->media.source) {
    case LG_MEDIA_BASE64:
    case LG_MEDIA_URL:
        file_part(t, p);
        return;
    case LG_MEDIA_TEXT:
        text_file(t, p);
        return;
    case LG_MEDIA_PARTS:
        if (!depth)
            break;
        for (const struct lg_ir_part *q = p->parts; q; q = q->next)
            content_part(t, q, depth - 1);
        lg_put_lose(t->w, p->tok, LG_APPROXIMATED,
                    "a document becomes what stands in it");
        lg_put_drop(t->w, &p->media.name, LG_OR_UNKNOWN);
        return;
    case LG_MEDIA_FILE:
    case LG_MEDIA_NONE:
        if (!lg_openai_keeps(&p->media, t->r->origin))
            break;
        file_part(t, p);
        return;
    }
    lose(t, p, "a file of another provider");
}

/* A part of what is sent. */
static void content_part(struct talk *t, const struct lg_ir_part *p, int depth)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
        text_part(t, p->text.s);
        lg_put_drop(t->w, &p->citations, LG_OR_UNKNOWN);
        break;
    case LG_PART_IMAGE:
        image_part(t, p);
        break;
    case LG_PART_DOCUMENT:
        document_part(t, p, depth);
        break;
    case LG_PART_AUDIO:
        audio_part(t, p);
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        lose(t, p, LG_OR_UNKNOWN);
        return;
    }
    lose_rest(t, p);
}

/* ---- results of tools --------------------------------------------------- */

/* Was it a call that is given text? Its result has a type of its own. Results
 * follow their calls, most of them in the same order. */
static int answers_custom(struct talk *t, const struct lg_ir_val *id)
{
    const struct lg_ir_part *const from = t->next ? t->next : t->calls;
    const struct lg_ir_part *p = from;

    if (!p)
        return 0;
    do {
        t->next = p->next ? p->next : t->calls;
        if (p->kind == LG_PART_TOOL_CALL && lg_str_same(p->id.s, id->s))
            return p->custom;
        p = t->next;
    } while (p != from);
    return 0;
}

static void write_result(struct talk *t, const struct lg_ir_part *p)
{
    const int failed = lg_ir_true(&p->is_error);
    const struct lg_ir_part *const q = p->parts;
    const struct lg_str pieces[] = {failed ? LG_STR("Error: ") : LG_STR(""),
                                    q && q->kind == LG_PART_TEXT ? q->text.s
                                                                 : LG_STR("")};

    lg_put(t->w, "{'type':%s,'call_id':%v,'output':",
           answers_custom(t, &p->id) ? "custom_tool_call_output"
                                     : "function_call_output",
           &p->id);
    if (!q || (!q->next && q->kind == LG_PART_TEXT)) {
        lg_jw_join(&t->w->jw, pieces, LG_COUNT(pieces));
        if (q)
            lose_rest(t, q);
    } else {
        lg_put(t->w, "[");
        if (failed)
            text_part(t, pieces[0]);
        for (const struct lg_ir_part *in = q; in; in = in->next)
            content_part(t, in, 2);
        lg_put(t->w, "]");
    }
    lg_put(t->w, "}");
    if (failed)
        lg_put_lose(t->w, p->is_error.tok, LG_APPROXIMATED,
                    "an error is told in the text alone");
    lose_rest(t, p);
}

/* ---- messages ----------------------------------------------------------- */

static void open_message(struct talk *t)
{
    if (!t->open)
        lg_put(t->w, "{'type':'message','role':%s,'content':[", t->role);
    t->open = 1;
}

static void close_message(struct talk *t)
{
    if (t->open)
        lg_put(t->w, "]}");
    t->open = 0;
}

static int is_one_text(const struct lg_ir_message *m)
{
    const struct lg_ir_part *const p = m->parts;

    return p && !p->next && p->kind == LG_PART_TEXT && m->form & LG_FORM_BARE;
}

/* What is sent: results are items of their own, in their places. */
static void write_sent(struct talk *t, const struct lg_ir_message *m)
{
    if (is_one_text(m)) {
        lg_put(t->w, "{'type':'message','role':%s,'content':%v}", t->role,
               &m->parts->text);
        lose_rest(t, m->parts);
        return;
    }
    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (p->kind == LG_PART_TOOL_RESULT) {
            close_message(t);
            write_result(t, p);
        } else {
            open_message(t);
            content_part(t, p, 2);
        }
    }
    close_message(t);
}

/* What the model said, in its order: texts that stand side by side are one
 * message. */
static void write_made(struct talk *t, const struct lg_ir_message *m)
{
    const struct lg_ir_part *p = m->parts;

    t->calls = p;
    t->next = NULL;
    while (p && !t->w->rc) {
        const enum lg_or_kind kind = lg_or_kind_of(t->w, p, 1);
        const struct lg_ir_part *const first = p;
        size_t n = 0;

        do {
            if (kind)
                lose_rest(t, p);
            n++;
            p = p->next;
        } while (p && kind == LG_OR_MESSAGE && lg_or_goes_on(t->w, p));
        if (kind)
            lg_or_item_write(t->w, kind, LG_OR_SENT, LG_STR(""), first, n);
    }
}

static void write_message(struct talk *t, const struct lg_ir_message *m)
{
    static const char *const roles[] = {[LG_ROLE_SYSTEM] = "system",
                                        [LG_ROLE_DEVELOPER] = "developer",
                                        [LG_ROLE_USER] = "user",
                                        [LG_ROLE_ASSISTANT] = "assistant",
                                        [LG_ROLE_TOOL] = "user"};

    t->role = roles[m->role];
    if (m->role == LG_ROLE_ASSISTANT)
        write_made(t, m);
    else
        write_sent(t, m);
    lg_put_drop(t->w, &m->name,
                "names of speakers have no place in " LG_OR_NAME);
    lg_put_lose_extras(t->w, m->extra);
}

void lg_or_input_write(struct lg_writer *w, const struct lg_ir_request *r)
{
    struct talk t = {.w = w, .r = r};

    lg_put(w, "'input':[");
    for (const struct lg_ir_message *m = r->messages; m && !w->rc; m = m->next)
        write_message(&t, m);
    lg_put(w, "]");
}
