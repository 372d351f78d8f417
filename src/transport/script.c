/* SPDX-License-Identifier: MIT */
#include "src/transport/script.h"

#include <stdio.h>

#include "lib/base/mem.h"

#define WAIT_MAX (INT64_C(1) << 50) /* sums of a few cannot overflow */

/* ---- writing a script -------------------------------------------------- */

int llmgw_script_new(llmgw_script **out)
{
    llmgw_script *s;

    if (!out)
        return LLMGW_E_INVALID;
    *out = s = lg_zalloc(sizeof(*s));
    if (!s)
        return LLMGW_E_NOMEM;
    lg_arena_init(&s->arena, 0, SIZE_MAX / 2);
    s->last = &s->first;
    s->last_request = &s->requests;
    s->last_flight = &s->flights;
    s->armed = LG_SCRIPT_NEVER;
    return 0;
}

void lg_script_drop_flights(llmgw_script *s)
{
    for (struct lg_script_flight *f = s->flights, *next; f; f = next) {
        next = f->next;
        lg_buf_done(&f->body);
        lg_free(f);
    }
    s->flights = NULL;
    s->last_flight = &s->flights;
}

void llmgw_script_free(llmgw_script *s)
{
    if (!s)
        return;
    lg_script_drop_flights(s);
    lg_arena_done(&s->arena);
    lg_free(s);
}

/* A copy of a text that may be NULL; clears *ok without memory. */
const char *lg_script_keep(llmgw_script *s, const char *text, int *ok)
{
    const char *copy = text ? lg_arena_dup(&s->arena, lg_str_of(text)) : NULL;

    if (text && !copy)
        *ok = 0;
    return copy;
}

int llmgw_script_expect(llmgw_script *s, const char *method, const char *url,
                        const char *body)
{
    struct lg_script_expectation *e;
    int ok = 1;

    if (!s)
        return LLMGW_E_INVALID;
    e = lg_arena_new(&s->arena, struct lg_script_expectation);
    if (!e)
        return LLMGW_E_NOMEM;
    e->method = lg_script_keep(s, method, &ok);
    e->url = lg_script_keep(s, url, &ok);
    e->body = lg_script_keep(s, body, &ok);
    if (!ok)
        return LLMGW_E_NOMEM;
    e->number = ++s->expectations;
    e->last = &e->first;
    *s->last = e;
    s->last = &e->next;
    if (!s->due)
        s->due = e;
    s->adding = e;
    s->cut = 0;
    return 0;
}

int lg_script_add(llmgw_script *s, struct lg_script_pair **to, const char *name,
                  const char *value)
{
    struct lg_script_pair *p = lg_arena_new(&s->arena, struct lg_script_pair);
    int ok = p != NULL;

    if (!ok)
        return LLMGW_E_NOMEM;
    p->name = lg_script_keep(s, name, &ok);
    p->value = lg_script_keep(s, value, &ok);
    if (!ok)
        return LLMGW_E_NOMEM;
    while (*to)
        to = &(*to)->next;
    *to = p;
    return 0;
}

int llmgw_script_expect_header(llmgw_script *s, const char *name,
                               const char *value)
{
    if (!s || !name || !s->adding)
        return LLMGW_E_INVALID;
    return lg_script_add(s, &s->adding->headers, name, value);
}

/* The expectation that steps go to, if it takes any more. */
static struct lg_script_expectation *open_end(llmgw_script *s)
{
    struct lg_script_expectation *e = s ? s->adding : NULL;

    return e && e->ending == LG_SCRIPT_WELL ? e : NULL;
}

static int add_step(llmgw_script *s, struct lg_script_expectation *e,
                    struct lg_script_step what)
{
    struct lg_script_step *step =
        lg_arena_new(&s->arena, struct lg_script_step);
    int ok = step != NULL;

    if (!ok)
        return LLMGW_E_NOMEM;
    *step = what;
    step->at = e->at;
    step->name = lg_script_keep(s, what.name, &ok);
    step->value = lg_script_keep(s, what.value, &ok);
    if (what.body.p) {
        step->body.p = lg_arena_dup(&s->arena, what.body);
        ok = ok && step->body.p;
    }
    if (!ok)
        return LLMGW_E_NOMEM;
    *e->last = step;
    e->last = &step->next;
    return 0;
}

int llmgw_script_status(llmgw_script *s, int status)
{
    struct lg_script_expectation *e = open_end(s);
    int rc;

    if (!e || e->has_status || status < 200 || status > 999)
        return LLMGW_E_INVALID;
    rc = add_step(
        s, e,
        (struct lg_script_step){.kind = LG_SCRIPT_STATUS, .status = status});
    if (!rc)
        e->has_status = 1;
    return rc;
}

int llmgw_script_header(llmgw_script *s, const char *name, const char *value)
{
    struct lg_script_expectation *e = open_end(s);

    if (!e || !e->has_status || e->has_body || !name || !value)
        return LLMGW_E_INVALID;
    return add_step(s, e,
                    (struct lg_script_step){.kind = LG_SCRIPT_HEADER,
                                            .name = name,
                                            .value = value});
}

int llmgw_script_body(llmgw_script *s, const void *data, size_t len)
{
    struct lg_script_expectation *e = open_end(s);
    struct lg_str body = {data, len};
    int rc;

    if (!e || !e->has_status || (!data && len))
        return LLMGW_E_INVALID;
    if (len == LLMGW_NUL_TERMINATED)
        body = lg_str_of(data);
    if (body.n == 0)
        return 0;
    rc = add_step(s, e,
                  (struct lg_script_step){
                      .kind = LG_SCRIPT_BODY, .body = body, .cut = s->cut});
    if (!rc)
        e->has_body = 1;
    return rc;
}

int llmgw_script_file(llmgw_script *s, const char *path)
{
    struct lg_buf text;
    FILE *file;
    int rc = 0;

    if (!open_end(s) || !path)
        return LLMGW_E_INVALID;
    file = fopen(path, "rb");
    if (!file)
        return LLMGW_E_INVALID;
    lg_buf_init(&text, LG_SCRIPT_BODY_MAX);
    while (!rc && !feof(file)) {
        char *room = lg_buf_room(&text, 4096);
        if (room)
            lg_buf_claim(&text, fread(room, 1, 4096, file));
        rc = text.err == LLMGW_E_NOMEM       ? LLMGW_E_NOMEM
             : text.err || ferror(file) != 0 ? LLMGW_E_INVALID
                                             : 0;
    }
    (void)fclose(file);
    if (!rc)
        rc = llmgw_script_body(s, text.p, text.n);
    lg_buf_done(&text);
    return rc;
}

int llmgw_script_cut(llmgw_script *s, size_t bytes)
{
    if (!open_end(s))
        return LLMGW_E_INVALID;
    s->cut = bytes;
    return 0;
}

int llmgw_script_wait(llmgw_script *s, int64_t ms)
{
    struct lg_script_expectation *e = open_end(s);

    if (!e || ms < 0 || ms > WAIT_MAX || e->at > WAIT_MAX)
        return LLMGW_E_INVALID;
    e->at += ms;
    return 0;
}

static int end(llmgw_script *s, enum lg_script_ending ending)
{
    struct lg_script_expectation *e = open_end(s);

    if (!e || (ending == LG_SCRIPT_REFUSED && e->has_status))
        return LLMGW_E_INVALID;
    e->ending = (uint8_t)ending;
    return 0;
}

int llmgw_script_refuse(llmgw_script *s)
{
    return end(s, LG_SCRIPT_REFUSED);
}

int llmgw_script_reset(llmgw_script *s)
{
    return end(s, LG_SCRIPT_RESET);
}

int llmgw_script_stall(llmgw_script *s)
{
    return end(s, LG_SCRIPT_STALL);
}

int llmgw_script_answer(llmgw_script *s, int status, const char *type,
                        const void *body, size_t len)
{
    int rc = llmgw_script_status(s, status);

    if (!rc && type)
        rc = llmgw_script_header(s, "content-type", type);
    return rc ? rc : llmgw_script_body(s, body, len);
}

/* ---- looking at what was sent ------------------------------------------ */

size_t llmgw_script_requests(const llmgw_script *s)
{
    return s ? atomic_load(&s->nrequests) : 0;
}

const char *lg_script_find(const struct lg_script_pair *p, const char *name)
{
    for (; p; p = p->next)
        if (lg_str_same_nocase(lg_str_of(p->name), lg_str_of(name)))
            return p->value;
    return NULL;
}

const char *llmgw_script_sent(const llmgw_script *s, size_t i, const char *what,
                              size_t *len)
{
    const struct lg_script_request *r = s ? s->requests : NULL;
    struct lg_str out = {0};

    for (; r && i; i--)
        r = r->next;
    if (r && what) {
        if (strcmp(what, "body") == 0)
            out = r->body;
        else if (strcmp(what, "method") == 0)
            out = lg_str_of(r->method);
        else if (strcmp(what, "url") == 0)
            out = lg_str_of(r->url);
        else
            out = lg_str_of(lg_script_find(r->headers, what));
    }
    if (len)
        *len = out.n;
    return out.p;
}

const char *llmgw_script_unmet(llmgw_script *s)
{
    if (!s || s->fault)
        return s ? s->fault : NULL;
    for (const struct lg_script_expectation *e = s->first; e; e = e->next) {
        if (e->met)
            continue;
        (void)snprintf(s->unused, sizeof(s->unused),
                       "script: expectation %zu was not met: %s %s", e->number,
                       e->method ? e->method : "any method",
                       e->url ? e->url : "any URL");
        return s->unused;
    }
    return NULL;
}

int64_t llmgw_script_now(const llmgw_script *s)
{
    return s ? atomic_load(&s->now) : 0;
}

int llmgw_options_set_script(llmgw_options *o, llmgw_script *s)
{
    return o && s ? llmgw_options_set_transport(o, &lg_script_transport, s)
                  : LLMGW_E_INVALID;
}
