/* SPDX-License-Identifier: MIT
 *
 * Arguments of a call that come in pieces, as Vertex AI streams them: values
 * by their JSONPath, in the order of the text that they make. */
#include "lib/format/gemini.h"

#include "lib/json/text.h"

/* One step of a path: `.name`, `["name"]` or `[0]`. */
struct step {
    struct lg_str s;
    int is_index;
};

/* Take the step off the front; 0: there is none, -1: it is none. */
static int next_step(struct lg_str *path, struct step *step)
{
    const char *p = path->p, *const end = p + path->n;
    const char *from;
    char quote = 0;

    if (!path->n)
        return 0;
    if (*p == '.') {
        from = ++p;
        while (p < end && *p != '.' && *p != '[')
            p++;
        step->is_index = 0;
        step->s = lg_str_from(from, (size_t)(p - from));
    } else {
        if (*p++ != '[' || p == end)
            return -1;
        if (*p == '\'' || *p == '"')
            quote = *p++;
        from = p;
        while (p < end && *p != (quote ? quote : ']'))
            p++;
        step->is_index = !quote;
        step->s = lg_str_from(from, (size_t)(p - from));
        p += quote != 0;
        if (p >= end || *p++ != ']')
            return -1;
    }
    *path = lg_str_from(p, (size_t)(end - p));
    return step->s.n ? 1 : -1;
}

static int is_same(const struct step *a, const struct step *b)
{
    return a->is_index == b->is_index && lg_str_same(a->s, b->s);
}

/* Close what is open of a path, innermost first. */
static void close_all(struct lg_buf *out, struct lg_str path)
{
    struct step step;

    /* Each step is found from the front: paths are short. */
    while (path.n) {
        struct lg_str rest = path, last = path;

        while (next_step(&rest, &step) > 0 && rest.n)
            last = rest;
        (void)lg_buf_byte(out, step.is_index ? ']' : '}');
        path.n -= last.n;
    }
}

static void add_key(struct lg_buf *out, const struct step *step)
{
    struct lg_jw w = {.out = out};

    if (step->is_index)
        return;
    lg_jw_text(&w, step->s);
    (void)lg_buf_byte(out, ':');
}

/* Go from the last value to that at `path`. */
static int move(struct lg_buf *out, struct lg_str from, struct lg_str path)
{
    struct step a = {0}, b = {0};
    int is_new = from.n == 0;
    int rc;

    while (!is_new) {
        const int had = next_step(&from, &a);

        rc = next_step(&path, &b);
        if (had <= 0 || rc <= 0)
            return -1; /* a value within a value, or the same again */
        if (is_same(&a, &b))
            continue;
        if (a.is_index != b.is_index)
            return -1;
        close_all(out, from);
        (void)lg_buf_byte(out, ',');
        add_key(out, &b);
        is_new = 1;
    }
    while ((rc = next_step(&path, &b)) > 0) {
        (void)lg_buf_byte(out, b.is_index ? '[' : '{');
        add_key(out, &b);
    }
    return rc;
}

static int keep_path(struct lg_gm_run *r, struct lg_str path)
{
    struct lg_gm_args *a = &r->d->args;

    if (path.n > a->cap) {
        a->cap = 2 * path.n;
        a->path = lg_arena_raw(r->c->keep, a->cap);
        if (!a->path) {
            *a = (struct lg_gm_args){0};
            return lg_no_keep(r->c);
        }
    }
    memcpy(a->path, path.p, path.n);
    a->n = path.n;
    return 0;
}

/* The value, or a piece of it. */
static void add_value(struct lg_gm_args *a, struct lg_buf *out, struct lg_val v)
{
    static const char *const names[] = {"numberValue", "boolValue"};
    const struct lg_val text = lg_val_get(v, "stringValue");
    const int goes_on =
        lg_val_kind(lg_val_get(v, "willContinue")) == LG_JSON_TRUE;

    if (text.doc) {
        if (!a->in_string)
            (void)lg_buf_byte(out, '"');
        (void)lg_buf_str(out, lg_val_body(text));
        a->in_string = goes_on;
        if (!goes_on)
            (void)lg_buf_byte(out, '"');
        return;
    }
    for (size_t i = 0; i < LG_COUNT(names); i++) {
        const struct lg_val value = lg_val_get(v, names[i]);

        if (!value.doc)
            continue;
        (void)lg_buf_str(out, lg_val_raw(value));
        return;
    }
    (void)lg_buf_lit(out, "null");
}

static int put_piece(struct lg_gm_run *r, struct lg_buf *out)
{
    struct lg_str piece = {0};
    int rc = out->err ? lg_fail_mem(r->c->err, out->err) : 0;

    if (!rc && out->n)
        rc = lg_escaped(r->c, lg_buf_span(out), &piece);
    lg_buf_done(out);
    if (rc < 0 || !piece.n)
        return rc;
    r->puts++;
    return lg_sink_text(r->sink, LG_EV_INPUT, r->ch->index, r->ch->open, piece);
}

static struct lg_str path_of(const struct lg_gm_args *a)
{
    return lg_str_from(a->path ? a->path : "", a->n);
}

static int read_piece(struct lg_gm_run *r, struct lg_val v, struct lg_buf *out)
{
    struct lg_gm_args *a = &r->d->args;
    struct lg_buf text;
    struct lg_str path;
    int rc;

    lg_buf_init(&text, SIZE_MAX / 8);
    rc = lg_json_unescape(&text, lg_val_body(lg_val_get(v, "jsonPath")),
                          LG_TO_TEXT);
    path = lg_buf_span(&text);
    if (path.n && path.p[0] == '$') {
        path.p++;
        path.n--;
    }
    if (!rc && a->in_string && lg_str_same(path, path_of(a)))
        add_value(a, out, v);
    else if (!rc) {
        if (a->in_string) /* it was not said that it ended */
            (void)lg_buf_byte(out, '"');
        a->in_string = 0;
        if (!path.n || move(out, path_of(a), path) < 0)
            rc = lg_fail(r->c->err, LLMGW_E_PROTOCOL, NULL,
                         "arguments of a call that are out of order");
        if (!rc)
            add_value(a, out, v);
        if (!rc)
            rc = keep_path(r, path);
    }
    lg_buf_done(&text);
    return rc == LLMGW_E_NOMEM ? lg_fail_mem(r->c->err, rc) : rc;
}

int lg_gm_args_read(struct lg_gm_run *r, struct lg_val call)
{
    struct lg_iter it = lg_iter_of(lg_member(r->c, call, "partialArgs"));
    struct lg_buf out;
    int rc = 0;

    r->changed = 1;
    lg_buf_init(&out, SIZE_MAX / 8);
    while (rc >= 0 && lg_iter_next(&it))
        rc = read_piece(r, it.val, &out);
    if (rc < 0)
        lg_buf_done(&out);
    return rc < 0 ? rc : put_piece(r, &out);
}

int lg_gm_args_end(struct lg_gm_run *r)
{
    struct lg_gm_args *a = &r->d->args;
    struct lg_buf out;

    lg_buf_init(&out, SIZE_MAX / 8);
    if (a->in_string)
        (void)lg_buf_byte(&out, '"');
    close_all(&out, path_of(a));
    a->n = 0;
    a->in_string = 0;
    return put_piece(r, &out);
}
