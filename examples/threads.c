/* SPDX-License-Identifier: MIT
 *
 * One client, many threads: share it, and give each call its own objects.
 *
 *     cc threads.c $(pkg-config --cflags --libs llmgw) -pthread -o threads
 *     ./threads */
#include <llmgw/llmgw.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS 8
#define CALLS   50

static llmgw_client *client;

/* Gives NULL if every answer was the one to this thread's question. */
static void *work(void *arg)
{
    const int me = *(int *)arg;

    for (int i = 0; i < CALLS; i++) {
        llmgw_response *r;
        char json[256], want[32];
        int same;

        snprintf(want, sizeof(want), "thread %d, call %d", me, i);
        snprintf(json, sizeof(json),
                 "{\"model\": \"mock/echo\", \"messages\":"
                 " [{\"role\": \"user\", \"content\": \"%s\"}]}",
                 want);
        if (llmgw_call(client, NULL, "chat", json, LLMGW_NUL_TERMINATED, &r,
                       NULL) < 0)
            return arg;
        same = strcmp(llmgw_response_text(r, NULL), want) == 0;
        llmgw_response_free(r);
        if (!same)
            return arg;
    }
    return NULL;
}

int main(void)
{
    pthread_t thread[THREADS];
    int number[THREADS], started = 0, bad = 0;
    llmgw_options *o;
    void *result;

    if (llmgw_options_new(&o) < 0 || llmgw_client_new(o, &client, NULL) < 0)
        return 1;
    llmgw_options_free(o); /* the client has what it needs */
    for (; started < THREADS; started++) {
        number[started] = started;
        if (pthread_create(&thread[started], NULL, work, &number[started]))
            break;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(thread[i], &result);
        bad += result != NULL;
    }
    llmgw_client_free(client);
    printf("%d threads, %d calls each, %d went wrong\n", started, CALLS, bad);
    return bad || started < THREADS;
}
