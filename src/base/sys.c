/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* eventfd, MADV_WIPEONFORK, secure_getenv */
#include "src/base/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <llmgw/llmgw.h>

#include "lib/base/str.h"

#define NS_PER_MS 1000000
#define MS_PER_S  1000

static int64_t clock_ms(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

int64_t lg_sys_mono_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t lg_sys_wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

/* Never 0. Where the system has no randomness yet, time and place must do:
 * nothing secret hangs on it. */
static uint64_t seed(void)
{
    uint64_t v = 0;

    if (getrandom(&v, sizeof(v), GRND_NONBLOCK) != (ssize_t)sizeof(v) || !v) {
        struct timespec t = {0};

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        v = (uint64_t)t.tv_nsec << 32 ^ (uint64_t)t.tv_sec ^
            (uint64_t)getpid() << 16 ^ (uint64_t)(uintptr_t)&t;
    }
    return v | 1;
}

/* splitmix64; its upper half. */
uint32_t lg_sys_random(uint64_t *state)
{
    uint64_t z;

    if (!*state)
        *state = seed();
    z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

int lg_mutex_init(struct lg_mutex *m)
{
    return pthread_mutex_init(&m->m, NULL) ? LLMGW_E_NOMEM : 0;
}

void lg_mutex_done(struct lg_mutex *m)
{
    (void)pthread_mutex_destroy(&m->m);
}

void lg_mutex_lock(struct lg_mutex *m)
{
    (void)pthread_mutex_lock(&m->m);
}

void lg_mutex_unlock(struct lg_mutex *m)
{
    (void)pthread_mutex_unlock(&m->m);
}

int lg_cond_init(struct lg_cond *c)
{
    pthread_condattr_t attr;
    int rc;

    if (pthread_condattr_init(&attr))
        return LLMGW_E_NOMEM;
    rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (!rc)
        rc = pthread_cond_init(&c->c, &attr);
    (void)pthread_condattr_destroy(&attr);
    return rc ? LLMGW_E_NOMEM : 0;
}

void lg_cond_done(struct lg_cond *c)
{
    (void)pthread_cond_destroy(&c->c);
}

void lg_cond_wait(struct lg_cond *c, struct lg_mutex *m, int64_t ms)
{
    const int64_t year_ms = (int64_t)366 * 86400 * MS_PER_S;
    struct timespec t;

    if (ms < 0) {
        (void)pthread_cond_wait(&c->c, &m->m);
        return;
    }
    if (ms > year_ms) /* who waits must look again anyway */
        ms = year_ms;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / MS_PER_S);
    t.tv_nsec += (long)(ms % MS_PER_S * NS_PER_MS);
    if (t.tv_nsec >= MS_PER_S * NS_PER_MS) {
        t.tv_nsec -= MS_PER_S * NS_PER_MS;
        t.tv_sec++;
    }
    (void)pthread_cond_timedwait(&c->c, &m->m, &t);
}

void lg_cond_signal(struct lg_cond *c)
{
    (void)pthread_cond_signal(&c->c);
}

/* The word holds the mark of the process that locked it: one of another
 * process was copied by a fork, and its thread does not exist here. */
void lg_sys_hold(atomic_uint_least64_t *word)
{
    const uint64_t me = lg_sys_process();
    const struct timespec nap = {0, NS_PER_MS / 20};
    uint_least64_t is = 0;

    while (!atomic_compare_exchange_weak_explicit(
        word, &is, me, memory_order_acquire, memory_order_relaxed)) {
        if (is == me) {
            (void)nanosleep(&nap, NULL);
            is = 0;
        }
    }
}

void lg_sys_release(atomic_uint_least64_t *word)
{
    atomic_store_explicit(word, 0, memory_order_release);
}

int lg_wake_open(void)
{
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd >= 0)
        return fd;
    return errno == EMFILE || errno == ENFILE ? LLMGW_E_LIMIT : LLMGW_E_NOMEM;
}

void lg_wake_fire(int fd)
{
    const uint64_t one = 1;

    /* EAGAIN: its counter is full, so it is readable */
    while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
}

void lg_wake_drain(int fd)
{
    uint64_t n;

    while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
        continue;
}

void lg_wake_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

/* A word that the kernel zeroes in a child, on a page that is never given
 * back. &no_page: the system cannot do that, ask for the process id. */
static atomic_uint_least64_t no_page;
static _Atomic(atomic_uint_least64_t *) mark_page;

static atomic_uint_least64_t *make_page(void)
{
    atomic_uint_least64_t *expected = NULL, *page = &no_page;
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p != MAP_FAILED && !madvise(p, size, MADV_WIPEONFORK))
        page = p;
    if (p != MAP_FAILED && page == &no_page)
        (void)munmap(p, size);
    if (atomic_compare_exchange_strong(&mark_page, &expected, page))
        return page;
    if (page != &no_page)
        (void)munmap(p, size);
    return expected;
}

static LG_APART uint64_t make_mark(atomic_uint_least64_t *page)
{
    uint_least64_t mark = 0;
    const uint_least64_t fresh = seed();

    if (!page)
        page = make_page();
    if (page == &no_page)
        return (uint64_t)getpid();
    return atomic_compare_exchange_strong(page, &mark, fresh) ? fresh : mark;
}

uint64_t lg_sys_process(void)
{
    atomic_uint_least64_t *page =
        atomic_load_explicit(&mark_page, memory_order_acquire);
    const uint_least64_t mark =
        page ? atomic_load_explicit(page, memory_order_relaxed) : 0;

    return mark ? mark : make_mark(page);
}

const char *lg_sys_env(const char *name)
{
    return secure_getenv(name);
}
