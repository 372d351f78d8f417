/* SPDX-License-Identifier: MIT */
#include "lib/wire/sse.h"

#include <llmgw/llmgw.h>

#define BOM LG_STR("\xEF\xBB\xBF")

static inline int is_eol(char c)
{
    return c == '\n' || c == '\r';
}

/* Two ways to look at many bytes at once:
 * - skim(): step from p over blocks of bytes that hold no line end;
 * - line_end(): the first CR or LF of [p, end), or end. `lo` <= p: from there
 *   on bytes may be read. */
#if defined(__SSE2__) && defined(__GNUC__)

#    include <emmintrin.h>

static inline __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline unsigned eol_mask(const char *p)
{
    const __m128i x = load(p);

    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n')),
                     _mm_cmpeq_epi8(x, _mm_set1_epi8('\r'))));
}

/* It stops at any byte up to CR: in JSON there is hardly another. */
static inline const char *skim(const char *p, const char *end)
{
    const __m128i cr = _mm_set1_epi8('\r');

    for (size_t n = (size_t)(end - p); n >= 32; n -= 32, p += 32) {
        const __m128i low = _mm_min_epu8(load(p), load(p + 16));

        if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(low, cr), low)))
            break;
    }
    return p;
}

static inline const char *line_end(const char *lo, const char *p,
                                   const char *end)
{
    size_t n = (size_t)(end - p);
    unsigned mask;

    for (; n >= 16; n -= 16, p += 16) {
        mask = eol_mask(p);
        if (mask)
            return p + __builtin_ctz(mask);
    }
    if (LG_LIKELY(end - lo >= 16)) {
        mask = eol_mask(end - 16) >> (16 - n);
        return mask ? p + __builtin_ctz(mask) : end;
    }
    while (p < end && !is_eol(*p))
        p++;
    return p;
}

#else

#    define ONES UINT64_C(0x0101010101010101)

static inline uint64_t zero_bytes(uint64_t x)
{
    return (x - ONES) & ~x & (ONES << 7);
}

static inline const char *skim(const char *p, const char *end)
{
    uint64_t x;

    for (; end - p >= 8; p += 8) {
        memcpy(&x, p, sizeof(x));
        if (zero_bytes(x ^ (ONES * '\n')) | zero_bytes(x ^ (ONES * '\r')))
            break;
    }
    return p;
}

static inline const char *line_end(const char *lo, const char *p,
                                   const char *end)
{
    (void)lo;
    while (p < end && !is_eol(*p))
        p++;
    return p;
}

#endif

/* Behind the line end that begins at p. */
static inline const char *line_next(const char *p, const char *end)
{
    const int crlf = *p == '\r' && end - p > 1 && p[1] == '\n';

    return p + 1 + crlf;
}

void lg_sse_init(struct lg_sse *s, size_t max)
{
    *s = (struct lg_sse){0};
    lg_buf_init(&s->carry, max);
    lg_buf_init(&s->joined, max);
}

void lg_sse_done(struct lg_sse *s)
{
    lg_buf_done(&s->carry);
    lg_buf_done(&s->joined);
}

void lg_sse_reset(struct lg_sse *s)
{
    s->window = (struct lg_str){0};
    lg_buf_reset(&s->carry);
    lg_buf_reset(&s->joined);
    s->started = 0;
    s->skip_lf = 0;
}

void lg_sse_feed(struct lg_sse *s, const char *p, size_t n)
{
    s->window = lg_str_from(p, n);
    if (s->skip_lf && !s->carry.n && n && *p != '\n')
        s->skip_lf = 0;
}

/* The value of the line [p, end) if its field is called so. */
static inline int field_is(const char *p, const char *end, struct lg_str name,
                           struct lg_str *value)
{
    const size_t n = (size_t)(end - p);

    if (n < name.n || memcmp(p, name.p, name.n) != 0)
        return 0;
    p += name.n;
    if (p < end) {
        if (*p++ != ':')
            return 0;
        if (p < end && *p == ' ')
            p++;
    }
    *value = lg_str_from(p, (size_t)(end - p));
    return 1;
}

static int join(struct lg_sse *s, struct lg_frame *f, struct lg_str value)
{
    if (f->data.p != s->joined.p) {
        lg_buf_reset(&s->joined);
        lg_buf_str(&s->joined, f->data);
    }
    lg_buf_byte(&s->joined, '\n');
    lg_buf_str(&s->joined, value);
    f->data = lg_buf_span(&s->joined);
    s->carry.err = s->joined.err;
    return s->carry.err;
}

static inline int read_field(struct lg_sse *s, struct lg_frame *f,
                             const char *p, const char *end)
{
    struct lg_str value;

    if (LG_LIKELY(field_is(p, end, LG_STR("data"), &value))) {
        if (f->data.p)
            return join(s, f, value);
        f->data = value;
    } else if (field_is(p, end, LG_STR("event"), &value)) {
        f->event = value;
    }
    return 0;
}

static inline int begins(const char *p, const char *end, struct lg_str with)
{
    return lg_str_starts(lg_str_from(p, (size_t)(end - p)), with);
}

static inline size_t bom_size(const struct lg_sse *s, const char *p,
                              const char *end)
{
    return LG_LIKELY(s->started) || !begins(p, end, BOM) ? 0 : BOM.n;
}

/* Read the lines of `in` up to a blank one: 1, and *stop is behind it; 0 if
 * there is none. `whole`: where `in` ends, the frame does. */
static inline int read_lines(struct lg_sse *s, struct lg_str in, int whole,
                             struct lg_frame *f, const char **stop)
{
    const char *const end = in.p + in.n;
    const char *line = in.p + s->skip_lf;
    size_t bom = bom_size(s, in.p, end);
    int err;

    f->event = LG_STR("");
    f->data = (struct lg_str){0};
    while (line < end) {
        const char *eol = line_end(in.p, skim(line, end), end);

        if (eol == end && !whole)
            return 0;
        if (eol == line) {
            *stop = line_next(eol, end);
            return 1;
        }
        err = read_field(s, f, line + bom, eol);
        if (err)
            return err;
        line = eol == end ? end : line_next(eol, end);
        bom = 0;
    }
    *stop = end;
    return whole;
}

/* How much of the window belongs to the frame in carry, if it ends there; else
 * 0. No byte of carry is looked at but its last: it has no frame end in it. */
static size_t carried_end(const struct lg_sse *s)
{
    const char *const lo = s->window.p, *const end = lo + s->window.n;
    const char last = s->carry.p[s->carry.n - 1];
    const char *p = lo + (last == '\r' && *lo == '\n');

    if (!is_eol(last)) {
        p = line_end(lo, skim(p, end), end);
        if (p < end)
            p = line_next(p, end);
    }
    while (p < end) {
        const char *eol = line_end(lo, skim(p, end), end);

        if (eol == end)
            break;
        if (eol == p)
            return (size_t)(line_next(eol, end) - lo);
        p = line_next(eol, end);
    }
    return 0;
}

/* A CR that is the last byte so far ends its line at once; whether an LF
 * belongs to it shows later. */
static inline int done(struct lg_sse *s, struct lg_frame *f, struct lg_str raw)
{
    f->raw = raw;
    s->started = 1;
    s->skip_lf = !s->window.n && raw.p[raw.n - 1] == '\r';
    return 1;
}

static int next_carried(struct lg_sse *s, struct lg_frame *out)
{
    const size_t n = carried_end(s);
    const struct lg_str piece = {s->window.p, n ? n : s->window.n};
    const char *stop;
    struct lg_str raw;
    int rc;

    if (lg_buf_str(&s->carry, piece))
        return s->carry.err;
    lg_sse_skip(s, piece.n);
    if (!n)
        return 0;
    raw = lg_buf_span(&s->carry);
    rc = read_lines(s, raw, 1, out, &stop);
    if (rc < 0)
        return rc;
    s->carry.n = 0; /* the bytes stay until more are carried */
    return done(s, out, raw);
}

/* The line end at p, LF or CR LF, as a length. 0: a CR alone, or none. */
static inline size_t eol_size(const char *p, const char *end)
{
    if (LG_LIKELY(p < end && *p == '\n'))
        return 1;
    return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

/* The shape nearly every frame has: an event line or none, one data line. How
 * long it is; 0 if this is another, or not all of it is there. */
static inline size_t plain_frame(struct lg_str in, struct lg_frame *f)
{
    const struct lg_str event = LG_STR("event: "), data = LG_STR("data: ");
    const char *const end = in.p + in.n;
    const char *p = in.p, *eol;
    size_t n;

    f->event = LG_STR("");
    if (begins(p, end, event)) {
        p += event.n;
        eol = line_end(in.p, p, end);
        n = eol_size(eol, end);
        if (!n)
            return 0;
        f->event = lg_str_from(p, (size_t)(eol - p));
        p = eol + n;
    }
    if (!begins(p, end, data))
        return 0;
    p += data.n;
    eol = line_end(in.p, skim(p, end), end);
    f->data = lg_str_from(p, (size_t)(eol - p));
    n = eol_size(eol, end);
    p = eol + n;
    eol = p + eol_size(p, end);
    return n && eol > p ? (size_t)(eol - in.p) : 0;
}

static LG_APART int next_any(struct lg_sse *s, struct lg_frame *out)
{
    const char *stop;
    struct lg_str raw;
    int rc;

    if (s->carry.err)
        return s->carry.err;
    if (!s->window.n)
        return 0;
    if (s->carry.n)
        return next_carried(s, out);
    rc = read_lines(s, s->window, 0, out, &stop);
    if (rc < 0)
        return rc;
    raw = lg_str_from(s->window.p,
                      rc ? (size_t)(stop - s->window.p) : s->window.n);
    if (raw.n > s->carry.max)
        return s->carry.err = LLMGW_E_LIMIT;
    lg_sse_skip(s, raw.n);
    return rc ? done(s, out, raw) : lg_buf_str(&s->carry, raw);
}

int lg_sse_next(struct lg_sse *s, struct lg_frame *out)
{
    const size_t n = lg_sse_peek(s).n ? plain_frame(s->window, out) : 0;

    if (LG_LIKELY(n && n <= s->carry.max && !s->carry.err)) {
        out->raw = lg_str_from(s->window.p, n);
        lg_sse_skip(s, n);
        return 1;
    }
    return next_any(s, out);
}

int lg_sse_end(struct lg_sse *s, struct lg_frame *out)
{
    const struct lg_str raw = lg_buf_span(&s->carry);
    const char *stop;
    int rc;

    if (s->carry.err || !raw.n)
        return s->carry.err;
    rc = read_lines(s, raw, 1, out, &stop);
    if (rc < 0)
        return rc;
    s->carry.n = 0;
    return done(s, out, raw);
}
