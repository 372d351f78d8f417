/* SPDX-License-Identifier: MIT */
#include "gen.h"

#define DEPTH 5

void gen_init(struct gen *g, uint64_t seed)
{
    g->seed = seed * 2654435761u + 1;
    lg_buf_init(&g->loose, 1 << 24);
    lg_buf_init(&g->tight, 1 << 24);
}

void gen_done(struct gen *g)
{
    lg_buf_done(&g->loose);
    lg_buf_done(&g->tight);
}

uint32_t gen_number(struct gen *g, uint32_t below)
{
    g->seed ^= g->seed << 13;
    g->seed ^= g->seed >> 7;
    g->seed ^= g->seed << 17;
    return (uint32_t)(g->seed >> 32) % below;
}

static void both(struct gen *g, const char *text)
{
    (void)lg_buf_str(&g->loose, lg_str_of(text));
    (void)lg_buf_str(&g->tight, lg_str_of(text));
}

static void space(struct gen *g)
{
    static const char *const spaces[] = {
        "", "", " ", "\n", "\r\n\t", "                                      "};

    (void)lg_buf_str(&g->loose,
                     lg_str_of(spaces[gen_number(g, LG_COUNT(spaces))]));
}

static void token(struct gen *g, const char *text)
{
    space(g);
    both(g, text);
    space(g);
}

void gen_body(struct gen *g, struct lg_buf *out)
{
    static const char *const parts[] = {
        "a",
        "plain words of some length, beyond a block or two",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0000",
        "\\u00e9",
        "\\uD83D\\uDE00",
        "\\u005c",
        "\xC3\xA9",
        "\xE2\x82\xAC",
        "\xED\x9F\xBF",
        "\xE0\xA0\x80",
        "\xF0\x9F\x98\x80",
        "\xF4\x8F\xBF\xBF",
        "\x7F",
        "/"};

    for (uint32_t n = gen_number(g, 12); n; n--)
        (void)lg_buf_str(out, lg_str_of(parts[gen_number(g, LG_COUNT(parts))]));
}

static void string(struct gen *g)
{
    struct lg_buf body;

    lg_buf_init(&body, 4096);
    gen_body(g, &body);
    space(g);
    both(g, "\"");
    both(g, body.p ? body.p : "");
    both(g, "\"");
    space(g);
    lg_buf_done(&body);
}

static void value(struct gen *g, unsigned depth);

static void members(struct gen *g, unsigned n, unsigned depth, int named)
{
    token(g, "{");
    for (unsigned i = 0; i < n; i++) {
        char name[16] = {'"', 'k', (char)('0' + i), '"'};

        if (i)
            token(g, ",");
        if (named)
            token(g, name);
        else
            string(g);
        token(g, ":");
        value(g, depth);
    }
    token(g, "}");
}

static void value(struct gen *g, unsigned depth)
{
    static const char *const scalars[] = {
        "null", "true",  "false",   "0",    "-1", "9007199254740993",
        "1.0",  "1e400", "-0.5E-7", "\"\"", "[]", "{}"};
    const uint32_t choice = gen_number(g, depth ? 8 : 4);

    if (choice < 2) {
        token(g, scalars[gen_number(g, LG_COUNT(scalars))]);
    } else if (choice < 4) {
        string(g);
    } else if (choice < 6) {
        members(g, gen_number(g, 6), depth - 1, 0);
    } else {
        token(g, "[");
        for (uint32_t n = gen_number(g, 6), i = 0; i < n; i++) {
            if (i)
                token(g, ",");
            value(g, depth - 1);
        }
        token(g, "]");
    }
}

void gen_document(struct gen *g)
{
    value(g, DEPTH);
}

void gen_object(struct gen *g, unsigned n)
{
    members(g, n, DEPTH - 1, 1);
}
