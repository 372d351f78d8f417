/* SPDX-License-Identifier: MIT
 *
 * Chat Completions: what its files share. */
#ifndef LG_FORMAT_OPENAI_CHAT_H
#define LG_FORMAT_OPENAI_CHAT_H

#include "lib/format/media.h"
#include "lib/format/openai.h"

#define LG_CHAT_NAME           "openai-chat"
#define LG_CHAT_ROLE_ASSISTANT "assistant"

/* Members of a request that are one setting, in the order of enum lg_param;
 * but stream_options is an object, with include_usage in it. */
#define LG_CHAT_SETTINGS                                                    \
    "model max_completion_tokens temperature top_p top_k seed n "           \
    "presence_penalty frequency_penalty logit_bias logprobs top_logprobs "  \
    "stream stream_options parallel_tool_calls safety_identifier metadata " \
    "service_tier store verbosity cache_control prompt_cache_key "          \
    "reasoning_effort"
/* Words, in the order of enum lg_choice_mode, lg_output_kind and lg_role. */
#define LG_CHAT_CHOICES "auto none required"
#define LG_CHAT_OUTPUTS "text json_object json_schema"
#define LG_CHAT_ROLES   "system developer user assistant tool function"

/* Levels of extras. */
enum {
    LG_CHAT_SELF,
    LG_CHAT_INNER, /* the object in it: function, image_url, json_schema ... */
    LG_CHAT_CHOICE,
    LG_CHAT_MESSAGE, /* or the delta */
    LG_CHAT_CHUNK
};

/* Where an assistant's part stood: upper bits of lg_ir_part.form. The lower
 * ones: BARE: text that is `content` itself. OLD: `reasoning`, function_call.
 * TOP: a summary. ABSENT: an item without its text, a call without a type. */
enum {
    LG_CHAT_IN_CONTENT,
    LG_CHAT_IN_FIELD = 1 << 5, /* refusal, reasoning_content */
    LG_CHAT_IN_DETAILS = 2 << 5,
    LG_CHAT_IN_BLOCKS = 3 << 5, /* LiteLLM's thinking_blocks */
    LG_CHAT_IN_CALLS = 4 << 5,
    LG_CHAT_IN = 7 << 5
};

/* Upper bits of lg_ir_message.form. The first two: the member is there and
 * says once more what the thinking parts say. */
#define LG_CHAT_AGAIN_CONTENT 32u  /* reasoning_content */
#define LG_CHAT_AGAIN_PLAIN   64u  /* reasoning */
#define LG_CHAT_NO_CALLS      128u /* tool_calls was an empty list */
#define LG_CHAT_OTHER_ROLE    32u  /* of a user's: the role is in the extras */

/* Why a thing is lost that has no place here. */
#define LG_CHAT_UNKNOWN "unknown to " LG_CHAT_NAME

/* In lg_ir_tool_choice.form: the tool is a custom one. */
#define LG_CHAT_CUSTOM_CHOICE 32u

/* ---- openai_chat_part.c ------------------------------------------------ */

int lg_chat_has_extra(const struct lg_ir_extra *x, const char *key,
                      uint8_t level);

/* `content`: the parts go to *end, BARE, NULL or ABSENT to *form. */
int lg_chat_content_read(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part ***end, uint8_t *form);
/* One part of a content list; of another format a text, an image, a file or
 * audio. */
void lg_chat_part_write(struct lg_writer *w, const struct lg_ir_part *p);

/* ---- openai_chat_assistant.c ------------------------------------------- */

/* An assistant's message, in a request or in an answer. */
int lg_chat_assistant_read(struct lg_ctx *c, struct lg_val v,
                           struct lg_ir_message *m);
/* Its members, in our own form. `form`: of the message. */
void lg_chat_assistant_write(struct lg_writer *w,
                             const struct lg_ir_part *parts, uint8_t form);
/* Arguments, or what a custom call is given, as the piece of a string. */
int lg_chat_input_of(struct lg_ctx *c, const struct lg_ir_part *p,
                     struct lg_str *out);
/* A call's item, from an IR of another format. */
void lg_chat_call_write(struct lg_writer *w, const struct lg_ir_part *p);

/* ---- openai_chat_reasoning.c ------------------------------------------- */

/* An item of reasoning_details or thinking_blocks. It is OPAQUE if its type
 * is not known; `in` is LG_CHAT_IN_DETAILS or _BLOCKS. Its format and index go
 * to `name` and `id`, which thinking has no other use for. */
int lg_chat_detail_read(struct lg_ctx *c, struct lg_val v, uint8_t in,
                        struct lg_ir_part *p);
/* The item that a signature or redacted thinking of any origin is written
 * as; `text` may be absent. */
void lg_chat_detail_write(struct lg_writer *w, const struct lg_ir_val *text,
                          const struct lg_ir_blob *blob, int redacted,
                          int64_t index);
/* The same, of our own format, back as it was. */
void lg_chat_item_write(struct lg_writer *w, const struct lg_ir_part *p);
/* A message's list of them: parts at *end, or an extra. */
int lg_chat_items_read(struct lg_ctx *c, struct lg_val list, uint8_t in,
                       struct lg_ir_message *m, struct lg_ir_part ***end);
/* A message's reasoning_content, or its reasoning if `old`. */
int lg_chat_reasoning_read(struct lg_ctx *c, struct lg_val v, int old,
                           struct lg_ir_message *m, struct lg_ir_part ***end);

/* ---- the vtable's ------------------------------------------------------ */

int lg_chat_read_request(struct lg_ctx *c, const struct lg_json *doc,
                         struct lg_ir_request *r);
int lg_chat_messages_read(struct lg_ctx *c, struct lg_val list,
                          struct lg_ir_request *r);

struct lg_chat_writer {
    struct lg_writer w;
    const struct lg_ir_request *r;
    int tools; /* how many were written */
    /* The first message whose tool results have media that must follow in a
     * user's message; NULL: none. */
    const struct lg_ir_message *moved;
};
int lg_chat_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                          struct lg_buf *out);
void lg_chat_messages_write(struct lg_chat_writer *cw);
void lg_chat_tools_write(struct lg_chat_writer *cw);

int lg_chat_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                        struct lg_ir_sink *sink);
int lg_chat_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                         struct lg_buf *out);

int lg_chat_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                       struct lg_ir_sink *sink);
int lg_chat_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);
int lg_chat_write_event(void *enc, struct lg_ctx *c,
                        const struct lg_ir_event *ev, struct lg_frames *out);

extern const struct lg_format lg_format_openai_chat;

#endif
