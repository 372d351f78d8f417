/* SPDX-License-Identifier: MIT
 *
 * Chat Completions: what its files share. */
#ifndef LG_FORMAT_OPENAI_CHAT_H
#define LG_FORMAT_OPENAI_CHAT_H

#include "lib/format/pattern.h"

#define LG_CHAT_NAME           "openai-chat"
#define LG_CHAT_ROLE_ASSISTANT "assistant"

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
/* A new part at the end of a list; NULL: no memory, told in c->err. */
struct lg_ir_part *lg_chat_part_add(struct lg_ctx *c, struct lg_ir_part ***end,
                                    uint8_t kind, uint32_t tok);

/* `content`: the parts go to *end, BARE, NULL or ABSENT to *form. */
int lg_chat_content_read(struct lg_ctx *c, struct lg_val v,
                         struct lg_ir_part ***end, uint8_t *form);
/* One part of a content list; of another format a text, an image, a file or
 * audio. */
void lg_chat_part_write(struct lg_writer *w, const struct lg_ir_part *p);
/* `"` and pieces and `"`: a string of several bodies. */
void lg_chat_join(struct lg_jw *w, const struct lg_str *pieces, size_t n);
/* The first of these quotes; what follows goes to the buffer itself. */
void lg_chat_join_open(struct lg_jw *w);
/* "wav" of audio/wav; NULL if it has no name here. */
const char *lg_chat_audio_format(const struct lg_ir_val *media_type);

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
/* An id for a call that came without one, from that of its answer. */
int lg_chat_make_id(struct lg_ctx *c, struct lg_arena *a, struct lg_str answer,
                    unsigned choice, unsigned n, struct lg_ir_val *id);
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

/* ---- openai_chat_usage.c ----------------------------------------------- */

void lg_chat_usage_read(struct lg_val v, struct lg_ir_usage *u);
void lg_chat_usage_write(struct lg_writer *w, const struct lg_ir_usage *u);
enum lg_stop lg_chat_stop_kind(struct lg_val reason, int has_calls,
                               int has_refusal);
const char *lg_chat_stop_word(const struct lg_ir_stop *stop, int has_refusal);
/* What of another format's stop its word does not say. */
void lg_chat_lose_stop(struct lg_writer *w, const struct lg_ir_stop *stop);

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

int lg_chat_read_error(struct lg_ctx *c, const struct lg_json *doc, int status,
                       struct lg_ir_error *e);
int lg_chat_write_error(struct lg_ctx *c, const struct lg_ir_error *e,
                        struct lg_buf *out);

extern const struct lg_format lg_format_openai_chat;

#endif
