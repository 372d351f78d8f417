/* SPDX-License-Identifier: MIT */
#include "args.h"

#include "exit_code.h"
#include "tell.h"

#include <stdlib.h>
#include <string.h>

enum kind {
    SWITCH,
    TEXT,
    MANY
};

struct option {
    char letter; /* 0: none */
    const char *name, *value;
    enum kind kind;
    size_t offset;
    int verbs;
    const char *help;
};

#define AT(member) offsetof(struct args, member)

static const struct option options[] = {
    {'m', "model", "MODEL", TEXT, AT(model), ASK,
     "whom to ask, as PROVIDER/MODEL; default: $LLMGW_MODEL"},
    {'s', "system", "TEXT", TEXT, AT(system), ASK, "the system prompt"},
    {0, "from", "FORMAT", TEXT, AT(from), CONVERT, "the format of the input"},
    {0, "to", "FORMAT", TEXT, AT(to), CONVERT, "the format wanted"},
    {0, "strict", NULL, SWITCH, AT(strict), CONVERT,
     "fail if anything would be lost"},
    {0, "stream", NULL, SWITCH, AT(stream), CALL,
     "write the answer's events as they arrive"},
    {0, "provider", "NAME", TEXT, AT(provider), ASK | CALL,
     "who answers a model without a PROVIDER/ prefix"},
    {0, "base-url", "URL", TEXT, AT(base_url), ASK | CALL,
     "where that provider is"},
    {0, "api-key-env", "VAR", TEXT, AT(api_key_env), ASK | CALL,
     "the environment variable with its key"},
    {0, "config", "FILE", TEXT, AT(config), ASK | CALL,
     "options as a JSON document"},
    {0, "set", "KEY=VALUE", MANY, AT(set), ASK | CALL,
     "one option (see: llmgw options); may be repeated"},
    {0, "loss", "FILE", TEXT, AT(loss), CALL | CONVERT,
     "what was lost, as a JSON array; default: on stderr"},
    {0, "trace", "FILE", TEXT, AT(trace), CALL,
     "log what happens, one JSON object a line"},
    {'h', "help", NULL, SWITCH, AT(help), ~0, "show this"},
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct option *by_name(const struct verb *v, const char *name,
                                    size_t len)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if ((options[i].verbs & v->bit) && strlen(options[i].name) == len &&
            strncmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

static const struct option *by_letter(const struct verb *v, char letter)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if ((options[i].verbs & v->bit) && options[i].letter == letter)
            return &options[i];
    return NULL;
}

static void put(struct args *a, const struct option *o, const char *value)
{
    char *const field = (char *)a + o->offset;

    if (o->kind == SWITCH) {
        *(int *)(void *)field = 1;
    } else if (o->kind == TEXT) {
        *(const char **)(void *)field = value;
    } else {
        const char **list = *(const char ***)(void *)field;
        while (*list)
            list++;
        *list = value;
    }
}

static int misused(const struct verb *v, const char *what, const char *word)
{
    tell("%s%s%s; see: llmgw %s --help", what, word ? " " : "",
         word ? word : "", v->name);
    return EXIT_USAGE;
}

/* --name, --name=value, -x, -xvalue; *next is what follows it, and is moved on
 * if it is taken. */
static int option(struct args *a, const struct verb *v, char *word,
                  char ***next)
{
    const int is_long = word[1] == '-';
    const char *name = word + 1 + is_long, *value = NULL;
    const size_t len = is_long ? strcspn(name, "=") : 1;
    const struct option *o =
        is_long ? by_name(v, name, len) : by_letter(v, *name);

    if (!o)
        return misused(v, "no such option:", word);
    if (is_long && name[len])
        value = name + len + 1;
    else if (!is_long && name[1])
        value = name + 1;
    if (o->kind == SWITCH && value)
        return misused(v, "it takes no value:", word);
    if (o->kind != SWITCH && !value && !(value = **next))
        return misused(v, "it needs a value:", word);
    if (value && value == **next)
        ++*next;
    put(a, o, value);
    return EXIT_OK;
}

int args_parse(struct args *a, const struct verb *v, int argc, char **argv)
{
    int rc = EXIT_OK, words_only = 0;

    *a = (struct args){.set = calloc((size_t)argc + 1, sizeof(*a->set))};
    if (!a->set)
        return told(LLMGW_E_NOMEM, NULL);
    while (*argv && !rc) {
        char *word = *argv++;

        if (!words_only && strcmp(word, "--") == 0)
            words_only = 1;
        else if (!words_only && word[0] == '-' && word[1])
            rc = option(a, v, word, &argv);
        else if (a->words < v->words_max)
            a->word[a->words++] = word;
        else
            rc = misused(v, "one word too many:", word);
    }
    if (!rc && !a->help && a->words < v->words_min)
        rc = misused(v, "not enough words", NULL);
    return rc;
}

void args_done(struct args *a)
{
    free(a->set);
    a->set = NULL;
}

void args_help(const struct verb *v)
{
    printf("Usage: llmgw %s %s\n\n%s\nOptions:\n", v->name, v->synopsis,
           v->about);
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *o = &options[i];
        char left[40];

        if (!(o->verbs & v->bit))
            continue;
        snprintf(left, sizeof(left), "%c%c%c --%s %s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
                 o->value ? o->value : "");
        printf("  %-24s %s\n", left, o->help);
    }
}
