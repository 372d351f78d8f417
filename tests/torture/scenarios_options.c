/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/torture/torture.h"

#define JSON                                                          \
    "{\"providers\":{\"claude\":{\"type\":\"anthropic\",\"api_key\":" \
    "\"sk-secret\",\"headers\":{\"x-team\":\"blue\"}}},\"provider\":" \
    "\"claude\",\"timeout\":{\"total_ms\":5000,\"idle_ms\":900},"     \
    "\"retry\":{\"max\":3}}"

/* A failed setting leaves what was set, and says why it failed. */
static int set(struct torture *t, llmgw_options *o, const char *key,
               const char *value)
{
    const int rc = llmgw_options_set(o, key, value);

    if (rc < 0)
        TORTURE_CHECK(t, llmgw_error_code(llmgw_options_error(o)) == rc);
    return rc;
}

static int set_all(struct torture *t, llmgw_options *o)
{
    static const char *const pairs[][2] = {
        {"providers.claude.type", "anthropic"},
        {"providers.claude.api_key", "sk-secret"},
        {"providers.claude.api_key", "sk-other"},
        {"providers.claude.base_url", "https://example.org/v1"},
        {"timeout.total_ms", "5000"},
        {"/retry/max", "3"},
        {"strict", "true"},
        {"timeout.total_ms", NULL},
    };
    int rc = 0;

    for (size_t i = 0; rc >= 0 && i < sizeof(pairs) / sizeof(pairs[0]); i++)
        rc = set(t, o, pairs[i][0], pairs[i][1]);
    if (rc < 0)
        return rc;
    TORTURE_CHECK(t, llmgw_options_get(o, "timeout.total_ms") == NULL);
    TORTURE_CHECK(t, strcmp(llmgw_options_get(o, "providers.claude.api_key"),
                            "***") == 0);
    TORTURE_CHECK(t, strcmp(llmgw_options_get(o, "retry.max"), "3") == 0);
    return 0;
}

static int options(struct torture *t)
{
    llmgw_options *o;
    int rc = llmgw_options_new(&o);

    if (rc < 0) {
        TORTURE_CHECK(t, o == NULL);
        return rc;
    }
    rc = set_all(t, o);
    llmgw_options_free(o);
    return rc;
}

static int load(struct torture *t)
{
    llmgw_options *o;
    int rc = llmgw_options_new(&o);

    if (rc < 0)
        return rc;
    rc = llmgw_options_load(o, JSON, LLMGW_NUL_TERMINATED);
    if (rc >= 0)
        TORTURE_CHECK(
            t, strcmp(llmgw_options_get(o, "timeout.total_ms"), "5000") == 0);
    else
        TORTURE_CHECK(t, llmgw_error_code(llmgw_options_error(o)) == rc);
    llmgw_options_free(o);
    return rc;
}

/* A refusal is one with memory and without. */
static int refusals(struct torture *t)
{
    static const char *const bad[][2] = {
        {"no.such.key", "1"},
        {"timeout.total_ms", "soon"},
        {"providers.claude.base_url", "ftp://example.org"},
    };
    llmgw_options *o;
    int rc = llmgw_options_new(&o);

    if (rc < 0)
        return rc;
    for (size_t i = 0; rc != LLMGW_E_NOMEM && i < 3; i++) {
        rc = set(t, o, bad[i][0], bad[i][1]);
        TORTURE_CHECK(t, rc == LLMGW_E_OPTION || rc == LLMGW_E_NOMEM);
    }
    llmgw_options_free(o);
    return rc == LLMGW_E_OPTION ? 0 : rc;
}

static int client(struct torture *t)
{
    llmgw_options *o;
    llmgw_client *c = NULL;
    llmgw_error *e = NULL;
    int rc = llmgw_options_new(&o);

    if (rc < 0)
        return rc;
    rc = llmgw_options_load(o, JSON, LLMGW_NUL_TERMINATED);
    if (rc >= 0) {
        rc = llmgw_client_new(o, &c, &e);
        TORTURE_CHECK(t, (rc < 0) == (c == NULL));
        torture_check_error(t, rc, e);
    }
    llmgw_error_free(e);
    llmgw_client_free(c);
    llmgw_options_free(o);
    return rc;
}

const struct torture_scenario torture_options[] = {
    {"options", options}, {"load", load}, {"refusals", refusals},
    {"client", client},   {NULL, NULL},
};
