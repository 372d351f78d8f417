/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

static const char *const formats[] = {"openai-chat", "openai-responses",
                                      "openai-completions", NULL};

static const struct lg_endpoint endpoints[] = {
    {"openai-chat", "POST", "/chat/completions"},
    {"openai-responses", "POST", "/responses"},
    {"openai-completions", "POST", "/completions"},
    {NULL, NULL, NULL},
};

static const char *const request_ids[] = {"x-request-id", NULL};

const struct lg_provider lg_provider_openai = {
    .name = "openai",
    .base_url = "https://api.openai.com/v1",
    .auth = "bearer",
    .key_env = "OPENAI_API_KEY",
    .base_env = "OPENAI_BASE_URL",
    .formats = formats,
    .endpoints = endpoints,
    .request_id_headers = request_ids,
    .policy = lg_policy_configured,
};
