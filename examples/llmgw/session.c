/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "exit_code.h"
#include "input.h"
#include "tell.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- options ----------------------------------------------------------- */

static int options_told(const llmgw_options *o, int rc)
{
    return rc < 0 ? told(rc, llmgw_options_error(o)) : EXIT_OK;
}

static int load_config(llmgw_options *o, const char *path)
{
    char *json;
    size_t len;
    int rc = input_whole(path, &json, &len);

    if (rc)
        return rc;
    rc = options_told(o, llmgw_options_load(o, json, len));
    free(json);
    return rc;
}

/* An option of the provider that --provider names. */
static int set_of_provider(llmgw_options *o, const struct args *a,
                           const char *name, const char *value)
{
    char key[256];

    if (!value)
        return EXIT_OK;
    if (!a->provider) {
        tell("--base-url and --api-key-env are about a --provider");
        return EXIT_USAGE;
    }
    snprintf(key, sizeof(key), "/providers/%s/%s", a->provider, name);
    return options_told(o, llmgw_options_set(o, key, value));
}

static int set_key(llmgw_options *o, const struct args *a)
{
    const char *key = a->api_key_env ? getenv(a->api_key_env) : NULL;

    if (a->api_key_env && (!key || !key[0])) {
        tell("the environment variable %s is not set", a->api_key_env);
        return EXIT_CREDENTIALS;
    }
    return set_of_provider(o, a, "api_key", key);
}

/* What stands on a command line can be read by every user of the machine. */
static int refuse_secret(void)
{
    tell("keys do not belong on a command line: use --api-key-env or --config");
    return EXIT_USAGE;
}

static int set_pair(llmgw_options *o, const char *pair)
{
    const size_t len = strcspn(pair, "=");
    const char *read;
    char key[256];
    int rc;

    if (!pair[len] || len >= sizeof(key)) {
        tell("--set takes KEY=VALUE, not: %s", pair);
        return EXIT_USAGE;
    }
    if (strstr(pair, "api_key"))
        return refuse_secret();
    memcpy(key, pair, len);
    key[len] = '\0';
    rc = options_told(o, llmgw_options_set(o, key, pair + len + 1));
    if (rc)
        return rc;
    read = llmgw_options_get(o, key);
    return read && strcmp(read, "***") == 0 ? refuse_secret() : EXIT_OK;
}

/* From the general to the particular: what comes later wins. */
static int fill(llmgw_options *o, const struct args *a)
{
    int rc = options_told(o, llmgw_options_load_env(o));

    if (!rc && a->config)
        rc = load_config(o, a->config);
    if (!rc && a->provider)
        rc = options_told(o, llmgw_options_set(o, "provider", a->provider));
    if (!rc)
        rc = set_of_provider(o, a, "base_url", a->base_url);
    if (!rc)
        rc = set_key(o, a);
    for (const char **pair = a->set; *pair && !rc; pair++)
        rc = set_pair(o, *pair);
    return rc;
}

/* ---- interrupts -------------------------------------------------------- */

static sigset_t interrupts(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/* The first interrupt cancels the call. A second ends the process, should it
 * hang elsewhere, say in a write to a reader that sleeps. */
static void *watch(void *cancel)
{
    const sigset_t set = interrupts();
    int caught;

    if (sigwait(&set, &caught) == 0) {
        llmgw_cancel_fire(cancel);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    for (;;)
        pause();
    return NULL;
}

static int watch_interrupts(llmgw_cancel *cancel)
{
    const sigset_t set = interrupts();
    pthread_t thread;

    if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
        pthread_create(&thread, NULL, watch, cancel))
        return told(LLMGW_E_NOMEM, NULL);
    (void)pthread_detach(thread);
    return EXIT_OK;
}

/* ---- all of it --------------------------------------------------------- */

int session_open(struct session *s, const struct args *a, llmgw_trace_fn trace,
                 void *user)
{
    llmgw_error *e = NULL;
    int rc;

    *s = (struct session){0};
    rc = llmgw_options_new(&s->options);
    if (rc == 0)
        rc = llmgw_cancel_new(&s->cancel);
    if (rc == 0)
        rc = llmgw_options_set_cancel(s->options, s->cancel);
    if (rc == 0 && trace)
        rc = llmgw_options_set_trace(s->options, trace, user);
    if (rc < 0)
        return told(rc, NULL);
    rc = fill(s->options, a);
    if (rc)
        return rc;
    rc = llmgw_client_new(s->options, &s->client, &e);
    rc = rc < 0 ? told(rc, e) : watch_interrupts(s->cancel);
    llmgw_error_free(e);
    return rc;
}

void session_close(struct session *s)
{
    /* With a client came a thread, which may be about to fire the token. */
    if (!s->client)
        llmgw_cancel_free(s->cancel);
    llmgw_client_free(s->client);
    llmgw_options_free(s->options);
}
