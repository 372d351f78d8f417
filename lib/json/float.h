/* SPDX-License-Identifier: MIT
 *
 * JSON numbers and 32-bit floats (IEEE 754), each exactly the other: no
 * double, no locale. */
#ifndef LG_JSON_FLOAT_H
#define LG_JSON_FLOAT_H

#include "lib/base/str.h"

#define LG_FLOAT_MAX 16 /* the most bytes of a float's text */

/* The float next to a JSON number, a tie to the even one, as its bits; beyond
 * the largest it is an infinity. */
uint32_t lg_float_bits(struct lg_str number);
/* The shortest number that is next to the float, and of those the one nearest
 * to it; returns its length, 0 for an infinity or no number. */
size_t lg_float_text(uint32_t bits, char out[LG_FLOAT_MAX]);

#endif
