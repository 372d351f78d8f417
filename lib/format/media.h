/* SPDX-License-Identifier: MIT
 *
 * Images, files and audio, as more than one format writes them. */
#ifndef LG_FORMAT_MEDIA_H
#define LG_FORMAT_MEDIA_H

#include "lib/format/pattern.h"

/* A new part at the end of a list; NULL: no memory, told in c->err. */
struct lg_ir_part *lg_part_add(struct lg_ctx *c, struct lg_ir_part ***end,
                               uint8_t kind, uint32_t tok);

/* Content that is a string, or a list whose items `one` reads into parts that
 * are opaque until then. How it was written is added to *form. */
int lg_content_read(struct lg_ctx *c, struct lg_val v, struct lg_ir_part ***end,
                    uint8_t *form,
                    int (*one)(struct lg_ctx *, struct lg_val,
                               struct lg_ir_part *));

/* A URL, or the base64 of a data URL. */
void lg_media_read_url(struct lg_ir_media *m, struct lg_ir_val url);
void lg_media_write_url(struct lg_writer *w, const struct lg_ir_media *m);

/* "wav" of audio/wav; NULL if it has no name here. And back, if it is one. */
const char *lg_media_audio_format(const struct lg_ir_val *media_type);
void lg_media_audio_type(struct lg_ir_val *format);

/* The name of a file; one is made up where it has none. */
struct lg_ir_val lg_media_name(const struct lg_ir_media *m);

#endif
