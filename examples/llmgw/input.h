/* SPDX-License-Identifier: MIT
 *
 * A file or stdin: whole, or in the pieces in which it comes. */
#ifndef LLMGW_COMMAND_INPUT_H
#define LLMGW_COMMAND_INPUT_H

#include <stddef.h>

#define INPUT_MAX ((size_t)64 << 20)

struct input {
    int fd;
    const char *name;
};

/* NULL and "-" are stdin. All give 0, or an exit code after the fault was
 * told; at the end of the file *len is 0. */
int input_open(struct input *in, const char *path);
int input_read(struct input *in, char *piece, size_t cap, size_t *len);
void input_close(struct input *in);

/* The whole of it, and a NUL; free(*text). Nothing at all is a fault too. */
int input_whole(const char *path, char **text, size_t *len);

#endif
