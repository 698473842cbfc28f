// SPDX-License-Identifier: Apache-2.0
#include "tests/support/prometheus.h"

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 4096, MOST_FAMILIES = 256, LONGEST_LINE = 512 };

struct sample {
    char text[LONGEST_LINE]; // name and labels
    double value;
};
static struct sample samples[MOST_SAMPLES];
static size_t sample_count;

struct family {
    char name[128];
    char kind[16];
    size_t first, end; // of its samples
};
static struct family families[MOST_FAMILIES];
static size_t family_count;

static char fault[2 * LONGEST_LINE];

__attribute__((format(printf, 1, 2))) static void keep_fault(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault, sizeof fault, format, arguments);
    va_end(arguments);
}

// Ends the function that looks; what was wrong first stays.
#define CLAIM(claim, ...)                      \
    do {                                       \
        if (*fault) return;                    \
        if (!(claim)) keep_fault(__VA_ARGS__); \
        if (*fault) return;                    \
    } while (0)

static size_t name_len(const char *text) {
    if (strspn(text, "0123456789") > 0) return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
}

// `{a="b",c="d"}`; its length, 0 when it is not that.
static size_t labels_len(const char *text) {
    const char *at = text;
    do {
        size_t len = name_len(at + 1);
        at += 1 + len;
        if (len == 0 || at[0] != '=' || at[1] != '"') return 0;
        for (at += 2; *at && *at != '"'; at++) {
            if (*at != '\\') continue;
            if (!strchr("\\\"n", *++at) || !*at) return 0;
        }
        if (*at++ != '"') return 0;
    } while (*at == ',');
    return *at == '}' ? (size_t)(at + 1 - text) : 0;
}

// A name of the family, or of a histogram's parts.
static bool belongs(const struct family *family, const char *name, size_t len) {
    size_t own = strlen(family->name);
    if (len < own || memcmp(name, family->name, own) != 0) return false;
    if (strcmp(family->kind, "histogram") != 0) return len == own;
    const char *rest = name + own;
    size_t rest_len = len - own;
    return (rest_len == 7 && memcmp(rest, "_bucket", 7) == 0) ||
           (rest_len == 4 && memcmp(rest, "_sum", 4) == 0) ||
           (rest_len == 6 && memcmp(rest, "_count", 6) == 0);
}

static void read_sample(const char *line) {
    char *end;
    CLAIM(family_count > 0 && families[family_count - 1].kind[0], "no type: %s", line);
    struct family *family = &families[family_count - 1];
    size_t len = name_len(line), labels = line[len] == '{' ? labels_len(line + len) : 0;
    CLAIM(len > 0 && (line[len] != '{' || labels > 0), "no sample: %s", line);
    CLAIM(belongs(family, line, len), "not of %s: %s", family->name, line);
    CLAIM(line[len + labels] == ' ', "no space: %s", line);
    CLAIM(strspn(line + len + labels + 1, "0123456789") > 0, "no number: %s", line);
    double value = strtod(line + len + labels + 1, &end);
    CLAIM(*end == '\0' && end > line + len + labels + 1, "no number: %s", line);
    CLAIM(value >= 0 && isfinite(value), "no count: %s", line);
    CLAIM(sample_count < MOST_SAMPLES, "too many samples");
    struct sample *sample = &samples[sample_count++];
    snprintf(sample->text, sizeof sample->text, "%.*s", (int)(len + labels), line);
    sample->value = value;
    for (size_t i = 0; i + 1 < sample_count; i++)
        CLAIM(strcmp(samples[i].text, sample->text) != 0, "twice: %s", sample->text);
    family->end = sample_count;
}

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void check_name(const struct family *family) {
    static const char *const not_base[] = {"_ms",        "_us",      "_milliseconds", "_minutes",
                                           "_hours",     "_kb",      "_kilobytes",    "_count",
                                           "_megabytes", "_percent", "_sum",          "_bucket"};
    for (size_t i = 0; i < sizeof not_base / sizeof *not_base; i++)
        CLAIM(!ends_with(family->name, not_base[i]), "%s is no base unit", family->name);
    CLAIM(ends_with(family->name, "_total") == (strcmp(family->kind, "counter") == 0),
          "%s: counters alone end in _total", family->name);
}

static void read_comment(const char *line) {
    bool is_help = strncmp(line, "# HELP ", 7) == 0, is_type = strncmp(line, "# TYPE ", 7) == 0;
    CLAIM(is_help || is_type, "neither help nor type: %s", line);
    size_t len = name_len(line + 7);
    CLAIM(len > 0 && line[7 + len] == ' ' && line[8 + len], "nothing told: %s", line);
    if (is_help) {
        CLAIM(family_count < MOST_FAMILIES, "too many families");
        struct family *family = &families[family_count++];
        *family = (struct family){.first = sample_count, .end = sample_count};
        snprintf(family->name, sizeof family->name, "%.*s", (int)len, line + 7);
        for (size_t i = 0; i + 1 < family_count; i++)
            CLAIM(strcmp(families[i].name, family->name) != 0, "twice: %s", family->name);
        return;
    }
    CLAIM(family_count > 0, "no help: %s", line);
    struct family *family = &families[family_count - 1];
    CLAIM(strlen(family->name) == len && memcmp(family->name, line + 7, len) == 0 &&
              !family->kind[0] && family->end == family->first,
          "misplaced: %s", line);
    snprintf(family->kind, sizeof family->kind, "%s", line + 8 + len);
    CLAIM(strcmp(family->kind, "counter") == 0 || strcmp(family->kind, "gauge") == 0 ||
              strcmp(family->kind, "histogram") == 0,
          "no kind: %s", line);
    check_name(family);
}

// Buckets in a row per set of labels, each with `le` as its last label, growing to +Inf, which is
// the count; a sum and that count behind.
static void check_histogram(const struct family *family) {
    double last_le = -1, last = 0;
    for (size_t i = family->first; i < family->end; i++) {
        const struct sample *sample = &samples[i];
        const char *part = sample->text + strlen(family->name);
        const char *le = strstr(sample->text, "le=\"");
        if (strncmp(part, "_bucket{", 8) == 0) {
            CLAIM(le != NULL, "no le: %s", sample->text);
            double end = strtod(le + 4, NULL);
            CLAIM(end > last_le && sample->value >= last, "falls: %s", sample->text);
            last_le = end;
            last = sample->value;
        } else if (strncmp(part, "_count", 6) == 0) {
            CLAIM(isinf(last_le) && sample->value == last, "does not add up: %s", sample->text);
            last_le = -1;
            last = 0;
        } else {
            CLAIM(isinf(last_le), "out of place: %s", sample->text);
        }
    }
    CLAIM(last_le < 0, "%s has no count", family->name);
}

static void read_all(const char *text) {
    char line[LONGEST_LINE];
    CLAIM(*text && text[strlen(text) - 1] == '\n', "no line break at the end");
    while (*text) {
        size_t len = strcspn(text, "\n");
        CLAIM(len < sizeof line, "a long line");
        memcpy(line, text, len);
        line[len] = '\0';
        text += len + 1;
        if (line[0] == '#')
            read_comment(line);
        else
            read_sample(line);
    }
    for (size_t i = 0; i < family_count; i++) {
        CLAIM(families[i].end > families[i].first, "%s is empty", families[i].name);
        if (strcmp(families[i].kind, "histogram") == 0) check_histogram(&families[i]);
    }
}

const char *prometheus_fault(const char *text) {
    sample_count = family_count = 0;
    fault[0] = '\0';
    read_all(text);
    return *fault ? fault : NULL;
}

void prometheus_read(const char *text) {
    const char *found = prometheus_fault(text);
    ck_assert_msg(!found, "%s", found);
}

double prometheus_value(const char *sample) {
    for (size_t i = 0; i < sample_count; i++)
        if (strcmp(samples[i].text, sample) == 0) return samples[i].value;
    ck_abort_msg("no sample %s", sample);
    return 0;
}

double prometheus_sum(const char *family, const char *part) {
    double sum = 0;
    size_t len = strlen(family);
    for (size_t i = 0; i < sample_count; i++) {
        const char *text = samples[i].text;
        if (strncmp(text, family, len) != 0 || (text[len] != '{' && text[len])) continue;
        if (strstr(text, part)) sum += samples[i].value;
    }
    return sum;
}
