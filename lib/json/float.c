/* SPDX-License-Identifier: MIT */
#include "lib/json/float.h"

#define MANTISSA 24   /* bits, the one before the point included */
#define EXP_MIN  -125 /* of 0.1... in binary, where a float is normal */
#define INFINITE 0x7f800000u

/* ---- whole numbers of any size ------------------------------------------ */

/* The largest here is 10^168 (see read_number()), and twice as much. */
#define WORDS      20
#define DIGITS_MAX 120

struct big {
    uint32_t w[WORDS]; /* the lowest first */
    int n;             /* how many, without zeros above */
};

/* b = b * by + add */
static void times(struct big *b, uint32_t by, uint32_t add)
{
    uint64_t carry = add;

    for (int i = 0; i < b->n; i++) {
        carry += (uint64_t)b->w[i] * by;
        b->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry && b->n < WORDS)
        b->w[b->n++] = (uint32_t)carry;
}

static void times_power(struct big *b, uint32_t by, int n)
{
    while (n-- > 0)
        times(b, by, 0);
}

static int compare(const struct big *a, const struct big *b)
{
    int i = a->n;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    while (i > 0 && a->w[i - 1] == b->w[i - 1])
        i--;
    return i == 0 ? 0 : a->w[i - 1] < b->w[i - 1] ? -1 : 1;
}

/* a = a + b, or a - b of an a that is not less */
static void plus(struct big *a, const struct big *b)
{
    uint64_t carry = 0;

    for (int i = 0; i < b->n || (carry && i < WORDS); i++) {
        if (i == a->n)
            a->w[a->n++] = 0;
        carry += (uint64_t)a->w[i] + (i < b->n ? b->w[i] : 0);
        a->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void minus(struct big *a, const struct big *b)
{
    int64_t borrow = 0;

    for (int i = 0; i < a->n; i++) {
        borrow += (int64_t)a->w[i] - (i < b->n ? b->w[i] : 0);
        a->w[i] = (uint32_t)borrow;
        borrow = borrow < 0 ? -1 : 0;
    }
    while (a->n && !a->w[a->n - 1])
        a->n--;
}

/* ---- text to float ------------------------------------------------------ */

/* A number as digits * 10^exponent, its sign aside. More digits than can
 * matter to a float are one that is not 0. */
static int read_number(struct lg_str s, struct big *digits, int *n)
{
    int64_t written = 0, exponent = 0;
    int seen_point = 0, more = 0;
    size_t i = s.n && s.p[0] == '-';

    *n = 0;
    for (; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        if (s.p[i] == '.') {
            seen_point = 1;
        } else if (*n == DIGITS_MAX) {
            more |= s.p[i] != '0';
            exponent += !seen_point;
        } else {
            times(digits, 10, (uint32_t)(s.p[i] - '0'));
            *n += digits->n > 0;
            exponent -= seen_point;
        }
    }
    if (more) {
        times(digits, 10, 1);
        ++*n;
        exponent--;
    }
    if (i + 1 < s.n) {
        const size_t sign = s.p[i + 1] == '+';

        if (lg_str_int(lg_str_from(s.p + i + 1 + sign, s.n - i - 1 - sign),
                       &written))
            written = s.p[i + 1] == '-' ? -10000 : 10000;
    }
    exponent += written < -10000 ? -10000 : written > 10000 ? 10000 : written;
    return exponent < -20000  ? -20000
           : exponent > 20000 ? 20000
                              : (int)exponent;
}

/* digits / ten, which is less than 1 and not less than a half (or tiny),
 * times 2^exp2, rounded. */
static uint32_t round_off(struct big *digits, const struct big *ten, int exp2)
{
    uint32_t mantissa = 0;
    int rest;

    for (int i = 0; i < MANTISSA; i++) {
        times(digits, 2, 0);
        mantissa <<= 1;
        if (compare(digits, ten) >= 0) {
            minus(digits, ten);
            mantissa |= 1;
        }
    }
    times(digits, 2, 0);
    rest = compare(digits, ten);
    mantissa += rest > 0 || (rest == 0 && mantissa & 1);
    /* The leading bit adds 1 to the exponent, and so does a carry. */
    return ((uint32_t)(exp2 - EXP_MIN) << (MANTISSA - 1)) + mantissa;
}

uint32_t lg_float_bits(struct lg_str number)
{
    const uint32_t sign = number.n && number.p[0] == '-' ? 0x80000000u : 0;
    struct big digits = {.n = 0}, ten = {.w = {1}, .n = 1};
    int n, exp2 = 0;
    const int exponent = read_number(number, &digits, &n);
    uint32_t bits;

    if (!n || n + exponent < -45)
        return sign;
    if (n + exponent > 39)
        return sign | INFINITE;
    times_power(&digits, 10, exponent);
    times_power(&ten, 10, -exponent);
    for (; compare(&digits, &ten) >= 0; exp2++)
        times(&ten, 2, 0);
    for (; exp2 > EXP_MIN; exp2--) {
        struct big twice = digits;

        times(&twice, 2, 0);
        if (compare(&twice, &ten) >= 0)
            break;
        digits = twice;
    }
    bits = round_off(&digits, &ten, exp2);
    return sign | (bits < INFINITE ? bits : INFINITE);
}

/* ---- float to text ------------------------------------------------------ */

/* A float is value / unit, and every number nearer to it than `below` or
 * `above` to the float's neighbours is it, too (Steele and White, 1990). */
struct shortest {
    struct big value, unit, below, above;
    int even; /* numbers half-way to a neighbour are it as well */
};

static void begin(struct shortest *s, uint32_t bits)
{
    const int field = (int)(bits >> (MANTISSA - 1) & 0xff);
    const uint32_t part = bits & 0x7fffff;
    const int exp2 = (field ? field : 1) + EXP_MIN - 1 - MANTISSA;
    /* The neighbour below a power of two is only half as far. */
    const int is_power = !part && field > 1;

    *s = (struct shortest){.even = !(part & 1)};
    s->value = (struct big){{field ? part | 0x800000 : part}, 1};
    s->unit = s->below = s->above = (struct big){{1}, 1};
    times_power(&s->value, 2, 1 + is_power + (exp2 > 0 ? exp2 : 0));
    times_power(&s->unit, 2, 1 + is_power + (exp2 < 0 ? -exp2 : 0));
    times_power(&s->below, 2, exp2 > 0 ? exp2 : 0);
    times_power(&s->above, 2, is_power + (exp2 > 0 ? exp2 : 0));
}

/* Is value + above beyond unit? Then the digit may be one more. */
static int is_high(const struct shortest *s)
{
    struct big sum = s->value;

    plus(&sum, &s->above);
    return compare(&sum, &s->unit) >= (s->even ? 0 : 1);
}

static void next_place(struct shortest *s)
{
    times(&s->value, 10, 0);
    times(&s->below, 10, 0);
    times(&s->above, 10, 0);
}

/* Bring value / unit between 0.1 and 1; the power of ten that took. */
static int scale(struct shortest *s)
{
    int power = 0;

    for (; is_high(s); power++)
        times(&s->unit, 10, 0);
    for (;; power--) {
        struct shortest more = *s;

        next_place(&more);
        if (is_high(&more))
            return power;
        *s = more;
    }
}

/* The digits, as few as tell the float from others. */
static int write_digits(struct shortest *s, char *out)
{
    int n = 0, low, high;

    do {
        char digit = '0';

        next_place(s);
        for (; compare(&s->value, &s->unit) >= 0; digit++)
            minus(&s->value, &s->unit);
        low = compare(&s->value, &s->below) < (s->even ? 1 : 0);
        high = is_high(s);
        out[n++] = digit;
    } while (!low && !high);
    times(&s->value, 2, 0);
    if (high && (!low || compare(&s->value, &s->unit) >= 0))
        out[n - 1]++;
    return n;
}

/* digits * 10^power behind the point: 0.00ddd, dd.d, d.ddde-12 */
static size_t lay_out(const char *digits, int n, int power, char *out)
{
    char *p = out;

    if (power > -5 && power <= 0) {
        memcpy(p, "0.0000", 6);
        p += 2 - power;
        memcpy(p, digits, (size_t)n);
        return (size_t)(p - out) + (size_t)n;
    }
    for (int i = 0; i < n || (i < power && power <= 9); i++) {
        if (i == (power > 0 && power <= 9 ? power : 1))
            *p++ = '.';
        *p++ = i < n ? digits[i] : '0';
    }
    if (power > 0 && power <= 9)
        return (size_t)(p - out);
    power--;
    *p++ = 'e';
    *p++ = power < 0 ? '-' : '+';
    power = power < 0 ? -power : power;
    *p++ = (char)('0' + power / 10);
    *p++ = (char)('0' + power % 10);
    return (size_t)(p - out);
}

size_t lg_float_text(uint32_t bits, char out[LG_FLOAT_MAX])
{
    const size_t sign = bits >> 31;
    struct shortest s;
    char digits[LG_FLOAT_MAX];
    int power;

    if ((bits & INFINITE) == INFINITE)
        return 0;
    out[0] = '-';
    out[sign] = '0';
    bits &= 0x7fffffff;
    if (!bits)
        return sign + 1;
    begin(&s, bits);
    power = scale(&s);
    return sign + lay_out(digits, write_digits(&s, digits), power, out + sign);
}
