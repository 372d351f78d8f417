/* SPDX-License-Identifier: MIT
 *
 * What is known of a model that changes how a request for it is written. The
 * source is models.json beside this file; an unknown model takes anything, and
 * so does a known one whatever no fact is against: zero says nothing. */
#ifndef LG_MODEL_FACTS_H
#define LG_MODEL_FACTS_H

#include "lib/json/read.h"

/* Members that are one word, and those that are a set of them (1u << word). The
 * words, in this order, are in facts.c. */
enum lg_system {
    LG_SYSTEM_ANYWHERE,
    LG_SYSTEM_FIRST, /* not between turns */
    LG_SYSTEM_NONE   /* there is no such role */
};
enum lg_tokens_field {
    LG_TOKENS_ANY,
    LG_TOKENS_MAX_TOKENS,
    LG_TOKENS_MAX_COMPLETION_TOKENS
};
enum lg_forced_tool {
    LG_FORCED_ANY,
    LG_FORCED_NONE
};
enum lg_parallel {
    LG_PARALLEL_ANY,
    LG_PARALLEL_NONE /* the setting is refused */
};
enum lg_output_schema {
    LG_SCHEMA_ANY,
    LG_SCHEMA_NONE,   /* no structured output */
    LG_SCHEMA_OPENAPI /* OpenAPI's kind only: no $ref, no lists of types */
};

enum lg_home { /* whose formats it is spoken to in; elsewhere the one who
                  translates knows it */
    LG_HOME_ANTHROPIC,
    LG_HOME_BEDROCK,
    LG_HOME_OPENAI,
    LG_HOME_GEMINI
};
enum lg_sampling {
    LG_SAMPLING_NONE,
    LG_SAMPLING_ONE,         /* temperature or top_p, not both */
    LG_SAMPLING_NOT_THINKING /* not while it thinks */
};
enum lg_thinks {
    LG_THINKS_NEVER,
    LG_THINKS_OFF, /* can be told not to */
    LG_THINKS_BUDGET,
    LG_THINKS_ADAPTIVE,
    LG_THINKS_EFFORT
};
enum lg_effort {
    LG_EFFORT_NONE,
    LG_EFFORT_MINIMAL,
    LG_EFFORT_LOW,
    LG_EFFORT_MEDIUM,
    LG_EFFORT_HIGH,
    LG_EFFORT_XHIGH,
    LG_EFFORT_MAX,
    LG_EFFORT_COUNT
};
enum lg_medium {
    LG_MEDIUM_TEXT,
    LG_MEDIUM_IMAGE,
    LG_MEDIUM_DOCUMENT,
    LG_MEDIUM_AUDIO
};

#define LG_FACTS_NAME_MAX 31

struct lg_facts {
    char name[LG_FACTS_NAME_MAX + 1]; /* what names of the family begin with */
    uint32_t max_output, min_budget, max_budget;
    uint8_t system, tokens_field, forced_tool, parallel_tools, output_schema;
    uint8_t home, sampling, thinking, efforts, media; /* sets; 0: all */
};

/* Is `word` in a set, or nothing said? And is it known not to be? */
static inline int lg_facts_allow(unsigned set, unsigned word)
{
    return !set || (set >> word & 1u);
}

/* Facts of the host's, looked at before those built in. */
struct lg_facts_table {
    struct lg_facts *rows;
    size_t n;
};

/* Read {"NAME": {"max_output": 4096, ...}, ...}: the members of models.json,
 * over what is known of NAME, or of another model by "like"; null stands for
 * "nothing is known". LLMGW_E_JSON names what is no fact. */
int lg_facts_load(struct lg_facts_table *t, struct lg_arena *a,
                  struct lg_str json, struct lg_err *e);

/* The facts of the longest family that a model's name belongs to; never NULL.
 * The name is a string body; what stands before it (regions, makers, paths)
 * and behind it (dates, versions) does not count. `t` may be NULL. */
const struct lg_facts *lg_facts_of(const struct lg_facts_table *t,
                                   struct lg_str model);
extern const struct lg_facts lg_facts_unknown;

/* Generated from models.json, by name. */
extern const struct lg_facts lg_facts_rows[];
extern const size_t lg_facts_count;

#endif
