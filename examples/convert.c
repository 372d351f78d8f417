/* SPDX-License-Identifier: MIT
 *
 * One format to another without a network, and what got lost on the way.
 *
 *     cc convert.c $(pkg-config --cflags --libs llmgw) -o convert
 *     ./convert
 *     ./convert openai-chat anthropic-messages < request.json */
#include <llmgw/llmgw.h>
#include <stdio.h>

static char text[1 << 20] =
    "{\"model\": \"gpt-x\", \"seed\": 7, \"messages\": ["
    "{\"role\": \"system\", \"content\": \"Be brief.\"},"
    "{\"role\": \"user\", \"content\": \"Hello\"}]}";

int main(int argc, char **argv)
{
    const char *from = argc > 2 ? argv[1] : "openai-chat";
    const char *to = argc > 2 ? argv[2] : "anthropic-messages";
    size_t len = LLMGW_NUL_TERMINATED;
    char *out = NULL, *loss = NULL;
    llmgw_error *e = NULL;
    int rc;

    if (argc > 2)
        len = fread(text, 1, sizeof(text), stdin);
    rc = llmgw_convert(NULL, "request", from, to, text, len, &out, NULL, &loss,
                       &e);
    if (rc == 0)
        printf("%s\nlost: %s\n", out, loss);
    else
        fprintf(stderr, "%s\n", e ? llmgw_error_message(e) : "no memory");

    llmgw_free(out);
    llmgw_free(loss);
    llmgw_error_free(e);
    return rc != 0;
}
