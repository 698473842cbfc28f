// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA, LISTEN, INDEX, WEB, DEVNET, GENESIS, KEYS, REBUILD_INDEX, FLAGS };

static const struct {
    const char *name;
    const char *variable; // NULL: a switch
} flags[FLAGS] = {
    [DATA] = {"--data", "LMM_DATA"},    [LISTEN] = {"--listen", "LMM_LISTEN"},
    [INDEX] = {"--index", "LMM_INDEX"}, [WEB] = {"--web", "LMM_WEB"},
    [DEVNET] = {"--devnet", NULL},      [GENESIS] = {"--genesis", "LMM_GENESIS"},
    [KEYS] = {"--keys", "LMM_KEYS"},    [REBUILD_INDEX] = {"--rebuild-index", NULL},
};

static bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    return false;
}

static bool set_text(char *out, size_t size, const char *value, const char *name) {
    size_t len = strlen(value);
    if (len >= size) return complain("%s is too long", name);
    memcpy(out, value, len + 1);
    return true;
}

static bool set_listen(struct server_options *out, const char *value) {
    const char *colon = strrchr(value, ':');
    char *end;
    if (!colon || colon == value || (size_t)(colon - value) >= sizeof out->address)
        return complain("--listen takes ADDRESS:PORT, not %s", value);
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port > UINT16_MAX)
        return complain("--listen takes ADDRESS:PORT, not %s", value);
    memcpy(out->address, value, (size_t)(colon - value));
    out->address[colon - value] = '\0';
    out->port = (uint16_t)port;
    return true;
}

static bool read_flags(const char *values[FLAGS], int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        int flag = 0;
        while (flag < FLAGS && strcmp(arguments[i], flags[flag].name) != 0) flag++;
        if (flag == FLAGS) return complain("unknown flag: %s", arguments[i]);
        if (values[flag]) return complain("%s is given twice", arguments[i]);
        if (!flags[flag].variable) {
            values[flag] = "";
        } else if (i + 1 < count) {
            values[flag] = arguments[++i];
        } else {
            return complain("%s needs a value", arguments[i]);
        }
    }
    for (int flag = 0; flag < FLAGS; flag++)
        if (!values[flag] && flags[flag].variable) values[flag] = getenv(flags[flag].variable);
    return true;
}

static bool set_chain(struct server_options *out, const char *values[FLAGS]) {
    out->devnet = values[DEVNET] != NULL;
    if (out->devnet && (values[GENESIS] || values[KEYS]))
        return complain("--devnet brings its own genesis and keys");
    if (out->devnet) return true;
    if (!values[GENESIS] || !values[KEYS])
        return complain("--devnet is needed, or --genesis DIR and --keys FILE");
    return set_text(out->genesis, sizeof out->genesis, values[GENESIS], "--genesis") &&
           set_text(out->keys, sizeof out->keys, values[KEYS], "--keys");
}

bool server_options_read(struct server_options *out, int count, char **arguments) {
    const char *values[FLAGS] = {0};
    *out = (struct server_options){0};
    if (!read_flags(values, count, arguments)) return false;
    if (!values[DATA] || !*values[DATA]) return complain("--data DIR is needed");
    if (!values[LISTEN]) values[LISTEN] = "127.0.0.1:8701";
    if (!set_chain(out, values)) return false;
    out->rebuild_index = values[REBUILD_INDEX] != NULL;
    if (!set_text(out->data, sizeof out->data - 16, values[DATA], "--data")) return false;
    if (!set_listen(out, values[LISTEN])) return false;
    if (values[WEB] && !set_text(out->web, sizeof out->web, values[WEB], "--web")) return false;
    if (values[INDEX]) return set_text(out->index, sizeof out->index, values[INDEX], "--index");
    snprintf(out->index, sizeof out->index, "sqlite:%s/index.db", out->data);
    return true;
}
