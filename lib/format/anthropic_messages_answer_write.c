/* SPDX-License-Identifier: MIT
 *
 * A whole answer, written; and what a stream is written with, too. */
#include "lib/format/anthropic_messages.h"

int lg_am_has_level(const struct lg_ir_extra *x, enum lg_am_level level)
{
    while (x && x->level != level)
        x = x->next;
    return x != NULL;
}

static void write_details(struct lg_am_writer *a, const struct lg_ir_stop *stop)
{
    const int rest = a->own && lg_am_has_level(stop->extra, LG_AM_DETAILS);

    if (stop->details.kind != LG_JSON_STRING && !rest) {
        if (a->own)
            lg_ir_member(&a->w, "stop_details", &stop->details);
        return;
    }
    lg_jw_key(&a->w, "stop_details");
    lg_jw_obj(&a->w);
    if (!rest) {
        lg_jw_key(&a->w, "type");
        lg_jw_text(&a->w, LG_STR("refusal"));
        lg_jw_key(&a->w, "category");
        lg_jw_null(&a->w);
    }
    lg_ir_member(&a->w, "explanation", &stop->details);
    lg_am_extras(a, stop->extra, LG_AM_DETAILS);
    lg_jw_obj_end(&a->w);
}

void lg_am_write_stop(struct lg_am_writer *a, const struct lg_ir_stop *stop,
                      enum lg_stop kind)
{
    const char *reason = lg_am_stop_word(kind);

    if (a->own) {
        lg_ir_member(&a->w, "stop_reason", &stop->reason);
        lg_ir_member(&a->w, "stop_sequence", &stop->sequence);
        write_details(a, stop);
        return;
    }
    if (kind == LG_STOP_OTHER)
        lg_am_lose(a, stop->reason.tok, LG_APPROXIMATED,
                   "no such reason to stop in " LG_AM_NAME);
    lg_jw_key(&a->w, "stop_reason");
    if (reason)
        lg_jw_text(&a->w, lg_str_of(reason));
    else
        lg_jw_null(&a->w);
    lg_jw_key(&a->w, "stop_sequence");
    if (kind == LG_STOP_SEQUENCE && lg_ir_has(&stop->sequence))
        lg_ir_write(&a->w, &stop->sequence);
    else
        lg_jw_null(&a->w);
    if (kind == LG_STOP_REFUSAL)
        write_details(a, stop);
}

static void write_count(struct lg_am_writer *a, const char *name, int64_t n)
{
    if (n < 0)
        return;
    lg_jw_key(&a->w, name);
    lg_jw_int(&a->w, n);
}

void lg_am_write_usage(struct lg_am_writer *a, const struct lg_ir_usage *u)
{
    lg_jw_key(&a->w, "usage");
    if (a->own && u->raw.kind != LG_JSON_NONE) {
        lg_ir_write(&a->w, &u->raw);
        return;
    }
    lg_jw_obj(&a->w);
    write_count(a, "input_tokens", u->input < 0 ? 0 : u->input);
    write_count(a, "cache_creation_input_tokens", u->cache_write);
    write_count(a, "cache_read_input_tokens", u->cache_read);
    if (u->cache_write_1h >= 0 && u->cache_write >= u->cache_write_1h) {
        lg_jw_key(&a->w, "cache_creation");
        lg_jw_obj(&a->w);
        write_count(a, "ephemeral_5m_input_tokens",
                    u->cache_write - u->cache_write_1h);
        write_count(a, "ephemeral_1h_input_tokens", u->cache_write_1h);
        lg_jw_obj_end(&a->w);
    }
    write_count(a, "output_tokens", u->output < 0 ? 0 : u->output);
    if (u->thinking >= 0) {
        lg_jw_key(&a->w, "output_tokens_details");
        lg_jw_obj(&a->w);
        write_count(a, "thinking_tokens", u->thinking);
        lg_jw_obj_end(&a->w);
    }
    lg_jw_obj_end(&a->w);
}

/* Calls are told as calls and a refusal as a refusal, whatever the origin says
 * why it stopped. */
static enum lg_stop kind_of(const struct lg_ir_choice *choice)
{
    for (const struct lg_ir_part *p = choice->parts; p; p = p->next) {
        if (p->kind == LG_PART_REFUSAL && p->text.s.n)
            return LG_STOP_REFUSAL;
        if (p->kind == LG_PART_TOOL_CALL && choice->stop.kind == LG_STOP_END)
            return LG_STOP_TOOL;
    }
    return (enum lg_stop)choice->stop.kind;
}

/* A stream tells some members at its start and again, better, at its end. */
static void write_rest(struct lg_am_writer *a, const struct lg_ir_extra *head,
                       const struct lg_ir_extra *stop)
{
    if (!a->own) {
        lg_am_lose_extras(a, head);
        lg_am_lose_extras(a, stop);
        return;
    }
    for (; head; head = head->next) {
        const struct lg_ir_extra *x = stop;

        while (x &&
               (x->level == LG_AM_DETAILS || !lg_str_same(x->key, head->key)))
            x = x->next;
        if (head->level != LG_AM_NODE || x)
            continue;
        lg_jw_key_body(&a->w, head->key);
        lg_ir_write(&a->w, &head->val);
    }
    lg_am_extras(a, stop, LG_AM_NODE);
    lg_am_extras(a, stop, LG_AM_DELTA);
}

/* What a message must have; another format may have none. */
static void required(struct lg_am_writer *a, const char *name,
                     const struct lg_ir_val *v, const char *otherwise)
{
    const struct lg_ir_val word = lg_ir_word(otherwise);

    lg_ir_member(&a->w, name, a->own || lg_ir_has(v) ? v : &word);
}

void lg_am_write_head(struct lg_am_writer *a, const struct lg_ir_head *head)
{
    required(a, "id", &head->id, "msg_0");
    if (a->own && lg_am_has_level(head->extra, LG_AM_FIXED)) {
        lg_am_extras(a, head->extra, LG_AM_FIXED);
    } else {
        lg_jw_key(&a->w, "type");
        lg_jw_text(&a->w, LG_STR("message"));
        lg_jw_key(&a->w, "role");
        lg_jw_text(&a->w, LG_STR("assistant"));
    }
    required(a, "model", &head->model, "");
}

int lg_am_write_answer(struct lg_ctx *c, const struct lg_ir_answer *answer,
                       struct lg_buf *out)
{
    struct lg_am_writer a = lg_am_writer_of(c, answer->origin, out);
    const struct lg_ir_choice *choice = &answer->first;

    a.answer = 1;
    lg_jw_obj(&a.w);
    lg_am_write_head(&a, &answer->head);
    lg_jw_key(&a.w, "content");
    lg_jw_arr(&a.w);
    lg_am_write_blocks(&a, choice->parts);
    lg_jw_arr_end(&a.w);
    lg_am_write_stop(&a, &choice->stop, kind_of(choice));
    if (!a.own || answer->usage.raw.kind != LG_JSON_NONE)
        lg_am_write_usage(&a, &answer->usage);
    write_rest(&a, answer->head.extra, choice->stop.extra);
    lg_jw_obj_end(&a.w);
    if (choice->next)
        lg_am_lose(&a, LG_NOWHERE, LG_DROPPED,
                   "an answer is one choice in " LG_AM_NAME);
    if (a.rc < 0)
        return a.rc;
    return out->err ? lg_fail_mem(c->err, out->err) : 0;
}
