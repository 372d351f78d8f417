/* SPDX-License-Identifier: MIT
 *
 * Several answers at once in a program that has a loop of its own: one thread,
 * and no call that blocks. With libuv, GLib or Qt it is the same two callbacks.
 *
 *     cc epoll_loop.c $(pkg-config --cflags --libs llmgw) -o epoll_loop
 *     ./epoll_loop
 *     ANTHROPIC_API_KEY=... ./epoll_loop anthropic/<model> mock/lorem-9 */
#define _GNU_SOURCE /* CLOCK_MONOTONIC, where the compiler is told -std=c11 */
#include <llmgw/llmgw.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct loop {
    int epoll, timer;
};

/* The client asks for a socket to be watched. */
static int watch(void *user, intptr_t fd, int want)
{
    const struct loop *l = user;
    struct epoll_event e = {.data.fd = (int)fd};

    if (want & LLMGW_READ)
        e.events |= EPOLLIN;
    if (want & LLMGW_WRITE)
        e.events |= EPOLLOUT;
    if (!want)
        return epoll_ctl(l->epoll, EPOLL_CTL_DEL, (int)fd, NULL);
    if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, (int)fd, &e) == 0)
        return 0;
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, (int)fd, &e);
}

/* ... and for its one timer to be set; for a timerfd, 0 would mean never. */
static int set_timer(void *user, int64_t ms)
{
    const struct loop *l = user;
    struct itimerspec t = {.it_value = {ms / 1000, ms % 1000 * 1000000}};

    if (ms < 0)
        t.it_value.tv_sec = t.it_value.tv_nsec = 0;
    else if (ms == 0)
        t.it_value.tv_nsec = 1;
    return timerfd_settime(l->timer, 0, &t, NULL);
}

/* Show what has come of a stream. 1 if that was its end. */
static int drain(llmgw_stream *s)
{
    const char *name = llmgw_stream_user(s);
    int event;

    while ((event = llmgw_stream_next(s)) > 0)
        if (event == LLMGW_EVENT_TEXT)
            printf("%s: %s\n", name, llmgw_stream_text(s, NULL));
    if (event == LLMGW_E_AGAIN)
        return 0;
    printf("%s: [%s]\n", name,
           event ? llmgw_error_message(llmgw_stream_error(s)) : "complete");
    llmgw_stream_free(s);
    return 1;
}

/* Tell the client what epoll saw; an error is for whoever reads or writes. */
static void report(const struct loop *l, llmgw_client *c,
                   const struct epoll_event *e)
{
    uint64_t ticks;
    int events = 0;

    if (e->events & ~(uint32_t)EPOLLOUT)
        events |= LLMGW_READ;
    if (e->events & ~(uint32_t)EPOLLIN)
        events |= LLMGW_WRITE;
    if (e->data.fd != l->timer)
        llmgw_client_ready(c, e->data.fd, events);
    else if (read(l->timer, &ticks, sizeof(ticks)) > 0)
        llmgw_client_ready(c, -1, 0);
}

/* Drain what is pending, wait for more, until all streams have ended. */
static void run(const struct loop *l, llmgw_client *c, int streams)
{
    for (;;) {
        struct epoll_event e[16];
        llmgw_stream *s;
        int n;

        while ((s = llmgw_client_pending(c)))
            streams -= drain(s);
        if (!streams)
            break;
        n = epoll_wait(l->epoll, e, 16, -1);
        for (int i = 0; i < n; i++)
            report(l, c, &e[i]);
    }
}

static int begin(llmgw_client *c, char *model)
{
    llmgw_stream *s;
    char json[512];

    snprintf(json, sizeof(json),
             "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\","
             " \"content\": \"Say something.\"}]}",
             model);
    if (llmgw_chat_stream(c, NULL, json, LLMGW_NUL_TERMINATED, &s, NULL) < 0)
        return 0;
    llmgw_stream_set_user(s, model);
    return 1;
}

int main(int argc, char **argv)
{
    static char lorem[] = "mock/lorem-5", echo[] = "mock/echo";
    static char *const defaults[] = {lorem, echo, lorem, NULL};
    char *const *models = argc > 1 ? argv + 1 : defaults;
    struct loop l = {epoll_create1(EPOLL_CLOEXEC),
                     timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    int streams = 0, wanted = 0, rc;

    rc = watch(&l, l.timer, LLMGW_READ);
    if (rc == 0)
        rc = llmgw_options_new(&o);
    if (rc == 0)
        rc = llmgw_options_load_env(o);
    if (rc == 0)
        rc = llmgw_client_new(o, &c, NULL);
    if (rc == 0)
        rc = llmgw_client_set_loop(c, watch, set_timer, &l);
    for (; rc == 0 && models[wanted]; wanted++)
        streams += begin(c, models[wanted]);
    run(&l, c, streams);

    llmgw_client_free(c);
    llmgw_options_free(o);
    close(l.timer);
    close(l.epoll);
    return rc != 0 || streams < wanted;
}
