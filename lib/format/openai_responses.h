/* SPDX-License-Identifier: MIT
 *
 * OpenAI's Responses: what its files share.
 *
 * Into its own format a message goes as it stood: what is structure to others
 * (items, tools, the text's format ...) is an extra then, and only the
 * settings are looked at. */
#ifndef LG_FORMAT_OPENAI_RESPONSES_H
#define LG_FORMAT_OPENAI_RESPONSES_H

#include "lib/format/media.h"
#include "lib/format/openai.h"

#define LG_OR_NAME    "openai-responses"
#define LG_OR_UNKNOWN "unknown to " LG_OR_NAME

/* Levels of extras. */
enum {
    LG_OR_SELF,
    LG_OR_INNER, /* text, reasoning, include ... */
    LG_OR_WHOLE  /* of a stop: the members of the response */
};

/* In the form of a part: it is the first of its item. */
#define LG_OR_BEGINS LG_FORM_TOP

/* ---- items that a model makes (_item.c) -------------------------------- */

/* The parts that an item is, at the end of a list: none for one that says
 * nothing (but to its own format), OPAQUE where it is of no known kind. What
 * is unknown of it goes to the extras of its parts, but that of a message to
 * *extra. */
int lg_or_item_read(struct lg_ctx *c, struct lg_val item,
                    struct lg_ir_part ***end, struct lg_ir_extra **extra);
/* A part of content into an empty one; OPAQUE where it is of no known kind. */
int lg_or_content_one(struct lg_ctx *c, struct lg_val v, struct lg_ir_part *p);
/* Content: a list of parts, or a string (*form: BARE). */
int lg_or_content_read(struct lg_ctx *c, struct lg_val v,
                       struct lg_ir_part ***end, uint8_t *form);
/* Chain a member that says something. */
int lg_or_keep(struct lg_ctx *c, struct lg_ir_extra **extra, struct lg_val v);
/* Between two texts of thinking. */
#define LG_OR_BREAK "\\n\\n"

/* ---- items, written (_item_write.c) ------------------------------------- */

enum lg_or_kind {
    LG_OR_NOTHING, /* no item can say it */
    LG_OR_MESSAGE,
    LG_OR_REASONING,
    LG_OR_FUNCTION,
    LG_OR_CUSTOM,
    LG_OR_RAW /* one of our own, as it stood */
};
enum lg_or_state {
    LG_OR_ADDED, /* as it begins: nothing in it */
    LG_OR_DONE,
    LG_OR_CUT, /* ended before it was finished */
    LG_OR_SENT /* of a request: no id, no status */
};

/* Which item a part is told by; why it is NOTHING is reported. */
enum lg_or_kind lg_or_kind_of(struct lg_writer *w, const struct lg_ir_part *p,
                              int is_request);
/* Does it stand in the message item of the part before it? */
int lg_or_goes_on(const struct lg_writer *w, const struct lg_ir_part *p);
/* An item: `n` parts of a message, or one. */
void lg_or_item_write(struct lg_writer *w, enum lg_or_kind kind,
                      enum lg_or_state state, struct lg_str id,
                      const struct lg_ir_part *p, size_t n);
/* What a message holds: output_text or refusal; as it begins if `empty`. */
void lg_or_piece_write(struct lg_writer *w, const struct lg_ir_part *p,
                       int empty);
/* A url_citation, or as it is if it is of OpenAI's; 0: neither, and told. */
int lg_or_citation_write(struct lg_writer *w, struct lg_val v, int64_t at);
/* An id for the n-th item of an answer. */
struct lg_str lg_or_make_id(struct lg_ctx *c, enum lg_or_kind kind,
                            struct lg_str answer, size_t n);

/* ---- the response (_response.c) ------------------------------------------ */

/* id, model and created_at. */
void lg_or_head_read(struct lg_val response, struct lg_ir_head *head);
/* Usage, stop and end, or the error it failed by. `calls`, `refusals`: how
 * many parts were such. */
int lg_or_end_put(struct lg_ctx *c, struct lg_val response, int calls,
                  int refusals, struct lg_ir_sink *sink);
/* The object of an error, or what stands for it. */
int lg_or_error_put(struct lg_ctx *c, struct lg_val v, struct lg_ir_sink *sink);
/* How it ended. */
struct lg_or_ending {
    const char *status;              /* "completed" ... */
    const char *reason;              /* of incomplete; NULL: none */
    const struct lg_ir_error *error; /* of failed */
};
/* Of another format's stop what is not in the status is reported. */
struct lg_or_ending lg_or_ending_of(struct lg_writer *w,
                                    const struct lg_ir_stop *stop, int calls,
                                    int refuses);
/* The object's members up to its output, and those behind it. */
void lg_or_response_open(struct lg_writer *w, const struct lg_ir_head *head,
                         struct lg_or_ending ending);
void lg_or_response_close(struct lg_writer *w, const struct lg_ir_usage *u,
                          const struct lg_ir_extra *extra);
/* All of one of our own, as it stood. */
void lg_or_own_write(struct lg_writer *w, const struct lg_ir_head *head,
                     const struct lg_ir_stop *stop);

/* ---- answers (_answer.c) ------------------------------------------------- */

/* How far the events of a part have come. */
struct lg_or_progress {
    int32_t index;
    uint8_t kind; /* enum lg_part_kind */
    uint8_t opened, said, ended;
    uint32_t cited;
};
/* Put what is missing of a part, its end included. */
int lg_or_part_put(struct lg_ctx *c, const struct lg_ir_part *p,
                   struct lg_or_progress *so_far, struct lg_ir_sink *sink);

/* ---- the vtable's -------------------------------------------------------- */

int lg_or_read_request(struct lg_ctx *c, const struct lg_json *doc,
                       struct lg_ir_request *r);
int lg_or_input_read(struct lg_ctx *c, struct lg_val v,
                     struct lg_ir_request *r);
int lg_or_tools_read(struct lg_ctx *c, struct lg_val v,
                     struct lg_ir_request *r);

int lg_or_write_request(struct lg_ctx *c, const struct lg_ir_request *r,
                        struct lg_buf *out);
void lg_or_input_write(struct lg_writer *w, const struct lg_ir_request *r);

int lg_or_read_answer(struct lg_ctx *c, const struct lg_json *doc,
                      struct lg_ir_sink *sink);
int lg_or_write_answer(struct lg_ctx *c, const struct lg_ir_answer *a,
                       struct lg_buf *out);

int lg_or_read_event(void *dec, struct lg_ctx *c, const struct lg_frame *f,
                     struct lg_ir_sink *sink);
int lg_or_end_events(void *dec, struct lg_ctx *c, struct lg_ir_sink *sink);
int lg_or_write_event(void *enc, struct lg_ctx *c, const struct lg_ir_event *ev,
                      struct lg_frames *out);

/* A part of a stream that is open: of an item, which piece of its content. */
struct lg_or_open {
    struct lg_or_open *next; /* opened before it */
    int64_t item, content;
    struct lg_or_progress at;
};

struct lg_or_decoder {
    struct lg_or_open *open, *spare;
    unsigned nopen;
    int64_t items; /* that were seen: no later one has been */
    int32_t parts;
    int calls, refusals, started, over, complete;
};

extern const struct lg_format lg_format_openai_responses;

#endif
