/* SPDX-License-Identifier: MIT
 *
 * Names of tools that a format does not take: others are sent in their place,
 * and undone in the answer. */
#include "lib/format/fit.h"

#define HASH_SIZE 9 /* _ and eight digits */

static int is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* May it stand at place `i` of a name? */
static int may_stand(const struct lg_format *f, size_t i, char c)
{
    if (is_letter(c) || c == '_')
        return 1;
    if (!i && strchr(f->name_marks, '.'))
        return 0;
    return (c >= '0' && c <= '9') || (c && strchr(f->name_marks, c));
}

static int fits(const struct lg_format *f, struct lg_str name)
{
    size_t i = 0;

    if (name.n > f->name_max)
        return 0;
    while (i < name.n && may_stand(f, i, name.p[i]))
        i++;
    return i == name.n;
}

/* As much of the name as may stand, and its hash: the same in every request. */
static struct lg_str made(struct lg_fit *t, struct lg_str name)
{
    const struct lg_format *f = t->c->self;
    const size_t max = (size_t)f->name_max - HASH_SIZE;
    const size_t n = name.n < max ? name.n : max;
    char *p = lg_arena_raw(t->c->keep, n + HASH_SIZE);
    uint32_t h = 2166136261u;

    if (!p) {
        t->rc = lg_no_keep(t->c);
        return name;
    }
    for (size_t i = 0; i < n; i++)
        p[i] = may_stand(f, i, name.p[i]) ? name.p[i] : '_';
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 16777619u; /* FNV-1a */
    p[n] = '_';
    for (size_t i = 1; i < HASH_SIZE; i++, h <<= 4)
        p[n + i] = "0123456789abcdef"[h >> 28];
    return lg_str_from(p, n + HASH_SIZE);
}

/* What is sent for a name; it is remembered. */
static struct lg_str sent(struct lg_fit *t, struct lg_str name)
{
    struct lg_bridge *b = t->c->bridge;
    struct lg_renamed *x = b->renamed;
    char *copy;

    while (x && !lg_str_same(x->name, name))
        x = x->next;
    if (x)
        return x->sent;
    copy = lg_arena_dup(t->c->keep, name);
    x = copy ? lg_arena_new(t->c->keep, struct lg_renamed) : NULL;
    if (!x) {
        t->rc = lg_no_keep(t->c);
        return name;
    }
    *x = (struct lg_renamed){b->renamed, lg_str_from(copy, name.n),
                             made(t, name)};
    b->renamed = x;
    return x->sent;
}

static void fit_name(struct lg_fit *t, struct lg_ir_val *name, int tell)
{
    if (t->rc < 0 || name->kind != LG_JSON_STRING || !name->s.n ||
        fits(t->c->self, name->s))
        return;
    if (tell)
        lg_fit_lose(t, name->tok, LG_APPROXIMATED,
                    "a tool has another name there, and this in the answer");
    name->s = sent(t, name->s);
}

void lg_fit_names(struct lg_fit *t)
{
    if (!t->c->self->name_max || !t->c->bridge)
        return;
    for (struct lg_ir_tool *tool = t->r->tools; tool; tool = tool->next)
        if (tool->kind != LG_TOOL_SERVER)
            fit_name(t, &tool->name, 1);
    fit_name(t, &t->r->tool_choice.name, 0);
    for (const struct lg_ir_message *m = t->r->messages; m; m = m->next)
        for (struct lg_ir_part *p = m->parts; p; p = p->next)
            if (p->kind == LG_PART_TOOL_CALL || p->kind == LG_PART_TOOL_RESULT)
                fit_name(t, &p->name, !t->r->tools);
}

/* ---- and back -------------------------------------------------------------------- */

const struct lg_ir_event *lg_name_back(const struct lg_bridge *b,
                                       const struct lg_ir_event *ev,
                                       struct lg_ir_part *part,
                                       struct lg_ir_event *copy)
{
    const struct lg_renamed *x = b ? b->renamed : NULL;

    if (!x || ev->kind != LG_EV_PART || ev->u.part->kind != LG_PART_TOOL_CALL)
        return ev;
    while (x && !lg_str_same(x->sent, ev->u.part->name.s))
        x = x->next;
    if (!x)
        return ev;
    *part = *ev->u.part;
    part->name.s = x->name;
    *copy = *ev;
    copy->u.part = part;
    return copy;
}

struct renaming {
    struct lg_ir_sink sink; /* first member */
    struct lg_ir_sink *to;
    const struct lg_bridge *bridge;
};

static int put_back(struct lg_ir_sink *self, const struct lg_ir_event *ev)
{
    struct renaming *r = (struct renaming *)self;
    struct lg_ir_part part;
    struct lg_ir_event copy;

    return r->to->put(r->to, lg_name_back(r->bridge, ev, &part, &copy));
}

int lg_answer_read(struct lg_ctx *c, const struct lg_json *doc,
                   struct lg_ir_sink *sink)
{
    struct renaming r = {{put_back}, sink, c->bridge};

    return c->self->read_answer(c, doc, &r.sink);
}
