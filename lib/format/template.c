/* SPDX-License-Identifier: MIT */
#include "lib/format/template.h"

#include <llmgw/llmgw.h>

#include "lib/base/mem.h"
#include "lib/json/bytes.h"

/* ---- recognising ------------------------------------------------------- */

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* Behind the escape that begins at `p`; NULL if it is none. */
static inline const char *skip_escape(const char *p, const char *end)
{
    if (end - p < 2)
        return NULL;
    switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;
    case 'u':
        if (end - p < 6)
            return NULL;
        for (int i = 2; i < 6; i++) {
            if (!is_hex(p[i]))
                return NULL;
        }
        return p + 6;
    default:
        return NULL;
    }
}

/* The closing quote of the string body that goes on at `p`; NULL if it is no
 * valid one or goes on behind `end`. `plain` is 0 once an escape was seen. */
static const char *odd_body_end(const char *p, const char *end, uint8_t *plain)
{
    for (;; p = lg_skip_plain(p, end)) {
        if (p == end)
            return NULL;
        if (*p == '"')
            return p;
        if (*p == '\\') {
            *plain = 0;
            p = skip_escape(p, end);
            if (!p)
                return NULL;
        }
        while (p < end && (unsigned char)*p >= 0x80) {
            const size_t n = lg_utf8_len(p, end);

            if (!n)
                return NULL;
            p += n;
        }
        if (p < end && (unsigned char)*p < 0x20)
            return NULL;
    }
}

static inline const char *body_end(const char *p, const char *end,
                                   uint8_t *plain)
{
    p = lg_skip_plain(p, end);
    *plain = 1;
    return LG_LIKELY(p < end && *p == '"') ? p : odd_body_end(p, end, plain);
}

/* Behind the digits of a count: one that JSON allows, or none. */
static inline const char *digits_end(const char *p, const char *end)
{
    const char *const from = p;

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p > from + 1 && *from == '0' ? from : p;
}

static inline uint64_t word(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Does the text begin with the i-th piece, which is at `known`? Most are a few
 * bytes: no call for them. */
static inline int has_piece(const struct lg_template *t, size_t i,
                            const char *known, const char *p, const char *end)
{
    const size_t n = t->piece[i].n, left = (size_t)(end - p);

    if (LG_LIKELY(t->piece[i].mask && left >= sizeof(uint64_t)))
        return (word(p) & t->piece[i].mask) == t->piece[i].word;
    return left >= n && memcmp(p, known, n) == 0;
}

size_t lg_template_match(struct lg_template *t, struct lg_str text)
{
    const char *p = text.p, *const end = text.p + text.n;
    const char *known = t->bytes.p, *from;
    uint8_t plain;

    for (size_t i = 0;; i++) {
        if (!has_piece(t, i, known, p, end))
            return 0;
        p += t->piece[i].n;
        known += t->piece[i].n;
        from = p;
        switch (t->piece[i].gap) {
        case LG_GAP_END:
            return (size_t)(p - text.p);
        case LG_GAP_PAD:
            while (p < end && *p == ' ')
                p++;
            break;
        case LG_GAP_HOLE:
            p = body_end(p, end, &plain);
            if (!p)
                return 0;
            break;
        case LG_GAP_COUNT:
            p = digits_end(p, end);
            if (p == from)
                return 0;
            break;
        case LG_GAP_LEAF:
            p = body_end(p, end, &t->event.plain);
            if (!p || p == from) /* empty: to the format it may be no event */
                return 0;
            t->event.text = lg_str_from(from, (size_t)(p - from));
            break;
        }
    }
}

struct lg_frame lg_template_frame(const struct lg_template *t,
                                  struct lg_str raw)
{
    return (struct lg_frame){
        .raw = raw,
        .event = lg_str_from(raw.p + t->name, t->name_n),
        .data = lg_str_from(raw.p + t->data, raw.n - t->data - t->tail)};
}

struct lg_template *lg_template_new(size_t max)
{
    struct lg_template *t = lg_zalloc(sizeof(*t));

    if (t)
        lg_buf_init(&t->bytes, max);
    return t;
}

void lg_template_free(struct lg_template *t)
{
    if (t)
        lg_buf_done(&t->bytes);
    lg_free(t);
}

/* ---- learning ---------------------------------------------------------- */

struct gap {
    struct lg_str at;
    enum lg_gap kind;
};

/* Is `part` in `text`, with at least a byte before and behind it? */
static int is_within(struct lg_str text, struct lg_str part)
{
    const uintptr_t from = (uintptr_t)text.p, at = (uintptr_t)part.p;

    return part.p && at > from && at - from < text.n &&
           part.n < text.n - (at - from);
}

static int is_body(struct lg_str text, struct lg_str body)
{
    return is_within(text, body) && body.p[-1] == '"' && body.p[body.n] == '"';
}

/* A count, with something behind it that ends it. */
static int is_count(struct lg_str text, struct lg_str number)
{
    return is_within(text, number) && number.n &&
           digits_end(number.p, number.p + number.n) == number.p + number.n;
}

/* One data line, behind the event name; it begins with no line end that
 * belongs to the frame before, nor with a byte order mark; and what it ends
 * with is the whole line end. */
static int is_regular(const struct lg_frame *f, struct lg_str leaf)
{
    return is_body(f->raw, leaf) &&
           (f->event.n == 0 ||
            (is_within(f->raw, f->event) && f->event.p < f->data.p)) &&
           f->raw.p[0] > ' ' && f->raw.p[f->raw.n - 1] == '\n';
}

/* The longest run of spaces between the tokens of [p, end), where `p` is
 * behind a string: Anthropic hides lengths with spaces of any number. */
static struct lg_str find_pad(const char *p, const char *end)
{
    struct lg_str best = {0};
    int quoted = 0;

    while (p < end) {
        const char *from = p;

        while (!quoted && p < end && *p == ' ')
            p++;
        if (p > from && (size_t)(p - from) >= best.n)
            best = (struct lg_str){from, (size_t)(p - from)};
        if (p == end)
            break;
        if (*p == '"')
            quoted = !quoted;
        else if (quoted && *p == '\\')
            p++;
        p++;
    }
    return best;
}

static void insert(struct gap *gaps, size_t n, struct lg_str at,
                   enum lg_gap kind)
{
    while (n && gaps[n - 1].at.p > at.p) {
        gaps[n] = gaps[n - 1];
        n--;
    }
    gaps[n] = (struct gap){at, kind};
}

static void set_word(struct lg_template *t, size_t i, const char *p)
{
    unsigned char ones[sizeof(uint64_t)] = {0};
    char bytes[sizeof(uint64_t)] = {0};

    t->piece[i].mask = t->piece[i].word = 0;
    if (!t->piece[i].n || t->piece[i].n > sizeof(bytes))
        return;
    memset(ones, 0xFF, t->piece[i].n);
    memcpy(bytes, p, t->piece[i].n);
    memcpy(&t->piece[i].mask, ones, sizeof(ones));
    memcpy(&t->piece[i].word, bytes, sizeof(bytes));
}

static int cut(struct lg_template *t, struct lg_str raw, const struct gap *gaps,
               size_t n)
{
    const char *p = raw.p;

    lg_buf_reset(&t->bytes);
    for (size_t i = 0; i <= n; i++) {
        const int last = i == n;
        const char *stop = last ? raw.p + raw.n : gaps[i].at.p;

        if (stop < p)
            return LLMGW_E_INVALID;
        t->piece[i].n = (size_t)(stop - p);
        t->piece[i].gap = last ? LG_GAP_END : gaps[i].kind;
        set_word(t, i, p);
        lg_buf_add(&t->bytes, p, t->piece[i].n);
        p = last ? stop : stop + gaps[i].at.n;
    }
    return t->bytes.err;
}

int lg_template_learn(struct lg_template *t, const struct lg_frame *frame,
                      const struct lg_ir_event *ev, struct lg_str hole,
                      struct lg_str number)
{
    const struct lg_str raw = frame->raw, data = frame->data, leaf = ev->text;
    struct gap gaps[LG_GAPS] = {{leaf, LG_GAP_LEAF}};
    struct lg_str pad;
    size_t n = 1;
    int rc;

    if (!is_regular(frame, leaf) || (hole.p && !is_body(data, hole)))
        return 0;
    if (hole.p)
        insert(gaps, n++, hole, LG_GAP_HOLE);
    if (is_count(data, number))
        insert(gaps, n++, number, LG_GAP_COUNT);
    pad = find_pad(leaf.p + leaf.n + 1, data.p + data.n);
    if (pad.n)
        insert(gaps, n++, pad, LG_GAP_PAD);
    rc = cut(t, raw, gaps, n);
    if (rc < 0)
        return rc;
    t->data = (size_t)(data.p - raw.p);
    t->tail = raw.n - t->data - data.n;
    t->name = frame->event.n ? (size_t)(frame->event.p - raw.p) : 0;
    t->name_n = frame->event.n;
    t->event = *ev;
    return 1;
}
