/* SPDX-License-Identifier: MIT
 *
 * A whole answer, read and written. */
#include "lib/format/openai_completions.h"

/* ---- reading ------------------------------------------------------------ */

static int put_text(struct lg_ctx *c, struct lg_ir_sink *sink, uint16_t choice,
                    struct lg_val text)
{
    const struct lg_ir_part part = {
        .tok = text.i, .kind = LG_PART_TEXT, .form = LG_FORM_BARE};
    const struct lg_str body = lg_val_body(text);
    int rc = 0;

    if (!body.n && !c->keep_extras)
        return 0;
    rc = lg_sink_put(sink, LG_EV_PART, choice, 0, &part, NULL);
    if (rc >= 0 && body.n)
        rc = lg_sink_text(sink, LG_EV_TEXT, choice, 0, body);
    return rc < 0 ? rc
                  : lg_sink_put(sink, LG_EV_PART_END, choice, 0, NULL, NULL);
}

static int read_choice(struct lg_ctx *c, struct lg_val v, unsigned at,
                       struct lg_ir_sink *sink)
{
    struct lg_ir_stop stop = {0};
    struct lg_val number, text, reason;
    int64_t index;
    int rc = lg_get(c, v, &stop.extra, LG_OP_CHOICE,
                    "index= text= finish_reason=", &number, &text, &reason);

    if (lg_val_int(number, &index) || index < 0 || index > UINT16_MAX)
        index = at < UINT16_MAX ? at : UINT16_MAX;
    stop.reason = lg_ir_of(reason);
    stop.kind = (uint8_t)lg_chat_stop_kind(reason, 0, 0);
    if (rc >= 0 && c->keep_extras)
        rc = lg_extra_keep(c, &stop.extra, number, LG_OP_CHOICE);
    if (rc >= 0 && lg_val_kind(text) == LG_JSON_STRING)
        rc = put_text(c, sink, (uint16_t)index, text);
    else if (rc >= 0)
        rc = lg_extra_keep(c, &stop.extra, text, LG_OP_CHOICE);
    return rc < 0 ? rc
                  : lg_sink_put(sink, LG_EV_STOP, (uint16_t)index, -1, &stop,
                                NULL);
}

static int put_usage(struct lg_val v, struct lg_ir_sink *sink)
{
    struct lg_ir_usage usage = LG_USAGE_NONE;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    lg_chat_usage_read(v, &usage);
    return lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL);
}

/* A 200 that holds an error all the same. */
static int put_error(struct lg_ctx *c, const struct lg_json *doc,
                     struct lg_ir_sink *sink)
{
    struct lg_ir_error error = {0};
    const int rc = lg_chat_read_error(c, doc, 0, &error);

    return rc < 0 ? rc : lg_sink_put(sink, LG_EV_ERROR, 0, -1, &error, NULL);
}

int lg_op_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_ir_head head = {.extra = NULL};
    struct lg_val choices, usage;
    struct lg_iter it;
    unsigned at = 0;
    int rc;

    if (lg_val_kind(lg_val_get(root, "error")) >= LG_JSON_STRING)
        return lg_protocol(c, put_error(c, doc, sink));
    rc = lg_get(c, root, &head.extra, LG_OP_SELF,
                c->keep_extras ? "id model created choices= usage="
                               : "id model created choices= usage= object- "
                                 "system_fingerprint-",
                &head.id, &head.model, &head.created, &choices, &usage);
    if (rc >= 0 && lg_val_kind(choices) != LG_JSON_ARRAY)
        rc = lg_val_fail(choices.doc ? choices : root, c->err,
                         "expected a list of choices");
    if (rc >= 0 && lg_val_kind(usage) != LG_JSON_OBJECT)
        rc = lg_extra_keep(c, &head.extra, usage, LG_OP_SELF);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_START, 0, -1, &head, NULL);
    it = lg_iter_of(choices);
    while (rc >= 0 && lg_iter_next(&it))
        rc = read_choice(c, it.val, at++, sink);
    if (rc >= 0)
        rc = put_usage(usage, sink);
    if (rc >= 0)
        rc = lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
    return lg_protocol(c, rc);
}

/* ---- writing ------------------------------------------------------------ */

static int has_extra(const struct lg_ir_extra *x, const char *key)
{
    while (x && (x->level != LG_OP_CHOICE || !lg_str_is(x->key, key)))
        x = x->next;
    return x != NULL;
}

static void write_own_choice(struct lg_writer *w, const struct lg_ir_choice *ch)
{
    const struct lg_ir_extra *const x = ch->stop.extra;

    if (!ch->parts && !x && !ch->stop.reason.kind)
        return;
    lg_put(w, "{");
    if (!has_extra(x, "index"))
        lg_put(w, "'index':%d", (int64_t)ch->index);
    lg_put(w, "'text':%v,'finish_reason':%v,%x}",
           ch->parts ? &ch->parts->text : &lg_ir_none, &ch->stop.reason, x,
           LG_OP_CHOICE);
}

static void write_choice(struct lg_writer *w, const struct lg_ir_choice *ch)
{
    lg_put(w, "{'index':%d,'text':", (int64_t)ch->index);
    (void)lg_buf_byte(w->jw.out, '"');
    for (const struct lg_ir_part *p = ch->parts; p; p = p->next)
        if (lg_op_is_text(w, p))
            (void)lg_buf_str(w->jw.out, p->text.s);
    (void)lg_buf_byte(w->jw.out, '"');
    lg_put(w, "'logprobs':null,'finish_reason':%s}",
           lg_op_stop_word(w, &ch->stop));
}

static void write_head(struct lg_writer *w, const struct lg_ir_head *h)
{
    const struct lg_ir_val id = lg_ir_word("cmpl-0"), model = lg_ir_word("");

    lg_put(w, "'id':%v,'model':%v", w->own || lg_ir_has(&h->id) ? &h->id : &id,
           w->own || lg_ir_has(&h->model) ? &h->model : &model);
    if (w->own) {
        lg_put(w, "'created':%v", &h->created);
        return;
    }
    lg_put(w, "'object':'text_completion','created':");
    if (h->created.kind == LG_JSON_NUMBER)
        lg_ir_write(&w->jw, &h->created);
    else
        lg_jw_int(&w->jw, w->c->now);
}

int lg_op_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, a->origin, out);
    const struct lg_ir_usage *const u = &a->usage;

    lg_put(&w, "{");
    write_head(&w, &a->head);
    lg_put(&w, "'choices':[");
    for (const struct lg_ir_choice *ch = &a->first; ch; ch = ch->next)
        if (w.own)
            write_own_choice(&w, ch);
        else
            write_choice(&w, ch);
    lg_put(&w, "]");
    if (w.own) {
        lg_put(&w, "'usage':%v", &u->raw);
    } else if (u->input >= 0 || u->output >= 0) {
        lg_put(&w, "'usage':");
        lg_chat_usage_write(&w, u);
    }
    lg_put(&w, "%x}", a->head.extra, LG_OP_SELF);
    return lg_writer_end(&w);
}
