/* SPDX-License-Identifier: MIT
 *
 * Ollama's /api/embed. */
#include "lib/format/embed.h"

extern const struct lg_format lg_format_ollama_chat;

static int read_request(struct lg_ctx *c, struct lg_val root,
                        struct lg_embed_request *r)
{
    struct lg_val input;
    const struct lg_ir_val *const cut = &r->param[LG_E_TRUNCATE];
    const int rc =
        lg_get(c, root, &r->extra, 0, "model input= dimensions truncate",
               &r->param[LG_E_MODEL], &input, &r->param[LG_E_DIMENSIONS],
               &r->param[LG_E_TRUNCATE]);

    r->cut = cut->kind == LG_JSON_TRUE    ? LG_CUT_END
             : cut->kind == LG_JSON_FALSE ? LG_CUT_NONE
                                          : LG_CUT_UNSET;
    return rc < 0 ? rc
                  : lg_embed_texts_read(c, input.doc ? input : root,
                                        LG_EMBED_TEXT, r);
}

static void write_request(struct lg_writer *w, const struct lg_embed_request *r)
{
    lg_put(w, "{'model':%o,'input':", &r->param[LG_E_MODEL]);
    lg_embed_texts_write(w, r, 1);
    lg_put(w, "'dimensions':%o", &r->param[LG_E_DIMENSIONS]);
    if (r->cut)
        lg_put(w,
               r->cut == LG_CUT_NONE ? "'truncate':false" : "'truncate':true");
    if (r->cut == LG_CUT_START)
        lg_put_lose(w, r->param[LG_E_TRUNCATE].tok, LG_APPROXIMATED,
                    "the end is cut off, not the start");
    else if (!r->cut)
        lg_put_drop(w, &r->param[LG_E_TRUNCATE], "not known how to truncate");
    lg_put(w, "}");
}

static int read_answer(struct lg_ctx *c, struct lg_val root,
                       struct lg_embed_answer *a)
{
    struct lg_val list;
    const int rc =
        lg_get(c, root, &a->extra, 0, "model embeddings= prompt_eval_count",
               &a->model, &list, &a->tokens);

    return rc < 0 ? rc
                  : lg_embed_list_read(c, list.doc ? list : root, NULL,
                                       LG_ENC_FLOAT, a);
}

static void write_answer(struct lg_writer *w, const struct lg_embed_answer *a)
{
    const struct lg_embed_list *const l = lg_embed_list_pick(w, a);

    lg_put(w, "{'model':%o,'embeddings':[", &a->model);
    for (size_t i = 0; l && i < l->n && !w->rc; i++)
        lg_embed_vector_write(w, &l->v[i].val, 0);
    lg_put(w, "],'prompt_eval_count':%d}", lg_embed_tokens(a));
    lg_put_drop(w, &a->id, "embeddings have no id here");
    lg_embed_answer_lose(w, a, 1);
}

static const struct lg_embed_ops ops = {
    .read_request = read_request,
    .write_request = write_request,
    .read_answer = read_answer,
    .write_answer = write_answer,
    .params = 1u << LG_E_MODEL | 1u << LG_E_DIMENSIONS | 1u << LG_E_TRUNCATE,
    .encodings = 1u << LG_ENC_FLOAT,
};

const struct lg_format lg_format_ollama_embeddings = {
    .name = "ollama-embeddings",
    .family = LG_FAMILY_EMBED,
    .chat = &lg_format_ollama_chat,
    .embed = &ops,
    .read_error = lg_chat_of_read_error,
    .write_error = lg_chat_of_write_error,
};
