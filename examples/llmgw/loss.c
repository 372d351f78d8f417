/* SPDX-License-Identifier: MIT */
#include "loss.h"

#include "exit_code.h"
#include "tell.h"

#include <errno.h>
#include <string.h>

int loss_open(struct loss_report *r, const char *path)
{
    *r = (struct loss_report){.path = path};
    if (!path)
        return EXIT_OK;
    r->file = fopen(path, "w");
    if (r->file)
        return EXIT_OK;
    tell("%s: %s", path, strerror(errno));
    return EXIT_OTHER;
}

static void add(struct loss_report *r, const char *json, size_t len)
{
    if (r->file)
        fprintf(r->file, "%s\n%.*s", r->n ? "," : "[", (int)len, json);
    else
        fprintf(stderr, "%.*s\n", (int)len, json);
    r->n++;
}

void loss_add(struct loss_report *r, const char *json)
{
    add(r, json, strlen(json));
}

/* The array is the library's own, so that it is known to be well-formed: all
 * that is looked for is where its members begin and end. */
void loss_add_all(struct loss_report *r, const char *json)
{
    const char *begin = json;
    int depth = 0, quoted = 0;

    for (const char *p = json; p && *p; p++) {
        if (*p == '\\' && quoted)
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p == '{' && depth++ == 0)
            begin = p;
        else if (!quoted && *p == '}' && --depth == 0)
            add(r, begin, (size_t)(p - begin) + 1);
    }
}

int loss_close(struct loss_report *r, int rc)
{
    int failed;

    if (!r->file)
        return rc;
    fputs(r->n ? "\n]\n" : "[]\n", r->file);
    failed = ferror(r->file);
    failed |= fclose(r->file) != 0;
    r->file = NULL;
    if (!failed)
        return rc;
    tell("%s: cannot write the report", r->path);
    return rc ? rc : EXIT_OTHER;
}
