/* SPDX-License-Identifier: MIT
 *
 * Errors. */
#include "tests/unit/lib/format/gemini_case.h"

static const struct {
    const char *json;
    int status;
    int class;
    const char *message; /* NULL: this is no error */
} cases[] = {
    {"{'error':{'code':400,'message':'m','status':'INVALID_ARGUMENT'}}", 400,
     LG_ERROR_INVALID, "m"},
    {"{'error':{'code':400,'message':'m','status':'INVALID_ARGUMENT',"
     "'details':[{'@type':'x'},{'reason':'API_KEY_INVALID'}]}}",
     400, LG_ERROR_AUTH, "m"},
    {"{'error':{'code':400,'message':'API key not valid.','status':"
     "'INVALID_ARGUMENT'}}",
     400, LG_ERROR_AUTH, "API key not valid."},
    {"{'error':{'code':400,'message':'it exceeds the maximum number of tokens',"
     "'status':'INVALID_ARGUMENT'}}",
     400, LG_ERROR_CONTEXT_LENGTH, "it exceeds the maximum number of tokens"},
    {"{'error':{'code':401,'message':'m','status':'UNAUTHENTICATED'}}", 0,
     LG_ERROR_AUTH, "m"},
    {"{'error':{'code':400,'message':'m','status':'FAILED_PRECONDITION'}}", 0,
     LG_ERROR_BILLING, "m"},
    {"{'error':{'code':403,'message':'m','status':'PERMISSION_DENIED'}}", 0,
     LG_ERROR_PERMISSION, "m"},
    {"{'error':{'code':404,'message':'m','status':'NOT_FOUND'}}", 0,
     LG_ERROR_NOT_FOUND, "m"},
    {"{'error':{'code':409,'message':'m','status':'ABORTED'}}", 0,
     LG_ERROR_CONFLICT, "m"},
    {"{'error':{'code':429,'message':'m','status':'RESOURCE_EXHAUSTED'}}", 0,
     LG_ERROR_RATE_LIMIT, "m"},
    {"{'error':{'code':500,'message':'m','status':'INTERNAL'}}", 0,
     LG_ERROR_SERVER, "m"},
    {"{'error':{'code':503,'message':'m','status':'UNAVAILABLE'}}", 0,
     LG_ERROR_OVERLOADED, "m"},
    {"{'error':{'code':504,'message':'m','status':'DEADLINE_EXCEEDED'}}", 0,
     LG_ERROR_TIMEOUT, "m"},
    {"{'error':{'code':499,'message':'m','status':'CANCELLED'}}", 0,
     LG_ERROR_OTHER, "m"},
    {"{'error':{'code':418,'message':'m','status':'TEAPOT'}}", 418,
     LG_ERROR_INVALID, "m"},
    {"{'error':{'code':429,'message':'m'}}", 0, LG_ERROR_RATE_LIMIT, "m"},
    {"{'error':{'message':'m'}}", 0, LG_ERROR_OTHER, "m"},
    {"[{'error':{'code':404,'message':'m','status':'NOT_FOUND'}}]", 404,
     LG_ERROR_NOT_FOUND, "m"},
    {"{'error':'m'}", 400, 0, NULL},
    {"{'error':{}}", 400, 0, NULL},
    {"{'message':'m'}", 400, 0, NULL},
    {"[]", 400, 0, NULL},
    {"7", 400, 0, NULL},
    {"{'error':{'message':7}}", 400, 0, NULL},
};

static void errors_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < LG_COUNT(cases); i++) {
        struct lg_buf text = quoted(cases[i].json);
        struct lg_ir_error e = {0};
        struct lg_err err = {0};
        struct lg_arena arena;
        struct lg_json doc;
        struct lg_ctx c = {.self = &lg_format_gemini,
                           .arena = &arena,
                           .keep = &arena,
                           .err = &err};
        int rc;

        lg_arena_init(&arena, 0, (size_t)1 << 20);
        assert_int_equal(lg_json_read(&doc, &arena, lg_buf_span(&text), NULL),
                         0);
        rc = lg_format_gemini.read_error(&c, &doc, cases[i].status, &e);
        if (rc != (cases[i].message ? 0 : LLMGW_E_JSON))
            fail_msg("%s: %d", text.p, rc);
        if (cases[i].message && (e.class != cases[i].class ||
                                 !lg_str_is(e.message.s, cases[i].message)))
            fail_msg("%s: class %d, %.*s", text.p, e.class, (int)e.message.s.n,
                     e.message.s.p);
        lg_arena_done(&arena);
        lg_buf_done(&text);
    }
}

static void errors_become_others(void **state)
{
    (void)state;
    turns(CORPUS_ERROR, "gemini", ANTHROPIC,
          "[{'error':{'code':503,'message':'m','status':'UNAVAILABLE'}}]",
          "{'type':'error','error':{'type':'overloaded_error','message':"
          "'m'}}",
          "/0/error/code dropped");
    turns(CORPUS_ERROR, ANTHROPIC, "gemini",
          "{'type':'error','error':{'type':'rate_limit_error','message':'m'}}",
          "{'error':{'code':400,'message':'m','status':"
          "'RESOURCE_EXHAUSTED'}}",
          "");
    turns(CORPUS_ERROR, CHAT, "gemini",
          "{'error':{'message':'m','type':'invalid_request_error','param':"
          "'p','code':'c'}}",
          "{'error':{'code':400,'message':'m','status':'INVALID_ARGUMENT'}}",
          "/error/code dropped\n/error/param dropped");
}

/* Each class has a status, and is read back as that class or as what is
 * nearest to it. */
static void classes_have_statuses(void **state)
{
    (void)state;
    for (uint8_t class = 0; class <= LG_ERROR_OVERLOADED; class ++) {
        struct lg_ir_error e = {.class = class}, back = {0};
        struct lg_err err = {0};
        struct lg_arena arena;
        struct lg_json doc;
        struct lg_buf out;
        struct lg_ctx c = {.self = &lg_format_gemini,
                           .arena = &arena,
                           .keep = &arena,
                           .err = &err};

        lg_arena_init(&arena, 0, (size_t)1 << 20);
        lg_buf_init(&out, 4096);
        assert_int_equal(lg_format_gemini.write_error(&c, &e, &out), 0);
        assert_int_equal(lg_json_read(&doc, &arena, lg_buf_span(&out), NULL),
                         0);
        assert_int_equal(lg_format_gemini.read_error(&c, &doc, 0, &back), 0);
        if (back.class != class)
            assert_true(
                (class == LG_ERROR_OTHER && back.class == LG_ERROR_SERVER) ||
                (class == LG_ERROR_QUOTA &&
                 back.class == LG_ERROR_RATE_LIMIT) ||
                back.class == LG_ERROR_INVALID);
        lg_buf_done(&out);
        lg_arena_done(&arena);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, use_defaults)
    const struct CMUnitTest tests[] = {
        T(errors_are_read),
        T(errors_become_others),
        T(classes_have_statuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
