/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include "exit_code.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void tell(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("llmgw: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static void detail(int *n, const char *name, const char *value)
{
    if (value && value[0])
        fprintf(stderr, "%s%s %s", (*n)++ ? ", " : " (", name, value);
}

static void details(const llmgw_error *e)
{
    char status[16] = "", wait[40] = "";
    int n = 0;

    if (llmgw_error_http_status(e))
        snprintf(status, sizeof(status), "%d", llmgw_error_http_status(e));
    if (llmgw_error_retry_after_ms(e) >= 0)
        snprintf(wait, sizeof(wait), "%lld ms",
                 (long long)llmgw_error_retry_after_ms(e));
    detail(&n, "at", llmgw_error_where(e));
    detail(&n, "provider", llmgw_error_provider(e));
    detail(&n, "status", status);
    detail(&n, "type", llmgw_error_provider_type(e));
    detail(&n, "request", llmgw_error_request_id(e));
    detail(&n, "retry after", wait);
    if (n)
        fputc(')', stderr);
}

int told(int code, const llmgw_error *e)
{
    fprintf(stderr, "llmgw: %s",
            e ? llmgw_error_message(e) : llmgw_strerror(code));
    details(e);
    fputc('\n', stderr);
    return exit_code(code);
}

int say(const char *text, size_t len)
{
    if (fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0)
        return EXIT_OK;
    if (errno != EPIPE)
        tell("cannot write: %s", strerror(errno));
    return EXIT_OTHER;
}

int say_newline_on_terminal(const char *text, size_t len)
{
    if (!isatty(STDOUT_FILENO) || (len && text[len - 1] == '\n'))
        return EXIT_OK;
    return say("\n", 1);
}

void put_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ')
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}
