/* SPDX-License-Identifier: MIT
 *
 * llmgw providers, formats, options: what is built in. */
#include "exit_code.h"
#include "tell.h"
#include "verbs.h"

#include <string.h>

static int list(const char *(*next)(size_t i))
{
    const char *name;

    for (size_t i = 0; (name = next(i)); i++)
        puts(name);
    return EXIT_OK;
}

int run_providers(const struct args *a)
{
    (void)a;
    return list(llmgw_provider_name);
}

int run_formats(const struct args *a)
{
    (void)a;
    return list(llmgw_format_name);
}

int run_options(const struct args *a)
{
    const char *name;

    (void)a;
    for (size_t i = 0; (name = llmgw_option_name(i)); i++)
        printf("%s\n    %s\n", name, llmgw_option_help(i));
    return EXIT_OK;
}

int check_word(const char *what, const char *word,
               const char *(*next)(size_t i))
{
    const char *name;

    for (size_t i = 0; (name = next(i)); i++)
        if (strcmp(name, word) == 0)
            return EXIT_OK;
    fprintf(stderr, "llmgw: no %s is named \"%s\"; there are:", what, word);
    for (size_t i = 0; (name = next(i)); i++)
        fprintf(stderr, " %s", name);
    fputc('\n', stderr);
    return EXIT_USAGE;
}
