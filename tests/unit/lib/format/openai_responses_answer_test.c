/* SPDX-License-Identifier: MIT
 *
 * Whole answers, from here and to here; and streams, which fold to them. */
#include "tests/unit/lib/format/openai_responses_case.h"

#define MANY ((size_t)1 << 24)

/* ---- answers of other formats ------------------------------------------- */

#define HEAD(status, reason)                                                  \
    "'id':'a1','object':'response','created_at':1700000000,'status':'" status \
    "','error':null,'incomplete_details':" reason ",'model':'m'"
#define TAIL                                                               \
    ",'instructions':null,'metadata':{},'parallel_tool_calls':true,"       \
    "'temperature':null,'tool_choice':'auto','tools':[],'top_p':null,"     \
    "'usage':{'input_tokens':9,'input_tokens_details':{'cached_tokens':2," \
    "'cache_write_tokens':3},'output_tokens':5,'output_tokens_details':{"  \
    "'reasoning_tokens':0},'total_tokens':14}"
#define DONE "{" HEAD("completed", "null") ",'output':["
#define MESSAGE(n, status, content)                                       \
    "{'type':'message','id':'msg_a1_" n "','status':'" status "','role':" \
    "'assistant','content':[" content "]}"
#define TEXT(t, notes)                                                \
    "{'type':'output_text','text':'" t "','annotations':[" notes "]," \
    "'logprobs':[]}"

static void of_claude(const char *content, const char *stop, const char *want,
                      const char *losses)
{
    char doc[4096], expected[4096];

    snprintf(doc, sizeof(doc),
             "{'id':'a1','type':'message','role':'assistant','model':'m',"
             "'content':[%s],%s,'stop_sequence':null,'usage':{'input_tokens':"
             "4,'cache_read_input_tokens':2,'cache_creation_input_tokens':3,"
             "'output_tokens':5}}",
             content, stop);
    snprintf(expected, sizeof(expected), "%s]" TAIL "}", want);
    turns(CORPUS_ANSWER, CLAUDE, OURS, doc, expected, losses);
}

static void texts_are_one_message(void **state)
{
    (void)state;
    of_claude("{'type':'text','text':'a'},{'type':'text','text':'b'}",
              "'stop_reason':'end_turn'",
              DONE MESSAGE("0", "completed", TEXT("a", "") "," TEXT("b", "")),
              "");
    of_claude("", "'stop_reason':'end_turn'", DONE, "");
}

static void parts_are_items_in_their_order(void **state)
{
    (void)state;
    of_claude(
        "{'type':'thinking','thinking':'h','signature':'s'},{'type':"
        "'redacted_thinking','data':'d'},{'type':'text','text':'a'},{"
        "'type':'tool_use','id':'t','name':'f','input':{'n':1.0}},{"
        "'type':'text','text':'b'}",
        "'stop_reason':'tool_use'",
        DONE
        "{'type':'reasoning','id':'rs_a1_0','status':'completed',"
        "'summary':[{'type':'summary_text','text':'h'}]}," MESSAGE(
            "1", "completed",
            TEXT(
                "a",
                "")) ",{'type':"
                     "'function_call','id':'fc_a1_2','status':'completed',"
                     "'call_id':'t','name':'f','arguments':'{\\'n\\':1.0}'}," MESSAGE(
                         "3", "completed", TEXT("b", "")),
        "/content/0/signature dropped\n/content/1 dropped");
}

static void how_it_stopped(void **state)
{
    (void)state;
    of_claude("{'type':'text','text':'a'}", "'stop_reason':'max_tokens'",
              "{" HEAD("incomplete",
                       "{'reason':'max_output_tokens'}") ","
                                                         "'output':[" MESSAGE(
                                                             "0", "incomplete",
                                                             TEXT("a", "")),
              "");
    of_claude("{'type':'text','text':'a'}", "'stop_reason':'refusal'",
              "{" HEAD("incomplete",
                       "{'reason':'content_filter'}") ","
                                                      "'output':[" MESSAGE(
                                                          "0", "completed",
                                                          TEXT("a", "")),
              "");
    of_claude("{'type':'text','text':'a'}",
              "'stop_reason':'refusal','stop_details':{'type':'refusal',"
              "'explanation':'no'}",
              DONE MESSAGE("0", "completed", TEXT("a", "")) "," MESSAGE(
                  "1", "completed", "{'type':'refusal','refusal':'no'}"),
              "");
    of_claude("", "'stop_reason':null",
              "{" HEAD("incomplete", "null") ",'output':[", "");
    of_claude("", "'stop_reason':'tool_use'", DONE,
              "/stop_reason approximated");
    of_claude("", "'stop_reason':'pause_turn'", DONE,
              "/stop_reason approximated");
}

static void citations_of_the_web_are_kept(void **state)
{
    (void)state;
    of_claude("{'type':'text','text':'a\\u00e9b','citations':[{'type':"
              "'web_search_result_location','url':'https://e','title':'T',"
              "'cited_text':'c'},{'type':'char_location','document_index':0}]}",
              "'stop_reason':'end_turn'",
              DONE MESSAGE("0", "completed",
                           TEXT("a\\u00e9b",
                                "{'type':'url_citation','start_index':0,"
                                "'end_index':3,'url':'https://e','title':"
                                "'T'}")),
              " dropped");
    turns(CORPUS_ANSWER, CHAT, OURS,
          "{'id':'a1','object':'chat.completion','created':1700000000,'model':"
          "'m','choices':[{'index':0,'message':{'role':'assistant','content':"
          "'a','annotations':[{'type':'url_citation','url_citation':{"
          "'start_index':0,'end_index':1,'url':'https://e','title':'T'}}]},"
          "'finish_reason':'stop'}],'usage':{'prompt_tokens':9,"
          "'completion_tokens':5,'total_tokens':14,'prompt_tokens_details':{"
          "'cached_tokens':2,'cache_write_tokens':3}}}",
          DONE MESSAGE("0", "completed",
                       TEXT("a", "{'type':'url_citation','start_index':0,"
                                 "'end_index':1,'url':'https://e','title':"
                                 "'T'}")) "]" TAIL "}",
          "");
}

static void one_choice_is_all(void **state)
{
    (void)state;
    turns(CORPUS_ANSWER, CHAT, OURS,
          "{'id':'a1','created':1700000000,'model':'m','choices':[{'index':0,"
          "'message':{'role':'assistant','content':'a'},'finish_reason':"
          "'stop'},{'index':1,'message':{'role':'assistant','content':'b'},"
          "'finish_reason':'stop'}],'usage':{'prompt_tokens':9,"
          "'completion_tokens':5,'total_tokens':14,'prompt_tokens_details':{"
          "'cached_tokens':2,'cache_write_tokens':3}}}",
          DONE MESSAGE("0", "completed", TEXT("a", "")) "]" TAIL "}",
          " dropped");
}

/* ---- ours as others ----------------------------------------------------- */

static void to_claude(const char *output, const char *ending,
                      const char *content, const char *stop, const char *losses)
{
    char doc[4096], expected[4096];

    snprintf(doc, sizeof(doc),
             "{'id':'r1','object':'response','created_at':1,'model':'m',%s,"
             "'output':[%s],'usage':{'input_tokens':9,'input_tokens_details':{"
             "'cached_tokens':2},'output_tokens':5,'output_tokens_details':{"
             "'reasoning_tokens':3},'total_tokens':14}}",
             ending, output);
    snprintf(expected, sizeof(expected),
             "{'id':'r1','type':'message','role':'assistant','model':'m',"
             "'content':[%s],'stop_reason':%s,'stop_sequence':null,'usage':{"
             "'input_tokens':7,'cache_read_input_tokens':2,'output_tokens':5,"
             "'output_tokens_details':{'thinking_tokens':3}}}",
             content, stop);
    turns(CORPUS_ANSWER, OURS, CLAUDE, doc, expected, losses);
}

#define COMPLETED "'status':'completed'"
#define SAID(t)                                                            \
    "{'type':'message','id':'m1','status':'completed','role':'assistant'," \
    "'content':[" TEXT(t, "") "]}"

static void items_are_blocks(void **state)
{
    (void)state;
    to_claude(
        "{'type':'reasoning','id':'rs_1','summary':[{'type':"
        "'summary_text','text':'a'},{'type':'summary_text','text':'b'}],"
        "'encrypted_content':'e'}," SAID(
            "t") ",{'type':"
                 "'function_call','id':'fc_1','call_id':'c1','name':'f',"
                 "'arguments':'{\\'n\\':1}','status':'completed'},{'type':"
                 "'custom_tool_call','id':'ctc_1','call_id':'c2','name':'g',"
                 "'input':'x'}",
        COMPLETED,
        "{'type':'thinking','thinking':'a\\n\\nb','signature':''},{"
        "'type':'text','text':'t'},{'type':'tool_use','id':'c1','name':"
        "'f','input':{'n':1}},{'type':'tool_use','id':'c2','name':'g',"
        "'input':{'input':'x'}}",
        "'tool_use'", "/output/0/encrypted_content dropped");
    to_claude("{'type':'reasoning','id':'rs_1','summary':[]}," SAID("t"),
              COMPLETED, "{'type':'text','text':'t'}", "'end_turn'", "");
    to_claude(
        "{'type':'reasoning','id':'rs_1','summary':[],"
        "'encrypted_content':'e'},{'type':'web_search_call','id':'w'}," SAID(
            "t"),
        COMPLETED, "{'type':'text','text':'t'}", "'end_turn'",
        "/output/0 dropped\n/output/1 dropped");
}

static void how_ours_stopped(void **state)
{
    (void)state;
    to_claude(SAID("t"),
              "'status':'incomplete','incomplete_details':{'reason':"
              "'max_output_tokens'}",
              "{'type':'text','text':'t'}", "'max_tokens'", "");
    to_claude(SAID("t"),
              "'status':'incomplete','incomplete_details':{'reason':"
              "'content_filter'}",
              "{'type':'text','text':'t'}", "'refusal'", "");
    to_claude("{'type':'message','role':'assistant','content':[{'type':"
              "'refusal','refusal':'no'}]}",
              COMPLETED, "{'type':'text','text':'no'}", "'refusal'", "");
}

static void what_is_unknown_is_told(void **state)
{
    (void)state;
    to_claude("{'type':'message','role':'assistant','phase':'commentary',"
              "'content':[{'type':'output_text','text':'t','annotations':[],"
              "'logprobs':[{'token':'t'}],'x':1}]}",
              COMPLETED ",'invented':{'a':1},'temperature':1.0,'metadata':{}",
              "{'type':'text','text':'t'}", "'end_turn'",
              "/invented dropped\n/output/0/phase dropped\n"
              "/output/0/content/0/x dropped\n"
              "/output/0/content/0/logprobs dropped");
}

static void what_is_no_answer(void **state)
{
    (void)state;
    fails(CORPUS_ANSWER, OURS, CHAT, "{'id':'r'}", LLMGW_E_PROTOCOL, "");
    fails(CORPUS_ANSWER, OURS, CHAT, "{'output':5}", LLMGW_E_PROTOCOL,
          "/output");
    fails(CORPUS_ANSWER, OURS, CHAT, "[]", LLMGW_E_PROTOCOL, "");
}

/* ---- streams and answers ------------------------------------------------ */

static struct corpus corpus;

static const struct corpus_case *answer_beside(const struct corpus_case *k)
{
    const size_t n = (size_t)(strrchr(k->name, '/') - k->name);

    for (const struct corpus_case *a = corpus.first; a; a = a->next)
        if (a->kind == CORPUS_ANSWER && !a->is_reference &&
            strncmp(a->name, k->name, n + 1) == 0)
            return a;
    return NULL;
}

/* A case that has both. */
typedef void (*pair_fn)(const struct corpus_case *stream,
                        const struct corpus_case *answer);

static void each_pair(pair_fn fn)
{
    size_t n = 0;

    for (const struct corpus_case *k = corpus.first; k; k = k->next) {
        const struct corpus_case *a;

        if (k->kind != CORPUS_STREAM || k->is_reference ||
            strcmp(k->format->name, OURS) != 0)
            continue;
        a = answer_beside(k);
        if (!a || strstr(k->name, "/failed/"))
            continue;
        fn(k, a);
        n++;
    }
    print_message("%zu pairs\n", n);
    assert_true(n > 20);
}

static void same(const char *name, const struct lg_buf *want,
                 const struct lg_buf *got)
{
    if (!lg_str_same(lg_buf_span(want), lg_buf_span(got)))
        fail_msg("%s:\n%s\n  not\n%s", name, got->p, want->p);
}

static void folds_to(const struct corpus_case *k, const struct corpus_case *a)
{
    struct lg_buf want, got;

    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    answer_say(k->format, CORPUS_ANSWER, lg_buf_span(&a->text), answer_text,
               &want);
    answer_say(k->format, CORPUS_STREAM, lg_buf_span(&k->text), answer_text,
               &got);
    same(k->name, &want, &got);
    lg_buf_done(&want);
    lg_buf_done(&got);
}

static void a_stream_folds_to_its_answer(void **state)
{
    (void)state;
    each_pair(folds_to);
}

/* Written without what is kept for our own (a stream that was asked for in
 * the place of an answer): it says the same. */
static void written_again(const struct corpus_case *k,
                          const struct corpus_case *a)
{
    struct lg_arena arena;
    struct fold_sink f;
    struct lg_buf out, want, got;
    struct lg_err err = {0};
    struct lg_ctx c = {.self = k->format,
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .err = &err};

    (void)a;
    lg_arena_init(&arena, 0, MANY);
    lg_buf_init(&out, MANY);
    lg_buf_init(&want, MANY);
    lg_buf_init(&got, MANY);
    fold_sink_init(&f, &arena, k->format);
    stream_read(k->format, lg_buf_span(&k->text), PIECES_WHOLE, &f.sink);
    answer_gist(&want, lg_fold_answer(&f.fold));
    answer_stop(&want, lg_fold_answer(&f.fold));
    assert_int_equal(k->format->write_answer(&c, lg_fold_answer(&f.fold), &out),
                     0);
    answer_say(k->format, CORPUS_ANSWER, lg_buf_span(&out), answer_gist, &got);
    answer_say(k->format, CORPUS_ANSWER, lg_buf_span(&out), answer_stop, &got);
    if (!strstr(k->name, "/incomplete-other/")) /* no kind says which */
        same(k->name, &want, &got);
    lg_fold_done(&f.fold);
    lg_buf_done(&out);
    lg_buf_done(&want);
    lg_buf_done(&got);
    lg_arena_done(&arena);
}

static void a_folded_stream_is_written(void **state)
{
    (void)state;
    each_pair(written_again);
}

/* To another format, the stream is what its answer is. */
static void converts_alike(const struct corpus_case *k,
                           const struct corpus_case *a)
{
    static const char *const to[] = {CHAT, CLAUDE};
    static const say_fn says[] = {answer_gist, answer_stop};

    for (size_t i = 0; i < LG_COUNT(to) * LG_COUNT(says); i++) {
        const struct lg_format *f =
            lg_format_by_name(lg_str_of(to[i % LG_COUNT(to)]));
        struct job stream, answer;
        struct lg_buf want, got;

        lg_buf_init(&want, MANY);
        lg_buf_init(&got, MANY);
        job_init(&stream, k->format, f);
        job_init(&answer, k->format, f);
        job_run(&stream, CORPUS_STREAM, lg_buf_span(&k->text));
        job_run(&answer, CORPUS_ANSWER, lg_buf_span(&a->text));
        answer_say(f, CORPUS_ANSWER, lg_buf_span(&answer.out),
                   says[i / LG_COUNT(to)], &want);
        answer_say(f, CORPUS_STREAM, lg_buf_span(&stream.out),
                   says[i / LG_COUNT(to)], &got);
        same(k->name, &want, &got);
        job_done(&stream);
        job_done(&answer);
        lg_buf_done(&want);
        lg_buf_done(&got);
    }
}

static void a_stream_converts_as_its_answer(void **state)
{
    (void)state;
    each_pair(converts_alike);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_one_message),
        cmocka_unit_test(parts_are_items_in_their_order),
        cmocka_unit_test(how_it_stopped),
        cmocka_unit_test(citations_of_the_web_are_kept),
        cmocka_unit_test(one_choice_is_all),
        cmocka_unit_test(items_are_blocks),
        cmocka_unit_test(how_ours_stopped),
        cmocka_unit_test(what_is_unknown_is_told),
        cmocka_unit_test(what_is_no_answer),
        cmocka_unit_test(a_stream_folds_to_its_answer),
        cmocka_unit_test(a_folded_stream_is_written),
        cmocka_unit_test(a_stream_converts_as_its_answer),
    };
    int rc;

    corpus_load(&corpus);
    rc = cmocka_run_group_tests(tests, use_defaults, NULL);
    corpus_free(&corpus);
    return rc;
}
