/* SPDX-License-Identifier: MIT
 *
 * What goes to stderr and stdout, and what is thereby settled: the exit code. */
#ifndef LLMGW_COMMAND_TELL_H
#define LLMGW_COMMAND_TELL_H

#include <llmgw/llmgw.h>
#include <stdio.h>

/* "llmgw: ..." and a newline, on stderr. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void tell(const char *format, ...);

/* Tell of a failure: `e` may be NULL. Gives the exit code of `code`. */
int told(int code, const llmgw_error *e);

/* Write to stdout, at once: 0, or an exit code. A reader that went away is no
 * news to anyone. */
int say(const char *text, size_t len);
/* A line's end for a terminal, which shares the line with the next prompt;
 * a pipe gets no byte that is not the answer's. */
int say_newline_on_terminal(const char *text, size_t len);

/* A JSON string with its quotes. */
void put_json_string(FILE *out, const char *text);

#endif
