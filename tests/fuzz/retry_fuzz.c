/* SPDX-License-Identifier: MIT
 *
 * Headers that say when to come back: two values, cut at the first LF. Any
 * bytes give -1 or a time to wait, and the parts agree with the whole. */
#include <llmgw/llmgw.h>
#include <stdio.h>

#include "lib/wire/http.h"

#define NOW INT64_C(1795370400000) /* 2026-11-22 18:00:00 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

/* What is taken for a date is one: written again, it reads the same. */
static void check_date(struct lg_str s)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
    const int64_t ms = lg_http_date_ms(s);
    int64_t z, era, doe, yoe, doy, mp, month;
    char text[64];

    if (ms < 0) {
        must(ms == -1);
        return;
    }
    must(s.n >= 24 && s.n <= 33 && ms % 1000 == 0);
    /* The civil date of a day number, years counted from March. */
    z = ms / 86400000 + 719468;
    era = z / 146097;
    doe = z % 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    month = mp < 10 ? mp + 2 : mp - 10;
    snprintf(text, sizeof(text), "Mon, %02d %s %04d %02d:%02d:%02d GMT",
             (int)(doy - (153 * mp + 2) / 5 + 1), months[month],
             (int)(yoe + era * 400 + (month < 2)), (int)(ms / 3600000 % 24),
             (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));
    must(lg_http_date_ms(lg_str_of(text)) == ms ||
         ms == INT64_C(253402300800000)); /* 9999-12-31 23:59:60 */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *p = (const char *)data;
    const struct lg_str none = {NULL, 0};
    const char *lf = n ? memchr(p, '\n', n) : NULL;
    const struct lg_str ms = lg_str_from(p, lf ? (size_t)(lf - p) : n);
    const struct lg_str s =
        lf ? lg_str_from(lf + 1, n - ms.n - 1) : lg_str_from(p, n);
    const int64_t both = lg_http_retry_after(ms, s, NOW);
    const int64_t by_ms = lg_http_retry_after(ms, none, NOW);
    const int64_t by_s = lg_http_retry_after(none, s, NOW);

    must(both >= -1 && by_ms >= -1 && by_s >= -1);
    must(both == (by_ms >= 0 ? by_ms : by_s));
    check_date(ms);
    check_date(s);
    (void)lg_http_is_name(s);
    (void)lg_http_is_type(s, "text/event-stream");
    must(!lg_http_is_value(s) || (!s.n || !memchr(s.p, '\r', s.n)));
    must(!lg_http_is_value(s) || (!s.n || !memchr(s.p, '\n', s.n)));
    must(!lg_http_is_value(s) || (!s.n || !memchr(s.p, 0, s.n)));
    return 0;
}
