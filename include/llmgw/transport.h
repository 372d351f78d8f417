/* SPDX-License-Identifier: MIT
 *
 * Bring your own HTTP: for hosts with a network stack, and for tests.
 *
 * llmgw itself never touches a socket. It makes a request, and is fed what
 * came back; a transport is whatever stands between. The built-in one is
 * libcurl. A test's is an array of canned answers.
 *
 * Stability: this header may grow in a minor release; llmgw/llmgw.h may not
 * change under you at all.
 */
#ifndef LLMGW_TRANSPORT_H
#define LLMGW_TRANSPORT_H

#include <llmgw/llmgw.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One request in flight. Read the first group in start(); call the second as
 * things happen, from within start() or pump(), never from elsewhere. */
typedef struct llmgw_exchange llmgw_exchange;

LLMGW_API const char *llmgw_exchange_method(const llmgw_exchange *x);
LLMGW_API const char *llmgw_exchange_url(const llmgw_exchange *x);
/* Its length in bytes, or -1 where it is streamed and ends when it ends. */
LLMGW_API int64_t     llmgw_exchange_body_len(const llmgw_exchange *x);
/* The body whole, or NULL where it is streamed or lies in pieces: then read
 * it. read gives the bytes put into `buf`, 0 at the end, negative to fail;
 * LLMGW_E_AGAIN: none yet, pause(self, x, 0) will tell. */
LLMGW_API const char *llmgw_exchange_body(const llmgw_exchange *x, size_t *len);
LLMGW_API int64_t llmgw_exchange_read_body(llmgw_exchange *x, void *buf, size_t cap);
LLMGW_API int     llmgw_exchange_rewind_body(llmgw_exchange *x);
/* The i-th header's name, NULL past the last; its value in *value. */
LLMGW_API const char *llmgw_exchange_header(const llmgw_exchange *x, size_t i,
                                            const char **value);
LLMGW_API int64_t     llmgw_exchange_timeout_ms(const llmgw_exchange *x);

/* Bytes of the request may have left. A transport that never says so is taken
 * to have sent them when a failure comes, unless that is LLMGW_E_CONNECT; one
 * that does makes a failure before it safe to retry. */
LLMGW_API void llmgw_exchange_on_sent(llmgw_exchange *x);
LLMGW_API int  llmgw_exchange_on_status(llmgw_exchange *x, int status);
LLMGW_API int  llmgw_exchange_on_header(llmgw_exchange *x, const char *name,
                                        const char *value);
LLMGW_API int  llmgw_exchange_on_body(llmgw_exchange *x, const void *data,
                                      size_t len);
/* Exactly once, last. `code` is LLMGW_OK, or _E_CONNECT / _E_TIMEOUT / ... */
LLMGW_API void llmgw_exchange_on_done(llmgw_exchange *x, int code,
                                      const char *detail);
/* A slot for the transport's own handle. */
LLMGW_API void  llmgw_exchange_set_user(llmgw_exchange *x, void *user);
LLMGW_API void *llmgw_exchange_user(const llmgw_exchange *x);

/* The library never runs two of these functions at once on one `self`, and
 * the on_*() above never call back into the transport. Without wake(), pump()
 * is given at most 20 ms.
 *
 * Set `size` to sizeof(llmgw_transport) and every member you do not provide
 * to NULL. A library older than your header refuses members it does not know
 * only if you set them; a newer one takes those you lack as NULL. */
typedef struct llmgw_transport {
    size_t size;
    /* Begin. Must not wait. The exchange stays valid until on_done() or
     * cancel(). Whatever on_*() returns < 0 means: stop, it was cancelled or
     * is more than was allowed for, and tell by on_done() that it ended. */
    int (*start)(void *self, llmgw_exchange *x);
    /* Let I/O happen, waiting at most timeout_ms for something to. < 0: it
     * can go on no more; cancel() follows for every exchange in flight. */
    int (*pump)(void *self, int64_t timeout_ms);
    /* Forget the exchange; on_done() must not follow. */
    void (*cancel)(void *self, llmgw_exchange *x);
    /* Optional. Hold back (1) or resume (0) an exchange whose reader is slow;
     * without it a full inbox is LLMGW_E_LIMIT. */
    int (*pause)(void *self, llmgw_exchange *x, int paused);
    /* Optional. Interrupt a waiting pump(), from any thread. */
    void (*wake)(void *self);
    /* Optional. Monotonic and wall clock in ms: a test's time is its own. */
    int64_t (*now)(void *self);
    int64_t (*wall)(void *self);
    /* Optional. Serve the host's event loop; without them
     * llmgw_client_set_loop() is LLMGW_E_UNSUPPORTED. */
    int (*attach)(void *self, llmgw_watch_fn watch, llmgw_timer_fn timer, void *user);
    int (*ready)(void *self, intptr_t fd, int events);
    /* Optional. The client is being freed. */
    void (*free)(void *self);
} llmgw_transport;

/* `t` is copied; `self` is handed to its functions. */
LLMGW_API int llmgw_options_set_transport(llmgw_options *o,
                                          const llmgw_transport *t, void *self);

#ifdef __cplusplus
}
#endif
#endif /* LLMGW_TRANSPORT_H */
