/* SPDX-License-Identifier: MIT
 *
 * A whole answer written. */
#include "lib/format/openai_chat.h"

struct writing {
    struct lg_writer w;
    const struct lg_ir_answer *a;
    int whole; /* our own, and no stream: its extras say all that was there */
};

static const struct lg_ir_part *next_of(const struct lg_ir_part *p,
                                        enum lg_part_kind kind)
{
    while (p && p->kind != kind)
        p = p->next;
    return p;
}

/* ---- our own ------------------------------------------------------------ */

static void own_message(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *x = ch->stop.extra;
    const int has_content = lg_chat_has_extra(x, "content", LG_CHAT_MESSAGE);
    const struct lg_ir_part *p = ch->parts;

    if (wr->whole && !p && !lg_extra_has(x, LG_CHAT_MESSAGE))
        return;
    lg_put(&wr->w, wr->whole ? "'message':{"
                             : "'message':{'role':'" LG_CHAT_ROLE_ASSISTANT
                               "'");
    lg_chat_assistant_write(
        &wr->w, p, wr->whole || has_content ? LG_FORM_ABSENT : LG_FORM_NULL);
    while (p && (p->kind != LG_PART_TEXT || !lg_ir_has(&p->citations)))
        p = p->next;
    lg_put(&wr->w, "'annotations':%v,%x}", p ? &p->citations : &lg_ir_none, x,
           LG_CHAT_MESSAGE);
}

static void own_choice(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *x = ch->stop.extra;

    lg_put(&wr->w, "{");
    if (!wr->whole && !lg_chat_has_extra(x, "index", LG_CHAT_CHOICE))
        lg_put(&wr->w, "'index':%d", (int64_t)ch->index);
    own_message(wr, ch);
    lg_put(&wr->w, "'finish_reason':%v,%x}", &ch->stop.reason, x,
           LG_CHAT_CHOICE);
}

/* ---- another's ---------------------------------------------------------- */

static int write_texts(struct writing *wr, const char *name,
                       enum lg_part_kind kind, const struct lg_ir_part *p)
{
    p = next_of(p, kind);
    if (!p)
        return 0;
    lg_put(&wr->w, "%k:", name);
    lg_jw_join_open(&wr->w.jw);
    for (; p; p = next_of(p->next, kind))
        (void)lg_buf_str(wr->w.jw.out, p->text.s);
    (void)lg_buf_byte(wr->w.jw.out, '"');
    return 1;
}

static void write_details(struct writing *wr, const struct lg_ir_part *p)
{
    int64_t n = 0;

    for (; p; p = p->next) {
        const int redacted = p->kind == LG_PART_REDACTED;

        if ((p->kind != LG_PART_THINKING && !redacted) ||
            !lg_ir_has(&p->blob.val))
            continue;
        if (!n)
            lg_put(&wr->w, "'reasoning_details':[");
        lg_chat_detail_write(&wr->w, &p->text, &p->blob, redacted, n++);
    }
    if (n)
        lg_put(&wr->w, "]");
}

static void write_calls(struct writing *wr, const struct lg_ir_part *p)
{
    p = next_of(p, LG_PART_TOOL_CALL);
    if (!p)
        return;
    lg_put(&wr->w, "'tool_calls':[");
    for (; p; p = next_of(p->next, LG_PART_TOOL_CALL))
        lg_chat_call_write(&wr->w, p);
    lg_put(&wr->w, "]");
}

/* A citation of the web, over the text it belongs to. */
static void write_citation(struct writing *wr, struct lg_val v, int64_t from,
                           int64_t to)
{
    const struct lg_val title = lg_val_get(v, "title");

    lg_put(&wr->w,
           "{'type':'url_citation','url_citation':{'start_index':%d,"
           "'end_index':%d,'url':%j,'title':%j}}",
           from, to, lg_val_raw(lg_val_get(v, "url")),
           title.doc ? lg_val_raw(title) : LG_STR("\"\""));
}

/* Those of one text; how many were written. */
LG_APART static int write_citations(struct writing *wr,
                                    const struct lg_ir_part *p, int64_t from,
                                    int64_t to, int open)
{
    struct lg_json doc;
    struct lg_iter it;
    const int rc =
        lg_json_read(&doc, wr->w.c->arena, p->citations.s, wr->w.c->err);

    lg_writer_fail(&wr->w, rc);
    it = lg_iter_of(rc ? (struct lg_val){0} : lg_json_root(&doc));
    while (lg_iter_next(&it)) {
        if (lg_val_kind(lg_val_get(it.val, "url")) != LG_JSON_STRING) {
            lg_put_lose(&wr->w, p->tok, LG_DROPPED,
                        "a citation that is of no URL");
            continue;
        }
        if (!open++)
            lg_put(&wr->w, "'annotations':[");
        write_citation(wr, it.val, from, to);
    }
    return open;
}

static void write_annotations(struct writing *wr, const struct lg_ir_part *p)
{
    int64_t from = 0;
    int open = 0;

    while ((p = next_of(p, LG_PART_TEXT)) != NULL && !wr->w.rc) {
        const int64_t to = from + lg_openai_chars(p->text.s);

        if (lg_ir_has(&p->citations))
            open = write_citations(wr, p, from, to, open);
        from = to;
        p = p->next;
    }
    if (open)
        lg_put(&wr->w, "]");
}

static void write_message(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_part *const parts = ch->parts;

    lg_put(&wr->w, "'message':{'role':'" LG_CHAT_ROLE_ASSISTANT "'");
    if (!write_texts(wr, "content", LG_PART_TEXT, parts))
        lg_put(&wr->w, "'content':null");
    if (!write_texts(wr, "refusal", LG_PART_REFUSAL, parts)) {
        lg_put(&wr->w, "'refusal':");
        lg_ir_write(&wr->w.jw, &ch->stop.details);
    }
    (void)write_texts(wr, "reasoning_content", LG_PART_THINKING, parts);
    write_details(wr, parts);
    write_calls(wr, parts);
    write_annotations(wr, parts);
    lg_put(&wr->w, "}");
    for (const struct lg_ir_part *p = parts; p; p = p->next) {
        if (p->kind == LG_PART_OPAQUE)
            lg_put_lose(&wr->w, p->tok, LG_DROPPED, LG_CHAT_UNKNOWN);
        lg_put_lose_extras(&wr->w, p->extra);
    }
}

static void write_choice(struct writing *wr, const struct lg_ir_choice *ch)
{
    const int refuses = next_of(ch->parts, LG_PART_REFUSAL) != NULL;

    lg_put(&wr->w, "{'index':%d", (int64_t)ch->index);
    write_message(wr, ch);
    lg_put(&wr->w, "'logprobs':null,'finish_reason':%s}",
           lg_chat_stop_word(&ch->stop, refuses));
    lg_chat_lose_stop(&wr->w, &ch->stop);
}

/* ---- the answer --------------------------------------------------------- */

static void write_usage(struct writing *wr)
{
    const struct lg_ir_usage *u = &wr->a->usage;

    if (wr->w.own) {
        lg_put(&wr->w, "'usage':%v", &u->raw);
    } else if (u->input >= 0 || u->output >= 0) {
        lg_put(&wr->w, "'usage':");
        lg_chat_usage_write(&wr->w, u);
    }
}

/* OpenAI's SDKs overlook what has an id that is empty. */
static void write_head(struct writing *wr)
{
    const struct lg_ir_head *h = &wr->a->head;
    const struct lg_ir_val id = lg_ir_word("chatcmpl-0"),
                           nobody = lg_ir_word("");

    lg_put(&wr->w, "'id':%v", wr->w.own || lg_ir_has(&h->id) ? &h->id : &id);
    if (!wr->whole)
        lg_put(&wr->w, "'object':'chat.completion'");
    if (wr->w.own || h->created.kind == LG_JSON_NUMBER)
        lg_put(&wr->w, "'created':%v", &h->created);
    else
        lg_put(&wr->w, "'created':%d", wr->w.c->now);
    lg_put(&wr->w, "'model':%v",
           wr->w.own || lg_ir_has(&h->model) ? &h->model : &nobody);
}

int lg_chat_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                         struct lg_buf *out)
{
    struct writing wr = {.w = lg_writer_of(c, a->origin, out), .a = a};

    wr.whole =
        wr.w.own && lg_chat_has_extra(a->head.extra, "object", LG_CHAT_SELF);
    lg_put(&wr.w, "{");
    write_head(&wr);
    lg_put(&wr.w, "'choices':[");
    for (const struct lg_ir_choice *ch = &a->first; ch && !wr.w.rc;
         ch = ch->next) {
        if (!wr.w.own)
            write_choice(&wr, ch);
        else if (ch->parts || ch->stop.extra || ch->stop.reason.kind)
            own_choice(&wr, ch);
    }
    lg_put(&wr.w, "]");
    write_usage(&wr);
    lg_put(&wr.w, "%x}", a->head.extra, LG_CHAT_SELF);
    return lg_writer_end(&wr.w);
}
