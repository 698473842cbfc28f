// SPDX-License-Identifier: Apache-2.0
// One JSON object per line on standard error: {"time", "level", "module", "message", fields …}.
// Thread-safe; a line is written at once. Never pass a secret.
#ifndef LMM_BASE_LOG_H
#define LMM_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

// A named value of a line. Made by the three functions below; the strings are borrowed for the
// call.
struct log_field {
    const char *name;
    const char *text; // NULL: the number counts
    int64_t number;
};
static inline struct log_field log_text(const char *name, const char *text) {
    return (struct log_field){.name = name, .text = text ? text : ""};
}
static inline struct log_field log_number(const char *name, int64_t number) {
    return (struct log_field){.name = name, .number = number};
}

// Lines below `level` are dropped. The default is LOG_INFO.
void log_set_level(enum log_level level);
// Whether a line of this level is written, for whoever has to gather what it would say.
bool log_is_on(enum log_level level);
void log_write(enum log_level level, const char *module, const char *message, int field_count,
               const struct log_field *fields);

// log_info("node", "block final", log_number("height", 7), log_text("id", hex));
#define LOG_FIELDS(...) ((const struct log_field[]){{0}, ##__VA_ARGS__})
#define LOG_COUNT(...) ((int)(sizeof(LOG_FIELDS(__VA_ARGS__)) / sizeof(struct log_field)) - 1)
#define log_at(level, module, message, ...) \
    log_write(level, module, message, LOG_COUNT(__VA_ARGS__), LOG_FIELDS(__VA_ARGS__) + 1)
#define log_debug(module, ...) log_at(LOG_DEBUG, module, __VA_ARGS__)
#define log_info(module, ...) log_at(LOG_INFO, module, __VA_ARGS__)
#define log_warning(module, ...) log_at(LOG_WARNING, module, __VA_ARGS__)
#define log_error(module, ...) log_at(LOG_ERROR, module, __VA_ARGS__)

#endif
