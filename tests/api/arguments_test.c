/* SPDX-License-Identifier: MIT
 *
 * Wrong arguments, in all combinations: an error and nothing else. */
#include "tests/api/api.h"

#include <limits.h>
#include <llmgw/transport.h>

#define EACH(i, list) for (size_t i = 0; i < COUNT(list); i++)

/* What every call that makes something keeps to. */
static void check(int rc, const void *out, const llmgw_error *e, int had_error)
{
    assert_in_range(-rc, 0, 18);
    assert_true((rc == 0) == (out != NULL));
    if (had_error)
        assert_int_equal(llmgw_error_code(e), rc);
    if (rc && had_error)
        assert_non_null(llmgw_error_message(e));
}

/* ---- calls -------------------------------------------------------------- */

static const char *const operations[] = {NULL,    "",         "Chat",
                                         "chat ", "messages", "chat"};
static const struct {
    const char *json;
    size_t len;
} texts[] = {
    {NULL, 0},
    {NULL, NUL},
    {NULL, 7},
    {"", 0},
    {"", NUL},
    {"{}", 0},
    {"{}", 1},
    {"{}", 2},
    {"{}", NUL},
    {"{\"model\":1}", NUL},
    {"[", NUL},
    {"\0{}", 3},
    {"{\"model\":\"m\"}", NUL},
};

/* One combination of what may be NULL. */
static int ask(int how, const llmgw_options *o, size_t op, size_t text,
               int with_out, int with_error)
{
    llmgw_client *c = how & 1 ? client() : NULL;
    llmgw_response *r = (llmgw_response *)&sc;
    llmgw_stream *s = (llmgw_stream *)&sc;
    llmgw_error *e = (llmgw_error *)&sc;
    llmgw_error **error = with_error ? &e : NULL;
    int rc;

    if (how & 2) {
        rc = llmgw_call_stream(c, o, operations[op], texts[text].json,
                               texts[text].len, with_out ? &s : NULL, error);
        check(rc, with_out ? (const void *)s : NULL, e, with_error && with_out);
        if (with_out)
            llmgw_stream_free(s);
    } else {
        rc = llmgw_call(c, o, operations[op], texts[text].json, texts[text].len,
                        with_out ? &r : NULL, error);
        check(rc, with_out ? (const void *)r : NULL, e, with_error && with_out);
    }
    if (with_error)
        llmgw_error_free(e);
    return rc;
}

static void refuses_calls(void **state)
{
    size_t asked = 0;

    (void)state;
    for (int how = 0; how < 4; how++)
        for (int own = 0; own < 2; own++)
            EACH(op, operations)
    EACH(text, texts)
    for (int give = 0; give < 4; give++) {
        const int rc =
            ask(how, own ? sc.o : NULL, op, text, give & 1, give & 2);

        if (!(how & 1) || !(give & 1))
            assert_int_equal(rc, LLMGW_E_INVALID);
        assert_true(rc < 0);
        asked++;
    }
    assert_int_equal(asked, 4 * 2 * COUNT(operations) * COUNT(texts) * 4);
    assert_int_equal(requests(), 0);
}

static void refuses_clients(void **state)
{
    llmgw_client *c = (llmgw_client *)&sc;
    llmgw_error *e = NULL;

    (void)state;
    assert_int_equal(llmgw_client_new(NULL, &c, &e), LLMGW_E_INVALID);
    check(LLMGW_E_INVALID, c, e, 1);
    llmgw_error_free(e);
    assert_int_equal(llmgw_client_new(NULL, &c, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_client_new(sc.o, NULL, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_client_new(sc.o, NULL, &e), LLMGW_E_INVALID);
    assert_null(e);
    set("providers.x.api_key", "k"); /* of no type */
    assert_int_equal(llmgw_client_new(sc.o, &c, &e), LLMGW_E_OPTION);
    check(LLMGW_E_OPTION, c, e, 1);
    assert_string_equal(llmgw_error_where(e), "providers.x.type");
    llmgw_error_free(e);
    llmgw_client_free(NULL);
}

/* ---- options ------------------------------------------------------------ */

static void refuses_options(void **state)
{
    static const char *const keys[] = {NULL,
                                       "",
                                       ".",
                                       "..",
                                       "/",
                                       "/a~2b",
                                       "strict.",
                                       "Strict",
                                       "retry",
                                       "retry.max.max",
                                       "providers",
                                       "providers.",
                                       "providers.x",
                                       "providers..type",
                                       "headers.",
                                       "headers.a b",
                                       "headers.host",
                                       "retry.max",
                                       "strict",
                                       "timeout.total_ms",
                                       "format"};
    static const char *const values[] = {
        NULL,  "",    " ",   "-1",   "101",  "99999999999999999999",
        "1.5", "0x1", "yes", "\xff", "a\nb", "{}",
        "[]"};

    (void)state;
    EACH(k, keys)
    EACH(v, values)
    {
        const int rc = llmgw_options_set(sc.o, keys[k], values[v]);

        assert_int_equal(llmgw_error_code(llmgw_options_error(sc.o)), rc);
        assert_int_equal(llmgw_options_set(NULL, keys[k], values[v]),
                         LLMGW_E_INVALID);
        assert_true(rc == 0 || rc == LLMGW_E_OPTION || rc == LLMGW_E_JSON ||
                    (!keys[k] && rc == LLMGW_E_INVALID));
        if (rc == 0 && k < 17 && values[v] && *values[v] != '{')
            fail_msg("%s=%s", keys[k], values[v]);
        assert_null(llmgw_options_get(NULL, keys[k]));
    }
    assert_null(llmgw_options_get(sc.o, NULL));
}

static void refuses_documents(void **state)
{
    static const struct {
        const char *json;
        size_t len;
        int rc;
    } rows[] = {
        {NULL, 0, LLMGW_E_INVALID},
        {NULL, 9, LLMGW_E_INVALID},
        {"", NUL, LLMGW_E_JSON},
        {"{", NUL, LLMGW_E_JSON},
        {"{}", 1, LLMGW_E_JSON},
        {"[]", NUL, LLMGW_E_JSON},
        {"7", NUL, LLMGW_E_JSON},
        {"{\"a\":1}", NUL, LLMGW_E_OPTION},
        {"{}x", NUL, LLMGW_E_JSON},
        {"{\"strict\":7}", NUL, LLMGW_E_OPTION},
        {"{}", 2, 0},
        {" {} ", NUL, 0},
    };

    (void)state;
    EACH(i, rows)
    {
        const int rc = llmgw_options_load(sc.o, rows[i].json, rows[i].len);

        if (rc != rows[i].rc)
            fail_msg("row %zu: %d", i, rc);
        assert_int_equal(llmgw_options_load(NULL, rows[i].json, rows[i].len),
                         LLMGW_E_INVALID);
    }
}

static int refuse_start(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
    return LLMGW_E_CONNECT;
}

static int no_pump(void *self, int64_t ms)
{
    (void)self;
    (void)ms;
    return 0;
}

static void no_cancel(void *self, llmgw_exchange *x)
{
    (void)self;
    (void)x;
}

static int no_ready(void *self, intptr_t fd, int events)
{
    (void)self;
    (void)fd;
    (void)events;
    return 0;
}

static void refuses_transports(void **state)
{
    const llmgw_transport right = {.size = sizeof(right),
                                   .start = refuse_start,
                                   .pump = no_pump,
                                   .cancel = no_cancel};
    llmgw_transport t[7] = {right, right, right, right, right, right, right};
    struct {
        llmgw_transport t;
        void *more;
    } newer = {right, &newer};

    (void)state;
    t[0].size = 0;
    t[1].size = 8;
    t[2].start = NULL;
    t[3].pump = NULL;
    t[4].cancel = NULL;
    t[5].ready = no_ready;
    newer.t.size = sizeof(newer);
    EACH(i, t)
    assert_int_equal(llmgw_options_set_transport(sc.o, &t[i], NULL),
                     i < 6 ? LLMGW_E_INVALID : 0);
    assert_int_equal(llmgw_options_set_transport(sc.o, &newer.t, NULL),
                     LLMGW_E_INVALID);
    newer.more = NULL;
    assert_int_equal(llmgw_options_set_transport(sc.o, &newer.t, NULL), 0);
    assert_int_equal(llmgw_options_set_transport(NULL, &right, NULL),
                     LLMGW_E_INVALID);
    set("retry.max", "0");
    assert_int_equal(call(CLAUDE), LLMGW_E_CONNECT);
    assert_string_equal(llmgw_error_get(sc.e, "maybe_billed"), "false");
}

static void refuses_the_rest_of_options(void **state)
{
    (void)state;
    assert_int_equal(llmgw_options_new(NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_load_env(NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_cancel(NULL, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_cancel(sc.o, NULL), 0);
    assert_int_equal(llmgw_options_set_trace(NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_source(NULL, NULL, NULL, 0, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_source(sc.o, NULL, NULL, -2, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(
        llmgw_options_set_source(sc.o, NULL, NULL, INT64_MIN, NULL),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_sink(NULL, NULL, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_script(NULL, sc.s), LLMGW_E_INVALID);
    assert_int_equal(llmgw_options_set_script(sc.o, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_cancel_new(NULL), LLMGW_E_INVALID);
    llmgw_cancel_fire(NULL);
    llmgw_cancel_free(NULL);
    llmgw_options_free(NULL);
}

/* ---- conversion --------------------------------------------------------- */

static void refuses_conversions(void **state)
{
    static const char *const kinds[] = {NULL, "", "request", "answer"};
    static const char *const formats[] = {NULL, "", "openai",
                                          "anthropic-messages", "openai-chat"};

    (void)state;
    EACH(k, kinds)
    EACH(from, formats)
    EACH(to, formats)
    EACH(t, texts)
    for (int give = 0; give < 16; give++) {
        char *out = (char *)&sc, *loss = (char *)&sc;
        llmgw_error *e = NULL;
        size_t n = 77;
        int rc;

        if (!texts[t].json && texts[t].len && give > 3)
            continue;
        rc = llmgw_convert(give & 1 ? sc.o : NULL, kinds[k], formats[from],
                           formats[to], texts[t].json, texts[t].len,
                           give & 2 ? &out : NULL, give & 4 ? &n : NULL,
                           give & 8 ? &loss : NULL, give & 4 ? &e : NULL);
        if (give & 2) {
            check(rc, out, e, give & 4);
            llmgw_free(out);
        } else {
            assert_int_equal(rc, LLMGW_E_INVALID);
        }
        if (give & 8)
            llmgw_free(loss);
        llmgw_error_free(e);
    }
    llmgw_free(NULL);
}

static void refuses_bytes(void **state)
{
    llmgw_converter *v = NULL;
    size_t n = 9;

    (void)state;
    assert_int_equal(llmgw_converter_feed(NULL, "x", 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_converter_finish(NULL), LLMGW_E_INVALID);
    assert_null(llmgw_converter_take(NULL, &n));
    assert_int_equal(n, 0);
    assert_null(llmgw_converter_take(NULL, NULL));
    assert_null(llmgw_converter_loss(NULL, 0));
    assert_null(llmgw_converter_error(NULL));
    llmgw_converter_free(NULL);
    assert_int_equal(
        llmgw_converter_new(NULL, "openai-chat", "openai-chat", &v, NULL), 0);
    assert_int_equal(llmgw_converter_feed(v, NULL, 1), LLMGW_E_INVALID);
    assert_int_equal(llmgw_converter_feed(v, NULL, 0), 0);
    assert_int_equal(llmgw_converter_feed(v, "", 0), 0);
    assert_null(llmgw_converter_take(v, NULL));
    assert_int_equal(llmgw_converter_finish(v), LLMGW_E_TRUNCATED);
    llmgw_converter_free(v);
}

/* ---- loops and streams -------------------------------------------------- */

static int watch(void *user, intptr_t fd, int want)
{
    (void)user;
    (void)fd;
    (void)want;
    return 0;
}

static int timer(void *user, int64_t ms)
{
    (void)user;
    (void)ms;
    return 0;
}

static void refuses_loops(void **state)
{
    static const intptr_t fds[] = {INTPTR_MIN, -2, -1, 0, 7, INTPTR_MAX};
    static const int events[] = {INT_MIN, -1, 0, 1, 3, 4, INT_MAX};

    (void)state;
    for (int i = 0; i < 8; i++) {
        llmgw_client *c = i & 1 ? client() : NULL;

        assert_int_equal(llmgw_client_set_loop(c, i & 2 ? watch : NULL,
                                               i & 4 ? timer : NULL, NULL),
                         i == 7 ? 0 : LLMGW_E_INVALID);
    }
    assert_int_equal(llmgw_client_set_loop(sc.c, watch, timer, NULL),
                     LLMGW_E_INVALID); /* once */
    EACH(f, fds)
    EACH(e, events)
    {
        (void)llmgw_client_ready(sc.c, fds[f], events[e]);
        assert_int_equal(llmgw_client_ready(NULL, fds[f], events[e]),
                         LLMGW_E_INVALID);
    }
    assert_null(llmgw_client_pending(NULL));
    assert_null(llmgw_client_pending(sc.c));
    scene_anew();
    assert_int_equal(llmgw_client_ready(client(), -1, 0), LLMGW_E_INVALID);
    assert_null(llmgw_client_pending(sc.c));
    script(200, JSON, MESSAGE("Hi"));
    assert_int_equal(call(CLAUDE), 0);
    assert_int_equal(llmgw_client_set_loop(sc.c, watch, timer, NULL),
                     LLMGW_E_INVALID); /* before the first call */
}

static void knows_no_null_stream(void **state)
{
    llmgw_response *r = (llmgw_response *)&sc;
    size_t n = 9;

    (void)state;
    assert_int_equal(llmgw_stream_next(NULL), LLMGW_E_INVALID);
    assert_null(llmgw_stream_text(NULL, &n));
    assert_int_equal(n, 0);
    n = 9;
    assert_null(llmgw_stream_json(NULL, &n));
    assert_int_equal(n, 0);
    n = 9;
    assert_null(llmgw_stream_frame(NULL, &n));
    assert_int_equal(n, 0);
    assert_null(llmgw_stream_text(NULL, NULL));
    assert_null(llmgw_stream_json(NULL, NULL));
    assert_null(llmgw_stream_frame(NULL, NULL));
    assert_null(llmgw_stream_name(NULL));
    assert_null(llmgw_stream_id(NULL));
    assert_int_equal(llmgw_stream_index(NULL), -1);
    assert_null(llmgw_stream_response(NULL));
    assert_null(llmgw_stream_error(NULL));
    assert_int_equal(llmgw_stream_take_response(NULL, &r), LLMGW_E_INVALID);
    assert_null(r);
    assert_int_equal(llmgw_stream_take_response(NULL, NULL), LLMGW_E_INVALID);
    llmgw_stream_cancel(NULL);
    llmgw_stream_set_user(NULL, &n);
    assert_null(llmgw_stream_user(NULL));
    llmgw_stream_free(NULL);
}

static void knows_a_stream_before_its_first_event(void **state)
{
    llmgw_response *r = NULL;

    (void)state;
    script(200, EVENTS, MESSAGE_STREAM);
    assert_int_equal(stream(CLAUDE), 0);
    assert_null(llmgw_stream_text(sc.st, NULL));
    assert_null(llmgw_stream_frame(sc.st, NULL));
    assert_null(llmgw_stream_name(sc.st));
    assert_null(llmgw_stream_error(sc.st));
    assert_int_equal(llmgw_stream_take_response(sc.st, NULL), LLMGW_E_INVALID);
    if (llmgw_stream_take_response(sc.st, &r) == 0)
        llmgw_response_free(r);
    llmgw_stream_set_user(sc.st, &r);
    assert_ptr_equal(llmgw_stream_user(sc.st), &r);
    assert_int_equal(drain(), 0);
    assert_ptr_equal(llmgw_stream_user(sc.st), &r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(refuses_calls),
        SCENE(refuses_clients),
        SCENE(refuses_options),
        SCENE(refuses_documents),
        SCENE(refuses_transports),
        SCENE(refuses_the_rest_of_options),
        SCENE(refuses_conversions),
        SCENE(refuses_bytes),
        SCENE(refuses_loops),
        SCENE(knows_no_null_stream),
        SCENE(knows_a_stream_before_its_first_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
