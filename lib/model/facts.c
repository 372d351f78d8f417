/* SPDX-License-Identifier: MIT */
#include "lib/model/facts.h"

const struct lg_facts lg_facts_unknown;

/* ---- names ----------------------------------------------------------------- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* How long the word of letters and hyphens is that `c` ends; 0: there is
 * none. */
static size_t word_before(struct lg_str s, char c)
{
    size_t n = 0;

    while (n < s.n && (is_letter(s.p[n]) || s.p[n] == '-'))
        n++;
    return n && n + 1 < s.n && s.p[n] == c && is_letter(s.p[n + 1]) ? n + 1 : 0;
}

/* Without publishers/x/models/, us.anthropic., ft: and their like. */
static struct lg_str bare(struct lg_str s)
{
    size_t n;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '/') {
            s = lg_str_from(s.p + i + 1, s.n - i - 1);
            i = (size_t)-1;
        }
    while ((n = word_before(s, '.')) || (n = word_before(s, ':')))
        s = lg_str_from(s.p + n, s.n - n);
    return s;
}

/* Does a name that goes on with `rest` behind a family's `last` character tell
 * of another family? -1 and .5 do, -20250514, -27b and -latest do not. */
static int is_other(char last, struct lg_str rest)
{
    size_t digits = 1;

    if (!rest.n || !(is_digit(last) || is_letter(last)))
        return 0;
    if (is_digit(rest.p[0]) || is_letter(rest.p[0]))
        return 1;
    if (!is_digit(last) || !(rest.p[0] == '-' || rest.p[0] == '.'))
        return 0;
    while (digits < rest.n && is_digit(rest.p[digits]))
        digits++;
    return (digits == 2 || digits == 3) &&
           (digits == rest.n || !is_letter(rest.p[digits]));
}

/* A point may stand for a hyphen, as in claude-sonnet-4.5. */
static int is_same(char family, char c)
{
    return c == family || (family == '-' && c == '.') ||
           (is_letter(family) && (c | 0x20) == family);
}

/* The length of the family's name, if the model is of it. */
static size_t match(const struct lg_facts *f, struct lg_str model)
{
    size_t n = 0;

    while (f->name[n] && n < model.n && is_same(f->name[n], model.p[n]))
        n++;
    return !n || f->name[n] ||
                   is_other(f->name[n - 1],
                            lg_str_from(model.p + n, model.n - n))
               ? 0
               : n;
}

/* A family whose name is longer than *most, or as long, of the host's. */
static void look(const struct lg_facts *rows, size_t n, struct lg_str model,
                 const struct lg_facts **best, size_t *most)
{
    for (size_t i = 0; i < n; i++) {
        const size_t len = match(&rows[i], model);

        if (len && len >= *most) {
            *most = len;
            *best = &rows[i];
        }
    }
}

const struct lg_facts *lg_facts_of(const struct lg_facts_table *t,
                                   struct lg_str model)
{
    const struct lg_facts *best = &lg_facts_unknown;
    size_t most = 0;

    if (!model.p)
        return best;
    model = bare(model);
    look(lg_facts_rows, lg_facts_count, model, &best, &most);
    if (t)
        look(t->rows, t->n, model, &best, &most);
    return best;
}

/* ---- facts of the host's ----------------------------------------------------- */

enum kind {
    NUMBER,
    WORD,
    SET,
    NOTE /* for who reads the file */
};

#define AT(member) offsetof(struct lg_facts, member)

/* The generator of the table reads this one, too. */
static const struct field {
    const char *name;
    uint8_t kind, at;
    const char *words;
} fields[] = {
    {"max_output", NUMBER, AT(max_output), NULL},
    {"min_budget", NUMBER, AT(min_budget), NULL},
    {"max_budget", NUMBER, AT(max_budget), NULL},
    {"system", WORD, AT(system), "anywhere first none"},
    {"tokens_field", WORD, AT(tokens_field),
     "any max_tokens max_completion_tokens"},
    {"forced_tool", WORD, AT(forced_tool), "any none"},
    {"parallel_tools", WORD, AT(parallel_tools), "any none"},
    {"output_schema", WORD, AT(output_schema), "any none openapi"},
    {"home", SET, AT(home), "anthropic bedrock openai gemini"},
    {"sampling", SET, AT(sampling), "none one not_thinking"},
    {"thinking", SET, AT(thinking), "never off budget adaptive effort"},
    {"efforts", SET, AT(efforts), "none minimal low medium high xhigh max"},
    {"media", SET, AT(media), "text image document audio"},
    {"like", NOTE, 0, NULL},
    {"source", NOTE, 0, NULL},
    {"date", NOTE, 0, NULL},
};

/* Which of `words`; -1: none. */
static int word_of(struct lg_val v, const char *words)
{
    const struct lg_str body = lg_val_body(v);

    for (int i = 0; body.p && *words; i++) {
        const size_t n = strcspn(words, " ");

        if (lg_str_same(body, lg_str_from(words, n)))
            return i;
        words += n + (words[n] == ' ');
    }
    return -1;
}

static int set_words(uint8_t *set, struct lg_val list, const char *words)
{
    struct lg_iter it = lg_iter_of(list);

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return -1;
    for (*set = 0; lg_iter_next(&it);) {
        const int word = word_of(it.val, words);

        if (word < 0)
            return -1;
        *set = (uint8_t)(*set | 1u << word);
    }
    return 0;
}

static int set_number(void *to, struct lg_val v)
{
    int64_t n;
    uint32_t u;

    if (lg_val_int(v, &n) || n < 0 || n > UINT32_MAX)
        return -1;
    u = (uint32_t)n;
    memcpy(to, &u, sizeof(u));
    return 0;
}

static int set_field(struct lg_facts *f, struct lg_val key, struct lg_val v)
{
    for (size_t i = 0; i < LG_COUNT(fields); i++) {
        uint8_t *const to = (uint8_t *)f + fields[i].at;
        int word;

        if (!lg_val_is(key, fields[i].name))
            continue;
        if (fields[i].kind == NOTE)
            return 0;
        if (fields[i].kind == NUMBER)
            return set_number(to, v);
        if (fields[i].kind == SET)
            return set_words(to, v, fields[i].words);
        word = word_of(v, fields[i].words);
        *to = (uint8_t)(word < 0 ? 0 : word);
        return word < 0 ? -1 : 0;
    }
    return -1;
}

static int read_row(struct lg_facts_table *t, struct lg_val key,
                    struct lg_val v, struct lg_err *e)
{
    struct lg_facts *f = &t->rows[t->n];
    const struct lg_str name = lg_val_body(key);
    const struct lg_str like = lg_val_body(lg_val_get(v, "like"));
    struct lg_iter it = lg_iter_of(v);

    if (!name.n || name.n > LG_FACTS_NAME_MAX)
        return lg_val_fail(v, e, "the name of a model has 1 to 31 characters");
    if (lg_val_kind(v) == LG_JSON_OBJECT)
        *f = *lg_facts_of(t, like.p ? like : name);
    else if (lg_val_kind(v) != LG_JSON_NULL)
        return lg_val_fail(v, e, "expected the facts of a model, or null");
    memset(f->name, 0, sizeof(f->name));
    for (size_t i = 0; i < name.n; i++) /* as they are compared */
        f->name[i] =
            (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20
                                                        : name.p[i]);
    while (lg_val_kind(v) == LG_JSON_OBJECT && lg_iter_next(&it))
        if (set_field(f, it.key, it.val))
            return lg_val_fail(it.val, e, "no fact of a model");
    t->n++;
    return 0;
}

int lg_facts_load(struct lg_facts_table *t, struct lg_arena *a,
                  struct lg_str json, struct lg_err *e)
{
    struct lg_json doc;
    struct lg_iter it;
    size_t n = 0;
    int rc = lg_json_read(&doc, a, json, e);

    *t = (struct lg_facts_table){0};
    if (rc < 0)
        return rc;
    if (lg_val_kind(lg_json_root(&doc)) != LG_JSON_OBJECT)
        return lg_val_fail(lg_json_root(&doc), e, "expected an object");
    for (it = lg_iter_of(lg_json_root(&doc)); lg_iter_next(&it);)
        n++;
    t->rows = lg_arena_alloc(a, (n + 1) * sizeof(*t->rows));
    if (!t->rows)
        return lg_fail_mem(e, a->err);
    for (it = lg_iter_of(lg_json_root(&doc)); rc >= 0 && lg_iter_next(&it);)
        rc = read_row(t, it.key, it.val, e);
    return rc;
}
