/* SPDX-License-Identifier: MIT */
#include "lib/json/edit.h"

#include "lib/json/scan.h"
#include "lib/json/text.h"

/* Which of the names is the key just drawn? -1: none. */
static int name_of(const struct lg_scan *s, const char *const *names, size_t n)
{
    const struct lg_str body =
        lg_str_from(s->at + 1, (size_t)(s->stop - s->at) - 2);

    for (size_t i = 0; i < n; i++)
        if ((s->escaped || *names[i] == *body.p) &&
            lg_json_body_is(body, names[i]))
            return (int)i;
    return -1;
}

static int LG_COLD doubtful(const struct lg_scan *s, const char *name,
                            struct lg_err *e)
{
    char where[LG_EDIT_NAME_MAX + 2] = "/";

    memcpy(where + 1, name, strlen(name) + 1);
    return lg_fail(e, LLMGW_E_JSON, where,
                   "a member named twice or with escapes at byte %zu",
                   (size_t)(s->at - s->begin));
}

int lg_json_find(struct lg_str text, const char *const *names, size_t n,
                 struct lg_str *found, struct lg_err *e)
{
    struct lg_scan s;
    enum lg_scan_event event;
    const int rc = lg_scan_init(&s, text, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++)
        found[i] = (struct lg_str){0};
    event = lg_scan_next(&s);
    if (event > LG_SCAN_END && s.kind != LG_JSON_OBJECT)
        return lg_fail(e, LLMGW_E_JSON, NULL, "expected an object");
    for (; event > LG_SCAN_END; event = lg_scan_next(&s)) {
        const char *at;
        int name;

        if (event != LG_SCAN_KEY || s.depth != 1)
            continue;
        name = name_of(&s, names, n);
        if (name < 0)
            continue;
        if (s.escaped || found[name].p)
            return doubtful(&s, names[name], e);
        event = lg_scan_next(&s);
        at = s.at;
        while (event > LG_SCAN_END && s.depth > 1)
            event = lg_scan_next(&s);
        if (event == LG_SCAN_BAD)
            break;
        found[name] = lg_str_from(at, (size_t)(s.stop - at));
    }
    return event == LG_SCAN_END ? 0 : lg_scan_fail(&s, e, NULL);
}

/* The slices while they are cut: the text is done up to `from`. */
struct cutting {
    struct lg_str *out;
    size_t n;
    const char *from;
};

static void slice(struct cutting *c, struct lg_str s)
{
    if (s.n)
        c->out[c->n++] = s;
}

static void slice_to(struct cutting *c, const char *to)
{
    slice(c, lg_str_from(c->from, (size_t)(to - c->from)));
    c->from = to;
}

/* `"name":` in front of a new member. */
static struct lg_str glue_name(char **glue, const char *name, int comma)
{
    const size_t n = strlen(name);
    char *const from = *glue;
    char *p = from;

    if (comma)
        *p++ = ',';
    *p++ = '"';
    memcpy(p, name, n);
    p += n;
    *p++ = '"';
    *p++ = ':';
    *glue = p;
    return lg_str_from(from, (size_t)(p - from));
}

static void add_members(struct cutting *c, const char *end,
                        const struct lg_edit *edits, size_t n, char *glue)
{
    const char *brace = memchr(c->from, '{', (size_t)(end - c->from));
    const char *const rest = brace + 1;

    for (size_t i = 0; i < n; i++) {
        if (edits[i].found.p || !edits[i].value.p)
            continue;
        slice_to(c, rest);
        slice(c, glue_name(&glue, edits[i].name, c->n > 1));
        slice(c, edits[i].value);
    }
    if (c->n && *lg_str_trim(lg_str_from(rest, (size_t)(end - rest))).p != '}')
        slice(c, LG_STR(","));
}

/* The edit of the first value from `from` on, NULL if there is no more. */
static const struct lg_edit *next_edit(const char *from,
                                       const struct lg_edit *edits, size_t n)
{
    const struct lg_edit *next = NULL;

    for (size_t i = 0; i < n; i++) {
        const struct lg_edit *edit = &edits[i];

        if (edit->found.p && edit->value.p && edit->found.p >= from &&
            (!next || edit->found.p < next->found.p))
            next = edit;
    }
    return next;
}

size_t lg_json_edit(struct lg_str text, const struct lg_edit *edits, size_t n,
                    struct lg_str *slices, char *glue)
{
    struct cutting c = {slices, 0, text.p};
    const char *const end = text.p + text.n;
    const struct lg_edit *edit;

    add_members(&c, end, edits, n, glue);
    while ((edit = next_edit(c.from, edits, n)) != NULL) {
        slice_to(&c, edit->found.p);
        slice(&c, edit->value);
        c.from += edit->found.n;
    }
    slice_to(&c, end);
    return c.n;
}
