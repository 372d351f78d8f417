/* SPDX-License-Identifier: MIT
 *
 * The first byte selects what to do with the rest. Whatever the bytes are,
 * the checker and the reader agree on them, and what is made of a document is
 * a document again. */
#include <llmgw/llmgw.h>
#include <stdlib.h>

#include "lib/json/edit.h"
#include "lib/json/read.h"
#include "lib/json/text.h"
#include "lib/json/write.h"

#define CEILING ((size_t)1 << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

/* Spans nest, siblings follow each other, every pointer can be told. */
static void check_tape(const struct lg_json *doc)
{
    for (uint32_t i = 0; i < doc->n; i++) {
        const struct lg_tok *t = &doc->tok[i];
        const struct lg_val v = {doc, i};
        struct lg_iter it = lg_iter_of(v);
        char where[64];
        uint32_t at = t->at;

        must(t->at < t->end && t->end <= doc->text.n);
        must(t->next > i && t->next <= doc->n);
        while (lg_iter_next(&it)) {
            must(!it.key.doc || lg_val_tok(it.key)->at > at);
            must(lg_val_tok(it.val)->at > at);
            at = lg_val_tok(it.val)->end;
            must(at < t->end);
        }
        must(it.next == it.end);
        if (i < 64 || i % 64 == 0) {
            lg_json_pointer(doc, i, where, sizeof(where));
            must(strlen(where) < sizeof(where));
            must(lg_utf8_valid(lg_str_of(where)) == strlen(where));
        }
    }
}

/* Each value, alone, is a document; on one line it is the same one. */
static void check_values(const struct lg_json *doc, struct lg_arena *a)
{
    for (uint32_t i = 0; i < doc->n && i < 32; i++) {
        const struct lg_str raw = lg_val_raw((struct lg_val){doc, i});
        struct lg_json again;
        struct lg_buf out;
        struct lg_jw w = {&out, 1};

        lg_buf_init(&out, CEILING);
        lg_jw_raw(&w, raw);
        must(!out.err && out.n == raw.n);
        must(!memchr(out.p, '\n', out.n) && !memchr(out.p, '\r', out.n));
        must(lg_json_read(&again, a, lg_buf_span(&out), NULL) == 0);
        must(again.n == doc->tok[i].next - i);
        lg_buf_done(&out);
    }
}

static void try_read(struct lg_str text)
{
    struct lg_arena a;
    struct lg_json doc;
    struct lg_err e = {0};
    int rc;

    lg_arena_init(&a, 0, CEILING);
    rc = lg_json_read(&doc, &a, text, &e);
    must(rc == lg_json_check(text, NULL));
    must(rc == 0 || (rc == LLMGW_E_JSON && e.code == rc && e.text[0]));
    must(lg_utf8_valid(lg_str_of(e.where)) == strlen(e.where));
    if (!rc) {
        must(lg_utf8_valid(text) == text.n);
        check_tape(&doc);
        check_values(&doc, &a);
    }
    lg_arena_done(&a);
}

/* Cut at every byte: no document but the whole one, or one that a number
 * ends. */
static void try_prefixes(struct lg_str text)
{
    const struct lg_str doc = lg_str_trim(text);

    if (doc.n > 512 || lg_json_check(doc, NULL) || !strchr("{[\"", *doc.p))
        return;
    for (size_t n = 0; n < doc.n; n++)
        must(lg_json_check(lg_str_from(doc.p, n), NULL) == LLMGW_E_JSON);
}

/* An object that spells a name twice, or with escapes? */
static int is_doubtful(struct lg_val v, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct lg_iter it = lg_iter_of(v);
        unsigned seen = 0;

        while (lg_iter_next(&it))
            if (lg_val_is(it.key, names[i]))
                seen += 1 + lg_val_tok(it.key)->escaped;
        if (seen > 1)
            return 1;
    }
    return 0;
}

static void check_refusal(struct lg_str text, const char *const *names,
                          size_t n, int refused)
{
    struct lg_arena a;
    struct lg_json doc;

    lg_arena_init(&a, 0, CEILING);
    if (lg_json_read(&doc, &a, text, NULL)) {
        must(refused);
    } else {
        const struct lg_val v = lg_json_root(&doc);

        must(refused ==
             (lg_val_kind(v) != LG_JSON_OBJECT || is_doubtful(v, names, n)));
    }
    lg_arena_done(&a);
}

static void try_edit(struct lg_str text)
{
    static const char *const names[] = {"model", "a", "new"};
    static const char *const values[] = {"\"m\"", "[0]", "{}"};
    struct lg_str found[3], again[3], slices[LG_SLICE_MAX];
    struct lg_edit edits[3];
    char glue[LG_GLUE_MAX];
    struct lg_buf out;
    const int refused = lg_json_find(text, names, 3, found, NULL) != 0;
    size_t n;

    check_refusal(text, names, 3, refused);
    if (refused)
        return;
    for (size_t i = 0; i < 3; i++) {
        must(!found[i].p || lg_json_check(found[i], NULL) == 0);
        edits[i] = (struct lg_edit){names[i], found[i], lg_str_of(values[i])};
    }
    n = lg_json_edit(text, edits, 3, slices, glue);
    must(n <= LG_SLICE_MAX);
    lg_buf_init(&out, CEILING);
    for (size_t i = 0; i < n; i++)
        (void)lg_buf_str(&out, slices[i]);
    must(lg_json_find(lg_buf_span(&out), names, 3, again, NULL) == 0);
    for (size_t i = 0; i < 3; i++)
        must(lg_str_is(again[i], values[i]));
    lg_buf_done(&out);
}

/* Any bytes make a string, and repaired bytes come back from it. */
static void try_escape(struct lg_str text)
{
    struct lg_buf quoted, back, repaired;

    lg_buf_init(&quoted, CEILING);
    lg_buf_init(&back, CEILING);
    lg_buf_init(&repaired, CEILING);
    must(lg_utf8_repair(&repaired, text) == 0);
    must(lg_utf8_valid(lg_buf_span(&repaired)) == repaired.n);
    (void)lg_buf_byte(&quoted, '"');
    must(lg_json_escape(&quoted, text) == 0);
    (void)lg_buf_byte(&quoted, '"');
    must(lg_json_check(lg_buf_span(&quoted), NULL) == 0);
    must(lg_json_unescape(&back, lg_str_from(quoted.p + 1, quoted.n - 2),
                          LG_TO_JSON) == 0);
    must(lg_str_same(lg_buf_span(&back), lg_buf_span(&repaired)));
    lg_buf_done(&quoted);
    lg_buf_done(&back);
    lg_buf_done(&repaired);
}

static int is_ascii(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((signed char)s.p[i] <= 0)
            return 0;
    return 1;
}

/* A string body, decoded: to text it is UTF-8, and one character at a time
 * gives what the whole gives. */
static void try_unescape(struct lg_str text)
{
    struct lg_buf quoted, out, chars;
    struct lg_str body;

    lg_buf_init(&quoted, CEILING);
    lg_buf_init(&out, CEILING);
    lg_buf_init(&chars, CEILING);
    (void)lg_buf_byte(&quoted, '"');
    (void)lg_buf_str(&quoted, text);
    (void)lg_buf_byte(&quoted, '"');
    body = lg_str_from(quoted.p + 1, quoted.n - 2);
    if (lg_json_check(lg_buf_span(&quoted), NULL) == 0) {
        must(lg_json_unescape(&out, body, LG_TO_TEXT) == 0);
        must(lg_utf8_valid(lg_buf_span(&out)) == out.n);
        must(!is_ascii(lg_buf_span(&out)) ||
             lg_json_body_is(body, lg_buf_span(&out).p));
        while (body.n) {
            char one[LG_JSON_CHAR_MAX];

            (void)lg_buf_add(&chars, one, lg_json_char(&body, LG_TO_TEXT, one));
        }
        must(lg_str_same(lg_buf_span(&chars), lg_buf_span(&out)));
    }
    lg_buf_done(&quoted);
    lg_buf_done(&out);
    lg_buf_done(&chars);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const tries[])(struct lg_str) = {
        try_read, try_prefixes, try_edit, try_escape, try_unescape};

    if (n > 1) {
        /* a copy that ends where its memory ends */
        char *text = malloc(n - 1);

        must(text != NULL);
        memcpy(text, data + 1, n - 1);
        tries[data[0] % LG_COUNT(tries)](lg_str_from(text, n - 1));
        free(text);
    }
    return 0;
}
