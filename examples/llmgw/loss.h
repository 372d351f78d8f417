/* SPDX-License-Identifier: MIT
 *
 * The report of what a conversion lost: a JSON array in a file, or on stderr,
 * one object a line. */
#ifndef LLMGW_COMMAND_LOSS_H
#define LLMGW_COMMAND_LOSS_H

#include <stdio.h>

struct loss_report {
    const char *path;
    FILE *file; /* NULL: stderr */
    size_t n;
};

/* 0, or an exit code after the fault was told. */
int loss_open(struct loss_report *r, const char *path);
/* One loss, a JSON object; many, a JSON array of objects (may be NULL). */
void loss_add(struct loss_report *r, const char *json);
void loss_add_all(struct loss_report *r, const char *json);
/* Gives `rc`, or the exit code of a report that could not be written. */
int loss_close(struct loss_report *r, int rc);

#endif
