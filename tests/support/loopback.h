/* SPDX-License-Identifier: MIT
 *
 * A provider on loopback: HTTP/1.1, a thread for each connection, kept alive.
 * It answers Messages requests as the question says, a line of figures in any
 * place of the body:
 *
 *     pieces=N  of text, N events of the stream (default 3)
 *     size=N    bytes of each (8)
 *     pace=N    milliseconds between two (0)
 *     hang=N    after N pieces nothing comes any more; of a whole answer, at
 *               all
 *     fail=N    refuse with this status; 1: reset the connection instead of an
 *               answer, 2: close it in the middle of one
 *
 * The text is the letter 'a' throughout. */
#ifndef TESTS_SUPPORT_LOOPBACK_H
#define TESTS_SUPPORT_LOOPBACK_H

#include <pthread.h>
#include <stdatomic.h>

#define LOOPBACK_CONNECTIONS 1024

struct loopback {
    char url[64];
    int listener;
    pthread_t acceptor;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    int fd[LOOPBACK_CONNECTIONS]; /* -1: free */
    atomic_int open;              /* connections */
    int stopping;
    atomic_long requests, sent; /* bytes of answers */
};

/* 0, or -1 with nothing left to end. */
int loopback_begin(struct loopback *b);
/* Breaks what connections there are. */
void loopback_end(struct loopback *b);

/* Ask for what a line of figures says. */
#define LOOPBACK_ASK(figures)                                           \
    "{\"model\":\"anthropic/claude-x\",\"max_tokens\":9,\"messages\":[" \
    "{\"role\":\"user\",\"content\":\"" figures "\"}]}"

#endif
