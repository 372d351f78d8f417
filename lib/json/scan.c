/* SPDX-License-Identifier: MIT */
#include "lib/json/scan.h"

#include "lib/json/bytes.h"

#define STRINGIFY(x) #x
#define LITERAL(x)   STRINGIFY(x)
#define ONES         (~(uint64_t)0 / 0xFF)

int lg_scan_init(struct lg_scan *s, struct lg_str text, struct lg_err *e)
{
    if (text.n >= UINT32_MAX)
        return lg_fail(e, LLMGW_E_LIMIT, NULL, "larger than 4 GiB");
    s->begin = s->p = text.n ? text.p : "";
    s->end = s->p + text.n;
    s->why = NULL;
    s->kind = LG_JSON_NONE;
    s->escaped = 0;
    s->expect = LG_EXPECT_VALUE;
    s->depth = 0;
    s->closers[0] = '\0';
    return 0;
}

int lg_scan_fail(const struct lg_scan *s, struct lg_err *e, const char *where)
{
    return lg_fail(e, LLMGW_E_JSON, where, "%s at byte %zu", s->why,
                   (size_t)(s->p - s->begin));
}

static const char *LG_COLD wrong(struct lg_scan *s, const char *p,
                                 const char *why)
{
    s->p = p;
    s->why = why;
    return NULL;
}

static enum lg_scan_event LG_COLD bad(struct lg_scan *s, const char *p,
                                      const char *why)
{
    (void)wrong(s, p, why);
    return LG_SCAN_BAD;
}

/* NUL stands nowhere in JSON, so it can mean that the text is over. */
static inline char peek(const char *p, const char *end)
{
    return p < end ? *p : '\0';
}

static inline int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_indent(const char *p, const char *end)
{
    uint64_t eight;

    while (end - p >= 8) {
        memcpy(&eight, p, sizeof(eight));
        if (eight != ONES * ' ')
            break;
        p += 8;
    }
    while (is_space(peek(p, end)))
        p++;
    return p;
}

/* One space or none is what most tokens have between them; what is more is an
 * indent. */
static inline const char *skip_space(const char *p, const char *end)
{
    if (peek(p, end) > ' ')
        return p;
    if (is_space(peek(p, end)))
        p++;
    return peek(p, end) > ' ' ? p : skip_indent(p, end);
}

/* Eight bytes at once: the top bit of each that is between the two. Adding to
 * ASCII what carries it into the top bit tells if it is at least so much; what
 * is no ASCII spoils its neighbour too, but is never between anything. */
static inline uint64_t between(uint64_t v, char from, char to)
{
    const uint64_t tops = ONES * 0x80;

    return (v + (tops - ONES * (uint64_t)from)) &
           ~(v + (tops - ONES * (uint64_t)(to + 1))) & ~v & tops;
}

static inline int is_hex4(const char *p)
{
    uint32_t four;
    uint64_t v;

    memcpy(&four, p, sizeof(four));
    v = four;
    return (between(v, '0', '9') | between(v | ONES * 0x20, 'a', 'f')) ==
           0x80808080;
}

static inline int is_digits8(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return between(v, '0', '9') == ONES * 0x80;
}

static inline size_t escape_len(const char *p, const char *end)
{
    static const uint8_t lens[256] = {
        ['"'] = 2, ['\\'] = 2, ['/'] = 2, ['b'] = 2, ['f'] = 2,
        ['n'] = 2, ['r'] = 2,  ['t'] = 2, ['u'] = 6,
    };
    const size_t n = lens[(unsigned char)peek(p + 1, end)];

    return n < 6 || (end - p >= 6 && is_hex4(p + 2)) ? n : 0;
}

/* The rest of a string, from what is not plain in it. */
static const char *skip_string_rest(struct lg_scan *s, const char *p)
{
    const char *const end = s->end;

    for (;; p = lg_skip_plain(p, end)) {
        if ((signed char)peek(p, end) < 0)
            p = lg_skip_mixed(p, end);
        if (peek(p, end) == '"')
            return p + 1;
        if (peek(p, end) != '\\')
            break;
        s->escaped = 1;
        do {
            const size_t n = escape_len(p, end);

            if (!n)
                return wrong(s, p, "invalid escape");
            p += n;
        } while (peek(p, end) == '\\');
    }
    if (p == end)
        return wrong(s, p, "unterminated string");
    return wrong(s, p,
                 (signed char)*p < 0 ? "invalid UTF-8"
                                     : "control character in a string");
}

/* From the opening quote to behind the closing one. */
static inline const char *skip_string(struct lg_scan *s, const char *p)
{
    p = lg_skip_plain(p + 1, s->end);
    return peek(p, s->end) == '"' ? p + 1 : skip_string_rest(s, p);
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (end - p >= 8 && is_digits8(p))
        p += 8;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

static const char *skip_number(struct lg_scan *s, const char *p)
{
    const char *const end = s->end;
    const char *from = p += *p == '-';

    p = peek(p, end) == '0' ? p + 1 : skip_digits(p, end);
    if (p == from)
        return wrong(s, p, "expected a digit");
    if (peek(p, end) == '.') {
        from = p + 1;
        p = skip_digits(from, end);
        if (p == from)
            return wrong(s, p, "expected a digit");
    }
    if ((peek(p, end) | 32) == 'e') {
        p++;
        from = p += peek(p, end) == '+' || peek(p, end) == '-';
        p = skip_digits(from, end);
        if (p == from)
            return wrong(s, p, "expected a digit");
    }
    return p;
}

static inline const char *skip_word(struct lg_scan *s, const char *p,
                                    const char *word, size_t n)
{
    if ((size_t)(s->end - p) >= n && memcmp(p, word, n) == 0)
        return p + n;
    return wrong(s, p, "expected a value");
}

static enum lg_scan_event open_at(struct lg_scan *s, const char *p, char closer)
{
    if (s->depth == LG_JSON_DEPTH_MAX)
        return bad(s, p, "nested deeper than " LITERAL(LG_JSON_DEPTH_MAX));
    s->closers[++s->depth] = closer;
    s->expect = LG_EXPECT_FIRST;
    s->p = s->stop = p + 1;
    return LG_SCAN_OPEN;
}

static inline enum lg_scan_event close_at(struct lg_scan *s, const char *p)
{
    s->depth--;
    s->expect = LG_EXPECT_COMMA;
    s->at = p;
    s->p = s->stop = p + 1;
    return LG_SCAN_CLOSE;
}

static enum lg_scan_event value_at(struct lg_scan *s, const char *p)
{
    static const uint8_t kinds[256] = {
        ['n'] = LG_JSON_NULL,   ['f'] = LG_JSON_FALSE,  ['t'] = LG_JSON_TRUE,
        ['-'] = LG_JSON_NUMBER, ['0'] = LG_JSON_NUMBER, ['1'] = LG_JSON_NUMBER,
        ['2'] = LG_JSON_NUMBER, ['3'] = LG_JSON_NUMBER, ['4'] = LG_JSON_NUMBER,
        ['5'] = LG_JSON_NUMBER, ['6'] = LG_JSON_NUMBER, ['7'] = LG_JSON_NUMBER,
        ['8'] = LG_JSON_NUMBER, ['9'] = LG_JSON_NUMBER, ['"'] = LG_JSON_STRING,
        ['['] = LG_JSON_ARRAY,  ['{'] = LG_JSON_OBJECT,
    };
    const enum lg_json_kind kind = kinds[(unsigned char)peek(p, s->end)];

    s->at = p;
    s->kind = (uint8_t)kind;
    s->expect = LG_EXPECT_VALUE;
    switch (kind) {
    case LG_JSON_STRING:
        p = skip_string(s, p);
        break;
    case LG_JSON_OBJECT:
        return open_at(s, p, '}');
    case LG_JSON_ARRAY:
        return open_at(s, p, ']');
    case LG_JSON_NUMBER:
        p = skip_number(s, p);
        break;
    case LG_JSON_TRUE:
        p = skip_word(s, p, "true", 4);
        break;
    case LG_JSON_FALSE:
        p = skip_word(s, p, "false", 5);
        break;
    case LG_JSON_NULL:
        p = skip_word(s, p, "null", 4);
        break;
    case LG_JSON_NONE:
        return bad(s, p, "expected a value");
    }
    if (!p)
        return LG_SCAN_BAD;
    s->p = s->stop = p;
    s->expect = LG_EXPECT_COMMA;
    return LG_SCAN_VALUE;
}

static enum lg_scan_event key_at(struct lg_scan *s, const char *p)
{
    s->at = p;
    s->kind = LG_JSON_STRING;
    if (peek(p, s->end) != '"')
        return bad(s, p, "expected a member name");
    p = skip_string(s, p);
    if (!p)
        return LG_SCAN_BAD;
    s->stop = p;
    p = skip_space(p, s->end);
    if (peek(p, s->end) != ':')
        return bad(s, p, "expected ':'");
    s->p = p + 1;
    s->expect = LG_EXPECT_VALUE;
    return LG_SCAN_KEY;
}

enum lg_scan_event lg_scan_next(struct lg_scan *s)
{
    const char *p = skip_space(s->p, s->end);

    s->escaped = 0;
    if (s->expect != LG_EXPECT_VALUE) {
        const char closer = s->closers[s->depth];
        const char c = peek(p, s->end);

        if (!s->depth)
            return p == s->end ? LG_SCAN_END
                               : bad(s, p, "expected the end of the text");
        if (c == closer)
            return close_at(s, p);
        if (s->expect == LG_EXPECT_COMMA) {
            if (c != ',')
                return bad(s, p,
                           closer == '}' ? "expected ',' or '}'"
                                         : "expected ',' or ']'");
            p = skip_space(p + 1, s->end);
        }
        if (closer == '}')
            return key_at(s, p);
    }
    return value_at(s, p);
}
