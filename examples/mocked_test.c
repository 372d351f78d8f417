/* SPDX-License-Identifier: MIT
 *
 * A unit test of a program that asks a model: every answer, delay and failure
 * is scripted, and no time passes.
 *
 *     cc mocked_test.c $(pkg-config --cflags --libs llmgw) -o mocked_test
 *     ./mocked_test */
#include <llmgw/testing.h>
#include <stdio.h>
#include <string.h>

/* The program: is the model in a good mood? 1, 0, or negative. */
static int is_happy(llmgw_client *c)
{
    llmgw_response *r;
    int rc = llmgw_messages_create(
        c, NULL,
        "{\"model\": \"anthropic/any\", \"max_tokens\": 9, \"messages\":"
        " [{\"role\": \"user\", \"content\": \"Happy?\"}]}",
        LLMGW_NUL_TERMINATED, &r, NULL);

    if (rc == 0)
        rc = strcmp(llmgw_response_text(r, NULL), "yes") == 0;
    llmgw_response_free(r);
    return rc;
}

#define ANSWER                                                            \
    "{\"id\": \"msg_1\", \"type\": \"message\", \"role\": \"assistant\"," \
    " \"model\": \"any\", \"content\": [{\"type\": \"text\", \"text\":"   \
    " \"yes\"}], \"stop_reason\": \"end_turn\", \"stop_sequence\": null," \
    " \"usage\": {\"input_tokens\": 1, \"output_tokens\": 1}}"

/* The test: the provider is overloaded at first, and asks for patience. */
int main(void)
{
    llmgw_script *s = NULL;
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    const char *unmet = "no memory";
    int happy = -1;

    if (llmgw_script_new(&s) == 0 && llmgw_options_new(&o) == 0) {
        llmgw_script_expect(s, "POST", "/v1/messages", "Happy?");
        llmgw_script_expect_header(s, "x-api-key", "test-key");
        llmgw_script_status(s, 529);
        llmgw_script_header(s, "retry-after", "30");
        llmgw_script_expect(s, "POST", "/v1/messages", "Happy?");
        llmgw_script_wait(s, 700);
        llmgw_script_answer(s, 200, "application/json", ANSWER,
                            LLMGW_NUL_TERMINATED);
        llmgw_options_set_script(o, s);
        llmgw_options_set(o, "providers.anthropic.api_key", "test-key");
        if (llmgw_client_new(o, &c, NULL) == 0)
            happy = is_happy(c);
        unmet = llmgw_script_unmet(s);
    }
    printf("happy: %d after %lld ms of no time at all%s%s\n", happy,
           (long long)llmgw_script_now(s), unmet ? "; " : "",
           unmet ? unmet : "");
    llmgw_client_free(c);
    llmgw_options_free(o);
    llmgw_script_free(s);
    return happy != 1 || unmet != NULL;
}
