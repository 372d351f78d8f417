/* SPDX-License-Identifier: MIT
 *
 * Options: a flat list of checked entries behind the public object, and the
 * settings that a call runs with. One table (option_table.c) says what there
 * is; everything else follows from it. */
#ifndef LG_GATEWAY_OPTIONS_H
#define LG_GATEWAY_OPTIONS_H

#include <llmgw/transport.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "src/base/secret.h"

/* Everything of one value that a call may look at. Strings belong to the
 * options or the configuration they were taken from. */
struct lg_settings {
    const char *provider; /* for a model without prefix; NULL: the only
                                  one that is configured */
    const char *format;   /* of the caller; NULL: the operation's */
    int64_t connect_ms, first_byte_ms, content_ms, idle_ms,
        total_ms; /* 0: none */
    int64_t retry_max, retry_initial_ms, retry_max_ms, retry_server_max_ms;
    int64_t retry_ambiguous; /* 0: only what was surely not processed */
    int64_t retry_budget;    /* tokens in the client's bucket; 0: no bucket */
    int64_t max_body_bytes, max_event_bytes, max_buffered_bytes;
    int64_t max_tokens; /* where a format demands one and the caller has none;
                           0: the model's */
    int64_t strict, create_via_stream, trace_content, loops, http2, keep_ms;
    const char *fold; /* "all" or "usage" */
    const char *ca_file, *ca_dir, *proxy;
    const char *anthropic_version, *models;
    int64_t system_role, unsupported_param, orphan_result, image_url;

    llmgw_trace_fn trace;
    void *trace_user;
    llmgw_cancel *cancel;
    llmgw_read_fn read;
    llmgw_rewind_fn rewind;
    int64_t read_size;
    void *read_user;
    llmgw_write_fn write;
    void *write_user;
};

enum lg_option_kind {
    LG_OPTION_INT,    /* min..max */
    LG_OPTION_BOOL,   /* true false 1 0 */
    LG_OPTION_STRING, /* a line of text, not empty */
    LG_OPTION_WORD,   /* one of `words`, separated by spaces; a text */
    LG_OPTION_CHOICE, /* the same as its number */
    LG_OPTION_URL,    /* where a credential may go, see lg_curl_check_url() */
    LG_OPTION_PROXY,  /* the URL of a proxy: a secret, as it may hold one */
    LG_OPTION_SECRET, /* reads back as "***" */
    LG_OPTION_HEADER, /* a field value */
    LG_OPTION_JSON,   /* any JSON, kept as text */
    LG_OPTION_FACTS,  /* JSON that lg_facts_load() takes */
    LG_OPTION_TYPE,   /* the name of a provider type, ... */
    LG_OPTION_AUTH,   /* ... of an authentication method, */
    LG_OPTION_FORMAT  /* ... of a format */
};

#define LG_OPTION_NOWHERE 0xffff

struct lg_option_row {
    const char *key; /* "timeout.total_ms"; <name> stands for a name */
    uint8_t kind;
    uint8_t client_only; /* not in an override */
    uint8_t provider;    /* `offset` is one in struct lg_provider_config */
    uint16_t offset;     /* in struct lg_settings; or LG_OPTION_NOWHERE */
    int32_t min, dflt;
    int64_t max;
    const char *words;
    const char *help; /* one sentence with unit, range and default */
};
extern const struct lg_option_row lg_option_rows[];
extern const size_t lg_option_count;

struct lg_option_entry {
    struct lg_option_entry *next;
    const struct lg_option_row *row;
    char *key;   /* as a pointer, names of headers in lower case */
    char *name;  /* what stands for the first <name>, or NULL */
    char *name2; /* ... and for the second */
    char *text;  /* NULL for a secret */
    struct lg_secret *secret;
    int64_t number;
};

struct llmgw_options {
    struct lg_option_entry *entries; /* in the order they were set */
    struct llmgw_error *error;
    int has_trace, has_source, has_sink;
    void *transport_self;
    llmgw_transport transport; /* size 0: none */
    struct lg_settings calls;  /* only the callbacks, cancel, source and sink */
};

/* Defaults of every setting. */
void lg_settings_defaults(struct lg_settings *s);
/* What `o` (may be NULL) sets, over what is there. Strings and the cancel
 * token stay the options' (`fold` is static). */
void lg_settings_apply(struct lg_settings *s, const llmgw_options *o);
/* Put an entry's value where its row says, in a struct lg_settings or a
 * struct lg_provider_config; `text` stands for the entry's own. */
void lg_settings_put(void *at, const struct lg_option_entry *entry,
                     const char *text);

/* What they say of a conversion, `models` aside. */
struct lg_policy;
void lg_settings_policy(const struct lg_settings *s, struct lg_policy *p);

struct lg_config;
/* Compile options to a configuration with one reference; `e` names the key. */
int lg_config_new(const llmgw_options *o, struct lg_config **out,
                  struct lg_err *e);
/* The configuration of one call: `base` itself, referenced again, where `o`
 * (may be NULL) touches no provider and no header, else a new one. Its
 * settings are those of `base`: apply `o` to a copy. */
int lg_config_override(struct lg_config *base, const llmgw_options *o,
                       struct lg_config **out, struct lg_err *e);

#endif
