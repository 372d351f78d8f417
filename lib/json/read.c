/* SPDX-License-Identifier: MIT */
#include "lib/json/read.h"

#include "lib/json/scan.h"
#include "lib/json/text.h"

#define TOKENS_FIRST 4096 /* the most to ask for before any was seen */

/* A tape while it grows. The `next` of a container that is still open is the
 * container around it, so the tape is its own stack. */
struct tape {
    struct lg_json *doc;
    struct lg_arena *a;
    struct lg_tok *tok;
    uint32_t n, open;
    size_t cap;
};

/* Room for one more token always, for the value that could not be read. */
static int tape_room(struct tape *t)
{
    const size_t cap = t->cap * 2;
    struct lg_tok *tok;

    if (LG_LIKELY(t->n + 1 < t->cap))
        return 0;
    tok =
        lg_arena_grow(t->a, t->tok, t->cap * sizeof(*tok), cap * sizeof(*tok));
    if (!tok)
        return t->a->err;
    t->tok = tok;
    t->cap = cap;
    return 0;
}

static int tape_init(struct tape *t, struct lg_json *doc, struct lg_arena *a,
                     struct lg_str text)
{
    const size_t guess = text.n / 16 + 8;

    *t = (struct tape){.doc = doc, .a = a};
    t->cap = guess < TOKENS_FIRST ? guess : TOKENS_FIRST;
    t->tok = lg_arena_raw(a, t->cap * sizeof(*t->tok));
    *doc = (struct lg_json){.text = text};
    return t->tok ? 0 : a->err;
}

static struct lg_tok *tape_add(struct tape *t, const struct lg_scan *s)
{
    struct lg_tok *tok = &t->tok[t->n++];

    *tok = (struct lg_tok){.at = (uint32_t)(s->at - s->begin),
                           .end = (uint32_t)(s->stop - s->begin),
                           .next = t->n,
                           .kind = s->kind,
                           .escaped = s->escaped};
    return tok;
}

static void tape_close(struct tape *t, uint32_t end)
{
    struct lg_tok *tok = &t->tok[t->open];

    t->open = tok->next;
    tok->end = end;
    tok->next = t->n;
}

static void tape_done(struct tape *t)
{
    t->doc->tok = t->tok;
    t->doc->n = t->n;
}

/* End what is open where the reader stopped, so that the tape can tell the
 * pointer of the value that it stopped at. */
static int LG_COLD tape_fail(struct tape *t, struct lg_scan *s,
                             struct lg_err *e)
{
    char where[LG_WHERE_MAX];
    uint32_t i = t->open;

    s->stop = s->p;
    if (s->expect == LG_EXPECT_VALUE) {
        i = t->n;
        (void)tape_add(t, s);
    }
    for (uint32_t depth = s->depth; depth; depth--)
        tape_close(t, (uint32_t)(s->p - s->begin));
    tape_done(t);
    lg_json_pointer(t->doc, i, where, sizeof(where));
    t->doc->n = 0;
    return lg_scan_fail(s, e, where);
}

/* The tape of one text, or why there is none. */
static int tape_fill(struct tape *t, struct lg_scan *s, struct lg_err *e)
{
    enum lg_scan_event event;

    while ((event = lg_scan_next(s)) > LG_SCAN_END) {
        struct lg_tok *tok;
        int rc;

        if (event == LG_SCAN_CLOSE) {
            tape_close(t, (uint32_t)(s->stop - s->begin));
            continue;
        }
        tok = tape_add(t, s);
        if (event == LG_SCAN_OPEN) {
            tok->next = t->open;
            t->open = t->n - 1;
        }
        rc = tape_room(t);
        if (rc)
            return lg_fail_mem(e, rc);
    }
    if (event == LG_SCAN_BAD)
        return tape_fail(t, s, e);
    tape_done(t);
    return 0;
}

int lg_json_read(struct lg_json *doc, struct lg_arena *a, struct lg_str text,
                 struct lg_err *e)
{
    struct lg_scan s;
    struct tape t;
    int rc = lg_scan_init(&s, text, e);

    if (rc)
        return rc;
    rc = tape_init(&t, doc, a, text);
    if (rc)
        return lg_fail_mem(e, rc);
    return tape_fill(&t, &s, e);
}

int lg_json_check(struct lg_str text, struct lg_err *e)
{
    struct lg_scan s;
    enum lg_scan_event event;
    const int rc = lg_scan_init(&s, text, e);

    if (rc)
        return rc;
    while ((event = lg_scan_next(&s)) > LG_SCAN_END)
        continue;
    return event == LG_SCAN_END ? 0 : lg_scan_fail(&s, e, NULL);
}

enum lg_json_kind lg_val_kind(struct lg_val v)
{
    return v.doc ? (enum lg_json_kind)lg_val_tok(v)->kind : LG_JSON_NONE;
}

struct lg_str lg_val_raw(struct lg_val v)
{
    const struct lg_tok *t = lg_val_tok(v);

    return (struct lg_str){v.doc->text.p + t->at, t->end - t->at};
}

struct lg_str lg_val_body(struct lg_val v)
{
    const struct lg_str raw =
        lg_val_kind(v) == LG_JSON_STRING ? lg_val_raw(v) : LG_STR("");

    return raw.n ? (struct lg_str){raw.p + 1, raw.n - 2} : (struct lg_str){0};
}

int lg_val_is(struct lg_val v, const char *word)
{
    return lg_val_kind(v) == LG_JSON_STRING &&
           lg_json_body_is(lg_val_body(v), word);
}

int lg_val_int(struct lg_val v, int64_t *out)
{
    return lg_val_kind(v) == LG_JSON_NUMBER ? lg_str_int(lg_val_raw(v), out)
                                            : -1;
}

struct lg_iter lg_iter_of(struct lg_val v)
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_iter it = {.val = v};

    if (kind == LG_JSON_ARRAY || kind == LG_JSON_OBJECT) {
        it.next = v.i + 1;
        it.end = lg_val_tok(v)->next;
        it.step = kind == LG_JSON_OBJECT; /* over the key */
    }
    return it;
}

int lg_iter_next(struct lg_iter *it)
{
    const struct lg_json *doc = it->val.doc;

    if (it->next >= it->end)
        return 0;
    if (it->step)
        it->key = (struct lg_val){doc, it->next};
    it->val = (struct lg_val){doc, it->next + it->step};
    it->next = lg_val_tok(it->val)->next;
    return 1;
}

/* Which of the names a member has; most differ in their first letter. */
static size_t name_of(struct lg_val key, const char *const *names, size_t n)
{
    const struct lg_tok *tok = lg_val_tok(key);
    const struct lg_str body =
        lg_str_from(key.doc->text.p + tok->at + 1, tok->end - tok->at - 2);

    for (size_t i = 0; i < n; i++) {
        if (tok->escaped ? lg_json_body_is(body, names[i])
                         : (names[i][0] == *body.p || !body.n) &&
                               strncmp(names[i], body.p, body.n) == 0 &&
                               !names[i][body.n])
            return i;
    }
    return n;
}

struct lg_val lg_val_get(struct lg_val v, const char *key)
{
    struct lg_iter it = lg_iter_of(v);

    if (lg_val_kind(v) == LG_JSON_OBJECT)
        while (lg_iter_next(&it))
            if (!name_of(it.key, &key, 1))
                return it.val;
    return (struct lg_val){0};
}

void lg_val_pick(struct lg_val v, const char *const *names, size_t n,
                 struct lg_val *out)
{
    struct lg_iter it = lg_iter_of(v);

    for (size_t i = 0; i < n; i++)
        out[i] = (struct lg_val){0};
    if (lg_val_kind(v) == LG_JSON_OBJECT)
        while (lg_iter_next(&it)) {
            const size_t i = name_of(it.key, names, n);

            if (i < n && !out[i].doc)
                out[i] = it.val;
        }
}

int lg_val_members(struct lg_val v, const char *const *names, size_t n,
                   struct lg_val *out, lg_rest_fn rest, void *user,
                   struct lg_err *e)
{
    struct lg_iter it = lg_iter_of(v);

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_val_fail(v, e, "expected an object");
    for (size_t i = 0; i < n; i++)
        out[i] = (struct lg_val){0};
    while (lg_iter_next(&it)) {
        const size_t i = name_of(it.key, names, n);
        int rc;

        if (i < n) {
            if (out[i].doc)
                return lg_val_fail(it.val, e, "a member named twice");
            out[i] = it.val;
        } else if (rest) {
            rc = rest(user, it.key, it.val);
            if (rc)
                return rc;
        }
    }
    return 0;
}

/* Text cut at `cap`, between characters; full for good once one was cut. */
struct cut {
    char *p;
    size_t n, cap;
};

static void cut_add(struct cut *c, const char *p, size_t n)
{
    if (n < c->cap - c->n) {
        memcpy(c->p + c->n, p, n);
        c->n += n;
    } else {
        c->cap = c->n + 1;
    }
}

static void cut_key(struct cut *c, struct lg_str body)
{
    char text[LG_JSON_CHAR_MAX];

    while (body.n) {
        const size_t n = lg_json_char(&body, LG_TO_TEXT, text);

        if (n == 1 && (*text == '~' || *text == '/'))
            cut_add(c, *text == '~' ? "~0" : "~1", 2);
        else
            cut_add(c, text, n);
    }
}

static void cut_index(struct cut *c, uint32_t v)
{
    char text[16];
    char *p = text + sizeof(text);

    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    cut_add(c, p, (size_t)(text + sizeof(text) - p));
}

void lg_json_pointer(const struct lg_json *doc, uint32_t i, char *out,
                     size_t cap)
{
    struct cut c = {out, 0, cap};
    struct lg_val at = lg_json_root(doc);

    if (!cap)
        return;
    if (doc->at)
        cut_add(&c, doc->at, strlen(doc->at));
    while (at.i < i) {
        struct lg_iter it = lg_iter_of(at);
        uint32_t index = 0;

        while (lg_iter_next(&it) && it.next <= i)
            index++;
        cut_add(&c, "/", 1);
        if (it.key.doc)
            cut_key(&c, lg_val_body(it.key));
        else
            cut_index(&c, index);
        at = it.val;
    }
    out[c.n] = '\0';
}

int lg_val_fail(struct lg_val v, struct lg_err *e, const char *text)
{
    char where[LG_WHERE_MAX] = "";

    if (v.doc)
        lg_json_pointer(v.doc, v.i, where, sizeof(where));
    return lg_fail(e, LLMGW_E_JSON, where, "%s", text);
}
