/* SPDX-License-Identifier: MIT */
#include "lib/json/write.h"

#include "lib/json/text.h"

/* A value ends in a quote, a bracket, a digit, or the last letter of a
 * literal; whatever else stands last, nothing was there to separate from. */
static int ends_value(char c)
{
    return c == '"' || c == '}' || c == ']' || (c >= '0' && c <= '9') ||
           c == 'e' || c == 'l';
}

static void separate(struct lg_jw *w)
{
    const struct lg_buf *b = w->out;

    if (b->n && ends_value(b->p[b->n - 1]))
        (void)lg_buf_byte(w->out, ',');
}

void lg_jw_obj(struct lg_jw *w)
{
    separate(w);
    (void)lg_buf_byte(w->out, '{');
}

void lg_jw_obj_end(struct lg_jw *w)
{
    (void)lg_buf_byte(w->out, '}');
}

void lg_jw_arr(struct lg_jw *w)
{
    separate(w);
    (void)lg_buf_byte(w->out, '[');
}

void lg_jw_arr_end(struct lg_jw *w)
{
    (void)lg_buf_byte(w->out, ']');
}

void lg_jw_key(struct lg_jw *w, const char *name)
{
    lg_jw_key_body(w, lg_str_of(name));
}

void lg_jw_key_body(struct lg_jw *w, struct lg_str body)
{
    lg_jw_body(w, body);
    (void)lg_buf_byte(w->out, ':');
}

void lg_jw_body(struct lg_jw *w, struct lg_str body)
{
    separate(w);
    (void)lg_buf_byte(w->out, '"');
    if (body.n)
        (void)lg_buf_str(w->out, body);
    (void)lg_buf_byte(w->out, '"');
}

void lg_jw_text(struct lg_jw *w, struct lg_str text)
{
    separate(w);
    (void)lg_buf_byte(w->out, '"');
    (void)lg_json_escape(w->out, text);
    (void)lg_buf_byte(w->out, '"');
}

/* In JSON a raw CR or LF stands between tokens, where a space does as well. */
static void flatten(char *p, const char *end, char line_end)
{
    while ((p = memchr(p, line_end, (size_t)(end - p))) != NULL)
        *p++ = ' ';
}

void lg_jw_raw(struct lg_jw *w, struct lg_str json)
{
    const struct lg_str value = lg_str_trim(json);

    separate(w);
    if (lg_buf_str(w->out, value) || !w->one_line)
        return;
    flatten(w->out->p + w->out->n - value.n, w->out->p + w->out->n, '\n');
    flatten(w->out->p + w->out->n - value.n, w->out->p + w->out->n, '\r');
}

void lg_jw_int(struct lg_jw *w, int64_t v)
{
    separate(w);
    (void)lg_buf_int(w->out, v);
}

void lg_jw_bool(struct lg_jw *w, int v)
{
    lg_jw_raw(w, v ? LG_STR("true") : LG_STR("false"));
}

void lg_jw_null(struct lg_jw *w)
{
    lg_jw_raw(w, LG_STR("null"));
}

void lg_jw_join_open(struct lg_jw *w)
{
    lg_jw_body(w, LG_STR(""));
    if (!w->out->err)
        w->out->n--;
}

void lg_jw_join(struct lg_jw *w, const struct lg_str *pieces, size_t n)
{
    lg_jw_join_open(w);
    for (size_t i = 0; i < n; i++)
        (void)lg_buf_str(w->out, pieces[i]);
    (void)lg_buf_byte(w->out, '"');
}
