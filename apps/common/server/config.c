// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/utf8.h"

enum { LONGEST_NAME = 32 };

// --- faults ---

__attribute__((format(printf, 2, 0))) static void complain(struct config *config,
                                                           const char *format, va_list arguments) {
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    buf_append_string(&config->faults, text);
    buf_append_byte(&config->faults, '\n');
}

// Of a place that is no row of the table.
static void fault(struct config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fault(struct config *config, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain(config, format, arguments);
    va_end(arguments);
}

static void variable_of(char out[LONGEST_NAME + 5], const char *name) {
    size_t len = (size_t)snprintf(out, LONGEST_NAME + 5, "LMM_%s", name);
    for (size_t i = 0; i < len; i++) out[i] = out[i] == '-' ? '_' : (char)toupper(out[i]);
}

static void append_place(struct config *config, size_t option) {
    const struct config_value *value = &config->values[option];
    const char *name = config->options[option].name;
    char variable[LONGEST_NAME + 5];
    struct buf *out = &config->faults;
    if (value->origin == CONFIG_FILE) {
        buf_append_format(out, "%s:%u: %s: ", config->path, value->line, name);
    } else if (value->origin == CONFIG_ENVIRONMENT) {
        variable_of(variable, name);
        buf_append_format(out, "%s: ", variable);
    } else {
        buf_append_format(out, "--%s: ", name);
    }
}

void config_fault(struct config *config, size_t option, const char *format, ...) {
    va_list arguments;
    append_place(config, option);
    va_start(arguments, format);
    complain(config, format, arguments);
    va_end(arguments);
}

// --- the command line ---

static size_t find(const struct config *config, const char *name, size_t len) {
    for (size_t i = 0; i < config->count; i++) {
        const char *known = config->options[i].name;
        if (strlen(known) == len && memcmp(known, name, len) == 0) return i;
    }
    return config->count;
}

// One flag; `next` is what stands behind it, or NULL. True: that was its value.
static bool read_flag(struct config *config, const char *flag, const char *next) {
    bool is_flag = flag[0] == '-' && flag[1] == '-';
    size_t len = is_flag ? strcspn(flag + 2, "=") : 0;
    const char *text = is_flag && flag[2 + len] ? flag + 2 + len + 1 : NULL;
    size_t option = is_flag ? find(config, flag + 2, len) : config->count;
    if (option == config->count) {
        fault(config, "%s: there is no such flag", flag);
        return false;
    }
    bool takes_next = !text && config->options[option].argument && next;
    if (takes_next) text = next;
    if (!text && !config->options[option].argument) text = "yes";
    if (config->values[option].origin == CONFIG_FLAG)
        config_fault(config, option, "is given twice");
    config->values[option] = (struct config_value){.text = text, .origin = CONFIG_FLAG};
    if (!text || !*text) {
        config_fault(config, option, "needs a value");
        config->values[option].text = NULL;
    }
    return takes_next;
}

// --- the environment ---

static void read_environment(struct config *config) {
    for (size_t i = 0; i < config->count; i++) {
        char variable[LONGEST_NAME + 5];
        if (config->values[i].origin == CONFIG_FLAG) continue;
        if (config->options[i].reach == CONFIG_FLAG_ALONE) continue;
        variable_of(variable, config->options[i].name);
        const char *text = getenv(variable);
        if (text && *text)
            config->values[i] = (struct config_value){.text = text, .origin = CONFIG_ENVIRONMENT};
    }
}

// --- the file ---

static char *trim(char *text) {
    while (*text == ' ' || *text == '\t') text++;
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
        len--;
    text[len] = '\0';
    return text;
}

// `lines` has the line that each row was set in, 0 for none.
static void read_line(struct config *config, char *line, unsigned number, unsigned *lines) {
    char *key = trim(line), *equals = strchr(key, '=');
    if (*key == '\0' || *key == '#') return;
    if (!equals || equals == key) {
        fault(config, "%s:%u: not a line of the form key = value", config->path, number);
        return;
    }
    *equals = '\0';
    key = trim(key);
    const char *text = trim(equals + 1);
    size_t option = find(config, key, strlen(key));
    if (option == config->count || config->options[option].reach != CONFIG_EVERYWHERE) {
        fault(config, "%s:%u: %s: there is no such option in a file", config->path, number, key);
        return;
    }
    if (lines[option] > 0)
        fault(config, "%s:%u: %s: is set twice, first in line %u", config->path, number, key,
              lines[option]);
    lines[option] = number;
    if (!*text) fault(config, "%s:%u: %s: needs a value", config->path, number, key);
    if (!*text || config->values[option].origin > CONFIG_FILE) return;
    config->values[option] = (struct config_value){text, CONFIG_FILE, number};
}

static bool load(struct config *config) {
    enum status status = file_read(&config->text, config->path, LIMIT_CONFIG_BYTES);
    if (status == STATUS_TOO_LARGE)
        fault(config, "%s: is larger than %d bytes", config->path, LIMIT_CONFIG_BYTES);
    else if (status != STATUS_OK)
        fault(config, "%s: cannot be read: %s", config->path, status_text(status));
    else if (!utf8_is_valid(buf_bytes(&config->text)) ||
             (config->text.len > 0 && memchr(config->text.data, 0, config->text.len)))
        fault(config, "%s: is not a text in UTF-8", config->path);
    else
        return true;
    return false;
}

static void read_file(struct config *config) {
    unsigned lines[CONFIG_OPTIONS] = {0}, number = 1;
    size_t option = find(config, "config", strlen("config"));
    config->path = option < config->count ? config->values[option].text : NULL;
    if (!config->path || !load(config)) return;
    buf_append_byte(&config->text, '\0');
    char *line = (char *)config->text.data;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        read_line(config, line, number++, lines);
    }
    read_line(config, line, number, lines);
}

// --- reading ---

// A line break in a value would make two lines of what is printed of it.
static void check_text(struct config *config, size_t option) {
    const char *text = config->values[option].text;
    for (; text && *text; text++) {
        if ((unsigned char)*text >= 0x20 && *text != 0x7F) continue;
        config_fault(config, option, "holds a control character");
        config->values[option].text = NULL;
        return;
    }
}

void config_read(struct config *out, const struct config_option *options, size_t count,
                 char *const *arguments) {
    ENSURE(count <= CONFIG_OPTIONS);
    *out = (struct config){.options = options, .count = count};
    for (size_t i = 0; i < count; i++) ENSURE(strlen(options[i].name) <= LONGEST_NAME);
    while (*arguments) {
        bool took_next = read_flag(out, arguments[0], arguments[1]);
        arguments += took_next ? 2 : 1;
    }
    read_environment(out);
    read_file(out);
    for (size_t i = 0; i < count; i++) {
        check_text(out, i);
        config_default(out, i, options[i].fallback);
    }
}

void config_clear(struct config *config) {
    buf_clear(&config->text);
    buf_clear(&config->faults);
}

const char *config_text(const struct config *config, size_t option) {
    ENSURE(option < config->count);
    return config->values[option].text;
}

bool config_switch(struct config *config, size_t option) {
    const char *text = config_text(config, option);
    if (!text || strcmp(text, "no") == 0) return false;
    if (strcmp(text, "yes") != 0) config_fault(config, option, "is yes or no, not %s", text);
    return true;
}

uint64_t config_number(struct config *config, size_t option, uint64_t least, uint64_t most) {
    const char *text = config_text(config, option);
    uint64_t number = 0;
    if (!text) return least;
    size_t len = strspn(text, "0123456789");
    bool is_good = text[len] == '\0' && len > 0 && len < 20;
    if (is_good) number = strtoull(text, NULL, 10);
    if (is_good && number >= least && number <= most) return number;
    config_fault(config, option, "is a whole number from %llu to %llu, not %s",
                 (unsigned long long)least, (unsigned long long)most, text);
    return least;
}

void config_copy(struct config *config, size_t option, char *out, size_t size) {
    const char *text = config_text(config, option);
    size_t len = text ? strlen(text) : 0;
    if (len >= size) config_fault(config, option, "is longer than %zu bytes", size - 1);
    if (len >= size) len = 0;
    memcpy(out, text ? text : "", len);
    out[len] = '\0';
}

void config_default(struct config *config, size_t option, const char *text) {
    struct config_value *value = &config->values[option];
    if (value->text || value->origin != CONFIG_NOT_SET || !text) return;
    *value = (struct config_value){.text = text, .origin = CONFIG_FALLBACK};
}

// --- printing ---

// What stands between the user's name and the host, and all parameters: libpq takes a password in
// either place.
static void append_masked(struct buf *out, const char *url) {
    const char *scheme = strstr(url, "://");
    size_t query = strcspn(url, "?");
    if (!scheme || (size_t)(scheme - url) > query) {
        buf_append_string(out, url);
        return;
    }
    size_t from = (size_t)(scheme - url) + 3, at = query;
    while (at > from && url[at] != '@') at--;
    const char *colon = memchr(url + from, ':', at - from);
    if (url[at] == '@' && colon) {
        buf_append(out, bytes_of(url, (size_t)(colon - url) + 1));
        buf_append_string(out, "***");
        buf_append(out, bytes_of(url + at, query - at));
    } else {
        buf_append(out, bytes_of(url, query));
    }
    if (url[query]) buf_append_string(out, "?***");
}

void config_print(const struct config *config, struct buf *out) {
    for (size_t i = 0; i < config->count; i++) {
        const struct config_option *option = &config->options[i];
        const struct config_value *value = &config->values[i];
        char variable[LONGEST_NAME + 5];
        if (option->reach != CONFIG_EVERYWHERE) continue;
        variable_of(variable, option->name);
        if (value->origin == CONFIG_FLAG) buf_append_format(out, "# flag --%s\n", option->name);
        if (value->origin == CONFIG_ENVIRONMENT)
            buf_append_format(out, "# environment %s\n", variable);
        if (value->origin == CONFIG_FILE)
            buf_append_format(out, "# file %s:%u\n", config->path, value->line);
        if (value->origin == CONFIG_FALLBACK) buf_append_string(out, "# default\n");
        if (!value->text) {
            buf_append_format(out, "# not set: %s\n", option->name);
            continue;
        }
        buf_append_format(out, "%s = ", option->name);
        if (option->is_url)
            append_masked(out, value->text);
        else
            buf_append_string(out, value->text);
        buf_append_byte(out, '\n');
    }
}

void config_help(const struct config *config, struct buf *out) {
    for (size_t i = 0; i < config->count; i++) {
        const struct config_option *option = &config->options[i];
        char variable[LONGEST_NAME + 5];
        buf_append_format(out, "  --%s%s%s\n      %s", option->name, option->argument ? " " : "",
                          option->argument ? option->argument : "", option->help);
        if (option->fallback) buf_append_format(out, " (%s)", option->fallback);
        variable_of(variable, option->name);
        if (option->reach != CONFIG_FLAG_ALONE) buf_append_format(out, "; %s", variable);
        if (option->reach == CONFIG_EVERYWHERE) buf_append_string(out, "; in a file");
        buf_append_byte(out, '\n');
    }
}
