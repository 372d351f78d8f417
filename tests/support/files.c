/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include "tests/support/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

char *file_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    struct stat st;

    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode))
        text = malloc((size_t)st.st_size + 1);
    if (text) {
        *n = fread(text, 1, (size_t)st.st_size, f);
        text[*n] = '\0';
    }
    fclose(f);
    return text;
}

size_t files_each(const char *dir, file_fn fn, void *user)
{
    struct dirent **list;
    const int count = scandir(dir, &list, NULL, alphasort);
    size_t n = 0;

    for (int i = 0; i < count; i++) {
        char path[PATH_SIZE];
        struct stat st;

        snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
        if (list[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                n += files_each(path, fn, user);
            else if (S_ISREG(st.st_mode)) {
                fn(user, path);
                n++;
            }
        }
        free(list[i]);
    }
    if (count >= 0)
        free(list);
    return n;
}

static const char *join(char *path, const char *rel)
{
    const char *root = getenv("LLMGW_SOURCE");

    snprintf(path, PATH_SIZE, "%s/%s", root ? root : ".", rel);
    return path;
}

const char *source_path(const char *rel)
{
    static char path[PATH_SIZE];

    return join(path, rel);
}

const char *reference_path(void)
{
    static char beside[PATH_SIZE];
    const char *path = getenv("LLMGW_REFERENCE_DATA");
    struct stat st;

    if (!path)
        path = join(beside, "../shared/data");
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}
