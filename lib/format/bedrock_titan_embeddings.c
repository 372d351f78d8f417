/* SPDX-License-Identifier: MIT
 *
 * Titan's text embeddings, as Bedrock has them: one text a request, and the
 * model in the URL. */
#include "lib/format/embed.h"

extern const struct lg_format lg_format_bedrock_converse;

static int read_request(struct lg_ctx *c, struct lg_val root,
                        struct lg_embed_request *r)
{
    struct lg_val text, encodings;
    int rc = lg_get(c, root, &r->extra, 0,
                    "inputText= dimensions embeddingTypes=", &text,
                    &r->param[LG_E_DIMENSIONS], &encodings);

    if (rc >= 0 && lg_val_kind(text) != LG_JSON_STRING)
        rc = lg_val_fail(text.doc ? text : root, c->err,
                         "expected an inputText");
    if (rc >= 0)
        rc = lg_embed_encodings_read(c, encodings, r);
    return rc < 0 ? rc : lg_embed_texts_read(c, text, LG_EMBED_TEXT, r);
}

static void write_request(struct lg_writer *w, const struct lg_embed_request *r)
{
    const struct lg_embed_input *const in = r->inputs;

    if (!in || in->next || in->kind != LG_EMBED_TEXT)
        lg_put_lose(w, in ? (in->next ? in->next : in)->val.tok : LG_NOWHERE,
                    LG_REJECTED, "one text a request");
    if (!in)
        return;
    lg_put(w, "{'inputText':%v,'dimensions':%o", &in->val,
           &r->param[LG_E_DIMENSIONS]);
    lg_embed_encodings_write(w, "embeddingTypes", r);
    lg_put(w, "}");
}

/* A list of the one vector. */
static int read_vector(struct lg_ctx *c, struct lg_val v,
                       enum lg_encoding encoding, struct lg_embed_answer *a)
{
    struct lg_embed_list *const l = lg_embed_list_new(c, v.i, encoding, 1, a);

    if (!l)
        return lg_no_room(c);
    l->v->val = lg_ir_of(v);
    return lg_val_kind(v) == LG_JSON_ARRAY
               ? 0
               : lg_val_fail(v, c->err, "expected a vector");
}

static int read_answer(struct lg_ctx *c, struct lg_val root,
                       struct lg_embed_answer *a)
{
    struct lg_val one, types;
    struct lg_iter it;
    int rc = lg_get(c, root, &a->extra, 0,
                    "embedding= embeddingsByType= inputTextTokenCount", &one,
                    &types, &a->tokens);

    it = lg_iter_of(types);
    while (rc >= 0 && lg_val_kind(types) == LG_JSON_OBJECT &&
           lg_iter_next(&it)) {
        const enum lg_encoding encoding = lg_encoding_of(it.key);

        if (encoding != LG_ENC_FLOAT || !one.doc) /* which says it again */
            rc = read_vector(c, it.val, encoding, a);
    }
    if (rc >= 0 && (one.doc || !a->lists))
        rc = read_vector(c, one.doc ? one : root, LG_ENC_FLOAT, a);
    return rc;
}

static void write_answer(struct lg_writer *w, const struct lg_embed_answer *a)
{
    lg_put(w, "{");
    for (const struct lg_embed_list *l = a->lists; l && !w->rc; l = l->next) {
        const int is_float = l->encoding <= LG_ENC_BASE64;

        if (l->n != 1 || (!is_float && l->encoding != LG_ENC_BINARY)) {
            lg_put_lose(w, l->tok,
                        l->n == 1 && a->lists->next ? LG_DROPPED : LG_REJECTED,
                        "one vector an answer, of floats or binary");
            continue;
        }
        lg_put(w, is_float ? "'embedding':" : "'embeddingsByType':{'binary':");
        lg_embed_vector_write(w, &l->v[0].val, 0);
        if (!is_float)
            lg_put(w, "}");
    }
    lg_put(w, "'inputTextTokenCount':%d}", lg_embed_tokens(a));
    lg_put_drop(w, &a->id, "embeddings have no id here");
    lg_put_drop(w, &a->model, "embeddings name no model here");
    lg_embed_answer_lose(w, a, 1);
}

static const struct lg_embed_ops ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = 1u << LG_E_MODEL | 1u << LG_E_DIMENSIONS,
    .encodings = 1u << LG_ENC_FLOAT | 1u << LG_ENC_BINARY,
};

const struct lg_format lg_format_bedrock_titan_embeddings = {
    .name = "bedrock-titan-embeddings",
    .family = LG_FAMILY_EMBED,
    .model_in_url = 1,
    .chat = &lg_format_bedrock_converse,
    .embed = &ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};
