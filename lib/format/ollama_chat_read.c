/* SPDX-License-Identifier: MIT
 *
 * A request, read. */
#include "lib/format/media.h"
#include "lib/format/ollama_chat.h"

/* A call of the request, for results that do not name it by an id. */
struct call {
    struct call *next;
    const struct lg_ir_part *part;
    int answered;
};

struct reading {
    struct lg_ctx *c;
    struct call *calls, **last;
    unsigned n;
};

/* ---- parts -------------------------------------------------------------- */

/* Beginnings of base64 that tell what it is of. */
static const struct {
    const char *magic, *type;
} types[] = {
    {"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"},
    {"\\/9j", "image/jpeg"},      {"R0lGOD", "image/gif"},
    {"UklGR", "image/webp"},      {"Qk", "image/bmp"},
};

int lg_ol_read_image(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p)
{
    size_t i = 0;

    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected the base64 of an image");
    p->kind = LG_PART_IMAGE;
    p->tok = v.i;
    p->media.source = LG_MEDIA_BASE64;
    p->media.data = lg_ir_of(v);
    while (i < LG_COUNT(types) &&
           !lg_str_starts(p->media.data.s, lg_str_of(types[i].magic)))
        i++;
    p->media.media_type =
        lg_ir_word(i < LG_COUNT(types) ? types[i].type : "image/png");
    if (i < LG_COUNT(types) || c->keep_extras || !c->losses)
        return 0;
    return lg_lose(c->losses, v.i, LG_APPROXIMATED,
                   "an image of unknown type is taken for a PNG");
}

static int read_images(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return lg_extra_keep(c, &m->extra, v, LG_OL_NODE);
    if (lg_val_kind(v) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected a list of images");
    if (it.next == it.end)
        m->form |= LG_OL_NO_IMAGES;
    while (rc >= 0 && lg_iter_next(&it)) {
        struct lg_ir_part *p = lg_part_add(c, end, LG_PART_IMAGE, it.val.i);

        rc = p ? lg_ol_read_image(c, it.val, p) : c->arena->err;
    }
    return rc;
}

static int read_text(struct lg_ctx *c, struct lg_val v, uint8_t kind,
                     struct lg_ir_part ***end)
{
    struct lg_ir_part *p;

    if (lg_val_kind(v) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a string");
    p = lg_part_add(c, end, kind, v.i);
    if (!p)
        return c->arena->err;
    p->text = lg_ir_of(v);
    p->form = LG_FORM_BARE;
    return 0;
}

static int read_content(struct lg_ctx *c, struct lg_val v, uint8_t *form,
                        struct lg_ir_part ***end)
{
    static const uint8_t forms[] = {LG_FORM_ABSENT, LG_FORM_NULL};
    const enum lg_json_kind kind = lg_val_kind(v);

    *form |= kind <= LG_JSON_NULL ? forms[kind] : LG_FORM_BARE;
    return kind <= LG_JSON_NULL ? 0 : read_text(c, v, LG_PART_TEXT, end);
}

/* ---- calls and their results -------------------------------------------- */

static int make_id(struct reading *rd, struct lg_ir_part *p)
{
    const char *id = lg_reason(rd->c, "call_made_%u", rd->n);

    p->id = lg_ir_word(id);
    p->form |= LG_FORM_OLD;
    return *id ? 0 : lg_no_keep(rd->c);
}

static int note_call(struct reading *rd, struct lg_ir_part *p)
{
    struct call *call = lg_arena_new(rd->c->arena, struct call);

    if (!call)
        return lg_no_room(rd->c);
    call->part = p;
    *rd->last = call;
    rd->last = &call->next;
    rd->n++;
    return lg_ir_has(&p->id) ? 0 : make_id(rd, p);
}

static int read_calls(struct reading *rd, struct lg_val v,
                      struct lg_ir_message *m, struct lg_ir_part ***end)
{
    struct lg_ir_part **first = *end;
    int rc = lg_calls_read(rd->c, v, m, end);

    for (struct lg_ir_part *p = *first; p && rc >= 0; p = p->next)
        if (p->kind == LG_PART_TOOL_CALL)
            rc = note_call(rd, p);
    return rc;
}

/* The call that a result answers: by its id, by the name of its tool, or the
 * first that none has answered. */
static int find_call(struct reading *rd, struct lg_ir_part *p)
{
    const int by_id = lg_ir_has(&p->id), by_name = lg_ir_has(&p->name);
    struct call *call = rd->calls;

    while (call && (by_id ? !lg_str_same(call->part->id.s, p->id.s)
                          : call->answered ||
                                (by_name &&
                                 !lg_str_same(call->part->name.s, p->name.s))))
        call = call->next;
    if (call)
        call->answered = 1;
    if (by_id)
        return 0;
    if (!call) {
        rd->n++;
        return make_id(rd, p);
    }
    p->id = call->part->id;
    p->form |= LG_FORM_OLD;
    return 0;
}

/* ---- messages ----------------------------------------------------------- */

static int read_result(struct reading *rd, struct lg_val v,
                       struct lg_ir_message *m)
{
    struct lg_ctx *c = rd->c;
    struct lg_ir_part **end = &m->parts;
    struct lg_ir_part *p = lg_part_add(c, &end, LG_PART_TOOL_RESULT, v.i);
    struct lg_val content, images, id;
    int rc =
        p ? lg_get(c, v, &m->extra, LG_OL_NODE,
                   "role- content= images= tool_name tool_call_id=", &content,
                   &images, &p->name, &id)
          : c->arena->err;

    if (rc < 0)
        return rc;
    if (lg_val_kind(id) == LG_JSON_NULL)
        rc = lg_extra_keep(c, &m->extra, id, LG_OL_NODE);
    else
        p->id = lg_ir_of(id);
    end = &p->parts;
    if (rc >= 0)
        rc = read_images(c, images, m, &end);
    if (rc >= 0)
        rc = read_content(c, content, &p->form, &end);
    m->form |= p->form;
    return rc < 0 ? rc : find_call(rd, p);
}

static int read_spoken(struct reading *rd, struct lg_val v,
                       struct lg_ir_message *m)
{
    const int answers = m->role == LG_ROLE_ASSISTANT;
    struct lg_ctx *c = rd->c;
    struct lg_ir_part **end = &m->parts;
    struct lg_val role, content, images, thinking = {0}, calls = {0};
    int rc = lg_get(c, v, &m->extra, LG_OL_NODE,
                    answers ? "role= content= images= thinking= tool_calls="
                            : "role= content= images=",
                    &role, &content, &images, &thinking, &calls);

    if (rc >= 0 && m->form & LG_OL_OTHER_ROLE)
        rc = lg_extra_keep(c, &m->extra, role, LG_OL_NODE);
    if (rc >= 0)
        rc = lg_val_kind(thinking) <= LG_JSON_NULL
                 ? lg_extra_keep(c, &m->extra, thinking, LG_OL_NODE)
                 : read_text(c, thinking, LG_PART_THINKING, &end);
    if (rc >= 0)
        rc = read_images(c, images, m, &end);
    if (rc >= 0)
        rc = read_content(c, content, &m->form, &end);
    return rc < 0 ? rc : read_calls(rd, calls, m, &end);
}

static int read_message(struct lg_ctx *c, struct lg_val v, void *item,
                        void *user)
{
    static const struct {
        const char *word;
        uint8_t role;
    } roles[] = {{"system", LG_ROLE_SYSTEM},
                 {"assistant", LG_ROLE_ASSISTANT},
                 {"tool", LG_ROLE_TOOL},
                 {"user", LG_ROLE_USER}};
    const struct lg_val role = lg_val_get(v, "role");
    struct lg_ir_message *m = item;
    size_t i = 0;

    if (lg_val_kind(role) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a message with a role");
    while (i < LG_COUNT(roles) && !lg_val_is(role, roles[i].word))
        i++;
    m->tok = v.i;
    m->role = i < LG_COUNT(roles) ? roles[i].role : (uint8_t)LG_ROLE_USER;
    m->form = i < LG_COUNT(roles) ? 0 : LG_OL_OTHER_ROLE;
    return m->role == LG_ROLE_TOOL ? read_result(user, v, m)
                                   : read_spoken(user, v, m);
}

/* ---- settings ----------------------------------------------------------- */

static int keep(struct lg_ctx *c, struct lg_ir_request *r, struct lg_val v,
                uint8_t level)
{
    return lg_extra_keep(c, &r->extra, v, level);
}

/* Without a word about it an answer is streamed. */
static int read_stream(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    struct lg_ir_val *stream = &r->param[LG_P_STREAM];

    if (lg_val_kind(v) > LG_JSON_NULL) {
        *stream = lg_ir_of(v);
        return 0;
    }
    *stream = (struct lg_ir_val){LG_STR("true"), LG_NOWHERE, LG_JSON_TRUE, 0};
    r->form[LG_P_STREAM] = LG_FORM_ABSENT;
    return keep(c, r, v, LG_OL_NODE);
}

static int read_options(struct lg_ctx *c, struct lg_val v,
                        struct lg_ir_request *r)
{
    struct lg_ir_val *p = r->param;
    struct lg_val max, stop;
    int rc;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v, LG_OL_NODE);
    r->form[LG_P_MAX_TOKENS] = LG_FORM_TOP; /* there, if only empty */
    rc = lg_get(c, v, &r->extra, LG_OL_OPTIONS,
                "num_predict= stop= temperature top_p top_k seed "
                "presence_penalty frequency_penalty",
                &max, &stop, &p[LG_P_TEMPERATURE], &p[LG_P_TOP_P],
                &p[LG_P_TOP_K], &p[LG_P_SEED], &p[LG_P_PRESENCE_PENALTY],
                &p[LG_P_FREQUENCY_PENALTY]);
    if (rc < 0)
        return rc;
    /* Less than 0 is a way to say that there is no limit. */
    if (lg_val_kind(max) == LG_JSON_NUMBER && *lg_val_raw(max).p != '-')
        p[LG_P_MAX_TOKENS] = lg_ir_of(max);
    else
        rc = keep(c, r, max, LG_OL_OPTIONS);
    if (rc < 0 || lg_val_kind(stop) <= LG_JSON_NULL)
        return rc < 0 ? rc : keep(c, r, stop, LG_OL_OPTIONS);
    if (lg_val_kind(stop) == LG_JSON_STRING)
        r->stops.form = LG_FORM_BARE;
    else if (lg_val_kind(stop) != LG_JSON_ARRAY)
        return lg_val_fail(stop, c->err, "expected a string or a list");
    return lg_stops_read(c, stop, &r->stops);
}

static int read_format(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_request *r)
{
    struct lg_ir_output *o = &r->output;

    if (lg_val_kind(v) <= LG_JSON_NULL)
        return keep(c, r, v, LG_OL_NODE);
    if (lg_val_is(v, "")) { /* as if it were not there */
        o->form = LG_FORM_BARE;
        return 0;
    }
    o->tok = v.i;
    o->json = lg_ir_of(v);
    o->kind = lg_val_is(v, "json") ? LG_OUTPUT_JSON : LG_OUTPUT_OTHER;
    if (o->json.kind == LG_JSON_OBJECT) {
        o->kind = LG_OUTPUT_SCHEMA;
        o->schema = o->json;
    }
    return 0;
}

static int read_think(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_request *r)
{
    const enum lg_json_kind kind = lg_val_kind(v);
    struct lg_ir_thinking *t = &r->thinking;

    if (kind <= LG_JSON_NULL)
        return keep(c, r, v, LG_OL_NODE);
    if (kind == LG_JSON_STRING) {
        r->param[LG_P_EFFORT] = lg_ir_of(v);
        return 0;
    }
    t->tok = v.i;
    t->json = lg_ir_of(v);
    t->mode = kind == LG_JSON_TRUE    ? LG_THINK_ADAPTIVE
              : kind == LG_JSON_FALSE ? LG_THINK_OFF
                                      : LG_THINK_OTHER;
    return 0;
}

int lg_ol_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r)
{
    struct lg_val stream, messages, tools, options, format, think;
    struct reading rd = {.c = c, .last = &rd.calls};
    int rc;

    r->origin = c->self;
    r->doc = doc;
    rc = lg_get(c, lg_json_root(doc), &r->extra, LG_OL_NODE,
                "model logprobs top_logprobs stream= messages= tools= options= "
                "format= think=",
                &r->param[LG_P_MODEL], &r->param[LG_P_LOGPROBS],
                &r->param[LG_P_TOP_LOGPROBS], &stream, &messages, &tools,
                &options, &format, &think);
    if (rc < 0 || (rc = read_stream(c, stream, r)) < 0 ||
        (rc = lg_messages_read(c, messages, r, read_message, &rd)) < 0 ||
        (rc = lg_functions_read(c, tools, r)) < 0 ||
        (rc = read_options(c, options, r)) < 0 ||
        (rc = read_format(c, format, r)) < 0)
        return rc;
    return read_think(c, think, r);
}
