/* SPDX-License-Identifier: MIT
 *
 * The operating system: clocks, randomness, locks, waking, fork. The only file
 * of the library, the transports aside, with POSIX or Linux calls in it. */
#ifndef LG_BASE_SYS_H
#define LG_BASE_SYS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds: of a clock that only goes forward; since 1970. */
int64_t lg_sys_mono_ms(void);
int64_t lg_sys_wall_ms(void);

/* Uniform over all values; for jitter, not for secrets. `state` is the
 * caller's, 0 at first: then it is seeded by the system. */
uint32_t lg_sys_random(uint64_t *state);

struct lg_mutex {
    pthread_mutex_t m;
};
struct lg_cond {
    pthread_cond_t c; /* waits by the monotonic clock */
};
int lg_mutex_init(struct lg_mutex *m); /* 0 or LLMGW_E_NOMEM */
void lg_mutex_done(struct lg_mutex *m);
void lg_mutex_lock(struct lg_mutex *m);
void lg_mutex_unlock(struct lg_mutex *m);
int lg_cond_init(struct lg_cond *c);
void lg_cond_done(struct lg_cond *c);
/* Wait at most `ms`, or for ever if it is negative. */
void lg_cond_wait(struct lg_cond *c, struct lg_mutex *m, int64_t ms);
void lg_cond_signal(struct lg_cond *c);

/* A lock for a static, 0 when free, held for short work: a fork while another
 * thread holds it does not leave it locked in the child. */
void lg_sys_hold(atomic_uint_least64_t *word);
void lg_sys_release(atomic_uint_least64_t *word);

/* Something that one thread may fire to interrupt another's poll: an eventfd.
 * The descriptor is readable once fired. Negative LLMGW_E_* on failure. */
int lg_wake_open(void);
void lg_wake_fire(int fd);
void lg_wake_drain(int fd);
void lg_wake_close(int fd);

/* A process's mark: differs in a forked child. Cheap. */
uint64_t lg_sys_process(void);

/* An environment variable, for llmgw_options_load_env() alone; NULL in a
 * program that runs with more rights than its caller. */
const char *lg_sys_env(const char *name);

#endif
