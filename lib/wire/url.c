/* SPDX-License-Identifier: MIT */
#include "lib/wire/url.h"

static int is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

static int encode(struct lg_buf *out, struct lg_str s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0, plain; i < s.n; i++) {
        for (plain = i; i < s.n && is_unreserved((unsigned char)s.p[i]);)
            i++;
        lg_buf_add(out, s.p + plain, i - plain);
        if (i < s.n) {
            const unsigned char c = (unsigned char)s.p[i];
            const char code[3] = {'%', hex[c >> 4], hex[c & 15]};

            lg_buf_add(out, code, sizeof(code));
        }
    }
    return out->err;
}

static int has_control(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return 1;
    return 0;
}

int lg_url_segment(struct lg_buf *out, struct lg_str s, const char *where,
                   struct lg_err *e)
{
    if (s.n == 0)
        return lg_fail(e, LLMGW_E_INVALID, where,
                       "empty, but it is a part of the URL");
    if (lg_str_is(s, ".") || lg_str_is(s, ".."))
        return lg_fail(e, LLMGW_E_INVALID, where,
                       "a path step, but it is a part of the URL");
    if (has_control(s))
        return lg_fail(e, LLMGW_E_INVALID, where,
                       "has a control byte, but it is a part of the URL");
    return encode(out, s) ? lg_fail_mem(e, out->err) : 0;
}

int lg_url_query(struct lg_buf *out, struct lg_str name, struct lg_str value)
{
    if (!out->n || !memchr(out->p, '?', out->n))
        lg_buf_byte(out, '?');
    else if (out->p[out->n - 1] != '?' && out->p[out->n - 1] != '&')
        lg_buf_byte(out, '&');
    encode(out, name);
    lg_buf_byte(out, '=');
    return encode(out, value);
}

static int add_var(struct lg_buf *out, struct lg_str name,
                   const struct lg_url_var *vars, size_t n, struct lg_err *e)
{
    for (size_t i = 0; i < n; i++)
        if (lg_str_is(name, vars[i].name))
            return lg_url_segment(out, vars[i].value, vars[i].name, e);
    return lg_fail(e, LLMGW_E_INVALID, NULL,
                   "the path wants {%.*s}, which nobody gave",
                   (int)(name.n < 64 ? name.n : 64), name.p);
}

static int add_path(struct lg_buf *out, struct lg_str path,
                    const struct lg_url_var *vars, size_t n, struct lg_err *e)
{
    const char *p = path.p, *const end = p + path.n;
    const char *open, *close;
    int err;

    for (; p < end; p = close + 1) {
        open = memchr(p, '{', (size_t)(end - p));
        if (!open)
            break;
        close = memchr(open, '}', (size_t)(end - open));
        if (!close)
            return lg_fail(e, LLMGW_E_INVALID, NULL, "no } after { in %s",
                           path.p);
        lg_buf_add(out, p, (size_t)(open - p));
        err = add_var(out, lg_str_from(open + 1, (size_t)(close - open - 1)),
                      vars, n, e);
        if (err)
            return err;
    }
    lg_buf_add(out, p, (size_t)(end - p));
    return out->err ? lg_fail_mem(e, out->err) : 0;
}

int lg_url_build(struct lg_buf *out, struct lg_str base, const char *path,
                 const struct lg_url_var *vars, size_t n, struct lg_err *e)
{
    if (base.n && base.p[base.n - 1] == '/' && *path == '/')
        base.n--;
    lg_buf_str(out, base);
    return add_path(out, lg_str_of(path), vars, n, e);
}
