/* SPDX-License-Identifier: MIT
 *
 * Memory that runs out on purpose. A program linked with oom.c has this malloc
 * family, and so have all libraries it loads. Nothing fails and nothing is
 * counted unless armed. */
#ifndef TESTS_TORTURE_OOM_H
#define TESTS_TORTURE_OOM_H

enum oom_mode {
    OOM_ONCE, /* the k-th allocation fails, later ones do not */
    OOM_AFTER /* the k-th and every later one fails */
};

/* Allocations are counted from 0, of all threads together. */
void oom_arm(enum oom_mode mode, long k);
/* How many allocations failed since. */
long oom_disarm(void);

/* Called at each failure: the place for a breakpoint. */
void oom_tripped(void);

#endif
