/* SPDX-License-Identifier: MIT
 *
 * A request, written. A message is one text, and images in front of it. */
#include "lib/format/ollama_chat.h"

struct writing {
    struct lg_writer w;
    const struct lg_ir_request *r;
};

/* ---- the text of a message ---------------------------------------------- */

struct text {
    struct writing *wr;
    struct lg_str between;
    unsigned n;
};

static void add_text(struct text *t, struct lg_str s, uint32_t tok)
{
    struct lg_buf *out = t->wr->w.jw.out;

    if (!s.n)
        return;
    if (t->n++) {
        lg_put_lose(&t->wr->w, tok, LG_APPROXIMATED,
                    "one text with what stands before it");
        (void)lg_buf_str(out, t->between);
    }
    (void)lg_buf_str(out, s);
}

static void lose(struct writing *wr, const struct lg_ir_part *p)
{
    lg_put_lose(&wr->w, p->tok, LG_DROPPED, LG_OL_UNKNOWN);
}

static void lose_rest(struct writing *wr, const struct lg_ir_part *p)
{
    if (wr->w.own)
        return;
    lg_put_drop(&wr->w, &p->cache, LG_OL_UNKNOWN);
    lg_put_drop(&wr->w, &p->citations, LG_OL_UNKNOWN);
    lg_put_drop(&wr->w, &p->blob.val, "a signature of another format");
    lg_put_lose_extras(&wr->w, p->extra);
}

static void add_part(struct text *t, const struct lg_ir_part *p);

static void add_document(struct text *t, const struct lg_ir_part *p)
{
    struct writing *wr = t->wr;

    if (p->media.source != LG_MEDIA_TEXT && p->media.source != LG_MEDIA_PARTS) {
        lose(wr, p);
        return;
    }
    lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED,
                "a document becomes what stands in it");
    lg_put_drop(&wr->w, &p->media.name, LG_OL_UNKNOWN);
    if (p->media.source == LG_MEDIA_TEXT)
        add_text(t, p->media.data.s, p->tok);
    for (const struct lg_ir_part *q = p->parts; q; q = q->next)
        add_part(t, q);
    lose_rest(wr, p);
}

static int is_inline(const struct lg_ir_part *p)
{
    return p->kind == LG_PART_IMAGE && p->media.source == LG_MEDIA_BASE64;
}

/* What of a part belongs to the text; the rest of what is carried at all has a
 * member of its own. */
static void add_part(struct text *t, const struct lg_ir_part *p)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_REFUSAL:
        lg_put_lose(&t->wr->w, p->tok, LG_APPROXIMATED,
                    "a refusal becomes a text");
        add_text(t, p->text.s, p->tok);
        break;
    case LG_PART_TEXT:
        add_text(t, p->text.s, p->tok);
        break;
    case LG_PART_DOCUMENT:
        add_document(t, p);
        return;
    case LG_PART_IMAGE:
        if (!is_inline(p)) {
            lg_put_lose(&t->wr->w, p->tok, LG_DROPPED,
                        "an image is sent inline in " LG_OL_NAME);
            return;
        }
        if (t->n && !t->wr->w.own)
            lg_put_lose(&t->wr->w, p->tok, LG_APPROXIMATED,
                        "images stand in front of the text");
        lg_put_drop(&t->wr->w, &p->media.detail, LG_OL_UNKNOWN);
        lg_put_drop(&t->wr->w, &p->media.name, LG_OL_UNKNOWN);
        break;
    case LG_PART_TOOL_CALL:
    case LG_PART_TOOL_RESULT:
    case LG_PART_THINKING: /* its signature alone is lost */
        break;
    case LG_PART_OPAQUE:
        if (t->wr->w.own)
            return;
        lose(t->wr, p);
        return;
    case LG_PART_AUDIO:
    case LG_PART_REDACTED:
        lose(t->wr, p);
        return;
    }
    if (p->kind != LG_PART_TOOL_RESULT && p->kind != LG_PART_TOOL_CALL)
        lose_rest(t->wr, p);
}

static void write_text(struct writing *wr, const struct lg_ir_part *parts,
                       struct lg_str prefix, struct lg_str between)
{
    struct text t = {wr, between, 0};

    lg_put(&wr->w, "'content':");
    lg_jw_join_open(&wr->w.jw);
    (void)lg_buf_str(wr->w.jw.out, prefix);
    for (const struct lg_ir_part *p = parts; p; p = p->next)
        add_part(&t, p);
    (void)lg_buf_byte(wr->w.jw.out, '"');
}

static void write_content(struct writing *wr, const struct lg_ir_part *parts,
                          unsigned form, struct lg_str between)
{
    if (wr->w.own && form & LG_FORM_NULL)
        lg_put(&wr->w, "'content':null");
    else if (!wr->w.own || !(form & LG_FORM_ABSENT))
        write_text(wr, parts, LG_STR(""), between);
}

/* ---- the other members -------------------------------------------------- */

static void add_images(struct writing *wr, const struct lg_ir_part *p)
{
    for (; p; p = p->next) {
        if (is_inline(p))
            lg_ir_write(&wr->w.jw, &p->media.data);
        else if (p->kind == LG_PART_DOCUMENT)
            add_images(wr, p->parts);
    }
}

static void write_images(struct writing *wr, const struct lg_ir_part *parts,
                         unsigned form)
{
    const size_t mark = wr->w.jw.out->n;

    lg_put(&wr->w, "'images':[");
    add_images(wr, parts);
    if (lg_writer_is_empty(&wr->w) && !(wr->w.own && form & LG_OL_NO_IMAGES))
        lg_writer_undo(&wr->w, mark);
    else
        lg_put(&wr->w, "]");
}

static void write_thinking(struct writing *wr, const struct lg_ir_part *p)
{
    unsigned n = 0;

    for (; p; p = p->next) {
        if (p->kind != LG_PART_THINKING || (!wr->w.own && !p->text.s.n))
            continue;
        if (!n++) {
            lg_put(&wr->w, "'thinking':");
            lg_jw_join_open(&wr->w.jw);
        }
        (void)lg_buf_str(wr->w.jw.out, p->text.s);
    }
    if (n)
        (void)lg_buf_byte(wr->w.jw.out, '"');
}

/* ---- messages ----------------------------------------------------------- */

/* What the tool is called that a result is of. */
static const struct lg_ir_val *name_of(const struct writing *wr,
                                       const struct lg_ir_part *result)
{
    for (const struct lg_ir_message *m = wr->r->messages; m; m = m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next)
            if (p->kind == LG_PART_TOOL_CALL && lg_ir_has(&p->id) &&
                lg_str_same(p->id.s, result->id.s))
                return &p->name;
    return &lg_ir_none;
}

static void write_result(struct writing *wr, const struct lg_ir_message *m,
                         const struct lg_ir_part *p)
{
    const int failed = !wr->w.own && lg_ir_true(&p->is_error);

    lg_put(&wr->w, "{'role':'tool'");
    if (failed) {
        write_text(wr, p->parts, LG_STR("Error: "), LG_STR("\\n"));
        lg_put_lose(&wr->w, p->is_error.tok, LG_APPROXIMATED,
                    "an error is told in the text alone");
    } else {
        write_content(wr, p->parts, p->form, LG_STR("\\n"));
    }
    write_images(wr, p->parts, m->form);
    lg_put(&wr->w, "'tool_name':%o,'tool_call_id':%o",
           wr->w.own ? &p->name : name_of(wr, p),
           wr->w.own && p->form & LG_FORM_OLD ? &lg_ir_none : &p->id);
    if (wr->w.own)
        lg_put(&wr->w, "%x", m->extra, LG_OL_NODE);
    lg_put(&wr->w, "}");
    lose_rest(wr, p);
    if (!wr->w.own && !lg_ir_has(&p->id))
        lg_put_lose(&wr->w, p->tok, LG_APPROXIMATED, "a result of no call");
}

static void write_spoken(struct writing *wr, const struct lg_ir_message *m)
{
    const int answers = m->role == LG_ROLE_ASSISTANT;

    lg_put(&wr->w, "{");
    if (!wr->w.own || !(m->form & LG_OL_OTHER_ROLE))
        lg_put(&wr->w, "'role':%s", lg_role_word(m));
    /* Pieces of an answer stood side by side before they were cut. */
    write_content(wr, m->parts, m->form, answers ? LG_STR("") : LG_STR("\\n"));
    write_thinking(wr, m->parts);
    write_images(wr, m->parts, m->form);
    lg_put_calls(&wr->w, m->parts, 0, wr->w.own && m->form & LG_CALLS_NONE);
    lg_put(&wr->w, "%x}", m->extra, LG_OL_NODE);
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
        lg_put_drop(&wr->w, &m->name, LG_OL_UNKNOWN);
}

/* ---- tools -------------------------------------------------------------- */

static void write_tools(struct writing *wr)
{
    const struct lg_ir_tool_choice *ch = &wr->r->tool_choice;
    const int named = ch->mode == LG_CHOICE_TOOL;

    if (ch->mode == LG_CHOICE_NONE) {
        if (wr->r->tools)
            lg_put_lose(&wr->w, ch->tok, LG_APPROXIMATED,
                        "no tool may be called: none is offered");
        return;
    }
    (void)lg_put_functions(&wr->w, wr->r, named ? &ch->name : &lg_ir_none);
    if (named)
        lg_put_lose(&wr->w, ch->tok, LG_APPROXIMATED,
                    "a tool cannot be forced: it is the only one offered");
    else if (ch->mode > LG_CHOICE_NONE)
        lg_put_lose(&wr->w, ch->tok, LG_DROPPED,
                    "a choice of tools has no counterpart in " LG_OL_NAME);
    lg_put_lose_extras(&wr->w, ch->extra);
}

/* ---- settings ----------------------------------------------------------- */

static void write_stream(struct writing *wr)
{
    const struct lg_ir_val *v = &wr->r->param[LG_P_STREAM];
    const int absent = wr->r->form[LG_P_STREAM] & LG_FORM_ABSENT;

    if (wr->w.c->bridge)
        wr->w.c->bridge->stream = lg_ir_true(v);
    if (wr->w.own && lg_ir_true(v) && absent)
        return;
    if (wr->w.own && v->kind != LG_JSON_NONE)
        lg_put(&wr->w, "'stream':%v", v);
    else
        lg_put(&wr->w, "'stream':%j",
               lg_ir_true(v) ? LG_STR("true") : LG_STR("false"));
}

static void write_options(struct writing *wr)
{
    const struct lg_ir_val *p = wr->r->param;
    const size_t mark = wr->w.jw.out->n;

    lg_put(&wr->w,
           "'options':{'num_predict':%o,'temperature':%o,'top_p':%o,"
           "'top_k':%o,'seed':%o,'presence_penalty':%o,'frequency_penalty':%o",
           &p[LG_P_MAX_TOKENS], &p[LG_P_TEMPERATURE], &p[LG_P_TOP_P],
           &p[LG_P_TOP_K], &p[LG_P_SEED], &p[LG_P_PRESENCE_PENALTY],
           &p[LG_P_FREQUENCY_PENALTY]);
    lg_put_stops(&wr->w, "stop", &wr->r->stops, SIZE_MAX);
    lg_put(&wr->w, "%x", wr->r->extra, LG_OL_OPTIONS);
    if (lg_writer_is_empty(&wr->w) &&
        !(wr->w.own && wr->r->form[LG_P_MAX_TOKENS] & LG_FORM_TOP))
        lg_writer_undo(&wr->w, mark);
    else
        lg_put(&wr->w, "}");
}

static void write_format(struct writing *wr)
{
    const struct lg_ir_output *o = &wr->r->output;

    if (wr->w.own) {
        if (o->form & LG_FORM_BARE)
            lg_put(&wr->w, "'format':''");
        lg_put(&wr->w, "'format':%v", &o->json);
        return;
    }
    if (o->schema.kind == LG_JSON_OBJECT)
        lg_put(&wr->w, "'format':%v", &o->schema);
    else if (o->kind == LG_OUTPUT_JSON || o->kind == LG_OUTPUT_SCHEMA)
        lg_put(&wr->w, "'format':'json'");
    lg_put_lose_output(&wr->w, o);
}

/* ---- thinking ----------------------------------------------------------- */

static const struct {
    const char *effort, *level; /* NULL: no thinking */
    int same;
} levels[] = {
    {"low", "low", 1}, {"medium", "medium", 1}, {"high", "high", 1},
    {"max", "max", 1}, {"minimal", "low", 0},   {"xhigh", "high", 0},
    {"none", NULL, 1},
};

/* How hard to think: said it is, unless not at all. */
static void write_effort(struct writing *wr, const struct lg_ir_val *v)
{
    size_t i = 0;

    while (i < LG_COUNT(levels) && !lg_ir_is(v, levels[i].effort))
        i++;
    if (i == LG_COUNT(levels)) {
        lg_put_drop(&wr->w, v, LG_OL_UNKNOWN);
        return;
    }
    if (levels[i].level)
        lg_put(&wr->w, "'think':%s", levels[i].level);
    else
        lg_put(&wr->w, "'think':false");
    if (!levels[i].same)
        lg_put_lose(&wr->w, v->tok, LG_APPROXIMATED,
                    "an effort has no exact counterpart");
}

static void write_think(struct writing *wr)
{
    const struct lg_ir_thinking *t = &wr->r->thinking;
    const struct lg_ir_val *effort = &wr->r->param[LG_P_EFFORT];
    const int told = lg_ir_has(effort) && t->mode != LG_THINK_OFF;

    if (wr->w.own) {
        lg_put(&wr->w, "'think':%v",
               t->mode == LG_THINK_UNSET ? effort : &t->json);
        return;
    }
    if (told)
        write_effort(wr, effort);
    else
        lg_put_drop(&wr->w, effort, "thinking is switched off");
    if (t->mode == LG_THINK_OFF)
        lg_put(&wr->w, "'think':false");
    else if (t->mode == LG_THINK_BUDGET || t->mode == LG_THINK_ADAPTIVE) {
        if (!told)
            lg_put(&wr->w, "'think':true");
        if (told || t->mode == LG_THINK_BUDGET)
            lg_put_lose(&wr->w, t->tok, LG_APPROXIMATED,
                        "thinking is a switch or an effort");
    } else if (t->mode == LG_THINK_OTHER) {
        lg_put_lose(&wr->w, t->tok, LG_DROPPED, LG_OL_UNKNOWN);
    }
    lg_put_drop(&wr->w, &t->display, LG_OL_UNKNOWN);
    lg_put_lose_extras(&wr->w, t->extra);
}

/* ---- the whole ---------------------------------------------------------- */

#define BIT(p) (1u << LG_P_##p)

int lg_ol_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    const uint32_t carried = BIT(MODEL) | BIT(MAX_TOKENS) | BIT(TEMPERATURE) |
                             BIT(TOP_P) | BIT(TOP_K) | BIT(SEED) |
                             BIT(PRESENCE_PENALTY) | BIT(FREQUENCY_PENALTY) |
                             BIT(LOGPROBS) | BIT(TOP_LOGPROBS) | BIT(STREAM) |
                             BIT(INCLUDE_USAGE) | BIT(EFFORT);
    struct writing wr = {lg_writer_of(c, r->origin, out), r};

    lg_put(&wr.w, "{'model':%o,'messages':[", &r->param[LG_P_MODEL]);
    for (const struct lg_ir_message *m = r->messages; m && !wr.w.rc;
         m = m->next)
        write_message(&wr, m);
    lg_put(&wr.w, "]");
    write_tools(&wr);
    write_stream(&wr);
    write_format(&wr);
    write_think(&wr);
    write_options(&wr);
    lg_put(&wr.w, "'logprobs':%o,'top_logprobs':%o,%x}",
           &r->param[LG_P_LOGPROBS], &r->param[LG_P_TOP_LOGPROBS], r->extra,
           LG_OL_NODE);
    lg_put_lose_params(&wr.w, r, carried);
    return lg_writer_end(&wr.w);
}
