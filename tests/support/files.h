/* SPDX-License-Identifier: MIT
 *
 * Files of the source tree and of the reference data beside it. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <stddef.h>

/* The whole file, NUL-terminated, to be freed with free(); NULL if it cannot
 * be read. */
char *file_read(const char *path, size_t *n);

typedef void (*file_fn)(void *user, const char *path);
/* Call `fn` for every regular file under `dir`, sorted by name. The number of
 * files; 0 too where there is no such directory. */
size_t files_each(const char *dir, file_fn fn, void *user);

/* "<root>/<rel>", in a buffer of the function's own. The root is what the
 * environment names in LLMGW_SOURCE, else the working directory. */
const char *source_path(const char *rel);
/* The folder of reference data: LLMGW_REFERENCE_DATA, else ../shared/data
 * beside the root; NULL if there is none. */
const char *reference_path(void);

#endif
