/* SPDX-License-Identifier: MIT
 *
 * One question, one answer.
 *
 *     cc hello.c $(pkg-config --cflags --libs llmgw) -o hello
 *     ./hello
 *     ANTHROPIC_API_KEY=... ./hello anthropic/<model>
 *
 * The provider "mock" is in the library: it needs no key and no network. */
#include <llmgw/llmgw.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    llmgw_response *r = NULL;
    llmgw_error *e = NULL;
    char json[512];
    int rc;

    snprintf(json, sizeof(json),
             "{\"model\": \"%s\", \"max_tokens\": 100, \"messages\":"
             " [{\"role\": \"user\", \"content\": \"Hello, world!\"}]}",
             argc > 1 ? argv[1] : "mock/echo");

    rc = llmgw_options_new(&o);
    if (rc == 0)
        rc = llmgw_options_load_env(o); /* keys, where there are any */
    if (rc == 0)
        rc = llmgw_client_new(o, &c, &e);
    if (rc == 0)
        rc = llmgw_messages_create(c, NULL, json, LLMGW_NUL_TERMINATED, &r, &e);
    if (rc == 0)
        puts(llmgw_response_text(r, NULL));
    else
        fprintf(stderr, "%s: %s\n", llmgw_strerror(rc),
                e ? llmgw_error_message(e) : "");

    llmgw_error_free(e);
    llmgw_response_free(r);
    llmgw_client_free(c);
    llmgw_options_free(o);
    return rc != 0;
}
