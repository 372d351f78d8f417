/* SPDX-License-Identifier: MIT
 *
 * Streams of bedrock-converse, read and written. */
#include "lib/format/convert.h"

#include <llmgw/llmgw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/format/feed.h"
#include "tests/support/events.h"
#include "tests/support/files.h"
#include "tests/support/job.h"

#define US   "bedrock-converse"
#define AM   "anthropic-messages"
#define CHAT "openai-chat"
#define MANY ((size_t)1 << 26)

static const struct lg_format *named(const char *name)
{
    return lg_format_by_name(lg_str_of(name));
}

/* ' stands for ". */
static void unquote(struct lg_buf *out, const char *s)
{
    for (; *s; s++)
        lg_buf_byte(out, *s == '\'' ? '"' : *s);
}

/* The binary events of lines in which ' stands for ". */
static void frames_of(struct lg_buf *out, const char *lines)
{
    struct lg_buf text;

    lg_buf_init(&text, MANY);
    lg_buf_init(out, MANY);
    unquote(&text, lines);
    corpus_add_messages(out, text.p ? text.p : "");
    lg_buf_done(&text);
}

/* ---- reading ------------------------------------------------------------------ */

/* The events of a stream, a line each, and how it ended. */
static void says(const char *lines, int rc, const char *want)
{
    struct lg_buf bytes, text;
    struct event_log log;
    struct reading r;

    frames_of(&bytes, lines);
    lg_buf_init(&text, MANY);
    unquote(&text, want);
    event_log_init(&log);
    r = stream_read(named(US), lg_buf_span(&bytes), PIECES_WHOLE, &log.sink);
    if (!lg_str_same(lg_buf_span(&log.text), lg_buf_span(&text)))
        fail_msg("%s\n says %s\n want %s", lines, log.text.p, text.p);
    assert_int_equal(r.rc, rc);
    event_log_done(&log);
    lg_buf_done(&bytes);
    lg_buf_done(&text);
}

#define START "{'messageStart':{'p':'x','role':'assistant'}}\n"
#define END                                                                  \
    "{'messageStop':{'stopReason':'end_turn','p':''}}\n"                     \
    "{'metadata':{'usage':{'inputTokens':1,'outputTokens':2,'totalTokens':3" \
    "},'metrics':{'latencyMs':4},'p':'yy'}}\n"
#define ENDED                                                            \
    "usage 0.-1 input=1 output=2 raw={'inputTokens':1,'outputTokens':2," \
    "'totalTokens':3}\n"                                                 \
    "stop 0.-1 kind=end reason='end_turn'\n"                             \
    "end 0.-1\n"
#define PIECE(i, delta) \
    "{'contentBlockDelta':{'contentBlockIndex':" i ",'delta':{" delta "}}}\n"
#define CALL(i, id, name)                                                 \
    "{'contentBlockStart':{'contentBlockIndex':" i ",'start':{'toolUse':" \
    "{'toolUseId':'" id "','name':'" name "'}}}}\n"
#define CLOSE(i) "{'contentBlockStop':{'contentBlockIndex':" i "}}\n"

static void blocks_open_by_themselves(void **state)
{
    (void)state;
    says(START PIECE("0", "'text':'a'") PIECE("0", "'text':'b'") CLOSE("0") END,
         0,
         "start 0.-1\npart 0.0 text\ntext 0.0 text=a\ntext 0.0 text=b\n"
         "part-end 0.0\n" ENDED);
    says(START PIECE("0", "'reasoningContent':{'text':'h'}")
             PIECE("0", "'reasoningContent':{'signature':'s'}") CLOSE("0")
                 PIECE("1", "'reasoningContent':{'redactedContent':'d'}")
                     CLOSE("1") END,
         0,
         "start 0.-1\npart 0.0 thinking\nthinking 0.0 text=h\n"
         "signature 0.0 val='s' origin=bedrock-converse\npart-end 0.0\n"
         "part 0.1 redacted blob='d' origin=bedrock-converse\n"
         "part-end 0.1\n" ENDED);
    says(START CALL("0", "t", "f") PIECE("0", "'toolUse':{'input':'{'}")
             PIECE("0", "'toolUse':{'input':'}'}") CLOSE("0")
                 CALL("1", "u", "g") CLOSE("1") END,
         0,
         "start 0.-1\npart 0.0 tool-call id='t' name='f'\n"
         "input 0.0 text={\ninput 0.0 text=}\npart-end 0.0\n"
         "part 0.1 tool-call id='u' name='g'\ninput 0.1 text={}\n"
         "part-end 0.1\n" ENDED);
    says(START PIECE("0", "'text':'a'") PIECE("0", "'citation':{'title':'t'}")
             CLOSE("0") END,
         0,
         "start 0.-1\npart 0.0 text\ntext 0.0 text=a\n"
         "citation 0.0 val={'title':'t'}\npart-end 0.0\n" ENDED);
}

static void odd_orders_are_understood(void **state)
{
    (void)state;
    /* no start, no ends, side by side */
    says(
        PIECE("0", "'text':'a'") PIECE("5", "'text':'b'")
            PIECE("0", "'text':'c'") END,
        0,
        "start 0.-1\npart 0.0 text\ntext 0.0 text=a\npart 0.1 text\n"
        "text 0.1 text=b\ntext 0.0 text=c\npart-end 0.0\npart-end 0.1\n" ENDED);
    /* metadata first */
    says(START "{'metadata':{'usage':{'inputTokens':1}}}\n"
               "{'messageStop':{'stopReason':'max_tokens'}}\n",
         0,
         "start 0.-1\nusage 0.-1 input=1 raw={'inputTokens':1}\n"
         "stop 0.-1 kind=length reason='max_tokens'\nend 0.-1\n");
    /* a start that says nothing, and one of a text */
    says(START "{'contentBlockStart':{'contentBlockIndex':0,'start':{}}}\n"
               "{'contentBlockStart':{'contentBlockIndex':1,'start':{'text':"
               "''}}}\n" PIECE("1", "'text':'a'") CLOSE("0") CLOSE("1") END,
         0, "start 0.-1\npart 0.0 text\ntext 0.0 text=a\npart-end 0.0\n" ENDED);
    /* nothing is read behind the end */
    says(START END START, 0, "start 0.-1\n" ENDED);
}

static void what_nobody_knows_is_opaque(void **state)
{
    (void)state;
    says(START "{'heartbeat':{'n':1}}\n" PIECE("0", "'text':'a'")
             PIECE("0", "'smell':'b'") PIECE("0", "'toolUse':{'input':''}")
                 PIECE("0", "'text':1") CLOSE("0") END,
         0,
         "start 0.-1\nopaque 0.-1 name=heartbeat val={'n':1}\n"
         "part 0.0 text\ntext 0.0 text=a\n"
         "opaque 0.0 name=contentBlockDelta val={'contentBlockIndex':0,"
         "'delta':{'smell':'b'}}\n"
         "opaque 0.0 name=contentBlockDelta val={'contentBlockIndex':0,"
         "'delta':{'toolUse':{'input':''}}}\n"
         "opaque 0.0 name=contentBlockDelta val={'contentBlockIndex':0,"
         "'delta':{'text':1}}\n"
         "part-end 0.0\n" ENDED);
    says(START "{'contentBlockStart':{'contentBlockIndex':0,'start':{"
               "'toolResult':{'toolUseId':'s'}}}}\n" CLOSE("0") END,
         0,
         "start 0.-1\npart 0.0 opaque json={'toolResult':{'toolUseId':'s'}}\n"
         "part-end 0.0\n" ENDED);
    says(START PIECE("0", "'reasoningContent':{'redactedContent':'d'}")
             PIECE("0", "'reasoningContent':{'redactedContent':'e'}") END,
         0,
         "start 0.-1\npart 0.0 redacted blob='d' origin=bedrock-converse\n"
         "opaque 0.0 name=contentBlockDelta val={'contentBlockIndex':0,"
         "'delta':{'reasoningContent':{'redactedContent':'e'}}}\n"
         "part-end 0.0\n" ENDED);
}

static void errors_end_a_stream(void **state)
{
    (void)state;
    says(START PIECE(
             "0",
             "'text':'a'") "{'throttlingException':{'message':'slow'}}\n" END,
         LLMGW_E_TRUNCATED,
         "start 0.-1\npart 0.0 text\ntext 0.0 text=a\n"
         "error 0.-1 class=10 status=0 type='throttlingException' message="
         "'slow'\n");
    says("{'validationException':{'message':'prompt is too long'}}\n",
         LLMGW_E_TRUNCATED,
         "error 0.-1 class=2 status=0 type='validationException' message="
         "'prompt is too long'\n");
    says(START "{'modelStreamErrorException':{'originalStatusCode':500,"
               "'originalMessage':'boom'}}\n",
         LLMGW_E_TRUNCATED,
         "start 0.-1\nerror 0.-1 class=12 status=0 type="
         "'modelStreamErrorException' +0:originalStatusCode =500 "
         "+0:originalMessage ='boom'\n");
}

static void what_is_no_stream_is_told(void **state)
{
    (void)state;
    says("", LLMGW_E_TRUNCATED, "");
    says(START, LLMGW_E_TRUNCATED, "start 0.-1\n");
    says(START "{'messageStop':{'stopReason':'end_turn'}}\n", LLMGW_E_TRUNCATED,
         "start 0.-1\n");
    says(START START, LLMGW_E_PROTOCOL, "start 0.-1\n");
    says(START "{'contentBlockDelta':{'delta':{'text':'a'}}}\n",
         LLMGW_E_PROTOCOL, "start 0.-1\n");
    says(START CALL("0", "t", "f") CALL("0", "t", "f"), LLMGW_E_PROTOCOL,
         "start 0.-1\npart 0.0 tool-call id='t' name='f'\n");
    says(START "{'metadata':{}}\n{'metadata':{}}\n", LLMGW_E_PROTOCOL,
         "start 0.-1\n");
    says("{'messageStart':[]}\n", LLMGW_E_PROTOCOL, "");
}

/* A message of this event, kind and payload, by hand. */
static void reads(enum lg_frame_kind kind, const char *name, const char *data,
                  const char *want)
{
    const struct lg_frame f = {.raw = LG_STR("x"),
                               .event = lg_str_of(name),
                               .data = lg_str_of(data),
                               .kind = (uint8_t)kind};
    struct lg_bridge bridge = {0};
    struct lg_err err = {0};
    struct lg_arena arena;
    struct lg_losses losses;
    struct event_log log;
    struct lg_ctx c = {.self = named(US),
                       .arena = &arena,
                       .keep = &arena,
                       .policy = &lg_policy_default,
                       .bridge = &bridge,
                       .losses = &losses,
                       .err = &err};
    struct lg_buf text;
    void *dec;

    lg_arena_init(&arena, 0, MANY);
    lg_losses_init(&losses, &arena, &err, 0);
    lg_buf_init(&text, MANY);
    unquote(&text, want);
    event_log_init(&log);
    dec = lg_arena_alloc(&arena, c.self->decoder_size);
    assert_int_equal(c.self->read_event(dec, &c, &f, &log.sink), 0);
    assert_string_equal(log.text.p, text.p);
    event_log_done(&log);
    lg_buf_done(&text);
    lg_arena_done(&arena);
}

static void errors_need_not_be_the_apis_own(void **state)
{
    (void)state;
    reads(LG_FRAME_ERROR, "InternalFailure", "it \"broke\"\n",
          "error 0.-1 class=12 status=0 type='InternalFailure' message="
          "'it \\'broke\\'\\n'\n");
    reads(LG_FRAME_ERROR, "", "", "error 0.-1 class=0 status=0 message=''\n");
    /* bytes that are no UTF-8 are somebody's fault, and no end */
    reads(LG_FRAME_EVENT, "contentBlockDelta",
          "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\xff\"}}",
          "start 0.-1\npart 0.0 text\ntext 0.0 text=a\xef\xbf\xbd\n");
}

/* ---- one answer, streamed or not -------------------------------------------------- */

static void folds_alike(const char *name, const char *as)
{
    char path[256];
    struct lg_buf a, b, bytes;
    size_t n;
    char *text;

    lg_buf_init(&a, MANY);
    lg_buf_init(&b, MANY);
    lg_buf_init(&bytes, MANY);
    snprintf(path, sizeof(path), "tests/fixtures/" US "/%s/answer.json", name);
    text = file_read(source_path(path), &n);
    assert_non_null(text);
    assert_int_equal(answer_say(named(US), CORPUS_ANSWER, lg_str_from(text, n),
                                answer_text, &a),
                     0);
    free(text);
    snprintf(path, sizeof(path), "tests/fixtures/" US "/%s/stream.events", as);
    text = file_read(source_path(path), &n);
    assert_non_null(text);
    corpus_add_messages(&bytes, text);
    free(text);
    assert_int_equal(answer_say(named(US), CORPUS_STREAM, lg_buf_span(&bytes),
                                answer_text, &b),
                     0);
    assert_string_equal(a.p, b.p);
    lg_buf_done(&a);
    lg_buf_done(&b);
    lg_buf_done(&bytes);
}

static void a_stream_is_its_answer(void **state)
{
    (void)state;
    folds_alike("text", "text");
    folds_alike("thinking-and-tool", "thinking-and-tool");
    folds_alike("empty", "empty");
}

/* ---- writing ---------------------------------------------------------------------- */

/* Convert a stream; from another format the frames are told, a line each. */
static void becomes_stream(const char *from, const char *text, int through,
                           const char *want, const char *losses)
{
    struct lg_buf bytes, told, lost, quoted;
    struct lg_frame f;
    struct lg_sse s;
    struct job j;

    lg_buf_init(&told, MANY);
    lg_buf_init(&lost, MANY);
    lg_buf_init(&quoted, MANY);
    unquote(&quoted, want);
    if (through) {
        frames_of(&bytes, text);
    } else {
        lg_buf_init(&bytes, MANY);
        unquote(&bytes, text);
    }
    job_init(&j, named(from), named(US));
    j.v.through_ir = through;
    assert_true(job_run(&j, CORPUS_STREAM, lg_buf_span(&bytes)) >= 0 ||
                j.rc == LLMGW_E_TRUNCATED);
    lg_sse_init(&s, MANY);
    lg_sse_feed(&s, j.out.p, j.out.n);
    while (lg_framers[LG_FRAMING_EVENTSTREAM].next(&s, &f) > 0) {
        lg_buf_lit(&told, "{\"");
        lg_buf_str(&told, f.event);
        lg_buf_lit(&told, "\":");
        lg_buf_str(&told, f.data);
        lg_buf_lit(&told, "}\n");
    }
    assert_int_equal(lg_framers[LG_FRAMING_EVENTSTREAM].end(&s, &f), 0);
    lg_sse_done(&s);
    if (!lg_str_same(lg_buf_span(&told), lg_buf_span(&quoted)))
        fail_msg("gives %s\n want %s", told.p, quoted.p);
    for (const struct lg_loss *l = j.losses.first; l; l = l->next)
        lg_buf_printf(&lost, "%s\n", l->reason);
    if (!lg_str_is(lg_buf_span(&lost), losses))
        fail_msg("%s\n loses %s\n want  %s", text, lost.p, losses);
    job_done(&j);
    lg_buf_done(&bytes);
    lg_buf_done(&told);
    lg_buf_done(&lost);
    lg_buf_done(&quoted);
}

#define BEGUN "{'messageStart':{'role':'assistant'}}\n"
#define META(in, out, all)                                           \
    "{'metadata':{'usage':{'inputTokens':" in ",'outputTokens':" out \
    ",'totalTokens':" all "},'metrics':{'latencyMs':0}}}\n"

static void anthropics_become_ours(void **state)
{
    (void)state;
    becomes_stream(
        AM,
        "event: message_start\n"
        "data: {'type':'message_start','message':{'id':'i','type':'message',"
        "'role':'assistant','model':'m','content':[],'stop_reason':null,"
        "'stop_sequence':null,'usage':{'input_tokens':1,'output_tokens':1}}}"
        "\n\n"
        "event: ping\ndata: {'type':'ping'}\n\n"
        "event: content_block_start\n"
        "data: {'type':'content_block_start','index':0,'content_block':"
        "{'type':'thinking','thinking':'','signature':''}}\n\n"
        "event: content_block_delta\n"
        "data: {'type':'content_block_delta','index':0,'delta':{'type':"
        "'thinking_delta','thinking':'h'}}\n\n"
        "event: content_block_delta\n"
        "data: {'type':'content_block_delta','index':0,'delta':{'type':"
        "'signature_delta','signature':'s'}}\n\n"
        "event: content_block_stop\n"
        "data: {'type':'content_block_stop','index':0}\n\n"
        "event: content_block_start\n"
        "data: {'type':'content_block_start','index':1,'content_block':"
        "{'type':'text','text':''}}\n\n"
        "event: content_block_stop\n"
        "data: {'type':'content_block_stop','index':1}\n\n"
        "event: content_block_start\n"
        "data: {'type':'content_block_start','index':2,'content_block':"
        "{'type':'text','text':''}}\n\n"
        "event: content_block_delta\n"
        "data: {'type':'content_block_delta','index':2,'delta':{'type':"
        "'text_delta','text':'a\\n'}}\n\n"
        "event: content_block_stop\n"
        "data: {'type':'content_block_stop','index':2}\n\n"
        "event: content_block_start\n"
        "data: {'type':'content_block_start','index':3,'content_block':"
        "{'type':'tool_use','id':'t','name':'f','input':{}}}\n\n"
        "event: content_block_stop\n"
        "data: {'type':'content_block_stop','index':3}\n\n"
        "event: message_delta\n"
        "data: {'type':'message_delta','delta':{'stop_reason':'tool_use',"
        "'stop_sequence':null},'usage':{'output_tokens':5}}\n\n"
        "event: message_stop\ndata: {'type':'message_stop'}\n\n",
        0,
        BEGUN PIECE("0", "'reasoningContent':{'text':'h'}") CLOSE("0")
            PIECE("1", "'text':'a\\n'") CLOSE("1") CALL("2", "t", "f") PIECE(
                "2", "'toolUse':{'input':'{}'}")
                CLOSE("2") "{'messageStop':{'stopReason':'tool_use'}}\n" META(
                    "1", "5", "6"),
        "a signature of another format\n");
}

static void chats_become_ours(void **state)
{
    (void)state;
    becomes_stream(
        CHAT,
        "data: {'id':'i','object':'chat.completion.chunk','created':1,'model':"
        "'m','choices':[{'index':0,'delta':{'role':'assistant','content':''},"
        "'finish_reason':null}]}\n\n"
        "data: {'id':'i','object':'chat.completion.chunk','created':1,'model':"
        "'m','choices':[{'index':0,'delta':{'content':'a'},'finish_reason':"
        "null}]}\n\n"
        "data: {'id':'i','object':'chat.completion.chunk','created':1,'model':"
        "'m','choices':[{'index':1,'delta':{'role':'assistant','content':'b'},"
        "'finish_reason':'stop'}]}\n\n"
        "data: {'id':'i','object':'chat.completion.chunk','created':1,'model':"
        "'m','choices':[{'index':0,'delta':{},'finish_reason':'length'}]}\n\n"
        "data: {'id':'i','object':'chat.completion.chunk','created':1,'model':"
        "'m','choices':[],'usage':{'prompt_tokens':3,'completion_tokens':2,"
        "'total_tokens':5}}\n\ndata: [DONE]\n\n",
        0,
        BEGUN PIECE("0", "'text':'a'")
            CLOSE("0") "{'messageStop':{'stopReason':'max_tokens'}}\n" META(
                "3", "2", "5"),
        "an answer is one choice in bedrock-converse\n");
    becomes_stream(CHAT,
                   "data: {'error':{'message':'m','type':"
                   "'rate_limit_exceeded','code':'rate_limit_exceeded'}}"
                   "\n\n",
                   0, "{'throttlingException':{'message':'m'}}\n",
                   "error codes of another format\n");
}

static void ours_stay_ours(void **state)
{
    static const char *const same[] = {
        BEGUN PIECE("0", "'text':'a'") PIECE(
            "0", "'citation':{'title':'t'}") CLOSE("0") CALL("1", "t", "f")
            PIECE("1", "'toolUse':{'input':'{}'}") CLOSE(
                "1") "{'messageStop':{'stopReason':'end_turn',"
                     "'additionalModelResponseFields':{'stop_sequence':'E'}}}\n"
                     "{'metadata':{'usage':{'inputTokens':1},'metrics':"
                     "{'latencyMs':9},'trace':{'promptRouter':{}}}}\n",
        "{'messageStart':{'role':'assistant','mood':'calm'}}\n"
        "{'heartbeat':{'n':1}}\n"
        "{'contentBlockDelta':{'contentBlockIndex':0,'delta':{'text':'a',"
        "'tone':'low'},'more':1}}\n"
        "{'contentBlockStop':{'contentBlockIndex':0,'why':'x'}}\n"
        "{'throttlingException':{'message':'m'}}\n",
        BEGUN "{'contentBlockStart':{'contentBlockIndex':0,'start':"
              "{'toolResult':{'toolUseId':'s'}}}}\n" CLOSE("0")
                  PIECE("1", "'reasoningContent':{'redactedContent':'d'}")
                      CLOSE("1") "{'messageStop':{'stopReason':'dreamt'}}\n"
                                 "{'metadata':{'usage':{},'metrics':{}}}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        becomes_stream(US, same[i], 1, same[i], "");
    /* what came first is told last, and still there */
    becomes_stream(US,
                   BEGUN "{'metadata':{'usage':{'inputTokens':123456789}}}\n"
                         "{'messageStop':{'stopReason':'end_turn'}}\n",
                   1,
                   BEGUN "{'messageStop':{'stopReason':'end_turn'}}\n"
                         "{'metadata':{'usage':{'inputTokens':123456789}}}\n",
                   "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_open_by_themselves),
        cmocka_unit_test(odd_orders_are_understood),
        cmocka_unit_test(what_nobody_knows_is_opaque),
        cmocka_unit_test(errors_end_a_stream),
        cmocka_unit_test(what_is_no_stream_is_told),
        cmocka_unit_test(errors_need_not_be_the_apis_own),
        cmocka_unit_test(a_stream_is_its_answer),
        cmocka_unit_test(anthropics_become_ours),
        cmocka_unit_test(chats_become_ours),
        cmocka_unit_test(ours_stay_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
