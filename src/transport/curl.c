/* SPDX-License-Identifier: MIT */
#include "src/transport/curl_parts.h"

#include "lib/base/mem.h"
#include "src/base/sys.h"

/* ---- what libcurl asks for --------------------------------------------- */

/* Not told to libcurl, which would take the multi for dead: the next who comes
 * in from outside is told. */
static int fail_later(struct lg_curl *c, int code)
{
    if (!c->failed)
        c->failed = code;
    return 0;
}

static int take_failure(struct lg_curl *c)
{
    const int code = c->failed;

    c->failed = 0;
    return code;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *user,
                        void *unused)
{
    struct lg_curl *c = user;
    int want = 0;

    (void)easy, (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        want |= LLMGW_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        want |= LLMGW_WRITE;
    if (c->watch)
        return c->watch(c->user, fd, want) ? fail_later(c, LLMGW_E_CALLBACK)
                                           : 0;
    return lg_poll_set(&c->poll, fd, want) ? fail_later(c, LLMGW_E_NOMEM) : 0;
}

static int set_timer(CURLM *multi, long ms, void *user)
{
    struct lg_curl *c = user;

    (void)multi;
    if (c->watch)
        return c->timer(c->user, ms) ? fail_later(c, LLMGW_E_CALLBACK) : 0;
    c->due = ms <= 0 ? ms : lg_sys_mono_ms() + ms;
    return 0;
}

/* ---- transfers --------------------------------------------------------- */

/* An idle handle, best one that is set to `u` already. */
static struct lg_curl_transfer *take_idle(struct lg_curl *c,
                                          const struct lg_curl_url *u)
{
    struct lg_curl_transfer *t;
    size_t i = c->nidle;

    if (!c->nidle)
        return NULL;
    while (i > 0 && c->idle[i - 1]->url != u)
        i--;
    if (!i)
        i = c->nidle;
    t = c->idle[i - 1];
    c->idle[i - 1] = c->idle[--c->nidle];
    return t;
}

/* Its exchange is let go; `again`: the handle is good for another. */
static void release(struct lg_curl *c, struct lg_curl_transfer *t, int again)
{
    lg_curl_transfer_end(t);
    if (again && c->nidle < LG_CURL_IDLE)
        c->idle[c->nidle++] = t;
    else
        lg_curl_transfer_free(t);
}

/* Of many transfers, libcurl keeps four times as many connections; left to
 * itself it would close all but four of them when they end. */
static void keep_connections(struct lg_curl *c)
{
    const long n = c->nactive > LG_CURL_MANY ? 0 : LG_CURL_KEPT;

    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, n);
}

static void detach(struct lg_curl *c, struct lg_curl_transfer *t)
{
    (void)curl_multi_remove_handle(c->multi, t->easy);
    if (t->prev)
        t->prev->next = t->next;
    else
        c->active = t->next;
    if (t->next)
        t->next->prev = t->prev;
    t->prev = t->next = NULL;
    if (c->nactive-- == LG_CURL_MANY + 1)
        keep_connections(c);
}

static int start(void *self, llmgw_exchange *x)
{
    struct lg_curl *c = self;
    struct lg_curl_transfer *t;
    struct lg_curl_url *u;
    int err = lg_curl_urls_take(&c->urls, x->url, &u);

    if (err)
        return err;
    t = take_idle(c, u);
    if (!t && (err = lg_curl_transfer_new(c, &t))) {
        lg_curl_url_give(u);
        return err;
    }
    err = lg_curl_transfer_begin(t, x, u);
    if (!err && curl_multi_add_handle(c->multi, t->easy))
        err = LLMGW_E_NOMEM;
    if (err) {
        release(c, t, 0);
        return err;
    }
    t->next = c->active;
    if (t->next)
        t->next->prev = t;
    c->active = t;
    if (c->nactive++ == LG_CURL_MANY)
        keep_connections(c);
    llmgw_exchange_set_user(x, t);
    err = take_failure(c);
    if (err) {
        detach(c, t);
        release(c, t, 0);
    }
    return err;
}

static void cancel(void *self, llmgw_exchange *x)
{
    struct lg_curl *c = self;
    struct lg_curl_transfer *t = llmgw_exchange_user(x);

    if (!t)
        return;
    detach(c, t);
    release(c, t, 1);
}

static int pause_transfer(void *self, llmgw_exchange *x, int paused)
{
    struct lg_curl *c = self;
    struct lg_curl_transfer *t = llmgw_exchange_user(x);
    const int err = t ? lg_curl_transfer_pause(t, paused) : LLMGW_OK;
    const int failed = take_failure(c);

    return err ? err : failed;
}

/* Where a kept connection turns out dead libcurl sends again by itself, but
 * (7.88) not while it still was sending: then it is for us. */
static int send_again(struct lg_curl *c, struct lg_curl_transfer *t,
                      CURLcode rc)
{
    long connects = 1;

    if (rc != CURLE_SEND_ERROR || t->phase != LG_CURL_STATUS || t->again ||
        t->x->once ||
        curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects) ||
        connects || (!t->has_fields && llmgw_exchange_rewind_body(t->x) < 0))
        return 0;
    t->again = 1;
    (void)curl_multi_remove_handle(c->multi, t->easy);
    return !curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L) &&
           !curl_multi_add_handle(c->multi, t->easy);
}

static void finish(struct lg_curl *c, struct lg_curl_transfer *t, CURLcode rc)
{
    llmgw_exchange *x = t->x;
    char detail[LG_CURL_DETAIL];
    int code;

    if (send_again(c, t, rc))
        return;
    code = lg_curl_result(t, rc, detail);
    detach(c, t);
    release(c, t, rc == CURLE_OK);
    llmgw_exchange_on_done(x, code, detail);
    c->told = 1;
}

static void reap(struct lg_curl *c)
{
    const CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(c->multi, &left))) {
        const CURLcode rc = m->data.result;
        char *t = NULL;

        if (m->msg == CURLMSG_DONE &&
            !curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t))
            finish(c, (struct lg_curl_transfer *)(void *)t, rc);
    }
}

/* ---- letting things happen --------------------------------------------- */

/* A descriptor is ready, or (CURL_SOCKET_TIMEOUT) the timer ran out. */
static int act(struct lg_curl *c, curl_socket_t fd, int events)
{
    int bits = 0, running;
    CURLMcode rc;

    if (events & LLMGW_READ)
        bits |= CURL_CSELECT_IN;
    if (events & LLMGW_WRITE)
        bits |= CURL_CSELECT_OUT;
    if (fd == CURL_SOCKET_TIMEOUT)
        c->due = -1;
    rc = curl_multi_socket_action(c->multi, fd, bits, &running);
    return rc == CURLM_OK ? LLMGW_OK : LLMGW_E_NOMEM;
}

static int is_due(const struct lg_curl *c)
{
    return c->due >= 0 && (!c->due || lg_sys_mono_ms() >= c->due);
}

/* How long to wait: not past libcurl's timer, nor at all with news. */
static int64_t clip(const struct lg_curl *c, int64_t ms)
{
    int64_t left;

    if (c->told || !ms)
        return 0;
    if (c->due < 0)
        return ms;
    left = c->due - lg_sys_mono_ms();
    if (left < 0)
        left = 0;
    return ms < 0 || left < ms ? left : ms;
}

static int pump(void *self, int64_t timeout_ms)
{
    struct lg_curl *c = self;
    struct lg_poll_event e[LG_POLL_BATCH];
    int err = LLMGW_OK, n, failed;

    c->told = 0;
    if (is_due(c)) { /* most often: something was started */
        err = act(c, CURL_SOCKET_TIMEOUT, 0);
        reap(c);
    }
    if (c->watch)
        return err ? err : take_failure(c);
    n = lg_poll_wait(&c->poll, clip(c, timeout_ms), e);
    for (int i = 0; i < n && !err; i++) {
        if (e[i].fd == c->wake_fd)
            lg_wake_drain(c->wake_fd);
        else
            err = act(c, e[i].fd, e[i].events);
    }
    if (!err && is_due(c))
        err = act(c, CURL_SOCKET_TIMEOUT, 0);
    reap(c);
    failed = take_failure(c);
    return err ? err : failed;
}

static void wake(void *self)
{
    const struct lg_curl *c = self;

    lg_wake_fire(c->wake_fd);
}

static int attach(void *self, llmgw_watch_fn watch, llmgw_timer_fn timer,
                  void *user)
{
    struct lg_curl *c = self;

    if (!watch || !timer)
        return LLMGW_E_INVALID;
    if (c->active || c->watch)
        return LLMGW_E_INVALID;
    if (watch(user, c->wake_fd, LLMGW_READ))
        return LLMGW_E_CALLBACK;
    lg_poll_close(&c->poll);
    c->watch = watch;
    c->timer = timer;
    c->user = user;
    return LLMGW_OK;
}

static int ready(void *self, intptr_t fd, int events)
{
    struct lg_curl *c = self;
    int err = LLMGW_OK, failed;

    if (fd == c->wake_fd)
        lg_wake_drain(c->wake_fd);
    else
        err = act(c, fd < 0 ? CURL_SOCKET_TIMEOUT : (curl_socket_t)fd, events);
    reap(c);
    failed = take_failure(c);
    return err ? err : failed;
}

/* ---- life -------------------------------------------------------------- */

static void free_all(void *self)
{
    struct lg_curl *c = self;

    if (!c)
        return;
    while (c->active) {
        struct lg_curl_transfer *t = c->active;

        detach(c, t);
        release(c, t, 0);
    }
    while (c->nidle)
        lg_curl_transfer_free(c->idle[--c->nidle]);
    if (c->multi)
        (void)curl_multi_cleanup(c->multi);
    if (c->share)
        (void)curl_share_cleanup(c->share);
    if (c->watch)
        (void)c->watch(c->user, c->wake_fd, 0);
    lg_curl_urls_done(&c->urls);
    lg_poll_close(&c->poll);
    lg_wake_close(c->wake_fd);
    lg_free(c->text);
    lg_free(c);
}

/* One string after the other into c->text. */
static const char *keep(char **at, const char *s)
{
    char *copy = *at;

    if (!s)
        return NULL;
    memcpy(copy, s, strlen(s) + 1);
    *at += strlen(s) + 1;
    return copy;
}

static int copy_config(struct lg_curl *c, const struct lg_curl_config *config)
{
    char *at;

    c->config = *config;
    at = c->text =
        lg_alloc(lg_str_of(config->ca_file).n + lg_str_of(config->ca_dir).n +
                 lg_str_of(config->proxy).n + 3);
    if (!at)
        return LLMGW_E_NOMEM;
    c->config.ca_file = keep(&at, config->ca_file);
    c->config.ca_dir = keep(&at, config->ca_dir);
    c->config.proxy = keep(&at, config->proxy);
    return LLMGW_OK;
}

static int make_multi(struct lg_curl *c)
{
    c->multi = curl_multi_init();
    c->share = curl_share_init();
    if (!c->multi || !c->share ||
        curl_share_setopt(c->share, CURLSHOPT_SHARE,
                          CURL_LOCK_DATA_SSL_SESSION) ||
        curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket) ||
        curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) ||
        curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer) ||
        curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) ||
        curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                          (long)c->config.max_connections))
        return LLMGW_E_NOMEM;
    keep_connections(c);
    return LLMGW_OK;
}

int lg_curl_new(const struct lg_curl_config *config, void **self,
                struct lg_err *e)
{
    struct lg_curl *c;
    int err = lg_curl_global(e);

    if (err)
        return err;
    c = lg_zalloc(sizeof(*c));
    if (!c)
        return lg_fail_mem(e, LLMGW_E_NOMEM);
    c->due = -1;
    c->wake_fd = c->poll.fd = -1;
    lg_curl_ca_find(&c->ca);
    if ((err = copy_config(c, config)) || (err = make_multi(c)) ||
        (err = lg_poll_open(&c->poll)) || (c->wake_fd = lg_wake_open()) < 0 ||
        (err = lg_poll_set(&c->poll, c->wake_fd, LLMGW_READ))) {
        err = err ? err : c->wake_fd;
        free_all(c);
        return lg_fail(e, err, NULL, "libcurl's transport cannot start");
    }
    *self = c;
    return LLMGW_OK;
}

const llmgw_transport lg_curl_transport = {
    .size = sizeof(llmgw_transport),
    .start = start,
    .pump = pump,
    .cancel = cancel,
    .pause = pause_transfer,
    .wake = wake,
    .attach = attach,
    .ready = ready,
    .free = free_all,
};
