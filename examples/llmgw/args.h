/* SPDX-License-Identifier: MIT
 *
 * The command line: verbs, their options, and the help made of both. */
#ifndef LLMGW_COMMAND_ARGS_H
#define LLMGW_COMMAND_ARGS_H

#include <stddef.h>
#include <stdio.h>

#define WORDS_MAX 2

struct args {
    const char *word[WORDS_MAX]; /* what is no option, in turn */
    int words;
    const char *from, *to, *loss, *trace;
    const char *provider, *base_url, *api_key_env, *config;
    const char *model, *system;
    const char **set; /* KEY=VALUE, ends with NULL */
    int strict, stream, help;
};

/* Bits, so that an option can name the verbs that take it. */
enum {
    ASK = 1,
    CALL = 2,
    CONVERT = 4,
    LIST = 8
};

struct verb {
    const char *name;
    int bit;
    int words_min, words_max;
    const char *synopsis; /* after the name */
    const char *summary;  /* a line of the main help */
    const char *about;    /* paragraphs of its own */
    int (*run)(const struct args *a);
};

/* 0, or an exit code after the fault was told. `argv` is what follows the
 * verb. Free with args_done() either way. */
int args_parse(struct args *a, const struct verb *v, int argc, char **argv);
void args_done(struct args *a);
void args_help(const struct verb *v);

#endif
