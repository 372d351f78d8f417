/* SPDX-License-Identifier: MIT
 *
 * The response around its output: head, usage and how it ended. */
#include "lib/format/openai_responses.h"

/* ---- usage -------------------------------------------------------------- */

static void read_usage(struct lg_val v, struct lg_ir_usage *u)
{
    const struct lg_val details = lg_val_get(v, "input_tokens_details");

    u->raw = lg_ir_of(v);
    u->cache_read = lg_count_of(details, "cached_tokens");
    u->cache_write = lg_count_of(details, "cache_write_tokens");
    u->thinking =
        lg_count_of(lg_val_get(v, "output_tokens_details"), "reasoning_tokens");
    u->output = lg_count_of(v, "output_tokens");
    u->input = lg_count_of(v, "input_tokens");
    if (u->input >= 0)
        u->input = lg_at_least_zero(u->input - lg_at_least_zero(u->cache_read));
    if (u->input >= 0)
        u->input =
            lg_at_least_zero(u->input - lg_at_least_zero(u->cache_write));
}

static void write_usage(struct lg_writer *w, const struct lg_ir_usage *u)
{
    const int64_t input =
        lg_count_plus(u->input, lg_count_plus(u->cache_read, u->cache_write));

    if (u->input < 0 && u->output < 0) {
        lg_put(w, "'usage':null");
        return;
    }
    lg_put(w,
           "'usage':{'input_tokens':%d,'input_tokens_details':"
           "{'cached_tokens':%d,'cache_write_tokens':%d},'output_tokens':%d,"
           "'output_tokens_details':{'reasoning_tokens':%d},"
           "'total_tokens':%d}",
           input, lg_at_least_zero(u->cache_read),
           lg_at_least_zero(u->cache_write), lg_at_least_zero(u->output),
           lg_at_least_zero(u->thinking), lg_count_plus(input, u->output));
}

/* ---- reading ------------------------------------------------------------ */

void lg_or_head_read(struct lg_val response, struct lg_ir_head *head)
{
    head->id = lg_ir_of(lg_val_get(response, "id"));
    head->model = lg_ir_of(lg_val_get(response, "model"));
    head->created = lg_ir_of(lg_val_get(response, "created_at"));
}

int lg_or_error_put(struct lg_ctx *c, struct lg_val v, struct lg_ir_sink *sink)
{
    struct lg_ir_error e = {.class = LG_ERROR_SERVER,
                            .message = lg_ir_word("the response failed")};
    struct lg_json doc;
    int rc = 0;

    if (lg_val_kind(v) == LG_JSON_OBJECT) {
        rc = lg_json_read(&doc, c->arena, lg_val_raw(v), c->err);
        if (rc < 0)
            return rc;
        rc = lg_chat_read_error(c, &doc, 0, &e);
        e.param = lg_ir_of(lg_val_get(lg_json_root(&doc), "param"));
    }
    if (rc == LLMGW_E_JSON) { /* of no known shape: all of it is the message */
        e = (struct lg_ir_error){.message = lg_ir_word("")};
        rc = lg_escaped(c, lg_val_raw(v), &e.message.s);
    }
    return rc < 0 ? rc : lg_sink_put(sink, LG_EV_ERROR, 0, -1, &e, NULL);
}

/* What a response repeats of its request, and what is told in other ways. */
static const char *const known[] = {
    "id",
    "model",
    "created_at",
    "object",
    "output",
    "output_text",
    "usage",
    "status",
    "error",
    "incomplete_details",
    "completed_at",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    "top_logprobs",
    "text",
    "reasoning",
    "previous_response_id",
    "store",
    "background",
    "metadata",
    "service_tier",
    "truncation",
    "max_output_tokens",
    "max_tool_calls",
    "conversation",
    "user",
    "safety_identifier",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "presence_penalty",
    "frequency_penalty",
    "billing",
};
#define HEAD_MEMBERS 3

/* What the parts of an output are not made of. */
static int collect(struct lg_ctx *c, struct lg_val output,
                   struct lg_ir_extra **end)
{
    struct lg_iter it = lg_iter_of(output);
    int rc = 0;

    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part *p = NULL, **last = &p;

        rc = lg_or_item_read(c, it.val, &last, end);
        for (; p && rc >= 0; p = p->next) {
            while (*end)
                end = &(*end)->next;
            *end = p->extra;
        }
        while (*end)
            end = &(*end)->next;
    }
    return rc;
}

static int read_extras(struct lg_ctx *c, struct lg_val response,
                       struct lg_ir_stop *stop)
{
    struct lg_val f[LG_COUNT(known)];
    struct lg_ir_extra **end = &stop->extra;
    int rc = lg_fields(
        c, response, known, c->keep_extras ? HEAD_MEMBERS : LG_COUNT(known), f,
        &stop->extra, c->keep_extras ? LG_OR_WHOLE : LG_OR_INNER);

    while (*end)
        end = &(*end)->next;
    return rc < 0 || c->keep_extras
               ? rc
               : collect(c, lg_val_get(response, "output"), end);
}

static const struct {
    const char *word;
    uint8_t kind;
} reasons[] = {
    {"max_output_tokens", LG_STOP_LENGTH},
    {"content_filter", LG_STOP_REFUSAL},
};

static void read_stop(struct lg_val response, int calls, int refusals,
                      struct lg_ir_stop *stop)
{
    const struct lg_val status = lg_val_get(response, "status");
    const struct lg_val reason =
        lg_val_get(lg_val_get(response, "incomplete_details"), "reason");

    stop->reason = lg_ir_of(reason.doc ? reason : status);
    if (!status.doc || lg_val_is(status, "completed")) {
        stop->kind = calls      ? LG_STOP_TOOL
                     : refusals ? LG_STOP_REFUSAL
                                : LG_STOP_END;
        return;
    }
    stop->kind = lg_val_is(status, "incomplete") && !reason.doc ? LG_STOP_NONE
                                                                : LG_STOP_OTHER;
    for (size_t i = 0; i < LG_COUNT(reasons); i++)
        if (lg_val_is(reason, reasons[i].word))
            stop->kind = reasons[i].kind;
}

int lg_or_end_put(struct lg_ctx *c, struct lg_val response, int calls,
                  int refusals, struct lg_ir_sink *sink)
{
    const struct lg_val error = lg_val_get(response, "error");
    const struct lg_val counts = lg_val_get(response, "usage");
    const int failed = lg_val_is(lg_val_get(response, "status"), "failed") ||
                       lg_val_kind(error) == LG_JSON_OBJECT;
    struct lg_ir_usage usage = LG_USAGE_NONE;
    struct lg_ir_stop stop = {0};
    int rc = 0;

    if (lg_val_kind(counts) == LG_JSON_OBJECT) {
        read_usage(counts, &usage);
        rc = lg_sink_put(sink, LG_EV_USAGE, 0, -1, &usage, NULL);
    }
    read_stop(response, calls, refusals, &stop);
    if (rc >= 0)
        rc = read_extras(c, response, &stop);
    if (rc >= 0 && (!failed || c->keep_extras))
        rc = lg_sink_put(sink, LG_EV_STOP, 0, -1, &stop, NULL);
    if (rc < 0)
        return rc;
    return failed ? lg_or_error_put(c, error, sink)
                  : lg_sink_put(sink, LG_EV_END, 0, -1, NULL, NULL);
}

/* ---- writing ------------------------------------------------------------ */

struct lg_or_ending lg_or_ending_of(struct lg_writer *w,
                                    const struct lg_ir_stop *stop, int calls,
                                    int refuses)
{
    struct lg_or_ending e = {"completed", NULL, NULL};

    switch ((enum lg_stop)stop->kind) {
    case LG_STOP_LENGTH:
        e.status = "incomplete";
        e.reason = "max_output_tokens";
        break;
    case LG_STOP_REFUSAL:
        e.status = refuses ? "completed" : "incomplete";
        e.reason = refuses ? NULL : "content_filter";
        break;
    case LG_STOP_NONE:
        e.status = "incomplete";
        break;
    case LG_STOP_TOOL:
        if (!calls)
            lg_put_lose(w, stop->reason.tok, LG_APPROXIMATED,
                        "no tool was called");
        break;
    case LG_STOP_END:
    case LG_STOP_SEQUENCE:
    case LG_STOP_PAUSE:
    case LG_STOP_OTHER:
        break;
    }
    if (!w->own)
        lg_chat_lose_stop(w, stop);
    return e;
}

/* The codes of a response are few. */
static const char *code_of(const struct lg_ir_error *e)
{
    static const char *const codes[] = {
        [LG_ERROR_INVALID] = "invalid_prompt",
        [LG_ERROR_CONTEXT_LENGTH] = "context_length_exceeded",
        [LG_ERROR_CONTENT_FILTER] = "content_filter",
        [LG_ERROR_RATE_LIMIT] = "rate_limit_exceeded",
        [LG_ERROR_QUOTA] = "insufficient_quota"};
    const char *code = e->class < LG_COUNT(codes) ? codes[e->class] : NULL;

    return code ? code : "server_error";
}

static void write_error(struct lg_writer *w, const struct lg_ir_error *e)
{
    lg_put(w, "{'code':%s,'message':", code_of(e));
    if (e->message.kind == LG_JSON_STRING)
        lg_jw_body(&w->jw, e->message.s);
    else
        lg_jw_text(&w->jw,
                   e->message.s.n ? e->message.s : LG_STR("unknown error"));
    lg_put(w, "}");
}

void lg_or_response_open(struct lg_writer *w, const struct lg_ir_head *head,
                         struct lg_or_ending ending)
{
    lg_put(w, "{'id':%b,'object':'response'",
           head->id.kind == LG_JSON_STRING ? head->id.s : LG_STR("resp_0"));
    if (w->own || head->created.kind == LG_JSON_NUMBER)
        lg_put(w, "'created_at':%v", &head->created);
    else
        lg_put(w, "'created_at':%d", w->c->now);
    lg_put(w, "'status':%s,'error':", ending.status);
    if (ending.error)
        write_error(w, ending.error);
    else
        lg_put(w, "null");
    lg_put(w, "'incomplete_details':");
    if (ending.reason)
        lg_put(w, "{'reason':%s}", ending.reason);
    else
        lg_put(w, "null");
    if (w->own || head->model.kind == LG_JSON_STRING)
        lg_put(w, "'model':%v", &head->model);
    else
        lg_put(w, "'model':''");
    lg_put(w, "'output':[");
}

void lg_or_response_close(struct lg_writer *w, const struct lg_ir_usage *u,
                          const struct lg_ir_extra *extra)
{
    lg_put(w, "],'instructions':null,'metadata':{},'parallel_tool_calls':true,"
              "'temperature':null,'tool_choice':'auto','tools':[],"
              "'top_p':null");
    write_usage(w, u);
    lg_put(w, "%x}", extra, LG_OR_INNER);
}

void lg_or_own_write(struct lg_writer *w, const struct lg_ir_head *head,
                     const struct lg_ir_stop *stop)
{
    lg_put(w, "{'id':%v,'created_at':%v,'model':%v,%x}", &head->id,
           &head->created, &head->model, stop->extra, LG_OR_WHOLE);
}
