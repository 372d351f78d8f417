/* SPDX-License-Identifier: MIT
 *
 * Events and answers as lines of text, so that two of them can be compared
 * and a difference be read. */
#ifndef TESTS_SUPPORT_EVENTS_H
#define TESTS_SUPPORT_EVENTS_H

#include "lib/base/buf.h"
#include "lib/ir/event.h"
#include "lib/ir/fold.h"

/* One line that says all that is in the event. */
void event_text(struct lg_buf *out, const struct lg_ir_event *ev);
/* All that is in the answer; JSON values without white space, whether they
 * stood in a string or not. */
void answer_text(struct lg_buf *out, const struct lg_ir_answer *a);
/* What every format can say of it: the text, a refusal's too; the calls; how
 * it stopped, where all have a word for that. */
void answer_gist(struct lg_buf *out, const struct lg_ir_answer *a);
/* How it stopped, exactly. */
void answer_stop(struct lg_buf *out, const struct lg_ir_answer *a);

/* What a request asks for, however it was written: a null, a
 * default or an empty text is nothing, one text is a list of one. */
void request_text(struct lg_buf *out, const struct lg_ir_request *r);

/* JSON without the white space between its tokens. */
void json_squeeze(struct lg_buf *out, struct lg_str json);

/* Collects the lines of events. */
struct event_log {
    struct lg_ir_sink sink; /* first member */
    struct lg_buf text;
    size_t n;
};
void event_log_init(struct event_log *log);
void event_log_done(struct event_log *log);

/* Folds events. */
struct fold_sink {
    struct lg_ir_sink sink; /* first member */
    struct lg_fold fold;
};
void fold_sink_init(struct fold_sink *f, struct lg_arena *arena,
                    const struct lg_format *origin);

#endif
