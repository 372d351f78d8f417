/* SPDX-License-Identifier: MIT
 *
 * A request, written. */
#include "lib/format/cohere_chat.h"

#define STOPS_MAX 5

struct writing {
    struct lg_writer w;
    const struct lg_ir_request *r;
};

/* ---- parts of other formats --------------------------------------------- */

static void lose(struct writing *wr, const struct lg_ir_part *p,
                 const char *reason)
{
    lg_put_lose(&wr->w, p->tok, LG_DROPPED, reason);
}

/* What a part has besides its content. Its extras are told where it is
 * written, unless it became something else. */
static void lose_marks(struct writing *wr, const struct lg_ir_part *p)
{
    lg_put_drop(&wr->w, &p->cache, LG_CO_UNKNOWN);
    lg_put_drop(&wr->w, &p->citations, LG_CO_UNKNOWN);
    lg_put_drop(&wr->w, &p->blob.val, "a signature of another format");
    lg_put_lose_extras(&wr->w, p->extra);
}

static void text_part(struct writing *wr, struct lg_str body)
{
    if (body.n)
        lg_put(&wr->w, "{'type':'text','text':%b}", body);
}

/* Does it stand beside the messages? */
static int is_beside(const struct writing *wr, const struct lg_ir_part *p)
{
    return wr->w.own ? (p->form & LG_FORM_TOP) != 0
                     : p->kind == LG_PART_DOCUMENT &&
                           p->media.source == LG_MEDIA_TEXT;
}

static void write_part(struct writing *wr, const struct lg_ir_part *p);

static void write_document(struct writing *wr, const struct lg_ir_part *p,
                           int in_result)
{
    if (p->media.source == LG_MEDIA_PARTS) {
        lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED,
                    "a document becomes what stands in it");
        lg_put_drop(&wr->w, &p->media.name, LG_CO_UNKNOWN);
        for (const struct lg_ir_part *q = p->parts; q; q = q->next) {
            if (q->kind == LG_PART_DOCUMENT)
                lose(wr, q, "a document within a document");
            else
                write_part(wr, q);
        }
    } else if (p->media.source != LG_MEDIA_TEXT) {
        lose(wr, p, "a document is text in " LG_CO_NAME);
        return;
    } else if (in_result) {
        lg_co_write_part(&wr->w, p);
    } else {
        lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED,
                    "a document stands beside the messages");
    }
    lose_marks(wr, p);
}

/* One part of another format's message. */
static void write_part(struct writing *wr, const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_REFUSAL:
        lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED,
                    "a refusal becomes a text");
        text_part(wr, p->text.s);
        break;
    case LG_PART_TEXT:
        text_part(wr, p->text.s);
        break;
    case LG_PART_THINKING:
        if (p->text.s.n)
            lg_put(&wr->w, "{'type':'thinking','thinking':%v}", &p->text);
        break;
    case LG_PART_IMAGE:
        if (p->media.source != LG_MEDIA_BASE64 &&
            p->media.source != LG_MEDIA_URL) {
            lose(wr, p, "a file of another provider");
            return;
        }
        lg_co_write_part(&wr->w, p);
        lg_put_drop(&wr->w, &p->media.name, LG_CO_UNKNOWN);
        break;
    case LG_PART_DOCUMENT:
        write_document(wr, p, 0);
        return;
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
        return; /* have members of their own */
    case LG_PART_AUDIO:
    case LG_PART_REDACTED:
    case LG_PART_OPAQUE:
        lose(wr, p, LG_CO_UNKNOWN);
        return;
    }
    lose_marks(wr, p);
}

/* ---- contents ----------------------------------------------------------- */

/* Of our own: is it a part of the content? */
static int is_content(const struct lg_ir_part *p)
{
    return p->kind != LG_PART_TOOL_CALL &&
           !(p->form & (LG_CALL_LISTED | LG_FORM_TOP)) &&
           !(p->kind == LG_PART_TEXT && p->form & LG_CO_PLAN);
}

static void own_content(struct writing *wr, const struct lg_ir_part *p,
                        unsigned form)
{
    while (p && !is_content(p))
        p = p->next;
    if (!p && form & LG_FORM_ABSENT)
        return;
    if (!p && form & LG_FORM_NULL) {
        lg_put(&wr->w, "'content':null");
    } else if (p && form & LG_FORM_BARE) {
        lg_put(&wr->w, "'content':%v", &p->text);
    } else {
        lg_put(&wr->w, "'content':[");
        for (; p; p = p->next)
            if (is_content(p))
                lg_co_write_part(&wr->w, p);
        lg_put(&wr->w, "]");
    }
}

/* A list with nothing in it is none: a string says so better. */
static void end_content(struct writing *wr, size_t mark)
{
    if (!lg_writer_is_empty(&wr->w)) {
        lg_put(&wr->w, "]");
        return;
    }
    lg_writer_undo(&wr->w, mark);
    lg_put(&wr->w, "'content':''");
}

static int is_one_text(const struct lg_ir_part *p, unsigned form)
{
    return form & LG_FORM_BARE && p && p->kind == LG_PART_TEXT && !p->next;
}

static void write_content(struct writing *wr, const struct lg_ir_part *p,
                          unsigned form)
{
    const size_t mark = wr->w.jw.out->n;

    if (is_one_text(p, form)) {
        lg_put(&wr->w, "'content':%v", &p->text);
        lose_marks(wr, p);
        return;
    }
    lg_put(&wr->w, "'content':[");
    for (; p; p = p->next)
        write_part(wr, p);
    end_content(wr, mark);
}

/* ---- results of tools --------------------------------------------------- */

static void result_part(struct writing *wr, const struct lg_ir_part *p)
{
    if (p->kind == LG_PART_DOCUMENT)
        write_document(wr, p, 1);
    else if (p->kind == LG_PART_IMAGE)
        lose(wr, p, "a tool's result has no images in " LG_CO_NAME);
    else
        write_part(wr, p);
}

static void result_content(struct writing *wr, const struct lg_ir_part *p)
{
    const struct lg_ir_part *q = p->parts;
    const size_t mark = wr->w.jw.out->n;
    const int failed = lg_ir_true(&p->is_error);

    if (!failed && is_one_text(q, LG_FORM_BARE)) {
        write_content(wr, q, LG_FORM_BARE);
        return;
    }
    lg_put(&wr->w, "'content':[");
    if (failed) {
        text_part(wr, LG_STR("Error:"));
        lg_put_lose(&wr->w, p->is_error.tok, LG_APPROXIMATED,
                    "an error is told in the text alone");
    }
    for (; q; q = q->next)
        result_part(wr, q);
    end_content(wr, mark);
}

static void write_result(struct writing *wr, const struct lg_ir_message *m,
                         const struct lg_ir_part *p)
{
    lg_put(&wr->w, "{'role':'tool','tool_call_id':%v", &p->id);
    if (wr->w.own) {
        own_content(wr, p->parts, p->form);
        lg_put(&wr->w, "%x}", m->extra, LG_CO_NODE);
    } else {
        result_content(wr, p);
        lg_put(&wr->w, "}");
        lose_marks(wr, p);
    }
}

/* ---- the assistant ------------------------------------------------------ */

static int has_kind(const struct lg_ir_part *p, enum lg_part_kind kind)
{
    while (p && p->kind != kind)
        p = p->next;
    return p != NULL;
}

/* The text in front of calls is their plan. */
static void write_plan(struct writing *wr, const struct lg_ir_part *p, int own)
{
    unsigned n = 0;

    for (; p; p = p->next) {
        if (p->kind != LG_PART_TEXT ||
            (own ? !(p->form & LG_CO_PLAN) : !p->text.s.n))
            continue;
        if (!n++) {
            lg_put(&wr->w, "'tool_plan':");
            lg_jw_join_open(&wr->w.jw);
        } else if (!own) {
            lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED,
                        "one plan with the text before it");
        }
        (void)lg_buf_str(wr->w.jw.out, p->text.s);
    }
    if (n)
        (void)lg_buf_byte(wr->w.jw.out, '"');
}

static void write_calls(struct writing *wr, const struct lg_ir_message *m)
{
    lg_put_calls(&wr->w, m->parts, 1, wr->w.own && m->form & LG_CALLS_NONE);
}

static void own_assistant(struct writing *wr, const struct lg_ir_message *m)
{
    own_content(wr, m->parts, m->form);
    write_plan(wr, m->parts, 1);
    write_calls(wr, m);
    for (const struct lg_ir_part *p = m->parts; p; p = p->next)
        lg_put(&wr->w, "'citations':%v", &p->citations);
}

static void write_assistant(struct writing *wr, const struct lg_ir_message *m)
{
    const size_t mark = wr->w.jw.out->n;

    if (!has_kind(m->parts, LG_PART_TOOL_CALL)) {
        write_content(wr, m->parts, m->form);
        return;
    }
    lg_put(&wr->w, "'content':[");
    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (p->kind == LG_PART_TEXT)
            lose_marks(wr, p);
        else
            write_part(wr, p);
    }
    if (lg_writer_is_empty(&wr->w))
        lg_writer_undo(&wr->w, mark);
    else
        lg_put(&wr->w, "]");
    write_plan(wr, m->parts, 0);
    write_calls(wr, m);
}

/* ---- messages ----------------------------------------------------------- */

static void write_spoken(struct writing *wr, const struct lg_ir_message *m)
{
    const int answers = m->role == LG_ROLE_ASSISTANT;

    lg_put(&wr->w, "{");
    if (!wr->w.own || !(m->form & LG_CO_OTHER_ROLE))
        lg_put(&wr->w, "'role':%s", lg_role_word(m));
    if (wr->w.own && answers)
        own_assistant(wr, m);
    else if (wr->w.own)
        own_content(wr, m->parts, m->form);
    else if (answers)
        write_assistant(wr, m);
    else
        write_content(wr, m->parts, m->form);
    lg_put(&wr->w, "%x}", m->extra, LG_CO_NODE);
}

/* Results of tools are messages of their own, in front of what was said with
 * them. */
static void write_message(struct writing *wr, const struct lg_ir_message *m)
{
    int rest = !m->parts;

    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (p->kind == LG_PART_TOOL_RESULT)
            write_result(wr, m, p);
        else
            rest = 1;
    }
    if (rest)
        write_spoken(wr, m);
    else
        lg_put_lose_extras(&wr->w, m->extra);
    if (!wr->w.own)
        lg_put_drop(&wr->w, &m->name, LG_CO_UNKNOWN);
}

static void write_documents(struct writing *wr)
{
    const size_t mark = wr->w.jw.out->n;

    lg_put(&wr->w, "'documents':[");
    for (const struct lg_ir_message *m = wr->r->messages; m; m = m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next)
            if (is_beside(wr, p))
                lg_co_write_document(&wr->w, p);
    if (lg_writer_is_empty(&wr->w))
        lg_writer_undo(&wr->w, mark);
    else
        lg_put(&wr->w, "]");
}

/* ---- tools -------------------------------------------------------------- */

static void write_tools(struct writing *wr)
{
    const struct lg_ir_tool_choice *ch = &wr->r->tool_choice;
    const int named = !wr->w.own && ch->mode == LG_CHOICE_TOOL;
    const unsigned n =
        lg_put_functions(&wr->w, wr->r, named ? &ch->name : &lg_ir_none);

    if (wr->w.own) {
        lg_put(&wr->w, "'tool_choice':%v", &ch->json);
        return;
    }
    if (ch->mode > LG_CHOICE_TOOL || (ch->mode >= LG_CHOICE_ANY && !n))
        lg_put_lose(&wr->w, ch->tok, LG_DROPPED,
                    n ? LG_CO_UNKNOWN : "no tool is left");
    else if (ch->mode >= LG_CHOICE_ANY)
        lg_put(&wr->w, "'tool_choice':'REQUIRED'");
    else if (ch->mode == LG_CHOICE_NONE && n)
        lg_put(&wr->w, "'tool_choice':'NONE'");
    if (named && n)
        lg_put_lose(&wr->w, ch->tok, LG_APPROXIMATED,
                    "a tool is forced by offering no other");
    lg_put_lose_extras(&wr->w, ch->extra);
}

/* ---- settings ----------------------------------------------------------- */

/* A number that has to lie between two others. */
static void write_between(struct writing *wr, const char *name,
                          enum lg_param param, const char *zero,
                          const char *one)
{
    struct lg_ir_val v = wr->r->param[param];
    const int number = !wr->w.own && v.kind == LG_JSON_NUMBER;
    int64_t n;

    if (number && (lg_is_above_one(v.s) || (!lg_ir_int(&v, &n) && n == 1)))
        v.s = lg_str_of(one);
    else if (number && (*v.s.p == '-' || (!lg_ir_int(&v, &n) && n == 0)))
        v.s = lg_str_of(zero);
    lg_put(&wr->w, "%k:%o", name, &v);
    if (!lg_str_same(v.s, wr->r->param[param].s))
        lg_put_lose(&wr->w, v.tok, LG_APPROXIMATED,
                    lg_reason(wr->w.c, "%s goes from %s to %s in %s", name,
                              zero, one, LG_CO_NAME));
}

static void write_thinking(struct writing *wr)
{
    const struct lg_ir_thinking *t = &wr->r->thinking;
    const struct lg_ir_val *effort = &wr->r->param[LG_P_EFFORT];
    const int off = t->mode == LG_THINK_OFF ||
                    (t->mode == LG_THINK_UNSET && lg_ir_is(effort, "none"));

    if (wr->w.own) {
        lg_put(&wr->w, "'thinking':%v", &t->json);
        return;
    }
    if (lg_ir_has(effort) && !off)
        lg_put_lose(&wr->w, effort->tok, LG_APPROXIMATED,
                    "an effort becomes thinking as such");
    else if (t->mode != LG_THINK_UNSET)
        lg_put_drop(&wr->w, effort, "thinking is switched off");
    if (t->mode == LG_THINK_OTHER)
        lg_put_lose(&wr->w, t->tok, LG_DROPPED, LG_CO_UNKNOWN);
    else if (off)
        lg_put(&wr->w, "'thinking':{'type':'disabled'}");
    else if (t->mode != LG_THINK_UNSET || lg_ir_has(effort))
        lg_put(&wr->w, "'thinking':{'type':'enabled','token_budget':%o}",
               t->mode == LG_THINK_BUDGET ? &t->budget : &lg_ir_none);
    lg_put_drop(&wr->w, &t->display, LG_CO_UNKNOWN);
    lg_put_lose_extras(&wr->w, t->extra);
}

static void write_output(struct writing *wr)
{
    const struct lg_ir_output *o = &wr->r->output;

    if (wr->w.own) {
        lg_put(&wr->w, "'response_format':%v", &o->json);
        return;
    }
    if (o->kind == LG_OUTPUT_JSON || o->kind == LG_OUTPUT_SCHEMA)
        lg_put(&wr->w,
               "'response_format':{'type':'json_object','json_schema':%o}",
               &o->schema);
    lg_put_lose_output(&wr->w, o);
}

/* ---- the whole ---------------------------------------------------------- */

#define BIT(p) (1u << LG_P_##p)

int lg_co_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    const uint32_t carried = BIT(MODEL) | BIT(STREAM) | BIT(MAX_TOKENS) |
                             BIT(TEMPERATURE) | BIT(TOP_K) | BIT(TOP_P) |
                             BIT(SEED) | BIT(FREQUENCY_PENALTY) |
                             BIT(PRESENCE_PENALTY) | BIT(LOGPROBS) |
                             BIT(INCLUDE_USAGE) | BIT(EFFORT);
    struct writing wr = {lg_writer_of(c, r->origin, out), r};
    const struct lg_ir_val *p = r->param;

    if (c->bridge)
        c->bridge->stream = lg_ir_true(&p[LG_P_STREAM]);
    lg_put(&wr.w, "{'model':%o,'stream':%o,'messages':[", &p[LG_P_MODEL],
           &p[LG_P_STREAM]);
    for (const struct lg_ir_message *m = r->messages; m && !wr.w.rc;
         m = m->next)
        write_message(&wr, m);
    lg_put(&wr.w, "]");
    write_documents(&wr);
    write_tools(&wr);
    write_thinking(&wr);
    write_output(&wr);
    lg_put_stops(&wr.w, "stop_sequences", &r->stops, STOPS_MAX);
    lg_put(&wr.w,
           "'max_tokens':%o,'temperature':%o,'k':%o,'seed':%o,'logprobs':%o",
           &p[LG_P_MAX_TOKENS], &p[LG_P_TEMPERATURE], &p[LG_P_TOP_K],
           &p[LG_P_SEED], &p[LG_P_LOGPROBS]);
    write_between(&wr, "p", LG_P_TOP_P, "0.01", "0.99");
    write_between(&wr, "frequency_penalty", LG_P_FREQUENCY_PENALTY, "0", "1");
    write_between(&wr, "presence_penalty", LG_P_PRESENCE_PENALTY, "0", "1");
    lg_put(&wr.w, "%x}", r->extra, LG_CO_NODE);
    lg_put_lose_params(&wr.w, r, carried);
    return lg_writer_end(&wr.w);
}
