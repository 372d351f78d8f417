/* SPDX-License-Identifier: MIT
 *
 * llmgw: the library at the command line. */
#include "exit_code.h"
#include "tell.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const struct verb verbs[] = {
    {"ask", ASK, 0, 1, "[-m MODEL] [-s SYSTEM] [OPTION]... [PROMPT]",
     "words in, words out",
     "Ask a model, and print its words as they arrive. The prompt is read from\n"
     "stdin where none is given. What it took is told on stderr.\n",
     run_ask},
    {"call", CALL, 1, 2, "OPERATION [OPTION]... [FILE]",
     "a request body in, the answer out",
     "Send the request in FILE (or stdin) to the provider that its model names\n"
     "(\"anthropic/...\"), or to --provider. OPERATION says what format request\n"
     "and answer are in: messages is Anthropic's, chat is OpenAI's, whoever\n"
     "answers. With --stream the answer's events come out as a client of that\n"
     "format would read them.\n",
     run_call},
    {"convert", CONVERT, 1, 2,
     "request|response|stream --from FORMAT --to FORMAT [OPTION]... [FILE]",
     "one format to another, without a network",
     "Convert FILE (or stdin). What the other format cannot say is reported; a\n"
     "stream is converted as it comes.\n",
     run_convert},
    {"providers", LIST, 0, 0, "", "who can be asked",
     "The providers that are built in.\n", run_providers},
    {"formats", LIST, 0, 0, "", "what can be converted",
     "The formats that are built in.\n", run_formats},
    {"options", LIST, 0, 0, "", "what --set and --config take",
     "Every option of the library, with its values and default.\n",
     run_options},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void help(FILE *out)
{
    fputs("Usage: llmgw VERB [OPTION]... [WORD]...\n\n", out);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n  llmgw VERB --help    more of one\n"
          "  llmgw --version      of this command and its library\n"
          "\nEnvironment:\n"
          "  ANTHROPIC_API_KEY, OPENAI_API_KEY, ..._BASE_URL   of providers\n"
          "  LLMGW_MODEL                                       for ask\n"
          "\nExit codes:\n",
          out);
    for (int code = 0; code < EXIT_CODES; code++)
        fprintf(out, "  %2d  %s\n", code, exit_text(code));
}

static int run(const struct verb *v, int argc, char **argv)
{
    struct args a;
    int rc = args_parse(&a, v, argc, argv);

    if (!rc && a.help)
        args_help(v);
    else if (!rc)
        rc = v->run(&a);
    args_done(&a);
    return rc;
}

static int dispatch(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    if (!word) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts(llmgw_version_info());
        return EXIT_OK;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help(stdout);
        return EXIT_OK;
    }
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, word) == 0)
            return run(&verbs[i], argc - 2, argv + 2);
    tell("no such verb: %s; see: llmgw --help", word);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    int rc;

    /* A write says EPIPE instead: calls end well, and sockets matter too. */
    signal(SIGPIPE, SIG_IGN);
    rc = dispatch(argc, argv);
    if (fflush(stdout) && !rc) {
        if (errno != EPIPE)
            tell("cannot write: %s", strerror(errno));
        rc = EXIT_OTHER;
    }
    return rc;
}
