/* SPDX-License-Identifier: MIT */
#include "src/gateway/cancel.h"

#include "lib/base/mem.h"

int llmgw_cancel_new(llmgw_cancel **out)
{
    llmgw_cancel *k;

    if (!out)
        return LLMGW_E_INVALID;
    *out = k = lg_zalloc(sizeof(*k));
    if (!k)
        return LLMGW_E_NOMEM;
    atomic_init(&k->refs, 1);
    return 0;
}

void llmgw_cancel_free(llmgw_cancel *k)
{
    lg_cancel_unref(k);
}

llmgw_cancel *lg_cancel_ref(llmgw_cancel *k)
{
    if (k)
        atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
    return k;
}

void lg_cancel_unref(llmgw_cancel *k)
{
    if (k && atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) == 1)
        lg_free(k);
}

int lg_cancel_fired(const llmgw_cancel *k)
{
    return k && atomic_load_explicit(&k->fired, memory_order_acquire);
}

/* In a forked child the listeners found here are the parent's, and the list
 * was perhaps being changed: begin a new one. */
static void lock(llmgw_cancel *k)
{
    lg_sys_hold(&k->lock);
    if (k->process != lg_sys_process()) {
        k->process = lg_sys_process();
        k->first = NULL;
    }
}

static void unlock(llmgw_cancel *k)
{
    lg_sys_release(&k->lock);
}

void llmgw_cancel_fire(llmgw_cancel *k)
{
    if (!k)
        return;
    lock(k);
    if (!atomic_exchange(&k->fired, 1))
        for (struct lg_cancel_listener *l = k->first; l; l = l->next)
            l->fire(l->user);
    unlock(k);
}

void lg_cancel_listen(llmgw_cancel *k, struct lg_cancel_listener *l,
                      void (*fire)(void *user), void *user)
{
    *l = (struct lg_cancel_listener){.fire = fire, .user = user};
    if (!k)
        return;
    lg_cancel_ref(k);
    lock(k);
    l->process = k->process;
    l->at = &k->first;
    l->next = k->first;
    if (l->next)
        l->next->at = &l->next;
    k->first = l;
    if (lg_cancel_fired(k))
        l->fire(l->user);
    unlock(k);
}

void lg_cancel_unlisten(llmgw_cancel *k, struct lg_cancel_listener *l)
{
    if (!k || !l->process)
        return;
    lock(k);
    if (l->process == k->process) {
        *l->at = l->next;
        if (l->next)
            l->next->at = l->at;
    }
    unlock(k);
    l->process = 0;
    lg_cancel_unref(k);
}
