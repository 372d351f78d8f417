/* SPDX-License-Identifier: MIT
 *
 * An answer as it arrives, and what it took.
 *
 *     cc stream.c $(pkg-config --cflags --libs llmgw) -o stream && ./stream */
#include <llmgw/llmgw.h>
#include <stdio.h>

static const char request[] =
    "{\"model\": \"mock/lorem\", \"max_tokens\": 100, \"messages\":"
    " [{\"role\": \"user\", \"content\": \"Say something.\"}]}";

/* 0, or the code of what went wrong. */
static int show(llmgw_stream *s)
{
    int event;

    while ((event = llmgw_stream_next(s)) > 0) {
        if (event == LLMGW_EVENT_TEXT) {
            fputs(llmgw_stream_text(s, NULL), stdout);
            fflush(stdout);
        }
    }
    putchar('\n');
    if (event < 0)
        fprintf(stderr, "%s\n", llmgw_error_message(llmgw_stream_error(s)));
    return event;
}

int main(void)
{
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    llmgw_stream *s = NULL;
    llmgw_error *e = NULL;
    int rc = llmgw_options_new(&o);

    if (rc == 0)
        rc = llmgw_client_new(o, &c, &e);
    if (rc == 0)
        rc = llmgw_messages_stream(c, NULL, request, LLMGW_NUL_TERMINATED, &s,
                                   &e);
    if (rc == 0)
        rc = show(s);
    else
        fprintf(stderr, "%s\n", e ? llmgw_error_message(e) : "no memory");
    if (rc == 0) {
        /* All that came, as one answer. */
        const llmgw_response *r = llmgw_stream_response(s);
        printf("(%s, %lld tokens)\n", llmgw_response_stop(r),
               (long long)llmgw_response_usage(r, LLMGW_USAGE_OUTPUT));
    }

    llmgw_error_free(e);
    llmgw_stream_free(s);
    llmgw_client_free(c);
    llmgw_options_free(o);
    return rc != 0;
}
