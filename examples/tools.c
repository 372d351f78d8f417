/* SPDX-License-Identifier: MIT
 *
 * A model that calls a C function: ask, call, answer, until it has no more
 * calls. What it says is scripted, so that this runs without a key.
 *
 *     cc tools.c $(pkg-config --cflags --libs llmgw) -o tools && ./tools */
#include <llmgw/llmgw.h>
#include <stdio.h>
#include <string.h>

#define SCRIPT                                                      \
    "[{\"tool\": {\"name\": \"get_weather\", \"input\": {\"city\":" \
    " \"Ulm\"}}}, {\"text\": \"Take an umbrella.\"}]"
#define BEGIN                                                             \
    "{\"model\": \"mock/script\", \"max_tokens\": 100, \"tools\":"        \
    " [{\"name\": \"get_weather\", \"input_schema\": {\"type\":"          \
    " \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}}]," \
    " \"messages\": [{\"role\": \"user\", \"content\": \"Umbrella?\"}"

/* A real one would parse `input`, and escape what it gives for JSON. */
static const char *get_weather(const char *input)
{
    return strstr(input, "Ulm") ? "rain" : "unknown";
}

/* One turn. Appends the call and its result to `json`: 1; none: 0. */
static int turn(llmgw_client *c, char *json, size_t cap)
{
    char id[64] = "", name[64] = "", input[256] = "";
    const size_t n = strlen(json);
    llmgw_stream *s;
    int event;

    strcpy(json + n, "]}");
    event = llmgw_messages_stream(c, NULL, json, n + 2, &s, NULL);
    while (event >= 0 && (event = llmgw_stream_next(s)) > 0) {
        if (event == LLMGW_EVENT_TEXT)
            fputs(llmgw_stream_text(s, NULL), stdout);
        if (event == LLMGW_EVENT_TOOL) {
            snprintf(id, sizeof(id), "%s", llmgw_stream_id(s));
            snprintf(name, sizeof(name), "%s", llmgw_stream_name(s));
        }
        if (event == LLMGW_EVENT_TOOL_INPUT)
            strncat(input, llmgw_stream_text(s, NULL),
                    sizeof(input) - strlen(input) - 1);
    }
    llmgw_stream_free(s);
    if (event < 0 || strcmp(name, "get_weather") != 0)
        return event;
    printf("%s(%s)\n", name, input);
    snprintf(json + n, cap - n - 3,
             ", {\"role\": \"assistant\", \"content\": [{\"type\":"
             " \"tool_use\", \"id\": \"%s\", \"name\": \"%s\", \"input\":"
             " %s}]}, {\"role\": \"user\", \"content\": [{\"type\":"
             " \"tool_result\", \"tool_use_id\": \"%s\", \"content\":"
             " \"%s\"}]}",
             id, name, input, id, get_weather(input));
    return 1;
}

int main(void)
{
    char json[4096] = BEGIN;
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    int rc = llmgw_options_new(&o);

    if (rc == 0)
        rc = llmgw_options_set(o, "providers.mock.script", SCRIPT);
    if (rc == 0)
        rc = llmgw_client_new(o, &c, NULL);
    while (rc >= 0 && (rc = turn(c, json, sizeof(json))) > 0)
        ;
    puts(rc ? llmgw_strerror(rc) : "");
    llmgw_client_free(c);
    llmgw_options_free(o);
    return rc != 0;
}
