/* SPDX-License-Identifier: MIT */
#include "lib/wire/http.h"

#define EXPONENT_MAX 1000 /* beyond it a number is 0 or too large anyway */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_token_char(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

int lg_http_is_name(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char(s.p[i]))
            return 0;
    return s.n > 0;
}

int lg_http_is_value(struct lg_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return 0;
    }
    return lg_str_trim(s).n == s.n;
}

/* ---- HTTP-date ---------------------------------------------------------- */

struct date {
    int month, year, day, hour, minute, second; /* month: 0 to 11 */
};

static struct lg_str skip(struct lg_str s, size_t n)
{
    return lg_str_from(s.p + n, s.n - n);
}

static int take_char(struct lg_str *in, char c)
{
    if (!in->n || *in->p != c)
        return 0;
    *in = skip(*in, 1);
    return 1;
}

/* Which of `names` `in` begins with, or -1. */
static int take_name(struct lg_str *in, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        const struct lg_str name = lg_str_of(names[i]);

        if (lg_str_starts(*in, name)) {
            *in = skip(*in, name.n);
            return i;
        }
    }
    return -1;
}

static int take_digits(struct lg_str *in, size_t n, int *out)
{
    int v = 0;

    if (in->n < n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(in->p[i]))
            return 0;
        v = v * 10 + in->p[i] - '0';
    }
    *in = skip(*in, n);
    *out = v;
    return 1;
}

/* Take what one letter of a form below stands for. */
static int take_field(struct lg_str *in, char form, struct date *d)
{
    static const char *const days[] = {
        "Monday",   "Tuesday", "Wednesday", "Thursday", "Friday",
        "Saturday", "Sunday",  "Mon",       "Tue",      "Wed",
        "Thu",      "Fri",     "Sat",       "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};

    switch (form) {
    case 'W':
        return take_name(in, days, 7) >= 0;
    case 'w':
        return take_name(in, days + 7, 7) >= 0;
    case 'b':
        d->month = take_name(in, months, LG_COUNT(months));
        return d->month >= 0;
    case 'Y':
        return take_digits(in, 4, &d->year);
    case 'y': /* no clock to slide a window by, and nothing before 1970 */
        if (!take_digits(in, 2, &d->year))
            return 0;
        d->year += d->year < 70 ? 2000 : 1900;
        return 1;
    case 'd':
        return take_digits(in, 2, &d->day);
    case 'e': /* padded with a blank */
        return take_digits(in, take_char(in, ' ') ? 1 : 2, &d->day);
    case 'h':
        return take_digits(in, 2, &d->hour);
    case 'm':
        return take_digits(in, 2, &d->minute);
    case 's':
        return take_digits(in, 2, &d->second);
    default:
        return take_char(in, form);
    }
}

static int take_form(struct lg_str in, const char *form, struct date *d)
{
    for (; *form; form++)
        if (!take_field(&in, *form, d))
            return 0;
    return in.n == 0;
}

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_since_1970(const struct date *d)
{
    static const int before[] = {0,   31,  59,  90,  120, 151,
                                 181, 212, 243, 273, 304, 334};
    const int y = d->year - 1; /* years that are over */
    const int leaps = y / 4 - y / 100 + y / 400 - 477;

    return (int64_t)(d->year - 1970) * 365 + leaps + before[d->month] +
           (d->month > 1 && is_leap(d->year)) + d->day - 1;
}

static int is_date(const struct date *d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int last = days[d->month] + (d->month == 1 && is_leap(d->year));

    return d->year >= 1970 && d->day >= 1 && d->day <= last && d->hour <= 23 &&
           d->minute <= 59 && d->second <= 60;
}

int64_t lg_http_date_ms(struct lg_str s)
{
    static const char *const forms[] = {
        "w, d b Y h:m:s GMT", /* IMF-fixdate */
        "W, d-b-y h:m:s GMT", /* RFC 850 */
        "w b e h:m:s Y",      /* asctime() */
    };
    struct date d;

    for (size_t i = 0; i < LG_COUNT(forms); i++) {
        d = (struct date){0};
        if (take_form(s, forms[i], &d) && is_date(&d))
            return (days_since_1970(&d) * 86400 + d.hour * 3600 +
                    d.minute * 60 + d.second) *
                   1000;
    }
    return -1;
}

/* ---- retry-after -------------------------------------------------------- */

/* An exponent, if there is one. Cut where the number is 0 or too large for
 * anybody all the same. */
static int take_exponent(struct lg_str *in, int *out)
{
    int v = 0;
    int negative;

    *out = 0;
    if (!take_char(in, 'e') && !take_char(in, 'E'))
        return 1;
    negative = take_char(in, '-');
    if (!negative)
        (void)take_char(in, '+');
    if (!in->n)
        return 0;
    for (; in->n && is_digit(*in->p); *in = skip(*in, 1))
        if (v < EXPONENT_MAX)
            v = v * 10 + *in->p - '0';
    *out = negative ? -v : v;
    return 1;
}

/* The digits of `s`, a point among them or not, times 10^scale: rounded up,
 * for nobody may come back too early. */
static int64_t scaled(struct lg_str s, int64_t scale)
{
    const char *point = memchr(s.p, '.', s.n);
    int64_t places = scale + (point ? point - s.p : (int64_t)s.n);
    int64_t v = 0;
    int rest = 0;

    for (size_t i = 0; i < s.n; i++) {
        const int digit = s.p[i] - '0';

        if (s.p[i] == '.')
            continue;
        if (places-- <= 0)
            rest |= digit != 0;
        else if (v > (INT64_MAX - 10) / 10)
            return INT64_MAX;
        else
            v = v * 10 + digit;
    }
    for (; v && places > 0; places--) {
        if (v > (INT64_MAX - 10) / 10)
            return INT64_MAX;
        v *= 10;
    }
    return v + rest;
}

/* A number of seconds (shift 3) or milliseconds (0), in ms; or -1. */
static int64_t number_ms(struct lg_str s, int shift)
{
    const char *const start = s.p;
    size_t digits = 0, points = 0;
    struct lg_str mantissa;
    int exponent;

    for (; s.n && (is_digit(*s.p) || *s.p == '.'); s = skip(s, 1)) {
        digits += *s.p != '.';
        points += *s.p == '.';
    }
    mantissa = lg_str_from(start, digits + points);
    if (!digits || points > 1 || !take_exponent(&s, &exponent) || s.n)
        return -1;
    return scaled(mantissa, (int64_t)exponent + shift);
}

int64_t lg_http_retry_after(struct lg_str retry_after_ms,
                            struct lg_str retry_after, int64_t wall_ms)
{
    const struct lg_str when = lg_str_trim(retry_after);
    int64_t ms = number_ms(lg_str_trim(retry_after_ms), 0);

    if (ms < 0)
        ms = number_ms(when, 3);
    if (ms >= 0)
        return ms;
    ms = lg_http_date_ms(when);
    if (ms < 0)
        return -1;
    return ms > wall_ms ? ms - wall_ms : 0;
}

int lg_http_is_type(struct lg_str content_type, const char *want)
{
    const char *semicolon =
        content_type.n ? memchr(content_type.p, ';', content_type.n) : NULL;

    if (semicolon)
        content_type.n = (size_t)(semicolon - content_type.p);
    return lg_str_same_nocase(lg_str_trim(content_type), lg_str_of(want));
}
