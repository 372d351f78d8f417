/* SPDX-License-Identifier: MIT
 *
 * The named functions: each is llmgw_call() or llmgw_call_stream() with its
 * operation's name. */
#include <llmgw/llmgw.h>

int llmgw_messages_create(llmgw_client *c, const llmgw_options *o,
                          const char *json, size_t len, llmgw_response **out,
                          llmgw_error **error)
{
    return llmgw_call(c, o, "messages", json, len, out, error);
}

int llmgw_chat_create(llmgw_client *c, const llmgw_options *o, const char *json,
                      size_t len, llmgw_response **out, llmgw_error **error)
{
    return llmgw_call(c, o, "chat", json, len, out, error);
}

int llmgw_messages_stream(llmgw_client *c, const llmgw_options *o,
                          const char *json, size_t len, llmgw_stream **out,
                          llmgw_error **error)
{
    return llmgw_call_stream(c, o, "messages", json, len, out, error);
}

int llmgw_chat_stream(llmgw_client *c, const llmgw_options *o, const char *json,
                      size_t len, llmgw_stream **out, llmgw_error **error)
{
    return llmgw_call_stream(c, o, "chat", json, len, out, error);
}
