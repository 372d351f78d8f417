/* SPDX-License-Identifier: MIT
 *
 * Two values, cut at the first NUL, go into a path and a query. Whatever they
 * are, they stay in their place, and come back as they were. */
#include <llmgw/llmgw.h>
#include <stdlib.h>

#include "lib/wire/url.h"

#define CEILING ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 55 : -1;
}

/* All is unreserved or a full escape, and decodes to `want`. */
static void check_encoded(struct lg_str s, struct lg_str want)
{
    size_t at = 0;

    for (size_t i = 0; i < s.n; i++, at++) {
        int c = s.p[i];

        must(at < want.n);
        if (c == '%') {
            must(i + 2 < s.n);
            must(digit(s.p[i + 1]) >= 0 && digit(s.p[i + 2]) >= 0);
            c = digit(s.p[i + 1]) << 4 | digit(s.p[i + 2]);
            i += 2;
        } else {
            must((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                 c == '~');
        }
        must((char)c == want.p[at]);
    }
    must(at == want.n);
}

static int is_refused(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return 1;
    return s.n == 0 || lg_str_is(s, ".") || lg_str_is(s, "..");
}

static void check_path(struct lg_str model)
{
    const struct lg_str head = LG_STR("https://h/v1/"), tail = LG_STR(":go");
    const struct lg_url_var var = {"model", model};
    struct lg_buf out;
    struct lg_err e;
    int rc;

    lg_buf_init(&out, CEILING);
    rc =
        lg_url_build(&out, LG_STR("https://h/"), "/v1/{model}:go", &var, 1, &e);
    must(rc == (is_refused(model) ? LLMGW_E_INVALID : 0));
    if (!rc) {
        must(lg_str_starts(lg_buf_span(&out), head));
        check_encoded(lg_str_from(out.p + head.n, out.n - head.n - tail.n),
                      model);
        must(lg_str_is(lg_str_from(out.p + out.n - tail.n, tail.n), tail.p));
    }
    lg_buf_done(&out);
}

static void check_query(struct lg_str name, struct lg_str value)
{
    const struct lg_str head = LG_STR("https://h/p?a=b&");
    struct lg_buf out;
    const char *equals;
    size_t rest;

    lg_buf_init(&out, CEILING);
    lg_buf_str(&out, lg_str_from(head.p, head.n - 1));
    must(lg_url_query(&out, name, value) == 0);
    must(lg_str_starts(lg_buf_span(&out), head));
    equals = memchr(out.p + head.n, '=', out.n - head.n);
    must(equals != NULL);
    check_encoded(
        lg_str_from(out.p + head.n, (size_t)(equals - out.p) - head.n), name);
    rest = (size_t)(out.p + out.n - equals) - 1;
    check_encoded(lg_str_from(equals + 1, rest), value);
    lg_buf_done(&out);
}

/* A template of anybody's: it may be refused, it may not overrun. */
static void check_template(struct lg_str path)
{
    static const struct lg_url_var vars[] = {{"a", LG_STR("1")},
                                             {"", LG_STR("2")}};
    char *copy = malloc(path.n + 1);
    struct lg_buf out;

    must(copy != NULL);
    if (path.n)
        memcpy(copy, path.p, path.n);
    copy[path.n] = '\0';
    lg_buf_init(&out, CEILING);
    (void)lg_url_build(&out, LG_STR("b"), copy, vars, 2, NULL);
    lg_buf_done(&out);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *p = (const char *)data;
    const char *nul = n ? memchr(p, 0, n) : NULL;
    const size_t first = nul ? (size_t)(nul - p) : n;

    check_path(lg_str_from(p, n));
    check_path(lg_str_from(p, first));
    check_query(lg_str_from(p, first),
                nul ? lg_str_from(nul + 1, n - first - 1) : LG_STR(""));
    check_template(lg_str_from(p, first));
    return 0;
}
