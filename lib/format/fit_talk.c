/* SPDX-License-Identifier: MIT
 *
 * What the model, the format and the host's choices make of the messages. */
#include "lib/format/fit.h"

/* ---- instructions -------------------------------------------------------------- */

/* The same words, as the user's. */
static void give_to_user(struct lg_fit *t, struct lg_ir_message *m)
{
    static const struct lg_str open = {"<system>", 8}, close = {"</system>", 9};

    m->role = LG_ROLE_USER;
    m->form = (uint8_t)(m->form & ~LG_FORM_TOP);
    for (struct lg_ir_part *p = m->parts; p; p = p->next) {
        struct lg_buf b;

        if (p->kind != LG_PART_TEXT)
            continue;
        lg_buf_init(&b, SIZE_MAX / 8);
        (void)lg_buf_str(&b, open);
        (void)lg_buf_str(&b, p->text.s);
        (void)lg_buf_str(&b, close);
        p->text.s.p = lg_arena_dup(t->c->arena, lg_buf_span(&b));
        p->text.s.n = b.n;
        lg_buf_done(&b);
        if (!p->text.s.p)
            t->rc = lg_no_room(t->c);
    }
}

/* Move, change or refuse what stands at *at, behind the first turn; where to go
 * on. */
static struct lg_ir_message **place_system(struct lg_fit *t,
                                           struct lg_ir_message **at,
                                           struct lg_ir_message ***front)
{
    struct lg_ir_message *m = *at;

    switch ((enum lg_system_role)t->c->policy->system_role) {
    case LG_SYSTEM_ROLE_SYSTEM:
        lg_fit_lose(t, m->tok, LG_APPROXIMATED,
                    "instructions between turns are moved before them");
        *at = m->next;
        m->next = **front;
        **front = m;
        *front = &m->next;
        return at;
    case LG_SYSTEM_ROLE_USER:
        lg_fit_lose(t, m->tok, LG_APPROXIMATED,
                    "instructions between turns become the user's words");
        give_to_user(t, m);
        break;
    case LG_SYSTEM_ROLE_REJECT:
        lg_fit_lose(t, m->tok, LG_REJECTED,
                    "instructions between turns have no place");
        break;
    }
    return &m->next;
}

static void fit_system(struct lg_fit *t)
{
    struct lg_ir_message **at = &t->r->messages, **front;

    if (t->facts->system == LG_SYSTEM_NONE) {
        for (struct lg_ir_message *m = *at; m; m = m->next)
            if (lg_is_system(m)) {
                lg_fit_lose(t, m->tok, LG_APPROXIMATED,
                            "the model takes instructions from the user alone");
                give_to_user(t, m);
            }
        return;
    }
    if (t->facts->system != LG_SYSTEM_FIRST && !t->c->self->system_first)
        return;
    while (*at && lg_is_system(*at))
        at = &(*at)->next;
    for (front = at; *at && t->rc >= 0;)
        at = lg_is_system(*at) ? place_system(t, at, &front) : &(*at)->next;
}

/* ---- results that nobody asked for ------------------------------------------------ */

/* The calls so far, by a hash of their id. */
struct calls {
    const struct lg_ir_part **slots;
    size_t mask;
};

static const struct lg_ir_part **slot_of(const struct calls *s,
                                         struct lg_str id)
{
    size_t h = 2166136261u;

    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u; /* FNV-1a */
    h &= s->mask;
    while (s->slots[h] && !lg_str_same(s->slots[h]->id.s, id))
        h = (h + 1) & s->mask;
    return &s->slots[h];
}

/* Room for all calls; 0: there are none, nor results. */
static int make_calls(struct lg_fit *t, struct calls *s)
{
    size_t n = 0, results = 0;

    for (const struct lg_ir_message *m = t->r->messages; m; m = m->next)
        for (const struct lg_ir_part *p = m->parts; p; p = p->next) {
            n += p->kind == LG_PART_TOOL_CALL;
            results += p->kind == LG_PART_TOOL_RESULT;
        }
    if (!results)
        return 0;
    for (s->mask = 3; s->mask < 2 * n; s->mask = 2 * s->mask + 1)
        ;
    s->slots = lg_arena_alloc(t->c->arena,
                              (s->mask + 1) * sizeof(struct lg_ir_part *));
    if (!s->slots)
        t->rc = lg_no_room(t->c);
    return s->slots != NULL;
}

/* Put what a result holds in its place; where to go on. */
static struct lg_ir_part **unwrap(struct lg_ir_part **at)
{
    struct lg_ir_part *p = *at, **end = &p->parts;

    while (*end)
        end = &(*end)->next;
    *end = p->next;
    *at = p->parts;
    return end == &p->parts ? at : end;
}

static struct lg_ir_part **fit_orphan(struct lg_fit *t, struct lg_ir_part **at)
{
    struct lg_ir_part *p = *at;

    switch ((enum lg_orphan_result)t->c->policy->orphan_result) {
    case LG_ORPHAN_TEXT:
        lg_fit_lose(t, p->tok, LG_APPROXIMATED,
                    "the result of no call becomes the user's words");
        return unwrap(at);
    case LG_ORPHAN_DROP:
        lg_fit_lose(t, p->tok, LG_DROPPED, "the result of no call");
        *at = p->next;
        return at;
    case LG_ORPHAN_REJECT:
        lg_fit_lose(t, p->tok, LG_REJECTED, "the result of no call");
        break;
    case LG_ORPHAN_PASS:
        break;
    }
    return &p->next;
}

static void fit_results(struct lg_fit *t)
{
    struct calls calls;

    if (t->c->policy->orphan_result == LG_ORPHAN_PASS || !make_calls(t, &calls))
        return;
    for (struct lg_ir_message *m = t->r->messages; m; m = m->next) {
        int orphans = 0, results = 0;

        for (struct lg_ir_part **at = &m->parts; *at && t->rc >= 0;) {
            const struct lg_ir_part *p = *at;
            const int orphan = p->kind == LG_PART_TOOL_RESULT &&
                               lg_ir_has(&p->id) && !*slot_of(&calls, p->id.s);

            if (p->kind == LG_PART_TOOL_CALL && lg_ir_has(&p->id))
                *slot_of(&calls, p->id.s) = p;
            orphans += orphan;
            results += p->kind == LG_PART_TOOL_RESULT && !orphan;
            at = orphan ? fit_orphan(t, at) : &(*at)->next;
        }
        if (orphans && !results && m->role == LG_ROLE_TOOL)
            m->role = LG_ROLE_USER;
    }
}

/* ---- media ---------------------------------------------------------------------------- */

static void fit_medium(struct lg_fit *t, const struct lg_ir_part *p)
{
    static const char *const kinds[] = {"text", "images", "documents", "audio"};
    const unsigned medium = p->kind == LG_PART_IMAGE      ? LG_MEDIUM_IMAGE
                            : p->kind == LG_PART_DOCUMENT ? LG_MEDIUM_DOCUMENT
                            : p->kind == LG_PART_AUDIO    ? LG_MEDIUM_AUDIO
                                                          : LG_MEDIUM_TEXT;

    if (medium == LG_MEDIUM_DOCUMENT && p->media.source >= LG_MEDIA_TEXT)
        return; /* text, after all */
    if (medium && !lg_facts_allow(t->facts->media, medium))
        lg_fit_lose(t, p->tok, LG_REJECTED,
                    lg_reason(t->c, "the model takes no %s", kinds[medium]));
    if (medium == LG_MEDIUM_IMAGE && t->c->self->takes_no_url &&
        p->media.source == LG_MEDIA_URL &&
        t->c->policy->image_url == LG_IMAGE_URL_REFUSE &&
        !lg_str_starts(p->media.data.s, LG_STR("s3://")))
        lg_fit_lose(t, p->tok, LG_REJECTED,
                    "an image by URL, which is not fetched: send its bytes");
}

static void fit_media(struct lg_fit *t)
{
    for (const struct lg_ir_message *m = t->r->messages; m; m = m->next)
        for (const struct lg_ir_part *p = m->parts; p && t->rc >= 0;
             p = p->next) {
            fit_medium(t, p);
            if (p->kind == LG_PART_TOOL_RESULT)
                for (const struct lg_ir_part *q = p->parts; q; q = q->next)
                    fit_medium(t, q);
        }
}

void lg_fit_talk(struct lg_fit *t)
{
    fit_system(t);
    fit_results(t);
    fit_media(t);
}
