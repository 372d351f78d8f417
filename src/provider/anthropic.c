/* SPDX-License-Identifier: MIT */
#include "src/provider/provider.h"

static const char *const formats[] = {"anthropic-messages", NULL};

static const struct lg_endpoint endpoints[] = {
    {"anthropic-messages", "POST", "/v1/messages"},
    {NULL, NULL, NULL},
};

static const char *const request_ids[] = {"request-id", NULL};

const struct lg_provider lg_provider_anthropic = {
    .name = "anthropic",
    .base_url = "https://api.anthropic.com",
    .auth = "x-api-key",
    .key_env = "ANTHROPIC_API_KEY",
    .base_env = "ANTHROPIC_BASE_URL",
    .formats = formats,
    .endpoints = endpoints,
    .request_id_headers = request_ids,
    .prepare = lg_prepare_anthropic,
    .policy = lg_policy_configured,
};
