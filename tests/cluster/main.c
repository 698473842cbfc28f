// SPDX-License-Identifier: Apache-2.0
// Lines on command: reads from standard input, one command a line, and answers each by a line.
//
//   line NAME LISTEN-ADDRESS PORT TO-ADDRESS PORT     "ok"
//   weather PATTERN DELAY-MS JITTER-MS LOSS-PERCENT   "ok", of all whose name matches (fnmatch)
//   stall PATTERN | flow PATTERN | reset PATTERN      "ok"
//   counts                                            one JSON object
//
// What it does not understand is answered "error: …". It ends when the input does.
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/lines.h"

enum { COMMAND_BYTES = 512, WORDS = 6 };

struct commands {
    struct lines lines;
    uv_pipe_t input;
    char text[COMMAND_BYTES];
    size_t len;
};

static bool read_number(const char *text, unsigned long most, uint32_t *out) {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (end == text || *end || *text == '-' || number > most) return false;
    *out = (uint32_t)number;
    return true;
}

static bool read_address(const char *address, const char *port, struct sockaddr_storage *out) {
    uint32_t number;
    return read_number(port, 65535, &number) &&
           (uv_ip4_addr(address, (int)number, (struct sockaddr_in *)out) == 0 ||
            uv_ip6_addr(address, (int)number, (struct sockaddr_in6 *)out) == 0);
}

static const char *add(struct commands *commands, char **words) {
    struct sockaddr_storage listen, to;
    if (!read_address(words[2], words[3], &listen) || !read_address(words[4], words[5], &to))
        return "no such address";
    if (strlen(words[1]) >= LINE_NAME_BYTES) return "the name is too long";
    int error =
        lines_add(&commands->lines, words[1], (struct sockaddr *)&listen, (struct sockaddr *)&to);
    return error == 0 ? NULL : uv_strerror(error);
}

static bool read_weather(char **words, struct line_weather *out) {
    return read_number(words[2], 60000, &out->delay_ms) &&
           read_number(words[3], 60000, &out->jitter_ms) &&
           read_number(words[4], 99, &out->loss_percent);
}

static const char *change(struct commands *commands, char **words) {
    struct line_weather weather = {0};
    bool is_weather = strcmp(words[0], "weather") == 0, has_matched = false;
    if (is_weather && !read_weather(words, &weather)) return "no such weather";
    for (struct line *line = commands->lines.first; line; line = line->next) {
        if (fnmatch(words[1], line->name, 0) != 0) continue;
        has_matched = true;
        if (!is_weather) weather = line->weather;
        if (is_weather) weather.is_stalled = line->weather.is_stalled;
        if (strcmp(words[0], "stall") == 0) weather.is_stalled = true;
        if (strcmp(words[0], "flow") == 0) weather.is_stalled = false;
        if (strcmp(words[0], "reset") == 0) line_reset(line);
        line_set_weather(line, &weather);
    }
    return has_matched ? NULL : "no such line";
}

static void tell_counts(const struct commands *commands) {
    struct line_counts sum = {0};
    for (const struct line *line = commands->lines.first; line; line = line->next) {
        sum.connections += line->counts.connections;
        sum.refused += line->counts.refused;
        sum.bytes += line->counts.bytes;
        sum.lost += line->counts.lost;
        sum.resets += line->counts.resets;
    }
    printf("{\"connections\": %llu, \"refused\": %llu, \"bytes\": %llu, \"lost\": %llu, "
           "\"resets\": %llu}\n",
           (unsigned long long)sum.connections, (unsigned long long)sum.refused,
           (unsigned long long)sum.bytes, (unsigned long long)sum.lost,
           (unsigned long long)sum.resets);
}

static void obey(struct commands *commands, char *text) {
    static const struct {
        const char *verb;
        int words;
        const char *(*run)(struct commands *commands, char **words);
    } verbs[] = {{"line", 6, add},
                 {"weather", 5, change},
                 {"stall", 2, change},
                 {"flow", 2, change},
                 {"reset", 2, change}};
    char *words[WORDS + 1], *rest = text;
    int count = 0;
    while (count <= WORDS && (words[count] = strtok_r(rest, " ", &rest))) count++;
    const char *problem = "no such command";
    if (count == 1 && strcmp(words[0], "counts") == 0) {
        tell_counts(commands);
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (count == verbs[i].words && strcmp(words[0], verbs[i].verb) == 0)
            problem = verbs[i].run(commands, words);
    if (problem)
        printf("error: %s\n", problem);
    else
        puts("ok");
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
    struct commands *commands = handle->data;
    (void)suggested;
    *buf = uv_buf_init(commands->text + commands->len, (unsigned)(COMMAND_BYTES - commands->len));
}

static void on_input(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
    struct commands *commands = stream->data;
    char *end;
    (void)buf;
    if (len < 0) { // its end, or a command that is too long
        uv_stop(commands->lines.loop);
        return;
    }
    commands->len += (size_t)len;
    while ((end = memchr(commands->text, '\n', commands->len))) {
        *end = '\0';
        obey(commands, commands->text);
        commands->len -= (size_t)(end + 1 - commands->text);
        memmove(commands->text, end + 1, commands->len);
    }
    fflush(stdout);
}

int main(void) {
    struct commands commands = {.lines = {.loop = uv_default_loop(), .random = 1}};
    const char *seed = getenv("SEED");
    if (seed && strtoull(seed, NULL, 10) > 0) commands.lines.random = strtoull(seed, NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    uv_pipe_init(commands.lines.loop, &commands.input, 0);
    commands.input.data = &commands;
    if (uv_pipe_open(&commands.input, 0) != 0 ||
        uv_read_start((uv_stream_t *)&commands.input, on_room, on_input) != 0)
        return 1;
    uv_run(commands.lines.loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&commands.input, NULL);
    lines_close(&commands.lines);
    return uv_loop_close(commands.lines.loop) == 0 ? 0 : 1;
}
