/* SPDX-License-Identifier: MIT
 *
 * llmgw convert: from one format to another, without a network. */
#include "exit_code.h"
#include "input.h"
#include "loss.h"
#include "tell.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 65536

static const char *kind_name(size_t i)
{
    static const char *const kinds[] = {"request", "response", "stream", NULL};

    return kinds[i];
}

/* ---- whole documents --------------------------------------------------- */

static int convert_text(const struct args *a, const llmgw_options *o,
                        const char *json, size_t len, struct loss_report *r)
{
    char *out = NULL, *loss = NULL;
    size_t out_len;
    llmgw_error *e = NULL;
    int rc = llmgw_convert(o, a->word[0], a->from, a->to, json, len, &out,
                           &out_len, &loss, &e);

    loss_add_all(r, loss);
    if (rc < 0)
        rc = told(rc, e);
    else
        rc = say(out, out_len);
    if (!rc)
        rc = say_newline_on_terminal(out, out_len);
    llmgw_free(out);
    llmgw_free(loss);
    llmgw_error_free(e);
    return rc;
}

static int convert_document(const struct args *a, const llmgw_options *o,
                            struct loss_report *r)
{
    char *json;
    size_t len;
    int rc = input_whole(a->word[1], &json, &len);

    if (!rc)
        rc = convert_text(a, o, json, len, r);
    free(json);
    return rc;
}

/* ---- streams ----------------------------------------------------------- */

/* What the converter has ready, and what it lost meanwhile. */
static int drain(llmgw_converter *v, struct loss_report *r)
{
    const char *loss;
    size_t len;
    const char *text = llmgw_converter_take(v, &len);
    const int rc = text ? say(text, len) : EXIT_OK;

    while ((loss = llmgw_converter_loss(v, r->n)))
        loss_add(r, loss);
    return rc;
}

static int convert_pieces(struct input *in, llmgw_converter *v,
                          struct loss_report *r)
{
    static char piece[PIECE];
    size_t len;
    int rc, converted;

    do {
        rc = input_read(in, piece, sizeof(piece), &len);
        if (rc)
            return rc;
        converted = len ? llmgw_converter_feed(v, piece, len)
                        : llmgw_converter_finish(v);
        rc = drain(v, r);
        if (!rc && converted < 0)
            rc = told(converted, llmgw_converter_error(v));
    } while (len && !rc);
    return rc;
}

static int convert_stream(const struct args *a, const llmgw_options *o,
                          struct loss_report *r)
{
    struct input in;
    llmgw_converter *v;
    llmgw_error *e;
    int rc = llmgw_converter_new(o, a->from, a->to, &v, &e);

    if (rc < 0)
        rc = told(rc, e);
    else
        rc = input_open(&in, a->word[1]);
    if (!rc) {
        rc = convert_pieces(&in, v, r);
        input_close(&in);
    }
    llmgw_converter_free(v);
    llmgw_error_free(e);
    return rc;
}

/* ---- the verb ---------------------------------------------------------- */

static int convert(const struct args *a, const llmgw_options *o)
{
    struct loss_report r;
    int rc = loss_open(&r, a->loss);

    if (rc)
        return rc;
    rc = strcmp(a->word[0], "stream") == 0 ? convert_stream(a, o, &r)
                                           : convert_document(a, o, &r);
    return loss_close(&r, rc);
}

int run_convert(const struct args *a)
{
    llmgw_options *o;
    int rc = check_word("kind", a->word[0], kind_name);

    if (!rc && (!a->from || !a->to)) {
        tell("convert needs --from and --to");
        rc = EXIT_USAGE;
    }
    if (!rc)
        rc = check_word("format", a->from, llmgw_format_name);
    if (!rc)
        rc = check_word("format", a->to, llmgw_format_name);
    if (rc)
        return rc;
    rc = llmgw_options_new(&o);
    if (rc == 0 && a->strict)
        rc = llmgw_options_set(o, "strict", "true");
    rc = rc < 0 ? told(rc, NULL) : convert(a, o);
    llmgw_options_free(o);
    return rc;
}
