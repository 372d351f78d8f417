/* SPDX-License-Identifier: MIT
 *
 * A scenario is a piece of a host's program that is run again and again, each
 * time with another allocation failing. To add one, write a function and name
 * it in the table of a scenarios_*.c; to add a file, name its table in
 * torture.c. */
#ifndef TESTS_TORTURE_TORTURE_H
#define TESTS_TORTURE_TORTURE_H

#include <llmgw/llmgw.h>

struct torture {
    const char *complaint; /* set by TORTURE_CHECK */
    int line;
};

/* Returns 0, having seen that all went well, or the code of what failed, which
 * may only be LLMGW_E_NOMEM. Frees everything either way. */
typedef int (*torture_fn)(struct torture *t);

struct torture_scenario {
    const char *name; /* NULL ends a table */
    torture_fn run;
};

extern const struct torture_scenario torture_lib[];
extern const struct torture_scenario torture_options[];
extern const struct torture_scenario torture_convert[];
extern const struct torture_scenario torture_transport[];
extern const struct torture_scenario torture_call[];
extern const struct torture_scenario torture_ways[];

/* What must hold whatever failed. */
#define TORTURE_CHECK(t, condition) \
    ((condition) ? (void)0 : torture_complain((t), #condition, __LINE__))
void torture_complain(struct torture *t, const char *text, int line);
/* An error that came with `code` (0: there must be none) says the same. */
void torture_check_error(struct torture *t, int code, const llmgw_error *e);

#endif
