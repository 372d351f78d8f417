/* SPDX-License-Identifier: MIT
 *
 * Gemini's embedContent, and batchEmbedContents: a list of the former's
 * bodies. */
#include "lib/format/embed.h"

#define MODELS "models/"

extern const struct lg_format lg_format_gemini;

static const char *const tasks[LG_TASK_OTHER + 1] = {
    [LG_TASK_QUERY] = "RETRIEVAL_QUERY",
    [LG_TASK_DOCUMENT] = "RETRIEVAL_DOCUMENT",
    [LG_TASK_CLASSIFICATION] = "CLASSIFICATION",
    [LG_TASK_CLUSTERING] = "CLUSTERING",
    [LG_TASK_SIMILARITY] = "SEMANTIC_SIMILARITY",
    [LG_TASK_QUESTION] = "QUESTION_ANSWERING",
    [LG_TASK_FACT] = "FACT_VERIFICATION",
    [LG_TASK_CODE] = "CODE_RETRIEVAL_QUERY",
};

/* ---- requests ----------------------------------------------------------- */

/* A setting holds for all inputs elsewhere; it is the first one's. */
static int settle(struct lg_ctx *c, struct lg_embed_request *r,
                  enum lg_embed_param param, const struct lg_ir_val *v)
{
    struct lg_ir_val *const is = &r->param[param];

    if (!r->inputs->next)
        *is = *v;
    if (is->kind == v->kind && lg_str_same(is->s, v->s))
        return 0;
    return lg_lose(c->losses, (lg_ir_has(v) ? v : is)->tok, LG_APPROXIMATED,
                   "the first input's setting is that of all");
}

static int read_one(struct lg_ctx *c, struct lg_val v,
                    struct lg_embed_input ***end, struct lg_embed_request *r)
{
    struct lg_ir_val model, task, dimensions;
    struct lg_ir_extra *extra = NULL;
    struct lg_val content, parts, text;
    struct lg_iter it;
    int rc =
        lg_get(c, v, &extra, 0, "model content= taskType outputDimensionality",
               &model, &content, &task, &dimensions);

    parts = lg_member(c, content, "parts");
    it = lg_iter_of(parts);
    text = lg_iter_next(&it) ? lg_member(c, it.val, "text") : parts;
    if (rc >= 0 && lg_val_kind(parts) != LG_JSON_ARRAY)
        rc = lg_val_fail(v, c->err, "expected a content with parts");
    else if (rc >= 0 &&
             (lg_val_kind(text) != LG_JSON_STRING || it.next < it.end))
        rc = lg_lose(c->losses, content.i, LG_REJECTED,
                     "one text an input is all that others embed");
    if (rc >= 0)
        rc = lg_embed_input_add(c, end, LG_EMBED_TEXT, text, extra);
    if (rc < 0)
        return rc;
    lg_prefix_cut(&model, MODELS);
    rc = settle(c, r, LG_E_MODEL, &model);
    if (rc >= 0)
        rc = settle(c, r, LG_E_TASK, &task);
    if (rc >= 0)
        rc = settle(c, r, LG_E_DIMENSIONS, &dimensions);
    return rc;
}

static int read_request(struct lg_ctx *c, struct lg_val root,
                        struct lg_embed_request *r)
{
    struct lg_embed_input **end = &r->inputs;
    struct lg_ir_val model = lg_ir_none;
    struct lg_iter it;
    struct lg_val list = lg_member(c, root, "requests");
    int rc = 0;

    r->bare = !list.doc;
    if (r->bare)
        rc = read_one(c, root, &end, r);
    else
        rc = lg_get(c, root, &r->extra, 0, "model requests=", &model, &list);
    if (rc >= 0 && !r->bare && lg_val_kind(list) != LG_JSON_ARRAY)
        rc = lg_val_fail(list, c->err, "expected a list of requests");
    it = lg_iter_of(list);
    while (rc >= 0 && !r->bare && lg_iter_next(&it))
        rc = read_one(c, it.val, &end, r);
    lg_prefix_cut(&model, MODELS);
    if (lg_ir_has(&model))
        r->param[LG_E_MODEL] = model;
    while (r->task < LG_TASK_OTHER &&
           !(tasks[r->task] && lg_ir_is(&r->param[LG_E_TASK], tasks[r->task])))
        r->task++;
    if (!lg_ir_has(&r->param[LG_E_TASK]))
        r->task = LG_TASK_UNSET;
    return rc;
}

static void write_one(struct lg_writer *w, const struct lg_embed_request *r,
                      const struct lg_embed_input *in)
{
    struct lg_ir_val model = r->param[LG_E_MODEL];
    const char *task = tasks[r->task];

    lg_writer_fail(w, lg_prefix_add(w->c, &model, MODELS));
    lg_put(w, "{'model':%o", &model);
    if (in->kind != LG_EMBED_TEXT)
        lg_put_lose(w, in->val.tok, LG_REJECTED,
                    "texts are all that can be embedded");
    lg_put(w, "'content':{'parts':[{'text':%v}]}", &in->val);
    if (task)
        lg_put(w, "'taskType':%s", task);
    lg_put(w, "'outputDimensionality':%o}", &r->param[LG_E_DIMENSIONS]);
}

static void write_request(struct lg_writer *w, const struct lg_embed_request *r)
{
    if (r->bare && r->inputs) {
        write_one(w, r, r->inputs);
    } else {
        lg_put(w, "{'requests':[");
        for (const struct lg_embed_input *in = r->inputs; in; in = in->next)
            write_one(w, r, in);
        lg_put(w, "]}");
    }
    if (!tasks[r->task])
        lg_put_drop(w, &r->param[LG_E_TASK], "no such task here");
}

/* ---- answers ------------------------------------------------------------ */

static int read_answer(struct lg_ctx *c, struct lg_val root,
                       struct lg_embed_answer *a)
{
    struct lg_embed_list *l;
    struct lg_val one, list, usage;
    int rc =
        lg_get(c, root, &a->extra, 0,
               "embedding= embeddings= usageMetadata=", &one, &list, &usage);

    if (rc < 0)
        return rc;
    a->tokens = lg_ir_of(lg_member(c, usage, "promptTokenCount"));
    if (!one.doc)
        return lg_embed_list_read(c, list.doc ? list : root, "values",
                                  LG_ENC_FLOAT, a);
    l = lg_embed_list_new(c, one.i, LG_ENC_FLOAT, 1, a);
    if (!l)
        return lg_no_room(c);
    rc = lg_get(c, one, &l->v->extra, 0, "values", &l->v->val);
    return rc || l->v->val.kind == LG_JSON_ARRAY
               ? rc
               : lg_val_fail(one, c->err, "expected a vector");
}

static void write_answer(struct lg_writer *w, const struct lg_embed_answer *a)
{
    const struct lg_embed_list *const l = lg_embed_list_pick(w, a);
    const int listed = w->c->bridge ? w->c->bridge->listed : 0;
    const int one = l && l->n == 1 && listed != 2;

    lg_put(w, one ? "{" : "{'embeddings':[");
    for (size_t i = 0; l && i < l->n && !w->rc; i++) {
        lg_put(w, one ? "'embedding':{'values':" : "{'values':");
        lg_embed_vector_write(w, &l->v[i].val, 0);
        lg_put(w, "}");
    }
    lg_put(w, one ? "}" : "]}");
    lg_put_drop(w, &a->id, "embeddings have no id here");
    lg_put_drop(w, &a->model, "embeddings name no model here");
    lg_embed_answer_lose(w, a, 0);
}

static const struct lg_embed_ops ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = 1u << LG_E_MODEL | 1u << LG_E_DIMENSIONS | 1u << LG_E_TASK,
    .encodings = 1u << LG_ENC_FLOAT,
};

const struct lg_format lg_format_gemini_embeddings = {
    .name = "gemini-embeddings",
    .family = LG_FAMILY_EMBED,
    .proto_names = 1,
    .chat = &lg_format_gemini,
    .embed = &ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};
