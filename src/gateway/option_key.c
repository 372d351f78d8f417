/* SPDX-License-Identifier: MIT */
#include "src/gateway/option_key.h"

#include <stdio.h>

#include "lib/json/text.h"

#define NAME_MARK '<'

static int bad_key(struct lg_err *e, const char *key, const char *why)
{
    return lg_fail(e, LLMGW_E_OPTION, key, "not a key of an option: %s", why);
}

/* Bytes of the path as a pointer, its NUL counted. */
static size_t pointer_size(const struct lg_option_path *p)
{
    size_t n = 1;

    for (size_t i = 0; i < p->n; i++) {
        n += 1 + p->seg[i].n;
        for (size_t k = 0; k < p->seg[i].n; k++)
            n += p->seg[i].p[k] == '~' || p->seg[i].p[k] == '/';
    }
    return n;
}

static int push(struct lg_option_path *p, struct lg_str name, const char *key,
                struct lg_err *e)
{
    if (!name.n)
        return bad_key(e, key, "it has an empty name in it");
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
            return bad_key(e, key, "it has a control byte in it");
    if (lg_utf8_valid(name) != name.n)
        return bad_key(e, key, "it is not UTF-8");
    if (p->n == LG_OPTION_DEPTH)
        return lg_option_unknown(p, key, e);
    p->seg[p->n++] = name;
    if (pointer_size(p) > LG_OPTION_KEY_MAX)
        return bad_key(e, key, "it is too long");
    return 0;
}

int lg_option_path_push(struct lg_option_path *p, const char *name,
                        struct lg_err *e)
{
    return push(p, lg_str_of(name), name, e);
}

/* The segment of a pointer that begins at *at, decoded in place. */
static int pointer_segment(char **at, struct lg_str *out)
{
    char *from = *at, *to = from;

    for (; *from && *from != '/'; from++) {
        if (*from != '~')
            *to++ = *from;
        else if (*++from == '0')
            *to++ = '~';
        else if (*from == '1')
            *to++ = '/';
        else
            return LLMGW_E_OPTION;
    }
    *out = (struct lg_str){*at, (size_t)(to - *at)};
    *at = from;
    return 0;
}

static void dotted_segment(char **at, struct lg_str *out)
{
    const size_t n = strcspn(*at, ".");

    *out = (struct lg_str){*at, n};
    *at += n;
}

int lg_option_path_parse(struct lg_option_path *p, const char *key,
                         struct lg_err *e)
{
    const size_t n = strlen(key);
    const int pointer = key[0] == '/';
    char *at = p->text;
    struct lg_str name;
    int rc;

    p->n = 0;
    if (n >= sizeof(p->text))
        return bad_key(e, key, "it is too long");
    memcpy(p->text, key, n + 1);
    at += pointer;
    for (;;) {
        if (!pointer)
            dotted_segment(&at, &name);
        else if (pointer_segment(&at, &name))
            return bad_key(e, key, "a ~ stands for nothing");
        rc = push(p, name, key, e);
        if (rc || !*at)
            return rc;
        at++;
    }
}

/* ---- rows -------------------------------------------------------------- */

/* The next segment of a row's key, "" at the end. */
static struct lg_str row_segment(const char **at)
{
    const struct lg_str s = {*at, strcspn(*at, ".")};

    *at += s.n + ((*at)[s.n] == '.');
    return s;
}

/* Do all segments of the path fit the row's? *rest: what the row has more. */
static int fits(const struct lg_option_path *p, const struct lg_option_row *row,
                const char **rest)
{
    *rest = row->key;
    for (size_t i = 0; i < p->n; i++) {
        const struct lg_str s = row_segment(rest);

        if (!s.n || (s.p[0] != NAME_MARK && !lg_str_same(s, p->seg[i])))
            return 0;
    }
    return 1;
}

const struct lg_option_row *lg_option_path_row(const struct lg_option_path *p)
{
    const char *rest;

    for (size_t i = 0; i < lg_option_count; i++)
        if (fits(p, &lg_option_rows[i], &rest) && !*rest)
            return &lg_option_rows[i];
    return NULL;
}

int lg_option_path_inner(const struct lg_option_path *p)
{
    const char *rest;

    for (size_t i = 0; i < lg_option_count; i++)
        if (fits(p, &lg_option_rows[i], &rest) && *rest)
            return 1;
    return 0;
}

struct lg_str lg_option_path_name(const struct lg_option_path *p,
                                  const struct lg_option_row *row, size_t i)
{
    const char *at = row->key;

    for (size_t k = 0; k < p->n; k++)
        if (row_segment(&at).p[0] == NAME_MARK && i-- == 0)
            return p->seg[k];
    return (struct lg_str){0};
}

/* ---- spelling ---------------------------------------------------------- */

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static char *put_pointer(char *out, struct lg_str s, int fold)
{
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];

        if (c == '~' || c == '/') {
            *out++ = '~';
            *out++ = c == '~' ? '0' : '1';
        } else {
            *out++ = fold ? (char)lower(c) : c;
        }
    }
    return out;
}

void lg_option_path_pointer(const struct lg_option_path *p, char *out)
{
    for (size_t i = 0; i < p->n; i++) {
        *out++ = '/';
        out = put_pointer(out, p->seg[i],
                          i && lg_str_is(p->seg[i - 1], "headers"));
    }
    *out = '\0';
}

static int needs_pointer(struct lg_str s)
{
    return memchr(s.p, '.', s.n) || memchr(s.p, '/', s.n) ||
           memchr(s.p, '~', s.n);
}

void lg_option_path_show(const struct lg_option_path *p, char *out)
{
    int pointer = 0;

    for (size_t i = 0; i < p->n; i++)
        pointer |= needs_pointer(p->seg[i]);
    for (size_t i = 0; i < p->n; i++) {
        if (pointer || i)
            *out++ = pointer ? '/' : '.';
        if (pointer) {
            out = put_pointer(out, p->seg[i], 0);
        } else {
            memcpy(out, p->seg[i].p, p->seg[i].n);
            out += p->seg[i].n;
        }
    }
    *out = '\0';
}

void lg_option_key_show(const char *pointer, char *out)
{
    struct lg_option_path p;

    out[0] = '\0';
    if (!lg_option_path_parse(&p, pointer, NULL))
        lg_option_path_show(&p, out);
}

/* ---- the nearest ------------------------------------------------------- */

/* Levenshtein's distance of two keys. */
static size_t distance(const char *a, const char *b)
{
    const size_t n = strlen(b);
    size_t row[LG_OPTION_KEY_MAX];

    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 0; a[i]; i++) {
        size_t corner = row[0];

        row[0] = i + 1;
        for (size_t k = 0; k < n; k++) {
            const size_t change = corner + (a[i] != b[k]);
            size_t best = row[k] < row[k + 1] ? row[k] + 1 : row[k + 1] + 1;

            corner = row[k + 1];
            if (change < best)
                best = change;
            row[k + 1] = best;
        }
    }
    return row[n];
}

/* The row's key, with the names of the path where they stand in it. */
static void candidate(const struct lg_option_path *p, const char *row,
                      char *out)
{
    size_t at = 0;

    for (size_t i = 0; *row; i++) {
        struct lg_str s = row_segment(&row);

        if (s.p[0] == NAME_MARK && i < p->n && !needs_pointer(p->seg[i]))
            s = p->seg[i];
        at += (size_t)snprintf(out + at, LG_OPTION_KEY_MAX - at, "%s%.*s",
                               i ? "." : "", (int)s.n, s.p);
        if (at >= LG_OPTION_KEY_MAX)
            return;
    }
}

int lg_option_unknown(const struct lg_option_path *p, const char *shown,
                      struct lg_err *e)
{
    const size_t n = strlen(shown);
    const size_t rows = n < LG_OPTION_KEY_MAX ? lg_option_count : 0;
    char best[LG_OPTION_KEY_MAX] = "", name[LG_OPTION_KEY_MAX];
    size_t far = 1, of = 2; /* a key of which half is wrong is another */

    for (size_t i = 0; i < rows; i++) {
        size_t d, longer;

        candidate(p, lg_option_rows[i].key, name);
        d = distance(shown, name);
        longer = strlen(name) > n ? strlen(name) : n;
        if (d * of > far * longer || (d * of == far * longer && best[0]))
            continue;
        far = d;
        of = longer;
        memcpy(best, name, sizeof(best));
    }
    if (!best[0])
        return lg_fail(e, LLMGW_E_OPTION, shown, "no such option");
    return lg_fail(e, LLMGW_E_OPTION, shown,
                   "no such option; the nearest is %s", best);
}
