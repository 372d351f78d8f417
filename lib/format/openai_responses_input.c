/* SPDX-License-Identifier: MIT
 *
 * A request's input read. Items of the model that follow one another are one
 * message, as others have it. */
#include "lib/format/openai_responses.h"

struct reading {
    struct lg_ctx *c;
    struct lg_ir_request *r;
    struct lg_ir_message **end;
    struct lg_ir_message *turn; /* the model's, to which more may be added */
    struct lg_ir_part **parts;  /* ... its end */
    int spoken;                 /* ... it has a message item */
    struct lg_ir_extra **extras;
};

static struct lg_ir_message *add_message(struct reading *g, enum lg_role role,
                                         uint32_t tok)
{
    struct lg_ir_message *m = lg_arena_new(g->c->arena, struct lg_ir_message);

    g->turn = NULL;
    if (!m) {
        (void)lg_no_room(g->c);
        return NULL;
    }
    m->role = (uint8_t)role;
    m->tok = tok;
    *g->end = m;
    g->end = &m->next;
    return m;
}

static int lose(struct reading *g, struct lg_val v, enum lg_loss_action action,
                const char *why)
{
    return g->c->losses ? lg_lose(g->c->losses, v.i, action, why) : 0;
}

/* ---- items of the model ------------------------------------------------- */

/* The message that an item belongs to. Two that speak are two turns. */
static int turn_of(struct reading *g, struct lg_val item, int speaks)
{
    if (!g->turn || (speaks && g->spoken)) {
        g->turn = add_message(g, LG_ROLE_ASSISTANT, item.i);
        if (!g->turn)
            return g->c->arena->err;
        g->parts = &g->turn->parts;
        g->spoken = 0;
    }
    g->spoken |= speaks;
    return 0;
}

static int read_made(struct reading *g, struct lg_val v)
{
    const int speaks = lg_val_get(v, "content").doc != NULL &&
                       !lg_val_is(lg_val_get(v, "type"), "reasoning");
    struct lg_ir_part *first = NULL, **end = &first;
    struct lg_ir_extra *extra = NULL, **tail;
    int rc = lg_or_item_read(g->c, v, &end, &extra);

    if (rc < 0)
        return rc;
    if (!first && !speaks)
        return lose(g, v, LG_DROPPED, "reasoning that its provider keeps");
    rc = turn_of(g, v, speaks);
    if (rc < 0)
        return rc;
    if (first && first->form & LG_FORM_BARE)
        g->turn->form = LG_FORM_BARE;
    *g->parts = first;
    g->parts = first ? end : g->parts;
    for (tail = &g->turn->extra; *tail;)
        tail = &(*tail)->next;
    *tail = extra;
    return 0;
}

/* ---- the others --------------------------------------------------------- */

static int read_message(struct reading *g, struct lg_val v)
{
    static const struct {
        const char *word;
        uint8_t role;
    } roles[] = {{"user", LG_ROLE_USER},
                 {"system", LG_ROLE_SYSTEM},
                 {"developer", LG_ROLE_DEVELOPER}};
    struct lg_ir_message *m;
    struct lg_ir_part **end;
    struct lg_val role, content;
    size_t i = 0;
    int rc;

    if (lg_val_is(lg_val_get(v, "role"), "assistant"))
        return read_made(g, v);
    m = add_message(g, LG_ROLE_USER, v.i);
    if (!m)
        return g->c->arena->err;
    end = &m->parts;
    rc = lg_get(g->c, v, &m->extra, LG_OR_SELF,
                "type- id- status- role= content=", &role, &content);
    if (!rc && lg_val_kind(role) != LG_JSON_STRING)
        rc = lg_val_fail(v, g->c->err, "expected a message with a role");
    while (i < LG_COUNT(roles) && !lg_val_is(role, roles[i].word))
        i++;
    if (i < LG_COUNT(roles))
        m->role = roles[i].role;
    else if (!rc)
        rc = lg_extra_keep(g->c, &m->extra, role, LG_OR_SELF);
    return rc ? rc : lg_or_content_read(g->c, content, &end, &m->form);
}

static int read_result(struct reading *g, struct lg_val v)
{
    struct lg_ir_message *m = add_message(g, LG_ROLE_TOOL, v.i);
    struct lg_ir_part **end = m ? &m->parts : NULL, *p;
    struct lg_val output;
    int rc;

    p = m ? lg_part_add(g->c, &end, LG_PART_TOOL_RESULT, v.i) : NULL;
    if (!p)
        return g->c->arena->err;
    rc = lg_get(g->c, v, &p->extra, LG_OR_SELF,
                "type- id- status- name- call_id output=", &p->id, &output);
    end = &p->parts;
    return rc ? rc : lg_or_content_read(g->c, output, &end, &p->form);
}

static int read_tools(struct reading *g, struct lg_val v)
{
    g->turn = NULL;
    return lg_or_tools_read(g->c, lg_val_get(v, "tools"), g->r);
}

static int refuse_reference(struct reading *g, struct lg_val v)
{
    return lose(g, v, LG_REJECTED,
                "what it names is kept by its own provider alone");
}

/* A hosted tool's, a compaction ...: lost to all but its own. */
static int read_other(struct reading *g, struct lg_val v)
{
    struct lg_ir_extra *x = lg_arena_new(g->c->arena, struct lg_ir_extra);

    if (!x)
        return lg_no_room(g->c);
    *x = (struct lg_ir_extra){NULL, LG_STR("input"), lg_ir_of(v), LG_OR_INNER};
    *g->extras = x;
    g->extras = &x->next;
    return 0;
}

static int read_item(struct reading *g, struct lg_val v)
{
    static const struct {
        const char *type;
        int (*read)(struct reading *, struct lg_val);
    } kinds[] = {
        {"message", read_message},
        {"function_call", read_made},
        {"function_call_output", read_result},
        {"reasoning", read_made},
        {"custom_tool_call", read_made},
        {"custom_tool_call_output", read_result},
        {"additional_tools", read_tools},
        {"item_reference", refuse_reference},
    };
    const struct lg_val type = lg_val_get(v, "type");

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_val_fail(v, g->c->err, "expected an item");
    for (size_t i = 0; i < LG_COUNT(kinds); i++)
        if (lg_val_is(type, kinds[i].type))
            return kinds[i].read(g, v);
    if (lg_val_kind(type) == LG_JSON_STRING)
        return read_other(g, v);
    return lg_val_get(v, "role").doc || !lg_val_get(v, "id").doc
               ? read_message(g, v)
               : refuse_reference(g, v);
}

int lg_or_input_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_request *r)
{
    struct reading g = {
        .c = c, .r = r, .end = &r->messages, .extras = &r->extra};
    struct lg_iter it = lg_iter_of(v);
    struct lg_ir_message *m;
    struct lg_ir_part **end;
    int rc = 0;

    while (*g.extras)
        g.extras = &(*g.extras)->next;
    if (r->messages) /* the instructions */
        g.end = &r->messages->next;
    if (lg_val_kind(v) == LG_JSON_STRING) {
        m = add_message(&g, LG_ROLE_USER, v.i);
        end = m ? &m->parts : NULL;
        return m ? lg_or_content_read(c, v, &end, &m->form) : c->arena->err;
    }
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected text or a list of items");
    while (!rc && lg_iter_next(&it))
        rc = read_item(&g, it.val);
    return rc;
}
