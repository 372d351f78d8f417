/* SPDX-License-Identifier: MIT */
#include "lib/format/pattern.h"

#include <stdarg.h>

#define MEMBERS_MAX 12
#define NAMES_MAX   160

/* ---- reading ------------------------------------------------------------ */

/* Cut `names` into words, NUL-terminated in `text`. */
static size_t cut(const char *names, char *text, const char **name, char *how)
{
    const size_t size = strlen(names);
    size_t n = 0;

    memcpy(text, names, size + 1);
    for (char *p = text, *end; p; n++) {
        char *const space = strchr(p, ' ');

        name[n] = p;
        end = space ? space : text + size;
        p = space ? space + 1 : NULL;
        *end-- = '\0';
        if (*end == '$' || *end == '=' || *end == '-') {
            how[n] = *end;
            *end = '\0';
        }
    }
    return n;
}

int lg_get_text(struct lg_ctx *c, struct lg_val v, struct lg_ir_val *out)
{
    *out = lg_ir_of(v);
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
        *(struct lg_ir_val *)to = lg_ir_of(v);
    return 0;
}

int lg_get(struct lg_ctx *c, struct lg_val obj, struct lg_ir_extra **extra,
           uint8_t level, const char *names, ...)
{
    struct lg_val v[MEMBERS_MAX] = {{0}};
    char text[NAMES_MAX], how[MEMBERS_MAX] = {0};
    const char *name[MEMBERS_MAX];
    const size_t n = cut(names, text, name, how);
    int rc = lg_fields(c, obj, name, n, v, extra, level);
    va_list args;

    va_start(args, names);
    for (size_t i = 0; i < n; i++) {
        const int bad = how[i] == '-'
                            ? 0
                            : take(c, rc < 0 ? (struct lg_val){0} : v[i],
                                   how[i], va_arg(args, void *));

        rc = rc < 0 ? rc : bad;
    }
    va_end(args);
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

static void put_word(struct lg_writer *w, struct lg_str *name, const char *word)
{
    if (word)
        lg_jw_body(named(w, name), lg_str_of(word));
    else
        lg_jw_null(named(w, name));
}

static void put_int(struct lg_writer *w, struct lg_str *name, int64_t n)
{
    if (n >= 0)
        lg_jw_int(named(w, name), n);
    name->p = NULL;
}

/* The value that % and the character at `p` stand for; returns what is behind
 * it. */
static const char *put_arg(struct lg_writer *w, struct lg_str *name,
                           const char *p, va_list *args)
{
    const struct lg_ir_extra *extra;

    switch (*p++) {
    case 'v':
        put_val(w, name, va_arg(*args, const struct lg_ir_val *), 1);
        break;
    case 'o':
        put_val(w, name, va_arg(*args, const struct lg_ir_val *), w->own);
        break;
    case 's':
        put_word(w, name, va_arg(*args, const char *));
        break;
    case 'b':
        lg_jw_body(named(w, name), va_arg(*args, struct lg_str));
        break;
    case 'j':
        lg_jw_raw(named(w, name), va_arg(*args, struct lg_str));
        break;
    case 'd':
        put_int(w, name, va_arg(*args, int64_t));
        break;
    case 'k':
        *name = lg_str_of(va_arg(*args, const char *));
        p++; /* the colon */
        break;
    default: /* 'x' */
        extra = va_arg(*args, const struct lg_ir_extra *);
        put_extras(w, extra, (uint8_t)va_arg(*args, int));
    }
    return p;
}

/* A string of ours, or a name; `p` is behind its quote. */
static const char *put_string(struct lg_writer *w, struct lg_str *name,
                              const char *p)
{
    const struct lg_str s = {p, strcspn(p, "'")};

    p += s.n + 1;
    if (*p == ':') {
        *name = s;
        return p + 1;
    }
    lg_jw_body(named(w, name), s);
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
        case '\'':
            p = put_string(w, &name, p);
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
