/* SPDX-License-Identifier: MIT
 *
 * A whole answer written. */
#include "lib/format/openai_chat.h"

#include "lib/json/text.h"

struct writing {
    struct lg_ctx *c;
    const struct lg_ir_answer *a;
    struct lg_jw w;
    int own;   /* the answer was ours ... */
    int whole; /* ... and no stream: its extras say all that was there */
};

static const struct lg_ir_part *next_of(const struct lg_ir_part *p,
                                        enum lg_part_kind kind)
{
    while (p && p->kind != kind)
        p = p->next;
    return p;
}

/* ---- our own ------------------------------------------------------------ */

static int has_level(const struct lg_ir_extra *x, uint8_t level)
{
    while (x && x->level != level)
        x = x->next;
    return x != NULL;
}

static void own_message(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *x = ch->stop.extra;
    const int has_content = lg_chat_has_extra(x, "content", LG_CHAT_MESSAGE);
    const struct lg_ir_part *p = next_of(ch->parts, LG_PART_TEXT);

    if (wr->whole && !ch->parts && !has_level(x, LG_CHAT_MESSAGE))
        return;
    lg_jw_key(&wr->w, "message");
    lg_jw_obj(&wr->w);
    if (!wr->whole) {
        lg_jw_key(&wr->w, "role");
        lg_jw_body(&wr->w, LG_STR(LG_CHAT_ROLE_ASSISTANT));
    }
    lg_chat_assistant_write(wr->c, &wr->w, ch->parts,
                            wr->whole || has_content ? LG_FORM_ABSENT
                                                     : LG_FORM_NULL);
    for (; p; p = next_of(p->next, LG_PART_TEXT))
        if (lg_ir_has(&p->citations)) {
            lg_ir_member(&wr->w, "annotations", &p->citations);
            break;
        }
    lg_extra_write(wr->c, &wr->w, x, LG_CHAT_MESSAGE, wr->a->origin);
    lg_jw_obj_end(&wr->w);
}

static void own_choice(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *x = ch->stop.extra;

    lg_jw_obj(&wr->w);
    if (!wr->whole && !lg_chat_has_extra(x, "index", LG_CHAT_CHOICE)) {
        lg_jw_key(&wr->w, "index");
        lg_jw_int(&wr->w, ch->index);
    }
    own_message(wr, ch);
    lg_ir_member(&wr->w, "finish_reason", &ch->stop.reason);
    lg_extra_write(wr->c, &wr->w, x, LG_CHAT_CHOICE, wr->a->origin);
    lg_jw_obj_end(&wr->w);
}

/* ---- another's ---------------------------------------------------------- */

static int64_t chars_in(struct lg_str body)
{
    char text[LG_JSON_CHAR_MAX];
    int64_t n = 0;

    for (; body.n; n++)
        (void)lg_json_char(&body, LG_TO_TEXT, text);
    return n;
}

static int write_texts(struct writing *wr, const char *name,
                       enum lg_part_kind kind, const struct lg_ir_part *p)
{
    p = next_of(p, kind);
    if (!p)
        return 0;
    lg_jw_key(&wr->w, name);
    lg_chat_join_open(&wr->w);
    for (; p; p = next_of(p->next, kind))
        if (p->text.s.n)
            (void)lg_buf_str(wr->w.out, p->text.s);
    (void)lg_buf_byte(wr->w.out, '"');
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
        if (!n) {
            lg_jw_key(&wr->w, "reasoning_details");
            lg_jw_arr(&wr->w);
        }
        lg_chat_detail_write(&wr->w, &p->text, &p->blob, redacted, n++);
    }
    if (n)
        lg_jw_arr_end(&wr->w);
}

static void write_calls(struct writing *wr, const struct lg_ir_part *p)
{
    p = next_of(p, LG_PART_TOOL_CALL);
    if (!p)
        return;
    lg_jw_key(&wr->w, "tool_calls");
    lg_jw_arr(&wr->w);
    for (; p; p = next_of(p->next, LG_PART_TOOL_CALL)) {
        lg_jw_obj(&wr->w);
        lg_ir_member(&wr->w, "id", &p->id);
        lg_jw_key(&wr->w, "type");
        lg_jw_body(&wr->w, p->custom ? LG_STR("custom") : LG_STR("function"));
        lg_jw_key(&wr->w, p->custom ? "custom" : "function");
        lg_jw_obj(&wr->w);
        lg_chat_call_body_write(&wr->w, p);
        lg_jw_obj_end(&wr->w);
        lg_jw_obj_end(&wr->w);
    }
    lg_jw_arr_end(&wr->w);
}

/* A citation of the web, over the text it belongs to. */
static void write_citation(struct lg_jw *w, struct lg_val v, int64_t from,
                           int64_t to)
{
    const struct lg_val title = lg_val_get(v, "title");

    lg_jw_obj(w);
    lg_jw_key(w, "type");
    lg_jw_body(w, LG_STR("url_citation"));
    lg_jw_key(w, "url_citation");
    lg_jw_obj(w);
    lg_jw_key(w, "start_index");
    lg_jw_int(w, from);
    lg_jw_key(w, "end_index");
    lg_jw_int(w, to);
    lg_jw_key(w, "url");
    lg_jw_raw(w, lg_val_raw(lg_val_get(v, "url")));
    lg_jw_key(w, "title");
    lg_jw_raw(w, title.doc ? lg_val_raw(title) : LG_STR("\"\""));
    lg_jw_obj_end(w);
    lg_jw_obj_end(w);
}

static int write_annotations(struct writing *wr, const struct lg_ir_part *p)
{
    int64_t from = 0;
    int open = 0, rc = 0;

    for (p = next_of(p, LG_PART_TEXT); p && !rc;
         p = next_of(p->next, LG_PART_TEXT)) {
        const int64_t to = from + chars_in(p->text.s);
        struct lg_json doc;
        struct lg_iter it;

        if (lg_ir_has(&p->citations)) {
            rc = lg_json_read(&doc, wr->c->arena, p->citations.s, wr->c->err);
            it = lg_iter_of(rc ? (struct lg_val){0} : lg_json_root(&doc));
            while (!rc && lg_iter_next(&it)) {
                if (lg_val_kind(lg_val_get(it.val, "url")) != LG_JSON_STRING) {
                    rc = lg_chat_lose(wr->c, p->tok, LG_DROPPED,
                                      "a citation that is of no URL");
                    continue;
                }
                if (!open++) {
                    lg_jw_key(&wr->w, "annotations");
                    lg_jw_arr(&wr->w);
                }
                write_citation(&wr->w, it.val, from, to);
            }
        }
        from = to;
    }
    if (open)
        lg_jw_arr_end(&wr->w);
    return rc;
}

static int lose_parts(struct writing *wr, const struct lg_ir_part *p)
{
    int rc = 0;

    for (; p && !rc; p = p->next) {
        if (p->kind == LG_PART_OPAQUE)
            rc = lg_chat_lose(wr->c, p->tok, LG_DROPPED,
                              "unknown to " LG_CHAT_NAME);
        if (!rc)
            rc = lg_extra_lose(wr->c, p->extra, wr->a->origin);
    }
    return rc;
}

static int write_message(struct writing *wr, const struct lg_ir_choice *ch)
{
    const struct lg_ir_part *const parts = ch->parts;
    int rc;

    lg_jw_key(&wr->w, "message");
    lg_jw_obj(&wr->w);
    lg_jw_key(&wr->w, "role");
    lg_jw_body(&wr->w, LG_STR(LG_CHAT_ROLE_ASSISTANT));
    if (!write_texts(wr, "content", LG_PART_TEXT, parts)) {
        lg_jw_key(&wr->w, "content");
        lg_jw_null(&wr->w);
    }
    if (!write_texts(wr, "refusal", LG_PART_REFUSAL, parts)) {
        lg_jw_key(&wr->w, "refusal");
        lg_ir_write(&wr->w, &ch->stop.details);
    }
    (void)write_texts(wr, "reasoning_content", LG_PART_THINKING, parts);
    write_details(wr, parts);
    write_calls(wr, parts);
    rc = write_annotations(wr, parts);
    lg_jw_obj_end(&wr->w);
    return rc ? rc : lose_parts(wr, parts);
}

static int write_choice(struct writing *wr, const struct lg_ir_choice *ch)
{
    const int refuses = next_of(ch->parts, LG_PART_REFUSAL) != NULL;
    int rc;

    lg_jw_obj(&wr->w);
    lg_jw_key(&wr->w, "index");
    lg_jw_int(&wr->w, ch->index);
    rc = write_message(wr, ch);
    lg_jw_key(&wr->w, "logprobs");
    lg_jw_null(&wr->w);
    lg_jw_key(&wr->w, "finish_reason");
    lg_jw_body(&wr->w, lg_str_of(lg_chat_stop_word(&ch->stop, refuses)));
    lg_jw_obj_end(&wr->w);
    return rc ? rc : lg_chat_lose_stop(wr->c, &ch->stop);
}

/* ---- the answer --------------------------------------------------------- */

static void write_usage(struct writing *wr)
{
    const struct lg_ir_usage *u = &wr->a->usage;

    if (wr->own) {
        lg_ir_member(&wr->w, "usage", &u->raw);
    } else if (u->input >= 0 || u->output >= 0) {
        lg_jw_key(&wr->w, "usage");
        lg_chat_usage_write(&wr->w, u);
    }
}

static void write_head(struct writing *wr)
{
    const struct lg_ir_head *h = &wr->a->head;

    lg_ir_member(&wr->w, "id", &h->id);
    if (!wr->whole) {
        lg_jw_key(&wr->w, "object");
        lg_jw_body(&wr->w, LG_STR("chat.completion"));
    }
    if (wr->own || h->created.kind == LG_JSON_NUMBER) {
        lg_ir_member(&wr->w, "created", &h->created);
    } else {
        lg_jw_key(&wr->w, "created");
        lg_jw_int(&wr->w, wr->c->now);
    }
    lg_ir_member(&wr->w, "model", &h->model);
}

int lg_chat_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                         struct lg_buf *out)
{
    struct writing wr = {.c = c, .a = a, .w = {.out = out}};
    int rc = 0;

    wr.own = a->origin == c->self;
    wr.whole =
        wr.own && lg_chat_has_extra(a->head.extra, "object", LG_CHAT_SELF);
    lg_jw_obj(&wr.w);
    write_head(&wr);
    lg_jw_key(&wr.w, "choices");
    lg_jw_arr(&wr.w);
    for (const struct lg_ir_choice *ch = &a->first; ch && !rc; ch = ch->next) {
        if (!wr.own)
            rc = write_choice(&wr, ch);
        else if (ch->parts || ch->stop.extra || ch->stop.reason.kind)
            own_choice(&wr, ch);
    }
    lg_jw_arr_end(&wr.w);
    write_usage(&wr);
    lg_extra_write(c, &wr.w, a->head.extra, LG_CHAT_SELF, a->origin);
    lg_jw_obj_end(&wr.w);
    if (!rc)
        rc = lg_extra_lose(c, a->head.extra, a->origin);
    return rc || !out->err ? rc : lg_fail_mem(c->err, out->err);
}
