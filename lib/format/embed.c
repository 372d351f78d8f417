/* SPDX-License-Identifier: MIT */
#include "lib/format/embed.h"

#include "lib/base/base64.h"
#include "lib/json/float.h"
#include "lib/json/text.h"

static const char *const encodings[LG_ENC_COUNT] = {
    [LG_ENC_FLOAT] = "float",   [LG_ENC_BASE64] = "base64",
    [LG_ENC_INT8] = "int8",     [LG_ENC_UINT8] = "uint8",
    [LG_ENC_BINARY] = "binary", [LG_ENC_UBINARY] = "ubinary",
    [LG_ENC_OTHER] = "other"};

const char *lg_encoding_name(unsigned encoding)
{
    return encodings[encoding];
}

/* ---- requests ----------------------------------------------------------- */

int lg_embed_input_add(struct lg_ctx *c, struct lg_embed_input ***end,
                       enum lg_embed_kind kind, struct lg_val v,
                       struct lg_ir_extra *extra)
{
    struct lg_embed_input *in = lg_arena_new(c->arena, struct lg_embed_input);

    if (!in)
        return lg_no_room(c);
    in->kind = (uint8_t)kind;
    in->val = lg_ir_of(v);
    in->extra = extra;
    **end = in;
    *end = &in->next;
    return 0;
}

int lg_embed_texts_read(struct lg_ctx *c, struct lg_val v,
                        enum lg_embed_kind kind, struct lg_embed_request *r)
{
    struct lg_embed_input **end = &r->inputs;
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    while (*end)
        end = &(*end)->next;
    r->bare = lg_val_kind(v) == LG_JSON_STRING;
    if (r->bare)
        return lg_embed_input_add(c, &end, kind, v, NULL);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a string or a list of them");
    while (rc >= 0 && lg_iter_next(&it)) {
        if (lg_val_kind(it.val) == LG_JSON_NUMBER ||
            lg_val_kind(it.val) == LG_JSON_ARRAY)
            return lg_lose(c->losses, it.val.i, LG_REJECTED,
                           "tokens are of one model only");
        rc = lg_val_kind(it.val) == LG_JSON_STRING
                 ? lg_embed_input_add(c, &end, kind, it.val, NULL)
                 : lg_val_fail(it.val, c->err, "expected a string");
    }
    return rc;
}

enum lg_encoding lg_encoding_of(struct lg_val word)
{
    int i = 0;

    while (i < LG_ENC_OTHER && !lg_val_is(word, encodings[i]))
        i++;
    return (enum lg_encoding)i;
}

static uint8_t encoding_bit(struct lg_val v)
{
    return (uint8_t)(1u << lg_encoding_of(v));
}

int lg_embed_encodings_read(struct lg_ctx *c, struct lg_val v,
                            struct lg_embed_request *r)
{
    struct lg_iter it = lg_iter_of(v);

    (void)c;
    r->param[LG_E_ENCODING] = lg_ir_of(v);
    if (lg_val_kind(v) == LG_JSON_STRING)
        r->encodings = encoding_bit(v);
    while (lg_val_kind(v) == LG_JSON_ARRAY && lg_iter_next(&it))
        r->encodings |= encoding_bit(it.val);
    return 0;
}

void lg_embed_texts_write(struct lg_writer *w, const struct lg_embed_request *r,
                          int bare)
{
    bare = bare && r->bare && r->inputs;
    if (!bare)
        lg_put(w, "[");
    for (const struct lg_embed_input *in = r->inputs; in; in = in->next) {
        if (in->kind != LG_EMBED_TEXT)
            lg_put_lose(w, in->val.tok, LG_REJECTED,
                        "texts are all that can be embedded");
        lg_ir_write(&w->jw, &in->val);
    }
    if (!bare)
        lg_put(w, "]");
}

/* Where base64 is not known, floats are as good: the answer is turned into
 * it. */
unsigned lg_embed_encodings_of(const struct lg_writer *w,
                               const struct lg_embed_request *r)
{
    const unsigned base64 = 1u << LG_ENC_BASE64;
    const unsigned has = w->c->self->embed->encodings;

    return (r->encodings & has) |
           (r->encodings & base64 & ~has ? 1u << LG_ENC_FLOAT : 0);
}

void lg_embed_encodings_write(struct lg_writer *w, const char *name,
                              const struct lg_embed_request *r)
{
    const unsigned bits = lg_embed_encodings_of(w, r);

    if (!bits)
        return;
    lg_put(w, "%k:[", name);
    for (unsigned i = 0; i < LG_ENC_OTHER; i++)
        if (bits >> i & 1)
            lg_put(w, "%s", encodings[i]);
    lg_put(w, "]");
}

void lg_embed_lose(struct lg_writer *w, const struct lg_embed_request *r)
{
    const struct lg_embed_ops *const self = w->c->self->embed;
    const unsigned floats = 1u << LG_ENC_FLOAT | 1u << LG_ENC_BASE64;
    const char *const why = lg_reason(w->c, "unknown to %s", w->c->self->name);

    for (unsigned p = 0; p < LG_E_COUNT; p++) {
        const int known = p == LG_E_ENCODING
                              ? !(r->encodings & ~(self->encodings | floats))
                              : self->params >> p & 1;

        if (!known)
            lg_put_drop(w, &r->param[p], why);
    }
    for (const struct lg_embed_input *in = r->inputs; in; in = in->next)
        lg_put_lose_extras(w, in->extra);
    lg_put_lose_extras(w, r->extra);
}

/* ---- answers: read ------------------------------------------------------ */

static int read_vector(struct lg_ctx *c, struct lg_val v, const char *inner,
                       struct lg_embed_vector *out)
{
    const int rc = inner ? lg_get(c, v, &out->extra, 0, inner, &out->val) : 0;

    if (!inner)
        out->val = lg_ir_of(v);
    return rc ? rc
           : out->val.kind == LG_JSON_ARRAY || out->val.kind == LG_JSON_STRING
               ? 0
               : lg_val_fail(v, c->err, "expected a vector");
}

/* Vectors that say their place stand there; where two say the same, or one
 * says what cannot be, all stand as they came. */
static void put_in_order(struct lg_val v, struct lg_embed_list *l,
                         struct lg_embed_vector *out)
{
    struct lg_iter it = lg_iter_of(v);
    int64_t at;

    for (size_t i = 0; lg_iter_next(&it); i++) {
        const struct lg_val index = lg_val_get(it.val, "index");

        if (lg_val_int(index, &at) || at < 0 || (uint64_t)at >= l->n ||
            out[at].val.kind)
            return;
        out[at] = l->v[i];
    }
    l->v = out;
}

struct lg_embed_list *lg_embed_list_new(struct lg_ctx *c, uint32_t tok,
                                        enum lg_encoding encoding, size_t n,
                                        struct lg_embed_answer *a)
{
    struct lg_embed_list *const l =
        lg_arena_new(c->arena, struct lg_embed_list);
    struct lg_embed_list **end = &a->lists;

    if (l)
        l->v = lg_arena_alloc(c->arena, n * sizeof(*l->v) + 1);
    if (!l || !l->v) {
        (void)lg_no_room(c);
        return NULL;
    }
    l->tok = tok;
    l->encoding = (uint8_t)encoding;
    l->n = n;
    while (*end)
        end = &(*end)->next;
    *end = l;
    return l;
}

int lg_embed_list_read(struct lg_ctx *c, struct lg_val v, const char *inner,
                       enum lg_encoding encoding, struct lg_embed_answer *a)
{
    struct lg_iter it = lg_iter_of(v);
    struct lg_embed_list *l;
    struct lg_embed_vector *order;
    size_t n = 0;
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of vectors");
    while (lg_iter_next(&it))
        n++;
    order = lg_arena_alloc(c->arena, n * sizeof(*order) + 1);
    l = order ? lg_embed_list_new(c, v.i, encoding, n, a) : NULL;
    if (!l)
        return lg_no_room(c);
    it = lg_iter_of(v);
    for (size_t i = 0; rc >= 0 && lg_iter_next(&it); i++)
        rc = read_vector(c, it.val, inner, &l->v[i]);
    if (rc >= 0 && inner)
        put_in_order(v, l, order);
    return rc;
}

/* ---- answers: written --------------------------------------------------- */

const struct lg_embed_list *lg_embed_list_pick(struct lg_writer *w,
                                               const struct lg_embed_answer *a)
{
    const struct lg_embed_list *best = a->lists;

    for (const struct lg_embed_list *l = a->lists; l; l = l->next)
        if (l->encoding < best->encoding)
            best = l;
    for (const struct lg_embed_list *l = a->lists; l; l = l->next)
        if (l != best)
            lg_put_lose(w, l->tok, LG_DROPPED, "one encoding an answer");
    if (best && best->encoding > LG_ENC_BASE64)
        lg_put_lose(w, best->tok, LG_APPROXIMATED,
                    "the numbers are no floats, and that cannot be told");
    return best;
}

/* Four bytes a number. */
static void put_bits(struct lg_buf *bytes, struct lg_str number)
{
    const uint32_t bits = lg_float_bits(number);
    const char b[4] = {(char)(bits & 0xff), (char)(bits >> 8 & 0xff),
                       (char)(bits >> 16 & 0xff), (char)(bits >> 24)};

    (void)lg_buf_add(bytes, b, sizeof(b));
}

static size_t span_in(struct lg_str s, const char *set)
{
    size_t n = 0;

    while (n < s.n && strchr(set, s.p[n]) && s.p[n])
        n++;
    return n;
}

/* An array that the reader knows to be JSON, by its text. */
static int pack(struct lg_str array, struct lg_buf *bytes)
{
    static const char number[] = "+-.0123456789eE";

    for (;;) {
        size_t n = span_in(array, " \t\r\n,[");

        array.p += n;
        array.n -= n;
        n = span_in(array, number);
        if (!n)
            return array.n == 1 ? 0 : -1; /* its end, or what is no number */
        put_bits(bytes, lg_str_from(array.p, n));
        array.p += n;
        array.n -= n;
    }
}

static void write_base64(struct lg_writer *w, const struct lg_ir_val *v)
{
    struct lg_buf bytes;
    struct lg_buf *const out = w->jw.out;

    lg_buf_init(&bytes, SIZE_MAX / 8);
    if (pack(v->s, &bytes)) {
        lg_put_lose(w, v->tok, LG_REJECTED, "a vector is of numbers");
    } else if (!bytes.err) {
        lg_jw_body(&w->jw, LG_STR(""));
        lg_writer_undo(w, out->n - 1); /* its closing quote */
        (void)lg_base64_write(out, lg_buf_span(&bytes));
        (void)lg_buf_byte(out, '"');
    }
    if (bytes.err && !out->err)
        out->err = bytes.err;
    lg_buf_done(&bytes);
}

static void write_floats(struct lg_writer *w, const struct lg_ir_val *v,
                         struct lg_str bytes)
{
    const unsigned char *b = (const unsigned char *)bytes.p;
    char text[LG_FLOAT_MAX];

    lg_put(w, "[");
    for (size_t i = 0; i < bytes.n; i += 4) {
        const size_t n = lg_float_text(b[i] | (uint32_t)b[i + 1] << 8 |
                                           (uint32_t)b[i + 2] << 16 |
                                           (uint32_t)b[i + 3] << 24,
                                       text);

        lg_jw_raw(&w->jw, n ? lg_str_from(text, n) : LG_STR("null"));
        if (!n)
            lg_put_lose(w, v->tok, LG_APPROXIMATED,
                        "an infinity or no number became null");
    }
    lg_put(w, "]");
}

static void write_numbers(struct lg_writer *w, const struct lg_ir_val *v)
{
    struct lg_buf text, bytes;

    lg_buf_init(&text, SIZE_MAX / 8);
    lg_buf_init(&bytes, SIZE_MAX / 8);
    (void)lg_json_unescape(&text, v->s, LG_TO_TEXT); /* a slash, perhaps */
    if (!text.err && lg_base64_read(&bytes, lg_buf_span(&text)) == -1)
        bytes.n = 1;
    if (text.err || bytes.err)
        w->jw.out->err = text.err ? text.err : bytes.err;
    else if (bytes.n % 4)
        lg_writer_fail(w, lg_fail(w->c->err, LLMGW_E_PROTOCOL, NULL,
                                  "a vector is no base64 of 32-bit floats"));
    else
        write_floats(w, v, lg_buf_span(&bytes));
    lg_buf_done(&text);
    lg_buf_done(&bytes);
}

void lg_embed_vector_write(struct lg_writer *w, const struct lg_ir_val *v,
                           int may_base64)
{
    const struct lg_bridge *const b = w->c->bridge;
    const int is_base64 = v->kind == LG_JSON_STRING;
    /* Not known what was asked: as it is. */
    const int wants =
        may_base64 &&
        (b && b->listed ? b->encodings >> LG_ENC_BASE64 & 1 : is_base64);

    if (w->rc || w->jw.out->err)
        return;
    if (wants == is_base64)
        lg_ir_write(&w->jw, v);
    else if (wants)
        write_base64(w, v);
    else
        write_numbers(w, v);
}

void lg_embed_answer_lose(struct lg_writer *w, const struct lg_embed_answer *a,
                          int tokens)
{
    for (const struct lg_embed_list *l = a->lists; l; l = l->next)
        for (size_t i = 0; i < l->n; i++)
            lg_put_lose_extras(w, l->v[i].extra);
    lg_put_lose_extras(w, a->extra);
    if (!tokens)
        lg_put_drop(w, &a->tokens,
                    lg_reason(w->c, "unknown to %s", w->c->self->name));
}

int64_t lg_embed_tokens(const struct lg_embed_answer *a)
{
    int64_t n;

    return lg_ir_int(&a->tokens, &n) || n < 0 ? -1 : n;
}
