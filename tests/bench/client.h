/* SPDX-License-Identifier: MIT
 *
 * What the library is asked to do, through its public functions alone. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <llmgw/llmgw.h>

/* Options for one provider: of type "anthropic" or "openai", at a base URL. */
llmgw_options *client_options(const char *type, const char *base_url);
void client_set(llmgw_options *o, const char *key, const char *value);
llmgw_client *client_new(const llmgw_options *o);
/* "messages" or "chat", asked in its own words. */
llmgw_stream *client_stream(llmgw_client *c, const char *operation);
/* Read a stream to its end, each piece of it as text, or each frame. Returns
 * the number of pieces. */
unsigned long client_drain(llmgw_stream *s, int frames);
void client_die(const char *what, const llmgw_error *e)
    __attribute__((noreturn));

void convert_run(char **argv); /* FROM TO FILE N */
void deltas_run(char **argv);  /* TYPE t|j N TIMES */
void pass_run(char **argv);    /* FILE N */
void paced_run(char **argv);   /* BASE STREAMS SECONDS */
void request_run(char **argv); /* BASE N */
void first_run(char **argv);   /* BASE */
void stream_run(char **argv);  /* TYPE BASE OPERATION N */
void threads_run(char **argv); /* BASE THREADS STREAMS LOOPS CA */

#endif
