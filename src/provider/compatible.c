/* SPDX-License-Identifier: MIT
 *
 * A server that speaks one of these formats under an address of its own:
 * another company's API, a gateway, llama.cpp, vLLM, Ollama. */
#include "src/provider/provider.h"

static const char *const formats[] = {"openai-chat", "anthropic-messages",
                                      "openai-responses", "openai-completions",
                                      NULL};

static const struct lg_endpoint endpoints[] = {
    {"openai-chat", "POST", "/chat/completions"},
    {"anthropic-messages", "POST", "/v1/messages"},
    {"openai-responses", "POST", "/responses"},
    {"openai-completions", "POST", "/completions"},
    {NULL, NULL, NULL},
};

static const char *const request_ids[] = {"x-request-id", "request-id", NULL};

/* Few of them speak both, so the format is never guessed from the caller's;
 * and many know no key. */
static void settle(struct lg_provider_config *c)
{
    if (!c->format)
        c->format = formats[0];
    if (!c->auth && c->key)
        c->auth = lg_auth_by_name(strcmp(c->format, "anthropic-messages") == 0
                                      ? "x-api-key"
                                      : "bearer");
}

static void policy(const struct lg_provider_config *c, struct lg_policy *p)
{
    p->old_max_tokens = 1; /* the one field that nearly all of them know */
    lg_policy_configured(c, p);
}

const struct lg_provider lg_provider_compatible = {
    .name = "compatible",
    .formats = formats,
    .endpoints = endpoints,
    .request_id_headers = request_ids,
    .prepare = lg_prepare_anthropic,
    .policy = policy,
    .settle = settle,
};
