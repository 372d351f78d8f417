/* SPDX-License-Identifier: MIT
 *
 * One message format, read and written. Formats know the IR and not each
 * other. */
#ifndef LG_FORMAT_FORMAT_H
#define LG_FORMAT_FORMAT_H

#include "lib/ir/event.h"
#include "lib/ir/fold.h"
#include "lib/ir/loss.h"
#include "lib/json/write.h"
#include "lib/model/facts.h"
#include "lib/wire/sse.h"

/* What the target is known to take; set by the provider and the options. */
struct lg_policy {
    const char *anthropic_version; /* "2023-06-01" unless set */
    int64_t max_tokens;  /* for a format that demands it where the caller gave
                            none */
    int old_max_tokens;  /* Chat: write max_tokens, not max_completion_tokens:
                            above 0; 2 and -1 over what the model takes */
    int no_stream_usage; /* Chat: the target knows no stream_options */
    int gemini_vertex;   /* Gemini as Vertex AI speaks it: labels, and no ids of
                            calls */
    int gemini_budget;   /* Gemini before 3: thinking has a budget, no level */

    const struct lg_facts_table *models; /* the host's; NULL: none */
    const struct lg_facts *facts; /* of the model; set by the conversion where
                                     it is NULL */
    int max_tokens_fixed; /* max_tokens is the host's word, whatever the model's
                             maximum is */
    uint8_t system_role;  /* enum lg_system_role, ... */
    uint8_t orphan_result;
    uint8_t image_url;
    uint8_t reject_params; /* a setting that is lost refuses the request */
};
/* What instructions between turns become where there is no place for them. */
enum lg_system_role {
    LG_SYSTEM_ROLE_SYSTEM, /* they are moved before all turns */
    LG_SYSTEM_ROLE_USER,   /* the user's words, marked as what they are */
    LG_SYSTEM_ROLE_REJECT
};
/* What the result of a tool becomes that no call asked for. */
enum lg_orphan_result {
    LG_ORPHAN_TEXT, /* the user's words */
    LG_ORPHAN_PASS,
    LG_ORPHAN_DROP,
    LG_ORPHAN_REJECT
};
/* What an image by URL is to a format that takes none. */
enum lg_image_url {
    LG_IMAGE_URL_REFUSE,
    LG_IMAGE_URL_PASS /* its writer's to lose */
};
extern const struct lg_policy lg_policy_default;
int lg_old_max_tokens(const struct lg_policy *p);

/* What an answer needs to know of its request; filled by write_request (or
 * with the caller's request on the same-format road) and given to that
 * attempt's decoder and encoder. */
struct lg_bridge {
    int stream;
    int wants_usage; /* Chat caller: asked for the usage chunk */
    int json_tool;   /* a forced tool stands for a JSON answer: its input is
                        the text, its stop is an end */
    struct lg_str json_tool_name;
    uint8_t listed;    /* embeddings are asked: 1: of one input, that is in no
                          list; 2: of a list; 0: not known */
    uint8_t encodings; /* and how, bits by enum lg_encoding; 0: by default */
    struct lg_renamed *renamed; /* tools that have another name there */
};
struct lg_renamed {
    struct lg_renamed *next;
    struct lg_str name, sent; /* string bodies */
};

/* All that reading or writing one message needs. */
struct lg_ctx {
    const struct lg_format *self;
    struct lg_arena *arena; /* lives as long as this document or frame */
    struct lg_arena *keep;  /* lives as long as the call */
    const struct lg_policy *policy;
    struct lg_bridge *bridge;
    struct lg_losses *losses;
    struct lg_err *err;
    int64_t now; /* wall clock in seconds, for formats that stamp answers */
    int plain;   /* read_event sets it for a frame that changes no state and
                  whose one event is a piece of text (see feed.h); to -1 for
                  one behind which no such frame is to be read */
    struct lg_str hole;   /* ... and this string body of it may be anything, too
                           (Chat's obfuscation) */
    struct lg_str number; /* ... and so may this number (a count of frames) */
    /* Keep what only the own format can carry; set where reader and writer
     * are the same format (create_via_stream, tests). */
    int keep_extras;
};

/* Frames written, one after another in one buffer. */
struct lg_frames {
    struct lg_buf bytes;
    size_t n;       /* more than fit are joined to the last */
    size_t end[32]; /* end[i]: where frame i ends */
};
static inline void lg_frame_done(struct lg_frames *f)
{
    if (f->n == LG_COUNT(f->end))
        f->n--;
    f->end[f->n++] = f->bytes.n;
}

/* How the frames of a stream stand in its bytes. */
enum lg_framing {
    LG_FRAMING_SSE,
    LG_FRAMING_NDJSON,     /* a line is a frame (lib/wire/ndjson.h) */
    LG_FRAMING_EVENTSTREAM /* AWS's binary messages (lib/wire/eventstream.h) */
};

/* What is asked of a model. Nothing converts from one to another. */
enum lg_family {
    LG_FAMILY_CHAT,
    LG_FAMILY_EMBED, /* vectors of texts: `embed` */
    LG_FAMILY_COUNT  /* how many tokens a request has: no stream */
};
struct lg_embed_ops;
struct lg_count_ops;

struct lg_format {
    const char *name; /* "anthropic-messages" */
    enum lg_family family;
    /* Of another family: the chat format of the same API. Its errors are
     * these, and what is counted is a request of its. */
    const struct lg_format *chat;
    const struct lg_embed_ops *embed; /* LG_FAMILY_EMBED: in the place of all
                                         below but the errors */
    const struct lg_count_ops *count; /* LG_FAMILY_COUNT */
    enum lg_framing framing;
    int model_in_url;       /* ... and whether to stream: of a request read or
                               written, neither stands in the body */
    int proto_names;        /* protobuf's JSON: names are camelCase, and are
                               understood in snake_case, too */
    int takes_no_url;       /* images by URL have no place in it */
    int system_first;       /* nor have instructions between turns */
    uint8_t name_max;       /* the longest name of a tool; 0: any */
    const char *name_marks; /* what may stand in it beside letters and digits;
                               the first must be a letter or a _ if there is a
                               point among them */
    int stream_usage_asked; /* a stream tells usage only where the request has
                               stream_options.include_usage */

    int (*read_request)(struct lg_ctx *, const struct lg_json *,
                        struct lg_ir_request *);
    int (*write_request)(struct lg_ctx *, const struct lg_ir_request *,
                         struct lg_buf *);
    /* A whole answer, as the events of its stream, LG_EV_END included. */
    int (*read_answer)(struct lg_ctx *, const struct lg_json *,
                       struct lg_ir_sink *);
    int (*write_answer)(struct lg_ctx *, const struct lg_ir_answer *,
                        struct lg_buf *);

    /* State of a stream: zeroed memory of these sizes. */
    size_t decoder_size, encoder_size;
    int (*read_event)(void *dec, struct lg_ctx *, const struct lg_frame *,
                      struct lg_ir_sink *);
    /* The body ended: 0 where that is a legal end, LLMGW_E_TRUNCATED. */
    int (*end_events)(void *dec, struct lg_ctx *, struct lg_ir_sink *);
    int (*write_event)(void *enc, struct lg_ctx *, const struct lg_ir_event *,
                       struct lg_frames *);

    /* A non-2xx body, or the error of a stream. LLMGW_E_JSON if the body has
     * not this format's shape. `status` is 0 in a stream. */
    int (*read_error)(struct lg_ctx *, const struct lg_json *, int status,
                      struct lg_ir_error *);
    int (*write_error)(struct lg_ctx *, const struct lg_ir_error *,
                       struct lg_buf *);
};

/* NULL-terminated. */
extern const struct lg_format *const lg_formats[];
const struct lg_format *lg_format_by_name(struct lg_str name);

/* ---- shared by the formats (common.c) ---------------------------------- */

/* Sort an object's members into out[] (see lg_val_members); the others are
 * chained to *extra with `level`. A null value is out[i] of kind
 * LG_JSON_NULL. */
int lg_fields(struct lg_ctx *c, struct lg_val obj, const char *const *names,
              size_t n, struct lg_val *out, struct lg_ir_extra **extra,
              uint8_t level);
/* Would lg_fields() take this key for `name`? And the first member that it
 * would; absent if there is none. */
int lg_key_is(const struct lg_ctx *c, struct lg_val key, const char *name);
struct lg_val lg_member(const struct lg_ctx *c, struct lg_val obj,
                        const char *name);
/* Chain one member to *extra. */
int lg_extra_add(struct lg_ctx *c, struct lg_ir_extra **extra,
                 struct lg_val key, struct lg_val val, uint8_t level);
/* Write the extras of `level` if they are of this format. */
void lg_extra_write(const struct lg_ctx *c, struct lg_jw *w,
                    const struct lg_ir_extra *extra, uint8_t level,
                    const struct lg_format *origin);
int lg_extra_has(const struct lg_ir_extra *extra, uint8_t level);
/* Chain a member of an object by its value; absent: nothing. */
int lg_extra_keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                  uint8_t level);
/* 1: an object to look into; 0: nothing to read, a null is kept. */
int lg_is_object(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v,
                 uint8_t level);
/* Report the extras of all levels lost if they are of another format. */
int lg_extra_lose(struct lg_ctx *c, const struct lg_ir_extra *extra,
                  const struct lg_format *origin);

/* Write a value as it is: a string with quotes, JSON raw; a JSON value that
 * stands inside a string is taken out of it. */
void lg_ir_write(struct lg_jw *w, const struct lg_ir_val *v);
/* name: value, unless it is absent. */
void lg_ir_member(struct lg_jw *w, const char *name, const struct lg_ir_val *v);

/* No memory in c->arena, or in c->keep: why. */
int lg_no_room(struct lg_ctx *c);
int lg_no_keep(struct lg_ctx *c);
/* What an answer could not be understood by is not its reader's JSON. */
int lg_protocol(struct lg_ctx *c, int rc);
int lg_not_understood(struct lg_err *e, int rc);
/* JSON as the body of a string that holds it, in c->arena. */
int lg_escaped(struct lg_ctx *c, struct lg_str json, struct lg_str *body);
/* A count of an object; -1: it is not said. */
int64_t lg_count(struct lg_val v); /* -1: it is none */
int64_t lg_count_of(struct lg_val obj, const char *name);
/* What is said of a count. */
static inline int64_t lg_at_least_zero(int64_t n)
{
    return n > 0 ? n : 0;
}
/* The sum of what is said; counts come from the wire and may be absurd. */
int64_t lg_count_plus(int64_t a, int64_t b);
/* An id for a call that came without one, from that of its answer. */
int lg_call_id(struct lg_ctx *c, struct lg_arena *a, struct lg_str answer,
               unsigned choice, unsigned n, struct lg_ir_val *id);
/* Take a prefix off a string, or put it on one that has no slash. */
void lg_prefix_cut(struct lg_ir_val *v, const char *prefix);
int lg_prefix_add(struct lg_ctx *c, struct lg_ir_val *v, const char *prefix);
/* Errors, where they are those of c->self->chat. */
int lg_chat_of_read_error(struct lg_ctx *c, const struct lg_json *doc,
                          int status, struct lg_ir_error *e);
int lg_chat_of_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                           struct lg_buf *out);
/* Stop sequences, from a list of strings or one. */
int lg_stops_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_stops *s);
/* Read the data of a frame. Bytes that are no UTF-8 are the model's or a
 * proxy's fault; the rest is still worth reading: *repaired is set. */
int lg_frame_json(struct lg_ctx *c, struct lg_str data, struct lg_json *doc,
                  int *repaired, struct lg_err *err);

/* Is a JSON number above 1? Told from its digits: no setting passes through a
 * double. */
int lg_is_above_one(struct lg_str number);
/* enum lg_error_class, by an HTTP status alone; and the status it stands for. */
uint8_t lg_class_of_status(int64_t status);
int lg_status_of_class(uint8_t class);

/* "unknown to FORMAT" and the like, in the arena. */
const char *lg_reason(struct lg_ctx *c, const char *fmt, ...) LG_PRINTF(2, 3);

#endif
