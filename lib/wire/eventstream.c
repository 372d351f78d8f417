/* SPDX-License-Identifier: MIT */
#include "lib/wire/eventstream.h"

#include <llmgw/llmgw.h>

#define PRELUDE     12 /* length, length of the headers, CRC of both */
#define CRC         4
#define HEADERS_MAX ((size_t)128 << 10)
#define PAYLOAD_MAX ((size_t)24 << 20)
#define NAMES_MAX   32

/* ---- CRC-32 (IEEE 802.3) ------------------------------------------------- */

/* steps[i][v]: what v, as the i-th half byte of a word, makes of the CRC by
 * the time that the word has been shifted out. */
static const uint32_t steps[8][16] = {
    /* clang-format off */
    {0x00000000, 0xB8BC6765, 0xAA09C88B, 0x12B5AFEE,
     0x8F629757, 0x37DEF032, 0x256B5FDC, 0x9DD738B9,
     0xC5B428EF, 0x7D084F8A, 0x6FBDE064, 0xD7018701,
     0x4AD6BFB8, 0xF26AD8DD, 0xE0DF7733, 0x58631056},
    {0x00000000, 0x5019579F, 0xA032AF3E, 0xF02BF8A1,
     0x9B14583D, 0xCB0D0FA2, 0x3B26F703, 0x6B3FA09C,
     0xED59B63B, 0xBD40E1A4, 0x4D6B1905, 0x1D724E9A,
     0x764DEE06, 0x2654B999, 0xD67F4138, 0x866616A7},
    {0x00000000, 0x01C26A37, 0x0384D46E, 0x0246BE59,
     0x0709A8DC, 0x06CBC2EB, 0x048D7CB2, 0x054F1685,
     0x0E1351B8, 0x0FD13B8F, 0x0D9785D6, 0x0C55EFE1,
     0x091AF964, 0x08D89353, 0x0A9E2D0A, 0x0B5C473D},
    {0x00000000, 0x1C26A370, 0x384D46E0, 0x246BE590,
     0x709A8DC0, 0x6CBC2EB0, 0x48D7CB20, 0x54F16850,
     0xE1351B80, 0xFD13B8F0, 0xD9785D60, 0xC55EFE10,
     0x91AF9640, 0x8D893530, 0xA9E2D0A0, 0xB5C473D0},
    {0x00000000, 0x191B3141, 0x32366282, 0x2B2D53C3,
     0x646CC504, 0x7D77F445, 0x565AA786, 0x4F4196C7,
     0xC8D98A08, 0xD1C2BB49, 0xFAEFE88A, 0xE3F4D9CB,
     0xACB54F0C, 0xB5AE7E4D, 0x9E832D8E, 0x87981CCF},
    {0x00000000, 0x4AC21251, 0x958424A2, 0xDF4636F3,
     0xF0794F05, 0xBABB5D54, 0x65FD6BA7, 0x2F3F79F6,
     0x3B83984B, 0x71418A1A, 0xAE07BCE9, 0xE4C5AEB8,
     0xCBFAD74E, 0x8138C51F, 0x5E7EF3EC, 0x14BCE1BD},
    {0x00000000, 0x77073096, 0xEE0E612C, 0x990951BA,
     0x076DC419, 0x706AF48F, 0xE963A535, 0x9E6495A3,
     0x0EDB8832, 0x79DCB8A4, 0xE0D5E91E, 0x97D2D988,
     0x09B64C2B, 0x7EB17CBD, 0xE7B82D07, 0x90BF1D91},
    {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
     0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
     0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
     0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C},
    /* clang-format on */
};

static uint32_t get32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static void put32(char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++, v <<= 8)
        p[i] = (char)(unsigned char)(v >> 24);
}

/* Four bytes at a time: eight look-ups that wait for none of each other. */
static uint32_t crc_add(uint32_t crc, const char *p, size_t n)
{
    uint32_t word;

    crc = ~crc;
    for (; n >= 4; p += 4, n -= 4) {
        word = get32(p);
        word = crc ^ (word >> 24 | (word >> 8 & 0xFF00) |
                      (word << 8 & 0xFF0000) | word << 24);
        crc = 0;
        for (size_t i = 0; i < 8; i++, word >>= 4)
            crc ^= steps[i][word & 15];
    }
    for (; n; p++, n--) {
        word = crc ^ (unsigned char)*p;
        crc = crc >> 8 ^ steps[6][word & 15] ^ steps[7][word >> 4 & 15];
    }
    return ~crc;
}

/* ---- headers -------------------------------------------------------------- */

/* Take n bytes off the front; a NULL span if they are not there. */
static struct lg_str take(struct lg_str *rest, size_t n)
{
    struct lg_str s = {rest->p, n};

    if (n > rest->n)
        return (struct lg_str){0};
    rest->p += n;
    rest->n -= n;
    return s;
}

/* A big-endian number with a sign. */
static int64_t number(struct lg_str s)
{
    uint64_t v = s.n && (unsigned char)s.p[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return (int64_t)v;
}

static struct lg_str take_sized(struct lg_str *rest, size_t size)
{
    const struct lg_str n = take(rest, size);
    size_t len = 0;

    for (size_t i = 0; i < n.n; i++)
        len = len << 8 | (unsigned char)n.p[i];
    return n.p ? take(rest, len) : n;
}

int lg_header_next(struct lg_str *rest, struct lg_header *h)
{
    static const uint8_t sizes[] = {
        [LG_HEADER_INT8] = 1,      [LG_HEADER_INT16] = 2,
        [LG_HEADER_INT32] = 4,     [LG_HEADER_INT64] = 8,
        [LG_HEADER_TIMESTAMP] = 8, [LG_HEADER_UUID] = 16};
    struct lg_str type;

    if (!rest->n)
        return 0;
    h->name = take_sized(rest, 1);
    type = take(rest, 1);
    if (!h->name.n || !type.n || (unsigned char)*type.p > LG_HEADER_UUID)
        return LLMGW_E_PROTOCOL;
    h->type = (uint8_t)*type.p;
    if (h->type == LG_HEADER_BYTES || h->type == LG_HEADER_STRING)
        h->value = take_sized(rest, 2);
    else
        h->value = take(rest, sizes[h->type]);
    h->number = h->value.n <= 8 ? number(h->value) : 0;
    if (h->type == LG_HEADER_TRUE)
        h->number = 1;
    return h->value.p ? 1 : LLMGW_E_PROTOCOL;
}

/* Is it new? Nobody sends as many as could not be looked at. */
static int is_new(struct lg_str *names, size_t *n, struct lg_str name)
{
    for (size_t i = 0; i < *n; i++)
        if (lg_str_same(names[i], name))
            return 0;
    if (*n == NAMES_MAX)
        return 0;
    names[(*n)++] = name;
    return 1;
}

/* What the headers say that a frame has room for. */
struct said {
    struct lg_str type, message;
    struct lg_str name[LG_FRAME_ERROR + 1]; /* by the kind it is for */
};

static const char *const name_headers[] = {
    [LG_FRAME_EVENT] = ":event-type",
    [LG_FRAME_EXCEPTION] = ":exception-type",
    [LG_FRAME_ERROR] = ":error-code",
};

static int read_headers(struct lg_str rest, struct said *said)
{
    struct lg_str names[NAMES_MAX];
    struct lg_header h;
    size_t n = 0;
    int rc;

    *said = (struct said){.type = LG_STR("")};
    while ((rc = lg_header_next(&rest, &h)) > 0) {
        if (!is_new(names, &n, h.name))
            return LLMGW_E_PROTOCOL;
        if (h.type != LG_HEADER_STRING)
            continue;
        if (lg_str_is(h.name, ":message-type"))
            said->type = h.value;
        else if (lg_str_is(h.name, ":error-message"))
            said->message = h.value;
        for (size_t i = 0; i < LG_COUNT(name_headers); i++)
            if (lg_str_is(h.name, name_headers[i]))
                said->name[i] = h.value;
    }
    return rc;
}

/* ---- reading -------------------------------------------------------------- */

struct lg_str lg_eventstream_headers(const struct lg_frame *frame)
{
    return lg_str_from(frame->raw.p + PRELUDE, get32(frame->raw.p + 4));
}

/* How long the message is that begins here; 0: not all of its prelude is
 * there. A length is believed once its CRC is right. */
static int size_of(const struct lg_sse *s, struct lg_str in, size_t *size)
{
    const size_t most = HEADERS_MAX + PAYLOAD_MAX + PRELUDE + CRC;
    size_t headers;

    *size = 0;
    if (in.n < PRELUDE)
        return 0;
    headers = get32(in.p + 4);
    *size = get32(in.p);
    if (crc_add(0, in.p, 8) != get32(in.p + 8) || *size < PRELUDE + CRC ||
        headers > *size - PRELUDE - CRC)
        return LLMGW_E_PROTOCOL;
    return headers > HEADERS_MAX || *size - headers > most - HEADERS_MAX ||
                   *size > s->carry.max
               ? LLMGW_E_LIMIT
               : 0;
}

static int read_message(struct lg_str raw, struct lg_frame *out)
{
    const size_t end = raw.n - CRC;
    struct said said;
    struct lg_str headers;
    int rc;

    *out = (struct lg_frame){.raw = raw};
    if (crc_add(0, raw.p, end) != get32(raw.p + end))
        return LLMGW_E_PROTOCOL;
    headers = lg_eventstream_headers(out);
    rc = read_headers(headers, &said);
    if (rc < 0)
        return rc;
    out->data = lg_str_from(headers.p + headers.n, end - PRELUDE - headers.n);
    if (lg_str_is(said.type, "exception"))
        out->kind = LG_FRAME_EXCEPTION;
    else if (lg_str_is(said.type, "error"))
        out->kind = LG_FRAME_ERROR;
    if (out->kind == LG_FRAME_ERROR && said.message.p)
        out->data = said.message;
    out->event = said.name[out->kind].p ? said.name[out->kind] : LG_STR("");
    return 1;
}

/* The window's bytes up to the n-th of the message go to the carry. */
static int carry(struct lg_sse *s, size_t n)
{
    size_t more = n > s->carry.n ? n - s->carry.n : 0;

    if (more > s->window.n)
        more = s->window.n;
    if (lg_buf_add(&s->carry, s->window.p, more))
        return s->carry.err;
    lg_sse_skip(s, more);
    return 0;
}

/* The whole of the next message; a NULL span: it is not there yet. */
static int next_message(struct lg_sse *s, struct lg_str *raw)
{
    size_t size;
    int rc = size_of(s, s->carry.n ? lg_buf_span(&s->carry) : s->window, &size);

    *raw = (struct lg_str){0};
    if (rc < 0)
        return rc;
    if (!s->carry.n && size && size <= s->window.n) {
        *raw = lg_str_from(s->window.p, size);
        lg_sse_skip(s, size);
        return 0;
    }
    if (!size) {
        rc = carry(s, PRELUDE);
        if (rc >= 0)
            rc = size_of(s, lg_buf_span(&s->carry), &size);
    }
    if (rc >= 0 && size)
        rc = carry(s, size);
    if (rc < 0 || !size || s->carry.n < size)
        return rc;
    *raw = lg_buf_span(&s->carry);
    s->carry.n = 0; /* the bytes stay until more are carried */
    return 0;
}

int lg_eventstream_next(struct lg_sse *s, struct lg_frame *out)
{
    struct lg_str raw;
    int rc = s->carry.err;

    if (rc || !s->window.n)
        return rc;
    rc = next_message(s, &raw);
    if (rc >= 0 && raw.p)
        rc = read_message(raw, out);
    if (rc < 0)
        s->carry.err = rc;
    return rc;
}

int lg_eventstream_end(struct lg_sse *s, struct lg_frame *out)
{
    (void)out;
    if (s->carry.err || !s->carry.n)
        return s->carry.err;
    return s->carry.err = LLMGW_E_TRUNCATED;
}

/* ---- writing -------------------------------------------------------------- */

static void add_header(struct lg_buf *out, const char *name,
                       struct lg_str value)
{
    const size_t n = value.n < UINT16_MAX ? value.n : UINT16_MAX;

    (void)lg_buf_byte(out, (char)strlen(name));
    (void)lg_buf_str(out, lg_str_of(name));
    (void)lg_buf_byte(out, LG_HEADER_STRING);
    (void)lg_buf_byte(out, (char)(unsigned char)(n >> 8));
    (void)lg_buf_byte(out, (char)(unsigned char)(n & 0xFF));
    (void)lg_buf_add(out, value.p, n);
}

size_t lg_eventstream_begin(struct lg_buf *out, enum lg_frame_kind kind,
                            struct lg_str name)
{
    static const char prelude[PRELUDE];
    const size_t begin = out->n;

    (void)lg_buf_add(out, prelude, PRELUDE);
    add_header(out, name_headers[kind], name);
    add_header(out, ":content-type", LG_STR("application/json"));
    add_header(out, ":message-type",
               kind == LG_FRAME_EVENT ? LG_STR("event") : LG_STR("exception"));
    if (!out->err)
        put32(out->p + begin + 4, (uint32_t)(out->n - begin - PRELUDE));
    return begin;
}

void lg_eventstream_finish(struct lg_buf *out, size_t begin)
{
    const size_t n = out->n - begin;
    char crc[CRC];
    char *p;

    if (!out->err && n > UINT32_MAX - CRC)
        out->err = LLMGW_E_LIMIT;
    if (out->err)
        return;
    p = out->p + begin;
    put32(p, (uint32_t)(n + CRC));
    put32(p + 8, crc_add(0, p, 8));
    put32(crc, crc_add(0, p, n));
    (void)lg_buf_add(out, crc, CRC);
}
