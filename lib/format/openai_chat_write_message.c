/* SPDX-License-Identifier: MIT
 *
 * A request's messages written. Those of other formats are taken apart: the
 * results of tools are messages of their own, and are text alone. */
#include "lib/format/openai_chat.h"

static void lose(struct lg_chat_writer *cw, const struct lg_ir_part *p,
                 const char *why)
{
    lg_put_lose(&cw->w, p->tok, LG_DROPPED, why);
}

/* What a part of another format has besides its content. */
static void lose_rest(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    lg_put_drop(&cw->w, &p->cache, LG_CHAT_UNKNOWN);
    lg_put_drop(&cw->w, &p->citations, LG_CHAT_UNKNOWN);
    lg_put_lose_extras(&cw->w, p->extra);
}

static void close_message(struct lg_chat_writer *cw,
                          const struct lg_ir_message *m)
{
    lg_put(&cw->w, "'name':%v,%x}", &m->name, m->extra, LG_CHAT_SELF);
}

/* Nothing was written into the list just opened: a string says so better, and
 * an empty list is refused. */
static void close_list(struct lg_chat_writer *cw)
{
    struct lg_buf *b = cw->w.jw.out;

    if (b->err || b->p[b->n - 1] != '[') {
        lg_put(&cw->w, "]");
        return;
    }
    b->n--;
    lg_put(&cw->w, "''");
}

/* ---- parts of other formats --------------------------------------------- */

static void text_part(struct lg_chat_writer *cw, struct lg_str body)
{
    lg_put(&cw->w, "{'type':'text','text':%b}", body);
}

static void image_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (p->media.source == LG_MEDIA_BASE64 || p->media.source == LG_MEDIA_URL)
        lg_chat_part_write(&cw->w, p);
    else
        lose(cw, p, "a file of another provider");
}

static void audio_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (p->media.source == LG_MEDIA_BASE64 &&
        lg_media_audio_format(&p->media.media_type))
        lg_chat_part_write(&cw->w, p);
    else
        lose(cw, p, "audio that cannot be sent inline");
}

static void flat_part(struct lg_chat_writer *cw, const struct lg_ir_part *p);

/* A part that is a document, or what stands in it. */
static void document_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    switch ((enum lg_media_source)p->media.source) {
    case LG_MEDIA_BASE64:
        lg_chat_part_write(&cw->w, p);
        return;
    case LG_MEDIA_TEXT:
        text_part(cw, p->media.data.s);
        break;
    case LG_MEDIA_PARTS:
        for (const struct lg_ir_part *q = p->parts; q; q = q->next)
            flat_part(cw, q);
        break;
    case LG_MEDIA_URL:
        lose(cw, p, "a document cannot be named by its URL");
        return;
    case LG_MEDIA_FILE:
    case LG_MEDIA_NONE:
        if (lg_openai_keeps(&p->media, cw->r->origin))
            lg_chat_part_write(&cw->w, p);
        else
            lose(cw, p, "a file of another provider");
        return;
    }
    lg_put_lose(&cw->w, p->tok, LG_APPROXIMATED,
                "a document becomes what stands in it");
    lg_put_drop(&cw->w, &p->media.name, LG_CHAT_UNKNOWN);
}

/* A part inside a document: text and images. */
static void flat_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_TEXT) {
        text_part(cw, p->text.s);
    } else if (p->kind == LG_PART_IMAGE) {
        image_part(cw, p);
    } else {
        lose(cw, p, LG_CHAT_UNKNOWN);
        return;
    }
    lose_rest(cw, p);
}

static void write_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (cw->w.own) {
        lg_chat_part_write(&cw->w, p);
        return;
    }
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
        text_part(cw, p->text.s);
        break;
    case LG_PART_IMAGE:
        image_part(cw, p);
        break;
    case LG_PART_DOCUMENT:
        document_part(cw, p);
        break;
    case LG_PART_AUDIO:
        audio_part(cw, p);
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        lose(cw, p, LG_CHAT_UNKNOWN);
        return;
    }
    lose_rest(cw, p);
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

/* The text that stands for a part of a result. */
static const char *stand_in(const struct lg_ir_part *p)
{
    return p->kind == LG_PART_IMAGE   ? "[image]"
           : p->kind == LG_PART_AUDIO ? "[audio]"
                                      : "[document]";
}

static void result_part(struct lg_chat_writer *cw, const struct lg_ir_part *p)
{
    if (!is_media(p)) {
        write_part(cw, p);
        return;
    }
    text_part(cw, lg_str_of(stand_in(p)));
    lg_put_lose(&cw->w, p->tok, LG_APPROXIMATED,
                "moved to a message of the user's: a tool's has text alone");
}

static void result_content(struct lg_chat_writer *cw,
                           const struct lg_ir_part *p)
{
    const int failed = lg_ir_true(&p->is_error);
    const struct lg_str prefix = failed ? LG_STR("Error: ") : LG_STR("");
    const struct lg_ir_part *q = p->parts;
    const struct lg_str pieces[] = {
        prefix, q && q->kind == LG_PART_TEXT ? q->text.s : LG_STR("")};

    lg_put(&cw->w, "'content':");
    if (!q || (!q->next && q->kind == LG_PART_TEXT)) {
        lg_jw_join(&cw->w.jw, pieces, 2);
        if (q)
            lose_rest(cw, q);
    } else {
        lg_put(&cw->w, "[");
        if (failed)
            text_part(cw, prefix);
        for (; q; q = q->next)
            result_part(cw, q);
        close_list(cw);
    }
    if (failed)
        lg_put_lose(&cw->w, p->is_error.tok, LG_APPROXIMATED,
                    "an error is told in the text alone");
}

static void own_content(struct lg_chat_writer *cw, const struct lg_ir_part *p,
                        uint8_t form)
{
    if (form & LG_FORM_ABSENT)
        return;
    if (form & LG_FORM_NULL) {
        lg_put(&cw->w, "'content':null");
        return;
    }
    if (form & LG_FORM_BARE && p) {
        lg_put(&cw->w, "'content':%v", &p->text);
        return;
    }
    lg_put(&cw->w, "'content':[");
    for (; p; p = p->next)
        lg_chat_part_write(&cw->w, p);
    lg_put(&cw->w, "]");
}

static void write_result(struct lg_chat_writer *cw,
                         const struct lg_ir_message *m,
                         const struct lg_ir_part *p)
{
    const int old = cw->w.own && m->form & LG_FORM_OLD;

    lg_put(&cw->w, "{'role':%s,'tool_call_id':%v", old ? "function" : "tool",
           old ? &lg_ir_none : &p->id);
    if (cw->w.own) {
        own_content(cw, p->parts, p->form);
        close_message(cw, m);
        return;
    }
    result_content(cw, p);
    lg_put(&cw->w, "}");
    lose_rest(cw, p);
}

/* The media of the results since cw->moved, as parts of a list. */
static void write_moved(struct lg_chat_writer *cw,
                        const struct lg_ir_message *last)
{
    const struct lg_ir_message *m = cw->moved;

    for (; m; m = m == last ? NULL : m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next)
            for (const struct lg_ir_part *q = p->parts; q; q = q->next)
                if (p->kind == LG_PART_TOOL_RESULT && is_media(q))
                    write_part(cw, q);
    cw->moved = NULL;
}

/* ---- messages ----------------------------------------------------------- */

/* What of a message is not the result of a tool. */
static void write_rest(struct lg_chat_writer *cw, const struct lg_ir_message *m,
                       const char *role)
{
    const struct lg_ir_part *p = m->parts;

    lg_put(&cw->w, "{'role':%s,'content':", role);
    if (!cw->moved && m->form & LG_FORM_BARE && p && p->kind == LG_PART_TEXT &&
        !p->next) {
        lg_jw_body(&cw->w.jw, p->text.s);
        lose_rest(cw, p);
    } else {
        lg_put(&cw->w, "[");
        write_moved(cw, m);
        for (; p; p = p->next)
            if (p->kind != LG_PART_TOOL_RESULT)
                write_part(cw, p);
        close_list(cw);
    }
    close_message(cw, m);
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

static void write_user(struct lg_chat_writer *cw, const struct lg_ir_message *m)
{
    for (const struct lg_ir_part *p = m->parts; p; p = p->next)
        if (p->kind == LG_PART_TOOL_RESULT)
            write_result(cw, m, p);
    if (!cw->w.own && !cw->moved && has_media(m))
        cw->moved = m;
    if (has_rest(m)) {
        write_rest(cw, m, "user");
        return;
    }
    if (cw->moved && !has_results(m->next)) {
        lg_put(&cw->w, "{'role':'user','content':[");
        write_moved(cw, m);
        close_list(cw);
        lg_put(&cw->w, "}");
    }
    lg_put_lose_extras(&cw->w, m->extra);
}

/* One part of another format's assistant. Calls are written later. */
static void write_piece(struct lg_chat_writer *cw, const struct lg_ir_part *p,
                        int behind_calls)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        (void)lg_buf_str(cw->w.jw.out, p->text.s);
        if (behind_calls)
            lg_put_lose(&cw->w, p->tok, LG_APPROXIMATED,
                        "moved in front of the tool calls");
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_REFUSAL:
        break;
    case LG_PART_THINKING:
    case LG_PART_REDACTED:
        lose(cw, p, "thinking is not taken back");
        return;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
    case LG_PART_OPAQUE:
        lose(cw, p, LG_CHAT_UNKNOWN);
        return;
    }
    lose_rest(cw, p);
}

static void write_text(struct lg_chat_writer *cw, const struct lg_ir_message *m)
{
    int texts = 0, calls = 0;

    lg_put(&cw->w, "'content':");
    lg_jw_join_open(&cw->w.jw);
    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        write_piece(cw, p, calls);
        calls += p->kind == LG_PART_TOOL_CALL;
        texts += p->kind == LG_PART_TEXT;
    }
    (void)lg_buf_byte(cw->w.jw.out, '"');
    if (!texts && calls && !cw->w.jw.out->err) { /* "" becomes null */
        cw->w.jw.out->n -= 2;
        lg_put(&cw->w, "null");
    }
}

static void write_calls(struct lg_chat_writer *cw,
                        const struct lg_ir_message *m)
{
    int open = 0;

    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (p->kind == LG_PART_REFUSAL)
            lg_put(&cw->w, "'refusal':%v", &p->text);
        if (p->kind != LG_PART_TOOL_CALL)
            continue;
        if (!open++)
            lg_put(&cw->w, "'tool_calls':[");
        lg_chat_call_write(&cw->w, p);
    }
    if (open)
        lg_put(&cw->w, "]");
}

static void write_assistant(struct lg_chat_writer *cw,
                            const struct lg_ir_message *m)
{
    lg_put(&cw->w, "{'role':'" LG_CHAT_ROLE_ASSISTANT "'");
    if (cw->w.own) {
        lg_chat_assistant_write(&cw->w, m->parts, m->form);
    } else {
        write_text(cw, m);
        write_calls(cw, m);
    }
    close_message(cw, m);
}

static void write_plain(struct lg_chat_writer *cw,
                        const struct lg_ir_message *m, const char *role)
{
    if (!cw->w.own) {
        write_rest(cw, m, role);
        return;
    }
    lg_put(&cw->w, "{");
    if (!(m->form & LG_CHAT_OTHER_ROLE))
        lg_put(&cw->w, "'role':%s", role);
    own_content(cw, m->parts, m->form);
    close_message(cw, m);
}

static void write_message(struct lg_chat_writer *cw,
                          const struct lg_ir_message *m)
{
    switch ((enum lg_role)m->role) {
    case LG_ROLE_SYSTEM:
        write_plain(cw, m, "system");
        return;
    case LG_ROLE_DEVELOPER:
        write_plain(cw, m, "developer");
        return;
    case LG_ROLE_ASSISTANT:
        write_assistant(cw, m);
        return;
    case LG_ROLE_USER:
        if (cw->w.own) {
            write_plain(cw, m, "user");
            return;
        }
        break;
    case LG_ROLE_TOOL:
        break;
    }
    write_user(cw, m);
}

void lg_chat_messages_write(struct lg_chat_writer *cw)
{
    lg_put(&cw->w, "'messages':[");
    for (const struct lg_ir_message *m = cw->r->messages; m; m = m->next)
        write_message(cw, m);
    lg_put(&cw->w, "]");
}
