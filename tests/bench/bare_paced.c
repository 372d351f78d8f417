/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/bench/bare.h"
#include "tests/bench/paced.h"
#include "tests/bench/reactor.h"

#define BUFFER 2048L

struct bare {
    struct reactor reactor;
    CURLM *multi;
    struct pace pace;
};

static size_t heard(char *data, size_t size, size_t n, void *user)
{
    struct pace_stream *s = user;

    (void)data;
    pace_event(s);
    return size * n;
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *user, void *sock)
{
    struct bare *b = user;

    (void)easy, (void)sock;
    reactor_watch(&b->reactor, fd,
                  what == CURL_POLL_REMOVE
                      ? 0
                      : (what & CURL_POLL_IN ? 1 : 0) |
                            (what & CURL_POLL_OUT ? 2 : 0));
    return 0;
}

static int timer(CURLM *multi, long ms, void *user)
{
    struct bare *b = user;

    (void)multi;
    reactor_timer(&b->reactor, ms);
    return 0;
}

static void ready(void *user, int fd, int events)
{
    const struct bare *b = user;
    int running, left;
    const int bits = (events & REACTOR_READ ? CURL_CSELECT_IN : 0) |
                     (events & REACTOR_WRITE ? CURL_CSELECT_OUT : 0);

    (void)curl_multi_socket_action(b->multi, fd < 0 ? CURL_SOCKET_TIMEOUT : fd,
                                   bits, &running);
    while (curl_multi_info_read(b->multi, &left))
        bench_die("a stream ended");
}

void bare_paced(char **argv)
{
    static struct bare b;
    struct curl_slist *headers;
    const char *body = bench_body_for(argv[0], 1);

    pace_init(&b.pace, argv);
    reactor_init(&b.reactor, ready, &b);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    b.multi = curl_multi_init();
    (void)curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, watch);
    (void)curl_multi_setopt(b.multi, CURLMOPT_SOCKETDATA, &b);
    (void)curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, timer);
    (void)curl_multi_setopt(b.multi, CURLMOPT_TIMERDATA, &b);
    headers = bare_headers();
    for (size_t i = 0; i < b.pace.n; i++) {
        CURL *easy = bare_handle(argv[0], body, headers, NULL);

        (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, heard);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, &b.pace.stream[i]);
        (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER);
        if (curl_multi_add_handle(b.multi, easy))
            bench_die("libcurl cannot be set up");
        if (i == 0)
            pace_first(&b.pace, &b.reactor);
        else if (i % PACE_BURST == 0)
            reactor_turn(&b.reactor, 0);
    }
    pace_run(&b.pace, &b.reactor);
}
