/* SPDX-License-Identifier: MIT
 *
 * One conversion or one reading, with all that it needs. */
#ifndef TESTS_SUPPORT_JOB_H
#define TESTS_SUPPORT_JOB_H

#include "lib/format/convert.h"
#include "tests/support/corpus.h"
#include "tests/support/events.h"

#define JOB_FRAME_MAX ((size_t)1 << 26)

struct job {
    struct lg_arena arena;
    struct lg_err err;
    struct lg_losses losses;
    struct lg_bridge bridge;
    struct lg_conversion v;
    struct lg_buf out; /* what was written */
    int rc;            /* of a stream: of its end */
};

void job_init(struct job *j, const struct lg_format *from,
              const struct lg_format *to);
void job_done(struct job *j);
/* Convert a message of `kind`, a stream in one piece. Returns j->rc. */
int job_run(struct job *j, enum corpus_kind kind, struct lg_str text);
/* The losses, a line each. */
void job_losses(const struct job *j, struct lg_buf *out);

/* How a stream is given to a feed. */
struct pieces {
    size_t first; /* bytes of the first piece; 0: of `step` too */
    size_t step;  /* of every other one; 0: the rest at once */
    unsigned max_templates;
};
#define PIECES_WHOLE ((struct pieces){0, 0, LG_TEMPLATES})

struct reading {
    int rc;          /* of the end, or of what failed before it */
    size_t end;      /* how many bytes were read when it was complete */
    size_t end_data; /* ... and where that frame's data end */
    uint64_t by_template, by_tape;
};
/* Read a stream of `format` into `sink`. */
struct reading stream_read(const struct lg_format *format, struct lg_str text,
                           struct pieces how, struct lg_ir_sink *sink);
/* Fold an answer or a stream, into `out` as `say` writes it. The result of
 * the reading. */
typedef void (*say_fn)(struct lg_buf *out, const struct lg_ir_answer *a);
int answer_say(const struct lg_format *format, enum corpus_kind kind,
               struct lg_str text, say_fn say, struct lg_buf *out);

/* Read a request and say what it asks for. */
int request_say(const struct lg_format *format, struct lg_str text,
                struct lg_buf *out);

#endif
