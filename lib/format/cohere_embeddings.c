/* SPDX-License-Identifier: MIT
 *
 * Cohere's embed, its own (v2) and as Bedrock has it: the same but for the
 * model, which stands in Bedrock's URL, and an answer that may be floats
 * alone. */
#include "lib/format/embed.h"

extern const struct lg_format lg_format_bedrock_converse;
extern const struct lg_format lg_format_cohere_chat;
extern const struct lg_format lg_format_bedrock_cohere_embeddings;

static const struct {
    const char *word;
    uint8_t task;
    uint8_t near; /* what another format asks for is only like it */
} tasks[] = {
    {"search_query", LG_TASK_QUERY, 0},
    {"search_document", LG_TASK_DOCUMENT, 0},
    {"classification", LG_TASK_CLASSIFICATION, 0},
    {"clustering", LG_TASK_CLUSTERING, 0},
    {"image", LG_TASK_IMAGE, 0},
    {"search_query", LG_TASK_QUESTION, 1},
    {"search_query", LG_TASK_FACT, 1},
    {"search_query", LG_TASK_CODE, 1},
    {"clustering", LG_TASK_SIMILARITY, 1},
    {"search_document", LG_TASK_OTHER, 1},
};

static const char *const cuts[] = {
    [LG_CUT_NONE] = "NONE", [LG_CUT_START] = "START", [LG_CUT_END] = "END"};

static int is_bedrock(const struct lg_writer *w)
{
    return w->c->self == &lg_format_bedrock_cohere_embeddings;
}

/* ---- requests: read ----------------------------------------------------- */

/* One input is a list of texts and images; of one thing, it is that. */
static int read_input(struct lg_ctx *c, struct lg_val v,
                      struct lg_embed_input ***end)
{
    const struct lg_val content = lg_val_get(v, "content");
    struct lg_iter it = lg_iter_of(content);
    struct lg_val text, url;

    if (lg_val_kind(content) != LG_JSON_ARRAY)
        return lg_val_fail(v, c->err, "expected an object with content");
    if (!lg_iter_next(&it) || it.next < it.end)
        return lg_embed_input_add(c, end, LG_EMBED_MIXED, v, NULL);
    text = lg_val_get(it.val, "text");
    url = lg_val_get(lg_val_get(it.val, "image_url"), "url");
    if (lg_val_kind(text) == LG_JSON_STRING)
        return lg_embed_input_add(c, end, LG_EMBED_TEXT, text, NULL);
    return url.doc ? lg_embed_input_add(c, end, LG_EMBED_IMAGE, url, NULL)
                   : lg_embed_input_add(c, end, LG_EMBED_MIXED, v, NULL);
}

static int read_inputs(struct lg_ctx *c, const struct lg_val *lists,
                       struct lg_embed_request *r)
{
    struct lg_embed_input **end = &r->inputs;
    struct lg_iter it = lg_iter_of(lists[2]);
    int rc = 0;

    while (rc >= 0 && lg_val_kind(lists[2]) == LG_JSON_ARRAY &&
           lg_iter_next(&it))
        rc = read_input(c, it.val, &end);
    for (int i = 0; i < 2 && rc >= 0; i++)
        if (lg_val_kind(lists[i]) > LG_JSON_NULL)
            rc = lg_embed_texts_read(c, lists[i],
                                     i ? LG_EMBED_IMAGE : LG_EMBED_TEXT, r);
    return rc;
}

static int read_request(struct lg_ctx *c, struct lg_val root,
                        struct lg_embed_request *r)
{
    const struct lg_ir_val *const task = &r->param[LG_E_TASK];
    const struct lg_ir_val *const cut = &r->param[LG_E_TRUNCATE];
    struct lg_val lists[3], encodings;
    int rc = lg_get(c, root, &r->extra, 0,
                    "model texts= images= inputs= input_type truncate "
                    "embedding_types= output_dimension",
                    &r->param[LG_E_MODEL], &lists[0], &lists[1], &lists[2],
                    &r->param[LG_E_TASK], &r->param[LG_E_TRUNCATE], &encodings,
                    &r->param[LG_E_DIMENSIONS]);

    r->task = lg_ir_has(task) ? LG_TASK_OTHER : LG_TASK_UNSET;
    for (size_t i = 0; i < LG_COUNT(tasks); i++)
        if (!tasks[i].near && lg_ir_is(task, tasks[i].word))
            r->task = tasks[i].task;
    for (size_t i = LG_CUT_NONE; i < LG_COUNT(cuts); i++)
        if (lg_ir_is(cut, cuts[i]))
            r->cut = (uint8_t)i;
    if (rc >= 0)
        rc = lg_embed_encodings_read(c, encodings, r);
    if (rc >= 0)
        rc = read_inputs(c, lists, r);
    return rc < 0 || r->inputs
               ? rc
               : lg_val_fail(root, c->err, "expected texts, images or inputs");
}

/* ---- requests: written -------------------------------------------------- */

static void write_input(struct lg_writer *w, const struct lg_embed_input *in)
{
    switch ((enum lg_embed_kind)in->kind) {
    case LG_EMBED_TEXT:
        lg_put(w, "{'content':[{'type':'text','text':%v}]}", &in->val);
        break;
    case LG_EMBED_IMAGE:
        lg_put(w, "{'content':[{'type':'image_url','image_url':{'url':%v}}]}",
               &in->val);
        break;
    case LG_EMBED_MIXED:
        lg_put(w, "%v", &in->val);
        break;
    }
}

static void write_inputs(struct lg_writer *w, const struct lg_embed_request *r)
{
    int texts = 1, images = 1;

    for (const struct lg_embed_input *in = r->inputs; in; in = in->next) {
        texts = texts && in->kind == LG_EMBED_TEXT;
        images = images && in->kind == LG_EMBED_IMAGE;
    }
    lg_put(w, texts ? "'texts':[" : images ? "'images':[" : "'inputs':[");
    for (const struct lg_embed_input *in = r->inputs; in; in = in->next)
        if (texts || images)
            lg_ir_write(&w->jw, &in->val);
        else
            write_input(w, in);
    lg_put(w, "]");
}

/* Cohere must be told what the vectors are for. */
static void write_task(struct lg_writer *w, const struct lg_embed_request *r)
{
    const uint8_t task = r->task ? r->task : LG_TASK_OTHER;
    size_t i = 0;

    while (tasks[i].task != task)
        i++;
    lg_put(w, "'input_type':%s", tasks[i].word);
    if (tasks[i].near)
        lg_put_lose(w, r->task ? r->param[LG_E_TASK].tok : LG_NOWHERE,
                    LG_APPROXIMATED,
                    "input_type is required: the nearest is sent");
}

static void write_request(struct lg_writer *w, const struct lg_embed_request *r)
{
    const char *cut = r->cut ? cuts[r->cut] : NULL;

    lg_put(w, "{");
    if (!is_bedrock(w))
        lg_put(w, "'model':%o", &r->param[LG_E_MODEL]);
    write_inputs(w, r);
    write_task(w, r);
    if (cut)
        lg_put(w, "'truncate':%s", cut);
    else
        lg_put_drop(w, &r->param[LG_E_TRUNCATE], "not known how to truncate");
    lg_embed_encodings_write(w, "embedding_types", r);
    lg_put(w, "'output_dimension':%o}", &r->param[LG_E_DIMENSIONS]);
}

/* ---- answers ------------------------------------------------------------ */

/* By type, or floats alone. */
static int read_lists(struct lg_ctx *c, struct lg_val v,
                      struct lg_embed_answer *a)
{
    struct lg_iter it = lg_iter_of(v);
    int rc = 0;

    if (lg_val_kind(v) != LG_JSON_OBJECT)
        return lg_embed_list_read(c, v, NULL, LG_ENC_FLOAT, a);
    while (rc >= 0 && lg_iter_next(&it))
        if (lg_val_kind(it.val) > LG_JSON_NULL)
            rc = lg_embed_list_read(c, it.val, NULL, lg_encoding_of(it.key), a);
    return rc;
}

/* That the texts come back, and in which shape the answer is, is no loss to a
 * format that does not do so. */
static int read_answer(struct lg_ctx *c, struct lg_val root,
                       struct lg_embed_answer *a)
{
    struct lg_val lists, meta, units;
    int rc = lg_get(c, root, &a->extra, 0,
                    "id embeddings= meta= texts- images- inputs- "
                    "response_type-",
                    &a->id, &lists, &meta);

    if (rc >= 0 && lg_val_kind(meta) == LG_JSON_OBJECT)
        rc =
            lg_get(c, meta, &a->extra, 1, "billed_units= api_version-", &units);
    else
        units = (struct lg_val){0};
    if (rc >= 0 && lg_val_kind(units) == LG_JSON_OBJECT)
        rc = lg_get(c, units, &a->extra, 1, "input_tokens", &a->tokens);
    if (rc >= 0 && !lists.doc)
        rc = lg_val_fail(root, c->err, "expected embeddings");
    return rc < 0 ? rc : read_lists(c, lists, a);
}

static int as_base64(const struct lg_writer *w)
{
    const struct lg_bridge *const b = w->c->bridge;

    return b && b->encodings >> LG_ENC_BASE64 & 1 &&
           !(b->encodings >> LG_ENC_FLOAT & 1);
}

static void write_list(struct lg_writer *w, const struct lg_embed_list *l)
{
    lg_put(w, "[");
    for (size_t i = 0; i < l->n && !w->rc; i++)
        lg_embed_vector_write(w, &l->v[i].val,
                              l->encoding <= LG_ENC_BASE64 && as_base64(w));
    lg_put(w, "]");
}

static void write_by_type(struct lg_writer *w, const struct lg_embed_answer *a)
{
    lg_put(w, "'response_type':'embeddings_by_type','embeddings':{");
    for (const struct lg_embed_list *l = a->lists; l; l = l->next) {
        if (l->encoding == LG_ENC_OTHER) {
            lg_put_lose(w, l->tok, LG_DROPPED, "an encoding without a name");
            continue;
        }
        lg_put(w, "%k:",
               lg_encoding_name(l->encoding > LG_ENC_BASE64 ? l->encoding
                                : as_base64(w)              ? LG_ENC_BASE64
                                                            : LG_ENC_FLOAT));
        write_list(w, l);
    }
    lg_put(w, "}");
}

static void write_answer(struct lg_writer *w, const struct lg_embed_answer *a)
{
    const struct lg_bridge *const b = w->c->bridge;
    const int floats = is_bedrock(w) && a->lists && !a->lists->next &&
                       a->lists->encoding <= LG_ENC_BASE64 &&
                       !(b && b->encodings);
    const int64_t tokens = is_bedrock(w) ? -1 : lg_embed_tokens(a);

    lg_put(w, "{'id':%b", a->id.kind == LG_JSON_STRING ? a->id.s : LG_STR(""));
    if (floats) {
        lg_put(w, "'response_type':'embeddings_floats','embeddings':");
        write_list(w, a->lists);
    } else {
        write_by_type(w, a);
    }
    if (tokens >= 0)
        lg_put(w, "'meta':{'billed_units':{'input_tokens':%d}}", tokens);
    lg_put(w, "}");
    lg_put_drop(w, &a->model, "embeddings name no model here");
    lg_embed_answer_lose(w, a, !is_bedrock(w));
}

#define PARAMS                                                        \
    (1u << LG_E_MODEL | 1u << LG_E_DIMENSIONS | 1u << LG_E_TRUNCATE | \
     1u << LG_E_TASK)
#define ENCODINGS                                                  \
    (1u << LG_ENC_FLOAT | 1u << LG_ENC_INT8 | 1u << LG_ENC_UINT8 | \
     1u << LG_ENC_BINARY | 1u << LG_ENC_UBINARY)

static const struct lg_embed_ops cohere_ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = PARAMS,
    .encodings = ENCODINGS | 1u << LG_ENC_BASE64,
};

const struct lg_format lg_format_cohere_embeddings = {
    .name = "cohere-embeddings",
    .family = LG_FAMILY_EMBED,
    .chat = &lg_format_cohere_chat,
    .embed = &cohere_ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};

static const struct lg_embed_ops bedrock_ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = PARAMS,
    .encodings = ENCODINGS,
};

const struct lg_format lg_format_bedrock_cohere_embeddings = {
    .name = "bedrock-cohere-embeddings",
    .family = LG_FAMILY_EMBED,
    .model_in_url = 1,
    .chat = &lg_format_bedrock_converse,
    .embed = &bedrock_ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};
