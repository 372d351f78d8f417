/* SPDX-License-Identifier: MIT
 *
 * Items that a model makes, written. */
#include "lib/format/openai_responses.h"

#include <stdio.h>

static int is_ours(const struct lg_ir_blob *b)
{
    return b->origin && lg_ir_has(&b->val) && !strcmp(b->origin, LG_OR_NAME);
}

static enum lg_or_kind nothing(struct lg_writer *w, const struct lg_ir_part *p,
                               const char *why)
{
    lg_put_lose(w, p->tok, LG_DROPPED, why);
    return LG_OR_NOTHING;
}

enum lg_or_kind lg_or_kind_of(struct lg_writer *w, const struct lg_ir_part *p,
                              int is_request)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
    case LG_PART_REFUSAL:
        return LG_OR_MESSAGE;
    case LG_PART_TOOL_CALL:
        return p->custom ? LG_OR_CUSTOM : LG_OR_FUNCTION;
    case LG_PART_THINKING:
        return is_request && !is_ours(&p->blob)
                   ? nothing(w, p, "thinking is not taken back")
                   : LG_OR_REASONING;
    case LG_PART_REDACTED:
        return is_ours(&p->blob)
                   ? LG_OR_REASONING
                   : nothing(w, p, "thinking that only its origin reads");
    case LG_PART_OPAQUE:
        if (w->own)
            return LG_OR_RAW;
        break;
    case LG_PART_IMAGE:
    case LG_PART_DOCUMENT:
    case LG_PART_AUDIO:
    case LG_PART_TOOL_RESULT:
        break;
    }
    return nothing(w, p, LG_OR_UNKNOWN);
}

int lg_or_goes_on(const struct lg_writer *w, const struct lg_ir_part *p)
{
    return (p->kind == LG_PART_TEXT || p->kind == LG_PART_REFUSAL) &&
           !(w->own && p->form & LG_OR_BEGINS);
}

struct lg_str lg_or_make_id(struct lg_ctx *c, enum lg_or_kind kind,
                            struct lg_str answer, size_t n)
{
    static const char *const prefixes[] = {[LG_OR_MESSAGE] = "msg",
                                           [LG_OR_REASONING] = "rs",
                                           [LG_OR_FUNCTION] = "fc",
                                           [LG_OR_CUSTOM] = "ctc",
                                           [LG_OR_RAW] = "item"};
    char text[96];
    int at = snprintf(text, sizeof(text), "%s_", prefixes[kind]);

    for (size_t i = 0; i < answer.n && at < 60; i++) {
        const char ch = answer.p[i];

        if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
            (ch >= 'A' && ch <= 'Z'))
            text[at++] = ch;
    }
    (void)snprintf(text + at, sizeof(text) - (size_t)at, "_%zu", n);
    return lg_str_of(lg_reason(c, "%s", text));
}

/* ---- citations ---------------------------------------------------------- */

int lg_or_citation_write(struct lg_writer *w, struct lg_val v, int64_t at)
{
    const struct lg_val nested = lg_val_get(v, "url_citation");
    const struct lg_val url = lg_val_get(v, "url");
    const struct lg_val title = lg_val_get(v, "title");
    struct lg_iter it = lg_iter_of(nested);

    if (w->own || lg_val_is(lg_val_get(v, "type"), "url_citation")) {
        if (!nested.doc) {
            lg_jw_raw(&w->jw, lg_val_raw(v));
            return 1;
        }
        lg_put(w, "{'type':'url_citation'");
        while (lg_iter_next(&it)) {
            lg_jw_key_body(&w->jw, lg_val_body(it.key));
            lg_jw_raw(&w->jw, lg_val_raw(it.val));
        }
        lg_put(w, "}");
        return 1;
    }
    if (lg_val_kind(url) != LG_JSON_STRING) {
        lg_put_lose(w, LG_NOWHERE, LG_DROPPED, "a citation that is of no URL");
        return 0;
    }
    lg_put(w,
           "{'type':'url_citation','start_index':0,'end_index':%d,'url':%j,"
           "'title':%j}",
           at, lg_val_raw(url),
           lg_val_kind(title) == LG_JSON_STRING ? lg_val_raw(title)
                                                : LG_STR("\"\""));
    return 1;
}

static void write_citations(struct lg_writer *w, const struct lg_ir_part *p)
{
    struct lg_json doc;
    struct lg_iter it;
    const int rc = lg_json_read(&doc, w->c->arena, p->citations.s, w->c->err);

    lg_writer_fail(w, rc);
    it = lg_iter_of(rc < 0 ? (struct lg_val){0} : lg_json_root(&doc));
    while (lg_iter_next(&it))
        (void)lg_or_citation_write(w, it.val, lg_openai_chars(p->text.s));
}

/* ---- items -------------------------------------------------------------- */

void lg_or_piece_write(struct lg_writer *w, const struct lg_ir_part *p,
                       int empty)
{
    const struct lg_str text = empty ? LG_STR("") : p->text.s;

    if (p->kind == LG_PART_REFUSAL) {
        lg_put(w, "{'type':'refusal','refusal':%b}", text);
        return;
    }
    lg_put(w, "{'type':'output_text','text':%b,'annotations':[", text);
    if (!empty && lg_ir_has(&p->citations))
        write_citations(w, p);
    lg_put(w, "],'logprobs':[]}");
}

/* The arguments of a call, or the text it is given, as a string. */
static void write_input(struct lg_writer *w, const struct lg_ir_part *p)
{
    const struct lg_str json = p->json.s;

    if (p->custom || p->json.in_string || !json.n)
        lg_jw_body(&w->jw, p->custom ? p->text.s
                           : json.n  ? json
                                     : LG_STR("{}"));
    else
        lg_jw_text(&w->jw, json);
}

static void write_message(struct lg_writer *w, enum lg_or_state state,
                          const struct lg_ir_part *p, size_t n)
{
    lg_put(w, "'role':'assistant','content':");
    if (state == LG_OR_SENT && n == 1 && p->kind == LG_PART_TEXT) {
        lg_put(w, "%v", &p->text);
        return;
    }
    lg_put(w, "[");
    for (; n && state != LG_OR_ADDED; n--, p = p->next)
        lg_or_piece_write(w, p, 0);
    lg_put(w, "]");
}

static void write_reasoning(struct lg_writer *w, enum lg_or_state state,
                            const struct lg_ir_part *p)
{
    const int ours = is_ours(&p->blob);

    lg_put(w, "'summary':[");
    if (state != LG_OR_ADDED && p->text.s.n)
        lg_put(w, "{'type':'summary_text','text':%v}", &p->text);
    lg_put(w, "],'encrypted_content':%v",
           ours && state != LG_OR_ADDED ? &p->blob.val : &lg_ir_none);
    if (!ours && state != LG_OR_ADDED)
        lg_put_drop(w, &p->blob.val, "a signature of another format");
}

static void write_call(struct lg_writer *w, enum lg_or_state state,
                       const struct lg_ir_part *p)
{
    lg_put(w, "'call_id':%v,'name':%v,%k:", &p->id, &p->name,
           p->custom ? "input" : "arguments");
    if (state == LG_OR_ADDED)
        lg_put(w, "''");
    else
        write_input(w, p);
}

void lg_or_item_write(struct lg_writer *w, enum lg_or_kind kind,
                      enum lg_or_state state, struct lg_str id,
                      const struct lg_ir_part *p, size_t n)
{
    static const char *const types[] = {[LG_OR_MESSAGE] = "message",
                                        [LG_OR_REASONING] = "reasoning",
                                        [LG_OR_FUNCTION] = "function_call",
                                        [LG_OR_CUSTOM] = "custom_tool_call"};
    static const char *const words[] = {[LG_OR_ADDED] = "in_progress",
                                        [LG_OR_DONE] = "completed",
                                        [LG_OR_CUT] = "incomplete"};

    if (kind == LG_OR_RAW) {
        lg_ir_write(&w->jw, &p->json);
        return;
    }
    lg_put(w, "{'type':%s", types[kind]);
    if (state != LG_OR_SENT)
        lg_put(w, "'id':%b,'status':%s", id, words[state]);
    if (kind == LG_OR_MESSAGE)
        write_message(w, state, p, n);
    else if (kind == LG_OR_REASONING)
        write_reasoning(w, state, p);
    else
        write_call(w, state, p);
    lg_put(w, "}");
}
