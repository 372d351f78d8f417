/* SPDX-License-Identifier: MIT
 *
 * A request, read and written. */
#include "lib/format/function.h"
#include "lib/format/openai_completions.h"

#define LOGPROBS_MAX 5

static const struct {
    const char *name;
    uint8_t param;
} settings[] = {
    {"model", LG_P_MODEL},
    {"max_tokens", LG_P_MAX_TOKENS},
    {"temperature", LG_P_TEMPERATURE},
    {"top_p", LG_P_TOP_P},
    {"seed", LG_P_SEED},
    {"n", LG_P_N},
    {"presence_penalty", LG_P_PRESENCE_PENALTY},
    {"frequency_penalty", LG_P_FREQUENCY_PENALTY},
    {"logit_bias", LG_P_LOGIT_BIAS},
    {"logprobs", LG_P_TOP_LOGPROBS}, /* how many; elsewhere whether, too */
    {"stream", LG_P_STREAM},
    {"user", LG_P_USER},
};

enum {
    F_PROMPT = LG_COUNT(settings),
    F_STOP,
    F_STREAM_OPTIONS,
    F_COUNT
};

/* ---- reading ------------------------------------------------------------ */

static int read_settings(struct lg_ctx *c, const struct lg_val *f,
                         struct lg_ir_request *r)
{
    int rc = 0;

    for (size_t i = 0; i < LG_COUNT(settings) && !rc; i++) {
        if (lg_val_kind(f[i]) <= LG_JSON_NULL) {
            rc = lg_extra_keep(c, &r->extra, f[i], LG_OP_SELF);
            continue;
        }
        r->param[settings[i].param] = lg_ir_of(f[i]);
        if (settings[i].param == LG_P_TOP_LOGPROBS)
            r->param[LG_P_LOGPROBS] =
                (struct lg_ir_val){LG_STR("true"), f[i].i, LG_JSON_TRUE, 0};
    }
    return rc;
}

static int add_prompt(struct lg_ctx *c, struct lg_val text, uint8_t form,
                      struct lg_ir_request *r)
{
    struct lg_ir_message *const m =
        lg_arena_new(c->arena, struct lg_ir_message);
    struct lg_ir_part *const p = lg_arena_new(c->arena, struct lg_ir_part);

    if (!m || !p)
        return lg_no_room(c);
    p->kind = LG_PART_TEXT;
    p->tok = m->tok = text.i;
    p->text = lg_ir_of(text);
    m->role = LG_ROLE_USER;
    m->form = form;
    m->parts = p;
    r->messages = m;
    return 0;
}

/* Several prompts are several requests, and tokens are of one model: both are
 * for our own format alone. */
static int read_prompt(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    struct lg_iter it = lg_iter_of(v);

    if (lg_val_kind(v) == LG_JSON_STRING)
        return add_prompt(c, v, LG_FORM_BARE, r);
    if (lg_val_kind(v) == LG_JSON_ARRAY && lg_iter_next(&it) &&
        lg_val_kind(it.val) == LG_JSON_STRING && it.next >= it.end)
        return add_prompt(c, it.val, 0, r);
    if (c->keep_extras)
        return lg_extra_keep(c, &r->extra, v, LG_OP_SELF);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a prompt");
    return lg_lose(c->losses, v.i, LG_REJECTED,
                   lg_val_kind(it.val) == LG_JSON_STRING
                       ? "several prompts are several requests"
                       : "a prompt of tokens is of one model only");
}

int lg_op_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    const struct lg_val root = lg_json_root(doc);
    const char *names[F_COUNT];
    struct lg_val f[F_COUNT];
    int rc;

    for (size_t i = 0; i < LG_COUNT(settings); i++)
        names[i] = settings[i].name;
    names[F_PROMPT] = "prompt";
    names[F_STOP] = "stop";
    names[F_STREAM_OPTIONS] = "stream_options";
    rc = lg_fields(c, root, names, F_COUNT, f, &r->extra, LG_OP_SELF);
    r->origin = c->self;
    r->doc = doc;
    if (!rc)
        rc = read_settings(c, f, r);
    if (!rc)
        rc = lg_openai_stop_read(c, f[F_STOP], r);
    if (!rc)
        rc = lg_openai_stream_read(c, f[F_STREAM_OPTIONS], r);
    return rc ? rc
              : read_prompt(
                    c, f[F_PROMPT].doc || c->keep_extras ? f[F_PROMPT] : root,
                    r);
}

/* ---- the prompt --------------------------------------------------------- */

static void add(struct lg_writer *w, const char *text)
{
    (void)lg_buf_str(w->jw.out, lg_str_of(text));
}

static const char *label_of(const struct lg_ir_message *m)
{
    switch ((enum lg_role)m->role) {
    case LG_ROLE_USER:
        return "user: ";
    case LG_ROLE_ASSISTANT:
        return "assistant: ";
    case LG_ROLE_SYSTEM:
    case LG_ROLE_DEVELOPER:
    case LG_ROLE_TOOL:
        break;
    }
    return "";
}

/* A message's texts behind its label; those of nothing but other things are
 * not there. The prompt begins at `mark`. */
static void write_message(struct lg_writer *w, const struct lg_ir_message *m,
                          size_t mark, const char *label)
{
    const char *between = "\\n\\n";

    for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
        if (!lg_op_is_text(w, p))
            continue;
        add(w, w->jw.out->n == mark ? "" : between);
        add(w, label);
        (void)lg_buf_str(w->jw.out, p->text.s);
        between = "\\n";
        label = "";
    }
    lg_put_drop(w, &m->name, LG_OP_UNKNOWN);
    lg_put_lose_extras(w, m->extra);
}

static int is_prompt(const struct lg_ir_message *m)
{
    return m && !m->next && m->role == LG_ROLE_USER && m->parts &&
           !m->parts->next;
}

/* One question is a prompt as it is; of a conversation the model is told who
 * says what, and that it is its turn. */
static void write_prompt(struct lg_writer *w, const struct lg_ir_request *r)
{
    const int plain = is_prompt(r->messages);
    const struct lg_ir_message *last = NULL;
    size_t mark;

    lg_put(w, "'prompt':");
    (void)lg_buf_byte(w->jw.out, '"');
    mark = w->jw.out->n;
    for (const struct lg_ir_message *m = r->messages; m; m = m->next) {
        write_message(w, m, mark, plain ? "" : label_of(m));
        last = m;
    }
    if (!plain && last && last->role != LG_ROLE_ASSISTANT)
        add(w, "\\n\\nassistant:");
    (void)lg_buf_byte(w->jw.out, '"');
    if (!plain && last)
        lg_put_lose(w, r->messages->tok, LG_APPROXIMATED,
                    "a conversation became one text");
}

static void write_own_prompt(struct lg_writer *w, const struct lg_ir_message *m)
{
    if (m)
        lg_put(w, m->form & LG_FORM_BARE ? "'prompt':%v" : "'prompt':[%v]",
               &m->parts->text);
}

/* ---- settings ----------------------------------------------------------- */

/* Whether, and how many of the next best: here it is one number. */
static struct lg_ir_val logprobs_of(struct lg_writer *w,
                                    const struct lg_ir_request *r)
{
    struct lg_ir_val v = r->param[LG_P_TOP_LOGPROBS];
    int64_t n = 0;

    if (!lg_ir_true(&r->param[LG_P_LOGPROBS])) {
        lg_put_drop(w, &v, "no log probabilities were asked for");
        return lg_ir_none;
    }
    if (!lg_ir_has(&v))
        v = (struct lg_ir_val){LG_STR("0"), LG_NOWHERE, LG_JSON_NUMBER, 0};
    if (!lg_ir_int(&v, &n) && n > LOGPROBS_MAX) {
        v.s = LG_STR("5");
        lg_put_lose(w, v.tok, LG_APPROXIMATED, "five are told at most");
    }
    return v;
}

static void write_settings(struct lg_writer *w, const struct lg_ir_request *r)
{
    uint32_t done = 1u << LG_P_INCLUDE_USAGE | 1u << LG_P_LOGPROBS;

    for (size_t i = 0; i < LG_COUNT(settings); i++) {
        struct lg_ir_val v = r->param[settings[i].param];

        done |= 1u << settings[i].param;
        if (!w->own && settings[i].param == LG_P_TOP_LOGPROBS)
            v = logprobs_of(w, r);
        lg_put(w, "%k:%o", settings[i].name, &v);
    }
    lg_put_lose_params(w, r, done);
    if (w->own || lg_ir_has(&r->param[LG_P_MAX_TOKENS]))
        return;
    lg_put(w, "'max_tokens':%d", w->c->policy->max_tokens);
    lg_put_lose(w, LG_NOWHERE, LG_APPROXIMATED,
                "without max_tokens 16 are written: a default is sent");
}

static void lose_rest(struct lg_writer *w, const struct lg_ir_request *r)
{
    for (const struct lg_ir_tool *t = r->tools; t; t = t->next)
        lg_put_lose(w, t->tok, LG_DROPPED, LG_OP_UNKNOWN);
    if (r->tool_choice.mode != LG_CHOICE_UNSET)
        lg_put_lose(w, r->tool_choice.tok, LG_DROPPED, LG_OP_UNKNOWN);
    if (r->thinking.mode != LG_THINK_UNSET)
        lg_put_lose(w, r->thinking.tok, LG_DROPPED, LG_OP_UNKNOWN);
    if (r->output.kind > LG_OUTPUT_TEXT)
        lg_put_lose(w, r->output.tok, LG_DROPPED, LG_OP_UNKNOWN);
}

int lg_op_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out)
{
    struct lg_writer w = lg_writer_of(c, r->origin, out);

    lg_put(&w, "{");
    write_settings(&w, r);
    if (w.own)
        write_own_prompt(&w, r->messages);
    else
        write_prompt(&w, r);
    lose_rest(&w, r);
    lg_openai_stop_write(&w, &r->stops);
    lg_openai_stream_write(&w, r);
    lg_put(&w, "%x}", r->extra, LG_OP_SELF);
    return lg_writer_end(&w);
}
