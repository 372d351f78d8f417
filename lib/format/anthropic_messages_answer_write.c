/* SPDX-License-Identifier: MIT
 *
 * A whole answer, written; and what a stream is written with, too. */
#include "lib/format/anthropic_messages.h"

#include "lib/format/turn.h"

static void write_details(struct lg_writer *w, const struct lg_ir_stop *stop)
{
    const int rest = w->own && lg_extra_has(stop->extra, LG_AM_DETAILS);

    if (stop->details.kind != LG_JSON_STRING && !rest) {
        if (w->own)
            lg_put(w, "'stop_details':%v", &stop->details);
        return;
    }
    lg_put(w, "'stop_details':{");
    if (!rest)
        lg_put(w, "'type':'refusal','category':null");
    lg_put(w, "'explanation':%v,%x}", &stop->details, stop->extra,
           LG_AM_DETAILS);
}

void lg_am_write_stop(struct lg_am_writer *a, const struct lg_ir_stop *stop,
                      enum lg_stop kind)
{
    struct lg_writer *w = &a->w;

    if (w->own) {
        lg_put(w, "'stop_reason':%v,'stop_sequence':%v", &stop->reason,
               &stop->sequence);
        write_details(w, stop);
        return;
    }
    if (kind == LG_STOP_OTHER)
        lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                    "no such reason to stop in " LG_AM_NAME);
    lg_put(w, "'stop_reason':%w,'stop_sequence':%v", LG_AM_STOPS,
           kind == LG_STOP_OTHER ? LG_STOP_END : kind,
           kind == LG_STOP_SEQUENCE && lg_ir_has(&stop->sequence)
               ? &stop->sequence
               : &lg_ir_null);
    if (kind == LG_STOP_REFUSAL)
        write_details(w, stop);
}

void lg_am_write_usage(struct lg_am_writer *a, const struct lg_ir_usage *u)
{
    struct lg_writer *w = &a->w;

    if (w->own && u->raw.kind != LG_JSON_NONE) {
        lg_put(w, "'usage':%v", &u->raw);
        return;
    }
    lg_put(w,
           "'usage':{'input_tokens':%d,'cache_creation_input_tokens':%d,"
           "'cache_read_input_tokens':%d",
           u->input < 0 ? (int64_t)0 : u->input, u->cache_write, u->cache_read);
    if (u->cache_write_1h >= 0 && u->cache_write >= u->cache_write_1h)
        lg_put(w,
               "'cache_creation':{'ephemeral_5m_input_tokens':%d,"
               "'ephemeral_1h_input_tokens':%d}",
               u->cache_write - u->cache_write_1h, u->cache_write_1h);
    lg_put(w, "'output_tokens':%d", u->output < 0 ? (int64_t)0 : u->output);
    if (u->thinking >= 0)
        lg_put(w, "'output_tokens_details':{'thinking_tokens':%d}",
               u->thinking);
    lg_put(w, "}");
}

/* A stream tells some members at its start and again, better, at its end. */
static void write_rest(struct lg_writer *w, const struct lg_ir_extra *head,
                       const struct lg_ir_extra *stop)
{
    if (!w->own) {
        lg_put_lose_extras(w, head);
        lg_put_lose_extras(w, stop);
        return;
    }
    for (; head; head = head->next) {
        const struct lg_ir_extra *x = stop;

        while (x &&
               (x->level == LG_AM_DETAILS || !lg_str_same(x->key, head->key)))
            x = x->next;
        if (head->level != LG_AM_NODE || x)
            continue;
        lg_jw_key_body(&w->jw, head->key);
        lg_ir_write(&w->jw, &head->val);
    }
    lg_put(w, "%x,%x", stop, LG_AM_NODE, stop, LG_AM_DELTA);
}

/* A message must have an id and a model; another format may have none. */
void lg_am_write_head(struct lg_am_writer *a, const struct lg_ir_head *head)
{
    const struct lg_ir_val id = lg_ir_word("msg_0"), model = lg_ir_word("");
    struct lg_writer *w = &a->w;

    lg_put(w, "'id':%v", w->own || lg_ir_has(&head->id) ? &head->id : &id);
    if (w->own && lg_extra_has(head->extra, LG_AM_FIXED))
        lg_put(w, "%x", head->extra, LG_AM_FIXED);
    else
        lg_put(w, "'type':'message','role':'assistant'");
    lg_put(w, "'model':%v",
           w->own || lg_ir_has(&head->model) ? &head->model : &model);
}

int lg_am_write_answer(struct lg_ctx *c, const struct lg_ir_answer *answer,
                       struct lg_buf *out)
{
    struct lg_am_writer a = {lg_writer_of(c, answer->origin, out), 1, 0, NULL};
    const struct lg_ir_choice *choice = &answer->first;

    lg_put(&a.w, "{");
    lg_am_write_head(&a, &answer->head);
    lg_put(&a.w, "'content':[");
    lg_am_write_blocks(&a, choice->parts);
    lg_put(&a.w, "]");
    lg_am_write_stop(&a, &choice->stop, lg_stop_of(choice));
    if (!a.w.own || answer->usage.raw.kind != LG_JSON_NONE)
        lg_am_write_usage(&a, &answer->usage);
    write_rest(&a.w, answer->head.extra, choice->stop.extra);
    lg_put(&a.w, "}");
    if (choice->next)
        lg_put_lose(&a.w, LG_NOWHERE, LG_DROPPED,
                    "an answer is one choice in " LG_AM_NAME);
    return lg_writer_end(&a.w);
}
