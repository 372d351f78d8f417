/* SPDX-License-Identifier: MIT
 *
 * OpenAI's Embeddings. */
#include "lib/format/embed.h"

extern const struct lg_format lg_format_openai_chat;

static int read_request(struct lg_ctx *c, struct lg_val root,
                        struct lg_embed_request *r)
{
    struct lg_val input, encoding;
    int rc = lg_get(
        c, root, &r->extra, 0,
        "model dimensions input= encoding_format=", &r->param[LG_E_MODEL],
        &r->param[LG_E_DIMENSIONS], &input, &encoding);

    if (rc >= 0)
        rc = lg_embed_encodings_read(c, encoding, r);
    return rc < 0 ? rc
                  : lg_embed_texts_read(c, input.doc ? input : root,
                                        LG_EMBED_TEXT, r);
}

static void write_request(struct lg_writer *w, const struct lg_embed_request *r)
{
    const unsigned encodings = lg_embed_encodings_of(w, r);

    lg_put(w, "{'model':%o,'input':", &r->param[LG_E_MODEL]);
    lg_embed_texts_write(w, r, 1);
    lg_put(w, "'dimensions':%o", &r->param[LG_E_DIMENSIONS]);
    if (encodings)
        lg_put(w, "'encoding_format':%s",
               lg_encoding_name(encodings & 1 ? LG_ENC_FLOAT : LG_ENC_BASE64));
    lg_put(w, "}");
}

static int read_answer(struct lg_ctx *c, struct lg_val root,
                       struct lg_embed_answer *a)
{
    struct lg_val data, usage;
    int rc =
        lg_get(c, root, &a->extra, 0, "object- id model data= usage=", &a->id,
               &a->model, &data, &usage);

    if (rc < 0)
        return rc;
    a->tokens = lg_ir_of(lg_val_get(usage, "prompt_tokens"));
    return lg_embed_list_read(c, data.doc ? data : root,
                              "embedding object- index-", LG_ENC_FLOAT, a);
}

static void write_answer(struct lg_writer *w, const struct lg_embed_answer *a)
{
    const struct lg_embed_list *const l = lg_embed_list_pick(w, a);
    int64_t tokens = lg_embed_tokens(a);

    lg_put(w, "{'object':'list','data':[");
    for (size_t i = 0; l && i < l->n && !w->rc; i++) {
        lg_put(w, "{'object':'embedding','index':%d,'embedding':", (int64_t)i);
        lg_embed_vector_write(w, &l->v[i].val, 1);
        lg_put(w, "}");
    }
    tokens = tokens < 0 ? 0 : tokens;
    lg_put(w, "],'model':%b,'usage':{'prompt_tokens':%d,'total_tokens':%d}}",
           a->model.kind == LG_JSON_STRING ? a->model.s : LG_STR(""), tokens,
           tokens);
    lg_put_drop(w, &a->id, "embeddings have no id here");
    lg_embed_answer_lose(w, a, 1);
}

static const struct lg_embed_ops ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = 1u << LG_E_MODEL | 1u << LG_E_DIMENSIONS,
    .encodings = 1u << LG_ENC_FLOAT | 1u << LG_ENC_BASE64,
};

const struct lg_format lg_format_openai_embeddings = {
    .name = "openai-embeddings",
    .family = LG_FAMILY_EMBED,
    .chat = &lg_format_openai_chat,
    .embed = &ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};
