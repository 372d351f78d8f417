/* SPDX-License-Identifier: MIT
 *
 * A request, in no one's format. Readers fill it, writers write from it, and
 * what neither can say is in the loss report. A new part kind makes the
 * compiler name every writer that must learn it (-Wswitch-enum). */
#ifndef LG_IR_REQUEST_H
#define LG_IR_REQUEST_H

#include "lib/ir/value.h"

struct lg_format;

/* Settings that are one value, in every format that has them. A reader and a
 * writer each hold a table from these to the names of their format; a setting
 * that is set and not in the writer's table is a loss by construction. */
enum lg_param {
    LG_P_MODEL,
    LG_P_MAX_TOKENS,
    LG_P_TEMPERATURE,
    LG_P_TOP_P,
    LG_P_TOP_K,
    LG_P_SEED,
    LG_P_N,
    LG_P_PRESENCE_PENALTY,
    LG_P_FREQUENCY_PENALTY,
    LG_P_LOGIT_BIAS,
    LG_P_LOGPROBS,
    LG_P_TOP_LOGPROBS,
    LG_P_STREAM,
    LG_P_INCLUDE_USAGE,  /* true: usage in the stream was asked for */
    LG_P_PARALLEL_TOOLS, /* false: at most one call an answer */
    LG_P_USER,           /* who the end user is, as the host names them */
    LG_P_METADATA,       /* an object of strings */
    LG_P_SERVICE_TIER,
    LG_P_STORE,
    LG_P_VERBOSITY,
    LG_P_CACHE, /* request-wide cache_control */
    LG_P_CACHE_KEY,
    LG_P_EFFORT, /* none minimal low medium high xhigh max */
    LG_P_COUNT
};

enum lg_role {
    LG_ROLE_SYSTEM,
    LG_ROLE_DEVELOPER,
    LG_ROLE_USER,
    LG_ROLE_ASSISTANT,
    LG_ROLE_TOOL
};

enum lg_part_kind {
    LG_PART_TEXT,
    LG_PART_IMAGE,
    LG_PART_DOCUMENT,
    LG_PART_AUDIO,
    LG_PART_TOOL_CALL,
    LG_PART_TOOL_RESULT,
    LG_PART_THINKING,
    LG_PART_REDACTED, /* thinking that only its origin can read */
    LG_PART_REFUSAL,
    LG_PART_OPAQUE /* of one format only; `json` is all of it */
};

enum lg_media_source {
    LG_MEDIA_NONE,
    LG_MEDIA_BASE64, /* data, media_type */
    LG_MEDIA_URL,    /* data is the URL */
    LG_MEDIA_FILE,   /* data is an id of its origin's file store */
    LG_MEDIA_TEXT,   /* data is plain text */
    LG_MEDIA_PARTS   /* the part's `parts` */
};

struct lg_ir_media {
    uint8_t source; /* enum lg_media_source */
    struct lg_ir_val data, media_type;
    struct lg_ir_val name;   /* file name or title */
    struct lg_ir_val detail; /* low high auto ... */
};

/* How a thing was written, where a format has two ways to write it. */
#define LG_FORM_BARE   1u /* a string, not a list of one text */
#define LG_FORM_TOP    2u /* a system message beside the messages, not in them */
#define LG_FORM_NULL   4u /* content was null */
#define LG_FORM_ABSENT 8u
#define LG_FORM_OLD    16u /* the deprecated spelling (functions, max_tokens) */

struct lg_ir_part {
    struct lg_ir_part *next;
    uint32_t tok;
    uint8_t kind; /* enum lg_part_kind */
    uint8_t form;
    uint8_t custom; /* TOOL_CALL: input is text (`text`), not JSON (`json`) */
    struct lg_ir_extra *extra;
    struct lg_ir_part *parts; /* TOOL_RESULT, DOCUMENT: what is in it */
    struct lg_ir_val text;    /* TEXT, THINKING, REFUSAL; custom TOOL_CALL */
    struct lg_ir_val json;  /* TOOL_CALL: arguments; OPAQUE: the whole block */
    struct lg_ir_val id;    /* TOOL_CALL; TOOL_RESULT: the call it answers */
    struct lg_ir_val name;  /* TOOL_CALL */
    struct lg_ir_blob blob; /* THINKING: signature; REDACTED: data */
    struct lg_ir_val cache; /* cache_control */
    struct lg_ir_val citations; /* TEXT of an answer: array */
    struct lg_ir_media media;   /* IMAGE, DOCUMENT, AUDIO */
    struct lg_ir_val is_error;  /* TOOL_RESULT */
};

struct lg_ir_message {
    struct lg_ir_message *next;
    uint32_t tok;
    uint8_t role; /* enum lg_role */
    uint8_t form; /* LG_FORM_*: BARE and NULL speak of the content */
    struct lg_ir_val name;
    struct lg_ir_part *parts;
    struct lg_ir_extra *extra;
};

/* Are these instructions, not talk? */
static inline int lg_is_system(const struct lg_ir_message *m)
{
    return m->role == LG_ROLE_SYSTEM || m->role == LG_ROLE_DEVELOPER;
}

enum lg_tool_kind {
    LG_TOOL_FUNCTION,
    LG_TOOL_CUSTOM, /* takes text, by a grammar perhaps */
    LG_TOOL_SERVER  /* run by the provider; `json` is all of it */
};

struct lg_ir_tool {
    struct lg_ir_tool *next;
    uint32_t tok;
    uint8_t kind;
    uint8_t form;
    struct lg_ir_val name, description;
    struct lg_ir_val schema; /* FUNCTION: JSON Schema; CUSTOM: format */
    struct lg_ir_val strict, cache;
    struct lg_ir_val json; /* SERVER */
    struct lg_ir_extra *extra;
};

enum lg_choice_mode {
    LG_CHOICE_UNSET,
    LG_CHOICE_AUTO,
    LG_CHOICE_NONE,
    LG_CHOICE_ANY,
    LG_CHOICE_TOOL,
    LG_CHOICE_ALLOWED, /* some of the tools; `json` is all of it */
    LG_CHOICE_OTHER    /* of one format only; `json` is all of it */
};

struct lg_ir_tool_choice {
    uint8_t mode;
    uint8_t form;
    uint32_t tok;
    struct lg_ir_val name; /* TOOL */
    struct lg_ir_val json; /* ALLOWED, OTHER */
    struct lg_ir_extra *extra;
};

enum lg_output_kind {
    LG_OUTPUT_UNSET,
    LG_OUTPUT_TEXT,
    LG_OUTPUT_JSON,   /* any JSON */
    LG_OUTPUT_SCHEMA, /* JSON by a schema */
    LG_OUTPUT_OTHER   /* `json` is all of it */
};

struct lg_ir_output {
    uint8_t kind;
    uint8_t form;
    uint32_t tok;
    struct lg_ir_val name, description, schema, strict, json;
    struct lg_ir_extra *extra;
};

enum lg_thinking_mode {
    LG_THINK_UNSET,
    LG_THINK_OFF,
    LG_THINK_BUDGET,   /* `budget` tokens */
    LG_THINK_ADAPTIVE, /* the model decides, effort hints */
    LG_THINK_OTHER     /* `json` is all of it */
};

struct lg_ir_thinking {
    uint8_t mode;
    uint32_t tok;
    struct lg_ir_val budget, display, json;
    struct lg_ir_extra *extra;
};

struct lg_ir_stops {
    uint32_t tok;
    uint8_t form; /* LG_FORM_BARE: one string */
    uint8_t null; /* written as null */
    size_t n;
    struct lg_ir_val *list;
};

struct lg_ir_request {
    const struct lg_format *origin; /* whose extras and blobs these are */
    const struct lg_json *doc;      /* the source, for pointers */
    struct lg_ir_extra *extra;
    struct lg_ir_message *messages;
    struct lg_ir_tool *tools;
    uint8_t has_tools; /* the list was there, if only empty */
    uint8_t tools_form;
    struct lg_ir_tool_choice tool_choice;
    struct lg_ir_stops stops;
    struct lg_ir_thinking thinking;
    struct lg_ir_output output;
    uint8_t form[LG_P_COUNT]; /* LG_FORM_OLD: under its deprecated name */
    struct lg_ir_val param[LG_P_COUNT];
};

#endif
