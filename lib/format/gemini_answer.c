/* SPDX-License-Identifier: MIT
 *
 * A GenerateContentResponse, as events: a whole answer, or what a stream adds
 * to it. */
#include "lib/format/gemini.h"

#include "lib/format/media.h"

#define CHOICES_MAX 64
#define KEPT_MAX    256

int lg_gm_put(struct lg_gm_run *r, enum lg_event_kind kind, int32_t index,
              const void *what, const struct lg_ir_extra *extra)
{
    r->puts++;
    r->changed = 1;
    return lg_sink_put(r->sink, kind, r->ch ? r->ch->index : 0, index, what,
                       extra);
}

/* ---- members that the end of an answer tells ---------------------------- */

/* The later one is the better; its room is used again. */
static int keep_val(struct lg_gm_run *r, struct lg_gm_kept *k,
                    const struct lg_ir_val *v)
{
    if (k->val.kind == v->kind && lg_str_same(k->val.s, v->s))
        return 0;
    r->changed = 1;
    k->told = 0;
    if (v->s.n > k->cap) {
        k->cap = k->room ? 2 * v->s.n : v->s.n;
        k->room = lg_arena_raw(r->c->keep, k->cap);
        if (!k->room) {
            k->cap = 0;
            return lg_no_keep(r->c);
        }
    }
    k->val = *v;
    k->val.s.p = k->room ? k->room : "";
    if (v->s.n)
        memcpy(k->room, v->s.p, v->s.n);
    return 0;
}

static int keep_extras(struct lg_gm_run *r, struct lg_gm_kept **kept,
                       const struct lg_ir_extra *x)
{
    int rc = 0;

    for (; x && rc >= 0; x = x->next) {
        struct lg_gm_kept **at = kept;
        int n = 0;

        while (*at && n++ < KEPT_MAX &&
               ((*at)->level != x->level || !lg_str_same((*at)->key, x->key)))
            at = &(*at)->next;
        if (n > KEPT_MAX)
            return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL,
                           "too many members of an answer");
        if (!*at) {
            *at = lg_arena_new(r->c->keep, struct lg_gm_kept);
            if (!*at)
                return lg_no_keep(r->c);
            (*at)->level = x->level;
            (*at)->key =
                lg_str_from(lg_arena_dup(r->c->keep, x->key), x->key.n);
            if (!(*at)->key.p)
                return lg_no_keep(r->c);
        }
        rc = keep_val(r, *at, &x->val);
    }
    return rc;
}

static int keep_if(struct lg_gm_run *r, struct lg_gm_kept *k, struct lg_val v)
{
    const struct lg_ir_val val = lg_ir_of(v);

    return v.doc ? keep_val(r, k, &val) : 0;
}

/* ---- parts -------------------------------------------------------------- */

int lg_gm_close(struct lg_gm_run *r)
{
    const int32_t index = r->ch->open;
    int rc = 0;

    if (index < 0)
        return 0;
    if (r->ch->kind == LG_PART_TOOL_CALL)
        rc = lg_gm_args_end(r);
    r->ch->open = -1;
    return rc < 0 ? rc : lg_gm_put(r, LG_EV_PART_END, index, NULL, NULL);
}

/* A part as it opens: what comes in pieces is not in it. */
static int open_part(struct lg_gm_run *r, const struct lg_ir_part *p)
{
    struct lg_ir_part open = *p;
    int rc = lg_gm_close(r);

    open.next = NULL;
    open.text = lg_ir_none;
    if (p->kind == LG_PART_THINKING)
        open.blob = (struct lg_ir_blob){.origin = NULL};
    if (p->kind == LG_PART_TOOL_CALL) {
        open.json = lg_ir_none;
        if (rc >= 0 && !r->c->keep_extras && !lg_ir_has(&p->id))
            rc = lg_call_id(r->c, r->c->arena, r->d->id, r->ch->index,
                            r->ch->calls, &open.id);
        r->ch->calls++;
    }
    if (rc < 0)
        return rc;
    if (r->ch->parts == INT32_MAX)
        return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many parts");
    r->ch->open = r->ch->parts++;
    r->ch->kind = p->kind;
    return lg_gm_put(r, LG_EV_PART, r->ch->open, &open, NULL);
}

static int put_text(struct lg_gm_run *r, enum lg_event_kind kind,
                    struct lg_str text)
{
    if (!text.n)
        return 0;
    r->puts++;
    r->last = text;
    return lg_sink_text(r->sink, kind, r->ch->index, r->ch->open, text);
}

/* Text, which goes on from frame to frame. */
static int put_words(struct lg_gm_run *r, const struct lg_ir_part *p)
{
    const int thinks = p->kind == LG_PART_THINKING;
    const int goes_on =
        !r->d->whole && r->ch->open >= 0 && r->ch->kind == p->kind && !p->extra;
    int rc = 0;

    /* None is said where only the rest of a frame was of interest. */
    if (!p->text.s.n && !p->extra && !p->blob.origin &&
        !(r->d->whole && r->c->keep_extras))
        return 0;
    if (!goes_on)
        rc = open_part(r, p);
    if (rc >= 0)
        rc = put_text(r, thinks ? LG_EV_THINKING : LG_EV_TEXT, p->text.s);
    if (rc >= 0 && p->blob.origin)
        rc = lg_gm_put(r, LG_EV_SIGNATURE, r->ch->open, &p->blob, NULL);
    return rc < 0 || !(p->blob.origin || r->d->whole) ? rc : lg_gm_close(r);
}

static int put_part(struct lg_gm_run *r, const struct lg_ir_part *p)
{
    struct lg_str input = {0};
    int rc;

    if (p->kind == LG_PART_TEXT || p->kind == LG_PART_THINKING)
        return put_words(r, p);
    rc = open_part(r, p);
    if (rc >= 0 && p->kind == LG_PART_TOOL_CALL && lg_ir_has(&p->json))
        rc = lg_escaped(r->c, p->json.s, &input);
    return rc < 0 ? rc : put_text(r, LG_EV_INPUT, input);
}

/* Its arguments are told, so how they came is not. */
static void forget_pieces(struct lg_ir_part *p, int pieces)
{
    if (pieces)
        p->json = lg_ir_none;
    for (struct lg_ir_extra **x = &p->extra; *x;)
        if (lg_str_is((*x)->key, "partialArgs") ||
            lg_str_is((*x)->key, "partial_args") ||
            lg_str_is((*x)->key, "willContinue") ||
            lg_str_is((*x)->key, "will_continue"))
            *x = (*x)->next;
        else
            x = &(*x)->next;
}

/* A call in pieces: the first has its name, the last no willContinue. */
static int read_pieces(struct lg_gm_run *r, struct lg_val call, int is_last)
{
    const int rc = lg_gm_args_read(r, call);

    return rc < 0 || !is_last ? rc : lg_gm_close(r);
}

static int read_part(struct lg_gm_run *r, struct lg_val v)
{
    const struct lg_val call = lg_member(r->c, v, "functionCall");
    const int in_call = r->ch->open >= 0 && r->ch->kind == LG_PART_TOOL_CALL;
    const int goes_on =
        !r->d->whole &&
        lg_val_kind(lg_member(r->c, call, "willContinue")) == LG_JSON_TRUE;
    struct lg_ir_part *first = NULL, **end = &first;
    int rc;

    if (call.doc && in_call && !lg_member(r->c, call, "name").doc)
        return read_pieces(r, call, !goes_on);
    rc = lg_gm_part_read(r->c, v, 1, &end);
    for (struct lg_ir_part *p = first; p && rc >= 0; p = p->next) {
        const int is_call = p->kind == LG_PART_TOOL_CALL;

        if (is_call && !r->d->whole)
            forget_pieces(p,
                          goes_on || lg_member(r->c, call, "partialArgs").doc);
        rc = put_part(r, p);
        if (rc >= 0 && is_call && !r->d->whole)
            rc = read_pieces(r, call, !goes_on);
        else if (rc >= 0 && p->kind != LG_PART_TEXT &&
                 p->kind != LG_PART_THINKING)
            rc = lg_gm_close(r);
    }
    return rc;
}

/* What an answer always has: kept where it goes back as it was. */
static int is_kept_whole(const struct lg_gm_run *r)
{
    return r->c->keep_extras && r->d->whole;
}

static int read_content(struct lg_gm_run *r, struct lg_val v)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_val role, parts;
    struct lg_iter it;
    int rc;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    rc = lg_get(r->c, v, &extra, LG_GM_CONTENT, "role= parts=", &role, &parts);
    if (rc >= 0 && is_kept_whole(r))
        rc = lg_extra_keep(r->c, &extra, role, LG_GM_CONTENT);
    it = lg_iter_of(parts);
    if (rc >= 0 && is_kept_whole(r) &&
        (lg_val_kind(parts) != LG_JSON_ARRAY || it.next == it.end))
        rc = lg_extra_keep(r->c, &extra, parts, LG_GM_CONTENT);
    while (rc >= 0 && lg_val_kind(parts) == LG_JSON_ARRAY && lg_iter_next(&it))
        rc = read_part(r, it.val);
    return rc < 0 ? rc : keep_extras(r, &r->ch->kept, extra);
}

/* ---- candidates --------------------------------------------------------- */

static int choice_of(struct lg_gm_run *r, int64_t index)
{
    struct lg_gm_choice **at = &r->d->choices, *ch;

    while (*at && (*at)->index < index)
        at = &(*at)->next;
    r->ch = *at;
    if (*at && (*at)->index == index)
        return 0;
    if (r->d->nchoices++ == CHOICES_MAX)
        return lg_fail(r->c->err, LLMGW_E_LIMIT, NULL, "too many candidates");
    ch = lg_arena_new(r->c->keep, struct lg_gm_choice);
    if (!ch)
        return lg_no_keep(r->c);
    ch->index = (uint16_t)index;
    ch->open = -1;
    ch->next = *at;
    *at = r->ch = ch;
    return 0;
}

static int read_candidate(struct lg_gm_run *r, struct lg_val v, int64_t at)
{
    struct lg_ir_extra *extra = NULL;
    struct lg_val number, content, reason, message;
    int64_t index;
    int rc = lg_get(r->c, v, &extra, LG_GM_CANDIDATE,
                    "index= content= finishReason= finishMessage=", &number,
                    &content, &reason, &message);

    if (rc < 0)
        return rc;
    if (lg_val_int(number, &index) || index < 0 || index > UINT16_MAX)
        index = at < UINT16_MAX ? at : UINT16_MAX;
    rc = choice_of(r, index);
    if (rc >= 0 && is_kept_whole(r))
        rc = lg_extra_keep(r->c, &extra, number, LG_GM_CANDIDATE);
    if (rc >= 0 && is_kept_whole(r) && content.doc &&
        lg_str_is(lg_val_raw(content), "{}"))
        rc = lg_extra_keep(r->c, &extra, content, LG_GM_CANDIDATE);
    if (rc >= 0)
        rc = read_content(r, content);
    if (rc >= 0)
        rc = keep_extras(r, &r->ch->kept, extra);
    if (rc >= 0 && lg_val_body(reason).n &&
        !lg_val_is(reason, "FINISH_REASON_UNSPECIFIED"))
        rc = keep_if(r, &r->ch->reason, reason);
    return rc < 0 ? rc : keep_if(r, &r->ch->message, message);
}

/* A prompt that was refused has no candidates. */
static int read_feedback(struct lg_gm_run *r, struct lg_val v)
{
    const struct lg_val reason = lg_member(r->c, v, "blockReason");
    struct lg_ir_extra *extra = NULL;
    struct lg_ir_val message;
    int rc;

    if (!lg_val_body(reason).n)
        return 0;
    rc = choice_of(r, 0);
    if (rc < 0)
        return rc;
    r->ch->blocked = 1;
    if (r->c->keep_extras)
        return 0;
    rc = lg_get(r->c, v, &extra, LG_GM_FEEDBACK,
                "blockReason- blockReasonMessage$", &message);
    if (rc >= 0)
        rc = keep_if(r, &r->ch->reason, reason);
    if (rc >= 0 && message.kind != LG_JSON_NONE)
        rc = keep_val(r, &r->ch->message, &message);
    return rc < 0 ? rc : keep_extras(r, &r->ch->kept, extra);
}

/* ---- the answer --------------------------------------------------------- */

static int64_t count_of(const struct lg_gm_run *r, struct lg_val v,
                        const char *name)
{
    int64_t n;

    return lg_val_int(lg_member(r->c, v, name), &n) || n < 0 ? -1 : n;
}

static int put_usage(struct lg_gm_run *r, struct lg_val v)
{
    struct lg_ir_usage u = LG_USAGE_NONE;
    const int64_t prompt = count_of(r, v, "promptTokenCount");
    const int64_t answered = count_of(r, v, "candidatesTokenCount");
    int64_t input;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return 0;
    u.raw = lg_ir_of(v);
    u.cache_read = count_of(r, v, "cachedContentTokenCount");
    u.thinking = count_of(r, v, "thoughtsTokenCount");
    if (prompt >= 0 || answered >= 0 ||
        count_of(r, v, "totalTokenCount") >= 0) {
        input =
            lg_count_plus(prompt, count_of(r, v, "toolUsePromptTokenCount"));
        u.input = u.cache_read > input ? 0
                  : u.cache_read > 0   ? input - u.cache_read
                                       : input;
        u.output = lg_count_plus(answered, u.thinking);
    }
    r->ch = NULL;
    return lg_gm_put(r, LG_EV_USAGE, -1, &u, NULL);
}

/* What comes later than the head is told at the end, if it is news. */
static int put_start(struct lg_gm_run *r, struct lg_ir_head *head)
{
    int rc = r->d->whole ? 0 : keep_extras(r, &r->d->kept, head->extra);

    if (rc < 0 || r->d->started)
        return rc;
    r->d->started = 1;
    for (struct lg_gm_kept *k = r->d->kept; k; k = k->next)
        k->told = 1;
    r->d->id = lg_str_from(lg_arena_dup(r->c->keep, head->id.s), head->id.s.n);
    r->ch = NULL;
    return r->d->id.p ? lg_gm_put(r, LG_EV_START, -1, head, NULL)
                      : lg_no_keep(r->c);
}

static int put_error(struct lg_gm_run *r, const struct lg_json *doc)
{
    struct lg_ir_error error = {0};
    int rc = lg_gm_read_error(r->c, doc, 0, &error);

    if (rc == LLMGW_E_JSON) { /* of no known shape: all of it is the message */
        error = (struct lg_ir_error){.message = lg_ir_word("")};
        rc = lg_escaped(r->c, doc->text, &error.message.s);
    }
    r->d->over = 1;
    r->ch = NULL;
    return rc < 0 ? rc : lg_gm_put(r, LG_EV_ERROR, -1, &error, NULL);
}

int lg_gm_chunk_read(struct lg_gm_run *r, const struct lg_json *doc)
{
    const struct lg_val root = lg_json_root(doc);
    struct lg_ir_head head = {.extra = NULL};
    struct lg_val candidates, feedback, usage, error;
    struct lg_iter it;
    int64_t at = 0;
    int rc =
        lg_get(r->c, root, &head.extra, LG_GM_SELF,
               "responseId$ modelVersion$ candidates= promptFeedback= "
               "usageMetadata= error=",
               &head.id, &head.model, &candidates, &feedback, &usage, &error);

    if (rc >= 0 && lg_val_kind(error) > LG_JSON_NULL)
        return put_error(r, doc);
    if (rc >= 0 && r->d->whole && !candidates.doc && !feedback.doc &&
        !usage.doc)
        rc = lg_val_fail(root, r->c->err, "expected candidates");
    it = lg_iter_of(candidates);
    if (rc >= 0 && r->c->keep_extras && it.next == it.end)
        rc = lg_extra_keep(r->c, &head.extra, candidates, LG_GM_SELF);
    if (rc >= 0 && (r->c->keep_extras ||
                    !lg_val_body(lg_member(r->c, feedback, "blockReason")).n))
        rc = lg_extra_keep(r->c, &head.extra, feedback, LG_GM_SELF);
    if (rc >= 0 && r->c->keep_extras && lg_val_kind(usage) != LG_JSON_OBJECT)
        rc = lg_extra_keep(r->c, &head.extra, usage, LG_GM_SELF);
    if (rc >= 0)
        rc = put_start(r, &head);
    while (rc >= 0 && lg_val_kind(candidates) == LG_JSON_ARRAY &&
           lg_iter_next(&it))
        rc = read_candidate(r, it.val, at++);
    if (rc >= 0)
        rc = read_feedback(r, feedback);
    return rc < 0 ? rc : put_usage(r, usage);
}

/* ---- the end ------------------------------------------------------------ */

static const struct {
    const char *word;
    enum lg_stop kind;
} reasons[] = {
    {"STOP", LG_STOP_END},
    {"MAX_TOKENS", LG_STOP_LENGTH},
    {"CONTINUATION", LG_STOP_LENGTH}, /* there is more, for who asks again */
    {"SAFETY", LG_STOP_REFUSAL},
    {"RECITATION", LG_STOP_REFUSAL},
    {"BLOCKLIST", LG_STOP_REFUSAL},
    {"PROHIBITED_CONTENT", LG_STOP_REFUSAL},
    {"SPII", LG_STOP_REFUSAL},
    {"MODEL_ARMOR", LG_STOP_REFUSAL},
    {"IMAGE_SAFETY", LG_STOP_REFUSAL},
    {"IMAGE_PROHIBITED_CONTENT", LG_STOP_REFUSAL},
    {"IMAGE_RECITATION", LG_STOP_REFUSAL},
};

static enum lg_stop kind_of(const struct lg_gm_choice *ch)
{
    enum lg_stop kind = LG_STOP_OTHER;

    if (ch->blocked)
        return LG_STOP_REFUSAL;
    if (!lg_ir_has(&ch->reason.val))
        return LG_STOP_NONE;
    for (size_t i = 0; i < LG_COUNT(reasons); i++)
        if (lg_ir_is(&ch->reason.val, reasons[i].word))
            kind = reasons[i].kind;
    return kind == LG_STOP_END && ch->calls ? LG_STOP_TOOL : kind;
}

static int add_extra(struct lg_ctx *c, struct lg_ir_extra ***end,
                     struct lg_str key, const struct lg_gm_kept *k)
{
    struct lg_ir_extra *x = lg_arena_new(c->arena, struct lg_ir_extra);

    if (!x)
        return lg_no_room(c);
    *x = (struct lg_ir_extra){.key = key, .val = k->val, .level = k->level};
    **end = x;
    *end = &x->next;
    return 0;
}

static int add_kept(struct lg_ctx *c, struct lg_ir_extra ***end,
                    const struct lg_gm_kept *k)
{
    int rc = 0;

    for (; k && rc >= 0; k = k->next)
        if (!k->told)
            rc = add_extra(c, end, k->key, k);
    return rc;
}

static int put_stop(struct lg_gm_run *r)
{
    struct lg_ir_stop stop = {.reason = r->ch->reason.val};
    struct lg_ir_extra **end = &stop.extra;
    struct lg_gm_kept *message = &r->ch->message;
    int rc = lg_gm_close(r);

    stop.kind = (uint8_t)kind_of(r->ch);
    message->level = LG_GM_CANDIDATE;
    if (rc >= 0 && r->ch == r->d->choices)
        rc = add_kept(r->c, &end, r->d->kept);
    if (stop.kind == LG_STOP_REFUSAL && message->val.kind == LG_JSON_STRING)
        stop.details = message->val;
    else if (rc >= 0 && message->val.kind != LG_JSON_NONE)
        rc = add_extra(r->c, &end, LG_STR("finishMessage"), message);
    if (rc >= 0)
        rc = add_kept(r->c, &end, r->ch->kept);
    return rc < 0 ? rc : lg_gm_put(r, LG_EV_STOP, -1, &stop, NULL);
}

int lg_gm_finish(struct lg_gm_run *r)
{
    int rc = 0;

    for (r->ch = r->d->choices; r->ch && !r->d->whole; r->ch = r->ch->next)
        if (kind_of(r->ch) == LG_STOP_NONE)
            return 0;
    if (!r->d->choices && !r->d->whole)
        return 0;
    for (r->ch = r->d->choices; r->ch && rc >= 0; r->ch = r->ch->next)
        rc = put_stop(r);
    if (rc >= 0)
        rc = lg_gm_put(r, LG_EV_END, -1, NULL, NULL);
    return rc < 0 ? rc : 1;
}

int lg_gm_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink)
{
    struct lg_gm_decoder d = {.whole = 1};
    struct lg_gm_run r = {.c = c, .d = &d, .sink = sink};
    int rc;

    if (lg_val_kind(lg_json_root(doc)) != LG_JSON_OBJECT)
        rc = lg_val_fail(lg_json_root(doc), c->err, "expected an answer");
    else
        rc = lg_gm_chunk_read(&r, doc);
    if (rc >= 0 && !d.over)
        rc = lg_gm_finish(&r);
    return lg_protocol(c, rc < 0 ? rc : 0);
}
