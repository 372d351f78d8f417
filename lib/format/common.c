/* SPDX-License-Identifier: MIT */
#include "lib/format/format.h"

#include "lib/json/text.h"

#include <stdarg.h>
#include <stdio.h>

const struct lg_policy lg_policy_default = {
    .anthropic_version = "2023-06-01",
    .max_tokens = 4096,
};

int lg_old_max_tokens(const struct lg_policy *p)
{
    const unsigned field = p->facts ? p->facts->tokens_field : LG_TOKENS_ANY;

    if (p->old_max_tokens > 1 || p->old_max_tokens < 0 ||
        field == LG_TOKENS_ANY)
        return p->old_max_tokens > 0;
    return field == LG_TOKENS_MAX_TOKENS;
}

int lg_no_room(struct lg_ctx *c)
{
    return lg_fail_mem(c->err, c->arena->err);
}

int lg_no_keep(struct lg_ctx *c)
{
    return lg_fail_mem(c->err, c->keep->err);
}

int lg_not_understood(struct lg_err *e, int rc)
{
    if (rc != LLMGW_E_JSON)
        return rc;
    if (e)
        e->code = LLMGW_E_PROTOCOL;
    return LLMGW_E_PROTOCOL;
}

int lg_protocol(struct lg_ctx *c, int rc)
{
    return lg_not_understood(c->err, rc);
}

struct chain {
    struct lg_ctx *c;
    struct lg_ir_extra **tail;
    uint8_t level;
};

static int chain_add(void *user, struct lg_val key, struct lg_val val)
{
    struct chain *ch = user;
    struct lg_ir_extra *x = lg_arena_new(ch->c->arena, struct lg_ir_extra);

    if (!x)
        return lg_no_room(ch->c);
    x->key = lg_val_body(key);
    lg_ir_set(&x->val, val);
    x->level = ch->level;
    *ch->tail = x;
    ch->tail = &x->next;
    return 0;
}

static struct chain chain_at(struct lg_ctx *c, struct lg_ir_extra **extra,
                             uint8_t level)
{
    while (*extra)
        extra = &(*extra)->next;
    return (struct chain){c, extra, level};
}

/* Is it `name`, as it is or in snake_case? */
static int is_spelled(struct lg_str body, const char *name)
{
    size_t i = 0;

    for (; *name; name++, i++) {
        if (i < body.n && body.p[i] == *name)
            continue;
        if (*name < 'A' || *name > 'Z' || body.n < i + 2 || body.p[i] != '_' ||
            body.p[i + 1] != *name - 'A' + 'a')
            return 0;
        i++;
    }
    return i == body.n;
}

/* Where all goes back as it was, another spelling is another name. */
static int is_loose(const struct lg_ctx *c)
{
    return c->self->proto_names && !c->keep_extras;
}

int lg_key_is(const struct lg_ctx *c, struct lg_val key, const char *name)
{
    return is_loose(c) ? is_spelled(lg_val_body(key), name)
                       : lg_val_is(key, name);
}

struct lg_val lg_member(const struct lg_ctx *c, struct lg_val obj,
                        const char *name)
{
    struct lg_iter it = lg_iter_of(obj);

    while (lg_val_kind(obj) == LG_JSON_OBJECT && lg_iter_next(&it))
        if (lg_key_is(c, it.key, name))
            return it.val;
    return (struct lg_val){0};
}

/* lg_val_members() of names that may be in snake_case. */
static int loose_members(struct lg_val obj, const char *const *names, size_t n,
                         struct lg_val *out, struct chain *ch,
                         struct lg_err *err)
{
    struct lg_iter it = lg_iter_of(obj);
    int rc = 0;

    if (lg_val_kind(obj) != LG_JSON_OBJECT)
        return lg_val_fail(obj, err, "expected an object");
    for (size_t i = 0; i < n; i++)
        out[i] = (struct lg_val){0};
    while (!rc && lg_iter_next(&it)) {
        size_t i = 0;

        while (i < n && !is_spelled(lg_val_body(it.key), names[i]))
            i++;
        if (i < n && out[i].doc)
            rc = lg_val_fail(it.val, err, "a member named twice");
        else if (i < n)
            out[i] = it.val;
        else if (ch)
            rc = chain_add(ch, it.key, it.val);
    }
    return rc;
}

int lg_fields(struct lg_ctx *c, struct lg_val obj, const char *const *names,
              size_t n, struct lg_val *out, struct lg_ir_extra **extra,
              uint8_t level)
{
    struct chain ch = {0};

    if (extra)
        ch = chain_at(c, extra, level);
    if (is_loose(c))
        return loose_members(obj, names, n, out, extra ? &ch : NULL, c->err);
    if (!extra)
        return lg_val_members(obj, names, n, out, NULL, NULL, c->err);
    return lg_val_members(obj, names, n, out, chain_add, &ch, c->err);
}

int lg_extra_add(struct lg_ctx *c, struct lg_ir_extra **extra,
                 struct lg_val key, struct lg_val val, uint8_t level)
{
    struct chain ch = chain_at(c, extra, level);

    return chain_add(&ch, key, val);
}

int lg_extra_keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                  uint8_t level)
{
    /* A member's key is the token before it. */
    return v.doc ? lg_extra_add(c, extra, (struct lg_val){v.doc, v.i - 1}, v,
                                level)
                 : 0;
}

int lg_extra_has(const struct lg_ir_extra *extra, uint8_t level)
{
    while (extra && extra->level != level)
        extra = extra->next;
    return extra != NULL;
}

void lg_extra_write(const struct lg_ctx *c, struct lg_jw *w,
                    const struct lg_ir_extra *extra, uint8_t level,
                    const struct lg_format *origin)
{
    if (origin != c->self)
        return;
    for (; extra; extra = extra->next) {
        if (extra->level != level)
            continue;
        lg_jw_key_body(w, extra->key);
        lg_ir_write(w, &extra->val);
    }
}

int lg_is_object(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                 uint8_t level)
{
    const enum lg_json_kind kind = lg_val_kind(v);

    if (kind == LG_JSON_OBJECT)
        return 1;
    if (kind <= LG_JSON_NULL)
        return lg_extra_keep(c, extra, v, level);
    return lg_val_fail(v, c->err, "expected an object");
}

int lg_extra_lose(struct lg_ctx *c, const struct lg_ir_extra *extra,
                  const struct lg_format *origin)
{
    const char *reason = NULL;
    int rc = 0;

    if (origin == c->self || !c->losses)
        return 0;
    for (; extra && !rc; extra = extra->next) {
        if (!lg_ir_has(&extra->val))
            continue;
        if (!reason)
            reason = lg_reason(c, "unknown to %s", c->self->name);
        rc = lg_lose(c->losses, extra->val.tok, LG_DROPPED, reason);
    }
    return rc;
}

/* The text of a value that was itself text inside a string. It is written
 * whole or, without memory, not at all; out->err tells. */
static void write_inner(struct lg_jw *w, struct lg_str body)
{
    struct lg_buf tmp;

    if (!body.n || !memchr(body.p, '\\', body.n)) {
        lg_jw_raw(w, body);
        return;
    }
    lg_buf_init(&tmp, w->out->max);
    if (!lg_json_unescape(&tmp, body, LG_TO_JSON))
        lg_jw_raw(w, lg_buf_span(&tmp));
    else if (!w->out->err)
        w->out->err = tmp.err;
    lg_buf_done(&tmp);
}

void lg_ir_write(struct lg_jw *w, const struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE)
        lg_jw_null(w);
    else if (v->in_string)
        write_inner(w, v->s);
    else if (v->kind == LG_JSON_STRING)
        lg_jw_body(w, v->s);
    else
        lg_jw_raw(w, v->s);
}

void lg_ir_member(struct lg_jw *w, const char *name, const struct lg_ir_val *v)
{
    if (v->kind == LG_JSON_NONE)
        return;
    lg_jw_key(w, name);
    lg_ir_write(w, v);
}

const char *lg_reason(struct lg_ctx *c, const char *fmt, ...)
{
    char text[LG_TEXT_MAX];
    const char *out;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0)
        n = 0;
    else if ((size_t)n >= sizeof(text))
        n = sizeof(text) - 1;
    /* In `keep`: the report outlives the frame. A loss without its reason is
     * better than no report. */
    out = lg_arena_dup(c->keep, lg_str_from(text, (size_t)n));
    return out ? out : "";
}

/* What was made in `b`, in the arena; `b` is done. */
static int settle(struct lg_ctx *c, struct lg_buf *b, struct lg_str *out)
{
    int rc = b->err;

    *out = (struct lg_str){0};
    if (!rc) {
        *out = lg_str_from(lg_arena_dup(c->arena, lg_buf_span(b)), b->n);
        rc = out->p ? 0 : c->arena->err;
    }
    lg_buf_done(b);
    return rc ? lg_fail_mem(c->err, rc) : 0;
}

int lg_escaped(struct lg_ctx *c, struct lg_str json, struct lg_str *body)
{
    struct lg_buf b;

    lg_buf_init(&b, SIZE_MAX / 8);
    (void)lg_json_escape(&b, json);
    return settle(c, &b, body);
}

int lg_frame_json(struct lg_ctx *c, struct lg_str data, struct lg_json *doc,
                  int *repaired, struct lg_err *err)
{
    struct lg_buf b;
    int rc = lg_json_read(doc, c->arena, data, err);

    if (rc != LLMGW_E_JSON || lg_utf8_valid(data) == data.n)
        return rc;
    *repaired = 1;
    lg_buf_init(&b, SIZE_MAX / 8);
    (void)lg_utf8_repair(&b, data);
    rc = settle(c, &b, &data);
    return rc ? rc : lg_json_read(doc, c->arena, data, err);
}

int64_t lg_count(struct lg_val v)
{
    int64_t n;

    return lg_val_int(v, &n) || n < 0 ? -1 : n;
}

int64_t lg_count_of(struct lg_val obj, const char *name)
{
    return lg_count(lg_val_get(obj, name));
}

int64_t lg_count_plus(int64_t a, int64_t b)
{
    a = lg_at_least_zero(a);
    b = lg_at_least_zero(b);
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int lg_call_id(struct lg_ctx *c, struct lg_arena *a, struct lg_str answer,
               unsigned choice, unsigned n, struct lg_ir_val *id)
{
    char text[64];
    int at = snprintf(text, sizeof(text), "call_");

    for (size_t i = 0; i < answer.n && at < 40; i++) {
        const char ch = answer.p[i];

        if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
            (ch >= 'A' && ch <= 'Z'))
            text[at++] = ch;
    }
    (void)snprintf(text + at, sizeof(text) - (size_t)at, "_%u_%u", choice, n);
    *id = lg_ir_word(lg_arena_dup(a, lg_str_of(text)));
    return id->s.p ? 0 : lg_fail_mem(c->err, a->err);
}

void lg_prefix_cut(struct lg_ir_val *v, const char *prefix)
{
    const size_t n = strlen(prefix);

    if (v->kind == LG_JSON_STRING && lg_str_starts(v->s, lg_str_of(prefix)))
        v->s = lg_str_from(v->s.p + n, v->s.n - n);
}

int lg_prefix_add(struct lg_ctx *c, struct lg_ir_val *v, const char *prefix)
{
    const size_t n = strlen(prefix);
    char *p;

    if (v->kind != LG_JSON_STRING || !v->s.n || memchr(v->s.p, '/', v->s.n))
        return 0;
    p = lg_arena_raw(c->arena, n + v->s.n);
    if (!p)
        return lg_no_room(c);
    memcpy(p, prefix, n);
    memcpy(p + n, v->s.p, v->s.n);
    v->s = lg_str_from(p, n + v->s.n);
    return 0;
}

int lg_chat_of_read_error(struct lg_ctx *c, const struct lg_json *doc,
                          int status, struct lg_ir_error *e)
{
    const struct lg_format *const self = c->self;
    int rc;

    c->self = self->chat;
    rc = c->self->read_error(c, doc, status, e);
    c->self = self;
    return rc;
}

int lg_chat_of_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                           struct lg_buf *out)
{
    const struct lg_format *const self = c->self;
    int rc;

    c->self = self->chat;
    rc = c->self->write_error(c, e, out);
    c->self = self;
    return rc;
}

int lg_stops_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_stops *s)
{
    struct lg_iter it = lg_iter_of(v);
    size_t n = 1;

    s->tok = v.i;
    while (lg_iter_next(&it))
        n++;
    s->list = lg_arena_alloc(c->arena, n * sizeof(*s->list));
    if (!s->list)
        return lg_no_room(c);
    if (lg_val_kind(v) == LG_JSON_STRING)
        s->list[s->n++] = lg_ir_of(v);
    it = lg_iter_of(v);
    while (lg_iter_next(&it)) {
        if (lg_val_kind(it.val) != LG_JSON_STRING)
            return lg_val_fail(it.val, c->err, "expected a string");
        s->list[s->n++] = lg_ir_of(it.val);
    }
    return 0;
}

int lg_is_above_one(struct lg_str s)
{
    /* the power of ten of the first digit that is not 0, and that digit */
    int64_t exponent = 0, order = 0;
    int lead = 0, more = 0, behind_point = 0;
    size_t i = 0;

    if (s.n && s.p[0] == '-')
        return 0;
    for (; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        const int digit = s.p[i] - '0';

        if (s.p[i] == '.') {
            behind_point = 1;
        } else if (lead) {
            more |= digit;
            order += !behind_point;
        } else {
            lead = digit;
            order -= behind_point;
        }
    }
    i += i + 1 < s.n && s.p[i + 1] == '+';
    if (i + 1 < s.n &&
        lg_str_int(lg_str_from(s.p + i + 1, s.n - i - 1), &exponent) < 0)
        return s.p[i + 1] != '-' && lead; /* beyond all bounds */
    return lead &&
           (exponent > -order || (exponent == -order && (lead > 1 || more)));
}

/* The first of a class is the status that stands for it, and the first of a
 * status is its class. */
static const struct {
    uint16_t status;
    uint8_t class;
} statuses[] = {
    {400, LG_ERROR_INVALID},        {400, LG_ERROR_CONTEXT_LENGTH},
    {400, LG_ERROR_CONTENT_FILTER}, {401, LG_ERROR_AUTH},
    {402, LG_ERROR_BILLING},        {403, LG_ERROR_PERMISSION},
    {404, LG_ERROR_NOT_FOUND},      {504, LG_ERROR_TIMEOUT},
    {408, LG_ERROR_TIMEOUT},        {409, LG_ERROR_CONFLICT},
    {413, LG_ERROR_TOO_LARGE},      {429, LG_ERROR_RATE_LIMIT},
    {429, LG_ERROR_QUOTA},          {529, LG_ERROR_OVERLOADED},
    {503, LG_ERROR_OVERLOADED},
};

uint8_t lg_class_of_status(int64_t status)
{
    for (size_t i = 0; i < LG_COUNT(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].class;
    if (status >= 500)
        return LG_ERROR_SERVER;
    return status >= 400 ? LG_ERROR_INVALID : LG_ERROR_OTHER;
}

int lg_status_of_class(uint8_t class)
{
    for (size_t i = 0; i < LG_COUNT(statuses); i++)
        if (statuses[i].class == class)
            return statuses[i].status;
    return 500;
}
