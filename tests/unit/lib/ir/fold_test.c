/* SPDX-License-Identifier: MIT */
#include "tests/unit/lib/ir/fold_fixture.h"

static void test_nothing(void **state)
{
    const struct lg_ir_answer *a =
        lg_fold_answer(&((struct fixture *)*state)->fold);

    assert_null(a->first.parts);
    assert_null(a->first.next);
    assert_int_equal(a->complete, 0);
    assert_int_equal(a->usage.input, -1);
    assert_int_equal(a->first.stop.kind, LG_STOP_NONE);
}

static void test_text(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_part text = {.kind = LG_PART_TEXT, .tok = 3};

    part(x, 0, &text);
    piece(x, LG_EV_TEXT, 0, 0, "Hel");
    piece(x, LG_EV_TEXT, 0, 0, "lo \\ud83d");
    piece(x, LG_EV_TEXT, 0, 0, "");
    piece(x, LG_EV_TEXT, 0, 0, "\\ude00\\n");
    plain(x, LG_EV_PART_END, 0);
    plain(x, LG_EV_PING, -1);
    plain(x, LG_EV_END, -1);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "Hello \\ud83d\\ude00\\n");
    assert_int_equal(nth(x, 0)->text.in_string, 0);
    assert_int_equal(count(nth(x, 0)), 1);
    assert_int_equal(lg_fold_answer(&x->fold)->complete, 1);
}

static void test_empty_text_is_a_string(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_part text = {.kind = LG_PART_TEXT};

    part(x, 0, &text);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "");
}

static void test_parts_open_by_their_pieces(void **state)
{
    struct fixture *x = *state;
    static const uint8_t want[] = {LG_PART_THINKING, LG_PART_TEXT,
                                   LG_PART_REFUSAL, LG_PART_TOOL_CALL};

    piece(x, LG_EV_THINKING, 0, 0, "a");
    piece(x, LG_EV_TEXT, 0, 1, "b");
    piece(x, LG_EV_REFUSAL, 0, 2, "c");
    piece(x, LG_EV_INPUT, 0, 3, "{}");
    for (size_t i = 0; i < LG_COUNT(want); i++)
        assert_int_equal(nth(x, i)->kind, want[i]);
    assert_val(&nth(x, 2)->text, LG_JSON_STRING, "c");
    assert_val(&nth(x, 3)->json, LG_JSON_STRING, "{}");
    assert_int_equal(count(nth(x, 0)), 4);
}

static void test_parts_interleave(void **state)
{
    struct fixture *x = *state;
    char text[8];

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            snprintf(text, sizeof(text), "%d.", i);
            piece(x, LG_EV_TEXT, 0, i, text);
        }
    }
    for (int i = 0; i < 200; i++) {
        char want[32];

        snprintf(want, sizeof(want), "%d.%d.%d.", i, i, i);
        assert_val(&nth(x, (size_t)i)->text, LG_JSON_STRING, want);
    }
    assert_int_equal(count(nth(x, 0)), 200);
}

static void test_parts_stand_by_index(void **state)
{
    struct fixture *x = *state;

    piece(x, LG_EV_TEXT, 0, 5, "5");
    piece(x, LG_EV_TEXT, 0, 2, "2");
    piece(x, LG_EV_TEXT, 0, 3, "3");
    piece(x, LG_EV_TEXT, 0, 9, "9");
    piece(x, LG_EV_TEXT, 0, -1, "-");
    piece(x, LG_EV_TEXT, 0, 4, "4");
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(nth(x, i)->text.s.p[0], "-23459"[i]);
}

static void test_choices(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_choice *c;
    struct lg_ir_stop stop = {.kind = LG_STOP_LENGTH};

    piece(x, LG_EV_TEXT, 2, 0, "c");
    piece(x, LG_EV_TEXT, 0, 0, "a");
    piece(x, LG_EV_TEXT, 1, 0, "b");
    piece(x, LG_EV_TEXT, 2, 0, "C");
    piece(x, LG_EV_TEXT, 1, 1, "B");
    stop.reason = str(x, "length");
    assert_int_equal(put(x, (struct lg_ir_event){.kind = LG_EV_STOP,
                                                 .choice = 3,
                                                 .u.stop = &stop}),
                     0);
    c = &lg_fold_answer(&x->fold)->first;
    assert_int_equal(c->index, 0);
    assert_val(&c->parts->text, LG_JSON_STRING, "a");
    c = c->next;
    assert_int_equal(c->index, 1);
    assert_val(&c->parts->text, LG_JSON_STRING, "b");
    assert_val(&c->parts->next->text, LG_JSON_STRING, "B");
    assert_int_equal(c->stop.kind, LG_STOP_NONE);
    c = c->next;
    assert_int_equal(c->index, 2);
    assert_val(&c->parts->text, LG_JSON_STRING, "cC");
    c = c->next;
    assert_int_equal(c->index, 3);
    assert_null(c->parts);
    assert_int_equal(c->stop.kind, LG_STOP_LENGTH);
    assert_val(&c->stop.reason, LG_JSON_STRING, "length");
    assert_null(c->next);
}

static void test_call(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part call = {.kind = LG_PART_TOOL_CALL};

    call.id = str(x, "toolu_1");
    call.name = str(x, "look\\u0041");
    part(x, 0, &call);
    assert_val(&nth(x, 0)->json, LG_JSON_STRING, "");
    assert_int_equal(nth(x, 0)->json.in_string, 1);
    piece(x, LG_EV_INPUT, 0, 0, "{\\\"a\\\":");
    piece(x, LG_EV_INPUT, 0, 0, "1}");
    assert_val(&nth(x, 0)->id, LG_JSON_STRING, "toolu_1");
    assert_val(&nth(x, 0)->name, LG_JSON_STRING, "look\\u0041");
    assert_val(&nth(x, 0)->json, LG_JSON_STRING, "{\\\"a\\\":1}");
    assert_int_equal(nth(x, 0)->json.in_string, 1);
    assert_int_equal(nth(x, 0)->text.kind, LG_JSON_NONE);
}

static void test_custom_call(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_part call = {.kind = LG_PART_TOOL_CALL, .custom = 1};

    part(x, 0, &call);
    piece(x, LG_EV_INPUT, 0, 0, "print(");
    piece(x, LG_EV_INPUT, 0, 0, "1)");
    assert_int_equal(nth(x, 0)->custom, 1);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "print(1)");
    assert_int_equal(nth(x, 0)->text.in_string, 0);
    assert_int_equal(nth(x, 0)->json.kind, LG_JSON_NONE);
}

/* What a PART event brings with it is where its pieces go on. */
static void test_a_part_may_come_whole(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part p = {.kind = LG_PART_TEXT};

    p.text = str(x, "whole ");
    part(x, 0, &p);
    piece(x, LG_EV_TEXT, 0, 0, "text");
    p = (struct lg_ir_part){.kind = LG_PART_TOOL_CALL};
    p.json = val(x, LG_JSON_OBJECT, "{\"a\": 1.0}");
    part(x, 1, &p);
    p.json = str(x, "{\\\"b\\\"");
    p.json.in_string = 1;
    part(x, 2, &p);
    piece(x, LG_EV_INPUT, 0, 2, ":2}");
    p = (struct lg_ir_part){.kind = LG_PART_TOOL_CALL, .custom = 1};
    p.text = str(x, "raw");
    part(x, 3, &p);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "whole text");
    assert_val(&nth(x, 1)->json, LG_JSON_OBJECT, "{\"a\": 1.0}");
    assert_int_equal(nth(x, 1)->json.in_string, 0);
    assert_val(&nth(x, 2)->json, LG_JSON_STRING, "{\\\"b\\\":2}");
    assert_int_equal(nth(x, 2)->json.in_string, 1);
    assert_val(&nth(x, 3)->text, LG_JSON_STRING, "raw");
}

/* Anthropic opens a call with {} and then sends what it really is. */
static void test_pieces_replace_an_object_in_place(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part p = {.kind = LG_PART_TOOL_CALL};

    p.json = val(x, LG_JSON_OBJECT, "{}");
    part(x, 0, &p);
    assert_val(&nth(x, 0)->json, LG_JSON_OBJECT, "{}");
    piece(x, LG_EV_INPUT, 0, 0, "{\\\"a\\\"");
    piece(x, LG_EV_INPUT, 0, 0, ":1}");
    assert_val(&nth(x, 0)->json, LG_JSON_STRING, "{\\\"a\\\":1}");
    assert_int_equal(nth(x, 0)->json.in_string, 1);
}

static void test_a_part_told_twice(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part p = {.kind = LG_PART_TOOL_CALL};

    p.id = str(x, "call_1");
    part(x, 0, &p);
    piece(x, LG_EV_INPUT, 0, 0, "{}");
    p = (struct lg_ir_part){.kind = LG_PART_TOOL_CALL};
    p.name = str(x, "late");
    part(x, 0, &p);
    assert_int_equal(count(nth(x, 0)), 1);
    assert_val(&nth(x, 0)->id, LG_JSON_STRING, "call_1");
    assert_val(&nth(x, 0)->name, LG_JSON_STRING, "late");
    assert_val(&nth(x, 0)->json, LG_JSON_STRING, "{}");
}

static void test_opaque_is_copied_whole(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_extra second = {.level = 1}, first = {.next = &second};
    struct lg_ir_part inner = {.kind = LG_PART_TEXT},
                      p = {.kind = LG_PART_OPAQUE, .form = LG_FORM_BARE};

    p.json = val(x, LG_JSON_OBJECT, "{\"type\":\"server_tool_use\"}");
    p.cache = val(x, LG_JSON_OBJECT, "{}");
    p.is_error = val(x, LG_JSON_TRUE, "true");
    p.media.source = LG_MEDIA_URL;
    p.media.data = str(x, "https://x");
    p.media.detail = str(x, "low");
    p.media.name = str(x, "n");
    p.media.media_type = str(x, "image/png");
    first.key = lend(x, "k1");
    first.val = str(x, "v1");
    second.key = lend(x, "k2");
    second.val = val(x, LG_JSON_NULL, "null");
    p.extra = &first;
    inner.text = str(x, "inner");
    p.parts = &inner;
    part(x, 0, &p);
    p = *nth(x, 0);
    assert_val(&p.json, LG_JSON_OBJECT, "{\"type\":\"server_tool_use\"}");
    assert_int_equal(p.json.tok, 7);
    assert_val(&p.cache, LG_JSON_OBJECT, "{}");
    assert_val(&p.is_error, LG_JSON_TRUE, "true");
    assert_int_equal(p.form, LG_FORM_BARE);
    assert_int_equal(p.media.source, LG_MEDIA_URL);
    assert_val(&p.media.data, LG_JSON_STRING, "https://x");
    assert_val(&p.media.detail, LG_JSON_STRING, "low");
    assert_val(&p.media.name, LG_JSON_STRING, "n");
    assert_val(&p.media.media_type, LG_JSON_STRING, "image/png");
    assert_int_equal(p.text.kind, LG_JSON_NONE);
    assert_true(lg_str_is(p.extra->key, "k1"));
    assert_val(&p.extra->val, LG_JSON_STRING, "v1");
    assert_true(lg_str_is(p.extra->next->key, "k2"));
    assert_int_equal(p.extra->next->level, 1);
    assert_int_equal(p.extra->next->val.kind, LG_JSON_NULL);
    assert_null(p.extra->next->next);
    assert_val(&p.parts->text, LG_JSON_STRING, "inner");
}

static void test_input_of_an_opaque_part(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part p = {.kind = LG_PART_OPAQUE};

    p.json = val(x, LG_JSON_OBJECT, "{\"input\":{}}");
    part(x, 0, &p);
    piece(x, LG_EV_INPUT, 0, 0, "{\\\"q\\\":");
    piece(x, LG_EV_INPUT, 0, 0, "1}");
    assert_val(&nth(x, 0)->json, LG_JSON_OBJECT, "{\"input\":{}}");
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "{\\\"q\\\":1}");
}

static void test_nesting_has_an_end(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part deep[10] = {{0}};

    for (size_t i = 0; i + 1 < LG_COUNT(deep); i++)
        deep[i] = (struct lg_ir_part){.kind = LG_PART_TOOL_RESULT,
                                      .parts = &deep[i + 1]};
    assert_int_equal(try_part(x, 0, deep), LLMGW_E_LIMIT);
}

static void test_blobs(void **state)
{
    static const char origin[] = "anthropic-messages";
    struct fixture *x = *state;
    struct lg_ir_blob blob = {.origin = origin};
    struct lg_ir_part p = {.kind = LG_PART_REDACTED};

    piece(x, LG_EV_THINKING, 0, 0, "hm");
    for (int i = 0; i < 2; i++) {
        blob.val = str(x, i ? "sig-2" : "sig-1");
        assert_int_equal(put(x, (struct lg_ir_event){.kind = LG_EV_SIGNATURE,
                                                     .u.blob = &blob}),
                         0);
    }
    p.blob = (struct lg_ir_blob){str(x, "secret"), origin};
    part(x, 1, &p);
    blob.val = str(x, "alone");
    assert_int_equal(put(x, (struct lg_ir_event){.kind = LG_EV_SIGNATURE,
                                                 .index = 2,
                                                 .u.blob = &blob}),
                     0);
    assert_val(&nth(x, 0)->blob.val, LG_JSON_STRING, "sig-2");
    assert_ptr_equal(nth(x, 0)->blob.origin, origin);
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "hm");
    assert_val(&nth(x, 1)->blob.val, LG_JSON_STRING, "secret");
    assert_ptr_equal(nth(x, 1)->blob.origin, origin);
    assert_int_equal(nth(x, 2)->kind, LG_PART_THINKING);
    assert_val(&nth(x, 2)->text, LG_JSON_STRING, "");
}

static void cite(struct fixture *x, int32_t index, enum lg_json_kind kind,
                 const char *json)
{
    const struct lg_ir_val v = val(x, kind, json);

    assert_int_equal(put(x, (struct lg_ir_event){.kind = LG_EV_CITATION,
                                                 .index = index,
                                                 .u.val = &v}),
                     0);
}

static void test_citations(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_part p = {.kind = LG_PART_TEXT};

    piece(x, LG_EV_TEXT, 0, 0, "a");
    assert_int_equal(nth(x, 0)->citations.kind, LG_JSON_NONE);
    cite(x, 0, LG_JSON_OBJECT, "{\"t\":1}");
    assert_val(&nth(x, 0)->citations, LG_JSON_ARRAY, "[{\"t\":1}]");
    cite(x, 0, LG_JSON_STRING, "s");
    cite(x, 0, LG_JSON_OBJECT, "{}");
    piece(x, LG_EV_TEXT, 0, 0, "b");
    assert_val(&nth(x, 0)->text, LG_JSON_STRING, "ab");
    assert_val(&nth(x, 0)->citations, LG_JSON_ARRAY, "[{\"t\":1},\"s\",{}]");
    p.citations = val(x, LG_JSON_ARRAY, "[ ]");
    part(x, 1, &p);
    assert_val(&nth(x, 1)->citations, LG_JSON_ARRAY, "[ ]");
    cite(x, 1, LG_JSON_NUMBER, "1");
    assert_val(&nth(x, 1)->citations, LG_JSON_ARRAY, "[1]");
    p.citations = val(x, LG_JSON_ARRAY, "[{\"a\":1} \n]");
    part(x, 2, &p);
    cite(x, 2, LG_JSON_NUMBER, "2");
    assert_val(&nth(x, 2)->citations, LG_JSON_ARRAY, "[{\"a\":1},2]");
}

static void test_head_and_stop(void **state)
{
    struct fixture *x = *state;
    struct lg_ir_extra extra = {.level = 0};
    struct lg_ir_head head = {.extra = &extra};
    struct lg_ir_stop stop = {.kind = LG_STOP_SEQUENCE};
    const struct lg_ir_answer *a;

    head.id = str(x, "msg_1");
    head.model = str(x, "m");
    head.created = val(x, LG_JSON_NUMBER, "18446744073709551616");
    extra.key = lend(x, "k");
    extra.val = str(x, "v");
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = LG_EV_START, .u.head = &head}), 0);
    stop.details = str(x, "first");
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = LG_EV_STOP, .u.stop = &stop}), 0);
    stop.details = (struct lg_ir_val){0};
    stop.sequence = str(x, "\\n");
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = LG_EV_STOP, .u.stop = &stop}), 0);
    a = lg_fold_answer(&x->fold);
    assert_val(&a->head.id, LG_JSON_STRING, "msg_1");
    assert_val(&a->head.model, LG_JSON_STRING, "m");
    assert_val(&a->head.created, LG_JSON_NUMBER, "18446744073709551616");
    assert_val(&a->head.extra->val, LG_JSON_STRING, "v");
    assert_int_equal(a->first.stop.kind, LG_STOP_SEQUENCE);
    assert_val(&a->first.stop.sequence, LG_JSON_STRING, "\\n");
    assert_int_equal(a->first.stop.details.kind, LG_JSON_NONE);
    assert_int_equal(a->complete, 0);
}

static void test_usage_mode(void **state)
{
    struct fixture *x = *state;
    const struct lg_ir_part text = {.kind = LG_PART_TEXT};
    const struct lg_ir_val citation = {LG_STR("{}"), 0, LG_JSON_OBJECT, 0};
    struct lg_ir_stop stop = {.kind = LG_STOP_END};
    const struct lg_ir_answer *a;

    lg_fold_init(&x->fold, &x->arena, LG_FOLD_USAGE, MAX, NULL);
    part(x, 0, &text);
    piece(x, LG_EV_TEXT, 0, 0, "text");
    piece(x, LG_EV_INPUT, 0, 1, "{}");
    assert_int_equal(put(x, (struct lg_ir_event){.kind = LG_EV_CITATION,
                                                 .u.val = &citation}),
                     0);
    assert_int_equal(x->arena.used, 0);
    use(x, 3, NULL);
    assert_int_equal(
        put(x, (struct lg_ir_event){.kind = LG_EV_STOP, .u.stop = &stop}), 0);
    plain(x, LG_EV_END, -1);
    a = lg_fold_answer(&x->fold);
    assert_null(a->first.parts);
    assert_int_equal(a->usage.output, 3);
    assert_int_equal(a->first.stop.kind, LG_STOP_END);
    assert_int_equal(a->complete, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing),
        TEST(test_text),
        TEST(test_empty_text_is_a_string),
        TEST(test_parts_open_by_their_pieces),
        TEST(test_parts_interleave),
        TEST(test_parts_stand_by_index),
        TEST(test_choices),
        TEST(test_call),
        TEST(test_custom_call),
        TEST(test_a_part_may_come_whole),
        TEST(test_pieces_replace_an_object_in_place),
        TEST(test_a_part_told_twice),
        TEST(test_opaque_is_copied_whole),
        TEST(test_input_of_an_opaque_part),
        TEST(test_nesting_has_an_end),
        TEST(test_blobs),
        TEST(test_citations),
        TEST(test_head_and_stop),
        TEST(test_usage_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
