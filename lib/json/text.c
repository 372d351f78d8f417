/* SPDX-License-Identifier: MIT */
#include "lib/json/text.h"

#include "lib/json/bytes.h"

#define SHORT       32             /* bytes that are looked at one by one */
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static unsigned hex4(const char *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 |
            (p[i] <= '9' ? (unsigned)(p[i] - '0') : (unsigned)(p[i] & 15) + 9);
    return v;
}

static int is_high(unsigned u)
{
    return u >= 0xD800 && u <= 0xDBFF;
}

static int is_low(unsigned u)
{
    return u >= 0xDC00 && u <= 0xDFFF;
}

static size_t utf8_put(char *out, unsigned u)
{
    size_t n = 0;

    if (u < 0x80) {
        out[n++] = (char)u;
        return n;
    }
    if (u < 0x800) {
        out[n++] = (char)(0xC0 | u >> 6);
    } else {
        if (u < 0x10000) {
            out[n++] = (char)(0xE0 | u >> 12);
        } else {
            out[n++] = (char)(0xF0 | u >> 18);
            out[n++] = (char)(0x80 | (u >> 12 & 0x3F));
        }
        out[n++] = (char)(0x80 | (u >> 6 & 0x3F));
    }
    out[n++] = (char)(0x80 | (u & 0x3F));
    return n;
}

/* The `\uXXXX` in front, or the two that are one character. */
static size_t take_unicode(struct lg_str *body, enum lg_unescape how, char *out)
{
    const char *const p = body->p;
    unsigned u = hex4(p + 2);
    size_t taken = 6;

    if (is_high(u) && body->n >= 12 && p[6] == '\\' && p[7] == 'u' &&
        is_low(hex4(p + 8))) {
        u = 0x10000 + ((u & 0x3FF) << 10 | (hex4(p + 8) & 0x3FF));
        taken = 12;
    }
    *body = lg_str_from(p + taken, body->n - taken);
    if (!is_high(u) && !is_low(u))
        return utf8_put(out, u);
    if (how == LG_TO_TEXT)
        return utf8_put(out, 0xFFFD);
    memcpy(out, p, 6);
    return 6;
}

/* What stands behind a backslash, `u` apart. */
static inline char brief_escape(char letter)
{
    static const char of[] = {
        ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    const unsigned char i = (unsigned char)letter;

    return i < sizeof(of) && of[i] ? of[i] : letter;
}

size_t lg_json_char(struct lg_str *body, enum lg_unescape how,
                    char out[LG_JSON_CHAR_MAX])
{
    const char *const p = body->p;
    size_t n = 1;

    if (*p == '\\') {
        if (p[1] == 'u')
            return take_unicode(body, how, out);
        *out = brief_escape(p[1]);
        *body = lg_str_from(p + 2, body->n - 2);
        return 1;
    }
    if ((unsigned char)*p >= 0x80)
        n = lg_utf8_len(p, p + body->n);
    memcpy(out, p, n);
    *body = lg_str_from(p + n, body->n - n);
    return n;
}

/* A surrogate's `\udXXX` behind an odd backslash would read as an escaped
 * backslash and plain letters: what was no JSON would become some. */
static int ends_in_escape(const char *from, const char *end)
{
    const char *p = end;

    while (p > from && p[-1] == '\\')
        p--;
    return (end - p) % 2 != 0;
}

/* A ceiling is for what comes out: a body longer than the room that is left is
 * decoded piece by piece. */
static int unescape_tight(struct lg_buf *out, struct lg_str body,
                          enum lg_unescape how)
{
    const size_t begin = out->n;
    char piece[LG_JSON_CHAR_MAX];

    while (body.n && !out->err) {
        const char *slash = memchr(body.p, '\\', body.n);
        size_t n = slash ? (size_t)(slash - body.p) : body.n;

        (void)lg_buf_add(out, body.p, n);
        body = lg_str_from(body.p + n, body.n - n);
        if (!body.n || out->err)
            break;
        n = lg_json_char(&body, how, piece);
        if (n == LG_JSON_CHAR_MAX && out->p &&
            ends_in_escape(out->p + begin, out->p + out->n)) {
            n = sizeof(REPLACEMENT) - 1;
            memcpy(piece, REPLACEMENT, n);
        }
        (void)lg_buf_add(out, piece, n);
    }
    return out->err;
}

/* Copy up to a \u; what is left. Most streamed pieces are shorter than what it
 * takes to call for a search. */
static inline struct lg_str take_short(struct lg_str body, char **to)
{
    const char *p = body.p, *const end = p + body.n;
    char *at = *to;

    while (p < end && (*p != '\\' || p[1] != 'u')) {
        if (*p == '\\') {
            *at++ = brief_escape(p[1]);
            p += 2;
        } else {
            *at++ = *p++;
        }
    }
    *to = at;
    return lg_str_from(p, (size_t)(end - p));
}

static LG_APART int unescape(struct lg_buf *out, struct lg_str body,
                             enum lg_unescape how)
{
    char *from, *to;

    if (body.n > out->max - out->n)
        return unescape_tight(out, body, how);
    from = to = body.n ? lg_buf_room(out, body.n) : NULL;
    while (from && body.n) {
        const char *slash = memchr(body.p, '\\', body.n);
        size_t n = slash ? (size_t)(slash - body.p) : body.n;

        memcpy(to, body.p, n);
        to += n;
        body = lg_str_from(body.p + n, body.n - n);
        if (!body.n)
            break;
        n = lg_json_char(&body, how, to);
        if (n == LG_JSON_CHAR_MAX && ends_in_escape(from, to)) {
            n = sizeof(REPLACEMENT) - 1;
            memcpy(to, REPLACEMENT, n);
        }
        to += n;
    }
    if (from)
        lg_buf_claim(out, (size_t)(to - from));
    return out->err;
}

int lg_json_unescape(struct lg_buf *out, struct lg_str body,
                     enum lg_unescape how)
{
    if (body.n <= SHORT && lg_buf_fits(out, body.n)) {
        char *const from = out->p + out->n, *to = from;

        if (!take_short(body, &to).n) {
            lg_buf_claim(out, (size_t)(to - from));
            return 0;
        }
    }
    return unescape(out, body, how);
}

static int decoded_is(struct lg_str body, const char *word)
{
    char text[LG_JSON_CHAR_MAX];

    while (body.n) {
        if (LG_LIKELY(*body.p != '\\')) {
            if (*body.p != *word) /* a body holds no NUL, a word ends in one */
                return 0;
            body.p++;
            body.n--;
            word++;
            continue;
        }
        if (lg_json_char(&body, LG_TO_TEXT, text) != 1 || !*word ||
            *text != *word++)
            return 0;
    }
    return !*word;
}

int lg_json_body_is(struct lg_str body, const char *word)
{
    size_t i = 0;

    while (i < body.n && body.p[i] == word[i] && word[i] != '\\')
        i++;
    if (i == body.n)
        return !word[i];
    return body.p[i] == '\\' &&
           decoded_is(lg_str_from(body.p + i, body.n - i), word + i);
}

/* The end of the valid UTF-8 from p on. */
static const char *skip_valid(const char *p, const char *end)
{
    while (p < end && (p = lg_skip_text(p, end)) < end && (signed char)*p >= 0)
        p++;
    return p;
}

size_t lg_utf8_valid(struct lg_str s)
{
    return s.n ? (size_t)(skip_valid(s.p, s.p + s.n) - s.p) : 0;
}

int lg_utf8_repair(struct lg_buf *out, struct lg_str s)
{
    const char *p = s.p;
    const char *const end = s.n ? p + s.n : p;

    while (p < end && !out->err) {
        const char *const stop = skip_valid(p, end);

        (void)lg_buf_add(out, p, (size_t)(stop - p));
        p = stop;
        if (p < end) {
            (void)lg_buf_lit(out, REPLACEMENT);
            p += lg_utf8_bad(p, end);
        }
    }
    return out->err;
}

static void put_escape(struct lg_buf *out, char c)
{
    static const char bytes[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *found = memchr(bytes, c, sizeof(bytes) - 1);
    const char unicode[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char brief[] = {'\\', found ? letters[found - bytes] : '\0'};

    if (found)
        (void)lg_buf_add(out, brief, sizeof(brief));
    else
        (void)lg_buf_add(out, unicode, sizeof(unicode));
}

int lg_json_escape(struct lg_buf *out, struct lg_str text)
{
    const char *run = text.p;
    const char *p = run;
    const char *const end = text.n ? p + text.n : p;

    while (p < end && !out->err) {
        p = lg_skip_text(p, end);
        if (run < p)
            (void)lg_buf_add(out, run, (size_t)(p - run));
        if (p < end && (signed char)*p >= 0) {
            put_escape(out, *p++);
        } else if (p < end) {
            (void)lg_buf_lit(out, REPLACEMENT);
            p += lg_utf8_bad(p, end);
        }
        run = p;
    }
    return out->err;
}
