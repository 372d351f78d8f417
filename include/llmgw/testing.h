/* SPDX-License-Identifier: MIT
 *
 * Test your program without a key or a network: a transport that answers what
 * you tell it to, on a clock of its own.
 *
 *     llmgw_script_new(&s);
 *     llmgw_script_expect(s, "POST", "/v1/messages", "\"Hello\"");
 *     llmgw_script_answer(s, 200, "application/json", body, LLMGW_NUL_TERMINATED);
 *     llmgw_options_set_script(o, s);
 *     ... your program's calls ...
 *     assert(llmgw_script_unmet(s) == NULL);
 *
 * Exchanges are scripted in the order they will be made. Each begins with
 * expect(); what follows until the next expect() happens to it, in turn. A
 * script serves one client, used by one thread. Time stands still but while
 * the library waits: then it moves to the next thing that is due.
 *
 * Stability: this header may grow in a minor release.
 */
#ifndef LLMGW_TESTING_H
#define LLMGW_TESTING_H

#include <llmgw/llmgw.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llmgw_script llmgw_script;

LLMGW_API int  llmgw_script_new(llmgw_script **out);
/* After the client that uses it. */
LLMGW_API void llmgw_script_free(llmgw_script *s);
/* Use it as the transport of a client. `s` is not copied. */
LLMGW_API int  llmgw_options_set_script(llmgw_options *o, llmgw_script *s);

/* The next request: its method, a text its URL must end with or contain, and
 * a text its body must contain. NULL accepts anything. */
LLMGW_API int llmgw_script_expect(llmgw_script *s, const char *method,
                                  const char *url, const char *body);
/* ... and a header it must have, with this value, or with any (NULL). */
LLMGW_API int llmgw_script_expect_header(llmgw_script *s, const char *name,
                                         const char *value);

/* What happens to it. All return 0, LLMGW_E_NOMEM or LLMGW_E_INVALID. */
LLMGW_API int llmgw_script_status(llmgw_script *s, int status);
LLMGW_API int llmgw_script_header(llmgw_script *s, const char *name,
                                  const char *value);
/* A piece of the body, delivered at once, or, after cut(), in pieces. */
LLMGW_API int llmgw_script_body(llmgw_script *s, const void *data, size_t len);
/* The same from a file, read now. */
LLMGW_API int llmgw_script_file(llmgw_script *s, const char *path);
/* Deliver the bodies that follow in pieces of `bytes`; 0: whole again. */
LLMGW_API int llmgw_script_cut(llmgw_script *s, size_t bytes);
/* Let `ms` of the script's clock pass. */
LLMGW_API int llmgw_script_wait(llmgw_script *s, int64_t ms);
/* The connection cannot be made; breaks (after whatever came before); or
 * nothing happens any more. Without one of these the exchange ends well. */
LLMGW_API int llmgw_script_refuse(llmgw_script *s);
LLMGW_API int llmgw_script_reset(llmgw_script *s);
LLMGW_API int llmgw_script_stall(llmgw_script *s);
/* status, content-type and body in one. */
LLMGW_API int llmgw_script_answer(llmgw_script *s, int status, const char *type,
                                  const void *body, size_t len);

/* What was sent: requests so far, and the parts of the i-th: "method", "url",
 * "body", or the name of a header. NULL: there is none. */
LLMGW_API size_t      llmgw_script_requests(const llmgw_script *s);
LLMGW_API const char *llmgw_script_sent(const llmgw_script *s, size_t i,
                                        const char *what, size_t *len);
/* NULL if every expectation was met and used up, else a sentence. */
LLMGW_API const char *llmgw_script_unmet(llmgw_script *s);
/* The script's clock in ms; it begins at 0, its wall clock at 2026-01-01. */
LLMGW_API int64_t llmgw_script_now(const llmgw_script *s);

#ifdef __cplusplus
}
#endif
#endif /* LLMGW_TESTING_H */
