/* SPDX-License-Identifier: MIT */
#include "input.h"

#include "exit_code.h"
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int input_open(struct input *in, const char *path)
{
    const int is_stdin = !path || strcmp(path, "-") == 0;

    in->name = is_stdin ? "stdin" : path;
    in->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd >= 0)
        return EXIT_OK;
    tell("%s: %s", in->name, strerror(errno));
    return EXIT_INPUT;
}

int input_read(struct input *in, char *piece, size_t cap, size_t *len)
{
    ssize_t n;

    do
        n = read(in->fd, piece, cap);
    while (n < 0 && errno == EINTR);
    *len = n > 0 ? (size_t)n : 0;
    if (n >= 0)
        return EXIT_OK;
    tell("%s: %s", in->name, strerror(errno));
    return EXIT_INPUT;
}

void input_close(struct input *in)
{
    if (in->fd > STDIN_FILENO)
        (void)close(in->fd);
}

/* Twice the room, but no more than one byte above the ceiling needs. */
static int grow(char **text, size_t *cap)
{
    size_t more = *cap ? *cap * 2 : 65536;
    char *p;

    if (more > INPUT_MAX + 2)
        more = INPUT_MAX + 2;
    p = realloc(*text, more);
    if (!p)
        return told(LLMGW_E_NOMEM, NULL);
    *text = p;
    *cap = more;
    return EXIT_OK;
}

static int read_all(struct input *in, char **text, size_t *len)
{
    size_t cap = 0, n;
    int rc;

    do {
        rc = *len + 1 < cap ? EXIT_OK : grow(text, &cap);
        if (!rc)
            rc = input_read(in, *text + *len, cap - *len - 1, &n);
        if (rc)
            return rc;
        *len += n;
        if (*len > INPUT_MAX) {
            tell("%s: more than %zu MiB", in->name, INPUT_MAX >> 20);
            return EXIT_LIMIT;
        }
    } while (n);
    (*text)[*len] = '\0';
    if (*len)
        return EXIT_OK;
    tell("%s: no input", in->name);
    return EXIT_INPUT;
}

int input_whole(const char *path, char **text, size_t *len)
{
    struct input in;
    int rc = input_open(&in, path);

    *text = NULL;
    *len = 0;
    if (rc)
        return rc;
    rc = read_all(&in, text, len);
    input_close(&in);
    if (rc) {
        free(*text);
        *text = NULL;
    }
    return rc;
}
