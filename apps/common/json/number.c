// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double INT64_END = 9223372036854775808.0; // 2^63

static bool fits_int64(double value) { return value >= -INT64_END && value < INT64_END; }

// Written without a decimal point, so that no locale has a say.
static double decimal_read(uint64_t digits, int exponent) {
    char text[40];
    snprintf(text, sizeof text, "%" PRIu64 "e%d", digits, exponent);
    return strtod(text, NULL);
}

// `value` > 0 rounded to so many significant digits.
static struct decimal decimal_round(double value, int precision) {
    char text[40];
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    struct decimal out = {0};
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') out.digits = out.digits * 10 + (uint64_t)(*at - '0');
    }
    out.exponent = (int)strtol(at + 1, NULL, 10) - (precision - 1);
    return out;
}

static bool decimal_reads_as(struct decimal *decimal, double value) {
    return decimal_read(decimal->digits, decimal->exponent) == value;
}

// At 16 digits the nearest may read as the neighbour (below a power of two) while the one beside it
// reads right.
static bool reads_right_beside(struct decimal *decimal, double value) {
    for (int step = -1; step <= 1; step += 2) {
        struct decimal beside = *decimal;
        beside.digits += (uint64_t)(int64_t)step;
        if (!decimal_reads_as(&beside, value)) continue;
        *decimal = beside;
        return true;
    }
    return false;
}

struct decimal number_shortest(double value) {
    struct decimal out = {.is_negative = value < 0};
    if (value == 0) return out;
    double size = fabs(value);
    // A normal double that has a decimal of up to 15 digits has it at 15; subnormals have fewer.
    int precision = size < DBL_MIN ? 1 : DBL_DIG;
    for (;; precision++) {
        struct decimal tried = decimal_round(size, precision);
        bool is_right = decimal_reads_as(&tried, size) ||
                        (precision == DBL_DIG + 1 && reads_right_beside(&tried, size));
        if (!is_right && precision < DBL_DECIMAL_DIG) continue;
        out.digits = tried.digits;
        out.exponent = tried.exponent;
        break;
    }
    for (; out.digits % 10 == 0; out.digits /= 10) out.exponent++;
    return out;
}

// The point goes behind the `point`-th digit.
static size_t print_digits(char *out, const char *digits, int count, int point) {
    size_t len = 0;
    if (point > 21 || point <= -6) {
        out[len++] = digits[0];
        if (count > 1) out[len++] = '.';
        for (int i = 1; i < count; i++) out[len++] = digits[i];
        return len + (size_t)snprintf(out + len, 8, "e%+d", point - 1);
    }
    if (point <= 0) {
        out[len++] = '0';
        out[len++] = '.';
        for (int i = point; i < 0; i++) out[len++] = '0';
    }
    for (int i = 0; i < count || i < point; i++) {
        if (i == point && i > 0) out[len++] = '.';
        out[len++] = i < count ? digits[i] : '0';
    }
    out[len] = '\0';
    return len;
}

size_t number_print(char out[NUMBER_TEXT_SIZE], double value) {
    if (fits_int64(value) && value == trunc(value)) {
        return (size_t)snprintf(out, NUMBER_TEXT_SIZE, "%" PRId64, (int64_t)value);
    }
    struct decimal decimal = number_shortest(value);
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, decimal.digits);
    size_t sign = decimal.is_negative ? 1 : 0;
    if (sign > 0) out[0] = '-';
    return sign + print_digits(out + sign, digits, count, count + decimal.exponent);
}

size_t json_number_print(char out[NUMBER_TEXT_SIZE], const json_t *number) {
    if (json_is_real(number)) return number_print(out, json_real_value(number));
    return (size_t)snprintf(out, NUMBER_TEXT_SIZE, "%" PRId64, (int64_t)json_integer_value(number));
}

static int compare_int64_with_double(int64_t a, double b) {
    if (b >= INT64_END) return -1;
    if (b < -INT64_END) return 1;
    int64_t whole = (int64_t)b;
    if (a != whole) return a < whole ? -1 : 1;
    double rest = b - trunc(b);
    return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

int json_number_compare(const json_t *a, const json_t *b) {
    if (json_is_integer(a) && json_is_integer(b)) {
        int64_t left = json_integer_value(a), right = json_integer_value(b);
        return left < right ? -1 : left > right ? 1 : 0;
    }
    if (json_is_integer(a))
        return compare_int64_with_double(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_int64_with_double(json_integer_value(b), json_real_value(a));
    double left = json_real_value(a), right = json_real_value(b);
    return left < right ? -1 : left > right ? 1 : 0;
}

bool json_number_is_integer(const json_t *number) {
    return json_is_integer(number) || json_real_value(number) == trunc(json_real_value(number));
}

static struct decimal decimal_of(const json_t *number) {
    double real = json_real_value(number);
    if (json_is_real(number) && !(fits_int64(real) && real == trunc(real))) {
        return number_shortest(real);
    }
    int64_t value = json_is_real(number) ? (int64_t)real : json_integer_value(number);
    return (struct decimal){.digits = value < 0 ? -(uint64_t)value : (uint64_t)value,
                            .is_negative = value < 0};
}

static uint64_t multiply_modulo(uint64_t a, uint64_t b, uint64_t modulus) {
    return (uint64_t)((unsigned __int128)a * b % modulus);
}

bool json_number_is_multiple(const json_t *number, const json_t *divisor) {
    struct decimal a = decimal_of(number), b = decimal_of(divisor);
    if (a.digits == 0) return true;
    if (b.digits == 0) return false;
    uint64_t rest = a.digits;
    for (int i = b.exponent; i < a.exponent; i++) rest = multiply_modulo(rest, 10, b.digits);
    uint64_t modulus = b.digits;
    for (int i = a.exponent; i < b.exponent; i++) {
        // a has no such factor of ten left once the modulus passes it.
        if (modulus > UINT64_MAX / 10) return false;
        modulus *= 10;
    }
    return rest % modulus == 0;
}
