/* SPDX-License-Identifier: MIT
 *
 * A request's messages written. Those of other formats are taken apart: the
 * results of tools are messages of their own, and are text alone. */
#include "lib/format/openai_chat.h"

static const char unknown[] = "unknown to " LG_CHAT_NAME;

static int lose(struct lg_chat_writer *cw, uint32_t tok, const char *why)
{
    return lg_chat_lose(cw->c, tok, LG_DROPPED, why);
}

static int lose_val(struct lg_chat_writer *cw, const struct lg_ir_val *v)
{
    return lg_ir_has(v) ? lose(cw, v->tok, unknown) : 0;
}

/* What a part of another format has besides its content. */
static int lose_rest(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    int rc = lose_val(cw, &p->cache);

    if (!rc)
        rc = lose_val(cw, &p->citations);
    return rc ? rc : lg_extra_lose(cw->c, p->extra, cw->r->origin);
}

static void open_message(struct lg_chat_writer *cw, const char *role)
{
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "role");
    lg_jw_body(&cw->w, lg_str_of(role));
}

static int close_message(struct lg_chat_writer *cw,
                         const struct lg_ir_message *m)
{
    lg_ir_member(&cw->w, "name", &m->name);
    lg_extra_write(cw->c, &cw->w, m->extra, LG_CHAT_SELF, cw->r->origin);
    lg_jw_obj_end(&cw->w);
    return lg_extra_lose(cw->c, m->extra, cw->r->origin);
}

/* Nothing was written into the list just opened: a string says so better, and
 * an empty list is refused. */
static void close_list(struct lg_chat_writer *cw)
{
    struct lg_buf *b = cw->w.out;

    if (!b->err && b->p[b->n - 1] == '[') {
        b->n--;
        lg_jw_body(&cw->w, LG_STR(""));
    } else {
        lg_jw_arr_end(&cw->w);
    }
}

/* ---- parts of other formats --------------------------------------------- */

static void text_part(struct lg_chat_writer *cw, struct lg_str body)
{
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, LG_STR("text"));
    lg_jw_key(&cw->w, "text");
    lg_jw_body(&cw->w, body);
    lg_jw_obj_end(&cw->w);
}

static int image_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (p->media.source != LG_MEDIA_BASE64 && p->media.source != LG_MEDIA_URL)
        return lose(cw, p->tok, "a file of another provider");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, LG_STR("image_url"));
    lg_jw_key(&cw->w, "image_url");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "url");
    lg_chat_url_write(&cw->w, &p->media);
    if (lg_ir_has(&p->media.detail))
        lg_ir_member(&cw->w, "detail", &p->media.detail);
    lg_jw_obj_end(&cw->w);
    lg_jw_obj_end(&cw->w);
    return 0;
}

static int audio_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    const char *format = lg_chat_audio_format(&p->media.media_type);

    if (p->media.source != LG_MEDIA_BASE64 || !format)
        return lose(cw, p->tok, "audio that cannot be sent inline");
    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, LG_STR("input_audio"));
    lg_jw_key(&cw->w, "input_audio");
    lg_jw_obj(&cw->w);
    lg_ir_member(&cw->w, "data", &p->media.data);
    lg_jw_key(&cw->w, "format");
    lg_jw_body(&cw->w, lg_str_of(format));
    lg_jw_obj_end(&cw->w);
    lg_jw_obj_end(&cw->w);
    return 0;
}

/* A file must have a name. */
static struct lg_ir_val name_of(const struct lg_ir_media *m)
{
    if (lg_ir_has(&m->name))
        return m->name;
    if (lg_ir_is(&m->media_type, "application/pdf"))
        return lg_ir_word("document.pdf");
    return lg_ir_word("document");
}

static int file_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    const struct lg_ir_val name = name_of(&p->media);

    lg_jw_obj(&cw->w);
    lg_jw_key(&cw->w, "type");
    lg_jw_body(&cw->w, LG_STR("file"));
    lg_jw_key(&cw->w, "file");
    lg_jw_obj(&cw->w);
    lg_ir_member(&cw->w, "filename", &name);
    lg_jw_key(&cw->w, "file_data");
    lg_chat_url_write(&cw->w, &p->media);
    lg_jw_obj_end(&cw->w);
    lg_jw_obj_end(&cw->w);
    return 0;
}

static int flat_part(struct lg_chat_writer *cw, const struct lg_ir_part *p);

/* Of a document whose content was written in its place. */
static int lose_frame(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    const int rc = lg_chat_lose(cw->c, p->tok, LG_APPROXIMATED,
                                "a document becomes what stands in it");

    return rc ? rc : lose_val(cw, &p->media.name);
}

static int document_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    int rc = 0;

    switch ((enum lg_media_source)p->media.source) {
    case LG_MEDIA_BASE64:
        return file_part(cw, p);
    case LG_MEDIA_TEXT:
        text_part(cw, p->media.data.s);
        return lose_frame(cw, p);
    case LG_MEDIA_PARTS:
        for (const struct lg_ir_part *q = p->parts; q && !rc; q = q->next)
            rc = flat_part(cw, q);
        return rc ? rc : lose_frame(cw, p);
    case LG_MEDIA_URL:
        return lose(cw, p->tok, "a document cannot be named by its URL");
    case LG_MEDIA_FILE:
    case LG_MEDIA_NONE:
        break;
    }
    return lose(cw, p->tok, "a file of another provider");
}

/* A part inside a document: text and images. */
static int flat_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    int rc = 0;

    if (p->kind == LG_PART_TEXT)
        text_part(cw, p->text.s);
    else if (p->kind == LG_PART_IMAGE)
        rc = image_part(cw, p);
    else
        return lose(cw, p->tok, unknown);
    return rc ? rc : lose_rest(cw, p);
}

static int write_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    int rc = 0;

    if (cw->own) {
        lg_chat_part_write(cw->c, &cw->w, p);
        return 0;
    }
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
        text_part(cw, p->text.s);
        break;
    case LG_PART_IMAGE:
        rc = image_part(cw, p);
        break;
    case LG_PART_DOCUMENT:
        rc = document_part(cw, p);
        break;
    case LG_PART_AUDIO:
        rc = audio_part(cw, p);
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        return lose(cw, p->tok, unknown);
    }
    return rc ? rc : lose_rest(cw, p);
}

/* ---- results of tools --------------------------------------------------- */

static int is_media(const struct lg_ir_part *p)
{
    return p->kind == LG_PART_IMAGE || p->kind == LG_PART_AUDIO ||
           (p->kind == LG_PART_DOCUMENT && p->media.source != LG_MEDIA_TEXT &&
            p->media.source != LG_MEDIA_PARTS);
}

static int has_media(const struct lg_ir_message *m)
{
    for (const struct lg_ir_part *p = m->parts; p; p = p->next)
        for (const struct lg_ir_part *q = p->parts; q; q = q->next)
            if (p->kind == LG_PART_TOOL_RESULT && is_media(q))
                return 1;
    return 0;
}

/* The text that a part of a result is, or that stands for it. */
static struct lg_str stand_in(const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL)
        return p->text.s;
    if (p->kind == LG_PART_DOCUMENT && p->media.source == LG_MEDIA_TEXT)
        return p->media.data.s;
    return p->kind == LG_PART_IMAGE   ? LG_STR("[image]")
           : p->kind == LG_PART_AUDIO ? LG_STR("[audio]")
                                      : LG_STR("[document]");
}

static int result_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (!is_media(p))
        return write_part(cw, p);
    text_part(cw, stand_in(p));
    return lg_chat_lose(cw->c, p->tok, LG_APPROXIMATED,
                        "moved to a message of the user's: a tool's has text "
                        "alone");
}

static int result_content(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    const int failed = lg_ir_true(&p->is_error);
    const struct lg_str prefix = failed ? LG_STR("Error: ") : LG_STR("");
    const struct lg_ir_part *q = p->parts;
    const struct lg_str pieces[] = {
        prefix, q && q->kind == LG_PART_TEXT ? q->text.s : LG_STR("")};
    int rc = 0;

    lg_jw_key(&cw->w, "content");
    if (!q || (!q->next && q->kind == LG_PART_TEXT)) {
        lg_chat_join(&cw->w, pieces, 2);
        rc = q ? lose_rest(cw, q) : 0;
    } else {
        lg_jw_arr(&cw->w);
        if (failed)
            text_part(cw, prefix);
        for (; q && !rc; q = q->next)
            rc = result_part(cw, q);
        close_list(cw);
    }
    if (rc || !failed)
        return rc;
    return lg_chat_lose(cw->c, p->is_error.tok, LG_APPROXIMATED,
                        "an error is told in the text alone");
}

static void own_content(struct lg_chat_writer *cw, const struct lg_ir_part *p,
                        uint8_t form)
{
    if (form & LG_FORM_ABSENT)
        return;
    lg_jw_key(&cw->w, "content");
    if (form & LG_FORM_NULL) {
        lg_jw_null(&cw->w);
        return;
    }
    if (form & LG_FORM_BARE && p) {
        lg_ir_write(&cw->w, &p->text);
        return;
    }
    lg_jw_arr(&cw->w);
    for (; p; p = p->next)
        lg_chat_part_write(cw->c, &cw->w, p);
    lg_jw_arr_end(&cw->w);
}

static int write_result(struct lg_chat_writer *cw,
                        const struct lg_ir_message *m,
                        const struct lg_ir_part *p)
{
    const int old = cw->own && m->form & LG_FORM_OLD;
    int rc;

    open_message(cw, old ? "function" : "tool");
    if (!old)
        lg_ir_member(&cw->w, "tool_call_id", &p->id);
    if (cw->own) {
        own_content(cw, p->parts, p->form);
        return close_message(cw, m);
    }
    rc = result_content(cw, p);
    lg_jw_obj_end(&cw->w);
    return rc ? rc : lose_rest(cw, p);
}

/* The media of the results since cw->moved, as parts of a list. */
static int write_moved(struct lg_chat_writer *cw,
                       const struct lg_ir_message *last)
{
    const struct lg_ir_message *m = cw->moved;
    int rc = 0;

    for (; m && !rc; m = m == last ? NULL : m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next)
            for (const struct lg_ir_part *q = p->parts; q && !rc; q = q->next)
                if (p->kind == LG_PART_TOOL_RESULT && is_media(q))
                    rc = write_part(cw, q);
    cw->moved = NULL;
    return rc;
}

/* ---- messages ----------------------------------------------------------- */

/* What of a message is not the result of a tool. */
static int write_rest(struct lg_chat_writer *cw, const struct lg_ir_message *m,
                      const char *role)
{
    const struct lg_ir_part *p = m->parts;
    int rc = 0;

    open_message(cw, role);
    lg_jw_key(&cw->w, "content");
    if (!cw->moved && m->form & LG_FORM_BARE && p && p->kind == LG_PART_TEXT &&
        !p->next) {
        lg_jw_body(&cw->w, p->text.s);
        rc = lose_rest(cw, p);
    } else {
        lg_jw_arr(&cw->w);
        rc = write_moved(cw, m);
        for (; p && !rc; p = p->next)
            if (p->kind != LG_PART_TOOL_RESULT)
                rc = write_part(cw, p);
        close_list(cw);
    }
    return rc ? rc : close_message(cw, m);
}

static int has_rest(const struct lg_ir_message *m)
{
    for (const struct lg_ir_part *p = m->parts; p; p = p->next)
        if (p->kind != LG_PART_TOOL_RESULT)
            return 1;
    return !m->parts;
}

static int has_results(const struct lg_ir_message *m)
{
    for (const struct lg_ir_part *p = m ? m->parts : NULL; p; p = p->next)
        if (p->kind == LG_PART_TOOL_RESULT)
            return 1;
    return 0;
}

static int write_user(struct lg_chat_writer *cw, const struct lg_ir_message *m)
{
    int rc = 0;

    for (const struct lg_ir_part *p = m->parts; p && !rc; p = p->next)
        if (p->kind == LG_PART_TOOL_RESULT)
            rc = write_result(cw, m, p);
    if (!cw->own && !cw->moved && has_media(m))
        cw->moved = m;
    if (rc)
        return rc;
    if (has_rest(m))
        return write_rest(cw, m, "user");
    if (cw->moved && !has_results(m->next)) {
        open_message(cw, "user");
        lg_jw_key(&cw->w, "content");
        lg_jw_arr(&cw->w);
        rc = write_moved(cw, m);
        close_list(cw);
        lg_jw_obj_end(&cw->w);
    }
    return rc ? rc : lg_extra_lose(cw->c, m->extra, cw->r->origin);
}

/* One part of another format's assistant. Calls are written later. */
static int write_piece(struct lg_chat_writer *cw, const struct lg_ir_part *p,
                       int behind_calls)
{
    int rc = 0;

    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        if (p->text.s.n)
            (void)lg_buf_str(cw->w.out, p->text.s);
        if (behind_calls)
            rc = lg_chat_lose(cw->c, p->tok, LG_APPROXIMATED,
                              "moved in front of the tool calls");
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_REFUSAL:
        break;
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
        return lose(cw, p->tok, "thinking is not taken back");
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
    case LG_PART_OPAQUE:
        return lose(cw, p->tok, unknown);
    }
    return rc ? rc : lose_rest(cw, p);
}

static int write_text(struct lg_chat_writer *cw, const struct lg_ir_message *m)
{
    int texts = 0, calls = 0, rc = 0;

    lg_jw_key(&cw->w, "content");
    lg_chat_join_open(&cw->w);
    for (const struct lg_ir_part *p = m->parts; p && !rc; p = p->next) {
        rc = write_piece(cw, p, calls);
        calls += p->kind == LG_PART_TOOL_CALL;
        texts += p->kind == LG_PART_TEXT;
    }
    (void)lg_buf_byte(cw->w.out, '"');
    if (!texts && calls && !cw->w.out->err) { /* "" becomes null */
        cw->w.out->n -= 2;
        lg_jw_null(&cw->w);
    }
    return rc;
}

static void write_calls(struct lg_chat_writer *cw,
                        const struct lg_ir_message *m)
{
    int open = 0;

    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (p->kind == LG_PART_REFUSAL)
            lg_ir_member(&cw->w, "refusal", &p->text);
        if (p->kind != LG_PART_TOOL_CALL)
            continue;
        if (!open++) {
            lg_jw_key(&cw->w, "tool_calls");
            lg_jw_arr(&cw->w);
        }
        lg_jw_obj(&cw->w);
        lg_ir_member(&cw->w, "id", &p->id);
        lg_jw_key(&cw->w, "type");
        lg_jw_body(&cw->w, p->custom ? LG_STR("custom") : LG_STR("function"));
        lg_jw_key(&cw->w, p->custom ? "custom" : "function");
        lg_jw_obj(&cw->w);
        lg_chat_call_body_write(&cw->w, p);
        lg_jw_obj_end(&cw->w);
        lg_jw_obj_end(&cw->w);
    }
    if (open)
        lg_jw_arr_end(&cw->w);
}

static int write_assistant(struct lg_chat_writer *cw,
                           const struct lg_ir_message *m)
{
    int rc = 0;

    open_message(cw, LG_CHAT_ROLE_ASSISTANT);
    if (cw->own) {
        lg_chat_assistant_write(cw->c, &cw->w, m->parts, m->form);
        return close_message(cw, m);
    }
    rc = write_text(cw, m);
    write_calls(cw, m);
    return rc ? rc : close_message(cw, m);
}

static int write_plain(struct lg_chat_writer *cw, const struct lg_ir_message *m,
                       const char *role)
{
    if (!cw->own)
        return write_rest(cw, m, role);
    lg_jw_obj(&cw->w);
    if (!(m->form & LG_CHAT_OTHER_ROLE)) {
        lg_jw_key(&cw->w, "role");
        lg_jw_body(&cw->w, lg_str_of(role));
    }
    own_content(cw, m->parts, m->form);
    return close_message(cw, m);
}

static int write_message(struct lg_chat_writer *cw,
                         const struct lg_ir_message *m)
{
    switch ((enum lg_role)m->role) {
    case LG_ROLE_SYSTEM:
        return write_plain(cw, m, "system");
    case LG_ROLE_DEVELOPER:
        return write_plain(cw, m, "developer");
    case LG_ROLE_ASSISTANT:
        return write_assistant(cw, m);
    case LG_ROLE_USER:
        if (cw->own)
            return write_plain(cw, m, "user");
        break;
    case LG_ROLE_TOOL:
        break;
    }
    return write_user(cw, m);
}

int lg_chat_messages_write(struct lg_chat_writer *cw)
{
    int rc = 0;

    lg_jw_key(&cw->w, "messages");
    lg_jw_arr(&cw->w);
    for (const struct lg_ir_message *m = cw->r->messages; m && !rc; m = m->next)
        rc = write_message(cw, m);
    lg_jw_arr_end(&cw->w);
    return rc;
}
