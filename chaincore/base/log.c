// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "chaincore/base/buf.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"

static _Atomic int lowest_level = LOG_INFO;

void log_set_level(enum log_level level) { lowest_level = (int)level; }

bool log_is_on(enum log_level level) { return (int)level >= lowest_level; }

static void append_json_string(struct buf *out, const char *text) {
    buf_append_byte(out, '"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            buf_append_byte(out, '\\');
            buf_append_byte(out, *c);
        } else if (*c < 0x20 || *c == 0x7f) {
            buf_append_format(out, "\\u%04x", *c);
        } else {
            buf_append_byte(out, *c);
        }
    }
    buf_append_byte(out, '"');
}

void log_write(enum log_level level, const char *module, const char *message, int field_count,
               const struct log_field *fields) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (!log_is_on(level)) return;
    char time[25];
    clock_format_utc(time, (int64_t)clock_wall_ms());
    struct buf line = {0};
    buf_append_format(&line,
                      "{\"time\":\"%s\",\"level\":\"%s\",\"module\":\"%s\",\"message\":", time,
                      names[level], module);
    append_json_string(&line, message);
    for (int i = 0; i < field_count; i++) {
        buf_append_format(&line, ",\"%s\":", fields[i].name);
        if (fields[i].text)
            append_json_string(&line, fields[i].text);
        else
            buf_append_format(&line, "%lld", (long long)fields[i].number);
    }
    buf_append_string(&line, "}\n");
    // A log that cannot be written has nowhere to say so.
    enum status ignored = file_write_all(STDERR_FILENO, buf_bytes(&line));
    (void)ignored;
    buf_clear(&line);
}
