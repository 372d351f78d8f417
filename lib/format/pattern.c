/* SPDX-License-Identifier: MIT */
#include "lib/format/pattern.h"

#include <stdarg.h>

#include "lib/json/text.h"

#define MEMBERS_MAX 32
#define NAMES_MAX   400
#define WORD_MAX    48

/* ---- reading ------------------------------------------------------------ */

/* Cut the next word off. */
static struct lg_str cut(const char **words)
{
    const struct lg_str word = {*words, strcspn(*words, " ")};

    *words += word.n + ((*words)[word.n] == ' ');
    return word;
}

/* Take the members out of an object; `how`: the marks behind their names. */
static int sort(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
                uint8_t level, const char *names, struct lg_val *out, char *how)
{
    char text[NAMES_MAX], *to = text;
    const char *name[MEMBERS_MAX];
    size_t n = 0;

    for (; *names; n++) {
        struct lg_str word = cut(&names);

        how[n] = word.p[word.n - 1];
        word.n -= how[n] == '$' || how[n] == '=' || how[n] == '-';
        name[n] = memcpy(to, word.p, word.n);
        to += word.n;
        *to++ = '\0';
    }
    how[n] = '\0';
    return lg_fields(c, obj, name, n, out, extra, level);
}

int lg_get_all(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
               uint8_t level, const char *names, struct lg_val *out)
{
    char how[MEMBERS_MAX + 1];

    return sort(c, obj, extra, level, names, out, how);
}

int lg_get_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out)
{
    lg_ir_set(out, v);
    return out->kind <= LG_JSON_NULL || out->kind == LG_JSON_STRING
               ? 0
               : lg_val_fail(v, c->err, "expected a string");
}

static int take(struct lg_ctx *c, struct lg_val v, char how, void *to)
{
    if (how == '$')
        return lg_get_text(c, v, to);
    if (how == '=')
        *(struct lg_val *)to = v;
    else
        lg_ir_set(to, v);
    return 0;
}

int lg_get(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
           uint8_t level, const char *names, ...)
{
    struct lg_val v[MEMBERS_MAX];
    char how[MEMBERS_MAX + 1];
    int rc = sort(c, obj, extra, level, names, v, how);
    va_list args;

    va_start(args, names);
    for (size_t i = 0; how[i]; i++) {
        const int bad = how[i] == '-'
                            ? 0
                            : take(c, rc < 0 ? (struct lg_val){0} : v[i],
                                   how[i], va_arg(args, void *));

        rc = rc < 0 ? rc : bad;
    }
    va_end(args);
    return rc;
}

int lg_list_read(struct lg_ctx *c, struct lg_val list, void *head, size_t size,
                 lg_item_fn read, void *user)
{
    struct lg_iter it = lg_iter_of(list);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        void *const item = lg_arena_alloc(c->arena, size);

        if (!item)
            return lg_no_room(c);
        memcpy(head, &item, sizeof(item));
        head = item;
        rc = read(c, it.val, item, user);
    }
    return rc;
}

/* ---- words -------------------------------------------------------------- */

static unsigned which(struct lg_str body, const char *words)
{
    char text[WORD_MAX];

    for (unsigned i = 1; *words; i++) {
        const struct lg_str word = cut(&words);

        memcpy(text, word.p, word.n);
        text[word.n] = '\0';
        if (text[0] != '-' && lg_json_body_is(body, text))
            return i;
    }
    return 0;
}

unsigned lg_word_of(struct lg_val v, const char *words)
{
    return which(lg_val_body(v), words);
}

unsigned lg_ir_word_of(const struct lg_ir_val *v, const char *words)
{
    return v->kind == LG_JSON_STRING && !v->in_string ? which(v->s, words) : 0;
}

struct lg_str lg_word_at(const char *words, size_t n)
{
    struct lg_str word = {0};

    for (; n && *words; n--)
        word = cut(&words);
    return n || lg_str_is(word, "-") ? (struct lg_str){0} : word;
}

int lg_extra_pick(struct lg_ctx *c, struct lg_ir_extra **extra,
                  struct lg_val obj, const char *words, uint8_t level)
{
    struct lg_iter it = lg_iter_of(obj);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it))
        if (lg_word_of(it.key, words))
            rc = lg_extra_add(c, extra, it.key, it.val, level);
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

struct lg_writer lg_writer_of(struct lg_ctx *c, const struct lg_format *origin,
                              struct lg_buf *out)
{
    return (struct lg_writer){
        .jw = {.out = out}, .c = c, .origin = origin, .own = origin == c->self};
}

void lg_writer_fail(struct lg_writer *w, int rc)
{
    if (rc < 0 && !w->rc)
        w->rc = rc;
}

int lg_writer_end(struct lg_writer *w)
{
    if (w->rc || !w->jw.out->err)
        return w->rc;
    return lg_fail_mem(w->c->err, w->jw.out->err);
}

void lg_writer_undo(struct lg_writer *w, size_t mark)
{
    struct lg_buf *out = w->jw.out;

    if (out->err || out->n == mark)
        return;
    out->n = mark;
    out->p[mark] = '\0';
}

int lg_writer_is_empty(const struct lg_writer *w)
{
    const struct lg_buf *out = w->jw.out;

    return out->n && (out->p[out->n - 1] == '[' || out->p[out->n - 1] == '{');
}

void lg_put_lose(struct lg_writer *w, uint32_t tok, enum lg_loss_action action,
                 const char *reason)
{
    if (!w->rc && w->c->losses)
        lg_writer_fail(w, lg_lose(w->c->losses, tok, action, reason));
}

void lg_put_drop(struct lg_writer *w, const struct lg_ir_val *v,
                 const char *reason)
{
    if (lg_ir_has(v))
        lg_put_lose(w, v->tok, LG_DROPPED, reason);
}

void lg_put_lose_extras(struct lg_writer *w, const struct lg_ir_extra *extra)
{
    if (!w->rc)
        lg_writer_fail(w, lg_extra_lose(w->c, extra, w->origin));
}

static void put_extras(struct lg_writer *w, const struct lg_ir_extra *extra,
                       uint8_t level)
{
    lg_extra_write(w->c, &w->jw, extra, level, w->origin);
    if (!level)
        lg_put_lose_extras(w, extra);
}

/* The name of a member is written once it is known to have a value. */
static struct lg_jw *named(struct lg_writer *w, struct lg_str *name)
{
    if (name->p)
        lg_jw_key_body(&w->jw, *name);
    name->p = NULL;
    return &w->jw;
}

static void put_val(struct lg_writer *w, struct lg_str *name,
                    const struct lg_ir_val *v, int nulls)
{
    if (v->kind == LG_JSON_NONE || (v->kind == LG_JSON_NULL && !nulls))
        name->p = NULL;
    else
        lg_ir_write(named(w, name), v);
}

static void put_int(struct lg_writer *w, struct lg_str *name, int64_t n)
{
    if (n >= 0)
        lg_jw_int(named(w, name), n);
    name->p = NULL;
}

/* A string, or the name of what follows if `p`, behind it, is at a colon;
 * returns what is behind that. */
static const char *put_word(struct lg_writer *w, struct lg_str *name,
                            struct lg_str word, const char *p)
{
    if (*p == ':') {
        *name = word;
        return p + 1;
    }
    if (word.p)
        lg_jw_body(named(w, name), word);
    else
        lg_jw_null(named(w, name));
    return p;
}

/* The value that % and the character at `p` stand for; returns what is behind
 * it. */
static const char *put_arg(struct lg_writer *w, struct lg_str *name,
                           const char *p, va_list *args)
{
    const struct lg_ir_extra *extra;
    const char *words;

    switch (*p++) {
    case 'v':
        put_val(w, name, va_arg(*args, const struct lg_ir_val *), 1);
        break;
    case 'o':
        put_val(w, name, va_arg(*args, const struct lg_ir_val *), w->own);
        break;
    case 's':
    case 'k':
        return put_word(w, name, lg_str_of(va_arg(*args, const char *)), p);
    case 'w':
        words = va_arg(*args, const char *);
        return put_word(w, name, lg_word_at(words, va_arg(*args, unsigned)), p);
    case 'b':
        lg_jw_body(named(w, name), va_arg(*args, struct lg_str));
        break;
    case 'j':
        lg_jw_raw(named(w, name), va_arg(*args, struct lg_str));
        break;
    case 'd':
        put_int(w, name, va_arg(*args, int64_t));
        break;
    default: /* 'x' */
        extra = va_arg(*args, const struct lg_ir_extra *);
        put_extras(w, extra, (uint8_t)va_arg(*args, int));
    }
    return p;
}

void lg_put(struct lg_writer *w, const char *p, ...)
{
    struct lg_str name = {0}, rest;
    va_list args;

    va_start(args, p);
    while (*p)
        switch (*p++) {
        case ',':
            break;
        case '\'': /* a string of ours, or a name */
            rest = lg_str_from(p, strcspn(p, "'"));
            p = put_word(w, &name, rest, p + rest.n + 1);
            break;
        case '%':
            p = put_arg(w, &name, p, &args);
            break;
        case '{':
            lg_jw_obj(named(w, &name));
            break;
        case '}':
            lg_jw_obj_end(&w->jw);
            break;
        case '[':
            lg_jw_arr(named(w, &name));
            break;
        case ']':
            lg_jw_arr_end(&w->jw);
            break;
        default: /* a literal */
            rest = lg_str_from(p - 1, 1 + strcspn(p, ",}]"));
            lg_jw_raw(named(w, &name), rest);
            p += rest.n - 1;
        }
    va_end(args);
    (void)named(w, &name); /* its value follows */
}
