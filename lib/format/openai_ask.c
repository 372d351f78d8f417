/* SPDX-License-Identifier: MIT
 *
 * What Chat and Responses do in the same way. */
#include "lib/format/openai.h"

#include "lib/format/fit.h"

#include "lib/json/text.h"

void lg_openai_tier(struct lg_writer *w, struct lg_ir_val *v)
{
    static const char *const tiers[] = {"auto",  "default",  "flex",
                                        "scale", "priority", "fast"};

    if (lg_ir_is(v, "standard_only"))
        v->s = LG_STR("default");
    for (size_t i = 0; i < LG_COUNT(tiers); i++)
        if (lg_ir_is(v, tiers[i]))
            return;
    lg_put_drop(w, v, "a service tier of another provider");
    v->kind = LG_JSON_NONE;
}

/* Effort by the share of the answer that may be thought. */
static const char *effort_of(const struct lg_writer *w,
                             const struct lg_ir_request *r)
{
    int64_t budget = 0, max = w->c->policy->max_tokens;

    (void)lg_ir_int(&r->param[LG_P_MAX_TOKENS], &max);
    if (lg_ir_int(&r->thinking.budget, &budget))
        return "medium";
    return lg_effort_word(lg_effort_of_budget(budget, max));
}

struct lg_ir_val lg_openai_effort_said(struct lg_writer *w,
                                       const struct lg_ir_request *r)
{
    const struct lg_ir_val v = r->param[LG_P_EFFORT], none = {0};

    if (w->own || r->thinking.mode != LG_THINK_OFF || lg_ir_is(&v, "none"))
        return v;
    lg_put_drop(w, &v, "thinking is off");
    return none;
}

const char *lg_openai_effort(struct lg_writer *w, const struct lg_ir_request *r)
{
    const struct lg_ir_thinking *t = &r->thinking;
    const int has_effort = lg_ir_has(&r->param[LG_P_EFFORT]);
    const char *effort = NULL, *why = NULL;
    enum lg_loss_action action = LG_APPROXIMATED;

    switch ((enum lg_thinking_mode)t->mode) {
    case LG_THINK_UNSET:
        return NULL;
    case LG_THINK_OFF:
        why = "left to the model: not all can go without";
        break;
    case LG_THINK_BUDGET:
        effort = effort_of(w, r);
        why = "a budget of thinking became an effort";
        break;
    case LG_THINK_ADAPTIVE:
        effort = "medium";
        why = has_effort ? "adaptive thinking became an effort"
                         : "adaptive thinking became a medium effort";
        break;
    case LG_THINK_OTHER:
        action = LG_DROPPED;
        why = lg_reason(w->c, "unknown to %s", w->c->self->name);
        break;
    }
    lg_put_lose(w, t->tok, action, why);
    lg_put_lose_extras(w, t->extra);
    return has_effort ? NULL : effort;
}

/* One of the tools: its type, and its name wherever it stands. */
static void write_tool(struct lg_writer *w, struct lg_val tool, int nested)
{
    const struct lg_ir_val type = lg_ir_of(lg_val_get(tool, "type"));
    const char *word = lg_ir_is(&type, "custom") ? "custom" : "function";
    const struct lg_val inner = lg_val_get(tool, word);
    const struct lg_ir_val name =
        lg_ir_of(lg_val_get(inner.doc ? inner : tool, "name"));

    if (name.kind != LG_JSON_STRING || !lg_ir_is(&type, word))
        lg_put_lose(w, tool.i, LG_DROPPED, "a tool that its own provider runs");
    else if (nested)
        lg_put(w, "{'type':%s,%k:{'name':%v}}", word, word, &name);
    else
        lg_put(w, "{'type':%s,'name':%v}", word, &name);
}

void lg_openai_allowed_write(struct lg_writer *w, struct lg_val choice,
                             int nested)
{
    const struct lg_val inner = lg_val_get(choice, "allowed_tools");
    const struct lg_val v = inner.doc ? inner : choice;
    const struct lg_val tools = lg_val_get(v, "tools");
    const struct lg_ir_val mode = lg_ir_of(lg_val_get(v, "mode"));
    const size_t mark = w->jw.out->n;
    struct lg_iter it = lg_iter_of(tools);

    if (lg_val_kind(tools) != LG_JSON_ARRAY) { /* another format's words */
        lg_put_lose(w, choice.i, LG_DROPPED,
                    lg_reason(w->c, "unknown to %s", w->c->self->name));
        return;
    }
    lg_put(w, "'tool_choice':{'type':'allowed_tools'");
    if (nested)
        lg_put(w, "'allowed_tools':{");
    lg_put(w, "'mode':%v,'tools':[", &mode);
    while (lg_iter_next(&it))
        write_tool(w, it.val, nested);
    if (lg_writer_is_empty(w)) /* each was told */
        lg_writer_undo(w, mark);
    else
        lg_put(w, nested ? "]}}" : "]}");
}

int lg_openai_keeps(const struct lg_ir_media *m, const struct lg_format *origin)
{
    return m->source == LG_MEDIA_FILE &&
           lg_str_starts(lg_str_of(origin->name), LG_STR("openai-"));
}

int64_t lg_openai_chars(struct lg_str body)
{
    char text[LG_JSON_CHAR_MAX];
    int64_t n = 0;

    for (; body.n; n++)
        (void)lg_json_char(&body, LG_TO_TEXT, text);
    return n;
}
