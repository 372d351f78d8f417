/* SPDX-License-Identifier: MIT
 *
 * llmgw call: a request body in, the answer out. */
#include "exit_code.h"
#include "input.h"
#include "loss.h"
#include "session.h"
#include "tell.h"
#include "trace.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *operation;
    char *json;
    size_t len;
};

static void add_losses(struct loss_report *r, const llmgw_response *answer)
{
    const char *loss;

    for (size_t i = 0; (loss = llmgw_response_loss(answer, i)); i++)
        loss_add(r, loss);
}

static int whole(llmgw_client *c, const struct request *q,
                 struct loss_report *r)
{
    llmgw_response *answer;
    llmgw_error *e;
    size_t len;
    int rc = llmgw_call(c, NULL, q->operation, q->json, q->len, &answer, &e);

    if (rc < 0) {
        rc = told(rc, e);
    } else {
        const char *json = llmgw_response_json(answer, &len);

        add_losses(r, answer);
        rc = say(json, len);
        if (!rc)
            rc = say_newline_on_terminal(json, len);
    }
    llmgw_response_free(answer);
    llmgw_error_free(e);
    return rc;
}

/* Every frame, as it comes; the last may be that of an error. */
static int forward(llmgw_stream *s)
{
    const char *frame;
    size_t len;
    int event, rc = EXIT_OK;

    do {
        event = llmgw_stream_next(s);
        frame = llmgw_stream_frame(s, &len);
        if (frame)
            rc = say(frame, len);
    } while (event > 0 && !rc);
    return event < 0 ? told(event, llmgw_stream_error(s)) : rc;
}

static int streamed(llmgw_client *c, const struct request *q,
                    struct loss_report *r)
{
    llmgw_stream *s;
    llmgw_error *e;
    int rc = llmgw_call_stream(c, NULL, q->operation, q->json, q->len, &s, &e);

    if (rc < 0) {
        rc = told(rc, e);
    } else {
        rc = forward(s);
        add_losses(r, llmgw_stream_response(s));
    }
    llmgw_stream_free(s);
    llmgw_error_free(e);
    return rc;
}

static int ask(const struct args *a, const struct request *q, FILE *trace)
{
    struct session s;
    struct loss_report r;
    int rc = loss_open(&r, a->loss);

    if (rc)
        return rc;
    rc = session_open(&s, a, trace ? trace_write : NULL, trace);
    if (!rc)
        rc = a->stream ? streamed(s.client, q, &r) : whole(s.client, q, &r);
    session_close(&s);
    return loss_close(&r, rc);
}

static int ask_traced(const struct args *a, const struct request *q)
{
    FILE *trace = a->trace ? fopen(a->trace, "w") : NULL;
    int rc;

    if (a->trace && !trace) {
        tell("%s: %s", a->trace, strerror(errno));
        return EXIT_OTHER;
    }
    rc = ask(a, q, trace);
    if (trace && (ferror(trace) | fclose(trace))) {
        tell("%s: cannot write the trace", a->trace);
        rc = rc ? rc : EXIT_OTHER;
    }
    return rc;
}

int run_call(const struct args *a)
{
    struct request q = {.operation = a->word[0]};
    int rc = check_word("operation", q.operation, llmgw_operation_name);

    if (!rc)
        rc = input_whole(a->word[1], &q.json, &q.len);
    if (!rc)
        rc = ask_traced(a, &q);
    free(q.json);
    return rc;
}
